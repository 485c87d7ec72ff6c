"""Measured turnout: known medians found again, few calls drawn to the mean, whole minutes, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.calibration import calibrate_turnout
from geo.errors import InputError

STATIONS = pd.Index(["A", "B", "C", "D", "E"])


def _drawn(
    seed: int, true_s: dict[str, float], n: dict[str, int], *, night: float = 1.0, unit_s: float = 0.0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    station = np.repeat(list(n), list(n.values()))
    hour = rng.uniform(0.0, 24.0, len(station))
    is_night = (hour >= 22.0) | (hour < 6.0)
    seconds = np.array([true_s[name] for name in station]) * np.where(is_night, night, 1.0)
    seconds = seconds * np.exp(rng.normal(0.0, 0.25, len(station)))
    if unit_s:
        seconds = np.floor((rng.uniform(0.0, unit_s, len(station)) + seconds) / unit_s) * unit_s
    return pd.DataFrame(
        {
            "call_id": [f"c{i}" for i in range(len(station))],
            "station_id": station,
            "hour": hour,
            "driving_s": np.nan,
            "turnout_s": seconds,
        }
    )


@pytest.mark.thorough
def test_known_turnouts_are_found_again() -> None:
    true_s = {"A": 60.0, "B": 80.0, "C": 100.0, "D": 120.0}
    held = []
    for seed in range(20):
        found = calibrate_turnout(_drawn(seed, true_s, dict.fromkeys(true_s, 100)), STATIONS).stations
        at = found.loc[list(true_s)]
        held += ((at["low"] <= pd.Series(true_s)) & (pd.Series(true_s) <= at["high"])).tolist()
    assert np.mean(held) >= 0.9


def test_few_calls_are_drawn_to_the_mean_and_none_have_it() -> None:
    true_s = {"A": 60.0, "B": 75.0, "C": 70.0, "D": 160.0}
    found = calibrate_turnout(_drawn(1, true_s, {"A": 200, "B": 200, "C": 200, "D": 3}), STATIONS)
    few, none = found.stations.loc["D"], found.stations.loc["E"]
    assert found.overall["turnout_s"] < few["turnout_s"] < few["own_s"]
    assert few["weight"] < found.stations.loc["A", "weight"]
    assert none["turnout_s"] == pytest.approx(found.overall["turnout_s"])
    assert np.isnan(none["own_s"])
    assert none["weight"] == 0.0
    assert found.stations["n_calls"].tolist() == [200, 200, 200, 3, 0]


def test_stations_alike_are_all_at_the_mean() -> None:
    alike = _drawn(2, {"A": 70.0, "B": 70.0}, {"A": 50, "B": 50})
    found = calibrate_turnout(pd.concat([alike], ignore_index=True), STATIONS)
    assert found.stations["turnout_s"].to_numpy() == pytest.approx(70.0, rel=0.08)


def test_nights_are_slower_by_what_they_are() -> None:
    true_s = {"A": 60.0, "B": 80.0}
    found = calibrate_turnout(_drawn(3, true_s, {"A": 400, "B": 400}, night=1.5), STATIONS).bands
    assert found.loc["night", "factor"] / found.loc["other", "factor"] == pytest.approx(1.5, rel=0.06)


def test_whole_minutes_do_not_bias() -> None:
    cut = _drawn(4, {"A": 75.0, "B": 75.0}, {"A": 400, "B": 400}, unit_s=60.0)
    found = calibrate_turnout(cut, STATIONS)
    assert found.unit_s == 60.0
    assert found.overall["turnout_s"] == pytest.approx(75.0, rel=0.05)


def test_doubled_seconds_are_doubled_turnouts() -> None:
    trips = _drawn(5, {"A": 60.0, "B": 90.0}, {"A": 100, "B": 100})
    once = calibrate_turnout(trips, STATIONS).stations
    twice = calibrate_turnout(trips.assign(turnout_s=2.0 * trips["turnout_s"]), STATIONS).stations
    np.testing.assert_allclose(twice["turnout_s"], 2.0 * once["turnout_s"], rtol=1e-4)


def test_too_few_are_refused() -> None:
    with pytest.raises(InputError, match="Only 49 records"):
        calibrate_turnout(_drawn(6, {"A": 60.0}, {"A": 49}), STATIONS)
