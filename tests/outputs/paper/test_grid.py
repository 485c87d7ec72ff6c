"""The coordinate grid: round lines where they belong, numbers that do not touch."""

from __future__ import annotations

import re

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.outputs.paper import draw_grid, find_grid, fit_scale

CRS = "EPSG:32651"
FRAME = fit_scale((350_000, 3_480_000, 380_000, 3_500_000), width_mm=300, height_mm=220)


def test_a_scale_is_round_and_shows_all() -> None:
    """30 km and 3 % on each side in 300 mm: 31.8 km, 1 : 106,000; the next round scale is 1 : 125,000."""
    assert FRAME.scale == 125_000
    assert FRAME.east - FRAME.west == pytest.approx(37_500)


def test_lines_of_metres_stand_at_round_numbers() -> None:
    """62 mm are 7,750 m: lines each 5 km, those of 350,000 to 380,000 at multiples."""
    lines = find_grid(FRAME, "metres", crs=CRS)
    texts = [line.text for line in lines if line.is_upright]
    assert texts == ["350,000", "355,000", "360,000", "365,000", "370,000", "375,000", "380,000"]
    first = next(line for line in lines if line.text == "350,000")
    assert first.points[:, 0] == pytest.approx((350_000 - FRAME.west) * FRAME.mm_per_m)


def test_lines_of_degrees_go_through_their_places() -> None:
    """A point of 122 degrees east computed by PROJ alone lies on the line that says so."""
    lines = find_grid(FRAME, "degrees", crs=CRS)
    upright = [line for line in lines if line.is_upright]
    assert upright
    for line in upright:
        degrees, minutes = re.fullmatch(r"(\d+)°(?:(\d+)′)? E", line.text).groups()  # type: ignore[union-attr]
        lon = int(degrees) + int(minutes or 0) / 60
        x, y = pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform(lon, 31.5)
        ((px, py),) = FRAME.place(np.array([[x, y]]))
        order = np.argsort(line.points[:, 1])
        assert np.interp(py, line.points[order, 1], line.points[order, 0]) == pytest.approx(px, abs=0.05)


def test_no_grid_where_none_is_wanted() -> None:
    assert find_grid(FRAME, "none", crs=CRS) == []
    assert draw_grid([], FRAME, size_mm=2.4) == ([], [])


@given(st.floats(0, 5e6), st.floats(-4e6, 4e6), st.floats(0, 1e5), st.floats(0, 1e5))
def test_any_window_is_round_and_holds_its_ground(
    west: float, south: float, wide: float, high: float
) -> None:
    frame = fit_scale((west, south, west + wide, south + high), width_mm=280, height_mm=190)
    corners = frame.place(np.array([[west, south], [west + wide, south + high]]))
    assert (corners >= -1e-3).all()
    assert (corners <= np.array([280, 190]) + 1e-3).all()
    lead = float(f"{frame.scale:e}".partition("e")[0])
    assert lead in (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8)
    inside, numbers = draw_grid(find_grid(frame, "metres", crs=CRS), frame, size_mm=2.4)
    assert 2 <= len(inside) <= 30
    assert numbers
