"""The columns of a line layer: found by their headers, and what their cells say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, NetworkError
from geo.messages import Message
from geo.network.classes import known_class, ranked_classes
from geo.network.tags import access_flags, access_keys, first_value, oneway_code, parse_maxspeed
from geo.words import word_lists

__all__ = [
    "RoadWords",
    "find_columns",
    "first_five",
    "levels",
    "line_tags",
    "row_labels",
]

_DIRECTIONS: Final = {"both": 0, "forward": 1, "backward": -1}
_SPEEDS: Final = (5.0, 130.0)
_MOST_WORDS: Final = 8


@dataclass(frozen=True)
class RoadWords:
    """What the words and codes of a road layer mean, beyond those that are known.

    Parameters
    ----------
    classes : mapping of str to str
        Class of a word, such as ``{"水泥路": "residential"}``.
    oneway : mapping of str to str
        Direction of a code: ``both``, ``forward`` or ``backward``.
    kept : collection of str
        Class words that stand for themselves, such as those of the planner's own speed profile.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    oneway: Mapping[str, str] = field(default_factory=dict)
    kept: Collection[str] = ()

    def __post_init__(self) -> None:
        wrong = [f"{code} = {way!r}" for code, way in self.oneway.items() if way not in _DIRECTIONS]
        if wrong:
            raise InputError(f"oneway_codes {', '.join(wrong)}: choose both, forward or backward")
        known = {*ranked_classes(), *self.kept}
        wrong = [f"{word} = {kind!r}" for word, kind in self.classes.items() if kind not in known]
        if wrong:
            raise InputError(f"classes {', '.join(wrong)}: choose from {', '.join(ranked_classes())}")


def row_labels(frame: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give the number of each row as the planner sees it: the index, where it holds whole numbers."""
    is_whole = pd.api.types.is_integer_dtype(frame.index)
    return frame.index.to_numpy(dtype=np.int64) if is_whole else np.arange(len(frame))


def first_five(rows: NDArray[np.integer]) -> str:
    """Name the first five rows for a message."""
    return ", ".join(str(row) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")


def find_columns(
    frame: gpd.GeoDataFrame, asked: Mapping[str, str], words: RoadWords, default_class: str
) -> tuple[dict[str, str], list[Message]]:
    """Give the frame's column for each ``[columns]`` of ``road_terms.toml``, and notes of the guesses."""
    columns = word_lists("road")["columns"]
    unknown = [key for key in asked if key not in columns]
    missing = [name for name in asked.values() if name not in frame.columns]
    if unknown or missing:
        have = ", ".join(str(name) for name in frame.columns)
        raise InputError(
            f"road columns {', '.join(unknown or missing)} are unknown; "
            f"{'choose from ' + ', '.join(columns) if unknown else 'the layer has ' + have}"
        )
    headers = {_header(name): str(name) for name in frame.columns}
    guessed = {
        key: headers[header]
        for key, known in columns.items()
        for header in known[::-1]
        if key not in asked and header in headers
    }
    if "highway" not in asked:
        guessed |= _class_column(frame, headers, words)
    if "oneway" in guessed and not _tells_direction(frame[guessed["oneway"]], guessed["oneway"]):
        del guessed["oneway"]
    notes: list[Message] = [
        Message("network.road_column", {"header": name, "column": key})
        for key, name in guessed.items()
        if key != name
    ]
    if "highway" not in {**guessed, **asked}:
        shown = tuple(name for name in headers.values() if name != frame.geometry.name)[:12]
        notes.append(Message("network.road_no_class", {"headers": shown, "taken": default_class}))
    return guessed | dict(asked), notes


def _header(name: object) -> str:
    return str(name).strip().casefold()


def _class_column(frame: gpd.GeoDataFrame, headers: Mapping[str, str], words: RoadWords) -> dict[str, str]:
    """Choose the column of classes: the likeliest header under which half of the cells or most are known."""
    lists = word_lists("road")["class_headers"]
    sure = word_lists("road")["columns"]["highway"]
    maybe = [header for header in chain(*lists.values()) if header not in sure]
    names = [headers[header] for header in dict.fromkeys([*sure, *maybe]) if header in headers]
    shares = {name: _known_share(_texts(frame[name]), name, words) for name in names}
    chosen = max(shares, key=lambda name: min(shares[name], 0.5), default=None)
    if chosen is None or (shares[chosen] == 0 and _header(chosen) not in sure):
        return {}
    return {"highway": chosen}


def _known_share(cells: Sequence[str], header: str, words: RoadWords) -> float:
    known = {cell: cell in words.classes or _known(cell, header, words) is not None for cell in set(cells)}
    return float(np.mean([known[cell] for cell in cells])) if len(cells) else 0.0


def _known(word: str, header: str, words: RoadWords) -> str | None:
    return words.classes.get(word) or known_class(word, header=header, kept=words.kept)


def _tells_direction(column: pd.Series, header: str) -> bool:
    """Whether a column whose header may mean a compass direction has codes of driving under it."""
    if _header(header) not in word_lists("road")["oneway_navigation"]["headers"]:
        return True
    return any(cell.casefold() in _oneway_words() or _is_code(cell) for cell in set(_texts(column)) - {""})


def levels(frame: gpd.GeoDataFrame, header_of: Mapping[str, str]) -> NDArray[np.int64]:
    """Number the levels of the rows: equal where layer, bridge and tunnel say the same."""
    keys = [
        _levels(frame[header_of[key]], is_layer=key == "layer")
        for key in ("layer", "bridge", "tunnel")
        if key in header_of
    ]
    if not keys:
        return np.zeros(len(frame), dtype=np.int64)
    numbers: NDArray[np.int64] = pd.MultiIndex.from_arrays(keys).factorize()[0].astype(np.int64)
    return numbers


def _levels(column: pd.Series, *, is_layer: bool) -> list[object]:
    """Give the layer as a number, 0 where none is said; or whether a road is on a bridge or in a tunnel."""
    cells = [cell.casefold() for cell in _texts(column)]
    if not is_layer:
        ground = frozenset(word_lists("road")["level"]["ground"])
        return [cell not in ground for cell in cells]
    numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    return [number if number == number else cell or 0.0 for number, cell in zip(numbers, cells, strict=True)]


def line_tags(
    frame: gpd.GeoDataFrame,
    header_of: Mapping[str, str],
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
        return _texts(frame[header_of[key]]) if key in header_of else [""] * len(frame)

    kinds, notes = _classes(column("highway"), header_of.get("highway", ""), km, words, default_class)
    kind, classes = pd.factorize(np.array(kinds, dtype=object))
    names, all_names = pd.factorize(np.array(["", *column("name")], dtype=object))
    oneway, more = _directions(frame, header_of, column("oneway"), words)
    junction = column("junction")
    implied = [
        not cell and oneway_code({"junction": j}, k)
        for cell, j, k in zip(column("oneway"), junction, kinds, strict=True)
    ]
    maxspeed, of_speed = _speeds(column("maxspeed"), header_of.get("maxspeed", ""), km)
    headers = {key: header_of.get(key, key) for key in sorted(access_keys())}
    tags = {
        key: [value.casefold() for value in _texts(frame[header])]
        for key, header in headers.items()
        if header in frame
    }
    access = [
        access_flags({key: value for key, value in zip(tags, values, strict=True) if value})
        for values in zip(*tags.values(), strict=True)
    ]
    fields = {
        "class": kind.astype(np.int16),
        "oneway": np.where(implied, 1, oneway).astype(np.int8),
        "maxspeed": maxspeed,
        "access": np.array(access or [0] * len(frame), dtype=np.int8),
        "name": names[1:].astype(np.int32),
    }
    return fields, tuple(map(str, classes)), tuple(map(str, all_names)), [*notes, *more, *of_speed]


def _texts(column: pd.Series) -> list[str]:
    """Give the cells of a column as texts, each distinct one read once."""
    try:
        number, values = pd.factorize(column)
    except TypeError:  # lists, as GeoParquet keeps them
        return [_text(value) for value in column]
    texts = [*(_text(value) for value in values), ""]  # a missing cell has the number -1
    return [texts[i] for i in number]


def _text(value: object) -> str:
    """Give a cell as text without spaces around: a flag or number as in OSM, a list as its text."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | np.ndarray):
        return ";".join(map(str, value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return "" if value is None or value is pd.NA or value != value else str(value).strip()


def _classes(
    cells: Sequence[str], header: str, km: NDArray[np.float64], words: RoadWords, default_class: str
) -> tuple[list[str], list[Message]]:
    """Give the class of each row; words that are not known count as the default, where they are few."""
    classes = {cell: _known(cell, header, words) if cell else default_class for cell in set(cells)}
    kinds = [classes[cell] or default_class for cell in cells]
    number, texts = pd.factorize(np.array(cells, dtype=object))
    km_of = dict(zip(texts, np.bincount(number, weights=km), strict=True))
    n_of = dict(zip(texts, np.bincount(number), strict=True))
    by_km = sorted((str(text) for text in texts), key=lambda text: -km_of[text])
    unknown = [text for text in by_km if classes[text] is None]
    values: dict[str, Any] = {
        "n": int(sum(n_of[text] for text in unknown)),
        "km": float(sum(km_of[text] for text in unknown)),
        "header": header,
        "words": ", ".join(f"{text} ({km_of[text]:,.1f} km)" for text in unknown[:_MOST_WORDS])
        + (", ..." if len(unknown) > _MOST_WORDS else ""),
        "taken": default_class,
    }
    if unknown and values["km"] * 2 > km.sum():
        values |= {"all": float(km.sum()), "example": f'"{unknown[0]}"'}
        raise NetworkError(Message("network.road_classes_unknown", values))
    read = [f"{text} = {classes[text]}" for text in by_km if classes[text] and text and classes[text] != text]
    notes: list[Message] = []
    if read:
        shown = ", ".join(read[:20]) + (", ..." if len(read) > 20 else "")
        notes.append(Message("network.road_classes_read", {"header": header, "words": shown}))
    if unknown:
        notes.append(Message("network.road_classes_few", values))
    blank = [text for text in by_km if not text] if header else []
    if blank:
        numbers = {"n": int(n_of[""]), "km": float(km_of[""]), "header": header, "taken": default_class}
        notes.append(Message("network.road_classes_blank", numbers))
    return kinds, notes


def _directions(
    frame: gpd.GeoDataFrame, header_of: Mapping[str, str], cells: Sequence[str], words: RoadWords
) -> tuple[NDArray[np.int8], list[Message]]:
    """Read one-way codes; a few that are not known count as both ways and are noted."""
    header = header_of.get("oneway", "")
    own = {code.casefold(): _DIRECTIONS[way] for code, way in words.oneway.items()}
    plain = [cell.casefold() for cell in cells]
    codes, flags = _direction_codes(set(plain) - own.keys(), header)
    meaning = {"": 0} | codes | own
    strange = [i for i, text in enumerate(plain) if text not in meaning]
    directions = np.array([meaning.get(text, 0) for text in plain], dtype=np.int8)
    if not strange:
        return directions, flags
    texts = ", ".join(list(dict.fromkeys(cells[i] for i in strange))[:5])
    if len(strange) * 2 > sum(text != "" for text in plain):
        raise NetworkError(Message("network.road_oneway_ask", {"header": header, "codes": texts}))
    rows = first_five(row_labels(frame)[strange])
    values = {"n": len(strange), "values": texts, "rows": rows}
    return directions, [*flags, Message("network.road_oneway_unknown", values)]


def _direction_codes(texts: set[str], header: str) -> tuple[dict[str, int], list[Message]]:
    """Give the direction of each code, for the codes that stand under one header.

    Raises
    ------
    NetworkError
        The codes are numbers of which it is not sure what they mean.
    """
    navigation = word_lists("road")["oneway_navigation"]
    is_navigation = _header(header) in navigation["headers"]
    numbers, written = {text for text in texts if _is_code(text)}, texts - {""}
    codes = _oneway_words()
    if {"t", "f"} == written and not is_navigation:
        # Codes of direction come with B for both; alone the letters are how databases say true and false.
        return codes | {"t": 1, "f": 0}, [Message("network.road_oneway_flags")]
    if is_navigation and numbers <= {"0", "1", "2", "3"} and numbers & {"2", "3"}:
        known = {code: _DIRECTIONS[way] for way in _DIRECTIONS for code in navigation[way]}
        return codes | known, [Message("network.road_oneway_navigation", {"header": header})]
    is_sure = numbers <= {"0", "1", "-1"} and texts != {"1"}
    if "-1" in numbers or not numbers or (is_sure and not is_navigation):
        return codes, []
    if numbers == written:
        shown = ", ".join(sorted(numbers)[:8])
        raise NetworkError(Message("network.road_oneway_ask", {"header": header, "codes": shown}))
    return codes, []


def _oneway_words() -> dict[str, int]:
    lists = word_lists("road")
    codes = {word: _DIRECTIONS[way] for way in _DIRECTIONS for word in lists["oneway_column"][way]}
    codes |= dict.fromkeys(lists["oneway_tag"]["changing"], 0)
    codes |= dict.fromkeys(lists["oneway_tag"]["backward"], -1)
    return codes | dict.fromkeys(lists["oneway_tag"]["forward"], 1)


def _is_code(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _speeds(
    cells: Sequence[str], header: str, km: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[Message]]:
    """Read speed limits in km/h, nan where none is said; what no road has is not believed, and is noted."""
    limit = {cell: _limit(cell) for cell in set(cells)}
    speed = np.array([limit[cell] for cell in cells])
    out = np.flatnonzero((speed < _SPEEDS[0]) | (speed > _SPEEDS[1]))
    if not len(out):
        return speed, []
    texts = ", ".join(list(dict.fromkeys(cells[i] for i in out.tolist()))[:5])
    speed[out] = np.nan
    values = {"n": len(out), "km": float(km[out].sum()), "header": header, "values": texts}
    return speed, [Message("network.road_speeds_out", values)]


def _limit(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return parse_maxspeed(first_value(cell))
