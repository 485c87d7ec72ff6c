"""The steps that a run says it will take are the steps that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.cli._progress import showing_steps
from geo.outputs import write_outputs, write_sites
from geo.study import CHECKING, SITING, Step, check_study, parse_study, run_steps, run_study, site_study
from geo.words import LANGS, Lang, say
from tests.studies import changed, frame, points, town_study, write_town


def planned(folder: Path, **changes: Any) -> dict[str, Any]:
    """The town with a plan, three of whose stations it wants built and one of which has a place."""
    sections = write_town(folder)
    table = frame(points((6000, 0)), name=["圆沙消防救援站"], id=["Y"], status=["planned"])
    table.to_file(folder / "planned.gpkg")
    layers = [*sections["facilities"], {"path": "planned.gpkg"}]
    return changed(sections, study={"plan": "chongming"}, facilities=layers, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"projects": {}, "scenarios": [{"name": "a", "close": ["A"], "build": ["P"]}]},
        {"scenarios": [{"name": "a", "build": ["P"]}, {"name": "b", "build": ["P"]}]},
    ],
)
def test_a_run_takes_the_steps_that_it_tells(tmp_path: Path, changes: dict[str, Any]) -> None:
    taken: list[Step] = []
    study = parse_study(planned(tmp_path, **changes), folder=tmp_path)
    write_outputs(run_study(study, step=taken.append), tmp_path / "out", step=taken.append)
    assert tuple(taken) == run_steps(study)


def test_a_project_without_a_place_is_the_only_step_left_out(tmp_path: Path) -> None:
    taken: list[Step] = []
    study = parse_study(planned(tmp_path, scenarios=[{"plan_projects": True}]), folder=tmp_path)
    result = run_study(study, step=taken.append)
    ((_, values),) = result.findings["scenario_comparison"].notes
    told = list(run_steps(study))
    for _ in values["names"]:
        told.remove(Step.SCENARIOS)
    assert [*taken, Step.FILES, Step.MAP] == told


def test_a_check_and_a_search_for_sites_take_theirs(tmp_path: Path) -> None:
    checked: list[Step] = []
    check_study(town_study(tmp_path), lang="en", step=checked.append)
    assert tuple(checked) == CHECKING
    searched: list[Step] = []
    study = town_study(tmp_path, siting={"goal": "best", "n": 1}, candidates={"source": "nodes"})
    write_sites(site_study(study, step=searched.append), tmp_path / "sites", step=searched.append)
    assert tuple(searched) == SITING


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("step", Step)
def test_every_step_has_its_words(step: Step, lang: Lang) -> None:
    assert say(f"study.step_{step}", lang=lang)


def test_the_bar_is_full_when_the_last_step_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps: none is done when the first begins, two when the last does."""
    from rich.progress import Progress

    done: list[tuple[float, float | None]] = []
    update = Progress.update

    def watched(bar: Progress, task: Any, **changes: Any) -> None:
        update(bar, task, **changes)
        done.append((bar.tasks[0].completed, bar.tasks[0].total))

    monkeypatch.setattr(Progress, "update", watched)
    steps = (Step.ROADS, Step.PEOPLE, Step.MAP)
    with showing_steps(lambda: steps, "en") as show:
        for step in steps:
            show(step)
    assert done == [(-1, 3), (0, 3), (1, 3), (2, 3)]
