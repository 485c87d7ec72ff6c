"""How much a workbook holds, found out before memory is taken: a few kilobytes may say a billion cells."""

from __future__ import annotations

import re
import struct
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from geo import file_limits
from geo.errors import FileError
from geo.layers._formats.compound import read_stream
from geo.layers._formats.merged import Area
from geo.layers._formats.old_texts import shared_lengths
from geo.layers._zip import open_zip, read_blocks, read_part
from geo.messages import Message
from geo.sources import require_number, require_size

__all__ = [
    "Area",
    "bounded",
    "check_dense",
    "check_parts",
    "find_merged",
    "has_formulas",
    "require_in_order",
]

_OVERLAP: Final = 512
_MOST_CELLS_PER_BYTE: Final = 40
_XML: Final = (".xml", ".rels", ".vml")
_DECLARED: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref\s*=\s*["\']([A-Z]+)(\d+):([A-Z]+)(\d+)["\']')
_CELL: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\']')
_TABLE: Final = re.compile(
    rb"<table:table[\s>]|<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*?)(/?)>"
)
_REPEATED: Final = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')
_BEGIN_8: Final = 0x0809
_SEVERAL_8: Final = 0x00BD
_LOCKED_8: Final = 0x002F
_SHARED_8: Final = 0x00FC
_TEXT_8: Final = 0x00FD
_CELLS_8: Final = frozenset((0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E))
"""Records of an .xls that hold cells: formulas, several numbers, texts, numbers, answers ([MS-XLS])."""
_ROW_B: Final = 0
_TEXT_B: Final = 7
_LAST_CELL_B: Final = 11
_ITEM_B: Final = 19


def check_parts(path: Path) -> None:
    """Count the elements of each part of a workbook, before a reader makes objects of them.

    Raises
    ------
    FileError
        A part declares entities or is in an encoding that no program writes; there are more elements than
        real workbooks of that size have.
    """
    with open_zip(path) as book:
        parts = [entry for entry in book.infolist() if entry.filename.casefold().endswith(_XML)]
        packed = sum(entry.compress_size for entry in parts)
        most = max(file_limits.SMALL_ELEMENTS, file_limits.MOST_ELEMENTS_PER_BYTE * packed)
        n_all = 0
        for entry in parts:
            n = 0
            for i, chunk in enumerate(_chunks(read_blocks(book, entry))):
                if _DECLARED.search(chunk) or chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                    raise FileError(Message("layers.xml_entities", {"file": path.name}))
                body = chunk[_OVERLAP:] if i else chunk
                n += body.count(b"<") - body.count(b"</")
                require_number(path.name, n_all + n, "elements", most)
            if entry.filename.casefold().endswith("styles.xml"):
                require_number(path.name, n, "styles", file_limits.MOST_STYLES)
            n_all += n


def _chunks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give a part piece by piece, each but the first with the end of the one before it."""
    rest = b""
    for piece in blocks:
        yield rest + piece
        rest = (rest + piece)[-_OVERLAP:].rjust(_OVERLAP)


def bounded(rows: Iterable[list[str]], path: Path) -> Iterator[list[str]]:
    """Pass the rows of a sheet on as long as they are no more than is taken in.

    Raises
    ------
    FileError
        There are more rows, cells or letters.
    """
    most = min(
        file_limits.MOST_CELLS, max(file_limits.SMALL_CELLS, _MOST_CELLS_PER_BYTE * path.stat().st_size)
    )
    most_letters = _most_letters(path)
    n_cells = n_letters = 0
    for n_rows, row in enumerate(rows, 1):
        n_cells += len(row)
        n_letters += sum(map(len, row))
        if n_rows > file_limits.MOST_ROWS:
            require_number(path.name, n_rows, "rows", file_limits.MOST_ROWS)
        if n_cells > most:
            require_number(path.name, n_cells, "cells", most)
        if n_letters > most_letters:
            require_number(path.name, n_letters, "letters", most_letters)
        yield row


def _most_letters(path: Path) -> int:
    """Give how many letters a table may have: cells share a text, but not one of thousands of letters."""
    size = path.stat().st_size
    return min(
        file_limits.MOST_LETTERS_OF_TABLE,
        max(file_limits.SMALL_LETTERS, file_limits.MOST_LETTERS_PER_BYTE * size),
    )


def find_merged(book: zipfile.ZipFile, part: str) -> list[Area]:
    """Find the merged areas of a sheet of an .xlsx."""
    areas: dict[Area, None] = {}
    for chunk in _chunks(read_blocks(book, part)):
        if b"mergeCell" in chunk:
            for left, top, right, bottom in _MERGED.findall(chunk):
                areas[_column(left), int(top), _column(right), int(bottom)] = None
    return list(areas)


def has_formulas(book: zipfile.ZipFile) -> bool:
    """Say whether any sheet of an .xlsx holds a formula."""
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
    return any(b"<f" in chunk for name in sheets for chunk in _chunks(read_blocks(book, name)))


def require_in_order(book: zipfile.ZipFile, part: str, what: str) -> None:
    """Check that the cells of a sheet stand in order: the reader passes over those that do not.

    Raises
    ------
    FileError
        They do not.
    """
    data = read_part(book, part)
    before = (0, 0)
    for column, row in _CELL.findall(data):
        here = (int(row), _column(column))
        if here <= before:
            raise FileError(
                Message("layers.cells_unordered", {"file": what, "cell": f"{column.decode()}{here[0]}"})
            )
        before = here


def _column(letters: bytes) -> int:
    n = 0
    for letter in letters:
        n = n * 26 + letter - 64
    return n


def check_dense(path: Path) -> None:
    """Check that the sheets of an .xls, .xlsb or .ods unfold to no more than is taken in, blank cells too.

    Raises
    ------
    FileError
        They do.
    """
    ending = path.suffix.casefold()
    if ending == ".xls":
        _check_biff(path)
    if ending not in (".ods", ".xlsb"):
        return
    with open_zip(path) as book:
        held = [entry for entry in book.infolist() if entry.filename.endswith(("content.xml", ".bin"))]
        size = sum(entry.file_size for entry in held) / 2**20
        if size > file_limits.MOST_WHOLE_SHEET_BYTES / 2**20:
            values = {"file": path.name, "mb": size, "most": file_limits.MOST_WHOLE_SHEET_BYTES / 2**20}
            raise FileError(Message("sources.too_large", values))
        if ending == ".ods":
            content = read_part(book, "content.xml") if "content.xml" in book.namelist() else b""
            _check_tables(content, path)
        else:
            _check_records(book, path)


def _require_dense(what: str, n: int, most: int) -> None:
    if n > most:
        raise FileError(Message("layers.sheet_dense", {"file": what, "n": n, "most": most}))


def _most_dense(path: Path) -> int:
    return min(file_limits.MOST_DENSE_CELLS, max(file_limits.SMALL_DENSE_CELLS, 4 * path.stat().st_size))


def _check_tables(content: bytes, path: Path) -> None:
    what, most, most_letters = path.name, _most_dense(path), _most_letters(path)
    n_cells = n_letters = 0
    row = column = last_row = width = 0
    row_times = cell_times = 1
    end = -1
    for tag in _TABLE.finditer(content):
        if end >= 0:
            n_letters += (tag.start() - end) * row_times * cell_times
            end = -1
        if tag[2] is not None:
            cell_times = _times(tag[2])
            column += cell_times
            if tag[3] != b"/" or b"office:value" in tag[2]:
                last_row, width, end = row + row_times, max(width, column), tag.end()
        elif tag[1] is not None:
            row, column, row_times = row + row_times, 0, _times(tag[1])
        else:
            n_cells += last_row * width
            row = last_row = width = row_times = 0
        _require_dense(what, n_cells + last_row * width, most)
        require_number(what, n_letters, "letters", most_letters)


def _times(attributes: bytes) -> int:
    stated = _REPEATED.search(attributes)
    return int(stated[1]) if stated else 1


def _check_records(book: zipfile.ZipFile, path: Path) -> None:
    what, most, most_letters = path.name, _most_dense(path), _most_letters(path)
    names = book.namelist()
    lengths = [
        int.from_bytes(record[1:5], "little")
        for name in names
        if name.casefold() == "xl/sharedstrings.bin"
        for kind, record in _records(read_part(book, name), 5)
        if kind == _ITEM_B
    ]
    n_cells = n_letters = 0
    for name in names:
        if not name.casefold().startswith("xl/worksheets/"):
            continue
        row = last_row = width = 0
        texts = array("L")
        for kind, record in _records(read_part(book, name), 12):
            if kind == _ROW_B:
                row = int.from_bytes(record[:4], "little") + 1
            elif 1 < kind <= _LAST_CELL_B:
                last_row, width = max(last_row, row), max(width, int.from_bytes(record[:4], "little") + 1)
                if kind == _TEXT_B:
                    texts.append(int.from_bytes(record[8:12], "little"))
        n_cells += last_row * width
        _require_dense(what, n_cells, most)
        if lengths and len(texts) * max(lengths) > most_letters:
            n_letters += sum(lengths[text] for text in texts if text < len(lengths))
            require_number(what, n_letters, "letters", most_letters)


def _check_biff(path: Path) -> None:
    require_size(path, file_limits.MOST_WHOLE_SHEET_BYTES)
    data = path.read_bytes()
    most = _most_dense(path)
    book = read_stream(data, "Workbook") or read_stream(data, "Book") or b""
    at = n_cells = last_row = width = 0
    shared, texts = np.zeros(0, dtype=np.int64), array("L")
    while at + 8 <= len(book):
        kind, size, row, column = struct.unpack_from("<HHHH", book, at)
        if kind == _BEGIN_8:
            n_cells, last_row, width = n_cells + last_row * width, 0, 0
        elif kind in _CELLS_8:
            last = column if kind != _SEVERAL_8 else struct.unpack_from("<H", book, at + 2 + size)[0]
            last_row, width = max(last_row, row + 1), max(width, last + 1)
            _require_dense(path.name, n_cells + last_row * width, most)
            if kind == _TEXT_8 and at + 14 <= len(book):
                texts.append(struct.unpack_from("<I", book, at + 10)[0])
        elif kind == _SHARED_8:
            try:
                shared = shared_lengths(book, at)
            except ValueError as error:
                raise FileError(Message("layers.texts_cut", {"file": path.name})) from error
        elif kind == _LOCKED_8:
            return  # what follows is no plain text; the reader says that it is protected
        at += 4 + size
    which = np.frombuffer(texts, dtype=f"u{texts.itemsize}") if texts else np.zeros(0, dtype=np.int64)
    n_letters = int(shared[which[which < len(shared)]].sum())
    require_number(path.name, n_letters, "letters", _most_letters(path))


def _records(data: bytes, n_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give kind and beginning of each record of a part of an .xlsb."""
    at, end = 0, len(data)
    while at < end - 1:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] << 7)
            at += 1
        size = shift = 0
        while at < end:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, data[at : at + min(size, n_bytes)]
        at += size
