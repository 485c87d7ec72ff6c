"""People shared out among stations so that none serves too many: most in time, then the least driving."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, StudyError
from geo.times import Times, is_within

__all__ = ["Balance", "Shortage", "balance"]

_NOBODY: Final = 1e-9
"""Fewer people than this are nobody: what rounding leaves of a sum."""


@dataclass(frozen=True, eq=False)
class Shortage:
    """Proof that some people cannot be served: more of them need some stations than those may serve.

    Parameters
    ----------
    station_ids : tuple
        The stations; together they may serve ``room`` people.
    demand_ids : tuple
        Points whose every station (in time, or at all) is among these.
    people : float
        People of those points.
    room : float
        People that the stations may serve.
    """

    station_ids: tuple[object, ...]
    demand_ids: tuple[object, ...]
    people: float
    room: float

    @property
    def too_many(self) -> float:
        """By how many people the room is short."""
        return self.people - self.room


@dataclass(frozen=True, eq=False)
class Balance:
    """Who is served by which station when none may serve more than its load.

    Parameters
    ----------
    shares : DataFrame
        One row a point and station that serves people of it: ``demand_id``, ``facility_id``, ``people``,
        ``first_s`` (clock, s), ``is_in_time``; in the order of the points.
    loads : DataFrame
        Index ``facility_id``; ``people``, ``most_people``.
    n_in_time, n_late, n_left, n_unreachable : float
        People served in time, served late, left over for want of room, and reached by no station.
    value : float
        Person-seconds on the clock of those who are served.
    bound : float
        No assignment that has as many in time and serves as many has fewer person-seconds (weak duality).
    late : Shortage or None
        Why more cannot be in time; None when all who have a station in time are served in time.
    left : Shortage or None
        Why more cannot be served at all; None when everybody reachable is served, or when those left over
        could be served only by making others late.
    """

    shares: pd.DataFrame = field(repr=False)
    loads: pd.DataFrame
    n_in_time: float
    n_late: float
    n_left: float
    n_unreachable: float
    value: float
    bound: float
    late: Shortage | None
    left: Shortage | None

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of it."""
        return max(0.0, self.value - self.bound) / self.value if self.value > 0 else 0.0


def balance(
    times: Times,
    people: pd.Series,
    *,
    starts_s: pd.Series,
    limit_s: float,
    most_people: float | pd.Series,
) -> Balance:
    """Share people out exactly: most in time, then most served, then the fewest person-seconds.

    Minimum cost flow from points to stations of limited room. The people of one point may be shared among
    stations. It starts with everybody at their first station and moves people off overfull stations along
    the cheapest chains of exchanges (successive shortest paths: Ford and Fulkerson 1962; Busacker and Gowen
    1961) in the graph of the stations. One cost holds all three aims, since a chain passes each station
    once: with ``T`` the longest time and ``F`` stations, being left over costs ``L = 2 (F + 1) T`` more than
    being late, and being late ``2 (F + 1) (L + T)`` more than being in time. The chains' costs at the end
    are prices ``p_j`` of room, and ``sum_i n_i min_j (c_ij + p_j) - sum_j Q_j p_j`` is a bound that proves
    the answer.

    Parameters
    ----------
    times : Times
        Travel times of all pairs that have a route.
    people : Series
        People of the demand points, in the order of ``times.demand_id``.
    starts_s : Series
        Seconds on the clock when each station leaves, in the order of ``times.facility_id``.
    limit_s : float
        Limit on the clock, seconds.
    most_people : float or Series
        Most people a station may serve; by station id.

    Raises
    ------
    InputError
        A load is negative or missing, or people are.
    StudyError
        There are no stations.

    Examples
    --------
    Both points have ``a`` first, which may serve 10; the four who go to ``b`` are those who lose least:

    >>> times = Times(
    ...     facility_id=pd.Index(["a", "b"]), demand_id=pd.Index(["x", "y"]), start=np.array([0, 2, 4]),
    ...     demand=np.array([0, 1, 0, 1], np.int32), ms=np.array([10, 20, 90, 70], np.int32) * 1000,
    ...     limit_s=np.inf,
    ... )
    >>> starts = pd.Series(60.0, index=["a", "b"])
    >>> found = balance(times, pd.Series([7, 7], ["x", "y"]), starts_s=starts, limit_s=300, most_people=10)
    >>> found.shares[["demand_id", "facility_id", "people"]].values.tolist()
    [['x', 'a', 7.0], ['y', 'a', 3.0], ['y', 'b', 4.0]]
    >>> found.value == found.bound == 7 * 70 + 3 * 80 + 4 * 130
    True
    """
    room = _room(times, most_people)
    counts = people.to_numpy(dtype=float)
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise InputError("people must be numbers of 0 or more; clean the demand first")
    response = times.to_dense().to_numpy() + starts_s.to_numpy(dtype=float)
    is_reached = np.isfinite(response).any(axis=1) & (counts > 0)
    own = np.flatnonzero(is_reached)
    clock = np.rint(response[own] * 1000.0)
    in_time = is_within(response[own], limit_s)
    cost = _costs(clock, in_time)
    share = _exchange(cost, counts[own], np.append(room, np.inf))
    prices = _chains(_arcs(cost, share), _has_room(share, np.append(room, np.inf)))[0]
    rent = np.where(room > 0, prices[:-1], 0.0) * room
    least = float((counts[own] * (cost + prices).min(axis=1)).sum() - rent.sum())
    tables = _tables(times, own, share, response[own], in_time, room)
    return _told(times, counts, own, share, in_time, room, cost, clock, least, tables)


def _room(times: Times, most_people: float | pd.Series) -> NDArray[np.float64]:
    if not len(times.facility_id):
        raise StudyError("there is no station to share people out to")
    given = most_people if isinstance(most_people, pd.Series) else pd.Series(most_people, times.facility_id)
    room: NDArray[np.float64] = given.reindex(times.facility_id).to_numpy(dtype=float)
    bad = ~(room >= 0)
    if bad.any():
        faults = [f"{times.facility_id[i]!r}: {room[i]}" for i in np.flatnonzero(bad)]
        raise InputError(f"{bad.sum()} stations have no usable load; give people of 0 or more", faults=faults)
    return room


def _costs(clock: NDArray[np.float64], in_time: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the cost of each pair in ms and of being left over (last); being late is dearer than any chain."""
    n = clock.shape[1]
    longest = clock[np.isfinite(clock)].max(initial=1.0)
    left = 2.0 * (n + 1) * (longest + 1.0)
    late = 2.0 * (n + 1) * (left + longest + 1.0)
    return np.column_stack([clock + late * ~in_time, np.full(len(clock), late + left)])


def _exchange(
    cost: NDArray[np.float64], people: NDArray[np.float64], room: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the people of each point at each station, none overfull, at least cost."""
    share = np.zeros_like(cost)
    share[np.arange(len(cost)), cost.argmin(axis=1)] = people
    load = share.sum(axis=0)
    arcs = _arcs(cost, share)
    while True:
        over = np.flatnonzero(load > room + _NOBODY)
        if not len(over):
            return share
        length, following = _chains(arcs, load < room - _NOBODY)
        chain = [int(over[np.argmin(length[over])])]
        while following[chain[-1]] >= 0:
            chain.append(int(following[chain[-1]]))
        moves = list(pairwise(chain))
        points = [_best(cost, share, j, k) for j, k in moves]
        amount = min(load[chain[0]] - room[chain[0]], room[chain[-1]] - load[chain[-1]])
        amount = min(amount, *(share[i, j] for i, (j, _) in zip(points, moves, strict=True)))
        for i, (j, k) in zip(points, moves, strict=True):
            share[i, j] = share[i, j] - amount if share[i, j] > amount + _NOBODY else 0.0
            share[i, k] += amount
        load[chain[0]] -= amount
        load[chain[-1]] += amount
        for j in chain:
            arcs[j] = _arcs_of(cost, share, j)


def _arcs(cost: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the least cost of moving one person from each station to each other, ``inf`` where none can."""
    return np.stack([_arcs_of(cost, share, j) for j in range(cost.shape[1])])


def _arcs_of(cost: NDArray[np.float64], share: NDArray[np.float64], j: int) -> NDArray[np.float64]:
    own = cost[share[:, j] > 0]
    arcs: NDArray[np.float64] = (own - own[:, [j]]).min(axis=0, initial=np.inf)
    arcs[j] = np.inf
    return arcs


def _best(cost: NDArray[np.float64], share: NDArray[np.float64], j: int, k: int) -> int:
    """Give the point of station ``j`` whose people cost least to move to ``k``."""
    own = np.flatnonzero(share[:, j] > 0)
    return int(own[np.argmin(cost[own, k] - cost[own, j])])


def _has_room(share: NDArray[np.float64], room: NDArray[np.float64]) -> NDArray[np.bool_]:
    has_room: NDArray[np.bool_] = share.sum(axis=0) < room - _NOBODY
    return has_room


def _chains(
    arcs: NDArray[np.float64], is_end: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the cost of the cheapest chain from each station to one with room, and the next on it (or -1)."""
    length = np.where(is_end, 0.0, np.inf)
    following = np.full(len(arcs), -1)
    for _ in range(len(arcs)):
        through = arcs + length
        best = through.argmin(axis=1)
        shorter = through[np.arange(len(arcs)), best]
        is_better = shorter < length - 0.25  # costs are whole: less is rounding
        if not is_better.any():
            break
        length = np.where(is_better, shorter, length)
        following = np.where(is_better, best, following)
    return length, following


def _tables(
    times: Times,
    own: NDArray[np.int64],
    share: NDArray[np.float64],
    response: NDArray[np.float64],
    in_time: NDArray[np.bool_],
    room: NDArray[np.float64],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    point, station = np.nonzero(share[:, :-1] > _NOBODY)
    shares = pd.DataFrame(
        {
            "demand_id": times.demand_id.take(own[point]),
            "facility_id": times.facility_id.take(station),
            "people": share[point, station],
            "first_s": np.round(response[point, station], 3),
            "is_in_time": in_time[point, station],
        }
    )
    loads = pd.DataFrame(
        {"people": share[:, :-1].sum(axis=0), "most_people": room},
        index=times.facility_id.rename("facility_id"),
    )
    return shares, loads


def _told(
    times: Times,
    counts: NDArray[np.float64],
    own: NDArray[np.int64],
    share: NDArray[np.float64],
    in_time: NDArray[np.bool_],
    room: NDArray[np.float64],
    cost: NDArray[np.float64],
    clock: NDArray[np.float64],
    least: float,
    tables: tuple[pd.DataFrame, pd.DataFrame],
) -> Balance:
    served = share[:, :-1]
    value = float((served * np.where(served > 0, clock, 0.0)).sum()) / 1000.0
    late = served * ~in_time
    could = in_time.any(axis=1)
    behind = (could & ((late.sum(axis=1) + share[:, -1]) > _NOBODY)).astype(bool)
    left = share[:, -1] > _NOBODY
    spent = float((share * np.where(share > 0, cost, 0.0)).sum())
    return Balance(
        shares=tables[0],
        loads=tables[1],
        n_in_time=float((served * in_time).sum()),
        n_late=float(late.sum()),
        n_left=float(share[:, -1].sum()),
        n_unreachable=float(counts.sum() - counts[own].sum()),
        value=value,
        bound=value - max(0.0, spent - least) / 1000.0,
        late=_shortage(times, counts, own, served * in_time, in_time, behind, room),
        left=_shortage(times, counts, own, served, np.isfinite(clock), left, room),
    )


def _shortage(
    times: Times,
    counts: NDArray[np.float64],
    own: NDArray[np.int64],
    served: NDArray[np.float64],
    may: NDArray[np.bool_],
    behind: NDArray[np.bool_],
    room: NDArray[np.float64],
) -> Shortage | None:
    """Find the stations that those left behind could use, those that people there could use, and so on."""
    if not behind.any():
        return None
    stations = may[behind].any(axis=0)
    while True:
        points = (served[:, stations] > 0).any(axis=1)
        wider = stations | may[points].any(axis=0)
        if (wider == stations).all():
            break
        stations = wider
    inside = may.any(axis=1) & ~may[:, ~stations].any(axis=1)
    if not counts[own][inside].sum() > room[stations].sum() + _NOBODY:
        return None
    return Shortage(
        station_ids=tuple(times.facility_id[stations]),
        demand_ids=tuple(times.demand_id[own[inside]]),
        people=float(counts[own][inside].sum()),
        room=float(room[stations].sum()),
    )
