"""What columns say of roads that may mean several things: told with kilometres, never silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from geo.network import RoadWords, direction_words, from_roads, roads_from_lines
from geo.standards import load_profile
from tests.network.test_road_words import classes, notes, road
from tests.network.test_roads import layer

PLAIN: dict[str, list[Any]] = {"highway": ["primary"] * 3, "oneway": ["no"] * 3}


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        # the day of closing, past or to come
        (
            "封闭日期",
            [None, "2019-03-01", None],
            "column 封闭日期 says when they close or closed: 2019-03-01",
        ),
        ("封路日期", ["", "2031.5", ""], "column 封路日期 says when they close or closed: 2031.5 1"),
        ("停用时间", ["", "20250101", "9999-12-31"], "1 roads (0.1 km) count as open, and column 停用时间"),
        ("施工封闭起止时间", ["", "3月-8月", "无"], "1 roads (0.1 km) count as open"),
        ("end_date", [None, "2015", None], "column end_date says when they close or closed: 2015"),
        ("封闭时段", ["22:00-05:00", "", ""], "column 封闭时段 says when"),
        ("路灯停用日期", ["", "2019-03-01", ""], ""),
        ("数据截止日期", ["2024-12-31"] * 3, ""),  # of the data
        ("有效期至", ["长期", "0000-00-00", "9999-12-31"], ""),
        ("封闭日期", ["无", "未封闭", None], ""),
        # no lane
        ("车道数", [2, 0, 4], "1 roads (0.1 km) have no lane by column 车道数 (0 1 (0.1 km))"),
        ("LANES", ["2", "0", ""], "1 roads (0.1 km) have no lane by column LANES"),
        ("车道数", [0, 0, 0], ""),  # never filled in
        # no way for engines
        ("消防通道", ["是", "否", "是"], "1 roads (0.1 km) are no way for engines, or not fit to be one"),
        ("消防车道", ["畅通", "被占用", None], "by column 消防车道 (被占用 1 (0.1 km))"),
        # words of directions and classes out of place
        ("access", ["yes", "单行", "yes"], "column access says that they are one-way: 单行 1 (0.1 km)"),
        (
            "备注",
            ["", "由东向西单行", "已取消单行"],
            "备注 says that they are one-way: 由东向西单行 1",
        ),
        ("车道", ["双向", "单向", "单向"], "2 roads (0.2 km) count as two-way, and column 车道 says"),
        (
            "name",
            ["甲路", "人行天桥", "石阶路"],
            "column name calls them by a word for what no car",
        ),
        ("桥梁", ["一般", "甲桥", "沥青"], "3 of 3 roads would be bridges or tunnels by column 桥梁"),
        ("桥梁", ["非桥", "甲桥", "地面"], ""),
        (
            "功能",
            ["主干路", "次干路", "支路"],
            "other columns hold classes too, which differ on so many roads and were not used: 功能 (2)",
        ),
        # narrower than an engine; neither yes nor no; large vehicles; a class in another column
        ("路宽", [7, 1.5, 0], "1 roads (0.1 km) are narrower than 2.5 m by column 路宽 (1.5 1 (0.1 km))"),
        (
            "消防车通行",
            ["能", "困难", None],
            "1 roads have words in column 消防车通行 that are neither yes nor no",
        ),
        (
            "大型车",
            ["可", "否", "可"],
            "1 roads (0.1 km) are no way for engines, or not fit to be one, by column 大型车",
        ),
        ("货车", [None, "禁行", None], ""),
        ("设计荷载", [None, "汽-10", None], "limit what no speed profile states of its vehicle"),
        (
            "类别2",
            [None, "步行道", None],
            "column 类别2 calls them by a word for what no car drives on: 步行道",
        ),
        ("BZ", [None, "规划道路", "东侧有规划路"], "column BZ says of them: 规划道路 1 (0.1 km)"),
        ("道路状况", ["良好", "危桥", "良好"], "column 道路状况 says of them: 危桥"),
        (
            "是否台阶",
            ["否", "是", "否"],
            "1 roads (0.1 km) count as open, and column 是否台阶 says of them: 是 1",
        ),
        # bridges under another header
        (
            "敷设方式",
            ["地面", "高架", "地面"],
            "1 roads (0.1 km) count as lying on the ground, and column 敷设方式",
        ),
        ("GRADE_SEP", ["N", "Y", None], "column GRADE_SEP calls them bridges, elevated or tunnels: Y"),
        # speeds under another header
        ("小客车限速", [60, 40, 40], "columns 小客车限速 hold speeds that are not called limits"),
        ("xiansu", [60, 40, 40], "columns xiansu hold speeds that are not called limits"),
        ("限速", ["60-80", "40", "40"], "1 roads (0.1 km) have several numbers in one cell of 限速 (60-80)"),
    ],
)
def test_what_may_mean_several_things_is_told(header: str, cells: list[Any], told: str) -> None:
    roads = roads_from_lines(road(3, **{**PLAIN, header: cells}))
    assert classes(roads) == ["primary"] * 3
    assert from_roads(roads, load_profile("fire_engine")).n_edges == 3
    keys = {note.key.partition(".")[2] for note in roads.notes} - {"road_column", "roads_levels_apart"}
    assert told in notes(roads) if told else not keys


@pytest.mark.parametrize(
    ("header", "speeds", "expected"),
    [
        ("限速", [7, 5, 8], [np.nan] * 3),  # categories: never 5, 7 and 8 km/h
        ("限速", [70, 5, 8], [70, 5, 8]),
        ("限速", [5, 5, 5], [5, 5, 5]),  # an estate
        ("限速", ["5 km/h", 8, 5], [5, 8, 5]),  # the unit is said
        ("限速(m/s)", [5, 10 / 3.6, 5], [18, 10, 18]),
    ],
)
def test_categories_of_speed_are_no_speeds(header: str, speeds: list[Any], expected: list[float]) -> None:
    roads = roads_from_lines(road(3, **{**PLAIN, header: speeds}))
    np.testing.assert_array_equal(roads.edge_maxspeed, expected)
    assert ("have a 限速 of one digit alone (7, 5, 8)" in notes(roads)) == bool(np.isnan(expected).any())


def test_a_column_of_categories_is_told_and_not_read_where_it_is_asked_for() -> None:
    table = road(3, **PLAIN, SPEED_CAT=["7", "5", "8"])
    assert "columns SPEED_CAT hold speeds that are not called limits" in notes(roads_from_lines(table))
    asked = roads_from_lines(table, columns={"maxspeed": "SPEED_CAT"})
    assert np.isnan(asked.edge_maxspeed).all()
    assert "3 roads (0.3 km) have a SPEED_CAT of one digit alone" in notes(asked)


@pytest.mark.parametrize(
    ("header", "cells", "is_open"),
    [
        ("消防车能否进入", ["能", "无法进入", None], [True, False, True]),
        ("消防车", ["可", "不可通行", "可"], [True, False, True]),
        ("现状", ["是", "否", "是"], [True, False, True]),
        ("净空高度", [4.5, 2.2, None], [True, False, True]),
        ("承重", [30, 5, 20], [True, False, True]),
        ("限行", ["否", "是", "否"], [True, True, True]),  # holds for cars, not for an engine on duty
    ],
)
def test_columns_that_close_roads_to_engines(header: str, cells: list[Any], is_open: list[bool]) -> None:
    roads = roads_from_lines(road(3, **{**PLAIN, header: cells}))
    network = from_roads(roads, load_profile("fire_engine"))
    assert np.isin([0, 1, 2], network.edge_source).tolist() == is_open
    assert "count as open" not in notes(roads)


def test_of_two_columns_whose_headers_differ_by_a_sign_the_first_holds_and_the_other_is_told() -> None:
    roads = roads_from_lines(road(3, **PLAIN, **{"限速": [60, 40, 40], "限速*": [30, 40, None]}))
    np.testing.assert_array_equal(roads.edge_maxspeed, [60, 40, 40])
    assert "column 限速* holds the same and says something else of 1 roads" in notes(roads)


def test_a_part_without_roads_says_nothing_of_directions() -> None:
    rivers = road(2, highway=[None, None], waterway=["river", "canal"])
    assert direction_words(rivers, RoadWords()) == frozenset()
    assert direction_words(rivers.iloc[:0], RoadWords()) == frozenset()
    assert direction_words(road(3, **PLAIN), RoadWords()) == frozenset({"no"})
    assert direction_words(road(1, highway=["primary"]), RoadWords()) is None


def test_headers_that_are_numbers_are_headers() -> None:
    table = road(3, **PLAIN, more=[1, 2, 3]).rename(columns={"more": 5})
    assert classes(roads_from_lines(table)) == ["primary"] * 3


def test_of_two_columns_of_one_meaning_the_blank_one_gives_way() -> None:
    roads = roads_from_lines(road(3, **{**PLAIN, "maxspeed": [0, 0, 0], "限速": [60, 40, 40]}))
    assert roads.edge_maxspeed.tolist() == [60, 40, 40]


@pytest.mark.parametrize(("is_bridge", "told"), [("no", "at 1 places ends of roads meet"), ("yes", "")])
def test_a_vertex_far_above_another_is_told_where_they_meet(is_bridge: str, told: str) -> None:
    table = layer(
        [[(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)]],
        highway="primary",
        bridge=["no", is_bridge],
    )
    text = notes(roads_from_lines(table.set_geometry(shapely.force_3d(table.geometry, [4.0, 12.0]))))
    assert told in text if told else "heights" not in text


@pytest.mark.parametrize(
    ("word", "code"),
    [("由起点至终点", 1), ("单行（反向）", -1), ("To-From", -1), ("→", 1), ("逆向单行通行", -1)],
)
def test_words_of_directions(word: str, code: int) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, 单行=[word, "双向", "双向"]))
    assert roads.edge_oneway.tolist() == [code, 0, 0]


def test_roads_with_lanes_in_one_direction_are_told() -> None:
    table = road(4, highway=["primary"] * 4, oneway=["no", "no", "yes", "no"], 正向车道数=[1, 2, 1, 0])
    roads = roads_from_lines(table.assign(逆向车道数=[1, 0, 0, 0]))
    assert "1 roads (0.1 km) have lanes in one direction alone by columns 正向车道数, 逆向车道数" in notes(
        roads
    )


@pytest.mark.parametrize(
    ("cells", "n_meets"),
    [
        ([0, 1], 0),
        (["地面", "高架"], 0),
        ([0, 0], 1),
        (["骨干", "次级"], 1),  # ranks in the network, no levels
    ],
)
def test_layers_in_chinese_part_roads_that_share_an_inner_vertex(cells: list[Any], n_meets: int) -> None:
    cross = layer([[(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)]], 层次=cells)
    roads = roads_from_lines(cross.assign(highway="primary", oneway="no"))
    degree = np.bincount(np.concatenate([roads.edge_u, roads.edge_v]))
    assert (degree == 4).sum() == n_meets


def test_a_line_with_an_id_of_openstreetmap_and_no_highway_is_no_road() -> None:
    columns = {"osm_id": ["1", "2", None, "0"], "highway": ["primary", *[None] * 3], "oneway": ["no"] * 4}
    roads = roads_from_lines(road(4, **columns))
    assert roads.edge_source.tolist() == [0, 2, 3]  # the last two were drawn by the planner
    assert '1 lines are no roads and were left out: highway = "" 1' in notes(roads)


def test_a_second_column_of_one_meaning_that_says_else_is_told() -> None:
    columns = {"access": ["yes", "yes", None], "通行权": ["允许", "禁止", None], "maxspeed": [40, 40, None]}
    text = notes(roads_from_lines(road(3, **PLAIN, **columns, 限速=[40, None, 60])))
    assert (
        "column access was taken as access; column 通行权 holds the same and says something else of 2" in text
    )
    assert (
        "column 限速 holds the same and says something else of 1 roads, which was not used (rows 2)" in text
    )


@pytest.mark.parametrize("header", ["*道路等级", "道路\n等级", "道路 等级", "道路等级"])
def test_headers_of_forms_are_known(header: str) -> None:
    roads = roads_from_lines(
        road(3, **{header: ["1", "二级公路", "二级公路"], "单行方向*": ["正向", "双向", "双向"]})
    )
    assert classes(roads)[1:] == ["primary", "primary"]
    assert roads.edge_oneway.tolist() == [1, 0, 0]


def test_the_name_of_a_joined_table_before_all_headers_is_no_part_of_them() -> None:
    columns = {
        "roads.fclass": ["primary"] * 3,
        "roads.oneway": ["F", "T", "B"],
        "roads.maxspeed": [50, 40, 0],
    }
    roads = roads_from_lines(road(3, **columns))
    assert roads.edge_oneway.tolist() == [1, -1, 0]
    np.testing.assert_array_equal(roads.edge_maxspeed, [50, 40, np.nan])


@pytest.mark.parametrize(
    ("header", "cells"),
    [("删除标记", ["否", "是", "否"]), ("valid", [1, 0, 1]), ("deleted", [0, 1, 0]), ("Enabled", [1, 0, 1])],
)
def test_records_that_were_deleted_are_no_roads(header: str, cells: list[Any]) -> None:
    roads = roads_from_lines(road(3, **{**PLAIN, header: cells}))
    assert classes(roads) == ["primary", "abandoned", "primary"]
    assert f"1 roads (0.1 km) are not open by column {header}" in notes(roads)
