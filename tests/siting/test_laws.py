"""What holds for every table: the limit itself, order of rows, ties, more sites, bounds, time limits."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.siting import (
    MaximalCovering,
    PMedian,
    Search,
    backup_covering,
    capacitated_covering,
    greedy_swaps,
    maximal_covering,
    p_centre,
    p_median,
    set_covering,
    siting_table,
    trade_off,
)
from geo.times import Times


def town(seed: int, *, n_demand: int = 40, n_sites: int = 12) -> tuple[pd.DataFrame, pd.Series]:
    """Points and sites in a square of 1,000 s, people in whole numbers."""
    g = np.random.default_rng(seed)
    a, b = g.random((n_demand, 2)), g.random((n_sites, 2))
    seconds = 1000.0 * np.hypot(a[:, :1] - b[:, 0], a[:, 1:] - b[:, 1])
    times = pd.DataFrame(
        seconds, index=[f"d{i:04d}" for i in range(n_demand)], columns=[f"s{j:03d}" for j in range(n_sites)]
    )
    return times, pd.Series(g.integers(1, 50, n_demand).astype(float), index=times.index)


def as_times(table: pd.DataFrame) -> Times:
    part = np.isfinite(table.to_numpy().T)
    ms = np.rint(table.to_numpy().T[part] * 1000.0).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(part.sum(axis=1))])
    return Times(table.columns, table.index, start, np.nonzero(part)[1].astype(np.int32), ms, np.inf)


def test_the_limit_itself_is_in_time():
    # 240.0004 s is 240,000 whole ms, 240.001 s is not within 240 s.
    times = pd.DataFrame({"a": [240.0, 240.0004, 240.001]}, index=["x", "y", "z"])
    plan = maximal_covering(siting_table(times, pd.Series(1.0, index=times.index)), n=1, limit_s=240.0)
    assert plan.value == 2.0
    assert plan.assignment.to_list() == ["a", "a", None]
    assert plan.travel_s.to_list() == [240.0, 240.0, np.inf]


def test_ties_go_to_the_lower_id_in_any_order_of_columns():
    times = pd.DataFrame({"c": [60.0, 60.0], "a": [60.0, 60.0], "b": [60.0, 60.0]}, index=["x", "y"])
    people = pd.Series({"x": 1.0, "y": 1.0})
    for columns in (["c", "a", "b"], ["b", "c", "a"]):
        table = siting_table(times[columns], people)
        for ask in (maximal_covering, backup_covering):
            n = 2 if ask is backup_covering else 1
            assert set(ask(table, n=n, limit_s=60.0).site_ids) == set("ab"[:n])
        assert p_median(table, n=1).site_ids == ("a",)
        assert set_covering(table, limit_s=60.0).site_ids == ("a",)
        assert set_covering(table, limit_s=60.0, share=0.5).site_ids == ("a",)
        plan = p_median(table, n=2)
        assert plan.assignment.to_list() == ["a", "a"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
@example(336, Random(0))  # a farthest point whose milliseconds are rounded up
def test_order_of_rows_and_kind_of_table_do_not_matter(seed, random):
    times, people = town(seed)
    rows, columns = list(times.index), list(times.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = times.loc[rows, columns]
    all_s = float(np.ceil(1000.0 * times.min(axis=1).max()) / 1000.0)  # times are rounded to milliseconds
    for ask, options in (
        (maximal_covering, {"n": 3, "limit_s": 250.0}),
        (set_covering, {"limit_s": max(600.0, all_s)}),  # all can be reached
        (p_median, {"n": 3}),
        (p_centre, {"n": 3}),
        (capacitated_covering, {"n": 3, "limit_s": 250.0, "capacity": 200.0}),
    ):
        one, other, sparse = (
            ask(siting_table(kind, people), **options) for kind in (times, mixed, as_times(mixed))
        )
        assert set(one.site_ids) == set(other.site_ids) == set(sparse.site_ids)
        assert one.value == other.value == sparse.value
        assert list(other.assignment.index) == rows
        pd.testing.assert_series_equal(one.assignment, other.assignment.loc[times.index])
        pd.testing.assert_series_equal(other.assignment, sparse.assignment)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_more_sites_or_a_longer_limit_are_never_worse_and_bounds_are_on_their_side(seed):
    times, people = town(seed)
    table = siting_table(times, people)
    curve = trade_off(table, MaximalCovering(n=6, limit_s=250.0)).table
    assert (np.diff(curve["value"]) >= 0.0).all()
    assert (curve["bound"] >= curve["value"]).all()
    # People are counted once, so n sites bring at most n times what the best one brings.
    assert (curve["value"] <= curve["value"][1] * curve.index).all()
    longer = trade_off(table, MaximalCovering(n=6, limit_s=300.0)).table
    assert (longer["value"] >= curve["value"]).all()
    mean = trade_off(table, PMedian(n=6)).table
    assert (np.diff(mean["value"]) <= 1e-9).all()
    assert (mean["bound"] <= mean["value"]).all()
    worst = [p_centre(table, n=n).value for n in (1, 2, 3)]
    assert sorted(worst, reverse=True) == worst


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_exact_is_no_worse_than_the_heuristic(seed, n):
    times, people = town(seed, n_demand=80, n_sites=30)
    table = siting_table(times, people)
    exact = maximal_covering(table, n=n, limit_s=200.0)
    quick = greedy_swaps(table, MaximalCovering(n=n, limit_s=200.0), rounds=0)
    assert quick.value <= exact.value <= exact.bound
    assert exact.is_proven
    mean = p_median(table, n=n)
    assert mean.bound <= mean.value <= greedy_swaps(table, PMedian(n=n), rounds=0).value
    assert mean.is_proven


def test_existing_sites_are_neither_counted_nor_listed():
    times, people = town(7)
    sites = pd.DataFrame({"status": "candidate"}, index=times.columns)
    sites.loc[["s003", "s005"], "status"] = "existing"
    sites.loc["s001", "status"] = "forced_in"
    sites.loc["s002", "status"] = "forced_out"
    table = siting_table(times, people, sites=sites)
    plan = maximal_covering(table, n=3, limit_s=250.0)
    assert len(plan.site_ids) == 3
    assert "s001" in plan.site_ids
    assert not {"s002", "s003", "s005"} & set(plan.site_ids)
    assert plan.fixed_ids == ("s003", "s005")
    none = maximal_covering(table, n=1, limit_s=250.0)
    assert none.site_ids == ("s001",)


@pytest.mark.thorough
def test_a_time_limit_returns_a_plan_with_an_honest_gap():
    times, people = town(3, n_demand=1500, n_sites=200)
    table, at_once = siting_table(times, people), Search(time_limit_s=0.0)
    proven = maximal_covering(table, n=12, limit_s=110.0, search=Search(time_limit_s=60.0, gap=0.02))
    short = maximal_covering(table, n=12, limit_s=110.0, search=at_once)
    assert short.value <= proven.bound
    assert short.bound >= proven.value
    assert short.gap == pytest.approx((short.bound - short.value) / short.value)
    assert short.is_proven == (short.gap <= 1e-6)
    assert len(short.site_ids) == 12
    for ask in (backup_covering, capacitated_covering):
        plan = ask(table, n=12, limit_s=110.0, search=at_once)
        assert 0.0 < plan.value <= plan.bound
    for plan in (
        set_covering(table, limit_s=700.0, search=at_once),
        p_centre(table, n=3, search=at_once),
        p_median(table, n=9, search=at_once),
    ):
        assert plan.bound <= plan.value


@pytest.mark.thorough
def test_threads_give_the_same_plans():
    towns = [town(seed, n_demand=200, n_sites=40) for seed in range(4)]

    def ask(which):
        table = siting_table(*towns[which])
        plans = (maximal_covering(table, n=5, limit_s=150.0), p_median(table, n=5), p_centre(table, n=5))
        return [(plan.site_ids, plan.value, plan.bound) for plan in plans]

    alone = [ask(k) for k in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == alone


def test_people_at_no_point_and_weights_of_nothing_ask_for_no_site():
    times = pd.DataFrame({"a": [60.0, np.inf], "b": [np.inf, 60.0]}, index=["x", "y"])
    people = pd.Series({"x": 5.0, "y": 0.0})
    table = siting_table(times, people)
    assert set_covering(table, limit_s=60.0).site_ids == ("a",)
    assert p_median(table, n=1).site_ids == ("a",)
    assert p_centre(table, n=1).value == 60.0
    risk = pd.Series({"x": 1.0, "y": 10.0})
    weighted = siting_table(times, pd.Series({"x": 5.0, "y": 1.0}), weights=risk)
    both = maximal_covering(weighted, n=1, limit_s=60.0)
    assert (both.site_ids, both.value, both.n_people_covered) == (("b",), 10.0, 1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([150.0, 250.0, 400.0]))
def test_a_table_kept_short_answers_as_the_whole_one(seed, limit_s):
    times, people = town(seed)
    whole, short = siting_table(times, people), siting_table(times, people, limit_s=limit_s)
    for ask, options in (
        (maximal_covering, {"n": 3}),
        (backup_covering, {"n": 3}),
        (capacitated_covering, {"n": 3, "capacity": 200.0}),
    ):
        one, other = (ask(table, limit_s=limit_s, **options) for table in (whole, short))
        assert (one.site_ids, one.value, one.bound) == (other.site_ids, other.value, other.bound)
        pd.testing.assert_series_equal(one.travel_s, other.travel_s)


def test_the_worst_time_does_not_look_at_weights():
    # Risk 0 is still somebody to be reached: y is 400 s from a, x 60 s from b.
    times = pd.DataFrame({"a": [30.0, 400.0], "b": [60.0, 60.0]}, index=["x", "y"])
    table = siting_table(times, pd.Series({"x": 5.0, "y": 5.0}), weights=pd.Series({"x": 1.0, "y": 0.0}))
    assert p_centre(table, n=1).site_ids == ("b",)
    assert p_median(table, n=1).site_ids == ("a",)
