"""Facilities: made from layers, merged, chosen, and false entries found."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from geo.errors import CrsError, InputError
from geo.layers import read_layer
from geo.schema import FACILITY_COLUMNS, check_facilities
from geo.stations import find_repeats, find_suspects, make_facilities, merge_facilities, select
from tests.shared import real

METRIC = CRS.from_epsg(32651)


def layer(n=2, *, geometry=None, **columns):
    """A layer as it is read: row numbers from 2 (a spreadsheet), degrees near Shanghai, 1 km apart."""
    shapes = shapely.points(121.5 + 0.01 * np.arange(n), np.full(n, 31.2)) if geometry is None else geometry
    index = pd.RangeIndex(2, 2 + n, name="row")
    return gpd.GeoDataFrame(columns, index=index, geometry=shapes, crs=4326)


def test_a_bare_layer_of_points_is_enough():
    made, faults = make_facilities(layer(), kind="hydrant", crs=METRIC, source="栓.csv")
    assert list(made.columns) == list(FACILITY_COLUMNS)
    assert list(made.index) == ["hydrant-2", "hydrant-3"]
    assert made.index.name == "facility_id"
    assert made["status"].tolist() == ["existing"] * 2
    assert made["source"].tolist() == ["栓.csv row 2", "栓.csv row 3"]
    assert made["name"].isna().all()
    assert faults == ()
    assert made.crs == METRIC
    check_facilities(made)


def test_an_empty_layer_gives_an_empty_table():
    made, faults = make_facilities(layer(0), kind="depot", crs=METRIC)
    assert list(made.columns) == list(FACILITY_COLUMNS)
    assert len(made) == len(faults) == 0
    check_facilities(made)


@pytest.mark.parametrize(
    ("words", "station_class"),
    [
        ("一级站", "first"),
        ("一级普通消防站", "first"),
        ("普通消防站（二级）", "second"),
        ("特勤站", "special"),
        ("特勤一级站", "special"),
        ("小型站", "small"),
        ("小型普通消防站", "small"),
        ("战勤保障站", "logistics"),
        ("first", "first"),
        ("II级", "second"),
        ("Ⅱ级站", "second"),
        ("Ⅰ级站", "first"),
        ("乡镇政府专职消防队", "government"),
        ("企业专职队", "enterprise"),
    ],
)
def test_classes_of_stations(words, station_class):
    made, faults = make_facilities(layer(1, station_class=[words]), kind="fire_station", crs=METRIC)
    assert made["station_class"].tolist() == [station_class]
    assert faults == ()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("现状", "existing"),
        ("规划", "planned"),
        ("在建", "planned"),
        ("已关闭", "closed"),
        ("候选点", "candidate"),
        ("planned", "planned"),
        ("inactive", "closed"),
        ("不运行", "closed"),
        ("Active", "existing"),
        (None, "existing"),
        ("  ", "existing"),
    ],
)
def test_statuses(words, status):
    made, faults = make_facilities(layer(1, status=[words]), kind="fire_station", crs=METRIC)
    assert made["status"].tolist() == [status]
    assert faults == ()


def test_words_that_are_not_known_are_faults_and_the_row_stays():
    assert make_facilities(layer(1, status=["unopened"]), kind="fire_station", crs=METRIC)[1]
    table = layer(2, station_class=["甲等", None], status=["不明", None])
    made, faults = make_facilities(table, kind="fire_station", status="planned", crs=METRIC)
    assert made["station_class"].isna().all()
    assert made["status"].tolist() == ["planned", "planned"]
    assert [(fault.row, fault.column, fault.value) for fault in faults] == [
        (2, "status", "不明"),
        (2, "station_class", "甲等"),
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("shelter", ["Ⅰ级", "Ⅱ级", "Ⅲ级"]),
        ("shelter", ["一类", "三类", "长期"]),
        ("shelter", ["固定", "中心避难场所", "紧急"]),
        ("depot", ["市级", "街镇级", "村居级"]),
        ("depot", ["区级库", "社区", "市级联合库"]),
    ],
)
def test_the_class_of_a_shelter_or_depot_is_its_level(kind, words):
    made, faults = make_facilities(layer(3, station_class=words), kind=kind, crs=METRIC)
    assert made["level"].tolist() == words
    assert made["station_class"].isna().all()
    assert faults == ()
    # What the file calls a level is one, whatever stands under the other header.
    made, _ = make_facilities(layer(1, level=["区级"], station_class=words[:1]), kind=kind, crs=METRIC)
    assert made["level"].tolist() == ["区级"]


def test_a_class_that_is_no_level_is_told_where_others_are():
    made, faults = make_facilities(layer(2, station_class=["Ⅰ级", "学校"]), kind="shelter", crs=METRIC)
    assert made["level"].tolist() == ["Ⅰ级", None]
    assert [(fault.row, fault.value) for fault in faults] == [(3, "学校")]
    made, faults = make_facilities(layer(2, station_class=["公园", "学校"]), kind="shelter", crs=METRIC)
    assert made["level"].isna().all()
    assert faults == ()


@pytest.mark.parametrize(
    ("words", "works", "status"),
    [
        ("完好", True, "existing"),
        ("良好 ", True, "existing"),
        ("完好(2023年)", True, "existing"),
        ("在用", True, "existing"),
        ("漏水、缺盖", False, "existing"),
        ("正常/无水", False, "existing"),
        ("水压不足", False, "existing"),
        ("ＬＥＡＫＩＮＧ", False, "existing"),
        ("not working", False, "existing"),
        ("拆除", False, "closed"),
        ("规划", pd.NA, "planned"),
        (None, pd.NA, "existing"),
    ],
)
def test_words_of_water_companies(words, works, status):
    made, faults = make_facilities(layer(1, status=[words]), kind="hydrant", crs=METRIC)
    assert made["is_working"].tolist() == [works]
    assert made["status"].tolist() == [status]
    assert faults == ()


def test_an_unknown_word_leaves_its_row_open_and_the_others_keep_their_meaning():
    table = layer(3, status=["完好", "色差", "漏水"])
    made, faults = make_facilities(table, kind="hydrant", crs=METRIC)
    assert made["is_working"].tolist() == [True, pd.NA, False]
    assert [(fault.row, fault.value) for fault in faults] == [(3, "色差")]
    assert "left open" in str(faults[0].reason)


@pytest.mark.parametrize("codes", [["1", "0", "2"], ["√", "×", "√"]])
def test_codes_alone_under_a_status_are_told(codes):
    # Nothing says which of them is out: the rows count, and each is named.
    made, faults = make_facilities(layer(3, status=codes), kind="fire_station", crs=METRIC)
    assert made["status"].tolist() == ["existing"] * 3
    assert [(fault.row, fault.value) for fault in faults] == list(zip((2, 3, 4), codes, strict=True))


def test_a_station_that_cannot_be_used_is_closed():
    table = layer(5, status=["正常执勤", "停勤", "在建", "维修中", None])
    made, faults = make_facilities(table, kind="fire_station", crs=METRIC)
    assert made["status"].tolist() == ["existing", "closed", "planned", "closed", "existing"]
    assert faults == ()
    table = layer(2, is_working=pd.array([True, False], dtype="boolean"))
    made, _ = make_facilities(table, kind="shelter", crs=METRIC)
    assert made["status"].tolist() == ["existing", "closed"]


def test_the_first_of_two_rows_with_one_id_stays_and_both_are_named():
    table = layer(3, id=["A1", "A1", None])
    made, faults = make_facilities(table, kind="depot", crs=METRIC, prefix="库")
    assert made.index.tolist() == ["库-A1", "库-4"]
    assert len(faults) == 1
    assert faults[0].row == 3
    assert "row 2" in str(faults[0].reason)


def test_an_area_becomes_a_point_inside_it():
    # A horseshoe: its centre of gravity lies outside of it.
    shoe = shapely.Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 2), (3, 2), (3, 3), (0, 3)])
    metric = gpd.GeoDataFrame(
        {"area_m2": [np.nan, 5.0]}, geometry=[shoe, shapely.Point(9, 9)], crs=METRIC, index=[1, 2]
    )
    made, faults = make_facilities(metric, kind="shelter", crs=METRIC)
    assert shoe.contains(made.geometry.iloc[0])
    assert made["area_m2"].tolist() == [7.0, 5.0]  # 3 x 3 less the 2 x 1 notch
    assert [fault.row for fault in faults] == [1]


def test_wrong_words_and_systems_are_errors():
    with pytest.raises(InputError, match="fire_station"):
        make_facilities(layer(), kind="police", crs=METRIC)
    with pytest.raises(InputError, match="planned"):
        make_facilities(layer(), kind="depot", status="old", crs=METRIC)
    with pytest.raises(CrsError, match="metres"):
        make_facilities(layer(), kind="depot", crs=CRS.from_epsg(4326))
    with pytest.raises(CrsError, match="not known"):
        make_facilities(layer().set_crs(None, allow_override=True), kind="depot", crs=METRIC)


def test_merge_keeps_all_and_refuses_an_id_twice():
    one, _ = make_facilities(layer(2, id=["a", "b"]), kind="depot", crs=METRIC, source="one")
    two, _ = make_facilities(layer(1, id=["c"]), kind="shelter", crs=METRIC, source="two")
    empty, _ = make_facilities(layer(0), kind="team", crs=METRIC)
    merged = merge_facilities(one, empty, two)
    assert merged.index.tolist() == ["a", "b", "c"]
    check_facilities(merged)
    with pytest.raises(InputError, match="one row 2"):
        merge_facilities(one, one)
    with pytest.raises(CrsError):
        merge_facilities(one, two.to_crs(32650))
    with pytest.raises(InputError):
        merge_facilities()


def test_select():
    stations, _ = make_facilities(
        layer(3, status=["现状", "规划", "关闭"]), kind="fire_station", crs=METRIC, prefix="站"
    )
    assert select(stations, status="existing").index.tolist() == ["站-2"]
    assert select(stations, status=["existing", "planned"], kind="fire_station").index.tolist() == [
        "站-2",
        "站-3",
    ]
    assert len(select(stations)) == 3
    assert select(stations, kind="depot").empty
    with pytest.raises(InputError, match="stattion"):
        select(stations, kind="stattion")


def test_suspects_by_name_and_place():
    names = ["城桥消防站", "消防器材公司", None, "Disney", "宝山区消防救援支队", "东门消防站", "东门中队"]
    x = np.array([0, 1000, 2000, 3000, 4000, 5000, 5050.0])  # the last two are exactly 50 m apart
    table = gpd.GeoDataFrame(
        {"name": names, "id": list("abcdefg")}, geometry=shapely.points(x + 350_000, 3.45e6), crs=METRIC
    )
    made, _ = make_facilities(table, kind="fire_station", crs=METRIC)
    found = find_suspects(made)
    assert found["facility_id"].tolist() == ["b", "c", "d", "e", "f", "g"]
    assert "50 m from g" in found["reason"].iloc[4]
    assert find_suspects(made, lang="zh")["reason"].iloc[1] == "没有名称"
    # Stretched by 2 %: now 51 m apart.
    moved = made.assign(geometry=shapely.points(x * 1.02 + 350_000, 3.45e6))
    assert find_suspects(moved)["facility_id"].tolist() == ["b", "c", "d", "e"]
    assert find_suspects(made.iloc[:1]).empty


@pytest.mark.real
def test_false_entries_among_the_fire_stations_of_shanghai():
    # Looked through by hand: of 58 entries, one is an association (上海市消防协会), one an abandoned
    # building (消防楼（废弃）), one bears no word of a station (Disney); 消防队 is mapped twice 38 m apart
    # and the yard of 铜山 three times; 17 have no name; eight bear the name of a headquarters.
    read = read_layer(real("shanghai/fire_stations_osm_2026-03-29.geojson"), geometry="point")
    made, faults = make_facilities(read.table, kind="fire_station", crs=METRIC)
    assert len(made) == read.report.n_rows == 58
    assert faults == ()
    check_facilities(made)
    reasons = find_suspects(made)
    by_reason = {
        words: set(
            made.loc[reasons.loc[reasons["reason"].str.contains(words), "facility_id"].unique(), "name"]
        )
        for words in ("something else", "nothing in the name")
    }
    assert by_reason == {
        "something else": {"上海市消防协会", "消防楼（废弃）"},
        "nothing in the name": {"Disney"},
    }
    twice = reasons.loc[reasons["reason"].str.contains("twice"), "facility_id"].unique().tolist()
    assert twice == ["4423217249", "444857907", "1427664600", "1427664601", "1427664630"]
    assert reasons["reason"].str.contains("no name").sum() == made["name"].isna().sum() == 17
    headquarters = reasons.loc[reasons["reason"].str.contains("headquarters"), "facility_id"].tolist()
    assert len(headquarters) == 8
    assert made.loc[headquarters, "name"].str.contains("支队").all()


def test_a_facility_that_stands_before_is_a_repeat():
    # Row 3 is row 2 again, 20 m on; row 4 bears the name a kilometre away; row 5 has another name.
    at = shapely.points([0, 20, 1000, 20], [0, 0, 0, 0])
    table = layer(4, geometry=at, name=["甲 库", "甲库", "甲库", "乙库"]).set_crs(METRIC, allow_override=True)
    made, _ = make_facilities(table, kind="depot", crs=METRIC)
    repeats = find_repeats(made)
    assert repeats[["facility_id", "first_id"]].to_numpy().tolist() == [["depot-3", "depot-2"]]
    assert repeats["metres"].tolist() == [20.0]
    assert find_repeats(made.iloc[:0]).empty


def test_hydrants_of_one_name_repeat_only_at_one_place():
    at = shapely.points([0, 60, 60, 60], [0, 0, 0, 0])
    columns = {"name": ["市政消火栓"] * 4, "flow_lps": [15.0, 15.0, 15.0, 10.0]}
    table = layer(4, geometry=at, **columns).set_crs(METRIC, allow_override=True)
    made, _ = make_facilities(table, kind="hydrant", crs=METRIC)
    assert find_repeats(made)["facility_id"].tolist() == ["hydrant-4"]
