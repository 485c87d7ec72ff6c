"""A town with six recorded calls, held against its model by hand.

The town of ``tests/studies.py``: 10 m/s everywhere, station A at the west end, the old station C at 4,000 m
closed; the clock starts at the dispatch, 60 s of turnout and 240 s of travel.

    call  place             from  recorded: turnout + drive  modelled: nearest      from where it went
    c1    1,000 m           A      60 + 120 = 180  in time    60 + 100 = 160 in time  160 in time
    c2    2,400 m           A      90 + 260 = 350  late       60 + 240 = 300 in time  300 in time
    c3    on the island     A      60 + 220 = 280  in time    never                   never
    c4    4,000 m           A      60 + 200 = 260  in time    60 + 400 = 460 late     460 late
    c5    side road, 3 km   A      60 + 340 = 400  late       60 + 300 = 360 late     360 late
    c6    1,000 m           C      60 + 230 = 290  in time    60 + 100 = 160 in time  60 + 300 = 360 late

Errors of driving (modelled less recorded): -20, -20, none, +200, -40, +70; the median is -20.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.outputs import write_outputs
from geo.outputs.wording import field_title
from geo.sample import write_sample
from geo.study import (
    StudyResult,
    answering_stations,
    check_study,
    cover_people,
    parse_study,
    read_clock_of,
    read_inputs,
    run_study,
)
from geo.study.call_times import model_calls
from tests.outputs.test_fields import told
from tests.studies import CRS, EAST, NORTH, lonlat, town_study
from tests.study.recorded_calls import CALLS, SECRET_AT, call, degrees, secret_study, secrets, texts, town


def six(folder: Path, **changes: Any) -> StudyResult:
    return run_study(town(folder, [call(number, *told) for number, told in CALLS.items()], **changes))


def group(result: StudyResult, measure: str, by: str) -> pd.DataFrame:
    table = result.findings["calls_errors"].table
    return table[(table["measure"] == measure) & (table["by"] == by)].set_index("group")


def test_shares_in_time_as_recorded_as_modelled_and_from_where_engines_went(tmp_path: Path) -> None:
    row = six(tmp_path).findings["calls_shares"].table.iloc[0]
    assert (row["n_calls"], row["n_sent"], row["limit_s"]) == (6, 6, 300.0)
    assert row["share_recorded"] == pytest.approx(4 / 6)
    assert row["share_modelled"] == pytest.approx(3 / 6)
    assert row["share_sent"] == pytest.approx(2 / 6)
    # recorded: 180 260 280 290 350 400, the middle between 280 and 290
    assert row["median_recorded_s"] == 285.0
    assert row["is_few"]


def test_errors_of_driving_and_turnout_by_group(tmp_path: Path) -> None:
    result = six(tmp_path)
    whole = group(result, "driving", "all").loc["all"]
    assert (whole["n_trips"], whole["n_no_route"]) == (5, 1)
    assert (whole["median_s"], whole["bias_s"]) == (-20.0, pytest.approx((-20 - 20 + 200 - 40 + 70) / 5))
    turnout = group(result, "turnout", "all").loc["all"]
    # one of six took 90 s and not the clock's 60
    assert (turnout["n_trips"], turnout["median_s"], turnout["bias_s"]) == (6, 0.0, -5.0)
    far = group(result, "driving", "distance")["n_trips"].to_dict()
    # 1.0 | 2.4, 3.0, 3.0 (C to 1 km) | 4.0; without a way there is no distance
    assert far == {"0 to 1 km": 1, "2 to 3 km": 3, "3 to 5 km": 1, "not known": 0}
    # The station's groups are smaller than 5 or just 5: only those of A are told.
    by_station = group(result, "turnout", "station")
    assert by_station.loc["West Fire Station", "bias_s"] == -6.0
    assert np.isnan(by_station.loc["Old Fire Station", "bias_s"])
    assert by_station.loc["Old Fire Station", "n_trips"] == 1


def test_the_first_engine_counts_though_only_another_one_of_its_call_has_a_place(tmp_path: Path) -> None:
    rows = [call(number, *told) for number, told in CALLS.items()]
    rows.append({**call("c2", (0, 0), "A", 60, 200), "x": None, "y": None})  # there after 260 s: in time
    result = run_study(town(tmp_path, rows))
    row = result.findings["calls_shares"].table.iloc[0]
    assert (row["n_calls"], row["share_recorded"]) == (6, pytest.approx(5 / 6))
    assert group(result, "driving", "all").loc["all", "n_trips"] == 6


def test_another_clock_is_read_on_its_own_start(tmp_path: Path) -> None:
    result = six(tmp_path, response={"standard": "clock.toml", "beside": ["drive-5min"]})
    rows = result.findings["calls_shares"].table.set_index("standard")
    # 300 s of driving: 120, 260, 220, 200, 230 but not 340; modelled 100, 240, 100, 300 but not 400 and none
    drive = rows.loc["drive-5min"]
    assert (drive["share_recorded"], drive["share_modelled"]) == (pytest.approx(5 / 6), pytest.approx(4 / 6))


def test_of_a_town_with_fewer_than_five_calls_only_their_number_is_told(tmp_path: Path) -> None:
    rows = six(tmp_path).findings["calls_shares"].table.set_index("zone")
    assert rows.loc["West", "n_calls"] == 4
    assert np.isnan(rows.loc["West", "share_recorded"])


def test_squares_have_five_calls_and_lie_on_whole_kilometres(tmp_path: Path) -> None:
    rows = [call(f"n{i}", (1100 + 10 * i, 0), "A", 60, 200) for i in range(5)]
    rows += [call(f"f{i}", (2100, 0), "A", 60, 200) for i in range(4)]
    finding = run_study(town(tmp_path, rows)).findings["calls_cells"]
    cell = finding.table.iloc[0]
    # driving is modelled as 112 s at the middle one, recorded as 200 s
    assert (len(finding.table), cell["n_calls"], cell["median_s"]) == (1, 5, -88.0)
    assert cell["class"] == "too_fast"
    assert cell.geometry.bounds == (EAST + 1000, NORTH, EAST + 2000, NORTH + 1000)
    assert finding.figures["n_calls_hidden"] == 4


def test_the_plan_s_share_of_people_stands_beside_the_shares_of_calls(tmp_path: Path) -> None:
    result = six(tmp_path, study={"plan": "chongming"}, response={"standard": "dispatch-5min"})
    row = result.findings["calls_targets"].table.loc["CM-1"]
    assert result.targets is not None
    assert row["value"] == result.targets.loc["CM-1", "value"]
    assert (row["recorded"], row["modelled"]) == (pytest.approx(400 / 6), pytest.approx(50.0))
    assert (row["status_recorded"], row["status_modelled"]) == ("missed", "missed")
    assert "as recorded: 66.7 % of 6 calls" in result.targets.loc["CM-1", "beside_en"]
    assert "按出警记录：6 起警情的 66.7%" in result.targets.loc["CM-1", "beside_zh"]


def test_without_the_section_nothing_is_said(tmp_path: Path) -> None:
    assert not [name for name in run_study(town_study(tmp_path)).findings if name.startswith("calls")]


def test_records_without_any_station_or_place_say_so(tmp_path: Path) -> None:
    rows = [{**call(number, *told), "station": None, "x": None} for number, told in CALLS.items()]
    result = run_study(town(tmp_path, rows))
    row = result.findings["calls_shares"].table.iloc[0]
    assert (row["n_calls"], row["n_sent"]) == (0, 0)
    assert np.isnan(row["share_recorded"])
    counts = result.findings["calls_counts"].table.set_index(["measure", "reason"])["n_rows"]
    assert counts["place", "no_place"] == 6
    assert counts["station", "no_station"] == 6
    assert counts["turnout", "usable"] == 6


def test_the_check_lists_faults_without_their_cells(tmp_path: Path) -> None:
    rows = [call(number, *told) for number, told in CALLS.items()]
    rows[1]["arrived_at"] = "2024-03-05 25:99"
    rows[2]["arrived_at"] = "2024-03-05 10:00:30"
    rows[3]["station"] = "Nowhere"
    report = check_study(town(tmp_path, rows), lang="en")
    assert report.n_faults >= 3
    for said in ("is no time that can be read", "the later stamp is before", "is not in the study"):
        assert said in report.text
    assert "25:99" not in report.text


def test_every_field_of_the_tables_stands_in_the_docs(tmp_path: Path) -> None:
    result = six(tmp_path, study={"plan": "chongming"}, response={"standard": "dispatch-5min"})
    rows = [call(f"n{i}", (1100 + 10 * i, 0), "A", 60, 200) for i in range(5)]
    (tmp_path / "more").mkdir()
    more = run_study(town(tmp_path / "more", rows)).findings["calls_cells"]
    tables = {name: one.table for name, one in result.findings.items() if name.startswith("calls_")}
    assert set(tables) == {"calls_shares", "calls_errors", "calls_counts", "calls_targets"}
    fields = {
        (re.sub("_(zh|en)$", "", str(name)))
        for table in [*(each.reset_index() for each in tables.values()), more.table]
        for name in table.columns
        if name not in ("index", "geometry")
    }
    asked = {(field, *(field_title("calls", field, lang=lang) for lang in ("zh", "en"))) for field in fields}
    assert asked - told() == set()


def test_no_output_holds_the_place_number_or_time_of_a_call(tmp_path: Path) -> None:
    result = run_study(secret_study(tmp_path))
    assert len(result.findings["calls_cells"].table) == 1  # five of them are drawn as one square
    out = tmp_path / "results"
    write_outputs(result, out)
    read = dict(texts(out))
    assert len(read) > 10
    # Places of others are found by this search.
    assert any(word in read["map.html"] for word in degrees(lonlat((0, 0))[0][0]))
    assert any(word in read["coverage.csv"] for word in degrees(lonlat((1000, 0))[0][0]))
    assert "3 rows have faults" in read["summary.json"]
    for name, text in read.items():
        found = [word for word in secrets() if word in text]
        assert not found, (name, found)


def test_no_shape_of_a_layer_stands_at_a_call(tmp_path: Path) -> None:
    result = run_study(secret_study(tmp_path))
    write_outputs(result, tmp_path / "results")
    package = tmp_path / "results" / "coverage.gpkg"
    at = shapely.points([(EAST + SECRET_AT[0] + i, NORTH + SECRET_AT[1]) for i in range(9)])
    for layer in gpd.list_layers(package)["name"]:
        table = gpd.read_file(package, layer=layer)
        if not isinstance(table, gpd.GeoDataFrame) or not len(table):
            continue
        corners = shapely.points(shapely.get_coordinates(table.to_crs(CRS).geometry.to_numpy()))
        assert shapely.STRtree(corners).query(at, predicate="dwithin", distance=1.0).size == 0, layer
        assert not re.search("SECRET|PLATE", table.drop(columns="geometry").to_csv())


def test_the_records_of_the_sample_are_read_to_the_truth_behind_them(tmp_path: Path) -> None:
    """At the true speeds the model's error is the spread of the drives, and each spoilt row is counted."""
    folder = write_sample(tmp_path / "sample", lang="en").parent
    truth = tomllib.loads((folder / "calls_truth.toml").read_text(encoding="utf-8"))
    speeds = "\n".join(f"{name} = {kph}" for name, kph in truth["speeds_kph"].items())
    delay = truth["driving"]["junction_delay_s"]
    head = f'[true]\nbased_on = "fire_engine"\njunction_delay_s = {delay}\nsource = "invented"\nmark = "M"'
    (folder / "speeds.toml").write_text(f"{head}\n[true.speeds_kph]\n{speeds}\n", encoding="utf-8")
    sections = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    kept: dict[str, Any] = {
        name: sections[name] for name in ("study", "demand", "response") if name in sections
    }
    kept |= {
        "roads": {**sections["roads"], "profile": "speeds.toml"},
        "facilities": sections["facilities"][:2],
    }
    study = parse_study({**kept, "calls": [{"path": "calls.csv", "crs": "EPSG:4326"}]}, folder=folder)
    inputs = read_inputs(study)
    assert inputs.calls is not None
    counts = inputs.calls.counts.set_index(["measure", "reason"])["n_rows"]
    rows = truth["rows"]
    assert counts["driving"].sum() == rows["n_rows"]
    assert counts["turnout", "no_left_at"] == rows["n_no_left_at"]
    assert counts["driving", "no_arrived_at"] == rows["n_no_arrived_at"]
    assert counts["driving", "unreadable_arrived_at"] == rows["n_unreadable_arrived_at"]
    assert counts["driving", "double"] == rows["n_double"]
    assert counts["station", "no_station"] == rows["n_nobody_sent"]
    assert inputs.calls.repaired["n_rows"].tolist() == [rows["n_day_month_arrived_at"]]
    standard = read_clock_of(study, study.response.standard)
    coverage = cover_people(study, inputs, answering_stations(study, inputs), standard=standard)
    trips = model_calls(study, inputs, coverage, inputs.calls).trips
    trips = trips[np.isfinite(trips["travel_s"]) & trips["driving_s"].notna()]
    is_night = (trips["hour"] < 6) | (trips["hour"] >= 22)
    driving = truth["driving"]
    factor = np.where(is_night, driving["night_factor"], 1.0)
    factor = factor * np.where(trips["weather"] == "rain", driving["rain_factor"], 1.0)
    error = np.log(trips["driving_s"] / (trips["travel_s"] * factor))
    # The mean of n drives is off by its spread / sqrt(n): four of them.
    assert abs(error.mean()) < 4 * driving["driving_spread"] / np.sqrt(len(error))
    assert error.std() == pytest.approx(driving["driving_spread"], rel=0.1)
