"""The first and second facility of every node and demand point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.kernels import BUCKETS, label_points, search_first, search_two
from geo.network import RoadNetwork
from geo.schema import Direction
from geo.stops import Stops, count_starts, drive, make_stops, pairs_on_edge, to_limit_ms
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["NEAREST_COLUMNS", "NodeNearest", "at_demand", "nearest", "node_nearest", "node_times"]

NEAREST_COLUMNS = ("first_id", "first_s", "second_id", "second_s")
"""Columns of a NearestTable."""


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
    labels : int32 array, shape (N, 4)
        Per node: first facility (position, -1 for none), its time (ms), second facility, its time.
    stops : Stops
        Where the facilities are, with their access and start.
    """

    facility_id: pd.Index
    direction: Direction
    limit_ms: int
    labels: NDArray[np.int32]
    stops: Stops

    @property
    def first(self) -> NDArray[np.int32]:
        """Position of the first facility of each node, -1 for none."""
        return self.labels[:, 0]

    @property
    def first_ms(self) -> NDArray[np.int32]:
        """Time of the first facility, ``UNREACHED_MS`` for none."""
        return self.labels[:, 1]

    @property
    def second(self) -> NDArray[np.int32]:
        """Position of the second facility of each node, -1 for none."""
        return self.labels[:, 2]

    @property
    def second_ms(self) -> NDArray[np.int32]:
        """Time of the second facility, ``UNREACHED_MS`` for none."""
        return self.labels[:, 3]


def nearest(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
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
        Snaps of both.
    direction : {"from_facility", "to_facility"}
        Engines go out from facilities; people walk to them.
    limit_s : float
        Longest time that counts, seconds (inclusive), with access and start.
    start_s : Series, optional
        Seconds by facility id added to its times (turnout); missing ids count 0.

    Returns
    -------
    DataFrame
        NearestTable: the demand's index; ``first_id``, ``first_s``, ``second_id``, ``second_s`` (start + access +
        drive + access in seconds; None and inf where there is none). Of facilities with the same time the
        one earlier in the table comes first.

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
    view, limit = drive(network, direction), to_limit_ms(limit_s)
    stops = make_stops(view, facilities, start_s=start_s)
    labels = np.empty((network.n_nodes, 4), dtype=np.int32)
    labels[:] = (-1, UNREACHED_MS, -1, UNREACHED_MS)
    node, ms, facility = _seeds(stops)
    search_two(view.out.start, view.arcs, node, ms, facility, limit, labels, *_queue())
    return NodeNearest(stops.id, direction, limit, labels, stops)


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
    view, limit = drive(network, direction), to_limit_ms(limit_s)
    node, ms, _ = _seeds(make_stops(view, facilities, start_s=start_s))
    times = np.full(network.n_nodes, UNREACHED_MS, dtype=np.int32)
    search_first(view.out.start, view.arcs, node, ms, limit, times, np.empty_like(times), *_queue())
    return times


def at_demand(state: NodeNearest, network: RoadNetwork, demand: pd.DataFrame) -> pd.DataFrame:
    """Give the NearestTable of demand points from the facilities of the nodes; see :func:`nearest`."""
    view = drive(network, state.direction)
    points = make_stops(view, demand)
    f, d, ms = pairs_on_edge(view, state.stops, points)
    along = np.column_stack([f, ms + state.stops.access_ms[f]]).astype(np.int32)
    order = np.argsort(d, kind="stable")
    along_start = count_starts(d, len(points.id))
    found = label_points(
        state.labels,
        points.ends,
        points.enter_ms,
        points.access_ms,
        along_start,
        along[order],
        state.limit_ms,
    )
    ids = np.append(state.facility_id.to_numpy(dtype=object), None)
    return pd.DataFrame(
        {
            "first_id": pd.Series(ids[found[:, 0]], index=points.id, dtype=object),
            "first_s": to_seconds(found[:, 1]),
            "second_id": pd.Series(ids[found[:, 2]], index=points.id, dtype=object),
            "second_s": to_seconds(found[:, 3]),
        },
        index=points.id,
    )


def _seeds(stops: Stops) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Give where the facilities enter the nodes: node, ms, facility; two entries each."""
    ms = np.minimum(stops.leave_ms.astype(np.int64) + stops.access_ms[:, None], UNREACHED_MS)
    facility = np.repeat(np.arange(len(stops.id), dtype=np.int32), 2)
    return stops.ends.ravel(), ms.astype(np.int32).ravel(), facility


def _queue() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return np.full(BUCKETS, -1, dtype=np.int32), np.empty((4096, 4), dtype=np.int32)
