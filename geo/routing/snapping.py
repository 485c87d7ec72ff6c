"""Put points on the road: the nearest point of the nearest road that may be entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.defaults import ACCESS_KPH, MAX_SNAP_M, SHORE_M
from geo.errors import CrsError, InputError
from geo.messages import Message
from geo.network import EntryRoads, RoadNetwork, carry_snaps, morton_codes
from geo.routing._cores import on_cores
from geo.times import UNREACHED_MS

__all__ = ["SNAP_COLUMNS", "SnapRules", "Spot", "snap", "tell_off_road"]

SNAP_COLUMNS: Final = ("edge", "fraction", "snap_m", "access_s", "component", "is_snapped", "reason")
"""Columns of a Snaps table."""


@dataclass(frozen=True)
class Spot:
    """Where one point stands on the roads.

    Parameters
    ----------
    edge : int
        Position of the edge, -1 for none.
    fraction : float
        0-1 from u to v; nan.
    access_s : float
        Seconds between the point and the road; inf.
    """

    edge: int
    fraction: float
    access_s: float


@dataclass(frozen=True)
class SnapRules:
    """How points are put on roads, the same for all who ask; see :func:`snap`.

    Parameters
    ----------
    max_m : float
        Farthest that a point may be from its road, metres (inclusive).
    access_kph : float
        Speed between a point and its road, km/h.
    barriers : GeoDataFrame or GeoSeries, optional
        Polygons or lines, such as water, that the way to the road may not cross.

    Raises
    ------
    InputError
        A distance or speed is negative, not a number or zero.
    """

    max_m: float = MAX_SNAP_M
    access_kph: float = ACCESS_KPH
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None

    def __post_init__(self) -> None:
        _check_rules(self.max_m, self.access_kph)

    def snap(self, points: gpd.GeoDataFrame | gpd.GeoSeries, network: RoadNetwork) -> pd.DataFrame:
        """Put points on roads by these rules; see :func:`snap`."""
        return snap(points, network, max_m=self.max_m, access_kph=self.access_kph, barriers=self.barriers)

    def spot(self, point: shapely.Point, network: RoadNetwork) -> Spot:
        """Put one point, in the network's metres, on the roads: as :meth:`snap`, without a table.

        Where it is asked again and again, as for a station that is dragged, tables take most of the time.
        """
        on, fraction, snap_m = self._put_one(point, network)
        if on < 0:
            return Spot(-1, np.nan, np.inf)
        if network.origin is not None and min(network.edge_ms[on], network.edge_back_ms[on]) >= UNREACHED_MS:
            row = self.snap(gpd.GeoSeries([point], crs=network.crs), network).iloc[0]
            return Spot(int(row["edge"]), float(row["fraction"]), float(row["access_s"]))
        return Spot(on, fraction, float(_access_s(np.array(snap_m), self.access_kph)))

    def _put_one(self, point: shapely.Point, network: RoadNetwork) -> tuple[int, float, float]:
        """Give edge, fraction and metres of a point; only where its way is in question as those of many."""
        roads = (network.origin or network).entry_roads
        if len(roads.tree):
            road, distance = roads.tree.query_nearest(point, return_distance=True)
            at, snap_m = int(road.min()), float(distance[0])
            line = roads.lines[at]
            if not roads.is_scrap[at] and not self._may_be_blocked(point, line):
                is_near = snap_m <= self.max_m
                return (int(roads.edge[at]), _fraction_of_one(line, point), snap_m) if is_near else _NOWHERE
        many = np.array([point])
        edge, fraction, metres, _ = _put(many, network, max_m=self.max_m, barriers=self.barriers)
        return int(edge[0]), float(fraction[0]), float(metres[0])

    def _may_be_blocked(self, point: shapely.Point, line: shapely.LineString) -> bool:
        if self.barriers is None or not len(self.barriers):
            return False
        way = shapely.shortest_line(point, line)
        return len(self.barriers.geometry.sindex.query(way, predicate="intersects")) > 0


_NOWHERE: Final = (-1, np.nan, np.nan)


def tell_off_road(name: str, row: pd.Series) -> Message:
    """Say why a point stands on no road.

    Parameters
    ----------
    name : str
        How the point is called.
    row : Series
        Its row of a Snaps table, with ``is_snapped`` false.

    Examples
    --------
    >>> far = pd.Series({"reason": "too far", "snap_m": 1234.5})
    >>> print(tell_off_road("North", far), tell_off_road("北站", far).say("zh"))
    North: too far from any road (1,234 m) 北站：离道路太远（1,234 米）
    """
    reason = Message(f"routing.off_{row['reason'].replace(' ', '_')}")
    off_m = float(row["snap_m"])
    key = "routing.off_road" if np.isfinite(off_m) else "routing.off_road_unmeasured"
    return Message(key, {"name": name, "reason": reason, "m": off_m})


def _check_rules(max_m: float, access_kph: float) -> None:
    if not max_m >= 0 or not access_kph > 0:
        raise InputError(f"max_m must be >= 0 and access_kph > 0; found {max_m} and {access_kph}")


_PART: Final = 2000
"""Points that one thread looks up in one go."""


def snap(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    network: RoadNetwork,
    *,
    max_m: float = MAX_SNAP_M,
    access_kph: float = ACCESS_KPH,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
) -> pd.DataFrame:
    """Put each point on the nearest road that may be entered.

    The way from the point to the road is straight (``snap_m``) and takes ``snap_m / (access_kph / 3.6)``
    seconds, rounded to whole milliseconds. Where it crosses a barrier, the next nearest road within
    ``max_m`` is tried. Of roads equally near, the one with the lowest position is taken. A scrap of road (a
    small component beside the network, :mod:`geo.network.scraps`) takes only points that no other road
    within ``max_m`` can take; islands keep theirs. Where roads were closed
    (:func:`geo.network.close_edges`), a point whose road is closed is on none: it does not move to another.

    Parameters
    ----------
    points : GeoDataFrame or GeoSeries
        Points in the network's CRS.
    network : RoadNetwork
        Only edges with ``is_access`` that are open in some direction are used.
    max_m : float
        Farthest that a point may be from its road, metres (inclusive).
    access_kph : float
        Speed between the point and the road, km/h.
    barriers : GeoDataFrame or GeoSeries, optional
        Polygons or lines, such as water, that the way to the road may not cross.

    Returns
    -------
    DataFrame
        Snaps: the points' index; ``edge`` (position, -1 if not snapped), ``fraction`` (0-1 from u to v, nan),
        ``snap_m`` (m, also for a road that is too far; nan if there is none), ``access_s`` (s, inf),
        ``component`` (-1), ``is_snapped``, ``reason`` ("", "too far", "across a barrier", "no road",
        "closed road").

    Raises
    ------
    CrsError
        Points or barriers are not in the network's CRS.
    InputError
        A row is not a point, a limit is negative, or the speed is not above zero.
    """
    _check(points, network, max_m=max_m, access_kph=access_kph, barriers=barriers)
    at = np.asarray(points.geometry.array)
    edge, fraction, snap_m, reason = _put(at, network, max_m=max_m, barriers=barriers)
    is_snapped = reason == ""
    snaps = pd.DataFrame(
        {
            "edge": edge,
            "fraction": fraction,
            "snap_m": snap_m,
            "access_s": np.where(is_snapped, _access_s(snap_m, access_kph), np.inf),
            "component": np.where(is_snapped, network.node_component[network.edge_u[edge]], -1),
            "is_snapped": is_snapped,
            "reason": reason,
        },
        index=points.index,
    )
    return snaps if network.origin is None else carry_snaps(snaps, network)


def _put(
    at: NDArray[np.object_],
    network: RoadNetwork,
    *,
    max_m: float,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]]:
    """Give edge, fraction, metres and reason of each point on the roads as they are when all are open."""
    whole = network.origin or network
    roads = whole.entry_roads
    edges, lines = roads.edge, roads.lines
    nearest, snap_m = _nearest(at, roads.tree)
    _leave_scraps(at, whole, nearest, snap_m, max_m=max_m)
    reason = np.full(len(at), "", dtype=object)
    reason[~(snap_m <= max_m)] = "too far"
    reason[nearest < 0] = "no road"
    if barriers is not None and len(barriers):
        _go_around(at, roads, nearest, snap_m, reason, max_m=max_m, barriers=barriers)
    is_snapped = reason == ""
    chosen = np.where(is_snapped, nearest, 0) if len(edges) else np.zeros(len(at), np.int64)
    fraction = np.full(len(at), np.nan)
    fraction[is_snapped] = _fraction(lines[chosen[is_snapped]], at[is_snapped])
    edge = np.full(len(at), -1, dtype=np.int64)
    edge[is_snapped] = edges[chosen[is_snapped]]
    return edge, fraction, snap_m, reason


def _access_s(snap_m: NDArray[np.float64], access_kph: float) -> NDArray[np.float64]:
    """Give the seconds to the road, rounded to whole milliseconds."""
    with np.errstate(invalid="ignore"):
        access_s: NDArray[np.float64] = np.rint(snap_m / (access_kph / 3.6) * 1000.0) / 1000.0
    return access_s


def _check(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    network: RoadNetwork,
    *,
    max_m: float,
    access_kph: float,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None,
) -> None:
    for name, table in (("points", points), ("barriers", barriers)):
        if table is not None and table.crs != network.crs:
            own = "no CRS" if table.crs is None else table.crs.name
            raise CrsError(f"the {name} are in {own}, the roads in {network.crs.name}; reproject the {name}")
    _check_rules(max_m, access_kph)
    geometry = np.asarray(points.geometry.array)
    bad = (shapely.get_type_id(geometry) != shapely.GeometryType.POINT) | shapely.is_empty(geometry)
    bad[~bad] = ~np.isfinite(shapely.get_coordinates(geometry[~bad])).all(axis=1)
    if bad.any():
        faults = [f"{points.index[i]!r}" for i in np.flatnonzero(bad)]
        raise InputError(f"{bad.sum()} rows are not points with coordinates", faults=faults)


def _nearest(at: NDArray[np.object_], tree: shapely.STRtree) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the nearest road of each point (-1 if there are no roads) and its distance (nan).

    On all cores; points near each other after each other, since they look at the same roads.
    """
    nearest, snap_m = np.full(len(at), -1, dtype=np.int64), np.full(len(at), np.nan)
    if not len(tree) or not len(at):
        return nearest, snap_m
    order = np.argsort(morton_codes(shapely.get_coordinates(at)), kind="stable")
    parts = np.array_split(order, len(at) // _PART + 1)
    pairs = on_cores(lambda part: tree.query_nearest(at[part], return_distance=True), parts)
    for part, ((point, road), distance) in zip(parts, pairs, strict=True):
        first = np.lexsort((road, point))[::-1]  # of equals the lowest is written last
        nearest[part[point[first]]], snap_m[part[point[first]]] = road[first], distance[first]
    return nearest, snap_m


def _fraction(lines: NDArray[np.object_], at: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give where on its line each point falls, 0-1; within a millimetre of an end it is the end."""
    length, along = shapely.length(lines), shapely.line_locate_point(lines, at)
    fraction: NDArray[np.float64] = np.zeros(len(lines))
    np.divide(along, length, out=fraction, where=length > 0)
    fraction[along < 0.001] = 0.0
    fraction[(length - along < 0.001) & (along >= 0.001)] = 1.0
    return fraction


def _fraction_of_one(line: shapely.LineString, point: shapely.Point) -> float:
    """Give :func:`_fraction` of one point."""
    length, along = float(shapely.length(line)), float(shapely.line_locate_point(line, point))
    if along < 0.001:
        return 0.0
    return 1.0 if length - along < 0.001 else along / length


def _leave_scraps(
    at: NDArray[np.object_],
    network: RoadNetwork,
    nearest: NDArray[np.int64],
    snap_m: NDArray[np.float64],
    *,
    max_m: float,
) -> None:
    """Put points that are nearest to a scrap of road, in place, on the network where it is near enough."""
    is_scrap = network.entry_roads.is_scrap
    if not is_scrap.any():
        return
    there = np.flatnonzero(is_scrap[nearest] & (snap_m <= max_m))
    if not len(there):
        return
    position, tree = network.roads_beside_scraps
    beside, far_m = _nearest(at[there], tree)
    is_near = far_m <= max_m
    nearest[there[is_near]], snap_m[there[is_near]] = position[beside[is_near]], far_m[is_near]


def _go_around(
    at: NDArray[np.object_],
    roads: EntryRoads,
    nearest: NDArray[np.int64],
    snap_m: NDArray[np.float64],
    reason: NDArray[np.object_],
    *,
    max_m: float,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries,
) -> None:
    """Replace, in place, roads behind a barrier by the next nearest that is not; scraps come last."""
    lines, tree = roads.lines, roads.tree
    walls = barriers.geometry
    near = np.flatnonzero(reason == "")
    blocked = near[_is_blocked(at[near], lines[nearest[near]], walls)]
    if not len(blocked):
        return
    row, road = tree.query(at[blocked], predicate="dwithin", distance=max_m)
    distance = shapely.distance(at[blocked[row]], lines[road])
    order = np.lexsort((road, distance, roads.is_scrap[road], row))
    order = order[distance[order] <= max_m]
    row, road, distance = row[order], road[order], distance[order]
    clear = np.flatnonzero(~_is_blocked(at[blocked[row]], lines[road], walls))
    row_clear, first = np.unique(row[clear], return_index=True)
    reason[blocked] = "across a barrier"
    chosen = blocked[row_clear]
    nearest[chosen], snap_m[chosen] = road[clear[first]], distance[clear[first]]
    reason[chosen] = ""


def _is_blocked(
    at: NDArray[np.object_], roads: NDArray[np.object_], walls: gpd.GeoSeries
) -> NDArray[np.bool_]:
    """Say whether the straight way from each point to its road goes through a barrier.

    A way that ends on the shore does not: a road may begin there, whose end is rounded to this or that side.
    """
    ends = shapely.get_coordinates(shapely.shortest_line(at, roads)).reshape(-1, 2, 2)
    metres = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    far = np.flatnonzero(metres > SHORE_M)
    ends[far, 1] += (SHORE_M / metres[far])[:, None] * (ends[far, 0] - ends[far, 1])
    ways = shapely.linestrings(ends[far])
    blocked = np.zeros(len(ends), dtype=bool)
    way, wall = walls.sindex.query(ways, predicate="intersects")  # kept with the barriers
    through = ~shapely.touches(ways[way], np.asarray(walls.array)[wall])
    blocked[far[way[through]]] = True
    return blocked
