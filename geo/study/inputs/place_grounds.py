"""The ground on which the people of each OpenStreetMap place live."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.study.inputs.nested_places import NOBODY, Nesting, reach_of
from geo.words import word_lists

__all__ = ["place_grounds", "set_apart"]

_SPOT_M: Final = 1.0
"""Where the ground of others leaves a place nothing, its people stand within this of the place itself."""


def set_apart(points: gpd.GeoSeries) -> gpd.GeoSeries:
    """Move points that stand on each other three metres beside each other, so that each has ground."""
    again = pd.DataFrame(shapely.get_coordinates(points)).round(3).groupby([0, 1]).cumcount().to_numpy()
    moved = shapely.get_coordinates(points) + np.column_stack([3.0 * _SPOT_M * again, np.zeros(len(points))])
    return gpd.GeoSeries(shapely.points(moved), index=points.index, crs=points.crs)


def place_grounds(
    places: gpd.GeoDataFrame, own: pd.Series, nesting: Nesting, named: gpd.GeoDataFrame
) -> gpd.GeoSeries:
    """Give each place its ground: its own border or area, else what is nearest to it and not too far.

    A place in another takes its ground from that one; else the smaller of two grounds goes before. Every
    named settlement holds the ground nearest to it, whether its population is known or not.

    Parameters
    ----------
    places : GeoDataFrame
        ``place`` (OSM's kind), ``at`` (points as :func:`set_apart` gives them), metric.
    own : Series of shapely.Geometry
        Ground that places have of their own, None for the others.
    nesting : Nesting
        Of these places.
    named : GeoDataFrame
        All named places of the file.

    Returns
    -------
    GeoSeries
        Polygons that do not overlap, index of ``places``.
    """
    ground: dict[int, shapely.Geometry] = {}
    bare = places[own.isna().to_numpy()]
    drawn = own.dropna()
    drawn = drawn.iloc[np.argsort(shapely.area(drawn.to_numpy()), kind="stable")]
    if len(bare):
        tree = shapely.STRtree(drawn.to_numpy())
        # What holds others and is drawn as an area has no middle from which ground would be its own.
        holds = places.index[(places.area > 0).to_numpy() & places.index.isin(nesting.holder)]
        for place, cell in _nearest_ground(bare.set_geometry("at"), named.drop(holds)).items():
            above = _holders(place, nesting)
            around = next((drawn[holder] for holder in above if holder in drawn.index), None)
            cell = cell if around is None else cell & around
            beside = [k for k in tree.query(cell, predicate="intersects") if drawn.index[k] not in above]
            ground[place] = cell - shapely.union_all(drawn.to_numpy()[beside])
    for place, shape in drawn.items():
        held = list(ground.values())
        near = shapely.STRtree(held).query(shape, predicate="intersects")
        ground[place] = shape - shapely.union_all([held[k] for k in near])
    shapes = gpd.GeoSeries(ground, crs=places.crs).reindex(places.index)
    nothing = shapes.area.to_numpy() == 0
    if not nothing.any():
        return shapes
    spots = gpd.GeoSeries(places["at"], crs=places.crs)[nothing].buffer(_SPOT_M)
    return gpd.GeoSeries(shapes.difference(spots.union_all()).where(~nothing, spots), crs=places.crs)


def _holders(place: int, nesting: Nesting) -> list[int]:
    """Give the places that hold one, the innermost first."""
    above = []
    while (place := int(nesting.holder[place])) != NOBODY:
        above.append(place)
    return above


def _nearest_ground(places: gpd.GeoDataFrame, named: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give each place the ground that is nearer to it than to any named settlement, within its reach."""
    settlements = named[named["place"].isin(word_lists("place")["osm_place"]["settlements"])]
    others = settlements[~settlements.index.isin(places.index)]
    points = np.concatenate([places.geometry.to_numpy(), others.representative_point().to_numpy()])
    own_names = set(places["name"])
    is_other = np.array([True] * len(places) + [name not in own_names for name in others["name"]])
    reach_m = [reach_of(place) for place in places["place"]]
    discs = shapely.buffer(places.geometry.to_numpy(), reach_m)
    extent = shapely.box(*shapely.total_bounds(np.concatenate([points, discs])))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(list(points[is_other])), extend_to=extent)
    )
    place, cell = shapely.STRtree(cells).query(places.geometry.to_numpy(), predicate="intersects")
    first = np.unique(place, return_index=True)[1]
    return gpd.GeoSeries(shapely.intersection(cells[cell[first]], discs), index=places.index, crs=places.crs)
