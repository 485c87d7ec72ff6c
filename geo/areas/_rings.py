"""Rings of an outline as polygons with holes."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas._workspace import CELL_M
from geo.crs import ranges

__all__ = ["polygons"]

_SPECK_M2 = CELL_M**2 / 2
"""A ring around less ground than this is left out: it is less than what one corner stands for."""


def polygons(xy: NDArray[np.float64], start: NDArray[np.int64]) -> shapely.Geometry:
    """Turn rings (ground on the left) into a Polygon or MultiPolygon, each hole in its own shell.

    Examples
    --------
    >>> square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], dtype=float)
    >>> polygons(np.concatenate([square, square[::-1] / 3 + 3]), np.array([0, 5, 10])).area
    72.0
    >>> polygons(np.concatenate([square[[0, 1, 0]], square]), np.array([0, 3, 8])).area
    81.0
    >>> polygons(np.empty((0, 2)), np.array([0])).is_empty
    True
    """
    is_ring = np.diff(start) >= 4
    if not is_ring.all():  # of a sliver two corners may be left: it encloses nothing
        corners, start = ranges(start[:-1][is_ring], start[1:][is_ring])
        xy = xy[corners]
    disks = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (start, np.arange(len(start))))
    rings, area = shapely.get_exterior_ring(disks), shapely.area(disks)
    is_shell = shapely.is_ccw(rings)
    shells, holes = rings[is_shell & (area > _SPECK_M2)], rings[~is_shell & (area > _SPECK_M2)]
    filled = shapely.polygons(shells)
    hole, shell = shapely.STRtree(filled).query(shapely.get_point(holes, 0), predicate="intersects")
    # of the shells around a hole, the smallest is its own
    order = np.lexsort((shapely.area(filled)[shell], hole))
    hole, first = np.unique(hole[order], return_index=True)
    shell = shell[order][first]
    by_shell = np.argsort(shell, kind="stable")
    cuts = np.searchsorted(shell[by_shell], np.arange(1, len(shells)))
    mine = np.split(holes[hole[by_shell]], cuts)
    parts = [
        shapely.Polygon(s, list(h)) if len(h) else p for s, h, p in zip(shells, mine, filled, strict=False)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
