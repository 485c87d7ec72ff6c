"""Messages: the same thing said in both languages, faults told by their place, lists and messages inside."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from geo.errors import StudyError
from geo.messages import Fault, Message

BLANK = Message("layers.blank_rows", {"n": 2})


def test_a_message_is_what_it_says_and_no_text() -> None:
    assert not isinstance(BLANK, str)
    assert str(BLANK) == f"{BLANK}" == BLANK.say("en") == "2 blank rows passed over"
    assert BLANK.say("zh") == "跳过 2 个空行"
    with pytest.raises(FrozenInstanceError):
        BLANK.key = "layers.total_row"  # type: ignore[misc]


def test_equal_messages_have_one_hash() -> None:
    again = Message("layers.blank_rows", {"n": 2})
    assert again == BLANK
    assert len({BLANK, again}) == 1
    assert len({BLANK, Message("layers.blank_rows", {"n": 3}), Message("layers.total_row")}) == 3
    with_list = Message("plans.no_data", {"needs": (BLANK, again)})
    assert hash(with_list) == hash(Message("plans.no_data", {"needs": (again, BLANK)}))


def test_numbers_are_written_as_the_text_asks() -> None:
    assert str(Message("layers.too_large", {"limit": 1e6})) == "is more than 1000000; left empty"
    assert (
        Message("study.far_cells", {"n": 3, "people": 12345.6, "km": 50.0})
        .say("zh")
        .startswith("3 个栅格（12,346 人）离所有道路超过 50 公里")
    )


def test_what_is_inside_is_said_in_the_same_language() -> None:
    shapes = (Message("layers.shape_line"), Message("layers.shape_polygon"))
    wrong = Message("layers.wrong_kind", {"found": "Point", "wanted": shapes})
    assert str(wrong) == "is Point, wanted is line, polygon; not kept"
    assert wrong.say("zh") == "几何类型为Point，需要线、面；未保留"
    inner = Message("crs.no_degrees", {"x": 1e6, "y": 2.0, "choices": wrong})
    both = Message("layers.order_given", {"why": inner, "order": "lat,lon"})
    assert "线、面" in both.say("zh")


def test_an_empty_list_is_a_dash() -> None:
    assert str(Message("plans.no_data", {"needs": ()})) == "No data: missing –."


def test_a_fault_of_the_whole_layer_has_no_row() -> None:
    fault = Fault(0, "geometry", "", Message("layers.no_geometry"))
    assert str(fault) == "geometry: has no geometry; not kept"
    assert fault.say("zh") == "几何: 没有几何（坐标）；未保留"


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        Message("layers.nowhere").say("zh")
    with pytest.raises(KeyError, match="n"):
        Message("layers.blank_rows").say("zh")
    with pytest.raises(StudyError, match="language 'fr'"):
        BLANK.say("fr")  # type: ignore[arg-type]
