"""Sums over demand points, compiled: they take no lock of Python, so that many can drag at once.

People are counted in whole parts of a person (:attr:`geo.serve.figures.People.parts`): sums of whole numbers
are the same in any order, so that what some points change is taken off and put on again.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.times import UNREACHED_MS

__all__ = [
    "LOW_BITS",
    "N_STEPS",
    "Best",
    "Points",
    "Sums",
    "Whole",
    "add_up",
    "code_points",
    "gather_step",
    "put_found",
    "put_row",
    "sort_by_step",
    "tell_changed",
    "weigh_times",
]

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Bytes: TypeAlias = NDArray[np.uint8]
Flags: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = int | np.integer[Any]

UNREACHED = int(UNREACHED_MS)
N_STEPS: Final = 4096
"""Steps of time that people are counted by; who is not reached stands in the last, what takes longer than
all others in the one before."""
STEP_BITS: Final = 12
"""A step is ``2**12`` ms: about four seconds."""
LOW_BITS: Final = 31
"""Sums of times and people are kept in two parts: the high one counts in ``2**31``."""
LOW: Final = 2**31 - 1


class Sums(NamedTuple):
    """What a state comes to, in parts of a person.

    Parameters
    ----------
    all : int64 array, shape (7,)
        In time, gained, lost, with two stations in time, not reached; then the sum of times (ms) of those
        reached, high and low part.
    served : int64 array, shape (F,)
        By first station.
    by_zone : int64 array, shape (3, Z)
        In time, gained, lost.
    by_step : int64 array, shape (N_STEPS,)
        By step of the first one's time.
    """

    all: Longs
    served: Longs
    by_zone: Longs
    by_step: Longs


class Points(NamedTuple):
    """Who lives at the points, and who was in time today.

    Parameters
    ----------
    parts : int64 array, shape (D,)
        People.
    zone : int64 array, shape (D,)
        Zone of each.
    was : bool array, shape (D,)
        Whether each was in time.
    """

    parts: Longs
    zone: Longs
    was: Flags


class Best(NamedTuple):
    """First and second of each point; as of :class:`geo.serve.two_best.TwoBest`."""

    first: Ints
    first_ms: Ints
    second: Ints
    second_ms: Ints
    n_in_time: Ints


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


@part
def _step(ms: Whole) -> Whole:
    """Give the step of a time."""
    if ms >= UNREACHED:
        return np.int64(N_STEPS - 1)
    return min(np.int64(ms) >> STEP_BITS, np.int64(N_STEPS - 2))


@part
def _count(
    sums: Sums, points: Points, i: Whole, sign: Whole, first: Whole, ms: Whole, n_in_time: Whole, limit: Whole
) -> None:
    """Add the people of a point to all sums, or take them off."""
    n, zone, was = sign * points.parts[i], points.zone[i], points.was[i]
    if n_in_time >= 2:
        sums.all[3] += n
    if ms >= UNREACHED:
        sums.all[4] += n
    else:
        sums.served[first] += n
        low = ms * (points.parts[i] & LOW)
        sums.all[5] += sign * (ms * (points.parts[i] >> LOW_BITS) + (low >> LOW_BITS))
        sums.all[6] += sign * (low & LOW)
    sums.by_step[_step(ms)] += n
    if ms <= limit:
        sums.all[0] += n
        sums.by_zone[0, zone] += n
        if not was:
            sums.all[1] += n
            sums.by_zone[1, zone] += n
    elif was:
        sums.all[2] += n
        sums.by_zone[2, zone] += n


@kernel
def add_up(sums: Sums, points: Points, best: Best, limit: int) -> None:
    """Add all points to sums of nobody, in place."""
    for i in range(len(points.parts)):
        _count(
            sums, points, i, np.int64(1), best.first[i], np.int64(best.first_ms[i]), best.n_in_time[i], limit
        )


@kernel
def weigh_times(parts: Longs, ms: Ints) -> tuple[int, int, int]:
    """Give the people who are reached, and the sum of their times (ms) in two parts, as of :class:`Sums`."""
    total = high = low = np.int64(0)
    for i in range(len(ms)):
        if ms[i] < UNREACHED:
            then = np.int64(ms[i])
            part_low = then * (parts[i] & LOW)
            total += parts[i]
            high += then * (parts[i] >> LOW_BITS) + (part_low >> LOW_BITS)
            low += part_low & LOW
    return total, high, low


@kernel
def sort_by_step(ms: Ints) -> tuple[Ints, Ints]:
    """Give the points by the step of their time, and where each step begins (N_STEPS + 1,)."""
    start, order = np.zeros(N_STEPS + 1, np.int32), np.empty(len(ms), np.int32)
    for i in range(len(ms)):
        start[_step(ms[i]) + 1] += 1
    for step in range(N_STEPS):
        start[step + 1] += start[step]
    at = start.copy()
    for i in range(len(ms)):
        step = _step(ms[i])
        order[at[step]] = i
        at[step] += 1
    return order, start


@kernel
def gather_step(
    step: int, order: Ints, start: Ints, ms: Ints, mark: Bytes, changed: Ints, changed_ms: Ints, parts: Longs
) -> tuple[Ints, Longs]:
    """Give times and people of the points of a step where anybody lives; some have changed their time.

    ``mark`` (D,) is clean before and after.
    """
    most = start[step + 1] - start[step] + len(changed)
    found_ms, found, n = np.empty(most, np.int32), np.empty(most, np.int64), 0
    for k in range(len(changed)):
        i = changed[k]
        mark[i] = 1
        if _step(changed_ms[k]) == step and parts[i] > 0:
            found_ms[n], found[n] = changed_ms[k], parts[i]
            n += 1
    for k in range(start[step], start[step + 1]):
        i = order[k]
        if not mark[i] and parts[i] > 0:
            found_ms[n], found[n] = ms[i], parts[i]
            n += 1
    for k in range(len(changed)):
        mark[changed[k]] = 0
    return found_ms[:n], found[:n]


@part
def _code(
    bands_ms: Longs,
    ms: Whole,
    first_ms: Whole,
    n_in_time: Whole,
    was: np.bool_,
    limit: Whole,
    unreached: Whole,
) -> np.uint8:
    """Give the byte of a point; see :func:`geo.serve.figures.code_of`."""
    band = np.int64(unreached)
    if ms < UNREACHED:
        band = np.int64(0)
        while band < len(bands_ms) and bands_ms[band] < ms:
            band += 1
    is_covered = first_ms <= limit
    if is_covered and not was:
        band |= 16
    if was and not is_covered:
        band |= 32
    if n_in_time >= 2:
        band |= 64
    if ms <= limit:
        band |= 128
    return np.uint8(band)


@kernel
def code_points(
    bands_ms: Longs, is_second: bool, best: Best, was: Flags, limit: int, unreached: int
) -> Bytes:
    """Give the byte of each point; see :func:`geo.serve.figures.code_of`."""
    code = np.empty(len(was), np.uint8)
    for i in range(len(was)):
        ms = best.second_ms[i] if is_second else best.first_ms[i]
        code[i] = _code(bands_ms, ms, best.first_ms[i], best.n_in_time[i], was[i], limit, unreached)
    return code


@kernel
def put_found(
    sums: Sums,
    points: Points,
    best: Best,
    found: Ints,
    found_ms: Ints,
    position: int,
    limit: int,
    bands_ms: Longs,
    is_second: bool,
    unreached: int,
    changed: Ints,
    changed_ms: Ints,
    code: Bytes,
) -> int:
    """Bring sums, in place, to those with one station more, which is at some points at their times.

    Lists the points at which it is first or second, with the first one's time and their bytes, and gives how
    many there are; ``best`` is that without the station and stays so. Ties as of :func:`put_row`.
    """
    n = np.int64(0)
    for k in range(len(found)):
        i, ms = found[k], found_ms[k]
        first, first_ms, second_ms = best.first[i], best.first_ms[i], best.second_ms[i]
        if ms >= UNREACHED or ms > second_ms or (ms == second_ms and position > best.second[i]):
            continue  # two are there before it: they are in time where it is
        n_in_time = best.n_in_time[i]
        _count(sums, points, i, np.int64(-1), first, np.int64(first_ms), n_in_time, limit)
        if ms < first_ms or (ms == first_ms and position < first):
            first, first_ms, second_ms = np.int32(position), ms, first_ms
        else:
            second_ms = ms
        n_in_time += np.int32(1 if ms <= limit else 0)
        _count(sums, points, i, np.int64(1), first, np.int64(first_ms), n_in_time, limit)
        changed[n], changed_ms[n] = i, first_ms
        shown = second_ms if is_second else first_ms
        code[n] = _code(bands_ms, shown, first_ms, n_in_time, points.was[i], limit, unreached)
        n += 1
    return n


@kernel
def tell_changed(told: Bytes, base: Bytes, before: Ints, changed: Ints, code: Bytes, mark: Bytes) -> Longs:
    """Bring what the page was told, in place, from one place of a drag to the next; list what that changes.

    ``told`` is ``base`` but for the points ``before``; then it is ``base`` but for ``changed``, which have
    ``code``. ``mark`` (D,) is clean before and after.
    """
    index, n = np.empty(len(before) + len(changed), np.int64), 0
    for k in range(len(changed)):
        i = changed[k]
        mark[i] = 1
        if told[i] != code[k]:
            told[i] = code[k]
            index[n] = i
            n += 1
    for k in range(len(before)):
        i = before[k]
        if not mark[i] and told[i] != base[i]:
            told[i] = base[i]
            index[n] = i
            n += 1
    for k in range(len(changed)):
        mark[changed[k]] = 0
    return index[:n]
