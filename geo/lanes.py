"""The compiled search from neighbouring facilities side by side: eight times of a node in one register.

Facilities that stand close together reach much the same nodes in much the same order. One search from all
eight at once gives the nodes that any of them reaches and an order to go through them. Then each node
passes its eight times on to its neighbours, in that order, and goes back to an earlier node where one has
improved, until none does: the least times, as Bellman (1958) and Ford found them, whatever the order. A
good order only makes it quick: each node is gone through two or three times for eight searches.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.buckets import BUCKETS, DUE, NONE, SHIFT, Bits, Ints, Longs, Whole, fetch, longer, put
from geo.compiled import kernel, part
from geo.kernels import (
    BIT,
    DE_BRUIJN,
    LOW_SIX,
    ONE,
    PENDING,
    SIX,
    TOP_SIX,
    UNREACHED,
    begin,
    mark,
    new_marks,
    new_times,
    wider,
)
from geo.registers import LANES, list_lanes, pass_on

__all__ = ["new_room", "reach_lanes", "take_lanes"]

ARCS: Final = 4
"""Arcs in a row of ``geo.arcs.pad_arcs``."""
ONE_32, TWO_32 = np.uint32(1), np.uint32(2)


def new_room(n_rows: int) -> tuple[NDArray[Any], ...]:
    """Make room for the times, marks, numbers and order of rows, and for their arcs and lanes.

    As large arrays of numpy they lie on large pages, without which the sweeps take half as long again.
    """
    return (
        new_times(n_rows),
        new_marks(n_rows),
        np.full(n_rows, -1, dtype=np.int32),
        np.empty(n_rows + 1, dtype=np.int32),
        np.empty((n_rows, 2 * ARCS), dtype=np.int32),
        np.empty((n_rows, LANES), dtype=np.int32),
    )


@part
def _settle(
    times: Ints,
    rows: Ints,
    ring: Ints,
    marks: Bits,
    entries: Longs,
    seeds: Ints,
    low: int,
    high: int,
    limit: int,
    order: Ints,
) -> tuple[Longs, Whole]:
    """Give the rows within the limit of ``seeds[low:high]``, in the order in which they are settled.

    Marks the rows, leaves the times as they were; gives the entries and the number of rows.
    """
    entries, n, bucket = begin(times, ring, entries, seeds, low, high, limit)
    done, m = NONE, NONE
    while done < n:
        entry = ring[bucket & (BUCKETS - 1)]
        if entry < 0:
            bucket += 1
            continue
        ring[bucket & (BUCKETS - 1)] = np.int32(entries[np.uint32(entry)])
        row = np.uint32(entries[np.uint32(entry)] >> 32)
        done += 1
        ms = np.int64(times[row])
        if not ms & PENDING:
            continue
        ms &= UNREACHED
        if n + ARCS >= len(entries):
            entries = longer(entries, n, NONE + ARCS)
        if ms >> SHIFT > bucket:
            n = put(ring, entries, n, row, ms, bucket, DUE)
            continue
        times[row] = ms
        order[np.uint32(m)] = row
        m += not marks[row >> SIX] >> np.uint64(row & LOW_SIX) & ONE
        mark(marks, row)
        for k in range(np.uint32(ARCS)):
            head, then = np.uint32(rows[row, TWO_32 * k]), ms + rows[row, TWO_32 * k + ONE_32]
            was = np.int64(times[head])
            is_better = (then < was & UNREACHED) & (then <= limit)
            times[head] = then | PENDING if is_better else was
            n = put(ring, entries, n, head, then, bucket, is_better)
            fetch(rows, head)
    for i in range(n):
        times[np.uint32(entries[i] >> 32)] = UNREACHED
    return entries, m


@part
def _localise(rows: Ints, numbers: Ints, order: Ints, m: Whole, heads: Ints) -> None:
    """Number the rows in their order and give the arcs among them; arcs that leave them lead nowhere."""
    for i in range(m):
        numbers[np.uint32(order[i])] = i
    for i in range(m):
        row, own = np.uint32(order[i]), np.uint32(i)
        for k in range(np.uint32(ARCS)):
            head = numbers[np.uint32(rows[row, TWO_32 * k])]
            heads[own, TWO_32 * k] = head if head >= 0 else i
            heads[own, TWO_32 * k + ONE_32] = rows[row, TWO_32 * k + ONE_32] if head >= 0 else 0


@part
def _sweep(lanes: Ints, heads: Ints, due: Bits, word: Whole, m: Whole, most: Whole) -> Whole:
    """Pass times on from the rows that are due until no time is less; give the visits, at most ``most``.

    From ``word`` on, 64 rows at a time; after them back to the first that has become due again.
    """
    n_words, visits = (m >> 6) + 1, NONE
    while word < n_words and visits <= most:
        bits, back = due[word], n_words
        due[word] = 0
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            visits += 1
            row = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            for k in range(np.uint32(ARCS)):
                head = np.uint32(heads[row, TWO_32 * k])
                is_less = pass_on(lanes, row, lanes, head, heads[row, TWO_32 * k + ONE_32])
                at = np.int64(head >> SIX)
                due[np.uint32(at)] |= np.uint64(is_less) << np.uint64(head & LOW_SIX)
                back = min(back, at if is_less else n_words)
        word = back if back <= word else word + 1
    return visits


@part
def _pass_to_points(
    lanes: Ints,
    order: Ints,
    m: Whole,
    n_nodes: int,
    near: Ints,
    near_start: Longs,
    numbers: Ints,
    marks: Bits,
    points: Ints,
) -> tuple[Ints, Whole]:
    """Pass times on from the rows to the points at their nodes; number and mark these points."""
    n = NONE
    for i in range(m):
        if order[i] >= n_nodes:
            continue
        for j in range(near_start[order[i]], near_start[order[i] + 1]):
            points, n = _number(numbers, marks, points, n, np.uint32(near[j, 0]))
            pass_on(lanes, i, points, numbers[near[j, 0]], near[j, 1])
    return points, n


@part
def _number(numbers: Ints, marks: Bits, lanes: Ints, n: Whole, i: np.uint32) -> tuple[Ints, Whole]:
    """Give a thing the next row if it has none, with no time yet."""
    if numbers[i] >= 0:
        return lanes, n
    lanes = _longer_rows(lanes, n, NONE + 1)
    numbers[i] = n
    mark(marks, i)
    for k in range(LANES):
        lanes[n, k] = UNREACHED
    return lanes, n + 1


@part
def _list(
    marks: Bits,
    n_things: int,
    numbers: Ints,
    lanes: Ints,
    limit: int,
    size: Ints,
    things: Ints,
    listed: Ints,
    n: Whole,
) -> Whole:
    """List what is marked of the first ``n_things``, ascending, and its times from n on; clear the marks.

    Adds to ``size`` how much of it each lane reaches within the limit. Gives the new number.
    """
    for word in range(len(marks)):
        bits = marks[word]
        marks[word] = 0
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            i = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            row = np.uint32(numbers[i])
            numbers[i] = -1
            if i < n_things:
                things[np.uint32(n)] = i
                list_lanes(lanes, row, listed, n, size, limit)
                n += 1
    return n


@part
def _longer_rows(rows: Ints, n: Whole, more: Whole) -> Ints:
    """Give the rows, or twice as many or more if n + more do not fit, with the first n."""
    if n + more <= len(rows):
        return rows
    longer = np.empty((max(2 * len(rows), n + more), LANES), np.int32)
    for i in range(n):
        for k in range(LANES):
            longer[i, k] = rows[i, k]
    return longer


@part
def _clear(order: Ints, m: Whole, numbers: Ints, marks: Bits) -> None:
    """Leave numbers and marks of the rows as they were."""
    for i in range(m):
        numbers[order[i]] = -1
        marks[order[i] >> 6] = 0


@part
def _place_seeds(
    seeds: Ints, low: int, high: int, limit: int, numbers: Ints, lanes: Ints, m: Whole, due: Bits
) -> Whole:
    """Put the seeds of each source into its lane; give the first 64 rows with one that is due."""
    for i in range(m):
        for k in range(LANES):
            lanes[i, k] = UNREACHED
    n_words = (m >> 6) + 1
    word = n_words
    for i in range(n_words):
        due[i] = 0
    for i in range(2 * low, 2 * high):
        row, lane = np.int64(numbers[seeds[i, 0]]), (i >> 1) - low
        if row >= 0 and seeds[i, 1] <= limit:
            lanes[row, lane] = min(lanes[row, lane], seeds[i, 1])
            due[row >> 6] |= ONE << np.uint64(row & 63)
            word = min(word, row >> 6)
    return word


@kernel
def reach_lanes(
    rows: Ints,
    n_nodes: int,
    ring: Ints,
    times: Ints,
    marks: Bits,
    numbers: Ints,
    order: Ints,
    heads: Ints,
    lanes: Ints,
    seeds: Ints,
    limit: int,
    most: int,
    near: Ints,
    near_start: Longs,
    along: Ints,
    along_start: Longs,
    point_marks: Bits,
    point_numbers: Ints,
    things: Ints,
    listed: Ints,
) -> tuple[Longs, Ints, Ints, Ints]:
    """Find what the sources reach within the limit, ``LANES`` sources after each other side by side.

    ``rows`` are those of ``geo.arcs.pad_arcs`` for ``n_nodes`` nodes; ``times`` to ``lanes`` come from
    :func:`new_room`; source f has the seeds ``2 * f`` and ``2 * f + 1``; ``near``, ``near_start``, ``along``
    and ``along_start`` are as in ``geo.kernels.reach``; ``point_numbers`` are -1. Sources that stand together
    should follow each other. ``things`` and ``listed`` (.., LANES) are room to begin with.

    Gives where the list of each group of sources begins, how much each source reaches, and the lists: nodes
    or points, ascending, and their times from each source of the group. Groups from the first one on that
    needs more than ``most`` visits a row are left out.
    """
    n_sources, n_points = len(seeds) // 2, len(point_numbers)
    n_groups = (n_sources + LANES - 1) // LANES
    begin, size = np.zeros(n_groups + 1, np.int64), np.zeros(n_groups * LANES, np.int32)
    entries = np.empty(2 * n_nodes, np.int64)
    points, due = np.empty((1024, LANES), np.int32), np.zeros(len(rows) // 64 + 1, np.uint64)
    n: Whole = NONE
    for group in range(n_groups):
        low, high = group * LANES, min((group + 1) * LANES, n_sources)
        entries, m = _settle(times, rows, ring, marks, entries, seeds, 2 * low, 2 * high, limit, order)
        _localise(rows, numbers, order, m, heads)
        word = _place_seeds(seeds, low, high, limit, numbers, lanes, m, due)
        if _sweep(lanes, heads, due, word, m, most * m) > most * m:
            _clear(order, m, numbers, marks)
            return begin[: group + 1], size[:low], things, listed
        own = size[low : low + LANES]
        if len(near_start) == 0:
            things, listed = wider(things, n, m), _longer_rows(listed, n, m)
            n = _list(marks, n_nodes, numbers, lanes, limit, own, things, listed, n)
        else:
            points, m_points = _pass_to_points(
                lanes, order, m, n_nodes, near, near_start, point_numbers, point_marks, points
            )
            for f in range(low, high):
                for j in range(along_start[f], along_start[f + 1]):
                    point = np.uint32(along[j, 0])
                    points, m_points = _number(point_numbers, point_marks, points, m_points, point)
                    at = point_numbers[point]
                    points[at, f - low] = min(points[at, f - low], along[j, 1])
            things, listed = wider(things, n, m_points), _longer_rows(listed, n, m_points)
            n = _list(point_marks, n_points, point_numbers, points, limit, own, things, listed, n)
            _clear(order, m, numbers, marks)
        begin[group + 1] = n
    return begin, size[:n_sources], things, listed


@kernel
def take_lanes(
    begin: Longs,
    things: Ints,
    listed: Ints,
    limit: int,
    target: Longs,
    spare: int,
    found: Ints,
    found_ms: Ints,
) -> None:
    """Put what each source reaches within the limit, and when, from its ``target`` on.

    ``begin``, ``things`` and ``listed`` are those of :func:`reach_lanes`. What is not within the limit is
    written to ``spare``, a place of nobody's, so that the processor has nothing to guess.
    """
    at = np.empty(LANES, np.int64)
    for group in range(len(begin) - 1):
        for k in range(LANES):
            source = group * LANES + k
            at[k] = target[source] if source < len(target) else spare
        for i in range(begin[group], begin[group + 1]):
            for k in range(np.uint32(LANES)):
                ms = listed[np.uint64(i), k]
                is_in = ms <= limit
                place = np.uint64(at[k] if is_in else spare)
                found[place] = things[np.uint64(i)]
                found_ms[place] = ms
                at[k] += is_in
