"""The way of each trip as the model needs it: profile seconds by class of road, junctions, access."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.network import RoadNetwork, set_times
from geo.routing import sum_along_routes
from geo.times import UNREACHED_MS

__all__ = ["ACCESS", "Parts", "RoadParts", "road_parts", "route_parts", "timed_network"]

ACCESS: Final = "access"
"""The part of a trip off the road, at both ends: the profile's ``access_kph``."""


@dataclass(frozen=True, eq=False)
class RoadParts:
    """What the times of a network's edges are made of.

    Parameters
    ----------
    network : RoadNetwork
        The roads at the profile's times.
    ms, back_ms : float64 array, shape (M,)
        Milliseconds at the profile's speed, without junctions; 0 where closed.
    n_junctions : float64 array, shape (M,)
        Ends at which three or more roads meet, each half a junction.
    junction_delay_s : float
        Of the profile.
    """

    network: RoadNetwork
    ms: NDArray[np.float64]
    back_ms: NDArray[np.float64]
    n_junctions: NDArray[np.float64]
    junction_delay_s: float

    @cached_property
    def values(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What an edge counts along and back: seconds in the column of its class, and junctions last."""
        n, classes = self.network.n_edges, len(self.network.classes)
        both = []
        for ms in (self.ms, self.back_ms):
            table = np.zeros((n, classes + 1))
            table[np.arange(n), self.network.edge_class] = ms / 1000.0
            table[:, -1] = self.n_junctions
            both.append(table)
        return both[0], both[1]


@dataclass(frozen=True, eq=False)
class Parts:
    """What lies on the ways of trips.

    Parameters
    ----------
    seconds : float64 array, shape (n, K)
        At the profile's speeds, by ``names``: classes of road, and the access.
    n_junctions : float64 array, shape (n,)
        Junctions passed, halves counted.
    is_routed : bool array, shape (n,)
        Whether the station and the place are joined by roads.
    names : tuple of str
        Names of the columns.
    """

    seconds: NDArray[np.float64]
    n_junctions: NDArray[np.float64]
    is_routed: NDArray[np.bool_]
    names: tuple[str, ...]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Parts:
        """Give some of the trips."""
        return replace(
            self,
            seconds=self.seconds[rows],
            n_junctions=self.n_junctions[rows],
            is_routed=self.is_routed[rows],
        )


def road_parts(network: RoadNetwork, *, junction_delay_s: float) -> RoadParts:
    """Take the junction delay out of a network's times again.

    Parameters
    ----------
    network : RoadNetwork
        With the times of a profile that reads no speed limits (``maxspeed_factor``).
    junction_delay_s : float
        Of that profile.

    Raises
    ------
    InputError
        The network's impedance is no time.
    """
    if network.impedance != "ms":
        raise InputError("speeds are measured on a network of times, and this one has lengths")
    is_junction = np.bincount(np.concatenate([network.edge_u, network.edge_v])) >= 3
    n_junctions = (is_junction[network.edge_u].astype(float) + is_junction[network.edge_v]) / 2.0
    free = []
    for ms in (network.edge_ms, network.edge_back_ms):
        own = np.maximum(ms - 1000.0 * junction_delay_s * n_junctions, 0.5)
        free.append(np.where(ms < UNREACHED_MS, own, 0.0))
    return RoadParts(network, free[0], free[1], n_junctions, junction_delay_s)


def timed_network(roads: RoadParts, factor: pd.Series, junction_delay_s: float) -> RoadNetwork:
    """Give the network with each class's times multiplied, and another junction delay.

    Parameters
    ----------
    roads : RoadParts
        The roads.
    factor : Series
        Of the time, by class; a class that is missing keeps its own.
    junction_delay_s : float
        Seconds at each junction.
    """
    by_class = np.array([float(factor.get(name, 1.0)) for name in roads.network.classes])
    scale = by_class[roads.network.edge_class]
    delay = 1000.0 * junction_delay_s * roads.n_junctions
    times = [
        np.clip(np.rint(ms * scale + delay), 1, UNREACHED_MS - 1).astype(np.int32)
        for ms in (roads.ms, roads.back_ms)
    ]
    return set_times(roads.network, times[0], times[1])


def route_parts(
    roads: RoadParts, network: RoadNetwork, trips: pd.DataFrame, stations: pd.DataFrame, places: pd.DataFrame
) -> Parts:
    """Route trips and give what lies on their ways.

    Parameters
    ----------
    roads : RoadParts
        What is added up.
    network : RoadNetwork
        The same roads with the times by which the ways are chosen.
    trips : DataFrame
        ``station_id``.
    stations : DataFrame
        Snaps of the stations.
    places : DataFrame
        Snaps of the places, in the order of the trips.
    """
    names = (*roads.network.classes, ACCESS)
    seconds, n_junctions = np.zeros((len(trips), len(names))), np.zeros(len(trips))
    is_routed = np.zeros(len(trips), dtype=bool)
    is_on = places["is_snapped"].to_numpy(dtype=bool)
    for station, rows in trips.reset_index(drop=True).groupby("station_id", sort=True).indices.items():
        if station not in stations.index or not stations.loc[station, "is_snapped"]:
            continue
        row = rows[is_on[rows]]
        at = places.iloc[row].set_axis(pd.RangeIndex(len(row)), axis=0)
        ways = sum_along_routes(network, stations.loc[[station]], at, *roads.values)
        seconds[row, :-1], n_junctions[row] = ways.sums[:, :-1], ways.sums[:, -1]
        seconds[row, -1] = ways.access_ms / 1000.0
        is_routed[row] = ways.total_ms >= 0
    return Parts(seconds, n_junctions, is_routed, names)
