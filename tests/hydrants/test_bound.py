"""The bound on the least number of hydrants, and plans whose loops are cut anew."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.hydrants import HydrantRoads, _kernels, find_gaps, least_hydrants, make_roads, place_hydrants
from geo.hydrants import least as hydrantleast
from geo.hydrants._kernels import count_apart
from geo.hydrants._trees import cut_roads, open_loops
from tests.blocks import blocks, cells_of, placed_at, some_cells
from tests.towns import places, town


def apart_on(roads: HydrantRoads, placed: pd.DataFrame, apart_mm: float) -> int:
    wanted = find_gaps(roads, placed, end_m=60.0).parts
    links = open_loops(cut_roads(roads, placed, wanted, free_mm=240_000.0), wanted)
    return count_apart(roads, links, apart_mm=apart_mm)


def ring(*, side: float, hydrants: list[tuple[float, float]]) -> tuple[HydrantRoads, pd.DataFrame]:
    corners = {0: (0.0, 0.0), 1: (side, 0.0), 2: (side, side), 3: (0.0, side)}
    roads = make_roads(town(corners, [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1)]))
    at = places({f"H{i}": xy for i, xy in enumerate(hydrants or [(0.0, 0.0)])})
    return roads, place_hydrants(roads, at.iloc[: len(hydrants)], max_m=1.0)


@pytest.mark.parametrize(("apart", "n"), [(120_000.0, 5), (120_001.0, 4), (600_000.0, 1), (300_000.0, 2)])
def test_on_a_ring_of_600_m_places_stand_as_close_as_they_may(apart: float, n: int) -> None:
    assert apart_on(*ring(side=150.0, hydrants=[]), apart) == n


def test_roads_without_loops_have_no_places() -> None:
    # The ring is cut at its hydrant: a road of 600 m, for which the plan itself is the proof.
    assert apart_on(*ring(side=150.0, hydrants=[(0.0, 0.0)]), 120_000.0) == 0


def most_apart(graph: nx.Graph) -> int:
    """Give an upper bound on places 120 m apart: a cover by pieces whose places are nearer to each other."""
    cells = cells_of(graph)
    left, n = set(cells.edges), 0
    while left:
        middle = min(left)[0]
        near = nx.single_source_dijkstra_path_length(cells, middle, cutoff=50)
        served = {(a, b) for a, b in left if a in near and b in near}
        left -= served | {min(left)}
        n += 1
    return n


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_more_places_than_pieces_in_which_two_are_always_too_near(seed: int) -> None:
    # Places within 50 m of a crossing or cell end are at most 100 m apart: at most one of them counts.
    graph = blocks(seed, is_tree=False, size=3)
    assume(len(graph) > 0)
    roads, nobody = placed_at(graph, [])
    assert apart_on(roads, nobody, 120_000.0) <= most_apart(graph)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 4), end_m=st.sampled_from([60.0, 120.0]))
def test_cutting_loops_anew_never_needs_more_hydrants(seed: int, n: int, end_m: float) -> None:
    graph = blocks(seed, is_tree=False, size=4)
    roads, placed = placed_at(graph, some_cells(graph, seed, min(n, len(graph))))
    spacing = find_gaps(roads, placed, end_m=end_m)
    plan = least_hydrants(roads, placed, spacing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hydrantleast, "_MOST_ROUNDS", 0)
        first = least_hydrants(roads, placed, spacing)
    assert plan.bound <= plan.n <= first.n
    assert plan.n_exact == first.n_exact
    more = pd.DataFrame({"edge": plan.edge, "at_mm": plan.at_mm, "is_snapped": True})
    more["fraction"] = more["at_mm"] / roads.length_mm[plan.edge]
    both = pd.concat([placed[list(more)], more], ignore_index=True)
    assert find_gaps(roads, both, end_m=end_m).gap_m == 0.0


def test_cutting_loops_anew_helps_a_town() -> None:
    graph = blocks(11, is_tree=False, size=9)
    roads, nobody = placed_at(graph, [])
    spacing = find_gaps(roads, nobody)
    plan = least_hydrants(roads, nobody, spacing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hydrantleast, "_MOST_ROUNDS", 0)
        first = least_hydrants(roads, nobody, spacing)
    assert plan.n < first.n


def test_compiled_and_not_they_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = blocks(5, is_tree=False, size=5)
    roads, placed = placed_at(graph, some_cells(graph, 5, 3))
    spacing = find_gaps(roads, placed)
    plain = least_hydrants(roads, placed, spacing)
    monkeypatch.setattr(_kernels, "SMALL_BOUND", 0)
    monkeypatch.setattr(_kernels, "SMALL_WALK", 0)
    compiled = least_hydrants(roads, placed, spacing)
    assert plain.bound == compiled.bound
    np.testing.assert_array_equal(plain.edge, compiled.edge)
    np.testing.assert_array_equal(plain.at_mm, compiled.at_mm)
