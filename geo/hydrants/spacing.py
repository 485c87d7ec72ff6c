"""Gaps between hydrants along the road, exact to the millimetre."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import StudyError
from geo.hydrants._linear import Stretches, cut_lines, in_stretches, intersect, join, merge, subtract
from geo.hydrants.roads import HydrantRoads
from geo.messages import Message
from geo.network import RoadNetwork
from geo.routing import node_times

__all__ = ["GAP_COLUMNS", "RoadEnds", "Spacing", "find_gaps", "gap_table"]

GAP_COLUMNS: Final = (
    "name", "highway", "side", "length_m", "spacing_m", "people", "zone", "gap",
    "geometry",
)  # fmt: skip
"""Columns of a table of gaps."""
_AT_ONCE: Final = 1 << 16
"""Edges that are looked at together: all those of a city take 200 MB more and no less time."""


@dataclass(frozen=True, eq=False)
class RoadEnds:
    """The dead ends of the roads that need hydrants.

    Parameters
    ----------
    node : int64 array, shape (T,)
        The end, a node of ``HydrantRoads.sides``.
    is_near : bool array, shape (T,)
        Whether a hydrant is near enough to it.
    tails : Stretches
        The last metres of these roads, which are judged by their end alone.
    tail_of : int64 array
        The end of each of ``tails`` (position in ``node``).
    """

    node: NDArray[np.int64]
    is_near: NDArray[np.bool_]
    tails: Stretches
    tail_of: NDArray[np.int64]

    def in_order(self, is_near: NDArray[np.bool_]) -> Stretches:
        """Give the tails whose end is near enough to a hydrant."""
        keep = is_near[self.tail_of]
        return merge(self.tails.edge[keep], self.tails.low[keep], self.tails.high[keep])


@dataclass(frozen=True, eq=False)
class Spacing:
    """Where a road lacks hydrants.

    Parameters
    ----------
    parts : Stretches
        Parts of ``HydrantRoads.sides`` that lack a hydrant, millimetres.
    gap : int64 array
        Number of the gap to which each part belongs.
    n_gaps : int
        Number of gaps.
    node_mm : int32 array
        Distance from each node to the nearest hydrant along the road, millimetres; searched only as far as
        it matters (``UNREACHED_MS`` beyond).
    ends : RoadEnds
        The dead ends.
    spacing_m, end_m : float
        The limits.
    """

    parts: Stretches
    gap: NDArray[np.int64]
    n_gaps: int
    node_mm: NDArray[np.int32]
    ends: RoadEnds
    spacing_m: float
    end_m: float

    @property
    def gap_m(self) -> float:
        """Length of road that lacks a hydrant, metres."""
        return self.parts.total() / 1000.0

    @property
    def reach_mm(self) -> float:
        """How far along the road a hydrant serves, half the spacing, millimetres."""
        return half_mm(self.spacing_m)


def half_mm(spacing_m: float) -> float:
    return float(np.rint(spacing_m * 1000.0) / 2)


def find_gaps(
    roads: HydrantRoads, placed: pd.DataFrame, *, spacing_m: float = 120.0, end_m: float = 120.0
) -> Spacing:
    """Find where hydrants along the road are too far apart.

    With d(x) the distance along the hydrant roads from x to the nearest hydrant, a place x lacks a hydrant
    when d(x) > spacing / 2: two hydrants that follow each other leave such places exactly when they are more
    than the spacing apart. A gap is a connected run of such places on one road; hydrants of other roads
    that meet it count for it, but their gaps are gaps of their own.

    The rule on spacing says nothing of the stretch beyond the last hydrant of a dead end. Here its end counts
    as the place of another hydrant: the last ``end_m - spacing / 2`` metres are in order when the end is
    within ``end_m`` of a hydrant (120 m by default; ``end_m = spacing_m / 2`` judges it as any other place).

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    placed : DataFrame
        Where the hydrants stand, from :func:`geo.hydrants.place_hydrants`.
    spacing_m : float
        Longest distance between hydrants, metres (inclusive).
    end_m : float
        Longest distance from a hydrant to a dead end, metres (inclusive).

    Raises
    ------
    StudyError
        The spacing is not above zero, or the distance to an end is less than half of it.
    """
    if not spacing_m > 0 or not end_m >= spacing_m / 2:
        raise StudyError(Message("hydrants.spacing_wrong", {"spacing": spacing_m, "end": end_m}))
    reach_mm, end_mm = half_mm(spacing_m), np.rint(end_m * 1000.0)
    node_mm = hydrants_along(roads.sides, placed, limit_m=max(end_m, spacing_m / 2))
    far = join(
        intersect(far_parts(roads, placed, node_mm, reach_mm, np.arange(*edges)), roads.need.between(*edges))
        for edges in _edges_in_turn(roads.sides.n_edges)
    )
    ends = _ends(roads, node_mm, tail_mm=end_mm - reach_mm, end_mm=end_mm)
    near = ends.in_order(ends.is_near)
    parts = join(
        subtract(far.between(*edges), near.between(*edges)) for edges in _edges_in_turn(roads.sides.n_edges)
    )
    gap, n_gaps = group_gaps(roads, parts)
    return Spacing(parts, gap, n_gaps, node_mm, ends, spacing_m, end_m)


def gap_table(
    roads: HydrantRoads, spacing: Spacing, *, people: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Give one row per gap, most people first, then the longest.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    spacing : Spacing
        The gaps.
    people : DataFrame, optional
        Demand points on the roads (:func:`geo.hydrants.place_points`) with ``people`` and ``zone``.

    Returns
    -------
    GeoDataFrame
        RangeIndex by rank. ``name`` and ``highway`` of the road; ``side`` ("left" or "right" as drawn, ""
        where the road is not wide); ``length_m`` (road that lacks a hydrant); ``spacing_m`` (from hydrant to
        hydrant where the gap lies between two, nan at a road's end, at a junction and at a border);
        ``people`` (of the points beside it); ``zone`` (where most of them live, else None); ``gap``
        (its number in ``spacing.gap``); ``geometry``.
    """
    parts, gap, n = spacing.parts, spacing.gap, spacing.n_gaps
    length = np.bincount(gap, weights=parts.length, minlength=n) / 1000.0
    longest = _first_per_gap(gap, -parts.length)
    edge = parts.edge[longest]
    beside = _beside(parts, gap, people, n)
    table = gpd.GeoDataFrame(
        {
            "name": np.array(roads.sides.names, dtype=object)[roads.sides.edge_name[edge]],
            "highway": np.array(roads.sides.classes, dtype=object)[roads.sides.edge_class[edge]],
            "side": np.array(["", "left", "right"], dtype=object)[roads.side[edge]],
            "length_m": length,
            "spacing_m": _between(roads, spacing, length),
            **beside,
            "gap": np.arange(n),
        },
        geometry=_lines(roads.sides, parts, gap),
        crs=roads.sides.crs,
    )
    order = np.lexsort((edge, -length, -table["people"].to_numpy()))
    return table.iloc[order].reset_index(drop=True)[list(GAP_COLUMNS)]


def hydrants_along(network: RoadNetwork, placed: pd.DataFrame, *, limit_m: float) -> NDArray[np.int32]:
    """Give the millimetres along the road from each node to the nearest hydrant, as far as the limit."""
    on = placed[placed["is_snapped"]]
    seeds = pd.DataFrame(
        {
            "edge": on["edge"].to_numpy(),
            "fraction": on["fraction"].to_numpy(),
            "access_s": 0.0,
            "is_snapped": True,
        }
    )
    return node_times(network, seeds, direction="from_facility", limit_s=limit_m)


def _edges_in_turn(n_edges: int) -> Iterator[tuple[int, int]]:
    """Give the first edge and the one after the last of some at a time; nothing where there are none."""
    return ((first, min(first + _AT_ONCE, n_edges)) for first in range(0, n_edges, _AT_ONCE))


def far_parts(
    roads: HydrantRoads,
    placed: pd.DataFrame,
    node_mm: NDArray[np.int32],
    reach_mm: float,
    every: NDArray[np.int64],
) -> Stretches:
    """Give the parts of some edges beyond the reach of every hydrant: between neighbours on the edge."""
    network = roads.sides
    on = placed[placed["is_snapped"] & np.isin(placed["edge"], every)]
    length = network.edge_ms[every].astype(float)
    edge = np.concatenate([every, on["edge"].to_numpy(), every])
    at = np.concatenate([np.zeros(len(every)), on["at_mm"].to_numpy(float), length])
    ends = node_mm[network.edge_u[every]], np.zeros(len(on)), node_mm[network.edge_v[every]]
    away = np.concatenate(ends).astype(float)
    order = np.lexsort((np.arange(len(edge)), at, edge))
    edge, at, away = edge[order], at[order], away[order]
    same = edge[1:] == edge[:-1]
    low = at[:-1] + np.maximum(0.0, reach_mm - away[:-1])
    high = at[1:] - np.maximum(0.0, reach_mm - away[1:])
    return merge(edge[:-1][same], low[same], high[same])


def _ends(roads: HydrantRoads, node_mm: NDArray[np.int32], *, tail_mm: float, end_mm: float) -> RoadEnds:
    """Find the dead ends that need hydrants and walk back from each to the end of its tail or a junction."""
    network = roads.sides
    node = np.concatenate([network.edge_u, network.edge_v]).astype(np.int64)
    half = np.argsort(node, kind="stable")  # half-edges by node: those of node i from first[i]
    degree = np.bincount(node, minlength=network.n_nodes)
    first = np.cumsum(degree) - degree
    tip = np.flatnonzero(degree == 1)
    if tail_mm <= 0:
        tip = tip[:0]
    leaving = half[first[tip]]
    edge, is_v = leaving % network.n_edges, leaving >= network.n_edges
    at = np.where(is_v, roads.length_mm[edge], 0).astype(float)
    tip = tip[in_stretches(roads.need, edge, at) >= 0]
    leaving, left = half[first[tip]], np.full(len(tip), tail_mm)
    of, steps = np.arange(len(tip)), []
    while len(of):
        edge, is_v = leaving % network.n_edges, leaving >= network.n_edges
        length = roads.length_mm[edge].astype(float)
        step = np.minimum(left, length)
        steps.append((of, edge, np.where(is_v, length - step, 0.0), np.where(is_v, length, step)))
        across = (leaving + network.n_edges) % (2 * network.n_edges)
        then = node[across]
        on = (left > length) & (degree[then] == 2)
        both = half[np.minimum(first[then][:, None] + [0, 1], len(half) - 1)]
        leaving = np.where(both[:, 0] == across, both[:, 1], both[:, 0])[on]
        of, left = of[on], (left - length)[on]
    tail_of, edge, low, high = (
        (np.concatenate(values) for values in zip(*steps, strict=True)) if steps else np.empty((4, 0))
    )
    order = np.lexsort((low, edge))
    tails = Stretches(edge[order].astype(np.int64), low[order], high[order])
    return RoadEnds(tip, node_mm[tip] <= end_mm, tails, tail_of[order].astype(np.int64))


def group_gaps(roads: HydrantRoads, parts: Stretches) -> tuple[NDArray[np.int64], int]:
    """Number the gaps: parts of one road that touch, on an edge or at a node."""
    network, n = roads.sides, len(parts)
    is_u, is_v = parts.low <= 0, parts.high >= roads.length_mm[parts.edge]
    part = np.concatenate([np.flatnonzero(is_u), np.flatnonzero(is_v)])
    node = np.concatenate([network.edge_u[parts.edge[is_u]], network.edge_v[parts.edge[is_v]]])
    place = node.astype(np.int64) * (int(roads.road.max()) + 1) + roads.road[parts.edge[part]]
    key = np.unique(place, return_inverse=True)[1].reshape(-1)
    size = n + int(key.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(part), dtype=np.int8), (part, n + key)), shape=(size, size))
    label = connected_components(graph, directed=False)[1][:n]
    labels, gap = np.unique(label, return_inverse=True)
    return gap.reshape(-1).astype(np.int64), len(labels)


def _first_per_gap(gap: NDArray[np.int64], rank: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the part of each gap that ranks first."""
    order = np.lexsort((np.arange(len(gap)), rank, gap))
    first: NDArray[np.int64] = order[np.diff(gap[order], prepend=-1) != 0]
    return first


def _between(roads: HydrantRoads, spacing: Spacing, length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the distance between the two hydrants of a gap that has one at both ends and no branch."""
    parts, need = spacing.parts, roads.need
    within = in_stretches(need, parts.edge, (parts.low + parts.high) / 2)
    reach_mm, node_mm = spacing.reach_mm, spacing.node_mm
    starts = (parts.low > need.low[within]) | (node_mm[roads.sides.edge_u[parts.edge]] == reach_mm)
    stops = (parts.high < need.high[within]) | (node_mm[roads.sides.edge_v[parts.edge]] == reach_mm)
    bounded = starts.astype(np.int64) + stops
    n_bounded = np.bincount(spacing.gap, weights=bounded, minlength=spacing.n_gaps)
    is_between = (n_bounded == 2) & (_free_ends(roads, spacing) == 0)
    return np.where(is_between, length_m + spacing.spacing_m, np.nan)


def _free_ends(roads: HydrantRoads, spacing: Spacing) -> NDArray[np.int64]:
    """Count the ends of each gap's parts at nodes where no or more than one other part of it goes on."""
    parts, network = spacing.parts, roads.sides
    is_u, is_v = parts.low <= 0, parts.high >= roads.length_mm[parts.edge]
    gap = np.concatenate([spacing.gap[is_u], spacing.gap[is_v]])
    node = np.concatenate([network.edge_u[parts.edge[is_u]], network.edge_v[parts.edge[is_v]]])
    open_end = spacing.node_mm[node] > spacing.reach_mm
    pair, count = np.unique(gap[open_end] * network.n_nodes + node[open_end], return_counts=True)
    n_free: NDArray[np.int64] = np.bincount(pair[count != 2] // network.n_nodes, minlength=spacing.n_gaps)
    return n_free


def _beside(
    parts: Stretches, gap: NDArray[np.int64], people: pd.DataFrame | None, n: int
) -> dict[str, NDArray[np.generic]]:
    """Count the people whose nearest road is a gap, and name the zone where most of them live."""
    zone = np.full(n, None, dtype=object)
    if people is None or not len(people):
        return {"people": np.zeros(n), "zone": zone}
    part = in_stretches(parts, people["edge"].to_numpy(), people["at_mm"].fillna(-1.0).to_numpy())
    rows = people.assign(gap=np.where(part >= 0, gap[part] if len(gap) else -1, -1))
    rows = rows[rows["gap"] >= 0]
    total = np.bincount(rows["gap"], weights=rows["people"], minlength=n)
    by_zone = rows[rows["zone"].notna()].groupby(["gap", "zone"], sort=True)["people"].sum().reset_index()
    most = by_zone.sort_values("people", ascending=False, kind="stable").drop_duplicates("gap")
    zone[most["gap"].to_numpy(np.int64)] = most["zone"].to_numpy(object)
    return {"people": total, "zone": zone}


def _lines(network: RoadNetwork, parts: Stretches, gap: NDArray[np.int64]) -> NDArray[np.object_]:
    """Draw the gaps."""
    length = network.edge_ms[parts.edge].astype(float)
    whole = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    lines = cut_lines(whole[parts.edge], parts.low / length, parts.high / length)
    order = np.argsort(gap, kind="stable")
    return np.asarray(shapely.multilinestrings(lines[order], indices=gap[order]))
