"""The compiled search for the first and second facility of every node, and its repair after a change.

Queue and marks are those of ``geo.kernels``; a node has two labels, the better one first. Labels only
improve, so more seeds may be searched at any time: another facility, or what fills the gaps that one leaves.
"""

from __future__ import annotations

import numpy as np

from geo._jit import kernel, part
from geo.routing._kernels.bucket_queue import (
    BUCKETS,
    DUE,
    NONE,
    SHIFT,
    Bits,
    Ints,
    Longs,
    Reals,
    Whole,
    fetch,
    longer,
    put,
)
from geo.routing._kernels.dijkstra import FACILITY, NO_LABEL, UNREACHED, best_two, improve, mark, wider

__all__ = ["drop_facility", "label_points", "merge_labels", "new_labels", "search_two", "take_changes"]

# Columns of a record (N, 4). Seen as whole numbers of 8 bytes, the low half first as on every processor that
# numba is built for, it is two labels (N, 2), the better one first.
FIRST, FIRST_MS, SECOND, SECOND_MS = range(4)

ONE = np.uint64(1)


def new_labels(n: int) -> Ints:
    """Make the records of n nodes, with no facility yet."""
    return np.full((n, 2), NO_LABEL, np.int64).view(np.int32)


@kernel
def search_two(
    labels: Longs,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    seeds: Ints,
    limit: int,
) -> None:
    """Bring the labels to the best two facilities within the limit, all at once; mark what changed.

    ``seeds`` are [node, ms, facility]. Only a label that is among the best two of a node can be so farther
    on, since the rest of the way is the same for all: so no more than two labels pass a node.
    """
    entries, waiting = np.empty(2 * len(labels), np.int64), np.empty(2 * len(labels), np.int64)
    end = (limit + 1) << 32
    n: Whole = NONE
    done = NONE
    bucket = np.int64(UNREACHED)
    for i in range(len(seeds)):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    if len(seeds) >= len(entries):
        entries, waiting = longer(entries, NONE, len(seeds) + 1), longer(waiting, NONE, len(seeds) + 1)
    for i in range(len(seeds)):
        node, label = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1]) << 32 | np.int64(seeds[i, 2])
        is_better = improve(labels, node, label if label < end else NO_LABEL)
        waiting[np.uint32(n)] = label
        n = put(ring, entries, n, node, label >> 32, bucket, is_better)
    more = NONE
    while done < n:
        if n + more > len(entries):
            entries, waiting = longer(entries, n, more), longer(waiting, n, more)
        n, done, bucket, more = _go_on(
            labels, start, arcs, ring, marks, entries, waiting, n, done, bucket, end
        )


@part
def _go_on(
    labels: Longs,
    start: Ints,
    arcs: Ints,
    ring: Ints,
    marks: Bits,
    entries: Longs,
    waiting: Longs,
    n: Whole,
    done: Whole,
    bucket: Whole,
    end: Whole,
) -> tuple[Whole, Whole, Whole, Whole]:
    """Search on as long as there is room for entries, as ``geo.kernels`` does."""
    while done < n:
        entry = ring[bucket & (BUCKETS - 1)]
        if entry < 0:
            bucket += 1
            continue
        label, node = waiting[np.uint32(entry)], np.uint32(entries[np.uint32(entry)] >> 32)
        first, stop = np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])
        more = np.int64(stop - first) + 1
        if n + more > len(entries):
            return n, done, bucket, more
        ring[bucket & (BUCKETS - 1)] = np.int32(entries[np.uint32(entry)])
        done += 1
        if (labels[node, 0] != label) & (labels[node, 1] != label):
            continue
        if label >> 32 >> SHIFT > bucket:
            waiting[np.uint32(n)] = label
            n = put(ring, entries, n, node, label >> 32, bucket, DUE)
            continue
        mark(marks, node)
        for arc in range(first, stop):
            head, then = np.uint32(arcs[arc, 0]), label + (np.int64(arcs[arc, 1]) << 32)
            is_better = improve(labels, head, then if then < end else NO_LABEL)
            waiting[np.uint32(n)] = then
            n = put(ring, entries, n, head, then >> 32, bucket, is_better)
            fetch(arcs, np.uint32(start[head]))
    return n, done, bucket, NONE


@kernel
def merge_labels(labels: Longs, other: Longs, marks: Bits) -> None:
    """Put the labels of other facilities, at the same nodes, among the best two of each marked node."""
    for word in range(len(marks)):
        if marks[word]:
            for i in range(word << 6, min((word + 1) << 6, len(labels))):
                first, second = labels[i, 0], min(labels[i, 1], other[i, 1])
                labels[i, 0] = min(first, other[i, 0])
                labels[i, 1] = min(second, max(first, other[i, 0]))


@kernel
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
    nodes, n, done = np.empty(1024, np.int32), NONE, -1
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
            nodes = wider(nodes, n, np.int64(1))
            nodes[n] = node
            n += 1
        done += 1
    seeds, n_seeds = np.empty(1024, np.int32), NONE
    for i in range(n):
        node = np.uint32(nodes[i])
        for arc in range(back_start[node], back_start[node + ONE]):
            tail = np.uint32(back_arcs[arc, 0])
            for label in range(FIRST, SECOND_MS, 2):
                if record[tail, label] >= 0 and record[tail, label] != record[node, FIRST]:
                    seeds = wider(seeds, n_seeds, np.int64(3))
                    seeds[n_seeds] = node
                    seeds[n_seeds + 1] = record[tail, label + 1] + back_arcs[arc, 1]
                    seeds[n_seeds + 2] = record[tail, label]
                    n_seeds += 3
    return seeds[:n_seeds]


@kernel
def take_changes(record: Ints, marks: Bits, base: Ints) -> Ints:
    """Give the nodes whose labels are not those of ``base`` as [node, labels]; restore record and marks."""
    found, n = np.empty(4096, np.int32), NONE
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
            found = wider(found, n, np.int64(5))
            found[n] = i
            for k in range(4):
                found[n + 1 + k] = record[i, k]
                record[i, k] = base[i, k]
            n += 5
        marks[word] = 0
    return found[:n]


@kernel
def label_points(
    labels: Longs, ends: Ints, enter_ms: Ints, access_ms: Ints, along: Ints, along_start: Longs, limit: int
) -> tuple[Longs, Reals]:
    """Give every point the best two facilities: over either end of its edge, or along the edge.

    ``ends`` and ``enter_ms`` (D, 2) are the end nodes and the times from them (``UNREACHED`` where closed);
    ``along[along_start[i]:along_start[i + 1]]`` are the facilities on the point's edge: [facility, ms].
    Gives facilities (2, D), -1 for none, and seconds (2, D), inf for none.
    """
    n = len(ends)
    facility, seconds = np.empty((2, n), np.int64), np.empty((2, n), np.float64)
    for i in range(n):
        first = second = np.int64(NO_LABEL)
        access = np.int64(access_ms[i])
        for side in range(2):
            node, more = np.uint32(ends[i, side]), np.int64(min(enter_ms[i, side] + access, UNREACHED))
            for k in range(2):
                label = labels[node, k] + (more << 32)
                first, second, _ = best_two(first, second, label if label >> 32 <= limit else NO_LABEL)
        for j in range(along_start[i], along_start[i + 1]):
            label = (along[j, 1] + access) << 32 | np.int64(along[j, 0])
            first, second, _ = best_two(first, second, label if label >> 32 <= limit else NO_LABEL)
        for k in range(2):
            label = second if k else first
            is_found = label != NO_LABEL
            facility[k, i] = label & FACILITY if is_found else -1
            seconds[k, i] = (label >> 32) / 1000.0 if is_found else np.inf
    return facility, seconds
