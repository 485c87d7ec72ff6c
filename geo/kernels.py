"""The compiled searches: bounded shortest times from many sources over compressed arcs.

Times are whole milliseconds in int32. The queue is a ring of buckets (Dial 1969; delta-stepping, Meyer and
Sanders 2003): each is a list of entries that holds the nodes of one span of ``2**SHIFT`` ms in any order, and
a node that improves inside the open bucket is handled again. The bit ``PENDING`` of a time says that it is
still to be passed on; an entry whose node has no such time is out of date and falls away. An entry beyond
the ring waits in its last bucket and is then put back.

Searches leave the queue, the marks and every ``PENDING`` bit empty, and ``reach`` also the times as they
were, so that a search costs what it touches and never the size of the network. Loops rather than slices of
arrays, and the same types at every call, keep compiling short; unsigned positions spare numba's test for
negative ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.times import UNREACHED_MS

__all__ = [
    "BUCKETS",
    "ENTRIES",
    "FREE",
    "PENDING",
    "SHIFT",
    "UNREACHED",
    "USED",
    "Bits",
    "Ints",
    "Longs",
    "Whole",
    "compiled",
    "mark",
    "more_entries",
    "new_marks",
    "new_ring",
    "new_times",
    "pop",
    "put",
    "reach",
    "wider",
]

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.uint64]
Whole: TypeAlias = int | np.integer
F = TypeVar("F", bound=Callable[..., Any])

SHIFT: Final = 10
BUCKETS: Final = 1024
UNREACHED: Final = int(UNREACHED_MS)
PENDING: Final = UNREACHED + 1

# The ring holds the first entry of each bucket (-1 for none), then the first free entry (-1 for none), then
# how many entries were ever used. An entry is a node, the next entry of its list, and the time it waits for.
FREE, USED = BUCKETS, BUCKETS + 1
ENTRIES: Final = 1024
NODE, NEXT, KEY = range(3)
# Place of the lowest set bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
BIT: Final = np.argsort([(int(DE_BRUIJN) << i & 2**64 - 1) >> 58 for i in range(64)]).astype(np.uint32)
ONE, SIX, LOW_SIX, TOP_SIX = np.uint64(1), np.uint32(6), np.uint32(63), np.uint64(58)


def compiled(function: F) -> F:
    """Compile on the first call, keep the result on disk, let other threads run."""
    return cast(F, njit(cache=True, nogil=True)(function))


def new_times(n: int) -> Ints:
    """Make times for n things, none reached."""
    return np.full(n, UNREACHED, dtype=np.int32)


def new_ring() -> Ints:
    """Make an empty ring of buckets."""
    return np.full(BUCKETS + 2, -1, dtype=np.int32)


def new_marks(n: int) -> Bits:
    """Make room to mark any of n things, none marked."""
    return np.zeros(n // 64 + 1, dtype=np.uint64)


@compiled
def more_entries(entries: Ints) -> Ints:
    """Give room for twice as many entries, with those that there are."""
    more = np.empty((2 * len(entries), 3), np.int32)
    for i in range(len(entries)):
        for k in range(3):
            more[i, k] = entries[i, k]
    return more


@compiled
def put(ring: Ints, entries: Ints, node: Whole, key: Whole, bucket: Whole) -> None:
    """Let a node wait for a time; the open bucket is ``bucket``."""
    entry = ring[FREE]
    if entry >= 0:
        ring[FREE] = entries[np.uint32(entry), NEXT]
    else:
        entry = ring[USED]
        ring[USED] = entry + 1
    entries[np.uint32(entry), NODE] = node
    entries[np.uint32(entry), KEY] = key
    _put_back(ring, entries, np.uint32(entry), key, bucket)


@compiled
def _put_back(ring: Ints, entries: Ints, entry: Whole, key: Whole, bucket: Whole) -> None:
    """Put an entry into the bucket of its time, or the last one of the ring."""
    slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
    entries[entry, NEXT] = ring[slot]
    ring[slot] = entry


@compiled
def pop(ring: Ints, entries: Ints, bucket: Whole) -> Whole:
    """Take the next node that is due in a bucket, -1 if there is none now; an entry for later moves on."""
    entry = np.uint32(ring[bucket & (BUCKETS - 1)])
    ring[bucket & (BUCKETS - 1)] = entries[entry, NEXT]
    key = np.int64(entries[entry, KEY])
    if key >> SHIFT > bucket:
        _put_back(ring, entries, entry, key, bucket)
        return -1
    entries[entry, NEXT] = ring[FREE]
    ring[FREE] = entry
    return np.int64(entries[entry, NODE])


@compiled
def mark(marks: Bits, i: np.uint32) -> None:
    """Mark a thing."""
    marks[i >> SIX] |= ONE << np.uint64(i & LOW_SIX)


@compiled
def _search_first(
    times: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    seeds: Ints,
    low: int,
    high: int,
    limit: int,
) -> int:
    """Lower the times to the least from any of ``seeds[low:high]`` [node, ms, ...] within the limit.

    Marks the nodes reached for the first time and gives how many they are.
    """
    entries = np.empty((ENTRIES, 3), np.int32)
    bucket, queued, n = np.int64(UNREACHED), 0, 0
    ring[USED] = 0
    ring[FREE] = -1
    for i in range(low, high):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    for i in range(low, high):
        head, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        was = np.int64(times[head])
        if then <= limit and then < was & UNREACHED:
            times[head] = then | PENDING
            if queued == len(entries):
                entries = more_entries(entries)
            put(ring, entries, head, then, bucket)
            queued += 1
            if was == UNREACHED:
                mark(marks, head)
                n += 1
    while queued:
        if ring[bucket & (BUCKETS - 1)] < 0:
            bucket += 1
            continue
        popped = pop(ring, entries, bucket)
        if popped < 0:
            continue
        queued -= 1
        node = np.uint32(popped)
        if not times[node] & PENDING:
            continue
        ms = np.int64(times[node]) & UNREACHED
        times[node] = ms
        for arc in range(np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])):
            head, then = np.uint32(arcs[arc, 0]), ms + arcs[arc, 1]
            was = np.int64(times[head])
            if then >= was & UNREACHED or then > limit:
                continue
            times[head] = then | PENDING
            if was == UNREACHED:
                mark(marks, head)
                n += 1
            elif was & PENDING and (was & UNREACHED) >> SHIFT == then >> SHIFT:
                continue
            if queued == len(entries):
                entries = more_entries(entries)
            put(ring, entries, head, then, bucket)
            queued += 1
    return n


@compiled
def _take(marks: Bits, times: Ints, found: Ints, found_ms: Ints, n: int) -> int:
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


@compiled
def wider(values: Ints, n: int, more: int) -> Ints:
    """Give the array, or one twice as long or longer if n + more do not fit, with the first n values."""
    if n + more <= len(values):
        return values
    longer = np.empty(max(2 * len(values), n + more), np.int32)
    for i in range(n):
        longer[i] = values[i]
    return longer


@compiled
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
) -> tuple[Longs, Ints, Ints]:
    """Give, for each source, what it reaches within the limit, ascending, and the times.

    Source f has the seeds ``seed_start[f]:seed_start[f + 1]`` of ``seeds`` [node, ms, ...]. ``near`` lists
    the points at each node [point, ms from the node] and ``along`` the points on each source's own edge
    [point, ms]; ``point_times`` are those of the points. With an empty ``near_start`` the nodes are given.
    ``found`` is room to begin with.
    """
    found_start = np.zeros(len(seed_start), np.int64)
    found_ms, n = np.empty(len(found), np.int32), 0
    nodes, ms = np.empty(1024, np.int32), np.empty(1024, np.int32)
    for f in range(len(seed_start) - 1):
        n_nodes = _search_first(
            times, start, arcs, ring, marks, seeds, seed_start[f], seed_start[f + 1], limit
        )
        if len(near_start) == 0:
            found, found_ms = wider(found, n, n_nodes), wider(found_ms, n, n_nodes)
            n = _take(marks, times, found, found_ms, n)
        else:
            nodes, ms = wider(nodes, 0, n_nodes), wider(ms, 0, n_nodes)
            _take(marks, times, nodes, ms, 0)
            n_points = 0
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


@compiled
def _lower(times: Ints, marks: Bits, point: np.uint32, ms: Whole, limit: int) -> int:
    """Lower a point's time; say whether it is reached for the first time."""
    was = times[point]
    if ms > limit or ms >= was:
        return 0
    times[point] = ms
    mark(marks, point)
    return 1 if was == UNREACHED else 0
