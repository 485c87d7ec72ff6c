"""Shapefiles and dBASE tables: whole beside each other, in their true encoding, with whole column names."""

from __future__ import annotations

import shutil
import struct
import tempfile
from pathlib import Path
from typing import Final

import pandas as pd

from geo import file_limits
from geo.errors import FileError
from geo.layers._encodings import find_encoding
from geo.layers._formats.asked import Asked
from geo.layers._formats.dbf import field_widths, repair_cells, whole_text
from geo.layers._formats.gdal import read_features
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS, require_size

__all__ = ["read_dbf", "read_shapefile"]

_GB_NAMES: Final = {"936", "cp936", "oem 936", "gbk", "gb2312", "gb18030"}
_LATIN_NAMES: Final = {"1252", "cp1252", "ansi 1252", "windows-1252", "iso-8859-1", "iso 88591", "88591"} | {
    "iso8859-1",
    "iso88591",
    "latin1",
    "latin-1",
}
"""What programs write into a .cpg when they were told nothing; any bytes can be read as these."""
_SIDE_FILES: Final = (".shp", ".shx", ".dbf")
_DBF_VERSIONS: Final = (0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5)


def read_shapefile(path: Path, asked: Asked) -> RawLayer:
    """Read a shapefile.

    Raises
    ------
    FileError
        One of its files is missing or cut off, or its texts are in no known encoding.
    """
    sides = _sides(path)
    missing = ", ".join(path.stem + side for side in _SIDE_FILES if side not in sides)
    if missing:
        raise FileError(Message("layers.shp_missing", {"file": path.name, "missing": missing}))
    _check_shapefile(path, sides)
    return _read(path, sides, asked.encoding)


def read_dbf(path: Path, asked: Asked) -> RawLayer:
    """Read a dBASE table; where it is the table of a shapefile, that is read.

    Raises
    ------
    FileError
        It is no dBASE table or cut off, or its texts are in no known encoding.
    """
    sides = _sides(path)
    if ".shp" in sides:
        return read_shapefile(sides[".shp"], asked)
    with path.open("rb") as file:
        if (file.read(1) or b"\0")[0] not in _DBF_VERSIONS:
            raise FileError(Message("layers.not_its_ending", {"file": path.name, "ending": path.suffix}))
    _check_dbf(path)
    return _read(
        path, {".dbf": path, **{end: sides[end] for end in (".cpg",) if end in sides}}, asked.encoding
    )


def _sides(path: Path) -> dict[str, Path]:
    return {file.suffix.casefold(): file for file in path.parent.iterdir() if file.stem == path.stem}


def _read(path: Path, sides: dict[str, Path], asked: str | None) -> RawLayer:
    encoding = asked
    if encoding is None and ".cpg" in sides:
        with sides[".cpg"].open(encoding="ascii", errors="ignore") as cpg:
            encoding = cpg.read(100).strip() or None
        encoding = "gb18030" if (encoding or "").casefold() in _GB_NAMES else encoding
        encoding = _by_content(sides[".dbf"]) if (encoding or "").casefold() in _LATIN_NAMES else encoding
    dbf = sides[".dbf"]
    known, stated_wrong = _encoding(dbf, encoding, is_asked=asked is not None)
    data, faults = repair_cells(dbf.read_bytes(), known)
    frame = _read_whole_names(path, sides, known, data)
    notes = (Message("layers.cpg_wrong", {"stated": encoding, "encoding": known}),) if stated_wrong else ()
    form = "Shapefile" if ".shp" in sides else "dBASE"
    return RawLayer(frame, form, known, getattr(frame, "crs", None), faults=tuple(faults), notes=notes)


def _encoding(dbf: Path, encoding: str | None, *, is_asked: bool) -> tuple[str, bool]:
    """Give the encoding of the texts, and whether a .cpg states a wrong one."""
    texts = whole_text(dbf)
    try:
        return find_encoding(texts, encoding=encoding, what=dbf.name), False
    except FileError:
        if is_asked or encoding is None:
            raise
    return find_encoding(texts, what=dbf.name), True


def _by_content(dbf: Path) -> str:
    """Find the encoding by the texts themselves, and take the Latin one where they are no other."""
    try:
        return find_encoding(whole_text(dbf), what=dbf.name)
    except FileError:
        return "cp1252"


def _read_whole_names(path: Path, sides: dict[str, Path], encoding: str, records: bytes) -> pd.DataFrame:
    """Read a shapefile; where its 10-byte column names end within a character, leave that character out."""
    data = bytearray(records)
    is_cut = records != sides[".dbf"].read_bytes()
    for start in range(32, int.from_bytes(data[8:10], "little") - 1, 32):
        name = bytes(data[start : start + 11]).split(b"\0")[0]
        whole = name.decode(encoding, "ignore").encode(encoding)
        if whole != name:
            data[start : start + 11] = whole.ljust(11, b"\0")
            is_cut = True
    if not is_cut:
        return read_features(path, path.name, VECTOR_DRIVERS[".shp"], encoding=encoding)
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        for side in {".shp", ".shx", ".prj"} & set(sides):
            shutil.copyfile(sides[side], Path(folder) / f"layer{side}")
        (Path(folder) / "layer.dbf").write_bytes(data)
        copy = Path(folder) / f"layer{path.suffix.casefold()}"
        return read_features(copy, path.name, VECTOR_DRIVERS[".shp"], encoding=encoding)


def _check_shapefile(path: Path, sides: dict[str, Path]) -> None:
    with path.open("rb") as file:
        head = file.read(28)
    if len(head) < 28 or struct.unpack(">i", head[:4])[0] != 9994:
        raise FileError(Message("layers.no_shapefile", {"file": path.name}))
    if struct.unpack(">i", head[24:28])[0] * 2 > path.stat().st_size:
        raise FileError(Message("layers.shp_cut", {"file": path.name}))
    n_rows = _check_dbf(sides[".dbf"])
    n_shapes = (sides[".shx"].stat().st_size - 100) // 8
    if n_shapes != n_rows:
        raise FileError(Message("layers.shp_rows", {"file": path.name, "n": n_shapes, "n_rows": n_rows}))


def _check_dbf(path: Path) -> int:
    """Check that all rows are there that a dBASE table states; give their number."""
    with path.open("rb") as file:
        head = file.read(12)
        n_rows, n_head, n_row = struct.unpack("<IHH", head[4:12]) if len(head) == 12 else (0, 1, 0)
        fields = 1 + sum(field_widths(head + file.read(max(n_head - len(head), 0))))
    size = path.stat().st_size
    require_size(path, file_limits.MOST_TEXT_BYTES * 2)  # what a .dbf can have
    if n_row < fields and n_rows:
        values = {"file": path.name, "n_row": n_row, "fields": fields}
        raise FileError(Message("layers.dbf_head", values))
    if n_head + n_rows * n_row > size:
        raise FileError(
            Message("layers.cut_bytes", {"file": path.name, "n": size, "stated": n_head + n_rows * n_row})
        )
    return int(n_rows)
