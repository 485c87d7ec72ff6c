"""What one facility more, fewer or elsewhere does to everybody's times, at once: no search starts afresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.defaults import ACCESS_KPH, MAX_SNAP_M
from geo.errors import InputError
from geo.messages import Message
from geo.routing import (
    NEAREST_COLUMNS,
    NodeNearest,
    apply,
    at_demand,
    node_nearest,
    snap,
    tell_off_road,
    with_facility,
    without_facility,
)
from geo.times import is_within

__all__ = ["PREVIEW_COLUMNS", "Prepared", "prepare", "preview"]

PREVIEW_COLUMNS: Final = ("people", "zone", *NEAREST_COLUMNS, "is_covered", "is_reachable")
"""Columns of a preview, beside ``name`` where the demand has names, and ``geometry``."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A coverage with what makes questions about one facility quick.

    Parameters
    ----------
    coverage : Coverage
        Today.
    state : NodeNearest
        First and second station of every node.
    ends : int32 array, shape (D, 2)
        End nodes of each demand point's edge, -1 where it is on none.
    edge : int64 array, shape (D,)
        That edge.
    max_snap_m, access_kph, barriers
        How a new facility is put on the road; the same as for the coverage.
    """

    coverage: Coverage
    state: NodeNearest = field(repr=False)
    ends: NDArray[np.int32] = field(repr=False)
    edge: NDArray[np.int64] = field(repr=False)
    max_snap_m: float = MAX_SNAP_M
    access_kph: float = ACCESS_KPH
    barriers: gpd.GeoDataFrame | None = field(default=None, repr=False)


def prepare(
    coverage: Coverage,
    *,
    max_snap_m: float = MAX_SNAP_M,
    access_kph: float = ACCESS_KPH,
    barriers: gpd.GeoDataFrame | None = None,
) -> Prepared:
    """Prepare a coverage for questions about one facility.

    Parameters
    ----------
    coverage : Coverage
        Today.
    max_snap_m, access_kph, barriers
        As the coverage was made with; see :func:`geo.coverage.cover`.
    """
    network, edge = coverage.network, coverage.demand_snaps["edge"].to_numpy(np.int64)
    state = node_nearest(
        network,
        coverage.station_snaps,
        direction=coverage.direction,
        limit_s=coverage.search_s,
        start_s=clock_starts(coverage.stations, coverage.standard),
    )
    ends = np.column_stack([network.edge_u[edge], network.edge_v[edge]])
    ends[edge < 0] = -1
    return Prepared(coverage, state, ends, edge, max_snap_m, access_kph, barriers)


def preview(
    prepared: Prepared, *, add: gpd.GeoDataFrame | None = None, close: str | None = None
) -> gpd.GeoDataFrame:
    """Give everybody's first and second station if a facility were added, closed, or both (moved).

    The numbers are those of :func:`geo.coverage.cover` on the changed stations. Where two stations take the
    same time to the millisecond, one that was moved is named last.

    Parameters
    ----------
    prepared : Prepared
        Today.
    add : GeoDataFrame, optional
        One row or several: stations with their ids, in the network's CRS; ``turnout_s`` counts where given.
    close : str, optional
        Id of a station of today.

    Returns
    -------
    GeoDataFrame
        One row per demand point: ``PREVIEW_COLUMNS``, and ``name`` where there are names.

    Raises
    ------
    InputError
        Neither is given; the id to close is unknown, or the one to add is taken; a new station stands on no
        road.

    Examples
    --------
    ``preview(prepare(coverage), add=stations.loc[["P1"]])``
    """
    if add is None and close is None:
        raise InputError("a preview needs a facility to add or the id of one to close")
    state, network = prepared.state, prepared.coverage.network
    touched, edges = np.zeros(network.n_nodes, dtype=bool), []
    if close is not None:
        change = without_facility(state, network, close)
        edges.append(state.stops.edge[np.asarray(state.facility_id == close)])
        touched[change.nodes] = True
        state = apply(state, change)
    if add is not None:
        snaps = _placed(prepared, add)
        change = with_facility(state, network, snaps)
        edges.append(snaps["edge"].to_numpy(np.int64))
        touched[change.nodes] = True
        state = apply(state, change)
    is_touched = touched[prepared.ends].any(axis=1) | np.isin(prepared.edge, np.concatenate(edges))
    return _table(prepared, state, np.flatnonzero(is_touched & (prepared.edge >= 0)))


def _placed(prepared: Prepared, add: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the snaps of new stations, their turnout counted as access."""
    coverage = prepared.coverage
    snaps = snap(
        add,
        coverage.network,
        max_m=prepared.max_snap_m,
        access_kph=prepared.access_kph,
        barriers=prepared.barriers,
    )
    lost = snaps[~snaps["is_snapped"]]
    if len(lost):
        faults = [tell_off_road(str(i), row) for i, row in lost.iterrows()]
        raise InputError(Message("scenarios.on_no_road"), faults=faults)
    return snaps.assign(access_s=snaps["access_s"] + clock_starts(add, coverage.standard))


def _table(prepared: Prepared, state: NodeNearest, rows: NDArray[np.intp]) -> gpd.GeoDataFrame:
    """Give today's table with the rows that change worked out again."""
    coverage = prepared.coverage
    near = at_demand(state, coverage.network, coverage.demand_snaps.iloc[rows])
    columns = {}
    for name in NEAREST_COLUMNS:
        values = coverage.table[name].to_numpy(copy=True)
        values[rows] = near[name].to_numpy()
        columns[name] = pd.Series(values, index=coverage.table.index, dtype=coverage.table[name].dtype)
    is_covered = is_within(columns["first_s"], coverage.standard.limit_s)
    kept = ["people", "zone", *(["name"] if "name" in coverage.table else []), "geometry"]
    return coverage.table[kept].assign(
        **columns, is_covered=is_covered, is_reachable=np.isfinite(columns["first_s"])
    )
