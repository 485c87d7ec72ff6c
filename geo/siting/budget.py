"""Most people in time for a sum of money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from geo.errors import InputError
from geo.messages import Message, name_some
from geo.optimize import Clock, solve
from geo.settings import check_number
from geo.siting._checks import check_reach_any
from geo.siting._exact.best_n import chain_model, chain_start
from geo.siting._exact.objective import Benefits, covering_benefits
from geo.siting._table import FORCED_IN, Floats, Ints, SitingTable, in_time
from geo.siting.covering import order_sites
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.search import DEFAULT, Search, start_clock
from geo.siting.search_steps import SearchStep

__all__ = ["budget_covering"]

EDGE = 1e-9
"""Part of the budget by which rounding may overrun it."""
STEPS = (SearchStep.GREEDY_BY_COST, SearchStep.HIGHS)


def budget_covering(
    table: SitingTable, *, max_cost: float, limit_s: float, search: Search = DEFAULT
) -> SitingPlan:
    """Choose the new sites that bring most people in time and cost no more than a budget.

    ``max sum_i w_i z_i``, ``z_i <= sum of y_j over the sites j within the limit of i``,
    ``sum_j c_j y_j <= max_cost`` (S. Khuller, A. Moss, J. Naor, "The budgeted maximum coverage problem",
    Information Processing Letters 70, 1999).

    Parameters
    ----------
    max_cost : float
        The budget, in the unit of the sites' ``cost``; sites that are ``forced_in`` are paid from it.
    table, limit_s, search
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` as of ``maximal_covering``; ``steps`` is the order in which sites add most.

    Raises
    ------
    InputError
        An option is wrong, or the sites that are forced in cost more than the budget.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import budget_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> people = pd.Series({"x": 50, "y": 30, "z": 30})
    >>> sites = pd.DataFrame({"cost": {"a": 1.0, "b": 3.0}})
    >>> table = siting_table(times, people, sites=sites)
    >>> budget_covering(table, max_cost=2.0, limit_s=240).site_ids
    ('a',)
    """
    clock = start_clock(search)
    check_number("max_cost", max_cost, low=0.0)
    table = in_time(table, limit_s)
    check_reach_any(table)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    left = max_cost - float(table.cost[forced].sum())
    if left < -EDGE * max_cost:
        raise InputError(
            Message(
                "siting.forced_too_dear",
                {"over": max_cost - left, "budget": max_cost, "names": name_some(table.site_id[forced])},
            )
        )
    benefits = covering_benefits(table, is_by_cost=True)
    plan, proof = _best(benefits, table.cost[benefits.site], left, clock=clock, gap=search.gap)
    chosen = np.sort(np.concatenate([forced, benefits.site[plan]]))
    order, steps = order_sites(table, chosen, n_per_year=(1,) * len(chosen))
    return make_plan(table, order, proof, problem="budget_covering", clock=clock, steps=steps)


def _best(b: Benefits, cost: Floats, left: float, *, clock: Clock, gap: float) -> tuple[Ints, Proof]:
    """Solve with HiGHS from a greedy plan; give positions in ``b.site``, and how good they are."""
    room = left * (1.0 + EDGE)
    plan = _greedy(b, cost, room)
    if not len(cost):
        return plan, Proof(b.base, b.base, (SearchStep.NO_SITES,))
    model, n_sites = chain_model(b, 0), len(cost)
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
        start=chain_start(b, plan),
        grain=b.grain,
        gap=gap,
        tell=clock.scaled(-1.0, shift=b.base).tell,
    )
    value = b.value(plan)
    if solved.x is not None:
        other = np.flatnonzero(solved.x[:n_sites] > 0.5)
        if cost[other].sum() <= room and b.value(other) > value:
            plan, value = other, b.value(other)
    bound = max(b.base - solved.bound, value)
    return plan, Proof(value, value if bound - value < b.grain * (1.0 - 1e-6) else bound, STEPS)


def _greedy(b: Benefits, cost: Floats, room: float) -> Ints:
    """Add the site with most new people per cost that the budget still pays."""
    start, point, benefit = b.by_site
    best = np.zeros(b.n_points)
    owner = b.owner
    plan: list[int] = []
    while True:
        gain = np.bincount(owner, weights=np.maximum(benefit - best[point], 0.0), minlength=len(cost))
        rate = np.where(cost <= room, gain / np.maximum(cost, EDGE), 0.0)
        if not len(rate) or rate.max() <= 0.0:
            return np.array(sorted(plan), dtype=np.int64)
        j = int(np.argmax(rate))
        plan.append(j)
        room -= cost[j]
        part = slice(start[j], start[j + 1])
        best[point[part]] = benefit[part]
