"""Facilities without coordinates stand at the village that they name; what cannot be placed is told."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.study import read_inputs, read_study
from geo.study.inputs import Inputs

pytestmark = pytest.mark.study

ROADS = """{"type": "FeatureCollection", "features": [{"type": "Feature",
"properties": {"highway": "primary"},
"geometry": {"type": "LineString", "coordinates": [[121.50, 31.2], [121.56, 31.2]]}}]}"""
VILLAGES = (
    "村名,所属乡镇,人口,经度,纬度\n东海村,甲镇,100,121.50,31.2\n东海村,乙镇,200,121.53,31.2\n"
    "西沙村,甲镇,300,121.51,31.2\n南门社区,乙镇,400,121.54,31.2\n"
)
STUDY = """
[study]
name = "t"
lang = "en"
[roads]
path = "roads.geojson"
[[facilities]]
path = "stations.csv"
crs = "EPSG:4326"
[[facilities]]
path = "{path}"
kind = "{kind}"
{crs}
[[demand]]
path = "villages.csv"
people = "人口"
{named}
crs = "EPSG:4326"
"""


def read(
    folder: Path,
    things: str,
    *,
    kind: str = "depot",
    crs: str = "",
    path: str = "things.csv",
    name: str = "村名",
) -> Inputs:
    (folder / "roads.geojson").write_text(ROADS, encoding="utf-8")
    (folder / "villages.csv").write_text(VILLAGES.replace("村名", name), encoding="utf-8")
    (folder / "stations.csv").write_text("名称,经度,纬度\n甲消防站,121.5,31.2\n", encoding="utf-8")
    (folder / "things.csv").write_text(things, encoding="utf-8")
    (folder / "study.toml").write_text(
        STUDY.format(
            kind=kind, crs=crs, path=path, named='columns = { name = "村名" }' if name == "村名" else ""
        ),
        encoding="utf-8",
    )
    return read_inputs(read_study(folder / "study.toml"))


def told(inputs: Inputs) -> str:
    faults = [fault for _, report in inputs.reports for fault in report.faults]
    return "\n".join(map(str, [*(note for _, note in inputs.notes), *faults]))


def places(inputs: Inputs, kind: str) -> list[float]:
    rows = inputs.facilities[inputs.facilities["kind"] == kind]
    return [round(x, 3) for x in rows.to_crs(4326).geometry.x]


@pytest.mark.parametrize("kind", ["depot", "shelter", "micro_station"])
@pytest.mark.parametrize("header", ["所属村居", "村居", "行政村"])
def test_a_village_is_the_place_and_the_town_decides(tmp_path: Path, kind: str, header: str) -> None:
    things = (
        f"名称,{header},所属乡镇\n一点,东海村,乙镇\n二点,西沙,\n三点,东海村委会,甲镇\n四点,南门社区居委会,\n"
    )
    inputs = read(tmp_path, things, kind=kind)
    assert places(inputs, kind) == [121.53, 121.51, 121.50, 121.54]
    assert "4 of 4 facilities without coordinates stand at the village" in told(inputs)
    assert "东海村 (甲镇), 东海村 (乙镇)" in told(inputs)


@pytest.mark.parametrize("layer", ["", 'layer = "点.csv"', 'layer = "点"', 'layer = "表一"'])
def test_a_table_in_a_zip_is_placed_as_one_beside_it(tmp_path: Path, layer: str) -> None:
    with zipfile.ZipFile(tmp_path / "things.zip", "w") as archive:
        archive.writestr("物资/点.csv", "名称,所属村居,所属乡镇\n一点,东海村,乙镇\n二点,西沙,\n")
        archive.writestr("物资/照片.jpg", b"")
    inputs = read(tmp_path, "", path="things.zip", crs=layer)
    assert places(inputs, "depot") == [121.53, 121.51]


@pytest.mark.parametrize("header", ["行政村", "CUNMC"])
def test_villages_may_be_named_by_any_of_their_headers(tmp_path: Path, header: str) -> None:
    """Shapefiles of villages call their names CUNMC, as other layers call the village they are in."""
    inputs = read(tmp_path, "名称,所属村居\n一点,西沙村\n", name=header)
    assert places(inputs, "depot") == [121.51]


def test_a_village_may_stand_in_the_name(tmp_path: Path) -> None:
    inputs = read(tmp_path, "名称\n西沙村储备点\n乙镇东海村物资点\n应急点（南门社区）\n")
    assert places(inputs, "depot") == [121.51, 121.53, 121.54]
    assert "(1 of them by a village inside their own name)" in told(inputs)


def test_what_cannot_be_placed_is_listed(tmp_path: Path) -> None:
    inputs = read(tmp_path, "名称,所属村居\n一点,东海村\n二点,北岛村\n三点,西沙村\n四点,\n")
    assert places(inputs, "depot") == [121.51]
    report = dict(inputs.reports)["facilities 2"]
    assert [(fault.row, fault.value) for fault in report.faults] == [
        (2, "东海村"),
        (3, "北岛村"),
        (5, "四点"),
    ]
    assert "2 villages fit" in str(report.faults[0])
    assert "no village that the study knows" in str(report.faults[1])
    assert (report.n_rows, report.n_kept) == (4, 1)


def test_rows_with_and_without_coordinates(tmp_path: Path) -> None:
    things = "名称,所属村居,经度,纬度\n一点,西沙村,121.555,31.2\n二点,西沙村,,\n三点,无名村,,\n"
    inputs = read(tmp_path, things, crs='crs = "EPSG:4326"')
    assert places(inputs, "depot") == [121.555, 121.51]
    report = dict(inputs.reports)["facilities 2"]
    assert [fault.row for fault in report.faults] == [4]
    assert report.n_kept == 2


def test_a_hydrant_is_not_placed_at_a_village(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no geometry"):
        read(tmp_path, "名称,所属村居\n一点,西沙村\n", kind="hydrant")
    with pytest.raises(InputError, match="北岛村"):
        read(tmp_path, "名称,所属村居\n一点,北岛村\n")


def test_kinds_are_told_apart_before_rows_are_placed(tmp_path: Path) -> None:
    inputs = read(
        tmp_path, "名称,类型,所属村居\n一点,储备点,西沙村\n二点,避难场所,西沙村\n三点,避难场所,北岛村\n"
    )
    assert places(inputs, "depot") == [121.51]
    assert not dict(inputs.reports)["facilities 2"].faults
    assert "1 of 3 rows are depots" in told(inputs)


def test_a_row_of_another_kind_without_a_place_is_no_fault(tmp_path: Path) -> None:
    rows = ["一点,储备点,西沙村,121.52,31.2", "二点,避难场所,北岛村,,", "三点,储备点,西沙村,,"]
    things = "\n".join(["名称,类型,所属村居,经度,纬度", *rows, ""])
    inputs = read(tmp_path, things, crs='crs = "EPSG:4326"')
    assert places(inputs, "depot") == [121.52, 121.51]
    assert not dict(inputs.reports)["facilities 2"].faults


def test_one_facility_that_stands_twice_is_told(tmp_path: Path) -> None:
    rows = ["一 库,121.51,31.2", "一库,121.5101,31.2", "一库,121.53,31.2", ",121.54,31.2", ",121.54,31.2"]
    things = "\n".join(["名称,经度,纬度", *rows, ""])
    inputs = read(tmp_path, things, crs='crs = "EPSG:4326"')
    assert len(places(inputs, "depot")) == 5  # each counts: which of them is true the planner knows
    assert "2 rows of depots stand in the tables before" in told(inputs)
    assert "things.csv row 3 and things.csv row 2, 10 m apart" in told(inputs)
