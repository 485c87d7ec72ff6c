"""The fastest ways from the first facility to many points, each stretch of road once.

Of the first facilities of all nodes the ways make trees: the way to a node is the way to the node before it,
and one edge more. A *leg* is a stretch of such a tree without a fork and on one class of road; the way to a
point is its last leg, the one before that, and so on to the facility.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.routing.closest_facility import node_nearest
from geo.routing.stops import Drive, Stops, drive, make_stops, pairs_on_edge, seeds_of
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = ["RouteTrees", "trace_routes"]

NO_LABEL = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class RouteTrees:
    """Fastest ways, as legs that lead on from one another.

    Parameters
    ----------
    legs : GeoDataFrame
        RangeIndex; ``parent`` (the leg before it, always an earlier row; -1 at a facility), ``highway``
        (class of the road), ``length_m``, ``ms`` (whole milliseconds on the road), ``geometry``: a line that
        leads away from the facility, also where people go to it.
    ways : DataFrame
        The points' index; ``leg`` (the last one, -1 without a way), ``facility_id`` (None), and in whole
        milliseconds ``start_ms`` (the facility's start), ``facility_access_ms``, ``road_ms`` (all legs),
        ``access_ms``, ``total_ms`` (their sum); 0 without a way. ``facility_access_m`` and ``access_m``.
    direction : {"from_facility", "to_facility"}
        Which way is travelled.
    """

    legs: gpd.GeoDataFrame
    ways: pd.DataFrame
    direction: Direction


class Pieces(NamedTuple):
    """Parts of edges, each driven from one fraction to another, away from the facility."""

    edge: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    ms: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Pieces:
        """Give some of the pieces, in the order of ``rows``."""
        return Pieces(self.edge[rows], self.start[rows], self.end[rows], self.ms[rows])

    def join(self, other: Pieces) -> Pieces:
        """Give these pieces and then the others."""
        return Pieces(
            np.concatenate([self.edge, other.edge]),
            np.concatenate([self.start, other.start]),
            np.concatenate([self.end, other.end]),
            np.concatenate([self.ms, other.ms]),
        )


class Forest(NamedTuple):
    """By node: the node before it (itself at a facility's own edge), and the piece that leads to it."""

    before: NDArray[np.int64]
    piece: Pieces


def trace_routes(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    direction: Direction,
    limit_s: float = np.inf,
    start_s: pd.Series | None = None,
) -> RouteTrees:
    """Give the way between every demand point and its first facility; times are those of :func:`nearest`.

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
        Seconds by facility id added to its times (call and turnout); missing ids count 0.

    Raises
    ------
    InputError
        Ids are not unique, a snap is not on this network, or a limit or start is negative.
    StudyError
        The direction is unknown.
    """
    state = node_nearest(network, facilities, direction=direction, limit_s=limit_s, start_s=start_s)
    view, sources = drive(network, direction), state.stops
    points = make_stops(view, demand)
    label, side = choose_ways(view, sources, points, state.record, state.limit_ms)
    is_reached = label != NO_LABEL
    facility = np.where(is_reached, label & 0xFFFFFFFF, -1)
    forest = grow_trees(view, sources, state.record, np.unique(points.ends[side < 2, side[side < 2]]))
    legs, last = _cut(view, sources, points, forest, facility, side)
    access = make_stops(view, facilities).access_ms
    ways = _ways(facilities, demand, sources, points, access, label, facility)
    return RouteTrees(legs, ways.assign(leg=last), direction)


def choose_ways(
    view: Drive, sources: Stops, points: Stops, record: NDArray[np.int32], limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give each point its best label, ``ms << 32 | facility``, and how: over u, v, along the edge, not."""
    first = record.view(np.int64)[:, 0]
    access = points.access_ms.astype(np.int64)
    labels = np.full((3, len(points.id)), NO_LABEL)
    for side in range(2):
        more = points.enter_ms[:, side] + access
        is_open = (more < UNREACHED_MS) & (first[points.ends[:, side]] != NO_LABEL)
        labels[side] = np.where(is_open, first[points.ends[:, side]] + (more << 32), NO_LABEL)
    f, d, ms = pairs_on_edge(view, sources, points)
    along = (ms + access[d] + sources.access_ms[f].astype(np.int64)) << 32 | f
    np.minimum.at(labels[2], d, along)
    labels[(labels >> 32) > limit] = NO_LABEL
    side = labels.argmin(axis=0)
    # At a junction both ends of the edge give the same time: over the near one no leg is needed.
    side[(side == 0) & (labels[0] == labels[1]) & (points.enter_ms[:, 1] < points.enter_ms[:, 0])] = 1
    label = labels[side, np.arange(len(side))]
    return label, np.where(label == NO_LABEL, 3, side)


def grow_trees(
    view: Drive, sources: Stops, record: NDArray[np.int32], wanted: NDArray[np.integer]
) -> tuple[NDArray[np.int64], Forest]:
    """Give the nodes on the ways to the wanted ones, a facility's first, and the trees they are in."""
    network, n = view.network, view.network.n_nodes
    into = network.arcs_back if view.direction == "from_facility" else network.arcs
    first, ms = record[:, 0], record[:, 1].astype(np.int64)
    # Of one shelter's walks few nodes are reached: only their arcs are looked at.
    reached = np.flatnonzero(first >= 0)
    n_arcs = into.start[reached + 1] - into.start[reached]
    head = np.repeat(reached, n_arcs)
    row = np.arange(len(head)) + np.repeat(into.start[reached] - np.cumsum(n_arcs) + n_arcs, n_arcs)
    tail = into.head[row]
    fits = (first[tail] == first[head]) & (ms[tail] + into.ms[row] == ms[head])
    arc = np.full(n, -1)
    arc[head[fits][::-1]] = row[fits][::-1]  # of equals the first arc is written last
    node = reached[arc[reached] >= 0]
    arc = arc[node]
    before, piece = (
        np.arange(n),
        Pieces(np.full(n, -1), np.zeros(n), np.ones(n), np.zeros(n, dtype=np.int64)),
    )
    before[node], piece.edge[node], piece.ms[node] = into.head[arc], into.edge[arc], into.ms[arc]
    piece.start[node] = np.where(network.edge_u[piece.edge[node]] == before[node], 0.0, 1.0)
    piece.end[node] = 1.0 - piece.start[node]
    _put_seeds(sources, record, before, piece)
    place = np.full(n, -1)
    place[reached] = np.arange(len(reached))
    is_on_a_way = np.zeros(len(reached), dtype=bool)
    is_on_a_way[place[wanted]] = True
    leap = place[before[reached]]
    while True:  # ways of 1, 2, 4, ... edges back
        is_on_a_way[leap[is_on_a_way]] = True
        farther = leap[leap]
        if (farther == leap).all():
            break
        leap = farther
    nodes = reached[is_on_a_way]
    return nodes[np.argsort(ms[nodes], kind="stable")], Forest(before, piece)


def _put_seeds(sources: Stops, record: NDArray[np.int32], before: NDArray[np.int64], piece: Pieces) -> None:
    """Let the trees begin, in place, at the nodes that facilities enter from their own edges."""
    seeds = seeds_of(sources)[::-1]  # of equals the first is written last
    side = np.tile([1, 0], len(sources.id))
    is_first = (record[seeds[:, 0], 0] == seeds[:, 2]) & (record[seeds[:, 0], 1] == seeds[:, 1])
    node, facility, side = seeds[is_first, 0], seeds[is_first, 2], side[is_first]
    before[node] = node
    piece.edge[node] = sources.edge[facility]
    piece.start[node] = sources.fraction[facility]
    piece.end[node] = side
    piece.ms[node] = sources.leave_ms[facility, side]


def _cut(
    view: Drive,
    sources: Stops,
    points: Stops,
    grown: tuple[NDArray[np.int64], Forest],
    facility: NDArray[np.int64],
    side: NDArray[np.int64],
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Cut the trees into legs; give them, and the last leg of each point."""
    nodes, (before, by_node) = grown
    head = _heads(view.network, nodes, before, by_node, points.ends[side < 2, side[side < 2]])
    own = np.flatnonzero((side == 2) | ((side < 2) & (points.enter_ms[np.arange(len(side)), side % 2] > 0)))
    ends, before_own = _chain(last_pieces(sources, points, facility, side, own), side[own])
    pieces = by_node.take(nodes).join(ends)
    # A leg of a tree is named after the node that its first piece leads to, one to a point after the point.
    n = len(before)
    leg_of_node = np.full(n, -1)
    leg_of_node[nodes] = head[nodes]
    name = np.concatenate([head[nodes], n + own])
    last = np.full(len(side), -1)
    last[side < 2] = leg_of_node[points.ends[side < 2, side[side < 2]]]
    first_node = nodes[head[nodes] == nodes]
    parent = np.full(n + len(side), -1)
    parent[first_node] = np.where(before[first_node] == first_node, -1, leg_of_node[before[first_node]])
    parent[n + own] = np.where(before_own < 0, last[own], n + own[before_own])
    last[own] = n + own
    names = np.concatenate([first_node, n + own])
    position = np.full(n + len(side) + 1, -1)
    position[names[_in_order(names, parent)]] = np.arange(len(names))
    legs = _legs(view.network, pieces, position[name], position[parent[names]], position[names])
    return legs, position[last]


def _heads(
    network: RoadNetwork,
    nodes: NDArray[np.int64],
    before: NDArray[np.int64],
    piece: Pieces,
    ends: NDArray[np.integer],
) -> NDArray[np.int64]:
    """Give each node the node that its leg first leads to."""
    n_after = np.bincount(before[nodes[before[nodes] != nodes]], minlength=len(before))
    n_after += 2 * np.bincount(ends, minlength=len(before))
    of_class = network.edge_class[piece.edge]
    goes_on = np.zeros(len(before), dtype=bool)
    goes_on[nodes] = before[nodes] != nodes
    goes_on &= (n_after[before] == 1) & (of_class == of_class[before])
    head = np.where(goes_on, before, np.arange(len(before)))
    while (head[head] != head).any():
        head = head[head]
    return head


def last_pieces(
    sources: Stops,
    points: Stops,
    facility: NDArray[np.int64],
    side: NDArray[np.int64],
    own: NDArray[np.int64],
) -> Pieces:
    """Give the part of its own edge on which each point is come to."""
    at, f, is_along = side[own], facility[own], side[own] == 2
    start = np.where(is_along, sources.fraction[f], at % 2).astype(np.float64)
    ahead = points.fraction[own] >= sources.fraction[f]
    along = np.where(
        ahead,
        points.along_ms[own] - sources.along_ms[f],
        sources.along_back_ms[f] - points.along_back_ms[own],
    )
    # Where both stand at one place of the edge it may be open one way only.
    along = np.where(points.fraction[own] == sources.fraction[f], 0, along)
    ms = np.where(is_along, along, points.enter_ms[own, at % 2]).astype(np.int64)
    return Pieces(points.edge[own], start, points.fraction[own], ms)


def _chain(pieces: Pieces, side: NDArray[np.int64]) -> tuple[Pieces, NDArray[np.int64]]:
    """Let each piece begin where the one before it on the same edge ends; give these, -1 for none before."""
    order = np.lexsort((np.abs(pieces.end - pieces.start), side, pieces.edge))
    earlier, later = order[:-1], order[1:]
    goes_on = (
        (pieces.edge[earlier] == pieces.edge[later]) & (side[earlier] == side[later]) & (side[later] < 2)
    )
    earlier, later = earlier[goes_on], later[goes_on]
    before = np.full(len(side), -1)
    before[later] = earlier
    start, ms = pieces.start.copy(), pieces.ms.copy()
    start[later] = pieces.end[earlier]
    ms[later] -= pieces.ms[earlier]
    return pieces._replace(start=start, ms=ms), before


def _in_order(names: NDArray[np.int64], parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order legs so that each follows the one before it, and what leads on from it comes at once."""
    place = {int(name): i for i, name in enumerate(names)}
    after: dict[int, list[int]] = {}
    for i, leg in enumerate(parent[names].tolist()):
        after.setdefault(place.get(leg, -1), []).append(i)
    order, waiting = [], after.get(-1, [])[::-1]
    while waiting:
        leg = waiting.pop()
        order.append(leg)
        waiting += after.get(leg, ())[::-1]
    return np.array(order, dtype=np.int64)


def _legs(
    network: RoadNetwork,
    pieces: Pieces,
    leg: NDArray[np.int64],
    parent: NDArray[np.int64],
    position: NDArray[np.int64],
) -> gpd.GeoDataFrame:
    """Put pieces together, those of a leg in the order in which they are given."""
    order = np.argsort(leg, kind="stable")
    leg, pieces = leg[order], pieces.take(order)
    n = len(parent)
    first = np.flatnonzero(np.diff(leg, prepend=-1))
    xy, of_piece = _points_of(network, pieces)
    length_m = network.edge_length[pieces.edge] * np.abs(pieces.end - pieces.start)
    table = pd.DataFrame(
        {
            "highway": np.array(network.classes, dtype=object)[network.edge_class[pieces.edge[first]]],
            "length_m": np.bincount(leg, weights=length_m, minlength=n),
            "ms": np.rint(np.bincount(leg, weights=pieces.ms, minlength=n)).astype(np.int64),
        }
    )
    before = np.full(n, -1)
    before[position] = parent
    table.insert(0, "parent", before)
    return gpd.GeoDataFrame(table, geometry=shapely.linestrings(xy, indices=leg[of_piece]), crs=network.crs)


def _points_of(network: RoadNetwork, pieces: Pieces) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the vertices of each piece in the order in which it is driven, with both its ends."""
    first, n = network.xy_start[pieces.edge], np.diff(network.xy_start)[pieces.edge]
    of = np.repeat(np.arange(len(n)), n)
    vertex = np.arange(len(of)) - np.repeat(np.cumsum(n) - n, n) + first[of]
    step = np.hypot(*np.diff(network.xy[vertex], axis=0, prepend=network.xy[vertex[:1]]).T)
    step[np.r_[True, of[1:] != of[:-1]][: len(step)]] = 0.0
    way = np.cumsum(step)
    way -= np.repeat(way[np.cumsum(n) - n], n)
    whole = way[np.cumsum(n) - 1]
    share = np.divide(way, whole[of], out=np.zeros(len(way)), where=whole[of] > 0)
    low, high = np.minimum(pieces.start, pieces.end), np.maximum(pieces.start, pieces.end)
    inner = (share > low[of]) & (share < high[of])
    lines = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, network.xy[vertex], (np.r_[0, np.cumsum(n)],)
    )
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True))
        for at in (pieces.start, pieces.end)
    ]
    backward = pieces.end < pieces.start
    rows = np.arange(len(n))
    xy = np.concatenate([ends[0], network.xy[vertex[inner]], ends[1]])
    owner = np.concatenate([rows, of[inner], rows])
    along = np.where(backward[of[inner]], 1.0 - share[inner], share[inner])
    order = np.lexsort((np.concatenate([np.full(len(n), -1.0), along, np.full(len(n), 2.0)]), owner))
    return xy[order], owner[order]


def _ways(
    facilities: pd.DataFrame,
    demand: pd.DataFrame,
    sources: Stops,
    points: Stops,
    access: NDArray[np.int32],
    label: NDArray[np.int64],
    facility: NDArray[np.int64],
) -> pd.DataFrame:
    """Give the parts of each point's time, and the metres off the road at both ends."""
    is_reached = facility >= 0
    ids = np.array([*facilities.index, None], dtype=object)
    at_facility = np.append(access, 0).astype(np.int64)
    start = np.append(sources.access_ms, 0) - at_facility
    start_ms, facility_ms = start[facility], at_facility[facility]
    access_ms = np.where(is_reached, points.access_ms, 0).astype(np.int64)
    total_ms = np.where(is_reached, label >> 32, 0)
    facility_m = np.append(facilities["snap_m"].to_numpy(dtype=float), np.nan)[facility]
    return pd.DataFrame(
        {
            "facility_id": pd.Series(ids[facility], index=demand.index, dtype=object),
            "start_ms": start_ms,
            "facility_access_ms": facility_ms,
            "road_ms": total_ms - start_ms - facility_ms - access_ms,
            "access_ms": access_ms,
            "total_ms": total_ms,
            "facility_access_m": facility_m,
            "access_m": np.where(is_reached, demand["snap_m"].to_numpy(dtype=float), np.nan),
        },
        index=demand.index,
    )
