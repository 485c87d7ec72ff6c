"""Borders between labelled strokes: proven to two metres at every spot, and every spot in one face."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.zones import faces as tracing
from geo.zones import trace_border, trace_ground
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


def spots_along_borders(faces: Faces, step_m: float) -> np.ndarray:
    """Give places on the rims of all faces."""
    rims = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(faces.shape))))
    spots = [shapely.line_interpolate_point(rim, np.arange(0, rim.length, step_m)) for rim in rims]
    return np.concatenate(spots)


def off_the_parabola_m(faces: Faces) -> float:
    """Say how far the nearest places of road y = 0 and point (200, 100) differ at most along their border."""
    x, y = shapely.get_coordinates(spots_along_borders(faces, 0.25)).T
    inside = (x > 0.1) & (x < 399.9) & (y > 0.1) & (y < 299.9)
    assert inside.sum() > 1600  # 400 m and more of it, every 0.25 m
    return float(np.abs(y - np.hypot(x - 200, y - 100))[inside].max())


def test_the_bound_is_kept_and_a_looser_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    # A spot (x, y) is |y| from the road and hypot(x - 200, y - 100) from the point. On a chord over w metres
    # of the parabola y = 50 + (x - 200)^2 / 200 the two differ by up to 2 w^2 / 800 where it is flat: 10 m in
    # a square of 64 m, 2.6 m in one of 32 m. So 1.5 m must cut squares that satisfy 4 m.
    strokes: list[tuple[float, float, float, float]] = [(0, 0, 400, 0), (200, 100, 200, 100)]
    assert off_the_parabola_m(trace(strokes, [0, 1])) <= RIGHT_M
    for loose_m in (4.0, 6.0):
        monkeypatch.setattr(tracing, "trace_border", partial(trace_border, right_m=loose_m))
        assert RIGHT_M < off_the_parabola_m(trace(strokes, [0, 1])) <= loose_m


def test_the_squares_reach_the_far_rim_of_the_ground_wherever_it_begins() -> None:
    # 128 m wide, two squares, but from 0.9 m on: the last 0.9 m lie beyond the second whole square.
    for at in (0.0, 0.9):
        ground = np.array([shapely.box(at, at, at + 128, at + 128)])
        starts = np.array([[at, at + 20], [at, at + 110]])
        faces = trace_ground(ground, starts, starts + np.array([128, 0]), np.array([0, 1]))
        # The border is half way, 65 m from the lower rim.
        assert [ground_of(faces, 0), ground_of(faces, 1)] == pytest.approx([65 * 128, 63 * 128], rel=1e-6)


def metres_to(strokes: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Give the distance of each place from each stroke, worked out from the formula alone."""
    start, step = strokes[:, :2], strokes[:, 2:] - strokes[:, :2]
    away = xy[:, None] - start
    square = (step**2).sum(axis=1)
    along = np.clip((away * step).sum(axis=2) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return np.linalg.norm(away - along[:, :, None] * step, axis=2)


@st.composite
def towns(draw: st.DrawFn) -> tuple[shapely.Polygon, np.ndarray, np.ndarray]:
    """Draw ground that begins anywhere, with roads and points on it, of two labels at least."""
    wide, high = draw(st.integers(70, 600)), draw(st.integers(70, 400))
    low = np.array([draw(st.sampled_from([0.0, 0.25, 0.9, 350_000.7])), draw(st.sampled_from([0.0, 0.6]))])
    place = st.tuples(st.integers(1, wide - 1), st.integers(1, high - 1))
    n = draw(st.integers(2, 12))
    ends = np.array(draw(st.lists(st.tuples(place, place), min_size=n, max_size=n)), dtype=float)
    for i in range(2, n):
        joins = draw(st.sampled_from(["no", "meets", "point"]))
        ends[i, 0] = ends[i - 1, 1] if joins == "meets" else ends[i, 0]
        ends[i, 1] = ends[i, 0] if joins == "point" else ends[i, 1]
    labels = [0, 1, *draw(st.lists(st.integers(-1, 3), min_size=n - 2, max_size=n - 2))]
    ground = shapely.box(*low, *(low + np.array([wide, high])))
    return ground, (ends + low).reshape(-1, 4), np.array(labels)


@settings(max_examples=60, deadline=None)
@given(towns(), st.integers(0, 2**32 - 1))
def test_the_nearest_road_of_any_spot_is_of_its_zone_to_two_metres(
    drawn: tuple[shapely.Polygon, np.ndarray, np.ndarray], seed: int
) -> None:
    ground, strokes, labels = drawn
    faces = trace_ground(np.array([ground]), strokes[:, :2], strokes[:, 2:], labels)
    low, high = np.array(ground.bounds).reshape(2, 2)
    anywhere = np.random.default_rng(seed).uniform(low, high, (500, 2))
    xy = np.concatenate([anywhere, shapely.get_coordinates(spots_along_borders(faces, 1.0))])
    away = metres_to(strokes, xy)
    seen = np.zeros(len(xy), dtype=bool)
    for shape, label in zip(faces.shape, faces.label, strict=True):
        inside = shapely.dwithin(shape, shapely.points(xy), 1e-9)
        farther = away[inside][:, labels == label].min(axis=1) - away[inside].min(axis=1)
        assert farther.max(initial=0.0) <= RIGHT_M + 1e-6
        seen |= inside
    assert seen.all()


@st.composite
def roads(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw strokes and points, some far shorter than a square, some meeting, some crossing.

    The first two begin on the ground and have different labels.
    """
    place = st.tuples(st.integers(-20, 420), st.integers(-20, 320))
    inside = st.tuples(st.integers(1, 399), st.integers(1, 299))
    n = draw(st.integers(2, 14))
    starts = [draw(inside), draw(inside), *draw(st.lists(place, min_size=n - 2, max_size=n - 2))]
    steps = st.tuples(st.integers(-150, 150), st.integers(-150, 150)) | st.just((0, 0))
    moves = draw(st.lists(steps | st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=n, max_size=n))
    first = draw(st.lists(st.integers(-1, 3), min_size=2, max_size=2, unique=True))
    labels = [*first, *draw(st.lists(st.integers(-1, 3), min_size=n - 2, max_size=n - 2))]
    joined = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    ends = np.array([(*a, a[0] + d[0], a[1] + d[1]) for a, d in zip(starts, moves, strict=True)], dtype=float)
    for i in range(2, n):
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
    assert len(np.unique(labels[is_on])) >= 2
    # Spots along every border, half a metre apart, seen from the faces on both sides, and anywhere.
    anywhere = shapely.points(np.random.default_rng(1).uniform(0, 300, (400, 2)))
    spots = np.concatenate([spots_along_borders(faces, 0.5), anywhere])
    assert most_wrong_m(faces, inside[is_on], labels[is_on], spots) <= RIGHT_M + 1e-6


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
