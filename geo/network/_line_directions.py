"""One-way columns of line layers: words, and codes of navigation data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import NetworkError
from geo.messages import Message, first_few
from geo.network._line_texts import column_texts, plain_header, row_labels
from geo.network._road_words import DIRECTIONS, RoadWords
from geo.words import word_lists

__all__ = [
    "find_by_content",
    "find_closed",
    "read_directions",
    "says_oneway",
    "tell_blank",
    "tells_backward",
    "tells_direction",
]

_MOST_CODE: Final = 9


def tells_direction(column: pd.Series, header: str) -> bool:
    """Whether a column whose header may mean a compass direction has codes of driving under it."""
    if plain_header(header) not in word_lists("road")["oneway_navigation"]["headers"]:
        return True
    cells = set(column_texts(column)) - {""}
    codes = {cell for cell in cells if _is_code(cell)}
    if codes and max(map(int, codes)) > _MOST_CODE:  # degrees
        return False
    return bool(codes) or any(cell.casefold() in _oneway_words() for cell in cells)


def tells_backward(column: pd.Series, header: str) -> bool:
    """Whether a column of directions says of some roads that they are driven against their line."""
    cells = {cell.casefold() for cell in column_texts(column)} - {""}
    if plain_header(header) in word_lists("road")["oneway_navigation"]["headers"] and cells & {"2", "3"}:
        return True
    return cells != {"t", "f"} and any(_oneway_words().get(cell) == -1 for cell in cells)


def find_by_content(frame: gpd.GeoDataFrame, used: Collection[str]) -> str | None:
    """Give a column of any header each of whose filled cells is a word of directions, and one of a direction.

    Words that stand under other headers as well (是, T, 1) are none here.
    """
    lists = word_lists("road")["oneway_column"]
    words = {word for way in DIRECTIONS for word in lists[way]} - {*word_lists("road")["oneway_osm"]["other"]}
    one_way = {word for word, code in _oneway_words().items() if code}
    for name in frame.columns:
        if name in used or name == frame.geometry.name:
            continue
        said = {text.casefold() for text in column_texts(frame[name])} - {""}
        if said & one_way and said <= words:
            return str(name)
    return None


def says_oneway(column: pd.Series) -> NDArray[np.bool_]:
    """Whether each cell says by a word, or as yes and no, that its road is one-way."""
    cells = [cell.casefold() for cell in column_texts(column)]
    words = {cell: code for cell, code in _oneway_words().items() if code}
    if set(cells) <= {"", "t", "f"}:  # true and false
        words = {"t": 1}
    return np.array([cell in words for cell in cells], dtype=bool)


def read_directions(
    frame: gpd.GeoDataFrame, found: Mapping[str, str], cells: Sequence[str], words: RoadWords
) -> tuple[NDArray[np.int8], list[Message]]:
    """Read one-way codes; a few that are not known count as both ways and are noted."""
    header = found.get("oneway", "")
    own = {code.casefold(): DIRECTIONS[way] for code, way in words.oneway.items()}
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
    rows = first_few(row_labels(frame)[strange])
    values = {"n": len(strange), "values": texts, "rows": rows}
    return directions, [*flags, Message("network.road_oneway_unknown", values)]


def find_closed(
    cells: Sequence[str], header: str, km: NDArray[np.float64], words: RoadWords
) -> tuple[NDArray[np.bool_], list[Message]]:
    """Mark the roads that are driven in neither direction: N beside FT and TF, or beside F and T.

    So the networks of ESRI and TomTom say it; beside yes and no it is a no.

    Parameters
    ----------
    cells : sequence of str
        Of the column of directions.
    header : str
        Of the column.
    km : float64 array, shape (R,)
        Length of each row's lines.
    words : RoadWords
        Where the planner says what the code means, it means that.
    """
    rules = word_lists("road")["oneway_neither"]
    plain = [cell.casefold() for cell in cells]
    known = {cell.casefold() for cell in words.oneway}
    is_of_directions = {*rules["beside"]} & set(plain) and {*rules["unless"]}.isdisjoint(plain)
    codes = {*rules["codes"]} - known if is_of_directions else set()
    closed = np.array([cell in codes for cell in plain], dtype=bool)
    if not closed.any():
        return closed, []
    shown = ", ".join(dict.fromkeys(cell for cell, shut in zip(cells, closed, strict=True) if shut))
    values = {"n": int(closed.sum()), "km": float(km[closed].sum()), "header": header, "codes": shown}
    return closed, [Message("network.road_oneway_neither", values)]


def tell_blank(
    cells: Sequence[str],
    oneway: NDArray[np.int8],
    closed: NDArray[np.bool_],
    header: str,
    km: NDArray[np.float64],
) -> list[Message]:
    """Tell the roads that say nothing of their direction, where others do; they are two-way.

    Where other cells say so of two-way roads, a blank one was perhaps never filled in. OpenStreetMap's own
    tag says nothing of most two-way roads, and nothing is told of that.

    Parameters
    ----------
    cells : sequence of str
        Of the column of directions.
    oneway : int8 array, shape (R,)
        The direction that each road got.
    closed : bool array, shape (R,)
        Whether it is driven in neither direction.
    header : str
        Of the column.
    km : float64 array, shape (R,)
        Length of each row's lines.
    """
    lists = word_lists("road")
    filled = [cell.casefold() for cell in cells if cell]
    is_tag = plain_header(header) == "oneway" and {*lists["oneway_osm"]["words"]}.issuperset(filled)
    blank = np.array([not cell for cell in cells], dtype=bool) & (oneway == 0)
    if not filled or is_tag or not blank.any():
        return []
    n_both = int(((oneway == 0) & ~blank & ~closed).sum())
    key = "network.road_oneway_blank" if n_both else "network.road_oneway_blank_only"
    values = {"n": int(blank.sum()), "km": float(km[blank].sum()), "header": header, "others": n_both}
    return [Message(key, values)]


def _direction_codes(texts: set[str], header: str) -> tuple[dict[str, int], list[Message]]:
    """Give the direction of each code, for the codes that stand under one header.

    Raises
    ------
    NetworkError
        The codes are numbers of which it is not sure what they mean.
    """
    navigation = word_lists("road")["oneway_navigation"]
    is_navigation = plain_header(header) in navigation["headers"]
    numbers, written = {text for text in texts if _is_code(text)}, texts - {""}
    codes = _oneway_words()
    if {"t", "f"} == written and not is_navigation:
        # Codes of direction come with B for both; alone the letters are how databases say true and false.
        return codes | {"t": 1, "f": 0}, [Message("network.road_oneway_flags")]
    # 0 and 1 beside 2 alone may also be both ways, along and against the line.
    is_sure_navigation = (
        numbers <= {"0", "1", "2", "3"} and numbers & {"2", "3"} and numbers != {"0", "1", "2"}
    )
    if is_navigation and is_sure_navigation:
        known = {code: DIRECTIONS[way] for way in DIRECTIONS for code in navigation[way]}
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
    codes = {word: DIRECTIONS[way] for way in DIRECTIONS for word in lists["oneway_column"][way]}
    codes |= dict.fromkeys(lists["oneway_tag"]["changing"], 0)
    codes |= dict.fromkeys(lists["oneway_tag"]["backward"], -1)
    return codes | dict.fromkeys(lists["oneway_tag"]["forward"], 1)


def _is_code(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
