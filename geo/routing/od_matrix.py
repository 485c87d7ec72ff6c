"""Travel times and routes between facilities and demand points, exact on the edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
import shapely.ops
from numpy.typing import NDArray

from geo.errors import InputError
from geo.network import RoadNetwork
from geo.routing._batches import NODES, Goal, list_by_node, reach_from_all
from geo.routing.stops import (
    PreparedPoints,
    Stops,
    drive,
    make_stops,
    pairs_on_edge,
    stops_of,
)
from geo.schema import Direction
from geo.times import UNREACHED_MS, Times, limit_ms

__all__ = ["node_table", "route", "travel_times"]


def travel_times(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame | PreparedPoints,
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
        Snaps of both (the demand also as :func:`geo.routing.prepare_points` gives it); a point that is not
        snapped has no time.
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
    view, limit = drive(network, direction), limit_ms(limit_s)
    sources, points = make_stops(view, facilities), stops_of(view, demand)
    near, near_start = list_by_node(points, network.n_nodes)
    f, d, ms = pairs_on_edge(view, sources, points)
    along = np.column_stack([f, d, ms + sources.access_ms[f] + points.access_ms[d]]).astype(np.int32)
    along = along[np.argsort(f, kind="stable")]
    goal = Goal(len(points.id), near, near_start, along)
    start, reached, ms = reach_from_all(view, sources, goal, limit)
    return Times(sources.id, points.id, start, reached, ms, limit_s)


def node_table(
    network: RoadNetwork, facilities: pd.DataFrame, *, direction: Direction, limit_s: float
) -> Times:
    """Give the time between every facility and every node of the network within the limit.

    Arguments, errors and result are those of :func:`travel_times`, with the nodes (``network.node_id``) as
    demand.
    """
    view, limit = drive(network, direction), limit_ms(limit_s)
    sources = make_stops(view, facilities)
    start, reached, ms = reach_from_all(view, sources, NODES, limit)
    nodes = pd.Index(network.node_id, name="osmid")
    return Times(sources.id, nodes, start, reached, ms, limit_s)


def route(
    network: RoadNetwork, facility: pd.DataFrame, demand: pd.DataFrame, *, direction: Direction
) -> tuple[float, shapely.LineString | None, NDArray[np.int64]]:
    """Give the fastest way between a facility and a demand point.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facility, demand : DataFrame
        Snaps of one row each, such as ``snaps.loc[["station"]]``.
    direction : {"from_facility", "to_facility"}
        Which of the two is driven (or walked) to.

    Returns
    -------
    tuple
        Seconds, exactly those of :func:`travel_times`; the line on the roads in the direction of travel, with
        the parts of the first and last edge (None without a route); the edges along it, in order.

    Raises
    ------
    InputError
        Not one row each, or as for :func:`travel_times`.
    """
    if len(facility) != 1 or len(demand) != 1:
        raise InputError(f"a route needs 1 facility and 1 point; found {len(facility)} and {len(demand)}")
    total = travel_times(network, facility, demand, direction=direction).ms
    if not len(total):
        return np.inf, None, np.empty(0, dtype=np.int64)
    view = drive(network, direction)
    source, point = make_stops(view, facility), make_stops(view, demand)
    ride = int(total[0] - source.access_ms[0] - point.access_ms[0])
    _, _, straight = pairs_on_edge(view, source, point)
    if len(straight) and straight[0] == ride:
        edges = source.edge
        line = shapely.ops.substring(_line(network, edges[0]), source.fraction[0], point.fraction[0], True)
    else:
        times = node_table(network, facility, direction=direction, limit_s=total[0] / 1000.0)
        node_ms = np.full(network.n_nodes, UNREACHED_MS, dtype=np.int64)
        node_ms[times.demand] = times.ms - source.access_ms[0]
        edges, line = _walk_back(network, direction, source, point, node_ms, ride)
    if direction == "to_facility":
        edges, line = edges[::-1], line.reverse()
    return float(total[0]) / 1000.0, line, edges


def _line(network: RoadNetwork, edge: int) -> shapely.LineString:
    return shapely.LineString(network.xy[network.xy_start[edge] : network.xy_start[edge + 1]])


def _walk_back(
    network: RoadNetwork,
    direction: Direction,
    source: Stops,
    point: Stops,
    node_ms: NDArray[np.int64],
    ride: int,
) -> tuple[NDArray[np.int64], shapely.LineString]:
    """Follow the node times from the point back to the source, the lowest edge of equals first."""
    into = network.arcs_back if direction == "from_facility" else network.arcs
    side = int(np.argmax(node_ms[point.ends[0]] + point.enter_ms[0] == ride))
    node = int(point.ends[0, side])
    edges = [int(point.edge[0])]
    lines = [shapely.ops.substring(_line(network, edges[0]), float(side), point.fraction[0], True)]
    while node_ms[node] not in source.leave_ms[0, source.ends[0] == node]:
        arcs = slice(into.start[node], into.start[node + 1])
        fits = node_ms[into.head[arcs]] + into.ms[arcs] == node_ms[node]
        arc = into.start[node] + np.flatnonzero(fits)[np.argmin(into.edge[arcs][fits])]
        edge, node = int(into.edge[arc]), int(into.head[arc])
        line = _line(network, edge)
        edges.append(edge)
        lines.append(line if network.edge_u[edge] == node else line.reverse())
    side = int(np.argmax((source.ends[0] == node) & (source.leave_ms[0] == node_ms[node])))
    edges.append(int(source.edge[0]))
    lines.append(shapely.ops.substring(_line(network, edges[-1]), source.fraction[0], float(side), True))
    points = np.concatenate([shapely.get_coordinates(line) for line in lines[::-1]])
    is_new = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
    points = points[is_new] if is_new.sum() > 1 else points[:2]
    return np.array(edges[::-1]), shapely.LineString(points)
