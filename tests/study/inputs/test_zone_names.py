"""Zones without names are told, and called by their row in the language of the study."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.study import Inputs, read_inputs, read_study
from geo.study.inputs import LayerLog
from geo.study.inputs.people import name_zones
from geo.study.inputs.zones import with_ids_apart
from tests.draft import district

TOWNS = "towns.geojson"


def inputs_of(folder: Path, towns: gpd.GeoDataFrame) -> Inputs:
    study = district.by_hand(folder)
    (folder / TOWNS).unlink()
    towns.to_crs(4326).to_file(folder / TOWNS, driver="GeoJSON")
    return read_inputs(read_study(study))


def notes_of(inputs: Inputs) -> list[str]:
    return [note.say("zh") for _, note in inputs.notes if note.key == "study.zones_no_name"]


def test_zones_without_names_are_called_by_their_row(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path, district.towns().drop(columns="名称"))
    assert inputs.zones["name"].tolist() == ["乡镇 1", "乡镇 2"]
    assert notes_of(inputs) == [
        '2 个分区中有 2 个没有名称，成果里用行号称呼；名称在哪一列，请用 columns = { name = "表头" } 指定'
    ]


def test_rows_of_several_files_that_each_count_from_one_are_told_apart() -> None:
    first = gpd.GeoDataFrame({"name": ["甲镇", "乙镇"]}, index=pd.Index(["1", "2"], name="zone_id"))
    second, third = first.assign(name=["丙镇", "丁镇"]), first.set_axis(["2", "7"]).rename_axis("zone_id")
    whole = with_ids_apart([first, second, third])
    assert whole.index.tolist() == ["1", "2", "2-1", "2-2", "3-2", "7"]
    assert with_ids_apart([first, first]).index.tolist() == ["1", "2", "1", "2"]  # one layer twice is refused
    assert whole.index.name == "zone_id"


@pytest.mark.parametrize("header", ["乡镇", "XZMC", "镇名", "XZQMC", "MC"])
def test_towns_under_the_headers_of_land_surveys_have_their_names(tmp_path: Path, header: str) -> None:
    inputs = inputs_of(tmp_path, district.towns().rename(columns={"名称": header}))
    assert inputs.zones["name"].tolist() == list(district.TOWNS)
    assert notes_of(inputs) == []


def test_facilities_in_another_town_than_they_name_are_told() -> None:
    """Of figures by town nobody would see it: a depot that names 泽南镇 counts there, wherever it stands."""
    towns = district.towns().rename(columns={"名称": "name"}).assign(level="town")
    south, north = (shape.centroid for shape in towns.geometry)
    rows = gpd.GeoDataFrame(
        {
            "name": ["甲库", "乙库", "丙库", "丁库", "戊库", float("nan")],
            "zone": ["泽南镇", "泽南", "泽北镇", None, "外镇", "泽南镇"],
        },
        index=["F1", "F2", "F3", "F4", "F5", "F6"],
        geometry=[south, north, shapely.Point(0, 0), north, south, north],
        crs=district.CRS,
    )
    log = LayerLog()
    named = name_zones(rows, towns, log)
    assert named["zone"].tolist() == ["泽南镇", "泽南镇", "泽北镇", None, "泽南镇", "泽南镇"]
    told = [note.say("zh") for _, note in log.notes if note.key == "study.facilities_other_town"]
    assert len(told) == 1
    assert "2 处设施的坐标不在表中所写的乡镇内：" in told[0]
    assert "乙库（写 泽南镇，在 泽北镇）、F6（写 泽南镇，在 泽北镇）；" in told[0]
