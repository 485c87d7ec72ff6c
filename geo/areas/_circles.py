"""What can be nearest in a circle of ground, and bounds on the times there."""

from __future__ import annotations

import numpy as np

from geo._jit import part
from geo.areas._workspace import BINS, BLOCK_M, Near
from geo.ground import MARGIN, Around, bound_in_sight, find_wall

__all__ = ["measure", "narrow"]


@part
def measure(tile, near, column, row, level):  # type: ignore[no-untyped-def]
    """Measure the distance of pieces from the middles of squares, and where on them the foot is.

    ``column`` and ``row`` are those of the block in the south-west of them all. Here and at corners a piece
    is held to all places at once: that is a loop which processors do in fours.
    """
    n_beside = int(np.sqrt(len(level.x)))
    for c in range(len(level.x)):
        level.x[c] = (column + (c % n_beside + 0.5) * level.n_blocks) * BLOCK_M
        level.y[c] = (row + (c // n_beside + 0.5) * level.n_blocks) * BLOCK_M
    level.least_m[:] = np.inf
    for j in range(near.n):
        k = near.piece[j]
        x, y, step_x = tile.line[k, 0], tile.line[k, 1], tile.line[k, 2]
        step_y, inverse = tile.line[k, 3], tile.line[k, 4]
        for c in range(len(level.x)):
            dx, dy = level.x[c] - x, level.y[c] - y
            along = (dx * step_x + dy * step_y) * inverse
            t = along if along > 0.0 else 0.0
            t = t if t < 1.0 else 1.0
            dx -= t * step_x
            dy -= t * step_y
            m = np.sqrt(dx * dx + dy * dy)
            level.m[j, c], level.along[j, c] = m, along
            level.least_m[c] = m if m < level.least_m[c] else level.least_m[c]


@part
def narrow(tile, near, rows, n_rows, level, c, rule, sight, walled):  # type: ignore[no-untyped-def]
    """Find which of ``rows`` are neither wholly in time in square ``c`` nor wholly out, and what is near.

    ``level.row`` receives them; their number is returned, and the pieces that can be nearest.
    """
    n, least, is_walled = _look(tile, near, level, c, rule, sight, walled)
    n_open = 0
    for j in range(n_rows):
        if _judge(tile, level, n, rows[j], least, is_walled, rule) < 0:
            level.row[n_open] = rows[j]
            n_open += 1
    return n_open, Near(level.piece, level.at_least_m, n, is_walled)


@part
def _look(tile, near, level, c, rule, sight, walled):  # type: ignore[no-untyped-def]
    """Find the pieces that can be nearest in square ``c``, and say whether walls matter.

    ``level`` receives them; their number and the least distance are returned first, none where no road is in
    reach.
    """
    least, half = level.least_m[c], level.half_m
    if max(0.0, least - half) > rule.reach_m + MARGIN:
        return 0, least, False
    within = least + 2.0 * half + MARGIN
    is_walled = False
    if sight is not None and near.is_walled:
        within, is_walled = _look_at_walls(tile, near, level, c, within, rule, sight, walled)
    n = 0
    for j in range(near.n):
        d = level.m[j, c]
        if d > within:
            continue
        i = n
        if is_walled:
            b = int(d * (BINS / within))
            i = walled.bins[b]
            walled.bins[b] += 1
        k, along = near.piece[j], level.along[j, c]
        shift = half * tile.per_m[k]
        level.piece[i], level.near_m[i] = k, d
        level.low[i] = min(max(along - shift, 0.0), 1.0)
        level.high[i] = min(max(along + shift, 0.0), 1.0)
        n += 1
    return n, least, is_walled


@part
def _look_at_walls(tile, near, level, c, within, rule, sight, walled):  # type: ignore[no-untyped-def]
    """Give how far a piece can be that is nearest in sight in square ``c``, and whether walls matter."""
    x, y = level.x[c], level.y[c]
    around = Around(near.piece, walled.around.m, walled.around.along, near.n)
    for j in range(near.n):
        around.m[j], around.along[j] = level.m[j, c], level.along[j, c]
    if not _is_walled(sight, tile.line, around, level.half_m, x, y, within):
        return within, False
    circle = (x, y, level.half_m)
    within = MARGIN + bound_in_sight(
        sight.walls, tile.line, tile.edge, around, circle, rule.reach_m, walled.tried
    )
    _sort_roughly(around, within, walled.bins, level.at_least_m)
    return within, True


@part
def _sort_roughly(around, within, bins, at_least_m):  # type: ignore[no-untyped-def]
    """Say where the pieces of each bin of distances begin, and what is the least distance in it."""
    bins[:] = 0
    for j in range(around.n):
        if around.m[j] <= within:
            bins[int(around.m[j] * (BINS / within)) + 1] += 1
    for b in range(BINS + 1):
        for i in range(bins[b], bins[b] + bins[b + 1]):
            at_least_m[i] = b * (within / BINS) - MARGIN
        bins[b + 1] += bins[b]


@part
def _is_walled(sight, line, around, half, x, y, within):  # type: ignore[no-untyped-def]
    """Say whether a wall may lie between some point of a circle and its nearest road."""
    west, south, east, north = x - half, y - half, x + half, y + half
    for j in range(around.n):
        if around.m[j] > within:
            continue
        k, along = around.piece[j], around.along[j]
        shift = half * np.sqrt(line[k, 4])
        for side in (-shift, shift):
            t = min(max(along + side, 0.0), 1.0)
            at_x, at_y = line[k, 0] + t * line[k, 2], line[k, 1] + t * line[k, 3]
            west, east = min(west, at_x), max(east, at_x)
            south, north = min(south, at_y), max(north, at_y)
    # no constant: it would be compiled anew
    return find_wall(sight.walls, west, south, east, north, np.bool_(True)) >= 0


@part
def _judge(tile, level, n, r, least, is_walled, rule):  # type: ignore[no-untyped-def]
    """Bound the times of a row in the last square that was looked at: 1 all in time, 0 none, -1 neither."""
    half = level.half_m
    gap = max(0.0, least - half)
    all_in = not is_walled and least + half + MARGIN <= rule.reach_m
    all_out = True
    for j in range(n):
        k, low, high = level.piece[j], level.low[j], level.high[j]
        from_u, from_v = tile.clock[r, k, 0], tile.clock[r, k, 1]
        soonest = min(
            from_u + low * tile.cost[k, 0],
            from_v + (1.0 - low) * tile.cost[k, 1],
            from_u + high * tile.cost[k, 0],
            from_v + (1.0 - high) * tile.cost[k, 1],
        )
        latest = min(from_u + high * tile.cost[k, 0], from_v + (1.0 - low) * tile.cost[k, 1])
        if soonest + max(gap, level.near_m[j] - half) / rule.access_mps <= rule.limit_s + MARGIN:
            all_out = False
        if latest + (least + half) / rule.access_mps > rule.limit_s - MARGIN:
            all_in = False
        if not (all_in or all_out):
            return -1
    return 0 if all_out else 1
