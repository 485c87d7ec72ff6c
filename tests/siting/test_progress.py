"""A budget buys the best sites, by brute force; progress that is told is true."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.siting import (
    MaximalCovering,
    Search,
    backup_covering,
    budget_covering,
    build_programme,
    capacitated_covering,
    capacitated_median,
    maximal_covering,
    p_centre,
    p_median,
    set_covering,
    siting_table,
    trade_off,
)

LIMIT_S = 100.0


def case(seed: int, *, n_demand: int = 14, n_sites: int = 8) -> tuple[pd.DataFrame, pd.Series]:
    g = np.random.default_rng(seed)
    a, b = g.random((n_demand, 2)), g.random((n_sites, 2))
    seconds = np.rint(300.0 * np.hypot(a[:, :1] - b[:, 0], a[:, 1:] - b[:, 1]))
    times = pd.DataFrame(
        seconds, index=[f"d{i:02d}" for i in range(n_demand)], columns=[f"s{j}" for j in range(n_sites)]
    )
    return times, pd.Series(g.integers(1, 50, n_demand).astype(float), index=times.index)


def best_for(times: pd.DataFrame, people: pd.Series, sites: pd.DataFrame, budget: float) -> float:
    """Try every set of free sites that can be paid."""
    near = times <= LIMIT_S
    had = [s for s in times if sites.loc[s, "status"] == "existing"]
    must = [s for s in times if sites.loc[s, "status"] == "forced_in"]
    free = [s for s in times if sites.loc[s, "status"] == "candidate"]
    best = -1.0
    for k in range(len(free) + 1):
        for more in combinations(free, k):
            new = [*must, *more]
            if sites.loc[new, "cost"].sum() <= budget * (1 + 1e-9):  # as it is kept: see the test below
                best = max(best, float(people[near[[*had, *new]].any(axis=1)].sum()))
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 20.0))
def test_a_budget_buys_the_best(seed: int, budget: float) -> None:
    g = np.random.default_rng(seed)
    times, people = case(seed)
    status = g.choice(["candidate", "candidate", "candidate", "existing", "forced_out"], len(times.columns))
    cost = np.rint(g.uniform(0, 10, len(status)))
    sites = pd.DataFrame({"status": status, "cost": cost}, index=times.columns)
    assume(best_for(times, people, sites, np.inf) > 0)  # else nobody can be brought in time: see below
    plan = budget_covering(siting_table(times, people, sites=sites), max_cost=budget, limit_s=LIMIT_S)
    assert plan.is_proven
    assert plan.value == best_for(times, people, sites, budget)
    assert sites.loc[list(plan.site_ids), "cost"].sum() <= budget * (1 + 1e-9)


def test_a_budget_that_brings_nobody_in_time_is_told() -> None:
    times, people = case(1)
    with pytest.raises(InfeasibleError):
        budget_covering(siting_table(times + LIMIT_S + 1.0, people), max_cost=20.0, limit_s=LIMIT_S)


def test_the_budget_is_kept_exactly() -> None:
    times, people = case(1)
    sites = pd.DataFrame({"cost": 0.1}, index=times.columns)
    # Three times 0.1 is a little more than 0.3 in the machine, and still within the budget.
    table = siting_table(times, people, sites=sites)
    assert len(budget_covering(table, max_cost=0.3, limit_s=LIMIT_S).site_ids) == 3


def test_forced_sites_are_paid_first() -> None:
    times, people = case(2)
    status = ["forced_in", "forced_in", *["candidate"] * 6]
    sites = pd.DataFrame({"status": status, "cost": 2.0}, index=times.columns)
    table = siting_table(times, people, sites=sites)
    plan = budget_covering(table, max_cost=4.0, limit_s=LIMIT_S)
    assert set(plan.site_ids) == {"s0", "s1"}
    with pytest.raises(InputError, match=r"cost 4, more than the budget of 3\.9"):
        budget_covering(table, max_cost=3.9, limit_s=LIMIT_S)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), "much"])
def test_a_budget_is_a_number(wrong: Any) -> None:
    table = siting_table(*case(3))
    with pytest.raises(InputError, match="max_cost must be"):
        budget_covering(table, max_cost=wrong, limit_s=LIMIT_S)


ASKED: dict[str, tuple[Callable[..., Any], dict[str, Any], int]] = {
    # the function, its options, and 1 where more is better
    "best": (maximal_covering, {"n": 6, "limit_s": 60.0}, 1),
    "budget": (budget_covering, {"max_cost": 5.0, "limit_s": 60.0}, 1),
    "programme": (build_programme, {"n_per_year": [2, 2], "limit_s": 60.0}, 1),
    "fewest": (set_covering, {"limit_s": 100.0}, -1),
    "fewest of a share": (set_covering, {"limit_s": 60.0, "share": 0.8}, -1),
    "mean": (p_median, {"n": 6}, -1),
    "worst": (p_centre, {"n": 6}, -1),
    "backup": (backup_covering, {"n": 6, "limit_s": 60.0}, 1),
    "capacity": (capacitated_covering, {"n": 6, "limit_s": 60.0, "capacity": 200.0}, 1),
    "capacity and mean": (capacitated_median, {"n": 8, "capacity": 400.0}, -1),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", ASKED)
def test_progress_is_true(name: str) -> None:
    function, options, sign = ASKED[name]
    table = siting_table(*case(5, n_demand=90, n_sites=30))
    heard: list[tuple[float, float]] = []
    plan = function(table, search=Search(progress=lambda v, b: heard.append((v, b))), **options)
    silent = function(table, **options)
    assert plan.site_ids == silent.site_ids  # to listen changes nothing
    assert plan.value == silent.value
    if name != "programme":  # there each year has a value of its own
        for value, bound in heard:
            assert sign * (bound - plan.value) >= -1e-6 * abs(plan.value)
            assert sign * (plan.value - value) >= -1e-6 * abs(plan.value)


def test_a_trade_off_tells_progress() -> None:
    table = siting_table(*case(6, n_demand=90, n_sites=30))
    heard: list[float] = []
    search = Search(progress=lambda v, b: heard.append(v))
    trade_off(table, MaximalCovering(n=6, limit_s=60.0), search=search)
    assert heard
