"""Instances with known optima: OR-Library (Beasley 1990), Lorena, Osman and Christofides 1994.

A part of them, to keep the suite short; ``bench/bench_siting.py`` runs all.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from geo.siting import capacitated_median, maximal_covering, p_median, siting_table
from tests.shared import real


def best_known(instance: str) -> float:
    table = pd.read_csv(real("benchmarks/best_known.csv")).set_index("instance")
    return float(table["value"][instance])


def read_pmed(path: Path) -> tuple[pd.DataFrame, int]:
    """Shortest paths between all nodes; of repeated edges the last cost counts."""
    nodes, _, n = (int(x) for x in path.read_text().split()[:3])
    edges = np.loadtxt(path, skiprows=1, dtype=np.int64)
    length = {}
    for u, v, cost in edges:
        length[min(u, v) - 1, max(u, v) - 1] = cost
    u, v = np.array(list(length)).T
    graph = csr_matrix((list(length.values()), (u, v)), shape=(nodes, nodes))
    return pd.DataFrame(shortest_path(graph, directed=False)), n


def read_mclp(folder: Path, name: str) -> tuple[pd.DataFrame, pd.Series]:
    x, y = np.loadtxt(folder / f"{name}.dat", skiprows=1).T
    metres = np.hypot(x[:, None] - x, y[:, None] - y)
    return pd.DataFrame(metres), pd.Series(np.loadtxt(folder / f"demand-{name}.dat"))


def read_cflp(path: Path) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Cost per unit of demand, from the cost of serving all of it; demand; capacity and cost of sites."""
    numbers = np.array(path.read_text().split(), dtype=float)
    m, n = int(numbers[0]), int(numbers[1])
    sites = pd.DataFrame(numbers[2 : 2 + 2 * m].reshape(m, 2), columns=["capacity", "cost"])
    customers = numbers[2 + 2 * m :].reshape(n, m + 1)
    return pd.DataFrame(customers[:, 1:] / customers[:, :1]), pd.Series(customers[:, 0]), sites


def read_cpmp(path: Path) -> tuple[pd.DataFrame, pd.Series, int, float]:
    """Distances cut to whole numbers, demand, number of sites, capacity."""
    numbers = np.array(path.read_text().split(), dtype=float)
    size, n, capacity = int(numbers[2]), int(numbers[3]), numbers[4]
    x, y, demand = numbers[5:].reshape(size, 4)[:, 1:].T
    metres = np.floor(np.hypot(x[:, None] - x, y[:, None] - y))
    return pd.DataFrame(metres), pd.Series(demand), n, float(capacity)


@pytest.mark.real
@pytest.mark.parametrize(
    "name", [f"pmed{k}" for k in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 29, 33)]
)
def test_p_median_is_proven(name):
    times, n = read_pmed(real(f"benchmarks/pmed/{name}.txt"))
    plan = p_median(siting_table(times, pd.Series(1.0, index=times.index)), n=n)
    assert plan.is_proven
    assert plan.value * len(times) == pytest.approx(best_known(name), rel=1e-12)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "limit", "n"),
    [("SJC324", 800, n) for n in (1, 2, 3, 4, 5)]
    + [("SJC324", 1200, n) for n in (1, 2, 3)]
    + [("SJC324", 1600, n) for n in (1, 2)]
    + [("SJC500", 800, n) for n in range(1, 9)]
    + [("SJC500", 1200, n) for n in (1, 2, 3, 4)]
    + [("SJC500", 1600, n) for n in (1, 2, 3)],
)
def test_maximal_covering_is_proven(name, limit, n):
    metres, people = read_mclp(real("benchmarks/mclp"), name)
    plan = maximal_covering(siting_table(metres, people, limit_s=limit), n=n, limit_s=limit)
    assert plan.value == best_known(f"{name} S={limit} p={n}")
    assert plan.is_proven


@pytest.mark.real
@pytest.mark.parametrize("name", ["cap41", "cap61", "cap71", "cap91", "cap101", "cap131"])
def test_capacities_with_costs_and_split_demand_are_proven(name):
    cost, demand, sites = read_cflp(real(f"benchmarks/cflp/{name}.txt"))
    # A thousand times the cost, so that whole thousandths of a unit keep nine digits.
    table = siting_table(cost * 1e3, demand, sites=sites)
    plan = capacitated_median(table, n=None, cost_s=1e3, is_split=True)
    assert plan.is_proven
    assert plan.value * demand.sum() / 1e3 == pytest.approx(best_known(name), rel=1e-8)


@pytest.mark.real
@pytest.mark.parametrize("k", range(1, 11))
def test_capacities_with_whole_demand_are_proven(k):
    name = f"pmedcap1_{k}"
    metres, demand, n, capacity = read_cpmp(real(f"benchmarks/cpmp/{name}.txt"))
    # The instance counts each customer's distance once, whatever its demand.
    table = siting_table(metres, demand, weights=1.0 / demand)
    plan = capacitated_median(table, n=n, capacity=capacity)
    assert plan.value * len(demand) == pytest.approx(best_known(name), rel=1e-9)
    assert plan.is_proven
    assert plan.shares is not None
    load = plan.shares.groupby("site_id")["people"].sum()
    assert load.max() <= capacity
    assert math.isclose(load.sum(), demand.sum())
