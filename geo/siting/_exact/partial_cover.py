"""The cheapest new sites that bring all people, or a share of them, in time.

Lemma (sites of one cost). More sites never bring fewer people, so n sites are enough or not for all smaller n
alike: when the bound on what n - 1 sites bring is below what is needed, n sites are the fewest. Where the
time ends before that, the prices at hand bound what any number of sites brings, and the fewest sites whose
bound is enough are a bound on the number.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.siting._exact.best_n import best_n, chain_model, chain_start
from geo.siting._exact.branch_and_bound import Incumbent
from geo.siting._exact.interchange import greedy
from geo.siting._exact.lagrangian import bound_at
from geo.siting._exact.objective import Benefits, covering_benefits, grain_of
from geo.siting._exact.set_cover import Cover, cheapest_cover
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable
from geo.siting.search_steps import SearchStep

__all__ = ["cover_all", "cover_share", "share_model", "share_need"]

EDGE = 1e-9


def cover_all(
    table: SitingTable, cost: Floats, *, clock: Clock, gap: float = 0.0, enough: float | None = None
) -> Cover:
    """Cover everybody whom the fixed and forced sites leave; ``Cover.plan`` holds positions of free sites."""
    had = np.zeros(len(table.demand_id), dtype=bool)
    site = table.site
    had[table.point[table.with_status(FIXED, FORCED_IN)[site]]] = True
    free = table.with_status(FREE)
    keep = free[site] & ~had[table.point] & (table.weight[table.point] > 0.0)
    start = np.concatenate([[0], np.cumsum(keep)])[table.start]
    point = table.point[keep]
    return cheapest_cover(start, point, len(had), cost, clock=clock, gap=gap, enough=enough)


def cover_share(table: SitingTable, share: float, *, clock: Clock, gap: float = 0.0) -> Cover:
    """Cover a share below 1 of all weight at least cost."""
    free = table.with_status(FREE)
    cost = table.cost[free]
    is_even = bool(len(cost)) and cost.min() == cost.max() > 0.0
    benefits = covering_benefits(table, is_by_cost=not is_even)
    need = share_need(table, share)
    if benefits.base >= need:
        return Cover(benefits.site[:0], 0.0, 0.0, (SearchStep.ENOUGH_TODAY,))
    if is_even:
        return _by_number(benefits, need, float(cost[0]), clock)
    return _by_cost(benefits, need, table.cost[benefits.site], clock, gap)


def _by_number(benefits: Benefits, need: float, cost: float, clock: Clock) -> Cover:
    """Take one site less than is known to be enough, for as long as that is enough too."""
    none = np.zeros(0, dtype=np.int64)
    order = greedy(benefits.raised_by_site, none, len(benefits.site), benefits.n_points)
    values = np.array([benefits.value(order[:k]) for k in range(1, len(order) + 1)])
    n = int(np.argmax(values >= need)) + 1
    plan, low = order[:n], 1
    steps: tuple[SearchStep, ...] = (SearchStep.GREEDY,)
    while n > low:
        clock.tell(cost * n, cost * low)
        best = best_n(benefits, n - 1, clock=clock.silent, target=need)
        steps = (SearchStep.FALLING_N, *best.steps)
        if best.value >= need:
            plan, n = best.plan, n - 1
            continue
        low = n if best.bound < need else _least(benefits, best, need)
        break
    return Cover(np.sort(benefits.site[plan]), cost * n, cost * min(low, n), steps)


def _least(benefits: Benefits, best: Incumbent, need: float) -> int:
    """Give the least number whose bound at the last prices is enough."""
    b, n = benefits, 1
    while b.base + bound_at(b.by_point, best.price, n, len(b.site)) < need:
        n += 1
    return n


def _by_cost(benefits: Benefits, need: float, cost: Floats, clock: Clock, gap: float) -> Cover:
    """Solve with HiGHS, from the sites with most new people per cost."""
    plan = _cheap_plan(benefits, need, cost)
    n_sites = len(cost)
    solved = solve(
        share_model(benefits, need, cost),
        time_limit_s=clock.left_s,
        start=chain_start(benefits, plan),
        grain=grain_of(cost),
        gap=gap,
        tell=clock.tell,
    )
    value = float(cost[plan].sum())
    if solved.x is not None:
        other = np.flatnonzero(solved.x[:n_sites] > 0.5)
        if cost[other].sum() < value and benefits.value(other) >= need:
            plan, value = other, float(cost[other].sum())
    bound = (
        value if value - solved.bound < grain_of(cost) * (1.0 - 1e-6) else min(max(solved.bound, 0.0), value)
    )
    return Cover(np.sort(benefits.site[plan]), value, bound, (SearchStep.GREEDY, SearchStep.HIGHS))


def share_model(benefits: Benefits, need: float, cost: Floats) -> Model:
    """Write 'cheapest sites that bring so many in time' for HiGHS: the sites, then the levels.

    The links between points and sites are those of ``chain_model``; the number of sites gives way to the
    people that are needed.
    """
    model = chain_model(benefits, 0)
    return replace(
        model,
        cost=np.concatenate([cost, np.zeros(len(model.cost) - len(cost))]),
        rows=sparse.vstack([sparse.csr_matrix(model.rows)[:-1], sparse.csr_matrix(model.cost)]),
        row_low=np.append(model.row_low[:-1], -np.inf),
        row_high=np.append(model.row_high[:-1], benefits.base - need),
    )


def share_need(table: SitingTable, share: float) -> float:
    """Give the weight that a share of all is, less the rounding of sums."""
    return float(share * table.weight.sum() * (1.0 - EDGE))


def _cheap_plan(benefits: Benefits, need: float, cost: Floats) -> Ints:
    """Add the site with most new people per cost until there are enough; then drop what is not needed."""
    start, point, benefit = benefits.by_site
    best = np.zeros(benefits.n_points)
    owner = benefits.owner
    plan: list[int] = []
    while benefits.base + best.sum() < need:
        gain = np.bincount(owner, weights=np.maximum(benefit - best[point], 0.0), minlength=len(cost))
        useful = np.minimum(gain, need - benefits.base - best.sum())
        plan.append(int(np.argmax(useful / np.maximum(cost, EDGE))))
        part = slice(start[plan[-1]], start[plan[-1] + 1])
        best[point[part]] = benefit[part]
    for j in sorted(plan, key=lambda j: -cost[j]):
        rest = np.array([k for k in plan if k != j], dtype=np.int64)
        if benefits.value(rest) >= need:
            plan.remove(j)
    return np.array(plan, dtype=np.int64)
