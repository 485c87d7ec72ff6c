"""Scraps of road beside the network take nobody; islands keep theirs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import SCRAP_GAP_M, SCRAP_M, RoadNetwork, close_edges
from geo.routing import snap
from tests.routing.test_snapping import shapes
from tests.towns import places, town


def with_piece(gap_m: float, length_m: float = 600.0) -> RoadNetwork:
    """A street of 30 km along y = 0, and a piece of road beside it, ``gap_m`` to the north."""
    nodes = {1: (0, 0), 2: (15_000, 0), 3: (30_000, 0), 4: (1000, gap_m), 5: (1000 + length_m, gap_m)}
    return town(nodes, [(1, 2, 900), (2, 3, 900), (4, 5, 60)])


def test_a_scrap_takes_no_point_that_the_network_can_take() -> None:
    snaps = snap(places({"a": (1200, 40), "far": (1200, 520)}), with_piece(30))
    assert snaps["component"].tolist() == [0, 1]
    assert snaps["snap_m"].tolist() == [40, 490], "beyond the limit of the network the scrap is all there is"


@pytest.mark.parametrize(("gap_m", "component"), [(SCRAP_GAP_M, 0), (SCRAP_GAP_M + 1, 1)])
def test_an_island_keeps_its_points(gap_m: float, component: int) -> None:
    assert snap(places({"a": (1200, gap_m)}), with_piece(gap_m))["component"].tolist() == [component]


@pytest.mark.parametrize(("length_m", "component"), [(SCRAP_M, 0), (SCRAP_M + 1, 1)])
def test_a_long_piece_is_no_scrap(length_m: float, component: int) -> None:
    assert snap(places({"a": (1200, 30)}), with_piece(30, length_m))["component"].tolist() == [component]


def test_half_a_town_is_no_scrap() -> None:
    halves = town({1: (0, 0), 2: (1000, 0), 3: (0, 50), 4: (900, 50)}, [(1, 2, 60), (3, 4, 60)])
    assert snap(places({"a": (500, 50)}), halves)["component"].tolist() == [1]


def test_water_between_scrap_and_network_makes_an_island_of_it() -> None:
    canal = shapes(shapely.LineString([(-10, 15), (40_000, 15)]))
    at = places({"a": (1200, 40), "south": (1200, -10)})
    assert snap(at, with_piece(30), barriers=canal)["component"].tolist() == [1, 0]


def test_a_closed_road_makes_no_scrap() -> None:
    """Who stands on roads that are cut off stays there: a closure moves nobody."""
    joined = town(
        {1: (0, 0), 2: (15_000, 0), 3: (30_000, 0), 4: (15_000, 90), 5: (15_500, 90)},
        [(1, 2, 900), (2, 3, 900), (2, 4, 9), (4, 5, 60)],
    )
    at = places({"a": (15_400, 90)})
    before, after = snap(at, joined), snap(at, close_edges(joined, [2]))
    assert before["edge"].tolist() == after["edge"].tolist() == [3]
    assert after["component"].tolist() == [1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3000), st.floats(-700, 700)), max_size=8), st.floats(1, 600))
def test_nobody_is_farther_than_the_limit_and_nobody_is_lost(
    xy: list[tuple[float, float]], max_m: float
) -> None:
    at = places({str(i): point for i, point in enumerate(xy)})
    network = with_piece(30)
    snaps = snap(at, network, max_m=max_m)
    roads = network.entry_roads
    to_all = np.array([shapely.distance(point, roads.lines).min() for point in at.geometry])
    to_network = np.array([shapely.distance(point, roads.lines[:2]).min() for point in at.geometry])
    assert (snaps["is_snapped"].to_numpy() == (to_all <= max_m)).all()
    expected = np.where(to_network <= max_m, to_network, to_all)
    assert np.allclose(snaps["snap_m"], expected)
