"""Cover by radius: 150 m on the ground, cut where the road enters the circle, whatever the map projection."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import CrsError, StudyError
from geo.hydrants import (
    HydrantRoads,
    cover_people,
    cover_roads,
    make_roads,
    require_true_metres,
    uncovered_lines,
)
from geo.network import from_roads
from geo.osm import read_facilities, read_roads
from geo.standards import load_profile
from tests.blocks import blocks, cells_of, hydrants_at, network_of, some_cells
from tests.shared import real
from tests.towns import ORIGIN, places, town

STREET = town({1: (0, 0), 2: (300, 0), 3: (600, 0)}, [(1, 2, 30), (2, 3, 30)])

STEPS = np.linspace(-0.003, 0.003, 61)
"""Degrees around a hydrant."""


def test_a_home_exactly_150_m_away_is_covered() -> None:
    homes = places({"at": (150, 0), "beyond": (150.001, 0), "corner": (90, 120)})
    found = cover_people(homes, places({"H": (0, 0)}))
    assert found["is_covered"].tolist() == [True, False, True]  # 90-120-150
    assert found["hydrant_m"].tolist() == pytest.approx([150.0, 150.001, 150.0])
    assert found["hydrant_id"].tolist() == ["H", "H", "H"]


def test_the_road_is_cut_where_it_enters_the_circle() -> None:
    # The hydrant stands 90 m off the road: the circle cuts it 120 m either way, from 180 to 420.
    cover = cover_roads(make_roads(STREET), places({"H": (300, 90)}))
    assert cover.covered.total() == 240_000.0
    assert cover.share == 0.4
    lines = uncovered_lines(make_roads(STREET), cover)
    assert lines["length_m"].tolist() == [180.0, 180.0]
    ends = np.sort(shapely.get_coordinates(lines.geometry.array)[:, 0] - ORIGIN[0])
    assert ends.tolist() == pytest.approx([0.0, 180.0, 420.0, 600.0])


def test_circles_that_overlap_count_once_and_a_tangent_covers_nothing() -> None:
    roads = make_roads(STREET)
    assert cover_roads(roads, places({"a": (200, 0), "b": (300, 0)})).covered.total() == 400_000.0
    assert cover_roads(roads, places({"touching": (300, 150)})).covered.total() == 0.0


def test_no_road_of_no_length_is_left_uncovered() -> None:
    # Streets whose lengths no machine number holds exactly, all of them within 150 m of the hydrant.
    nodes = {k: (13.7 * k, 2.3 * (k % 3)) for k in range(10)}
    roads = make_roads(town(nodes, [(k, k + 1, 1.0) for k in range(9)]))
    cover = cover_roads(roads, places({"H": (60.3, 0.7)}))
    assert cover.share == 1.0
    assert len(uncovered_lines(roads, cover)) == 0


def test_the_sides_of_a_wide_road_count_once() -> None:
    wide = cover_roads(make_roads(STREET, wide_classes=["unclassified"]), places({"H": (300, 90)}))
    assert wide.covered.total() == 240_000.0
    assert wide.share == 0.4


def test_without_hydrants_nothing_is_covered_and_everyone_stays() -> None:
    nobody = places({"H": (0, 0)}).iloc[:0]
    homes = places({"a": (0, 0), "b": (10, 0)})
    found = cover_people(homes, nobody)
    assert found.index.tolist() == ["a", "b"]
    assert np.isinf(found["hydrant_m"]).all()
    assert found["hydrant_id"].isna().all()
    assert cover_roads(make_roads(STREET), nobody).share == 0.0
    assert cover_people(homes.iloc[:0], nobody).empty


def test_web_mercator_and_degrees_stay_outside() -> None:
    # At 31.6 degrees north a metre of Web Mercator is 0.85 m: a circle of 150 m holds 27 % too little land.
    homes = places({"home": (0, 0)})
    assert (150 * np.cos(np.radians(31.6))) ** 2 / 150**2 == pytest.approx(0.73, abs=0.005)
    for wrong in (3857, 4326, 4490):
        with pytest.raises(CrsError):
            cover_people(homes.to_crs(wrong), homes.to_crs(wrong))
        with pytest.raises(CrsError):
            cover_roads(make_roads(STREET), homes.to_crs(wrong))


def test_the_scale_of_the_crs_is_looked_at_where_the_layer_lies() -> None:
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([121.5, 122.0], [31.2, 31.7]), crs=4326)
    for fine in (32651, 4549, 4528):
        require_true_metres(homes.to_crs(fine), "homes")
    # A mercator by another name, and a UTM zone two zones away, are metres in name only.
    for wrong in ("EPSG:3395", "EPSG:32649"):
        with pytest.raises(CrsError, match="off by"):
            require_true_metres(homes.to_crs(wrong), "homes")


def test_a_buffer_in_web_mercator_would_differ_by_more_than_a_quarter_of_its_area() -> None:
    # The same hydrant, the same 150 m: what the shortcut would call covered against what is.
    homes = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*(g.ravel() for g in np.meshgrid(121.5 + STEPS, 31.6 + STEPS))),
        crs=4326,
    )
    hydrant = gpd.GeoDataFrame(geometry=gpd.points_from_xy([121.5], [31.6]), crs=4326)
    mercator = homes.to_crs(3857).distance(hydrant.to_crs(3857).geometry.iloc[0]) <= 150.0
    exact = cover_people(homes.to_crs(32651), hydrant.to_crs(32651))["is_covered"]
    assert mercator.sum() / exact.sum() == pytest.approx(0.727, abs=0.02)


def test_layers_in_two_systems_and_a_radius_of_nothing_are_told() -> None:
    roads, hydrant = make_roads(STREET), places({"H": (0, 0)})
    with pytest.raises(CrsError, match="use to_metric"):
        cover_roads(roads, hydrant.to_crs(4549))
    with pytest.raises(StudyError, match="above zero"):
        cover_roads(roads, hydrant, radius_m=0.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 5))
def test_one_more_hydrant_never_lowers_the_cover(seed: int, n: int) -> None:
    graph = blocks(seed, is_tree=False)
    roads = make_roads(network_of(graph))
    sites = some_cells(graph, seed, min(n, len(cells_of(graph))))
    more, less = (cover_roads(roads, hydrants_at(some)) for some in (sites, sites[:-1]))
    again = cover_roads(roads, hydrants_at(sites[::-1]))
    assert more.share >= less.share
    assert again.covered.total() == more.covered.total()
    # A polygon inside the circle covers less, one around it more.
    inside, around = (_length_in(roads, sites, radius) for radius in (150.0, 150.0 / np.cos(np.pi / 256)))
    assert inside - 1e-3 <= more.covered.total() / 1000.0 <= around + 1e-3


def _length_in(roads: HydrantRoads, sites: list[tuple[int, int]], radius_m: float) -> float:
    circles = shapely.union_all(shapely.buffer(hydrants_at(sites).geometry.array, radius_m, quad_segs=64))
    return float(shapely.length(shapely.intersection(roads.network.edges.geometry.array, circles)).sum())


@pytest.mark.real
@pytest.mark.parametrize("name", ["helsinki/Helsinki.osm.pbf", "liechtenstein/liechtenstein-240304.osm.pbf"])
def test_real_cover_against_shapely(name: str) -> None:
    path = real(name)
    network = from_roads(read_roads(path), load_profile("fire_engine"))
    hydrants = read_facilities(path, kinds=("hydrant",)).to_crs(network.crs)
    roads = make_roads(network)
    cover = cover_roads(roads, hydrants)
    edges = roads.network.edges
    circles = shapely.union_all(shapely.buffer(hydrants.geometry.array, 150.0, quad_segs=200))
    shapely.prepare(circles)
    near = shapely.intersects(circles, edges.geometry.array)
    inside = shapely.length(shapely.intersection(edges.geometry.array[near], circles)).sum()
    # The scale of UTM lies between 0.9996 and 1.0004; the circle's polygon is 1 in 10^5 short.
    assert cover.covered.total() / 1000.0 == pytest.approx(inside, rel=5e-4)
    assert CRS(network.crs).is_projected
    assert 0 < cover.share < 1


def test_one_row_that_lies_far_away_by_mistake_does_not_stop_the_others() -> None:
    # 30 places about 120 E in its own zone, one 950 km to the west, where the zone's scale is off by 1 %.
    near = [(500_000.0 + 100 * k, 3_500_000.0) for k in range(30)]
    places = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*zip(*near, (-450_000.0, 3_500_000.0), strict=True)), crs=4549
    )
    require_true_metres(places, "homes")
    with pytest.raises(CrsError, match="homes"):
        require_true_metres(places.iloc[-1:], "homes")
    with pytest.raises(CrsError, match="homes"):
        require_true_metres(places.iloc[[0, 1, 2, -1, -1]], "homes")
