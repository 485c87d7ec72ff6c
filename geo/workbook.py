"""Tables as an Excel workbook: headings in the reader's language, texts that no spreadsheet runs."""

from __future__ import annotations

import datetime
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter

from geo.layers import write_text_whole
from geo.mapwords import unit_of
from geo.words import Lang, say

__all__ = ["MAX_ROWS", "Sheet", "write_workbook"]

MAX_ROWS: Final = 30_000
"""Longer tables stand in their CSV file only: a workbook of them opens too slowly."""
_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {"share": "0.0%", "people": "#,##0", "n": "#,##0", "year": "0", "s": "#,##0", "m": "#,##0", "m²": "#,##0"}
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "#")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": "#1F4E8C",
        "valign": "vcenter",
        "text_wrap": True,
    }
)
_DAY: Final = datetime.datetime(2000, 1, 1)
_MOST_TEXT: Final = 32_767
_WIDEST: Final = 60
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    title : str
        Name on the tab; signs that a tab may not bear are left out.
    table : DataFrame
        Its columns in order, without geometry; those that end in a unit are shown in it (``share_`` as per
        cent), no route (``inf``) as a word, missing values as empty cells.
    headers : mapping of str to str
        Heading of each column, without its unit; a column that has none shows its name.
    formats : mapping of str to str
        Number format of a column, where its name does not say the unit.
    """

    title: str
    table: pd.DataFrame
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    formats: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


def write_workbook(sheets: Sequence[Sheet], path: str | Path, *, lang: Lang) -> None:
    """Write sheets as one workbook, whole or not at all; the same sheets give the same bytes.

    Each sheet has its headings in a row that stays in view, widths by its content and a filter. Texts are
    written as texts: one that begins like a formula is marked as quoted and never runs.

    Raises
    ------
    FileError
        The file may not be written.
    """
    raw = io.BytesIO()
    # Rows go to the disk as they are written: a book of long tables does not fill the memory.
    with xlsxwriter.Workbook(raw, {"constant_memory": True}) as book:
        book.set_properties({"author": "emergency-geo", "created": _DAY})  # also told as the time of change
        for title, sheet in zip(_titles([sheet.title for sheet in sheets]), sheets, strict=True):
            _fill(book, book.add_worksheet(title), sheet, lang=lang)
    write_text_whole(path, _timeless(raw))


def _fill(book: Any, page: Any, sheet: Sheet, *, lang: Lang) -> None:
    names = [str(name) for name in sheet.table.columns]
    heads = [_text(_heading(sheet.headers.get(name, name), unit_of(name), lang=lang)) for name in names]
    columns = [_values(sheet.table[name], lang=lang) for name in sheet.table.columns]
    widths = [_width(head, column) for head, column in zip(heads, columns, strict=True)]
    _set_page(page, widths, n_rows=len(sheet.table))
    plain_head = book.add_format(_HEAD)
    quoted_head = book.add_format({**_HEAD, "quote_prefix": True})
    for i, head in enumerate(heads):
        page.write_string(0, i, head, quoted_head if head.startswith(_FORMULA) else plain_head)
    formats = [sheet.formats.get(name, _FORMATS.get(unit_of(name), "General")) for name in names]
    writers = [_writer(book, page, form, width) for form, width in zip(formats, widths, strict=True)]
    for r, row in enumerate(zip(*columns, strict=True), start=1):
        for c, (write, value) in enumerate(zip(writers, row, strict=True)):
            if value is not None and value != "":
                write(r, c, value)


def _set_page(page: Any, widths: Sequence[float], *, n_rows: int) -> None:
    """Set what a reader sees of a sheet: the heading that stays, widths, the filter, the printed page."""
    page.freeze_panes(1, 0)
    for i, width in enumerate(widths):
        page.set_column(i, i, width)
    if widths:
        page.autofilter(0, 0, n_rows, len(widths) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _heading(label: str, unit: str, *, lang: Lang) -> str:
    """Put the unit behind a heading that does not end in one of its own."""
    if unit in ("", "n", "share", "people", "year") or label.rstrip().endswith((")", "）")):
        return label
    shown = say(f"workbook.unit_{unit}", lang=lang) if unit in ("s", "min", "m", "km") else unit
    return f"{label} ({shown})"


def _values(column: pd.Series, *, lang: Lang) -> list[Any]:
    """Give what the cells of a column show: numbers, texts, None for what is missing."""
    if column.dtype.kind not in "biuf":
        return [_value(value, lang=lang) for value in column.astype(object)]
    plain = column.to_numpy()
    shown: list[Any] = plain.tolist()
    if column.dtype.kind == "b":
        return [say("maps.yes" if value else "maps.no", lang=lang) for value in shown]
    for i in np.flatnonzero(~np.isfinite(plain)):
        shown[i] = None if np.isnan(plain[i]) else say("maps.unreachable", lang=lang)
    return shown


def _value(value: Any, *, lang: Lang) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return _text(say("maps.between_names", lang=lang).join(map(str, value)))
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return say("maps.yes" if value else "maps.no", lang=lang)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else say("maps.unreachable", lang=lang)
    return _text(str(value))


def _text(value: str) -> str:
    return _UNPRINTABLE.sub("", value)[:_MOST_TEXT]


def _writer(book: Any, page: Any, form: str, width: float) -> Callable[[int, int, Any], None]:
    """Give what writes a cell of a column: numbers in a format, texts as texts, long ones wrapped."""
    number = None if form == "General" else book.add_format({"num_format": form})
    wrapped = {"valign": "top", "text_wrap": True} if width >= _WIDEST else {}
    plain = book.add_format(wrapped) if wrapped else None
    quoted = book.add_format({**wrapped, "quote_prefix": True})

    def write(row: int, column: int, value: Any) -> None:
        if isinstance(value, str):
            page.write_string(row, column, value, quoted if value.startswith(_FORMULA) else plain)
        else:
            page.write_number(row, column, value, number)

    return write


def _width(head: str, values: Iterable[Any]) -> float:
    """Give a width in signs that the heading and nearly all of the first values fit."""
    shown = [value for _, value in zip(range(300), values, strict=False) if value is not None]
    widths = sorted(_signs(v) if isinstance(v, str) else len(f"{v:,.1f}") for v in shown)
    most = widths[int(0.95 * (len(widths) - 1))] if widths else 0
    return float(min(_WIDEST, max(8, most + 2, min(_signs(head), 24) + 3)))


def _signs(text: str) -> int:
    """Count the width of a text: a Chinese sign is as wide as two Latin ones."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _titles(wanted: Sequence[str]) -> list[str]:
    """Make names for tabs: at most 31 signs, none of those that are not allowed, no name twice."""
    titles: list[str] = []
    for title in wanted:
        plain = re.sub(r"[\\/*?:\[\]]", " ", _text(title)).strip().strip("'")[:31] or "-"
        name, n = plain, 2
        while name.casefold() in {other.casefold() for other in titles}:
            ending = f" ({n})"
            name, n = plain[: 31 - len(ending)] + ending, n + 1
        titles.append(name)
    return titles


def _timeless(book: io.BytesIO) -> bytes:
    """Take the time of writing out of the parts of a workbook."""
    told = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename), old.read(part), zipfile.ZIP_DEFLATED)
    return told.getvalue()
