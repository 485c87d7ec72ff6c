"""Shelters, depots and hydrants on the page: their figures are those of a run of the exported scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.serve.changes import Add, Change, Close, Flood, Move, Upgrade
from geo.serve.checking import Checker
from geo.serve.live_study import LiveStudy
from geo.serve.saving import Desk
from geo.serve.session import Session
from geo.serve.study_steps import steps_of_study
from geo.study import assess, change_inputs, difference_findings, run_scenario
from tests.serve.conftest import Serve
from tests.serve.talk import talking
from tests.serve.test_session import exported

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
        wrong = talk.ask("drag", station=one["id"], x=one["x"], y=one["y"])
        assert wrong["kind"] == "error"
