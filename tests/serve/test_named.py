"""Scenarios under names: kept before they are told, opened as one step, the study's own exact or told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.serve.changes import MOST_CHANGES, Close, Lines, Load, Move, OpenRoads, Set
from geo.serve.folding import Plan, fold
from geo.serve.frames import read_frame
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.named import MOST_NAMED
from geo.serve.planner import Planner, Room
from geo.serve.saving import Desk, Named
from geo.serve.session import Session
from geo.serve.study_steps import steps_of_study
from geo.study import (
    AddSpec,
    CloseRoadsSpec,
    LimitSpec,
    MoveSpec,
    ScenarioSpec,
    SlowSpec,
    SpeedSpec,
    UpgradeSpec,
    change_inputs,
    read_study,
)
from tests.serve.test_session import steps
from tests.studies import lonlat, write_study, write_town

pytestmark = pytest.mark.study


@pytest.fixture
def room(town: LiveStudy, tmp_path: Path) -> Room:
    return Room(town, Desk(tmp_path / "live", "Paper Town", tmp_path))


@pytest.fixture
def planner(room: Room) -> Planner:
    entered = room.enter()
    entered.greet()
    return entered


def ask(planner: Planner, do: str, **values: Any) -> dict[str, Any]:
    header, arrays = read_frame(planner.answer({"id": 7, "do": do, **values}))
    return header | {"codes": arrays.get("code")}


def names(told: dict[str, Any]) -> list[str]:
    return [row["name"] for row in told["page"]]


def test_a_state_is_kept_under_a_name_and_opened_as_one_step_that_can_be_taken_back(planner: Planner) -> None:
    assert (
        ask(planner, "save_scenario", name="x")["why"]
        == "nothing is changed, so there is no scenario to save"
    )
    ask(planner, "set", limit_s=360.0)
    assert names(ask(planner, "save_scenario", name=" wider ")) == ["wider"]
    ask(planner, "upgrade", station="A", turnout_s=0)
    changed = ask(planner, "open_scenario", name="wider")
    assert (changed["n_undo"], changed["limit_s"]) == (3, 360.0)
    assert changed["changes"][-1] == {"do": "open_scenario", "name": "wider", "n": 1, "kept": []}
    assert changed["stations"][0]["turnout_s"] is None, "what came before does not count"
    assert ask(planner, "undo")["stations"][0]["turnout_s"] == 0.0
    assert ask(planner, "redo")["stations"][0]["turnout_s"] is None


def test_a_name_is_replaced_only_when_that_is_asked_for(planner: Planner) -> None:
    ask(planner, "set", limit_s=360.0)
    ask(planner, "save_scenario", name="one")
    ask(planner, "set", limit_s=420.0)
    assert "already" in ask(planner, "save_scenario", name="one")["why"]
    ask(planner, "save_scenario", name="one", replace=True)
    ask(planner, "undo")
    assert ask(planner, "open_scenario", name="one")["limit_s"] == 420.0
    ask(planner, "save_scenario", name="two")
    assert "already" in ask(planner, "rename_scenario", name="two", to="one")["why"]
    assert names(ask(planner, "rename_scenario", name="two", to="夜间")) == ["one", "夜间"]
    assert names(ask(planner, "delete_scenario", name="one")) == ["夜间"]
    assert "no scenario 'one'" in ask(planner, "open_scenario", name="one")["why"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\nb", "\x00"])
def test_a_name_is_one_line_of_words(planner: Planner, name: str) -> None:
    ask(planner, "set", limit_s=360.0)
    assert ask(planner, "save_scenario", name=name)["kind"] == "error"
    ask(planner, "save_scenario", name="good")
    assert ask(planner, "rename_scenario", name="good", to=name)["kind"] == "error"
    assert names(ask(planner, "scenarios")) == ["good"]


def test_there_is_a_most(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.serve.session.MOST_CHANGES", 20)
    monkeypatch.setattr("geo.serve.named.MOST_NAMED", 4)
    ask(planner, "set", limit_s=360.0)
    told = [ask(planner, "save_scenario", name=str(i)) for i in range(5)]
    assert [row["kind"] for row in told] == ["scenarios"] * 4 + ["error"]
    assert "4 scenarios" in told[-1]["why"]
    assert len(names(ask(planner, "scenarios"))) == 4
    # the first change, and opening a scenario of one step as two more each time
    opened = [ask(planner, "open_scenario", name="0") for _ in range(21)]
    n_taken = [row["kind"] for row in opened].index("error")
    assert 0 < n_taken <= 19
    assert {row["kind"] for row in opened[n_taken:]} == {"error"}
    assert "20 changes" in opened[-1]["why"]


def test_no_planner_comes_near_the_most() -> None:
    assert (MOST_CHANGES, MOST_NAMED) == (500, 40)


def test_names_outlive_the_page_and_go_along_when_one_begins_anew(room: Room, planner: Planner) -> None:
    ask(planner, "set", limit_s=360.0)
    ask(planner, "save_scenario", name="wider")
    ask(planner, "open_scenario", name="wider")
    room.leave(planner)
    again = room.enter(planner.name)
    assert names(ask(again, "scenarios")) == ["wider"]
    assert again.session.done == planner.session.done
    fresh = room.enter(planner.name, is_fresh=True)
    assert fresh.session.done == ()
    assert names(ask(fresh, "scenarios")) == ["wider"]
    assert names(ask(room.enter(is_fresh=True), "scenarios")) == [], "of another planner"


def test_what_cannot_be_read_is_left_alone(room: Room, planner: Planner) -> None:
    ask(planner, "set", limit_s=360.0)
    ask(planner, "save_scenario", name="wider")
    path = room.desk.folder / f"scenarios-{planner.name}.json"
    for text in ("{", "[]", '{"format": 1, "study": "Paper Town", "scenarios": [{"name": 3}]}'):
        path.write_text(text, encoding="utf-8")
        assert room.desk.load_named(planner.name) == ()
        assert path.read_text(encoding="utf-8") == text


def test_a_scenario_inside_another_is_none_of_ours(planner: Planner) -> None:
    inside = {"do": "load", "name": "b", "steps": []}
    for message in (
        inside,
        {"do": "load", "name": "a", "steps": [inside]},
        {"do": "lines", "close_roads": []},
    ):
        told = read_frame(planner.answer({"id": 1, **message}))[0]
        assert told["kind"] == "error", "only the server makes them"


def test_another_state_beside_the_present_one(planner: Planner) -> None:
    """At 4,000 m a new station gains v4's 200 people; see tests/studies.py."""
    lon, lat = lonlat((4000, 0))[0]
    ask(planner, "add", lon=lon, lat=lat)
    ask(planner, "save_scenario", name="west")
    beside = ask(planner, "compare")
    assert (beside["of"], beside["figures"]["covered_people"]) == ("today", 1300.0)
    assert beside["codes"].tolist() == [128, 3, 130, 3, 15]
    ask(planner, "undo")
    beside = ask(planner, "compare", of="page", name="west")
    assert beside["figures"]["covered_people"] == 1500.0
    assert beside["order"] == ["A", "new-1"]
    assert planner.session.done == (), "nothing is changed by a look"
    assert ask(planner, "compare", of="page", name="gone")["kind"] == "error"


@settings(max_examples=20)
@given(data=st.data())
def test_what_is_kept_is_what_was_seen(
    sample: LiveStudy, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any sequence of changes: kept, read back from the disk and opened it is the same state."""
    session = Session(sample)
    for _ in range(data.draw(st.integers(1, 5), label="n")):
        try:
            session.apply(data.draw(steps(sample)))
        except GeoError:
            continue
    desk = Desk(tmp_path_factory.mktemp("desk") / "live", "name", Path())
    desk.save_named("0" * 16, [Named("kept", session.done)])
    (kept,) = desk.load_named("0" * 16)
    assert kept == Named("kept", session.done)
    other = Session(sample)
    other.apply(Load("kept", kept.steps))
    assert other.state.plan == session.state.plan
    assert (other.state.best.first_ms == session.state.best.first_ms).all()
    desk.save("0" * 16, other.done, ())
    saved = desk.load("0" * 16)
    assert saved is not None
    assert saved.done == other.done


def _places(live: LiveStudy) -> list[tuple[float, float]]:
    xy = live.inputs.network.node_xy
    return [live.lonlat(*xy[len(xy) * k // 7]) for k in range(1, 7)]


def study_scenarios(live: LiveStudy) -> list[ScenarioSpec]:
    """Give scenarios of all kinds that a study file may hold, for the sample."""
    table = live.inputs.facilities
    stations = list(live.today().stations.index)
    planned = list(table.index[(table["status"] == "planned").to_numpy()])
    shelter = str(table.index[(table["kind"] == "shelter").to_numpy()][0])
    (lon, lat), (lon2, lat2), *_ = _places(live)
    new, other = (
        AddSpec(lon=x, lat=y, name=name) for x, y, name in ((lon, lat, "甲站"), (lon2, lat2, "乙站"))
    )
    moved = (MoveSpec(facility="乙站", lon=lon, lat=lat), MoveSpec(facility=stations[0], site=planned[0]))
    gaode = AddSpec(lon=lon + 0.004, lat=lat - 0.002, crs="GCJ-02", name="高德")
    roads = (CloseRoadsSpec(at=(lon, lat)), CloseRoadsSpec(highway=["tertiary"]))
    bridge = LimitSpec(highway=["secondary"], weight_t=10.0)
    return [
        ScenarioSpec("built", build=planned[:2]),
        ScenarioSpec("added", add=(replace(new, staff=20.0, turnout_s=45.0),)),
        ScenarioSpec("added twice, one moved by name", add=(new, other), move=moved),
        ScenarioSpec("another kind", add=(replace(new, kind="hydrant", flow_lps=15.0),)),
        ScenarioSpec("in GCJ-02", add=(gaode,)),
        ScenarioSpec("upgraded", upgrade=(UpgradeSpec(facility=stations[1], station_class="special"),)),
        ScenarioSpec(
            "shelter", upgrade=(UpgradeSpec(facility=shelter, area_m2=9000.0),), close=stations[2:3]
        ),
        ScenarioSpec("closed", close=stations[:2], turnout_s=90.0, speed_factor=1.1),
        ScenarioSpec("roads", close_roads=roads),
        ScenarioSpec("rain", slow=(SlowSpec(highway=["primary"], factor=0.6),), speed_factor=0.8),
        ScenarioSpec("fast", speed=(SpeedSpec(highway=["primary", "secondary"], kph=70.0),)),
        ScenarioSpec("light bridge", limit=(bridge,), close=stations[:1]),
    ]


@pytest.mark.parametrize("number", range(12))
def test_a_scenario_of_the_study_file_is_wholly_on_the_page(sample: LiveStudy, number: int) -> None:
    scenario = study_scenarios(sample)[number]
    session = Session(sample)
    state = session.apply(Load(scenario.name, steps_of_study(sample, scenario)))
    changed = change_inputs(sample.study, sample.inputs, scenario)
    own = sample.state(Plan(scenario))
    assert len(state.inputs.facilities) == len(changed.facilities)
    assert (state.ground.network.edge_ms == changed.network.edge_ms).all()
    is_moved = scenario.name in ("in GCJ-02", "added twice, one moved by name")
    unlike_ms = np.abs(own.best.first_ms.astype(np.int64) - state.best.first_ms)
    assert unlike_ms.max() <= (2 if is_moved else 0), "places that are not written in degrees move by 1 cm"


def test_lines_without_a_gesture_are_kept_and_open_roads_opens_theirs(sample: LiveStudy) -> None:
    scenario = ScenarioSpec("roads", close_roads=(CloseRoadsSpec(highway=["tertiary"]),))
    steps = steps_of_study(sample, scenario)
    assert steps == (Lines(close_roads=scenario.close_roads),)
    session = Session(sample)
    closed = session.apply(Load("roads", steps))
    assert closed.figures.covered_people < sample.today().figures.covered_people
    assert session.apply(OpenRoads()).figures.covered_people == sample.today().figures.covered_people
    assert fold([Load("roads", steps), Close("A"), Set(turnout_s=1.0)]).scenario.close == ("A",)


def test_too_many_lines_are_told(sample: LiveStudy) -> None:
    scenario = ScenarioSpec("long", close_roads=(CloseRoadsSpec(id=list(range(10**6, 10**6 + 5000))),))
    with pytest.raises(GeoError, match="too long"):
        steps_of_study(sample, scenario)


@pytest.mark.study
def test_the_scenarios_of_a_study_are_listed_opened_and_told(tmp_path: Path) -> None:
    lon, lat = lonlat((4000, 0))[0]
    own = {"name": "西站", "add": [{"lon": round(lon, 7), "lat": round(lat, 7), "name": "West"}]}
    finer = {"name": "finer", "add": [{"lon": lon, "lat": lat, "name": "West"}]}
    each = {"name": "each", "close": "each station"}
    sections = write_town(tmp_path) | {"scenarios": [own, finer, each]}
    live = open_study(read_study(write_study(tmp_path, sections)))
    planner = Room(live, Desk(tmp_path / "live", "Paper Town", tmp_path)).enter()
    planner.greet()
    told = ask(planner, "scenarios")
    assert told["study"] == [{"name": name, "parts": {"add": 1}} for name in ("西站", "finer")]
    assert told["each_station"] is True
    state = ask(planner, "open_scenario", name="西站", of="study")
    assert (state["figures"]["covered_people"], state["n_unlike_study"]) == (1500.0, 0)
    assert ask(planner, "move", station="new-1", lon=lon, lat=lat)["n_undo"] == 2
    assert isinstance(planner.session.done[-1], Move)
    moved = ask(planner, "open_scenario", name="finer", of="study")
    assert moved["n_unlike_study"] == 2, "a place with more digits moves by less than 1 cm, and it is told"
    assert ask(planner, "compare", of="study", name="西站")["figures"]["covered_people"] == 1500.0
