"""A scenario of the study file as the changes that make it on the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Final, TypeVar

import geopandas as gpd

from geo.errors import InputError
from geo.messages import Message
from geo.scenarios import find_facility
from geo.serve.changes import (
    PLACES,
    Add,
    Build,
    Change,
    Close,
    CloseRoad,
    Lines,
    Move,
    Set,
    Upgrade,
    read_change,
    write_change,
)
from geo.serve.flood import is_drawn
from geo.serve.live_study import LiveStudy
from geo.serve.telling import RESOURCES
from geo.study import (
    AddSpec,
    CloseRoadsSpec,
    PlaceSpec,
    QualitySpec,
    ScenarioSpec,
    change_inputs,
)

__all__ = ["steps_of_study"]

_OWN: Final = ("station_class", "staff", "turnout_s")
"""What the page sets of a station."""
_UNBUILT: Final = ("planned", "candidate")
_DEGREES: Final = PlaceSpec.crs
_MOST_LETTERS: Final = 20_000
"""Of the lines that are kept as they are written."""
_Row = TypeVar("_Row")


def steps_of_study(live: LiveStudy, scenario: ScenarioSpec) -> tuple[Change, ...]:
    """Give the changes that make a scenario of the study file; a line without a gesture is kept as it is.

    Parameters
    ----------
    live : LiveStudy
        The study.
    scenario : ScenarioSpec
        As its file says it.

    Raises
    ------
    GeoError
        A name fits no facility, or several; or the lines that are kept are too long.
    """
    named = replace(scenario, add=_named(live, scenario.add))
    table = _placed(live, named)
    own_adds, other_adds = _split(named.add, lambda add: _is_own_add(live, add))
    own_upgrades, other_upgrades = _split(named.upgrade, _is_own_quality)
    own_roads, other_roads = _split(named.close_roads, lambda roads: _is_place(roads) or is_drawn(roads))
    kept = Lines(other_adds, other_upgrades, other_roads, named.limit, named.speed, named.slow)
    if len(json.dumps(write_change(kept))) > _MOST_LETTERS:
        raise InputError(Message("serve.lines_too_long", {"name": scenario.name, "most": _MOST_LETTERS}))
    steps: list[Change] = [kept] if kept.parts else []
    steps += [Build(_id(live, live.inputs.facilities, which, status=_UNBUILT)) for which in named.build]
    for add in own_adds:
        steps += _added(live, add, table)
    for move in named.move:
        which = _id(live, table, move.facility)
        steps.append(Move(which, *_lonlat(live, move, table, which)))
    for upgrade in own_upgrades:
        steps.append(Upgrade(_id(live, table, upgrade.facility), *_own_values(upgrade)))
    steps += [Close(_id(live, table, which)) for which in named.close]
    steps += [CloseRoad(*roads.at) for roads in own_roads if roads.at is not None]
    steps += [_flood(roads.area) for roads in own_roads if roads.area is not None]
    if named.turnout_s is not None or named.speed_factor is not None:
        steps.append(Set(speed_factor=named.speed_factor, turnout_s=named.turnout_s))
    return tuple(steps)


def _flood(area: Sequence[Sequence[float]]) -> Change:
    return read_change({"do": "flood", "area": [list(corner) for corner in area]})


def _named(live: LiveStudy, adds: Sequence[AddSpec]) -> tuple[AddSpec, ...]:
    """Give each facility that is added an id, as a session names those that come to be on the page."""
    known = {*live.inputs.facilities.index, *(add.id for add in adds if add.id)}
    free = (name for i in count(1) if (name := f"new-{i}") not in known)
    return tuple(add if add.id else replace(add, id=next(free)) for add in adds)


def _placed(live: LiveStudy, scenario: ScenarioSpec) -> gpd.GeoDataFrame:
    """Give the facilities with those that are built and added, each where the scenario puts it."""
    placing = ScenarioSpec(scenario.name, build=scenario.build, add=scenario.add, move=scenario.move)
    if placing == ScenarioSpec(scenario.name):
        return live.inputs.facilities
    return change_inputs(live.study, live.inputs, placing).facilities


def _added(live: LiveStudy, add: AddSpec, table: gpd.GeoDataFrame) -> Iterator[Change]:
    assert add.id is not None
    lon, lat = _lonlat(live, add, table, add.id)
    sizes = {name: getattr(add, name) for name in ("area_m2", "places", "level", "flow_lps")}
    kind = "" if add.kind == live.study.response.facility_kind else add.kind
    yield Add(lon, lat, add.name, add.id, add.station_class, add.turnout_s, kind=kind, **sizes)
    if add.staff is not None:
        yield Upgrade(add.id, staff=add.staff)


def _id(
    live: LiveStudy, table: gpd.GeoDataFrame, which: str, *, status: Sequence[str] = ("existing",)
) -> str:
    """Find a facility that a line names, as a run does."""
    if which in table.index:
        return which
    return find_facility(table[table["status"].isin(status)], which, first=live.study.response.facility_kind)


def _lonlat(live: LiveStudy, place: PlaceSpec, table: gpd.GeoDataFrame, which: str) -> tuple[float, float]:
    """Give a place in degrees: as it is written where that is what the page keeps, else to the centimetre."""
    lon, lat = place.lon, place.lat
    if lon is not None and lat is not None and place.crs == _DEGREES and place.order is None:
        return round(lon, PLACES), round(lat, PLACES)
    at = table.geometry.loc[which]
    return live.lonlat(at.x, at.y)


def _own_values(quality: QualitySpec) -> tuple[str | None, float | None, float | None]:
    return quality.station_class, quality.staff, quality.turnout_s


def _is_own_quality(quality: QualitySpec) -> bool:
    return set(quality.values()) <= set(_OWN)


def _is_own_add(live: LiveStudy, add: AddSpec) -> bool:
    if add.kind in RESOURCES:
        return add.staff is None
    return add.kind == live.study.response.facility_kind and _is_own_quality(add)


def _is_place(roads: CloseRoadsSpec) -> bool:
    """Say whether a closure is that of the road nearest to a place, as a click makes it."""
    return roads.at is not None and roads == CloseRoadsSpec(at=roads.at)


def _split(rows: Sequence[_Row], is_own: Callable[[_Row], bool]) -> tuple[tuple[_Row, ...], tuple[_Row, ...]]:
    """Give the rows that the page has gestures for, and the others."""
    return tuple(filter(is_own, rows)), tuple(row for row in rows if not is_own(row))
