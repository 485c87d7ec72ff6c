"""Tags that a line layer keeps together in one column: hstore of GDAL and QuickOSM, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from itertools import chain
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.messages import Message
from geo.network.conditional import may_be_unheeded
from geo.network.passage import limiting_keys
from geo.network.tags import SPEED_KEYS, access_keys, oneway_keys
from geo.words import word_lists

__all__ = ["plain_value", "unpack_tags"]

_PAIR: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*(?:"((?:[^"\\]|\\.)*)"|NULL)')


def unpack_tags(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Give each tag that rules a road a column of its own; cells that are filled already stay.

    GDAL's reader of OpenStreetMap files, and what is exported from it, keeps all but a few tags in the column
    ``other_tags``.

    Returns
    -------
    (GeoDataFrame, list of Message)
        The layer, the same where it has no such column; and notes.
    """
    notes: list[Message] = []
    headers = {str(name).strip().casefold(): str(name) for name in frame.columns}
    for header in word_lists("road")["packed_tags"]["headers"]:
        if header not in headers:
            continue
        cells = frame[headers[header]]
        tags = [_tags_of(cell) for cell in cells]
        n_read, n_filled = sum(map(bool, tags)), int(sum(_is_filled(cell) for cell in cells))
        if not n_read:
            continue
        frame = _with_tags(frame.drop(columns=headers[header]), tags)
        values = {"header": headers[header], "n": n_read, "unread": n_filled - n_read}
        notes.append(Message("network.tags_unpacked", values))
    return frame, notes


def _is_filled(cell: object) -> bool:
    return bool(plain_value(cell)) if not isinstance(cell, str) else bool(cell.strip())


def plain_value(cell: Any) -> Any:
    """Give a nested cell as lists, dicts and plain values: from JSON text, or as Parquet gives it.

    Examples
    --------
    >>> plain_value('[{"value": "yes"}]'), plain_value("[not json"), plain_value(float("nan"))
    ([{'value': 'yes'}], None, None)
    """
    if isinstance(cell, str):
        try:
            return json.loads(cell) if cell.strip().startswith(("[", "{")) else None
        except (ValueError, RecursionError):
            return None
    if isinstance(cell, Mapping):
        return {str(key): _inner(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple | np.ndarray):
        return [_inner(value) for value in cell]
    return None


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple | np.ndarray):
        return plain_value(value)
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or value is pd.NA or value != value else value


def _tags_of(cell: Any) -> dict[str, str]:
    """Read the tags of a cell: hstore, JSON, or pairs as a map column of Parquet gives them."""
    if isinstance(cell, str) and "=>" in cell:
        return {_unquoted(key): _unquoted(value) for key, value in _PAIR.findall(cell)}
    value = plain_value(cell)
    if isinstance(value, list):
        pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
        value = {str(key): text for key, text in pairs} if len(pairs) == len(value) else None
    if not isinstance(value, Mapping):
        return {}
    inner = value.get("tags")
    tags = inner if isinstance(inner, Mapping) else value
    return {str(key): str(text) for key, text in tags.items() if isinstance(text, str | int | float)}


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _with_tags(frame: gpd.GeoDataFrame, tags: list[dict[str, str]]) -> gpd.GeoDataFrame:
    known = {str(name).strip().casefold(): str(name) for name in frame.columns}
    keys = [key for key in dict.fromkeys(chain.from_iterable(tags)) if _is_wanted(key)]
    columns = {}
    for key in keys:
        header = known.get(key.casefold(), key)
        values = pd.Series([row.get(key) for row in tags], index=frame.index, dtype=object)
        if header in frame:
            own = frame[header].astype(object)
            values = own.where(own.notna() & (own.astype(str).str.strip() != ""), values)
        columns[header] = values
    return frame.assign(**columns)


def _is_wanted(key: str) -> bool:
    return key in _wanted() or may_be_unheeded(key)


@cache
def _wanted() -> Collection[str]:
    lists = word_lists("road")
    plain = {"highway", "name", "junction", "layer", "bridge", "tunnel", "route"}
    ruling = access_keys() | limiting_keys() | oneway_keys() | frozenset(SPEED_KEYS)
    return plain | ruling | frozenset(lists["no_road"]["headers"])
