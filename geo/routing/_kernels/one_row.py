"""The compiled search for the times of one facility: only as far as it is not too late to count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo._jit import kernel, part
from geo.routing._kernels.bucket_queue import Graph, Ints, Longs, Reals, Whole, new_queue
from geo.routing._kernels.dijkstra import (
    BLOCK,
    UNREACHED,
    Points,
    Seeds,
    Work,
    block_end,
    search_source,
)

__all__ = ["Around", "Beside", "Edges", "edges_around", "find_reached", "find_sooner", "lower_row"]


class Edges(NamedTuple):
    """The edges of a network as they are driven.

    Parameters
    ----------
    u, v : int32 array, shape (E,)
        Nodes at the ends.
    ms, back_ms : int32 array, shape (E,)
        Time from u to v and from v to u, ``UNREACHED`` where closed.
    """

    u: Ints
    v: Ints
    ms: Ints
    back_ms: Ints


class Beside(NamedTuple):
    """Points on their edges.

    Parameters
    ----------
    order : int32 array, shape (D,)
        The points in the order of their edges.
    edge : int32 array, shape (D,)
        Edge of each point of ``order``, -1 for none.
    fraction : float64 array, shape (D,)
        Where on its edge each point is.
    along_ms, along_back_ms, access_ms : int32 array, shape (D,)
        As of :class:`geo.routing.stops.Stops`.
    """

    order: Ints
    edge: Ints
    fraction: Reals
    along_ms: Ints
    along_back_ms: Ints
    access_ms: Ints


@kernel
def lower_row(row: Ints, latest: Ints, graph: Graph, seeds: Seeds, limit: int, points: Points) -> None:
    """Lower the times of points, in place, to those of one facility within the limit.

    ``latest`` (N,) are times at nodes that it must undercut: the search goes on from no other node. They are
    the times to begin with, so it leaves them out by itself.
    """
    n = len(latest)
    times, blocks = np.empty(n, np.int32), np.zeros((n >> BLOCK) + 1, np.uint8)
    for i in range(n):
        times[i] = latest[i]
    search_source(
        Work(times, blocks), graph, new_queue(False), seeds, np.int64(0), limit, np.empty((0, 2), np.int64)
    )
    for block in range(len(blocks)):
        if not blocks[block]:
            continue
        for i in range(np.uint32(block << BLOCK), block_end(block, n)):
            if times[i] == latest[i]:
                continue
            for j in range(points.near_start[i], points.near_start[i + 1]):
                point, then = points.near[j, 0], np.int64(times[i]) + points.near[j, 1]
                if then <= limit and then < row[point]:
                    row[point] = then
    for j in range(len(points.along)):
        point, then = points.along[j, 0], np.int64(points.along[j, 1])
        if then <= limit and then < row[point]:
            row[point] = then


@kernel
def find_sooner(
    work: Work,
    row: Ints,
    latest: Ints,
    graph: Graph,
    edges: Edges,
    near: Ints,
    near_start: Longs,
    beside: Beside,
    edge: int,
    fraction: float,
    access: int,
    limit: int,
    found: Ints,
    found_ms: Ints,
) -> Whole:
    """List the points that a facility on an edge reaches, as :func:`lower_row` does, and their times.

    ``work.times`` are those of ``latest`` and ``row`` (D,) is all ``UNREACHED`` before and after: the search
    costs what it reaches, and nothing of the size of the network. Gives how many are in ``found``.
    """
    times, blocks = work.times, work.blocks
    n: Whole = np.int64(0)
    seeds = Seeds(_enter(edges, edge, fraction, access), np.array([0, 2]))
    search_source(work, graph, new_queue(False), seeds, np.int64(0), limit, np.empty((0, 2), np.int64))
    for block in range(len(blocks)):
        if not blocks[block]:
            continue
        blocks[block] = 0
        for i in range(np.uint32(block << BLOCK), block_end(block, len(times))):
            ms = np.int64(times[i])
            if ms == latest[i]:
                continue
            times[i] = latest[i]
            for j in range(near_start[i], near_start[i + 1]):
                n = _lower(row, found, n, near[j, 0], ms + near[j, 1], limit)
    n = _along(row, found, n, edges, beside, edge, fraction, access, limit)
    for k in range(n):
        found_ms[k] = row[found[k]]
        row[found[k]] = UNREACHED
    return n


@part
def _lower(row: Ints, found: Ints, n: Whole, point: Whole, ms: Whole, limit: int) -> Whole:
    """Lower the time of a point; give how many were reached by now."""
    was = row[point]
    if ms > limit or ms >= was:
        return n
    row[point] = ms
    if was < UNREACHED:
        return n
    found[n] = point
    return n + 1


@part
def _enter(edges: Edges, edge: int, fraction: float, access: int) -> Ints:
    """Give where a facility on an edge enters the nodes; see :func:`geo.routing.stops.place_stops`."""
    whole, back = np.int64(edges.ms[edge]), np.int64(edges.back_ms[edge])
    to_u = np.int64(np.rint(fraction * back)) if back < UNREACHED else np.int64(UNREACHED)
    to_v = whole - np.int64(np.rint(fraction * whole)) if whole < UNREACHED else np.int64(UNREACHED)
    if whole < UNREACHED or back < UNREACHED:  # at the very end of an edge it is at the junction
        to_u = np.int64(0) if fraction == 0.0 else to_u
        to_v = np.int64(0) if fraction == 1.0 else to_v
    seeds = np.zeros((2, 3), np.int32)
    seeds[0, 0], seeds[1, 0] = edges.u[edge], edges.v[edge]
    seeds[0, 1] = min(np.int64(to_u + access), np.int64(UNREACHED))
    seeds[1, 1] = min(np.int64(to_v + access), np.int64(UNREACHED))
    return seeds


@part
def _along(
    row: Ints,
    found: Ints,
    n: Whole,
    edges: Edges,
    beside: Beside,
    edge: int,
    fraction: float,
    access: int,
    limit: int,
) -> Whole:
    """Lower the times of the points on the edge itself; see :func:`geo.routing.stops.pairs_on_edge`."""
    whole, back = np.int64(edges.ms[edge]), np.int64(edges.back_ms[edge])
    k = np.searchsorted(beside.edge, edge)
    while k < len(beside.edge) and beside.edge[k] == edge:
        ms, point = np.int64(UNREACHED), beside.order[k]
        if beside.fraction[point] >= fraction and whole < UNREACHED:
            ms = beside.along_ms[point] - np.int64(np.rint(fraction * whole))
        if beside.fraction[point] <= fraction and back < UNREACHED:
            ms = min(ms, np.int64(np.rint(fraction * back)) - beside.along_back_ms[point])
        if ms < UNREACHED:
            n = _lower(row, found, n, point, ms + access + beside.access_ms[point], limit)
        k += 1
    return n


class Around(NamedTuple):
    """The edges at each node, each loop once.

    Parameters
    ----------
    start : int32 array, shape (N + 1,)
        Edges of node ``i`` are ``edge[start[i]:start[i + 1]]``.
    edge : int32 array
        Positions of edges.
    """

    start: Ints
    edge: Ints


@kernel
def edges_around(u: Ints, v: Ints, n: int) -> Around:
    """List the edges at each of n nodes."""
    start = np.zeros(n + 2, np.int32)
    for e in range(len(u)):
        start[u[e] + 2] += 1
        if u[e] != v[e]:
            start[v[e] + 2] += 1
    for i in range(2, n + 2):
        start[i] += start[i - 1]
    edge = np.empty(start[n + 1], np.int32)
    for e in range(len(u)):
        edge[start[u[e] + 1]] = e
        start[u[e] + 1] += 1
        if u[e] != v[e]:
            edge[start[v[e] + 1]] = e
            start[v[e] + 1] += 1
    return Around(start[: n + 1], edge)


@kernel
def find_reached(
    work: Work,
    graph: Graph,
    edges: Edges,
    around: Around,
    edge: int,
    fraction: float,
    access: int,
    limit: int,
    most: int,
) -> tuple[Ints, Reals]:
    """List the parts of edges that a facility on an edge reaches within the limit: (P,) edges, (P, 2) shares.

    An edge that both ends reach whole is told once. With more than ``most`` the list ends there. ``work`` is
    clean before and after: the search costs what it reaches.
    """
    times, n, limit_ms = work.times, np.int64(0), np.int64(limit)
    found, share = np.empty(most + 4, np.int32), np.empty((most + 4, 2), np.float64)
    seeds = Seeds(_enter(edges, edge, fraction, access), np.array([0, 2]))
    search_source(work, graph, new_queue(False), seeds, np.int64(0), limit, np.empty((0, 2), np.int64))
    for block in range(len(work.blocks)):
        if not work.blocks[block]:
            continue
        for i in range(np.uint32(block << BLOCK), block_end(block, len(times))):
            if times[i] > limit_ms:
                continue
            for k in range(around.start[i], around.start[i + 1]):
                e = around.edge[k]
                at_u, at_v = np.int64(times[edges.u[e]]), np.int64(times[edges.v[e]])
                if n > most or (edges.u[e] != i and at_u <= limit_ms):
                    continue  # told at its first node
                ahead = _share(limit_ms - at_u, np.int64(edges.ms[e]))
                back = 1.0 - _share(limit_ms - at_v, np.int64(edges.back_ms[e]))
                if ahead >= back:
                    n = _tell(found, share, n, e, 0.0, 1.0)
                else:
                    n = _tell(found, share, n, e, 0.0, ahead)
                    n = _tell(found, share, n, e, back, 1.0)
    left = limit_ms - access
    ahead = fraction + _share(left, np.int64(edges.ms[edge]))
    back = fraction - _share(left, np.int64(edges.back_ms[edge]))
    n = _tell(found, share, n, edge, max(back, 0.0), min(ahead, 1.0))
    for block in range(len(work.blocks)):
        if work.blocks[block]:
            work.blocks[block] = 0
            for i in range(np.uint32(block << BLOCK), block_end(block, len(times))):
                times[i] = UNREACHED
    return found[:n], share[:n]


@part
def _share(left: Whole, whole: Whole) -> float:
    """Give the share of an edge that is driven in the time that is left; none where it is closed."""
    if left < 0 or whole >= UNREACHED:
        return 0.0
    return min(float(left) / float(whole), 1.0)


@part
def _tell(found: Ints, share: Reals, n: Whole, edge: int, low: float, high: float) -> Whole:
    if high <= low:
        return n
    found[n] = edge
    share[n, 0], share[n, 1] = low, high
    return n + 1
