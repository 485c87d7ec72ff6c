"""The compiled searches: bounded shortest times from many sources over compressed arcs.

Times are whole milliseconds in int32. The bit ``PENDING`` of a time says that it is still to be passed on; an
entry of the queue (``geo.buckets``) whose node has no such time is out of date and falls away.

Searches leave the queue, the marks and every ``PENDING`` bit empty, and ``reach`` also the times as they
were, so that a search costs what it touches and never the size of the network. Loops rather than slices of
arrays, and the same types at every call, keep compiling short.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from geo._jit import kernel, part
from geo.routing._kernels.bucket_queue import (
    BUCKETS,
    DUE,
    NONE,
    SHIFT,
    Bits,
    Flag,
    Ints,
    Longs,
    Whole,
    fetch,
    longer,
    put,
)
from geo.times import UNREACHED_MS

__all__ = [
    "BIT",
    "DE_BRUIJN",
    "FACILITY",
    "LOW_SIX",
    "NO_LABEL",
    "ONE",
    "PENDING",
    "SIX",
    "TOP_SIX",
    "UNREACHED",
    "begin",
    "best_two",
    "improve",
    "mark",
    "new_marks",
    "new_times",
    "place_rows",
    "reach",
    "search_each",
    "wider",
]

UNREACHED: Final = int(UNREACHED_MS)
PENDING: Final = UNREACHED + 1
# A label is a time and a facility, ms << 32 | facility: the less the better.
FACILITY: Final = 2**32 - 1
NO_LABEL: Final = UNREACHED << 32 | FACILITY
# Place of the lowest set bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
BIT: Final = np.argsort([(int(DE_BRUIJN) << i & 2**64 - 1) >> 58 for i in range(64)]).astype(np.uint32)
ONE, SIX, LOW_SIX, TOP_SIX = np.uint64(1), np.uint32(6), np.uint32(63), np.uint64(58)


def new_times(n: int) -> Ints:
    """Make times for n things, none reached."""
    return np.full(n, UNREACHED, dtype=np.int32)


def new_marks(n: int) -> Bits:
    """Make room to mark any of n things, none marked."""
    return np.zeros(n // 64 + 1, dtype=np.uint64)


@kernel
def mark(marks: Bits, i: np.uint32) -> None:
    """Mark a thing."""
    marks[i >> SIX] |= ONE << np.uint64(i & LOW_SIX)


@part
def best_two(first: Whole, second: Whole, label: Whole) -> tuple[Whole, Whole, Flag]:
    """Give the best two labels of different facilities, and whether ``label`` is a new one of them."""
    is_own = np.bool_((first ^ label) & FACILITY == 0)
    is_first = np.bool_(label < first)
    is_better = np.bool_(label < second) & (is_first | ~is_own)
    best = label if is_better & is_first else first
    other = (first if is_first else label) if is_better & ~is_own else second
    return best, other, is_better


@part
def improve(labels: Longs, row: np.uint32, label: Whole) -> Flag:
    """Put a label among the best two of a row; say whether it is one of them."""
    best: tuple[Whole, Whole, Flag] = best_two(labels[row, 0], labels[row, 1], label)
    labels[row, 0], labels[row, 1] = best[0], best[1]
    return best[2]


@part
def begin(
    times: Ints, ring: Ints, entries: Longs, seeds: Ints, low: int, high: int, limit: int
) -> tuple[Longs, Whole, Whole]:
    """Let the nodes of ``seeds[low:high]`` [node, ms, ...] wait for their times, as far as within the limit.

    Gives the entries, how many there are, and the bucket to open first.
    """
    bucket = np.int64(UNREACHED)
    n: Whole = NONE
    for i in range(low, high):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    if high - low >= len(entries):
        entries = longer(entries, NONE, high - low + 1)
    for i in range(low, high):
        head, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        if then <= limit and then < times[head] & UNREACHED:
            times[head] = then | PENDING
            n = put(ring, entries, n, head, then, bucket, DUE)
    return entries, n, bucket


@part
def _search(
    times: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    entries: Longs,
    seeds: Ints,
    low: int,
    high: int,
    limit: int,
    labels: Longs,
    facility: int,
) -> tuple[Longs, Whole]:
    """Lower the times to the least from any of ``seeds[low:high]`` [node, ms, ...] within the limit.

    With ``labels`` (N, 2) the times are put among the best two of each node as those of the facility, and
    nothing goes on from a node where they are not. Marks the nodes reached. Gives the entries and how many
    there were, at least one a node.
    """
    entries, n, bucket = begin(times, ring, entries, seeds, low, high, limit)
    done, more = NONE, NONE
    while done < n:
        if n + more >= len(entries):
            entries = longer(entries, n, more)
        n, done, bucket, more = _go_on(
            times, start, arcs, ring, marks, entries, n, done, bucket, limit, labels, facility
        )
    return entries, n


@part
def _go_on(
    times: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    entries: Longs,
    n: Whole,
    done: Whole,
    bucket: Whole,
    limit: int,
    labels: Longs,
    facility: int,
) -> tuple[Whole, Whole, Whole, Whole]:
    """Search on as long as there is room for entries.

    Gives the number of entries, those done, the open bucket, and the room that the next node needs. The
    room stays the same within: of an array that may change numba counts the holders, at every node.
    """
    while done < n:
        entry = ring[bucket & (BUCKETS - 1)]
        if entry < 0:
            bucket += 1
            continue
        node = np.uint32(entries[np.uint32(entry)] >> 32)
        first, end = np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])
        if n + (end - first) >= len(entries):
            return n, done, bucket, np.int64(end - first) + 1
        ring[bucket & (BUCKETS - 1)] = np.int32(entries[np.uint32(entry)])
        done += 1
        ms = np.int64(times[node])
        if not ms & PENDING:
            continue
        ms &= UNREACHED
        if ms >> SHIFT > bucket:
            n = put(ring, entries, n, node, ms, bucket, DUE)
            continue
        times[node] = ms
        if len(labels) and not improve(labels, node, ms << 32 | facility):
            continue
        mark(marks, node)
        for arc in range(first, end):
            head, then = np.uint32(arcs[arc, 0]), ms + arcs[arc, 1]
            was = np.int64(times[head])
            is_better = (then < was & UNREACHED) & (then <= limit)
            times[head] = then | PENDING if is_better else was
            n = put(ring, entries, n, head, then, bucket, is_better)
            fetch(arcs, np.uint32(start[head]))
            if len(labels):
                fetch(labels, head)
    return n, done, bucket, NONE


@part
def _take(marks: Bits, times: Ints, found: Ints, found_ms: Ints, n: Whole) -> Whole:
    """Append what is marked, ascending, and its times; clear both; give the new number."""
    for word in range(len(marks)):
        bits = marks[word]
        marks[word] = 0
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            i = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            found[n] = i
            found_ms[n] = times[i]
            times[i] = UNREACHED
            n += 1
    return n


@part
def wider(values: Ints, n: Whole, more: Whole) -> Ints:
    """Give the array, or one twice as long or longer if n + more do not fit, with the first n values."""
    if n + more <= len(values):
        return values
    longer = np.empty(max(2 * len(values), n + more), np.int32)
    for i in range(n):
        longer[i] = values[i]
    return longer


@kernel
def reach(
    times: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    seeds: Ints,
    seed_start: Longs,
    limit: int,
    near: Ints,
    near_start: Longs,
    along: Ints,
    along_start: Longs,
    point_times: Ints,
    point_marks: Bits,
    found: Ints,
    found_ms: Ints,
) -> tuple[Longs, Ints, Ints]:
    """Give, for each source, what it reaches within the limit, ascending, and the times.

    Source f has the seeds ``seed_start[f]:seed_start[f + 1]`` of ``seeds`` [node, ms, ...]. ``near`` lists
    the points at each node [point, ms from the node] and ``along`` the points on each source's own edge
    [point, ms]; ``point_times`` are those of the points. With an empty ``near_start`` the nodes are given.
    ``found`` and ``found_ms`` are room to begin with.
    """
    found_start = np.zeros(len(seed_start), np.int64)
    n: Whole = NONE
    nodes, ms = np.empty(1024, np.int32), np.empty(1024, np.int32)
    entries, no_labels = np.empty(2 * len(times), np.int64), np.empty((0, 2), np.int64)
    for f in range(len(seed_start) - 1):
        entries, n_nodes = _search(
            times,
            start,
            arcs,
            ring,
            marks,
            entries,
            seeds,
            seed_start[f],
            seed_start[f + 1],
            limit,
            no_labels,
            f,
        )
        if len(near_start) == 0:
            found, found_ms = wider(found, n, n_nodes), wider(found_ms, n, n_nodes)
            n = _take(marks, times, found, found_ms, n)
        else:
            nodes, ms = wider(nodes, NONE, n_nodes), wider(ms, NONE, n_nodes)
            n_nodes, n_points = _take(marks, times, nodes, ms, NONE), NONE
            for i in range(n_nodes):
                for j in range(near_start[nodes[i]], near_start[nodes[i] + 1]):
                    then = np.int64(ms[i]) + near[j, 1]
                    n_points += _lower(point_times, point_marks, np.uint32(near[j, 0]), then, limit)
            for j in range(along_start[f], along_start[f + 1]):
                then = np.int64(along[j, 1])
                n_points += _lower(point_times, point_marks, np.uint32(along[j, 0]), then, limit)
            found, found_ms = wider(found, n, n_points), wider(found_ms, n, n_points)
            n = _take(point_marks, point_times, found, found_ms, n)
        found_start[f + 1] = n
    return found_start, found[:n], found_ms[:n]


@part
def _lower(times: Ints, marks: Bits, point: np.uint32, ms: Whole, limit: int) -> int:
    """Lower a point's time; say whether it is reached for the first time."""
    was = times[point]
    if ms > limit or ms >= was:
        return 0
    times[point] = ms
    mark(marks, point)
    return 1 if was == UNREACHED else 0


@kernel
def search_each(
    labels: Longs,
    times: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    seeds: Ints,
    step: int,
    limit: int,
) -> None:
    """Bring the labels to the best two facilities within the limit, one facility after the other.

    ``seeds`` are [node, ms, facility], ``step`` of each facility. Marks the nodes whose labels change.
    """
    entries = np.empty(2 * len(times), np.int64)
    for low in range(0, len(seeds), step):
        high, facility = min(low + step, len(seeds)), np.int64(seeds[low, 2])
        entries, n = _search(
            times, start, arcs, ring, marks, entries, seeds, low, high, limit, labels, facility
        )
        for i in range(n):
            times[np.uint32(entries[i] >> 32)] = UNREACHED


@kernel
def place_rows(
    start: Longs, found: Ints, found_ms: Ints, target: Longs, all_found: Ints, all_ms: Ints
) -> None:
    """Copy the entries ``start[f]:start[f + 1]`` of each source to where its row of the table begins."""
    for f in range(len(target)):
        for i in range(start[f + 1] - start[f]):
            all_found[target[f] + i] = found[start[f] + i]
            all_ms[target[f] + i] = found_ms[start[f] + i]
