"""Expected and reliable covering: brute force, their limits, and what they share with other questions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.siting import (
    ExpectedCovering,
    ReliableCovering,
    alternatives,
    backup_covering,
    expected_covering,
    marginal_values,
    maximal_covering,
    reliable_covering,
    reliable_number,
    siting_table,
)
from geo.siting._counted import count_model
from geo.siting._table import in_time
from geo.siting.busy import reliable_worth

LIMIT_S = 300.0


def town(seed: int, *, n_points: int = 12, n_sites: int = 7) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Draw points and sites on a square of 1,000 s; one site is there, one is barred."""
    g = np.random.default_rng(seed)
    a, b = g.random((n_points, 2)), g.random((n_sites, 2))
    times = pd.DataFrame(np.rint(np.linalg.norm(a[:, None] - b[None], axis=2) * 800.0))
    people = pd.Series(g.integers(0, 50, n_points) + (np.arange(n_points) == 0))
    status = np.array(["candidate"] * n_sites, dtype=object)
    status[:2] = "existing", "forced_out"
    return times, people, pd.DataFrame({"status": status})


def by_hand(
    times: pd.DataFrame, people: pd.Series, sites: pd.DataFrame, n: int, worth: list[float]
) -> tuple[float, dict[Any, float]]:
    """Try all plans; ``worth`` is what 0, 1, ... sites in time count, and more as its last."""
    free = sites.index[sites["status"] == "candidate"]
    old = list(sites.index[sites["status"] == "existing"])
    values = {}
    for plan in itertools.combinations(free, n):
        count = (times[[*old, *plan]] <= LIMIT_S).sum(axis=1)
        counted = [worth[min(k, len(worth) - 1)] for k in count]
        values[plan] = float(people.to_numpy() @ np.array(counted))
    return max(values.values()), values


@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from([0.0, 0.05, 0.3, 0.8]))
@settings(max_examples=60, deadline=None)
def test_expected_covering_is_the_best_of_all_plans(seed: int, n: int, q: float) -> None:
    times, people, sites = town(seed)
    best, values = by_hand(times, people, sites, n, [1.0 - q**k for k in range(8)])
    table = siting_table(times, people, sites=sites)
    plan = expected_covering(table, n=n, limit_s=LIMIT_S, busy_share=q)
    assert plan.value == pytest.approx(best)
    assert values[tuple(sorted(plan.site_ids, key=str))] == pytest.approx(best)
    assert plan.is_proven
    assert plan.bound >= plan.value


@given(
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.sampled_from([0.5, 0.9, 0.99]),
)
@settings(max_examples=60, deadline=None)
def test_reliable_covering_is_the_best_of_all_plans(seed: int, n: int, q: float, wanted: float) -> None:
    times, people, sites = town(seed)
    need = next(k for k in range(1, 50) if 1.0 - q**k >= wanted - 1e-9)
    assert reliable_number(q, wanted) == need
    best, values = by_hand(times, people, sites, n, [0.0] * need + [1.0])
    table = siting_table(times, people, sites=sites)
    plan = reliable_covering(table, n=n, limit_s=LIMIT_S, busy_share=q, reliability=wanted)
    assert plan.value == pytest.approx(best)
    assert values[tuple(sorted(plan.site_ids, key=str))] == pytest.approx(best)
    assert plan.is_proven


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_without_busy_engines_both_are_maximal_covering(seed: int, n: int) -> None:
    times, people, sites = town(seed)
    table = siting_table(times, people, sites=sites)
    best = maximal_covering(table, n=n, limit_s=LIMIT_S).value
    assert expected_covering(table, n=n, limit_s=LIMIT_S, busy_share=0.0).value == pytest.approx(best)
    assert reliable_covering(table, n=n, limit_s=LIMIT_S, busy_share=0.0).value == pytest.approx(best)


@given(st.integers(0, 10**6), st.integers(2, 4))
@settings(max_examples=20, deadline=None)
def test_with_two_asked_for_it_is_backup_covering(seed: int, n: int) -> None:
    times, people, sites = town(seed)
    table = siting_table(times, people, sites=sites)
    two = reliable_covering(table, n=n, limit_s=LIMIT_S, busy_share=0.3, reliability=0.9)
    assert two.value == pytest.approx(backup_covering(table, n=n, limit_s=LIMIT_S).value)


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_busier_engines_bring_fewer_people_in_time(seed: int, n: int) -> None:
    table = siting_table(*town(seed)[:2])
    values = [
        expected_covering(table, n=n, limit_s=LIMIT_S, busy_share=q).value for q in (0.0, 0.2, 0.5, 0.9, 0.99)
    ]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    "question",
    [
        ExpectedCovering(n=2, limit_s=LIMIT_S, busy_share=0.3),
        ReliableCovering(n=2, limit_s=LIMIT_S, busy_share=0.3),
    ],
)
def test_the_next_best_plans_and_the_worth_of_sites(question: ExpectedCovering | ReliableCovering) -> None:
    times, people, sites = town(5)
    worth = [1.0 - 0.3**k for k in range(8)] if isinstance(question, ExpectedCovering) else [0.0, 0.0, 1.0]
    _, values = by_hand(times, people, sites, 2, worth)
    table = siting_table(times, people, sites=sites)
    others = alternatives(table, question, k=3, max_loss=1.0)
    told = [plan.value for plan in others.plans]
    assert told == pytest.approx(sorted(values.values(), reverse=True)[:3])
    plan = others.plans[0]
    _, with_one = by_hand(times, people, sites, 1, worth)
    nothing = by_hand(times, people, sites, 0, worth)[0]
    alone = marginal_values(table, question, plan.site_ids)["alone"]
    assert alone.loc[list(plan.site_ids)].tolist() == pytest.approx(
        [with_one[site,] - nothing for site in plan.site_ids]
    )


def test_the_same_whatever_the_order_of_rows() -> None:
    times, people, sites = town(11)
    table = siting_table(times, people, sites=sites)
    turned = siting_table(times.iloc[::-1, ::-1], people.iloc[::-1], sites=sites.iloc[::-1])
    for question in (expected_covering, reliable_covering):
        plans = [question(t, n=2, limit_s=LIMIT_S, busy_share=0.4) for t in (table, turned)]
        assert set(plans[0].site_ids) == set(plans[1].site_ids)


def test_more_sites_than_anybody_has_in_time_are_worth_nothing_at_once() -> None:
    """A chance of 1 - 1e-9 with engines out 99 % of the time takes 2,062 sites: no such model is made."""
    times, people, sites = town(2)
    table = siting_table(times, people, sites=sites)
    worth = reliable_worth(0.99, 1.0 - 1e-9)
    assert len(worth) == 2062 + 1
    usable = times.loc[:, sites["status"] != "forced_out"]
    assert count_model(in_time(table, LIMIT_S), worth).most == (usable <= LIMIT_S).sum(axis=1).max()
    plan = reliable_covering(table, n=2, limit_s=LIMIT_S, busy_share=0.99, reliability=1.0 - 1e-9)
    assert (plan.value, plan.bound, plan.is_proven) == (0.0, 0.0, True)
    assert len(plan.site_ids) == 2


def test_what_cannot_be_asked_is_told() -> None:
    table = siting_table(*town(1)[:2])
    with pytest.raises(InputError, match="busy_share"):
        expected_covering(table, n=1, limit_s=LIMIT_S, busy_share=1.0)
    with pytest.raises(InputError, match="reliability"):
        reliable_covering(table, n=1, limit_s=LIMIT_S, busy_share=0.3, reliability=1.0)
    with pytest.raises(InfeasibleError):
        expected_covering(table, n=1, limit_s=0.0, busy_share=0.3)
