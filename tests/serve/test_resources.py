"""Shelters, depots and hydrants on the page: their figures are those of a run of the exported scenario."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.serve.changes import Add, Change, Close, Flood, Move, Open, Upgrade
from geo.serve.checking import Checker
from geo.serve.live_study import LiveStudy
from geo.serve.planner import Planner
from geo.serve.saving import Desk
from geo.serve.session import Session
from geo.serve.study_steps import steps_of_study
from geo.study import (
    StudyResult,
    assess,
    change_inputs,
    compare_resources,
    difference_findings,
    run_scenario,
)
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.serve.test_session import box_around, exported, require_equal

pytestmark = pytest.mark.study


def some(live: LiveStudy, kind: str) -> str:
    table = live.inputs.facilities
    return str(table.index[(table["kind"] == kind) & (table["status"] == "existing")][0])


def test_figures_are_those_of_a_run_of_the_exported_scenario(sample: LiveStudy, tmp_path: Path) -> None:
    lon, lat = sample.lonlat(*sample.inputs.network.node_xy[200])
    near = [sample.lonlat(*(sample.inputs.network.node_xy[200] + d)) for d in ((-90, 0), (90, 0), (0, 90))]
    changes: list[Change] = [
        Add(lon, lat, "new shelter", kind="shelter", places=4000.0, area_m2=9000.0),
        Upgrade(some(sample, "shelter"), places=10.0),
        Close(some(sample, "depot")),
        Move(some(sample, "hydrant"), lon, lat),
        Add(lon, lat, "new hydrant", kind="hydrant", flow_lps=15.0),
        Flood(tuple(near)),
    ]
    session = Session(sample)
    for change in changes:
        session.apply(change)
    checked = Checker(sample, Desk(tmp_path / "live", "x", tmp_path)).check(session.state)
    assert checked.n_unlike == 0, "no station is touched"
    study = exported(sample, session.state, tmp_path)
    today = assess(study, sample.inputs, draw_areas=False)
    difference = run_scenario(today, study.scenarios[0])
    assert difference.resources is not None
    assert checked.resources is not None
    assert checked.resources.equals(difference.resources)
    assert "difference_resources" in [
        one.name for one in difference_findings(difference, sample.inputs.zones)
    ]
    whole = assess(study, change_inputs(study, sample.inputs, study.scenarios[0]), draw_areas=False)
    for row in difference.resources.itertuples():
        finding, _, figure = row.Index.partition(".")
        assert whole.findings[finding].figures[figure] == pytest.approx(row.after, nan_ok=True)
        assert today.findings[finding].figures[figure] == pytest.approx(row.before, nan_ok=True)
    after = difference.resources["after"] - difference.resources["before"]
    assert after["shelters.n_shelters"] == 1
    assert after["hydrants.n_hydrants"] == 1
    assert after["shelters.places"] > 0
    again = Session(sample, done=steps_of_study(sample, study.scenarios[0]))
    assert again.state.plan == session.state.plan, "what is exported is read back"


def changes_of_all(live: LiveStudy) -> st.SearchStrategy[Change]:
    """Draw changes of shelters, depots, hydrants and water points, and floods; some cannot be carried out."""
    table, network = live.inputs.facilities, live.inputs.network
    kinds = ("shelter", "depot", "hydrant", "water_point")
    ids = [i for kind in kinds for i in table.index[(table["kind"] == kind).to_numpy()][:4]]
    names = st.sampled_from([*ids, "new-1", "new-2"])
    nodes = st.integers(0, network.n_nodes - 1).map(lambda i: network.node_xy[i])
    places = nodes.map(lambda at: live.lonlat(at[0] + 20.0, at[1] - 15.0))
    return st.one_of(
        st.builds(
            lambda at, kind, size: Add(at[0], at[1], kind=kind, places=size if kind == "shelter" else None),
            places,
            st.sampled_from(kinds),
            st.sampled_from([None, 0.0, 5000.0]),
        ),
        st.builds(lambda name, at: Move(name, *at), names, places),
        st.builds(Close, names),
        st.builds(Open, names),
        st.builds(lambda name, size: Upgrade(name, places=size), names, st.sampled_from([0.0, 7.0, 9000.0])),
        st.builds(lambda at, size: Flood(box_around(live, at, size)), nodes, st.sampled_from([60.0, 800.0])),
    )


@settings(max_examples=8)
@given(data=st.data())
def test_any_sequence_of_them_says_what_a_run_of_its_export_says(
    sample: LiveStudy,
    checker: Checker,
    in_full: StudyResult,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    session, folder = Session(sample), tmp_path_factory.mktemp("export")
    for _ in range(data.draw(st.integers(2, 7), label="n")):
        way = data.draw(st.sampled_from(["apply", "apply", "apply", "undo", "redo"]), label="way")
        try:
            if way == "apply":
                session.apply(data.draw(changes_of_all(sample)))
            else:
                getattr(session, way)()
        except GeoError:
            continue  # refused wholly: held against the run all the same
    checked = checker.check(session.state)
    assert checked.n_unlike == 0
    study = exported(sample, session.state, folder)
    require_equal(sample, session.state, study)
    if not study.scenarios:
        assert checked.resources is None
        return
    whole = run_scenario(replace(in_full, study=study), study.scenarios[0]).resources
    require_same(checked.resources, whole)


@settings(max_examples=10)
@given(data=st.data())
def test_what_follows_one_in_hand_is_what_its_rooms_say_of_all(
    sample: LiveStudy, checker: Checker, in_full: StudyResult, data: st.DataObject
) -> None:
    session = Session(sample)
    for change in data.draw(st.lists(changes_of_all(sample), max_size=3)):
        with contextlib.suppress(GeoError):
            session.apply(change)
    table = session.state.inputs.facilities
    kind = data.draw(st.sampled_from(("shelter", "depot", "hydrant", "water_point")), label="kind")
    there = table.index[((table["kind"] == kind) & (table["status"] == "existing")).to_numpy()][:6]
    one = data.draw(st.sampled_from([*there, ""]), label="one")
    for i in data.draw(st.lists(st.integers(0, sample.inputs.network.n_nodes - 1), min_size=1, max_size=3)):
        x, y = sample.inputs.network.node_xy[i] + (15.0, -20.0)
        lon, lat = sample.lonlat(x, y)
        plan = session.plan_with(Move(one, lon, lat) if one else Add(lon, lat, kind=kind))
        inputs = sample.inputs_of(plan)
        followed = checker.compare(inputs, session.state, one or session.free_id())
        require_same(followed, compare_resources(sample.study, in_full, inputs, in_full.coverage))


def test_new_ones_of_several_kinds_are_told_apart(
    sample: LiveStudy, checker: Checker, in_full: StudyResult
) -> None:
    """A new shelter that was not let go leaves its id to the next new one."""
    session = Session(sample)
    lon, lat = sample.lonlat(*sample.inputs.network.node_xy[200])
    for kind in ("shelter", "hydrant", "shelter"):
        inputs = sample.inputs_of(session.plan_with(Add(lon, lat, kind=kind)))
        followed = checker.compare(inputs, session.state, session.free_id())
        require_same(followed, compare_resources(sample.study, in_full, inputs, in_full.coverage))
        assert followed is not None
        assert f"{kind}s.n_{kind}s" in followed.index


def require_same(table: pd.DataFrame | None, other: pd.DataFrame | None) -> None:
    assert (table is None) == (other is None)
    assert table is None or (other is not None and table.equals(other))


@pytest.fixture(scope="module")
def in_full(sample: LiveStudy) -> StudyResult:
    """Today as ``geo run`` finds it, also what the page has no need of."""
    return assess(sample.study, sample.inputs, draw_areas=False)


@pytest.fixture(scope="module")
def checker(sample: LiveStudy, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    folder = tmp_path_factory.mktemp("desk")
    return Checker(sample, Desk(folder / "live", "x", folder))


def test_a_scenario_without_any_of_them_says_nothing_of_them(sample: LiveStudy, tmp_path: Path) -> None:
    session = Session(sample)
    session.apply(Close(str(session.state.stations.index[0])))
    checked = Checker(sample, Desk(tmp_path / "live", "x", tmp_path)).check(session.state)
    assert checked.resources is None


def test_the_page_is_told_of_all_kinds(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        told: list[dict[str, Any]] = talk.hello["resources"]
        assert {one["kind"] for one in told} == {"shelter", "depot", "hydrant", "water_point"}
        one = next(one for one in told if one["kind"] == "shelter")
        moved = talk.ask("move", station=one["id"], x=one["x"] + 200.0, y=one["y"])
        now = next(row for row in moved["resources"] if row["id"] == one["id"])
        assert now["change"] == "moved"
        assert now["x"] == pytest.approx(one["x"] + 200.0, abs=0.02)
        assert moved["figures"] == talk.hello["figures"]
        closed = talk.ask("close", station=one["id"])
        assert next(r for r in closed["resources"] if r["id"] == one["id"])["status"] == "closed"


@pytest.mark.parametrize("kind", ["shelter", "depot", "hydrant", "water_point"])
def test_one_in_hand_says_what_it_says_when_it_is_let_go(sample: LiveStudy, serve: Serve, kind: str) -> None:
    with talking(serve(sample)) as talk:
        one = next(one for one in talk.hello["resources"] if one["kind"] == kind)
        for asked in ({"station": one["id"]}, {"kind": kind}):
            place = {"x": one["x"] + 180.0, "y": one["y"] - 120.0}
            held = talk.ask("drag", **asked, **place)
            assert held["kind"] == "followed"
            rested = talk.next("checked_in_hand")
            assert (rested["of"], rested["n_unlike"]) == (talk.n, 0)
            let_go = talk.ask("move" if "station" in asked else "add", **asked, **place)
            assert let_go["kind"] == "state"
            checked = talk.next("checked")
            assert checked["resources"] == held["resources"] == rested["resources"]
            assert checked["resources"]
            assert checked["targets"] == rested["targets"]


def test_only_the_newest_place_of_one_in_hand_is_computed(
    sample: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, follow = threading.Event(), Planner.follow

    def follow_at_last(planner: Planner, asked: Mapping[str, Any]) -> bytes:
        may_end.wait(60)
        return follow(planner, asked)

    monkeypatch.setattr(Planner, "follow", follow_at_last)
    with talking(serve(sample)) as talk:
        one = next(one for one in talk.hello["resources"] if one["kind"] == "depot")
        place = {"do": "drag", "station": one["id"], "y": one["y"]}
        talk.line.send(json.dumps({"id": 1000, "x": one["x"], **place}))
        assert talk.ask("speak", lang="en")["kind"] == "done", "the first is under way"
        for k in range(1, 40):
            talk.line.send(json.dumps({"id": 1000 + k, "x": one["x"] + 5 * k, **place}))
        assert talk.ask("speak", lang="en")["kind"] == "done", "all others wait"
        may_end.set()
        answers = [talk.next("followed")["re"] for _ in range(2)]
        assert answers == [1000, 1039], "places that were overtaken are passed over"


def test_a_mistake_with_one_in_hand_is_told(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        one = next(one for one in talk.hello["resources"] if one["kind"] == "shelter")
        for wrong in ({"x": 0.0, "y": 0.0}, {"x": "1", "y": 2.0}, {"x": one["x"]}):
            assert talk.ask("drag", station=one["id"], **wrong)["kind"] == "error"
        for kind in ("palace", ["shelter"], 3):
            assert talk.ask("drag", kind=kind, x=one["x"], y=one["y"])["kind"] == "error"
        talk.ask("close", station=one["id"])
        assert talk.ask("drag", station=one["id"], x=one["x"], y=one["y"])["kind"] == "followed"
