"""Who is served by which site when sites are limited: the model, a first answer, the proven one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import InfeasibleError
from geo.messages import Message
from geo.optimize import Clock, Model, Solved, solve
from geo.siting._exact.best_n import quick_n
from geo.siting._exact.objective import covering_benefits, grain_of, median_benefits
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable
from geo.siting.plan import Assigned
from geo.siting.search_steps import SearchStep

__all__ = [
    "Allocation",
    "AllocationModel",
    "allocation_model",
    "assigned_people",
    "begin_sites",
    "first_allocation",
    "read_allocation",
    "solve_allocation",
]


NEAR = 12
FILL_S = 5.0
"""Most seconds for the first answer."""


@dataclass(frozen=True, eq=False)
class AllocationModel:
    """A model whose variables are the use ``y`` of each site, then the share ``x`` of each entry.

    ``sites`` and ``entry`` are positions in the siting table, ``point`` numbers the points of the entries,
    ``grain`` is the step of the objective, ``must``: everybody is served.
    """

    model: Model
    sites: Ints
    entry: Ints
    point: Ints
    is_new: NDArray[np.bool_]
    grain: float
    must: bool


@dataclass(frozen=True, eq=False)
class Allocation:
    """New sites (positions), entries used with their shares, and the objective (minimised) with its bound."""

    new_sites: Ints
    entry: Ints
    share: Floats
    value: float
    bound: float
    steps: tuple[SearchStep, ...]

    def people_served(self, table: SitingTable) -> float:
        """Give the people served, those of split points in part."""
        return float((table.people[table.point[self.entry]] * self.share).sum())


def allocation_model(
    table: SitingTable, n: int | None, *, is_split: bool, gain: Floats, must: bool, cost_s: float = 0.0
) -> AllocationModel:
    """Write the model; ``gain`` is what a whole point brings at each entry, ``must``: serve every point."""
    usable = table.with_status(FREE, FIXED, FORCED_IN)
    sites = np.flatnonzero(usable)
    entry = np.flatnonzero(usable[table.site] & (table.weight[table.point] > 0.0))
    y_of = np.searchsorted(sites, table.site[entry])
    people = table.people[table.point[entry]]
    points, row_of = np.unique(table.point[entry], return_inverse=True)
    n_y, n_x = len(sites), len(entry)
    x = n_y + np.arange(n_x)
    full = np.isfinite(table.capacity[sites])
    room = np.where(full, table.capacity[sites], 0.0)
    is_new = ~table.with_status(FIXED)[sites]
    parts = [
        (row_of, x, np.ones(n_x), len(points)),  # each point once
        (
            np.append(y_of, np.arange(n_y)),
            np.append(x, np.arange(n_y)),
            np.append(people * full[y_of], -room),
            n_y,
        ),
        (np.append(np.arange(n_x), np.arange(n_x)), np.append(x, y_of), np.repeat([1.0, -1.0], n_x), n_x),
        (np.zeros(is_new.sum(), dtype=np.int64), np.flatnonzero(is_new), np.ones(is_new.sum()), 1),
    ]
    rows = sparse.vstack(
        [
            sparse.csr_matrix((value, (at, column)), shape=(size, n_y + n_x))
            for at, column, value, size in parts
        ]
    )
    open_ = table.with_status(FIXED, FORCED_IN)[sites].astype(np.float64)
    low = np.concatenate([np.full(len(points), 1.0 if must else -np.inf), np.full(n_y + n_x, -np.inf)])
    model = Model(
        cost=np.concatenate([cost_s * table.cost[sites] * is_new, -gain[entry]]),
        low=np.concatenate([open_, np.zeros(n_x)]),
        high=np.ones(n_y + n_x),
        is_whole=np.concatenate([np.ones(n_y, dtype=bool), np.full(n_x, not is_split)]),
        rows=rows,
        row_low=np.append(low, -np.inf if n is None else n),
        row_high=np.concatenate([np.ones(len(points)), np.zeros(n_y + n_x), [np.inf if n is None else n]]),
    )
    whole = 1000.0 * np.concatenate([model.cost[:n_y], gain[entry]])
    grain = 0.0 if is_split else grain_of(np.abs(np.rint(whole))) / 1000.0 if _is_whole(whole) else 0.0
    return AllocationModel(model, sites, entry, row_of, is_new, grain, must)


def _is_whole(values: Floats) -> bool:
    return bool((np.abs(values - np.rint(values)) < 1e-6).all())


def first_allocation(
    table: SitingTable, n: int | None, problem: AllocationModel, *, clock: Clock
) -> Floats | None:
    """Give the variables of a feasible answer: the best sites without limits, filled by HiGHS within them."""
    if n is None:
        return None
    open_ = begin_sites(table, n, problem)
    solved = _with_sites(problem, open_, time_limit_s=min(FILL_S, clock.left_s))
    return _nearest_first(table, problem, open_) if solved.x is None and not problem.must else solved.x


def begin_sites(table: SitingTable, n: int, problem: AllocationModel) -> NDArray[np.bool_]:
    """Mark the best sites, were they not limited, with those of today and those that are forced."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    benefits = median_benefits(table, unreached_s=None) if problem.must else covering_benefits(table)
    plan = benefits.site[quick_n(benefits, min(n - len(forced), len(benefits.site)), rounds=20)]
    spare = np.setdiff1d(np.flatnonzero(table.with_status(FREE)), plan)
    chosen = np.concatenate([forced, plan, spare[: n - len(forced) - len(plan)]])
    return np.isin(problem.sites, chosen) | ~problem.is_new


def _nearest_first(table: SitingTable, problem: AllocationModel, open_: NDArray[np.bool_]) -> Floats:
    """Send points whole to given sites, the nearest pairs first, while there is room."""
    room = np.where(open_, table.capacity[problem.sites], -1.0)
    x = np.zeros(len(problem.entry))
    served = np.zeros(len(table.demand_id), dtype=bool)
    site, point = np.searchsorted(problem.sites, table.site[problem.entry]), table.point[problem.entry]
    for e in np.argsort(table.ms[problem.entry], kind="stable"):
        if not served[point[e]] and table.people[point[e]] <= room[site[e]]:
            room[site[e]] -= table.people[point[e]]
            served[point[e]] = True
            x[e] = 1.0
    return np.concatenate([open_.astype(np.float64), x])


def _with_sites(problem: AllocationModel, open_: NDArray[np.bool_], *, time_limit_s: float) -> Solved:
    """Fill given sites."""
    size = len(problem.sites)
    low, high = problem.model.low.copy(), problem.model.high.copy()
    low[:size] = high[:size] = open_
    return solve(replace(problem.model, low=low, high=high), time_limit_s=time_limit_s, gap=0.001)


def _near(problem: AllocationModel, start: Floats | None) -> Model:
    """Keep only the best few entries of each point, and those of the first answer."""
    size = len(problem.sites)
    cost = problem.model.cost[size:]
    point = problem.point
    order = np.lexsort((cost, point))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(point[order], point[order])
    keep = rank < NEAR if start is None else (rank < NEAR) | (start[size:] > 0.0)
    return replace(problem.model, high=np.concatenate([problem.model.high[:size], keep.astype(np.float64)]))


def _by_split(problem: AllocationModel, start: Floats | None, clock: Clock) -> tuple[Floats | None, float]:
    """Choose sites as if points could be split, then fill them with whole points; the bound holds for all."""
    size = len(problem.sites)
    loose = replace(problem.model, is_whole=np.arange(len(problem.model.cost)) < size)
    split = solve(loose, time_limit_s=0.4 * clock.left_s, start=start, gap=0.002)
    if split.x is None:
        return start, split.bound
    filled = _with_sites(problem, split.x[:size] > 0.5, time_limit_s=0.4 * clock.left_s)
    is_better = filled.x is not None and (start is None or filled.value < float(problem.model.cost @ start))
    return (filled.x if is_better else start), split.bound


def solve_allocation(
    problem: AllocationModel, start: Floats | None, *, clock: Clock, gap: float
) -> Allocation:
    """Solve the model from a first answer.

    Raises
    ------
    InfeasibleError
        The sites cannot serve everybody, or no answer was found in time.
    """
    bound = -np.inf
    if problem.must:
        part = 0.4 * clock.left_s
        near = solve(_near(problem, start), time_limit_s=part, start=start, grain=problem.grain, gap=gap)
        start = start if near.x is None else near.x
    elif problem.model.is_whole.all():
        start, bound = _by_split(problem, start, clock)
    solved = solve(
        problem.model, time_limit_s=clock.left_s, start=start, grain=problem.grain, gap=gap, tell=clock.tell
    )
    if solved.is_infeasible:
        raise InfeasibleError(Message("siting.no_choice"))
    if solved.x is None:
        raise InfeasibleError(Message("siting.none_in_time", {"seconds": clock.limit_s}))
    bound = min(max(bound, solved.bound), solved.value)
    return read_allocation(problem, solved.x, solved.value, bound, steps=(SearchStep.SWAPS, SearchStep.HIGHS))


def read_allocation(
    problem: AllocationModel, x: Floats, value: float, bound: float, *, steps: tuple[SearchStep, ...]
) -> Allocation:
    """Read an allocation from the variables of the model; a bound closer than the grain proves the value."""
    size = len(problem.sites)
    open_ = (x[:size] > 0.5) & problem.is_new
    share = np.clip(x[size:], 0.0, 1.0)
    used = share > 1e-7
    bound = value if value - bound < problem.grain * (1.0 - 1e-6) else bound
    return Allocation(problem.sites[open_], problem.entry[used], share[used], value, bound, steps)


def assigned_people(table: SitingTable, allocation: Allocation, *, n_people: float) -> Assigned:
    """Give each point's main site and time, and the table of shares in the caller's order."""
    point, site, share = table.point[allocation.entry], table.site[allocation.entry], allocation.share
    back = table.caller_demand_id.get_indexer(table.demand_id)
    order = np.lexsort((site, -share, back[point]))
    point, site, share = point[order], site[order], share[order]
    main, ms = np.full(len(table.demand_id), -1, dtype=np.int64), np.full(len(table.demand_id), np.inf)
    first = np.unique(point, return_index=True)[1]
    main[point[first]], ms[point[first]] = site[first], table.ms[allocation.entry[order[first]]]
    shares = pd.DataFrame(
        {
            "demand_id": table.demand_id.take(point),
            "site_id": table.site_id.take(site),
            "share": share,
            "people": share * table.people[point],
        }
    )
    return Assigned(main, ms, n_people, shares)
