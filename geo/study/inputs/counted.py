"""Which rows of facilities count, for a planner: by their own statuses, and where rows repeat others."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

from geo.conditions import read_condition
from geo.messages import Message
from geo.stations import find_repeats
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = ["tell_remarked", "tell_repeats", "tell_statuses"]

_OURS: Final = ("geometry", "status", "name", "zone", "village", "id", "source")
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
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    words = word_lists("facility")["remark"]["headers"]
    is_existing = (facilities["status"] == "existing").to_numpy()
    notes = []
    for column in layer.table.columns:
        header = headers.get(str(column), str(column))
        if column in _OURS or not any(word in header.casefold() for word in words):
            continue
        texts = layer.table[column].astype("string").fillna("").str.strip()
        says = texts.map(
            lambda text: _is_short(text) and read_condition(text).status not in (None, "existing")
        )
        rows = texts[says.to_numpy(dtype=bool) & is_existing]
        if len(rows):
            shown = tuple(dict.fromkeys(str(text) for text in rows.head(_MOST_WORDS)))
            numbers = ", ".join(map(str, rows.index[:_MOST_WORDS]))
            values = {"n": len(rows), "header": header, "words": shown, "rows": numbers}
            notes.append(Message("study.remarked", values))
    return notes


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
