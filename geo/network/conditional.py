"""What rules a road at some hours or for some vehicles only, or speaks against it: told, not heeded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from geo.messages import Message
from geo.network.passage import limiting_keys
from geo.network.tags import SPEED_KEYS, access_keys, oneway_keys
from geo.words import read_data

__all__ = ["UnheededTag", "is_unheeded", "may_be_unheeded", "tell_unheeded"]

_ENDING: Final = ":conditional"
_MOST: Final = 8


class UnheededTag(NamedTuple):
    """A tag of a road that is not heeded.

    Parameters
    ----------
    road : int
        Row or way.
    key, value : str
        The tag.
    km : float
        Length of the road.
    """

    road: int
    key: str
    value: str
    km: float


@cache
def may_be_unheeded(key: str) -> bool:
    """Whether a key may rule who may use a road, how or how fast, in a way that is told and not heeded.

    Examples
    --------
    >>> may_be_unheeded("access:conditional"), may_be_unheeded("maxspeed:forward:conditional")
    (True, True)
    >>> [may_be_unheeded(key) for key in ("maxaxleload", "disused", "access", "opening_hours:conditional")]
    [True, True, False, False]
    """
    return key in _against() or key in SPEED_KEYS or _is_unheeded_key(key)


def is_unheeded(key: str, value: str) -> bool:
    """Whether a tag is told and not heeded.

    Examples
    --------
    >>> is_unheeded("maxaxleload", "8"), is_unheeded("disused", "yes"), is_unheeded("disused", "no")
    (True, True, False)
    >>> is_unheeded("maxspeed", "80; 60 @ (22:00-06:00)"), is_unheeded("maxspeed", "80")
    (True, False)
    """
    if key in SPEED_KEYS:
        return "@" in value
    return value.strip().casefold() in _against()[key] if key in _against() else _is_unheeded_key(key)


def _against() -> dict[str, list[str]]:
    tags: dict[str, list[str]] = read_data("standards/access")["unheeded"]["against"]
    return tags


@cache
def _is_unheeded_key(key: str) -> bool:
    if key in read_data("standards/access")["unheeded"]["keys"]:
        return True
    base = key.removesuffix(_ENDING)
    ruling = access_keys() | limiting_keys() | oneway_keys() | frozenset(SPEED_KEYS)
    return base != key and (
        base in ruling or base.removesuffix(":forward").removesuffix(":backward") in ruling
    )


def tell_unheeded(tags: Iterable[UnheededTag]) -> list[Message]:
    """Tell what was not heeded, with the number and the length of the roads: who may pass, and how fast."""
    by_note: dict[str, list[UnheededTag]] = defaultdict(list)
    for tag in tags:
        by_note[_note_of(tag.key)].append(tag)
    return [_told(key, by_note[key]) for key in sorted(by_note)]


def _note_of(key: str) -> str:
    if key in _against():
        return "network.tags_against"
    if not key.endswith(_ENDING) and key not in SPEED_KEYS:
        return "network.tags_unheeded"
    return f"network.{'speeds' if key.startswith('maxspeed') else 'tags'}_conditional"


def _told(key: str, tags: list[UnheededTag]) -> Message:
    km_of = {tag.road: tag.km for tag in tags}
    by_key: dict[str, dict[int, UnheededTag]] = defaultdict(dict)
    for tag in tags:
        by_key[tag.key][tag.road] = tag
    shown = [
        f"{name} {len(roads)} ({sum(tag.km for tag in roads.values()):,.1f} km: "
        f"{next(iter(roads.values())).value[:60]})"
        for name, roads in sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    texts = "; ".join(shown[:_MOST]) + ("; ..." if len(shown) > _MOST else "")
    return Message(key, {"n": len(km_of), "km": float(sum(km_of.values())), "tags": texts})
