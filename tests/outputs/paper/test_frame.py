"""Ground to paper: sizes, scale bars, and shapes as paths."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.outputs.paper import fit_frame

NUMBERS = st.floats(-1e6, 1e6)


def test_a_kilometre_is_as_long_as_the_scale_says() -> None:
    """16 km in 160 mm, with 3 % of 16 km free on each side: 16.96 km, 1 : 106,000."""
    frame = fit_frame((0, 0, 16_000, 8_000), width_mm=160, least_mm=40, most_mm=170)
    assert frame.scale == pytest.approx(106_000)
    (x0, _), (x1, _) = frame.place(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    assert x1 - x0 == pytest.approx(1000 * 1000 / 106_000)


def test_north_is_up_and_the_corner_is_the_origin() -> None:
    frame = fit_frame((0, 0, 1000, 1000), width_mm=100, least_mm=50, most_mm=170, margin=0.0)
    assert frame.place(np.array([[0.0, 1000.0], [1000.0, 0.0]])).round(6).tolist() == [[0, 0], [100, 100]]


@given(NUMBERS, NUMBERS, st.floats(0, 1e5), st.floats(0, 1e5))
def test_all_ground_that_must_be_seen_is_in_the_window(
    west: float, south: float, wide: float, high: float
) -> None:
    bounds = (west, south, west + wide, south + high)
    frame = fit_frame(bounds, width_mm=160, least_mm=60, most_mm=165)
    assert 60 <= frame.height_mm <= 165
    corners = frame.place(np.array([bounds[:2], bounds[2:]]))
    assert (corners >= -1e-6).all()
    assert (corners <= np.array([frame.width_mm, frame.height_mm]) + 1e-6).all()
    assert frame.scale_bar_m(most_mm=45) * frame.mm_per_m <= 45 + 1e-9


@pytest.mark.parametrize(("most_mm", "bar"), [(10, 1000), (19.9, 1000), (20.1, 2000), (50.1, 5000)])
def test_a_scale_bar_is_round(most_mm: float, bar: float) -> None:
    """10 km on 100 mm: 10 mm a kilometre."""
    frame = fit_frame((0, 0, 10_000, 10_000), width_mm=100, least_mm=100, most_mm=100, margin=0.0)
    assert frame.scale_bar_m(most_mm=most_mm) == bar


def test_an_area_with_a_hole_is_drawn_with_both_rings() -> None:
    frame = fit_frame((0, 0, 100, 100), width_mm=100, least_mm=100, most_mm=100, margin=0.0)
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    assert frame.path([ring]).count("Z") == 2


def test_what_is_too_small_to_see_is_still_drawn() -> None:
    frame = fit_frame((0, 0, 100_000, 100_000), width_mm=100, least_mm=100, most_mm=100)
    assert frame.path([shapely.box(0, 0, 1, 1)]).startswith("M")


@given(
    st.lists(st.tuples(st.floats(-900, 1000), st.floats(-900, 1000)), min_size=3, max_size=12),
    st.floats(0.0, 60.0),
)
def test_only_what_lies_far_beside_the_window_is_cut_off(
    corners: list[tuple[float, float]], r: float
) -> None:
    """A window of 100 mm: all of an area within 10 mm of it is drawn, and nothing of it farther away."""
    frame = fit_frame((0, 0, 100, 100), width_mm=100, least_mm=100, most_mm=100, margin=0.0)
    area = shapely.LineString(corners).buffer(r + 1.0)
    path = frame.path([area])
    rings = [
        shapely.LinearRing([[float(v) for v in point.split()] for point in ring.split("L")])
        for ring in path.replace("M", "").split("Z")
        if ring
    ]
    drawn = shapely.build_area(shapely.GeometryCollection(rings)) if rings else shapely.Polygon()
    placed = shapely.transform(area, frame.place)
    wanted = placed.intersection(shapely.box(-10, -10, 110, 110))
    # corners are left out within 0.05 mm and written in steps of 0.01
    assert drawn.difference(wanted.buffer(0.07)).area < 1e-3
    assert wanted.buffer(-0.07).difference(drawn).area < 1e-3


def test_a_shape_within_the_window_is_drawn_as_it_is_and_one_far_away_not_at_all() -> None:
    frame = fit_frame((0, 0, 100, 100), width_mm=100, least_mm=100, most_mm=100, margin=0.0)
    assert (
        frame.path([shapely.box(20, 30, 40, 60)])
        == "M40.00 70.00L40.00 40.00L20.00 40.00L20.00 70.00L40.00 70.00Z"
    )
    assert frame.path([shapely.box(200, 200, 300, 300)]) == ""
    # a road to the next town goes on 10 mm beside the window
    assert frame.path([shapely.LineString([(50, 50), (5000, 50)])]) == "M50.00 50.00L110.00 50.00"
