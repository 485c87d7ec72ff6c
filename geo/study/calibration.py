"""Speeds, delays and turnout of a study measured from its recorded calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Final, TypeVar

import numpy as np
import pandas as pd
import shapely

from geo.calibration import (
    SpeedCalibration,
    TurnoutCalibration,
    calibrate_speeds,
    calibrate_turnout,
    measured_clocks,
    measured_profiles,
    road_parts,
)
from geo.calls import CallRecords
from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.routing import SnapRules
from geo.standards import ResponseStandard, SpeedProfile
from geo.study.inputs import Inputs, is_graphml, naming, profile_of, read_inputs, tell_large
from geo.study.response import read_clock_of, snap_rules
from geo.study.result import Result
from geo.study.settings import Study
from geo.study.steps import READING, OnStep, Step
from geo.words import Lang, percent, say

__all__ = ["CalibrationResult", "calibrate_records", "calibrate_study", "calibration_steps", "trips_of"]

_T = TypeVar("_T")
_STAMPS: Final = ("dispatched_at", "called_at", "left_at")
"""By which stamp the hour of a trip is told, the first that is there."""


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationResult(Result):
    """What the calls of a study tell of its speeds and turnout.

    Parameters
    ----------
    study : Study
        What was asked.
    lang : {"zh", "en"}
        Language of what people read.
    inputs : Inputs
        The layers.
    records : CallRecords
        The calls.
    profile : SpeedProfile
        That of the study's roads, with the study's own speed off the roads.
    standard : ResponseStandard
        The clock of the study.
    speeds : SpeedCalibration or None
        None where the calls cannot tell speeds.
    turnout : TurnoutCalibration or None
        None where they cannot tell the turnout, or the clock starts at departure.
    refused : tuple of Message
        Why what is None could not be told.
    """

    study: Study
    lang: Lang
    inputs: Inputs
    records: CallRecords
    profile: SpeedProfile
    standard: ResponseStandard
    speeds: SpeedCalibration | None
    turnout: TurnoutCalibration | None
    refused: tuple[Message, ...]

    def profiles(self) -> tuple[SpeedProfile, ...]:
        """Give the measured profiles, that of the mean hour first; none where speeds could not be told."""
        if self.speeds is None:
            return ()
        return measured_profiles(self.speeds, self.profile, source=self.source(self.speeds.n_calls))

    def clocks(self) -> tuple[ResponseStandard, ...]:
        """Give the measured clocks, that of the mean hour first; none where nothing of a clock was told."""
        if self.turnout is not None:
            table = self.records.table
            n = int(table["call_id"][table["turnout_s"].notna() & table["station_id"].notna()].nunique())
        elif self.speeds is not None and self.speeds.told.fit.shape.has_loss:
            n = self.speeds.n_calls
        else:
            return ()
        return measured_clocks(self.standard, turnout=self.turnout, speeds=self.speeds, source=self.source(n))

    def source(self, n: int) -> str:
        """Say from which calls something was measured: how many, of which years, of which files."""
        table = self.records.table
        years = pd.concat([table[name] for name in _STAMPS]).dropna().dt.year
        values = {
            "n": n,
            "first": int(years.min()) if len(years) else 0,
            "last": int(years.max()) if len(years) else 0,
            "files": ", ".join(dict.fromkeys(PurePath(path).name for path in self.records.sources)),
        }
        ending = "none" if not len(years) else "one" if values["first"] == values["last"] else "some"
        return say(f"calibration.source_{ending}", lang=self.lang, **values)

    @property
    def own_turnout(self) -> pd.Index:
        """Ids of the stations whose list says their turnout, which goes before that of any clock."""
        stations = _stations(self.study, self.inputs)
        return stations.index[stations["turnout_s"].notna()]

    def _headline(self) -> pd.DataFrame:
        """Give the error of the driving times before and after."""
        rows = {}
        if self.speeds is not None:
            for name, row in self.speeds.errors.iterrows():
                rows[say(f"calibration.class_{name}", lang=self.lang)] = percent(row["median_abs_share"])
        return pd.DataFrame({"value": list(rows.values())}, index=list(rows))


def calibrate_study(
    study: Study,
    *,
    lang: Lang | None = None,
    step: OnStep = lambda step: None,
    tell: Callable[[Message], None] = lambda message: None,
) -> CalibrationResult:
    """Read a study with its calls, and measure what they tell.

    Parameters
    ----------
    study : Study
        With ``[[calls]]``.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told each step as it starts.
    tell : callable
        Told what a large study needs, before it is computed.

    Raises
    ------
    GeoError
        There are no ``[[calls]]``, or a layer cannot be used; or as :func:`calibrate_records`.
    """
    study = study.in_lang(lang)
    if not study.calls:
        raise StudyError(Message("calibration.no_calls"))
    inputs = read_inputs(study, step=step)
    tell_large(inputs.notes, tell)
    assert inputs.calls is not None  # else an error was told
    step(Step.CALIBRATION)
    return calibrate_records(study, inputs, inputs.calls)


def calibration_steps() -> tuple[Step, ...]:
    """Tell the steps that :func:`calibrate_study` and then writing its results will take, in their order."""
    return (*READING, Step.CALIBRATION, Step.FILES)


def calibrate_records(
    study: Study, inputs: Inputs, records: CallRecords, *, lang: Lang | None = None
) -> CalibrationResult:
    """Measure what the records of a study tell.

    Parameters
    ----------
    study : Study
        For its profile, clock and rules of snapping.
    inputs : Inputs
        Its layers.
    records : CallRecords
        Its calls, in the metric CRS of the roads.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.

    Raises
    ------
    GeoError
        The roads have no speeds by class; or the calls tell neither speeds nor turnout.
    """
    study = study.in_lang(lang)
    with naming("roads"):
        if is_graphml(study.roads.path):
            raise StudyError(Message("calibration.graph_roads"))
        profile = profile_of(study, study.roads.profile)
        if profile.maxspeed_factor is not None:
            raise InputError(Message("calibration.profile_of_signs", {"profile": profile.name}))
    standard = read_clock_of(study, study.response.standard)
    stations = _stations(study, inputs)
    trips = trips_of(records)
    refused: list[Message] = []
    with naming("calls"):
        speeds = _told(partial(_speeds, study, inputs, records, trips, profile, stations), refused)
        turnout = None
        if standard.clock_start != "departure":
            turnout = _told(lambda: calibrate_turnout(_first_out(trips), stations.index), refused)
        if speeds is None and turnout is None:
            raise InputError(Message("calibration.refused"), faults=[*refused, *_missing(inputs)])
    return CalibrationResult(
        study, study.study.lang, inputs, records,
        replace(profile, access_kph=study.snap.access_kph), standard, speeds, turnout, tuple(refused),
    )  # fmt: skip


def _missing(inputs: Inputs) -> list[Message]:
    """Give what was said of the calls as they were read that tells why they are too few."""
    keys = ("calls.note_no_columns", "calls.note_counts")
    return [note for section, note in inputs.notes if section.startswith("calls") and note.key in keys]


def _told(measure: Callable[[], _T], refused: list[Message]) -> _T | None:
    """Give what is measured; None where the calls cannot tell it, with the reason kept."""
    try:
        return measure()
    except InputError as error:
        why = error.message
        if not isinstance(why, Message) or why.key.partition(".")[0] != "calibration":
            raise
        refused.append(why)
        return None


def trips_of(records: CallRecords) -> pd.DataFrame:
    """Give the trips of records, one for each row: which hour, from which station, how long.

    Returns
    -------
    DataFrame
        ``geo.calibration.TRIP_COLUMNS`` and ``weather``; index as a count of the rows.
    """
    table = records.table.reset_index(drop=True)
    sent = table[_STAMPS[0]]
    for name in _STAMPS[1:]:
        sent = sent.fillna(table[name])
    unknown = pd.Series([f"row {row}" for row in table.index], table.index, dtype=object)
    return pd.DataFrame(
        {
            # rows of which the call is not known are calls of their own
            "call_id": table["call_id"].astype(object).where(table["call_id"].notna(), unknown).to_numpy(),
            "station_id": table["station_id"].to_numpy(dtype=object),
            "hour": (sent.dt.hour + sent.dt.minute / 60.0).to_numpy(dtype=float),
            "driving_s": table["driving_s"].to_numpy(dtype=float),
            "turnout_s": table["turnout_s"].to_numpy(dtype=float),
            "weather": table["weather"].to_numpy(dtype=object),
        }
    )


def _first_out(trips: pd.DataFrame) -> pd.DataFrame:
    """Keep the turnout of the first engine that a station sent to a call: clocks are about the first one."""
    known = trips[trips["turnout_s"].notna() & trips["station_id"].notna()]
    first = known.sort_values("turnout_s", kind="stable").drop_duplicates(["call_id", "station_id"]).index
    return trips.assign(turnout_s=trips["turnout_s"].where(trips.index.isin(first)))


def _stations(study: Study, inputs: Inputs) -> pd.DataFrame:
    """Give all stations of the kind that answers, also those that closed since: calls are of the past."""
    facilities = inputs.facilities
    kept: pd.DataFrame = facilities[facilities["kind"] == study.response.facility_kind]
    return kept


def _speeds(
    study: Study,
    inputs: Inputs,
    records: CallRecords,
    trips: pd.DataFrame,
    profile: SpeedProfile,
    stations: pd.DataFrame,
) -> SpeedCalibration:
    """Route the trips on the roads of the study, put there as it puts people and stations, and measure."""
    rules = snap_rules(study, inputs)
    roads = road_parts(inputs.network, junction_delay_s=profile.junction_delay_s)
    places = _snap_calls(rules, inputs, records).set_axis(trips.index, axis=0)
    return calibrate_speeds(roads, trips, rules.snap(stations, inputs.network), places)


def _snap_calls(rules: SnapRules, inputs: Inputs, records: CallRecords) -> pd.DataFrame:
    """Put the places of calls on the roads; a call without a place is on none."""
    points = records.table[["geometry"]].reset_index(drop=True)
    shapes = points.geometry.to_numpy()
    is_placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    snaps = rules.snap(points[is_placed], inputs.network).reindex(points.index)
    unplaced = {"edge": -1, "access_s": np.inf, "component": -1, "is_snapped": False, "reason": "no place"}
    for name, value in unplaced.items():
        snaps.loc[~is_placed, name] = value
    return snaps.astype({"edge": np.int64, "component": np.int64, "is_snapped": bool})
