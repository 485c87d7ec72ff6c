"""MapInfo tables, TAB and MIF: whole, in their true encoding, with their own column names."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from pyproj import CRS

from geo import file_limits
from geo.errors import FileError
from geo.layers._encodings import find_encoding
from geo.layers._formats.asked import Asked
from geo.layers._formats.dbf import cell_text, dbf_text
from geo.layers._formats.gdal import read_one_layer, require_head
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS, require_size

__all__ = ["read_mapinfo"]

_SIDES: Final = {"NATIVE": (".dat", ".map", ".id"), "DBF": (".dbf",), "MIF": (".mid",)}
_COUNT: Final = re.compile(rb"^\s*(?:Fields|Columns)\s+(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
_NAME: Final = re.compile(rb'^(\s*)("?)(.+?)\2(\s+[A-Za-z]+\b.*)$', re.DOTALL)
_TYPE: Final = re.compile(rb'^\s*Type\s+"?(\w+)"?', re.IGNORECASE | re.MULTILINE)
_CHARSET: Final = re.compile(rb'(charset\s+)"?([\w-]+)"?', re.IGNORECASE)
_CHARSETS: Final = {"utf-8": b"UTF-8", "gb18030": b"WindowsSimpChinese"}
_SHOWN: Final = 5
_ANY_BYTES: Final = (b"neutral", b"windowslatin1", b"windowssimpchinese", b"utf-8")
"""Charsets that programs write whatever the bytes are; the texts themselves are asked."""


def read_mapinfo(path: Path, asked: Asked) -> RawLayer:
    """Read a TAB or MIF with its side files, in a copy whose charset is the true one.

    GDAL goes by the charset that the file states. Where that is "Neutral" or another than the bytes are in,
    it gives other letters, and writes _ into the column names.

    Raises
    ------
    FileError
        A file is missing beside it or damaged, it is no native table, or its encoding cannot be told.
    """
    ending = path.suffix.casefold()
    require_head(path, (b"!table",) if ending == ".tab" else (b"version",))
    require_size(path, file_limits.MOST_TEXT_BYTES)
    definition = path.read_bytes()
    kind = "MIF" if ending == ".mif" else _kind(definition, path.name)
    sides = {file.suffix.casefold(): file for file in path.parent.iterdir() if file.stem == path.stem}
    needed = _SIDES[kind]
    is_plain = kind == "NATIVE" and ".dat" in sides and not {".map", ".id"} & set(sides)  # without geometry
    missing = ", ".join(path.stem + side for side in needed if side not in sides)
    if missing and not is_plain:
        raise FileError(Message("layers.side_missing", {"file": path.name, "missing": missing}))
    charset = (_CHARSET.search(definition) or [b"", b"", b"Neutral"])[2].lower()
    encoding = ""
    if asked.encoding is not None or charset in _ANY_BYTES:
        texts = sides[".mid"].read_bytes() if kind == "MIF" else _texts(sides[needed[0]], definition, kind)
        texts = _header(definition) if texts.isascii() else texts
        encoding = find_encoding(texts, encoding=asked.encoding, what=path.name)
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        copy = Path(folder) / f"{path.stem}{ending}"
        for side in {*needed, ".ind"} & set(sides):
            shutil.copyfile(sides[side], copy.with_suffix(side))
        plain, headers = _plain_names(definition, encoding or "gb18030")
        if encoding in _CHARSETS:
            plain = _CHARSET.sub(rb'\1"' + _CHARSETS[encoding] + rb'"', plain)
        copy.write_bytes(plain)
        known = encoding if encoding not in _CHARSETS else None
        frame, notes, _ = read_one_layer(copy, None, known or None, VECTOR_DRIVERS[ending])
    frame = frame.rename(columns=headers)
    crs = getattr(frame, "crs", None)
    if crs is not None and crs.is_engineering:
        frame, crs = frame.set_crs(None, allow_override=True), None
    crs = _named(crs)
    spoilt = [
        headers[f"own_name_{number}"]
        for number, (_, name) in enumerate(_names(definition))
        if _is_spoilt(name, encoding or "gb18030")
    ]
    if spoilt:
        values = {"file": path.name, "n": len(spoilt), "headers": tuple(spoilt[:_SHOWN])}
        notes = [*notes, Message("layers.headers_spoilt", values)]
    return RawLayer(frame, "MapInfo", encoding or charset.decode(), crs=crs, notes=tuple(notes))


def _is_spoilt(name: bytes, encoding: str) -> bool:
    """Whether _ stands for bytes of a column name, as GDAL (3.6.2, 3.12.4) puts it for those below 192."""
    if b"_" not in name:
        return False
    try:
        signs = name.decode(encoding)
    except UnicodeDecodeError:
        return True
    # What is left of two signs may happen to be one of GBK; no usual word has such a one.
    halves = any(b"_" in sign.encode(encoding)[1:] for sign in signs)
    return halves or (len(name) > 1 and not name.strip(b"_"))


def _texts(path: Path, definition: bytes, kind: str) -> bytes:
    """Give the texts of a table; a native one holds numbers as bytes of any value."""
    if kind != "NATIVE":
        return dbf_text(path)
    lines = definition.split(b"\n")
    return cell_text(
        path, [b"char" in lines[place].lower().rsplit(name, 1)[-1] for place, name in _names(definition)]
    )


def _named(crs: CRS | None) -> CRS | None:
    """Name a system by its datum and central meridian; GDAL gives it no name and no code."""
    if crs is None or crs.name not in ("unnamed", "unknown"):
        return crs
    datum = crs.datum.name if crs.datum is not None else "?"
    meridian = [
        param.value
        for param in (crs.coordinate_operation.params if crs.coordinate_operation else ())
        if param.name == "Longitude of natural origin"
    ]
    place = f" / {meridian[0]:g}°" if meridian else ""
    return CRS.from_json_dict({**crs.to_json_dict(), "name": f"MapInfo {datum}{place}"})


def _kind(definition: bytes, what: str) -> str:
    """Give how a TAB holds its rows."""
    stated = _TYPE.search(definition)
    kind = stated[1].decode("ascii").upper() if stated else "?"
    if kind not in _SIDES or b"isseamless" in definition.lower() or b"create view" in definition.lower():
        raise FileError(Message("layers.tab_no_table", {"file": what, "kind": kind}))
    return kind


def _header(definition: bytes) -> bytes:
    return b"\n".join(name for _, name in _names(definition))


def _names(definition: bytes) -> list[tuple[int, bytes]]:
    """Give the line number and the name of each column."""
    count = _COUNT.search(definition)
    if count is None:
        return []
    first = definition[: count.end()].count(b"\n") + 1
    lines = definition.split(b"\n")[first : first + int(count[1])]
    matched = [(first + place, _NAME.match(line.rstrip(b"\r"))) for place, line in enumerate(lines)]
    return [(place, name[3]) for place, name in matched if name is not None]


def _plain_names(definition: bytes, encoding: str) -> tuple[bytes, dict[str, str]]:
    """Give the definition with plain column names, and the true name of each."""
    lines, headers = definition.split(b"\n"), dict[str, str]()
    for number, (place, name) in enumerate(_names(definition)):
        plain = f"own_name_{number}"
        header = name.decode(encoding, "replace").replace("\ufffd", "?")
        headers[plain] = header if header not in headers.values() else f"{header} ({number + 1})"
        lines[place] = lines[place].replace(name, plain.encode(), 1)
    return b"\n".join(lines), headers
