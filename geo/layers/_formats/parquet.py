"""Parquet: GeoParquet, its own geometry type, or a column of plain WKB."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo import file_limits
from geo.errors import FileError
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import damaged
from geo.layers._formats.parquet_size import require_parquet_size
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.nesting import is_nested

__all__ = ["plain_layer", "read_parquet", "require_shallow"]

_SHAPES: Final = ("geometry", "geom", "wkb", "wkb_geometry", "geom_wkb", "the_geom", "shape")
_ERRORS: Final = (ValueError, OSError, KeyError, pa.ArrowException)


def read_parquet(path: Path, asked: Asked) -> RawLayer:
    """Read a Parquet file, with geometry however it is kept.

    Raises
    ------
    FileError
        It is damaged or no Parquet.
    """
    path = path.absolute()  # pandas takes ~ for a home, and what ends in a colon for an address
    try:
        require_parquet_size(path)
        has_geo = b"geo" in (pq.read_schema(path).metadata or {})
        if has_geo:
            with pq.ParquetFile(path) as file:
                names = _wkb_columns(file.schema_arrow)
                require_shallow(file.schema_arrow, file.iter_batches(columns=names))
            frame = gpd.read_parquet(path)
            return RawLayer(frame, "GeoParquet", crs=frame.crs)
        return _read_plain(path)
    except FileError:
        raise
    except (*_ERRORS, shapely.errors.GEOSException) as error:
        raise damaged(path.name, error) from error


def _wkb_columns(schema: pa.Schema) -> list[str]:
    about = json.loads(schema.metadata[b"geo"])["columns"]
    return [name for name, kind in about.items() if kind.get("encoding") == "WKB"]


def require_shallow(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Look through the columns of shapes, before a reader goes down into each.

    Parameters
    ----------
    schema : pyarrow.Schema
        With the notes of GeoParquet.
    batches : iterable of pyarrow.RecordBatch
        All rows; other columns are passed over.

    Raises
    ------
    ValueError
        A shape holds shapes inside shapes without end.
    """
    names = set(_wkb_columns(schema))
    for batch in batches:
        held = batch.select([name for name in batch.schema.names if name in names])
        if any(map(is_nested, filter(None, _long(held)))):
            raise ValueError("shapes inside shapes without end")


def _long(batch: pa.RecordBatch) -> list[bytes]:
    """Give the shapes that are long enough to hold so many others: few of a layer, and mostly none."""
    least = file_limits.MOST_NESTED
    return [
        value
        for column in batch.columns
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
        for value in column.filter(pc.greater(pc.binary_length(column), least)).to_pylist()
    ]


def _read_plain(path: Path) -> RawLayer:
    file = pq.ParquetFile(path)
    native = {}
    for place in range(len(file.schema)):
        kind = json.loads(file.schema.column(place).logical_type.to_json())
        if kind.get("Type") in ("Geometry", "Geography"):
            native[file.schema.column(place).name] = kind
    return plain_layer(file.read(), native, "Parquet")


def plain_layer(read: pa.Table, native: Mapping[str, dict[str, Any]], name_of_format: str) -> RawLayer:
    """Make a layer of a table whose shapes are a type of their own or a column of plain WKB, if it has any.

    Parameters
    ----------
    read : pyarrow.Table
        The whole table.
    native : mapping
        What the file says of its columns of shapes, by their names.
    name_of_format : str
        Named in the report.
    """
    table = read.to_pandas()
    for name in [
        *native,
        *(name for name in table if str(name).casefold() in _SHAPES and name not in native),
    ]:
        shapes = _shapes(table[name])
        if shapes is not None:
            crs, crs_said = _crs(native[name], read.schema) if name in native else (None, "")
            frame = gpd.GeoDataFrame(table.drop(columns=name), geometry=shapes, crs=crs)
            notes = () if name in native else (Message("layers.wkb_column", {"header": name}),)
            return RawLayer(frame, name_of_format, crs=crs, crs_said=crs_said, notes=notes)
    return RawLayer(table, name_of_format)


def _shapes(column: pd.Series) -> Any:
    """Give the shapes of a column of WKB; None where it holds something else."""
    filled = column.dropna()
    if not len(filled) or not filled.map(lambda cell: isinstance(cell, bytes)).all():
        return None
    if column.dropna().map(is_nested).any():
        raise ValueError("shapes inside shapes without end")
    shapes = shapely.from_wkb(column.where(column.notna(), None).to_numpy(dtype=object), on_invalid="ignore")
    return None if shapely.is_missing(shapes).all() else shapes


def _crs(kind: dict[str, Any], schema: pa.Schema) -> tuple[CRS | None, str]:
    """Give the system of a geometry type: longitude and latitude of WGS 84 where it names none."""
    stated = kind.get("crs") or "OGC:CRS84"
    if str(stated).startswith("projjson:"):
        stated = (schema.metadata or {}).get(str(stated)[9:].encode(), str(stated).encode()).decode()
    if str(stated).startswith("srid:"):
        stated = f"EPSG:{stated[5:]}"
    try:
        crs = CRS.from_user_input(json.loads(stated) if str(stated).startswith("{") else stated)
    except (CRSError, ValueError):
        return None, str(stated)
    return (CRS.from_epsg(4326) if stated == "OGC:CRS84" else crs), ""
