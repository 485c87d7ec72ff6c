"""The hypercube against chains written out, Erlang's formulas, its limits and a published example."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.availability import MOST_STATES, dispatch_table, erlang_loss, solve_hypercube
from geo.errors import InputError
from tests.availability.towns import chain_by_hand, town


@pytest.mark.parametrize("crews", [[1, 1], [1, 1, 1], [2, 1, 1], [1, 3], [1, 1, 1, 1, 1]])
@pytest.mark.parametrize("load", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("reach_s", [np.inf, 500.0])
def test_all_states_agree_with_the_chain_by_hand(crews: list[int], load: float, reach_s: float) -> None:
    table = town(15, len(crews), load=load, crews=crews, reach_s=reach_s, seed=len(crews))
    busy, sent, lost = chain_by_hand(table)
    solved = solve_hypercube(table, limit_s=300.0)
    assert solved.is_exact
    np.testing.assert_allclose(solved.stations["busy_share"], busy, rtol=1e-9)
    np.testing.assert_allclose(solved.sent, sent, atol=1e-9)
    np.testing.assert_allclose(
        solved.places["lost_share"] + solved.places["unreached_share"], lost, atol=1e-9
    )
    is_unreached = np.asarray(table.n_reached) == 0
    assert (solved.places["unreached_share"].to_numpy() == is_unreached).all()


def test_times_of_service_may_differ_by_station() -> None:
    table = town(15, 4, load=0.5, differs=True, crews=[2, 1, 1, 1])
    busy, sent, _ = chain_by_hand(table)
    solved = solve_hypercube(table, limit_s=300.0)
    np.testing.assert_allclose(solved.stations["busy_share"], busy, rtol=1e-9)
    np.testing.assert_allclose(solved.sent, sent, atol=1e-9)


@pytest.mark.parametrize("differs", [False, True])
def test_waiting_calls_agree_with_a_chain_that_has_room_for_many(differs: bool) -> None:
    table = town(12, 3, load=0.5 if not differs else 0.3, differs=differs)
    busy, sent, _ = chain_by_hand(table, queue=200)
    solved = solve_hypercube(table, limit_s=300.0, is_queued=True)
    np.testing.assert_allclose(solved.stations["busy_share"], busy, rtol=1e-8)
    # those who wait get the next free engine, the others the nearest
    waits = 1.0 - sent.sum(axis=1)
    rate = table.crews / table.service_h
    np.testing.assert_allclose(solved.sent, sent + waits[:, None] * rate / rate.sum(), atol=1e-8)
    assert (solved.places["lost_share"] == 0.0).all()


def test_the_mean_response_of_calls_that_wait_is_that_of_erlang() -> None:
    """One station with three crews, all places at 100 s: mean wait C / (c mu - lambda) = 0.23684 / 1.5 h."""
    table = dispatch_table(pd.DataFrame({"a": [100.0]}), pd.Series([1.5]), crews=3)
    solved = solve_hypercube(table, limit_s=100.0, is_queued=True)
    assert solved.places["expected_s"].iloc[0] == pytest.approx(100.0 + 3600.0 * 0.2368421 / 1.5, rel=1e-6)
    assert solved.places["share_in_time"].iloc[0] == pytest.approx(1.0 - 0.2368421, rel=1e-6)
    later = solve_hypercube(table, limit_s=1900.0, is_queued=True)  # half an hour of waiting is in time
    assert later.places["share_in_time"].iloc[0] == pytest.approx(1.0 - 0.2368421 * np.exp(-0.75), rel=1e-6)


def test_an_example_of_the_textbook() -> None:
    """Three units and ten atoms with a queue: R. C. Larson, A. R. Odoni, "Urban Operations Research", 1981.

    Sections 5.4.3, 5.4.4 and 5.5.3 print the busy shares 0.5574, 0.4734 and 0.4693, by the approximation
    0.5627, 0.4716 and 0.4657 (stopped after three rounds), the probability 0.23684 that a call waits, and the
    share 0.43529 of responses outside of the unit's own area. Half of 1.5 calls arise in area 1. The text
    does not print the rest of the data, which stand in a drawing: 0.35 calls in area 2 and 0.5 calls of area
    1 whose second unit is 2 are the only ones on a grid of 0.05 that give the three exact busy shares. So
    these two are inferred; the other numbers are tests.
    """
    times = pd.DataFrame([[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1]], columns=[1, 2, 3], dtype=float)
    calls = pd.Series([0.5, 0.25, 0.35, 0.4])
    table = dispatch_table(times, calls)
    exact = solve_hypercube(table, limit_s=1.0, is_queued=True)
    assert exact.stations["busy_share"].round(4).tolist() == [0.5574, 0.4734, 0.4693]
    assert round(exact.all_out_share, 5) == 0.23684
    own = np.take_along_axis(exact.sent.to_numpy(), table.order[:, :1].astype(int), axis=1)[:, 0]
    # the book adds up numbers that it has rounded to four figures
    assert float(calls @ (1.0 - own)) / 1.5 == pytest.approx(0.43529, abs=5e-5)
    close = solve_hypercube(table, limit_s=1.0, is_queued=True, method="approximate")
    np.testing.assert_allclose(close.stations["busy_share"], [0.5627, 0.4716, 0.4657], atol=1.1e-4)


@pytest.mark.thorough
def test_nine_units_in_a_row_with_eighteen_atoms() -> None:
    """The geometry of Larson's example of 1974: nine districts in a row, two atoms and a unit in each.

    His results are curves in figures, and no copy with numbers was to be had; so these are not his. The 512
    states are solved as a chain by linear algebra, calls are lost as Erlang says, and the row is the same
    from either end.
    """
    load = 0.5
    at = np.arange(18) / 2.0 + 0.25
    units = np.arange(9) + 0.5
    # of two units at one distance the lower goes to the lower half, the higher to the other
    tilt = np.where(np.arange(18)[:, None] < 9, 1.0, -1.0) * np.arange(9)[None, :] * 1e-2
    times = pd.DataFrame(np.abs(at[:, None] - units[None, :]) * 60.0 + tilt + 1.0)
    table = dispatch_table(times, pd.Series(9.0 * load / 18.0, index=times.index))
    solved = solve_hypercube(table, limit_s=17.0)
    busy, sent, _ = chain_by_hand(table)
    np.testing.assert_allclose(solved.stations["busy_share"], busy, rtol=1e-9)
    np.testing.assert_allclose(solved.sent, sent, atol=1e-9)
    lost = erlang_loss(9, 9.0 * load)
    np.testing.assert_allclose(solved.places["lost_share"], lost, rtol=1e-8)
    assert solved.stations["busy_share"].mean() == pytest.approx(load * (1.0 - lost))
    np.testing.assert_allclose(busy, busy[::-1], rtol=1e-9)
    # the unit in the middle is the next one for more atoms than those at the ends
    assert busy[4] > busy[0]
    close = solve_hypercube(table, limit_s=17.0, method="approximate")
    np.testing.assert_allclose(close.stations["busy_share"], busy, rtol=0.03)


@pytest.mark.parametrize("method", ["exact", "approximate"])
def test_one_engine_is_busy_as_erlang_says(method: str) -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0, 60.0]}), pd.Series([0.5, 1.5]), service_min=30.0)
    solved = solve_hypercube(table, limit_s=60.0, method=method)
    assert solved.stations["busy_share"].iloc[0] == pytest.approx(0.5)  # load 1: 1 / (1 + 1)
    assert solved.places["lost_share"].to_numpy() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("load", [0.1, 0.8, 5.0])
@pytest.mark.parametrize("method", ["exact", "approximate"])
def test_calls_that_find_all_engines_out_are_those_of_erlang(load: float, method: str) -> None:
    table = town(30, 4, load=load, crews=[1, 2, 1, 1])
    solved = solve_hypercube(table, limit_s=300.0, method=method)
    lost = erlang_loss(5, 5 * load)
    np.testing.assert_allclose(solved.places["lost_share"], lost, rtol=1e-8)
    assert solved.all_out_share == pytest.approx(lost)


@pytest.mark.parametrize("method", ["exact", "approximate"])
@pytest.mark.parametrize("is_queued", [False, True])
def test_without_load_it_is_coverage_as_ever(method: str, is_queued: bool) -> None:
    table = town(40, 5, load=0.0)
    solved = solve_hypercube(table, limit_s=250.0, method=method, is_queued=is_queued)
    assert (solved.places["share_in_time"] == (solved.places["first_s"] <= 250.0)).all()
    np.testing.assert_allclose(solved.places["expected_s"], solved.places["first_s"])
    assert (solved.stations["busy_share"] == 0.0).all()
    nearly = solve_hypercube(town(40, 5, load=1e-9), limit_s=250.0, method=method)
    np.testing.assert_allclose(nearly.places["share_in_time"], solved.places["share_in_time"], atol=1e-8)


@pytest.mark.parametrize("method", ["exact", "approximate"])
def test_under_endless_load_everybody_is_out(method: str) -> None:
    solved = solve_hypercube(town(40, 5, load=1e6), limit_s=250.0, method=method)
    assert solved.places["share_in_time"].max() < 1e-5
    assert solved.stations["busy_share"].min() > 1.0 - 1e-5


def test_where_nobody_comes_it_is_inf_and_told_apart_from_lost() -> None:
    times = pd.DataFrame({"a": [60.0, np.inf], "b": [90.0, np.inf]}, index=["town", "island"])
    table = dispatch_table(times, pd.Series({"town": 0.5, "island": 0.5}))
    for method in ("exact", "approximate"):
        places = solve_hypercube(table, limit_s=240.0, method=method).places
        island = places.loc["island", ["expected_s", "unreached_share", "lost_share", "share_in_time"]]
        assert island.tolist() == [np.inf, 1.0, 0.0, 0.0]
        assert places.loc["town", "unreached_share"] == 0.0
        assert places.loc["island", "first_id"] is None
        # its calls keep nobody busy: two engines, half a call an hour
        assert places.loc["town", "lost_share"] == pytest.approx(erlang_loss(2, 0.5))


@given(
    st.integers(1, 5),
    st.floats(0.01, 4.0),
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from([200.0, 500.0, np.inf]),
)
@settings(max_examples=60, deadline=None)
def test_calls_are_conserved(n: int, load: float, seed: int, differs: bool, reach_s: float) -> None:
    table = town(12, n, load=load, seed=seed, differs=differs, reach_s=reach_s, crews=[1 + seed % 2] * n)
    solved = solve_hypercube(table, limit_s=300.0)
    sent = solved.sent.to_numpy()
    nobody = solved.places["lost_share"] + solved.places["unreached_share"]
    np.testing.assert_allclose(sent.sum(axis=1) + nobody, 1.0, atol=1e-9)
    # what a station is sent to keeps it busy, no more and no less
    np.testing.assert_allclose(table.calls_per_h @ sent, solved.stations["calls_per_h"], rtol=1e-7, atol=1e-9)
    assert (np.diff(solved.places[["first_out_share", "second_out_share", "third_out_share"]]) <= 1e-12).all()
    assert (solved.places["expected_s"] >= solved.places["first_s"] - 1e-6).all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_one_more_crew_loses_no_more_calls(seed: int) -> None:
    few, more = (town(12, 3, load=0.5, seed=seed, crews=crews) for crews in ([1, 1, 1], [1, 1, 2]))
    more = dispatch_table(
        pd.DataFrame(more.response_s), pd.Series(few.calls_per_h), crews=pd.Series([1, 1, 2])
    )
    lost = [solve_hypercube(table, limit_s=300.0).figures["lost_per_h"] for table in (few, more)]
    assert lost[1] < lost[0]


def test_crews_of_one_station_are_one_place_with_many() -> None:
    """Two stations side by side are one with two crews; of equal ones the first of the table goes."""
    g = np.random.default_rng(3)
    near = pd.DataFrame(g.random((10, 2)) * 500, columns=["a", "b"])
    calls = pd.Series(g.random(10))
    apart = solve_hypercube(dispatch_table(near.assign(a2=near["a"]), calls), limit_s=300.0)
    crews = pd.Series({"a": 2, "b": 1})
    together = solve_hypercube(dispatch_table(near, calls, crews=crews), limit_s=300.0)
    both = apart.sent["a"] + apart.sent["a2"]
    np.testing.assert_allclose(both, together.sent["a"], atol=1e-10)
    assert apart.stations["busy_share"]["a"] > apart.stations["busy_share"]["a2"]  # the first is sent first


def test_ties_go_to_the_station_that_comes_first_in_the_table() -> None:
    times = pd.DataFrame({"b": [60.0004], "a": [60.0]})  # the same to the millisecond
    table = dispatch_table(times, pd.Series([0.1]))
    assert table.order.tolist() == [[0, 1]]
    assert solve_hypercube(table, limit_s=60.0).places["first_id"].tolist() == ["b"]


@pytest.mark.thorough
@pytest.mark.parametrize("load", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("is_queued", [False, True])
def test_the_approximation_is_near_the_exact_one(load: float, is_queued: bool) -> None:
    """Larson found errors of one or two per cent; here the mean is below 2.5, the worst below eight."""
    for seed in range(5):
        table = town(200, 8, load=load, seed=seed)
        exact, close = (
            solve_hypercube(table, limit_s=300.0, is_queued=is_queued, method=method)
            for method in ("exact", "approximate")
        )
        error = (close.stations["busy_share"] / exact.stations["busy_share"] - 1.0).abs()
        assert error.max() < 0.08
        assert error.mean() < 0.025
        assert close.figures["share_in_time"] == pytest.approx(exact.figures["share_in_time"], abs=0.02)
        assert close.figures["busy_share"] == pytest.approx(exact.figures["busy_share"], abs=1e-6)


def test_many_stations_are_approximated() -> None:
    table = town(50, 21, load=0.2)
    assert not solve_hypercube(table, limit_s=300.0).is_exact
    with pytest.raises(InputError, match=f"{MOST_STATES:,}"):
        solve_hypercube(table, limit_s=300.0, method="exact")


def test_calls_that_wait_must_be_served_some_time() -> None:
    with pytest.raises(InputError, match="3"):
        solve_hypercube(town(10, 3, load=1.0), limit_s=300.0, is_queued=True)
    with pytest.raises(InputError, match="never"):
        solve_hypercube(town(40, 3, load=0.2, reach_s=400.0), limit_s=300.0, is_queued=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crews": 0}, "crews"),
        ({"crews": 1.5}, "crews"),
        ({"service_min": 0.0}, "service_min"),
        ({"calls_per_h": pd.Series({"x": -1.0})}, "calls_per_h"),
        ({"calls_per_h": pd.Series({"y": 1.0})}, "calls_per_h"),
        ({"calls_per_h": pd.Series([1.0, 2.0], index=["x", "x"])}, "twice"),
        ({"times": pd.DataFrame({"a": [np.nan]}, index=["x"])}, "inf"),
        ({"times": pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "x"])}, "unique"),
        ({"times": pd.DataFrame(index=["x"])}, "station"),
    ],
)
def test_what_is_no_table_is_told(change: dict[str, object], words: str) -> None:
    given_table = {"times": pd.DataFrame({"a": [60.0]}, index=["x"]), "calls_per_h": pd.Series({"x": 1.0})}
    given_table |= change
    with pytest.raises(InputError, match=words):
        dispatch_table(given_table.pop("times"), given_table.pop("calls_per_h"), **given_table)


def test_a_wait_where_some_station_never_comes_is_not_known() -> None:
    """Nobody calls from y, so that nothing is refused; but b would not come, and who waits there for a?"""
    times = pd.DataFrame({"a": [60.0, 100.0], "b": [90.0, np.inf]}, index=["x", "y"])
    table = dispatch_table(times, pd.Series({"x": 1.2, "y": 0.0}))
    solved = solve_hypercube(table, limit_s=300.0, is_queued=True)
    assert solved.places.loc["y", ["expected_s", "share_in_time"]].isna().all()
    assert solved.sent.loc["y"].isna().all()
    assert solved.places.loc["y", "first_out_share"] == pytest.approx(solved.stations["all_out_share"]["a"])
    both = solve_hypercube(
        dispatch_table(times.loc[["x"]], pd.Series({"x": 1.2})), limit_s=300.0, is_queued=True
    )
    assert solved.figures == pytest.approx(both.figures)
    lost = solve_hypercube(table, limit_s=300.0)
    assert lost.sent.loc["y"].sum() + lost.places.loc["y", "lost_share"] == pytest.approx(1.0)


def test_a_method_that_is_none_is_told() -> None:
    table = dispatch_table(pd.DataFrame({"a": [60.0]}), pd.Series([1.0]))
    with pytest.raises(InputError, match="did you mean 'exact'"):
        solve_hypercube(table, limit_s=300.0, method="exakt")  # type: ignore[arg-type]
