"""Levels of depots, and counts of facilities by level, by year and by town or village (tables only)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.demand import town_key
from geo.words import word_lists

__all__ = ["LEVELS", "Count", "count_new", "count_zones", "read_levels", "tier_of"]

LEVELS: Final = ("joint", "sector", "household", "village", "town", "district", "city", "point")
"""联合库, 行业库, 家庭, 居村, 街镇, 区, 市, 储备点: the levels of depots."""
_TIER_OF: Final = {"joint": "city", "sector": "city", "point": "village"}
"""Joint and sector depots are the city's; a stock point without another word is a village's."""


@dataclass(frozen=True)
class Count:
    """How many facilities there are, when some rows do not say enough to tell.

    Parameters
    ----------
    n : int
        Rows that count for certain.
    n_open : int
        Rows that may count: what would tell is missing or not understood.
    """

    n: int
    n_open: int = 0


def read_levels(texts: pd.Series) -> pd.Series:
    """Read the words of a column of levels; None where nothing is said or the word is not understood.

    Examples
    --------
    >>> read_levels(pd.Series(["区级", "村居级", "市级联合库", "街镇级", "社区", "Ⅰ类", None])).tolist()
    ['district', 'village', 'joint', 'town', 'village', None, None]
    """
    words = {text: _level(text) for text in texts.dropna().unique()}
    return pd.Series([words.get(text) for text in texts], index=texts.index, dtype=object)


def tier_of(levels: pd.Series) -> pd.Series:
    """Give the tier (市-区-街镇-居村-家庭) that each level belongs to.

    Examples
    --------
    >>> tier_of(pd.Series(["joint", "town", "point", None])).tolist()
    ['city', 'town', 'village', None]
    """
    tiers = [None if pd.isna(level) else _TIER_OF.get(level, level) for level in levels]
    return pd.Series(tiers, index=levels.index, dtype=object)


def count_new(
    facilities: pd.DataFrame, *, new_after: int | None = None, levels: Collection[str] | None = None
) -> Count:
    """Count facilities, of some levels and opened after a year where asked.

    A row whose year is missing, or whose level is missing or not understood, may count or not.

    Parameters
    ----------
    facilities : DataFrame
        ``opened_year``, ``level``; only those of the kind and status that count.
    new_after : int, optional
        The base year: what opened in it is not new.
    levels : collection of str, optional
        Levels (:data:`LEVELS`) that count.

    Examples
    --------
    >>> table = pd.DataFrame({"opened_year": [2019.0, 2020.0, 2021.0, None], "level": "区级"})
    >>> count_new(table, new_after=2020), count_new(table, levels=["district"])
    (Count(n=1, n_open=1), Count(n=4, n_open=0))
    """
    sure = np.ones(len(facilities), dtype=bool)
    maybe = sure.copy()
    if new_after is not None:
        year = facilities["opened_year"].to_numpy(dtype=float)
        sure &= year > new_after
        maybe &= ~(year <= new_after)
    if levels is not None:
        level = read_levels(facilities["level"])
        sure &= level.isin(list(levels)).to_numpy()
        maybe &= (level.isin(list(levels)) | level.isna()).to_numpy()
    return Count(int(sure.sum()), int((maybe & ~sure).sum()))


def count_zones(zone: pd.Series, names: Collection[str]) -> pd.Series:
    """Count rows by the town that each names, for every town; those of other towns are left out.

    A row names a town by its whole name, or by its bare one (城桥 for 城桥镇) where only one town bears that:
    of 城桥镇 and 城桥乡 nobody can say which is meant.

    Examples
    --------
    >>> count_zones(pd.Series(["城桥", "城桥镇", None, "x"]), ["城桥镇", "新河镇"]).to_dict()
    {'城桥镇': 2, '新河镇': 0}
    """
    whole = list(dict.fromkeys(names))
    bare = Counter(map(town_key, whole))
    known = {town_key(name): name for name in whole if bare[town_key(name)] == 1}
    known |= {name: name for name in whole}
    town = zone.map(lambda name: known.get(name, known.get(town_key(name))))
    index = pd.Index(whole, dtype=object, name="zone")
    return town.value_counts().reindex(index, fill_value=0).rename("n").astype(int)


def _level(text: object) -> str | None:
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    for level, signs in word_lists("depot")["level"].items():
        if plain == level or any(sign in plain for sign in signs):
            return level
    return None
