"""Which rows of facilities count, for a planner: by their own statuses, and where rows repeat others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.conditions import is_of_another, read_condition, read_remark
from geo.messages import Message, say_source
from geo.stations import find_repeats
from geo.study.inputs.log import StudyLayer
from geo.words import word_lists

__all__ = [
    "has_own_status",
    "note_values",
    "remark_columns",
    "settle_remarked",
    "tell_brigades",
    "tell_remarked",
    "tell_repeats",
    "tell_statuses",
]

_OURS: Final = ("geometry", "status", "name", "zone", "village", "id", "source")
_STATES: Final = ("status", "is_working", "is_broken")
_WATER: Final = ("hydrant", "water_point")
"""Kinds that are there though they do not work."""
_LONGEST_REMARK: Final = 16
_MOST_WORDS: Final = 5


def tell_statuses(facilities: gpd.GeoDataFrame, *, status: str) -> list[Message]:
    """Note the rows that do not count as existing by their own words, and the hydrants that do not work.

    Parameters
    ----------
    facilities : GeoDataFrame
        A ``Facilities`` table, of one layer.
    status : str
        Status of rows that state none.
    """
    works = facilities.loc[
        facilities["status"].eq("existing") & facilities["kind"].isin(_WATER), "is_working"
    ]
    n_open, n_works = int(works.isna().sum()), int(works.sum())
    notes = []
    if n_works < len(works) and n_open < len(works):
        n_broken = len(works) - n_open - n_works
        numbers = {"n_rows": len(works), "n": n_works, "broken": n_broken, "open": n_open}
        notes.append(Message("study.own_conditions", numbers))
    n = facilities["status"].value_counts().drop("existing", errors="ignore")
    if status != "existing" or not len(n):
        return notes
    words = tuple(
        Message("study.status_count", {"status": Message(f"maps.status_{word}"), "n": int(k)})
        for word, k in n.items()
    )
    own = Message("study.own_statuses", {"n": int(n.sum()), "n_rows": len(facilities), "words": words})
    return [own, *notes]


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
        is_open = ~has_own_status(table) & says & (not is_of_another(header))
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


def tell_brigades(layer: StudyLayer, facilities: gpd.GeoDataFrame) -> list[Message]:
    """Note the full-time brigades that count as stations without a class: of a town, or of an enterprise.

    Both are brigades by 消防法 (2021) 36 and 39; that of an enterprise stands for its own plant.
    """
    if len(facilities) != len(layer.table):
        return []
    is_one = facilities["kind"].eq("fire_station") & facilities["status"].eq("existing")
    is_asked = (is_one & facilities["station_class"].isna()).to_numpy(dtype=bool, copy=True)
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    words = word_lists("facility")["brigade"]["words"]
    notes = []
    for column in layer.table.columns.drop("geometry", errors="ignore"):
        texts = _texts(layer.table[column])
        rows = texts[texts.map(lambda text: any(word in text for word in words)).to_numpy(bool) & is_asked]
        if len(rows):
            is_asked[layer.table.index.isin(rows.index)] = False
            header = headers.get(str(column), str(column))
            notes.append(Message("study.brigades", note_values(rows, header)))
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
                    "source": say_source(facilities.at[row.facility_id, "source"]),
                    "first": say_source(facilities.at[row.first_id, "source"]),
                    "metres": row.metres,
                },
            )
            for row in rows.head(5).itertuples()
        )
        label = Message(f"study.check_kind_{kind}")
        notes.append(Message("study.repeats", {"n": len(rows), "kind": label, "pairs": pairs}))
    return [*notes, *_tell_names_far(facilities, set(repeats["facility_id"]))]


def _tell_names_far(facilities: gpd.GeoDataFrame, known: set[str]) -> list[Message]:
    """Note the fire stations that bear the name of another far away: of one that has moved, perhaps."""
    is_asked = (facilities["kind"] == "fire_station") & (facilities["status"] == "existing")
    rows = facilities[is_asked & facilities["name"].notna() & ~facilities.index.isin(list(known))]
    plain = rows["name"].map(lambda name: "".join(str(name).split()).casefold())
    rows = rows[(plain != "") & ~plain.isin(word_lists("facility")["kind"]["fire_station"])]
    first = rows.groupby(plain.reindex(rows.index), sort=False)["source"].transform("first")
    again = rows[rows["source"] != first]
    if not len(again):
        return []
    at = dict(zip(rows["source"], rows.geometry, strict=True))
    pairs = tuple(
        Message(
            "study.repeat",
            {
                "name": row.name_,
                "source": row.source,
                "first": first[row.Index],
                "metres": at[row.source].distance(at[first[row.Index]]),
            },
        )
        for row in again.rename(columns={"name": "name_"}).head(_MOST_WORDS).itertuples()
    )
    return [Message("study.names_far", {"n": len(again), "pairs": pairs})]
