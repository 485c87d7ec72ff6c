"""Give every node its first and second facility: all at once, or one facility after the other.

At once, no more than two labels pass a node, however many facilities reach it. One after the other, what a
search touches stays in the cache and the searches can be shared among the cores; where facilities reach few
nodes in common that is two to three times as quick. The labels are the same.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.routing._kernels.bucket_queue import new_ring
from geo.routing._kernels.dijkstra import new_marks, new_times, search_each
from geo.routing._kernels.two_nearest import (
    merge_labels,
    new_labels,
    search_two,
)
from geo.routing.stops import (
    Drive,
    Stops,
    borrow,
    seeds_of,
)

__all__ = ["label_each", "label_nodes", "label_together"]

_FEW: Final = 16
"""Facilities searched at once whatever they reach; they tell how the others are searched."""
_OVERLAP: Final = 4
"""Facilities that reach a node, on the average, above which it is quicker to search all at once."""
_SHARE: Final = 32
"""Facilities for which another core is worth its start, and labels of its own to be merged."""


def label_nodes(view: Drive, stops: Stops, limit: int) -> NDArray[np.int32]:
    """Give the first two facilities of every node within the limit (ms), as ``geo.labels`` records them."""
    n_nodes, seeds = len(view.start) - 1, _seeds_in_order(stops)
    record, marks = new_labels(n_nodes), new_marks(n_nodes)
    few, rest = seeds[: 2 * _FEW], seeds[2 * _FEW :]
    label_together(view, record, marks, few, limit)
    n_reached = int(np.bitwise_count(marks).sum())
    if n_reached * len(seeds) > _OVERLAP * len(few) * n_nodes:
        label_together(view, record, marks, rest, limit)
    elif len(rest):
        _label_on_all_cores(view, record, marks, rest, limit)
    return record


def label_together(
    view: Drive, record: NDArray[np.int32], marks: NDArray[np.uint64], seeds: NDArray[np.int32], limit: int
) -> None:
    """Put all seeds [node, ms, facility] at once among the first two of the nodes; mark what changes."""
    search_two(record.view(np.int64), view.start, view.arcs, new_ring(), marks, seeds, limit)


def label_each(
    view: Drive, record: NDArray[np.int32], marks: NDArray[np.uint64], seeds: NDArray[np.int32], limit: int
) -> None:
    """Do the same one facility, of two seeds, after the other."""
    with borrow(view.spare, lambda: new_times(len(record))) as times:
        search_each(record.view(np.int64), times, view.start, view.arcs, new_ring(), marks, seeds, 2, limit)


def _seeds_in_order(stops: Stops) -> NDArray[np.int32]:
    """Give the seeds with neighbours together: both ends of a facility, then the next one's."""
    seeds = seeds_of(stops)
    order = np.argsort(stops.ends.min(axis=1, initial=0), kind="stable")
    return seeds.reshape(-1, 2, 3)[order].reshape(-1, 3)


def _label_on_all_cores(
    view: Drive, record: NDArray[np.int32], marks: NDArray[np.uint64], seeds: NDArray[np.int32], limit: int
) -> None:
    """Search each facility, neighbours on the same core."""
    n_parts = max(1, min(cpu_count() or 1, len(seeds) // (2 * _SHARE)))
    parts = [part.reshape(-1, 3) for part in np.array_split(seeds.reshape(-1, 2, 3), n_parts)]

    def label(part: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
        own, own_marks = new_labels(len(record)), new_marks(len(record))
        label_each(view, own, own_marks, part, limit)
        return own, own_marks

    with ThreadPoolExecutor(n_parts) as pool:
        others = pool.map(label, parts[1:])
        label_each(view, record, marks, parts[0], limit)
        for other, changed in others:
            merge_labels(record.view(np.int64), other.view(np.int64), changed)
