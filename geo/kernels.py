"""The compiled searches: bounded shortest times from many sources over compressed arcs.

Times are whole milliseconds in int32. The queue is a ring of buckets (Dial 1969; delta-stepping, Meyer and
Sanders 2003), each a list that runs through the node records themselves: a bucket holds the nodes of one
span of ``2**SHIFT`` ms in any order, and a node that improves inside the open bucket is handled again. A
node whose time lies beyond the ring waits in its last bucket and is then put back.

What a node needs lies side by side in one record, at most half a cache line; unsigned positions spare
numba's test for negative ones. Searches leave the queue and the marks empty, and ``reach`` its records as
they were, so that a search costs what it touches and never the size of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.times import UNREACHED_MS

__all__ = [
    "AT_HEAD",
    "BUCKETS",
    "NOWHERE",
    "SHIFT",
    "UNREACHED",
    "Bits",
    "Ints",
    "Longs",
    "Whole",
    "compiled",
    "new_marks",
    "new_queue",
    "new_record",
    "reach",
]

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.uint64]
Whole: TypeAlias = int | np.integer
F = TypeVar("F", bound=Callable[..., Any])

SHIFT: Final = 11
BUCKETS: Final = 1024
UNREACHED: Final = int(UNREACHED_MS)

# Columns of a one-label record (N + 1, 4). PREV is another node, NOWHERE for a node in no bucket, or
# AT_HEAD - bucket for the first of a bucket.
MS, START, NEXT, PREV = range(4)
NOWHERE, AT_HEAD = -1, -2
# Place of the lowest set bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
BIT: Final = np.argsort([(int(DE_BRUIJN) << i & 2**64 - 1) >> 58 for i in range(64)]).astype(np.uint32)
ONE, SIX, LOW_SIX, TOP_SIX = np.uint64(1), np.uint32(6), np.uint32(63), np.uint64(58)


def compiled(function: F) -> F:
    """Compile on the first call, keep the result on disk, let other threads run."""
    return cast(F, njit(cache=True, nogil=True)(function))


def new_record(start: Ints) -> Ints:
    """Make the records of all nodes, with no times yet."""
    record = np.full((len(start), 4), UNREACHED, dtype=np.int32)
    record[:, START], record[:, PREV] = start, NOWHERE
    return record


def new_queue() -> Ints:
    """Make an empty ring of buckets."""
    return np.full(BUCKETS, -1, dtype=np.int32)


def new_marks(n: int) -> Bits:
    """Make room to mark any of n things, none marked."""
    return np.zeros(n // 64 + 1, dtype=np.uint64)


@compiled
def _search_first(record: Ints, arcs: Ints, ring: Ints, marks: Bits, seeds: Ints, limit: int) -> None:
    """Lower the records to the least time from any seed [node, ms], within the limit; mark what was lowered.

    Queueing is written out where it happens: a call for each arc would take longer than the arc.
    """
    bucket = np.int64(UNREACHED)
    for i in range(len(seeds)):
        node, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        if then <= limit and then < record[node, MS]:
            record[node, MS] = then
            bucket = min(bucket, then >> SHIFT)
    queued = 0
    for i in range(len(seeds)):
        node = np.uint32(seeds[i, 0])
        is_least = seeds[i, 1] <= limit and record[node, MS] == seeds[i, 1]
        if is_least and record[node, PREV] == NOWHERE:
            slot = min(np.int64(record[node, MS]) >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = node
            record[node, NEXT] = after
            record[node, PREV] = AT_HEAD - slot
            ring[slot] = node
            marks[node >> SIX] |= ONE << np.uint64(node & LOW_SIX)
            queued += 1
    while queued:
        slot = bucket & (BUCKETS - 1)
        if ring[slot] < 0:
            bucket += 1
            continue
        node = np.uint32(ring[slot])
        after = record[node, NEXT]
        if after >= 0:
            record[np.uint32(after), PREV] = AT_HEAD - slot
        ring[slot] = after
        ms = np.int64(record[node, MS])
        if ms >> SHIFT > bucket:
            slot = min(ms >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = node
            record[node, NEXT] = after
            record[node, PREV] = AT_HEAD - slot
            ring[slot] = node
            continue
        record[node, PREV] = NOWHERE
        queued -= 1
        for arc in range(np.uint32(record[node, START]), np.uint32(record[np.uint32(node + ONE), START])):
            head = np.uint32(arcs[arc, 0])
            then = ms + arcs[arc, 1]
            was = record[head, MS]
            if then >= was or then > limit:
                continue
            record[head, MS] = then
            marks[head >> SIX] |= ONE << np.uint64(head & LOW_SIX)
            before = record[head, PREV]
            if before == NOWHERE:
                queued += 1
            elif was >> SHIFT == then >> SHIFT:
                continue
            else:
                after = record[head, NEXT]
                if after >= 0:
                    record[np.uint32(after), PREV] = before
                if before >= 0:
                    record[np.uint32(before), NEXT] = after
                else:
                    ring[AT_HEAD - before] = after
            slot = min(then >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = head
            record[head, NEXT] = after
            record[head, PREV] = AT_HEAD - slot
            ring[slot] = head


@compiled
def _take(marks: Bits, record: Ints, out: Ints, n_out: int) -> tuple[Ints, int]:
    """Append what is marked to ``out`` as [position, ms] in ascending order; clear the marks and times."""
    for word in range(len(marks)):
        bits = marks[word]
        if not bits:
            continue
        marks[word] = 0
        if n_out + 64 > len(out):
            wider = np.empty((2 * len(out), 2), np.int32)
            wider[:n_out] = out[:n_out]
            out = wider
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            i = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            out[n_out, 0] = i
            out[n_out, 1] = record[i, MS]
            record[i, MS] = UNREACHED
            n_out += 1
    return out, n_out


@compiled
def reach(
    record: Ints,
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
    points: Ints,
    point_marks: Bits,
) -> tuple[Longs, Ints]:
    """Give, for each source, what it reaches within the limit, ascending, and the times.

    Source f has the seeds ``seed_start[f]:seed_start[f + 1]`` of ``seeds`` [node, ms, ...]. ``near`` lists
    the points at each node [point, ms from the node] and ``along`` the points on each source's own edge
    [point, ms]; ``points`` (P, 1) are their records. With an empty ``near_start`` the nodes are given.
    """
    found_start = np.zeros(len(seed_start), np.int64)
    found, n_found = np.empty((4096, 2), np.int32), 0
    nodes = np.empty((4096, 2), np.int32)
    for f in range(len(seed_start) - 1):
        _search_first(record, arcs, ring, marks, seeds[seed_start[f] : seed_start[f + 1]], limit)
        if len(near_start) == 0:
            found, n_found = _take(marks, record, found, n_found)
        else:
            nodes, n_nodes = _take(marks, record, nodes, 0)
            for i in range(n_nodes):
                for j in range(near_start[nodes[i, 0]], near_start[nodes[i, 0] + 1]):
                    _lower(points, point_marks, near[j, 0], nodes[i, 1] + near[j, 1], limit)
            for j in range(along_start[f], along_start[f + 1]):
                _lower(points, point_marks, along[j, 0], np.int64(along[j, 1]), limit)
            found, n_found = _take(point_marks, points, found, n_found)
        found_start[f + 1] = n_found
    return found_start, found[:n_found].copy()


@compiled
def _lower(points: Ints, marks: Bits, point: Whole, ms: Whole, limit: int) -> None:
    if ms <= limit and ms < points[point, 0]:
        points[point, 0] = ms
        marks[point >> 6] |= ONE << np.uint64(point & 63)
