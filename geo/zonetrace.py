"""Ground divided among labelled roads or points: every spot belongs to the nearest one on its own ground."""

from __future__ import annotations

from itertools import count
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

__all__ = ["NO_ROAD", "RIGHT_M", "Faces", "ground_parts", "trace_ground"]

RIGHT_M: Final = 2.0
"""A spot on the wrong side of a border is at most this much nearer to a road of the other zone, metres."""
NO_ROAD: Final = -2
"""Label of ground without any road on it."""

_FIRST_M: Final = 160.0
"""Longest stroke of road to begin with, metres."""
_LOOK_M: Final = 60.0
"""Borders are held against the roads at places no farther apart than this, metres."""
_QUICK: Final = 2
"""Turns in which strokes are shortened by the distance between neighbours alone."""
_TIP_M: Final = 1.0
"""Where two labels meet on a road, both have a sample at half of this from the place."""


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


class _Strokes(NamedTuple):
    """Straight strokes with labels; a point is a stroke of no length."""

    xy: NDArray[np.float64]
    to_xy: NDArray[np.float64]
    label: NDArray[np.int64]

    @property
    def length(self) -> NDArray[np.float64]:
        length: NDArray[np.float64] = np.hypot(*(self.to_xy - self.xy).T)
        return length

    @property
    def middle(self) -> NDArray[np.float64]:
        return (self.xy + self.to_xy) / 2.0

    def take(self, rows: NDArray[np.generic]) -> _Strokes:
        return _Strokes(self.xy[rows], self.to_xy[rows], self.label[rows])


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
    strokes = _Strokes(xy, to_xy, label)
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


def _on_parts(parts: NDArray[np.object_], strokes: _Strokes) -> list[_Strokes]:
    """Give the strokes on each part; those that leave it are cut at its edge."""
    lines = shapely.linestrings(np.stack([strokes.xy, strokes.to_xy], axis=1))
    is_point = strokes.length == 0
    lines[is_point] = shapely.points(strokes.xy[is_point])
    part, row = shapely.STRtree(lines).query(parts, predicate="intersects")
    shapely.prepare(parts)
    is_inside = shapely.covers(parts[part], lines[row])
    pieces = [strokes.take(row[is_inside])]
    owner = [part[is_inside]]
    cut = shapely.intersection(parts[part[~is_inside]], lines[row[~is_inside]])
    cut, of = shapely.get_parts(cut, return_index=True)
    is_line = shapely.get_type_id(cut) == shapely.GeometryType.LINESTRING
    ends = shapely.get_coordinates(cut[is_line]).reshape(-1, 2, 2)
    pieces.append(_Strokes(ends[:, 0], ends[:, 1], strokes.label[row[~is_inside]][of[is_line]]))
    owner.append(part[~is_inside][of[is_line]])
    everything = _Strokes(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
    by_part = np.argsort(np.concatenate(owner), kind="stable")
    cuts = np.searchsorted(np.concatenate(owner)[by_part], np.arange(1, len(parts)))
    return [everything.take(rows) for rows in np.split(by_part, cuts)]


def _divide(part: shapely.Polygon, strokes: _Strokes) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Divide one part among strokes of several labels."""
    origin = np.floor(np.array(part.bounds[:2]))
    size = max(part.bounds[2] - part.bounds[0], part.bounds[3] - part.bounds[1])
    moved = _Strokes(strokes.xy - origin, strokes.to_xy - origin, strokes.label)
    samples, mesh = _refine(_with_tips(_near_borders(moved, size)), size)
    borders = _borders(mesh, samples.label) + origin
    lines = shapely.linestrings(borders)
    lines = lines[shapely.STRtree(lines).query(part, predicate="intersects")]
    noded = shapely.union_all([shapely.boundary(part), shapely.multilinestrings(lines)])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    spots = shapely.point_on_surface(faces)
    shapely.prepare(part)
    is_inside = shapely.intersects(part, spots)
    nearest = cKDTree(samples.middle).query(shapely.get_coordinates(spots[is_inside]) - origin)[1]
    return faces[is_inside], samples.label[nearest]


def _near_borders(strokes: _Strokes, size_m: float) -> _Strokes:
    """Leave out strokes far from every border: chains of one label with two rings of it around."""
    length = strokes.length
    goes_on = (strokes.label[1:] == strokes.label[:-1]) & (strokes.xy[1:] == strokes.to_xy[:-1]).all(axis=1)
    first = np.flatnonzero(np.append(True, ~goes_on))
    run = np.cumsum(length) - length
    along = run - np.repeat(run[first], np.diff(np.append(first, len(length))))
    starts = np.append(True, ~goes_on | (np.diff(along // _FIRST_M) > 0))
    chain = np.cumsum(starts) - 1
    head = np.flatnonzero(starts)
    middle = strokes.take((head + np.append(head[1:], len(chain)) - 1) // 2)
    mesh = _mesh(middle.middle + 1e-3 * np.arange(len(head))[:, None] / len(head), size_m)
    tail, other = _pairs(mesh, len(head))
    is_near = np.zeros(len(head), dtype=bool)
    is_near[tail[middle.label[tail] != middle.label[other]]] = True
    for _ in range(2):
        is_near[other[is_near[tail]]] = True
    return strokes.take(is_near[chain])


def _with_tips(strokes: _Strokes) -> _Strokes:
    """Cut a short tip off every stroke end at which another label begins."""
    ends = np.rint(np.concatenate([strokes.xy, strokes.to_xy]) * 1000.0).astype(np.int64)
    _, place = np.unique(ends, axis=0, return_inverse=True)
    place = place.reshape(-1)
    label = np.tile(strokes.label, 2)
    least, most = np.full(place.max() + 1, np.iinfo(np.int64).max), np.full(place.max() + 1, -9)
    np.minimum.at(least, place, label)
    np.maximum.at(most, place, label)
    is_tip = (least < most)[place].reshape(2, -1)
    share = np.minimum(0.5, _TIP_M / np.maximum(strokes.length, 1e-9)) * is_tip
    step = strokes.to_xy - strokes.xy
    first = strokes.xy + share[0, :, None] * step
    last = strokes.to_xy - share[1, :, None] * step
    start, end = is_tip[0] & (strokes.length > 0), is_tip[1] & (strokes.length > 0)
    body = (share.sum(axis=0) < 1.0) | (strokes.length == 0)
    return _Strokes(
        np.concatenate([first[body], strokes.xy[start], last[end]]),
        np.concatenate([last[body], first[start], strokes.to_xy[end]]),
        np.concatenate([strokes.label[body], strokes.label[start], strokes.label[end]]),
    )


def _refine(strokes: _Strokes, size_m: float) -> tuple[_Strokes, Delaunay]:
    """Shorten strokes until the borders between labels are right; give them and their mesh.

    A sample in the middle of a stroke of length ``s`` stands for it: at distance ``d`` that is wrong by
    ``sqrt(d^2 + s^2 / 4) - d <= s^2 / (8 d)`` metres at most where it is seen from the side, which bounds
    ``s`` by the distance between neighbours of different labels. Then places on the borders are held
    against the ends and quarters of the strokes, as from its end a stroke is nearer by up to ``s / 2``.
    """
    strokes = _cut(strokes, np.full(len(strokes.label), _FIRST_M))
    for turn in count():
        mesh, length = _mesh(strokes.middle, size_m), strokes.length
        if turn < _QUICK:
            wanted = 0.7 * _longest_right(strokes, mesh)
        else:
            wanted = np.where(_is_coarse(strokes, mesh, size_m), length / 8.0, np.inf)
            if not np.isfinite(wanted).any():
                break
        strokes = _cut(strokes, np.maximum(wanted, length / 8.0))
    return strokes, mesh


def _longest_right(strokes: _Strokes, mesh: Delaunay) -> NDArray[np.float64]:
    """Give the length up to which each stroke is right, seen from the side, by its neighbours' distance."""
    middle = strokes.middle
    tail, head = _pairs(mesh, len(middle))
    is_apart = strokes.label[tail] != strokes.label[head]
    gap = np.full(len(middle), np.inf)
    np.minimum.at(gap, tail[is_apart], np.hypot(*(middle[tail] - middle[head])[is_apart].T))
    free = np.maximum(gap - strokes.length, 0.0)
    longest: NDArray[np.float64] = np.maximum(2.0 * RIGHT_M, np.sqrt(4.0 * RIGHT_M * free))
    return longest


def _is_coarse(strokes: _Strokes, mesh: Delaunay, size_m: float) -> NDArray[np.bool_]:
    """Find strokes with an end or quarter nearer to a place on a border than the samples say."""
    border = shapely.clip_by_rect(shapely.linestrings(_borders(mesh, strokes.label)), 0, 0, size_m, size_m)
    places = shapely.get_coordinates(shapely.segmentize(border, _LOOK_M))
    step = strokes.to_xy - strokes.xy
    along = np.concatenate([strokes.xy + share * step for share in (0.0, 0.25, 0.75, 1.0)])
    along_m, nearest = cKDTree(along).query(places)
    told_m = cKDTree(strokes.middle).query(places)[0]
    is_coarse = np.zeros(len(step), dtype=bool)
    is_coarse[nearest[told_m - along_m > 0.75 * RIGHT_M] % len(step)] = True
    return is_coarse


def _cut(strokes: _Strokes, wanted: NDArray[np.float64]) -> _Strokes:
    """Cut strokes into equal ones no longer than wanted; of those with the same middle keep one."""
    n = np.maximum(np.ceil(strokes.length / wanted), 1).astype(np.int64)
    row = np.repeat(np.arange(len(n)), n)
    k = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    step = (strokes.to_xy - strokes.xy)[row] / n[row, None]
    start = strokes.xy[row] + k[:, None] * step
    cut = _Strokes(start, start + step, strokes.label[row])
    middle = np.rint(cut.middle * 1000.0).astype(np.int64)
    key = middle[:, 0] * (1 << 32) + middle[:, 1]
    return cut.take(np.sort(np.unique(key, return_index=True)[1]))


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
