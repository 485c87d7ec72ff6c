"""Only rows of the section's kind count where a column tells kinds apart; the others are told."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from ezdxf.filemanagement import new as new_drawing
from pyproj import CRS

from geo.errors import InputError
from geo.stations import make_facilities
from geo.study import read_inputs, read_study, run_study
from geo.study.inputs.kinds import keep_kind
from geo.study.inputs.log import StudyLayer, read_spec
from geo.study.settings import LayerSpec
from tests.shared import case
from tests.studies import lonlat, town_study

pytestmark = pytest.mark.study


def layer(
    folder: Path, header: str, words: list[str], *, more: dict[str, list[str]] | None = None
) -> StudyLayer:
    """Write a table as a planner keeps it, and read it: a row a word, 1 km apart."""
    book = openpyxl.Workbook()
    sheet = book.active
    columns = {header: words, **(more or {})}
    sheet.append(["名称", *columns, "经度", "纬度"])
    for k, row in enumerate(zip(*columns.values(), strict=True)):
        sheet.append([f"第{k}处", *row, 121.5 + 0.01 * k, 31.2])
    path = folder / "all.xlsx"
    book.save(path)
    return read_spec(LayerSpec(str(path), crs="EPSG:4326"), path, section="facilities 1")


MIXED = ["消防站", "微型消防站", "避难场所", "物资储备点", "消火栓", "村", "消防站"]


@pytest.mark.parametrize("header", ["类型", "设施类型", "种类", "小类", "kind", "Type", "消防设施类型"])
@pytest.mark.parametrize(
    ("kind", "n"), [("fire_station", 2), ("micro_station", 1), ("shelter", 1), ("depot", 1), ("hydrant", 1)]
)
def test_one_workbook_of_many_kinds(tmp_path: Path, header: str, kind: str, n: int) -> None:
    kept, notes = keep_kind(layer(tmp_path, header, MIXED), kind)
    assert len(kept.table) == kept.report.n_kept == n
    assert len(notes) == 1
    assert f"{n} of 7 rows" in str(notes[0])
    assert header in notes[0].say("zh")


@pytest.mark.parametrize(
    ("words", "kind", "rows"),
    [
        # The words of others: fire brigades, maps, OpenStreetMap, levels in front, two in a cell.
        (["一级站", "特勤站", "微型站", "消火栓"], "fire_station", [2, 3]),
        (["消防救援站", "社区微型消防站", "政府专职消防队"], "fire_station", [2, 4]),
        (["fire_station", "fire_hydrant", "police"], "fire_station", [2]),
        (["Fire Station", "Hydrant", "Shelter"], "shelter", [4]),
        (["村居储备点", "固定避难场所", "储备库、避难场所"], "depot", [2, 4]),
        (
            ["政府机构及社会团体;公检法机构;消防机关", "公共设施;紧急避难场所;紧急避难场所"],
            "fire_station",
            [2],
        ),
        (["地上式消火栓", "消防水鹤", "取水点"], "hydrant", [2, 3]),
        (["地上式消火栓", "消防水鹤", "取水点"], "water_point", [3, 4]),
        # Words that are not known, and cells without one, do not count beside another kind.
        (["消防站", "消火栓", "值班室", ""], "fire_station", [2]),
        # A school is a shelter where no word of a kind stands beside it.
        (["学校", "公园"], "shelter", [2, 3]),
        (["避难场所", "学校"], "shelter", [2]),
        (["市级", "街镇级", "社区"], "depot", [2, 3, 4]),
        (["一级站", "二级站", "航空站"], "fire_station", [2, 3, 4]),
        # People of a list with stations in it; other words are villages of some sort.
        (["村", "消防站", "林场", ""], "village", [2, 4, 5]),
        (["消防站", "消火栓"], "village", [2, 3]),
    ],
)
def test_which_rows_count(tmp_path: Path, words: list[str], kind: str, rows: list[int]) -> None:
    kept, notes = keep_kind(layer(tmp_path, "类型", words), kind)
    assert kept.table.index.tolist() == rows
    assert bool(notes) or len(rows) == len(words)


def test_what_does_not_count_is_told_by_word_number_and_kind(tmp_path: Path) -> None:
    words = ["消防站", "消火栓", "消火栓", "值班室", ""]
    _, (note,) = keep_kind(layer(tmp_path, "类型", words), "fire_station")
    assert "消火栓 2 (hydrants), 值班室 1, not said 1" in str(note)
    assert "消火栓 2 行（消火栓）" in note.say("zh")


def test_a_strange_word_beside_the_kind_alone_counts_and_is_told(tmp_path: Path) -> None:
    kept, (note,) = keep_kind(layer(tmp_path, "类型", ["消防站", "水上大队"]), "fire_station")
    assert len(kept.table) == 2
    assert "水上大队 1" in str(note)


@pytest.mark.parametrize("header", ["SSLX", "备注", "设施类别名", "设施名称_1"])
def test_kinds_under_a_strange_header(tmp_path: Path, header: str) -> None:
    words = ["消防站", "消防站", "市政消火栓", "市政消火栓"]
    kept, (note,) = keep_kind(layer(tmp_path, header, words), "fire_station")
    assert len(kept.table) == 2
    assert header in str(note)


def test_a_column_of_texts_that_hold_words_of_kinds_tells_none(tmp_path: Path) -> None:
    words = ["消防站东侧", "避难场所北门", "消火栓旁", "路口"]
    read = layer(tmp_path, "地址", words)
    assert keep_kind(read, "fire_station") == (read, [])


def test_words_of_kinds_that_nobody_knows_are_told(tmp_path: Path) -> None:
    kept, (note,) = keep_kind(layer(tmp_path, "点位类型", ["XF", "XF", "XHS"]), "fire_station")
    assert len(kept.table) == 3
    assert "XF 2, XHS 1" in str(note)


def test_no_row_of_the_kind_stops_with_ways_out_that_work(tmp_path: Path) -> None:
    read = layer(tmp_path, "类型", ["消火栓", "避难场所"])
    with pytest.raises(InputError, match=r"all.xlsx.*类型.*by_kind = false"):
        keep_kind(read, "fire_station")
    with pytest.raises(InputError, match="没有一行是消防站"):
        keep_kind(read, "fire_station", lang="zh")
    assert keep_kind(read, "fire_station", asked=["类型"])[0] is read


def test_the_class_says_micro_station_where_the_type_says_fire_station(tmp_path: Path) -> None:
    read = layer(tmp_path, "设施类型", ["消防站", "消防站"], more={"类别": ["一级站", "微型站"]})
    assert keep_kind(read, "fire_station")[0].table.index.tolist() == [2]


def test_tags_of_openstreetmap_are_kinds_whatever_they_say(tmp_path: Path) -> None:
    tags = {"amenity": ["fire_station", None, "ranger_station"], "emergency": [None, "fire_hydrant", None]}
    frame = gpd.GeoDataFrame(tags, geometry=shapely.points([121.5, 121.51, 121.52], 31.2), crs=4326)
    frame.to_file(tmp_path / "export.geojson")
    read = read_spec(LayerSpec("export.geojson"), tmp_path / "export.geojson", section="facilities 1")
    kept, (note,) = keep_kind(read, "fire_station")
    assert len(kept.table) == 1
    assert "ranger_station 1" in str(note)


def write_kml(path: Path, marks: dict[str, str]) -> None:
    """Write a placemark a folder path: path -> name."""
    text = "".join(
        "<Folder><name>" + "</name><Folder><name>".join(way.split("/")) + "</name>"
        f"<Placemark><name>{name}</name><Point><coordinates>121.5,31.2,0</coordinates></Point></Placemark>"
        + "</Folder>"
        * len(way.split("/"))
        for way, name in marks.items()
    )
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{text}</Document></kml>', "utf-8")


def test_folders_of_a_kml_tell_kinds_and_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    write_kml(path, {"消防站/一级站": "甲站", "消防站和消火栓/消火栓": "栓", "避难场所": "公园"})
    read = read_spec(LayerSpec("a.kml"), path, section="facilities 1")
    for kind, name in (("fire_station", "甲站"), ("hydrant", "栓"), ("shelter", "公园")):
        assert keep_kind(read, kind)[0].table["name"].tolist() == [name]
    settled = LayerSpec("a.kml", columns={"station_class": "folder"})
    kept, _ = keep_kind(read_spec(settled, path, section="facilities 1"), "fire_station")
    made, _ = make_facilities(kept.table, kind="fire_station", crs=CRS.from_epsg(32651))
    assert made["station_class"].tolist() == ["first"]


def test_layers_of_a_drawing_tell_kinds(tmp_path: Path) -> None:
    drawing = new_drawing("R2010")
    for name, x in (("消防站", 340_000.0), ("消火栓", 341_000.0), ("图框", 342_000.0)):
        drawing.layers.add(name)
        drawing.modelspace().add_point((x, 3_450_000.0), dxfattribs={"layer": name})
    drawing.saveas(tmp_path / "a.dxf")
    read = read_spec(LayerSpec("a.dxf", crs="EPSG:32651"), tmp_path / "a.dxf", section="facilities 1")
    kept, (note,) = keep_kind(read, "fire_station")
    assert len(kept.table) == 1
    assert "图框 1" in str(note)


def test_lines_of_a_drawing_are_not_told_as_counted(tmp_path: Path) -> None:
    drawing = new_drawing("R2010")
    space = drawing.modelspace()
    space.add_point((340_000.0, 3_450_000.0), dxfattribs={"layer": "消防站"})
    space.add_line((340_000.0, 3_450_000.0), (341_000.0, 3_450_000.0), dxfattribs={"layer": "道路中心线"})
    drawing.saveas(tmp_path / "a.dxf")
    read = read_spec(LayerSpec("a.dxf", crs="EPSG:32651"), tmp_path / "a.dxf", section="facilities 1")
    # The line is no facility; make_facilities tells it as a fault of its row.
    assert keep_kind(read, "fire_station")[1] == []


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["b_one_workbook_kindcol", "b_one_workbook_kinds", "c_overpass_mixed", "b_kml_folders"]
)
def test_cases_of_mixed_layers_count_the_three_stations(name: str) -> None:
    study = read_study(case(name) / "study.toml")
    inputs = read_inputs(study)
    assert len(inputs.facilities) == 3
    people = run_study(study).coverage.table
    assert people.loc[people["is_covered"], "people"].sum() == 27_690
    if name != "b_kml_folders":
        assert any("3 of 42 rows" in str(note) for _, note in inputs.notes)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "kind", "states"),
    [
        ("b_hydrant_status2", "hydrant", {("existing", True): 18, ("existing", False): 18}),
        (
            "c_hydrant_status_words",
            "hydrant",
            {("existing", True): 5, ("existing", False): 27, ("closed", False): 4},
        ),
    ],
)
def test_cases_of_broken_hydrants(name: str, kind: str, states: dict[tuple[str, bool], int]) -> None:
    rows = read_inputs(read_study(case(name) / "study.toml")).facilities
    rows = rows[rows["kind"] == kind]
    assert rows.groupby(["status", "is_working"]).size().to_dict() == states


@pytest.mark.real
def test_a_station_off_duty_does_not_count() -> None:
    inputs = read_inputs(read_study(case("c_status_duty") / "study.toml"))
    assert inputs.facilities["status"].tolist() == ["existing", "closed", "planned"]
    assert any("do not count as existing" in str(note) for _, note in inputs.notes)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["完好", "漏水", "", "停用"], "existing 4: 1, 2, 1"),
        (["完好", "完好", "完好", "完好"], None),
        (["", "", "", ""], None),
    ],
)
def test_hydrants_that_do_not_work_are_counted_in_a_note(
    tmp_path: Path, words: list[str], told: str | None
) -> None:
    table = pd.DataFrame(lonlat((0, 0), (100, 0), (200, 0), (300, 0)), columns=["lon", "lat"])
    table.assign(状况=words).to_csv(tmp_path / "h.csv", index=False)
    layer = {"path": "h.csv", "kind": "hydrant", "crs": "EPSG:4326"}
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "stations.gpkg"}, layer]))
    notes = [note.values for _, note in inputs.notes if note.key == "study.own_conditions"]
    said = [f"existing {v['n_rows']}: {v['n']}, {v['broken']}, {v['open']}" for v in notes]
    assert said == ([told] if told else [])
