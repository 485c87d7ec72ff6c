"""Search from many facilities, neighbours together and on all cores; rows in the caller's order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import cpu_count
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.routing._kernels.bucket_queue import new_ring
from geo.routing._kernels.dijkstra import new_marks, new_times, place_rows, reach
from geo.routing._kernels.eight_sources import new_room, reach_lanes, take_lanes
from geo.routing._kernels.simd import LANES
from geo.routing.stops import Drive, Stops, borrow, count_starts, seeds_of
from geo.times import UNREACHED_MS

__all__ = ["NODES", "Goal", "list_by_node", "reach_from_all"]

_BATCH: Final = 640
"""Facilities searched in one go at most, neighbours together: what they touch stays in the cache."""
_ROOM: Final = 8192
"""Entries a search for which there is room at once; what is not filled is never touched."""
_MANY: Final = 64
"""Facilities from which on it is asked whether they are close enough to be searched side by side."""
_MOST_VISITS: Final = 12
"""Visits to a node, on the average, above which searches one by one are quicker."""
_CLOSE: Final = 3.0
"""Nodes that facilities side by side reach, each by itself, for one that any of them does: enough to gain."""

Whole: TypeAlias = NDArray[np.int32]
Long: TypeAlias = NDArray[np.int64]


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
    near: Whole
    near_start: Long
    along: Whole


NODES: Final = Goal(0, np.empty((0, 2), np.int32), np.empty(0, np.int64), np.empty((0, 3), np.int32))
"""All nodes."""


def list_by_node(points: Stops, n_nodes: int) -> tuple[Whole, Long]:
    """List the points by the nodes at the ends of their edges: [point, ms from the node with access]."""
    ms = points.enter_ms.astype(np.int64) + points.access_ms[:, None]
    point, side = np.nonzero(ms < UNREACHED_MS)
    node = points.ends[point, side]
    order = np.argsort(node, kind="stable")
    near = np.column_stack([point, ms[point, side]])[order].astype(np.int32)
    return near, count_starts(node, n_nodes)


def reach_from_all(
    view: Drive, node_xy: NDArray[np.float64], sources: Stops, goal: Goal, limit: int
) -> tuple[Long, Whole, Whole]:
    """Give what every facility reaches within the limit (ms), and when.

    Returns
    -------
    start : int64 array, shape (F + 1,)
        Entries of facility ``f``, in the caller's order, are ``start[f]:start[f + 1]``.
    found, ms : int32 arrays
        What is reached, ascending, and the milliseconds.
    """
    seeds = seeds_of(sources).reshape(-1, 2, 3)
    along_start = count_starts(goal.along[:, 0], len(seeds))
    order = _tile(node_xy[sources.ends[:, 0]])
    is_close = len(order) >= _MANY and _overlap(view, seeds, order, limit) >= _CLOSE
    if is_close:
        view.rows  # noqa: B018 - made once, before the threads ask for it
    search = partial(_search, view, goal, seeds, along_start, limit, is_close)
    n_cores = cpu_count() or 1
    with ThreadPoolExecutor(n_cores) as pool:
        parts = [part for found in pool.map(search, _split(order, n_cores)) for part in found]
        size = np.zeros(len(order), np.int64)
        for part in parts:
            size[part.source] = part.size
        start = np.concatenate([[0], np.cumsum(size)])
        found, ms = (np.empty(start[-1], np.int32) for _ in range(2))
        list(pool.map(lambda part: part.place(start, found, ms), parts))
    return start, found, ms


def _tile(xy: NDArray[np.float64]) -> Long:
    """Order places so that every eight after each other stand together.

    Strips from west to east, each of them from south to north: sort-tile-recursive packing (Leutenegger,
    Lopez and Edgington 1997).
    """
    n_groups = -(-len(xy) // LANES)
    strip = LANES * max(1, int(np.rint(np.sqrt(n_groups))))
    east = np.argsort(xy[:, 0], kind="stable")
    return east[np.lexsort((xy[east, 1], np.arange(len(xy)) // strip))]


def _split(order: Long, n_cores: int) -> list[Long]:
    """Divide facilities into batches of one size, to a group, as many for each core, whole groups in each."""
    n_groups = -(-len(order) // LANES)
    n_batches = min(n_groups, n_cores * -(-len(order) // (n_cores * _BATCH)))
    return np.split(order, LANES * (np.arange(1, n_batches) * n_groups // n_batches))


def _overlap(view: Drive, seeds: Whole, order: Long, limit: int) -> float:
    """Give how often a node that eight neighbours reach is reached by one of them, at three places."""
    alone = together = 0
    for low in np.linspace(0, len(order) - LANES, 3).astype(int).tolist():
        group = seeds[order[low : low + LANES]]
        for sources in (group[:1], group):
            own = np.array([0, 2 * len(sources)])
            n = len(_reach(view, NODES, sources, own, NODES.along, np.zeros(2, np.int64), limit)[1])
            alone, together = (alone + LANES * n, together) if len(sources) == 1 else (alone, together + n)
    return alone / max(together, 1)


@dataclass(frozen=True, eq=False)
class _OneByOne:
    """What facilities reach: the entries of each from its ``start`` on, as ``reach`` gives them."""

    source: Long
    start: Long
    found: Whole
    ms: Whole

    @property
    def size(self) -> Long:
        return np.diff(self.start)

    def place(self, start: Long, found: Whole, ms: Whole) -> None:
        place_rows(self.start, self.found, self.ms, start[self.source], found, ms)


@dataclass(frozen=True, eq=False)
class _SideBySide:
    """What facilities reach: the lists of each group of them, as ``reach_lanes`` gives them."""

    source: Long
    size: Long
    begin: Long
    things: Whole
    listed: Whole
    limit: int

    def place(self, start: Long, found: Whole, ms: Whole) -> None:
        target = start[self.source]
        take_lanes(self.begin, self.things, self.listed, self.limit, target, self.size, found, ms)


def _search(
    view: Drive, goal: Goal, seeds: Whole, along_start: Long, limit: int, is_close: bool, batch: Long
) -> list[_OneByOne | _SideBySide]:
    """Search from the facilities of a batch: side by side if they are close, and the others one by one."""
    parts: list[_OneByOne | _SideBySide] = []
    if is_close:
        parts.append(_side_by_side(view, goal, seeds, along_start, limit, batch))
        batch = batch[len(parts[0].source) :]
    if len(batch):
        along, own_start = _own_along(goal, along_start, batch)
        seed_start = np.arange(2 * len(batch) + 1, step=2)
        parts.append(_OneByOne(batch, *_reach(view, goal, seeds[batch], seed_start, along, own_start, limit)))
    return parts


def _own_along(goal: Goal, along_start: Long, batch: Long) -> tuple[Whole, Long]:
    """Give the part of ``goal.along`` that is of the facilities of a batch, and where each one's begins."""
    n = np.diff(along_start)[batch]
    start = np.concatenate([[0], np.cumsum(n)])
    rows = np.repeat(along_start[batch] - start[:-1], n) + np.arange(start[-1])
    return goal.along[rows], start


def _reach(
    view: Drive, goal: Goal, seeds: Whole, seed_start: Long, along: Whole, along_start: Long, limit: int
) -> tuple[Long, Whole, Whole]:
    """Search from each source by itself, as ``geo.kernels.reach`` does."""
    room = (len(seed_start) - 1) * min(_ROOM, goal.n or len(view.start) - 1)
    with borrow(view.spare, lambda: new_times(len(view.start) - 1)) as times:
        found: tuple[Long, Whole, Whole] = reach(
            times,
            view.start,
            view.arcs,
            new_ring(),
            new_marks(len(times)),
            seeds.reshape(-1, 3),
            seed_start,
            limit,
            goal.near,
            goal.near_start,
            np.ascontiguousarray(along[:, 1:]),
            along_start,
            new_times(goal.n),
            new_marks(goal.n),
            np.empty(room, dtype=np.int32),
            np.empty(room, dtype=np.int32),
        )
    return found


def _side_by_side(
    view: Drive, goal: Goal, seeds: Whole, along_start: Long, limit: int, batch: Long
) -> _SideBySide:
    """Search from eight at a time, as ``geo.lanes`` does; it may stop early."""
    n_nodes, rows = len(view.start) - 1, view.rows
    along, own_start = _own_along(goal, along_start, batch)
    room = -(-len(batch) // LANES) * min(_ROOM, goal.n or n_nodes)
    with borrow(view.room, lambda: new_room(len(rows))) as for_rows:
        begin, size, things, listed = reach_lanes(
            rows,
            n_nodes,
            new_ring(),
            *for_rows,
            seeds[batch].reshape(-1, 3),
            limit,
            _MOST_VISITS,
            goal.near,
            goal.near_start,
            np.ascontiguousarray(along[:, 1:]),
            own_start,
            new_marks(goal.n),
            np.full(goal.n, -1, dtype=np.int32),
            np.empty(room, dtype=np.int32),
            np.empty((room, LANES), dtype=np.int32),
        )
    return _SideBySide(batch[: len(size)], size, begin, things, listed, limit)
