"""A study carried over to the data of another year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from geo.draft import Answer, carry_over, draft_study, write_draft
from tests.draft import district
from tests.draft.district import as_table, by_hand, figures
from tests.studies import write_study

pytestmark = pytest.mark.study
OLD: Mapping[str, Any] = {
    "study": {"name": "泽区2024年评估", "lang": "zh"},
    "roads": {"path": "roads.geojson"},
    "facilities": [{"path": "消防站(2024.3定稿).csv", "kind": "fire_station", "crs": "EPSG:4326"}],
    "demand": [{"path": "人口/2024年村居人口.csv", "people": "2024年人口", "crs": "EPSG:4326"}],
    "zones": [{"path": "towns.geojson", "level": "town"}],
}


def write_year(folder: Path, year: int, *, more: int = 0) -> None:
    people = as_table(district.villages())
    (folder / "人口").mkdir(parents=True, exist_ok=True)
    people = people.assign(**{f"{year}年人口": people["人口"] + more}).drop(columns="人口")
    people.to_csv(folder / f"人口/{year}年村居人口.csv", index=False, encoding="utf-8-sig")
    as_table(district.stations()).to_csv(
        folder / f"消防站({year}.3定稿).csv", index=False, encoding="utf-8-sig"
    )
    for part in ("roads", "towns"):
        district.LAYERS[part]().to_crs(4326).to_file(folder / f"{part}.geojson", driver="GeoJSON")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "2024"
    write_year(folder, 2024)
    file = write_study(folder, OLD)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[roads]", "# 道路来自测绘院 2024\n[roads]"), encoding="utf-8")
    return file


def test_each_path_and_header_goes_to_its_successor(old: Path, tmp_path: Path) -> None:
    write_year(tmp_path / "2025", 2025, more=10)
    carried = carry_over(old, folder=tmp_path / "2025", year=2025)
    write_draft(carried)
    assert not carried.unmatched
    assert not carried.open_questions
    text = (tmp_path / "2025" / "study.toml").read_text(encoding="utf-8")
    assert text == old.read_text(encoding="utf-8").replace("2024", "2025").replace(
        "# 道路来自测绘院 2025", "# 道路来自测绘院 2024"
    )
    last, this = figures(old), figures(tmp_path / "2025" / "study.toml")
    assert this["people"] == last["people"] + 36 * 10
    assert this["facilities"] == last["facilities"]


def test_a_file_of_another_name_is_found_by_its_columns_and_marked(old: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2025"
    write_year(folder, 2025)
    (folder / "消防站(2025.3定稿).csv").rename(folder / "队站信息.csv")
    carried = carry_over(old, folder=folder, year=2025)
    assert 'path = "队站信息.csv"  # 请核对' in carried.text
    assert "draft.carry_columns" in [note.key for note in carried.matched]


def test_what_has_no_successor_stays_in_use_and_is_told(old: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2025"
    write_year(folder, 2025)
    (folder / "towns.geojson").unlink()
    carried = carry_over(old, folder=folder, year=2025)
    assert 'path = "../2024/towns.geojson"  # 请核对' in carried.text
    assert [note.key for note in carried.unmatched] == ["draft.carry_none"]
    write_draft(carried)
    assert figures(folder / "study.toml") == figures(old)


def test_in_the_same_folder_the_new_study_and_its_results_bear_the_year(old: Path) -> None:
    write_year(old.parent, 2025, more=5)
    carried = carry_over(old, year=2025)
    assert carried.file.name == "study-2025.toml"
    assert 'out = "out-2025"' in carried.text
    assert 'path = "roads.geojson"' in carried.text
    before = old.read_text(encoding="utf-8")
    write_draft(carried)
    assert old.read_text(encoding="utf-8") == before
    assert figures(carried.file)["people"] == figures(old)["people"] + 36 * 5


def test_carrying_over_twice_changes_nothing(old: Path, tmp_path: Path) -> None:
    write_year(tmp_path / "2025", 2025)
    write_draft(carry_over(old, folder=tmp_path / "2025", year=2025))
    again = carry_over(old, folder=tmp_path / "2025", year=2025)
    assert not again.is_changed


def test_a_drafted_study_is_carried_with_its_list_of_files(tmp_path: Path) -> None:
    write_year(tmp_path / "2024", 2024)
    write_draft(draft_study(tmp_path / "2024"))
    write_year(tmp_path / "2025", 2025)
    write_draft(carry_over(tmp_path / "2024" / "study.toml", folder=tmp_path / "2025", year=2025))
    assert "消防站(2025.3定稿).csv" in (tmp_path / "2025" / "study.toml").read_text(encoding="utf-8")
    assert not draft_study(tmp_path / "2025").is_changed


def test_a_sheet_of_the_year_is_followed(tmp_path: Path) -> None:
    from tests.draft.test_folders import excel

    study = by_hand(tmp_path)
    sheets = {"2024": as_table(district.stations()), "2025": as_table(district.stations()).iloc[:2]}
    excel(tmp_path / "站.xlsx", sheets)
    text = study.read_text(encoding="utf-8").replace('"stations.csv"', '"站.xlsx"\nsheet = "2024"')
    study.write_text(text, encoding="utf-8")
    carried = carry_over(study, year=2025)
    assert 'sheet = "2025"' in carried.text


@pytest.mark.parametrize(
    ("base", "expected", "told"), [(2024, 2025, "draft.carry_base"), (2020, 2020, "draft.carry_base_stays")]
)
def test_the_base_year_goes_with_the_data_and_that_of_a_plan_stays(
    old: Path, tmp_path: Path, base: int, expected: int, told: str
) -> None:
    old.write_text(
        old.read_text(encoding="utf-8") + f"\n[projects]\nbase_year = {base}  # 基准年\n", encoding="utf-8"
    )
    write_year(tmp_path / "2025", 2025)
    carried = carry_over(old, folder=tmp_path / "2025", year=2025)
    assert f"base_year = {expected}  # 基准年" in carried.text
    assert told in {message.key for message in carried.told()}


def test_comments_tell_the_counts_and_sums_of_the_new_files(tmp_path: Path) -> None:
    """Each of 36 villages has 10 people more: 360 in all. What the planner wrote herself stays."""
    old = tmp_path / "2024"
    write_year(old, 2024)
    draft = draft_study(old, ask=lambda question: Answer(0, is_given=True))
    write_draft(draft)
    people = int(district.villages()["人口"].sum())
    assert f"合计 {people:,} 人，36 行" in draft.text
    write_year(tmp_path / "2025", 2025, more=10)
    own = draft.text.replace("# 乡镇街道界线", "# 合计 36 行，我自己写的\n# 乡镇街道界线")
    draft.file.write_text(own, encoding="utf-8")
    carried = carry_over(draft.file, folder=tmp_path / "2025", year=2025)
    assert f"合计 {people + 360:,} 人，36 行" in carried.text
    assert f"{people:,}" not in carried.text
    assert "# 合计 36 行，我自己写的" in carried.text


def test_what_was_chosen_of_the_old_versions_is_not_told_of_the_new(tmp_path: Path) -> None:
    old, new = tmp_path / "2024", tmp_path / "2025"
    for folder, year in ((old, 2024), (new, 2025)):
        write_year(folder, year)
    table = as_table(district.stations())
    table.iloc[:2].to_csv(old / "消防站(2022.3定稿).csv", index=False, encoding="utf-8-sig")
    draft = draft_study(old, ask=lambda question: Answer(1, is_given=True))
    assert "您选定：消防站(2022.3定稿).csv（2 行" in draft.text
    write_draft(draft)
    carried = carry_over(draft.file, folder=new, year=2025)
    line = next(line for line in carried.text.splitlines() if "消防站(2025.3定稿).csv" in line)
    assert "您选定" not in line
    assert "3 行" in line
