"""Borders between labelled strokes: proven to two metres at every spot, and every spot in one face."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.zones import trace_ground
from geo.zones.faces import RIGHT_M, Faces, ground_parts

GROUND = np.array([shapely.box(0, 0, 400, 300)])


def trace(strokes: list[tuple[float, float, float, float]], labels: list[int]) -> Faces:
    ends = np.array(strokes, dtype=float)
    return trace_ground(GROUND, ends[:, :2], ends[:, 2:], np.array(labels))


def ground_of(faces: Faces, label: int) -> float:
    return float(shapely.area(faces.shape[faces.label == label]).sum())


def most_wrong_m(faces: Faces, lines: np.ndarray, labels: np.ndarray, spots: np.ndarray) -> float:
    """Say how much farther, at most, a spot is from the strokes of its own face than from the nearest."""
    away = shapely.distance(spots[:, None], lines[None, :])
    worst = 0.0
    for shape, label in zip(faces.shape, faces.label, strict=True):
        own = shapely.dwithin(shape, spots, 1e-9)
        if own.any():
            farther = away[own][:, labels == label].min(axis=1) - away[own].min(axis=1)
            worst = max(worst, float(farther.max()))
    return worst


def test_the_border_of_two_parallel_roads_is_half_way() -> None:
    # y = 100 and y = 180: the border is y = 140, so 400 x 140 and 400 x 160 m2.
    faces = trace([(0, 100, 400, 100), (0, 180, 400, 180)], [0, 1])
    assert [ground_of(faces, 0), ground_of(faces, 1)] == pytest.approx([56_000, 64_000], rel=1e-9)


def test_the_border_of_two_points_stands_upright_between_them() -> None:
    faces = trace([(50, 100, 50, 100), (150, 100, 150, 100)], [3, 5])
    assert [ground_of(faces, 3), ground_of(faces, 5)] == pytest.approx([30_000, 90_000], rel=1e-9)


def test_the_border_of_a_road_and_a_point_is_a_parabola_to_its_bound() -> None:
    # Road y = 0, point (200, 100): the border is y = 50 + (x - 200)^2 / 200. Below y = 300 the ground of the
    # road is 2 (50 * 200 + 200^3 / 600) = 46,667 m2. Pieces lie within 2 m of it: 400 m long at least.
    faces = trace([(0, 0, 400, 0), (200, 100, 200, 100)], [0, 1])
    assert ground_of(faces, 0) == pytest.approx(46_667, abs=RIGHT_M * 400)


def test_where_labels_meet_on_a_road_the_border_crosses_it_there() -> None:
    # Also where that is a line on which squares meet (x = 128): nothing of either side is left over.
    for at in (100.0, 128.0):
        faces = trace([(0, 150, at, 150), (at, 150, 400, 150)], [0, 1])
        assert [ground_of(faces, 0), ground_of(faces, 1)] == pytest.approx([at * 300, (400 - at) * 300])
        assert len(faces.shape) == 2


def test_roads_on_the_same_line_leave_the_ground_to_the_smaller_label() -> None:
    faces = trace([(0, 150, 400, 150), (400, 150, 0, 150)], [4, 2])
    assert faces.label.tolist() == [2]


def test_a_road_over_another_parts_the_ground_in_four() -> None:
    # The roads cross at (200, 150) at right angles without meeting: the borders are the diagonals.
    faces = trace([(50, 0, 350, 300), (50, 300, 350, 0)], [0, 1])
    spots = shapely.points([[200, 160], [200, 140], [210, 150], [190, 150]])
    told = [int(faces.label[shapely.intersects(faces.shape, spot)][0]) for spot in spots]
    assert len(told) == 4
    assert shapely.area(faces.shape).sum() == pytest.approx(120_000, rel=1e-12)
    lines = shapely.linestrings([[(50, 0), (350, 300)], [(50, 300), (350, 0)]])
    assert most_wrong_m(faces, lines, np.arange(2), spots) <= RIGHT_M


def test_a_face_that_border_parts_from_the_edge_only_keeps_its_label() -> None:
    # Every piece of the border touches the edge of the ground: a small road lies in the corner.
    strokes = [(0, 0, 3, 0), (3, 0, 0, 3)]
    faces = trace([(float(a), float(b), float(c), float(d)) for a, b, c, d in strokes], [0, 1])
    assert ground_of(faces, 0) < 10
    assert ground_of(faces, 1) == pytest.approx(120_000, abs=10)


@st.composite
def roads(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw strokes and points, some far shorter than a square, some meeting, some crossing."""
    place = st.tuples(st.integers(-20, 420), st.integers(-20, 320))
    n = draw(st.integers(2, 14))
    starts = draw(st.lists(place, min_size=n, max_size=n))
    steps = st.tuples(st.integers(-150, 150), st.integers(-150, 150)) | st.just((0, 0))
    moves = draw(st.lists(steps | st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n))
    joined = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    ends = np.array([(*a, a[0] + d[0], a[1] + d[1]) for a, d in zip(starts, moves, strict=True)], dtype=float)
    for i in range(1, n):
        if joined[i]:
            ends[i, 2:] += ends[i - 1, 2:] - ends[i, :2]
            ends[i, :2] = ends[i - 1, 2:]
    return ends, np.array(labels)


@settings(max_examples=60, deadline=None)
@given(roads())
def test_every_spot_is_in_one_face_and_right_to_two_metres(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    strokes, labels = drawn
    faces = trace_ground(GROUND, strokes[:, :2], strokes[:, 2:], labels)
    assert shapely.is_valid(faces.shape).all()
    assert shapely.area(faces.shape).sum() == pytest.approx(120_000, rel=1e-9)
    assert shapely.area(shapely.union_all(faces.shape)) == pytest.approx(120_000, rel=1e-9)
    is_point = (strokes[:, :2] == strokes[:, 2:]).all(axis=1)
    lines = np.where(is_point, shapely.points(strokes[:, :2]), shapely.linestrings(strokes.reshape(-1, 2, 2)))
    inside = shapely.intersection(GROUND[0], lines)
    # A road that only touches the ground at one place is none of its roads.
    is_on = np.where(is_point, ~shapely.is_empty(inside), shapely.length(inside) > 0)
    if len(np.unique(labels[is_on])) < 2:
        return
    # Spots along every border, half a metre apart, seen from the faces on both sides, and anywhere.
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(faces.shape))))
    along = [shapely.line_interpolate_point(part, np.arange(0, part.length, 0.5)) for part in parts]
    anywhere = shapely.points(np.random.default_rng(1).uniform(0, 300, (400, 2)))
    assert (
        most_wrong_m(faces, inside[is_on], labels[is_on], np.concatenate([*along, anywhere]))
        <= RIGHT_M + 1e-6
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(1, 60)), max_size=4), roads())
def test_ground_with_water_and_walls_adds_up(
    lakes: list[tuple[int, int, int]], drawn: tuple[np.ndarray, np.ndarray]
) -> None:
    strokes, labels = drawn
    water = [shapely.Point(x, y).buffer(r, quad_segs=3) for x, y, r in lakes]
    walls = gpd.GeoSeries([*water, shapely.LineString([(120, -5), (130, 150), (110, 310)])])
    parts = ground_parts(GROUND, walls)
    faces = trace_ground(parts, strokes[:, :2], strokes[:, 2:], labels)
    land = shapely.area(shapely.difference(GROUND[0], shapely.union_all(water) if water else shapely.Point()))
    assert shapely.area(parts).sum() == pytest.approx(land, rel=1e-9)
    assert shapely.area(faces.shape).sum() == pytest.approx(land, rel=1e-9)
    assert shapely.area(shapely.union_all(faces.shape)) == pytest.approx(land, rel=1e-9)
    # Each face is ground of one part only.
    for shape, part in zip(faces.shape, faces.part, strict=True):
        assert shapely.area(shapely.intersection(shape, parts[part])) == pytest.approx(shapely.area(shape))
