"""Whatever is sent to a planner ends in a frame: an answer or an error in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.serve.changes import CHANGES
from geo.serve.frames import read_frame
from geo.serve.live_study import LiveStudy
from geo.serve.planner import Planner, Room
from geo.serve.saving import Desk
from tests.studies import lonlat

WORDS = (
    *(*CHANGES, "drag", "undo", "redo", "view", "speak", "look", "export", "cancel", "load", "lines"),
    *("scenarios", "save_scenario", "open_scenario", "rename_scenario", "delete_scenario", "compare"),
)
KEYS = (
    *("station", "lon", "lat", "x", "y", "name", "id", "station_class", "turnout_s", "staff", "limit_s"),
    *("speed_factor", "which", "lang", "try", "of", "to", "replace", "what", "steps"),
    *("corners", "area", "sites", "kind"),
)
NEAR = [value for at in ((0, 0), (1000, 0), (4000, 40), (2000, 700)) for value in lonlat(at)[0]]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from([*NEAR, 350_000.0, 3_500_000.0, 300.0, 1.1, 45.0]),
    st.sampled_from(["", "A", "P", "new-1", "first", "second", "zh", "乡", "study", "page", "today"]),
    st.text(max_size=90),
    st.recursive(st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)
MESSAGES = st.builds(
    lambda do, values, number: {**values, "do": do, "id": number},
    st.one_of(st.sampled_from(WORDS), st.text(max_size=9)),
    st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=9)), VALUES, max_size=5),
    st.integers(0, 10**6),
)


@pytest.fixture
def planner(town: LiveStudy, tmp_path: Path) -> Planner:
    entered = Room(town, Desk(tmp_path / "live", "Paper Town", tmp_path)).enter()
    entered.greet()
    return entered


@settings(max_examples=60)
@given(messages=st.lists(MESSAGES, max_size=8))
def test_any_message_is_answered_by_a_frame(
    town: LiveStudy, tmp_path_factory: pytest.TempPathFactory, messages: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    planner = Room(town, Desk(folder / "live", "Paper Town", folder)).enter()
    planner.greet()
    for message in messages:
        done = planner.session.done
        header, _ = read_frame(planner.answer(json.loads(json.dumps(message))))
        assert header["re"] == message["id"]
        if header["kind"] == "error":
            assert header["why"]
            assert planner.session.done == done
    header, _ = read_frame(planner.answer({"id": 0, "do": "view", "which": "first"}))
    assert header["figures"]["covered_people"] <= 2050.0


def test_only_the_points_that_change_are_sent(planner: Planner) -> None:
    lon, lat = lonlat((6000, 0))[0]
    _, same = read_frame(planner.answer({"id": 1, "do": "upgrade", "station": "A", "staff": 9}))
    assert same["index"].tolist() == []
    # At 6,000 m a new station changes v4 alone: 60 + 200 s in place of 460 s. One of five points is no fifth.
    header, arrays = read_frame(planner.answer({"id": 2, "do": "drag", "lon": lon, "lat": lat}))
    assert header["figures"]["gain_people"] == 200.0
    assert arrays["code"].tolist()[3] & 128


def test_a_slider_on_its_way_changes_nothing(planner: Planner) -> None:
    header, _ = read_frame(planner.answer({"id": 1, "do": "set", "limit_s": 360.0, "try": True}))
    assert (header["is_attempt"], header["limit_s"], header["n_undo"]) == (True, 360.0, 0)
    assert planner.session.state.standard.limit_s == 300.0
    assert planner.room.desk.latest() is None


def test_changes_that_fit_no_more_are_told_and_the_page_opens_all_the_same(
    town: LiveStudy, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "live", "Paper Town", tmp_path)
    room = Room(town, desk)
    first = room.enter()
    first.answer({"id": 1, "do": "upgrade", "station": "A", "staff": 9})
    path = tmp_path / "live" / f"session-{first.name}.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"station": "A"', '"station": "gone"'), encoding="utf-8"
    )
    room.leave(first)
    kept = path.read_text(encoding="utf-8")
    again = room.enter()
    header, _ = read_frame(again.greet())
    assert "gone" in header["note"]
    assert header["n_undo"] == 0
    again.answer({"id": 1, "do": "upgrade", "station": "A", "staff": 8})
    assert path.read_text(encoding="utf-8") == kept, "nothing is lost: the study may become what it was"
    assert desk.load(again.name) is not None


def test_scenarios_that_are_taken_along_are_kept_at_once(town: LiveStudy, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "live", "Paper Town", tmp_path)
    room = Room(town, desk)
    first = room.enter()
    first.answer({"id": 1, "do": "upgrade", "station": "A", "staff": 9})
    first.answer({"id": 2, "do": "save_scenario", "name": "nine"})
    fresh = room.enter(first.name, is_fresh=True)
    assert [one.name for one in desk.load_named(fresh.name)] == ["nine"], "a server that dies now loses none"


def test_roads_that_are_reached_are_told_while_dragging(planner: Planner) -> None:
    lon, lat = lonlat((6000, 0))[0]
    message = {"id": 1, "do": "drag", "lon": lon, "lat": lat}
    header, arrays = read_frame(planner.answer(message))
    assert "area_whole" not in arrays, "who does not ask is not told"
    header, arrays = read_frame(planner.answer({**message, "area": True}))
    assert header["is_area_cut"] is False
    assert len(arrays["area_whole"]) + len(arrays["area_part"]) > 0
    assert len(arrays["area_share"]) == 2 * len(arrays["area_part"])
    off_lon, off_lat = lonlat((6000, 5000))[0]
    header, arrays = read_frame(planner.answer({**message, "lon": off_lon, "lat": off_lat, "area": True}))
    if header["kind"] == "drag":
        assert not header["is_on_road"]
        assert len(arrays["area_whole"]) == len(arrays["area_part"]) == 0
