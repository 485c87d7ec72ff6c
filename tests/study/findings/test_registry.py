"""Rooms are asked again only where something that they look at differs, and then answer as from the start."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo.plans import list_plans, load_plan
from geo.study import (
    CloseRoadsSpec,
    ScenarioSpec,
    SlowSpec,
    StudyResult,
    assess,
    assess_scenario,
    assess_targets,
    check_study,
    read_inputs,
    read_study,
)
from geo.study.scenarios.apply import change_inputs
from geo.study.scenarios.resources import RESOURCE_FIGURES
from geo.words import say
from tests.studies import town_study


@pytest.fixture(scope="module")
def today() -> StudyResult:
    study = replace(read_study("sample"), scenarios=(), projects=None)
    return assess(study, read_inputs(study), draw_areas=False)


def _same(a: StudyResult, b: StudyResult) -> None:
    assert list(a.findings) == list(b.findings)
    for name, found in a.findings.items():
        pd.testing.assert_frame_equal(pd.DataFrame(found.table), pd.DataFrame(b.findings[name].table))
        assert found.figures == pytest.approx(b.findings[name].figures, nan_ok=True)


@pytest.mark.parametrize("kind", ["shelter", "fire_station", "depot", "hydrant"])
def test_what_is_kept_is_what_would_be_found(today: StudyResult, kind: str) -> None:
    rows = today.inputs.facilities
    gone = rows.index[(rows["kind"] == kind) & (rows["status"] == "existing")][0]
    changed = replace(today.inputs, facilities=rows.drop(gone))
    quick = assess(today.study, changed, draw_areas=False, before=today)
    _same(quick, assess(today.study, changed, draw_areas=False))
    kept = {found.words for name, found in quick.findings.items() if found is today.findings.get(name)}
    looking = {
        "shelter": {"shelters"},
        "fire_station": {"zones", "vulnerability"},
        "depot": {"depots"},
        "hydrant": {"hydrants"},
    }
    every = {"zones", "shelters", "depots", "hydrants", "vulnerability"}
    assert kept == every - looking[kind]


def test_another_road_network_asks_every_room(today: StudyResult) -> None:
    changed = replace(today.inputs, network=replace(today.inputs.network))
    again = assess(today.study, changed, draw_areas=False, before=today)
    assert not [name for name, found in again.findings.items() if found is today.findings[name]]


def _values(targets: pd.DataFrame | None) -> pd.DataFrame:
    assert targets is not None
    return targets[["value", "status", "missed_by"]]


@pytest.mark.parametrize("plan", [*list_plans(), "plan.toml"])
def test_targets_alone_have_the_values_of_a_full_assessment(today: StudyResult, plan: str) -> None:
    # No room is worked out twice here: what today found is kept by both ways.
    asked = replace(today.study, study=replace(today.study.study, plan=plan))
    full = assess(asked, today.inputs, draw_areas=False, before=today).targets
    pd.testing.assert_frame_equal(
        _values(assess_targets(asked, today.inputs, before=today).targets), _values(full), check_exact=True
    )


def test_targets_of_a_scenario_are_worked_out_anew_on_its_own_roads(today: StudyResult) -> None:
    flood = ScenarioSpec("flood", close_roads=[CloseRoadsSpec(hazards=True)], slow=[SlowSpec(factor=0.7)])
    changed = change_inputs(today.study, today.inputs, flood)
    full = assess(today.study, changed, draw_areas=False)
    known = assess_targets(today.study, changed, before=today)
    pd.testing.assert_frame_equal(_values(known.targets), _values(full.targets), check_exact=True)
    pd.testing.assert_frame_equal(known.coverage.table, full.coverage.table, check_exact=True)
    # Driving, depots and the roads themselves differ from today: none of them can have been kept.
    differs = _values(full.targets)["value"] != _values(today.targets)["value"]
    plan = load_plan(today.study.file("plan.toml"))
    methods = {target.method for target in plan.targets if differs[target.id]}
    assert {"mean_travel", "depot_reach", "network_loss"} <= methods


def test_a_scenario_that_changes_nothing_changes_no_target(today: StudyResult) -> None:
    # The study's own base year, not the plan's, says since when hydrants are new: in scenarios as well.
    projects = read_study("sample").projects
    assert projects is not None
    asked = replace(today.study, projects=replace(projects, base_year=1990))
    result = assess(asked, today.inputs, draw_areas=False, before=today)
    targets = assess_scenario(result, today.inputs, name="nothing").targets
    assert targets is not None
    pd.testing.assert_series_equal(targets["after"], targets["before"], check_names=False, check_exact=True)
    assert targets["status_after"].tolist() == targets["status_before"].tolist()
    assert (_values(result.targets)["value"] != _values(today.targets)["value"]).any()


def test_zones_are_drawn_for_who_asks_for_them(tmp_path: Path) -> None:
    # Neither a section [zoning] nor a plan: no zones. An empty section, or a target about zones: zones.
    plain = town_study(tmp_path)
    inputs = read_inputs(plain)
    zones = {"station_zones", "zone_checks"}
    assert not zones & set(assess(plain, inputs, draw_areas=False).findings)
    asking = town_study(tmp_path, zoning={})
    assert asking.settings()["zoning"]["outline"] == "exact"
    assert zones <= set(assess(asking, inputs, draw_areas=False).findings)
    planned = town_study(tmp_path, study={"plan": "yangpu"})
    assert zones <= set(assess(planned, inputs, draw_areas=False).findings)
    for study, is_told in ((plain, True), (asking, False), (planned, False)):
        assert (say("study.check_no_zoning", lang="en") in check_study(study, lang="en").text) == is_told


def test_what_states_are_compared_by_is_found_without_shapes(today: StudyResult) -> None:
    """The figures of a full assessment, of every room by which states are compared, and no more."""
    outcome = assess_targets(today.study, today.inputs, with_resources=True)
    assert outcome.inputs is today.inputs
    assert {finding.words for finding in outcome.findings.values()} >= {"shelters", "depots", "hydrants"}
    for finding in outcome.findings.values():
        assert "geometry" not in finding.table
        assert finding.ways == ()
    for name, figure in RESOURCE_FIGURES:
        asked = [state.findings.get(name) for state in (today, outcome)]
        was, now = (math.nan if one is None else one.figures.get(figure, math.nan) for one in asked)
        assert now == pytest.approx(was, nan_ok=True), (name, figure)
