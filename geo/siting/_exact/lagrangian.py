"""Upper bounds on 'best n sites' by Lagrangian relaxation, compiled.

Lemma (bound). Let point i pay the price ``price[i]`` to be served by at most one site. For any prices, at
least 0 except at points that must be served,

    value <= sum_i price[i] + (the n largest of score[j] = sum_i max(0, benefit[i, j] - price[i]))

Proof: a plan S serves point i from its best site j(i), or not at all. So it gets ``benefit[i, j(i)] =
price[i] + (benefit[i, j(i)] - price[i]) <= price[i] + max(0, ...)``, or ``0 <= price[i]``. Summed over the
points, what stands beside the prices is at most ``sum of score[j] over S``, and S has n sites (G. Cornuejols,
M. L. Fisher, G. L. Nemhauser, "Location of bank accounts to optimize float", Management Science 23, 1977).

Lemma (decided sites). Let ``bound`` be that bound, site j among its n and k the best outside. A plan without
j has the bound ``bound - score[j] + score[k]``; where that is below the value to beat, every better plan has
site j. Likewise a site whose score is too far below the n-th is in no better plan.

Prices are moved along deflected subgradients: by how often each point is served too often or not at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["FAR", "bound_at", "decide", "first_prices", "subgradient_descent", "top_sites"]


FAR = 1e30
"""Lifts the scores of chosen sites above, and sinks those of excluded sites below, all others."""


@kernel
def first_prices(by_point: Any, plan: Any, n_sites: int) -> Any:
    """Price each point midway between its best and second best site of a plan."""
    row, site, benefit = by_point
    taken = np.zeros(n_sites, dtype=np.bool_)
    taken[plan] = True
    price = np.zeros(len(row) - 1)
    for i in range(len(price)):
        seen = 0
        for e in range(row[i], row[i + 1]):
            if taken[site[e]]:
                price[i] += 0.5 * benefit[e]
                seen += 1
                if seen == 2:
                    break
    return price


@part
def _scores(by_point: Any, price: Any, score: Any) -> float:
    row, site, benefit = by_point
    score[:] = 0.0
    total = 0.0
    for i in range(len(price)):
        paid = price[i]
        total += paid
        for e in range(row[i], row[i + 1]):
            if benefit[e] <= paid:
                break
            score[site[e]] += benefit[e] - paid
    return total


@part
def _nth_largest(values: Any, n: int) -> float:
    """Give the n-th largest value by halving the part that holds it."""
    part = values.copy()
    low, high, at = 0, len(part) - 1, n - 1
    while low < high:
        pivot = part[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while part[i] > pivot:
                i += 1
            while part[j] < pivot:
                j -= 1
            if i <= j:
                part[i], part[j] = part[j], part[i]
                i += 1
                j -= 1
        if at <= j:
            high = j
        elif at >= i:
            low = i
        else:
            break
    return float(part[at])


@kernel
def top_sites(score: Any, n: int) -> Any:
    """Give the positions of the ``n`` largest scores, the lowest positions on a tie."""
    line = _nth_largest(score, n)
    plan = np.empty(n, dtype=np.int64)
    k = 0
    for j in range(len(score)):
        if score[j] > line:
            plan[k] = j
            k += 1
    for j in range(len(score)):
        if k == n:
            break
        if score[j] == line:
            plan[k] = j
            k += 1
    return plan


@kernel
def bound_at(by_point: Any, price: Any, n: int, n_sites: int) -> float:
    """Give the bound at these prices."""
    score = np.zeros(n_sites)
    total = _scores(by_point, price, score)
    return float(total + score[top_sites(score, n)].sum())


@part
def _turn_way(by_point: Any, must: Any, price: Any, taken: Any, way: Any) -> float:
    """Turn the way that prices move towards the subgradient at a plan; give its squared length."""
    row, site, benefit = by_point
    norm = 0.0
    for i in range(len(price)):
        move = 1.0
        for e in range(row[i], row[i + 1]):
            if benefit[e] <= price[i]:
                break
            if taken[site[e]]:
                move -= 1.0
        if move > 0.0 and price[i] <= 0.0 and not must[i]:
            move = 0.0
        way[i] = move + 0.9 * way[i]
        norm += way[i] * way[i]
    return norm


@part
def _move_prices(by_point: Any, must: Any, price: Any, way: Any, step: float) -> None:
    """Move prices, but neither below 0 where a point may be left out nor above its largest benefit."""
    row, benefit = by_point.start, by_point.benefit
    for i in range(len(price)):
        price[i] -= step * way[i]
        if not must[i] and price[i] < 0.0:
            price[i] = 0.0
        if row[i] < row[i + 1] and price[i] > benefit[row[i]]:
            price[i] = benefit[row[i]]


@kernel
def subgradient_descent(
    by_point: Any, must: Any, price: Any, value: float, n: int, decision: Any, steps: int, factor: float
) -> Any:
    """Lower the bound by up to ``steps`` moves from ``price``, towards ``value``, that of a plan.

    ``decision`` holds 1 for sites that are chosen, -1 for those that are out, 0 for the others. Returns the
    bound, its prices and scores, the step factor to go on with, and how often each site was among the n (0 to
    1, late moves counting most), which comes near the solution of the linear relaxation.
    """
    n_points, n_sites = len(price), len(decision)
    share = np.zeros(n_sites)
    best, best_price, best_score = np.inf, price.copy(), np.zeros(n_sites)
    score, taken = np.zeros(n_sites), np.zeros(n_sites, dtype=np.bool_)
    here, way = price.copy(), np.zeros(n_points)
    stall = 0
    for _ in range(steps):
        total = _scores(by_point, here, score)
        plan = top_sites(score + FAR * decision, n)
        bound = total + score[plan].sum()
        if bound < best:
            if not best - bound < 1e-4 * (best - value):
                stall = 0
            best = bound
            best_price[:] = here
            best_score[:] = score
        stall += 1
        if stall > 20:
            stall = 0
            factor *= 0.7
            here[:] = best_price
            way[:] = 0.0
            total = _scores(by_point, here, score)
            plan = top_sites(score + FAR * decision, n)
            bound = best
        if best <= value:
            break
        taken[:] = False
        taken[plan] = True
        share *= 0.95
        share[plan] += 0.05
        norm = _turn_way(by_point, must, here, taken, way)
        if norm == 0.0:
            break
        _move_prices(by_point, must, here, way, factor * (bound - value) / norm)
    return best, best_price, best_score, factor, share


@kernel
def decide(score: Any, bound: float, n: int, beat: float, decision: Any) -> Any:
    """Say of each site what every plan of at least ``beat`` has in common: 1 has it, -1 does not, 0 open."""
    n_sites = len(score)
    decided = decision.copy()
    plan = top_sites(score + FAR * decision, n)
    taken = np.zeros(n_sites, dtype=np.bool_)
    taken[plan] = True
    lowest_in, highest_out = np.inf, -np.inf
    for j in range(n_sites):
        if decision[j] == 0 and taken[j]:
            lowest_in = min(lowest_in, score[j])
        elif decision[j] == 0:
            highest_out = max(highest_out, score[j])
    for j in range(n_sites):
        if decision[j] == 0 and taken[j] and bound - score[j] + highest_out < beat:
            decided[j] = 1
        elif decision[j] == 0 and not taken[j] and bound - lowest_in + score[j] < beat:
            decided[j] = -1
    return decided
