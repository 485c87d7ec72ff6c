"""Targets: values worked out by hand, nothing met by default, and evidence that says why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import StudyError
from geo.plans import (
    LAYERS,
    METHODS,
    TARGET_COLUMNS,
    Facts,
    Plan,
    Reading,
    Target,
    evaluate,
    list_plans,
    load_plan,
)
from geo.plans.measures.registry import MEASURES
from geo.standards import ResponseStandard
from geo.statistics import summarise
from geo.times import Times
from geo.words import LANGS, say

DISPATCH = ResponseStandard("dispatch-5min", "dispatch", call_s=0, turnout_s=60, travel_s=240)
DRIVE = ResponseStandard("drive-5min", "departure", call_s=0, turnout_s=0, travel_s=300)
PEOPLE = pd.Series([200_000.0, 100_000.0, 50_000.0, 50_000.0])
# Travel seconds of four places from two stations, nan where there is no route.
TRAVEL = np.array([[100.0, 200.0], [240.0, 120.0], [280.0, np.nan], [np.nan, np.nan]])


def stations(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["城桥站", "堡镇站", "圆沙站"],
            "status": ["existing", "existing", "planned"],
            "station_class": ["first", "second", "second"],
            "staff": [100.0, 68.0, np.nan],
            **columns,
        },
        index=pd.Index(["s1", "s2", "s3"], name="facility_id"),
    )


def times() -> Times:
    rows = [np.flatnonzero(TRAVEL[:, f] <= 300) for f in range(2)]
    return Times(
        facility_id=pd.Index(["s1", "s2"]),
        demand_id=PEOPLE.index,
        start=np.array([0, len(rows[0]), len(rows[0]) + len(rows[1])]),
        demand=np.concatenate(rows).astype(np.int32),
        ms=np.concatenate([TRAVEL[rows[f], f] * 1000 for f in range(2)]).astype(np.int32),
        limit_s=300.0,
    )


def reading(standard: ResponseStandard, **shares: float) -> Reading:
    start = standard.call_s + standard.turnout_s
    response = np.where(np.isnan(TRAVEL), np.inf, TRAVEL + start)
    first = response.min(axis=1)
    table = pd.DataFrame(
        {
            "people": PEOPLE,
            "first_s": first,
            "first_travel_s": first - start,
            "n_in_time": (response <= standard.limit_s).sum(axis=1),
            "is_covered": first <= standard.limit_s,
            "is_reachable": np.isfinite(first),
        }
    )
    return Reading(standard, summarise(table), pd.Series(start, index=["s1", "s2"]), **shares)


def facts(**changes: Any) -> Facts:
    # s1 is first for places 0 and 2 (250,000 people), s2 for place 1 (100,000); nobody for place 3.
    base = Facts(
        layers={"stations": stations().columns, "roads": [], "people": ["people"]},
        people=PEOPLE,
        stations=stations(),
        served=pd.Series([250_000.0, 100_000.0], index=["s1", "s2"]),
        readings={"dispatch-5min": reading(DISPATCH), "drive-5min": reading(DRIVE)},
        times=times(),
    )
    return replace(base, **changes)


def judged(plan: str, **changes: Any) -> pd.DataFrame:
    return evaluate(load_plan(plan), facts(**changes))


def test_both_readings_of_the_five_minutes_are_judged() -> None:
    # Place 2 takes 280 s of driving: in time from departure, not from the dispatch order; place 3 never.
    table = judged("chongming")
    assert table.loc[["CM-1", "CM-1b"], "status"].tolist() == ["missed", "missed"]
    assert table.loc[["CM-1", "CM-1b"], "value"].tolist() == [75.0, 87.5]
    assert table.loc[["CM-1", "CM-1b"], "missed_by"].tolist() == [25.0, 12.5]
    english, chinese = table.loc["CM-1", ["evidence_en", "evidence_zh"]]
    for number in ("300,000", "400,000", "50,000", "100,000", "60", "240"):
        assert number in english
        assert number in chinese
    assert "That is 100,000 people short." in english
    assert "25 percentage points" in english
    assert "还差 100,000 人" in chinese


def test_a_goal_of_everybody_is_met_by_everybody_only() -> None:
    plan = load_plan("chongming")
    figures = reading(DRIVE).figures
    whole = replace(reading(DRIVE), figures={**figures, "people_covered": 400_000.0, "share_covered": 1.0})
    status = evaluate(plan, facts(readings={"drive-5min": whole})).loc["CM-1b", "status"]
    assert status == "met"


def test_shares_of_road_and_land_are_told_where_they_are_known() -> None:
    known = judged(
        "chongming", readings={"dispatch-5min": reading(DISPATCH, road_share=0.5, land_share=0.25)}
    )
    assert "50.0%" in known.loc["CM-1", "evidence_zh"]
    assert "Of the land, 25.0%" in known.loc["CM-1", "evidence_en"]
    assert "Of the land" not in judged("chongming").loc["CM-1", "evidence_en"]


def test_the_mean_leaves_nobody_out_of_sight() -> None:
    # (200 x 100 + 100 x 120 + 50 x 280) / 350 = 131.43 s = 2.19 min; 50,000 people stand beside it.
    row = judged("chongming").loc["CM-2"]
    assert row["value"] == pytest.approx(46_000 / 350 / 60)
    assert row["status"] == "met"
    assert "50,000" in row["evidence_en"]


def test_a_mean_of_nobody_reached_is_missed() -> None:
    figures = {**reading(DRIVE).figures, "mean_travel_s": math.nan, "people_unreachable": 400_000.0}
    row = judged("chongming", readings={"drive-5min": replace(reading(DRIVE), figures=figures)}).loc["CM-2"]
    assert (row["status"], row["missed_by"]) == ("missed", math.inf)
    assert "∞" in row["evidence_zh"]


@pytest.mark.parametrize(
    ("staff", "status", "value"),
    [
        ([100.0, 61.0, 900.0], "met", 0.4025),  # 161 / 400,000; the planned station's 900 do not count
        ([100.0, 60.0, 900.0], "missed", 0.4),  # exactly 0.4 is not more than 0.4
        ([170.0, np.nan, np.nan], "met", 0.425),  # a lower bound that suffices
        ([100.0, np.nan, np.nan], "no data", math.nan),  # a lower bound that does not
    ],
)
def test_firefighters_per_thousand(staff: list[float], status: str, value: float) -> None:
    row = judged("chongming", stations=stations(staff=staff)).loc["CM-3"]
    assert row["status"] == status
    assert row["value"] == pytest.approx(value, nan_ok=True)
    if status == "missed":
        assert "1 firefighters short" in row["evidence_en"]
    if status == "no data":
        assert row["needs"] == "stations: staff (1 / 2)"


def test_people_per_station_in_three_readings() -> None:
    # District: 400,000 / 2 = 20 > 12; four stations would do. Busiest: 25. Shared out from dispatch:
    # places 0 and 1 (300,000) see stations that may serve 240,000 between them.
    table = judged("jinshan")
    assert table.loc[["JS-1", "JS-1b", "JS-1c"], "value"].tolist() == [20.0, 25.0, 80.0]
    assert table.loc[["JS-1", "JS-1b", "JS-1c"], "status"].tolist() == ["missed"] * 3
    assert "2 stations short" in table.loc["JS-1", "evidence_en"]
    assert "城桥站" in table.loc["JS-1b", "evidence_zh"]
    assert "130,000 people more" in table.loc["JS-1b", "evidence_en"]
    assert "60,000 people cannot" in table.loc["JS-1c", "evidence_en"]


def test_the_limit_of_people_per_station_is_met_exactly() -> None:
    row = judged("songjiang", people=PEOPLE * 0.6).loc["SJ-1"]
    assert (row["status"], row["value"]) == ("met", 12.0)


def test_growth_counts_existing_stations_against_the_base_year() -> None:
    # 174 x 1.18 = 205.32: 205 are not enough, 206 are.
    for n, status in ((205, "missed"), (206, "met")):
        many = pd.DataFrame({"name": "x", "status": ["existing"] * n + ["planned"] * 9})
        row = judged("shanghai", stations=many).loc["SH-2"]
        assert row["status"] == status
        assert row["value"] == pytest.approx((n - 174) / 174 * 100)


def test_stations_of_a_project_are_counted_when_they_exist_with_their_class() -> None:
    row = judged("chongming").loc["CM-8"]
    assert (row["status"], row["value"]) == ("missed", 0.0)
    assert "planned or to be rebuilt: 圆沙; not in the layer: 岱山, 陈家镇" in row["evidence_en"]
    built = stations(name=["圆沙站", "岱山战勤保障站", "陈家镇站"], status=["existing"] * 3)
    done = built.assign(station_class=["second", "logistics", "small"])
    assert judged("chongming", stations=done).loc["CM-8", "status"] == "met"
    other = built.assign(station_class=["second", "logistics", "first"])
    assert judged("chongming", stations=other).loc["CM-8", "value"] == 2.0
    unclear = built.assign(station_class=["second", "logistics", None])
    row = judged("chongming", stations=unclear).loc["CM-8"]
    assert (row["status"], row["needs"]) == ("no data", "stations: station_class (陈家镇)")


@pytest.mark.parametrize("plan", list_plans())
def test_with_no_layers_nothing_is_met_and_each_target_says_what_it_needs(plan: str) -> None:
    table = judged(plan, layers={})
    assert table.columns.tolist() == list(TARGET_COLUMNS)
    assert table.index.tolist() == [target.id for target in load_plan(plan).targets]
    assert set(table["status"]) == {"no data"}
    assert (table["needs"] != "").all()
    assert table["value"].isna().all()


@pytest.mark.parametrize("plan", list_plans())
def test_with_all_layers_every_target_is_computed(plan: str) -> None:
    columns = {
        column for target in load_plan(plan).targets for names in target.layers.values() for column in names
    }
    table = judged(plan, layers=dict.fromkeys(LAYERS, columns))
    for target in load_plan(plan).targets:
        assert table.loc[target.id, "status"] != "not computed"


def test_missing_columns_are_named() -> None:
    layers = {"stations": ["name", "status"], "roads": [], "people": ["people"]}
    row = judged("chongming", layers=layers).loc["CM-3"]
    assert (row["status"], row["needs"]) == ("no data", "stations: staff")
    assert row["evidence_zh"] == "无数据：缺少 消防站（消防员人数）。"


def test_nobody_to_serve_is_no_data_and_not_a_share_of_nothing() -> None:
    table = judged("jinshan", people=PEOPLE * 0)
    assert table.loc[["JS-1", "JS-1b", "JS-1c"], "needs"].tolist() == ["people: people > 0"] * 3


def test_no_stations_miss_what_can_be_missed() -> None:
    none: Mapping[str, Any] = {"stations": stations().iloc[:0], "served": pd.Series(dtype=float)}
    table = judged("jinshan", **none)
    assert (table.loc["JS-1", "status"], table.loc["JS-1", "value"]) == ("missed", math.inf)
    assert table.loc["JS-1b", "status"] == "no data"


def test_nobody_in_time_leaves_nothing_to_share_out() -> None:
    slow = replace(DISPATCH, turnout_s=300.0, travel_s=0.0)
    row = judged("jinshan", readings={"dispatch-5min": reading(slow)}).loc["JS-1c"]
    assert row["status"] == "not computed"
    assert "Nobody has a station in time" in row["evidence_en"]


def test_a_standard_that_was_not_run_is_not_judged() -> None:
    table = judged("chongming", readings={"dispatch-5min": reading(DISPATCH)})
    assert table.loc["CM-1b", "status"] == "not computed"
    assert "drive-5min" in table.loc["CM-1b", "evidence_zh"]


def test_times_that_stop_short_of_the_limit_are_an_error() -> None:
    with pytest.raises(StudyError, match="searched to 100 s"):
        judged("jinshan", times=replace(times(), limit_s=100.0))


def test_an_empty_plan_gives_an_empty_table() -> None:
    table = evaluate(Plan("none", "无", "none", "", 2025, ()), facts())
    assert table.columns.tolist() == list(TARGET_COLUMNS)
    assert table.empty


def test_every_method_has_a_measure() -> None:
    assert set(MEASURES) == set(METHODS)


def test_every_word_that_a_table_needs_exists() -> None:
    targets: list[Target] = [target for name in list_plans() for target in load_plan(name).targets]
    names = [
        *(f"layer_{layer}" for layer in LAYERS),
        *(f"unit_{target.unit}" for target in targets),
        *(f"gap_{t.unit}" for t in targets if t.comparator != "none"),
    ]
    for name in names:
        for lang in LANGS:
            assert say(f"plans.{name}", lang=lang)
