"""Ground divided among labelled roads or points: every spot belongs to the nearest one on its own ground."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from geo.zonesamples import RIGHT_M, Strokes, sample_borders

__all__ = ["NO_ROAD", "RIGHT_M", "Faces", "ground_parts", "trace_ground"]

NO_ROAD: Final = -2
"""Label of ground without any road on it."""

_SEEN_M: Final = 500.0
"""Squares narrower than this are not held against the ground."""


class Faces(NamedTuple):
    """Polygons that fill the ground without overlapping.

    Parameters
    ----------
    shape : object array, shape (F,)
        Polygons.
    label : int64 array, shape (F,)
        Label of the nearest road, ``NO_ROAD`` where the ground has none.
    part : int64 array, shape (F,)
        Position of the ground part that each is of.
    """

    shape: NDArray[np.object_]
    label: NDArray[np.int64]
    part: NDArray[np.int64]


def ground_parts(
    land: NDArray[np.object_], barriers: gpd.GeoDataFrame | gpd.GeoSeries | None
) -> NDArray[np.object_]:
    """Give the connected pieces of land: barriers that are polygons are cut out, lines cut it apart.

    Examples
    --------
    A river through the middle of a square leaves two banks:

    >>> square, river = shapely.box(0, 0, 9, 9), gpd.GeoSeries([shapely.box(4, -1, 5, 10)])
    >>> shapely.area(ground_parts(np.array([square]), river))
    array([36., 36.])
    """
    ground = shapely.union_all(land)
    walls = np.empty(0, dtype=object) if barriers is None else np.asarray(barriers.geometry.array)
    walls = walls[shapely.intersects(walls, ground)]
    is_wet = shapely.get_dimensions(walls) == 2
    if is_wet.any():
        ground = shapely.difference(ground, shapely.union_all(walls[is_wet]))
    parts: NDArray[np.object_] = shapely.get_parts(ground)
    parts = parts[shapely.get_dimensions(parts) == 2]
    lines = walls[shapely.get_dimensions(walls) == 1]
    if len(lines):
        parts = _polygons_between(parts, lines)
    return parts


def _polygons_between(parts: NDArray[np.object_], lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut polygons apart along lines."""
    noded = shapely.union_all(np.append(shapely.boundary(parts), lines))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.STRtree(parts).query(shapely.point_on_surface(faces), predicate="within")[0]
    kept: NDArray[np.object_] = faces[np.unique(inside)]
    return kept


def trace_ground(
    parts: NDArray[np.object_],
    xy: NDArray[np.float64],
    to_xy: NDArray[np.float64],
    label: NDArray[np.int64],
) -> Faces:
    """Give each spot of ground to the label of the nearest straight piece on the same ground part.

    The borders are those of the Voronoi diagram (Voronoi 1908) of samples on the pieces, taken from its
    dual (Delaunay 1934): sparse ones first, then ever denser where neighbours have different labels, until
    they are right to ``RIGHT_M``. Where labels meet on a road the samples lie evenly around the place, so
    that the border crosses the road there.

    Parameters
    ----------
    parts : array of Polygons
        Connected pieces of ground, metres.
    xy, to_xy : float64 array, shape (P, 2)
        Ends of the pieces; equal for points.
    label : int64 array, shape (P,)
        Label of each piece, -1 or more.
    """
    strokes = Strokes(xy, to_xy, label)
    found = _on_parts(parts, strokes)
    shapes: list[NDArray[np.object_]] = [np.empty(0, dtype=object)]
    labels: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    of: list[int] = []
    for i, part in enumerate(parts):
        mine = found[i]
        if len(np.unique(mine.label)) <= 1:
            shape, own = np.array([part], dtype=object), np.append(mine.label, NO_ROAD)[:1]
        else:
            shape, own = _divide(part, mine)
        shapes.append(shape)
        labels.append(own)
        of += [i] * len(shape)
    return Faces(np.concatenate(shapes), np.concatenate(labels), np.array(of, dtype=np.int64))


def _on_parts(parts: NDArray[np.object_], strokes: Strokes) -> list[Strokes]:
    """Give the strokes on each part; those that leave it are cut at its edge."""
    lines = _lines(strokes)
    part, row = shapely.STRtree(lines).query(parts, predicate="intersects")
    shapely.prepare(parts)
    is_inside = shapely.covers(parts[part], lines[row])
    pieces = [strokes.take(row[is_inside])]
    owner = [part[is_inside]]
    cut = shapely.intersection(parts[part[~is_inside]], lines[row[~is_inside]])
    cut, of = shapely.get_parts(cut, return_index=True)
    is_line = shapely.get_type_id(cut) == shapely.GeometryType.LINESTRING
    ends = shapely.get_coordinates(cut[is_line]).reshape(-1, 2, 2)
    pieces.append(Strokes(ends[:, 0], ends[:, 1], strokes.label[row[~is_inside]][of[is_line]]))
    owner.append(part[~is_inside][of[is_line]])
    everything = Strokes(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
    by_part = np.argsort(np.concatenate(owner), kind="stable")
    cuts = np.searchsorted(np.concatenate(owner)[by_part], np.arange(1, len(parts)))
    return [everything.take(rows) for rows in np.split(by_part, cuts)]


def _lines(strokes: Strokes) -> NDArray[np.object_]:
    """Give strokes as lines, those of no length as points."""
    lines: NDArray[np.object_] = shapely.linestrings(np.stack([strokes.xy, strokes.to_xy], axis=1))
    is_point = strokes.length == 0
    lines[is_point] = shapely.points(strokes.xy[is_point])
    return lines


def _divide(part: shapely.Polygon, strokes: Strokes) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Divide one part among strokes of several labels."""
    origin = np.floor(np.array(part.bounds[:2]))
    size = max(part.bounds[2] - part.bounds[0], part.bounds[3] - part.bounds[1])
    shapely.prepare(part)

    def is_ground(tile: NDArray[np.int64], width: float) -> NDArray[np.bool_]:
        if width < _SEEN_M:
            return np.ones(len(tile), dtype=bool)
        low = tile * width + origin
        squares: NDArray[np.bool_] = shapely.intersects(part, shapely.box(*low.T, *(low + width).T))
        return squares

    moved = Strokes(strokes.xy - origin, strokes.to_xy - origin, strokes.label)
    samples = sample_borders(moved, size, is_ground)
    lines = shapely.linestrings(_borders(_mesh(samples.middle, size), samples.label) + origin)
    faces = _faces_between(part, lines)
    spots = shapely.point_on_surface(faces)
    is_inside = shapely.intersects(part, spots)
    told = samples.label[cKDTree(samples.middle + origin).query(shapely.get_coordinates(spots[is_inside]))[1]]
    return faces[is_inside], _labels_at(spots[is_inside], told, strokes)


def _labels_at(spots: NDArray[np.object_], told: NDArray[np.int64], strokes: Strokes) -> NDArray[np.int64]:
    """Give the label that the samples tell, or of the nearest stroke where one of that label is not as near.

    Samples end where borders on the ground do, so that beyond water they may tell the wrong one; where
    labels meet on a road, only the samples tell which is nearer.
    """
    tree = shapely.STRtree(_lines(strokes))
    (spot, nearest), metres = tree.query_nearest(spots, all_matches=False, return_distance=True)
    label = strokes.label[nearest[np.argsort(spot)]]
    within = metres[np.argsort(spot)] + RIGHT_M
    spot, stroke = tree.query(spots, predicate="dwithin", distance=within)
    is_told = np.zeros(len(spots), dtype=bool)
    is_told[spot[strokes.label[stroke] == told[spot]]] = True
    return np.where(is_told, told, label)


def _faces_between(part: shapely.Polygon, lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut one part apart along lines that meet at their ends only; only the edge of the part is noded."""
    is_inside = shapely.contains_properly(part, lines)
    is_across = ~is_inside
    is_across[is_across] = shapely.intersects(part, lines[is_across])
    edge = shapely.union_all([shapely.boundary(part), shapely.multilinestrings(lines[is_across])])
    chains = shapely.line_merge(
        shapely.multilinestrings(np.append(shapely.get_parts(edge), lines[is_inside]))
    )
    faces: NDArray[np.object_] = shapely.get_parts(shapely.polygonize(shapely.get_parts([chains])))
    return faces


def _mesh(xy: NDArray[np.float64], size_m: float) -> Delaunay:
    """Triangulate points, with a frame so far away that it is nearest to nothing on the ground."""
    far = 4.0 * size_m + 1000.0
    frame = size_m / 2.0 + far * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return Delaunay(np.concatenate([xy, frame]))


def _pairs(mesh: Delaunay, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the neighbours among the first n points, each pair both ways."""
    corner = mesh.simplices
    tail = np.concatenate([corner.ravel(), corner[:, [1, 2, 0]].ravel()])
    head = np.concatenate([corner[:, [1, 2, 0]].ravel(), corner.ravel()])
    is_own = (tail < n) & (head < n)
    return tail[is_own].astype(np.int64), head[is_own].astype(np.int64)


def _borders(mesh: Delaunay, label: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the sides of the Voronoi cells between points of different labels, shape (B, 2, 2)."""
    corner, beside = mesh.simplices, mesh.neighbors
    centre = _centres(mesh.points[corner])
    triangle, side = np.nonzero(beside > np.arange(len(corner))[:, None])
    tail, head = corner[triangle, (side + 1) % 3], corner[triangle, (side + 2) % 3]
    is_own = (tail < len(label)) & (head < len(label))
    triangle, side, tail, head = triangle[is_own], side[is_own], tail[is_own], head[is_own]
    differ = label[tail] != label[head]
    ends = np.stack([centre[triangle[differ]], centre[beside[triangle[differ], side[differ]]]], axis=1)
    kept: NDArray[np.float64] = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    return kept


def _centres(corner: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the centres of the circles through the corners of triangles, shape (T, 2)."""
    origin = corner[:, 0]
    b, c = corner[:, 1] - origin, corner[:, 2] - origin
    twice = 2.0 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b**2).sum(axis=1), (c**2).sum(axis=1)
    x = (c[:, 1] * bb - b[:, 1] * cc) / twice
    y = (b[:, 0] * cc - c[:, 0] * bb) / twice
    centre: NDArray[np.float64] = origin + np.column_stack([x, y])
    return centre
