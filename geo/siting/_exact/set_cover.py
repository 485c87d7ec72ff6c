"""The cheapest sites that see every point, proven: a good cover, a linear bound, HiGHS on the rest.

Lemma (decided sites). Let prices of the rows prove a bound, and ``left`` be what they leave of the costs
(``set_cover_bound``). A cover with site j costs at least that bound and ``left[j]`` more where it is above
0; one without it at least ``-left[j]`` more where it is below. Sites that so lift the bound above the cost to
beat are out of, or in, every cheaper cover. Where all costs are multiples of a grain the bound is rounded up
to the next.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.siting._exact.entries import BySite, Incidence
from geo.siting._exact.objective import grain_of
from geo.siting._exact.reduction import dominated, same_sites, turn
from geo.siting._exact.set_cover_bound import Relaxed, cover_model, cut, relax, tight_rows, with_points
from geo.siting._exact.set_cover_search import CoverSearch, begin_search, greedy_cover, implied, mend
from geo.siting._table import Floats, Ints
from geo.siting.search_steps import SearchStep

__all__ = ["Cover", "cheapest_cover"]

FIRST = 1_000_000_000
"""Entries that the first search for a cheaper cover may touch: a count, the same on every machine."""
SLICE = 50_000_000
"""Entries between two looks at the clock."""
STEPS = 200_000
"""Moves of one search at the most: of a small question they are soon enough."""
LARGE, HUGE = 50_000, 200_000
"""Entries above which HiGHS does not get through its root in minutes: cuts and mending are given its time.
Above the second number a linear program of all points takes too long for many rounds as well."""
ROUNDS, MORE_ROUNDS = 8, 300
"""Rounds of cuts, and those of a large question, which have mending beside them."""
ROUND = 3_000
"""Entries that mending may touch in a round, for each entry that there is."""


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites of a cover (ascending positions), their cost, a bound on the least cost, and how it was found."""

    plan: Ints
    value: float
    bound: float
    steps: tuple[SearchStep, ...]


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
        return Cover(kept[:0], 0.0, 0.0, (SearchStep.NOTHING_LEFT,))
    row, site, _ = turn(BySite(start, point, np.ones(len(point))), n_points)
    sees = Incidence(start, point, row, site)
    grain = grain_of(cost)
    aim = _Aim(clock, gap, grain, max(grain * (1.0 - 1e-6), 1e-9 * max(1.0, cost.sum())), enough)
    first = greedy_cover(sees, cost, np.argsort(-cost, kind="stable"))
    search = begin_search(sees, cost, first)
    relaxed = relax(cover_model(row, site, cost), clock)
    value = float(cost[first].sum())
    low = max(0.0, min(_up(relaxed.bound, grain), value))
    ends = _Ends(first, value, low, (SearchStep.MENDING, SearchStep.LINEAR))
    if aim.is_open(ends) and len(point) <= LARGE:
        ends = ends.with_cover(*_mended(sees, cost, search, FIRST, aim.goal(low), clock))
    ends, relaxed = _narrowed(sees, cost, search, ends, relaxed, aim)
    clock.tell(ends.value, ends.low)
    if aim.is_open(ends) and clock.left_s > 0.0:
        ends = _finished(cost, ends, relaxed, aim)
    value, low = ends.value, ends.low
    bound = value if value - low < aim.step else min(low, value)
    return Cover(kept[np.flatnonzero(ends.cover)], value, bound, ends.steps)


@dataclass(frozen=True, eq=False)
class _Ends:
    """A cover (bool by site) with its cost, a bound on the least cost, and how both were found."""

    cover: NDArray[np.bool_]
    value: float
    low: float
    steps: tuple[SearchStep, ...]

    def with_cover(self, cover: NDArray[np.bool_], value: float) -> _Ends:
        """Take another cover."""
        return replace(self, cover=cover, value=value)


@dataclass(frozen=True, eq=False)
class _Aim:
    """When to stop: a cheaper cover is cheaper by ``step`` at least, costs are multiples of ``grain``."""

    clock: Clock
    gap: float
    grain: float
    step: float
    enough: float | None

    def is_open(self, ends: _Ends) -> bool:
        """Tell whether the cover is neither proven nor good enough, nor known whether one is."""
        is_told = self.enough is not None and (
            ends.value <= self.enough + 0.5 * self.step or ends.low > self.enough + 0.5 * self.step
        )
        return ends.value - ends.low >= max(self.step, self.gap * ends.value) and not is_told

    def goal(self, low: float) -> float:
        """Give the cost at which the search for a cheaper cover may stop."""
        return (low if self.enough is None else max(low, self.enough)) + 0.5 * self.step


def _narrowed(
    sees: Incidence, cost: Floats, search: CoverSearch, ends: _Ends, relaxed: Relaxed, aim: _Aim
) -> tuple[_Ends, Relaxed]:
    """Raise the bound by rounds of cuts; of a large question mend the cover at the same time."""
    if len(sees.point) > LARGE:
        return _narrowed_large(sees, cost, search, ends, relaxed, aim)
    clock, n_points = aim.clock, len(sees.row) - 1
    longest, is_cut, stop_s = 0.0, True, 0.7 * clock.left_s
    for _ in range(ROUNDS):
        if not aim.is_open(ends) or clock.left_s <= stop_s + longest or not is_cut:
            break
        clock.tell(ends.value, ends.low)
        began = clock.spent_s
        relaxed, is_cut = cut(relaxed, n_points, clock)
        longest = max(longest, clock.spent_s - began)
        ends = _raised(ends, relaxed, aim)
    return ends, relaxed


def _narrowed_large(
    sees: Incidence, cost: Floats, search: CoverSearch, ends: _Ends, relaxed: Relaxed, aim: _Aim
) -> tuple[_Ends, Relaxed]:
    """Raise the bound by rounds of cuts, and mend the cover at the same time.

    A cover of all points covers some of them, and a bound on the cost of covering those holds for it: so of
    a huge question linear programs are solved, and cuts sought, on the tenth of the points that have a price.
    Mending that brought nothing for n rounds gets 1 / (n + 1) of its work: processors are left to the bound.
    """
    clock, n_points, longest, is_cut, n_idle = aim.clock, len(sees.row) - 1, 0.0, True, 0
    points = sparse.csr_matrix(relaxed.model.rows) if len(sees.point) > HUGE else None
    if points is not None:
        n_points, relaxed = 0, tight_rows(relaxed, 0)
    for k in range(MORE_ROUNDS):
        is_cut = is_cut and clock.left_s > longest
        if not aim.is_open(ends) or clock.left_s == 0.0:
            break
        clock.tell(ends.value, ends.low)
        began, value = clock.spent_s, ends.value
        work = FIRST if k == 0 else ROUND * len(sees.point) // (1 + n_idle * is_cut)
        # Both ends work side by side and wait for each other, so what comes out hangs on no machine's speed.
        with ThreadPoolExecutor(1) as other:
            later = other.submit(_mended, sees, cost, search, work, aim.goal(ends.low), clock)
            if is_cut:
                relaxed, is_cut = cut(relaxed, n_points, clock, points)
            ends = ends.with_cover(*later.result())
        n_idle = n_idle + 1 if ends.value > value - 0.5 * aim.step else 0
        longest = max(longest, clock.spent_s - began)
        ends = _raised(ends, relaxed, aim)
    return ends, relaxed if points is None else with_points(relaxed, points)


def _raised(ends: _Ends, relaxed: Relaxed, aim: _Aim) -> _Ends:
    low = max(ends.low, min(_up(relaxed.bound, aim.grain), ends.value))
    return replace(ends, low=low, steps=(SearchStep.MENDING, SearchStep.LINEAR_CUTS))


def _mended(
    sees: Incidence, cost: Floats, search: CoverSearch, work: int, goal: float, clock: Clock
) -> tuple[NDArray[np.bool_], float]:
    """Go on searching for about so many entries, or until the goal is reached or time is up."""
    n_points, n_sites, n_entries = len(sees.row) - 1, len(cost), len(sees.point)
    per_step = (4.0 + 0.3 * (n_entries / n_points)) * (n_entries / n_sites) + search.number[0]
    steps = min(int(work / per_step), STEPS if work == FIRST else 1 << 62)
    part = max(1, int(SLICE / per_step))
    while steps > 0 and clock.left_s > 0.0:
        if mend(sees, cost, search, min(part, steps), goal):
            break
        steps -= part
    return search.best.copy(), float(cost[search.best].sum())


def _finished(cost: Floats, ends: _Ends, relaxed: Relaxed, aim: _Aim) -> _Ends:
    """Decide the sites that the bound decides, and leave the rest to HiGHS."""
    gone, sure = (
        _is_over(relaxed.bound, side, ends.value - aim.step) for side in (relaxed.left, -relaxed.left)
    )
    cover, proven = _solve(relaxed.model, ends, ~gone, sure, aim)
    # Sites were decided for covers that are cheaper than this one, so the bound holds up to its cost.
    low = max(ends.low, min(_up(proven, aim.grain), ends.value))
    ends = replace(ends, low=low, steps=(*ends.steps, SearchStep.HIGHS))
    if cover is not None and cost[cover].sum() < ends.value - 0.5 * aim.step:
        return ends.with_cover(cover, float(cost[cover].sum()))
    return ends


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
        row, site, _ = turn(BySite(start, point, np.ones(len(point))), n_points)
        start, point, n_points = _keep_points(start, point, ~_implied(row, site, len(kept)))
        by_site = BySite(start, point, np.ones(len(point)))
        good = ~dominated(by_site, turn(by_site, n_points), cost[kept])
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


def _solve(
    model: Model, ends: _Ends, keep: NDArray[np.bool_], sure: NDArray[np.bool_], aim: _Aim
) -> tuple[NDArray[np.bool_] | None, float]:
    """Solve what is left to decide; the cover at hand need not be a part of it."""
    cover, clock = ends.cover, aim.clock
    fits = bool((cover <= keep).all() and (cover >= sure).all())
    floor = float(model.cost @ cover)

    def tell(value: float, bound: float) -> None:
        clock.tell(min(value, floor), max(ends.low, min(bound, value, floor)))

    solved = solve(
        replace(model, low=sure.astype(np.float64), high=(keep | sure).astype(np.float64)),
        time_limit_s=clock.left_s,
        start=cover.astype(np.float64) if fits else None,
        grain=max(aim.grain, aim.gap * ends.value),
        tell=tell,
    )
    return (None if solved.x is None else solved.x > 0.5), solved.bound
