"""Ground divided among labelled roads or points: every spot belongs to the nearest one on its own ground.

**Lemma.** No spot of a face is more than ``RIGHT_M`` (2 m) farther from the roads of its label than from
those of any other, in straight lines to the roads on the same part of the ground.

*Reason.* Where two labels meet on a road each is drawn up to 0.5 m shorter. Shorter strokes are no nearer
than the roads, and at most 0.5 m farther. For them the border is right to 1.5 m (:mod:`geo.zones._border`),
so that for the roads it is right to 1.5 + 0.5 m. Squares cover the ground from the whole metre below its
least coordinates to its greatest. All border on the rim of a face has one label on the side of the face; a
face without any is the whole part, and has one label. Rounding adds less than 1e-6 m.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ground import divide_labelled
from geo.zones._border import LEAST_M, Border, trace_border

__all__ = ["NO_ROAD", "RIGHT_M", "Faces", "ground_parts", "trace_ground"]

NO_ROAD: Final = -2
"""Label of ground without any road on it."""
RIGHT_M: Final = 2.0
"""A spot on the wrong side of a border is at most this much nearer to a road of the other zone, metres."""

_TIP_M: Final = RIGHT_M - LEAST_M
"""Where two labels meet on a road, each ends so much before the place."""
_SQUARE_M: Final = 64.0
"""Width of the squares in which borders are drawn."""
_ASIDE_M: Final = 1e-5
"""So far from the middle of a piece of border lies the spot that tells the face on its side."""
_AT_ONCE: Final = 1 << 17
"""Pieces of border held against the ground together: more take more memory and no less time."""
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
    *,
    part: NDArray[np.int64] | None = None,
) -> Faces:
    """Give each spot of ground to the label of the nearest straight piece on the same ground part.

    The border is drawn in squares of 64 m and smaller (:func:`geo.zones._border.trace_border`), in which each
    piece of ground is proven to be right: no spot is more than ``RIGHT_M`` farther from a piece of its own
    label than from any other. Where labels meet on a road both end 0.5 m before the place, so that
    the border crosses the road there.

    Parameters
    ----------
    parts : array of Polygons
        Connected pieces of ground, metres.
    xy, to_xy : float64 array, shape (P, 2)
        Ends of the pieces; equal for points.
    label : int64 array, shape (P,)
        Label of each piece, -1 or more.
    part : int64 array, shape (P,), optional
        Position of the ground part that each piece lies on; found, and pieces cut at its edge, when missing.
    """
    strokes = _Strokes(xy, to_xy, label)
    if part is None:
        strokes, part = _on_parts(parts, strokes)
    shapes: list[NDArray[np.object_]] = [np.empty(0, dtype=object)]
    labels: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    of: list[int] = []
    for i, (ground, rows) in enumerate(zip(parts, _rows_of(part, len(parts)), strict=True)):
        owner = strokes.label[rows]
        if len(np.unique(owner)) <= 1:
            shape, own = np.array([ground], dtype=object), np.append(owner, NO_ROAD)[:1]
        else:
            shape, own = _divide(ground, strokes, rows)
        shapes.append(shape)
        labels.append(own)
        of += [i] * len(shape)
    return Faces(np.concatenate(shapes), np.concatenate(labels), np.array(of, dtype=np.int64))


class _Strokes(NamedTuple):
    """Straight strokes with labels; a point is a stroke of no length."""

    xy: NDArray[np.float64]
    to_xy: NDArray[np.float64]
    label: NDArray[np.int64]

    @property
    def length(self) -> NDArray[np.float64]:
        """Length of each, metres."""
        length: NDArray[np.float64] = np.hypot(*(self.to_xy - self.xy).T)
        return length

    def take(self, rows: NDArray[np.generic]) -> _Strokes:
        """Give some of them."""
        return _Strokes(self.xy[rows], self.to_xy[rows], self.label[rows])


def _on_parts(parts: NDArray[np.object_], strokes: _Strokes) -> tuple[_Strokes, NDArray[np.int64]]:
    """Give the strokes on parts, and the part of each; those that leave it are cut at its edge."""
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
    pieces.append(_Strokes(ends[:, 0], ends[:, 1], strokes.label[row[~is_inside]][of[is_line]]))
    owner.append(part[~is_inside][of[is_line]])
    everything = _Strokes(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
    return everything, np.concatenate(owner)


def _rows_of(part: NDArray[np.int64], n: int) -> list[NDArray[np.int64]]:
    """Give the positions of the strokes of each part."""
    by_part = np.argsort(part, kind="stable")
    return np.split(by_part, np.searchsorted(part[by_part], np.arange(1, n)))


def _lines(strokes: _Strokes) -> NDArray[np.object_]:
    """Give strokes as lines, those of no length as points."""
    lines: NDArray[np.object_] = shapely.linestrings(np.stack([strokes.xy, strokes.to_xy], axis=1))
    is_point = strokes.length == 0
    lines[is_point] = shapely.points(strokes.xy[is_point])
    return lines


def _divide(
    part: shapely.Polygon, strokes: _Strokes, rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Divide one part among some strokes, of several labels."""
    border = _border_on(part, strokes, rows)
    is_inside, is_across = _where(part, border)
    inside, across = _take(border, is_inside), _take(border, is_across)
    del border, is_inside, is_across
    faces = _faces_between(part, inside, across)
    label, is_told = np.zeros(len(faces), np.int64), np.zeros(len(faces), dtype=bool)
    for face, own in (_told_across(faces, part, across), _told_by(faces, inside)):
        label[face], is_told[face] = own, True
    # The lines of all strokes take as much room as all else here: they are made only for what is left.
    if not is_told.all():
        label[~is_told] = _nearest_labels(faces[~is_told], strokes.take(rows))
    return faces, label


def _where(part: shapely.Polygon, border: Border) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which pieces of border lie inside a part, and which leave it: their lines are made in turn."""
    is_inside, is_across = (np.zeros(len(border.ends), dtype=bool) for _ in range(2))
    for first in range(0, len(border.ends), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        lines = shapely.linestrings(border.ends[rows])
        is_inside[rows] = shapely.contains_properly(part, lines)
        is_across[rows] = ~is_inside[rows] & shapely.intersects(part, lines)
    return is_inside, is_across


def _border_on(part: shapely.Polygon, strokes: _Strokes, rows: NDArray[np.int64]) -> Border:
    """Draw the border between the labels of some strokes on one part and around it."""
    origin = np.floor(np.array(part.bounds[:2]))
    size = float((np.array(part.bounds[2:]) - origin).max())
    shapely.prepare(part)

    def is_ground(tile: NDArray[np.int64], width: float) -> NDArray[np.bool_]:
        if width < _SEEN_M:
            return np.ones(len(tile), dtype=bool)
        low = tile * width + origin
        squares: NDArray[np.bool_] = shapely.intersects(part, shapely.box(*low.T, *(low + width).T))
        return squares

    moved = _Strokes(strokes.xy[rows] - origin, strokes.to_xy[rows] - origin, strokes.label[rows])
    shorter = _without_tips(moved)
    del moved
    squares = divide_labelled(
        *shorter, size_m=size, tile_m=_SQUARE_M, slack_m=2.0 * RIGHT_M, is_ground=is_ground
    )
    border = trace_border(squares)
    return border._replace(ends=border.ends + origin)


def _take(border: Border, rows: NDArray[np.bool_]) -> Border:
    return Border(border.ends[rows], border.label[rows])


def _without_tips(strokes: _Strokes) -> _Strokes:
    """Cut the tip off every stroke end at which another label begins."""
    ends = np.rint(np.concatenate([strokes.xy, strokes.to_xy]) * 1000.0).astype(np.int64)
    _, place = np.unique(ends @ np.array([1 << 32, 1]), return_inverse=True)
    label = np.tile(strokes.label, 2)
    least, most = np.full(place.max() + 1, np.iinfo(np.int64).max), np.full(place.max() + 1, -9)
    np.minimum.at(least, place, label)
    np.maximum.at(most, place, label)
    is_tip = (least < most)[place].reshape(2, -1)
    share = np.minimum(0.25, _TIP_M / np.maximum(strokes.length, 1e-9)) * is_tip
    step = strokes.to_xy - strokes.xy
    return _Strokes(
        strokes.xy + share[0, :, None] * step, strokes.to_xy - share[1, :, None] * step, strokes.label
    )


def _faces_between(part: shapely.Polygon, inside: Border, across: Border) -> NDArray[np.object_]:
    """Cut one part apart along lines that meet at their ends only; only the edge of the part is noded."""
    edge = shapely.union_all([shapely.boundary(part), shapely.multilinestrings(across.ends)])
    lines = np.append(shapely.get_parts(edge), shapely.linestrings(inside.ends))
    lines = shapely.multilinestrings(lines)
    lines = shapely.get_parts([shapely.line_merge(lines)])
    faces: NDArray[np.object_] = shapely.get_parts(shapely.polygonize(lines))
    kept: NDArray[np.object_] = faces[shapely.intersects(part, shapely.point_on_surface(faces))]
    return kept


def _nearest_labels(faces: NDArray[np.object_], strokes: _Strokes) -> NDArray[np.int64]:
    """Give the label of the stroke nearest to some spot of each face: right where no border bounds it."""
    face, nearest = shapely.STRtree(_lines(strokes)).query_nearest(shapely.point_on_surface(faces))
    label = np.full(len(faces), np.iinfo(np.int64).max)
    np.minimum.at(label, face, strokes.label[nearest])
    return label


def _told_across(
    faces: NDArray[np.object_], part: shapely.Polygon, border: Border
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the faces beside border that leaves the ground, and the label on their side of it."""
    cut, of = shapely.get_parts(
        shapely.intersection(part, shapely.linestrings(border.ends)), return_index=True
    )
    is_line = shapely.length(cut) > 0
    cut, of = cut[is_line], of[is_line]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(cut, 0.5, normalized=True))
    step = border.ends[of, 1] - border.ends[of, 0]
    aside = _ASIDE_M * np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(*step.T)[:, None]
    spots = shapely.points(np.concatenate([middle + aside, middle - aside]))
    face, spot = shapely.STRtree(spots).query(faces, predicate="contains")
    return face, border.label[of].T.ravel()[spot]


def _told_by(faces: NDArray[np.object_], border: Border) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the faces with a piece of border on their edge, and the label on their side of it."""
    rings, face = shapely.get_rings(faces, return_index=True)
    is_hole = np.append(False, face[1:] == face[:-1])
    is_back = shapely.is_ccw(rings) == is_hole
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    follows = np.flatnonzero(ring[1:] == ring[:-1])
    # Each ring is walked so that its face lies on the left.
    tail = np.where(is_back[ring[follows]], follows + 1, follows)
    head = np.where(is_back[ring[follows]], follows, follows + 1)
    places, of = np.unique(_as_complex(border.ends.reshape(-1, 2)), return_inverse=True)
    if not len(places):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    start, end = of.reshape(-1, 2).T
    n = len(places)
    key = np.append(start * n + end, end * n + start)
    order = np.argsort(key)
    at = np.minimum(np.searchsorted(places, _as_complex(xy)), n - 1)
    is_place = places[at] == _as_complex(xy)
    wanted = at[tail] * n + at[head]
    piece = order[np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)]
    is_border = is_place[tail] & is_place[head] & (key[piece] == wanted)
    owner, first = np.unique(face[ring[follows[is_border]]], return_index=True)
    return owner, border.label.T.ravel()[piece[is_border][first]]


def _as_complex(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Give places as one number each."""
    return np.ascontiguousarray(xy).view(np.complex128).ravel()
