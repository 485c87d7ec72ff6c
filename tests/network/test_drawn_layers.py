"""Drawings in which roads are one layer of many."""

from __future__ import annotations

import pytest

from geo.errors import NetworkError
from geo.network import roads_from_lines
from tests.network.test_road_words import classes, notes, road


@pytest.mark.parametrize(
    ("layers", "kept", "told"),
    [
        # CASS: of its layers DLSS alone is roads
        (["DLSS", "JMD", "DLSS", "0"], [0, 2], "the layers DLSS 2 count as roads, every line alike"),
        (["DLSS"] * 4, [0, 1, 2, 3], "Layers left out: -"),
        (
            ["中心线", "DGX", "中心线", "JMD"],
            [0, 2],
            "no roads were left out: DGX 1, JMD 1; every other",
        ),
        # layers called by classes: houses among them are none
        (["主干路", "支路", "支路", "JMD"], [0, 1, 2], "no roads were left out: JMD 1"),
        (["甲", "乙", "甲", "乙"], [0, 1, 2, 3], ""),
    ],
)
def test_layers_of_a_drawing(layers: list[str], kept: list[int], told: str) -> None:
    roads = roads_from_lines(road(4, Layer=layers))
    assert sorted(roads.edge_source.tolist()) == kept
    assert told in notes(roads) if told else "drawing" not in notes(roads)


def test_classes_of_layers_stay_where_others_are_left_out() -> None:
    roads = roads_from_lines(road(4, Layer=["主干路", "支路", "支路", "JMD"]))
    assert classes(roads) == ["primary", "tertiary", "tertiary"]


def test_a_drawing_without_roads_is_refused_with_the_way_out() -> None:
    with pytest.raises(NetworkError, match=r"no layer of the drawing holds roads: JMD 2, DGX 1; .* \{ Layer"):
        roads_from_lines(road(3, Layer=["JMD", "DGX", "JMD"]))


def test_levels_of_bridges_are_no_layers_of_a_drawing() -> None:
    assert len(roads_from_lines(road(3, highway=["primary"] * 3, layer=[0, 1, 0])).edge_source) == 3
