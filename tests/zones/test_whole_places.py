"""Points given whole to stations: every possible answer of small cases, by hand, and by law."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.optimize import Clocks, add_up, cheapest_loads, dot
from geo.study import assess, read_inputs
from geo.times import UNREACHED_MS, Times
from geo.zones import Balance, balance
from geo.zones._whole_places import prove_whole, whole_loads
from tests.studies import town_study

LIMIT = 250
Aims = tuple[int, int, int]


def aims(clocks: Clocks, people: NDArray[np.int64], station: NDArray[np.int64]) -> Aims:
    """Give the people in time, those served, and the people x milliseconds with a minus."""
    used = np.flatnonzero(station >= 0)
    ms = clocks.ms[used, station[used]]
    return int(people[used[ms <= LIMIT]].sum()), int(people[used].sum()), -dot(people[used], ms)


def every_answer(clocks: Clocks, people: NDArray[np.int64], room: NDArray[np.int64]) -> list[Aims]:
    found = []
    for choice in product(range(-1, len(room)), repeat=len(people)):
        station = np.array(choice)
        used = np.flatnonzero(station >= 0)
        if (clocks.ms[used, station[used]] >= UNREACHED_MS).any():
            continue
        if (add_up(people[used], station[used], len(room)) <= room).all():
            found.append(aims(clocks, people, station))
    return found


@settings(max_examples=60, deadline=None)
@example(1282, 4, 2)  # improving by the costs of flows gave up one person in time for nine more served
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 3))
def test_small_cases_are_the_best_of_all_answers_and_bounds_hold(seed: int, n: int, f: int) -> None:
    chance = np.random.default_rng(seed)
    ms = chance.integers(1, 500, (n, f)).astype(np.int32)
    ms[chance.random(ms.shape) < 0.15] = UNREACHED_MS
    people = chance.integers(1, 12, n)
    room = chance.integers(0, max(2, 2 * people.sum() // f), f)
    clocks = Clocks(ms, LIMIT)
    quick = whole_loads(clocks, people, room, cheapest_loads(clocks, people, room))
    exact = prove_whole(clocks, people, room, quick)
    answers = every_answer(clocks, people, room)
    for found in (quick, exact):
        has = aims(clocks, people, found.station)
        assert has in answers
        assert found.most_timely >= max(a for a, _, _ in answers)
        assert found.most_served >= max(b for a, b, _ in answers if a >= has[0])
        assert found.least_ms <= min(-c for a, b, c in answers if a >= has[0] and b >= has[1])
    has = aims(clocks, people, exact.station)
    assert has == max(answers)
    assert (exact.most_timely, exact.most_served) == has[:2]


@pytest.mark.parametrize("full", [pytest.param(0.6, marks=pytest.mark.thorough), 1.05, 2.0])
def test_a_city_keeps_its_loads_and_stays_near_the_bound(full: float) -> None:
    chance = np.random.default_rng(4)
    away = chance.random((2000, 1, 2)) - chance.random((1, 15, 2))
    ms = (60_000 + np.hypot(away[..., 0], away[..., 1]) * 600_000).astype(np.int32)
    clocks, people = Clocks(ms, 240_000), chance.integers(1, 300, 2000)
    room = np.full(15, int(people.sum() * full / 15))
    split = cheapest_loads(clocks, people, room)
    found = whole_loads(clocks, people, room, split)
    used = np.flatnonzero(found.station >= 0)
    assert (add_up(people[used], found.station[used], 15) <= room).all()
    n_in_time = int(people[used[ms[used, found.station[used]] <= 240_000]].sum())
    # Rounding costs less than a point of 300 people at each station.
    assert found.most_timely - 15 * 300 < n_in_time <= found.most_timely
    assert found.least_ms <= dot(people[used], ms[used, found.station[used]])


def shared(people: list[float], most: float) -> tuple[Balance, Balance]:
    seconds = np.array([[100.0, 120.0]] * len(people))
    times = Times(
        facility_id=pd.Index(["a", "b"]),
        demand_id=pd.RangeIndex(len(people)),
        start=np.array([0, len(people), 2 * len(people)]),
        demand=np.tile(np.arange(len(people), dtype=np.int32), 2),
        ms=np.rint(seconds.T.ravel() * 1000).astype(np.int32),
        limit_s=np.inf,
    )
    given = {"starts_s": pd.Series(60.0, index=["a", "b"]), "limit_s": 300.0, "most_people": most}
    counts = pd.Series(people)
    return balance(times, counts, **given), balance(times, counts, whole=True, **given)  # type: ignore[arg-type]


def test_a_village_that_only_fits_when_split_is_left_over_whole() -> None:
    # Three villages of 6 and two stations for 9: shared all 18 are served; whole one a station, 6 left over.
    split, whole = shared([6, 6, 6], 9)
    assert (split.n_in_time, split.n_left) == (18, 0)
    assert (whole.n_in_time, whole.most_in_time, whole.n_left) == (12, 12, 6)
    assert whole.shares["people"].tolist() == [6, 6]
    assert sorted(whole.shares["facility_id"]) == ["a", "b"]
    assert whole.value == 6 * 160 + 6 * 180
    assert whole.gap < 1e-6
    assert (whole.late, whole.left) == (None, None)


def test_where_nothing_need_be_split_both_are_the_same() -> None:
    split, whole = shared([4, 5, 9], 9)
    assert whole.value == split.value == whole.bound
    assert not whole.shares["demand_id"].duplicated().any()


def test_nobody_anywhere_is_no_fault() -> None:
    assert shared([0, 0], 5)[1].n_in_time == 0


@pytest.mark.study
def test_the_finding_says_that_points_stay_whole(tmp_path: Path) -> None:
    study = town_study(tmp_path, zoning={"whole": True})
    found = assess(study, read_inputs(study), draw_areas=False).findings["balanced_zones"]
    notes = {note.key: note for note in found.notes}
    assert "zones.note_balanced" not in notes
    for lang, word in (("zh", "不拆分"), ("en", "whole")):
        assert word in notes["zones.note_balanced_whole"].say(lang)
