"""The columns of a line layer: found by their headers, and what their cells say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message, first_few
from geo.network._cut_headers import cut_headers
from geo.network._line_classes import find_class_column, read_classes, tell_other_classes
from geo.network._line_directions import (
    find_by_content,
    find_closed,
    read_directions,
    says_oneway,
    tell_blank,
    tells_backward,
    tells_direction,
)
from geo.network._line_doubts import tell_doubts
from geo.network._line_flags import flag_classes
from geo.network._line_levels import OFF_GROUND, is_drawing_layer, more_of
from geo.network._line_limits import read_sizes, read_speeds, seems_speed, split_unit
from geo.network._line_status import tell_status
from geo.network._line_texts import column_texts, header_pairs, plain_header, plain_headers, row_labels
from geo.network._road_words import RoadWords
from geo.network.passage import limiting_keys
from geo.network.tags import (
    CLOSED,
    NO_CARS,
    SPEED_KEYS,
    access_flags,
    access_keys,
    oneway_code,
    oneway_keys,
)
from geo.words import word_lists

__all__ = ["find_columns", "line_tags"]

_MEASURED: Final = (*SPEED_KEYS, "maxheight", "maxwidth", "maxweight")
"""Columns whose header may hold a unit."""
_SPEED: Final = re.compile(r"[1-9]")
"""What a cell of speeds holds that says one: many templates have the column, blank or 0."""
_SEVERAL: Final = ("u", "v", "highway", "oneway", "name", "length", "layer", *OFF_GROUND)
"""Columns of which others of the same meaning are told elsewhere, or change nothing."""
_ONEWAY_TEXT: Final = {0: "no", 1: "yes", -1: "-1"}


def find_columns(
    frame: gpd.GeoDataFrame, asked: Mapping[str, str], words: RoadWords, default_class: str
) -> tuple[dict[str, str], list[Message]]:
    """Give the frame's column for each ``[columns]`` of ``road_terms.toml``, and notes of the guesses."""
    columns = word_lists("road")["columns"]
    unknown = [key for key in asked if key not in columns]
    missing = [name for name in asked.values() if name not in frame.columns]
    if unknown or missing:
        known = tuple(columns) if unknown else tuple(map(str, frame.columns))
        key = "network.road_columns_unknown" if unknown else "network.road_columns_missing"
        raise InputError(Message(key, {"wrong": tuple(unknown or missing), "known": known}))
    headers = plain_headers(frame)
    with_unit = {split_unit(header)[0]: name for header, name in headers.items()} | headers
    guessed = {
        key: _first_filled(frame, [among[header] for header in known if header in among])
        for key, known in columns.items()
        for among in [with_unit if key in _MEASURED else headers]
        if key not in asked and not among.keys().isdisjoint(known)
    }
    for key, cut in cut_headers().items():
        header = next((header for header in cut if header in headers), None)
        if header is not None and key not in asked and key not in guessed:
            guessed[key] = headers[header]
    if "highway" not in asked:
        guessed |= find_class_column(frame, headers, words)
    of_classes = tell_other_classes(frame, guessed["highway"], words) if "highway" in guessed else []
    if "layer" in guessed and is_drawing_layer(frame, guessed["layer"], {**guessed, **asked}.get("highway")):
        del guessed["layer"]
    of_oneway = _choose_oneway(frame, headers, guessed)
    if not {"oneway", *oneway_keys()} & {*guessed, *asked, *headers}:
        other = find_by_content(frame, {*guessed.values(), *asked.values()})
        guessed |= {} if other is None else {"oneway": other}
    notes: list[Message] = [
        Message("network.road_column", {"header": name, "column": key, "what": _meaning(key)})
        for key, names in guessed.items()
        for name in (names, *(more_of(frame, guessed, key) if key in OFF_GROUND else ()))
        if key != name
    ]
    notes += _tell_same(frame, guessed, with_unit)
    if "highway" not in {**guessed, **asked}:
        shown = tuple(name for name in headers.values() if name != frame.geometry.name)[:12]
        notes.append(Message("network.road_no_class", {"headers": shown, "taken": default_class}))
    if not {"oneway", *oneway_keys()} & {*guessed, *asked, *headers}:
        notes.append(Message("network.road_no_oneway"))
    names = dict.fromkeys(name for header, name in with_unit.items() if seems_speed(header))
    speeds = tuple(name for name in names if any(map(_SPEED.search, set(column_texts(frame[name])))))
    if speeds and not {*SPEED_KEYS} & {*guessed, *asked}:
        notes.append(Message("network.road_speeds_unused", {"headers": speeds}))
    return guessed | dict(asked), [*notes, *of_classes, *of_oneway]


def _first_filled(frame: gpd.GeoDataFrame, names: Sequence[str]) -> str:
    """Give the first of some columns of one meaning that says anything: a template may hold a blank one."""
    return next((name for name in names if {*column_texts(frame[name])} - {"", "0"}), names[0])


def _tell_same(
    frame: gpd.GeoDataFrame, guessed: Mapping[str, str], headers: Mapping[str, str]
) -> list[Message]:
    """Tell columns of the same meaning as one that is read, which say something else there."""
    notes = []
    for key, taken in guessed.items():
        known = word_lists("road")["columns"][key]
        plain = {name: header for header, name in header_pairs(frame)}
        like = {name: split_unit(header)[0] for name, header in plain.items()}
        names = {name for name, header in plain.items() if header == plain[taken]}
        if key not in _SEVERAL and not {plain_header(taken), like[taken]}.isdisjoint(known):
            names |= {*(headers[header] for header in known if header in headers)}
            names |= {name for name, base in like.items() if key in _MEASURED and base in known}
        own = column_texts(frame[taken])
        for name in sorted(names - {taken}):
            cells = column_texts(frame[name])
            rows = [
                i for i, (a, b) in enumerate(zip(own, cells, strict=True)) if b not in ("", "0") and a != b
            ]
            if rows:
                labels = first_few(row_labels(frame)[rows])
                values = {"n": len(rows), "header": taken, "other": name, "what": _meaning(key)}
                notes.append(Message("network.road_column_same", {**values, "rows": labels}))
    return notes


def _choose_oneway(
    frame: gpd.GeoDataFrame, headers: Mapping[str, str], guessed: dict[str, str]
) -> list[Message]:
    """Settle the column of directions: of several the first that says against the line too, else the first.

    单双向 says that a road is one-way, 通行方向 beside it which way. A column without any word gives way.
    """
    if "oneway" not in guessed:
        return []
    known = [headers[header] for header in word_lists("road")["columns"]["oneway"] if header in headers]
    names = known or [guessed["oneway"]]  # cut
    telling = [name for name in names if tells_direction(frame[name], name)]
    if not telling:
        del guessed["oneway"]
        return []
    filled = [name for name in telling if any(column_texts(frame[name]))] or telling[:1]
    best = next((name for name in filled if tells_backward(frame[name], name)), filled[0])
    guessed["oneway"] = best
    others = tuple(name for name in filled if name != best)
    if not others:
        return []
    values = {"header": best, "others": others}
    is_blank = np.array([cell in ("", "0") for cell in column_texts(frame[best])])
    left = is_blank & np.any([says_oneway(frame[name]) for name in others], axis=0)
    notes = [Message("network.road_oneway_others", values)]
    if left.any():
        more = {"n": int(left.sum()), "rows": first_few(row_labels(frame)[left])}
        notes.append(Message("network.road_oneway_left", {**values, **more}))
    return notes


def _meaning(key: str) -> Message:
    """Give what a column of roads says, in words."""
    return Message(f"network.of_{key.replace(':', '_')}")


def line_tags(
    frame: gpd.GeoDataFrame,
    found: Mapping[str, str],
    km: NDArray[np.float64],
    words: RoadWords,
    default_class: str,
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...], list[Message]]:
    """Read what the columns say of each row.

    Parameters
    ----------
    km : float64 array, shape (R,)
        Length of each row's lines, by which what is not known is weighed.

    Returns
    -------
    (dict of arrays, tuple of str, tuple of str, list of Message)
        The fields ``class``, ``oneway``, ``maxspeed``, ``access`` and ``name`` of each row; the classes; the
        names; and notes.
    """

    def column(key: str) -> list[str]:
        return column_texts(frame[found[key]]) if key in found else [""] * len(frame)

    kinds, notes = read_classes(column("highway"), found.get("highway", ""), km, words, default_class)
    kinds, of_forms = flag_classes(frame, kinds, km)
    kinds, of_status = tell_status(frame, kinds, km, used=found.values(), year=words.year)
    kind, classes = pd.factorize(np.array(kinds, dtype=object))
    names, all_names = pd.factorize(np.array(["", *column("name")], dtype=object))
    columns = _ruling_columns(frame, found)
    tags = [
        {key: value.casefold() for key, value in zip(columns, values, strict=True) if value}
        for values in zip(*columns.values(), strict=True)
    ] or [{}] * len(frame)
    oneway, of_oneway = read_directions(frame, found, column("oneway"), words)
    oneway = _with_rules(oneway, column("oneway"), column("highway"), tags)
    closed, of_closed = find_closed(column("oneway"), found.get("oneway", ""), km, words)
    of_oneway += [*of_closed, *tell_blank(column("oneway"), oneway, closed, found.get("oneway", ""), km)]
    maxspeed, of_speed = _speeds(columns, found, km, oneway)
    limits, of_limits = read_sizes(columns, found, km)
    fields: dict[str, Any] = {
        "class": kind.astype(np.int16),
        "oneway": oneway,
        "maxspeed": maxspeed,
        "access": np.array([access_flags(row) for row in tags], dtype=np.int8)
        | np.int8(CLOSED | NO_CARS) * closed,
        "name": names[1:].astype(np.int32),
    }
    if limits is not None:
        fields["limits"] = limits
    of_doubts = tell_doubts(frame, found, columns, kinds, oneway, km)
    notes += [*of_forms, *of_status, *of_oneway, *of_speed, *of_limits, *of_doubts]
    return fields, tuple(map(str, classes)), tuple(map(str, all_names)), notes


def _ruling_columns(frame: gpd.GeoDataFrame, found: Mapping[str, str]) -> dict[str, list[str]]:
    """Give the cells of the columns that rule who may use a road, in which direction and how fast."""
    headers = plain_headers(frame) | dict(found)
    ruling = access_keys() | limiting_keys() | oneway_keys() | frozenset(SPEED_KEYS)
    return {key: column_texts(frame[headers[key]]) for key in sorted(ruling - {"oneway"}) if key in headers}


def _with_rules(
    oneway: NDArray[np.int8], cells: Sequence[str], classes: Sequence[str], tags: Sequence[Mapping[str, str]]
) -> NDArray[np.int8]:
    """Give the directions with what other columns say of them, and what roundabouts and motorways imply.

    A motorway is one-way by OpenStreetMap's own rule, so where the layer says ``motorway``: other map makers
    draw both carriageways as one line.
    """
    more = oneway_keys() - {"oneway"}
    codes = oneway.tolist()
    known: dict[Any, int] = {}  # a layer says few things of many roads
    for i, row in enumerate(tags):
        own = () if more.isdisjoint(row) else tuple((key, row[key]) for key in row if key in more)
        if cells[i] and not own:
            continue
        alike = (codes[i] if cells[i] else None, classes[i], row.get("oneway", ""), own)
        if alike not in known:
            of_column = {"oneway": _ONEWAY_TEXT[codes[i]]} if cells[i] else {}
            known[alike] = oneway_code({**row, **of_column}, classes[i])
        codes[i] = known[alike]
    return np.array(codes, dtype=np.int8)


def _speeds(
    columns: Mapping[str, Sequence[str]],
    found: Mapping[str, str],
    km: NDArray[np.float64],
    oneway: NDArray[np.int8],
) -> tuple[NDArray[np.float64], list[Message]]:
    """Read the limit of each road: that of its direction on a one-way road, else the lower one."""
    notes: list[Message] = []
    sides = []
    for key in SPEED_KEYS:
        speed, more = read_speeds(columns.get(key, [""] * len(km)), found.get(key, key), km)
        sides.append(speed)
        notes += more
    plain, forward, backward = sides
    forward = np.where(np.isnan(forward), plain, forward)
    backward = np.where(np.isnan(backward), plain, backward)
    both = np.fmin(forward, backward)
    return np.where(oneway == 1, forward, np.where(oneway == -1, backward, both)), notes
