"""What a scenario changes, as the study file says it under ``[[scenarios]]``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, Literal

from geo.defaults import FASTEST_SHARE, SLOWEST_SHARE
from geo.layers import Order
from geo.messages import Message
from geo.ranges import Metres2, Place, Range
from geo.schema import FACILITY_KINDS, STATION_CLASSES
from geo.settings import unknown
from geo.words import read_data

__all__ = [
    "EACH_STATION",
    "RECORDED",
    "TODAY",
    "AddSpec",
    "CloseRoadsSpec",
    "LimitSpec",
    "MoveSpec",
    "PlaceSpec",
    "QualitySpec",
    "ScenarioSpec",
    "SlowSpec",
    "SpeedSpec",
    "UpgradeSpec",
    "scenario_faults",
]

_PARTS = ("build", "add", "move", "upgrade", "close", "close_roads", "limit", "speed", "slow")
_FACTORS = ("turnout_s", "speed_factor")
EACH_STATION: Final = "each station"
"""``close`` of a scenario that stands for the closure of each station in turn."""
TODAY: Final = "today 现状"
"""Name of today among the scenarios: in both languages, so that a table's bytes hang on none."""
RECORDED: Final = "recorded"
"""Name of the state of the records themselves, beside today and the scenarios."""
LONGEST_TURNOUT_S: Final = 3600.0
"""Nobody turns out later than an hour."""
_LEAST_CORNERS = 3
_MOST_DIGITS = 80
"""Longest name: it becomes a heading and part of a folder's name."""


@dataclass(frozen=True)
class PlaceSpec:
    """A place: coordinates in a stated system, or the site of a facility that the layers have.

    Parameters
    ----------
    lon, lat : float, optional
        Longitude and latitude (or easting and northing where ``crs`` is metric).
    crs : str
        As :func:`geo.crs.parse_crs` takes it: WGS 84 when left out, ``"GCJ-02"`` for Gaode; or one of the
        study's ``[systems]``.
    order : str, optional
        ``"lat,lon"`` or ``"north,east"`` where ``lon`` holds the latitude or northing.
    site : str, optional
        Id or name of a facility (planned, candidate, ...) that stands there.
    """

    lon: Place | None = None
    lat: Place | None = None
    crs: str = "EPSG:4326"
    order: Order | None = None
    site: str | None = None


@dataclass(frozen=True)
class QualitySpec:
    """What a facility has: only what is given is set."""

    station_class: str | None = None
    staff: Annotated[float, Range(0.0, 1e6, "people")] | None = None
    turnout_s: Annotated[float, Range(0.0, 3600.0, "s")] | None = None
    area_m2: Metres2 | None = None
    places: Annotated[float, Range(0.0, 1e8, "people")] | None = None
    level: str | None = None
    flow_lps: Annotated[float, Range(0.0, 1e6, "lps")] | None = None

    def values(self) -> dict[str, float | str]:
        """Give what is set, by column of the Facilities table."""
        qualities = {f.name: getattr(self, f.name) for f in fields(QualitySpec)}
        return {name: value for name, value in qualities.items() if value is not None}


@dataclass(frozen=True)
class AddSpec(PlaceSpec, QualitySpec):
    """A facility more; ``id`` is chosen when it is left out."""

    name: str = ""
    kind: str = "fire_station"
    id: str | None = None


@dataclass(frozen=True)
class MoveSpec(PlaceSpec):
    """A facility (by id or unique name) at another place."""

    facility: str = ""


@dataclass(frozen=True)
class UpgradeSpec(QualitySpec):
    """A facility (by id or unique name) with another class, staff, turnout, area or size."""

    facility: str = ""


@dataclass(frozen=True)
class CloseRoadsSpec:
    """Roads that are closed; of several conditions all must hold.

    Parameters
    ----------
    name : str, optional
        Roads or bridges of this name.
    highway : list of str
        Roads of these classes (OSM ``highway`` values).
    id : list of int
        OSM way ids, or row numbers of the road layer (column ``source`` of the edges).
    path, layer, crs, order
        A file of polygons (and its layer): the roads that it touches. ``crs`` is also that of ``at``,
        ``between`` and ``area``; WGS 84 when left out. ``order`` is ``"lat,lon"`` or ``"north,east"`` where
        that stands first.
    hazards : list of str or bool
        Names of ``[[hazards]]`` areas, or true for all of them.
    at : list of float, optional
        [longitude, latitude]: the nearest road, from junction to junction.
    between : list of list of float, optional
        Two such places, as the ends of a bridge: the shortest way between the junctions nearest to them,
        and what runs within 50 m beside it.
    area : list of list of float, optional
        Three such places or more, the corners of an area in their order: the roads that it touches.
    """

    bare_key = "name"  # not a setting: a text alone, as in close_roads = ["陈海公路"], is the name of a road
    name: str | None = None
    highway: Sequence[str] = ()
    id: Sequence[Annotated[int, Range(-(2**63), 2**63 - 1)]] = ()
    path: str | None = None
    layer: str | None = None
    crs: str | None = None
    order: Order | None = None
    hazards: Sequence[str] | bool = False
    at: Sequence[Place] | None = None
    between: Sequence[Sequence[Place]] | None = None
    area: Sequence[Sequence[Place]] | None = None


@dataclass(frozen=True)
class SlowSpec(CloseRoadsSpec):
    """Roads that are slower: ``factor`` of their speed is left (0.7 is 30 % slower).

    Of a road that is partly in an area, that part is slower. Without any condition all roads are.
    """

    factor: Annotated[float, Range(SLOWEST_SHARE, 1.0, "share", is_below=True)] = 1.0


@dataclass(frozen=True)
class SpeedSpec(CloseRoadsSpec):
    """Roads that are driven at ``kph``, in the directions in which they are open (5 to 130)."""

    kph: Annotated[float, Range(0.0, 1000.0, "kph")] = 0.0


@dataclass(frozen=True)
class LimitSpec(CloseRoadsSpec):
    """Roads that only lighter, lower or narrower vehicles may use, such as a bridge limited to 10 t.

    They are closed where the study's vehicle (``weight_t``, ``height_m``, ``width_m`` of the speed profile)
    is over a limit, and stay open where it is not.
    """

    weight_t: Annotated[float, Range(0.0, 1000.0, "t", is_above=True)] | None = None
    height_m: Annotated[float, Range(0.0, 100.0, "m", is_above=True)] | None = None
    width_m: Annotated[float, Range(0.0, 100.0, "m", is_above=True)] | None = None

    def limits(self) -> dict[str, float]:
        """Give the limits that are set, by their names."""
        given = {name: getattr(self, name) for name in ("weight_t", "height_m", "width_m")}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class ScenarioSpec:
    """One named scenario: what is changed, all at once.

    Parameters
    ----------
    name : str
        How results call it.
    build : list of str
        Planned facilities (by id or unique name) that now exist.
    add, move, upgrade : tuple
        Facilities added, moved, upgraded.
    close : list of str or "each station"
        Facilities (by id or unique name) that are closed. ``"each station"`` stands for the question who
        comes when a station's engine is out, asked of each station in turn; nothing else is given.
    close_roads, slow : tuple
        Roads closed and slowed.
    limit, speed : tuple
        Roads with a limit of weight, height or width; roads driven at a stated speed.
    turnout_s : float, optional
        Seconds of turnout of every station, such as 90 at night; instead of the standard's and their own.
    speed_factor : float, optional
        Share of their speeds that all roads are driven at: 0.8 in rain, 1.1 at night.
    plan_projects : bool
        True stands for one scenario for each station that the plan wants built; nothing else is given.
    """

    name: str = ""
    build: Sequence[str] = ()
    add: tuple[AddSpec, ...] = ()
    move: tuple[MoveSpec, ...] = ()
    upgrade: tuple[UpgradeSpec, ...] = ()
    close: Sequence[str] | Literal["each station"] = ()
    close_roads: tuple[CloseRoadsSpec, ...] = ()
    limit: tuple[LimitSpec, ...] = ()
    speed: tuple[SpeedSpec, ...] = ()
    slow: tuple[SlowSpec, ...] = ()
    turnout_s: Annotated[float, Range(0.0, LONGEST_TURNOUT_S, "s")] | None = None
    speed_factor: Annotated[float, Range(SLOWEST_SHARE, FASTEST_SHARE)] | None = None
    plan_projects: bool = False

    @property
    def is_each_station(self) -> bool:
        """Whether it stands for the closure of each station in turn."""
        return self.close == EACH_STATION

    @property
    def changes_roads(self) -> bool:
        """Whether the roads are others afterwards."""
        return bool(self.close_roads or self.limit or self.speed or self.slow or self.speed_factor)

    def joined(self, other: ScenarioSpec, *, name: str) -> ScenarioSpec:
        """Give the changes of both, under a name.

        Examples
        --------
        >>> one, two = ScenarioSpec("a", build=["P1"]), ScenarioSpec("b", close=["F02"])
        >>> both = one.joined(two, name="a and b")
        >>> both.build, both.close
        (('P1',), ('F02',))
        """
        parts: dict[str, Any] = {part: (*getattr(self, part), *getattr(other, part)) for part in _PARTS}
        for factor in _FACTORS:
            later = getattr(other, factor)
            parts[factor] = getattr(self, factor) if later is None else later
        return replace(self, name=name, plan_projects=False, **parts)


def scenario_faults(scenarios: Sequence[ScenarioSpec]) -> list[Message]:
    """List what is missing, unknown or contradictory in the scenarios of a study file.

    Examples
    --------
    >>> print(*scenario_faults([ScenarioSpec("nothing")]))
    [[scenarios]] 1 'nothing' changes nothing: give build, add, move, upgrade, close, ... or speed_factor
    """
    faults: list[Message] = []
    names = [scenario.name for scenario in scenarios if not _is_alone(scenario)]
    for i, scenario in enumerate(scenarios, start=1):
        where = f"[[scenarios]] {i}" + (f" {scenario.name!r}" if scenario.name else "")
        given = [part for part in _PARTS if getattr(scenario, part)]
        given += [factor for factor in _FACTORS if getattr(scenario, factor) is not None]
        if _is_alone(scenario):
            alone = "plan_projects" if scenario.plan_projects else f'close = "{EACH_STATION}"'
            others = [part for part in given if scenario.plan_projects or part != "close"]
            faults += [
                Message("settings.scenario_alone", {"where": where, "alone": alone, "part": part})
                for part in others
            ]
            continue
        faults += _at(where, _name_faults(scenario.name, names))
        if not given:
            faults.append(
                Message(
                    "settings.scenario_empty",
                    {"where": where, "parts": tuple(_PARTS[:5]), "last": _FACTORS[-1]},
                )
            )
        faults += _at(where, [*_facility_faults(scenario), *_road_faults(scenario)])
    return faults


def _at(where: str, faults: Iterable[Message]) -> list[Message]:
    return [Message("settings.at", {"where": where, "fault": fault}) for fault in faults]


def _in_part(part: str, i: int, faults: Iterable[Message]) -> list[Message]:
    return [Message("settings.item_at", {"part": part, "i": i, "fault": fault}) for fault in faults]


def _is_alone(scenario: ScenarioSpec) -> bool:
    """Whether a scenario stands for several and says nothing else."""
    return scenario.plan_projects or scenario.is_each_station


def _name_faults(name: str, names: Sequence[str]) -> list[Message]:
    if not name.strip():
        return [Message("settings.scenario_no_name")]
    if len(name) > _MOST_DIGITS:
        return [Message("settings.scenario_name_long", {"most": _MOST_DIGITS})]
    return [Message("settings.scenario_name_twice")] if names.count(name) > 1 else []


def _facility_faults(scenario: ScenarioSpec) -> Iterable[Message]:
    for i, add in enumerate(scenario.add, start=1):
        if add.kind not in FACILITY_KINDS:
            yield from _in_part("add", i, [unknown("kind", add.kind, FACILITY_KINDS)])
        if not add.name.strip():
            yield Message("settings.add_no_name", {"i": i})
        yield from _in_part("add", i, [*_place_faults(add), *_quality_faults(add)])
    for i, move in enumerate(scenario.move, start=1):
        yield from _in_part("move", i, [*_which_faults(move.facility), *_place_faults(move)])
    for i, upgrade in enumerate(scenario.upgrade, start=1):
        yield from _in_part("upgrade", i, [*_which_faults(upgrade.facility), *_quality_faults(upgrade)])
        if not upgrade.values():
            yield Message("settings.upgrade_empty", {"i": i})


def _which_faults(facility: str) -> list[Message]:
    return [] if facility.strip() else [Message("settings.facility_missing")]


def _place_faults(place: PlaceSpec) -> list[Message]:
    given = [place.lon is not None, place.lat is not None, place.site is not None]
    return [] if given in ([True, True, False], [False, False, True]) else [Message("settings.place_missing")]


def _quality_faults(quality: QualitySpec) -> Iterable[Message]:
    if quality.station_class is not None and quality.station_class not in STATION_CLASSES:
        yield unknown("station_class", quality.station_class, STATION_CLASSES)


def _road_faults(scenario: ScenarioSpec) -> Iterable[Message]:
    if scenario.speed_factor == 1:
        yield (Message("settings.speed_factor_one", {"least": SLOWEST_SHARE, "most": FASTEST_SHARE}))
    for part in ("close_roads", "limit", "speed", "slow"):
        for i, roads in enumerate(getattr(scenario, part), start=1):
            yield from _in_part(part, i, _which_roads_faults(roads))
            if isinstance(roads, SpeedSpec):
                least, most = (
                    read_data("standards/access")["speed_limit"][key] for key in ("least_kph", "most_kph")
                )
                if not least <= roads.kph <= most:
                    yield Message(
                        "settings.kph_wrong",
                        {"part": part, "i": i, "kph": roads.kph, "least": least, "most": most},
                    )
            if isinstance(roads, LimitSpec):
                yield from _in_part(part, i, _limit_faults(roads))
            if isinstance(roads, SlowSpec) and not SLOWEST_SHARE <= roads.factor < 1:
                yield (
                    Message(
                        "settings.factor_wrong",
                        {"part": part, "i": i, "factor": roads.factor, "least": SLOWEST_SHARE},
                    )
                )


def _limit_faults(roads: LimitSpec) -> Iterable[Message]:
    if not roads.limits():
        yield Message("settings.limits_missing")
    for name, limit in roads.limits().items():
        believed = read_data("standards/access")["limits"][name]
        if not believed["least"] <= limit <= believed["most"]:
            yield Message(
                "settings.limit_wrong",
                {"name": name, "limit": limit, "least": believed["least"], "most": believed["most"]},
            )


def _which_roads_faults(roads: CloseRoadsSpec) -> Iterable[Message]:
    keys = ("name", "highway", "id", "path", "hazards", "at", "between", "area")
    if not isinstance(roads, SlowSpec) and not any(getattr(roads, key) for key in keys):
        yield Message("settings.roads_missing", {"keys": tuple(keys[:-1]), "last": keys[-1]})
    if roads.at is not None and len(roads.at) != 2:
        yield Message("settings.at_wrong")
    if roads.between is not None and [len(place) for place in roads.between] != [2, 2]:
        yield Message("settings.between_wrong")
    if roads.area is not None and (
        len(roads.area) < _LEAST_CORNERS or any(len(at) != 2 for at in roads.area)
    ):
        yield Message("settings.area_wrong", {"least": _LEAST_CORNERS})
