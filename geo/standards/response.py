"""Response clocks and speed profiles: values with their sources, read from ``layers/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from geo.errors import FileError, StudyError
from geo.settings import ACCESS_KPH
from geo.words import data_dir

__all__ = [
    "ResponseStandard",
    "SpeedProfile",
    "load_profile",
    "load_response",
    "profile_names",
    "response_names",
]

_EMPTY: Mapping[str, float] = MappingProxyType({})


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
    """

    name: str
    clock_start: Literal["call", "dispatch", "departure"]
    call_s: float
    turnout_s: float
    travel_s: float
    share: float = 1.0
    source: str = ""

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
    """

    name: str
    speeds_kph: Mapping[str, float]
    urban_speeds_kph: Mapping[str, float] = field(default_factory=lambda: _EMPTY)
    maxspeed_factor: float | None = None
    junction_delay_s: float = 0.0
    oneway: Literal["obey", "ignore"] | float = "obey"
    no_access: frozenset[str] = frozenset({"motorway", "motorway_link"})
    ferries: bool = False
    private_roads: bool = False
    access_kph: float = ACCESS_KPH
    height_m: float | None = None
    width_m: float | None = None
    weight_t: float | None = None
    mode: Literal["drive", "walk"] = "drive"
    source: str = ""


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
    does not say; speeds are taken over class by class.

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
    table, name = _table(name_or_path, "speeds", "speed profile")
    table = _with_base(table, name)
    known = {item.name for item in fields(SpeedProfile)} - {"name"}
    _check_keys(table, known | {"mark"}, f"speed profile {name!r}")
    _check_profile(table, name)
    values = {key: value for key, value in table.items() if key != "mark"}
    for key in ("speeds_kph", "urban_speeds_kph"):
        values[key] = MappingProxyType(dict(table.get(key, {})))
    if "no_access" in values:
        values["no_access"] = frozenset(values["no_access"])
    values["source"] = _source([table.get("source", "")], table.get("mark", ""))
    return SpeedProfile(name=name, **values)


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
    table, name = _table(name_or_path, "response", "response standard")
    numbers = ("call_s", "turnout_s", "travel_s", "share")
    words = ("standard", "edition", "clause", "level", "mark", "note")
    what = f"response standard {name!r}"
    _check_keys(table, {"clock_start", *numbers, *words}, what)
    if table.get("clock_start") not in ("call", "dispatch", "departure"):
        raise StudyError(f"{what}: clock_start must be call, dispatch or departure")
    if not _is_number(table.get("travel_s"), above=0):
        raise StudyError(f"{what}: travel_s must be seconds above 0")
    for key in numbers:
        if not _is_number(table.get(key, 1), least=0):
            raise StudyError(f"{what}: {key} must be a number of at least 0, not {table[key]!r}")
    if table.get("share", 1) > 1:
        raise StudyError(f"{what}: share must lie between 0 and 1, not {table['share']!r}")
    return ResponseStandard(
        name=name,
        clock_start=table["clock_start"],
        call_s=float(table.get("call_s", 0)),
        turnout_s=float(table.get("turnout_s", 0)),
        travel_s=float(table["travel_s"]),
        share=float(table.get("share", 1)),
        source=_source([str(table.get(key, "")) for key in words[:3]], table.get("mark", "")),
    )


def _embedded(file: str) -> Path:
    return data_dir() / "standards" / f"{file}.toml"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is no TOML file in UTF-8: {error}") from error
    loose = [key for key, value in tables.items() if not isinstance(value, dict)]
    if loose or not tables:
        raise StudyError(
            f"{path.name} must hold tables such as [my_engine]; found {', '.join(loose) or 'none'}"
        )
    return tables


def _table(name_or_path: str | Path, file: str, what: str) -> tuple[dict[str, Any], str]:
    """Find a table among the embedded ones, or in a file of the planner's own."""
    text, _, part = str(name_or_path).partition("#")
    is_file = text.endswith(".toml")
    tables = _read(Path(text) if is_file else _embedded(file))
    name = part if is_file else text
    if is_file and not part and len(tables) == 1:
        name = next(iter(tables))
    if name not in tables:
        fault = f"{what} {name!r} is unknown" if name else f"{text} holds several tables; add #name"
        raise StudyError(f"{fault}; known are {', '.join(tables)}, or the path of a .toml file")
    return tables[name], name


def _with_base(table: dict[str, Any], name: str) -> dict[str, Any]:
    """Fill a profile with what its base says; bases are embedded profiles and may have a base."""
    if "based_on" not in table:
        return table
    own = {key: value for key, value in table.items() if key != "based_on"}
    if table["based_on"] == name:
        raise StudyError(f"speed profile {name!r} is based on itself")
    base, base_name = _table(table["based_on"], "speeds", "speed profile")
    merged = _with_base(base, base_name) | own
    for key in ("speeds_kph", "urban_speeds_kph"):
        if isinstance(own.get(key), dict):
            merged[key] = _with_base(base, base_name).get(key, {}) | own[key]
    return merged


def _check_keys(table: Mapping[str, Any], known: set[str], what: str) -> None:
    wrong = [key for key in table if key not in known]
    if wrong:
        raise StudyError(f"{what} has unknown keys {', '.join(wrong)}; known are {', '.join(sorted(known))}")


def _check_profile(table: Mapping[str, Any], name: str) -> None:
    what = f"speed profile {name!r}"
    if not table.get("speeds_kph"):
        raise StudyError(f"{what} has no speeds_kph; give km/h by road class")
    for key in ("speeds_kph", "urban_speeds_kph"):
        speeds = table.get(key, {})
        if not isinstance(speeds, dict):
            raise StudyError(f"{what}: {key} must be a table of km/h by road class")
        wrong = [f"{kind} = {speed!r}" for kind, speed in speeds.items() if not _is_number(speed, above=0)]
        if wrong:
            raise StudyError(f"{what}: {key} must be numbers above 0 km/h; found {', '.join(wrong[:5])}")
    oneway = table.get("oneway", "obey")
    if oneway not in ("obey", "ignore") and not (_is_number(oneway, above=0) and oneway <= 1):
        raise StudyError(
            f"{what}: oneway must be obey, ignore or a factor above 0 and up to 1, not {oneway!r}"
        )
    if table.get("mode", "drive") not in ("drive", "walk"):
        raise StudyError(f"{what}: mode must be drive or walk, not {table['mode']!r}")
    for key in ("ferries", "private_roads"):
        if not isinstance(table.get(key, False), bool):
            raise StudyError(f"{what}: {key} must be true or false, not {table[key]!r}")
    for key in ("maxspeed_factor", "access_kph", "height_m", "width_m", "weight_t"):
        if not _is_number(table.get(key, 1), above=0):
            raise StudyError(f"{what}: {key} must be a number above 0, not {table[key]!r}")
    if not _is_number(table.get("junction_delay_s", 0), least=0):
        raise StudyError(f"{what}: junction_delay_s must be at least 0 s, not {table['junction_delay_s']!r}")


def _is_number(value: object, *, above: float = float("-inf"), least: float = float("-inf")) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and above < value < float("inf") and value >= least  # type: ignore[operator]


def _source(parts: list[str], mark: str) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text} [{mark}]" if mark else text
