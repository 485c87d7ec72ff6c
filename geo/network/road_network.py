"""The road network: links with exact shapes and times, and compressed arrays for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import InputError
from geo.messages import Message
from geo.network.csr import Arcs
from geo.network.scraps import is_scrap
from geo.times import UNREACHED_MS, to_seconds

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import geopandas as gpd
    import pandas as pd

__all__ = ["EntryRoads", "Impedance", "RoadNetwork", "components"]

Impedance: TypeAlias = Literal["ms", "mm"]
"""What searches add up along a road: time in whole milliseconds, or length in whole millimetres."""


_OF_ROADS: Final = (
    *("node_id", "node_xy", "node_component", "edge_u", "edge_v", "edge_length", "edge_is_access"),
    *("edge_class", "edge_name", "edge_source", "xy", "xy_start"),
)
"""What the roads are, however they are driven or walked."""
_PER_NODE: Final = 4
"""Lines in a node of a tree over roads: the nearest is found in half the time that the usual ten take."""


class EntryRoads(NamedTuple):
    """The roads from which a building or station may be entered and that are open in some direction.

    Parameters
    ----------
    edge : int64 array, shape (R,)
        Position of each edge.
    lines : object array, shape (R,)
        Their lines.
    tree : shapely.STRtree
        The tree over the lines.
    is_scrap : bool array, shape (R,)
        Whether each is part of a scrap, which takes no point that the network can take.
    """

    edge: NDArray[np.int64]
    lines: NDArray[np.object_]
    tree: shapely.STRtree
    is_scrap: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A routable road network in a projected metric CRS.

    An *edge* is one physical piece of road between two nodes, drawn from ``u`` to ``v``; it may be
    driven both ways, one way or not at all. Nodes and edges are addressed by position (0, 1, ...);
    nodes are in spatial (Morton) order so that neighbours are near in memory.

    Parameters
    ----------
    crs : pyproj.CRS
        Projected, metres.
    profile : str
        Name of the speed profile that made the times.
    attribution : str
        Credit that every map and report of this network shows (may be empty).
    node_id : int64 array, shape (N,)
        The source's own node ids.
    node_xy : float64 array, shape (N, 2)
        Coordinates in metres.
    node_component : int32 array, shape (N,)
        Weakly connected component of each node; 0 is the one with the longest roads.
    edge_u, edge_v : int32 array, shape (M,)
        End nodes by position.
    edge_length : float64 array, shape (M,)
        Length in metres.
    edge_ms, edge_back_ms : int32 array, shape (M,)
        Impedance along u -> v and v -> u, ``UNREACHED_MS`` where closed: time in whole milliseconds, unless
        ``impedance`` says otherwise.
    edge_is_access : bool array, shape (M,)
        Whether a building or station may be entered from this edge (not from a motorway).
    edge_class : int16 array, shape (M,)
        Position in ``classes``.
    edge_name : int32 array, shape (M,)
        Position in ``names``; names[0] is empty.
    edge_source : int64 array, shape (M,)
        OSM way id or row number in the source.
    xy : float64 array, shape (K, 2)
        Vertices of all edges, in metres.
    xy_start : int64 array, shape (M + 1,)
        Vertices of edge ``e`` are ``xy[xy_start[e]:xy_start[e + 1]]``.
    arcs, arcs_back : Arcs
        Arcs out of each node, and the same arcs reversed (into each node).
    classes, names : tuple of str
        Road classes (OSM ``highway`` values) and road names.
    notes : tuple of Message
        What was repaired, guessed or left out while the roads were read.
    impedance : {"ms", "mm"}
        What ``edge_ms`` and the arcs count: travel time in milliseconds, or length in millimetres. Searches
        divide by 1000: on a network of lengths what they call seconds are metres.
    origin : RoadNetwork or None
        The network as it was before roads were closed or slowed (:func:`geo.network.close_edges`), else None.
        Points are put on its roads, so that a closure cuts off who stands there instead of moving them.
    drawn_like : RoadNetwork or None
        Another network with the same ``xy`` and ``xy_start``, whose lines serve for both.
    """

    crs: CRS
    profile: str
    attribution: str
    node_id: NDArray[np.int64]
    node_xy: NDArray[np.float64]
    node_component: NDArray[np.int32]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    edge_length: NDArray[np.float64]
    edge_ms: NDArray[np.int32]
    edge_back_ms: NDArray[np.int32]
    edge_is_access: NDArray[np.bool_]
    edge_class: NDArray[np.int16]
    edge_name: NDArray[np.int32]
    edge_source: NDArray[np.int64]
    xy: NDArray[np.float64]
    xy_start: NDArray[np.int64]
    arcs: Arcs = field(repr=False)
    arcs_back: Arcs = field(repr=False)
    classes: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[Message, ...] = ()
    impedance: Impedance = "ms"
    origin: RoadNetwork | None = field(default=None, repr=False)
    drawn_like: RoadNetwork | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Name the network by its size; its arrays are not printed."""
        sizes = f"n_nodes={len(self.node_id)}, n_edges={len(self.edge_u)}"
        return f"RoadNetwork(profile={self.profile!r}, {sizes}, crs={self.crs.to_string()!r})"

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def n_edges(self) -> int:
        """Number of edges (physical links, not arcs)."""
        return len(self.edge_u)

    @property
    def n_components(self) -> int:
        """Number of weakly connected components."""
        return int(self.node_component.max(initial=-1)) + 1

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when it is asked for: lines and tables take five times as much."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def drawn_with(self, other: RoadNetwork) -> RoadNetwork:
        """Give the network with the lines of another one of the same roads; as it is where some differ.

        All else that both have alike is held once too.
        """
        if not (np.array_equal(self.xy_start, other.xy_start) and np.array_equal(self.xy, other.xy)):
            return self
        alike = {
            name: theirs
            for name in _OF_ROADS
            if np.array_equal(getattr(self, name), theirs := getattr(other, name))
        }
        arcs = self.arcs if self.arcs_back.is_like(self.arcs) else self.arcs_back
        return replace(self, **alike, arcs_back=arcs, drawn_like=other)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The line of each edge; made once for all who draw or look for roads, as each takes 300 bytes."""
        twin = self.origin or self.drawn_like
        if twin is not None:
            return twin.lines
        lines: NDArray[np.object_] = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, self.xy, (self.xy_start,)
        )
        return lines

    def borrow_lines(self, other: RoadNetwork, edges: NDArray[np.integer]) -> RoadNetwork:
        """Take the lines over from a network of which this one has some edges, drawn as they are there.

        Lines that are made twice take as much room again; give the network itself.
        """
        self.__dict__["lines"] = other.lines[edges]
        return self

    @cached_property
    def line_tree(self) -> shapely.STRtree:
        """The lines by place; made once for all who ask, as sorting 450,000 of them takes a second."""
        twin = self.origin or self.drawn_like
        return _tree_of(self.lines) if twin is None else twin.line_tree

    @cached_property
    def hull(self) -> shapely.Geometry:
        """Convex hull of the nodes."""
        return shapely.convex_hull(shapely.multipoints(self.node_xy))

    @cached_property
    def entry_roads(self) -> EntryRoads:
        """The roads on which points may be put, with their tree."""
        is_open = np.minimum(self.edge_ms, self.edge_back_ms) < UNREACHED_MS
        edge = np.flatnonzero(self.edge_is_access & is_open)
        is_whole = len(edge) == self.n_edges  # a second tree of a city takes 60 MB
        lines = self.lines if is_whole else self.lines[edge]  # not prepared: 90 MB, and no search is quicker
        tree = self.line_tree if is_whole else _tree_of(lines)
        component = self.node_component[self.edge_u]
        length = np.bincount(component, weights=self.edge_length).astype(np.float64)
        return EntryRoads(edge, lines, tree, is_scrap(lines, component[edge], length))

    @cached_property
    def roads_beside_scraps(self) -> tuple[NDArray[np.int64], shapely.STRtree]:
        """Positions in ``entry_roads`` of what is no scrap, and its tree: for points that are near one."""
        position = np.flatnonzero(~self.entry_roads.is_scrap)
        return position, _tree_of(self.entry_roads.lines[position])

    @cached_property
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes as a table: index ``osmid``, columns ``x``, ``y`` (m), ``component``, ``geometry``."""
        import geopandas as gpd
        import pandas as pd

        return gpd.GeoDataFrame(
            {"x": self.node_xy[:, 0], "y": self.node_xy[:, 1], "component": self.node_component},
            index=pd.Index(self.node_id, name="osmid"),
            geometry=shapely.points(self.node_xy),
            crs=self.crs,
        )

    @cached_property
    def edges(self) -> gpd.GeoDataFrame:
        """Edges as a table, one row per physical link.

        Index ``edge`` (position); columns ``u``, ``v`` (source node ids), ``length`` (m), ``speed_kph``
        (in the faster direction), ``travel_time``, ``travel_time_back`` (s, ``inf`` where closed),
        ``highway``, ``oneway``, ``name``, ``is_access``, ``component``, ``source``, ``geometry``.
        """
        import geopandas as gpd
        import pandas as pd

        forward, back = to_seconds(self.edge_ms), to_seconds(self.edge_back_ms)
        fastest = np.minimum(forward, back)
        return gpd.GeoDataFrame(
            {
                "u": self.node_id[self.edge_u],
                "v": self.node_id[self.edge_v],
                "length": self.edge_length,
                "speed_kph": np.where(np.isinf(fastest), 0.0, self.edge_length / fastest * 3.6),
                "travel_time": forward,
                "travel_time_back": back,
                "highway": np.array(self.classes, dtype=object)[self.edge_class],
                "oneway": np.isinf(forward) != np.isinf(back),
                "name": np.array(self.names, dtype=object)[self.edge_name],
                "is_access": self.edge_is_access,
                "component": self.node_component[self.edge_u],
                "source": self.edge_source,
            },
            index=pd.RangeIndex(self.n_edges, name="edge"),
            geometry=self.lines,
            crs=self.crs,
        )


def _tree_of(lines: NDArray[np.object_]) -> shapely.STRtree:
    return shapely.STRtree(lines, node_capacity=_PER_NODE)


def components(network: RoadNetwork, places: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """List the connected components of a network, the longest roads first, with a name for each.

    Parameters
    ----------
    network : RoadNetwork
        Any network.
    places : GeoDataFrame, optional
        Named points or areas (column ``name``), any CRS. A component takes the name of the place
        that contains most of its nodes, else of the place nearest to its middle node.

    Returns
    -------
    DataFrame
        Index ``component``; ``name``, ``n_nodes``, ``km``, ``min_x``, ``min_y``, ``max_x``, ``max_y`` (m).

    Raises
    ------
    InputError
        The places have no column ``name``.
    """
    component = network.node_component
    table = network.nodes.groupby("component").agg(
        n_nodes=("x", "size"), min_x=("x", "min"), min_y=("y", "min"), max_x=("x", "max"), max_y=("y", "max")
    )
    km = np.bincount(component[network.edge_u], weights=network.edge_length, minlength=len(table)) / 1000
    table.insert(0, "km", km)
    table.insert(0, "name", _component_names(network, places))
    return table[["name", "n_nodes", "km", "min_x", "min_y", "max_x", "max_y"]]


def _component_names(network: RoadNetwork, places: gpd.GeoDataFrame | None) -> list[str]:
    names = [f"component {i}" for i in range(network.n_components)]
    if places is None or places.empty:
        return names
    if "name" not in places.columns:
        raise InputError(Message("network.places_no_name"))
    local = places[places["name"].notna()].to_crs(network.crs)
    if local.empty:
        return names
    tree = shapely.STRtree(local.geometry.to_numpy())
    points = shapely.points(network.node_xy)
    by_component = np.argsort(network.node_component, kind="stable")
    stops = np.cumsum(np.bincount(network.node_component))[:-1]
    for i, mine in enumerate(np.split(by_component, stops)):
        within = tree.query(points[mine], predicate="intersects")[1]
        middle = points[mine[len(mine) // 2]]
        best = np.bincount(within).argmax() if len(within) else tree.nearest(middle)
        names[i] = str(local["name"].iloc[int(best)])
    return names
