"""Where the next hydrants go: gains worked out by hand, the best in turn, a bound that no choice exceeds."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import StudyError
from geo.hydrants import (
    SitePlan,
    Spacing,
    best_sites,
    candidate_places,
    find_gaps,
    least_hydrants,
    make_roads,
    place_hydrants,
)
from geo.hydrants._open_gaps import OpenGaps, most_closed
from tests.blocks import blocks, placed_at, some_cells
from tests.towns import places, town

STREET = town({1: (0, 0), 2: (500, 0), 3: (1000, 0)}, [(1, 2, 50), (2, 3, 50)])
ROADS = make_roads(STREET)
HOMES = places(
    {"west": (100, 20), "middle": (480, 20), "east": (900, 20)},
    people=[30.0, 50.0, 40.0],
    risk=[1.0, 1.0, 2.0],
    zone=["甲", "甲", "乙"],
)


def bare() -> Spacing:
    return find_gaps(ROADS, place_hydrants(ROADS, places({"a": (0, 0)}).iloc[:0], max_m=1.0), end_m=60.0)


def sited(n: int, **options: float) -> SitePlan:
    return best_sites(ROADS, bare(), HOMES, n=n, **options)


def test_people_times_risk_come_first() -> None:
    # East: 40 people of risk 2 are 80; middle 50; west 30. Each site also closes 120 m, worth 1.2.
    plan = sited(3)
    assert plan.table["people_risk"].tolist() == [80.0, 50.0, 30.0]
    assert plan.table["people"].tolist() == [40.0, 50.0, 30.0]
    assert plan.table["zone"].tolist() == ["乙", "甲", "甲"]
    assert plan.table["closed_m"].tolist() == [120.0, 120.0, 120.0]
    assert plan.value == pytest.approx(160.0 + 3.6)
    assert plan.bound >= plan.value
    assert plan.table["rank"].tolist() == [1, 2, 3]
    assert (plan.table["gap"] == 0).all()


def test_metres_of_gap_decide_where_nobody_is_left() -> None:
    nobody = best_sites(ROADS, bare(), HOMES.iloc[:0], n=20)
    # 1,000 m at 120 m each, the first one in full; when all is closed nothing more is to be gained.
    assert nobody.table["closed_m"].sum() == 1000.0
    assert nobody.table["closed_m"].iloc[0] == 120.0
    assert len(nobody.table) < 20
    assert nobody.table["zone"].isna().all()


def test_none_asked_for_and_nothing_to_gain() -> None:
    assert sited(0).table.empty
    alone = best_sites(ROADS, bare(), HOMES.iloc[:0], n=3, people_per_gap_m=0.0)
    assert alone.table.empty
    assert alone.value == alone.bound == 0.0
    with pytest.raises(StudyError, match="must not be negative"):
        sited(-1)


def test_the_places_of_the_least_plan_close_everything() -> None:
    spacing = bare()
    none = place_hydrants(ROADS, HOMES.iloc[:0], max_m=1.0)
    least = least_hydrants(ROADS, none, spacing)
    plan = best_sites(ROADS, spacing, HOMES, n=least.n, candidates=(least.edge, least.at_mm))
    assert len(plan.table) == least.n == 9
    assert plan.table["closed_m"].sum() == 1000.0
    assert plan.table["people"].sum() == 120.0
    assert len(candidate_places(ROADS, spacing, least)[0]) >= least.n


def test_a_junction_is_one_candidate() -> None:
    edge, at = candidate_places(ROADS, bare())
    spots = {(int(e), float(a)) for e, a in zip(edge, at, strict=True)}
    assert len(spots) == len(edge)
    # 500 m are nine pieces of 55.6 m each side, the middle of each; two ends and the junction once.
    assert len(edge) == 2 * 9 + 3


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 2))
def test_what_a_hydrant_closes_is_what_the_gaps_lose(seed: int, n: int) -> None:
    graph = blocks(seed, is_tree=False)
    roads, placed = placed_at(graph, some_cells(graph, seed, n))
    spacing = find_gaps(roads, placed, end_m=60.0)
    edge, at = candidate_places(roads, spacing)
    assume(len(edge) > 0)  # hydrants may stand everywhere already
    bounds = most_closed(roads, spacing, edge, at)
    gaps = OpenGaps(roads, spacing)
    pick = np.random.default_rng(seed).choice(len(edge), min(4, len(edge)), replace=False)
    left = spacing.gap_m
    for i in pick:
        first, _ = OpenGaps(roads, spacing).closes(int(edge[i]), float(at[i]))
        assert first <= bounds[i] + 1e-9
        closed, parts = gaps.closes(int(edge[i]), float(at[i]))
        gaps.close(parts)
        more = pd.DataFrame(
            {
                "edge": [edge[i]],
                "at_mm": [at[i]],
                "fraction": [at[i] / roads.length_mm[edge[i]]],
                "is_snapped": [True],
            }
        )
        placed = pd.concat([placed[list(more)], more], ignore_index=True)
        now = find_gaps(roads, placed, end_m=60.0).gap_m
        assert now == pytest.approx(left - closed, abs=1e-9)
        left = now


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_choice_of_candidates_exceeds_the_bound(seed: int) -> None:
    chance = np.random.default_rng(seed)
    homes = places(
        {f"p{i}": (float(chance.integers(0, 1000)), 10.0) for i in range(8)},
        people=chance.integers(1, 50, 8).astype(float),
        risk=chance.integers(1, 4, 8).astype(float),
        zone=[None] * 8,
    )
    spacing = bare()
    places_ = candidate_places(ROADS, spacing)
    plan = best_sites(ROADS, spacing, homes, n=2, candidates=places_)

    def value(some: tuple[int, ...]) -> float:
        gaps, closed, seen = OpenGaps(ROADS, spacing), 0.0, np.zeros(len(homes), dtype=bool)
        for i in some:
            metres, parts = gaps.closes(int(places_[0][i]), float(places_[1][i]))
            gaps.close(parts)
            closed += metres
            x = 350_000.0 + (500.0 if places_[0][i] == _east() else 0.0) + places_[1][i] / 1000.0
            seen |= np.hypot(homes.geometry.x - x, 10.0).to_numpy() <= 150.0
        return float((homes["people"] * homes["risk"])[seen].sum() + 0.01 * closed)

    best = max(value(some) for some in combinations(range(len(places_[0])), 2))
    assert plan.value <= best + 1e-9
    assert best <= plan.bound + 1e-9
    assert plan.value >= (1 - 1 / np.e) * best


def _east() -> int:
    x = ROADS.sides.node_xy[ROADS.sides.edge_u, 0]
    return int(np.argmax(x))


def test_the_order_of_people_does_not_matter() -> None:
    homes = gpd.GeoDataFrame(pd.concat([HOMES, HOMES.set_axis(["x", "y", "z"])]), crs=HOMES.crs)
    first = best_sites(ROADS, bare(), homes, n=5).table
    other = best_sites(ROADS, bare(), homes.iloc[::-1], n=5).table
    pd.testing.assert_frame_equal(first.drop(columns="geometry"), other.drop(columns="geometry"))
