"""The common form of 'best n sites': what each site brings at each point.

The value of a plan is ``base + sum over points i of max over chosen sites j of benefit[i, j]``. Maximal
covering, the p-median and their mixes with existing facilities all have this form; what fixed and forced
sites give is in ``base``.

Lemma (median). Let ``worst[i]`` be the time of point i to its nearest fixed or forced site, or, where that is
less or there is none, to the slowest site that may be used (or what it is charged when nobody reaches it).
With ``benefit[i, j] = w_i max(0, worst[i] - t_ij)`` and ``base = -sum_i w_i worst[i]`` a plan that serves
everybody who must be served has the value ``-sum_i w_i min_j t_ij``: the least time is ``worst[i]`` less the
largest of what the sites save, and never more than ``worst[i]``.

Lemma (grain). Where all benefits are whole numbers with the greatest common divisor g, all values are
``base`` plus a multiple of g. A bound less than g above a plan proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.siting._exact.entries import ByPoint, BySite
from geo.siting._exact.interchange import plan_value
from geo.siting._exact.reduction import dominated, same_sites, turn
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable

__all__ = ["Benefits", "covering_benefits", "grain_of", "median_benefits", "reduced"]


@dataclass(frozen=True, eq=False)
class Benefits:
    """What sites bring, by site and by point.

    Parameters
    ----------
    site : int64 array
        Position in the siting table of each site that may be chosen.
    by_site, by_point : BySite, ByPoint
        The entries.
    must : bool array
        Points that some chosen site has to serve, even where that brings nothing.
    raised_by_site, raised_by_point : BySite, ByPoint
        The same for heuristics: raised at the ``must`` points so far that serving one outweighs all else.
    base : float
        Value of the empty plan.
    grain : float
        Every plan's value is ``base`` plus a multiple of it; 0 when there is no such step.
    """

    site: Ints
    by_site: BySite
    by_point: ByPoint
    must: NDArray[np.bool_]
    raised_by_site: BySite
    raised_by_point: ByPoint
    base: float
    grain: float

    @property
    def n_points(self) -> int:
        """Give the number of points."""
        return len(self.must)

    @property
    def owner(self) -> Ints:
        """Give the site of each entry by site."""
        return np.repeat(np.arange(len(self.site)), np.diff(self.by_site.start))

    def value(self, plan: Ints) -> float:
        """Give the value of a plan: positions in ``site``."""
        return self.base + float(plan_value(self.by_site, plan, self.n_points))

    @property
    def is_flat(self) -> bool:
        """Tell whether every site brings the same at a point, as in covering."""
        row, _, benefit = self.by_point
        full = np.diff(row) > 0
        first, last = row[:-1][full], row[1:][full] - 1
        return bool((benefit[first] == benefit[last]).all())


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
    entries, sites = BySite(start, point, weight[point]), np.arange(len(table.site_id))
    return _benefits(sites, entries, must, base, cost=cost, keep_all=keep_all)


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
    entries, sites = BySite(start, point, gained[keep]), np.arange(len(table.site_id))
    return _benefits(sites, entries, must, base, keep_all=keep_all)


def reduced(benefits: Benefits, *, chosen: NDArray[np.bool_], keep: NDArray[np.bool_], n: int) -> Benefits:
    """Give what is left when some sites are chosen for good and ``n`` of those in ``keep`` may still join.

    Of K sites n are chosen, so every point is served at least as well as by its (K - n + 1)-th best.
    """
    start, point, benefit = benefits.by_site
    row, row_site, row_benefit = benefits.by_point
    had = np.full(benefits.n_points, -1.0)
    owner = benefits.owner
    old = chosen[owner]
    np.maximum.at(had, point[old], benefit[old])
    live = keep[row_site]
    rank = np.cumsum(live) - 1
    before = np.concatenate([[0], np.cumsum(live)])[row[:-1]]
    at = np.repeat(np.arange(benefits.n_points), np.diff(row))
    last = live & (rank - before[at] == int(keep.sum()) - n)
    np.maximum.at(had, at[last], row_benefit[last])
    must = benefits.must & (had < 0.0)
    floor = np.maximum(had, 0.0)
    gained = benefit - floor[point]
    stay = keep[owner] & ((gained > 0.0) | must[point])
    entries = BySite(np.concatenate([[0], np.cumsum(stay)])[start], point[stay], gained[stay])
    return _benefits(benefits.site, entries, must, benefits.base + float(floor.sum()), grain=benefits.grain)


def _cut(table: SitingTable, keep: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.int32]]:
    return np.concatenate([[0], np.cumsum(keep)])[table.start], table.point[keep]


def _benefits(
    site: Ints,
    entries: BySite,
    must: Any,
    base: float,
    *,
    grain: float | None = None,
    cost: Floats | None = None,
    keep_all: bool = False,
) -> Benefits:
    """Leave out sites that bring nothing and, unless ``keep_all``, those that are dominated."""
    start, point, benefit = entries
    stay = np.diff(start) > 0
    if not keep_all:
        paid = np.ones(len(site)) if cost is None else cost
        stay = ~dominated(entries, turn(entries, len(must)), paid)
    kept = np.repeat(stay, np.diff(start))
    start = np.concatenate([[0], np.cumsum(np.diff(start)[stay])]).astype(np.int64)
    by_site = BySite(start, point[kept], benefit[kept])
    by_point = turn(by_site, len(must))
    raised_by_site, raised_by_point = by_site, by_point
    if must.any():
        top = np.zeros(len(must))
        np.maximum.at(top, by_site.point, by_site.benefit)
        more = np.where(must, top.sum() + 1.0, 0.0)
        raised_by_site = by_site._replace(benefit=by_site.benefit + more[by_site.point])
        more_by_point = np.repeat(more, np.diff(by_point.start))
        raised_by_point = by_point._replace(benefit=by_point.benefit + more_by_point)
    step = grain_of(by_site.benefit) if grain is None else grain
    return Benefits(site[stay], by_site, by_point, must, raised_by_site, raised_by_point, base, step)
