"""Sharing people out among the stations that reach them in time, without overloading one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from geo.errors import StudyError
from geo.times import Times, is_within

__all__ = ["Assignment", "assign"]


@dataclass(frozen=True, eq=False)
class Assignment:
    """The largest number of people that stations in time can serve within their load.

    Parameters
    ----------
    n_in_time : int
        People with at least one station in time, whole persons.
    n_assigned : int
        How many of them can be served when no station serves more than the load.
    loads : Series
        People served by each station in one such assignment, by station id.
    """

    n_in_time: int
    n_assigned: int
    loads: pd.Series

    @property
    def exists(self) -> bool:
        """Whether everybody who has a station in time can be served in time within the load."""
        return self.n_assigned == self.n_in_time


def assign(
    times: Times, people: pd.Series, *, starts_s: pd.Series, limit_s: float, most_people: float
) -> Assignment:
    """Share people out among the stations that reach them in time, exactly.

    Maximum flow: source -> sets of demand points -> stations -> sink, where a set holds all demand points
    that have the same stations in time, its arc from the source carries its people, and each station's
    arc to the sink carries ``most_people``. The flow is the most people that can be
    served; it is exact, and it may share the people of one demand point among several stations, person by
    person. The people of a set are rounded to whole persons after adding up. People with no station in
    time are not part of it.

    Parameters
    ----------
    times : Times
        Travel times up to at least ``limit_s`` less the earliest start.
    people : Series
        People of the demand points, in the order of ``times.demand_id``.
    starts_s : Series
        Seconds on the clock when each station leaves, in the order of ``times.facility_id``.
    limit_s : float
        Limit on the clock, seconds.
    most_people : float
        Most people that one station may serve; the part of a person is cut off.

    Raises
    ------
    StudyError
        The times were searched less far than the limit needs.

    Examples
    --------
    Two stations, 10 people each; three points of 8, of which the first sees station 0 only:

    >>> times = Times(
    ...     facility_id=pd.Index(["a", "b"]), demand_id=pd.Index([1, 2, 3]), start=np.array([0, 3, 5]),
    ...     demand=np.array([0, 1, 2, 1, 2], np.int32), ms=np.full(5, 1000, np.int32), limit_s=300.0,
    ... )
    >>> starts = pd.Series(60.0, index=["a", "b"])
    >>> shared = assign(times, pd.Series([8, 8, 8]), starts_s=starts, limit_s=300, most_people=10)
    >>> shared.n_in_time, shared.n_assigned, shared.exists
    (24, 20, False)
    """
    needed_s = limit_s - float(starts_s.min()) if len(starts_s) else 0.0
    if times.limit_s < needed_s:
        raise StudyError(f"times were searched to {times.limit_s:g} s, but the limit needs {needed_s:g} s")
    n_stations = len(times.facility_id)
    facility = np.repeat(np.arange(n_stations), np.diff(times.start))
    in_time = is_within(starts_s.to_numpy(dtype=float)[facility] + times.ms / 1000.0, limit_s)
    facility, demand = facility[in_time], times.demand[in_time]
    group = _same_stations(facility, demand, n_demand=len(times.demand_id))
    served = np.unique(demand)
    sums = np.bincount(group[served], weights=people.to_numpy(dtype=float)[served])
    wanted = np.rint(sums).astype(np.int64)
    pairs = np.unique(np.column_stack([group[demand], facility]), axis=0)
    sink = len(wanted) + n_stations + 1
    flow = maximum_flow(_graph(wanted, pairs, n_stations, int(most_people)), 0, sink)
    loads = flow.flow.tocsc()[:, [sink]].toarray()[1 + len(wanted) : sink, 0]
    return Assignment(
        n_in_time=int(wanted.sum()),
        n_assigned=int(flow.flow_value),
        loads=pd.Series(loads, index=times.facility_id, name="people"),
    )


def _same_stations(
    facility: NDArray[np.integer], demand: NDArray[np.integer], *, n_demand: int
) -> NDArray[np.int64]:
    """Number the demand points so that two share a number exactly when they have the same stations.

    Refines one group by one station after the other: its points leave their old groups together.
    """
    label = np.zeros(n_demand, dtype=np.int64)
    count = 1
    cuts = np.searchsorted(facility, np.arange(int(facility.max(initial=-1)) + 2))
    for low, high in pairwise(cuts):
        old, inside = np.unique(label[demand[low:high]], return_inverse=True)
        label[demand[low:high]] = count + inside.reshape(-1)
        count += len(old)
    with_station = np.unique(demand)
    numbers: NDArray[np.int64] = np.full(n_demand, -1, dtype=np.int64)
    numbers[with_station] = np.unique(label[with_station], return_inverse=True)[1].reshape(-1)
    return numbers


def _graph(
    wanted: NDArray[np.int64], pairs: NDArray[np.int64], n_stations: int, most_people: int
) -> csr_array:
    """Lay out the arcs: node 0 is the source, then the sets, the stations, and the sink last."""
    n_sets = len(wanted)
    total = int(wanted.sum())
    sets, stations = np.arange(n_sets) + 1, np.arange(n_stations) + 1 + n_sets
    tail = np.concatenate([np.zeros(n_sets, np.int64), pairs[:, 0] + 1, stations])
    head = np.concatenate([sets, pairs[:, 1] + 1 + n_sets, np.full(n_stations, n_sets + n_stations + 1)])
    room = np.full(n_stations, min(most_people, total))
    capacity = np.concatenate([wanted, wanted[pairs[:, 0]], room]).astype(np.int32)
    size = n_sets + n_stations + 2
    return csr_array(coo_array((capacity, (tail, head)), shape=(size, size)))
