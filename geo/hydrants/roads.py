"""The roads along which hydrants stand, in whole millimetres, with both sides of a wide road apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import ranges
from geo.errors import NetworkError
from geo.hydrants._linear import Stretches, intersect, merge
from geo.messages import Message
from geo.network import EdgeTable, RoadNetwork, build_network
from geo.routing import snap

__all__ = ["HYDRANT_CLASSES", "HydrantRoads", "make_roads", "place_hydrants", "place_points", "whole_mm"]

HYDRANT_CLASSES: Final = (
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "road",
)
"""Public roads with buildings along them; no motorways, slip roads, tracks, paths or service roads."""


@dataclass(frozen=True, eq=False)
class HydrantRoads:
    """The roads along which hydrants stand.

    A road wider than a hydrant may serve across has its two sides as edges of their own: they meet only
    where the wide road ends, and a side street meets the side on which it lies.

    Parameters
    ----------
    network : RoadNetwork
        The hydrant roads as they are drawn; its times are lengths in whole millimetres, open both ways.
    sides : RoadNetwork
        The same with the sides of wide roads apart (the same object where no road is wide).
    drawn, side : int64 and int8 array, shape (M,)
        For each edge of ``sides`` its edge in ``network``, and 1 for the left side of a wide road (seen
        from u to v), -1 for the right, 0 for a road that is not wide.
    road : int64 array, shape (M,)
        Number of the road of each edge of ``sides``: edges that touch and have the same name, and without a
        name those between two junctions, are one road.
    need : Stretches
        Parts of ``sides`` that need hydrants (built-up), in millimetres.
    source : int64 array
        For each edge of ``network`` its edge in the study's network.
    """

    network: RoadNetwork
    sides: RoadNetwork
    drawn: NDArray[np.int64]
    side: NDArray[np.int8]
    road: NDArray[np.int64]
    need: Stretches
    source: NDArray[np.int64]

    @property
    def length_mm(self) -> NDArray[np.int64]:
        """Length of each edge of ``sides`` in millimetres."""
        return self.sides.edge_ms.astype(np.int64)


def make_roads(
    network: RoadNetwork,
    *,
    classes: Collection[str] = HYDRANT_CLASSES,
    built_up: gpd.GeoDataFrame | None = None,
    wide_classes: Collection[str] = (),
) -> HydrantRoads:
    """Take the roads along which hydrants stand out of a network.

    Parameters
    ----------
    network : RoadNetwork
        The study's roads; one-way streets and times do not matter here, lengths do.
    classes : collection of str
        Road classes that bear hydrants.
    built_up : GeoDataFrame, optional
        Polygons inside which roads need hydrants, in the network's CRS; everywhere when missing.
    wide_classes : collection of str
        Classes of roads wider than 60 m, which need hydrants on both sides: the network carries no widths.

    Raises
    ------
    NetworkError
        No road has one of the classes; the classes of the network are named.
    """
    is_kind = np.array([name in set(classes) for name in network.classes], dtype=bool)
    source = np.flatnonzero(is_kind[network.edge_class] & network.edge_is_access)
    if not len(source):
        raise NetworkError(
            Message("hydrants.no_road_class", {"classes": tuple(classes), "there": tuple(network.classes)})
        )
    drawn = _take(network, source)
    is_wide = np.array([name in set(wide_classes) for name in network.classes], dtype=bool)[drawn.edge_class]
    sides, of, side = _apart(drawn, is_wide) if is_wide.any() else (drawn, np.arange(len(source)), None)
    return HydrantRoads(
        network=drawn,
        sides=sides,
        drawn=of,
        side=np.zeros(len(of), dtype=np.int8) if side is None else side,
        road=_roads_of(sides),
        need=_need(sides, built_up),
        source=source,
    )


def place_points(roads: HydrantRoads, points: gpd.GeoDataFrame, *, max_m: float) -> pd.DataFrame:
    """Put points on the roads, on the side of a wide road on which they stand.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    points : GeoDataFrame
        Points in the roads' CRS.
    max_m : float
        Farthest that a point may be from its road, metres (inclusive).

    Returns
    -------
    DataFrame
        The points' index; ``edge`` of ``roads.sides`` (-1 where not on a road), ``at_mm`` along it (whole,
        nan), ``side`` (1, -1, and 0 on a road that is not wide), ``snap_m``, ``is_snapped``.
    """
    snaps = snap(points, roads.network, max_m=max_m)
    is_on = snaps["is_snapped"].to_numpy(bool)
    drawn = np.where(is_on, snaps["edge"], 0).astype(np.int64)
    first = np.searchsorted(roads.drawn, drawn)
    is_wide = is_on & (roads.side[first] != 0)
    side = np.zeros(len(snaps), dtype=np.int8)
    side[is_wide] = _side(roads.network, drawn[is_wide], points.geometry.to_numpy()[is_wide])
    at = np.rint(snaps["fraction"].to_numpy(float) * roads.network.edge_ms[drawn])
    return pd.DataFrame(
        {
            # Of a wide road's two edges the left side comes first.
            "edge": np.where(is_on, first + (is_wide & (side < 0)), -1),
            "at_mm": at,
            "side": side,
            "snap_m": snaps["snap_m"].to_numpy(),
            "is_snapped": is_on,
        },
        index=points.index,
    )


def place_hydrants(roads: HydrantRoads, hydrants: gpd.GeoDataFrame, *, max_m: float) -> pd.DataFrame:
    """Put hydrants on the roads; one on the centre line of a wide road serves both sides.

    As :func:`place_points`, with one row more for each hydrant on a centre line, and ``fraction`` (0-1).
    """
    places = place_points(roads, hydrants, max_m=max_m)
    edge = places["edge"].to_numpy()
    is_middle = places["is_snapped"].to_numpy() & (places["side"] == 0).to_numpy() & (roads.side[edge] != 0)
    other = places[is_middle].assign(edge=edge[is_middle] + 1)
    places = pd.concat([places, other])
    length = roads.length_mm[places["edge"]]
    return places.assign(fraction=places["at_mm"] / length)


def whole_mm(length_m: NDArray[np.float64]) -> NDArray[np.int32]:
    """Give lengths of roads in whole millimetres, at least one."""
    return np.maximum(1, np.rint(length_m * 1000.0)).astype(np.int32)


def _take(network: RoadNetwork, edges: NDArray[np.int64]) -> RoadNetwork:
    """Give some edges as a network whose times are lengths in millimetres, both ways."""
    nodes, ends = np.unique(
        np.concatenate([network.edge_u[edges], network.edge_v[edges]]), return_inverse=True
    )
    vertex, start = ranges(network.xy_start[edges], network.xy_start[edges + 1])
    return _measured(
        network,
        node_id=network.node_id[nodes],
        node_xy=network.node_xy[nodes],
        edge_u=ends[: len(edges)],
        edge_v=ends[len(edges) :],
        edges=edges,
        xy=network.xy[vertex],
        xy_start=start,
    )


def _measured(
    network: RoadNetwork,
    *,
    node_id: NDArray[np.int64],
    node_xy: NDArray[np.float64],
    edge_u: NDArray[np.integer],
    edge_v: NDArray[np.integer],
    edges: NDArray[np.int64],
    xy: NDArray[np.float64],
    xy_start: NDArray[np.integer],
) -> RoadNetwork:
    length_mm = whole_mm(network.edge_length[edges])
    measured = build_network(
        node_id,
        node_xy,
        EdgeTable(
            u=edge_u,
            v=edge_v,
            length=network.edge_length[edges],
            ms=length_mm,
            back_ms=length_mm,
            xy=xy,
            xy_start=xy_start,
            class_code=network.edge_class[edges],
            classes=network.classes,
            name_code=network.edge_name[edges],
            names=network.names,
            source=network.edge_source[edges],
        ),
        crs=network.crs,
        attribution=network.attribution,
        impedance="mm",
    )
    return measured.borrow_lines(network, edges)


def _apart(
    network: RoadNetwork, is_wide: NDArray[np.bool_]
) -> tuple[RoadNetwork, NDArray[np.int64], NDArray[np.int8]]:
    """Give every wide road an edge for each side.

    Around a node the wide roads that meet there leave sectors between them; each sector becomes a node of
    its own. The side of a wide road runs from sector to sector, and a street that is not wide meets the
    sector in which it lies.
    """
    m = network.n_edges
    node = np.concatenate([network.edge_u, network.edge_v]).astype(np.int64)
    bearing = _bearings(network)
    wide = np.flatnonzero(np.tile(is_wide, 2))
    wide = wide[np.lexsort((wide, bearing[wide], node[wide]))]
    first = np.searchsorted(node[wide], node)
    n = np.searchsorted(node[wide], node, side="right") - first
    rank = np.empty(2 * m, dtype=np.int64)
    rank[wide] = np.arange(len(wide)) - first[wide]  # sector to the left of a wide road, seen from the node
    narrow = np.flatnonzero(~np.tile(is_wide, 2))
    before = np.searchsorted(
        node[wide] * 8.0 + bearing[wide], node[narrow] * 8.0 + bearing[narrow], side="right"
    )
    rank[narrow] = (before - first[narrow] - 1) % np.maximum(n[narrow], 1)
    to_the_right = (rank - 1) % np.maximum(n, 1)
    base = node * (int(n.max()) + 1)
    left_u, right_u = base[:m] + rank[:m], base[:m] + to_the_right[:m]
    # Seen from v the road runs the other way, so its left side is there on the right.
    left_v, right_v = base[m:] + to_the_right[m:], base[m:] + rank[m:]
    edges = np.repeat(np.arange(m), 1 + is_wide)
    second = np.diff(edges, prepend=-1) == 0
    side = np.where(is_wide[edges], np.where(second, -1, 1), 0).astype(np.int8)
    ends = [
        np.where(second, right[edges], left[edges]) for left, right in ((left_u, right_u), (left_v, right_v))
    ]
    for i, half in enumerate((slice(0, m), slice(m, 2 * m))):
        plain = side == 0
        ends[i][plain] = (base[half] + rank[half])[edges[plain]]
    corner, position = np.unique(np.concatenate(ends), return_inverse=True)
    origin = corner // (int(n.max()) + 1)
    vertex, start = ranges(network.xy_start[edges], network.xy_start[edges + 1])
    split = _measured(
        network,
        node_id=network.node_id[origin],
        node_xy=network.node_xy[origin],
        edge_u=position[: len(edges)],
        edge_v=position[len(edges) :],
        edges=edges,
        xy=network.xy[vertex],
        xy_start=start,
    )
    return split, edges, side


def _bearings(network: RoadNetwork) -> NDArray[np.float64]:
    """Give the direction in which each edge leaves u, then v: radians, counter-clockwise from the east."""
    first, last = network.xy_start[:-1], network.xy_start[1:] - 1
    leave = np.concatenate(
        [network.xy[first + 1] - network.xy[first], network.xy[last - 1] - network.xy[last]]
    )
    bearing: NDArray[np.float64] = np.arctan2(leave[:, 1], leave[:, 0])
    return bearing


def _side(network: RoadNetwork, edge: NDArray[np.int64], points: NDArray[np.object_]) -> NDArray[np.int8]:
    """Say on which side of its edge each point stands: 1 left, -1 right, 0 on the line."""
    lines = network.lines[edge]
    along = shapely.line_locate_point(lines, points)
    step = np.minimum(0.5, shapely.length(lines) / 4)
    back = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - step, 0.0)))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + step))
    way, out = ahead - back, shapely.get_coordinates(points) - back
    across = way[:, 0] * out[:, 1] - way[:, 1] * out[:, 0]
    off = np.abs(across) > 0.001 * np.hypot(*way.T)  # nearer than a millimetre is on the line
    return np.where(off, np.sign(across), 0).astype(np.int8)


def _roads_of(network: RoadNetwork) -> NDArray[np.int64]:
    """Number the roads: edges of one name that touch; without a name, those that meet where no other does."""
    m = network.n_edges
    node = np.concatenate([network.edge_u, network.edge_v]).astype(np.int64)
    name = np.tile(network.edge_name.astype(np.int64), 2)
    degree = np.bincount(node, minlength=network.n_nodes)
    joins = (name > 0) | (degree[node] == 2)
    key = np.unique((node * (len(network.names) + 1) + name)[joins], return_inverse=True)[1].reshape(-1)
    edge = np.tile(np.arange(m), 2)[joins]
    size = m + int(key.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(edge), dtype=np.int8), (edge, m + key)), shape=(size, size))
    label: NDArray[np.int64] = connected_components(graph, directed=False)[1][:m].astype(np.int64)
    return label


def _need(network: RoadNetwork, built_up: gpd.GeoDataFrame | None) -> Stretches:
    """Give the parts of the edges inside the built-up polygons, in millimetres."""
    every = np.arange(network.n_edges)
    length = network.edge_ms.astype(float)
    whole = merge(every, np.zeros(len(every)), length)
    if built_up is None:
        return whole
    area = shapely.union_all(np.asarray(built_up.geometry.array))
    shapely.prepare(area)
    lines = network.lines
    inside = shapely.covers(area, lines)
    across = np.flatnonzero(~inside & shapely.intersects(area, lines))
    parts, row = shapely.get_parts(shapely.intersection(lines[across], area), return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    parts, edge = parts[is_line], across[row[is_line]]
    ends = [shapely.get_point(parts, 0), shapely.get_point(parts, -1)]
    ends = [shapely.line_locate_point(lines[edge], end, normalized=True) for end in ends]
    low, high = np.minimum(*ends), np.maximum(*ends)
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    # The end of a loop is also its beginning: a part that runs up to it is found to begin at 0.
    is_tail = shapely.line_locate_point(lines[edge], middle, normalized=True) > high
    low, high = np.where(is_tail, high, low), np.where(is_tail, 1.0, high)
    cut = np.rint(np.column_stack([low, high]) * length[edge, None])
    built = merge(
        np.concatenate([every[inside], edge]),
        np.concatenate([np.zeros(int(inside.sum())), cut[:, 0]]),
        np.concatenate([length[inside], cut[:, 1]]),
    )
    return intersect(whole, built)
