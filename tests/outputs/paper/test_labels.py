"""Labels never lie on each other nor leave the window, and what has no room is counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geo.outputs.paper import Label, place_labels, shorten, text_width

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
