"""Sending people to places: as many as there is room for, then with the least walking, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.optimize._network_simplex import cheapest

__all__ = ["Entries", "Ints", "Sent", "cheapest_flow", "send"]

Ints: TypeAlias = NDArray[np.int64]
Entries: TypeAlias = tuple[Ints, Ints, Ints]
"""Point, sink and cost of each entry."""

MOST: Final = 2**62
"""Sums of people x cost stay below this."""


@dataclass(frozen=True, eq=False)
class Sent:
    """Who goes where, with the proof that no better answer exists.

    Parameters
    ----------
    n : int64 array
        People sent along each entry, in the order given.
    total, most : int
        People sent, and the most that any answer can send (the size of a cut).
    cost, bound : int
        Sum of people x cost, and the least that any answer with as many people can have.
    """

    n: Ints
    total: int
    most: int
    cost: int
    bound: int

    @property
    def is_proven(self) -> bool:
        """Whether no answer sends more people, and none sends as many at less cost."""
        return self.total == self.most and self.cost == self.bound


def send(supply: Ints, room: Ints, point: Ints, sink: Ints, cost: Ints) -> Sent:
    """Send whole people from points to sinks: the most people first, then at the least cost.

    ``max sum x``; then ``min sum c x``; with ``sum_j x_ij <= supply_i`` and ``sum_i x_ij <= room_j`` over the
    entries given. A person who stays behind costs more than any chain of moves through all sinks could
    save, so the cheapest answer sends the most people. Everything is counted in whole numbers; the
    prices of the sinks at the end bound every other answer, and the bounds are summed up afresh.

    Parameters
    ----------
    supply, room : int64 arrays
        People of each point and places of each sink, at least 0.
    point, sink, cost : int64 arrays
        The entries that may be used, each pair once, with their cost (at least 0).

    Returns
    -------
    Sent
        ``n`` for each entry. Where several answers are best, the order of points and sinks decides.

    Raises
    ------
    InputError
        People x cost would not fit into 64 bits.

    Examples
    --------
    Two points of 3 people; the first sees both sinks, the second only the first:

    >>> two = np.array([3, 3])
    >>> sent = send(two, np.array([3, 2]), np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([5, 9, 4]))
    >>> sent.n.tolist(), sent.total, sent.cost, sent.is_proven
    ([0, 2, 3], 5, 30, True)
    """
    # Sinks without room would make entries without flow lead down, so they take no part.
    rows = np.flatnonzero((supply[point] > 0) & (room[sink] > 0))
    rows = rows[np.lexsort((sink[rows], point[rows]))]
    points, p = np.unique(point[rows], return_inverse=True)
    sinks, s = np.unique(sink[rows], return_inverse=True)
    people, places, ms = supply[points], room[sinks], cost[rows].astype(np.int64)
    # Each sink on a chain moves a price by at most the largest cost: the prices of sinks in demand end up
    # within ``S`` such steps of ``-stay``, all others within ``S`` of 0, and half of ``stay`` parts them.
    stay = 2 * len(sinks) * int(ms.max(initial=0)) + 1
    if int(people.sum()) * stay >= MOST:
        raise InputError(Message("optimize.many_people", {"people": people.sum(), "most": MOST // stay}))
    _, sent, price = cheapest_flow(people, places, (p, s, ms), stay=stay, more=lambda _: None)
    n = np.zeros(len(point), dtype=np.int64)
    n[rows] = sent
    # The cheapest way out of each point at these prices, staying behind included.
    worth = np.full(len(points), stay)
    np.minimum.at(worth, p, ms - price[s])
    is_short = worth >= stay // 2 + 1
    is_full = np.zeros(len(sinks), dtype=bool)
    is_full[s[is_short[p]]] = True
    total, most = int(n.sum()), int(people[~is_short].sum() + places[is_full].sum())
    bound = int((people * worth).sum() + (places * price).sum()) - stay * (int(people.sum()) - total)
    return Sent(n=n, total=total, most=most, cost=int((n * cost).sum()), bound=bound)


def cheapest_flow(
    people: Ints, places: Ints, entries: Entries, *, stay: int, more: Callable[[Ints], Entries | None]
) -> tuple[Entries, Ints, Ints]:
    """Send everybody at least cost, looking at further entries only when the prices ask for them.

    One more sink takes those who stay behind, one more point fills places that stay free. At first
    everybody stays behind and every place is free. When ``more`` finds no entry that is cheaper than its
    point's best, the answer is the cheapest over all entries, in hand or not (column generation: Ford and
    Fulkerson 1958).

    Parameters
    ----------
    people, places : int64 arrays
        People of each point and places of each sink, at least 0.
    entries : tuple of int64 arrays
        Point, sink and cost of the entries to begin with, sorted by point.
    stay : int
        Cost of staying behind.
    more : callable
        Given the prices of the sinks, further entries sorted by point, or None.

    Returns
    -------
    tuple
        All entries in hand, sorted by point; the people of each; the prices of the sinks, at most 0.
    """
    n_points, n_sinks = len(people), len(places)
    every, last = np.arange(n_points), np.arange(n_sinks + 1)
    owner = np.concatenate([every, np.full(n_sinks + 1, n_points)])
    sink = np.concatenate([np.full(n_points, n_sinks), last])
    cost = np.concatenate([np.full(n_points, stay), np.zeros(n_sinks + 1, dtype=np.int64)])
    up = np.append(every, len(owner) - 1)
    down = np.append(n_points + last[:-1], -1)
    point_flow, sink_flow = np.append(people, 0), np.append(places, 0)
    wanted: Entries | None = entries
    while wanted is not None:
        p, s, ms = wanted
        before = np.searchsorted(p, owner, side="right")  # what a point gets stands before what it had
        up, down[:-1] = up + before[up], down[:-1] + before[down[:-1]]
        place = np.searchsorted(owner, p, side="left")
        owner, sink, cost = np.insert(owner, place, p), np.insert(sink, place, s), np.insert(cost, place, ms)
        start = np.searchsorted(owner, np.arange(n_points + 2))
        price = np.minimum(cheapest(start, sink, cost, up, down, point_flow, sink_flow)[:-1], 0)
        wanted = more(price)
    flow = np.zeros(len(sink), dtype=np.int64)
    flow[up] = point_flow
    flow[down[:-1]] = sink_flow[:-1]
    real = (owner < n_points) & (sink < n_sinks)
    return (owner[real], sink[real], cost[real]), flow[real], price
