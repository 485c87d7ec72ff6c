"""Columns that may hold places: 经度 and 纬度, 高德经度 and 高德纬度, or both in one cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.draft.names import system_of
from geo.layers import parse_pair

__all__ = ["Pair", "find_in_one_cell", "find_pairs", "is_shifted", "numbers_of", "places_of"]

Pair = tuple[str, str]
_OPPOSITES: Final = (
    ("经度", "纬度"),
    ("东经", "北纬"),
    ("横坐标", "纵坐标"),
    ("东坐标", "北坐标"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("lon", "lat"),
    ("easting", "northing"),
    ("jd", "wd"),
)
_INITIALS: Final = "jd"
"""Initials of 经度, and of 进度 and 街道: they count only where the numbers are degrees in China."""
_CHINA: Final = ((73.0, 136.0), (3.0, 54.0))
_LEAST_SHARE: Final = 0.5


def find_pairs(
    table: pd.DataFrame, headers: Mapping[str, str], rivals: Mapping[str, Sequence[str]]
) -> Iterator[Pair]:
    """Give each column of numbers that is a longitude by its header, with the latitude that belongs to it.

    Parameters
    ----------
    table : DataFrame
        Rows under our names.
    headers, rivals : mapping
        As in :class:`geo.layers.LayerLook`.
    """
    theirs = [str(header) for header in table.columns if header not in headers]
    theirs += [header for others in rivals.values() for header in others]
    for header in dict.fromkeys(theirs):
        for east, north in _OPPOSITES:
            if east in header.casefold():
                other = header.casefold().replace(east, north)
                fits = [each for each in theirs if each.casefold() == other]
                numbers = [numbers_of(table, headers, each) for each in (header, *fits[:1])]
                sure = east != _INITIALS or _are_degrees(numbers)
                if fits and sure and all(each is not None for each in numbers):
                    yield header, fits[0]
                break


def find_in_one_cell(
    table: pd.DataFrame, headers: Mapping[str, str]
) -> tuple[str, NDArray[np.float64]] | None:
    """Find a column of texts that hold a longitude and a latitude in China each, whatever its header is.

    Parameters
    ----------
    table : DataFrame
        Rows under our names.
    headers : mapping of str to str
        Our names and the headers of the file; those columns have their meaning.

    Returns
    -------
    (str, float64 array of shape (N, 2)) or None
        The header, and the numbers in the order of the cells or as their letters say; nan in rows without.

    Examples
    --------
    >>> find_in_one_cell(pd.DataFrame({"位置": ["东经121°30′，北纬31°36′", None]}), {})[1].tolist()
    [[121.5, 31.6], [nan, nan]]
    >>> find_in_one_cell(pd.DataFrame({"电话": ["021,59612345", "110 119"]}), {})
    """
    for column in table.columns:
        texts = table[column].dropna().astype(str)
        if column in headers or not len(texts) or len(texts) < _LEAST_SHARE * len(table):
            continue
        pairs = texts.map(parse_pair)
        fits = pairs[[pair is not None and _is_in_china(pair) for pair in pairs]]
        if len(fits) >= _LEAST_SHARE * len(table):
            xy = np.full((len(table), 2), np.nan)
            xy[table.index.get_indexer(fits.index)] = np.array(fits.to_list())
            return str(column), xy
    return None


def _is_in_china(pair: tuple[float, float]) -> bool:
    """Whether two degrees are a place in China, in this order or the other."""
    return any(
        all(least <= value <= most for value, (least, most) in zip(order, _CHINA, strict=True))
        for order in (pair, pair[::-1])
    )


def _are_degrees(numbers: Sequence[pd.Series | None]) -> bool:
    """Whether every number of a pair lies in China as longitude and latitude."""
    return len(numbers) == len(_CHINA) and all(
        each is not None and each.dropna().between(*ends).all()
        for each, ends in zip(numbers, _CHINA, strict=True)
    )


def numbers_of(table: pd.DataFrame, headers: Mapping[str, str], header: str) -> pd.Series | None:
    """Give a column by its header in the file, if it has numbers in half of the rows."""
    column = next((name for name, of in headers.items() if of == header), header)
    if column not in table:
        return None
    numbers = pd.to_numeric(table[column], errors="coerce")
    return numbers if numbers.notna().mean() >= _LEAST_SHARE else None


def places_of(table: pd.DataFrame, headers: Mapping[str, str], pair: Pair) -> NDArray[np.float64]:
    """Give the numbers of a pair, one row a row of the table; nan where there is none."""
    both = [numbers_of(table, headers, header) for header in pair]
    return np.column_stack([np.full(len(table), np.nan) if each is None else each for each in both])


def is_shifted(pair: Pair) -> bool:
    """Whether a header says a datum of the web maps."""
    return system_of(*pair)[0] in ("GCJ-02", "BD-09")
