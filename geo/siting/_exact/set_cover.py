"""The cheapest sites that see every point, proven: a good cover, a linear bound, HiGHS on the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.optimize import Clock, Model, prices, solve
from geo.siting._exact.objective import grain_of
from geo.siting._exact.reduction import by_point, dominated, same_sites
from geo.siting._exact.set_cover_cuts import cut_rows
from geo.siting._exact.set_cover_search import Search, begin_search, greedy_cover, implied, mend
from geo.siting._table import Floats, Ints

__all__ = ["Cover", "cheapest_cover"]

FIRST = 1_000_000_000
"""Entries that the first search for a cheaper cover may touch: a count, the same on every machine."""
SLICE = 50_000_000
"""Entries between two looks at the clock."""
STEPS = 200_000
"""Moves of one search at the most: of a small question they are soon enough."""
LARGE = 50_000
"""Entries above which HiGHS does not get through its root in minutes: cuts and mending are given its time."""
ROUNDS, MORE_ROUNDS = 8, 60
"""Rounds of cuts, and those of a large question, which have mending beside them."""
ROUND = 3_000
"""Entries that mending may touch in a round, for each entry that there is."""


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites of a cover (ascending positions), their cost, a bound on the least cost, and how it was found."""

    plan: Ints
    value: float
    bound: float
    method: str


def cheapest_cover(
    start: Ints,
    point: NDArray[np.integer[Any]],
    n_points: int,
    cost: Floats,
    *,
    clock: Clock,
    gap: float = 0.0,
    enough: float | None = None,
) -> Cover:
    """Cover every point that some site sees.

    Parameters
    ----------
    start, point : arrays
        Points that each site sees, ascending: those of site ``j`` are ``point[start[j]:start[j + 1]]``.
    n_points : int
        Number of points.
    cost : float64 array
        Cost of each site, >= 0.
    clock : Clock
        Stops the search with the best cover so far.
    gap : float
        Relative gap that is good enough.
    enough : float, optional
        Stop when it is known whether a cover of at most this cost exists.
    """
    kept, start, point, n_points = _smaller(start, point, n_points, cost)
    cost = cost[kept]
    if not n_points:
        return Cover(kept[:0], 0.0, 0.0, "nothing left to cover")
    row, site, _ = by_point(start, point, np.ones(len(point)), n_points)
    first = greedy_cover(start, point, cost, np.argsort(-cost, kind="stable"), n_points)
    links = (start, point, row, site)
    search = begin_search(start, point, row, site, cost, first)
    grain = grain_of(cost)
    step = max(grain * (1.0 - 1e-6), 1e-9 * max(1.0, cost.sum()))
    model = _model(row, site, cost)
    bound, left, y = _bound(model, clock)
    cover, value = first, float(cost[first].sum())
    low = max(0.0, min(_up(bound, grain), value))

    def is_open() -> bool:
        return value - low >= max(step, gap * value) and not _is_told(value, low, enough, step)

    def mended(work: int) -> tuple[NDArray[np.bool_], float]:
        goal = (low if enough is None else max(low, enough)) + 0.5 * step
        _mend(links, cost, search, work, goal, clock)
        return search.best.copy(), float(cost[search.best].sum())

    method = "greedy and mending, linear bound"
    if is_open():
        cover, value = mended(FIRST)
    is_large, longest, is_cut = len(point) > LARGE, 0.0, True
    stop_s = 0.0 if is_large else 0.7 * clock.left_s
    for _ in range(MORE_ROUNDS if is_large else ROUNDS):
        is_cut = is_cut and clock.left_s > stop_s + longest
        if not is_open() or clock.left_s == 0.0 or not (is_cut or is_large):
            break
        clock.tell(value, low)
        began = clock.spent_s
        # Both ends work side by side and wait for each other, so what comes out hangs on no machine's speed.
        with ThreadPoolExecutor(1) as other:
            later = other.submit(mended, ROUND * len(point)) if is_large else None
            if is_cut:
                model, bound, left, y, is_cut = _cut(model, n_points, bound, left, y, clock)
            cover, value = (cover, value) if later is None else later.result()
        longest = max(longest, clock.spent_s - began)
        low = max(low, min(_up(bound, grain), value))
        method = "greedy and mending, linear bound with cuts"
    clock.tell(value, low)
    if is_open() and clock.left_s > 0.0:
        gone, sure = (_is_over(bound, side, value - step) for side in (left, -left))
        found, proven = _solve(model, cover, ~gone, sure, clock, max(grain, gap * value), low)
        method += ", HiGHS"
        # Sites were decided for covers that are cheaper than this one, so the bound holds up to its cost.
        low = max(low, min(_up(proven, grain), value))
        if found is not None and cost[found].sum() < value - 0.5 * step:
            cover, value = found, float(cost[found].sum())
    return Cover(kept[np.flatnonzero(cover)], value, value if value - low < step else min(low, value), method)


def _mend(links: Any, cost: Floats, search: Search, work: int, goal: float, clock: Clock) -> None:
    """Go on searching for about so many entries, or until the goal is reached or time is up."""
    seen, sees = len(links[1]) / len(cost), len(links[1]) / (len(links[2]) - 1)
    per_step = (4.0 + 0.3 * sees) * seen + search.number[0]
    steps = min(int(work / per_step), STEPS if work == FIRST else 1 << 62)
    part = max(1, int(SLICE / per_step))
    while steps > 0 and clock.left_s > 0.0:
        if mend(links, cost, search, min(part, steps), goal):
            break
        steps -= part


def _is_told(value: float, bound: float, enough: float | None, step: float) -> bool:
    return enough is not None and (value <= enough + 0.5 * step or bound > enough + 0.5 * step)


def _is_over(bound: float, left: Floats, beat: float) -> NDArray[np.bool_]:
    """Mark sites whose joining (reduced cost ``left``) lifts the bound above ``beat``."""
    return np.asarray(bound + left > beat + 1e-9 * abs(beat), dtype=np.bool_)


def _up(bound: float, grain: float) -> float:
    return float(np.ceil(bound / grain - 1e-6) * grain) if grain else bound


def _smaller(
    start: Ints, point: NDArray[np.integer[Any]], n_points: int, cost: Floats
) -> tuple[Ints, Ints, NDArray[np.integer[Any]], int]:
    """Drop equal and implied points and dominated sites until little more goes."""
    kept = np.arange(len(cost))
    while True:
        size = (len(kept), n_points)
        label = same_sites(start, point, n_points)
        stay = np.zeros(n_points, dtype=bool)
        stay[np.unique(label, return_index=True)[1]] = True
        stay &= label >= 0
        start, point, n_points = _keep_points(start, point, stay)
        row, site, one = by_point(start, point, np.ones(len(point)), n_points)
        start, point, n_points = _keep_points(start, point, ~_implied(row, site, len(kept)))
        row, site, one = by_point(start, point, np.ones(len(point)), n_points)
        good = ~dominated(start, point, np.ones(len(point)), row, site, one, cost[kept])
        point = point[np.repeat(good, np.diff(start))]
        start = np.concatenate([[0], np.cumsum(np.diff(start)[good])])
        kept = kept[good]
        if len(kept) + n_points >= 0.95 * sum(size):
            return kept, start, point, n_points


def _implied(row: Ints, site: NDArray[np.integer[Any]], n_sites: int) -> NDArray[np.bool_]:
    first = site[row[:-1]]
    order = np.argsort(first, kind="stable")
    return np.asarray(implied(row, site, order, np.searchsorted(first[order], np.arange(n_sites + 1))))


def _keep_points(
    start: Ints, point: NDArray[np.integer[Any]], stay: NDArray[np.bool_]
) -> tuple[Ints, NDArray[np.integer[Any]], int]:
    number = np.cumsum(stay) - 1
    entry = stay[point]
    cut = np.concatenate([[0], np.cumsum(entry)])[start]
    return cut, number[point[entry]].astype(np.int32), int(stay.sum())


def _model(row: Ints, site: Ints, cost: Floats) -> Model:
    """Write ``min cost @ y, sum of y over the sites of a point >= 1, y 0 or 1``."""
    n_points, n_sites = len(row) - 1, len(cost)
    at = np.repeat(np.arange(n_points), np.diff(row))
    return Model(
        cost=cost,
        low=np.zeros(n_sites),
        high=np.ones(n_sites),
        is_whole=np.ones(n_sites, dtype=np.bool_),
        rows=sparse.csr_matrix((np.ones(len(at)), (at, site)), shape=(n_points, n_sites)),
        row_low=np.ones(n_points),
        row_high=np.full(n_points, np.inf),
    )


def _bound(model: Model, clock: Clock) -> tuple[float, Floats, Floats]:
    """Bound the least cost, and give each site's reduced cost and its share in the linear relaxation.

    Any prices lam >= 0 of the points are proof that

    cost >= sum_i lam[i] + sum_j min(0, left[j]),  left[j] = cost[j] - sum of lam over the points that j sees.
    """
    found = prices(model, time_limit_s=clock.left_s)
    if found is None:
        return 0.0, model.cost, np.zeros(len(model.cost))
    lam = np.maximum(found[1], 0.0)
    left = model.cost - model.rows.T @ lam
    return float(lam @ model.row_low + np.minimum(left, 0.0).sum()), left, found[0]


def _cut(
    model: Model, n_points: int, bound: float, left: Floats, y: Floats, clock: Clock
) -> tuple[Model, float, Floats, Floats, bool]:
    """Add rows that the relaxation breaks and drop those that are slack; tell whether the bound rose."""
    new, least = cut_rows(sparse.csr_matrix(model.rows), model.row_low, y)
    if not len(least):
        return model, bound, left, y, False
    rows = sparse.vstack([model.rows, new]).tocsr()
    low = np.append(model.row_low, least)
    more = replace(model, rows=rows, row_low=low, row_high=np.full(len(low), np.inf))
    lifted, more_left, y = _bound(more, clock)
    if lifted <= bound + 1e-3:
        return model, bound, left, y, False
    tight = np.asarray(rows @ y - low < 0.05) | (np.arange(len(low)) < n_points)
    model = replace(more, rows=rows[tight], row_low=low[tight], row_high=more.row_high[tight])
    return model, lifted, more_left, y, True


def _solve(
    model: Model,
    cover: NDArray[np.bool_],
    keep: NDArray[np.bool_],
    sure: NDArray[np.bool_],
    clock: Clock,
    grain: float,
    known: float,
) -> tuple[NDArray[np.bool_] | None, float]:
    """Solve what is left to decide; the cover at hand need not be a part of it."""
    fits = bool((cover <= keep).all() and (cover >= sure).all())
    floor = float(model.cost @ cover)

    def tell(value: float, bound: float) -> None:
        clock.tell(min(value, floor), max(known, min(bound, value, floor)))

    solved = solve(
        replace(model, low=sure.astype(np.float64), high=(keep | sure).astype(np.float64)),
        time_limit_s=clock.left_s,
        start=cover.astype(np.float64) if fits else None,
        grain=grain,
        tell=tell,
    )
    return (None if solved.x is None else solved.x > 0.5), solved.bound
