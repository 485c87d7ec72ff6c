"""Sites that the page suggests: those of ``geo site``; the best spot: that of trying every candidate."""

from __future__ import annotations

import json
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import StudyError
from geo.serve.changes import Add, Close, CloseRoad, Move, Set
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.scenario_text import section_text
from geo.serve.session import Session
from geo.serve.sites import Sites
from geo.serve.spot import Near, find_best_spot
from geo.serve.suggest import Suggest, question_of
from geo.study import SitingSpec, Study, parse_study, read_study, site_study
from tests.serve.conftest import Serve
from tests.serve.talk import Talk, talking
from tests.serve.test_session import exported
from tests.studies import lonlat, write_study, write_town

pytestmark = pytest.mark.study


def suggested(talk: Talk, **asked: Any) -> dict[str, Any]:
    """Ask for sites and wait for them; the steps are told before."""
    talk.n += 1
    talk.line.send(json.dumps({"id": talk.n, "do": "suggest", **asked}))
    steps = []
    while (header := talk.next("searching", "suggested", "error"))["kind"] == "searching":
        assert header["of"] == talk.n
        steps.append((header["step"], header.get("plan", 0)))
    assert steps[0] == ("waiting", 0)
    assert header["re"] == talk.n
    if header["kind"] == "suggested":
        sought = [plan for step, plan in steps if step == "search"]
        assert sorted(set(sought)) == list(range(1, max(sought) + 1)), "each plan that is sought is told"
        assert max(sought) >= len(header["plans"])
    return header


def asked_of_file(live: LiveStudy, session: Session, asked: Suggest, folder: Path) -> Study:
    """Give the study as a planner would paste it: the exported block, and the text of ``[siting]``."""
    told = exported(live, session.state, folder)
    data = json.loads(json.dumps(told.settings()))
    text = section_text("siting", question_of(told, session.state, asked, name="from the page"))
    return parse_study({**data, **tomllib.loads(text)}, folder=told.folder)


@pytest.mark.parametrize("goal", ["best", "mean"])
def test_plans_are_those_of_geo_site_of_the_exported_study(
    sample: LiveStudy, serve: Serve, tmp_path: Path, goal: Any
) -> None:
    session = Session(sample)
    road = sample.lonlat(*sample.inputs.network.node_xy[40])
    station = str(session.state.stations.index[1])
    for change in (Close(station), CloseRoad(*road), Set(360.0, 0.9, 80.0)):
        session.apply(change)
    asked = Suggest(goal=goal, n=2, k=3)
    with talking(serve(sample)) as talk:
        talk.ask("close", station=station)
        talk.ask("close_road", lon=road[0], lat=road[1])
        talk.ask("set", limit_s=360.0, speed_factor=0.9, turnout_s=80.0)
        told = suggested(talk, goal=goal, n=2, k=3)
        result = site_study(asked_of_file(sample, session, asked, tmp_path))
        assert result.answer.others is not None
        assert len(told["plans"]) == 3
        for plan, theirs in zip(told["plans"], result.answer.others.plans, strict=True):
            assert plan["value"] == pytest.approx(theirs.value, rel=1e-12)
            assert plan["people_covered"] == pytest.approx(theirs.n_people_covered, rel=1e-12)
            assert [site["site"] for site in plan["sites"]] == list(theirs.site_ids)
            assert plan["is_proven"]
        best = told["plans"][0]
        assert (best["value"] > told["value_today"]) == (goal == "best")
        sites = [{k: v for k, v in site.items() if k not in ("site", "x", "y")} for site in best["sites"]]
        state = talk.ask("add_all", sites=sites)
        assert state["n_undo"] == 4
        if goal == "best":
            assert state["figures"]["covered_people"] == pytest.approx(best["value"], rel=1e-12)
        before = result.before.table
        spread = np.minimum(before["first_s"], 1800.0)
        people = before["people"]
        today = people[before["is_covered"]].sum() if goal == "best" else np.average(spread, weights=people)
        assert told["value_today"] == pytest.approx(today, rel=1e-9)


def test_a_search_is_stopped_at_a_word_and_no_pin_waits_for_it(
    sample: LiveStudy, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = threading.Event()

    def search_on(question: Any, spec: SitingSpec, *, progress: Any, stop: Any, on_plan: Any) -> None:
        reached.set()
        while not stop():
            time.sleep(0.01)
        raise StudyError("stopped")

    monkeypatch.setattr("geo.serve.suggest.answer_question", search_on)
    with talking(serve(sample)) as talk:
        for n in (1001, 1002):
            reached.clear()
            talk.line.send(json.dumps({"id": n, "do": "suggest"}))
            assert reached.wait(60)
            row = next(row for row in talk.hello["stations"] if row["answers"])
            dragged = talk.ask("drag", station=row["id"], x=row["x"] + 100.0, y=row["y"])
            assert dragged["kind"] == "drag", "while the search goes on"
            assert talk.ask("cancel")["kind"] == "done"
            assert talk.next("error")["why"] == "stopped"


def test_time_that_is_up_gives_the_best_so_far_with_what_is_proven(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        told = suggested(talk, n=3, k=2, time_limit_s=1)
        assert told["plans"][0]["bound"] >= told["plans"][0]["value"] > told["value_today"]
        assert "[siting]" in told["text"]
        assert len(suggested(talk, n=20, k=1)["plans"][0]["sites"]) == 20


@pytest.mark.parametrize("within_m", [50.0, 3000.0, 9000.0])
def test_the_best_spot_is_that_of_trying_every_candidate(sample: LiveStudy, within_m: float) -> None:
    session = Session(sample)
    session.apply(Close(str(session.state.stations.index[1])))
    for station in ("", str(session.state.stations.index[3])):
        held = session.hold(station)
        sifted = Sites(sample).listed(session.state).result()
        at = sifted.kept.geometry.iloc[len(sifted.kept) // 2]
        lon, lat = sample.lonlat(at.x + 30.0, at.y)
        spots = find_best_spot(sample, held, sifted, Near(lon, lat, within_m, station))
        near = sifted.kept[sifted.kept.distance(sample.place(lon, lat)) <= within_m]
        assert set(spots.index) == set(near.index)
        tried = {}
        for site in near.index:
            lon, lat = sample.lonlat(near.geometry[site].x, near.geometry[site].y)
            other = Session(sample, done=session.done)
            if station:
                other.apply(Move(station, lon, lat))
            else:
                other.apply(Add(lon, lat))
            figures = other.state.figures
            tried[site] = (figures.covered_people, figures.mean_s)
            assert spots.loc[site, ["covered_people", "mean_s"]].tolist() == pytest.approx(list(tried[site]))
        assert tried[spots.index[0]][0] == max(value for value, _ in tried.values())


def ready_near(talk: Talk, **asked: Any) -> dict[str, Any]:
    while not (header := talk.ask("near", **asked)).get("is_ready", True):
        pass
    return header


def test_the_best_spot_is_told_with_what_it_brings(sample: LiveStudy, serve: Serve) -> None:
    with talking(serve(sample)) as talk:
        row = next(row for row in talk.hello["stations"] if row["answers"])
        told = ready_near(talk, x=row["x"], y=row["y"], within_m=6000)
        best = told["best"]
        state = talk.ask("add", lon=best["lon"], lat=best["lat"])
        assert state["figures"]["covered_people"] == pytest.approx(best["covered_people"], rel=1e-12)
        before = talk.hello["figures"]["covered_people"]
        assert best["gain_people"] == pytest.approx(best["covered_people"] - before)
        far = ready_near(talk, x=row["x"] - 15_000, y=row["y"] + 19_000, within_m=10)
        assert (far["n"], far["best"]) == (0, None)


MISTAKES: list[Mapping[str, Any]] = [
    {"do": "suggest", "n": 0},
    {"do": "suggest", "n": 21},
    {"do": "suggest", "goal": "worst"},
    {"do": "suggest", "k": 1.5},
    {"do": "suggest", "time_limit_s": 1e9},
    {"do": "near", "x": 350_000.0, "y": 3_500_000.0},
    {"do": "near", "x": 350_000.0, "y": 3_500_000.0, "within_m": 0},
    {"do": "near", "x": 350_000.0, "y": 3_500_000.0, "within_m": 100, "station": "nobody"},
]


def test_a_mistake_is_told(town: LiveStudy, serve: Serve) -> None:
    with talking(serve(town)) as talk:
        for mistake in MISTAKES:
            talk.n += 1
            talk.line.send(json.dumps({"id": talk.n, **mistake}))
            header = talk.answer(talk.n)
            assert header["kind"] == "error", mistake
            assert header["why"].strip(), mistake


def test_a_study_without_plots_has_its_candidates_along_roads(tmp_path: Path, serve: Serve) -> None:
    sections = write_town(tmp_path) | {"candidates": {"spacing_m": 500.0}}
    live = open_study(read_study(write_study(tmp_path, sections)))
    with talking(serve(live)) as talk:
        told = suggested(talk, n=1, k=2)
        # v2 and v4 are late: 500 people at (2000, 1000), 200 at (4000, 0), in reach of one place together.
        assert told["plans"][0]["value"] == 2000.0
        assert told["value_today"] == 1300.0
        result = site_study(replace(live.study, siting=SitingSpec(n=1)))
        assert result.answer.plan.value == 2000.0
        lon, lat = lonlat((2000, 500))[0]
        assert ready_near(talk, lon=lon, lat=lat, within_m=3000)["best"]["covered_people"] == 2000.0


def test_a_scenario_that_is_none_is_told_by_siting(tmp_path: Path) -> None:
    sections = write_town(tmp_path) | {"siting": {"n": 1, "scenario": "nothing"}}
    with pytest.raises(StudyError, match="no single scenario of the study is called 'nothing'"):
        site_study(read_study(write_study(tmp_path, sections)))
