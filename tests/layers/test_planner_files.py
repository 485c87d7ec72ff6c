"""Spreadsheets and shapefiles as offices really keep them: no number off by a factor, no row lost unsaid."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from geo.crs import wgs84_to_gcj02
from geo.errors import CrsError, FileError, InputError
from geo.layers import Coordinates, LayerRead, read_layer
from geo.study import read_inputs
from tests.studies import lonlat, town_study

WGS84 = {"crs": "EPSG:4326"}


def csv(folder: Path, *rows: str) -> Path:
    (folder / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "a.csv"


def book(folder: Path, rows: list[list[object]], *merged: str) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merged:
        made.active.merge_cells(area)
    made.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def faults(read: LayerRead) -> list[str]:
    return [str(fault) for fault in read.report.faults]


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["单位：万人", "（单位: 万人、公顷）"])
def test_a_unit_above_the_table_holds_for_columns_without_one(tmp_path: Path, said: str) -> None:
    # As in a yearbook: 12.3 under 常住人口 are 123,000 people; the column that says 人 itself stays.
    head = ["各镇人口,,,,", f",,,,{said}", "名称,经度,纬度,常住人口,日间人口（人）"]
    read = read_layer(csv(tmp_path, *head, "城桥,121.4,31.63,12.3,900"), **WGS84)
    assert read.table["people"].tolist() == [pytest.approx(123_000)]
    assert read.table["people_day"].tolist() == [900]
    assert any("above the header say 万人" in str(guess.why) for guess in read.report.guesses)


def test_a_unit_above_that_is_no_unit_of_a_column_changes_nothing(tmp_path: Path) -> None:
    head = ["填报单位：崇明区应急局,,,", "名称,经度,纬度,常住人口"]
    read = read_layer(csv(tmp_path, *head, "城桥,121.4,31.63,12.3"), **WGS84)
    assert read.table["people"].tolist() == [12.3]


@pytest.mark.parametrize(
    ("header", "ours", "factor"),
    [
        ("常住人口_万人", "people", 1e4), ("人口/万人", "people", 1e4), ("常住人口万人", "people", 1e4),
        ("2020年常住人口（万人）", "people", 1e4), ("area_km2", "area_m2", 1e6),
        ("面积/公顷", "area_m2", 1e4),
        ("面积-平方公里", "area_m2", 1e6), ("turnout_min", "turnout_s", 60), ("area_m2", "area_m2", 1),
        ("总人口", "people", 1), ("用地面积", "area_m2", 1),
    ],
)  # fmt: skip
def test_a_unit_behind_a_header_counts_whether_guessed_or_settled(
    tmp_path: Path, header: str, ours: str, factor: float
) -> None:
    path = csv(tmp_path, f"名称,经度,纬度,{header}", "甲,121.4,31.63,2")
    for columns in ({}, {ours: header}):
        assert read_layer(path, columns=columns, **WGS84).table[ours].tolist() == [2 * factor]


# --- merged cells and totals ---------------------------------------------------------------------


def test_a_number_merged_over_rows_is_not_counted_for_each(tmp_path: Path) -> None:
    # 900 people live in the three villages together; the town and the place hold for each row.
    rows = [
        ["名称", "经度", "纬度", "人口", "乡镇", "户数"],
        ["a", 121.4, 31.6, "900人", "城桥镇", 300],
        ["b", 121.41, 31.6, None, None, None],
        ["c", 121.42, None, None, None, None],
    ]
    read = read_layer(book(tmp_path, rows, "D2:D4", "E2:E4", "C3:C4", "F2:F4"), **WGS84)
    assert read.table["people"].fillna(0).tolist() == [900, 0, 0]
    assert read.table["户数"].fillna(0).tolist() == [300, 0, 0]
    assert read.table["zone"].tolist() == ["城桥镇"] * 3
    assert read.table.geometry.y.tolist() == [31.6] * 3
    assert faults(read) == [
        "row 2, 人口 '900人': is merged over 3 rows: it was counted once, in the first of them",
        "row 2, 户数 '300': is merged over 3 rows: it was counted once, in the first of them",
    ]


def test_a_row_of_totals_is_no_village(tmp_path: Path) -> None:
    path = csv(tmp_path, "乡镇,村名,人口", "甲镇,一村,400", ",小计,400", "乙镇,二村,500", "合 计,,900")
    read = read_layer(path, geometry="none")
    assert read.table["name"].tolist() == ["一村", "二村"]
    assert (read.report.n_rows, read.report.n_kept) == (4, 2)
    why = "is a total or an average of other rows; not kept"
    assert faults(read) == [f"row {row}, row: {why}" for row in (3, 5)]


def test_the_year_of_a_date_is_read(tmp_path: Path) -> None:
    # 建成时间 holds dates in most registers.
    rows: list[list[object]] = [["名称", "经度", "纬度", "建成时间"]]
    said = [
        datetime.datetime(2010, 5, 1),
        "2012",
        "2013年",
        "2014年6月",
        "2015/07/01",
        2016,
        "十年前",
    ]
    rows += [[f"s{i}", 121.4, 31.6, when] for i, when in enumerate(said)]
    read = read_layer(book(tmp_path, rows), **WGS84)
    assert read.table["opened_year"].fillna(0).tolist() == [2010, 2012, 2013, 2014, 2015, 2016, 0]
    assert faults(read) == ["row 8, 建成时间 '十年前': is not a year; left empty"]


# --- ids -----------------------------------------------------------------------------------------


@pytest.mark.study
def test_the_code_of_the_district_is_no_id(tmp_path: Path) -> None:
    # Three stations, two of one town: as ids the codes would make the second one a false double.
    places = lonlat((0, 0), (900, 0), (2000, 0))
    lines = [f"s{i},310151{'AAB'[i]},{lon},{lat}" for i, (lon, lat) in enumerate(places)]
    csv(tmp_path, "站名,行政区划代码,经度,纬度", *lines)
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "a.csv", **WGS84}]))
    assert inputs.facilities["name"].tolist() == ["s0", "s1", "s2"]
    report = dict(inputs.reports)["facilities 1"]
    assert "column '行政区划代码' was not taken as id: many rows share its values" in map(str, report.notes)


def test_one_id_used_twice_stays_an_id(tmp_path: Path) -> None:
    read = read_layer(csv(tmp_path, "编号,名称", "1,a", "2,b", "2,c"), geometry="none")
    assert read.table["id"].tolist() == ["1", "2", "2"]
    assert len(read.report.faults) == 1


# --- places --------------------------------------------------------------------------------------


def test_longitude_and_latitude_in_one_cell(tmp_path: Path) -> None:
    rows = ['a,"121.5,31.6"', 'b,"121.5， 31.6"', "c,121.5 31.6", 'd,"121°30′,31°36′"', "e,121.5", "f,"]
    read = read_layer(csv(tmp_path, "站名,坐标", *rows), **WGS84)
    assert read.table.geometry.x.tolist() == pytest.approx([121.5] * 4)
    assert read.table.geometry.y.tolist() == pytest.approx([31.6] * 4)
    assert faults(read) == [
        "row 6, 坐标 '121.5': is not a longitude and a latitude; not kept",
        "row 6, geometry: has no geometry; not kept",
        "row 7, geometry: has no geometry; not kept",
    ]


def test_one_cell_for_both_is_not_read_beside_columns_of_each(tmp_path: Path) -> None:
    read = read_layer(csv(tmp_path, "站名,坐标,经度,纬度", 'a,"1,2",121.5,31.6'), **WGS84)
    assert (read.table.geometry.x.tolist(), read.table["坐标"].tolist()) == ([121.5], ["1,2"])


def geojson(folder: Path, name: str, lon: float, lat: float) -> Path:
    point = {"type": "Point", "coordinates": [lon, lat]}
    content = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": name}},
        "features": [{"type": "Feature", "properties": {"name": "a"}, "geometry": point}],
    }
    (folder / "a.geojson").write_text(json.dumps(content), encoding="utf-8")
    return folder / "a.geojson"


@pytest.mark.thorough
def test_a_geojson_that_says_gcj02_is_moved(tmp_path: Path) -> None:
    # GDAL does not know the name and takes it for WGS 84, some 450 m away.
    lon, lat = wgs84_to_gcj02(*(shapely.Point(121.4, 31.6).xy))
    read = read_layer(geojson(tmp_path, "GCJ02", float(lon[0]), float(lat[0])))
    assert read.report.crs == "GCJ-02"
    assert read.table.geometry[1].distance(shapely.Point(121.4, 31.6)) < 1e-6


@pytest.mark.thorough
def test_a_geojson_of_an_unknown_system_is_refused_unless_it_is_declared(tmp_path: Path) -> None:
    path = geojson(tmp_path, "my own system", 121.4, 31.6)
    with pytest.raises(CrsError, match=r"the file says 'my own system'.*EPSG:4326"):
        read_layer(path)
    assert read_layer(path, crs="EPSG:4490").report.crs == "EPSG:4490"
    known = geojson(tmp_path, "urn:ogc:def:crs:OGC:1.3:CRS84", 121.4, 31.6)
    assert read_layer(known).table.geometry[1] == shapely.Point(121.4, 31.6)


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>A</name><Placemark><name>一村</name>
<ExtendedData><Data name="人口"><value>1,200</value></Data><Data name='面积(公顷)'><value>7</value></Data>
<Data name="no"><value>3</value></Data></ExtendedData>
<Point><coordinates>121.4,31.6,0</coordinates></Point></Placemark></Folder></Document></kml>"""


@pytest.mark.parametrize("ending", ["kml", "kmz"])
def test_columns_of_a_kml_keep_their_chinese_names(tmp_path: Path, ending: str) -> None:
    # GDAL makes both ______, and the people of the village would be its area.
    path, content = tmp_path / f"a.{ending}", KML.encode()
    if ending == "kmz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", content)
    else:
        path.write_bytes(content)
    table = read_layer(path).table
    assert (table["people"].tolist(), table["area_m2"].tolist()) == ([1200], [70_000])
    assert table["name"].tolist() == ["一村"]


def test_a_sheet_of_explanations_is_not_taken_for_the_table(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "填表说明"
    made.active.append(["经度、纬度请填写到小数点后六位"])
    page = made.create_sheet("数据")
    for row in (["站名", "经度", "纬度"], ["a", 121.4, 31.6]):
        page.append(row)
    made.save(tmp_path / "a.xlsx")
    read = read_layer(tmp_path / "a.xlsx", **WGS84)
    assert read.table["name"].tolist() == ["a"]
    assert "sheet '数据' of 填表说明, 数据" in map(str, read.report.notes)


# --- files that are not what they say ------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("encoding", "name"), [("gb18030", "城桥站"), ("utf-8", "城桥站"), ("iso-8859-1", "Rüthi Röthis")]
)
def test_a_shapefile_that_says_latin_is_read_by_its_texts(tmp_path: Path, encoding: str, name: str) -> None:
    frame = gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.Point(121.4, 31.6)], crs=4326)
    frame.to_file(tmp_path / "a.shp", encoding=encoding, engine="pyogrio")
    (tmp_path / "a.cpg").write_text("ISO-8859-1")
    assert read_layer(tmp_path / "a.shp").table["name"].tolist() == [name]


def test_a_workbook_that_misstates_its_size_is_read_whole(tmp_path: Path) -> None:
    # Some programs write that the sheet is the cell A1; a streaming reader then stops after it.
    path = book(tmp_path, [["名称", "经度", "纬度", "人口"], ["a", 121.4, 31.6, 5], ["b", 121.4, 31.6]])
    parts = {}
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', parts[sheet])
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    read = read_layer(path, **WGS84)
    assert read.table["people"].fillna(-1).tolist() == [5, -1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old .xls workbook.*save it as .xlsx"),
        (b"<html><table></table></html>", "no workbook.*save it as .xlsx"),
    ],
)
def test_what_only_bears_the_ending_of_a_workbook(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(FileError, match=words):
        read_layer(tmp_path / "a.xlsx")


def test_no_columns_of_places_says_what_to_settle(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lonlat = \.\.\. } where one cell holds both"):
        read_layer(csv(tmp_path, "站名,地址", "a,b"))


# --- the order of coordinates --------------------------------------------------------------------


@pytest.mark.parametrize("head", ["名称,纬度,经度", "name,lat,lng", "名称,北纬,东经"])
def test_an_order_that_names_already_say_is_needless_and_told_so(tmp_path: Path, head: str) -> None:
    # The latitude stands first, under its name: order = "lat,lon" would exchange the two.
    path = csv(tmp_path, head, "城桥,31.63,121.4", "新河,31.58,121.53")
    assert read_layer(path, **WGS84).table.geometry.x.tolist() == [121.4, 121.53]
    with pytest.raises(CrsError, match='as their columns stand they are right: leave out order = "lat,lon"'):
        read_layer(path, **WGS84, coordinates=Coordinates("lat,lon"))


def test_columns_read_against_their_names_are_told(tmp_path: Path) -> None:
    path = csv(tmp_path, "名称,经度,纬度", "城桥,31.63,121.4", "新河,31.58,121.53")
    read = read_layer(path, **WGS84, coordinates=Coordinates("lat,lon"))
    assert read.table.geometry.x.tolist() == [121.4, 121.53]
    assert [note.key for note in read.report.crs_notes] == ["layers.order_over_names"]
    path = csv(tmp_path, "名称,x,y", "城桥,31.63,121.4", "新河,31.58,121.53")
    assert not read_layer(path, **WGS84, coordinates=Coordinates("lat,lon")).report.crs_notes
