"""How targets of plans are computed: each method, its unit, and the settings that a target gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args

from geo.errors import StudyError
from geo.messages import Message
from geo.plans.depot_levels import LEVELS
from geo.ranges import PeopleAboveZero, Range, SecondsAboveZero, Year
from geo.schema import STATION_CLASSES
from geo.settings import shown, unknown

__all__ = ["METHODS", "SETTINGS", "UNITS", "Method", "check_settings"]


@dataclass(frozen=True)
class Method:
    """How a target is computed.

    Parameters
    ----------
    unit : str
        Unit of its value and of every target that uses it; empty for any.
    settings : frozenset of str
        Settings that the target must give.
    optional : frozenset of str
        Settings that the target may give.
    may_lack_value : bool
        Whether a target may have the comparator 'none': what was found is told and not judged.
    """

    unit: str = ""
    settings: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    may_lack_value: bool = False


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "assigned_share": Method("%", frozenset({"standard", "most_people"})),
        "covered_share": Method("%", frozenset({"standard"})),
        "mean_travel": Method("min", frozenset({"standard"})),
        "most_loaded_station": Method("10,000 people/station"),
        "people_per_station": Method("10,000 people/station"),
        "staff_per_people": Method("‰"),
        "station_growth": Method("%", frozenset({"base"})),
        "stations_built": Method("stations", frozenset({"stations"})),
        "area_per_person": Method("m2/person"),
        "count": Method(optional=frozenset({"is_new", "levels"}), may_lack_value=True),
        "count_per_zone": Method(optional=frozenset({"levels"})),
        "depot_reach": Method("%", frozenset({"limit_s"})),
        "hydrant_siting": Method("hydrants", optional=frozenset({"new_since"})),
        "jurisdictions": Method("%"),
        "levels": Method(settings=frozenset({"levels"})),
        "network_loss": Method("%", may_lack_value=True),
        "road_links": Method("roads", may_lack_value=True),
        "walk_reach": Method("%", frozenset({"limit_s"})),
        "working_share": Method("%"),
    }
)
"""Every known method."""

UNITS: Final = (
    "%",
    "‰",
    "10,000 people/station",
    "bases",
    "depots",
    "depots/village",
    "gas repair stations",
    "hydrants",
    "levels",
    "m2/person",
    "min",
    "roads",
    "shelters",
    "stations",
    "teams/town",
    "water points",
)
"""Every unit of a target; each has its words in ``layers/words/plans.toml``."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _number(kind: Any) -> tuple[Callable[[Any], bool], Message]:
    """Give whether a value is a number of a kind and in its range, and how to say that range."""
    whole, span = get_args(kind)
    types = (int,) if whole is int else (int, float)
    word = Message("settings.whole" if whole is int else "settings.number")
    wanted = Message("settings.number_in", {"what": word, "span": span.message()})
    return lambda value: type(value) in types and value in span, wanted


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_levels(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(level in LEVELS for level in value)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


SETTINGS: Final[Mapping[str, tuple[Callable[[Any], bool], str | Message]]] = MappingProxyType(
    {
        "base": _number(Annotated[float, Range(0.0, 1e6, "pieces", is_above=True)]),
        "is_new": (_is_flag, Message("settings.true_or_false")),
        "levels": (_is_levels, Message("plans.wanted_levels", {"levels": tuple(LEVELS)})),
        "limit_s": _number(SecondsAboveZero),
        "most_people": _number(PeopleAboveZero),
        "new_since": _number(Year),
        "standard": (_is_text, Message("plans.wanted_standard")),
        "stations": (_is_rows, Message("plans.wanted_stations")),
    }
)
"""Every setting that a target may have: whether a value fits, and what it should be."""


def check_settings(method: str, settings: Any, *, where: str | Message) -> None:
    """Check the settings that a target gives its method.

    Raises
    ------
    StudyError
        A setting is unknown to the method (the message names the nearest), missing, or of the wrong type.

    Examples
    --------
    >>> check_settings("station_growth", {"base": 174}, where="settings of 'SH-2'")
    >>> check_settings("station_growth", {"bas": 174}, where="settings of 'SH-2'")
    Traceback (most recent call last):
    ...
    geo.errors.StudyError: settings of 'SH-2': key 'bas' is unknown; did you mean 'base'?
    """
    if not isinstance(settings, dict):
        raise StudyError(Message("plans.settings_no_table", {"where": where}))
    known = METHODS[method].settings | METHODS[method].optional
    if settings and not known:
        raise StudyError(
            Message("plans.settings_none", {"where": where, "method": method, "keys": tuple(settings)})
        )
    for key in settings:
        if key not in known:
            raise StudyError(unknown(Message("plans.key_at", {"where": where}), key, known))
    if missing := sorted(METHODS[method].settings - settings.keys()):
        raise StudyError(Message("plans.lacks", {"where": where, "keys": tuple(missing)}))
    for key, value in settings.items():
        fits, wanted = SETTINGS[key]
        if not fits(value):
            values = {"where": where, "key": key, "value": shown(value), "wanted": wanted}
            raise StudyError(Message("settings.key_wrong", values))
    _check_stations(settings.get("stations", []), where=where)


def _check_stations(rows: list[dict[str, Any]], *, where: str | Message) -> None:
    for row in rows:
        for key in row:
            if key not in ("name", "station_class"):
                raise StudyError(
                    unknown(Message("plans.stations_at", {"where": where}), key, {"name", "station_class"})
                )
        if "name" not in row:
            raise StudyError(Message("plans.station_no_name", {"where": where}))
        if not _is_text(row["name"]) or not row["name"].strip():
            raise StudyError(
                Message("plans.station_name_wrong", {"where": where, "value": shown(row["name"])})
            )
        kind = row.get("station_class", STATION_CLASSES[0])
        if kind not in STATION_CLASSES:
            complaint = unknown("station_class", str(kind), set(STATION_CLASSES))
            raise StudyError(
                Message(
                    "plans.station_class_wrong",
                    {"where": where, "fault": complaint, "known": tuple(STATION_CLASSES)},
                )
            )
