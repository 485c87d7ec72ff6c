"""People sent to stations of limited load with few pairs in hand: against all pairs, and against HiGHS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from geo.errors import InputError
from geo.optimize import Clocks, cheapest_loads, dot
from geo.optimize import load_flow as loadflow
from geo.times import UNREACHED_MS


def plain(seed: int, n_points: int, n_stations: int) -> NDArray[np.int32]:
    """Give the clocks of points and stations strewn over a plain; one pair in ten has no road."""
    chance = np.random.default_rng(seed)
    away = chance.random((n_points, 1, 2)) - chance.random((1, n_stations, 2))
    ms = (60_000 + np.hypot(away[..., 0], away[..., 1]) * 600_000).astype(np.int32)
    ms[chance.random(ms.shape) < 0.1] = UNREACHED_MS
    return ms


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 80), st.integers(1, 8), st.floats(0.0, 2.0))
def test_few_pairs_in_hand_prove_the_answer_over_all_pairs(seed: int, n: int, f: int, full: float) -> None:
    clocks, chance = Clocks(plain(seed, n, f), 300_000), np.random.default_rng(seed)
    people = chance.integers(1, 50, n)
    room = np.floor(chance.random(f) * 2 * full * people.sum() / f).astype(np.int64)
    whole = cheapest_loads(clocks, people, room)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loadflow, "_DIRECT", 20)
        patch.setattr(loadflow, "_FIRST", 1)
        few = cheapest_loads(clocks, people, room)
    assert few.spent == few.bound == whole.spent == whole.bound
    for found in (few, whole):
        # Nobody is sent twice, nowhere are too many, and every pair has a road.
        assert (np.bincount(found.point, found.people, n) <= people).all()
        assert (np.bincount(found.station, found.people, f) <= room).all()
        assert (clocks.ms[found.point, found.station] < UNREACHED_MS).all()


@pytest.mark.parametrize(("seed", "full"), [(1, 0.7), (2, 1.02), (3, 1.5)])
def test_a_town_agrees_with_three_linear_programmes_of_highs(
    seed: int, full: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loadflow, "_DIRECT", 1000)
    n, f = 300, 12
    clocks, chance = Clocks(plain(seed, n, f), 240_000), np.random.default_rng(seed)
    people = chance.integers(1, 500, n)
    room = np.full(f, int(people.sum() * full / f))
    found = cheapest_loads(clocks, people, room)
    point, station = np.nonzero(clocks.ms < UNREACHED_MS)
    ms = clocks.ms[point, station].astype(float)
    every, ones = np.arange(len(point)), np.ones(len(point))
    rows = sparse.csr_array(
        (np.ones(2 * len(point)), (np.concatenate([point, n + station]), np.concatenate([every, every])))
    )
    most = np.append(people, room).astype(float)
    in_time = (ms <= clocks.limit_ms).astype(float)
    timely = round(-linprog(-in_time, rows, most).fun)
    served = round(-linprog(-ones, rows, most, [in_time], [timely]).fun)
    least = linprog(ms, rows, most, np.stack([in_time, ones]), [timely, served]).fun
    sent = clocks.ms[found.point, found.station]
    assert found.people[sent <= clocks.limit_ms].sum() == timely
    assert found.people.sum() == served
    assert dot(found.people, sent) == pytest.approx(least, rel=1e-9)
    assert found.spent == found.bound


def test_a_station_without_room_and_a_point_without_a_road_take_no_part() -> None:
    clocks = Clocks(np.array([[10, 20], [UNREACHED_MS, UNREACHED_MS]], np.int32), 100)
    found = cheapest_loads(clocks, np.array([3, 4]), np.array([0, 2]))
    assert (found.point.tolist(), found.station.tolist(), found.people.tolist()) == ([0], [1], [2])
    # One person of the first point and four of the second are left over.
    assert found.spent == found.bound == 2 * 20 + 5 * clocks.stay


def test_nobody_to_send_is_no_fault() -> None:
    found = cheapest_loads(Clocks(np.zeros((0, 3), np.int32), 1), np.zeros(0, np.int64), np.array([1, 2, 3]))
    assert (len(found.point), found.spent, found.bound) == (0, 0, 0)


def test_sums_beyond_64_bits_are_exact() -> None:
    assert dot(np.full(3, 2**50), np.full(3, 2**50)) == 3 * 2**100


def test_too_many_stations_for_64_bits_are_told() -> None:
    clocks, room = Clocks(np.full((1, 60_000), 10_000_000, np.int32), 1), np.ones(60_000, np.int64)
    with pytest.raises(InputError, match="too many to balance"):
        cheapest_loads(clocks, room[:1], room)
