"""The sums of a state, and of one that differs from it at some points: without a pass over all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.serve.figures import NOT_REACHED, Codes, Figures, People, Was, code_of, mean_of
from geo.serve.sums import N_STEPS, Best, Points, Sums, add_up, gather_step, put_found, sort_by_step
from geo.serve.two_best import TwoBest
from geo.statistics import weighted_percentile
from geo.times import to_seconds

__all__ = ["Changed", "Tally"]

_SHARE: Final = 0.9
"""Of the percentile that is told."""
_NEAR: Final = 1e-9
"""Share of all people by which a percentile is so near the next point that sums of floats may differ."""
_NONE: Final = np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class Changed:
    """What one station more changes.

    Parameters
    ----------
    point : int32 array, shape (C,)
        Demand points at which it comes first or second, in no order.
    first_ms : int32 array, shape (C,)
        The first one's time there.
    code : uint8 array, shape (C,)
        As of :func:`geo.serve.figures.code_of`.
    sums : Sums
        Of all points.
    is_second : bool
        Whether the bytes are of the second one's times.
    """

    point: NDArray[np.int32]
    first_ms: NDArray[np.int32]
    code: Codes
    sums: Sums
    is_second: bool = False


@dataclass(frozen=True, eq=False)
class Tally:
    """The sums of a state.

    Parameters
    ----------
    people : People
        Who lives where.
    best : TwoBest
        Who comes first and second, and when.
    was : Was
        Who is in time today, on the same clock.
    limit_ms : int
        What counts as in time (inclusive).
    sums : Sums
        What that comes to.
    """

    people: People
    best: TwoBest
    was: Was
    limit_ms: int
    sums: Sums
    _lock: Lock = field(default_factory=Lock, repr=False)
    _codes: dict[bool, Codes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, people: People, best: TwoBest, *, limit_ms: int, n_stations: int, was: Was) -> Tally:
        """Add all points up.

        Parameters
        ----------
        people, best, limit_ms, was
            As of the class.
        n_stations : int
            Number of positions in ``best``, or more.
        """
        sums = Sums(
            np.zeros(7, np.int64),
            np.zeros(n_stations, np.int64),
            np.zeros((3, len(people.zones)), np.int64),
            np.zeros(N_STEPS, np.int64),
        )
        add_up(sums, people.points(was), Best(*best.arrays), limit_ms)
        return cls(people, best, was, limit_ms, sums)

    @cached_property
    def _points(self) -> Points:
        return self.people.points(self.was)

    @cached_property
    def _best(self) -> Best:
        return Best(*self.best.arrays)

    @cached_property
    def _by_step(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        order, start = sort_by_step(self.best.first_ms)
        return order, start

    @cached_property
    def mark(self) -> NDArray[np.uint8]:
        """Room to mark points, clean; only under :attr:`lock`."""
        return np.zeros(len(self.people.people), np.uint8)

    @property
    def lock(self) -> Lock:
        """Held while points are marked."""
        return self._lock

    def codes(self, *, is_second: bool) -> Codes:
        """Give a byte for each demand point; not to be written on."""
        if is_second not in self._codes:
            self._codes[is_second] = code_of(
                self.people, self.best, is_second=is_second, limit_ms=self.limit_ms, was=self.was
            )
        return self._codes[is_second]

    def with_station(
        self, position: int, point: NDArray[np.int32], ms: NDArray[np.int32], *, is_second: bool = False
    ) -> Changed:
        """Give what one station more changes, wherever in the order it stands.

        Parameters
        ----------
        position : int
            Of the station; no other one has it.
        point, ms : int32 array, shape (P,)
            Points that it reaches, each once, and its response there.
        is_second : bool
            Whether the bytes are of the second one's times.
        """
        changed, first_ms, code = np.empty_like(point), np.empty_like(ms), np.empty(len(point), np.uint8)
        sums = Sums(*(values.copy() for values in self.sums))
        n = put_found(
            sums,
            self._points,
            self._best,
            point,
            ms,
            position,
            self.limit_ms,
            self.people.bands_ms,
            is_second,
            NOT_REACHED,
            changed,
            first_ms,
            code,
        )
        return Changed(changed[:n], first_ms[:n], code[:n], sums, is_second)

    def figures(self, changed: Changed | None = None) -> Figures:
        """Tell the state, or what it is with a change."""
        sums = self.sums if changed is None else changed.sums
        point, first_ms = (_NONE, _NONE) if changed is None else (changed.point, changed.first_ms)
        n_parts = self.people.n_parts
        covered, gained, lost, two, none = (sums.all[:5] / n_parts).tolist()
        return Figures(
            covered_people=covered,
            two_people=two,
            unreachable_people=none,
            mean_s=self.mean_s(sums),
            p90_s=self._percentile_s(sums, point, first_ms),
            worst_s=self._worst_s(sums, point, first_ms),
            gain_people=gained,
            lose_people=lost,
            served_people=sums.served / n_parts,
            zone_people=np.vstack([self.was.zone_people, sums.by_zone / n_parts]),
        )

    def covered_people(self, sums: Sums) -> float:
        """Give the people in time."""
        return float(sums.all[0] / self.people.n_parts)

    def mean_s(self, sums: Sums) -> float:
        """Give the mean response (s) of those who are reached; nan for nobody."""
        reached = int(sums.by_step[:-1].sum())
        return mean_of(reached, int(sums.all[5]), int(sums.all[6]))

    def _step(
        self, step: int, point: NDArray[np.int32], first_ms: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        order, start = self._by_step
        with self._lock:
            ms, parts = gather_step(
                step, order, start, self.best.first_ms, self.mark, point, first_ms, self.people.parts
            )
        return ms, parts

    def _worst_s(self, sums: Sums, point: NDArray[np.int32], first_ms: NDArray[np.int32]) -> float:
        steps = np.flatnonzero(sums.by_step[:-1])
        if not len(steps):
            return math.nan
        return float(self._step(int(steps[-1]), point, first_ms)[0].max() / 1000.0)

    def _percentile_s(self, sums: Sums, point: NDArray[np.int32], first_ms: NDArray[np.int32]) -> float:
        """Give the percentile of :func:`geo.statistics.weighted_percentile` without sorting all points.

        Only those of one step are sorted. Where the sums of floats might fall on either side of a point, all
        are sorted after all.
        """
        total = np.cumsum(sums.by_step).astype(float)
        if not total[-1] > 0:
            return math.nan
        wanted = _SHARE * total[-1] * (1 - 1e-12)
        at = int(np.searchsorted(total, wanted))
        before = total[at - 1] if at else 0.0
        ms, parts = self._step(at, point, first_ms)
        order = np.argsort(ms, kind="stable")
        upto = before + np.cumsum(parts[order]).astype(float)
        if not self.people.is_whole and np.abs(np.append(upto, before) - wanted).min() < _NEAR * total[-1]:
            all_ms = self.best.first_ms.copy()
            all_ms[point] = first_ms
            return weighted_percentile(to_seconds(all_ms), self.people.people, _SHARE)
        return float(to_seconds(ms[order[np.searchsorted(upto, wanted)]]))
