"""The most valuable points that fit into a site, compiled: exact, or an upper bound from the relaxation.

Depth first in the order of value per size, cut where the relaxed rest (the first that does not fit counts in
part; G. B. Dantzig, "Discrete-variable extremum problems", Operations Research 5, 1957) cannot beat the best
so far (E. Horowitz, S. Sahni, "Computing partitions with applications to the knapsack problem", Journal of
the ACM 21, 1974).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import part

__all__ = ["knapsack", "relaxed_from"]

MOST_NODES = 20_000
"""Nodes after which the relaxation must do: it is no less than the best value."""


@part
def relaxed_from(value: Any, size: Any, first: int, room: float, skip: int) -> Any:
    """Give the most value of items ``first`` and later but ``skip``, the last of them perhaps in part."""
    total = 0.0
    for k in range(first, len(value)):
        if k == skip:
            continue
        if size[k] <= room:
            room -= size[k]
            total += value[k]
        else:
            return total + value[k] * room / size[k]
    return total


@part
def knapsack(value: Any, size: Any, room: float, best_in: Any) -> Any:
    """Give an upper bound, exact but after ``MOST_NODES``, on the value of items that fit; mark the best.

    Parameters
    ----------
    value, size : float64 arrays
        Items, all of value above 0, in falling order of value per size.
    room : float
        What the sizes may add up to, >= 0.
    best_in : bool array
        Room for the marks.
    """
    n = len(value)
    is_in = np.zeros(n, dtype=np.bool_)
    best_in[:] = False
    best, here, left = 0.0, 0.0, room
    root = relaxed_from(value, size, 0, room, -1)
    k = nodes = 0
    while True:
        # Forwards: take what fits for as long as the relaxed rest may beat the best.
        while k < n and here + relaxed_from(value, size, k, left, -1) > best * (1.0 + 1e-12):
            nodes += 1
            if size[k] <= left:
                is_in[k] = True
                here += value[k]
                left -= size[k]
            k += 1
        if k == n and here > best:
            best = here
            best_in[:] = is_in
        if nodes > MOST_NODES:
            return root
        # Backwards: leave out the last that was taken.
        k -= 1
        while k >= 0 and not is_in[k]:
            k -= 1
        if k < 0:
            return best * (1.0 + 1e-12)
        is_in[k] = False
        here -= value[k]
        left += size[k]
        k += 1
