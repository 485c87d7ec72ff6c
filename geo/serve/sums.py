"""Passes over all demand points, compiled: they take no lock of Python, so that many can drag at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel
from geo.times import UNREACHED_MS

__all__ = ["code_points", "count_by_step", "people_in_time", "put_row", "sum_points", "weigh_times"]

Ints: TypeAlias = NDArray[np.int32]
Reals: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

UNREACHED = int(UNREACHED_MS)


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


@kernel
def people_in_time(people: Reals, ms: Ints, limit: int) -> float:
    """Give the people of the points within the limit."""
    total = 0.0
    for i in range(len(ms)):
        if ms[i] <= limit:
            total += people[i]
    return total


@kernel
def weigh_times(people: Reals, ms: Ints) -> tuple[float, float]:
    """Give the people who are reached, and the sum of their times (ms)."""
    total = weighted = 0.0
    for i in range(len(ms)):
        if ms[i] < UNREACHED:
            total += people[i]
            weighted += ms[i] * people[i]
    return total, weighted


@kernel
def count_by_step(people: Reals, ms: Ints, shift: int) -> Reals:
    """Give the people by ``ms >> shift``; who is not reached stands in the last step, alone."""
    latest = 0
    for i in range(len(ms)):
        if ms[i] < UNREACHED and ms[i] > latest:
            latest = ms[i]
    last = (latest >> shift) + 1
    by_step = np.zeros(last + 1)
    for i in range(len(ms)):
        by_step[ms[i] >> shift if ms[i] < UNREACHED else last] += people[i]
    return by_step


@kernel
def sum_points(
    people: Reals,
    zone: NDArray[np.int64],
    first: Ints,
    first_ms: Ints,
    n_in_time: Ints,
    was: Flags,
    limit: int,
    served: Reals,
    by_zone: Reals,
) -> tuple[float, float, float, float, float, float]:
    """Add up a state: in place ``served`` by first station, ``by_zone`` in time now, gained, lost (3, Z).

    Gives the people in time, gained, lost, with two stations in time and reached by none, and the latest time
    (ms) of anybody, -1 for nobody.
    """
    covered = gained = lost = two = none = 0.0
    worst = -1.0
    for i in range(len(first)):
        n, at = people[i], zone[i]
        if n_in_time[i] >= 2:
            two += n
        if first_ms[i] >= UNREACHED:
            none += n
        else:
            served[first[i]] += n
            if n > 0 and first_ms[i] > worst:
                worst = first_ms[i]
        if first_ms[i] <= limit:
            covered += n
            by_zone[0, at] += n
            if not was[i]:
                gained += n
                by_zone[1, at] += n
        elif was[i]:
            lost += n
            by_zone[2, at] += n
    return covered, gained, lost, two, none, worst


@kernel
def code_points(
    bands_ms: NDArray[np.int64],
    ms: Ints,
    first_ms: Ints,
    n_in_time: Ints,
    was: Flags,
    limit: int,
    not_reached: int,
) -> NDArray[np.uint8]:
    """Give the byte of each point; see :func:`geo.serve.figures.code_of`."""
    code = np.empty(len(ms), np.uint8)
    for i in range(len(ms)):
        band = not_reached
        if ms[i] < UNREACHED:
            band = 0
            while band < len(bands_ms) and bands_ms[band] < ms[i]:
                band += 1
        is_covered = first_ms[i] <= limit
        if is_covered and not was[i]:
            band |= 16
        if was[i] and not is_covered:
            band |= 32
        if n_in_time[i] >= 2:
            band |= 64
        if ms[i] <= limit:
            band |= 128
        code[i] = band
    return code
