"""The queue of the compiled searches: a ring of buckets, each a row of what is due in one span of time.

After Dial (1969) and delta-stepping (Meyer and Sanders 2003). A bucket holds what is due within ``2**SHIFT``
ms in any order: a node that improves inside the open bucket is handled again. What falls beyond the ring
waits in its last bucket and is then put back.

What waits is a label, ``ms << 32 | node`` or ``ms << 32 | facility``, which sorts by time. An arc's outcome
is written whether it is due or not, and counted only if it is, so that the processor has nothing to guess:
wrong guesses took a third of the time. Unsigned positions spare numba's test for negative ones.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo._jit import part

__all__ = [
    "BUCKETS",
    "HIGH",
    "LAST",
    "MARGIN",
    "ONE_MORE",
    "SHIFT",
    "SLOT",
    "Bytes",
    "Flag",
    "Graph",
    "Ints",
    "Longs",
    "Queue",
    "Reals",
    "Whole",
    "new_queue",
    "with_room",
]

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Reals: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
Whole: TypeAlias = int | np.integer
Flag: TypeAlias = bool | np.bool_

SHIFT: Final = np.int64(11)
BUCKETS: Final = 128
LAST: Final = np.int64(BUCKETS - 1)
SLOT: Final = np.uint32(BUCKETS - 1)
"""The bits of a bucket's number that give its place in the ring."""
HIGH: Final = np.int64(-1) << np.int64(32)
"""The bits of a label that hold its time."""
MARGIN: Final = np.int64(8)
"""Room that every bucket has when a node is handled: for as many arcs."""
ONE_MORE: Final = np.int64(1)
_ROOM: Final = 72
"""Room in each bucket to begin with; no power of two, so that the buckets do not fall on each other in the
cache."""


class Graph(NamedTuple):
    """The arcs that a search follows.

    Parameters
    ----------
    start : int32 array, shape (N + 1,)
        Arcs of node ``i`` are ``start[i]:start[i + 1]``.
    arcs : int64 array, shape (A,)
        ``ms << 32 | head``.
    """

    start: Ints
    arcs: Longs


class Queue(NamedTuple):
    """A ring of buckets; empty between searches.

    Parameters
    ----------
    filled : int32 array, shape (BUCKETS,)
        How many labels wait in each bucket.
    labels : int64 array, shape (BUCKETS, room)
        The labels that wait.
    nodes : int32 array, shape (BUCKETS, room)
        The node of each label, where the label does not name it; else without room.
    """

    filled: Ints
    labels: Longs
    nodes: Ints


@part
def new_queue(has_nodes: Flag) -> Queue:
    """Make an empty queue."""
    room = _ROOM if has_nodes else 0
    return Queue(
        np.zeros(BUCKETS, np.int32), np.empty((BUCKETS, _ROOM), np.int64), np.empty((BUCKETS, room), np.int32)
    )


@part
def with_room(queue: Queue, more: Whole) -> Queue:
    """Give a queue with room for ``more`` labels more in each bucket, and for twice as many as before."""
    room = 2 * queue.labels.shape[1] + more
    has_nodes = queue.nodes.shape[1] > 0
    labels = np.empty((BUCKETS, room), np.int64)
    nodes = np.empty((BUCKETS, room if has_nodes else 0), np.int32)
    for slot in range(BUCKETS):
        for i in range(queue.filled[slot]):
            labels[slot, i] = queue.labels[slot, i]
            if has_nodes:
                nodes[slot, i] = queue.nodes[slot, i]
    return Queue(queue.filled, labels, nodes)
