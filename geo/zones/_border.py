"""The border between labelled strokes, square by square, in straight pieces that are proven right.

Let ``d_a(x)`` be the distance of a spot ``x`` from the nearest stroke of label ``a``.

**Lemma.** Where the border leaves ``x`` to label ``a``, ``d_a(x) - d_b(x) <= right_m`` for every label ``b``,
if ``right_m`` is 1.5 or more.

*Strokes.* A square holds every stroke that is nearest to one of its spots (:mod:`geo.ground.quadtree`, 1 and
4). A stroke that it does not hold is farther than one that it holds, and so breaks no bound.

*Sides.* Each piece of a side is proven to ``right_m / 2`` by the lemma of :mod:`geo.zones._sides`. Or it is
at most 0.25 m long and has an end where its label is nearest: on the way from there to ``x`` each of the two
distances changes by 0.25 m at most, their difference by 0.5 m.

*Ground.* The border divides a square into parts. A square is drawn when each of them is proven to ``right_m``
by the same lemma, and else split in four. The smallest squares, 0.25 m wide, are drawn in any case: each part
touches a stretch of its label, at most 0.36 m from ``x``, and ``right_m / 2 + 2 * 0.36 <= right_m``.

*Neighbours.* Two squares share the stretches of the side between them, so that what is drawn in one goes on
in the other. In a square that was left out every label but one is more than ``slack_m`` farther. A stretch on
its side is of a label at most ``right_m / 2`` farther than the nearest, and with ``slack_m >= right_m`` that
is the same one: no border ends there. So the pieces enclose ground of one label, provided that the squares
cover all of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.ground import Ground
from geo.zones._sides import SMALLEST_M, Near, Room, Sides, are_right, cut_sides
from geo.zones._squares import Squares, parts_of, pieces_in, quarter, walk_around

__all__ = ["LEAST_M", "Border", "trace_border"]

LEAST_M = 1.5
"""Smallest bound that the smallest squares are sure to keep, metres."""

_AT_ONCE = 1 << 14
"""Squares traced together: more would take more memory and no less time."""


class Border(NamedTuple):
    """Straight pieces of border that meet at their ends only.

    Parameters
    ----------
    ends : float64 array, shape (B, 2, 2)
        Start and end of each piece, metres.
    label : int64 array, shape (B, 2)
        Label on its left and on its right.
    """

    ends: NDArray[np.float64]
    label: NDArray[np.int64]


def trace_border(squares: Ground, *, right_m: float = LEAST_M) -> Border:
    """Draw the border between labels so that no spot is far from a stroke of its own label.

    Labels are found along the sides of each square. Where they change, the places are joined by a straight
    piece, or to one place in between if they are more than two. Each piece of ground made so is
    proven: no spot is more than ``right_m`` farther from a
    stroke of its label than from any other. A square that cannot be proven is split in four, down to
    ``SMALLEST_M``.

    Parameters
    ----------
    squares : Ground
        Squares in which several labels can be nearest, with the strokes that can be nearest in them;
        ``edge`` is the label of each stroke (:func:`geo.ground.divide_labelled`).
    right_m : float
        The bound, ``LEAST_M`` or more.
    """
    near = Near(squares.line, squares.edge, squares.member)
    room = Room.of(squares.start)
    whole = _whole_squares(near, squares, right_m / 2.0, room)
    pieces = [np.empty((0, 6))]
    for first in range(0, len(whole.tile), _AT_ONCE):
        some = whole.take(np.arange(first, min(first + _AT_ONCE, len(whole.tile))))
        pieces.append(_trace(near, squares.start, some, right_m, room))
    drawn = _draw_once(np.concatenate(pieces))
    return Border(drawn[:, :4].reshape(-1, 2, 2), drawn[:, 4:].astype(np.int64))


def _trace(
    near: Near, start: NDArray[np.int64], squares: Squares, right_m: float, room: Room
) -> NDArray[np.float64]:
    """Draw the border in some squares: start x, y, end x, y, label on the left, on the right."""
    pieces, places = [np.empty((0, 6))], [np.empty(0, np.int64)]
    while len(squares.tile):
        around = walk_around(squares)
        is_drawn = np.ones(len(squares.tile), dtype=bool)
        if squares.size > 1:
            are_right(near, start, parts_of(squares, around), right_m, room, is_drawn)
        piece, square = pieces_in(around, is_drawn)
        pieces.append(piece)
        # The quarters of a square take its place: size ** 2 of the smallest squares lie in it.
        places.append(squares.place[square] * squares.size**2)
        squares = quarter(squares.take(np.flatnonzero(~is_drawn)), near, start, right_m / 2.0, room)
    return np.concatenate(pieces)[np.argsort(np.concatenate(places), kind="stable")]


def _whole_squares(near: Near, squares: Ground, bound: float, room: Room) -> Squares:
    """Divide the sides of all squares among labels; those between two squares once."""
    tile, n = squares.tile, len(squares.tile)
    above, right = _beside(tile, 0, 1), _beside(tile, 1, 0)
    is_own = np.column_stack([np.ones((n, 2), dtype=bool), above < 0, right < 0])
    square, which = np.ascontiguousarray(np.nonzero(is_own))  # compiled once for all
    is_upright = which % 2 == 1
    low = np.where(is_upright, tile[square, 1], tile[square, 0]) * squares.tile_m
    fixed = (np.where(is_upright, tile[square, 0], tile[square, 1]) + which // 2) * squares.tile_m
    sides = Sides(square, is_upright, fixed, low, low + squares.tile_m)
    stretch, end = cut_sides(near, squares.start, sides, bound, room)
    of = np.zeros((n, 4, 2), np.int64)
    of[square, which] = np.column_stack([np.append(0, end)[:-1], end])
    of[above >= 0, 2] = of[above[above >= 0], 0]
    of[right >= 0, 3] = of[right[right >= 0], 1]
    size = round(squares.tile_m / SMALLEST_M)
    return Squares(np.arange(n), np.arange(n), tile * size, size, stretch, of)


def _beside(tile: NDArray[np.int64], columns: int, rows: int) -> NDArray[np.int64]:
    """Give the position of the square that lies so many columns and rows on, -1 where there is none."""
    key = (tile[:, 0] << 32) + tile[:, 1]
    order = np.argsort(key)
    wanted = key + (columns << 32) + rows
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    neighbour: NDArray[np.int64] = np.where(key[order][at] == wanted, order[at], -1)
    return neighbour


def _draw_once(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut border along the side of a square where other border meets it, and draw it once.

    Where a label has that line and nothing else, both squares draw it, each against its own label: what is
    left is the border between those two, if they differ.
    """
    for axis in range(2):
        along = np.flatnonzero(pieces[:, axis] == pieces[:, axis + 2])
        cut = _cut_at_places(pieces[along], pieces, axis)
        _, same, n = np.unique(cut[:, :4], axis=0, return_inverse=True, return_counts=True)
        same = same.ravel()
        twice = np.flatnonzero(n[same] == 2)
        first, second = twice[np.argsort(same[twice], kind="stable")].reshape(-1, 2).T
        is_left = cut[first, 5] == cut[second, 4]
        joined = cut[first]
        joined[:, 4] = np.where(is_left, cut[first, 4], cut[second, 4])
        joined[:, 5] = np.where(is_left, cut[second, 5], cut[first, 5])
        joined = joined[joined[:, 4] != joined[:, 5]]
        pieces = np.concatenate([np.delete(pieces, along, axis=0), cut[n[same] == 1], joined])
    return pieces


def _cut_at_places(along: NDArray[np.float64], pieces: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Cut pieces along an axis wherever another piece ends on them; all are given in rising order."""
    fixed, start, end = along[:, axis], along[:, 1 - axis], along[:, 3 - axis]
    low, high = np.minimum(start, end), np.maximum(start, end)
    ends = pieces[:, :4].reshape(-1, 2)
    places = np.unique(ends[:, axis] + 1j * ends[:, 1 - axis])
    first = np.searchsorted(places, fixed + 1j * low)
    n = np.searchsorted(places, fixed + 1j * high) - first
    row = np.repeat(np.arange(len(along)), n)
    at = np.repeat(first - (np.cumsum(n) - n), n) + np.arange(len(row))
    cut = np.empty((len(row), 6))
    cut[:, axis] = cut[:, axis + 2] = fixed[row]
    cut[:, 1 - axis], cut[:, 3 - axis] = places.imag[at], places.imag[at + 1]
    cut[:, 4:] = np.where((start < end)[row, None], along[row, 4:], along[row, 5:3:-1])
    return cut
