"""Street grids of invented cities, of any size."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import InputError
from geo.messages import Message
from geo.network import EdgeTable, RoadNetwork, build_network
from geo.sample._random import draw
from geo.times import UNREACHED_MS

__all__ = ["grid_network"]

_CLASSES: Final = ("residential", "secondary", "primary")
_SPEEDS_KPH: Final = np.array([30.0, 45.0, 60.0])
_ORIGIN: Final = np.array([340_000.0, 3_480_000.0])


def grid_network(n_nodes: int, *, seed: int) -> RoadNetwork:
    """Make the streets of an invented city: irregular blocks, faster main roads, some one-way streets.

    Street lines lie 60 to 150 m apart and bend; every sixth is a secondary, every eighteenth a primary
    road. About half of the small crossings lose one of their four streets, so the network has 1.5
    links and 3 arcs per node; it stays in one piece. One small street in ten is one-way.

    Parameters
    ----------
    n_nodes : int
        Number of nodes, at least 4.
    seed : int
        The same seed gives the same city.

    Returns
    -------
    RoadNetwork
        In EPSG:32651, profile ``"synthetic"``.

    Raises
    ------
    InputError
        Fewer than 4 nodes are asked for.

    Examples
    --------
    >>> city = grid_network(400, seed=1)
    >>> city.n_nodes, city.n_components
    (400, 1)
    """
    if n_nodes < 4:
        raise InputError(Message("sample.few_nodes", {"n": n_nodes}))
    columns = int(np.ceil(np.sqrt(n_nodes)))
    row, column = np.divmod(np.arange(n_nodes), columns)
    xy = _crossings(row, column, seed=seed)
    u, v, rank = _streets(row, column, columns, seed=seed)
    length = np.sqrt(((xy[v] - xy[u]) ** 2).sum(axis=1))
    ms = np.maximum(1, np.rint(length / _SPEEDS_KPH[rank] * 3600.0)).astype(np.int32)
    way = draw(len(u), seed=seed, stream=6)
    small = rank == 0
    return build_network(
        np.arange(n_nodes),
        xy,
        EdgeTable(
            u=u,
            v=v,
            length=length,
            ms=np.where(small & (way < 0.05), UNREACHED_MS, ms),
            back_ms=np.where(small & (way >= 0.95), UNREACHED_MS, ms),
            xy=np.stack([xy[u], xy[v]], axis=1).reshape(-1, 2),
            xy_start=np.arange(len(u) + 1) * 2,
            class_code=rank,
            classes=_CLASSES,
        ),
        crs=CRS.from_epsg(32651),
        profile="synthetic",
    )


def _crossings(row: NDArray[np.int64], column: NDArray[np.int64], *, seed: int) -> NDArray[np.float64]:
    """Place the crossings: uneven street lines, bent by two slow waves, each crossing nudged a little."""
    n_rows, n_columns = int(row[-1]) + 1, int(column.max()) + 1
    x = np.cumsum(60.0 + 90.0 * draw(n_columns, seed=seed, stream=1))[column]
    y = np.cumsum(60.0 + 90.0 * draw(n_rows, seed=seed, stream=2))[row]
    bent_x = x + 120.0 * np.sin(y / 900.0) + 15.0 * (draw(len(row), seed=seed, stream=3) - 0.5)
    bent_y = y + 160.0 * np.sin(x / 1300.0) + 15.0 * (draw(len(row), seed=seed, stream=4) - 0.5)
    xy: NDArray[np.float64] = np.column_stack([bent_x, bent_y]) + _ORIGIN
    return xy


def _streets(
    row: NDArray[np.int64], column: NDArray[np.int64], columns: int, *, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int16]]:
    """Join the crossings: every crossing keeps its street east or its street north.

    Following what is kept leads to the last column or to the last two rows, which lose nothing:
    so the network is in one piece.
    """
    node = np.arange(len(row))
    chance = draw(len(row), seed=seed, stream=5)
    along, across = _rank(row), _rank(column)
    whole = (column == columns - 1) | (row >= row[-1] - 1)
    lose_east = (chance < 0.27) & (along == 0) & ~whole
    lose_north = (chance >= 0.73) & (across == 0) & ~whole
    east = node[(column < columns - 1) & (node + 1 < len(row)) & ~lose_east]
    north = node[(node + columns < len(row)) & ~lose_north]
    u = np.concatenate([east, north])
    v = np.concatenate([east + 1, north + columns])
    return u, v, np.concatenate([along[east], across[north]])


def _rank(line: NDArray[np.int64]) -> NDArray[np.int16]:
    rank: NDArray[np.int16] = ((line % 6 == 3).astype(np.int16) + (line % 18 == 9)).astype(np.int16)
    return rank
