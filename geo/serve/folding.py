"""The scenario that the changes of a planner make, each facility once."""

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
    Lines,
    Load,
    Move,
    Open,
    OpenRoads,
    Set,
    Upgrade,
)
from geo.study import AddSpec, CloseRoadsSpec, MoveSpec, ScenarioSpec, UpgradeSpec

__all__ = ["Plan", "count_steps", "fold", "steps_of"]


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


def steps_of(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Give the changes that count: those of the scenario that was loaded last, and what came after it.

    Each station of a plan that was taken over is a step of its own.

    Examples
    --------
    >>> steps_of([Close("F1"), Load("night", (Set(turnout_s=90.0),)), Close("F2")])
    (Set(limit_s=None, speed_factor=None, turnout_s=90.0), Close(station='F2'))
    """
    steps: list[Change] = []
    for change in changes:
        if isinstance(change, Load):
            steps = []
        for step in change.steps if isinstance(change, Load) else [change]:
            steps += step.sites if isinstance(step, AddAll) else [step]
    return tuple(steps)


def count_steps(changes: Iterable[Change]) -> int:
    """Count changes, with those inside the scenarios that were loaded."""
    return sum(1 + len(change.steps) if isinstance(change, Load) else 1 for change in changes)


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
    done = steps_of(changes)
    closed = _closed(done)
    added = {step.id: step for step in done if isinstance(step, Add)}
    places: dict[str, Move] = {step.station: step for step in done if isinstance(step, Move)}
    better = _upgrades(done)
    held, kept = Set(), Lines()
    for step in done:
        held = step if isinstance(step, Set) else held
        kept = step if isinstance(step, Lines) else kept
    scenario = ScenarioSpec(
        build=tuple(dict.fromkeys(step.station for step in done if isinstance(step, Build))),
        add=(
            *(
                _added(step, places.get(i), better.get(i), kind)
                for i, step in added.items()
                if i not in closed
            ),
            *kept.add,
        ),
        move=tuple(
            MoveSpec(facility=i, lon=at.lon, lat=at.lat)
            for i, at in places.items()
            if i not in closed and i not in added
        ),
        upgrade=(
            *kept.upgrade,
            *(
                UpgradeSpec(facility=i, **{name: getattr(step, name) for name in QUALITIES})
                for i, step in better.items()
                if i not in closed and i not in added
            ),
        ),
        close=tuple(i for i in closed if i not in added),
        close_roads=_closed_roads(done),
        limit=kept.limit,
        speed=kept.speed,
        slow=kept.slow,
        turnout_s=held.turnout_s,
        speed_factor=None if held.speed_factor == 1.0 else held.speed_factor,
    )
    return Plan(scenario, held.limit_s)


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
    roads: dict[object, CloseRoadsSpec] = {}
    for step in done:
        if isinstance(step, CloseRoad):
            roads[step.lon, step.lat] = CloseRoadsSpec(at=(step.lon, step.lat))
        elif isinstance(step, Flood):
            roads[step.area] = CloseRoadsSpec(area=step.area)
        elif isinstance(step, Lines):
            roads |= dict(enumerate(step.close_roads))
        elif isinstance(step, OpenRoads):
            roads.clear()
    return tuple(roads.values())
