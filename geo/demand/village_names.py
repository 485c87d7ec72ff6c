"""Which village a depot belongs to: by its own column, by its name, by where it lies."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import CrsError, InputError
from geo.messages import Message
from geo.words import word_lists

__all__ = ["HOW", "match_villages", "name_key", "town_key", "villages_served"]

HOW: Final = ("column", "name", "inside", "part_of_name", "nearest")
"""How a facility was given to a village, the surest first; the last two are guesses."""

_DISTRICT: Final = re.compile("^(?:[^市区县]{2,3}市)?(?:[^市区县社小园片]{1,3}[区县])?(?!级)")


def match_villages(
    facilities: pd.DataFrame, villages: pd.DataFrame, *, reach_m: float | None = None
) -> pd.DataFrame:
    """Give each facility at most one village.

    In this order: the facility's own column ``village``; its name, when it starts with the village's full
    name (after those of district and town); the polygon it lies in, the first in the list where it lies on
    a border; a village's name somewhere in its name; the nearest village within ``reach_m``. A facility whose
    town is known (column ``zone``, or a town's name right before the village's) is only given to a village of
    that town. A name that fits several villages
    decides nothing, and a column that names none of them leaves the facility without one. Names are compared
    without 村民委员会, 居委会, 社区 and the like; a village and a neighbourhood of one name are kept apart
    where the facility says which it is.

    Parameters
    ----------
    facilities : DataFrame
        ``name``; ``village`` and ``zone`` (town) where known; ``geometry`` where places decide.
    villages : DataFrame
        ``name``, ``zone`` (town, may be missing); ``geometry`` (points or polygons) where known.
    reach_m : float, optional
        Farthest that the nearest village may be, metres (inclusive); None never guesses by distance.

    Returns
    -------
    DataFrame
        The facilities' index; ``village`` (label of the village, None where none was found), ``how`` (one of
        :data:`HOW` or ''), ``n_fits`` (villages that the deciding column or name, or the border, left open).

    Raises
    ------
    InputError
        The villages have no names, or their labels are not unique.
    CrsError
        Facilities and villages are in different coordinate systems.
    """
    _check(facilities, villages)
    names = _Names(villages)
    inside = _inside(facilities, villages)
    near = _nearest(facilities, villages, names, reach_m) if reach_m is not None else {}
    rows = []
    for i, name, own, town in zip(
        range(len(facilities)), *(_texts(facilities, key) for key in ("name", "village", "zone")), strict=True
    ):
        lies_in = [v for v in inside.get(i, ()) if names.is_of(v, town)]
        ways = (
            ("column", names.said(own, town)),
            ("name", names.starting(name, town)),
            ("inside", lies_in[:1]),
            ("part_of_name", names.part_of(name, town)),
            ("nearest", near.get(i, [])),
        )
        rows.append(_first_clear(ways, lies_in, is_told=bool(own)))
    index = villages.index
    return pd.DataFrame(
        {
            "village": pd.Series([None if v < 0 else index[v] for v, _, _ in rows], dtype=object),
            "how": [how for _, how, _ in rows],
            "n_fits": [n for _, _, n in rows],
        },
    ).set_axis(facilities.index)


def villages_served(villages: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Count the facilities of each village.

    Returns
    -------
    DataFrame
        The villages' index; ``name``, ``zone``, ``people``, ``n_depots``, ``how`` (the surest way in which
        one was given to it; '' without one).
    """
    given = matches[matches["village"].notna()]
    sure = given.assign(rank=given["how"].map(HOW.index)).groupby("village")["rank"].min()
    best = sure.reindex(villages.index)
    return pd.DataFrame(
        {
            "name": villages["name"],
            "zone": villages.get("zone", None),
            "people": villages.get("people", np.nan),
            "n_depots": given.groupby("village").size().reindex(villages.index, fill_value=0),
            "how": ["" if pd.isna(rank) else HOW[int(rank)] for rank in best],
        },
        index=villages.index,
    )


def name_key(name: object) -> tuple[str, str]:
    """Give the bare name of a village and what it is: ``village``, ``neighbourhood`` or ''.

    Examples
    --------
    >>> name_key("东海村村委会"), name_key("东海村民委员会"), name_key("东海")
    (('东海', 'village'), ('东海', 'village'), ('东海', ''))
    >>> name_key("南门社区居委会"), name_key("幸福村社区"), name_key("新村")
    (('南门', 'neighbourhood'), ('幸福村', 'neighbourhood'), ('新村', 'village'))
    """
    text, words = _plain(name), word_lists("place")["village"]
    ending = next((word for word in words["committees"] if text.endswith(word) and len(text) > len(word)), "")
    bare = text.removesuffix(ending)
    if ending and ending not in words["of_villages"]:
        return bare, "neighbourhood"
    # 新村 stays whole: a name of one sign would be found everywhere.
    shorter = bare.removesuffix("村")
    kind = "village" if ending or shorter != bare else ""
    return (shorter if len(shorter) > 1 else bare), kind


def town_key(name: object) -> str:
    """Give the bare name of a town.

    Examples
    --------
    >>> town_key("城桥镇"), town_key("城桥"), town_key("殷行街道"), town_key(None)
    ('城桥', '城桥', '殷行', '')
    """
    text, endings = _plain(name), word_lists("place")["town"]["endings"]
    ending = next((word for word in endings if text.endswith(word) and len(text) > len(word) + 1), "")
    return text.removesuffix(ending)


class _Names:
    """The villages of a list by their bare names."""

    def __init__(self, villages: pd.DataFrame) -> None:
        self.town = [town_key(town) for town in _texts(villages, "zone")]
        self.kind: list[str] = []
        self.by_bare: dict[str, list[int]] = defaultdict(list)
        for v, name in enumerate(villages["name"]):
            bare, kind = name_key(name)
            self.kind.append(kind)
            self.by_bare[bare].append(v)
        self.by_head: dict[str, list[str]] = defaultdict(list)
        for bare in sorted(self.by_bare, key=len, reverse=True):
            self.by_head[bare[:2]].append(bare)
        towns = {_plain(town) for town in _texts(villages, "zone") if town}
        endings = word_lists("place")["town"]["endings"]
        leads = {town for town in towns if town.endswith(endings)}
        leads |= {f"{town}{ending}" for town in towns - leads for ending in endings}
        self.leads = sorted(leads, key=len, reverse=True)
        self.keys = {town for town in self.town if len(town) > 1}

    def is_of(self, v: int, town: object) -> bool:
        """Tell whether a village may be of a town: it is not of another one."""
        return not town or not self.town[v] or self.town[v] == town_key(town)

    def said(self, own: object, town: object) -> list[int]:
        """Give the villages that a column's text names."""
        fits = (self._fits(*name_key(text), town or spoken) for text, spoken in self._readings(own))
        return next(filter(None, fits), [])

    def starting(self, name: object, town: object) -> list[int]:
        """Give the villages with whose full names a facility's name starts; the longest name decides."""
        fits = (
            self._longest(text, (0,), town or spoken, is_whole=True) for text, spoken in self._readings(name)
        )
        return next(filter(None, fits), [])

    def part_of(self, name: object, town: object) -> list[int]:
        """Give the villages whose names are somewhere in a facility's name; the longest name decides."""
        fits = (
            self._longest(text, range(len(text)), town or spoken) for text, spoken in self._readings(name)
        )
        return next(filter(None, fits), [])

    def _longest(
        self, text: str, starts: Sequence[int], town: object, *, is_whole: bool = False
    ) -> list[int]:
        # Only names that begin as the text does there are compared: their number decides, not their length.
        there = [
            (start, bare)
            for start in starts
            for bare in self.by_head.get(text[start : start + 2], ())
            if len(bare) > 1 and text.startswith(bare, start)
        ]
        for start, bare in sorted(there, key=lambda place: (-len(place[1]), place[0])):
            end = start + len(bare)
            kind = _kind_of(text[end : end + 4])
            fits = [v for v in self._fits(bare, kind, town) if self._is_behind(v, text[:start])]
            if is_whole:  # 新建物资库 is new, not that of 新建村
                fits = [v for v in fits if self.kind[v] in ("", kind) or bare.endswith("村")]
            if fits:
                return fits
        return []

    def _fits(self, bare: str, kind: str, town: object) -> list[int]:
        """Give the villages of a bare name: of the town where it is known, of the kind where that is told."""
        fits = [v for v in self.by_bare.get(bare, ()) if self.is_of(v, town)]
        fits = [v for v in fits if not kind or self.kind[v] in ("", kind)]
        return [v for v in fits if kind and self.kind[v] == kind] or fits

    def _is_behind(self, v: int, before: str) -> bool:
        """Tell whether what stands before a village's name is not the name of another town."""
        town, endings = self.town[v], word_lists("place")["town"]["endings"]
        if not town or before.endswith((town, *(f"{town}{ending}" for ending in endings))):
            return True
        return not before.endswith((*endings, *self.keys))

    def _readings(self, text: object) -> list[tuple[str, str]]:
        """Give a text as it stands, and without the names of city, district and town before it."""
        whole = _plain(text)
        if not whole:
            return []
        rest = _DISTRICT.sub("", whole) or whole
        lead = next((lead for lead in self.leads if rest.startswith(lead) and len(rest) > len(lead)), "")
        if lead:  # a town that is spoken decides between villages of one name
            return [(rest.removeprefix(lead), lead), (whole, "")]
        return [(whole, "")] if rest == whole else [(whole, ""), (rest, "")]


def _kind_of(rest: str) -> str:
    """Read what follows a bare name: a village's or a neighbourhood's ending, or neither."""
    if rest.startswith("村") and not rest.startswith("村居"):
        return "village"
    return "neighbourhood" if rest.startswith(("居", "社区", "生活区")) else ""


def _first_clear(
    ways: Sequence[tuple[str, list[int]]], lies_in: Sequence[int], *, is_told: bool
) -> tuple[int, str, int]:
    """Take the first way that leaves one village; of several, the one in whose polygon it lies."""
    most = 0
    for how, fits in ways:
        if how == "inside" and fits:
            return fits[0], how, len(lies_in)
        narrowed = [v for v in fits if v in lies_in] if len(fits) > 1 else fits
        if len(narrowed) == 1:
            return narrowed[0], how, len(fits)
        most = max(most, len(fits))
        if how == "column" and is_told:
            break  # what the file says outweighs what may be guessed
    return -1, "", most


def _inside(facilities: pd.DataFrame, villages: pd.DataFrame) -> dict[int, list[int]]:
    """Give the villages in whose polygons each facility lies, borders included, in the order of the list."""
    if not _are_placed(facilities, villages):
        return {}
    shapes = villages.geometry.to_numpy()
    areas = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)))
    villages_of: dict[int, list[int]] = defaultdict(list)
    tree = shapely.STRtree(shapes[areas])
    point, area = tree.query(facilities.geometry.to_numpy(), predicate="intersects")
    for i, v in sorted(zip(point.tolist(), areas[area].tolist(), strict=True)):
        villages_of[i].append(v)
    return villages_of


def _nearest(
    facilities: pd.DataFrame, villages: pd.DataFrame, names: _Names, reach_m: float
) -> dict[int, list[int]]:
    """Give the village nearest to each facility within reach, of its town where that is known."""
    if not _are_placed(facilities, villages):
        return {}
    shapes = villages.geometry.to_numpy()
    points = facilities.geometry.to_numpy()
    towns = _texts(facilities, "zone")
    row, village = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=reach_m)
    distance = shapely.distance(points[row], shapes[village])
    best: dict[int, list[int]] = {}
    for at in np.lexsort((village, distance, row)).tolist():
        i, v = int(row[at]), int(village[at])
        if i not in best and distance[at] <= reach_m and names.is_of(v, towns[i]):
            best[i] = [v]
    return best


def _are_placed(facilities: pd.DataFrame, villages: pd.DataFrame) -> bool:
    return isinstance(facilities, gpd.GeoDataFrame) and isinstance(villages, gpd.GeoDataFrame)


def _check(facilities: pd.DataFrame, villages: pd.DataFrame) -> None:
    if "name" not in villages or villages["name"].isna().any():
        raise InputError(Message("demand.village_no_name"))
    if not villages.index.is_unique:
        raise InputError("the labels of the villages are not unique; reset the index of the list")
    if _are_placed(facilities, villages) and facilities.crs != villages.crs:
        raise CrsError("facilities and villages are in different coordinate systems; reproject one of them")


def _texts(table: pd.DataFrame, column: str) -> list[Any]:
    """Give a column with '' for what is missing."""
    if column not in table:
        return [""] * len(table)
    return [text if isinstance(text, str) else "" for text in table[column]]


def _plain(name: object) -> str:
    """Write a name without spaces and in one width of signs."""
    text = unicodedata.normalize("NFKC", name) if isinstance(name, str) else ""
    return "".join(text.split())
