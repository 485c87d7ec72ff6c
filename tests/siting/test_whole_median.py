"""Sites that hold only so many people, points whole: against every plan, and bounds at any prices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.optimize import Clock
from geo.siting import Search, capacitated_median, siting_table
from geo.siting._exact.capacitated_bound import Capacitated, decide_sites, open_pairs, raise_bound
from geo.siting._exact.capacitated_tree import cheapest_plan

FAR = 1000.0


@dataclass(frozen=True)
class Question:
    """A question small enough to try every plan."""

    task: Capacitated
    grain: float

    def plans(self):
        """Give cost, open sites and the site of each point of every plan there is."""
        task = self.task
        free, fixed = np.flatnonzero(~task.is_open), np.flatnonzero(task.is_open)
        for new in combinations(free, task.n):
            sites = np.sort(np.concatenate([fixed, np.array(new, dtype=np.int64)]))
            for at in product(sites, repeat=len(task.size)):
                load = np.bincount(at, weights=task.size, minlength=len(task.room))
                cost = task.cost[np.arange(len(at)), list(at)]
                if (cost < FAR).all() and (load <= task.room).all():
                    yield float(cost.sum() + task.site_cost[sites].sum()), set(sites.tolist()), at

    def begin(self) -> np.ndarray:
        begin = self.task.is_open.copy()
        begin[np.flatnonzero(~begin)[: self.task.n]] = True
        return begin


def question(seed: int) -> Question:
    g = np.random.default_rng(seed)
    n_points, n_sites = int(g.integers(1, 6)), int(g.integers(1, 6))
    is_whole = seed % 3 > 0
    cost = (
        g.integers(0, 12, (n_points, n_sites)).astype(float)
        if is_whole
        else 10.0 * g.random((n_points, n_sites))
    )
    cost[g.random(cost.shape) < 0.15] = 2 * FAR
    is_open = g.random(n_sites) < 0.2
    n_free = int((~is_open).sum())
    n = int(g.integers(min(n_free, 0 if is_open.any() else 1), n_free + 1))
    size = g.integers(0, 6, n_points).astype(float)
    room = g.integers(1, 14, n_sites).astype(float)
    room[g.random(n_sites) < 0.2] = np.inf
    site_cost = g.integers(0, 4, n_sites) * float(seed % 2)
    task = Capacitated(cost, site_cost.astype(float), room, size, is_open, n, FAR)
    return Question(task, 1.0 if is_whole else 0.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000))
def test_the_plan_is_the_best_of_all_and_proven(seed):
    asked = question(seed)
    best = min((cost for cost, _, _ in asked.plans()), default=np.inf)
    found = cheapest_plan(asked.task, asked.begin(), clock=Clock(60.0), grain=asked.grain, gap=0.0)
    if found is None:
        return  # HiGHS is asked then: see test_capacities_... in test_siting.py
    assert found.value == pytest.approx(best, abs=1e-9)
    assert best - max(asked.grain, 1e-6) < found.bound <= best + 1e-9
    load = np.bincount(found.at, weights=asked.task.size, minlength=len(asked.task.room))
    assert (load <= asked.task.room).all()
    assert found.is_open.sum() == asked.task.is_open.sum() + asked.task.n
    assert found.is_open[found.at].all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000), st.floats(0.0, 40.0), st.integers(1, 60))
def test_no_prices_bound_above_a_plan_nor_decide_against_a_cheaper_one(seed, scale, steps):
    asked = question(seed)
    task, g = asked.task, np.random.default_rng(seed)
    decision = np.zeros(len(task.room), dtype=np.int8)
    bound, price, chosen, value, _, _ = raise_bound(
        task, scale * g.random(len(task.size)), decision, FAR, steps, 1.0
    )
    beat = bound + scale * g.random()
    decided = decide_sites(task, value, chosen, decision, bound, beat - 1e-9)
    for cost, sites, at in asked.plans():
        assert bound <= cost + 1e-9
        if cost < beat - 1e-6:
            assert all(decided[j] >= 0 for j in sites if not task.is_open[j])
            assert set(np.flatnonzero(decided == 1)) <= sites
        if sites == set(np.flatnonzero(chosen)) and cost < beat - 1e-6:
            assert open_pairs(task, price, value, bound, beat)[np.arange(len(at)), list(at)].all()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(1, 10))
def test_one_site_is_worth_its_fullest_knapsack(seed, n_points):
    # With one site the bound at given prices is the sum of prices less the most that points in it bring.
    g = np.random.default_rng(seed)
    price, size = g.integers(0, 9, n_points).astype(float), g.integers(0, 9, n_points).astype(float)
    room = float(g.integers(0, 25))
    task = Capacitated(np.ones((n_points, 1)), np.zeros(1), np.array([room]), size, np.ones(1, bool), 0, FAR)
    bound = raise_bound(task, price, np.zeros(1, dtype=np.int8), FAR, 1, 1.0)[0]
    most = max(
        sum(price[i] - 1.0 for i in range(n_points) if taken >> i & 1)
        for taken in range(1 << n_points)
        if sum(size[i] for i in range(n_points) if taken >> i & 1) <= room
    )
    assert bound == pytest.approx(price.sum() - most, abs=1e-9)


def squares(seed: int, n: int, p: int, *, fill: float) -> tuple[pd.DataFrame, pd.Series, float]:
    """Points as Osman and Christofides draw them: a square of 100, sizes 1 to 20, sites full to ``fill``."""
    g = np.random.default_rng(seed)
    xy, size = g.integers(1, 101, (n, 2)), g.integers(1, 21, n).astype(float)
    metres = np.floor(np.hypot(*(xy[:, None] - xy).T))
    return pd.DataFrame(metres), pd.Series(size), float(np.ceil(size.sum() / p / fill))


@pytest.mark.thorough
def test_a_limit_of_time_leaves_a_plan_with_an_honest_gap_and_the_same_plan_again():
    metres, size, room = squares(7, 40, 4, fill=0.97)
    table = siting_table(metres, size, weights=1.0 / size)
    proven = capacitated_median(table, n=4, capacity=room)
    assert proven.is_proven
    short = capacitated_median(table, n=4, capacity=room, search=Search(time_limit_s=0.0))
    assert short.bound <= proven.value <= short.value
    loose = capacitated_median(table, n=4, capacity=room, search=Search(gap=0.05))
    assert loose.value <= proven.value * 1.05
    assert loose.bound <= proven.value
    again = capacitated_median(table, n=4, capacity=room)
    assert again.site_ids == proven.site_ids
    assert again.assignment.equals(proven.assignment)


def test_people_of_nobody_take_no_room():
    # Two points of weight but without people, one of 5: all go to the nearer site, which holds 5.
    times = pd.DataFrame({"a": [10.0, 10.0, 10.0], "b": [30.0, 30.0, 30.0]}, index=["x", "y", "z"])
    people = pd.Series([5.0, 5.0, 5.0], index=times.index)
    table = siting_table(times, people)
    plan = capacitated_median(table, n=2, capacity=5.0 * 2)
    assert plan.value == pytest.approx((10.0 + 10.0 + 30.0) / 3)  # a holds two of three points
    task = Capacitated(times.to_numpy(), np.zeros(2), np.full(2, 5.0), np.zeros(3), np.zeros(2, bool), 1, FAR)
    found = cheapest_plan(task, np.array([True, False]), clock=Clock(60.0), grain=0.0, gap=0.0)
    assert found is not None
    assert found.value == found.bound == 30.0
