"""The network simplex method on a transportation problem with few sinks, compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel

__all__ = ["SMALL", "cheapest"]

SMALL: Final = 5_000
"""Problems with fewer entries are solved uncompiled: compiling takes longer than they do."""


def cheapest(
    start: NDArray[np.int64],
    sink: NDArray[np.int64],
    cost: NDArray[np.int64],
    up: NDArray[np.int64],
    down: NDArray[np.int64],
    point_flow: NDArray[np.int64],
    sink_flow: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Improve a spanning tree in place until it is the cheapest way to send every supply.

    Primal network simplex (R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, chapter 11). The
    tree hangs from the last sink. Every point has one entry up to its sink; every other sink has one entry
    down from its point. With few sinks nearly all points are leaves, so that prices are kept for sinks
    only. A strongly feasible tree, in which entries without flow lead up, stays one (W. H. Cunningham,
    1976), and the method ends.

    Parameters
    ----------
    start : int64 array, shape (P + 1,)
        Entries of point ``p`` are ``start[p]:start[p + 1]``.
    sink, cost : int64 arrays, shape (E,)
        Sink and cost of each entry.
    up, point_flow : int64 arrays, shape (P,)
        Entry of each point in the tree, and what it carries; changed in place.
    down, sink_flow : int64 arrays, shape (S,)
        Entry from above of each sink in the tree (-1 for the last one), and what it carries; changed.

    Returns
    -------
    int64 array, shape (S,)
        Prices of the sinks, 0 for the last: no entry has ``cost < price of its point + price of its sink``.
    """
    owner = np.repeat(np.arange(len(up)), np.diff(start))
    solve: Any = _pivot if len(sink) >= SMALL else _pivot.py_func
    price = np.zeros(len(down), dtype=np.int64)
    depth = np.zeros(len(down), dtype=np.int64)
    solve(start, sink, cost, owner, up, down, point_flow, sink_flow, price, depth)
    return price


@kernel
def _pivot(  # type: ignore[no-untyped-def]
    start, sink, cost, owner, up, down, point_flow, sink_flow, price, depth
):
    n_points, n_sinks = len(up), len(down)
    stack = np.empty(n_sinks, np.int64)
    n_below = np.zeros(n_points, np.int64)
    for s in range(n_sinks - 1):
        n_below[owner[down[s]]] += 1
    fresh = np.zeros(n_sinks, np.int64)
    stamp = 0
    is_stale = True
    quiet = 0
    point = -1
    while quiet <= n_points:
        if is_stale:
            # Prices and depths from the last sink down; each sink is handled once.
            stamp += 1
            fresh[n_sinks - 1] = stamp
            for first in range(n_sinks):
                size = 0
                s = first
                while fresh[s] != stamp:
                    stack[size] = s
                    size += 1
                    s = sink[up[owner[down[s]]]]
                while size > 0:
                    size -= 1
                    s = stack[size]
                    over = up[owner[down[s]]]
                    price[s] = cost[down[s]] - cost[over] + price[sink[over]]
                    depth[s] = depth[sink[over]] + 1
                    fresh[s] = stamp
            is_stale = False

        # The best entry of the next point enters, if it is cheaper than the point's own.
        point = point + 1 if point + 1 < n_points else 0
        quiet += 1
        enter = up[point]
        best = cost[enter] - price[sink[enter]]
        for e in range(start[point], start[point + 1]):
            reduced = cost[e] - price[sink[e]]
            if reduced < best:
                best = reduced
                enter = e
        if enter == up[point]:
            continue
        quiet = 0

        # Up both sides to where they meet. Flow falls on entries down to a sink on the sink's side, and on
        # entries up from a point on the point's side. Of equals the last one in the direction of the
        # flow, from the meeting place round to it, leaves.
        a, b = sink[enter], point
        a_is_point, b_is_point = False, True
        a_least, b_least = np.int64(2**62), np.int64(2**62)
        a_leave, b_leave = -1, -1
        while a != b or a_is_point != b_is_point:
            a_depth = 2 * depth[sink[up[a]]] + 1 if a_is_point else 2 * depth[a]
            b_depth = 2 * depth[sink[up[b]]] + 1 if b_is_point else 2 * depth[b]
            if a_depth >= b_depth:
                if a_is_point:
                    a = sink[up[a]]
                else:
                    if sink_flow[a] <= a_least:
                        a_least, a_leave = sink_flow[a], a
                    a = owner[down[a]]
                a_is_point = not a_is_point
            else:
                if b_is_point:
                    if point_flow[b] < b_least:
                        b_least, b_leave = point_flow[b], b
                    b = sink[up[b]]
                else:
                    b = owner[down[b]]
                b_is_point = not b_is_point
        moved = min(a_least, b_least)

        # The flow goes round.
        s = sink[enter]
        while s != a or a_is_point:
            p = owner[down[s]]
            sink_flow[s] -= moved
            if a_is_point and p == a:
                break
            point_flow[p] += moved
            s = sink[up[p]]
        p = point
        while p != a or not a_is_point:
            point_flow[p] -= moved
            s = sink[up[p]]
            if s == a and not a_is_point:
                break
            sink_flow[s] += moved
            p = owner[down[s]]

        # The part that was cut off hangs from the new entry; on the way to it up and down change places.
        if a_least <= b_least:
            s, e, flow = sink[enter], enter, moved
            while True:
                old, old_flow = down[s], sink_flow[s]
                down[s], sink_flow[s] = e, flow
                n_below[owner[e]] += 1
                p = owner[old]
                n_below[p] -= 1
                if s == a_leave:
                    break
                e, flow = up[p], point_flow[p]
                up[p], point_flow[p] = old, old_flow
                s = sink[e]
            is_stale = True
        else:
            p, e, flow = point, enter, moved
            # A leaf that changes its sink moves no price.
            is_stale = p != b_leave or n_below[p] > 0
            while True:
                old, old_flow = up[p], point_flow[p]
                up[p], point_flow[p] = e, flow
                if p == b_leave:
                    break
                s = sink[old]
                e, flow = down[s], sink_flow[s]
                down[s], sink_flow[s] = old, old_flow
                n_below[p] += 1
                p = owner[e]
                n_below[p] -= 1
