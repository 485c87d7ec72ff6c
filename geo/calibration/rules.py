"""When calls can tell a parameter, and the bands of hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.ranges import Range

__all__ = ["DAY", "Band", "CalibrationRules", "band_of"]

Count = Annotated[int, Range(1, 1_000_000)]
Factor = Annotated[float, Range(1.0, 10.0, is_above=True)]
Seconds = Annotated[float, Range(0.0, 600.0, "s", is_above=True)]


@dataclass(frozen=True)
class Band:
    """Hours of the day that have a factor of their own.

    Parameters
    ----------
    name : str
        Such as ``"night"``.
    hours : tuple of (float, float)
        From and until (not inclusive), 0-24; from 22 until 6 goes over midnight.
    """

    name: str
    hours: tuple[tuple[float, float], ...]


DAY: Final = (Band("night", ((22.0, 6.0),)), Band("rush", ((7.0, 9.0), (17.0, 19.0))))
"""Nights and rush hours; the hours that are left are the band ``other``."""


@dataclass(frozen=True)
class CalibrationRules:
    """What calls must give before a parameter is taken from them.

    Parameters
    ----------
    min_trips : int
        Fewer trips in all are refused.
    min_stations : int
        From so many stations at least ``min_of_station`` trips must come.
    min_of_station : int
        Trips that make a station count.
    min_of_part : int
        Trips that a class of road, a band of hours, or a word of the weather must be in.
    least_share : float
        A class with less of the driving time keeps the profile's speed; 0-1.
    most_factor : float
        A speed is told if its 95 % interval reaches at most this factor up and down.
    most_factor_of_band : float
        The same of the factor of a band of hours, or of a class of weather.
    most_junction_s, most_loss_s : float
        Half of the 95 % interval that junction delay and start loss may have, seconds.
    most_wild : float
        Share of the trips (0-1) that may take more than twice, or less than half, as long as modelled by a
        fit that left them out: beyond, stations or places are not those of the trips, and all is refused.
    most_change : float
        A measured speed beyond this factor of the profile's, up or down, is no speed, and all is refused.
    most_rounds : int
        Rounds of routing and fitting.
    n_folds : int
        Parts into which the calls are cut for cross-validation.
    bands : tuple of Band
        Hours with a factor of their own; a band that comes first wins.
    """

    min_trips: Count = 50
    min_stations: Count = 2
    min_of_station: Count = 5
    min_of_part: Count = 20
    least_share: Annotated[float, Range(0.0, 1.0, "share")] = 0.03
    most_factor: Factor = 1.35
    most_factor_of_band: Factor = 1.15
    most_junction_s: Seconds = 4.0
    most_loss_s: Seconds = 20.0
    most_wild: Annotated[float, Range(0.0, 1.0, "share")] = 0.1
    most_change: Factor = 4.0
    most_rounds: Count = 8
    n_folds: Annotated[int, Range(2, 100)] = 5
    bands: tuple[Band, ...] = DAY


def band_of(hour: pd.Series, bands: tuple[Band, ...]) -> NDArray[np.int64]:
    """Give the position of each hour's band; ``len(bands)`` is the band of all other hours.

    Parameters
    ----------
    hour : Series
        Hours, 0-24 (24 is 0); missing ones are in the other band.
    bands : tuple of Band
        Bands of hours.

    Raises
    ------
    InputError
        An hour is below 0 or above 24.

    Examples
    --------
    >>> band_of(pd.Series([5.99, 6.0, 7.5, 22.0, float("nan")]), DAY).tolist()
    [0, 2, 1, 0, 2]
    """
    value = hour.to_numpy(dtype=np.float64, na_value=np.nan)
    if ((value < 0) | (value > 24)).any():
        raise InputError("hours of the day are from 0 to 24")
    value = np.where(value == 24.0, 0.0, value)
    position = np.full(len(value), len(bands))
    for i, band in reversed(list(enumerate(bands))):
        for start, end in band.hours:
            inside = (value >= start) & (value < end) if start <= end else (value >= start) | (value < end)
            position[inside] = i
    return position
