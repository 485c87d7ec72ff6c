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

from geo.routing._kernels.bucket_queue import Bytes, Graph, Ints
from geo.routing._kernels.dijkstra import Seeds, new_blocks, new_work, search_each
from geo.routing._kernels.two_nearest import merge_labels, new_labels, search_two
from geo.routing.stops import Drive, Stops, seeds_of

__all__ = ["label_nodes"]

_FEW: Final = 16
"""Facilities searched at once whatever they reach; they tell how the others are searched."""
_OVERLAP: Final = 4
"""Facilities that reach a node, on the average, above which it is quicker to search all at once."""
_SHARE: Final = 32
"""Facilities for which another core is worth its start, and labels of its own to be merged."""


def label_nodes(view: Drive, stops: Stops, limit: int) -> Ints:
    """Give the first two facilities of every node within the limit (ms), as a record (N, 4)."""
    n_nodes, seeds = view.network.n_nodes, _seeds_in_order(stops)
    record, changed = new_labels(n_nodes), new_blocks(n_nodes)
    few, rest = seeds[: 2 * _FEW], seeds[2 * _FEW :]
    search_two(record.view(np.int64), changed, view.graph, few, limit)
    n_reached = int((record[:, 0] >= 0).sum())
    if n_reached * len(seeds) > _OVERLAP * len(few) * n_nodes:
        search_two(record.view(np.int64), changed, view.graph, rest, limit)
    elif len(rest):
        _label_on_all_cores(view.graph, record, changed, rest, limit)
    return record


def _seeds_in_order(stops: Stops) -> Ints:
    """Give the seeds with neighbours together: both ends of a facility, then the next one's."""
    seeds = seeds_of(stops)
    order = np.argsort(stops.ends.min(axis=1, initial=0), kind="stable")
    return seeds.reshape(-1, 2, 3)[order].reshape(-1, 3)


def _label_on_all_cores(graph: Graph, record: Ints, changed: Bytes, seeds: Ints, limit: int) -> None:
    """Search each facility, neighbours on the same core."""
    n_parts = max(1, min(cpu_count() or 1, len(seeds) // (2 * _SHARE)))
    parts = [part.reshape(-1, 3) for part in np.array_split(seeds.reshape(-1, 2, 3), n_parts)]

    def label(part: Ints) -> tuple[Ints, Bytes]:
        own, own_changed = new_labels(len(record)), new_blocks(len(record))
        _label_each(graph, own, own_changed, part, limit)
        return own, own_changed

    with ThreadPoolExecutor(n_parts) as pool:
        others = pool.map(label, parts[1:])
        _label_each(graph, record, changed, parts[0], limit)
        for other, other_changed in others:
            merge_labels(record.view(np.int64), other.view(np.int64), other_changed)


def _label_each(graph: Graph, record: Ints, changed: Bytes, entries: Ints, limit: int) -> None:
    """Put one facility, of two seeds, after the other among the first two of the nodes."""
    seeds = Seeds(entries, np.arange(0, len(entries) + 1, 2))
    search_each(record.view(np.int64), changed, new_work(len(record)), graph, seeds, limit)
