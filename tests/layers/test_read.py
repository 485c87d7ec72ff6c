"""Layers in and out: every format, encoding and header; and each bad input with its error or fault."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import CrsError, FileError, GeoError, InputError
from geo.layers import _zip as archives
from geo.layers import read_layer, write_layer, write_text_whole
from geo.layers._angles import parse_angle
from geo.layers._cells import parse_number
from geo.layers._encodings import find_encoding
from geo.layers.columns import count_known, match_headers
from tests.shared import real

STATIONS = (
    "编号,站名,等级,经度,纬度,编制人数\nA1,城桥站,一级站,121.40,31.63,45\nA2,堡镇站,二级站,121.61,31.54,20\n"
)


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def stations() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": ["A1", "A2"], "name": ["城桥站", "堡镇站"], "staff": [45.0, np.nan]},
        geometry=shapely.points([[121.40, 31.63], [121.61, 31.54]]),
        crs=4326,
    )


def reasons(read) -> list[tuple[int, str]]:
    return [(fault.row, str(fault.reason)) for fault in read.report.faults]


# --- formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_in_every_encoding_gives_the_same_table(tmp_path, encoding, mark):
    path = write(tmp_path, "站.csv", STATIONS.replace(",", mark), encoding)
    read = read_layer(path, crs="EPSG:4490", geometry="point")
    assert read.table["name"].tolist() == ["城桥站", "堡镇站"]
    assert read.table["id"].tolist() == ["A1", "A2"]
    assert read.table["staff"].tolist() == [45.0, 20.0]
    assert read.table["station_class"].tolist() == ["一级站", "二级站"]
    assert read.table.geometry.x.tolist() == [121.40, 121.61]
    assert read.table.crs.to_epsg() == 4490
    assert read.table.index.tolist() == [2, 3]  # spreadsheet rows: the header is row 1
    assert (read.report.n_rows, read.report.n_kept, read.report.faults) == (2, 2, ())
    assert read.report.bounds == (121.40, 31.54, 121.61, 31.63)


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet", ".csv"])
def test_what_is_written_is_read_again(tmp_path, ending):
    path = tmp_path / f"站{ending}"
    write_layer(stations(), path)
    read = read_layer(path, geometry="point", crs="EPSG:4326" if ending == ".csv" else None)
    assert read.table["name"].tolist() == ["城桥站", "堡镇站"]
    assert read.table["staff"].fillna(-1).tolist() == [45.0, -1.0]
    assert np.allclose(shapely.get_coordinates(read.table.geometry), [[121.40, 31.63], [121.61, 31.54]])
    assert read.report.crs == "EPSG:4326"
    assert read.table.index.tolist() == ([2, 3] if ending == ".csv" else [1, 2])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("with_cpg", [True, False])
@pytest.mark.parametrize("way", ["shp", "folder", "zip"])
def test_shapefiles_with_and_without_their_encoding(tmp_path, encoding, with_cpg, way):
    folder = tmp_path / "图层"
    folder.mkdir()
    frame = stations().rename(columns={"name": "站名", "staff": "人数"})
    frame.to_file(folder / "消防站.shp", encoding=encoding, engine="pyogrio")
    if not with_cpg:
        (folder / "消防站.cpg").unlink(missing_ok=True)
    path = folder / "消防站.shp" if way == "shp" else folder
    if way == "zip":
        path = tmp_path / "消防站.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"数据/{file.name}")
    read = read_layer(path, geometry="point")
    assert read.table["name"].tolist() == ["城桥站", "堡镇站"]
    assert read.table["staff"].fillna(-1).tolist() == [45.0, -1.0]
    assert read.report.format.startswith("Shapefile")
    assert read.report.crs == "EPSG:4326"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_headers_that_a_shapefile_cuts_at_ten_bytes(tmp_path, encoding):
    frame = stations().rename(columns={"name": "单位名称", "staff": "有效避难面积平方米"})
    frame.to_file(tmp_path / "a.shp", encoding=encoding, engine="pyogrio")
    read = read_layer(tmp_path / "a.shp")
    assert read.table["name"].tolist() == ["城桥站", "堡镇站"]
    assert read.table["area_m2"].fillna(-1).tolist() == [45.0, -1.0]
    assert any("cut off" in str(guess.why) for guess in read.report.guesses)


def test_one_column_cannot_be_two_of_ours(tmp_path):
    with pytest.raises(InputError, match="站名"):
        read_layer(
            write(tmp_path, "a.csv", STATIONS), columns={"name": "站名", "zone": "站名"}, crs="EPSG:4326"
        )


def test_zip_with_names_in_gbk(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("zhan.csv"), STATIONS.encode("gb18030"))
    # Chinese Windows writes the name in GBK without the flag for UTF-8; both names have four bytes.
    path.write_bytes(path.read_bytes().replace(b"zhan.csv", "站点".encode("gbk") + b".csv"))
    assert read_layer(path, layer="站点", crs="EPSG:4326").report.n_kept == 2


def test_kml_folders_are_all_read(tmp_path):
    mark = "<Placemark><name>{}</name><Point><coordinates>{},31.6,4</coordinates></Point></Placemark>"
    folders = "".join(
        f"<Folder><name>{name}</name>{mark.format(name + '站', lon)}</Folder>"
        for name, lon in (("东", 121.4), ("西", 121.5))
    )
    document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    kml = '<?xml version="1.0" encoding="UTF-8"?>' + document
    read = read_layer(write(tmp_path, "a.kml", kml), geometry="point")
    assert read.table["name"].tolist() == ["东站", "西站"]
    assert read.report.crs == "EPSG:4326"
    assert not read.table.geometry.has_z.any()


def workbook(folder, rows, *, merge=(), title="Sheet", other=None):
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    for area in merge:
        page.merge_cells(area)
    if other is not None:
        book.create_sheet(other[0], 0 if other[2] else None)
        for row in other[1]:
            book[other[0]].append(row)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_workbook_with_a_title_a_merged_header_and_merged_towns(tmp_path):
    rows = [
        ["崇明区消防站一览表", None, None, None, None],
        ["所属乡镇", "站名", "位置", None, "编制人数"],
        [None, None, "经度", "纬度", None],
        ["城桥镇", "城桥站", 121.40, 31.63, 45],
        [None, "东门站", 121.41, 31.62, 15],
        [None, None, None, None, None],
        ["堡镇", "堡镇站", "121°36′36″", 31.54, "20人"],
    ]
    merge = ["A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "A4:A5"]
    read = read_layer(workbook(tmp_path, rows, merge=merge), crs="EPSG:4326", geometry="point")
    assert read.table["name"].tolist() == ["城桥站", "东门站", "堡镇站"]
    assert read.table["zone"].tolist() == ["城桥镇", "城桥镇", "堡镇"]
    assert read.table["staff"].tolist() == [45, 15, 20]
    assert read.table.geometry.x.tolist() == [121.40, 121.41, pytest.approx(121.61)]  # 36/60 + 36/3600 = 0.61
    assert read.table.index.tolist() == [4, 5, 7]
    notes = " ".join(map(str, read.report.notes))
    assert "2 rows above the header (row 3)" in notes
    assert "1 blank rows" in notes
    assert "merged cells" in notes


def test_the_first_sheet_with_rows_or_the_one_named(tmp_path):
    rows = [["名称", "经度", "纬度"], ["甲", 121.5, 31.2]]
    path = workbook(tmp_path, rows, title="数据", other=("空", [], True))
    assert read_layer(path, crs="EPSG:4326").table["name"].tolist() == ["甲"]
    path = workbook(tmp_path, rows, title="数据", other=("二", [rows[0], ["乙", 121.5, 31.2]], False))
    assert read_layer(path, crs="EPSG:4326", sheet="二").table["name"].tolist() == ["乙"]
    with pytest.raises(FileError, match="数据, 二"):
        read_layer(path, crs="EPSG:4326", sheet="三")


def test_codes_in_a_workbook_stay_codes(tmp_path):
    path = workbook(tmp_path, [["代码", "名称"], [310151101001.0, "南门"], ["0012", "北门"]])
    assert read_layer(path, geometry="none").table["id"].tolist() == ["310151101001", "0012"]


def test_geometry_in_a_column_of_text(tmp_path):
    path = write(tmp_path, "a.csv", 'name,wkt\nA,"POLYGON ((121 31, 122 31, 122 32, 121 31))"\nB,nonsense\n')
    read = read_layer(path, crs="EPSG:4326", geometry="polygon")
    assert read.table["name"].tolist() == ["A"]
    assert read.report.n_rows == 2
    assert (3, "is no shape in WKT, WKB or GeoJSON; not kept") in reasons(read)


def test_line_layers_keep_their_own_headers(tmp_path):
    frame = gpd.GeoDataFrame(
        {"level": ["1"], "类型": ["主干路"]},
        geometry=[shapely.LineString([(121, 31), (121.1, 31)])],
        crs=4326,
    )
    write_layer(frame, tmp_path / "a.gpkg")
    read = read_layer(tmp_path / "a.gpkg", geometry="line", columns={"highway": "类型"})
    assert read.table["highway"].tolist() == ["主干路"]
    assert "level" in read.table
    assert read.report.guesses == ()


# --- headers and cells ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("经度（°）", "lon"), ("东经", "lon"), ("Longitude", "lon"), ("X", "lon"), ("lng", "lon"),
        ("北纬", "lat"), ("LAT", "lat"), ("y坐标", "lat"),
        ("站名", "name"), ("单位名称", "name"), ("Name", "name"), ("消防机构名称", "name"),
        ("站级", "station_class"), ("类别", "station_class"), ("等级", "station_class"),
        ("常住人口", "people"), ("2020年常住人口", "people"), ("户籍人口（人）", "people"),
        ("population_2020", "people"), ("RK", "people"), ("CZRKS", "people"), ("HS", None),
        ("2024年末常住人口", "people"), ("户籍人口数", "people"),
        ("有效避难面积(m²)", "area_m2"), ("建筑面积", "area_m2"), ("占地面积/平方米", "area_m2"),
        ("容纳人数", "places"), ("编制人数", "staff"), ("人数", "staff"), ("出动时间", "turnout_s"),
        ("流量(L/s)", "flow_lps"), ("是否完好", "is_working"), ("建成年份", "opened_year"), ("代码", "id"),
        ("备注", None), ("楼层", None),
    ],
)  # fmt: skip
def test_usual_headers(header, ours):
    found = match_headers(pd.DataFrame({header: ["1"]}))
    assert dict(found.header) == ({} if ours is None else {ours: header})
    assert [guess.column for guess in found.guesses if "usual" in str(guess.why)] == (
        [] if ours is None else [ours]
    )


def test_of_two_candidates_the_likelier_is_taken_and_both_are_named(tmp_path):
    path = write(tmp_path, "a.csv", "名称,户籍人口,常住人口\n甲,100,200\n")
    read = read_layer(path, geometry="none")
    assert read.table["people"].tolist() == [200.0]
    whys = [str(guess.why) for guess in read.report.guesses if guess.column == "people"]
    (why,) = [why for why in whys if "usual" in why]
    assert "户籍人口 could be it too" in why
    settled = read_layer(path, geometry="none", columns={"people": "户籍人口"})
    assert settled.table["people"].tolist() == [100.0]


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        (["2022年人口", "2024年人口", "2023年人口"], "2024年人口"),
        (["人口", "2020年人口"], "人口"),
        (["2020年人口", "人口"], "人口"),
        (["2099年人口", "2020年人口"], "2020年人口"),  # what is expected is not there yet
        (["2024年户籍人口", "2020年常住人口"], "2020年常住人口"),  # what is counted comes before when
    ],
)
def test_of_several_years_the_latest_is_taken(headers, taken):
    assert match_headers(pd.DataFrame({header: ["1"] for header in headers})).header["people"] == taken


@pytest.mark.parametrize(
    "headers",
    [["X（2000）", "Y（2000）", "X（54）", "Y（54）"], ["经度(CGCS2000)", "纬度(CGCS2000)", "经度", "纬度"]],
)
def test_the_2000_of_a_datum_is_no_year(headers):
    """Of two pairs of coordinates the first is taken, whatever stands in brackets behind it."""
    found = match_headers(pd.DataFrame({header: ["1"] for header in headers})).header
    assert [found["lon"], found["lat"]] == headers[:2]


def test_initials_come_behind_words():
    found = match_headers(pd.DataFrame({header: ["1"] for header in ("RK", "POP")})).header
    assert found["people"] == "POP"  # RK may be a rank


def test_two_tables_side_by_side_are_told(tmp_path):
    """As offices print long lists: the right half of the page has the same headers, and would be lost."""
    head = "村名,人口,经度,纬度,,村名,人口,经度,纬度\n"
    text = f"{head}甲村,10,121.5,31.2,,乙村,20,121.6,31.2\n丙村,30,121.7,31.2,,,,,\n"
    read = read_layer(write(tmp_path, "a.csv", text), crs="EPSG:4326")
    assert read.table["people"].sum() == 40
    told = "\n".join(map(str, read.report.notes))
    assert (
        "two tables stand side by side: 村名, 人口, 经度, 纬度 are there twice, and the 1 rows of the second"
        in told
    )


def test_a_second_pair_of_coordinates_is_no_second_table(tmp_path):
    """As of lists that hold the places of a map beside those that were measured."""
    text = "名称,经度,纬度,经度,纬度\n甲,121.5,31.2,121.504,31.198\n乙,121.6,31.2,,\n"
    read = read_layer(write(tmp_path, "a.csv", text), crs="EPSG:4326")
    assert read.table.geometry.x.tolist() == [121.5, 121.6]
    told = "\n".join(map(str, read.report.notes))
    assert "two pairs of coordinates (经度, 纬度), the second in 1 rows, and the first was read" in told
    assert "side by side" not in told
    second = {"lon": "经度 (4)", "lat": "纬度 (5)"}
    assert str(tuple(second.values()))[1:-1].replace("'", "") in told
    other = read_layer(tmp_path / "a.csv", crs="EPSG:4326", columns=second)
    assert other.table.geometry.x.tolist() == [121.504]
    assert "pairs of coordinates" not in "\n".join(map(str, other.report.notes))


def test_of_three_tables_side_by_side_each_header_is_named_once(tmp_path):
    text = f"{','.join(['村名,经度,纬度'] * 3)}\n甲,121.5,31.2,乙,121.6,31.2,丙,121.7,31.2\n"
    read = read_layer(write(tmp_path, "a.csv", text), crs="EPSG:4326")
    assert "side by side: 村名, 经度, 纬度 are there" in "\n".join(map(str, read.report.notes))


def test_one_header_twice_is_no_second_table(tmp_path):
    text = "名称,备注,经度,纬度,备注\n甲,a,121.5,31.2,b\n"
    read = read_layer(write(tmp_path, "a.csv", text), crs="EPSG:4326")
    assert "side by side" not in "\n".join(map(str, read.report.notes))


@pytest.mark.parametrize(
    ("headers", "is_told"),
    [
        (["室内容纳人数", "室外容纳人数"], True),
        (["容纳人数", "室内容纳人数", "室外容纳人数"], False),  # the whole is there
        (["室内容纳人数"], False),
    ],
)
def test_parts_of_a_number_are_not_taken_for_the_whole_without_a_word(headers, is_told):
    found = match_headers(pd.DataFrame({header: ["1"] for header in headers}))
    assert found.header["places"] == headers[0]
    assert ("室外容纳人数" in "".join(map(str, found.notes))) == is_told


def test_a_settled_column_that_is_missing_names_those_there_are(tmp_path):
    path = write(tmp_path, "a.csv", STATIONS)
    with pytest.raises(InputError, match=r"'站点名'.*编号, 站名"):
        read_layer(path, crs="EPSG:4326", columns={"name": "站点名"})


def test_units_in_the_header_scale_and_unknown_units_are_not_taken(tmp_path):
    path = write(
        tmp_path, "a.csv", "名称,人口(万人),面积(公顷),出动时间（分钟）,流量(加仑)\n甲,12.5,2,1.5,9\n"
    )
    read = read_layer(path, geometry="none")
    assert read.table.loc[2, ["people", "area_m2", "turnout_s"]].tolist() == [125_000.0, 20_000.0, 90.0]
    assert "flow_lps" not in read.table
    assert any("万人" in str(guess.why) and "10000" in str(guess.why) for guess in read.report.guesses)
    assert any("加仑" in str(note) for note in read.report.notes)
    with pytest.raises(InputError, match="加仑"):
        read_layer(path, geometry="none", columns={"flow_lps": "流量(加仑)"})


def test_status_is_told_from_working_order_by_its_words(tmp_path):
    path = write(tmp_path, "a.csv", "名称,状态\n甲,完好\n乙,损坏\n丙,\n")
    assert read_layer(path, geometry="none").table["is_working"].tolist() == [True, False, pd.NA]
    path = write(tmp_path, "a.csv", "名称,状态\n甲,现状\n乙,规划\n")
    assert read_layer(path, geometry="none").table["status"].tolist() == ["现状", "规划"]


def test_one_word_that_is_not_known_does_not_take_the_meaning_of_the_others(tmp_path):
    rows = ["甲,完好", "乙,漏水、缺盖", "丙,色差", "丁,拆除", "戊,", "己,停用"]
    path = write(tmp_path, "a.csv", "名称,使用情况\n" + "\n".join(rows) + "\n")
    read = read_layer(path, geometry="none")
    assert read.table["is_working"].tolist() == [True, False, pd.NA, False, pd.NA, False]
    assert read.table["status"].dropna().tolist() == ["拆除"]
    assert [(fault.row, fault.value) for fault in read.report.faults] == [(4, "色差")]


def test_answers_and_codes(tmp_path):
    path = write(tmp_path, "a.csv", "名称,是否损坏\n甲,是\n乙,否\n丙,漏水\n丁,完好\n")
    assert read_layer(path, geometry="none").table["is_broken"].tolist() == [True, False, True, False]
    path = write(tmp_path, "a.csv", "名称,是否完好\n甲,1\n乙,0\n")
    assert read_layer(path, geometry="none").table["is_working"].tolist() == [True, False]
    # Where there are more codes than two, nobody knows what any of them means.
    path = write(tmp_path, "a.csv", "名称,使用状态\n甲,1\n乙,0\n丙,2\n")
    read = read_layer(path, geometry="none")
    assert read.table["is_working"].isna().all()
    assert [fault.value for fault in read.report.faults] == ["1", "0", "2"]
    # 1 under 状态 may be good or bad.
    path = write(tmp_path, "a.csv", "名称,状态\n甲,1\n乙,0\n")
    assert "is_working" not in read_layer(path, geometry="none").table


def test_cells_that_are_no_number_are_faults_with_the_row_the_planner_sees(tmp_path):
    rows = ["甲,约3万", "乙,-5", '丙,"1,234"', "丁,１２３", "戊,12.5万", "己,—", "庚,inf", "辛,30人"]
    path = write(tmp_path, "a.csv", "名称,人口\n" + "\n".join(rows) + "\n")
    read = read_layer(path, geometry="none")
    assert read.table["people"].fillna(-1).tolist() == [30_000, -1, 1234, 123, 125_000, -1, -1, 30]
    assert [(fault.row, fault.column, fault.value) for fault in read.report.faults] == [
        (2, "人口", "约3万"), (3, "人口", "-5"), (8, "人口", "inf"),
    ]  # fmt: skip
    assert read.report.n_kept == read.report.n_rows == 8
    assert "negative" in str(read.report.faults[1].reason)
    assert read.report.faults[1].reason.say("zh") == "为负数；已留空"


def test_other_columns_become_numbers_only_when_all_are_and_none_is_a_code(tmp_path):
    path = write(tmp_path, "a.csv", "名称,户数,镇编码,门牌,杂\n甲,12,310151,0012,1\n乙,,310152,7,x\n")
    table = read_layer(path, geometry="none").table
    assert table["户数"].fillna(-1).tolist() == [12.0, -1.0]
    assert table["镇编码"].tolist() == ["310151", "310152"]
    assert table["门牌"].tolist() == ["0012", "7"]
    assert table["杂"].tolist() == ["1", "x"]


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_numbers_are_read_however_they_are_written(number, places):
    value = number / 10**places
    plain = f"{value:.{places}f}"
    wide = plain.translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－"))
    for text in (plain, f" {plain} ", f"{value:,.{places}f}", wide, f"{value:+.{places}f}"):
        assert parse_number(text) == float(plain), text


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 5999))
def test_angles_are_read_however_they_are_written(degrees, minutes, centiseconds):
    seconds = centiseconds / 100
    value = degrees + minutes / 60 + seconds / 3600
    for text in (
        f"{degrees}°{minutes}′{seconds}″",
        f"{degrees}°{minutes}'{seconds}\"",
        f"{degrees}度{minutes}分{seconds}秒",
        f"东经{degrees}°{minutes}′{seconds}″",
        f"{degrees}° {minutes}' {seconds}\" E",
    ):
        assert parse_angle(text) == pytest.approx(value, abs=1e-12), text
    assert parse_angle(f"西经{degrees}度{minutes}分{seconds}秒") == pytest.approx(-value, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_cells(text):
    for value in (parse_number(text), parse_angle(text)):
        assert value is None or np.isfinite(value)


# --- encodings -----------------------------------------------------------------------------------

COMMON = st.text(
    st.sampled_from(
        "".join(bytes([a, b]).decode("gb2312") for a in range(0xB0, 0xD7) for b in range(0xA1, 0xFF))
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(COMMON, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_chinese_tables_come_back_in_every_encoding(text, encoding):
    content = f"站名,经度,纬度,编号\n{text},121.5,31.2,7\n"
    data = content.encode(encoding)
    assert data.decode(find_encoding(data)) == content


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused_but_never_break(data):
    with contextlib.suppress(FileError):
        data.decode(find_encoding(data))


def test_utf8_with_one_spoilt_byte_is_not_taken_for_gb18030(tmp_path):
    good = STATIONS.encode()
    place = good.index("堡".encode())
    path = write(tmp_path, "a.csv", good[:place] + b"\xff" + good[place + 1 :])
    read = read_layer(path, crs="EPSG:4326")
    assert read.report.encoding == "utf-8"
    assert read.table["name"].tolist() == ["城桥站", "镇站"]
    assert [(fault.row, fault.column) for fault in read.report.faults] == [(3, "row")]


def test_neither_encoding_names_the_byte(tmp_path):
    path = write(tmp_path, "a.csv", b"name,lon,lat\nA\xe9,121.5,31.2\n")  # Latin-1
    with pytest.raises(FileError, match=r"neither UTF-8 .fails at byte 14"):
        read_layer(path, crs="EPSG:4326")
    assert read_layer(path, crs="EPSG:4326", encoding="latin-1").table["name"].tolist() == ["Aé"]
    with pytest.raises(FileError, match="not known"):
        read_layer(path, crs="EPSG:4326", encoding="klingon")
    with pytest.raises(FileError, match="cannot be read as utf-8 at byte 14"):
        read_layer(path, crs="EPSG:4326", encoding="utf-8")


def test_big5_is_not_read_as_nonsense(tmp_path):
    path = write(tmp_path, "a.csv", "名稱,經度,緯度\n消防隊臺灣區,121.5,25.0\n", "big5")
    with pytest.raises(FileError, match="encoding"):
        read_layer(path, crs="EPSG:4326")


def test_a_text_cut_off_within_a_character(tmp_path):
    path = write(tmp_path, "a.csv", "名称,经度,纬度\n甲,121.5,31.2\n乙".encode()[:-1])
    with pytest.raises(FileError, match="cut off"):
        read_layer(path, crs="EPSG:4326")


# --- coordinate systems --------------------------------------------------------------------------


def test_degrees_without_a_system_are_an_error_that_names_the_choices(tmp_path):
    path = write(tmp_path, "a.csv", STATIONS)
    with pytest.raises(CrsError) as caught:
        read_layer(path)
    for choice in ("EPSG:4326", "EPSG:4490", "GCJ-02", "BD-09"):
        assert choice in str(caught.value)


def test_shifted_coordinates_are_put_right(tmp_path):
    # Shanghai's pair of github.com/googollee/eviltransform, rounded to 0.1 m.
    path = write(tmp_path, "a.csv", "名称,经度,纬度\n甲,121.531542,31.175304\n")
    read = read_layer(path, crs="高德")
    assert read.table.crs.to_epsg() == 4326
    assert np.allclose(
        shapely.get_coordinates(read.table.geometry), [[121.527211, 31.177428]], rtol=0, atol=2e-6
    )
    assert read.report.crs == "GCJ-02"
    assert "EPSG:4326" in str(read.report.crs_note)


def test_a_declaration_wins_over_the_file_and_is_told(tmp_path):
    write_layer(stations(), tmp_path / "a.gpkg")
    assert read_layer(tmp_path / "a.gpkg", crs="GCJ-02").report.crs == "GCJ-02"
    assert read_layer(tmp_path / "a.gpkg", crs="CGCS2000").table.crs.to_epsg() == 4490
    with pytest.raises(CrsError, match="leave out crs"):
        read_layer(tmp_path / "a.gpkg", crs="UTM 51N")
    write_layer(stations().to_crs(32651), tmp_path / "b.gpkg")
    # Shifted coordinates that somebody projected: the declaration says what the file cannot.
    read = read_layer(tmp_path / "b.gpkg", crs="BD-09")
    assert read.report.crs == "BD-09"
    assert ["metres" in str(note) for note in read.report.crs_notes] == [True]


@pytest.mark.parametrize("lon", ["31.63", "-31.63"])
def test_a_table_with_exchanged_axes_is_an_error(tmp_path, lon):
    path = write(tmp_path, "a.csv", f"名称,经度,纬度\n甲,{lon},121.40\n乙,{lon},121.61\n")
    with pytest.raises(CrsError, match="exchanged"):
        read_layer(path, crs="EPSG:4326")


def test_one_row_with_exchanged_axes_is_a_fault(tmp_path):
    path = write(tmp_path, "a.csv", "名称,经度,纬度\n甲,121.40,31.63\n乙,31.54,121.61\n丙,121.5,31.6\n")
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ["甲", "丙"]
    assert [fault.row for fault in read.report.faults] == [3]
    assert "exchanged" in str(read.report.faults[0].reason)


@pytest.mark.thorough
def test_gauss_kruger_metres_with_and_without_the_zone(tmp_path):
    # x 347,000 m in zone 40 (central meridian 120 E) is 153 km west of it: about 118.4 E at 31.6 N.
    with_zone = write(tmp_path, "a.csv", "名称,X,Y\n甲,40347000,3500000\n")
    without = write(tmp_path, "b.csv", "名称,X,Y\n甲,347000,3500000\n")
    a = read_layer(with_zone, crs="CGCS2000 / 3-degree Gauss-Kruger zone 40").table.to_crs(4326)
    b = read_layer(without, crs="CGCS2000 中央经线 120").table.to_crs(4326)
    assert a.geometry.iloc[0].distance(b.geometry.iloc[0]) < 1e-9
    assert a.geometry.iloc[0].x == pytest.approx(118.39, abs=0.01)
    with pytest.raises(CrsError, match="EPSG:4549"):
        read_layer(without, crs="CGCS2000 zone 40")
    with pytest.raises(CrsError, match="zone 40"):
        read_layer(with_zone, crs="EPSG:4326")
    survey = write(tmp_path, "c.csv", "名称,X,Y\n甲,3500000,347000\n")  # surveyors' X is the northing
    with pytest.raises(CrsError, match="exchanged"):
        read_layer(survey, crs="CGCS2000 中央经线 120")
    put_right = read_layer(survey, crs="CGCS2000 中央经线 120", columns={"x": "Y", "y": "X"})
    assert put_right.table.geometry.iloc[0].x == 347000


# --- geometry ------------------------------------------------------------------------------------


def test_missing_and_infinite_coordinates_are_faults_not_rows(tmp_path):
    rows = ["甲,121.40,31.63", "乙,nan,31.5", "丙,,", "丁,inf,31.5", "戊,121.5,abc"]
    path = write(tmp_path, "a.csv", "名称,经度,纬度\n" + "\n".join(rows) + "\n")
    read = read_layer(path, crs="EPSG:4326")
    assert (read.report.n_rows, read.report.n_kept) == (5, 1)
    assert {fault.row for fault in read.report.faults} == {3, 4, 5, 6}
    frame = stations()
    frame.geometry = [shapely.Point(np.inf, 31), shapely.Point(121.5, 31.5)]
    frame.to_parquet(tmp_path / "a.parquet")
    read = read_layer(tmp_path / "a.parquet")
    assert reasons(read) == [(1, "has a coordinate that is NaN or infinite; not kept")]


def test_mixed_geometry_keeps_the_kind_that_was_asked_for(tmp_path):
    shapes = [shapely.Point(121, 31), shapely.box(121, 31, 122, 32), None, shapely.MultiPoint([(121, 32)])]
    shapes += [shapely.MultiPoint([(121, 32), (122, 32)]), shapely.GeometryCollection([shapely.Point(1, 1)])]
    shapes += [shapely.Point(), shapely.LineString([(121, 31), (122, 32)])]
    features = [
        {
            "type": "Feature",
            "properties": {"i": i},
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for i, shape in enumerate(shapes, 1)
    ]
    path = write(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    points = read_layer(path, geometry="point")
    assert points.table["i"].tolist() == [1, 4]
    assert (points.table.geom_type == "Point").all()
    assert [fault.row for fault in points.report.faults] == [2, 3, 5, 6, 7, 8]
    assert "Polygon" in str(points.report.faults[0].reason)
    assert read_layer(path, geometry="polygon").table["i"].tolist() == [2]
    assert read_layer(path).table["i"].tolist() == [1, 2, 4, 5, 8]


def test_an_invalid_polygon_is_repaired_and_reported(tmp_path):
    bow = shapely.Polygon([(121, 31), (122, 32), (122, 31), (121, 32)])  # two triangles of 1/4 square degree
    frame = gpd.GeoDataFrame({"name": ["结", "好"]}, geometry=[bow, shapely.box(121, 31, 122, 32)], crs=4326)
    write_layer(frame, tmp_path / "a.gpkg")
    read = read_layer(tmp_path / "a.gpkg", geometry="polygon")
    assert read.table.geometry.is_valid.all()
    assert shapely.area(read.table.geometry).tolist() == pytest.approx([0.5, 1.0])
    assert read.report.n_kept == 2
    assert [fault.row for fault in read.report.faults] == [1]
    assert "Self-intersection" in str(read.report.faults[0].reason)
    assert "自相交" in read.report.faults[0].reason.say("zh")


def test_duplicate_ids_name_both_rows_and_are_kept(tmp_path):
    read = read_layer(write(tmp_path, "a.csv", STATIONS.replace("A2", "A1")), crs="EPSG:4326")
    assert read.report.n_kept == 2
    assert reasons(read) == [(3, "is the id of row 2 too; the rows are kept here")]


# --- bad files -----------------------------------------------------------------------------------


def test_missing_unknown_and_empty_files(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        read_layer(tmp_path / "none.csv")
    with pytest.raises(FileError, match=r"known are \.csv"):
        read_layer(write(tmp_path, "a.abc", "x"))
    with pytest.raises(FileError, match=r"save it as \.xlsx"):
        read_layer(write(tmp_path, "a.docx", "x"))
    with pytest.raises(FileError, match=r"save it as \.xlsx"):
        read_layer(write(tmp_path, "a.xls", "x"))
    with pytest.raises(InputError, match="0 bytes"):
        read_layer(write(tmp_path, "a.csv", ""))
    with pytest.raises(InputError, match="empty"):
        read_layer(write(tmp_path, "b.csv", "\n\n,,\n"), crs="EPSG:4326")
    with pytest.raises(InputError, match="no rows"):
        read_layer(write(tmp_path, "c.csv", "名称,经度,纬度\n"), crs="EPSG:4326")
    with pytest.raises(InputError, match="no rows"):
        read_layer(write(tmp_path, "d.geojson", '{"type":"FeatureCollection","features":[]}'))
    with pytest.raises(FileError, match="no layer file"):
        read_layer(tmp_path)
    write_layer(stations().iloc[:0], tmp_path / "e.gpkg")
    with pytest.raises(InputError, match="no rows"):
        read_layer(tmp_path / "e.gpkg")


def test_a_table_without_geometry_says_which_columns_there_are(tmp_path):
    path = write(tmp_path, "a.csv", "名称,人口\n甲,3\n")
    with pytest.raises(InputError, match="名称, 人口"):
        read_layer(path, crs="EPSG:4326")
    assert read_layer(path, geometry="none").report.crs == ""


def test_no_row_with_a_usable_geometry_is_an_error(tmp_path):
    path = write(tmp_path, "a.csv", "名称,经度,纬度\n甲,,\n乙,x,y\n")
    with pytest.raises(InputError, match="none of its 2 rows") as caught:
        read_layer(path, crs="EPSG:4326")
    assert caught.value.faults


def test_a_file_with_several_layers_asks_which(tmp_path):
    write_layer(stations(), tmp_path / "a.gpkg", layer="一")
    write_layer(stations().iloc[:1], tmp_path / "a.gpkg", layer="二")
    with pytest.raises(InputError, match="一, 二"):
        read_layer(tmp_path / "a.gpkg")
    assert read_layer(tmp_path / "a.gpkg", layer="二").report.n_rows == 1
    assert read_layer(tmp_path / "a.gpkg", layer="一").report.n_rows == 2
    with pytest.raises(FileError, match="一, 二"):
        read_layer(tmp_path / "a.gpkg", layer="三")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet", ".xlsx", ".zip"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_truncated_file_is_a_plain_error(tmp_path, ending, share):
    whole = tmp_path / f"whole{ending}"
    many = stations().loc[[0, 1] * 200].reset_index(drop=True)
    if ending == ".xlsx":
        pd.DataFrame(many.drop(columns="geometry")).to_excel(whole, index=False)
    elif ending == ".zip":
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("a.csv", STATIONS * 50)
    else:
        write_layer(many, whole)
    data = whole.read_bytes()
    path = write(tmp_path, f"cut{ending}", data[: int(len(data) * share)])
    with pytest.raises(GeoError):
        read_layer(path, crs=None, geometry="point")


@pytest.mark.parametrize("side", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("how", ["missing", "cut"])
def test_a_shapefile_that_is_not_whole(tmp_path, side, how):
    stations().loc[[0, 1] * 50].to_file(tmp_path / "a.shp", engine="pyogrio")
    part = tmp_path / f"a{side}"
    if how == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-300])
    with pytest.raises(FileError):
        read_layer(tmp_path if side == ".shp" and how == "missing" else tmp_path / "a.shp")


def test_a_file_that_is_not_what_its_ending_says(tmp_path):
    for ending in (".gpkg", ".geojson", ".fgb", ".parquet", ".xlsx", ".zip", ".kml", ".shp", ".kmz"):
        with pytest.raises(GeoError):
            read_layer(write(tmp_path, f"a{ending}", STATIONS), crs="EPSG:4326")


@pytest.mark.thorough
def test_a_zip_bomb_is_not_opened(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (60 * 2**20))
    with pytest.raises(FileError, match="bomb"):
        read_layer(path)
    with pytest.raises(FileError, match="too large"):
        archives.check_zip(path, most_bytes=2**20)


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "b/../../a.csv", "..\\a.csv", "C:/a.csv"])
def test_a_zip_that_reaches_outside_its_folder_is_not_opened(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, STATIONS)
    with pytest.raises(FileError, match="outside"):
        read_layer(path, crs="EPSG:4326")


def test_a_row_longer_than_the_header_is_a_fault(tmp_path):
    path = write(
        tmp_path, "a.csv", STATIONS + "A3,长兴站,一级站,121.7,31.4,30,多,余\nA4,横沙站,小型站,121.8,31.3,9\n"
    )
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ["城桥站", "堡镇站", "横沙站"]
    assert read.table.index.tolist() == [2, 3, 5]
    assert (read.report.n_rows, read.report.n_kept) == (4, 3)
    assert reasons(read) == [(4, "has 8 cells, the header has 6; not kept")]


@pytest.mark.thorough
def test_a_million_rows_with_one_fault(tmp_path):
    block = "121.4,31.6,3\n" * 999_999
    read = read_layer(write(tmp_path, "a.csv", f"经度,纬度,人口\n{block}121.4,31.6,很多\n"), crs="EPSG:4490")
    assert read.report.n_kept == 1_000_000
    assert read.table["people"].sum() == 3 * 999_999
    assert [fault.row for fault in read.report.faults] == [1_000_001]


def test_a_header_that_is_too_short_for_every_row_loses_no_cell_silently(tmp_path):
    path = write(tmp_path, "a.csv", "名称,经度\n甲,121.4,31.6\n乙,121.5,31.6\n")
    with pytest.raises(InputError, match="no rows") as caught:
        read_layer(path, crs="EPSG:4326")
    assert len(caught.value.faults) == 2
    # A comma at the end of every row holds nothing, so nothing is lost.
    path = write(tmp_path, "b.csv", "名称,经度,纬度\n甲,121.4,31.6,\n乙,121.5,31.6,\n")
    assert read_layer(path, crs="EPSG:4326").report.n_kept == 2


def test_ids_that_a_file_holds_as_numbers_are_texts(tmp_path):
    write_layer(stations().assign(id=[7.0, 8.0]), tmp_path / "a.gpkg")
    assert read_layer(tmp_path / "a.gpkg").table["id"].tolist() == ["7", "8"]


def test_commas_and_line_ends_within_quotes(tmp_path):
    path = write(tmp_path, "a.csv", '名称,经度,纬度\r\n"甲,\n""东""站",121.4,31.6\r\n乙,121.5,31.6\r\n')
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == ['甲,\n"东"站', "乙"]
    assert read.table.index.tolist() == [2, 3]  # rows of the spreadsheet, not lines of the file


def test_a_quote_that_is_never_closed(tmp_path):
    with pytest.raises(FileError, match="cut off"):
        read_layer(
            write(tmp_path, "a.csv", '名称,经度,纬度\n甲,121.4,31.6\n"乙,121.5,31.6\n'), crs="EPSG:4326"
        )


def test_a_short_last_row_is_reported(tmp_path):
    read = read_layer(write(tmp_path, "a.csv", STATIONS.rstrip("\n")[:-9]), crs="EPSG:4326")
    assert any("cut off" in reason for _, reason in reasons(read))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    ending=st.sampled_from([".csv", ".geojson", ".xlsx", ".zip", ".gpkg", ".shp"]),
)
def test_no_bytes_bring_a_foreign_error(tmp_path, data, ending):
    path = write(tmp_path, f"a{ending}", data)
    with contextlib.suppress(GeoError):
        read_layer(path, crs="EPSG:4326")


# --- writing -------------------------------------------------------------------------------------


def test_infinite_times_are_written_as_null(tmp_path):
    table = stations().assign(first_s=[np.inf, 12.5])
    for ending in (".gpkg", ".geojson", ".fgb", ".parquet", ".csv"):
        path = tmp_path / f"a{ending}"
        write_layer(table, path)
        again = read_layer(path, crs="EPSG:4326" if ending == ".csv" else None).table
        assert again["first_s"].isna().tolist() == [True, False], ending
    assert "Infinity" not in (tmp_path / "a.geojson").read_text(encoding="utf-8")


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(tmp_path):
    table = stations().assign(name=["=1+1", "-堡镇"]).set_index("id")
    write_layer(table, tmp_path / "a.csv")
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv_rows(data))
    assert rows[0] == ["id", "name", "staff", "lon", "lat"]
    assert rows[1] == ["A1", "'=1+1", "45.0", "121.4", "31.63"]
    assert rows[2][1] == "'-堡镇"


def csv_rows(data):
    return csv.reader(io.StringIO(data.decode("utf-8-sig")))


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet", ".csv"])
def test_the_same_table_gives_the_same_bytes(tmp_path, ending):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_layer(stations(), tmp_path / name / f"x{ending}")
    assert (tmp_path / "a" / f"x{ending}").read_bytes() == (tmp_path / "b" / f"x{ending}").read_bytes()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.geojson"
    write_layer(stations(), path)
    before = path.read_bytes()
    with pytest.raises(InputError):
        write_layer(pd.DataFrame({"a": [1]}), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.geojson"]
    with pytest.raises(FileError, match="written as"):
        write_layer(stations(), tmp_path / "a.docx")
    with pytest.raises(FileError, match="cannot be written"):
        write_text_whole(path / "below.txt", "x")


def test_texts_are_written_whole(tmp_path):
    write_text_whole(tmp_path / "new" / "a.txt", "崇明")
    write_text_whole(tmp_path / "new" / "a.txt", b"\x00\x01")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\x00\x01"


def test_a_plain_table_goes_into_a_geopackage_beside_layers(tmp_path):
    write_layer(stations(), tmp_path / "a.gpkg", layer="stations")
    write_layer(pd.DataFrame({"target": ["CM-1"], "value": [np.inf]}), tmp_path / "a.gpkg", layer="targets")
    read = read_layer(tmp_path / "a.gpkg", layer="targets", geometry="none")
    assert read.table["target"].tolist() == ["CM-1"]
    assert read_layer(tmp_path / "a.gpkg").report.n_rows == 2  # the only layer with geometry


# --- real files ----------------------------------------------------------------------------------


@pytest.mark.real
def test_the_towns_and_villages_of_chongming():
    towns = read_layer(real("chongming/towns_chongming_points.csv"), crs="EPSG:4326", geometry="point")
    assert (towns.report.n_rows, towns.report.n_kept, towns.report.faults) == (18, 18, ())
    assert "堡镇" in set(towns.table["name"])
    villages = read_layer(real("chongming/villages_chongming_codes.csv"), geometry="none")
    assert len(villages.table) == 361
    assert villages.table["zone"].iloc[0] == "城桥镇"
    assert villages.table["id"].str.len().eq(12).all()


@pytest.mark.real
def test_the_land_and_the_roads_of_chongming():
    land = read_layer(real("chongming/chongming_land_c2015_wgs84.geojson"), geometry="polygon")
    area_km2 = land.table.to_crs(32651).area.sum() / 1e6
    assert area_km2 == pytest.approx(1431, abs=5)  # as its description says
    path = real("chongming/roads_chongming_secondary_plus.gpkg")
    with pytest.raises(InputError, match="links, nodes"):
        read_layer(path)
    roads = read_layer(path, layer="links", geometry="line")
    assert len(roads.table) == 637
    assert {"u", "v", "highway", "name", "length_m"} <= set(roads.table.columns)


@pytest.mark.real
def test_the_census_of_shanghai_in_ten_thousands():
    read = read_layer(
        real("shanghai/population_district_age_2020.csv"), geometry="none", columns={"people": "pop2020_wan"}
    )
    assert read.table["people"].sum() == pytest.approx(24_870_900, abs=1_000)  # plans.md: 24,870,900


@given(
    st.lists(
        st.sampled_from(
            ["经度", "经", "常住人口", "（万人）", "2020年人口数", "X_", "lon", "设施类", "_km2", "7"]
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=100, deadline=None)
def test_a_header_is_counted_as_known_exactly_when_it_is_taken_for_a_column(parts: list[str]) -> None:
    # The count asks all kinds of column at once; taking asks one kind after the other.
    header = "".join(parts)
    taken = match_headers(pd.DataFrame({header: ["1"]})).header
    assert count_known([header]) == bool(taken)
