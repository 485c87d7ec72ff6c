"""Recorded calls sent to once more, by hand: the town of ``tests/studies.py`` with one engine in the west.

    call  moment  place            back after  today                          with a station P in the east
    c1    10:00   v1, 1,000 m      1 h         60 + 100 = 160 s   in time     the same
    c2    10:30   v1               1 h         the engine is out  lost        5,000 m from P: 560 s, late
    c3    12:00   v3, 2,400 m      30 min      60 + 240 = 300 s   in time     the same
    c4    14:00   v4, 4,000 m      1 h         460 s              late        2,000 m from P: 260 s, in time
    c5    16:00   v5, an island    1 h         nobody comes       lost        the same
    c6    18:00   unknown

Recorded are the arrivals of c1 (after 240 s, in time) and of c3 (after 360 s, late).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import StudyError
from geo.outputs import SIMULATED_FILES, write_simulation
from geo.outputs.wording import field_title
from geo.study import SimulationResult, changed_calls, read_inputs, report_simulation, simulate_study
from geo.study.recorded_calls import recorded_calls
from geo.study.settings import TODAY
from geo.words import LANGS
from tests.outputs.test_fields import told
from tests.studies import PEOPLE, VILLAGES, lonlat, town_study

DAY = "2024-03-05"
CALLS = (
    ("c1", "10:00:00", "v1", "10:04:00", "11:00:00"),
    ("c2", "10:30:00", "v1", None, "11:30:00"),
    ("c3", "12:00:00", "v3", "12:06:00", "12:30:00"),
    ("c4", "14:00:00", "v4", None, "15:00:00"),
    ("c5", "16:00:00", "v5", None, "17:00:00"),
    ("c6", "18:00:00", None, None, None),
)
RECORDS = {"path": "calls.csv", "crs": "EPSG:4326"}
ASKED = {"calls_per_year_per_10000": 400.0, "years": 0.1, "runs": 2}


def write_calls(folder: Path, *more: tuple[Any, ...]) -> None:
    at = dict(zip(VILLAGES, lonlat(*VILLAGES.values()), strict=True))
    rows = []
    for name, called, place, arrived, back in (*CALLS, *more):
        lon, lat = at.get(place, (None, None))
        stamps = {"arrived_at": arrived, "back_at": back}
        times = {key: None if text is None else f"{DAY} {text}" for key, text in stamps.items()}
        row = {"call_id": name, "station": "A", "called_at": f"{DAY} {called}", **times}
        rows.append({**row, "dispatched_at": f"{DAY} {called}", "lon": lon, "lat": lat})
    pd.DataFrame(rows).to_csv(folder / "calls.csv", index=False)


def replayed(folder: Path, *more: tuple[Any, ...], **availability: Any) -> SimulationResult:
    study = town_study(
        folder,
        calls=[RECORDS],
        availability={**ASKED, **availability},
        scenarios=[{"name": "built", "build": ["P"]}],
    )
    write_calls(folder, *more)
    return simulate_study(study)


def test_each_call_is_sent_to_as_worked_out_by_hand(tmp_path: Path) -> None:
    result = replayed(tmp_path)
    assert result.replay is not None
    states = result.replay.states
    assert states[TODAY].calls["first_s"].tolist() == [160.0, np.inf, 300.0, 460.0, np.inf]
    assert states["built"].calls["first_s"].tolist() == [160.0, 560.0, 300.0, 260.0, np.inf]
    today, records = result.replay.figures(TODAY), result.replay.figures("recorded")
    assert (today["n_replayed"], today["share_in_time"]) == (5.0, 0.4)
    assert (today["share_lost"], today["share_unreached"]) == (0.2, 0.2)  # c2 finds A out; none drives to c5
    assert (today["median_s"], today["p90_s"]) == (300.0, 460.0)
    assert (records["n_replayed"], records["share_in_time"]) == (2.0, 0.5)
    assert (today["n_calls_timed"], today["share_in_time_timed"]) == (2.0, 1.0)  # c1 and c3
    assert changed_calls(result.replay, "built") == {
        "n_calls": 5,
        "before": 0.4,
        "after": 0.6,
        "n_gained": 1,  # c4
        "n_dropped": 0,
        "n_sooner": 2,  # c2, c4
        "n_later": 0,
    }


def test_time_out_as_recorded_and_as_replayed(tmp_path: Path) -> None:
    found = {finding.name: finding.table for finding in report_simulation(replayed(tmp_path))}
    table = found["simulated_recorded_stations"].set_index(["scenario_name", "facility_id"])
    # A went six times: 1 + 1 + 1/2 + 1 + 1 h, and c6 as long as the mean of these, 0.9 h: 5.4 of 24 h
    assert table.loc[("recorded", "A"), "n_sent"] == 6
    assert table.loc[("recorded", "A"), "share_busy"] == pytest.approx(5.4 / 24)
    assert table.loc[(TODAY, "A"), "n_sent"] == 3  # c1, c3, c4: 2.5 h
    assert table.loc[(TODAY, "A"), "share_busy"] == pytest.approx(2.5 / 24)
    assert table.loc[("built", "P"), "n_sent"] == 2  # c2, c4
    towns = found["simulated_recorded_towns"].set_index(["scenario_name", "zone"])
    assert towns.loc[(TODAY, "West"), "n_calls"] is pd.NA  # three calls could be of one household


def test_every_field_stands_in_the_docs(tmp_path: Path) -> None:
    fields = {
        str(name)
        for finding in report_simulation(replayed(tmp_path))
        if finding.name.startswith("simulated_recorded")
        for name in finding.table.columns
    }
    rows = {(name, *(field_title("availability", name, lang=lang) for lang in LANGS)) for name in fields}
    assert rows - told() == set()


def test_an_engine_more_that_was_sent_is_asked_for_again(tmp_path: Path) -> None:
    """c1 with a second engine asks for two: only one is in."""
    result = replayed(tmp_path, ("c1", "10:00:00", "v1", "10:03:00", "12:00:00"))
    assert result.replay is not None
    calls = result.replay.states[TODAY].calls
    assert calls["n_sent"].tolist() == [1, 0, 1, 1, 0]
    assert calls["full_s"].tolist()[0] == np.inf
    recorded = result.replay.recorded.calls
    assert recorded["engines"].tolist() == [2, 1, 1, 1, 1]
    assert recorded["service_s"].iloc[0] == 3600.0 * 1.5  # the mean of 1 h and 2 h
    assert recorded["recorded_s"].iloc[0] == 180.0  # the first of the two


def test_calls_a_year_are_those_of_the_records(tmp_path: Path) -> None:
    asked = {"calls_recorded": True, "service_recorded": True, "service_min": 45.0, "runs": 2, "years": 0.1}
    study = town_study(tmp_path, calls=[RECORDS], availability=asked)
    write_calls(tmp_path)
    result = simulate_study(study)
    inputs = read_inputs(study)
    assert inputs.calls is not None
    recorded = recorded_calls(inputs.calls, inputs.demand)
    per_year = recorded.per_year(inputs.demand)
    # one day: 365 times as many a year; c6 without a place raises the five others by 6 / 5. No place and no
    # town has five of its own, so that all share them by people: 2,190 x 1,000 / 2,050 at v1
    people = dict(zip(VILLAGES, PEOPLE, strict=True))
    expected = {name: 6 * 365 * n / 2050 for name, n in people.items()}
    assert dict(zip(inputs.demand["name"], per_year, strict=True)) == pytest.approx(expected)
    assert per_year.sum() == pytest.approx(6 * 365)
    assert (result.today.dispatch.table.calls_per_h * 8760).sum() == pytest.approx(6 * 365)
    # five times of service tell no mean
    notes = " ".join(map(str, result.today.dispatch.notes))
    assert "Only 5 runs" in notes
    assert result.today.dispatch.table.service_h[0] == 0.75


def test_a_place_of_five_calls_has_its_own_and_others_share_those_of_their_town(tmp_path: Path) -> None:
    """Seven calls at v1; at v2 three and at v3 two, five in the rest of West; at v4 one, alone in East."""
    at = [("v1", 7), ("v2", 3), ("v3", 2), ("v4", 1)]
    names = [name for name, n in at for _ in range(n)]
    more = [(f"d{i}", "20:00:00", name, None, None) for i, name in enumerate(names)]
    study = town_study(tmp_path, calls=[{**RECORDS, "where": {"call_id": [row[0] for row in more]}}])
    write_calls(tmp_path, *more)
    inputs = read_inputs(study)
    assert inputs.calls is not None
    per_year = recorded_calls(inputs.calls, inputs.demand).per_year(inputs.demand) / 365
    told = dict(zip(inputs.demand["name"], per_year, strict=True))
    # v2 and v3 have 500 and 300 people: 5 x 5/8 and 5 x 3/8; v4 and v5 share the one call, 200 to 50
    assert told == pytest.approx({"v1": 7.0, "v2": 3.125, "v3": 1.875, "v4": 0.8, "v5": 0.2})


def test_no_file_holds_a_call(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    kinds = {"engines": [{"name": "pump", "n": 1}]}
    types = {"call_types": [{"name": "fire", "engines": {"pump": 1}, "share": 1.0}]}
    written = write_simulation(replayed(tmp_path, **kinds, **types), folder)
    assert set(written) == set(SIMULATED_FILES)
    for name, path in written.items():
        content = path.read_bytes()
        for text in ("c1", "c4"):
            assert f'"{text}"'.encode() not in content, (name, text)
        assert f"{DAY} 1".encode() not in content, name


def test_records_are_asked_for_where_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"\[\[calls\]\]"):
        town_study(tmp_path, availability={"calls_recorded": True})
    with pytest.raises(StudyError, match="one of them"):
        town_study(tmp_path, availability={**ASKED, "calls_recorded": True}, calls=[RECORDS])
