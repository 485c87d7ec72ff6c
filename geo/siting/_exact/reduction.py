"""Make a siting question smaller without changing its best plans: equal points, dominated sites."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["by_point", "dominated", "same_sites"]


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


def by_point(start: Any, point: Any, benefit: Any, n_points: int) -> Any:
    """Turn entries by site into entries by point, largest benefit first, lowest site first on a tie."""
    row, site, value = _turned(start, point, benefit, n_points)
    at = np.repeat(np.arange(n_points), np.diff(row))
    if ((at[1:] == at[:-1]) & (value[1:] > value[:-1])).any():
        order = np.lexsort((-value, at))
        site, value = site[order], value[order]
    return row, site, value


@kernel
def _turned(start: Any, point: Any, benefit: Any, n_points: int) -> Any:
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
def _contains(start: Any, point: Any, benefit: Any, big: int, small: int) -> int:
    """Tell whether ``big`` saves as much wherever ``small`` does: 0 no, 1 yes, 2 yes and equal."""
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
def dominated(start: Any, point: Any, benefit: Any, row: Any, site: Any, row_benefit: Any, cost: Any) -> Any:
    """Mark sites that another replaces at every point for no more cost; of equals the lower stays.

    For each site only those need a look that do as well at the point where fewest do.
    """
    n_sites = len(start) - 1
    rival_row = np.full(n_sites, -1, dtype=np.int64)
    rivals = np.full(n_sites, len(point) + 1, dtype=np.int64)
    for i in range(len(row) - 1):
        end = row[i]
        for e in range(row[i], row[i + 1]):
            while end < row[i + 1] and row_benefit[end] >= row_benefit[e]:
                end += 1
            if end - row[i] < rivals[site[e]]:
                rivals[site[e]], rival_row[site[e]] = end - row[i], i
    is_dominated = rival_row < 0  # saves nothing anywhere
    for j in range(n_sites):
        if rival_row[j] < 0:
            continue
        begin = row[rival_row[j]]
        for e in range(begin, begin + rivals[j]):
            k = site[e]
            if k == j or cost[k] > cost[j]:
                continue
            found = _contains(start, point, benefit, k, j)
            if found == 1 or (found == 2 and (cost[k] < cost[j] or k < j)):
                is_dominated[j] = True
                break
    return is_dominated
