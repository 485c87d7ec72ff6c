"""Every target of every plan is computed on the sample, and the packs say what the plans say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo.plans import METHODS, Plan, list_plans, load_plan
from geo.study import assess, read_inputs, read_study
from geo.words import data_dir


def all_targets(folder: Path) -> Path:
    """Write one plan with the targets of all five, each id with its plan before it."""
    parts = ['[plan]\nid = "all"\nname_zh = "全部"\nname_en = "all"\ndocument = ""\ntarget_year = 2025\n']
    parts[0] += "base_year = 2020\n"
    for name in list_plans():
        text = (data_dir() / "plans" / f"{name}.toml").read_text(encoding="utf-8")
        blocks = text.split("# What the plan wants built")[0].split("[[target]]\n")[1:]
        parts += [f"[[target]]\n{block}".replace('id = "', f'id = "{name}/', 1) for block in blocks]
    path = folder / "all.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    study = read_study("sample")
    path = all_targets(tmp_path_factory.mktemp("plans"))
    asked = replace(study, study=replace(study.study, plan=str(path)), projects=None)
    table = assess(asked, read_inputs(study), draw_areas=False).targets
    assert table is not None
    return table


def plan_targets(targets: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    rows = targets[targets.index.str.startswith(f"{plan.id}/")]
    return rows.set_axis(rows.index.str.removeprefix(f"{plan.id}/"))


@pytest.mark.parametrize("name", list_plans())
def test_every_target_is_computed(targets: pd.DataFrame, name: str) -> None:
    plan = load_plan(name)
    table = plan_targets(targets, plan)
    assert table.index.tolist() == [target.id for target in plan.targets]
    for target in plan.targets:
        wanted = {"told"} if target.comparator == "none" else {"met", "missed"}
        row = table.loc[target.id]
        assert row["status"] in wanted, (target.id, row["status"], row["needs"])


@pytest.mark.parametrize("name", list_plans())
def test_some_targets_are_met_and_some_missed(targets: pd.DataFrame, name: str) -> None:
    assert {"met", "missed"} <= set(plan_targets(targets, load_plan(name))["status"])


@pytest.mark.parametrize(
    ("target_id", "value"),
    [
        ("chongming/CM-3", 245 / 637.9),  # firefighters of the table of stations
        ("chongming/CM-5", 1),  # a team in every town
        ("chongming/CM-6", 90),
        ("chongming/CM-6b", 100 * 499 / 520),
        ("chongming/CM-7", 40),
        ("chongming/CM-7b", 160),
        ("jinshan/JS-1", 63.79 / 11),
        ("jinshan/JS-3", 1),
        ("jinshan/JS-5", 2),
        ("shanghai/SH-3", 5),
        ("shanghai/SH-3b", 6),
        ("songjiang/SJ-4", 6),
        ("yangpu/YP-1", 2),
        ("yangpu/YP-2b", 0),  # the stations that the plan names are real: the sample has none of them
    ],
)
def test_values_are_those_that_were_put_into_the_sample(
    targets: pd.DataFrame, target_id: str, value: float
) -> None:
    assert targets.loc[target_id, "value"] == pytest.approx(value)


@pytest.mark.parametrize("name", list_plans())
def test_a_plans_stations_to_be_built_are_its_projects(name: str) -> None:
    plan = load_plan(name)
    assert plan.base_year == 2020
    wanted = {
        (row["name"], row.get("station_class", ""))
        for target in plan.targets
        for row in target.settings.get("stations", [])
    }
    told = {(p.name_zh, p.station_class) for p in plan.projects if p.kind == "fire_station"}
    assert wanted == told


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("chongming", {"CM-6": 600, "CM-7": 180, "CM-8": 3}),
        ("jinshan", {"JS-6": 60 + 457, "JS-7": 3}),
        ("songjiang", {"SJ-4": 6}),
        ("yangpu", {"YP-1": 2, "YP-2b": 2}),
        ("shanghai", {}),
    ],
)
def test_projects_add_up_to_what_their_target_asks_for(name: str, numbers: dict[str, int]) -> None:
    plan = load_plan(name)
    sums: dict[str, int] = {}
    for project in plan.projects:
        sums[project.target] = sums.get(project.target, 0) + project.n
    assert sums == numbers
    values = {target.id: target.value for target in plan.targets}
    assert all(values[target] == n for target, n in numbers.items())


def test_what_is_known_of_a_project_stands_in_the_pack() -> None:
    (yuansha,) = (p for p in load_plan("chongming").projects if p.name_zh == "圆沙")
    assert (yuansha.station_class, yuansha.site_m2) == ("second", 2410)
    assert "仁健路以东、渔翔路以南" in yuansha.place_zh


def test_the_samples_own_plan_has_a_target_of_every_method() -> None:
    plan = load_plan(data_dir() / "sample" / "plan.toml")
    left_out = set(METHODS) - {target.method for target in plan.targets}
    assert left_out == {"station_growth"}, "it counts the stations of a whole city"
    assert {project.kind for project in plan.projects} == {"fire_station", "hydrant", "water_point"}
