"""Shelters, depots, bases, teams and gas repair of the synthetic district."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.apportion import share_out
from geo.settlement import Settlement

__all__ = ["bases", "depots", "gas_repair", "shelters", "teams"]

_BASE_YEAR: Final = 2020
_LEVELS: Final = ("district", "town", "village")
"""Level of the sports centre, the school and the park of each town."""


def bases(place: Settlement) -> pd.DataFrame:
    """Two rescue bases: as many as a plan asks for."""
    return place.at_towns("base", place.order[:2], (400.0, -500.0))


def gas_repair(place: Settlement) -> pd.DataFrame:
    """Eight gas repair stations, six of them opened after the base year: a target that is met."""
    towns = place.order[: max(1, min(8, len(place.order)))]
    years = [2012, 2016, 2021, 2021, 2022, 2022, 2023, 2024][: len(towns)]
    return place.at_towns("gas_repair", towns, (-450.0, 350.0)).assign(opened_year=years)


def teams(place: Settlement) -> pd.DataFrame:
    """Give every town a rescue team, and plan a second one for the town with the most people."""
    towns = np.append(np.sort(place.order), place.order[0])
    table = place.at_towns("team", towns, (-150.0, -200.0))
    last = table.index[-1]
    table.loc[last, "name"] = place.say("second_team", town=place.names[towns[-1]])
    table.loc[last, ["x", "y"]] = place.centre[towns[-1]] + np.array([900.0, 700.0])
    return table.assign(
        zone=[place.names[town] for town in towns],
        staff=10 + np.floor(20 * place.chance(len(towns), 50)).astype(int),
        status=[place.say("planned" if i == last else "existing") for i in table.index],
    )


def shelters(place: Settlement) -> pd.DataFrame:
    """Put shelters into towns: 0.85 m2 a person in the district, but unevenly, so some towns have less.

    Two shelters of the district are new since the base year, and one more is planned.
    """
    per_town = 3
    town = np.repeat(np.arange(len(place.names)), per_town)
    people = place.villages.groupby("town")["people"].sum().reindex(range(len(place.names))).to_numpy()
    skew = 0.45 + 1.1 * place.chance(len(place.names), 52)
    weight = (people * skew)[town] * (0.5 + place.chance(len(town), 53))
    area = share_out(round(0.85 * people.sum() / 10), weight, whole=True) * 10
    nth = np.tile(np.arange(per_town), len(place.names))
    turn = 2.0 * np.pi * (nth / per_town + place.chance(len(town), 54) / 4)
    xy = place.centre[town] + np.column_stack([np.cos(turn), np.sin(turn)]) * 520.0
    table = pd.DataFrame(
        {
            "name": [place.say(f"shelter_{k}", town=place.names[i]) for i, k in zip(town, nth, strict=True)],
            "level": [place.say(f"shelter_level_{_LEVELS[k]}") for k in nth],
            "area_m2": area.astype(int),
            "places": np.floor(area / np.array([3.0, 2.0, 1.0])[nth]).astype(int),
            "zone": [place.names[i] for i in town],
            "opened_year": place.years(len(town), 2006, _BASE_YEAR, stream=60),
            "status": place.say("existing"),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    table.loc[(nth == 0) & np.isin(town, place.order[[0, min(3, len(place.order) - 1)]]), "opened_year"] = (
        2022
    )
    return pd.concat([table, _planned_shelter(place)], ignore_index=True)


def _planned_shelter(place: Settlement) -> pd.DataFrame:
    town = place.order[len(place.order) // 3]
    return place.at_towns("shelter_planned", np.array([town]), (620.0, 480.0)).assign(
        level=place.say("shelter_level_district"),
        area_m2=24_000,
        places=12_000,
        zone=place.names[town],
        opened_year=2025,
        status=place.say("planned"),
    )


def depots(place: Settlement) -> pd.DataFrame:
    """Depots of every level: in each town but two, where one is planned, and in five villages of six."""
    order = place.order
    late = np.unique(order[[len(order) // 2, -2]])
    towns = np.sort(order)
    parts = [
        _level(place, "joint", order[:5], (-900.0, 300.0), area_m2=3_000),
        _level(place, "sector", order[:6], (700.0, 650.0), area_m2=900),
        _level(place, "district", order[:1], (-600.0, -250.0), area_m2=1_800),
        _level(place, "town", towns[~np.isin(towns, late)], (250.0, 260.0), area_m2=240),
        _level(place, "town", late, (250.0, 260.0), area_m2=240, status="planned"),
        _village_depots(place),
        _level(place, "household", order[:2], (-300.0, 280.0), area_m2=4),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(level=[place.say(f"depot_level_{level}") for level in table["level"]])


def _level(
    place: Settlement,
    level: str,
    towns: np.ndarray,
    offset: tuple[float, float],
    *,
    area_m2: int,
    status: str = "existing",
) -> pd.DataFrame:
    return place.at_towns(f"depot_{level}", towns, offset).assign(
        level=level, area_m2=area_m2, zone=[place.names[town] for town in towns], status=place.say(status)
    )


def _village_depots(place: Settlement) -> pd.DataFrame:
    villages = place.villages
    kept = villages[place.chance(len(villages), 55) < 5 / 6]
    return pd.DataFrame(
        {
            "name": [place.say("depot_village", village=name) for name in kept["name"]],
            "x": kept["x"] + 40.0,
            "y": kept["y"] - 30.0,
            "level": "village",
            "area_m2": 30,
            "zone": [place.names[town] for town in kept["town"]],
            "village": kept["name"],
            "status": place.say("existing"),
        }
    )
