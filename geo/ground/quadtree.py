"""The ground nearest to each straight piece of road, as squares with the pieces that matter in them.

**Lemma.** Let ``h`` be half the diagonal of a square, ``d`` the distance of its centre from the nearest
piece, and ``x`` a spot of the square.

1. The piece nearest to ``x`` is at most ``d + 2 h`` from the centre, and at least ``d - h`` from ``x``.
2. Where no wall is within ``d + 2 h`` of the centre, that piece is the nearest in sight of ``x`` as well.
3. In any case the nearest piece in sight of ``x``, if it is within ``reach_m``, is within ``reach_m + h`` of
   the centre.
4. A piece that is more than ``d + 2 h + s`` from the centre is more than ``s`` farther from ``x`` than the
   nearest.

*Reason.* ``x`` is at most ``h`` from the centre, so that no distance from ``x`` differs by more than ``h``
from that from the centre (1, 3, 4). The straight way from ``x`` to its nearest piece is at most ``d + h``
long: it stays within ``d + 2 h`` of the centre, and crosses no wall if none comes so near (2).

*Use.* Every square keeps the pieces of 1, near walls those of 3 too, and with labels those up to ``s`` of 4.
It is left out where ``d - h`` is beyond the reach, or where the earliest time at any of its pieces and the
way of ``d - h`` are beyond the limit. A quarter looks at the pieces of its square only, which by then are
enough. ``MARGIN`` is added to each bound for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel
from geo.ground.barriers import Walls, distance_to, wall_tree
from geo.ground.segments import foot

__all__ = ["MARGIN", "Ground", "Rule", "divide", "divide_labelled"]

MARGIN = 1e-6
"""Slack (m, s) of every bound, so that rounding never contradicts a value computed exactly."""
_MOST_AT_ONCE = 1 << 18
"""Pieces in squares that are split together: all those of a city at once would take 300 MB more."""


class Rule(NamedTuple):
    """What ``in time`` means for a point of ground.

    Parameters
    ----------
    limit_s : float
        Longest time (inclusive): at the road plus from the road.
    access_mps : float
        Speed between the road and the point, metres per second.
    reach_m : float
        Farthest that the road may be (inclusive), metres.
    """

    limit_s: float
    access_mps: float
    reach_m: float


class Ground(NamedTuple):
    """Square tiles of ground, each with the pieces of road that can be nearest somewhere in it.

    Parameters
    ----------
    tile_m : float
        Width of a tile; tile (0, 0) has its corner at 0, 0.
    line : float64 array, shape (P, 5)
        Straight pieces of road: start x, y and step x, y to the end, in metres; 1 / length squared.
    edge : int64 array, shape (P,)
        Edge that each piece is of; ascending.
    tile : int64 array, shape (T, 2)
        Column and row of each tile that may hold ground in time.
    start : int64 array, shape (T + 1,)
        Pieces of tile ``t`` are ``member[start[t]:start[t + 1]]``.
    member : int64 or int32 array
        Pieces of each tile: where there are walls by distance from its middle, else ascending.
    """

    tile_m: float
    line: NDArray[np.float64]
    edge: NDArray[np.int64]
    tile: NDArray[np.int64]
    start: NDArray[np.int64]
    member: NDArray[np.int64]


def divide(
    xy: NDArray[np.float64],
    to_xy: NDArray[np.float64],
    edge: NDArray[np.int64],
    *,
    earliest_s: NDArray[np.float64],
    rule: Rule,
    walls: Walls,
    tile_m: float,
) -> Ground:
    """Divide the ground among straight pieces of road, where it can be reached within the limit.

    A square is split in four again and again, and keeps the pieces that can be nearest in it or, near a
    wall, nearest in sight.

    Parameters
    ----------
    xy, to_xy : float64 array, shape (P, 2)
        Ends of the pieces: metres, all >= ``reach_m``.
    edge : int64 array, shape (P,)
        Edge that each piece is of; ascending.
    earliest_s : float64 array, shape (P,)
        Earliest time at which anything is on the piece, seconds.
    rule : Rule
        Squares are dropped where no road is in time, or none is near enough.
    walls : Walls
        Barriers in the same coordinates.
    tile_m : float
        Width of the squares at the end.
    """
    size = float(np.maximum(xy, to_xy).max(initial=0.0)) + rule.reach_m
    n_levels = max(0, int(np.ceil(np.log2(max(size / tile_m, 1.0)))))
    line, tree, squares = _lines(xy, to_xy), wall_tree(walls), _one_square(len(xy))
    for level in range(n_levels - 1, -1, -1):
        width = tile_m * 2.0**level
        # A wall farther than this keeps no piece that would be left out without it.
        within_m = rule.reach_m + 2.0 * width
        wall_m = distance_to(tree, (squares.at + 0.5) * 2.0 * width, within_m=within_m)
        squares = _quartered(line, earliest_s, squares._replace(wall_m=wall_m), width, rule, MARGIN)
    at, start, member = squares[:3]
    if len(walls.line):
        member = _by_distance(line, at, start, member, tile_m)
    return Ground(tile_m, line, edge, at, start, member)


def divide_labelled(
    xy: NDArray[np.float64],
    to_xy: NDArray[np.float64],
    label: NDArray[np.int64],
    *,
    size_m: float,
    tile_m: float,
    slack_m: float,
    is_ground: Callable[[NDArray[np.int64], float], NDArray[np.bool_]],
) -> Ground:
    """Find the squares in which pieces of several labels can be nearest.

    A square keeps the pieces that can be nearest in it, and those up to ``slack_m`` farther. Where all have
    one label, anything else is more than ``slack_m`` farther from every spot of the square than the nearest
    of them, and the square is left out.

    Parameters
    ----------
    xy, to_xy : float64 array, shape (P, 2)
        Ends of the pieces, metres; equal for points.
    label : int64 array, shape (P,)
        Label of each piece, given as ``edge`` of the result.
    size_m : float
        The square from 0, 0 to here is divided.
    tile_m : float
        Width of the squares at the end.
    slack_m : float
        By how much a piece may be farther than the nearest, metres.
    is_ground : callable
        Takes columns and rows of squares and their width; says which to keep.
    """
    n_levels = max(1, int(np.ceil(np.log2(max(size_m / tile_m, 1.0)))))
    line = _lines(xy, to_xy)
    earliest, anywhere = np.zeros(len(xy)), Rule(np.inf, 1.0, np.inf)

    def narrowed(squares: _Squares, level: int) -> _Squares:
        for below in range(level - 1, -1, -1):
            if len(squares.member) > _MOST_AT_ONCE and len(squares.at) > 1:
                return _joined([narrowed(half, below + 1) for half in squares.halves()])
            width = tile_m * 2.0**below
            squares = _quartered(line, earliest, squares, width, anywhere, slack_m)
            own, first = label[squares.member], squares.start[:-1]
            is_kept = np.minimum.reduceat(own, first) < np.maximum.reduceat(own, first)
            is_kept[is_kept] = is_ground(squares.at[is_kept], width)
            squares = squares.take(is_kept)
            if not len(squares.at):
                break
        return squares._replace(member=squares.member.astype(np.int32))

    return Ground(tile_m, line, label, *narrowed(_one_square(len(xy)), n_levels)[:3])


class _Squares(NamedTuple):
    """Squares of one width.

    Parameters
    ----------
    at : int64 array, shape (S, 2)
        Column and row of each.
    start, member : int64 arrays
        Pieces of square ``s`` are ``member[start[s]:start[s + 1]]``.
    wall_m : float64 array, shape (S,)
        Distance of its centre from the nearest wall, metres; ``inf`` where none is near.
    """

    at: NDArray[np.int64]
    start: NDArray[np.int64]
    member: NDArray[np.int64]
    wall_m: NDArray[np.float64]

    def take(self, is_kept: NDArray[np.bool_]) -> _Squares:
        """Give some of the squares."""
        n = np.diff(self.start)
        start = np.append(0, np.cumsum(n[is_kept]))
        return _Squares(self.at[is_kept], start, self.member[np.repeat(is_kept, n)], self.wall_m[is_kept])

    def halves(self) -> Iterator[_Squares]:
        """Give the first squares and the others, about as many pieces each; at least one square each."""
        middle = int(np.searchsorted(self.start, self.start[-1] // 2))
        middle = min(max(middle, 1), len(self.at) - 1)
        cut = self.start[middle]
        yield _Squares(self.at[:middle], self.start[: middle + 1], self.member[:cut], self.wall_m[:middle])
        yield _Squares(self.at[middle:], self.start[middle:] - cut, self.member[cut:], self.wall_m[middle:])


def _joined(some: Sequence[_Squares]) -> _Squares:
    """Give the squares of several as those of one."""
    n = np.concatenate([np.diff(one.start) for one in some])
    at, member, wall_m = (np.concatenate([one[k] for one in some]) for k in (0, 2, 3))
    return _Squares(at, np.append(0, np.cumsum(n)), member, wall_m)


def _one_square(n_pieces: int) -> _Squares:
    """Give the square that holds all pieces."""
    start, member = np.array([0, n_pieces]), np.arange(n_pieces)
    return _Squares(np.zeros((1, 2), dtype=np.int64), start, member, np.full(1, np.inf))


def _quartered(
    line: NDArray[np.float64],
    earliest_s: NDArray[np.float64],
    squares: _Squares,
    width: float,
    rule: Rule,
    slack_m: float,
) -> _Squares:
    """Split each square into four of ``width``, and let go of the room that was not needed."""
    at, start, member, n_squares, n = _quarter(line, earliest_s, squares, width, rule, slack_m)
    return _Squares(
        at[:n_squares].copy(), start[: n_squares + 1], member[:n].copy(), np.full(n_squares, np.inf)
    )


def _lines(xy: NDArray[np.float64], to_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each piece as start, step and 1 / length squared (0 for a point)."""
    step = to_xy - xy
    square = (step**2).sum(axis=1)
    inverse = np.divide(1.0, square, out=np.zeros(len(xy)), where=square > 0)
    return np.ascontiguousarray(np.column_stack([xy, step, inverse]))


def _by_distance(
    line: NDArray[np.float64],
    tile: NDArray[np.int64],
    start: NDArray[np.int64],
    member: NDArray[np.int64],
    tile_m: float,
) -> NDArray[np.int64]:
    """Order the pieces of each tile by their distance from its middle."""
    of = np.repeat(np.arange(len(tile)), np.diff(start))
    piece = line[member]
    away = (tile[of] + 0.5) * tile_m - piece[:, :2]
    step = piece[:, 2:4]
    t = np.clip((away * step).sum(axis=1) * piece[:, 4], 0.0, 1.0)
    return member[np.lexsort((np.hypot(*(away - t[:, None] * step).T), of))]


@kernel
def _quarter(line, earliest_s, squares, width, rule, slack_m):  # type: ignore[no-untyped-def]
    """Split each square into four of ``width``, each with the pieces that can be nearest in it.

    Pieces up to ``slack_m`` farther than that are kept too. Returns room that is longer than needed, and
    how many tiles and members of it count.
    """
    half = width * np.sqrt(0.5)
    tile, start, member, wall_m = squares.at, squares.start, squares.member, squares.wall_m
    out_tile = np.empty((4 * len(tile), 2), np.int64)
    out_start = np.zeros(len(out_tile) + 1, np.int64)
    out_member = np.empty(4 * len(member), np.int64)
    distance = np.empty(len(line), np.float64)
    n_tiles, n = 0, 0
    for i in range(len(tile)):
        for corner in range(4):
            column, row = 2 * tile[i, 0] + corner % 2, 2 * tile[i, 1] + corner // 2
            x, y = (column + 0.5) * width, (row + 0.5) * width
            nearest = np.inf
            for j in range(start[i], start[i + 1]):
                distance[j - start[i]] = np.sqrt(foot(line, member[j], x, y)[1])
                nearest = min(nearest, distance[j - start[i]])
            gap = max(0.0, nearest - half)
            if gap > rule.reach_m + MARGIN:
                continue
            within = nearest + 2.0 * half
            if wall_m[i] - half <= within:
                within = max(within, rule.reach_m + half)
            begin, earliest = n, np.inf
            for j in range(start[i], start[i + 1]):
                if distance[j - start[i]] <= within + slack_m:
                    out_member[n] = member[j]
                    earliest = min(earliest, earliest_s[member[j]])
                    n += 1
            if earliest + gap / rule.access_mps > rule.limit_s + MARGIN:
                n = begin
                continue
            out_tile[n_tiles, 0], out_tile[n_tiles, 1] = column, row
            n_tiles += 1
            out_start[n_tiles] = n
    return out_tile, out_start, out_member, n_tiles, n
