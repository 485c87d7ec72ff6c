"""Compiled searches for the set-covering problem: cheapest sites such that every point is seen by one.

Heuristic: a cover is broken by taking sites out and mended at points drawn by lot; points that stay uncovered
weigh more and more (C. Gao, X. Yao, T. Weise, J. Li, "An efficient local search heuristic with row weighting
for the unicost set covering problem", European Journal of Operational Research 246, 2015).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["greedy_cover", "implied", "mend"]


@njit(cache=True, nogil=True)
def implied(row: Any, site: Any, order: Any, begin: Any) -> Any:
    """Mark points that are covered whenever some other point is, which only a part of their sites see.

    A part of the sites has its first site among them, so points are looked up by their first site: those
    whose first is ``j`` are ``order[begin[j]:begin[j + 1]]``.
    """
    n_points, n_sites = len(row) - 1, len(begin) - 1
    is_implied = np.zeros(n_points, dtype=np.bool_)
    seen = np.zeros(n_sites, dtype=np.bool_)
    for i in range(n_points):
        seen[site[row[i] : row[i + 1]]] = True
        for e in range(row[i], row[i + 1]):
            for k in order[begin[site[e]] : begin[site[e] + 1]]:
                size = row[k + 1] - row[k] - (row[i + 1] - row[i])
                if k == i or size > 0 or (size == 0 and k > i) or is_implied[k]:
                    continue
                inside = True
                for g in range(row[k + 1] - 1, row[k], -1):
                    if not seen[site[g]]:
                        inside = False
                        break
                if inside:
                    is_implied[i] = True
                    break
            if is_implied[i]:
                break
        seen[site[row[i] : row[i + 1]]] = False
    return is_implied


@njit(cache=True, nogil=True)
def greedy_cover(start: Any, point: Any, cost: Any, dearest: Any, n_points: int) -> Any:
    """Take sites with most new points per cost until all are covered; drop those not needed, dear first."""
    n_sites = len(start) - 1
    count = np.zeros(n_points, dtype=np.int64)
    taken = np.zeros(n_sites, dtype=np.bool_)
    rate = np.full(n_sites, np.inf)
    left = n_points
    while left > 0:
        while True:
            pick = np.argmax(rate)
            new = 0
            for e in range(start[pick], start[pick + 1]):
                new += count[point[e]] == 0
            fresh = new / max(cost[pick], 1e-12)
            if fresh == rate[pick]:
                break
            rate[pick] = fresh
        taken[pick] = True
        rate[pick] = -1.0
        for e in range(start[pick], start[pick + 1]):
            left -= count[point[e]] == 0
            count[point[e]] += 1
    for j in dearest:
        if taken[j]:
            needed = False
            for e in range(start[j], start[j + 1]):
                needed = needed or count[point[e]] == 1
            if not needed:
                taken[j] = False
                for e in range(start[j], start[j + 1]):
                    count[point[e]] -= 1
    return taken


@njit(cache=True, nogil=True)
def _flip(
    j: int, start: Any, point: Any, row: Any, site: Any, taken: Any, count: Any, load: Any, score: Any
) -> int:
    """Take a site in or out; ``score``: load newly covered by a site outside, lost without a site inside."""
    change = -1 if taken[j] else 1
    opened = 0
    for e in range(start[j], start[j + 1]):
        i = point[e]
        old = count[i]
        count[i] = old + change
        if old + min(change, 0) == 0:  # between 0 and 1: news for all others that see the point
            opened -= change
            for f in range(row[i], row[i + 1]):
                if site[f] != j:
                    score[site[f]] -= change * load[i]
        elif old + min(change, 0) == 1:  # between 1 and 2: news for the only other one
            for f in range(row[i], row[i + 1]):
                if taken[site[f]] and site[f] != j:
                    score[site[f]] -= change * load[i]
                    break
    taken[j] = not taken[j]
    return opened


@njit(cache=True, nogil=True)
def _weakest(taken: Any, score: Any, cost: Any, since: Any, banned: int) -> int:
    worst = -1
    for j in range(len(taken)):
        if taken[j] and j != banned:
            if worst < 0:
                worst = j
                continue
            left, right = score[j] * cost[worst], score[worst] * cost[j]
            if left < right or (left == right and since[j] < since[worst]):
                worst = j
    return worst


@njit(cache=True, nogil=True)
def mend(
    start: Any, point: Any, row: Any, site: Any, cost: Any, cover: Any, steps: int, enough: float, seed: int
) -> Any:
    """Look for a cheaper cover in ``steps`` moves, or until one costs no more than ``enough``."""
    n_points, n_sites = len(row) - 1, len(start) - 1
    taken, best = np.zeros(n_sites, dtype=np.bool_), cover.copy()
    count, load = np.zeros(n_points, dtype=np.int64), np.ones(n_points)
    score, since = np.zeros(n_sites), np.zeros(n_sites, dtype=np.int64)
    may_join = np.ones(n_sites, dtype=np.bool_)
    for j in range(n_sites):
        score[j] = start[j + 1] - start[j]
    n_open = n_points
    for chosen in np.flatnonzero(cover):
        n_open += _flip(int(chosen), start, point, row, site, taken, count, load, score)
    paid = best_cost = cost[best].sum()
    banned: Any = -1
    state = np.uint64(2 * seed + 1)
    for step in range(1, steps + 1):
        while n_open == 0 or paid >= best_cost * (1.0 - 1e-12):
            if n_open == 0 and paid < best_cost * (1.0 - 1e-12):
                best[:] = taken
                best_cost = paid
            if best_cost <= enough or not taken.any():
                return best
            j = _weakest(taken, score, cost, since, -1)
            n_open += _flip(j, start, point, row, site, taken, count, load, score)
            paid -= cost[j]
            may_join[j] = False
            since[j] = step
        j = _weakest(taken, score, cost, since, banned)
        if j >= 0:
            n_open += _flip(j, start, point, row, site, taken, count, load, score)
            paid -= cost[j]
            may_join[j] = False
            since[j] = step
            for e in range(start[j], start[j + 1]):
                for f in range(row[point[e]], row[point[e] + 1]):
                    if site[f] != j:
                        may_join[site[f]] = True
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        lot = np.int64((state >> np.uint64(33)) % np.uint64(n_open))
        i = 0
        while True:
            if count[i] == 0:
                if lot == 0:
                    break
                lot -= 1
            i += 1
        pick = -1
        for f in range(row[i], row[i + 1]):
            j = site[f]
            if not may_join[j] and row[i + 1] - row[i] > 1:
                continue
            if (
                pick < 0
                or score[j] * cost[pick] > score[pick] * cost[j]
                or (score[j] * cost[pick] == score[pick] * cost[j] and since[j] < since[pick])
            ):
                pick = j
        if pick < 0:
            pick = site[row[i]]
        n_open += _flip(pick, start, point, row, site, taken, count, load, score)
        paid += cost[pick]
        banned = pick
        since[pick] = step
        for e in range(start[pick], start[pick + 1]):
            for f in range(row[point[e]], row[point[e] + 1]):
                if site[f] != pick:
                    may_join[site[f]] = True
        for k in range(n_points):
            if count[k] == 0:
                load[k] += 1.0
                for f in range(row[k], row[k + 1]):
                    score[site[f]] += 1.0
    return best
