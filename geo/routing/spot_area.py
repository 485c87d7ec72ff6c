"""The roads that one facility reaches within a limit, from one place after another."""

from __future__ import annotations

from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.routing._kernels.dijkstra import new_work
from geo.routing._kernels.one_row import Edges, edges_around, find_reached
from geo.routing.facility_rows import RowSearch
from geo.routing.snapping import Spot
from geo.times import UNREACHED_MS

__all__ = ["ReachedRoads", "RoadReach"]

_LONGEST_MS: Final = int(UNREACHED_MS) - 1


class ReachedRoads(NamedTuple):
    """Parts of roads that are reached in time.

    Parameters
    ----------
    edge : int32 array, shape (P,)
        Position of the edge of each part.
    share : float64 array, shape (P, 2)
        Where on its edge each part begins and ends, 0 at its first node and 1 at its last.
    is_cut : bool
        Whether there are more, which are left out.
    """

    edge: NDArray[np.int32]
    share: NDArray[np.float64]
    is_cut: bool


class RoadReach:
    """Searches from one place after another for the roads that are reached within a limit.

    Parameters
    ----------
    search : RowSearch
        As :func:`prepare_rows` gives it; only its roads are used.
    """

    def __init__(self, search: RowSearch) -> None:
        view = search.view
        self._graph = view.graph
        self._edges = Edges(view.network.edge_u, view.network.edge_v, view.ms, view.back_ms)
        self._around = edges_around(view.network.edge_u, view.network.edge_v, view.network.n_nodes)
        self._work = new_work(view.network.n_nodes)
        self._lock = Lock()

    def reach(self, spot: Spot, limit_ms: int, *, most: int) -> ReachedRoads:
        """Give the parts of roads that a facility at one place reaches.

        Exact on the edge: a part ends where the limit does. On the facility's own edge it goes both ways from
        where it stands, as far as it may be driven.

        Parameters
        ----------
        spot : Spot
            Where it stands on the same network.
        limit_ms : int
            Milliseconds of access and travel that may pass; what is reached just then counts.
        most : int
            About so many parts are given at most.
        """
        access_ms = int(np.rint(spot.access_s * 1000.0)) if np.isfinite(spot.access_s) else _LONGEST_MS
        if spot.edge < 0 or limit_ms < access_ms:
            return ReachedRoads(np.empty(0, np.int32), np.empty((0, 2)), False)
        limit = min(limit_ms, _LONGEST_MS)
        with self._lock:
            edge, share = find_reached(
                self._work,
                self._graph,
                self._edges,
                self._around,
                spot.edge,
                float(spot.fraction),
                access_ms,
                limit,
                most,
            )
        return ReachedRoads(edge, share, len(edge) > most)
