"""The outline of the ground that is in time, found on a lattice and exact along its lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.ground import MARGIN, Ground, Rule, Sight, Walls, find_wall, foot, nearest_in_sight, open_sight

__all__ = ["CELL_M", "TILE_M", "Tiles", "outline", "trace"]

CELL_M = 4.0
"""Width of a cell of the lattice, metres."""
TILE_M = 64.0
"""Width of a tile of ground: four blocks of four cells."""

_BLOCK = 4
_BLOCK_M = _BLOCK * CELL_M
_BLOCKS = round(TILE_M / _BLOCK_M)
_HALF_M = _BLOCK_M * np.sqrt(0.5)
_ROOM = 2**14
_STEPS = 6
"""Halvings of a side of a cell that place a vertex: it is right to ``CELL_M / 128``, 3 cm."""

_SIDES = np.full((18, 4), -1)
"""Which sides (0 south, 1 east, 2 north, 3 west) the outline enters and leaves a cell by, in time on its
left, for the corners in time: 1 south-west + 2 south-east + 4 north-east + 8 north-west. Rows 16 and 17 are
for corners 5 and 10 where the middle of the cell is in time as well."""
for _case, _pair in {1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3)}.items():
    _SIDES[_case, :2] = _pair
    _SIDES[15 - _case, :2] = _pair[::-1]
_SIDES[5], _SIDES[10] = (0, 3, 2, 1), (1, 0, 3, 2)
_SIDES[16], _SIDES[17] = (0, 1, 2, 3), (3, 0, 1, 2)


class _Roads(NamedTuple):
    """Pieces of road and their seconds.

    Parameters
    ----------
    line : float64 array, shape (P, 5)
        As in :class:`geo.ground.Ground`.
    seconds : float64 array, shape (P, 4)
        Clock at the start and at the end, and how long it is from start to end and back.
    """

    line: NDArray[np.float64]
    seconds: NDArray[np.float64]


class Tiles(NamedTuple):
    """Tiles of ground, the pieces of tile ``t`` being ``member[start[t]:end[t]]``."""

    at: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    member: NDArray[np.int64]


class _Kept(NamedTuple):
    """Room for the pieces that matter in a circle and their distances from its middle."""

    piece: NDArray[np.int64]
    m: NDArray[np.float64]


class _Room(NamedTuple):
    """Room for what is known of a tile, of a block and of the corners of its cells."""

    of_tile: _Kept
    of_block: _Kept
    is_in: NDArray[np.bool_]


class _Block(NamedTuple):
    """A block of cells: its column and row, and which corners of its cells are in time."""

    column: int
    row: int
    is_in: NDArray[np.bool_]


class _Written(NamedTuple):
    """Room for pieces of the outline.

    Parameters
    ----------
    key : int64 array, shape (N, 2)
        Sides of cells by which a piece enters and leaves.
    xy : float64 array, shape (N, 2)
        Its first vertex, metres.
    n_columns : int
        Columns of cells, by which sides are numbered.
    """

    key: NDArray[np.int64]
    xy: NDArray[np.float64]
    n_columns: int


class _Near(NamedTuple):
    """The pieces that can be nearest in a circle."""

    piece: NDArray[np.int64]
    m: NDArray[np.float64]  # distances from its middle, ascending; only where there may be walls
    n: int  # how many of both count
    is_walled: bool


def outline(
    ground: Ground, clock: NDArray[np.float64], cost: NDArray[np.float64], *, rule: Rule, walls: Walls
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Trace the outline of the ground whose own exact time is within the limit.

    The time of a point is that of the foot of its perpendicular on the nearest piece of road, plus the way
    to it. It is computed at the corners of a lattice of ``CELL_M``, except in squares that bounds
    prove wholly in or out of time; a vertex of the outline lies where the answer changes along a
    side of a cell (marching squares, Lorensen and Cline 1987). So a point on the wrong side of the outline
    has one with the other answer in its own cell: not farther than ``CELL_M * sqrt(2)``.

    Parameters
    ----------
    ground : Ground
        Tiles of ``TILE_M`` and their pieces of road.
    clock : float64 array, shape (P, 2)
        Seconds at the start and at the end of each piece.
    cost : float64 array, shape (P, 2)
        Seconds from the start to the end of each piece, and back.
    rule, walls : Rule, Walls
        What 'in time' means, and what may not be crossed.

    Returns
    -------
    xy : float64 array, shape (K, 2)
        Vertices of all rings, metres; each ring is closed and has the ground in time on its left.
    start : int64 array, shape (R + 1,)
        Vertices of ring ``r`` are ``xy[start[r]:start[r + 1]]``.
    """
    seconds, tiles = np.concatenate([clock, cost], axis=1), _tiles_in_time(ground, clock, rule)
    return trace(ground, seconds, tiles, rule=rule, sight=open_sight(walls, ground.edge))


def trace(
    ground: Ground, seconds: NDArray[np.float64], tiles: Tiles, *, rule: Rule, sight: Sight | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Trace the outline in some tiles: every tile that holds a piece which is in time somewhere.

    ``seconds`` (P, 4) are the clock at the start and at the end of each piece, and its two costs.
    """
    n_columns = (int(ground.tile[:, 0].max(initial=0)) + 2) * round(TILE_M / CELL_M)
    roads = _Roads(ground.line, seconds)
    keys, vertices, first = [np.empty((0, 2), np.int64)], [np.empty((0, 2))], 0
    # room is made here: inside a kernel each kind of it takes time to compile
    most = int((tiles.end - tiles.start).max(initial=0))
    of_tile, of_block = (_Kept(np.empty(most, np.int64), np.empty(most)) for _ in range(2))
    room = _Room(of_tile, of_block, np.zeros((_BLOCK + 1, _BLOCK + 1), dtype=bool))
    while first < len(tiles.at):
        written = _Written(np.empty((_ROOM, 2), np.int64), np.empty((_ROOM, 2)), n_columns)
        first, n = _march(roads, tiles, rule, sight, first, room, written)
        keys.append(written.key[:n])
        vertices.append(written.xy[:n])
    key, xy = np.concatenate(keys), np.concatenate(vertices)
    order = np.argsort(key[:, 0], kind="stable")
    following = order[np.searchsorted(key[order, 0], key[:, 1])]
    ring, ring_start = np.empty(2 * len(xy), np.int64), np.zeros(len(xy) + 1, np.int64)
    is_done = np.zeros(len(xy), dtype=bool)
    n, n_rings = _chain(following, is_done, ring, ring_start)
    return xy[ring[:n]], ring_start[: n_rings + 1]


def _tiles_in_time(ground: Ground, clock: NDArray[np.float64], rule: Rule) -> Tiles:
    """Give the tiles that hold a piece which is in time somewhere."""
    is_live = clock.min(axis=1) <= rule.limit_s + MARGIN
    if not len(ground.tile):
        return Tiles(ground.tile, ground.start[:0], ground.start[:0], ground.member)
    live = np.flatnonzero(np.logical_or.reduceat(is_live[ground.member], ground.start[:-1]))
    return Tiles(ground.tile[live], ground.start[live], ground.start[live + 1], ground.member)


@part
def _at_road(seconds, k, t):  # type: ignore[no-untyped-def]
    """Give the seconds on piece ``k`` at ``t``: coming from its start or from its end."""
    return min(seconds[k, 0] + t * seconds[k, 2], seconds[k, 1] + (1.0 - t) * seconds[k, 3])


@part
def _is_in(roads, near, x, y, rule, sight):  # type: ignore[no-untyped-def]
    """Answer exactly whether a point of a block is in time; of roads equally near the first counts."""
    if sight is not None and near.is_walled:
        best, t, d = nearest_in_sight(sight, roads.line, near, _HALF_M, x, y, rule.reach_m)
    else:
        best, t, d = _nearest(roads.line, near.piece, near.n, x, y)
    if best < 0 or d > rule.reach_m:
        return False
    return _at_road(roads.seconds, best, t) + d / rule.access_mps <= rule.limit_s


@part
def _nearest(line, piece, n, x, y):  # type: ignore[no-untyped-def]
    """Give the nearest piece, where on it the foot is (0-1) and the distance."""
    least, best, best_t = np.inf, -1, 0.0
    for j in range(n):
        along, d2 = foot(line, piece[j], x, y)
        # distances to a junction differ by rounding only: then the first edge there counts
        if d2 < least - MARGIN or (d2 < least + MARGIN and piece[j] < best):
            least, best, best_t = d2, piece[j], along
    return best, min(max(best_t, 0.0), 1.0), np.sqrt(least)


@part
def _judge(roads, near, x, y, half, rule, sight, kept):  # type: ignore[no-untyped-def]
    """Bound the times in a circle: 1 all in time, 0 none, -1 neither; say whether walls matter.

    ``kept`` receives the pieces that matter in the circle, and their distances from its middle, ascending
    if walls matter; their number is returned last.
    """
    line, seconds, nearest = roads.line, roads.seconds, np.inf
    for j in range(near.n):
        nearest = min(nearest, foot(line, near.piece[j], x, y)[1])
    nearest = np.sqrt(nearest)
    gap = max(0.0, nearest - half)
    if gap > rule.reach_m + MARGIN:
        return 0, False, 0
    within = nearest + 2.0 * half + MARGIN
    is_walled = False
    if sight is not None and near.is_walled:
        is_walled = _is_walled(sight, line, near, x, y, half, within)
        within = rule.reach_m + half + MARGIN if is_walled else within
    all_in = not is_walled and nearest + half + MARGIN <= rule.reach_m
    all_out, n = True, 0
    for j in range(near.n):
        k = near.piece[j]
        along, d2 = foot(line, k, x, y)
        if d2 > within * within:
            continue
        d = np.sqrt(d2)
        i = n
        while is_walled and i > 0 and kept.m[i - 1] > d:
            kept.piece[i], kept.m[i] = kept.piece[i - 1], kept.m[i - 1]
            i -= 1
        kept.piece[i], kept.m[i] = k, d
        n += 1
        shift = half * np.sqrt(line[k, 4])
        low, high = min(max(along - shift, 0.0), 1.0), min(max(along + shift, 0.0), 1.0)
        soonest = min(_at_road(seconds, k, low), _at_road(seconds, k, high))
        latest = min(seconds[k, 0] + high * seconds[k, 2], seconds[k, 1] + (1.0 - low) * seconds[k, 3])
        if soonest + max(gap, d - half) / rule.access_mps <= rule.limit_s + MARGIN:
            all_out = False
        if latest + (nearest + half) / rule.access_mps > rule.limit_s - MARGIN:
            all_in = False
    verdict = 0 if all_out else (1 if all_in else -1)
    return verdict, is_walled, n


@part
def _is_walled(sight, line, near, x, y, half, within):  # type: ignore[no-untyped-def]
    """Say whether a wall may lie between some point of a circle and its nearest road."""
    west, south, east, north = x - half, y - half, x + half, y + half
    for j in range(near.n):
        k = near.piece[j]
        along, d2 = foot(line, k, x, y)
        if d2 > within * within:
            continue
        shift = half * np.sqrt(line[k, 4])
        for side in (-shift, shift):
            t = min(max(along + side, 0.0), 1.0)
            at_x, at_y = line[k, 0] + t * line[k, 2], line[k, 1] + t * line[k, 3]
            west, east = min(west, at_x), max(east, at_x)
            south, north = min(south, at_y), max(north, at_y)
    # no constant: it would be compiled anew
    return find_wall(sight.walls, west, south, east, north, np.bool_(True)) >= 0


@kernel
def _march(roads, tiles, rule, sight, first, room, written):  # type: ignore[no-untyped-def]
    """List the pieces of the outline in tiles from ``first`` on, until ``written`` may be full.

    The tile to go on with and the number of pieces are returned.
    """
    tile_half = TILE_M * np.sqrt(0.5)
    n = np.int64(0)  # not a literal: numba would compile what takes it twice
    for i in range(first, len(tiles.at)):
        if n + 2 * (_BLOCK * _BLOCKS) ** 2 > len(written.key):
            return i, n
        x, y = (tiles.at[i, 0] + 0.5) * TILE_M, (tiles.at[i, 1] + 0.5) * TILE_M
        begin, end = tiles.start[i], tiles.end[i]
        near = _Near(tiles.member[begin:end], room.of_tile.m, end - begin, True)
        verdict, is_walled, n_near = _judge(roads, near, x, y, tile_half, rule, sight, room.of_tile)
        if verdict >= 0:
            continue
        near = _Near(room.of_tile.piece, room.of_tile.m, n_near, is_walled)
        for b in range(_BLOCKS * _BLOCKS):
            column, row = tiles.at[i, 0] * _BLOCKS + b % _BLOCKS, tiles.at[i, 1] * _BLOCKS + b // _BLOCKS
            x, y = (column + 0.5) * _BLOCK_M, (row + 0.5) * _BLOCK_M
            verdict, is_shut, n_block = _judge(roads, near, x, y, _HALF_M, rule, sight, room.of_block)
            if verdict < 0:
                of_block = _Near(room.of_block.piece, room.of_block.m, n_block, is_shut)
                block = _Block(column, row, room.is_in)
                _fill(roads, of_block, block, rule, sight)
                n = _trace(roads, of_block, block, rule, sight, written, n)
    return len(tiles.at), n


@part
def _fill(roads, near, block, rule, sight):  # type: ignore[no-untyped-def]
    """Answer for the corners of the cells of a block."""
    for b in range(_BLOCK + 1):
        for a in range(_BLOCK + 1):
            x, y = (block.column * _BLOCK + a) * CELL_M, (block.row * _BLOCK + b) * CELL_M
            block.is_in[b, a] = _is_in(roads, near, x, y, rule, sight)


@part
def _trace(roads, near, block, rule, sight, written, n):  # type: ignore[no-untyped-def]
    """Add the pieces of the outline in the cells of a block after the first ``n``; give their new number."""
    is_in, n_columns = block.is_in, written.n_columns
    for cell in range(_BLOCK * _BLOCK):
        a, b = cell % _BLOCK, cell // _BLOCK
        case = is_in[b, a] + 2 * is_in[b, a + 1] + 4 * is_in[b + 1, a + 1] + 8 * is_in[b + 1, a]
        if case == 0 or case == 15:
            continue
        column, row = block.column * _BLOCK + a, block.row * _BLOCK + b
        if case == 5 or case == 10:
            x, y = (column + 0.5) * CELL_M, (row + 0.5) * CELL_M
            if _is_in(roads, near, x, y, rule, sight):
                case = 16 + case // 10
        for enter in range(0, 4, 2):
            side = _SIDES[case, enter]
            if side < 0:
                continue
            written.key[n, 0] = _key(column, row, side, n_columns)
            written.key[n, 1] = _key(column, row, _SIDES[case, enter + 1], n_columns)
            x, y = (column + (side == 1)) * CELL_M, (row + (side == 2)) * CELL_M
            answer = is_in[b + (side == 2), a + (side == 1)]
            low, step_x, step_y = 0.0, CELL_M * (side % 2 == 0), CELL_M * (side % 2)
            width = 0.5
            for _ in range(_STEPS):
                t = low + width
                if _is_in(roads, near, x + t * step_x, y + t * step_y, rule, sight) == answer:
                    low = t
                width *= 0.5
            # the middle of what is left is never a corner, so rings neither cross nor touch
            written.xy[n, 0], written.xy[n, 1] = x + (low + width) * step_x, y + (low + width) * step_y
            n += 1
    return n


@part
def _key(column, row, side, n_columns):  # type: ignore[no-untyped-def]
    """Number a side of a cell so that the two cells that share it agree."""
    return 2 * ((row + (side == 2)) * n_columns + column + (side == 1)) + side % 2


@kernel
def _chain(following, done, order, start):  # type: ignore[no-untyped-def]
    """Follow the pieces of the outline into closed rings; ``order`` and ``start`` receive them."""
    n, n_rings = 0, 0
    for first in range(len(following)):
        if done[first]:
            continue
        k = first
        while not done[k]:
            done[k] = True
            order[n] = k
            n += 1
            k = following[k]
        order[n] = first
        n += 1
        n_rings += 1
        start[n_rings] = n
    return n, n_rings
