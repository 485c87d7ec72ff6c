"""Facilities that open in a year to come: planned, by the year of the study or else by that of today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.conditions import is_of_another, opens_later, read_condition, says_opening_alone
from geo.messages import Message
from geo.schema import FACILITY_NUMBERS
from geo.study.inputs.counted import has_own_status, note_values
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.stated import columns_that_may_say
from geo.words import word_lists

__all__ = ["settle_openings"]

_NAMING: Final = ("name", "kind", "station_class", "level")


def settle_openings(layer: StudyLayer, *, year: int | None) -> tuple[StudyLayer, list[Message]]:
    """Take rows of facilities that open after a year for planned, where no word of theirs says otherwise.

    A year of building, or a text such as 2030年建成, in a column of statuses, of remarks, or any other that
    does not speak of something else (改造时序). Who says in a column of statuses that it is there counts, and
    is told; so does a text that says more than the opening, which may be that of another thing (训练塔2027年
    建成, 2028年扩建完工).

    Parameters
    ----------
    layer : StudyLayer
        A layer of facilities that count as existing where they say nothing, with the statuses that are
        settled.
    year : int or None
        The last year of which openings count; None takes that of today.

    Returns
    -------
    (StudyLayer, list of Message)
        With those rows as planned in its column ``status``, and a note of each column with its rows and
        the year by which they were judged.
    """
    last = date.today().year if year is None else year
    basis = Message(f"network.year_{'today' if year is None else 'set'}", {"year": last})
    table, notes = layer.table, []
    planned = word_lists("facility")["status"]["planned"][0]
    for column, header, shown, is_later in _openings(layer, last):
        is_own = has_own_status(table).to_numpy()
        is_told = is_later & (_says_more(shown) if column == "status" else is_own)
        is_taken = is_later & ~is_told & _is_alone(shown, column) & (not is_of_another(header))
        if is_taken.any():
            status = table["status"] if "status" in table else pd.Series(None, index=table.index)
            table = table.assign(status=status.astype(object).where(~is_taken, planned))
            notes.append(
                Message("study.opens_planned", note_values(shown[is_taken], header) | {"basis": basis})
            )
        is_told = (is_told & _says_there(layer.table)) | (is_later & ~is_taken & ~is_told & ~is_own)
        if is_told.any():
            notes.append(Message("study.opens_later", note_values(shown[is_told], header) | {"basis": basis}))
    return (replace(layer, table=table) if notes else layer), notes


def _openings(layer: StudyLayer, last: int) -> Iterator[tuple[str, str, pd.Series, NDArray[np.bool_]]]:
    """Give the columns of which some rows open later: header, what they show, which rows."""
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    if "opened_year" in layer.table:
        years = pd.to_numeric(layer.table["opened_year"], errors="coerce")
        is_later = (years > last).to_numpy(dtype=bool)
        if is_later.any():
            shown = years.map(lambda year: f"{year:.0f}")
            yield "opened_year", headers.get("opened_year", "opened_year"), shown, is_later
    own = [("status", headers.get("status", "status"))] if "status" in layer.table else []
    for column, header in (*own, *columns_that_may_say(layer), *_columns_of_numbers(layer)):
        texts = _texts(layer.table[column])
        later = [opens_later(text, last=last, header=header) for text in texts]
        if any(later):
            yield column, header, texts, np.array(later, dtype=bool)


def _columns_of_numbers(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give the columns of numbers that are read for nothing else: a year by its header, 计划建成年."""
    known = {guess.column for guess in layer.report.guesses} | {*FACILITY_NUMBERS}
    for column in layer.table.columns:
        is_number = pd.api.types.is_numeric_dtype(layer.table[column])
        if is_number and column not in known and not pd.api.types.is_bool_dtype(layer.table[column]):
            yield str(column), str(column)


def _texts(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda number: "" if pd.isna(number) else f"{number:.10g}")
    return column.astype("string").fillna("").str.strip()


def _is_alone(shown: pd.Series, column: str) -> NDArray[np.bool_]:
    """Whether a text says the opening and nothing else; of a name what is in brackets behind it counts."""
    if column in ("opened_year", "status"):
        return np.ones(len(shown), dtype=bool)
    texts = shown.astype(str)
    if column in _NAMING:
        texts = texts.str.extract(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]\s*$")[0].fillna(texts)
    return np.array([says_opening_alone(text) for text in texts], dtype=bool)


def _says_more(texts: pd.Series) -> NDArray[np.bool_]:
    """Whether a status says beside the opening that the thing is there: 在用（2027年改造完工）."""
    words = sorted(word_lists("facility")["asks"]["opening"], key=len, reverse=True)
    opening = re.compile("|".join(map(re.escape, words)))
    rest = [opening.sub(" ", text.casefold()) for text in texts.astype(str)]
    return np.array([read_condition(text).status == "existing" for text in rest], dtype=bool)


def _says_there(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a row says in words of its own that it is there."""
    if "status" not in table:
        return np.zeros(len(table), dtype=bool)
    texts = table["status"].astype("string").fillna("")
    return np.array([read_condition(text).status == "existing" for text in texts], dtype=bool)
