"""Covers of random towns: the bound is below the least cost, the plan at it, and clocks do not matter."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.optimize import Clock
from geo.siting._exact import set_cover as setcover
from geo.siting._exact.entries import BySite, Incidence
from geo.siting._exact.reduction import turn
from geo.siting._exact.set_cover import Cover, cheapest_cover
from geo.siting._exact.set_cover_search import begin_search, greedy_cover, mend


class Town:
    """Points and sites in a square; a site sees the points within a radius, and every point has a site."""

    def __init__(self, seed: int, *, n_points: int, n_sites: int, radius: float) -> None:
        g = np.random.default_rng(seed)
        points, sites = g.random((n_points, 2)), g.random((n_sites, 2))
        off = np.hypot(points[:, :1] - sites[:, 0], points[:, 1:] - sites[:, 1])
        self.sees = off <= np.maximum(radius, off.min(axis=1))[:, None]
        self.start = np.concatenate([[0], np.cumsum(self.sees.sum(axis=0))]).astype(np.int64)
        self.point = np.nonzero(self.sees.T)[1].astype(np.int32)
        self.cost = np.ones(n_sites) if seed % 2 else g.integers(1, 9, n_sites).astype(np.float64)

    def solved(self) -> Cover:
        return cheapest_cover(self.start, self.point, len(self.sees), self.cost, clock=Clock())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_cheapest_cover_of_all(seed: int) -> None:
    town = Town(seed, n_points=30, n_sites=9, radius=0.3)
    plans = np.array(list(product([False, True], repeat=9)))
    does = (plans @ town.sees.T.astype(int) >= 1).all(axis=1)
    cover = town.solved()
    assert cover.value == cover.bound == (plans[does] @ town.cost).min()
    assert town.sees[:, cover.plan].any(axis=1).all()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 6))]
)
def test_a_large_question_is_answered_the_same_way_each_time(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(seed, n_points=300, n_sites=80, radius=0.12)
    usual = town.solved()
    assert usual.value == usual.bound
    monkeypatch.setattr(setcover, "LARGE", 0)  # mending beside the cuts, as of a question that needs it
    for huge in (1_000_000, 0):  # and cuts on some of the points
        monkeypatch.setattr(setcover, "HUGE", huge)
        first, again = town.solved(), town.solved()
        assert first.value == first.bound == usual.value
        assert first.plan.tolist() == again.plan.tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_mending_in_parts_is_mending_in_one_go(seed: int, part: int) -> None:
    town = Town(seed, n_points=60, n_sites=25, radius=0.2)
    row, site, _ = turn(BySite(town.start, town.point, np.ones(len(town.point))), 60)
    sees = Incidence(town.start, town.point, row, site)
    first = greedy_cover(sees, town.cost, np.arange(25))
    one, other = (begin_search(sees, town.cost, first) for _ in range(2))
    mend(sees, town.cost, one, 5 * part, 0.0)
    for _ in range(5):
        mend(sees, town.cost, other, part, 0.0)
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert town.sees[:, one.best].any(axis=1).all()
    assert town.cost[one.best].sum() == pytest.approx(one.paid[1])
    assert one.paid[1] <= town.cost[first].sum()
    # What the search keeps by small changes is what it would count anew.
    count = town.sees[:, one.taken].sum(axis=1)
    np.testing.assert_array_equal(one.count, count)
    assert sorted(one.bare[: one.number[1]]) == np.flatnonzero(count == 0).tolist()
    alone = (count == 1)[:, None] & town.sees[:, one.taken]
    np.testing.assert_array_equal(one.score[one.taken], (alone * one.load[:, None]).sum(axis=0))
    np.testing.assert_array_equal(one.owner, town.sees[:, one.taken] @ np.flatnonzero(one.taken))
