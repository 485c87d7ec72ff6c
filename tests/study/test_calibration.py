"""Speeds and turnout of the embedded sample, measured from calls that were drawn with a known truth."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pytest

from geo.calibration import profile_intervals
from geo.errors import InputError, StudyError
from geo.outputs import study_lines, write_calibration
from geo.outputs.wording import field_title
from geo.standards import Intervals, load_intervals, load_profile, load_response
from geo.study import (
    CalibrationResult,
    Inputs,
    Study,
    UncertaintySpec,
    answering_stations,
    calibrate_records,
    calibrate_study,
    cover_people,
    read_clock_of,
    read_inputs,
    read_study,
    report_calibration,
    sizes_of,
)
from geo.study.settings import CallsSpec
from geo.words import LANGS
from tests.outputs.test_fields import told
from tests.study.recorded import Drawn, drawn_rows, recorded, spoilt, truth_held

TRUTH = Drawn()
Sample: TypeAlias = tuple[Study, Inputs]


@pytest.fixture(scope="module")
def sample() -> Sample:
    study = read_study("sample")
    return study, read_inputs(study)


@pytest.fixture(scope="module")
def measured(sample: Sample) -> CalibrationResult:
    return calibrate_records(*sample, recorded(drawn_rows(*sample, 1500, TRUTH, seed=2)), lang="zh")


def held(result: CalibrationResult) -> pd.Series:
    return truth_held(result, TRUTH)


def test_what_the_calls_were_drawn_with_lies_in_the_intervals(measured: CalibrationResult) -> None:
    # 12 intervals of 95 %: two or more miss in 12 of 100 sets; over 12 sets of 1,000 calls 96.5 % held
    assert held(measured).sum() >= 11
    assert measured.speeds is not None
    assert measured.turnout is not None
    # a quarter longer at night: at the mean hour 75 s x 1.25 ** (share of the calls at night)
    bands = measured.turnout.bands
    night = bands.loc["night", "n_calls"] / bands["n_calls"].sum()
    overall = measured.turnout.overall
    assert overall["low"] <= TRUTH.turnout_s * TRUTH.night_turnout**night <= overall["high"]
    errors = measured.speeds.errors
    # 20 % of log-normal scatter: half of all times are within 0.6745 x 20 % = 13.5 %
    assert errors.loc["after", "median_abs_share"] == pytest.approx(0.135, abs=0.02)
    assert abs(errors.loc["after", "bias_share"]) < 0.02 < abs(errors.loc["before", "bias_share"])


def test_wild_times_caps_and_minutes_do_not_move_the_answer(sample: Sample) -> None:
    rows = spoilt(drawn_rows(*sample, 1500, TRUTH, seed=5), seed=1, share_wrong=0.0, share_wild=0.05)
    result = calibrate_records(*sample, recorded(rows), lang="en")
    assert result.speeds is not None
    assert result.speeds.unit_s == 60.0
    assert result.speeds.n_capped > 100
    assert held(result).sum() >= 11  # of 12 intervals of 95 %
    assert int(result.speeds.counts.sum()) == 1500
    notes = " ".join(str(note) for note in report_calibration(result)[0].notes)
    assert "cut to 60 s" in notes
    assert "highest value" in notes


def test_wrong_stations_are_refused_and_not_fitted(sample: Sample) -> None:
    rows = spoilt(drawn_rows(*sample, 1500, TRUTH, seed=5), seed=1, share_wrong=0.3, share_wild=0.0)
    result = calibrate_records(*sample, recorded(rows), lang="en")
    assert result.speeds is None  # the turnout is right all the same
    assert result.turnout is not None
    assert result.profiles() == ()
    assert "stations, places or stamps" in str(result.refused[0])


def test_few_calls_are_refused_with_what_is_there_and_needed(sample: Sample) -> None:
    with pytest.raises(
        InputError, match=r"(?s)^\[calls\].*Only \d+ trips can be used.*50.*turnout"
    ) as raised:
        calibrate_records(*sample, recorded(drawn_rows(*sample, 40, TRUTH)), lang="en")
    assert "出动准备时间" in raised.value.say("zh")


def test_roads_without_speeds_by_class_are_refused(sample: Sample) -> None:
    study, inputs = sample
    records = recorded(drawn_rows(study, inputs, 60, TRUTH))
    graph = replace(study, roads=replace(study.roads, path="roads.graphml"))
    with pytest.raises(StudyError, match="GraphML"):
        calibrate_records(graph, inputs, records, lang="en")
    signs = replace(study, roads=replace(study.roads, profile="car"))
    with pytest.raises(InputError, match="speed limits"):
        calibrate_records(signs, inputs, records, lang="en")


def test_the_files_are_used_like_any_other(
    sample: Sample, measured: CalibrationResult, tmp_path: Path
) -> None:
    study, inputs = sample
    written = write_calibration(measured, tmp_path / "calibrated")
    for profile in measured.profiles():
        assert load_profile(f"{written['speeds.toml']}#{profile.name}") == profile
    for clock in measured.clocks():
        assert load_response(f"{written['response.toml']}#{clock.name}") == clock
        assert clock.limit_s == 300.0
    names = [profile.name for profile in measured.profiles()]
    assert names == ["measured", "measured_night", "measured_rush", "measured_other"]
    assert measured.profiles()[0].source == "2021–2023 年 1,444 起警情记录（calls.csv） [measured]"
    ends = load_intervals(f"{written['speeds.toml']}#measured_night", of="profile")
    mean = load_intervals(f"{written['speeds.toml']}#measured", of="profile")
    low, high = mean.speeds_kph["primary"]
    night_low, night_high = ends.speeds_kph["primary"]
    assert night_high / night_low >= high / low  # the error of the night is on top
    assert "trunk_link" not in mean.speeds_kph
    lines = study_lines(measured, tmp_path / "calibrated")
    assert [line for line in lines if line.startswith("[")] == ["[roads]", "[snap]", "[response]"]

    own = {"profile": f"{written['speeds.toml']}#measured"}
    clock_name = f"{written['response.toml']}#measured"
    used = replace(
        study,
        roads=replace(study.roads, **own),
        response=replace(study.response, standard=clock_name),
    )
    clock = read_clock_of(used, clock_name)
    stations = answering_stations(used, inputs)
    for own, is_measured in ((stations, False), (stations.assign(turnout_s=np.nan), True)):
        coverage = cover_people(used, inputs, own, standard=clock)
        sized = sizes_of(used, UncertaintySpec(), coverage)
        lines = [note.say("zh") for note in sized.notes]
        assert sized.sizes.speed == 0.0  # held by the intervals of the classes
        assert set(sized.sizes.classes) == set(mean.speeds_kph)
        for what in ("路口延误", "起步损失", "道路到点位"):
            assert any(what in line and "实测区间" in line for line in lines), (what, lines)
        # a turnout of the list goes before the clock's, and was not measured
        (line,) = (each for each in lines if each.startswith("各站共同的出动时间"))
        assert ("实测区间" in line) == is_measured
        assert any("不采用" in each for each in lines) != is_measured


def test_no_file_holds_a_call(measured: CalibrationResult, tmp_path: Path) -> None:
    written = write_calibration(measured, tmp_path / "calibrated")
    rows = measured.records.table
    lonlat = rows.geometry.to_crs(4326)
    for name, path in written.items():
        content = path.read_bytes()
        for call in ("C00000", "C00700", "2021-0", "2022-1"):
            assert call.encode() not in content, (name, call)
        if not name.endswith(".xlsx"):
            assert not any(f"{x:.4f}".encode() in content for x in lonlat.x[:200])


def test_every_field_stands_in_the_docs(measured: CalibrationResult) -> None:
    fields = {
        str(name)
        for finding in report_calibration(measured)
        for name in finding.table.rename_axis(finding.table.index.name).reset_index().columns
        if name != "index"
    }
    rows = {(name, *(field_title("calibration", name, lang=lang) for lang in LANGS)) for name in fields}
    assert rows - told() == set()


def test_a_station_of_few_calls_is_not_told_by_its_own(sample: Sample) -> None:
    rows = drawn_rows(*sample, 400, TRUTH, seed=3)
    first = rows["station_id"].iloc[0]
    others = rows[rows["station_id"] != first]
    few = pd.concat([others, rows[rows["station_id"] == first].head(3)])
    result = calibrate_records(*sample, recorded(few), lang="en")
    table = {finding.name: finding.table for finding in report_calibration(result)}["calibrated_turnout"]
    assert table.loc[first, "n_calls"] == 3
    assert np.isnan(table.loc[first, "own_s"])
    assert table["own_s"].notna().sum() == len(table) - 1


def test_the_file_of_the_sample_tells_the_truth_that_stands_beside_it() -> None:
    """``calls.csv`` was drawn by another program over another router (``geo/sample/calls.py``)."""
    study = read_study("sample")
    study = replace(study, calls=(CallsSpec(path="calls.csv", crs="EPSG:4326"),))
    result = calibrate_study(study, lang="en")
    truth = tomllib.loads((study.folder / "calls_truth.toml").read_text(encoding="utf-8"))
    assert result.speeds is not None
    assert result.turnout is not None
    # measured speeds are those of the mean hour and weather of the trips that were used
    used = result.speeds.fitted.index
    table = result.records.table.reset_index(drop=True)
    hour = table["left_at"].dt.hour
    is_night = ((hour >= 22) | (hour < 6)).loc[used].mean()
    is_wet = table["weather"].isin(["雨", "大雨"]).loc[used].mean()
    driving, turnout = truth["driving"], truth["turnout"]
    slower = driving["night_factor"] ** is_night * driving["rain_factor"] ** is_wet
    right = {name: kph / slower for name, kph in truth["speeds_kph"].items()}
    ends = load_ends(result)
    held = {name: ends.speeds_kph[name][0] <= kph <= ends.speeds_kph[name][1] for name, kph in right.items()}
    assert ends.access_kph is not None
    assert ends.junction_delay_s is not None
    held["access"] = ends.access_kph[0] <= driving["access_kph"] / slower <= ends.access_kph[1]
    delay_s = driving["junction_delay_s"] * slower
    held["junction"] = ends.junction_delay_s[0] <= delay_s <= ends.junction_delay_s[1]
    assert sum(held.values()) >= len(held) - 1, held
    loss = result.speeds.parameters.set_index("name").loc["loss"]
    assert loss["low"] == 0.0  # none was drawn
    # rain takes rain_factor times as long as clear weather: speeds in the mean of the calls lie between
    weather = result.speeds.parameters.query("kind == 'weather'").set_index("name")
    assert set(weather.index) == {"雨", "晴"}
    wet = (result.speeds.fitted["weather"] == "雨").sum() / result.speeds.fitted["weather"].notna().sum()
    rain = weather.loc["雨"]
    assert rain["low"] < driving["rain_factor"] ** (wet - 1.0) < rain["high"]

    stations = result.turnout.stations.join(result.inputs.facilities["name"])
    night = turnout["turnout_night_factor"] ** ((hour >= 22) | (hour < 6)).mean()
    true_s = stations["name"].map(truth["turnout_median_s"]) * night
    told = stations[stations["n_calls"] > 0]
    is_in = (told["low"] <= true_s[told.index]) & (true_s[told.index] <= told["high"])
    assert (len(told), is_in.sum() >= len(told) - 1) == (11, True)


def load_ends(result: CalibrationResult) -> Intervals:
    assert result.speeds is not None
    return profile_intervals(result.speeds, result.profiles()[0])
