"""Shelters: how many people each holds, how far they may walk, and who finds a place."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.defaults import MAX_SNAP_M
from geo.network import RoadNetwork
from geo.routing import nearest, snap, travel_times
from geo.schema import Direction
from geo.shelters.allocation import Sheltering, shelter_people
from geo.shelters.rules import ShelterRules
from geo.times import Times
from geo.words import data_dir

__all__ = [
    "ShelterWalks",
    "Sheltering",
    "default_levels",
    "is_of_level",
    "rate_shelters",
    "shelter_people",
    "walk_to_shelters",
    "weighted_people",
]

DIRECTION: Final[Direction] = "to_facility"
"""People walk to shelters."""


@dataclass(frozen=True, eq=False)
class ShelterWalks:
    """Walks to shelters.

    Parameters
    ----------
    times : Times
        Walking times of every pair within the longest limit, access at both ends included.
    near : DataFrame
        The nearest existing shelter of each demand point however far: ``first_id``, ``first_s``.
    shelter_snaps, demand_snaps : DataFrame
        Where both stand on the paths and roads.
    """

    times: Times
    near: pd.DataFrame
    shelter_snaps: pd.DataFrame
    demand_snaps: pd.DataFrame


def rate_shelters(shelters: pd.DataFrame, spec: ShelterRules, *, walk_kph: float) -> pd.DataFrame:
    """Say how many people each shelter holds and how long they may walk to it.

    Places are those of the layer; where it has none, area_m2 / m2 per person of the class, rounded down, as
    far as the study sets that number. The limit is that of the class, else the study's: metres / walking
    speed. What is not set stays nan: GB 51143-2015 has such numbers, but they are known from memory only.

    Parameters
    ----------
    shelters : DataFrame
        ``level``, ``area_m2``, ``places``.
    spec : ShelterRules
        Numbers that the study sets.
    walk_kph : float
        Walking speed, km/h.

    Returns
    -------
    DataFrame
        The same index; ``places`` (whole, nan), ``places_from`` ('layer', 'area' or ''), ``limit_s`` (nan).

    Examples
    --------
    >>> shelters = pd.DataFrame({
    ...     "level": ["Ⅰ类", "Ⅱ类", None],
    ...     "area_m2": [900.0, 500.0, 80.0],
    ...     "places": [np.nan, 250.0, np.nan],
    ... })
    >>> spec = ShelterRules(m2_per_person_by_level={"I类": 3.0}, reach_m=1000.0)
    >>> rate_shelters(shelters, spec, walk_kph=4.0).values.tolist()
    [[300.0, 'area', 900.0], [250.0, 'layer', 900.0], [nan, '', 900.0]]
    """
    m2 = _by_level(shelters["level"], spec.m2_per_person_by_level, spec.m2_per_person)
    metres = _by_level(shelters["level"], spec.reach_m_by_level, spec.reach_m)
    limit_s = metres / (walk_kph / 3.6)
    if spec.reach_min is not None:
        limit_s = limit_s.fillna(60.0 * spec.reach_min)
    given = shelters["places"].astype(float)
    # 4.5 / 1.5 may come out a hair under 3.
    held = np.floor((shelters["area_m2"].astype(float) / m2).round(6))
    origin = np.select([given.notna(), held.notna()], ["layer", "area"], "").astype(object)
    return pd.DataFrame(
        {"places": np.floor(given).fillna(held), "places_from": origin, "limit_s": limit_s.round(3)},
        index=shelters.index,
    )


def walk_to_shelters(
    walking: RoadNetwork,
    shelters: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    limit_s: float,
    walk_kph: float,
    max_snap_m: float = MAX_SNAP_M,
    barriers: gpd.GeoDataFrame | None = None,
) -> ShelterWalks:
    """Search the walks of people to shelters on the roads and paths that may be walked.

    Parameters
    ----------
    walking : RoadNetwork
        The roads under the profile of people on foot.
    shelters : GeoDataFrame
        Existing and perhaps planned shelters; ``status``.
    demand : GeoDataFrame
        Where people are.
    limit_s : float
        Longest walk that is kept for every pair, seconds.
    walk_kph : float
        Speed between a place and its road.
    max_snap_m : float
        Farthest that a place may be from its road, metres.
    barriers : GeoDataFrame, optional
        Water and the like that the way to a road may not cross.

    Raises
    ------
    CrsError
        A table is not in the network's CRS.
    """
    at_shelters = snap(shelters, walking, max_m=max_snap_m, access_kph=walk_kph, barriers=barriers)
    at_homes = snap(demand, walking, max_m=max_snap_m, access_kph=walk_kph, barriers=barriers)
    there = at_shelters[(shelters["status"] == "existing").to_numpy()]
    near = nearest(walking, there, at_homes, direction=DIRECTION)
    times = travel_times(walking, at_shelters, at_homes, direction=DIRECTION, limit_s=limit_s)
    return ShelterWalks(times, near[["first_id", "first_s"]], at_shelters, at_homes)


def weighted_people(demand: pd.DataFrame, *, night: float) -> pd.Series | None:
    """Weigh people by day and by night: ``night x people_night + (1 - night) x people_day``.

    Where a point does not say them its ``people`` count. None where no point says either.

    Examples
    --------
    >>> demand = pd.DataFrame({"people": [100.0, 40.0], "people_day": [20.0, np.nan]})
    >>> weighted_people(demand, night=0.75).tolist()
    [80.0, 40.0]
    """
    counted = [
        name for name in ("people_day", "people_night") if name in demand and demand[name].notna().any()
    ]
    if not counted:
        return None
    people = demand["people"].astype(float)
    day, by_night = (
        demand[name].astype(float).fillna(people) if name in counted else people
        for name in ("people_day", "people_night")
    )
    return (night * by_night + (1.0 - night) * day).rename("people")


def is_of_level(level: pd.Series, words: Collection[str]) -> pd.Series:
    """Say which classes are meant: those that are one of the words, or hold one.

    Letters and digits are compared as whole words, without case, and Ⅰ is I: ``"I类"`` is not in ``"II类"``.

    Examples
    --------
    >>> levels = pd.Series(["区级（Ⅱ类）", "I类", "中心避难场所", None])
    >>> is_of_level(levels, ["II类", "中心"]).tolist()
    [True, False, True, False]
    """
    texts = level.astype(object).where(level.notna(), "").map(_plain)
    return texts.map(lambda text: any(_holds(text, _plain(word)) for word in words)).astype(bool)


@cache
def default_levels(kind: Literal["fixed", "central"]) -> tuple[str, ...]:
    """Give the classes that count as fixed or central shelters where the study does not say.

    Examples
    --------
    >>> default_levels("central")
    ('中心', 'central')
    """
    path = data_dir() / "standards" / "shelters.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["levels"][kind])


def _by_level(level: pd.Series, numbers: Mapping[str, float], other: float | None) -> pd.Series:
    """Give each class its number: of the words that it holds the longest counts."""
    number = pd.Series(np.nan if other is None else other, index=level.index)
    for word in sorted(numbers, key=lambda word: (len(word), word)):
        number[is_of_level(level, [word])] = numbers[word]
    return number


def _holds(text: str, word: str) -> bool:
    edges = r"(?<![a-z0-9])" if word[:1].isascii() else "", r"(?![a-z0-9])" if word[-1:].isascii() else ""
    return bool(word) and re.search(f"{edges[0]}{re.escape(word)}{edges[1]}", text) is not None


def _plain(text: object) -> str:
    return unicodedata.normalize("NFKC", str(text)).strip().casefold()
