"""Legends, lines of text and scale bars: nothing is cut, nothing leaves its room."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.outputs.paper import Stroke, Writing, draw_legend, fit_scale, text_width, wrap
from geo.outputs.paper.furniture import draw_scale_bar

WRITING = Writing("zh", 2.5)
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=40)


@given(st.lists(st.text("ab 城桥镇W", max_size=20), max_size=5), st.floats(8, 60))
def test_wrapped_lines_fit_and_lose_nothing(words: list[str], width: float) -> None:
    text = " ".join(" ".join(words).split())
    lines = wrap(text, width, 2.5)
    assert all(text_width(line, 2.5) <= width + 1e-9 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(TEXTS, min_size=1, max_size=14, unique=True))
def test_a_legend_has_a_row_for_each_name_inside_its_room(labels: list[str]) -> None:
    labels = list(dict.fromkeys(" ".join(label.split()) for label in labels if label.strip()))
    strokes = [Stroke(label, "marker", "#1f4e8c") for label in labels]
    elements, bottom = draw_legend(strokes, 5.0, 10.0, width_mm=90.0, writing=WRITING)
    texts = [each for each in map(ET.fromstring, elements) if each.tag == "text"]
    assert "".join("".join(each.text or "" for each in texts).split()) == "".join("".join(labels).split())
    for each in texts:
        assert float(each.get("x", "0")) + text_width(each.text or "", 2.5) <= 95.0 + 0.1
        assert 10.0 <= float(each.get("y", "0")) <= bottom


def test_strokes_of_one_name_have_one_row_with_both_colours() -> None:
    strokes = [
        Stroke("辖区", "fill", "#66c2a5"),
        Stroke("辖区", "fill", "#8da0cb"),
        Stroke("", "fill", "#000000"),
    ]
    elements, _ = draw_legend(strokes, 0.0, 0.0, width_mm=90.0, writing=WRITING)
    assert sum("<text" in element for element in elements) == 1
    assert set(re.findall(r'fill="(#\w+)"', "".join(elements))) >= {"#66c2a5", "#8da0cb"}
    assert "#000000" not in "".join(elements)


def test_a_scale_bar_is_as_long_as_its_ground() -> None:
    """1 : 50,000: 2 km are 40 mm, 5 km would be 100 mm."""
    frame = fit_scale((0, 0, 14_000, 5_000), width_mm=300, height_mm=200)
    assert frame.scale == 50_000
    (first, rect, text), right = draw_scale_bar(frame, 0.0, 5.0, most_mm=60.0, writing=WRITING)
    assert "h40.00" in first
    assert 'width="20.00"' in rect
    assert "2 公里" in text
    assert right == pytest.approx(40.0 + 1.6 + text_width("2 公里", WRITING.size_mm))


def test_a_short_scale_bar_says_metres_and_ends_where_they_end() -> None:
    """1 : 10,000: 500 m are 50 mm."""
    frame = fit_scale((0, 0, 2_800, 1_000), width_mm=300, height_mm=200)
    (*_, text), right = draw_scale_bar(frame, 0.0, 5.0, most_mm=60.0, writing=WRITING)
    assert frame.scale == 10_000
    assert "500 米" in text
    assert right == pytest.approx(50.0 + 1.6 + text_width("500 米", WRITING.size_mm))
