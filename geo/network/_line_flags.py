"""Columns of navigation data that say by a code who may use a road, and of what form it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.messages import Message, first_few
from geo.network._line_texts import column_texts, plain_headers
from geo.network.classes import name_classes
from geo.words import read_data, word_lists

__all__ = ["LINKED", "flag_classes", "is_flag", "plain_flags"]

LINKED: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Classes of which ramps have a class of their own."""
_LINK: Final = "link"
_MOST_WORDS: Final = 8
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_ANSWERS: Final = frozenset({"y", "yes", "n", "no"})


def plain_flags(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Give the codes of ``road_flags.toml`` that stand for tags as columns of these; filled cells stay.

    Parameters
    ----------
    frame : GeoDataFrame
        Any road layer.

    Returns
    -------
    (GeoDataFrame, list of Message)
        The layer, the same where it has no such code; and a note of each column.
    """
    notes: list[Message] = []
    for name, texts, codes in _columns(frame, "tags"):
        sure = _sure(codes, texts)
        left = [text for text in texts if text.casefold() in codes.keys() - sure.keys()]
        if left:
            values = {"n": len(left), "header": name, "codes": ", ".join(sorted(set(left)))}
            notes.append(Message("network.road_flags_unsure", values))
        notes += _tell_unknown(name, texts, codes)
        tags = [sure.get(text.casefold(), "") for text in texts]
        for tag in sorted({tag for tag in tags if tag}):
            key, _, value = tag.partition("=")
            is_said = np.array([own == tag for own in tags], dtype=bool)
            frame = _with_tag(frame, key, value, is_said)
            meant = Message(f"network.flag_{key}_{value}")
            values = {"n": int(is_said.sum()), "header": name, "meant": meant}
            notes.append(Message("network.road_flags_read", values))
    return frame, notes


def is_flag(header: str, text: str) -> bool:
    """Whether a cell under a plain header is a code that is read as a tag.

    Examples
    --------
    >>> is_flag("消防车通行", "不能"), is_flag("消防车通行", "困难"), is_flag("路况", "不能")
    (True, False, False)
    """
    rules = read_data("standards/road_flags")["tags"]
    return any(header in rule["headers"] and text.casefold() in rule["codes"] for rule in rules)


def _tell_unknown(name: str, texts: Sequence[str], codes: Mapping[str, str]) -> list[Message]:
    """Tell words of a column of yes and no that are neither."""
    lists = word_lists("road")["status"]
    known = {"", *codes, *lists["yes"], *lists["no"], *lists["allowed"]}
    rows = [i for i, text in enumerate(texts) if text.casefold() not in known and not _NUMBER.fullmatch(text)]
    if _ANSWERS.isdisjoint(codes) or not rows:
        return []
    words = first_few(list(dict.fromkeys(texts[i] for i in rows)), _MOST_WORDS)
    return [Message("network.road_flags_unknown", {"n": len(rows), "header": name, "words": words})]


def _columns(frame: gpd.GeoDataFrame, kind: str) -> Iterator[tuple[str, list[str], Mapping[str, str]]]:
    """Give each column whose header is known, its cells and what their codes say."""
    headers = plain_headers(frame)
    for rule in read_data("standards/road_flags")[kind]:
        for name in (headers[header] for header in rule["headers"] if header in headers):
            yield name, column_texts(frame[name]), rule["codes"]


def _sure(codes: Mapping[str, str], texts: Sequence[str]) -> Mapping[str, str]:
    """Leave out the numbers of a yes and no where others stand beside them: widths, or counts of lanes."""
    is_yes_or_no = not _ANSWERS.isdisjoint(codes)
    numbers = {text for text in texts if text.removeprefix("-").replace(".", "", 1).isdecimal()}
    if not is_yes_or_no or numbers <= {"0", "1", *codes}:
        return codes
    return {code: meant for code, meant in codes.items() if not code.isdecimal()}


def _with_tag(frame: gpd.GeoDataFrame, key: str, value: str, is_said: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    header = plain_headers(frame).get(key, key)
    own = column_texts(frame[header]) if header in frame else [""] * len(frame)
    cells = [text or (value if said else None) for text, said in zip(own, is_said, strict=True)]
    return frame.assign(**{header: pd.Series(cells, index=frame.index, dtype=object)})


def flag_classes(
    frame: gpd.GeoDataFrame, classes: Sequence[str], km: NDArray[np.float64]
) -> tuple[list[str], list[Message]]:
    """Give the classes of roads with what columns say of ramps, ferries, walkways and the like.

    Parameters
    ----------
    frame : GeoDataFrame
        A road layer.
    classes : sequence of str
        Class of each row.
    km : float64 array, shape (R,)
        Length of each row's lines.
    """
    kinds, notes = list(classes), []
    for name, texts, codes in _columns(frame, "classes"):
        changed: dict[str, list[int]] = {}
        sure = _sure(codes, texts)
        for i, text in enumerate(texts):
            kind = _formed(kinds[i], sure.get(text.casefold(), ""))
            if kind != kinds[i]:
                kinds[i] = kind
                changed.setdefault(kind, []).append(i)
        for kind, rows in changed.items():
            values: dict[str, Any] = {"n": len(rows), "km": float(km[rows].sum()), "header": name}
            notes.append(Message("network.road_forms_read", {**values, "meant": name_classes([kind])[0]}))
    return kinds, notes


def _formed(kind: str, form: str) -> str:
    if form == _LINK:
        return f"{kind}_link" if kind in LINKED else kind
    return form or kind
