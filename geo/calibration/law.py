"""The travel-time law of fire engines: square root for short runs, linear for long ones.

Kolesar, P., Walker, W. and Hausner, J. (1975): Determining the relation between fire engine travel times and
travel distances in New York City. Operations Research 23(4), 614-627. With acceleration a and cruising speed
v, T = 2 sqrt(D / a) up to D = v^2 / a, and D / v + v / a beyond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_slopes", "travel_time"]


def travel_time(cruise_s: NDArray[np.float64], start_loss_s: float) -> NDArray[np.float64]:
    """Give the time of runs that start and end at rest.

    In terms of the time F = D / v at cruising speed and the loss L = v / a: T = F + L where F >= L, and
    2 sqrt(F L) below. Both and their slopes agree at F = L, and F + L is never below T: for a limit of at
    least 2 L, T is within it exactly when F + L is.

    Parameters
    ----------
    cruise_s : float64 array
        Seconds at cruising speed, >= 0.
    start_loss_s : float
        Seconds that are lost in getting up to speed and in stopping, >= 0.

    Examples
    --------
    >>> travel_time(np.array([5.0, 20.0, 100.0]), 20.0).tolist()
    [20.0, 40.0, 120.0]
    """
    short = 2.0 * np.sqrt(cruise_s * max(start_loss_s, 0.0))
    seconds: NDArray[np.float64] = np.where(cruise_s >= start_loss_s, cruise_s + start_loss_s, short)
    return seconds


def log_slopes(
    cruise_s: NDArray[np.float64], start_loss_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the slopes of log T by the cruising time and by the start loss; cruising times above 0."""
    is_long = cruise_s >= start_loss_s
    time_s = travel_time(cruise_s, start_loss_s)
    by_cruise = np.where(is_long, 1.0 / time_s, 0.5 / cruise_s)
    by_loss = np.where(is_long, 1.0 / time_s, 0.5 / max(start_loss_s, 1e-12))
    return by_cruise, by_loss
