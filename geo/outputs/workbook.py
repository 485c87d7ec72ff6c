"""Tables as an Excel workbook: headings in the reader's language, texts that no spreadsheet runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.files import write_text_whole
from geo.maps import unit_of
from geo.outputs._xlsx import Page, pack
from geo.outputs.wording import unit_label
from geo.settings import NOTHING
from geo.words import Lang, say

__all__ = ["MAX_ROWS", "Sheet", "tab_titles", "write_workbook"]

MAX_ROWS: Final = 30_000
"""Longer tables stand in their CSV file only: a workbook of them opens too slowly."""
_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{"share": "0.0%", "people": "#,##0", "n": "#,##0", "year": "0", "s": "#,##0", "m": "#,##0"},
        **{"m²": "#,##0", "km²": "#,##0.00", "km": "#,##0.0", "km/h": "0.0", "min": "0.0", "L/s": "0.0"},
    }
)
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_TEXT: Final = 32_767


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
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    formats: Mapping[str, str] = field(default_factory=lambda: NOTHING)


def write_workbook(sheets: Sequence[Sheet], path: str | Path, *, lang: Lang) -> None:
    """Write sheets as one workbook, whole or not at all; the same sheets give the same bytes.

    Raises
    ------
    FileError
        The file may not be written.
    """
    write_text_whole(path, pack(_pages(sheets, lang=lang)))


def _pages(sheets: Sequence[Sheet], *, lang: Lang) -> Iterator[Page]:
    """Turn sheets into pages one by one: a book of long tables does not fill the memory."""
    for title, sheet in zip(tab_titles([sheet.title for sheet in sheets]), sheets, strict=True):
        names = [str(name) for name in sheet.table.columns]
        yield Page(
            title=title,
            heads=[_text(unit_label(sheet.headers.get(name, name), name, lang=lang)) for name in names],
            formats=[sheet.formats.get(name, _FORMATS.get(unit_of(name), "General")) for name in names],
            columns=[_values(sheet.table[name], lang=lang) for name in sheet.table.columns],
        )


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
        return _text(say("messages.between_names", lang=lang).join(map(str, value)))
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


def tab_titles(wanted: Sequence[str]) -> list[str]:
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
