"""The figures of one state while a station is dragged: no table is made, only sums over arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.serve.sums import code_points, count_by_step, sum_points, weigh_times
from geo.serve.two_best import TwoBest
from geo.statistics import weighted_percentile
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["NOT_REACHED", "Codes", "Figures", "People", "Was", "code_of", "figures_of", "mean_response_s"]

NOT_REACHED: Final = 15
"""Band of a point that is not reached, in :func:`code_of`."""
_SHIFT: Final = 12
"""Times are first counted by their milliseconds >> 12: about four seconds."""
_NEAR: Final = 1e-9
"""Share of all people by which a percentile is so near the next point that sums of floats may differ."""


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

    @property
    def total(self) -> float:
        """All people, reached or not."""
        return float(self.people.sum())

    def by_zone(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give the people of some points by zone."""
        at = np.flatnonzero(mask)
        return np.bincount(self.zone[at], weights=self.people[at], minlength=len(self.zones)).astype(float)


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
        return cls(is_covered, people.by_zone(is_covered))


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


def figures_of(people: People, best: TwoBest, *, limit_ms: int, n_stations: int, was: Was) -> Figures:
    """Sum up a state.

    Parameters
    ----------
    people : People
        Who lives where.
    best : TwoBest
        Who comes first and second, and when.
    limit_ms : int
        What counts as in time (inclusive).
    n_stations : int
        Number of positions in ``best``.
    was : Was
        Who is in time today, on the same clock.
    """
    served, by_zone = np.zeros(n_stations), np.zeros((3, len(people.zones)))
    covered, gained, lost, two, none, worst_ms = sum_points(
        people.people,
        people.zone,
        best.first,
        best.first_ms,
        best.n_in_time,
        was.is_covered,
        limit_ms,
        served,
        by_zone,
    )
    return Figures(
        covered_people=covered,
        two_people=two,
        unreachable_people=none,
        mean_s=mean_response_s(people.people, best.first_ms),
        p90_s=_percentile_s(best.first_ms, people.people, 0.9),
        worst_s=worst_ms / 1000.0 if worst_ms >= 0 else math.nan,
        gain_people=gained,
        lose_people=lost,
        served_people=served,
        zone_people=np.vstack([was.zone_people, by_zone]),
    )


def mean_response_s(people: NDArray[np.float64], ms: NDArray[np.int32]) -> float:
    """Give the mean response (s) of the people who are reached; nan for nobody."""
    total, weighted = weigh_times(people, ms)
    return weighted / total / 1000.0 if total else math.nan


def _percentile_s(ms: NDArray[np.int32], people: NDArray[np.float64], share: float) -> float:
    """Give the percentile of :func:`geo.statistics.weighted_percentile` without sorting all points.

    Points are counted by their time to about four seconds, and only those of one such step are sorted. Where
    the sums of floats might fall on either side of a point, all are sorted after all.
    """
    total = np.cumsum(count_by_step(people, ms, _SHIFT))
    if not len(total) or not total[-1] > 0:
        return math.nan
    wanted = share * total[-1] * (1 - 1e-12)
    at = min(int(np.searchsorted(total, wanted)), len(total) - 1)
    is_inside = (ms >= UNREACHED_MS) if at == len(total) - 1 else (ms >> _SHIFT == at)
    inside = np.flatnonzero(is_inside & (people > 0))
    inside = inside[np.argsort(ms[inside], kind="stable")]
    upto = (total[at - 1] if at else 0.0) + np.cumsum(people[inside])
    if not len(upto) or np.abs(np.append(upto, total[max(at - 1, 0)]) - wanted).min() < _NEAR * total[-1]:
        return weighted_percentile(to_seconds(ms), people, share)
    return float(to_seconds(ms[inside[np.searchsorted(upto, wanted)]]))


def code_of(
    people: People,
    ms: NDArray[np.int32],
    best: TwoBest,
    *,
    limit_ms: int,
    was_covered: NDArray[np.bool_],
) -> Codes:
    """Give a byte for each demand point, which is all that the page draws it by.

    Bits 0 to 3 are the band of ``ms`` (``NOT_REACHED`` for none), bit 4 says that it is in time now and not
    today, bit 5 the other way round, bit 6 that two stations are in time, bit 7 that ``ms`` is in time.
    """
    codes: Codes = code_points(
        people.bands_ms, ms, best.first_ms, best.n_in_time, was_covered, limit_ms, NOT_REACHED
    )
    return codes
