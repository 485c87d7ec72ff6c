"""Stretches of road: parts of edges from one distance along them to another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Stretches", "cut_lines", "in_stretches", "intersect", "join", "merge", "subtract"]


@dataclass(frozen=True, eq=False)
class Stretches:
    """Parts of edges, sorted by edge and then by where they begin; parts of one edge do not overlap.

    Parameters
    ----------
    edge : int64 array, shape (S,)
        Position of the edge.
    low, high : float64 array, shape (S,)
        Where the part begins and ends along the edge from its node u; ``low < high``.
        Any unit.
    """

    edge: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        """Give the number of stretches."""
        return len(self.edge)

    @property
    def length(self) -> NDArray[np.float64]:
        """Length of each stretch."""
        return self.high - self.low

    def between(self, first: int, last: int) -> Stretches:
        """Give those of the edges from one to the one before another."""
        low, high = np.searchsorted(self.edge, [first, last])
        return Stretches(self.edge[low:high], self.low[low:high], self.high[low:high])

    def on(self, edges: NDArray[np.integer]) -> Stretches:
        """Give those of some edges."""
        keep = np.isin(self.edge, edges)
        return Stretches(self.edge[keep], self.low[keep], self.high[keep])

    def replaced(self, edges: NDArray[np.integer], other: Stretches) -> Stretches:
        """Give them with others in the place of those of some edges.

        Examples
        --------
        >>> a = merge(np.array([0, 1, 3]), np.zeros(3), np.ones(3))
        >>> b = a.replaced(np.array([1, 2]), merge(np.array([2]), np.array([5.0]), np.array([6.0])))
        >>> b.edge.tolist(), b.low.tolist()
        ([0, 2, 3], [0.0, 5.0, 0.0])
        """
        keep = ~np.isin(self.edge, edges)
        edge = np.concatenate([self.edge[keep], other.edge])
        order = np.argsort(edge, kind="stable")
        low, high = np.concatenate([self.low[keep], other.low]), np.concatenate([self.high[keep], other.high])
        return Stretches(edge[order], low[order], high[order])

    def total(self) -> float:
        """Give the length of all stretches."""
        return float(self.length.sum())


def merge(edge: NDArray[np.integer], low: NDArray[np.float64], high: NDArray[np.float64]) -> Stretches:
    """Join parts of edges that overlap or touch; parts without length fall away.

    Examples
    --------
    >>> joined = merge(np.array([1, 0, 1, 0]), np.array([5.0, 0, 0, 8]), np.array([9.0, 3, 5, 8]))
    >>> joined.edge.tolist(), joined.low.tolist(), joined.high.tolist()
    ([0, 1], [0.0, 0.0], [3.0, 9.0])
    """
    keep = np.flatnonzero(low < high)
    order = keep[np.lexsort((low[keep], edge[keep]))]
    edges: NDArray[np.int64] = np.asarray(edge)[order].astype(np.int64)
    low, high = low[order], high[order]
    if not len(edges):
        return Stretches(edges, low, high)
    # The farthest end so far on the same edge: by rank, so that no sum rounds it.
    by_high = np.argsort(high, kind="stable")
    place = np.empty(len(edges), dtype=np.int64)
    place[by_high] = np.arange(len(edges))
    offset = np.cumsum(np.diff(edges, prepend=edges[0]) != 0) * len(edges)
    farthest = high[by_high][np.maximum.accumulate(place + offset) - offset]
    begins = np.ones(len(edges), dtype=bool)
    begins[1:] = (edges[1:] != edges[:-1]) | (low[1:] > farthest[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(edges)) - 1
    return Stretches(edges[first], low[first], farthest[last])


def join(some: Iterable[Stretches]) -> Stretches:
    """Give the stretches of several, each of higher edges than those before, as those of one.

    Examples
    --------
    >>> one, other = (merge(np.array([edge]), np.array([0.0]), np.array([4.0])) for edge in (0, 3))
    >>> join([one, other]).edge.tolist(), len(join([]))
    ([0, 3], 0)
    """
    columns = [(one.edge, one.low, one.high) for one in some]
    if not columns:
        return Stretches(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return Stretches(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def intersect(a: Stretches, b: Stretches) -> Stretches:
    """Give what lies in both.

    Examples
    --------
    >>> a = merge(np.array([0, 0]), np.array([0.0, 6]), np.array([4.0, 9]))
    >>> common = intersect(a, merge(np.array([0]), np.array([2.0]), np.array([7.0])))
    >>> common.low.tolist(), common.high.tolist()
    ([2.0, 6.0], [4.0, 7.0])
    """
    first = np.searchsorted(b.edge, a.edge, side="left")
    n = np.searchsorted(b.edge, a.edge, side="right") - first
    row = np.repeat(np.arange(len(a)), n)
    other = np.repeat(first - np.cumsum(n) + n, n) + np.arange(len(row))
    return merge(a.edge[row], np.maximum(a.low[row], b.low[other]), np.minimum(a.high[row], b.high[other]))


def subtract(a: Stretches, b: Stretches) -> Stretches:
    """Give what lies in the first and not in the second.

    Examples
    --------
    >>> a = merge(np.array([0]), np.array([0.0]), np.array([9.0]))
    >>> rest = subtract(a, merge(np.array([0]), np.array([2.0]), np.array([7.0])))
    >>> rest.low.tolist(), rest.high.tolist()
    ([0.0, 7.0], [2.0, 9.0])
    """
    edges = np.unique(np.concatenate([a.edge, b.edge]))
    edge = np.concatenate([edges, b.edge])
    low = np.concatenate([np.full(len(edges), -np.inf), b.high])
    order = np.lexsort((low, edge))
    low_sorted, edge_sorted = low[order], edge[order]
    # The free part after each end runs to the next stretch of the edge, or on for ever.
    after = np.concatenate([b.edge, edges])
    high = np.concatenate([b.low, np.full(len(edges), np.inf)])
    high_sorted = high[np.lexsort((high, after))]
    keep = low_sorted < high_sorted
    return intersect(a, Stretches(edge_sorted[keep], low_sorted[keep], high_sorted[keep]))


def in_stretches(parts: Stretches, edge: NDArray[np.integer], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the stretch in which each place lies (its ends included), -1 for none.

    Examples
    --------
    >>> parts = merge(np.array([0, 0]), np.array([0.0, 6]), np.array([4.0, 9]))
    >>> in_stretches(parts, np.array([0, 0, 0, 1]), np.array([4.0, 5.0, 6.0, 1.0]))
    array([ 0, -1,  1, -1])
    """
    stretch = np.full(len(edge), -1, dtype=np.int64)
    if not len(parts):
        return stretch
    order = np.lexsort((np.concatenate([np.zeros(len(parts)), np.ones(len(edge))]),
                        np.concatenate([parts.low, at]),
                        np.concatenate([parts.edge, np.asarray(edge)])))  # fmt: skip
    is_part = order < len(parts)
    last = np.maximum.accumulate(np.where(is_part, order, -1))[~is_part]
    place = order[~is_part] - len(parts)
    known = (last >= 0) & (parts.edge[last] == np.asarray(edge)[place]) & (at[place] <= parts.high[last])
    stretch[place[known]] = last[known]
    return stretch


def cut_lines(
    lines: NDArray[np.object_], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Cut each line from one fraction of its length (0-1) to another; whole lines are not touched.

    Examples
    --------
    >>> bent = np.array([shapely.LineString([(0, 0), (4, 0), (4, 6)])])
    >>> print(cut_lines(bent, np.array([0.2]), np.array([0.5]))[0])
    LINESTRING (2 0, 4 0, 4 1)
    """
    cut: NDArray[np.object_] = lines.copy()
    is_cut = (low > 0) | (high < 1)
    if is_cut.any():
        cut[is_cut] = _cut(lines[is_cut], low[is_cut], high[is_cut])
    return cut


def _cut(
    lines: NDArray[np.object_], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.object_]:
    xy, of = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.searchsorted(of, np.arange(len(lines)))
    step[first] = 0.0
    along = np.cumsum(step)
    along -= along[first][of]
    whole = along[np.append(first[1:], len(of)) - 1]
    inside = (along > (low * whole)[of]) & (along < (high * whole)[of])
    start, end = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True))
        for at in (low, high)
    )
    owner = np.concatenate([np.arange(len(lines)), of[inside], np.arange(len(lines))])
    order = np.argsort(owner, kind="stable")
    corner = np.concatenate([start, xy[inside], end])[order]
    pieces: NDArray[np.object_] = shapely.linestrings(corner, indices=owner[order])
    return pieces
