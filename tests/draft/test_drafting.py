"""What a draft says and asks: versions, people once, systems, what is left alone; and the text it writes."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.draft import Answer, Question, draft_study, take_best, write_draft
from geo.draft.names import name_of_list, read_version
from geo.draft.text import files_listed
from geo.errors import FileError, InputError
from geo.signs import toml_value
from geo.study import parse_study, read_study
from geo.words import LANGS, data_dir
from tests.draft import district
from tests.draft import test_folders as folders
from tests.draft.district import as_table, figures, write_plain

pytestmark = pytest.mark.study
values = st.recursive(
    st.text()
    | st.integers(-(2**62), 2**62)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_a_value_is_read_back_as_it_was_written(value: object) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",))))
def test_any_name_of_a_file_is_found_again_in_the_list(name: str) -> None:
    assert files_listed(f"#: {toml_value(name)}  used") == {name}


def test_the_folder_of_the_sample_gives_the_numbers_of_its_own_study(tmp_path: Path) -> None:
    """All but the settings that no file says: zones, reach of shelters, scenarios, candidates."""
    for file in (data_dir() / "sample").iterdir():
        if file.name != "study.toml":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    draft = draft_study(tmp_path)
    write_draft(draft)
    assert not draft.answered  # the towns add up to the people of the villages: one of them counts
    assert "draft.told_people" in [note.key for note in draft.notes]
    own, drafted = read_study("sample"), read_study(tmp_path / "study.toml")
    for section in ("roads", "facilities", "zones", "land", "barriers", "hazards", "sensitive", "obstacles"):
        paths = [
            sorted(
                (spec.path, getattr(spec, "kind", ""), getattr(spec, "status", ""))
                for spec in (given if isinstance(given, tuple) else (given,))
            )
            for given in (getattr(own, section), getattr(drafted, section))
        ]
        assert paths[0] == paths[1], section
    assert figures(tmp_path / "study.toml") == figures(data_dir() / "sample" / "study.toml")


def test_records_of_calls_are_no_second_list_of_stations(tmp_path: Path) -> None:
    """They have a column of stations and one called 出动时间, which in a list of stations is seconds."""
    for name in ("stations.csv", "calls.csv", "roads.geojson", "villages.csv"):
        (tmp_path / name).write_bytes((data_dir() / "sample" / name).read_bytes())
    (tmp_path / "calls.csv").rename(tmp_path / "消防站出警记录.csv")
    draft = draft_study(tmp_path)
    write_draft(draft)
    drafted = read_study(tmp_path / "study.toml")
    assert [spec.path for spec in drafted.facilities] == ["stations.csv"]
    assert [(spec.path, spec.crs) for spec in drafted.calls] == [("消防站出警记录.csv", "EPSG:4326")]
    assert [spec.path for spec in drafted.demand] == ["villages.csv"]


def answering(**choices: int) -> tuple[list[Question], object]:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return Answer(choices.get(question.about, 0), is_given=True)

    return asked, ask


def test_versions_of_a_list_are_never_counted_together_unasked(tmp_path: Path) -> None:
    folders.two_versions_of_the_stations(tmp_path)
    asked, ask = answering(version=2)
    both = draft_study(tmp_path, ask=ask)
    (question,) = asked
    assert "2 行两边都有" in question.text.say("zh")
    assert "1 行只在前者" in question.text.say("zh")
    stations = [entry for entry in both.entries if entry.role.kind == "fire_station"]
    assert len(stations) == 2
    best = draft_study(tmp_path)
    assert [entry.label for entry in best.entries if entry.role.kind == "fire_station"] == [
        "消防站一览表(2024.3定稿).xlsx"
    ]
    assert len(best.open_questions) == 1
    assert best.text.count("请核对") == 3  # the head of the file, the line above and the line itself
    _, ask = answering(version=1)
    older = draft_study(tmp_path, ask=ask)
    assert [entry.label for entry in older.entries if entry.role.kind == "fire_station"] == [
        "消防站一览表(2023.5).xlsx"
    ]
    assert "您选定" in older.text
    assert not older.open_questions


def test_the_same_people_twice_are_counted_once_and_the_difference_is_told(tmp_path: Path) -> None:
    folders.two_years_of_people(tmp_path)
    draft = draft_study(tmp_path)
    people = [entry for entry in draft.entries if entry.role.section == "demand"]
    assert [entry.label for entry in people] == ["人口2024.csv"]
    (answered,) = draft.answered
    total = int(district.villages()["人口"].sum())
    assert f"人口 {total:,} 与 {total - 50 * 36:,}" in answered.question.text.say("zh")


@pytest.mark.parametrize("choice", [0, 1])
def test_the_column_of_people_is_asked_with_its_sum(tmp_path: Path, choice: int) -> None:
    folders.people_registered_and_present(tmp_path)
    asked, ask = answering(column=choice)
    draft = draft_study(tmp_path, ask=ask)
    (question,) = asked
    total = int(district.villages()["人口"].sum())
    assert [text.say("zh") for text in question.choices] == [
        f"常住人口（合计 {total:,} 人）",
        f"户籍人口（合计 {total + 90 * 36:,} 人）",
    ]
    write_draft(draft)
    assert figures(tmp_path / "study.toml")["people"] == total + 90 * 36 * choice


@pytest.mark.parametrize(("choice", "people"), [(0, "职工人数"), (1, None)])
def test_a_column_of_staff_is_taken_for_the_people_only_with_a_question(
    tmp_path: Path, choice: int, people: str | None
) -> None:
    write_plain(tmp_path, "roads", "stations")
    table = as_table(district.villages()).rename(columns={"人口": "职工人数"})
    table.to_csv(tmp_path / "村居人口.csv", index=False)
    asked, ask = answering(column=choice)
    draft = draft_study(tmp_path, ask=ask)
    assert "职工" in asked[-1].text.say("zh")
    assert asked[-1].about == "column"
    (entry,) = [entry for entry in draft.entries if entry.role.section == "demand"]
    assert entry.settings.get("people") == people
    part = district.villages().assign(职工人数=5, 老年人口=9)
    as_table(part).to_csv(tmp_path / "村居人口.csv", index=False)
    asked, ask = answering()
    draft_study(tmp_path, ask=ask)  # everybody stands before any part of them
    assert not asked


@pytest.mark.parametrize("header", ["常住户", "户籍地编码", "户均人口"])
def test_households_and_codes_are_not_offered_as_people(tmp_path: Path, header: str) -> None:
    write_plain(tmp_path, "roads", "stations")
    as_table(district.villages()).rename(columns={"人口": header}).to_csv(
        tmp_path / "村居人口.csv", index=False
    )
    asked, ask = answering()
    draft = draft_study(tmp_path, ask=ask)
    assert header not in [entry.settings.get("people") for entry in draft.entries]
    assert not [question for question in asked if question.about == "column"]


def test_a_row_whose_place_is_spoilt_does_not_spoil_the_others(tmp_path: Path) -> None:
    """One pair is exchanged, one lost its point, one was never filled in: the others are degrees."""
    write_plain(tmp_path, "roads", "stations")
    table = as_table(district.villages())
    places = ["经度", "纬度"]
    table.loc[3, places] = table.loc[3, places[::-1]].to_numpy()
    table.loc[5, "经度"] *= 10
    table.loc[7, places] = 0.0
    table.to_csv(tmp_path / "村居人口.csv", index=False)
    draft = draft_study(tmp_path)
    (entry,) = [entry for entry in draft.entries if entry.role.section == "demand"]
    assert entry.settings["crs"] == "EPSG:4326"
    assert not draft.answered


def test_a_shifted_list_is_asked_about_with_its_distances(tmp_path: Path) -> None:
    folders.stations_in_gcj02_unsaid(tmp_path)
    draft = draft_study(tmp_path)
    systems = [answered for answered in draft.answered if answered.question.about == "system"]
    assert [answered.taken.say("zh") for answered in systems] == ["GCJ-02", "GCJ-02"]
    assert "GCJ-02" in draft.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.parametrize("name", ["管道.xml", "管道.csv", "管道.zip"])
def test_a_pipe_is_left_alone_and_not_waited_for(tmp_path: Path, name: str) -> None:
    write_plain(tmp_path, "villages", "roads", "towns")
    os.mkfifo(tmp_path / name)
    draft = draft_study(tmp_path)
    assert (name, "draft.left_special") in [(left.path, left.reason.key) for left in draft.left_alone]


def test_each_file_that_is_left_alone_is_told_with_its_reason(tmp_path: Path) -> None:
    folders.pictures_documents_and_what_programs_leave(tmp_path)
    draft = draft_study(tmp_path)
    told = {left.path: left.reason.key for left in draft.left_alone}
    assert told == {
        ".DS_Store": "draft.left_hidden",
        "Thumbs.db": "draft.left_hidden",
        "~$stations.xlsx": "draft.left_lock",
        "stations.csv.bak": "draft.left_spare",
        "会议纪要.docx": "draft.left_format",
        "待收集": "draft.left_empty_folder",
        "总体规划.pdf": "draft.left_format",
        "照片/消防站大门.jpg": "draft.left_format",
        "空表.csv": "draft.left_empty_file",
    }
    assert [unused.look.source.label for unused in draft.unused] == ["说明.txt"]
    assert files_listed(draft.text) >= set(told) | {"说明.txt"}


@pytest.mark.parametrize("spoilt", [None, "", '{"product": '])
def test_results_of_an_earlier_run_are_no_layers(spoilt: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folders.results_of_last_year(folder)
    if spoilt is not None:
        (folder / "成果2023" / "manifest.json").write_text(spoilt)
    draft = draft_study(folder)
    (left,) = [left for left in draft.left_alone if left.path == "成果2023"]
    assert left.reason.key == "draft.left_results"
    assert not [entry for entry in draft.entries if "成果" in entry.label]


def test_a_file_that_looks_like_stations_and_cannot_be_read_stays_in_the_study(tmp_path: Path) -> None:
    """Left out, the stations would be missing without a word from the check."""
    write_plain(tmp_path, "villages", "roads", "towns")
    (tmp_path / "消防站.xlsx").write_bytes(b"<html>not a workbook</html>")
    draft = draft_study(tmp_path)
    assert [entry.label for entry in draft.entries if entry.role.section == "facilities"] == ["消防站.xlsx"]
    assert "读不了" in draft.text


@pytest.mark.parametrize("part", ["roads", "demand", "facilities"])
def test_what_every_study_needs_and_the_folder_lacks_is_told(tmp_path: Path, part: str) -> None:
    files = {"roads": ["roads"], "demand": ["villages"], "facilities": ["stations", "shelters", "hydrants"]}
    write_plain(tmp_path, *(name for name in district.LAYERS if name not in files[part]))
    draft = draft_study(tmp_path)
    assert draft.missing == (part,)
    assert f"draft.text_missing_{part}" in [note.key for note in draft.told()]


def test_a_folder_without_any_layer_is_refused_with_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"a\.docx"):
        draft_study(tmp_path)
    with pytest.raises(FileError):
        draft_study(tmp_path / "none")


@pytest.mark.parametrize("lang", LANGS)
def test_the_text_is_a_study_in_each_language(tmp_path: Path, lang: str) -> None:
    folders.one_workbook_with_a_sheet_for_each_kind(tmp_path)
    draft = draft_study(tmp_path, lang=lang)
    study = parse_study(tomllib.loads(draft.text), folder=tmp_path)
    assert study.study.lang == lang
    assert {spec.sheet for spec in study.facilities} == {"消防站", "避难场所", "消火栓"}
    assert "\\" not in draft.text


def test_a_name_that_a_study_file_cannot_hold_is_told(tmp_path: Path) -> None:
    write_plain(tmp_path)
    as_table(district.shelters()).to_csv(tmp_path / "避难\t场所.csv", index=False)
    draft = draft_study(tmp_path)
    assert [left.reason.key for left in draft.left_alone] == ["draft.left_name"]


def test_a_village_may_be_named_after_what_is_no_layer(tmp_path: Path) -> None:
    write_plain(tmp_path, "stations", "roads")
    people = as_table(district.villages())
    people.loc[0, "名称"] = "汽车站新村"
    people.to_csv(tmp_path / "人口.csv", index=False)
    draft = draft_study(tmp_path)
    assert [entry.label for entry in draft.entries if entry.role.section == "demand"] == ["人口.csv"]


def test_towns_among_villages_are_told_as_people_who_may_count_twice(tmp_path: Path) -> None:
    write_plain(tmp_path, "stations", "roads")
    people = as_table(district.villages())
    people.loc[:1, "名称"] = list(district.TOWNS)
    people.to_csv(tmp_path / "人口.csv", index=False)
    assert "既有 2 个乡镇又有 34 个村居" in draft_study(tmp_path).text


def test_layers_of_a_database_with_the_same_columns_are_not_taken_for_each_other(tmp_path: Path) -> None:
    write_plain(tmp_path, "stations", "roads", "villages")
    for layer in ("water_a", "traffic_a"):
        ground = district.towns().assign(名称=["大湖", "小湖"])
        ground.to_file(tmp_path / "osm.gpkg", layer=layer)
    draft = draft_study(tmp_path)
    assert [entry.label for entry in draft.entries if entry.role.section == "barriers"] == [
        "osm.gpkg [water_a]"
    ]
    assert [unused.look.source.label for unused in draft.unused] == ["osm.gpkg [traffic_a]"]


def test_folders_too_deep_are_not_looked_into(tmp_path: Path) -> None:
    write_plain(tmp_path)
    deep = tmp_path.joinpath(*"abcdefghij")
    deep.mkdir(parents=True)
    as_table(district.planned_stations()).to_csv(deep / "stations_planned.csv", index=False)
    draft = draft_study(tmp_path)
    assert [left.reason.key for left in draft.left_alone] == ["draft.left_depth"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("消防站2023", "消防站2024"),
        ("消防站(2023.12)", "消防站(2024.3)"),
        ("消防站2024年3月", "消防站2024年11月"),
        ("消防站20240301", "消防站20240302"),
        ("消防站初稿", "消防站"),
        ("消防站", "消防站定稿"),
        ("消防站 - 副本", "消防站"),
        ("消防站v2", "消防站v10"),
        ("消防站第2稿", "消防站第3稿"),
        ("stations_old", "stations"),
        ("stations draft", "stations final"),
    ],
)
def test_the_later_name_is_the_greater_version(earlier: str, later: str) -> None:
    assert read_version(earlier) < read_version(later)
    assert name_of_list(earlier) == name_of_list(later)


def test_take_best_says_that_nobody_was_asked() -> None:
    assert take_best(Question("role", None, ())) == Answer(0, is_given=False)


def test_villages_with_two_pairs_of_coordinates_are_the_list_of_villages_too(tmp_path: Path) -> None:
    """The pair that counts is written in both sections."""
    write_plain(tmp_path, "roads")
    people = as_table(district.villages(), x="GPS经度", y="GPS纬度")
    people.assign(高德经度=people["GPS经度"] + 0.004, 高德纬度=people["GPS纬度"] - 0.002).to_csv(
        tmp_path / "各村人口.csv", index=False
    )
    depots = district.shelters().assign(名称=[f"{n}号物资储备库" for n in range(4)])
    as_table(depots.drop(columns="容纳人数")).to_csv(tmp_path / "应急物资储备库.csv", index=False)
    for lang in LANGS:
        study = tomllib.loads(draft_study(tmp_path, lang=lang).text)
        columns = {"lon": "GPS经度", "lat": "GPS纬度"}
        assert study["demand"][0]["columns"] == study["villages"]["columns"] == columns
