"""Where the next hydrants should stand: the best n by people, risk and metres of gap."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import StudyError
from geo.hydrants._linear import in_stretches
from geo.hydrants._open_gaps import OpenGaps, most_closed
from geo.hydrants.least import LeastPlan
from geo.hydrants.roads import HydrantRoads
from geo.hydrants.spacing import Spacing
from geo.standards import number

__all__ = ["SITE_COLUMNS", "SitePlan", "best_sites", "candidate_places", "most_closed"]

SITE_COLUMNS: Final = (
    "rank", "name", "highway", "zone", "people", "people_risk", "closed_m", "gap", "edge", "at_mm",
    "geometry",
)  # fmt: skip
"""Columns of a table of proposed hydrants."""


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Proposed hydrants, best first.

    Parameters
    ----------
    table : GeoDataFrame
        RangeIndex; ``rank`` from 1; ``name`` and ``highway`` of the road; ``zone`` (of the nearest demand
        point within the radius, else None); ``people`` and ``people_risk`` (people, and people x risk, newly
        within the radius); ``closed_m`` (road that lacked a hydrant and no longer does, m); ``gap`` (number
        in ``spacing.gap``); ``edge``, ``at_mm`` (place on ``HydrantRoads.sides``); ``geometry`` (point).
    value : float
        People x risk newly within the radius + ``people_per_gap_m`` x metres closed.
    bound : float
        No n of the candidates have a higher value.
    n_candidates : int
        Places that were compared.
    """

    table: gpd.GeoDataFrame
    value: float
    bound: float
    n_candidates: int


def candidate_places(
    roads: HydrantRoads, spacing: Spacing, least: LeastPlan | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give places in the gaps: the junctions, evenly spaced places at most half the spacing apart, a plan's.

    Returns
    -------
    edge, at_mm
        Edge of ``roads.sides`` and millimetres along it; each place once, in the order of the edges.
    """
    parts, length = spacing.parts, roads.length_mm.astype(float)
    n = np.maximum(1, np.ceil(parts.length / spacing.reach_mm)).astype(np.int64)
    row = np.repeat(np.arange(len(parts)), n)
    step = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    inner = np.rint(parts.low[row] + (step + 0.5) * (parts.length / n)[row])
    at_u, at_v = parts.low <= 0, parts.high >= length[parts.edge]
    edges = [parts.edge[row], parts.edge[at_u], parts.edge[at_v]]
    places = [inner, np.zeros(int(at_u.sum())), length[parts.edge[at_v]]]
    if least is not None:
        edges.append(least.edge)
        places.append(least.at_mm)
    edge, at = np.concatenate(edges), np.concatenate(places)
    node = np.where(
        at <= 0, roads.sides.edge_u[edge], np.where(at >= length[edge], roads.sides.edge_v[edge], -1)
    )
    order = np.lexsort((at, edge, node))
    is_node = node[order] >= 0
    once = (np.diff(node[order], prepend=-2) != 0) | ~is_node
    twice = np.append(False, (edge[order][1:] == edge[order][:-1]) & (at[order][1:] == at[order][:-1]))
    kept = order[once & ~twice]
    kept = kept[np.lexsort((at[kept], edge[kept]))]
    return edge[kept], at[kept]


def best_sites(
    roads: HydrantRoads,
    spacing: Spacing,
    uncovered: gpd.GeoDataFrame,
    *,
    n: int,
    radius_m: float | None = None,
    people_per_gap_m: float = 0.01,
    candidates: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None,
) -> SitePlan:
    """Choose n places one after the other, each the best after those before it.

    The value of a set of hydrants, people x risk within the radius plus a share of the metres closed, has
    ever smaller returns (it is submodular), so choosing the best in turn reaches at least 1 - 1/e of the
    most that n candidates can reach (Nemhauser, Wolsey and Fisher 1978); the bound given is that of this very
    case: the n highest gains to begin with, or the value and the n highest gains that are left. Gains are
    only worked out again when they may be the highest (Minoux 1978). Ties go to the place that comes first
    along the edges.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    spacing : Spacing
        The gaps that the existing hydrants leave.
    uncovered : GeoDataFrame
        Demand points beyond the radius of every working hydrant, with ``people``, ``risk`` and ``zone``.
    n : int
        Number of hydrants; fewer are given when nothing more is to be gained.
    radius_m : float, optional
        Protection radius, metres (inclusive); that of GB 50974 when missing.
    people_per_gap_m : float
        How many people a metre of closed gap counts as: a small number puts people first.
    candidates : tuple of arrays, optional
        Edges and places to choose from, from :func:`candidate_places` (the default).

    Raises
    ------
    StudyError
        The number is below zero or a metre counts less than nobody.
    """
    if n < 0 or not people_per_gap_m >= 0:
        raise StudyError(f"n and people_per_gap_m must not be negative; found {n} and {people_per_gap_m}")
    edge, at = candidate_places(roads, spacing) if candidates is None else candidates
    points = _points(roads, edge, at)
    radius_m = number("hydrant-radius") if radius_m is None else radius_m
    people = _People.near(points, uncovered, radius_m)
    bounds = people.gains() + people_per_gap_m * most_closed(roads, spacing, edge, at)
    open_gaps = OpenGaps(roads, spacing)

    def gain(i: int) -> float:
        closed, _ = open_gaps.closes(int(edge[i]), float(at[i])) if people_per_gap_m else (0.0, [])
        return people.gain(i) + people_per_gap_m * closed

    order = np.argsort(-bounds, kind="stable")
    waiting: list[tuple[float, int, int]] = []
    at_first = _highest(bounds, n)
    chosen: list[int] = []
    rows: list[tuple[float, float, float]] = []
    after = 0
    while len(chosen) < n:
        while after < len(order) and (not waiting or -waiting[0][0] <= bounds[order[after]]):
            i = int(order[after])
            heappush(waiting, (-bounds[i], i, -1))
            after += 1
        if not waiting:
            break
        high, i, known = heappop(waiting)
        if known != len(chosen):
            bounds[i] = gain(i)
            heappush(waiting, (-bounds[i], i, len(chosen)))
            continue
        if -high <= 0:
            bounds[i] = 0.0
            break
        closed, parts = open_gaps.closes(int(edge[i]), float(at[i]))
        open_gaps.close(parts)
        rows.append((*people.take(i), closed))
        chosen.append(i)
        bounds[i] = 0.0
    value = sum(risk + people_per_gap_m * closed for _, risk, closed in rows)
    bound = min(at_first, value + _highest(bounds, n))
    picked = np.array(chosen, dtype=np.int64)
    table = _table(roads, spacing, edge[picked], at[picked], points[picked], rows, uncovered, radius_m)
    return SitePlan(table, float(value), float(bound), len(edge))


def _highest(gains: NDArray[np.float64], n: int) -> float:
    """Give the sum of the n highest gains."""
    return float(np.sort(gains)[max(0, len(gains) - n) :].sum()) if n else 0.0


class _People:
    """People within the radius of each candidate, less those whom a chosen one serves."""

    def __init__(self, start: NDArray[np.int64], who: NDArray[np.int64], demand: pd.DataFrame) -> None:
        self._start, self._who = start, who
        self._people = demand["people"].to_numpy(float).copy()
        self._risk = self._people * demand["risk"].to_numpy(float)

    @classmethod
    def near(cls, points: NDArray[np.object_], demand: gpd.GeoDataFrame, radius_m: float) -> _People:
        """Find who lives within the radius of each candidate."""
        from scipy.spatial import KDTree

        xy = shapely.get_coordinates(points)
        if not len(demand) or not len(points):
            return cls(np.zeros(len(points) + 1, dtype=np.int64), np.empty(0, dtype=np.int64), demand)
        home = shapely.get_coordinates(demand.geometry.array)
        near_each = KDTree(xy).query_ball_point(home, radius_m)
        who = np.repeat(np.arange(len(home)), [len(near) for near in near_each])
        place = np.fromiter((i for near in near_each for i in near), dtype=np.int64, count=len(who))
        order = np.lexsort((who, place))
        start = np.searchsorted(place[order], np.arange(len(points) + 1))
        return cls(start, who[order], demand)

    def gains(self) -> NDArray[np.float64]:
        """Give the people x risk of every candidate."""
        place = np.repeat(np.arange(len(self._start) - 1), np.diff(self._start))
        return np.bincount(place, self._risk[self._who], len(self._start) - 1).astype(np.float64)

    def gain(self, i: int) -> float:
        """Give the people x risk of one candidate."""
        return float(self._risk[self._who[self._start[i] : self._start[i + 1]]].sum())

    def take(self, i: int) -> tuple[float, float]:
        """Serve the people of a candidate; give their number, and with risk."""
        who = self._who[self._start[i] : self._start[i + 1]]
        served = float(self._people[who].sum()), float(self._risk[who].sum())
        self._people[who] = self._risk[who] = 0.0
        return served


def _points(roads: HydrantRoads, edge: NDArray[np.int64], at_mm: NDArray[np.float64]) -> NDArray[np.object_]:
    network = roads.sides
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    share = at_mm / roads.length_mm[edge]
    return np.asarray(shapely.line_interpolate_point(lines[edge], share, normalized=True))


def _table(
    roads: HydrantRoads,
    spacing: Spacing,
    edge: NDArray[np.int64],
    at_mm: NDArray[np.float64],
    points: NDArray[np.object_],
    rows: list[tuple[float, float, float]],
    demand: gpd.GeoDataFrame,
    radius_m: float,
) -> gpd.GeoDataFrame:
    from scipy.spatial import KDTree

    network = roads.sides
    gains = np.array(rows, dtype=float).reshape(-1, 3)
    part = in_stretches(spacing.parts, edge, at_mm)
    zone = np.full(len(edge), None, dtype=object)
    if len(demand) and len(edge):
        away, nearest = KDTree(shapely.get_coordinates(demand.geometry.array)).query(
            shapely.get_coordinates(points)
        )
        near = away <= radius_m
        zone[near] = demand["zone"].to_numpy(object)[nearest[near]]
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(edge) + 1),
            "name": np.array(network.names, dtype=object)[network.edge_name[edge]],
            "highway": np.array(network.classes, dtype=object)[network.edge_class[edge]],
            "zone": zone,
            "people": gains[:, 0],
            "people_risk": gains[:, 1],
            "closed_m": gains[:, 2],
            "gap": np.where(part >= 0, spacing.gap[part] if len(spacing.gap) else -1, -1),
            "edge": edge,
            "at_mm": at_mm,
        },
        geometry=points,
        crs=network.crs,
    )
