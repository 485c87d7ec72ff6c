"""Which cells a study asks for, and the report of a layer that is no table of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.layers import LayerReport

__all__ = ["is_one_of", "report_of"]


def is_one_of(cells: pd.Series, values: Sequence[object]) -> pd.Series:
    """Tell which cells hold one of some values; 1 and "1" are one, since text files know no numbers."""
    texts = {_plain_text(value) for value in values} - {None}
    return cells.isin(list(values)) | cells.map(_plain_text).isin(texts)


def _plain_text(value: object) -> str | None:
    """Give a value as it is written: without spaces around it, whole numbers without a fraction."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    return f"{value:.15g}"


def report_of(file: Path, table: gpd.GeoDataFrame, form: str) -> LayerReport:
    """Report a layer of an OpenStreetMap file or a raster, of which nothing is faulty."""
    bounds = tuple(float(side) for side in table.total_bounds) if len(table) else None
    return LayerReport(
        path=str(file),
        format=form,
        encoding="",
        n_rows=len(table),
        n_kept=len(table),
        faults=(),
        guesses=(),
        crs=table.crs.to_string(),
        crs_note=None,
        bounds=bounds,  # type: ignore[arg-type]
        notes=(),
    )
