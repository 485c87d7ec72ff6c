"""Shelters, depots, bases, teams and gas repair of the synthetic district."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.demand import share_out
from geo.sample.people import Settlement
from geo.schema import ZONE_LEVELS

__all__ = ["bases", "depots", "equip", "gas_repair", "shelters", "teams"]

_BASE_YEAR: Final = 2020
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
            "level": [place.say(f"shelter_level_{ZONE_LEVELS[k]}") for k in nth],
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


_STATIONS: Final = (
    ("special", 45, 45, 1986),
    ("first", 32, 60, 1992),
    ("first", 32, 60, 2009),
    ("second", 22, 60, 1998),
    ("second", 20, 60, 2003),
    ("second", 18, None, 2011),
    ("second", 18, 60, 2014),
    ("second", 16, 75, 2016),
    ("small", 15, 60, 2018),
    ("small", 15, None, 2019),
    ("small", 12, 90, 2020),
)
"""Class, staff, turnout in seconds (not known for two) and year: 245 firefighters, 0.38 per thousand."""
_PREFIXES: Final = "FPMSDBTGHW"
"""First letter of the ids of each table."""


def equip(settlement: Settlement) -> dict[str, pd.DataFrame]:
    """Give one table per kind of facility, by file name; each has ``facility_id``, ``name``, ``x``, ``y``."""
    tables = {
        "stations": _stations(settlement),
        "stations_planned": _planned(settlement),
        "micro_stations": _micro_stations(settlement),
        "shelters": shelters(settlement),
        "depots": depots(settlement),
        "bases": bases(settlement),
        "teams": teams(settlement),
        "gas_repair": gas_repair(settlement),
        "hydrants": _hydrants(settlement),
        "water_points": _water_points(settlement),
    }
    for prefix, table in zip(_PREFIXES, tables.values(), strict=True):
        width = len(str(len(table)))
        table.insert(0, "facility_id", [f"{prefix}{i + 1:0{width}d}" for i in range(len(table))])
    return tables


def _stations(place: Settlement) -> pd.DataFrame:
    """Put a station in the towns with the most people, and a second, small one in the first town."""
    n = max(2, round(len(_STATIONS) / 18 * len(place.names)))
    at = np.append(place.order[: min(n, len(place.order)) - 1], place.order[0])
    table = place.at_towns("fire_station", at, (180.0, 90.0))
    last = table.index[-1]
    table.loc[last, "name"] = place.say("second_station", town=place.names[at[-1]])
    table.loc[last, ["x", "y"]] = place.centre[at[-1]] + np.array([1_500.0, -1_300.0])
    kind = [_STATIONS[i * len(_STATIONS) // len(table)] for i in range(len(table))]
    columns = ["station_class", "staff", "turnout_s", "opened_year"]
    details = pd.DataFrame(kind, columns=columns, index=table.index)
    details["turnout_s"] = details["turnout_s"].astype("Int64")
    details["station_class"] = [place.say(f"class_{word}") for word in details["station_class"]]
    return pd.concat([table, details], axis=1)


def _planned(place: Settlement) -> pd.DataFrame:
    """Plan a small station on the island without a bridge, a second-class one and a logistics station."""
    n = min(place.per_town(10), len(place.names) - 2)
    table = place.at_towns("fire_station", place.order[[-1, n]], (160.0, -120.0))
    logistics = place.at_towns("logistics_station", place.order[1:2], (-700.0, 420.0))
    classes = [place.say(f"class_{word}") for word in ("small", "second", "logistics")]
    with_logistics = pd.concat([table, logistics], ignore_index=True)
    return with_logistics.assign(station_class=classes, staff=[15, 20, 40], turnout_s=60)


def _micro_stations(place: Settlement) -> pd.DataFrame:
    """Give every village a micro station, and the largest neighbourhoods a second one."""
    villages = place.villages
    n_more = round(len(villages) * (494 / 361 - 1))
    largest = villages.sort_values(["people", "name"], ascending=[False, True]).head(n_more)
    at = pd.concat([villages, largest])
    nudge = (place.chance(2 * len(at), 51).reshape(-1, 2) - 0.5) * 160.0
    names = [place.say("micro_station", village=name) for name in villages["name"]]
    names += [place.say("second_micro_station", village=name) for name in largest["name"]]
    return pd.DataFrame(
        {
            "name": names,
            "staff": 6,
            "x": at["x"].to_numpy() + nudge[:, 0],
            "y": at["y"].to_numpy() + nudge[:, 1],
        }
    )


def _hydrants(place: Settlement) -> pd.DataFrame:
    """Put hydrants at crossings in the towns, nine in ten built by the base year; of those 19 in 20 work."""
    table = place.links.table
    nodes = np.unique(table.loc[table["is_urban"], ["u", "v"]].to_numpy())
    order = np.argsort(place.chance(len(nodes), 56), kind="stable")
    n_old, n_new = place.per_town(430), place.per_town(90)
    old, new = np.sort(nodes[order[:n_old]]), np.sort(nodes[order[n_old : n_old + n_new]])
    at = np.concatenate([old, new])
    works = (place.chance(len(at), 57) < 0.95) | (np.arange(len(at)) >= len(old))
    xy = place.links.node_xy[at] + 7.0
    return pd.DataFrame(
        {
            "name": [place.say("hydrant", n=i + 1) for i in range(len(at))],
            "is_working": [place.say("working" if ok else "broken") for ok in works],
            "flow_lps": np.where(place.chance(len(at), 58) < 0.85, 15, 10),
            "opened_year": np.concatenate(
                [place.years(len(old), 2016, 2020, stream=61), place.years(len(new), 2021, 2023, stream=62)]
            ),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _water_points(place: Settlement) -> pd.DataFrame:
    """Put water points near villages outside the towns: 120 by the base year, 40 new, 140 planned."""
    rural = place.villages[~place.villages["is_urban"]]
    order = np.argsort(place.chance(len(rural), 59), kind="stable")
    n_old, n_new, n_planned = (place.per_town(n) for n in (120, 40, 140))
    nth = np.arange(min(n_old + n_new + n_planned, 2 * len(rural)))
    first = np.sort(order[:n_old])
    at = rural.iloc[np.concatenate([first, order[n_old:], order])[nth]]
    is_second = nth >= len(rural)
    words = ["second_water_point" if second else "water_point" for second in is_second]
    old, new = place.years(n_old, 2010, 2020, stream=63), place.years(n_new, 2021, 2023, stream=64)
    years = np.concatenate([old, new, np.full(n_planned, 2025)])[nth]
    table = pd.DataFrame(
        {
            "name": [place.say(word, village=name) for word, name in zip(words, at["name"], strict=True)],
            "opened_year": years,
            "status": [place.say("planned" if i >= n_old + n_new else "existing") for i in nth],
            "x": at["x"].to_numpy() + np.where(is_second, 110.0, -90.0),
            "y": at["y"].to_numpy() + np.where(is_second, -70.0, 60.0),
        }
    )
    return table
