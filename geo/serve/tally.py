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
from geo.serve.sums import (
    FIRST,
    FIRST_MS,
    IN_TIME,
    N_STEPS,
    SECOND,
    SECOND_MS,
    Best,
    Points,
    Sums,
    add_up,
    find_times,
    make_record,
    put_found,
    sort_by_step,
)
from geo.serve.two_best import TwoBest
from geo.statistics import weighted_percentile
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["Changed", "Tally"]

_SHARE: Final = 0.9
"""Of the percentile that is told."""
_NEAR: Final = 1e-9
"""Share of all people by which a percentile is so near the next point that sums of floats may differ."""
_TOO_NEAR: Final = -2
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
    was : Was
        Who is in time today, on the same clock.
    limit_ms : int
        What counts as in time (inclusive).
    record : int32 array, shape (D, 8)
        Who comes first and second to each point, and when; see :mod:`geo.serve.sums`.
    sums : Sums
        What that comes to.
    """

    people: People
    was: Was
    limit_ms: int
    record: NDArray[np.int32] = field(repr=False)
    sums: Sums = field(repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _codes: dict[bool, Codes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, people: People, best: TwoBest, *, limit_ms: int, n_stations: int, was: Was) -> Tally:
        """Add all points up.

        Parameters
        ----------
        people, limit_ms, was
            As of the class.
        best : TwoBest
            Who comes first and second, and when.
        n_stations : int
            Number of positions in ``best``, or more.
        """
        sums = Sums(
            np.zeros(7, np.int64),
            np.zeros(n_stations, np.int64),
            np.zeros((3, len(people.zones)), np.int64),
            np.zeros(N_STEPS, np.int64),
        )
        record = make_record(Points(people.parts, people.zone, was.is_covered), Best(*best.arrays))
        add_up(sums, record, limit_ms)
        return cls(people, was, limit_ms, record, sums)

    @property
    def best(self) -> TwoBest:
        """Give who comes first and second, and when."""
        first, first_ms, second, second_ms, in_time = (
            np.ascontiguousarray(self.record[:, column])
            for column in (FIRST, FIRST_MS, SECOND, SECOND_MS, IN_TIME)
        )
        return TwoBest(first, first_ms, second, second_ms, in_time >> 1)

    @cached_property
    def _by_step(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        order, start = sort_by_step(self.record)
        return order, start

    @cached_property
    def mark(self) -> NDArray[np.uint8]:
        """Room to mark points, clean; only under :attr:`lock`."""
        return np.zeros(len(self.record), np.uint8)

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
            self.record,
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
        p90_s, worst_s = self._times_s(sums, point, first_ms)
        return Figures(
            covered_people=covered,
            two_people=two,
            unreachable_people=none,
            mean_s=self.mean_s(sums),
            p90_s=p90_s,
            worst_s=worst_s,
            gain_people=gained,
            lose_people=lost,
            served_people=sums.served / n_parts,
            zone_people=np.concatenate([self.was.zone_people[None], sums.by_zone / n_parts]),
        )

    def covered_people(self, sums: Sums) -> float:
        """Give the people in time."""
        return float(sums.all[0] / self.people.n_parts)

    def mean_s(self, sums: Sums) -> float:
        """Give the mean response (s) of those who are reached; nan for nobody."""
        reached = int(sums.by_step[:-1].sum())
        return mean_of(reached, int(sums.all[5]), int(sums.all[6]))

    def _times_s(
        self, sums: Sums, point: NDArray[np.int32], first_ms: NDArray[np.int32]
    ) -> tuple[float, float]:
        """Give the 90th percentile and the latest response.

        The percentile is that of :func:`geo.statistics.weighted_percentile` without sorting all points; where
        the sums of floats might fall on either side of a point, all are sorted after all.
        """
        near = -1.0 if self.people.is_whole else _NEAR
        with self._lock:
            then, worst = find_times(
                sums.by_step, *self._by_step, self.record, self.mark, point, first_ms, _SHARE, near
            )
        worst_s = worst / 1000.0 if worst >= 0 else math.nan
        if then == _TOO_NEAR:
            all_ms = self.record[:, FIRST_MS].copy()
            all_ms[point] = first_ms
            return weighted_percentile(to_seconds(all_ms), self.people.people, _SHARE), worst_s
        if then < 0:
            return math.nan, worst_s
        return (math.inf if then >= UNREACHED_MS else then / 1000.0), worst_s
