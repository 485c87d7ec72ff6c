"""Tables as an Excel workbook: headings in the reader's language, texts that no spreadsheet runs."""

from __future__ import annotations

import datetime
import io
import math
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
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

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
_DAY: Final = (2000, 1, 1, 0, 0, 0)
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
    book = Workbook(write_only=True)
    book.properties.creator = "emergency-geo"
    book.properties.created = datetime.datetime(*_DAY)
    for title, sheet in zip(_titles([sheet.title for sheet in sheets]), sheets, strict=True):
        _fill(book.create_sheet(title), sheet, lang=lang)
    raw = io.BytesIO()
    book.save(raw)
    write_text_whole(path, _timeless(raw.getvalue()))


def _fill(page: Any, sheet: Sheet, *, lang: Lang) -> None:
    names = [str(name) for name in sheet.table.columns]
    heads = [_heading(sheet.headers.get(name, name), unit_of(name), lang=lang) for name in names]
    columns = [_values(sheet.table[name], lang=lang) for name in sheet.table.columns]
    widths = [_width(head, column) for head, column in zip(heads, columns, strict=True)]
    page.freeze_panes = "A2"
    for i, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(i)].width = width
    if names:
        page.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(sheet.table) + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.append([_head(page, head) for head in heads])
    formats = [sheet.formats.get(name, _FORMATS.get(unit_of(name), "General")) for name in names]
    makers = [_maker(page, form, width) for form, width in zip(formats, widths, strict=True)]
    for row in zip(*columns, strict=True):
        page.append([make(value) for make, value in zip(makers, row, strict=True)])


def _heading(label: str, unit: str, *, lang: Lang) -> str:
    """Put the unit behind a heading that does not end in one of its own."""
    if unit in ("", "n", "share", "people", "year") or label.rstrip().endswith((")", "）")):
        return label
    shown = say(f"workbook.unit_{unit}", lang=lang) if unit in ("s", "min", "m", "km") else unit
    return f"{label} ({shown})"


def _values(column: pd.Series, *, lang: Lang) -> list[Any]:
    return [_value(value, lang=lang) for value in column.astype(object)]


def _value(value: Any, *, lang: Lang) -> Any:
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return _text(say("maps.between_names", lang=lang).join(map(str, value)))
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return say("maps.yes" if value else "maps.no", lang=lang)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else say("maps.unreachable", lang=lang)
    return _text(str(value))


def _text(value: str) -> str:
    return _UNPRINTABLE.sub("", value)[:_MOST_TEXT]


def _head(page: Any, text: str) -> Any:
    cell = _cell(page, _text(text))
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="1F4E8C")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(page: Any, text: str) -> Any:
    """Make a cell that holds a text, whatever the text looks like."""
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def _maker(page: Any, form: str, width: float) -> Callable[[Any], Any]:
    """Give what makes a column's cells: numbers in a format, long texts on several lines."""
    is_long = width >= _WIDEST

    def make(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            if not is_long and not value.startswith(_FORMULA):
                return value
            cell = _cell(page, value)
            if is_long:
                cell.alignment = Alignment(vertical="top", wrap_text=True)
            return cell
        if form == "General":
            return value
        cell = WriteOnlyCell(page, value=value)
        cell.number_format = form
        return cell

    return make


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


def _timeless(book: bytes) -> bytes:
    """Take the time of writing out of a workbook: out of its properties and of each part's date."""
    told = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(part.filename, date_time=_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return told.getvalue()
