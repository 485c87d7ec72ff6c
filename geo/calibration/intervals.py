"""95 % intervals of measured profiles and clocks, as their files hold them and `[uncertainty]` takes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from geo.calibration.calibrate import SpeedCalibration
from geo.calibration.routes import ACCESS
from geo.calibration.turnout import TurnoutCalibration
from geo.settings import FixedMapping
from geo.standards import Interval, Intervals, ResponseStandard, SpeedProfile

__all__ = ["clock_intervals", "intervals_toml", "profile_intervals"]

_TOLD = ("measured", "together")


def profile_intervals(measured: SpeedCalibration, profile: SpeedProfile, *, band: str = "") -> Intervals:
    """Give the intervals of a measured profile; what was kept from the profile before has none.

    Parameters
    ----------
    measured : SpeedCalibration
        What was measured.
    profile : SpeedProfile
        Made of it by :func:`geo.calibration.measured_profiles`.
    band : str
        The band of hours that the profile is for; its own interval is added as an independent error (of the
        logs, in quadrature). Empty for the mean hour.
    """
    table = measured.parameters.set_index("name")
    of_band = _log_ends(table.loc[band], "value") if band else (0.0, 0.0)
    speeds: dict[str, Interval] = {}
    access = None
    for row in table[table["kind"].isin(("class", ACCESS)) & table["state"].isin(_TOLD)].itertuples():
        name = str(row.Index)
        value = profile.access_kph if row.kind == ACCESS else profile.speeds_kph.get(name)
        if value is None:
            continue
        interval = _around(value, _joined(_log_ends(table.loc[name], "factor"), of_band))
        if row.kind == ACCESS:
            access = interval
        else:
            speeds[name] = interval
    return Intervals(
        speeds_kph=FixedMapping(speeds),
        access_kph=access,
        junction_delay_s=_seconds(table.loc["junction"], profile.junction_delay_s),
    )


def clock_intervals(
    clock: ResponseStandard,
    *,
    turnout: TurnoutCalibration | None,
    speeds: SpeedCalibration | None,
    band: str = "",
) -> Intervals:
    """Give the intervals of a measured clock (:func:`geo.calibration.measured_clock`).

    Parameters
    ----------
    clock : ResponseStandard
        The clock; one that starts at departure has no turnout, and so no interval of it.
    turnout, speeds : optional
        What it was made of.
    band : str
        As for :func:`profile_intervals`.
    """
    of_turnout = of_loss = None
    if turnout is not None and clock.clock_start != "departure":
        of_band = _log_ends(turnout.bands.loc[band], "factor") if band else (0.0, 0.0)
        of_turnout = _around(clock.turnout_s, _joined(_log_ends(turnout.overall, "turnout_s"), of_band))
    if speeds is not None:
        of_loss = _seconds(speeds.parameters.set_index("name").loc["loss"], clock.start_loss_s)
    return Intervals(turnout_s=of_turnout, start_loss_s=of_loss)


def intervals_toml(name: str, intervals: Intervals) -> list[str]:
    """Write intervals as lines of the table of a profile or a clock; none where nothing was measured.

    Examples
    --------
    >>> intervals_toml("measured", Intervals(turnout_s=(61.0, 75.5)))
    ['[measured.intervals]', 'turnout_s = [61.0, 75.5]']
    """
    keys = ("access_kph", "junction_delay_s", "turnout_s", "start_loss_s")
    given = {key: getattr(intervals, key) for key in keys if getattr(intervals, key) is not None}
    lines = [f"[{name}.intervals]", *_lines(given)] if given else []
    if intervals.speeds_kph:
        lines += [f"[{name}.intervals.speeds_kph]", *_lines(intervals.speeds_kph)]
    return lines


def _lines(intervals: Mapping[str, Interval]) -> Iterator[str]:
    for key, (low, high) in intervals.items():
        yield f"{key} = [{low}, {high}]"


def _log_ends(row: pd.Series, value: str) -> tuple[float, float]:
    """Give how far an interval goes down and up from its value, in logs."""
    return float(np.log(row[value] / row["low"])), float(np.log(row["high"] / row[value]))


def _joined(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return math.hypot(one[0], other[0]), math.hypot(one[1], other[1])


def _around(value: float, ends: tuple[float, float]) -> Interval:
    """Give an interval about a value of a file, rounded outwards so that it holds the rounded value."""
    return _outwards(value * math.exp(-ends[0]), value * math.exp(ends[1]))


def _seconds(row: pd.Series, value: float) -> Interval | None:
    """Give the interval of a delay, moved with it where it is that of other hours."""
    if row["state"] != "measured":
        return None
    scale = value / row["value"] if row["value"] > 0.0 else 1.0
    low, high = _outwards(float(row["low"]) * scale, float(row["high"]) * scale)
    return min(low, value), max(high, value)


def _outwards(low: float, high: float) -> Interval:
    return math.floor(round(100.0 * low, 6)) / 100.0, math.ceil(round(100.0 * high, 6)) / 100.0
