"""Roads that are closed or slowed: a new network with the same nodes and edges, and snaps carried over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.arcs import compress_arcs, label_components
from geo.errors import InputError
from geo.network import RoadNetwork
from geo.times import UNREACHED_MS

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import pandas as pd

__all__ = ["CLOSED_ROAD", "carry_snaps", "close_edges", "slow_edges"]

CLOSED_ROAD = "closed road"
"""Reason of a point that stands on a road that was closed."""
_SLOWEST = 0.01
"""A road slower than a hundredth of its speed is closed, not slow."""


def close_edges(network: RoadNetwork, edges: ArrayLike) -> RoadNetwork:
    """Close edges both ways; nodes and edges keep their positions.

    Parameters
    ----------
    network : RoadNetwork
        Not changed; everything but times, arcs and components is shared with the new one.
    edges : int or bool array
        Positions of the edges, or one flag an edge.

    Returns
    -------
    RoadNetwork
        ``origin`` is the network as it first was: :func:`geo.snapping.snap` puts points on the same roads as
        before, and those on a closed road on none. :func:`carry_snaps` does that to snaps in hand.

    Raises
    ------
    InputError
        A position is not that of an edge, or there are not as many flags as edges.

    Examples
    --------
    >>> from geo.cities import grid_network
    >>> city = grid_network(900, seed=1)
    >>> cut = close_edges(city, [0, 1])
    >>> cut.n_edges == city.n_edges, bool(np.isinf(cut.edges["travel_time"].iloc[0]))
    (True, True)
    """
    chosen = _positions(network, edges)
    if not len(chosen):
        return network
    ms, back_ms = network.edge_ms.copy(), network.edge_back_ms.copy()
    ms[chosen] = back_ms[chosen] = UNREACHED_MS
    is_open = np.minimum(ms, back_ms) < UNREACHED_MS
    component = label_components(
        network.n_nodes, network.edge_u[is_open], network.edge_v[is_open], network.edge_length[is_open]
    )
    return replace(_timed(network, ms, back_ms), node_component=component)


def slow_edges(network: RoadNetwork, edges: ArrayLike, factor: float) -> RoadNetwork:
    """Slow edges both ways: ``factor`` of the speed is left.

    Time afterwards = time / factor, in whole milliseconds; delays at junctions are part of it. Closed
    directions stay closed.

    Parameters
    ----------
    network : RoadNetwork
        Not changed.
    edges : int or bool array
        Positions of the edges, or one flag an edge.
    factor : float
        Share of the speed that is left: 0.7 is 30 % slower; 0.01 to 1.

    Raises
    ------
    InputError
        The factor is no share of a speed, or the edges are not those of the network.

    Examples
    --------
    >>> from geo.cities import grid_network
    >>> city = grid_network(900, seed=1)
    >>> jam = slow_edges(city, np.ones(city.n_edges, dtype=bool), 0.5)
    >>> bool((jam.edge_ms == 2 * city.edge_ms).all())
    True
    """
    if not _SLOWEST <= factor <= 1:
        raise InputError(
            f"factor is the share of the speed that is left, {_SLOWEST} to 1 (0.7 is 30 % slower); "
            f"found {factor:g}"
        )
    chosen = _positions(network, edges)
    if not len(chosen) or factor == 1:
        return network
    ms, back_ms = network.edge_ms.copy(), network.edge_back_ms.copy()
    for along in (ms, back_ms):
        open_ones = chosen[along[chosen] < UNREACHED_MS]
        along[open_ones] = np.minimum(np.rint(along[open_ones] / factor), UNREACHED_MS - 1)
    return _timed(network, ms, back_ms)


def carry_snaps(snaps: pd.DataFrame, network: RoadNetwork) -> pd.DataFrame:
    """Carry snaps made before roads were closed over to the network afterwards.

    A point on a closed road is on none, and says why; one at the very end of it stands at the junction and
    is put on the first open road there. Nobody moves to a road farther off.

    Parameters
    ----------
    snaps : DataFrame
        Snaps on ``network.origin``, or on any network with the same edges.
    network : RoadNetwork
        With roads closed.

    Returns
    -------
    DataFrame
        Snaps: ``component`` is that of the network; ``reason`` ``"closed road"`` where the road is closed.
    """
    edge = snaps["edge"].to_numpy(dtype=np.int64, copy=True)
    fraction = snaps["fraction"].to_numpy(dtype=np.float64, copy=True)
    is_shut = np.minimum(network.edge_ms, network.edge_back_ms) >= UNREACHED_MS
    cut = np.flatnonzero((edge >= 0) & is_shut[edge])
    at_end = cut[(fraction[cut] == 0.0) | (fraction[cut] == 1.0)]
    node = np.where(fraction[at_end] == 0.0, network.edge_u[edge[at_end]], network.edge_v[edge[at_end]])
    beside = _first_open(network, node, ~is_shut)
    moved, to = at_end[beside >= 0], beside[beside >= 0]
    edge[moved] = to
    fraction[moved] = np.where(network.edge_u[to] == node[beside >= 0], 0.0, 1.0)
    lost = np.setdiff1d(cut, moved)
    edge[lost], fraction[lost] = -1, np.nan
    is_lost = np.isin(np.arange(len(edge)), lost)
    return snaps.assign(
        edge=edge,
        fraction=fraction,
        access_s=snaps["access_s"].mask(is_lost, np.inf),
        component=np.where(edge >= 0, network.node_component[network.edge_u[edge]], -1),
        is_snapped=edge >= 0,
        reason=snaps["reason"].mask(is_lost, CLOSED_ROAD),
    )


def _positions(network: RoadNetwork, edges: ArrayLike) -> NDArray[np.int64]:
    """Give the edges as ascending positions, each once."""
    asked = np.asarray(edges)
    if asked.dtype == bool:
        if asked.shape != (network.n_edges,):
            raise InputError(f"{asked.size} flags do not fit the network's {network.n_edges} edges")
        return np.flatnonzero(asked)
    if asked.size and not np.issubdtype(asked.dtype, np.integer):
        raise InputError("edges are named by their positions (whole numbers) or by one flag an edge")
    found = np.unique(asked).astype(np.int64)
    bad = found[(found < 0) | (found >= network.n_edges)]
    if len(bad):
        raise InputError(
            f"the network has no such edges: 0 to {network.n_edges - 1}", faults=[str(edge) for edge in bad]
        )
    return found


def _timed(network: RoadNetwork, ms: NDArray[np.int32], back_ms: NDArray[np.int32]) -> RoadNetwork:
    """Give the network with other times."""
    u, v = network.edge_u, network.edge_v
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    both_ms = np.concatenate([ms, back_ms])
    edge = np.tile(np.arange(network.n_edges, dtype=np.int32), 2)
    return replace(
        network,
        edge_ms=ms,
        edge_back_ms=back_ms,
        arcs=compress_arcs(network.n_nodes, tail, head, both_ms, edge),
        arcs_back=compress_arcs(network.n_nodes, head, tail, both_ms, edge),
        origin=network.origin or network,
    )


def _first_open(
    network: RoadNetwork, nodes: NDArray[np.int32], is_open: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Give the open edge of the lowest position at each node, -1 where there is none."""
    u, v = network.edge_u, network.edge_v
    edge = np.flatnonzero(is_open & (np.isin(u, nodes) | np.isin(v, nodes)))[::-1]
    first = np.full(network.n_nodes, -1, dtype=np.int64)
    order = np.argsort(-np.tile(edge, 2), kind="stable")  # the lowest is written last
    first[np.concatenate([u[edge], v[edge]])[order]] = np.tile(edge, 2)[order]
    return first[nodes]
