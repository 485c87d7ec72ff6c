"""Intervals of measured speeds and clocks, which stand beside them in the same file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from geo.errors import StudyError
from geo.messages import Message
from geo.settings import NOTHING, FixedMapping, shown
from geo.standards.clocks_and_speeds import load_profile, load_response, read_table

__all__ = ["Interval", "Intervals", "load_intervals"]

Interval: TypeAlias = tuple[float, float]
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("access_kph", "junction_delay_s"),
    "response": ("turnout_s", "start_loss_s"),
}


@dataclass(frozen=True)
class Intervals:
    """95 % intervals of what was measured; None, or no class, where nothing was.

    Parameters
    ----------
    speeds_kph : mapping of str to (float, float)
        By class of road; holds for its speed in built-up areas by the same factor.
    access_kph, junction_delay_s : (float, float) or None
        Of a speed profile.
    turnout_s, start_loss_s : (float, float) or None
        Of a response clock; the turnout of all stations together.
    """

    speeds_kph: Mapping[str, Interval] = field(default_factory=lambda: NOTHING)
    access_kph: Interval | None = None
    junction_delay_s: Interval | None = None
    turnout_s: Interval | None = None
    start_loss_s: Interval | None = None


def load_intervals(name_or_path: str | Path, *, of: Literal["profile", "response"]) -> Intervals:
    """Load the intervals of a speed profile or a response standard: its table ``intervals``.

    A file with measured values says, in the table of the profile or the clock::

        [measured]
        access_kph = 9.5
        intervals = { access_kph = [7.0, 13.0], speeds_kph = { primary = [38.5, 45.0] } }
        [measured.speeds_kph]
        primary = 41.5

    Parameters
    ----------
    name_or_path : str or path
        As :func:`geo.standards.load_profile` and :func:`geo.standards.load_response` take it.
    of : {"profile", "response"}
        What it names.

    Returns
    -------
    Intervals
        All None where the table has no intervals.

    Raises
    ------
    StudyError
        The profile or clock itself is wrong; or an interval is of something unknown, is not two numbers from
        0, the lower first, or does not hold the value that it is the interval of.
    FileError
        The file is missing or no TOML.

    Examples
    --------
    >>> load_intervals("fire_engine", of="profile").speeds_kph
    {}
    """
    value: Any = load_profile(name_or_path) if of == "profile" else load_response(name_or_path)
    table, name = read_table(name_or_path, of)
    what = Message(f"standards.{of}", {"name": name})
    told = table.get("intervals", {})
    if not isinstance(told, dict):
        raise StudyError(Message("standards.intervals_no_table", {"what": what, "value": shown(told)}))
    known = (*_KEYS[of], *(("speeds_kph",) if of == "profile" else ()))
    wrong = tuple(key for key in told if key not in known)
    if wrong:
        values = {"what": what, "wrong": wrong, "known": known}
        raise StudyError(Message("standards.intervals_unknown", values))
    of_classes = told.get("speeds_kph", {})
    if not isinstance(of_classes, dict):
        raise StudyError(Message("standards.intervals_no_table", {"what": what, "value": shown(of_classes)}))
    speeds = {
        kind: _interval(pair, value.speeds_kph.get(kind), f"speeds_kph.{kind}", what)
        for kind, pair in of_classes.items()
    }
    others = {key: _interval(told[key], getattr(value, key), key, what) for key in _KEYS[of] if key in told}
    return Intervals(speeds_kph=FixedMapping(speeds), **others)


def _interval(pair: object, value: float | None, key: str, what: Message) -> Interval:
    """Check an interval: two numbers from 0, the lower first, with the value between them."""
    is_pair = isinstance(pair, list) and len(pair) == 2 and all(type(end) in (int, float) for end in pair)
    values = {"what": what, "key": key, "value": shown(pair), "told": "–" if value is None else f"{value:g}"}
    if not is_pair or not 0.0 <= pair[0] <= pair[1] < math.inf:  # type: ignore[index]
        raise StudyError(Message("standards.interval_wrong", values))
    if value is None or not pair[0] <= value <= pair[1]:  # type: ignore[index]
        raise StudyError(Message("standards.interval_beside", values))
    return float(pair[0]), float(pair[1])  # type: ignore[index]
