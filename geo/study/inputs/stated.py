"""What says under any header which facilities are there: 建成状态, 是否建成, a name with （规划）."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.conditions import in_brackets, is_of_another, read_condition, read_state, seems_out
from geo.messages import Message
from geo.study.inputs.counted import has_own_status, note_values, remark_columns
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = ["columns_that_may_say", "open_columns", "settle_stated", "tell_stated"]

_NEVER: Final = frozenset(
    (
        "geometry",
        "status",
        "is_working",
        "is_broken",
        "zone",
        "village",
        "id",
        "source",
        "lon",
        "lat",
        "lonlat",
    )
)
_NAMING: Final = ("name", "kind", "station_class", "level")
_LONGEST: Final = 24


def settle_stated(layer: StudyLayer) -> tuple[StudyLayer, list[Message]]:
    """Take a column whose every cell says a status for the status of the rows that state none.

    A header that asks (是否建成) counts with its answers. Blank cells say nothing. In a name or a class only
    what stands in brackets counts, where it is a status alone: 城西消防站（规划）. A column of what a
    facility has or of what a plan does with it (训练塔, 改造时序, 是否保留) is left to the reader.

    Parameters
    ----------
    layer : StudyLayer
        A layer of facilities as it was read.

    Returns
    -------
    (StudyLayer, list of Message)
        With what those columns say as its column ``status``, and a note of each column with the rows that
        do not count as existing by it.
    """
    table, notes = layer.table, []
    for column, header in (*_naming_columns(layer), *open_columns(layer)):
        shown = _texts(table[column])
        states = shown.map(in_brackets) if column in _NAMING else _stated(shown, header)
        if states is None or is_of_another(header):
            continue
        is_open = ~has_own_status(table) & (states != "")
        is_out = is_open & states.map(_is_out)
        if is_out.any():
            status = table["status"] if "status" in table else pd.Series(None, index=table.index)
            table = table.assign(status=status.astype(object).where(~is_open, states.astype(object)))
            notes.append(Message("study.column_states", note_values(shown[is_out], header)))
    return (replace(layer, table=table) if notes else layer), notes


def tell_stated(layer: StudyLayer, facilities: gpd.GeoDataFrame) -> list[Message]:
    """Note the rows that count as existing though another cell of theirs seems to say otherwise.

    Parameters
    ----------
    layer : StudyLayer
        The layer with the statuses that are settled.
    facilities : GeoDataFrame
        The ``Facilities`` made of its rows, in their order.
    """
    if len(facilities) != len(layer.table):
        return []
    is_existing = (facilities["status"] == "existing").to_numpy()
    is_open = is_existing & ~has_own_status(layer.table).to_numpy()
    notes = []
    for column, header in (*_naming_columns(layer), *open_columns(layer)):
        texts = _texts(layer.table[column])
        says = [0 < len(text) <= _LONGEST and _seems_out(text, header) for text in texts]
        rows = texts[np.array(says, dtype=bool) & is_open]
        if len(rows):
            key = "study.answered_out" if _asked(header) else "study.remarked"
            notes.append(Message(key, note_values(rows, header)))
        blank = texts[(texts == "").to_numpy() & is_open] if _is_question(header) else texts[:0]
        if 0 < len(blank) < len(texts):
            notes.append(Message("study.asked_blank", note_values(blank, header)))
    return notes


def columns_that_may_say(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give names and classes, remarks, and the texts that are read for nothing else, with their headers."""
    yield from _naming_columns(layer)
    yield from remark_columns(layer)
    yield from open_columns(layer)


def _naming_columns(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    return ((name, headers.get(name, name)) for name in _NAMING if name in layer.table)


def open_columns(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give the columns of text that are read for nothing else, under their headers in the file."""
    known = {guess.column for guess in layer.report.guesses} | _NEVER | set(_NAMING)
    known |= {column for column, _ in remark_columns(layer)}
    for column in layer.table.columns:
        is_code = pd.api.types.is_numeric_dtype(layer.table[column])
        if column not in known and (not is_code or _is_answered_in_codes(layer.table[column], str(column))):
            yield str(column), str(column)


def _is_answered_in_codes(column: pd.Series, header: str) -> bool:
    """Whether a column of 1 and 0 answers its header: 是否建成, 规划."""
    return _asked(header) != "" and bool(column.dropna().isin((0, 1)).all())


def _stated(texts: pd.Series, header: str) -> pd.Series | None:
    """Give the status that each cell says in words; None where some cell says anything else."""
    asked = _asked(header)
    plain = texts.map(lambda text: _answered(text, asked)) if asked else texts
    words = [text for text in plain.unique() if text]
    if not words or any(len(text) > _LONGEST or read_state(text) is None for text in words):
        return None
    return plain


def _asked(header: str) -> str:
    """Give what a header asks for, where that is a status: 建成 of 是否建成."""
    plain = re.sub(r"[\s_？?]", "", unicodedata.normalize("NFKC", header))
    for sign in word_lists("facility")["asks"]["before"]:
        rest = plain.removeprefix(sign)
        if rest != plain and (read_state(rest) is not None or _asks_whether_finished(rest)):
            return rest
    return plain if plain.casefold().removeprefix("已") in _ticked_headers() else ""


def _ticked_headers() -> frozenset[str]:
    """Give the headers under which a tick says that state: columns 现状 and 规划 side by side."""
    lists = word_lists("facility")
    return frozenset((*lists["status"]["planned"], *lists["status"]["closed"], *lists["asks"]["ticked"]))


def _is_question(header: str) -> bool:
    """Whether a blank cell is no answer; where states are ticked it is a no."""
    return _asked(header) != "" and any(sign in header for sign in word_lists("facility")["asks"]["before"])


def _asks_whether_finished(asked: str) -> bool:
    words = word_lists("facility")["asks"]
    bare = (asked, *map(asked.removeprefix, words["finished_before"]))
    return any(word in words["finished"] for word in bare)


def _answered(text: str, asked: str) -> str:
    """Say an answer as a status: a no to 建成 is 未建."""
    lists = word_lists("facility")
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    is_finished = _asks_whether_finished(asked)
    if plain in lists["answer"]["yes"]:
        return lists["status"]["existing"][0] if is_finished else asked
    if plain not in lists["answer"]["no"]:
        return text
    if is_finished:
        return lists["status"]["planned"][0]
    if read_condition(asked).status != "existing":
        return lists["status"]["existing"][0]
    is_of_building = any(word in asked for word in lists["asks"]["of_building"])
    return lists["status"]["planned" if is_of_building else "closed"][0]


def _seems_out(text: str, header: str) -> bool:
    asked = _asked(header)
    state = read_state(_answered(text, asked) if asked else text, is_sure=False)
    aside = in_brackets(text, is_sure=False)
    is_town = aside != "" and text.startswith(aside)  # 新建镇消防站（新建）
    return (
        seems_out(text)
        or (state is not None and _is_status(state.status))
        or (not is_town and aside != "" and _is_out(aside))
    )


def _is_out(text: str) -> bool:
    return _is_status(read_condition(text).status)


def _is_status(status: str | None) -> bool:
    return status not in (None, "existing")


def _texts(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.map(lambda number: "" if pd.isna(number) else f"{number:g}").astype("string")
    return column.astype("string").fillna("").str.strip()
