"""Vector files through GDAL: GeoJSON, GeoPackage, Shapefile, GeoParquet, FlatGeobuf and KML."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError, InputError
from geo.layers._encodings import decode_text, find_encoding
from geo.layers._zip import check_zip, extract_zip
from geo.layers.report import RawLayer
from geo.messages import Message

__all__ = ["VECTOR_FORMATS", "read_vectors", "unpack"]

VECTOR_FORMATS: Final = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".kmz": "KML",
}
_GDAL_ERRORS: Final = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError)
_GB_NAMES: Final = {"936", "cp936", "oem 936", "gbk", "gb2312", "gb18030"}
_KML_NAME: Final = re.compile(rb"""(<(?:\w+:)?Data\s[^>]*?name\s*=\s*)(["'])(\w*[^\w"'<>][^"'<>]*)\2""")
_LATIN_NAMES: Final = {"1252", "cp1252", "ansi 1252", "windows-1252", "iso-8859-1", "iso 88591", "88591"} | {
    "iso8859-1",
    "iso88591",
    "latin1",
    "latin-1",
}
"""What programs write into a .cpg when they were told nothing; any bytes can be read as these."""
_SIDE_FILES: Final = (".shp", ".shx", ".dbf")


def read_vectors(path: Path, *, layer: str | None = None, encoding: str | None = None) -> RawLayer:
    """Read one layer of a vector file as it is.

    Raises
    ------
    FileError
        The file is damaged, cut off or incomplete, or has no such layer.
    InputError
        The file has several layers and none was named.
    """
    form = VECTOR_FORMATS[path.suffix.casefold()]
    reader = {"GeoParquet": _read_parquet, "Shapefile": _read_shapefile, "GeoJSON": _read_geojson}.get(
        form, _read_gdal
    )
    table = reader(path, layer, encoding)
    frame = table.frame.set_axis(pd.RangeIndex(1, len(table.frame) + 1, name="row"))
    return dataclasses.replace(table, frame=frame, format=form)


@contextmanager
def unpack(path: Path, *, layer: str | None, wanted: Sequence[str]) -> Any:
    """Unpack a zip into a temporary folder and give the one layer file in it.

    Raises
    ------
    FileError
        The zip is not safe to open, holds no layer file, or several and none is named by ``layer``.
    """
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        files = [file for file in extract_zip(path, Path(folder)) if file.suffix.casefold() in wanted]
        chosen = pick_file(files, layer, path.name)
        yield chosen


def pick_file(files: Sequence[Path], layer: str | None, what: str) -> Path:
    """Choose the one file, or the one whose name is the layer's."""
    named = [file for file in files if layer in {file.stem, file.name}] or list(files)
    if not files:
        raise FileError(f"{what} holds no layer file (.shp, .gpkg, .geojson, .csv, ...)")
    if len(named) > 1:
        names = ", ".join(sorted(file.name for file in files))
        raise FileError(f'{what} holds several layers: {names}; choose with layer = "..."')
    return named[0]


def _read_gdal(path: Path, layer: str | None, encoding: str | None) -> RawLayer:
    if path.suffix.casefold() == ".kmz":
        check_zip(path)
    if path.suffix.casefold() == ".gpkg":
        _check_sqlite(path)
    names, notes = _choose_layers(path, layer)
    source, headers = _own_headers(path) if path.suffix.casefold() in {".kml", ".kmz"} else (path, {})
    frames = [_read_layer(source, name, encoding, path.name) for name in names]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    frame = frame.rename(columns=headers)
    if path.suffix.casefold() == ".fgb" and len(frame) < (stated := pyogrio.read_info(path)["features"]):
        raise FileError(f"{path.name} is cut off: {len(frame)} of the {stated} features that it states")
    return RawLayer(frame, "", crs=getattr(frame, "crs", None), notes=tuple(notes))


def _own_headers(path: Path) -> tuple[Path | bytes, dict[str, str]]:
    """Give a KML with plain names for the columns that GDAL would spoil, and the true name of each.

    GDAL writes _ for each byte of a name that is no ASCII letter or digit: 人口 and 面积 become one column.
    """
    content = path.read_bytes()
    if path.suffix.casefold() == ".kmz":
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if name.casefold().endswith(".kml")]
            content = archive.read(inside[0]) if len(inside) == 1 else b""
    plain: dict[bytes, bytes] = {}

    def rename(found: re.Match[bytes]) -> bytes:
        name = plain.setdefault(found[3], b"own_name_%d" % len(plain))
        return found[1] + found[2] + name + found[2]

    changed = _KML_NAME.sub(rename, content)
    try:
        headers = {name.decode(): html.unescape(own.decode()) for own, name in plain.items()}
    except UnicodeDecodeError:
        return path, {}
    return (changed, headers) if headers else (path, {})


def _read_layer(source: Any, layer: str | None, encoding: str | None, what: str = "") -> pd.DataFrame:
    what = what or Path(source).name
    try:
        with warnings.catch_warnings():
            # What GDAL warns of here are shapes it cannot read; those rows are reported as having none.
            warnings.simplefilter("ignore", RuntimeWarning)
            return pyogrio.read_dataframe(source, layer=layer, encoding=encoding, on_invalid="ignore")
    except UnicodeDecodeError as error:
        raise FileError(
            f"{what}: its texts are not in {encoding or error.encoding}; write encoding = ..."
        ) from error
    except (*_GDAL_ERRORS, ValueError, RuntimeError, OSError) as error:
        raise _damaged(what, error) from error


def _choose_layers(path: Path, layer: str | None) -> tuple[list[str], list[Message]]:
    try:
        listed = pyogrio.list_layers(path)
    except (*_GDAL_ERRORS, ValueError, RuntimeError, OSError) as error:
        raise _damaged(path.name, error) from error
    names = [str(name) for name in listed[:, 0]]
    if layer is not None:
        if layer not in names:
            raise FileError(
                f"{path.name} has no layer {layer!r}; its layers are {', '.join(names) or '(none)'}"
            )
        return [layer], []
    if not names:
        raise InputError(f"{path.name} is empty: it has no layer")
    if path.suffix.casefold() in {".kml", ".kmz"} and len(names) > 1:
        return names, [Message("layers.folders_read", {"n": len(names), "names": ", ".join(names)})]
    with_geometry = [name for name, kind in listed if kind is not None]
    if len(with_geometry) == 1 or len(names) == 1:
        chosen = (with_geometry or names)[0]
        note = Message("layers.layer_chosen", {"layer": chosen, "names": ", ".join(names)})
        return [chosen], [note] if len(names) > 1 else []
    raise InputError(f'{path.name} has several layers: {", ".join(names)}; choose with layer = "..."')


def _read_geojson(path: Path, layer: str | None, encoding: str | None) -> RawLayer:
    text, encoding_used = decode_text(path.read_bytes(), encoding=encoding, what=path.name)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path.name} is no whole JSON file: {error}") from error
    if not isinstance(content, dict) or "type" not in content:
        raise FileError(f"{path.name} is JSON but no GeoJSON")
    if content.get("type") == "FeatureCollection" and not content.get("features"):
        return RawLayer(gpd.GeoDataFrame(geometry=[]), "", encoding_used)
    frame = _read_layer(text.encode(), None, None, path.name)
    if content.get("crs"):
        unknown = _unknown_crs(content["crs"])
        return RawLayer(frame, "", encoding_used, None if unknown else frame.crs, crs_said=unknown)
    return RawLayer(frame.set_crs(None, allow_override=True), "", encoding_used)


def _unknown_crs(stated: Any) -> str:
    """Give the system that a GeoJSON names where it is no known one: GDAL takes such a name for WGS 84."""
    name = (stated.get("properties") or {}).get("name") if isinstance(stated, dict) else None
    try:
        CRS.from_user_input(name)
    except CRSError:
        return str(name)
    return ""


def _read_parquet(path: Path, layer: str | None, encoding: str | None) -> RawLayer:
    try:
        try:
            frame = gpd.read_parquet(path)
        except ValueError as error:
            if "geo metadata" not in str(error).casefold():
                raise
            frame = pd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException, KeyError) as error:
        raise _damaged(path.name, error) from error
    return RawLayer(frame, "", crs=getattr(frame, "crs", None))


def _read_shapefile(path: Path, layer: str | None, encoding: str | None) -> RawLayer:
    sides = {file.suffix.casefold(): file for file in path.parent.iterdir() if file.stem == path.stem}
    missing = ", ".join(path.stem + side for side in _SIDE_FILES if side not in sides)
    if missing:
        raise FileError(f"{path.name} is not whole: {missing} is missing beside it")
    _check_shapefile(path, sides)
    if encoding is None and ".cpg" in sides:
        encoding = sides[".cpg"].read_text(encoding="ascii", errors="ignore").strip() or None
        encoding = "gb18030" if (encoding or "").casefold() in _GB_NAMES else encoding
        encoding = _by_content(sides[".dbf"]) if (encoding or "").casefold() in _LATIN_NAMES else encoding
    encoding_used = find_encoding(_dbf_text(sides[".dbf"]), encoding=encoding, what=sides[".dbf"].name)
    frame = _read_whole_names(path, sides, encoding_used)
    return RawLayer(frame, "", encoding_used, getattr(frame, "crs", None))


def _by_content(dbf: Path) -> str:
    """Find the encoding by the texts themselves, and take the Latin one where they are no other."""
    try:
        return find_encoding(_dbf_text(dbf), what=dbf.name)
    except FileError:
        return "cp1252"


def _read_whole_names(path: Path, sides: dict[str, Path], encoding: str) -> pd.DataFrame:
    """Read a shapefile; where its 10-byte column names end within a character, leave that character out."""
    data = bytearray(sides[".dbf"].read_bytes())
    is_cut = False
    for start in range(32, struct.unpack("<H", data[8:10])[0] - 1, 32):
        name = bytes(data[start : start + 11]).split(b"\0")[0]
        whole = name.decode(encoding, "ignore").encode(encoding)
        if whole != name:
            data[start : start + 11] = whole.ljust(11, b"\0")
            is_cut = True
    if not is_cut:
        return _read_layer(path, None, encoding)
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        for side in {".shp", ".shx", ".prj"} & set(sides):
            shutil.copyfile(sides[side], Path(folder) / f"layer{side}")
        (Path(folder) / "layer.dbf").write_bytes(data)
        return _read_layer(Path(folder) / "layer.shp", None, encoding, path.name)


def _dbf_text(path: Path) -> bytes:
    """The texts of a .dbf: its records, or its column names where the records are plain ASCII.

    Column names come second because they are cut at 10 bytes, often within a character.
    """
    data = path.read_bytes()
    head = struct.unpack("<H", data[8:10])[0]
    records = data[head:].replace(b"\0", b"").rstrip(b"\x1a")
    if not records.isascii():
        return records
    return b" ".join(data[i : i + 11].split(b"\0")[0] for i in range(32, head - 1, 32))


def _check_shapefile(path: Path, sides: dict[str, Path]) -> None:
    with path.open("rb") as file:
        head = file.read(28)
    if len(head) < 28 or struct.unpack(">i", head[:4])[0] != 9994:
        raise FileError(f"{path.name} is no shapefile")
    if struct.unpack(">i", head[24:28])[0] * 2 > path.stat().st_size:
        raise FileError(f"{path.name} is cut off: its header states more bytes than it has")
    with sides[".dbf"].open("rb") as file:
        head = file.read(12)
    n_rows, n_head, n_row = struct.unpack("<IHH", head[4:12]) if len(head) == 12 else (0, 1, 0)
    size = sides[".dbf"].stat().st_size
    if n_head + n_rows * n_row > size:
        raise FileError(f"{sides['.dbf'].name} is cut off: {size} bytes of {n_head + n_rows * n_row}")
    n_shapes = (sides[".shx"].stat().st_size - 100) // 8
    if n_shapes != n_rows:
        raise FileError(f"{path.name} is not whole: {n_shapes} shapes, but {n_rows} rows in its .dbf")


def _check_sqlite(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(b"SQLite format 3\0") or len(head) < 32:
        raise FileError(f"{path.name} is no GeoPackage")
    page, n_pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page = 65536 if page == 1 else page
    if page * n_pages > path.stat().st_size:
        raise FileError(f"{path.name} is cut off: {path.stat().st_size} bytes of {page * n_pages}")


def _damaged(what: str, error: Exception) -> FileError:
    reason = " ".join(str(error).split())[:160]
    return FileError(f"{what} cannot be read: it is damaged, cut off or not what its ending says ({reason})")
