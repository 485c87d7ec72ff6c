"""The ground nearest to each straight piece of road, as squares with the pieces that matter in them.

**Lemma.** Let ``h`` be half the diagonal of a square, ``d`` the distance of its centre from the nearest
piece, and ``x`` a spot of the square.

1. The piece nearest to ``x`` is at most ``d + 2 h`` from the centre, and at least ``d - h`` from ``x``.
2. Where no wall is within ``d + 2 h`` of the centre, that piece is the nearest in sight of ``x`` as well.
3. In any case the nearest piece in sight of ``x``, if it is within ``reach_m``, is within ``reach_m + h`` of
   the centre, and in the square widened by ``reach_m`` on all sides.
4. A piece that is more than ``d + 2 h + s`` from the centre is more than ``s`` farther from ``x`` than the
   nearest.
5. Let ``e`` be the distance of the centre from an edge, and no wall meet a box that holds the square and, of
   each piece of that edge within ``e + 2 h``, the feet of the square's spots. Then the nearest piece in
   sight of ``x`` is within ``e + 2 h`` of the centre.

*Reason.* ``x`` is at most ``h`` from the centre, so that no distance from ``x`` differs by more than ``h``
from that from the centre (1, 3, 4). The straight way from ``x`` to its nearest piece is at most ``d + h``
long: it stays within ``d + 2 h`` of the centre, and crosses no wall if none comes so near (2). In 5 the way
from ``x`` to the nearest point of the edge is at most ``e + h`` long and lies in the box, which holds its
ends: no wall shuts the edge off from ``x``, and what is nearest in sight is no farther than it.

*Use.* Every square keeps the pieces of 1, near walls those of 3 or of 5, and with labels those up to ``s`` of
4. It is left out where ``d - h`` is beyond the reach, or where the earliest time at any of its pieces and the
way of ``d - h`` are beyond the limit. A quarter looks at the pieces of its square only, which by then are
enough: what was left out is farther from every spot of the square than what is nearest in sight there, so it
neither is that nor makes its own edge any nearer. ``MARGIN`` is added to each bound for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.ground.barriers import Around, Walls, bound_in_sight, build_walls, find_wall
from geo.ground.segments import foot

__all__ = ["MARGIN", "Ground", "Rule", "divide", "divide_labelled"]

MARGIN = 1e-6
"""Slack (m, s) of every bound, so that rounding never contradicts a value computed exactly."""
_MOST_AT_ONCE = 1 << 18
"""Pieces in squares that are split together: all those of a city at once would take 300 MB more."""

_TRIES = 8
"""So many edges are asked whether they are in sight of a whole square."""


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
        Pieces of each tile, ascending.
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
    line, squares = _lines(xy, to_xy), _one_square(len(xy))
    roads = _Roads(line, edge, earliest_s)
    for level in range(n_levels - 1, -1, -1):
        squares = _quartered(roads, squares, tile_m * 2.0**level, rule, MARGIN, walls)
    return Ground(tile_m, line, edge, *squares)


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
    roads, anywhere = _Roads(line, label, np.zeros(len(xy))), Rule(np.inf, 1.0, np.inf)
    no_walls = build_walls(np.empty(0, dtype=object), bounds=(0.0, 0.0, 1.0, 1.0))

    def narrowed(squares: _Squares, level: int) -> _Squares:
        for below in range(level - 1, -1, -1):
            if len(squares.member) > _MOST_AT_ONCE and len(squares.at) > 1:
                return _joined([narrowed(half, below + 1) for half in squares.halves()])
            width = tile_m * 2.0**below
            squares = _quartered(roads, squares, width, anywhere, slack_m, no_walls)
            own, first = label[squares.member], squares.start[:-1]
            is_kept = np.minimum.reduceat(own, first) < np.maximum.reduceat(own, first)
            is_kept[is_kept] = is_ground(squares.at[is_kept], width)
            squares = squares.take(is_kept)
            if not len(squares.at):
                break
        return squares._replace(member=squares.member.astype(np.int32))

    return Ground(tile_m, line, label, *narrowed(_one_square(len(xy)), n_levels))


class _Roads(NamedTuple):
    """The pieces that are divided: their lines, edges or labels, and the earliest time on each."""

    line: NDArray[np.float64]
    edge: NDArray[np.int64]
    earliest_s: NDArray[np.float64]


class _Squares(NamedTuple):
    """Squares of one width.

    Parameters
    ----------
    at : int64 array, shape (S, 2)
        Column and row of each.
    start, member : int64 arrays
        Pieces of square ``s`` are ``member[start[s]:start[s + 1]]``.
    """

    at: NDArray[np.int64]
    start: NDArray[np.int64]
    member: NDArray[np.int64]

    def take(self, is_kept: NDArray[np.bool_]) -> _Squares:
        """Give some of the squares."""
        n = np.diff(self.start)
        start = np.append(0, np.cumsum(n[is_kept]))
        return _Squares(self.at[is_kept], start, self.member[np.repeat(is_kept, n)])

    def halves(self) -> Iterator[_Squares]:
        """Give the first squares and the others, about as many pieces each; at least one square each."""
        middle = int(np.searchsorted(self.start, self.start[-1] // 2))
        middle = min(max(middle, 1), len(self.at) - 1)
        cut = self.start[middle]
        yield _Squares(self.at[:middle], self.start[: middle + 1], self.member[:cut])
        yield _Squares(self.at[middle:], self.start[middle:] - cut, self.member[cut:])


def _joined(some: Sequence[_Squares]) -> _Squares:
    """Give the squares of several as those of one."""
    n = np.concatenate([np.diff(one.start) for one in some])
    at, member = (np.concatenate([one[k] for one in some]) for k in (0, 2))
    return _Squares(at, np.append(0, np.cumsum(n)), member)


def _one_square(n_pieces: int) -> _Squares:
    """Give the square that holds all pieces."""
    return _Squares(np.zeros((1, 2), dtype=np.int64), np.array([0, n_pieces]), np.arange(n_pieces))


def _quartered(
    roads: _Roads, squares: _Squares, width: float, rule: Rule, slack_m: float, walls: Walls
) -> _Squares:
    """Split each square into four of ``width``, and let go of the room that was not needed."""
    most = int(np.diff(squares.start).max(initial=0))
    around = Around(np.empty(most, np.int64), np.empty(most), np.empty(most), 0)
    m2 = np.empty((most, 4))
    at, start, member, n_squares, n = _quarter(roads, squares, width, rule, slack_m, walls, around, m2)
    return _Squares(at[:n_squares].copy(), start[: n_squares + 1], member[:n].copy())


def _lines(xy: NDArray[np.float64], to_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each piece as start, step and 1 / length squared (0 for a point)."""
    step = to_xy - xy
    square = (step**2).sum(axis=1)
    inverse = np.divide(1.0, square, out=np.zeros(len(xy)), where=square > 0)
    return np.ascontiguousarray(np.column_stack([xy, step, inverse]))


@kernel
def _quarter(roads, squares, width, rule, slack_m, walls, around, m2):  # type: ignore[no-untyped-def]
    """Split each square into four of ``width``, each with the pieces that can be nearest in it.

    Pieces up to ``slack_m`` farther than that are kept too. Returns room that is longer than needed, and
    how many tiles and members of it count. ``around`` and ``m2`` are room for the pieces of one square.
    """
    half, side = width * np.sqrt(0.5), 0.5 * width + rule.reach_m + MARGIN
    tile, start, member = squares.at, squares.start, squares.member
    out_tile = np.empty((4 * len(tile), 2), np.int64)
    out_start = np.zeros(len(out_tile) + 1, np.int64)
    out_member = np.empty(4 * len(member), np.int64)
    tried = np.empty(_TRIES, np.int64)
    n_tiles, n = 0, 0
    for i in range(len(tile)):
        own = member[start[i] : start[i + 1]]
        x_y = (2 * tile[i, 0] + 0.5) * width, (2 * tile[i, 1] + 0.5) * width
        nearest_m2 = _measure(roads.line, own, x_y, width, m2)
        for corner in range(4):
            x, y = x_y[0] + corner % 2 * width, x_y[1] + corner // 2 * width
            nearest = np.sqrt(nearest_m2[corner])
            gap = max(0.0, nearest - half)
            if gap > rule.reach_m + MARGIN:
                continue
            within = min(nearest + 2.0 * half, rule.reach_m + half)
            if len(walls.line) and _has_wall(walls, x, y, within):
                near, circle = _around(roads.line, own, x, y, side, around), (x, y, half)
                within = bound_in_sight(walls, roads.line, roads.edge, near, circle, rule.reach_m, tried)
            within_m2, begin, earliest = (within + slack_m) ** 2, n, np.inf
            for j in range(len(own)):
                if m2[j, corner] <= within_m2 and _touches(roads.line, own[j], x, y, side):
                    out_member[n] = own[j]
                    earliest = min(earliest, roads.earliest_s[own[j]])
                    n += 1
            if earliest + gap / rule.access_mps > rule.limit_s + MARGIN:
                n = begin
                continue
            out_tile[n_tiles, 0] = 2 * tile[i, 0] + corner % 2
            out_tile[n_tiles, 1] = 2 * tile[i, 1] + corner // 2
            n_tiles += 1
            out_start[n_tiles] = n
    return out_tile, out_start, out_member, n_tiles, n


@part
def _measure(line, member, x_y, width, m2):  # type: ignore[no-untyped-def]
    """Measure pieces from the middles of four squares, the first at ``x_y``; give the least of each, squared.

    A piece is held to all four at once: processors do that side by side, a third of the time of one by one.
    """
    least = np.inf, np.inf, np.inf, np.inf
    for j in range(len(member)):
        k = member[j]
        step_x, step_y, inverse = line[k, 2], line[k, 3], line[k, 4]
        west, south = x_y[0] - line[k, 0], x_y[1] - line[k, 1]
        east, north = west + width, south + width
        m2[j, 0] = _square(west, south, step_x, step_y, inverse)
        m2[j, 1] = _square(east, south, step_x, step_y, inverse)
        m2[j, 2] = _square(west, north, step_x, step_y, inverse)
        m2[j, 3] = _square(east, north, step_x, step_y, inverse)
        least = (
            min(least[0], m2[j, 0]),
            min(least[1], m2[j, 1]),
            min(least[2], m2[j, 2]),
            min(least[3], m2[j, 3]),
        )
    return least


@part
def _square(dx, dy, step_x, step_y, inverse):  # type: ignore[no-untyped-def]
    """Give the square of the distance of a place from a piece that starts at 0, 0."""
    t = min(max((dx * step_x + dy * step_y) * inverse, 0.0), 1.0)
    return (dx - t * step_x) ** 2 + (dy - t * step_y) ** 2


@part
def _around(line, member, x, y, side, around):  # type: ignore[no-untyped-def]
    """List the pieces that the box ``side`` around a place may touch."""
    n = 0
    for k in member:
        if _touches(line, k, x, y, side):
            along, square = foot(line, k, x, y)
            around.piece[n], around.m[n], around.along[n] = k, np.sqrt(square), along
            n += 1
    return Around(around.piece, around.m, around.along, n)


@part
def _touches(line, k, x, y, side):  # type: ignore[no-untyped-def]
    """Say whether piece ``k`` may touch the box ``side`` around a place."""
    from_x, from_y = line[k, 0] - x, line[k, 1] - y
    to_x, to_y = from_x + line[k, 2], from_y + line[k, 3]
    return (
        min(from_x, to_x) <= side
        and max(from_x, to_x) >= -side
        and min(from_y, to_y) <= side
        and max(from_y, to_y) >= -side
    )


@part
def _has_wall(walls, x, y, within):  # type: ignore[no-untyped-def]
    """Say whether a wall may come within this many metres of a place."""
    return find_wall(walls, x - within, y - within, x + within, y + within, np.bool_(True)) >= 0
