"""Gaps between hydrants: exact to the millimetre along the road, whoever comes round the corner."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import StudyError
from geo.hydrants import HydrantRoads, Spacing, find_gaps, gap_table, make_roads, place_hydrants, place_points
from geo.network import RoadNetwork, from_roads
from geo.osm import read_facilities, read_roads
from geo.standards import load_profile
from tests.blocks import CELL, blocks, cells_of, placed_at, some_cells
from tests.shared import real
from tests.towns import METRIC, ORIGIN, places, town

# A street of 500 m in two links, and a lane of 200 m that leaves it in the middle.
STREET = town({1: (0, 0), 2: (250, 0), 3: (500, 0)}, [(1, 2, 25), (2, 3, 25)])
TEE = town({1: (0, 0), 2: (250, 0), 3: (500, 0), 4: (250, 200)}, [(1, 2, 25), (2, 3, 25), (2, 4, 20)])


def spaced(
    network: RoadNetwork, hydrants: dict[str, tuple[float, float]], **options: float
) -> tuple[HydrantRoads, Spacing]:
    roads = make_roads(network)
    return roads, find_gaps(roads, place_hydrants(roads, places(hydrants), max_m=30.0), **options)


def along(*metres: float) -> dict[str, tuple[float, float]]:
    return {f"H{i}": (metre, 3.0) for i, metre in enumerate(metres)}


def test_exactly_120_m_is_no_gap() -> None:
    _, spacing = spaced(STREET, along(20, 140, 260, 380, 500))
    assert spacing.n_gaps == 0
    assert spacing.gap_m == 0.0


def test_one_millimetre_more_is_a_gap() -> None:
    # 20, 140, 260, 380.001, 500: between the third and fourth 120.001 m; 1 mm is farther than 60 m from both.
    roads, spacing = spaced(STREET, along(20, 140, 260, 380.001, 500))
    table = gap_table(roads, spacing)
    assert table["length_m"].round(6).tolist() == [0.001]
    assert table["spacing_m"].round(6).tolist() == [120.001]


def test_a_dead_end_may_be_120_m_beyond_the_last_hydrant() -> None:
    # Ends at 0 and 500 stand 120 m from the first and last hydrant; 380 - 120 = 260 = 120 + 140.
    _, spacing = spaced(STREET, along(120, 240, 260, 380))
    assert spacing.n_gaps == 0
    # One millimetre more: from 440 (60 m from the hydrant at 379.999) all of the end lacks a hydrant.
    roads, spacing = spaced(STREET, along(120, 240, 260, 379.999))
    assert gap_table(roads, spacing)["length_m"].round(6).tolist() == [60.001]
    assert np.isnan(gap_table(roads, spacing)["spacing_m"]).all()


def test_dead_ends_may_be_judged_as_any_other_place() -> None:
    # 120 from each end with a limit of 60 m: the last 60 m at either end lack a hydrant.
    _, spacing = spaced(STREET, along(120, 240, 260, 380), end_m=60.0)
    assert spacing.gap_m == 120.0


def test_a_short_dead_end_needs_no_hydrant_of_its_own() -> None:
    # The lane's end is 100 + 20 = 120 m from the hydrant at 270; at 271 it is 121 m and lacks one: from 60 m.
    net = town({1: (0, 0), 2: (250, 0), 3: (350, 0), 4: (250, 100)}, [(1, 2, 25), (2, 3, 25), (2, 4, 10)])
    fine = spaced(net, along(30, 150, 270))[1]
    assert fine.n_gaps == 0
    late = spaced(net, along(30, 151, 271))[1]
    # Hydrant at 271: the lane within 60 m of it is its first 39 m; 61 of 100 m are left. 30 -> 151 is 121 m.
    assert sorted(late.parts.length / 1000.0) == [1.0, 61.0]


def test_a_hydrant_round_the_corner_counts() -> None:
    # At the junction 250 the hydrant 30 m up the lane is 30 m away, so it serves 30 m either way.
    hydrants = {"lane": (253.0, 30.0)}
    _, spacing = spaced(TEE, hydrants, end_m=60.0)
    # Street: 500 - 60 = 440; lane: 200 - 90 = 110.
    assert spacing.gap_m == 550.0
    assert spacing.n_gaps == 3


def test_gaps_run_through_junctions_of_one_road() -> None:
    # Named edges are one road through the junction; the lane without a name is another.
    net = TEE
    named = replace(net, names=("", "滨江路"), edge_name=np.array([1, 1, 0], np.int32))
    roads, spacing = spaced(named, {"far": (0.0, 0.0)}, end_m=60.0)
    table = gap_table(roads, spacing)
    assert table["name"].tolist() == ["滨江路", ""]
    assert table["length_m"].tolist() == [440.0, 200.0]


def test_both_sides_of_a_wide_road() -> None:
    # Left (north): 0, 120, 240, 360, 480 is in order. Right: 100 and 230 are 130 apart (10 m lack one), then
    # 290-440 until the hydrant on the centre line at the end, which serves both sides.
    net = town({1: (0, 0), 2: (500, 0)}, [(1, 2, 50)])
    left = {f"L{x}": (x, 4.0) for x in (0, 120, 240, 360, 480)}
    right = {"R100": (100, -4.0), "R230": (230, -4.0), "end": (500, 0.0)}
    hydrants = places({**left, **right})
    narrow = make_roads(net)
    assert find_gaps(narrow, place_hydrants(narrow, hydrants, max_m=30.0)).n_gaps == 0
    wide = make_roads(net, wide_classes=["unclassified"])
    table = gap_table(wide, find_gaps(wide, place_hydrants(wide, hydrants, max_m=30.0)))
    assert table["length_m"].tolist() == [150.0, 10.0]
    assert table["spacing_m"].tolist() == [270.0, 130.0]
    assert set(table["side"]) == {"right"}


def test_a_lane_meets_only_its_own_side_of_a_wide_road() -> None:
    # The lane leaves a wide road to the north; a hydrant south of the road is across it and does not count.
    wide = replace(TEE, classes=("primary", "residential"), edge_class=np.array([0, 0, 1], np.int16))
    roads = make_roads(wide, wide_classes=["primary"])
    assert roads.sides.n_edges == 5
    for y, lane_m in ((4.0, 200.0 - 50.0), (-4.0, 200.0)):  # 10 m from the junction
        spacing = find_gaps(roads, place_hydrants(roads, places({"H": (240.0, y)}), max_m=30.0), end_m=60.0)
        lane = roads.sides.edge_class[spacing.parts.edge] == 1
        assert spacing.parts.length[lane].sum() / 1000.0 == lane_m


def test_hydrants_off_the_road_do_not_count_and_none_leaves_all() -> None:
    roads, spacing = spaced(STREET, {"field": (250.0, 31.0)})
    assert spacing.gap_m == 500.0
    assert gap_table(roads, spacing)["people"].tolist() == [0.0]
    empty = place_hydrants(roads, places({"a": (0, 0)}).iloc[:0], max_m=30.0)
    assert find_gaps(roads, empty).gap_m == 500.0


def test_only_built_up_roads_need_hydrants_and_borders_are_no_ends() -> None:
    # Built up from 100 to 300 m; a hydrant at 340 m, outside, still serves from 280 m on.
    built = gpd.GeoDataFrame(
        geometry=[shapely.box(*(ORIGIN + np.array([100, -50])), *(ORIGIN + np.array([300, 50])))], crs=METRIC
    )
    roads = make_roads(STREET, built_up=built)
    assert roads.need.total() == 200_000.0
    spacing = find_gaps(roads, place_hydrants(roads, places({"H": (340.0, 0.0)}), max_m=30.0))
    table = gap_table(roads, spacing)
    assert table["length_m"].tolist() == [180.0]
    assert table["spacing_m"].isna().all()


def test_people_stand_beside_the_gap_on_their_road() -> None:
    roads, spacing = spaced(STREET, along(0), end_m=60.0)
    demand = places(
        {"near": (10, 20), "far": (200, 20), "farther": (400, -20)},
        people=[5.0, 7.0, 9.0],
        zone=["甲", "甲", "乙"],
    )
    beside = place_points(roads, demand, max_m=100.0).assign(people=demand["people"], zone=demand["zone"])
    table = gap_table(roads, spacing, people=beside)
    assert table["people"].tolist() == [16.0]
    assert table["zone"].tolist() == ["乙"]


def test_limits_that_contradict_each_other_are_told() -> None:
    roads, _ = spaced(STREET, along(0))
    with pytest.raises(StudyError, match="at least half of it"):
        find_gaps(roads, place_hydrants(roads, places(along(0)), max_m=30.0), end_m=59.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 4))
def test_gaps_are_the_cells_that_networkx_finds_far(seed: int, n: int) -> None:
    graph = blocks(seed, is_tree=False)
    cells = cells_of(graph)
    sites = some_cells(graph, seed, min(n, len(cells)))
    roads, placed = placed_at(graph, sites)
    spacing = find_gaps(roads, placed, end_m=60.0)
    away = nx.multi_source_dijkstra_path_length(cells, set(sites)) if sites else {}
    # All distances are multiples of 10 m, so a cell lacks a hydrant as a whole or not at all: by its middle.
    far = sum(min(away.get(a, np.inf), away.get(b, np.inf)) + CELL / 2 > 60 for a, b in cells.edges)
    assert spacing.gap_m == CELL * far


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 5))
def test_one_more_hydrant_never_adds_a_gap_and_order_does_not_matter(seed: int, n: int) -> None:
    graph = blocks(seed, is_tree=False)
    sites = some_cells(graph, seed, min(n, len(cells_of(graph))))
    gaps = []
    for some in (sites, sites[:-1], sites[::-1]):
        roads, placed = placed_at(graph, some)
        gaps.append(find_gaps(roads, placed))
    assert gaps[0].gap_m <= gaps[1].gap_m
    assert gaps[0].gap_m == gaps[2].gap_m
    np.testing.assert_array_equal(gaps[0].parts.low, gaps[2].parts.low)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "n"), [("helsinki/Helsinki.osm.pbf", 37), ("liechtenstein/liechtenstein-240304.osm.pbf", 31)]
)
def test_real_gaps_against_networkx_on_the_split_graph(name: str, n: int) -> None:
    path = real(name)
    network = from_roads(read_roads(path), load_profile("fire_engine"))
    hydrants = read_facilities(path, kinds=("hydrant",)).to_crs(network.crs)
    assert len(hydrants) == n
    roads = make_roads(network)
    placed = place_hydrants(roads, hydrants, max_m=30.0)
    spacing = find_gaps(roads, placed, end_m=60.0)
    links = _split(roads, placed)
    graph = nx.Graph()
    for a, b, length in links:
        if not graph.has_edge(a, b) or graph[a][b]["weight"] > length:
            graph.add_edge(a, b, weight=length)
    sources = {("h", int(i)) for i in np.flatnonzero(placed["is_snapped"])}
    away = nx.multi_source_dijkstra_path_length(graph, sources)
    reach = 60_000
    left = [
        length - max(0, reach - away.get(a, reach)) - max(0, reach - away.get(b, reach))
        for a, b, length in links
    ]
    assert spacing.parts.total() == sum(max(0, rest) for rest in left)
    assert gap_table(roads, spacing)["length_m"].sum() == pytest.approx(spacing.gap_m, rel=1e-12)


def _split(roads: HydrantRoads, placed: pd.DataFrame) -> list[tuple[object, object, int]]:
    """Cut every road at its hydrants, in plain Python."""
    links: list[tuple[object, object, int]] = []
    on = [
        (int(e), int(at), i)
        for i, (e, at) in enumerate(zip(placed["edge"], placed["at_mm"].fillna(-1), strict=True))
    ]
    for edge, (u, v, length) in enumerate(
        zip(roads.sides.edge_u.tolist(), roads.sides.edge_v.tolist(), roads.length_mm.tolist(), strict=True)
    ):
        stops = [(0, ("n", u)), *sorted((at, ("h", i)) for e, at, i in on if e == edge), (length, ("n", v))]
        links += [(a, b, to - at) for (at, a), (to, b) in pairwise(stops)]
    return links
