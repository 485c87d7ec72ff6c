"""What names of files, bands and columns say of their people."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.study.inputs.people_names import tell_names


def keys(file: str, *named: str, year: int | None = 2026) -> list[str]:
    return [note.key for note in tell_names(Path(file), named, people=1000.0, year=year)]


@pytest.mark.parametrize(
    "file",
    [
        "chn_f_60_2020.tif",
        "chn_T_F_2020_1km.tif",
        "pop_m_2020.tif",
        "60岁以上老人.xlsx",
        "旅游人口.csv",
        "女性.csv",
    ],
)
def test_a_part_of_the_people_by_the_name_of_the_file(file: str) -> None:
    assert keys(file, "人口") == ["study.people_name_part"]


def test_a_part_by_the_label_of_a_band_and_not_again_by_a_header() -> None:
    assert keys("ppp.tif", "", "female") == ["study.people_name_part"]
    assert keys("v.csv", "60岁以上人口") == []  # told of the header


@pytest.mark.parametrize(
    "file", ["chn_ppp_2035_SSP2.tif", "人口预测2035.csv", "pop_ssp245_x.tif", "ppp_rcp4.tif"]
)
def test_people_of_a_year_to_come(file: str) -> None:
    assert keys(file) == ["study.people_later"]


def test_the_year_of_the_study_itself_is_today() -> None:
    assert keys("pop.csv", "2030年人口", year=2029) == ["study.people_later"]
    assert keys("pop.csv", "2030年人口", year=2030) == []
    assert keys("pop.csv", "2199年人口", year=None) == ["study.people_later"]


@pytest.mark.parametrize(
    "file",
    [
        "chn_ppp_2020.tif",
        "常住人口.xlsx",
        "村居人员.csv",
        "hebei_2020_t.tif",
        "310151202099.csv",
        "神女镇人口.csv",
        "女姑口.xlsx",
    ],
)
def test_names_that_say_nothing_of_the_kind(file: str) -> None:
    assert keys(file, "人口") == []
