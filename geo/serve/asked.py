"""Questions of a page read: their numbers, their settings, their places; and errors told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import numpy as np

from geo.errors import GeoError, InputError
from geo.messages import Message
from geo.ranges import Place
from geo.serve.live_study import LiveStudy
from geo.settings import read_section
from geo.words import Lang

__all__ = ["Look", "is_id", "read_asked", "tell_error", "with_lonlat"]

_MOST_ID: Final = 2**53


@dataclass(frozen=True)
class Look:
    """A place that was clicked, in the study's metres."""

    x: Place
    y: Place


def is_id(re: Any) -> TypeGuard[int]:
    """Say whether a question bears a number."""
    return isinstance(re, int) and not isinstance(re, bool) and 0 <= re < _MOST_ID


def read_asked(kind: type[Any], message: Mapping[str, Any]) -> Any:
    """Read a question.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is out of its range.
    """
    faults: list[Message] = []
    row = {name: value for name, value in message.items() if name != "do"}
    asked = read_section(kind, row, where=f"[{message['do']}]", faults=faults, may_be_blank=True)
    if asked is None:
        raise InputError(Message("serve.bad_change"), faults=faults)
    return asked


def with_lonlat(live: LiveStudy, message: Mapping[str, Any]) -> dict[str, Any]:
    """Give a message with lon and lat where it says x and y, in the study's metres.

    Raises
    ------
    InputError
        x or y is no number, or lies outside.
    """
    if "x" not in message and "y" not in message:
        return dict(message)
    faults: list[Message] = []
    at = read_section(
        Look, {name: message[name] for name in "xy" if name in message}, where="[x, y]", faults=faults
    )
    if at is None:
        raise InputError(Message("serve.bad_change"), faults=faults)
    lon, lat = live.lonlat(at.x, at.y)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise InputError(Message("serve.outside", {"lon": at.x, "lat": at.y}))
    others = {name: value for name, value in message.items() if name not in ("x", "y")}
    return {**others, "lon": lon, "lat": lat}


def tell_error(error: GeoError, lang: Lang) -> str:
    """Say an error; that it is in the scenario of this page goes without saying."""
    error.section = ""
    if isinstance(error, InputError) and getattr(error.message, "key", "") == "scenarios.off_roads":
        # Who drags knows no lon, lat and crs that could be checked.
        return InputError(Message("serve.off_roads", error.message.values), faults=error.faults).say(lang)
    return error.say(lang)
