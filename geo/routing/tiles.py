"""A network cut into tiles, each with a margin as wide as the search reaches: times stay the same.

A way of at most ``limit_s`` seconds that ends on a road of a tile leads through no node that lies farther
from the tile than the fastest road of the network takes one in that time. So the roads of a tile and of that
margin hold every such way, and as they are a part of the network they hold no shorter one: times are equal to
the millisecond, and a machine needs the memory of one tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.network import EdgeTable, RoadNetwork, build_network
from geo.routing.closest_facility import NEAREST_COLUMNS, nearest
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = ["Tile", "cut_tiles", "nearest_in_tile", "nearest_in_tiles", "reach_of"]


@dataclass(frozen=True, eq=False)
class Tile:
    """A part of a network that can be searched alone.

    Parameters
    ----------
    network : RoadNetwork
        Its own roads and those of its margin.
    edge : int64 array, shape (M,)
        Position of each of its edges in the whole network, ascending.
    is_own : bool array, shape (M,)
        Whether the edge is the tile's own; each edge of the whole network is that of one tile.
    """

    network: RoadNetwork
    edge: NDArray[np.int64]
    is_own: NDArray[np.bool_]

    def move(self, snaps: pd.DataFrame, *, only_own: bool = False) -> pd.DataFrame:
        """Give the points that stand on its roads, on its network.

        Parameters
        ----------
        snaps : DataFrame
            Snaps on the whole network.
        only_own : bool
            Leave out those on the margin.
        """
        edge = snaps["edge"].to_numpy()
        at = np.minimum(np.searchsorted(self.edge, edge), len(self.edge) - 1)
        is_here = snaps["is_snapped"].to_numpy() & (self.edge[at] == edge)
        if only_own:
            is_here &= self.is_own[at]
        return snaps[is_here].assign(edge=at[is_here])


def reach_of(network: RoadNetwork, limit_s: float) -> float:
    """Give how far a way of so many seconds leads at most, metres as the crow flies.

    Parameters
    ----------
    network : RoadNetwork
        The fastest of its roads counts, from end to end.
    limit_s : float
        The longest time.
    """
    fastest_ms = np.minimum(network.edge_ms, network.edge_back_ms)
    is_open = fastest_ms < UNREACHED_MS
    ends = network.node_xy[network.edge_u[is_open]] - network.node_xy[network.edge_v[is_open]]
    per_ms = np.hypot(ends[:, 0], ends[:, 1]) / np.maximum(fastest_ms[is_open], 1)
    return float(per_ms.max(initial=0.0)) * limit_s * 1000.0


def cut_tiles(network: RoadNetwork, *, n: int, limit_s: float) -> Iterator[Tile]:
    """Cut a network into tiles of about as many roads each, one after another.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    n : int
        Tiles; as many as there are edges at most.
    limit_s : float
        The longest time that will be searched for, seconds.

    Raises
    ------
    InputError
        ``n`` is below one, or the time is not a finite number from 0 on.

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> city = grid_network(900, seed=1)
    >>> tiles = list(cut_tiles(city, n=4, limit_s=60))
    >>> sum(int(tile.is_own.sum()) for tile in tiles) == city.n_edges
    True
    """
    if n < 1 or not np.isfinite(limit_s) or limit_s < 0:
        raise InputError(Message("routing.tiles_wrong", {"n": n, "limit_s": limit_s}))
    # A thousandth more than the way, so that no rounding leaves out a node at its very end.
    reach_m = reach_of(network, limit_s) * 1.001 + 0.001
    middle = (network.node_xy[network.edge_u] + network.node_xy[network.edge_v]) / 2
    for own in _parts(middle, np.arange(network.n_edges), n):
        yield _tile(network, own, reach_m)


def nearest_in_tiles(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float,
    n: int,
    start_s: pd.Series | None = None,
) -> pd.DataFrame:
    """Give what :func:`geo.routing.nearest` gives, tile after tile.

    Arguments are those of :func:`geo.routing.nearest`, and ``n`` as of :func:`cut_tiles`.
    """
    parts = [
        nearest_in_tile(tile, facilities, demand, direction=direction, limit_s=limit_s, start_s=start_s)
        for tile in cut_tiles(network, n=n, limit_s=limit_s)
    ]
    columns = {}
    for name in NEAREST_COLUMNS:
        is_time = name.endswith("_s")
        values = np.full(len(demand), np.inf if is_time else None, dtype=float if is_time else object)
        for part in parts:
            values[demand.index.get_indexer(part.index)] = part[name].to_numpy()
        columns[name] = pd.Series(values, index=demand.index, dtype=values.dtype)
    return pd.DataFrame(columns)


def nearest_in_tile(
    tile: Tile,
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float,
    start_s: pd.Series | None = None,
) -> pd.DataFrame:
    """Give the first and second facility of the demand on a tile's own roads.

    All that it is given can be pickled, so that another process may do it.

    Parameters
    ----------
    tile : Tile
        Of :func:`cut_tiles` with the same ``limit_s`` or a longer one.
    facilities, demand : DataFrame
        Snaps on the whole network.
    direction, limit_s, start_s
        As of :func:`geo.routing.nearest`.
    """
    near, own = tile.move(facilities), tile.move(demand, only_own=True)
    starts = None if start_s is None else start_s[start_s.index.isin(near.index)]
    return nearest(tile.network, near, own, direction=direction, limit_s=limit_s, start_s=starts)


def _parts(middle: NDArray[np.float64], edges: NDArray[np.int64], n: int) -> Iterator[NDArray[np.int64]]:
    """Halve the edges along the longer side until there are n parts."""
    if n == 1 or len(edges) <= 1:
        if len(edges):
            yield edges
        return
    xy = middle[edges]
    axis = int(np.argmax(np.ptp(xy, axis=0)))
    order = edges[np.argsort(xy[:, axis], kind="stable")]
    first = n // 2
    at = len(order) * first // n
    yield from _parts(middle, np.sort(order[:at]), first)
    yield from _parts(middle, np.sort(order[at:]), n - first)


def _tile(network: RoadNetwork, own: NDArray[np.int64], reach_m: float) -> Tile:
    """Give the tile of some edges: with every edge of which an end lies within reach of their box."""
    u, v, xy = network.edge_u, network.edge_v, network.node_xy
    ends = xy[np.concatenate([u[own], v[own]])]
    low, high = ends.min(axis=0), ends.max(axis=0)
    off = np.maximum(np.maximum(low - xy, xy - high), 0.0)
    is_near = np.hypot(off[:, 0], off[:, 1]) <= reach_m
    edge = np.flatnonzero(is_near[u] | is_near[v])
    is_own = np.zeros(network.n_edges, dtype=np.bool_)
    is_own[own] = True
    return Tile(_only(network, edge), edge, is_own[edge])


def _only(network: RoadNetwork, edge: NDArray[np.int64]) -> RoadNetwork:
    """Give the network of some edges, in their order."""
    node = np.unique(np.concatenate([network.edge_u[edge], network.edge_v[edge]]))
    n_vertices = np.diff(network.xy_start)[edge]
    start = np.concatenate([[0], np.cumsum(n_vertices)]).astype(np.int64)
    vertex = np.repeat(network.xy_start[:-1][edge] - start[:-1], n_vertices) + np.arange(start[-1])
    table = EdgeTable(
        u=np.searchsorted(node, network.edge_u[edge]),
        v=np.searchsorted(node, network.edge_v[edge]),
        length=network.edge_length[edge],
        ms=network.edge_ms[edge],
        back_ms=network.edge_back_ms[edge],
        xy=network.xy[vertex],
        xy_start=start,
        is_access=network.edge_is_access[edge],
        class_code=network.edge_class[edge],
        classes=network.classes,
        name_code=network.edge_name[edge],
        names=network.names,
        source=network.edge_source[edge],
    )
    return build_network(
        network.node_id[node],
        network.node_xy[node],
        table,
        crs=network.crs,
        impedance=network.impedance,
        profile=network.profile,
        attribution=network.attribution,
    )
