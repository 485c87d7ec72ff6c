"""Zones with regular outlines: their borders moved to town borders or to main roads, block by block."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage, clock_starts
from geo.errors import InputError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.routing import node_nearest, travel_times
from geo.schema import MAIN_CLASSES
from geo.zones._roads import RoadParts, clip_roads, divide_roads
from geo.zones.divide import Zoning, fill_table, merge_faces

__all__ = ["MAIN_CLASSES", "regular_zones", "road_blocks"]


def road_blocks(
    network: RoadNetwork,
    ground: NDArray[np.object_],
    *,
    classes: Collection[str] = MAIN_CLASSES,
    borders: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
) -> gpd.GeoSeries:
    """Cut ground into blocks along main roads and borders.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    ground : array of Polygons
        What is cut; every spot is in one block.
    classes : collection of str
        Road classes that bound blocks; of each its ``_link`` as well. Empty for borders alone.
    borders : GeoDataFrame or GeoSeries, optional
        Polygons, such as towns, whose outlines bound blocks too.
    """
    wanted = {*classes, *(f"{name}_link" for name in classes)}
    is_main = np.array([name in wanted for name in network.classes], dtype=bool)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    cuts = [shapely.boundary(ground), lines[is_main[network.edge_class]]]
    if borders is not None:
        cuts.append(shapely.boundary(np.asarray(borders.geometry.array)))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(np.concatenate(cuts))]))
    inside = shapely.STRtree(ground).query(shapely.point_on_surface(faces), predicate="intersects")[0]
    return gpd.GeoSeries(faces[np.unique(inside)], crs=network.crs)


def regular_zones(coverage: Coverage, zoning: Zoning, blocks: gpd.GeoSeries) -> tuple[Zoning, float]:
    """Give each block to the station that has most of its people, or of its ground where nobody lives.

    Parameters
    ----------
    coverage : Coverage
        What the zones were made from.
    zoning : Zoning
        Zones with their exact outlines.
    blocks : GeoSeries
        Polygons that fill the same ground, as :func:`road_blocks` gives them.

    Returns
    -------
    zoning : Zoning
        The zones made of whole blocks; people and roads are timed from the station of their zone.
    people : float
        How many people belong to another zone than before.

    Raises
    ------
    InputError
        There are no blocks.
    """
    if not len(blocks):
        raise InputError(Message("zones.no_blocks"))
    shape = np.asarray(blocks.array)
    owner = _owners(zoning, coverage, shape)
    table = zoning.table.set_geometry(merge_faces(shape, owner, n=len(zoning.table)))
    row = _rows_of(coverage, table)
    demand = zoning.demand.assign(row=row, first_s=_response(coverage, zoning, row))
    demand["first_id"] = table["facility_id"].to_numpy(object)[row]
    roads = _own_roads(coverage, table)
    moved = demand["people"].to_numpy()[row != zoning.demand["row"].to_numpy()].sum()
    return fill_table(replace(zoning, table=table, demand=demand, roads=roads), coverage), float(moved)


def _owners(zoning: Zoning, coverage: Coverage, shape: NDArray[np.object_]) -> NDArray[np.int64]:
    """Choose the zone of each block: most people, then most ground."""
    n = len(zoning.table)
    points = np.asarray(coverage.table.geometry.array)
    point, block = shapely.STRtree(shape).query(points, predicate="intersects")
    first = np.unique(point, return_index=True)[1]
    point, block = point[first], block[first]
    row = zoning.demand["row"].to_numpy()[point]
    heads = np.zeros((len(shape), n))
    np.add.at(
        heads, (block[row >= 0], row[row >= 0]), coverage.table["people"].to_numpy(float)[point][row >= 0]
    )
    faces = np.asarray(zoning.faces.geometry.array)
    at, face = shapely.STRtree(faces).query(shape, predicate="intersects")
    ground = np.zeros((len(shape), n))
    shared = shapely.area(shapely.intersection(shape[at], faces[face]))
    np.add.at(ground, (at, zoning.faces["row"].to_numpy()[face]), shared)
    owner: NDArray[np.int64] = np.where(heads.max(axis=1) > 0, heads.argmax(axis=1), ground.argmax(axis=1))
    return owner


def _rows_of(coverage: Coverage, table: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give the zone in which, or nearest to which, each demand point lies."""
    shapes = np.asarray(table.geometry.array)
    filled = np.flatnonzero(~shapely.is_empty(shapes))
    points = np.asarray(coverage.table.geometry.array)
    nearest = shapely.STRtree(shapes[filled]).query_nearest(points, all_matches=False)[1]
    rows: NDArray[np.int64] = filled[nearest]
    return rows


def _response(coverage: Coverage, zoning: Zoning, row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the seconds on the clock from the station of a zone to each of its points."""
    ids = [i for i in zoning.table["facility_id"] if i is not None]
    snaps = coverage.station_snaps.loc[ids]
    times = travel_times(coverage.network, snaps, coverage.demand_snaps, direction=coverage.direction)
    starts = clock_starts(coverage.stations, coverage.standard).loc[ids].to_numpy(float)
    dense = times.to_dense().to_numpy() + starts
    response = np.full(len(row), np.inf)
    own = row < len(ids)
    response[own] = dense[np.flatnonzero(own), row[own]]
    return np.round(response, 3)


def _own_roads(coverage: Coverage, table: gpd.GeoDataFrame) -> RoadParts:
    """Time the roads of each zone from its own station."""
    starts = clock_starts(coverage.stations, coverage.standard)
    parts = []
    for i, (station, shape) in enumerate(zip(table["facility_id"], table.geometry, strict=True)):
        own = pd.Index([] if station is None else [station], dtype=object)
        state = node_nearest(
            coverage.network,
            coverage.station_snaps.loc[own],
            direction=coverage.direction,
            start_s=starts.loc[own],
        )
        roads, _ = clip_roads(divide_roads(coverage.network, state), shapely.get_parts([shape]))
        parts.append(roads._replace(owner=np.where(roads.owner < 0, -1, i)))
    return RoadParts(*(np.concatenate(column) for column in zip(*parts, strict=True)))
