"""What is told of values of tags that are none of OpenStreetMap's: read otherwise, or not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.errors import NetworkError
from geo.messages import Message
from geo.network import read_as

__all__ = ["UNKNOWN_CLASS", "tell_words"]

UNKNOWN_CLASS: Final = "unclassified"
"""What a value of ``highway`` counts as that nobody knows."""
_MOST_WORDS: Final = 8


def tell_words(
    read: Sequence[tuple[str, str]],
    unknown: Sequence[tuple[int, str]],
    access: Sequence[tuple[int, str]],
    km_of: Mapping[int, float],
) -> list[Message]:
    """Tell the values of ``highway`` that are none of OpenStreetMap, and those of access that nobody knows.

    Parameters
    ----------
    read : sequence of (str, str)
        Values of ``highway``, and the class as which each was read.
    unknown, access : sequence of (int, str)
        Ids of ways with a value of ``highway``, or tags of access and direction, that nobody knows.
    km_of : mapping of int to float
        Length of each way, km.

    Raises
    ------
    NetworkError
        Most of the roads are of no known class.
    """
    notes = []
    if read:
        words = [read_as(*pair) for pair in dict.fromkeys(read)]
        more = [Message("network.class_more", {"n": len(words)})] if len(words) > _MOST_WORDS else []
        notes.append(Message("osm.classes_read", {"words": (*words[:_MOST_WORDS], *more)}))
    if unknown:
        values = _weighed(unknown, km_of)
        whole = sum(km_of.values())
        if values["km"] * 2 > whole:
            raise NetworkError(Message("osm.classes_unknown", {**values, "all": whole}))
        notes.append(Message("osm.classes_few", {**values, "taken": UNKNOWN_CLASS}))
    for key, is_of in (("access_unknown", False), ("oneway_unknown", True)):
        told = [pair for pair in access if pair[1].startswith("oneway") == is_of]
        if told:
            notes.append(Message(f"osm.{key}", _weighed(told, km_of)))
    return notes


def _weighed(words: Sequence[tuple[int, str]], km_of: Mapping[int, float]) -> dict[str, Any]:
    """Give the number and length of ways, and their words, the longest first, with an example."""
    km: dict[str, float] = {}
    for way, word in words:
        km[word] = km.get(word, 0.0) + km_of.get(way, 0.0)
    longest = sorted(km, key=lambda word: -km[word])
    shown = ", ".join(f"{word} ({km[word]:,.1f} km)" for word in longest[:_MOST_WORDS])
    ways = dict.fromkeys(way for way, _ in words)
    return {
        "n": len(ways),
        "km": sum(km_of.get(way, 0.0) for way in ways),
        "words": shown + (", ..." if len(longest) > _MOST_WORDS else ""),
        "ways": ", ".join(map(str, list(ways)[:5])),
    }
