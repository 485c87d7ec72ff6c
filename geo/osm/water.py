"""Water of an OpenStreetMap file: rivers and lakes drawn as areas, and the sea beside a coastline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.osm.layers import OsmSource, shapes_of
from geo.reading import reads_a_file

if TYPE_CHECKING:  # tables cost 100 MB to load: only where one is made
    import geopandas as gpd

__all__ = ["read_water"]

_COAST: Final = ("natural", "coastline")
_ASIDE: Final = 1e-6
"""Degrees to the right of a coastline at which the sea is looked for."""


@reads_a_file
def read_water(path: OsmSource, *, extent: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Read the water areas of a file, and the sea on the right of its coastlines, inside an extent.

    Parameters
    ----------
    path : path or OsmLayers
        An OSM file, or layers of one.
    extent : tuple of float
        West, south, east, north in degrees; the sea has no other border.

    Returns
    -------
    GeoDataFrame
        Polygons in EPSG:4326 with ``kind`` (``"water"``, ``"sea"``, or ``"unclear"`` where a coastline that
        ends inside the extent does not part the sea from the land); they may overlap.

    Raises
    ------
    FileError
        The file is missing, truncated, corrupt or no OSM file.
    """
    import geopandas as gpd

    box = shapely.box(*extent)
    areas, coast = [], []
    for _, tags, shape in shapes_of(path, "water").objects():
        if tags.get(_COAST[0]) == _COAST[1]:
            coast += _lines(shape)
        elif shapely.get_dimensions(shape) == 2 and shapely.intersects(shape, box):
            areas.append(shapely.intersection(shapely.make_valid(shape), box))
    sea, unclear = _sea(np.array(coast, dtype=object), box)
    kinds = ["water"] * len(areas) + ["sea"] * len(sea) + ["unclear"] * len(unclear)
    return gpd.GeoDataFrame({"kind": kinds}, geometry=[*areas, *sea, *unclear], crs="EPSG:4326")


def _lines(shape: Any) -> list[Any]:
    """Give the rings of an island as lines; they are drawn with the sea on their right."""
    if shapely.get_dimensions(shape) == 1:
        return [shape]
    # The outer ring of an island comes the other way round in an area than a coastline may be drawn.
    outlines = shapely.get_exterior_ring(shapely.get_parts(shape))
    return [ring if shapely.is_ccw(ring) else shapely.reverse(ring) for ring in outlines]


def _sea(coast: NDArray[np.object_], box: shapely.Geometry) -> tuple[list[Any], list[Any]]:
    """Give the faces of the box on the right of a coastline, and those that lie on both its sides."""
    lines = [line for line in coast if shapely.intersects(line, box)]
    if not lines:
        return [], []
    cut = shapely.intersection(shapely.union_all(lines), box)
    faces = shapely.get_parts(
        shapely.polygonize([*shapely.get_parts(shapely.node(shapely.union(cut, box.exterior)))])
    )
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    step = (xy[1:] - xy[:-1])[same]
    # Of a segment that leaves the box the part inside: its own middle may lie outside, where no face is.
    inside = shapely.intersection(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[same]), box)
    length = np.hypot(*step.T)
    is_in = (length > 0) & (shapely.length(inside) > 0)  # one that only ends on the border bounds nothing
    step, length = step[is_in], length[is_in]
    middle = shapely.get_coordinates(shapely.centroid(inside[is_in]))
    aside = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None] * _ASIDE
    wet, dry = (
        np.unique(shapely.STRtree(shapely.points(spots)).query(faces, predicate="intersects")[0])
        for spots in (middle + aside, middle - aside)
    )
    return [faces[i] for i in np.setdiff1d(wet, dry)], [faces[i] for i in np.intersect1d(wet, dry)]
