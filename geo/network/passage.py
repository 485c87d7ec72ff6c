"""What stops a vehicle on a road: limits of height, width and weight, and barriers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import isnan, nan
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.network.tags import NO_CARS, Tags, access_flags, plain_limit
from geo.words import read_data

__all__ = ["Barriers", "barrier_of", "is_strange_size", "limiting_keys", "limits_of"]

_LIMITS: Final = ("height_m", "width_m", "weight_t")
_FEET: Final = re.compile(r"(\d+)\s*'\s*(?:(\d+(?:\.\d+)?)\s*\"?)?$")
_NUMBER: Final = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*([^\W\d_]*)$")


class Barrier(NamedTuple):
    """One barrier on a road.

    Parameters
    ----------
    kind : str
        Value of the tag ``barrier``; the key of the limit where it is a limit alone.
    limits : tuple of float
        Height and width in metres, weight in tonnes; nan where not limited. Width 0 lets no vehicle through.
    is_opened : bool
        Whether it is a gate or the like, which an engine's crew opens.
    no_cars : bool
        Whether its tags keep ordinary vehicles out.
    is_unknown : bool
        Whether its kind is in no list, such as ``barrier=yes``: it stops nobody, which is told.
    """

    kind: str
    limits: tuple[float, float, float]
    is_opened: bool
    no_cars: bool
    is_unknown: bool = False


@dataclass(frozen=True, eq=False)
class Barriers:
    """The barriers that stand on nodes of the roads of a source.

    Parameters
    ----------
    node_id : int64 array, shape (B,)
        Ids of the nodes, ascending.
    kind : tuple of str
        Kind of each.
    limits : float32 array, shape (B, 3)
        Height and width in metres, weight in tonnes; nan where not limited.
    is_opened, no_cars, is_unknown : bool array, shape (B,)
        Whether a crew opens it; whether ordinary vehicles are kept out; whether nobody knows what it is.
    way : int64 array, shape (B,)
        Id of a way on which it stands.
    """

    node_id: NDArray[np.int64]
    kind: tuple[str, ...]
    limits: NDArray[np.float32]
    is_opened: NDArray[np.bool_]
    no_cars: NDArray[np.bool_]
    is_unknown: NDArray[np.bool_]
    way: NDArray[np.int64]

    @property
    def stopping(self) -> NDArray[np.int64]:
        """Ids of the nodes at which some vehicle is stopped: roads are cut there."""
        return self.node_id[~np.isnan(self.limits).all(axis=1) | self.no_cars]

    @classmethod
    def of(cls, at: Mapping[int, Barrier], way: Mapping[int, int]) -> Barriers | None:
        """Lay out the barriers at nodes, each on a way; None where there is none."""
        if not at:
            return None
        every = [at[node] for node in sorted(at)]
        return cls(
            node_id=np.array(sorted(at), dtype=np.int64),
            kind=tuple(barrier.kind for barrier in every),
            limits=np.array([barrier.limits for barrier in every], dtype=np.float32),
            is_opened=np.array([barrier.is_opened for barrier in every]),
            no_cars=np.array([barrier.no_cars for barrier in every]),
            is_unknown=np.array([barrier.is_unknown for barrier in every]),
            way=np.array([way[node] for node in sorted(at)], dtype=np.int64),
        )


@cache
def _words() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in read_data("standards/access")["barrier"].items()}


def barrier_of(tags: Tags) -> Barrier | None:
    """Give the barrier that a node or way has, None where it has none that stops, is opened or is unknown.

    Examples
    --------
    >>> barrier_of({"barrier": "bollard"}).limits
    (nan, 0.0, nan)
    >>> barrier_of({"barrier": "lift_gate"}).is_opened, barrier_of({"barrier": "cattle_grid"})
    (True, None)
    >>> barrier_of({"barrier": "yes"}).is_unknown
    True
    >>> barrier_of({"maxheight": "2.2"}).kind
    'maxheight'
    """
    kind = tags.get("barrier", "")
    height, width, weight = limits_of(tags)
    if not kind:
        return _limit_alone(tags, (height, width, weight))
    words = _words()
    is_opened = kind in words["opened"] or tags.get("bollard", "") in words["opened_bollards"]
    is_passed = any(tags.get(key, "") in _open_values() for key in words["passed_by"])
    if kind in words["closed"] and not is_opened and not is_passed and isnan(width):
        width = 0.0
    if isnan(height):
        height = read_data("standards/access")["barrier_height_m"].get(kind, nan)
    no_cars = bool(access_flags(tags) & NO_CARS)
    says_nothing = isnan(height) and isnan(width) and isnan(weight) and not is_opened
    is_unknown = says_nothing and not is_passed and kind not in words["closed"] | words["passed"]
    if says_nothing and not no_cars and not is_unknown:
        return None
    return Barrier(kind, (height, width, weight), is_opened, no_cars, is_unknown)


def _limit_alone(tags: Tags, limits: tuple[float, float, float]) -> Barrier | None:
    """Give the limit of a node without any barrier, such as the height under a beam, named by its tag."""
    rules = read_data("standards/access")["limits"]
    named = [key for name in _LIMITS for key in rules[name]["tags"] if tags.get(key, "")]
    if not named or all(map(isnan, limits)):
        return None
    return Barrier(named[0], limits, is_opened=False, no_cars=False)


@cache
def _open_values() -> frozenset[str]:
    return frozenset(read_data("standards/access")["values"]["open"])


def limits_of(tags: Tags) -> tuple[float, float, float]:
    """Give the limits of a road: height and width in metres, weight in tonnes; nan where none is believed.

    Examples
    --------
    >>> limits_of({"maxheight": "3.5", "maxweight": "7.5 t"}), limits_of({"maxheight": "default"})
    ((3.5, nan, 7.5), (nan, nan, nan))
    """
    height, width, weight = (_limit(tags, name) for name in _LIMITS)
    return height, width, weight


def limiting_keys() -> frozenset[str]:
    """Give the keys of tags that limit size or weight, or name a barrier."""
    return frozenset(
        chain(["barrier"], *(rule["tags"] for rule in read_data("standards/access")["limits"].values()))
    )


def _limit(tags: Tags, name: str) -> float:
    rule: Mapping[str, Any] = read_data("standards/access")["limits"][name]
    signed = [_number(text, name) for key in rule["tags"] if (text := tags.get(key, ""))]
    return min((limit for limit in signed if rule["least"] <= limit <= rule["most"]), default=nan)


def is_strange_size(text: str, name: str) -> bool:
    """Say whether the value of a limit is neither believed nor a word for none.

    Examples
    --------
    >>> [is_strange_size(text, "weight_t") for text in ("汽-20", "3500", "7.5", "none")]
    [True, True, False, False]
    """
    if plain_limit(text) in read_data("standards/access")["no_limit"]["words"]:
        return False
    rule: Mapping[str, Any] = read_data("standards/access")["limits"][name]
    number = _number(text, name)
    return number != 0 and not rule["least"] <= number <= rule["most"]


@cache
def _number(text: str, name: str) -> float:
    """Read a number with its unit: metres, feet and inches, tonnes, kilograms; nan where it is none."""
    plain = plain_limit(text.split("@")[0])
    if name != "weight_t" and (feet := _FEET.match(plain)):
        return int(feet.group(1)) * 0.3048 + float(feet.group(2) or 0) * 0.0254
    number = _NUMBER.match(plain)
    units = read_data("standards/access")["units"]["weight" if name == "weight_t" else "length"]
    factor = {"": 1.0, **units}.get(number.group(2)) if number else None
    return nan if number is None or factor is None else float(number.group(1).replace(",", ".")) * factor
