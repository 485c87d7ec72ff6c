"""The figures of one state while a station is dragged: no table is made, only sums over arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    n, reached = people.people, best.first_ms < UNREACHED_MS
    is_covered = best.first_ms <= limit_ms
    gained, lost = is_covered & ~was.is_covered, was.is_covered & ~is_covered
    by_zone = [was.zone_people, *(people.by_zone(mask) for mask in (is_covered, gained, lost))]
    lived_in = reached & (n > 0)
    served = np.bincount(best.first + 1, weights=n, minlength=n_stations + 1)[1:].astype(float)
    return Figures(
        covered_people=float(n[is_covered].sum()),
        two_people=float(n[best.n_in_time >= 2].sum()),
        unreachable_people=float(n[~reached].sum()),
        mean_s=mean_response_s(n, best.first_ms),
        p90_s=_percentile_s(best.first_ms, n, 0.9),
        worst_s=float(best.first_ms[lived_in].max()) / 1000.0 if lived_in.any() else math.nan,
        gain_people=float(n[gained].sum()),
        lose_people=float(n[lost].sum()),
        served_people=served,
        zone_people=np.array(by_zone),
    )


def mean_response_s(people: NDArray[np.float64], ms: NDArray[np.int32]) -> float:
    """Give the mean response (s) of the people who are reached; nan for nobody."""
    weight = np.where(ms < UNREACHED_MS, people, 0.0)
    total = float(weight.sum())
    return float((ms * weight).sum()) / total / 1000.0 if total else math.nan


def _percentile_s(ms: NDArray[np.int32], people: NDArray[np.float64], share: float) -> float:
    """Give the percentile of :func:`geo.statistics.weighted_percentile` without sorting all points.

    Points are counted by their time to about four seconds, and only those of one such step are sorted. Where
    the sums of floats might fall on either side of a point, all are sorted after all.
    """
    latest = ms.max(where=ms < UNREACHED_MS, initial=0) + (1 << _SHIFT)
    step = np.minimum(ms, latest) >> _SHIFT  # whoever is not reached stands in the last step, alone
    total = np.cumsum(np.bincount(step, weights=people))
    if not len(total) or not total[-1] > 0:
        return math.nan
    wanted = share * total[-1] * (1 - 1e-12)
    at = min(int(np.searchsorted(total, wanted)), len(total) - 1)
    inside = np.flatnonzero((step == at) & (people > 0))
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
    band = np.searchsorted(people.bands_ms, ms, side="left").astype(np.uint8)
    band[ms >= UNREACHED_MS] = NOT_REACHED
    is_covered = best.first_ms <= limit_ms
    code: Codes = band
    code |= (is_covered & ~was_covered).astype(np.uint8) << 4
    code |= (was_covered & ~is_covered).astype(np.uint8) << 5
    code |= (best.n_in_time >= 2).astype(np.uint8) << 6
    code |= (ms <= limit_ms).astype(np.uint8) << 7
    return code
