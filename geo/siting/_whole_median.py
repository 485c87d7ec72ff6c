"""The capacitated p-median with whole points: from the model to arrays of points by sites, and back."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo.optimize import Clock
from geo.siting._capacitated_model import Allocation, AllocationModel, begin_sites, read_allocation
from geo.siting._exact.capacitated_bound import Capacitated
from geo.siting._exact.capacitated_tree import cheapest_plan
from geo.siting._table import SitingTable
from geo.siting.search_steps import SearchStep

__all__ = ["whole_median"]

MOST_PAIRS: Final = 5_000_000
"""Points times sites above which the arrays are too large, and one look at every pair too slow."""


def whole_median(
    table: SitingTable, n: int, problem: AllocationModel, *, clock: Clock, gap: float
) -> Allocation | None:
    """Choose sites, and for each point one of them, at least cost with no site overfull.

    Parameters
    ----------
    table : SitingTable
        Times and people, every site with its capacity.
    n : int
        New sites, forced ones among them.
    problem : AllocationModel
        The model of the question: everybody is served, by one site.
    clock : Clock
        Stops with the best answer so far.
    gap : float
        Relative gap that is good enough.

    Returns
    -------
    Allocation or None
        None where the question is too large or no answer was found: then HiGHS is to be asked.
    """
    size, n_points = len(problem.sites), int(problem.point.max()) + 1 if len(problem.point) else 0
    if not n_points or n_points * size > MOST_PAIRS:
        return None
    site = np.searchsorted(problem.sites, table.site[problem.entry])
    entry = np.full((n_points, size), -1, dtype=np.int64)
    entry[problem.point, site] = np.arange(len(site))
    task = _task(table, n, problem, entry)
    plan = cheapest_plan(task, begin_sites(table, n, problem), clock=clock, grain=problem.grain, gap=gap)
    if plan is None:
        return None
    x = np.zeros(size + len(site))
    x[:size] = plan.is_open
    x[size + entry[np.arange(n_points), plan.at]] = 1.0
    steps = (SearchStep.SWAPS, SearchStep.LAGRANGE, *([SearchStep.BRANCHING] if plan.is_split else []))
    return read_allocation(problem, x, plan.value, plan.bound, steps=steps)


def _task(table: SitingTable, n: int, problem: AllocationModel, entry: np.ndarray) -> Capacitated:
    """Write the question as arrays of points by sites."""
    size = len(problem.sites)
    site_cost, cost = problem.model.cost[:size], problem.model.cost[size:]
    dense = np.where(entry >= 0, cost[entry], np.inf)
    # More than the dearest way to serve everybody from every site.
    far = 1.0 + float(np.where(entry >= 0, dense, 0.0).max(axis=1).sum() + site_cost.sum())
    dense[entry < 0] = 2.0 * far
    people = np.zeros(len(entry))
    people[problem.point] = table.people[table.point[problem.entry]]
    is_open = problem.model.low[:size] > 0.5
    return Capacitated(
        cost=dense,
        site_cost=site_cost,
        room=table.capacity[problem.sites],
        size=people,
        is_open=is_open,
        n=n - int((is_open & problem.is_new).sum()),
        far=far,
    )
