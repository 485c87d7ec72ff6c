"""The road network: links with exact shapes and times, and compressed arrays for the kernels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import NetworkError
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["Arcs", "RoadNetwork", "build_network"]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed node-to-node arcs in compressed rows: the fastest of parallel links, no self loops.

    Parameters
    ----------
    start : int32 array, shape (N + 1,)
        Arcs of node ``i`` are ``start[i]:start[i + 1]``.
    head : int32 array, shape (A,)
        Node at the other end.
    ms : int32 array, shape (A,)
        Time in whole milliseconds, at least 1.
    edge : int32 array, shape (A,)
        The edge that the arc drives along.
    """

    start: NDArray[np.int32]
    head: NDArray[np.int32]
    ms: NDArray[np.int32]
    edge: NDArray[np.int32]


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
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes as a table: index ``osmid``, columns ``x``, ``y`` (m), ``component``, ``geometry``."""
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
    order = np.argsort(_morton(node_xy), kind="stable")
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
        node_component=_components(n_nodes, u, v, edge_length),
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
        arcs=_arcs(n_nodes, tail, head, both_ms, edge),
        arcs_back=_arcs(n_nodes, head, tail, both_ms, edge),
        classes=classes,
        names=names,
    )


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


def _morton(xy: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Interleave the bits of x and y so that sorting puts near nodes near each other."""
    low = xy.min(axis=0)
    scale = max(float((xy.max(axis=0) - low).max()), 1e-9)
    cell = ((xy - low) / scale * (2**31 - 1)).astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        cell = (cell | (cell << np.uint64(shift))) & np.uint64(mask)
    code: NDArray[np.uint64] = cell[:, 0] | (cell[:, 1] << np.uint64(1))
    return code


def _components(
    n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32], length: NDArray[np.float64]
) -> NDArray[np.int32]:
    graph = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(n_nodes, n_nodes))
    count, label = connected_components(graph, directed=False)
    km = np.bincount(label[u], weights=length, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-km, kind="stable")] = np.arange(count, dtype=np.int32)
    component: NDArray[np.int32] = rank[label]
    return component


def _arcs(
    n_nodes: int,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    ms: NDArray[np.int32],
    edge: NDArray[np.int32],
) -> Arcs:
    """Compress arcs into rows; the one place where parallel links collapse to the fastest."""
    keep = (ms < UNREACHED_MS) & (tail != head)
    tail, head, ms, edge = tail[keep], head[keep], ms[keep], edge[keep]
    order = np.lexsort((edge, ms, head, tail))
    tail, head, ms, edge = tail[order], head[order], ms[order], edge[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    start = np.zeros(n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail[first], minlength=n_nodes), out=start[1:])
    return Arcs(start=start, head=head[first], ms=ms[first], edge=edge[first])
