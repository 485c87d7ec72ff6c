"""Whether the model is right: what a study finds of records of calls, in counts and squares alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.calls import CallRecords, compare_groups, residual_cells
from geo.coverage import Coverage, under
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.plans import Plan, judge
from geo.settings import FixedMapping
from geo.statistics import OUTSIDE
from geo.study.assessment import Outcome, StudyResult, plan_of
from geo.study.call_times import DISTANCES_KM, CallTimes, first_engines, model_calls
from geo.study.response import read_clock_of
from geo.study.settings import Study
from geo.times import is_within
from geo.words import LANGS, say_if_there

__all__ = ["MOST_SHOWN_FEW", "recorded_targets", "report_calls", "with_calls"]

_WORDS: Final = "calls"
MOST_SHOWN_FEW: Final = 5
"""Of a group with fewer calls only their number is told: more could show one household's call (assumed)."""
FEW: Final = 30
"""Groups with fewer calls tell little (assumed)."""
CELLS: Final = ("much_too_fast", "too_fast", "near", "too_slow", "much_too_slow")
_CELL_FROM_S: Final = (-120.0, -60.0, 60.0, 120.0)
_GROUPS: Final = ("n_trips", "n_no_route", "bias_s", "median_s", "mae_s", "p90_s", "share_near", "is_few")
_ERRORS: Final = ("bias_s", "median_s", "mae_s", "p90_s", "share_near")


def with_calls(result: StudyResult) -> StudyResult:
    """Give a result with what is found of the records of calls, where the study has ``[[calls]]``."""
    more = {finding.name: finding for finding in report_calls(result)}
    if not more:
        return result
    findings = FixedMapping({**result.findings, **more})
    return replace(result, findings=findings, targets=_beside(result.targets, more.get("calls_targets")))


def _beside(targets: pd.DataFrame | None, calls: Finding | None) -> pd.DataFrame | None:
    """Say beside each target how it stands by the records, where they can tell."""
    if targets is None or calls is None:
        return targets
    told = targets.copy()
    for target_id, row in calls.table[calls.table["recorded"].notna()].iterrows():
        values = {"n": row["n_calls"], "recorded": row["recorded"], "modelled": row["modelled"]}
        for lang in LANGS:
            before = told.at[target_id, f"beside_{lang}"]
            line = Message("calls.target_beside", values).say(lang)
            sign = "；" if lang == "zh" else "; "
            told.at[target_id, f"beside_{lang}"] = sign.join(filter(None, (before, line)))
    return told


def report_calls(result: StudyResult) -> tuple[Finding, ...]:
    """Hold the model of today against the records of calls.

    Returns
    -------
    tuple of Finding
        ``calls_shares`` (calls within each standard as recorded and as modelled, in all and by town),
        ``calls_errors`` (modelled less recorded turnout and driving by class of road, distance, hour,
        station, weather), ``calls_cells`` (median error by square of 1 km), ``calls_counts`` (rows usable and
        left out, by reason); with a plan ``calls_targets`` (its shares of people in time beside the shares of
        calls). None without ``[[calls]]``. No finding holds the place, number or time of a call.
    """
    records = result.inputs.calls
    if records is None:
        return ()
    times = model_calls(result.study, result.inputs, result.coverage, records)
    coverages = [result.coverage, *result.beside.values()]
    shares, notes = _shares(times, coverages, result.coverage)
    errors = _errors(times, result)
    cells, n_hidden = residual_cells(_driving(times))
    findings = [
        Finding(
            "calls_shares", _WORDS, shares, figures=_figures(records, shares, errors), notes=tuple(notes)
        ),
        Finding("calls_errors", _WORDS, errors),
        *_cells(cells, n_hidden, notes),
        Finding("calls_counts", _WORDS, _counts(records)),
        *_targets(result, shares),
    ]
    return tuple(findings)


def _shares(
    times: CallTimes, coverages: Sequence[Coverage], own: Coverage
) -> tuple[pd.DataFrame, list[Message]]:
    """Give the share of calls in time on each clock, recorded and modelled; the study's own comes first."""
    rows, notes = [], []
    for coverage in coverages:
        calls, n_partly = first_engines(times, own, coverage.standard)
        limit_s, name = coverage.standard.limit_s, coverage.standard.name
        rows.append({"standard": name, "zone": None, "limit_s": limit_s, **_share_row(calls, limit_s)})
        zone = calls["zone"].where(calls["zone"].notna(), OUTSIDE)
        if coverage is own:
            notes = _notes(times, calls, own, n_partly)
            if calls["zone"].notna().any():
                for town, part in calls.groupby(zone, sort=True):
                    row = _share_row(part, limit_s)
                    rows.append({"standard": name, "zone": town, "limit_s": limit_s, **row})
    return pd.DataFrame(rows), notes


def _share_row(calls: pd.DataFrame, limit_s: float) -> dict[str, Any]:
    """Count calls in time; of too few only how many they are."""
    is_sent = calls["sent_s"].notna()
    known, sent = len(calls) >= MOST_SHOWN_FEW, int(is_sent.sum()) >= MOST_SHOWN_FEW
    recorded = calls["recorded_s"]
    return {
        "n_calls": len(calls),
        "share_recorded": _share_within(recorded, limit_s) if known else np.nan,
        "share_modelled": _share_within(calls["modelled_s"], limit_s) if known else np.nan,
        "n_sent": int(is_sent.sum()),
        "share_sent": _share_within(calls.loc[is_sent, "sent_s"], limit_s) if sent else np.nan,
        "share_recorded_sent": _share_within(recorded[is_sent], limit_s) if sent else np.nan,
        "median_recorded_s": float(recorded.median()) if known else np.nan,
        "median_modelled_s": float(calls["modelled_s"].median()) if known else np.nan,
        "is_few": len(calls) < FEW,
    }


def _share_within(seconds: pd.Series, limit_s: float) -> float:
    return float(is_within(seconds.to_numpy(dtype=float), limit_s).mean()) if len(seconds) else np.nan


def _notes(times: CallTimes, calls: pd.DataFrame, coverage: Coverage, n_partly: int) -> list[Message]:
    n_all = times.trips["call_id"].nunique()
    notes = [Message("calls.note_compared", {"n": len(calls), "n_all": n_all})]
    if n_partly:
        notes.append(Message("calls.note_partly", {"n": n_partly}))
    n_far = int(np.isinf(calls["modelled_s"]).sum())
    if n_far:
        notes.append(Message("calls.note_no_route", {"n": n_far}))
    opened = calls["first_id"].map(coverage.stations["opened_year"].astype(float))
    n_before = int((opened > calls["called_at"].dt.year).sum())
    if n_before:
        notes.append(Message("calls.note_before_opening", {"n": n_before}))
    n_others = len(set(times.stations.index) - set(coverage.stations.index))
    if n_others:
        notes.append(Message("calls.note_other_stations", {"n": n_others}))
    return notes


def _driving(times: CallTimes) -> gpd.GeoDataFrame:
    """Give the drives that can be compared: recorded, from a known station to a known place."""
    trips = times.trips
    return trips.assign(recorded_s=trips["driving_s"], modelled_s=trips["travel_s"])[
        trips["driving_s"].notna() & trips["travel_s"].notna()
    ]


def _turnouts(times: CallTimes) -> pd.DataFrame:
    trips = pd.DataFrame(times.trips.drop(columns="geometry"))
    return trips.assign(recorded_s=trips["turnout_s"], modelled_s=trips["modelled_turnout_s"])


def _errors(times: CallTimes, result: StudyResult) -> pd.DataFrame:
    """Give the errors of driving and turnout by each group."""
    names = times.stations["name"].where(times.stations["name"].notna(), times.stations.index.to_series())
    grouped = {
        "driving": ("all", "road_class", "distance", "hour", "station", "weather"),
        "turnout": ("all", "hour", "station", "weather"),
    }
    parts = []
    for measure, groups in grouped.items():
        trips = _driving(times) if measure == "driving" else _turnouts(times)
        trips = trips.assign(station=trips["station_id"].map(names), **_classes(trips, result))
        for by in groups:
            if by == "weather" and trips["weather"].isna().all():
                continue
            table = compare_groups(trips, None if by == "all" else by, min_calls=FEW)
            told = table.rename(columns={"n_calls": "n_trips"})[[*_GROUPS]]
            group = [_group(by, value, result) for value in table.index]
            told = told.assign(measure=measure, by=by, group=group).reset_index(drop=True)
            parts.append(told)
    errors = pd.concat(parts, ignore_index=True)[["measure", "by", "group", *_GROUPS]]
    is_hidden = errors["n_trips"] < MOST_SHOWN_FEW
    return errors.assign(**{name: errors[name].mask(is_hidden) for name in _ERRORS})


def _classes(trips: pd.DataFrame, result: StudyResult) -> dict[str, pd.Series]:
    """Give distance by its class, and weather with rare words put together: a cell may say anything."""
    km = trips["km"].to_numpy(dtype=float)
    ends = np.searchsorted(DISTANCES_KM, km, side="left")
    distance = pd.Series(np.where(np.isnan(km), np.nan, ends), trips.index)
    told = trips["weather"].astype("string").str.strip()
    n = told.map(told.value_counts())
    rare = Message("calls.group_rare").say(result.lang)
    weather = told.where(told.isna() | (n >= MOST_SHOWN_FEW), rare).astype(object)
    return {"distance": distance, "weather": weather.where(weather.notna(), None)}


def _group(by: str, value: Any, result: StudyResult) -> str:
    """Call a group in the language of the study."""
    if by == "all":
        return Message("calls.group_all").say(result.lang)
    if value is None or pd.isna(value):
        return Message("calls.group_unknown").say(result.lang)
    if by == "road_class":
        return say_if_there(f"network.class_{value}", lang=result.lang) or str(value)
    if by == "distance":
        i = int(value)
        ends = {"low": DISTANCES_KM[i - 1] if i else 0.0, "high": DISTANCES_KM[min(i, len(DISTANCES_KM) - 1)]}
        return Message(f"calls.group_km{'_over' if i == len(DISTANCES_KM) else ''}", ends).say(result.lang)
    if by == "hour":
        return Message("calls.group_hour", {"hour": int(value), "next": int(value) + 1}).say(result.lang)
    return str(value)


def _cells(cells: gpd.GeoDataFrame, n_hidden: int, notes: Sequence[Message]) -> list[Finding]:
    notes = (Message("calls.note_cells", {"n": n_hidden, "least": MOST_SHOWN_FEW}), *notes)
    if not len(cells):
        return []
    place = np.searchsorted(_CELL_FROM_S, cells["median_s"].to_numpy(dtype=float), side="right")
    inner = cells["median_s"].to_numpy(dtype=float) == _CELL_FROM_S[2]
    words = np.array(CELLS, dtype=object)[np.where(inner, 2, place)]
    table = cells.assign(**{"class": words})[["n_calls", "n_trips", "median_s", "class", "geometry"]]
    there = [word for word in CELLS if word in set(words)]
    columns = ("class", "n_calls", "n_trips", "median_s")
    style = Style(class_roles("call_cell", there), by="class", columns=columns, title="class")
    figures = {"n_cells": float(len(table)), "n_calls_hidden": float(n_hidden)}
    return [Finding("calls_cells", _WORDS, table, style, figures, notes)]


def _counts(records: CallRecords) -> pd.DataFrame:
    order = records.counts.assign(is_other=records.counts["reason"] != "usable")
    first = {measure: i for i, measure in enumerate(dict.fromkeys(order["measure"]))}
    order = order.assign(place=order["measure"].map(first))
    by = ["place", "is_other", "n_rows"]
    told = order.sort_values(by, ascending=[True, True, False], kind="stable")
    n_read = told.groupby("measure")["n_rows"].transform("sum")
    return told.assign(share_rows=told["n_rows"] / n_read)[
        ["measure", "reason", "n_rows", "share_rows"]
    ].reset_index(drop=True)


def _figures(records: CallRecords, shares: pd.DataFrame, errors: pd.DataFrame) -> dict[str, float]:
    own = shares.iloc[0]
    names = ("n_calls", "share_recorded", "share_modelled", "n_sent", "share_sent", "share_recorded_sent")
    figures = {"n_rows": float(len(records.reasons)), **{name: float(own[name]) for name in names}}
    figures |= {name: float(own[name]) for name in ("median_recorded_s", "median_modelled_s", "limit_s")}
    whole = errors[errors["by"] == "all"].set_index("measure")
    for measure, row in whole.iterrows():
        figures |= {f"{measure}_{name}": float(row[name]) for name in ("n_trips", *_ERRORS)}
    return figures


def recorded_targets(study: Study, today: Outcome) -> pd.DataFrame | None:
    """Set today's records beside the targets about people in time, without all else that a run says of them.

    Parameters
    ----------
    study : Study
        With its plan.
    today : Outcome
        The district as it stands.

    Returns
    -------
    DataFrame or None
        As ``calls_targets`` of :func:`report_calls`, with the rows that the records can tell; None where the
        study has no records, no plan, or no such target.
    """
    plan, records = plan_of(study), today.inputs.calls
    if plan is None or records is None or today.targets is None:
        return None
    own = today.coverage
    names = {target.settings.get("standard") for target in plan.targets if target.method == "covered_share"}
    clocks = [read_clock_of(study, str(name)) for name in sorted(names - {None, own.standard.name}, key=str)]
    times = model_calls(study, today.inputs, own, records)
    shares, _ = _shares(times, [own, *(under(own, clock) for clock in clocks)], own)
    rows = _target_rows(plan, today.targets, shares)
    return None if rows is None else rows[rows["recorded"].notna()]


def _targets(result: StudyResult, shares: pd.DataFrame) -> list[Finding]:
    plan = plan_of(result.study)
    if plan is None or result.targets is None:
        return []
    rows = _target_rows(plan, result.targets, shares)
    return [] if rows is None else [Finding("calls_targets", _WORDS, rows)]


def _target_rows(plan: Plan, targets: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame | None:
    """Set the shares of calls in time beside the shares of people that targets are about."""
    told = shares[shares["zone"].isna()].set_index("standard")
    rows = []
    for target in plan.targets:
        name = target.settings.get("standard")
        if target.method != "covered_share" or name not in told.index or target.id not in targets.index:
            continue
        found, of = targets.loc[target.id], told.loc[name]
        recorded, modelled = 100.0 * float(of["share_recorded"]), 100.0 * float(of["share_modelled"])
        rows.append(
            {
                "target_id": target.id,
                **{key: found[key] for key in ("name_zh", "name_en", "comparator", "target", "unit")},
                "standard": name,
                "value": found["value"],
                "status": found["status"],
                "n_calls": int(of["n_calls"]),
                "modelled": modelled,
                "status_modelled": judge(target, modelled),
                "recorded": recorded,
                "status_recorded": judge(target, recorded),
            }
        )
    return pd.DataFrame(rows).set_index("target_id") if rows else None
