"""Zones of responsibility: who is first at every spot, borders to the metre, people counted once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import Coverage, cover
from geo.errors import CrsError, InputError
from geo.network import RoadNetwork
from geo.standards import ResponseStandard
from geo.zones import Zoning, station_zones, trace_ground
from geo.zones.faces import NO_ROAD, RIGHT_M
from tests.towns import METRIC, ORIGIN, places, town

CLOCK = ResponseStandard("5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)


def box(*bounds: float) -> shapely.Polygon:
    x, y = ORIGIN
    return shapely.box(bounds[0] + x, bounds[1] + y, bounds[2] + x, bounds[3] + y)


def ground(*shapes: shapely.Polygon) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=METRIC)


def stations_at(
    coordinates: dict[str, tuple[float, float]], classes: list[str] | None = None, **columns: list[float]
) -> gpd.GeoDataFrame:
    names = [f"station {name}" for name in coordinates]
    classes = classes or ["first"] * len(coordinates)
    return places(coordinates, name=names, station_class=classes, **columns)


def covered(
    network: RoadNetwork, stations: gpd.GeoDataFrame, people: dict[str, tuple[float, float]] | None = None
) -> Coverage:
    people = people or {"nobody": (0.0, 0.0)}
    homes = places(people, people=[100.0] * len(people))
    return cover(network, stations, homes, standard=CLOCK)


def street(length_m: float = 2000.0, seconds: float = 200.0) -> RoadNetwork:
    """A straight road at 10 m/s."""
    return town({0: (0, 0), 1: (length_m, 0)}, [(0, 1, seconds)])


def zone(zoning: Zoning, station: str) -> pd.Series:
    return zoning.table.set_index("facility_id").loc[station]


def test_two_stations_on_a_street_meet_where_they_arrive_together() -> None:
    # A at 0 m starts after 60 s, B at 2000 m after 100 s; 10 m/s. They meet where
    # 60 + x/10 = 100 + (2000 - x)/10: x = 1200 m, at 180 s. The land reaches 500 m to
    # both sides: A has 1.2 km2, B 0.8 km2.
    stations = stations_at({"A": (0, 0), "B": (2000, 0)}, turnout_s=[60.0, 100.0])
    zoning = station_zones(covered(street(), stations), land=ground(box(0, -500, 2000, 500)))
    assert zoning.table["area_km2"].tolist() == pytest.approx([1.2, 0.8], rel=1e-9)
    assert zoning.table["farthest_s"].tolist() == [180.0, 180.0]
    assert zoning.table["farthest_travel_s"].tolist() == [120.0, 80.0]
    assert zone(zoning, "A").geometry.bounds[2] == pytest.approx(ORIGIN[0] + 1200)


def test_a_one_way_street_belongs_to_who_may_drive_into_it() -> None:
    # Only u -> v may be driven: B at the far end may not come back, A has the whole street.
    network = town({0: (0, 0), 1: (2000, 0)}, [(0, 1, 200, np.inf)])
    stations = stations_at({"A": (0, 0), "B": (2000, 0)})
    zoning = station_zones(covered(network, stations), land=ground(box(0, -500, 2000, 500)))
    assert zone(zoning, "A")["area_km2"] == pytest.approx(2.0)
    assert zone(zoning, "B")["area_km2"] == 0
    assert zone(zoning, "A")["farthest_s"] == 260.0


def test_stations_that_tie_everywhere_leave_the_ground_to_the_first() -> None:
    stations = stations_at({"A": (500, 0), "B": (500, 0)})
    zoning = station_zones(covered(street(), stations), land=ground(box(0, -500, 2000, 500)))
    assert zoning.table["area_km2"].tolist() == pytest.approx([2.0, 0.0])


def test_a_station_in_the_middle_of_a_street_owns_both_directions() -> None:
    # Three stations on one edge, at 500, 1000 and 1800 m, with equal starts: borders at 750 and 1400 m.
    stations = stations_at({"A": (500, 0), "B": (1000, 0), "C": (1800, 0)})
    zoning = station_zones(covered(street(), stations), land=ground(box(0, -100, 2000, 100)))
    assert zoning.table["area_km2"].tolist() == pytest.approx([0.150, 0.130, 0.120], rel=1e-9)
    # A: 500 m to the start of the street, 50 s; B: 400 m, 40 s; C: 400 m, 40 s.
    assert zoning.table["farthest_travel_s"].tolist() == [50.0, 40.0, 40.0]


def test_an_enclave_stays_with_who_reaches_it_first() -> None:
    # A fast road far from the land brings A to the middle of B's street, which is driven at 2 m/s.
    nodes = {0: (0, 0), 1: (1000, 0), 2: (2000, 0), 3: (3000, 0)}
    links = [(0, 1, 500), (1, 2, 500), (2, 3, 500), (0, 2, 50)]
    network = town(nodes, links, shapes={3: [(0, 3000), (2000, 3000)]})
    # B stands at 1000 m; A at 0. A is at 2000 m after 50 s, B after 500 s; they tie at x = 500 (250 s each)
    # and between 1000 and 2000 m where 50 + (2000 - x) / 2 = (x - 1000) / 2: x = 1550 m.
    stations = stations_at({"A": (0, 0), "B": (1000, 0)})
    zoning = station_zones(covered(network, stations), land=ground(box(0, -100, 3000, 100)))
    a = zone(zoning, "A")
    assert a["n_parts"] == 2
    assert a["area_km2"] == pytest.approx(0.2 * (0.5 + 1.45), rel=1e-3)
    assert zone(zoning, "B")["area_km2"] == pytest.approx(0.2 * 1.05, rel=1e-3)


def test_logistics_stations_have_no_zone_and_their_neighbours_have_theirs() -> None:
    stations = stations_at({"A": (0, 0), "L": (1000, 0)}, ["small", "logistics"])
    zoning = station_zones(covered(street(), stations), land=ground(box(0, -500, 2000, 500)))
    assert zoning.table["facility_id"].tolist() == ["A"]
    assert zoning.table["area_km2"].sum() == pytest.approx(2.0)


def test_an_island_without_a_station_is_told_with_its_people_and_its_reason() -> None:
    # A second street north has no station; a third piece of land has no road.
    network = town({0: (0, 0), 1: (2000, 0), 2: (0, 5000), 3: (2000, 5000)}, [(0, 1, 200), (2, 3, 200)])
    people = {"town": (100, 0), "north": (100, 5000), "bare": (1000, 9000), "hill": (1000, 900)}
    land = ground(box(0, -1000, 2000, 1000), box(0, 4000, 2000, 6000), box(0, 8000, 2000, 10000))
    zoning = station_zones(covered(network, stations_at({"A": (0, 0)}), people), land=land)
    table = zoning.table.set_index("reason")
    assert set(table.index) == {"", "island", "no road"}
    assert table["area_km2"].to_numpy() == pytest.approx(4.0)
    # The hill stands in A's zone but 900 m from the road: nobody reaches it, and it is counted there.
    assert table.loc["", ["people", "people_unreached"]].tolist() == [100, 100]
    assert table.loc["island", ["people", "people_unreached"]].tolist() == [0, 100]
    assert table.loc["no road", ["people", "people_unreached"]].tolist() == [0, 100]
    # Ground more than 500 m from the road: half of A's zone, to the lattice's 10 m.
    assert table.loc["", "beyond_km2"] == pytest.approx(2.0, rel=0.02)


def test_a_river_keeps_ground_with_the_road_on_its_own_bank() -> None:
    # Two streets 1 km apart; the river runs 200 m north of the southern one, the border is half-way.
    network = town({0: (0, 0), 1: (2000, 0), 2: (0, 1000), 3: (2000, 1000)}, [(0, 1, 200), (2, 3, 200)])
    coverage = covered(network, stations_at({"A": (0, 0), "B": (0, 1000)}))
    land = ground(box(0, -500, 2000, 1500))
    dry = station_zones(coverage, land=land)
    assert dry.table["area_km2"].tolist() == pytest.approx([2.0, 2.0], rel=1e-6)
    river = ground(box(-100, 200, 2100, 300))
    wet = station_zones(coverage, land=land, barriers=river)
    assert wet.table["area_km2"].tolist() == pytest.approx([1.4, 2.4], rel=1e-9)
    line = gpd.GeoSeries([shapely.LineString(np.array([[-100, 200], [2100, 200]]) + ORIGIN)], crs=METRIC)
    parted = station_zones(coverage, land=land, barriers=line)
    assert parted.table["area_km2"].tolist() == pytest.approx([1.4, 2.6], rel=1e-9)


@pytest.mark.thorough
def test_without_land_zones_end_where_points_are_too_far_from_a_road() -> None:
    zoning = station_zones(covered(street(), stations_at({"A": (0, 0)})), max_snap_m=100)
    # 2000 m by 200 m and two half discs of 100 m, the discs drawn with 16 corners.
    assert zoning.table["area_km2"].iloc[0] == pytest.approx(0.4 + np.pi * 0.01, rel=0.005)


def test_a_station_off_the_roads_keeps_an_empty_row() -> None:
    stations = stations_at({"A": (0, 0), "far": (0, 9000)})
    zoning = station_zones(covered(street(), stations), land=ground(box(0, -500, 2000, 500)))
    row = zone(zoning, "far")
    assert (row["area_km2"], row["reason"], row["people"]) == (0, "too far", 0)
    assert np.isnan(row["farthest_s"])


def test_wrong_layers_are_told() -> None:
    coverage = covered(street(), stations_at({"A": (0, 0)}))
    degrees = ground(box(0, 0, 100, 100)).to_crs(4326)
    with pytest.raises(CrsError, match="the land are in WGS 84"):
        station_zones(coverage, land=degrees)
    with pytest.raises(InputError, match="above 0"):
        station_zones(coverage, max_snap_m=0)


def test_ground_without_roads_says_so() -> None:
    nothing = np.empty((0, 2))
    faces = trace_ground(np.array([box(0, 0, 10, 10)]), nothing, nothing, np.empty(0, np.int64))
    assert faces.label.tolist() == [NO_ROAD]


@st.composite
def grids(draw: st.DrawFn) -> RoadNetwork:
    """Draw streets between 3 x 4 crossings 400 m apart, some missing, some one-way."""
    nodes = {i: (400.0 * (i % 4), 400.0 * (i // 4) + 30.0 * (i % 3)) for i in range(12)}
    pairs = [(i, i + 1) for i in nodes if i % 4 < 3] + [(i, i + 4) for i in nodes if i < 8]
    seconds = st.sampled_from([20.0, 40.0, 80.0, np.inf])
    links = [(u, v, draw(seconds), draw(seconds)) for u, v in pairs]
    is_there = [link for link in links if np.isfinite(min(link[2:]))]
    return town(nodes, [(0, 1, 40.0, 40.0), *is_there[1:]])


def spots_of(land: gpd.GeoSeries) -> np.ndarray:
    low, high = np.array(land.total_bounds).reshape(2, 2)
    return shapely.points(np.random.default_rng(1).uniform(low, high, (200, 2)))


def to_roads(spots: np.ndarray, zoning: Zoning) -> np.ndarray:
    """Give the metres from each spot to each piece of road."""
    lines = shapely.linestrings(np.stack([zoning.roads.xy, zoning.roads.to_xy], axis=1))
    return shapely.distance(spots[:, None], lines[None, :])


@st.composite
def districts(draw: st.DrawFn) -> tuple[RoadNetwork, gpd.GeoDataFrame, gpd.GeoSeries]:
    network = draw(grids())
    xy = network.node_xy
    nodes = draw(st.lists(st.integers(0, len(xy) - 1), min_size=2, max_size=5, unique=True))
    at = {f"s{i}": tuple(xy[node] - ORIGIN + 1.0) for i, node in enumerate(nodes)}
    turnout = draw(st.lists(st.sampled_from([30.0, 60.0, 90.0]), min_size=len(at), max_size=len(at)))
    bounds = [*(xy.min(axis=0) - 300), *(xy.max(axis=0) + 300)]
    return network, stations_at(at, turnout_s=turnout), gpd.GeoSeries([shapely.box(*bounds)], crs=METRIC)


@settings(max_examples=12, deadline=None)
@given(districts())
def test_zones_fill_the_land_once_and_every_spot_belongs_to_its_nearest_road(
    district: tuple[RoadNetwork, gpd.GeoDataFrame, gpd.GeoSeries],
) -> None:
    network, stations, land = district
    coverage = covered(network, stations)
    zoning = station_zones(coverage, land=land)
    shapes = np.asarray(zoning.table.geometry.array)
    assert shapely.is_valid(shapes).all()
    total = land.area.sum()
    assert shapely.area(shapes).sum() == pytest.approx(total, rel=1e-9)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(total, rel=1e-9)
    spots = spots_of(land)
    nearest_m, roads = to_roads(spots, zoning), zoning.roads
    for i, shape in enumerate(shapes[: len(stations)]):
        inside = shapely.contains(shape, spots)
        own = roads.owner == i
        if inside.any():
            assert own.any()
            assert (nearest_m[inside][:, own].min(axis=1) - nearest_m[inside].min(axis=1) <= RIGHT_M).all()


@settings(max_examples=12, deadline=None)
@given(districts())
def test_one_more_station_never_gives_another_more_road_or_ground(
    district: tuple[RoadNetwork, gpd.GeoDataFrame, gpd.GeoSeries],
) -> None:
    network, stations, land = district
    fewer = station_zones(covered(network, stations.iloc[:-1]), land=land)
    more = station_zones(covered(network, stations), land=land)
    nearest_m = to_roads(spots_of(land), fewer)
    for i in range(len(stations) - 1):
        assert more.table["road_km"].iloc[i] <= fewer.table["road_km"].iloc[i] + 1e-6
        # Ground beside a crossing may be as near to one zone's road as to another's: then either may have it.
        inside = shapely.contains(more.table.geometry.iloc[i], spots_of(land))
        own = fewer.roads.owner == i
        if inside.any():
            own_m = nearest_m[inside][:, own].min(axis=1, initial=np.inf)
            assert (own_m - nearest_m[inside].min(axis=1) <= RIGHT_M).all()
