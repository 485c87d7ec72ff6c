"""The cells of a dBASE table, some of which are cut within a character by the width of their field."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from geo.layers._encodings import whole_part
from geo.messages import Fault, Message

__all__ = ["cell_text", "dbf_text", "field_widths", "repair_cells", "whole_text"]


def field_widths(head: bytes) -> list[int]:
    """Give the widths of the fields that a header lists, bytes."""
    places = range(32, len(head) - 31, 32)
    ends = [place for place in places if head[place] == 0x0D]
    return [head[place + 16] for place in places if not ends or place < ends[0]]


def dbf_text(path: Path) -> bytes:
    """Give the texts of a .dbf: its records, or its column names where the records are plain ASCII.

    Column names come second because they are cut at 10 bytes, often within a character.
    """
    data = path.read_bytes()
    head = _head(data)[1]
    records = data[head:].replace(b"\0", b"").rstrip(b"\x1a")
    if not records.isascii():
        return records
    return b" ".join(data[i : i + 11].split(b"\0")[0] for i in range(32, head - 1, 32))


def whole_text(path: Path) -> bytes:
    """Give the texts of a .dbf for finding their encoding, without characters that a field cuts in two.

    A text as wide as its field often ends within a character; read as a whole, the half one would join the
    next cell and spoil it.
    """
    return cell_text(path) or dbf_text(path)


def cell_text(path: Path, is_text: Sequence[bool] = ()) -> bytes:
    """Give the same of the columns of texts alone, nothing where all are plain ASCII.

    Parameters
    ----------
    path : Path
        The table.
    is_text : sequence of bool
        Which columns hold texts, where the table itself does not say: the .dat of a native MapInfo table is
        laid out as a .dbf, but its numbers are bytes of any value.
    """
    data = path.read_bytes()
    cells = [cell for column in _columns(data, is_text) for cell in column.cells()]
    joined = b"\n".join(cells)
    if joined.isascii():
        return b""
    if not _is_broken(joined, "utf-8"):
        return joined
    parts = [whole_part(cell, "utf-8") for cell in cells]
    n_kept = sum(map(len, parts))
    # Several texts are never right UTF-8 by chance, unless nearly nothing is left of them.
    if _is_broken(b"\n".join(parts), "utf-8") or n_kept * 2 < sum(map(len, cells)):
        parts = [whole_part(cell, "gb18030") for cell in cells]
    return b"\n".join(parts)


def _head(data: bytes) -> tuple[int, int, int]:
    """Give the number of rows, and the bytes of the head and of a row, as the file states them."""
    n_rows, n_head, n_row = struct.unpack("<IHH", data[4:12].ljust(8, b"\0"))
    return n_rows, n_head, n_row


def _is_broken(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return True
    return False


def repair_cells(data: bytes, encoding: str) -> tuple[bytes, list[Fault]]:
    """Take half characters from the ends of cells, and letters that cannot be read; each is a fault.

    Returns
    -------
    data : bytes
        The table with blanks in their place.
    faults : list of Fault
        With the row counted from 1, as the features are.
    """
    repaired, faults = bytearray(data), list[Fault]()
    for column in _columns(data):
        if _is_ended_by_lines(encoding) and not _is_broken(column.as_lines(), encoding):
            continue
        for row, cell in enumerate(column.cells()):
            if cell.isascii() or not _is_broken(cell, encoding):
                continue
            whole = whole_part(cell, encoding)
            key = "cut_letter"
            if _is_broken(whole, encoding):
                whole, key = whole.decode(encoding, "ignore").encode(encoding), "odd_letters"
            if whole != cell:
                start = column.first + row * column.step
                repaired[start : start + column.width] = whole.ljust(column.width, b" ")[: column.width]
                header = column.header.decode(encoding, "ignore")
                reason = Message(f"layers.{key}")
                faults.append(Fault(row + 1, header, whole.decode(encoding)[:60], reason))
    return bytes(repaired), sorted(faults, key=lambda fault: fault.row)


def _is_ended_by_lines(encoding: str) -> bool:
    """Whether a line break ends a character that is cut off, so that one look does for a whole column."""
    return codecs.lookup(encoding).name in ("utf-8", "gb18030", "gbk")


class _Column(NamedTuple):
    """A column of texts in a table: its header, where its first cell begins, and steps to the next."""

    data: bytes
    header: bytes
    first: int
    step: int
    width: int
    n_rows: int

    def cells(self) -> list[bytes]:
        """Give the texts without the blanks behind them."""
        starts = [self.first + row * self.step for row in range(self.n_rows)]
        return [self.data[start : start + self.width].rstrip(b" \0") for start in starts]

    def as_lines(self) -> bytes:
        """Give the cells as they stand there, each a line."""
        n_whole = min(self.n_rows, (len(self.data) - self.first - self.width) // max(self.step, 1) + 1)
        if n_whole <= 0:
            return b"\n".join(self.cells())
        shape, strides = (n_whole, self.width), (self.step, 1)
        lines = np.full((n_whole, self.width + 1), ord("\n"), dtype=np.uint8)
        lines[:, :-1] = np.ndarray(shape, np.uint8, self.data, self.first, strides)
        return lines.tobytes() + self.data[self.first + n_whole * self.step :][: self.width]


def _columns(data: bytes, is_text: Sequence[bool] = ()) -> Iterator[_Column]:
    """Give the columns of texts in a table, as far as the file goes.

    The counts in the head of a damaged file are any number: what is not there, GDAL tells.
    """
    n_rows, n_head, n_row = _head(data)
    n_there = min(n_rows, max(0, len(data) - n_head) // max(1, n_row) + 1)
    at = n_head + 1
    for number, place in enumerate(range(32, min(n_head - 1, len(data) - 31), 32)):
        if data[place] == 0x0D:
            break
        is_number = number < len(is_text) and not is_text[number]
        width = data[place + 16]
        if data[place + 11 : place + 12] == b"C" and not is_number:
            yield _Column(data, data[place : place + 11].split(b"\0")[0], at, n_row, width, n_there)
        at += width
