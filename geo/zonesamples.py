"""Samples on labelled roads, close enough together to draw the borders between the labels, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.ground import Ground, divide_labelled
from geo.pieces import foot

__all__ = ["RIGHT_M", "Strokes", "sample_borders"]

RIGHT_M: Final = 2.0
"""A spot on the wrong side of a border is at most this much nearer to a road of the other zone, metres."""

_SQUARE_M: Final = 64.0
"""Width of the squares along the borders."""
_MOST: Final = 5
"""A stroke is cut into an odd number of pieces, at most so many at a time: its middle stays a sample."""
_TIP_M: Final = 1.0
"""Where two labels meet on a road, both have a sample at half of this from the place."""


class Strokes(NamedTuple):
    """Straight strokes with labels; a point is a stroke of no length."""

    xy: NDArray[np.float64]
    to_xy: NDArray[np.float64]
    label: NDArray[np.int64]

    @property
    def length(self) -> NDArray[np.float64]:
        """Length of each, metres."""
        length: NDArray[np.float64] = np.hypot(*(self.to_xy - self.xy).T)
        return length

    @property
    def middle(self) -> NDArray[np.float64]:
        """Place half-way along each."""
        return (self.xy + self.to_xy) / 2.0

    def take(self, rows: NDArray[np.generic]) -> Strokes:
        """Give some of them."""
        return Strokes(self.xy[rows], self.to_xy[rows], self.label[rows])


def sample_borders(
    strokes: Strokes,
    size_m: float,
    is_ground: Callable[[NDArray[np.int64], float], NDArray[np.bool_]],
) -> Strokes:
    """Cut strokes so short that their middles stand for them along every border; leave out all others.

    Only strokes that can be nearest in a square with several labels shape a border
    (:func:`geo.ground.divide_labelled`). The middle of a stroke of length ``s`` stands for it: seen at
    distance ``d`` from the side that is wrong by ``sqrt(d^2 + s^2 / 4) - d <= s^2 / (8 d)`` metres at
    most, and from its end by ``s / 2``. At nine places in each square the nearest middle is held against the
    nearest stroke, which is cut where they differ too much.

    Parameters
    ----------
    strokes : Strokes
        Of several labels, in the square from 0, 0 to ``size_m``.
    size_m : float
        Width of the ground, metres.
    is_ground : callable
        Which squares (columns and rows, width) hold ground.
    """
    squares = divide_labelled(
        strokes.xy,
        strokes.to_xy,
        strokes.label,
        size_m=size_m,
        tile_m=_SQUARE_M,
        slack_m=2.0 * RIGHT_M,
        is_ground=is_ground,
    )
    is_used = np.zeros(len(strokes.label), dtype=bool)
    is_used[squares.member] = True
    rows = np.cumsum(is_used) - 1
    tipped, parent = _with_tips(strokes.take(is_used))
    n = np.bincount(parent, minlength=is_used.sum())
    squares = _pieces_of(squares._replace(member=rows[squares.member]), n)
    is_used = np.zeros(len(tipped.label), dtype=bool)
    while len(squares.tile):
        wanted = np.full(len(tipped.label), np.inf)
        line = np.column_stack([tipped.xy, tipped.to_xy - tipped.xy, _inverse(tipped.length)])
        is_open, is_near = _look(
            line, tipped.label, squares.tile, squares.start, squares.member, squares.tile_m, wanted, is_used
        )
        squares = _keep(squares, is_open, is_near)
        tipped, n = _cut(tipped, wanted)
        is_used = np.repeat(is_used, n)
        squares = _pieces_of(squares, n)
    tipped = tipped.take(is_used)
    key = np.rint(tipped.middle * 1000.0).astype(np.int64) @ np.array([1 << 32, 1])
    return tipped.take(np.sort(np.unique(key, return_index=True)[1]))


def _inverse(length: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(1.0, length**2, out=np.zeros(len(length)), where=length > 0)


def _pieces_of(squares: Ground, n: NDArray[np.int64]) -> Ground:
    """Put in the place of each stroke the ``n`` pieces that it was cut into."""
    first = np.cumsum(n) - n
    count = n[squares.member]
    run = np.append(0, np.cumsum(count))
    member = np.repeat(first[squares.member] - run[:-1], count) + np.arange(run[-1])
    return squares._replace(start=run[squares.start], member=member)


def _keep(squares: Ground, is_open: NDArray[np.bool_], is_near: NDArray[np.bool_]) -> Ground:
    """Keep some squares, and of their strokes those that are near."""
    kept = is_near & np.repeat(is_open, np.diff(squares.start))
    run = np.append(0, np.cumsum(kept))
    n = np.diff(run[squares.start])[is_open]
    return squares._replace(
        tile=squares.tile[is_open], start=np.append(0, np.cumsum(n)), member=squares.member[kept]
    )


def _with_tips(strokes: Strokes) -> tuple[Strokes, NDArray[np.int64]]:
    """Cut a short tip off every stroke end at which another label begins; give the stroke of each piece."""
    ends = np.rint(np.concatenate([strokes.xy, strokes.to_xy]) * 1000.0).astype(np.int64)
    _, place = np.unique(ends @ np.array([1 << 32, 1]), return_inverse=True)
    label = np.tile(strokes.label, 2)
    least, most = np.full(place.max() + 1, np.iinfo(np.int64).max), np.full(place.max() + 1, -9)
    np.minimum.at(least, place, label)
    np.maximum.at(most, place, label)
    is_tip = (least < most)[place].reshape(2, -1)
    share = np.minimum(0.5, _TIP_M / np.maximum(strokes.length, 1e-9)) * is_tip
    step = strokes.to_xy - strokes.xy
    first = strokes.xy + share[0, :, None] * step
    last = strokes.to_xy - share[1, :, None] * step
    start, end = (np.flatnonzero(tip & (strokes.length > 0)) for tip in is_tip)
    body = np.flatnonzero((share.sum(axis=0) < 1.0) | (strokes.length == 0))
    parent = np.concatenate([start, body, end])
    pieces = Strokes(
        np.concatenate([strokes.xy[start], first[body], last[end]]),
        np.concatenate([first[start], last[body], strokes.to_xy[end]]),
        strokes.label[parent],
    )
    order = np.argsort(parent, kind="stable")
    return pieces.take(order), parent[order]


def _cut(strokes: Strokes, wanted: NDArray[np.float64]) -> tuple[Strokes, NDArray[np.int64]]:
    """Cut strokes that are too long; give into how many pieces."""
    half = np.ceil((strokes.length / wanted - 1.0) / 2.0).clip(0, _MOST // 2)
    n = 2 * half.astype(np.int64) + 1
    row = np.repeat(np.arange(len(n)), n)
    k = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    step = (strokes.to_xy - strokes.xy)[row] / n[row, None]
    start = strokes.xy[row] + k[:, None] * step
    return Strokes(start, start + step, strokes.label[row]), n


@njit(cache=True, nogil=True)
def _look(line, label, tile, start, member, width, wanted, is_used):  # type: ignore[no-untyped-def]
    """Hold the nearest middle of the two nearest labels against the nearest stroke; say how long it may be.

    A border runs within ``reach`` of a place only if a stroke of another label is no more than twice that
    farther from it than the nearest. Returns which squares have a stroke to cut, and which members can be
    nearest on a border in their square.
    """
    right = 0.85 * RIGHT_M
    reach = width / 6.0 * np.sqrt(2.0)
    is_open = np.zeros(len(tile), np.bool_)
    is_near = np.zeros(len(member), np.bool_)
    away = np.empty(len(line), np.float64)
    for t in range(len(tile)):
        for place in range(9):
            x = (tile[t, 0] + (1 + 2 * (place % 3)) / 6.0) * width
            y = (tile[t, 1] + (1 + 2 * (place // 3)) / 6.0) * width
            least, other, who, whose = np.inf, np.inf, -1, -1
            for j in range(start[t], start[t + 1]):
                k = member[j]
                square = foot(line, k, x, y)[1]
                away[j - start[t]] = square
                if square < least:
                    if who < 0 or label[k] != label[who]:
                        other, whose = least, who
                    least, who = square, k
                elif square < other and label[k] != label[who]:
                    other, whose = square, k
            nearest = np.sqrt(least)
            within = nearest + 2.0 * reach + 2.0 * RIGHT_M
            if other > within * within:
                continue
            told, told_other = np.inf, np.inf
            for j in range(start[t], start[t + 1]):
                k = member[j]
                if away[j - start[t]] <= within * within:
                    is_near[j] = True
                    is_used[k] = True
                if label[k] == label[who] or label[k] == label[whose]:
                    dx = x - line[k, 0] - 0.5 * line[k, 2]
                    dy = y - line[k, 1] - 0.5 * line[k, 3]
                    if label[k] == label[who]:
                        told = min(told, dx * dx + dy * dy)
                    else:
                        told_other = min(told_other, dx * dx + dy * dy)
            for k, away_m, told_m in (
                (who, nearest, np.sqrt(told)),
                (whose, np.sqrt(other), np.sqrt(told_other)),
            ):
                if told_m - away_m > right:
                    is_open[t] = True
                    length = np.hypot(line[k, 2], line[k, 3])
                    longest = min(2.0 * np.sqrt(right * (2.0 * away_m + right)), length / 3.0)
                    wanted[k] = min(wanted[k], longest)
    return is_open, is_near
