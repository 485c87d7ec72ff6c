"""The figures of a state: what is told of it, and the people that it is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.serve.sums import LOW_BITS, Best, code_points, weigh_times
from geo.serve.two_best import TwoBest

__all__ = ["NOT_REACHED", "Codes", "Figures", "People", "Was", "code_of", "mean_of", "mean_response_s"]

NOT_REACHED: Final = 15
"""Band of a point that is not reached, in :func:`code_of`."""
_MOST_BITS: Final = 61
"""All people together are less than ``2**61`` parts of a person."""


@dataclass(frozen=True, eq=False)
class People:
    """Who lives where, for all states of a study.

    Parameters
    ----------
    people : float array, shape (D,)
        Of each demand point.
    zone : int array, shape (D,)
        Position in ``zones``.
    zones : tuple of str
        Names, those of the layer first; people outside all zones last.
    bands_ms : int array
        Upper limits of the response bands, ascending.
    """

    people: NDArray[np.float64]
    zone: NDArray[np.int64]
    zones: tuple[str, ...]
    bands_ms: NDArray[np.int64]

    @cached_property
    def total(self) -> float:
        """All people, reached or not."""
        return float(self.people.sum())

    @cached_property
    def n_parts(self) -> float:
        """Parts of a person in which people are counted: a power of 2."""
        return 2.0 ** (_MOST_BITS - 1 - math.ceil(math.log2(max(self.total, 1.0))))

    @cached_property
    def parts(self) -> NDArray[np.int64]:
        """People (D,) in parts, none lost: sums of whole numbers are the same in any order.

        A whole number of people is as it is; of others less than a ``2**60``-th of all people is rounded.
        """
        rounded = np.rint(self.people * self.n_parts)
        parts: NDArray[np.int64] = np.where(self.people > 0, np.maximum(rounded, 1.0), 0.0).astype(np.int64)
        return parts

    @cached_property
    def is_whole(self) -> bool:
        """Whether any sum of them is exact in floats too."""
        return self.total < 2.0**53 and bool((self.people == np.rint(self.people)).all())


@dataclass(frozen=True, eq=False)
class Was:
    """Who is in time today, on the clock of a state.

    Parameters
    ----------
    is_covered : bool array, shape (D,)
        Whether each point is.
    zone_people : float array, shape (Z,)
        How many of each zone.
    """

    is_covered: NDArray[np.bool_]
    zone_people: NDArray[np.float64]

    @classmethod
    def of(cls, people: People, first_ms: NDArray[np.int32], limit_ms: int) -> Was:
        """Give who is in time by the times of today."""
        is_covered = first_ms <= limit_ms
        zone_parts = np.zeros(len(people.zones), np.int64)
        np.add.at(zone_parts, people.zone[is_covered], people.parts[is_covered])
        return cls(is_covered, zone_parts / people.n_parts)


@dataclass(frozen=True, eq=False)
class Figures:
    """What a state comes to; the same words as in :class:`geo.statistics.Summary`.

    Parameters
    ----------
    covered_people, two_people, unreachable_people : float
        In time by one station, by two, and reached by none.
    mean_s : float
        Response of those who are reached; nan for nobody.
    p90_s : float
        Of all people: ``inf`` where it falls among those not reached.
    worst_s : float
        Of those who are reached; nan for nobody.
    gain_people, lose_people : float
        In time now and not today; in time today and not now.
    served_people : float array, shape (F,)
        People whose first station it is.
    zone_people : float array, shape (4, Z)
        By zone: in time today, in time now, gained, lost.
    """

    covered_people: float
    two_people: float
    unreachable_people: float
    mean_s: float
    p90_s: float
    worst_s: float
    gain_people: float
    lose_people: float
    served_people: NDArray[np.float64]
    zone_people: NDArray[np.float64]


Codes = NDArray[np.uint8]


def mean_of(reached: int, high: int, low: int) -> float:
    """Give the mean (s) from people and their times (ms) as they are summed up; nan for nobody."""
    return ((high << LOW_BITS) + low) / reached / 1000.0 if reached else math.nan


def mean_response_s(people: People, ms: NDArray[np.int32]) -> float:
    """Give the mean response (s) of the people who are reached; nan for nobody."""
    return mean_of(*map(int, weigh_times(people.parts, ms)))


def code_of(people: People, best: TwoBest, *, is_second: bool, limit_ms: int, was: Was) -> Codes:
    """Give a byte for each demand point, which is all that the page draws it by.

    Bits 0 to 3 are the band of its first one's time, or of the second one's (``NOT_REACHED`` for none), bit 4
    says that it is in time now and not today, bit 5 the other way round, bit 6 that two stations are in time,
    bit 7 that the time of bits 0 to 3 is.
    """
    codes: Codes = code_points(
        people.bands_ms, is_second, Best(*best.arrays), was.is_covered, limit_ms, NOT_REACHED
    )
    return codes
