"""The best n sites, proven: swaps for a plan, prices for a bound, HiGHS for what is left between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.highs import Clock, Model, solve
from geo.lagrange import decided, descend, top_sites
from geo.savings import Savings, reduced
from geo.sitingtable import Floats, Ints
from geo.swaps import greedy, plan_value, search, swap

__all__ = ["Found", "best_n", "chain_model", "chain_start", "quick_n"]

CHUNK = 60
CHUNKS = 40
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Found:
    """A plan of positions in ``Savings.site``, ascending, with its value, the bound and the prices that gave it."""

    plan: Ints
    value: float
    bound: float
    method: str
    price: Floats
    score: Floats


def quick_n(savings: Savings, n: int, *, start: Ints | None = None, rounds: int = 0) -> Ints:
    """Give a good plan without proof: greedy, then swaps, then ``rounds`` of shaking it.

    ``start`` may name sites to begin with (no more than ``n``).
    """
    begin = np.zeros(0, dtype=np.int64) if start is None else start
    plan = greedy(*savings.by_site, begin, n, savings.n_points)
    swap(*savings.by_site, *savings.by_row, plan, 10_000)
    if rounds and 0 < n < len(savings.site):
        plan = search(*savings.by_site, *savings.by_row, plan, rounds, 1)
    return np.sort(plan)


def best_n(
    savings: Savings,
    n: int,
    *,
    clock: Clock,
    gap: float = 0.0,
    start: Ints | None = None,
    price: Floats | None = None,
    target: float = np.inf,
) -> Found:
    """Choose the best ``n`` sites.

    Parameters
    ----------
    savings : Savings
        What each site saves at each point.
    n : int
        Sites to choose; more than there are means all.
    clock : Clock
        Stops the search; the plan so far is returned with its bound.
    gap : float
        Relative gap that is good enough.
    start : int64 array, optional
        Sites to begin with.
    price : float64 array, optional
        Prices to begin with, as of an earlier ``Found``.
    target : float
        Stop when it is known whether a plan of this value exists.
    """
    n = min(n, len(savings.site))
    plan = quick_n(savings, n, start=start)
    value = _value(savings, plan)
    if n == len(savings.site) or n == 0:
        return Found(plan, value, value, "all sites" if n else "no sites", np.zeros(savings.n_points), np.zeros(n))
    state = _Search(savings, n, gap, target, clock)
    found = state.prices(plan, value, price)
    if not state.is_done(found):
        found = state.remainder(found)
    return found


def _value(savings: Savings, plan: Ints) -> float:
    return savings.base + float(plan_value(savings.start, savings.point, savings.saving, plan, savings.n_points))


@dataclass(frozen=True, eq=False)
class _Search:
    """One search: what is asked, and the steps towards it."""

    savings: Savings
    n: int
    gap: float
    target: float
    clock: Clock

    def is_done(self, found: Found) -> bool:
        slack = max(self.savings.grain * (1.0 - 1e-6), SAME * abs(found.value), self.gap * abs(found.value))
        is_told = found.value >= self.target or found.bound < self.target
        return found.bound - found.value < slack or (np.isfinite(self.target) and is_told)

    def prices(self, plan: Ints, value: float, price: Floats | None) -> Found:
        s = self.savings
        lam = _first_prices(s, plan) if price is None else price
        theta, bound = 1.0, np.inf
        found = Found(plan, value, bound, "swaps", lam, np.zeros(len(s.site)))
        for _ in range(CHUNKS):
            low, lam, score, theta = descend(
                *(s.row, s.row_site, s.row_saving, s.must, lam, value - s.base, self.n, len(s.site), CHUNK, theta)
            )
            low += s.base
            gained = bound - low
            if low < bound:
                bound = low
                found = Found(plan, value, max(bound, value), "swaps and Lagrangian bound", lam, score)
            trial = top_sites(score, self.n)
            swap(*s.by_site, *s.by_row, trial, 10_000)
            if _beats(s, trial, value):
                plan, value = np.sort(trial), _value(s, trial)
                theta = max(theta, 0.5)
                found = Found(plan, value, max(bound, value), found.method, found.price, found.score)
            stuck = gained < 0.002 * (bound - value) or theta < 1e-4
            if self.is_done(found) or self.clock.left_s == 0.0 or stuck:
                break
        return found

    def remainder(self, found: Found) -> Found:
        """Hand HiGHS the sites that the prices left open; what it cannot beat within them cannot be beaten at all."""
        s = self.savings
        beat = found.value + max(s.grain, SAME * abs(found.value))
        slack = 1e-9 * (abs(found.bound) + abs(s.base))
        say = decided(found.score, found.bound - s.base, self.n, beat - slack - s.base)
        sure = np.flatnonzero(say == 1)
        small = reduced(s, chosen=say == 1, keep=say == 0, n=self.n - len(sure))
        spot = np.searchsorted(s.site, small.site)
        n = min(self.n - len(sure), len(spot))
        model = chain_model(small, n)
        mine = np.flatnonzero(np.isin(spot, found.plan))[:n]
        start = chain_start(small, model, quick_n(small, n, start=mine))
        if self.clock.left_s == 0.0:
            return found
        grain = max(small.grain, self.gap * abs(found.value))
        solved = solve(model, time_limit_s=self.clock.left_s, start=start, grain=grain)
        bound = min(found.bound, small.base - solved.bound)
        plan, value = found.plan, found.value
        if solved.x is not None:
            spare = np.setdiff1d(np.flatnonzero(say == 0), spot)
            picked = np.concatenate([sure, spot[solved.x[: len(spot)] > 0.5], spare])[: self.n]
            if len(picked) == self.n and _beats(s, picked, value):
                plan, value = np.sort(picked), _value(s, picked)
        return replace(found, plan=plan, value=value, bound=max(bound, value), method=found.method + ", HiGHS")


def chain_model(savings: Savings, n: int) -> Model:
    """Write 'best n sites' for HiGHS, to be minimised: minus the savings, without the base.

    With the distinct savings of point i in falling order, L_1 > ... > L_k > L_(k+1) = 0:

        max sum_i sum_k (L_k - L_(k+1)) z_ik
        z_ik <= z_i(k-1) + sum of y_j over the sites with saving L_k at i,  z <= 1,  sum y = n,  y whole

    (S. Elloumi, "A tighter formulation of the p-median problem", Journal of Combinatorial Optimization 19, 2010). The
    variables are y, then z by point and level.
    """
    point, level, is_first, z = _levels(savings)
    n_sites, n_z = len(savings.site), len(level)
    drop = savings.row_saving[level].copy()
    follows = ~is_first
    drop[:-1] -= np.where(follows[1:], savings.row_saving[level[1:]], 0.0)
    step = np.flatnonzero(follows)
    rows = np.concatenate([np.arange(n_z), step, z, np.full(n_sites, n_z)])
    columns = np.concatenate(
        [n_sites + np.arange(n_z), n_sites + step - 1, savings.row_site.astype(np.int64), np.arange(n_sites)]
    )
    parts = np.concatenate([np.ones(n_z), -np.ones(len(step) + len(z)), np.ones(n_sites)])
    low = np.zeros(n_sites + n_z)
    is_last = np.append(is_first[1:], True)[:n_z]
    low[n_sites:] = is_last & savings.must[point]
    return Model(
        cost=np.concatenate([np.zeros(n_sites), -drop]),
        low=low,
        high=np.ones(n_sites + n_z),
        is_whole=np.arange(n_sites + n_z) < n_sites,
        rows=sparse.csc_matrix((parts, (rows, columns)), shape=(n_z + 1, n_sites + n_z)),
        row_low=np.append(np.full(n_z, -np.inf), n),
        row_high=np.append(np.zeros(n_z), n),
    )


def chain_start(savings: Savings, model: Model, plan: Ints) -> Floats:
    """Give the variables of ``chain_model`` for a plan."""
    point, level, _, _ = _levels(savings)
    best = np.full(savings.n_points, np.inf)
    chosen = np.zeros(len(savings.site), dtype=bool)
    chosen[plan] = True
    at = np.repeat(np.arange(savings.n_points), np.diff(savings.row))
    best = np.full(savings.n_points, -1.0)
    taken = chosen[savings.row_site]
    np.maximum.at(best, at[taken], savings.row_saving[taken])
    return np.concatenate([chosen, savings.row_saving[level] <= best[point]]).astype(np.float64)


def _levels(savings: Savings) -> tuple[Ints, Ints, NDArray[np.bool_], Ints]:
    """Give, for each level, its point, first entry and whether it is its point's first; and each entry's level."""
    at = np.repeat(np.arange(savings.n_points), np.diff(savings.row))
    is_new = np.ones(len(at), dtype=bool)
    is_new[1:] = (at[1:] != at[:-1]) | (savings.row_saving[1:] != savings.row_saving[:-1])
    level = np.flatnonzero(is_new)
    is_first = np.isin(level, savings.row[:-1])
    return at[level], level, is_first, np.cumsum(is_new) - 1


def _first_prices(savings: Savings, plan: Ints) -> Floats:
    """Price each point midway between its best and second best of the plan."""
    chosen = np.zeros(len(savings.site), dtype=bool)
    chosen[plan] = True
    taken = np.flatnonzero(chosen[savings.row_site])
    at = np.repeat(np.arange(savings.n_points), np.diff(savings.row))[taken]
    order = np.arange(len(at)) - np.searchsorted(at, at)
    lam = np.zeros(savings.n_points)
    for place in (0, 1):
        lam[at[order == place]] += 0.5 * savings.row_saving[taken[order == place]]
    return lam


def _beats(savings: Savings, plan: Ints, value: float) -> bool:
    if _value(savings, plan) <= value + SAME * abs(value):
        return False
    served = np.zeros(savings.n_points, dtype=bool)
    for j in plan:
        served[savings.point[savings.start[j] : savings.start[j + 1]]] = True
    return bool(served[savings.must].all())
