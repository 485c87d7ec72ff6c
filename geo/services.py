"""What the synthetic district has for emergencies: stations, shelters, depots, hydrants and the rest.

Numbers follow the published figures of Chongming where there are some (11 stations, 494 micro stations,
430 hydrants, 120 water points for 18 towns); some targets of the plans are met and some are missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.chance import draw
from geo.shares import share_out
from geo.streets import Links
from geo.words import Lang, say

__all__ = ["Settlement", "equip"]

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


@dataclass(frozen=True, eq=False)
class Settlement:
    """The places that services are put at.

    Parameters
    ----------
    links : Links
        Roads.
    villages : pandas.DataFrame
        ``name``, ``town``, ``is_urban``, ``people``, ``x``, ``y``.
    names : list of str
        Names of the towns.
    centre : float64 array, shape (T, 2)
        Main crossings of the towns, metres.
    order : int array, shape (T,)
        Towns from the most people to the fewest; the last is on the island without a bridge.
    seed : int
        Of every irregularity.
    lang : {"zh", "en"}
        Language of names.
    """

    links: Links
    villages: pd.DataFrame
    names: list[str]
    centre: NDArray[np.float64]
    order: NDArray[np.int64]
    seed: int
    lang: Lang

    def say(self, key: str, **values: object) -> str:
        """Say one of the sample's words."""
        return say(f"sample.{key}", lang=self.lang, **values)

    def chance(self, n: int, stream: int) -> NDArray[np.float64]:
        """Draw numbers in [0, 1)."""
        return draw(n, seed=self.seed, stream=stream)


def equip(settlement: Settlement) -> dict[str, pd.DataFrame]:
    """Give one table per kind of facility, by file name; each has ``facility_id``, ``name``, ``x``, ``y``."""
    tables = {
        "stations": _stations(settlement),
        "stations_planned": _planned(settlement),
        "micro_stations": _micro_stations(settlement),
        "shelters": _shelters(settlement),
        "depots": _depots(settlement),
        "bases": _at_towns(settlement, "base", settlement.order[:2], (400.0, -500.0)),
        "teams": _teams(settlement),
        "gas_repair": _at_towns(settlement, "gas_repair", settlement.order[:4], (-450.0, 350.0)),
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
    table = _at_towns(place, "fire_station", at, (180.0, 90.0))
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
    """Plan a small station on the island without a bridge, and a second-class one in the next town."""
    n = min(round(10 / 18 * len(place.names)), len(place.names) - 2)
    table = _at_towns(place, "fire_station", place.order[[-1, n]], (160.0, -120.0))
    classes = [place.say("class_small"), place.say("class_second")]
    return table.assign(station_class=classes, staff=[15, 20], turnout_s=60)


def _at_towns(
    place: Settlement, word: str, towns: NDArray[np.int64], offset: tuple[float, float]
) -> pd.DataFrame:
    xy = place.centre[towns] + np.array(offset)
    names = [place.say(word, town=place.names[town]) for town in towns]
    return pd.DataFrame({"name": names, "x": xy[:, 0], "y": xy[:, 1]})


def _teams(place: Settlement) -> pd.DataFrame:
    """Give every town a rescue team, but one: a target that is missed."""
    towns = np.delete(np.sort(place.order), place.order[len(place.order) * 3 // 4])
    table = _at_towns(place, "team", towns, (-150.0, -200.0))
    staff = 10 + np.floor(20 * place.chance(len(towns), 50)).astype(int)
    return table.assign(zone=[place.names[town] for town in towns], staff=staff)


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


def _shelters(place: Settlement) -> pd.DataFrame:
    """Put shelters into towns: 0.85 m2 a person in the district, but unevenly, so some towns have less."""
    per_town = 3
    town = np.repeat(np.arange(len(place.names)), per_town)
    people = place.villages.groupby("town")["people"].sum().reindex(range(len(place.names))).to_numpy()
    skew = 0.45 + 1.1 * place.chance(len(place.names), 52)
    weight = (people * skew)[town] * (0.5 + place.chance(len(town), 53))
    area = share_out(round(0.85 * people.sum() / 10), weight, whole=True) * 10
    turn = (
        2.0
        * np.pi
        * (np.tile(np.arange(per_town), len(place.names)) / per_town + place.chance(len(town), 54) / 4)
    )
    xy = place.centre[town] + np.column_stack([np.cos(turn), np.sin(turn)]) * 520.0
    nth = np.tile(np.arange(per_town), len(place.names))
    return pd.DataFrame(
        {
            "name": [place.say(f"shelter_{k}", town=place.names[i]) for i, k in zip(town, nth, strict=True)],
            "level": [place.say(f"shelter_level_{k}") for k in nth],
            "area_m2": area.astype(int),
            "places": np.floor(area / np.array([3.0, 2.0, 1.0])[nth]).astype(int),
            "zone": [place.names[i] for i in town],
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _depots(place: Settlement) -> pd.DataFrame:
    """One depot of the district, one in each town but two, one in five villages of six."""
    villages = place.villages
    kept = villages[place.chance(len(villages), 55) < 5 / 6]
    towns = np.delete(np.sort(place.order), np.sort(place.order[[len(place.order) // 2, -2]]))
    parts = [
        _at_towns(place, "depot_district", place.order[:1], (-600.0, -250.0)).assign(
            level="district", area_m2=1_800
        ),
        _at_towns(place, "depot_town", towns, (250.0, 260.0)).assign(level="town", area_m2=240),
        pd.DataFrame(
            {
                "name": [place.say("depot_village", village=name) for name in kept["name"]],
                "x": kept["x"] + 40.0,
                "y": kept["y"] - 30.0,
                "level": "village",
                "area_m2": 30,
            }
        ),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(level=[place.say(f"depot_level_{level}") for level in table["level"]])


def _hydrants(place: Settlement) -> pd.DataFrame:
    """Put hydrants at crossings in the towns; 19 in 20 work."""
    table = place.links.table
    nodes = np.unique(table.loc[table["is_urban"], ["u", "v"]].to_numpy())
    order = np.argsort(place.chance(len(nodes), 56), kind="stable")
    nodes = np.sort(nodes[order[: round(430 / 18 * len(place.names))]])
    xy = place.links.node_xy[nodes] + 7.0
    works = place.chance(len(nodes), 57) < 0.95
    flow = np.where(place.chance(len(nodes), 58) < 0.85, 15, 10)
    return pd.DataFrame(
        {
            "name": [place.say("hydrant", n=i + 1) for i in range(len(nodes))],
            "is_working": [place.say("working" if ok else "broken") for ok in works],
            "flow_lps": flow,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _water_points(place: Settlement) -> pd.DataFrame:
    """Put water points near villages outside the towns."""
    rural = place.villages[~place.villages["is_urban"]]
    order = np.argsort(place.chance(len(rural), 59), kind="stable")[: round(120 / 18 * len(place.names))]
    at = rural.iloc[np.sort(order)]
    return pd.DataFrame(
        {
            "name": [place.say("water_point", village=name) for name in at["name"]],
            "x": at["x"] - 90.0,
            "y": at["y"] + 60.0,
        }
    ).reset_index(drop=True)
