"""Records of calls of a study: read, placed, given their stations and cleaned, every row counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.calls import STAMPS, CallRecords, clean_calls, merge_calls
from geo.errors import GeoError
from geo.layers import Coordinates, LayerReport, read_records
from geo.messages import Fault, Message
from geo.network import RoadNetwork
from geo.standards import load_response
from geo.study.inputs.call_stations import match_call_stations
from geo.study.inputs.datum import warn_of_shift
from geo.study.inputs.far_from_roads import far_faults
from geo.study.inputs.log import LayerLog, StudyLayer, select_rows
from geo.study.inputs.road_lines import own_or_known
from geo.study.settings import CallsSpec, Study

__all__ = ["read_calls"]

_OURS: Final = {"risk": "call_risk"}
"""Keys of ``columns`` whose column has another name while the file is read: layers have a ``risk`` too."""
_DAYS: Final = ("date", "dispatched_date", "left_date", "arrived_date", "back_date")
_CELLS: Final = ("vehicle", "call_type", "weather", *STAMPS, *_DAYS)
_QUOTED: Final = ("cell", "value", "found")
"""Values of messages that are cells of the file."""
_FAULTS: Final = (
    "out_of_order",
    "too_long",
    "no_time_between",
    "double",
    "unknown_station",
    "several_stations",
)
"""Reasons that are faults of a row; a missing stamp or place is only counted."""


def read_calls(
    study: Study, stations: gpd.GeoDataFrame, network: RoadNetwork, log: LayerLog
) -> CallRecords | None:
    """Read the records of calls that a study names.

    Parameters
    ----------
    study : Study
        With ``[[calls]]``.
    stations : GeoDataFrame
        ``Facilities`` of the kind that answers, whatever their status: records are of years past.
    network : RoadNetwork
        Gives the study's CRS; places are judged by its roads.
    log : LayerLog
        Receives reports, notes and errors. No cell of the records is in them: people's places stay private.

    Returns
    -------
    CallRecords or None
        The records of all files together; ``response_s`` on the clock of ``[response]``. None where the study
        names none, or none could be read.
    """
    records = [
        log.attempt(f"calls {i}", partial(_read_one, study, spec, f"calls {i}", stations, network, log))
        for i, spec in enumerate(study.calls, start=1)
    ]
    read = [one for one in records if one is not None]
    if not read:
        return None
    merged = merge_calls(read)
    twice = _n_doubles(merged) - sum(map(_n_doubles, read))
    if twice:
        log.note("calls", Message("calls.note_twice", {"n": twice}))
    return merged


def _read_one(
    study: Study,
    spec: CallsSpec,
    section: str,
    stations: gpd.GeoDataFrame,
    network: RoadNetwork,
    log: LayerLog,
) -> CallRecords:
    file = study.file(spec.path)
    layer = _read_file(spec, file, section, log)
    rows = _placed(layer, network.crs)
    is_placed = ~(shapely.is_missing(rows.geometry) | shapely.is_empty(rows.geometry))
    on_ground = replace(layer, table=layer.table[is_placed])
    log.layers[section] = on_ground
    if is_placed.any():
        warn_of_shift(log, section, rows[is_placed], network, declared=spec.crs)
    raw, notes = _raw_rows(rows, stations)
    sources = (spec.attribution or file.name,)
    records = clean_calls(raw, clock_start=_clock_start(study), period=spec.period, sources=sources)
    far = far_faults(on_ground.table, rows[is_placed], network.node_xy) if is_placed.any() else []
    faults = [*far, *_row_faults(records, layer.report)]
    log.add(_private(layer.with_faults(faults)))
    log.layers[section] = on_ground
    log.note(section, *notes, *_told(records))
    return records


def _clock_start(study: Study) -> str:
    try:
        return load_response(own_or_known(study, study.response.standard)).clock_start
    except GeoError:  # which stops the run, and is told where the clock is read
        return "call"


def _read_file(spec: CallsSpec, file: Path, section: str, log: LayerLog) -> StudyLayer:
    read = read_records(
        file,
        layer=spec.layer,
        crs=spec.crs,
        encoding=spec.encoding,
        columns={_OURS.get(ours, ours): header for ours, header in spec.columns.items()},
        sheet=spec.sheet,
        coordinates=Coordinates(spec.order, spec.angles, log.known, spec.decimal),
    )
    return select_rows(spec, StudyLayer(section, read.table, read.report, left_out=read.left_out))


def _placed(layer: StudyLayer, crs: CRS) -> gpd.GeoDataFrame:
    """Give the rows in the metric CRS; those without a place have none there either."""
    table = layer.table
    if not isinstance(table, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=crs)
    shapes = np.full(len(table), None, dtype=object)
    is_placed = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
    if is_placed.any():
        moved = replace(layer, table=table[is_placed]).to_metric(crs)
        shapes[is_placed] = shapely.centroid(moved.geometry.to_numpy())
    return gpd.GeoDataFrame(pd.DataFrame(table.drop(columns=table.geometry.name)), geometry=shapes, crs=crs)


def _raw_rows(rows: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Give the rows under the names of the table of calls, with their stations and a number of the call."""
    told = {name: _column(rows, name) for name in ("station", "duty_station", "vehicle")}
    matched = match_call_stations(pd.DataFrame(told, index=rows.index), stations)
    own = {name: _column(rows, name) for name in _CELLS if name in rows}
    columns = {
        "call_id": _call_ids(rows),
        "station_id": matched.ids,
        "no_station": matched.why_not,
        "risk": _column(rows, "call_risk"),
        **own,
    }
    notes = list(matched.notes)
    if "call_id" not in rows:
        notes.append(Message("calls.note_no_ids", {"n": columns["call_id"].nunique()}))
    lacking = tuple(Message(f"calls.column_{name}") for name in STAMPS if name not in rows)
    if lacking:
        notes.append(Message("calls.note_no_columns", {"columns": lacking}))
    return gpd.GeoDataFrame(columns, index=rows.index, geometry=rows.geometry, crs=rows.crs), notes


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)


def _call_ids(rows: gpd.GeoDataFrame) -> pd.Series:
    """Give the number of each call: its own, else one for each place and time of a call, else the row's."""
    own = _column(rows, "call_id").astype(object)
    keys = pd.DataFrame({name: _column(rows, name).astype(str) for name in ("date", "called_at")})
    keys["place"] = rows.geometry.to_wkb(hex=True).astype(str)
    alone = pd.Series([f"row {row}" for row in rows.index], index=rows.index, dtype=object)
    is_known = _column(rows, "called_at").notna()
    numbers = keys.groupby(["date", "called_at", "place"], sort=False).ngroup()
    together = numbers.map("call {}".format).astype(object).where(is_known, alone)
    return own.astype("string").astype(object).where(own.notna(), together if own.isna().all() else alone)


def _row_faults(records: CallRecords, report: LayerReport) -> Iterator[Fault]:
    """Give a fault for each row and reason that somebody should correct; without the cell."""
    headers = {guess.column: guess.header for guess in report.guesses}
    for row, reasons in zip(records.reasons.index, records.reasons.to_dict("records"), strict=True):
        told: set[str] = set()
        for measure, reason in reasons.items():
            if reason in told:
                continue
            told.add(reason)
            if reason.startswith("unreadable_"):
                stamp = reason.removeprefix("unreadable_")
                yield Fault(int(row), headers.get(stamp, stamp), "", Message("calls.fault_unreadable"))
            elif reason in _FAULTS:
                values = {"measure": Message(f"calls.class_{measure}")}
                yield Fault(int(row), "row", "", Message(f"calls.fault_{reason}", values))


def _told(records: CallRecords) -> Iterator[Message]:
    """Say how many rows are usable for what, why the others are not, and which stamps were read otherwise."""
    for measure, part in records.counts.groupby("measure", sort=False):
        n = dict(zip(part["reason"], part["n_rows"].astype(int), strict=True))
        others = tuple(
            Message("calls.reason_count", {"reason": Message(f"calls.class_{reason}"), "n": n[reason]})
            for reason in sorted(n, key=lambda reason: -n[reason])
            if reason != "usable"
        )
        values = {
            "measure": Message(f"calls.class_{measure}"),
            "n": n.get("usable", 0),
            "n_rows": sum(n.values()),
            "others": others,
        }
        yield Message("calls.note_counts" if others else "calls.note_counts_all", values)
    for repair, part in records.repaired.groupby("repair", sort=False):
        stamps = tuple(
            Message("calls.reason_count", {"reason": Message(f"calls.column_{stamp}"), "n": int(n_rows)})
            for stamp, n_rows in zip(part["stamp"], part["n_rows"], strict=True)
        )
        yield Message(f"calls.note_repair_{repair}", {"stamps": stamps})


def _n_doubles(records: CallRecords) -> int:
    return int((records.reasons["place"] == "double").sum())


def _private(layer: StudyLayer) -> StudyLayer:
    """Give a layer whose report quotes no cell and no place of the file."""
    report = layer.report
    hidden = replace(
        report,
        faults=tuple(replace(fault, value="", reason=_unquoted(fault.reason)) for fault in report.faults),
        bounds=None,
        notes=tuple(map(_unquoted, report.notes)),
        crs_notes=tuple(map(_unquoted, report.crs_notes)),
    )
    return replace(layer, table=layer.table.iloc[:0], report=hidden, left_out=layer.left_out.iloc[:0])


def _unquoted(message: Message) -> Message:
    def plain(key: str, value: Any) -> Any:
        if key in _QUOTED and not isinstance(value, Message | int):
            return "…"
        return _unquoted(value) if isinstance(value, Message) else value

    values: Mapping[str, Any] = {key: plain(key, value) for key, value in message.values.items()}
    return Message(message.key, values)
