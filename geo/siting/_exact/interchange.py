"""Good plans fast: greedy choice and swaps of one site for another, compiled.

A plan of n sites has the value ``sum over points i of max over chosen sites j of benefit[i, j]``: with the
weight of a point as its benefit wherever a site is in time this is covering, with weight times the time saved
it is the p-median. The best swap is found in one pass over the points (M. G. C. Resende, R. F. Werneck, "A
fast swap-based local search procedure for location problems", Annals of Operations Research 150, 2007).

Lemma. Let point i have its best benefit f and its second best s in the plan, the best from site k. Swap site
j (benefit b at i) for site k of the plan: where k is not the best at i the point gains ``max(0, b - f)``;
where it is, it changes by ``max(b, s) - f = max(0, b - f) - (f - s) + (min(b, f) - s if b > s else 0)``. So a
swap is worth ``gain[j] - loss[k] + back[j, k]``, three sums over points that need no trial of each pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["greedy", "interchange", "iterated_interchange", "plan_value"]

TINY = 1e-11


@kernel
def plan_value(by_site: Any, plan: Any, n_points: int) -> float:
    """Give the value of a plan of site positions."""
    start, point, benefit = by_site
    best = np.zeros(n_points)
    for j in plan:
        for e in range(start[j], start[j + 1]):
            if benefit[e] > best[point[e]]:
                best[point[e]] = benefit[e]
    return float(best.sum())


@kernel
def greedy(by_site: Any, begin: Any, n: int, n_points: int) -> Any:
    """Add to the sites ``begin`` the one that adds most, the lowest on a tie, until there are ``n``.

    A site's gain only falls while others are added, so a site is looked at again only when its old gain
    leads.
    """
    start, point, benefit = by_site
    n_sites = len(start) - 1
    best = np.zeros(n_points)
    plan = np.empty(n, dtype=np.int64)
    gain = np.full(n_sites, np.inf)
    fresh = np.full(n_sites, -1)
    for k in range(n):
        if k < len(begin):
            pick = begin[k]
        else:
            pick = np.argmax(gain)
            while fresh[pick] != k:
                total = 0.0
                for e in range(start[pick], start[pick + 1]):
                    total += max(0.0, benefit[e] - best[point[e]])
                gain[pick], fresh[pick] = total, k
                pick = np.argmax(gain)
        plan[k] = pick
        gain[pick] = -np.inf
        for e in range(start[pick], start[pick + 1]):
            best[point[e]] = max(best[point[e]], benefit[e])
    return plan


@part
def _two_best(by_site: Any, plan: Any, first: Any, second: Any, who: Any) -> None:
    start, point, benefit = by_site
    first[:] = 0.0
    second[:] = 0.0
    who[:] = -1
    for k in range(len(plan)):
        for e in range(start[plan[k]], start[plan[k] + 1]):
            i, b = point[e], benefit[e]
            if b > first[i]:
                second[i] = first[i]
                first[i], who[i] = b, k
            elif b > second[i]:
                second[i] = b


@part
def _best_swap(by_point: Any, first: Any, second: Any, who: Any, taken: Any, n: int) -> Any:
    """Find the swap that adds most: (gain, site in, place in the plan that goes out)."""
    row, site, benefit = by_point
    n_sites = len(taken)
    gain = np.zeros(n_sites)
    back = np.zeros((n_sites, n))  # of what the leaving site loses, the part that the coming site gives back
    loss = np.zeros(n)
    for i in range(len(row) - 1):
        if who[i] >= 0:
            loss[who[i]] += first[i] - second[i]
        if who[i] >= 0 and first[i] == second[i]:
            for e in range(row[i], row[i + 1]):
                if benefit[e] <= first[i]:
                    break
                gain[site[e]] += benefit[e] - first[i]
            continue
        for e in range(row[i], row[i + 1]):
            b = benefit[e]
            if b <= second[i]:
                break
            if b > first[i]:
                gain[site[e]] += b - first[i]
            if who[i] >= 0:
                back[site[e], who[i]] += min(b, first[i]) - second[i]
    top, come, leave = 0.0, -1, -1
    for j in range(n_sites):
        if not taken[j]:
            for k in range(n):
                delta = gain[j] + back[j, k] - loss[k]
                if delta > top:
                    top, come, leave = delta, j, k
    return top, come, leave


@kernel
def interchange(by_site: Any, by_point: Any, plan: Any, max_swaps: int) -> float:
    """Swap in place while it helps, at most ``max_swaps`` times, and give the value."""
    n_points, n = len(by_point.start) - 1, len(plan)
    first, second, who = np.zeros(n_points), np.zeros(n_points), np.zeros(n_points, dtype=np.int64)
    taken = np.zeros(len(by_site.start) - 1, dtype=np.bool_)
    taken[plan] = True
    _two_best(by_site, plan, first, second, who)
    value = first.sum()
    for _ in range(max_swaps):
        gain, come, leave = _best_swap(by_point, first, second, who, taken, n)
        if come < 0 or gain <= TINY * value:
            break
        taken[plan[leave]] = False
        taken[come] = True
        plan[leave] = come
        _two_best(by_site, plan, first, second, who)
        value = first.sum()
    return float(value)


@kernel
def iterated_interchange(by_site: Any, by_point: Any, plan: Any, rounds: int, seed: int) -> Any:
    """Shake the plan (some sites by lot), swap again, keep what is better; one seed gives one plan."""
    n_sites, n = len(by_site.start) - 1, len(plan)
    best = plan.copy()
    top = interchange(by_site, by_point, best, 10_000)
    state = np.uint64(seed * 2 + 1)
    for turn in range(rounds):
        trial = best.copy()
        taken = np.zeros(n_sites, dtype=np.bool_)
        taken[trial] = True
        for _ in range(min(n, 2 + turn % max(2, n // 4))):
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            k = np.int64((state >> np.uint64(33)) % np.uint64(n))
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            j = np.int64((state >> np.uint64(33)) % np.uint64(n_sites))
            if not taken[j]:
                taken[trial[k]] = False
                taken[j] = True
                trial[k] = j
        value = interchange(by_site, by_point, trial, 10_000)
        if value > top * (1.0 + TINY):
            best, top = trial, value
    return best
