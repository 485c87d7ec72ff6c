"""Cells that straddle the borders of zones, cut so that each zone gets its share of the people by area."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["cut_cells", "near_borders", "straddling"]

_LEAST_SHARE: Final = 1e-6
"""Less of a cell than this is no piece but a border that was drawn twice."""


def near_borders(cells: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, reach_m: float) -> NDArray[np.bool_]:
    """Tell which points are within reach of a border of the zones."""
    is_near = np.zeros(len(cells), dtype=bool)
    tree = shapely.STRtree(cells.geometry.to_numpy())
    is_near[tree.query(_borders(zones), predicate="dwithin", distance=reach_m)[1]] = True
    return is_near


def straddling(outlines: NDArray[np.object_], zones: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which cells a border of the zones runs through; a cell without an outline is none."""
    is_cut = np.zeros(len(outlines), dtype=bool)
    is_cut[shapely.STRtree(outlines).query(_borders(zones), predicate="intersects")[1]] = True
    return is_cut


def _borders(zones: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give the borders piece by piece: the box of a whole border would meet nearly every cell."""
    borders = shapely.get_parts(shapely.boundary(zones.geometry.to_numpy()))
    corners, line = shapely.get_coordinates(borders, return_index=True)
    joined = line[1:] == line[:-1]
    pieces: NDArray[np.object_] = shapely.linestrings(
        np.stack([corners[:-1][joined], corners[1:][joined]], axis=1)
    )
    return pieces


def cut_cells(
    middles: NDArray[np.object_], outlines: NDArray[np.object_], zones: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.object_]]:
    """Cut cells at the borders of zones.

    share of a piece = its area / area of the cell. What lies in no zone is a piece too, so the shares of a
    cell add up to 1. Where zones overlap, the shares are lowered to fit.

    Parameters
    ----------
    middles : array of point, shape (N,)
        The middle of each cell.
    outlines : array of polygon, shape (N,)
        Its ground.
    zones : GeoDataFrame
        Polygons in the same CRS.

    Returns
    -------
    cell : int64 array, shape (P,)
        The cell of each piece, in order.
    share : float64 array, shape (P,)
        Its share of the cell.
    spot : array of point, shape (P,)
        The middle of the cell where the piece holds it, else a point inside the piece.
    """
    shapes = zones.geometry.to_numpy()
    cell, zone = shapely.STRtree(shapes).query(outlines, predicate="intersects")
    ground = shapely.intersection(outlines[cell], shapes[zone])
    area, whole = shapely.area(ground), shapely.area(outlines)
    is_there = np.flatnonzero(area > _LEAST_SHARE * whole[cell])
    is_there = is_there[np.lexsort((zone[is_there], cell[is_there]))]
    cell, ground, area = cell[is_there], ground[is_there], area[is_there]
    inside = np.bincount(cell, weights=area, minlength=len(outlines))
    area = area * np.minimum(1.0, whole / np.maximum(inside, 1e-12))[cell]
    rest = np.flatnonzero(whole - inside > _LEAST_SHARE * whole)
    first, last = np.searchsorted(cell, rest), np.searchsorted(cell, rest, side="right")
    taken = [shapely.union_all(ground[a:b]) for a, b in zip(first, last, strict=True)]
    left = shapely.difference(outlines[rest], np.array(taken, dtype=object))
    of = np.concatenate([cell, rest])
    order = np.argsort(of, kind="stable")
    share = np.concatenate([area, (whole - inside)[rest]])[order]
    pieces, of = np.concatenate([ground, left])[order], of[order]
    share = share / np.bincount(of, weights=share, minlength=len(outlines))[of]
    # A middle on the very border would put both pieces into the zone that comes first.
    holds = shapely.contains(pieces, middles[of]) | shapely.is_empty(pieces)
    return of, share, np.where(holds, middles[of], shapely.point_on_surface(pieces))
