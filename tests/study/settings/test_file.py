"""The study file: what is accepted, and that every fault is told at once."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.errors import FileError, StudyError
from geo.plans import load_plan
from geo.statistics import PEOPLE_PER_STATION
from geo.study import find_lang, parse_study, read_study
from geo.study.settings import ObstacleSpec, SensitiveSpec
from geo.words import Lang
from geo.zones.checks import load_zone_rules

LEAST = {
    "study": {"name": "试"},
    "roads": {"path": "roads.gpkg"},
    "facilities": [{"path": "stations.csv"}],
    "demand": [{"path": "villages.csv", "people": "人口"}],
}


def test_the_least_study_gets_the_defaults_of_the_standard() -> None:
    study = parse_study(LEAST, folder=Path("/somewhere"))
    assert study.response.standard == "dispatch-5min"
    assert list(study.response.bands_min) == [3, 4, 5, 8, 15]
    assert study.facilities[0].kind == "fire_station"
    assert study.snap.max_m == 500


def test_settings_make_the_same_study_again() -> None:
    study = parse_study(LEAST | {"zones": {"path": "towns.gpkg"}}, folder=Path("/a"))
    assert parse_study(study.settings(), folder=Path("/a")) == study


def test_a_single_section_serves_as_a_list_of_one() -> None:
    study = parse_study(LEAST | {"zones": {"path": "towns.gpkg", "level": "town"}}, folder=Path("/a"))
    assert [z.path for z in study.zones] == ["towns.gpkg"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"respons": {}}, r"section \[respons\] 'respons' is unknown; did you mean 'response'"),
        ({"roads": {"pth": "a"}}, r"\[roads\]: key 'pth' is unknown; did you mean 'path'"),
        ({"roads": {}}, r"\[roads\]: path is missing"),
        ({"roads": "roads.gpkg"}, r"\[roads\] must be a section"),
        ({"study": {"name": "a", "lang": "fr"}}, r"should be one of 'zh', 'en'"),
        ({"facilities": [{"path": "a", "kind": "firestation"}]}, r"did you mean 'fire_station'"),
        ({"demand": [{"path": "a", "people": "p", "total": 5}]}, r"either people or total"),
        ({"demand": [{"path": "a", "people": True}]}, r"people = True should be text in quotes or a number"),
        ({"response": {"bands_min": [5, 3]}}, r"minutes that rise"),
        ({"report": {"formats": []}}, r"\[report\] formats is empty"),
        ({"atlas": {"formats": []}}, r"\[atlas\] formats is empty"),
        (
            {"snap": {"access_kph": 0}},
            r"\[snap\]: access_kph = 0 should be a number above 0 and up to 300 km/h",
        ),
        ({"snap": {"max_m": "far"}}, r"max_m = 'far' should be a number"),
        ({"siting": {"goal": "best", "n": 0}}, r"n = 0 asks for no new site"),
        ({"candidates": {"min_area_m2": {"secnd": 2000}}}, r"min_area_m2 'secnd' .* did you mean 'second'"),
        ({"candidates": {"station_class": "third"}}, r"\[candidates\] station_class 'third' is unknown"),
    ],
)
def test_a_fault_is_told_in_plain_words(change: dict[str, object], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        parse_study(LEAST | change, folder=Path("/a"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(StudyError, match=r"3 fault\(s\)"):
        parse_study({"study": {}, "roads": {"path": 3}, "demand": LEAST["demand"]}, folder=Path("/a"))


def test_words_of_whole_sections_are_judged_beside_a_section_with_a_fault() -> None:
    """A key that is unknown hides no kind that is, and no stand-in of a section gives a fault of its own."""
    sections = {**LEAST, "study": {"name": "a", "lagn": "zh"}, "zones": [{"path": 3}, {"path": "z.gpkg"}]}
    sections |= {"facilities": [{"path": "s.csv", "kind": "fire_staton"}], "roads": {"pth": "r.gpkg"}}
    with pytest.raises(StudyError) as told:
        parse_study(sections, folder=Path("/a"))
    for words in ("5 fault(s)", "'lagn'", "'pth'", "'path'", "[[zones]] 1", "fire_staton"):
        assert words in str(told.value)


def test_a_study_file_that_is_missing_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        read_study(tmp_path / "none.toml")
    gbk = tmp_path / "gbk.toml"
    gbk.write_bytes('[study]\nname = "崇明"'.encode("gb18030"))
    with pytest.raises(FileError, match="not UTF-8"):
        read_study(gbk)
    broken = tmp_path / "broken.toml"
    broken.write_text("[study\nname = 3", encoding="utf-8")
    with pytest.raises(StudyError, match=r"not a valid study file.*line 1"):
        read_study(broken)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'name = "C:\data"', r"in paths write / instead of \\"),
        ("name = \u201c崇明\u201d", r'English keyboard: " = \[ \]'),
        ("name ", r"\(at line 2, column \d+\)"),
    ],
)
def test_a_study_file_that_is_no_toml_says_what_to_write(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "study.toml").write_text(f"[study]\n{line}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=words):
        read_study(tmp_path / "study.toml")


def test_a_windows_path_that_became_a_line_break_is_told() -> None:
    # "data\new.csv" is a valid text of TOML, with a line break in it.
    study = parse_study(LEAST, folder=Path("/a"))
    with pytest.raises(StudyError, match=r"'data\\new.csv' is spoilt: in paths write /"):
        study.file("data\new.csv")
    assert study.file("数据\u3000新.csv").name == "数据\u3000新.csv"


def test_a_road_alone_is_its_name() -> None:
    roads = {"close_roads": ["陈海公路", {"highway": ["primary"]}], "slow": ["陈海公路"]}
    with pytest.raises(StudyError) as raised:
        parse_study(LEAST | {"scenarios": [{"name": "a", **roads}]}, folder=Path("/a"))
    assert "slow 1: factor" in str(raised.value)  # slow by how much?
    assert "close_roads" not in str(raised.value)
    del roads["slow"]
    study = parse_study(LEAST | {"scenarios": [{"name": "a", **roads}]}, folder=Path("/a"))
    assert [closed.name for closed in study.scenarios[0].close_roads] == ["陈海公路", None]


def test_a_study_that_was_read_cannot_be_changed() -> None:
    """Lists of the file become tuples and its tables views: no room can change what another one reads."""
    more = {
        "response": {"bands_min": [3, 5], "facility_status": ["existing", "planned"]},
        "scenarios": [{"name": "a", "close": ["A"], "close_roads": [{"between": [[1.0, 2.0], [3.0, 4.0]]}]}],
        "shelters": {"planned_people": {"城桥镇": 100}},
        "facilities": [{"path": "stations.csv", "columns": {"name": "站名"}, "where": {"类别": ["一级", 2]}}],
    }
    study = parse_study(LEAST | more, folder=Path("/a"))
    assert study.response.bands_min == (3.0, 5.0)
    assert study.scenarios[0].close_roads[0].between == ((1.0, 2.0), (3.0, 4.0))
    assert study.facilities[0].where == {"类别": ("一级", 2)}
    for table in (study.facilities[0].columns, study.facilities[0].where, study.shelters.planned_people):
        with pytest.raises(TypeError):
            table["more"] = "x"  # type: ignore[index]
    assert study.settings()["facilities"][0]["where"] == {"类别": ["一级", 2]}
    assert json.loads(json.dumps(study.settings())) == study.settings()


def test_no_setting_holds_what_can_be_changed() -> None:
    """Neither by default: two studies would share it."""
    study = parse_study(LEAST, folder=Path("/a"))

    def held(value: Any) -> Iterator[Any]:
        yield value
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                yield from held(getattr(value, field.name))
        elif isinstance(value, tuple):
            for part in value:
                yield from held(part)

    assert not [value for value in held(study) if isinstance(value, list | dict | set)]


def test_most_people_of_a_station_is_the_number_of_the_plans() -> None:
    """JS-1 and SJ-1, in units of 10,000 people a station."""
    for plan, target in (("jinshan", "JS-1"), ("songjiang", "SJ-1")):
        (limit,) = [row.value for row in load_plan(plan).targets if row.id == target]
        assert limit * 10_000 == PEOPLE_PER_STATION
    study = parse_study(LEAST | {"zoning": {}}, folder=Path("/a"))
    assert study.zoning is not None
    assert study.response.people_limit == study.zoning.most_people == PEOPLE_PER_STATION


def test_the_kinds_of_a_section_are_those_that_the_rules_know() -> None:
    known = {kind for rule in load_zone_rules() for kind in rule.kinds}
    assert {*SensitiveSpec.KINDS, *ObstacleSpec.KINDS} == known


def test_a_study_goes_whole_to_another_process() -> None:
    zoning = {"most_people_of": {"A": 1200}}
    facilities = [{"path": "stations.csv", "columns": {"name": "名称"}, "where": {"类别": ["消防站"]}}]
    study = parse_study(LEAST | {"facilities": facilities, "zoning": zoning}, folder=Path("/a"))
    for again in (pickle.loads(pickle.dumps(study)), copy.deepcopy(study)):
        assert again == study
        with pytest.raises(TypeError):
            again.facilities[0].columns["name"] = "other"  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ('where = { 类型 = ["消防站"] }', 'where = { "类型" = ["消防站"] }'),
        ("where = { 类型 = [消防站, 二级] }", 'where = { "类型" = ["消防站", "二级"] }'),
        ("columns = { people = 人口（万） }", 'columns = { people = "人口（万）" }'),
        ("people = 人口", 'people = "人口"'),
        ("name = “崇明”", 'name = "崇明"'),
        (r'path = "数据\村.csv"', 'path = "数据/村.csv"'),
        ("synthetic = True", "synthetic = true"),
        ("乡镇 = 3", '"乡镇" = 3'),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_line_that_is_no_toml_is_shown_with_its_cure(
    tmp_path: Path, line: str, cure: str, lang: Lang
) -> None:
    file = tmp_path / "study.toml"
    file.write_text(f'[study]\nlang = "{lang}"\n{line}\n', encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_study(file)
    told = error.value.say(find_lang(file))
    assert line in told
    assert told.endswith(cure)
    assert "第 3 行" in told if lang == "zh" else "line 3" in told
    # Followed as it is told, the file is TOML.
    tomllib.loads(file.read_text(encoding="utf-8").replace(line, cure))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[study]\nname = "a\n', "没有成对"),
        ('[study]\nname = "a"\nname = "b"\n', "写了两次"),
        ("[facilities]\n[facilities]\n", "写成 \\[\\[...\\]\\]"),
        ("[study]\nnam = 3\n", "不认识设置 'nam'；是否应为 'name'？"),
        ('[study]\nname = "a"\n', "缺少 \\[\\[demand\\]\\]"),
    ],
)
def test_faults_of_a_study_file_are_told_in_chinese(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        read_study(file)
    assert re.search(words, error.value.say("zh"))
    assert not re.search("[\u4e00-\u9fff]", error.value.say("en"))
