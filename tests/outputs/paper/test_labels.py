"""Labels never lie on each other nor leave the window, and what has no room is counted."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.outputs.paper import Label, place_labels, shorten, text_width
from geo.outputs.paper.labels import PlacedLabel

PLACES = st.tuples(st.text(min_size=1, max_size=12), st.floats(-5, 105), st.floats(-5, 85))


@given(st.lists(PLACES, max_size=40))
def test_labels_keep_apart(places: list[tuple[str, float, float]]) -> None:
    labels = [Label(text, x, y, 2.5, 1.5) for text, x, y in places]
    placed, n_left_out = place_labels(labels, width_mm=100, height_mm=80, taken=[(90, 0, 100, 14)])
    assert len(placed) + n_left_out == len(labels)
    boxes = [(90.0, 0.0, 100.0, 14.0)]
    for each in placed:
        top = each.y - 0.98 * each.label.size_mm
        width = text_width(each.label.text, each.label.size_mm)
        box = (each.x, top, each.x + width, top + 1.25 * each.label.size_mm)
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 100
        assert box[3] <= 80
        for other in boxes:
            apart = box[0] >= other[2] or other[0] >= box[2] or box[1] >= other[3] or other[1] >= box[3]
            assert apart
        boxes.append(box)


def test_the_first_has_the_place() -> None:
    """Three signs of 3 mm: 9 mm wide, its middle at the point; the second finds no place that is free."""
    first, second = Label("城桥镇", 50, 40, 3), Label("堡镇", 50, 40, 3)
    placed, n_left_out = place_labels([first, second], width_mm=100, height_mm=80)
    assert [(each.label.text, each.x) for each in placed] == [("城桥镇", 45.5)]
    assert n_left_out == 1


def test_a_label_covers_no_station_and_a_place_only_without_other_room() -> None:
    """The station at the point of the area's name is 3 mm wide: the name stands a line (3.125 mm) below."""
    name = Label("城桥镇", 50, 40, 2.5, is_loose=True)
    station = (48.5, 38.5, 51.5, 41.5)
    placed, _ = place_labels([name], width_mm=100, height_mm=80, taken=[station])
    (box,) = [_box(each) for each in placed]
    assert (box[0] >= station[2] or box[2] <= station[0]) or (box[1] >= station[3] or box[3] <= station[1])
    assert abs((box[1] + box[3]) / 2 - 40) <= 1.31 * 2.5 * 1.25
    village = Label("北村", 50, 40, 2.5, 2.0)
    right = np.array([[53.0, 39.0, 54.0, 41.0]])
    placed, _ = place_labels([village], width_mm=100, height_mm=80, spared=right)
    assert placed[0].x == 50 - 2 - 5  # left of its point: another place stands on the right
    everywhere = np.array([[0.0, 0.0, 100.0, 80.0]])
    placed, _ = place_labels([village], width_mm=100, height_mm=80, spared=everywhere)
    assert placed[0].x == 52


def _box(placed: PlacedLabel) -> tuple[float, float, float, float]:
    size = placed.label.size_mm
    top = placed.y - 0.98 * size
    return placed.x, top, placed.x + text_width(placed.label.text, size), top + 1.25 * size


def test_beside_a_point_there_is_room_on_the_other_side() -> None:
    labels = [Label("城桥镇", 50, 40, 3, 2), Label("堡镇", 50, 40, 3, 2)]
    placed, n_left_out = place_labels(labels, width_mm=100, height_mm=80)
    assert [each.x for each in placed] == [52, 42]
    assert n_left_out == 0


def test_a_window_without_room_leaves_the_label_out() -> None:
    assert place_labels([Label("一个很长的名称", 5, 5, 3)], width_mm=10, height_mm=10) == ([], 1)


@given(st.text(max_size=1200), st.floats(2, 30))
def test_a_shortened_text_has_its_width(text: str, most: float) -> None:
    told = shorten(text, most=most)
    assert text_width(told, 1.0) <= most + 1e-9
    assert told.endswith("…") or told == " ".join(text.split())


def test_a_room_for_nothing_holds_an_ellipsis() -> None:
    assert [shorten("x" * 1000, most=most) for most in (0.5, 0.0, -3.0)] == ["…"] * 3
