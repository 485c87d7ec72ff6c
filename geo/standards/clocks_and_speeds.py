"""Response clocks and speed profiles: values with their sources, read from ``layers/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from geo.defaults import ACCESS_KPH
from geo.errors import FileError, StudyError
from geo.messages import Message
from geo.ranges import KphAboveZero, Range, Seconds, SecondsAboveZero, Share
from geo.reading import parse_toml, read_toml_text
from geo.settings import NOTHING, FixedMapping, require_in_range, shown
from geo.words import data_dir

__all__ = [
    "ResponseStandard",
    "SpeedProfile",
    "load_profile",
    "load_response",
    "profile_names",
    "read_table",
    "response_names",
]

Hour: TypeAlias = Annotated[float, Range(0.0, 3600.0, "s")]
Size: TypeAlias = Annotated[float, Range(0.0, 100.0, "m", is_above=True)]


@dataclass(frozen=True)
class ResponseStandard:
    """A response-time standard with its clock taken apart.

    Parameters
    ----------
    name : str
        Identifier, such as ``"gb51080-5min"``.
    clock_start : {"call", "dispatch", "departure"}
        What starts the clock: the call, the dispatch order, or the wheels turning.
    call_s : float
        Call handling on the clock, seconds (0 unless the clock starts at the call).
    turnout_s : float
        Turnout on the clock, seconds (0 when it starts at departure); a station's own
        ``turnout_s`` replaces it.
    travel_s : float
        Travel (access and driving) that is left, seconds.
    share : float
        Share of the people (0-1) that must be reached.
    source : str
        Standard, edition, clause and mark.
    start_loss_s : float
        Seconds of the travel that are lost in getting up to speed and in stopping, on every run and every
        clock: speeds by class of road do not hold them. 0 unless it was measured.
    """

    name: str
    clock_start: Literal["call", "dispatch", "departure"]
    call_s: Seconds
    turnout_s: Seconds
    travel_s: SecondsAboveZero
    share: Share = 1.0
    source: str = ""
    start_loss_s: Seconds = 0.0

    @property
    def limit_s(self) -> float:
        """The whole clock: call + turnout + travel, in seconds."""
        return self.call_s + self.turnout_s + self.travel_s


@dataclass(frozen=True)
class SpeedProfile:
    """How fast a vehicle or walker moves on each class of road.

    Parameters
    ----------
    name : str
        Identifier, such as ``"fire_engine"``.
    speeds_kph : mapping of str to float
        Speed by ``highway`` class; a class that is missing is closed.
    urban_speeds_kph : mapping of str to float
        Lower speeds inside built-up areas; falls back to ``speeds_kph``.
    maxspeed_factor : float or None
        Where a road has ``maxspeed``: speed = factor x maxspeed; None ignores the tag.
    junction_delay_s : float
        Delay at each junction of three or more roads; half is charged on each end of a link and
        spread evenly along it, so reversing the roads reverses the times exactly.
    oneway : {"obey", "ignore"} or float
        Obey one-way streets, ignore them, or drive against them at this factor (0-1) of the speed.
    no_access : frozenset of str
        Classes that no building or station is entered from (motorways).
    ferries : bool
        Whether ferry routes may be used.
    private_roads : bool
        Whether a vehicle may use roads that are private or forbidden to motor vehicles, as an engine under
        blue light may; roads with ``access=no`` stay closed.
    access_kph : float
        Speed between a point and its road.
    height_m, width_m, weight_t : float or None
        Size of the vehicle: roads and barriers with a lower limit are closed to it; None heeds no limit.
    mode : {"drive", "walk"}
        Whether roads closed to motor vehicles, or those closed to walkers, are closed.
    source : str
        Where the numbers come from, and how sure they are.
    bases : mapping of str to str
        By ``highway`` class the profile that its speed is taken over from; a class that is missing has the
        profile's own.
    """

    name: str
    speeds_kph: Mapping[str, KphAboveZero]
    urban_speeds_kph: Mapping[str, KphAboveZero] = field(default_factory=lambda: NOTHING)
    maxspeed_factor: Annotated[float, Range(0.0, 10.0, is_above=True)] | None = None
    junction_delay_s: Hour = 0.0
    oneway: Literal["obey", "ignore"] | Annotated[float, Range(0.0, 1.0, "share", is_above=True)] = "obey"
    no_access: frozenset[str] = frozenset({"motorway", "motorway_link"})
    ferries: bool = False
    private_roads: bool = False
    access_kph: KphAboveZero = ACCESS_KPH
    height_m: Size | None = None
    width_m: Size | None = None
    weight_t: Annotated[float, Range(0.0, 1000.0, "t", is_above=True)] | None = None
    mode: Literal["drive", "walk"] = "drive"
    source: str = ""
    bases: Mapping[str, str] = field(default_factory=lambda: NOTHING)


def profile_names() -> tuple[str, ...]:
    """Give the names of the speed profiles that come with the package."""
    return tuple(_read(_embedded("speeds")))


def response_names() -> tuple[str, ...]:
    """Give the names of the response standards that come with the package."""
    return tuple(_read(_embedded("response")))


def load_profile(name_or_path: str | Path) -> SpeedProfile:
    """Load a speed profile by name, or from a TOML file of one's own.

    A file holds one table per profile, as ``layers/standards/speeds.toml`` does; where it holds
    several, ``"file.toml#name"`` chooses. ``based_on = "fire_engine"`` takes over what the table
    does not say; speeds are taken over class by class. Source and mark are of the table's own numbers, and
    are not taken over.

    Parameters
    ----------
    name_or_path : str or path
        Such as ``"fire_engine"``, ``"my_engines.toml"`` or ``"my_engines.toml#night"``.

    Raises
    ------
    StudyError
        The name is unknown, or the table has an unknown key or a value that cannot be.
    FileError
        The file is missing or no TOML.

    Examples
    --------
    >>> engine = load_profile("fire_engine")
    >>> engine.speeds_kph["primary"], engine.oneway, "footway" in engine.speeds_kph
    (60, 0.5, False)
    """
    table, name = read_table(name_or_path, "profile")
    table, bases = _with_base(table, name)
    known = {item.name for item in fields(SpeedProfile)} - {"name", "bases"}
    _check_keys(table, known | {"mark", "intervals"}, Message("standards.profile", {"name": name}))
    _check_profile(table, name)
    values = {key: value for key, value in table.items() if key not in ("mark", "intervals")}
    for key in ("speeds_kph", "urban_speeds_kph"):
        values[key] = FixedMapping(dict(table.get(key, {})))
    if "no_access" in values:
        values["no_access"] = frozenset(values["no_access"])
    values["source"] = _source([table.get("source", "")], table.get("mark", ""))
    return SpeedProfile(name=name, bases=FixedMapping(bases), **values)


def load_response(name_or_path: str | Path) -> ResponseStandard:
    """Load a response standard by name, or from a TOML file of one's own (as :func:`load_profile`).

    Raises
    ------
    StudyError
        The name is unknown, or the table has an unknown, missing or impossible entry.
    FileError
        The file is missing or no TOML.

    Examples
    --------
    >>> clock = load_response("dispatch-5min")
    >>> clock.turnout_s, clock.travel_s, clock.limit_s
    (60.0, 240.0, 300.0)
    """
    table, name = read_table(name_or_path, "response")
    numbers = ("call_s", "turnout_s", "travel_s", "share", "start_loss_s")
    words = ("standard", "edition", "clause", "level", "mark", "note")
    what = Message("standards.response", {"name": name})
    _check_keys(table, {"clock_start", "intervals", *numbers, *words}, what)
    if table.get("clock_start") not in ("call", "dispatch", "departure"):
        raise StudyError(Message("standards.clock_start", {"what": what}))
    if "travel_s" not in table:
        raise StudyError(Message("standards.no_travel", {"what": what}))
    for key in numbers:
        require_in_range(ResponseStandard, key, table.get(key, 1), where=what)
    return ResponseStandard(
        name=name,
        clock_start=table["clock_start"],
        call_s=float(table.get("call_s", 0)),
        turnout_s=float(table.get("turnout_s", 0)),
        travel_s=float(table["travel_s"]),
        share=float(table.get("share", 1)),
        source=_source([str(table.get(key, "")) for key in words[:3]], table.get("mark", "")),
        start_loss_s=float(table.get("start_loss_s", 0)),
    )


_SPEEDS: Final = ("speeds_kph", "urban_speeds_kph")
_FILES: Final = {"profile": "speeds", "response": "response"}


def _embedded(file: str) -> Path:
    return data_dir() / "standards" / f"{file}.toml"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = parse_toml(read_toml_text(path))
    except tomllib.TOMLDecodeError as error:
        raise FileError(Message("standards.no_toml", {"file": path, "why": error})) from error
    loose = [key for key, value in tables.items() if not isinstance(value, dict)]
    if loose or not tables:
        raise StudyError(Message("standards.no_tables", {"file": path.name, "found": tuple(loose)}))
    return tables


def read_table(name_or_path: str | Path, what: Literal["profile", "response"]) -> tuple[dict[str, Any], str]:
    """Find the table of a profile or a response standard, in our files or the planner's own, and its name."""
    text, _, part = str(name_or_path).partition("#")
    is_file = text.endswith(".toml")
    tables = _read(Path(text) if is_file else _embedded(_FILES[what]))
    name = part if is_file else text
    if is_file and not part and len(tables) == 1:
        name = next(iter(tables))
    if name not in tables:
        named = Message(f"standards.{what}", {"name": name})
        fault = (
            Message("standards.name_unknown", {"what": named})
            if name
            else Message("standards.several_tables", {"file": text})
        )
        raise StudyError(Message("standards.known_tables", {"fault": fault, "known": tuple(tables)}))
    return tables[name], name


def _with_base(
    table: dict[str, Any], name: str, above: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Fill a profile with what its base says, and tell which profile the speed of each class is taken from.

    Bases are embedded profiles and may have a base.
    """
    if "based_on" not in table:
        return table, {}
    own = {key: value for key, value in table.items() if key != "based_on"}
    stated = table["based_on"]
    if not isinstance(stated, str):
        raise StudyError(Message("standards.base_no_text", {"name": name}))
    if stated == name or stated in above:
        raise StudyError(Message("standards.base_itself", {"name": name}))
    base, bases = _with_base(*read_table(stated, "profile"), (*above, stated))
    merged = {key: value for key, value in base.items() if key not in ("source", "mark")} | own
    for key in _SPEEDS:
        if isinstance(own.get(key), dict):
            merged[key] = base.get(key, {}) | own[key]
    stated_here = {kind for key in _SPEEDS for kind in _kinds(own.get(key))}
    taken = {kind for key in _SPEEDS for kind in _kinds(base.get(key))} - stated_here
    return merged, {kind: bases.get(kind, stated) for kind in sorted(taken)}


def _kinds(speeds: object) -> list[str]:
    return list(speeds) if isinstance(speeds, dict) else []


def _check_keys(table: Mapping[str, Any], known: set[str], what: Message) -> None:
    wrong = [key for key in table if key not in known]
    if wrong:
        raise StudyError(
            Message(
                "standards.unknown_keys", {"what": what, "wrong": tuple(wrong), "known": tuple(sorted(known))}
            )
        )


def _check_profile(table: Mapping[str, Any], name: str) -> None:
    what = Message("standards.profile", {"name": name})
    if not table.get("speeds_kph"):
        raise StudyError(Message("standards.no_speeds", {"what": what}))
    for key in ("speeds_kph", "urban_speeds_kph"):
        speeds = table.get(key, {})
        if not isinstance(speeds, dict):
            raise StudyError(Message("standards.speeds_no_table", {"what": what, "key": key}))
        for kind, speed in speeds.items():
            require_in_range(SpeedProfile, key, speed, where=what, name=f"{key}.{kind}")
    oneway = table.get("oneway", "obey")
    if oneway not in ("obey", "ignore"):
        if isinstance(oneway, str):
            raise StudyError(Message("standards.oneway_wrong", {"what": what, "value": shown(oneway)}))
        require_in_range(SpeedProfile, "oneway", oneway, where=what)
    if table.get("mode", "drive") not in ("drive", "walk"):
        raise StudyError(Message("standards.mode_wrong", {"what": what, "value": table["mode"]}))
    for key in ("ferries", "private_roads"):
        if not isinstance(table.get(key, False), bool):
            raise StudyError(Message("standards.no_flag", {"what": what, "key": key, "value": table[key]}))
    for key in ("maxspeed_factor", "junction_delay_s", "access_kph", "height_m", "width_m", "weight_t"):
        if key in table:
            require_in_range(SpeedProfile, key, table[key], where=what)
    classes = table.get("no_access", [])
    if not isinstance(classes, list) or not all(isinstance(kind, str) for kind in classes):
        raise StudyError(Message("standards.no_access_wrong", {"what": what, "value": shown(classes)}))
    if not isinstance(table.get("source", ""), str) or not isinstance(table.get("mark", ""), str):
        raise StudyError(Message("standards.source_no_text", {"what": what}))


def _source(parts: list[str], mark: str) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text} [{mark}]" if mark else text
