"""Points on edges as the searches need them: whole-millisecond parts of their edges."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, StudyError
from geo.network import RoadNetwork
from geo.routing._kernels.bucket_queue import Graph
from geo.schema import Direction
from geo.times import UNREACHED_MS

__all__ = [
    "Drive",
    "PreparedPoints",
    "Stops",
    "close_stop",
    "count_starts",
    "drive",
    "join_stops",
    "make_stops",
    "pairs_on_edge",
    "place_stops",
    "prepare_points",
    "seeds_of",
    "stops_of",
    "take_stops",
]


@dataclass(frozen=True, eq=False)
class Drive:
    """A network seen from the facilities: driven away from them, with the roads reversed if need be.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    direction : {"from_facility", "to_facility"}
        Which way is driven.
    graph : Graph
        The arcs out of each node, away from the facilities.
    ms, back_ms : int32 array, shape (M,)
        Time of each edge u -> v and v -> u, away from the facilities.
    """

    network: RoadNetwork
    direction: Direction
    graph: Graph
    ms: NDArray[np.int32]
    back_ms: NDArray[np.int32]


def drive(network: RoadNetwork, direction: Direction) -> Drive:
    """Turn a network so that every search starts at the facilities.

    People who walk ``to_facility`` along a road are a search from the facility along the road reversed.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    direction : {"from_facility", "to_facility"}
        Which way is driven.

    Raises
    ------
    StudyError
        The direction is unknown.
    """
    if direction not in ("from_facility", "to_facility"):
        raise StudyError(f"direction {direction!r} is unknown; choose from_facility or to_facility")
    out, ms, back_ms = network.arcs, network.edge_ms, network.edge_back_ms
    if direction == "to_facility":
        out, ms, back_ms = network.arcs_back, back_ms, ms
    return Drive(network, direction, Graph(out.start, out.packed), ms, back_ms)


@dataclass(frozen=True, eq=False)
class Stops:
    """Points on edges, with the times to both ends, in whole milliseconds.

    A part along u -> v is ``round(fraction * ms)``, along v -> u ``round(fraction * back_ms)`` from the point
    to u; the other part is what is left of the edge, so the two always add up to the whole.
    At fraction 0 or 1 the point is at the junction itself.

    Parameters
    ----------
    id : pandas.Index
        The points.
    edge : int64 array, shape (P,)
        Edge of each point, -1 where it is on none.
    fraction : float64 array, shape (P,)
        Where on the edge, from u.
    ends : int32 array, shape (P, 2)
        Nodes u and v of the edge (0 where there is none).
    leave_ms, enter_ms : int32 array, shape (P, 2)
        Time from the point to u and v, and from u and v to the point, ``UNREACHED_MS`` where closed.
    along_ms, along_back_ms : int32 array, shape (P,)
        Time of the part between u and the point, driven away from u and towards u.
    access_ms : int32 array, shape (P,)
        Time between the point and the road (and the facility's start), ``UNREACHED_MS`` where not snapped.
    """

    id: pd.Index
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    ends: NDArray[np.int32]
    leave_ms: NDArray[np.int32]
    enter_ms: NDArray[np.int32]
    along_ms: NDArray[np.int32]
    along_back_ms: NDArray[np.int32]
    access_ms: NDArray[np.int32]


def make_stops(view: Drive, snaps: pd.DataFrame, *, start_s: pd.Series | None = None) -> Stops:
    """Work out the parts of the edges on which the points lie.

    Parameters
    ----------
    view : Drive
        The network, turned the way it is driven.
    snaps : DataFrame
        Snaps of the points.
    start_s : Series, optional
        Seconds by point id that are charged on top of the access (a turnout); missing ids count 0.

    Raises
    ------
    InputError
        Ids are not unique, an edge is not in the network, a fraction is outside 0-1, or a start is not a
        number of seconds >= 0.
    """
    is_on = snaps["is_snapped"].to_numpy(np.bool_)
    edge = np.where(is_on, snaps["edge"].to_numpy(), -1).astype(np.int64)
    fraction = snaps["fraction"].to_numpy(np.float64)
    access_s = snaps["access_s"].to_numpy(np.float64)
    _check_snaps(snaps.index, edge, fraction, access_s, n_edges=len(view.ms))
    return place_stops(view, snaps.index, edge, fraction, access_s, _starts(snaps.index, start_s))


def place_stops(
    view: Drive,
    ids: pd.Index,
    edge: NDArray[np.int64],
    fraction: NDArray[np.float64],
    access_s: NDArray[np.float64],
    start_s: NDArray[np.float64],
) -> Stops:
    """Work out the same for points that were checked: position of the edge, -1 for none, and seconds."""
    is_on = edge >= 0
    on, at = np.where(is_on, edge, 0), np.where(is_on, fraction, 0.0)
    # Columns are u -> v and v -> u: the whole edge, and its part between u and the point.
    whole = np.column_stack([view.ms[on], view.back_ms[on]]).astype(np.int64)
    part = np.rint(at[:, None] * whole).astype(np.int64)
    rest = whole - part
    is_open = is_on[:, None] & (whole < UNREACHED_MS)
    leave_ms = _or_closed(is_open[:, ::-1], np.column_stack([part[:, 1], rest[:, 0]]))
    enter_ms = _or_closed(is_open, np.column_stack([part[:, 0], rest[:, 1]]))
    # A point at the very end of an edge is at the junction: whichever edge it was put on, all are open to it.
    at_end = np.column_stack([at == 0.0, at == 1.0]) & (is_open[:, :1] | is_open[:, 1:])
    leave_ms[at_end] = enter_ms[at_end] = 0
    along_ms = _or_closed(is_open, part)
    access_s = np.where(is_on, access_s, 0.0) + start_s
    return Stops(
        id=ids,
        edge=edge,
        fraction=fraction,
        ends=np.column_stack([view.network.edge_u[on], view.network.edge_v[on]]).astype(np.int32),
        leave_ms=leave_ms,
        enter_ms=enter_ms,
        along_ms=along_ms[:, 0],
        along_back_ms=along_ms[:, 1],
        access_ms=_or_closed(is_on, np.rint(access_s * 1000.0)),
    )


@dataclass(frozen=True, eq=False)
class PreparedPoints:
    """Points made ready once for many searches over one network in one direction.

    Parameters
    ----------
    network : RoadNetwork
        The network that they are ready for.
    direction : {"from_facility", "to_facility"}
        The direction that they are ready for.
    stops : Stops
        The points on their edges.
    """

    network: RoadNetwork
    direction: Direction
    stops: Stops


def prepare_points(network: RoadNetwork, snaps: pd.DataFrame, *, direction: Direction) -> PreparedPoints:
    """Make points ready for many searches: the same people asked again for every what-if.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    snaps : DataFrame
        Snaps of the points.
    direction : {"from_facility", "to_facility"}
        The direction of the searches.

    Raises
    ------
    InputError
        Ids are not unique, or a snap is not on this network.
    StudyError
        The direction is unknown.
    """
    return PreparedPoints(network, direction, make_stops(drive(network, direction), snaps))


def stops_of(view: Drive, points: pd.DataFrame | PreparedPoints) -> Stops:
    """Give the stops of snaps, or of points that were made ready for the same network and direction.

    Raises
    ------
    InputError
        As :func:`make_stops`; or the points were made ready for another network or direction.
    """
    if not isinstance(points, PreparedPoints):
        return make_stops(view, points)
    if points.network is not view.network or points.direction != view.direction:
        raise InputError("the points were made ready for another network or direction; prepare them again")
    return points.stops


def _or_closed(is_open: NDArray[np.bool_], ms: NDArray[np.generic]) -> NDArray[np.int32]:
    closed: NDArray[np.int32] = np.where(is_open, np.minimum(ms, UNREACHED_MS), UNREACHED_MS).astype(np.int32)
    return closed


def _check_snaps(
    ids: pd.Index,
    edge: NDArray[np.int64],
    fraction: NDArray[np.float64],
    access_s: NDArray[np.float64],
    *,
    n_edges: int,
) -> None:
    if not ids.is_unique:
        twice = ids[ids.duplicated()].unique()
        raise InputError(f"{len(twice)} ids appear more than once", faults=[repr(i) for i in twice])
    bad = (edge >= n_edges) | ((edge >= 0) & ~((fraction >= 0) & (fraction <= 1)))
    bad |= (edge >= 0) & ~(access_s >= 0)
    if bad.any():
        faults = [f"{ids[i]!r}: edge {edge[i]} at {fraction[i]}" for i in np.flatnonzero(bad)]
        raise InputError(f"{bad.sum()} points are not on this network; snap them to it", faults=faults)


def _starts(ids: pd.Index, start_s: pd.Series | None) -> NDArray[np.float64]:
    if start_s is None:
        return np.zeros(len(ids))
    starts: NDArray[np.float64] = start_s.reindex(ids).fillna(0.0).to_numpy(np.float64)
    bad = ~((starts >= 0) & np.isfinite(starts))
    if bad.any():
        faults = [f"{ids[i]!r}: {starts[i]}" for i in np.flatnonzero(bad)]
        raise InputError(f"{bad.sum()} starts are not seconds >= 0", faults=faults)
    return starts


def join_stops(stops: Stops, more: Stops) -> Stops:
    """Give the stops of both, in order."""
    joined = {
        name: np.concatenate([getattr(stops, name), getattr(more, name)])
        for name in (f.name for f in fields(Stops) if f.name != "id")
    }
    return Stops(id=stops.id.append(more.id), **joined)


def take_stops(stops: Stops, positions: NDArray[np.int64]) -> Stops:
    """Give some of the stops, by position, which is their id."""
    names = (f.name for f in fields(Stops) if f.name != "id")
    return Stops(id=pd.Index(positions), **{name: getattr(stops, name)[positions] for name in names})


def close_stop(stops: Stops, position: int) -> Stops:
    """Give the stops with one that is on no edge any more."""
    edge, access_ms = stops.edge.copy(), stops.access_ms.copy()
    edge[position], access_ms[position] = -1, UNREACHED_MS
    return replace(stops, edge=edge, access_ms=access_ms)


def pairs_on_edge(
    view: Drive, facilities: Stops, demand: Stops
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Give every facility and demand point that share an edge, and the time straight along it.

    Returns
    -------
    tuple of int32 arrays
        Facility position, demand position, milliseconds from the facility's road point to the demand's.
        Pairs between which the edge may not be driven that way are left out.
    """
    order = np.argsort(facilities.edge, kind="stable")
    edges = facilities.edge[order]
    is_shared = np.zeros(len(view.ms) + 1, dtype=bool)
    is_shared[edges[edges >= 0]] = True
    sharing = np.flatnonzero(is_shared[demand.edge])  # -1 reads the last place, which stays False
    low = np.searchsorted(edges, demand.edge[sharing], side="left")
    n = np.searchsorted(edges, demand.edge[sharing], side="right") - low
    d = np.repeat(sharing, n)
    f = order[np.repeat(low - np.cumsum(n) + n, n) + np.arange(len(d))]
    edge = demand.edge[d]
    ahead = (demand.fraction[d] >= facilities.fraction[f]) & (view.ms[edge] < UNREACHED_MS)
    behind = (demand.fraction[d] <= facilities.fraction[f]) & (view.back_ms[edge] < UNREACHED_MS)
    along = np.where(ahead, demand.along_ms[d] - facilities.along_ms[f], UNREACHED_MS)
    back = np.where(behind, facilities.along_back_ms[f] - demand.along_back_ms[d], UNREACHED_MS)
    ms = np.minimum(along, back)
    keep = ms < UNREACHED_MS
    return f[keep].astype(np.int32), d[keep].astype(np.int32), ms[keep].astype(np.int32)


def seeds_of(stops: Stops) -> NDArray[np.int32]:
    """Give where facilities enter the nodes, two rows each: [node, ms with access and start, facility]."""
    ms = np.minimum(stops.leave_ms.astype(np.int64) + stops.access_ms[:, None], UNREACHED_MS)
    facility = np.repeat(np.arange(len(stops.id)), 2)
    return np.column_stack([stops.ends.ravel(), ms.ravel(), facility]).astype(np.int32)


def count_starts(rows: NDArray[np.integer], n_rows: int) -> NDArray[np.int64]:
    """Give where each row's entries start in a list sorted by row, shape (n_rows + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_rows))]).astype(np.int64)
