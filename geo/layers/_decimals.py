"""Which mark parts the whole from its fraction: the point, or the comma of spreadsheets set to Europe.

A single cell may say it (``121,46``, ``1.234,5``); 1,234 and 1.234 alone do not. What a column as a whole
does not say is asked, never guessed: it is a factor of a thousand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import pandas as pd

from geo.errors import InputError
from geo.messages import Message
from geo.settings import NOTHING

__all__ = [
    "COMMA",
    "POINT",
    "STOPPED",
    "Decimal",
    "Marks",
    "WrittenNumbers",
    "marks_note",
    "settle_marks",
    "with_point",
]

Decimal: TypeAlias = Literal[",", "."]
_COMMA_GROUPS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_POINT_GROUPS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_BOTH_COMMA_LAST: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d*")
_COMMA_ONCE: Final = re.compile(r"[+-]?\d+,\d+")
_BY_FOUR: Final = re.compile(r"[+-]?[1-9]\d{0,3},\d{4}")
_POINT_ONCE: Final = re.compile(r"[+-]?\d*\.\d*")
_NUMBER: Final = re.compile(r"[+-]?[\d.,]+")
STOPPED: Final = re.compile(r"(?<=\d)[。｡·•](?=\d)")
"""What a Chinese keyboard writes for the point, between digits."""
_TYPING_SHARE: Final = 0.1
"""No more odd commas than this share are slips of the hand, each of which is told."""
_COUNT_SHARE: Final = 0.5
"""Where no more of the numbers of people have odd commas, the column is not written with decimal ones."""
_MOST_LETTERS: Final = 60


@dataclass(frozen=True)
class Marks:
    """What commas and points in the numbers of a column are.

    Parameters
    ----------
    decimal : {".", ","}
        The mark before a fraction.
    point_groups : bool
        Whether a lone point parts thousands: 1.234 is 1234.
    """

    decimal: Decimal = "."
    point_groups: bool = False


POINT: Final = Marks()
COMMA: Final = Marks(",")
EUROPEAN: Final = Marks(",", point_groups=True)


@dataclass(frozen=True)
class WrittenNumbers:
    """The cells of one column by what their marks say.

    Parameters
    ----------
    n_comma, n_comma_groups, n_point_groups : int
        Cells with a comma that can part no thousands (12,5), one that may (1,234), a point that may (1.234).
    n_numbers : int
        Cells that begin with a digit.
    n_four : int
        Cells with four digits behind a comma, as whoever counts by 万 may group them.
    n_european, n_english : int
        Cells that say it all: 1.234,5 and 1.234.567, or 1,234.5 and 1,234,567.
    has_points : bool
        Whether a point stands where no thousands are parted.
    first_comma, first_comma_groups, first_point_groups : (row, cell) or None
        The first cell of each.
    """

    n_numbers: int = 0
    n_comma: int = 0
    n_comma_groups: int = 0
    n_point_groups: int = 0
    n_four: int = 0
    n_european: int = 0
    n_english: int = 0
    has_points: bool = False
    first_comma: tuple[int, str] | None = None
    first_comma_groups: tuple[int, str] | None = None
    first_point_groups: tuple[int, str] | None = None


def with_point(text: str, marks: Marks = POINT) -> str:
    """Write a number with a point before its fraction and nothing between its thousands.

    A text that is no number stays as it is.

    Examples
    --------
    >>> with_point("1.234,5"), with_point("1,234.5"), with_point("121,46"), with_point("121,46", COMMA)
    ('1234.5', '1234.5', '121,46', '121.46')
    >>> with_point("1.234"), with_point("1.234", EUROPEAN), with_point("1.234.567"), with_point("121。46")
    ('1.234', '1234', '1234567', '121.46')
    """
    text = STOPPED.sub(".", text)
    if "," in text and "." in text:
        return _of_both(text)
    if "," in text:
        if marks.decimal == "," and _COMMA_ONCE.fullmatch(text):
            return text.replace(",", ".")
        return text.replace(",", "") if _COMMA_GROUPS.fullmatch(text) else text
    if _POINT_GROUPS.fullmatch(text) and (marks.point_groups or text.count(".") > 1):
        return text.replace(".", "")
    return text


def _of_both(text: str) -> str:
    if _BOTH_COMMA_LAST.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    whole, _, part = text.rpartition(".")
    return f"{whole.replace(',', '')}.{part}" if _COMMA_GROUPS.fullmatch(whole) and "," not in part else text


def settle_marks(
    column: pd.Series,
    header: str,
    *,
    what: str = "",
    asked: Decimal | None = None,
    is_degrees: bool = False,
    is_count: bool = False,
    units: Mapping[str, float] = NOTHING,
    may_stop: bool = True,
) -> Marks:
    """Tell what the commas and points of a column are.

    Parameters
    ----------
    column : Series
        Cells; index ``row`` as the planner counts.
    header : str
        Its header in the file, for messages.
    what : str
        The file, for messages.
    asked : {",", "."}, optional
        What the study file says.
    is_degrees : bool
        Whether the numbers are degrees: none of them has thousands.
    is_count : bool
        Whether the numbers count people or pieces, in whole ones.
    units : mapping of str to float
        Units that may stand behind a number, and their factors.
    may_stop : bool
        Whether to stop where the column does not say it; else the point holds.

    Raises
    ------
    InputError
        The cells can be read in two ways; the message names the setting.
    """
    if asked is not None:
        return EUROPEAN if asked == "," else POINT
    if pd.api.types.is_numeric_dtype(column):
        return POINT
    cells = look_at_marks(column, units)
    if is_degrees:
        return COMMA if cells.n_comma + cells.n_comma_groups + cells.n_european else POINT
    marks, unclear = _judge(cells, is_count=is_count)
    if unclear is not None and may_stop:
        why = _asks(header, unclear, cells)
        raise InputError(Message("layers.of_file", {"file": what, "why": why}))
    return marks if unclear is None else POINT


def _judge(cells: WrittenNumbers, *, is_count: bool) -> tuple[Marks, tuple[int, str] | None]:
    """Tell what the marks are, and a cell that can be read in two ways where there is one."""
    if cells.n_english:
        return POINT, None
    if cells.n_european:
        if cells.has_points:
            return COMMA, cells.first_point_groups
        return EUROPEAN, cells.first_comma_groups if is_count else None
    # One 12,34 among whole numbers of people is a slip, whatever was meant.
    is_slip = is_count and cells.n_comma <= _COUNT_SHARE * (cells.n_numbers - cells.n_comma_groups)
    if not is_slip and cells.n_comma > _TYPING_SHARE * (cells.n_comma + cells.n_comma_groups):
        is_by_four = is_count and cells.n_four == cells.n_comma
        return COMMA, cells.first_comma_groups or (
            cells.first_comma if is_by_four else cells.first_point_groups
        )
    return POINT, cells.first_point_groups if is_count and not cells.has_points else None


def _asks(header: str, unclear: tuple[int, str], cells: WrittenNumbers) -> Message:
    row, cell = unclear
    plain = _plain(cell, NOTHING)
    if unclear == cells.first_comma:
        values = {
            "header": header,
            "n": cells.n_four,
            "row": row,
            "cell": cell,
            "whole": plain.replace(",", ""),
        }
        return Message("layers.marks_by_four", {**values, "part": plain.replace(",", ".")})
    n = cells.n_comma_groups if "," in cell else cells.n_point_groups
    digits = re.sub(r"[^\d+-]", "", plain)
    part = re.sub(r"[^\d.+-]", "", plain.replace(",", "."))
    by_comma, by_point = (part, digits) if "," in plain else (digits, part)
    values = {"header": header, "n": n, "row": row, "cell": cell, "comma": by_comma, "point": by_point}
    return Message("layers.marks_unclear", values)


def marks_note(
    column: pd.Series, header: str, marks: Marks, units: Mapping[str, float] = NOTHING
) -> Message | None:
    """Tell commas that were read as decimal marks, and points that part thousands or are no points."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    texts = column.dropna().astype(str)
    odd = texts[texts.str.contains(r"[,，。｡·•]|\..*\.", regex=True)] if marks == POINT else texts
    read = ((int(str(row)), cell, _plain(cell, units)) for row, cell in odd.items())
    told = [
        (row, cell.strip()[:_MOST_LETTERS], with_point(plain, marks))
        for row, cell, plain in read
        if _NUMBER.fullmatch(plain) and (with_point(plain, marks) != _as_english(plain) or _is_stopped(cell))
    ]
    if not told:
        return None
    row, cell, value = told[0]
    return Message(
        "layers.marks_read", {"header": header, "n": len(told), "row": row, "cell": cell, "value": value}
    )


def _as_english(plain: str) -> str:
    """Write a number as the English read it: commas part thousands."""
    return plain.replace(",", "") if _COMMA_GROUPS.fullmatch(plain.partition(".")[0]) else plain


def _is_stopped(cell: str) -> bool:
    return STOPPED.search(cell) is not None


def look_at_marks(column: pd.Series, units: Mapping[str, float] = NOTHING) -> WrittenNumbers:
    """Sort the cells of a column by what their commas and points may be."""
    texts = column.dropna().astype(str)
    n_numbers = int(texts.str.contains(r"^\W*\d", regex=True).sum())
    texts = texts[texts.str.contains("[.,，．。｡·•]", regex=True)]
    counted: dict[str, int] = {}
    first: dict[str, tuple[int, str]] = {}
    for row, cell in texts.items():
        plain = _plain(cell, units)
        sort = _sort_of(plain)
        if sort in ("point groups", "comma four") and _is_scaled(cell, units):
            sort = sort.split()[0]  # 1.234 万 is a fraction like others
        counted[sort] = counted.get(sort, 0) + 1
        first.setdefault(sort, (int(str(row)), cell[:_MOST_LETTERS].strip()))
    n_four = counted.get("comma four", 0)
    return WrittenNumbers(
        n_numbers=n_numbers,
        n_comma=counted.get("comma", 0) + n_four,
        n_comma_groups=counted.get("comma groups", 0),
        n_point_groups=counted.get("point groups", 0),
        n_four=n_four,
        n_european=counted.get("european", 0),
        n_english=counted.get("english", 0),
        has_points="point" in counted,
        first_comma=first.get("comma") or first.get("comma four"),
        first_comma_groups=first.get("comma groups"),
        first_point_groups=first.get("point groups"),
    )


def _plain(cell: str, units: Mapping[str, float]) -> str:
    """Give the digits and marks of a cell without its unit, blanks and words of about."""
    plain = unicodedata.normalize("NFKC", cell[:_MOST_LETTERS]).casefold().replace(" ", "").lstrip("'约近")
    plain = STOPPED.sub(".", plain)
    for unit in sorted(units, key=len, reverse=True):
        if plain.endswith(unit):
            return plain.removesuffix(unit)
    return plain


def _is_scaled(cell: str, units: Mapping[str, float]) -> bool:
    plain = unicodedata.normalize("NFKC", cell).casefold().strip()
    fits = [unit for unit in units if plain.endswith(unit)]
    return bool(fits) and units[max(fits, key=len)] != 1.0


def _sort_of(plain: str) -> str:
    n_commas, n_points = plain.count(","), plain.count(".")
    if not _NUMBER.fullmatch(plain) or not n_commas + n_points:
        return "none"
    if n_commas and n_points:
        if _BOTH_COMMA_LAST.fullmatch(plain):
            return "european"
        return "english" if _of_both(plain) != plain else "none"
    if n_commas:
        if _COMMA_GROUPS.fullmatch(plain):
            return "english" if n_commas > 1 else "comma groups"
        if not _COMMA_ONCE.fullmatch(plain):
            return "none"
        return "comma four" if _BY_FOUR.fullmatch(plain) else "comma"
    if _POINT_GROUPS.fullmatch(plain):
        return "european" if n_points > 1 else "point groups"
    return "point" if _POINT_ONCE.fullmatch(plain) else "none"
