"""What each candidate is worth: hand-worked towns, every set valued by brute force, and the laws."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from geo.errors import GeoError, InputError
from geo.siting import (
    BackupCovering,
    CapacitatedCovering,
    MaximalCovering,
    PCentre,
    PMedian,
    Question,
    SetCovering,
    backup_covering,
    capacitated_covering,
    marginal_values,
    maximal_covering,
    p_centre,
    p_median,
    set_covering,
    siting_table,
)

LIMIT_S = 240.0
CHARGE_S = 1800.0

# Times in seconds; people in the last column. Existing: e. In time (<= 240 s) see
#   e: u            a: v, w        b: w, x        c: x         d: nobody
# people u 10, v 20, w 30, x 40, y 5 (reached in time by none)
TIMES = pd.DataFrame(
    {
        "e": [60, 400, 500, 900, 900],
        "a": [500, 120, 200, 700, 900],
        "b": [500, 700, 240, 100, 900],
        "c": [500, 900, 800, 200, 900],
        "d": [300, 300, 300, 300, 300],
    },
    index=list("uvwxy"),
    dtype=float,
)
PEOPLE = pd.Series({"u": 10.0, "v": 20.0, "w": 30.0, "x": 40.0, "y": 5.0})
SITES = pd.DataFrame(
    {"status": ["existing", *["candidate"] * 4], "cost": [0.0, 3.0, 2.0, 1.0, 1.0]}, index=list("eabcd")
)
TABLE = siting_table(TIMES, PEOPLE, sites=SITES)


def rows(values: pd.DataFrame, *columns: str) -> dict[str, list[object]]:
    return {str(site): [values.at[site, name] for name in columns] for site in values.index}


def test_people_in_time_worked_by_hand():
    # Alone: a 20+30, b 30+40, c 40, d 0. Plan {b} has u, w, x: 80.
    # Beside it a adds v: 20; c, d add 0. Without b its 70 are lost.
    # In the place of b: a gives 60 (-20), c 50 (-30), d 10 (-70).
    values = marginal_values(TABLE, MaximalCovering(n=1, limit_s=LIMIT_S), ["b"])
    assert rows(values, "is_chosen", "alone", "beside", "exchanged", "exchanged_for") == {
        "a": [False, 50.0, 20.0, -20.0, "b"],
        "b": [True, 70.0, 70.0, -20.0, "a"],
        "c": [False, 40.0, 0.0, -30.0, "b"],
        "d": [False, 0.0, 0.0, -70.0, "b"],
    }


def test_the_longest_time_may_need_two_sites_and_people_in_time_of_two_may_too():
    # Longest today: x and y 900. a, b, c leave y at 900: nothing gained alone; d brings all to 300: 600 s.
    values = marginal_values(TABLE, PCentre(n=1), ["d"])
    assert values["alone"].to_dict() == {"a": 0.0, "b": 0.0, "c": 0.0, "d": 600.0}
    assert values["beside"].to_dict() == {"a": 0.0, "b": 0.0, "c": 0.0, "d": 600.0}
    assert values["exchanged"].to_dict() == {"a": -600.0, "b": -600.0, "c": -600.0, "d": -600.0}
    # Of two: a and b share w (30), b and c share x (40). Alone nobody sees two; beside b: a 30, c 40.
    two = marginal_values(TABLE, BackupCovering(n=2, limit_s=LIMIT_S), ["b"])
    assert two["alone"].to_dict() == dict.fromkeys("abcd", 0.0)
    assert two["beside"].to_dict() == {"a": 30.0, "b": 0.0, "c": 40.0, "d": 0.0}


def test_a_time_that_nobody_has_is_not_defined():
    times = TIMES.drop(columns="e").where(TIMES < 400.0, np.inf)
    table = siting_table(times[["a", "b", "d"]], PEOPLE)
    for question in (PMedian(n=1), PCentre(n=1)):
        values = marginal_values(table, question, ["d"])
        assert values["alone"].isna().all()  # without any site there is no time to be shortened
        assert values["beside"].isna().to_dict() == {"a": False, "b": False, "d": True}
        assert values["exchanged"].isna().all()  # neither a nor b reaches everybody
        assert values["exchanged_for"].isna().all()


def test_a_forced_site_is_not_exchanged_and_a_barred_one_comes_in_nobodys_place():
    sites = SITES.assign(status=["existing", "forced_out", "forced_in", "candidate", "candidate"])
    values = marginal_values(
        siting_table(TIMES, PEOPLE, sites=sites), MaximalCovering(n=2, limit_s=LIMIT_S), ["b", "c"]
    )
    # c may leave: a in its place brings 20 (the barred site is told what it would bring); b may not.
    assert rows(values, "exchanged", "exchanged_for")["a"] == [20.0, "c"]
    assert np.isnan(values.at["b", "exchanged"])
    assert rows(values, "exchanged", "exchanged_for")["c"] == [0.0, "d"]


def test_an_exchange_keeps_to_the_budget():
    # The plan {b} costs 2; a costs 3.
    question = MaximalCovering(n=1, limit_s=LIMIT_S)
    dear = marginal_values(TABLE, question, ["b"], max_cost=2.0)
    assert np.isnan(dear.at["a", "exchanged"])
    assert rows(dear, "exchanged", "exchanged_for")["b"] == [-30.0, "c"]
    assert marginal_values(TABLE, question, ["b"], max_cost=3.0).at["a", "exchanged"] == -20.0


def test_shared_places_are_valued_and_whole_ones_are_not():
    # Each site serves 45: a of v 20 + w 30 = 50 only 45, b of 70 only 45, c 40; today e serves u 10.
    question = CapacitatedCovering(n=1, limit_s=LIMIT_S, capacity=45.0, is_split=True)
    values = marginal_values(TABLE, question, ["b"])
    assert values["alone"].to_dict() == pytest.approx({"a": 45.0, "b": 45.0, "c": 40.0, "d": 0.0})
    # Beside b (45 of w 30, x 40): a serves v and 25 of w, b x and 5 of w: all 90 are served.
    assert values["beside"].to_dict() == pytest.approx({"a": 45.0, "b": 45.0, "c": 25.0, "d": 0.0})
    assert values["exchanged"].isna().all()
    whole = CapacitatedCovering(n=1, limit_s=LIMIT_S, capacity=45.0)
    assert marginal_values(TABLE, whole, ["b"])[["alone", "beside", "exchanged"]].isna().all(axis=None)


def test_a_site_of_the_plan_that_is_no_candidate_is_named():
    for site in ("z", "e"):
        with pytest.raises(InputError, match=f"no candidates of the table: {site}"):
            marginal_values(TABLE, MaximalCovering(n=1, limit_s=LIMIT_S), [site])


def test_a_site_that_a_plan_names_twice_counts_once():
    question = MaximalCovering(n=1, limit_s=LIMIT_S)
    once, twice = (marginal_values(TABLE, question, plan) for plan in (["b"], ["b", "b"]))
    pd.testing.assert_frame_equal(twice, once)
    assert twice.at["b", "beside"] == 70.0


def test_what_is_no_question_is_told_with_those_that_are():
    with pytest.raises(InputError, match=r"one of MaximalCovering, .*ReliableCovering, not a str"):
        marginal_values(TABLE, "best", ["b"])


def test_an_empty_plan_has_no_exchange():
    values = marginal_values(TABLE, MaximalCovering(n=0, limit_s=LIMIT_S), [])
    assert (values["alone"] == values["beside"]).all()
    assert values["exchanged"].isna().all()


# By brute force: every set is valued point by point, in the words of its goal.


def in_time(times: pd.DataFrame, people: pd.Series, sites: Iterable[str]) -> float:
    seen = (times[list(sites)] <= LIMIT_S).any(axis=1)
    return float(people[seen].sum())


def of_two(times: pd.DataFrame, people: pd.Series, sites: Iterable[str]) -> float:
    n = (times[list(sites)] <= LIMIT_S).sum(axis=1)
    return float((people * (0.4 * (n >= 1) + 0.6 * (n >= 2))).sum())


def minus_mean(times: pd.DataFrame, people: pd.Series, sites: Iterable[str]) -> float:
    soonest = times[list(sites)].min(axis=1).fillna(np.inf).clip(upper=CHARGE_S)
    return -float((people * soonest).sum() / people.sum())


def minus_longest(times: pd.DataFrame, people: pd.Series, sites: Iterable[str]) -> float:
    longest = float(times[list(sites)].min(axis=1)[people > 0].max())
    return -longest if np.isfinite(longest) else np.nan


GOALS: dict[str, tuple[Question, Callable[..., float], Callable[..., object]]] = {
    "best": (
        MaximalCovering(n=2, limit_s=LIMIT_S),
        in_time,
        lambda t: maximal_covering(t, n=2, limit_s=LIMIT_S),
    ),
    "fewest": (
        SetCovering(limit_s=LIMIT_S, share=0.5),
        in_time,
        lambda t: set_covering(t, limit_s=LIMIT_S, share=0.5),
    ),
    "mean": (
        PMedian(n=2, unreached_s=CHARGE_S),
        minus_mean,
        lambda t: p_median(t, n=2, unreached_s=CHARGE_S),
    ),
    "worst": (PCentre(n=2), minus_longest, lambda t: p_centre(t, n=2)),
    "backup": (
        BackupCovering(n=2, limit_s=LIMIT_S, second=0.6),
        of_two,
        lambda t: backup_covering(t, n=2, limit_s=LIMIT_S, second=0.6),
    ),
}


def random_town(seed: int) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Eight places, two existing sites of which one reaches all, five candidates; some have no road."""
    g = np.random.default_rng(seed)
    times = pd.DataFrame(
        g.integers(1, 60, (8, 7)) * 10.0, index=[f"d{i}" for i in range(8)], columns=list("pqabcde")
    )
    times = times.mask(g.random(times.shape) < 0.2, np.inf)
    times["p"] = times["p"].replace(np.inf, 590.0)
    people = pd.Series(g.integers(0, 50, 8).astype(float), index=times.index)
    people.iloc[0] += 1.0
    status = ["existing", "existing", *["candidate"] * 5]
    return times, people, pd.DataFrame({"status": status}, index=times.columns)


@pytest.mark.parametrize("goal", GOALS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), mixed=st.permutations(list("pqabcde")))
def test_every_value_is_that_of_brute_force(goal: str, seed: int, mixed: list[str]) -> None:
    question, value, solve = GOALS[goal]
    times, people, sites = random_town(seed)
    table = siting_table(times[mixed], people, sites=sites.loc[mixed])
    try:
        plan = list(solve(table).site_ids)  # type: ignore[attr-defined]
    except GeoError:  # nobody, or too few, can be in time at all
        plan = ["a", "c"]
    old, free = ["p", "q"], [site for site in mixed if site in "abcde"]
    values = marginal_values(table, question, plan)
    assert list(values.index) == free
    base, whole = value(times, people, old), value(times, people, [*old, *plan])
    for site in free:
        rest = [other for other in plan if other != site]
        alone = value(times, people, [*old, site]) - base
        beside = (
            whole - value(times, people, [*old, *rest])
            if site in plan
            else value(times, people, [*old, *plan, site]) - whole
        )
        if site in plan:
            trials = [[*rest, other] for other in free if other not in plan]
        else:
            trials = [[*[k for k in plan if k != i], site] for i in plan]
        exchanged = max((value(times, people, [*old, *trial]) - whole for trial in trials), default=np.nan)
        expected = [alone, beside, exchanged]
        assert values.loc[site, ["alone", "beside", "exchanged"]].to_numpy(float) == pytest.approx(
            expected, abs=1e-9, nan_ok=True
        )
        partner = values.at[site, "exchanged_for"]
        if partner is not None:
            others = [*rest, partner] if site in plan else [*[k for k in plan if k != partner], site]
            assert value(times, people, [*old, *others]) - whole == pytest.approx(exchanged, abs=1e-9)


@pytest.mark.parametrize("goal", GOALS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_laws(goal: str, seed: int) -> None:
    question, _, solve = GOALS[goal]
    times, people, sites = random_town(seed)
    table = siting_table(times, people, sites=sites)
    try:
        plan = solve(table)
    except GeoError:  # too few can be reached, or nobody
        reject()
    values = marginal_values(table, question, plan.site_ids)  # type: ignore[attr-defined]
    assert (values[["alone", "beside"]] >= -1e-9).all(axis=None)  # a site more never harms
    if goal in ("best", "fewest", "mean"):
        assert (values["beside"] <= values["alone"] + 1e-9).all()  # nor brings more beside others than alone
    if goal != "fewest":  # of the fewest sites people in time are the means, not the end
        assert not (values["exchanged"] > 1e-9).any()  # a proven plan is bettered by no exchange


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_shared_places_are_worth_what_the_search_says(seed: int) -> None:
    times, people, sites = random_town(seed)
    table = siting_table(times, people, sites=sites)
    question = CapacitatedCovering(n=1, limit_s=LIMIT_S, capacity=60.0, is_split=True)
    values = marginal_values(table, question, [])

    def served(status: list[str], n: int) -> float:
        other = siting_table(times, people, sites=sites.assign(status=status))
        return capacitated_covering(other, n=n, limit_s=LIMIT_S, capacity=60.0, is_split=True).value

    if (times[["p", "q"]] <= LIMIT_S).any(axis=1)[people > 0].any():
        base = served(["existing", "existing", *["forced_out"] * 5], 0)
        for k, site in enumerate("abcde"):
            status = ["existing", "existing", *["forced_out"] * 5]
            status[2 + k] = "forced_in"
            assert values.at[site, "alone"] == pytest.approx(served(status, 1) - base, abs=1e-4)
    assert (values["alone"] >= 0.0).all()
