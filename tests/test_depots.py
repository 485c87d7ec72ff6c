"""Depots: levels read, counts with what is not known, and whom they reach within the very limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.depots import reach_depots
from geo.plans import LEVELS, count_zones, read_levels
from geo.plans.depot_levels import Count, count_new, tier_of
from tests.random_roads import networks
from tests.towns import places, town


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("市级", "city"),
        ("上海市应急物资联合库", "joint"),
        ("市级行业库", "sector"),
        ("区级", "district"),
        ("区县级", "district"),
        ("街镇级", "town"),
        ("街道", "town"),
        ("居村级", "village"),
        ("社区", "village"),
        ("小区", "village"),
        ("家庭储备", "household"),
        ("储备点", "point"),
        ("村级储备点", "village"),
        ("Subdistrict", "town"),
        ("DISTRICT", "district"),
        ("Ⅰ类", None),
        ("甲", None),
        (None, None),
        (np.nan, None),
    ],
)
def test_levels_are_read_from_the_words_that_planners_write(told: object, level: str | None) -> None:
    assert read_levels(pd.Series([told], dtype=object)).tolist() == [level]


def test_every_level_is_its_own_word_and_has_a_tier() -> None:
    own = pd.Series(LEVELS)
    assert read_levels(own).tolist() == list(LEVELS)
    assert set(tier_of(own)) == {"city", "district", "town", "village", "household"}


def test_what_opened_in_the_base_year_is_not_new_and_an_unknown_year_may_be() -> None:
    table = pd.DataFrame({"opened_year": [2020.0, 2021.0, np.nan], "level": ["区级", "区级", "区级"]})
    assert count_new(table, new_after=2020) == Count(1, 1)
    assert count_new(table, new_after=2019) == Count(2, 1)
    assert count_new(table) == Count(3, 0)


def test_a_level_that_is_not_understood_may_count_unless_the_year_says_no() -> None:
    table = pd.DataFrame(
        {"opened_year": [2021.0, 2021.0, 2019.0, 2021.0], "level": ["区级", "Ⅰ类", None, "街镇级"]}
    )
    assert count_new(table, levels=["district"]) == Count(1, 2)
    assert count_new(table, levels=["district"], new_after=2020) == Count(1, 1)


def test_counts_by_zone_keep_zones_without_any_and_a_name_once() -> None:
    assert count_zones(pd.Series(["甲", "甲", "乙", None]), ["甲", "丙", "甲"]).to_dict() == {
        "甲": 2,
        "丙": 0,
    }
    assert count_zones(pd.Series([], dtype=object), ["甲"]).to_dict() == {"甲": 0}


# A depot at 1, an hour to 2 (3600 s), a second more to 3; 4 is an island; 5 may only be left (one-way).
HOUR = town(
    {1: (0, 0), 2: (1000, 0), 3: (1100, 0), 4: (0, 9000), 5: (0, 500), 6: (100, 9000)},
    [(1, 2, 3600), (2, 3, 1), (5, 1, 60, np.inf), (4, 6, 5)],
)
HOMES = places(
    {"a": (1000, 0), "b": (1100, 0), "c": (0, 9000), "d": (0, 500), "far": (0, 5000)},
    people=[10.0, 20.0, 40.0, 80.0, 160.0],
    zone=["甲", "甲", "乙", "乙", None],
)


def test_exactly_an_hour_is_within_the_hour_and_a_second_more_is_not() -> None:
    depot = places({"depot": (0, 0)})
    out = reach_depots(HOUR, depot, HOMES, limit_s=3600.0, direction="from_facility")
    assert out.table["first_s"].tolist() == [3600.0, 3601.0, np.inf, np.inf, np.inf]
    assert out.table["is_in_time"].tolist() == [True, False, False, False, False]
    assert out.table["reason"].tolist() == ["", "", "no route", "no route", "too far"]
    assert out.figures == pytest.approx(
        {
            "limit_s": 3600.0,
            "people": 310.0,
            "people_in_time": 10.0,
            "people_unreachable": 280.0,
            "share_in_time": 10 / 310,
            "mean_s": (10 * 3600 + 20 * 3601) / 30,
        }
    )
    assert out.depots[["people_served", "worst_s"]].to_numpy().tolist() == [[30.0, 3601.0]]


def test_people_walk_to_a_depot_the_other_way_along_a_one_way_road() -> None:
    walk = reach_depots(HOUR, places({"depot": (0, 0)}), HOMES, limit_s=900.0, direction="to_facility")
    assert walk.table["first_s"].tolist()[3] == 60.0
    assert walk.figures["people_in_time"] == 80.0


def test_nobody_is_served_twice_and_the_first_of_equals_serves() -> None:
    two = places({"one": (0, 0), "same": (0, 0)})
    out = reach_depots(HOUR, two, HOMES, limit_s=3600.0, direction="from_facility")
    assert out.depots["people_served"].tolist() == [30.0, 0.0]


def test_no_people_have_no_share() -> None:
    out = reach_depots(
        HOUR, places({"depot": (0, 0)}), HOMES.iloc[:0], limit_s=3600.0, direction="from_facility"
    )
    assert np.isnan(out.figures["share_in_time"])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_one_more_depot_never_lowers_the_reach(data: st.DataObject) -> None:
    network = data.draw(networks())
    homes = network.nodes.assign(people=1.0, zone=None).set_axis([f"d{i}" for i in range(network.n_nodes)])
    node = st.integers(0, network.n_nodes - 1)
    chosen = data.draw(st.lists(node, min_size=1, max_size=4))
    depots = network.nodes.iloc[chosen].set_axis([f"f{i}" for i in range(len(chosen))])
    limit_s = data.draw(st.sampled_from([0.0, 2.0, 60.0]))
    fewer = reach_depots(network, depots.iloc[:-1], homes, limit_s=limit_s, direction="from_facility")
    more = reach_depots(network, depots, homes, limit_s=limit_s, direction="from_facility")
    assert (more.table["first_s"] <= fewer.table["first_s"]).all()
    assert more.figures["people_in_time"] >= fewer.figures["people_in_time"]
    assert more.depots["people_served"].sum() == more.table["is_reachable"].sum()
