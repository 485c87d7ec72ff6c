"""The same folder again: what the planner wrote stays, new files are added, nothing counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.draft import draft_study, write_draft
from geo.errors import StudyError
from tests.draft import district
from tests.draft.district import as_table, figures, write_plain

pytestmark = pytest.mark.study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose study was drafted, and then changed by hand."""
    write_plain(tmp_path, "stations", "villages", "roads", "towns")
    write_draft(draft_study(tmp_path))
    study = tmp_path / "study.toml"
    text = study.read_text(encoding="utf-8")
    text = text.replace('status = "existing"', 'status = "existing"   # checked by Wang, 3 May')
    study.write_text(text + "\n[response]\nbands_min = [4, 8]\n", encoding="utf-8")
    return tmp_path


def text_of(folder: Path) -> str:
    return (folder / "study.toml").read_text(encoding="utf-8")


def test_nothing_new_changes_nothing(folder: Path) -> None:
    before = text_of(folder)
    draft = draft_study(folder)
    assert not draft.is_changed
    assert write_draft(draft) is None
    assert text_of(folder) == before


def test_a_new_file_is_added_and_every_line_of_the_planner_stays(folder: Path) -> None:
    before = text_of(folder)
    write_plain(folder, "shelters")
    draft = draft_study(folder)
    copy = write_draft(draft)
    assert copy is not None
    assert copy.read_text(encoding="utf-8") == before
    lines = iter(text_of(folder).splitlines())
    assert all(line in lines for line in before.splitlines())  # in their order, nothing gone
    assert figures(folder / "study.toml")["facilities"] == {"fire_station existing": 3, "shelter existing": 4}
    assert not draft_study(folder).is_changed


def test_copies_of_earlier_files_are_never_written_over(folder: Path) -> None:
    first = text_of(folder)
    write_plain(folder, "shelters")
    one = write_draft(draft_study(folder))
    write_plain(folder, "hydrants")
    two = write_draft(draft_study(folder))
    assert one is not None
    assert two is not None
    assert one != two
    assert one.read_text(encoding="utf-8") == first


def test_a_section_that_the_planner_took_away_does_not_come_back(folder: Path) -> None:
    text = text_of(folder)
    start = text.index("[[zones]]")
    end = text.index("\n\n", start)
    (folder / "study.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert not draft_study(folder).is_changed


def test_a_new_version_of_a_list_is_told_and_not_counted_beside_the_old(folder: Path) -> None:
    more = as_table(district.stations())
    more.loc[3] = ["泽外消防救援站", "小型站", more["经度"][0] + 0.01, more["纬度"][0]]
    more.to_csv(folder / "消防站2025.csv", index=False, encoding="utf-8-sig")
    draft = draft_study(folder)
    assert [unused.reason.key for unused in draft.unused] == ["draft.unused_has_version"]
    (told,) = [note.say("zh") for note in draft.told() if note.key == "draft.told_unused"]
    assert "3 行两边都有，1 行只在前者" in told
    write_draft(draft)
    assert figures(folder / "study.toml")["facilities"] == {"fire_station existing": 3}


def test_other_people_are_not_added_to_those_of_the_study(folder: Path) -> None:
    before = figures(folder / "study.toml")
    as_table(district.villages()).to_csv(folder / "人口普查.csv", index=False, encoding="utf-8-sig")
    district.roads().to_file(folder / "公路.gpkg")
    draft = draft_study(folder)
    assert sorted(unused.reason.key for unused in draft.unused) == [
        "draft.unused_counted",
        "draft.unused_has",
    ]
    write_draft(draft)
    assert figures(folder / "study.toml") == before


def test_a_file_that_is_gone_is_told(folder: Path) -> None:
    (folder / "towns.geojson").unlink()
    draft = draft_study(folder)
    assert draft.gone == ("towns.geojson",)
    assert not draft.is_changed


def test_a_study_written_by_hand_is_added_to_as_well(tmp_path: Path) -> None:
    study = district.by_hand(tmp_path)
    before = study.read_text(encoding="utf-8")
    as_table(district.planned_stations()).to_csv(
        tmp_path / "规划消防站.csv", index=False, encoding="utf-8-sig"
    )
    write_draft(draft_study(tmp_path))
    assert text_of(tmp_path).startswith(before)
    assert figures(study)["facilities"]["fire_station planned"] == 2
    assert not draft_study(tmp_path).is_changed


def test_a_study_file_that_is_broken_is_left_as_it_is(folder: Path) -> None:
    (folder / "study.toml").write_text("[study\nname = 1", encoding="utf-8")
    with pytest.raises(StudyError):
        draft_study(folder)
    assert text_of(folder) == "[study\nname = 1"
