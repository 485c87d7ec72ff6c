"""Codes of navigation data: closed both ways, blank directions, ramps, who may pass."""

from __future__ import annotations

from typing import Any

import pytest

from geo.errors import NetworkError
from geo.network import from_roads, roads_from_lines
from geo.network._road_words import RoadWords
from geo.standards import load_profile
from tests.network.test_road_words import classes, notes, road

ENGINE = load_profile("fire_engine")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("ONEWAY", ["", "FT", "TF", "N"]),  # TomTom
        ("DIR_TRAVEL", ["B", "F", "T", "N"]),  # HERE
    ],
)
def test_a_road_that_is_closed_both_ways_is_not_driven(header: str, cells: list[str]) -> None:
    roads = roads_from_lines(road(4, highway=["primary"] * 4, **{header: cells}))
    assert roads.edge_oneway.tolist() == [0, 1, -1, 0]
    assert from_roads(roads, ENGINE).edge_source.tolist() == [0, 1, 2]
    assert f"1 roads (0.1 km) are driven in neither direction by column {header} (N beside" in notes(roads)


def test_n_beside_yes_is_a_no_and_means_what_the_planner_says() -> None:
    plain = roads_from_lines(road(3, highway=["primary"] * 3, oneway=["Y", "N", "N"]))
    own = roads_from_lines(
        road(3, highway=["primary"] * 3, oneway=["FT", "N", "TF"]), words=RoadWords(oneway={"N": "both"})
    )
    for roads in (plain, own):
        assert from_roads(roads, ENGINE).edge_source.tolist() == [0, 1, 2]
        assert "neither" not in notes(roads)


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        (
            "通行方向",
            ["双向", "", "正向"],
            "1 roads (0.1 km) are blank in column 通行方向, in which 1 others say",
        ),
        ("DIRECTION", ["1", None, "2"], "1 roads (0.1 km) are blank in column DIRECTION, in which 1 others"),
        (
            "单行",
            ["是", None, None],
            "2 roads (0.2 km) are blank in column 单行, which names one-way roads alone",
        ),
        (
            "ONEWAY",
            ["FT", "", "TF"],
            "1 roads (0.1 km) are blank in column ONEWAY, which names one-way roads",
        ),
        ("oneway", ["yes", None, "no"], ""),  # OpenStreetMap's tag, which most roads lack
        ("通行方向", ["双向", "双向", "正向"], ""),
    ],
)
def test_blank_directions_are_told(header: str, cells: list[Any], told: str) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **{header: cells}))
    assert told in notes(roads) if told else "blank" not in notes(roads)


@pytest.mark.parametrize(
    ("header", "code", "expected"),
    [
        ("RAMP", "Y", "primary_link"),
        ("是否匝道", "是", "primary_link"),
        ("FOW", 10, "primary_link"),
        ("FOW", 15, "footway"),
        ("FERRY_TYPE", "B", "ferry"),
        ("FEATTYP", 4130, "ferry"),
        ("FOW", 3, "primary"),
    ],
)
def test_the_form_of_a_road_gives_its_class(header: str, code: Any, expected: str) -> None:
    roads = roads_from_lines(road(2, highway=["primary"] * 2, **{header: [code, None]}))
    assert classes(roads) == [expected, "primary"]
    assert ("1 roads (0.1 km) count as" in notes(roads)) == (expected != "primary")


@pytest.mark.parametrize(
    ("header", "code", "engine", "car"),
    [
        ("AR_AUTO", "N", True, False),  # an engine passes where ordinary traffic may not
        ("AR_EMERVEH", "N", False, True),
        ("消防车能否通行", "否", False, True),
        ("PRIVATE", "Y", True, False),
        ("PRIVATERD", 2, True, False),
        ("AR_AUTO", "Y", True, True),
    ],
)
def test_who_may_pass_by_codes(header: str, code: Any, engine: bool, car: bool) -> None:
    roads = roads_from_lines(road(2, highway=["primary"] * 2, **{header: [code, None]}))
    for profile, passes in ((ENGINE, engine), (load_profile("car"), car)):
        assert (0 in from_roads(roads, profile).edge_source) == passes
    assert ("by the codes of column" in notes(roads)) == (not (engine and car))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"单行方": ["双向", "正向", "逆向"]}, "column '单行方' was taken as oneway"),  # UTF-8, ten bytes
        ({"是否单": ["否", "是", "-1"]}, "column '是否单' was taken as oneway"),
        ({"ZTFX": ["双向通行", "顺向", "逆向"]}, "column 'ZTFX' was taken as oneway"),  # by its words
        ({"dirtravel": ["", "FT", "TF"]}, "column 'dirtravel' was taken as oneway"),
    ],
)
def test_directions_under_cut_and_unknown_headers(columns: dict[str, list[Any]], told: str) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **columns))
    assert roads.edge_oneway.tolist() == [0, 1, -1]
    assert told in notes(roads)


def test_words_that_say_other_things_are_no_directions() -> None:
    columns = {"有无路灯": ["无", "是", "否"], "tf": ["T", "F", "T"], "朝向": ["正", "反", "正"]}
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **columns))
    assert roads.edge_oneway.tolist() == [0, 0, 0]
    assert "no column says which roads are one-way" in notes(roads)


@pytest.mark.parametrize(
    ("cells", "header", "kph", "unit"),
    [
        ([19.44, 16.67, 11.11], "限速", [70, 60, 40], "m/s"),  # 70, 60 and 40 km/h in metres a second
        ([19.44, 16.67, 11.11], "最高限", [70, 60, 40], "m/s"),  # 最高限速, cut
        ([48.3, 32.2, 64.4], "限速", [48.3, 32.2, 64.4], ""),  # miles once
        ([20, 15, 10], "限速", [20, 15, 10], ""),
    ],
)
def test_limits_in_metres_a_second(cells: list[float], header: str, kph: list[float], unit: str) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **{header: cells}))
    assert roads.edge_maxspeed == pytest.approx(kph, abs=0.1)
    assert (f"says no unit and was read in {unit}" in notes(roads)) == bool(unit)


def test_codes_0_1_and_2_alone_are_asked_about() -> None:
    """They may be both ways, along and against the line, or not surveyed, both ways and along it."""
    table = road(3, highway=["primary"] * 3, DIRECTION=[0, 1, 2])
    with pytest.raises(NetworkError, match="one-way codes of which the meaning is not sure: 0, 1, 2"):
        roads_from_lines(table)
    own = RoadWords(oneway={"0": "both", "1": "forward", "2": "backward"})
    assert roads_from_lines(table, words=own).edge_oneway.tolist() == [0, 1, -1]


def test_counts_of_lanes_are_no_answers_and_what_is_left_is_told() -> None:
    roads = roads_from_lines(
        road(4, highway=["primary"] * 4, 机动车=["4", "0", "2", "否"], 匝道=[0, 1, 7, 0])
    )
    assert roads.edge_access.astype(bool).tolist() == [False, False, False, True]
    assert set(classes(roads)) == {"primary"}
    assert "1 roads have 0 in column 机动车, beside numbers that are neither yes nor no" in notes(roads)


def test_n_beside_yes_is_a_no_whatever_else_stands_there() -> None:
    roads = roads_from_lines(road(4, highway=["primary"] * 4, oneway=["Y", "N", "F", "T"]))
    assert from_roads(roads, ENGINE).edge_source.tolist() == [0, 1, 2, 3]
