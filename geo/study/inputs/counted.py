"""Which rows of facilities count, for a planner: by their own statuses, and where rows repeat others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.conditions import read_condition, read_remark
from geo.messages import Message
from geo.stations import find_repeats
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = [
    "has_own_status",
    "note_values",
    "remark_columns",
    "settle_remarked",
    "tell_remarked",
    "tell_repeats",
    "tell_statuses",
]

_OURS: Final = ("geometry", "status", "name", "zone", "village", "id", "source")
_STATES: Final = ("status", "is_working", "is_broken")
_LONGEST_REMARK: Final = 16
_MOST_WORDS: Final = 5


def tell_statuses(facilities: gpd.GeoDataFrame, *, status: str) -> list[Message]:
    """Note the rows of a layer of existing facilities that do not count as such by their own words.

    Parameters
    ----------
    facilities : GeoDataFrame
        A ``Facilities`` table, of one layer.
    status : str
        Status of rows that state none.
    """
    n = facilities["status"].value_counts().drop("existing", errors="ignore")
    if status != "existing" or not len(n):
        return []
    words = tuple(
        Message("study.status_count", {"status": Message(f"maps.status_{word}"), "n": int(k)})
        for word, k in n.items()
    )
    return [Message("study.own_statuses", {"n": int(n.sum()), "n_rows": len(facilities), "words": words})]


def settle_remarked(layer: StudyLayer) -> tuple[StudyLayer, list[Message]]:
    """Take a plain remark for the status of a row that states none: 已撤销, 计划2026年建成, 无水.

    Parameters
    ----------
    layer : StudyLayer
        A layer of facilities as it was read.

    Returns
    -------
    (StudyLayer, list of Message)
        With those remarks as its column ``status``, and a note of each column with the rows.
    """
    table, notes = layer.table, []
    for column, header in remark_columns(layer):
        texts = _texts(table[column])
        says = texts.map(lambda text: read_remark(text) is not None).astype(bool)
        is_open = ~has_own_status(table) & says
        rows = texts[is_open.to_numpy(dtype=bool)]
        if len(rows):
            status = table["status"] if "status" in table else pd.Series(None, index=table.index)
            table = table.assign(status=status.astype(object).where(~is_open, texts.astype(object)))
            notes.append(Message("study.remark_counts", note_values(rows, header)))
    return (replace(layer, table=table) if notes else layer), notes


def tell_remarked(layer: StudyLayer, facilities: gpd.GeoDataFrame) -> list[Message]:
    """Note the rows that count as existing while a column of remarks says otherwise: 计划2026年建成, 已撤销.

    Parameters
    ----------
    layer : StudyLayer
        The layer as it was read.
    facilities : GeoDataFrame
        The ``Facilities`` made of its rows, in their order.
    """
    if len(facilities) != len(layer.table):
        return []
    is_existing = (facilities["status"] == "existing").to_numpy()
    notes = []
    for column, header in remark_columns(layer):
        texts = _texts(layer.table[column])
        says = texts.map(
            lambda text: _is_short(text) and read_condition(text).status not in (None, "existing")
        )
        rows = texts[says.to_numpy(dtype=bool) & is_existing]
        if len(rows):
            notes.append(Message("study.remarked", note_values(rows, header)))
    return notes


def remark_columns(layer: StudyLayer) -> Iterator[tuple[str, str]]:
    """Give the columns of remarks, with their headers in the file."""
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    words = word_lists("facility")["remark"]["headers"]
    for column in layer.table.columns:
        header = headers.get(str(column), str(column))
        if column not in _OURS and any(word in header.casefold() for word in words):
            yield str(column), header


def has_own_status(table: pd.DataFrame) -> pd.Series:
    """Whether a row says in a column of its own what state it is in."""
    has_status = pd.Series(False, index=table.index)
    for column in _STATES:
        if column in table:
            has_status |= _texts(table[column]) != ""
    return has_status


def _texts(column: pd.Series) -> pd.Series:
    return column.astype("string").fillna("").str.strip()


def note_values(rows: pd.Series, header: str) -> dict[str, object]:
    """Give what a note says of the rows of a column: how many, their numbers, their words."""
    shown = tuple(dict.fromkeys(str(text) for text in rows.head(_MOST_WORDS)))
    numbers = ", ".join(map(str, rows.index[:_MOST_WORDS]))
    return {"n": len(rows), "header": header, "words": shown, "rows": numbers}


def _is_short(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_REMARK


def tell_repeats(facilities: gpd.GeoDataFrame) -> list[Message]:
    """Note the facilities that stand in the tables more than once: each of their rows counts."""
    repeats = find_repeats(facilities)
    notes = []
    for kind, rows in repeats.groupby(repeats["facility_id"].map(facilities["kind"]), sort=False):
        pairs = tuple(
            Message(
                "study.repeat",
                {
                    "name": facilities.at[row.facility_id, "name"] or row.facility_id,
                    "source": facilities.at[row.facility_id, "source"],
                    "first": facilities.at[row.first_id, "source"],
                    "metres": row.metres,
                },
            )
            for row in rows.head(5).itertuples()
        )
        label = Message(f"study.check_kind_{kind}")
        notes.append(Message("study.repeats", {"n": len(rows), "kind": label, "pairs": pairs}))
    return notes
