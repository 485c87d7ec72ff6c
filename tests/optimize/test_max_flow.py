"""Sharing people out within the stations' load: exact against every cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.optimize import assign
from geo.times import Times


def times_of(rows: list[set[int]], n_stations: int, *, ms: int = 1000) -> Times:
    """Make a table in which demand point d is reached by the stations rows[d]."""
    reached = [[d for d, row in enumerate(rows) if f in row] for f in range(n_stations)]
    return Times(
        facility_id=pd.Index([f"s{f}" for f in range(n_stations)]),
        demand_id=pd.RangeIndex(len(rows)),
        start=np.cumsum([0, *map(len, reached)]),
        demand=np.array([d for row in reached for d in row], dtype=np.int32),
        ms=np.full(sum(map(len, reached)), ms, dtype=np.int32),
        limit_s=300.0,
    )


def share_out(rows: list[set[int]], people: list[float], *, n_stations: int, most: float):  # type: ignore[no-untyped-def]
    times = times_of(rows, n_stations)
    starts = pd.Series(60.0, index=times.facility_id)
    return assign(times, pd.Series(people), starts_s=starts, limit_s=300.0, most_people=most)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sets(st.integers(0, 3)), st.integers(0, 30)), max_size=8),
    st.integers(1, 40),
)
def test_the_flow_is_the_smallest_cut(found: list[tuple[set[int], int]], most: int) -> None:
    # Max flow = min over sets T of stations filled up of most x |T| + people who see a station outside T.
    rows, people = [row for row, _ in found], [n for _, n in found]
    cuts = [
        most * size + sum(n for row, n in found if row - set(full))
        for size in range(5)
        for full in combinations(range(4), size)
    ]
    result = share_out(rows, [float(n) for n in people], n_stations=4, most=most)
    assert result.n_assigned == min(cuts)
    assert result.n_in_time == sum(n for row, n in found if row)
    assert result.loads.sum() == result.n_assigned
    assert (result.loads <= most).all()
    assert result.exists == (result.n_assigned == result.n_in_time)


def test_a_full_station_passes_its_people_on_through_a_neighbour() -> None:
    # 10 people see s0 only, 10 see s0 and s1, 10 see s1 and s2: 10 each fit, though the nearest may not.
    rows = [{0}, {0, 1}, {1, 2}]
    assert share_out(rows, [10, 10, 10], n_stations=3, most=10).loads.tolist() == [10, 10, 10]
    assert share_out(rows, [10, 10, 10], n_stations=3, most=9).n_assigned == 27


def test_people_of_one_place_may_be_shared_among_stations() -> None:
    assert share_out([{0, 1}], [15.0], n_stations=2, most=10).exists


@pytest.mark.parametrize(("limit_s", "n_in_time"), [(61.0, 7), (60.999, 0)])
def test_only_stations_in_time_count_and_the_limit_is_in_time(limit_s: float, n_in_time: int) -> None:
    times = times_of([{0}], 1)
    starts = pd.Series(60.0, index=times.facility_id)
    result = assign(times, pd.Series([7.0]), starts_s=starts, limit_s=limit_s, most_people=100)
    assert (result.n_in_time, result.n_assigned) == (n_in_time, n_in_time)


def test_parts_of_persons_are_rounded_after_adding_up() -> None:
    result = share_out([{0}] * 10, [0.4] * 10, n_stations=1, most=100)
    assert result.n_in_time == 4, "ten times 0.4 people with the same stations are four people"


def test_no_stations_and_no_demand() -> None:
    assert share_out([set(), set()], [5.0, 5.0], n_stations=0, most=10).n_in_time == 0
    empty = share_out([], [], n_stations=2, most=10)
    assert (empty.n_in_time, empty.loads.tolist()) == (0, [0, 0])
    assert empty.exists
