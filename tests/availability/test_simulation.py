"""The event loop against SimPy, call by call; the runs against the hypercube; scenarios on the same calls."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.availability import (
    DispatchTable,
    Moves,
    Period,
    Rules,
    Simulated,
    compare_simulated,
    dispatch_table,
    draw_calls,
    erlang_loss,
    replay_calls,
    simulate_calls,
    solve_hypercube,
)
from geo.errors import InputError
from tests.availability.by_simpy import replay_by_simpy
from tests.availability.towns import town


def drawn(table: DispatchTable, hours: float, *, seed: int = 0, engines: int = 1) -> pd.DataFrame:
    calls = draw_calls(pd.Series(table.calls_per_h, index=table.demand_id), hours=hours, seed=seed)
    g = np.random.default_rng(seed)
    return calls.assign(engines=g.integers(1, engines + 1, len(calls)))


def moves_between(table: DispatchTable, seed: int, keep: int = 1) -> Moves:
    xy = np.random.default_rng(seed).random((len(table.station_id), 2))
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2) * 1500.0
    return Moves(pd.DataFrame(apart, index=table.station_id, columns=table.station_id), keep)


def assert_as_simpy(table: DispatchTable, calls: pd.DataFrame, rules: Rules) -> None:
    ours = replay_calls(table, calls, rules=rules)
    theirs, n_moves = replay_by_simpy(table, calls, rules=rules)
    assert ours.calls["n_sent"].tolist() == theirs["n_sent"].tolist()
    assert ours.calls["station_id"].tolist() == theirs["station_id"].tolist()
    np.testing.assert_allclose(ours.calls["first_s"], theirs["first_s"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.calls["full_s"], theirs["full_s"], rtol=0, atol=1e-6)
    assert ours.n_moves == n_moves


@given(
    st.integers(1, 6),
    st.sampled_from([0.2, 0.7, 2.0]),
    st.booleans(),
    st.sampled_from([0, 1, 2]),
    st.integers(1, 3),
    st.sampled_from([400.0, np.inf]),
    st.integers(0, 10**6),
)
@settings(max_examples=30, deadline=None)
def test_each_call_goes_as_with_simpy(
    n: int, load: float, is_queued: bool, n_drives: int, engines: int, reach_s: float, seed: int
) -> None:
    table = town(8, n, load=load, crews=[1 + (seed + k) % 3 for k in range(n)], reach_s=reach_s, seed=seed)
    calls = drawn(table, 120.0 / float(table.calls_per_h.sum()), seed=seed, engines=engines)
    assert_as_simpy(table, calls, Rules(is_queued=is_queued, n_drives=n_drives))


@given(st.integers(2, 6), st.sampled_from([0.2, 0.5, 1.0]), st.integers(0, 1), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_moves_to_cover_go_as_with_simpy(n: int, load: float, keep: int, seed: int) -> None:
    table = town(8, n, load=load, crews=[1 + (seed + k) % 3 for k in range(n)], seed=seed)
    calls = drawn(table, 150.0 / float(table.calls_per_h.sum()), seed=seed)
    assert_as_simpy(table, calls, Rules(moves=moves_between(table, seed, keep)))


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=20, deadline=None)
def test_kinds_of_engine_go_as_with_simpy(seed: int, is_queued: bool) -> None:
    table = town(8, 4, load=0.8, seed=seed)
    g = np.random.default_rng(seed)
    engines = pd.DataFrame(g.integers(0, 3, (4, 2)), columns=["pump", "ladder"], index=table.station_id)
    engines.iloc[0] = 1
    calls = drawn(table, 60.0, seed=seed)
    calls = calls.assign(pump=g.integers(1, 3, len(calls)), ladder=g.integers(0, 2, len(calls)))
    assert_as_simpy(table, calls, Rules(engines=engines, is_queued=is_queued))


@given(st.integers(0, 10**6), st.integers(0, 1))
@settings(max_examples=20, deadline=None)
def test_each_kind_is_covered_by_its_own_as_with_simpy(seed: int, keep: int) -> None:
    table = town(8, 4, load=0.8, seed=seed)
    g = np.random.default_rng(seed)
    engines = pd.DataFrame(g.integers(0, 4, (4, 2)), columns=["pump", "ladder"], index=table.station_id)
    engines.iloc[0] = 2
    calls = drawn(table, 60.0, seed=seed)
    calls = calls.assign(pump=g.integers(0, 3, len(calls)), ladder=1)
    assert_as_simpy(table, calls, Rules(engines=engines, moves=moves_between(table, seed, keep)))


def test_a_ladder_does_not_stand_in_for_a_pump() -> None:
    """a: one pump, b: pump and ladder, 100 s apart. The pump of a is out, that of b moves there."""
    times = pd.DataFrame({"a": [60.0, 400.0], "b": [400.0, 60.0]}, index=["x", "y"])
    table = dispatch_table(times, pd.Series({"x": 1.0, "y": 1.0}))
    between = pd.DataFrame([[0.0, 100.0], [100.0, 0.0]], index=["a", "b"], columns=["a", "b"])
    engines = pd.DataFrame({"pump": [1, 1], "ladder": [0, 1]}, index=["a", "b"])
    calls = pd.DataFrame({"time_s": [0.0, 200.0, 300.0], "demand_id": ["x", "x", "y"], "service_s": 3600.0})
    moving = Rules(engines=engines, moves=Moves(between, keep=0))
    done = replay_calls(table, calls.assign(pump=1), rules=moving)
    # the pump of b is in a after 100 s and goes to x from there; y has no pump left, though a ladder is in
    assert done.calls["first_s"].tolist() == [60.0, 60.0, np.inf]
    assert done.n_moves == 1
    assert done.kinds["n_sent"].to_dict() == {("a", "pump"): 1, ("b", "pump"): 1, ("b", "ladder"): 0}
    # a ladder alone keeps nobody from being sent to cover
    without = Rules(engines=engines.assign(pump=[1, 0]), moves=Moves(between, keep=0))
    assert replay_calls(table, calls.assign(pump=1), rules=without).n_moves == 0


def test_a_ladder_comes_from_afar_and_the_call_is_full_when_it_is_there() -> None:
    """The pump of a is there after 60 s, the only ladder, of b, after 500 s; the next call gets no ladder."""
    times = pd.DataFrame({"a": [60.0], "b": [500.0]}, index=["x"])
    table = dispatch_table(times, pd.Series({"x": 1.0}))
    engines = pd.DataFrame({"pump": [2, 0], "ladder": [0, 1]}, index=["a", "b"])
    calls = pd.DataFrame(
        {"time_s": [0.0, 10.0], "demand_id": "x", "service_s": 3600.0, "pump": 1, "ladder": 1}
    )
    done = replay_calls(table, calls, rules=Rules(engines=engines)).calls
    assert done["first_s"].tolist() == [60.0, 60.0]
    assert done["full_s"].tolist() == [500.0, np.inf]
    assert done["n_sent"].tolist() == [2, 1]


def test_an_engine_is_free_from_the_second_it_is_back() -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0]}, index=["x"]), pd.Series({"x": 1.0}))
    calls = pd.DataFrame({"time_s": [0.0, 100.0, 99.999 + 100.0], "demand_id": "x", "service_s": 100.0})
    assert replay_calls(table, calls).calls["n_sent"].tolist() == [1, 1, 0]
    waits = replay_calls(table, calls, rules=Rules(is_queued=True)).calls
    np.testing.assert_allclose(waits["first_s"], [60.0, 60.0, 60.001])


def test_a_station_is_covered_while_its_engine_is_out() -> None:
    """At 0 the engine of a leaves; one of b's two is there at 200 s: the next call waits 60 s."""
    times = pd.DataFrame({"a": [60.0], "b": [500.0]}, index=["x"])
    table = dispatch_table(times, pd.Series({"x": 1.0}), crews=pd.Series({"a": 1, "b": 2}))
    move = Moves(pd.DataFrame([[0.0, 200.0], [200.0, 0.0]], index=["a", "b"], columns=["a", "b"]))
    calls = pd.DataFrame({"time_s": [0.0, 300.0], "demand_id": "x", "service_s": 3600.0})
    assert replay_calls(table, calls).calls["first_s"].tolist() == [60.0, 500.0]
    covered = replay_calls(table, calls, rules=Rules(moves=move))
    assert covered.calls["first_s"].tolist() == [60.0, 60.0]
    assert covered.n_moves == 1  # b keeps its last engine
    assert covered.stations["n_sent"].tolist() == [1, 1]


def test_rows_may_come_in_any_order_and_are_told_by_their_index() -> None:
    table = town(8, 3, load=0.5)
    calls = drawn(table, 100.0)
    mixed = calls.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(replay_calls(table, mixed).calls, replay_calls(table, calls).calls)


def test_no_calls_are_no_fault() -> None:
    table = town(8, 3, load=0.5)
    done = replay_calls(table, drawn(table, 0.0))
    assert len(done.calls) == 0
    assert done.stations["n_sent"].sum() == 0
    none = simulate_calls(town(8, 3, load=0.0), limit_s=300.0, period=Period(hours=100.0, n=2))
    assert none.runs["n_calls"].tolist() == [0, 0]
    assert none.places["share_in_time"].isna().all()


@pytest.mark.parametrize("is_queued", [False, True])
def test_runs_agree_with_the_exact_hypercube(is_queued: bool) -> None:
    table = town(20, 4, load=0.4, crews=[1, 2, 1, 1])
    exact = solve_hypercube(table, limit_s=300.0, is_queued=is_queued)
    period = Period(hours=4000.0, n=20, seed=5)
    ran = simulate_calls(table, limit_s=300.0, period=period, rules=Rules(is_queued=is_queued))
    figures = ran.figures(level=0.9999)
    want = {"share_in_time": "share_in_time", "mean_s": "expected_s", "busy_share": "busy_share"}
    for name, exact_name in want.items():
        assert figures.loc[name, "low"] < exact.figures[exact_name] < figures.loc[name, "high"]
    np.testing.assert_allclose(ran.stations["busy_share"], exact.stations["busy_share"], rtol=0.02)
    np.testing.assert_allclose(ran.places["share_in_time"], exact.places["share_in_time"], atol=0.02)
    if not is_queued:
        lost = erlang_loss(5, 2.0)
        assert figures.loc["share_lost", "low"] < lost < figures.loc["share_lost", "high"]


def test_calls_are_conserved() -> None:
    table = town(20, 4, load=1.0, reach_s=600.0)
    ran = simulate_calls(table, limit_s=300.0, period=Period(hours=300.0, n=3))
    n = ran.places["n_calls"].sum()
    assert n == ran.runs["n_calls"].sum()
    nobody = ran.places["share_lost"] + ran.places["share_unreached"]
    lost = (nobody * ran.places["n_calls"]).sum()
    assert ran.response["n_calls"].sum() == pytest.approx(n - lost)
    assert ran.stations["sent_per_h"].sum() * 900.0 == pytest.approx(n - lost)


def test_scenarios_differ_by_more_than_noise_on_the_same_calls() -> None:
    """One more crew at a station: on the same calls the change is sure, on other calls its noise hides it."""
    table = town(20, 4, load=0.3)
    more = dispatch_table(
        pd.DataFrame(table.response_s), pd.Series(table.calls_per_h), crews=pd.Series([1, 1, 1, 2])
    )
    period = Period(hours=500.0, n=10, seed=3)
    today, scenario = (simulate_calls(t, limit_s=300.0, period=period) for t in (table, more))
    change = compare_simulated(today, scenario)
    assert change.loc["share_lost", "change"] < 0.0
    assert change.loc["share_lost", "is_sure"]
    assert change.loc["share_in_time", "is_sure"]
    other = simulate_calls(more, limit_s=300.0, period=Period(hours=500.0, n=10, seed=4))
    apart = other.runs["share_in_time"] - today.runs["share_in_time"]
    paired = scenario.runs["share_in_time"] - today.runs["share_in_time"]
    assert paired.std() < 0.6 * apart.std()
    with pytest.raises(InputError, match="same"):
        compare_simulated(today, other)


def test_the_same_seed_gives_the_same_runs() -> None:
    table = town(20, 4, load=0.3)
    one, two = (simulate_calls(table, limit_s=300.0, period=Period(hours=200.0, n=3, seed=9)) for _ in "ab")
    pd.testing.assert_frame_equal(one.runs, two.runs)
    assert one.percentile_s(0.9) == two.percentile_s(0.9) > one.percentile_s(0.5)


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_runs() -> None:
    table = town(20, 4, load=0.3)
    peaks = []
    for n in (2, 2, 40):  # the first compiles
        tracemalloc.start()
        simulate_calls(table, limit_s=300.0, period=Period(hours=4000.0, n=n))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.1 * peaks[1]


def test_calls_follow_hours_and_months() -> None:
    night = [0.0] * 8 + [1.0] * 16
    summer = [1.0] * 6 + [3.0] * 6
    calls = draw_calls(pd.Series([2.0]), hours=8760.0, seed=1, hour_shares=night, month_shares=summer)
    hour = calls["time_s"] / 3600.0
    assert (hour % 24 >= 8.0).all()
    assert len(calls) == pytest.approx(2 * 8760, rel=0.03)
    assert (hour >= 4380.0).mean() == pytest.approx(0.75, abs=0.01)
    assert calls["time_s"].is_monotonic_increasing
    part = draw_calls(pd.Series([200.0]), hours=8.5, seed=1, hour_shares=night)  # only half an hour of calls
    assert len(part) == pytest.approx(200 * 1.5 * 0.5, rel=0.25)
    assert (part["time_s"] / 3600.0).between(8.0, 8.5).all()
    with pytest.raises(InputError, match="24"):
        draw_calls(pd.Series([2.0]), hours=10.0, hour_shares=[1.0, 2.0])


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ({"time_s": [0.0], "demand_id": ["moon"], "service_s": [1.0]}, "moon"),
        ({"time_s": [np.nan], "demand_id": [0], "service_s": [1.0]}, "numbers"),
        ({"time_s": [0.0], "demand_id": [0], "service_s": [-1.0]}, "numbers"),
        ({"time_s": [0.0], "demand_id": [0]}, "service_s"),
    ],
)
def test_calls_that_cannot_be_replayed_are_told(calls: dict[str, list[object]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay_calls(town(8, 3, load=0.5), pd.DataFrame(calls))


def test_stations_with_other_times_of_service_are_not_simulated() -> None:
    with pytest.raises(InputError, match="service_min"):
        simulate_calls(town(8, 3, load=0.5, differs=True), limit_s=300.0)


def test_engines_are_in_before_the_first_call_whenever_that_is() -> None:
    """Seconds may count from any day: what comes before second 0 finds the engines in, too."""
    table = dispatch_table(pd.DataFrame({"a": [60.0]}, index=["x"]), pd.Series({"x": 1.0}))
    calls = pd.DataFrame({"time_s": [-5000.0, -4950.0, -100.0], "demand_id": "x", "service_s": 100.0})
    done = replay_calls(table, calls)
    assert done.calls["first_s"].tolist() == [60.0, np.inf, 60.0]
    later = replay_calls(table, calls.assign(time_s=calls["time_s"] + 9000.0))
    assert later.calls["first_s"].tolist() == done.calls["first_s"].tolist()
    assert later.stations.equals(done.stations)


@pytest.mark.parametrize("engines", [-1.0, 0.0, 1.5, np.inf, np.nan])
def test_a_call_asks_for_whole_engines_one_at_least(engines: float) -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0]}, index=["x"]), pd.Series({"x": 1.0}))
    calls = pd.DataFrame({"time_s": [0.0, 9.0], "demand_id": "x", "service_s": 100.0}, index=["c1", "c2"])
    with pytest.raises(InputError, match=r"1 calls .*c2"):
        replay_calls(table, calls.assign(engines=[1.0, engines]))


def test_an_empty_cell_asks_for_none_of_that_kind() -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0]}, index=["x"]), pd.Series({"x": 1.0}))
    engines = pd.DataFrame({"pump": [1], "ladder": [1]}, index=["a"])
    calls = pd.DataFrame(
        {"time_s": [0.0], "demand_id": "x", "service_s": 100.0, "pump": [1.0], "ladder": [np.nan]}
    )
    assert replay_calls(table, calls, rules=Rules(engines=engines)).calls["n_sent"].tolist() == [1]


def told(runs: dict[str, list[float]], *, limit_s: float = 300.0) -> Simulated:
    """Give what runs would say that have these figures, all calls from one place."""
    table = pd.DataFrame({"n_calls": [9] * len(runs["share_in_time"]), **runs})
    places = pd.DataFrame({"n_calls": [table["n_calls"].sum()]}, index=["x"])
    return Simulated(table, places, pd.DataFrame(), pd.DataFrame(), limit_s)


@pytest.mark.parametrize("change", [-0.1, 0.0, 0.1])
def test_one_run_makes_nothing_sure(change: float) -> None:
    compared = compare_simulated(told({"share_in_time": [0.5]}), told({"share_in_time": [0.5 + change]}))
    row = compared.loc["share_in_time"]
    assert (row["low"], row["high"]) == (-np.inf, np.inf)
    assert not row["is_sure"]


def test_a_run_without_calls_does_not_make_the_interval_narrower() -> None:
    """0.4 and 0.6: half of the interval is t(0.975, 1) = 12.7062 times 0.1, as without the third run."""
    figures = told({"share_in_time": [0.4, np.nan, 0.6]}).figures()
    assert figures.loc["share_in_time", "high"] == pytest.approx(0.5 + 1.27062, abs=1e-5)


def test_only_what_has_the_same_calls_and_limit_is_compared() -> None:
    today = told({"share_in_time": [0.4, 0.5]})
    with pytest.raises(InputError, match="limit_s"):
        compare_simulated(today, told({"share_in_time": [0.4, 0.5]}, limit_s=240.0))
    moved = told({"share_in_time": [0.4, 0.5]})
    moved.places.index = ["y"]  # as many calls, but from elsewhere
    with pytest.raises(InputError, match="same"):
        compare_simulated(today, moved)


@pytest.mark.parametrize("limit_s", [240.0, 239.9999, 240.0009])
def test_in_time_is_what_it_is_for_the_hypercube(limit_s: float) -> None:
    """Whole milliseconds count: 180.3 + 59.7 s, and sums that a rounding makes longer, keep 240 s."""
    seconds = [180.3 + 59.7, np.nextafter(240.0, 300.0), 240.001]
    table = dispatch_table(pd.DataFrame({"a": seconds}), pd.Series([1e-3] * 3))
    ran = simulate_calls(table, limit_s=limit_s, period=Period(hours=30_000.0, n=1, service="fixed"))
    free = solve_hypercube(table, limit_s=limit_s).places["share_in_time"] > 0.0
    assert (ran.places["share_in_time"] > 0.0).tolist() == free.tolist()
    assert ((ran.places["share_full_in_time"] > 0.0) == free).all()
    assert set(ran.response.index) == {240.0, 241.0}


def test_more_than_four_hours_are_not_told_as_four() -> None:
    table = dispatch_table(pd.DataFrame({"a": [14_400.0, 14_401.0]}), pd.Series([1e-3, 1e-3]))
    ran = simulate_calls(table, limit_s=300.0, period=Period(hours=30_000.0, n=1))
    assert ran.response.index.tolist() == [14_400.0, np.inf]
    assert ran.percentile_s(0.9) == np.inf


def test_a_period_that_is_none_is_told() -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0]}), pd.Series([1.0]))
    for engines in (0, -1, 1.5):
        with pytest.raises(InputError, match="engines"):
            simulate_calls(table, limit_s=300.0, period=Period(engines=engines))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="did you mean 'exponential'"):
        draw_calls(pd.Series([1.0]), hours=9.0, service="exponental")  # type: ignore[arg-type]


def test_a_call_waits_for_an_engine_that_covers_where_it_cannot_come_from() -> None:
    """The engine of a covers b until 3,600 s, is home at 3,610 s, and 60 s later at x."""
    times = pd.DataFrame({"a": [60.0, np.inf], "b": [np.inf, 60.0]}, index=["x", "y"])
    table = dispatch_table(times, pd.Series({"x": 1.0, "y": 1.0}))
    apart = pd.DataFrame([[0.0, 10.0], [10.0, 0.0]], index=["a", "b"], columns=["a", "b"])
    calls = pd.DataFrame({"time_s": [0.0, 100.0, 200.0], "demand_id": ["y", "x", "x"], "service_s": 3600.0})
    done = replay_calls(table, calls, rules=Rules(is_queued=True, moves=Moves(apart, keep=0)))
    assert done.n_moves == 1
    assert done.calls["station_id"].tolist() == ["b", "a", "a"]
    assert done.calls["first_s"].tolist() == [60.0, 3610.0 - 100.0 + 60.0, 7210.0 - 200.0 + 60.0]
