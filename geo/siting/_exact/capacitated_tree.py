"""Branch and bound for the capacitated p-median with whole points, by Lagrangian bounds.

Lemma. Every plan lies in a half that is still open or in one that was closed: each half is split by "with
this site" and "without it", and sites are decided only where every cheaper plan has decided so. A half is
closed when no plan in it is cheaper than the incumbent by the least step, or when all its sites are decided;
then HiGHS fills them, with a bound of its own. So no plan is cheaper than the least of the incumbent and the
bounds of halves that are open or so filled (A. Ceselli, G. Righini, "A branch-and-price algorithm for the
capacitated p-median problem", Networks 45, 2005, branch in the same way).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.siting._exact.capacitated_bound import Capacitated, decide_sites, open_pairs, raise_bound
from geo.siting._exact.capacitated_search import LEAST_TOLL, MOST_TOLL, SEED, search_plans
from geo.siting._table import Floats, Ints

__all__ = ["WholePlan", "cheapest_plan"]

MOVES, CHUNKS = 50, 40
"""Moves of the prices at a time, and how many times at the root."""
MORE_CHUNKS = 2
"""The same in a half, whose prices start from those of the whole."""
WORK = 2_000_000_000
"""Pairs that the first search may look at: a count, the same on every machine, a few seconds."""
MOST_ROUNDS, SLICE, LEAST_SLICE = 4000, 200, 10
"""Rounds of the first search at the most, and between two looks at the clock: few of large questions."""
LENIENT = 0.01
"""How much dearer a plan may be that the search goes on from, falling to nothing."""
MOST_HALVES = 50_000
"""Halves kept at the most: prices of that many fill some hundred megabytes."""
LEAF_NODES = 5000
"""Nodes of HiGHS for a half whose sites are all decided."""
ROUNDING = 1e-9
"""Share of the cost that is taken off every bound, more than sums of this length can be wrong by."""


@dataclass(frozen=True, eq=False)
class WholePlan:
    """The site of each point (a column of ``Capacitated.cost``), open sites, cost, bound, if it was split."""

    at: Ints
    is_open: NDArray[np.bool_]
    value: float
    bound: float
    is_split: bool = False


@dataclass(frozen=True, eq=False)
class _Aim:
    """What is asked: a plan that is proven (cheaper ones are by ``grain``), or within ``gap``, or in time."""

    task: Capacitated
    wide: Capacitated
    near: NDArray[np.int64]
    clock: Clock
    grain: float
    gap: float

    def step(self, value: float) -> float:
        """Give the least amount by which a cheaper plan is cheaper."""
        return max(self.grain * (1.0 - 1e-6), ROUNDING * abs(value))

    def is_done(self, value: float, bound: float) -> bool:
        """Tell whether the plan is good enough."""
        return bool(value - bound < max(self.step(value), self.gap * abs(value)))

    def better(self, plan: WholePlan, other: WholePlan) -> WholePlan:
        """Keep the cheaper plan; one that overfills a site is no plan."""
        load = np.bincount(other.at, weights=self.task.size, minlength=len(self.task.room))
        fits = bool((load <= self.wide.room).all())
        if not fits or other.value >= plan.value - ROUNDING * abs(plan.value):
            return plan
        return replace(plan, at=other.at, is_open=other.is_open, value=other.value)


@dataclass(frozen=True, eq=False)
class _Priced:
    """Prices with the bound that they give, the sites then chosen, and what each site is worth."""

    bound: float
    price: Floats
    chosen: NDArray[np.bool_]
    value: Floats
    share: Floats


@dataclass(eq=False)
class _Halves:
    """The open halves, least bound first, and the least bound of those that were filled."""

    heap: list[tuple[float, int, NDArray[np.int8], Floats]]
    filled: float = np.inf
    n: int = field(default=0)

    def push(self, bound: float, decision: NDArray[np.int8], price: Floats) -> None:
        """Add an open half."""
        self.n += 1
        heapq.heappush(self.heap, (bound, self.n, decision, price))

    def low(self, value: float) -> float:
        """Give the least that any plan may cost."""
        return min(value, self.filled, self.heap[0][0] if self.heap else np.inf)


def cheapest_plan(
    task: Capacitated, begin: NDArray[np.bool_], *, clock: Clock, grain: float, gap: float
) -> WholePlan | None:
    """Choose sites and who is served by which.

    Parameters
    ----------
    task : Capacitated
        What is asked; every point can be served by some site.
    begin : bool array
        Sites open to begin with, as many as are asked.
    clock : Clock
        Stops with the best plan so far.
    grain : float
        Costs of plans are multiples of it; 0 where they are not.
    gap : float
        Relative gap that is good enough.

    Returns
    -------
    WholePlan or None
        None where no plan was found, which does not say that there is none.
    """
    # Plans may overfill a site by as much as sums are wrong by: so may those that are bounded.
    wide = task._replace(room=task.room * (1.0 + ROUNDING))
    aim = _Aim(task, wide, _near_sites(task), clock, grain, gap)
    plan = _searched(aim, begin)
    return None if plan is None else _split(aim, plan)


def _near_sites(task: Capacitated) -> NDArray[np.int64]:
    """Order the sites around each site by how alike the costs of some points are."""
    some = np.minimum(
        task.cost[np.unique(np.linspace(0, len(task.cost) - 1, 200).astype(np.int64))], task.far
    )
    apart = np.array([np.abs(some - some[:, [j]]).sum(axis=0) for j in range(some.shape[1])])
    return np.argsort(apart, axis=1, kind="stable")


def _search_state(task: Capacitated, cost: float) -> tuple[NDArray[np.uint64], Floats]:
    """Begin the lots, and price a unit of overload at what a unit of size costs in a plan of this cost."""
    toll = np.clip(cost / max(float(task.size.sum()), LEAST_TOLL), LEAST_TOLL, MOST_TOLL)
    return np.array([2 * SEED + 1], dtype=np.uint64), np.array([toll])


def _searched(aim: _Aim, begin: NDArray[np.bool_]) -> WholePlan | None:
    task = aim.task
    n_points, n_sites = task.cost.shape
    per_round = 2.0 * n_points * n_points + 4.0 * n_points * n_sites
    rounds = int(np.clip(WORK / per_round, 20, MOST_ROUNDS))
    state = _search_state(task, float(np.minimum(task.cost, task.far).mean()) * n_points)
    best = WholePlan(np.zeros(n_points, dtype=np.int64), begin, np.inf, -np.inf)
    done = 0
    while done < rounds and (done == 0 or aim.clock.left_s > 0.0):
        some = min(max(LEAST_SLICE, int(SLICE * 20_000 / per_round)), SLICE, rounds - done)
        lenient = LENIENT * (1.0 - done / rounds)
        value, at, is_open = search_plans(task, aim.near, best.is_open, some, state, lenient)
        if np.isfinite(value):
            best = aim.better(best, WholePlan(at, is_open, value, -np.inf))
        done += some
    return best if np.isfinite(best.value) else None


def _priced(
    aim: _Aim, plan: WholePlan, price: Floats, decision: NDArray[np.int8], chunks: int, factor: float
) -> _Priced:
    """Move prices until the bound stops rising."""
    best = _Priced(-np.inf, price, plan.is_open, price, price)
    for _ in range(chunks):
        bound, price, chosen, value, factor, share = raise_bound(
            aim.wide, price, decision, plan.value, MOVES, factor
        )
        bound -= ROUNDING * abs(plan.value)
        stuck = bound - best.bound < 1e-4 * (plan.value - bound)
        if bound > best.bound:
            best = _Priced(bound, price, chosen, value, share)
        if stuck or bound >= plan.value or aim.clock.left_s == 0.0:
            break
    return best


def _split(aim: _Aim, plan: WholePlan) -> WholePlan:
    """Choose a site, bound the plans with it and those without it, go on with the half of the least bound."""
    task = aim.task
    nearest = np.minimum(task.cost[np.arange(len(plan.at)), plan.at], task.far)
    halves, is_root = _Halves([]), True
    halves.push(-np.inf, np.zeros(len(task.room), dtype=np.int8), 1.5 * nearest + 1e-3 * nearest.mean())
    while halves.heap and (is_root or aim.clock.left_s > 0.0):
        bound, _, decision, price = halves.heap[0]
        low = halves.low(plan.value)
        if aim.is_done(plan.value, low) or halves.filled <= bound or len(halves.heap) > MOST_HALVES:
            break
        chunks, factor = (CHUNKS, 1.0) if is_root else (MORE_CHUNKS, 0.5)
        priced = _priced(aim, plan, price, decision, chunks, factor)
        heapq.heappop(halves.heap)
        if is_root:
            plan = _from_prices(aim, plan, priced)
        plan = _halve(aim, plan, halves, decision, replace(priced, bound=max(bound, priced.bound)))
        plan = replace(plan, bound=max(plan.bound, halves.low(plan.value)), is_split=not is_root)
        aim.clock.tell(plan.value, plan.bound)
        is_root = False
    return replace(plan, bound=min(plan.value, max(plan.bound, halves.low(plan.value))))


def _from_prices(aim: _Aim, plan: WholePlan, priced: _Priced) -> WholePlan:
    """Search a little from the sites that the prices choose."""
    state = _search_state(aim.task, plan.value)
    value, at, is_open = search_plans(aim.task, aim.near, priced.chosen, LEAST_SLICE, state, 0.0)
    return aim.better(plan, WholePlan(at, is_open, value, -np.inf)) if np.isfinite(value) else plan


def _halve(
    aim: _Aim, plan: WholePlan, halves: _Halves, decision: NDArray[np.int8], priced: _Priced
) -> WholePlan:
    """Close a half whose bound is high, fill one whose sites are decided, split any other."""
    task, beat = aim.task, plan.value - aim.step(plan.value)
    if priced.bound > beat:
        return plan
    decided = decide_sites(task, priced.value, priced.chosen, decision, priced.bound, beat)
    rest = np.flatnonzero((decided == 0) & ~task.is_open)
    if (decided == 1).sum() >= task.n or not len(rest):
        return _filled(aim, plan, halves, decided == 1, priced)
    pick = rest[np.argmin(np.abs(priced.share[rest] - 0.5))]
    for side in (1, -1):
        half = decided.copy()
        half[pick] = side
        halves.push(priced.bound, half, priced.price)
    return plan


def _filled(
    aim: _Aim, plan: WholePlan, halves: _Halves, is_new: NDArray[np.bool_], priced: _Priced
) -> WholePlan:
    """Serve every point from sites that are all decided, by HiGHS; keep its bound."""
    task, beat = aim.task, plan.value - aim.step(plan.value)
    sites = is_new | task.is_open
    if is_new.sum() < task.n:
        return plan
    pairs = open_pairs(aim.wide, priced.price, priced.value, priced.bound, beat) & sites
    if not pairs.any(axis=1).all():
        return plan
    point, site = np.nonzero(pairs)
    solved = solve(
        _filling(task, point, site),
        time_limit_s=aim.clock.left_s,
        grain=aim.step(plan.value),
        most_nodes=LEAF_NODES,
        stop=aim.clock.stop,
    )
    paid = float(task.site_cost[sites].sum())
    if not solved.is_infeasible:
        halves.filled = min(halves.filled, max(priced.bound, min(solved.bound, solved.value) + paid))
    if solved.x is None:
        return plan
    at = np.zeros(len(task.size), dtype=np.int64)
    at[point[solved.x > 0.5]] = site[solved.x > 0.5]
    value = float(task.cost[np.arange(len(at)), at].sum()) + paid
    return aim.better(plan, WholePlan(at, sites, value, -np.inf))


def _filling(task: Capacitated, point: Ints, site: Ints) -> Model:
    """Write ``min cost x``, each point served once, no site overfull, ``x`` 0 or 1 for each pair."""
    n, (n_points, n_sites) = len(point), task.cost.shape
    full = np.isfinite(task.room)
    once = sparse.csr_matrix((np.ones(n), (point, np.arange(n))), shape=(n_points, n))
    load = sparse.csr_matrix((task.size[point] * full[site], (site, np.arange(n))), shape=(n_sites, n))
    return Model(
        cost=task.cost[point, site],
        low=np.zeros(n),
        high=np.ones(n),
        is_whole=np.ones(n, dtype=np.bool_),
        rows=sparse.vstack([once, load]),
        row_low=np.concatenate([np.ones(n_points), np.full(n_sites, -np.inf)]),
        row_high=np.concatenate([np.ones(n_points), np.where(full, task.room, np.inf)]),
    )
