"""Remarks below a table are no rows of it, wherever they stand in their row; what only looks like one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.layers import read_layer

ROWS = "名称,人口,经度,纬度\n东村,120,121.5,31.6\n西村,80,121.6,31.6\n"


def read(folder: Path, below: str) -> tuple[list[str], list[str]]:
    file = folder / "villages.csv"
    file.write_text(ROWS + below, encoding="utf-8")
    layer = read_layer(file, crs="EPSG:4326")
    notes = [note.say("zh") for note in layer.report.notes if note.key == "layers.remarks_below"]
    assert not layer.report.faults
    return list(layer.table["name"]), notes


@pytest.mark.parametrize(
    "below",
    [
        "注：坐标取自地图,,,\n",
        ",,,\n备注: 2023年末数据,,,\n填表人：张三,审核人：李四,,2024年3月\n",
        ",,数据来源：统计年鉴,\n",
        "※注1：不含流动人口,,,\n注2：含户籍人口,,,\n",
        "Note: census of 2020,,,\n",
    ],
)
def test_remarks_below_are_told_and_are_no_rows(tmp_path: Path, below: str) -> None:
    names, notes = read(tmp_path, below)
    assert names == ["东村", "西村"]
    assert len(notes) == 1


def test_rows_whose_name_begins_like_a_remark_stay(tmp_path: Path) -> None:
    names, notes = read(tmp_path, "注家村,70,121.7,31.6\n来源村,60,121.8,31.6\n")
    assert names == ["东村", "西村", "注家村", "来源村"]
    assert not notes


def test_a_remark_between_rows_is_a_faulty_row(tmp_path: Path) -> None:
    file = tmp_path / "villages.csv"
    file.write_text(ROWS + "注：以下为新村,,,\n新村,70,121.7,31.6\n", encoding="utf-8")
    layer = read_layer(file, crs="EPSG:4326")
    assert list(layer.table["name"]) == ["东村", "西村", "新村"]
    assert [fault.row for fault in layer.report.faults] == [4]
