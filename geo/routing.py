"""Travel times and routes between facilities and demand points, exact on the edge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.kernels import BUCKETS, reach_nodes, reach_points
from geo.network import RoadNetwork
from geo.schema import Direction
from geo.stops import Drive, Stops, count_starts, drive, make_stops, pairs_on_edge, to_limit_ms
from geo.times import UNREACHED_MS, Times

__all__ = ["node_table", "travel_times"]


def travel_times(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float = np.inf,
) -> Times:
    """Give the time between every facility and every demand point that is within the limit.

    A time is the access of the facility, the drive and the access of the demand point. The drive leaves
    the facility's edge at either end that is open, enters the demand point's edge likewise, or stays on the
    edge that they share.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facilities, demand : DataFrame
        Snaps of both; a point that is not snapped has no time.
    direction : {"from_facility", "to_facility"}
        Engines go out from facilities; people walk to them.
    limit_s : float
        Longest time that is stored, seconds (inclusive).

    Returns
    -------
    Times
        Sparse; facilities and demand points in the caller's order.

    Raises
    ------
    InputError
        Ids are not unique, a snap is not on this network, or the limit is negative.
    StudyError
        The direction is unknown.
    """
    view, limit = drive(network, direction), to_limit_ms(limit_s)
    sources, points = make_stops(view, facilities), make_stops(view, demand)
    near_start, near = _near_nodes(points, network.n_nodes)
    f, d, ms = pairs_on_edge(view, sources, points)
    order = np.argsort(f, kind="stable")
    along = np.column_stack([d, ms + sources.access_ms[f] + points.access_ms[d]])[order].astype(np.int32)
    along_start = count_starts(f, len(sources.id))

    def reach(low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        point_ms = np.full(len(points.id), UNREACHED_MS, dtype=np.int32)
        return reach_points(  # type: ignore[no-any-return]
            *_search_arrays(view, sources, low, high, limit),
            near_start,
            near,
            point_ms,
            np.empty_like(point_ms),
            along_start[low : high + 1],
            along,
        )

    parts = _in_threads(reach, len(sources.id))
    return _join(parts, sources.id, points.id, limit_s)


def node_table(
    network: RoadNetwork, facilities: pd.DataFrame, *, direction: Direction, limit_s: float
) -> Times:
    """Give the time between every facility and every node of the network within the limit.

    Arguments, errors and result are those of :func:`travel_times`, with the nodes (``network.node_id``) as
    demand.
    """
    view, limit = drive(network, direction), to_limit_ms(limit_s)
    sources = make_stops(view, facilities)

    def reach(low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        return reach_nodes(*_search_arrays(view, sources, low, high, limit))  # type: ignore[no-any-return]

    parts = _in_threads(reach, len(sources.id))
    return _join(parts, sources.id, pd.Index(network.node_id, name="osmid"), limit_s)


def _search_arrays(view: Drive, sources: Stops, low: int, high: int, limit: int):
    """Give the arguments that every bounded search over facilities ``low:high`` takes."""
    seed_ms = sources.leave_ms[low:high].astype(np.int64) + sources.access_ms[low:high, None]
    n_nodes = len(view.out.start) - 1
    return (
        view.out.start,
        view.arcs,
        np.arange(0, 2 * (high - low) + 1, 2),
        sources.ends[low:high].ravel(),
        np.minimum(seed_ms, UNREACHED_MS).astype(np.int32).ravel(),
        limit,
        np.full(n_nodes, UNREACHED_MS, dtype=np.int32),
        np.empty(n_nodes, dtype=np.int32),
        np.full(BUCKETS, -1, dtype=np.int32),
        np.empty((4096, 4), dtype=np.int32),
    )


def _near_nodes(points: Stops, n_nodes: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """List the points by the nodes at the ends of their edges: [point, ms from the node with access]."""
    ms = points.enter_ms.astype(np.int64) + points.access_ms[:, None]
    point, side = np.nonzero(ms < UNREACHED_MS)
    node = points.ends[point, side]
    order = np.argsort(node, kind="stable")
    near = np.column_stack([point, ms[point, side]])[order].astype(np.int32)
    return count_starts(node, n_nodes), near


def _in_threads(reach, n_facilities: int):
    """Run a block of facilities on each core."""
    n_blocks = max(1, min(cpu_count() or 1, n_facilities // 8))
    cuts = np.linspace(0, n_facilities, n_blocks + 1).astype(int)
    if n_blocks == 1:
        return [reach(0, n_facilities)]
    with ThreadPoolExecutor(n_blocks) as pool:
        return list(pool.map(reach, cuts[:-1], cuts[1:]))


def _join(parts, facility_id: pd.Index, demand_id: pd.Index, limit_s: float) -> Times:
    counts = np.concatenate([np.diff(start) for start, _, _ in parts])
    return Times(
        facility_id=facility_id,
        demand_id=demand_id,
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        demand=np.concatenate([demand for _, demand, _ in parts]),
        ms=np.concatenate([ms for _, _, ms in parts]),
        limit_s=limit_s,
    )
