"""Which column of a file is which of ours: by its header in Chinese or English, every guess reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.layers._angles import parse_angle, unpack_cell
from geo.layers._answers import read_answers, said_statuses
from geo.layers._candidates import (
    count_known,
    find_candidates,
    is_shared,
    tell_parts_left,
    tell_tables_beside,
    why_taken,
)
from geo.layers._cells import parse_column, parse_count, parse_number, parse_year, tell_doubtful
from geo.layers._decimals import POINT, Decimal, Marks, marks_note, settle_marks
from geo.layers._headers import (
    Kind,
    all_kinds,
    call_kinds,
    plain_text,
    rank_of,
    split_header,
    unit_behind,
)
from geo.messages import Fault, Guess, Message
from geo.settings import NOTHING

__all__ = [
    "Columns",
    "count_known",
    "marks_of",
    "marks_told",
    "match_headers",
    "may_repeat",
    "read_amounts",
    "read_columns",
]

_CODE: Final = re.compile(r"code|编码|代码|编号|电话|phone|id$|_id|^no|号$")
_PLAIN_NUMBER: Final = r"-?(0|[1-9][0-9]{0,11})(\.[0-9]+)?"
_COUNTS: Final = ("people", "people_day", "people_night", "staff", "crews", "places")
"""Columns of whole numbers."""
_DEGREES: Final = re.compile(r"经|纬|维|lon|lat|lng|°|度")
"""In headers of degrees; x and y may be metres."""
_OWN_UNITS: Final = {"人": "people", "个": "pieces", "s": "s", "m2": "m2", "l/s": "lps", "年": "year"}
"""What the first units of the headers are called in words."""


@dataclass(frozen=True)
class Columns:
    """Our column -> header in the file, the factor of its unit, and how each was found."""

    header: Mapping[str, str]
    factor: Mapping[str, float]
    guesses: tuple[Guess, ...]
    notes: tuple[Message, ...]


def may_repeat(header: str, value: str) -> bool:
    """Whether a cell merged over several rows says its value of each row.

    A town or a coordinate does. A number of people, places or square metres is said of the rows together, and
    so may be any number under a header that is not known.

    Examples
    --------
    >>> may_repeat("乡镇", "城桥镇"), may_repeat("常住人口", "900人"), may_repeat("户数", "900")
    (True, False, False)
    """
    repeats = _repeats(header)
    return parse_number(value) is None if repeats is None else repeats


@lru_cache(maxsize=1024)
def _repeats(header: str) -> bool | None:
    """Whether the values of a column hold for several rows alike; None where the header is not known."""
    base = split_header(header)[0]
    kinds = (*all_kinds().values(), *call_kinds().values())
    known = [kind for kind in kinds if rank_of(kind, base) is not None]
    return known[0].repeats if known else None


def match_headers(
    frame: pd.DataFrame,
    *,
    settled: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
    units: Sequence[str] = (),
    kinds: Mapping[str, Kind] | None = None,
) -> Columns:
    """Find our columns among the headers of a file.

    Parameters
    ----------
    frame : DataFrame
        The table; values are looked at only to tell 状态 (built or planned) from 状态 (in order or not).
    settled : mapping of str to str, optional
        Our column -> header, as the planner wrote it; these are not guessed.
    only : collection of str, optional
        Guess no other columns than these.
    units : sequence of str
        Units that stand above the table (``单位：万人``): they hold for columns that say none of their own.
    kinds : mapping of str to Kind, optional
        The columns that are looked for; those of layers when left out.

    Raises
    ------
    InputError
        A settled header is not in the file, or is settled twice.
    """
    settled = dict(settled or {})
    headers = [str(header) for header in frame.columns]
    missing = [f"{ours} = {theirs!r}" for ours, theirs in settled.items() if theirs not in headers]
    if missing:
        columns = ", ".join(headers) or "(none)"
        raise InputError(Message("layers.no_column", {"missing": ", ".join(missing), "columns": columns}))
    twice = sorted({theirs for theirs in settled.values() if list(settled.values()).count(theirs) > 1})
    if twice:
        raise InputError(Message("layers.column_twice", {"headers": ", ".join(twice)}))
    header_of: dict[str, str] = dict(settled)
    guesses = []
    notes: list[Message] = []
    for ours, kind in (all_kinds() if kinds is None else kinds).items():
        if ours in header_of or (only is not None and ours not in only):
            continue
        if ours == "lonlat" and {"lon", "lat"} <= set(header_of):
            continue
        taken = set(header_of.values())
        candidates = find_candidates(frame, ours, kind, [header for header in headers if header not in taken])
        if ours == "id":
            shared = [header for header in candidates if is_shared(header, frame[header])]
            notes += [Message("layers.id_shared", {"header": header}) for header in shared]
            candidates = [header for header in candidates if header not in shared]
        if candidates:
            notes += tell_parts_left(ours, kind, candidates)
            header_of[ours] = candidates[0]
            guesses.append(Guess(ours, candidates[0], why_taken(ours, kind, candidates)))
    factor = {}
    for ours, theirs in header_of.items():
        scale, note = _factor(ours, theirs, units)
        factor[ours] = scale
        if note:
            guesses.append(Guess(ours, theirs, note))
    notes += [*tell_tables_beside(frame, header_of.values()), *_unused_units(headers, header_of)]
    return Columns(header_of, factor, tuple(guesses), tuple(notes))


def read_columns(
    frame: pd.DataFrame, columns: Columns, *, is_packed: bool = False, marks: Mapping[str, Marks] = NOTHING
) -> tuple[pd.DataFrame, list[Fault]]:
    """Give the table under our names with numbers, angles and yes/no read; other columns keep theirs.

    A cell that cannot be read, or is out of range, becomes empty and is a fault; its row stays. With
    ``is_packed`` angles are numbers such as 121.2430 for 121°24′30″; ``marks`` are those of
    :func:`marks_of`, the point for columns that are not named.
    """
    back = {theirs: ours for ours, theirs in columns.header.items()}
    clash = {ours for ours, theirs in columns.header.items() if ours in frame.columns and theirs != ours}
    result = frame.rename(columns={name: f"{name} (file)" for name in clash - set(back)}).rename(columns=back)
    faults: list[Fault] = []
    for ours, theirs in columns.header.items():
        kind = all_kinds().get(ours) or call_kinds().get(ours)
        if kind is None or kind.type == "text":
            if kind is not None or pd.api.types.is_string_dtype(result[ours]):
                result[ours] = _clean_text(result[ours])
            continue
        mark = marks.get(ours, POINT)
        if is_packed and kind.type == "angle":
            result[ours] = result[ours].map(partial(unpack_cell, marks=mark))
            mark = POINT
        if ours == "is_working" and "status" not in columns.header:
            result["status"] = said_statuses(result[ours])
        result[ours], bad = _read(result[ours], kind, columns.factor.get(ours, 1.0), theirs, mark)
        faults += bad
    for other in result.columns.difference(list(columns.header), sort=False):
        result[other] = _number_if_plain(str(other), result[other])
    return result, faults


def marks_of(
    frame: pd.DataFrame, columns: Columns, what: str, *, asked: Decimal | None = None, may_stop: bool = True
) -> dict[str, Marks]:
    """Tell what commas and points are in each of our columns of numbers and angles.

    Parameters
    ----------
    frame : DataFrame
        The table under the headers of the file.
    columns : Columns
        Which column is which of ours.
    what : str
        The file, for messages.
    asked : {",", "."}, optional
        What the study file says.
    may_stop : bool
        Whether to stop where a column does not say it; else the point holds.

    Raises
    ------
    InputError
        The numbers of a column can be read in two ways.
    """
    marks = {}
    for ours, theirs in columns.header.items():
        kind = all_kinds().get(ours)
        if kind is None or kind.type not in ("number", "angle"):
            continue
        is_own_unit = columns.factor.get(ours, 1.0) == 1.0
        marks[ours] = settle_marks(
            frame[theirs],
            theirs,
            what=what,
            asked=asked,
            is_degrees=kind.type == "angle" and _DEGREES.search(plain_text(theirs)) is not None,
            is_count=is_own_unit and ours in _COUNTS,
            units=kind.units,
            may_stop=may_stop,
        )
    return marks


def marks_told(frame: pd.DataFrame, columns: Columns, marks: Mapping[str, Marks]) -> list[Message]:
    """Tell where commas were read as decimal marks, or points as marks of thousands."""
    headers = {theirs: ours for ours, theirs in columns.header.items() if ours in marks}
    notes = [
        marks_note(frame[theirs], theirs, marks[ours], all_kinds()[ours].units)
        for theirs, ours in headers.items()
    ]
    return [note for note in notes if note is not None]


def read_amounts(column: pd.Series, header: str, *, like: str = "") -> tuple[pd.Series, list[Fault]]:
    """Read any column as numbers from 0 on, such as weights.

    A cell that is blank, or says that it is (``-``, ``/``, 无), is empty; one that cannot be read or is
    negative becomes empty and is a fault.

    Parameters
    ----------
    column : Series
        Cells; index ``row`` as the planner counts.
    header : str
        Its header in the file.
    like : str, optional
        Our column whose units the header may state.

    Raises
    ------
    InputError
        The header states another unit than those of ``like``.

    Examples
    --------
    >>> values, faults = read_amounts(pd.Series(["1,200", "-", "many"], index=[2, 3, 4]), "floor area")
    >>> values.tolist(), [fault.row for fault in faults]
    ([1200.0, nan, nan], [4])
    >>> read_amounts(pd.Series(["0.3"]), "登记人口（万人）", like="people")[0].tolist()
    [3000.0]
    """
    marks = settle_marks(column, header, may_stop=False)
    return _read(column, Kind("number", {}, least=0.0), _factor(like, header)[0], header, marks)


def _number_if_plain(header: str, texts: pd.Series) -> pd.Series:
    """Make a column that is not ours numeric when each text in it is a plain number and none is a code."""
    if not pd.api.types.is_string_dtype(texts) or _CODE.search(plain_text(header)):
        return texts
    known = texts.fillna("").astype(str).str.strip()
    is_blank_cell = known == ""
    if is_blank_cell.all() or not (is_blank_cell | known.str.fullmatch(_PLAIN_NUMBER)).all():
        return texts
    return pd.to_numeric(known.mask(is_blank_cell)).astype(float)


def _read(
    column: pd.Series, kind: Kind, factor: float, header: str, marks: Marks
) -> tuple[pd.Series, list[Fault]]:
    if kind.type == "yes":
        values, bad = read_answers(column, is_of_faults=kind is all_kinds()["is_broken"])
        return values, _faults(column, bad, header, Message("layers.not_yes"))
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        unreadable = np.isinf(values)
    else:
        # A unit in the cell holds, whatever the header says.
        units = {unit: scale / factor for unit, scale in kind.units.items()}
        parsers: dict[str, Callable[[str], float | None]] = {
            "angle": partial(parse_angle, marks=marks),
            "year": parse_year,
            "number": partial(parse_count, units=units, marks=marks),
        }
        values, unreadable = parse_column(column, parsers[kind.type], is_plain=not marks.point_groups)
    values = values * factor
    below, above = values < kind.least, values > kind.most
    has_comma = column.astype(str).str.contains("[,，]").to_numpy(dtype=bool) if unreadable.any() else False
    faults = _faults(column, unreadable & ~has_comma, header, Message(f"layers.not_{kind.type}"))
    faults += _faults(column, unreadable & has_comma, header, Message(f"layers.not_{kind.type}_comma"))
    faults += tell_doubtful(column, values, kind.type, header)
    faults += _faults(column, below, header, _too_small(kind.least))
    faults += _faults(column, above, header, Message("layers.too_large", {"limit": kind.most}))
    values = np.where(unreadable | below | above, np.nan, values)
    return pd.Series(values, index=column.index), faults


def _too_small(limit: float) -> Message:
    return Message("layers.negative") if limit == 0 else Message("layers.too_small", {"limit": limit})


def _faults(column: pd.Series, bad: Any, header: str, reason: Message) -> list[Fault]:
    cells = column[np.asarray(bad, dtype=bool)]
    return [Fault(int(row), header, str(value)[:60], reason) for row, value in cells.items()]


def _clean_text(column: pd.Series) -> pd.Series:
    """Give texts without spaces around, None where blank; a number stored as 7.0 is ``"7"``."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    text = column.astype("string").str.strip()
    return text.mask(text == "", pd.NA).astype(object).where(lambda values: values.notna(), None)


def _own_unit(kind: Kind) -> Message:
    """Name the unit that our column has: the first of its kind with the factor 1."""
    ours = next(name for name, factor in kind.units.items() if factor == 1)
    return Message(f"layers.unit_of_{_OWN_UNITS[ours]}")


def _factor(ours: str, header: str, above: Sequence[str] = ()) -> tuple[float, Message | None]:
    """Factor from the unit of a column to ours, and the note on it."""
    kind = all_kinds().get(ours)
    if kind is None or not kind.units or header == ours:
        return 1.0, None
    unit = split_header(header)[1] or unit_behind(plain_text(header), kind.units)
    of_table = [plain_text(word) for word in above if plain_text(word) in kind.units]
    if not unit and len(of_table) == 1:
        factor = kind.units[of_table[0]]
        return factor, Message("layers.unit_above", {"unit": of_table[0], "factor": factor})
    if not unit:
        return 1.0, Message("layers.unit_assumed", {"unit": _own_unit(kind)})
    if unit not in kind.units:
        known = ", ".join(kind.units)
        raise InputError(
            Message("layers.unit_settled", {"header": header, "unit": unit, "column": ours, "known": known})
        )
    factor = kind.units[unit]
    return factor, None if factor == 1 else Message("layers.unit_scaled", {"unit": unit, "factor": factor})


def _unused_units(headers: Sequence[str], header_of: Mapping[str, str]) -> list[Message]:
    notes: list[Message] = []
    for header in headers:
        base, unit = split_header(header)
        for ours, kind in all_kinds().items():
            is_odd = unit and kind.units and unit not in kind.units and ours not in header_of
            if is_odd and rank_of(kind, base) is not None:
                notes.append(Message("layers.unit_unknown", {"header": header, "column": ours, "unit": unit}))
    return notes
