"""Files in the formats that planners hand over: written by other programs, read as one layer."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
import xlwt

from geo.errors import FileError, GeoError, InputError
from geo.layers import read_layer
from geo.layers._formats.table import FORMATS, LAYER_FORMATS, Format, find_format, find_reader, tell_formats
from geo.words import LANGS, Lang
from tests.shared import case

ROOT = Path(__file__).parents[2]
NAMES = ["云泽消防救援站", "泽北消防救援站", "Zedong"]
LONLAT = [(121.311, 31.1018), (121.352, 31.1064), (121.331, 31.1377)]
SHAPES: dict[str, list[shapely.Geometry]] = {
    "point": [shapely.Point(at) for at in LONLAT],
    "line": [shapely.LineString([at, (at[0] + 0.01, at[1] + 0.002)]) for at in LONLAT],
    "polygon": [shapely.box(at[0], at[1], at[0] + 0.01, at[1] + 0.01) for at in LONLAT],
}
WRITERS: dict[str, dict[str, object]] = {
    "a.geojson": {"driver": "GeoJSON"},
    "a.geojsonl": {"driver": "GeoJSONSeq"},
    "a.gpkg": {"driver": "GPKG"},
    "a.shp": {"driver": "ESRI Shapefile", "encoding": "UTF-8"},
    "a.gdb": {"driver": "OpenFileGDB"},
    "a.sqlite": {"driver": "SQLite", "SPATIALITE": "NO"},
    "a.tab": {"driver": "MapInfo File", "ENCODING": "UTF-8"},
    "a.mif": {"driver": "MapInfo File", "FORMAT": "MIF", "ENCODING": "UTF-8"},
    "a.fgb": {"driver": "FlatGeobuf"},
    "a.gml": {"driver": "GML"},
    "a.kml": {"driver": "LIBKML"},
}
SYSTEMS = {"EPSG:4326": 1e-6, "EPSG:4490": 1e-6, "EPSG:4549": 0.05, "EPSG:32651": 0.05}
"""How far a place may be off once it was written and read again, in units of the system."""
DEGREES_ONLY = {"a.geojson", "a.geojsonl", "a.kml"}


def table(kind: str, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    there = gpd.GeoDataFrame({"name": NAMES, "n": [1, 2, 3]}, geometry=SHAPES[kind], crs="EPSG:4326")
    return there.to_crs(crs)


@pytest.mark.thorough
@pytest.mark.parametrize("crs", SYSTEMS)
@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")  # of the writers
def test_what_gdal_writes_is_read_again(tmp_path: Path, name: str, kind: str, crs: str) -> None:
    if name in DEGREES_ONLY and crs != "EPSG:4326":
        crs = "EPSG:4326"
    written = table(kind, crs)
    written.to_file(tmp_path / name, **WRITERS[name])
    read = read_layer(tmp_path / name)
    by_number = read.table.assign(n=read.table["n"].astype(int)).sort_values("n")  # FlatGeobuf packs by place
    shapes = by_number.geometry.to_crs(crs).to_numpy()
    assert by_number["name"].tolist() == NAMES
    assert by_number["n"].tolist() == [1, 2, 3]
    assert (shapely.hausdorff_distance(shapes, written.geometry.to_numpy()) < SYSTEMS[crs]).all()
    assert read.report.n_rows == read.report.n_kept == 3
    assert not read.report.faults


@pytest.mark.parametrize(
    "name", ["a.geojson", "a.gpkg", "a.shp", "a.gdb", "a.sqlite", "a.fgb", "a.gml", "a.kml"]
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_a_chinese_header_is_known_in_each_format(tmp_path: Path, name: str) -> None:
    table("point").rename(columns={"name": "站名"}).to_file(tmp_path / name, **WRITERS[name])
    assert sorted(read_layer(tmp_path / name).table["name"]) == sorted(NAMES)


@pytest.mark.parametrize("name", ["a.shp", "a.gdb", "a.tab", "a.gpkg"])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_a_zip_of_it_is_read_as_well(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    table("point").to_file(tmp_path / "in" / name, **WRITERS[name])
    with zipfile.ZipFile(tmp_path / "消防站.zip", "w") as archive:
        for path in (tmp_path / "in").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "in"))
    assert read_layer(tmp_path / "消防站.zip", crs="EPSG:4326").table["name"].tolist() == NAMES


def test_waypoints_of_a_gps_are_read(tmp_path: Path) -> None:
    # As a receiver writes it; not every GDAL that is allowed here writes the names.
    points = "".join(
        f'<wpt lat="{lat}" lon="{lon}"><ele>4.1</ele><name>{name}</name></wpt>'
        for name, (lon, lat) in zip(NAMES, LONLAT, strict=True)
    )
    gpx = f'<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">{points}</gpx>'
    (tmp_path / "a.gpx").write_text(gpx, encoding="utf-8")
    read = read_layer(tmp_path / "a.gpx", geometry="point")
    assert read.table["name"].tolist() == NAMES
    assert [(round(at.x, 4), round(at.y, 4)) for at in read.table.geometry] == LONLAT


@pytest.mark.parametrize("kind", SHAPES)
def test_geoparquet_is_read(tmp_path: Path, kind: str) -> None:
    table(kind).to_parquet(tmp_path / "a.parquet")
    read = read_layer(tmp_path / "a.parquet")
    assert read.table["name"].tolist() == NAMES
    assert read.table.geometry.geom_equals(table(kind).geometry, align=False).all()


Rows = Sequence[Sequence[object]]
HEADER = ["名称", "经度", "纬度", "人口"]
ROWS = [[name, *at, 100 * (i + 1)] for i, (name, at) in enumerate(zip(NAMES, LONLAT, strict=True))]


def write_xls(path: Path, rows: Rows) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("一览表")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(path))


def write_ods(path: Path, rows: Rows) -> None:
    pyogrio.write_dataframe(pd.DataFrame(rows[1:], columns=rows[0]), path, driver="ODS", layer="一览表")


def write_xlsx(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "一览表"
    for row in rows:
        book.active.append(row)
    book.save(path)


BOOKS: dict[str, Callable[[Path, Rows], None]] = {
    "a.xls": write_xls,
    "a.ods": write_ods,
    "a.xlsx": write_xlsx,
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_gives_the_same_table_in_each_format(tmp_path: Path, name: str) -> None:
    BOOKS[name](tmp_path / name, [HEADER, *ROWS])
    read = read_layer(tmp_path / name, crs="EPSG:4326", geometry="point")
    assert read.table["name"].tolist() == NAMES
    assert read.table["people"].astype(float).tolist() == [100, 200, 300]
    assert [(at.x, at.y) for at in read.table.geometry] == LONLAT
    assert list(read.table.index) == [2, 3, 4]  # rows as the planner counts them


@pytest.mark.parametrize("name", BOOKS)
def test_an_empty_workbook_says_that_it_is_empty(tmp_path: Path, name: str) -> None:
    BOOKS[name](tmp_path / name, [[""]])
    with pytest.raises(GeoError, match=re.escape(name)):
        read_layer(tmp_path / name, crs="EPSG:4326")


def test_the_sheet_that_is_seen_wins_over_a_hidden_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    old = book.active
    assert old is not None
    old.title = "旧表"
    for row in [HEADER, ["关闭的站", 121.0, 31.0, 1]]:
        old.append(row)
    new = book.create_sheet("现状")
    for row in [HEADER, *ROWS]:
        new.append(row)
    old.sheet_state = "hidden"
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    read = read_layer(tmp_path / "a.xlsx", crs="EPSG:4326")
    assert read.table["name"].tolist() == NAMES
    assert any("旧表" in str(note) for note in read.report.notes)


def test_the_folders_of_a_kml_are_a_column(tmp_path: Path) -> None:
    marks = {"现状/一级站": NAMES[:1], "规划": NAMES[1:]}
    at = dict(zip(NAMES, LONLAT, strict=True))

    def mark(name: str) -> str:
        x, y = at[name]
        return (
            f"<Placemark><name>{name}</name><Point><coordinates>{x},{y},0</coordinates></Point></Placemark>"
        )

    def folder(way: list[str], inner: str) -> str:
        return f"<Folder><name>{way[0]}</name>{folder(way[1:], inner)}</Folder>" if way else inner

    body = "".join(folder(way.split("/"), "".join(map(mark, names))) for way, names in marks.items())
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    (tmp_path / "a.kml").write_text(kml, encoding="utf-8")
    read = read_layer(tmp_path / "a.kml")
    assert dict(zip(read.table["name"], read.table["folder"], strict=True)) == {
        name: way for way, names in marks.items() for name in names
    }
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", kml)
    assert read_layer(tmp_path / "a.kmz").table["name"].tolist() == read.table["name"].tolist()


def test_an_answer_of_overpass_is_read(tmp_path: Path) -> None:
    elements = [
        {"type": "node", "id": i, "lon": x, "lat": y, "tags": {"name": name, "amenity": "fire_station"}}
        for i, (name, (x, y)) in enumerate(zip(NAMES, LONLAT, strict=True), start=1)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"version": 0.6, "elements": elements}), encoding="utf-8")
    read = read_layer(tmp_path / "a.json", geometry="point")
    assert read.table["name"].tolist() == NAMES
    assert [(at.x, at.y) for at in read.table.geometry] == LONLAT


def test_esri_json_is_read(tmp_path: Path) -> None:
    features = [
        {"attributes": {"名称": name}, "geometry": {"x": x, "y": y}}
        for name, (x, y) in zip(NAMES, LONLAT, strict=True)
    ]
    whole = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "名称", "type": "esriFieldTypeString", "length": 50}],
        "features": features,
    }
    (tmp_path / "a.json").write_text(json.dumps(whole), encoding="utf-8")
    assert read_layer(tmp_path / "a.json").table["name"].tolist() == NAMES


@pytest.mark.parametrize("form", ["esri", "geojson", "geojson properties"])
def test_an_answer_that_the_server_cut_off_is_read_and_told(tmp_path: Path, form: str) -> None:
    # GDAL asks a server for the rest of such an answer, also where it is a file.
    if form == "esri":
        shapes: list[dict[str, object]] = [{"x": x, "y": y} for x, y in LONLAT]
        features = [
            {"attributes": {"名称": name}, "geometry": at} for name, at in zip(NAMES, shapes, strict=True)
        ]
        whole: dict[str, object] = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}}
        whole["fields"] = [{"name": "名称", "type": "esriFieldTypeString", "length": 50}]
    else:
        shapes = [{"type": "Point", "coordinates": list(at)} for at in LONLAT]
        features = [
            {"type": "Feature", "properties": {"名称": name}, "geometry": at}
            for name, at in zip(NAMES, shapes, strict=True)
        ]
        whole = {"type": "FeatureCollection"}
    limit: dict[str, object] = {"exceededTransferLimit": True}
    whole |= {"features": features, **({"properties": limit} if "properties" in form else limit)}
    (tmp_path / "a.json").write_text(json.dumps(whole), encoding="utf-8")
    read = read_layer(tmp_path / "a.json")
    assert read.table["name"].tolist() == NAMES
    assert [note.key for note in read.report.notes] == ["layers.server_cut"]
    assert read.report.notes[0].values == {"n": len(NAMES)}


@pytest.mark.parametrize("ending", sorted(set(LAYER_FORMATS) - {".csv", ".tsv", ".txt", ".gdb"}))
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"消防站{ending}"
    path.write_bytes(b"\x00\x01 this is no layer \xff" * 20)
    with pytest.raises((FileError, InputError)) as told:
        read_layer(path, crs="EPSG:4326")
    assert path.name in str(told.value)


@pytest.mark.parametrize("ending", [end for form in FORMATS if not form.is_read for end in form.endings])
def test_what_is_not_read_says_what_to_do(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"现状图{ending}"
    path.write_bytes(b"anything")
    with pytest.raises(GeoError) as told:
        read_layer(path)
    form = find_format(path)
    assert form is not None
    assert path.name in str(told.value)
    assert form.advice.say("en").rstrip(".") in str(told.value)


@pytest.mark.parametrize("form", [form for form in FORMATS if form.reader], ids=lambda form: form.key)
def test_every_format_has_its_reader(form: Format) -> None:
    assert callable(find_reader(form.reader))


@pytest.mark.parametrize("lang", LANGS)
def test_the_docs_hold_the_table_that_the_command_prints(lang: Lang) -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    _, header, rows = tell_formats(lang)
    for row in (header, *rows):
        assert "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" in page


IN_TIME = [
    "a_kml_noname", "a_mapinfo_mif", "a_mapinfo_tab", "b_dbf_alone", "b_gdb_folder", "b_gdb_zip", "b_gpx",
    "b_kml_folders", "b_kmz", "b_ods", "b_overpass_json", "b_topojson", "b_xls", "c_errors_in_zh",
]  # fmt: skip
"""Cases whose stations come in one of these formats: three stations, 27,690 of 47,010 people in time."""


@pytest.mark.real
@pytest.mark.parametrize("name", IN_TIME)
def test_the_stations_of_a_case_answer_for_the_same_people(name: str) -> None:
    from geo.study import read_study, run_study

    result = run_study(read_study(case(name) / "study.toml"))
    table = result.coverage.table
    assert round(table.loc[table["is_covered"], "people"].sum()) == 27_690
    assert round(table["people"].sum()) == 47_010


@pytest.mark.real
@pytest.mark.parametrize(("name", "says"), [("c_html_xls", "save it as .xlsx"), ("b_dxf_blocks", "crs = ")])
def test_a_case_that_cannot_be_read_says_the_way_out(name: str, says: str) -> None:
    from geo.study import read_study, run_study

    with pytest.raises(GeoError, match=re.escape(says)):
        run_study(read_study(case(name) / "study.toml"))


def test_a_date_in_an_old_workbook_is_a_date(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for c, header in enumerate([*HEADER[:3], "建成时间"]):
        sheet.write(0, c, header)
    for c, cell in enumerate([NAMES[0], *LONLAT[0]]):
        sheet.write(1, c, cell)
    sheet.write(1, 3, datetime.date(2014, 6, 1), day)
    book.save(str(tmp_path / "a.xls"))
    assert read_layer(tmp_path / "a.xls", crs="EPSG:4326").table["opened_year"].tolist() == [2014]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_column_names_that_a_writer_spoilt_are_told(tmp_path: Path, encoding: str) -> None:
    # QGIS 3.22 with GDAL 3.6.2 writes _ for each byte below 192 of a column name, and the cells as they are.
    def spoilt(name: str) -> bytes:
        return bytes(byte if byte >= 192 else ord("_") for byte in name.encode(encoding))

    head = b'Version 300\nCharset "Neutral"\nDelimiter ","\nCoordSys Earth Projection 1, 104\nColumns 3\n'
    names = [spoilt("站名"), spoilt("状态"), b"area_m2"]
    columns = b"".join(b"  " + name + b" Char(40)\n" for name in names)
    (tmp_path / "s.mif").write_bytes(head + columns + b"Data\n\nPoint 121.3 31.1\nPoint 121.4 31.1\n")
    (tmp_path / "s.mid").write_bytes('"东站","已撤销","1"\n"西站","在用","2"\n'.encode(encoding))
    (note,) = [
        note for note in read_layer(tmp_path / "s.mif").report.notes if note.key == "layers.headers_spoilt"
    ]
    assert note.values["n"] == 2
    # The way out: the columns by the names that the message gives.
    station, status = note.values["headers"]
    table = read_layer(tmp_path / "s.mif", columns={"name": station, "status": status}).table
    assert table["name"].tolist() == ["东站", "西站"]
    assert table["status"].tolist() == ["已撤销", "在用"]


def test_a_line_below_letters_spoils_no_column_name(tmp_path: Path) -> None:
    head = b'Version 300\nCharset "WindowsSimpChinese"\nDelimiter ","\nCoordSys Earth Projection 1, 104\n'
    columns = "Columns 3\n  站名_新 Char(40)\n  _ Char(4)\n  x_1 Char(4)\nData\n\nPoint 121.3 31.1\n"
    (tmp_path / "s.mif").write_bytes(head + columns.encode("gbk"))
    (tmp_path / "s.mid").write_bytes('"东站","a","b"\n'.encode("gbk"))
    notes = read_layer(tmp_path / "s.mif").report.notes
    assert "layers.headers_spoilt" not in [note.key for note in notes]
