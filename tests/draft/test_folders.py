"""Folders as planners keep them: the study that is drafted gives the numbers of one written by hand.

Each function writes one folder of the same district in some other way; what it leaves out is written plainly.
Where the folder says something else than the plain one (planned stations, people by zone) it gives the
sections by which the study by hand differs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
import xlwt
from rasterio.transform import from_origin

from geo.draft import draft_study, write_draft
from geo.outputs import write_outputs
from geo.study import read_study, run_study
from tests.draft import district
from tests.draft.district import as_table, by_hand, figures, write_plain

Write = Callable[[Path], Mapping[str, Any] | None]
FOLDERS: dict[str, Write] = {}
DEGREES = "EPSG:4326"


def folder_of(write: Write) -> Write:
    FOLDERS[write.__name__] = write
    return write


def excel(path: Path, sheets: Mapping[str, pd.DataFrame], *, title: str = "", total: str = "") -> None:
    """Write a workbook, perhaps with a title over each table and a row of totals below."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        if title:
            sheet.append([title])
            sheet.append([])
        sheet.append(list(table.columns))
        for row in table.itertuples(index=False):
            sheet.append([value.item() if hasattr(value, "item") else value for value in row])
        if total:
            sums: list[Any] = ["合计", *(None for _ in table.columns[1:])]
            sums[list(table.columns).index(total)] = int(table[total].sum())
            sheet.append(sums)
    book.save(path)


def csv(path: Path, table: pd.DataFrame, *, encoding: str = "utf-8-sig") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, encoding=encoding)


def shapefile(path: Path, layer: gpd.GeoDataFrame, *, prj: bool = True, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    layer.to_file(path, encoding=encoding)
    if not prj:
        path.with_suffix(".prj").unlink()


def without(folder: Path, *parts: str) -> None:
    """Write plainly all layers but some."""
    write_plain(folder, *(part for part in district.LAYERS if part not in parts))


@folder_of
def plain(folder: Path) -> None:
    write_plain(folder)


@folder_of
def names_with_dates_and_final_words(folder: Path) -> None:
    excel(folder / "消防站一览表(2024.3定稿).xlsx", {"Sheet1": as_table(district.stations())})
    excel(folder / "各村居人口统计（2024年底）.xlsx", {"Sheet1": as_table(district.villages())})
    excel(folder / "避难场所汇总表-最终版.xlsx", {"Sheet1": as_table(district.shelters())})
    shapefile(folder / "道路中心线_20240301.shp", district.roads(), encoding="gb18030")
    without(folder, "stations", "villages", "shelters", "roads")


@folder_of
def two_versions_of_the_stations(folder: Path) -> None:
    old = as_table(district.stations()).iloc[:2]
    excel(folder / "消防站一览表(2023.5).xlsx", {"Sheet1": old})
    excel(folder / "消防站一览表(2024.3定稿).xlsx", {"Sheet1": as_table(district.stations())})
    os.utime(folder / "消防站一览表(2024.3定稿).xlsx", (0, 0))
    without(folder, "stations")


@folder_of
def a_draft_and_a_final_list_of_one_day(folder: Path) -> None:
    csv(folder / "消防站2024（初稿）.csv", as_table(district.stations()).iloc[1:])
    csv(folder / "消防站2024（定稿）.csv", as_table(district.stations()))
    without(folder, "stations")


@folder_of
def a_copy_of_the_same_list(folder: Path) -> None:
    csv(folder / "避难场所.csv", as_table(district.shelters()))
    shutil.copy(folder / "避难场所.csv", folder / "避难场所 - 副本.csv")
    without(folder, "shelters")


@folder_of
def two_years_of_people(folder: Path) -> None:
    old = as_table(district.villages())
    csv(folder / "人口2022.csv", old.assign(人口=old["人口"] - 50))
    csv(folder / "人口2024.csv", as_table(district.villages()))
    without(folder, "villages")


@folder_of
def pictures_documents_and_what_programs_leave(folder: Path) -> None:
    write_plain(folder)
    (folder / "照片").mkdir()
    (folder / "照片" / "消防站大门.jpg").write_bytes(b"\xff\xd8\xff\xe0 not looked at")
    (folder / "会议纪要.docx").write_bytes(b"PK\x03\x04 not looked at")
    (folder / "总体规划.pdf").write_bytes(b"%PDF-1.7")
    (folder / "~$stations.xlsx").write_bytes(b"lock")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "待收集").mkdir()
    (folder / "空表.csv").write_bytes(b"")
    (folder / "stations.csv.bak").write_bytes(b"x")
    (folder / "说明.txt").write_text("本文件夹由规划科整理。\n如有问题请联系。\n", encoding="utf-8")


@folder_of
def results_of_last_year(folder: Path) -> None:
    write_plain(folder)
    study = by_hand(folder)
    write_outputs(run_study(read_study(study)), folder / "成果2023")
    study.unlink()


@folder_of
def one_workbook_with_a_column_of_kinds(folder: Path) -> None:
    parts = [
        as_table(district.stations()).rename(columns={"站名": "名称", "类别": "等级"}).assign(类型="消防站"),
        as_table(district.shelters()).assign(类型="避难场所"),
        as_table(district.hydrants()).rename(columns={"编号": "名称"}).assign(类型="消火栓"),
    ]
    every = pd.concat(parts)[["名称", "类型", "经度", "纬度", "容纳人数"]]
    excel(folder / "全区应急设施.xlsx", {"Sheet1": every.astype(object).where(every.notna(), None)})
    without(folder, "stations", "shelters", "hydrants")


@folder_of
def one_workbook_with_a_sheet_for_each_kind(folder: Path) -> None:
    notes = pd.DataFrame({"说明": ["数据截至2024年底", "坐标由测绘院提供"]})
    sheets = {
        "填表说明": notes,
        "消防站": as_table(district.stations()),
        "避难场所": as_table(district.shelters()),
        "消火栓": as_table(district.hydrants()),
        "村居人口": as_table(district.villages()),
    }
    excel(folder / "应急数据汇总.xlsx", sheets)
    write_plain(folder, "roads", "towns")


@folder_of
def names_that_say_nothing(folder: Path) -> None:
    excel(folder / "新建 Microsoft Excel 工作表.xlsx", {"Sheet1": as_table(district.stations())})
    excel(folder / "新建 Microsoft Excel 工作表 (2).xlsx", {"Sheet1": as_table(district.villages())})
    district.roads().to_crs(4326).to_file(folder / "export.geojson", driver="GeoJSON")
    without(folder, "stations", "villages", "roads")


@folder_of
def gbk_tables(folder: Path) -> None:
    csv(folder / "消防站.csv", as_table(district.stations()), encoding="gbk")
    csv(folder / "村居人口.csv", as_table(district.villages()), encoding="gb18030")
    without(folder, "stations", "villages")


@folder_of
def shapefiles_without_a_prj(folder: Path) -> None:
    shapefile(folder / "消防站.shp", district.stations(), prj=False, encoding="gb18030")
    shapefile(folder / "乡镇界.shp", district.towns(), prj=False, encoding="gb18030")
    without(folder, "stations", "towns")


@folder_of
def roads_without_a_prj(folder: Path) -> None:
    shapefile(folder / "路网.shp", district.roads(), prj=False, encoding="gb18030")
    without(folder, "roads")


@folder_of
def stations_in_gcj02_unsaid(folder: Path) -> None:
    csv(folder / "村居人口.csv", as_table(district.villages(), system="GCJ-02"))
    csv(folder / "消防站.csv", as_table(district.stations(), system="GCJ-02"))
    without(folder, "stations", "villages")


@folder_of
def stations_in_gcj02_by_their_header(folder: Path) -> None:
    table = as_table(district.stations(), system="GCJ-02").rename(
        columns={"经度": "高德经度", "纬度": "高德纬度"}
    )
    csv(
        folder / "消防站.csv",
        table.rename(columns={"高德经度": "经度", "高德纬度": "纬度"}).assign(来源="高德"),
    )
    (folder / "消防站.csv").rename(folder / "消防站(高德坐标).csv")
    without(folder, "stations")


@folder_of
def people_in_ten_thousands(folder: Path) -> None:
    table = as_table(district.villages())
    csv(
        folder / "人口.csv", table.assign(**{"常住人口（万人）": table["人口"] / 10_000}).drop(columns="人口")
    )
    without(folder, "villages")


@folder_of
def people_registered_and_present(folder: Path) -> None:
    table = as_table(district.villages()).rename(columns={"人口": "常住人口"})
    csv(
        folder / "村居人口.csv",
        table.assign(户籍人口=table["常住人口"] + 90, 其中60岁以上=table["常住人口"] // 4),
    )
    without(folder, "villages")


@folder_of
def a_zip_of_a_shapefile(folder: Path) -> None:
    work = folder.parent / "work"
    shapefile(work / "stations.shp", district.stations(), encoding="gb18030")
    with zipfile.ZipFile(folder / "消防站.zip", "w") as archive:
        for file in sorted(work.iterdir()):
            archive.write(file, f"消防站/{file.name}")
    without(folder, "stations")


@folder_of
def a_zip_of_everything(folder: Path) -> None:
    work = folder.parent / "work"
    work.mkdir()
    write_plain(work)
    with zipfile.ZipFile(folder / "数据.zip", "w") as archive:
        for file in sorted(work.iterdir()):
            archive.write(file, file.name)


@folder_of
def a_kml_with_folders(folder: Path) -> None:
    marks = []
    for name, layer, title in (
        ("消防站", district.stations(), "站名"),
        ("避难场所", district.shelters(), "名称"),
    ):
        places = layer.to_crs(4326).geometry
        rows = "".join(
            f"<Placemark><name>{text}</name><Point><coordinates>{at.x},{at.y}</coordinates></Point></Placemark>"
            for text, at in zip(layer[title], places, strict=True)
        )
        marks.append(f"<Folder><name>{name}</name>{rows}</Folder>")
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'
    (folder / "应急设施.kml").write_text(text, encoding="utf-8")
    without(folder, "stations", "shelters")


@folder_of
def english_names(folder: Path) -> None:
    rename = {
        "站名": "station_name",
        "类别": "class",
        "经度": "lon",
        "纬度": "lat",
        "名称": "name",
        "人口": "population",
    }
    csv(folder / "Fire_Stations_2024.csv", as_table(district.stations()).rename(columns=rename))
    csv(folder / "population_by_village.csv", as_table(district.villages()).rename(columns=rename))
    csv(folder / "emergency-shelters.csv", as_table(district.shelters()).rename(columns=rename))
    csv(folder / "fire hydrants.csv", as_table(district.hydrants()).rename(columns=rename))
    district.roads().to_file(folder / "street_network.gpkg")
    district.towns().to_file(folder / "townships.gpkg")


@folder_of
def one_geopackage(folder: Path) -> None:
    for name, part in zip(
        ("消防站", "村居人口", "避难场所", "消火栓", "道路", "乡镇界"), district.LAYERS, strict=True
    ):
        district.LAYERS[part]().to_file(folder / "应急一张图.gpkg", layer=name)


@folder_of
def one_geodatabase(folder: Path) -> None:
    names = ("XFZ_消防站", "RK_人口", "BN_避难场所", "XHS_消火栓", "DL_道路", "XZ_乡镇")
    for name, part in zip(names, district.LAYERS, strict=True):
        layer = district.LAYERS[part]().rename(columns={"流量（升/秒）": "流量"})
        numbers = layer.select_dtypes("number").astype(
            float
        )  # a geodatabase of today has no such whole numbers
        layer.assign(**numbers).to_file(folder / "数据库.gdb", layer=name, driver="OpenFileGDB")


@folder_of
def titles_and_totals(folder: Path) -> None:
    people = as_table(district.villages())
    excel(folder / "人口统计.xlsx", {"2024": people}, title="泽区2024年村居人口统计表", total="人口")
    excel(folder / "消防站.xlsx", {"表1": as_table(district.stations())}, title="附件1 消防站一览表")
    without(folder, "villages", "stations")


@folder_of
def towns_with_their_people(folder: Path) -> None:
    district.towns(people=True).to_crs(4326).to_file(folder / "乡镇.geojson", driver="GeoJSON")
    without(folder, "towns")


@folder_of
def a_raster_beside_the_villages(folder: Path) -> None:
    write_plain(folder)
    raster(folder / "worldpop_2020.tif", np.full((40, 40), 20.0))
    raster(folder / "DEM_30m.tif", np.linspace(1, 90, 1600).reshape(40, 40))


def raster(path: Path, values: np.ndarray) -> None:
    left, top = district.CORNER + np.array([-200.0, 4600.0])
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float32",
        crs=district.CRS, transform=from_origin(left, top, 120, 120), nodata=-1,
    ) as target:  # fmt: skip
        target.write(values.astype("float32"), 1)


@folder_of
def people_from_a_raster_alone(folder: Path) -> Mapping[str, Any]:
    without(folder, "villages")
    raster(folder / "人口栅格.tif", np.full((40, 40), 20.0))
    return {"demand": [{"path": "人口栅格.tif", "method": "raster"}]}


@folder_of
def people_by_zones(folder: Path) -> Mapping[str, Any]:
    without(folder, "villages", "towns")
    towns = district.towns(people=True).to_crs(4326)
    towns.to_file(folder / "各乡镇人口.geojson", driver="GeoJSON")
    people = {"path": "各乡镇人口.geojson", "method": "zones", "people": "人口"}
    return {"demand": [people], "zones": [{"path": "各乡镇人口.geojson", "level": "town"}]}


@folder_of
def a_table_of_people_for_each_town(folder: Path) -> Mapping[str, Any]:
    people = as_table(district.villages())
    for town, rows in people.groupby("所属乡镇"):
        csv(folder / "人口" / f"{town}.csv", rows)
    without(folder, "villages")
    return {
        "demand": [
            {"path": f"人口/{town}.csv", "people": "人口", "crs": DEGREES} for town in sorted(district.TOWNS)
        ]
    }


@folder_of
def folders_in_folders(folder: Path) -> None:
    csv(folder / "01 消防" / "2024" / "站点.csv", as_table(district.stations()))
    csv(folder / "01 消防" / "市政消火栓" / "台账.csv", as_table(district.hydrants()))
    csv(folder / "02 人口" / "台账.csv", as_table(district.villages()))
    csv(folder / "03 应急避难" / "清单.csv", as_table(district.shelters()))
    shapefile(folder / "04 底图" / "道路" / "line.shp", district.roads())
    shapefile(folder / "04 底图" / "乡镇" / "poly.shp", district.towns(), encoding="gb18030")


@folder_of
def planned_stations_in_their_own_file(folder: Path) -> Mapping[str, Any]:
    write_plain(folder)
    csv(folder / "规划消防站.csv", as_table(district.planned_stations()))
    return with_facilities(
        {"path": "规划消防站.csv", "kind": "fire_station", "status": "planned", "crs": DEGREES}
    )


@folder_of
def sheets_of_now_and_planned(folder: Path) -> Mapping[str, Any]:
    sheets = {"现状": as_table(district.stations()), "规划": as_table(district.planned_stations())}
    excel(folder / "消防站.xlsx", sheets)
    without(folder, "stations")
    base = {"path": "消防站.xlsx", "kind": "fire_station", "crs": DEGREES}
    rows = [{**base, "sheet": "现状"}, {**base, "sheet": "规划", "status": "planned"}]
    return {"facilities": [*rows, *OTHERS]}


OTHERS = [
    {"path": "shelters.csv", "kind": "shelter", "crs": DEGREES},
    {"path": "hydrants.csv", "kind": "hydrant", "crs": DEGREES},
]


def with_facilities(*more: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"facilities": [{"path": "stations.csv", "kind": "fire_station", "crs": DEGREES}, *OTHERS, *more]}


@folder_of
def latitude_first_in_one_cell(folder: Path) -> None:
    table = as_table(district.stations())
    pairs = [f"{lat},{lon}" for lon, lat in zip(table["经度"], table["纬度"], strict=True)]
    csv(folder / "消防站.csv", table.drop(columns=["经度", "纬度"]).assign(坐标=pairs))
    without(folder, "stations")


@folder_of
def metres_in_a_table(folder: Path) -> None:
    table = as_table(district.stations(), system="EPSG:4549", x="X", y="Y")
    excel(folder / "消防站坐标.xlsx", {"Sheet1": table})
    without(folder, "stations")


@folder_of
def metres_with_the_zone_in_front(folder: Path) -> None:
    csv(folder / "避难场所.csv", as_table(district.shelters(), system="EPSG:4528", x="东坐标", y="北坐标"))
    without(folder, "shelters")


@folder_of
def a_page_that_is_called_a_workbook(folder: Path) -> None:
    write_plain(folder)
    (folder / "临时导出.xls").write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")


@folder_of
def quotes_and_brackets_in_names(folder: Path) -> None:
    csv(folder / "消防站'最新'（#2）[审].csv", as_table(district.stations()))
    csv(folder / "a = b & {c} 避难场所.csv", as_table(district.shelters()))
    without(folder, "stations", "shelters")


@folder_of
def a_list_as_table_and_as_shapefile(folder: Path) -> None:
    csv(folder / "消防站.csv", as_table(district.stations()))
    shapefile(folder / "GIS" / "消防站.shp", district.stations(), encoding="gb18030")
    without(folder, "stations")


@folder_of
def an_old_workbook(folder: Path) -> None:
    book, table = xlwt.Workbook(), as_table(district.stations())
    sheet = book.add_sheet("消防站")
    for column, header in enumerate(table.columns):
        sheet.write(0, column, header)
        for row, value in enumerate(table[header], start=1):
            sheet.write(row, column, value.item() if hasattr(value, "item") else value)
    book.save(str(folder / "队站.xls"))
    without(folder, "stations")


@folder_of
def main_roads_beside_all_roads(folder: Path) -> None:
    every = district.roads()
    main = every[every["highway"] == "secondary"]
    shapefile(folder / "主干道路.shp", main)
    write_plain(folder)


@folder_of
def a_micro_station_list_without_places(folder: Path) -> Mapping[str, Any]:
    write_plain(folder)
    villages = district.villages()["名称"].iloc[[3, 8, 20]]
    table = pd.DataFrame(
        {"名称": [f"{name}微型消防站" for name in villages], "所在村": list(villages), "人数": [6, 6, 8]}
    )
    csv(folder / "微型消防站名单.csv", table)
    return with_facilities({"path": "微型消防站名单.csv", "kind": "micro_station"})


@folder_of
def roads_and_stations_from_a_map(folder: Path) -> Mapping[str, Any]:
    write_osm(folder / "zequ.osm")
    write_plain(folder, "villages", "shelters", "hydrants", "towns")
    station = {"path": "zequ.osm", "kind": "fire_station"}
    return {"roads": {"path": "zequ.osm"}, "facilities": [station, *OTHERS]}


def write_osm(path: Path) -> None:
    """Write the streets and stations as a map."""
    ids: dict[tuple[float, float], int] = {}
    nodes: list[str] = []
    ways: list[str] = []

    def node_of(at: tuple[float, float], tags: str = "") -> int:
        if at not in ids or tags:
            ids[at] = len(nodes) + 1
            nodes.append(
                f'<node id="{ids[at]}" version="1" lat="{at[1]:.7f}" lon="{at[0]:.7f}">{tags}</node>'
            )
        return ids[at]

    streets = district.roads().to_crs(4326)
    for number, row in enumerate(streets.itertuples(index=False), start=1):
        refs = "".join(f'<nd ref="{node_of(at)}"/>' for at in row.geometry.coords)
        ways.append(f'<way id="{number}" version="1">{refs}<tag k="highway" v="{row.highway}"/></way>')
    for name, at in zip(district.stations()["站名"], district.stations().to_crs(4326).geometry, strict=True):
        node_of((at.x, at.y), f'<tag k="amenity" v="fire_station"/><tag k="name" v="{name}"/>')
    path.write_text(f'<osm version="0.6">{"".join([*nodes, *ways])}</osm>', encoding="utf-8")


@folder_of
def a_map_beside_own_lists(folder: Path) -> None:
    write_plain(folder)
    write_osm(folder / "map.osm")


@folder_of
def land_and_water(folder: Path) -> Mapping[str, Any]:
    write_plain(folder)
    x, y = district.CORNER
    land = gpd.GeoDataFrame(
        {"名称": ["陆域"]}, geometry=[shapely.box(x - 700, y - 700, x + 5000, y + 5000)], crs=district.CRS
    )
    lake = gpd.GeoDataFrame(
        {"名称": ["大湖"]}, geometry=[shapely.box(x - 650, y - 650, x - 500, y - 500)], crs=district.CRS
    )
    shapefile(folder / "陆域范围.shp", land, encoding="gb18030")
    shapefile(folder / "水系面.shp", lake, encoding="gb18030")
    return {"land": {"path": "陆域范围.shp"}, "barriers": [{"path": "水系面.shp"}]}


@folder_of
def a_database_and_a_hidden_sheet(folder: Path) -> None:
    excel(
        folder / "避难场所.xlsx",
        {"避难场所": as_table(district.shelters()), "旧": as_table(district.shelters()).iloc[:1]},
    )
    book = openpyxl.load_workbook(folder / "避难场所.xlsx")
    book["旧"].sheet_state = "hidden"
    book.save(folder / "避难场所.xlsx")
    with sqlite3.connect(folder / "other.db") as base:
        base.execute("create table notes (text text)")
    without(folder, "shelters")


@folder_of
def a_sheet_for_each_town_and_one_of_all(folder: Path) -> None:
    people = as_table(district.villages())
    sheets = {"汇总": people, **dict(iter(people.groupby("所属乡镇")))}
    excel(folder / "各镇村居人口.xlsx", sheets)
    without(folder, "villages")


@folder_of
def a_sheet_for_each_town(folder: Path) -> Mapping[str, Any]:
    people = as_table(district.villages())
    excel(folder / "各镇村居人口.xlsx", dict(iter(people.groupby("所属乡镇"))))
    without(folder, "villages")
    base = {"path": "各镇村居人口.xlsx", "people": "人口", "crs": DEGREES}
    return {"demand": [{**base, "sheet": town} for town in sorted(district.TOWNS)]}


@folder_of
def places_of_a_map_service_beside_own_lists(folder: Path) -> None:
    write_plain(folder)
    stations = as_table(district.stations())
    rows = pd.DataFrame(
        {
            "name": [
                *(name.replace("救援", "") for name in stations["站名"]),
                "第一小学",
                "大众超市",
                "人民医院",
            ],
            "type": ["消防站"] * 3 + ["学校", "超市", "医院"],
            "lon": [*(stations["经度"] + 0.0003), 121.32, 121.33, 121.34],
            "lat": [*stations["纬度"], 31.11, 31.11, 31.12],
        }
    )
    csv(folder / "POI_2024.csv", rows)


@folder_of
def folders_of_offices(folder: Path) -> None:
    csv(folder / "规划局数据" / "消防站.csv", as_table(district.stations()))
    csv(folder / "总体规划（2021-2035）" / "避难场所.csv", as_table(district.shelters()))
    without(folder, "stations", "shelters")


@folder_of
def areas_and_fires_of_the_stations(folder: Path) -> None:
    write_plain(folder)
    area = district.stations().assign(geometry=district.stations().buffer(1500))
    shapefile(folder / "消防站辖区.shp", area, encoding="gb18030")
    shapefile(folder / "消防救援站责任区.shp", area, encoding="gb18030")
    fires = as_table(district.villages()).iloc[:12][["经度", "纬度"]].assign(火灾地点=list(range(12)))
    csv(folder / "2024年火灾警情.csv", fires)
    csv(folder / "fire_incidents_2023.csv", fires)


@folder_of
def stocks_and_staff_without_places(folder: Path) -> None:
    write_plain(folder)
    stock = pd.DataFrame(
        {"品名": ["帐篷", "棉被"], "数量": [30, 200], "单位": ["顶", "床"], "存放地点": ["A库", "B库"]}
    )
    excel(folder / "应急物资台账.xlsx", {"Sheet1": stock})
    staff = pd.DataFrame(
        {"姓名": ["张三", "李四"], "职务": ["站长", "队员"], "联系电话": ["13800000000", "13900000000"]}
    )
    excel(folder / "应急队伍通讯录.xlsx", {"Sheet1": staff})


@folder_of
def ground_that_is_no_land_of_the_district(folder: Path) -> None:
    write_plain(folder)
    x, y = district.CORNER
    ground = gpd.GeoDataFrame(
        {"DLMC": ["林地"]}, geometry=[shapely.box(x, y, x + 900, y + 900)], crs=district.CRS
    )
    for name in ("landuse_2020.shp", "土地利用现状.shp", "buildings.shp"):
        shapefile(folder / name, ground, encoding="gb18030")
    pipes = gpd.GeoDataFrame(
        {"DN": [300]}, geometry=[shapely.LineString([(x, y), (x + 900, y)])], crs=district.CRS
    )
    shapefile(folder / "water_supply.shp", pipes)
    shapefile(folder / "供水管网.shp", pipes, encoding="gb18030")


@folder_of
def stations_that_are_candidates(folder: Path) -> Mapping[str, Any]:
    write_plain(folder)
    csv(folder / "备选消防站.csv", as_table(district.planned_stations()))
    return with_facilities(
        {"path": "备选消防站.csv", "kind": "fire_station", "status": "candidate", "crs": DEGREES}
    )


@folder_of
def the_same_stations_under_other_names(folder: Path) -> None:
    other = as_table(district.stations())
    csv(folder / "消防站2022.csv", other.assign(站名=["一号站", "二号站", "三号站"]).iloc[:2])
    csv(folder / "消防站2024.csv", other)
    without(folder, "stations")


@folder_of
def a_link_back_and_a_table_of_headers_alone(folder: Path) -> None:
    write_plain(folder)
    (folder / "link").symlink_to(folder, target_is_directory=True)
    (folder / "避难场所模板.csv").write_text("名称,经度,纬度\n", encoding="utf-8")


@folder_of
def rasters_of_two_years(folder: Path) -> Mapping[str, Any]:
    without(folder, "villages")
    raster(folder / "pop_2019.tif", np.full((40, 40), 20.0))
    raster(folder / "pop_2020.tif", np.full((40, 40), 22.0))
    return {"demand": [{"path": "pop_2020.tif", "method": "raster"}]}


@folder_of
def people_in_squares(folder: Path) -> Mapping[str, Any]:
    without(folder, "villages")
    x, y = district.CORNER
    cells = [
        shapely.box(x + 400 * i, y + 400 * j, x + 400 * i + 400, y + 400 * j + 400)
        for i in range(9)
        for j in range(9)
    ]
    squares = gpd.GeoDataFrame({"人口": [40 + k for k in range(81)]}, geometry=cells, crs=district.CRS)
    squares.to_file(folder / "人口分布.gpkg")
    return {"demand": [{"path": "人口分布.gpkg", "method": "grid", "people": "人口"}]}


@folder_of
def people_of_villages_and_of_estates(folder: Path) -> None:
    write_plain(folder)
    estates = as_table(district.villages()).iloc[:9][["名称", "人口", "经度", "纬度"]]
    estates = estates.assign(
        名称=[f"{n}花园" for n in range(9)], 经度=estates["经度"] + 0.002, 人口=estates["人口"] // 3
    )
    csv(folder / "小区人口.csv", estates)


@folder_of
def people_of_towns_by_name_alone(folder: Path) -> Mapping[str, Any]:
    """A yearbook's table: ten thousands of people by town, with a title and remarks; borders elsewhere."""
    without(folder, "villages", "towns")
    towns = district.towns(people=True)
    table = pd.DataFrame({"乡镇": towns["名称"], "常住人口（万人）": towns["人口"] / 10_000})
    excel(folder / "2023年各镇常住人口统计表.xlsx", {"统计表": table}, title="2023年各镇常住人口")
    book = openpyxl.load_workbook(folder / "2023年各镇常住人口统计表.xlsx")
    for row in ([], ["注：数据来自统计年鉴。"], ["填表人：张三", "审核人：李四"]):
        book.active.append(row)
    book.save(folder / "2023年各镇常住人口统计表.xlsx")
    shapefile(folder / "界线" / "镇界.shp", towns.rename(columns={"名称": "XZMC"})[["XZMC", "geometry"]])
    towns.to_crs(4326).to_file(folder.parent / "towns with people.geojson", driver="GeoJSON")
    return {
        "demand": [{"path": "../towns with people.geojson", "method": "zones", "people": "人口"}],
    }


@folder_of
def stations_with_the_coordinates_of_a_web_map_alone(folder: Path) -> None:
    without(folder, "stations", "shelters")
    for part, x, y in (("stations", "高德经度", "高德纬度"), ("shelters", "gcj02_lng", "gcj02_lat")):
        table = as_table(district.LAYERS[part](), system="GCJ-02", x=x, y=y)
        excel(folder / f"{part}.xlsx", {"Sheet1": table})
        book = openpyxl.load_workbook(folder / f"{part}.xlsx")
        book.active.append(["备注：坐标取自高德地图"])
        book.save(folder / f"{part}.xlsx")


@folder_of
def borders_whose_names_stand_under_a_strange_header(folder: Path) -> None:
    without(folder, "towns")
    shapefile(folder / "镇界.shp", district.towns().rename(columns={"名称": "BZ_1"}))


def test_at_least_thirty_kinds_of_folders_are_tried(tmp_path: Path) -> None:
    """Among them pictures, Word files, versions of a list, an empty folder, old results, zips, sheets."""
    assert len(FOLDERS) >= 30
    kinds = {
        "pictures_documents_and_what_programs_leave": {".jpg", ".docx", ".pdf"},
        "two_versions_of_the_stations": {".xlsx"},
        "a_zip_of_everything": {".zip"},
        "one_workbook_with_a_sheet_for_each_kind": {".xlsx"},
    }
    for name, endings in kinds.items():
        folder = tmp_path / name
        folder.mkdir()
        FOLDERS[name](folder)
        assert endings <= {path.suffix for path in folder.rglob("*")}, name
    assert any(
        path.is_dir() and not any(path.iterdir())
        for path in (tmp_path / "pictures_documents_and_what_programs_leave").iterdir()
    )
    assert "results_of_last_year" in FOLDERS


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The numbers of the district from plain files and a study by hand."""
    return figures(by_hand(tmp_path_factory.mktemp("by hand")))


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


def test_there_are_at_least_thirty_folders() -> None:
    assert len(FOLDERS) >= 30
