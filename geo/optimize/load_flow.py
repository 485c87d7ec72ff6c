"""The cheapest flow of people to stations of limited load: over all pairs, with few of them in hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.optimize.transport import Entries, Ints, cheapest_flow
from geo.times import UNREACHED_MS

__all__ = ["Clocks", "LoadFlow", "add_up", "cheapest_loads", "dot"]

_BLOCK: Final = 1 << 19
"""Pairs whose costs are looked at together: a few MB."""
_DIRECT: Final = 200_000
"""Up to so many pairs are all taken in hand at once."""
_FIRST: Final = 3
"""Stations of each point to begin with."""
_DEAREST: Final = 2**61
"""Costs and prices stay below this."""


@dataclass(frozen=True, eq=False)
class Clocks:
    """When each station is at each point, and what that costs.

    Parameters
    ----------
    ms : int32 array, shape (points, stations)
        Whole milliseconds on the clock, ``UNREACHED_MS`` where there is no route.
    limit_ms : int
        The limit on the clock.
    penalty_ms : int, optional
        What lateness, and being left over besides, cost in milliseconds; by default so much that the most
        in time come first, and then the most served.
    """

    ms: NDArray[np.int32]
    limit_ms: int
    penalty_ms: int | None = None

    @property
    def left(self) -> int:
        """What a person left over costs more than a late one: more than any chain of moves can save."""
        if self.penalty_ms is not None:
            return self.penalty_ms
        return 2 * (int(self.ms.shape[1]) + 1) * (self.longest + 1)

    @property
    def late(self) -> int:
        """What a late person costs more than one in time."""
        if self.penalty_ms is not None:
            return self.penalty_ms
        return 2 * (int(self.ms.shape[1]) + 1) * (self.left + self.longest + 1)

    @property
    def stay(self) -> int:
        """What a person left over costs."""
        return self.late + self.left

    @cached_property
    def longest(self) -> int:
        """The longest time of all, at least 1."""
        return int(self.ms.max(initial=1, where=self.ms < UNREACHED_MS))

    def costs(self, ms: NDArray[np.int32]) -> Ints:
        """Give the cost of pairs that have a route."""
        clock = ms.astype(np.int64)
        return clock + self.late * (clock > self.limit_ms)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """Give the points in blocks: the first point and the clocks."""
        size = max(1, _BLOCK // max(1, self.ms.shape[1]))
        for first in range(0, max(1, len(self.ms)), size):
            yield first, self.ms[first : first + size]


@dataclass(frozen=True, eq=False)
class LoadFlow:
    """Who is sent where at least cost.

    Parameters
    ----------
    point, station, people : int64 arrays
        The pairs that carry people, by point and station.
    price : int64 array
        What one person's room at each station is worth (at most 0; 0 where there is room left).
    spent, bound : int
        Cost of it all, and the least that any answer can cost: the prices prove it over all pairs.
    """

    point: Ints
    station: Ints
    people: Ints
    price: Ints
    spent: int
    bound: int


def cheapest_loads(clocks: Clocks, people: Ints, room: Ints) -> LoadFlow:
    """Send people to stations: most in time, then most served, then the least time on the clock, exactly.

    A minimum cost flow in whole numbers. One cost holds all three aims, since a chain of moves passes each
    station once: with ``T`` the longest time and ``F`` stations, being left over costs ``2 (F + 1) T`` more
    than being late, and being late as much again, with that for ``T``, more than being in time. Each point
    begins with the few stations that are cheapest at the prices of a sample of the points; a pair not in
    hand is taken up when the prices say that it could help. When none does, the prices ``p_j <= 0`` prove the
    answer over all pairs: ``sum_i n_i min_j (c_ij - p_j) + sum_j Q_j p_j`` is a bound.

    Parameters
    ----------
    clocks : Clocks
        Times of all pairs.
    people, room : int64 arrays
        People of each point and the most that each station may serve, in one unit.

    Raises
    ------
    InputError
        Times and stations are so many that costs do not fit into 64 bits (some thousand stations).

    Examples
    --------
    >>> clocks = Clocks(np.array([[70, 80], [90, 200]], np.int32), limit_ms=100)
    >>> flow = cheapest_loads(clocks, np.array([5, 5]), np.array([5, 9]))
    >>> list(zip(flow.point.tolist(), flow.station.tolist(), flow.people.tolist()))
    [(0, 1, 5), (1, 0, 5)]
    """
    n_stations = clocks.ms.shape[1]
    if clocks.stay * (n_stations + 2) >= _DEAREST:
        raise InputError(Message("optimize.many_stations", {"n": n_stations}))
    usable = room > 0
    if clocks.ms.size > _DIRECT:
        first = _cheapest_pairs(clocks, usable, _sample_prices(clocks, people, room))
    else:
        first = _pairs(clocks, (clocks.ms < UNREACHED_MS) & usable)
    worth = np.full(len(people), clocks.stay)

    def more(price: Ints) -> Entries | None:
        nonlocal worth
        worth, wanted = _cheaper(clocks, usable, price, in_hand)
        if wanted is None:
            return None
        in_hand.append(wanted)
        return wanted

    in_hand = [first]
    (point, station, _), sent, price = cheapest_flow(people, room, first, stay=clocks.stay, more=more)
    used = np.flatnonzero(sent)
    used = used[np.lexsort((station[used], point[used]))]
    point, station, sent = point[used], station[used], sent[used]
    kept = people - add_up(sent, point, len(people))
    return LoadFlow(
        point=point,
        station=station,
        people=sent,
        price=price,
        spent=dot(sent, clocks.costs(clocks.ms[point, station])) + clocks.stay * int(kept.sum()),
        bound=dot(people, worth) + dot(room, price),
    )


def add_up(n: Ints, group: Ints, size: int) -> Ints:
    """Add up whole numbers by group."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, group, n)
    return sums


def dot(n: Ints, cost: NDArray[np.integer]) -> int:
    """Add up n x cost without the limit of 64 bits."""
    return sum(a * b for a, b in zip(n.tolist(), cost.tolist(), strict=True))


def _pairs(clocks: Clocks, wanted: NDArray[np.bool_]) -> Entries:
    point, station = np.nonzero(wanted)
    return point, station, clocks.costs(clocks.ms[point, station])


def _sample_prices(clocks: Clocks, people: Ints, room: Ints) -> Ints:
    """Give the prices of room when one point in so many stands for all."""
    take = slice(None, None, -(-clocks.ms.size // _DIRECT))
    some = replace(clocks, ms=clocks.ms[take])
    places = np.floor(room * (people[take].sum() / max(1, people.sum()))).astype(np.int64)
    entries = _pairs(some, some.ms < UNREACHED_MS)
    return cheapest_flow(people[take], places, entries, stay=some.stay, more=lambda _: None)[2]


def _cheapest_pairs(clocks: Clocks, usable: NDArray[np.bool_], price: Ints) -> Entries:
    """Give the few stations of each point that are cheapest at the prices."""
    n = min(_FIRST, len(usable))
    pairs = []
    for first, ms in clocks.blocks():
        cost = np.where((ms < UNREACHED_MS) & usable, clocks.costs(ms) - price, _DEAREST)
        best = np.sort(np.argpartition(cost, n - 1, axis=1)[:, :n], axis=1)
        point, place = np.nonzero(np.take_along_axis(cost, best, axis=1) < _DEAREST)
        pairs.append((first + point, best[point, place]))
    point, station = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
    return point, station, clocks.costs(clocks.ms[point, station])


def _cheaper(
    clocks: Clocks, usable: NDArray[np.bool_], price: Ints, in_hand: list[Entries]
) -> tuple[Ints, Entries | None]:
    """Give the least cost of each point at the prices, and the pairs cheaper than all that it has in hand."""
    had = np.full(len(clocks.ms), clocks.stay)
    for point, station, cost in in_hand:
        np.minimum.at(had, point, cost - price[station])
    worth, pairs = had.copy(), []
    for first, ms in clocks.blocks():
        own = slice(first, first + len(ms))
        cost = np.where((ms < UNREACHED_MS) & usable, clocks.costs(ms) - price, _DEAREST)
        worth[own] = np.minimum(cost.min(axis=1, initial=_DEAREST), had[own])
        point, station = np.nonzero(cost < had[own, None])
        pairs.append((first + point, station))
    point, station = (np.concatenate(columns) for columns in zip(*pairs, strict=True))
    return worth, (point, station, clocks.costs(clocks.ms[point, station])) if len(point) else None
