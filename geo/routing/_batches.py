"""Search from many facilities, neighbours together and on all cores; rows in the caller's order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from os import cpu_count
from typing import Final

import numpy as np

from geo.crs import ranges
from geo.routing._cores import on_cores
from geo.routing._kernels.bucket_queue import Graph, Ints, Longs
from geo.routing._kernels.dijkstra import Points, Seeds, new_work, place_rows, reach
from geo.routing.stops import Drive, Stops, count_starts, seeds_of
from geo.times import UNREACHED_MS

__all__ = ["NODES", "Goal", "list_by_node", "reach_from_all"]

_BATCH: Final = 640
"""Facilities searched in one go at most, neighbours together: what they touch stays in the cache."""
_ROOM: Final = 8192
"""Entries a search for which there is room at once; what is not filled is never touched."""


@dataclass(frozen=True, eq=False)
class Goal:
    """What is to be reached: demand points, or all nodes.

    Parameters
    ----------
    n : int
        Number of demand points; 0 for nodes.
    near : int32 array, shape (K, 2)
        Points by node: point, milliseconds from the node.
    near_start : int64 array, shape (N + 1,)
        Those of node ``i`` are ``near_start[i]:near_start[i + 1]``; empty for nodes.
    along : int32 array, shape (A, 3)
        Facility, point on the same edge, milliseconds straight along it; by facility.
    """

    n: int
    near: Ints
    near_start: Longs
    along: Ints


NODES: Final = Goal(0, np.empty((0, 2), np.int32), np.empty(0, np.int64), np.empty((0, 3), np.int32))
"""All nodes."""


def list_by_node(points: Stops, n_nodes: int) -> tuple[Ints, Longs]:
    """List the points by the nodes at the ends of their edges: [point, ms from the node with access]."""
    ms = points.enter_ms.astype(np.int64) + points.access_ms[:, None]
    point, side = np.nonzero(ms < UNREACHED_MS)
    node = points.ends[point, side]
    order = np.argsort(node, kind="stable")
    near = np.column_stack([point, ms[point, side]])[order].astype(np.int32)
    return near, count_starts(node, n_nodes)


def reach_from_all(view: Drive, sources: Stops, goal: Goal, limit: int) -> tuple[Longs, Ints, Ints]:
    """Give what every facility reaches within the limit (ms), and when.

    Returns
    -------
    start : int64 array, shape (F + 1,)
        Entries of facility ``f``, in the caller's order, are ``start[f]:start[f + 1]``.
    reached, ms : int32 arrays
        What is reached, ascending, and the milliseconds.
    """
    seeds = seeds_of(sources).reshape(-1, 2, 3)
    along_start = count_starts(goal.along[:, 0], len(seeds))
    order = np.argsort(sources.ends[:, 0], kind="stable")  # nodes with numbers near each other are neighbours
    n_cores = cpu_count() or 1
    n_batches = max(1, min(len(order), n_cores * -(-len(order) // (n_cores * _BATCH))))
    search = partial(_search, view.graph, goal, seeds, along_start, limit)
    parts = on_cores(search, np.array_split(order, n_batches))
    size = np.zeros(len(order), np.int64)
    for part in parts:
        size[part.source] = np.diff(part.start)
    start = np.concatenate([[0], np.cumsum(size)])
    reached, ms = (np.empty(start[-1], np.int32) for _ in range(2))
    on_cores(lambda part: part.place(start, reached, ms), parts)
    return start, reached, ms


@dataclass(frozen=True, eq=False)
class _Batch:
    """What some facilities reach: the entries of ``source[i]`` are ``start[i]:start[i + 1]``."""

    source: Longs
    start: Longs
    reached: Ints
    ms: Ints

    def place(self, start: Longs, reached: Ints, ms: Ints) -> None:
        """Copy the entries to where those of each facility begin in the table of all."""
        place_rows(self.start, self.reached, self.ms, start[self.source], reached, ms)


def _search(graph: Graph, goal: Goal, seeds: Ints, along_start: Longs, limit: int, batch: Longs) -> _Batch:
    """Search from the facilities of a batch, one after the other."""
    n_nodes = len(graph.start) - 1
    room = len(batch) * min(_ROOM, goal.n or n_nodes) + 1
    start, reached, ms = reach(
        new_work(n_nodes),
        graph,
        Seeds(seeds[batch].reshape(-1, 3), np.arange(0, 2 * len(batch) + 1, 2)),
        limit,
        Points(goal.near, goal.near_start, *_own_along(goal, along_start, batch)),
        new_work(goal.n),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int32),
    )
    return _Batch(batch, start, reached, ms)


def _own_along(goal: Goal, along_start: Longs, batch: Longs) -> tuple[Ints, Longs]:
    """Give the part of ``goal.along`` that is of the facilities of a batch, and where each one's begins."""
    rows, start = ranges(along_start[batch], along_start[batch + 1])
    return np.ascontiguousarray(goal.along[rows, 1:]), start
