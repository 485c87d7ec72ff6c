"""The tables of recorded calls sent to once more: figures, what scenarios change, stations, towns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import Message
from geo.statistics import OUTSIDE
from geo.study.engines import type_codes
from geo.study.findings.simulated_types import report_recorded_types
from geo.study.recorded_calls import MIN_CALLS
from geo.study.replay import Replay
from geo.study.settings import RECORDED, TODAY, AvailabilitySpec
from geo.study.simulation import SimulationResult
from geo.times import is_within

__all__ = ["changed_calls", "report_replay"]

_WORDS: Final = "availability"
_FIGURES: Final = (
    *("n_replayed", "share_in_time", "share_full_in_time", "share_lost", "share_unreached"),
    *("mean_s", "median_s", "p90_s"),
    *("n_calls_timed", "share_in_time_timed"),
)


def report_replay(result: SimulationResult) -> tuple[Finding, ...]:
    """Give the tables of the replay; none where the study has no recorded calls.

    No table holds the place, the number or the time of a call.

    Returns
    -------
    tuple of Finding
        ``simulated_recorded`` (figures of the records and of each state), ``simulated_recorded_changes``
        (calls that each scenario brings into time or out of it), ``simulated_recorded_stations`` (engines
        sent and time out, as recorded and in each state), ``simulated_recorded_towns``; with types of call
        ``simulated_recorded_types``.
    """
    replay, spec = result.replay, result.study.availability
    if replay is None or spec is None:
        return ()
    findings = [Finding("simulated_recorded", _WORDS, _figures(replay), notes=_notes(replay, spec))]
    if len(replay.states) > 1:
        findings.append(Finding("simulated_recorded_changes", _WORDS, _changes(replay)))
    findings.append(Finding("simulated_recorded_stations", _WORDS, _stations(result, replay)))
    findings.append(Finding("simulated_recorded_towns", _WORDS, _towns(result, replay)))
    return (*findings, *report_recorded_types(result, replay))


def _figures(replay: Replay) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for name in (RECORDED, *replay.states):
        told = replay.figures(name)
        rows += [
            {"scenario_name": name, "figure": figure, "value": float(told[figure])}
            for figure in _FIGURES
            if np.isfinite(told[figure])
        ]
    return pd.DataFrame(rows, columns=["scenario_name", "figure", "value"])


def changed_calls(replay: Replay, name: str) -> dict[str, float]:
    """Count what a scenario does to the calls of today, call by call.

    Returns
    -------
    dict of str to float
        ``n_calls``; ``before`` and ``after``, shares in time; ``n_gained`` and ``n_dropped``, calls that come
        into time and fall out of it; ``n_sooner`` and ``n_later``, calls to which the first engine comes
        sooner or later (never is later than all).
    """
    before, after = (replay.states[each].calls["first_s"].to_numpy() for each in (TODAY, name))
    was, now = is_within(before, replay.limit_s), is_within(after, replay.limit_s)
    return {
        "n_calls": len(was),
        "before": float(was.mean()),
        "after": float(now.mean()),
        "n_gained": int((now & ~was).sum()),
        "n_dropped": int((was & ~now).sum()),
        "n_sooner": int((after < before).sum()),
        "n_later": int((after > before).sum()),
    }


def _changes(replay: Replay) -> pd.DataFrame:
    names = [name for name in replay.states if name != TODAY]
    return pd.DataFrame([{"scenario_name": name, **changed_calls(replay, name)} for name in names])


def _stations(result: SimulationResult, replay: Replay) -> pd.DataFrame:
    """Give engines sent and the share of their time out; of records where the engines are known."""
    hours, recorded = 24.0 * replay.recorded.days, replay.recorded.stations
    engines = result.today.dispatch.crews
    names = result.inputs.facilities["name"]
    parts = [
        _of_stations(RECORDED, recorded["n_sent"], recorded["busy_h"], engines.reindex(recorded.index), hours)
    ]
    for name, state in replay.states.items():
        told = state.stations
        parts.append(_of_stations(name, told["n_sent"], told["busy_h"], told["engines"], hours))
    table = pd.concat(parts, ignore_index=True)
    others = {
        station: called
        for state in result.states.values()
        for station, called in state.coverage.stations["name"].items()
    }
    called = table["facility_id"].map(names).fillna(table["facility_id"].map(others))
    table.insert(2, "name", called)
    return table


def _of_stations(
    state: str, n_sent: pd.Series, busy_h: pd.Series, engines: pd.Series, hours: float
) -> pd.DataFrame:
    out = busy_h.to_numpy(dtype=float)
    crews = engines.to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "scenario_name": state,
            "facility_id": n_sent.index,
            "crews": crews,
            "n_sent": n_sent.to_numpy(),
            "share_busy": out / (hours * crews),
        }
    )


def _towns(result: SimulationResult, replay: Replay) -> pd.DataFrame:
    """Give shares of each town, by the town of the place that is nearest to each call."""
    zones = result.today.coverage.table["zone"]
    at = replay.recorded.calls["demand_id"].map(zones)
    at = at.astype(object).where(at.notna(), OUTSIDE)
    timed = replay.recorded.calls["recorded_s"]
    rows = []
    for name in (RECORDED, *replay.states):
        is_recorded = name == RECORDED
        first = timed if is_recorded else replay.states[name].calls["first_s"]
        is_far = np.zeros(len(first), bool) if is_recorded else ~replay.states[name].calls["is_reached"]
        known = first.notna().to_numpy()
        for town in sorted(set(at), key=lambda each: (each == OUTSIDE, each)):
            rows_of = known & (at == town).to_numpy()
            of, far = first.to_numpy()[rows_of], np.asarray(is_far)[rows_of]
            is_told = len(of) >= MIN_CALLS
            is_said = is_told and not is_recorded  # the records tell only who came
            came = of[np.isfinite(of)]
            rows.append(
                {
                    "scenario_name": name,
                    "zone": None if town == OUTSIDE else town,
                    "n_calls": len(of) if is_told else None,
                    "share_in_time": float(is_within(of, replay.limit_s).mean()) if is_told else np.nan,
                    "share_lost": float((~np.isfinite(of) & ~far).mean()) if is_said else np.nan,
                    "share_unreached": float(far.mean()) if is_said else np.nan,
                    "mean_s": float(came.mean()) if is_told and len(came) else np.nan,
                }
            )
    table = pd.DataFrame(rows)
    return table.astype({"n_calls": "Int64"})


def _notes(replay: Replay, spec: AvailabilitySpec) -> tuple[Message, ...]:
    recorded = replay.recorded
    values = {"n": len(recorded.calls), "days": recorded.days}
    word = "note_replayed_by_type" if spec.call_types else "note_replayed"
    notes = [Message(f"availability.{word}", values)]
    if replay.n_off:
        notes.append(Message("availability.note_replayed_off", {"n": replay.n_off}))
    if recorded.n_unknown:
        notes.append(Message("availability.note_replayed_unknown", {"n": recorded.n_unknown}))
    if recorded.n_gaps:
        notes.append(Message("availability.note_recorded_gaps", {"n": recorded.n_gaps}))
    notes.append(Message("availability.note_replayed_service", {"n": recorded.n_service}))
    if spec.call_types:
        n_other = int((type_codes(spec, recorded.calls["call_type"]) < 0).sum())
        values = {"n": len(recorded.calls) - n_other, "n_others": n_other}
        notes.append(Message("availability.note_replayed_types", values))
    return tuple(notes)
