"""The scenario that a list of changes makes: each facility once, with its last place, class and state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from geo.serve.changes import (
    QUALITIES,
    Add,
    AddAll,
    Build,
    Change,
    Close,
    CloseRoad,
    Flood,
    Move,
    Open,
    OpenRoads,
    Set,
    Upgrade,
)
from geo.study import AddSpec, CloseRoadsSpec, MoveSpec, ScenarioSpec, UpgradeSpec

__all__ = ["Plan", "fold", "single_steps"]


@dataclass(frozen=True)
class Plan:
    """What a list of changes comes to.

    Parameters
    ----------
    scenario : ScenarioSpec
        As ``[[scenarios]]`` of a study file says it; without a name.
    limit_s : float or None
        Another limit on the whole clock: a setting of the study, not of a scenario.
    """

    scenario: ScenarioSpec
    limit_s: float | None = None

    @property
    def is_today(self) -> bool:
        """Whether the scenario changes nothing."""
        return self.scenario == ScenarioSpec()


def fold(changes: Iterable[Change], *, kind: str = "fire_station") -> Plan:
    """Give what changes come to, each facility once: the last place, class and state count.

    Parameters
    ----------
    changes : iterable of Change
        In the order in which they were made; every :class:`Add` has its id.
    kind : str
        Kind of the stations that are added.

    Examples
    --------
    >>> moved = [Add(121.5, 31.2, "new", "new-1"), Move("new-1", 121.6, 31.2), Close("F2")]
    >>> plan = fold(moved)
    >>> [(add.id, add.lon) for add in plan.scenario.add], plan.scenario.close
    ([('new-1', 121.6)], ('F2',))
    """
    done = single_steps(changes)
    closed = _closed(done)
    added = {step.id: step for step in done if isinstance(step, Add)}
    places: dict[str, Move] = {step.station: step for step in done if isinstance(step, Move)}
    better = _upgrades(done)
    held = Set()
    for step in done:
        held = step if isinstance(step, Set) else held
    scenario = ScenarioSpec(
        build=tuple(dict.fromkeys(step.station for step in done if isinstance(step, Build))),
        add=tuple(
            _added(step, places.get(i), better.get(i), kind) for i, step in added.items() if i not in closed
        ),
        move=tuple(
            MoveSpec(facility=i, lon=at.lon, lat=at.lat)
            for i, at in places.items()
            if i not in closed and i not in added
        ),
        upgrade=tuple(
            UpgradeSpec(facility=i, **{name: getattr(step, name) for name in QUALITIES})
            for i, step in better.items()
            if i not in closed and i not in added
        ),
        close=tuple(i for i in closed if i not in added),
        close_roads=_closed_roads(done),
        turnout_s=held.turnout_s,
        speed_factor=None if held.speed_factor == 1.0 else held.speed_factor,
    )
    return Plan(scenario, held.limit_s)


def single_steps(changes: Iterable[Change]) -> list[Change]:
    """Give changes with each station of a plan as a step of its own."""
    steps: list[Change] = []
    for change in changes:
        steps += change.sites if isinstance(change, AddAll) else [change]
    return steps


def _closed(done: Sequence[Change]) -> dict[str, None]:
    closed: dict[str, None] = {}
    for step in done:
        if isinstance(step, Close):
            closed[step.station] = None
        elif isinstance(step, Open):
            closed.pop(step.station, None)
    return closed


def _upgrades(done: Sequence[Change]) -> dict[str, Upgrade]:
    better: dict[str, Upgrade] = {}
    for step in done:
        if not isinstance(step, Upgrade):
            continue
        before = better.get(step.station, step)
        given = {f.name: value for f in fields(step) if (value := getattr(step, f.name)) is not None}
        better[step.station] = replace(before, **given)
    return better


def _added(step: Add, at: Move | None, better: Upgrade | None, kind: str) -> AddSpec:
    lon, lat = (step.lon, step.lat) if at is None else (at.lon, at.lat)
    qualities: dict[str, Any] = {}
    for name in QUALITIES:
        later = None if better is None else getattr(better, name)
        qualities[name] = getattr(step, name, None) if later is None else later
    return AddSpec(
        lon=lon, lat=lat, id=step.id, name=step.name or step.id, kind=step.kind or kind, **qualities
    )


def _closed_roads(done: Sequence[Change]) -> tuple[CloseRoadsSpec, ...]:
    roads: dict[CloseRoadsSpec, None] = {}
    for step in done:
        if isinstance(step, CloseRoad):
            roads[CloseRoadsSpec(at=(step.lon, step.lat))] = None
        elif isinstance(step, Flood):
            roads[CloseRoadsSpec(area=step.area)] = None
        elif isinstance(step, OpenRoads):
            roads.clear()
    return tuple(roads)
