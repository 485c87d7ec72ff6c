"""Room for marching over ground: what is known of a tile, its blocks and their corners."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.ground import Around

__all__ = [
    "BINS",
    "BLOCK",
    "BLOCKS",
    "BLOCK_M",
    "CELL_M",
    "HALF_M",
    "MOST",
    "QUARTER",
    "TILE_M",
    "Clocks",
    "Level",
    "Near",
    "Roads",
    "Room",
    "Tiles",
    "Walled",
    "Written",
    "new_room",
]

CELL_M = 4.0
"""Width of a cell of the lattice, metres."""
TILE_M = 64.0
"""Width of a tile of ground: four blocks of four cells."""

BLOCK = 4
BLOCK_M = BLOCK * CELL_M
BLOCKS = round(TILE_M / BLOCK_M)
HALF_M = BLOCK_M * np.sqrt(0.5)
"""Half the diagonal of a block."""
QUARTER = BLOCKS // 2
"""So many blocks wide is a quarter of a tile."""
BINS = 64
"""So many bins of distance sort the pieces around a walled circle."""
MOST = 2 * (BLOCK * BLOCKS) ** 2
"""Pieces of one outline that a tile may hold."""

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


class _Lattice(NamedTuple):
    """Places in a block, and what is nearest to each.

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


class Level(NamedTuple):
    """Squares side by side in which ground is judged, and what is known of one of them.

    Parameters
    ----------
    n_blocks : int
        Blocks along a side of each.
    half_m : float
        Half its diagonal.
    x, y, least_m : float64 array, shape (C,)
        Middle of each, and the distance of the nearest piece.
    m, along : float64 array, shape (P, C)
        Distance of each piece from each middle, and where on it the foot is (0-1, beyond it outside).
    piece, near_m, low, high : int64 and float64 arrays, shape (P,)
        The pieces that matter in the last one that was looked at, their distances from its middle, and from
        where to where a foot can be on them.
    at_least_m : float64 array, shape (P,)
        No more than ``near_m``. Where walls matter the pieces are sorted by it.
    row : int64 array, shape (R,)
        The rows that are neither wholly in time in it nor wholly out.
    """

    n_blocks: int
    half_m: float
    x: _Reals
    y: _Reals
    least_m: _Reals
    m: _Reals
    along: _Reals
    piece: _Ints
    near_m: _Reals
    low: _Reals
    high: _Reals
    at_least_m: _Reals
    row: _Ints


class Walled(NamedTuple):
    """Room for a square with walls near: pieces around it, edges that were tried, bins of distances."""

    around: Around
    tried: _Ints
    bins: _Ints


class Room(NamedTuple):
    """Room for what is known of a tile, its quarters, a block, a side and corners: one for each thread.

    Kernels hand its members on, never the whole to take them out again: numba counts the references to each
    array that is taken out or given a name, which took as long as the work itself.
    """

    tile: _Tile
    every: Level  # all pieces and rows of a tile
    whole: Level
    quarter: Level
    block: Level
    walled: Walled
    beside: Around
    traced: _Ints  # where the pieces of outline of each row of a block begin, and end
    corners: _Lattice


class Near(NamedTuple):
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

    def around() -> Around:
        return Around(whole(n_pieces), real(n_pieces), real(n_pieces), 0)

    def level(n_squares: int, n_blocks: int) -> Level:
        x, y, least_m = (real(n_squares) for _ in range(3))
        m, along = (real(n_pieces, n_squares) for _ in range(2))
        near_m, low, high, at_least_m = (real(n_pieces) for _ in range(4))
        return Level(
            n_blocks=n_blocks,
            half_m=n_blocks * BLOCK_M * np.sqrt(0.5),
            x=x,
            y=y,
            least_m=least_m,
            m=m,
            along=along,
            piece=np.arange(n_pieces),
            near_m=near_m,
            low=low,
            high=high,
            at_least_m=at_least_m,
            row=np.arange(n_rows),
        )

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
        every=level(0, BLOCKS),
        whole=level(1, BLOCKS),
        quarter=level(4, QUARTER),
        block=level(QUARTER**2, 1),
        walled=Walled(around(), whole(8), whole(BINS + 2)),
        beside=around(),
        traced=whole(n_rows + 1),
        corners=lattice((BLOCK + 1) ** 2),
    )
