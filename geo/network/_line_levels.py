"""The level of each road of a line layer: columns of layers, bridges and tunnels, and of ends of lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.network._line_texts import column_texts, plain_header, plain_headers
from geo.words import word_lists

__all__ = ["OFF_GROUND", "end_levels", "is_drawing_layer", "levels", "more_of"]

OFF_GROUND: Final = ("bridge", "tunnel")
"""Columns that put a road on another level than the ground."""
_DRAWN_HEADERS: Final = ("layer", "level")
"""What CAD programs call their layers; with OpenStreetMap it is a number, the level of a bridge."""
_MOST_LEVEL: Final = 9


def is_drawing_layer(frame: gpd.GeoDataFrame, header: str, of_classes: str | None) -> bool:
    """Whether a column of layers is that of a drawing, which are kinds of things and no levels of roads."""
    if header == of_classes:
        return True
    filled = [cell.casefold() for cell in column_texts(frame[header]) if cell]
    is_english = plain_header(header) in _DRAWN_HEADERS
    signs = word_lists("road")["level"]["signs"]
    if any(sign in cell for sign in signs for cell in filled):
        return False
    numbers = pd.to_numeric(pd.Series(filled, dtype=object), errors="coerce")
    ground = {word for word in word_lists("road")["level"]["ground"] if word}
    is_ranked = plain_header(header).endswith("层次")  # 骨干, 次级: what a road is in the network
    is_of_words = bool(filled) and not numbers.notna().any() and ground.isdisjoint(filled)
    return (is_english or is_ranked) and is_of_words


def levels(frame: gpd.GeoDataFrame, found: Mapping[str, str]) -> NDArray[np.int64]:
    """Number the levels of the rows: equal where layer, bridge and tunnel say the same.

    Where both ends have a level the row is on it where they agree, else on the lower one.
    """
    of_ends = end_levels(frame)
    if of_ends is not None:
        lower: NDArray[np.int64] = of_ends.min(axis=1)
        return lower
    keys: list[Any] = [_layers(frame[found["layer"]])] if "layer" in found else []
    of_bridges = ([found[key], *more_of(frame, found, key)] for key in OFF_GROUND if key in found)
    keys += [np.any([_is_off_ground(frame[name]) for name in names], axis=0) for names in of_bridges]
    if not keys:
        return np.zeros(len(frame), dtype=np.int64)
    numbers: NDArray[np.int64] = pd.MultiIndex.from_arrays(keys).factorize()[0].astype(np.int64)
    return numbers


def end_levels(frame: gpd.GeoDataFrame) -> NDArray[np.int64] | None:
    """Give the level of the first and the last end of each row from 0 on, shape (R, 2); None where none says.

    Navigation data has them (F_ZLEV and T_ZLEV): small whole numbers, blank on the ground.
    """
    headers, lists = plain_headers(frame), word_lists("road")["end_levels"]
    pairs = zip(lists["start"], lists["end"], strict=True)
    pair = next((pair for pair in pairs if {*pair} <= headers.keys()), None)
    if pair is None:
        return None
    columns = [pd.to_numeric(frame[headers[header]], errors="coerce").fillna(0.0) for header in pair]
    numbers = np.column_stack([column.to_numpy(dtype=np.float64) for column in columns])
    if (numbers % 1 != 0).any() or (np.abs(numbers) > _MOST_LEVEL).any():
        return None  # heights
    ends: NDArray[np.int64] = (numbers - numbers.min(initial=0.0)).astype(np.int64)
    return ends


def more_of(frame: gpd.GeoDataFrame, found: Mapping[str, str], key: str) -> list[str]:
    """Give the other columns that say that a road is on a bridge or in a tunnel: 高架 beside bridge."""
    headers, known = plain_headers(frame), word_lists("road")["columns"][key]
    names = [headers[header] for header in known if header in headers]
    return names[1:] if names[:1] == [found[key]] else []  # another one was asked for: it alone counts


def _is_off_ground(column: pd.Series) -> list[bool]:
    """Say which roads are on a bridge, or in a tunnel, by a column of it."""
    ground = frozenset(word_lists("road")["level"]["ground"])
    return [cell.casefold() not in ground for cell in column_texts(column)]


def _layers(column: pd.Series) -> list[object]:
    """Give the layer as a number, 0 where none is said."""
    cells = [cell.casefold() for cell in column_texts(column)]
    numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    return [number if number == number else cell or 0.0 for number, cell in zip(numbers, cells, strict=True)]
