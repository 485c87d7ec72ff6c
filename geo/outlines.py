"""The outline of the ground that is in time, found on a lattice and exact along its lines."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from geo.ground import MARGIN, Ground, Rule, foot
from geo.walls import Walls, crosses

__all__ = ["CELL_M", "TILE_M", "outline", "polygons"]

CELL_M = 4.0
"""Width of a cell of the lattice, metres."""
TILE_M = 64.0
"""Width of a tile of ground: four blocks of four cells."""

_BLOCK = 4
_STEPS = 6
"""Halvings of a side of a cell that place a vertex: it is right to ``CELL_M / 128``, 3 cm."""
_SPECK_M2 = CELL_M**2 / 2
"""A ring around less ground than this is left out: it is less than what one corner stands for."""

_SIDES = np.full((16, 4), -1)
"""Which sides (0 south, 1 east, 2 north, 3 west) the outline enters and leaves a cell by, in time on its
left, for the corners in time: 1 south-west + 2 south-east + 4 north-east + 8 north-west."""
for _case, _pair in {1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3)}.items():
    _SIDES[_case, :2] = _pair
    _SIDES[15 - _case, :2] = _pair[::-1]
_SIDES[5], _SIDES[10] = (0, 3, 2, 1), (1, 0, 3, 2)
_JOINED = np.array([[0, 1, 2, 3], [3, 0, 1, 2]])
"""The same for corners 5 and 10 where the middle of the cell is in time as well."""


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
    n_columns = (int(ground.tile[:, 0].max(initial=0)) + 2) * round(TILE_M / CELL_M)
    table = np.concatenate([clock, cost], axis=1)
    key, xy = _march(ground, table, rule, walls, n_columns)
    order = np.argsort(key[:, 0], kind="stable")
    following = order[np.searchsorted(key[order, 0], key[:, 1])]
    ring_xy, start = _chain(following, xy)
    return ring_xy, start


def polygons(xy: NDArray[np.float64], start: NDArray[np.int64]) -> shapely.Geometry:
    """Turn rings (ground on the left) into a Polygon or MultiPolygon, each hole in its own shell.

    Examples
    --------
    >>> square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], dtype=float)
    >>> polygons(np.concatenate([square, square[::-1] / 3 + 3]), np.array([0, 5, 10])).area
    72.0
    >>> polygons(np.empty((0, 2)), np.array([0])).is_empty
    True
    """
    disks = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (start, np.arange(len(start))))
    rings, area = shapely.get_exterior_ring(disks), shapely.area(disks)
    is_shell = shapely.is_ccw(rings)
    shells, holes = rings[is_shell & (area > _SPECK_M2)], rings[~is_shell & (area > _SPECK_M2)]
    filled = shapely.polygons(shells)
    hole, shell = shapely.STRtree(filled).query(shapely.get_point(holes, 0), predicate="intersects")
    # of the shells around a hole, the smallest is its own
    order = np.lexsort((shapely.area(filled)[shell], hole))
    hole, first = np.unique(hole[order], return_index=True)
    shell = shell[order][first]
    by_shell = np.argsort(shell, kind="stable")
    cuts = np.searchsorted(shell[by_shell], np.arange(1, len(shells)))
    mine = np.split(holes[hole[by_shell]], cuts)
    parts = [
        shapely.Polygon(s, list(h)) if len(h) else p for s, h, p in zip(shells, mine, filled, strict=False)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@njit(cache=True, nogil=True)
def _at_road(table, k, t):  # type: ignore[no-untyped-def]
    """Give the seconds on piece ``k`` at ``t``: coming from its start or from its end."""
    return min(table[k, 0] + t * table[k, 2], table[k, 1] + (1.0 - t) * table[k, 3])


@njit(cache=True, nogil=True)
def _is_in(ground, table, near, walled, shut, x, y, rule, walls):  # type: ignore[no-untyped-def]
    """Answer exactly whether a point is in time; of roads equally near the first counts."""
    line = ground.line
    if walled:
        best, t, d = _nearest_in_sight(line, ground.edge, near, shut, x, y, rule.reach_m, walls)
    else:
        best, t, d = _nearest(line, near, x, y)
    return best >= 0 and d <= rule.reach_m and _at_road(table, best, t) + d / rule.access_mps <= rule.limit_s


@njit(cache=True, nogil=True)
def _nearest(line, near, x, y):  # type: ignore[no-untyped-def]
    """Give the nearest piece, where on it the foot is (0-1) and the distance."""
    least, best, best_t = np.inf, -1, 0.0
    for j in range(len(near)):
        along, d2 = foot(line, near[j], x, y)
        # distances to a junction differ by rounding only: then the first edge there counts
        if d2 < least - MARGIN:
            least, best, best_t = d2, near[j], along
    return best, min(max(best_t, 0.0), 1.0), np.sqrt(least)


@njit(cache=True, nogil=True)
def _nearest_in_sight(line, edge, near, shut, x, y, reach_m, walls):  # type: ignore[no-untyped-def]
    """Do the same among the edges that no wall shuts off; ``shut`` is room for those that are."""
    n_shut = 0
    while True:
        least, best, best_t = np.inf, -1, 0.0
        for j in range(len(near)):
            along, d2 = foot(line, near[j], x, y)
            if d2 < least - MARGIN and not _is_shut(edge[near[j]], shut, n_shut):
                least, best, best_t = d2, near[j], along
        t, d = min(max(best_t, 0.0), 1.0), np.sqrt(least)
        if best < 0 or d > reach_m:
            return -1, t, d
        if not crosses(walls, x, y, line[best, 0] + t * line[best, 2], line[best, 1] + t * line[best, 3]):
            return best, t, d
        shut[n_shut] = edge[best]
        n_shut += 1


@njit(cache=True, nogil=True)
def _is_shut(edge, shut, n_shut):  # type: ignore[no-untyped-def]
    for i in range(n_shut):  # noqa: SIM110 - numba
        if shut[i] == edge:
            return True
    return False


@njit(cache=True, nogil=True)
def _judge(line, table, near, x, y, half, wall_m, rule, kept, seen):  # type: ignore[no-untyped-def]
    """Bound the times in a circle: 1 all in time, 0 none, -1 neither; say whether walls matter.

    ``kept`` receives the pieces of ``near`` that matter in the circle; their number is returned last.
    ``seen`` is room for their feet.
    """
    nearest = np.inf
    for j in range(len(near)):
        seen[j, 0], seen[j, 1] = foot(line, near[j], x, y)
        nearest = min(nearest, seen[j, 1])
    nearest = np.sqrt(nearest)
    gap = max(0.0, nearest - half)
    within = nearest + 2.0 * half
    # the way of every point in the circle to its nearest road stays inside ``within``
    walled = wall_m <= within + MARGIN
    if walled:
        within = rule.reach_m + half
    all_in = not walled and nearest + half + MARGIN <= rule.reach_m
    all_out = True
    n_kept = 0
    for j in range(len(near)):
        k = near[j]
        along, d2 = seen[j, 0], seen[j, 1]
        if d2 > (within + MARGIN) ** 2:
            continue
        kept[n_kept] = k
        n_kept += 1
        shift = half * np.sqrt(line[k, 4])
        low, high = min(max(along - shift, 0.0), 1.0), min(max(along + shift, 0.0), 1.0)
        soonest = min(_at_road(table, k, low), _at_road(table, k, high))
        latest = min(table[k, 0] + high * table[k, 2], table[k, 1] + (1.0 - low) * table[k, 3])
        if soonest + max(gap, np.sqrt(d2) - half) / rule.access_mps <= rule.limit_s + MARGIN:
            all_out = False
        if latest + (nearest + half) / rule.access_mps > rule.limit_s - MARGIN:
            all_in = False
    if all_out or gap > rule.reach_m + MARGIN:
        return 0, walled, n_kept
    return (1 if all_in else -1), walled, n_kept


@njit(cache=True, nogil=True)
def _march(ground, table, rule, walls, n_columns):  # type: ignore[no-untyped-def]
    """Give each piece of the outline in a cell: keys of the sides it enters and leaves by, first vertex."""
    key, xy = np.empty((1024, 2), np.int64), np.empty((1024, 2), np.float64)
    most = 0
    for i in range(len(ground.tile)):
        most = max(most, ground.start[i + 1] - ground.start[i])
    of_tile, of_block = np.empty(most, np.int64), np.empty(most, np.int64)
    shut, seen = np.empty(most, np.int64), np.empty((most, 2), np.float64)
    is_in = np.zeros((_BLOCK + 1, _BLOCK + 1), np.bool_)
    blocks = round(ground.tile_m / CELL_M) // _BLOCK
    width = _BLOCK * CELL_M
    half, tile_half = width * np.sqrt(0.5), ground.tile_m * np.sqrt(0.5)
    line = ground.line
    n = 0
    for i in range(len(ground.tile)):
        mid_x, mid_y = (ground.tile[i, 0] + 0.5) * ground.tile_m, (ground.tile[i, 1] + 0.5) * ground.tile_m
        near = ground.member[ground.start[i] : ground.start[i + 1]]
        wall_m = ground.wall_m[i]
        verdict, _, n_tile = _judge(line, table, near, mid_x, mid_y, tile_half, wall_m, rule, of_tile, seen)
        if verdict >= 0:
            continue
        for block in range(blocks * blocks):
            column = ground.tile[i, 0] * blocks + block % blocks
            row = ground.tile[i, 1] * blocks + block // blocks
            x, y = (column + 0.5) * width, (row + 0.5) * width
            off_m = np.sqrt((x - mid_x) ** 2 + (y - mid_y) ** 2)
            verdict, walled, n_block = _judge(
                line, table, of_tile[:n_tile], x, y, half, wall_m - off_m, rule, of_block, seen
            )
            if verdict >= 0:
                continue
            near = of_block[:n_block]
            for b in range(_BLOCK + 1):
                for a in range(_BLOCK + 1):
                    x, y = (column * _BLOCK + a) * CELL_M, (row * _BLOCK + b) * CELL_M
                    is_in[b, a] = _is_in(ground, table, near, walled, shut, x, y, rule, walls)
            if n + 2 * _BLOCK * _BLOCK > len(key):
                key = np.concatenate((key, np.empty_like(key)))
                xy = np.concatenate((xy, np.empty_like(xy)))
            for cell in range(_BLOCK * _BLOCK):
                a, b = cell % _BLOCK, cell // _BLOCK
                case = is_in[b, a] + 2 * is_in[b, a + 1] + 4 * is_in[b + 1, a + 1] + 8 * is_in[b + 1, a]
                if case == 0 or case == 15:
                    continue
                at_column, at_row = column * _BLOCK + a, row * _BLOCK + b
                sides = _SIDES[case]
                if case == 5 or case == 10:
                    x, y = (at_column + 0.5) * CELL_M, (at_row + 0.5) * CELL_M
                    if _is_in(ground, table, near, walled, shut, x, y, rule, walls):
                        sides = _JOINED[0] if case == 5 else _JOINED[1]
                for enter in range(0, 4, 2):
                    if sides[enter] < 0:
                        continue
                    key[n, 0] = _key(at_column, at_row, sides[enter], n_columns)
                    key[n, 1] = _key(at_column, at_row, sides[enter + 1], n_columns)
                    side = sides[enter]
                    first = is_in[b + (side == 2), a + (side == 1)]
                    xy[n, 0], xy[n, 1] = _change(
                        ground, table, near, walled, shut, at_column, at_row, side, first, rule, walls
                    )
                    n += 1
    return key[:n].copy(), xy[:n].copy()


@njit(cache=True, nogil=True)
def _change(ground, table, near, walled, shut, column, row, side, first, rule, walls):  # type: ignore[no-untyped-def]
    """Place a vertex where the answer changes from ``first`` along a side of a cell, by halving."""
    x0, y0 = (column + (side == 1)) * CELL_M, (row + (side == 2)) * CELL_M
    along_x, along_y = (CELL_M, 0.0) if side % 2 == 0 else (0.0, CELL_M)
    low, width = 0.0, 0.5
    for _ in range(_STEPS):
        t = low + width
        if (
            _is_in(ground, table, near, walled, shut, x0 + t * along_x, y0 + t * along_y, rule, walls)
            == first
        ):
            low = t
        width *= 0.5
    # the middle of what is left is never a corner, so rings neither cross nor touch
    t = low + width
    return x0 + t * along_x, y0 + t * along_y


@njit(cache=True, nogil=True)
def _key(column, row, side, n_columns):  # type: ignore[no-untyped-def]
    """Number a side of a cell so that the two cells that share it agree."""
    return 2 * ((row + (side == 2)) * n_columns + column + (side == 1)) + side % 2


@njit(cache=True, nogil=True)
def _chain(following, xy):  # type: ignore[no-untyped-def]
    """Follow the pieces of the outline into closed rings."""
    out = np.empty((2 * len(xy), 2), np.float64)
    start = np.zeros(len(xy) + 1, np.int64)
    done = np.zeros(len(xy), np.bool_)
    n, n_rings = 0, 0
    for first in range(len(xy)):
        if done[first]:
            continue
        k = first
        while not done[k]:
            done[k] = True
            out[n] = xy[k]
            n += 1
            k = following[k]
        out[n] = xy[first]
        n += 1
        n_rings += 1
        start[n_rings] = n
    return out[:n].copy(), start[: n_rings + 1].copy()
