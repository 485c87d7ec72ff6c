"""Plans: all targets are there, and a copied and edited plan is checked."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from geo.errors import StudyError
from geo.plans import KINDS, METHODS, list_plans, load_plan
from geo.words import data_dir

# The ids of the five plans' targets; further readings of one wording end in a letter.
EXPECTED = {
    "chongming": {*(f"CM-{n}" for n in range(1, 10)), "ALL-2"},
    "jinshan": {f"JS-{n}" for n in range(1, 8)},
    "shanghai": {*(f"SH-{n}" for n in range(1, 5)), "ALL-1", "ALL-2"},
    "songjiang": {*(f"SJ-{n}" for n in range(1, 5)), "ALL-1"},
    "yangpu": {"YP-1", "YP-2", "ALL-1"},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_target_of_a_plan_is_there(name: str) -> None:
    plan = load_plan(name)
    assert plan.id == name
    assert {target.id.rstrip("bcd") for target in plan.targets} == EXPECTED[name]
    assert plan.target_year == 2025
    for target in plan.targets:
        assert re.search("[\u4e00-\u9fff]", target.name_zh), "the plan's own wording"
        assert re.search("[a-z]", target.name_en)
        assert target.source
        assert target.layers
        assert bool(target.reading_zh) == bool(target.reading_en)


def test_the_five_plans_are_listed() -> None:
    assert set(list_plans()) == set(EXPECTED)


@pytest.mark.parametrize(
    ("plan", "target", "comparator", "value", "kind"),
    [
        ("chongming", "CM-2", "<", 5.0, "expected"),
        ("chongming", "CM-3", ">", 0.4, "binding"),
        ("jinshan", "JS-1", "<=", 12.0, "binding"),
        ("songjiang", "SJ-2", ">=", 0.77, "binding"),
        ("shanghai", "SH-1", ">", 1.5, "binding"),
        ("shanghai", "SH-2", ">=", 18.0, "goal"),
        ("yangpu", "YP-1", ">=", 2.0, "project"),
    ],
)
def test_values_are_the_plans_own(plan: str, target: str, comparator: str, value: float, kind: str) -> None:
    (found,) = (row for row in load_plan(plan).targets if row.id == target)
    assert (found.comparator, found.value, found.kind) == (comparator, value, kind)


def test_a_goal_without_a_number_has_none() -> None:
    (target,) = (row for row in load_plan("chongming").targets if row.id == "CM-9")
    assert target.comparator == "none"
    assert math.isnan(target.value)


def edited(folder: Path, old: str, new: str, *, name: str = "jinshan") -> Path:
    text = (data_dir() / "plans" / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_copy_may_change_a_value_and_drop_targets(tmp_path: Path) -> None:
    plan = load_plan(edited(tmp_path, "value = 12\n", "value = 10\n"))
    assert plan.targets[0].value == 10.0
    assert len(plan.targets) == len(load_plan("jinshan").targets)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "JS-3"', 'id = "JS-33"', r"'JS-33'.*did you mean 'JS-3'.*choose one of JS-1, JS-1b"),
        ('id = "JS-3"', 'id = "JS-2"', "more than once: JS-2"),
        ("comparator", "comperator", r"'comperator'.*did you mean 'comparator'"),
        ('comparator = "<="', 'comparator = "=<"', r"'=<'.*choose one of >=, >, <="),
        ('kind = "binding"', 'kind = "约束性"', r"choose one of binding, expected"),
        ('"people_per_station"', '"people_a_station"', r"did you mean 'people_per_station'"),
        ('unit = "10,000 people/station"', 'unit = "people/station"', "computes '10,000 people/station'"),
        (
            "layers = { stations",
            "layers = { station",
            r"'station'.*did you mean 'stations'",
        ),
        ('layers = { stations = ["status"]', 'layers = { stations = "status"', "table of lists"),
        ("value = 12\n", 'value = "12"\n', "value = '12' should be a number from"),
        ("value = 12\n", "value = true\n", "value = True should be a number from"),
        ("value = 12\n", "", "must have a value"),
        ('comparator = "<="\nvalue = 12\n', 'comparator = "none"\n', "needs a value"),
        ('name_en = "People served per fire station"\n', "", "lacks name_en"),
        ('name_en = "People served per fire station"\n', "name_en = 3\n", "must be text"),
        ("most_people = 120000", "most_people = 0", "most_people = 0 should be a number above 0 and up to"),
        (
            "most_people = 120000",
            "most_persons = 120000",
            "did you mean 'most_people'",
        ),
        ('standard = "dispatch-5min"', "standard = 5", "name of a standard"),
        ('station_class = "first"', 'station_class = "一级站"', "choose one of special, first"),
        ('{ name = "山阳", ', "{ ", "lacks name"),
        ("target_year = 2025", 'target_year = "2025"', "should be a whole number from 1900 to 2200"),
        ("[plan]", "[plans]", r"'plans'.*did you mean 'plan'"),
        ("[plan]", "[plan", "not a TOML file"),
    ],
)
def test_a_mistake_in_a_copied_plan_is_named_with_what_is_known(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        load_plan(edited(tmp_path, old, new))


def test_a_plan_with_an_id_of_its_own_names_its_targets_itself(tmp_path: Path) -> None:
    path = edited(tmp_path, 'id = "jinshan"', 'id = "fengxian"')
    path.write_text(path.read_text(encoding="utf-8").replace('"JS-', '"FX-'), encoding="utf-8")
    assert load_plan(path).targets[0].id == "FX-1"


def test_an_unknown_plan_is_an_error_that_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"'pudong'.*choose one of chongming, jinshan"):
        load_plan("pudong")
    with pytest.raises(StudyError, match="does not exist"):
        load_plan(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("name = '金山'".encode("gb18030"))
    with pytest.raises(StudyError, match="UTF-8"):
        load_plan(tmp_path / "gbk.toml")


def test_every_method_and_kind_is_used() -> None:
    targets = [target for name in list_plans() for target in load_plan(name).targets]
    assert {target.method for target in targets} == set(METHODS)
    assert {target.kind for target in targets} == set(KINDS)
