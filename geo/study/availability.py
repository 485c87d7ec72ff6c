"""A study's calls, crews and times as :mod:`geo.availability` takes them, with what was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.availability import HOURS_A_YEAR, DispatchTable, Moves, dispatch_table
from geo.coverage import Coverage, clock_starts
from geo.errors import StudyError
from geo.messages import Message, name_some
from geo.routing import travel_times
from geo.study.inputs import CALLS, Inputs, naming
from geo.study.recorded_calls import RecordedCalls, recorded_calls
from geo.study.response import DIRECTION
from geo.study.settings import AvailabilitySpec

__all__ = [
    "HOURS_A_YEAR",
    "MOST_PAIRS",
    "Dispatch",
    "call_places",
    "count_crews",
    "moves_to_cover",
    "prepare_dispatch",
    "times_of_stations",
]

MOST_PAIRS: Final = 100_000_000
"""Times of places by stations that are held at once: beyond, 5 GB would not do."""


@dataclass(frozen=True, eq=False)
class Dispatch:
    """Who is sent to whom in a study.

    Parameters
    ----------
    table : DispatchTable
        Stations that stand on roads, in the order of the stations' table; all places.
    times : DataFrame
        Response in seconds, places by stations on roads; ``inf`` where one never comes, or is not sent.
    crews : Series
        Engines with a crew, of every station that answers.
    notes : tuple of Message
        What was assumed, and what is left out.
    hour_shares : tuple of float
        Recorded calls by hour of the day, where the calls are those of the records; else empty.
    """

    table: DispatchTable
    times: pd.DataFrame
    crews: pd.Series
    notes: tuple[Message, ...]
    hour_shares: tuple[float, ...] = ()


def prepare_dispatch(spec: AvailabilitySpec, inputs: Inputs, coverage: Coverage) -> Dispatch:
    """Put the calls, the crews and all times of a state together.

    Parameters
    ----------
    spec : AvailabilitySpec
        The section ``[availability]``.
    inputs : Inputs
        The layers.
    coverage : Coverage
        Of the state, under the study's standard; its stations and snaps are taken.

    Raises
    ------
    StudyError
        A station has no engine, or a part of one; there are no calls to count, or too many pairs.
    """
    with naming("availability"):
        crews, crew_notes = count_crews(spec, coverage.stations)
        recorded = _recorded(spec, inputs)
        calls, call_notes = call_places(spec, inputs.demand, recorded)
        service_min, service_note = _service(spec, recorded)
        is_placed = coverage.station_snaps["is_snapped"].to_numpy(dtype=bool)
        if is_placed.sum() * len(inputs.demand) > MOST_PAIRS:
            values = {"places": len(inputs.demand), "stations": int(is_placed.sum())}
            raise StudyError(Message("availability.too_large", values))
        times = times_of_stations(spec, coverage, coverage.demand_snaps)
        table = dispatch_table(times, calls / HOURS_A_YEAR, crews=crews[is_placed], service_min=service_min)
    off = coverage.stations.index[~is_placed]
    lost = float(calls.to_numpy()[table.n_reached == 0].sum())
    notes = [*call_notes, *crew_notes, service_note]
    if len(off):
        notes.append(
            Message("availability.note_off", {"n": len(off), "names": _names(coverage.stations, off)})
        )
    if lost > 0.0:
        n_places = int(((table.n_reached == 0) & (calls.to_numpy() > 0.0)).sum())
        notes.append(Message("availability.note_unreached", {"n": n_places, "calls": lost}))
    shares = () if recorded is None or not spec.calls_recorded else recorded.hour_shares()
    return Dispatch(table, times, crews, tuple(notes), shares)


def count_crews(spec: AvailabilitySpec, stations: gpd.GeoDataFrame) -> tuple[pd.Series, list[Message]]:
    """Give the engines with a crew of each station, and say where they come from.

    Raises
    ------
    StudyError
        A station's list says 0, or no whole number.
    """
    told = stations["crews"].astype(float) if "crews" in stations else pd.Series(np.nan, stations.index)
    wrong = told.index[(told == 0.0) | (told % 1.0 > 0.0)]
    if len(wrong):
        values = {"n": len(wrong), "names": _names(stations, wrong)}
        raise StudyError(Message("availability.crews_wrong", values))
    n_told = int(told.notna().sum())
    notes = []
    if n_told:
        notes.append(Message("availability.note_crews_told", {"n": n_told}))
    if n_told < len(told):
        values = {"n": len(told) - n_told, "crews": spec.crews}
        notes.append(Message("availability.note_crews_assumed", values))
    return told.fillna(float(spec.crews)).astype(np.int64), notes


def _recorded(spec: AvailabilitySpec, inputs: Inputs) -> RecordedCalls | None:
    """Give the recorded calls where the study takes anything from them."""
    if not (spec.calls_recorded or spec.service_recorded):
        return None
    if inputs.calls is None:
        raise StudyError(Message("settings.calls_recorded_without"))
    return recorded_calls(inputs.calls, inputs.demand)


def _service(spec: AvailabilitySpec, recorded: RecordedCalls | None) -> tuple[float, Message]:
    """Give the mean minutes of service, and say where they come from."""
    if recorded is None or not spec.service_recorded:
        return spec.service_min, Message("availability.note_service", {"minutes": spec.service_min})
    if not recorded.service_min > 0.0:
        values = {"n": recorded.n_service, "minutes": spec.service_min}
        return spec.service_min, Message("availability.note_service_few", values)
    values = {"n": recorded.n_service, "minutes": recorded.service_min}
    return recorded.service_min, Message("availability.note_service_recorded", values)


def _recorded_places(recorded: RecordedCalls, demand: gpd.GeoDataFrame) -> tuple[pd.Series, list[Message]]:
    calls = recorded.per_year(demand)
    n = len(recorded.calls) + recorded.n_unknown
    values = {"n_calls": n, "days": recorded.days, "n": float(calls.sum())}
    notes = [Message("availability.note_recorded", values)]
    if recorded.n_unknown:
        notes.append(Message("availability.note_recorded_unknown", {"n": recorded.n_unknown}))
    if recorded.n_gaps:
        notes.append(Message("availability.note_recorded_gaps", {"n": recorded.n_gaps}))
    return calls, notes


def call_places(
    spec: AvailabilitySpec, demand: gpd.GeoDataFrame, recorded: RecordedCalls | None = None
) -> tuple[pd.Series, list[Message]]:
    """Give the calls a year of each place, and say where they come from."""
    if spec.calls_recorded and recorded is not None:
        return _recorded_places(recorded, demand)
    source: Any = spec.calls_source.strip() or Message("availability.no_source")
    if spec.calls_column is None:
        rate = float(spec.calls_per_year_per_10000 or 0.0)
        calls = demand["people"].astype(float) * rate / 10_000.0
        values = {"rate": rate, "n": float(calls.sum()), "source": source}
        return calls, [Message("availability.note_rate", values)]
    told = demand[CALLS].astype(float)
    values = {"column": spec.calls_column, "n": float(told.sum()), "source": source}
    notes = [Message("availability.note_column", values)]
    n_blank = int(told.isna().sum())
    if n_blank:
        notes.append(Message("availability.note_blank", {"column": spec.calls_column, "n": n_blank}))
    return told.fillna(0.0), notes


def moves_to_cover(spec: AvailabilitySpec, coverage: Coverage) -> Moves | None:
    """Give the times between stations, where engines move to cover; None where none does."""
    if not spec.cover_moves:
        return None
    snaps = coverage.station_snaps[coverage.station_snaps["is_snapped"]]
    between = travel_times(coverage.network, snaps, snaps, direction=DIRECTION)
    return Moves(between.to_dense().T, keep=spec.cover_keep)


def times_of_stations(spec: AvailabilitySpec, coverage: Coverage, places: pd.DataFrame) -> pd.DataFrame:
    """Give the response of every station on a road at every place, as far as it is sent.

    Parameters
    ----------
    spec : AvailabilitySpec
        How far stations are sent.
    coverage : Coverage
        Its roads, stations and clock.
    places : DataFrame
        Snaps of the places.

    Returns
    -------
    DataFrame
        Seconds, places by stations; ``inf`` where one never comes, or is not sent.
    """
    snaps = coverage.station_snaps[coverage.station_snaps["is_snapped"]]
    travel = travel_times(coverage.network, snaps, places, direction=DIRECTION).to_dense()
    starts = clock_starts(coverage.stations, coverage.standard).reindex(snaps.index)
    response = (travel + starts.to_numpy(dtype=float)).round(3)
    if spec.reach_min is None:
        return response
    return response.where(response <= 60.0 * spec.reach_min, np.inf)


def _names(stations: gpd.GeoDataFrame, ids: pd.Index) -> Message:
    called = stations["name"].reindex(ids)
    return name_some(pd.Index(called.where(called.notna(), ids.to_numpy()).astype(str)))
