"""Figures about people: percentiles that were observed, sums that add up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.standards import number
from geo.statistics import (
    OUTSIDE,
    PEOPLE_PER_STATION,
    summarise,
    summarise_bands,
    summarise_stations,
    summarise_zones,
    weighted_mean,
    weighted_percentile,
)
from geo.words import LANGS, Lang, say

_OF_LIMIT = ("column_n_over", "column_was_over", "column_is_over", "figure_over")


@pytest.mark.parametrize("lang", LANGS)
def test_words_that_name_the_limit_of_a_station_name_the_one_of_the_standards(lang: Lang) -> None:
    """Headers and legends hold the number as a text: 12 万, 120,000."""
    assert number("people-per-station") == PEOPLE_PER_STATION
    told = {"zh": f"{PEOPLE_PER_STATION / 10_000:g}万", "en": f"{PEOPLE_PER_STATION:,.0f}"}[lang]
    keys = ["maps.load_note", *(f"scenarios.{name}" for name in _OF_LIMIT)]
    assert [key for key in keys if told not in say(key, lang=lang).replace(" ", "")] == []


time = st.one_of(st.integers(0, 1000).map(float), st.just(math.inf))
rows = st.lists(st.tuples(time, st.integers(0, 20), st.sampled_from(["A", "B", None])), max_size=20)


def table(found: list[tuple[float, int, str | None]]) -> pd.DataFrame:
    first = np.array([row[0] for row in found], dtype=float)
    return pd.DataFrame(
        {
            "people": [float(row[1]) for row in found],
            "zone": pd.Series([row[2] for row in found], dtype=object),
            "first_s": first,
            "first_travel_s": first - 60.0,
            "n_in_time": (first <= 300).astype(int),
            "is_covered": first <= 300,
            "is_reachable": np.isfinite(first),
            "band": np.where(np.isfinite(first), (first > 300).astype(int), -1),
        }
    )


@given(rows, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_percentile_is_the_time_of_the_last_person_in_a_queue(
    found: list[tuple[float, int, str | None]], share: float
) -> None:
    queue = sorted(value for value, people, _ in found for _ in range(people))
    value = weighted_percentile([row[0] for row in found], [row[1] for row in found], share)
    if not queue:
        assert math.isnan(value)
    else:
        # The first ceil(share x people) people, counted in whole numbers.
        tenths = round(share * 10)
        assert value == queue[-(-tenths * len(queue) // 10) - 1]


@given(rows)
def test_zones_and_bands_hold_everybody_exactly_once(found: list[tuple[float, int, str | None]]) -> None:
    whole = summarise(table(found))
    by_zone = summarise_zones(table(found), pd.DataFrame({"name": ["B", "C"]}))
    by_band = summarise_bands(table(found), bands_s=[300.0])
    assert by_zone.index.tolist()[:2] == ["B", "C"]
    assert by_band["people"].sum() == whole["people"]
    for column in ("n_points", "people", "people_covered", "people_unreachable", "n_unreachable"):
        assert by_zone[column].sum() == whole[column]  # type: ignore[literal-required]


def test_people_beyond_reach_stand_beside_the_mean_and_inside_the_percentiles() -> None:
    figures = summarise(table([(100.0, 4, "A"), (200.0, 4, "A"), (math.inf, 2, None)]))
    assert figures["mean_s"] == 150.0
    assert figures["mean_travel_s"] == 90.0
    assert (figures["median_s"], figures["p90_s"], figures["worst_s"]) == (200.0, math.inf, math.inf)
    assert figures["worst_reached_s"] == 200.0
    assert figures["people_unreachable"] == 2.0


def test_parts_of_persons_add_up_whatever_the_order() -> None:
    found = table([(100.0, 1, "A")] * 1000).assign(people=0.1)
    one, other = summarise(found), summarise(found.iloc[::-1])
    assert one["people"] == other["people"] == 100.0
    assert one["share_covered"] == 1.0


def test_nobody_has_no_mean() -> None:
    assert math.isnan(weighted_mean([], []))
    assert math.isnan(weighted_mean([1.0], [0.0]))
    assert math.isnan(weighted_mean([math.inf], [3.0]))


def test_zones_without_a_list_are_those_of_the_demand() -> None:
    found = summarise_zones(table([(1.0, 1, "B"), (2.0, 1, None), (3.0, 1, "A")]))
    assert found.index.tolist() == ["A", "B", OUTSIDE]
    assert summarise_zones(table([])).empty


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_places_without_people_set_no_percentile(share: float) -> None:
    assert weighted_percentile([1.0, 500.0, math.inf], [1, 1, 0], share) == (1.0 if share == 0.5 else 500.0)


def test_the_figures_of_four_places() -> None:
    # 40 people with two stations and 30 with three in time, 20 with one, 10 out of reach
    places = pd.DataFrame(
        {
            "people": [40.0, 30.0, 20.0, 10.0],
            "zone": ["A", "A", "B", None],
            "first_s": [100.0, 200.0, 250.0, math.inf],
            "first_travel_s": [40.0, 140.0, 190.0, math.inf],
            "n_in_time": [2, 3, 1, 0],
            "is_covered": [True, True, True, False],
            "is_reachable": [True, True, True, False],
        }
    )
    figures = summarise(places)
    assert (figures["n_points"], figures["n_unreachable"]) == (4, 1)
    assert (figures["people_two"], figures["share_two"]) == (70.0, 0.7)
    assert (figures["worst_s"], figures["worst_reached_s"]) == (math.inf, 250.0)
    by_zone = summarise_zones(places)
    assert by_zone.index.name == "zone"
    assert list(by_zone.index) == ["A", "B", OUTSIDE]
    assert list(by_zone.columns) == list(figures)
    none = summarise_zones(places.iloc[:0])
    assert list(none.columns) == list(figures)
    assert none.index.dtype == object


def test_the_bands_of_four_places() -> None:
    places = pd.DataFrame({"people": [1, 3, 4, 0], "band": [0, 0, 1, -1]})
    expected = pd.DataFrame(
        {
            "over_s": [0.0, 180.0, 300.0, math.nan],
            "up_to_s": [180.0, 300.0, math.inf, math.nan],
            "people": [4.0, 4.0, 0.0, 0.0],
            "share": [0.5, 0.5, 0.0, 0.0],
            "n_points": [2, 1, 0, 1],
        },
        index=pd.Index([0, 1, 2, -1], name="band"),
    )
    pd.testing.assert_frame_equal(summarise_bands(places, bands_s=[180.0, 300.0]), expected)


def test_less_than_one_person_has_a_share_too() -> None:
    half = pd.DataFrame({"people": [0.25, 0.25], "band": [0, 1]})
    assert summarise_bands(half, bands_s=[60.0])["share"].tolist() == [0.5, 0.5, 0.0]


def test_columns_of_plain_objects_as_files_give_them_count_the_same() -> None:
    places = table([(100.0, 4, "A"), (200.0, 3, "A"), (math.inf, 2, None)]).assign(
        first_id=["a", "a", None], people=[4, 3, 2]
    )
    plain = places.astype(object)
    assert summarise(plain) == summarise(places)
    pd.testing.assert_frame_equal(
        summarise_bands(plain, bands_s=[300.0]), summarise_bands(places, bands_s=[300.0])
    )
    stations = pd.Index(["a", "b"])
    pd.testing.assert_frame_equal(summarise_stations(plain, stations), summarise_stations(places, stations))
    assert weighted_percentile(pd.Series(["1", "2", "10"]), pd.Series(["1", "1", "1"]), 1.0) == 10.0
    assert weighted_mean(plain["first_s"], plain["people"]) == (4 * 100 + 3 * 200) / 7
