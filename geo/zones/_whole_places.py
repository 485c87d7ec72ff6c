"""Points given whole to one station each, none overloaded: found from a flow, improved and bounded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.optimize import Clocks, Ints, LoadFlow, add_up, cheapest_loads, dot
from geo.times import UNREACHED_MS

if TYPE_CHECKING:
    from geo.optimize import Model

__all__ = ["MOST_PAIRS", "WholeLoads", "improve", "measure", "prove_whole", "whole_loads"]

_ROUNDS: Final = 20
_TRIED: Final = 100
"""Points change places among so many that would gain most, and so many that would lose least."""


@dataclass(frozen=True, eq=False)
class WholeLoads:
    """Which station each point belongs to.

    Parameters
    ----------
    station : int64 array
        Station of each point, -1 for points left over.
    most_timely, most_served : int
        No such answer has more people in time; none with as many in time serves more.
    least_ms : int
        No answer with as many in time and as many served has fewer people x milliseconds.
    """

    station: Ints
    most_timely: int
    most_served: int
    least_ms: int


def whole_loads(clocks: Clocks, people: Ints, room: Ints, split: LoadFlow) -> WholeLoads:
    """Give each point whole to one station: most in time, then most served, then least time, as far as found.

    The generalised assignment problem (G. T. Ross and R. M. Soland, 1975), which no quick method solves
    exactly. Points that the flow does not split keep their station (all but one a station at most);
    the others go where room is left. A pair whose station is too small for the whole point takes no part.
    Then points move, and two change places, for as long as that helps. The
    bounds are those of flows, in which points may be split.

    Parameters
    ----------
    clocks : Clocks
        Times of all pairs.
    people, room : int64 arrays
        People of each point and the most that each station may serve.
    split : LoadFlow
        The answer when points may be split.

    Examples
    --------
    Of 5 + 4 + 3 people, a station for 8 takes 5 and 3:

    >>> clocks = Clocks(np.array([[10], [20], [30]], np.int32), limit_ms=100)
    >>> people, room = np.array([5, 4, 3]), np.array([8])
    >>> loads = whole_loads(clocks, people, room, cheapest_loads(clocks, people, room))
    >>> loads.station.tolist(), loads.most_timely
    ([0, -1, 0], 8)
    """
    fits = people[:, None] <= room
    if not fits.all():
        clocks = replace(clocks, ms=np.where(fits, clocks.ms, UNREACHED_MS))
        split = cheapest_loads(clocks, people, room)
    station = np.full(len(people), -1)
    is_whole = split.people == people[split.point]
    station[split.point[is_whole]] = split.station[is_whole]
    return _bounded(clocks, people, room, split, improve(clocks, people, room, station))


def improve(clocks: Clocks, people: Ints, room: Ints, station: Ints) -> Ints:
    """Move points, and let two change places, for as long as that helps.

    The search goes by the costs of the flow. These put the most in time first where people move one by one;
    whole points can serve many more for a few less in time, so an answer that ends worse is not taken.
    """
    search = _Search(clocks, people, room, station.copy())
    search.run()
    return max(search.station, station, key=lambda answer: _aims(measure(clocks, people, answer)))


def measure(clocks: Clocks, people: Ints, station: Ints) -> tuple[int, int, int]:
    """Give the people in time, the people served, and people x milliseconds of an answer."""
    used = np.flatnonzero(station >= 0)
    ms = clocks.ms[used, station[used]]
    return int(people[used[ms <= clocks.limit_ms]].sum()), int(people[used].sum()), dot(people[used], ms)


def _aims(measured: tuple[int, int, int]) -> tuple[int, int, int]:
    timely, served, person_ms = measured
    return timely, served, -person_ms


class _Search:
    """A local search; gains are compared in floats, everything else is counted in whole numbers."""

    def __init__(self, clocks: Clocks, people: Ints, room: Ints, station: Ints) -> None:
        self.clocks, self.people, self.station = clocks, people, station
        used = station >= 0
        self.free = room - add_up(people[used], station[used], len(room))
        self.cost = np.full(len(people), float(clocks.stay))
        self.cost[used] = clocks.costs(clocks.ms[used, station[used]])

    def run(self) -> None:
        for _ in range(_ROUNDS):
            gained = False
            for j in range(len(self.free)):
                gained |= self.fill(j)
                gained |= self.exchange(j)
            if not gained:
                return

    def to(self, j: int) -> NDArray[np.float64]:
        """Give what each point costs at a station, ``inf`` where there is no route."""
        ms = self.clocks.ms[:, j]
        return np.where(ms < UNREACHED_MS, self.clocks.costs(ms), np.inf)

    def move(self, i: int, j: int) -> None:
        """Give a point to a station, or to none (-1)."""
        if self.station[i] >= 0:
            self.free[self.station[i]] += self.people[i]
        if j >= 0:
            self.free[j] -= self.people[i]
        self.station[i] = j
        self.cost[i] = self.clocks.stay if j < 0 else self.clocks.costs(self.clocks.ms[i, j])

    def fill(self, j: int) -> bool:
        """Take in points that fit, the one that gains most first."""
        gain, gained = self.people * (self.cost - self.to(j)), False
        while True:
            fits = np.flatnonzero((gain > 0) & (self.people <= self.free[j]))
            if not len(fits):
                return gained
            i = int(fits[np.argmax(gain[fits])])
            self.move(i, j)
            gain[i], gained = 0.0, True

    def exchange(self, j: int) -> bool:
        """Take in a point for one that leaves: to where the other was, to a free place, or to none."""
        gained = False
        for _ in range(_TRIED):
            cost = self.to(j)
            better = np.flatnonzero(self.cost > cost)
            own = np.flatnonzero(self.station == j)
            if not len(better) or not len(own):
                return gained
            away = self.clocks.ms[own]
            free = (away < UNREACHED_MS) & (self.people[own, None] <= self.free)
            free[:, j] = False
            other = np.where(free, self.clocks.costs(away), np.inf)
            place = np.where(other.min(axis=1) < self.clocks.stay, other.argmin(axis=1), -1)
            loss = np.minimum(other.min(axis=1), self.clocks.stay) - cost[own]
            leave = np.argsort(loss, kind="stable")[:_TRIED]
            own, place, loss = own[leave], place[leave], loss[leave]
            better = better[np.argsort(cost[better] - self.cost[better], kind="stable")]
            small = better[self.people[better] <= self.free[j] + self.people[own[0]]]
            enter = np.unique(np.concatenate([better[:_TRIED], small[:_TRIED]]))
            n_in, n_out = self.people[enter, None], self.people[own]
            back = self.station[enter]
            ms = self.clocks.ms[own][:, np.maximum(back, 0)].T
            fits = (back >= 0)[:, None] & (ms < UNREACHED_MS)
            fits &= self.free[np.maximum(back, 0)][:, None] + n_in >= n_out
            swap = np.where(fits, self.clocks.costs(ms) - cost[own], np.inf)
            gain = n_in * (self.cost[enter] - cost[enter])[:, None] - n_out * np.minimum(loss, swap)
            gain[n_in - n_out > self.free[j]] = 0.0
            best = int(np.argmax(gain))
            a, b = divmod(best, len(own))
            # Less than this is rounding of the two products.
            if not gain[a, b] > 1e-12 * n_in[a, 0] * self.cost[enter[a]]:
                return gained
            to = int(back[a]) if swap[a, b] < loss[b] else int(place[b])
            self.move(int(own[b]), -1)
            self.move(int(enter[a]), j)
            self.move(int(own[b]), to)
            gained = True
        return gained


def _bounded(clocks: Clocks, people: Ints, room: Ints, split: LoadFlow, station: Ints) -> WholeLoads:
    """Bound an answer by flows: every whole answer is a flow too."""
    ms = clocks.ms[split.point, split.station]
    most_timely = int(split.people[ms <= clocks.limit_ms].sum())
    most_served = int(split.people.sum())
    if most_served < people.sum():
        anyhow = cheapest_loads(replace(clocks, limit_ms=int(UNREACHED_MS)), people, room)
        most_served = int(anyhow.people.sum())
    used = np.flatnonzero(station >= 0)
    own = clocks.ms[used, station[used]]
    n_behind = int(people.sum() - people[used[own <= clocks.limit_ms]].sum())
    n_left = int(people.sum() - people[used].sum())
    least = split.bound - clocks.late * n_behind - clocks.left * n_left
    # Where some are lost to rounding, cheaper penalties tell more of the time (Lagrangean relaxation).
    for penalty_ms in (clocks.longest // 4, 2 * clocks.longest):
        some = replace(clocks, penalty_ms=penalty_ms)
        bound = cheapest_loads(some, people, room).bound - penalty_ms * (n_behind + n_left)
        least = max(least, bound)
    return WholeLoads(station, most_timely, most_served, min(least, dot(people[used], own)))


MOST_PAIRS: Final = 5_000
"""More pairs of points and stations are not given to the solver."""
_NODES: Final = 30
"""Nodes of the search in each step."""


def prove_whole(clocks: Clocks, people: Ints, room: Ints, loads: WholeLoads) -> WholeLoads:
    """Improve an answer and its bounds with HiGHS: first the most in time, then served, then the least time.

    Each step keeps what the steps before it reached. Answers of the solver are counted again in whole
    numbers; its bounds are those of its search, which ends after a number of nodes.

    Parameters
    ----------
    clocks : Clocks
        Times of all pairs.
    people, room : int64 arrays
        People of each point and the most that each station may serve.
    loads : WholeLoads
        An answer with bounds.
    """
    point, station = np.nonzero((clocks.ms < UNREACHED_MS) & (people[:, None] <= room))
    if not 0 < len(point) <= MOST_PAIRS:
        return loads
    from geo.optimize import solve  # the solver takes a tenth of a second to load

    ms, scale, grain = clocks.ms[point, station], float(people.mean()), float(np.gcd.reduce(people))
    mean_ms = max(1.0, float(ms.mean()))
    n = people[point] / scale
    model, timely = _model(n, point, station, room / scale), n * (ms <= clocks.limit_ms)
    for step, cost in enumerate((-timely, -n, n * (ms / mean_ms))):
        had = measure(clocks, people, loads.station)
        if had[step] == (loads.most_timely, loads.most_served, loads.least_ms)[step]:
            continue
        # What the steps before reached is kept.
        kept = sparse.csr_array(np.stack([timely, n])[:step])
        solved = solve(
            replace(
                model,
                cost=cost,
                rows=sparse.vstack([model.rows, kept]),
                row_low=np.append(model.row_low, np.array(had[:step]) / scale),
                row_high=np.append(model.row_high, np.full(step, np.inf)),
            ),
            start=(loads.station[point] == station).astype(float),
            grain=grain / scale if step < 2 else 0.0,
            most_nodes=_NODES,
        )
        if solved.x is not None:
            loads = _better(clocks, people, room, loads, point[solved.x > 0.5], station[solved.x > 0.5])
        if step == 2:
            least = math.floor(solved.bound * scale * mean_ms)
            value = measure(clocks, people, loads.station)[2]
            return replace(loads, least_ms=min(max(loads.least_ms, least), value))
        most = int(math.floor(-solved.bound * scale / grain + 1e-6) * grain)
        name = ("most_timely", "most_served")[step]
        loads = replace(loads, **{name: min(getattr(loads, name), most)})
    return loads


def _model(n: NDArray[np.float64], point: Ints, station: Ints, room: NDArray[np.float64]) -> Model:
    """Give each point to one station at most, and no station more than its room."""
    size, n_points = len(n), int(point.max()) + 1
    every, one = np.arange(size), np.ones(size)
    from geo.optimize import Model

    return Model(
        cost=np.zeros(size),
        low=np.zeros(size),
        high=one,
        is_whole=np.ones(size, dtype=np.bool_),
        rows=sparse.vstack(
            [
                sparse.csr_array((one, (point, every)), shape=(n_points, size)),
                sparse.csr_array((n, (station, every)), shape=(len(room), size)),
            ]
        ),
        row_low=np.full(n_points + len(room), -np.inf),
        row_high=np.append(np.ones(n_points), room),
    )


def _better(
    clocks: Clocks, people: Ints, room: Ints, loads: WholeLoads, point: Ints, station: Ints
) -> WholeLoads:
    """Take the answer of the solver if it holds in whole numbers and is better."""
    every = np.full(len(people), -1)
    every[point] = station
    if len(np.unique(point)) < len(point) or (add_up(people[point], station, len(room)) > room).any():
        return loads
    every = improve(clocks, people, room, every)
    ours, theirs = (measure(clocks, people, answer) for answer in (loads.station, every))
    is_better = (theirs[0], theirs[1], -theirs[2]) > (ours[0], ours[1], -ours[2])
    return replace(loads, station=every) if is_better else loads
