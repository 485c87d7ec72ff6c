"""Which rows of a line layer are roads that are there: not rivers, and not what is planned or closed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.conditions import (
    in_brackets,
    is_of_another,
    opens_later,
    read_condition,
    read_remark,
    read_state,
    seems_out,
    years_to_come,
)
from geo.errors import NetworkError
from geo.messages import Message, first_few
from geo.network._line_flags import is_flag
from geo.network._line_texts import column_texts, plain_headers, remark_headers, row_labels
from geo.network.classes import is_unbuilt, known_class
from geo.network.conditional import may_be_unheeded
from geo.words import word_lists

__all__ = ["only_roads", "tell_status"]

_MOST_WORDS: Final = 8
_LONGEST: Final = 24
"""A longer text is a story."""
_HEADER_LISTS: Final = ("headers", "yes_is_open", "yes_is_closed")
_THERE: Final = "现状"
"""A header under which words of states stand, or yes and no."""
_NO_TAG: Final = 'highway = ""'
"""What is told of lines that bear no tag of roads, nor another that is known."""
_SHUT: Final = ("proposed", "abandoned")


def only_roads(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Leave out the lines of an export of OpenStreetMap that are rivers, railways, fences and the like.

    A line is such where it bears no ``highway`` and one of the tags of ``[no_road]``, or the id of an object
    of OpenStreetMap: there every road has a ``highway``. A ferry route is none.

    Raises
    ------
    NetworkError
        No line is a road.
    """
    headers = plain_headers(frame)
    if "highway" not in headers:
        return frame, []
    others = [headers[key] for key in word_lists("road")["no_road"]["headers"] if key in headers]
    route = column_texts(frame[headers["route"]]) if "route" in headers else [""] * len(frame)
    is_ferry = np.array([text.casefold() == "ferry" for text in route])
    has_class = np.array([bool(text) for text in column_texts(frame[headers["highway"]])])
    what = np.full(len(frame), "", dtype=object)
    for header in others[::-1]:
        filled = np.array([text.casefold() not in ("", "no") for text in column_texts(frame[header])])
        what[filled & ~has_class & ~is_ferry] = header
    ids = [headers[key] for key in word_lists("road")["no_road"]["ids"] if key in headers]
    of_ids = zip(*(column_texts(frame[name]) for name in ids), strict=True)
    has_id = np.array([not {*row} <= {"", "0"} for row in of_ids])  # 0: drawn by hand between them
    if len(has_id) and has_class.any():
        what[has_id & ~has_class & ~is_ferry & (what == "")] = _NO_TAG
    if (is_ferry & ~has_class).any():
        classes = frame[headers["highway"]].astype(object).where(~(is_ferry & ~has_class), "ferry")
        frame = frame.assign(**{headers["highway"]: classes})
    out = what != ""
    if not out.any():
        return frame, []
    if out.all():
        raise NetworkError(Message("network.lines_no_roads", {"kinds": _counted(what)}))
    rows = first_few(row_labels(frame)[out])
    values = {"n": int(out.sum()), "kinds": _counted(what[out]), "rows": rows}
    return frame[~out], [Message("network.lines_left_out", values)]


def _counted(words: NDArray[np.object_]) -> str:
    kinds, counts = np.unique(words.astype(str), return_counts=True)
    order = np.lexsort((kinds, -counts))
    return ", ".join(f"{kinds[i]} {counts[i]}" for i in order[:_MOST_WORDS])


def tell_status(
    frame: gpd.GeoDataFrame,
    classes: Sequence[str],
    km: NDArray[np.float64],
    used: Collection[str] = (),
    *,
    year: int | None = None,
) -> tuple[list[str], list[Message]]:
    """Give the classes of roads, ``proposed`` or ``abandoned`` where a column says that one is not open.

    A column of states is known by its header, by a header that asks (能否通车), or because each of its cells
    says a state and nothing else. In a name only brackets count that hold a state alone: 沪崇高速（在建）.

    Parameters
    ----------
    frame : GeoDataFrame
        A line layer.
    classes : sequence of str
        Class of each row.
    km : float64 array, shape (R,)
        Length of each row's lines.
    used : collection of str
        Columns that are read for something else.
    year : int, optional
        What opens after it is told; the year of today when missing.
    """
    kinds, notes = list(classes), []
    other = {frame.geometry.name, *used, *_naming(frame)}
    for header, name in plain_headers(frame).items():
        key = _kind_of_header(header)
        if key is None and name in other:
            continue
        texts = column_texts(frame[name])
        words = set(texts) - {""}
        if header == _THERE and words <= {*_answers()}:
            key = "yes_is_open"
        if key is None and not _says_states_alone(words, header):
            continue
        means = {text: _state(text, key or "headers") for text in words}
        if not _is_of_states(means, key, header):
            continue
        shut = [i for i, text in enumerate(texts) if means.get(text) in _SHUT]
        unknown = [
            i for i, text in enumerate(texts) if text and means[text] is None and not _is_shut(kinds[i])
        ]
        for i in shut:
            kinds[i] = str(means[texts[i]])
        for told, rows in (("roads_not_open", shut), ("road_status_unknown", unknown)):
            if rows:
                notes.append(Message(f"network.{told}", _numbers(texts, rows, name, km)))
    named = list(_close_named(frame, kinds, km))
    return kinds, [*notes, *named, *_tell_remarks(frame, kinds, km, other, year)]


def _answers() -> tuple[str, ...]:
    lists = word_lists("road")["status"]
    return (*lists["yes"], *lists["no"])


def _kind_of_header(header: str) -> str | None:
    """Say as which list of ``[status]`` a header is read; one that asks is a yes and no of what it asks."""
    lists = word_lists("road")["status"]
    known = next((key for key in _HEADER_LISTS if header in lists[key]), None)
    if known is not None:
        return known
    plain = re.sub(r"[\s_？?]", "", unicodedata.normalize("NFKC", header))
    asked = next((plain.removeprefix(sign) for sign in lists["asks"] if plain.startswith(sign)), plain)
    is_state = _is_plain_state(plain) and not may_be_unheeded(header)
    state = _state(asked, "headers") if asked != plain or is_state else None
    return None if state is None else "yes_is_open" if state == "open" else "yes_is_closed"


def _is_of_states(means: Mapping[str, str | None], key: str | None, header: str) -> bool:
    """Whether the cells of a column say states of roads; under no known header one must be out."""
    if key is None:
        return any(state in _SHUT for state in means.values())
    # Under these headers other states stand as well, such as that of the record.
    lists = word_lists("road")["status"]
    is_sure = any(header in lists[name] for name in _HEADER_LISTS) and header not in lists["of_anything"]
    return any(means.values()) or (is_sure and 0 < len(means) <= _MOST_WORDS)


def _says_states_alone(words: Collection[str], header: str) -> bool:
    """Whether each cell of a column that no header tells apart says a state; most end at the first."""
    is_else = header in remark_headers() or is_of_another(header) or _is_beside(header)
    return not is_else and all(map(_is_plain_state, words))


def _is_beside(header: str) -> bool:
    """Whether a header is that of what a road has, planned perhaps where the road is not: 路灯, 雨水管."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return any(word in plain for word in word_lists("road")["status"]["of_another"])


def _is_plain_state(text: str) -> bool:
    lists = word_lists("road")["status"]
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    words = (*lists["open"], *lists["closed"], *lists["unbuilt"])
    return plain in words or read_state(plain) is not None


def _naming(frame: gpd.GeoDataFrame) -> list[str]:
    headers = plain_headers(frame)
    return [headers[key] for key in word_lists("road")["columns"]["name"] if key in headers]


def _close_named(frame: gpd.GeoDataFrame, kinds: list[str], km: NDArray[np.float64]) -> Iterator[Message]:
    """Close roads whose name says in brackets that they are not open; tell what else a name seems to say."""
    for name in _naming(frame):
        texts = column_texts(frame[name])
        means = {text: in_brackets(text) and _state(in_brackets(text), "headers") for text in set(texts)}
        named = [
            i for i, text in enumerate(texts) if not _is_shut(kinds[i]) and (means[text] or seems_out(text))
        ]
        shut = [i for i in named if means[texts[i]] in _SHUT]
        for i in shut:
            kinds[i] = str(means[texts[i]])
        left = [i for i in named if not means[texts[i]]]
        for told, rows in (("roads_not_open", shut), ("road_remarks", left)):
            if rows:
                yield Message(f"network.{told}", _numbers(texts, rows, name, km))


def _tell_remarks(
    frame: gpd.GeoDataFrame,
    kinds: Sequence[str],
    km: NDArray[np.float64],
    used: Collection[str],
    year: int | None,
) -> Iterator[Message]:
    """Tell roads of which a remark says that they are planned, built or gone, and no column does.

    So are those that open in a year to come by a column of years, or by the words of any other, and those of
    which a column that is read for nothing else has a word against driving there: 管制 = 施工封闭.
    """
    remarks, more = remark_headers(), word_lists("road")["opening"]["words"]
    last = date.today().year if year is None else year
    basis = Message(f"network.year_{'today' if year is None else 'set'}", {"year": last})
    for header, name in plain_headers(frame).items():
        if name == frame.geometry.name:
            continue
        texts = column_texts(frame[name])
        says = years_to_come if _is_of_opening(header) else partial(opens_later, more=more)
        is_number = pd.api.types.is_integer_dtype(frame[name].dtype)  # such as half a million ids
        says_words = not is_number or _is_of_opening(header)
        later = {text for text in set(texts) if says(text, last=last)} if says_words else set[str]()
        is_read = is_number or name in used or may_be_unheeded(header) or _kind_of_header(header) is not None
        is_read = is_read or _is_beside(header)
        is_remark = header in remarks
        said = {
            text
            for text in set(texts) - later - {""}
            if (is_remark and _remarks_out(text))
            or (not is_read and _speaks_against(text) and not is_flag(header, text))
        }
        for key, among in (("road_opens_later", later), ("road_remarks", said)):
            rows = [i for i, text in enumerate(texts) if text in among and not _is_shut(kinds[i])]
            if rows:
                values = {**_numbers(texts, rows, name, km), "basis": basis}
                yield Message(f"network.{key}", values)


def _remarks_out(text: str) -> bool:
    """Whether a remark says that its road is not open, or names it one that is not there yet: 规划道路."""
    return read_remark(text) is not None or is_unbuilt(known_class(text) or "")


def _speaks_against(text: str) -> bool:
    """Whether a part of a short text has a word against driving, and none that turns it.

    So 施工封闭 and 禁止停车，施工封闭 do, not 解除封闭 or 禁止货车通行.
    """
    lists = word_lists("road")["against"]
    parts = re.split(r"[,;、。/|]+", unicodedata.normalize("NFKC", text).casefold())
    return len(text) <= _LONGEST and any(
        any(word in part for word in lists["words"]) and not any(word in part for word in lists["unless"])
        for part in parts
    )


@cache
def _is_of_opening(header: str) -> bool:
    """Whether a header is that of the year in which a road was built or opens: 通车时间, open_year."""
    lists = word_lists("road")["opening"]
    plain = unicodedata.normalize("NFKC", header)
    is_dated = any(word in plain for word in lists["when"]) and any(word in plain for word in lists["what"])
    return is_dated or plain in lists["headers"]


def _is_shut(kind: str) -> bool:
    """Whether a class already says that a road is not there yet, or no more."""
    return kind in ("abandoned", "disused", "razed") or is_unbuilt(kind)


def _state(text: str, key: str) -> str | None:
    """Say what a cell means: ``open``, ``proposed``, ``abandoned``, or None where it is not known."""
    lists = word_lists("road")["status"]
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if key != "headers":
        if plain not in (*lists["yes"], *lists["no"]):
            return None
        is_open = (plain in lists["yes"]) == (key == "yes_is_open")
        return "open" if is_open else "abandoned"
    if plain in lists["open"] or plain in lists["closed"]:
        return "open" if plain in lists["open"] else "abandoned"
    if plain in lists["unbuilt"]:
        return "proposed"
    condition = read_condition(plain)
    if condition.status in ("planned", "candidate"):
        return "proposed"
    if condition.status == "closed" or condition.works is False:
        return "abandoned"
    return "open" if condition.status or condition.works else None


def _numbers(
    texts: Sequence[str], rows: Sequence[int], header: str, km: NDArray[np.float64]
) -> Mapping[str, Any]:
    by_word: dict[str, list[int]] = {}
    for i in rows:
        by_word.setdefault(texts[i], []).append(i)
    shown = [f"{word} {len(of)} ({km[of].sum():,.1f} km)" for word, of in by_word.items()]
    words = first_few(shown, _MOST_WORDS)
    return {"n": len(rows), "km": float(km[list(rows)].sum()), "header": header, "words": words}
