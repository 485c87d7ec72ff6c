"""Shapes for a web map: degrees, simplified to a stated tolerance, as short whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import CrsError
from geo.messages import Message
from geo.words import word_lists

__all__ = [
    "DEGREE_STEPS",
    "TOLERANCES_M",
    "DrawnRoads",
    "bounds_of",
    "draw_points",
    "draw_polygons",
    "draw_roads",
    "encode_shapes",
    "near_to",
    "pack_numbers",
    "pack_shape",
    "thin_points",
    "to_degrees",
]

DEGREE_STEPS: Final = 100_000
"""Coordinates are whole numbers of 1/100,000 degree, about a metre on the ground."""
MAX_ROAD_VERTICES: Final = 200_000
FAR: Final = 0.5
"""A place is far from the ground when it lies outside it by more than this share of its width or height."""
TOLERANCES_M: Final = (5, 10, 20, 40, 80)
_WGS84: Final = CRS.from_epsg(4326)
_GROUPS: Final = {
    "motorway": "motorway",
    "trunk": "motorway",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "tertiary",
    "unclassified": "tertiary",
    "ferry": "ferry",
}
_GROUP_ORDER: Final = ("minor", "ferry", "tertiary", "secondary", "primary", "motorway")


@dataclass(frozen=True)
class DrawnRoads:
    """Roads ready to draw.

    Parameters
    ----------
    groups : tuple of dict
        From the least to the greatest: ``group`` and ``lines`` (see :func:`draw_roads`).
    tolerance_m : int
        How far a drawn line may lie from the road, in metres.
    has_all : bool
        False when the minor roads were left out to keep the file small.
    """

    groups: tuple[dict[str, Any], ...]
    tolerance_m: int
    has_all: bool


def to_degrees(table: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    """Give the table in WGS 84 longitude and latitude.

    Raises
    ------
    CrsError
        The table has no coordinate reference system.
    """
    if table.crs is None:
        raise CrsError(Message("maps.no_crs", {"what": what}))
    return table.to_crs(_WGS84)


def bounds_of(**tables: gpd.GeoDataFrame | None) -> list[list[float]] | None:
    """Give [[south, west], [north, east]] in degrees of all tables together, None if all are empty."""
    boxes = [to_degrees(t, what).total_bounds for what, t in tables.items() if t is not None and len(t)]
    finite = [box for box in boxes if np.isfinite(box).all()]
    if not finite:
        return None
    west, south = np.min(finite, axis=0)[:2]
    east, north = np.max(finite, axis=0)[2:]
    return [[round(float(south), 5), round(float(west), 5)], [round(float(north), 5), round(float(east), 5)]]


def near_to(
    tables: Mapping[str, gpd.GeoDataFrame | None], ground: list[list[float]] | None
) -> tuple[dict[str, gpd.GeoDataFrame], int]:
    """Leave out the rows that lie farther from the ground than its own half, and count them.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame or None
        Points, lines or polygons, by what they are.
    ground : [[south, west], [north, east]] or None
        In degrees (see :func:`bounds_of`); None keeps every row.
    """
    kept = {what: table for what, table in tables.items() if table is not None and len(table)}
    if ground is None:
        return kept, 0
    (south, west), (north, east) = ground
    high, wide = FAR * max(north - south, 0.01), FAR * max(east - west, 0.01)
    n_far = 0
    for what, table in kept.items():
        bounds = to_degrees(table, what).bounds
        x, y = (bounds["minx"] + bounds["maxx"]) / 2, (bounds["miny"] + bounds["maxy"]) / 2
        is_far = (x < west - wide) | (x > east + wide) | (y < south - high) | (y > north + high)
        n_far += int(is_far.sum())
        kept[what] = table[~is_far.to_numpy()]
    return kept, n_far


def draw_points(table: gpd.GeoDataFrame, what: str) -> tuple[list[int | None], list[int | None]]:
    """Give the longitudes and latitudes of points in steps of 1/100,000 degree, None where missing."""
    points = np.array(to_degrees(table, what).geometry, dtype=object)
    points[shapely.is_empty(points)] = None
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    steps = [
        [round(value * DEGREE_STEPS) if np.isfinite(value) else None for value in column]
        for column in xy.T.tolist()
    ]
    return steps[0], steps[1]


def draw_polygons(table: gpd.GeoDataFrame, what: str, *, tolerance_m: float) -> list[list[list[list[int]]]]:
    """Give each row's polygons as rings of whole-number steps: x, y, then differences.

    The geometry is simplified by at most ``tolerance_m`` metres in the table's metric CRS; a part
    that shrinks to nothing keeps its full shape, so no island disappears.
    """
    full = np.array(table.geometry, dtype=object)
    simple = shapely.simplify(full, tolerance_m)
    drawn = np.where(shapely.is_empty(simple), full, simple)
    degrees = to_degrees(gpd.GeoDataFrame(geometry=drawn, crs=table.crs), what).geometry
    return [encode_shapes(np.array(_polygons(shape), dtype=object)) for shape in degrees]


def draw_roads(edges: gpd.GeoDataFrame, *, max_vertices: int = MAX_ROAD_VERTICES) -> DrawnRoads:
    """Gather roads by class and simplify them until they are few enough to draw.

    Parameters
    ----------
    edges : GeoDataFrame
        Lines in a metric CRS; column ``highway`` (a missing class counts as minor, a word that is not
        known as tertiary).
    max_vertices : int
        The smallest of ``TOLERANCES_M`` that keeps the vertices within this number is taken; if
        none does, minor roads are left out and the others are tried again.
    """
    word = edges["highway"].astype("string").str.removesuffix("_link").fillna("")
    known = {"", *word_lists("road_class")["rank"]["order"]}
    # A word of the planner's own is no lane that may be left out.
    group = word.map(_GROUPS).fillna(word.isin(known).map({True: "minor", False: "tertiary"}))
    merged = {
        name: _parts(
            shapely.line_merge(shapely.multilinestrings(_parts(edges.geometry[group == name].array)))
        )
        for name in _GROUP_ORDER
        if (group == name).any()
    }
    lines, tolerance_m, fits = _simplify(merged, max_vertices)
    has_all = fits or "minor" not in merged or len(merged) == 1
    if not has_all:
        merged.pop("minor")
        lines, tolerance_m, _ = _simplify(merged, max_vertices)
    groups = tuple({"group": name, "lines": _encode_lines(parts, edges.crs)} for name, parts in lines.items())
    return DrawnRoads(groups=groups, tolerance_m=tolerance_m, has_all=has_all)


def encode_shapes(parts: NDArray[Any]) -> list[Any]:
    """Give single parts in degrees as whole-number steps: a point or line as one list, a polygon as rings.

    Examples
    --------
    >>> encode_shapes(np.array([shapely.Point(121.5, 31.2), shapely.LineString([(1, 2), (1.00001, 2)])]))
    [[12150000, 3120000], [100000, 200000, 1, 0]]
    """
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, of = shapely.get_rings(parts[is_polygon], return_index=True)
    encoded = _encode_parts(*shapely.get_coordinates(rings, return_index=True))
    cuts = np.searchsorted(of, np.arange(is_polygon.sum() + 1)).tolist()
    polygons = (encoded[a:b] for a, b in pairwise(cuts))
    others = iter(_encode_parts(*shapely.get_coordinates(parts[~is_polygon], return_index=True)))
    return [next(polygons) if polygon else next(others) for polygon in is_polygon.tolist()]


def pack_numbers(values: Sequence[int] | NDArray[np.int64]) -> str:
    r"""Write whole numbers as text, small ones as one sign: five bits a sign, of which the last has no sixth.

    The signs are ``?`` to ``~`` as in Google's encoded polylines, so JSON escapes but the backslash and a
    script none. ``unpackNumbers`` of ``assets/shapes.js`` reads it.

    Examples
    --------
    >>> pack_numbers([0, -1, 1, 15, 16, -1000])
    '?@A]_@n}@'
    """
    left = np.asarray(values, dtype=np.int64)
    left = (left << 1) ^ (left >> 63)
    signs, are_there = [], []
    is_on = np.ones(len(left), dtype=bool)
    while is_on.any():
        more = left >= 32
        signs.append((left & 31) + np.where(more, 32, 0) + 63)
        are_there.append(is_on)
        left, is_on = left >> 5, is_on & more
    if not signs:
        return ""
    packed: bytes = np.column_stack(signs)[np.column_stack(are_there)].astype(np.uint8).tobytes()
    return packed.decode("ascii")


def pack_shape(polygons: Sequence[Sequence[Sequence[int]]]) -> str:
    """Write the rings of a shape as text, each as its number of steps, then the steps.

    A browser reads a long text at once, and lists of numbers one by one; ``ringsOf`` of ``assets/fields.js``
    reads it when the shape is first shown.

    Examples
    --------
    >>> pack_shape([[[0, 0, 1, 0, 0, 1]]])
    'K??A??A'
    """
    return pack_numbers([step for rings in polygons for ring in rings for step in (len(ring), *ring)])


def thin_points(
    table: gpd.GeoDataFrame, *, by: str, max_points: int = 20_000
) -> tuple[gpd.GeoDataFrame, int | None]:
    """Gather points into square cells until there are few enough to draw; people are preserved.

    Points of one cell join only when column ``by`` (the response band) agrees, so that the people of
    each band stay what they were. Each gathered point lies at the people-weighted centre and keeps
    the values of its heaviest member.

    Parameters
    ----------
    table : GeoDataFrame
        Points in a metric CRS with ``people`` and the column ``by``.

    Returns
    -------
    (GeoDataFrame, int or None)
        The points with ``n_points`` that each stands for, and the cell width in metres (None when nothing was
        gathered).
    """
    if len(table) <= max_points:
        return table.assign(n_points=1), None
    x, y = table.geometry.x.to_numpy(), table.geometry.y.to_numpy()
    people = table["people"].to_numpy(dtype=float)
    for width_m in (50, 100, 200, 500, 1000, 2000, 5000, 10_000):
        keys = pd.DataFrame({"x": x // width_m, "y": y // width_m, "by": table[by].to_numpy()})
        cell = keys.groupby(["x", "y", "by"], sort=True, dropna=False).ngroup().to_numpy()
        if cell.max() < max_points:
            break
    weight = np.where(people > 0, people, 1e-9)
    total = np.bincount(cell, weights=weight)
    heaviest = np.lexsort((np.arange(len(cell)), -weight, cell))
    first = heaviest[np.r_[True, np.diff(cell[heaviest]) > 0]]
    centre = [np.bincount(cell, weights=weight * axis) / total for axis in (x, y)]
    gathered = table.iloc[first].copy()
    gathered["people"], gathered["n_points"] = np.bincount(cell, weights=people), np.bincount(cell)
    gathered = gathered.set_geometry(gpd.points_from_xy(*centre), crs=table.crs)
    return gathered, width_m


def _simplify(
    groups: dict[str, NDArray[Any]], max_vertices: int
) -> tuple[dict[str, NDArray[Any]], int, bool]:
    """Simplify lines until they fit; a line has two vertices at least, so some never will."""
    may_fit = 2 * sum(map(len, groups.values())) <= max_vertices
    for tolerance_m in TOLERANCES_M if may_fit else TOLERANCES_M[-1:]:
        lines = {name: shapely.simplify(parts, tolerance_m) for name, parts in groups.items()}
        if sum(len(shapely.get_coordinates(parts)) for parts in lines.values()) <= max_vertices:
            return lines, tolerance_m, True
    return lines, tolerance_m, False


def _parts(shapes: Any) -> NDArray[Any]:
    """Split into single parts, leaving out what is missing or empty."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    return np.asarray(parts[~shapely.is_empty(parts) & ~shapely.is_missing(parts)])


def _polygons(shape: Any) -> list[shapely.Polygon]:
    if shape is None:
        return []
    parts = _parts(_parts([shape]))
    return [part for part in parts if part.geom_type == "Polygon"]


def _encode_lines(lines: NDArray[Any], crs: CRS) -> list[list[int]]:
    degrees = gpd.GeoSeries(lines, crs=crs).to_crs(_WGS84)
    xy, owner = shapely.get_coordinates(degrees.array, return_index=True)
    return _encode_parts(xy, owner)


def _encode_parts(xy: NDArray[np.float64], owner: NDArray[np.int64]) -> list[list[int]]:
    """Encode the corners of many shapes at once; ``owner`` numbers the shape of each, ascending."""
    if not len(xy):
        return []
    steps = np.rint(xy[:, :2] * DEGREE_STEPS).astype(np.int64)
    moved = np.diff(steps, axis=0, prepend=0)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    moved[first] = steps[first]
    keep = (moved != 0).any(axis=1)
    keep[first] = True
    cuts = 2 * np.cumsum(keep)[first[1:] - 1]
    flat: list[int] = moved[keep].ravel().tolist()
    return [flat[a:b] for a, b in pairwise([0, *cuts.tolist(), len(flat)])]
