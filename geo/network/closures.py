"""Roads closed, slower or faster: a new network with the same nodes and edges, and snaps carried over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.defaults import FASTEST_SHARE, SLOWEST_SHARE
from geo.errors import InputError
from geo.messages import Message
from geo.network.csr import Arcs, compress_arcs, label_components
from geo.network.road_network import RoadNetwork
from geo.network.travel_times import milliseconds
from geo.times import UNREACHED_MS

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import pandas as pd

__all__ = [
    "CLOSED_ROAD",
    "carry_snaps",
    "close_edges",
    "scale_speeds",
    "set_speed",
    "set_times",
    "slow_edges",
]

CLOSED_ROAD = "closed road"
"""Reason of a point that stands on a road that was closed."""


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
        ``origin`` is the network as it first was: :func:`geo.routing.snap` puts points on the same roads as
        before, and those on a closed road on none. :func:`carry_snaps` does that to snaps in hand.

    Raises
    ------
    InputError
        A position is not that of an edge, or there are not as many flags as edges.

    Examples
    --------
    >>> from geo.sample import grid_network
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
    return replace(_timed(network, chosen, ms, back_ms), node_component=component)


def slow_edges(network: RoadNetwork, edges: ArrayLike, factor: ArrayLike) -> RoadNetwork:
    """Slow edges both ways: ``factor`` of the speed is left.

    Time afterwards = time / factor, in whole milliseconds; delays at junctions are part of it. Closed
    directions stay closed.

    Parameters
    ----------
    network : RoadNetwork
        Not changed.
    edges : int or bool array
        Positions of the edges, or one flag an edge.
    factor : float or array of float
        Share of the speed that is left: 0.7 is 30 % slower; 0.01 to 1. An array has one for each edge of
        the network.

    Raises
    ------
    InputError
        The factor is no share of a speed, or the edges are not those of the network.

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> city = grid_network(900, seed=1)
    >>> jam = slow_edges(city, np.ones(city.n_edges, dtype=bool), 0.5)
    >>> bool((jam.arcs.ms == 2 * city.arcs.ms).all())
    True
    """
    left = np.asarray(factor, dtype=np.float64)
    bad = left[~((left >= SLOWEST_SHARE) & (left <= 1))]
    if len(bad) or left.shape not in ((), (network.n_edges,)):
        fault = (
            Message("network.found_number", {"number": bad[0]})
            if len(bad)
            else Message("network.found_for_edges", {"n": left.size, "edges": network.n_edges})
        )
        raise InputError(Message("network.factor_wrong", {"least": SLOWEST_SHARE, "fault": fault}))
    return _at_share(network, _positions(network, edges), np.broadcast_to(left, network.n_edges))


def scale_speeds(network: RoadNetwork, factor: float) -> RoadNetwork:
    """Drive all roads at a share of their speeds: 0.8 in rain, 1.1 at night.

    Time afterwards = time / factor, in whole milliseconds, at least 1; delays at junctions are part of it.

    Parameters
    ----------
    network : RoadNetwork
        Not changed.
    factor : float
        0.01 to 2.

    Raises
    ------
    InputError
        The factor is out of range.

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> city = grid_network(900, seed=1)
    >>> bool((scale_speeds(city, 0.5).arcs.ms == 2 * city.arcs.ms).all())
    True
    """
    if not SLOWEST_SHARE <= factor <= FASTEST_SHARE:
        raise InputError(
            Message(
                "network.speed_share_wrong", {"least": SLOWEST_SHARE, "most": FASTEST_SHARE, "number": factor}
            )
        )
    return _at_share(network, np.arange(network.n_edges), np.full(network.n_edges, float(factor)))


def set_speed(
    network: RoadNetwork,
    edges: ArrayLike,
    kph: float,
    *,
    junction_delay_s: float = 0.0,
    against: float = 1.0,
) -> RoadNetwork:
    """Give edges one speed, in the directions in which they are open.

    Time afterwards = length / speed + half the junction delay at each end where three or more roads meet, in
    whole milliseconds, as :func:`geo.network.from_roads` has it. Against a one-way street, which is where one
    direction was driven at just that share of the other's speed, ``against`` of the speed is left.

    Parameters
    ----------
    network : RoadNetwork
        Not changed.
    edges : int or bool array
        Positions of the edges, or one flag an edge.
    kph : float
        Kilometres an hour, above 0.
    junction_delay_s : float
        Of the profile that made the network's times.
    against : float
        Share of the speed (0-1] at which that profile drives against a one-way street; 1 where it does not.

    Raises
    ------
    InputError
        The speed is not above 0, or the edges are not those of the network.

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> city = grid_network(900, seed=1)
    >>> even = set_speed(city, np.ones(city.n_edges, dtype=bool), 36.0)  # 10 m a second
    >>> is_open = city.edge_ms < UNREACHED_MS
    >>> bool((abs(even.edge_ms - 100 * even.edge_length)[is_open] <= 0.5).all())
    True
    """
    if not 0 < kph < np.inf:
        raise InputError(Message("network.speed_wrong", {"kph": kph}))
    chosen = _positions(network, edges)
    if not len(chosen):
        return network
    is_junction = np.bincount(np.concatenate([network.edge_u, network.edge_v])) >= 3
    n_junctions = is_junction[network.edge_u[chosen]].astype(int) + is_junction[network.edge_v[chosen]]
    delay_s = n_junctions * junction_delay_s / 2
    ms, back_ms = network.edge_ms.copy(), network.edge_back_ms.copy()
    there, back = ms[chosen], back_ms[chosen]
    for along, own, other in ((ms, there, back), (back_ms, back, there)):
        share = np.where(_is_against(own, other, delay_s, against), against, 1.0)
        fresh = milliseconds(network.edge_length[chosen], kph * share, delay_s)
        is_open = own < UNREACHED_MS
        along[chosen[is_open]] = fresh[is_open]
    return _timed(network, chosen, ms, back_ms)


def _is_against(
    own: NDArray[np.int32], other: NDArray[np.int32], delay_s: NDArray[np.float64], share: float
) -> NDArray[np.bool_]:
    """Say which edges are driven against a one-way street: at just that share of the other direction's speed.

    Times of an edge's own, as those of a graph, may differ both ways for other reasons.
    """
    if share >= 1.0:
        return np.zeros(len(own), dtype=bool)
    delay_ms = delay_s * 1000
    off_ms = np.abs((other - delay_ms) / share - (own - delay_ms))
    rounded_ms = (0.5 + 0.5 / share) + 1e-6  # half a millisecond in either time
    flags: NDArray[np.bool_] = (own > other) & (own < UNREACHED_MS) & (off_ms <= rounded_ms)
    return flags


def set_times(network: RoadNetwork, ms: NDArray[np.int32], back_ms: NDArray[np.int32]) -> RoadNetwork:
    """Give all edges times of their own, in the directions in which they are open.

    Parameters
    ----------
    network : RoadNetwork
        Not changed.
    ms, back_ms : int array, shape (M,)
        Whole milliseconds along u -> v and v -> u, at least 1; not read where the direction is closed.

    Raises
    ------
    InputError
        There is not one time an edge, or a time is below 1.

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> city = grid_network(900, seed=1)
    >>> twice = set_times(city, 2 * city.edge_ms, 2 * city.edge_back_ms)
    >>> bool((twice.arcs.ms == 2 * city.arcs.ms).all())
    True
    """
    fresh = []
    for given, was in ((ms, network.edge_ms), (back_ms, network.edge_back_ms)):
        if np.shape(given) != np.shape(was):
            raise InputError(f"{np.size(given)} times do not fit the network's {network.n_edges} edges")
        is_open = was < UNREACHED_MS
        if (np.asarray(given)[is_open] < 1).any():
            raise InputError("an edge takes at least one millisecond")
        fresh.append(np.where(is_open, np.minimum(given, UNREACHED_MS - 1), was).astype(np.int32))
    return _timed(network, np.arange(network.n_edges), *fresh)


def _at_share(network: RoadNetwork, chosen: NDArray[np.int64], share: NDArray[np.float64]) -> RoadNetwork:
    """Give edges a share of their speeds where they are open."""
    chosen = chosen[share[chosen] != 1]
    if not len(chosen):
        return network
    ms, back_ms = network.edge_ms.copy(), network.edge_back_ms.copy()
    for along in (ms, back_ms):
        open_ones = chosen[along[chosen] < UNREACHED_MS]
        along[open_ones] = np.clip(np.rint(along[open_ones] / share[open_ones]), 1, UNREACHED_MS - 1)
    return _timed(network, chosen, ms, back_ms)


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
    positions = np.unique(asked).astype(np.int64)
    bad = positions[(positions < 0) | (positions >= network.n_edges)]
    if len(bad):
        raise InputError(
            f"the network has no such edges: 0 to {network.n_edges - 1}", faults=[str(edge) for edge in bad]
        )
    return positions


def _timed(
    network: RoadNetwork, changed: NDArray[np.int64], ms: NDArray[np.int32], back_ms: NDArray[np.int32]
) -> RoadNetwork:
    """Give the network with other times on the edges that changed."""
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    pair = np.minimum(u, v) * network.n_nodes + np.maximum(u, v)
    is_beside = np.isin(pair, pair[changed])  # parallel roads: the fastest of them may be another now
    beside = np.flatnonzero(is_beside).astype(np.int32)
    tail, head = (np.concatenate([a[beside], b[beside]]) for a, b in ((u, v), (v, u)))
    both_ms, edge = np.concatenate([ms[beside], back_ms[beside]]), np.tile(beside, 2)
    out = compress_arcs(network.n_nodes, tail, head, both_ms, edge)
    back = compress_arcs(network.n_nodes, head, tail, both_ms, edge)
    return replace(
        network,
        edge_ms=ms,
        edge_back_ms=back_ms,
        arcs=_replaced(network.arcs, is_beside, out),
        arcs_back=_replaced(network.arcs_back, is_beside, back),
        origin=network.origin or network,
    )


def _replaced(arcs: Arcs, is_replaced: NDArray[np.bool_], fresh: Arcs) -> Arcs:
    """Give arcs with those of some edges replaced, in the order of :func:`geo.network.csr.compress_arcs`."""
    kept = ~is_replaced[arcs.edge]
    tail, new_tail = _tails(arcs)[kept], _tails(fresh)
    n = len(arcs.start)
    at = np.searchsorted(tail * n + arcs.head[kept], new_tail * n + fresh.head)
    start = np.zeros(n, dtype=np.int32)
    np.cumsum(np.bincount(np.concatenate([tail, new_tail]), minlength=n - 1), out=start[1:])
    return Arcs(
        start=start,
        head=np.insert(arcs.head[kept], at, fresh.head),
        ms=np.insert(arcs.ms[kept], at, fresh.ms),
        edge=np.insert(arcs.edge[kept], at, fresh.edge),
    )


def _tails(arcs: Arcs) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(arcs.start) - 1), np.diff(arcs.start))


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
