"""Networks from arrays and from roads: each road gets its times, each node its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import is_metric, metric_crs, transform_xy
from geo.errors import CrsError, NetworkError
from geo.messages import Message
from geo.network.clearance import passable
from geo.network.csr import compress_arcs, label_components, morton_codes
from geo.network.road_network import Impedance, RoadNetwork
from geo.network.roads import Roads
from geo.network.tags import BOTH_WAYS_ON_DUTY
from geo.network.travel_times import direction_factors, milliseconds, road_speeds
from geo.standards import SpeedProfile
from geo.times import UNREACHED_MS

__all__ = ["EdgeTable", "build_network", "from_roads"]


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """The edges of a network to be, in any order.

    Parameters
    ----------
    u, v : int array, shape (M,)
        End nodes, by position in the node table.
    length : float64 array, shape (M,)
        Length in metres.
    ms, back_ms : int array, shape (M,)
        Impedance along u -> v and v -> u, at least 1, ``UNREACHED_MS`` where closed.
    xy : float64 array, shape (K, 2)
        Vertices of all edges, in metres.
    xy_start : int array, shape (M + 1,)
        Vertices of edge ``e`` are ``xy[xy_start[e]:xy_start[e + 1]]``.
    is_access : bool array, shape (M,), optional
        Whether a building or station may be entered from the edge; by default from all.
    class_code : int array, shape (M,), optional
        Position in ``classes``; by default 0.
    classes : tuple of str
        Road classes.
    name_code : int array, shape (M,), optional
        Position in ``names``; by default 0.
    names : tuple of str
        Road names; names[0] is empty.
    source : int array, shape (M,), optional
        OSM way id or row number in the source; by default the position.
    """

    u: NDArray[np.integer]
    v: NDArray[np.integer]
    length: NDArray[np.float64]
    ms: NDArray[np.integer]
    back_ms: NDArray[np.integer]
    xy: NDArray[np.float64]
    xy_start: NDArray[np.integer]
    is_access: NDArray[np.bool_] | None = None
    class_code: NDArray[np.integer] | None = None
    classes: tuple[str, ...] = ("unclassified",)
    name_code: NDArray[np.integer] | None = None
    names: tuple[str, ...] = ("",)
    source: NDArray[np.integer] | None = None

    def __len__(self) -> int:
        """Give the number of edges."""
        return len(self.u)


def build_network(
    node_id: NDArray[np.int64],
    node_xy: NDArray[np.float64],
    edges: EdgeTable,
    *,
    crs: CRS,
    impedance: Impedance = "ms",
    profile: str = "",
    attribution: str = "",
    notes: tuple[Message, ...] = (),
) -> RoadNetwork:
    """Put checked arrays into a network: spatial node order, components and compressed arcs.

    Parameters
    ----------
    node_id : int64 array, shape (N,)
        The source's own node ids, in any order.
    node_xy : float64 array, shape (N, 2)
        Coordinates in metres.
    edges : EdgeTable
        The edges; they keep their order.
    crs : pyproj.CRS
        Projected, metres.
    impedance : {"ms", "mm"}
        What ``edges.ms`` counts: travel time in milliseconds, or length in millimetres.
    profile : str
        Name of the speed profile that made the times.
    attribution : str
        Credit that every map and report of this network shows.
    notes : tuple of Message
        What was repaired, guessed or left out.

    Raises
    ------
    NetworkError
        No edges; an end that is no node; a length or time that is missing, negative or not finite.

    Examples
    --------
    >>> street = EdgeTable(
    ...     u=np.array([0]), v=np.array([1]), length=np.array([500.0]), ms=np.array([36_000]),
    ...     back_ms=np.array([36_000]), xy=np.array([[0.0, 0.0], [500.0, 0.0]]), xy_start=np.array([0, 2]),
    ... )
    >>> build_network(np.array([7, 8]), street.xy, street, crs=CRS.from_epsg(32651)).n_edges
    1
    """
    if not len(edges):
        raise NetworkError(Message("network.none_to_drive"))
    _check_edges(len(node_id), edges)
    order = np.argsort(morton_codes(node_xy), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    u, v = rank[edges.u], rank[edges.v]
    ms, back_ms = (np.asarray(values, dtype=np.int32) for values in (edges.ms, edges.back_ms))
    n_nodes, n_edges = len(node_id), len(edges)
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    both_ms, edge = np.concatenate([ms, back_ms]), np.tile(np.arange(n_edges, dtype=np.int32), 2)
    return RoadNetwork(
        crs=crs,
        profile=profile,
        attribution=attribution,
        node_id=np.asarray(node_id, dtype=np.int64)[order],
        node_xy=np.ascontiguousarray(node_xy, dtype=np.float64)[order],
        node_component=label_components(n_nodes, u, v, edges.length),
        edge_u=u,
        edge_v=v,
        edge_length=np.asarray(edges.length, dtype=np.float64),
        edge_ms=ms,
        edge_back_ms=back_ms,
        edge_is_access=np.ones(n_edges, dtype=bool) if edges.is_access is None else edges.is_access,
        edge_class=_codes(edges.class_code, n_edges).astype(np.int16),
        edge_name=_codes(edges.name_code, n_edges).astype(np.int32),
        edge_source=np.arange(n_edges) if edges.source is None else edges.source.astype(np.int64),
        xy=np.ascontiguousarray(edges.xy, dtype=np.float64),
        xy_start=np.asarray(edges.xy_start, dtype=np.int64),
        arcs=compress_arcs(n_nodes, tail, head, both_ms, edge),
        arcs_back=compress_arcs(n_nodes, head, tail, both_ms, edge),
        classes=edges.classes,
        names=edges.names,
        notes=notes,
        impedance=impedance,
    )


def _of_use(notes: tuple[Message, ...], profile: SpeedProfile) -> tuple[Message, ...]:
    """Leave out what is told of speed limits where the profile does not use them."""
    if profile.maxspeed_factor is not None:
        return notes
    unused = ("network.speeds_not_believed", "network.speeds_conditional")
    return tuple(note for note in notes if note.key not in unused)


def _own_limits(roads: Roads, profile: SpeedProfile) -> tuple[Message, ...]:
    """Say how many kilometres take their speed from a limit of their own file, not from their class."""
    has_own = np.isfinite(roads.edge_maxspeed)
    if profile.maxspeed_factor is None or not has_own.any():
        return ()
    values = {
        "km": float(roads.edge_length[has_own].sum() / 1000.0),
        "all_km": float(roads.edge_length.sum() / 1000.0),
        "factor": f"{profile.maxspeed_factor:g}",
        "profile": profile.name,
    }
    return (Message("network.speeds_of_limits", values),)


def _codes(codes: NDArray[np.integer] | None, n_edges: int) -> NDArray[np.integer]:
    return np.zeros(n_edges, dtype=np.int64) if codes is None else codes


def from_roads(roads: Roads, profile: SpeedProfile, *, crs: CRS | None = None) -> RoadNetwork:
    """Give roads their times: the roads that a profile may use become a network.

    Time along an edge = length / speed + junction delay, in whole milliseconds, at least 1. Speed is
    ``maxspeed_factor`` x maxspeed where both are known, else that of the class (the urban one inside
    built-up areas). Half the junction delay is charged at each end where three or more roads meet. What the
    vehicle does not fit through is closed (:func:`geo.network.clearance.passable`).

    Parameters
    ----------
    roads : Roads
        In any CRS.
    profile : SpeedProfile
        Speeds, one-way rule, junction delay, what is closed.
    crs : pyproj.CRS, optional
        Projected, metres; by default that of the roads, or the UTM zone of their middle.

    Returns
    -------
    RoadNetwork
        Only roads that may be used in at least one direction, and their nodes.

    Raises
    ------
    NetworkError
        No road may be used.
    CrsError
        ``crs`` is not projected in metres.
    """
    usable, speed, notes = passable(roads, road_speeds(roads, profile), profile)
    if not usable.n_edges:
        has = Message("network.classes_there", {"classes": tuple(roads.classes[:8])})
        raise NetworkError(
            Message(
                "network.none_for_profile",
                {"profile": profile.name, "there": has, "speeds": tuple(profile.speeds_kph)},
            )
        )
    ends = np.concatenate([usable.edge_u, usable.edge_v])
    at_junction = (np.bincount(ends) >= 3) * profile.junction_delay_s / 2
    delay = at_junction[usable.edge_u] + at_junction[usable.edge_v]
    on_duty = profile.private_roads & (usable.edge_access & BOTH_WAYS_ON_DUTY > 0)
    along, against = direction_factors(np.where(on_duty, 0, usable.edge_oneway), profile.oneway)
    if crs is not None and not is_metric(crs):
        raise CrsError(Message("network.crs_not_metres", {"system": crs.name}))
    return timed_roads(
        usable,
        ms=milliseconds(usable.edge_length, speed * along, delay),
        back_ms=milliseconds(usable.edge_length, speed * against, delay),
        crs=crs,
        no_access=profile.no_access,
        profile=profile.name,
        notes=(*_of_use(roads.notes, profile), *notes, *_own_limits(usable, profile)),
    )


def timed_roads(
    roads: Roads,
    *,
    ms: NDArray[np.integer],
    back_ms: NDArray[np.integer],
    crs: CRS | None,
    no_access: Collection[str],
    profile: str,
    notes: tuple[Message, ...] = (),
) -> RoadNetwork:
    """Make a network of roads whose times are known; arguments as :class:`RoadNetwork` and its profile."""
    target = crs or metric_crs(roads.crs, roads.node_xy)
    is_access = np.array([kind not in no_access for kind in roads.classes], dtype=bool)
    return build_network(
        roads.node_id,
        transform_xy(roads.node_xy, roads.crs, target),
        EdgeTable(
            u=roads.edge_u,
            v=roads.edge_v,
            length=roads.edge_length,
            ms=ms,
            back_ms=back_ms,
            xy=transform_xy(roads.xy, roads.crs, target),
            xy_start=roads.xy_start,
            is_access=is_access[roads.edge_class],
            class_code=roads.edge_class,
            classes=roads.classes,
            name_code=roads.edge_name,
            names=roads.names,
            source=roads.edge_source,
        ),
        crs=target,
        profile=profile,
        attribution=roads.attribution,
        notes=notes,
    )


def _check_edges(n_nodes: int, edges: EdgeTable) -> None:
    ends = np.concatenate([edges.u, edges.v])
    if ends.min() < 0 or ends.max() >= n_nodes:
        raise NetworkError(Message("network.node_missing"))
    bad = ~np.isfinite(edges.length) | (edges.length < 0)
    if bad.any():
        raise NetworkError(Message("network.no_length", {"n": bad.sum(), "row": bad.argmax()}))
    ms, back_ms = edges.ms, edges.back_ms
    bad = (ms <= 0) | (back_ms <= 0) | (ms > UNREACHED_MS) | (back_ms > UNREACHED_MS)
    if bad.any():
        raise NetworkError(Message("network.no_time", {"n": bad.sum(), "row": bad.argmax()}))
