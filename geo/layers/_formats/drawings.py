"""Drawings, DXF: blocks as points with their attributes as columns, and the layer of each as a column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio

from geo import file_limits
from geo.errors import FileError, InputError
from geo.layers._encodings import decode_text, find_encoding
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import read_features, require_head
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS, require_alone, require_size

__all__ = ["read_dxf"]

_VARIABLE: Final = rb"\$%s\s*\r?\n\s*\d+\s*\r?\n\s*([^\r\n]*)"
_SECTION: Final = re.compile(rb"^\s*2\s*\r?\n\s*BLOCKS\s*$(.*?)^\s*0\s*\r?\n\s*ENDSEC", re.M | re.S)
_MOST_DRAWN: Final = 5_000_000
_MOST_LEVELS: Final = 50
_UTF8_SINCE: Final = "AC1021"
"""AutoCAD 2007, the first to write UTF-8; GDAL goes by the code page that such a file states as well."""
_COLUMNS: Final = {"Layer": "Layer", "BlockName": "Block", "Text": "Text", "Linetype": "Linetype"}
_ESCAPED: Final = re.compile(r"\\U\+([0-9A-Fa-f]{4})|\\M\+([1-5])([0-9A-Fa-f]{4})")
"""A letter outside the code page of the drawing: its Unicode, or its two bytes in one of five code pages."""
_PAGES: Final = {"1": "cp932", "2": "cp950", "3": "cp949", "4": "johab", "5": "cp936"}
_UNITS: Final = {"1": "inch", "2": "ft", "4": "mm", "5": "cm", "7": "km"}


def read_dxf(path: Path, asked: Asked) -> RawLayer:
    """Read the drawn things of a DXF's model space; it never says in which coordinate system.

    Raises
    ------
    FileError
        It is a binary or damaged drawing, or its encoding cannot be told.
    InputError
        Nothing is drawn in it.
    """
    require_size(path, file_limits.MOST_TEXT_BYTES)
    data = path.read_bytes()
    if data.startswith(b"AutoCAD Binary DXF"):
        raise FileError(Message("layers.dxf_binary", {"file": path.name}))
    require_head(path, (b"0\n", b"0\r\n", b"999"))
    require_alone(data, path.name)
    _require_few(data, path.name)
    encoding = _encoding(data, asked.encoding, path.name)
    options: dict[str, Any] = {"INLINE_BLOCKS": "FALSE", "ENCODING": "UTF-8"}
    source = path if encoding == "utf-8" and b"+" not in data else _in_utf8(data, encoding, path.name)
    unit = _UNITS.get(_variable(data, b"INSUNITS"))
    del data
    with _letters_in_utf8():
        frame = read_features(source, path.name, VECTOR_DRIVERS[".dxf"], layer="entities", **options)
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise InputError(Message("layers.no_rows", {"file": path.name}))
    on_paper = (
        frame["PaperSpace"].fillna(0).astype(float) == 1 if "PaperSpace" in frame else frame["Layer"].isna()
    )
    notes: list[Message] = [Message("layers.dxf_paper", {"n": int(on_paper.sum())})] if on_paper.any() else []
    frame = frame[~on_paper]
    columns = {own: header for own, header in _COLUMNS.items() if own in frame and frame[own].notna().any()}
    table = frame[list(columns)].rename(columns=columns)
    attributes = _attributes(frame)
    table = table.join(attributes[[name for name in attributes if name not in table]])
    if unit:
        notes.append(Message("layers.dxf_unit", {"unit": unit}))
    drawn = gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy())
    return RawLayer(drawn, "DXF", encoding, notes=tuple(notes), crs_hint=Message("layers.dxf_crs"))


def _require_few(data: bytes, what: str) -> None:
    """Check that blocks inside blocks do not unfold without measure: GDAL draws those of dimensions whole."""
    drawn: dict[bytes, int] = {}
    inserted = _inserted(data)
    # A block may be defined after one that holds it: as many rounds as there may be levels.
    for _ in range(_MOST_LEVELS):
        unfolded = {
            name: 1 + sum(drawn.get(inner, 1) for inner in inners) for name, inners in inserted.items()
        }
        if max(unfolded.values(), default=0) > _MOST_DRAWN:
            raise FileError(Message("layers.blocks_inside", {"file": what, "n": _MOST_DRAWN}))
        if unfolded == drawn:
            return
        drawn = unfolded
    raise FileError(Message("layers.blocks_inside", {"file": what, "n": _MOST_DRAWN}))


def _inserted(data: bytes) -> dict[bytes, list[bytes]]:
    """Give the blocks that each block holds."""
    section = _SECTION.search(data)
    inserted: dict[bytes, list[bytes]] = {}
    block, kind = b"", b""
    lines = section[1].strip(b"\r\n").split(b"\n") if section else []
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        if code.strip() == b"0":
            kind = value.strip()
        elif code.strip() == b"2" and kind == b"BLOCK":
            block = value.strip()
            inserted[block] = []
        elif code.strip() == b"2" and kind == b"INSERT" and block:
            inserted[block].append(value.strip())
    return inserted


def _variable(data: bytes, name: bytes) -> str:
    stated = re.search(_VARIABLE % name, data[:200_000])
    return stated[1].decode("ascii", "replace").strip() if stated else ""


def _encoding(data: bytes, asked: str | None, what: str) -> str:
    """Find the encoding: by the version, else by the texts, whatever the code page says of them."""
    if asked is not None:
        return asked
    if data.isascii() or _variable(data, b"ACADVER") >= _UTF8_SINCE:
        return "utf-8"
    return find_encoding(data, what=what)


@contextmanager
def _letters_in_utf8() -> Iterator[None]:
    """Let GDAL take a drawing for UTF-8 whatever its code page; GDAL 3.11 heeds no option of the file."""
    before = pyogrio.get_gdal_config_option("DXF_ENCODING")
    pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": before})


def _in_utf8(data: bytes, encoding: str, what: str) -> bytes:
    """Give a drawing with all its letters in UTF-8.

    GDAL decodes texts, layers and values by the code page, but not the names of blocks and the tags of
    attributes, and no escaped letter in any of them.

    Raises
    ------
    FileError
        It cannot be read in the encoding.
    """
    text, _ = decode_text(data, encoding=encoding, what=what)
    return _ESCAPED.sub(_letter, text).encode("utf-8")


def _letter(escaped: re.Match[str]) -> str:
    """Give the letter that an escape stands for; what stands for none, or for the end of a line, stays."""
    if escaped[1]:
        letter = chr(int(escaped[1], 16))
    else:
        letter = bytes.fromhex(escaped[3]).decode(_PAGES[escaped[2]], "ignore")
    return letter if letter.isprintable() and letter else escaped[0]


def _attributes(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the attributes of the blocks as columns; GDAL gives them as texts of tag and value."""
    if "BlockAttributes" not in frame:
        return pd.DataFrame(index=frame.index)
    rows = [
        dict(text.partition(" ")[::2] for text in texts) if isinstance(texts, list | tuple) else {}
        for texts in frame["BlockAttributes"].map(
            lambda texts: list(texts) if texts is not None and not isinstance(texts, float) else []
        )
    ]
    return pd.DataFrame(rows, index=frame.index, dtype=object)
