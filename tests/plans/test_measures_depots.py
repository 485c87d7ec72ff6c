"""Targets of depots, teams and roads: met, missed, told or no data, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.plans import LAYERS, Facts, Plan, Target, evaluate, load_plan

COLUMNS = ("name", "status", "level", "opened_year", "people")
FIGURES = {
    "drive_limit_s": 3600.0,
    "drive_people": 1000.0,
    "drive_people_in_time": 990.0,
    "drive_people_unreachable": 4.0,
    "drive_share_in_time": 0.99,
    "drive_mean_s": 600.0,
}


def target(name: str, **changes: Any) -> Target:
    """Give a target of the embedded plans, with its settings and value changed where asked."""
    plans = ("chongming", "jinshan", "shanghai", "songjiang", "yangpu")
    found = next(row for plan in plans for row in load_plan(plan).targets if row.id == name)
    if "settings" in changes:
        changes["settings"] = MappingProxyType(changes["settings"])
    return replace(found, **changes)


def rows(kind: str, n: int = 1, **columns: Any) -> pd.DataFrame:
    made = {
        "kind": kind,
        "status": "existing",
        "name": None,
        "level": None,
        "zone": None,
        "opened_year": np.nan,
    }
    return pd.DataFrame({**made, **columns}, index=range(n))


def judged(wanted: Target, *, figures: Mapping[str, Any] | None = None, **facts: Any) -> pd.Series:
    tables = [facts.pop("facilities", rows("depot", 0))]
    known = Facts(
        layers=dict.fromkeys(LAYERS, COLUMNS),
        people=pd.Series([1000.0]),
        stations=pd.DataFrame({"name": [], "status": [], "station_class": [], "staff": []}),
        served=pd.Series(dtype=float),
        facilities=pd.concat(tables),
        figures=figures or {},
        base_year=2020,
        **facts,
    )
    return evaluate(Plan("by-hand", "", "", "", 2025, (wanted,)), known).iloc[0]


@pytest.mark.parametrize(
    ("n_new", "n_unknown", "status"),
    [
        (180, 0, "met"),
        (180, 9, "met"),  # what is known is enough, whatever the rest is
        (179, 0, "missed"),
        (179, 1, "no data"),  # the one without a year decides
        (100, 79, "missed"),  # not even all of those would do
    ],
)
def test_water_points_without_a_year_decide_only_where_they_can(
    n_new: int, n_unknown: int, status: str
) -> None:
    years = [2021.0] * n_new + [np.nan] * n_unknown + [2020.0] * 500  # what opened in 2020 is not new
    row = judged(target("CM-7"), facilities=rows("water_point", len(years), opened_year=years))
    assert row["status"] == status
    if status == "no data":
        assert row["needs"] == f"water_points: opened_year ({n_unknown} / {len(years)})"
    else:
        assert row["value"] == n_new


def test_planned_ones_are_not_built() -> None:
    table = rows("water_point", 300, status=["existing"] * 299 + ["planned"])
    row = judged(target("CM-7b"), facilities=table)
    assert (row["status"], row["value"], row["missed_by"]) == ("missed", 299.0, 1.0)


def test_without_a_base_year_nothing_is_new() -> None:
    known = Facts(
        layers=dict.fromkeys(LAYERS, COLUMNS),
        people=pd.Series([1.0]),
        stations=pd.DataFrame(),
        served=pd.Series(dtype=float),
        facilities=rows("water_point", 3),
    )
    row = evaluate(Plan("by-hand", "", "", "", 2025, (target("CM-7"),)), known).iloc[0]
    assert (row["status"], row["needs"]) == ("no data", "water_points: base_year")


def test_the_layout_5_8_11_n_is_counted_by_level_and_n_is_told() -> None:
    levels = ["联合库"] * 5 + ["行业库"] * 7 + ["区级"] * 12 + ["街镇级"] * 3 + ["储备点"] * 4
    table = rows("depot", len(levels), level=levels)
    found = {name: judged(target(name), facilities=table) for name in ("SH-3", "SH-3b", "SH-3c", "SH-3d")}
    assert {name: (row["status"], row["value"]) for name, row in found.items()} == {
        "SH-3": ("met", 5.0),
        "SH-3b": ("missed", 7.0),
        "SH-3c": ("met", 12.0),
        "SH-3d": ("told", 7.0),
    }
    assert math.isnan(found["SH-3d"]["missed_by"])


def test_a_word_of_level_that_nobody_knows_is_named_and_decides_where_it_can() -> None:
    row = judged(target("JS-3"), facilities=rows("depot", 2, level=["Ⅰ类", "街镇级"]))
    assert (row["status"], row["needs"]) == ("no data", "depots: level (1 / 2)")
    assert "Ⅰ类" in row["evidence_en"]
    known = judged(target("JS-3"), facilities=rows("depot", 2, level=["Ⅰ类", "区级"]))
    assert (known["status"], known["value"]) == ("met", 1.0)


def test_the_town_with_the_fewest_teams_decides_and_towns_without_are_named() -> None:
    zones = pd.DataFrame({"name": ["城桥镇", "乙镇", "丙乡"], "level": "town"})
    teams = rows("team", 4, zone=["城桥镇", "城桥", "丙乡", None])  # 城桥 is 城桥镇; one stands in no town
    row = judged(target("CM-5"), facilities=teams, zones=zones)
    assert (row["status"], row["value"], row["places"]) == ("missed", 0.0, "teams_by_town")
    assert "乙镇" in row["evidence_zh"]
    full = judged(target("CM-5"), facilities=rows("team", 3, zone=["城桥镇", "乙镇", "丙乡"]), zones=zones)
    assert (full["status"], full["value"]) == ("met", 1.0)


def village_tables(levels: list[str], villages: list[float]) -> dict[str, pd.DataFrame]:
    listed = pd.DataFrame({"name": ["东村", "西村", "西村"], "zone": ["甲镇", "甲镇", "乙镇"]})
    depots = pd.DataFrame(
        {"kind": "depot", "level": levels, "level_told": levels, "village_id": villages, "how": "column"}
    )
    return {"village_depots": listed, "depots": depots}


def test_every_village_needs_its_own_depot_and_those_without_are_listed_by_town() -> None:
    some = judged(target("JS-4"), tables=village_tables(["village", "point", "town"], [0, 1, 2]))
    # The town's depot that stands in the third village is not that village's own.
    assert (some["status"], some["value"], some["places"]) == ("missed", 0.0, "villages_without_depot")
    assert "乙镇 1" in some["evidence_zh"]
    full = judged(target("JS-4"), tables=village_tables(["village", "point", "village"], [0, 1, 2]))
    assert (full["status"], full["value"]) == ("met", 1.0)


def test_a_depot_whose_level_is_not_known_leaves_its_village_open() -> None:
    row = judged(target("JS-4"), tables=village_tables(["village", "point", "unknown"], [0, 1, 2]))
    assert (row["status"], row["needs"]) == ("no data", "depots: level (1 / 3)")
    twice = judged(target("JS-4"), tables=village_tables(["village", "unknown", "unknown"], [0, 1, 1]))
    assert twice["status"] == "missed"  # the third village has none whatever they are


def test_depots_of_which_no_level_is_understood_are_told_as_the_list_tells_them() -> None:
    # The list of villages counts them all then: two of three villages have one, and the third has none.
    row = judged(target("JS-4"), tables=village_tables(["unknown", "unknown"], [0, 1]))
    assert (row["status"], row["value"]) == ("missed", 0.0)
    assert "3 个村居中 2 个有足够的储备点，1 个没有" in row["evidence_zh"]
    assert row["beside_zh"] == "3 个村居中 2 个达到（66.7%）"
    assert row["beside_en"] == "2 of 3 villages have enough (66.7%)"
    # With one in every village their levels decide, and are asked for.
    open_ = judged(target("JS-4"), tables=village_tables(["unknown"] * 3, [0, 1, 2]))
    assert (open_["status"], open_["needs"]) == ("no data", "depots: level (3 / 3)")


def test_without_a_list_of_villages_there_is_no_data() -> None:
    assert judged(target("JS-4"))["status"] == "no data"


def test_a_level_of_the_reserve_stands_when_every_town_has_its_depot() -> None:
    zones = pd.DataFrame({"name": ["甲镇", "乙镇"], "level": "town"})
    levels = ["联合库", "区级", "街镇级", "居村级", "家庭"]
    table = rows("depot", 5, level=levels, zone=["甲镇"] * 5)
    row = judged(target("ALL-1"), facilities=table, zones=zones)
    assert (row["status"], row["value"]) == ("missed", 4.0)  # 乙镇 has none of the town's level
    assert "乙镇" in row["evidence_zh"]
    both = pd.concat([table, rows("depot", 1, level=["街镇级"], zone=["乙镇"])])
    assert judged(target("ALL-1"), facilities=both, zones=zones)["status"] == "met"
    # A sixth depot of a level that nobody knows could be the one of 乙镇.
    open_one = pd.concat([table, rows("depot", 1, level=["Ⅰ类"], zone=["乙镇"])])
    assert judged(target("ALL-1"), facilities=open_one, zones=zones)["status"] == "no data"


def test_the_share_within_an_hour_is_told_with_those_beyond_every_road() -> None:
    row = judged(target("CM-4"), figures={"depot_reach": FIGURES})
    assert (row["status"], row["value"], row["missed_by"]) == ("missed", 99.0, 1.0)
    assert "4 cannot be reached" in row["evidence_en"]
    assert "10 people short" in row["evidence_en"]


def test_another_limit_than_the_studys_is_not_judged() -> None:
    row = judged(target("CM-4", settings={"limit_s": 1800}), figures={"depot_reach": FIGURES})
    assert row["status"] == "not computed"
    assert "3600" in row["evidence_en"]
    assert judged(target("SH-4"), figures={"depot_reach": FIGURES})["status"] == "no data"


def test_links_and_losses_are_told_and_not_judged() -> None:
    figures = {
        "cut_links": {"n_links": 3.0, "people_worst": 120.0},
        "dead_ends": {"n_dead_ends": 7.0, "people": 50.0, "length_m": 2500.0},
        "road_loss": {
            "hazards_share_before": 0.9,
            "hazards_share_after": 0.6,
            "hazards_people_late": 200.0,
            "hazards_people_cut_off": 100.0,
            "hazards_n_edges": 12.0,
        },
    }
    links = judged(target("CM-9"), figures=figures)
    assert (links["status"], links["value"], links["places"]) == ("told", 3.0, "cut_links")
    assert "2.5 km" in links["evidence_en"]
    loss = judged(target("ALL-2"), figures=figures)
    assert (loss["status"], loss["value"], loss["places"]) == ("told", pytest.approx(60.0), "flooded_roads")
    assert judged(target("ALL-2"))["status"] == "no data"


def test_gas_repair_stations_tell_their_driving_time_beside_the_count() -> None:
    figures = {"gas_repair_stations": {"mean_s": 480.0, "people_unreachable": 5.0, "people": 100.0}}
    table = rows("gas_repair", 6, opened_year=2022.0)
    row = judged(target("SJ-4"), facilities=table, figures=figures)
    assert row["status"] == "met"
    assert "8.0 min" in row["evidence_en"]
