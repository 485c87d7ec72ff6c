"""The k best different plans of every question, against all plans of small random towns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.errors import InfeasibleError, InputError
from geo.siting import (
    Alternatives,
    BackupCovering,
    CapacitatedCovering,
    PCentre,
    Question,
    Search,
    SetCovering,
    alternatives,
    siting_table,
)
from tests.siting.test_siting import LIMIT_S, Town, served_whole

SEEDS = range(24)
EACH_SEED = [*SEEDS[:5], *(pytest.param(seed, marks=pytest.mark.thorough) for seed in SEEDS[5:])]
"""All of them; `make fast` tries five."""
K = 5


def expect(town: Town, found: Alternatives, ranked: list[float], *, loss: float, is_least: bool) -> None:
    """Hold what was found against the values of all plans, best first."""
    best = ranked[0]
    edge = best * (1.0 + loss) + 1e-6 if is_least else best * (1.0 - loss) - 1e-6
    good = [value for value in ranked if (value <= edge if is_least else value >= edge)]
    assert [plan.value for plan in found.plans] == pytest.approx(good[:K], abs=1e-6)
    assert len({frozenset(plan.site_ids) for plan in found.plans}) == len(found.plans)
    assert all(plan.is_proven for plan in found.plans)
    assert found.is_complete == (len(found.plans) < K)
    assert found.changes["bound"].to_list() == [plan.bound for plan in found.plans]
    ids = np.array(town.times.columns)
    first = set(found.plans[0].site_ids)
    for plan, row in zip(found.plans, found.changes.itertuples(), strict=True):
        assert set(ids[town.forced]) <= set(plan.site_ids) <= set(ids[town.forced + town.free])
        assert set(plan.fixed_ids) == set(ids[town.fixed])
        assert set(row.sites_in) == set(plan.site_ids) - first
        assert set(row.sites_out) == first - set(plan.site_ids)


def ask(town: Town, question: Question) -> Alternatives:
    return alternatives(town.table(), question, k=K, max_loss=0.5)


@pytest.mark.parametrize("seed", EACH_SEED)
@pytest.mark.parametrize("share", [1.0, 0.8, 0.5])
def test_fewest_sites(seed: int, share: float) -> None:
    town = Town(seed)

    def does(plan: list[int]) -> bool:
        return town.in_time(plan) >= share * town.w.sum() * (1.0 - 1e-9)

    good = [frozenset(plan) for plan in town.plans() if does(plan)]
    if not good:
        with pytest.raises(InfeasibleError):
            ask(town, SetCovering(share=share, limit_s=LIMIT_S))
        return
    # A plan with a site that may be left out is no plan of its own.
    needed = [plan for plan in good if not any(other < plan for other in good)]
    ranked = sorted(float(sum(town.cost[j] for j in plan if j not in town.fixed)) for plan in needed)
    found = ask(town, SetCovering(share=share, limit_s=LIMIT_S))
    expect(town, found, ranked, loss=0.5, is_least=True)
    assert all(plan.share_covered >= share - 1e-9 for plan in found.plans)


@pytest.mark.parametrize("seed", EACH_SEED)
def test_shortest_longest_time(seed: int) -> None:
    town = Town(seed)

    def worst(plan: list[int]) -> float:
        return float(town.nearest(plan)[town.w > 0.0].max())

    ranked = sorted(worst(plan) for plan in town.plans(town.n))
    if ranked[0] == np.inf:
        with pytest.raises(InfeasibleError):
            ask(town, PCentre(n=town.n))
        return
    expect(town, ask(town, PCentre(n=town.n)), ranked, loss=0.5, is_least=True)


@pytest.mark.parametrize("seed", EACH_SEED)
@pytest.mark.parametrize("second", [1.0, 0.7, 0.3])
def test_backup_and_mixes(seed: int, second: float) -> None:
    town = Town(seed)

    def mix(plan: list[int]) -> float:
        return (1.0 - second) * town.in_time(plan) + second * town.in_time(plan, times=2)

    ranked = sorted((mix(plan) for plan in town.plans(town.n)), reverse=True)
    found = ask(town, BackupCovering(n=town.n, limit_s=LIMIT_S, second=second))
    expect(town, found, ranked, loss=0.5, is_least=False)


@pytest.mark.parametrize("seed", EACH_SEED[:16])
@pytest.mark.parametrize("is_split", [False, True])
def test_capacities(seed: int, is_split: bool) -> None:
    town = Town(seed, has_costs=False)
    town.t, town.w = town.t[:5], town.w[:5]
    town.times, town.people = town.times.iloc[:5], town.people.iloc[:5]
    room = town.w.max() + np.random.default_rng(seed).integers(0, 9, len(town.cost))
    town.sites = town.sites.assign(capacity=room)

    def in_time(i: int, j: int) -> float:
        return 0.0 if j < 0 else float(town.w[i]) if town.t[i, j] <= LIMIT_S else -np.inf

    plans = town.plans(town.n)
    ranked = sorted((served_whole(town, plan, room, gain=in_time) for plan in plans), reverse=True)
    found = ask(town, CapacitatedCovering(n=town.n, limit_s=LIMIT_S, is_split=is_split))
    if is_split:  # what may be split is served no worse, by the best and by the next ones
        assert len(found.plans) == min(K, len(plans)) or found.is_complete
        assert all(plan.value >= value - 1e-6 for plan, value in zip(found.plans, ranked, strict=False))
    else:
        expect(town, found, ranked, loss=0.5, is_least=False)
    for plan in found.plans:
        assert plan.shares is not None
        load = plan.shares.groupby("site_id")["people"].sum()
        assert (load <= town.sites["capacity"].reindex(load.index) + 1e-6).all()
        assert plan.shares["people"].sum() == pytest.approx(plan.value)


def test_plans_differ_by_as_many_sites_as_asked() -> None:
    # Two streets of two plots each: one of a, b and one of c, d are needed, in four ways; where two sites are
    # to change the only rival of a + c is b + d.
    times = pd.DataFrame(
        {"a": [60.0, 999.0], "b": [60.0, 999.0], "c": [999.0, 60.0], "d": [999.0, 60.0]}, index=["x", "y"]
    )
    table, question = siting_table(times, pd.Series({"x": 10.0, "y": 20.0})), SetCovering(limit_s=60.0)
    found = alternatives(table, question, k=9, max_loss=0.0)
    assert {frozenset(plan.site_ids) for plan in found.plans} == {
        frozenset(pair) for pair in ("ac", "ad", "bc", "bd")
    }
    found = alternatives(table, question, k=9, max_loss=0.0, n_changed=2)
    assert len(found.plans) == 2
    assert not set(found.plans[0].site_ids) & set(found.plans[1].site_ids)
    assert found.is_complete


def test_no_time_left_gives_the_best_plan_so_far_and_says_that_there_may_be_more() -> None:
    times = pd.DataFrame({"a": [60.0], "b": [60.0]}, index=["x"])
    table, question = siting_table(times, pd.Series({"x": 1.0})), SetCovering(limit_s=60.0)
    short = alternatives(table, question, k=2, max_loss=0.0, search=Search(time_limit_s=0.0))
    assert [plan.value for plan in short.plans] == [1.0]
    assert not short.is_complete
    assert len(alternatives(table, question, k=2, max_loss=0.0).plans) == 2


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (BackupCovering(n=1, limit_s=60.0, second=2.0), "second must be"),
        (SetCovering(limit_s=60.0, share=2.0), "share must be"),
        (SetCovering(limit_s=float("nan")), "limit_s must be >= 0"),
        (PCentre(n=2), "n = 2 sites are asked for, but there are only 1"),
        ("p_median", "question must be one of MaximalCovering, .*, not a str"),
    ],
)
def test_wrong_questions_say_what_is_wrong(question: Any, words: str) -> None:
    table = siting_table(pd.DataFrame({"a": [60.0]}, index=["x"]), pd.Series({"x": 1.0}))
    with pytest.raises(InputError, match=words):
        alternatives(table, question, k=2, max_loss=0.1)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (SetCovering, {"limit_s": 60.0, "n": 1}),
        (PCentre, {}),
        (PCentre, {"n": 1, "limit_s": 60.0}),
        (BackupCovering, {"n": 1}),
    ],
)
def test_a_question_has_no_options_but_its_own(kind: type, options: dict[str, float]) -> None:
    with pytest.raises(TypeError):
        kind(**options)
