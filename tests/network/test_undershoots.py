"""Roads that do not quite meet, and places that a large tolerance joins."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from geo.network import roads_from_lines
from tests.network.test_road_words import notes
from tests.network.test_roads import layer

WEST, EAST = [(0, 0), (100, 0)], [(101.2, 0), (200, 0)]
MORE = [[(0, 0), (0, 100)], [(0, 100), (100, 100)]]


@pytest.mark.parametrize(
    ("lines", "columns", "n"),
    [
        ([WEST, EAST], {}, 2),  # two sheets, 1.2 m between them
        ([WEST, [(100, 0.9), (200, 0.9)]], {}, 2),  # the other sheet lies 0.9 m aside: facing, not ahead
        ([WEST, [(102, -50), (102, 50)]], {}, 1),  # short of a road across
        ([WEST, [(103.1, 0), (200, 0)]], {}, 0),  # farther than 3 m
        ([WEST, [(-50, 2), (200, 2)]], {}, 0),  # beside it: nothing lies ahead
        ([WEST, [(102, -50), (102, 50)]], {"highway": ["primary", "footway"]}, 0),
        ([WEST, [(102, -50), (102, 50)]], {"layer": [0, 1]}, 0),  # it passes over
    ],
)
def test_dead_ends_short_of_a_road_ahead_are_told(lines: list[Any], columns: dict[str, Any], n: int) -> None:
    filled = {"highway": ["primary", "primary"], **columns}
    more = {name: [*cells, *[cells[0]] * 2] for name, cells in filled.items()}
    text = notes(roads_from_lines(layer([*lines, *MORE], **more)))
    assert (f"{n} dead ends stop short of a road" in text) if n else ("dead ends" not in text)


def test_the_cure_of_a_gap_closes_it() -> None:
    lines = layer([WEST, EAST, *MORE])
    roads = roads_from_lines(lines)
    assert "at most 1.2 m away" in notes(roads)
    assert "tolerance_m = 1.3 in [roads] joins them" in notes(roads)
    cured = roads_from_lines(lines, tolerance_m=1.3)
    assert len(cured.node_id) == len(roads.node_id) - 1
    assert "dead ends" not in notes(cured)


def test_a_tolerance_that_joins_whole_blocks_is_told() -> None:
    roads = roads_from_lines(layer([WEST, [(100, 0), (120, 0)], [(120, 0), (220, 0)]]), tolerance_m=30)
    # the middle road of 20 m begins and ends at one place now
    text = "tolerance_m = 30 joined ends more than 5 m apart at 1 places, up to 20 m; 1 roads begin and end"
    assert text in notes(roads)
    assert "joined ends" not in notes(roads_from_lines(layer([WEST, EAST, *MORE]), tolerance_m=2))


@pytest.mark.parametrize(("height", "n"), [(11.5, 1), (5.5, 0)])
def test_ends_far_above_each_other_are_told(height: float, n: int) -> None:
    lines = layer([[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 90)]])
    z = [4.0, 4.0, height]
    lines["geometry"] = [shapely.force_3d(line, up) for line, up in zip(lines.geometry, z, strict=True)]
    roads = roads_from_lines(lines)
    assert len(roads.node_id) == 4
    assert ("at 1 places ends of roads meet whose heights differ by more than 3 m" in notes(roads)) == (
        n == 1
    )
