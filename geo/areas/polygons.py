"""Service areas: the ground that each facility reaches in time, and how near its border is to the true one.

Why it is right, and how far. A point is *in* when its own exact time is within the limit, else *out*; a point
is *wrong* when it is in and drawn out, or out and drawn in. ``d = CELL_M * sqrt(2)`` is 5.66 m.

1. The corners of the lattice are right: their own times are computed (or bounds prove the whole square).
2. A wrong point has a point with the other answer within ``d``, before the outline is straightened. Where its
   cell has no outline, its four corners are drawn as the point is drawn, so each of them differs from it, and
   all are within ``d``. Where its cell has outline, corners of both kinds are there. A ring that is left out
   as a speck lies around one corner or none, in cells that have outline. Straightening by 0.1 m moves a point
   to the other side only within 0.1 m of a cell with outline. Together: within 6 m.
   So ground is right wherever no answer changes within 6 m of it.
3. The border *that is drawn* is near a wrong point only if there is room. A circle of radius
   ``d / 2 + 2.1 m < 5 m`` holds a corner with 2.1 m of room on all sides. If the circle is all in or all out,
   that corner is drawn right, and its ring is no speck (4 triangles of 2.1 x 2.1 / 2 are 8.8 m2). So a wrong
   point in a circle 10 m across that is all of its own kind has drawn border on the line to that corner,
   within 8 m.
4. Strips thinner than that hold no such circle: a quay between a road behind a wall and the sea, the tongue
   between two roads. They may be missed whole, and the border that is drawn may then be any distance away
   (14.9 m at the coast of Monaco). Statement 2 holds for them: where the strip ends, the answer changes.

Roads are cut where they enter a barrier that is a polygon. Who sees a road inside it is inside it too, and is
not in time: so the lattice gives the sea the answer that it has, and draws no sliver of land beside roads in
the sea (:mod:`geo.ground.shores`). Land and barriers are cut with exact geometry afterwards. Outside the land
and inside barriers nothing is drawn, and no point inside a barrier is in; on land, 2 to 4 are as before,
though the other answer of 2 may lie at sea.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.areas._clocks import RowClocks, join_clocks
from geo.areas._outline import outlines
from geo.areas._rings import polygons
from geo.areas._workspace import TILE_M
from geo.errors import CrsError, InputError
from geo.ground import CLOSED_S, Rule, build_walls, cut_at_shores, cut_roads, divide, read_clock
from geo.network import RoadNetwork
from geo.routing import SnapRules, node_times
from geo.schema import Direction
from geo.times import UNREACHED_MS, limit_ms

__all__ = ["AREA_COLUMNS", "Drawing", "service_areas"]

Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries

AREA_COLUMNS: Final = ("facility_id", "limit_s", "area_km2", "geometry")
"""Columns of a ServiceAreas table."""

_ROUND = 32
"""Sides of a quarter circle: at 500 m it is drawn to 0.2 m."""
_BATCH = 64
"""So many areas are traced at a time; more would need more room."""
_STRAIGHTEN_M = 0.1
"""Vertices that are this near to the line without them are left out: the ground does not change."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """Which areas are drawn, and how.

    Parameters
    ----------
    union, each : bool
        Whether to draw all facilities together (the last row), and each one.
    land : GeoDataFrame or GeoSeries, optional
        Polygons outside which nothing is drawn.
    simplify_m : float
        Straighten the border for display; it moves by about this many metres at most, and parts and
        holes thinner than that may go. Points in that strip are no longer placed exactly.

    Raises
    ------
    InputError
        ``simplify_m`` is negative or not a number.
    """

    union: bool = True
    each: bool = True
    land: Layer | None = None
    simplify_m: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.simplify_m < np.inf:
            raise InputError(f"simplify_m must be metres >= 0; found {self.simplify_m}")


def service_areas(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    *,
    limit_s: float,
    direction: Direction = "from_facility",
    start_s: pd.Series | None = None,
    snapping: SnapRules | None = None,
    drawing: Drawing | None = None,
) -> gpd.GeoDataFrame:
    """Draw the ground that each facility reaches in time, and all of them together.

    A point is inside exactly when its own time is within the limit (inclusive). With ``r`` the nearest road
    that may be entered and ``f`` the foot of the perpendicular on it::

        start + access of the facility + drive to f + distance to r / (access_kph / 3.6) <= limit_s
        and distance to r <= snapping.max_m

    so the reach narrows towards the end of the drive, and the border between two roads lies half-way.

    The border is found on a lattice of 4 m. Before ``simplify_m``, a point is on the wrong side of it only if
    the right answer changes within 6 m of the point; ground that is farther from the true border is right. A
    wrong point is within 8 m of the border that is drawn, except on strips in which no circle 10 m across has
    room, such as a quay between a wall and the sea: those may be missed whole; the
    module's docstring gives the reasons.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    facilities : DataFrame
        Snaps; a facility that is not snapped has an empty area.
    limit_s : float
        Longest time (start, access at both ends and drive), seconds.
    direction : {"from_facility", "to_facility"}
        Engines go out from facilities; people walk to them.
    start_s : Series, optional
        Seconds by facility id on top of its time; missing ids count 0.
    snapping : SnapRules, optional
        The way between a point and its road: how far, how fast, and what it may not cross. Ground behind a
        barrier belongs to the nearest road on its own side; polygons themselves are cut out.
    drawing : Drawing, optional
        Which areas are drawn, on which land, and how straight their border.

    Returns
    -------
    GeoDataFrame
        ServiceAreas: ``facility_id`` (None for the union), ``limit_s``, ``area_km2``, ``geometry``
        (valid Polygon or MultiPolygon, empty where nothing is reached). No facilities give no rows.

    Raises
    ------
    CrsError
        Land or barriers are not in the network's CRS.
    InputError
        A limit, distance or speed is negative, not a number or zero, or a snap is not on this network.
    StudyError
        The direction is unknown.
    """
    snapping = snapping or SnapRules()
    drawing = drawing or Drawing()
    land, barriers = drawing.land, snapping.barriers
    _check_crs("land", land, network.crs)
    _check_crs("barriers", barriers, network.crs)
    if not (snapping.max_m < np.inf and snapping.access_kph < np.inf):
        raise InputError(
            "ground is drawn up to a distance: max_m and access_kph must be finite; "
            f"found {snapping.max_m} and {snapping.access_kph}"
        )
    rule = Rule(limit_ms(limit_s) / 1000.0, snapping.access_kph / 3.6, float(snapping.max_m))
    rows = [facilities.iloc[[i]] for i in range(len(facilities))] if drawing.each else []
    ids = list(facilities.index) if drawing.each else []
    if drawing.union and len(facilities):
        rows, ids = [*rows, facilities], [*ids, None]
    shapes = _ground(network, facilities, rows, rule, barriers, direction=direction, start_s=start_s)
    shapes = _straighten(shapes, max(drawing.simplify_m, _STRAIGHTEN_M))
    if barriers is not None:
        shapes = _cut_out(shapes, np.asarray(barriers.geometry.array))
    if land is not None:
        shapes = _only_polygons(shapely.intersection(shapes, shapely.union_all(land.geometry.array)))
    return gpd.GeoDataFrame(
        {
            "facility_id": pd.Series(ids, dtype=object),
            "limit_s": np.full(len(ids), float(limit_s)),
            "area_km2": shapely.area(shapes) / 1e6,
        },
        geometry=shapes,
        crs=network.crs,
    )


def _check_crs(what: str, table: Layer | None, crs: object) -> None:
    if table is not None and table.crs != crs:
        own = "no CRS" if table.crs is None else table.crs.name
        raise CrsError(f"the {what} are in {own}, not in the CRS of the roads; reproject the {what}")


def _ground(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    rows: list[pd.DataFrame],
    rule: Rule,
    barriers: Layer | None,
    *,
    direction: Direction,
    start_s: pd.Series | None,
) -> NDArray[np.object_]:
    """Give one shape for each of ``rows``: as for snap, scraps of road own what the network does not reach.

    Most often no facility stands on a scrap, and scraps own no ground at all. Where a barrier may lie between
    a spot and the network, a scrap with a facility owns the ground that is nearest to it.
    """
    entries = (network.origin or network).entry_roads
    is_scrap = np.zeros(network.n_edges, dtype=bool)
    is_scrap[entries.edge[entries.is_scrap]] = True
    stands = is_scrap[facilities["edge"].to_numpy(dtype=np.int64)] & facilities["is_snapped"].to_numpy(bool)
    if barriers is not None:
        used = np.isin(network.node_component[network.edge_u], facilities.loc[stands, "component"])
        return _shapes(
            network, facilities, rows, rule, barriers, ~is_scrap | used, direction=direction, start_s=start_s
        )
    shapes = _shapes(
        network, facilities, rows, rule, barriers, ~is_scrap, direction=direction, start_s=start_s
    )
    if stands.any():
        on_scraps = _shapes(
            network, facilities, rows, rule, barriers, is_scrap, direction=direction, start_s=start_s
        )
        near = shapely.STRtree(on_scraps).query(
            entries.lines[~entries.is_scrap], predicate="dwithin", distance=rule.reach_m
        )[0]
        roads = entries.lines[~entries.is_scrap][np.unique(near)]
        taken = shapely.union_all(shapely.buffer(roads, rule.reach_m, quad_segs=_ROUND))
        shapes = _only_polygons(shapely.union(shapes, shapely.difference(on_scraps, taken)))
    return shapes


def _shapes(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    rows: list[pd.DataFrame],
    rule: Rule,
    barriers: Layer | None,
    owning: NDArray[np.bool_],
    *,
    direction: Direction,
    start_s: pd.Series | None,
) -> NDArray[np.object_]:
    """Give one shape for each of ``rows``, tables of some facilities; only ``owning`` edges own ground."""

    def times(of: pd.DataFrame) -> NDArray[np.int32]:
        return node_times(network, of, direction=direction, limit_s=rule.limit_s, start_s=start_s)

    shapes = np.full(len(rows), shapely.Polygon(), dtype=object)
    if not rows:
        return shapes
    first_ms = times(facilities)
    edges, bounds = _reached_roads(network, facilities, first_ms, rule, owning)
    if not len(edges):
        return shapes
    pieces = cut_roads(network, facilities, edges=edges, direction=direction)
    if not len(pieces.edge):
        return shapes
    no_barriers = np.empty(0, dtype=object)
    pieces, is_wet = cut_at_shores(
        pieces, no_barriers if barriers is None else np.asarray(barriers.geometry.array)
    )
    clock = read_clock(network, pieces, facilities, first_ms, direction=direction, start_s=start_s)
    clock[is_wet] = CLOSED_S  # whoever sees a road in the sea is in the sea
    # tiles lie at whole multiples of their width, so that every call uses the same lattice
    origin = np.floor(bounds[:2] / TILE_M) * TILE_M
    box = (0.0, 0.0, *(bounds[2:] - origin))
    walls = build_walls(_moved(barriers, origin), bounds=box)
    ground = divide(
        pieces.xy - origin,
        pieces.to_xy - origin,
        pieces.edge,
        earliest_s=clock.min(axis=1),
        rule=rule,
        walls=walls,
        tile_m=TILE_M,
    )

    clocks = RowClocks(network, direction, pieces, is_wet, rule, start_s)

    def read(of: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if of is facilities:
            return clocks.in_time(np.arange(len(clock)), clock)
        return clocks.read(of, times(of))

    # The union is in the first batch: what is found for it serves all others of the batch.
    for first in range(0, len(rows), _BATCH):
        some = rows[first : first + _BATCH]
        by_piece = join_clocks([read(of) for of in some], len(clock))
        found = outlines(ground, by_piece, pieces.cost, n_rows=len(some), rule=rule, walls=walls)
        shapes[first : first + len(some)] = [polygons(xy + origin, start) for xy, start in found]
    return shapes


def _reached_roads(
    network: RoadNetwork,
    facilities: pd.DataFrame,
    node_ms: NDArray[np.int32],
    rule: Rule,
    owning: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the edges that may own ground near a reached one, and the bounds of that ground."""
    is_reached = np.minimum(node_ms[network.edge_u], node_ms[network.edge_v]) < UNREACHED_MS
    is_reached[facilities.loc[facilities["is_snapped"].to_numpy(bool), "edge"]] = True
    low = np.minimum.reduceat(network.xy, network.xy_start[:-1])
    high = np.maximum.reduceat(network.xy, network.xy_start[:-1])
    is_reached &= owning
    if not is_reached.any():
        return np.empty(0, np.int64), np.empty(0)
    west_south = low[is_reached].min(axis=0) - 2 * rule.reach_m
    east_north = high[is_reached].max(axis=0) + 2 * rule.reach_m
    is_near = ((high >= west_south) & (low <= east_north)).all(axis=1) & owning
    bounds = np.concatenate([low[is_near].min(axis=0), high[is_near].max(axis=0)])
    return np.flatnonzero(is_near), bounds + np.array([-1, -1, 1, 1]) * (rule.reach_m + 1.0)


def _moved(barriers: Layer | None, origin: NDArray[np.float64]) -> NDArray[np.object_]:
    shapes = np.empty(0, dtype=object) if barriers is None else np.asarray(barriers.geometry.array)
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy - origin)
    return moved


def _straighten(shapes: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """Leave out vertices; the slower way, which keeps rings apart, only where they would touch."""
    thin = shapely.simplify(shapes, tolerance_m, preserve_topology=False)
    bad = ~shapely.is_valid(thin)
    thin[bad] = shapely.simplify(shapes[bad], tolerance_m, preserve_topology=True)
    return _only_polygons(thin)


def _cut_out(shapes: NDArray[np.object_], barriers: NDArray[np.object_]) -> NDArray[np.object_]:
    """Take away the barriers that are polygons: nobody lives in the river."""
    wet = barriers[shapely.get_dimensions(barriers) == 2]
    wet = wet[np.unique(shapely.STRtree(wet).query(shapes, predicate="intersects")[1])]
    return _only_polygons(shapely.difference(shapes, shapely.union_all(wet))) if len(wet) else shapes


def _only_polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Drop the points and lines that cutting may leave, and give one kind of empty."""
    kept = shapes.copy()
    for i in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapes[i])
        kept[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    kept[shapely.is_empty(kept)] = shapely.Polygon()
    return kept
