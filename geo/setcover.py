"""The cheapest sites that see every point, proven: a good cover, a linear bound, HiGHS on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.covercuts import cut_rows
from geo.highs import Clock, Model, prices, solve
from geo.merging import by_point, dominated, same_sites
from geo.rows import greedy_cover, implied, mend
from geo.savings import grain_of
from geo.sitingtable import Floats, Ints

__all__ = ["Cover", "cheapest_cover"]

WORK = 1_500_000_000
"""Entries that the search for a cheaper cover may touch: a count, the same on every machine."""
CHUNKS = 4
CUT_ROUNDS = 8
LARGE = 50_000
"""Entries above which HiGHS does not get through its root in minutes: mending is given ``MORE`` work."""
MORE = 12


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
    cover = greedy_cover(start, point, cost, np.argsort(-cost, kind="stable"), n_points)
    grain = grain_of(cost)
    step = max(grain * (1.0 - 1e-6), 1e-9 * max(1.0, cost.sum()))
    value = float(cost[cover].sum())
    model = _model(row, site, cost)
    bound, left, y = _bound(model, clock)
    low = min(_up(bound, grain), value)

    def is_open() -> bool:
        return value - low >= max(step, gap * value) and not _is_told(value, low, enough, step)

    def mended(seeds: range) -> tuple[NDArray[np.bool_], float]:
        per_step = 2 * len(point) / len(kept) * len(point) / n_points + 2 * len(kept) + n_points
        steps = int(np.clip(WORK / per_step, 1000, 200_000)) // CHUNKS
        goal = (low if enough is None else max(low, enough)) + 0.5 * step
        best, paid = cover, value
        for seed in seeds:
            if clock.left_s == 0.0 or paid <= goal:
                break
            best = mend(start, point, row, site, cost, best, steps, goal, seed)
            paid = float(cost[best].sum())
            clock.tell(paid, low)
        return best, paid

    method = "greedy and mending, linear bound"
    if is_open():
        cover, value = mended(range(CHUNKS))
    if is_open():
        model, bound, left = _cut(model, bound, left, y, value - step, clock)
        low = max(low, min(_up(bound, grain), value))
        clock.tell(value, low)
        method += " with cuts"
    if is_open() and len(point) > LARGE:
        cover, value = mended(range(CHUNKS, CHUNKS * MORE))
    if is_open() and clock.left_s > 0.0:
        gone, sure = (_is_over(bound, side, value - step) for side in (left, -left))
        found, proven = _solve(model, cover, ~gone, sure, clock, max(grain, gap * value), low)
        method += ", HiGHS"
        # Sites were decided for covers that are cheaper than this one, so the bound holds up to its cost.
        low = max(low, min(_up(proven, grain), value))
        if found is not None and cost[found].sum() < value - 0.5 * step:
            cover, value = found, float(cost[found].sum())
    return Cover(kept[np.flatnonzero(cover)], value, value if value - low < step else min(low, value), method)


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
    model: Model, bound: float, left: Floats, y: Floats, enough: float, clock: Clock
) -> tuple[Model, float, Floats]:
    """Add rows that the relaxation breaks for as long as they lift the bound; drop those that are slack."""
    plain = sparse.csr_matrix(model.rows)
    n, stop_s = len(model.row_low), 0.7 * clock.left_s
    for _ in range(CUT_ROUNDS):
        new = cut_rows(plain, y)
        if not new.shape[0] or bound > enough or clock.left_s <= stop_s:
            break
        more = replace(
            model,
            rows=sparse.vstack([model.rows, new]).tocsr(),
            row_low=np.append(model.row_low, np.full(new.shape[0], 2.0)),
            row_high=np.append(model.row_high, np.full(new.shape[0], np.inf)),
        )
        lifted, more_left, y = _bound(more, clock)
        if lifted <= bound + 1e-3:
            break
        tight = np.asarray(more.rows @ y - more.row_low < 0.05) | (np.arange(len(more.row_low)) < n)
        model = replace(
            more, rows=more.rows[tight], row_low=more.row_low[tight], row_high=more.row_high[tight]
        )
        bound, left = lifted, more_left
    return model, bound, left


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
