"""The same roads at other speeds: new times on the arcs that are there, without building them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.network import Arcs, RoadNetwork
from geo.times import UNREACHED_MS

__all__ = ["DrawnRoads", "draw_roads", "prepare_roads"]


class _Rows(NamedTuple):
    """Arcs in compressed rows with all parallel ones: which is the fastest is another matter each time."""

    start: NDArray[np.int32]
    head: NDArray[np.int32]
    edge: NDArray[np.int32]
    is_back: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DrawnRoads:
    """A network with the parts of its times.

    Parameters
    ----------
    network : RoadNetwork
        At the profile's times.
    delay_ms : float64 array, shape (M,)
        Delay at the junctions of each edge, milliseconds; never more than its time.
    out, into : _Rows
        The arcs out of each node, and into it.
    """

    network: RoadNetwork
    delay_ms: NDArray[np.float64]
    out: _Rows
    into: _Rows


def prepare_roads(network: RoadNetwork, *, junction_delay_s: float = 0.0) -> DrawnRoads:
    """Take the junction delay out of a network's times, and list its arcs.

    Parameters
    ----------
    network : RoadNetwork
        Of times.
    junction_delay_s : float
        Of the profile that made them; with 0 delays vary with the speed of their road.

    Raises
    ------
    InputError
        The network counts lengths, not times.
    """
    if network.impedance != "ms":
        raise InputError("the network counts lengths in millimetres, not times; give one with times")
    is_junction = np.bincount(np.concatenate([network.edge_u, network.edge_v]), minlength=1) >= 3
    n_ends = is_junction[network.edge_u].astype(float) + is_junction[network.edge_v]
    rows = (_rows(network, network.edge_u, network.edge_v), _rows(network, network.edge_v, network.edge_u))
    return DrawnRoads(network, 500.0 * junction_delay_s * n_ends, *rows)


def _rows(network: RoadNetwork, tail: NDArray[np.int32], head: NDArray[np.int32]) -> _Rows:
    """List arcs from ``tail`` to ``head`` of each edge as it is drawn, and from head to tail backwards."""
    edges = np.arange(network.n_edges, dtype=np.int32)
    is_there = [ms < UNREACHED_MS for ms in (network.edge_ms, network.edge_back_ms)]
    is_there = [kept & (network.edge_u != network.edge_v) for kept in is_there]
    tails = np.concatenate([tail[is_there[0]], head[is_there[1]]])
    heads = np.concatenate([head[is_there[0]], tail[is_there[1]]])
    edge = np.concatenate([edges[is_there[0]], edges[is_there[1]]])
    is_back = np.repeat([False, True], [int(kept.sum()) for kept in is_there])
    order = np.lexsort((edge, heads, tails))
    start = np.zeros(network.n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tails, minlength=network.n_nodes), out=start[1:])
    return _Rows(start, heads[order], edge[order], is_back[order])


def draw_roads(roads: DrawnRoads, speed: NDArray[np.float64], *, junction: float = 1.0) -> RoadNetwork:
    """Give the network with speeds and junction delays multiplied; what is closed stays closed.

    Parameters
    ----------
    roads : DrawnRoads
        The roads.
    speed : float64 array, shape (number of classes,)
        Factor on the speed of each class, in the order of ``network.classes``.
    junction : float
        Factor on the delays.

    Returns
    -------
    RoadNetwork
        Times in whole milliseconds; with all factors 1 those of the network to the millisecond. Parallel
        roads stand as arcs beside each other.
    """
    network = roads.network
    slower = 1.0 / speed[network.edge_class]
    ms = _drawn(network.edge_ms, roads.delay_ms, slower, junction)
    back_ms = _drawn(network.edge_back_ms, roads.delay_ms, slower, junction)
    arcs = [
        Arcs(rows.start, rows.head, np.where(rows.is_back, back_ms[rows.edge], ms[rows.edge]), rows.edge)
        for rows in (roads.out, roads.into)
    ]
    origin = network.origin or network
    return replace(network, edge_ms=ms, edge_back_ms=back_ms, arcs=arcs[0], arcs_back=arcs[1], origin=origin)


def _drawn(
    ms: NDArray[np.int32], delay_ms: NDArray[np.float64], slower: NDArray[np.float64], junction: float
) -> NDArray[np.int32]:
    delay = np.minimum(delay_ms, ms)
    drawn = np.clip(np.rint((ms - delay) * slower + delay * junction), 1, UNREACHED_MS - 1)
    times: NDArray[np.int32] = np.where(ms < UNREACHED_MS, drawn, UNREACHED_MS).astype(np.int32)
    return times
