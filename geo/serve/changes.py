"""What a planner changes on the live page, one step at a time, and the scenario that the steps make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, TypeAlias

from geo.errors import InputError
from geo.messages import Message
from geo.ranges import Range
from geo.schema import STATION_CLASSES
from geo.settings import FASTEST_SHARE, SLOWEST_SHARE, read_section, unknown
from geo.study import AddSpec, CloseRoadsSpec, MoveSpec, ScenarioSpec, UpgradeSpec

__all__ = [
    "CHANGES",
    "MOST_CHANGES",
    "PLACES",
    "Add",
    "Build",
    "Change",
    "Close",
    "CloseRoad",
    "Move",
    "Open",
    "OpenRoads",
    "Plan",
    "Set",
    "Upgrade",
    "fold",
    "read_change",
    "write_change",
]

MOST_CHANGES: Final = 500
"""Steps that one planner may take back."""
PLACES: Final = 7
"""Digits of a degree that are kept: about a centimetre, so what is exported is what was computed."""
_MOST_LETTERS: Final = 80

Lon: TypeAlias = Annotated[float, Range(-180.0, 180.0)]
Lat: TypeAlias = Annotated[float, Range(-90.0, 90.0)]
Turnout: TypeAlias = Annotated[float, Range(0.0, 3600.0, "s")]


@dataclass(frozen=True)
class Add:
    """A station more; its ``id`` is chosen when it is left out."""

    lon: Lon
    lat: Lat
    name: str = ""
    id: str = ""
    station_class: str | None = None
    turnout_s: Turnout | None = None


@dataclass(frozen=True)
class Build:
    """A station of the plan that now exists."""

    station: str


@dataclass(frozen=True)
class Move:
    """A station at another place."""

    station: str
    lon: Lon
    lat: Lat


@dataclass(frozen=True)
class Close:
    """A station that is closed."""

    station: str


@dataclass(frozen=True)
class Open:
    """A station that was closed here and is open again, where it was last."""

    station: str


@dataclass(frozen=True)
class Upgrade:
    """A station with another class, staff or turnout; what is left out stays."""

    station: str
    station_class: str | None = None
    staff: Annotated[float, Range(0.0, 1e6, "people")] | None = None
    turnout_s: Turnout | None = None


@dataclass(frozen=True)
class CloseRoad:
    """The road nearest to a place closed, from junction to junction."""

    lon: Lon
    lat: Lat


@dataclass(frozen=True)
class OpenRoads:
    """All roads that were closed here open again."""


@dataclass(frozen=True)
class Set:
    """What holds for all: the limit on the whole clock, the share of all speeds, every station's turnout.

    Left out, it is that of the study.
    """

    limit_s: Annotated[float, Range(1.0, 7200.0, "s")] | None = None
    speed_factor: Annotated[float, Range(SLOWEST_SHARE, FASTEST_SHARE)] | None = None
    turnout_s: Turnout | None = None


Change: TypeAlias = Add | Build | Move | Close | Open | Upgrade | CloseRoad | OpenRoads | Set
_KINDS: Final[Mapping[str, type[Change]]] = {
    "add": Add,
    "build": Build,
    "move": Move,
    "close": Close,
    "open": Open,
    "upgrade": Upgrade,
    "close_road": CloseRoad,
    "open_roads": OpenRoads,
    "set": Set,
}
_WORDS: Final = {kind: word for word, kind in _KINDS.items()}
CHANGES: Final = tuple(_KINDS)
"""Words of all changes."""


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


def read_change(data: Mapping[str, Any]) -> Change:
    """Read a change from a message: ``{"do": "move", "station": "F1", "lon": 121.5, "lat": 31.2}``.

    Raises
    ------
    InputError
        The kind or a key is unknown, a key is missing, or a value is out of its range.
    """
    kind = _KINDS.get(str(data.get("do")))
    if kind is None:
        raise InputError(unknown("do", str(data.get("do"))[:_MOST_LETTERS], set(_KINDS)))
    faults: list[Message] = []
    row = {name: value for name, value in data.items() if name != "do"}
    change = read_section(kind, row, where=f"[{data['do']}]", faults=faults)
    if change is None:
        raise InputError(Message("serve.bad_change"), faults=faults)
    _require_texts(change)
    if isinstance(change, Add | Move | CloseRoad):
        return replace(change, lon=round(change.lon, PLACES), lat=round(change.lat, PLACES))
    return change  # type: ignore[no-any-return]


def _require_texts(change: Change) -> None:
    for field in fields(change):
        value = getattr(change, field.name)
        if isinstance(value, str) and (len(value) > _MOST_LETTERS or not value.isprintable()):
            raise InputError(Message("serve.bad_text", {"key": field.name, "most": _MOST_LETTERS}))
    station_class = getattr(change, "station_class", None)
    if station_class is not None and station_class not in STATION_CLASSES:
        raise InputError(unknown("station_class", station_class, set(STATION_CLASSES)))


def write_change(change: Change) -> dict[str, Any]:
    """Give a change as :func:`read_change` takes it.

    Examples
    --------
    >>> write_change(Close("F1")), read_change(write_change(Close("F1"))) == Close("F1")
    ({'do': 'close', 'station': 'F1'}, True)
    """
    values = {field.name: getattr(change, field.name) for field in fields(change)}
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return {"do": _WORDS[type(change)], **given}


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
    done = list(changes)
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
            UpgradeSpec(
                facility=i,
                station_class=step.station_class,
                staff=step.staff,
                turnout_s=step.turnout_s,
            )
            for i, step in better.items()
            if i not in closed and i not in added
        ),
        close=tuple(i for i in closed if i not in added),
        close_roads=_closed_roads(done),
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
    station_class, turnout_s, staff = step.station_class, step.turnout_s, None
    if better is not None:
        station_class = better.station_class or station_class
        turnout_s = turnout_s if better.turnout_s is None else better.turnout_s
        staff = better.staff
    return AddSpec(
        lon=lon,
        lat=lat,
        id=step.id,
        name=step.name or step.id,
        kind=kind,
        station_class=station_class,
        turnout_s=turnout_s,
        staff=staff,
    )


def _closed_roads(done: Sequence[Change]) -> tuple[CloseRoadsSpec, ...]:
    roads: dict[tuple[float, float], CloseRoadsSpec] = {}
    for step in done:
        if isinstance(step, CloseRoad):
            roads[step.lon, step.lat] = CloseRoadsSpec(at=(step.lon, step.lat))
        elif isinstance(step, OpenRoads):
            roads.clear()
    return tuple(roads.values())
