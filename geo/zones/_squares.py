"""Squares with their sides divided among labels: what goes round them, where it changes, their quarters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.zones._sides import GRID, SMALLEST_M, Near, Parts, Room, Sides, cut_sides

__all__ = ["Around", "Squares", "parts_of", "pieces_in", "quarter", "walk_around"]

_AGAINST_THE_CLOCK = np.array([0, 3, 2, 1])
"""Bottom, right, top, left; the last two are walked backwards."""


class Squares(NamedTuple):
    """Squares of one width, and the stretches of one label along their sides.

    Parameters
    ----------
    tile : int64 array, shape (S,)
        Square of :class:`geo.ground.Ground` in which each lies.
    place : int64 array, shape (S,)
        Number by which they are put in order.
    low : int64 array, shape (S, 2)
        Left and bottom, multiples of ``SMALLEST_M``.
    size : int
        Width, the same.
    stretch : float64 array, shape (N, 2)
        Where each stretch ends, metres, and its label.
    of : int64 array, shape (S, 4, 2)
        Stretches of the bottom, left, top and right: the first, and that after the last.
    """

    tile: NDArray[np.int64]
    place: NDArray[np.int64]
    low: NDArray[np.int64]
    size: int
    stretch: NDArray[np.float64]
    of: NDArray[np.int64]

    def take(self, rows: NDArray[np.intp]) -> Squares:
        """Give some of the squares."""
        return self._replace(
            tile=self.tile[rows], place=self.place[rows], low=self.low[rows], of=self.of[rows]
        )


class Around(NamedTuple):
    """Stretches around squares, against the clock, and how the places where labels change are joined.

    Parameters
    ----------
    square : int64 array, shape (E,)
        Square of each stretch, ascending.
    xy : float64 array, shape (E, 2)
        Where it starts, metres.
    label : float64 array, shape (E,)
        Its label.
    before : int64 array, shape (E,)
        The stretch before it.
    start, n : int64 array, shape (S,)
        First stretch of each square, and how many it has.
    breaks : int64 array, shape (B,)
        Stretches that have another label than the one before.
    n_breaks : int64 array, shape (S,)
        How many of them each square has.
    middle : float64 array, shape (S, 2)
        Where all are joined, unless there are two: these are joined by a straight piece.
    """

    square: NDArray[np.int64]
    xy: NDArray[np.float64]
    label: NDArray[np.float64]
    before: NDArray[np.int64]
    start: NDArray[np.int64]
    n: NDArray[np.int64]
    breaks: NDArray[np.int64]
    n_breaks: NDArray[np.int64]
    middle: NDArray[np.float64]

    @property
    def first_break(self) -> NDArray[np.int64]:
        """The first break of the square of each break."""
        square = self.square[self.breaks]
        first: NDArray[np.int64] = self.breaks[np.searchsorted(square, square)]
        return first


def ragged(n: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give for rows of so many items the row of each item, and its number in that row.

    Examples
    --------
    >>> [array.tolist() for array in ragged(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    row = np.repeat(np.arange(len(n)), n)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)


def walk_around(squares: Squares) -> Around:
    """List the stretches around each square, and find where labels change."""
    begin, end = squares.of[:, _AGAINST_THE_CLOCK].reshape(-1, 2).T
    side, i = ragged(end - begin)
    square, turn = side // 4, side % 4
    is_back, is_upright, is_far = turn >= 2, turn % 2 == 1, (turn == 1) | (turn == 2)
    at = np.where(is_back, end[side] - 1 - i, begin[side] + i)
    low = squares.low[square]
    starts = np.where(i == 0, low[np.arange(len(at)), is_upright.astype(int)] * SMALLEST_M, 0.0)
    starts[i > 0] = squares.stretch[at[i > 0] - 1, 0]
    along = np.where(is_back, squares.stretch[at, 0], starts)
    fixed = (low[np.arange(len(at)), (~is_upright).astype(int)] + is_far * squares.size) * SMALLEST_M
    xy = np.where(is_upright[:, None], np.stack([fixed, along], 1), np.stack([along, fixed], 1))
    label = squares.stretch[at, 1]
    n = np.bincount(square, minlength=len(squares.tile))
    start = np.cumsum(n) - n
    before = np.arange(len(at)) - 1
    before[start] += n
    breaks = np.flatnonzero(label != label[before])
    n_breaks = np.bincount(square[breaks], minlength=len(squares.tile))
    middle = _middle(squares, square[breaks], xy[breaks], n_breaks)
    return Around(square, xy, label, before, start, n, breaks, n_breaks, middle)


def _middle(
    squares: Squares, square: NDArray[np.int64], xy: NDArray[np.float64], n_breaks: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the mean of the breaks of each square, or its centre where all lie on one side.

    Places are multiples of 1 / ``GRID``: their sums are exact, whatever the order.
    """
    n = len(n_breaks)
    mean = np.stack([np.bincount(square, xy[:, axis], minlength=n) for axis in range(2)], axis=1)
    middle: NDArray[np.float64] = np.rint(mean / np.maximum(n_breaks, 1)[:, None] * GRID) / GRID
    is_on_one = np.zeros(n, dtype=bool)
    for axis in range(2):
        for far in (0, squares.size):
            is_on = xy[:, axis] == (squares.low[square, axis] + far) * SMALLEST_M
            is_on_one |= np.bincount(square[is_on], minlength=n) == n_breaks
    centre = (squares.low + squares.size / 2.0) * SMALLEST_M
    return np.where((is_on_one & (n_breaks != 2))[:, None], centre, middle)


def parts_of(squares: Squares, around: Around) -> Parts:
    """Give the parts into which the border would divide each square, with their corners."""
    square = around.square[around.breaks]
    is_last = np.append(square[1:] != square[:-1], True)[: len(square)]
    following = np.where(is_last, around.first_break, np.roll(around.breaks, -1))
    whole = np.flatnonzero(around.n_breaks == 0)
    of = np.concatenate([square, whole])
    first = np.concatenate([around.breaks, around.start[whole]])
    n_edge = np.concatenate([(following - around.breaks) % around.n[square] + 1, around.n[whole]])
    row, i = ragged(n_edge + (around.n_breaks[of] > 2))
    start = around.start[of[row]]
    xy = around.xy[start + (first[row] - start + i) % around.n[of[row]]]
    is_middle = i == n_edge[row]
    xy[is_middle] = around.middle[of[row[is_middle]]]
    ends = np.searchsorted(row, np.arange(len(of) + 1))
    return Parts(squares.tile[of], around.label[first], of, xy, ends)


def pieces_in(around: Around, is_drawn: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the border in some squares (start x, y, end x, y, label on the left and right), and their squares.

    What follows a break against the clock lies on the left of a piece that ends there.
    """
    square = around.square[around.breaks]
    is_straight = around.n_breaks[square] == 2
    own = is_drawn[square] & ~(is_straight & (around.breaks == around.first_break))
    square, is_straight, at = square[own], is_straight[own], around.breaks[own]
    to = np.where(is_straight, around.first_break[own], at)
    start = np.where(is_straight[:, None], around.xy[at], around.middle[square])
    return np.column_stack([start, around.xy[to], around.label[to], around.label[around.before[to]]]), square


def quarter(squares: Squares, near: Near, start: NDArray[np.int64], bound: float, room: Room) -> Squares:
    """Put four squares in the place of each; the new sides are divided among labels."""
    n, half = len(squares.tile), squares.size // 2
    step = half * np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    low = squares.low[:, None] + step
    of = np.zeros((n, 4, 4, 2), np.int64)
    # On the rim of the old square a side is a part of the old one.
    child, which = np.array([[c, w] for c in range(4) for w in range(4) if _is_rim(c, w)]).T
    place = low[:, child, which % 2] * SMALLEST_M
    stretch, of[:, child, which] = _clip(squares, which, place, place + half * SMALLEST_M)
    # Inside it is new: the bottoms of the upper two, and the left sides of the right two.
    child, which = np.array([2, 3, 1, 3]), np.array([0, 0, 1, 1])
    place = low[:, child, which % 2] * SMALLEST_M
    fixed = low[:, child, 1 - which % 2] * SMALLEST_M
    tile, is_upright = np.repeat(squares.tile, 4), np.tile(which == 1, n)
    sides = Sides(tile, is_upright, fixed.ravel(), place.ravel(), (place + half * SMALLEST_M).ravel())
    cut, end = cut_sides(near, start, sides, bound, room)
    end = end + len(stretch)
    of[:, child, which] = np.column_stack([np.append(len(stretch), end)[:-1], end]).reshape(n, 4, 2)
    # What is the top of one is the bottom of that above it, what is the right the left of that beside it.
    of[:, [0, 1], 2] = of[:, [2, 3], 0]
    of[:, [0, 2], 3] = of[:, [1, 3], 1]
    return Squares(
        np.repeat(squares.tile, 4),
        (4 * squares.place[:, None] + np.arange(3, -1, -1)).ravel(),
        low.reshape(-1, 2),
        half,
        np.concatenate([stretch, cut]),
        of.reshape(-1, 4, 2),
    )


def _is_rim(child: int, which: int) -> bool:
    """Say whether a side of a quarter lies on the rim: quarters from left to right, then up."""
    return (child % 2 if which % 2 else child // 2) == which // 2


def _clip(
    squares: Squares, which: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the stretches of some sides between two places, and which are those of each."""
    begin, end = squares.of[:, which].reshape(-1, 2).T
    side, i = ragged(end - begin)
    at = begin[side] + i
    starts = np.where(i == 0, -np.inf, squares.stretch[np.maximum(at - 1, 0), 0])
    stops, label = squares.stretch[at].T
    is_within = (starts < high.ravel()[side]) & (stops > low.ravel()[side])
    side = side[is_within]
    stretch = np.column_stack([np.minimum(stops[is_within], high.ravel()[side]), label[is_within]])
    ends = np.searchsorted(side, np.arange(len(begin) + 1))
    return stretch, np.column_stack([ends[:-1], ends[1:]]).reshape(len(squares.tile), len(which), 2)
