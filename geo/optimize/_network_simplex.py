"""The network simplex method on a transportation problem with few sinks, compiled.

Primal network simplex (R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, chapter 11). The tree
hangs from the last sink. Every point has one entry up to its sink; every other sink has one entry down from
its point. With few sinks nearly all points are leaves, so that prices are kept for sinks only.

Lemma (it ends). A tree is strongly feasible when entries without flow lead up. Of the entries whose flow
falls to 0 the last one in the direction of the flow, from the meeting place round to it, leaves: so the tree
stays strongly feasible, no tree comes back, and the method ends (W. H. Cunningham, 1976).

Lemma (it is the cheapest). At the end no entry costs less than ``price of its point + price of its sink``,
and those in the tree cost just that. Any other flow that sends every supply costs the sum of these prices
over supplies and demands, plus what its entries cost more: never less.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, plain_part

__all__ = ["SMALL", "cheapest"]

SMALL: Final = 5_000
"""Problems with fewer entries are solved uncompiled: compiling takes longer than they do."""


class _Entries(NamedTuple):
    """Entries of point ``p`` are ``start[p]:start[p + 1]``; the point, sink and cost of each."""

    start: Any
    owner: Any
    sink: Any
    cost: Any


class _Tree(NamedTuple):
    """The spanning tree, which pivots change in place.

    Parameters
    ----------
    up, down : int64 arrays
        Entry of each point to the sink above it; of each sink from the point above it (-1 for the last).
    point_flow, sink_flow : int64 arrays
        What they carry.
    price, depth : int64 arrays
        Of each sink: its price, and how many sinks are above it.
    n_below : int64 array
        Sinks that hang from each point.
    """

    up: Any
    down: Any
    point_flow: Any
    sink_flow: Any
    price: Any
    depth: Any
    n_below: Any


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
    entries = _Entries(start, np.repeat(np.arange(len(up)), np.diff(start)), sink, cost)
    n_sinks = len(down)
    price, depth = np.zeros(n_sinks, dtype=np.int64), np.zeros(n_sinks, dtype=np.int64)
    n_below = np.bincount(entries.owner[down[:-1]], minlength=len(up))
    solve: Any = _pivot if len(sink) >= SMALL else _pivot.py_func
    solve(entries, _Tree(up, down, point_flow, sink_flow, price, depth, n_below))
    return price


@plain_part
def _price_sinks(entries: Any, tree: Any, fresh: Any, stack: Any, stamp: int) -> None:
    """Give prices and depths from the last sink down; each sink is handled once."""
    owner, sink, cost = entries.owner, entries.sink, entries.cost
    up, down, price, depth = tree.up, tree.down, tree.price, tree.depth
    fresh[len(down) - 1] = stamp
    for first in range(len(down)):
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


@plain_part
def _entering(entries: Any, tree: Any, point: int) -> int:
    """Give the best entry of a point: its own in the tree unless another one is cheaper."""
    start, sink, cost, price = entries.start, entries.sink, entries.cost, tree.price
    enter = tree.up[point]
    best = cost[enter] - price[sink[enter]]
    for e in range(start[point], start[point + 1]):
        reduced = cost[e] - price[sink[e]]
        if reduced < best:
            best = reduced
            enter = e
    return int(enter)


@plain_part
def _leaving(entries: Any, tree: Any, enter: int, point: int) -> Any:
    """Go up both sides of an entry to where they meet, looking for what leaves.

    Flow falls on entries down to a sink on the sink's side, and on entries up from a point on the point's
    side. Gives where they meet and whether that is a point, the flow that can go round, what leaves, and
    whether that is a sink.
    """
    owner, sink = entries.owner, entries.sink
    up, down, depth = tree.up, tree.down, tree.depth
    point_flow, sink_flow = tree.point_flow, tree.sink_flow
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
    is_sink = a_least <= b_least
    return a, a_is_point, min(a_least, b_least), a_leave if is_sink else b_leave, is_sink


@plain_part
def _send_round(
    entries: Any, tree: Any, enter: int, point: int, meet: int, meet_is_point: bool, moved: int
) -> None:
    """Send flow round the circle that an entry closes."""
    owner, sink, up, down = entries.owner, entries.sink, tree.up, tree.down
    point_flow, sink_flow = tree.point_flow, tree.sink_flow
    s = sink[enter]
    while s != meet or meet_is_point:
        p = owner[down[s]]
        sink_flow[s] -= moved
        if meet_is_point and p == meet:
            break
        point_flow[p] += moved
        s = sink[up[p]]
    p = point
    while p != meet or not meet_is_point:
        point_flow[p] -= moved
        s = sink[up[p]]
        if s == meet and not meet_is_point:
            break
        sink_flow[s] += moved
        p = owner[down[s]]


@plain_part
def _hang_from_point(entries: Any, tree: Any, enter: int, leave: int, moved: int) -> None:
    """Hang what was cut off above sink ``leave`` from the new entry; on the way they change places."""
    owner, sink, up, down = entries.owner, entries.sink, tree.up, tree.down
    point_flow, sink_flow, n_below = tree.point_flow, tree.sink_flow, tree.n_below
    s, e, flow = sink[enter], enter, moved
    while True:
        old, old_flow = down[s], sink_flow[s]
        down[s], sink_flow[s] = e, flow
        n_below[owner[e]] += 1
        p = owner[old]
        n_below[p] -= 1
        if s == leave:
            break
        e, flow = up[p], point_flow[p]
        up[p], point_flow[p] = old, old_flow
        s = sink[e]


@plain_part
def _hang_from_sink(entries: Any, tree: Any, enter: int, point: int, leave: int, moved: int) -> None:
    """Hang what was cut off above point ``leave`` from the new entry; on the way they change places."""
    owner, sink, up, down = entries.owner, entries.sink, tree.up, tree.down
    point_flow, sink_flow, n_below = tree.point_flow, tree.sink_flow, tree.n_below
    p, e, flow = point, enter, moved
    while True:
        old, old_flow = up[p], point_flow[p]
        up[p], point_flow[p] = e, flow
        if p == leave:
            break
        s = sink[old]
        e, flow = down[s], sink_flow[s]
        down[s], sink_flow[s] = old, old_flow
        n_below[p] += 1
        p = owner[e]
        n_below[p] -= 1


@kernel
def _pivot(entries: Any, tree: Any) -> None:
    """Let the best entry of one point after the other enter the tree, until none is cheaper."""
    n_points, n_sinks = len(tree.up), len(tree.down)
    stack, fresh = np.empty(n_sinks, np.int64), np.zeros(n_sinks, np.int64)
    stamp, is_stale = 0, True
    quiet, point = 0, -1
    while quiet <= n_points:
        if is_stale:
            stamp += 1
            _price_sinks(entries, tree, fresh, stack, stamp)
            is_stale = False
        point = point + 1 if point + 1 < n_points else 0
        quiet += 1
        enter = _entering(entries, tree, point)
        if enter == tree.up[point]:
            continue
        quiet = 0
        meet, meet_is_point, moved, leave, is_sink = _leaving(entries, tree, enter, point)
        _send_round(entries, tree, enter, point, meet, meet_is_point, moved)
        if is_sink:
            _hang_from_point(entries, tree, enter, leave, moved)
            is_stale = True
        else:
            # A leaf that changes its sink moves no price.
            is_stale = point != leave or tree.n_below[point] > 0
            _hang_from_sink(entries, tree, enter, point, leave, moved)
