"""Who one facility reaches from one place after another, as long as it may count; all else costs nothing."""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geo.routing._kernels.dijkstra import Work, new_blocks, new_times
from geo.routing._kernels.one_row import Edges, find_sooner
from geo.routing.facility_rows import RowSearch
from geo.routing.snapping import Spot
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["SpotSearch"]


class SpotSearch:
    """Searches from one place after another to the same points, each cut off where it comes too late.

    Parameters
    ----------
    search : RowSearch
        As :func:`prepare_rows` gives it.
    latest_ms : int32 array, shape (N,), optional
        Times at the nodes: those that the facility reaches no earlier are left out, with all that lies
        behind them. A point that is reached soonest over such a node has a later time, or none.
    """

    def __init__(self, search: RowSearch, latest_ms: NDArray[np.int32] | None = None) -> None:
        view, n_nodes = search.view, len(search.near_start) - 1
        self._search = search
        self._latest = new_times(n_nodes) if latest_ms is None else latest_ms
        self._work = Work(self._latest.copy(), new_blocks(n_nodes))
        self._edges = Edges(view.network.edge_u, view.network.edge_v, view.ms, view.back_ms)
        self._lock = Lock()

    def reach(self, spot: Spot) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Give the points that a facility at one place reaches, each once in no order, and their times.

        Parameters
        ----------
        spot : Spot
            Where it stands on the same network.

        Returns
        -------
        point : int32 array, shape (P,)
            Positions; those that are left out are not reached, or only where it comes too late.
        ms : int32 array, shape (P,)
            Milliseconds with the access of both: those of :func:`times_of_spot`.
        """
        if spot.edge < 0:
            return np.empty(0, np.int32), np.empty(0, np.int32)
        with self._lock, self._search.room() as (row, found, found_ms):
            n = find_sooner(
                self._work,
                row,
                self._latest,
                self._search.view.graph,
                self._edges,
                self._search.near,
                self._search.near_start,
                self._search.by_edge,
                spot.edge,
                float(spot.fraction),
                min(int(np.rint(spot.access_s * 1000.0)), int(UNREACHED_MS)),
                limit_ms(np.inf),
                found,
                found_ms,
            )
            return found[:n].copy(), found_ms[:n].copy()
