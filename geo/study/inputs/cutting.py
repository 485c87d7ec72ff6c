"""Rows of a layer of a whole province of which only those within an area count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import InputError
from geo.messages import Message
from geo.study.inputs.log import LayerLog, StudyLayer
from geo.study.inputs.road_area import around
from geo.study.settings import DemandSpec, FacilitySpec, LayerSpec, Study, ZonesSpec

__all__ = ["cut_layer", "cut_table"]

_ASIDE: Final = np.array([1.0, 0.618])
"""East and north, so that no usual border runs that way."""
_ASIDE_DEG: Final = 1e-8
_ASIDE_M: Final = 1e-3

CutSpec: TypeAlias = FacilitySpec | DemandSpec | ZonesSpec


def cut_layer(study: Study, spec: CutSpec, layer: StudyLayer, log: LayerLog) -> StudyLayer:
    """Keep the rows of a layer that lie within the area of its spec; say how many.

    A place right on the border counts to the side that lies north-east of it, so to one of two neighbours.
    Rows without a place stay: what becomes of them is told elsewhere.

    Raises
    ------
    GeoError
        The area cannot be read, or has no polygon.
    InputError
        No people or zones lie there.
    """
    if spec.within is None or not isinstance(layer.table, gpd.GeoDataFrame) or not len(layer.table):
        return layer
    kept, note = _kept(study, spec, layer.table, log, layer.section)
    report = replace(layer.report, n_kept=len(kept), notes=(*layer.report.notes, note))
    passed = layer.table[~layer.table.index.isin(kept.index)]
    not_selected = pd.concat([layer.not_selected, pd.DataFrame(passed)])
    return replace(layer, table=kept, report=report, not_selected=not_selected)


def cut_table(
    study: Study, spec: CutSpec, table: gpd.GeoDataFrame, log: LayerLog, *, section: str
) -> gpd.GeoDataFrame:
    """Keep the rows of a table that lie within the area of its spec, with a note; as :func:`cut_layer`."""
    if spec.within is None or not len(table):
        return table
    kept, note = _kept(study, spec, table, log, section)
    log.note(section, note)
    return kept


def _kept(
    study: Study, spec: CutSpec, table: gpd.GeoDataFrame, log: LayerLog, section: str
) -> tuple[gpd.GeoDataFrame, Message]:
    assert spec.within is not None
    area = _area(study, spec, log, section)
    shapes = gpd.GeoSeries([area], crs=4326).to_crs(table.crs)
    aside = _ASIDE * (_ASIDE_DEG if table.crs.is_geographic else _ASIDE_M)
    at = shapely.transform(table.geometry.representative_point().to_numpy(), lambda xy: xy + aside)
    is_nowhere = table.geometry.isna().to_numpy() | table.geometry.is_empty.to_numpy()
    ground = shapes.to_numpy()[0]
    shapely.prepare(ground)
    kept = table[shapely.intersects(ground, at) | is_nowhere]
    values = {"n": len(kept), "n_rows": len(table), "within": spec.within, "km": spec.margin_km}
    if not len(kept) and not isinstance(spec, FacilitySpec):
        raise InputError(Message("study.within_none", values))
    return kept, Message("study.rows_within", values)


def _area(study: Study, spec: CutSpec, log: LayerLog, section: str) -> Any:
    """Give the area of a spec in degrees, with its margin."""
    assert spec.within is not None
    layer = log.read(
        LayerSpec(spec.within), study.file(spec.within), section=f"{section} within", geometry="polygon"
    )
    if not len(layer.table):
        raise InputError(Message("study.within_nothing", {"within": spec.within}))
    return around([layer.table], spec.margin_km)
