"""Where stations and people stand: stations that serve nobody, and what was put past a scrap of road."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from geo.coverage import Coverage
from geo.messages import Message
from geo.network import RoadNetwork
from geo.times import UNREACHED_MS

__all__ = ["Standing", "look_at_standing"]


@dataclass(frozen=True)
class Standing:
    """What is wrong with where stations stand, and what was repaired.

    Parameters
    ----------
    faults : tuple of Message
        Stations from which no engine reaches anybody.
    notes : tuple of Message
        Points that were put past a scrap of road.
    n_idle : int
        Stations that the faults name.
    """

    faults: tuple[Message, ...]
    notes: tuple[Message, ...]
    n_idle: int


@lru_cache(maxsize=1)
def look_at_standing(covered: Coverage) -> Standing:
    """Look where the stations that answer and the people were put on the roads."""
    network, station_snaps, demand_snaps = covered.network, covered.station_snaps, covered.demand_snaps
    stations, demand = covered.stations, covered.table
    placed = station_snaps["is_snapped"].to_numpy(dtype=bool)
    inhabited = demand_snaps[demand_snaps["is_snapped"] & (demand["people"].to_numpy() > 0)]
    idle = placed.copy()
    idle[placed] = ~_serves(network, station_snaps[placed], inhabited)
    apart = idle & ~np.isin(station_snaps["component"], inhabited["component"].unique())
    faults = [
        Message(key, {"n": int(which.sum()), "names": _names(stations[which])})
        for key, which in (
            ("study.stations_apart", apart),
            ("study.stations_in_pocket", idle & ~apart),
        )
        if which.any()
    ]
    notes = (
        *_past_scraps(network, stations, station_snaps, key="study.stations_past_scrap"),
        *_past_scraps(network, demand, demand_snaps, key="study.people_past_scrap"),
    )
    return Standing(tuple(faults), notes, int(idle.sum()))


def _serves(network: RoadNetwork, stations: pd.DataFrame, people: pd.DataFrame) -> NDArray[np.bool_]:
    """Say for each station whether one-way streets let its engine come to anybody."""
    arcs = network.arcs
    graph = csr_array(
        (np.ones(len(arcs.head), dtype=np.int8), arcs.head, arcs.start), shape=(network.n_nodes,) * 2
    )
    _, pocket = connected_components(graph, directed=True, connection="strong")
    entered = _entries(network, people["edge"].to_numpy())
    serves = np.isin(stations["edge"], people["edge"])
    for i, edge in enumerate(stations["edge"].to_numpy()):
        if serves[i]:
            continue
        for node in _exits(network, int(edge)):
            # Whoever lives in the same pocket is reached; else everything that can be driven to is looked at.
            at_home = entered[pocket == pocket[node]].any()
            serves[i] |= at_home or entered[breadth_first_order(graph, node, return_predecessors=False)].any()
    return serves


def _entries(network: RoadNetwork, edges: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark the nodes from which an edge with people on it can be driven into."""
    entered = np.zeros(network.n_nodes, dtype=bool)
    entered[network.edge_u[edges[network.edge_ms[edges] < UNREACHED_MS]]] = True
    entered[network.edge_v[edges[network.edge_back_ms[edges] < UNREACHED_MS]]] = True
    return entered


def _exits(network: RoadNetwork, edge: int) -> list[int]:
    """Give the nodes to which an edge can be driven out of."""
    ends = ((network.edge_ms, network.edge_v), (network.edge_back_ms, network.edge_u))
    return [int(end[edge]) for ms, end in ends if ms[edge] < UNREACHED_MS]


def _past_scraps(
    network: RoadNetwork, points: gpd.GeoDataFrame, snaps: pd.DataFrame, *, key: str
) -> tuple[Message, ...]:
    """Count the points that stand nearer to a scrap of road than to the road that they were put on."""
    roads = (network.origin or network).entry_roads
    placed = np.flatnonzero(snaps["is_snapped"])
    if not roads.is_scrap.any() or not len(placed):
        return ()
    scraps = shapely.STRtree(roads.lines[roads.is_scrap])
    at = points.geometry.to_numpy()[placed]
    (row, _), near_m = scraps.query_nearest(at, return_distance=True, all_matches=False)
    moved = np.zeros(len(snaps), dtype=bool)
    moved[placed[row]] = near_m < snaps["snap_m"].to_numpy()[placed[row]] - 1e-6
    if not moved.any():
        return ()
    values = {"n": int(moved.sum()), "far_m": float(snaps["snap_m"][moved].max())}
    people = {"people": float(points["people"][moved].sum())} if "people" in points else {}
    names = {"names": _names(points[moved])}
    return (Message(key, {**values, **people, **names}),)


def _names(rows: gpd.GeoDataFrame) -> str:
    """Name the first five rows by their names, else by their ids."""
    names = [
        str(name) if isinstance(name, str) else str(place)
        for place, name in zip(rows.index, rows.get("name", pd.Series(index=rows.index)), strict=True)
    ]
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
