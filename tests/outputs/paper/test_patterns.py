"""Classes that look alike in grey print, or to colour-blind readers, get another pattern."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from geo.maps import ZONE_CLASSES
from geo.outputs.paper import Stroke, are_apart, greyness, tell_apart
from tests.colours import SEEN, least_apart

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_grey_is_the_light_of_a_colour() -> None:
    assert greyness("#ffffff") == 255.0
    assert greyness("#000000") == 0.0
    assert round(greyness("#00ff00")) == 150
    assert round(greyness("#000000", opacity=0.2)) == 204


def test_red_and_green_of_one_lightness_get_two_patterns() -> None:
    """#c00000 is 57 of 255, #006200 is 58: the same grey, and near for who sees no red."""
    red, green = tell_apart([Stroke("red", "fill", "#c00000"), Stroke("green", "fill", "#006200")])
    assert (red.hatch, green.hatch) == ("", "rising")


def test_black_and_white_need_no_pattern() -> None:
    told = tell_apart([Stroke("a", "marker", "#000000"), Stroke("b", "marker", "#eeeeee")])
    assert [each.symbol for each in told] == ["dot", "dot"]


def test_dark_brown_and_dark_green_of_the_shares_are_told_apart() -> None:
    strokes = [Stroke(colour, "fill", colour, opacity=0.75) for _, colour in ZONE_CLASSES]
    for one, other in itertools.combinations(tell_apart(strokes), 2):
        assert are_apart(one, other)


@given(st.lists(COLOURS, min_size=1, max_size=6, unique=True), st.sampled_from(["marker", "fill"]))
def test_six_classes_of_any_colours_are_always_told_apart(colours: list[str], shape: str) -> None:
    told = tell_apart([Stroke(colour, shape, colour) for colour in colours])  # type: ignore[arg-type]
    for one, other in itertools.combinations(told, 2):
        assert are_apart(one, other)
        if (one.symbol, one.hatch) == (other.symbol, other.hatch):
            pair = (one.colour, other.colour)
            assert min(least_apart(pair, deficiency) for deficiency in SEEN) >= 29.9
            assert abs(greyness(one.colour) - greyness(other.colour)) >= 25


def test_the_ground_and_points_of_sizes_stay_as_they_are() -> None:
    land = Stroke("land", "fill", "#f6f4ee", is_ground=True)
    told = tell_apart([land, Stroke("a", "fill", "#f6f4ef"), Stroke("none", "fill", "none")])
    assert [each.hatch for each in told] == ["", "", ""]


def test_strokes_of_one_name_share_a_row() -> None:
    told = tell_apart([Stroke("zones", "fill", "#66c2a5"), Stroke("zones", "fill", "#8da0cb")])
    assert [each.hatch for each in told] == ["", ""]
