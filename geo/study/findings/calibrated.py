"""The tables of a calibration: what was measured, turnout of each station, errors, what trips were used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.calibration import ACCESS, MEASURED, clock_intervals, profile_intervals
from geo.findings import Finding
from geo.messages import Message
from geo.network import name_classes
from geo.standards import Interval
from geo.study.calibration import CalibrationResult
from geo.words import percent

__all__ = ["report_calibration"]

_WORDS: Final = "calibration"
MIN_CALLS: Final = 5
"""A station's own turnout of fewer calls is not told: it would be that of single calls (assumed)."""
_FEW_UNIT_S: Final = 30.0
"""Stamps cut to so much or more are told."""
_MANY_WILD: Final = 0.05
"""Share of drives far off the model that is told."""


def report_calibration(result: CalibrationResult) -> tuple[Finding, ...]:
    """Give the tables of a calibration.

    No table holds the place, the number or the time of a call.

    Returns
    -------
    tuple of Finding
        ``calibrated`` (each speed, delay, turnout and factor of hours and weather with its interval, and the
        value that was assumed), ``calibrated_turnout`` (of each station), ``calibrated_errors`` (of driving
        times, by the profile and out of fold), ``calibrated_trips`` (what became of the trips).
    """
    rows = [*_speed_rows(result), *_clock_rows(result)]
    of_weather = ["weather"] if any("weather" in row for row in rows) else []
    columns = ["figure", "highway", "hours", *of_weather, "unit", "before", "value", "low", "high"]
    columns += ["state", "n_trips", "share_driving"]
    table = pd.DataFrame(rows, columns=columns)
    table["n_trips"] = table["n_trips"].astype("Int64")
    findings = [Finding("calibrated", _WORDS, table, notes=_notes(result))]
    if result.turnout is not None:
        findings.append(_turnout(result))
    if result.speeds is not None:
        findings += [_errors(result), _trips(result)]
    return tuple(findings)


def _speed_rows(result: CalibrationResult) -> Iterator[dict[str, Any]]:
    speeds = result.speeds
    if speeds is None:
        return
    was, now = result.profile, result.profiles()[0]
    ends = profile_intervals(speeds, now)
    for row in speeds.parameters.rename(columns={"name": "of"}).to_dict(orient="records"):
        kind, name = row["kind"], str(row["of"])
        about = {"state": row["state"], "n_trips": row["n_trips"], "share_driving": row["share"]}
        if kind == "class":
            if name in now.speeds_kph:
                values = (was.speeds_kph[name], now.speeds_kph[name], ends.speeds_kph.get(name))
                yield {"figure": "speed", "highway": name, "unit": "km/h", **about, **_value(*values)}
        elif kind == ACCESS:
            values = (was.access_kph, now.access_kph, ends.access_kph)
            yield {"figure": "speed_access", "unit": "km/h", **about, **_value(*values)}
        elif kind == "junction":
            values = (was.junction_delay_s, now.junction_delay_s, ends.junction_delay_s)
            yield {"figure": "junction_delay", "unit": "s", **about, **_value(*values)}
        elif kind == "loss":
            interval = (row["low"], row["high"]) if row["state"] == "measured" else None
            values = (result.standard.start_loss_s, row["value"], interval)
            yield {"figure": "start_loss", "unit": "s", **about, **_value(*values)}
        elif kind == "band":
            interval = (row["low"], row["high"]) if row["state"] == "measured" else None
            yield {"figure": "speed_of_hours", "hours": name, **about, **_value(1.0, row["value"], interval)}
        elif kind == "weather":
            interval = (row["low"], row["high"]) if row["state"] == "measured" else None
            told = {"figure": "speed_of_weather", "weather": name, **about}
            yield {**told, **_value(1.0, row["value"], interval)}


def _clock_rows(result: CalibrationResult) -> Iterator[dict[str, Any]]:
    turnout = result.turnout
    if turnout is None:
        return
    now = result.clocks()[0]
    ends = clock_intervals(now, turnout=turnout, speeds=None)
    values = (result.standard.turnout_s, now.turnout_s, ends.turnout_s)
    about = {"state": MEASURED, "n_trips": turnout.n_calls}
    yield {"figure": "turnout", "unit": "s", **about, **_value(*values)}
    for name, row in turnout.bands.iterrows():
        interval = (float(row["low"]), float(row["high"])) if row["is_told"] else None
        about = {"state": MEASURED if row["is_told"] else "unsure", "n_trips": int(row["n_calls"])}
        value = _value(1.0, float(row["factor"]), interval)
        yield {"figure": "turnout_of_hours", "hours": str(name), **about, **value}


def _value(before: float, value: float, interval: Interval | None) -> dict[str, float]:
    low, high = interval or (np.nan, np.nan)
    return {"before": before, "value": float(value), "low": low, "high": high}


def _turnout(result: CalibrationResult) -> Finding:
    turnout = result.turnout
    assert turnout is not None
    told = turnout.stations[turnout.stations["n_calls"] > 0]
    listed = result.inputs.facilities.reindex(told.index)
    table = pd.DataFrame(
        {
            "name": listed["name"].to_numpy(),
            "n_calls": told["n_calls"].to_numpy(),
            "listed_s": listed["turnout_s"].to_numpy(dtype=float),
            "own_s": told["own_s"].where(told["n_calls"] >= MIN_CALLS).to_numpy(),
            "turnout_s": told["turnout_s"].to_numpy(),
            "low_s": told["low"].to_numpy(),
            "high_s": told["high"].to_numpy(),
            "share_own": told["weight"].to_numpy(),
        },
        index=told.index.rename("facility_id"),
    )
    return Finding("calibrated_turnout", _WORDS, table)


def _errors(result: CalibrationResult) -> Finding:
    assert result.speeds is not None
    table = result.speeds.errors.rename_axis("state").reset_index()
    return Finding("calibrated_errors", _WORDS, table)


def _trips(result: CalibrationResult) -> Finding:
    assert result.speeds is not None
    table = result.speeds.counts.rename_axis("reason").reset_index()
    return Finding("calibrated_trips", _WORDS, table)


def _named(parts: tuple[str, ...]) -> tuple[Message | str, ...]:
    """Name classes of roads, and the way off the roads."""
    classes = name_classes([part for part in parts if part != ACCESS])
    return (*classes, *([Message("calibration.class_speed_access")] if ACCESS in parts else []))


def _notes(result: CalibrationResult) -> tuple[Message, ...]:
    """Say what a planner must know of the figures."""
    notes = [Message("calibration.note_refused", {"why": why}) for why in result.refused]
    speeds = result.speeds
    if speeds is not None:
        counts = {str(reason): int(n) for reason, n in speeds.counts.items()}
        left_out = {reason: n for reason, n in counts.items() if reason != "used" and n}
        values = {"n": counts["used"], "n_rows": sum(counts.values()), "n_stations": speeds.n_stations}
        notes.append(Message("calibration.note_used", values))
        notes += [Message(f"calibration.note_{reason}", {"n": n}) for reason, n in left_out.items()]
        if speeds.unit_s >= _FEW_UNIT_S:
            notes.append(Message("calibration.note_rounded", {"unit": speeds.unit_s}))
        if speeds.n_capped:
            notes.append(Message("calibration.note_capped", {"n": speeds.n_capped}))
        if speeds.share_wild > _MANY_WILD:
            notes.append(Message("calibration.note_wild", {"share": percent(speeds.share_wild)}))
        if not speeds.is_settled:
            values = {"n": speeds.n_changed, "rounds": speeds.n_rounds}
            notes.append(Message("calibration.note_unsettled", values))
        told = speeds.parameters[speeds.parameters["state"] == "together"]
        for group in dict.fromkeys(
            tuple(sorted((name, *others)))
            for name, others in zip(told["name"], told["with_names"], strict=True)
        ):
            notes.append(Message("calibration.note_together", {"names": _named(group)}))
    own = result.own_turnout
    if result.turnout is not None and len(own):
        notes.append(Message("calibration.note_own_turnout", {"n": len(own)}))
    return tuple(notes)
