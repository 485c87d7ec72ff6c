"""The compiled search for the first and second facility of every node, and its repair after a change.

Queue and blocks are those of :mod:`geo.routing._kernels.dijkstra`; a node has two labels, the better one
first. Labels only improve, so more seeds may be searched at any time: another facility, or what fills the
gaps that one leaves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo._jit import kernel, part
from geo.routing._kernels.bucket_queue import (
    HIGH,
    LAST,
    MARGIN,
    ONE_MORE,
    SHIFT,
    SLOT,
    Bytes,
    Graph,
    Ints,
    Longs,
    Queue,
    Reals,
    Whole,
    new_queue,
    with_room,
)
from geo.routing._kernels.dijkstra import (
    BLOCK,
    FACILITY,
    NO_LABEL,
    NONE,
    ONE,
    UNREACHED,
    best_two,
    block_end,
    improve,
    wider,
)

__all__ = [
    "Entrances",
    "drop_facility",
    "label_points",
    "merge_labels",
    "new_labels",
    "search_two",
    "take_changes",
]

# Columns of a record (N, 4). Seen as whole numbers of 8 bytes, the low half first as on every processor that
# numba is built for, it is two labels (N, 2), the better one first.
FIRST, FIRST_MS, SECOND, SECOND_MS = range(4)


class Entrances(NamedTuple):
    """Over which nodes, and from which facilities on the same edge, points are reached.

    Parameters
    ----------
    ends, enter_ms : int32 array, shape (D, 2)
        End nodes of each point's edge and the times from them, ``UNREACHED`` where closed.
    access_ms : int32 array, shape (D,)
        Time between the road and the point.
    along : int32 array, shape (A, 2)
        [facility on the point's edge, ms straight along it].
    along_start : int64 array, shape (D + 1,)
        Those of point ``i`` are ``along_start[i]:along_start[i + 1]``.
    """

    ends: Ints
    enter_ms: Ints
    access_ms: Ints
    along: Ints
    along_start: Longs


def new_labels(n: int) -> Ints:
    """Make the records of n nodes, with no facility yet."""
    return np.full((n, 2), NO_LABEL, np.int64).view(np.int32)


@kernel
def search_two(labels: Longs, changed: Bytes, graph: Graph, seeds: Ints, limit: int) -> None:
    """Bring the labels to the best two facilities within the limit, all at once; mark the blocks that change.

    ``seeds`` are [node, ms, facility]. Only a label that is among the best two of a node can be so farther
    on, since the rest of the way is the same for all: so no more than two labels pass a node.
    """
    queue = with_room(new_queue(True), len(seeds) + MARGIN)
    n_waiting, more, margin = NONE, NONE, MARGIN
    end = np.int64(limit + 1) << 32
    bucket = np.int64(UNREACHED)
    for i in range(len(seeds)):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    for i in range(len(seeds)):
        node, label = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1]) << 32 | np.int64(seeds[i, 2])
        if label >= end or not improve(labels, node, label):
            continue
        slot = np.uint32(min(label >> 32 >> SHIFT, bucket + LAST)) & SLOT
        at = np.uint32(queue.filled[slot])
        queue.labels[slot, at], queue.nodes[slot, at] = label, node
        queue.filled[slot] += 1
        n_waiting += 1
    while n_waiting:
        if more:
            margin = max(margin, more)
            queue = with_room(queue, margin)
        n_waiting, bucket, more = _go_on(labels, changed, graph, queue, n_waiting, bucket, margin, end)


@part
def _go_on(
    labels: Longs,
    changed: Bytes,
    graph: Graph,
    queue: Queue,
    n_waiting: Whole,
    bucket: Whole,
    margin: Whole,
    end: Whole,
) -> tuple[Whole, Whole, Whole]:
    """Search on as long as the buckets have room, as that of one facility does."""
    start, arcs, filled, waiting, nodes = graph.start, graph.arcs, queue.filled, queue.labels, queue.nodes
    full, is_full = waiting.shape[1] - margin, np.bool_(False)
    while n_waiting:
        slot = np.uint32(bucket) & SLOT
        if filled[slot] == 0:
            bucket += 1
            continue
        at = np.uint32(filled[slot] - 1)
        label, node = waiting[slot, at], np.uint32(nodes[slot, at])
        first, stop = np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])
        if is_full or stop - first > margin:
            return n_waiting, bucket, max(ONE_MORE, np.int64(stop - first))
        filled[slot] -= 1
        n_waiting -= 1
        if (labels[node, 0] != label) & (labels[node, 1] != label):
            continue
        if label >> 32 >> SHIFT > bucket:
            slot = np.uint32(min(label >> 32 >> SHIFT, bucket + LAST)) & SLOT
            at = np.uint32(filled[slot])
            waiting[slot, at], nodes[slot, at] = label, node
            filled[slot] += 1
            is_full |= filled[slot] >= full
            n_waiting += 1
            continue
        changed[node >> BLOCK] = 1
        last = bucket + LAST
        for arc in range(first, stop):
            head, then = np.uint32(arcs[arc]), label + (arcs[arc] & HIGH)
            is_due = improve(labels, head, then if then < end else NO_LABEL)
            due = then >> 32 >> SHIFT
            slot = np.uint32(due if due < last else last) & SLOT
            n = np.int64(filled[slot])
            waiting[slot, np.uint32(n)], nodes[slot, np.uint32(n)] = then, head
            filled[slot] = n + is_due
            is_full |= n + is_due >= full
            n_waiting += is_due
    return n_waiting, bucket, NONE


@kernel
def merge_labels(labels: Longs, other: Longs, changed: Bytes) -> None:
    """Put the labels of other facilities, at the same nodes, among the best two of each changed block."""
    for block in range(len(changed)):
        if changed[block]:
            for i in range(np.uint32(block << BLOCK), block_end(block, len(labels))):
                first, second = labels[i, 0], min(labels[i, 1], other[i, 1])
                labels[i, 0] = min(first, other[i, 0])
                labels[i, 1] = min(second, max(first, other[i, 0]))


@kernel
def drop_facility(record: Ints, changed: Bytes, graph: Graph, back: Graph, own: Ints, facility: int) -> Ints:
    """Take a facility out of the labels; give the seeds [node, ms, facility] that can fill the gaps.

    ``own`` are the seeds of the facility, ``back`` the arcs the other way. The nodes that it is first or
    second of hang together from its own seeds, so only they are visited.
    """
    nodes, n, done = np.empty(1024, np.int32), NONE, -1
    while done < n:
        low, high = 0, len(own)
        if done >= 0:
            low, high = graph.start[nodes[done]], graph.start[nodes[done] + 1]
        for i in range(low, high):
            node = np.uint32(own[i, 0] if done < 0 else graph.arcs[i])
            if record[node, FIRST] == facility:
                record[node, FIRST], record[node, FIRST_MS] = record[node, SECOND], record[node, SECOND_MS]
            elif record[node, SECOND] != facility:
                continue
            record[node, SECOND], record[node, SECOND_MS] = -1, UNREACHED
            changed[node >> BLOCK] = 1
            nodes = wider(nodes, n, np.int64(1))
            nodes[n] = node
            n += 1
        done += 1
    seeds, n_seeds = np.empty(1024, np.int32), NONE
    for i in range(n):
        node = np.uint32(nodes[i])
        for arc in range(back.start[node], back.start[np.uint32(node + ONE)]):
            tail = np.uint32(back.arcs[arc])
            for label in range(FIRST, SECOND_MS, 2):
                if record[tail, label] >= 0 and record[tail, label] != record[node, FIRST]:
                    seeds = wider(seeds, n_seeds, np.int64(3))
                    seeds[n_seeds] = node
                    seeds[n_seeds + 1] = record[tail, label + 1] + (back.arcs[arc] >> 32)
                    seeds[n_seeds + 2] = record[tail, label]
                    n_seeds += 3
    return seeds[:n_seeds]


@kernel
def take_changes(record: Ints, changed: Bytes, base: Ints) -> Ints:
    """Give the nodes whose labels are not those of ``base`` as [node, labels]; restore record and blocks."""
    rows, n = np.empty(4096, np.int32), NONE
    for block in range(len(changed)):
        if not changed[block]:
            continue
        changed[block] = 0
        for i in range(np.uint32(block << BLOCK), block_end(block, len(record))):
            is_changed = False
            for k in range(4):
                is_changed |= record[i, k] != base[i, k]
            if not is_changed:
                continue
            rows = wider(rows, n, np.int64(5))
            rows[n] = i
            for k in range(4):
                rows[n + 1 + k] = record[i, k]
                record[i, k] = base[i, k]
            n += 5
    return rows[:n]


@kernel
def label_points(labels: Longs, points: Entrances, limit: int) -> tuple[Longs, Reals]:
    """Give every point the best two facilities: over either end of its edge, or along the edge.

    Gives facilities (2, D), -1 for none, and seconds (2, D), inf for none.
    """
    n = len(points.ends)
    facility, seconds = np.empty((2, n), np.int64), np.empty((2, n), np.float64)
    for i in range(n):
        first = second = np.int64(NO_LABEL)
        access = np.int64(points.access_ms[i])
        for side in range(2):
            node = np.uint32(points.ends[i, side])
            more = np.int64(min(points.enter_ms[i, side] + access, UNREACHED))
            for k in range(2):
                label = labels[node, k] + (more << 32)
                first, second, _ = best_two(first, second, label if label >> 32 <= limit else NO_LABEL)
        for j in range(points.along_start[i], points.along_start[i + 1]):
            label = (points.along[j, 1] + access) << 32 | np.int64(points.along[j, 0])
            first, second, _ = best_two(first, second, label if label >> 32 <= limit else NO_LABEL)
        for k in range(2):
            label = second if k else first
            is_reached = label != NO_LABEL
            facility[k, i] = label & FACILITY if is_reached else -1
            seconds[k, i] = (label >> 32) / 1000.0 if is_reached else np.inf
    return facility, seconds
