"""The compiled search from neighbouring facilities side by side: eight times of a node in one register.

Facilities that stand close together reach much the same nodes in much the same order. One search from all
eight at once gives the nodes that any of them reaches and an order to go through them. Then each node
passes its eight times on to its neighbours, in that order, and goes back to an earlier node where one has
improved, until none does: the least times, as Bellman (1958) and Ford found them, whatever the order. A
good order only makes it quick: each node is gone through about twice for eight searches.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, part
from geo.routing._kernels.bucket_queue import NONE, Bits, Bytes, Ints, Longs, Whole
from geo.routing._kernels.dijkstra import (
    BIT,
    DE_BRUIJN,
    ONE,
    TOP_SIX,
    UNREACHED,
    mark,
    new_marks,
    new_times,
    wider,
)
from geo.routing._kernels.settle_order import ARCS, link_rows, settle_rows
from geo.routing._kernels.simd import LANES, list_lanes, pass_on

__all__ = ["new_room", "reach_lanes", "take_lanes"]

STRETCH: Final = 64
"""Rows gone through before it goes back to those that have improved: enough for the processor to do more
than one of them at a time, and few enough that not much is passed on twice."""
ONE_32, TWO_32 = np.uint32(1), np.uint32(2)


def new_room(n_rows: int) -> tuple[NDArray[Any], ...]:
    """Make room for times, marks, numbers and order of rows, for their arcs and lanes, and for who waits.

    As large arrays of numpy they lie on large pages, without which the sweeps take half as long again.
    """
    return (
        new_times(n_rows),
        new_marks(n_rows),
        np.full(n_rows, -1, dtype=np.int32),
        np.empty(n_rows + 1, dtype=np.int32),
        np.empty((n_rows, 2 * ARCS), dtype=np.int32),
        np.empty((n_rows, LANES), dtype=np.int32),
        np.empty(n_rows, dtype=np.uint8),
        np.empty(2 * n_rows + ARCS, dtype=np.int32),
    )


@part
def _visit(lanes: Ints, heads: Ints, waits: Bytes, queue: Ints, n: Whole, row: Whole) -> Whole:
    """Pass the times of a row on; put the rows that improve and do not wait yet into the queue, from n on."""
    waits[row] = 0
    for k in range(np.uint32(ARCS)):
        head = np.uint32(heads[row, TWO_32 * k])
        is_less = pass_on(lanes, row, lanes, head, heads[row, TWO_32 * k + ONE_32])
        waited = np.uint32(waits[head])
        waits[head] = waited | is_less
        queue[n] = head
        n = np.uint32(n + (is_less & ~waited))
    return n


@part
def _sweep(lanes: Ints, heads: Ints, waits: Bytes, queue: Ints, m: Whole, most: Whole) -> Whole:
    """Pass times on until none is less; give the visits to rows, at most ``most`` or not many more.

    A stretch of rows in their order, then all that have improved on the way, and so on. Rows of later
    stretches wait from the beginning: they are gone through anyway.
    """
    for i in range(m):
        waits[i] = 1
    visits, low, full = NONE, NONE, np.uint32(len(queue) - ARCS)
    while low < m and visits <= most:
        n, done = np.uint32(0), np.uint32(0)
        for i in range(low, min(low + STRETCH, m)):
            n = _visit(lanes, heads, waits, queue, n, np.uint32(i))
            visits += 1
        while done < n and visits <= most:
            row = np.uint32(queue[done])
            done = np.uint32(done + ONE_32)
            visits += 1
            n = _visit(lanes, heads, waits, queue, n, row)
            if n >= full:  # no row waits twice: at most half of the room is in use
                for i in range(done, n):
                    queue[np.uint32(i - done)] = queue[np.uint32(i)]
                n, done = np.uint32(n - done), np.uint32(0)
        low += STRETCH
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
    """Pass times on from the rows to the points at their nodes; number and mark these points.

    Gives the points, with room for all that are named, and their number.
    """
    n, most = NONE, NONE
    for i in range(m):
        if order[i] < n_nodes:
            most += near_start[order[i] + 1] - near_start[order[i]]
    points = _longer_rows(points, n, most)
    for i in range(m):
        if order[i] >= n_nodes:
            continue
        for j in range(near_start[order[i]], near_start[order[i] + 1]):
            n = _number(numbers, marks, points, n, np.uint32(near[j, 0]))
            pass_on(lanes, i, points, numbers[near[j, 0]], near[j, 1])
    return points, n


@part
def _number(numbers: Ints, marks: Bits, lanes: Ints, n: Whole, i: np.uint32) -> Whole:
    """Give a thing the next row if it has none, with no time yet; give the number of rows."""
    if numbers[i] >= 0:
        return n
    numbers[i] = n
    mark(marks, i)
    for k in range(LANES):
        lanes[n, k] = UNREACHED
    return n + 1


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
def _place_seeds(seeds: Ints, low: int, high: int, limit: int, numbers: Ints, lanes: Ints, m: Whole) -> None:
    """Put the seeds of each source into its lane, and just more than the limit where it has none.

    So no time beyond the limit counts as less, and none is passed on.
    """
    for i in range(m):
        for k in range(LANES):
            lanes[i, k] = limit + 1
    for i in range(2 * low, 2 * high):
        row, lane = np.int64(numbers[seeds[i, 0]]), (i >> 1) - low
        if row >= 0 and seeds[i, 1] <= limit:
            lanes[row, lane] = min(lanes[row, lane], seeds[i, 1])


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
    waits: Bytes,
    queue: Ints,
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

    ``rows`` are those of ``geo.arcs.pad_arcs`` for ``n_nodes`` nodes; ``times`` to ``queue`` come from
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
    points = np.empty((1024, LANES), np.int32)
    n: Whole = NONE
    for group in range(n_groups):
        low, high = group * LANES, min((group + 1) * LANES, n_sources)
        entries, m = settle_rows(
            times, rows, ring, marks, numbers, entries, seeds, 2 * low, 2 * high, limit, order
        )
        link_rows(rows, numbers, order, m, heads)
        _place_seeds(seeds, low, high, limit, numbers, lanes, m)
        if _sweep(lanes, heads, waits, queue, m, most * m) > most * m:
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
            points = _longer_rows(points, m_points, along_start[high] - along_start[low])
            for f in range(low, high):
                for j in range(along_start[f], along_start[f + 1]):
                    point = np.uint32(along[j, 0])
                    m_points = _number(point_numbers, point_marks, points, m_points, point)
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
    size: Ints,
    found: Ints,
    found_ms: Ints,
) -> None:
    """Put what each source reaches within the limit, and when, from its ``target`` on.

    ``begin``, ``size``, ``things`` and ``listed`` are from :func:`reach_lanes`. One source after the other:
    memory is written in long rows. What is not within the limit is overwritten by what comes next.
    """
    for source in range(len(target)):
        lane, i = np.uint64(source % LANES), np.uint64(begin[source // LANES])
        at = np.uint64(target[source])
        end = at + np.uint64(size[source])
        while at < end:
            ms = listed[i, lane]
            found[at] = things[i]
            found_ms[at] = ms
            at += np.uint64(ms <= limit)
            i += np.uint64(1)
