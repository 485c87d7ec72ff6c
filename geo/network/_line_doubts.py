"""What the columns of a line layer say of roads that is not heeded since it may mean several things: told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.messages import Message, first_few
from geo.network._line_texts import column_texts, plain_headers, remark_headers, row_labels
from geo.network._road_words import DIRECTIONS
from geo.network.classes import is_on_foot, is_unbuilt, known_class
from geo.network.conditional import UnheededTag, is_unheeded, may_be_unheeded, tell_unheeded
from geo.network.tags import is_known_access, user_keys
from geo.words import word_lists

__all__ = ["tell_doubts"]

_MOST_WORDS: Final = 8
_LONGEST: Final = 24
"""A longer text is a story."""
_GONE: Final = ("abandoned", "disused", "razed")
_MOST_OFF: Final = 0.5
"""Of a town's roads hardly so many are bridges or tunnels."""
_ENGINE_M: Final = 2.5
"""No engine is narrower: GB 1589-2016 allows 2.55 m, and all but the smallest use it."""
_CJK: Final = re.compile(r"[\u3400-\u9fff]")


def tell_doubts(
    frame: gpd.GeoDataFrame,
    found: Mapping[str, str],
    columns: Mapping[str, Sequence[str]],
    kinds: Sequence[str],
    oneway: NDArray[np.int8],
    km: NDArray[np.float64],
) -> list[Message]:
    """Tell days of closing, no lanes, no way for engines, and words of directions and classes out of place.

    Parameters
    ----------
    frame : GeoDataFrame
        A line layer.
    found : mapping of str to str
        The columns that are read, by what they are read as.
    columns : mapping of str to sequence of str
        Cells of those that rule who may pass.
    kinds : sequence of str
        Class of each row.
    oneway : int8 array, shape (R,)
        Direction of each row.
    km : float64 array, shape (R,)
        Length of each row's lines.
    """
    is_open = np.array([kind not in _GONE and not is_unbuilt(kind) for kind in kinds], dtype=bool)
    is_driven = np.array([not is_on_foot(kind) for kind in kinds], dtype=bool) & is_open
    notes = [*_unknown_access(columns, found, km), *_unheeded(frame, km)]
    on_ground = is_driven & ~_off_ground(frame, found)
    for name, header, texts in _cells(frame):
        if _is_of_closing(header):
            notes += _told("roads_close", texts, lambda text: not _is_never(text), is_open, name, km)
        if header in _lists()["lanes"]["headers"]:
            notes += _without_lanes(texts, is_driven, name, km)
        if header in _lists()["fire_way"]["headers"]:
            notes += _told("roads_no_fire_way", texts, _is_no_way, is_driven, name, km)
        if name not in found.values() and not _is_of_tag(header):
            is_off = _is_yes if header in _lists()["level"]["asked"] else _is_off
            notes += _told("roads_level_said", texts, is_off, on_ground, name, km)
        if header in _lists()["road_width"]["headers"] and name not in found.values():
            notes += _narrow(texts, is_driven, name, km)
        if header in _lists()["against"]["asked"]:
            notes += _told("road_remarks", texts, _is_yes, is_driven, name, km)
        if name == found.get("name") or (name not in found.values() and _is_of_kinds(header)):
            notes += _told("road_names_kinds", texts, _is_not_driven, is_driven, name, km)
        if name != found.get("oneway") and header not in _lists()["columns"]["oneway"]:
            notes += _told(
                "roads_oneway_said", texts, _says_oneway(header), is_driven & (oneway == 0), name, km
            )
    return [*notes, *_lanes_one_way(frame, is_driven & (oneway == 0), km), *_mostly_off(frame, found)]


def _lists() -> Mapping[str, Any]:
    lists: Mapping[str, Any] = word_lists("road")
    return lists


def _cells(frame: gpd.GeoDataFrame) -> Iterator[tuple[str, str, list[str]]]:
    """Give each column: its name, its plain header and its cells."""
    for header, name in plain_headers(frame).items():
        if name != frame.geometry.name:
            yield name, header, column_texts(frame[name])


def _told(
    key: str,
    texts: Sequence[str],
    says: Callable[[str], bool],
    among: NDArray[np.bool_],
    header: str,
    km: NDArray[np.float64],
) -> list[Message]:
    """Tell the rows among some whose cell says a thing, with the words and their kilometres."""
    meant = {text for text in set(texts) if text and says(text)}
    rows = [i for i, text in enumerate(texts) if text in meant and among[i]] if meant else []
    if not rows:
        return []
    by_word: dict[str, list[int]] = {}
    for i in rows:
        by_word.setdefault(texts[i], []).append(i)
    shown = [f"{word} {len(of)} ({km[of].sum():,.1f} km)" for word, of in by_word.items()]
    values = {"n": len(rows), "km": float(km[rows].sum()), "header": header}
    return [Message(f"network.{key}", {**values, "words": first_few(shown, _MOST_WORDS)})]


@cache
def _is_of_closing(header: str) -> bool:
    """Whether a header is that of the day on which a road is closed or given up: 封闭日期, end_date."""
    lists, plain = _lists()["closing"], _plain(header)
    when = (*_lists()["opening"]["when"], *lists["hours"])
    others = (*_lists()["status"]["of_another"], *lists["of_another"])
    is_beside = any(word in plain for word in others)
    is_dated = any(word in plain for word in lists["what"]) and any(word in plain for word in when)
    return plain in lists["headers"] or (is_dated and not is_beside)


@cache
def _is_never(text: str) -> bool:
    """Whether a cell names no day: 0, 9999-12-31, 未封闭."""
    plain, never = _plain(text), _lists()["closing"]["never"]
    begins = [word for word in never if re.fullmatch(r"\d{4}", word) or _CJK.match(word)]
    return plain in never or plain.startswith(tuple(begins))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _without_lanes(
    texts: Sequence[str], is_driven: NDArray[np.bool_], header: str, km: NDArray[np.float64]
) -> list[Message]:
    """Tell roads without lanes, where others have some: all zeros are a column that was never filled in."""
    if not any(_number(text) > 0 for text in set(texts)):
        return []
    return _told("roads_no_lanes", texts, lambda text: _number(text) == 0, is_driven, header, km)


def _narrow(
    texts: Sequence[str], is_driven: NDArray[np.bool_], name: str, km: NDArray[np.float64]
) -> list[Message]:
    """Tell roads that are narrower than any engine; 0 is no width."""
    notes = _told("roads_narrow", texts, lambda text: 0 < _number(text) < _ENGINE_M, is_driven, name, km)
    return [Message(note.key, {**note.values, "engine_m": _ENGINE_M}) for note in notes]


@cache
def _is_of_kinds(header: str) -> bool:
    return any(part in header for part in _lists()["kinds"]["parts"]) and not _is_of_tag(header)


@cache
def _number(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:条|车道|lanes?|m|米)?", _plain(text))
    return float(match[1]) if match else np.nan


@cache
def _is_no_way(text: str) -> bool:
    return _plain(text) in _lists()["fire_way"]["no"]


@cache
def _is_not_driven(text: str) -> bool:
    """Whether a name is a Chinese word for what nobody drives on, and no name: 人行道, 台阶, 铁路."""
    kind = known_class(text) if _CJK.search(text) else None
    return kind is not None and is_on_foot(kind) and not is_unbuilt(kind)


def _says_oneway(header: str) -> Callable[[str], bool]:
    """Give what asks whether a cell is a word for one-way alone; in a remark, whether it has one."""
    return _remarks_oneway if header in remark_headers() else _is_oneway_word


@cache
def _is_oneway_word(text: str) -> bool:
    lists, plain = _lists(), _plain(text)
    words = [word for way, code in DIRECTIONS.items() if code for word in lists["oneway_column"][way]]
    is_plain = bool(_CJK.search(plain)) or plain in ("one-way", "one way", "oneway")
    return is_plain and plain in {*words, "oneway"} - {*lists["oneway_osm"]["other"]}


@cache
def _remarks_oneway(text: str) -> bool:
    lists = _lists()["one_way_remark"]
    has = [any(word in text for word in lists[key]) for key in ("words", "unless")]
    return len(text) <= _LONGEST and has == [True, False]


def _off_ground(frame: gpd.GeoDataFrame, found: Mapping[str, str]) -> NDArray[np.bool_]:
    """Mark the rows that a column of bridges, tunnels or layers puts on another level than the ground."""
    off = np.zeros(len(frame), dtype=bool)
    ground = frozenset(_lists()["level"]["ground"])
    for key in ("bridge", "tunnel", "layer"):
        texts = column_texts(frame[found[key]]) if key in found else []
        off |= np.array([text.casefold() not in ground for text in texts] or False, dtype=bool)
    return off


def _is_of_tag(header: str) -> bool:
    """Whether a header is a tag of OpenStreetMap in which the words are said of other things."""
    return header in _lists()["no_road"]["headers"] or ":" in header


@cache
def _is_off(text: str) -> bool:
    return _plain(text) in _lists()["level"]["off"]


@cache
def _is_yes(text: str) -> bool:
    return _is_off(text) or _plain(text) in _lists()["status"]["yes"]


def _lanes_one_way(
    frame: gpd.GeoDataFrame, both_ways: NDArray[np.bool_], km: NDArray[np.float64]
) -> list[Message]:
    """Tell two-way roads that have lanes in one direction alone."""
    headers, lists = plain_headers(frame), _lists()["lanes"]
    names = [
        next((headers[h] for h in lists[side] if h in headers), None) for side in ("forward", "backward")
    ]
    if None in names:
        return []
    ahead, back = (np.array([_number(text) for text in column_texts(frame[name])]) for name in names)
    rows = np.flatnonzero(both_ways & (((ahead > 0) & (back == 0)) | ((ahead == 0) & (back > 0))))
    if not len(rows):
        return []
    values = {"n": len(rows), "km": float(km[rows].sum()), "headers": tuple(map(str, names))}
    return [Message("network.roads_lanes_oneway", {**values, "rows": first_few(row_labels(frame)[rows])})]


def _mostly_off(frame: gpd.GeoDataFrame, found: Mapping[str, str]) -> list[Message]:
    """Tell columns of bridges and tunnels by which most roads would be one: they say something else."""
    notes = []
    ground = frozenset(_lists()["level"]["ground"])
    for key in ("bridge", "tunnel"):
        texts = column_texts(frame[found[key]]) if key in found else []
        off = [text for text in texts if text.casefold() not in ground]
        if len(off) > _MOST_OFF * len(texts):
            values: dict[str, Any] = {"n": len(off), "all": len(texts), "header": found[key]}
            words = first_few(list(dict.fromkeys(off)), _MOST_WORDS)
            notes.append(Message("network.roads_mostly_off", {**values, "words": words}))
    return notes


def _unknown_access(
    columns: Mapping[str, Sequence[str]], found: Mapping[str, str], km: NDArray[np.float64]
) -> list[Message]:
    """Note what columns of access say in words that are not known: it closes no road."""
    notes = []
    for key in sorted(user_keys() & set(columns)):
        rows = [i for i, text in enumerate(columns[key]) if text and not is_known_access(text.casefold())]
        if rows:
            words = ", ".join(list(dict.fromkeys(columns[key][i] for i in rows))[:8])
            values: dict[str, Any] = {"n": len(rows), "km": float(km[rows].sum())}
            values |= {"header": found.get(key, key), "words": words}
            notes.append(Message("network.road_access_unknown", values))
    return notes


def _unheeded(frame: gpd.GeoDataFrame, km: NDArray[np.float64]) -> list[Message]:
    columns = {key: name for key, name in plain_headers(frame).items() if may_be_unheeded(key)}
    return tell_unheeded(
        UnheededTag(i, key, text, float(km[i]))
        for key, name in columns.items()
        for i, text in enumerate(column_texts(frame[name]))
        if text and is_unheeded(key, text)
    )
