"""Pairs of columns that may hold places: 经度 and 纬度, 高德经度 and 高德纬度, lng_gcj and lat_gcj."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.draft.names import system_of

__all__ = ["Pair", "find_pairs", "is_shifted", "numbers_of", "places_of"]

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
