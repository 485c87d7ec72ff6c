"""What the tags of a road mean: direction, speed limit, who may use it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import chain
from math import isnan
from typing import Final, NamedTuple, Protocol

from geo.words import read_data, word_lists

__all__ = [
    "AREA",
    "BOTH_WAYS_ON_DUTY",
    "CLOSED",
    "FERRY",
    "NO_CARS",
    "NO_FOOT",
    "SPEED_KEYS",
    "Tags",
    "access_flags",
    "access_keys",
    "first_value",
    "is_in_series",
    "is_known_access",
    "is_known_oneway",
    "is_strange_limit",
    "listed_values",
    "oneway_code",
    "oneway_keys",
    "parse_maxspeed",
    "plain_limit",
    "speed_limit",
    "user_keys",
]

FERRY: Final = "ferry"
"""The class of ferry routes."""
NO_CARS: Final = 1
"""Flag of ``Roads.edge_access``: private, or forbidden to motor vehicles."""
NO_FOOT: Final = 2
"""Flag of ``Roads.edge_access``: private, or forbidden to walkers."""
CLOSED: Final = 4
"""Flag of ``Roads.edge_access``: closed to every vehicle, engines too (``access=no``, or an area)."""
SPEED_KEYS: Final = ("maxspeed", "maxspeed:forward", "maxspeed:backward")
"""The keys of tags that :func:`speed_limit` asks for."""
BOTH_WAYS_ON_DUTY: Final = 8
"""Flag of ``Roads.edge_access``: one-way, but not for emergency vehicles."""

AREA: Final = 16
"""Flag of ``Roads.edge_access``: the outline of a square or yard (``area=yes``); no vehicle drives on it."""


class Tags(Protocol):
    """Tags of an object: a dict, or the tag list of an OSM reader."""

    def get(self, key: str, default: str, /) -> str:
        """Give the value of a key."""


class _Values(NamedTuple):
    """The values of tags that mean a thing; asked of every way, so each is one look-up away."""

    forward: frozenset[str]
    backward: frozenset[str]
    round_junction: frozenset[str]


@cache
def _values() -> _Values:
    words = word_lists("road")
    return _Values(
        forward=frozenset((*words["oneway_tag"]["forward"], *words["oneway_column"]["forward"])),
        backward=frozenset((*words["oneway_tag"]["backward"], *words["oneway_column"]["backward"])),
        round_junction=frozenset(words["junction"]["round"]),
    )


class _User(NamedTuple):
    """How one user of roads reads access tags."""

    keys: tuple[str, ...]
    severity: Mapping[str, int]
    only_opens: frozenset[str]
    closed_at: frozenset[str]
    implied: tuple[tuple[str, str], ...]


_OPEN, _PRIVATE, _CLOSED = range(3)


@cache
def _user(name: str) -> _User:
    data = read_data("standards/access")
    rules, values = data[name], data["values"]
    keys = tuple(rules["keys"])
    severity = dict.fromkeys(values["open"], _OPEN)
    severity |= dict.fromkeys(rules["private"], _PRIVATE) | dict.fromkeys(rules["closed"], _CLOSED)
    return _User(
        keys=keys,
        severity=severity,
        only_opens=frozenset(rules.get("only_opens", ())),
        closed_at=frozenset(rules.get("closed_at", keys)),
        implied=tuple(tuple(tag.split("=", 1)) for tag in rules.get("implied", ())),
    )


def access_flags(tags: Tags) -> int:
    """Give the flags of a way: who may not use it, by one rule for all keys.

    From a user's most particular key (``layers/standards/access.toml``) to ``access``, the first that lets
    the user in ends the search; of the prohibitions before it the strictest holds. So a prohibition more
    never opens a road. Of several values of a key the mildest counts; of a list of osmnx, whose parts lie one
    after another, the strictest.

    Examples
    --------
    >>> access_flags({"access": "private"}) == NO_CARS | NO_FOOT, access_flags({"motor_vehicle": "no"})
    (True, 1)
    >>> access_flags({"access": "no", "emergency": "yes"}) == NO_CARS | NO_FOOT
    True
    >>> access_flags({"access": "no", "motor_vehicle": "no"}) == NO_CARS | NO_FOOT | CLOSED
    True
    """
    if not tags:
        return 0
    is_area = tags.get("area", "") == "yes"
    engine = _severity(tags, "engine")
    no_cars = is_area or _severity(tags, "car") > _OPEN
    is_closed = engine == _CLOSED or (is_area and not _lets_in(tags, "emergency"))
    flags = NO_CARS * no_cars + NO_FOOT * (_severity(tags, "foot") > _OPEN) + CLOSED * is_closed
    flags += AREA * is_area
    return flags + BOTH_WAYS_ON_DUTY * any(tags.get(key, "") == "no" for key in _oneway_keys()[2])


@cache
def user_keys() -> frozenset[str]:
    """Give the keys of tags that say whether some user may pass."""
    return frozenset(chain.from_iterable(_user(name).keys for name in ("car", "engine", "foot")))


@cache
def access_keys() -> frozenset[str]:
    """Give the keys of tags that :func:`access_flags` asks for."""
    implied = (key for key, _ in _user("engine").implied)
    return frozenset(chain(user_keys(), implied, _oneway_keys()[2], ["area"]))


@cache
def is_known_access(value: str) -> bool:
    """Say whether a value of an access key is one of the lists, those that say nothing among them.

    Examples
    --------
    >>> is_known_access("private"), is_known_access("禁止"), is_known_access("unknown"), is_known_access("甲")
    (True, True, True, False)
    """
    known = set(read_data("standards/access")["values"]["says_nothing"])
    known.update(*(_user(name).severity for name in ("car", "engine", "foot")))
    return all(part in known for part in _parts(value))


def _severity(tags: Tags, name: str) -> int:
    """Say whether a user may use a road, may where it is private, or may not."""
    user = _user(name)
    worst = _OPEN
    for key in user.keys:
        value = tags.get(key, "")
        if not value and key == "emergency" and any(tags.get(k, "") == v for k, v in user.implied):
            value = "yes"
        own = _mildest(value, user) if value else None
        if own is None:
            continue
        if own == _OPEN:
            return worst
        if key not in user.only_opens:
            worst = max(worst, _PRIVATE if key not in user.closed_at else own)
    return worst


def _mildest(value: str, user: _User) -> int | None:
    """Give the mildest of several values of one road; of parts one after another the strictest."""
    known = [user.severity[part] for part in _parts(value) if part in user.severity]
    return (max if is_in_series(value) else min)(known, default=None)


@cache
def _parts(value: str) -> tuple[str, ...]:
    listed = listed_values(value) if is_in_series(value) else value.split(";")
    return tuple(part.strip().casefold() for part in listed)


def is_in_series(text: str) -> bool:
    """Say whether a text lists the values of several roads that were joined into one, as osmnx writes them.

    Examples
    --------
    >>> is_in_series("['residential', 'steps']"), is_in_series("unclassified;tertiary")
    (True, False)
    """
    return text.startswith("[") and len(listed_values(text)) > 1


def _lets_in(tags: Tags, key: str) -> bool:
    return _mildest(tags.get(key, ""), _user("engine")) == _OPEN


@cache
def oneway_keys() -> frozenset[str]:
    """Give the keys of tags that :func:`oneway_code` asks for."""
    keys, directed, _ = _oneway_keys()
    sides = (key + ending for key in directed for ending in (":forward", ":backward"))
    return frozenset(chain(keys, sides, ["junction"]))


@cache
def _oneway_keys() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    rules = read_data("standards/access")["oneway"]
    return tuple(rules["keys"]), tuple(rules["directed"]), tuple(rules["engine"])


def oneway_code(tags: Tags, highway: str) -> int:
    """Give 1 for a way driven only as drawn, -1 only against it, 0 both ways.

    A way forbidden to vehicles in one direction (``motor_vehicle:backward = no``) is driven in the other;
    else the most particular of ``oneway:motor_vehicle`` ... ``oneway`` decides.

    Examples
    --------
    >>> oneway_code({"oneway": "-1"}, "primary"), oneway_code({}, "motorway")
    (-1, 1)
    >>> oneway_code({"junction": "roundabout"}, "residential"), oneway_code({}, "residential")
    (1, 0)
    >>> oneway_code({"oneway": "yes", "oneway:motor_vehicle": "no"}, "residential")
    0
    >>> oneway_code({"oneway": "逆向"}, "residential")  # words of planners, in whatever file
    -1
    """
    values = _values()
    keys, directed, _ = _oneway_keys()
    texts = [text for key in keys if (text := tags.get(key, "").strip().casefold())]
    for ending, code in ((":backward", 1), (":forward", -1)):
        of_direction = [text for key in directed if (text := tags.get(key + ending, ""))]
        if of_direction and _mildest(of_direction[0], _user("car")) == _CLOSED:
            return code
    if texts and texts[0] in values.forward:
        return 1
    if texts and texts[0] in values.backward:
        return -1
    if texts:
        return 0
    return int(highway == "motorway" or tags.get("junction", "") in values.round_junction)


@cache
def is_known_oneway(text: str) -> bool:
    """Say whether a value of a key of directions is known: for one way, for both or for either by turns.

    Examples
    --------
    >>> [is_known_oneway(text) for text in ("yes", "单行", "reversible", "双向", "-2", "permissive")]
    [True, True, True, True, False, False]
    """
    words, plain = word_lists("road"), text.strip().casefold()
    both = (*words["oneway_column"]["both"], *words["oneway_tag"]["changing"])
    return plain in _values().forward or plain in _values().backward or plain in both


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


def speed_limit(tags: Tags, oneway: int) -> tuple[float, bool]:
    """Give the speed limit of a way in km/h, nan where none is known, and whether one was not believed.

    ``maxspeed:forward`` and ``maxspeed:backward`` take the place of ``maxspeed`` in their direction: on a
    one-way road that of the traffic counts, else the lower one.

    Parameters
    ----------
    tags : Tags
        Of the way.
    oneway : {-1, 0, 1}
        As :func:`oneway_code` gives it.

    Examples
    --------
    >>> speed_limit({"maxspeed": "80", "maxspeed:backward": "60"}, 0)
    (60.0, False)
    >>> speed_limit({"maxspeed": "80", "maxspeed:backward": "60"}, 1), speed_limit({"maxspeed": "999"}, 0)
    ((80.0, False), (nan, True))
    """
    plain = tags.get("maxspeed", "")
    sides = [tags.get("maxspeed:forward", "") or plain, tags.get("maxspeed:backward", "") or plain]
    texts = sides[:1] if oneway == 1 else sides[1:] if oneway == -1 else sides
    limits = [parse_maxspeed(text) for text in texts if text]
    is_strange = any(map(is_strange_limit, filter(None, texts)))
    return min((limit for limit in limits if limit == limit), default=float("nan")), is_strange


def is_strange_limit(text: str) -> bool:
    """Say whether a limit holds numbers, none of which is believed.

    Examples
    --------
    >>> is_strange_limit("-1"), is_strange_limit("999"), is_strange_limit("none"), is_strange_limit("60")
    (True, True, False, False)
    """
    return bool(_speeds(plain_limit(text))) and isnan(parse_maxspeed(text))


@cache
def parse_maxspeed(text: str) -> float:
    """Read a ``maxspeed`` value in km/h; nan where it is no number (``none``, ``CN:urban``) or not believed.

    Of several values the lowest counts; a value that holds at some hours only (``50 @ (22:00-06:00)``) does
    not. Nothing outside 5-130 km/h is believed (``layers/standards/access.toml``).

    Examples
    --------
    >>> parse_maxspeed("50"), parse_maxspeed("30 mph"), parse_maxspeed("60;40"), parse_maxspeed("none")
    (50.0, 48.28032, 40.0, nan)
    >>> parse_maxspeed("-1"), parse_maxspeed("80; 60 @ (22:00-06:00)"), parse_maxspeed("DE:zone30")
    (nan, 80.0, 30.0)
    >>> parse_maxspeed("限速40公里/小时"), parse_maxspeed("四十"), parse_maxspeed("10米/秒")
    (40.0, 40.0, 36.0)
    """
    data = read_data("standards/access")
    believed = data["speed_limit"]
    plain = plain_limit(text)
    word = data["speed_words"].get(re.sub(f"({_speed_units()})$", "", plain))
    speeds = [float(word)] if word is not None else _speeds(plain)
    return min(
        (speed for speed in speeds if believed["least_kph"] <= speed <= believed["most_kph"]),
        default=float("nan"),
    )


def plain_limit(text: str) -> str:
    """Give the value of a limit in one width and case, without the words that may stand before it.

    Examples
    --------
    >>> plain_limit("限高３.５ｍ"), plain_limit("≤20吨")
    ('3.5m', '20吨')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    before = read_data("standards/access")["units"]["before"]
    return re.sub(f"^({'|'.join(before)})+[:]?\\s*", "", plain)


@cache
def _speed_units() -> str:
    """Give the units of speed as alternatives of a pattern, the longest first."""
    units = read_data("standards/access")["units"]["speed"]
    return "|".join(sorted(map(re.escape, units), key=len, reverse=True))


def _speeds(text: str) -> list[float]:
    """Give the numbers of a limit in km/h, without those that hold at some hours only."""
    factor = {"": 1.0, **read_data("standards/access")["units"]["speed"]}
    always = [part for part in re.split(r"[;|]", text.casefold()) if "@" not in part]
    numbers = re.findall(rf"(?<![\d.])(-?\d+(?:\.\d+)?)\s*({_speed_units()})?", ";".join(always))
    return [float(number) * factor[unit] for number, unit in numbers]
