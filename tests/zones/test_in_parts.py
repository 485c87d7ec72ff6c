"""Zones and hydrants of a city are worked out some pieces at a time: the same as all at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pandas.testing import assert_frame_equal

from geo.coverage import Coverage, cover
from geo.hydrants import find_gaps, make_roads, place_hydrants
from geo.network import RoadNetwork
from geo.sample import grid_network
from geo.standards import ResponseStandard
from geo.zones import station_zones

CLOCK = ResponseStandard("5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
N_STATIONS = 6


def _city() -> tuple[RoadNetwork, Coverage, gpd.GeoSeries]:
    network, g = grid_network(400, seed=3), np.random.default_rng(3)
    at = shapely.points(network.node_xy[g.choice(network.n_nodes, N_STATIONS, replace=False)])
    index = [f"S{k}" for k in range(N_STATIONS)]
    columns = {"name": index, "station_class": "first", "turnout_s": np.nan}
    stations = gpd.GeoDataFrame(columns, index=index, geometry=at, crs=network.crs)
    homes = gpd.GeoDataFrame({"people": 10.0}, index=["h"], geometry=at[:1], crs=network.crs)
    # Narrower than the roads, so that roads and border leave it, and with a lake.
    land = network.hull.buffer(-150.0).difference(network.hull.centroid.buffer(300.0))
    return network, cover(network, stations, homes, standard=CLOCK), gpd.GeoSeries([land], crs=network.crs)


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.ground.quadtree._MOST_AT_ONCE", 50)
    monkeypatch.setattr("geo.zones._roads._AT_ONCE", 7)
    monkeypatch.setattr("geo.zones.faces._AT_ONCE", 5)
    monkeypatch.setattr("geo.hydrants.spacing._AT_ONCE", 3)


@pytest.fixture(scope="module")
def at_once() -> tuple[gpd.GeoDataFrame, tuple[np.ndarray, ...]]:
    network, covered, land = _city()
    return station_zones(covered, land=land).table, _gaps(network)


def _gaps(network: RoadNetwork) -> tuple[np.ndarray, ...]:
    roads = make_roads(network, classes=network.classes)
    at = shapely.points(network.node_xy[::9] + 3.0)
    hydrants = gpd.GeoDataFrame({"kind": ["hydrant"] * len(at)}, geometry=at, crs=network.crs)
    spacing = find_gaps(roads, place_hydrants(roads, hydrants, max_m=50.0))
    return spacing.parts.edge, spacing.parts.low, spacing.parts.high, spacing.gap


def test_zones_in_parts_are_those_of_all_at_once(
    at_once: tuple[gpd.GeoDataFrame, tuple[np.ndarray, ...]], in_small_parts: None
) -> None:
    _, covered, land = _city()
    table = station_zones(covered, land=land).table
    assert (table["area_km2"] > 0).sum() >= N_STATIONS - 1
    assert_frame_equal(table.drop(columns="geometry"), at_once[0].drop(columns="geometry"))
    assert (shapely.to_wkb(table.geometry) == shapely.to_wkb(at_once[0].geometry)).all()


def test_gaps_between_hydrants_in_parts_are_those_of_all_at_once(
    at_once: tuple[gpd.GeoDataFrame, tuple[np.ndarray, ...]], in_small_parts: None
) -> None:
    network = _city()[0]
    gaps = _gaps(network)
    assert len(gaps[0]) > 20
    for own, other in zip(gaps, at_once[1], strict=True):
        assert (own == other).all()


def test_roads_of_hydrants_are_drawn_with_the_lines_of_the_study() -> None:
    network = _city()[0]
    roads = make_roads(network, classes=network.classes[:1])
    assert len(roads.network.lines) == roads.network.n_edges
    assert all(line is network.lines[at] for line, at in zip(roads.network.lines, roads.source, strict=True))
    own = [shapely.get_coordinates(line) for line in roads.network.lines]
    assert (np.concatenate(own) == roads.network.xy).all()
