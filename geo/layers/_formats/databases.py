"""Databases: GeoPackage, SpatiaLite and file geodatabases; FlatGeobuf beside them. Codes come as words."""

from __future__ import annotations

import contextlib
import struct
import warnings
from pathlib import Path

import pyogrio

from geo.errors import FileError
from geo.layers._formats.asked import Asked
from geo.layers._formats.domains import package_words, read_domains, with_words
from geo.layers._formats.gdal import GDAL_ERRORS, read_one_layer, require_head
from geo.layers.report import RawLayer
from geo.messages import Message

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
    _check_sqlite(path, "GeoPackage")
    frame, notes, name = read_one_layer(path, asked.layer, asked.encoding, ("GPKG",))
    frame, more = with_words(frame, package_words(path, name))
    return RawLayer(frame, "GeoPackage", crs=getattr(frame, "crs", None), notes=(*notes, *more))


def read_sqlite(path: Path, asked: Asked) -> RawLayer:
    """Read a layer of a SpatiaLite or SQLite database.

    Raises
    ------
    FileError, InputError
        It is no SQLite database, is cut off, or the layer is not settled.
    """
    _check_sqlite(path, "SQLite database")
    frame, notes, _ = read_one_layer(path, asked.layer, asked.encoding, ("SQLite", "GPKG"))
    return RawLayer(frame, "SpatiaLite", crs=getattr(frame, "crs", None), notes=tuple(notes))


def read_flatgeobuf(path: Path, asked: Asked) -> RawLayer:
    """Read a FlatGeobuf file.

    Raises
    ------
    FileError
        It is none, or is cut off.
    """
    require_head(path, (b"fgb",))
    frame, notes, _ = read_one_layer(path, asked.layer, asked.encoding, ("FlatGeobuf",))
    if len(frame) < (stated := pyogrio.read_info(path)["features"]):
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
    frame, notes, name = read_one_layer(path, asked.layer, asked.encoding, ("OpenFileGDB",))
    words: dict[str, dict[str, str]] = {}
    # Geodatabases of before ArcGIS 10 have no such list; their codes stay codes.
    with contextlib.suppress(*GDAL_ERRORS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        items = pyogrio.read_dataframe(path, layer="GDB_Items", read_geometry=False, LIST_ALL_TABLES="YES")
        words = read_domains(items["Definition"].dropna().astype(str).tolist(), name)
    frame, more = with_words(frame, words)
    return RawLayer(frame, "FileGDB", crs=getattr(frame, "crs", None), notes=(*notes, *more))


def _check_sqlite(path: Path, form: str) -> None:
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(b"SQLite format 3\0") or len(head) < 32:
        raise FileError(Message("layers.no_form", {"file": path.name, "form": form}))
    page, n_pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page = 65536 if page == 1 else page
    if page * n_pages > path.stat().st_size:
        raise FileError(
            Message(
                "layers.cut_bytes", {"file": path.name, "n": path.stat().st_size, "stated": page * n_pages}
            )
        )
