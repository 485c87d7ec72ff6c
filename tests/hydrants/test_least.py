"""The least number of hydrants: on a road, on trees against every choice, on loops within its bound."""

from __future__ import annotations

import math
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.hydrants import HydrantRoads, LeastPlan, find_gaps, least_hydrants, make_roads, place_hydrants
from tests.blocks import blocks, cells_of, placed_at, some_cells
from tests.towns import places, town


def planned(roads: HydrantRoads, placed: pd.DataFrame, *, end_m: float = 120.0) -> LeastPlan:
    """Give the plan, after a look whether it closes every gap."""
    plan = least_hydrants(roads, placed, find_gaps(roads, placed, end_m=end_m))
    more = pd.DataFrame(
        {
            "edge": plan.edge,
            "at_mm": plan.at_mm,
            "fraction": plan.at_mm / roads.length_mm[plan.edge],
            "is_snapped": True,
        }
    )
    both = pd.concat([placed[list(more)], more], ignore_index=True)
    assert find_gaps(roads, both, end_m=end_m).gap_m == 0.0
    assert plan.bound <= plan.n
    return plan


def road(length: float, hydrants: list[float], *, end_m: float = 120.0) -> LeastPlan:
    """Plan a single road of three links."""
    third = round(length / 3)
    net = town(
        {1: (0, 0), 2: (third, 0), 3: (2 * third, 0), 4: (length, 0)}, [(1, 2, 1), (3, 2, 1), (3, 4, 1)]
    )
    roads = make_roads(net)
    at = places({f"H{i}": (x, 0.0) for i, x in enumerate(hydrants)})
    return planned(roads, place_hydrants(roads, at, max_m=1.0), end_m=end_m)


@pytest.mark.parametrize(
    "length", [119.0, 120.0, 120.001, 239.999, 240.0, 240.001, 360.0, 1000.0, 1200.0, 1200.001]
)
def test_between_two_hydrants_it_is_the_length_over_120_rounded_up_less_one(length: float) -> None:
    plan = road(length, [0.0, length])
    assert plan.n == max(0, math.ceil(round(length / 120.0, 9)) - 1)
    assert plan.is_proven


@pytest.mark.parametrize("length", [100.0, 120.0, 120.001, 240.0, 240.001, 1000.0])
def test_a_road_with_two_open_ends_judged_as_any_place(length: float) -> None:
    # Each hydrant serves 60 m either way: ceil(L / 120).
    plan = road(length, [], end_m=60.0)
    assert plan.n == math.ceil(round(length / 120.0, 9))
    assert plan.is_proven


@pytest.mark.parametrize(("length", "n"), [(240.0, 1), (240.001, 2), (360.0, 2), (360.001, 3), (1200.0, 9)])
def test_a_road_with_two_dead_ends(length: float, n: int) -> None:
    # The outer hydrants may stand 120 m from the ends, those between 120 m apart: 240 + 120 (n - 1) >= L.
    plan = road(length, [])
    assert plan.n == n
    assert plan.is_proven


def test_a_dead_end_beyond_a_hydrant() -> None:
    # The hydrant at 0, the end at L: n new ones reach 120 n + 120.
    assert [road(length, [0.0]).n for length in (120.0, 120.001, 240.0, 240.001)] == [0, 1, 1, 2]


def test_a_short_dead_end_does_not_hold_back_the_road_it_leaves() -> None:
    # A lane of 20 m leaves the corner of two roads. Its end may wait for a hydrant 100 m beyond the corner,
    # but the corner itself, no dead end, may not: its hydrant stands within 60 m.
    net = town({0: (0, 0), 1: (-20, 0), 2: (0, 400), 3: (400, 0)}, [(0, 1, 1), (0, 2, 1), (0, 3, 1)])
    roads = make_roads(net)
    far = place_hydrants(roads, places({"a": (0, 400), "b": (400, 0)}), max_m=1.0)
    plan = planned(roads, far)
    # 800 m from hydrant to hydrant over the corner: ceil(800 / 120) - 1 = 6, one of them near the lane.
    assert plan.n == 6
    assert plan.is_proven


def test_at_a_junction_one_hydrant_serves_every_arm() -> None:
    # Four arms of 60 m: one hydrant at the crossing closes all 240 m.
    net = town(
        {0: (0, 0), 1: (60, 0), 2: (0, 60), 3: (-60, 0), 4: (0, -60)}, [(0, i, 1) for i in (1, 2, 3, 4)]
    )
    roads = make_roads(net)
    nobody = place_hydrants(roads, places({"a": (0, 0)}).iloc[:0], max_m=1.0)
    plan = planned(roads, nobody, end_m=60.0)
    assert plan.n == 1
    assert plan.is_proven


def test_a_ring_with_a_hydrant_is_a_road_between_it_and_itself() -> None:
    # 4 x 150 = 600 m round from the hydrant back to it: ceil(600 / 120) - 1 = 4.
    net = town(
        {0: (0, 0), 1: (150, 0), 2: (150, 150), 3: (0, 150)}, [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1)]
    )
    roads = make_roads(net)
    plan = planned(roads, place_hydrants(roads, places({"H": (0, 0)}), max_m=1.0))
    assert plan.n == 4
    assert plan.is_proven


def test_a_ring_without_one_is_cut_open() -> None:
    # 600 m round, 120 m each: 5; five places a little more than 120 m apart do not fit on the ring, four do.
    net = town(
        {0: (0, 0), 1: (150, 0), 2: (150, 150), 3: (0, 150)}, [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1)]
    )
    roads = make_roads(net)
    plan = planned(roads, place_hydrants(roads, places({"a": (0, 0)}).iloc[:0], max_m=1.0))
    assert (plan.n, plan.bound, plan.n_exact) == (5, 4, 0)


def test_nothing_is_planned_where_nothing_is_missing() -> None:
    plan = road(100.0, [50.0])
    assert (plan.n, plan.bound, plan.is_proven) == (0, 0, True)


def fewest(graph: nx.Graph, sites: list[tuple[int, int]], limit: int, *, end_m: float) -> int:
    """Try every choice of cell ends, fewest first: with lengths of 20 m and its multiples they suffice."""
    cells = cells_of(graph)
    nodes = sorted(cells)
    away = {a: nx.single_source_dijkstra_path_length(cells, a, cutoff=120) for a in nodes}
    tips = [a for a in nodes if cells.degree(a) == 1] if end_m > 60 else []
    tail = {frozenset(pair) for tip in tips for pair in _tail(cells, tip, end_m - 60)}
    middles = [(a, b) for a, b in cells.edges if frozenset((a, b)) not in tail]
    wants = [("cell", pair) for pair in middles] + [("tip", tip) for tip in tips]

    def served(by: tuple[int, int]) -> int:
        mask = 0
        for i, (kind, what) in enumerate(wants):
            near = away[by]
            if kind == "tip":
                is_near = near.get(what, math.inf) <= end_m
            else:
                is_near = min(near.get(what[0], math.inf), near.get(what[1], math.inf)) + 5 <= 60
            mask |= is_near << i
        return mask

    masks = {node: served(node) for node in nodes}
    have = 0
    for site in sites:
        have |= masks[site]
    everything = (1 << len(wants)) - 1
    useful = sorted({mask & ~have for mask in masks.values()} - {0}, reverse=True)
    useful = [a for a in useful if not any(a != b and a & b == a for b in useful)]
    for n in range(limit + 1):
        for some in combinations(useful, n):
            found = have
            for mask in some:
                found |= mask
            if found == everything:
                return n
    return limit + 1


def _tail(
    cells: nx.Graph, tip: tuple[int, int], length: float
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Give the cells of a dead end up to a length or the first junction."""
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    here, before = tip, None
    while len(found) * 10 < length:
        on = [other for other in cells[here] if other != before]
        if not on or (before is not None and cells.degree(here) != 2):
            break
        found.append((here, on[0]))
        before, here = here, on[0]
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 2), end_m=st.sampled_from([60.0, 120.0]))
def test_trees_against_every_choice(seed: int, n: int, end_m: float) -> None:
    graph = blocks(seed, is_tree=True, size=2 + seed % 2)
    sites = some_cells(graph, seed, min(n, len(graph)))
    roads, placed = placed_at(graph, sites)
    plan = planned(roads, placed, end_m=end_m)
    assert plan.is_proven
    if plan.n <= 5:
        assert plan.n == fewest(graph, sites, plan.n, end_m=end_m)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 3))
def test_on_loops_the_least_lies_between_the_bound_and_the_plan(seed: int, n: int) -> None:
    graph = blocks(seed, is_tree=False)
    sites = some_cells(graph, seed, min(n, len(graph)))
    roads, placed = placed_at(graph, sites)
    plan = planned(roads, placed)
    if plan.n <= 4:
        assert plan.bound <= fewest(graph, sites, plan.n, end_m=120.0) <= plan.n


def test_the_same_plan_in_any_order_of_hydrants() -> None:
    graph = blocks(7, is_tree=False, size=4)
    sites = some_cells(graph, 7, 4)
    plans = [planned(*placed_at(graph, some)) for some in (sites, sites[::-1])]
    np.testing.assert_array_equal(plans[0].edge, plans[1].edge)
    np.testing.assert_array_equal(plans[0].at_mm, plans[1].at_mm)
