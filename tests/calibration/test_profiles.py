"""Measured profiles and clocks: what is in them, and that the files are read back as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.calibration import (
    calibrate_speeds,
    calibrate_turnout,
    clock_intervals,
    clock_toml,
    measured_clock,
    measured_clocks,
    measured_profiles,
    profile_intervals,
    profiles_toml,
)
from geo.calibration.calibrate import SpeedCalibration
from geo.coverage import clock_starts, clock_text
from geo.errors import InputError
from geo.serve import scenario_text
from geo.standards import ResponseStandard, load_intervals, load_profile, load_response
from tests.calibration.draws import draw

SOURCE = '600 calls of "Town", 2021-2025'


@pytest.fixture(scope="module")
def measured() -> SpeedCalibration:
    drawn = draw(1, 600)
    return calibrate_speeds(drawn.roads, drawn.trips, drawn.stations, drawn.places)


@pytest.mark.thorough
def test_profiles_are_read_back_as_they_were(measured: SpeedCalibration, tmp_path: Path) -> None:
    profiles = measured_profiles(measured, load_profile("fire_engine_mixed"), source=SOURCE)
    assert [profile.name for profile in profiles] == [
        "measured", "measured_night", "measured_rush", "measured_other",
    ]  # fmt: skip
    file = tmp_path / "speeds.toml"
    file.write_text(profiles_toml(profiles), encoding="utf-8")
    for profile in profiles:
        assert load_profile(f"{file}#{profile.name}") == profile
    assert profiles[0].source == f"{SOURCE} [measured]"


def test_speeds_change_by_their_factors_and_others_are_kept(measured: SpeedCalibration) -> None:
    was = load_profile("fire_engine_mixed")
    mean, night, *_ = measured_profiles(measured, was, source=SOURCE)
    table = measured.parameters.set_index("name")
    factor = table.loc["primary", "factor"]
    assert mean.speeds_kph["primary"] == pytest.approx(60.0 * factor, abs=0.01)
    assert mean.urban_speeds_kph["primary"] == pytest.approx(35.0 * factor, abs=0.01)
    assert mean.speeds_kph["trunk"] == 70.0  # no trip drove on one
    slower = table.loc["night", "value"]
    assert night.speeds_kph["trunk"] == pytest.approx(70.0 * slower, abs=0.01)
    assert night.junction_delay_s == pytest.approx(mean.junction_delay_s / slower, abs=0.01)
    assert (mean.height_m, mean.oneway, mean.no_access) == (was.height_m, was.oneway, was.no_access)


def test_a_profile_of_signs_is_refused(measured: SpeedCalibration) -> None:
    with pytest.raises(InputError, match="takes its speeds from speed limits"):
        measured_profiles(measured, load_profile("car"), source=SOURCE)


def test_the_clock_keeps_its_limit(measured: SpeedCalibration, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    trips = pd.DataFrame(
        {
            "call_id": [str(i) for i in range(200)],
            "station_id": rng.choice(["A", "B"], 200),
            "hour": 12.0,
            "driving_s": np.nan,
            "turnout_s": rng.lognormal(np.log(85.0), 0.2, 200),
        }
    )
    turnout = calibrate_turnout(trips, pd.Index(["A", "B"]))
    was = load_response("dispatch-5min")
    clock = measured_clock(was, turnout=turnout, speeds=measured, source=SOURCE)
    assert clock.limit_s == was.limit_s == 300.0
    assert clock.turnout_s == pytest.approx(85.0, rel=0.05)
    assert clock.turnout_s + clock.travel_s == pytest.approx(300.0)
    assert clock.start_loss_s > 0
    file = tmp_path / "response.toml"
    file.write_text(clock_toml(clock), encoding="utf-8")
    assert load_response(file) == clock
    # A clock that starts at departure has no turnout, but the start loss is a part of the drive.
    driven = measured_clock(load_response("drive-5min"), turnout=turnout, speeds=measured, source=SOURCE)
    assert (driven.turnout_s, driven.travel_s) == (0.0, 300.0)
    assert driven.start_loss_s == clock.start_loss_s
    slow = replace(turnout, overall=turnout.overall * 4.0)
    with pytest.raises(InputError, match="leaves no time to drive"):
        measured_clock(was, turnout=slow, speeds=None, source=SOURCE)


def test_the_start_loss_counts_on_every_clock_and_is_told() -> None:
    # 60 s turnout, or the station's own 90 s, and 12 s of start loss.
    clock = ResponseStandard("own", "dispatch", 0.0, 60.0, 240.0, start_loss_s=12.0)
    stations = pd.DataFrame({"turnout_s": [np.nan, 90.0]}, index=["A", "B"])
    assert clock_starts(stations, clock).tolist() == [72.0, 102.0]
    assert (
        clock_starts(stations, replace(clock, clock_start="departure", turnout_s=0.0)).tolist() == [12.0] * 2
    )
    assert "12 s lost" in clock_text(clock, lang="en")
    assert "损失 12 秒" in clock_text(clock, lang="zh")
    assert clock.limit_s == 300.0
    assert "start_loss_s = 12.0" in scenario_text.clock_text(clock)  # the live page keeps it with its clock


def test_intervals_stand_beside_their_values_and_are_read_back(
    measured: SpeedCalibration, tmp_path: Path
) -> None:
    profiles = measured_profiles(measured, load_profile("fire_engine_mixed"), source=SOURCE)
    file = tmp_path / "speeds.toml"
    file.write_text(profiles_toml(profiles, measured=measured), encoding="utf-8")
    table = measured.parameters.set_index("name")
    for profile, band in zip(profiles, ("", "night", "rush", "other"), strict=True):
        ends = load_intervals(f"{file}#{profile.name}", of="profile")
        assert ends == profile_intervals(measured, profile, band=band)
        assert set(ends.speeds_kph) == {"primary", "secondary", "residential"}  # trunk was not driven
    low, high = load_intervals(f"{file}#measured", of="profile").speeds_kph["primary"]
    row = table.loc["primary"]
    assert low == pytest.approx(60.0 * row["low"], abs=0.02)
    assert high == pytest.approx(60.0 * row["high"], abs=0.02)


def test_a_clock_of_the_night_has_its_own_turnout_and_a_wider_interval(
    measured: SpeedCalibration, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    hour = np.where(np.arange(300) % 3 == 0, 23.0, 12.0)
    trips = pd.DataFrame(
        {
            "call_id": [str(i) for i in range(300)],
            "station_id": rng.choice(["A", "B"], 300),
            "hour": hour,
            "driving_s": np.nan,
            "turnout_s": np.where(hour == 23.0, 105.0, 70.0) * rng.lognormal(0.0, 0.2, 300),
        }
    )
    turnout = calibrate_turnout(trips, pd.Index(["A", "B"]))
    was = load_response("dispatch-5min")
    clocks = {
        clock.name: clock for clock in measured_clocks(was, turnout=turnout, speeds=measured, source=SOURCE)
    }
    assert list(clocks) == ["measured", "measured_night", "measured_other"]
    assert clocks["measured_night"].turnout_s == pytest.approx(105.0, rel=0.05)
    assert {clock.limit_s for clock in clocks.values()} == {300.0}
    file = tmp_path / "response.toml"
    texts = [clock_toml(clock, turnout=turnout, speeds=measured) for clock in clocks.values()]
    file.write_text("\n".join(texts), encoding="utf-8")
    for name, clock in clocks.items():
        assert load_response(f"{file}#{name}") == clock
    mean, night = (
        load_intervals(f"{file}#{name}", of="response").turnout_s for name in ("measured", "measured_night")
    )
    assert mean is not None
    assert night is not None
    assert night[1] / night[0] > mean[1] / mean[0]
    # a clock that starts when wheels turn has no turnout to give
    driven = measured_clocks(load_response("drive-5min"), turnout=turnout, speeds=measured, source=SOURCE)
    assert [clock.name for clock in driven] == ["measured"]
    ends = clock_intervals(driven[0], turnout=turnout, speeds=measured)
    assert ends.turnout_s is None
    assert ends.start_loss_s is not None
