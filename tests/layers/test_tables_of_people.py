"""Tables as tired planners hand them over: sums, formulas, sheets, hidden rows, rough numbers, addresses."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from geo.errors import FileError, InputError
from geo.layers import LayerRead, read_layer
from tests.shared import case

WGS84 = {"crs": "EPSG:4326"}
HEAD = ["村名", "乡镇", "经度", "纬度", "人口"]


def book(folder: Path, **sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    made.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def csv(folder: Path, *rows: str) -> Path:
    (folder / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "a.csv"


def told(read: LayerRead) -> str:
    return "\n".join(map(str, [*read.report.notes, *read.report.faults]))


def village(name: str, people: Any, lon: Any = 121.4, lat: Any = 31.6) -> list[Any]:
    return [name, "城桥镇", lon, lat, people]


# --- sums ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *(
            "合计",
            "合 计",
            "总计：",
            "城桥镇小计",
            "Total",
            "Grand total",
            "其中：女性",
            "合计（人）",
            "共计",
        ),
        *(
            "全区合计（人）",
            "合计（共72个村）",
            "合计72个村",
            "【合计】",
            "—合计—",
            "合計",
            "汇总",
            "合计数",
            "小 计 ①",
        ),
        *("Total (persons)", "Total population", "平均", "平均值", "Average"),
    ],
)
def test_a_row_of_totals_is_never_a_place_even_with_coordinates(tmp_path: Path, name: str) -> None:
    read = read_layer(
        book(tmp_path, 村=[HEAD, village("甲", 10), village("乙", 20), village(name, 30)]), **WGS84
    )
    assert read.table["people"].tolist() == [10, 20]
    assert read.left_out["people"].tolist() == [30]
    assert "row 4, row: is a total or an average of other rows; not kept" in told(read)


@pytest.mark.parametrize(
    "name", ["总计村", "小计家村", "共计组", "汇总站", "和合计划村", "Totalstation", "全区村"]
)
def test_a_place_whose_name_holds_such_a_word_stays(tmp_path: Path, name: str) -> None:
    read = read_layer(book(tmp_path, 村=[HEAD, village("甲", 10), village(name, 10)]), **WGS84)
    assert read.table["people"].tolist() == [10, 10]


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("word", ["小计", "总 计", "城桥镇小计（人）"])
def test_a_sum_is_known_by_the_word_in_any_column(tmp_path: Path, column: int, word: str) -> None:
    head = ["编号", "区", "乡镇", "村名", "组别", "核对", "备注", "经度", "纬度", "人口"]
    rows = [[*row, 121.4, 31.6, 10] for row in (list("1aAbcde"), list("2aAfghi"))]
    total: list[Any] = [*([""] * column), word, *([""] * (6 - column)), 121.4, 31.6, 20]
    read = read_layer(book(tmp_path, 村=[head, *rows, total]), **WGS84)
    assert (read.table["people"].tolist(), read.left_out["people"].tolist()) == ([10, 10], [20])


def test_what_serves_the_whole_district_is_no_sum_of_it(tmp_path: Path) -> None:
    head = ["名称", "服务范围", "经度", "纬度"]
    rows = [["区级物资库", "全区", 121.4, 31.6], ["甲镇物资库", "全镇", 121.41, 31.6]]
    assert len(read_layer(book(tmp_path, 库=[head, *rows]), **WGS84).table) == 2
    head, rows = ["乡镇", "经度", "纬度", "人口"], [["全县", 121.4, 31.6, 30], ["甲镇", 121.41, 31.6, 9]]
    assert read_layer(book(tmp_path, 表=[head, *rows]), **WGS84).table["people"].tolist() == [9]


@pytest.mark.parametrize("column", ["人员配备", "备注"])
@pytest.mark.parametrize("remark", ["共计12人", "人员合计45人", "车辆总计3", "合计2个班"])
def test_a_station_with_a_remark_of_how_many_it_has_is_no_sum(
    tmp_path: Path, column: str, remark: str
) -> None:
    head = ["名称", column, "经度", "纬度"]
    rows = [["城桥站", remark, 121.4, 31.6], ["堡镇站", remark, 121.5, 31.6]]
    assert len(read_layer(book(tmp_path, 站=[head, *rows]), **WGS84).table) == 2
    head, rows = ["名称", "类别", "人口", *head[1:]], [[r[0], "站", 5, *r[1:]] for r in rows]
    assert len(read_layer(book(tmp_path, 站=[head, *rows]), **WGS84).table) == 2


def test_a_row_without_a_name_that_adds_up_all_others_is_their_total(tmp_path: Path) -> None:
    rows = [HEAD, village("甲", 10), village("乙", 20), village("", 30)]
    rows[3][1] = ""
    assert read_layer(book(tmp_path, 村=rows), **WGS84).table["people"].tolist() == [10, 20]


@pytest.mark.parametrize("name", ["和合村", "总计村", "统计局宿舍", "Totalville"])
def test_a_place_that_is_called_like_a_sum_stays(tmp_path: Path, name: str) -> None:
    read = read_layer(book(tmp_path, 村=[HEAD, village("甲", 10), village(name, 25)]), **WGS84)
    assert read.table["people"].sum() == 35


# --- workbooks -------------------------------------------------------------------------------------


def test_formulas_that_were_never_calculated_stop_where_they_are_people_or_places(tmp_path: Path) -> None:
    path = book(tmp_path, 村=[HEAD, village("甲", "=5*2"), village("乙", "=5*4")])
    with pytest.raises(
        InputError, match=r"2 cells under 人口 are formulas .* \(rows 2, 3\): open the file in Excel"
    ):
        read_layer(path, **WGS84)
    path = book(tmp_path, 村=[HEAD, village("甲", 10, lon="=120+1.4")])
    with pytest.raises(InputError, match="1 cells under 经度"):
        read_layer(path, **WGS84)


def test_formulas_elsewhere_are_told(tmp_path: Path) -> None:
    path = book(tmp_path, 村=[[*HEAD, "风险"], [*village("甲", 10), "=1+1"]])
    read = read_layer(path, **WGS84)
    assert read.table["people"].tolist() == [10]
    assert "风险 '=1+1': is a formula that was never calculated" in told(read)


def test_two_sheets_of_places_ask_which(tmp_path: Path) -> None:
    path = book(tmp_path, 规划=[HEAD, village("甲", 10)], 现状=[HEAD, village("乙", 20)])
    with pytest.raises(
        InputError, match=r'several sheets .*: 规划, 现状; choose with sheet = "现状"'
    ) as error:
        read_layer(path, **WGS84)
    assert "有多个同类工作表" in error.value.say("zh")
    assert read_layer(path, sheet="现状", **WGS84).table["people"].tolist() == [20]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_sheet_that_is_seen_wins_and_the_other_is_told(tmp_path: Path, state: str) -> None:
    path = book(tmp_path, 旧=[HEAD, village("甲", 10)], 新=[HEAD, village("乙", 20)])
    made = openpyxl.load_workbook(path)
    made["旧"].sheet_state = state
    made.save(path)
    read = read_layer(path, **WGS84)
    assert read.table["people"].tolist() == [20]
    assert "旧" in told(read)


def test_rows_that_a_filter_hides_count_and_are_told(tmp_path: Path) -> None:
    path = book(tmp_path, 村=[HEAD, village("甲", 10), village("乙", 20), village("丙", 30)])
    made = openpyxl.load_workbook(path)
    made["村"].row_dimensions[3].hidden = True
    made.save(path)
    read = read_layer(path, **WGS84)
    assert read.table["people"].sum() == 60
    assert "1 rows are hidden in the workbook, by a filter or by hand (rows 3); they are used" in told(read)


# --- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("约3000", 3000), ("3.2万", 32_000), ("３，０００", 3000), ("3,000", 3000), ("3000余人", 3000),
        ("1.2千人", 1200), ("近3000", 3000), ("3000人左右", 3000), ("约3.2万人", 32_000), (" 3 000 ", 3000),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(tmp_path: Path, cell: str, people: float) -> None:
    path = csv(tmp_path, "村名,经度,纬度,人口", f'甲,121.4,31.6,"{cell}"')
    read = read_layer(path, **WGS84)
    assert read.table["people"].tolist() == [pytest.approx(people)]
    rough = any(word in cell for word in ("约", "余", "近", "左右"))
    assert ("is only roughly so" in told(read)) == rough


def test_a_unit_in_the_cell_holds_over_that_of_the_header(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "村名,经度,纬度,人口（万人）",
        "甲,121.4,31.6,3.2",
        "乙,121.4,31.6,3.2万",
        "丙,121.4,31.6,45人",
    )
    assert read_layer(path, **WGS84).table["people"].tolist() == pytest.approx([32_000, 32_000, 45])


@pytest.mark.parametrize("cell", ["13812345678", "021-59611234", "3000-4000", "很多"])
def test_what_is_no_number_of_people_is_told(tmp_path: Path, cell: str) -> None:
    read = read_layer(csv(tmp_path, "村名,经度,纬度,人口", f"甲,121.4,31.6,{cell}"), **WGS84)
    assert read.table["people"].isna().all()
    assert f"row 2, 人口 '{cell}'" in told(read)


@pytest.mark.parametrize("cell", ["-", "无", "—", ""])
def test_a_blank_is_no_number_and_no_fault(tmp_path: Path, cell: str) -> None:
    read = read_layer(csv(tmp_path, "村名,经度,纬度,人口", f"甲,121.4,31.6,{cell}"), **WGS84)
    assert read.table["people"].isna().all()
    assert not read.report.faults


def test_a_year_that_was_typed_into_a_cell_of_dates(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        站=[["站名", "经度", "纬度", "建成年份"], ["甲", 121.4, 31.6, 2024], ["乙", 121.4, 31.6, 1998]],
    )
    made = openpyxl.load_workbook(path)
    made["站"]["D2"].number_format = "yyyy-mm-dd"
    made.save(path)
    read = read_layer(path, **WGS84)
    assert read.table["opened_year"].tolist() == [2024, 1998]
    assert "'1905-07-16': is the year 2024, typed into a cell of dates" in told(read)


# --- the cases -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("b_xlsx_formula", "stations.xlsx", "从未计算过的公式（第 2, 3, 4 行）"),
        ("c_sheets_now_planned", "s.xlsx", "有多个同类工作表：规划, 现状"),
        ("b_address_only", "stations.csv", "须先把地址转换为坐标"),
    ],
)
def test_a_case_stops_with_the_way_out_in_chinese(name: str, file: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        read_layer(case(name) / file, **WGS84)
    assert words in error.value.say("zh")


# --- headers of two rows ---------------------------------------------------------------------------


def test_a_header_of_two_rows_with_groups_over_its_columns(tmp_path: Path) -> None:
    rows = [
        ["各村人口表", "", "", "", "", "", ""],
        ["村名", "乡镇", "位置", "", "人口", "", ""],
        ["", "", "经度", "纬度", "合计", "常住", "户数"],
        ["甲村", "城桥镇", 121.4, 31.6, 120, 110, 40],
    ]
    made = openpyxl.load_workbook(book(tmp_path, 村=rows))
    for area in ("A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:G2"):
        made["村"].merge_cells(area)
    made.save(tmp_path / "a.xlsx")
    table = read_layer(tmp_path / "a.xlsx", **WGS84).table
    assert table[["name", "zone"]].to_numpy().tolist() == [["甲村", "城桥镇"]]
    assert table["people"].tolist() == [110], "the residents, not the sum over registered ones"


def test_data_below_a_full_header_is_no_second_header(tmp_path: Path) -> None:
    path = csv(tmp_path, "名称,户数,镇编码,经度,纬度", "甲,12,310151,121.4,31.6", "乙,,310152,121.4,31.6")
    assert read_layer(path, **WGS84).table["name"].tolist() == ["甲", "乙"]


# --- what stands between the cells -----------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t", "，", "|"])
def test_commas_inside_cells_part_nothing(tmp_path: Path, mark: str) -> None:
    square = "POLYGON ((121.4 31.6, 121.5 31.6, 121.5 31.7, 121.4 31.7, 121.4 31.6))"
    path = tmp_path / "村.txt"
    path.write_text(f'名称{mark}人口{mark}wkt\n甲村{mark}300{mark}"{square}"\n', encoding="utf-8")
    table = read_layer(path, **WGS84).table
    assert (table["name"].tolist(), table["people"].tolist()) == (["甲村"], [300])
    assert table.total_bounds.tolist() == [121.4, 31.6, 121.5, 31.7]


def test_coordinates_in_one_cell_beside_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "村.csv"
    path.write_text("名称;人口;坐标\n甲村;1,300;121.4,31.6\n乙村;2,500;121.5,31.6\n", encoding="utf-8")
    table = read_layer(path, **WGS84).table
    assert table["people"].tolist() == [1300, 2500]
    assert [(at.x, at.y) for at in table.geometry] == [(121.4, 31.6), (121.5, 31.6)]


# --- numbers in cells of dates, formulas of old workbooks ---------------------------------------------


@pytest.mark.parametrize("number", [1, 30, 59, 61, 650, 18_263])
def test_a_number_in_a_cell_of_dates_is_read_as_that_number(tmp_path: Path, number: int) -> None:
    # Excel counts days from 1900-01-01 as 1; 650 shows as 1901-10-11, and 18,263 is the last day of 1949.
    made = openpyxl.Workbook()
    for row in (HEAD, village("甲", number), village("乙", 20)):
        made.active.append(row)
    made.active["E2"].number_format = "yyyy-mm-dd"
    made.save(tmp_path / "a.xlsx")
    read = read_layer(tmp_path / "a.xlsx", **WGS84)
    assert read.table["people"].tolist() == [number, 20]
    assert f"is the number {number:,} in a cell of dates" in told(read)


def test_a_date_of_today_is_no_number_of_people(tmp_path: Path) -> None:
    rows = [HEAD, village("甲", datetime.datetime(2024, 5, 1)), village("乙", 20)]
    read = read_layer(book(tmp_path, 村=rows), **WGS84)
    assert read.table["people"].fillna(-1).tolist() == [-1, 20]


def old_book(folder: Path, rows: list[list[Any]]) -> Path:
    made = xlwt.Workbook()
    page = made.add_sheet("村")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            page.write(i, j, xlwt.Formula(cell[1:]) if str(cell).startswith("=") else cell)
    made.save(str(folder / "a.xls"))
    return folder / "a.xls"


@pytest.mark.parametrize("write", [old_book, lambda folder, rows: book(folder, 村=rows)])
def test_people_that_were_never_calculated_stop_and_a_total_of_them_does_not(
    tmp_path: Path, write: Callable[[Path, list[list[Any]]], Path]
) -> None:
    rows = [HEAD, village("甲", 10), village("乙", 20)]
    read = read_layer(write(tmp_path, [*rows, ["合计", "", "", "", "=SUM(E2:E3)"]]), **WGS84)
    assert read.table["people"].tolist() == [10, 20]
    with pytest.raises(InputError, match=r"1 cells under 人口 are formulas .*rows 4"):
        read_layer(write(tmp_path, [*rows, village("丙", "=E2+E3")]), **WGS84)


@pytest.mark.parametrize(
    ("write", "ending"), [(old_book, ".xls"), (lambda folder, rows: book(folder, 村=rows), ".xlsx")]
)
def test_a_workbook_under_the_name_of_a_text_is_told_to_be_renamed(
    tmp_path: Path, write: Callable[[Path, list[list[Any]]], Path], ending: str
) -> None:
    path = write(tmp_path, [HEAD, village("甲", 10)]).rename(tmp_path / "b.csv")
    with pytest.raises(FileError, match=rf"rename it to {ending}$"):
        read_layer(path, **WGS84)
    assert read_layer(path.rename(path.with_suffix(ending)), **WGS84).table["people"].tolist() == [10]
