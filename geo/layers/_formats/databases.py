"""Databases: GeoPackage, SpatiaLite and file geodatabases; FlatGeobuf beside them. Codes come as words."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path

import pyogrio

from geo.errors import FileError
from geo.layers._formats.asked import Asked
from geo.layers._formats.domains import package_words, read_domains, with_words
from geo.layers._formats.gdal import GDAL_ERRORS, opened_alone, read_one_layer, require_head
from geo.layers._formats.sqlite_files import count_rows, opened_sqlite, require_quick_layer
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS

__all__ = ["is_geodatabase", "read_flatgeobuf", "read_geodatabase", "read_geopackage", "read_sqlite"]

GDB_TABLE = "a00000001.gdbtable"
"""The first table of every file geodatabase."""


def read_geopackage(path: Path, asked: Asked) -> RawLayer:
    """Read a layer of a GeoPackage; its coded columns give their words.

    Raises
    ------
    FileError, InputError
        It is no GeoPackage, is cut off, or the layer is not settled.
    """
    with opened_sqlite(path, "GeoPackage") as base:
        drivers = VECTOR_DRIVERS[".gpkg"]
        frame, notes, name = read_one_layer(
            base, asked.layer, asked.encoding, drivers, check=require_quick_layer, count=count_rows
        )
        frame, more = with_words(frame, package_words(base, name))
    return RawLayer(frame, "GeoPackage", crs=getattr(frame, "crs", None), notes=(*notes, *more))


def read_sqlite(path: Path, asked: Asked) -> RawLayer:
    """Read a layer of a SpatiaLite or SQLite database.

    Raises
    ------
    FileError, InputError
        It is no SQLite database, is cut off, or the layer is not settled.
    """
    with opened_sqlite(path, "SQLite database") as base:
        drivers = VECTOR_DRIVERS[".sqlite"]
        frame, notes, _ = read_one_layer(
            base, asked.layer, asked.encoding, drivers, check=require_quick_layer, count=count_rows
        )
    return RawLayer(frame, "SpatiaLite", crs=getattr(frame, "crs", None), notes=tuple(notes))


def read_flatgeobuf(path: Path, asked: Asked) -> RawLayer:
    """Read a FlatGeobuf file.

    Raises
    ------
    FileError
        It is none, or is cut off.
    """
    require_head(path, (b"fgb",))
    frame, notes, _ = read_one_layer(path, asked.layer, asked.encoding, VECTOR_DRIVERS[".fgb"])
    with opened_alone(path, path.name) as place:
        stated = pyogrio.read_info(place)["features"]
    if len(frame) < stated:
        raise FileError(
            Message("layers.cut_features", {"file": path.name, "n": len(frame), "stated": stated})
        )
    return RawLayer(frame, "FlatGeobuf", crs=getattr(frame, "crs", None), notes=tuple(notes))


def is_geodatabase(folder: Path) -> bool:
    """Whether a folder is a file geodatabase."""
    return (folder / GDB_TABLE).is_file()


def read_geodatabase(path: Path, asked: Asked) -> RawLayer:
    """Read a layer of a file geodatabase; its coded columns and subtypes give their words.

    Raises
    ------
    FileError, InputError
        The folder is no geodatabase or damaged, or the layer is not settled.
    """
    if not path.is_dir() or not is_geodatabase(path):
        raise FileError(Message("layers.no_geodatabase", {"file": path.name}))
    frame, notes, name = read_one_layer(path, asked.layer, asked.encoding, VECTOR_DRIVERS[".gdb"])
    words: dict[str, dict[str, str]] = {}
    # Geodatabases of before ArcGIS 10 have no such list; their codes stay codes.
    with contextlib.suppress(*GDAL_ERRORS), opened_alone(path, path.name) as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        items = pyogrio.read_dataframe(place, layer="GDB_Items", read_geometry=False, LIST_ALL_TABLES="YES")
        words = read_domains(items["Definition"].dropna().astype(str).tolist(), name)
    frame, more = with_words(frame, words)
    return RawLayer(frame, "FileGDB", crs=getattr(frame, "crs", None), notes=(*notes, *more))
