"""Two tables on one sheet: the second is told, and none of its rows counts as one of the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.layers import read_layer

STATIONS = "站名,类别,经度,纬度\n东站,一级站,121.5,31.2\n西站,二级站,121.6,31.2\n"
SHELTERS = "名称,容纳人数,经度,纬度\n中学避难场所,900,121.5,31.3\n"


@pytest.mark.parametrize("between", ["", "\n", ",,,\n二、避难场所,,,\n"])
def test_a_table_below_another_is_told_and_not_read(between: str, tmp_path: Path) -> None:
    path = tmp_path / "设施.csv"
    path.write_text(STATIONS + between + SHELTERS, encoding="utf-8")
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ["东站", "西站"]
    (fault,) = read.report.faults
    assert fault.row == 4 + between.count("\n")
    assert fault.value == "名称, 容纳人数, 经度, 纬度"
    assert "another table" in str(fault)
    assert "1 rows are not read" in str(fault)


@pytest.mark.parametrize("between", ["", ",,,\n"])
def test_a_header_in_two_languages_is_one_header(between: str, tmp_path: Path) -> None:
    head, *rows = STATIONS.splitlines()
    path = tmp_path / "设施.csv"
    path.write_text("\n".join([head, f"{between}name,class,lon,lat", *rows]), encoding="utf-8")
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ["东站", "西站"]
    assert {fault.row for fault in read.report.faults} == {2 + between.count("\n")}


def test_words_of_headers_in_a_row_of_the_table_are_no_header(tmp_path: Path) -> None:
    """A village may be called 名称 or lack its place; numbers beside it say that it is a row."""
    path = tmp_path / "村.csv"
    path.write_text("名称,类别,经度,纬度\n名称,人口,121.5,31.2\n东村,,121.6,31.2\n", encoding="utf-8")
    assert len(read_layer(path, crs="EPSG:4326").table) == 2


def test_another_table_beside_is_no_second_place_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "设施.csv"
    rows = zip(STATIONS.splitlines(), [*SHELTERS.splitlines(), ",,,"], strict=True)
    path.write_text("\n".join(f"{one},,{other}" for one, other in rows), encoding="utf-8")
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ["东站", "西站"]
    assert any("from column 6 on another table" in str(note) for note in read.report.notes)
