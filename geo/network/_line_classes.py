"""The column of classes of a line layer, and the class of each row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import NetworkError
from geo.messages import Message
from geo.network._line_texts import column_texts, plain_header, plain_headers
from geo.network._road_words import RoadWords
from geo.network.classes import MIXED, is_from_memory, is_on_foot, known_class
from geo.words import say_if_there, word_lists

__all__ = ["class_column", "find_class_column", "read_classes", "tell_other_classes"]

_MOST_WORDS: Final = 8
_MOST_SHARE: Final = 0.5
"""Under the likeliest header this share of all cells are words of classes, or another column is looked at."""
_MOST_READ: Final = 20
_SURE_SHARE: Final = 0.8
"""A column of an unknown header holds the classes where this share of its cells are words of classes."""
_DRAWN_SHARE: Final = 0.2
"""Of the layers of a drawing so many: contours and houses stand on other layers of the same file."""
_MOST_CLASSES: Final = 500
"""A column of so many words holds names or remarks: to ask what class each one is takes long."""
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?")


def find_class_column(
    frame: gpd.GeoDataFrame, headers: Mapping[str, str], words: RoadWords
) -> dict[str, str]:
    """Choose the column of classes: the likeliest header under which half of the cells or most are known.

    Where no header is known, or hardly a cell under it, it is the column in which most cells are words of
    classes: 类别 may say what a road is paved with, and 等级 of a drawing is an attribute of its blocks.
    """
    lists = word_lists("road")["class_headers"]
    sure = word_lists("road")["columns"]["highway"]
    maybe = [header for header in chain(*lists.values()) if header not in sure]
    names = [headers[header] for header in dict.fromkeys([*sure, *maybe]) if header in headers]
    shares = {name: _known_share(column_texts(frame[name]), name, words) for name in names}
    chosen = max(shares, key=lambda name: min(shares[name], _MOST_SHARE), default=None)
    if chosen is not None and shares[chosen] == 0 and plain_header(chosen) not in sure:
        chosen = None
    if chosen is None or shares[chosen] < _MOST_SHARE:
        other = _by_content(frame, headers, words)
        is_better = chosen is None or (
            other is not None and _known_share(column_texts(frame[other]), "", words) > shares[chosen]
        )
        chosen = other if is_better else chosen
    return {} if chosen is None else {"highway": chosen}


def tell_other_classes(frame: gpd.GeoDataFrame, chosen: str, words: RoadWords) -> list[Message]:
    """Tell columns whose cells are classes as well, and not those of the column that was taken.

    行政等级 and 技术等级 of one road differ; codes beside the words of Geofabrik say the same.

    Parameters
    ----------
    frame : GeoDataFrame
        A road layer.
    chosen : str
        The column that the classes are read from.
    words : RoadWords
        What words of this layer mean.
    """
    lists, headers = word_lists("road"), plain_headers(frame)
    names = dict.fromkeys(
        headers[header]
        for header in chain(lists["columns"]["highway"], *lists["class_headers"].values())
        if header in headers and headers[header] != chosen
    )
    names |= dict.fromkeys(_named_otherwise(frame, {chosen, *names}, words))
    taken = [_known(text, chosen, words) for text in column_texts(frame[chosen])]
    others = []
    for name in names:
        texts = column_texts(frame[name])
        meant = {text: _known(text, name, words) for text in set(texts)}
        differ = [meant[text] not in (None, own, "road") for text, own in zip(texts, taken, strict=True)]
        if any(differ) and _known_share([text for text in texts if text], name, words) >= _SURE_SHARE:
            others.append(f"{name} ({sum(differ)})")
    return (
        [Message("network.road_class_others", {"header": chosen, "others": tuple(others)})] if others else []
    )


def _named_otherwise(frame: gpd.GeoDataFrame, known: Collection[str], words: RoadWords) -> list[str]:
    """Give the columns of any other header whose filled cells are Chinese words of classes, nearly all."""
    taken = {header for listed in word_lists("road")["columns"].values() for header in listed}
    named = []
    for header, name in plain_headers(frame).items():
        if name in known or header in taken or name == frame.geometry.name:
            continue
        filled = [text for text in column_texts(frame[name]) if text]
        cells = set(filled)
        if len(cells) > _MOST_CLASSES or not all(map(_CHINESE.search, cells)):
            continue
        driven = (kind for text in cells if (kind := _known(text, name, words)) and not is_on_foot(kind))
        if any(driven) and _known_share(filled, name, words) >= _SURE_SHARE:
            named.append(name)
    return named


def class_column(frame: gpd.GeoDataFrame, words: RoadWords) -> str | None:
    """Give the column that holds the classes of a layer, None where none does."""
    return find_class_column(frame, plain_headers(frame), words).get("highway")


def _by_content(frame: gpd.GeoDataFrame, headers: Mapping[str, str], words: RoadWords) -> str | None:
    """Give the column most of whose filled cells are words of classes, not letters or digits alone.

    The layer of a drawing is such a column too, where that of other tables numbers the levels of bridges.
    """
    columns = word_lists("road")["columns"]
    taken = {header for known in columns.values() for header in known}
    shares = {}
    for header, name in headers.items():
        if (header in taken and header not in columns["layer"]) or name == frame.geometry.name:
            continue
        filled = [text for text in column_texts(frame[name]) if text]
        if header in columns["layer"] and any(_NUMBER.fullmatch(text) for text in filled):
            continue
        if any(len(text) > 1 for text in filled):
            shares[name] = _known_share(filled, "", words)
    sure = [
        name
        for name, share in shares.items()
        if share >= (_DRAWN_SHARE if plain_header(name) in columns["layer"] else _SURE_SHARE)
    ]
    return max(sure, key=lambda name: shares[name], default=None)


def _known_share(cells: Sequence[str], header: str, words: RoadWords) -> float:
    known = {cell: cell in words.classes or _known(cell, header, words) is not None for cell in set(cells)}
    return float(np.mean([known[cell] for cell in cells])) if len(cells) else 0.0


def _known(word: str, header: str, words: RoadWords) -> str | None:
    return words.classes.get(word) or known_class(word, header=header, kept=words.kept)


def _read_as(text: str, read: str) -> Message:
    """Say as which class a word was read."""
    of = Message(f"network.class_{read}")
    known = say_if_there(of.key, lang="en") is not None
    return Message("network.class_read", {"text": text, "meant": of if known else read})


def read_classes(
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
    read = [text for text in by_km if classes[text] and text and classes[text] != text]
    notes: list[Message] = []
    if read:
        told = [_read_as(text, str(classes[text])) for text in read[:_MOST_READ]]
        more = [Message("network.class_more", {"n": len(read)})] if len(read) > _MOST_READ else []
        notes.append(Message("network.road_classes_read", {"header": header, "words": (*told, *more)}))
    joined = [text for text in by_km if MIXED in (classes[text] or "")]
    if joined:
        listed = tuple(f"{text} ({km_of[text]:,.1f} km)" for text in joined[:_MOST_WORDS])
        numbers = {"n": int(sum(n_of[text] for text in joined)), "words": listed}
        notes.append(Message("network.graph_mixed", {**numbers, "km": float(sum(km_of[t] for t in joined))}))
    if unknown:
        notes.append(Message("network.road_classes_few", values))
    unsure = [text for text in by_km if text not in words.classes and is_from_memory(text)]
    if unsure:
        shown = ", ".join(f"{text} = {classes[text]} ({km_of[text]:,.1f} km)" for text in unsure)
        numbers = {"n": int(sum(n_of[text] for text in unsure)), "header": header, "words": shown}
        notes.append(
            Message("network.road_codes_memory", {**numbers, "km": float(sum(km_of[t] for t in unsure))})
        )
    blank = [text for text in by_km if not text] if header else []
    if blank:
        numbers = {"n": int(n_of[""]), "km": float(km_of[""]), "header": header, "taken": default_class}
        notes.append(Message("network.road_classes_blank", numbers))
    return kinds, notes
