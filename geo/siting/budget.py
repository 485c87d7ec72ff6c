"""Most people in time for a sum of money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from geo.errors import InputError
from geo.optimize import Clock, Progress, solve, start_clock
from geo.settings import check_number, name_some
from geo.siting._checks import check_reach_any
from geo.siting._exact.best_n import chain_model, chain_start
from geo.siting._exact.objective import Savings, covering_savings
from geo.siting._table import FORCED_IN, Floats, Ints, read_siting_table
from geo.siting.covering import order_sites
from geo.siting.plan import SitingPlan, make_plan
from geo.times import Times

__all__ = ["budget_covering"]

EDGE = 1e-9


def budget_covering(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    max_cost: float,
    limit_s: float,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose the new sites that bring most people in time and cost no more than a budget.

    ``max sum_i w_i z_i``, ``z_i <= sum of y_j over the sites j within the limit of i``,
    ``sum_j c_j y_j <= max_cost`` (S. Khuller, A. Moss, J. Naor, "The budgeted maximum coverage problem",
    Information Processing Letters 70, 1999).

    Parameters
    ----------
    max_cost : float
        The budget, in the unit of ``cost``; sites that are ``forced_in`` are paid from it.
    sites : pandas.DataFrame, optional
        By site id: ``status`` as for ``maximal_covering``; ``cost`` >= 0, 1 when not given.
    times, people, limit_s, weights, time_limit_s, gap, progress
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` as of ``maximal_covering``; ``steps`` is the order in which sites add most.

    Raises
    ------
    InputError
        Tables or options are wrong, or the sites that are forced in cost more than the budget.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> people = pd.Series({"x": 50, "y": 30, "z": 30})
    >>> sites = pd.DataFrame({"cost": {"a": 1.0, "b": 3.0}})
    >>> budget_covering(times, people, max_cost=2.0, limit_s=240, sites=sites).site_ids
    ('a',)
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    check_number("max_cost", max_cost, low=0.0)
    table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)
    check_reach_any(table)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    left = max_cost - float(table.cost[forced].sum())
    if left < -EDGE * max_cost:
        raise InputError(
            f"the sites that are forced in cost {max_cost - left:g}, more than the budget of {max_cost:g}: "
            f"{name_some(table.site_id[forced])}"
        )
    savings = covering_savings(table, is_by_cost=True)
    plan, value, bound = _best(savings, table.cost[savings.site], left, clock, gap)
    chosen = np.sort(np.concatenate([forced, savings.site[plan]]))
    order, steps = order_sites(table, chosen, n_per_year=(1,) * len(chosen))
    return make_plan(
        table,
        order,
        problem="budget_covering",
        value=value,
        bound=bound,
        method="greedy by cost, HiGHS",
        clock=clock,
        steps=steps,
    )


def _best(s: Savings, cost: Floats, left: float, clock: Clock, gap: float) -> tuple[Ints, float, float]:
    """Solve with HiGHS from a greedy plan; give positions in ``s.site``, the value and the bound."""
    room = left * (1.0 + EDGE)
    plan = _greedy(s, cost, room)
    if not len(cost):
        return plan, s.base, s.base
    model, n_sites = chain_model(s, 0), len(cost)
    # The same links between points and sites; the number of sites gives way to their cost.
    paid = sparse.csr_matrix(np.concatenate([cost, np.zeros(len(model.cost) - n_sites)]))
    solved = solve(
        replace(
            model,
            rows=sparse.vstack([sparse.csr_matrix(model.rows)[:-1], paid]),
            row_low=np.append(model.row_low[:-1], -np.inf),
            row_high=np.append(model.row_high[:-1], room),
        ),
        time_limit_s=clock.left_s,
        start=chain_start(s, plan),
        grain=s.grain,
        gap=gap,
        tell=clock.scaled(-1.0, shift=s.base).tell,
    )
    value = s.value(plan)
    if solved.x is not None:
        found = np.flatnonzero(solved.x[:n_sites] > 0.5)
        if cost[found].sum() <= room and s.value(found) > value:
            plan, value = found, s.value(found)
    bound = max(s.base - solved.bound, value)
    return plan, value, value if bound - value < s.grain * (1.0 - 1e-6) else bound


def _greedy(s: Savings, cost: Floats, room: float) -> Ints:
    """Add the site with most new people per cost that the budget still pays."""
    best = np.zeros(s.n_points)
    owner = np.repeat(np.arange(len(s.site)), np.diff(s.start))
    plan: list[int] = []
    while True:
        gain = np.bincount(owner, weights=np.maximum(s.saving - best[s.point], 0.0), minlength=len(s.site))
        rate = np.where(cost <= room, gain / np.maximum(cost, EDGE), 0.0)
        if not len(rate) or rate.max() <= 0.0:
            return np.array(sorted(plan), dtype=np.int64)
        j = int(np.argmax(rate))
        plan.append(j)
        room -= cost[j]
        part = slice(s.start[j], s.start[j + 1])
        best[s.point[part]] = s.saving[part]
