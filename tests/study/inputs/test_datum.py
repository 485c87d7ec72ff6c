"""Points in GCJ-02 that were taken for WGS 84, over a village net near Shanghai."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from geo.crs import bd09_to_wgs84, gcj02_to_wgs84, transform_xy, wgs84_to_bd09, wgs84_to_gcj02
from geo.network import RoadNetwork, from_roads, roads_from_lines
from geo.osm import read_roads
from geo.standards import load_profile
from geo.study import parse_study
from geo.study.inputs import read_inputs
from geo.study.inputs.datum import find_shift, suspect_shift
from geo.study.inputs.extents import find_zone_shift
from geo.study.inputs.mixed import find_mixed_rows
from tests.shared import real
from tests.studies import EAST, NORTH
from tests.towns import town

STEP = 2000.0
"""Villages of a chequerboard are so far apart: no other road is near the shifted place."""


def village_net() -> RoadNetwork:
    """Make a chequerboard of 7 x 7 crossings, 2 km apart, with roads along every row and column."""
    n = 7
    at = {row * n + col: (col * STEP, row * STEP) for row in range(n) for col in range(n)}
    along = [(row * n + col, row * n + col + 1, 200.0) for row in range(n) for col in range(n - 1)]
    up = [(row * n + col, (row + 1) * n + col, 200.0) for row in range(n - 1) for col in range(n)]
    return town(at, along + up)


def stations(turn: Callable[..., tuple[np.ndarray, np.ndarray]] | None, *, n: int = 20) -> gpd.GeoDataFrame:
    """Stand n points 10 m from crossings and read them through a datum."""
    rng = np.random.default_rng(7)
    x, y = EAST + STEP * rng.integers(0, 7, n) + 10, NORTH + STEP * rng.integers(0, 7, n) + 10
    right = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=32651).to_crs(4326)
    lon, lat = right.x.to_numpy(), right.y.to_numpy()
    if turn is not None:
        lon, lat = turn(lon, lat)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326).to_crs(32651)


@pytest.mark.parametrize(
    ("turn", "reading"),
    [(wgs84_to_gcj02, "GCJ-02"), (wgs84_to_bd09, "BD-09"), (gcj02_to_wgs84, "roads in GCJ-02")],
)
def test_a_shifted_layer_is_found(turn: Callable[..., tuple[np.ndarray, np.ndarray]], reading: str) -> None:
    shift = find_shift(stations(turn), village_net())
    assert shift is not None
    assert shift.reading == reading
    assert shift.off_m > 100
    assert shift.then_m == pytest.approx(10, abs=1)
    assert shift.n_points == 20


def test_points_at_their_roads_are_left_alone() -> None:
    assert find_shift(stations(None), village_net()) is None


def test_fewer_than_eight_points_say_nothing() -> None:
    assert find_shift(stations(wgs84_to_gcj02, n=7), village_net()) is None
    assert find_shift(stations(wgs84_to_gcj02, n=8), village_net()) is not None


def test_points_far_from_roads_under_every_reading_are_left_alone() -> None:
    # Farms stand anywhere in their squares: no single shift brings them all to a road.
    rng = np.random.default_rng(11)
    xy = rng.uniform(0, 6 * STEP, (40, 2))
    farms = gpd.GeoDataFrame(geometry=gpd.points_from_xy(EAST + xy[:, 0], NORTH + xy[:, 1]), crs=32651)
    assert find_shift(farms, village_net()) is None


def test_outside_china_there_is_no_shift() -> None:
    net = village_net()
    helsinki = gpd.GeoDataFrame(geometry=gpd.points_from_xy([24.9] * 9, [60.2] * 9), crs=4326).to_crs(32651)
    assert find_shift(helsinki, net) is None


def test_the_inverse_of_each_datum_puts_points_back() -> None:
    lon, lat = np.array([121.4]), np.array([31.6])
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)):
        again = back(*there(lon, lat))
        assert np.hypot(again[0] - lon, again[1] - lat).max() < 1e-6


STREETS = np.cumsum(np.random.default_rng(5).uniform(42.0, 126.0, 51)).tolist()
"""Streets of a town lie so far north, 42 to 126 m from each other: no place is more than 63 m from one. No
shift but the right one brings points at the kerb of several back to all of them."""


def streets() -> RoadNetwork:
    """Make straight streets that run 4 km from west to east, and one across."""
    n = len(STREETS)
    at = {row * 2 + side: (4000.0 * side, STREETS[row]) for row in range(n) for side in (0, 1)}
    along = [(row * 2, row * 2 + 1, 400.0) for row in range(n)]
    up = [(row * 2, row * 2 + 2, 9.0) for row in range(n - 1)]
    return town(at, along + up)


def kerb(turn: Callable[..., tuple[np.ndarray, np.ndarray]], *, n: int, off_m: float) -> gpd.GeoDataFrame:
    """Stand n hydrants off_m beside the streets, in the middle of the town, and read them through a datum."""
    i = np.arange(n)
    x, y = EAST + 1000.0 + 37.0 * (i * i % 50), NORTH + np.array(STREETS)[15 + i % 20] + off_m
    right = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=32651).to_crs(4326)
    lon, lat = turn(right.x.to_numpy(), right.y.to_numpy())
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326).to_crs(32651)


def test_hydrants_between_the_streets_of_a_town_are_found() -> None:
    # Shifted by some 500 m they are still less than 63 m from some street, but no longer 3 m.
    shift = find_shift(kerb(wgs84_to_gcj02, n=40, off_m=3.0), streets())
    assert shift is not None
    assert shift.reading == "GCJ-02"
    assert 20 < shift.off_m < 63
    assert shift.then_m == pytest.approx(3, abs=0.5)
    # Few of them, or places that stand away from the kerb anyway, say nothing.
    assert find_shift(kerb(wgs84_to_gcj02, n=19, off_m=3.0), streets()) is None
    assert find_shift(kerb(wgs84_to_gcj02, n=40, off_m=15.0), streets()) is None
    assert find_shift(kerb(lambda lon, lat: (lon, lat), n=40, off_m=3.0), streets()) is None


def grid(spacing_m: float, lon: float, lat: float, *, n: int = 12) -> tuple[RoadNetwork, np.ndarray]:
    """Make straight roads every so many metres at a place in China; give them and their corner."""
    at = {
        row * (n + 1) + col: (col * spacing_m, row * spacing_m)
        for row in range(n + 1)
        for col in range(n + 1)
    }
    along = [(k, k + 1, 50.0) for k in at if k % (n + 1) < n]
    up = [(k, k + n + 1, 50.0) for k in at if k + n + 1 in at]
    net = town(at, along + up)
    crs = CRS.from_epsg(32600 + int((lon + 180) // 6) + 1)
    corner = transform_xy(np.array([[lon, lat]]), CRS.from_epsg(4326), crs)[0]
    moved = net.edges.geometry.translate(*(corner - [EAST, NORTH]))
    edges = gpd.GeoDataFrame(net.edges.drop(columns="geometry"), geometry=moved.to_numpy(), crs=crs)
    node_xy = shapely.get_coordinates(edges.geometry.to_numpy())
    return Lines(edges=edges, crs=crs, node_xy=node_xy), corner  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Lines:
    """What is asked of a network here; like one it is known by itself, not by what it holds."""

    edges: gpd.GeoDataFrame
    crs: CRS
    node_xy: np.ndarray

    @property
    def n_edges(self) -> int:
        return len(self.edges)

    @property
    def line_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.edges.geometry.to_numpy())

    @property
    def hull(self) -> shapely.Geometry:
        return shapely.convex_hull(shapely.multipoints(self.node_xy))


CITIES = [
    (121.47, 31.2),
    (116.4, 39.9),
    (113.3, 23.1),
    (104.1, 30.7),
    (108.9, 34.3),
    (126.6, 45.8),
    (87.6, 43.8),
]


@pytest.mark.parametrize(("lon", "lat"), [*CITIES, (102.7, 25.0)])
def test_no_regular_layout_raises_the_alarm(lon: float, lat: float) -> None:
    # 8 places x 6 sizes of block x 3 x 4 places in the block: 576 layouts, of which 354 raised it before.
    for spacing_m in (250, 300, 400, 500, 600, 800):
        net, corner = grid(spacing_m, lon, lat)
        column, row = np.meshgrid(np.arange(12), np.arange(12))
        for across in (0.1, 0.25, 0.5):
            for up in (0.1, 0.25, 0.5, 0.75):
                x = corner[0] + (column.ravel() + across) * spacing_m
                y = corner[1] + (row.ravel() + up) * spacing_m
                centres = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=net.crs)
                assert find_shift(centres, net) is None, (spacing_m, across, up)
                assert suspect_shift(centres, net) is None, (spacing_m, across, up)
                assert find_mixed_rows(centres, net) is None, (spacing_m, across, up)


def at_the_kerb(net: RoadNetwork, n: int, seed: int) -> gpd.GeoDataFrame:
    """Stand n points anywhere along the roads, 0 to 15 m from their middle."""
    rng = np.random.default_rng(seed)
    lines = net.edges.geometry.to_numpy()[rng.integers(0, len(net.edges), n)]
    spots = shapely.line_interpolate_point(lines, rng.uniform(0, 1, n), normalized=True)
    xy = shapely.get_coordinates(spots) + rng.uniform(-10, 10, (n, 2))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=net.crs)


def shifted(points: gpd.GeoDataFrame, turn: Callable[..., tuple[np.ndarray, np.ndarray]]) -> gpd.GeoDataFrame:
    lonlat = points.to_crs(4326).geometry
    x, y = turn(lonlat.x.to_numpy(), lonlat.y.to_numpy())
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326).to_crs(points.crs)


def alarm(points: gpd.GeoDataFrame, net: RoadNetwork, read_as: str = "") -> str:
    shift = find_shift(points, net, read_as=read_as) or suspect_shift(points, net, read_as=read_as)
    return "" if shift is None else shift.reading


@pytest.mark.parametrize("n", [3, 5, 10, 30, 100])
def test_false_alarms_and_detections_on_the_streets_of_shanghai(n: int) -> None:
    streets_of_shanghai = from_roads(
        read_roads(real("shanghai/central_peoples_square_drive_2026-07.osm")), load_profile("fire_engine")
    )
    layers = [at_the_kerb(streets_of_shanghai, n, seed) for seed in range(12)]
    assert [alarm(points, streets_of_shanghai) for points in layers] == [""] * 12
    told = [alarm(shifted(points, wgs84_to_gcj02), streets_of_shanghai) for points in layers]
    # Streets are 50 to 100 m apart here: three points are often near some street wherever they stand.
    assert told.count("GCJ-02") >= {3: 3, 5: 7, 10: 9}.get(n, 12)
    assert set(told) <= {"GCJ-02", ""}


def test_a_layer_declared_as_gcj_02_that_is_wgs_84_is_told_so() -> None:
    right = stations(None, n=30)
    unshifted = shifted(right, gcj02_to_wgs84)  # as the declared system makes of it
    assert alarm(unshifted, village_net(), "GCJ-02") == "WGS 84"
    assert alarm(right, village_net(), "GCJ-02") == ""


def test_zones_that_leave_out_the_roads_of_two_sides() -> None:
    net = village_net()
    district = gpd.GeoDataFrame(geometry=[shapely.box(*net.edges.total_bounds).buffer(200)], crs=net.crs)
    assert find_zone_shift(district, net) is None
    lonlat = district.to_crs(4326).geometry
    turned = shapely.transform(lonlat.to_numpy(), lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T)))
    shift = find_zone_shift(gpd.GeoDataFrame(geometry=turned, crs=4326).to_crs(net.crs), net)
    assert shift is not None
    assert shift.reading == "GCJ-02"
    assert "road ends lie outside" in str(shift.told())


@pytest.mark.parametrize("is_shifted", [False, True])
def test_people_by_villages_drawn_in_another_datum_are_told(tmp_path: Path, is_shifted: bool) -> None:
    """Borders with people are held against the roads as those of towns are."""
    net = village_net()
    ground = gpd.GeoSeries([shapely.box(*net.edges.total_bounds).buffer(200)], crs=net.crs).to_crs(4326)
    drawn = ground.to_numpy()
    if is_shifted:
        drawn = shapely.transform(drawn, lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T)))
    gpd.GeoDataFrame({"name": ["a"], "people": [900]}, geometry=drawn, crs=4326).to_file(
        tmp_path / "areas.gpkg"
    )
    net.edges[["geometry"]].assign(highway="primary").to_file(tmp_path / "roads.gpkg")
    net.edges.iloc[:1][["geometry"]].set_geometry(net.edges.iloc[:1].centroid).to_file(
        tmp_path / "stations.gpkg"
    )
    sections: dict[str, Any] = {
        "study": {"name": "borders"},
        "roads": {"path": "roads.gpkg"},
        "facilities": [{"path": "stations.gpkg", "kind": "fire_station"}],
        "demand": [{"path": "areas.gpkg", "method": "zones", "people": "people", "over": "roads"}],
    }
    told = [str(note) for section, note in read_inputs(parse_study(sections, folder=tmp_path)).notes
            if section == "demand 1" and "road ends lie outside" in str(note)]  # fmt: skip
    assert ["GCJ-02" in note for note in told] == [True] * is_shifted


def country_net(seed: int) -> RoadNetwork:
    """Draw roads of a country at random: a node every kilometre or so, joined to its nearest."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 12_000, (150, 2))
    ends = shapely.get_coordinates(shapely.delaunay_triangles(shapely.multipoints(at), only_edges=True))
    near = np.array([np.hypot(*(at - end).T).argmin() for end in ends]).reshape(-1, 2)
    keep = np.hypot(*(at[near[:, 0]] - at[near[:, 1]]).T) < 1_500
    links = [(int(a), int(b), 60.0) for a, b in near[keep] if a != b]
    return town({i: (float(x), float(y)) for i, (x, y) in enumerate(at)}, links)


def set_back(net: RoadNetwork, n: int, seed: int) -> gpd.GeoDataFrame:
    """Stand n houses along the roads, most of them some 60 m from them: no kerb is near."""
    rng = np.random.default_rng(seed)
    lines = net.edges.geometry.to_numpy()[rng.integers(0, len(net.edges), n)]
    spots = shapely.line_interpolate_point(lines, rng.uniform(0, 1, n), normalized=True)
    xy = shapely.get_coordinates(spots) + rng.normal(0, 60, (n, 2))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=net.crs)


@pytest.mark.parametrize("seed", range(8))
def test_houses_that_stand_back_from_their_roads_are_suspected_when_shifted(seed: int) -> None:
    net = country_net(seed)
    houses = set_back(net, 60, seed)
    assert find_shift(houses, net) is None
    assert suspect_shift(houses, net) is None
    moved = shifted(houses, wgs84_to_gcj02)
    told = find_shift(moved, net) or suspect_shift(moved, net)
    assert told is not None
    assert told.reading == "GCJ-02"
    assert told.then_m < told.off_m


def test_points_that_have_nothing_to_do_with_roads_hardly_ever_raise_it() -> None:
    # Nothing tells points at random from shifted ones but chance: 1 of 120 such layers raised it.
    n_raised = 0
    for seed in range(8):
        net = country_net(seed)
        xy = np.random.default_rng(100 + seed).uniform(0, 12_000, (40, 2)) + np.array([EAST, NORTH])
        anywhere = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=net.crs)
        for points in (anywhere, shifted(anywhere, wgs84_to_gcj02)):
            assert find_shift(points, net) is None
            n_raised += suspect_shift(points, net) is not None
    assert n_raised <= 1


@pytest.mark.real
@pytest.mark.parametrize(
    ("stations", "roads"),
    [
        ("shanghai/fire_stations_osm_2026-03-29.geojson", "shanghai/roads_shanghai_secondary_plus.gpkg"),
        ("chongming/towns_chongming_points.csv", "chongming/roads_chongming_secondary_plus.gpkg"),
    ],
)
def test_real_stations_are_told_when_they_are_shifted_and_only_then(stations: str, roads: str) -> None:
    table = (
        pd.read_csv(real(stations))
        if stations.endswith(".csv")
        else gpd.read_file(real(stations)).to_crs(4326)
    )
    at = (
        shapely.points(table[["lon", "lat"]])
        if stations.endswith(".csv")
        else shapely.centroid(table.geometry)
    )
    points = gpd.GeoDataFrame(geometry=gpd.GeoSeries(at).array, crs=4326).to_crs(32651)
    lines = gpd.read_file(real(roads), layer="links")
    net = from_roads(roads_from_lines(lines), load_profile("fire_engine"), crs=CRS.from_epsg(32651))
    assert find_shift(points, net) is None
    assert suspect_shift(points, net) is None
    moved = shifted(points, wgs84_to_gcj02)
    told = find_shift(moved, net) or suspect_shift(moved, net)
    assert told is not None
    assert told.reading == "GCJ-02"
