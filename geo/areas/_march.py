"""Marching over ground tile by tile, for many clocks at once: the road nearest to a spot is found once.

Which road is nearest depends on neither facility nor clock. So each tile finds the pieces that matter in it,
in its blocks and at the corners of their cells once; what each row adds is its clock at the foot found.
"""

from __future__ import annotations

import numpy as np

from geo._jit import kernel, part
from geo.areas._circles import measure, narrow
from geo.areas._workspace import BLOCK, BLOCKS, CELL_M, HALF_M, MOST, QUARTER, Near
from geo.ground import CLOSED_S, MARGIN, foot, nearest_in_sight

__all__ = ["march"]

_STEPS = 6
"""Halvings of a side of a cell that place a vertex: it is right to ``CELL_M / 128``, 3 cm."""
_ASIDE_M = CELL_M + 0.01
"""What is nearest to any spot of a side is farther from its middle than the nearest by no more than this."""

_SIDES = np.full((18, 4), -1)
"""Which sides (0 south, 1 east, 2 north, 3 west) the outline enters and leaves a cell by, in time on its
left, for the corners in time: 1 south-west + 2 south-east + 4 north-east + 8 north-west. Rows 16 and 17 are
for corners 5 and 10 where the middle of the cell is in time as well."""
for _case, _pair in {1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3)}.items():
    _SIDES[_case, :2] = _pair
    _SIDES[15 - _case, :2] = _pair[::-1]
_SIDES[5], _SIDES[10] = (0, 3, 2, 1), (1, 0, 3, 2)
_SIDES[16], _SIDES[17] = (0, 1, 2, 3), (3, 0, 1, 2)


@kernel
def march(roads, clocks, tiles, rule, sight, first, room, written):  # type: ignore[no-untyped-def]
    """List the pieces of the outlines in tiles from ``first`` on, until ``written`` may be full.

    The tile to go on with and the number of pieces are returned.
    """
    tile, whole, quarter, block = room.tile, room.whole, room.quarter, room.block
    walled, corners, beside = room.walled, room.corners, room.beside
    n = np.int64(0)  # not a literal: numba would compile what takes it twice
    for i in range(first, len(tiles.at)):
        n_pieces = tiles.end[i] - tiles.start[i]
        n_rows = _gather(roads, clocks, tiles.member[tiles.start[i] : tiles.end[i]], tile)
        if n + n_rows * MOST > len(written.key):
            return i, n
        every = Near(room.every.piece, room.every.near_m, n_pieces, True)
        column, row = tiles.at[i, 0] * BLOCKS, tiles.at[i, 1] * BLOCKS
        measure(tile, every, column, row, whole)
        n_whole, near = narrow(tile, every, room.every.row, n_rows, whole, 0, rule, sight, walled)
        if n_whole == 0:
            continue
        measure(tile, near, column, row, quarter)
        for q in range(4):
            n_open, of_quarter = narrow(tile, near, whole.row, n_whole, quarter, q, rule, sight, walled)
            if n_open == 0:
                continue
            west, south = column + q % 2 * QUARTER, row + q // 2 * QUARTER
            measure(tile, of_quarter, west, south, block)
            for b in range(QUARTER * QUARTER):
                n_rows, of_block = narrow(
                    tile, of_quarter, quarter.row, n_open, block, b, rule, sight, walled
                )
                if n_rows:
                    at = west + b % QUARTER, south + b // QUARTER
                    n = _march_block(
                        tile,
                        of_block,
                        at,
                        block.row,
                        n_rows,
                        rule,
                        sight,
                        corners,
                        beside,
                        room.traced,
                        written,
                        n,
                    )
    return len(tiles.at), n


@part
def _march_block(  # type: ignore[no-untyped-def]
    tile, near, at, rows, n_rows, rule, sight, corners, beside, traced, written, n
):
    """Add the pieces of the outlines in a block after the first ``n``; give their new number."""
    _find_corners(tile, near, at, rule, sight, corners)
    for j in range(n_rows):
        like = _same_before(tile, near, j, rows)
        traced[j] = n
        if like < 0:
            n = _trace(tile, near, at, rows[j], rule, sight, corners, beside, written, n)
        else:
            n = _repeat(tile.row[rows[j]], traced[like], traced[like + 1], written, n)
        traced[j + 1] = n
    return n


@part
def _same_before(tile, near, j, rows):  # type: ignore[no-untyped-def]
    """Give an earlier one of ``rows`` with the clocks of row ``j`` on all pieces near, or -1.

    Where one facility alone is in time, all facilities together have its outline.
    """
    for i in range(j):
        is_same = True
        for p in range(near.n):
            k = near.piece[p]
            if (
                tile.clock[rows[i], k, 0] != tile.clock[rows[j], k, 0]
                or tile.clock[rows[i], k, 1] != tile.clock[rows[j], k, 1]
            ):
                is_same = False
                break
        if is_same:
            return i
    return -1


@part
def _repeat(row, first, last, written, n):  # type: ignore[no-untyped-def]
    """Write pieces once more, for another row; give the new number of all."""
    for i in range(first, last):
        written.row[n] = row
        for c in range(2):
            written.key[n, c], written.xy[n, c] = written.key[i, c], written.xy[i, c]
        n += 1
    return n


@part
def _gather(roads, clocks, member, tile):  # type: ignore[no-untyped-def]
    """Bring the pieces of a tile and their clocks together; give the number of rows."""
    n_rows, n_pieces = 0, len(member)
    for j in range(n_pieces):
        k = member[j]
        tile.edge[j] = roads.edge[k]
        for i in range(5):
            tile.line[j, i] = roads.line[k, i]
        tile.per_m[j] = np.sqrt(roads.line[k, 4])
        tile.cost[j, 0], tile.cost[j, 1] = roads.cost[k, 0], roads.cost[k, 1]
        for c in range(clocks.start[k], clocks.start[k + 1]):
            r = tile.local[clocks.row[c]]
            if r < 0:
                r = n_rows
                tile.local[clocks.row[c]], tile.row[r] = r, clocks.row[c]
                tile.clock[r, :n_pieces] = CLOSED_S
                n_rows += 1
            tile.clock[r, j, 0], tile.clock[r, j, 1] = clocks.at[c, 0], clocks.at[c, 1]
    for r in range(n_rows):
        tile.local[tile.row[r]] = -1
    return n_rows


@part
def _in_time(tile, r, best, t, d, rule):  # type: ignore[no-untyped-def]
    """Answer exactly whether a point is in time for a row, from the foot on its nearest piece."""
    if best < 0 or d > rule.reach_m:
        return False
    from_u = tile.clock[r, best, 0] + t * tile.cost[best, 0]
    from_v = tile.clock[r, best, 1] + (1.0 - t) * tile.cost[best, 1]
    return min(from_u, from_v) + d / rule.access_mps <= rule.limit_s


@part
def _find(tile, near, x, y, rule, sight):  # type: ignore[no-untyped-def]
    """Give the nearest piece to a point of a block, where on it the foot is (0-1) and the distance."""
    if sight is not None and near.is_walled:
        return nearest_in_sight(sight, tile.line, near, HALF_M, x, y, rule.reach_m)
    return _nearest(tile, near.piece, near.n, x, y)


@part
def _nearest(tile, piece, n, x, y):  # type: ignore[no-untyped-def]
    """Find the nearest of ``n`` pieces; of roads equally near the first counts."""
    least, best, best_t = np.inf, -1, 0.0
    for j in range(n):
        k = piece[j]
        along, d2 = foot(tile.line, k, x, y)
        # distances to a junction differ by rounding only: then the first edge there counts
        if d2 < least - MARGIN or (d2 < least + MARGIN and k < best):
            least, best, best_t = d2, k, along
    return best, min(max(best_t, 0.0), 1.0), np.sqrt(least)


@part
def _find_corners(tile, near, at, rule, sight, corners):  # type: ignore[no-untyped-def]
    """Find what is nearest to each corner of the cells of a block."""
    for c in range(len(corners.x)):
        corners.x[c] = (at[0] * BLOCK + c % (BLOCK + 1)) * CELL_M
        corners.y[c] = (at[1] * BLOCK + c // (BLOCK + 1)) * CELL_M
    if sight is not None and near.is_walled:
        for c in range(len(corners.x)):
            found = nearest_in_sight(sight, tile.line, near, HALF_M, corners.x[c], corners.y[c], rule.reach_m)
            corners.best[c], corners.t[c], corners.m[c] = found
    else:
        _nearest_to_all(tile.line, near, corners)
    for c in range(len(corners.x)):
        k, t = corners.best[c], corners.t[c]
        corners.way[c] = corners.m[c] / rule.access_mps
        if k < 0 or corners.m[c] > rule.reach_m:
            k, corners.best[c], corners.way[c] = 0, 0, np.inf
        corners.from_u[c], corners.from_v[c] = t * tile.cost[k, 0], (1.0 - t) * tile.cost[k, 1]


@part
def _nearest_to_all(line, near, at):  # type: ignore[no-untyped-def]
    """Find what :func:`_nearest` does, for all places at once."""
    at.m[:], at.best[:], at.t[:] = np.inf, -1, 0.0
    for j in range(near.n):
        k = near.piece[j]
        x, y, step_x, step_y, inverse = line[k, 0], line[k, 1], line[k, 2], line[k, 3], line[k, 4]
        for c in range(len(at.x)):
            dx, dy = at.x[c] - x, at.y[c] - y
            along = (dx * step_x + dy * step_y) * inverse
            t = along if along > 0.0 else 0.0
            t = t if t < 1.0 else 1.0
            dx -= t * step_x
            dy -= t * step_y
            d2, least, best = dx * dx + dy * dy, at.m[c], at.best[c]
            is_nearer = (d2 < least - MARGIN) | ((d2 < least + MARGIN) & (k < best))
            at.m[c] = d2 if is_nearer else least
            at.best[c] = k if is_nearer else best
            at.t[c] = t if is_nearer else at.t[c]
    for c in range(len(at.x)):
        at.m[c] = np.sqrt(at.m[c])


@part
def _trace(tile, near, at, r, rule, sight, corners, beside, written, n):  # type: ignore[no-untyped-def]
    """Add the pieces of a row's outline in a block after the first ``n``; give their new number."""
    n_columns, n_in = written.n_columns, 0
    for c in range(len(corners.x)):
        k = corners.best[c]
        at_road = min(tile.clock[r, k, 0] + corners.from_u[c], tile.clock[r, k, 1] + corners.from_v[c])
        corners.is_in[c] = at_road + corners.way[c] <= rule.limit_s
        n_in += corners.is_in[c]
    if n_in == 0 or n_in == len(corners.x):
        return n
    for cell in range(BLOCK * BLOCK):
        a, b = cell % BLOCK, cell // BLOCK
        low, high = b * (BLOCK + 1) + a, (b + 1) * (BLOCK + 1) + a
        case = corners.is_in[low] + 2 * corners.is_in[low + 1]
        case += 4 * corners.is_in[high + 1] + 8 * corners.is_in[high]
        if case == 0 or case == 15:
            continue
        column, row = at[0] * BLOCK + a, at[1] * BLOCK + b
        if case == 5 or case == 10:
            x, y = (column + 0.5) * CELL_M, (row + 0.5) * CELL_M
            best, t, d = _find(tile, near, x, y, rule, sight)
            if _in_time(tile, r, best, t, d, rule):
                case = 16 + case // 10
        for enter in range(0, 4, 2):
            side = _SIDES[case, enter]
            if side < 0:
                continue
            written.row[n] = tile.row[r]
            written.key[n, 0] = _key(column, row, side, n_columns)
            written.key[n, 1] = _key(column, row, _SIDES[case, enter + 1], n_columns)
            x, y = (column + (side == 1)) * CELL_M, (row + (side == 2)) * CELL_M
            answer = corners.is_in[low + (side == 1) + (BLOCK + 1) * (side == 2)]
            step_x, step_y = CELL_M * (side % 2 == 0), CELL_M * (side % 2)
            share = _change(tile, near, r, x, y, step_x, step_y, answer, rule, sight, beside)
            written.xy[n, 0], written.xy[n, 1] = x + share * step_x, y + share * step_y
            n += 1
    return n


@part
def _change(tile, near, r, x, y, step_x, step_y, answer, rule, sight, beside):  # type: ignore[no-untyped-def]
    """Give where along a side of a cell (0-1) the answer changes from that at its start."""
    low, width, narrow = 0.0, 0.5, near
    if sight is None or not near.is_walled:
        n = _beside(tile, near, x + 0.5 * step_x, y + 0.5 * step_y, beside)
        narrow = Near(beside.piece, near.m, n, False)
    for _ in range(_STEPS):
        share = low + width
        best, t, d = _find(tile, narrow, x + share * step_x, y + share * step_y, rule, sight)
        if _in_time(tile, r, best, t, d, rule) == answer:
            low = share
        width *= 0.5
    # the middle of what is left is never a corner, so rings neither cross nor touch
    return low + width


@part
def _beside(tile, near, x, y, beside):  # type: ignore[no-untyped-def]
    """List the pieces that can be nearest on a side of a cell with its middle here; give their number."""
    least = np.inf
    for j in range(near.n):
        beside.m[j] = foot(tile.line, near.piece[j], x, y)[1]
        least = min(least, beside.m[j])
    within, n = (np.sqrt(least) + _ASIDE_M) ** 2, 0
    for j in range(near.n):
        if beside.m[j] <= within:
            beside.piece[n] = near.piece[j]
            n += 1
    return n


@part
def _key(column, row, side, n_columns):  # type: ignore[no-untyped-def]
    """Number a side of a cell so that the two cells that share it agree."""
    return 2 * ((row + (side == 2)) * n_columns + column + (side == 1)) + side % 2
