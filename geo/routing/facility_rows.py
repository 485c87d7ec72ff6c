"""Times of single facilities to the same points, again and again: a station that is dragged over a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.routing._batches import Goal, list_by_node, reach_from_all
from geo.routing.stops import Drive, Stops, drive, make_stops, pairs_on_edge
from geo.schema import Direction
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["RowSearch", "prepare_rows", "times_of_each"]


@dataclass(frozen=True, eq=False)
class RowSearch:
    """Points made ready to be reached from one facility after another.

    Parameters
    ----------
    view : Drive
        The network, turned the way it is driven.
    points : Stops
        The points on their edges.
    near : int32 array, shape (K, 2)
        Points by node: point, milliseconds from the node with access.
    near_start : int64 array, shape (N + 1,)
        Those of node ``i`` are ``near_start[i]:near_start[i + 1]``.
    """

    view: Drive
    points: Stops
    near: NDArray[np.int32]
    near_start: NDArray[np.int64]


def prepare_rows(network: RoadNetwork, demand: pd.DataFrame, *, direction: Direction) -> RowSearch:
    """Make points ready for :func:`times_of_each`; arguments and errors as of :func:`travel_times`."""
    view = drive(network, direction)
    points = make_stops(view, demand)
    return RowSearch(view, points, *list_by_node(points, network.n_nodes))


def times_of_each(search: RowSearch, facilities: pd.DataFrame) -> NDArray[np.int32]:
    """Give the time between each facility and every point: the numbers of :func:`travel_times`, dense.

    Parameters
    ----------
    search : RowSearch
        As :func:`prepare_rows` gives it.
    facilities : DataFrame
        Snaps of the facilities on the same network.

    Returns
    -------
    int32 array, shape (F, D)
        Milliseconds with the access of both; ``UNREACHED_MS`` where there is no route.

    Raises
    ------
    InputError
        Ids are not unique, or a snap is not on this network.
    """
    view, points = search.view, search.points
    sources = make_stops(view, facilities)
    f, d, ms = pairs_on_edge(view, sources, points)
    along = np.column_stack([f, d, ms + sources.access_ms[f] + points.access_ms[d]]).astype(np.int32)
    goal = Goal(len(points.id), search.near, search.near_start, along[np.argsort(f, kind="stable")])
    start, reached, reached_ms = reach_from_all(view, sources, goal, limit_ms(np.inf))
    rows = np.full((len(sources.id), len(points.id)), UNREACHED_MS, dtype=np.int32)
    rows[np.repeat(np.arange(len(rows)), np.diff(start)), reached] = reached_ms
    return rows
