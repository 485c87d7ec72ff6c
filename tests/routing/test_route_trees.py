"""The ways to many points as trees: a town worked out by hand, and laws over random roads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import RoadNetwork
from geo.routing import RouteTrees, nearest, route, snap, trace_routes
from geo.schema import Direction
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import ORIGIN, five_crossings, places, town

DIRECTIONS = st.sampled_from(["from_facility", "to_facility"])


def _chain(trees: RouteTrees, point: object) -> list[int]:
    """List the legs of a way, the facility's first."""
    legs, leg = [], int(trees.ways.loc[point, "leg"])
    while leg >= 0:
        legs.append(leg)
        leg = int(trees.legs["parent"].iloc[leg])
    return legs[::-1]


def _line(trees: RouteTrees, point: object) -> np.ndarray:
    return np.concatenate(
        [shapely.get_coordinates(trees.legs.geometry.iloc[leg]) for leg in _chain(trees, point)]
    )


@pytest.fixture
def cross() -> RoadNetwork:
    return five_crossings()


def test_the_parts_of_a_way_add_up_by_hand(cross: RoadNetwork) -> None:
    # The station stands 50 m off the road (18 s at 10 km/h), 250 m east of node 0; the house 25 m off (9 s),
    # half way between 3 and 4: 750 m east (75 s), 1,500 m north (150 s), 750 m north (75 s), 60 s turnout.
    stations = snap(places({"A": (250, 50)}), cross, access_kph=10)
    houses = snap(places({"farm": (1025, 2250), "corner": (1000, 1500)}), cross, access_kph=10)
    trees = trace_routes(cross, stations, houses, direction="from_facility", start_s=pd.Series({"A": 60.0}))
    way = trees.ways.loc["farm"]
    assert way["facility_id"] == "A"
    assert way[["start_ms", "facility_access_ms", "road_ms", "access_ms", "total_ms"]].tolist() == [
        60_000, 18_000, 300_000, 9_000, 387_000,
    ]  # fmt: skip
    assert way[["facility_access_m", "access_m"]].tolist() == [50.0, 25.0]
    legs = trees.legs.iloc[_chain(trees, "farm")]
    assert legs["ms"].tolist() == [225_000, 75_000]  # the corner's way ends where the first leg ends
    assert legs["length_m"].tolist() == pytest.approx([2250.0, 750.0])
    line = _line(trees, "farm") - ORIGIN
    assert line[[0, -1]].tolist() == [[250, 0], [1000, 2250]]
    assert trees.ways.loc["corner", "total_ms"] == 60_000 + 18_000 + 225_000


def test_whom_no_road_reaches_has_no_way() -> None:
    roads = town({0: (0, 0), 1: (1000, 0)}, [(0, 1, 100.0, np.inf)])
    stations, homes = (
        make_snaps([(0, 0.75, 0.0)], prefix="s"),
        make_snaps([(0, 0.25, 0.0), (-1, 0, 0)], prefix="d"),
    )
    trees = trace_routes(roads, stations, homes, direction="from_facility")
    assert trees.ways["leg"].tolist() == [-1, -1]
    assert trees.ways["facility_id"].tolist() == [None, None]
    assert not len(trees.legs)
    walked = trace_routes(roads, stations, homes, direction="to_facility")
    assert walked.ways["road_ms"].tolist() == [50_000, 0]


def test_without_facilities_nobody_has_a_way(cross: RoadNetwork) -> None:
    trees = trace_routes(
        cross, make_snaps([], prefix="s"), make_snaps([(0, 0.5, 1.0)], prefix="d"), direction="from_facility"
    )
    assert trees.ways["leg"].tolist() == [-1]
    assert trees.ways["total_ms"].tolist() == [0]


@given(data=st.data(), direction=DIRECTIONS)
@settings(max_examples=200)
def test_the_legs_of_every_way_add_up_to_the_time_of_the_search(
    data: st.DataObject, direction: Direction
) -> None:
    roads = data.draw(networks())
    stations = data.draw(snaps(roads, prefix="s", min_size=1))
    homes = data.draw(snaps(roads, prefix="d", min_size=1))
    start_s = pd.Series(data.draw(st.sampled_from([0.0, 0.0004, 60.0, 90.5])), index=stations.index[:1])
    limit_s = data.draw(st.sampled_from([np.inf, 10.0]))
    trees = trace_routes(roads, stations, homes, direction=direction, start_s=start_s, limit_s=limit_s)
    table = nearest(roads, stations, homes, direction=direction, start_s=start_s, limit_s=limit_s)
    assert trees.ways["facility_id"].tolist() == table["first_id"].tolist()
    for point, way in trees.ways.iterrows():
        legs = trees.legs.iloc[_chain(trees, point)]
        assert legs["ms"].sum() == way["road_ms"]
        parts = way["start_ms"] + way["facility_access_ms"] + way["road_ms"] + way["access_ms"]
        assert parts == way["total_ms"]
        if way["leg"] >= 0:
            assert parts / 1000.0 == table.loc[point, "first_s"]
        else:
            assert np.isinf(table.loc[point, "first_s"]) or not len(legs)
    assert (trees.legs["parent"].to_numpy() < np.arange(len(trees.legs))).all()


@given(data=st.data(), direction=DIRECTIONS)
@settings(max_examples=100)
def test_the_line_of_a_way_is_whole_and_as_long_as_the_route(
    data: st.DataObject, direction: Direction
) -> None:
    roads = data.draw(networks())
    stations = data.draw(snaps(roads, prefix="s", min_size=1, max_size=3))
    homes = data.draw(snaps(roads, prefix="d", min_size=1, max_size=3))
    trees = trace_routes(roads, stations, homes, direction=direction)
    for point, way in trees.ways[trees.ways["leg"] >= 0].iterrows():
        legs = trees.legs.iloc[_chain(trees, point)]
        lines = [shapely.get_coordinates(line) for line in legs.geometry]
        for one, after in pairwise(lines):
            assert one[-1] == pytest.approx(after[0], abs=1e-6)
        assert sum(map(_length, lines)) == pytest.approx(legs["length_m"].sum(), abs=1e-6)
        own = stations.loc[[way["facility_id"]]]
        seconds, _, edges = route(roads, own, homes.loc[[point]], direction=direction)
        assert seconds == (way["total_ms"] - way["start_ms"]) / 1000
        assert {roads.classes[code] for code in roads.edge_class[edges]} >= set(legs["highway"])


def _length(line: np.ndarray) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
