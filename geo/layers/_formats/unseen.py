"""Rows and columns of a workbook that the planner does not see: put away by a filter, or by hand.

No library that reads .xls, .xlsb and .ods tells them, so they are looked up in the files: the records Row and
ColInfo of an .xls ([MS-XLS]), BrtRowHdr and BrtColInfo of an .xlsb ([MS-XLSB]), ``table:visibility`` of an
.ods (OpenDocument), and ``hidden`` of rows and columns of an .xlsx (ISO/IEC 29500-1).
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from geo.errors import FileError
from geo.layers._formats.compound import read_stream
from geo.layers._zip import open_zip, read_blocks, read_part

__all__ = ["Unseen", "find_unseen", "formula_cells"]

_EOF, _BOF, _SHEET, _ROW, _COLUMN, _FORMULA = 0x000A, 0x0809, 0x0085, 0x0208, 0x007D, 0x0006
_ROW_B, _COLUMN_B, _SHEET_B = 0, 60, 156
_TAG: Final = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*)>")
_TABLE: Final = re.compile(rb"<table:table(-row|-column)?(?=[\s/>])([^>]*)>")
_ATTRIBUTE: Final = re.compile(rb"""(?:^|\s)(?:\w+:)?([\w-]+)\s*=\s*["']([^"']*)["']""")
_PART: Final = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_LINK: Final = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")


class Unseen(NamedTuple):
    """Rows and columns that are hidden, as ranges of numbers from 1."""

    rows: tuple[range, ...] = ()
    columns: tuple[range, ...] = ()


def find_unseen(path: Path, sheet: int, n_sheets: int) -> Unseen | None:
    """Find what a sheet hides.

    Parameters
    ----------
    path : Path
        A workbook: .xlsx, .xlsm, .xls, .xlsb or .ods.
    sheet, n_sheets : int
        Place of the sheet among all sheets of the workbook, from 0, and how many there are.

    Returns
    -------
    Unseen or None
        None where the file does not let it be known.
    """
    ending = path.suffix.casefold()
    try:
        if ending == ".xls":
            return _in_xls(path.read_bytes(), sheet, n_sheets)
        with open_zip(path) as book:
            if ending == ".ods":
                return _in_ods(book, sheet, n_sheets)
            return _in_xlsb(book, sheet, n_sheets) if ending == ".xlsb" else _in_xlsx(book, sheet, n_sheets)
    except (FileError, struct.error, IndexError, KeyError, ValueError):
        return None


def _in_xls(data: bytes, sheet: int, n_sheets: int) -> Unseen | None:
    records = _of_sheet(data, sheet, n_sheets)
    if records is None:
        return None
    rows, columns = [], []
    for kind, record in records:
        if kind == _ROW and record[12] & 0x20:
            row = struct.unpack_from("<H", record)[0]
            rows.append(range(row + 1, row + 2))
        elif kind == _COLUMN and record[8] & 0x01:
            first, last = struct.unpack_from("<HH", record)
            columns.append(range(first + 1, last + 2))
    return Unseen(tuple(rows), tuple(columns))


def formula_cells(path: Path, sheet: int, n_sheets: int) -> list[tuple[int, int]]:
    """List the cells of a sheet of an .xls that hold formulas: rows and columns, from 0."""
    try:
        records = _of_sheet(path.read_bytes(), sheet, n_sheets) or iter(())
        cells = (struct.unpack_from("<HH", record) for kind, record in records if kind == _FORMULA)
        return [(row, column) for row, column in cells]
    except (FileError, struct.error, IndexError):
        return []


def _of_sheet(data: bytes, sheet: int, n_sheets: int) -> Iterator[tuple[int, bytes]] | None:
    """Give the records of a sheet of an .xls; None where its sheets are not those that are listed."""
    book = read_stream(data, "Workbook") or read_stream(data, "Book")
    if book is None:
        return None
    starts = [struct.unpack_from("<I", record)[0] for kind, record in _biff(book, 0) if kind == _SHEET]
    return _biff(book, starts[sheet]) if len(starts) == n_sheets else None


def _biff(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Give the records from a beginning to its end; charts between them have their own."""
    depth, at = 0, start
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _in_xlsb(book: zipfile.ZipFile, sheet: int, n_sheets: int) -> Unseen | None:
    parts = []
    for kind, record in _records(read_part(book, "xl/workbook.bin")):
        if kind == _SHEET_B:
            n = struct.unpack_from("<I", record, 8)[0]
            parts.append(record[12 : 12 + 2 * n].decode("utf-16-le"))
    if len(parts) != n_sheets:
        return None
    part = _links(book, "xl/_rels/workbook.bin.rels")[parts[sheet]]
    rows, columns = [], []
    for kind, record in _records(read_part(book, part)):
        if kind == _ROW_B and record[11] & 0x10:
            row = struct.unpack_from("<I", record)[0]
            rows.append(range(row + 1, row + 2))
        elif kind == _COLUMN_B and record[16] & 0x01:
            first, last = struct.unpack_from("<II", record)
            columns.append(range(first + 1, last + 2))
    return Unseen(tuple(rows), tuple(columns))


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first, the eighth saying that more follow."""
    value = 0
    for k in range(most):
        byte = data[at]
        value |= (byte & 0x7F) << (7 * k)
        at += 1
        if not byte & 0x80:
            break
    return value, at


def _in_xlsx(book: zipfile.ZipFile, sheet: int, n_sheets: int) -> Unseen | None:
    sheets = [_attributes(match[1]) for match in _PART.finditer(read_part(book, "xl/workbook.xml"))]
    if len(sheets) != n_sheets:
        return None
    part = _links(book, "xl/_rels/workbook.xml.rels")[sheets[sheet]["id"]]
    rows, columns, row = [], [], 0
    for tag in _tags(read_blocks(book, part), _TAG):
        about = _attributes(tag[2])
        is_hidden = about.get("hidden") in ("1", "true")
        if tag[1] == b"row":
            row = int(about.get("r", row + 1))
            if is_hidden:
                rows.append(range(row, row + 1))
        elif is_hidden:
            columns.append(range(int(about["min"]), int(about["max"]) + 1))
    return Unseen(tuple(rows), tuple(columns))


def _in_ods(book: zipfile.ZipFile, sheet: int, n_sheets: int) -> Unseen | None:
    rows: list[range] = []
    columns: list[range] = []
    table, row, column = -1, 1, 1
    for tag in _tags(read_blocks(book, "content.xml"), _TABLE):
        about = _attributes(tag[2])
        if tag[1] is None:
            table, row, column = table + 1, 1, 1
            continue
        is_hidden = table == sheet and about.get("visibility", "visible") != "visible"
        if tag[1] == b"-row":
            n = int(about.get("number-rows-repeated", 1))
            rows += [range(row, row + n)] if is_hidden else []
            row += n
        else:
            n = int(about.get("number-columns-repeated", 1))
            columns += [range(column, column + n)] if is_hidden else []
            column += n
    return Unseen(tuple(rows), tuple(columns)) if table + 1 == n_sheets else None


def _tags(blocks: Iterable[bytes], pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Find tags in a part of a workbook without taking all of it in memory."""
    rest = b""
    for chunk in blocks:
        held = rest + chunk
        end = held.rfind(b"<")
        end = len(held) if end < 0 else end
        yield from pattern.finditer(held, 0, end)
        rest = held[end:]
    yield from pattern.finditer(rest)


def _attributes(text: bytes) -> dict[str, str]:
    return {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(text)}


def _links(book: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Give the part that each relation of a workbook leads to."""
    about = [_attributes(match[1]) for match in _LINK.finditer(read_part(book, name))]
    parts = {entry["Id"]: entry["Target"] for entry in about}
    return {key: posixpath.normpath(posixpath.join("/xl", part))[1:] for key, part in parts.items()}
