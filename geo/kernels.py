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
    "drop_facility",
    "label_points",
    "new_marks",
    "new_queue",
    "new_record",
    "reach",
    "search_two",
    "take_changes",
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
# Columns of a two-label record (N + 1, 8): the labels, then the same, then which labels are to be passed on.
FIRST, FIRST_MS, SECOND, SECOND_MS, START_2, NEXT_2, PREV_2, PENDING = range(8)

# Place of the lowest set bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
DE_BRUIJN: Final = np.uint64(0x03F79D71B4CB0A89)
BIT: Final = np.argsort([(int(DE_BRUIJN) << i & 2**64 - 1) >> 58 for i in range(64)]).astype(np.uint32)
ONE, SIX, LOW_SIX, TOP_SIX = np.uint64(1), np.uint32(6), np.uint32(63), np.uint64(58)


def _compile(function: F) -> F:
    return cast(F, njit(cache=True, nogil=True)(function))


def new_record(start: Ints, *, labels: int) -> Ints:
    """Make the records of all nodes, with one label or two and no times yet."""
    record = np.full((len(start), 4 if labels == 1 else 8), UNREACHED, dtype=np.int32)
    record[:, START if labels == 1 else START_2] = start
    record[:, PREV if labels == 1 else PREV_2] = NOWHERE
    if labels == 2:
        record[:, [FIRST, SECOND]] = -1
        record[:, PENDING] = 0
    return record


def new_queue() -> Ints:
    """Make an empty ring of buckets."""
    return np.full(BUCKETS, -1, dtype=np.int32)


def new_marks(n: int) -> Bits:
    """Make room to mark any of n things, none marked."""
    return np.zeros(n // 64 + 1, dtype=np.uint64)


@_compile
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


@_compile
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


@_compile
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


@_compile
def _lower(points: Ints, marks: Bits, point: Whole, ms: Whole, limit: int) -> None:
    if ms <= limit and ms < points[point, 0]:
        points[point, 0] = ms
        marks[point >> 6] |= ONE << np.uint64(point & 63)


@_compile
def _improve(record: Ints, row: Whole, ms: Whole, facility: Whole) -> int:
    """Put (ms, facility) among the best two of different facilities of a row.

    Equal times go to the lower facility position. Gives 0 when it is no better, 1 when the first got
    faster, 2 when it is now second, 3 when it is now first and the old first second.
    """
    if facility == record[row, FIRST]:
        if ms >= record[row, FIRST_MS]:
            return 0
        record[row, FIRST_MS] = ms
        return 1
    first_ms = record[row, FIRST_MS]
    if ms < first_ms or (ms == first_ms and facility < record[row, FIRST]):
        record[row, SECOND], record[row, SECOND_MS] = record[row, FIRST], first_ms
        record[row, FIRST], record[row, FIRST_MS] = facility, ms
        return 3
    second_ms = record[row, SECOND_MS]
    if ms > second_ms or (ms == second_ms and facility >= record[row, SECOND]):
        return 0
    record[row, SECOND], record[row, SECOND_MS] = facility, ms
    return 2


@_compile
def search_two(record: Ints, arcs: Ints, ring: Ints, marks: Bits, seeds: Ints, limit: int) -> None:
    """Bring the two-label records to the best two facilities within the limit; mark what changed.

    ``seeds`` are [node, ms, facility]. Only a label that is among the best two of a node can be so farther
    on, since the rest of the way is the same for all: so no more than two labels pass a node. A node waits
    for the earlier of its labels that are still to be passed on (``PENDING``: 1 first, 2 second, 3 both).
    """
    bucket, queued = np.int64(UNREACHED), 0
    for i in range(len(seeds)):
        node, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        change = _improve(record, node, then, seeds[i, 2]) if then <= limit else 0
        if change:
            pending = record[node, PENDING]
            record[node, PENDING] = (pending & 1) << 1 | 1 if change == 3 else pending | change
            bucket = min(bucket, then >> SHIFT)
    for i in range(len(seeds)):
        node = np.uint32(seeds[i, 0])
        pending = record[node, PENDING]
        if pending and record[node, PREV_2] == NOWHERE:
            key = np.int64(record[node, FIRST_MS] if pending & 1 else record[node, SECOND_MS])
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV_2] = node
            record[node, NEXT_2] = after
            record[node, PREV_2] = AT_HEAD - slot
            ring[slot] = node
            marks[node >> SIX] |= ONE << np.uint64(node & LOW_SIX)
            queued += 1
    while queued:
        slot = bucket & (BUCKETS - 1)
        if ring[slot] < 0:
            bucket += 1
            continue
        node = np.uint32(ring[slot])
        after = record[node, NEXT_2]
        if after >= 0:
            record[np.uint32(after), PREV_2] = AT_HEAD - slot
        ring[slot] = after
        pending = record[node, PENDING]
        facility = record[node, FIRST] if pending & 1 else record[node, SECOND]
        ms = np.int64(record[node, FIRST_MS] if pending & 1 else record[node, SECOND_MS])
        is_late = ms >> SHIFT > bucket
        if is_late or pending == 3:
            key = ms if is_late else np.int64(record[node, SECOND_MS])
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV_2] = node
            record[node, NEXT_2] = after
            record[node, PREV_2] = AT_HEAD - slot
            ring[slot] = node
            if is_late:
                continue
            record[node, PENDING] = 2
        else:
            record[node, PENDING] = 0
            record[node, PREV_2] = NOWHERE
            queued -= 1
        for arc in range(np.uint32(record[node, START_2]), np.uint32(record[np.uint32(node + ONE), START_2])):
            head = np.uint32(arcs[arc, 0])
            then = ms + arcs[arc, 1]
            second_ms = record[head, SECOND_MS]
            if then > second_ms or then > limit:
                continue
            first, first_ms, pending = record[head, FIRST], record[head, FIRST_MS], record[head, PENDING]
            was = first_ms if pending & 1 else second_ms
            now = pending | 1
            if facility == first:
                if then >= first_ms:
                    continue
                record[head, FIRST_MS] = then
            elif then < first_ms or (then == first_ms and facility < first):
                now = (pending & 1) << 1 | 1
                record[head, SECOND], record[head, SECOND_MS] = first, first_ms
                record[head, FIRST], record[head, FIRST_MS] = facility, then
            elif then == second_ms and facility >= record[head, SECOND]:
                continue
            else:
                now = pending | 2
                record[head, SECOND], record[head, SECOND_MS] = facility, then
            record[head, PENDING] = now
            marks[head >> SIX] |= ONE << np.uint64(head & LOW_SIX)
            key = then if now != 3 else np.int64(record[head, FIRST_MS])
            if pending == 0:
                queued += 1
            elif was >> SHIFT == key >> SHIFT:
                continue
            else:
                before, after = record[head, PREV_2], record[head, NEXT_2]
                if after >= 0:
                    record[np.uint32(after), PREV_2] = before
                if before >= 0:
                    record[np.uint32(before), NEXT_2] = after
                else:
                    ring[AT_HEAD - before] = after
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV_2] = head
            record[head, NEXT_2] = after
            record[head, PREV_2] = AT_HEAD - slot
            ring[slot] = head


@_compile
def drop_facility(
    record: Ints, arcs: Ints, back_start: Ints, back_arcs: Ints, marks: Bits, own: Ints, facility: int
) -> Ints:
    """Take a facility out of the labels; give the seeds [node, ms, facility] that can fill the gaps.

    The nodes that it is first or second of hang together from its own seeds, so only they are visited.
    """
    nodes, n = np.empty(1024, np.int32), 0
    done = -1
    while done < n:
        if done < 0:
            low, high = 0, len(own)
        else:
            low, high = record[nodes[done], START_2], record[nodes[done] + 1, START_2]
        for i in range(low, high):
            node = own[i, 0] if done < 0 else arcs[i, 0]
            if record[node, FIRST] == facility:
                record[node, FIRST], record[node, FIRST_MS] = record[node, SECOND], record[node, SECOND_MS]
            elif record[node, SECOND] != facility:
                continue
            record[node, SECOND], record[node, SECOND_MS] = -1, UNREACHED
            marks[node >> 6] |= ONE << np.uint64(node & 63)
            if n == len(nodes):
                wider = np.empty(2 * n, np.int32)
                wider[:n] = nodes
                nodes = wider
            nodes[n] = node
            n += 1
        done += 1
    seeds, n_seeds = np.empty((1024, 3), np.int32), 0
    for node in nodes[:n]:
        for arc in range(back_start[node], back_start[node + 1]):
            tail = back_arcs[arc, 0]
            for k in (FIRST, SECOND):
                if record[tail, k] >= 0 and record[tail, k] != record[node, FIRST]:
                    if n_seeds == len(seeds):
                        more = np.empty((2 * n_seeds, 3), np.int32)
                        more[:n_seeds] = seeds
                        seeds = more
                    seeds[n_seeds, 0] = node
                    seeds[n_seeds, 1] = record[tail, k + 1] + back_arcs[arc, 1]
                    seeds[n_seeds, 2] = record[tail, k]
                    n_seeds += 1
    return seeds[:n_seeds].copy()


@_compile
def take_changes(record: Ints, marks: Bits, base: Ints) -> Ints:
    """Give the nodes whose labels are not those of ``base`` as [node, labels]; restore record and marks."""
    found, n_found = np.empty((1024, 5), np.int32), 0
    for word in range(len(marks)):
        bits = marks[word]
        if not bits:
            continue
        marks[word] = 0
        for i in range(word << 6, (word << 6) + 64):
            if not bits >> np.uint64(i & 63) & ONE:
                continue
            is_changed = False
            for k in range(4):
                is_changed |= record[i, k] != base[i, k]
            if not is_changed:
                continue
            if n_found == len(found):
                wider = np.empty((2 * n_found, 5), np.int32)
                wider[:n_found] = found
                found = wider
            found[n_found, 0] = i
            for k in range(4):
                found[n_found, k + 1] = record[i, k]
                record[i, k] = base[i, k]
            n_found += 1
    return found[:n_found].copy()


@_compile
def label_points(
    record: Ints, ends: Ints, enter_ms: Ints, access_ms: Ints, along: Ints, along_start: Longs, limit: int
) -> Ints:
    """Give every point the best two facilities: over either end of its edge, or along the edge.

    ``ends`` and ``enter_ms`` (D, 2) are the end nodes and the times from them (``UNREACHED`` where closed);
    ``along[along_start[i]:along_start[i + 1]]`` are the facilities on the point's edge: [facility, ms].
    """
    out = np.empty((len(ends), 4), np.int32)
    for i in range(len(ends)):
        out[i, FIRST] = out[i, SECOND] = -1
        out[i, FIRST_MS] = out[i, SECOND_MS] = UNREACHED
        left = limit - access_ms[i]
        for side in range(2):
            node, more = ends[i, side], np.int64(enter_ms[i, side])
            for k in (FIRST, SECOND):
                ms = record[node, k + 1] + more
                if ms <= left:
                    _improve(out, i, ms, record[node, k])
        for j in range(along_start[i], along_start[i + 1]):
            if along[j, 1] <= left:
                _improve(out, i, np.int64(along[j, 1]), along[j, 0])
        for k in (FIRST, SECOND):
            if out[i, k] >= 0:
                out[i, k + 1] += access_ms[i]
    return out
