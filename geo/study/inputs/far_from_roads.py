"""Rows that lie so far from every road that their place must be wrong."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.messages import Fault, Message

__all__ = ["far_cells", "far_faults"]

FAR_M: Final = 50_000.0
"""A point farther than this from every road lies outside the study."""


def far_faults(
    rows: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame, road_ends: NDArray[np.float64]
) -> list[Fault]:
    """Give a fault for each row that lies so far from every road that its place must be wrong.

    Parameters
    ----------
    rows : GeoDataFrame
        Rows of a layer as they were read; their coordinates are told.
    shapes : GeoDataFrame
        The same in a metric CRS; they stay, and are out of reach.
    road_ends : float64 array, shape (N, 2)
        Ends of all roads in that CRS; they stand for the roads.
    """
    is_far = _is_far(shapes, road_ends)
    corner = rows.geometry[is_far].bounds.to_numpy()
    middle = corner[:, :2] / 2 + corner[:, 2:] / 2
    reason = Message("study.far_from_roads", {"km": f"{FAR_M / 1000:g}"})
    return [
        Fault(int(row), "geometry", f"{x:.7g}, {y:.7g}", reason)
        for row, (x, y) in zip(shapes.index[is_far], middle, strict=True)
    ]


def far_cells(cells: gpd.GeoDataFrame, road_ends: NDArray[np.float64]) -> tuple[Message, ...]:
    """Note how many people live in cells so far from every road; a raster often holds the whole province.

    Arguments are those of :func:`far_faults`; the cells have ``people``.
    """
    is_far = _is_far(cells, road_ends)
    if not is_far.any():
        return ()
    people = float(cells.loc[is_far, "people"].sum())
    return (Message("study.far_cells", {"n": int(is_far.sum()), "people": people, "km": FAR_M / 1000}),)


def _is_far(shapes: gpd.GeoDataFrame, road_ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    middles = shapes.geometry.to_numpy()
    if (shapely.get_type_id(middles) != 0).any():
        middles = shapely.centroid(middles)
    xy = shapely.get_coordinates(middles)
    off_m, _ = cKDTree(road_ends).query(xy, distance_upper_bound=FAR_M)
    return np.asarray(np.isinf(off_m), dtype=np.bool_)
