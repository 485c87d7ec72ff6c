"""Files of call records as dispatch systems export them, read by a study: every row used or counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.calls import CallRecords
from geo.crs import wgs84_to_gcj02
from geo.errors import GeoError, StudyError
from geo.network import RoadNetwork
from geo.study import Study, parse_study, read_inputs
from geo.study.inputs import LayerLog, read_calls
from geo.study.inputs.call_stations import match_call_stations, station_key
from tests.studies import CRS, EAST, NORTH, lonlat, town_study

HEADERS = (
    *("案件编号", "接警日期", "接警时间", "调派时间", "出动时间", "到场时间", "归队时间"),
    *("出动中队", "车牌号", "警情类型", "天气", "X坐标", "Y坐标"),
)
DAY = ("2024-03-05", "23:58:00", "23:59:00", "0:00:10", "0:06:10", "1:00:00")
AT = (EAST + 1000.0, NORTH)


def row(number: str, *, at: tuple[Any, Any] = AT, station: str = "West", **cells: str) -> dict[str, Any]:
    told = dict(zip(HEADERS, [number, *DAY, station, "沪A1", "火灾", "晴", *at], strict=True))
    return {**told, **cells}


@cache
def _town() -> tuple[RoadNetwork, gpd.GeoDataFrame]:
    with TemporaryDirectory() as folder:
        inputs = read_inputs(town_study(Path(folder)))
    return inputs.network, inputs.facilities


def records_of(
    folder: Path, rows: Sequence[Mapping[str, Any]], **spec: Any
) -> tuple[CallRecords, list[str], list[str]]:
    """Give the records with the notes and faults of their section."""
    pd.DataFrame(rows).to_csv(folder / "calls.csv", index=False, encoding="gb18030")
    return read(study_of(folder, {"path": "calls.csv", "crs": CRS, **spec}))


def study_of(folder: Path, *calls: Mapping[str, Any]) -> Study:
    """Give the study of the town whose roads and stations are known already."""
    sections = {
        "study": {"name": "Town", "lang": "en"},
        "roads": {"path": "roads.gpkg"},
        "facilities": [{"path": "stations.gpkg"}],
        "demand": [{"path": "villages.gpkg"}],
    }
    return parse_study({**sections, "calls": list(calls)}, folder=folder)


def read(study: Study) -> tuple[CallRecords, list[str], list[str]]:
    network, facilities = _town()
    log = LayerLog()
    records = read_calls(study, facilities, network, log)
    log.require_no_errors()
    assert records is not None
    notes = [str(note) for _, note in log.notes]
    return records, notes, [str(fault) for _, report in log.reports for fault in report.faults]


def counted(records: CallRecords, measure: str) -> dict[str, int]:
    part = records.counts[records.counts["measure"] == measure]
    return dict(zip(part["reason"], part["n_rows"], strict=True))


def test_a_chinese_export_in_gbk_with_clocks_over_midnight(tmp_path: Path) -> None:
    records, _, faults = records_of(
        tmp_path, [row("A1"), row("A1", 车牌号="沪A2"), row("A2", station="无名")]
    )
    first = records.table.iloc[0]
    assert (first["handling_s"], first["turnout_s"], first["driving_s"]) == (60.0, 70.0, 360.0)
    # The clock of the town starts at the dispatch: 23:59:00 to 00:06:10.
    assert (first["response_s"], first["service_s"]) == (430.0, 3660.0)
    assert first["arrived_at"] == pd.Timestamp("2024-03-06 00:06:10")
    assert (first.geometry.x, first.geometry.y) == pytest.approx(AT)
    assert records.table["station_id"].tolist() == ["A", "A", None]
    assert records.table["call_id"].tolist() == ["A1", "A1", "A2"]
    assert (first["call_type"], first["weather"], first["vehicle"]) == ("火灾", "晴", "沪A1")
    assert counted(records, "station") == {"usable": 2, "unknown_station": 1}
    assert [fault.split(": ")[1] for fault in faults] == ["its station is not in the study"]


def test_an_english_workbook_with_titles_above_and_cells_of_dates_and_times(tmp_path: Path) -> None:
    when = pd.Timestamp("2024-03-05 23:58:00")
    x, y = lonlat((1000, 0))[0]
    head = ["Incident Number", "Call Time", "Dispatch Time", "En Route Time", "On Scene Time", "Station Name"]
    cells = ["7", when, when + pd.Timedelta(minutes=1), (when + pd.Timedelta(minutes=2)).time(), "00:06", "A"]
    rows = [["Calls of 2024", *[None] * 7], [*head, "Longitude", "Latitude"], [*cells, x, y]]
    pd.DataFrame(rows).to_excel(tmp_path / "calls.xlsx", index=False, header=False)
    records, notes, _ = read(study_of(tmp_path, {"path": "calls.xlsx", "crs": "EPSG:4326"}))
    one = records.table.iloc[0]
    assert (one["station_id"], one["call_id"]) == ("A", "7")
    # 23:58 - 23:59 - 00:00 - 00:06
    assert (one["turnout_s"], one["driving_s"]) == (60.0, 360.0)
    assert any("time back" in note for note in notes)  # there is no such column


def test_places_in_gcj_02_come_back_to_where_they_are(tmp_path: Path) -> None:
    lon, lat = wgs84_to_gcj02(*(np.array([value]) for value in lonlat((1000, 0))[0]))
    shifted = (float(lon[0]), float(lat[0]))
    records, _, _ = records_of(tmp_path, [row("A1", at=shifted)], crs="GCJ-02", columns={
        "lon": "X坐标", "lat": "Y坐标"})  # fmt: skip
    at = records.table.geometry.iloc[0]
    assert np.hypot(at.x - AT[0], at.y - AT[1]) < 1.0


def test_a_file_without_any_place_still_tells_turnout_and_driving(tmp_path: Path) -> None:
    bare = [{key: value for key, value in row("A1").items() if "坐标" not in key}]
    records, _, _ = records_of(tmp_path, bare)
    assert counted(records, "place") == {"no_place": 1}
    assert counted(records, "driving") == {"usable": 1}


def test_the_zone_s_station_and_the_name_in_a_vehicle_stand_in_and_are_told(tmp_path: Path) -> None:
    duty = {**row("A1"), "出动中队": None, "辖区中队": "West"}
    vehicle = {**row("A2"), "出动中队": None, "辖区中队": None, "车牌号": "West-01"}
    records, notes, _ = records_of(tmp_path, [duty, vehicle])
    assert records.table["station_id"].tolist() == ["A", "A"]
    assert sum("taken for the one that went" in note or "of the vehicle" in note for note in notes) == 2


def test_rows_of_one_time_and_place_are_one_call_where_no_column_numbers_them(tmp_path: Path) -> None:
    rows = [row("A1"), row("A2", 车牌号="沪A2"), row("A3", 接警时间="23:57:00")]
    bare = [{key: value for key, value in one.items() if key != "案件编号"} for one in rows]
    records, notes, _ = records_of(tmp_path, bare)
    ids = records.table["call_id"].tolist()
    assert ids[0] == ids[1] != ids[2]
    assert any("2 in all" in note for note in notes)


def test_only_days_of_the_period_and_chosen_kinds_count(tmp_path: Path) -> None:
    rows = [row("A1"), row("A2", 接警日期="2024-03-06"), row("A3", 接警日期="2024-03-07")]
    rows.append(row("A4", 警情类型="救援"))
    spec = {"first_day": "2024-03-05", "last_day": "2024-03-06", "where": {"警情类型": ["火灾"]}}
    records, _, _ = records_of(tmp_path, rows, **spec)
    assert records.table["call_id"].tolist() == ["A1", "A2"]
    assert counted(records, "place") == {"usable": 2, "outside_period": 1}


def test_a_row_in_two_files_counts_once(tmp_path: Path) -> None:
    pd.DataFrame([row("A1"), row("A2")]).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame([row("A2"), row("A3")]).to_csv(tmp_path / "b.csv", index=False)
    calls = [{"path": "a.csv", "crs": CRS}, {"path": "b.csv", "crs": CRS}]
    records, notes, _ = read(study_of(tmp_path, *calls))
    assert records.table["call_id"].tolist() == ["A1", "A2", "A3"]
    assert counted(records, "driving") == {"usable": 3, "double": 1}
    assert any("more than one of the files" in note for note in notes)
    assert records.table.index.is_unique


def test_no_cell_of_a_call_stands_in_what_is_told_of_the_file(tmp_path: Path) -> None:
    rows = [row("SECRET1", 到场时间="25:71"), row("SECRET2", at=("121.4x", NORTH)), row("A", at=(0.5, NORTH))]
    pd.DataFrame(rows).to_csv(tmp_path / "calls.csv", index=False)
    network, facilities = _town()
    log = LayerLog()
    read_calls(study_of(tmp_path, {"path": "calls.csv", "crs": CRS}), facilities, network, log)
    report = dict(log.reports)["calls 1"]
    told = " ".join([*map(str, report.faults), *map(str, report.notes), *(str(n) for _, n in log.notes)])
    assert len(report.faults) >= 2
    assert report.bounds is None
    for secret in ("SECRET", "25:71", "121.4", "沪A1", "23:58"):
        assert secret not in told


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"first_day": "5 March"}, "is no day"),
        ({"first_day": "2024-03-06", "last_day": "2024-03-05"}, "is after"),
        ({"typo": 1}, "typo"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, spec: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        study_of(tmp_path, {"path": "calls.csv", **spec})


def test_a_file_that_is_missing_is_told_with_its_section(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"\[calls 1\]"):
        read(study_of(tmp_path, {"path": "calls.csv"}))


def stations(*names: str) -> gpd.GeoDataFrame:
    table = {"name": list(names), "status": "existing"}
    return gpd.GeoDataFrame(table, index=[f"fire_station-1-{i}" for i in range(len(names))], geometry=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("东门消防救援站", "fire_station-1-0"),
        ("东门中队", "fire_station-1-0"),
        ("ＥＡＳＴ fire station", "fire_station-1-2"),
        ("1", "fire_station-1-1"),  # the id in its own file
        ("市消防救援支队东门二消防站", "fire_station-1-1"),  # the longest name in it, not 东门
        ("东门特勤站", "fire_station-1-0"),  # by a part, and told
        ("南门站", None),
        ("门", None),  # one letter is no name
    ],
)
def test_names_of_stations_as_records_write_them(text: str, expected: str | None) -> None:
    told = pd.DataFrame({"station": [text], "duty_station": [None], "vehicle": [None]}, dtype=object)
    found = match_call_stations(told, stations("东门消防救援站", "东门二消防站", "East"))
    assert found.ids.tolist() == [expected]
    assert (found.why_not.iloc[0] is None) == (expected is not None)


def test_a_name_that_fits_two_stations_means_none_and_an_existing_one_goes_before_a_closed_one() -> None:
    two = stations("东门站", "东门中队")
    told = pd.DataFrame({"station": ["东门"], "duty_station": [None], "vehicle": [None]}, dtype=object)
    assert match_call_stations(told, two).why_not.tolist() == ["several_stations"]
    one_closed = two.assign(status=["closed", "existing"])
    assert match_call_stations(told, one_closed).ids.tolist() == ["fire_station-1-1"]
    assert station_key("中队") == "中队"  # nothing would be left


CLOCK = st.sampled_from(["", "23:59:00", "0:00:10", "25:00", "x", "2024-03-05 23:59", "2024-05-03 23:59"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A1", "A2", ""]), CLOCK, CLOCK, CLOCK,
            st.sampled_from(["West", "无名", ""]), st.sampled_from([str(AT[0]), "", "x"]),
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_are_rows_used_and_rows_left_out_by_reason(
    tmp_path: Path, cells: list[tuple[str, ...]]
) -> None:
    rows = [
        row(number, 调派时间=sent, 出动时间=left, 到场时间=there, station=station, at=(x, NORTH))
        for number, sent, left, there, station, x in cells
    ]
    records, _, _ = records_of(tmp_path, rows)
    for measure, part in records.counts.groupby("measure"):
        assert part["n_rows"].sum() == len(rows)
        if measure not in ("place", "station"):
            usable = part.loc[part["reason"] == "usable", "n_rows"].sum()
            assert usable == records.table[f"{measure}_s"].notna().sum()
    placed = ~(records.table.geometry.isna() | records.table.geometry.is_empty)
    assert counted(records, "place").get("usable", 0) == placed.sum()
    assert counted(records, "station").get("usable", 0) == records.table["station_id"].notna().sum()
