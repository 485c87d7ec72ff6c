"""What result files share: plain numbers, and tables as CSV in the words of the study."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import transform_xy
from geo.findings import Finding
from geo.layers import write_csv
from geo.outputs.wording import Wording, file_table

__all__ = ["as_json", "plain_columns", "plain_number", "write_findings", "write_table"]


def plain_number(value: float) -> float | int | None:
    """Give a number as JSON can hold it: no nan, no infinity, no digits that only rounding made.

    Examples
    --------
    >>> plain_number(3.0), plain_number(0.1 + 0.2), plain_number(float("inf"))
    (3, 0.3, None)
    """
    if not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)


def as_json(data: Mapping[str, Any]) -> str:
    """Write plain data as JSON text that people can read.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_findings(findings: Iterable[Finding], folder: Path, wording: Wording) -> None:
    """Write the table of each finding as CSV under its name, places in degrees."""
    for finding in findings:
        table = finding.table.to_crs(4326) if isinstance(finding.table, gpd.GeoDataFrame) else finding.table
        write_table(table, folder / f"{finding.name}.csv", words=finding.words, wording=wording)


def write_table(table: pd.DataFrame, path: Path, *, words: str, wording: Wording) -> None:
    """Write a table of results as CSV, its numbers to six decimals, without digits that only rounding made.

    The last of sixteen digits may move with a newer library; what a planner compares must not.

    Parameters
    ----------
    table : DataFrame
        Points in any system, which are written in degrees; other shapes are in degrees and become text.
    path : Path
        The file.
    words : str
        Words file of the table's room.
    wording : Wording
        Language of cells and of the names of fields.

    Raises
    ------
    FileError
        The file may not be written.
    """
    numbers = {name: table[name].round(6) for name in table.columns if table[name].dtype.kind == "f"}
    told = table.assign(**numbers)
    named = told.reset_index() if told.index.name and told.index.name not in told else told
    named = named.reset_index(drop=True)
    if isinstance(named, gpd.GeoDataFrame) and wording.field_names != "en":
        named = _shapes_as_fields(named)
    said = file_table(named, words, wording)
    shape = said.geometry.name if isinstance(said, gpd.GeoDataFrame) else None
    columns = {name: column for name, column in said.items() if name != shape}
    write_csv(columns if shape is None else {**columns, **_shape_fields(said.geometry)}, path)


def _shapes_as_fields(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give places as fields that can be named, as a CSV file holds them."""
    return pd.DataFrame(table.drop(columns=table.geometry.name)).assign(**_shape_fields(table.geometry))


def _shape_fields(shapes: gpd.GeoSeries) -> dict[str, pd.Series]:
    """Give points in degrees, other shapes as text."""
    if not (shapes.geom_type == "Point").all():
        text = shapely.to_wkt(shapes.to_numpy(), rounding_precision=9)
        return {"wkt": pd.Series(text, index=shapes.index)}
    # Numbers are turned into degrees, not points: a million of these would take 200 MB.
    # GEOS raises where an empty point is asked for its x.
    points = np.asarray(shapes.array, dtype=object)
    is_placed = ~(shapely.is_empty(points) | shapely.is_missing(points))
    degrees = CRS.from_epsg(4326)
    xy = shapely.get_coordinates(points[is_placed])
    lonlat = np.full((len(points), 2), np.nan)
    lonlat[is_placed] = transform_xy(xy, degrees if shapes.crs is None else shapes.crs, degrees).round(9)
    return {name: pd.Series(lonlat[:, k], index=shapes.index) for k, name in enumerate(("lon", "lat"))}


def plain_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table as files can hold it: lists as texts, flags and numbers with gaps as such."""
    plain = table.copy()
    for name in plain.columns:
        if plain[name].dtype == object:
            plain[name] = _column(plain[name])
    return plain


def _column(column: pd.Series) -> pd.Series:
    column = column.map(
        lambda v: "; ".join(map(str, v)) if isinstance(v, (list, tuple, set, frozenset)) else v
    )
    known = column.dropna()
    if len(known) and all(isinstance(v, (bool, np.bool_)) for v in known):
        return column.astype("boolean")
    if len(known) and all(isinstance(v, (int, float, np.number)) for v in known):
        return column.astype(float)
    return column.map(lambda v: v if v is None or isinstance(v, str) or pd.isna(v) else str(v))
