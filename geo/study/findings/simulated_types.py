"""The tables of a simulation by type of call and by kind of engine."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from geo.availability import HOURS_A_YEAR
from geo.findings import Finding
from geo.study.engines import type_codes
from geo.study.recorded_calls import MIN_CALLS
from geo.study.replay import Replay
from geo.study.settings import OTHER_TYPE, RECORDED
from geo.study.simulation import SimulationResult
from geo.times import is_within

__all__ = ["report_recorded_types", "report_types"]

_WORDS: Final = "availability"
_FIGURES: Final = (
    *("n_calls", "share_in_time", "share_full_in_time", "share_lost", "share_unreached"),
    "mean_s",
)


def report_types(result: SimulationResult) -> list[Finding]:
    """Give figures by type of call, their changes, and engines by kind; nothing where there are no kinds."""
    spec = result.study.availability
    if spec is None or not spec.engines:
        return []
    findings = [_engines(result)]
    if spec.call_types:
        findings.insert(0, Finding("simulated_types", _WORDS, _types(result)))
        if result.type_changes:
            findings.insert(1, Finding("simulated_type_changes", _WORDS, _changes(result)))
    return findings


def _types(result: SimulationResult) -> pd.DataFrame:
    rows = []
    for name, state in result.states.items():
        for word in state.simulated.types:
            told = state.simulated.of_type(word).figures()
            rows += [
                {
                    "scenario_name": name,
                    "call_type": word,
                    "figure": figure,
                    **_ends(told.loc[figure], "mean"),
                }
                for figure in _FIGURES
            ]
    return pd.DataFrame(rows)


def _ends(row: pd.Series, mean: str) -> dict[str, float]:
    """Give a mean and the ends of its interval; what is not finite is empty."""
    named = {"value": row[mean], "low": row["low"], "high": row["high"]}
    return {name: float(value) if np.isfinite(value) else np.nan for name, value in named.items()}


def _changes(result: SimulationResult) -> pd.DataFrame:
    rows = []
    for (name, word), change in result.type_changes.items():
        for figure in _FIGURES[1:]:
            row = change.loc[figure]
            told = _ends(row, "change")
            rows.append(
                {
                    "scenario_name": name,
                    "call_type": word,
                    "figure": figure,
                    "before": float(row["today"]),
                    "after": float(row["scenario"]),
                    "change": told["value"],
                    "low": told["low"],
                    "high": told["high"],
                    "is_sure": bool(row["is_sure"]),
                }
            )
    return pd.DataFrame(rows)


def _engines(result: SimulationResult) -> Finding:
    """Give how busy engines of each kind are: of each station, and of all of them in a row without one."""
    parts = []
    for name, state in result.states.items():
        told = state.simulated.kinds.reset_index()
        sums = told.assign(busy=told["busy_share"] * told["engines"]).groupby("kind", sort=False)
        whole = sums[["engines", "sent_per_h", "busy"]].sum().reset_index()
        whole = whole.assign(station_id=None, busy_share=whole["busy"] / whole["engines"])
        table = pd.concat(
            [whole.drop(columns="busy").astype({"station_id": object}), told], ignore_index=True
        )
        parts.append(
            pd.DataFrame(
                {
                    "scenario_name": name,
                    "engine_kind": table["kind"],
                    "facility_id": table["station_id"],
                    "name": table["station_id"].map(state.coverage.stations["name"]),
                    "n_engines_in": table["engines"],
                    "sent_per_year": table["sent_per_h"] * HOURS_A_YEAR,
                    "share_busy": table["busy_share"],
                }
            )
        )
    return Finding("simulated_engines", _WORDS, pd.concat(parts, ignore_index=True))


def report_recorded_types(result: SimulationResult, replay: Replay) -> list[Finding]:
    """Give what becomes of the recorded calls by type; a type of fewer than five calls has no figures."""
    spec = result.study.availability
    if spec is None or not spec.call_types:
        return []
    code = type_codes(spec, replay.recorded.calls["call_type"])
    names = [*(each.name for each in spec.call_types), OTHER_TYPE]
    recorded_s = replay.recorded.calls["recorded_s"].to_numpy(dtype=float)
    rows: list[dict[str, Any]] = []
    for state in (RECORDED, *replay.states):
        for i, word in enumerate(names):
            chosen = code == (i if i < len(spec.call_types) else -1)
            if state == RECORDED:
                first = recorded_s[chosen & ~np.isnan(recorded_s)]
                rows.append({"scenario_name": state, "call_type": word, **_shares(first, replay.limit_s)})
                continue
            calls = replay.states[state].calls[chosen]
            told = _shares(calls["first_s"].to_numpy(dtype=float), replay.limit_s)
            if told["n_calls"] is not None and len(calls):
                lost = ~np.isfinite(calls["first_s"])
                full = is_within(calls["full_s"].to_numpy(dtype=float), replay.limit_s)
                told |= {
                    "share_full_in_time": float(full.mean()),
                    "share_lost": float((lost & calls["is_reached"]).mean()),
                    "share_unreached": float((~calls["is_reached"]).mean()),
                }
            rows.append({"scenario_name": state, "call_type": word, **told})
    columns = [
        *("scenario_name", "call_type", "n_calls", "share_in_time", "share_full_in_time"),
        *("share_lost", "share_unreached", "mean_s"),
    ]
    table = pd.DataFrame(rows).reindex(columns=columns).astype({"n_calls": "Int64"})
    return [Finding("simulated_recorded_types", _WORDS, table)]


def _shares(first_s: Any, limit_s: float) -> dict[str, Any]:
    """Count calls and those in time; of 1 to 4 calls nothing is told."""
    if 0 < len(first_s) < MIN_CALLS:
        return {"n_calls": None, "share_in_time": np.nan, "mean_s": np.nan}
    came = first_s[np.isfinite(first_s)]
    return {
        "n_calls": len(first_s),
        "share_in_time": float(is_within(first_s, limit_s).mean()) if len(first_s) else np.nan,
        "mean_s": float(came.mean()) if len(came) else np.nan,
    }
