"""Which village a depot belongs to: column, name, place, distance; towns and borders kept apart."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.demand import match_villages, name_key, town_key, villages_served
from geo.errors import CrsError, InputError
from tests.shared import real
from tests.towns import METRIC, ORIGIN, places


def listed(*rows: tuple[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "zone"])


def depots(*rows: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    """Make depots from (name, own village, town)."""
    return pd.DataFrame(rows, columns=["name", "village", "zone"])


def squares(*rows: tuple[str, float, float]) -> gpd.GeoDataFrame:
    """Make villages of one square kilometre each from (name, west, south) in kilometres."""
    shapes = [shapely.box(*(np.array([x, y, x + 1, y + 1]) * 1000 + np.tile(ORIGIN, 2))) for _, x, y in rows]
    return gpd.GeoDataFrame({"name": [row[0] for row in rows], "zone": None}, geometry=shapes, crs=METRIC)


def given_to(matches: pd.DataFrame) -> list[tuple[object, str]]:
    return list(zip(matches["village"], matches["how"], strict=True))


def test_the_own_column_decides_before_the_name() -> None:
    villages = listed(("东海村村委会", "横沙乡"), ("南门居委会", "城桥镇"))
    found = match_villages(depots(("南门社区储备点", "东海村", None)), villages)
    assert given_to(found) == [(0, "column")]


@pytest.mark.parametrize(
    "own",
    [
        "东海村",
        "东海村民委员会",
        "东海村村委会",
        "东海村委会",
        "东海",
        " 东海 村",
        "横沙乡东海村",
        "上海市崇明区横沙乡东海村",
    ],
)
def test_a_village_is_known_by_any_of_its_endings(own: str) -> None:
    villages = listed(("东海村村委会", "横沙乡"), ("东风村村委会", "横沙乡"))
    assert given_to(match_villages(depots((None, own, None)), villages)) == [(0, "column")]


def test_villages_of_one_name_are_kept_apart_by_their_towns() -> None:
    villages = listed(("团结村村委会", "港西镇"), ("团结村村委会", "长兴镇"))
    found = match_villages(
        depots(
            ("物资点", "团结村", "长兴镇"),
            ("物资点", "团结村", "港西"),  # 港西 is 港西镇
            ("长兴镇团结村应急物资储备点", None, None),
            ("团结村应急物资储备点", None, None),  # could be either: nobody guesses
        ),
        villages,
    )
    assert given_to(found) == [(1, "column"), (0, "column"), (1, "name"), (None, "")]
    assert found["n_fits"].tolist() == [1, 1, 1, 2]


def test_a_village_and_a_neighbourhood_of_one_name_are_two() -> None:
    villages = listed(("幸福村村委会", "甲镇"), ("幸福居委会", "甲镇"))
    found = match_villages(
        depots(
            ("幸福村储备点", None, "甲镇"), ("幸福社区储备点", None, "甲镇"), ("幸福储备点", None, "甲镇")
        ),
        villages,
    )
    assert given_to(found) == [(0, "name"), (1, "name"), (None, "")]


def test_a_column_that_names_no_village_of_the_list_is_not_guessed_away() -> None:
    villages = listed(("南门居委会", "城桥镇"))
    found = match_villages(depots(("南门居委会储备点", "撤并村", "城桥镇")), villages)
    assert given_to(found) == [(None, "")]


def test_a_new_depot_is_not_that_of_new_village() -> None:
    # 新建 is a village's name and says 'newly built' as well: only a guess, and told as one.
    villages = listed(("新建村村委会", "新河镇"))
    found = match_villages(depots(("新建物资库", None, None), ("新建村物资库", None, None)), villages)
    assert given_to(found) == [(0, "part_of_name"), (0, "name")]


def test_the_longest_name_decides() -> None:
    villages = listed(("新村村委会", "甲镇"), ("东新村村委会", "甲镇"))
    found = match_villages(depots(("东新村储备点", None, None), ("新村储备点", None, None)), villages)
    assert given_to(found) == [(1, "name"), (0, "name")]


def test_a_depot_of_another_town_is_not_taken_by_its_name() -> None:
    villages = listed(("富民村村委会", "港西镇"))
    assert given_to(match_villages(depots(("富民村储备点", None, "横沙乡")), villages)) == [(None, "")]


def test_a_depot_on_a_border_counts_once_for_the_first_village() -> None:
    villages = squares(("西村", 0, 0), ("东村", 1, 0))
    spots = places({"in": (500, 500), "border": (1000, 500), "corner": (1000, 1000), "out": (2500, 500)})
    found = match_villages(spots, villages)
    assert given_to(found) == [(0, "inside"), (0, "inside"), (0, "inside"), (None, "")]
    assert found["n_fits"].tolist() == [1, 2, 2, 0]
    assert villages_served(villages, found)["n_depots"].tolist() == [3, 0]


def test_a_place_outweighs_a_part_of_a_name_but_not_a_name() -> None:
    villages = squares(("幸福村", 0, 0), ("和平村", 1, 0))
    spots = places({"a": (1500, 500), "b": (1500, 500)}, name=["幸福物资库", "幸福村物资库"])
    assert given_to(match_villages(spots, villages)) == [(1, "inside"), (0, "name")]


def test_the_nearest_village_is_guessed_only_when_allowed_and_at_the_very_distance() -> None:
    villages = places({"v": (0, 0), "w": (900, 0)}, name=["甲村", "乙村"], zone=["一镇", "二镇"])
    spots = places({"at": (300, 0), "beyond": (301, 0), "other": (0, 300)}, zone=[None, None, "二镇"])
    assert given_to(match_villages(spots, villages)) == [(None, "")] * 3
    # 300 m exactly is within; 301 m is not (599 m from w); the third is of the town of w, 949 m off.
    assert given_to(match_villages(spots, villages, reach_m=300.0)) == [
        ("v", "nearest"),
        (None, ""),
        (None, ""),
    ]


def test_counts_give_the_surest_way_and_zero() -> None:
    villages = listed(("甲村", "一镇"), ("乙村", "一镇"))
    found = match_villages(depots(("甲村点", None, None), ("旧甲字库", "甲村", None)), villages)
    table = villages_served(villages, found)
    assert table["n_depots"].tolist() == [2, 0]
    assert table["how"].tolist() == ["column", ""]


def test_no_depots_and_no_villages_are_no_error() -> None:
    assert match_villages(depots(), listed(("甲村", None))).empty
    assert given_to(match_villages(depots(("甲村点", None, None)), listed())) == [(None, "")]
    assert villages_served(listed(("甲村", None)), match_villages(depots(), listed(("甲村", None))))[
        "n_depots"
    ].tolist() == [0]


def test_a_list_without_names_is_refused() -> None:
    with pytest.raises(InputError, match="needs a name"):
        match_villages(depots(), pd.DataFrame({"name": ["甲村", None], "zone": None}))
    with pytest.raises(InputError, match="not unique"):
        match_villages(depots(), listed(("甲村", None), ("乙村", None)).set_axis([0, 0]))
    with pytest.raises(CrsError):
        match_villages(places({"a": (0, 0)}), squares(("甲村", 0, 0)).to_crs(32650))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_more_depot_never_leaves_more_villages_without(data: st.DataObject) -> None:
    names = st.sampled_from(["甲村", "乙村", "丙居委会", "甲乙村", "物资库", "新甲村点"])
    towns = st.sampled_from([None, "一镇", "二镇"])
    villages = listed(*data.draw(st.lists(st.tuples(names, towns), min_size=1, max_size=6)))
    rows = data.draw(st.lists(st.tuples(names, st.none(), towns), min_size=1, max_size=6))
    before = villages_served(villages, match_villages(depots(*rows[:-1]), villages))["n_depots"]
    after = villages_served(villages, match_villages(depots(*rows), villages))["n_depots"]
    assert (after >= before).all()
    assert after.sum() <= len(rows)  # nobody counts twice


@pytest.mark.real
def test_the_361_villages_of_chongming_find_their_own_depots() -> None:
    codes = pd.read_csv(real("chongming/villages_chongming_codes.csv"), dtype=str)
    villages = listed(*zip(codes["name"], codes["street_name"], strict=True))
    assert len(villages) == 361
    # Named as people name them: the village's plain name, with its town before it.
    plain = [
        f"{town}{name_key(name)[0]}" for name, town in zip(villages["name"], villages["zone"], strict=True)
    ]
    ends = villages["name"].map(
        lambda name: {"village": "村", "neighbourhood": "社区", "": ""}[name_key(name)[1]]
    )
    named = [f"{text}{end}应急物资储备点" for text, end in zip(plain, ends, strict=True)]
    found = match_villages(depots(*((name, None, None) for name in named)), villages)
    wrong = [(named[i], v) for i, v in enumerate(found["village"]) if v != i]
    assert not wrong
    assert villages_served(villages, found)["n_depots"].eq(1).all()


@pytest.mark.real
def test_the_same_villages_without_their_towns_leave_only_the_names_that_two_towns_share() -> None:
    codes = pd.read_csv(real("chongming/villages_chongming_codes.csv"), dtype=str)
    villages = listed(*zip(codes["name"], codes["street_name"], strict=True))
    found = match_villages(depots(*((None, name, None) for name in villages["name"])), villages)
    shared = villages["name"].map(name_key).duplicated(keep=False)
    assert found["village"].isna().tolist() == shared.tolist()
    assert shared.sum() == 18
    # With the town of each said, nothing is left open.
    told = match_villages(
        depots(*((None, n, z) for n, z in zip(villages["name"], villages["zone"], strict=True))), villages
    )
    assert told["village"].tolist() == list(range(len(villages)))


def test_towns_are_one_by_their_bare_names() -> None:
    assert town_key("堡镇") == "堡镇"  # 堡 alone names nothing
    assert town_key("堡镇镇") == "堡镇"


@pytest.mark.parametrize(
    ("name", "village"),
    [
        ("乙山镇西沙村储备点", None),  # 乙山镇 has no 西沙村: that of 甲川镇 is another one
        ("丙河镇西沙村储备点", None),  # a town that the list does not know
        ("乙山西沙村储备点", None),
        ("甲川镇西沙村储备点", "西沙村"),
        ("东山区甲川西沙村储备点", "西沙村"),
        ("西沙村储备点", "西沙村"),
        ("应急点（西沙村）", "西沙村"),
        ("乙山镇物资库西沙村点", "西沙村"),  # the town is not right before it
    ],
)
def test_a_village_behind_the_name_of_another_town_is_another_village(name: str, village: str | None) -> None:
    villages = listed(("西沙村", "甲川镇"), ("南门社区", "乙山镇"))
    found = match_villages(depots((name, None, None)), villages)
    at = found["village"].iloc[0]
    assert (None if at is None else villages["name"][at]) == village
