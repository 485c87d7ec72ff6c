"""Labels along the sides of squares, and the proof that ground has the label of a nearest stroke.

**Lemma.** Let ground be convex with the corners ``v`` and the middle ``c``, and ``d_k(x)`` the distance of a
spot ``x`` from stroke ``k``. For a stroke ``k`` of the ground's own label, a stroke ``j`` of another and
every ``x`` of the ground::

    d_k(x) - d_j(x) <= max over v of (d_k(v) - d_j(c) - grad d_j(c) . (v - c))

*Reason.* The distance from a straight stroke is convex. So ``d_j`` lies nowhere below its tangent at ``c``,
and ``d_k`` less that tangent is convex: it is greatest at a corner. (Where ``d_j(c)`` is 1e-6 m or less, 0 is
taken for the tangent: no distance is below it, and the direction of so short a way is lost in rounding.)

*Use.* If the right side is at most ``bound`` for one ``k`` and all ``j`` of other labels, no spot of the
ground is more than ``bound`` farther from a stroke of its own label than from any other. A ``d_k`` of at most
``bound`` at all corners proves the same, as no distance is negative. A ``j`` with ``d_j(c) > max d_k(v) + max
|v - c| - bound`` need not be looked at: ``d_j`` falls by no more than the way that one goes. Ground that is
not convex is proven by the triangles between its middle and its sides, which cover it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.ground import foot

__all__ = ["GRID", "SMALLEST_M", "Near", "Parts", "Room", "Sides", "are_right", "cut_sides"]

GRID: Final = 2.0**24
"""Places on the sides of squares are whole multiples of 1 / this, metres."""
SMALLEST_M: Final = 0.25
"""Squares and sides of this width are not split: no spot is far from one whose label is known."""
_SAME_M: Final = 1e-6
"""Strokes no more than this farther than the nearest are as near: the smallest label counts."""
_ROWS: Final = 4096
"""More rows than one side can add to anything, and more corners than ground in a square has."""


class Near(NamedTuple):
    """Straight strokes with labels, and those that matter in each square.

    Parameters
    ----------
    line : float64 array, shape (P, 5)
        Start x, y and step x, y to the end, in metres; 1 / length squared (0 for a point).
    label : int64 array, shape (P,)
        Label of each stroke.
    member : int32 or int64 array
        Strokes of the squares, one square after the other; inside a kernel those of one square.
    """

    line: NDArray[np.float64]
    label: NDArray[np.int64]
    member: NDArray[np.int64]


class Sides(NamedTuple):
    """Sides of squares, each along one axis.

    Parameters
    ----------
    square : int64 array, shape (S,)
        Square whose strokes decide.
    is_upright : bool array, shape (S,)
        Whether the side runs along y.
    fixed, low, high : float64 array, shape (S,)
        Its place on the other axis, its lower and its upper end, metres.
    """

    square: NDArray[np.int64]
    is_upright: NDArray[np.bool_]
    fixed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Parts(NamedTuple):
    """Parts of the ground of squares, each with one label.

    Parameters
    ----------
    square, label : int64 array and float64 array, shape (P,)
        Square whose strokes decide, and the label.
    of : int64 array, shape (P,)
        Which answer a part belongs to; all its parts must be proven.
    xy : float64 array
        Corners of the parts, against the clock, metres.
    start : int64 array, shape (P + 1,)
        Corners of part ``p`` are ``xy[start[p]:start[p + 1]]``.
    """

    square: NDArray[np.int64]
    label: NDArray[np.float64]
    of: NDArray[np.int64]
    xy: NDArray[np.float64]
    start: NDArray[np.int64]


class Room(NamedTuple):
    """Room for what kernels note down; inside a kernel each kind of it takes time to compile.

    Parameters
    ----------
    away : float64 array
        Squared distances of the strokes of one square.
    corner : float64 array, shape (C, 3)
        Corners of ground, and their distances from one stroke.
    todo : float64 array, shape (64, 4)
        Stretches of a side that are still to be divided: both ends, and the labels there.
    """

    away: NDArray[np.float64]
    corner: NDArray[np.float64]
    todo: NDArray[np.float64]

    @classmethod
    def of(cls, start: NDArray[np.int64]) -> Room:
        """Make room for squares whose strokes start and end so."""
        most = int(np.diff(start).max(initial=0))
        return cls(np.empty(most), np.empty((2 * _ROWS, 3)), np.empty((64, 4)))


@kernel
def are_right(near, start, parts, bound, room, right):  # type: ignore[no-untyped-def]
    """Write into ``right`` whether all parts of each answer are proven; it comes in as all true."""
    corner = room.corner
    for p in range(len(parts.of)):
        if right[parts.of[p]]:
            n, t = parts.start[p + 1] - parts.start[p], parts.square[p]
            for v in range(n):
                for axis in range(2):
                    corner[v, axis] = parts.xy[parts.start[p] + v, axis]
            own = Near(near.line, near.label, near.member[start[t] : start[t + 1]])
            right[parts.of[p]] = _is_right(own, parts.label[p], corner, n, bound)


@kernel
def cut_sides(near, start, sides, bound, room):  # type: ignore[no-untyped-def]
    """Divide sides among labels, proven to ``bound``; give the stretches, and where those of each side end.

    A stretch is given by where it ends and its label; neighbours differ.
    """
    cut, end = np.empty((_ROWS, 2)), np.empty(len(sides.square), np.int64)
    n = np.int64(0)
    for i in range(len(sides.square)):
        if n + _ROWS > len(cut):
            longer = np.empty((2 * (n + _ROWS), 2))
            for row in range(n):
                longer[row, 0], longer[row, 1] = cut[row, 0], cut[row, 1]
            cut = longer
        t = sides.square[i]
        own = Near(near.line, near.label, near.member[start[t] : start[t + 1]])
        side = _Side(sides.is_upright[i], sides.fixed[i], sides.low[i], sides.high[i])
        n = _cut_side(own, side, bound, room, cut, n)
        end[i] = n
    return cut[:n], end


class _Side(NamedTuple):
    """One of ``Sides``."""

    is_upright: bool
    fixed: float
    low: float
    high: float


@part
def _on(side, at):  # type: ignore[no-untyped-def]
    """Give x and y of a place on a side."""
    return (side.fixed, at) if side.is_upright else (at, side.fixed)


@part
def _is_right(near, own, corner, n, bound):  # type: ignore[no-untyped-def]
    """Say whether ground with ``n`` corners is proven to be of label ``own``, as a whole or by triangles."""
    x, y = 0.0, 0.0
    for v in range(n):
        x += corner[v, 0] / n
        y += corner[v, 1] / n
    # First the whole, then the triangles about its middle, which are written behind its corners.
    for v in range(-1, n):
        first, count = np.int64(0), n
        if v >= 0:
            first, count = n, np.int64(3)
            for column in range(2):
                corner[n, column] = y if column else x
                corner[n + 1, column] = corner[v, column]
                corner[n + 2, column] = corner[(v + 1) % n, column]
        if _is_proven(near, own, corner[first : first + count], bound):
            if v < 0:
                return True
        elif v >= 0 or n < 3:
            return False
    return True


@part
def _is_proven(near, own, corner, bound):  # type: ignore[no-untyped-def]
    """Say whether the lemma proves ground to be of label ``own``, with its nearest stroke for ``k``."""
    x, y = 0.0, 0.0
    for v in range(len(corner)):
        x += corner[v, 0] / len(corner)
        y += corner[v, 1] / len(corner)
    k, least = np.int64(-1), np.inf
    for j in near.member:
        if near.label[j] == own:
            square = foot(near.line, j, x, y)[1]
            if square < least:
                k, least = j, square
    if k < 0:
        return False
    most, reach = 0.0, 0.0
    for v in range(len(corner)):
        corner[v, 2] = np.sqrt(foot(near.line, k, corner[v, 0], corner[v, 1])[1])
        most = max(most, corner[v, 2])
        reach = max(reach, np.hypot(corner[v, 0] - x, corner[v, 1] - y))
    if most <= bound:
        return True
    for j in near.member:
        if near.label[j] != own and not _stays_farther(
            near.line, j, corner, x, y, bound, most + reach - bound
        ):
            return False
    return True


@part
def _stays_farther(line, j, corner, x, y, bound, within):  # type: ignore[no-untyped-def]
    """Say whether the lemma holds against stroke ``j``; it does where that is farther off than ``within``."""
    along, square = foot(line, j, x, y)
    d = np.sqrt(square)
    if d > within:
        return True
    t = min(max(along, 0.0), 1.0)
    dx = (x - line[j, 0] - t * line[j, 2]) / max(d, _SAME_M)
    dy = (y - line[j, 1] - t * line[j, 3]) / max(d, _SAME_M)
    for v in range(len(corner)):
        tangent = d + dx * (corner[v, 0] - x) + dy * (corner[v, 1] - y) if d > _SAME_M else 0.0
        if corner[v, 2] - tangent > bound:
            return False
    return True


@part
def _label_at(near, side, at, away):  # type: ignore[no-untyped-def]
    """Give the label of the stroke nearest to a place on a side, the smallest of those as near."""
    x, y = _on(side, at)
    least = np.inf
    for j in range(len(near.member)):
        away[j] = foot(near.line, near.member[j], x, y)[1]
        least = min(least, away[j])
    within = (np.sqrt(least) + _SAME_M) ** 2
    label = np.int64(1 << 62)
    for j in range(len(near.member)):
        if away[j] <= within:
            label = min(label, near.label[near.member[j]])
    return label


@part
def _lead(near, a, b, x, y):  # type: ignore[no-untyped-def]
    """Give by how much label ``a`` is farther than label ``b``."""
    to_a, to_b = np.inf, np.inf
    for k in near.member:
        if near.label[k] == a:
            to_a = min(to_a, foot(near.line, k, x, y)[1])
        elif near.label[k] == b:
            to_b = min(to_b, foot(near.line, k, x, y)[1])
    return np.sqrt(to_a) - np.sqrt(to_b)


@part
def _meet(near, side, a, b, low, high):  # type: ignore[no-untyped-def]
    """Find where label ``b`` becomes nearer than ``a`` (regula falsi, Illinois: Dowell and Jarratt 1971)."""
    s, t, at = low, high, (low + high) / 2.0
    f, g, last = 0.0, 0.0, 0
    for turn in range(62):
        if turn > 1:
            if t - s < 0.5 / GRID or g <= f:
                break
            at = min(max((s * g - t * f) / (g - f), s), t)
        else:
            at = high if turn else low
        x, y = _on(side, at)
        h = _lead(near, a, b, x, y)
        if turn == 0:
            f = h
        elif turn == 1:
            g = h
        elif h > 0:
            t, g = at, h
            f *= 0.5 if last == 1 else 1.0
            last = 1
        else:
            s, f = at, h
            g *= 0.5 if last == -1 else 1.0
            last = -1
        if turn > 1 and abs(h) < 1e-11:
            break
    return min(max(np.rint(at * GRID) / GRID, low), high)


@part
def _cut_side(near, side, bound, room, cut, n):  # type: ignore[no-untyped-def]
    """Divide a side; its stretches become rows of ``cut`` from ``n`` on, and their new number is given.

    A place is split in two until what is between is proven or no longer than ``SMALLEST_M``.
    """
    first, last, todo = n, side.low, room.todo
    todo[0, 0], todo[0, 1] = side.low, side.high
    for row in range(2):
        todo[0, 2 + row] = _label_at(near, side, todo[0, row], room.away)
    top = 1
    while top:
        top -= 1
        s, t, a, b = todo[top, 0], todo[top, 1], todo[top, 2], todo[top, 3]
        at = t if a == b else _meet(near, side, a, b, s, t)
        is_done = True
        for row in range(2):
            u, v = (s, at) if row == 0 else (at, t)
            if is_done and u < v and t - s > SMALLEST_M:
                is_done = _is_of(near, side, u, v, a if row == 0 else b, bound, room.corner)
        if not is_done:
            middle = (s + t) / 2.0
            m = _label_at(near, side, middle, room.away)
            for row in range(2):
                todo[top, 0], todo[top, 1] = (s, middle) if row else (middle, t)
                todo[top, 2], todo[top, 3] = (a, m) if row else (m, b)
                top += 1
            continue
        for row in range(2):
            place, label = (at, a) if row == 0 else (t, b)
            if place > last:
                n += 0 if n > first and cut[n - 1, 1] == label else 1
                cut[n - 1, 0], cut[n - 1, 1] = place, label
                last = place
    return n


@part
def _is_of(near, side, low, high, label, bound, corner):  # type: ignore[no-untyped-def]
    """Say whether a stretch of a side is proven to be of a label."""
    corner[0, 0], corner[0, 1] = _on(side, low)
    corner[1, 0], corner[1, 1] = _on(side, high)
    return _is_proven(near, label, corner[:2], bound)
