"""Rows of one place in a table of people: parts beside their whole, one number on every point."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.layers import LayerReport
from geo.messages import Guess, Message
from geo.study.inputs.doubts import doubt_rows
from geo.study.inputs.log import StudyLayer
from geo.study.inputs.people_rows import tell_alike
from geo.study.settings import DemandSpec

KEYS = {"people_part_rows", "people_part_rows_blank", "people_repeated", "people_registered", "village_twice"}


def told(header: str = "人口", **columns: list[Any]) -> dict[str, str]:
    """Give what is told of the rows of a table: keys of messages and their Chinese text."""
    table = pd.DataFrame({"people": columns.pop("people"), **columns}, index=range(2, 2 + 6))
    names = {"people": header, "village": "行政村", "zone": "街镇", "name": "名称"}
    guesses = tuple(
        Guess(column, header, Message("layers.usual_header", {"column": column}))
        for column, header in names.items()
        if column in table
    )
    report = LayerReport("people.xlsx", "XLSX", "", 6, 6, (), guesses, "", None, None, ())
    notes = doubt_rows(StudyLayer("demand 1", table, report), DemandSpec("people.xlsx", people=header))
    return {key: note.say("zh") for note in notes if (key := note.key.removeprefix("study.")) in KEYS}


VILLAGES = ["甲村", "甲村", "乙村", "乙村", "丙村", "丙村"]
TOWN = ["西镇"] * 6


@pytest.mark.parametrize("named", ["name", "village"])
def test_parts_beside_their_whole_are_told_with_their_people(named: str) -> None:
    kinds = ["常住人口", "其中：流动人口"] * 3
    notes = told(people=[100, 30, 200, 50, 300, 20], **{named: VILLAGES}, zone=TOWN, 类别=kinds)
    # 30 + 50 + 20 = 100 of the 700 are counted twice.
    assert "3 行" in notes["people_part_rows"]
    assert "100 人可能重复计算" in notes["people_part_rows"]
    assert 'where = { "类别" = ["常住人口"] }' in notes["people_part_rows"]


def test_parts_that_are_everybody_together_are_not_told() -> None:
    ages = ["0-59岁", "60岁以上"] * 3
    assert told(people=[70, 30, 150, 50, 280, 20], village=VILLAGES, zone=TOWN, 年龄=ages) == {}
    assert told(people=[70, 30, 150, 50, 280, 20], name=VILLAGES, zone=TOWN, 性别=["男", "女"] * 3) == {}


def test_years_of_one_village_are_told_by_the_village() -> None:
    notes = told(people=[90, 100, 190, 200, 310, 300], village=VILLAGES, zone=TOWN, 普查=["六普", "七普"] * 3)
    assert "600 人" in notes["village_twice"]


def test_hamlets_of_one_village_are_no_village_twice() -> None:
    hamlets = ["东宅", "西宅", "南宅", "北宅", "前宅", "后宅"]
    assert told(people=[90, 100, 190, 200, 310, 300], village=VILLAGES, zone=TOWN, 宅基=hamlets) == {}


@pytest.mark.parametrize("column", ["village", "所属村委会"])
def test_the_people_of_a_village_on_each_of_its_points(column: str) -> None:
    names = [f"{n}组" for n in range(6)]
    notes = told(people=[100, 100, 200, 200, 300, 300], name=names, **{column: VILLAGES})
    assert "600 人可能重复计算" in notes["people_repeated"]
    assert "甲村" in notes["people_repeated"]


@pytest.mark.parametrize(
    ("people", "villages"),
    [
        ([100, 100, 200, 210, 300, 310], VILLAGES),  # one of three alike
        ([100] * 6, VILLAGES),  # one number everywhere is an estimate
        ([100, 100, 200, 300, 400, 500], ["甲村", "甲村", "乙村", "丙村", "丁村", "戊村"]),  # one by chance
    ],
)
def test_numbers_that_are_alike_by_chance_are_not_told(people: list[int], villages: list[str]) -> None:
    assert told(people=people, name=[f"{n}组" for n in range(6)], village=villages) == {}


def test_who_moved_in_is_told_beside_who_is_registered() -> None:
    notes = told("户籍人口", people=[10] * 6, name=list("甲乙丙丁戊己"), 外来人口=[5, 5, 5, 5, 5, 0])
    assert "另有 25 人未计入" in notes["people_registered"]
    assert told("常住人口", people=[10] * 6, name=list("甲乙丙丁戊己"), 外来人口=[5] * 6) == {}
    assert told("户籍人口", people=[10] * 6, name=list("甲乙丙丁戊己"), 户数=[5] * 6) == {}


@pytest.mark.parametrize(
    "people",
    [
        [3, 3, 4, 4, 2, 2],  # houses of a few people
        [50, 50, 100, 100, 50, 50],  # round estimates: of 3 pairs of villages 1 has the same number
    ],
)
def test_small_and_round_numbers_are_alike_by_chance(people: list[int]) -> None:
    assert told(people=people, name=[f"{n}组" for n in range(6)], village=VILLAGES) == {}


@pytest.mark.parametrize("remark", ["老人较多", "以外来人口为主", "有留守儿童", "敬老院旁", "约30名学生"])
def test_a_remark_on_a_place_is_no_part_of_its_people(remark: str) -> None:
    notes = told(people=[100, 30, 200, 50, 300, 20], village=VILLAGES, zone=TOWN, 备注=["", remark] * 3)
    assert "people_part_rows" not in notes
    assert "people_part_rows_blank" not in notes


@pytest.mark.parametrize("remark", ["其中：60岁以上老人", "流动人口"])
def test_a_remark_that_names_a_part_and_nothing_else_is_told(remark: str) -> None:
    notes = told(people=[100, 30, 200, 50, 300, 20], village=VILLAGES, zone=TOWN, 备注=["", remark] * 3)
    assert "100 人可能重复计算" in notes["people_part_rows_blank"]


def alike(people: list[int], names: list[str], **columns: list[Any]) -> list[Message]:
    at = [shapely.Point(i, 0) for i in range(len(names))]
    table = gpd.GeoDataFrame({"people": people, "name": names, **columns}, geometry=at, crs="EPSG:32651")
    report = LayerReport("people.gpkg", "GPKG", "", len(names), len(names), (), (), "", None, None, ())
    return list(tell_alike(StudyLayer("demand 1", table, report)))


def test_parts_of_a_village_that_each_bear_its_people_are_told() -> None:
    (note,) = alike([1000, 1000, 300, 210, 1000], ["甲村", "甲村", "丙村", "丁村", "甲村"])
    assert (note.values["n"], note.values["people"]) == (3, 2000.0)
    assert "甲村" in note.say("zh")


@pytest.mark.parametrize(
    ("people", "names", "columns"),
    [
        ([1000, 900, 300, 210], ["甲村", "甲村", "丙村", "丁村"], {}),  # shared out already
        (
            [1000, 1000, 300, 210],
            ["甲村", "甲村", "丙村", "丁村"],
            {"zone": ["东镇", "西镇", "东镇", "东镇"]},
        ),
        ([12, 12, 8, 9], ["甲宅", "甲宅", "丙宅", "丁宅"], {}),  # a house or two
        ([50, 50, 50, 50], ["甲村", "甲村", "丙村", "丁村"], {}),  # one estimate everywhere
        ([30] * 24, ["住宅"] * 24, {}),  # a sort of house and no place
    ],
)
def test_rows_of_one_name_that_may_well_be_right_are_not_told(
    people: list[int], names: list[str], columns: dict[str, list[Any]]
) -> None:
    assert alike(people, names, **columns) == []
