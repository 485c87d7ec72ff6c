"""Splitting totals in proportion to weights, without losing or inventing anybody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import InputError

__all__ = ["share_out"]


def share_out(
    totals: ArrayLike,
    weight: NDArray[np.float64],
    *,
    group: NDArray[np.integer] | None = None,
    whole: bool = False,
    ties: Sequence[NDArray[np.generic]] = (),
) -> NDArray[np.float64]:
    """Split the total of each group among its members in proportion to their weights.

    share_i = total_g * weight_i / sum of weights in g. A group whose weights are all zero is split
    evenly; a group without members is left out. Whole shares are rounded by the method of the largest
    remainder (Hamilton), so they add up to the total exactly.

    Parameters
    ----------
    totals : float or array of float, shape (G,)
        What each group has; not negative.
    weight : float64 array, shape (N,)
        Not negative.
    group : int array, shape (N,), optional
        Position in ``totals``, or -1 for a member of no group, which gets 0. Default: one group.
    whole : bool
        Give whole numbers; the totals must be whole.
    ties : sequence of arrays, shape (N,)
        Break ties of equal remainders, the first array first; after them, the earlier member wins.

    Raises
    ------
    InputError
        A total with a fraction is to be split into whole numbers.

    Examples
    --------
    >>> share_out(10, np.array([1.0, 1.0, 1.0]), whole=True).tolist()
    [4.0, 3.0, 3.0]
    >>> share_out([6, 5], np.array([1.0, 2.0, 0.0, 9.0]), group=np.array([0, 0, 1, -1])).tolist()
    [2.0, 4.0, 5.0, 0.0]
    """
    total = np.atleast_1d(np.asarray(totals, dtype=np.float64))
    member = np.zeros(len(weight), dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)
    inside = np.nonzero(member >= 0)[0]
    member, heavy = member[inside], np.asarray(weight, dtype=np.float64)[inside]
    sums = np.bincount(member, weights=heavy, minlength=len(total))
    heavy = np.where(sums[member] > 0, heavy, 1.0)
    sums = np.bincount(member, weights=heavy, minlength=len(total))
    exact = total[member] * (heavy / sums[member])
    result = np.zeros(len(weight))
    result[inside] = _round(total, exact, member, [tie[inside] for tie in ties]) if whole else exact
    return result


def _round(
    total: NDArray[np.float64],
    exact: NDArray[np.float64],
    member: NDArray[np.int64],
    ties: Sequence[NDArray[np.generic]],
) -> NDArray[np.float64]:
    if (total != np.rint(total)).any():
        raise InputError("a total with a fraction cannot be split into whole numbers; leave whole=False")
    floor = np.floor(np.round(exact, 6))
    left = np.rint(total - np.bincount(member, weights=floor, minlength=len(total)))
    remainder = np.round(exact - floor, 6)
    order = np.lexsort((*reversed(ties), -remainder, member))
    first = np.searchsorted(member[order], np.arange(len(total)))
    place = np.empty(len(member), dtype=np.int64)
    place[order] = np.arange(len(member)) - first[member[order]]
    rounded: NDArray[np.float64] = floor + (place < left[member])
    return rounded
