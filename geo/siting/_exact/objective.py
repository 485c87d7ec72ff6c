"""The common form of 'best n sites': what each site would save at each point.

The value of a plan is ``base + sum over points i of max over chosen sites j of benefit[i, j]``. Maximal
covering, the p-median and their mixes with existing facilities all have this form; what fixed and forced
sites give is in ``base``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.siting._exact.interchange import plan_value
from geo.siting._exact.reduction import by_point, dominated, same_sites
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable

__all__ = ["Benefits", "covering_benefits", "grain_of", "median_benefits", "reduced"]


@dataclass(frozen=True, eq=False)
class Benefits:
    """Entries by site and the same by point, largest benefit first.

    Parameters
    ----------
    site : int64 array
        Position in the siting table of each site that may be chosen.
    start, point, benefit : arrays
        Entries by site: those of site ``j`` are ``start[j]:start[j + 1]``, points ascending.
    row, row_site, row_benefit : arrays
        The same entries by point.
    must : bool array
        Points that some chosen site has to serve, even where that saves nothing.
    push, row_push : float64 arrays
        ``benefit`` and ``row_benefit``, raised at the ``must`` points so far that serving one outweighs all
        else.
    base : float
        Value of the empty plan.
    grain : float
        Every plan's value is ``base`` plus a multiple of it; 0 when there is no such step.
    """

    site: Ints
    start: Ints
    point: NDArray[np.int32]
    benefit: Floats
    row: Ints
    row_site: NDArray[np.int32]
    row_benefit: Floats
    must: NDArray[np.bool_]
    push: Floats
    row_push: Floats
    base: float
    grain: float

    @property
    def n_points(self) -> int:
        """Give the number of points."""
        return len(self.row) - 1

    def value(self, plan: Ints) -> float:
        """Give the value of a plan: positions in ``site``."""
        return self.base + float(plan_value(self.start, self.point, self.benefit, plan, self.n_points))

    @property
    def is_flat(self) -> bool:
        """Tell whether every site saves the same at a point, as in covering."""
        full = np.diff(self.row) > 0
        first, last = self.row[:-1][full], self.row[1:][full] - 1
        return bool((self.row_benefit[first] == self.row_benefit[last]).all())

    @property
    def by_site(self) -> tuple[Ints, NDArray[np.int32], Floats]:
        """Give the entries by site for the heuristic."""
        return self.start, self.point, self.push

    @property
    def by_row(self) -> tuple[Ints, NDArray[np.int32], Floats]:
        """Give the entries by point for the heuristic."""
        return self.row, self.row_site, self.row_push


def grain_of(values: Floats) -> float:
    """Give the largest step that divides all values, or 0 when they are not whole numbers.

    Examples
    --------
    >>> grain_of(np.array([6.0, 9.0])), grain_of(np.array([0.5])), grain_of(np.array([]))
    (3.0, 0.0, 0.0)
    """
    if not len(values) or values.max() > 2**52 or (values != np.rint(values)).any():
        return 0.0
    return float(np.gcd.reduce(np.unique(values.astype(np.int64))))


def covering_benefits(table: SitingTable, *, is_by_cost: bool = False, keep_all: bool = False) -> Benefits:
    """Give every site the weight it brings in time; the table holds only pairs within the limit.

    Points seen by the same sites become one; dominated sites go, but where it ``is_by_cost`` not for a dearer
    one, and not when ``keep_all`` wants every site that brings anybody.
    """
    free = table.with_status(FREE)[table.site]
    had = np.zeros(len(table.demand_id), dtype=bool)
    had[table.point[table.with_status(FIXED, FORCED_IN)[table.site]]] = True
    keep = free & ~had[table.point] & (table.weight[table.point] > 0.0)
    start, point = _cut(table, keep)
    label = same_sites(start, point, len(had))
    seen = label >= 0
    weight = np.bincount(label[seen], weights=table.weight[seen])
    first = np.zeros(len(had), dtype=bool)
    first[np.flatnonzero(seen)[np.unique(label[seen], return_index=True)[1]]] = True
    lead = first[point]
    start = np.concatenate([[0], np.cumsum(lead)])[start]
    point = label[point[lead]].astype(np.int32)
    base = float(table.weight[had].sum())
    cost = table.cost if is_by_cost else None
    must = np.zeros(len(weight), dtype=np.bool_)
    return _make(
        np.arange(len(table.site_id)), start, point, weight[point], must, base, cost=cost, keep_all=keep_all
    )


def median_benefits(table: SitingTable, *, unreached_s: float | None, keep_all: bool = False) -> Benefits:
    """Give every site the weighted milliseconds it saves against the slowest way to serve each point.

    The base is minus the weighted sum of those slowest times, so a plan's value is minus its sum of times.
    """
    n_points = len(table.demand_id)
    usable = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    had = np.full(n_points, np.inf)
    old = table.with_status(FIXED, FORCED_IN)[table.site]
    np.minimum.at(had, table.point[old], table.ms[old])
    slowest = np.zeros(n_points)
    np.maximum.at(slowest, table.point[usable], table.ms[usable])
    n_seen = np.bincount(table.point[usable], minlength=n_points)
    partly = (n_seen < table.with_status(FREE, FIXED, FORCED_IN).sum()) & (had == np.inf)
    if unreached_s is not None:
        slowest[partly] = unreached_s * 1000.0
    must = partly & (unreached_s is None) & (table.weight > 0.0)
    worst = np.minimum(had, slowest)
    gained = table.weight[table.point] * (worst[table.point] - table.ms)
    keep = table.with_status(FREE)[table.site] & ((gained > 0.0) | must[table.point])
    start, point = _cut(table, keep)
    base = -float((table.weight * worst).sum())
    return _make(np.arange(len(table.site_id)), start, point, gained[keep], must, base, keep_all=keep_all)


def reduced(benefits: Benefits, *, chosen: NDArray[np.bool_], keep: NDArray[np.bool_], n: int) -> Benefits:
    """Give what is left when some sites are chosen for good and ``n`` of those in ``keep`` may still join.

    Of K sites n are chosen, so every point is served at least as well as by its (K - n + 1)-th best.
    """
    had = np.full(benefits.n_points, -1.0)
    owner = np.repeat(np.arange(len(benefits.site)), np.diff(benefits.start))
    old = chosen[owner]
    np.maximum.at(had, benefits.point[old], benefits.benefit[old])
    live = keep[benefits.row_site]
    rank = np.cumsum(live) - 1
    before = np.concatenate([[0], np.cumsum(live)])[benefits.row[:-1]]
    at = np.repeat(np.arange(benefits.n_points), np.diff(benefits.row))
    last = live & (rank - before[at] == int(keep.sum()) - n)
    np.maximum.at(had, at[last], benefits.row_benefit[last])
    must = benefits.must & (had < 0.0)
    floor = np.maximum(had, 0.0)
    gained = benefits.benefit - floor[benefits.point]
    stay = keep[owner] & ((gained > 0.0) | must[benefits.point])
    start = np.concatenate([[0], np.cumsum(stay)])[benefits.start]
    base = benefits.base + float(floor.sum())
    return _make(benefits.site, start, benefits.point[stay], gained[stay], must, base, grain=benefits.grain)


def _cut(table: SitingTable, keep: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.int32]]:
    return np.concatenate([[0], np.cumsum(keep)])[table.start], table.point[keep]


def _make(
    site: Ints,
    start: Ints,
    point: Any,
    benefit: Floats,
    must: Any,
    base: float,
    *,
    grain: float | None = None,
    cost: Floats | None = None,
    keep_all: bool = False,
) -> Benefits:
    stay = np.diff(start) > 0
    if not keep_all:
        row, row_site, row_benefit = by_point(start, point, benefit, len(must))
        paid = np.ones(len(site)) if cost is None else cost
        stay = ~dominated(start, point, benefit, row, row_site, row_benefit, paid)
    kept = np.repeat(stay, np.diff(start))
    point, benefit = point[kept], benefit[kept]
    start = np.concatenate([[0], np.cumsum(np.diff(start)[stay])]).astype(np.int64)
    row, row_site, row_benefit = by_point(start, point, benefit, len(must))
    push, row_push = benefit, row_benefit
    if must.any():
        top = np.zeros(len(must))
        np.maximum.at(top, point, benefit)
        more = np.where(must, top.sum() + 1.0, 0.0)
        push, row_push = benefit + more[point], row_benefit + np.repeat(more, np.diff(row))
    step = grain_of(benefit) if grain is None else grain
    return Benefits(
        site[stay], start, point, benefit, row, row_site, row_benefit, must, push, row_push, base, step
    )
