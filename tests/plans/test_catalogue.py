"""`geo plan`: the packs are told in both languages, and a copy loads, may be changed and is run."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from geo.errors import StudyError
from geo.plans import (
    KINDS,
    LAYERS,
    METHODS,
    copy_plan,
    list_plans,
    load_plan,
    tell_plan,
    tell_plans,
    tell_rules,
)
from geo.plans.methods import UNITS
from geo.schema import FACILITY_KINDS, STATION_CLASSES
from geo.standards import load_rules
from geo.study import run_study
from geo.words import LANGS, Lang, say
from tests.conftest import Run
from tests.studies import town_study


@pytest.fixture
def command(command: Run) -> Run:
    """Run ``geo plan`` as the command is run elsewhere."""
    return partial(command, "plan")


@pytest.mark.parametrize("lang", LANGS)
def test_every_plan_is_listed_with_what_it_holds(lang: Lang) -> None:
    told = tell_plans(lang=lang)
    for name in list_plans():
        plan = load_plan(name)
        assert f"{name}  {plan.name_zh if lang == 'zh' else plan.name_en}" in told
        assert plan.document in told
    assert ("指标 13 项" if lang == "zh" else "13 targets, 5 projects") in told


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", list_plans())
def test_a_plan_is_told_target_by_target(name: str, lang: Lang) -> None:
    plan = load_plan(name)
    blocks = tell_plan(plan, lang=lang).split("\n\n")
    for target, block in zip(plan.targets, blocks[1:], strict=False):
        first, value, how, layers, source = block.splitlines()
        assert first.startswith(f"{target.id}  {target.name_zh if lang == 'zh' else target.name_en}")
        assert say(f"plans.kind_{target.kind}", lang=lang) in value
        assert say(f"plans.method_{target.method}", lang=lang) in how
        assert target.source in source
        assert all(column in layers for columns in target.layers.values() for column in columns)


def test_values_units_and_settings_are_told() -> None:
    chinese, english = (tell_plan(load_plan("chongming"), lang=lang) for lang in ("zh", "en"))
    assert "指标：> 0.4 ‰（约束性）" in chinese
    assert "设置：standard = dispatch-5min" in chinese
    assert "规划未给出数值" in chinese
    assert "圆沙 × 1（消防站，二级站，用地 2,410 平方米，长兴镇06-01地块" in chinese
    assert "target: < 5 min (expected)" in english
    assert "stations [stations: staff], people [people: people]" in english


def test_every_word_that_a_plan_may_use_is_said() -> None:
    for lang in LANGS:
        for key, words in (
            ("plans.method", METHODS),
            ("plans.kind", KINDS),
            ("plans.class", STATION_CLASSES),
            ("plans.facility", FACILITY_KINDS),
            ("plans.unit", UNITS),
            ("plans.layer", LAYERS),
        ):
            for word in words:
                assert say(f"{key}_{word}", lang=lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", list_plans())
def test_a_copy_holds_the_same_targets_under_its_own_id(tmp_path: Path, name: str, lang: Lang) -> None:
    made = copy_plan("fengxian", tmp_path / "my.toml", source=name, lang=lang)
    original = load_plan(name)
    # As texts: from Python 3.13 on, records with a number that is not known (nan) equal nothing.
    assert repr(made) == repr(load_plan(tmp_path / "my.toml"))
    assert made.id == "fengxian"
    assert repr(made.targets) == repr(original.targets)
    assert repr(made.projects) == repr(original.projects)
    text = (tmp_path / "my.toml").read_text(encoding="utf-8")
    assert bool(re.search("[\u4e00-\u9fff]", text.split("[plan]")[0])) == (lang == "zh")
    assert all(f"#   {method}" in text for method in METHODS)


def test_a_copy_of_a_copy_may_be_made(tmp_path: Path) -> None:
    copy_plan("one", tmp_path / "one.toml", source="yangpu")
    made = copy_plan("two", tmp_path / "two.toml", source=str(tmp_path / "one.toml"))
    assert (made.id, repr(made.targets)) == ("two", repr(load_plan("yangpu").targets))
    text = (tmp_path / "two.toml").read_text(encoding="utf-8")
    assert text.count("geo plan new") == 1


def test_nothing_is_overwritten_and_no_faulty_copy_is_left(tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="is there already and is not overwritten"):
        copy_plan("mine", out, source="jinshan")
    assert out.read_text(encoding="utf-8") == "mine"
    faulty = tmp_path / "faulty.toml"
    faulty.write_text("[plan]\n", encoding="utf-8")
    with pytest.raises(StudyError, match="lacks target"):
        copy_plan("mine", tmp_path / "new.toml", source=str(faulty))
    assert not (tmp_path / "new.toml").exists()


@pytest.mark.parametrize(
    ("plan_id", "name", "message"),
    [
        ("jinshan", "my.toml", "is the id of an embedded plan"),
        ('a"b', "my.toml", "may hold letters"),
        ("mine", "my.txt", "must end in .toml"),
    ],
)
def test_a_copy_needs_an_id_and_a_file_of_its_own(
    tmp_path: Path, plan_id: str, name: str, message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        copy_plan(plan_id, tmp_path / name, source="jinshan")
    assert not list(tmp_path.iterdir())


@pytest.mark.study
def test_a_copy_is_changed_and_run(tmp_path: Path) -> None:
    # Paper Town: 2,050 people and one station with 4 firefighters: 1.951 per thousand. The copy asks for 2.
    copy_plan("paper", tmp_path / "my.toml", source="chongming")
    text = (tmp_path / "my.toml").read_text(encoding="utf-8")
    assert "value = 0.4" in text
    (tmp_path / "my.toml").write_text(text.replace("value = 0.4", "value = 2"), encoding="utf-8")
    for plan, status in (("chongming", "met"), ("my.toml", "missed")):
        targets = run_study(town_study(tmp_path, study={"plan": plan})).targets
        assert targets is not None
        assert targets.loc["CM-3", "status"] == status
        assert targets.loc["CM-3", "value"] == pytest.approx(4000 / 2050)


@pytest.mark.thorough
def test_the_command_lists_shows_and_copies(command: Run, tmp_path: Path) -> None:
    code, out, _ = command("list", "--lang", "en")
    assert code == 0
    assert "songjiang  Songjiang district" in out
    code, out, _ = command("show", "yangpu")
    assert code == 0
    assert "YP-2b" in out
    assert "特勤站" in out
    mine = tmp_path / "mine.toml"
    assert command("new", "mine", "--from", "yangpu", "--out", mine)[0] == 0
    assert command("show", mine, "--lang", "en")[1].startswith("mine  Yangpu")
    code, _, err = command("new", "mine", "--from", "yangpu", "--out", mine)
    assert (code, "is there already" in err) == (1, True)
    code, _, err = command("show", "yangpo")
    assert (code, "did you mean 'yangpu'" in err) == (1, True)
    assert command("show", "yangpu", "--lang", "fr")[0] == 2


def test_the_command_tells_the_numbers_of_the_standards(command: Run) -> None:
    code, out, _ = command("rules", "--lang", "en")
    assert code == 0
    assert all(rule_id in out for rule_id in load_rules())
    code, out, _ = command("rules", "--subject", "shelter_share_of_people")
    assert out.startswith("shelter-share-of-people  ≥ 15 %（应/不应）")
    assert command("rules", "--conflicts")[0] == 0
    assert "did you mean" in command("rules", "--subject", "shelter_share_of_peple")[2]


def test_a_number_from_memory_is_told_as_such() -> None:
    told = tell_rules([load_rules()["shelter-area-short"]], lang="en")
    assert "[M]" in told
    assert "used only when the study sets it" in told
