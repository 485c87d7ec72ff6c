"""What a planner says of the words and codes of her road layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from geo.errors import InputError
from geo.messages import Message
from geo.network.classes import ranked_classes

__all__ = ["DIRECTIONS", "RoadWords"]

DIRECTIONS: Final = {"both": 0, "forward": 1, "backward": -1}
"""The words of directions, and the codes of ``Roads.edge_oneway``."""


@dataclass(frozen=True)
class RoadWords:
    """What the words and codes of a road layer mean, beyond those that are known.

    Parameters
    ----------
    classes : mapping of str to str
        Class of a word, such as ``{"水泥路": "residential"}``.
    oneway : mapping of str to str
        Direction of a code: ``both``, ``forward`` or ``backward``.
    kept : collection of str
        Class words that stand for themselves, such as those of the planner's own speed profile.
    year : int, optional
        Roads that open after it are told; the year of today when missing.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    oneway: Mapping[str, str] = field(default_factory=dict)
    kept: Collection[str] = ()
    year: int | None = None

    def __post_init__(self) -> None:
        wrong = [f"{code} = {way!r}" for code, way in self.oneway.items() if way not in DIRECTIONS]
        if wrong:
            raise InputError(Message("network.oneway_codes_wrong", {"wrong": tuple(wrong)}))
        known = {*ranked_classes(), *self.kept}
        wrong = [f"{word} = {kind!r}" for word, kind in self.classes.items() if kind not in known]
        if wrong:
            raise InputError(
                Message("network.classes_wrong", {"wrong": tuple(wrong), "known": tuple(ranked_classes())})
            )
