"""Modelled times beside recorded ones, by group and by cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.calls import compare_groups, residual_cells


def _trips(recorded: list[float], modelled: list[float], **more: object) -> pd.DataFrame:
    return pd.DataFrame({"recorded_s": recorded, "modelled_s": modelled, **more})


def test_errors_by_hand() -> None:
    trips = _trips([100, 100, 400, 1000, np.nan, 50], [160, 161, 320, 700, 5, np.inf])
    row = compare_groups(trips).loc["all"]
    # errors +60, +61, -80, -300: sum -259, absolute sum 501; 60 s is the limit itself, 80 = 20 % of 400
    assert (row["n_calls"], row["n_no_route"]) == (4, 1)
    assert row["bias_s"] == pytest.approx(-259 / 4)
    assert row["median_s"] == pytest.approx((60 - 80) / 2)
    assert row["mae_s"] == pytest.approx(501 / 4)
    assert row["p90_s"] == 300.0
    assert row["share_near"] == 0.5
    assert row["is_few"]


def test_a_model_right_by_construction_has_no_bias_and_slower_roads_show() -> None:
    true_s = np.linspace(60, 1200, 200)
    even = compare_groups(_trips(true_s, true_s)).loc["all"]
    assert (even["bias_s"], even["mae_s"], even["share_near"]) == (0.0, 0.0, 1.0)
    # speeds 20 % lower make a drive 1.25 times as long: the model is 20 % of the recorded time too short
    slow = compare_groups(_trips(true_s * 1.25, true_s)).loc["all"]
    assert slow["bias_s"] == pytest.approx(-0.25 * 630.0)
    assert not slow["is_few"]


def test_groups_keep_missing_words_and_those_without_a_route() -> None:
    trips = _trips([100, 100, 100], [90, 80, np.inf], station=["a", None, "b"])
    table = compare_groups(trips, "station")
    assert table["n_calls"].sum() + table["n_no_route"].sum() == 3
    assert table.index.isna().sum() == 1
    assert np.isnan(table.loc["b", "bias_s"])


def test_no_trips_give_no_groups() -> None:
    assert len(compare_groups(_trips([], []))) == 0


def test_cells_of_few_calls_are_not_shown_and_counted() -> None:
    # two engines of one call in the first cell, five calls in the second, whose border is its own
    ids = ["a", "a", *"bcdef"]
    points = gpd.points_from_xy([10, 20, *[1000] * 5], [10] * 7)
    trips = gpd.GeoDataFrame(_trips([100] * 7, [90] * 7, call_id=ids), geometry=points, crs="EPSG:32651")
    cells, n_hidden = residual_cells(trips)
    assert cells["n_calls"].tolist() == [5]
    assert cells["median_s"].tolist() == [-10.0]
    assert cells.total_bounds.tolist() == [1000, 0, 2000, 1000]
    assert n_hidden == 1
    every, none_hidden = residual_cells(trips, min_calls=1)
    assert (every["n_calls"].tolist(), every["n_trips"].tolist(), none_hidden) == ([1, 5], [2, 5], 0)


@given(
    st.lists(st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)), max_size=30), st.integers(1, 6)
)
def test_each_call_is_in_a_cell_or_counted_as_hidden(places: list[tuple[int, int]], min_calls: int) -> None:
    points = gpd.points_from_xy([x for x, _ in places], [y for _, y in places])
    n = len(places)
    trips = gpd.GeoDataFrame(
        _trips([100.0] * n, [90.0] * n, call_id=list(range(n))), geometry=points, crs="EPSG:32651"
    )
    cells, n_hidden = residual_cells(trips, min_calls=min_calls)
    assert cells["n_calls"].sum() + n_hidden == n
    assert (cells["n_calls"] >= min_calls).all()
