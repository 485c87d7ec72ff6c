"""Recorded trips: what must be known of each, which are left out and why, and how roughly they are timed."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration._likelihood import Recorded
from geo.errors import InputError

__all__ = [
    "TRIP_COLUMNS",
    "check_trips",
    "is_capped_at_most",
    "recorded_times",
    "stamp_unit",
    "weather_classes",
]

TRIP_COLUMNS: Final = ("call_id", "station_id", "hour", "driving_s", "turnout_s")
"""Columns of a Trips table; hours 0-24 when the engine was sent, seconds nan where unknown.

A column ``weather`` may stand beside them: words, missing where unknown.
"""
_UNITS: Final = (600.0, 300.0, 60.0, 30.0, 15.0, 10.0)


def check_trips(trips: pd.DataFrame) -> pd.DataFrame:
    """Check a Trips table and give it back: index unique, all columns, no infinite or negative seconds.

    Raises
    ------
    InputError
        A column is missing, the index has an id twice, or seconds are negative or infinite.
    """
    missing = [column for column in TRIP_COLUMNS if column not in trips]
    if missing:
        raise InputError(f"trips have no column {', '.join(missing)}")
    if not trips.index.is_unique:
        raise InputError("trips have an id twice")
    for column in ("driving_s", "turnout_s"):
        seconds = trips[column].to_numpy(dtype=np.float64, na_value=np.nan)
        if (seconds < 0).any() or np.isinf(seconds).any():
            raise InputError(f"{column} of trips is negative or infinite")
    return trips


def weather_classes(trips: pd.DataFrame, *, least: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Give the class of weather of each trip, -1 where it has none, and the words of the classes.

    A word is a class from ``least`` trips on; the most frequent one comes first.

    Examples
    --------
    >>> weather_classes(pd.DataFrame({"weather": ["rain", "clear", "clear ", None, "fog"]}), least=1)[1]
    ('clear', 'fog', 'rain')
    """
    if "weather" not in trips:
        return np.full(len(trips), -1), ()
    said = trips["weather"].astype("string").str.strip()
    n = said[said != ""].value_counts()
    words = sorted((str(word) for word in n.index[n >= least]), key=lambda word: (-int(n[word]), word))
    code = said.map({word: i for i, word in enumerate(words)}).fillna(-1)
    return code.to_numpy(dtype=np.int64), tuple(words)


def stamp_unit(seconds: NDArray[np.float64]) -> float:
    """Give what stamps were cut to, in seconds, from 20 times or more; 0 where they are exact.

    Examples
    --------
    >>> stamp_unit(np.array([60.0, 180.0, 240.0, 120.0] * 5)), stamp_unit(np.array([61.0, 187.0] * 10))
    (60.0, 0.0)
    """
    if len(seconds) < 20:
        return 0.0
    for unit in _UNITS:
        if (np.abs(seconds - np.rint(seconds / unit) * unit) < 1e-6).mean() >= 0.95:
            return unit
    return 0.0


def is_capped_at_most(seconds: NDArray[np.float64], unit_s: float) -> NDArray[np.bool_]:
    """Tell which times stand at a highest value that a system wrote for all that were longer.

    It is one if 5 times and 1 % stand at it: exact stamps do not agree by chance. Where stamps are cut,
    there must also be twice as many as one unit below it.

    Examples
    --------
    >>> is_capped_at_most(np.array([*range(100, 300), *[600.0] * 9]), 0.0).sum()
    np.int64(9)
    """
    if not len(seconds):
        return np.zeros(0, dtype=bool)
    most = seconds.max()
    at_most = seconds == most
    below = np.abs(seconds - (most - unit_s)) < 1e-6 if unit_s > 0 else np.zeros(len(seconds), dtype=bool)
    is_cap = at_most.sum() >= max(5, 0.01 * len(seconds)) and at_most.sum() > 2 * below.sum()
    capped: NDArray[np.bool_] = at_most & bool(is_cap)
    return capped


def recorded_times(seconds: NDArray[np.float64]) -> tuple[Recorded, NDArray[np.bool_]]:
    """Give times with the unit of their stamps and their cap, and which can be used.

    A time of 0 can be used only where stamps are cut, as one of less than a minute.
    """
    known = np.isfinite(seconds)
    unit = stamp_unit(seconds[known])
    is_usable = known & ((seconds > 0) | (unit > 0))
    capped = np.zeros(len(seconds), dtype=bool)
    capped[is_usable] = is_capped_at_most(seconds[is_usable], unit)
    return Recorded(seconds, np.full(len(seconds), unit), capped), is_usable
