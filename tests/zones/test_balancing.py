"""People within the load of each station: against linear programmes solved another way, and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import InputError, StudyError
from geo.study import assess, read_inputs
from geo.times import Times
from geo.zones import Balance, balance
from tests.studies import town_study


def times_of(table: pd.DataFrame) -> Times:
    """Make Times from a table of seconds, points by stations, inf for no route."""
    seconds = table.to_numpy(float).T
    station, point = np.nonzero(np.isfinite(seconds))
    start = np.concatenate([[0], np.cumsum(np.isfinite(seconds).sum(axis=1))])
    ms = np.rint(seconds[station, point] * 1000).astype(np.int32)
    return Times(table.columns, table.index, start, point.astype(np.int32), ms, np.inf)


def shared(table: pd.DataFrame, people: list[float], most: float | dict[str, float]) -> Balance:
    starts = pd.Series(60.0, index=table.columns)
    load = pd.Series(most, dtype=float) if isinstance(most, dict) else most
    counts = pd.Series(people, index=table.index, dtype=float)
    return balance(times_of(table), counts, starts_s=starts, limit_s=300, most_people=load)


def test_one_place_too_few_names_the_people_and_the_stations() -> None:
    # All three points are in time of a only (240 s of travel): 4 + 4 + 3 = 11 people, 10 places.
    # Whoever goes to b is late; it costs z least: 500 - 100 s against 900 - 100.
    table = pd.DataFrame({"a": [100, 100, 100], "b": [900, 900, 500]}, index=["x", "y", "z"])
    found = shared(table, [4, 4, 3], 10)
    assert (found.n_in_time, found.n_late, found.n_left) == (10, 1, 0)
    assert found.shares.loc[~found.shares["is_in_time"], "demand_id"].tolist() == ["z"]
    assert found.value == found.bound == 10 * 160 + 560
    assert found.late is not None
    assert (found.late.station_ids, found.late.demand_ids) == (("a",), ("x", "y", "z"))
    assert (found.late.people, found.late.room, found.late.too_many) == (11, 10, 1)
    assert found.left is None


def test_exactly_enough_places_is_enough() -> None:
    table = pd.DataFrame({"a": [100, 100], "b": [900, 900]}, index=["x", "y"])
    found = shared(table, [6, 4], 10)
    assert (found.n_in_time, found.late, found.left) == (10, None, None)


def test_too_few_places_in_all_leave_people_over() -> None:
    table = pd.DataFrame({"a": [100, 100], "b": [200, np.inf]}, index=["x", "y"])
    found = shared(table, [8, 8], {"a": 5, "b": 4})
    assert (found.n_in_time, found.n_left) == (9, 7)
    assert found.left is not None
    assert found.left.too_many == 7
    assert set(found.left.station_ids) == {"a", "b"}


def test_people_without_a_road_are_counted_apart() -> None:
    table = pd.DataFrame({"a": [100, np.inf]}, index=["x", "y"])
    found = shared(table, [8, 3], 10)
    assert (found.n_in_time, found.n_left, found.n_unreachable) == (8, 0, 3)


def test_a_chain_through_a_third_station_keeps_everybody_in_time() -> None:
    # x is in time of a only, y of a and b, z of b and c: a has room for x if y moves to b and z to c.
    late = 999.0
    table = pd.DataFrame(
        {"a": [100, 90, late], "b": [late, 110, 90], "c": [late, late, 110]}, index=["x", "y", "z"]
    )
    found = shared(table, [5, 5, 5], 5)
    assert found.n_in_time == 15
    assert found.shares["facility_id"].tolist() == ["a", "b", "c"]


def test_wrong_loads_are_told() -> None:
    table = pd.DataFrame({"a": [100.0]}, index=["x"])
    with pytest.raises(InputError, match="usable load"):
        shared(table, [1], -1)
    with pytest.raises(InputError, match="usable load"):
        shared(table, [1], {"other": 5})
    with pytest.raises(InputError, match="people must be"):
        shared(table, [-1], 5)
    with pytest.raises(StudyError, match="no station"):
        shared(table[[]], [1], 5)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_small_cases_agree_with_three_linear_programmes(data: st.DataObject) -> None:
    n, f = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    second = st.sampled_from([10.0, 40.0, 100.0, 239.0, 240.0, 241.0, 400.0, np.inf])
    seconds = np.array([[data.draw(second) for _ in range(f)] for _ in range(n)])
    people = np.array([data.draw(st.integers(0, 9)) for _ in range(n)], dtype=float)
    room = np.array([data.draw(st.integers(0, 15)) for _ in range(f)], dtype=float)
    names = [f"s{j}" for j in range(f)]
    table = pd.DataFrame(seconds, columns=names)
    found = shared(table, people.tolist(), dict(zip(names, room.tolist(), strict=True)))
    point, station = np.nonzero(np.isfinite(seconds))
    if not len(point):
        assert found.n_unreachable == people.sum()
        return
    response = seconds[point, station] + 60.0
    in_time = (response <= 300.0).astype(float)
    rows = np.zeros((n + f, len(point)))
    rows[point, np.arange(len(point))] = rows[n + station, np.arange(len(point))] = 1
    most = np.append(people, room)
    ones = np.ones(len(point))
    timely = -linprog(-in_time, rows, most).fun
    served = -linprog(-ones, rows, most, [in_time], [timely]).fun
    least = linprog(response, rows, most, [in_time, ones], [timely, served]).fun
    assert found.n_in_time == pytest.approx(timely, abs=1e-6)
    assert found.n_in_time + found.n_late == pytest.approx(served, abs=1e-6)
    assert found.value == pytest.approx(least, rel=1e-6, abs=1e-3)
    assert found.value == pytest.approx(found.bound, rel=1e-9, abs=1e-3)
    # The proof of a shortage stands alone: count its people and places again.
    behind = people[(seconds <= 240.0).any(axis=1)].sum() - timely
    assert (found.late.too_many if found.late else 0.0) == pytest.approx(behind, abs=1e-6)
    assert (found.loads["people"] <= found.loads["most_people"] + 1e-6).all()


@pytest.mark.study
def test_a_large_study_says_that_its_zones_are_not_balanced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = town_study(tmp_path, zoning={})
    inputs = read_inputs(study)
    assert "balanced_zones" in assess(study, inputs, draw_areas=False).findings
    monkeypatch.setattr("geo.study.findings.zones._MOST_PAIRS", 0)
    found = assess(study, inputs, draw_areas=False).findings
    assert "balanced_zones" not in found
    notes = {note.key: note for note in found["station_zones"].notes}
    for lang in ("zh", "en"):
        assert "0" in notes["zones.note_not_balanced"].say(lang)
