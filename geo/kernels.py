"""The compiled searches: bounded shortest times from many sources over compressed arcs.

Times are whole milliseconds in int32. The queue is a ring of buckets (Dial 1969; delta-stepping, Meyer
and Sanders 2003): a bucket holds times of one span of ``2**SHIFT`` ms, in any order, and a node whose
time improves inside the open bucket is simply handled again. Work arrays are left as they were found,
so that a bounded search costs what it touches and never the size of the network.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from geo.times import UNREACHED_MS

__all__ = [
    "BUCKETS",
    "SHIFT",
    "label_points",
    "merge_labels",
    "reach_nodes",
    "reach_points",
    "search_first",
    "search_two",
]

SHIFT: Final = 10
"""A bucket spans 2**10 ms."""
BUCKETS: Final = 1024
"""Buckets in the ring; an entry farther ahead waits in the last one and is put back."""
UNREACHED: Final = int(UNREACHED_MS)

_compile = njit(cache=True, nogil=True)


@_compile
def _push(ring, pool, state, node, ms, facility):
    """Put an entry into its bucket; state = [live entries, first free row, rows used, open bucket]."""
    row = state[1]
    if row >= 0:
        state[1] = pool[row, 3]
    else:
        row = state[2]
        if row == len(pool):
            wider = np.empty((2 * row, 4), np.int32)
            wider[:row] = pool
            pool = wider
        state[2] += 1
    slot = min(ms >> SHIFT, state[3] + BUCKETS - 1) & (BUCKETS - 1)
    pool[row, 0] = node
    pool[row, 1] = ms
    pool[row, 2] = facility
    pool[row, 3] = ring[slot]
    ring[slot] = row
    state[0] += 1
    return pool


@_compile
def _pop(ring, pool, state):
    """Take an entry of the lowest bucket that has one; there must be one."""
    while True:
        slot = state[3] & (BUCKETS - 1)
        row = ring[slot]
        if row < 0:
            state[3] += 1
            continue
        ring[slot] = pool[row, 3]
        if pool[row, 1] >> SHIFT > state[3]:
            late = min(pool[row, 1] >> SHIFT, state[3] + BUCKETS - 1) & (BUCKETS - 1)
            pool[row, 3] = ring[late]
            ring[late] = row
            continue
        pool[row, 3] = state[1]
        state[1] = row
        state[0] -= 1
        return row


@_compile
def search_first(start, arcs, seed_node, seed_ms, limit, ms, reached, ring, pool):
    """Lower ``ms`` to the least time from any seed, where it is within the limit.

    ``reached`` receives the nodes that were unreached before; their number is returned.
    """
    n_reached = 0
    state = np.array([0, -1, 0, 0], np.int64)
    if len(seed_ms):
        state[3] = seed_ms.min() >> SHIFT
    for i in range(len(seed_node)):
        node, at = seed_node[i], seed_ms[i]
        if at <= limit and at < ms[node]:
            if ms[node] == UNREACHED:
                reached[n_reached] = node
                n_reached += 1
            ms[node] = at
            pool = _push(ring, pool, state, node, at, 0)
    while state[0]:
        row = _pop(ring, pool, state)
        node, at = pool[row, 0], pool[row, 1]
        if at != ms[node]:
            continue
        for a in range(start[node], start[node + 1]):
            then = at + arcs[a, 1]
            head = arcs[a, 0]
            if then <= limit and then < ms[head]:
                if ms[head] == UNREACHED:
                    reached[n_reached] = head
                    n_reached += 1
                ms[head] = then
                pool = _push(ring, pool, state, head, then, 0)
    return n_reached


@_compile
def _improve(label, ms, facility):
    """Put (ms, facility) among the best two of different facilities; say whether it got in.

    A label is [first, first ms, second, second ms]; equal times go to the lower facility position.
    """
    if facility == label[0]:
        if ms >= label[1]:
            return False
        label[1] = ms
        return True
    if ms < label[1] or (ms == label[1] and facility < label[0]):
        label[2], label[3] = label[0], label[1]
        label[0], label[1] = facility, ms
        return True
    if facility == label[2]:
        if ms >= label[3]:
            return False
    elif ms > label[3] or (ms == label[3] and facility > label[2]):
        return False
    label[2], label[3] = facility, ms
    return True


@_compile
def search_two(start, arcs, seed_node, seed_ms, seed_facility, limit, labels, ring, pool):
    """Bring ``labels`` (N, 4) to the best two facilities of every node within the limit.

    Only a label that is among the best two of a node can be so farther on, since the rest of the way is
    the same for all: so no more than two labels pass a node.
    """
    state = np.array([0, -1, 0, 0], np.int64)
    if len(seed_ms):
        state[3] = seed_ms.min() >> SHIFT
    for i in range(len(seed_node)):
        if seed_ms[i] <= limit and _improve(labels[seed_node[i]], seed_ms[i], seed_facility[i]):
            pool = _push(ring, pool, state, seed_node[i], seed_ms[i], seed_facility[i])
    while state[0]:
        row = _pop(ring, pool, state)
        node, at, facility = pool[row, 0], pool[row, 1], pool[row, 2]
        is_first = labels[node, 0] == facility and labels[node, 1] == at
        if not (is_first or (labels[node, 2] == facility and labels[node, 3] == at)):
            continue
        for a in range(start[node], start[node + 1]):
            then = at + arcs[a, 1]
            if then <= limit and _improve(labels[arcs[a, 0]], then, facility):
                pool = _push(ring, pool, state, arcs[a, 0], then, facility)


@_compile
def merge_labels(labels, other):
    """Merge the labels of other facilities into ``labels``."""
    for node in range(len(labels)):
        if other[node, 0] >= 0:
            _improve(labels[node], other[node, 1], other[node, 0])
        if other[node, 2] >= 0:
            _improve(labels[node], other[node, 3], other[node, 2])


@_compile
def reach_nodes(start, arcs, seed_start, seed_node, seed_ms, limit, ms, reached, ring, pool):
    """Give, for each facility, the nodes within the limit in ascending order, and their times."""
    n_facilities = len(seed_start) - 1
    out_start = np.zeros(n_facilities + 1, np.int64)
    out_node = np.empty(1024, np.int32)
    out_ms = np.empty(1024, np.int32)
    n_out = 0
    for f in range(n_facilities):
        low, high = seed_start[f], seed_start[f + 1]
        n = search_first(start, arcs, seed_node[low:high], seed_ms[low:high], limit, ms, reached, ring, pool)
        if n_out + n > len(out_node):
            room = max(2 * len(out_node), n_out + n)
            out_node = _wider(out_node, n_out, room)
            out_ms = _wider(out_ms, n_out, room)
        nodes = np.sort(reached[:n])
        for node in nodes:
            out_node[n_out] = node
            out_ms[n_out] = ms[node]
            ms[node] = UNREACHED
            n_out += 1
        out_start[f + 1] = n_out
    return out_start, out_node[:n_out].copy(), out_ms[:n_out].copy()


@_compile
def _wider(array, n, room):
    wider = np.empty(room, array.dtype)
    wider[:n] = array[:n]
    return wider


@_compile
def reach_points(
    start,
    arcs,
    seed_start,
    seed_node,
    seed_ms,
    limit,
    ms,
    reached,
    ring,
    pool,
    near_start,
    near,
    point_ms,
    touched,
    direct_start,
    direct,
):
    """Give, for each facility, the points within the limit in ascending order, and their times.

    ``near[near_start[n]:near_start[n + 1]]`` are the points on edges at node n: [point, ms from the node];
    ``direct[direct_start[f]:direct_start[f + 1]]`` the points on facility f's own edge: [point, ms].
    """
    n_facilities = len(seed_start) - 1
    out_start = np.zeros(n_facilities + 1, np.int64)
    out_point = np.empty(1024, np.int32)
    out_ms = np.empty(1024, np.int32)
    n_out = 0
    for f in range(n_facilities):
        low, high = seed_start[f], seed_start[f + 1]
        n = search_first(start, arcs, seed_node[low:high], seed_ms[low:high], limit, ms, reached, ring, pool)
        n_touched = 0
        for j in range(direct_start[f], direct_start[f + 1]):
            n_touched = _lower(point_ms, touched, n_touched, direct[j, 0], direct[j, 1], limit)
        for i in range(n):
            node = reached[i]
            for j in range(near_start[node], near_start[node + 1]):
                then = ms[node] + near[j, 1]
                n_touched = _lower(point_ms, touched, n_touched, near[j, 0], then, limit)
            ms[node] = UNREACHED
        if n_out + n_touched > len(out_point):
            room = max(2 * len(out_point), n_out + n_touched)
            out_point = _wider(out_point, n_out, room)
            out_ms = _wider(out_ms, n_out, room)
        for point in np.sort(touched[:n_touched]):
            out_point[n_out] = point
            out_ms[n_out] = point_ms[point]
            point_ms[point] = UNREACHED
            n_out += 1
        out_start[f + 1] = n_out
    return out_start, out_point[:n_out].copy(), out_ms[:n_out].copy()


@_compile
def _lower(point_ms, touched, n_touched, point, then, limit):
    if then <= limit and then < point_ms[point]:
        if point_ms[point] == UNREACHED:
            touched[n_touched] = point
            n_touched += 1
        point_ms[point] = then
    return n_touched


@_compile
def label_points(labels, ends, end_ms, access_ms, direct_start, direct, limit):
    """Give every point the best two facilities: by either end of its edge, or along the edge.

    ``ends`` and ``end_ms`` (D, 2) are the end nodes and the times from them (``UNREACHED`` where closed);
    ``direct[direct_start[i]:direct_start[i + 1]]`` are facilities on the point's edge: [facility, ms].
    """
    out = np.empty((len(ends), 4), np.int32)
    for i in range(len(ends)):
        label = out[i]
        label[0] = label[2] = -1
        label[1] = label[3] = UNREACHED
        left = limit - access_ms[i]
        for side in range(2):
            node, more = ends[i, side], end_ms[i, side]
            if more >= UNREACHED:
                continue
            for k in range(0, 4, 2):
                if labels[node, k] >= 0 and labels[node, k + 1] + more <= left:
                    _improve(label, labels[node, k + 1] + more, labels[node, k])
        for j in range(direct_start[i], direct_start[i + 1]):
            if direct[j, 1] <= left:
                _improve(label, direct[j, 1], direct[j, 0])
        for k in range(0, 4, 2):
            if label[k] >= 0:
                label[k + 1] += access_ms[i]
    return out
