"""What a planner changes on the live page, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, TypeAlias

from geo.defaults import FASTEST_SHARE, SLOWEST_SHARE
from geo.errors import InputError
from geo.messages import Message
from geo.ranges import Metres2, Range
from geo.schema import FACILITY_KINDS, STATION_CLASSES
from geo.serve.scenario_text import settings_of
from geo.settings import read_section, unknown
from geo.study import AddSpec, CloseRoadsSpec, LimitSpec, QualitySpec, SlowSpec, SpeedSpec, UpgradeSpec

__all__ = [
    "CHANGES",
    "MOST_CHANGES",
    "PLACES",
    "QUALITIES",
    "Add",
    "AddAll",
    "Build",
    "Change",
    "Close",
    "CloseRoad",
    "Flood",
    "Lines",
    "Load",
    "Move",
    "Open",
    "OpenRoads",
    "Set",
    "Upgrade",
    "read_change",
    "write_change",
]

MOST_CHANGES: Final = 500
"""Steps that one planner may take back."""
PLACES: Final = 7
"""Digits of a degree that are kept: about a centimetre, so what is exported is what was computed."""
QUALITIES: Final = tuple(field.name for field in fields(QualitySpec))
"""What a facility may be given, by column of the Facilities table."""
_MOST_LETTERS: Final = 80
_MOST_SITES: Final = 100
"""Stations that one step may add."""
_LEAST_CORNERS, _MOST_CORNERS = 3, 200
"""Of an area that is drawn."""

Lon: TypeAlias = Annotated[float, Range(-180.0, 180.0)]
Lat: TypeAlias = Annotated[float, Range(-90.0, 90.0)]
Turnout: TypeAlias = Annotated[float, Range(0.0, 3600.0, "s")]


@dataclass(frozen=True)
class Add:
    """A facility more; its ``id`` is chosen when it is left out, its ``kind`` then is that which answers."""

    lon: Lon
    lat: Lat
    name: str = ""
    id: str = ""
    station_class: str | None = None
    turnout_s: Turnout | None = None
    kind: str = ""
    area_m2: Metres2 | None = None
    places: Annotated[float, Range(0.0, 1e8, "people")] | None = None
    level: str | None = None
    flow_lps: Annotated[float, Range(0.0, 1e6, "lps")] | None = None


@dataclass(frozen=True)
class AddAll:
    """The stations of a plan, in one step."""

    sites: tuple[Add, ...]


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
    """A facility with another class, staff, turnout, area or size; what is left out stays."""

    station: str
    station_class: str | None = None
    staff: Annotated[float, Range(0.0, 1e6, "people")] | None = None
    turnout_s: Turnout | None = None
    area_m2: Metres2 | None = None
    places: Annotated[float, Range(0.0, 1e8, "people")] | None = None
    level: str | None = None
    flow_lps: Annotated[float, Range(0.0, 1e6, "lps")] | None = None


@dataclass(frozen=True)
class CloseRoad:
    """The road nearest to a place closed, from junction to junction."""

    lon: Lon
    lat: Lat


@dataclass(frozen=True)
class Flood:
    """An area under water, by its corners (longitude, latitude): the roads that it touches are closed."""

    area: Sequence[Sequence[Lon]]


@dataclass(frozen=True)
class OpenRoads:
    """All roads that were closed or flooded here open again."""


@dataclass(frozen=True)
class Set:
    """What holds for all: the limit on the whole clock, the share of all speeds, every station's turnout.

    Left out, it is that of the study.
    """

    limit_s: Annotated[float, Range(1.0, 7200.0, "s")] | None = None
    speed_factor: Annotated[float, Range(SLOWEST_SHARE, FASTEST_SHARE)] | None = None
    turnout_s: Turnout | None = None


@dataclass(frozen=True)
class Lines:
    """Lines of a scenario of the study file that the page has no gesture for, kept as they are written."""

    add: tuple[AddSpec, ...] = ()
    upgrade: tuple[UpgradeSpec, ...] = ()
    close_roads: tuple[CloseRoadsSpec, ...] = ()
    limit: tuple[LimitSpec, ...] = ()
    speed: tuple[SpeedSpec, ...] = ()
    slow: tuple[SlowSpec, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts that it has."""
        return tuple(part.name for part in fields(self) if getattr(self, part.name))


@dataclass(frozen=True)
class Load:
    """A named scenario in the place of all that was changed before; as every change it can be taken back."""

    name: str
    steps: tuple[Change, ...] = ()


Change: TypeAlias = (
    Add | AddAll | Build | Move | Close | Open | Upgrade | CloseRoad | Flood | OpenRoads | Set | Lines | Load
)
_KINDS: Final[Mapping[str, type[Change]]] = {
    "add": Add,
    "add_all": AddAll,
    "build": Build,
    "move": Move,
    "close": Close,
    "open": Open,
    "upgrade": Upgrade,
    "close_road": CloseRoad,
    "flood": Flood,
    "open_roads": OpenRoads,
    "set": Set,
}
CHANGES: Final = tuple(_KINDS)
"""Words of all changes that a planner may ask for by themselves."""
_KEPT: Final[Mapping[str, type[Change]]] = {**_KINDS, "lines": Lines}
_WORDS: Final = {kind: word for word, kind in _KEPT.items()}
_LOAD: Final = "load"


def read_change(data: Mapping[str, Any]) -> Change:
    """Read a change from a message: ``{"do": "move", "station": "F1", "lon": 121.5, "lat": 31.2}``.

    Raises
    ------
    InputError
        The kind or a key is unknown, a key is missing, or a value is out of its range.
    """
    word = str(data.get("do"))
    if word == _LOAD:
        return _read_load(data)
    kind = _KEPT.get(word)
    if kind is None:
        raise InputError(unknown("do", word[:_MOST_LETTERS], set(_KINDS)))
    faults: list[Message] = []
    row = {name: value for name, value in data.items() if name != "do"}
    change = read_section(kind, row, where=f"[{data['do']}]", faults=faults)
    if change is None:
        raise InputError(Message("serve.bad_change"), faults=faults)
    for part in change.sites if isinstance(change, AddAll) else [change]:
        _require_texts(part)
    rounded: Change = _rounded(change)
    return rounded


def _rounded(change: Any) -> Any:
    """Give a change with its places to the digits that are kept."""
    if isinstance(change, AddAll):
        if not 1 <= len(change.sites) <= _MOST_SITES:
            raise InputError(Message("serve.bad_plan", {"most": _MOST_SITES}))
        return AddAll(tuple(_rounded(site) for site in change.sites))
    if isinstance(change, Flood):
        return Flood(_outline(change.area))
    if isinstance(change, Add | Move | CloseRoad):
        return replace(change, lon=round(change.lon, PLACES), lat=round(change.lat, PLACES))
    return change


def _outline(area: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Give the corners of an area to the digits that are kept, each once when it follows itself."""
    corners: list[tuple[float, float]] = []
    for at in area:
        if len(at) != 2 or not -90.0 <= at[1] <= 90.0:
            raise InputError(Message("serve.bad_area", {"least": _LEAST_CORNERS, "most": _MOST_CORNERS}))
        corner = round(at[0], PLACES), round(at[1], PLACES)
        corners += [] if corners and corners[-1] == corner else [corner]
    if corners and corners[0] == corners[-1]:
        corners.pop()
    if not _LEAST_CORNERS <= len(corners) <= _MOST_CORNERS:
        raise InputError(Message("serve.bad_area", {"least": _LEAST_CORNERS, "most": _MOST_CORNERS}))
    return tuple(corners)


def _read_load(data: Mapping[str, Any]) -> Load:
    """Read a named scenario; one inside another is none of ours."""
    name, steps = data.get("name"), data.get("steps")
    if not isinstance(name, str) or not isinstance(steps, list) or len(steps) > MOST_CHANGES:
        raise InputError(Message("serve.bad_change"))
    if any(not isinstance(step, Mapping) or step.get("do") == _LOAD for step in steps):
        raise InputError(Message("serve.bad_change"))
    load = Load(name, tuple(map(read_change, steps)))
    _require_texts(load)
    return load


def _require_texts(change: Change) -> None:
    for field in fields(change):
        value = getattr(change, field.name)
        if isinstance(value, str) and (len(value) > _MOST_LETTERS or not value.isprintable()):
            raise InputError(Message("serve.bad_text", {"key": field.name, "most": _MOST_LETTERS}))
    for name, known in (("station_class", STATION_CLASSES), ("kind", FACILITY_KINDS)):
        given = getattr(change, name, None)
        if given is not None and given not in known and (given or name != "kind"):
            raise InputError(unknown(name, given, set(known)))


def write_change(change: Change) -> dict[str, Any]:
    """Give a change as :func:`read_change` takes it.

    Examples
    --------
    >>> write_change(Close("F1")), read_change(write_change(Close("F1"))) == Close("F1")
    ({'do': 'close', 'station': 'F1'}, True)
    """
    if isinstance(change, Load):
        return {"do": _LOAD, "name": change.name, "steps": [write_change(step) for step in change.steps]}
    if isinstance(change, Lines):
        return {"do": _WORDS[Lines], **settings_of(change)}
    return {"do": _WORDS[type(change)], **_given(change)}


def _given(change: Change) -> dict[str, Any]:
    if isinstance(change, AddAll):
        return {"sites": [_given(site) for site in change.sites]}
    if isinstance(change, Flood):
        return {"area": [list(corner) for corner in change.area]}
    values = {field.name: getattr(change, field.name) for field in fields(change)}
    return {name: value for name, value in values.items() if value not in (None, "")}
