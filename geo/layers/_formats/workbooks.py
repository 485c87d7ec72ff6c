"""Workbooks: XLSX through openpyxl; XLS, XLSB and ODS through calamine."""

from __future__ import annotations

import dataclasses
import datetime
import io
import itertools
import re
import warnings
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from geo import file_limits
from geo.errors import FileError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.filled import pass_over_blanks
from geo.layers._formats.formulas import blank_formulas, find_uncalculated, with_formulas
from geo.layers._formats.merged import Area, blank_inside, fill_merged, require_few
from geo.layers._formats.ole_chains import require_ends
from geo.layers._formats.sheet_size import (
    bounded,
    check_dense,
    check_parts,
    find_merged,
    require_in_order,
)
from geo.layers._formats.strict import transitional
from geo.layers._formats.unseen import Unseen, find_unseen, formula_cells
from geo.layers._tables import HEAD_ROWS, find_header, find_units, finish_table
from geo.layers._zip import BROKEN_ZIP, check_zip, open_zip, read_part
from geo.layers.columns import count_known, match_headers, may_repeat
from geo.layers.report import RawLayer
from geo.messages import Fault, Message, first_few
from geo.sources import require_number
from geo.words import word_lists

__all__ = ["list_sheets", "read_old_workbook", "read_workbook"]

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_BLANK: Final = 20
"""Cells of a table for each that its sheet holds."""
_ORDER_BYTES: Final = 40 * 2**20
"""Only in sheets of less than this the order of the cells is looked at."""
_BROKEN_BOOK: Final = (KeyError, *BROKEN_ZIP)
"""What openpyxl raises of a workbook that is damaged or lacks parts, beside errors of its own."""
_ODS_GAP: Final = re.compile(rb"\s+(?=</?table:)|(?<=>)\s+(?=<text:p\b)")


class _Sheet(NamedTuple):
    """A sheet that was read: its cells, its merged areas, what is to be told of it."""

    rows: list[list[str]]
    merged: list[Area]
    notes: list[Message]


class _Page(NamedTuple):
    """A sheet: its name, whether it is seen in the program, and its rows."""

    name: str
    is_shown: bool
    rows: Iterable[list[str]]


def read_workbook(path: Path, asked: Asked) -> RawLayer:
    """Read one sheet of an XLSX workbook: the one named, or the first with known headers, or with rows.

    Raises
    ------
    FileError
        It is no workbook, is damaged or protected, or has no such sheet.
    InputError
        The sheet has no header.
    """
    _check_workbook(path)
    with transitional(path) as plain, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = _load_book(plain)
        try:
            raw, name = _read_book(book, plain, asked, path.name)
            place, n_sheets = book.sheetnames.index(name), len(book.sheetnames)
        finally:
            book.close()
        blanks = find_uncalculated(plain, name, raw.rows)
        unseen = find_unseen(plain, place, n_sheets)
    layer = _read_page(raw.rows, raw.merged, path.name, raw.notes, form="XLSX")
    return with_formulas(_with_unseen(layer, path, unseen), blanks)


def _load_book(path: Path) -> Any:
    import openpyxl  # a tenth of a second, which layers in other formats need not wait for
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, *_BROKEN_BOOK) as error:
        raise FileError(Message("layers.workbook_damaged", {"file": path.name, "why": error})) from error


def _read_book(book: Any, path: Path, asked: Asked, what: str) -> tuple[_Sheet, str]:
    """Read the chosen sheet of a workbook; give it and its name."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some programs write "A1", and all the rest would be passed over
        pass_over_blanks(sheet)
    pages = [
        _Page(sheet.title, sheet.sheet_state == "visible", _rows(sheet, path)) for sheet in book.worksheets
    ]
    name, notes = _choose_page(pages, asked, what)
    part = book[name]._worksheet_path
    with open_zip(path) as archive:
        if archive.getinfo(part).file_size <= _ORDER_BYTES:
            require_in_order(archive, part, what)
        merged = find_merged(archive, part)
    return _Sheet(list(_rows(book[name], path)), merged, notes), name


def list_sheets(path: Path) -> list[tuple[str, bool]]:
    """List the sheets of a workbook of any format, and whether each is seen in the program.

    Raises
    ------
    FileError
        It is something else under this name, is damaged or protected.
    """
    _, every = _open_calamine(path)
    return [(sheet.name, sheet.is_seen) for sheet in every if sheet.has_cells]


def _with_unseen(raw: RawLayer, path: Path, unseen: Unseen | None) -> RawLayer:
    """Tell the rows and columns of the table that the planner does not see in the program; they count."""
    if unseen is None:
        notes = [Message("layers.hidden_unknown", {"file": path.name})]
    else:
        ranges = sorted(unseen.rows, key=lambda hidden: hidden.start)
        starts = [hidden.start for hidden in ranges]
        places = ((row, bisect_right(starts, row) - 1) for row in raw.frame.index)
        rows = [row for row, place in places if place >= 0 and row in ranges[place]]
        headers = [
            header
            for i, header in enumerate(raw.frame.columns, 1)
            if any(i in hidden for hidden in unseen.columns)
        ]
        shown = first_few(rows)
        notes = [Message("layers.rows_hidden", {"n": len(rows), "rows": shown})] if rows else []
        notes += [Message("layers.columns_hidden", {"headers": ", ".join(headers)})] if headers else []
    return dataclasses.replace(raw, notes=(*raw.notes, *notes))


def read_old_workbook(path: Path, asked: Asked) -> RawLayer:
    """Read one sheet of an XLS, XLSB or ODS workbook, chosen as :func:`read_workbook` does.

    Raises
    ------
    FileError
        It is something else under this name, is damaged or protected, or has no such sheet.
    InputError
        The sheet has no header.
    """
    book, every = _open_calamine(path)
    texts, merges, n_cells = {}, {}, 0
    for name, _, has_cells in every:
        if not has_cells:
            continue
        with _told_of(path):
            sheet = book.get_sheet_by_name(name)
        n_cells += sheet.total_height * sheet.total_width
        require_number(path.name, n_cells, "cells", file_limits.MOST_DENSE_CELLS)
        with _told_of(path):
            cells, merges[name] = sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or []
        texts[name] = list(bounded(map(_filled_part, cells), path))
    shown = {name: is_seen for name, is_seen, _ in every}
    name, notes = _choose_page(
        [_Page(name, shown[name], rows) for name, rows in texts.items()], asked, path.name
    )
    merged = [(left + 1, top + 1, right + 1, bottom + 1) for (top, left), (bottom, right) in merges[name]]
    raw = _read_page(texts[name], merged, path.name, notes, form=path.suffix[1:].upper())
    place = list(shown).index(name)
    if raw.format == "XLS":
        raw = with_formulas(raw, blank_formulas(formula_cells(path, place, len(every)), texts[name]))
    return _with_unseen(raw, path, find_unseen(path, place, len(every)))


class _Listed(NamedTuple):
    """A sheet as its workbook lists it; a chart or a macro has no cells."""

    name: str
    is_seen: bool
    has_cells: bool


def _open_calamine(path: Path) -> tuple[Any, list[_Listed]]:
    """Open a workbook of any format, once it is known to be one; give it and its sheets."""
    import python_calamine as calamine  # only these workbooks need it

    ending = path.suffix.casefold()
    if ending == ".xls":
        _check_xls(path)
        require_ends(path)
    else:
        _check_workbook(path)
    check_dense(path)
    source = _without_gaps(path) if ending == ".ods" else path
    with _told_of(path):
        book = calamine.load_workbook(source)
        every = book.sheets_metadata
    seen, table = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
    return book, [_Listed(meta.name, meta.visible == seen, meta.typ == table) for meta in every]


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Tell what calamine cannot read; nothing but its own calls may stand in the block."""
    import python_calamine as calamine

    try:
        yield
    except calamine.PasswordError as error:
        raise FileError(Message("layers.workbook_locked", {"file": path.name})) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileError(Message("layers.workbook_damaged", {"file": path.name, "why": error})) from error


def _without_gaps(path: Path) -> io.BytesIO:
    """Copy an .ods without the blanks between its cells, which GDAL and QGIS write and calamine refuses."""
    plain = io.BytesIO()
    with open_zip(path) as book, zipfile.ZipFile(plain, "w") as copy:
        for name in book.namelist():
            held = read_part(book, name)
            copy.writestr(name, _ODS_GAP.sub(b"", held) if name == "content.xml" else held)
    plain.seek(0)
    return plain


def _filled_part(row: Sequence[Any]) -> list[str]:
    """Give the texts of a row up to its last cell that is not blank."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return [_cell_text(cell) for cell in row[:end]]


def _read_page(
    rows: list[list[str]], merged: Sequence[Area], what: str, notes: Sequence[Message], *, form: str
) -> RawLayer:
    """Make a table of the cells of a sheet: find its header, and fill what is merged."""
    # By row; a cell merged over one row only is a title over the sheet.
    require_few(rows, merged, what)
    blank_inside(rows, merged)
    tall = sorted((area for area in merged if area[1] < area[3]), key=lambda area: (area[1], area[0]))
    head = [list(row) for row in rows[:HEAD_ROWS]]
    fill_merged(head, tall)
    place, header, more = find_header(head, what)
    most = min(file_limits.MOST_CELLS, max(file_limits.SMALL_CELLS, _MOST_BLANK * sum(map(len, rows))))
    require_number(what, len(rows) * len(header), "cells", most)
    together = {area: None for area in tall if _is_of_all(area, rows, header, place)}
    filled = fill_merged(rows, [area for area in tall if area not in together])
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
    all_notes = (*notes, *filled, *more)
    raw = RawLayer(frame, form, faults=tuple(faults), notes=all_notes, units=find_units(head[:place]))
    return finish_table(frame, raw)


def _choose_page(pages: Sequence[_Page], asked: Asked, what: str) -> tuple[str, list[Message]]:
    """Choose the sheet that is named, or the one that the planner sees a table in.

    Raises
    ------
    FileError
        There is no such sheet.
    InputError
        No sheet has rows, or several have such a table and none is named.
    """
    names, sheet, words = [page.name for page in pages], asked.sheet, word_lists("role")["status"]
    if sheet is not None:
        if sheet not in names:
            raise FileError(
                Message("layers.no_sheet", {"file": what, "sheet": sheet, "names": ", ".join(names)})
            )
        return sheet, []
    heads = {page.name: _first_rows(page.rows) for page in pages}
    hidden = [page.name for page in pages if not page.is_shown]
    shown = [name for name in names if heads[name] and name not in hidden]
    # What the planner sees comes before what somebody has put away.
    filled = shown or [name for name in names if heads[name]]
    # Before the table there is often a sheet that says how to fill it in.
    tables = [name for name in filled if max(map(count_known, heads[name])) >= 2]
    if not filled:
        raise InputError(Message("layers.no_sheet_rows", {"file": what}))
    # Two tables of places are not one: present and planned stations, or stations and hydrants.
    alike = [name for name in tables if _has_places(heads[name])] if asked.geometry != "none" else tables
    if len(alike) > 1:
        # The one that is offered is copied: not that of what is only planned, or gone.
        unbuilt = [word for state in ("planned", "candidate", "closed") for word in words[state]]
        first = min(alike, key=lambda name: any(word in name.casefold() for word in unbuilt))
        raise InputError(
            Message("layers.sheets_alike", {"file": what, "names": ", ".join(alike), "first": first})
        )
    name = (alike or tables or filled)[0]
    notes: list[Message] = (
        [Message("layers.sheet_chosen", {"sheet": name, "names": ", ".join(names)})] if len(names) > 1 else []
    )
    if name in hidden:
        notes.append(Message("layers.sheet_hidden", {"sheet": name}))
    elif hidden_full := [other for other in hidden if heads[other]]:
        notes.append(Message("layers.sheets_passed", {"names": ", ".join(hidden_full)}))
    return name, notes


def _has_places(head: Sequence[Sequence[str]]) -> bool:
    """Whether some row is a header with coordinates."""
    headers = (pd.DataFrame(columns=list(dict.fromkeys(filter(None, row))), dtype=str) for row in head)
    kinds = [match_headers(header).header.keys() for header in headers]
    return any({"lon", "lat"} <= known or known & {"lonlat", "geometry"} for known in kinds)


def _rows(sheet: Any, path: Path) -> Iterator[list[str]]:
    return bounded(([_cell_text(cell) for cell in row] for row in _cells(sheet, path)), path)


def _cells(sheet: Any, path: Path) -> Iterator[Sequence[Any]]:
    """Give the cells row by row, and tell what openpyxl cannot read; their use stands outside."""
    try:
        yield from sheet.iter_rows(values_only=True)
    except _BROKEN_BOOK as error:
        raise FileError(Message("layers.workbook_damaged", {"file": path.name, "why": error})) from error


def _first_rows(rows: Iterable[list[str]]) -> list[list[str]]:
    """Give the first rows of a sheet that hold anything."""
    return list(itertools.islice((row for row in rows if any(row)), HEAD_ROWS))


def _check_xls(path: Path) -> None:
    """Tell what else bears the ending .xls: exports of web systems are often pages, texts or newer books."""
    with path.open("rb") as file:
        head = file.read(4096)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(_OLE):
        return
    if head.startswith(b"PK"):
        raise FileError(Message("layers.xls_is_xlsx", {"file": path.name}))
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        raise FileError(Message("layers.xls_is_xml", {"file": path.name}))
    if any(mark in plain for mark in (b"<html", b"<table", b"<!doctype html", b"<meta")):
        raise FileError(Message("layers.xls_is_html", {"file": path.name}))
    if b"\t" in plain or b"," in plain:
        raise FileError(Message("layers.xls_is_text", {"file": path.name}))
    raise FileError(Message("layers.xls_is_other", {"file": path.name}))


def _check_workbook(path: Path) -> None:
    """Tell what else a file may be that bears the ending of a workbook."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        raise FileError(Message("layers.workbook_ole", {"file": path.name}))
    if not head.startswith(b"PK"):
        raise FileError(Message("layers.workbook_other", {"file": path.name}))
    check_zip(path)
    check_parts(path)


def _is_of_all(area: Area, rows: Sequence[Sequence[str]], header: Sequence[str], place: int) -> bool:
    """Whether a merged cell below the header holds one number for all of its rows together."""
    left, top, _, bottom = area
    if top <= place + 1 or bottom > len(rows) or left > len(header):
        return False
    value = rows[top - 1][left - 1]
    return value != "" and not may_repeat(header[left - 1], value)


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()
