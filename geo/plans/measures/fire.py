"""The fire-service measures behind a plan's targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from geo.messages import Message
from geo.optimize import assign
from geo.plans.evidence import Facts, Measure, beside_people
from geo.plans.plan import Target
from geo.standards import ResponseStandard

__all__ = ["MEASURES"]


def _covered_share(target: Target, facts: Facts) -> Measure:
    """Share of people reached within the limit, in percent (CM-1)."""
    reading = facts.readings.get(target.settings["standard"])
    if reading is None:
        return _not_read(target)
    figures = reading.figures
    ground: list[Message] = []
    if not math.isnan(reading.road_share):
        ground.append(Message("plans.roads_covered", {"share": reading.road_share}))
    if not math.isnan(reading.land_share):
        ground.append(Message("plans.land_covered", {"share": reading.land_share}))
    late = figures["people"] - figures["people_covered"] - figures["people_unreachable"]
    short = target.value / 100.0 * figures["people"] - figures["people_covered"]
    return Measure(
        value=100.0 * figures["share_covered"],
        beside=(beside_people(figures["people"], figures["people_covered"], figures["people_unreachable"]),),
        evidence=(
            Message("plans.people_covered", {**figures, "late": late}),
            _clock(reading.standard),
            *ground,
        ),
        if_missed=(Message("plans.short_people", {"n": math.ceil(short)}),),
        places="gaps",
    )


def _mean_travel(target: Target, facts: Facts) -> Measure:
    """Travel time of the first engine, mean over the people who are reached, in minutes (CM-2)."""
    reading = facts.readings.get(target.settings["standard"])
    if reading is None:
        return _not_read(target)
    figures = reading.figures
    mean_s = figures["mean_travel_s"]
    reached = figures["people"] - figures["people_unreachable"]
    return Measure(
        value=math.inf if math.isnan(mean_s) else mean_s / 60.0,
        evidence=(
            Message("plans.mean_travel", {**figures, "reached": reached, "minutes": mean_s / 60.0}),
            _clock(reading.standard),
        ),
        places="gaps",
    )


def _staff_per_people(target: Target, facts: Facts) -> Measure:
    """Firefighters of the existing stations per 1,000 people (CM-3)."""
    staff = facts.existing["staff"].astype(float)
    known = float(staff.sum())
    unknown = int(staff.isna().sum())
    value = 1000.0 * known / facts.total
    needed = target.value / 1000.0 * facts.total
    whole = math.floor(needed) + 1 if target.comparator == ">" else math.ceil(needed)
    numbers = {"staff": known, "people": facts.total, "value": value, "n": len(staff), "unknown": unknown}
    # The known staff is a lower bound: enough to say 'met', not enough to say 'missed'.
    is_open = unknown > 0 and not known >= whole
    return Measure(
        value=value,
        evidence=(
            Message("plans.staff_per_people", numbers),
            *([Message("plans.staff_unknown", numbers)] if unknown else []),
        ),
        if_missed=(Message("plans.short_staff", {"n": whole - known}),),
        needs=(("stations", f"staff ({unknown} / {len(staff)})"),) if is_open else (),
        places="stations",
    )


def _people_per_station(target: Target, facts: Facts) -> Measure:
    """People of the district per existing station, in 10,000 (JS-1, SJ-1)."""
    n = len(facts.existing)
    needed = math.ceil(facts.total / (target.value * 1e4))
    value = facts.total / n / 1e4 if n else math.inf
    return Measure(
        value=value,
        evidence=(Message("plans.people_per_station", {"people": facts.total, "n": n, "value": value}),),
        if_missed=(Message("plans.short_stations", {"n": needed - n}),),
        places="stations",
    )


def _most_loaded_station(target: Target, facts: Facts) -> Measure:
    """People of the busiest station when each serves those it reaches first, in 10,000 (JS-1b, SJ-1b)."""
    if facts.served.empty:
        return Measure(needs=(("stations", "status = existing"),))
    most = target.value * 1e4
    over = facts.served[facts.served > most]
    busiest = facts.served.idxmax()
    numbers = {
        "name": _station_name(facts.stations, busiest),
        "most": facts.served[busiest],
        "n_over": len(over),
        "n": len(facts.served),
        "unserved": facts.total - math.fsum(facts.served),
    }
    excess = math.fsum(over - most)
    return Measure(
        value=float(facts.served[busiest]) / 1e4,
        evidence=(Message("plans.most_loaded", numbers),),
        if_missed=(Message("plans.excess_people", {"n": excess, "n_over": len(over), "most": most}),),
        places="stations",
    )


def _assigned_share(target: Target, facts: Facts) -> Measure:
    """Share of the people in time who can be served within the load, in percent (JS-1c, SJ-1c)."""
    reading = facts.readings.get(target.settings["standard"])
    if reading is None or facts.times is None:
        return _not_read(target)
    most = float(target.settings["most_people"])
    limit_s = reading.standard.limit_s
    assignment = assign(
        facts.times, facts.people, starts_s=reading.starts_s, limit_s=limit_s, most_people=most
    )
    if not assignment.n_in_time:
        return Measure(evidence=(Message("plans.nobody_in_time"), _clock(reading.standard)))
    numbers = {
        "assigned": assignment.n_assigned,
        "in_time": assignment.n_in_time,
        "most": most,
        "late": facts.total - assignment.n_in_time,
    }
    return Measure(
        value=100.0 * assignment.n_assigned / assignment.n_in_time,
        evidence=(Message("plans.assigned", numbers), _clock(reading.standard)),
        if_missed=(Message("plans.short_assigned", {"n": assignment.n_in_time - assignment.n_assigned}),),
        places="stations",
    )


def _station_growth(target: Target, facts: Facts) -> Measure:
    """Growth of the number of existing stations against the base year, in percent (SH-2)."""
    n, base = len(facts.existing), float(target.settings["base"])
    needed = math.ceil(base + base * target.value / 100.0)
    value = (n - base) * 100.0 / base
    return Measure(
        value=value,
        evidence=(Message("plans.station_growth", {"n": n, "base": base, "value": value}),),
        if_missed=(Message("plans.short_stations", {"n": needed - n}),),
    )


def _stations_built(target: Target, facts: Facts) -> Measure:
    """Count the named stations that exist, of their class where one is asked for (CM-8, JS-7, YP-2b)."""
    states: dict[str, list[str]] = {"built": [], "planned": [], "absent": [], "unclear": []}
    for wanted in target.settings["stations"]:
        states[_built_state(facts.stations, wanted)].append(wanted["name"])
    n_built, n_unclear = len(states["built"]), len(states["unclear"])
    is_open = n_unclear > 0 and n_built < target.value <= n_built + n_unclear
    numbers: dict[str, Any] = {"n": n_built, "wanted": len(target.settings["stations"])}
    numbers |= {state: tuple(names) for state, names in states.items()}
    return Measure(
        value=float(n_built),
        evidence=(Message("plans.stations_built", numbers),),
        needs=(("stations", f"station_class ({', '.join(states['unclear'])})"),) if is_open else (),
        places="stations",
    )


def _built_state(stations: pd.DataFrame, wanted: Mapping[str, str]) -> str:
    """Say whether a named station exists, is planned, is absent, or exists with its class unknown."""
    named = stations[stations["name"].astype("string").str.contains(wanted["name"], regex=False, na=False)]
    existing = named[named["status"] == "existing"]
    station_class = wanted.get("station_class")
    if not existing.empty and (station_class is None or (existing["station_class"] == station_class).any()):
        return "built"
    if existing["station_class"].isna().any():
        return "unclear"
    # A station that exists with another class is to be rebuilt: that is planned, not done.
    return "absent" if named.empty else "planned"


def _station_name(stations: pd.DataFrame, station_id: Any) -> str:
    name = stations["name"].get(station_id)
    return str(station_id) if name is None or pd.isna(name) else str(name)


def _clock(standard: ResponseStandard) -> Message:
    return Message(
        f"plans.clock_{standard.clock_start}",
        {
            "name": standard.name,
            "call": standard.call_s,
            "turnout": standard.turnout_s,
            "travel": standard.travel_s,
            "limit": standard.limit_s,
        },
    )


def _not_read(target: Target) -> Measure:
    return Measure(evidence=(Message("plans.not_read", {"standard": target.settings["standard"]}),))


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {
        "assigned_share": _assigned_share,
        "covered_share": _covered_share,
        "mean_travel": _mean_travel,
        "most_loaded_station": _most_loaded_station,
        "people_per_station": _people_per_station,
        "staff_per_people": _staff_per_people,
        "station_growth": _station_growth,
        "stations_built": _stations_built,
    }
)
"""The methods about fire stations."""
