"""Sending people to shelters that hold only so many: against brute force, by law, and on the edge."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import InputError, StudyError
from geo.optimize import _network_simplex as pivots
from geo.optimize import send
from geo.shelters import REASONS, Sheltering, shelter_people
from geo.shelters.allocation import whole_people
from geo.times import Times


def table(seconds: dict[str, dict[str, float]], homes: str, *, limit_s: float = 900.0) -> Times:
    """Give times from seconds by shelter and home; a home that is not named cannot get there."""
    entries = [[homes.index(home) for home in seconds[name]] for name in seconds]
    return Times(
        facility_id=pd.Index(list(seconds)),
        demand_id=pd.Index(list(homes)),
        start=np.cumsum([0, *(len(row) for row in entries)]),
        demand=np.array([i for row in entries for i in row], dtype=np.int32),
        ms=np.array([s * 1000 for row in seconds.values() for s in row.values()], dtype=np.int32),
        limit_s=limit_s,
    )


def heads(**people: float) -> pd.Series:
    return pd.Series(people, dtype=float)


TWO = {"park": {"a": 100, "b": 200}, "school": {"b": 300, "c": 100}}


def test_one_place_too_few_leaves_one_person_over():
    # 4 + 4 + 4 people, 6 + 5 places: somebody of b, whose walks are the longest.
    found = shelter_people(table(TWO, "abc"), heads(a=4, b=4, c=4), heads(park=6, school=5), limit_s=600.0)
    assert (found.value, found.bound, found.gap, found.is_proven) == (11, 11, 0.0, True)
    assert found.people["left_over"].to_dict() == {"a": 0, "b": 1, "c": 0}
    assert found.people["reason"].to_dict() == {"a": "", "b": "shelters in reach are full", "c": ""}
    # a and c at 100 s; of b, 2 to the park at 200 s and 1 to the school at 300 s.
    assert found.walk_s == 4 * 100 + 4 * 100 + 2 * 200 + 300
    assert found.people["walk_s"].tolist() == [100.0, 233.333, 100.0]
    assert found.people["shelter_id"].tolist() == ["park", "park", "school"]


def test_most_people_come_before_least_walking():
    # The nearest-first answer sends a to the park and leaves b, who can go nowhere else, outside.
    seconds = {"park": {"a": 10, "b": 500}, "school": {"a": 590}}
    found = shelter_people(table(seconds, "ab"), heads(a=5, b=5), heads(park=5, school=5), limit_s=600.0)
    assert found.value == 10
    assert found.pairs["facility_id"].tolist() == ["school", "park"]
    assert found.walk_s == 5 * 590 + 5 * 500


def test_a_walk_of_exactly_the_limit_is_in_reach():
    seconds = {"park": {"a": 600, "b": 600.001}}
    found = shelter_people(table(seconds, "ab"), heads(a=1, b=1), heads(park=9), limit_s=600.0)
    assert found.people["sheltered"].tolist() == [1, 0]
    assert found.people["n_in_reach"].tolist() == [1, 0]
    assert found.people["reason"].tolist() == ["", "no shelter in reach"]
    assert found.shelters.loc["park", ["used", "unused", "people_in_reach"]].tolist() == [1, 8, 1]


def test_each_shelter_has_a_limit_of_its_own():
    found = shelter_people(
        table(TWO, "abc"), heads(a=1, b=1, c=1), heads(park=9, school=9), limit_s=heads(park=150, school=300)
    )
    assert found.people["shelter_id"].tolist() == ["park", "school", "school"]


def test_every_reason_is_told():
    seconds = {"full": {"a": 10, "b": 20}, "unknown": {"c": 10}, "far": {"d": 800}}
    places = pd.Series({"full": 1.9, "unknown": np.nan, "far": 9.0})  # nine tenths of a place hold nobody
    found = shelter_people(
        table(seconds, "abcdef"), heads(a=1, b=1, c=1, d=1, e=1, f=0), places, limit_s=600.0
    )
    reasons = found.people["reason"]
    assert reasons.tolist() == ["", REASONS[3], REASONS[2], REASONS[1], REASONS[0], ""]
    assert found.people["nearest_id"].tolist() == ["full", "full", "unknown", "far", None, None]
    assert found.people["nearest_s"].tolist() == [10, 20, 10, 800, np.inf, np.inf]
    assert found.shelters["unused"].isna().tolist() == [False, True, False]
    assert found.shelters["people_in_reach"].tolist() == [2, 1, 0]


def test_a_shelter_without_a_limit_takes_nobody():
    limits = heads(park=600, school=np.nan)
    found = shelter_people(table(TWO, "abc"), heads(a=1, b=1, c=1), heads(park=9, school=9), limit_s=limits)
    assert found.people["reason"].tolist() == ["", "", "no shelter in reach"]
    assert np.isnan(found.shelters.loc["school", "limit_s"])


def test_nothing_to_do_is_an_answer():
    none = table({}, "ab")
    found = shelter_people(none, heads(a=1, b=2), pd.Series(dtype=float, index=none.facility_id), limit_s=60)
    assert (found.value, found.bound, found.gap, found.is_proven) == (0, 0, 0.0, True)
    assert found.people["reason"].tolist() == ["unreachable", "unreachable"]
    nobody = shelter_people(table({"park": {}}, ""), heads(), heads(park=5), limit_s=60)
    assert nobody.shelters["unused"].tolist() == [5]


def test_towns_tell_their_people_and_their_shelters():
    zone, stands = pd.Series(["W", "W", None], index=list("abc")), pd.Series(["W", "E"], index=list(TWO))
    found = shelter_people(
        table(TWO, "abc"),
        heads(a=4, b=4, c=4),
        heads(park=3, school=9),
        limit_s=600.0,
        zone=zone,
        shelter_zone=stands,
    )
    # West has 3 places for 8 people; 4 of b go east, 1 of a stays; c belongs to no town.
    columns = ["people", "sheltered", "left_over", "places", "unused"]
    assert found.towns.loc["W", columns].tolist() == [8, 7, 1, 3, 0]
    assert found.towns.loc["E", columns].tolist() == [0, 0, 0, 9, 1]
    assert found.towns.loc["", columns].tolist() == [4, 4, 0, 0, 0]


def test_people_are_made_whole_by_town_and_nobody_is_lost():
    # 2.5 + 2.5 + 5.2 = 10.2: 10 persons; the towns have 5 and 5.2, the first rounds to 5, the other to 5.
    people = pd.Series([2.5, 2.5, 5.2], index=["a", "b", "c"])
    assert whole_people(people, zone=pd.Series(["N", "N", "S"])).tolist() == [3, 2, 5]
    assert whole_people(people[::-1], zone=pd.Series(["S", "N", "N"])).tolist() == [5, 2, 3]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"people": heads(a=1, c=1, b=1)}, "in their order"),
        ({"people": heads(a=1, b=-1, c=1)}, "'b': -1.0"),
        ({"places": heads(park=np.inf, school=1)}, "'park': inf"),
    ],
)
def test_wrong_tables_are_told(change: dict[str, pd.Series], told: str):
    given_ = {"people": heads(a=1, b=1, c=1), "places": heads(park=1, school=1)} | change
    with pytest.raises(InputError, match=told):
        shelter_people(table(TWO, "abc"), given_["people"], given_["places"], limit_s=600.0)


def test_a_search_that_stopped_short_is_told():
    with pytest.raises(StudyError, match="searched to 900 s, but a limit is 1000 s"):
        shelter_people(table(TWO, "abc"), heads(a=1, b=1, c=1), heads(park=1, school=1), limit_s=1000.0)


def test_people_beyond_64_bits_are_told():
    one = np.array([0])
    with pytest.raises(InputError, match="more than can be counted"):
        send(np.array([2**40]), np.array([1]), one, one, np.array([2**30]))


def random_case(seed: int) -> tuple[np.ndarray, ...]:
    g = np.random.default_rng(seed)
    n_points, n_sinks = g.integers(1, 5), g.integers(1, 4)
    point, sink = np.nonzero(g.random((n_points, n_sinks)) < 0.6)
    cost = g.integers(0, 12, len(point))
    return g.integers(0, 4, n_points), g.integers(0, 5, n_sinks), point, sink, cost


def brute_force(supply: np.ndarray, room: np.ndarray, point: np.ndarray, sink: np.ndarray, cost: np.ndarray):
    """Try every way to send: most people, then least cost."""
    best = (0, 0)
    for n in product(*(range(int(min(supply[i], room[j])) + 1) for i, j in zip(point, sink, strict=True))):
        sent = np.array(n, dtype=np.int64)
        is_possible = (np.bincount(point, sent, len(supply)) <= supply).all()
        if is_possible and (np.bincount(sink, sent, len(room)) <= room).all():
            best = min(best, (-int(sent.sum()), int((sent * cost).sum())))
    return -best[0], best[1]


def test_small_cases_against_every_possible_answer():
    compared = 0
    for seed in range(400):
        case = random_case(seed)
        if len(case[2]) > 6:  # more than 4^6 ways take too long to try
            continue
        found = send(*case)
        assert (found.total, found.cost) == brute_force(*case), seed
        assert found.is_proven, seed
        compared += 1
    assert compared > 250


def test_a_chain_of_full_shelters_is_proven():
    # The third point leaves a place of the second shelter free; one of the second point walks 100 to it, so
    # that one of the first walks 100 to the first shelter. Four stay behind: both shelters are worth more.
    point, sink = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    cost = np.array([100, 0, 100, 0])
    found = send(np.array([5, 2, 2]), np.array([2, 3]), point, sink, cost)
    assert found.n.tolist() == [1, 1, 1, 2]
    assert (found.total, found.most, found.cost, found.bound) == (5, 5, 200, 200)


@pytest.mark.thorough
@pytest.mark.parametrize("is_compiled", [False, True])
@pytest.mark.parametrize("room_share", [0.5, 1.0, 1.1, 3.0])
def test_larger_cases_against_the_linear_programme(
    room_share: float, is_compiled: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pivots, "SMALL", 0 if is_compiled else 10**9)
    g = np.random.default_rng(int(room_share * 10))
    supply, room = g.integers(0, 30, 120), g.integers(0, 100, 15)
    room = np.floor(room * room_share * supply.sum() / room.sum()).astype(np.int64)
    point, sink = np.nonzero(g.random((120, 15)) < 0.3)
    cost = g.integers(1, 1000, len(point))
    found = send(supply, room, point, sink, cost)
    assert found.is_proven
    assert (np.bincount(point, found.n, 120) <= supply).all()
    assert (np.bincount(sink, found.n, 15) <= room).all()
    rows = np.zeros((135, len(point)))
    rows[point, np.arange(len(point))] = rows[120 + sink, np.arange(len(point))] = 1.0
    right = np.concatenate([supply, room])
    most = linprog(-np.ones(len(point)), A_ub=rows, b_ub=right)
    least = linprog(cost, A_ub=rows, b_ub=right, A_eq=np.ones((1, len(point))), b_eq=[round(-most.fun)])
    assert (found.total, found.cost) == (round(-most.fun), round(least.fun))


@st.composite
def districts(draw: st.DrawFn) -> tuple[Times, pd.Series, pd.Series, pd.Series]:
    g = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    homes, shelters = [f"h{i}" for i in range(g.integers(1, 25))], [f"s{i}" for i in range(g.integers(1, 6))]
    seconds = g.integers(1, 40, (len(shelters), len(homes))) * 30
    near = g.random(seconds.shape) < 0.5
    times = Times(
        pd.Index(shelters),
        pd.Index(homes),
        np.concatenate([[0], np.cumsum(near.sum(axis=1))]),
        np.nonzero(near)[1].astype(np.int32),
        (seconds[near] * 1000).astype(np.int32),
        1200.0,
    )
    people = pd.Series(np.round(g.random(len(homes)) * 50, 1), index=homes)
    places = pd.Series(g.integers(0, 200, len(shelters)).astype(float), index=shelters)
    return times, people, places, pd.Series(g.choice(["N", "S", "W"], len(homes)), index=homes)


def solve(case: tuple[Times, pd.Series, pd.Series, pd.Series]) -> Sheltering:
    times, people, places, zone = case
    return shelter_people(times, people, places, limit_s=900.0, zone=zone)


@given(districts())
@settings(max_examples=60, deadline=None)
def test_everybody_is_either_sheltered_or_left_over(case):
    found = solve(case)
    people, towns, pairs = found.people, found.towns, found.pairs
    assert (people["people"] == people["sheltered"] + people["left_over"]).all()
    assert (towns["people"] == towns["sheltered"] + towns["left_over"]).all()
    assert people["people"].sum() == towns["people"].sum() == round(math.fsum(case[1]))
    assert found.value == people["sheltered"].sum() == pairs["people"].sum() == found.shelters["used"].sum()
    assert (found.shelters["used"] <= found.shelters["places"]).all()
    assert (pairs["walk_s"] <= 900.0).all()
    assert ((people["left_over"] > 0) == (people["reason"] != "")).all()
    assert found.is_proven


@given(districts(), st.integers(0, 4), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_more_places_never_shelter_fewer(case, which, more):
    times, people, places, zone = case
    raised = places.copy()
    raised.iloc[which % len(places)] += more
    before, after = solve(case), solve((times, people, raised, zone))
    assert before.value <= after.value <= before.value + more


@given(districts(), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(case, seed):
    times, people, places, zone = case
    g = np.random.default_rng(seed)
    home, shelter = g.permutation(len(people)), g.permutation(len(places))
    dense = times.to_dense().iloc[home, shelter].to_numpy().T
    near = np.isfinite(dense)
    moved = Times(
        times.facility_id[shelter],
        times.demand_id[home],
        np.concatenate([[0], np.cumsum(near.sum(axis=1))]),
        np.nonzero(near)[1].astype(np.int32),
        np.rint(dense[near] * 1000).astype(np.int32),
        1200.0,
    )
    found = solve((moved, people.iloc[home], places.iloc[shelter], zone.iloc[home]))
    expected = solve(case)
    pd.testing.assert_frame_equal(found.people.reindex(people.index), expected.people)
    pd.testing.assert_frame_equal(found.shelters.reindex(places.index), expected.shelters)
    keys = ["demand_id", "facility_id"]
    pd.testing.assert_frame_equal(
        found.pairs.sort_values(keys, ignore_index=True), expected.pairs.sort_values(keys, ignore_index=True)
    )
