"""Write layers whole or not at all."""

from __future__ import annotations

import codecs
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import shapely

from geo.errors import FileError, InputError
from geo.files import write_text_whole, writing_whole
from geo.layers._arrow import is_streamable, stream
from geo.layers._csv_writing import csv_blocks
from geo.messages import Message
from geo.sources import gdal_path

__all__ = ["write_csv", "write_layer", "write_layers", "write_text_whole"]

_DRIVERS: Final = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".fgb": "FlatGeobuf"}
_SETTINGS: Final = {
    # GeoPackage notes the time of writing; a fixed one makes the same table give the same bytes.
    "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z",
    # A file counts from its renaming on: there is no need to wait for the disk at every layer, nor to keep a
    # journal to go back to.
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
    "OGR_SQLITE_JOURNAL": "OFF",
}
_GPKG: Final = {"VERSION": "1.2"}
"""GDAL before 3.7, as in QGIS 3.22 of Debian, warns of every layer that 1.4 may not be supported wholly."""
_MANY: Final = 20_000
"""Tables of so many rows go to GDAL in columns: the same bytes for two thirds of the time."""


def write_layer(table: pd.DataFrame, path: str | Path, *, layer: str | None = None) -> None:
    """Write a table as GeoPackage, GeoJSON, FlatGeobuf, Parquet or CSV, by the ending of the path.

    Infinite numbers become null; the index becomes a column when it has a name. A GeoPackage keeps its other
    layers. CSV is UTF-8 with a mark, so that Excel shows Chinese; points become ``lon`` and ``lat`` (degrees)
    or ``x`` and ``y`` (metres), other shapes WKT, all to nine decimals; texts that a spreadsheet would run
    get an apostrophe.

    Raises
    ------
    FileError
        The format is not known, or the file may not be written.
    """
    path = Path(path)
    suffix = path.suffix.casefold()
    if suffix not in {*_DRIVERS, ".csv", ".parquet"}:
        raise FileError(f"{path.name}: layers are written as .gpkg, .geojson, .fgb, .parquet or .csv")
    if suffix == ".csv":
        write_csv(_csv_columns(table), path)
        return
    plain = _plain(table)
    with writing_whole(path) as temporary:
        if suffix == ".parquet":
            # From the root: pandas takes ~ for a home, and what ends in a colon for an address.
            plain.to_parquet(temporary.absolute(), index=False)
        else:
            if suffix == ".gpkg" and path.exists():
                shutil.copyfile(path, temporary)
            _write_gdal(plain, temporary, _DRIVERS[suffix], layer or path.stem, target=path)
            if suffix == ".gpkg":
                _require_whole(temporary, {layer or path.stem: len(plain)}, target=path)


def write_layers(tables: Mapping[str, pd.DataFrame], path: str | Path) -> None:
    """Write tables as the layers of one new GeoPackage, whole or not at all; see ``write_layer``.

    Raises
    ------
    FileError
        The file may not be written.
    """
    path = Path(path)
    with writing_whole(path) as temporary:
        for name, table in tables.items():
            _write_gdal(_plain(table), temporary, "GPKG", name, target=path)
        if tables:
            _require_whole(temporary, {name: len(table) for name, table in tables.items()}, target=path)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    named = table.reset_index() if table.index.name else table.reset_index(drop=True)
    for name in named.columns:
        if named[name].dtype.kind == "f" and np.isinf(named[name].to_numpy()).any():
            named[name] = named[name].where(np.isfinite(named[name]))
    return named


def write_csv(columns: Mapping[str, pd.Series], path: str | Path) -> None:
    """Write columns without shapes as CSV, whole or not at all; see ``write_layer``.

    Raises
    ------
    FileError
        The file may not be written.
    """
    with writing_whole(path) as temporary, temporary.open("wb") as file:
        file.write(codecs.BOM_UTF8)
        file.writelines(csv_blocks(columns))


def _csv_columns(table: pd.DataFrame) -> dict[str, pd.Series]:
    table = table.reset_index() if table.index.name else table
    if not isinstance(table, gpd.GeoDataFrame):
        return dict(table.items())
    shapes, crs = table.geometry, table.crs
    columns = {name: column for name, column in table.items() if name != shapes.name}
    if (shapes.geom_type == "Point").all():
        x, y = ("lon", "lat") if crs is None or crs.is_geographic else ("x", "y")
        return {**columns, x: shapes.x.round(9), y: shapes.y.round(9)}
    text = shapely.to_wkt(shapes.to_numpy(), rounding_precision=9)
    return {**columns, "wkt": pd.Series(text, index=shapes.index)}


def _write_gdal(table: pd.DataFrame, path: Path, driver: str, layer: str, *, target: Path) -> None:
    if driver != "GPKG" and not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{path.name}: {driver} holds geometry only; write a plain table as .csv or .gpkg")
    place = gdal_path(path, told=target)
    pyogrio.set_gdal_config_options(_SETTINGS)
    try:
        # FlatGeobuf's index would sort the rows by place.
        options = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else _GPKG if driver == "GPKG" else {}
        if driver == "GPKG" and len(table) >= _MANY and is_streamable(table):
            _write_stream(table, place, layer)
        else:
            pyogrio.write_dataframe(table, place, driver=driver, layer=layer, **options)
    except (pyogrio.errors.DataSourceError, ValueError, RuntimeError) as error:
        raise FileError(Message("layers.not_written", {"file": target, "why": error})) from error
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_SETTINGS))


def _write_stream(table: gpd.GeoDataFrame, place: Path, layer: str) -> None:
    shapes, epsg = table.geometry, table.crs.to_epsg() if table.crs else None
    pyogrio.raw.write_arrow(
        stream(table),
        place,
        driver="GPKG",
        layer=layer,
        geometry_name=shapes.name,
        geometry_type=shapes.iloc[0].geom_type,
        crs=f"EPSG:{epsg}" if epsg else table.crs.to_wkt("WKT1_GDAL") if table.crs else None,
        **_GPKG,
    )


def _require_whole(path: Path, n_rows: Mapping[str, int], *, target: Path) -> None:
    """Check that a GeoPackage holds what was written: closing it on a full disk tells nothing."""
    try:
        with closing(sqlite3.connect(path)) as file:
            (state,) = file.execute("PRAGMA quick_check(1)").fetchone()
            names = {name for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}
            is_whole = state == "ok" and all(
                name in names and n == _count(file, name) for name, n in n_rows.items()
            )
    except sqlite3.Error as error:
        raise FileError(Message("layers.not_written", {"file": target, "why": error})) from error
    if not is_whole:
        raise FileError(Message("layers.written_in_part", {"file": target}))


def _count(file: sqlite3.Connection, layer: str) -> int:
    quoted = layer.replace('"', '""')
    (n,) = file.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()
    return int(n)
