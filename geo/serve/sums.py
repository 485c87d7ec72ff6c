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
    "Bytes",
    "Ints",
    "Longs",
    "Points",
    "Sums",
    "Whole",
    "add_up",
    "code_points",
    "find_times",
    "make_record",
    "put_found",
    "sort_by_step",
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
N_COLUMNS: Final = 8
FIRST, FIRST_MS, SECOND, SECOND_MS, IN_TIME, ZONE, HIGH_PART, LOW_PART = range(N_COLUMNS)
"""Columns of a record of points, what a pass reads of one beside each other: its first and second station and
their times, twice the number of those in time and 1 where it was in time, its zone, its people."""


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


@part
def _step(ms: Whole) -> Whole:
    """Give the step of a time."""
    if ms >= UNREACHED:
        return np.int64(N_STEPS - 1)
    return min(np.int64(ms) >> STEP_BITS, np.int64(N_STEPS - 2))


@kernel
def weigh_times(parts: Longs, ms: Ints) -> tuple[Whole, Whole, Whole]:
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
def sort_by_step(record: Ints) -> tuple[Ints, Ints]:
    """Give the points by the step of the first one's time, and where each step begins (N_STEPS + 1,)."""
    start, order = np.zeros(N_STEPS + 1, np.int32), np.empty(len(record), np.int32)
    for i in range(len(record)):
        start[_step(record[i, FIRST_MS]) + 1] += 1
    for step in range(N_STEPS):
        start[step + 1] += start[step]
    at = start.copy()
    for i in range(len(record)):
        step = _step(record[i, FIRST_MS])
        order[at[step]] = i
        at[step] += 1
    return order, start


@part
def _gather_step(
    step: Whole, order: Ints, start: Ints, record: Ints, mark: Bytes, changed: Ints, changed_ms: Ints
) -> tuple[Longs, Longs]:
    """Give times and people of the points of a step where anybody lives; some have changed their time.

    Those that have are marked.
    """
    most = start[step + 1] - start[step] + len(changed)
    found_ms, found, n = np.empty(most, np.int64), np.empty(most, np.int64), 0
    for k in range(len(changed)):
        i = changed[k]
        if _step(changed_ms[k]) == step and _parts(record, i) > 0:
            found_ms[n], found[n] = changed_ms[k], _parts(record, i)
            n += 1
    for k in range(start[step], start[step + 1]):
        i = order[k]
        if not mark[i] and _parts(record, i) > 0:
            found_ms[n], found[n] = record[i, FIRST_MS], _parts(record, i)
            n += 1
    return found_ms[:n], found[:n]


@kernel
def find_times(
    by_step: Longs,
    order: Ints,
    start: Ints,
    record: Ints,
    mark: Bytes,
    changed: Ints,
    changed_ms: Ints,
    share: float,
    near: float,
) -> tuple[Whole, Whole]:
    """Give the time (ms) that a share of all people is reached in, and the latest time of anybody reached.

    The first is -1 for nobody at all, and -2 where it is so near the next point that sums of floats may fall
    on either side: nearer than ``near``, a share of all people; with a negative one nothing is too near. The
    second is -1 where nobody is reached. Some points have changed their time. ``mark`` (D,) is clean before
    and after.
    """
    total, worst_step, worst, then = np.int64(0), np.int64(-1), np.int64(-1), np.int64(-1)
    for step in range(N_STEPS):
        total += by_step[step]
        if by_step[step] > 0 and step < N_STEPS - 1:
            worst_step = np.int64(step)
    if total == 0:
        return then, worst
    for k in range(len(changed)):
        mark[changed[k]] = 1
    if worst_step >= 0:
        found_ms, _ = _gather_step(worst_step, order, start, record, mark, changed, changed_ms)
        for k in range(len(found_ms)):
            worst = max(worst, found_ms[k])
    wanted, before, at = share * total * (1 - 1e-12), np.int64(0), np.int64(0)
    while at < N_STEPS - 1 and float(before + by_step[at]) < wanted:
        before += by_step[at]
        at += 1
    found_ms, found = _gather_step(at, order, start, record, mark, changed, changed_ms)
    is_near = abs(float(before) - wanted) < near * total
    sorted_at = np.argsort(found_ms)
    for k in range(len(sorted_at)):
        before += found[sorted_at[k]]
        is_near = is_near or abs(float(before) - wanted) < near * total
        if then < 0 and float(before) >= wanted:
            then = found_ms[sorted_at[k]]
    for k in range(len(changed)):
        mark[changed[k]] = 0
    return (np.int64(-2) if is_near or then < 0 else then), worst


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
def make_record(points: Points, best: Best) -> Ints:
    """Write what sums need of each point beside each other, a row (D, 8): see the columns above."""
    record = np.empty((len(best.first), N_COLUMNS), np.int32)
    for i in range(len(record)):
        record[i, FIRST], record[i, FIRST_MS] = best.first[i], best.first_ms[i]
        record[i, SECOND], record[i, SECOND_MS] = best.second[i], best.second_ms[i]
        record[i, IN_TIME] = best.n_in_time[i] << 1 | np.int32(points.was[i])
        record[i, ZONE] = points.zone[i]
        record[i, HIGH_PART], record[i, LOW_PART] = points.parts[i] >> LOW_BITS, points.parts[i] & LOW
    return record


@part
def _parts(record: Ints, i: Whole) -> np.int64:
    """Give the people of a point."""
    return np.int64(record[i, HIGH_PART]) << LOW_BITS | np.int64(record[i, LOW_PART])


@part
def _add_first(
    sums: Sums, record: Ints, i: Whole, sign: Whole, first: Whole, ms: Whole, limit: Whole
) -> None:
    """Add the people of a point to the sums that hang on its first station, or take them off."""
    of_all, by_zone = sums.all, sums.by_zone
    n, was, zone = sign * _parts(record, i), record[i, IN_TIME] & 1, record[i, ZONE]
    sums.by_step[_step(ms)] += n
    if ms >= UNREACHED:
        of_all[4] += n
    else:
        sums.served[first] += n
        low = ms * np.int64(record[i, LOW_PART])
        of_all[5] += sign * (ms * np.int64(record[i, HIGH_PART]) + (low >> LOW_BITS))
        of_all[6] += sign * (low & LOW)
    if ms <= limit:
        of_all[0] += n
        by_zone[0, zone] += n
        if not was:
            of_all[1] += n
            by_zone[1, zone] += n
    elif was:
        of_all[2] += n
        by_zone[2, zone] += n


@kernel
def add_up(sums: Sums, record: Ints, limit: int) -> None:
    """Add all points to sums of nobody, in place."""
    for i in range(len(record)):
        if record[i, IN_TIME] >> 1 >= 2:
            sums.all[3] += _parts(record, i)
        _add_first(sums, record, i, np.int64(1), record[i, FIRST], np.int64(record[i, FIRST_MS]), limit)


@kernel
def put_found(
    sums: Sums,
    record: Ints,
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
) -> Whole:
    """Bring sums, in place, to those with one station more, which is at some points at their times.

    Lists the points at which it is first or second, with the first one's time and their bytes, and gives how
    many there are; ``record`` is that without the station and stays so. Ties as of
    :func:`geo.serve.two_best.put_row`.
    """
    n = np.int64(0)
    for k in range(len(found)):
        i, ms = found[k], found_ms[k]
        first, first_ms, second_ms = record[i, FIRST], record[i, FIRST_MS], record[i, SECOND_MS]
        if ms >= UNREACHED or ms > second_ms or (ms == second_ms and position > record[i, SECOND]):
            continue  # two are there before it: they are in time where it is
        n_in_time = record[i, IN_TIME] >> 1
        if ms <= limit:
            n_in_time += np.int32(1)
            if n_in_time == 2:
                sums.all[3] += _parts(record, i)
        if ms < first_ms or (ms == first_ms and position < first):
            _add_first(sums, record, i, np.int64(-1), first, np.int64(first_ms), limit)
            _add_first(sums, record, i, np.int64(1), np.int32(position), np.int64(ms), limit)
            first_ms, second_ms = ms, first_ms
        else:
            second_ms = ms
        changed[n], changed_ms[n] = i, first_ms
        shown = second_ms if is_second else first_ms
        was = np.bool_(record[i, IN_TIME] & 1)
        code[n] = _code(bands_ms, shown, first_ms, n_in_time, was, limit, unreached)
        n += 1
    return n
