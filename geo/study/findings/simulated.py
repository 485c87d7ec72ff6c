"""The tables of a simulation: figures with intervals, changes, places, towns, stations, distribution."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.statistics import OUTSIDE
from geo.study.availability import HOURS_A_YEAR
from geo.study.findings.availability import CHANCES, chance_class
from geo.study.findings.replayed import report_replay
from geo.study.findings.simulated_types import report_types
from geo.study.simulation import SimulationResult

__all__ = ["report_simulation"]

_WORDS: Final = "availability"
_FIGURES: Final = (
    *("share_in_time", "share_full_in_time", "share_lost", "share_unreached"),
    *("mean_s", "busy_share"),
)
_COUNTS: Final = ("n_calls", "n_moves")
_PERCENTILES: Final = ((0.5, "median_s"), (0.9, "p90_s"), (0.95, "p95_s"))
_STEP_S: Final = 30
_LAST_S: Final = 3600
"""The distribution is told by half minutes up to an hour; what is later stands in one row."""


def report_simulation(result: SimulationResult) -> tuple[Finding, ...]:
    """Give the tables of a simulation.

    Returns
    -------
    tuple of Finding
        ``simulated`` (figures of each state with intervals over the runs), ``simulated_changes`` (of each
        scenario, on the same calls), ``simulated_places`` (today, for the map), ``simulated_towns``,
        ``simulated_stations`` and ``simulated_response`` (distribution), of each state; with kinds of engine
        ``simulated_types``, ``simulated_type_changes`` and ``simulated_engines``; and those of
        :func:`report_replay` where there are recorded calls.
    """
    findings = [_figures(result)]
    if result.changes:
        findings.append(_changes(result))
    findings += report_types(result)
    findings += [_places(result), _towns(result), _stations(result), _response(result)]
    return (*findings, *report_replay(result))


def _figures(result: SimulationResult) -> Finding:
    rows: list[dict[str, Any]] = []
    for name, state in result.states.items():
        told = state.simulated.figures()
        rows += [
            {"scenario_name": name, "figure": figure, **_finite(told.loc[figure])}
            for figure in (*_COUNTS[:1], *_FIGURES, *_COUNTS[1:])
        ]
        rows += [
            {"scenario_name": name, "figure": word, "value": state.simulated.percentile_s(share)}
            for share, word in _PERCENTILES
        ]
    today = result.today.simulated.figures()
    figures = {figure: float(today.loc[figure, "mean"]) for figure in (*_FIGURES, "n_calls")}
    return Finding("simulated", _WORDS, pd.DataFrame(rows), figures=figures, notes=_notes(result))


def _finite(row: pd.Series) -> dict[str, float]:
    """Give a mean with the ends of its interval; one that has none is empty."""
    ends = {end: float(row[end]) if np.isfinite(row[end]) else np.nan for end in ("low", "high")}
    return {"value": float(row["mean"]), **ends}


def _notes(result: SimulationResult) -> tuple[Message, ...]:
    spec = result.study.availability
    assert spec is not None
    values = {"runs": spec.runs, "years": spec.years, "seed": spec.seed}
    notes = [*result.today.dispatch.notes, Message("availability.note_runs", values)]
    if spec.runs == 1:
        notes.append(Message("availability.note_one_run"))
    notes.append(Message("availability.note_queued" if spec.is_queued else "availability.note_lost"))
    notes.append(Message(f"availability.note_{spec.service}"))
    has_rhythm = len(spec.hour_shares) or len(spec.month_shares)
    if result.today.dispatch.hour_shares and not len(spec.hour_shares):
        notes.append(Message("availability.note_hours_recorded"))
    else:
        notes.append(Message("availability.note_rhythm" if has_rhythm else "availability.note_even"))
    if spec.engines_per_call > 1:
        notes.append(Message("availability.note_engines", {"n": spec.engines_per_call}))
    if spec.cover_moves:
        notes.append(Message("availability.note_moves", {"keep": spec.cover_keep}))
    return tuple(notes)


def _changes(result: SimulationResult) -> Finding:
    rows = []
    for name, change in result.changes.items():
        for figure in (*_FIGURES, "n_moves"):
            row = change.loc[figure]
            ends = {end: float(row[end]) if np.isfinite(row[end]) else np.nan for end in ("low", "high")}
            rows.append(
                {
                    "scenario_name": name,
                    "figure": figure,
                    "before": float(row["today"]),
                    "after": float(row["scenario"]),
                    "change": float(row["change"]),
                    **ends,
                    "is_sure": bool(row["is_sure"]),
                }
            )
    return Finding("simulated_changes", _WORDS, pd.DataFrame(rows))


def _places(result: SimulationResult) -> Finding:
    """Tell of each place what became of its calls today; one without calls says nothing."""
    table, told = result.today.coverage.table, result.today.simulated.places
    share = told["share_in_time"]
    nobody = told["share_lost"] + told["share_unreached"]
    classes = chance_class(share, pd.Series(nobody < 1.0, told.index))
    columns: dict[str, Any] = {
        **({"name": table["name"]} if "name" in table else {}),
        "zone": table["zone"],
        "people": table["people"],
        "n_calls": told["n_calls"],
        "first_s": table["first_s"],
        "mean_s": told["mean_s"],
        "share_in_time": share,
        "share_lost": told["share_lost"],
        "share_unreached": told["share_unreached"],
        "class": np.where(told["n_calls"] > 0, classes, "chance_unknown"),
    }
    places = gpd.GeoDataFrame(columns, index=table.index, geometry=table.geometry, crs=table.crs)
    there = [word for word in (*CHANCES, "chance_unknown") if word in set(places["class"])]
    shown = (
        *("people", "n_calls", "class", "share_in_time", "first_s", "mean_s"),
        *("share_lost", "share_unreached", "zone"),
    )
    title = "name" if "name" in places else "zone"
    style = Style(class_roles("chance", there), by="class", columns=shown, title=title, is_on=True)
    return Finding("simulated_places", _WORDS, places, style)


def _towns(result: SimulationResult) -> Finding:
    rows = []
    for name, state in result.states.items():
        places = state.simulated.places
        zone = state.coverage.table["zone"]
        zone = zone.astype(object).where(zone.notna(), OUTSIDE)
        for town in sorted(set(zone), key=lambda each: (each == OUTSIDE, each)):
            part = places[(zone == town).to_numpy()]
            calls = part["n_calls"].to_numpy(float)
            nobody = part["share_lost"] + part["share_unreached"]
            came = calls * (1.0 - nobody.fillna(0.0).to_numpy(float))
            rows.append(
                {
                    "scenario_name": name,
                    "zone": None if town == OUTSIDE else town,
                    "n_calls": int(calls.sum()),
                    "share_in_time": _mean(part["share_in_time"], calls),
                    "share_lost": _mean(part["share_lost"], calls),
                    "share_unreached": _mean(part["share_unreached"], calls),
                    "mean_s": _mean(part["mean_s"], came),
                }
            )
    return Finding("simulated_towns", _WORDS, pd.DataFrame(rows))


def _mean(values: pd.Series, weights: np.ndarray[Any, Any]) -> float:
    counted = weights > 0.0
    if not counted.any():
        return float("nan")
    return float(np.average(values.to_numpy(float)[counted], weights=weights[counted]))


def _stations(result: SimulationResult) -> Finding:
    parts = []
    for name, state in result.states.items():
        told = state.simulated.stations
        parts.append(
            pd.DataFrame(
                {
                    "scenario_name": name,
                    "facility_id": told.index,
                    "name": state.coverage.stations["name"].reindex(told.index).to_numpy(),
                    "crews": told["engines"].to_numpy(),
                    "calls_per_year": told["sent_per_h"].to_numpy() * HOURS_A_YEAR,
                    "share_busy": told["busy_share"].to_numpy(),
                }
            )
        )
    return Finding("simulated_stations", _WORDS, pd.concat(parts, ignore_index=True))


def _response(result: SimulationResult) -> Finding:
    """Give how many calls had an engine by each half minute, and in all; the lost ones are never in it."""
    rows = []
    for name, state in result.states.items():
        response = state.simulated.response
        total = int(state.simulated.runs["n_calls"].sum())
        seconds, n = response.index.to_numpy(float), response["n_calls"].to_numpy()
        for upto in (*range(_STEP_S, _LAST_S + 1, _STEP_S), np.inf):
            within = int(n[seconds <= upto].sum())
            rows.append(
                {
                    "scenario_name": name,
                    "upto_s": float(upto),
                    "n_calls": within,
                    "share_calls": within / total if total else float("nan"),
                }
            )
            if within == int(n.sum()):
                break
    return Finding("simulated_response", _WORDS, pd.DataFrame(rows))
