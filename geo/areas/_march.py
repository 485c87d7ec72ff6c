"""Marching over ground tile by tile, for many clocks at once: the road nearest to a spot is found once.

Which road is nearest depends on neither facility nor clock. So each tile finds the pieces that matter in it,
in its blocks and at the corners of their cells once; what each row adds is its clock at the foot found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.ground import CLOSED_S, MARGIN, Around, bound_in_sight, find_wall, foot, nearest_in_sight

__all__ = ["CELL_M", "TILE_M", "Clocks", "Roads", "Room", "Tiles", "Written", "march", "new_room"]

CELL_M = 4.0
"""Width of a cell of the lattice, metres."""
TILE_M = 64.0
"""Width of a tile of ground: four blocks of four cells."""

_BLOCK = 4
_BLOCK_M = _BLOCK * CELL_M
_BLOCKS = round(TILE_M / _BLOCK_M)
_HALF_M = _BLOCK_M * np.sqrt(0.5)
_TILE_HALF_M = TILE_M * np.sqrt(0.5)
_BINS = 64
"""So many bins of distance sort the pieces around a walled circle."""
_STEPS = 6
"""Halvings of a side of a cell that place a vertex: it is right to ``CELL_M / 128``, 3 cm."""
_ASIDE_M = CELL_M + 0.01
"""What is nearest to any spot of a side is farther from its middle than the nearest by no more than this."""
MOST = 2 * (_BLOCK * _BLOCKS) ** 2
"""Pieces of one outline that a tile may hold."""

_SIDES = np.full((18, 4), -1)
"""Which sides (0 south, 1 east, 2 north, 3 west) the outline enters and leaves a cell by, in time on its
left, for the corners in time: 1 south-west + 2 south-east + 4 north-east + 8 north-west. Rows 16 and 17 are
for corners 5 and 10 where the middle of the cell is in time as well."""
for _case, _pair in {1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3)}.items():
    _SIDES[_case, :2] = _pair
    _SIDES[15 - _case, :2] = _pair[::-1]
_SIDES[5], _SIDES[10] = (0, 3, 2, 1), (1, 0, 3, 2)
_SIDES[16], _SIDES[17] = (0, 1, 2, 3), (3, 0, 1, 2)

_Ints = NDArray[np.int64]
_Reals = NDArray[np.float64]
_Flags = NDArray[np.bool_]


class Roads(NamedTuple):
    """Pieces of road.

    Parameters
    ----------
    line : float64 array, shape (P, 5)
        As in :class:`geo.ground.Ground`.
    edge : int64 array, shape (P,)
        Edge of each piece, numbered as in :class:`geo.ground.Sight`; ascending.
    cost : float64 array, shape (P, 2)
        Seconds from the start to the end of each piece, and back.
    """

    line: _Reals
    edge: _Ints
    cost: _Reals


class Clocks(NamedTuple):
    """Clocks of many rows, each on the pieces on which it is in time: of ``p``, ``start[p]:start[p + 1]``.

    Parameters
    ----------
    start : int64 array, shape (P + 1,)
        Where the clocks of each piece begin.
    row : int64 array, shape (C,)
        Whose clock it is.
    at : float64 array, shape (C, 2)
        Seconds at the start and at the end of the piece.
    """

    start: _Ints
    row: _Ints
    at: _Reals


class Tiles(NamedTuple):
    """Tiles of ground, the pieces of tile ``t`` being ``member[start[t]:end[t]]``."""

    at: _Ints
    start: _Ints
    end: _Ints
    member: _Ints


class Written(NamedTuple):
    """Room for pieces of outlines.

    Parameters
    ----------
    row : int64 array, shape (N,)
        Whose outline it is.
    key : int64 array, shape (N, 2)
        Sides of cells by which a piece enters and leaves.
    xy : float64 array, shape (N, 2)
        Its first vertex, metres.
    n_columns : int
        Columns of cells, by which sides are numbered.
    """

    row: _Ints
    key: _Ints
    xy: _Reals
    n_columns: int


class _Tile(NamedTuple):
    """The pieces of a tile, numbered from 0, and the rows that are in time on one of them."""

    line: _Reals
    per_m: _Reals  # share of a piece that is a metre long
    edge: _Ints
    cost: _Reals
    clock: _Reals  # (rows, pieces, 2)
    row: _Ints
    local: _Ints  # number of a row in the tile, or -1


class _Kept(NamedTuple):
    """The pieces that matter in a circle: their distances from its middle, and what of them can be nearest.

    Where walls matter they are sorted by ``at_least_m``, which is no more than the distance.
    """

    piece: _Ints
    m: _Reals
    at_least_m: _Reals
    low: _Reals
    high: _Reals


class _Lattice(NamedTuple):
    """Places in a block or a tile, and what is nearest to each.

    Parameters
    ----------
    x, y : float64 array
        Where the places are.
    best : int64 array
        Nearest piece; any where the way to it takes for ever.
    t, m : float64 array
        Where on it the foot is (0-1), and the distance.
    from_u, from_v, way : float64 array
        Seconds from the start and from the end of the piece to the foot, and from there to the place.
    is_in : bool array
        Whether the place is in time.
    """

    x: _Reals
    y: _Reals
    best: _Ints
    t: _Reals
    m: _Reals
    from_u: _Reals
    from_v: _Reals
    way: _Reals
    is_in: _Flags


class Room(NamedTuple):
    """Room for what is known of a tile, of a block, of a side and of corners: one for each thread."""

    tile: _Tile
    every: _Kept
    of_tile: _Kept
    of_block: _Kept
    m: _Reals  # (pieces, circles)
    along: _Reals
    around: Around  # those of one circle
    beside: Around
    rows_of_tile: _Ints
    rows_of_block: _Ints
    middles: _Lattice
    corners: _Lattice
    tried: _Ints
    bins: _Ints


class _Near(NamedTuple):
    """The pieces that can be nearest in a circle."""

    piece: _Ints
    m: _Reals  # no more than their distances from its middle, ascending; only where there may be walls
    n: int  # how many of both count
    is_walled: bool


def new_room(n_pieces: int, n_rows: int) -> Room:
    """Make room for tiles of so many pieces at most, and so many rows."""

    def whole(n: int) -> _Ints:
        return np.zeros(n, np.int64)

    def real(*shape: int) -> _Reals:
        return np.zeros(shape)

    def kept() -> _Kept:
        n = n_pieces
        return _Kept(np.arange(n), real(n), real(n), real(n), real(n))

    def around() -> Around:
        return Around(whole(n_pieces), real(n_pieces), real(n_pieces), 0)

    def lattice(n: int) -> _Lattice:
        x, y, t, m, u, v, way = (real(n) for _ in range(7))
        return _Lattice(x, y, whole(n), t, m, u, v, way, np.zeros(n, bool))

    tile = _Tile(
        line=real(n_pieces, 5),
        per_m=real(n_pieces),
        edge=whole(n_pieces),
        cost=real(n_pieces, 2),
        clock=np.empty((n_rows, n_pieces, 2)),
        row=whole(n_rows),
        local=np.full(n_rows, -1),
    )
    return Room(
        tile,
        every=kept(),
        of_tile=kept(),
        of_block=kept(),
        m=real(n_pieces, _BLOCKS * _BLOCKS),
        along=real(n_pieces, _BLOCKS * _BLOCKS),
        around=around(),
        beside=around(),
        rows_of_tile=whole(n_rows),
        rows_of_block=whole(n_rows),
        middles=lattice(_BLOCKS * _BLOCKS),
        corners=lattice((_BLOCK + 1) ** 2),
        tried=whole(8),
        bins=whole(_BINS + 2),
    )


@kernel
def march(roads, clocks, tiles, rule, sight, first, room, written):  # type: ignore[no-untyped-def]
    """List the pieces of the outlines in tiles from ``first`` on, until ``written`` may be full.

    The tile to go on with and the number of pieces are returned.
    """
    tile, middles = room.tile, room.middles
    n = np.int64(0)  # not a literal: numba would compile what takes it twice
    for i in range(first, len(tiles.at)):
        n_pieces = tiles.end[i] - tiles.start[i]
        n_rows = _gather(roads, clocks, tiles.member[tiles.start[i] : tiles.end[i]], tile)
        if n + n_rows * MOST > len(written.key):
            return i, n
        near = _Near(room.every.piece, room.every.m, n_pieces, True)
        middles.x[0], middles.y[0] = (tiles.at[i, 0] + 0.5) * TILE_M, (tiles.at[i, 1] + 0.5) * TILE_M
        _measure(tile, near, middles, 1, room)
        n_near, least, is_walled = _look(tile, near, 0, _TILE_HALF_M, rule, sight, room, room.of_tile)
        n_open = 0
        for r in range(n_rows):
            if _judge(tile, room.of_tile, n_near, r, least, _TILE_HALF_M, is_walled, rule) < 0:
                room.rows_of_tile[n_open] = r
                n_open += 1
        if n_open == 0:
            continue
        near = _Near(room.of_tile.piece, room.of_tile.at_least_m, n_near, is_walled)
        column, row = tiles.at[i, 0] * _BLOCKS, tiles.at[i, 1] * _BLOCKS
        for b in range(_BLOCKS * _BLOCKS):
            middles.x[b] = (column + b % _BLOCKS + 0.5) * _BLOCK_M
            middles.y[b] = (row + b // _BLOCKS + 0.5) * _BLOCK_M
        _measure(tile, near, middles, _BLOCKS * _BLOCKS, room)
        for b in range(_BLOCKS * _BLOCKS):
            at = column + b % _BLOCKS, row + b // _BLOCKS
            n = _march_block(tile, near, b, at, n_open, rule, sight, room, written, n)
    return len(tiles.at), n


@part
def _march_block(tile, near, b, at, n_open, rule, sight, room, written, n):  # type: ignore[no-untyped-def]
    """Add the pieces of the outlines in a block after the first ``n``; give their new number."""
    n_block, least, is_walled = _look(tile, near, b, _HALF_M, rule, sight, room, room.of_block)
    n_rows = 0
    for j in range(n_open):
        r = room.rows_of_tile[j]
        if _judge(tile, room.of_block, n_block, r, least, _HALF_M, is_walled, rule) < 0:
            room.rows_of_block[n_rows] = r
            n_rows += 1
    if n_rows == 0:
        return n
    of_block = _Near(room.of_block.piece, room.of_block.at_least_m, n_block, is_walled)
    _find_corners(tile, of_block, at, rule, sight, room.corners)
    for j in range(n_rows):
        n = _trace(tile, of_block, at, room.rows_of_block[j], rule, sight, room, written, n)
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
def _measure(tile, near, middles, n_circles, room):  # type: ignore[no-untyped-def]
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
def _look(tile, near, c, half, rule, sight, room, kept):  # type: ignore[no-untyped-def]
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
            b = int(d * (_BINS / within))
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
            bins[int(around.m[j] * (_BINS / within)) + 1] += 1
    for b in range(_BINS + 1):
        for i in range(bins[b], bins[b] + bins[b + 1]):
            at_least_m[i] = b * (within / _BINS) - MARGIN
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
def _judge(tile, kept, n, r, least, half, is_walled, rule):  # type: ignore[no-untyped-def]
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


@part
def _in_time(tile, r, best, t, d, rule):  # type: ignore[no-untyped-def]
    """Answer exactly whether a point is in time for a row, from the foot on its nearest piece."""
    if best < 0 or d > rule.reach_m:
        return False
    clock, cost = tile.clock, tile.cost
    at_road = min(clock[r, best, 0] + t * cost[best, 0], clock[r, best, 1] + (1.0 - t) * cost[best, 1])
    return at_road + d / rule.access_mps <= rule.limit_s


@part
def _find(tile, near, x, y, rule, sight):  # type: ignore[no-untyped-def]
    """Give the nearest piece to a point of a block, where on it the foot is (0-1) and the distance."""
    if sight is not None and near.is_walled:
        return nearest_in_sight(sight, tile.line, near, _HALF_M, x, y, rule.reach_m)
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
        corners.x[c] = (at[0] * _BLOCK + c % (_BLOCK + 1)) * CELL_M
        corners.y[c] = (at[1] * _BLOCK + c // (_BLOCK + 1)) * CELL_M
    if sight is not None and near.is_walled:
        for c in range(len(corners.x)):
            found = nearest_in_sight(
                sight, tile.line, near, _HALF_M, corners.x[c], corners.y[c], rule.reach_m
            )
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
def _trace(tile, near, at, r, rule, sight, room, written, n):  # type: ignore[no-untyped-def]
    """Add the pieces of a row's outline in a block after the first ``n``; give their new number."""
    corners, n_columns, n_in = room.corners, written.n_columns, 0
    for c in range(len(corners.x)):
        k = corners.best[c]
        at_road = min(tile.clock[r, k, 0] + corners.from_u[c], tile.clock[r, k, 1] + corners.from_v[c])
        corners.is_in[c] = at_road + corners.way[c] <= rule.limit_s
        n_in += corners.is_in[c]
    if n_in == 0 or n_in == len(corners.x):
        return n
    is_in = corners.is_in.reshape((_BLOCK + 1, _BLOCK + 1))
    for cell in range(_BLOCK * _BLOCK):
        a, b = cell % _BLOCK, cell // _BLOCK
        case = is_in[b, a] + 2 * is_in[b, a + 1] + 4 * is_in[b + 1, a + 1] + 8 * is_in[b + 1, a]
        if case == 0 or case == 15:
            continue
        column, row = at[0] * _BLOCK + a, at[1] * _BLOCK + b
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
            answer = is_in[b + (side == 2), a + (side == 1)]
            step_x, step_y = CELL_M * (side % 2 == 0), CELL_M * (side % 2)
            share = _change(tile, near, r, x, y, step_x, step_y, answer, rule, sight, room.beside)
            written.xy[n, 0], written.xy[n, 1] = x + share * step_x, y + share * step_y
            n += 1
    return n


@part
def _change(tile, near, r, x, y, step_x, step_y, answer, rule, sight, beside):  # type: ignore[no-untyped-def]
    """Give where along a side of a cell (0-1) the answer changes from that at its start."""
    low, width, narrow = 0.0, 0.5, near
    if sight is None or not near.is_walled:
        n = _beside(tile, near, x + 0.5 * step_x, y + 0.5 * step_y, beside)
        narrow = _Near(beside.piece, near.m, n, False)
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
