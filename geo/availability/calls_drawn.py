"""Calls drawn by chance: by place, hour of the day and month, the same ones for every scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from geo.availability.dispatch import Floats
from geo.errors import InputError
from geo.settings import check_number, unknown

__all__ = ["HOURS_A_YEAR", "Service", "draw_calls"]

HOURS_A_YEAR: Final = 8760.0
Service: TypeAlias = Literal["exponential", "fixed"]


def draw_calls(
    calls_per_h: pd.Series,
    *,
    hours: float,
    seed: int | Sequence[int] = 0,
    service_min: float = 60.0,
    service: Service = "exponential",
    hour_shares: Sequence[float] = (),
    month_shares: Sequence[float] = (),
) -> pd.DataFrame:
    """Draw calls of a stretch of time, each place at random for itself (Poisson).

    Parameters
    ----------
    calls_per_h : pandas.Series
        Mean calls per hour by demand id, >= 0.
    hours : float
        Length of the stretch, from midnight of the first day of January.
    seed : int or sequence of int
        The same seed, places and rates give the same calls, whatever the stations are.
    service_min : float
        Mean minutes of service.
    service : {"exponential", "fixed"}
        Whether the minutes of service vary (as the hypercube has it) or are always the mean.
    hour_shares, month_shares : sequence of float
        24 shares of the calls of a day, 12 of those of a year (months of equal length), >= 0, in any unit;
        even when empty.

    Returns
    -------
    pandas.DataFrame
        In the order of time: ``time_s`` (seconds from the start), ``demand_id``, ``service_s``.

    Raises
    ------
    InputError
        A number is out of its range, ``service`` is another word, or there are not 24 or 12 shares.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.availability import draw_calls
    >>> calls = draw_calls(pd.Series({"x": 2.0, "y": 0.0}), hours=1000, seed=1)
    >>> set(calls["demand_id"]), 1800 < len(calls) < 2200
    ({'x'}, True)
    """
    check_number("hours", hours, low=0.0)
    check_number("service_min", service_min, low=0.0)
    if service not in get_args(Service):
        raise InputError(unknown("service", service, get_args(Service)))
    rate = calls_per_h.to_numpy(dtype=np.float64)
    if not (np.isfinite(rate) & (rate >= 0.0)).all():
        raise InputError("calls_per_h must be numbers >= 0")
    g = np.random.default_rng(seed)
    n = int(g.poisson(rate.sum() * _mean_factor(hours, hour_shares, month_shares) * hours))
    time_s = np.sort(_times(g.random(n), hours, hour_shares, month_shares)) * 3600.0
    ends = np.cumsum(rate)
    place = np.searchsorted(ends, g.random(n) * ends[-1], side="right") if n else np.zeros(0, dtype=np.int64)
    length = g.exponential(size=n) if service == "exponential" else np.ones(n)
    return pd.DataFrame(
        {
            "time_s": time_s,
            "demand_id": calls_per_h.index.take(np.minimum(place, len(rate) - 1)),
            "service_s": length * service_min * 60.0,
        }
    )


def _factors(hours: float, hour_shares: Sequence[float], month_shares: Sequence[float]) -> Floats:
    """Give how much more often than on the mean somebody calls, for each hour of the stretch."""
    hour = np.arange(int(np.ceil(hours)))
    factor = np.ones(len(hour))
    month = np.minimum(hour % HOURS_A_YEAR // (HOURS_A_YEAR / 12), 11).astype(np.int64)
    for shares, n, which in ((hour_shares, 24, hour % 24), (month_shares, 12, month)):
        if len(shares):
            share = np.asarray(shares, dtype=np.float64)
            if len(share) != n or not (share >= 0.0).all() or not 0.0 < share.sum() < np.inf:
                raise InputError(f"give {n} shares >= 0, not all of them 0; found {list(shares)}")
            factor *= share[which] * n / share.sum()
    return factor


def _mean_factor(hours: float, hour_shares: Sequence[float], month_shares: Sequence[float]) -> float:
    if not (len(hour_shares) or len(month_shares)) or hours == 0.0:
        return 1.0
    factor = _factors(hours, hour_shares, month_shares)
    factor[-1] *= hours - (len(factor) - 1)
    return float(factor.sum()) / hours


def _times(
    chance: Floats, hours: float, hour_shares: Sequence[float], month_shares: Sequence[float]
) -> Floats:
    """Turn even chances into hours from the start, as often in each hour as its factor says."""
    if not (len(hour_shares) or len(month_shares)) or not len(chance):
        return chance * hours
    factor = _factors(hours, hour_shares, month_shares)
    length = np.ones(len(factor))
    length[-1] = hours - (len(factor) - 1)
    ends = np.concatenate([[0.0], np.cumsum(factor * length)])
    mass = chance * ends[-1]
    at = np.minimum(np.searchsorted(ends, mass, side="right") - 1, len(factor) - 1)
    weight = ends[at + 1] - ends[at]
    within = np.divide(mass - ends[at], weight, out=np.zeros_like(mass), where=weight > 0.0)
    return np.asarray(at + within * length[at], dtype=np.float64)
