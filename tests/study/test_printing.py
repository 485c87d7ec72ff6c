"""What results print in a notebook: short, in the study's language, with the planner's own ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.study import (
    ScenarioSpec,
    SiteResult,
    StudyResult,
    compare_scenarios,
    parse_study,
    run_scenario,
    run_study,
    site_study,
)
from geo.words import LANGS, Lang
from tests.studies import changed, frame, points, write_town
from tests.study.sites.test_run import asked

MOST_LINES = 30
WORDS = {"zh": "时限内到达的人口", "en": "Reached in time"}
SITES = {"zh": "建成后及时到达", "en": "in time with the new sites"}


@pytest.fixture(scope="module", params=LANGS)
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("town")
    return run_study(parse_study(write_town(folder), folder=folder), lang=request.param)


def test_a_result_prints_its_figures_in_the_language_of_the_study(result: StudyResult) -> None:
    for shown in (repr(result), result._repr_html_(), repr(result.coverage), result.coverage._repr_html_()):
        assert WORDS[result.lang] in shown
        assert WORDS["en" if result.lang == "zh" else "zh"] not in shown
    assert "Paper Town" in repr(result)
    assert "<b>Paper Town</b>" in result._repr_html_()


@pytest.mark.parametrize("lang", LANGS)
def test_proposed_sites_print_in_the_language_of_the_study(tmp_path: Path, lang: Lang) -> None:
    result: SiteResult = site_study(asked(tmp_path), lang=lang)
    for shown in (repr(result), result._repr_html_()):
        assert SITES[lang] in shown
        assert "middle" in shown


def test_what_is_shown_is_short(result: StudyResult, tmp_path: Path) -> None:
    built = run_scenario(result, ScenarioSpec("built", build=["P"]))
    comparison, _ = compare_scenarios(result, [built])
    sites = site_study(asked(tmp_path, why=["side"]))
    shown = [result, result.coverage, built, comparison, sites, sites.answer.plan, *result.findings.values()]
    for each in shown:
        assert len(repr(each).splitlines()) < MOST_LINES, type(each).__name__


def test_ids_are_those_of_the_planners_tables(result: StudyResult) -> None:
    assert result.inputs.facilities.index.tolist() == ["A", "C", "P"]
    assert result.coverage.table.index.tolist() == [
        "v1",
        "v2",
        "v3",
        "v4",
        "v5",
    ]  # their names: no ids are given
    assert result.coverage.table["first_id"].tolist()[:4] == ["A"] * 4


def test_an_id_that_serves_twice_stands_with_its_layer(tmp_path: Path) -> None:
    told = write_town(tmp_path)
    frame(points((0, 0), (10, 0)), name=["Hall", "Hall"], id=["A", "H2"]).to_file(tmp_path / "shelters.gpkg")
    frame(points((500, 0), (600, 0)), name=["North", None]).to_file(tmp_path / "depots.gpkg")
    layers = [
        *told["facilities"],
        {"path": "shelters.gpkg", "kind": "shelter"},
        {"path": "depots.gpkg", "kind": "depot"},
    ]
    study = parse_study(changed(told, facilities=layers), folder=tmp_path)
    ids = run_study(study).inputs.facilities.index.tolist()
    # A is a station and a shelter; the second depot has neither id nor name.
    assert ids == ["fire_station-1-A", "C", "P", "shelter-2-A", "H2", "North", "depot-3-2"]


def test_places_of_two_lists_are_kept_apart(tmp_path: Path) -> None:
    told = write_town(tmp_path)
    frame(points((900, 0), (950, 0)), name=["v1", "w"], heads=[1, 2]).to_file(tmp_path / "more.gpkg")
    demand = [*told["demand"], {"path": "more.gpkg", "people": "heads"}]
    study = parse_study(changed(told, demand=demand), folder=tmp_path)
    ids = run_study(study).coverage.table.index.tolist()
    assert ids == ["1-v1", "1-v2", "1-v3", "1-v4", "1-v5", "2-v1", "2-w"]
