"""Every siting question against brute force over all plans of small random towns."""

import itertools

import numpy as np
import pandas as pd
import pytest

from geo.errors import InfeasibleError
from geo.siting import (
    MaximalCovering,
    PMedian,
    SitingTable,
    alternatives,
    backup_covering,
    build_programme,
    capacitated_covering,
    capacitated_median,
    greedy_swaps,
    maximal_covering,
    p_centre,
    p_median,
    set_covering,
    siting_table,
    trade_off,
)

LIMIT_S = 150.0
SEEDS = range(40)
EACH_SEED = [*SEEDS[:5], *(pytest.param(seed, marks=pytest.mark.thorough) for seed in SEEDS[5:])]
"""All of them; `make fast` tries five."""


class Town:
    """A random town small enough to try all plans; half of the towns have pairs without a route."""

    def __init__(self, seed: int, *, has_costs: bool = True) -> None:
        g = np.random.default_rng(seed)
        n_demand, n_sites = int(g.integers(3, 12)), int(g.integers(3, 7))
        self.t = np.rint(g.random((n_demand, n_sites)) * 10) * 30.0
        if seed % 2:
            self.t[g.random(self.t.shape) < 0.3] = np.inf
        self.times = pd.DataFrame(
            self.t, index=[f"d{i}" for i in range(n_demand)], columns=[f"s{j}" for j in range(n_sites)]
        )
        self.w = g.integers(0, 9, n_demand).astype(float) + (g.random(n_demand) if seed % 3 == 0 else 0.0)
        self.w[0] += 5.0
        self.people = pd.Series(self.w, index=self.times.index)
        status = g.choice(
            ["candidate", "existing", "forced_in", "forced_out"], n_sites, p=[0.7, 0.1, 0.1, 0.1]
        )
        status[0] = "candidate"
        self.cost = g.integers(1, 4, n_sites).astype(float) if has_costs and seed % 4 else np.ones(n_sites)
        self.sites = pd.DataFrame({"status": status, "cost": self.cost}, index=self.times.columns)
        self.fixed, self.forced, self.free = (
            [j for j in range(n_sites) if status[j] == s] for s in ("existing", "forced_in", "candidate")
        )
        self.n = int(g.integers(max(1, len(self.forced)), len(self.forced) + len(self.free) + 1))

    def table(self) -> SitingTable:
        """The table that questions are asked of."""
        return siting_table(self.times, self.people, sites=self.sites)

    def plans(self, n: int | None = None) -> list[list[int]]:
        """All plans of n new sites (or of any number), existing sites included."""
        numbers = range(len(self.free) + 1) if n is None else [n - len(self.forced)]
        return [
            self.fixed + self.forced + list(c)
            for k in numbers
            if k >= 0
            for c in itertools.combinations(self.free, k)
        ]

    def in_time(self, plan: list[int], *, times: int = 1) -> float:
        return float(self.w[(self.t[:, plan] <= LIMIT_S).sum(axis=1) >= times].sum())

    def nearest(self, plan: list[int]) -> np.ndarray:
        return self.t[:, plan].min(axis=1, initial=np.inf)

    def mean_s(self, plan: list[int], *, unreached_s: float = np.inf) -> float:
        lived = self.w > 0
        times = np.minimum(self.nearest(plan)[lived], unreached_s)
        return float(self.w[lived] @ times / self.w.sum())

    def places(self, plan) -> list[int]:
        return [self.times.columns.get_loc(i) for i in (*plan.fixed_ids, *plan.site_ids)]


def same(a: float, b: float) -> bool:
    return a == pytest.approx(b, rel=1e-9, abs=1e-9)


def test_some_towns_can_be_reached_whole_and_some_cannot():
    """The tests below hold plans of the first against all plans, and expect no plan of the second."""
    towns = [Town(seed) for seed in SEEDS]
    n_served = sum(min(town.mean_s(p) for p in town.plans(town.n)) < np.inf for town in towns)
    n_in_time = sum(any(town.in_time(p) == town.w.sum() for p in town.plans()) for town in towns)
    assert (len(towns), n_served, n_in_time) == (40, 34, 26)


@pytest.mark.parametrize("seed", EACH_SEED)
def test_best_n_for_people_in_time_is_the_best_of_all_plans(seed):
    town = Town(seed)
    best = max(town.in_time(p) for p in town.plans(town.n))
    plan = maximal_covering(town.table(), n=town.n, limit_s=LIMIT_S)
    assert same(plan.value, best)
    assert plan.is_proven
    assert len(plan.site_ids) == town.n
    assert same(town.in_time(town.places(plan)), plan.value)
    assert same(plan.n_people_covered, plan.value)
    assert plan.steps is not None
    assert same(plan.steps["gain"].sum() + town.in_time(town.fixed), plan.value)


@pytest.mark.parametrize("seed", EACH_SEED)
@pytest.mark.parametrize("share", [1.0, 0.9, 0.6, 0.0])
def test_set_covering_is_the_cheapest_of_all_plans(seed, share):
    town = Town(seed)
    enough = [p for p in town.plans() if town.in_time(p) >= share * town.w.sum() - 1e-9]
    if not enough:
        with pytest.raises(InfeasibleError, match="reached by no site"):
            set_covering(town.table(), limit_s=LIMIT_S, share=share)
        return
    best = min(sum(town.cost[j] for j in p if j not in town.fixed) for p in enough)
    plan = set_covering(town.table(), limit_s=LIMIT_S, share=share)
    assert same(plan.value, best)
    assert plan.is_proven
    assert town.in_time(town.places(plan)) >= share * town.w.sum() - 1e-9


@pytest.mark.parametrize("seed", EACH_SEED)
def test_p_median_is_the_shortest_mean_of_all_plans(seed):
    town = Town(seed)
    best = min(town.mean_s(p) for p in town.plans(town.n))
    charged = min(town.mean_s(p, unreached_s=400.0) for p in town.plans(town.n))
    loose = p_median(town.table(), n=town.n, unreached_s=400.0)
    assert same(loose.value, charged)
    assert loose.is_proven
    if best == np.inf:
        with pytest.raises(InfeasibleError):
            p_median(town.table(), n=town.n)
        return
    quick = greedy_swaps(town.table(), PMedian(n=town.n))
    assert same(quick.value, town.mean_s(town.places(quick)))
    plan = p_median(town.table(), n=town.n)
    assert same(plan.value, best)
    assert same(plan.mean_s, best)
    assert plan.is_proven


@pytest.mark.parametrize("seed", EACH_SEED)
def test_p_centre_is_the_shortest_worst_time_of_all_plans(seed):
    town = Town(seed)
    best = min(town.nearest(p)[town.w > 0].max() for p in town.plans(town.n))
    if best == np.inf:
        with pytest.raises(InfeasibleError):
            p_centre(town.table(), n=town.n)
        return
    plan = p_centre(town.table(), n=town.n)
    assert same(plan.value, best)
    assert same(plan.worst_s, best)
    assert plan.is_proven


@pytest.mark.parametrize("seed", EACH_SEED)
@pytest.mark.parametrize("second", [0.0, 0.3, 0.8, 1.0])
def test_backup_covering_is_the_best_mix_of_all_plans(seed, second):
    town = Town(seed)

    def mix(p):
        return (1.0 - second) * town.in_time(p) + second * town.in_time(p, times=2)

    plan = backup_covering(town.table(), n=town.n, limit_s=LIMIT_S, second=second)
    assert same(plan.value, max(mix(p) for p in town.plans(town.n)))
    assert same(plan.value, mix(town.places(plan)))
    assert plan.is_proven


def served_whole(town: Town, plan: list[int], room: np.ndarray, *, gain) -> float:
    """Best sum of gain[i, j] over all ways to send each point to one open site (or to none)."""
    best = -np.inf
    reach = [
        [j for j in plan if gain(i, j) > -np.inf] + ([-1] if gain(i, -1) > -np.inf else [])
        for i in range(len(town.w))
    ]
    for choice in itertools.product(*reach):
        load = np.zeros(len(room))
        for i, j in enumerate(choice):
            if j >= 0:
                load[j] += town.w[i]
        if (load <= room + 1e-9).all():
            best = max(best, sum(gain(i, j) for i, j in enumerate(choice)))
    return best


@pytest.mark.parametrize("seed", EACH_SEED)
def test_capacities_with_whole_points_against_all_allotments(seed):
    g = np.random.default_rng(seed + 1000)
    town = Town(seed)
    town.t, town.w = town.t[:5], town.w[:5]
    times, people = town.times.iloc[:5], town.people.iloc[:5]
    n_open = town.n + len(town.fixed)
    room = np.rint(g.uniform(0.7, 1.6, len(town.cost)) * max(town.w.max() * 1.1, town.w.sum() / n_open)) + 1.0
    room = np.maximum(room, np.ceil(town.w.max()))
    table = siting_table(times, people, sites=town.sites.assign(capacity=room))
    if (town.t[:, town.fixed + town.forced + town.free] <= LIMIT_S).any():

        def in_time(i, j):
            return 0.0 if j < 0 else town.w[i] if town.t[i, j] <= LIMIT_S else -np.inf

        best = max(served_whole(town, p, room, gain=in_time) for p in town.plans(town.n))
        plan = capacitated_covering(table, n=town.n, limit_s=LIMIT_S)
        assert plan.value == pytest.approx(best)
        assert plan.is_proven
        assert plan.shares is not None
        load = plan.shares.groupby("site_id")["people"].sum()
        assert (load <= pd.Series(room, town.sites.index).reindex(load.index) + 1e-6).all()
        split = capacitated_covering(table, n=town.n, limit_s=LIMIT_S, is_split=True)
        assert split.value >= best - 1e-6

    def minus_time(i, j):
        if town.w[i] == 0.0:
            return 0.0 if j < 0 else -np.inf
        return -np.inf if j < 0 or town.t[i, j] == np.inf else -town.w[i] * town.t[i, j]

    best = max(served_whole(town, p, room, gain=minus_time) for p in town.plans(town.n))
    if best == -np.inf:
        with pytest.raises(InfeasibleError):
            capacitated_median(table, n=town.n)
        return
    plan = capacitated_median(table, n=town.n)
    assert plan.value == pytest.approx(-best / town.w.sum())
    assert plan.is_proven
    assert capacitated_median(table, n=town.n, is_split=True).value <= plan.value + 1e-6


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("problem", ["maximal_covering", "p_median"])
def test_alternatives_are_the_k_best_of_all_plans(seed, problem):
    town = Town(seed)
    if problem == "p_median":
        ranked = sorted(town.mean_s(p, unreached_s=400.0) for p in town.plans(town.n))
        question: PMedian | MaximalCovering = PMedian(n=town.n, unreached_s=400.0)
        good = [v for v in ranked if v <= ranked[0] * 1.3 + 1e-9]
    else:
        ranked = sorted((town.in_time(p) for p in town.plans(town.n)), reverse=True)
        question = MaximalCovering(n=town.n, limit_s=LIMIT_S)
        good = [v for v in ranked if v >= ranked[0] * 0.7 - 1e-9]
    found = alternatives(town.table(), question, k=4, max_loss=0.3)
    assert [p.value for p in found.plans] == pytest.approx(good[:4])
    assert len({frozenset(p.site_ids) for p in found.plans}) == len(found.plans)
    assert not found.is_complete or len(found.plans) == len(good)


@pytest.mark.parametrize("seed", range(20))
def test_trade_off_gives_the_best_of_every_number_and_exact_is_no_worse_than_the_heuristic(seed):
    town = Town(seed)
    most = len(town.forced) + len(town.free)
    curve = trade_off(town.table(), MaximalCovering(n=most, limit_s=LIMIT_S))
    for n, value in curve.table["value"].items():
        assert same(value, max(town.in_time(p) for p in town.plans(n)))
        quick = greedy_swaps(town.table(), MaximalCovering(n=n, limit_s=LIMIT_S))
        assert quick.value <= value + 1e-9
        assert quick.bound >= value - 1e-9
    assert curve.table["value"].is_monotonic_increasing
    assert curve.table["is_knee"].sum() == 1


FREE_TOWNS = [seed for seed in range(40) if not (town := Town(seed)).forced and len(town.free) >= 3][:20]


@pytest.mark.parametrize("seed", FREE_TOWNS)
def test_a_programme_ends_with_the_best_plan_or_takes_the_best_of_each_year(seed):
    town = Town(seed)
    table = town.table()
    far = build_programme(table, n_per_year=[1, 2], limit_s=LIMIT_S)
    near = build_programme(table, n_per_year=[1, 2], limit_s=LIMIT_S, is_far_sighted=False)
    assert same(far.value, max(town.in_time(p) for p in town.plans(3)))
    assert near.steps is not None
    assert same(near.steps["n_people_covered"][0], max(town.in_time(p) for p in town.plans(1)))
    for plan in (far, near):
        assert plan.steps is not None
        assert plan.steps["year"].to_list() == [1, 2, 2]
        assert tuple(plan.steps["site_id"]) == plan.site_ids
        assert same(plan.steps["n_people_covered"].iloc[-1], plan.value)
