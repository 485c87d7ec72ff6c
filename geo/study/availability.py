"""A study's calls, crews and times as :mod:`geo.availability` takes them, with what was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.availability import HOURS_A_YEAR, CallTypes, DispatchTable, Moves, calls_asking, dispatch_table
from geo.coverage import Coverage, clock_starts
from geo.errors import StudyError
from geo.messages import Message
from geo.routing import travel_times
from geo.study.engines import call_types, count_engines, station_names
from geo.study.inputs import CALLS, Inputs, naming
from geo.study.recorded_calls import RecordedCalls, recorded_calls
from geo.study.response import DIRECTION
from geo.study.settings import AvailabilitySpec

__all__ = [
    "HOURS_A_YEAR",
    "MOST_PAIRS",
    "Dispatch",
    "KindCalls",
    "call_places",
    "calls_of_kind",
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
        Stations that stand on roads and have an engine, in the order of the stations' table; all places.
    times : DataFrame
        Response in seconds, places by these stations; ``inf`` where one never comes, or is not sent.
    engines : DataFrame
        Engines with a crew, of every station that answers, by kind; of one kind where the study tells none.
    types : CallTypes or None
        What calls ask for, where the study tells it.
    notes : tuple of Message
        What was assumed, and what is left out.
    hour_shares : tuple of float
        Recorded calls by hour of the day, where the calls are those of the records; else empty.
    """

    table: DispatchTable
    times: pd.DataFrame
    engines: pd.DataFrame
    types: CallTypes | None
    notes: tuple[Message, ...]
    hour_shares: tuple[float, ...] = ()

    @property
    def crews(self) -> pd.Series:
        """Engines of each station, of all kinds."""
        return self.engines.sum(axis=1)


@dataclass(frozen=True, eq=False)
class KindCalls:
    """What a study asks for of one kind of engine.

    Parameters
    ----------
    kind : str
        Its name.
    table : DispatchTable or None
        The stations that have one; each engine that is asked for is a call of its own. None where no station
        on a road has one.
    calls_per_h : Series
        Calls that ask for the kind, by place.
    n_engines, n_stations : int
        Engines of the kind on roads, and stations that have one.
    """

    kind: str
    table: DispatchTable | None
    calls_per_h: pd.Series
    n_engines: int
    n_stations: int


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
        engines, engine_notes = count_engines(spec, coverage.stations)
        recorded = _recorded(spec, inputs)
        calls, call_notes = call_places(spec, inputs.demand, recorded)
        service_min, service_note = _service(spec, recorded)
        types, type_notes = call_types(spec, inputs.demand, calls, recorded=recorded, service_min=service_min)
        is_placed = coverage.station_snaps["is_snapped"].to_numpy(dtype=bool)
        if is_placed.sum() * len(inputs.demand) > MOST_PAIRS:
            values = {"places": len(inputs.demand), "stations": int(is_placed.sum())}
            raise StudyError(Message("availability.too_large", values))
        crews = engines.sum(axis=1)
        has_any = crews[is_placed].to_numpy() > 0
        if not has_any.any():
            raise StudyError(Message("availability.no_engines"))
        times = times_of_stations(spec, coverage, coverage.demand_snaps).loc[:, has_any]
        table = dispatch_table(
            times, calls / HOURS_A_YEAR, crews=crews[times.columns], service_min=service_min
        )
    off = coverage.stations.index[~is_placed]
    lost = float(calls.to_numpy()[table.n_reached == 0].sum())
    notes = [*call_notes, *type_notes, *engine_notes, service_note]
    if len(off):
        named: dict[str, Any] = {"n": len(off), "names": station_names(coverage.stations, off)}
        notes.append(Message("availability.note_off", named))
    if lost > 0.0:
        n_places = int(((table.n_reached == 0) & (calls.to_numpy() > 0.0)).sum())
        notes.append(Message("availability.note_unreached", {"n": n_places, "calls": lost}))
    shares = () if recorded is None or not spec.calls_recorded else recorded.hour_shares()
    return Dispatch(table, times, engines, types, tuple(notes), shares)


def calls_of_kind(dispatch: Dispatch, kind: str) -> KindCalls:
    """Give who is sent to whom of one kind of engine alone: kinds are out independently of each other.

    Without types of call each call asks for one engine of the first kind, and for none of another.
    """
    whole = dispatch.table
    n = dispatch.engines.loc[whole.station_id, kind]
    n = n[n > 0]
    calls = pd.Series(whole.calls_per_h, index=whole.demand_id)
    if dispatch.types is None:
        calls = calls * float(kind == dispatch.engines.columns[0])
        asked, service_min = calls, 60.0 * float(whole.service_h[0])
    else:
        told = calls_asking(dispatch.types, calls, kind)
        calls, asked, busy_min = told["calls"], told["engines"], told["service_min"]
        total = float(asked.sum())
        service_min = float((asked * busy_min.fillna(0.0)).sum()) / total if total > 0.0 else 1.0
    table = None
    if len(n):
        table = dispatch_table(dispatch.times[n.index], asked, crews=n, service_min=service_min)
    return KindCalls(kind, table, calls, int(n.sum()), len(n))


def _recorded(spec: AvailabilitySpec, inputs: Inputs) -> RecordedCalls | None:
    """Give the recorded calls where the study takes anything from them."""
    takes_types = any(each.share is None for each in spec.call_types)
    if not (spec.calls_recorded or spec.service_recorded or takes_types):
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
