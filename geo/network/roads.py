"""Road lines before a speed profile: shapes, ends, classes and directions, as arrays.

Lengths of roads are geodesic, on the WGS 84 ellipsoid, whatever the CRS of the shapes: a projected
length is off by the scale of the projection (up to 0.04 % in UTM).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import ends_of_runs, geodesic_lengths, ranges
from geo.errors import CrsError, NetworkError
from geo.messages import Message, first_few
from geo.network.passage import Barriers
from geo.network.repeats import find_repeated

if TYPE_CHECKING:  # a table library is not needed to read roads, and costs 100 MB
    import geopandas as gpd

__all__ = [
    "Roads",
    "WayTable",
    "mark_urban",
    "roads_from_ways",
    "without_repeats",
]


@dataclass(frozen=True, eq=False)
class Roads:
    """Roads of a source, split at junctions, before a speed profile.

    Parameters
    ----------
    crs : pyproj.CRS
        Of ``xy`` and ``node_xy``: longitude and latitude in degrees, or projected metres.
    node_id : int64 array, shape (N,)
        The source's own node ids.
    node_xy : float64 array, shape (N, 2)
        Coordinates.
    edge_u, edge_v : int32 array, shape (M,)
        End nodes by position.
    edge_length : float64 array, shape (M,)
        Length in metres on the ellipsoid.
    edge_class : int16 array, shape (M,)
        Position in ``classes``.
    edge_oneway : int8 array, shape (M,)
        1 driven only u -> v, -1 only v -> u, 0 both ways.
    edge_maxspeed : float64 array, shape (M,)
        Signed limit in km/h, nan where unknown.
    edge_access : int8 array, shape (M,)
        Flags of :mod:`geo.network.tags`: ``NO_CARS``, ``NO_FOOT``, ``CLOSED``, ``BOTH_WAYS_ON_DUTY``,
        ``AREA``.
    edge_is_urban : bool array, shape (M,)
        Inside a built-up area; see :func:`mark_urban`.
    edge_name : int32 array, shape (M,)
        Position in ``names``; names[0] is empty.
    edge_source : int64 array, shape (M,)
        OSM way id, or row number in the source.
    xy : float64 array, shape (K, 2)
        Vertices of all edges, exactly as in the source.
    xy_start : int64 array, shape (M + 1,)
        Vertices of edge ``e`` are ``xy[xy_start[e]:xy_start[e + 1]]``.
    classes, names : tuple of str
        Road classes (OSM ``highway`` values, or ``"ferry"``) and road names.
    attribution : str
        Credit of the source.
    notes : tuple of Message
        What was repaired, guessed or left out while reading, one sentence each.
    edge_limits : float32 array, shape (M, 3), or None
        Greatest height and width in metres and weight in tonnes, nan where not limited; None for a source
        that limits nothing.
    barriers : Barriers or None
        Barriers on nodes; None where there are none.
    """

    crs: CRS
    node_id: NDArray[np.int64]
    node_xy: NDArray[np.float64]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    edge_length: NDArray[np.float64]
    edge_class: NDArray[np.int16]
    edge_oneway: NDArray[np.int8]
    edge_maxspeed: NDArray[np.float64]
    edge_access: NDArray[np.int8]
    edge_is_urban: NDArray[np.bool_]
    edge_name: NDArray[np.int32]
    edge_source: NDArray[np.int64]
    xy: NDArray[np.float64]
    xy_start: NDArray[np.int64]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    attribution: str = ""
    notes: tuple[Message, ...] = ()
    edge_limits: NDArray[np.float32] | None = None
    barriers: Barriers | None = None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def n_edges(self) -> int:
        """Number of edges (physical pieces of road)."""
        return len(self.edge_u)

    def take(self, edges: NDArray[np.integer]) -> Roads:
        """Give only some edges, by position and in that order, and the nodes that they need."""
        node, ends = np.unique(np.concatenate([self.edge_u[edges], self.edge_v[edges]]), return_inverse=True)
        vertex, xy_start = ranges(self.xy_start[edges], self.xy_start[edges + 1])
        per_edge = ("length", "class", "oneway", "maxspeed", "access", "is_urban", "name", "source")
        return replace(
            self,
            node_id=self.node_id[node],
            node_xy=self.node_xy[node],
            edge_u=ends[: len(edges)].astype(np.int32),
            edge_v=ends[len(edges) :].astype(np.int32),
            xy=self.xy[vertex],
            xy_start=xy_start,
            edge_limits=None if self.edge_limits is None else self.edge_limits[edges],
            **{f"edge_{name}": getattr(self, f"edge_{name}")[edges] for name in per_edge},
        )


@dataclass(frozen=True, eq=False)
class WayTable:
    """Ways as a source lists them: runs of node ids with tags already decoded, one entry a way.

    ``ref`` and ``lonlat`` hold the vertices of all ways, those of way ``w`` from ``start[w]`` to
    ``start[w + 1]``; a vertex whose position the source lacks is nan. The rest as in :class:`Roads`.
    """

    ref: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    start: NDArray[np.int64]
    way_class: NDArray[np.int16]
    oneway: NDArray[np.int8]
    maxspeed: NDArray[np.float64]
    access: NDArray[np.int8]
    name: NDArray[np.int32]
    source: NDArray[np.int64]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    limits: NDArray[np.float32] | None = None
    barriers: Barriers | None = None


def roads_from_ways(ways: WayTable, *, attribution: str = "", notes: Sequence[Message] = ()) -> Roads:
    """Split ways at the nodes that they share, that they touch twice, and at their ends.

    A way is cut where a node's position is missing, and at a barrier.

    Parameters
    ----------
    ways : WayTable
        Ways with node ids, in degrees of WGS 84.
    attribution : str
        Credit of the source.
    notes : sequence of Message
        Notes of the reader, kept before those made here.

    Raises
    ------
    NetworkError
        Not one way has two nodes with a position.
    """
    vertices = _usable_vertices(ways)
    lonlat = vertices.lonlat
    node_ref, at, count = np.unique(vertices.ref, return_inverse=True, return_counts=True)
    tail, head = _split(vertices, count[at] > 1, ways.barriers)
    vertex, xy_start = ranges(tail, head + 1)
    edge_way = vertices.way[tail]
    nodes, ends = np.unique(at[np.concatenate([tail, head])], return_inverse=True)
    where = np.empty(len(node_ref), dtype=np.int64)
    where[at] = np.arange(len(at))
    xy = lonlat[vertex]
    roads = Roads(
        crs=CRS.from_epsg(4326),
        node_id=node_ref[nodes],
        node_xy=lonlat[where[nodes]],
        edge_u=ends[: len(tail)].astype(np.int32),
        edge_v=ends[len(tail) :].astype(np.int32),
        edge_length=geodesic_lengths(xy, xy_start),
        edge_class=ways.way_class[edge_way],
        edge_oneway=ways.oneway[edge_way],
        edge_maxspeed=ways.maxspeed[edge_way],
        edge_access=ways.access[edge_way],
        edge_is_urban=np.zeros(len(tail), dtype=bool),
        edge_name=ways.name[edge_way],
        edge_source=ways.source[edge_way],
        xy=xy,
        xy_start=xy_start,
        classes=ways.classes,
        names=ways.names,
        attribution=attribution,
        notes=(*notes, *_missing_notes(ways)),
        edge_limits=None if ways.limits is None else ways.limits[edge_way],
        barriers=ways.barriers,
    )
    return without_repeats(roads)


def without_repeats(roads: Roads) -> Roads:
    """Leave out the pieces of a road that it draws again, or back where it is two-way; note them.

    A way that turns back on itself, as osmnx writes two-way roads into OpenStreetMap files, has each piece
    twice: its length would count twice, and each of its bends would be a junction.
    """
    ends = np.column_stack([roads.edge_u, roads.edge_v])
    source = roads.edge_source[:, None].astype(np.float64)
    again, earlier = find_repeated(ends, source, roads.xy, roads.xy_start)
    repeated = again | ((earlier >= 0) & (roads.edge_oneway == 0))
    if not repeated.any():
        return roads
    rows = list(dict.fromkeys(roads.edge_source[repeated].tolist()))
    shown = first_few(rows)
    note = Message("network.pieces_twice", {"n": int(repeated.sum()), "rows": shown})
    kept = roads.take(np.flatnonzero(~repeated))
    return replace(kept, notes=(*roads.notes, note))


class _Vertices(NamedTuple):
    """Vertices with a position, of pieces of at least two; no node twice in a row.

    Parameters
    ----------
    ref : int64 array, shape (V,)
        Node ids.
    lonlat : float64 array, shape (V, 2)
        Positions, degrees.
    way, piece : int64 array, shape (V,)
        Way of each, and the piece of it between gaps.
    """

    ref: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    way: NDArray[np.int64]
    piece: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_]) -> _Vertices:
        """Give some of them; nearly always all, which are not copied."""
        if rows.all():
            return self
        return _Vertices(self.ref[rows], self.lonlat[rows], self.way[rows], self.piece[rows])


def _usable_vertices(ways: WayTable) -> _Vertices:
    """Cut ways where a position is missing; leave out nodes that repeat and pieces of one node."""
    way = np.repeat(np.arange(len(ways.start) - 1), np.diff(ways.start))
    known = ~np.isnan(ways.lonlat[:, 0])
    piece = way if known.all() else np.cumsum(~known) + way  # a new piece after each gap and on each way
    vertices = _Vertices(ways.ref, ways.lonlat, way, piece).take(known)
    twice = np.zeros(len(vertices.ref), dtype=bool)
    twice[1:] = (vertices.ref[1:] == vertices.ref[:-1]) & (vertices.piece[1:] == vertices.piece[:-1])
    alone = np.bincount(vertices.piece[~twice], minlength=1)[vertices.piece] < 2
    vertices = vertices.take(~(twice | alone))
    if not len(vertices.ref):
        raise NetworkError(Message("network.roads_no_nodes"))
    return vertices


def _split(
    vertices: _Vertices, is_shared: NDArray[np.bool_], barriers: Barriers | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first and last vertex of each edge: pieces are split at shared nodes and at barriers."""
    first, last = ends_of_runs(vertices.piece)
    is_end = first | last | is_shared
    if barriers is not None:
        is_end |= np.isin(vertices.ref, barriers.stopping)
    cut = np.flatnonzero(is_end)
    tail, head = cut[:-1], cut[1:]
    same = vertices.piece[tail] == vertices.piece[head]
    return tail[same], head[same]


def _missing_notes(ways: WayTable) -> tuple[Message, ...]:
    known = ~np.isnan(ways.lonlat[:, 0])
    if known.all():
        return ()
    cut = np.unique(np.searchsorted(ways.start, np.flatnonzero(~known), side="right") - 1)
    shown = ", ".join(str(way) for way in ways.source[cut[:5]]) + (", ..." if len(cut) > 5 else "")
    return (Message("network.roads_cut", {"n": int((~known).sum()), "n_roads": len(cut), "ways": shown}),)


def mark_urban(roads: Roads, polygons: gpd.GeoDataFrame) -> Roads:
    """Mark the roads whose middle lies in a built-up area, where urban speeds hold.

    Parameters
    ----------
    roads : Roads
        Any roads.
    polygons : GeoDataFrame
        Built-up areas, any CRS.

    Raises
    ------
    CrsError
        The polygons have no CRS.
    """
    if polygons.crs is None:
        raise CrsError(Message("network.built_up_no_crs"))
    areas: Any = polygons.geometry.to_crs(roads.crs).to_numpy()
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, roads.xy, (roads.xy_start,))
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    inside = np.zeros(roads.n_edges, dtype=bool)
    inside[shapely.STRtree(middle).query(areas, predicate="intersects")[1]] = True
    return replace(roads, edge_is_urban=inside)
