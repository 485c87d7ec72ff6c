"""Layers as they are really handed over: right, or stopped with advice that works when it is followed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import from_origin

from geo.crs import transform_xy
from geo.errors import GeoError
from geo.study import Inputs, read_inputs, run_study
from tests.studies import EAST, NORTH, lonlat, town_study

SPOTS = lonlat((1000, 0), (2000, 1000), (2400, 0))
NAMES = ["甲村", "乙村", "丙村"]
HEADS = [1000, 500, 300]
SENTENCE = re.compile(r"(?:\b[a-z]{2,}[ ,;]+){3,}[a-z]{2,}")


def read(folder: Path, text: str, *, name: str = "v.csv", **demand: Any) -> Inputs:
    (folder / name).write_text(text, encoding="utf-8")
    return read_inputs(town_study(folder, demand=[{"path": name, "people": "人口", **demand}]))


def rows(cells: list[str], header: str = "坐标", mark: str = ";") -> str:
    lines = [
        f"{name}{mark}{heads}{mark}{cell}" for name, heads, cell in zip(NAMES, HEADS, cells, strict=True)
    ]
    return "\n".join([f"名称{mark}人口{mark}{header}", *lines])


def stands_right(inputs: Inputs) -> None:
    assert inputs.demand["people"].tolist() == HEADS
    at = shapely.get_coordinates(inputs.demand.geometry.to_numpy()) - (EAST, NORTH)
    assert at == pytest.approx(np.array([(1000, 0), (2000, 1000), (2400, 0)]), abs=0.1)


def stop(folder: Path, text: str, **demand: Any) -> str:
    with pytest.raises(GeoError) as error:
        read(folder, text, **demand)
    told = error.value.say("zh")
    assert not SENTENCE.search(re.sub(r'"[^"]*"|\'[^\']*\'', "", told)), told
    return told


# --- places ----------------------------------------------------------------------------------------

SHAPES = {
    "wkt": lambda at: f"POINT ({at[0]} {at[1]})",
    "ewkt": lambda at: f"SRID=4326;POINT({at[0]} {at[1]})",
    "wkb": lambda at: shapely.to_wkb(shapely.Point(at), hex=True),
    "ewkb": lambda at: shapely.to_wkb(shapely.set_srid(shapely.Point(at), 4326), hex=True, include_srid=True),
    "geojson": lambda at: json.dumps({"type": "Point", "coordinates": at}).replace(";", ","),
}


@pytest.mark.parametrize("header", ["坐标", "geom"])
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_in_cells_of_databases(tmp_path: Path, shape: str, header: str) -> None:
    cells = [SHAPES[shape](at).replace('"', '""') for at in SPOTS]
    stands_right(read(tmp_path, rows([f'"{cell}"' for cell in cells], header), crs="EPSG:4326"))


@pytest.mark.parametrize("shape", ["ewkt", "ewkb"])
def test_the_system_that_shapes_state_holds(tmp_path: Path, shape: str) -> None:
    stands_right(read(tmp_path, rows([f'"{SHAPES[shape](at)}"' for at in SPOTS])))


def test_a_shape_that_is_none_is_told_by_its_row_and_header(tmp_path: Path) -> None:
    inputs = read(
        tmp_path, rows([SHAPES["wkt"](SPOTS[0]), SHAPES["wkt"](SPOTS[1]), "POINT (121"]), crs="EPSG:4326"
    )
    (fault,) = [f for _, r in inputs.reports for f in r.faults if f.reason.key == "layers.not_wkt"]
    assert (fault.row, fault.column) == (4, "坐标")


def test_a_link_of_a_map_says_which_numbers_to_take(tmp_path: Path) -> None:
    links = [f"https://uri.amap.com/marker?position={lon},{lat}" for lon, lat in SPOTS]
    told = stop(tmp_path, rows(links), crs="EPSG:4326")
    assert "第 2 行 坐标 'https://uri.amap.com" in told
    assert "position=经度,纬度" in told
    # The advice followed to the letter.
    numbers = [re.sub(".*position=", "", link) for link in links]
    stands_right(read(tmp_path, rows(numbers), crs="EPSG:4326"))


def test_columns_set_with_blanks(tmp_path: Path) -> None:
    lines = [f"{n:　<6}  {h:>6}   {at[0]}\t {at[1]}" for n, h, at in zip(NAMES, HEADS, SPOTS, strict=True)]
    text = "\n".join(["名称      人口   经度   纬度", *lines])
    stands_right(read(tmp_path, text, name="v.txt", crs="EPSG:4326"))


def test_rows_the_other_way_round_are_to_be_corrected_one_by_one(tmp_path: Path) -> None:
    """``order`` would lose the other rows: it is no advice here."""
    text = rows(
        [f"{SPOTS[0][0]},{SPOTS[0][1]}", f"{SPOTS[1][1]},{SPOTS[1][0]}", f"{SPOTS[2][0]},{SPOTS[2][1]}"]
    )
    inputs = read(tmp_path, text, crs="EPSG:4326")
    (fault,) = [f for _, r in inputs.reports for f in r.faults if f.column == "geometry"]
    assert fault.row == 3
    assert "请在该行对调" in fault.say("zh")
    assert "order" not in fault.say("en")
    assert inputs.left_out["people"].tolist() == [500]


def test_metres_among_degrees_are_told_row_by_row(tmp_path: Path) -> None:
    text = rows(
        [f"{SPOTS[0][0]},{SPOTS[0][1]}", f"{EAST + 2000},{NORTH + 1000}", f"{SPOTS[2][0]},{SPOTS[2][1]}"]
    )
    inputs = read(tmp_path, text, crs="EPSG:4326")
    (fault,) = [f for _, r in inputs.reports for f in r.faults if f.column == "geometry"]
    assert "另存为一个文件" in fault.say("zh")
    # Followed: the row in a file and section of its own.
    (tmp_path / "degrees.csv").write_text(rows([f"{a},{b}" for a, b in SPOTS]), encoding="utf-8")
    (tmp_path / "metres.csv").write_text(
        f"名称;人口;坐标\n乙村;500;{EAST + 2000},{NORTH + 1000}", encoding="utf-8"
    )
    both = [{"path": "degrees.csv", "people": "人口", "crs": "EPSG:4326"},
            {"path": "metres.csv", "people": "人口", "crs": "EPSG:32651"}]  # fmt: skip
    assert read_inputs(town_study(tmp_path, demand=both)).demand["people"].sum() == 2300


@pytest.mark.parametrize("cell", ["{0:.9f}\u200b", "\ufeff{0:.9f}", "'{0:.9f}", "\u00a0{0:.9f} ", "{0:.9f}°"])
def test_signs_that_nobody_sees_stand_in_no_way(tmp_path: Path, cell: str) -> None:
    lines = [
        f"{n};{h};{cell.format(a)};{cell.format(b)}" for n, h, (a, b) in zip(NAMES, HEADS, SPOTS, strict=True)
    ]
    stands_right(read(tmp_path, "\n".join(["名称;人口;经度;纬度", *lines]), crs="EPSG:4326"))


def test_the_northing_first_is_offered_in_words_that_can_be_copied(tmp_path: Path) -> None:
    text = rows([f"{NORTH + y},{EAST + x}" for x, y in ((1000, 0), (2000, 1000), (2400, 0))])
    told = stop(tmp_path, text)
    settings = re.search(r'请写 crs = "(.*?)" 和 order = "(.*?)"', told)
    assert settings is not None
    inputs = read(tmp_path, text, crs=settings[1], order=settings[2])
    assert inputs.demand["people"].sum() == 1800


@pytest.mark.parametrize(
    ("header", "crs", "is_told"),
    [
        ("经度(GCJ02)", "EPSG:4326", True),
        ("经度(WGS84)", "EPSG:4326", False),
        ("经度(WGS84)", "GCJ-02", True),
        ("经度(GCJ02)", "GCJ-02", False),
        ("经度", "EPSG:4326", False),
    ],
)
def test_a_header_that_names_another_system_is_told(
    tmp_path: Path, header: str, crs: str, is_told: bool
) -> None:
    lines = [f"{n};{h};{a};{b}" for n, h, (a, b) in zip(NAMES, HEADS, SPOTS, strict=True)]
    inputs = read(tmp_path, "\n".join([f"名称;人口;{header};纬度", *lines]), crs=crs)
    notes = [note.key for _, report in inputs.reports for note in report.crs_notes]
    assert ("layers.header_system" in notes) == is_told


def test_a_second_table_below_the_first_is_told(tmp_path: Path) -> None:
    at = ";".join(map(str, SPOTS[0]))
    lines = ["一、现状站", "站名;经度;纬度", f"一号;{at}", "", "二、规划站", "站名;经度;纬度", f"二号;{at}"]
    (tmp_path / "s.csv").write_text("\n".join(lines), encoding="utf-8")
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))
    notes = [
        note for _, report in inputs.reports for note in report.notes if note.key == "layers.header_again"
    ]
    assert "（第 6 行）" in notes[0].say("zh")
    assert len(inputs.facilities) == 2  # they count until somebody says which is which


# --- headers, units, numbers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("人口（2020）", HEADS),
        ("人口(2020年末)", HEADS),
        ("人口（常住）", HEADS),
        ("常住人口（七普，人）", HEADS),
        ("人口（万人，2020年）", [0.1, 0.05, 0.03]),
        ("人口（W）", [0.1, 0.05, 0.03]),
        ("人口", ["0.1W", "0.5千", "300人以上"]),
        ("人口", ["1000+", "500上下", "３００"]),
    ],
)
def test_what_stands_in_brackets_is_a_unit_only_where_it_is_one(
    tmp_path: Path, header: str, cells: list[Any]
) -> None:
    lines = [f"{n};{c};{at[0]},{at[1]}" for n, c, at in zip(NAMES, cells, SPOTS, strict=True)]
    text = "\n".join([f"名称;{header};坐标", *lines])
    stands_right(read(tmp_path, text, people=header, crs="EPSG:4326"))


def test_an_unknown_unit_says_what_to_do_about_it(tmp_path: Path) -> None:
    text = rows([f"{a},{b}" for a, b in SPOTS]).replace("人口", "人口（户）", 1)
    told = stop(tmp_path, text, people="人口（户）", crs="EPSG:4326")
    assert "请改表头" in told


@pytest.mark.parametrize(
    ("header", "cell", "area_m2"),
    [
        ("面积（亩）", "3", 2000),
        ("有效避难面积", "3亩", 2000),
        ("可用面积(千平方米)", "2", 2000),
        ("避难面积（万㎡）", "0.2", 2000),
        ("占地面积/公顷", "0.2", 2000),
    ],
)
def test_areas_in_units_of_planners(tmp_path: Path, header: str, cell: str, area_m2: float) -> None:
    facilities = shelters(tmp_path, header, cell)
    assert facilities["area_m2"].tolist() == pytest.approx([area_m2])


@pytest.mark.parametrize(
    ("header", "cell", "places"),
    [
        ("应急避难人数", "1,200人", 1200),
        ("设计容纳人数（百人）", "12", 1200),
        ("疏散人数(千人)", "1.2", 1200),
        ("避难容量", "约1200", 1200),
        ("安置能力", "0.12万", 1200),
    ],
)
def test_places_under_headers_of_planners(tmp_path: Path, header: str, cell: str, places: float) -> None:
    assert shelters(tmp_path, header, cell)["places"].tolist() == pytest.approx([places])


def shelters(folder: Path, header: str, cell: str) -> Any:
    (folder / "s.csv").write_text(
        f'名称;{header};坐标\n一中避难场所;"{cell}";{SPOTS[0][0]},{SPOTS[0][1]}', encoding="utf-8"
    )
    section = {"path": "s.csv", "kind": "shelter", "crs": "EPSG:4326"}
    study = town_study(folder, facilities=[{"path": "stations.gpkg"}, section])
    facilities = read_inputs(study).facilities
    return facilities[facilities["kind"] == "shelter"]


# --- stations --------------------------------------------------------------------------------------

STATUS = {
    **dict.fromkeys(["现状", "现状保留", "改扩建", "原址扩建", "已建"], "existing"),
    **dict.fromkeys(["规划", "在建", "迁建", "近期", "远期建设"], "planned"),
    **dict.fromkeys(["拟撤", "已撤销", "现状（拟拆除）"], "closed"),
}


def test_what_stages_of_a_plan_mean(tmp_path: Path) -> None:
    lines = [f"{k}号消防站;{word};{SPOTS[0][0] + k / 1000},{SPOTS[0][1]}" for k, word in enumerate(STATUS)]
    (tmp_path / "s.csv").write_text("\n".join(["名称;状态;坐标", *lines]), encoding="utf-8")
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))
    assert inputs.facilities["status"].tolist() == list(STATUS.values())


def test_a_word_that_nobody_knows_is_told_under_the_header_of_the_file(tmp_path: Path) -> None:
    text = f"名称;状态;坐标\n一号消防站;甲方案;{SPOTS[0][0]},{SPOTS[0][1]}"
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))
    (fault,) = [f for _, r in inputs.reports for f in r.faults]
    assert fault.say("zh").startswith("第 2 行 状态 '甲方案': 不是已知的状态")


def test_classes_under_the_header_of_types(tmp_path: Path) -> None:
    words = ["特勤站", "一级普通站", "普通二级", "小型站", "战勤保障站", "微型消防站", "政府专职队"]
    lines = [f"{k}号;{word};{SPOTS[0][0] + k / 1000},{SPOTS[0][1]}" for k, word in enumerate(words)]
    (tmp_path / "s.csv").write_text("\n".join(["名称;站点类型;坐标", *lines]), encoding="utf-8")
    inputs = read_inputs(town_study(tmp_path, facilities=[{"path": "s.csv", "crs": "EPSG:4326"}]))
    classes = ["special", "first", "second", "small", "logistics", "government"]
    assert inputs.facilities["station_class"].tolist() == classes
    assert any(note.key == "study.other_kinds" for _, note in inputs.notes)  # the micro station is told


# --- rasters of the whole world and of China -------------------------------------------------------


@pytest.mark.parametrize(
    "system",
    [
        "ESRI:54009",  # GHS-POP
        "EPSG:8857",
        "ESRI:102025",
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=WGS84 +units=m",
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=krass +units=m",
    ],
)
def test_a_raster_in_a_projection_of_wide_land(tmp_path: Path, system: str) -> None:
    crs = CRS.from_user_input(system)
    ((x, y),) = transform_xy(np.array([[EAST, NORTH]]), CRS.from_epsg(32651), crs)
    about = {"driver": "GTiff", "height": 4, "width": 5, "count": 1, "dtype": "float64", "crs": crs.to_wkt()}
    corner = from_origin(x - 500, y + 2000, 1000, 1000)
    with rasterio.open(tmp_path / "pop.tif", "w", transform=corner, nodata=-200, **about) as file:
        file.write(np.full((4, 5), 7.0), 1)
    inputs = read_inputs(town_study(tmp_path, demand=[{"path": "pop.tif", "method": "raster"}], zones=None))
    assert inputs.demand["people"].sum() == 140
    at = shapely.get_coordinates(inputs.demand.geometry.to_numpy()) - (EAST, NORTH)
    assert np.abs(at).max() < 7000


@pytest.mark.study
def test_packed_stations_far_from_all_roads_are_stopped_with_the_setting_that_helps(tmp_path: Path) -> None:
    """A run ends before its notes are printed: what may be the reason stands in the message."""
    cells = [
        (f"{int(lon)}.{packed(lon)}", f"{int(lat)}.{packed(lat)}")
        for lon, lat in lonlat((1000, 0), (2000, 1000), (2400, 0), (3100, 0), (3700, 0))
    ]
    lines = ["名称,经度,纬度", *(f"站{k},{x},{y}" for k, (x, y) in enumerate(cells))]
    (tmp_path / "s.csv").write_text("\n".join(lines), encoding="utf-8")
    section = {"path": "s.csv", "crs": "EPSG:4326"}
    with pytest.raises(GeoError) as error:
        run_study(town_study(tmp_path, facilities=[section]))
    assert 'angles = "packed"' in error.value.say("zh")
    result = run_study(town_study(tmp_path, facilities=[{**section, "angles": "packed"}]))
    assert result.coverage.station_snaps["is_snapped"].all()


def packed(angle: float) -> str:
    """Write minutes and seconds of an angle, and its hundredths of seconds, as digits."""
    seconds = round(angle % 1 * 3600, 2)
    return f"{int(seconds // 60):02d}{seconds % 60:05.2f}".replace(".", "")
