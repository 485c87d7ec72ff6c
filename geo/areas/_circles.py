"""What can be nearest in a circle of ground, and bounds on the times there."""

from __future__ import annotations

import numpy as np

from geo._jit import part
from geo.areas._room import BINS
from geo.ground import MARGIN, Around, bound_in_sight, find_wall

__all__ = ["judge", "look", "measure"]


@part
def measure(tile, near, middles, n_circles, room):  # type: ignore[no-untyped-def]
    """Measure the distance of pieces from the middles of some circles, and where on them the foot is.

    Here and at corners a piece is held to all places at once: that is a loop which processors do in fours.
    """
    line, least = tile.line, middles.m
    least[:] = np.inf
    for j in range(near.n):
        k = near.piece[j]
        x, y, step_x, step_y, inverse = line[k, 0], line[k, 1], line[k, 2], line[k, 3], line[k, 4]
        for c in range(n_circles):
            dx, dy = middles.x[c] - x, middles.y[c] - y
            along = (dx * step_x + dy * step_y) * inverse
            t = along if along > 0.0 else 0.0
            t = t if t < 1.0 else 1.0
            dx -= t * step_x
            dy -= t * step_y
            m = np.sqrt(dx * dx + dy * dy)
            room.m[j, c], room.along[j, c] = m, along
            least[c] = m if m < least[c] else least[c]


@part
def look(tile, near, c, half, rule, sight, room, kept):  # type: ignore[no-untyped-def]
    """Find the pieces that can be nearest in circle ``c``, and say whether walls matter.

    ``kept`` receives them; their number and the least distance are returned first, none where no road is in
    reach.
    """
    least = room.middles.m[c]
    if max(0.0, least - half) > rule.reach_m + MARGIN:
        return 0, least, False
    within = least + 2.0 * half + MARGIN
    is_walled = False
    if sight is not None and near.is_walled:
        x, y = room.middles.x[c], room.middles.y[c]
        around = Around(near.piece, room.around.m, room.around.along, near.n)
        for j in range(near.n):
            around.m[j], around.along[j] = room.m[j, c], room.along[j, c]
        is_walled = _is_walled(sight, tile.line, around, half, x, y, within)
        if is_walled:
            circle = (x, y, half)
            within = MARGIN + bound_in_sight(
                sight.walls, tile.line, tile.edge, around, circle, rule.reach_m, room.tried
            )
            _sort_roughly(around, within, room.bins, kept.at_least_m)
    n = 0
    for j in range(near.n):
        d = room.m[j, c]
        if d > within:
            continue
        i = n
        if is_walled:
            b = int(d * (BINS / within))
            i = room.bins[b]
            room.bins[b] += 1
        k, along = near.piece[j], room.along[j, c]
        shift = half * tile.per_m[k]
        kept.piece[i], kept.m[i] = k, d
        kept.low[i] = min(max(along - shift, 0.0), 1.0)
        kept.high[i] = min(max(along + shift, 0.0), 1.0)
        n += 1
    return n, least, is_walled


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
def judge(tile, kept, n, r, least, half, is_walled, rule):  # type: ignore[no-untyped-def]
    """Bound the times of a row in a circle: 1 all in time, 0 none, -1 neither."""
    clock, cost = tile.clock, tile.cost
    gap = max(0.0, least - half)
    all_in = not is_walled and least + half + MARGIN <= rule.reach_m
    all_out = True
    for j in range(n):
        k, low, high = kept.piece[j], kept.low[j], kept.high[j]
        from_u, from_v = clock[r, k, 0], clock[r, k, 1]
        soonest = min(
            from_u + low * cost[k, 0],
            from_v + (1.0 - low) * cost[k, 1],
            from_u + high * cost[k, 0],
            from_v + (1.0 - high) * cost[k, 1],
        )
        latest = min(from_u + high * cost[k, 0], from_v + (1.0 - low) * cost[k, 1])
        if soonest + max(gap, kept.m[j] - half) / rule.access_mps <= rule.limit_s + MARGIN:
            all_out = False
        if latest + (least + half) / rule.access_mps > rule.limit_s - MARGIN:
            all_in = False
        if not (all_in or all_out):
            return -1
    return 0 if all_out else 1
