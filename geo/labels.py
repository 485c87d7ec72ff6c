"""The compiled search for the first and second facility of every node, and its repair after a change.

Queue and marks are those of ``geo.kernels``; a record carries two labels. Labels only improve, so more
seeds may be searched at any time: another facility, or what fills the gaps that one leaves.
"""

from __future__ import annotations

import numpy as np

from geo.kernels import (
    BUCKETS,
    ENTRIES,
    FREE,
    PENDING,
    SHIFT,
    UNREACHED,
    USED,
    Bits,
    Ints,
    Longs,
    Whole,
    compiled,
    mark,
    more_entries,
    pop,
    put,
    wider,
)

__all__ = ["drop_facility", "label_points", "new_labels", "search_two", "take_changes"]

# Columns of a record (N, 4): facility and ms of both labels.
FIRST, FIRST_MS, SECOND, SECOND_MS = range(4)
ONE = np.uint64(1)


def new_labels(n: int) -> Ints:
    """Make the records of n nodes, with no facility yet."""
    record = np.empty((n, 4), dtype=np.int32)
    record[:, FIRST::2], record[:, FIRST_MS::2] = -1, UNREACHED
    return record


@compiled
def _improve(record: Ints, row: np.uint32, ms: Whole, facility: Whole) -> int:
    """Put (ms, facility) among the best two of different facilities of a row, to be passed on.

    Equal times go to the lower facility position. Says whether it is better.
    """
    second, second_ms = record[row, SECOND], record[row, SECOND_MS] & UNREACHED
    if ms > second_ms:
        return 0
    first, first_ms = record[row, FIRST], record[row, FIRST_MS] & UNREACHED
    if facility == first:
        if ms >= first_ms:
            return 0
        record[row, FIRST_MS] = ms | PENDING
    elif ms < first_ms or (ms == first_ms and facility < first):
        record[row, SECOND], record[row, SECOND_MS] = first, record[row, FIRST_MS]
        record[row, FIRST], record[row, FIRST_MS] = facility, ms | PENDING
    elif ms == second_ms and facility >= second:
        return 0
    else:
        record[row, SECOND], record[row, SECOND_MS] = facility, ms | PENDING
    return 1


@compiled
def search_two(
    record: Ints,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    seeds: Ints,
    limit: int,
) -> None:
    """Bring the two-label records to the best two facilities within the limit; mark what changed.

    ``seeds`` are [node, ms, facility]. Only a label that is among the best two of a node can be so farther
    on, since the rest of the way is the same for all: so no more than two labels pass a node. Each
    waits in its own bucket; an entry passes on what is due of either.
    """
    entries = np.empty((ENTRIES, 3), np.int32)
    bucket, queued = np.int64(UNREACHED), 0
    ring[USED] = 0
    ring[FREE] = -1
    for i in range(len(seeds)):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    for i in range(len(seeds)):
        node, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        if then <= limit and _improve(record, node, then, np.int64(seeds[i, 2])):
            mark(marks, node)
            if queued == len(entries):
                entries = more_entries(entries)
            put(ring, entries, node, then, bucket)
            queued += 1
    while queued:
        if ring[bucket & (BUCKETS - 1)] < 0:
            bucket += 1
            continue
        popped = pop(ring, entries, bucket)
        if popped < 0:
            continue
        queued -= 1
        node = np.uint32(popped)
        for label in range(FIRST, SECOND_MS, 2):
            ms = np.int64(record[node, label + 1])
            if not ms & PENDING or (ms & UNREACHED) >> SHIFT > bucket:
                continue
            ms &= UNREACHED
            record[node, label + 1] = ms
            facility = np.int64(record[node, label])
            for arc in range(np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])):
                head, then = np.uint32(arcs[arc, 0]), ms + arcs[arc, 1]
                if then > limit or not _improve(record, head, then, facility):
                    continue
                mark(marks, head)
                if queued == len(entries):
                    entries = more_entries(entries)
                put(ring, entries, head, then, bucket)
                queued += 1


@compiled
def drop_facility(
    record: Ints,
    start: Ints,
    arcs: Ints,
    back_start: Ints,
    back_arcs: Ints,
    marks: Bits,
    own: Ints,
    facility: int,
) -> Ints:
    """Take a facility out of the labels; give the seeds [node, ms, facility] that can fill the gaps.

    The nodes that it is first or second of hang together from its own seeds, so only they are visited.
    """
    nodes, n, done = np.empty(1024, np.int32), 0, -1
    while done < n:
        low, high = 0, len(own)
        if done >= 0:
            low, high = start[nodes[done]], start[nodes[done] + 1]
        for i in range(low, high):
            node = np.uint32(own[i, 0] if done < 0 else arcs[i, 0])
            if record[node, FIRST] == facility:
                record[node, FIRST], record[node, FIRST_MS] = record[node, SECOND], record[node, SECOND_MS]
            elif record[node, SECOND] != facility:
                continue
            record[node, SECOND], record[node, SECOND_MS] = -1, UNREACHED
            mark(marks, node)
            nodes = wider(nodes, n, 1)
            nodes[n] = node
            n += 1
        done += 1
    seeds, n_seeds = np.empty(1024, np.int32), 0
    for i in range(n):
        node = np.uint32(nodes[i])
        for arc in range(back_start[node], back_start[node + ONE]):
            tail = np.uint32(back_arcs[arc, 0])
            for label in range(FIRST, SECOND_MS, 2):
                if record[tail, label] >= 0 and record[tail, label] != record[node, FIRST]:
                    seeds = wider(seeds, n_seeds, 3)
                    seeds[n_seeds] = node
                    seeds[n_seeds + 1] = record[tail, label + 1] + back_arcs[arc, 1]
                    seeds[n_seeds + 2] = record[tail, label]
                    n_seeds += 3
    return seeds[:n_seeds]


@compiled
def take_changes(record: Ints, marks: Bits, base: Ints) -> Ints:
    """Give the nodes whose labels are not those of ``base`` as [node, labels]; restore record and marks."""
    found, n = np.empty(4096, np.int32), 0
    for word in range(len(marks)):
        if not marks[word]:
            continue
        for bit in range(64):
            i = np.uint32(word << 6 | bit)
            if not marks[word] >> np.uint64(bit) & ONE:
                continue
            is_changed = False
            for k in range(4):
                is_changed |= record[i, k] != base[i, k]
            if not is_changed:
                continue
            found = wider(found, n, 5)
            found[n] = i
            for k in range(4):
                found[n + 1 + k] = record[i, k]
                record[i, k] = base[i, k]
            n += 5
        marks[word] = 0
    return found[:n]


@compiled
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
            node, more = np.uint32(ends[i, side]), np.int64(enter_ms[i, side])
            for k in range(FIRST, SECOND_MS, 2):
                ms = record[node, k + 1] + more
                if ms <= left:
                    _improve(out, np.uint32(i), ms, np.int64(record[node, k]))
        for j in range(along_start[i], along_start[i + 1]):
            if along[j, 1] <= left:
                _improve(out, np.uint32(i), np.int64(along[j, 1]), np.int64(along[j, 0]))
        for k in range(FIRST, SECOND_MS, 2):
            if out[i, k] >= 0:
                out[i, k + 1] = (out[i, k + 1] & UNREACHED) + access_ms[i]
    return out
