"""How far each thing may be from what was assumed: the size of its chance, as 95 % of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from geo.errors import InputError
from geo.ranges import Range
from geo.settings import NOTHING

__all__ = ["WITHIN_95", "Metres", "Size", "Sizes", "factors", "size_of_interval"]

Size = Annotated[float, Range(0.0, 9.0)]
Metres = Annotated[float, Range(0.0, 10_000.0, "m")]
WITHIN_95: Final = float(ndtri(0.975))
_CIRCLE_95: Final = math.sqrt(-2.0 * math.log(0.05))
"""Radius that holds 95 % of a circular normal distribution, in its standard deviations (2.45)."""


@dataclass(frozen=True)
class Sizes:
    """How much is drawn; all 0 is the district as it was computed.

    A size ``s`` of a factor means that it lies between ``1 / (1 + s)`` and ``1 + s`` in 95 of 100 draws
    (lognormal, as often above 1 as below).

    Parameters
    ----------
    speed : float
        Factor on the speed of all roads together.
    by_class : float
        Factor on the speed of each class of road, independent of the others.
    classes : mapping of str to float
        Size for a class instead of ``by_class``: where it was measured.
    junction : float
        Factor on the delay at every junction.
    access : float
        Factor on the speed between points and their road, the same everywhere.
    turnout : float
        Factor on the turnout of all stations together.
    turnout_by_station : float
        Factor on the turnout of each station.
    start_loss : float
        Factor on the start loss of the standard.
    position_m, station_position_m : float
        Distance within which 95 % of the true places of people and of stations lie, metres.
    people : float
        Factor on the people of all places together; people are right on the mean, not in the middle.
    people_by_place : float
        Factor on the people of each place.
    """

    speed: Size = 0.0
    by_class: Size = 0.0
    classes: Mapping[str, Size] = field(default_factory=lambda: NOTHING)
    junction: Size = 0.0
    access: Size = 0.0
    turnout: Size = 0.0
    turnout_by_station: Size = 0.0
    start_loss: Size = 0.0
    position_m: Metres = 0.0
    station_position_m: Metres = 0.0
    people: Size = 0.0
    people_by_place: Size = 0.0

    def __post_init__(self) -> None:
        numbers = [value for name, value in vars(self).items() if name != "classes"]
        if not all(0.0 <= value < math.inf for value in (*numbers, *self.classes.values())):
            raise InputError(f"sizes must be numbers >= 0; found {self}")


def factors(size: float | NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give factors for standard normal numbers: 1 for a size of 0, whatever the number.

    Examples
    --------
    >>> factors(0.2, np.array([-WITHIN_95, 0.0, WITHIN_95])).round(4).tolist()
    [0.8333, 1.0, 1.2]
    """
    drawn: NDArray[np.float64] = np.exp(np.log1p(size) / WITHIN_95 * normal)
    return drawn


def factors_of_mean(size: float, normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give factors whose mean is 1: sums of many stay right, which those of a middle of 1 would exceed."""
    spread = math.log1p(size) / WITHIN_95
    drawn: NDArray[np.float64] = np.exp(spread * normal - spread**2 / 2.0)
    return drawn


def shifts(radius_m: float, normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give metres along one axis, of places that stay within the radius in 95 of 100 draws."""
    return radius_m / _CIRCLE_95 * normal


def size_of_interval(low: float, high: float) -> float:
    """Give the size of a 95 % interval, of which the middle counts as what was measured.

    Raises
    ------
    InputError
        The interval is not one of numbers above 0.

    Examples
    --------
    >>> round(size_of_interval(40.0, 57.6), 6)
    0.2
    """
    if not 0.0 < low <= high < math.inf:
        raise InputError(f"an interval must be two numbers above 0, the lower first; found {low} and {high}")
    return math.sqrt(high / low) - 1.0
