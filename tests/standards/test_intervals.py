"""Intervals of measured profiles and clocks: read beside the values, each holding its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import StudyError
from geo.standards import Intervals, load_intervals, load_profile, load_response

PROFILE = """
[measured]
access_kph = 9.5
junction_delay_s = 2.5
source = "3,000 calls"
mark = "measured"
{intervals}
[measured.speeds_kph]
primary = 41.5
residential = 24
"""
CLOCK = '[measured]\nclock_start = "dispatch"\nturnout_s = 72\ntravel_s = 228\nstart_loss_s = 11\n'


def profile(folder: Path, intervals: str) -> Path:
    path = folder / "speeds.toml"
    path.write_text(PROFILE.format(intervals=f"intervals = {intervals}" if intervals else ""), "utf-8")
    return path


def test_intervals_stand_beside_the_values(tmp_path: Path) -> None:
    path = profile(tmp_path, "{ access_kph = [7, 13.0], speeds_kph = { primary = [38.5, 45.0] } }")
    told = load_intervals(path, of="profile")
    assert told == Intervals(speeds_kph={"primary": (38.5, 45.0)}, access_kph=(7.0, 13.0))
    assert load_profile(path).speeds_kph["primary"] == 41.5
    clock = tmp_path / "response.toml"
    clock.write_text(CLOCK + "intervals = { turnout_s = [65, 80], start_loss_s = [0, 20] }\n", "utf-8")
    told = load_intervals(clock, of="response")
    assert told == Intervals(turnout_s=(65.0, 80.0), start_loss_s=(0.0, 20.0))
    assert load_response(clock).limit_s == 300.0


def test_what_was_not_measured_has_none(tmp_path: Path) -> None:
    assert load_intervals(profile(tmp_path, ""), of="profile") == Intervals()
    assert load_intervals("dispatch-5min", of="response") == Intervals()


@pytest.mark.parametrize(
    ("intervals", "said"),
    [
        ("[1, 2]", "must be tables"),
        ("{ speeds_kph = 3 }", "must be tables"),
        ("{ turnout_s = [1, 2] }", "unknown keys"),
        ("{ access_kph = [13, 7] }", "the lower first"),
        ("{ access_kph = [-1, 70] }", "from 0"),
        ("{ access_kph = [1] }", "two numbers"),
        ("{ access_kph = [1, inf] }", "two numbers"),
        ("{ access_kph = [nan, 10] }", "two numbers"),
        ('{ access_kph = ["7", 13] }', "two numbers"),
        ("{ access_kph = [10, 13] }", "is not in its interval"),
        ("{ speeds_kph = { trunk = [50, 60] } }", "is not in its interval"),
    ],
)
def test_an_interval_that_is_none_is_told(tmp_path: Path, intervals: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        load_intervals(profile(tmp_path, intervals), of="profile")
