"""Facilities that name their village and have no coordinates, placed at the village."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo.crs import NOWHERE, Whereabouts, to_metric
from geo.demand import match_villages, name_key, town_key
from geo.errors import GeoError, InputError
from geo.layers import with_row_names
from geo.messages import Fault, Message
from geo.osm import is_osm_file
from geo.study.inputs.kinds import keep_kind
from geo.study.inputs.log import LayerLog, StudyLayer, read_spec
from geo.study.inputs.people import settled_people
from geo.study.inputs.tables import is_table
from geo.study.settings import DemandSpec, FacilitySpec, LayerSpec, Study

__all__ = ["read_rows", "tell_same_names"]

_EXACT: Final = ("hydrant", "water_point")
"""Kinds whose place along the road is the question: a village is no place for them."""
_PLACES: Final = ("lon", "lat", "lonlat", "geometry")
_MOST_NAMES: Final = 5


def read_rows(
    study: Study, spec: FacilitySpec, file: Path, *, section: str, crs: CRS, log: LayerLog
) -> StudyLayer:
    """Read a layer of facilities: those of the section's kind, each at its coordinates or at its village.

    Rows of a table that have no coordinates are placed at the village that they name, in a column or in their
    own name, where the study knows the places of its villages (``[villages]``, else ``[[demand]]``). The town
    of the row decides between villages of one name. What cannot be placed is a fault.

    Raises
    ------
    GeoError
        As of :func:`geo.study.inputs.log.read_spec`; no row can be placed.
    """
    may_place = spec.kind not in _EXACT and is_table(spec, file)
    layer, stopped = None, None
    try:
        layer = log.read(spec, file, section=section)
    except InputError as error:
        stopped = error
        if not may_place:
            raise
    if layer is not None and not (may_place and _unplaced(layer)):
        return _of_kind(layer, spec, study, log)
    flat = log.read(spec, file, section=section, geometry="none")
    bare = flat.table.reindex(columns=[name for name in _PLACES if name in flat.table])
    is_bare = bare.isna().all(axis=1) if len(bare.columns) else pd.Series(True, index=flat.table.index)
    villages = known_villages(study, crs, known=log.known) if is_bare.any() else None
    if villages is None:
        if layer is None:
            raise stopped or AssertionError("no layer without an error")
        return _of_kind(layer, spec, study, log)
    flat = _of_kind(flat, spec, study, log)
    rows = flat.table[is_bare.reindex(flat.table.index)].drop(columns=list(_PLACES), errors="ignore")
    placed, faults, notes = _place(rows, villages)
    log.note(section, *notes)
    return _joined(layer, flat, placed, faults, stopped)


def known_villages(study: Study, crs: CRS, *, known: Whereabouts = NOWHERE) -> gpd.GeoDataFrame | None:
    """Give the villages whose places the study knows: ``name``, ``zone`` (town), shapes; None without any."""
    for spec in _village_specs(study):
        with suppress(GeoError):  # what is wrong with it is told where it is read
            columns = settled_people(spec) if isinstance(spec, DemandSpec) else {}
            layer = read_spec(spec, study.file(spec.path), section="", columns=columns, known=known)
            layer, _ = keep_kind(layer, "village", asked=spec.where)
            named = with_row_names(layer.table)
            if "name" in named:
                villages = to_metric(named, crs).reindex(columns=["name", "zone", "geometry"])
                villages = villages[villages["name"].notna()].reset_index(drop=True)
                if len(villages):
                    return villages
    return None


def _village_specs(study: Study) -> Iterator[LayerSpec]:
    if study.villages is not None:
        yield study.villages
    for spec in study.demand:
        if spec.method in ("points", "zones") and not is_osm_file(spec.path):
            yield spec


def tell_same_names(villages: pd.DataFrame) -> list[Message]:
    """Note the villages of one name: in several towns, where the town decides, or twice in one."""
    zone = villages["zone"] if "zone" in villages else pd.Series(None, index=villages.index)
    keys = pd.DataFrame(
        {
            "bare": villages["name"].map(name_key),
            "town": zone.map(town_key),
            "said": [f"{name} ({town})" if pd.notna(town) and town else str(name)
                     for name, town in zip(villages["name"], zone, strict=True)],
        }
    )  # fmt: skip
    twice = keys[keys.duplicated(["bare", "town"], keep=False)]
    apart = keys.drop_duplicates(["bare", "town"])
    apart = apart[apart.duplicated("bare", keep=False)]
    notes = []
    for key, rows in (("study.villages_of_one_name", apart), ("study.villages_twice", twice)):
        if len(rows):
            names = rows.sort_values("bare", kind="stable")["said"].tolist()
            shown = (*names[:_MOST_NAMES], *(["..."] if len(names) > _MOST_NAMES else []))
            notes.append(Message(key, {"n": rows["bare"].nunique(), "names": shown}))
    return notes


def _unplaced(layer: StudyLayer) -> bool:
    return any(fault.reason.key == "layers.no_geometry" for fault in layer.report.faults)


def _of_kind(layer: StudyLayer, spec: FacilitySpec, study: Study, log: LayerLog) -> StudyLayer:
    if not spec.by_kind:
        return layer
    layer, notes = keep_kind(layer, spec.kind, asked=spec.where, lang=study.study.lang)
    log.note(layer.section, *notes)
    return layer


def _place(
    rows: pd.DataFrame, villages: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[Fault], list[Message]]:
    """Place rows at their villages; say how many, and which rows name none, an unknown one or several."""
    names = rows.reindex(columns=["name", "village", "zone"])
    matches = match_villages(names, villages)
    label, n_fits = matches["village"], matches["n_fits"]
    is_placed = label.notna()
    points = villages.representative_point().reindex(label[is_placed].astype(int))
    placed = gpd.GeoDataFrame(rows[is_placed], geometry=points.to_numpy(), crs=villages.crs)
    faults = []
    for row in rows.index[~is_placed]:
        asked_for = next((str(text) for text in names.loc[row, ["village", "name"]] if pd.notna(text)), "")
        several = Message("study.several_villages", {"n": int(n_fits[row])})
        reason = (
            several if n_fits[row] > 1 else Message("study.no_village" if asked_for else "layers.no_geometry")
        )
        faults.append(Fault(int(row), "village", asked_for[:60], reason))
    notes = tell_same_names(villages)
    if len(placed):
        n_guessed = int((matches["how"] == "part_of_name").sum())
        values = {"n": len(placed), "n_rows": len(rows), "n_guessed": n_guessed}
        notes.insert(0, Message("study.placed_at_villages", values))
    return placed, faults, notes


def _joined(
    layer: StudyLayer | None,
    flat: StudyLayer,
    placed: gpd.GeoDataFrame,
    faults: list[Fault],
    stopped: InputError | None,
) -> StudyLayer:
    """Put rows with coordinates and rows at their villages together, in the order of the file."""
    if layer is None:
        if not len(placed):
            assert stopped is not None  # else the layer was read
            raise InputError(stopped.message, faults=[*stopped.faults, *faults])
        table, report = placed, flat.report
    else:
        own = layer.table[layer.table.index.isin(flat.table.index)]
        table = gpd.GeoDataFrame(pd.concat([own, placed.to_crs(own.crs)]).sort_index(), crs=own.crs)
        settled = set(placed.index) | {fault.row for fault in faults}
        left = [
            fault
            for fault in layer.report.faults
            if fault.reason.key != "layers.no_geometry"
            or (fault.row in flat.table.index and fault.row not in settled)
        ]
        report = replace(layer.report, faults=tuple(left))
    joined = replace(flat, table=table, report=report)
    return joined.with_faults(faults, n_kept=len(table))
