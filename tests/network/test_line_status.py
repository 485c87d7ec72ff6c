"""Roads that are not open, as planners say it: states, questions, names, years to come."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from geo.network import Roads, RoadWords, roads_from_lines
from tests.network.test_road_words import classes, notes, road

THIS_YEAR = date.today().year


def is_open(roads: Roads) -> list[bool]:
    return [kind not in ("proposed", "abandoned") for kind in classes(roads)]


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        # a column of nothing but states, under any header
        ("建设时序", ["现状", "规划", None], [True, False, True]),
        ("规划性质", ["已建", "规划新增", "在建"], [True, False, False]),
        ("STAT", ["已通车", "未通车", "已通车"], [True, False, True]),
        ("建设状态", ["已完成", "未完成", "未开工"], [True, False, False]),
        ("实施情况", ["已实施", "预留", "已实施"], [True, False, True]),
        # a header that asks
        ("能否通车", ["是", "否", "是"], [True, False, True]),
        ("可否通行", ["1", "0", None], [True, False, True]),
        ("是否开放", ["Y", "N", "Y"], [True, False, True]),
        ("施工", ["否", "是", "否"], [True, False, True]),
        ("是否施工", ["否", "是", "否"], [True, False, True]),
        ("passable", ["yes", "no", "yes"], [True, False, True]),
        ("planned", [0, 1, 0], [True, False, True]),
        # a name with a state in brackets
        ("名称", ["沪崇路", "沪崇高速（北段）（在建）", "规划路"], [True, False, True]),
    ],
)
def test_roads_that_a_column_closes(header: str, cells: list[Any], expected: list[bool]) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **{header: cells}))
    assert is_open(roads) == expected
    n = expected.count(False)
    assert f"{n} roads (0.{n} km) are not open by column {header}" in notes(roads)


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        # words that nobody knows, under a header that is of nothing but building
        ("建设状态", ["1", "2", "2"], "3 roads (0.3 km) have words in column 建设状态 that are not known"),
        (
            "名称",
            ["甲路", "乙路", "规划纵三大街"],
            "1 roads (0.1 km) count as open, and column 名称 says of them: 规划纵三",
        ),
        ("备注", ["", "规划，未建", ""], "1 roads (0.1 km) count as open, and column 备注"),
        # a word against driving in a column that is read for nothing else
        (
            "管制",
            ["", "施工封闭", ""],
            "1 roads (0.1 km) count as open, and column 管制 says of them: 施工封闭",
        ),
        ("路况", ["良好", "塌方中断", "良好"], "column 路况 says of them: 塌方中断"),
        ("备注", ["", "断头路", ""], "column 备注 says of them: 断头路"),
        ("管制", ["", "已解除封闭", "禁止停车"], ""),
        ("管制", ["", "禁止停车，施工封闭", ""], "column 管制 says of them: 禁止停车，施工封闭"),
        ("管制", ["", "禁止大型车辆通行", ""], "column 管制 says of them: 禁止大型车辆通行"),  # engines are
        ("管制", ["禁止超车", "禁止货车通行", "全封闭高速公路"], ""),
        ("状况", ["正常", "停用", "正常"], "column 状况 says of them: 停用"),
        # what stands beside a road is planned where the road is not
        ("路灯", ["现有", "规划", "现有"], ""),
        ("雨水管", ["已建", "未建", "已建"], ""),
        ("非机动车道", ["已建", "规划", "停用"], ""),
        ("隔离", ["封闭", "半封闭", ""], ""),
        # tags of OpenStreetMap that are told, and what a road will be once it is built
        ("construction", ["", "secondary", ""], ""),
        # what a plan does with a road that is there is no state of it
        ("改造时序", ["近期", "远期", "近期"], ""),
        ("状态", ["A", "B", "B"], ""),
        ("路面", ["沥青", "水泥", "水泥"], ""),
    ],
)
def test_roads_that_stay_open(header: str, cells: list[Any], told: str) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, oneway=["no"] * 3, **{header: cells}))
    assert is_open(roads) == [True] * 3
    assert told in notes(roads) if told else not roads.notes


@pytest.mark.parametrize(
    ("header", "later", "before"),
    [
        ("建成年份", THIS_YEAR + 1, THIS_YEAR),
        ("通车时间", f"{THIS_YEAR + 1}年底", f"{THIS_YEAR}年"),
        ("竣工日期", f"{THIS_YEAR + 1}1231", f"{THIS_YEAR}1231"),
        ("计划通车时间", f"{THIS_YEAR + 2}.6", "2009.6"),
        ("OPEN_YEAR", float(THIS_YEAR + 1), 2010.0),
        ("start_date", f"{THIS_YEAR + 1}-05-01", "2010-05-01"),
        ("备注", f"计划{THIS_YEAR + 1}年通车", "2010年通车"),
        ("说明", f"{THIS_YEAR + 1}年建成", f"{THIS_YEAR + 1}年底复测"),
    ],
)
def test_a_road_of_a_year_to_come_is_told_with_the_year_of_today(
    header: str, later: Any, before: Any
) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **{header: [before, later, before]}))
    assert is_open(roads) == [True] * 3
    text = notes(roads)
    assert f"1 roads (0.1 km) count as open, and column {header} names a year to come" in text
    assert f"{THIS_YEAR} is the year of today" in text


def test_the_year_of_the_study_settles_which_roads_are_to_come() -> None:
    layer = road(3, highway=["primary"] * 3, 备注=["2030年通车", "2036年通车", "建成路2099号"])
    (note,) = (
        note for note in roads_from_lines(layer, words=RoadWords(year=2035)).notes if "later" in note.key
    )
    assert "1 条道路（0.1 公里）按已开通计" in note.say("zh")
    assert "2036年通车 1 (0.1 km)（2035 由 [study] 的 year 设定）" in note.say("zh")


def test_a_year_to_come_of_a_road_that_is_closed_already_is_not_told() -> None:
    columns = {"状态": ["规划", "现状"], "通车年份": [THIS_YEAR + 1, 2010]}
    assert "names a year" not in notes(roads_from_lines(road(2, highway=["primary"] * 2, **columns)))
