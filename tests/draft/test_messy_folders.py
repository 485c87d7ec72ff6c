"""More folders as offices hand them over: headers of two rows, subtotals, exports of other programs.

As in :mod:`tests.draft.test_folders` each function writes the district in some other way; what it leaves out
is written plainly, and it gives the sections by which the study by hand differs.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyogrio
import pytest
import xlwt

from geo.draft import draft_study, write_draft
from geo.outputs import write_outputs
from geo.study import read_study, run_study
from tests.draft import district
from tests.draft.district import as_table, by_hand, figures, write_plain
from tests.draft.test_folders import DEGREES, csv, excel, shapefile, with_facilities, without

Write = Callable[[Path], Mapping[str, Any] | None]
FOLDERS: dict[str, Write] = {}


def folder_of(write: Write) -> Write:
    FOLDERS[write.__name__] = write
    return write


def cells(table: pd.DataFrame) -> list[list[Any]]:
    return [
        [value.item() if hasattr(value, "item") else value for value in row]
        for row in table.itertuples(index=False)
    ]


@folder_of
def headers_of_two_rows_with_merged_cells(folder: Path) -> None:
    """序号 | 名称 | 容纳人数 | 坐标 over 经度 | 纬度: merged down and across, under a merged title."""
    table = as_table(district.shelters())
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "避难场所"
    sheet["A1"] = "泽区应急避难场所一览表"
    sheet.merge_cells("A1:E1")
    for column, word in zip("ABCD", ("序号", "名称", "容纳人数", "坐标"), strict=True):
        sheet[f"{column}2"] = word
    for area in ("A2:A3", "B2:B3", "C2:C3", "D2:E2"):
        sheet.merge_cells(area)
    sheet["D3"], sheet["E3"] = "经度", "纬度"
    for number, row in enumerate(cells(table[["名称", "容纳人数", "经度", "纬度"]]), start=1):
        sheet.append([number, *row])
    book.save(folder / "附件2：泽区应急避难场所一览表（2024.12）.xlsx")
    without(folder, "shelters")


@folder_of
def an_old_workbook_with_title_unit_and_sum(folder: Path) -> None:
    """人口 in an .xls: a title over all columns, the unit in a row of its own, the sum at the end."""
    table = as_table(district.villages())
    book = xlwt.Workbook()
    sheet = book.add_sheet("2024")
    sheet.write_merge(0, 0, 0, 4, "2024年末泽区各村常住人口")
    sheet.write(1, 4, "单位：人")
    for column, word in enumerate(("村名", "所属镇", "常住人口", "经度", "纬度")):
        sheet.write(2, column, word)
    for row, values in enumerate(cells(table), start=3):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    sheet.write(len(table) + 3, 0, "合  计")
    sheet.write(len(table) + 3, 2, int(table["人口"].sum()))
    book.save(str(folder / "2024人口年报.xls"))
    without(folder, "villages")


@folder_of
def subtotals_of_towns_among_the_villages(folder: Path) -> None:
    """After the villages of each town a row 小计, and 总计 at the end: nobody counts twice."""
    people = as_table(district.villages())[["所属乡镇", "名称", "人口", "经度", "纬度"]]
    rows: list[list[Any]] = []
    for town, part in people.groupby("所属乡镇", sort=False):
        rows += cells(part)
        rows.append([town, "小计", int(part["人口"].sum()), None, None])
    rows.append(["总计", None, int(people["人口"].sum()), None, None])
    table = pd.DataFrame(rows, columns=list(people.columns)).astype(object)
    excel(folder / "村居人口统计.xlsx", {"Sheet1": table.where(table.notna(), None)})
    without(folder, "villages")


@folder_of
def towns_in_cells_merged_down(folder: Path) -> None:
    people = as_table(district.villages()).sort_values("所属乡镇")[
        ["所属乡镇", "名称", "人口", "经度", "纬度"]
    ]
    excel(folder / "各村人口.xlsx", {"各村人口": people})
    book = openpyxl.load_workbook(folder / "各村人口.xlsx")
    sheet, row = book.active, 2
    for n in people.groupby("所属乡镇").size():
        sheet.merge_cells(start_row=row, end_row=row + int(n) - 1, start_column=1, end_column=1)
        row += int(n)
    book.save(folder / "各村人口.xlsx")
    without(folder, "villages")


@folder_of
def an_export_of_a_map_service(folder: Path) -> Mapping[str, Any]:
    """Stations as Amap gives them: location is "longitude,latitude" in GCJ-02."""
    table = as_table(district.stations(), system="GCJ-02")
    pois = [
        {
            "id": f"B00{n}",
            "name": row.站名,
            "type": "政府机构及社会团体;公检法机构;消防机关",
            "location": f"{row.经度},{row.纬度}",
        }
        for n, row in enumerate(table.itertuples(index=False))
    ]
    (folder / "高德_消防站.json").write_text(
        json.dumps({"status": "1", "count": "3", "info": "OK", "pois": pois}, ensure_ascii=False),
        encoding="utf-8",
    )
    without(folder, "stations")
    return {
        "facilities": [
            {"path": "高德_消防站.json", "kind": "fire_station", "crs": "GCJ-02"},
            {"path": "shelters.csv", "kind": "shelter", "crs": DEGREES},
            {"path": "hydrants.csv", "kind": "hydrant", "crs": DEGREES},
        ]
    }


@folder_of
def degrees_minutes_and_seconds_in_gbk(folder: Path) -> None:
    def dms(value: float) -> str:
        degrees, rest = divmod(value, 1)
        minutes, rest = divmod(rest * 60, 1)
        return f"{int(degrees)}°{int(minutes):02d}′{rest * 60:.4f}″"

    table = as_table(district.stations())
    table = table.assign(经度=table["经度"].map(dms), 纬度=table["纬度"].map(dms))
    csv(folder / "消防站（度分秒）.csv", table, encoding="gbk")
    without(folder, "stations")


@folder_of
def x_is_north_as_surveyors_write(folder: Path) -> None:
    """In Chinese surveying X points north and Y east; the zone stands before Y."""
    moved = as_table(district.stations(), system="EPSG:4528", x="Y坐标", y="X坐标")
    excel(folder / "消防站坐标（2000坐标系）.xlsx", {"Sheet1": moved[["站名", "类别", "X坐标", "Y坐标"]]})
    without(folder, "stations")


@folder_of
def longitude_and_latitude_under_each_others_headers(folder: Path) -> None:
    table = as_table(district.stations()).rename(columns={"经度": "纬度", "纬度": "经度"})
    csv(folder / "消防站.csv", table)
    without(folder, "stations")


@folder_of
def a_zip_of_windows_with_names_in_gbk(folder: Path) -> None:
    """Without the mark for UTF-8 the names of the parts are bytes of code page 936."""
    work = folder.parent / "work"
    shapefile(work / "消防站.shp", district.stations(), encoding="gb18030")
    with zipfile.ZipFile(folder / "消防站图层.zip", "w") as archive:
        for file in sorted(work.iterdir()):
            archive.writestr(_gbk_name(f"消防站{file.suffix}"), file.read_bytes())
    without(folder, "stations")


def _gbk_name(name: str) -> zipfile.ZipInfo:
    class Named(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802, by which zipfile names it
            return name.encode("gbk"), self.flag_bits & ~0x800

    return Named(name)


@folder_of
def a_workbook_of_libreoffice(folder: Path) -> None:
    sheets = {"消防站": as_table(district.stations()), "避难场所": as_table(district.shelters())}
    for name, table in sheets.items():
        book = folder / "设施汇总（终版）.ods"
        pyogrio.write_dataframe(table, book, driver="ODS", layer=name, append=book.exists())
    without(folder, "stations", "shelters")


@folder_of
def text_saved_as_unicode_with_tabs(folder: Path) -> None:
    """What a spreadsheet program saves as 'Unicode text': UTF-16 with tabs."""
    as_table(district.villages()).to_csv(folder / "村居人口.txt", sep="\t", index=False, encoding="utf-16")
    without(folder, "villages")


@folder_of
def numbers_as_texts_with_commas_and_units(folder: Path) -> Mapping[str, Any]:
    table = as_table(district.villages())
    people = [f"{10 * n:,}人" for n in table["人口"]]
    csv(folder / "人口.csv", table.assign(人口=people))
    without(folder, "villages")
    table.assign(人口=table["人口"] * 10).to_csv(folder.parent / "people.csv", index=False)
    return {"demand": [{"path": "../people.csv", "people": "人口", "crs": DEGREES}]}


@folder_of
def a_printed_table_with_its_header_on_each_page(folder: Path) -> None:
    table = as_table(district.villages())
    rows = [list(table.columns)]
    for start in range(0, len(table), 12):
        rows += [*cells(table.iloc[start : start + 12]), list(table.columns)]
    book = openpyxl.Workbook()
    for row in rows[:-1]:
        book.active.append(row)
    book.save(folder / "村居人口（打印版）.xlsx")
    without(folder, "villages")


@folder_of
def folders_of_years(folder: Path) -> None:
    old = as_table(district.stations()).iloc[:2]
    excel(folder / "2022" / "消防站.xlsx", {"Sheet1": old})
    excel(folder / "2024" / "消防站.xlsx", {"Sheet1": as_table(district.stations())})
    csv(folder / "旧资料" / "避难场所.csv", as_table(district.shelters()).iloc[:3])
    csv(folder / "避难场所.csv", as_table(district.shelters()))
    without(folder, "stations", "shelters")


@folder_of
def headers_in_initials(folder: Path) -> None:
    csv(
        folder / "XFZ.csv",
        as_table(district.stations()).rename(
            columns={"站名": "MC", "类别": "LB", "经度": "JD", "纬度": "WD"}
        ),
    )
    shapefile(folder / "DLZXX.shp", district.roads().rename(columns={"highway": "DLDJ", "name": "DLMC"}))
    without(folder, "stations", "roads")


@folder_of
def a_column_of_households_before_that_of_people(folder: Path) -> None:
    table = as_table(district.villages())
    wide = table.assign(户数=table["人口"] // 3, **{"总人口（人）": table["人口"]}).drop(columns="人口")
    excel(
        folder / "村庄基本情况.xlsx",
        {"Sheet1": wide[["名称", "所属乡镇", "户数", "总人口（人）", "经度", "纬度"]]},
    )
    without(folder, "villages")


@folder_of
def years_of_people_as_sheets(folder: Path) -> None:
    table = as_table(district.villages())
    sheets = {
        "2022年": table.assign(人口=table["人口"] - 80),
        "2023年": table.assign(人口=table["人口"] - 30),
        "2024年": table,
    }
    excel(folder / "村居人口.xlsx", sheets)
    without(folder, "villages")


@folder_of
def outlines_of_the_stations_grounds(folder: Path) -> Mapping[str, Any]:
    shapefile(
        folder / "消防站用地.shp",
        district.stations().assign(geometry=district.stations().buffer(30)),
        encoding="gb18030",
    )
    without(folder, "stations")
    return {
        "facilities": [
            {"path": "消防站用地.shp", "kind": "fire_station"},
            {"path": "shelters.csv", "kind": "shelter", "crs": DEGREES},
            {"path": "hydrants.csv", "kind": "hydrant", "crs": DEGREES},
        ]
    }


@folder_of
def stations_of_which_some_are_being_built(folder: Path) -> Mapping[str, Any]:
    every = pd.concat([as_table(district.stations()), as_table(district.planned_stations())])
    excel(
        folder / "消防站一览表(2024.3定稿).xlsx",
        {"Sheet1": every.assign(备注=["", "", "", "在建，2025年建成", "规划"])},
    )
    without(folder, "stations")
    csv(folder.parent / "planned.csv", as_table(district.planned_stations()))
    return with_facilities(
        {"path": "../planned.csv", "kind": "fire_station", "status": "planned", "crs": DEGREES}
    )


@folder_of
def waypoints_and_a_google_earth_file(folder: Path) -> None:
    degrees = district.hydrants().to_crs(4326)
    points = "".join(
        f'<wpt lat="{at.y}" lon="{at.x}"><name>{name}</name></wpt>'
        for name, at in zip(degrees["编号"], degrees.geometry, strict=True)
    )
    (folder / "消火栓采集.gpx").write_text(
        f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{points}</gpx>',
        encoding="utf-8",
    )
    places = district.shelters().to_crs(4326)
    marks = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{at.x},{at.y},0</coordinates></Point></Placemark>"
        for name, at in zip(places["名称"], places.geometry, strict=True)
    )
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    with zipfile.ZipFile(folder / "避难场所.kmz", "w") as archive:
        archive.writestr("doc.kml", kml)
    without(folder, "hydrants", "shelters")


@folder_of
def hydrants_of_the_town_and_of_firms(folder: Path) -> None:
    """Two lists with ids of their own, in the same streets: no versions of one list."""
    table = as_table(district.hydrants())
    excel(folder / "市政消火栓.xlsx", {"Sheet1": table.iloc[:15]})
    excel(folder / "单位消火栓.xlsx", {"Sheet1": table.iloc[15:]})
    without(folder, "hydrants")


@folder_of
def what_cannot_be_opened_lies_beside(folder: Path) -> None:
    write_plain(folder)
    (folder / "消防站CAD图.dwg").write_bytes(b"AC1032")
    (folder / "全部资料.rar").write_bytes(b"Rar!\x1a\x07\x00")
    (folder / "消防站.et").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "会议纪要（消防站选址）.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "微信图片_20240312101010.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "工程.qgz").write_bytes(b"PK\x03\x04")


@folder_of
def the_folder_of_last_year_whole(folder: Path) -> None:
    """去年: its lists, its study and its results; nothing of it counts beside this year's."""
    past = folder / "2023年成果归档"
    past.mkdir()
    study = by_hand(past)
    write_outputs(run_study(read_study(study)), past / "out")
    csv(past / "stations.csv", as_table(district.stations()).iloc[:2])
    people = as_table(district.villages())
    csv(past / "villages.csv", people.assign(人口=people["人口"] - 40))
    write_plain(folder)


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    return figures(by_hand(tmp_path_factory.mktemp("by hand")))


@folder_of
def a_table_of_each_town_in_the_system_of_a_web_map(folder: Path) -> None:
    """No column of towns, two villages of one name, one town too small to show that it is shifted."""
    table = as_table(district.villages(), system="GCJ-02")
    table.loc[[0, 20], "名称"] = "东风村"
    towns = table["所属乡镇"].where(table.index < 33, "西沙乡")
    for town, rows in table.drop(columns="所属乡镇").groupby(towns):
        excel(
            folder / "各镇上报" / f"2024年{town}人口.xlsx",
            {"Sheet1": rows},
            title=f"{town}人口",
            total="人口",
        )
    without(folder, "villages")


@folder_of
def places_in_one_cell_under_a_header_like_an_address(folder: Path) -> None:
    def dms(value: float) -> str:
        degrees, rest = divmod(value, 1)
        minutes, rest = divmod(rest * 60, 1)
        return f"{int(degrees)}°{int(minutes):02d}′{rest * 60:.4f}″"

    table = as_table(district.stations())
    at = [f"东经{dms(x)}，北纬{dms(y)}" for x, y in zip(table["经度"], table["纬度"], strict=True)]
    excel(folder / "消防站.xlsx", {"Sheet1": table.drop(columns=["经度", "纬度"]).assign(位置坐标=at)})
    without(folder, "stations")


@folder_of
def villages_by_name_at_borders_under_initials(folder: Path) -> Mapping[str, Any]:
    """The borders call the names of their villages CJMC, which no list of headers knows."""
    own = district.villages()
    people = pd.DataFrame(own[["所属乡镇", "名称", "人口"]])
    excel(folder / "村居人口.xlsx", {"Sheet1": people}, title="村居人口", total="人口")
    borders = own[["名称", "所属乡镇", "geometry"]].rename(columns={"名称": "CJMC", "所属乡镇": "XZMC"})
    borders["geometry"] = borders.buffer(60)
    shapefile(folder / "村界.shp", borders, encoding="gb18030")
    without(folder, "villages")
    borders = borders.rename(columns={"CJMC": "name"}).assign(people=own["人口"])
    borders.to_file(folder.parent / "borders.gpkg")
    return {"demand": [{"path": "../borders.gpkg", "people": "people", "method": "zones"}]}


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.study
def test_a_drafted_study_gives_the_numbers_of_one_by_hand(
    name: str, tmp_path: Path, plainly: Mapping[str, Any]
) -> None:
    messy, tidy = tmp_path / "泽区资料", tmp_path / "by hand"
    messy.mkdir()
    wanted = plainly
    if changes := FOLDERS[name](messy):
        shutil.copytree(messy, tidy)
        wanted = figures(by_hand(tidy, **changes))
    draft = draft_study(messy)
    write_draft(draft)
    assert figures(messy / "study.toml") == wanted
    again = draft_study(messy)
    assert not again.is_changed, again.text
    assert write_draft(again) is None
