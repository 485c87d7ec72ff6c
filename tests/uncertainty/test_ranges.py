"""Ranges, sureness and ranks by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.uncertainty import chance_error, compare_draws, rank_draws, sureness, tell_ranges


def test_a_range_has_as_many_draws_below_as_above() -> None:
    # Of 1 ... 200 at 90 %: ten draws (5 %) are at most 10, ten are at least 191.
    draws = pd.DataFrame({"n": np.random.default_rng(0).permutation(np.arange(1.0, 201.0))})
    told = tell_ranges(draws, pd.Series({"n": 10.0}), level=0.9).loc["n"]
    assert told[["low", "median", "high"]].tolist() == [10.0, 100.0, 191.0]
    assert bool(told["is_inside"])
    assert not tell_ranges(draws, pd.Series({"n": 9.9}), level=0.9).loc["n", "is_inside"]


def test_endless_times_and_unknown_values_stay_what_they_are() -> None:
    draws = pd.DataFrame({"p90_s": [600.0, np.inf, 500.0, np.inf], "mean_s": [1.0, np.nan, 1.0, 1.0]})
    told = tell_ranges(draws, pd.Series({"p90_s": np.inf, "mean_s": 1.0}), level=0.9)
    assert told.loc["p90_s", ["low", "median", "high"]].tolist() == [500.0, 600.0, np.inf]
    assert bool(told.loc["p90_s", "is_inside"])
    assert told.loc["mean_s", ["low", "median", "high"]].isna().all()
    endless = tell_ranges(draws.assign(p90_s=np.inf), pd.Series({"p90_s": np.inf}), level=0.9)
    assert bool(endless.loc["p90_s", "is_inside"])  # each draw says what was computed
    finite = tell_ranges(draws.assign(p90_s=np.inf), pd.Series({"p90_s": 600.0}), level=0.9)
    assert not finite.loc["p90_s", "is_inside"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_a_range_holds_its_share_of_the_draws(numbers: list[float], level: float) -> None:
    draws = pd.DataFrame({"n": numbers})
    told = tell_ranges(draws, pd.Series({"n": numbers[0]}), level=level).loc["n"]
    inside = draws["n"].between(told["low"], told["high"]).mean()
    assert inside >= level - 1e-9
    assert told["low"] <= told["median"] <= told["high"]


def test_the_limits_of_sureness_are_in_it() -> None:
    n = pd.Series([200, 190, 189, 100, 11, 10, 0])
    words = sureness(n, 200, sure=0.95).tolist()
    assert words == [*["surely_in_time"] * 2, *["in_doubt"] * 3, *["surely_late"] * 2]


def test_one_draw_leaves_no_doubt() -> None:
    assert sureness(pd.Series([0, 1]), 1, sure=0.95).tolist() == ["surely_late", "surely_in_time"]


def test_a_change_is_told_draw_by_draw() -> None:
    before = pd.DataFrame({"people": [100.0, 200.0, 300.0], "p90_s": [np.inf, np.inf, 500.0]})
    after = pd.DataFrame({"people": [101.0, 201.0, 300.0], "p90_s": [np.inf, 400.0, 450.0]})
    told = compare_draws(before, after, level=0.9)
    assert told.loc["people", ["low", "high"]].tolist() == [0.0, 1.0]
    assert told.loc["people", "share_more"] == pytest.approx(2 / 3)
    # endless before and after is no change; from endless to 400 s is endlessly less
    assert told.loc["p90_s", ["low", "median", "high"]].tolist() == [-np.inf, -50.0, 0.0]
    assert told.loc["p90_s", "share_less"] == pytest.approx(2 / 3)
    with pytest.raises(InputError, match="one by one"):
        compare_draws(before, after.iloc[:2], level=0.9)


def test_the_best_plan_is_counted_draw_by_draw() -> None:
    # a is best in the first two draws (equal with b in the second), c is 1 % behind in the third
    values = pd.DataFrame({"a": [10.0, 50.0, 90.0], "b": [9.0, 50.0, 100.0], "c": [0.0, 0.0, 99.0]})
    told = rank_draws(values, near=0.01)
    assert told["share_best"].tolist() == pytest.approx([2 / 3, 2 / 3, 0.0])
    assert told["share_near"].tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert told["worst_loss"].tolist() == pytest.approx([0.1, 0.1, 1.0])


def test_seconds_are_ranked_as_fewer_is_better() -> None:
    told = rank_draws(-pd.DataFrame({"a": [300.0, 303.0], "b": [302.0, 300.0]}), near=0.01)
    assert told["share_best"].tolist() == [0.5, 0.5]
    assert told["share_near"].tolist() == [1.0, 1.0]


def test_the_error_of_a_share_is_that_of_the_binomial() -> None:
    assert chance_error(400) == pytest.approx(1.959964 * 0.025)
    assert chance_error(100, share=0.0) == 0.0


@pytest.mark.parametrize("level", [0.0, 1.0, np.nan])
def test_levels_that_are_none(level: float) -> None:
    with pytest.raises(InputError):
        tell_ranges(pd.DataFrame({"n": [1.0]}), pd.Series({"n": 1.0}), level=level)
    with pytest.raises(InputError):
        sureness(pd.Series([1]), 1, sure=level / 2)
