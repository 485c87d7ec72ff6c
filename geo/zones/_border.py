"""The border between labelled strokes, square by square, in straight pieces that are proven right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.ground import Ground
from geo.zones._sides import GRID, SMALLEST_M, Near, cut_side, is_right

__all__ = ["LEAST_M", "Border", "trace_border"]

LEAST_M = 1.5
"""Smallest bound that the smallest squares are sure to keep, metres."""

_ROWS = 4096
"""More rows than one square can add to anything."""


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
    proven (:func:`geo.zonesides.is_right`): no spot is more than ``right_m`` farther from a
    stroke of its label than from any other. A square that cannot be proven is split in four, down to
    ``SMALLEST_M``: there a spot is at most 0.36 m from a side, which is proven to half of the bound.

    Parameters
    ----------
    squares : Ground
        Squares in which several labels can be nearest, with the strokes that can be nearest in them;
        ``edge`` is the label of each stroke (:func:`geo.ground.divide_labelled`).
    right_m : float
        The bound, ``LEAST_M`` or more.
    """
    near = Near(squares.line, squares.edge, squares.member)
    room = np.empty(np.diff(squares.start).max(initial=0))
    side, of = _sides(near, squares, right_m / 2.0, room)
    found = _once(_trace(near, squares.tile, squares.start, squares.tile_m, right_m, side, of, room))
    return Border(found[:, :4].reshape(-1, 2, 2), found[:, 4:].astype(np.int64))


def _sides(
    near: Near, squares: Ground, bound: float, room: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Divide the sides of all squares among labels; those between two squares once.

    Returns the stretches, and for each square where those of its bottom, left, top and right start and end.
    """
    tile, n = squares.tile, len(squares.tile)
    above, right = _beside(tile, 0, 1), _beside(tile, 1, 0)
    is_own = np.column_stack([np.ones((n, 2), dtype=bool), above < 0, right < 0])
    square, which = np.nonzero(is_own)
    is_upright = which % 2 == 1
    low = np.where(is_upright, tile[square, 1], tile[square, 0]) * squares.tile_m
    fixed = (np.where(is_upright, tile[square, 0], tile[square, 1]) + which // 2) * squares.tile_m
    side, end = _cut_sides(
        near, squares.start, square, is_upright, fixed, low, low + squares.tile_m, bound, room
    )
    of = np.zeros((n, 4, 2), np.int64)
    of[square, which] = np.column_stack([np.append(0, end)[:-1], end])
    of[above >= 0, 2] = of[above[above >= 0], 0]
    of[right >= 0, 3] = of[right[right >= 0], 1]
    return side, of


def _beside(tile: NDArray[np.int64], columns: int, rows: int) -> NDArray[np.int64]:
    """Give the position of the square that lies so many columns and rows on, -1 where there is none."""
    key = (tile[:, 0] << 32) + tile[:, 1]
    order = np.argsort(key)
    wanted = key + (columns << 32) + rows
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    found: NDArray[np.int64] = np.where(key[order][at] == wanted, order[at], -1)
    return found


def _once(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut border along the side of a square where other border meets it, and draw it once.

    Where a label has that line and nothing else, both squares draw it, each against its own label: what is
    left is the border between those two, if they differ.
    """
    for axis in range(2):
        along = np.flatnonzero(found[:, axis] == found[:, axis + 2])
        cut = _cut_at_places(found[along], found, axis)
        _, same, n = np.unique(cut[:, :4], axis=0, return_inverse=True, return_counts=True)
        same = same.ravel()
        twice = np.flatnonzero(n[same] == 2)
        first, second = twice[np.argsort(same[twice], kind="stable")].reshape(-1, 2).T
        is_left = cut[first, 5] == cut[second, 4]
        joined = cut[first]
        joined[:, 4] = np.where(is_left, cut[first, 4], cut[second, 4])
        joined[:, 5] = np.where(is_left, cut[second, 5], cut[first, 5])
        joined = joined[joined[:, 4] != joined[:, 5]]
        found = np.concatenate([np.delete(found, along, axis=0), cut[n[same] == 1], joined])
    return found


def _cut_at_places(along: NDArray[np.float64], found: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Cut pieces along an axis wherever another piece ends on them; all are given in rising order."""
    fixed, start, end = along[:, axis], along[:, 1 - axis], along[:, 3 - axis]
    low, high = np.minimum(start, end), np.maximum(start, end)
    ends = found[:, :4].reshape(-1, 2)
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


@part
def _longer(rows, n):  # type: ignore[no-untyped-def]
    """Give room for ``n`` rows."""
    if n <= len(rows):
        return rows
    more = np.empty((2 * n, rows.shape[1]))
    for i in range(len(rows)):
        for column in range(rows.shape[1]):
            more[i, column] = rows[i, column]
    return more


@kernel
def _cut_sides(near, start, square, is_upright, fixed, low, high, bound, room):  # type: ignore[no-untyped-def]
    """Divide sides among labels; give the stretches, and where those of each side end."""
    side, corner, end = np.empty((_ROWS, 2)), np.empty((8, 3)), np.empty(len(square), np.int64)
    n = np.int64(0)
    for i in range(len(square)):
        t = square[i]
        side = _longer(side, n + _ROWS)
        n = cut_side(
            near,
            start[t],
            start[t + 1],
            is_upright[i],
            fixed[i],
            low[i],
            high[i],
            bound,
            room,
            corner,
            side,
            n,
        )
        end[i] = n
    return side[:n].copy(), end


@kernel
def _trace(near, tile, start, width, bound, side, of, room):  # type: ignore[no-untyped-def]
    """Draw the border in each square: start x, y, end x, y, label on the left, on the right."""
    n_sides, found, n_found = len(side), np.empty((_ROWS, 6)), np.int64(0)
    edge, corner = np.empty((2 * _ROWS, 3)), np.empty((2 * _ROWS, 3))
    breaks, cell = np.empty(2 * _ROWS, np.int64), np.empty((64, 11), np.int64)
    depth = np.int64(np.rint(width / SMALLEST_M))
    for t in range(len(tile)):
        # What is cut inside a square is written behind the sides, and over that of the square before.
        begin, end, n = start[t], start[t + 1], np.int64(n_sides)
        cell[0, 0], cell[0, 1], cell[0, 2] = tile[t, 0] * depth, tile[t, 1] * depth, depth
        for which in range(4):
            cell[0, 3 + which], cell[0, 7 + which] = of[t, which, 0], of[t, which, 1]
        top = 1
        while top:
            top -= 1
            n_edge = _walk(side, cell, top, edge)
            n_breaks, is_straight, x, y = _join(edge, n_edge, cell, top, breaks)
            if cell[top, 2] == 1 or _is_leaf(
                near, begin, end, edge, n_edge, breaks, n_breaks, is_straight, x, y, bound, corner
            ):
                found = _longer(found, n_found + n_breaks)
                n_found = _draw(edge, n_edge, breaks, n_breaks, is_straight, x, y, found, n_found)
            else:
                side = _longer(side, n + _ROWS)
                n = _split(near, begin, end, bound / 2.0, room, corner, side, n, cell, top)
                top += 4
    return found[:n_found].copy()


@part
def _walk(side, cell, top, edge):  # type: ignore[no-untyped-def]
    """List the stretches around a square against the clock: where each starts, and its label."""
    n = 0
    for turn in range(4):
        # bottom, right, top, left; the last two are walked backwards
        which = turn if turn % 2 == 0 else 4 - turn
        is_upright = which % 2 == 1
        low = cell[top, 1 if is_upright else 0] * SMALLEST_M
        fixed = (cell[top, 0 if is_upright else 1] + (cell[top, 2] if which >= 2 else 0)) * SMALLEST_M
        begin, end = cell[top, 3 + which], cell[top, 7 + which]
        for i in range(end - begin):
            if turn < 2:
                at = begin + i
                place = low if i == 0 else side[at - 1, 0]
            else:
                at = end - 1 - i
                place = side[at, 0]
            edge[n, 0], edge[n, 1] = (fixed, place) if is_upright else (place, fixed)
            edge[n, 2] = side[at, 1]
            n += 1
    return n


@part
def _join(edge, n, cell, top, breaks):  # type: ignore[no-untyped-def]
    """Find where labels change around a square, whether two places are joined straight, and the middle."""
    n_breaks, x, y, is_on_one = 0, 0.0, 0.0, False
    for i in range(n):
        if edge[i, 2] != edge[(i + n - 1) % n, 2]:
            breaks[n_breaks] = i
            n_breaks += 1
            x += edge[i, 0]
            y += edge[i, 1]
    for which in range(4):
        column = 1 if which % 2 == 0 else 0
        at = (cell[top, column] + (cell[top, 2] if which >= 2 else 0)) * SMALLEST_M
        n_on = 0
        for b in range(n_breaks):
            n_on += edge[breaks[b], column] == at
        is_on_one |= n_on == n_breaks
    if n_breaks != 2 and is_on_one:
        half = cell[top, 2] / 2.0
        return n_breaks, False, (cell[top, 0] + half) * SMALLEST_M, (cell[top, 1] + half) * SMALLEST_M
    return n_breaks, n_breaks == 2, np.rint(x / n_breaks * GRID) / GRID, np.rint(y / n_breaks * GRID) / GRID


@part
def _is_leaf(near, begin, end, edge, n, breaks, n_breaks, is_straight, x, y, bound, corner):  # type: ignore[no-untyped-def]
    """Say whether every piece of ground in a square is proven."""
    for b in range(max(n_breaks, 1)):
        i = breaks[b] if n_breaks else 0
        own, m = edge[i, 2], 0
        last = breaks[(b + 1) % n_breaks] if n_breaks else n - 1
        while True:
            corner[m, 0], corner[m, 1] = edge[i, 0], edge[i, 1]
            m += 1
            if i == last:
                break
            i = (i + 1) % n
        if n_breaks and not is_straight:
            corner[m, 0], corner[m, 1] = x, y
            m += 1
        if not is_right(near, begin, end, own, corner, m, bound):
            return False
    return True


@part
def _draw(edge, n, breaks, n_breaks, is_straight, x, y, found, n_found):  # type: ignore[no-untyped-def]
    """Write the border in a square; what follows a place of change against the clock lies on the left."""
    for b in range(1 if is_straight else 0, n_breaks):
        i = breaks[b]
        to = breaks[0] if is_straight else i
        found[n_found, 0], found[n_found, 1] = (edge[i, 0], edge[i, 1]) if is_straight else (x, y)
        found[n_found, 2], found[n_found, 3] = edge[to, 0], edge[to, 1]
        found[n_found, 4], found[n_found, 5] = edge[to, 2], edge[(to + n - 1) % n, 2]
        n_found += 1
    return n_found


@part
def _split(near, begin, end, bound, room, corner, side, n, cell, top):  # type: ignore[no-untyped-def]
    """Put four squares in the place of one; the new sides are divided among labels first."""
    column, row, half = cell[top, 0], cell[top, 1], cell[top, 2] // 2
    old = cell[top].copy()
    for child in range(4):
        i, j = child % 2, child // 2
        at = top + child
        cell[at, 0], cell[at, 1], cell[at, 2] = column + i * half, row + j * half, half
        for which in range(4):
            is_upright = which % 2 == 1
            place = (row + j * half if is_upright else column + i * half) * SMALLEST_M
            is_outer = (i if is_upright else j) == which // 2
            if not is_outer and which >= 2:
                continue
            cell[at, 3 + which] = n
            if is_outer:
                n = _part_of(side, old[3 + which], old[7 + which], place, place + half * SMALLEST_M, n)
            else:
                fixed = (column + half if is_upright else row + half) * SMALLEST_M
                high = place + half * SMALLEST_M
                n = cut_side(near, begin, end, is_upright, fixed, place, high, bound, room, corner, side, n)
            cell[at, 7 + which] = n
    for child in range(4):
        # What is the top of one is the bottom of that above it, what is the right the left of that beside it.
        for which in range(2):
            if child // 2 == 0 and which == 0:
                cell[top + child, 5], cell[top + child, 9] = (
                    cell[top + child + 2, 3],
                    cell[top + child + 2, 7],
                )
            if child % 2 == 0 and which == 1:
                cell[top + child, 6], cell[top + child, 10] = (
                    cell[top + child + 1, 4],
                    cell[top + child + 1, 8],
                )
    return n


@part
def _part_of(side, begin, end, low, high, n):  # type: ignore[no-untyped-def]
    """Copy the stretches between two places of a side; give how many rows there are then."""
    start = -np.inf
    for i in range(begin, end):
        if start < high and side[i, 0] > low:
            side[n, 0], side[n, 1] = min(side[i, 0], high), side[i, 1]
            n += 1
        start = side[i, 0]
    return n
