"""What the tags of a road mean: direction, speed limit, who may use it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple, Protocol

from geo.words import word_lists

__all__ = [
    "CLOSED",
    "FERRY",
    "NO_CARS",
    "NO_FOOT",
    "Tags",
    "access_flags",
    "first_value",
    "listed_values",
    "oneway_code",
    "parse_maxspeed",
]

FERRY: Final = "ferry"
"""The class of ferry routes."""
NO_CARS: Final = 1
"""Flag of ``Roads.edge_access``: private, or forbidden to motor vehicles."""
NO_FOOT: Final = 2
"""Flag of ``Roads.edge_access``: private, or forbidden to walkers."""
CLOSED: Final = 4
"""Flag of ``Roads.edge_access``: closed to every vehicle, engines too (``access=no``, or an area)."""


class Tags(Protocol):
    """Tags of an object: a dict, or the tag list of an OSM reader."""

    def get(self, key: str, default: str, /) -> str:
        """Give the value of a key."""


class _Values(NamedTuple):
    """The values of tags that mean a thing; asked of every way, so each is one look-up away."""

    forward: frozenset[str]
    backward: frozenset[str]
    round_junction: frozenset[str]
    closed: frozenset[str]
    engines: frozenset[str]


@cache
def _values() -> _Values:
    words = word_lists("road")
    return _Values(
        forward=frozenset(words["oneway_tag"]["forward"]),
        backward=frozenset(words["oneway_tag"]["backward"]),
        round_junction=frozenset(words["junction"]["round"]),
        closed=frozenset(words["access"]["closed"]),
        engines=frozenset(words["access"]["engines"]),
    )


def access_flags(tags: Tags) -> int:
    """Give the flags ``NO_CARS``, ``NO_FOOT`` and ``CLOSED`` of a way: the most particular tag decides.

    Examples
    --------
    >>> access_flags({"access": "private"}) == NO_CARS | NO_FOOT, access_flags({"motor_vehicle": "no"})
    (True, 1)
    >>> access_flags({"access": "no", "emergency": "yes"}) == NO_FOOT
    True
    """
    values = _values()
    general = tags.get("access", "")
    particular = tags.get("motor_vehicle", tags.get("vehicle", ""))
    is_area = tags.get("area", "") == "yes"
    no_foot = tags.get("foot", general) in values.closed
    if tags.get("emergency", "") in values.engines:
        return NO_FOOT * no_foot
    no_cars = (particular or general) in values.closed or is_area
    is_closed = (general == "no" and not particular) or is_area
    return NO_CARS * no_cars + NO_FOOT * no_foot + CLOSED * is_closed


def oneway_code(tags: Tags, highway: str) -> int:
    """Give 1 for a way driven only as drawn, -1 only against it, 0 both ways.

    Examples
    --------
    >>> oneway_code({"oneway": "-1"}, "primary"), oneway_code({}, "motorway")
    (-1, 1)
    >>> oneway_code({"junction": "roundabout"}, "residential"), oneway_code({}, "residential")
    (1, 0)
    """
    values = _values()
    value = tags.get("oneway", "").strip().lower()
    if value in values.forward:
        return 1
    if value in values.backward:
        return -1
    if value:
        return 0
    return int(highway == "motorway" or tags.get("junction", "") in values.round_junction)


def first_value(value: object) -> str:
    """Give the first of several values that osmnx joins into a list; in files the list is text.

    Examples
    --------
    >>> first_value(["primary", "trunk"]), first_value("['primary', 'trunk']"), first_value("trunk")
    ('primary', 'primary', 'trunk')
    """
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    text = "" if value is None or value != value else str(value)
    listed = re.match(r"\[['\"](.*?)['\"][,\]]", text)
    return listed.group(1) if listed else text


def listed_values(text: str) -> list[str]:
    """Give all of several values in one text: a list as programs write it, or with ; , | / between.

    Examples
    --------
    >>> listed_values("['residential', 'tertiary']"), listed_values("unclassified;tertiary")
    (['residential', 'tertiary'], ['unclassified', 'tertiary'])
    """
    parts = re.split(r"[;,|/、，；]", text.strip().removeprefix("[").removesuffix("]"))
    return [word for part in parts if (word := part.strip().strip("'\""))]


@cache
def parse_maxspeed(text: str) -> float:
    """Read a ``maxspeed`` value in km/h; nan where it is no number (``none``, ``CN:urban``).

    Of several values the lowest counts.

    Examples
    --------
    >>> parse_maxspeed("50"), parse_maxspeed("30 mph"), parse_maxspeed("60;40"), parse_maxspeed("none")
    (50.0, 48.28032, 40.0, nan)
    """
    found = re.findall(r"(\d+(?:\.\d+)?)\s*(mph|knots)?", text.casefold())
    factor = {"": 1.0, "mph": 1.609344, "knots": 1.852}
    speeds = [float(number) * factor[unit] for number, unit in found if float(number) > 0]
    return min(speeds, default=float("nan"))
