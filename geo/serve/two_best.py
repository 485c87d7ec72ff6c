"""First and second station of every demand point from the times of each: a minimum, no search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel
from geo.times import UNREACHED_MS

__all__ = ["TwoBest", "best_two", "put_row", "with_row"]

Ints: TypeAlias = NDArray[np.int32]
UNREACHED: Final = int(UNREACHED_MS)


@dataclass(frozen=True, eq=False)
class TwoBest:
    """The first and second station of each demand point.

    Parameters
    ----------
    first, second : int32 array, shape (D,)
        Position of the station, -1 for none.
    first_ms, second_ms : int32 array, shape (D,)
        Response in milliseconds, ``UNREACHED_MS`` for none.
    n_in_time : int32 array, shape (D,)
        Stations that keep the limit.
    """

    first: NDArray[np.int32]
    first_ms: NDArray[np.int32]
    second: NDArray[np.int32]
    second_ms: NDArray[np.int32]
    n_in_time: NDArray[np.int32]

    @property
    def arrays(self) -> tuple[NDArray[np.int32], ...]:
        """All of them, in this order."""
        return self.first, self.first_ms, self.second, self.second_ms, self.n_in_time


def best_two(rows: Iterable[tuple[int, NDArray[np.int32]]], n: int, limit_ms: int) -> TwoBest:
    """Give the first and second of all stations.

    Parameters
    ----------
    rows : iterable of (int, int32 array of shape (n,))
        Position of a station, ascending, and its response to each demand point; of the same times the station
        that comes earlier is first, as in :func:`geo.routing.nearest`.
    n : int
        Number of demand points.
    limit_ms : int
        What counts as in time (inclusive).

    Examples
    --------
    >>> near, far = np.array([100, 900], np.int32), np.array([300, 200], np.int32)
    >>> best = best_two([(0, near), (1, far)], 2, 250)
    >>> best.first.tolist(), best.second_ms.tolist(), best.n_in_time.tolist()
    ([0, 1], [300, 900], [1, 1])
    """
    best = TwoBest(
        first=np.full(n, -1, np.int32),
        first_ms=np.full(n, UNREACHED_MS, np.int32),
        second=np.full(n, -1, np.int32),
        second_ms=np.full(n, UNREACHED_MS, np.int32),
        n_in_time=np.zeros(n, np.int32),
    )
    for position, row in rows:
        put_row(*best.arrays, row, position, limit_ms)
    return best


def with_row(best: TwoBest, position: int, row: NDArray[np.int32], limit_ms: int) -> TwoBest:
    """Give the first and second with one station more, wherever in the order it stands.

    Parameters
    ----------
    best : TwoBest
        Without the station; not changed.
    position : int
        Of the station; no other one has it.
    row : int32 array
        Its response to each demand point.
    limit_ms : int
        What counts as in time (inclusive); the same as for ``best``.
    """
    both = TwoBest(*(values.copy() for values in best.arrays))
    put_row(*both.arrays, row, position, limit_ms)
    return both


@kernel
def put_row(
    first: Ints,
    first_ms: Ints,
    second: Ints,
    second_ms: Ints,
    n_in_time: Ints,
    row: Ints,
    position: int,
    limit: int,
) -> None:
    """Put a station's response among the first two of each point, in place.

    Of the same times the earlier position comes first; no route comes before nothing.
    """
    for i in range(len(row)):
        ms = row[i]
        if ms <= limit:
            n_in_time[i] += 1
        if ms >= UNREACHED or ms > second_ms[i] or (ms == second_ms[i] and position > second[i]):
            continue
        if ms < first_ms[i] or (ms == first_ms[i] and position < first[i]):
            second[i], second_ms[i] = first[i], first_ms[i]
            first[i], first_ms[i] = position, ms
        else:
            second[i], second_ms[i] = position, ms
