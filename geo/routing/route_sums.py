"""What is added up along the fastest ways out of a facility: seconds by class of road, junctions, metres."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.network import RoadNetwork
from geo.routing.closest_facility import node_nearest
from geo.routing.route_trees import NO_LABEL, Pieces, choose_ways, grow_trees, last_pieces
from geo.routing.stops import Stops, drive, make_stops

__all__ = ["RouteSums", "sum_along_routes"]


class RouteSums(NamedTuple):
    """What lies on the fastest way to each point.

    Parameters
    ----------
    sums : float64 array, shape (P, K)
        The values of the edges driven, parts of edges in proportion; 0 without a way.
    total_ms : int64 array, shape (P,)
        Access, drive and access in whole milliseconds; -1 without a way.
    access_ms : int64 array, shape (P,)
        The access at both ends of it; 0 without a way.
    """

    sums: NDArray[np.float64]
    total_ms: NDArray[np.int64]
    access_ms: NDArray[np.int64]


def sum_along_routes(
    network: RoadNetwork,
    facility: pd.DataFrame,
    points: pd.DataFrame,
    values: NDArray[np.float64],
    values_back: NDArray[np.float64],
) -> RouteSums:
    """Add up values of edges along the fastest way from one facility to each point.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facility : DataFrame
        Snaps of one facility: one row.
    points : DataFrame
        Snaps of the points.
    values, values_back : float64 array, shape (M, K)
        What an edge counts when it is driven from u to v, and from v to u: finite.

    Raises
    ------
    InputError
        Not one facility; the values are not those of the edges; or as :func:`geo.routing.nearest`.

    Examples
    --------
    >>> from geo.routing import snap
    >>> from geo.sample import grid_network
    >>> import geopandas as gpd
    >>> city = grid_network(900, seed=1)
    >>> at = gpd.GeoSeries(gpd.points_from_xy(*city.node_xy[[5, 700]].T), index=["a", "b"], crs=city.crs)
    >>> snaps = snap(at, city)
    >>> metres = city.edge_length[:, None]
    >>> ways = sum_along_routes(city, snaps.iloc[:1], snaps.iloc[1:], metres, metres)
    >>> bool(ways.sums[0, 0] >= at["a"].distance(at["b"]) - 1.0)
    True
    """
    if len(facility) != 1:
        raise InputError(f"ways are added up from one facility at a time, not from {len(facility)}")
    if not len(values) == len(values_back) == network.n_edges:
        raise InputError(f"{len(values)} and {len(values_back)} values for {network.n_edges} edges")
    state = node_nearest(network, facility, direction="from_facility")
    view, sources = drive(network, "from_facility"), state.stops
    stops = make_stops(view, points)
    label, side = choose_ways(view, sources, stops, state.record, state.limit_ms)
    is_reached = label != NO_LABEL
    nodes, (before, piece) = grow_trees(
        view, sources, state.record, np.unique(stops.ends[side < 2, side[side < 2]])
    )
    at_node = np.full(network.n_nodes, len(nodes))
    at_node[nodes] = np.arange(len(nodes))
    parent = np.where(before[nodes] == nodes, len(nodes), at_node[before[nodes]])
    by_node = _down_the_trees(_values_of(piece.take(nodes), values, values_back), parent)
    sums = np.zeros((len(points), values.shape[1]))
    over = np.flatnonzero(side < 2)
    sums[over] = by_node[at_node[stops.ends[over, side[over]]]]
    own = np.flatnonzero((side == 2) | ((side < 2) & (stops.enter_ms[np.arange(len(side)), side % 2] > 0)))
    last = last_pieces(sources, stops, np.zeros(len(side), dtype=np.int64), side, own)
    sums[own] += _values_of(last, values, values_back)
    access = _access_ms(sources, stops)
    return RouteSums(sums, np.where(is_reached, label >> 32, -1), np.where(is_reached, access, 0))


def _access_ms(sources: Stops, stops: Stops) -> NDArray[np.int64]:
    access: NDArray[np.int64] = stops.access_ms.astype(np.int64) + int(sources.access_ms[0])
    return access


def _values_of(
    pieces: Pieces, values: NDArray[np.float64], values_back: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give what each piece counts: the values of its edge the way it is driven, for its part of it."""
    is_along = (pieces.end >= pieces.start)[:, None]
    share = np.abs(pieces.end - pieces.start)[:, None]
    counted: NDArray[np.float64] = np.where(is_along, values[pieces.edge], values_back[pieces.edge]) * share
    return counted


def _down_the_trees(own: NDArray[np.float64], parent: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add to each node's value those of all nodes before it; a last row of zeros is before the first ones.

    Ways of 1, 2, 4, ... pieces are joined: as many rounds as the longest way has binary digits.
    """
    total = np.vstack([own, np.zeros((1, own.shape[1]))])
    leap = np.append(parent, len(parent))
    while (leap < len(parent)).any():
        total = total + total[leap]
        leap = leap[leap]
    return total
