"""Times of call records as people and dispatch systems write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pandas as pd

__all__ = ["read_stamps"]

_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_CLOCK: Final = re.compile(
    r"(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*(?:[:分]\s*(?:(\d{1,2})(?:\.\d+)?\s*秒?)?)?)?"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SERIALS: Final = (20_000.0, 80_000.0)
"""Serial days of spreadsheets that are dates of our time: 1954 to 2119."""
_SERIAL_START: Final = datetime(1899, 12, 30)
_CLOCK_YEARS: Final = (1899, 1900)
"""The years that spreadsheets give to a clock time that has no date."""
_MISSING: Final = {"", "-", "--", "/", "无", "nan", "nat", "none", "null"}


def read_stamps(cells: pd.Series, dates: pd.Series | None = None) -> pd.DataFrame:
    """Read the cells of a column of times.

    Understood are dates with a clock time (2024-03-05 13:05:00, 2024年3月5日 13时05分, 20240305130500,
    full-width digits, 24:00 as the end of its day), serial days of spreadsheets, and clock times alone
    (also with the dates of 1899 and 1900 that spreadsheets give them), which take their day from ``dates``.

    Parameters
    ----------
    cells : Series
        Text, numbers or datetimes.
    dates : Series, optional
        A column of dates with the same index.

    Returns
    -------
    DataFrame
        The same index; ``at`` datetime64[ms], NaT where there is none; ``clock_s`` float, seconds after
        midnight where a cell holds a clock time and no date is known; ``is_unreadable`` bool, something
        stands there that is no time, or one of another time zone than the local clock (``Z``, ``+08:00``).
        A date without a clock is no time of a call.

    Examples
    --------
    >>> read_stamps(pd.Series(["２０２４年3月5日 13时05分", "2024/3/5 24:00"]))["at"].astype(str).tolist()
    ['2024-03-05 13:05:00', '2024-03-06 00:00:00']
    """
    days = [None] * len(cells) if dates is None else [_parse(cell)[0] for cell in dates]
    rows = [_stamp(cell, day) for cell, day in zip(cells, days, strict=True)]
    at, clock, bad = zip(*rows, strict=True) if rows else ((), (), ())
    return pd.DataFrame(
        {
            "at": pd.Series(list(at), index=cells.index, dtype="datetime64[ms]"),
            "clock_s": pd.Series(list(clock), index=cells.index, dtype=float),
            "is_unreadable": pd.Series(list(bad), index=cells.index, dtype=bool),
        }
    )


def _stamp(cell: Any, other_day: date | None) -> tuple[datetime | None, float | None, bool]:
    if _is_missing(cell):
        return None, None, False
    day, seconds = _parse(cell)
    if seconds is None:
        return None, None, True
    day = day or other_day
    if day is None:
        return None, seconds, False
    try:
        return datetime.combine(day, time()) + timedelta(seconds=seconds), None, False
    except OverflowError:
        return None, None, True


def _is_missing(cell: Any) -> bool:
    return bool(pd.isna(cell)) or str(cell).strip().lower() in _MISSING


def _parse(cell: Any) -> tuple[date | None, float | None]:
    """Give the day and the seconds after its midnight, each None where the cell does not say it."""
    if _is_missing(cell):
        return None, None
    if isinstance(cell, time):
        return None, cell.hour * 3600.0 + cell.minute * 60.0 + cell.second
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            return None, None
        return _of_clock_years(cell.date(), cell.hour * 3600.0 + cell.minute * 60.0 + cell.second)
    if isinstance(cell, date):
        return cell, None
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    compact = _COMPACT.fullmatch(text.removesuffix(".0"))
    if compact:
        hours = None if compact[4] is None else _seconds(compact[4], compact[5], compact[6])
        return _day(*compact.group(1, 2, 3)), hours
    if _NUMBER.fullmatch(text):
        return _of_serial(float(text))
    found = _DATE.match(text)
    rest = text[found.end() :].strip(" T,") if found else text
    day = _day(*found.group(1, 2, 3)) if found else None
    clock = _CLOCK.fullmatch(rest)
    if clock is None or (found and day is None and int(found[1]) not in _CLOCK_YEARS):
        return (None, None) if rest else (day, None)
    return _of_clock_years(day, _seconds(*clock.group(1, 2, 3)))


def _of_serial(serial: float) -> tuple[date | None, float | None]:
    if 0.0 < serial < 1.0:
        return None, float(round(serial * 86_400))
    if not _SERIALS[0] <= serial < _SERIALS[1]:
        return None, None
    at = _SERIAL_START + timedelta(seconds=round(serial * 86_400))
    whole = serial == int(serial)
    return at.date(), None if whole else at.hour * 3600.0 + at.minute * 60.0 + at.second


def _of_clock_years(day: date | None, seconds: float | None) -> tuple[date | None, float | None]:
    return (None if day is not None and day.year in _CLOCK_YEARS else day), seconds


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _seconds(hour: str, minute: str | None, second: str | None) -> float | None:
    h, m, s = int(hour), int(minute or 0), int(second or 0)
    is_clock = m < 60 and s < 60 and (h < 24 or (h == 24 and m == s == 0))
    return h * 3600.0 + m * 60.0 + s if is_clock else None
