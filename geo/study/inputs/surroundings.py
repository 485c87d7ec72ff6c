"""The surroundings of a study: layers that only some rooms use, read when the study file names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import InputError
from geo.layers import Shape
from geo.messages import Fault, Message
from geo.study.inputs.far_from_roads import far_faults
from geo.study.inputs.kinds import keep_kind
from geo.study.inputs.log import LayerLog, StudyLayer, Unshifted
from geo.study.inputs.placed import tell_same_names
from geo.study.inputs.tables import is_table
from geo.study.settings import LayerSpec, ObstacleSpec, SensitiveSpec, Study

__all__ = ["Context", "read_context"]


@dataclass(frozen=True, eq=False)
class Context:
    """Layers around the facilities and people; None where the study names none.

    Parameters
    ----------
    villages : DataFrame or None
        List of villages in the order of the file: ``name``, ``zone`` (town), ``people`` (nan where not said);
        with ``geometry`` in the study's CRS where the file has places.
    hazards : GeoDataFrame or None
        Areas that close roads: ``name``, ``geometry``.
    sensitive : GeoDataFrame or None
        Places to keep a distance from: ``name``, ``kind`` (``hospital``, ``school``, ``hazmat``, ...).
    obstacles : GeoDataFrame or None
        What a zone should not cross: ``name``, ``kind`` (``expressway``, ``railway``, ``river``, ``sea``).
    built_up : GeoDataFrame or None
        Built-up areas: ``name``, ``geometry``.
    plots : GeoDataFrame or None
        Plots that may become sites: ``name``, ``id``, ``area_m2``, ``zone``, ``cost`` (any unit).
    keep_out : GeoDataFrame or None
        Ground on which nothing may be built: ``name``, ``geometry``.
    """

    villages: pd.DataFrame | None = None
    hazards: gpd.GeoDataFrame | None = None
    sensitive: gpd.GeoDataFrame | None = None
    obstacles: gpd.GeoDataFrame | None = None
    built_up: gpd.GeoDataFrame | None = None
    plots: gpd.GeoDataFrame | None = None
    keep_out: gpd.GeoDataFrame | None = None


def read_context(
    study: Study, crs: CRS, log: LayerLog, *, road_ends: NDArray[np.float64] | None = None
) -> Context:
    """Read the layers of the surroundings that the study names.

    Parameters
    ----------
    study : Study
        Names the layers.
    crs : CRS
        The study's.
    log : LayerLog
        Receives the reports.
    road_ends : float64 array, shape (N, 2), optional
        Ends of the roads: rows that lie far from all of them are reported, but not of obstacles, which may be
        a whole sea.

    Returns
    -------
    Context
        Without the layers that cannot be used: the log receives what stops them, with the section's name.
    """
    return Context(
        villages=_villages(study, crs, log),
        hazards=_layers(study, "hazards", crs, log, road_ends, geometry="polygon"),
        sensitive=_layers(study, "sensitive", crs, log, road_ends=road_ends, columns=("kind",)),
        obstacles=_layers(study, "obstacles", crs, log, columns=("kind",)),
        built_up=_layers(study, "built_up", crs, log, road_ends=road_ends, geometry="polygon"),
        plots=_plots(study, crs, log, road_ends),
        keep_out=_layers(study, "keep_out", crs, log, road_ends=road_ends, geometry="polygon"),
    )


def _villages(study: Study, crs: CRS, log: LayerLog) -> pd.DataFrame | None:
    """Read the list of villages; it may come without places."""
    spec = study.villages
    return log.attempt("villages", lambda: _read_villages(study, spec, crs, log)) if spec else None


def _read_villages(study: Study, spec: LayerSpec, crs: CRS, log: LayerLog) -> pd.DataFrame:
    placed = spec.crs is not None or not is_table(spec, study.file(spec.path))
    shape: Shape = "any" if placed else "none"
    layer = log.read(spec, study.file(spec.path), section="villages", geometry=shape)
    layer, notes = keep_kind(layer, "village", asked=spec.where)
    log.note("villages", *notes)
    log.add(layer)
    table = layer.table
    listed = pd.DataFrame(
        {
            "name": _text(table, "name", default="village"),
            "zone": _text(table, "zone"),
            "people": _number(table, "people"),
        }
    )
    log.note("villages", *tell_same_names(listed))
    if not isinstance(table, gpd.GeoDataFrame):
        return listed
    placed_villages = gpd.GeoDataFrame(listed, geometry=layer.to_metric(crs).geometry.to_numpy(), crs=crs)
    log.unshifted["villages"] = Unshifted(placed_villages[["geometry"]], layer.shifted_datum)
    return placed_villages


def _plots(
    study: Study, crs: CRS, log: LayerLog, road_ends: NDArray[np.float64] | None
) -> gpd.GeoDataFrame | None:
    columns, numbers = ("id", "zone"), ("area_m2", "cost")
    plots = _layers(study, "plots", crs, log, road_ends, columns=columns, numbers=numbers)
    if plots is None:
        return None
    drawn_m2 = plots.area.where(plots.area > 0)
    return plots.assign(area_m2=plots["area_m2"].fillna(drawn_m2))


def _with_kinds(layer: StudyLayer, spec: SensitiveSpec | ObstacleSpec) -> StudyLayer:
    """Let rows of a kind that no rule knows be of the section's kind, and report each."""
    table = layer.table
    if "kind" not in table:
        return layer
    words = table["kind"].map(lambda word: str(word).strip().casefold(), na_action="ignore")
    strange = words.index[words.notna() & ~words.isin(spec.KINDS)]
    reason = Message("study.unknown_kind", {"kind": spec.kind})
    faults = [Fault(int(row), "kind", str(table["kind"][row])[:60], reason) for row in strange]
    known = table.assign(kind=words.drop(strange).reindex(table.index))
    return replace(layer.with_faults(faults), table=known)


def _layers(
    study: Study,
    section: str,
    crs: CRS,
    log: LayerLog,
    road_ends: NDArray[np.float64] | None = None,
    *,
    columns: Sequence[str] = (),
    numbers: Sequence[str] = (),
    geometry: Shape = "any",
) -> gpd.GeoDataFrame | None:
    """Read layers of one section under each other, with the columns that the rooms use."""
    specs: Sequence[LayerSpec] = getattr(study, section)

    def read(spec: LayerSpec, name: str) -> gpd.GeoDataFrame:
        layer = log.read(spec, study.file(spec.path), section=name, geometry=geometry)
        if isinstance(spec, ObstacleSpec):
            layer = _without_points(layer)
        if isinstance(spec, SensitiveSpec | ObstacleSpec):
            layer = _with_kinds(layer, spec)
        for column in numbers:
            if column in layer.table:
                layer = layer.with_numbers(column, column)
        table = layer.table
        rows = {"name": _text(table, "name", default=section)}
        rows |= {column: _text(table, column, default=getattr(spec, column, None)) for column in columns}
        rows |= {column: _number(table, column) for column in numbers}
        moved = layer.to_metric(crs)
        log.unshifted[name] = Unshifted(moved[["geometry"]], layer.shifted_datum)
        log.add(layer if road_ends is None else layer.with_faults(far_faults(table, moved, road_ends)))
        return gpd.GeoDataFrame(rows, geometry=moved.geometry.to_numpy(), crs=crs)

    names = [f"{section} {i}" for i in range(1, len(specs) + 1)]
    attempts = [log.attempt(name, partial(read, spec, name)) for spec, name in zip(specs, names, strict=True)]
    tables = [table for table in attempts if table is not None]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=crs) if tables else None


def _without_points(layer: StudyLayer) -> StudyLayer:
    """Leave out points, which nothing can cross, and report each."""
    table = layer.table
    is_point = shapely.get_dimensions(table.geometry.to_numpy()) == 0
    if is_point.all():
        raise InputError(Message("study.all_points", {"n": len(table)}))
    reason = Message(
        "layers.wrong_kind",
        {"found": "Point", "wanted": (Message("layers.shape_line"), Message("layers.shape_polygon"))},
    )
    faults = [Fault(int(row), "geometry", "", reason) for row in table.index[is_point]]
    return replace(layer.with_faults(faults, n_kept=int((~is_point).sum())), table=table[~is_point])


def _text(table: pd.DataFrame, column: str, *, default: str | None = None) -> pd.Series:
    """Give a column as text without its row numbers; where it is missing, the default (a name: numbered)."""
    rows = table[column] if column in table else pd.Series(None, index=table.index, dtype=object)
    fallback = [f"{default} {row}" for row in table.index] if column == "name" else default
    missing = pd.Series(fallback, index=table.index, dtype=object)
    texts = [str(text) if pd.notna(text) else other for text, other in zip(rows, missing, strict=True)]
    return pd.Series(texts, dtype=object)


def _number(table: pd.DataFrame, column: str) -> np.ndarray:
    return table[column].to_numpy(float) if column in table else np.full(len(table), np.nan)
