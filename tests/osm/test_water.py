"""Water of an OpenStreetMap file: areas, and the sea on the right of the coast."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from geo.osm import read_water
from tests.osm.test_osm import Nodes, Ways, to_xml
from tests.shared import real

BOX = (121.0, 31.0, 121.1, 31.1)
# A coast from south to north in the middle: the sea is east of it. A lake in the west; an island in the sea.
NODES: Nodes = {
    1: (121.05, 30.9), 2: (121.05, 31.2),
    3: (121.01, 31.01), 4: (121.02, 31.01), 5: (121.02, 31.02), 6: (121.01, 31.02),
    7: (121.07, 31.05), 8: (121.08, 31.05), 9: (121.08, 31.06), 10: (121.07, 31.06),
}  # fmt: skip
COAST: Ways = {100: ([1, 2], {"natural": "coastline"})}
LAKE: Ways = {101: ([3, 4, 5, 6, 3], {"natural": "water"})}
ISLAND: Ways = {102: ([7, 8, 9, 10, 7], {"natural": "coastline"})}  # land on the left


def area(tmp_path: Path, ways: Ways) -> float:
    """Give the share of the box that is water."""
    path = tmp_path / "water.osm"
    path.write_bytes(to_xml(NODES, ways))
    water = read_water(path, extent=BOX)
    assert set(water["kind"]) <= {"water", "sea"}
    return float(shapely.union_all(water.geometry.to_numpy()).area / 0.01) if len(water) else 0.0


def test_the_sea_is_on_the_right_and_islands_are_land(tmp_path: Path) -> None:
    assert area(tmp_path, {}) == 0
    assert area(tmp_path, LAKE) == pytest.approx(0.01)
    assert area(tmp_path, COAST) == pytest.approx(0.5)
    assert area(tmp_path, {**COAST, **LAKE, **ISLAND}) == pytest.approx(0.5 + 0.01 - 0.01)
    assert area(tmp_path, ISLAND) == pytest.approx(0.99), "an island alone lies in the sea"


def test_a_coast_drawn_the_other_way_has_the_sea_in_the_west(tmp_path: Path) -> None:
    other: Ways = {100: ([2, 1], {"natural": "coastline"}), **LAKE}
    assert area(tmp_path, other) == pytest.approx(0.5)


@pytest.mark.parametrize("ends", [(30.0, 31.3), (30.9, 33.0), (-10.0, 80.0)])
def test_a_coast_of_long_segments_is_found_wherever_their_middle_lies(
    tmp_path: Path, ends: tuple[float, float]
) -> None:
    # The middle of the one segment lies outside the box; the part inside it bounds the sea all the same.
    path = tmp_path / "water.osm"
    path.write_bytes(to_xml({1: (121.05, ends[0]), 2: (121.05, ends[1])}, COAST))
    (sea,) = read_water(path, extent=BOX).geometry
    assert sea.bounds == pytest.approx((121.05, 31.0, 121.1, 31.1))


def test_a_segment_that_only_ends_on_the_border_of_the_extent_bounds_nothing(tmp_path: Path) -> None:
    # From the south-west to the western border, then south: the sea is the triangle of 0.05 by 0.005 / 3
    # degrees between both. The box is on the right of the first segment, but beyond the second.
    nodes = {1: (120.95, 31.0), 2: (121.0, 31.05), 3: (121.005, 30.9)}
    path = tmp_path / "water.osm"
    path.write_bytes(to_xml(nodes, {100: ([1, 2, 3], {"natural": "coastline"})}))
    (sea,) = read_water(path, extent=BOX).geometry
    assert sea.area == pytest.approx(0.05 * 0.005 / 3 / 2)


@pytest.mark.parametrize("ends", [(30.9, 31.05), (31.05, 31.2), (31.02, 31.08)])
def test_beside_a_coast_that_ends_amid_the_extent_nobody_can_tell_the_sea(
    tmp_path: Path, ends: tuple[float, float]
) -> None:
    # One face lies on both sides of the line: that all of it is sea, or all land, would be a guess.
    path = tmp_path / "water.osm"
    path.write_bytes(to_xml({1: (121.05, ends[0]), 2: (121.05, ends[1])}, COAST))
    water = read_water(path, extent=BOX)
    assert water["kind"].tolist() == ["unclear"]
    assert water.geometry[0].area == pytest.approx(0.01)


@pytest.mark.real
def test_the_rhine_is_water() -> None:
    path = real("liechtenstein/liechtenstein-240304.osm.pbf")
    water = read_water(path, extent=(9.47, 47.05, 9.64, 47.27))
    assert set(water["kind"]) == {"water"}
    assert 1 < shapely.union_all(water.to_crs(32632).geometry.to_numpy()).area / 1e6 < 5
