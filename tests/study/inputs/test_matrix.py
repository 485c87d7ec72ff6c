"""Every format in every system, and each kind of facility in each: the same places, whoever wrote the file.

The files are written by other programs (GDAL, openpyxl, xlwt, pandas, pyarrow), each layer in the formats and
systems in which planners hand it over; the study declares the system where the file cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import xlwt

from geo.crs import wgs84_to_bd09, wgs84_to_gcj02
from geo.study.inputs import read_inputs
from tests.studies import CRS, frame, points, town_study

KINDS = ("fire_station", "micro_station", "shelter", "depot", "hydrant", "water_point")
NAMES = ["东门", "西门", "南门"]
SYSTEMS = ("EPSG:4326", "EPSG:4490", "GCJ-02", "BD-09", "EPSG:4549", "EPSG:32651")
"""Degrees of GPS, CGCS2000, Gaode and Baidu; metres of CGCS2000 (central meridian 120) and of UTM."""
SHIFTED = {"GCJ-02": wgs84_to_gcj02, "BD-09": wgs84_to_bd09}


def places(k: int) -> gpd.GeoDataFrame:
    """Three places at the road, others for each kind."""
    xy = [(300.0 + 170 * k, 0.0), (2300.0 + 170 * k, 0.0), (4100.0 + 170 * k, 0.0)]
    return frame(points(*xy), 名称=NAMES)


def in_system(table: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    if system not in SHIFTED:
        return table.to_crs(system)
    right = table.to_crs(4326)
    lon, lat = SHIFTED[system](right.geometry.x.to_numpy(), right.geometry.y.to_numpy())
    return right.set_geometry(gpd.points_from_xy(lon, lat), crs=4326)


def sheet(table: gpd.GeoDataFrame) -> pd.DataFrame:
    is_metres = table.crs.is_projected
    x, y = ("X坐标", "Y坐标") if is_metres else ("经度", "纬度")
    return pd.DataFrame({"名称": table["名称"], x: table.geometry.x, y: table.geometry.y})


def write_xls(rows: pd.DataFrame, path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("一览表")
    for c, header in enumerate(rows.columns):
        page.write(0, c, header)
        for r, value in enumerate(rows[header], start=1):
            page.write(r, c, value)
    book.save(str(path))


def gdal(driver: str, **options: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    return lambda table, path: table.to_file(path, driver=driver, **options)


TABLES: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "gbk.csv": lambda rows, path: rows.to_csv(path, index=False, encoding="gb18030"),
    "utf8.csv": lambda rows, path: rows.to_csv(path, index=False, encoding="utf-8-sig"),
    "tab.tsv": lambda rows, path: rows.to_csv(path, index=False, sep="\t", encoding="utf-8"),
    "new.xlsx": lambda rows, path: rows.to_excel(path, index=False, sheet_name="一览表"),
    "old.xls": write_xls,
    "open.ods": lambda rows, path: pyogrio.write_dataframe(rows, path, driver="ODS", layer="一览表"),
}
LAYERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "a.gpkg": gdal("GPKG"),
    "a.shp": gdal("ESRI Shapefile", encoding="UTF-8"),
    "gbk.shp": gdal("ESRI Shapefile", encoding="GBK"),
    "a.gdb": gdal("OpenFileGDB"),
    "a.tab": gdal("MapInfo File", ENCODING="UTF-8"),
    "a.mif": gdal("MapInfo File", FORMAT="MIF", ENCODING="UTF-8"),
    "a.fgb": gdal("FlatGeobuf"),
    "a.gml": gdal("GML"),
    "a.parquet": lambda table, path: table.to_parquet(path),
}
DEGREES: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "a.geojson": gdal("GeoJSON"),
    "a.kml": gdal("LIBKML"),
}
"""Formats that hold degrees alone."""


def kinds_of(name: str, system: str) -> tuple[str, str]:
    """Choose two kinds, so that each kind meets each format and each system."""
    first = [*TABLES, *LAYERS, *DEGREES].index(name) + SYSTEMS.index(system)
    return KINDS[first % len(KINDS)], KINDS[(first + 3) % len(KINDS)]


def read_all(folder: Path, name: str, system: str) -> pd.DataFrame:
    """Write layers of two kinds, read them as one study, and measure how far each place came out."""
    facilities = []
    for k, kind in enumerate(kinds_of(name, system)):
        (folder / kind).mkdir()
        path, table = folder / kind / name, in_system(places(k), system)
        if name in TABLES:
            TABLES[name](sheet(table), path)
        else:
            {**LAYERS, **DEGREES}[name](table.rename(columns={"名称": "name"}), path)
        says_itself = name not in TABLES and system not in SHIFTED
        declared = {} if says_itself else {"crs": system}
        facilities.append({"path": f"{kind}/{name}", "kind": kind, **declared})
    inputs = read_inputs(town_study(folder, facilities=facilities))
    assert not [fault for _, report in inputs.reports for fault in report.faults]
    read = inputs.facilities
    right = pd.concat([places(k).assign(kind=kind) for k, kind in enumerate(kinds_of(name, system))])
    both = read.merge(right.rename(columns={"名称": "name", "geometry": "right"}), on=["kind", "name"])
    assert read.crs == CRS
    assert len(both) == len(read) == 2 * len(NAMES)
    off_m = gpd.GeoSeries(both["geometry"], crs=CRS).distance(gpd.GeoSeries(both["right"], crs=CRS))
    return both.assign(off_m=off_m)


PAIRS = [
    (name, system)
    for name in (*TABLES, *LAYERS, *DEGREES)
    for system in SYSTEMS
    if name not in DEGREES or system in ("EPSG:4326", *SHIFTED)
]


@pytest.mark.parametrize(("name", "system"), PAIRS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")  # of the writers
def test_the_same_places_of_each_kind(tmp_path: Path, name: str, system: str) -> None:
    read = read_all(tmp_path, name, system)
    # A TAB holds whole steps of a grid over its bounds, some 8 cm for degrees; the others hold the numbers.
    assert np.nanmax(read["off_m"]) < (0.1 if name == "a.tab" else 0.05)
    assert set(read["kind"]) == set(kinds_of(name, system))
