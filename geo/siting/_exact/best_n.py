"""The best n sites, proven: swaps for a plan, prices for a bound, HiGHS for what is left between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.siting._exact.branch_and_bound import Aim, Incumbent, root, split
from geo.siting._exact.interchange import greedy, interchange, iterated_interchange
from geo.siting._exact.lagrangian import bound_at, decide
from geo.siting._exact.objective import Benefits, reduced
from geo.siting._table import Floats, Ints
from geo.siting.search_steps import SearchStep

__all__ = ["best_n", "chain_model", "chain_start", "quick_n"]

ROUNDS = 20
NODES = 2000
"""Halves to try before HiGHS where benefits differ by site; in covering its cuts are soon the better way."""
WIDE = 0.002
"""Gap above which branching on prices goes on; below it the cuts of HiGHS close more in the same time."""


def quick_n(benefits: Benefits, n: int, *, start: Ints | None = None, rounds: int = 0) -> Ints:
    """Give a good plan without proof: greedy, then swaps, then ``rounds`` of shaking it.

    ``start`` may name sites to begin with (no more than ``n``).
    """
    begin = np.zeros(0, dtype=np.int64) if start is None else start
    by_site, by_point = benefits.raised_by_site, benefits.raised_by_point
    plan = greedy(by_site, begin, n, benefits.n_points)
    interchange(by_site, by_point, plan, 10_000)
    if rounds and 0 < n < len(benefits.site):
        plan = iterated_interchange(by_site, by_point, plan, rounds, 1)
    return np.sort(plan)


def best_n(
    benefits: Benefits,
    n: int,
    *,
    clock: Clock,
    gap: float = 0.0,
    start: Ints | None = None,
    price: Floats | None = None,
    target: float = np.inf,
) -> Incumbent:
    """Choose the best ``n`` sites.

    Parameters
    ----------
    benefits : Benefits
        What each site brings at each point.
    n : int
        Sites to choose; more than there are means all.
    clock : Clock
        Stops the search; the plan so far is returned with its bound.
    gap : float
        Relative gap that is good enough.
    start : int64 array, optional
        Sites to begin with.
    price : float64 array, optional
        Prices to begin with, as of an earlier ``Incumbent``.
    target : float
        Stop when it is known whether a plan of this value exists.
    """
    n = min(n, len(benefits.site))
    plan = quick_n(benefits, n, start=start, rounds=ROUNDS)
    aim = Aim(benefits, n, clock, gap, target)
    value = aim.benefits.value(plan)
    if n == len(benefits.site) or n == 0:
        steps = (SearchStep.ALL_SITES if n else SearchStep.NO_SITES,)
        return Incumbent(plan, value, value, steps, np.zeros(benefits.n_points), np.zeros(n))
    best = root(aim, plan, price=price)
    if not aim.is_done(best.value, best.bound):
        best = split(aim, best, nodes=0 if benefits.is_flat else NODES, wide=WIDE)
    if clock.left_s > 0.0 and not aim.is_done(best.value, best.bound):
        best = _remainder(aim, best)
    step = benefits.grain * (1.0 - 1e-6)
    return replace(best, bound=best.value) if best.bound - best.value < step else best


def _remainder(aim: Aim, best: Incumbent) -> Incumbent:
    """Hand HiGHS the sites that the prices left open: what it cannot beat there cannot be beaten at all."""
    b, beat = aim.benefits, best.value + aim.step(best.value)
    low = bound_at(b.by_point, best.price, aim.n, len(b.site))
    decision = decide(best.score, low, aim.n, beat - b.base, np.zeros(len(b.site), dtype=np.int8))
    sure = np.flatnonzero(decision == 1)
    small = reduced(b, chosen=decision == 1, keep=decision == 0, n=aim.n - len(sure))
    spot = np.searchsorted(b.site, small.site)
    n = min(aim.n - len(sure), len(spot))
    model = chain_model(small, n)
    mine = np.flatnonzero(np.isin(spot, best.plan))[:n]
    start = chain_start(small, quick_n(small, n, start=mine))
    grain = max(small.grain, aim.gap * abs(best.value))

    def tell(value: float, bound: float) -> None:
        top = max(best.value, small.base - value)
        aim.clock.tell(top, max(top, min(best.bound, small.base - bound)))

    clock = aim.clock
    solved = solve(model, time_limit_s=clock.left_s, start=start, grain=grain, tell=tell, stop=clock.stop)
    after = best
    if solved.x is not None:
        spare = np.setdiff1d(np.flatnonzero(decision == 0), spot)
        picked = np.concatenate([sure, spot[solved.x[: len(spot)] > 0.5], spare])[: aim.n]
        after = aim.better(best, picked) if len(picked) == aim.n else best
    bound = max(min(after.bound, small.base - solved.bound), after.value)
    return replace(after, bound=bound, steps=(*after.steps, SearchStep.HIGHS))


def chain_model(benefits: Benefits, n: int) -> Model:
    """Write 'best n sites' for HiGHS, to be minimised: minus the benefits, without the base.

    With the distinct benefits of point i in falling order, L_1 > ... > L_k > L_(k+1) = 0:

        max sum_i sum_k (L_k - L_(k+1)) z_ik
        z_ik <= z_i(k-1) + sum of y_j over the sites with benefit L_k at i,  z <= 1,  sum y = n,  y whole

    (S. Elloumi, "A tighter formulation of the p-median problem", Journal of Combinatorial Optimization 19,
    2010). The variables are y, then z by point and level.
    """
    point, level, is_first, z = _levels(benefits)
    n_sites, n_z = len(benefits.site), len(level)
    _, site, benefit = benefits.by_point
    drop = benefit[level].copy()
    follows = ~is_first
    drop[:-1] -= np.where(follows[1:], benefit[level[1:]], 0.0)
    step = np.flatnonzero(follows)
    rows = np.concatenate([np.arange(n_z), step, z, np.full(n_sites, n_z)])
    columns = np.concatenate(
        [
            n_sites + np.arange(n_z),
            n_sites + step - 1,
            site.astype(np.int64),
            np.arange(n_sites),
        ]
    )
    parts = np.concatenate([np.ones(n_z), -np.ones(len(step) + len(z)), np.ones(n_sites)])
    low = np.zeros(n_sites + n_z)
    is_last = np.append(is_first[1:], True)[:n_z]
    low[n_sites:] = is_last & benefits.must[point]
    return Model(
        cost=np.concatenate([np.zeros(n_sites), -drop]),
        low=low,
        high=np.ones(n_sites + n_z),
        is_whole=np.arange(n_sites + n_z) < n_sites,
        rows=sparse.csc_matrix((parts, (rows, columns)), shape=(n_z + 1, n_sites + n_z)),
        row_low=np.append(np.full(n_z, -np.inf), n),
        row_high=np.append(np.zeros(n_z), n),
    )


def chain_start(benefits: Benefits, plan: Ints) -> Floats:
    """Give the variables of ``chain_model`` for a plan."""
    row, site, benefit = benefits.by_point
    point, level, _, _ = _levels(benefits)
    chosen = np.zeros(len(benefits.site), dtype=bool)
    chosen[plan] = True
    at = np.repeat(np.arange(benefits.n_points), np.diff(row))
    best = np.full(benefits.n_points, -1.0)
    taken = chosen[site]
    np.maximum.at(best, at[taken], benefit[taken])
    return np.concatenate([chosen, benefit[level] <= best[point]]).astype(np.float64)


def _levels(benefits: Benefits) -> tuple[Ints, Ints, NDArray[np.bool_], Ints]:
    """Give each level's point, first entry and whether it is its point's first; each entry's level."""
    row, _, benefit = benefits.by_point
    at = np.repeat(np.arange(benefits.n_points), np.diff(row))
    is_new = np.ones(len(at), dtype=bool)
    is_new[1:] = (at[1:] != at[:-1]) | (benefit[1:] != benefit[:-1])
    level = np.flatnonzero(is_new)
    is_first = np.isin(level, row[:-1])
    return at[level], level, is_first, np.cumsum(is_new) - 1
