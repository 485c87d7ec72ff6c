"""Zones of responsibility: the ground of each station, where it is the first to arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.defaults import MAX_SNAP_M
from geo.errors import CrsError, InputError
from geo.freeing import give_back
from geo.network import RoadNetwork
from geo.routing import NodeNearest, at_demand, node_nearest
from geo.statistics import weighted_mean
from geo.zones._roads import RoadParts, clip_roads, divide_roads
from geo.zones.faces import ground_parts, trace_ground

__all__ = ["NO_ZONE", "ZONE_TABLE_COLUMNS", "Zoning", "fill_table", "merge_faces", "station_zones"]

NO_ZONE: Final = ("logistics",)
"""Station classes without a zone (战勤保障站: 建标152-2017)."""
ZONE_TABLE_COLUMNS: Final = (
    "facility_id",
    "name",
    "station_class",
    "area_km2",
    "n_parts",
    "beyond_km2",
    "road_km",
    "farthest_s",
    "farthest_travel_s",
    "farthest_road",
    "people",
    "people_unreached",
    "n_points",
    "mean_s",
    "worst_s",
    "reason",
    "geometry",
)
"""Columns of a station-zones table."""

_PLACES: Final = 200_000
"""Places of the lattice on which ground far from roads is counted."""
_SIDE: Final = 8
"""Places along the side of the squares that are looked at first."""
_SMALL_M2: Final = 1e5
"""Ground without a station is told piece by piece from this size on; smaller pieces share one row."""


@dataclass(frozen=True, eq=False)
class Zoning:
    """Zones that fill the ground and do not overlap.

    Parameters
    ----------
    table : GeoDataFrame
        One row a station that has a zone, then one for each piece of ground that no station reaches:
        ``facility_id`` (None there), ``name`` (of the station, or of the place), ``station_class``,
        ``area_km2``, ``n_parts`` (more than 1: an enclave), ``beyond_km2`` (ground farther from a road than
        points may be, counted on a lattice), ``road_km``, ``farthest_s`` (clock at the zone's slowest road,
        s), ``farthest_travel_s`` (access and driving of that), ``farthest_road`` (its name), ``people``
        (whom the station reaches first), ``people_unreached`` (on the ground, reached by nobody),
        ``n_points``, ``mean_s``, ``worst_s`` (clock, of the people served), ``reason`` ('' for a zone with
        ground; of a station without: that of its snap; else 'no road', 'island', 'no route' or
        'no station'), ``geometry``.
    demand : DataFrame
        Index of the demand; ``people``, ``first_id``, ``first_s`` among the stations with a zone, ``row``
        (position in ``table`` of the zone that counts them).
    roads : RoadParts
        The roads on the ground; ``owner`` is a position in ``table``, -1 for none.
    faces : GeoDataFrame
        The connected pieces of ground: ``row`` (position in ``table``), ``geometry``.
    ground : array of Polygons
        The connected pieces of land that the zones fill.
    max_snap_m : float
        Farthest that a point may be from its road, metres.
    """

    table: gpd.GeoDataFrame
    demand: pd.DataFrame
    roads: RoadParts = field(repr=False)
    faces: gpd.GeoDataFrame = field(repr=False)
    ground: NDArray[np.object_] = field(repr=False)
    max_snap_m: float


def station_zones(
    coverage: Coverage,
    *,
    land: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    places: gpd.GeoDataFrame | None = None,
    max_snap_m: float = MAX_SNAP_M,
) -> Zoning:
    """Give each station the ground that it reaches first by driving time over the network.

    Ground belongs to the road nearest to it on its own side of the barriers, however far, and the road to
    the station that reaches it first (start of the clock, access, driving); a road on which two
    stations tie is cut there. An enclave stays with who reaches it first. Stations of class
    ``logistics`` have no zone. Ground without a road, and with roads that no station reaches, has rows
    of its own.

    Parameters
    ----------
    coverage : Coverage
        Stations, people and roads under one clock.
    land : GeoDataFrame or GeoSeries, optional
        Polygons to fill; without them the ground within ``max_snap_m`` of a road.
    barriers : GeoDataFrame or GeoSeries, optional
        Polygons (cut out of the ground) and lines that part it.
    places : GeoDataFrame, optional
        Polygons with a ``name``, after which ground without a station is named.
    max_snap_m : float
        Farthest that a point may be from its road: ground beyond is counted in ``beyond_km2``.

    Raises
    ------
    CrsError
        Land, barriers or places are not in the CRS of the roads.
    InputError
        ``max_snap_m`` is not above zero.
    """
    _check(coverage.network, land, barriers, places, max_snap_m)
    network = coverage.network
    stations = coverage.stations[~coverage.stations["station_class"].isin(NO_ZONE)]
    state = node_nearest(
        network,
        coverage.station_snaps.loc[stations.index],
        direction=coverage.direction,
        start_s=clock_starts(stations, coverage.standard),
    )
    everywhere = divide_roads(network, state)
    if land is None:
        ground = _near_roads(network, np.unique(everywhere.edge), max_snap_m)
    else:
        ground = np.asarray(land.geometry.array)
    parts = ground_parts(ground, barriers)
    roads, part = clip_roads(everywhere, parts)
    del everywhere  # of a city a tenth of what a drawing needs
    give_back()
    faces = trace_ground(parts, roads.xy, roads.to_xy, roads.owner, part=part)
    shapes = merge_faces(faces.shape, faces.label, n=len(stations))
    bare, reasons = _unserved(network, coverage, roads, faces.shape[faces.label < 0])
    table = gpd.GeoDataFrame(
        {
            "facility_id": pd.Series([*stations.index, *[None] * len(bare)], dtype=object),
            "name": [*stations["name"], *_place_names(bare, places)],
            "station_class": [*stations["station_class"], *[None] * len(bare)],
            "reason": [*_station_reasons(coverage, stations.index), *reasons],
        },
        geometry=np.append(shapes, bare),
        crs=network.crs,
    )
    demand = _people(coverage, state, table)
    return fill_table(Zoning(table, demand, roads, _faces(table), parts, max_snap_m), coverage)


def fill_table(zoning: Zoning, coverage: Coverage) -> Zoning:
    """Work out the columns of the table of zones from their shapes, people and roads."""
    table, n = zoning.table, len(zoning.table)
    zoning = replace(zoning, faces=_faces(table))
    starts = clock_starts(coverage.stations, coverage.standard).reindex(table["facility_id"])
    full = table.assign(
        **_ground_columns(zoning),
        **_farthest_columns(coverage.network, zoning.roads, starts.to_numpy(float), n),
        **_people_columns(zoning.demand, n),
    )
    return replace(zoning, table=full[list(ZONE_TABLE_COLUMNS)])


def merge_faces(shape: NDArray[np.object_], label: NDArray[np.int64], *, n: int) -> NDArray[np.object_]:
    """Give the ground of each label from 0 to n - 1 as one Polygon or MultiPolygon, perhaps empty."""
    merged = np.full(n, shapely.Polygon(), dtype=object)
    for k in np.unique(label[(label >= 0) & (label < n)]):
        merged[k] = shapely.coverage_union_all(shape[label == k])
    return merged


def _check(
    network: RoadNetwork,
    land: gpd.GeoDataFrame | gpd.GeoSeries | None,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None,
    places: gpd.GeoDataFrame | None,
    max_snap_m: float,
) -> None:
    for what, table in (("land", land), ("barriers", barriers), ("places", places)):
        if table is not None and table.crs != network.crs:
            own = "no CRS" if table.crs is None else table.crs.name
            raise CrsError(f"the {what} are in {own}, not in the CRS of the roads; reproject them")
    if not 0 < max_snap_m < np.inf:
        raise InputError(f"max_snap_m must be metres above 0; found {max_snap_m}")


def _near_roads(network: RoadNetwork, edges: NDArray[np.int64], reach_m: float) -> NDArray[np.object_]:
    """Give the ground near roads."""
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    lines = shapely.line_merge(shapely.multilinestrings(lines[edges]))
    thin = shapely.simplify(shapely.get_parts(lines), reach_m / 100.0)
    return np.array([shapely.union_all(shapely.buffer(thin, reach_m, quad_segs=4))])


def _lines(roads: RoadParts, rows: NDArray[np.bool_]) -> NDArray[np.object_]:
    ends = np.stack([roads.xy[rows], roads.to_xy[rows]], axis=1)
    lines: NDArray[np.object_] = shapely.linestrings(ends)
    return lines


def _unserved(
    network: RoadNetwork,
    coverage: Coverage,
    roads: RoadParts,
    shape: NDArray[np.object_],
) -> tuple[NDArray[np.object_], list[str]]:
    """Give the connected ground that no station reaches, the largest first, and why."""
    if not len(shape):
        return np.empty(0, dtype=object), []
    pieces = shapely.get_parts(shapely.union_all(shape))
    pieces = pieces[np.argsort(-shapely.area(pieces), kind="stable")]
    is_large = shapely.area(pieces) >= _SMALL_M2
    small = pieces[~is_large]
    bare = np.append(pieces[is_large], [shapely.multipolygons(small)] if len(small) else [])
    is_lost = roads.owner < 0
    row, road = shapely.STRtree(_lines(roads, is_lost)).query(bare, predicate="intersects")
    edges = [roads.edge[is_lost][road[row == i]] for i in range(len(bare))]
    snaps = coverage.station_snaps
    placed = snaps.loc[snaps["is_snapped"].to_numpy(bool), "component"].unique()
    return bare, [_why(network.node_component[network.edge_u[own]], placed) for own in edges]


def _why(components: NDArray[np.int32], placed: NDArray[np.int32]) -> str:
    """Say why roads of some components are not reached from stations on others."""
    if not len(components):
        return "no road"
    if not len(placed):
        return "no station"
    return "no route" if np.isin(components, placed).any() else "island"


def _station_reasons(coverage: Coverage, ids: pd.Index) -> list[str]:
    return [str(reason) for reason in coverage.station_snaps.loc[ids, "reason"]]


def _place_names(bare: NDArray[np.object_], places: gpd.GeoDataFrame | None) -> Sequence[str | None]:
    """Name ground after the place with which it shares most area."""
    names: list[str | None] = [None] * len(bare)
    if places is None or places.empty or not len(bare):
        return names
    shapes = np.asarray(places.geometry.array)
    row, place = shapely.STRtree(shapes).query(bare, predicate="intersects")
    shared = shapely.area(shapely.intersection(bare[row], shapes[place]))
    for i in np.unique(row):
        names[i] = str(places["name"].iloc[place[row == i][np.argmax(shared[row == i])]])
    return names


def _ground_columns(zoning: Zoning) -> dict[str, NDArray[np.float64]]:
    table, roads = zoning.table, zoning.roads
    shapes = np.asarray(table.geometry.array)
    length = np.hypot(*(roads.to_xy - roads.xy).T)
    is_owned = roads.owner >= 0
    return {
        "area_km2": shapely.area(shapes) / 1e6,
        "n_parts": np.where(shapely.is_empty(shapes), 0, shapely.get_num_geometries(shapes)),
        "beyond_km2": _beyond_km2(zoning),
        "road_km": np.bincount(roads.owner[is_owned], weights=length[is_owned], minlength=len(table))
        / 1000.0,
    }


def _beyond_km2(zoning: Zoning) -> NDArray[np.float64]:
    """Count the places of a lattice that are farther from a road than points may be, in km2."""
    ground, faces, roads = zoning.ground, zoning.faces, zoning.roads
    step_m = float(np.sqrt(shapely.area(ground).sum() / _PLACES))
    n = np.ceil(np.hypot(*(roads.to_xy - roads.xy).T) / step_m).astype(np.int64)
    row = np.repeat(np.arange(len(n)), n)
    share = (np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n) + 0.5) / n[row]
    samples = roads.xy[row] + share[:, None] * (roads.to_xy - roads.xy)[row]
    places = _far_places(ground, samples, step_m, zoning.max_snap_m)
    face = shapely.STRtree(shapely.points(places)).query(
        np.asarray(faces.geometry.array), predicate="contains"
    )[0]
    n_places: NDArray[np.int64] = np.bincount(faces["row"].to_numpy()[face], minlength=len(zoning.table))
    beyond: NDArray[np.float64] = n_places.astype(np.float64) * (step_m**2 / 1e6)
    return beyond


def _far_places(
    ground: NDArray[np.object_], samples: NDArray[np.float64], step_m: float, reach_m: float
) -> NDArray[np.float64]:
    """Give the places of a lattice about the ground that are farther from every sample than ``reach_m``.

    Squares of many places are looked at first: where all are near, or all are far, none is looked at alone.
    """
    from scipy.spatial import cKDTree

    bounds, wide_m = shapely.total_bounds(ground), _SIDE * step_m
    low = [np.arange(start, end, wide_m) for start, end in zip(bounds[:2], bounds[2:], strict=True)]
    corner = np.column_stack([grid.ravel() for grid in np.meshgrid(*low)])
    squares = shapely.box(*corner.T, *(corner + wide_m).T)
    corner = corner[np.unique(shapely.STRtree(squares).query(ground, predicate="intersects")[1])]
    own = (np.arange(_SIDE) + 0.5) * step_m
    inside = np.column_stack([grid.ravel() for grid in np.meshgrid(own, own)])
    if not len(samples):
        everywhere: NDArray[np.float64] = (corner[:, None] + inside).reshape(-1, 2)
        return everywhere
    tree = cKDTree(samples)
    away = tree.query(corner + wide_m / 2.0)[0]
    half = wide_m * np.sqrt(0.5)
    far = (corner[away > reach_m + half][:, None] + inside).reshape(-1, 2)
    mixed = (corner[np.abs(away - reach_m) <= half][:, None] + inside).reshape(-1, 2)
    is_far = np.isinf(tree.query(mixed, distance_upper_bound=reach_m, workers=-1)[0])
    return np.concatenate([far, mixed[is_far]])


def _farthest_columns(
    network: RoadNetwork, roads: RoadParts, starts_s: NDArray[np.float64], n: int
) -> dict[str, NDArray[np.generic]]:
    """Give the slowest road of each zone: nan where it has none."""
    slowest = np.maximum(roads.s, roads.to_s)
    order = np.lexsort((roads.edge, -slowest, roads.owner))
    order = order[roads.owner[order] >= 0]
    owner, first = np.unique(roads.owner[order], return_index=True)
    worst, name = np.full(n, np.nan), np.full(n, "", dtype=object)
    worst[owner] = np.round(slowest[order[first]], 3)
    name[owner] = np.array(network.names, dtype=object)[network.edge_name[roads.edge[order[first]]]]
    return {
        "farthest_s": worst,
        "farthest_travel_s": np.round(worst - starts_s, 3),
        "farthest_road": name,
    }


def _people(coverage: Coverage, state: NodeNearest, table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count people with the station that reaches them first; others with the ground that they live on."""
    near = at_demand(state, coverage.network, coverage.demand_snaps)
    rows = pd.Series(np.arange(len(table)), index=table["facility_id"])
    rows = rows[rows.index.notna()]
    row = near["first_id"].map(rows).to_numpy(float, na_value=np.nan, copy=True)
    lost = np.flatnonzero(np.isnan(row))
    shapes = np.asarray(table.geometry.array)
    filled = np.flatnonzero(~shapely.is_empty(shapes))
    if len(lost) and len(filled):
        points = np.asarray(coverage.table.geometry.array)[lost]
        point, ground = shapely.STRtree(shapes[filled]).query_nearest(points, all_matches=False)
        row[lost[point]] = filled[ground]
    return pd.DataFrame(
        {
            "people": coverage.table["people"],
            "first_id": near["first_id"],
            "first_s": near["first_s"],
            "row": np.where(np.isnan(row), -1, row).astype(np.int64),
        },
        index=coverage.table.index,
    )


def _people_columns(demand: pd.DataFrame, n: int) -> dict[str, NDArray[np.generic]]:
    is_reached = np.isfinite(demand["first_s"].to_numpy(float))
    row, people = demand["row"].to_numpy(), demand["people"].to_numpy(float)
    is_placed = row >= 0
    served, lost = is_placed & is_reached, is_placed & ~is_reached
    own = [np.flatnonzero(served & (row == i) & (people > 0)) for i in range(n)]
    first = demand["first_s"].to_numpy(float)
    return {
        "people": np.bincount(row[served], weights=people[served], minlength=n),
        "people_unreached": np.bincount(row[lost], weights=people[lost], minlength=n),
        "n_points": np.bincount(row[served], minlength=n),
        "mean_s": np.array([weighted_mean(first[mine], people[mine]) for mine in own]),
        "worst_s": np.array([first[mine].max() if len(mine) else np.nan for mine in own]),
    }


def _faces(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes, row = shapely.get_parts(np.asarray(table.geometry.array), return_index=True)
    return gpd.GeoDataFrame({"row": row}, geometry=shapes, crs=table.crs)
