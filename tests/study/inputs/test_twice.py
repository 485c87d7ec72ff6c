"""People and facilities that may count wrongly: twice, at one place, or though a remark says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.layers import LayerReport
from geo.study import Inputs, read_inputs
from geo.study.inputs.counted import settle_remarked, tell_remarked
from geo.study.inputs.log import StudyLayer
from tests.studies import PEOPLE, VILLAGES, frame, lonlat, points, town_study, write_town

VILLAGE_SECTION = {"path": "villages.gpkg", "people": "heads"}


def keys(inputs: Inputs, section: str) -> list[str]:
    return [note.key for name, note in inputs.notes if name == section]


def town(folder: Path, *demand: dict[str, Any]) -> Inputs:
    towns = frame([shapely.box(-500, -500, 6500, 5500)], name=["all"], people=[float(sum(PEOPLE))])
    towns.to_file(folder / "census.gpkg")
    return read_inputs(town_study(folder, demand=[VILLAGE_SECTION, *demand]))


def test_the_same_rows_in_two_sections(tmp_path: Path) -> None:
    inputs = town(tmp_path, dict(VILLAGE_SECTION))
    (note,) = [note for name, note in inputs.notes if note.key == "study.people_rows_twice"]
    assert note.values["n"] == len(VILLAGES)
    assert "[demand 1]" in note.say("zh")
    # Parted by where they are not the same.
    parted = [{**VILLAGE_SECTION, "where": {"name": names}} for names in (["v1", "v2"], ["v3", "v4", "v5"])]
    inputs = read_inputs(town_study(tmp_path, demand=parted))
    assert "study.people_rows_twice" not in keys(inputs, "demand 2")
    assert inputs.demand["people"].sum() == sum(PEOPLE)


def test_as_many_people_on_the_same_ground(tmp_path: Path) -> None:
    census = {"path": "census.gpkg", "method": "zones", "people": "people", "over": "villages.gpkg"}
    assert keys(town(tmp_path, census), "demand 2").count("study.people_ground_twice") == 1


def test_other_people_on_the_same_ground_are_no_doubt(tmp_path: Path) -> None:
    frame(points((900, 0), (4100, 0)), pupils=[300.0, 200.0]).to_file(tmp_path / "schools.gpkg")
    inputs = town(tmp_path, {"path": "schools.gpkg", "people": "pupils"})
    assert "study.people_ground_twice" not in keys(inputs, "demand 2")
    away = frame(points((200_000, 0), (201_000, 0)), heads=[1000.0, 1050.0])
    away.to_file(tmp_path / "away.gpkg")
    inputs = town(tmp_path, {"path": "away.gpkg", "people": "heads"})
    assert "study.people_ground_twice" not in keys(inputs, "demand 2")


@pytest.mark.parametrize(("n_there", "is_told"), [(2, False), (3, True), (5, True)])
def test_villages_at_exactly_one_place(tmp_path: Path, n_there: int, is_told: bool) -> None:
    places = list(VILLAGES.values())
    places[:n_there] = [places[0]] * n_there
    table = pd.DataFrame(lonlat(*places), columns=["lon", "lat"]).assign(name=list(VILLAGES), heads=PEOPLE)
    table.to_csv(tmp_path / "v.csv", index=False)
    section = {"path": "v.csv", "people": "heads", "crs": "EPSG:4326"}
    inputs = read_inputs(town_study(tmp_path, demand=[section]))
    notes = [note for name, note in inputs.notes if note.key == "study.places_shared_people"]
    assert len(notes) == is_told
    if is_told:
        assert notes[0].values["people"] == sum(PEOPLE[:n_there])
        assert "v1、v2、v3" in notes[0].say("zh")
    # Rows of one name, such as the households of a house, are no villages.
    table.assign(name="v").to_csv(tmp_path / "v.csv", index=False)
    inputs = read_inputs(town_study(tmp_path, demand=[section]))
    assert "study.places_shared_people" not in keys(inputs, "demand 1")


def read_remarked(folder: Path, words: list[str], **more: Any) -> Inputs:
    """Read five stations with remarks and perhaps other columns."""
    table = pd.DataFrame(lonlat(*VILLAGES.values()), columns=["lon", "lat"])
    table.assign(name=list(VILLAGES), 备注=words, **more).to_csv(folder / "s.csv", index=False)
    return read_inputs(town_study(folder, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))


def test_a_plain_remark_that_a_station_is_not_in_service_is_its_status(tmp_path: Path) -> None:
    words = ["", "计划2026年建成", "已撤销", "在建", "临街，东侧有规划路"]
    inputs = read_remarked(tmp_path, words)
    assert inputs.facilities["status"].tolist() == ["existing", "planned", "closed", "planned", "existing"]
    (note,) = [note for name, note in inputs.notes if note.key == "study.remark_counts"]
    assert note.values["n"] == 3
    assert all(text in note.say("zh") for text in ("3, 4, 5", "已撤销", "备注"))
    assert "study.own_statuses" in keys(inputs, "facilities 1")
    # The way out: a column of statuses says otherwise, and goes before the remark.
    inputs = read_remarked(tmp_path, words, 状态=["在用"] * 5)
    assert inputs.facilities["status"].tolist() == ["existing"] * 5
    assert "study.remark_counts" not in keys(inputs, "facilities 1")
    assert "study.remarked" in keys(inputs, "facilities 1")


@pytest.mark.parametrize("dtype", ["object", "str", "string"])
def test_a_table_without_rows_has_no_remarks(tmp_path: Path, dtype: str) -> None:
    # An empty column of texts answers questions with texts; pandas 4 refuses to join those with yes and no.
    table = pd.DataFrame({"name": [], "备注": [], "状态": []}, dtype=dtype).rename_axis("row")
    report = LayerReport("s.csv", "CSV", "utf-8", 0, 0, (), (), "", None, None, ())
    layer = StudyLayer("facilities 1", table, report)
    settled, notes = settle_remarked(layer)
    assert settled is layer
    assert notes == tell_remarked(layer, gpd.GeoDataFrame({"status": []}, geometry=[])) == []


def test_a_remark_that_may_be_of_another_thing_is_told_and_counts(tmp_path: Path) -> None:
    words = ["原站已撤销，迁至现址", "", "", "部分停用", "2019年新建"]
    inputs = read_remarked(tmp_path, words)
    assert inputs.facilities["status"].tolist() == ["existing"] * 5
    (note,) = [note for name, note in inputs.notes if note.key == "study.remarked"]
    told = note.say("zh")
    assert all(text in told for text in ("2, 5", "部分停用", 'columns = { status = "备注" }'))
    section = {"path": "s.csv", "crs": "EPSG:4326", "columns": {"status": "备注"}}
    inputs = read_inputs(town_study(tmp_path, facilities=[section]))
    assert inputs.facilities["status"].tolist()[3] == "closed"
    assert "study.remarked" not in keys(inputs, "facilities 1")


def test_hydrants_that_a_remark_calls_broken_do_not_work(tmp_path: Path) -> None:
    table = pd.DataFrame(lonlat(*VILLAGES.values()), columns=["lon", "lat"])
    table.assign(备注=["完好", "漏水", "", "已拆除", "水压低，待修"]).to_csv(tmp_path / "h.csv", index=False)
    sections = write_town(tmp_path)["facilities"]
    hydrants = {"path": "h.csv", "kind": "hydrant", "crs": "EPSG:4326"}
    read = read_inputs(town_study(tmp_path, facilities=[*sections, hydrants])).facilities
    read = read[read["kind"] == "hydrant"]
    assert read["status"].tolist()[3] == "closed"
    works = read["is_working"].tolist()
    assert (works[1], works[4]) == (False, False)
    assert pd.isna(works[2])


def test_stations_of_one_name_far_apart_are_told(tmp_path: Path) -> None:
    table = pd.DataFrame(lonlat((0, 0), (3000, 0), (1000, 0), (5, 0), (2000, 0)), columns=["lon", "lat"])
    table = table.assign(name=["城东站", "城东 站", "消防站", "城东站", "消防站"])
    table.to_csv(tmp_path / "s.csv", index=False)
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))
    (note,) = [note for _, note in inputs.notes if note.key == "study.names_far"]
    # Row 3 is 3 km from row 2; row 5 stands beside it and is told as a repeat; 消防站 is no name.
    assert "1 行与另一行的消防站同名但相距较远" in note.say("zh")
    assert "s.csv row 3 与 s.csv row 2，相距 3000 米" in note.say("zh")
    assert "study.repeats" in {note.key for _, note in inputs.notes}
