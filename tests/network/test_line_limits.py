"""Limits of speed and size in the columns of line layers, and what holds at some hours only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.layers import read_layer
from geo.network import from_roads, is_unheeded, may_be_unheeded, roads_from_lines
from geo.standards import load_profile
from tests.network.test_road_words import notes, road

ENGINE, CAR = load_profile("fire_engine"), load_profile("car")
NAN = float("nan")


@pytest.mark.parametrize(
    ("header", "values", "metres"),
    [
        ("maxheight", [3.5, None, "4.2 m"], [3.5, NAN, 4.2]),
        ("限高", ["3.5米", "３．２ｍ", "无"], [3.5, 3.2, NAN]),
        ("限高(cm)", [350, 220, 0], [3.5, 2.2, NAN]),
        ("限高（厘米）", ["350", "4.2m", ""], [3.5, 4.2, NAN]),
        ("桥梁限高_cm", [350, None, 420], [3.5, NAN, 4.2]),
        ("height_limit", [350, 0, 420], [3.5, NAN, 4.2]),  # in metres none could be believed
        ("HEIGHT_LIM", ["限高3.5米", "≤4.2", "不限"], [3.5, 4.2, NAN]),
        ("限高", [-1, 999, 3], [NAN, NAN, 3]),
        ("高度", [2, 2, 2], [NAN, NAN, NAN]),  # of the road above the sea
    ],
)
def test_heights_are_read_in_metres(header: str, values: list[Any], metres: list[float]) -> None:
    limits = roads_from_lines(road(3, **{header: values})).edge_limits
    heights = [NAN] * 3 if limits is None else limits[:, 0]
    assert np.asarray(heights, dtype=float) == pytest.approx(metres, nan_ok=True)


@pytest.mark.parametrize(
    ("header", "values", "tonnes"),
    [
        ("maxweight", [7.5, "3500 kg", "10t"], [7.5, 3.5, 10]),
        ("桥梁限载", ["10吨", "汽-20", "公路-Ⅱ级"], [10, NAN, NAN]),
        ("限重(kg)", [10000, 8000, 0], [10, 8, NAN]),
        ("限载吨位", [10000, 8000, 0], [10, 8, NAN]),
        ("限重", ["15T", None, "20000公斤"], [15, NAN, 20]),
    ],
)
def test_weights_are_read_in_tonnes(header: str, values: list[Any], tonnes: list[float]) -> None:
    limits = roads_from_lines(road(3, **{header: values})).edge_limits
    assert limits is not None
    assert limits[:, 2] == pytest.approx(tonnes, nan_ok=True)


def test_a_unit_that_is_not_said_is_told_and_what_limits_nothing_too() -> None:
    roads = roads_from_lines(road(4, 限高=[350, 420, 380, 9999], 桥梁限载=["10吨", "汽-20", "", ""]))
    assert "column 限高 says no unit and was read in cm" in notes(roads)
    assert "1 roads (0.1 km) have a 限高 that limits nothing here (9999)" in notes(roads)
    assert "1 roads (0.1 km) have a 桥梁限载 that limits nothing here (汽-20)" in notes(roads)


@pytest.mark.parametrize("ending", ["shp", "gpkg", "geojson", "csv", "fgb"])
def test_each_layer_of_lines_stops_the_vehicle_that_does_not_fit(ending: str, tmp_path: Path) -> None:
    # Four roads: open; too low by 1 cm; just high enough; too weak.
    frame = road(
        4, maxheight=[None, "3.49", "3.5", None], 限重=[None, None, 18, 10], 限宽=[None] * 3 + [2.55]
    )
    path = tmp_path / f"roads.{ending}"
    if ending == "csv":
        plain = frame.drop(columns="geometry").assign(wkt=frame.geometry.to_crs(4326).to_wkt())
        plain.to_csv(path, index=False)
    else:
        own = {"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}  # which would sort the rows by place
        (frame.to_crs(4326) if ending == "geojson" else frame).to_file(path, encoding="utf-8", **own)
    crs = "EPSG:4326" if ending == "csv" else None
    roads = roads_from_lines(read_layer(path, crs=crs, geometry="line").table)
    network = from_roads(roads, ENGINE)
    assert (network.edge_source - roads.edge_source[0]).tolist() == [0, 2]
    (told,) = [note for note in network.notes if note.key == "network.roads_too_tight"]
    assert (told.values["n"], told.values["n_height"], told.values["n_weight"]) == (2, 1, 1)
    assert told.values["km"] == pytest.approx(0.2, rel=1e-3)


def test_limits_that_a_profile_does_not_heed_are_told() -> None:
    roads = roads_from_lines(road(3, 限高=[2, None, 2], 限重=[None, None, 10]))
    unstated = from_roads(roads, CAR)
    assert unstated.n_edges == 3
    told = "2 roads (0.2 km) limit height, width or weight, which car does not heed"
    assert any(str(note).startswith(told) for note in unstated.notes)
    stated = from_roads(roads, replace(CAR, height_m=1.8, width_m=1.8, weight_t=2.0))
    assert not any(note.key == "network.limits_unstated" for note in stated.notes)
    walk = from_roads(roads, load_profile("walk"))
    assert not any(note.key.startswith("network.limits") for note in walk.notes)


@pytest.mark.parametrize(
    ("header", "values", "speeds"),
    [
        ("限速", ["40km/h", "四十", "限速60公里/小时"], [40, 40, 60]),
        ("限速(m/s)", [10, 20, None], [36, 72, NAN]),
        ("maxspeed_mph", [30, "50 km/h", 20], [48.28032, 50, 32.18688]),
        ("限速km/h", ["４０", "60码", "不限"], [40, 60, NAN]),
        ("SpdLmtS2E", [400, 600, 0], [40, 60, NAN]),  # navigation data counts hundreds of metres an hour
        ("限速", ["10 m/s", "慢行", "CN:urban"], [36, NAN, NAN]),
    ],
)
def test_speeds_are_read_in_each_unit(header: str, values: list[Any], speeds: list[float]) -> None:
    roads = roads_from_lines(road(3, **{header: values}))
    assert roads.edge_maxspeed == pytest.approx(speeds, nan_ok=True)
    assert ("that cannot be read (慢行)" in notes(roads)) == ("慢行" in values)


def test_the_limit_of_its_direction_holds_on_a_oneway_road() -> None:
    columns = {
        "maxspeed": [50, 50, 50],
        "maxspeed:forward": [80, 80, 80],
        "maxspeed:backward": [None, 30, 30],
    }
    roads = roads_from_lines(road(3, oneway=["yes", "-1", "no"], **columns))
    assert roads.edge_maxspeed.tolist() == [80, 30, 30]


def test_more_keys_of_access_and_direction_are_heeded_in_any_case() -> None:
    roads = roads_from_lines(
        road(
            4,
            oneway=["yes", "yes", "no", None],
            ACCESS=["no", "no", None, None],
            bus=["designated", None, None, None],
            **{
                "oneway:motor_vehicle": [None, "no", None, None],
                "motor_vehicle:backward": [None, None, "no", "no"],
            },
        )
    )
    assert roads.edge_oneway.tolist() == [1, 0, 1, 1]
    assert from_roads(roads, ENGINE).edge_source.tolist() == [0, 2, 3]


def test_only_openstreetmaps_own_motorways_are_oneway_without_a_word() -> None:
    assert roads_from_lines(road(3, highway=["motorway"] * 3)).edge_oneway.tolist() == [1, 1, 1]
    planner = roads_from_lines(road(3, 道路等级=["高速公路"] * 3))
    assert planner.edge_oneway.tolist() == [0, 0, 0]
    assert "no column says which roads are one-way" in notes(planner)
    assert "one-way" not in notes(roads_from_lines(road(3, oneway=["no", "yes", None])))


def test_rules_of_some_hours_are_told_with_their_length() -> None:
    columns = {
        "access:conditional": ["no @ (07:00-09:00)", None, None],
        "motor_vehicle:conditional": ["no @ (Mo-Fr)", "no @ (Mo-Fr)", None],
        "maxspeed:conditional": [None, None, "30 @ (22:00-06:00)"],
        "maxaxleload": [None, "8", None],
    }
    roads = roads_from_lines(road(3, **columns))
    assert roads.edge_access.tolist() == [0, 0, 0]
    engine, car = (list(map(str, from_roads(roads, profile).notes)) for profile in (ENGINE, CAR))
    (rules,) = [note for note in engine if "some hours" in note and "speed" not in note]
    assert rules.startswith("2 roads (0.2 km) have rules that hold at some hours")
    assert "motor_vehicle:conditional 2 (0.2 km: no @ (Mo-Fr))" in rules
    assert "access:conditional 1 (0.1 km: no @ (07:00-09:00))" in rules
    assert any("maxaxleload 1 (0.1 km: 8)" in note for note in engine)
    assert any("maxspeed:conditional 1 (0.1 km: 30 @ (22:00-06:00))" in note for note in car)
    assert not any("maxspeed:conditional 1" in note for note in engine), "this profile uses no limits"


@pytest.mark.parametrize(
    ("key", "is_told"),
    [
        ("access:conditional", True),
        ("hgv:conditional", True),
        ("oneway:conditional", True),
        ("motor_vehicle:backward:conditional", True),
        ("maxspeed:forward:conditional", True),
        ("maxheight:conditional", True),
        ("maxweight:conditional", True),
        ("parking:conditional", False),
        ("access", False),
    ],
)
def test_which_tags_are_told_as_not_heeded(key: str, is_told: bool) -> None:
    assert is_unheeded(key, "no") == may_be_unheeded(key) == is_told


@pytest.mark.parametrize(
    ("tag", "is_told"),
    [
        ({"disused": "yes"}, True),
        ({"abandoned": "yes"}, True),
        ({"smoothness": "impassable"}, True),
        ({"disused": "no"}, False),
        ({"smoothness": "good"}, False),
    ],
)
def test_roads_that_a_tag_speaks_against_are_driven_and_told(tag: dict[str, str], is_told: bool) -> None:
    key, value = next(iter(tag.items()))
    roads = roads_from_lines(road(3, **{key: [value, None, None]}))
    told = [str(note) for note in from_roads(roads, ENGINE).notes if "speak against it" in str(note)]
    assert roads.edge_access.tolist() == [0, 0, 0]
    assert [f"{key} 1 (0.1 km: {value})" in note for note in told] == [True] * is_told
