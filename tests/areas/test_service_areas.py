"""Service areas: a point is inside exactly when its own time is within the limit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from geo.areas import AREA_COLUMNS, Drawing, service_areas
from geo.areas._workspace import CELL_M
from geo.errors import CrsError, InputError, StudyError
from geo.network import RoadNetwork, from_roads
from geo.routing import SnapRules, snap, travel_times
from tests.shared import real
from tests.towns import METRIC, ORIGIN, places, town

CELL_DIAGONAL_M = CELL_M * 2**0.5
ROAD = {1: (0.0, 0.0), 2: (1000.0, 0.0)}
ACCESS_KPH = 10.0
ACCESS_MPS = ACCESS_KPH / 3.6


def areas_of(network: RoadNetwork, stations: gpd.GeoDataFrame, limit_s: float, **options: object):
    """Draw areas; options may be those of ``SnapRules`` and of ``Drawing``."""
    values = {
        name: kind(**{key: options.pop(key) for key in kind.__dataclass_fields__ if key in options})
        for name, kind in (("snapping", SnapRules), ("drawing", Drawing))
    }
    return service_areas(network, snap(stations, network), limit_s=limit_s, **values, **options)


def union_of(network: RoadNetwork, stations: gpd.GeoDataFrame, limit_s: float, **options: object):
    return areas_of(network, stations, limit_s, each=False, **options).geometry.iloc[0]


def is_inside(shape: shapely.Geometry, *xy: tuple[float, float]) -> list[bool]:
    return shapely.intersects_xy(shape, np.array(xy) + ORIGIN).tolist()


def exact_s(
    network: RoadNetwork,
    stations: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    *,
    direction: str = "from_facility",
    barriers: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Give the points' own times, which owe nothing to polygons."""
    demand = snap(points, network, barriers=barriers)
    return travel_times(network, snap(stations, network), demand, direction=direction).to_dense()


# --- worked by hand


def test_one_straight_road_with_a_station_in_the_middle() -> None:
    # 1000 m in 100 s = 10 m/s; station at 500 m; limit 60 s, so all the road is in time: 10 s are left
    # at its ends. Access 10 km/h = 25/9 m/s, reach 500 m. At x metres from the station
    # 60 - x/10 s are left, which is a half-width of (60 - x/10) * 25/9 m: 1500/9 = 166.67 m in the middle,
    # 250/9 = 27.78 m at the ends. Four trapezia of 500 x (166.67 + 27.78) / 2 = 194,444 m2 and a half-disk
    # of radius 27.78 m at each end, 2,424 m2 in all.
    network = town(ROAD, [(1, 2, 100)])
    area = areas_of(network, places({"a": (500, 0)}), 60, union=False)
    exact_m2 = 2 * 500 * (1500 / 9 + 250 / 9) + np.pi * (250 / 9) ** 2
    assert area["area_km2"].iloc[0] * 1e6 == pytest.approx(exact_m2, rel=1e-3)
    west, south, east, north = area.total_bounds - np.tile(ORIGIN, 2)
    assert (west, east) == pytest.approx((-250 / 9, 1000 + 250 / 9), abs=0.5)
    assert (south, north) == pytest.approx((-1500 / 9, 1500 / 9), abs=CELL_M / 5)


def test_the_snapping_limit_cuts_the_reach_and_the_limit_the_road() -> None:
    # limit 40 s: 40 s * 25/9 = 111.1 m at the station, capped at 50 m until 22 s are spent (x = 220 m),
    # then narrowing to nothing at x = 400 m: 4 * (220 * 50 + 180 * 50 / 2) = 62,000 m2
    area = areas_of(town(ROAD, [(1, 2, 100)]), places({"a": (500, 0)}), 40, max_m=50)
    assert area["area_km2"].iloc[0] * 1e6 == pytest.approx(62_000, rel=2e-3)


def test_the_access_and_start_of_the_station_are_charged() -> None:
    # 25 m off the road = 9 s; start 11 s; of 40 s 20 are left: 4 * (200 * 500 / 9 / 2) = 22,222 m2
    area = areas_of(
        town(ROAD, [(1, 2, 100)]), places({"a": (500, 25)}), 40, start_s=pd.Series({"a": 11.0, "z": 1.0})
    )
    assert area["area_km2"].iloc[0] * 1e6 == pytest.approx(22_222, rel=5e-3)


def test_a_t_junction_is_reached_on_all_three_arms() -> None:
    # 10 m/s; station 100 m west of the junction; limit 60 s: 50 s are left at the junction. 300 m along
    # an arm 20 s are left: 55.6 m to a side
    network = town(
        {1: (-1000, 0), 2: (0, 0), 3: (1000, 0), 4: (0, 1000)}, [(1, 2, 100), (2, 3, 100), (2, 4, 100)]
    )
    shape = union_of(network, places({"a": (-100, 0)}), 60)
    assert is_inside(shape, (300, 54), (300, -54), (54, 300), (-54, 300)) == [True] * 4
    assert is_inside(shape, (300, 58), (300, -58), (58, 300), (-58, 300)) == [False] * 4
    assert is_inside(shape, (498, 0), (0, 498), (-698, 0)) == [True] * 3
    assert is_inside(shape, (503, 3), (3, 503), (-703, 3)) == [False] * 3


def test_the_border_between_parallel_roads_is_half_way() -> None:
    # 100 m apart; the upper road is joined only far away and not in time; at x = 500 (the station)
    # 40 s are left = 111 m, but ground above y = 50 belongs to the upper road
    nodes = {1: (0, 0), 2: (1000, 0), 3: (0, 100), 4: (1000, 100)}
    network = town(nodes, [(1, 2, 100), (3, 4, 100), (2, 4, 500)])
    shape = union_of(network, places({"a": (500, 0)}), 40)
    assert is_inside(shape, (500, 49.9), (500, -110)) == [True, True]
    assert is_inside(shape, (500, 50.1), (500, 90), (500, -112)) == [False] * 3


def test_a_one_way_street_is_reached_only_ahead() -> None:
    network = town(ROAD, [(1, 2, 100, np.inf)])
    stations = places({"a": (500, 0)})
    out = union_of(network, stations, 40)
    back = union_of(network, stations, 40, direction="to_facility")
    assert is_inside(out, (800, 0), (490, 0)) == [True, False]
    assert is_inside(back, (800, 0), (200, 0)) == [False, True]


def test_an_edge_reached_from_both_ends_keeps_its_gap() -> None:
    # a station at each end of the 1000 m road; 30 s reach 300 m from each: a gap of 400 m; 55 s close it
    network, stations = town(ROAD, [(1, 2, 100)]), places({"a": (0, 0), "b": (1000, 0)})
    shape = union_of(network, stations, 30)
    assert is_inside(shape, (298, 0), (303, 0), (500, 0), (697, 0), (702, 0)) == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert shape.geom_type == "MultiPolygon"
    assert union_of(network, stations, 55).geom_type == "Polygon"


def test_a_hole_that_is_real_is_kept() -> None:
    # a square block of 1200 m at 20 m/s; at 250 s every side is in time: the middle, 600 m from all
    # roads, is farther than the snapping limit
    nodes = {1: (0, 0), 2: (1200, 0), 3: (1200, 1200), 4: (0, 1200)}
    network = town(nodes, [(1, 2, 60), (2, 3, 60), (3, 4, 60), (4, 1, 60)])
    shape = union_of(network, places({"a": (0, 0)}), 250)
    assert len(shape.interiors) == 1
    assert is_inside(shape, (600, 600), (600, 150)) == [False, True]


def test_a_road_that_nothing_is_entered_from_owns_no_ground() -> None:
    # a motorway at y = 50 between the two streets: ground beside it belongs to the streets
    nodes = {1: (0, 0), 2: (1000, 0), 3: (0, 50), 4: (1000, 50)}
    network = town(nodes, [(1, 2, 100), (3, 4, 10)])
    closed = network.__class__(**{**network.__dict__, "edge_is_access": np.array([True, False])})
    assert is_inside(union_of(network, places({"a": (500, -1)}), 40), (500, 49)) == [False]
    assert is_inside(union_of(closed, places({"a": (500, -1)}), 40), (500, 49)) == [True]


def test_ground_across_water_is_not_inside() -> None:
    # a canal at y = 20..30 along the whole road: ground beyond it has no other road
    network = town(ROAD, [(1, 2, 100)])
    canal = gpd.GeoDataFrame(geometry=[shapely.transform(shapely.box(-900, 20, 1900, 30), shift)], crs=METRIC)
    shape = union_of(network, places({"a": (500, 0)}), 40, barriers=canal)
    assert is_inside(shape, (500, 19), (500, 25), (500, 40), (500, -40)) == [True, False, False, True]


def test_ground_behind_water_belongs_to_the_road_on_its_own_side() -> None:
    # at (500, 40) the lower road (late) is nearest, but a wall at y = 30 shuts it off;
    # the upper one, in time, is 60 m away
    nodes = {1: (0, 0), 2: (1000, 0), 3: (0, 100), 4: (1000, 100)}
    network = town(nodes, [(1, 2, 100), (3, 4, 100)])
    wall = gpd.GeoDataFrame(
        geometry=[shapely.transform(shapely.LineString([(-900, 30), (1900, 30)]), shift)], crs=METRIC
    )
    stations = places({"a": (500, 100)})
    assert is_inside(union_of(network, stations, 40), (500, 40)) == [False]
    assert is_inside(union_of(network, stations, 40, barriers=wall), (500, 40), (500, 28)) == [True, False]


def shift(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return xy + ORIGIN


# --- the edges of the input


def test_a_point_exactly_at_the_limit_is_inside() -> None:
    # 36 s along the road and none beside it: at x = 500 + 360 the road point takes exactly the limit
    shape = union_of(town(ROAD, [(1, 2, 100)]), places({"a": (500, 0)}), 36)
    assert shape.distance(shapely.Point(ORIGIN + np.array([860, 0]))) < CELL_DIAGONAL_M


def test_a_station_that_is_not_snapped_has_an_empty_row() -> None:
    areas = areas_of(town(ROAD, [(1, 2, 100)]), places({"a": (500, 0), "far": (500, 9000)}), 60)
    assert areas["facility_id"].tolist() == ["a", "far", None]
    assert areas["area_km2"].iloc[1] == 0
    assert areas.geometry.iloc[1].is_empty
    assert areas.geometry.iloc[2].equals(areas.geometry.iloc[0])


def test_no_stations_give_an_empty_table_with_the_columns() -> None:
    areas = areas_of(town(ROAD, [(1, 2, 100)]), places({"a": (500, 0)}).iloc[:0], 60)
    assert list(areas.columns) == list(AREA_COLUMNS)
    assert len(areas) == 0
    assert areas.crs == METRIC


def test_only_stations_that_are_not_snapped_give_empty_rows() -> None:
    areas = areas_of(town(ROAD, [(1, 2, 100)]), places({"far": (500, 9000)}), 60)
    assert areas["area_km2"].tolist() == [0, 0]


@pytest.mark.parametrize(("union", "each", "ids"), [(True, False, [None]), (False, True, ["a", "b"])])
def test_rows_are_what_was_asked_for(union: bool, each: bool, ids: list[str | None]) -> None:
    stations = places({"a": (0, 0), "b": (1000, 0)})
    assert (
        areas_of(town(ROAD, [(1, 2, 100)]), stations, 30, union=union, each=each)["facility_id"].tolist()
        == ids
    )


def test_limits_of_nothing_give_nothing_and_of_everything_all_ground_in_reach() -> None:
    network, stations = town(ROAD, [(1, 2, 100)]), places({"a": (500, 30)})
    assert union_of(network, stations, 10).is_empty, "the station needs 10.8 s to get to the road"
    # all the road with a reach of 80 m: 1000 x 160 and a disk of radius 80
    assert union_of(network, stations, np.inf, max_m=80).area == pytest.approx(180_106, rel=2e-3)


@pytest.mark.parametrize(
    "option",
    [{"limit_s": -1.0}, {"limit_s": np.nan}, {"max_m": -1.0}, {"max_m": np.inf}, {"access_kph": 0.0},
     {"access_kph": np.inf}, {"simplify_m": np.nan}],
)  # fmt: skip
def test_numbers_that_mean_nothing_are_errors(option: dict[str, float]) -> None:
    with pytest.raises(InputError):
        areas_of(town(ROAD, [(1, 2, 100)]), places({"a": (0, 0)}), **{"limit_s": 60.0, **option})


def test_a_direction_that_does_not_exist_and_layers_elsewhere_are_errors() -> None:
    network = town(ROAD, [(1, 2, 100)])
    stations = places({"a": (0, 0)})
    degrees = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    with pytest.raises(StudyError):
        areas_of(network, stations, 60, direction="sideways")
    for layer in ("land", "barriers"):
        with pytest.raises(CrsError, match=layer):
            areas_of(network, stations, 60, **{layer: degrees})


# --- the area of land


def test_land_cuts_the_areas_and_they_are_measured_again() -> None:
    network, stations = town(ROAD, [(1, 2, 100)]), places({"a": (500, 0)})
    shore = gpd.GeoDataFrame(geometry=[shapely.transform(shapely.box(-999, 0, 1999, 999), shift)], crs=METRIC)
    whole, cut = areas_of(network, stations, 60), areas_of(network, stations, 60, land=shore)
    assert cut["area_km2"].tolist() == pytest.approx((whole["area_km2"] / 2).tolist(), rel=1e-3)
    assert shapely.box(*shore.total_bounds).covers(cut.geometry.iloc[0])
    nowhere = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=METRIC)
    assert areas_of(network, stations, 60, land=nowhere)["area_km2"].tolist() == [0, 0]


# --- laws on random towns

SPOTS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda p: (p[0] * 60.0, p[1] * 60.0))


@st.composite
def towns(draw: st.DrawFn) -> tuple[RoadNetwork, gpd.GeoDataFrame]:
    """Draw a town of streets that cross, run side by side, end blind or go one way, and its stations."""
    spots = draw(st.lists(SPOTS, min_size=3, max_size=9, unique=True))
    pairs = st.tuples(st.integers(0, len(spots) - 1), st.integers(0, len(spots) - 1))
    drawn = draw(st.lists(pairs.filter(lambda p: p[0] != p[1]), min_size=2, max_size=12))
    links: list[tuple[int, int]] = []
    for link in drawn:
        # which of two roads on the same ground is nearer is a matter of rounding: points there have no time
        line = shapely.LineString([spots[i] for i in link])
        beside = [shapely.LineString([spots[i] for i in other]) for other in links if other != link]
        if not any(shapely.intersection(line, other).length for other in beside):
            links.append(link)
    seconds = [draw(st.integers(5, 60)) for _ in links]
    one_way = [draw(st.booleans()) and draw(st.booleans()) for _ in links]
    network = town(
        dict(enumerate(spots)),
        [(u, v, s, np.inf if way else s) for (u, v), s, way in zip(links, seconds, one_way, strict=True)],
    )
    stations = draw(st.lists(SPOTS, min_size=1, max_size=3, unique=True))
    return network, places({f"s{i}": (x + 7.0, y - 11.0) for i, (x, y) in enumerate(stations)})


def sample_points(network: RoadNetwork, n: int, seed: int) -> gpd.GeoDataFrame:
    low, high = network.node_xy.min(axis=0) - 300, network.node_xy.max(axis=0) + 300
    xy = np.random.default_rng(seed).uniform(low, high, (n, 2))
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs)


def around(points: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give 400 places within one cell's diagonal of each point."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = np.linspace(0.1, 1.0, 10) * CELL_DIAGONAL_M
    ring = np.stack([np.outer(radius, np.cos(turn)), np.outer(radius, np.sin(turn))], axis=-1).reshape(-1, 2)
    return shapely.points(shapely.get_coordinates(points)[:, None] + ring)


def check_agreement(network, stations, points, limit_s, *, least: float, **options) -> None:
    """Compare polygons with the points' own times; a miss must have the border within one cell's diagonal."""
    layers = {"barriers": options["barriers"]} if "barriers" in options else {}
    direction = options.get("direction", "from_facility")
    own = exact_s(network, stations, points, direction=direction, **layers)
    areas = areas_of(network, stations, limit_s, **options)
    assert areas.is_valid.all()
    at = np.asarray(points.geometry.array)
    for facility, shape in zip(areas["facility_id"], areas.geometry, strict=True):
        truth = (own.min(axis=1) if facility is None else own[facility]).to_numpy() <= limit_s
        wrong = np.flatnonzero(shapely.intersects(shape, at) != truth)
        assert len(wrong) <= (1 - least) * len(at), f"{len(wrong)} of {len(at)} points"
        if len(wrong):
            near = around(at[wrong])
            frame = gpd.GeoDataFrame(geometry=near.ravel(), crs=network.crs)
            their = exact_s(network, stations, frame, direction=direction, **layers)
            other = (their.min(axis=1) if facility is None else their[facility]).to_numpy() <= limit_s
            assert (other.reshape(near.shape) != truth[wrong, None]).any(axis=1).all()


@settings(max_examples=30, deadline=None)
@given(
    towns(), st.integers(10, 150), st.sampled_from(["from_facility", "to_facility"]), st.integers(0, 2**31)
)
def test_a_point_is_inside_exactly_when_its_own_time_is_within_the_limit(
    drawn, limit_s, direction, seed
) -> None:
    network, stations = drawn
    check_agreement(
        network, stations, sample_points(network, 1000, seed), limit_s, least=0.99, direction=direction
    )


@settings(max_examples=10, deadline=None)
@given(
    towns(), st.integers(30, 150), st.integers(0, 2**31), st.lists(SPOTS, min_size=3, max_size=3, unique=True)
)
def test_the_same_holds_with_water_in_the_way(drawn, limit_s, seed, corners) -> None:
    network, stations = drawn
    water = shapely.transform(shapely.LineString(corners).buffer(13.0), lambda xy: shift(xy + 23.0))
    barriers = gpd.GeoDataFrame(geometry=[water], crs=network.crs)
    points = sample_points(network, 1000, seed)
    check_agreement(network, stations, points, limit_s, least=0.99, barriers=barriers)


@settings(max_examples=15, deadline=None)
@given(towns(), st.integers(10, 120), st.integers(1, 60))
def test_a_higher_limit_or_one_more_station_never_shrinks_an_area(drawn, limit_s, more_s) -> None:
    network, stations = drawn
    areas, later = areas_of(network, stations, limit_s), areas_of(network, stations, limit_s + more_s)
    fewer = union_of(network, stations.iloc[1:], limit_s) if len(stations) > 1 else shapely.Polygon()
    for small, large in [*zip(areas.geometry, later.geometry, strict=True), (fewer, areas.geometry.iloc[-1])]:
        lost = small.difference(large)
        # what is lost is thinner than a cell, along the border
        assert lost.buffer(-CELL_M / 2).is_empty


@settings(max_examples=15, deadline=None)
@given(towns(), st.integers(10, 120))
def test_the_union_is_the_union_of_each(drawn, limit_s) -> None:
    network, stations = drawn
    areas = areas_of(network, stations, limit_s)
    together = shapely.union_all(areas.geometry.iloc[:-1].to_numpy())
    assert together.symmetric_difference(areas.geometry.iloc[-1]).buffer(-CELL_M / 2).is_empty


@settings(max_examples=10, deadline=None)
@given(towns(), st.integers(10, 120), st.sampled_from([2.0, 10.0]))
def test_straightening_takes_vertices_and_only_thin_slices_of_ground(drawn, limit_s, simplify_m) -> None:
    network, stations = drawn
    exact = union_of(network, stations, limit_s)
    plain = union_of(network, stations, limit_s, simplify_m=simplify_m)
    assert plain.is_valid
    assert shapely.get_num_coordinates(plain) <= shapely.get_num_coordinates(exact)
    assert exact.symmetric_difference(plain).buffer(-simplify_m).is_empty


def test_the_order_of_stations_does_not_matter() -> None:
    network, stations = town(ROAD, [(1, 2, 100)]), places({"a": (0, 0), "b": (1000, 9), "c": (400, 3)})
    one, other = areas_of(network, stations, 30), areas_of(network, stations.iloc[::-1], 30)
    assert one.geometry.iloc[0].equals(other.geometry.iloc[2])
    assert one.geometry.iloc[3].equals(other.geometry.iloc[3])


# --- what is promised where ground is narrow


def pier(width_m: float) -> tuple[RoadNetwork, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give a road on a pier of this width, 400 m out into the sea, with a station at its root."""
    half, low = width_m / 2, 1.9  # the middle of the pier is not on the lattice
    network = town({1: (0, low), 2: (400, low)}, [(1, 2, 40)])
    sea = [shapely.box(20, low + half, 900, 900), shapely.box(20, -900, 900, low - half)]
    barriers = gpd.GeoDataFrame(geometry=[shapely.transform(water, shift) for water in sea], crs=METRIC)
    return network, places({"a": (0, low)}), barriers


def test_a_pier_of_12_m_is_drawn_to_its_shore() -> None:
    network, stations, sea = pier(12.0)
    shape = union_of(network, stations, 60, barriers=sea)
    along = np.column_stack([np.repeat(np.arange(30.0, 390.0, 2.5), 3), np.tile([-1.5, 1.9, 5.3], 144)])
    assert all(is_inside(shape, *along))
    # 12 m x 370 m, right to the width of the last halving on both shores, and nothing of the sea
    pier_only = shapely.intersection(shape, shapely.transform(shapely.box(20, -50, 390, 50), shift))
    assert pier_only.area == pytest.approx(12 * 370, abs=2 * 370 * CELL_M / 128)


def test_a_pier_that_the_lattice_passes_over_may_be_missed_but_ground_6_m_from_a_change_is_right() -> None:
    network, stations, sea = pier(2.0)
    shape = union_of(network, stations, 60, barriers=sea)
    x = np.arange(30.0, 390.0, 2.5)
    at = shapely.points(np.column_stack([x, np.full(len(x), 1.9)]) + ORIGIN)
    assert (exact_s(network, stations, gpd.GeoDataFrame(geometry=at, crs=METRIC), barriers=sea) <= 60).all(
        axis=None
    )
    missed = ~shapely.intersects(shape, at)
    # Statement 4: far from the border that is drawn; statement 2: the sea, where nobody is in time, is near.
    assert shapely.distance(shape.boundary, at[missed]).max(initial=0.0) > 8.0
    assert (shapely.distance(sea.union_all(), at[missed]) <= 6.0).all()


def sea_south_of(y: float) -> gpd.GeoDataFrame:
    water = shapely.transform(shapely.box(-900, -2500, 1800, y), shift)
    return gpd.GeoDataFrame(geometry=[water], crs=METRIC)


def test_a_road_that_ends_on_the_shore_serves_the_land_behind_it() -> None:
    # Road x = 0 from y = 0 to the shore at 180 in 5 s. The station beside its start needs
    # hypot(7, 11) = 13.04 m at 10 km/h = 4.69 s. At the shore 30 - 4.69 - 5 = 20.31 s are left: 56.4 m.
    network = town({0: (0, 0), 1: (0, 180)}, [(0, 1, 5)])
    shape = union_of(network, places({"s": (7.0, -11.0)}), 30, barriers=sea_south_of(180.0))
    assert is_inside(shape, (0, 182), (50, 190), (-50, 190), (0, 234)) == [True] * 4
    assert is_inside(shape, (0, 178), (50, 170), (0, 239), (60, 182)) == [False] * 4
    assert shape.area == pytest.approx(np.pi * 56.4**2 / 2, rel=0.01)


@pytest.mark.parametrize("shore", [180.001, 180.5, 183.0, 187.3, 600.0])
def test_roads_in_the_sea_serve_no_land_not_even_a_sliver_of_it(shore: float) -> None:
    network = town({0: (0, 0), 1: (0, 180), 2: (300, 178)}, [(0, 1, 5), (1, 2, 5)])
    assert union_of(network, places({"s": (7.0, -11.0)}), 30, barriers=sea_south_of(shore)).is_empty


@settings(max_examples=8, deadline=None)
@given(towns(), st.integers(30, 150), st.integers(0, 2**31), st.integers(0, 40), st.integers(-20, 20))
def test_along_a_coast_ground_with_room_is_within_8_m_of_the_border_drawn(
    drawn, limit_s, seed, shore, slope
) -> None:
    network, stations = drawn
    # the sea: all ground south of a line that runs through the town
    line = [(-900.0, shore * 18.0 - slope * 50.0), (1800.0, shore * 18.0 + slope * 50.0)]
    water = shapely.transform(shapely.Polygon([*line, (1800, -2500), (-900, -2500)]), shift)
    sea = gpd.GeoDataFrame(geometry=[water], crs=network.crs)
    points = sample_points(network, 2000, seed)
    at = np.asarray(points.geometry.array)
    shape = union_of(network, stations, limit_s, barriers=sea)
    truth = (exact_s(network, stations, points, barriers=sea).min(axis=1) <= limit_s).to_numpy()
    wrong = np.flatnonzero(shapely.intersects(shape, at) != truth)[:6]
    # Around each wrong point, places half a metre apart: is it in a circle 10 m across of its own kind?
    step = np.arange(-12.0, 12.5, 0.5)
    grid = np.stack(np.meshgrid(step, step, indexing="ij"), axis=-1)
    disk = np.hypot(*np.meshgrid(*[np.arange(-5.5, 6.0, 0.5)] * 2)) <= 5.5
    for i in wrong:
        near = shapely.points(shapely.get_coordinates(at[i]) + grid.reshape(-1, 2))
        frame = gpd.GeoDataFrame(geometry=near, crs=network.crs)
        own = exact_s(network, stations, frame, barriers=sea).min(axis=1).to_numpy() <= limit_s
        same = (own == truth[i]).reshape(len(step), len(step))
        assert not same[np.hypot(*np.moveaxis(grid, -1, 0)) <= 6.0].all(), "the answer changes within 6 m"
        if ndimage.binary_opening(same, disk)[len(step) // 2, len(step) // 2]:
            assert shapely.distance(shape.boundary, at[i]) <= 8.0


# --- a real country


@pytest.mark.real
@pytest.mark.parametrize("direction", ["from_facility", "to_facility"])
def test_buildings_of_liechtenstein_are_inside_exactly_when_reached_in_time(direction: str) -> None:
    from geo.osm import read_buildings, read_facilities, read_roads
    from geo.standards import load_profile

    path = real("liechtenstein/liechtenstein-240304.osm.pbf")
    network = from_roads(read_roads(path), load_profile("fire_engine"))
    stations = read_facilities(path, kinds=("fire_station",)).to_crs(network.crs)
    buildings = read_buildings(path).to_crs(network.crs)
    assert (len(stations), len(buildings)) > (8, 17_000)
    stations.index = stations.index.astype(str)
    check_agreement(network, stations, buildings, 240.0, least=0.9995, direction=direction)


# --- scraps of road beside the network


def with_scrap() -> RoadNetwork:
    """A street of 30 km along y = 0, and 600 m of road 90 m north of it that nobody joined to it."""
    nodes = {1: (0, 0), 2: (15_000, 0), 3: (30_000, 0), 4: (1000, 90), 5: (1600, 90)}
    return town(nodes, [(1, 2, 900), (2, 3, 900), (4, 5, 60)])


@pytest.mark.parametrize(
    ("stations", "limit_s"),
    [
        ({"scrap": (1300, 570)}, 360.0),  # the network is 570 m away: this one stands on the scrap
        ({"scrap": (1300, 570), "street": (2500, 20)}, 360.0),
        ({"street": (1300, 20)}, 240.0),
        ({"beside": (1300, 100)}, 240.0),  # nearest to the scrap, put on the street
    ],
)
def test_ground_around_a_scrap_is_that_of_whom_snap_puts_there(
    stations: dict[str, tuple[float, float]], limit_s: float
) -> None:
    network, there = with_scrap(), places(stations)
    union = union_of(network, there, limit_s)
    xy = np.random.default_rng(3).uniform([500, -600], [2500, 700], (4000, 2))
    xy = np.vstack([xy, np.random.default_rng(4).uniform([900, 480], [1700, 600], (2000, 2))])
    points = places({f"p{i}": tuple(at) for i, at in enumerate(xy)})
    exact = (exact_s(network, there, points).min(axis=1) <= limit_s).to_numpy()
    drawn = shapely.intersects_xy(union, xy + ORIGIN)
    wrong = drawn != exact
    border_m = shapely.distance(union.boundary, shapely.points(xy[wrong] + ORIGIN))
    assert (border_m <= 8).all(), (
        f"{wrong.sum()} of {len(xy)} points are wrong, to {border_m.max(initial=0)} m"
    )
    assert exact.any()
    if "scrap" in stations:
        assert is_inside(union, (1300, 540)) == [True], "beyond the reach of the street"
    if list(stations) == ["scrap"]:
        assert is_inside(union, (1300, 450)) == [False], "snap puts this on the street, which is not reached"


# --- one station among all roads


@pytest.mark.parametrize("limit_s", [5.0, 60.0, 200.0])
def test_a_station_that_looks_at_its_own_roads_finds_what_one_that_looks_at_all_does(limit_s):
    # The row of a station reads the clock on the roads that it reaches, the row of all on every road.
    network = town(
        {k: (300.0 * (k % 6), 300.0 * (k // 6)) for k in range(36)},
        [(k, k + 1, 25.0) for k in range(36) if k % 6 < 5] + [(k, k + 6, 40.0, 70.0) for k in range(30)],
    )
    station = places({"a": (640.0, 600.0)})
    river = gpd.GeoDataFrame(
        geometry=[shapely.LineString(np.array([(850.0, -50.0), (850.0, 950.0)]) + ORIGIN)], crs=METRIC
    )
    for barriers in (None, river):
        own, together = areas_of(network, station, limit_s, barriers=barriers).geometry
        assert own.area > 0
        assert shapely.equals_exact(own, together, tolerance=0.0)
