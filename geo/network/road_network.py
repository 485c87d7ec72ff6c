"""The road network: links with exact shapes and times, and compressed arrays for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import is_metric, metric_crs, transform_xy
from geo.errors import CrsError, InputError, NetworkError
from geo.messages import Message
from geo.network.clearance import passable
from geo.network.csr import Arcs, compress_arcs, label_components, morton_codes
from geo.network.roads import Roads
from geo.network.speeds import direction_factors, milliseconds, road_speeds
from geo.network.tags import BOTH_WAYS_ON_DUTY
from geo.standards import SpeedProfile
from geo.times import UNREACHED_MS, to_seconds

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import geopandas as gpd
    import pandas as pd

__all__ = ["Arcs", "RoadNetwork", "build_network", "components", "from_roads"]


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
    """

    edge: NDArray[np.int64]
    lines: NDArray[np.object_]
    tree: shapely.STRtree


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
        Time along u -> v and v -> u in whole milliseconds, ``UNREACHED_MS`` where closed.
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
    origin : RoadNetwork or None
        The network as it was before roads were closed or slowed (:func:`geo.network.close_edges`), else None.
        Points are put on its roads, so that a closure cuts off who stands there instead of moving them.
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
    origin: RoadNetwork | None = field(default=None, repr=False)

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

    @cached_property
    def entry_roads(self) -> EntryRoads:
        """The roads on which points may be put, with their tree."""
        is_open = np.minimum(self.edge_ms, self.edge_back_ms) < UNREACHED_MS
        edge = np.flatnonzero(self.edge_is_access & is_open)
        lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, self.xy, (self.xy_start,))[edge]
        shapely.prepare(lines)
        return EntryRoads(edge, lines, shapely.STRtree(lines))

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
            geometry=shapely.from_ragged_array(shapely.GeometryType.LINESTRING, self.xy, (self.xy_start,)),
            crs=self.crs,
        )


def build_network(
    *,
    crs: CRS,
    node_id: NDArray[np.int64],
    node_xy: NDArray[np.float64],
    edge_u: NDArray[np.integer],
    edge_v: NDArray[np.integer],
    edge_length: NDArray[np.float64],
    edge_ms: NDArray[np.integer],
    edge_back_ms: NDArray[np.integer],
    xy: NDArray[np.float64],
    xy_start: NDArray[np.integer],
    edge_is_access: NDArray[np.bool_] | None = None,
    edge_class: NDArray[np.integer] | None = None,
    classes: tuple[str, ...] = ("unclassified",),
    edge_name: NDArray[np.integer] | None = None,
    names: tuple[str, ...] = ("",),
    edge_source: NDArray[np.integer] | None = None,
    profile: str = "",
    attribution: str = "",
    notes: tuple[Message, ...] = (),
) -> RoadNetwork:
    """Put checked arrays into a network: spatial node order, components and compressed arcs.

    Arguments are those of :class:`RoadNetwork`, with nodes and edges in any order; edges keep theirs.

    Raises
    ------
    NetworkError
        No edges; an end that is no node; a length or time that is missing, negative or not finite.
    """
    if not len(edge_u):
        raise NetworkError("the road layer has no road that may be driven; check its speed profile")
    _check_edges(len(node_id), edge_u, edge_v, edge_length, edge_ms, edge_back_ms)
    order = np.argsort(morton_codes(node_xy), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    u, v = rank[edge_u], rank[edge_v]
    ms = np.asarray(edge_ms, dtype=np.int32)
    back_ms = np.asarray(edge_back_ms, dtype=np.int32)
    n_nodes, n_edges = len(node_id), len(u)
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    both_ms = np.concatenate([ms, back_ms])
    edge = np.tile(np.arange(n_edges, dtype=np.int32), 2)
    return RoadNetwork(
        crs=crs,
        profile=profile,
        attribution=attribution,
        node_id=np.asarray(node_id, dtype=np.int64)[order],
        node_xy=np.ascontiguousarray(node_xy, dtype=np.float64)[order],
        node_component=label_components(n_nodes, u, v, edge_length),
        edge_u=u,
        edge_v=v,
        edge_length=np.asarray(edge_length, dtype=np.float64),
        edge_ms=ms,
        edge_back_ms=back_ms,
        edge_is_access=np.ones(n_edges, dtype=bool) if edge_is_access is None else edge_is_access,
        edge_class=np.zeros(n_edges, np.int16) if edge_class is None else edge_class.astype(np.int16),
        edge_name=np.zeros(n_edges, np.int32) if edge_name is None else edge_name.astype(np.int32),
        edge_source=np.arange(n_edges) if edge_source is None else edge_source.astype(np.int64),
        xy=np.ascontiguousarray(xy, dtype=np.float64),
        xy_start=np.asarray(xy_start, dtype=np.int64),
        arcs=compress_arcs(n_nodes, tail, head, both_ms, edge),
        arcs_back=compress_arcs(n_nodes, head, tail, both_ms, edge),
        classes=classes,
        names=names,
        notes=notes,
    )


def from_roads(roads: Roads, profile: SpeedProfile, *, crs: CRS | None = None) -> RoadNetwork:
    """Give roads their times: the roads that a profile may use become a network.

    Time along an edge = length / speed + junction delay, in whole milliseconds, at least 1. Speed is
    ``maxspeed_factor`` x maxspeed where both are known, else that of the class (the urban one inside
    built-up areas). Half the junction delay is charged at each end where three or more roads meet. What the
    vehicle does not fit through is closed (:func:`geo.network.clearance.passable`).

    Parameters
    ----------
    roads : Roads
        In any CRS.
    profile : SpeedProfile
        Speeds, one-way rule, junction delay, what is closed.
    crs : pyproj.CRS, optional
        Projected, metres; by default that of the roads, or the UTM zone of their middle.

    Returns
    -------
    RoadNetwork
        Only roads that may be used in at least one direction, and their nodes.

    Raises
    ------
    NetworkError
        No road may be used.
    CrsError
        ``crs`` is not projected in metres.
    """
    usable, speed, notes = passable(roads, road_speeds(roads, profile), profile)
    if not usable.n_edges:
        has = f"the roads have classes {', '.join(roads.classes[:8])}"
        raise NetworkError(
            f"no road may be used by speed profile {profile.name!r}; {has}; the profile has "
            f"{', '.join(profile.speeds_kph)}"
        )
    ends = np.concatenate([usable.edge_u, usable.edge_v])
    at_junction = (np.bincount(ends) >= 3) * profile.junction_delay_s / 2
    delay = at_junction[usable.edge_u] + at_junction[usable.edge_v]
    on_duty = profile.private_roads & (usable.edge_access & BOTH_WAYS_ON_DUTY > 0)
    along, against = direction_factors(np.where(on_duty, 0, usable.edge_oneway), profile.oneway)
    if crs is not None and not is_metric(crs):
        raise CrsError(f"{crs.name} is not projected in metres; choose a UTM or Gauss-Kruger zone")
    target = crs or metric_crs(roads.crs, usable.node_xy)
    is_access = np.array([kind not in profile.no_access for kind in roads.classes], dtype=bool)
    return build_network(
        crs=target,
        node_id=usable.node_id,
        node_xy=transform_xy(usable.node_xy, roads.crs, target),
        edge_u=usable.edge_u,
        edge_v=usable.edge_v,
        edge_length=usable.edge_length,
        edge_ms=milliseconds(usable.edge_length, speed * along, delay),
        edge_back_ms=milliseconds(usable.edge_length, speed * against, delay),
        xy=transform_xy(usable.xy, roads.crs, target),
        xy_start=usable.xy_start,
        edge_is_access=is_access[usable.edge_class],
        edge_class=usable.edge_class,
        classes=roads.classes,
        edge_name=usable.edge_name,
        names=roads.names,
        edge_source=usable.edge_source,
        profile=profile.name,
        attribution=roads.attribution,
        notes=(*roads.notes, *notes),
    )


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
        raise InputError("the places that name the components have no column 'name'")
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


def _check_edges(
    n_nodes: int,
    u: NDArray[np.integer],
    v: NDArray[np.integer],
    length: NDArray[np.float64],
    ms: NDArray[np.integer],
    back_ms: NDArray[np.integer],
) -> None:
    ends = np.concatenate([u, v])
    if ends.min() < 0 or ends.max() >= n_nodes:
        raise NetworkError("a road ends at a node that is not in the node table")
    bad = ~np.isfinite(length) | (length < 0)
    if bad.any():
        raise NetworkError(f"{bad.sum()} roads have no usable length, first at row {bad.argmax()}")
    bad = (ms <= 0) | (back_ms <= 0) | (ms > UNREACHED_MS) | (back_ms > UNREACHED_MS)
    if bad.any():
        raise NetworkError(f"{bad.sum()} roads have no usable time, first at row {bad.argmax()}")
