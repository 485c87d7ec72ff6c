"""People shared out among stations so that none serves too many: most in time, then the least driving."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.optimize import Clocks, LoadFlow, add_up, cheapest_loads, dot
from geo.times import UNREACHED_MS, Times, limit_ms
from geo.zones._whole_places import prove_whole, whole_loads

__all__ = ["Balance", "Shortage", "balance"]


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
    most_in_time : float
        No answer of the kind asked for has more people in time; ``n_in_time`` where points may be shared.
    most_served : float
        No answer with as many in time serves more.
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
    most_in_time: float
    most_served: float

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
    whole: bool = False,
) -> Balance:
    """Share people out exactly: most in time, then most served, then the fewest person-seconds.

    Minimum cost flow from points to stations of limited room: see :func:`geo.optimize.cheapest_loads`. The
    people of one point may be shared among stations. People are counted in parts of a person so small that
    all of them together fit into 50 bits.

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
    whole : bool, default False
        Give each point to one station whole, by ``whole_loads``; small cases exactly.

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
    >>> balanced = balance(times, pd.Series([7, 7], ["x", "y"]), starts_s=starts, limit_s=300, most_people=10)
    >>> balanced.shares[["demand_id", "facility_id", "people"]].values.tolist()
    [['x', 'a', 7.0], ['y', 'a', 3.0], ['y', 'b', 4.0]]
    >>> balanced.value == balanced.bound == 7 * 70 + 3 * 80 + 4 * 130
    True
    """
    room = _room(times, most_people)
    counts = people.to_numpy(dtype=float)
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise InputError(Message("zones.people_wrong"))
    case = _case(times, counts, starts_s, limit_s, room)
    flow = cheapest_loads(case.clocks, case.people, case.room)
    balanced = _told(case, flow)
    return _made_whole(case, flow, balanced) if whole else balanced


def _room(times: Times, most_people: float | pd.Series) -> NDArray[np.float64]:
    if not len(times.facility_id):
        raise StudyError(Message("zones.no_station"))
    given = most_people if isinstance(most_people, pd.Series) else pd.Series(most_people, times.facility_id)
    room: NDArray[np.float64] = given.reindex(times.facility_id).to_numpy(dtype=float)
    bad = ~(room >= 0)
    if bad.any():
        faults = [f"{times.facility_id[i]!r}: {room[i]}" for i in np.flatnonzero(bad)]
        raise InputError(Message("zones.no_load", {"n": bad.sum()}), faults=faults)
    return room


@dataclass(frozen=True, eq=False)
class _Case:
    """Points that a station reaches, with their people and the room in one unit."""

    times: Times
    row: NDArray[np.int64]
    clocks: Clocks
    people: NDArray[np.int64]
    room: NDArray[np.int64]
    unit: float
    most_people: NDArray[np.float64]
    n_unreachable: float

    @property
    def demand_id(self) -> pd.Index:
        return self.times.demand_id[self.row]


def _case(
    times: Times, people: NDArray[np.float64], starts_s: pd.Series, limit_s: float, room: NDArray[np.float64]
) -> _Case:
    ms = np.full((len(times.demand_id), len(room)), UNREACHED_MS)
    for j, start_s in enumerate(starts_s.to_numpy(dtype=float)):
        own = slice(times.start[j], times.start[j + 1])
        ms[times.demand[own], j] = np.rint((times.ms[own] / 1000.0 + start_s) * 1000.0)
    row = np.flatnonzero((ms < UNREACHED_MS).any(axis=1) & (people > 0))
    # The parts of a person are powers of 2: whole people stay whole.
    unit = 2.0 ** (math.frexp(max(1.0, people.sum()))[1] - 50)
    return _Case(
        times=times,
        row=row,
        clocks=Clocks(ms[row], limit_ms(limit_s) if limit_s >= 0 else -1),
        people=np.rint(people[row] / unit).astype(np.int64),
        room=np.floor(np.minimum(room, people.sum() + 1.0) / unit).astype(np.int64),
        unit=unit,
        most_people=room,
        n_unreachable=float(np.delete(people, row).sum()),
    )


def _told(case: _Case, flow: LoadFlow) -> Balance:
    clocks, unit = case.clocks, case.unit
    ms = clocks.ms[flow.point, flow.station]
    is_reached, in_time = clocks.ms < UNREACHED_MS, clocks.ms <= clocks.limit_ms
    timely = np.where(ms <= clocks.limit_ms, flow.people, 0)
    n_served = add_up(flow.people, flow.point, len(case.people))
    n_timely = add_up(timely, flow.point, len(case.people))
    value = dot(flow.people, ms)
    shares = {
        "demand_id": case.demand_id.take(flow.point),
        "facility_id": case.times.facility_id.take(flow.station),
        "people": flow.people * unit,
        "first_s": ms / 1000.0,
        "is_in_time": ms <= clocks.limit_ms,
    }
    loads = {
        "people": add_up(flow.people, flow.station, len(case.room)) * unit,
        "most_people": case.most_people,
    }
    return Balance(
        shares=pd.DataFrame(shares),
        loads=pd.DataFrame(loads, index=case.times.facility_id.rename("facility_id")),
        n_in_time=float(n_timely.sum() * unit),
        n_late=float((n_served - n_timely).sum() * unit),
        n_left=float((case.people - n_served).sum() * unit),
        n_unreachable=case.n_unreachable,
        value=value * unit / 1000.0,
        bound=(value - (flow.spent - flow.bound)) * unit / 1000.0,
        late=_shortage(case, flow, timely, in_time, in_time.any(axis=1) & (n_timely < case.people)),
        left=_shortage(case, flow, flow.people, is_reached, n_served < case.people),
        most_in_time=float(timely.sum() * unit),
        most_served=float(n_served.sum() * unit),
    )


def _made_whole(case: _Case, flow: LoadFlow, shared: Balance) -> Balance:
    """Give the points whole to stations; what is impossible for shared points is so for whole ones."""
    loads = whole_loads(case.clocks, case.people, case.room, flow)
    loads = prove_whole(case.clocks, case.people, case.room, loads)
    point = np.flatnonzero(loads.station >= 0)
    station, people = loads.station[point], case.people[point]
    value = dot(people, case.clocks.ms[point, station])
    in_whole = _told(case, LoadFlow(point, station, people, flow.price, value, loads.least_ms))
    return replace(
        in_whole,
        late=shared.late,
        left=shared.left,
        most_in_time=loads.most_timely * case.unit,
        most_served=loads.most_served * case.unit,
    )


def _shortage(
    case: _Case,
    flow: LoadFlow,
    served: NDArray[np.int64],
    may: NDArray[np.bool_],
    behind: NDArray[np.bool_],
) -> Shortage | None:
    """Find the stations that those left behind could use, those that people there could use, and so on."""
    if not behind.any():
        return None
    stations = np.asarray(may[behind].any(axis=0))
    while True:
        points = flow.point[stations[flow.station] & (served > 0)]
        wider = stations | np.asarray(may[points].any(axis=0))
        if (wider == stations).all():
            break
        stations = wider
    inside = may.any(axis=1) & ~may[:, ~stations].any(axis=1)
    people, room = int(case.people[inside].sum()), int(case.room[stations].sum())
    if people <= room:
        return None
    return Shortage(
        station_ids=tuple(case.times.facility_id[stations]),
        demand_ids=tuple(case.demand_id[inside]),
        people=people * case.unit,
        room=float(case.most_people[stations].sum()),
    )
