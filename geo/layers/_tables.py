"""Tables as planners keep them: CSV, TSV and XLSX; every cell a text, rows numbered as they see them."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import itertools
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import FileError, InputError
from geo.layers._encodings import decode_text
from geo.layers._zip import check_zip
from geo.layers.columns import count_known, may_repeat
from geo.layers.report import RawLayer
from geo.messages import Fault, Message

__all__ = ["read_text", "read_workbook"]

_HEAD_ROWS: Final = 20
_FEW_LETTERS: Final = 10
_ODD_LETTERS: Final = re.compile(r"[^\x00-\x7f]+")
_UNITS_ABOVE: Final = re.compile(r"单位\s*[:：]\s*([^()（）]+)")
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_MERGED_BYTES: Final = 40 * 2**20
"""Merged cells are looked up only in workbooks that unpack to less: it takes the whole sheet in memory."""


def read_text(path: Path, *, encoding: str | None = None) -> RawLayer:
    """Read a CSV or TSV file.

    Raises
    ------
    FileError
        The encoding cannot be told, or a quote is never closed.
    InputError
        There is no header.
    """
    text, encoding_used = decode_text(path.read_bytes(), encoding=encoding, what=path.name)
    if encoding_used == "utf-8" and text.startswith("\ufeff"):
        text = text[1:]
    delimiter = "\t" if path.suffix.casefold() == ".tsv" else _delimiter(text)
    head = _head_rows(text, delimiter)
    place, header, notes = _header(head, path.name)
    if encoding_used == "utf-8" and 0 < (n_letters := _count_odd_letters(text)) < _FEW_LETTERS:
        # A few letters of GB18030 can by chance be right UTF-8, of Latin, Greek or Cyrillic letters.
        notes = [*notes, Message("layers.few_letters", {"n": n_letters})]
    lost: list[Fault] = []
    try:
        frame = _read_fast(text, delimiter, place, header)
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError):
        frame, lost = _read_careful(text, delimiter, place, header, path.name)
    frame.index = pd.RangeIndex(place + 2, place + 2 + len(frame), name="row")
    faults, last = [*lost], text[text.rfind("\n") + 1 :]
    if last and last.count(delimiter) < len(header) - 1:
        faults.append(Fault(int(frame.index[-1]), "row", "", Message("layers.short_end")))
    form = "TSV" if path.suffix.casefold() == ".tsv" else "CSV"
    raw = RawLayer(
        frame,
        form,
        encoding_used,
        faults=tuple(faults),
        notes=tuple(notes),
        n_lost=len(lost),
        units=_units(head[:place]),
    )
    return _finish(frame.fillna(""), raw)


def read_workbook(path: Path, *, sheet: str | None = None) -> RawLayer:
    """Read one sheet of an XLSX workbook: the one named, or the first with known headers, or with rows.

    Raises
    ------
    FileError
        It is no workbook, is damaged or protected, or has no such sheet.
    InputError
        The sheet has no header.
    """
    import openpyxl  # a tenth of a second, which layers in other formats need not wait for
    from openpyxl.utils.exceptions import InvalidFileException

    _check_workbook(path)
    with zipfile.ZipFile(path) as archive:
        is_small = sum(entry.file_size for entry in archive.infolist()) <= _MERGED_BYTES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=not is_small, data_only=True)
        if not is_small:
            for page in book.worksheets:
                page.reset_dimensions()  # some programs write "A1", and all the rest would be passed over
        with_rows, notes = _choose_sheet(book, sheet, path.name)
        rows = [[_cell_text(cell) for cell in row] for row in with_rows.iter_rows(values_only=True)]
        merged = [area.bounds for area in with_rows.merged_cells.ranges] if is_small else []
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        if isinstance(error, (FileError, InputError)):
            raise
        raise FileError(f"{path.name} cannot be read as a workbook: {error}") from error
    # By row; a cell merged over one row only is a title over the sheet.
    tall = sorted((area for area in merged if area[1] < area[3]), key=lambda area: (area[1], area[0]))
    head = [list(row) for row in rows[:_HEAD_ROWS]]
    _fill_merged(head, tall)
    place, header, more = _header(head, path.name)
    together = [area for area in tall if _is_of_all(area, rows, header, place)]
    notes += _fill_merged(rows, [area for area in tall if area not in together])
    body = [[*row, *[""] * (len(header) - len(row))][: len(header)] for row in rows[place + 1 :]]
    frame = pd.DataFrame(body, columns=header, dtype=str)
    frame.index = pd.RangeIndex(place + 2, place + 2 + len(frame), name="row")
    faults = [
        Fault(
            top,
            header[left - 1],
            rows[top - 1][left - 1],
            Message("layers.merged_number", {"n": bottom - top + 1}),
        )
        for left, top, _, bottom in together
    ]
    raw = RawLayer(frame, "XLSX", faults=tuple(faults), notes=(*notes, *more), units=_units(head[:place]))
    return _finish(frame, raw)


def _finish(frame: pd.DataFrame, raw: RawLayer) -> RawLayer:
    """Take out the rows without any text, and say how many."""
    blank = (frame == "").all(axis=1)
    last = int(np.flatnonzero(~blank)[-1]) + 1 if not blank.all() else 0
    # What lies below the last entry is no row to the planner.
    frame, blank = frame.iloc[:last], blank.iloc[:last]
    n_blank = max(int(blank.sum()) - raw.n_lost, 0)
    notes = (*raw.notes, Message("layers.blank_rows", {"n": n_blank})) if n_blank else raw.notes
    return dataclasses.replace(raw, frame=frame[~blank], notes=notes)


def _count_odd_letters(text: str) -> int:
    """Count the letters beyond ASCII, or give 0 when one of them can be no GB18030 read by mistake."""
    letters = "".join(_ODD_LETTERS.findall(text))
    return len(letters) if max(letters, default="") < "\u0800" else 0


def _delimiter(text: str) -> str:
    head = text[:20_000]
    return max((",", "\t", ";"), key=lambda mark: (head.count(mark), mark == ","))


def _head_rows(text: str, delimiter: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    head = []
    try:
        for row in rows:
            head.append([cell.strip() for cell in row])
            if len(head) == _HEAD_ROWS:
                break
    except csv.Error:
        pass
    return head


def _header(rows: Sequence[Sequence[str]], what: str) -> tuple[int, list[str], list[Message]]:
    """Find the header among the first rows: the first with most known headers, else the first with text."""
    filled = [place for place, row in enumerate(rows) if any(row)]
    if not filled:
        raise InputError(f"{what} is empty: it has no header and no rows")
    known = [count_known(row) for row in rows]
    best = max(known)
    place = known.index(best) if best >= 2 else filled[0]
    width = max(len(row) for row in rows[: place + 1])
    header = [*rows[place], *[""] * (width - len(rows[place]))]
    for above in reversed(rows[:place]):
        # A cell over a blank header is that header, merged downwards; a lone cell is the sheet's title.
        if sum(map(bool, above)) > 1:
            header = [cell or (above[i] if i < len(above) else "") for i, cell in enumerate(header)]
    while header and not header[-1]:
        header.pop()
    notes = [Message("layers.rows_above", {"n": place, "row": place + 1})] if place else []
    return place, _unique(header), notes


def _unique(header: Iterable[str]) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(header):
        name = " ".join(cell.split()) or f"column {place + 1}"
        names.append(name if name not in names else f"{name} ({place + 1})")
    return names


def _read_fast(text: str, delimiter: str, place: int, header: Sequence[str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        # pandas only warns when it drops the cells of rows that are longer than the header.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            skiprows=place + 1,
            names=list(header),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            index_col=False,
        )


def _read_careful(
    text: str, delimiter: str, place: int, header: Sequence[str], what: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read row by row where rows are longer than the header: such a row may have its cells shifted.

    Gives the rows, and a fault for each that is not kept.
    """
    faults, rows = [], []
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
        ):
            if number <= place + 1:
                continue
            if any(cell.strip() for cell in row[len(header) :]):
                reason = Message("layers.too_many_cells", {"n": len(row), "width": len(header)})
                faults.append(Fault(number, "row", delimiter.join(row)[:60], reason))
                row = []
            rows.append([*row[: len(header)], *[""] * (len(header) - len(row))])
    except csv.Error as error:
        raise FileError(f"{what} is damaged or cut off: {error}") from error
    return pd.DataFrame(rows, columns=list(header), dtype=str), faults


def _choose_sheet(book: Any, sheet: str | None, what: str) -> tuple[Any, list[Message]]:
    names = [page.title for page in book.worksheets]
    if sheet is not None:
        if sheet not in names:
            raise FileError(f"{what} has no sheet {sheet!r}; its sheets are {', '.join(names)}")
        return book[sheet], []
    heads = {page: _first_rows(page) for page in book.worksheets}
    filled = [page for page, rows in heads.items() if rows]
    # Before the table there is often a sheet that says how to fill it in.
    tables = [page for page in filled if max(map(count_known, heads[page])) >= 2]
    if filled:
        page = (tables or filled)[0]
        note = Message("layers.sheet_chosen", {"sheet": page.title, "names": ", ".join(names)})
        return page, [note] if len(names) > 1 else []
    raise InputError(f"{what} is empty: no sheet has rows")


def _first_rows(page: Any) -> list[list[str]]:
    """Give the first rows of a sheet that hold anything."""
    texts = ([_cell_text(cell) for cell in row] for row in page.iter_rows(values_only=True))
    return list(itertools.islice((row for row in texts if any(row)), _HEAD_ROWS))


def _check_workbook(path: Path) -> None:
    """Tell what else a file may be that bears the ending of a workbook."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        raise FileError(
            f"{path.name} is an old .xls workbook under another name, or is protected by a password: open it "
            "in a spreadsheet program and save it as .xlsx without a password"
        )
    if not head.startswith(b"PK"):
        raise FileError(
            f"{path.name} is no workbook, whatever its ending says (a text or web page?): open it in a "
            "spreadsheet program and save it as .xlsx"
        )
    check_zip(path)


def _units(above: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Find the units that the rows above the header state for the table: 单位：万人、公顷."""
    stated = [_UNITS_ABOVE.search(unicodedata.normalize("NFKC", cell)) for row in above for cell in row]
    return tuple(unit.strip() for match in stated if match for unit in re.split("[、,，;]", match[1]))


def _is_of_all(
    area: tuple[int, int, int, int], rows: Sequence[Sequence[str]], header: Sequence[str], place: int
) -> bool:
    """Whether a merged cell below the header holds one number for all of its rows together."""
    left, top, _, bottom = area
    if top <= place + 1 or bottom > len(rows) or left > len(header):
        return False
    value = rows[top - 1][left - 1]
    return value != "" and not may_repeat(header[left - 1], value)


def _fill_merged(rows: list[list[str]], merged: Sequence[tuple[int, int, int, int]]) -> list[Message]:
    n_filled = 0
    for left, top, _, bottom in merged:
        if top > len(rows):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top:bottom]:
            # Sideways only the header of a group is merged; its name is not the name of each column.
            if value:
                row[left - 1] = value
                n_filled += 1
    return [Message("layers.merged_filled", {"n": n_filled})] if n_filled else []


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()
