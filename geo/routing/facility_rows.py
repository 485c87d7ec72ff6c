"""Times of single facilities to the same points, again and again: a station that is dragged over a map."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.routing._batches import list_by_node
from geo.routing._cores import on_cores
from geo.routing._kernels.dijkstra import Points, Seeds, new_times
from geo.routing._kernels.one_row import Beside, lower_row
from geo.routing._node_nearest import label_nodes
from geo.routing.snapping import Spot
from geo.routing.stops import (
    Drive,
    Stops,
    drive,
    make_stops,
    pairs_on_edge,
    place_stops,
    seeds_of,
    take_stops,
)
from geo.schema import Direction
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["RowSearch", "prepare_rows", "seconds_at_nodes", "times_of_each", "times_of_spot"]

_SECOND_MS: Final = 3
"""Column of a node's record."""
_ONE: Final = pd.RangeIndex(1)
_NO_START: Final = np.zeros(1)
_SEEDS_OF_ONE: Final = np.array([0, 2])


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
    by_edge : Beside
        Points by their edges.
    """

    view: Drive
    points: Stops
    near: NDArray[np.int32]
    near_start: NDArray[np.int64]
    by_edge: Beside = field(repr=False)
    _rooms: list[tuple[NDArray[np.int32], ...]] = field(default_factory=list, repr=False)

    @contextmanager
    def room(self) -> Iterator[tuple[NDArray[np.int32], ...]]:
        """Lend a search three rows of the points, the first clean and left so; as many as search at once."""
        n = len(self.points.id)
        try:
            rows = self._rooms.pop()
        except IndexError:
            rows = new_times(n), np.empty(n, np.int32), np.empty(n, np.int32)
        yield rows
        self._rooms.append(rows)  # not where the search failed

    def beside(self, edge: int) -> NDArray[np.int32]:
        """Give the points on an edge."""
        low, high = np.searchsorted(self.by_edge.edge, [edge, edge + 1])
        return self.by_edge.order[low:high]


def prepare_rows(network: RoadNetwork, demand: pd.DataFrame, *, direction: Direction) -> RowSearch:
    """Make points ready for :func:`times_of_each`; arguments and errors as of :func:`travel_times`."""
    view = drive(network, direction)
    points = make_stops(view, demand)
    order = np.argsort(points.edge, kind="stable").astype(np.int32)
    by_edge = Beside(
        order,
        points.edge[order].astype(np.int32),
        points.fraction,
        points.along_ms,
        points.along_back_ms,
        points.access_ms,
    )
    return RowSearch(view, points, *list_by_node(points, network.n_nodes), by_edge)


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
    sources = make_stops(search.view, facilities)
    rows = np.full((len(sources.id), len(search.points.id)), UNREACHED_MS, dtype=np.int32)
    everywhere = new_times(len(search.near_start) - 1)
    on_cores(
        lambda i: _lower(search, rows[i], take_stops(sources, np.array([i])), everywhere), range(len(rows))
    )
    return rows


def times_of_spot(
    search: RowSearch, spot: Spot, *, latest_ms: NDArray[np.int32] | None = None
) -> NDArray[np.int32]:
    """Give the time between a facility at one place and every point: a row of :func:`times_of_each`.

    Parameters
    ----------
    search : RowSearch
        As :func:`prepare_rows` gives it.
    spot : Spot
        Where the facility stands on the same network.
    latest_ms : int32 array, shape (N,), optional
        Times at the nodes: those that the facility reaches no earlier are left out, with all that lies
        behind them. A point that is reached soonest over such a node has a later time here, or none.

    Returns
    -------
    int32 array, shape (D,)
        Milliseconds with the access of both; ``UNREACHED_MS`` where there is no route.
    """
    row = np.full(len(search.points.id), UNREACHED_MS, dtype=np.int32)
    if spot.edge < 0:
        return row
    edge, fraction, access_s = (np.array([value]) for value in (spot.edge, spot.fraction, spot.access_s))
    source = place_stops(search.view, _ONE, edge, fraction, access_s, _NO_START)
    _lower(search, row, source, new_times(len(search.near_start) - 1) if latest_ms is None else latest_ms)
    return row


def _lower(search: RowSearch, row: NDArray[np.int32], source: Stops, latest_ms: NDArray[np.int32]) -> None:
    """Lower a row of times, in place, to those of the one facility in ``source``."""
    view, edge = search.view, int(source.edge[0])
    if edge < 0:
        return
    beside = search.beside(edge)
    on_edge = take_stops(search.points, beside.astype(np.int64))
    _, d, ms = pairs_on_edge(view, source, on_edge)
    along = np.column_stack([beside[d], ms + source.access_ms[0] + on_edge.access_ms[d]]).astype(np.int32)
    lower_row(
        row,
        latest_ms,
        view.graph,
        Seeds(seeds_of(source), _SEEDS_OF_ONE),
        limit_ms(np.inf),
        Points(search.near, search.near_start, along, np.array([0, len(along)])),
    )


def seconds_at_nodes(search: RowSearch, facilities: pd.DataFrame, start_s: pd.Series) -> NDArray[np.int32]:
    """Give when the second of some facilities is at each node: who comes later is not among the first two.

    Parameters
    ----------
    search : RowSearch
        As :func:`prepare_rows` gives it.
    facilities : DataFrame
        Snaps of the facilities on the same network.
    start_s : Series
        Seconds on the clock when each leaves.

    Returns
    -------
    int32 array, shape (N,)
        Milliseconds with start and access; ``UNREACHED_MS`` where fewer than two come.
    """
    record = label_nodes(search.view, make_stops(search.view, facilities, start_s=start_s), limit_ms(np.inf))
    return np.ascontiguousarray(record[:, _SECOND_MS])
