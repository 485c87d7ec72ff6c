"""What the model says of recorded calls: the drive of each engine that went, and who would be there first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.calls import CallRecords, response_seconds
from geo.coverage import Coverage, clock_starts
from geo.demand import assign_zones
from geo.network import RoadNetwork
from geo.routing import nearest, sum_along_routes
from geo.standards import ResponseStandard
from geo.study.inputs import Inputs, told_zones
from geo.study.response import DIRECTION, snap_rules
from geo.study.settings import Study
from geo.times import UNREACHED_MS

__all__ = ["DISTANCES_KM", "CallTimes", "first_engines", "model_calls"]

DISTANCES_KM: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Ends of the classes of distance by road (assumed)."""


@dataclass(frozen=True, eq=False)
class CallTimes:
    """Recorded calls with the times of the model.

    Parameters
    ----------
    trips : GeoDataFrame
        The table of calls, an engine without a place at that of another of its call, and: ``travel_s``
        (access, driving, start loss) from the station that went, inf where no route is found, nan where its
        place or station is not known; ``modelled_turnout_s``, nan where the clock has none; ``road_class``,
        on which most of that way's time is spent; ``km`` by road; ``hour`` of leaving; ``zone``, the town of
        the place.
    snaps : DataFrame
        Of the places that are known.
    stations : GeoDataFrame
        Facilities that went.
    """

    trips: gpd.GeoDataFrame
    snaps: pd.DataFrame
    stations: gpd.GeoDataFrame


def model_calls(study: Study, inputs: Inputs, coverage: Coverage, records: CallRecords) -> CallTimes:
    """Give each engine of the records the drive and turnout that the study reckons with.

    Parameters
    ----------
    study, inputs, coverage
        Today: its roads, clock, snapping and barriers.
    records : CallRecords
        With stations of ``inputs.facilities``.
    """
    table, standard = _placed_by_call(records.table), coverage.standard
    is_placed = _is_placed(table)
    rules = snap_rules(study, inputs)
    snaps = rules.snap(table.loc[is_placed, ["geometry"]], coverage.network)
    went = inputs.facilities.index.isin(table["station_id"].dropna())
    stations = inputs.facilities[went]
    ways = _ways(coverage.network, rules.snap(stations, coverage.network), table["station_id"], snaps)
    zone = pd.Series(None, table.index, dtype=object)
    zones = told_zones(inputs.zones)
    if len(zones) and is_placed.any():
        zone[is_placed] = assign_zones(table.loc[is_placed, ["geometry"]], zones)
    turnout = clock_starts(stations, standard) - standard.call_s - standard.start_loss_s
    is_on_clock = standard.clock_start != "departure"
    at = table["left_at"].fillna(table["dispatched_at"]).fillna(table["called_at"])
    trips = table.assign(
        travel_s=ways["travel_s"] + standard.start_loss_s,
        modelled_turnout_s=table["station_id"].map(turnout if is_on_clock else turnout * np.nan),
        road_class=ways["road_class"],
        km=ways["km"],
        hour=at.dt.hour,
        zone=zone,
    )
    return CallTimes(trips, snaps, stations)


def _is_placed(table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = table.geometry.to_numpy()
    placed: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return placed


def _placed_by_call(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give engines without a place that of another engine of their call."""
    is_placed = _is_placed(table)
    known = table[is_placed & table["call_id"].notna().to_numpy()].drop_duplicates("call_id")
    at = dict(zip(known["call_id"], known.geometry, strict=True))
    others = [at.get(call_id) for call_id in table["call_id"]]
    shapes = np.where(is_placed, table.geometry.to_numpy(), np.array([*others, None], dtype=object)[:-1])
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))


def first_engines(
    times: CallTimes, coverage: Coverage, standard: ResponseStandard
) -> tuple[pd.DataFrame, int]:
    """Give the first engine of each call as recorded and as modelled, on a clock.

    Parameters
    ----------
    times : CallTimes
        Of the same network.
    coverage : Coverage
        Its stations answer in the model.
    standard : ResponseStandard
        The clock.

    Returns
    -------
    (DataFrame, int)
        By call whose place is known and whose first arrival can be timed: ``zone``, ``recorded_s``,
        ``modelled_s`` (the engine that the model has there first), ``sent_s`` (from the station that was
        there first, nan where it is not known), ``first_id``; and how many of them have another engine whose
        arrival is not recorded, so that the first may have been sooner.
    """
    trips = times.trips.loc[times.snaps.index]
    recorded = response_seconds(trips, standard.clock_start)
    starts = clock_starts(times.stations, standard)
    sent = trips["travel_s"] - coverage.standard.start_loss_s + trips["station_id"].map(starts)
    near = nearest(
        coverage.network,
        coverage.station_snaps,
        times.snaps,
        direction=DIRECTION,
        start_s=clock_starts(coverage.stations, standard),
    )
    rows = pd.DataFrame(
        {
            "call_id": trips["call_id"],
            "zone": trips["zone"],
            "recorded_s": recorded,
            "modelled_s": near["first_s"],
            "sent_s": sent,
            "first_id": near["first_id"],
            "called_at": trips["called_at"],
        }
    )
    rows = rows[rows["call_id"].notna()]
    timed = rows[rows["recorded_s"].notna()].sort_values("recorded_s", kind="stable")
    calls = timed.drop_duplicates("call_id").set_index("call_id")
    every = times.trips["call_id"]
    unknown = every[response_seconds(times.trips, standard.clock_start).isna()]
    return calls, int(calls.index.isin(unknown.dropna()).sum())


def _ways(
    network: RoadNetwork, station_snaps: pd.DataFrame, station_id: pd.Series, snaps: pd.DataFrame
) -> pd.DataFrame:
    """Route each engine from its station to the place of its call."""
    ways = pd.DataFrame({"travel_s": np.nan, "km": np.nan}, index=station_id.index)
    ways["road_class"] = pd.Series(None, ways.index, dtype=object)
    values = _by_class(network)
    classes = np.array(network.classes, dtype=object)
    of_placed = station_id[station_id.index.isin(snaps.index)]
    for station, rows in of_placed.groupby(of_placed, sort=True).groups.items():
        ways.loc[rows, "travel_s"] = np.inf
        at = snaps.loc[rows]
        on_road = rows[at["is_snapped"].to_numpy(dtype=bool)]
        if not station_snaps.at[station, "is_snapped"] or not len(on_road):
            continue
        told = sum_along_routes(network, station_snaps.loc[[station]], snaps.loc[on_road], *values)
        is_routed = told.total_ms >= 0
        reached = on_road[is_routed]
        ways.loc[reached, "travel_s"] = told.total_ms[is_routed] / 1000.0
        ways.loc[reached, "km"] = told.sums[is_routed, -1] / 1000.0
        seconds = told.sums[is_routed, :-1]
        longest = classes[seconds.argmax(axis=1)].astype(object)
        longest[seconds.max(axis=1) <= 0.0] = None
        ways.loc[reached, "road_class"] = longest
    return ways


def _by_class(network: RoadNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What an edge counts along and back: its seconds in the column of its class, and metres in the last."""
    n = network.n_edges
    both = []
    for ms in (network.edge_ms, network.edge_back_ms):
        table = np.zeros((n, len(network.classes) + 1))
        table[np.arange(n), network.edge_class] = np.where(ms < UNREACHED_MS, ms, 0) / 1000.0
        table[:, -1] = network.edge_length
        both.append(table)
    return both[0], both[1]
