"""What is taken in is bounded, with words, before memory is taken; what is real goes on working."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geo import file_limits, osm
from geo.demand import demand_from_raster, match_villages
from geo.errors import FileError, GeoError, InputError
from geo.layers import read_layer
from geo.layers._angles import angle_notes, parse_angle, parse_packed, parse_pair
from geo.layers._formats.sheet_size import check_dense
from geo.nesting import is_nested
from geo.network import read_graphml
from tests.towns import METRIC

HEAD: list[object] = ["名称", "经度", "纬度", "人口"]
ROWS: list[list[object]] = [["城桥", 121.4, 31.6, 5], ["堡镇", 121.5, 31.6, 7]]
WGS84 = {"crs": "EPSG:4326"}


def book(path: Path, rows: list[list[object]]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Change the bytes of a part of a workbook."""
    other = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content)
    return other


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.thorough
def test_a_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    """Read as one block, the sheet would have 17 thousand million cells."""
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    read = read_layer(changed(path, SHEET, b"</sheetData>", last), **WGS84)
    assert read.table["people"].tolist() == [5, 7]


@pytest.mark.thorough
def test_a_row_of_any_number_is_not_waited_for(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    last = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
    with pytest.raises(FileError, match="has 1,048,577 rows; at most 1,048,576 are read"):
        read_layer(changed(path, SHEET, b"</sheetData>", last), **WGS84)


@pytest.mark.thorough
def test_rows_that_reach_to_the_last_column_are_counted(tmp_path: Path) -> None:
    """A thousand of them, of one cell each, are 16 million cells of a table."""
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (i, i) for i in range(4, 1004))
    with pytest.raises(FileError, match="cells; at most 10,000,000 are read"):
        read_layer(changed(path, SHEET, b"</sheetData>", rows + b"</sheetData>"), **WGS84)


@pytest.mark.parametrize("ref", ["A1:XFD1048576", "A1", "A1:D999999999"])
def test_what_a_sheet_states_of_its_size_is_not_believed(tmp_path: Path, ref: str) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    stated = changed(path, SHEET, b'<dimension ref="A1:D3"', f'<dimension ref="{ref}"'.encode())
    assert read_layer(stated, **WGS84).table["people"].tolist() == [5, 7]


def test_a_merged_area_over_the_whole_sheet_fills_what_is_there(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["乡镇", *HEAD], ["城桥镇", *ROWS[0]], [None, *ROWS[1]]])
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A1048576"/></mergeCells>'
    read = read_layer(changed(path, SHEET, b"</sheetData>", merged), **WGS84)
    assert read.table["zone"].tolist() == ["城桥镇", "城桥镇"]


def test_cells_beside_the_first_of_a_merged_area_are_not_seen(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["乡镇", *HEAD], ["城桥镇", *ROWS[0]], ["看不见", *ROWS[1]]])
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    read = read_layer(changed(path, SHEET, b"</sheetData>", merged), **WGS84)
    assert read.table["zone"].tolist() == ["城桥镇", "城桥镇"]


def test_merged_areas_without_measure_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    areas = b"".join(b'<mergeCell ref="%s2:%s3"/>' % (column, column) for column in (b"A", b"B", b"C"))
    merged = changed(path, SHEET, b"</sheetData>", b"</sheetData><mergeCells>" + areas + b"</mergeCells>")
    monkeypatch.setattr(file_limits, "MOST_FILLED", 6)
    assert len(read_layer(merged, **WGS84).table) == 2
    monkeypatch.setattr(file_limits, "MOST_FILLED", 5)
    with pytest.raises(FileError, match="has 6 merged cells; at most 5 are read"):
        read_layer(merged, **WGS84)


@pytest.mark.parametrize(
    ("part", "old", "new", "what"),
    [
        (SHEET, b"</sheetData>", b'<row r="9">' + b"<c/>" * 600_000 + b"</row></sheetData>", "elements"),
        ("xl/styles.xml", b"</styleSheet>", b"<xf/>" * 600_000 + b"</styleSheet>", "elements"),
    ],
)
def test_a_workbook_of_a_few_kilobytes_with_a_million_elements(
    tmp_path: Path, part: str, old: bytes, new: bytes, what: str
) -> None:
    path = changed(book(tmp_path / "a.xlsx", [HEAD, *ROWS]), part, old, new)
    assert path.stat().st_size < 50_000
    with pytest.raises(FileError, match=f"{what}; at most 500,000 are read") as error:
        read_layer(path, **WGS84)
    assert "个元素，最多读取 500,000 个" in error.value.say("zh")


@pytest.mark.thorough
def test_a_workbook_with_many_rows_and_formats_is_read(tmp_path: Path) -> None:
    """Each cell with its own number and a format: as real ones, it has few elements for each packed byte."""
    frame = pd.DataFrame(np.random.default_rng(1).integers(1, 10**9, (40_000, 4)), columns=list("abcd"))
    frame = frame.assign(lon=121.5, lat=31.5)
    frame.to_excel(tmp_path / "a.xlsx", index=False, engine="xlsxwriter")
    assert len(read_layer(tmp_path / "a.xlsx", **WGS84).table) == 40_000


def test_cells_out_of_order_are_told(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    swapped = changed(path, SHEET, b'<c r="B3"', b'<c r="E3"')
    with pytest.raises(FileError, match="cell C3 stands out of order"):
        read_layer(swapped, **WGS84)


def test_letters_of_cells_that_share_a_text_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xlsx", [HEAD, *([["x" * 1000, 121.4, 31.6, 5]] * 20)])
    monkeypatch.setattr(file_limits, "MOST_LETTERS_OF_TABLE", 10_000)
    with pytest.raises(FileError, match="letters; at most 10,000 are read"):
        read_layer(path, **WGS84)


def ods(path: Path, rows: str) -> Path:
    """Write the content of an .ods by hand, after one that GDAL wrote."""
    frame = pd.DataFrame(ROWS, columns=["name", "lon", "lat", "people"])
    pyogrio.write_dataframe(frame, path, driver="ODS")
    return changed(path, "content.xml", b"</table:table>", rows.encode() + b"</table:table>")


CELL = '<table:table-cell office:value-type="float" office:value="1"/>'


@pytest.mark.parametrize(
    "rows",
    [
        f'<table:table-row table:number-rows-repeated="1000000">{CELL * 30}</table:table-row>',
        '<table:table-row><table:table-cell table:number-columns-repeated="99000000"/>'
        f"{CELL}</table:table-row>",
        '<table:table-row table:number-rows-repeated="99000000"><table:table-cell/></table:table-row>'
        f"<table:table-row>{CELL}</table:table-row>",
    ],
    ids=["filled rows", "blank cells before one", "blank rows before one"],
)
def test_repeats_of_an_ods_are_counted_before_they_are_unrolled(tmp_path: Path, rows: str) -> None:
    with pytest.raises(FileError, match="cells; at most 4,000,000 are read in this format"):
        read_layer(ods(tmp_path / "a.ods", rows), **WGS84)


def test_the_blank_rest_of_an_ods_costs_nothing(tmp_path: Path) -> None:
    rest = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    assert len(read_layer(ods(tmp_path / "a.ods", rest), **WGS84).table) == 2


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, len(content)]) + content


@pytest.mark.parametrize(("column", "is_large"), [(3, False), (4, True)])
def test_the_last_cell_of_an_xlsb_is_looked_for(tmp_path: Path, column: int, is_large: bool) -> None:
    """A million rows of 4 columns are the limit itself of a small file."""
    cell = struct.pack("<IId", column, 0, 1.0)
    sheet = record(0, struct.pack("<I", 999_999) + bytes(13)) + record(5, cell)
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    assert is_large == (1_000_000 * (column + 1) > file_limits.SMALL_DENSE_CELLS)
    if is_large:
        with pytest.raises(FileError, match="have 5,000,000 cells; at most 4,000,000"):
            check_dense(tmp_path / "a.xlsb")
    else:
        check_dense(tmp_path / "a.xlsb")


@pytest.mark.thorough
@pytest.mark.parametrize(("row", "is_large"), [(15_624, False), (15_625, True)])
def test_the_last_cell_of_an_xls_is_looked_for(tmp_path: Path, row: int, is_large: bool) -> None:
    """A cell in the last column makes 256 of each row: 15,625 rows are the limit itself of a small file."""
    old = xlwt.Workbook()
    sheet = old.add_sheet("s")
    for i, cells in enumerate([HEAD, *ROWS]):
        for j, value in enumerate(cells):
            sheet.write(i, j, value)
    sheet.write(row, 255, 1)
    old.save(str(tmp_path / "a.xls"))
    if is_large:
        with pytest.raises(FileError, match="have 4,000,256 cells; at most 4,000,000 are read"):
            read_layer(tmp_path / "a.xls", **WGS84)
    else:
        assert read_layer(tmp_path / "a.xls", **WGS84).table["people"].tolist() == [5, 7]


def test_a_text_of_an_xlsb_counts_for_each_cell_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = b"".join(record(19, b"\0" + struct.pack("<I", n) + b"x\0" * min(n, 50)) for n in (2, 40))
    cells = [0] * 10 + [1]
    sheet = record(0, bytes(17)) + b"".join(
        record(7, struct.pack("<III", place, 0, text)) for place, text in enumerate(cells)
    )
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as archive:
        archive.writestr("xl/sharedStrings.bin", texts)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    monkeypatch.setattr(file_limits, "MOST_LETTERS_OF_TABLE", 60)  # 10 x 2 + 40
    check_dense(tmp_path / "a.xlsb")
    monkeypatch.setattr(file_limits, "MOST_LETTERS_OF_TABLE", 59)
    with pytest.raises(FileError, match="has 60 letters"):
        check_dense(tmp_path / "a.xlsb")


def old_book(path: Path, texts: list[str], *, rich: bool = False) -> Path:
    """Write an .xls with a place a row, and a text that many rows may share."""
    old = xlwt.Workbook()
    sheet = old.add_sheet("s")
    for j, header in enumerate(["名称", "经度", "纬度", "备注"]):
        sheet.write(0, j, header)
    for i, text in enumerate(texts, 1):
        for j, value in enumerate(["甲", 121.4, 31.6]):
            sheet.write(i, j, value)
        if rich:
            font = xlwt.easyfont("bold true")
            sheet.write_rich_text(i, 3, [(text[:3], font), (text[3:], xlwt.easyfont(""))])
        else:
            sheet.write(i, 3, text)
    old.save(str(path))
    return path


@pytest.mark.parametrize("rich", [False, True])
def test_a_text_of_an_xls_counts_for_each_cell_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rich: bool
) -> None:
    """Texts longer than a record go on in the next ones, there perhaps with another width of letters."""
    texts = ["备" * 9000, "remark" * 3000, "短", "备" * 9000, "备x" * 7000]
    path = old_book(tmp_path / "a.xls", texts, rich=rich)
    n = sum(map(len, texts)) + len(texts) + len("名称经度纬度备注")
    assert len(read_layer(path, **WGS84).table) == 5
    monkeypatch.setattr(file_limits, "MOST_LETTERS_OF_TABLE", n)
    check_dense(path)
    monkeypatch.setattr(file_limits, "MOST_LETTERS_OF_TABLE", n - 1)
    with pytest.raises(FileError, match=f"has {n:,} letters; at most {n - 1:,}"):
        check_dense(path)


def test_a_long_text_in_each_row_of_an_xls_is_told_before_it_is_copied(tmp_path: Path) -> None:
    path = old_book(tmp_path / "a.xls", ["长" * 30_000] * 4000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(FileError, match="has 120,004,008 letters; at most 100,000,000 are read"):
        read_layer(path, **WGS84)


def test_an_xls_that_states_texts_that_it_does_not_hold(tmp_path: Path) -> None:
    data = bytearray(old_book(tmp_path / "a.xls", ["备注"]).read_bytes())
    at = data.index(struct.pack("<HH", 0x00FC, 8)[:2], 512)
    struct.pack_into("<I", data, at + 8, 0x7FFFFFFF)
    (tmp_path / "b.xls").write_bytes(data)
    with pytest.raises(FileError, match="states more texts than it holds"):
        read_layer(tmp_path / "b.xls", **WGS84)


def blank_rows(n: int) -> bytes:
    """Write rows of five formatted cells without anything in them, as WPS does down to the last row."""
    cells = "".join(f'<c r="{letter}{{0}}" s="0"/>' for letter in "ABCDE")
    row = f'<row r="{{0}}" spans="1:5">{cells}</row>'
    return "".join(row.format(i) for i in range(4, n + 4)).encode()


@pytest.mark.thorough
def test_blank_cells_of_a_format_are_passed_over(tmp_path: Path) -> None:
    """Rows keep their numbers behind a hundred thousand blank cells."""
    path = book(tmp_path / "a.xlsx", [HEAD, *ROWS])
    last = b'<row r="20004"><c r="A20004" t="inlineStr"><is><t>\xe4\xb8\x9c</t></is></c>' + (
        b'<c r="B20004"><v>121.6</v></c><c r="C20004"/><c r="D20004" s="0"/></row>'
    )
    spoilt = changed(path, SHEET, b"</sheetData>", blank_rows(20_000) + last + b"</sheetData>")
    read = read_layer(spoilt, **WGS84)
    assert read.table["people"].tolist()[:2] == [5, 7]
    assert [fault.row for fault in read.report.faults] == [20004]


def test_what_looks_like_blank_cells_in_a_text_stays() -> None:
    from geo.layers._formats.filled import _without_blanks

    inside = b'<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<c r="A2" s="1"/>]]></t></is></c></row>'
    assert _without_blanks(inside) == inside
    rows = (
        b'<row r="1"><c r="A1" s="1"/><c r="B1"><v>1</v></c></row><row r="2"/> <row r="3"><c r="A3"/></row>'
    )
    assert _without_blanks(rows) == b'<row r="1"><c r="B1"><v>1</v></c></row> <row r="3"></row>'
    assert _without_blanks(b'<c s="1"/><row><c/></row>') == b'<c s="1"/><row><c/></row>'


def test_the_cells_of_short_rows_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of one cell under a header of a hundred has a hundred cells once it is read."""
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度," + ",".join(map(str, range(97))) + "\n" + "a,121,31\n" * 99, "utf-8")
    monkeypatch.setattr(file_limits, "SMALL_CELLS", 10_100)
    assert len(read_layer(path, **WGS84).table) == 99
    monkeypatch.setattr(file_limits, "SMALL_CELLS", 10_099)
    with pytest.raises(FileError, match="has 10,100 cells; at most 10,099"):
        read_layer(path, **WGS84)


def test_a_header_of_a_million_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,经度,纬度" + ",x" * 90_000 + "\n", encoding="utf-8")
    with pytest.raises(FileError, match="columns; at most 16,384"):
        read_layer(tmp_path / "a.csv", **WGS84)


def test_a_long_name_is_cut_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"名称,经度,纬度\n{'村' * 100_000},121,31\n短名,121,31\n", encoding="utf-8")
    read = read_layer(path, **WGS84)
    assert read.table["name"].tolist() == ["村" * 1000, "短名"]
    (fault,) = read.report.faults
    assert (fault.row, fault.column, len(fault.value)) == (2, "名称", 60)
    assert fault.reason.say("en") == "has 100,000 letters; the first 1,000 are kept"
    assert fault.reason.say("zh") == "有 100,000 个字符；只保留前 1,000 个"


def test_a_long_shape_is_not_cut(tmp_path: Path) -> None:
    line = shapely.LineString([(121 + i / 1e4, 31) for i in range(400)])
    (tmp_path / "a.csv").write_text(f'name,wkt\na,"{line.wkt}"\n', encoding="utf-8")
    read = read_layer(tmp_path / "a.csv", **WGS84)
    assert read.table.geometry.iloc[0].equals(line)
    assert read.report.faults == ()


def test_names_of_a_hundred_thousand_letters_are_compared() -> None:
    """Compared letter by letter, in all their parts, they would take years."""
    long = "东西" * 50_000
    villages = pd.DataFrame({"name": [f"{long}村", "南门村"], "zone": None})
    depots = pd.DataFrame({"name": [f"某{long}村仓库", f"{long[:-1]}南门村仓库", long[:-1]]})
    matches = match_villages(depots, villages)
    assert matches["village"].tolist() == [0, 1, None]


def slow_longest(text: str, names: list[str]) -> set[str]:
    """Find the longest names in a text by trying each part of it."""
    parts = {text[i:j] for i in range(len(text)) for j in range(i + 2, len(text) + 1)} & set(names)
    return {part for part in parts if len(part) == max(map(len, parts))}


@given(
    st.text("东西南北", min_size=2, max_size=9),
    st.lists(st.text("东西南北", min_size=2, max_size=4), min_size=1),
)
def test_the_longest_village_in_a_name_is_found(text: str, names: list[str]) -> None:
    names = list(dict.fromkeys(names))
    villages = pd.DataFrame({"name": names, "zone": None})
    matches = match_villages(pd.DataFrame({"name": [f"甲{text}仓库"]}), villages)
    (village,) = matches["village"]
    longest = slow_longest(f"甲{text}仓库", names)
    assert (village is None) == (not longest)
    assert village is None or names[village] in longest


def test_folders_inside_folders_are_counted(tmp_path: Path) -> None:
    def nested(n: int) -> Path:
        mark = "<Placemark><name>a</name><Point><coordinates>121,31</coordinates></Point></Placemark>"
        path = tmp_path / f"{n}.kml"
        path.write_text(f"<kml><Document>{'<Folder>' * n}{mark}{'</Folder>' * n}</Document></kml>", "utf-8")
        return path

    assert len(read_layer(nested(190)).table) == 1
    for n in (300, 20_000):
        with pytest.raises(FileError, match="levels inside each other; at most 200"):
            read_layer(nested(n))


@pytest.mark.parametrize("n", [100, 900, 100_000])
def test_json_inside_json_is_an_error(tmp_path: Path, n: int) -> None:
    inner = '{"type":"GeometryCollection","geometries":['
    path = tmp_path / "a.geojson"
    path.write_text(inner * n + '{"type":"Point","coordinates":[121,31]}' + "]}" * n, encoding="utf-8")
    with pytest.raises(GeoError):
        read_layer(path)


def test_values_of_json_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"name": "a", "lon": 121, "lat": 31}] * 100), encoding="utf-8")
    assert len(read_layer(path, **WGS84).table) == 100
    monkeypatch.setattr(file_limits, "MOST_JSON_VALUES", 299)
    with pytest.raises(FileError, match="has 300 values"):
        read_layer(path, **WGS84)


@pytest.mark.thorough
def test_rows_of_a_parquet_that_all_hold_the_same_are_counted(tmp_path: Path) -> None:
    table = pa.table({"name": pa.nulls(200_000_000)})
    pq.write_table(table, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 1_000_000
    with pytest.raises(FileError, match="has 200,000,000 values; at most 10,000,000"):
        read_layer(tmp_path / "a.parquet", **WGS84)


INSIDE = struct.pack("<BII", 1, 7, 1)
INSIDE_BIG = struct.pack(">BII", 0, 4, 1)
SPOT = struct.pack("<BIdd", 1, 1, 121.4, 31.6)
BESIDE = struct.pack("<BII", 1, 7, 2) + SPOT
NESTED: dict[str, Callable[[int], str | bytes]] = {
    "wkt": lambda n: "GEOMETRYCOLLECTION(" * n + "POINT(121.4 31.6)" + ")" * n,
    "geojson": lambda n: (
        '{"type":"GeometryCollection","geometries":[' * n
        + '{"type":"Point","coordinates":[121.4,31.6]}'
        + "]}" * n
    ),
    "wkb": lambda n: INSIDE * n + SPOT,
    "other order": lambda n: INSIDE_BIG * n + SPOT,
    "beside others": lambda n: BESIDE * n + SPOT,
    "with a system": lambda n: struct.pack("<BIII", 1, 7 | 0x20000000, 4326, 1) + INSIDE * (n - 1) + SPOT,
}


@pytest.mark.parametrize("form", NESTED)
def test_shapes_inside_shapes_are_counted(form: str) -> None:
    more = 2 if form in ("wkt", "geojson") else 0  # their brackets are counted, of which a point has one too
    assert not is_nested(NESTED[form](file_limits.MOST_NESTED // (more or 1) - more))
    assert is_nested(NESTED[form](file_limits.MOST_NESTED + 1))


@pytest.mark.thorough
def test_a_large_shape_is_not_taken_for_a_deep_one() -> None:
    """Of ten thousand parts, holes and lines beside each other, and of any numbers."""
    chance = np.random.default_rng(1)
    boxes = [shapely.box(x, 0, x + 0.5, 0.5) for x in range(10_000)]
    shapes: list[shapely.Geometry] = [
        shapely.MultiPolygon(boxes),
        shapely.GeometryCollection([shapely.MultiPoint([(1, 1), (2, 2)])] * 3000),
        shapely.LineString(chance.random((50_000, 2))),
        shapely.MultiLineString([[(i, 0, 1), (i, 1, 7)] for i in range(5000)]),
        shapely.Polygon(shapely.box(-1, -1, 9000, 2).exterior, [box.exterior for box in boxes[:5000]]),
    ]
    for shape in shapes:
        for text in (shape.wkb, shapely.to_wkb(shape, include_srid=True, byte_order=0), shape.wkt):
            assert not is_nested(text)


@pytest.mark.thorough
@pytest.mark.parametrize("form", NESTED)
@pytest.mark.parametrize("ending", [".csv", ".parquet", "geo.parquet"])
def test_shapes_inside_shapes_end_in_one_message(tmp_path: Path, form: str, ending: str) -> None:
    """GEOS went down until the stack was full, and the program was gone without a word."""
    shape = NESTED[form](100_000)
    path = tmp_path / f"a{ending}"
    if ending == ".csv":
        text = shape.hex() if isinstance(shape, bytes) else '"' + shape.replace('"', '""') + '"'
        path.write_text(f"name,geometry\na,{text}\nb,POINT (121.4 31.6)\n", encoding="utf-8")
        read = read_layer(path, **WGS84)
        assert (read.table["name"].tolist(), {fault.row for fault in read.report.faults}) == (["b"], {2})
        return
    rows = pa.table({"name": ["a"], "geometry": [shape if isinstance(shape, bytes) else shape.encode()]})
    if ending == "geo.parquet":
        about = {"version": "1.0.0", "primary_column": "geometry"}
        columns = {"geometry": {"encoding": "WKB", "geometry_types": []}}
        rows = rows.replace_schema_metadata({"geo": json.dumps({**about, "columns": columns})})
    pq.write_table(rows, path)
    with pytest.raises(GeoError, match=r"a.*parquet"):
        read_layer(path, **WGS84)


def test_a_graph_with_shapes_inside_shapes_is_told(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph(crs="EPSG:32651")
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, x=1.0, y=0.0)
    graph.add_edge(1, 2, length=1.0, geometry=NESTED["wkt"](100_000))
    nx.write_graphml(graph, tmp_path / "a.graphml")
    with pytest.raises(FileError, match="shapes inside shapes"):
        read_graphml(tmp_path / "a.graphml")


LETTERS = 30_000
BAITS = {
    "经度": ["1°" * LETTERS, "121" + " " * LETTERS + "°", "-" * LETTERS, "1" * LETTERS, "北纬" * LETTERS],
    "坐标": ["1," * LETTERS, "东经1" * LETTERS, "(" * LETTERS, "1 " * LETTERS],
}


@pytest.mark.parametrize(
    ("header", "text"), [(header, text) for header, texts in BAITS.items() for text in texts]
)
def test_long_texts_are_not_tried_for_angles_in_all_ways(tmp_path: Path, header: str, text: str) -> None:
    """Some of the patterns for angles take the square of a text's length: minutes for a cell."""
    for parse in (parse_angle, parse_pair, parse_packed):
        assert parse(text) is None
    assert angle_notes(header, [text]) == []


@pytest.mark.parametrize("text", ["人口（", "(", "面积_", "2020年", "单位：", "[（"])
def test_long_headers_are_not_tried_for_units_in_all_ways(tmp_path: Path, text: str) -> None:
    header = text * LETTERS
    path = tmp_path / "a.csv"
    path.write_text(f"name,lon,lat,{header}\na,121.4,31.6,3\n", encoding="utf-8")
    if len(header) < 131_072:  # what a cell of a table of text may have
        assert len(read_layer(path, **WGS84).table) == 1
    else:
        with pytest.raises(FileError, match="more than 131,072 letters, so no header is found"):
            read_layer(path, **WGS84)


def with_view(path: Path, question: str, *, n: int = 2000) -> Path:
    """Write a GeoPackage with a layer of places, and a view of them that is a layer too."""
    frame = gpd.GeoDataFrame({"name": [f"站{i}" for i in range(n)], "x": range(n)})
    frame.set_geometry(gpd.points_from_xy([121.4] * n, [31.6] * n), crs=4326).to_file(path, layer="places")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(f"CREATE VIEW seen AS {question}")
        for table, column in (("gpkg_contents", "table_name"), ("gpkg_geometry_columns", "table_name")):
            names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            put = ", ".join("'seen'" if name in (column, "identifier") else name for name in names)
            base.execute(f"INSERT INTO {table} SELECT {put} FROM {table} WHERE {column} = 'places'")
        base.commit()
    return path


PLACES = "fid AS OGC_FID, geom, name"


@pytest.mark.parametrize(
    ("question", "n"),
    [
        (f"SELECT {PLACES}, x * 2 AS y FROM places WHERE x < 1000", 1000),
        (f"SELECT {PLACES}, ST_MinX(geom) AS y FROM places WHERE ST_MinX(geom) > 0", 2000),
        (f"SELECT {PLACES}, row_number() OVER (ORDER BY x) AS y FROM places", 2000),
        ("SELECT a.fid AS OGC_FID, a.geom, b.name FROM places a JOIN places b ON a.x = b.x + 1", 1999),
        (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
            f"SELECT {PLACES} FROM places JOIN n ON x = i",
            9,
        ),
    ],
    ids=["some rows", "functions of GDAL", "numbered", "joined", "recursion with an end"],
)
def test_views_that_come_to_an_end_are_read(tmp_path: Path, question: str, n: int) -> None:
    path = with_view(tmp_path / "a.gpkg", question)
    assert len(read_layer(path, layer="seen").table) == n
    assert len(read_layer(path, layer="places").table) == 2000


COUNTED = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS OGC_FID, NULL AS geom FROM n"


@pytest.mark.parametrize(
    ("question", "why", "is_found_in_first_row"),
    [
        (COUNTED, "takes too long", False),
        (f"{COUNTED} WHERE i < 0", "takes too long", True),
        ("SELECT a.fid AS OGC_FID, a.geom FROM places a, places b, places c", "takes too long", False),
        (f"SELECT {PLACES}, hex(zeroblob(100000000)) AS y FROM places", "values is far too large", True),
        (f"SELECT {PLACES}, hex(zeroblob(100000)) AS y FROM places", "bytes of texts and shapes", False),
    ],
    ids=["no end", "no first row", "all with all", "one too large", "many too large"],
)
def test_views_that_never_end_or_give_without_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, why: str, is_found_in_first_row: bool
) -> None:
    monkeypatch.setattr(file_limits, "MOST_VIEW_STEPS", 1_000_000)
    path = with_view(tmp_path / "a.gpkg", question)
    with pytest.raises(FileError, match=why) as error:
        read_layer(path, layer="seen")
    assert "a.gpkg" in error.value.say("zh")
    if is_found_in_first_row:
        with pytest.raises(FileError, match="seen"):
            read_layer(path, layer="places")
    else:
        assert len(read_layer(path, layer="places").table) == 2000


def test_a_list_of_layers_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GDAL asks for all of it to know what layers there are."""
    monkeypatch.setattr(file_limits, "MOST_VIEW_STEPS", 1_000_000)
    path = with_view(tmp_path / "a.gpkg", f"SELECT {PLACES} FROM places")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("ALTER TABLE gpkg_geometry_columns RENAME TO kept")
        base.execute(
            "CREATE VIEW gpkg_geometry_columns AS SELECT a.* FROM kept a, places, places b, places c"
        )
        base.commit()
    with pytest.raises(FileError, match="the view gpkg_geometry_columns takes too long"):
        read_layer(path, layer="places")


@pytest.mark.thorough
def test_a_computed_column_without_measure_is_told(tmp_path: Path) -> None:
    path = with_view(tmp_path / "a.gpkg", f"SELECT {PLACES} FROM places")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("ALTER TABLE places ADD COLUMN y TEXT AS (hex(zeroblob(100000)))")
        base.commit()
    with pytest.raises(FileError, match=r"has 400,[\d,]* bytes of texts and shapes"):
        read_layer(path, layer="places")


def spread(path: Path, values: pa.Array, **options: Any) -> Path:
    """Write a Parquet file with places and a column."""
    n = len(values)
    table = pa.table({"lon": pa.array([121.4] * n), "lat": pa.array([31.6] * n), "remark": values})
    pq.write_table(table, path, **options)
    return path


DELTA: dict[str, Any] = {"use_dictionary": ["lon"], "column_encoding": {"remark": "DELTA_BYTE_ARRAY"}}
N, LONG = 100_000, "x" * 1500
WIDE: dict[str, tuple[Callable[[], pa.Array], dict[str, Any]]] = {
    "once in a dictionary": (lambda: pa.array(["长" * 500] * N), {}),
    "by the difference": (lambda: pa.array([LONG] * N), DELTA),
    "in lists": (lambda: pa.array([[LONG]] * N), {}),
    "in structures": (lambda: pa.array([{"name": LONG}] * N), {}),
    "in maps": (lambda: pa.array([[("name", LONG)]] * N, pa.map_(pa.string(), pa.string())), {}),
    "as bytes": (lambda: pa.array([LONG.encode()] * N), {}),
    "of one width": (lambda: pa.array([LONG.encode()] * N, pa.binary(1500)), {}),
    "plainly": (lambda: pa.array([LONG] * N), {"use_dictionary": False, "compression": "zstd"}),
}


@pytest.mark.thorough
@pytest.mark.parametrize("how", WIDE)
def test_texts_of_a_parquet_are_counted_as_they_unfold(tmp_path: Path, how: str) -> None:
    make, options = WIDE[how]
    path = spread(tmp_path / "a.parquet", make(), **options)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(FileError, match="bytes of texts and shapes; at most 100,000,000 are read") as error:
        read_layer(path, **WGS84)
    assert "字节的文本和图形" in error.value.say("zh")


def test_texts_of_a_parquet_that_are_no_more_than_the_limit_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [["东村", None, "west"], [], None, ["东村"]] * 50
    inside = [{"名": name, "其他": {"a": name}} for name in ("东村", None, "西村", "东村")] * 50
    rows = pa.table(
        {
            "lon": pa.array([121.4] * 200),
            "lat": pa.array([31.6] * 200),
            "list": pa.array(texts),
            "struct": pa.array(inside),
        }
    )
    pq.write_table(rows, tmp_path / "a.parquet")
    n = 50 * (6 + 4 + 6) + 50 * 2 * 3 * 6
    monkeypatch.setattr(file_limits, "MOST_LETTERS_PER_BYTE", 0)
    monkeypatch.setattr(file_limits, "SMALL_LETTERS", n)
    assert len(read_layer(tmp_path / "a.parquet", **WGS84).table) == 200
    monkeypatch.setattr(file_limits, "SMALL_LETTERS", n - 1)
    with pytest.raises(FileError, match=f"has {n:,} bytes"):
        read_layer(tmp_path / "a.parquet", **WGS84)


@pytest.mark.thorough
def test_values_in_lists_of_a_parquet_are_counted(tmp_path: Path) -> None:
    values = pa.ListArray.from_arrays([0, 20_000_000], pa.nulls(20_000_000, pa.int8()))
    with pytest.raises(FileError, match="has 20,000,002 values; at most 10,000,000"):
        read_layer(spread(tmp_path / "a.parquet", values), **WGS84)


def blocks(n_levels: int, n_each: int) -> str:
    """Write blocks each of which holds the next so many times."""
    insert = "  0\nINSERT\n  8\n0\n  2\nB{}\n 10\n300000.0\n 20\n3500000.0\n"
    each = "".join(
        f"  0\nBLOCK\n  8\n0\n  2\nB{i}\n 10\n0.0\n 20\n0.0\n"
        + insert.format(i + 1) * (n_each if i + 1 < n_levels else 0)
        + "  0\nENDBLK\n  8\n0\n"
        for i in range(n_levels)
    )
    section = f"  0\nSECTION\n  2\nHEADER\n  0\nENDSEC\n  0\nSECTION\n  2\nBLOCKS\n{each}  0\nENDSEC\n"
    return f"{section}  0\nSECTION\n  2\nENTITIES\n{insert.format(0)}  0\nENDSEC\n  0\nEOF\n"


def test_blocks_that_unfold_without_measure_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    path.write_text(blocks(4, 10), encoding="utf-8")
    assert len(read_layer(path, crs="EPSG:32651").table) == 1
    path.write_text(blocks(9, 10), encoding="utf-8")
    with pytest.raises(FileError, match="more than 5,000,000 drawn things"):
        read_layer(path, crs="EPSG:32651")


@pytest.mark.parametrize("n_bytes", [1, 5, 9, 10, 31, 33])
def test_a_dbf_cut_within_its_head_is_damaged(n_bytes: int, tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(b"\x03" + bytes(n_bytes - 1))
    with pytest.raises(FileError, match=r"a\.dbf cannot be read") as told:
        read_layer(tmp_path / "a.dbf")
    assert not isinstance(told.value.__cause__, struct.error)


def test_a_dbf_of_rows_without_width_is_damaged(tmp_path: Path) -> None:
    """Its header may state four thousand million rows of no bytes: the file is then large enough for them."""
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(121, 31)], crs=4326)
    frame.to_file(tmp_path / "a.shp")
    data = bytearray((tmp_path / "a.dbf").read_bytes())
    data[4:8], data[10:12] = b"\xff\xff\xff\xff", b"\0\0"
    (tmp_path / "b.dbf").write_bytes(data)
    with pytest.raises(FileError, match="rows of 0 bytes, but fields of 81"):
        read_layer(tmp_path / "b.dbf", geometry="none")


@pytest.mark.parametrize("head", [(4, b"\xff\xff\xff\xff"), (8, b"\xff\xff"), (10, b"\0\0"), (8, b"\0\0")])
def test_a_table_of_mapinfo_whose_head_states_more_than_there_is(
    tmp_path: Path, head: tuple[int, bytes]
) -> None:
    """Its letters are read only as far as the file goes, and what GDAL makes of it is what is told."""
    frame = gpd.GeoDataFrame({"name": ["城桥"]}, geometry=[shapely.Point(121, 31)], crs=4326)
    frame.to_file(tmp_path / "a.tab", driver="MapInfo File", encoding="cp936")
    data = bytearray((tmp_path / "a.dat").read_bytes())
    place, claim = head
    data[place : place + len(claim)] = claim
    (tmp_path / "a.dat").write_bytes(data)
    with pytest.raises(FileError, match=r"a\.tab") as caught:
        read_layer(tmp_path / "a.tab")
    assert not isinstance(caught.value.__cause__, (IndexError, struct.error, ZeroDivisionError))


def sparse(path: Path, side: int, **profile: object) -> Path:
    shape = {"height": side, "width": side, "count": 1, "dtype": "uint8", "crs": METRIC, "driver": "GTiff"}
    place = from_origin(300_000, 3_500_000, 1, 1)
    rasterio.open(path, "w", **shape, transform=place, sparse_ok=True, compress="deflate", **profile).close()
    return path


def test_a_small_raster_of_a_hundred_thousand_by_a_hundred_thousand(tmp_path: Path) -> None:
    path = sparse(tmp_path / "a.tif", 100_000, tiled=True, blockxsize=4096, blockysize=4096)
    assert path.stat().st_size < 100_000
    with pytest.raises(FileError, match="has 10,000,000,000 raster cells; at most 4,000,000,000"):
        demand_from_raster(path, crs=METRIC)


def test_a_part_of_a_large_raster_is_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "a.tif", 100_000, tiled=True, blockxsize=256, blockysize=256)
    zone = gpd.GeoDataFrame(
        {"name": ["镇"], "level": "town", "people": np.nan},
        index=pd.Index(["z"], name="zone_id"),
        geometry=[shapely.box(300_000, 3_499_000, 301_000, 3_500_000)],
        crs=METRIC,
    )
    with pytest.raises(InputError, match="lives"):  # all of it is read, and nobody lives there
        demand_from_raster(path, crs=METRIC, zones=zone)


def test_a_block_that_is_too_large_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sparse(tmp_path / "a.tif", 1024, tiled=True, blockxsize=1024, blockysize=1024)
    monkeypatch.setattr(file_limits, "MOST_RASTER_BLOCK_BYTES", 2**20 - 1)
    with pytest.raises(FileError, match="TILED=YES"):
        demand_from_raster(path, crs=METRIC)


def test_people_of_a_raster_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sparse(tmp_path / "a.tif", 64)
    with rasterio.open(path, "r+") as target:
        target.write(np.ones((64, 64), dtype=np.uint8), 1)
    monkeypatch.setattr(file_limits, "MOST_PEOPLED_CELLS", 4095)
    with pytest.raises(FileError, match="has 4,096 raster cells with people"):
        demand_from_raster(path, crs=METRIC)


NODE = '<node id="{}" lat="31.6" lon="121.4" version="1"/>'


def test_a_packed_osm_file_that_never_ends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.osm.gz"
    path.write_bytes(gzip.compress(f'<osm version="0.6">{NODE.format(1) * 20_000}</osm>'.encode()))
    monkeypatch.setattr(file_limits, "SMALL_BYTES", 1000)
    monkeypatch.setattr(file_limits, "MOST_RATIO", 20)
    with pytest.raises(FileError, match="more than 20 times its size"):
        osm.read_roads(path)


def test_objects_that_must_be_put_in_order_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.osm"
    path.write_text(f'<osm version="0.6">{"".join(NODE.format(-i) for i in range(1, 12))}</osm>')
    monkeypatch.setattr(file_limits, "MOST_EDITED_OBJECTS", 10)
    with pytest.raises(FileError, match="has 11 objects; at most 10"):
        osm.read_roads(path)


def test_a_zip_that_does_not_fit_on_the_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "name,lon,lat\na,121,31\n")
    assert len(read_layer(tmp_path / "a.zip", **WGS84).table) == 1
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10))
    with pytest.raises(FileError, match="make room there"):
        read_layer(tmp_path / "a.zip", **WGS84)


def test_a_file_that_is_too_large_is_told_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_limits, "MOST_TEXT_BYTES", 2**20)
    for name in ("a.csv", "a.geojson", "a.kml", "a.gpx", "a.gml", "a.dxf"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**21)
        with pytest.raises(FileError, match="has 2 MB; at most 1 MB are read of its kind"):
            read_layer(tmp_path / name, **WGS84)
