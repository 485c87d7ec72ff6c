"""The compiled searches: bounded shortest times from many sources over compressed arcs.

Times are whole milliseconds in int32. A label of the queue whose node has another time by now is out of date
and falls away.

Searches leave the queue empty and the times and blocks as they were, so that a search costs what it touches
and hardly the size of the network. Loops rather than slices of arrays, and the same types at every call, keep
compiling short.
"""

from __future__ import annotations

from typing import Final, NamedTuple

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
    Flag,
    Graph,
    Ints,
    Longs,
    Queue,
    Whole,
    new_queue,
    with_room,
)
from geo.times import UNREACHED_MS

__all__ = [
    "BLOCK",
    "FACILITY",
    "NONE",
    "NO_LABEL",
    "NO_POINTS",
    "ONE",
    "UNREACHED",
    "Points",
    "Seeds",
    "Work",
    "best_two",
    "block_end",
    "improve",
    "new_blocks",
    "new_times",
    "new_work",
    "place_rows",
    "reach",
    "search_each",
    "search_source",
    "wider",
]

UNREACHED: Final = int(UNREACHED_MS)
# A label is a time and a facility, ms << 32 | facility: the less the better.
FACILITY: Final = 2**32 - 1
NO_LABEL: Final = UNREACHED << 32 | FACILITY
# Numbers that are written out make numba compile a function once more for each; these do not.
NONE: Final = np.int64(0)
ONE: Final = np.uint32(1)
BLOCK: Final = np.uint32(6)
"""Nodes are marked in blocks of ``2**BLOCK``; neighbours have neighbouring numbers."""


class Work(NamedTuple):
    """What a search writes on; clean between searches.

    Parameters
    ----------
    times : int32 array, shape (N,)
        Time of each node or point, ``UNREACHED`` when clean.
    blocks : uint8 array
        1 for each block of 64 in which there may be a time, 0 when clean.
    """

    times: Ints
    blocks: Bytes


class Seeds(NamedTuple):
    """Where sources enter the nodes.

    Parameters
    ----------
    entries : int32 array, shape (S, 3)
        [node, ms, source].
    start : int64 array, shape (F + 1,)
        Those of source ``f`` are ``start[f]:start[f + 1]``.
    """

    entries: Ints
    start: Longs


class Points(NamedTuple):
    """Points that are to be reached, by node and by source.

    Parameters
    ----------
    near : int32 array, shape (K, 2)
        [point, ms from the node].
    near_start : int64 array, shape (N + 1,)
        Those of node ``i`` are ``near_start[i]:near_start[i + 1]``; empty where nodes are to be reached.
    along : int32 array, shape (A, 2)
        [point on the edge of a source, ms straight along it].
    along_start : int64 array, shape (F + 1,)
        Those of source ``f`` are ``along_start[f]:along_start[f + 1]``.
    """

    near: Ints
    near_start: Longs
    along: Ints
    along_start: Longs


NO_POINTS: Final = Points(
    np.empty((0, 2), np.int32), np.empty(0, np.int64), np.empty((0, 2), np.int32), np.empty(0, np.int64)
)
"""Nodes are to be reached."""


def new_times(n: int) -> Ints:
    """Make times for n things, none reached."""
    return np.full(n, UNREACHED, dtype=np.int32)


def new_work(n: int) -> Work:
    """Make a clean record for n nodes or points."""
    return Work(new_times(n), new_blocks(n))


def new_blocks(n: int) -> Bytes:
    """Make room to mark the blocks of n things, none marked."""
    return np.zeros((n >> int(BLOCK)) + 1, dtype=np.uint8)


@part
def block_end(block: int, n: int) -> np.uint32:
    """Give where a block of n things ends."""
    end = np.int64(block + 1) << BLOCK
    return np.uint32(end if end < n else n)


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
def search_source(
    work: Work, graph: Graph, queue: Queue, seeds: Seeds, f: Whole, limit: int, labels: Longs
) -> tuple[Queue, Whole]:
    """Lower the times to the least from any seed of source f within the limit; mark the blocks reached.

    With ``labels`` (N, 2) the times are put among the best two of each node as those of the source, and
    nothing goes on from a node where they are not. Gives the queue and how many labels it had, at least one a
    node.
    """
    low, high = seeds.start[f], seeds.start[f + 1]
    n_waiting, n_done, more, margin = NONE, NONE, NONE, MARGIN
    bucket = np.int64(UNREACHED)
    if high - low + margin >= queue.labels.shape[1]:
        queue = with_room(queue, high - low + margin)
    for i in range(low, high):
        bucket = min(bucket, np.int64(seeds.entries[i, 1]) >> SHIFT)
    for i in range(low, high):
        node, ms = np.uint32(seeds.entries[i, 0]), np.int64(seeds.entries[i, 1])
        if ms <= limit and ms < work.times[node]:
            work.times[node] = ms
            slot = np.uint32(min(ms >> SHIFT, bucket + LAST)) & SLOT
            queue.labels[slot, np.uint32(queue.filled[slot])] = ms << 32 | np.int64(node)
            queue.filled[slot] += 1
            n_waiting += 1
    facility = np.int64(seeds.entries[low, 2]) if low < high else NONE
    while n_waiting:
        if more:
            margin = max(margin, more)
            queue = with_room(queue, margin)
        n_waiting, n_done, bucket, more = _go_on(
            work, graph, queue, n_waiting, n_done, bucket, margin, limit, labels, facility
        )
    return queue, n_done


@part
def _go_on(
    work: Work,
    graph: Graph,
    queue: Queue,
    n_waiting: Whole,
    n_done: Whole,
    bucket: Whole,
    margin: Whole,
    limit: int,
    labels: Longs,
    facility: Whole,
) -> tuple[Whole, Whole, Whole, Whole]:
    """Search on as long as every bucket has room for ``margin`` labels more, and no node has more arcs.

    Gives how many labels wait and were handled, the open bucket, and the arcs of the next node. The room
    stays the same within: of an array that may change numba counts the holders, at every node.
    """
    # Taken out of the tuples first: each time that one is asked for an array, numba counts its holders.
    times, blocks, start, arcs = work.times, work.blocks, graph.start, graph.arcs
    filled, waiting = queue.filled, queue.labels
    full, is_full = waiting.shape[1] - margin, np.bool_(False)
    while n_waiting:
        slot = np.uint32(bucket) & SLOT
        if filled[slot] == 0:
            bucket += 1
            continue
        label = waiting[slot, np.uint32(filled[slot] - 1)]
        node, ms = np.uint32(label), label >> 32
        first, end = np.uint32(start[node]), np.uint32(start[np.uint32(node + ONE)])
        if is_full or end - first > margin:
            return n_waiting, n_done, bucket, max(ONE_MORE, np.int64(end - first))
        filled[slot] -= 1
        n_waiting -= 1
        n_done += 1
        if times[node] != ms:
            continue
        if ms >> SHIFT > bucket:
            slot = np.uint32(min(ms >> SHIFT, bucket + LAST)) & SLOT
            waiting[slot, np.uint32(filled[slot])] = label
            filled[slot] += 1
            is_full |= filled[slot] >= full
            n_waiting += 1
            continue
        blocks[node >> BLOCK] = 1
        if len(labels) and not improve(labels, node, (label & HIGH) | facility):
            continue
        last = bucket + LAST
        for arc in range(first, end):
            label_there = (label & HIGH) + arcs[arc]
            head, then = np.uint32(label_there), label_there >> 32
            was = np.int64(times[head])
            is_due = (then < was) & (then <= limit)
            times[head] = then if is_due else was
            due = then >> SHIFT
            slot = np.uint32(due if due < last else last) & SLOT
            n = np.int64(filled[slot])
            waiting[slot, np.uint32(n)] = label_there
            filled[slot] = n + is_due
            is_full |= n + is_due >= full
            n_waiting += is_due
    return n_waiting, n_done, bucket, NONE


@part
def _take(work: Work, found: Ints, found_ms: Ints, n: Whole) -> Whole:
    """Append what has a time, ascending, and the times; clean the record; give the new number.

    There must be room for one more than there is.
    """
    times, blocks = work.times, work.blocks
    for block in range(len(blocks)):
        if not blocks[block]:
            continue
        blocks[block] = 0
        for i in range(np.uint32(block << BLOCK), block_end(block, len(times))):
            ms = times[i]
            found[n], found_ms[n] = i, ms
            times[i] = UNREACHED
            n += ms < UNREACHED
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
    work: Work,
    graph: Graph,
    seeds: Seeds,
    limit: int,
    points: Points,
    point_work: Work,
    reached: Ints,
    reached_ms: Ints,
) -> tuple[Longs, Ints, Ints]:
    """Give, for each source, what it reaches within the limit, ascending, and the times.

    ``reached`` and ``reached_ms`` are room to begin with.
    """
    reached_start = np.zeros(len(seeds.start), np.int64)
    n: Whole = NONE
    nodes, ms = np.empty(1024, np.int32), np.empty(1024, np.int32)
    queue, no_labels = new_queue(False), np.empty((0, 2), np.int64)
    for f in range(len(seeds.start) - 1):
        queue, n_nodes = search_source(work, graph, queue, seeds, f, limit, no_labels)
        if len(points.near_start) == 0:
            reached, reached_ms = wider(reached, n, n_nodes + 1), wider(reached_ms, n, n_nodes + 1)
            n = _take(work, reached, reached_ms, n)
        else:
            nodes, ms = wider(nodes, NONE, n_nodes + 1), wider(ms, NONE, n_nodes + 1)
            n_nodes = _take(work, nodes, ms, NONE)
            n_points = _pass_to_points(points, f, nodes, ms, n_nodes, limit, point_work)
            reached, reached_ms = wider(reached, n, n_points + 1), wider(reached_ms, n, n_points + 1)
            n = _take(point_work, reached, reached_ms, n)
        reached_start[f + 1] = n
    return reached_start, reached[:n], reached_ms[:n]


@part
def _pass_to_points(
    points: Points, f: Whole, nodes: Ints, ms: Ints, n_nodes: Whole, limit: int, point_work: Work
) -> Whole:
    """Pass times on from the nodes to their points, and from source f along its edge; count the points."""
    n_points = NONE
    for i in range(n_nodes):
        for j in range(points.near_start[nodes[i]], points.near_start[nodes[i] + 1]):
            then = np.int64(ms[i]) + points.near[j, 1]
            n_points += _lower(point_work, np.uint32(points.near[j, 0]), then, limit)
    for j in range(points.along_start[f], points.along_start[f + 1]):
        then = np.int64(points.along[j, 1])
        n_points += _lower(point_work, np.uint32(points.along[j, 0]), then, limit)
    return n_points


@part
def _lower(work: Work, point: np.uint32, ms: Whole, limit: int) -> int:
    """Lower a point's time; say whether it is reached for the first time."""
    was = work.times[point]
    if ms > limit or ms >= was:
        return 0
    work.times[point] = ms
    work.blocks[point >> BLOCK] = 1
    return 1 if was == UNREACHED else 0


@kernel
def search_each(labels: Longs, changed: Bytes, work: Work, graph: Graph, seeds: Seeds, limit: int) -> None:
    """Bring the labels to the best two facilities within the limit, one facility after the other.

    Marks in ``changed`` the blocks in which labels may have changed.
    """
    queue = new_queue(False)
    for f in range(len(seeds.start) - 1):
        queue, _ = search_source(work, graph, queue, seeds, f, limit, labels)
        for block in range(len(work.blocks)):
            if not work.blocks[block]:
                continue
            work.blocks[block], changed[block] = 0, 1
            for i in range(np.uint32(block << BLOCK), block_end(block, len(work.times))):
                work.times[i] = UNREACHED


@kernel
def place_rows(
    start: Longs, found: Ints, found_ms: Ints, target: Longs, all_found: Ints, all_ms: Ints
) -> None:
    """Copy the entries ``start[f]:start[f + 1]`` of each source to where its row of the table begins."""
    for f in range(len(target)):
        at, low, n = np.uint64(target[f]), np.uint64(start[f]), np.uint64(start[f + 1] - start[f])
        for i in range(n):
            all_found[at + i] = found[low + i]
        for i in range(n):
            all_ms[at + i] = found_ms[low + i]
