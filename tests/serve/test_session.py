"""A planner's changes: exact at every step, equal to a run of what is exported, and taken back wholly."""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import summary
from geo.errors import GeoError, InputError
from geo.serve.changes import Add, Change, Close, CloseRoad, Flood, Move, Open, Set, Upgrade
from geo.serve.folding import fold
from geo.serve.live_study import LiveStudy, State
from geo.serve.scenario_text import clock_text, scenario_text
from geo.serve.session import Session
from geo.study import (
    Study,
    answering_stations,
    change_inputs,
    cover_people,
    parse_study,
    read_clock_of,
    read_study,
    read_toml,
    run_study,
)
from geo.times import to_seconds
from geo.words import data_dir
from tests.studies import lonlat


def exported(live: LiveStudy, state: State, folder: Path) -> Study:
    """Read back the study that the export of a state makes of the study file, as a planner would paste it."""
    data: dict[str, Any] = dict(live.study.settings())
    data.pop("scenarios", None)
    if not state.plan.is_today:
        named = state.plan.scenario.joined(fold([]).scenario, name="from the page")
        data["scenarios"] = tomllib.loads(scenario_text(named))["scenarios"]
    if state.plan.limit_s is not None:
        (folder / "clock.toml").write_text(clock_text(state.standard), encoding="utf-8")
        data["response"] = data["response"] | {"standard": str(folder / "clock.toml")}
    return parse_study(data, folder=live.study.folder)


def require_equal(live: LiveStudy, state: State, study: Study) -> None:
    """Hold a state against the full coverage of its exported study: every time, station and sum."""
    inputs = live.inputs
    for scenario in study.scenarios:
        inputs = change_inputs(study, inputs, scenario)
    clock = read_clock_of(study, study.response.standard)
    covered = cover_people(study, inputs, answering_stations(study, inputs), standard=clock)
    table, best = covered.table, state.best
    assert state.stations.index.equals(covered.stations.index)
    ids = np.array([*state.stations.index, None], dtype=object)
    for which, position, ms in (
        ("first", best.first, best.first_ms),
        ("second", best.second, best.second_ms),
    ):
        assert (to_seconds(ms) == table[f"{which}_s"].to_numpy()).all()
        assert (ids[position] == table[f"{which}_id"].to_numpy()).all()
    assert (best.n_in_time == table["n_in_time"].to_numpy()).all()
    figures, whole = state.figures, summary(covered)
    assert figures.covered_people == pytest.approx(whole["people_covered"], rel=1e-12)
    assert figures.two_people == pytest.approx(whole["people_two"], rel=1e-12)
    assert figures.unreachable_people == pytest.approx(whole["people_unreachable"], rel=1e-12)
    assert figures.mean_s == pytest.approx(whole["mean_s"], rel=1e-12, nan_ok=True)
    assert figures.p90_s == whole["p90_s"]
    assert figures.worst_s == pytest.approx(whole["worst_reached_s"], nan_ok=True)
    served = covered.stations["people_served"].to_numpy()
    assert figures.served_people == pytest.approx(served, rel=1e-12, abs=1e-9)


def box_around(live: LiveStudy, at: Any, size_m: float) -> tuple[tuple[float, float], ...]:
    """Give the corners of a rhomb around a place: longitudes and latitudes."""
    ways = ((size_m, 0.0), (0.0, size_m), (-size_m, 0.0), (0.0, -size_m))
    return tuple(live.lonlat(at[0] + dx, at[1] + dy) for dx, dy in ways)


def steps(live: LiveStudy) -> st.SearchStrategy[Change]:
    """Draw changes of all kinds: some that cannot be carried out, such as a place in the sea."""
    network, stations = live.inputs.network, list(answering_stations(live.study, live.inputs).index)
    nodes = st.integers(0, network.n_nodes - 1).map(lambda i: network.node_xy[i])
    shifts = st.sampled_from([0.0, 35.0, -150.0, 900.0])
    places = st.tuples(nodes, shifts, shifts).map(lambda at: live.lonlat(at[0][0] + at[1], at[0][1] + at[2]))
    names = st.sampled_from([*stations, "new-1", "new-2"])
    turnouts = st.sampled_from([None, 0.0, 45.0, 90.0])
    return st.one_of(
        st.builds(lambda at, turnout: Add(at[0], at[1], turnout_s=turnout), places, turnouts),
        st.builds(lambda name, at: Move(name, *at), names, places),
        st.builds(lambda name, at: Move(name, *at), names, places),
        st.builds(Close, names),
        st.builds(Open, names),
        st.builds(lambda name, turnout: Upgrade(name, "first", turnout_s=turnout), names, turnouts),
        st.builds(lambda at: CloseRoad(*at), places),
        st.builds(lambda at, size: Flood(box_around(live, at, size)), nodes, st.sampled_from([40.0, 700.0])),
        st.builds(
            Set,
            st.sampled_from([None, 240.0, 300.0, 421.5, 900.0]),
            st.sampled_from([None, 0.7, 1.0, 1.3]),
            turnouts,
        ),
    )


@settings(max_examples=25)
@given(data=st.data())
def test_any_sequence_of_changes_gives_what_a_run_of_its_export_gives(
    sample: LiveStudy, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    session, folder = Session(sample), tmp_path_factory.mktemp("export")
    for _ in range(data.draw(st.integers(1, 6), label="n")):
        way = data.draw(st.sampled_from(["apply", "apply", "apply", "undo", "redo"]), label="way")
        before = (session.done, session.undone, session.state)
        try:
            session.apply(data.draw(steps(sample))) if way == "apply" else getattr(session, way)()
        except GeoError:
            assert (session.done, session.undone, session.state) == before, "refused wholly"
    require_equal(sample, session.state, exported(sample, session.state, folder))


def test_undo_and_redo_come_back_to_the_same_state(sample: LiveStudy) -> None:
    session = Session(sample)
    today, first = session.state, session.state.stations.index[0]
    session.apply(Close(first))
    session.apply(Set(limit_s=240.0, speed_factor=0.8))
    last = session.state
    assert session.undo().figures.covered_people < today.figures.covered_people
    assert (session.undo().best.first_ms == today.best.first_ms).all()
    assert session.undo() is session.state, "nothing is left to undo"
    session.redo()
    assert (session.redo().best.first_ms == last.best.first_ms).all()
    assert session.redo() is session.state
    session.undo()
    session.apply(Open(first))
    assert session.undone == (), "another way was taken"


def test_a_station_in_hand_is_where_it_will_be_when_it_is_let_go(sample: LiveStudy) -> None:
    session = Session(sample)
    station = str(session.state.stations.index[2])
    at = session.state.stations.geometry.loc[station]
    held = session.hold(station)
    for metres in (0.0, 40.0, 400.0, 1200.0, 2500.0):
        lon, lat = sample.lonlat(at.x + metres, at.y)
        dragged = sample.drag(held, lon, lat)
        best, figures, is_on_road = dragged.best(), dragged.figures, dragged.is_on_road
        if not is_on_road:
            continue
        state = Session(sample).apply(Move(station, lon, lat))
        assert (best.first_ms == state.best.first_ms).all()
        assert (best.second == state.best.second).all()
        assert (figures.zone_people == state.figures.zone_people).all()
        assert figures.p90_s == state.figures.p90_s


@settings(max_examples=40)
@given(data=st.data())
def test_a_station_in_hand_is_exact_at_any_place_whatever_was_changed_before(
    sample: LiveStudy, data: st.DataObject
) -> None:
    session = Session(sample)
    for _ in range(data.draw(st.integers(0, 3), label="n")):
        with contextlib.suppress(GeoError):
            session.apply(data.draw(steps(sample)))
    stations, network = session.state.stations, sample.inputs.network
    station = data.draw(st.sampled_from(["", *stations.index]))
    turnout = data.draw(st.sampled_from([None, 0.0, 90.0])) if not station else None
    held = session.hold(station, turnout_s=turnout)
    for _ in range(3):
        xy = network.node_xy[data.draw(st.integers(0, network.n_nodes - 1))]
        lon, lat = sample.lonlat(*(xy + data.draw(st.sampled_from([0.0, 35.0, -150.0, 900.0]))))
        dragged = sample.drag(held, lon, lat)
        best, figures, is_on_road = dragged.best(), dragged.figures, dragged.is_on_road
        change = Move(station, lon, lat) if station else Add(lon, lat, turnout_s=turnout)
        try:
            state = session.attempt(change)
        except GeoError:
            assert not is_on_road
            continue
        for name in ("first", "first_ms", "second", "second_ms"):
            assert (getattr(best, name) == getattr(state.best, name)).all(), name
        assert ((best.n_in_time >= 2) == (state.best.n_in_time >= 2)).all()
        for second in (False, True):
            codes = sample.drag(held, lon, lat, second=second).codes()
            assert (codes == sample.codes(state, second=second)).all()
        for field in fields(figures):
            told, whole = getattr(figures, field.name), getattr(state.figures, field.name)
            assert np.array_equal(told, whole, equal_nan=True), field.name


def test_a_new_station_in_hand_comes_last_and_is_what_is_added(sample: LiveStudy) -> None:
    session = Session(sample)
    xy = sample.inputs.network.node_xy[sample.inputs.network.n_nodes // 3]
    lon, lat = sample.lonlat(*xy)
    dragged = sample.drag(session.hold("", turnout_s=30.0), lon, lat)
    best, figures, is_on_road = dragged.best(), dragged.figures, dragged.is_on_road
    assert is_on_road
    state = session.apply(Add(lon, lat, turnout_s=30.0))
    assert state.stations.index[-1] == "new-1"
    assert (best.first_ms == state.best.first_ms).all()
    assert figures.served_people == pytest.approx(state.figures.served_people)


def test_the_town_by_hand(town: LiveStudy) -> None:
    """Stations A at 0 m and the new one at 4,000 m, where v4 lives; see tests/studies.py."""
    session = Session(town)
    today = session.state
    # v1 1,000 and v3 300 people are in time; v5 is on an island of its own.
    assert today.figures.covered_people == 1300.0
    assert today.figures.unreachable_people == 50.0
    lon, lat = lonlat((4000, 0))[0]
    state = session.apply(Add(lon, lat, "at v4"))
    # v4: 60 s; v3: 60 + 160 s now; v2: 60 + 200 + 100 s from A and 60 + 200 + 100 s from the new one: late.
    assert to_seconds(state.best.first_ms).tolist() == [160.0, 360.0, 220.0, 60.0, np.inf]
    assert state.figures.gain_people == 200.0
    assert state.figures.lose_people == 0.0
    wider = session.apply(Set(limit_s=360.0))
    assert wider.figures.covered_people == 2000.0, "exactly at the limit is in time"
    assert wider.figures.gain_people == 200.0, "against today on the same clock, where v2 is in time too"


def test_a_limit_shorter_than_the_turnout_and_a_place_in_the_sea_are_refused(town: LiveStudy) -> None:
    session = Session(town)
    with pytest.raises(InputError, match="leaves no travel"):
        session.apply(Set(limit_s=60.0))
    with pytest.raises(GeoError, match="max_m = 500"):
        session.apply(Add(*lonlat((1000, 2500))[0], "off the roads"))
    left = r"Existing; there are: 2 fire stations \(Closed\), 1 fire stations \(Planned\)"
    with pytest.raises(GeoError, match=f"there are no fire stations with status {left}"):
        session.apply(Close("A"))
    with pytest.raises(InputError, match="no facility with the id"):
        session.apply(Close("West"))
    assert session.done == ()


@pytest.mark.study
def test_a_whole_run_of_the_pasted_block_has_the_same_numbers(sample: LiveStudy, tmp_path: Path) -> None:
    """Also from the file: the block is appended to a copy of the study as a planner would do it."""
    session = Session(sample)
    stations = session.state.stations
    at = stations.geometry.iloc[1]
    session.apply(Move(str(stations.index[1]), *sample.lonlat(at.x + 900.0, at.y - 400.0)))
    session.apply(Close(str(stations.index[0])))
    session.apply(Set(speed_factor=0.9, turnout_s=80.0))
    text = (data_dir() / "sample" / "study.toml").read_text(encoding="utf-8")
    named = session.state.plan.scenario.joined(fold([]).scenario, name="拖动所得")
    for file in (data_dir() / "sample").iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "study.toml").unlink()
    (tmp_path / "study.toml").write_text(f"{text}\n{scenario_text(named)}", encoding="utf-8")
    assert read_toml(tmp_path / "study.toml")["scenarios"][-1]["name"] == "拖动所得"
    difference = run_study(read_study(tmp_path / "study.toml")).scenarios[-1]
    best, figures = session.state.best, session.state.figures
    assert (difference.people["after_s"].to_numpy() == to_seconds(best.first_ms)).all()
    assert (difference.people["after_second_s"].to_numpy() == to_seconds(best.second_ms)).all()
    assert difference.figures["gain_people"] == pytest.approx(figures.gain_people)
    assert difference.figures["lose_people"] == pytest.approx(figures.lose_people)
    zones = difference.zones.loc[list(sample.people.zones)]
    for row, column in enumerate(
        ("before_in_time_people", "after_in_time_people", "gain_people", "lose_people")
    ):
        assert zones[column].to_numpy() == pytest.approx(figures.zone_people[row], abs=1e-9)
