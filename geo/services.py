"""What the synthetic district has for emergencies: stations, hydrants, water points and the rest.

Numbers follow the published figures of Chongming where there are some (11 stations, 494 micro stations,
430 hydrants, 120 water points for 18 towns); some targets of the plans are met and some are missed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo import supplies
from geo.settlement import Settlement

__all__ = ["equip"]

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
        "shelters": supplies.shelters(settlement),
        "depots": supplies.depots(settlement),
        "bases": supplies.bases(settlement),
        "teams": supplies.teams(settlement),
        "gas_repair": supplies.gas_repair(settlement),
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
    made = pd.concat([table, logistics], ignore_index=True)
    return made.assign(station_class=classes, staff=[15, 20, 40], turnout_s=60)


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
