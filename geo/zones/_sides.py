"""Labels along the sides of squares, and the proof that ground has the label of a nearest stroke."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import part
from geo.ground import foot

__all__ = ["GRID", "SMALLEST_M", "Near", "cut_side", "is_right"]

GRID: Final = 2.0**24
"""Places on the sides of squares are whole multiples of 1 / this, metres."""
SMALLEST_M: Final = 0.25
"""Squares and sides of this width are not split: no spot is far from one whose label is known."""
_SAME_M: Final = 1e-6
"""Strokes no more than this farther than the nearest are as near: the smallest label counts."""


class Near(NamedTuple):
    """Straight strokes with labels, and those that matter in each square.

    Parameters
    ----------
    line : float64 array, shape (P, 5)
        Start x, y and step x, y to the end, in metres; 1 / length squared (0 for a point).
    label : int64 array, shape (P,)
        Label of each stroke.
    member : int64 array
        Strokes of the squares, one square after the other.
    """

    line: NDArray[np.float64]
    label: NDArray[np.int64]
    member: NDArray[np.int64]


@part
def is_right(near, begin, end, own, corner, n, bound):  # type: ignore[no-untyped-def]
    """Say whether ground with ``n`` corners is proven to be of label ``own``: as a whole, else by triangles.

    The distance from a stroke is convex. So for every spot ``x`` of ground with corners ``v``, middle ``c``,

        ``d_k(x) - d_j(x) <= max over v of d_k(v) - d_j(c) - grad d_j(c) . (v - c)``

    and where that is at most ``bound`` for one stroke ``k`` of the label and all strokes ``j`` of others, no
    spot is more than ``bound`` farther from a stroke of its own label than from any other.
    """
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
        if _is_proven(near, begin, end, own, corner, first, count, bound):
            if v < 0:
                return True
        elif v >= 0 or n < 3:
            return False
    return True


@part
def _is_proven(near, begin, end, own, corner, first, n, bound):  # type: ignore[no-untyped-def]
    x, y = 0.0, 0.0
    for v in range(first, first + n):
        x += corner[v, 0] / n
        y += corner[v, 1] / n
    k, least = np.int64(-1), np.inf
    for j in range(begin, end):
        if near.label[near.member[j]] == own:
            square = foot(near.line, near.member[j], x, y)[1]
            if square < least:
                k, least = near.member[j], square
    if k < 0:
        return False
    most, reach = 0.0, 0.0
    for v in range(first, first + n):
        corner[v, 2] = np.sqrt(foot(near.line, k, corner[v, 0], corner[v, 1])[1])
        most = max(most, corner[v, 2])
        reach = max(reach, np.hypot(corner[v, 0] - x, corner[v, 1] - y))
    if most <= bound:
        return True
    for j in range(begin, end):
        i = near.member[j]
        if near.label[i] == own:
            continue
        along, square = foot(near.line, i, x, y)
        d = np.sqrt(square)
        if d > most + reach - bound:
            continue
        t = min(max(along, 0.0), 1.0)
        dx = (x - near.line[i, 0] - t * near.line[i, 2]) / max(d, 1e-9)
        dy = (y - near.line[i, 1] - t * near.line[i, 3]) / max(d, 1e-9)
        for v in range(first, first + n):
            told = d + dx * (corner[v, 0] - x) + dy * (corner[v, 1] - y) if d > 1e-9 else 0.0
            if corner[v, 2] - told > bound:
                return False
    return True


@part
def _label_at(near, begin, end, x, y, room):  # type: ignore[no-untyped-def]
    """Give the label of the nearest stroke, the smallest of those as near."""
    least = np.inf
    for j in range(begin, end):
        room[j - begin] = foot(near.line, near.member[j], x, y)[1]
        least = min(least, room[j - begin])
    within = (np.sqrt(least) + _SAME_M) ** 2
    found = np.int64(1 << 62)
    for j in range(begin, end):
        if room[j - begin] <= within:
            found = min(found, near.label[near.member[j]])
    return found


@part
def _lead(near, begin, end, a, b, x, y):  # type: ignore[no-untyped-def]
    """Give by how much label ``a`` is farther than label ``b``."""
    to_a, to_b = np.inf, np.inf
    for j in range(begin, end):
        k = near.member[j]
        if near.label[k] == a:
            to_a = min(to_a, foot(near.line, k, x, y)[1])
        elif near.label[k] == b:
            to_b = min(to_b, foot(near.line, k, x, y)[1])
    return np.sqrt(to_a) - np.sqrt(to_b)


@part
def _meet(near, begin, end, a, b, is_upright, fixed, low, high):  # type: ignore[no-untyped-def]
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
        x, y = (fixed, at) if is_upright else (at, fixed)
        h = _lead(near, begin, end, a, b, x, y)
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
def cut_side(near, begin, end, is_upright, fixed, low, high, bound, room, corner, side, n):  # type: ignore[no-untyped-def]
    """Divide a side among labels, proven to ``bound``; give how many rows ``side`` has then.

    Rows of ``side`` from ``n`` on become: where the stretch ends, its label; neighbours differ. A place is
    split in two until what is between is proven or no longer than ``SMALLEST_M``.
    """
    first, last, zero, two = n, low, np.int64(0), np.int64(2)  # no constants: each would be compiled anew
    todo = np.empty((64, 4))
    for row in range(2):
        x, y = (fixed, high if row else low) if is_upright else (high if row else low, fixed)
        todo[0, row], todo[0, 2 + row] = high if row else low, _label_at(near, begin, end, x, y, room)
    top = 1
    while top:
        top -= 1
        s, t, a, b = todo[top, 0], todo[top, 1], todo[top, 2], todo[top, 3]
        cut = t if a == b else _meet(near, begin, end, a, b, is_upright, fixed, s, t)
        is_done = True
        for row in range(2):
            u, v = (s, cut) if row == 0 else (cut, t)
            if is_done and u < v and t - s > SMALLEST_M:
                corner[0, 0], corner[0, 1] = (fixed, u) if is_upright else (u, fixed)
                corner[1, 0], corner[1, 1] = (fixed, v) if is_upright else (v, fixed)
                is_done = _is_proven(near, begin, end, a if row == 0 else b, corner, zero, two, bound)
        if not is_done:
            middle = (s + t) / 2.0
            x, y = (fixed, middle) if is_upright else (middle, fixed)
            m = _label_at(near, begin, end, x, y, room)
            todo[top, 0], todo[top, 1], todo[top, 2], todo[top, 3] = middle, t, m, b
            top += 1
            todo[top, 0], todo[top, 1], todo[top, 2], todo[top, 3] = s, middle, a, m
            top += 1
            continue
        for row in range(2):
            place, who = (cut, a) if row == 0 else (t, b)
            if place > last:
                n += 0 if n > first and side[n - 1, 1] == who else 1
                side[n - 1, 0], side[n - 1, 1] = place, who
                last = place
    return n
