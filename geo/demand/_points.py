"""Places as points: a point for every row, points along roads, and the zone that each is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import require_metric, to_metric
from geo.errors import InputError, StudyError
from geo.messages import Message

__all__ = [
    "check_overlaps",
    "place_points",
    "points_along",
    "read_numbers",
    "row_texts",
    "zone_names",
    "zone_positions",
]

_OVERLAP_SHARE: Final = 0.001
"""Zones may overlap by this share of the smaller one: borders that were drawn twice."""


def place_points(table: gpd.GeoDataFrame, crs: CRS | None) -> gpd.GeoDataFrame:
    """Give the rows as points in the metric CRS."""
    if table.empty:
        raise InputError(Message("demand.no_rows"))
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()].unique()
        raise InputError(Message("demand.ids_twice", {"n": len(twice)}), faults=row_texts(twice))
    moved = table if crs is None else to_metric(table, crs)
    require_metric(moved, Message("demand.layer_of_people"))
    shapes = moved.geometry.to_numpy()
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.any():
        raise InputError(Message("demand.no_place", {"n": bad.sum()}), faults=row_texts(moved.index[bad]))
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    spots = np.where(is_point, shapes, shapely.point_on_surface(shapes))
    return moved.set_geometry(gpd.GeoSeries(spots, index=moved.index, crs=moved.crs))


def points_along(
    lines: gpd.GeoDataFrame, weight: str | None, spacing_m: float
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64]]:
    """Put points in the middle of equal pieces of each line."""
    if not spacing_m > 0:
        raise StudyError(f"spacing_m must be more than 0, not {spacing_m}")
    shapes = lines.geometry.to_numpy()
    length = shapely.length(shapes)
    pieces = np.maximum(1, np.ceil(length / spacing_m - 1e-9)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    spots = shapely.line_interpolate_point(shapes[line], (nth + 0.5) / pieces[line], normalized=True)
    weights = length[line] / pieces[line]
    if weight is not None:
        weights = weights * read_numbers(lines, weight)[line]
    return gpd.GeoDataFrame(geometry=spots, crs=lines.crs), weights


def zone_positions(
    points: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, within_m: float = 0.0
) -> NDArray[np.int64]:
    """Give the position of each point's zone, or -1."""
    spots, shapes = points.geometry.to_numpy(), zones.geometry.to_numpy()
    place = np.full(len(points), len(zones), dtype=np.int64)
    # Asked zone by zone, each zone is prepared once for all of its points; shores have many vertices.
    zone, at = shapely.STRtree(spots).query(shapes, predicate="intersects")
    np.minimum.at(place, at, zone)
    outside = np.nonzero(place == len(zones))[0]
    if within_m > 0 and len(outside):
        at, zone = shapely.STRtree(shapes).query_nearest(
            spots[outside], max_distance=within_m, all_matches=True
        )
        np.minimum.at(place, outside[at], zone)
    return np.where(place == len(zones), -1, place)


def zone_names(zones: gpd.GeoDataFrame, place: NDArray[np.int64]) -> NDArray[np.object_]:
    """Give the name of the zone at each position; None at -1."""
    if "name" not in zones.columns:
        raise InputError(Message("demand.zones_unnamed"))
    names: NDArray[np.object_] = np.full(len(zones) + 1, None, dtype=object)
    names[:-1] = zones["name"]
    return names[place]


def check_overlaps(zones: gpd.GeoDataFrame) -> None:
    """Check that zones do not overlap by more than borders drawn twice do.

    Raises
    ------
    InputError
        They do; the pairs are named with the area they share.
    """
    shapes = zones.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    least = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    bad = np.nonzero(shared > _OVERLAP_SHARE * least)[0]
    names = zone_names(zones, np.arange(len(zones)))
    faults = [
        Message("demand.overlap", {"a": names[first[k]], "b": names[second[k]], "km2": shared[k] / 1e6})
        for k in bad
    ]
    if faults:
        raise InputError(
            Message("demand.zones_overlap", {"n": len(faults)}),
            faults=faults,
        )


def read_numbers(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Read a column of finite numbers >= 0, nan where empty."""
    if column not in table.columns:
        raise InputError(
            Message("demand.no_column", {"column": column, "columns": ", ".join(map(str, table.columns))})
        )
    try:
        values: NDArray[np.float64] = table[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(Message("demand.text_numbers", {"column": column, "why": error})) from error
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        faults = [f"{row}: {value}" for row, value in table.loc[bad, column].items()]
        raise InputError(Message("demand.odd_numbers", {"column": column, "n": bad.sum()}), faults=faults)
    return values


def row_texts(values: Iterable[object]) -> list[str]:
    """Write ids as text."""
    return [str(value) for value in values]
