"""The text of a cell as a number, a year or yes/no: only what it says, never a guess."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import file_limits
from geo.layers._decimals import POINT, Marks, with_point
from geo.messages import Fault, Message
from geo.words import word_lists

__all__ = [
    "UNSEEN",
    "cut_texts",
    "is_about",
    "is_blank",
    "is_typed_year",
    "parse_column",
    "parse_count",
    "parse_number",
    "parse_year",
    "tell_doubtful",
]

_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?")
_ASCII_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
_IN_BRACKETS: Final = re.compile(r"(?<=\d)\(([^()\d]+)\)$")
"""A unit behind a number: 300（人）."""
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])(\s*[-/.月].*)?")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
UNSEEN: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
"""Signs without a width, which cells copied from web pages hold."""
_ISO_DAY: Final = re.compile(r"(1[89]\d\d)-(\d\d)-(\d\d)(?:[ T]00:00:00)?")
_NOW_FROM: Final = 1950
_DAY_0: Final = datetime.date(1899, 12, 30)
"""Spreadsheets count days from here."""


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no value.

    Examples
    --------
    >>> is_blank(" — "), is_blank("无"), is_blank("0")
    (True, True, False)
    """
    return _plain(text) in _blanks()


@cache
def _blanks() -> frozenset[str]:
    return frozenset(word_lists("table")["cell"]["blank"])


def parse_number(
    text: str, *, units: Mapping[str, float] | None = None, marks: Marks = POINT
) -> float | None:
    """Read a number, with thousands commas or full-width digits, and perhaps its own unit behind it.

    约3000 and 3000余 are 3000: :func:`is_about` tells them.

    Parameters
    ----------
    text : str
        The cell.
    units : mapping of str to float, optional
        Factor of each unit that may stand behind the number.
    marks : Marks
        What commas and points are, where the column says it.

    Returns
    -------
    float or None
        None where the text is no number: nothing is guessed.

    Examples
    --------
    >>> parse_number("１，２３４．５"), parse_number("3.2万", units={"万": 10000}), parse_number("约3000")
    (1234.5, 32000.0, 3000.0)
    >>> parse_number("300（人）", units={"人": 1})
    300.0
    >>> parse_number("12,34") is None, parse_number("inf") is None, parse_number("3万") is None
    (True, True, True)
    """
    plain = _IN_BRACKETS.sub(r"\1", _without_about(_plain(text).replace(" ", "")))
    fits = [unit for unit in units or {} if plain.endswith(unit)]
    factor = 1.0
    if units and fits:
        unit = max(fits, key=len)
        plain, factor = _without_about(plain.removesuffix(unit)), units[unit]
    plain = with_point(plain, marks)
    if not _PLAIN.fullmatch(plain):
        return None
    value = float(plain) * factor
    return value if np.isfinite(value) else None


def is_about(text: str) -> bool:
    """Whether a number is said to be a rough one.

    Examples
    --------
    >>> is_about("约3000"), is_about("3000余人"), is_about("3000")
    (True, True, False)
    """
    plain = _plain(text).replace(" ", "")
    words = word_lists("table")["cell"]
    return plain.startswith(words["about_before"]) or any(word in plain for word in words["about_behind"])


def _without_about(plain: str) -> str:
    words = word_lists("table")["cell"]
    for word in words["about_before"]:
        plain = plain.removeprefix(word)
    for word in words["about_behind"]:
        plain = plain.removesuffix(word)
    return plain


def parse_year(text: str) -> float | None:
    """Read a year, also out of a date that begins with it.

    Examples
    --------
    >>> parse_year("2012"), parse_year("2010-05-01"), parse_year("2010年5月"), parse_year("5月")
    (2012.0, 2010.0, 2010.0, None)

    A year that was typed into a cell of dates is that day since 1900: 2024 shows as 1905-07-16.

    >>> parse_year("1905-07-16"), parse_year("1905/7/16"), parse_year("1905年")
    (2024.0, 2024.0, 1905.0)
    """
    if (typed := _typed_year(text)) is not None:
        return float(typed)
    dated = _DATE.fullmatch(_plain(text))
    return float(dated[1]) if dated else parse_number(text, units={"年": 1})


def is_typed_year(text: str) -> bool:
    """Whether a date is a year that was typed into a cell of dates."""
    return _typed_year(text) is not None


def _typed_year(text: str) -> int | None:
    day = _DAY.fullmatch(_plain(text))
    if day is None:
        return None
    try:
        serial = (datetime.date(*map(int, day.groups())) - _DAY_0).days
    except ValueError:
        return None
    return serial if 1900 <= serial <= 2100 else None


def _parse_shown_as_date(text: str) -> float | None:
    """Read the number of a cell that its format shows as a date: as Excel counts, days since 1900.

    Only days before 1950 are read so: one of today may be a date that somebody typed.

    Examples
    --------
    >>> [_parse_shown_as_date(day) for day in ("1901-10-11", "1900-02-28", "1900-03-01", "2024-05-01", "650")]
    [650.0, 59.0, 61.0, None, None]
    """
    day = _ISO_DAY.fullmatch(text.strip())
    if day is None or int(day[1]) >= _NOW_FROM:
        return None
    try:
        serial = (datetime.date(*map(int, day.groups())) - _DAY_0).days
    except ValueError:
        return None
    # Excel has a 29 February 1900, and so one day less between its first day and those before it.
    return float(serial - (serial < 61)) if serial > 1 else None


def parse_count(text: str, *, units: Mapping[str, float], marks: Marks) -> float | None:
    """Read a number as :func:`parse_number` does, else one that its cell shows as a date."""
    value = parse_number(text, units=units, marks=marks)
    return _parse_shown_as_date(text) if value is None else value


def parse_column(
    texts: pd.Series, parse: Callable[[str], float | None], *, is_plain: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a column of texts: plain numbers all at once, the rest one distinct text at a time.

    Parameters
    ----------
    texts : Series
        The cells.
    parse : callable
        Gives the value of a text, None where it is none.
    is_plain : bool
        Whether 1.234 is the number that it is to a program.

    Returns
    -------
    values : float array
        NaN where blank or unreadable.
    unreadable : bool array
        True where there is a text that is no value.
    """
    known = texts.fillna("").astype(str).to_numpy(dtype=object)
    values = np.full(len(known), np.nan)
    unreadable = np.zeros(len(known), dtype=bool)
    filled = known != ""
    plain = _all_plain(known[filled]) if is_plain else None
    if plain is not None:
        values[filled] = plain
        return values, unreadable
    read = {text: _read_cell(text, parse, is_plain) for text in set(known[filled])}
    values[filled] = [read[text][0] for text in known[filled]]
    unreadable[filled] = [read[text][1] for text in known[filled]]
    return values, unreadable


def tell_doubtful(column: pd.Series, values: NDArray[np.float64], kind: str, header: str) -> list[Fault]:
    """Tell cells that were read, but hardly say what they mean: rough numbers, years shown as dates.

    Parameters
    ----------
    column : Series
        The cells.
    values : float array, shape (N,)
        What was read of them.
    kind : str
        Type of the column, as ``layers/standards/headers.toml`` calls it.
    header : str
        Its header in the file.
    """
    if kind not in _DOUBTS or pd.api.types.is_numeric_dtype(column):
        return []
    faults, texts = [], column.fillna("").astype(str)
    for is_odd, key in _DOUBTS[kind]:
        odd = column.notna() & ~np.isnan(values) & texts.map(is_odd).to_numpy(dtype=bool)
        faults += [
            Fault(int(row), header, str(column[row])[:60], Message(key, {"value": float(value)}))
            for row, value in pd.Series(values, index=column.index)[odd].items()
        ]
    return faults


def _is_shown_as_date(text: str) -> bool:
    """Whether a text is a number that its cell shows as a date."""
    return _parse_shown_as_date(text) is not None


_DOUBTS: Final[Mapping[str, Sequence[tuple[Callable[[str], bool], str]]]] = {
    "number": ((is_about, "layers.about"), (_is_shown_as_date, "layers.typed_number")),
    "year": ((is_typed_year, "layers.typed_year"),),
}


def cut_texts(read: pd.DataFrame, headers: Mapping[str, str]) -> tuple[pd.DataFrame, list[Fault]]:
    """Cut texts that are longer than any name.

    Parameters
    ----------
    read : DataFrame
        The table.
    headers : mapping of str to str
        Columns that are looked at, and what they are called in the file.

    Returns
    -------
    DataFrame
        The table.
    list of Fault
        What was cut.
    """
    faults, most = [], file_limits.MOST_LETTERS
    for ours, header in headers.items():
        if read[ours].dtype != object:
            continue
        texts = read[ours].tolist()
        if max(map(len, map(str, texts)), default=0) <= most:
            continue
        long = [i for i, text in enumerate(texts) if isinstance(text, str) and len(text) > most]
        for i in long:
            text = str(read[ours].iloc[i])
            reason = Message("layers.text_cut", {"n": len(text), "most": most})
            faults.append(Fault(int(read.index[i]), header, text[:60], reason))
        if long:
            read = read.assign(**{ours: read[ours].str.slice(stop=most)})
    return read, faults


def _all_plain(texts: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """The numbers of a column in which every cell is a plain one, else None."""
    try:
        values = texts.astype(float)
    except ValueError:
        return None
    # Python also reads "1_000" and "inf", which are no numbers to a planner.
    is_plain = np.isfinite(values).all() and not any("_" in text for text in texts)
    return values if is_plain else None


def _read_cell(text: str, parse: Callable[[str], float | None], is_plain: bool) -> tuple[float, bool]:
    value = float(text) if is_plain and _ASCII_NUMBER.fullmatch(text) else parse(text)
    if value is not None:
        return value, False
    return np.nan, not is_blank(text)


def _plain(text: str) -> str:
    # NFKC turns the prime of minutes into itself but splits the double prime into two.
    kept = unicodedata.normalize("NFKC", str(text)).replace("′′", "″").replace("−", "-")
    return kept.translate(UNSEEN).strip().lstrip("'").casefold()
