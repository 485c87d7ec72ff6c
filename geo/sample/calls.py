"""Synthetic records of calls, driven over the district's roads at speeds that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.sample.people import Settlement
from geo.sample.streets import CLASSES, Links

__all__ = ["TRUE_SPEEDS_KPH", "Drives", "calls", "tell_truth"]

TRUE_SPEEDS_KPH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "residential": 25.0,
        "unclassified": 31.0,
        "tertiary": 35.0,
        "secondary": 45.0,
        "primary": 51.0,
        "trunk": 62.0,
    }
)
"""What engines really drive here; a ferry carries none."""
_TRUTH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "junction_delay_s": 3.0,
        "access_kph": 10.0,
        "against_oneway": 0.5,
        "driving_spread": 0.18,
        "night_factor": 1.12,
        "rain_factor": 1.08,
        "turnout_factor": 1.3,
        "turnout_night_factor": 1.25,
        "turnout_spread": 0.25,
        "turnout_s": 60.0,
    }
)
"""Spreads are of the logarithm; night (22 to 6) and rain lengthen the drive, night also the turnout, which
is that of the station's list (else ``turnout_s``) times ``turnout_factor``."""
_PER_18_TOWNS: Final = 900
_FARTHEST_S: Final = 3600.0
_DAYS: Final = 730
_FIRST: Final = pd.Timestamp("2023-01-01")
_NEAR_NODES: Final = 12
_BY_HOUR: Final = (2, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 5, 6, 7, 7, 6, 5, 4, 3, 3)
_STAMPS: Final = ("called_at", "dispatched_at", "left_at", "arrived_at", "back_at")


@dataclass(frozen=True, eq=False)
class Drives:
    """The true seconds of driving over the roads of a district, junctions with it.

    Parameters
    ----------
    links : Links
        The roads.
    """

    links: Links

    def seconds(self, stations: NDArray[np.float64], nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the seconds from places beside roads to road nodes, a row each; inf without a way."""
        table, node = self.links.table, self.links.node_xy
        is_road = np.array(CLASSES, dtype=object)[table["rank"]] != "ferry"
        u, v = (table[end].to_numpy()[is_road] for end in ("u", "v"))
        lines, metres = self._lines(is_road)
        rank = table["rank"].to_numpy()[is_road]
        kph = np.array([TRUE_SPEEDS_KPH.get(name, 1.0) for name in CLASSES])[rank]
        plain = metres / (kph / 3.6)
        n_ends = np.bincount(np.concatenate([u, v]), minlength=len(node))
        delay = _TRUTH["junction_delay_s"] * ((n_ends[u] >= 3).astype(float) + (n_ends[v] >= 3)) / 2.0
        against = np.where(table["is_oneway"].to_numpy(dtype=bool)[is_road], _TRUTH["against_oneway"], 1.0)
        along, back = plain + delay, plain / against + delay
        shape = (len(node), len(node))
        ways = _least(np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([along, back]), shape)
        points = shapely.points(stations)
        at = shapely.STRtree(lines).nearest(points)
        part = shapely.line_locate_point(lines[at], points, normalized=True)
        access = shapely.distance(points, lines[at]) / (_TRUTH["access_kph"] / 3.6)
        rows = []
        for i, link in enumerate(at):
            ends = [u[link], v[link]]
            start = np.array([back[link] * part[i], along[link] * (1.0 - part[i])])
            reached = dijkstra(ways, indices=ends, limit=_FARTHEST_S)[:, nodes]
            rows.append((reached + start[:, None]).min(axis=0) + access[i])
        return np.array(rows).reshape(len(stations), len(nodes))

    def _lines(self, is_road: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.float64]]:
        table, node, middle = self.links.table[is_road], self.links.node_xy, self.links.middle[is_road]
        xy = np.stack([node[table["u"]], middle, node[table["v"]]], axis=1).reshape(-1, 2)
        kept = ~np.isnan(xy[:, 0])
        lines = shapely.linestrings(xy[kept], indices=np.repeat(np.arange(len(table)), 3)[kept])
        return lines, shapely.length(lines)

    @property
    def road_nodes(self) -> NDArray[np.int64]:
        """Nodes that a road other than a ferry leads to."""
        table = self.links.table[np.array(CLASSES, dtype=object)[self.links.table["rank"]] != "ferry"]
        nodes: NDArray[np.int64] = np.unique(table[["u", "v"]].to_numpy())
        return nodes


def calls(place: Settlement, stations: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Draw two years of calls and write them down as a dispatch system would, with faults that are counted.

    Parameters
    ----------
    place : Settlement
        Where people live.
    stations : DataFrame
        ``name``, ``turnout_s``, ``x``, ``y``.

    Returns
    -------
    (DataFrame, dict)
        A row for each engine; and how many rows, calls and faults of each kind there are.
    """
    drives = Drives(place.links)
    node = _places(place, drives)
    n = len(node)
    seconds = drives.seconds(stations[["x", "y"]].to_numpy(), node)
    called = _FIRST + pd.to_timedelta(_moments(place, n), unit="s")
    order = np.argsort(called, kind="stable")
    node, seconds, called = node[order], seconds[:, order], called[order]
    weather = np.where(place.chance(n, 92) < 0.15, "rain", "clear")
    parts = [_engines(place, stations, seconds, called, weather, second=second) for second in (False, True)]
    table = pd.concat(parts).sort_values(["call", "second"], kind="stable").reset_index(drop=True)
    xy = place.links.node_xy[node[table["call"]]]
    told = pd.DataFrame(
        {
            "call_id": [f"C{i + 1:05d}" for i in table["call"]],
            **{name: table[name].dt.strftime("%Y-%m-%d %H:%M:%S") for name in _STAMPS},
            "station_call": [None if s < 0 else stations["name"].iloc[s] for s in table["station"]],
            "vehicle": [
                None if s < 0 else place.say("vehicle", station=s + 1, n=1 + int(second))
                for s, second in zip(table["station"], table["second"], strict=True)
            ],
            "call_type": [
                place.say(f"call_type_{int(k)}") for k in np.floor(4 * place.chance(n, 93))[table["call"]]
            ],
            "weather": [place.say(f"weather_{word}") for word in weather[table["call"]]],
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    counts = {"n_calls": n, "n_nobody_sent": int((table["station"] < 0).sum())}
    told, faults = _spoilt(place, told, table)
    return told, {"n_rows": len(told), **counts, **faults}


def tell_truth(place: Settlement, stations: pd.DataFrame, counts: Mapping[str, int]) -> str:
    """Write the truth behind the calls as TOML."""
    turnout = stations["turnout_s"].astype(float).fillna(_TRUTH["turnout_s"]) * _TRUTH["turnout_factor"]
    tables = {
        "speeds_kph": TRUE_SPEEDS_KPH,
        "driving": {name: value for name, value in _TRUTH.items() if not name.startswith("turnout")},
        "turnout": {name: value for name, value in _TRUTH.items() if name.startswith("turnout_")},
        "turnout_median_s": dict(zip(stations["name"], turnout.round(1), strict=True)),
        "rows": counts,
    }
    parts = [place.say("calls_truth").strip("\n")]
    for name, table in tables.items():
        lines = [f'"{key}" = {value:g}' for key, value in table.items()]
        parts.append("\n".join([f"[{name}]", *lines]))
    return "\n\n".join(parts) + "\n"


def _least(
    start: NDArray[np.int64], end: NDArray[np.int64], cost: NDArray[np.float64], shape: tuple[int, int]
) -> Any:
    """Make the matrix of ways, of parallel ones the fastest: a sparse matrix would add them up."""
    order = np.lexsort((cost, end, start))
    start, end, cost = start[order], end[order], cost[order]
    is_first = np.append(True, (start[1:] != start[:-1]) | (end[1:] != end[:-1]))
    return coo_array((cost[is_first], (start[is_first], end[is_first])), shape=shape).tocsr()


def _places(place: Settlement, drives: Drives) -> NDArray[np.int64]:
    """Draw the road node of each call: one of those nearest to a village, by its people."""
    n = max(30, place.per_town(_PER_18_TOWNS))
    people = np.cumsum(place.villages["people"].to_numpy(dtype=float))
    village = np.searchsorted(people, place.chance(n, 90) * people[-1], side="right")
    nodes = drives.road_nodes
    near = min(_NEAR_NODES, len(nodes))
    _, close = cKDTree(place.links.node_xy[nodes]).query(place.villages[["x", "y"]].to_numpy(), k=near)
    chosen = np.floor(near * place.chance(n, 91)).astype(int)
    drawn: NDArray[np.int64] = nodes[close.reshape(-1, near)[village, chosen]]
    return drawn


def _moments(place: Settlement, n: int) -> NDArray[np.float64]:
    """Draw whole seconds after the first day begins, by the hours of a day."""
    share = np.cumsum(_BY_HOUR) / sum(_BY_HOUR)
    hour = np.searchsorted(share, place.chance(n, 94), side="right")
    day, second = np.floor(_DAYS * place.chance(n, 95)), np.floor(3600 * place.chance(n, 96))
    moments: NDArray[np.float64] = day * 86_400.0 + hour * 3600.0 + second
    return moments


def _engines(
    place: Settlement,
    stations: pd.DataFrame,
    seconds: NDArray[np.float64],
    called: pd.DatetimeIndex,
    weather: NDArray[Any],
    *,
    second: bool,
) -> pd.DataFrame:
    """Send an engine to each call, or a second one to one in four; the nearest station is out at times."""
    n, stream = len(called), 200 if second else 100
    by_time = np.argsort(seconds, axis=0, kind="stable")
    rank = (place.chance(n, 101) < 0.08).astype(int) if len(stations) > 1 else np.zeros(n, dtype=int)
    station = by_time[rank, np.arange(n)]
    ideal = seconds[station, np.arange(n)]
    station = np.where(np.isfinite(ideal), station, -1)
    hour = called.hour.to_numpy()
    is_night = (hour < 6) | (hour >= 22)
    usual = stations["turnout_s"].astype(float).fillna(_TRUTH["turnout_s"]).to_numpy()[station]
    turnout = usual * _TRUTH["turnout_factor"] * np.where(is_night, _TRUTH["turnout_night_factor"], 1.0)
    turnout = turnout * np.exp(_TRUTH["turnout_spread"] * _normal(place, n, stream + 2))
    factor = np.where(is_night, _TRUTH["night_factor"], 1.0)
    factor = factor * np.where(weather == "rain", _TRUTH["rain_factor"], 1.0)
    driving = np.where(station >= 0, ideal, np.nan)
    driving = driving * factor * np.exp(_TRUTH["driving_spread"] * _normal(place, n, stream + 4))
    handling = 20.0 + 60.0 * place.chance(n, 106)
    work = (15.0 + 60.0 * place.chance(n, stream + 7)) * 60.0
    late = 25.0 + 40.0 * place.chance(n, 108) if second else np.zeros(n)
    steps = np.cumsum(np.column_stack([handling, turnout + late, driving, work + driving]), axis=1)
    steps = np.where((station >= 0)[:, None], np.rint(steps), np.nan)
    stamps = {name: called + pd.to_timedelta(steps[:, i], unit="s") for i, name in enumerate(_STAMPS[1:])}
    table = pd.DataFrame({"call": np.arange(n), "second": second, "station": station, "called_at": called})
    table = table.assign(**stamps)
    return table[(place.chance(n, 109) < 0.25) & (station >= 0)] if second else table


def _normal(place: Settlement, n: int, stream: int) -> NDArray[np.float64]:
    """Draw from the standard normal distribution (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-place.chance(n, stream)))
    drawn: NDArray[np.float64] = radius * np.cos(2.0 * np.pi * place.chance(n, stream + 1))
    return drawn


def _spoilt(
    place: Settlement, told: pd.DataFrame, table: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Leave stamps out, mistype some and write some rows twice; count each."""
    n, went = len(told), (table["station"] >= 0).to_numpy()
    no_left = went & (place.chance(n, 110) < 0.02)
    no_arrival = went & (place.chance(n, 111) < 0.04)
    chance = place.chance(n, 112)
    unreadable = went & ~no_arrival & (chance < 0.006)
    at = table["arrived_at"]
    may_turn = (at.dt.day <= 12) & (at.dt.day != at.dt.month) & ((at.dt.day - at.dt.month).abs() > 2)
    turned = went & ~no_arrival & ~unreadable & may_turn.to_numpy() & (chance < 0.05)
    told.loc[no_left, "left_at"] = None
    told.loc[no_arrival, "arrived_at"] = None
    told.loc[unreadable, "arrived_at"] = [
        text[:11] + "25" + text[13:] for text in told["arrived_at"][unreadable]
    ]
    told.loc[turned, "arrived_at"] = at[turned].dt.strftime("%Y-%d-%m %H:%M:%S")
    twice = np.flatnonzero(went & (place.chance(n, 113) < 0.01))
    both = pd.concat([told, told.iloc[twice]]).sort_index(kind="stable").reset_index(drop=True)
    faults = {"no_left_at": no_left, "no_arrived_at": no_arrival}
    faults |= {"unreadable_arrived_at": unreadable, "day_month_arrived_at": turned}
    return both, {f"n_{name}": int(is_so.sum()) for name, is_so in faults.items()} | {"n_double": len(twice)}
