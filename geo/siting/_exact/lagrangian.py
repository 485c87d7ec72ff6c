"""Upper bounds on 'best n sites' by Lagrangian relaxation, compiled.

Let point i pay the price ``lam[i]`` to be served by at most one site. Then for any prices

    value <= sum_i lam[i] + (the n largest of score[j] = sum_i max(0, benefit[i, j] - lam[i]))

(G. Cornuejols, M. L. Fisher, G. L. Nemhauser, "Location of bank accounts to optimize float", Management
Science 23, 1977). Prices are moved along deflected subgradients; sites whose score shows that they cannot
belong to (or be missing from) a better plan are decided for good.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["FAR", "bound_at", "decided", "descend", "first_prices", "top_sites"]


FAR = 1e30
"""Lifts the scores of chosen sites above, and sinks those of excluded sites below, all others."""


@kernel
def first_prices(row: Any, site: Any, benefit: Any, plan: Any, n_sites: int) -> Any:
    """Price each point midway between its best and second best site of a plan."""
    taken = np.zeros(n_sites, dtype=np.bool_)
    taken[plan] = True
    lam = np.zeros(len(row) - 1)
    for i in range(len(lam)):
        seen = 0
        for e in range(row[i], row[i + 1]):
            if taken[site[e]]:
                lam[i] += 0.5 * benefit[e]
                seen += 1
                if seen == 2:
                    break
    return lam


@part
def _scores(row: Any, site: Any, benefit: Any, lam: Any, score: Any) -> float:
    score[:] = 0.0
    total = 0.0
    for i in range(len(lam)):
        price = lam[i]
        total += price
        for e in range(row[i], row[i + 1]):
            if benefit[e] <= price:
                break
            score[site[e]] += benefit[e] - price
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
def bound_at(row: Any, site: Any, benefit: Any, lam: Any, n: int, n_sites: int) -> float:
    """Give the bound at prices ``lam``."""
    score = np.zeros(n_sites)
    total = _scores(row, site, benefit, lam, score)
    return float(total + score[top_sites(score, n)].sum())


@kernel
def descend(
    row: Any,
    site: Any,
    benefit: Any,
    must: Any,
    lam: Any,
    value: float,
    n: int,
    say: Any,
    steps: int,
    theta: float,
) -> Any:
    """Lower the bound by up to ``steps`` moves of the prices from ``lam``, towards ``value``, a plan's value.

    ``say`` holds 1 for sites that are chosen, -1 for those that are out, 0 for the others. Returns the bound,
    its prices and scores, the step factor to go on with, and how often each site was among the n (0 to 1,
    late moves counting most), which comes near the solution of the linear relaxation.
    """
    n_points, n_sites = len(lam), len(say)
    share = np.zeros(n_sites)
    best, best_lam, best_score = np.inf, lam.copy(), np.zeros(n_sites)
    score, taken = np.zeros(n_sites), np.zeros(n_sites, dtype=np.bool_)
    here, way = lam.copy(), np.zeros(n_points)
    stall = 0
    for _ in range(steps):
        total = _scores(row, site, benefit, here, score)
        plan = top_sites(score + FAR * say, n)
        bound = total + score[plan].sum()
        if bound < best:
            if not best - bound < 1e-4 * (best - value):
                stall = 0
            best = bound
            best_lam[:] = here
            best_score[:] = score
        stall += 1
        if stall > 20:
            stall = 0
            theta *= 0.7
            here[:] = best_lam
            way[:] = 0.0
            total = _scores(row, site, benefit, here, score)
            plan = top_sites(score + FAR * say, n)
            bound = best
        if best <= value:
            break
        taken[:] = False
        taken[plan] = True
        share *= 0.95
        share[plan] += 0.05
        norm = 0.0
        for i in range(n_points):
            move = 1.0
            for e in range(row[i], row[i + 1]):
                if benefit[e] <= here[i]:
                    break
                if taken[site[e]]:
                    move -= 1.0
            if move > 0.0 and here[i] <= 0.0 and not must[i]:
                move = 0.0
            way[i] = move + 0.9 * way[i]
            norm += way[i] * way[i]
        if norm == 0.0:
            break
        step = theta * (bound - value) / norm
        for i in range(n_points):
            here[i] -= step * way[i]
            if not must[i] and here[i] < 0.0:
                here[i] = 0.0
            if row[i] < row[i + 1] and here[i] > benefit[row[i]]:
                here[i] = benefit[row[i]]
    return best, best_lam, best_score, theta, share


@kernel
def decided(score: Any, bound: float, n: int, beat: float, say: Any) -> Any:
    """Say of each site what every plan of at least ``beat`` has in common: 1 has it, -1 does not, 0 open."""
    n_sites = len(score)
    said = say.copy()
    plan = top_sites(score + FAR * say, n)
    taken = np.zeros(n_sites, dtype=np.bool_)
    taken[plan] = True
    lowest_in, highest_out = np.inf, -np.inf
    for j in range(n_sites):
        if say[j] == 0 and taken[j]:
            lowest_in = min(lowest_in, score[j])
        elif say[j] == 0:
            highest_out = max(highest_out, score[j])
    for j in range(n_sites):
        if say[j] == 0 and taken[j] and bound - score[j] + highest_out < beat:
            said[j] = 1
        elif say[j] == 0 and not taken[j] and bound - lowest_in + score[j] < beat:
            said[j] = -1
    return said
