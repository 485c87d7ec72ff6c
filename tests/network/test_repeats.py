"""Roads drawn on each other with other attributes, as layers of two sources hold them."""

from __future__ import annotations

from typing import Any

import pytest

from geo.network import roads_from_lines
from tests.network.test_road_words import notes
from tests.network.test_roads import layer

STREET = [(0, 0), (100, 0), (200, 30)]
CROSS = [(200, 30), (200, 100)]


@pytest.mark.parametrize(
    ("again", "classes", "oneway", "n"),
    [
        (STREET, ("primary", "residential"), ("no", "no"), 1),
        (STREET[::-1], ("primary", "residential"), ("no", "no"), 1),
        (STREET, ("primary", "primary"), ("yes", "no"), 1),
        (STREET, ("primary", "primary"), ("no", "no"), 0),  # the same again counts once, and is told as such
        (STREET[::-1], ("primary", "tertiary"), ("yes", "yes"), 0),  # one-way carriageways of two classes
        (STREET[::-1], ("primary", "tertiary"), ("yes", "-1"), 1),
        (
            [(0, 0), (200, 30)],
            ("primary", "residential"),
            ("no", "no"),
            0,
        ),  # another way between the same places
    ],
)
def test_a_road_drawn_again_with_other_attributes_is_told(
    again: list[Any], classes: tuple[str, str], oneway: tuple[str, str], n: int
) -> None:
    columns = {"highway": [*classes, "primary"], "oneway": [*oneway, "no"]}
    text = notes(roads_from_lines(layer([STREET, again, CROSS], **columns)))
    assert ("1 roads (0.2 km) lie on others with the same shape" in text) == (n == 1)


def test_levels_of_both_ends_keep_an_elevated_road_from_the_street_below() -> None:
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, -90), (100, 0)], [(100, 0), (100, 90)]]
    columns = {"highway": ["primary"] * 4, "F_ZLEV": [0, 0, 0, 1], "T_ZLEV": [0, None, 1, 0]}
    roads = roads_from_lines(layer(lines, **columns))
    assert len(roads.node_id) == 6  # three of the street, three of the elevated road
    assert "at 1 places roads of different levels touch and do not meet" in notes(roads)
    heights = {**columns, "F_ZLEV": [3.5, 3.5, 3.5, 12.1], "T_ZLEV": [3.5, 3.5, 12.1, 3.5]}
    assert len(roads_from_lines(layer(lines, **heights)).node_id) == 5  # no levels: metres
