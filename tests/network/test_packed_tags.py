"""Exports of OpenStreetMap that keep their tags in one column, and their lines that are no roads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import NetworkError
from geo.network import from_roads, roads_from_lines
from geo.network._packed_tags import unpack_tags
from geo.standards import load_profile
from tests.network.test_road_words import classes, notes, road

ENGINE = load_profile("fire_engine")
TAGS = {"oneway": "-1", "maxspeed": "40", "access": "no", "maxheight": "2.2", "surface": "asphalt"}


def packed(tags: dict[str, str], form: str) -> Any:
    if form == "hstore":
        return ",".join(f'"{key}"=>"{value}"' for key, value in tags.items())
    if form == "json":
        return json.dumps(tags)
    return list(tags.items()) if form == "pairs" else tags


@pytest.mark.parametrize(("header", "form"), [("other_tags", "hstore"), ("tags", "json")])
def test_packed_tags_are_heeded_as_columns_are(header: str, form: str) -> None:
    frame = road(3, highway=["residential"] * 3, **{header: [packed(TAGS, form), None, ""]})
    roads = roads_from_lines(frame)
    assert roads.edge_oneway.tolist() == [-1, 0, 0]
    assert roads.edge_maxspeed.tolist()[0] == 40
    assert roads.edge_limits is not None
    assert roads.edge_limits[0, 0] == pytest.approx(2.2)
    assert from_roads(roads, ENGINE).edge_source.tolist() == [1, 2]
    assert f"the tags of 1 roads were taken from column {header}; 0 of its cells" in notes(roads)


@pytest.mark.parametrize("form", ["hstore", "json", "pairs", "dict"])
def test_a_class_may_stand_in_packed_tags_alone(form: str) -> None:
    cells = [packed({"highway": kind}, form) for kind in ("primary", "service", "footway")]
    frame = road(3).assign(all_tags=pd.Series(cells, dtype=object))
    assert classes(roads_from_lines(frame)) == ["primary", "service", "footway"]


def test_a_filled_column_wins_over_packed_tags_and_quotes_are_read() -> None:
    frame = road(
        3, name=["甲路", None, ""], other_tags=['"name"=>"乙路"', '"name"=>"丙\\"路"', '"ref"=>NULL']
    )
    table, _ = unpack_tags(frame)
    assert table["name"].tolist()[:2] == ["甲路", '丙"路']
    assert "other_tags" not in table


def test_cells_that_are_no_tags_are_told() -> None:
    roads = roads_from_lines(road(3, tags=['{"highway": "primary"}', "see sheet 2", "{broken"]))
    assert "the tags of 1 roads were taken from column tags; 2 of its cells could not be read" in notes(roads)
    other = road(3, tags=["red", "blue", "x"])  # not those of OpenStreetMap
    assert unpack_tags(other)[0] is other


def test_lines_that_are_no_roads_are_left_out_and_counted() -> None:
    # The layer "lines" of GDAL's reader of OpenStreetMap: rivers, fences and borders beside the roads.
    frame = road(
        6,
        highway=["primary", None, None, None, None, "residential"],
        waterway=[None, "river", None, None, None, None],
        barrier=[None, None, "fence", None, None, "gate"],
        other_tags=[
            None,
            None,
            None,
            '"boundary"=>"administrative"',
            '"route"=>"ferry"',
            '"railway"=>"tram"',
        ],
    )
    roads = roads_from_lines(frame)
    assert classes(roads) == ["primary", "ferry", "residential"]
    assert roads.edge_source.tolist() == [0, 4, 5]
    assert (
        "3 lines are no roads and were left out: barrier 1, boundary 1, waterway 1 (rows 1, 2, 3)"
        in notes(roads)
    )


def test_a_layer_of_rivers_alone_is_refused() -> None:
    with pytest.raises(NetworkError, match="no line of the road layer is a road: waterway 3"):
        roads_from_lines(road(3, highway=[None] * 3, waterway=["river", "stream", "canal"]))


@pytest.mark.parametrize(
    ("header", "cells", "is_open"),
    [
        ("建设状态", ["已建", "在建", "规划"], [True, False, False]),
        ("状态", ["现状", "在建（2025年通车）", "拟建"], [True, False, False]),
        ("通行状态", ["畅通", "封闭", "断交"], [True, False, False]),
        ("status", ["existing", "under construction", "planned"], [True, False, False]),
        ("是否通车", ["是", "否", "是"], [True, False, True]),
        ("是否封闭", ["是", "否", None], [False, True, True]),
        ("现状", ["好", "坏", "中"], [True, True, True]),  # of the surface
        ("status", ["V", "V", "X"], [True, True, True]),  # of the record, not of the road
    ],
)
def test_what_is_planned_or_closed_is_no_road(header: str, cells: list[Any], is_open: list[bool]) -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, **{header: cells}))
    assert from_roads(roads, ENGINE).edge_source.tolist() == np.flatnonzero(is_open).tolist()
    assert ("are not open by column" in notes(roads)) == (not all(is_open))


def test_words_of_a_status_that_are_not_known_are_told() -> None:
    roads = roads_from_lines(road(3, highway=["primary"] * 3, 状态=["在建", "改造中", "已建"]))
    assert "1 roads (0.1 km) are not open by column 状态 and are closed to all: 在建 1 (0.1 km)" in notes(
        roads
    )
    assert "have words in column 状态 that are not known and count as open: 改造中 1 (0.1 km)" in notes(roads)
