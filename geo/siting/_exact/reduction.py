"""Make a siting question smaller without changing its best value: equal points, dominated sites.

Lemma (equal points). Points that the same sites see are covered by the same plans, so one point with the sum
of their weights stands for them.

Lemma (dominated sites). Let site k bring at every point at least what site j does, for no more cost. In any
plan with j, put k for j (or, where k is there already, leave j out): the plan is worth no less and costs no
more. So some best plan is without j. Of sites that bring the same for the same cost only the lowest stays,
so the last of a chain of such changes is never taken out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part
from geo.siting._exact.entries import ByPoint, BySite

__all__ = ["dominated", "same_sites", "turn"]


@kernel
def same_sites(start: Any, point: Any, n_points: int) -> Any:
    """Give each point the number of its class: points of one class are seen by exactly the same sites.

    Every site splits each class it touches into those it sees and those it does not (partition refinement),
    so the work is one step per entry and the answer is exact. Classes are numbered by their first point; -1:
    seen by no site.
    """
    label = np.full(n_points, 0, dtype=np.int64)
    split = np.full(len(point) + 1, -1, dtype=np.int64)
    split_by = np.full(len(point) + 1, -1, dtype=np.int64)
    used = 1
    for j in range(len(start) - 1):
        for e in range(start[j], start[j + 1]):
            old = label[point[e]]
            if split_by[old] != j:
                split_by[old], split[old] = j, used
                used += 1
            label[point[e]] = split[old]
    number = np.full(used, -1, dtype=np.int64)
    n_classes = 0
    for i in range(n_points):
        if label[i] == 0:
            label[i] = -1
            continue
        if number[label[i]] < 0:
            number[label[i]] = n_classes
            n_classes += 1
        label[i] = number[label[i]]
    return label


def turn(by_site: BySite, n_points: int) -> ByPoint:
    """Turn entries by site into entries by point, largest benefit first, lowest site first on a tie."""
    row, site, benefit = _turned(by_site, n_points)
    at = np.repeat(np.arange(n_points), np.diff(row))
    if ((at[1:] == at[:-1]) & (benefit[1:] > benefit[:-1])).any():
        order = np.lexsort((-benefit, at))
        site, benefit = site[order], benefit[order]
    return ByPoint(row, site, benefit)


@kernel
def _turned(by_site: Any, n_points: int) -> Any:
    start, point, benefit = by_site
    row = np.zeros(n_points + 1, dtype=np.int64)
    for e in range(len(point)):
        row[point[e] + 1] += 1
    for i in range(n_points):
        row[i + 1] += row[i]
    place = row[:-1].copy()
    site = np.empty(len(point), dtype=np.int32)
    value = np.empty(len(point))
    for j in range(len(start) - 1):
        for e in range(start[j], start[j + 1]):
            at = place[point[e]]
            site[at], value[at] = j, benefit[e]
            place[point[e]] = at + 1
    return row, site, value


@part
def _contains(by_site: Any, big: int, small: int) -> int:
    """Tell whether ``big`` brings as much wherever ``small`` does: 0 no, 1 yes, 2 yes and equal."""
    start, point, benefit = by_site
    if start[big + 1] - start[big] < start[small + 1] - start[small]:
        return 0
    f = start[big]
    equal = start[big + 1] - start[big] == start[small + 1] - start[small]
    for e in range(start[small], start[small + 1]):
        while f < start[big + 1] and point[f] < point[e]:
            f += 1
        if f == start[big + 1] or point[f] != point[e] or benefit[f] < benefit[e]:
            return 0
        equal = equal and benefit[f] == benefit[e]
    return 2 if equal else 1


@kernel
def dominated(by_site: Any, by_point: Any, cost: Any) -> Any:
    """Mark sites that another replaces at every point for no more cost; of equals the lower stays.

    For each site only those need a look that do as well at the point where fewest do.
    """
    row, site, benefit = by_point
    n_sites = len(by_site.start) - 1
    scarce = np.full(n_sites, -1, dtype=np.int64)  # the point where fewest do as well, and how many do
    n_as_good = np.full(n_sites, len(site) + 1, dtype=np.int64)
    for i in range(len(row) - 1):
        end = row[i]
        for e in range(row[i], row[i + 1]):
            while end < row[i + 1] and benefit[end] >= benefit[e]:
                end += 1
            if end - row[i] < n_as_good[site[e]]:
                n_as_good[site[e]], scarce[site[e]] = end - row[i], i
    is_dominated = scarce < 0  # brings nothing anywhere
    for j in range(n_sites):
        if scarce[j] < 0:
            continue
        begin = row[scarce[j]]
        for e in range(begin, begin + n_as_good[j]):
            k = site[e]
            if k == j or cost[k] > cost[j]:
                continue
            inside = _contains(by_site, k, j)
            if inside == 1 or (inside == 2 and (cost[k] < cost[j] or k < j)):
                is_dominated[j] = True
                break
    return is_dominated
