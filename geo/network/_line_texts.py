"""The cells of a line layer as texts, its headers, and its rows as a planner counts them."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import word_lists

__all__ = [
    "column_texts",
    "header_pairs",
    "plain_header",
    "plain_headers",
    "remark_headers",
    "row_labels",
]


def row_labels(frame: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give the number of each row as the planner sees it: the index, where it holds whole numbers."""
    is_whole = pd.api.types.is_integer_dtype(frame.index)
    return frame.index.to_numpy(dtype=np.int64) if is_whole else np.arange(len(frame))


def plain_header(name: object) -> str:
    """Give a header in one case, without spaces around, line breaks and the signs of forms: 道路等级*."""
    plain = re.sub(r"[\r\n\t*＊]", "", str(name)).strip().casefold()
    return re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", plain)


def plain_headers(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Give the frame's first column of each plain header."""
    headers: dict[str, str] = {}
    for header, name in header_pairs(frame):
        headers.setdefault(header, name)
    return headers


def header_pairs(frame: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Give the plain header and the name of each column, without the name of a table before all of them.

    So programs write them that joined tables: roads.fclass. Two may have one plain header: 限速 and 限速*.
    """
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    tables = {name.partition(".")[0] for name in names if "." in name}
    is_joined = len(tables) == 1 and len(names) > 1 and all("." in name for name in names)
    before = f"{next(iter(tables))}." if is_joined else ""
    return [(plain_header(str(name).removeprefix(before)), str(name)) for name in frame.columns]


def remark_headers() -> frozenset[str]:
    """Give the plain headers of columns of remarks."""
    return frozenset(
        (*word_lists("facility")["remark"]["headers"], *word_lists("road")["remarks"]["headers"])
    )


def column_texts(column: pd.Series) -> list[str]:
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
