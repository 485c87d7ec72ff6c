"""The outline of the ground that is in time, found on a lattice and exact along its lines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.areas._march import march
from geo.areas._workspace import MOST, Clocks, Roads, Tiles, Written, new_room
from geo.ground import Ground, Rule, Walls, open_sight

__all__ = ["outlines"]

_ROOM = 2**14
_TILES = 512
"""So many tiles are marched over by one thread at a time."""

_Ints = NDArray[np.int64]
_Reals = NDArray[np.float64]
_Outline = tuple[_Reals, _Ints]


def outlines(
    ground: Ground, clocks: Clocks, cost: _Reals, *, n_rows: int, rule: Rule, walls: Walls
) -> list[_Outline]:
    """Trace, for each row of clocks, the outline of the ground whose own exact time is within the limit.

    The time of a point is that of the foot of its perpendicular on the nearest piece of road, plus the way
    to it. It is computed at the corners of a lattice of ``CELL_M``, except in squares that bounds
    prove wholly in or out of time; a vertex of the outline lies where the answer changes along a
    side of a cell (marching squares, Lorensen and Cline 1987). So a point on the wrong side of the outline
    has one with the other answer in its own cell: not farther than ``CELL_M * sqrt(2)``.

    Parameters
    ----------
    ground : Ground
        Tiles of ``TILE_M`` and their pieces of road.
    clocks : Clocks
        Seconds at the start and at the end of each piece on which a row is in time.
    cost : float64 array, shape (P, 2)
        Seconds from the start to the end of each piece, and back.
    n_rows : int
        Rows of clocks.
    rule, walls : Rule, Walls
        What 'in time' means, and what may not be crossed.

    Returns
    -------
    list of (float64 array of shape (K, 2), int64 array of shape (R + 1,))
        By row, the vertices of all its rings, metres, of which those of ring ``r`` are
        ``start[r]:start[r + 1]``; each ring is closed and has the ground in time on its left.
    """
    tiles = _tiles_in_time(ground, clocks)
    sight = open_sight(walls, ground.edge)
    roads = Roads(ground.line, ground.edge if sight is None else sight.edge, cost)
    most = int((tiles.end - tiles.start).max(initial=0))
    n_columns = (int(ground.tile[:, 0].max(initial=0)) + 2) * round(np.sqrt(MOST / 2))

    def march_some(first: int) -> list[tuple[_Ints, _Ints, _Reals]]:
        last = first + _TILES
        some = Tiles(tiles.at[first:last], tiles.start[first:last], tiles.end[first:last], tiles.member)
        room, own = new_room(most, n_rows), open_sight(walls, ground.edge)
        if own is not None:
            own = own._replace(edge=room.tile.edge)
        i, found = 0, list[tuple[_Ints, _Ints, _Reals]]()
        while i < len(some.at):
            n = _ROOM + MOST * n_rows
            written = Written(np.empty(n, np.int64), np.empty((n, 2), np.int64), np.empty((n, 2)), n_columns)
            i, n = march(roads, clocks, some, rule, own, i, room, written)
            found.append((written.row[:n].copy(), written.key[:n].copy(), written.xy[:n].copy()))
        return found

    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        found = [part for parts in pool.map(march_some, range(0, len(tiles.at), _TILES)) for part in parts]
    if not found:
        return [(np.empty((0, 2)), np.zeros(1, np.int64))] * n_rows
    row, key, xy = (np.concatenate(each) for each in zip(*found, strict=True))
    return _rings(row, key, xy, n_rows)


def _rings(row: _Ints, key: _Ints, xy: _Reals, n_rows: int) -> list[_Outline]:
    """Follow the pieces of each row's outline into closed rings."""
    by_row = np.argsort(row.astype(np.uint16), kind="stable")  # of short numbers it sorts much faster
    row, key, xy = row[by_row], key[by_row], xy[by_row]
    side = key + (row * (int(key.max(initial=0)) + 1))[:, None]
    following = np.empty(len(row), np.int64)
    slots = np.full(1 << (2 * len(row)).bit_length(), -1)
    if _follow(side, following, slots):
        _close(row, xy, side, following)
    ring, ring_start = np.empty(2 * len(row), np.int64), np.zeros(len(row) + 1, np.int64)
    n, n_rings = _chain(following, np.zeros(len(row), dtype=bool), ring, ring_start)
    xy, starts = xy[ring[:n]], ring_start[: n_rings + 1]
    # pieces lie row after row, and so do rings
    first = np.searchsorted(row[ring[starts[:-1]]], np.arange(n_rows + 1))
    rings = [starts[low : high + 1] for low, high in pairwise(first)]
    return [(xy[each[0] : each[-1]], each - each[0]) for each in rings]


def _tiles_in_time(ground: Ground, clocks: Clocks) -> Tiles:
    """Give the tiles that hold a piece which is in time somewhere."""
    is_live = clocks.start[1:] > clocks.start[:-1]
    if not len(ground.tile):
        return Tiles(ground.tile, ground.start[:0], ground.start[:0], ground.member)
    live = np.flatnonzero(np.logical_or.reduceat(is_live[ground.member], ground.start[:-1]))
    return Tiles(ground.tile[live], ground.start[live], ground.start[live + 1], ground.member)


@kernel
def _follow(side, following, slots):  # type: ignore[no-untyped-def]
    """Find the piece that enters by the side by which each one leaves, -1 for none; give how many have none.

    ``slots`` are 2**b places, -1 for a free one and more than twice as many as pieces: each piece is put at
    the first free one from that of its side on. Sorting both lists of sides takes three times as long.
    """
    last, n_open = np.uint64(len(slots) - 1), 0
    for k in range(len(side)):
        slot = _slot(side[k, 0], last)
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = k
    for k in range(len(side)):
        slot = _slot(side[k, 1], last)
        while slots[slot] >= 0 and side[slots[slot], 0] != side[k, 1]:
            slot = (slot + np.uint64(1)) & last
        following[k] = slots[slot]
        n_open += following[k] < 0
    return n_open


def _close(row: _Ints, xy: _Reals, side: _Ints, following: _Ints) -> None:
    """Join each piece that no other follows to the nearest of its row that follows no other.

    Where a corner of the lattice is equally near to pieces with other times, blocks may answer it differently
    for rounding: the outline ends on one side of it and goes on at the other, a cell or two away.
    """
    ends = np.flatnonzero(following < 0)
    begins = np.flatnonzero(~np.isin(side[:, 0], side[:, 1]))
    for k in ends:
        mine = begins[row[begins] == row[k]]
        if len(mine):
            following[k] = mine[np.argmin(np.hypot(*(xy[mine] - xy[k]).T))]
            begins = begins[begins != following[k]]
        else:
            following[k] = k  # ends here: the ring is closed to where it began


@part
def _slot(side, last):  # type: ignore[no-untyped-def]
    """Scatter the sides, which come in runs, over all slots (Fibonacci hashing: Knuth, TAOCP 3, 6.4)."""
    return ((np.uint64(side) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)) & last


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
