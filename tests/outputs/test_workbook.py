"""The workbook: texts that never run, headings in the reader's language, the same bytes each time."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo.outputs import sheets, workbook, write_outputs
from geo.outputs.workbook import Sheet, write_workbook
from geo.study import run_study
from geo.words import LANGS, Lang
from tests.foundthings import all_findings
from tests.studies import lonlat, town_study

RUNS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "#REF!", '=HYPERLINK("http://x")']


def written(tmp_path: Path, *given: Sheet, lang: Any = "en") -> openpyxl.Workbook:
    write_workbook(given, tmp_path / "t.xlsx", lang=lang)
    return openpyxl.load_workbook(tmp_path / "t.xlsx")


def test_texts_that_look_like_formulas_are_texts(tmp_path: Path) -> None:
    page = written(tmp_path, Sheet("t", pd.DataFrame({"=name": RUNS})))["t"]
    cells = [row[0] for row in page.iter_rows()]
    assert [cell.value for cell in cells] == ["=name", *RUNS]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    raw = zipfile.ZipFile(tmp_path / "t.xlsx").read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in raw


def test_values_keep_their_kind_and_format(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "first_s": [301.5, np.inf, np.nan],
            "share_people": [0.5, 1.0, np.nan],
            "people": [12345.0, 0.0, np.nan],
            "is_open": [True, False, None],
            "opened_year": [2035, 2036, 2037],
            "ids": [("a", "b"), (), None],
        }
    )
    page = written(tmp_path, Sheet("t", table, {"first_s": "Response"}))["t"]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows == [
        ["Response (s)", "share_people", "people", "is_open", "opened_year", "ids"],
        [301.5, 0.5, 12345, "Yes", 2035, "a, b"],
        ["Unreachable", 1, 0, "No", 2036, None],
        [None, None, None, None, 2037, None],
    ]
    assert [cell.number_format for cell in page[2]] == ["#,##0", "0.0%", "#,##0", "General", "0", "General"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:F4"


def test_numbers_and_texts_stand_at_the_top_of_their_row_under_their_heading(tmp_path: Path) -> None:
    """Whole numbers below 10,000 stood at the bottom, beside the last line of a long text."""
    table = pd.DataFrame({"target": [100.0, None], "value": [21.96, 3.0], "name": ["A", "B"], "none": None})
    page = written(tmp_path, Sheet("t", table))["t"]
    assert {cell.alignment.vertical for row in page["A2:C3"] for cell in row if cell.value} == {"top"}
    assert [cell.alignment.horizontal for cell in page[1]] == ["right", "right", "left", "left"]


def test_texts_keep_away_from_the_numbers_before_them(tmp_path: Path) -> None:
    """'877,705people' and '1,324not reachable' stood without a gap: no indent counts without a side."""
    table = pd.DataFrame({"mean_s": [1324.0, np.inf], "unit": ["people", "s"]})
    page = written(tmp_path, Sheet("t", table))["t"]
    sides = [[(cell.alignment.horizontal, cell.alignment.indent) for cell in row] for row in page["A2:B3"]]
    assert sides[0] == [(None, 0), ("left", 1)]  # a number stands at the right by itself
    assert sides[1] == [("right", 0), ("left", 1)]


def test_a_text_that_looks_like_marked_text_is_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": ["<r><t>a</t></r>", "<r>", "<r></r>"]})
    cells = written(tmp_path, Sheet("t", table))["t"]
    assert [cells[f"A{r}"].value for r in (2, 3, 4)] == ["<r><t>a</t></r>", "<r>", "<r></r>"]


def test_an_empty_table_keeps_its_headings(tmp_path: Path) -> None:
    page = written(tmp_path, Sheet("t", pd.DataFrame({"area_km2": []})))["t"]
    assert [cell.value for cell in page[1]] == ["area_km2 (km²)"]
    assert page.max_row == 1


def test_a_unit_is_not_said_twice(tmp_path: Path) -> None:
    table = pd.DataFrame({"a_m": [1.0], "b_m": [1.0]})
    page = written(tmp_path, Sheet("t", table, {"a_m": "长度（米）", "b_m": "长度"}), lang="zh")["t"]
    assert [cell.value for cell in page[1]] == ["长度（米）", "长度（米）"]


def test_tabs_have_names_that_excel_takes(tmp_path: Path) -> None:
    long = "按行车时间划分的辖区[面积]与说明/备注:甲乙丙丁戊己庚辛壬癸子丑寅卯"
    titles = [long, long, "", "'quoted'", "T", "t"]
    names = written(tmp_path, *(Sheet(title, pd.DataFrame({"a": [1]})) for title in titles)).sheetnames
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_signs_that_no_workbook_holds_are_left_out(tmp_path: Path) -> None:
    page = written(tmp_path, Sheet("t", pd.DataFrame({"name": ["a\x00b\x0bc\ufffed", "x" * 40_000]})))["t"]
    assert page["A2"].value == "abcd"
    assert len(page["A3"].value) == 32_767


def test_the_same_tables_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({"name": ["甲", "乙"], "people": [1.0, np.nan]})
    write_workbook([Sheet("t", table)], tmp_path / "a.xlsx", lang="zh")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_workbook([Sheet("t", table)], tmp_path / "b.xlsx", lang="zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    dates = {part.date_time for part in zipfile.ZipFile(tmp_path / "a.xlsx").infolist()}
    assert dates == {(1980, 1, 31, 0, 0, 0)}


@pytest.mark.parametrize(
    ("lang", "names", "heading", "word"),
    [
        (
            "zh",
            [
                "概况",
                "规划指标",
                "分区汇总",
                "消防站",
                "覆盖缺口",
                "主要数字",
                "居民点与到达时间",
                "行车速度",
            ],
            "分区人口覆盖率",
            "一级站",
        ),
        (
            "en",
            ["Overview", "Targets", "Zones", "Stations", "Gaps", "Key figures", "Places and times", "Speeds"],
            "Share of people covered, by zone",
            "First-class station",
        ),
    ],
)
def test_a_study_in_both_languages(
    tmp_path: Path, lang: Any, names: list[str], heading: str, word: str
) -> None:
    result = run_study(town_study(tmp_path, study={"plan": "chongming", "synthetic": True}), lang=lang)
    result = dataclasses.replace(result, findings={found.name: found for found in all_findings()})
    written_files = write_outputs(result, tmp_path / "out")
    book = openpyxl.load_workbook(written_files["tables.xlsx"])
    assert book.sheetnames[:8] == [names[i] for i in (0, 5, 1, 2, 6, 3, 4, 7)]
    page = book[heading[:31].strip()]
    values = [[cell.value for cell in row] for row in page.iter_rows()]
    assert values[1][1] == word
    assert values[0][-1] in ("数据性质", "Data")
    assert {row[-1] for row in values[1:]} == {"合成数据" if lang == "zh" else "Synthetic data"}
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    overview = {row[0].value: row[1].value for row in book[names[0]].iter_rows()}
    assert "Paper Town" in overview.values()
    zones = {tuple(row[:3]) for row in book[names[2]].iter_rows(values_only=True, min_row=2)}
    assert (
        zones
        == {
            "zh": {("West", "West", "乡镇"), ("East", "East", "乡镇"), (None, "各分区以外", None)},
            "en": {("West", "West", "town"), ("East", "East", "town"), (None, "outside all zones", None)},
        }[lang]
    )
    targets = book[names[1]]
    assert targets.max_row == 1 + len(result.targets)


def test_a_long_table_stands_on_the_overview_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_study(town_study(tmp_path))
    result = dataclasses.replace(result, findings={found.name: found for found in all_findings()})
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    given = sheets.study_sheets(result)
    assert max(len(sheet.table) for sheet in given[2:]) <= 2
    told = dict(zip(given[0].table["what"], given[0].table["value"], strict=True))
    assert told["Sheet: People, by response time"] == "3 rows, too many for a workbook: see people_here.csv"


def test_a_long_book_of_texts_that_look_like_formulas_reads_back_whole(tmp_path: Path) -> None:
    names = [f"{sign}街道 {i}" for i, sign in enumerate(RUNS * 500)]
    table = pd.DataFrame({"name": names, "first_s": np.linspace(0.1, 1e6, len(names)), "none": None})
    given = [
        Sheet("Towns", table, {"name": "=Name"}),
        Sheet("Towns", table.head(3)),
        Sheet("-", pd.DataFrame()),
    ]
    book = written(tmp_path, *given)
    assert book.sheetnames == ["Towns", "Towns (2)", "-"]
    cells = [row[:2] for row in book["Towns"].iter_rows(min_row=2, values_only=True)]
    assert [name for name, _ in cells] == names
    assert [second for _, second in cells] == pytest.approx(table["first_s"].tolist(), rel=1e-15)


def test_work_that_fails_leaves_no_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "pack", lambda pages: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        written(tmp_path, Sheet("t", pd.DataFrame({"a": [1]})))
    assert not list(tmp_path.iterdir())


def test_people_left_out_stand_on_the_overview_and_under_the_share_of_the_map(tmp_path: Path) -> None:
    (lon, lat), (east, north) = lonlat((1000, 0), (2400, 0))
    rows = ["村名,经度,纬度,人口", f"甲村,{lon},{lat},1000", f"乙村,{east},{north},300", "丙村,,,500"]
    (tmp_path / "v.csv").write_text("\n".join(rows), encoding="utf-8")
    demand = {"path": "v.csv", "people": "人口", "crs": "EPSG:4326"}
    result = run_study(town_study(tmp_path, demand=[demand]), lang="zh")
    written_files = write_outputs(result, tmp_path / "out")
    book = openpyxl.load_workbook(written_files["tables.xlsx"], read_only=True)
    overview = dict(book["概况"].iter_rows(values_only=True))
    assert (overview["人口"], overview["未计入的人口"]) == ("1,300", "500")
    page = written_files["map.html"].read_text(encoding="utf-8")
    assert "文件中另有 500 人未计入" in page


@pytest.mark.parametrize("lang", LANGS)
def test_no_two_columns_of_a_sheet_have_one_heading(tmp_path: Path, lang: Lang) -> None:
    """Report and atlas find columns by their headings: of two the second would be the first's numbers."""
    sections: dict[str, Any] = {
        "study": {"plan": "chongming"},
        "availability": {
            **{"calls_per_year_per_10000": 60.0, "service_min": 60.0},
            "force": [{"name": "A", "n_engines": 1, "n_firefighters": 4, "limit_min": 10}],
        },
        "uncertainty": {"draws": 3},
        "scenarios": [{"name": "x", "build": ["P"]}, {"close": "each station"}],
        "shelters": {"reach_m": 1500},
    }
    result = run_study(town_study(tmp_path, **sections), lang=lang)
    book = openpyxl.load_workbook(write_outputs(result, tmp_path / "out")["tables.xlsx"], read_only=True)
    assert len(book.sheetnames) > 15
    for sheet in book:
        heads = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
        assert len(heads) == len(set(heads)), sheet.title
