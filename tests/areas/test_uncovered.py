"""Gaps: uncovered people gathered into places."""

from __future__ import annotations

import math
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import gaps, group_points
from geo.coverage import Coverage, cover
from geo.errors import StudyError
from geo.standards import ResponseStandard
from tests.towns import ORIGIN, places, town

DISPATCH = ResponseStandard("dispatch-5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
# A road of 20 km at 10 m/s and an island road; the station stands at the west end, so 2,400 m are in time.
ROAD = town({1: (0, 0), 2: (20_000, 0), 3: (0, 9000), 4: (500, 9000)}, [(1, 2, 2000), (3, 4, 50)])
STATION = places({"west": (0, 0)})
HOMES = {
    "near": (1000, 0),
    "a1": (5000, 0),
    "a2": (6000, 0),
    "a3": (7500, 0),
    "b1": (9001, 0),
    "empty": (8200, 0),
    "island": (250, 9000),
    "field": (5000, 700),
}
PEOPLE = [1000.0, 10.0, 40.0, 20.0, 80.0, 0.0, 5.0, 300.0]
ZONES = ["甲镇", "甲镇", "甲镇", "甲镇", "甲镇", "甲镇", None, "甲镇"]


def homes(**columns: list[object]) -> gpd.GeoDataFrame:
    return places(HOMES, **{"people": PEOPLE, "zone": ZONES, **columns})


def covered(table: gpd.GeoDataFrame) -> Coverage:
    return cover(ROAD, STATION, table, standard=DISPATCH)


def test_places_are_chains_of_short_steps_ranked_by_people() -> None:
    # a1 - a2 - a3 are 1,000 and 1,500 m apart; b1 stands 1,501 m from a3 (the empty house between
    # them joins nobody); the field is within 1,500 m of a1 but unreachable, so a place of its own.
    found = gaps(covered(homes()), reach_m=1500.0)
    assert found["name"].tolist() == ["甲镇 field", "甲镇 b1", "甲镇 a2", "island"]
    assert found["people"].tolist() == [300.0, 80.0, 70.0, 5.0]
    assert found["n_points"].tolist() == [1, 1, 3, 1]
    assert found["reason"].tolist() == ["too far", "", "", "island"]
    assert found["nearest_id"].where(found["nearest_id"].notna(), None).tolist() == [
        None,
        "west",
        "west",
        None,
    ]
    assert found["nearest_s"].tolist() == [math.inf, 960.1, 660.0, math.inf]
    assert found.geometry.iloc[2].x - ORIGIN[0] == 6000.0, "the place stands at its heaviest member"
    assert found["zone"].iloc[3] is None


def test_a_border_divides_a_place() -> None:
    zones = ["甲镇", "甲镇", "乙镇", "乙镇", "甲镇", "甲镇", None, "甲镇"]
    found = gaps(covered(homes(zone=zones)), reach_m=1500.0)
    assert {"甲镇 a1", "乙镇 a2"} < set(found["name"])


def test_names_of_the_demand_are_used() -> None:
    found = gaps(covered(homes(name=["近村", "一村", "二村", None, "乙村", "空村", "岛村", "田村"])))
    assert found["name"].tolist() == ["甲镇 田村", "甲镇 乙村", "甲镇 二村", "岛村"]


def test_a_place_is_named_after_its_heaviest_member_that_has_a_name() -> None:
    found = gaps(covered(homes(name=["", "一村", "", "三村", None, "", "", ""])))
    assert found["name"].tolist() == ["甲镇 field", "甲镇 b1", "甲镇 三村", "island"]


def test_a_chain_through_a_whole_valley_is_cut_into_places_of_one_reach() -> None:
    # Farms every 500 m from 5 to 15 km: one chain of 10 km, more than 4 reaches of 1,500 m. 100 people live
    # at 10 km, 1 elsewhere: that square's middle lies there, and its place has the farms from 8.5 to 11.5 km.
    spots = {f"{x}": (float(x), 0.0) for x in range(5000, 15001, 500)}
    people = [100.0 if x == "10000" else 1.0 for x in spots]
    table = places(spots, people=people, zone=["谷镇"] * len(spots))
    found = gaps(covered(table), reach_m=1500.0)
    assert found["people"].iloc[0] == 106.0, "100 and six neighbours"
    assert found["n_points"].iloc[0] == 7
    assert found["people"].sum() == sum(people), "nobody is lost or counted twice"
    assert found["n_points"].max() <= 7, "no place is more than two reaches across"
    assert set(found["name"]) == {"谷镇"}, "a bare number names nothing"


def test_a_place_says_its_villages_and_how_long_all_its_people_wait() -> None:
    # 10 m/s and a minute of turnout: a1 waits 560 s (10 people), a2 660 s (40), a3 810 s (20), so all of them
    # (5,600 + 26,400 + 16,200) / 70 = 688.6 s in the mean; two houses of one village count together.
    places_left = gaps(covered(homes(name=["", "一村", "二村", "一村", None, "", "岛村", ""])))
    row = places_left.iloc[2]
    assert row["villages"] == "二村 40; 一村 30"
    assert row["mean_s"] == pytest.approx(48_200 / 70)
    assert (row["worst_s"], row["worst_id"]) == (810.0, "a3")
    assert places_left["villages"].tolist() == ["", "", "二村 40; 一村 30", "岛村 5"]
    assert places_left["worst_id"].where(places_left["worst_id"].notna(), None).tolist() == [
        None,
        "b1",
        "a3",
        None,
    ]
    assert np.isinf(places_left["mean_s"].iloc[[0, 3]]).all()


def test_everybody_in_time_leaves_no_gap() -> None:
    found = gaps(covered(homes().loc[["near"]]))
    assert found.empty
    assert found.columns.tolist() == [
        "name",
        "zone",
        "people",
        "n_points",
        "nearest_id",
        "nearest_s",
        "villages",
        "mean_s",
        "worst_s",
        "worst_id",
        "reason",
        "geometry",
    ]
    assert found.crs == ROAD.crs


def test_the_uncovered_are_all_in_some_gap_whatever_the_order() -> None:
    found = gaps(covered(homes()))
    table = covered(homes()).table
    assert found["people"].sum() == table.loc[~table["is_covered"], "people"].sum()
    for seed in range(3):
        assert gaps(covered(homes().sample(frac=1.0, random_state=seed))).equals(found)


coordinate = st.integers(-30, 30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=25), st.integers(1, 12))
def test_groups_are_the_components_of_all_pairs_within_reach(
    points: list[tuple[int, int]], reach: int
) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    graph.add_edges_from(
        (i, j) for i, j in combinations(range(len(points)), 2) if math.dist(points[i], points[j]) <= reach
    )
    label = group_points(np.array(points, dtype=float), reach_m=float(reach))
    found = {frozenset(np.flatnonzero(label == n).tolist()) for n in set(label.tolist())}
    assert found == {frozenset(members) for members in nx.connected_components(graph)}


def test_a_tiny_reach_joins_points_at_one_spot_only() -> None:
    xy = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 2e-6]])
    assert group_points(xy, reach_m=1e-6).tolist() in ([0, 0, 1], [1, 1, 0])


@pytest.mark.parametrize("reach_m", [0.0, -1.0, math.nan])
def test_a_reach_must_be_above_zero(reach_m: float) -> None:
    with pytest.raises(StudyError, match="above zero"):
        gaps(covered(homes()), reach_m=reach_m)
