"""Which rows of a line layer are roads that are there: not rivers, and not what is planned or closed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.conditions import read_condition, read_remark
from geo.errors import NetworkError
from geo.messages import Message, first_few
from geo.network._line_texts import column_texts, plain_headers, row_labels
from geo.network.classes import is_unbuilt
from geo.words import word_lists

__all__ = ["only_roads", "tell_status"]

_MOST_WORDS = 8


def only_roads(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Leave out the lines of an export of OpenStreetMap that are rivers, railways, fences and the like.

    A line is such where it bears no ``highway`` and one of the tags of ``[no_road]``. A ferry route is none.

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
    frame: gpd.GeoDataFrame, classes: Sequence[str], km: NDArray[np.float64]
) -> tuple[list[str], list[Message]]:
    """Give the classes of roads, ``proposed`` or ``abandoned`` where a column says that one is not open.

    Parameters
    ----------
    frame : GeoDataFrame
        A line layer.
    classes : sequence of str
        Class of each row.
    km : float64 array, shape (R,)
        Length of each row's lines.
    """
    kinds, notes = list(classes), []
    lists = word_lists("road")["status"]
    headers = plain_headers(frame)
    for key in ("headers", "yes_is_open", "yes_is_closed"):
        for header in (headers[name] for name in lists[key] if name in headers):
            texts = column_texts(frame[header])
            means = {text: _state(text, key) for text in set(texts) - {""}}
            if not any(means.values()):
                continue  # some other status, such as that of the record
            shut = [i for i, text in enumerate(texts) if means.get(text) in ("proposed", "abandoned")]
            unknown = [i for i, text in enumerate(texts) if text and means[text] is None]
            for i in shut:
                kinds[i] = str(means[texts[i]])
            for name, rows in (("roads_not_open", shut), ("road_status_unknown", unknown)):
                if rows:
                    notes.append(Message(f"network.{name}", _numbers(texts, rows, header, km)))
    return kinds, [*notes, *_tell_remarks(frame, kinds, km)]


def _tell_remarks(
    frame: gpd.GeoDataFrame, kinds: Sequence[str], km: NDArray[np.float64]
) -> Iterator[Message]:
    """Tell roads of which a remark says that they are planned, built or gone, and no column does."""
    headers = plain_headers(frame)
    for name in word_lists("facility")["remark"]["headers"]:
        if name not in headers:
            continue
        texts = column_texts(frame[headers[name]])
        said = {text for text in set(texts) - {""} if read_remark(text) is not None}
        rows = [i for i, text in enumerate(texts) if text in said and not _is_shut(kinds[i])]
        if rows:
            yield Message("network.road_remarks", _numbers(texts, rows, headers[name], km))


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
