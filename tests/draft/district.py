"""A small invented district as files: written plainly with a study by hand, or as planners' folders are.

Streets run every 500 m, 9 to each side, a little bent, so that no shift of the points fits them by chance.
Places stand on streets. Coordinates are EPSG:4549 inside and turned into what a file is to hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import by_zone
from geo.crs import wgs84_to_gcj02
from geo.study import assess_targets, read_inputs, read_study
from tests.studies import write_study

CRS = "EPSG:4549"
CORNER = np.array([625_000.0, 3_441_000.0])
N = 9
STEP = 500.0
TOWNS = ("泽南镇", "泽北镇")
SYLLABLES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃宿列"


def node(i: int, j: int) -> np.ndarray:
    """Give a crossing, moved from the regular grid by up to 120 m."""
    return CORNER + STEP * np.array([i, j]) + 120 * np.array([np.sin(7 * i + 3 * j), np.cos(5 * j - 2 * i)])


def roads() -> gpd.GeoDataFrame:
    rows = []
    for i in range(N):
        for j in range(N):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < N and j + dj < N:
                    line = shapely.LineString([node(i, j), node(i + di, j + dj)])
                    word = "secondary" if (j if di else i) % 4 == 0 else "residential"
                    rows.append((word, f"{'横' if di else '纵'}{(j if di else i) + 1}路", line))
    words, names, lines = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"highway": words, "name": names}, geometry=list(lines), crs=CRS)


def on_road(i: int, j: int, share: float, *, east: bool = True) -> shapely.Point:
    a, b = node(i, j), node(i + east, j + (not east))
    return shapely.Point(a + share * (b - a))


def villages() -> gpd.GeoDataFrame:
    """36 villages, each with 300 people more than a multiple of 70; two towns."""
    rows = []
    for k in range(36):
        i, j = (5 * k) % 8, (3 * k + k // 8) % 8
        at = on_road(i, j, 0.15 + 0.02 * (k % 30), east=bool(k % 2))
        rows.append((f"{SYLLABLES[k]}{'东西南北'[k % 4]}村", TOWNS[int(j >= 4)], 300 + 70 * (k % 11), at))
    names, towns, people, places = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"名称": names, "所属乡镇": towns, "人口": people}, geometry=list(places), crs=CRS
    )


def stations() -> gpd.GeoDataFrame:
    names = ["云泽消防救援站", "泽北消防救援站", "泽东消防救援站"]
    places = [on_road(1, 1, 0.3), on_road(5, 6, 0.6, east=False), on_road(6, 2, 0.4)]
    return gpd.GeoDataFrame({"站名": names, "类别": ["一级站", "二级站", "小型站"]}, geometry=places, crs=CRS)


def planned_stations() -> gpd.GeoDataFrame:
    names = ["泽西消防救援站", "泽中消防救援站"]
    return gpd.GeoDataFrame(
        {"站名": names, "类别": ["二级站", "小型站"]},
        geometry=[on_road(0, 5, 0.5), on_road(4, 4, 0.2)],
        crs=CRS,
    )


def shelters() -> gpd.GeoDataFrame:
    names = ["云泽中学避难场所", "泽北体育场避难场所", "东园应急避难场所", "泽南小学避难场所"]
    places = [on_road(2, 2, 0.5), on_road(5, 5, 0.5), on_road(6, 3, 0.1), on_road(1, 0, 0.7)]
    return gpd.GeoDataFrame({"名称": names, "容纳人数": [900, 1200, 400, 600]}, geometry=places, crs=CRS)


def hydrants() -> gpd.GeoDataFrame:
    places = [on_road(k % 8, (k * 3) % 8, 0.1 + 0.05 * (k % 15)) for k in range(24)]
    table = {"编号": [f"XHS{k:04d}" for k in range(24)], "流量（升/秒）": [15] * 24}
    return gpd.GeoDataFrame(table, geometry=places, crs=CRS)


def towns(*, people: bool = False) -> gpd.GeoDataFrame:
    x, y = CORNER - 800
    middle = CORNER[1] + 3.6 * STEP
    shapes = [
        shapely.box(x, y, x + 6000, middle),
        shapely.box(x, middle, x + 6000, y + 6000),
    ]
    table: dict[str, Any] = {"名称": list(TOWNS)}
    if people:
        sums = villages().groupby("所属乡镇")["人口"].sum()
        table["人口"] = [int(sums[town]) for town in TOWNS]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


LAYERS = {
    "stations": stations,
    "villages": villages,
    "shelters": shelters,
    "hydrants": hydrants,
    "roads": roads,
    "towns": towns,
}


def as_table(
    layer: gpd.GeoDataFrame, *, system: str = "EPSG:4326", x: str = "经度", y: str = "纬度"
) -> pd.DataFrame:
    """Give points as a plain table with two columns of coordinates in a system."""
    if system == "GCJ-02":
        degrees = layer.to_crs(4326).geometry
        east, north = wgs84_to_gcj02(degrees.x.to_numpy(), degrees.y.to_numpy())
    else:
        moved = layer.to_crs(system).geometry
        east, north = moved.x.to_numpy(), moved.y.to_numpy()
    digits = 7 if system in ("EPSG:4326", "GCJ-02", "EPSG:4490") else 2
    return pd.DataFrame(layer.drop(columns="geometry")).assign(
        **{x: east.round(digits), y: north.round(digits)}
    )


def write_plain(folder: Path, *parts: str) -> None:
    """Write layers under plain names; the road layer and towns with their system."""
    for part in parts or LAYERS:
        layer = LAYERS[part]()
        if part in ("roads", "towns"):
            layer.to_crs(4326).to_file(folder / f"{part}.geojson", driver="GeoJSON")
        else:
            as_table(layer).to_csv(folder / f"{part}.csv", index=False, encoding="utf-8-sig")


def by_hand(folder: Path, **changes: Any) -> Path:
    """Write the district plainly, and its study as a planner would write it by hand."""
    write_plain(folder)
    sections: dict[str, Any] = {
        "study": {"name": "泽区", "lang": "zh"},
        "roads": {"path": "roads.geojson"},
        "facilities": [
            {"path": "stations.csv", "kind": "fire_station", "crs": "EPSG:4326"},
            {"path": "shelters.csv", "kind": "shelter", "crs": "EPSG:4326"},
            {"path": "hydrants.csv", "kind": "hydrant", "crs": "EPSG:4326"},
        ],
        "demand": [{"path": "villages.csv", "people": "人口", "crs": "EPSG:4326"}],
        "zones": [{"path": "towns.geojson", "level": "town"}],
        **changes,
    }
    return write_study(folder, {name: value for name, value in sections.items() if value is not None})


def figures(study_file: Path) -> Mapping[str, Any]:
    """Run a study as far as its numbers: people, in time and by town; facilities by kind and status."""
    study = read_study(study_file)
    inputs = read_inputs(study)
    result = assess_targets(study, inputs)
    covered = result.coverage.table
    kinds = inputs.facilities.groupby(["kind", "status"]).size()
    numbers: dict[str, Any] = {
        "people": round(float(covered["people"].sum()), 3),
        "in time": round(float(covered.loc[covered["is_covered"], "people"].sum()), 3),
        "facilities": {f"{kind} {status}": int(n) for (kind, status), n in kinds.items()},
    }
    if len(inputs.zones):
        sums = by_zone(result.coverage, inputs.zones)["people"]
        numbers["towns"] = {str(name): round(float(n), 3) for name, n in sums.items()}
    return numbers
