"""Facilities of every kind: made from a layer, merged, chosen, and looked over for false entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.conditions import find_word, read_condition
from geo.crs import require_metric, require_same, to_metric
from geo.errors import InputError
from geo.messages import Fault, Message, say_source
from geo.schema import (
    FACILITY_COLUMNS,
    FACILITY_EXTRAS,
    FACILITY_KINDS,
    FACILITY_NUMBERS,
    FACILITY_STATUSES,
)
from geo.words import Lang, word_lists

__all__ = ["find_repeats", "find_suspects", "make_facilities", "merge_facilities", "select"]

_TEXTS: Final = ("name", "zone", "village")
_WATER: Final = ("hydrant", "water_point")
"""Kinds of which broken ones are told apart from closed ones."""
_SAME_M: Final = 50.0
_SAME_ROW_M: Final = 1.0


def make_facilities(
    table: gpd.GeoDataFrame,
    *,
    kind: str,
    status: str = "existing",
    crs: CRS,
    prefix: str | None = None,
    source: str = "",
    extras: Sequence[str] = (),
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Make the Facilities table of one kind from a layer that was read.

    Parameters
    ----------
    table : GeoDataFrame
        As :func:`geo.layers.read_layer` gives it: index row number, our column names, its own CRS. A
        facility drawn as an area is placed at a point inside it, and its area taken where ``area_m2``
        is missing.
    kind : str
        One of ``schema.FACILITY_KINDS``.
    status : str
        Status of the rows that state none.
    crs : CRS
        The metric CRS of the study.
    prefix : str, optional
        Put before each id (``"prefix-id"``), to keep layers apart; rows without an id get
        ``"prefix-row"`` (the kind where no prefix is given).
    source, extras : str, sequence of str
        Name of the file, for the column ``source``; further columns of numbers that are kept.

    Returns
    -------
    facilities : GeoDataFrame
        Index ``facility_id``; columns ``schema.FACILITY_COLUMNS``, ``FACILITY_EXTRAS`` if told, ``extras``.
    faults : tuple of Fault
        Classes and statuses that are not understood (left empty; ``status``), areas turned to points,
        open lines (not kept), and ids used before: the first row keeps the id, a later one is not kept.

    Raises
    ------
    InputError
        The kind or status is no such word.
    CrsError
        The layer has no CRS or the study's is not metric.
    """
    if kind not in FACILITY_KINDS:
        raise InputError(Message("stations.kind_unknown", {"kind": kind, "kinds": ", ".join(FACILITY_KINDS)}))
    if status not in FACILITY_STATUSES:
        raise InputError(
            Message("stations.status_unknown", {"status": status, "statuses": ", ".join(FACILITY_STATUSES)})
        )
    table, lines = _without_lines(table)
    moved = to_metric(table, crs)
    points, areas, faults = _to_points(moved)
    faults = [*lines, *faults]
    columns: dict[str, Any] = {"kind": kind}
    columns["status"], columns["is_working"], bad = _states(table, kind, status)
    faults += bad
    columns["station_class"], columns["level"], bad = _classes(table, kind)
    faults += bad
    for column in _TEXTS:
        columns[column] = _texts(table, column)
    for column in FACILITY_NUMBERS:
        columns[column] = table[column].astype(float) if column in table else np.nan
    more = [name for name in FACILITY_EXTRAS if name in table and table[name].notna().any()] + [*extras]
    columns |= {column: table[column].astype(float) for column in more}
    columns["area_m2"] = pd.Series(columns["area_m2"], index=table.index).fillna(areas)
    columns["source"] = [f"{source} row {row}".strip() for row in table.index]
    frame = gpd.GeoDataFrame(columns, index=table.index, geometry=points, crs=moved.crs)
    frame["is_working"] = frame["is_working"].astype("boolean")
    ids = _ids(table, prefix, kind)
    kept, bad = _first_of_each(ids, table.index)
    frame = frame.set_axis(pd.Index(ids, name="facility_id", dtype=object))[kept]
    return frame[[*FACILITY_COLUMNS[:-1], *more, "geometry"]], tuple(
        sorted([*faults, *bad], key=lambda fault: fault.row)
    )


def merge_facilities(*tables: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put Facilities tables of one CRS under each other.

    Raises
    ------
    InputError
        An id is in more than one table, or there is no table.
    CrsError
        The tables are in different coordinate systems.
    """
    if not tables:
        raise InputError(Message("stations.no_layer"))
    for table in tables[1:]:
        require_same(tables[0], table)
    filled = [table for table in tables if len(table)] or [tables[0]]
    merged = gpd.GeoDataFrame(pd.concat(filled), crs=tables[0].crs)
    again = merged.index[merged.index.duplicated()].unique()
    if len(again):
        faults = [
            Message("stations.id_in", {"id": name, "sources": tuple(map(say_source, rows))})
            for name, rows in ((name, merged.loc[[name], "source"]) for name in again)
        ]
        raise InputError(Message("stations.ids_twice"), faults=faults)
    return merged.rename_axis("facility_id")


def select(
    facilities: gpd.GeoDataFrame,
    *,
    kind: str | Collection[str] | None = None,
    status: str | Collection[str] | None = None,
) -> gpd.GeoDataFrame:
    """Choose facilities by kind and status (one word or several; None takes all)."""
    keep = np.ones(len(facilities), dtype=bool)
    for column, wanted, known in (("kind", kind, FACILITY_KINDS), ("status", status, FACILITY_STATUSES)):
        if wanted is None:
            continue
        words = {wanted} if isinstance(wanted, str) else set(wanted)
        if words - set(known):
            raise InputError(
                Message(
                    "stations.word_unknown",
                    {"column": column, "words": tuple(sorted(words - set(known))), "known": tuple(known)},
                )
            )
        keep &= facilities[column].isin(words).to_numpy()
    return facilities[keep]


def select_answering(
    facilities: gpd.GeoDataFrame,
    *,
    kind: str,
    status: str | Collection[str],
    without_classes: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """Choose the facilities that send out the first engine.

    Parameters
    ----------
    facilities : GeoDataFrame
        A Facilities table.
    kind, status : str or collection of str
        As for :func:`select`.
    without_classes : collection of str
        Station classes that do not answer first, such as ``"logistics"``: a logistics station supplies the
        others and has no zone of its own (建标152-2017).
    """
    rows = select(facilities, kind=kind, status=status)
    return rows[~rows["station_class"].isin(list(without_classes))]


def find_suspects(facilities: gpd.GeoDataFrame, *, lang: Lang = "en") -> pd.DataFrame:
    """List the facilities that may be false entries; nothing is taken out.

    Returns
    -------
    DataFrame
        ``facility_id``, ``reason``: one row per reason, in the table's order. A name that says
        that it is something else (an association, a shop, a museum, an abandoned building); a fire
        station whose name has no word of one, or is that of a headquarters; no name; another of its
        kind within 50 m.
    """
    require_metric(facilities, Message("stations.facilities"))
    suspects = [
        (name, reason)
        for name, label, kind in zip(facilities.index, facilities["name"], facilities["kind"], strict=True)
        if (reason := _suspect_name(label, kind))
    ]
    suspects += _suspect_places(facilities)
    place = {name: i for i, name in enumerate(facilities.index)}
    suspects.sort(key=lambda row: place[row[0]])
    rows = [(name, reason.say(lang)) for name, reason in suspects]
    return pd.DataFrame(rows, columns=["facility_id", "reason"])


def find_repeats(facilities: gpd.GeoDataFrame, *, within_m: float = 100.0) -> pd.DataFrame:
    """List the facilities that stand in the tables before: of the same kind and name, within some metres.

    Hydrants, water points and rows without a name repeat one within a metre that has the same numbers.
    Nothing is taken out.

    Parameters
    ----------
    facilities : GeoDataFrame
        A ``Facilities`` table; closed ones are not looked at.
    within_m : float
        How far apart two of one name may be to be one, metres (inclusive).

    Returns
    -------
    DataFrame
        ``facility_id``, ``first_id`` (the row that stood before it), ``metres`` between them.
    """
    require_metric(facilities, Message("stations.facilities"))
    rows = facilities[facilities["status"] != "closed"].reset_index()
    shapes, kind = rows.geometry.to_numpy(), rows["kind"].to_numpy()
    name = rows["name"].map(lambda text: "".join(str(text).split()).casefold(), na_action="ignore")
    # Hydrants of a street may all bear one name: of them the place decides.
    name = name.where(name.notna() & ~rows["kind"].isin(_WATER), "").to_numpy()
    near, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=within_m)
    metres = shapely.distance(shapes[near], shapes[other])
    numbers = rows[list(FACILITY_NUMBERS)].fillna(-1.0).to_numpy(dtype=float)
    is_row = (metres <= _SAME_ROW_M) & (numbers[near] == numbers[other]).all(axis=1)
    is_same = (kind[near] == kind[other]) & (name[near] == name[other]) & ((name[near] != "") | is_row)
    pairs = pd.DataFrame({"near": near, "other": other, "metres": metres})[is_same & (other < near)]
    pairs = pairs.sort_values(["near", "other"]).drop_duplicates("near")
    ids = rows["facility_id"].to_numpy()
    repeats = {"facility_id": ids[pairs["near"]], "first_id": ids[pairs["other"]], "metres": pairs["metres"]}
    return pd.DataFrame(repeats).reset_index(drop=True)


def _without_lines(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Leave out the open lines: a route between stations is none; a closed line is the outline of one."""
    shapes = table.geometry.to_numpy()
    is_line = np.isin(shapely.get_type_id(shapes), (1, 5)) & ~shapely.is_closed(shapes)
    faults = [Fault(int(row), "geometry", "", Message("stations.open_line")) for row in table.index[is_line]]
    return (table[~is_line], faults) if is_line.any() else (table, [])


def _to_points(frame: gpd.GeoDataFrame) -> tuple[Any, pd.Series, list[Fault]]:
    shapes = frame.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    drawn = kinds != 0
    points = shapes.copy()
    points[drawn] = shapely.point_on_surface(shapes[drawn])
    areas = pd.Series(np.where(np.isin(kinds, (3, 6)), shapely.area(shapes), np.nan), index=frame.index)
    faults = [Fault(int(row), "geometry", "", Message("stations.point_inside")) for row in frame.index[drawn]]
    return points, areas, faults


def _states(table: pd.DataFrame, kind: str, status: str) -> tuple[pd.Series, pd.Series, list[Fault]]:
    """Give the status of each row and whether it works, from its status and from its condition.

    A hydrant that is broken is there; any other facility that cannot be used does not count: it is closed.
    What is not understood leaves its own row alone open.
    """
    texts = _texts(table, "status")
    readings = texts.map(lambda text: None if text is None else read_condition(text))
    states = readings.map(lambda entry: None if entry is None else entry.status).astype(object)
    works = readings.map(lambda entry: None if entry is None else entry.works).astype(object)
    works = _answers(table).fillna(works.where(works.notna(), None).astype("boolean"))
    is_unknown = readings.map(lambda entry: entry is not None and bool(entry.unknown)).astype(bool)
    is_unknown &= ~works.eq(False).fillna(False).astype(bool)  # broken whatever else is said
    # Codes alone (1, 0, ×) are no answer here: their meaning is not known, and nobody would notice.
    if texts.notna().any() and not is_unknown.any() and states.isna().all() and works.isna().all():
        is_unknown = texts.notna()
    key = "stations.unknown_state" if kind in _WATER else "stations.unknown_status"
    reason = Message(key, {"status": Message(f"stations.status_{status}")})
    faults = [Fault(int(row), "status", text[:60], reason) for row, text in texts[is_unknown].items()]
    states = states.where(states.notna(), status)
    if kind not in _WATER:
        is_out = works.eq(False).fillna(False).astype(bool) & (states == "existing")
        states = states.mask(is_out, "closed")
    return states, works, faults


def _answers(table: pd.DataFrame) -> pd.Series:
    """Give whether things work, by the columns that ask for it or for faults."""
    works = pd.Series(pd.NA, index=table.index, dtype="boolean")
    if "is_working" in table:
        works = table["is_working"].astype("boolean")
    return works.fillna(~table["is_broken"].astype("boolean")) if "is_broken" in table else works


def _classes(table: pd.DataFrame, kind: str) -> tuple[pd.Series, pd.Series, list[Fault]]:
    """Give the class of a station, and the level of a shelter or depot, also where it is headed 等级."""
    level, of_class = _texts(table, "level"), _texts(table, "station_class")
    if kind == "fire_station":
        classes, faults = _map_words(table, "station_class", Message("stations.unknown_class"))
        plain = word_lists("facility")["kind"]["fire_station"]  # 消防站 says no class, and is no strange word
        return classes, level, [fault for fault in faults if fault.value.casefold() not in plain]
    if kind not in ("shelter", "depot", "base"):
        return of_class, level, []
    signs = word_lists("facility")["level"]["shelter"] + sum(word_lists("depot")["level"].values(), ())
    is_level = of_class.map(lambda text: text is not None and find_word(text, {"level": signs}) is not None)
    is_level = is_level.astype(bool)
    # Where no row bears a level the column is of something else: 学校, 公园.
    strange = of_class.index[of_class.notna() & ~is_level & level.isna()] if is_level.any() else []
    reason = Message("stations.unknown_level")
    faults = [Fault(int(row), "level", of_class[row][:60], reason) for row in strange]
    nothing = pd.Series([None] * len(table), index=table.index, dtype=object)
    return nothing, level.where(level.notna(), of_class.where(is_level, None)), faults


def _map_words(table: pd.DataFrame, column: str, reason: Message) -> tuple[pd.Series, list[Fault]]:
    """Read a column of words that ``facility_terms.toml`` lists; what is not understood is a fault."""
    words = word_lists("facility")[column]
    texts = _texts(table, column)
    mapped = {text: find_word(text, words) for text in texts.dropna().unique()}
    meant = texts.map(lambda text: None if text is None else mapped[text]).astype(object)
    bad = texts.notna() & meant.isna()
    faults = [Fault(int(row), column, text[:60], reason) for row, text in texts[bad].items()]
    return meant.where(meant.notna(), None), faults


def _texts(table: pd.DataFrame, column: str) -> pd.Series:
    if column not in table:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    texts = table[column].astype("string").str.strip()
    return texts.astype(object).where((texts.notna() & (texts != "")).fillna(False).astype(bool), None)


def _ids(table: pd.DataFrame, prefix: str | None, kind: str) -> list[str]:
    texts = _texts(table, "id")
    lead = f"{prefix}-" if prefix else ""
    return [
        f"{prefix or kind}-{row}" if text is None else f"{lead}{text}"
        for row, text in zip(table.index, texts, strict=True)
    ]


def _first_of_each(ids: Sequence[str], rows: pd.Index) -> tuple[np.ndarray, list[Fault]]:
    keep = np.ones(len(ids), dtype=bool)
    first: dict[str, Any] = {}
    faults = []
    for place, (name, row) in enumerate(zip(ids, rows, strict=True)):
        if name in first:
            keep[place] = False
            faults.append(
                Fault(int(row), "id", name[:60], Message("stations.id_taken", {"row": first[name]}))
            )
        first.setdefault(name, row)
    return keep, faults


def _suspect_name(label: str | None, kind: str) -> Message | None:
    if label is None:
        return Message("stations.suspect_no_name")
    plain, words = label.casefold(), word_lists("facility")["name"]
    others = (*words["something_else"], *(words["lesser"] if kind == "fire_station" else ()))
    wrong = next((word for word in others if word in plain), None)
    if wrong is not None:
        return Message("stations.suspect_other", {"label": label, "word": wrong})
    if kind == "fire_station" and not any(word in plain for word in words["fire_station"]):
        return Message("stations.suspect_no_word", {"label": label})
    if kind == "fire_station" and plain.rstrip(")）").endswith(words["headquarters"]):
        return Message("stations.suspect_headquarters", {"label": label})
    return None


def _suspect_places(facilities: gpd.GeoDataFrame) -> list[tuple[str, Message]]:
    suspects = []
    for _, group in facilities.groupby("kind", sort=False):
        shapes = group.geometry.to_numpy()
        near, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_SAME_M)
        for i, j in zip(near, other, strict=True):
            if i != j:
                values = {"metres": shapely.distance(shapes[i], shapes[j]), "other": group.index[j]}
                suspects.append((group.index[i], Message("stations.suspect_near", values)))
    return suspects
