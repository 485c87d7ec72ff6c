"""The first and second facility of every node and demand point."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.routing._kernels.dijkstra import NO_POINTS, Seeds, new_blocks, new_times, new_work, reach
from geo.routing._kernels.two_nearest import (
    Entrances,
    drop_facility,
    label_points,
    search_two,
    take_changes,
)
from geo.routing._node_nearest import label_nodes
from geo.routing.stops import (
    PreparedPoints,
    Stops,
    close_stop,
    count_starts,
    drive,
    join_stops,
    make_stops,
    pairs_on_edge,
    seeds_of,
    stops_of,
)
from geo.schema import Direction
from geo.times import limit_ms

__all__ = [
    "NEAREST_COLUMNS",
    "NearestChange",
    "NodeNearest",
    "apply",
    "at_demand",
    "nearest",
    "node_nearest",
    "node_times",
    "with_facility",
    "without_facility",
]

NEAREST_COLUMNS: Final = ("first_id", "first_s", "second_id", "second_s")
"""Columns of a NearestTable."""
_COLUMNS: Final = pd.Index(NEAREST_COLUMNS)
_OPPOSITE: Final[dict[Direction, Direction]] = {
    "from_facility": "to_facility",
    "to_facility": "from_facility",
}


class Copies:
    """Copies of a record that are lent out and come back as they were.

    A what-if changes a few nodes out of all: copying the record for each would take longer than the search.
    Each thread gets a copy of its own.

    Parameters
    ----------
    record : int32 array, shape (N, 4)
        The record; not changed.
    """

    def __init__(self, record: NDArray[np.int32]) -> None:
        self._record = record
        self._idle: list[NDArray[np.int32]] = []

    @contextmanager
    def lend(self) -> Iterator[NDArray[np.int32]]:
        """Lend a copy, to be brought back as it was; one that an error left changed is not taken back."""
        try:
            copy = self._idle.pop()
        except IndexError:
            copy = self._record.copy()
        yield copy
        self._idle.append(copy)


@dataclass(frozen=True, eq=False)
class NodeNearest:
    """The first and second facility of every node of a network.

    Parameters
    ----------
    facility_id : pandas.Index
        The facilities; positions below point into it.
    direction : {"from_facility", "to_facility"}
        Which way was driven.
    limit_ms : int
        The search limit in whole milliseconds.
    record : int32 array, shape (N, 4)
        The labels: first facility (position, -1 for none), its time (ms), second facility, its time.
    stops : Stops
        Where the facilities are, with their access and start.
    """

    facility_id: pd.Index
    direction: Direction
    limit_ms: int
    record: NDArray[np.int32]
    stops: Stops

    @cached_property
    def copies(self) -> Copies:
        """Copies of the record for :func:`with_facility` and :func:`without_facility` to work on."""
        return Copies(self.record)

    @property
    def first(self) -> NDArray[np.int32]:
        """Position of the first facility of each node, -1 for none."""
        return self.record[:, 0]

    @property
    def first_ms(self) -> NDArray[np.int32]:
        """Time of the first facility, ``UNREACHED_MS`` for none."""
        return self.record[:, 1]

    @property
    def second(self) -> NDArray[np.int32]:
        """Position of the second facility of each node, -1 for none."""
        return self.record[:, 2]

    @property
    def second_ms(self) -> NDArray[np.int32]:
        """Time of the second facility, ``UNREACHED_MS`` for none."""
        return self.record[:, 3]


@dataclass(frozen=True, eq=False)
class NearestChange:
    """What another facility, or one fewer, changes at the nodes.

    Parameters
    ----------
    nodes : int32 array
        The nodes with another first or second facility, or another time; ascending.
    labels : int32 array, shape (n, 4)
        Their labels afterwards: first facility, ms, second facility, ms.
    stops : Stops
        The facilities afterwards; one that was taken away keeps its position and is on no edge.
    """

    nodes: NDArray[np.int32]
    labels: NDArray[np.int32]
    stops: Stops

    @property
    def first(self) -> NDArray[np.int32]:
        """Position of the first facility, -1 for none."""
        return self.labels[:, 0]

    @property
    def first_ms(self) -> NDArray[np.int32]:
        """Time of the first facility, ``UNREACHED_MS`` for none."""
        return self.labels[:, 1]

    @property
    def second(self) -> NDArray[np.int32]:
        """Position of the second facility, -1 for none."""
        return self.labels[:, 2]

    @property
    def second_ms(self) -> NDArray[np.int32]:
        """Time of the second facility, ``UNREACHED_MS`` for none."""
        return self.labels[:, 3]


def nearest(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame | PreparedPoints,
    *,
    direction: Direction,
    limit_s: float = np.inf,
    start_s: pd.Series | None = None,
) -> pd.DataFrame:
    """Give the first and second facility of every demand point and their times.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facilities, demand : DataFrame
        Snaps of both; the demand also as :func:`geo.routing.prepare_points` gives it.
    direction : {"from_facility", "to_facility"}
        Engines go out from facilities; people walk to them.
    limit_s : float
        Longest time that counts, seconds (inclusive), with access and start.
    start_s : Series, optional
        Seconds by facility id added to its times (turnout); missing ids count 0.

    Returns
    -------
    DataFrame
        NearestTable: the demand's index; ``first_id``, ``first_s``, ``second_id``, ``second_s`` (start +
        access + drive + access in seconds; None and inf where there is none). Of facilities with the
        same time the one earlier in the table comes first.

    Raises
    ------
    InputError
        Ids are not unique, a snap is not on this network, or a limit or start is negative.
    StudyError
        The direction is unknown.
    """
    state = node_nearest(network, facilities, direction=direction, limit_s=limit_s, start_s=start_s)
    return at_demand(state, network, demand)


def node_nearest(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float = np.inf,
    start_s: pd.Series | None = None,
) -> NodeNearest:
    """Give the first and second facility of every node; arguments and errors as in :func:`nearest`."""
    view, limit = drive(network, direction), limit_ms(limit_s)
    stops = make_stops(view, facilities, start_s=start_s)
    return NodeNearest(stops.id, direction, limit, label_nodes(view, stops, limit), stops)


def node_times(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float = np.inf,
    start_s: pd.Series | None = None,
) -> NDArray[np.int32]:
    """Give the time of the first facility at every node, ms (``UNREACHED_MS`` where none is in the limit).

    Arguments and errors are those of :func:`nearest`. A place on an edge that has facilities on it may be
    reached sooner than over its ends: read the facilities' snaps for that.
    """
    view, limit = drive(network, direction), limit_ms(limit_s)
    entries = seeds_of(make_stops(view, facilities, start_s=start_s))
    times, room = new_times(network.n_nodes), network.n_nodes + 1
    _, nodes, ms = reach(
        new_work(network.n_nodes),
        view.graph,
        Seeds(entries, np.array([0, len(entries)])),
        limit,
        NO_POINTS,
        new_work(0),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int32),
    )
    times[nodes] = ms
    return times


def at_demand(
    state: NodeNearest, network: RoadNetwork, demand: pd.DataFrame | PreparedPoints
) -> pd.DataFrame:
    """Give the NearestTable of demand points from the facilities of the nodes; see :func:`nearest`."""
    view = drive(network, state.direction)
    points = stops_of(view, demand)
    f, d, ms = pairs_on_edge(view, state.stops, points)
    along = np.column_stack([f, ms + state.stops.access_ms[f]]).astype(np.int32)
    order = np.argsort(d, kind="stable")
    along_start = count_starts(d, len(points.id))
    entrances = Entrances(points.ends, points.enter_ms, points.access_ms, along[order], along_start)
    facility, seconds = label_points(state.record.view(np.int64), entrances, state.limit_ms)
    ids = np.empty(len(state.stops.id) + 1, dtype=object)
    ids[:-1] = state.stops.id
    first, second = (pd.Series(ids[f], index=points.id, dtype=object, copy=False) for f in facility)
    # Names in the making would be turned into an index of text each time, which takes as long as the rest.
    table = pd.DataFrame({0: first, 1: seconds[0], 2: second, 3: seconds[1]}, index=points.id, copy=False)
    table.columns = _COLUMNS
    return table


def with_facility(state: NodeNearest, network: RoadNetwork, snap_row: pd.DataFrame) -> NearestChange:
    """Add facilities (usually one) and give what changes at the nodes; they come last in ties.

    Parameters
    ----------
    state : NodeNearest
        The nodes as they are; not changed.
    network : RoadNetwork
        The roads of the state.
    snap_row : DataFrame
        Snaps of the new facilities, with their ids as the index.

    Returns
    -------
    NearestChange
        The nodes whose first or second facility or time is another.

    Raises
    ------
    InputError
        An id is taken, or the snap is not on this network.
    """
    view = drive(network, state.direction)
    new = make_stops(view, snap_row)
    taken = [i for i in new.id if (state.stops.edge[_positions(state, i)] >= 0).any()]
    if taken:
        raise InputError(Message("routing.ids_taken", {"n": len(taken)}), faults=[repr(i) for i in taken])
    seeds = seeds_of(new)
    seeds[:, 2] += len(state.facility_id)
    with state.copies.lend() as record:
        changed = new_blocks(network.n_nodes)
        search_two(record.view(np.int64), changed, view.graph, seeds, state.limit_ms)
        rows = take_changes(record, changed, state.record).reshape(-1, 5)
    return NearestChange(rows[:, 0], rows[:, 1:], join_stops(state.stops, new))


def without_facility(state: NodeNearest, network: RoadNetwork, facility_id: object) -> NearestChange:
    """Take a facility away and give what changes at the nodes; positions of the others stay.

    Raises
    ------
    InputError
        The facility is not in the state.
    """
    positions = _positions(state, facility_id)
    if not len(positions):
        raise InputError(Message("routing.no_facility", {"id": facility_id, "n": len(state.facility_id)}))
    position = int(positions[-1])
    view, back = drive(network, state.direction), drive(network, _OPPOSITE[state.direction])
    own = seeds_of(state.stops)[2 * position : 2 * position + 2]
    stops = close_stop(state.stops, position)
    with state.copies.lend() as record:
        changed = new_blocks(network.n_nodes)
        gaps = drop_facility(record, changed, view.graph, back.graph, own, position)
        seeds = np.concatenate([gaps.reshape(-1, 3), seeds_of(stops)])
        search_two(record.view(np.int64), changed, view.graph, seeds, state.limit_ms)
        rows = take_changes(record, changed, state.record).reshape(-1, 5)
    return NearestChange(rows[:, 0], rows[:, 1:], stops)


def apply(state: NodeNearest, change: NearestChange) -> NodeNearest:
    """Give the state after a change; the old one stays as it was."""
    record = state.record.copy()
    record[change.nodes] = change.labels
    return replace(state, facility_id=change.stops.id, record=record, stops=change.stops)


def _positions(state: NodeNearest, facility_id: object) -> NDArray[np.int64]:
    """Give where an id is; one that was taken away before and put back is there twice."""
    return np.flatnonzero(np.asarray(state.facility_id == facility_id))
