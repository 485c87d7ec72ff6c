"""Sites that can serve only so many people: covering and mean time, demand points whole or split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.messages import Message, name_some
from geo.optimize import Clock
from geo.settings import check_number
from geo.siting._capacitated_model import (
    Allocation,
    AllocationModel,
    allocation_model,
    assigned_people,
    first_allocation,
    solve_allocation,
)
from geo.siting._checks import check_n, check_reach, check_reach_any
from geo.siting._table import FIXED, FORCED_IN, FREE, SitingTable, check_table, in_time
from geo.siting._whole_median import whole_median
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.questions import PEOPLE_PER_STATION, CapacitatedCovering
from geo.siting.search import DEFAULT, Search, start_clock

__all__ = ["capacitated_covering", "capacitated_median", "covering_model", "covering_plan"]


def capacitated_covering(
    table: SitingTable,
    *,
    n: int,
    limit_s: float,
    capacity: float = PEOPLE_PER_STATION,
    is_split: bool = False,
    search: Search = DEFAULT,
) -> SitingPlan:
    """Choose the ``n`` new sites, and who is served by which, for most people in time with no site overfull.

    ``max sum_ij w_i x_ij``, ``sum_j x_ij <= 1``, ``sum_i p_i x_ij <= Q_j y_j``, ``x_ij <= y_j``, ``sum_j y_j
    = n`` over the pairs in time; ``x`` is 0 or 1, or any share when ``is_split`` (J. Current, J. Storbeck,
    "Capacitated covering models", Environment and Planning B 15, 1988).

    Parameters
    ----------
    capacity : float, default 120000
        People that a site can serve, where the sites of the table came without a column ``capacity``.
    is_split : bool, default False
        Whether the people of one demand point may be served by several sites.
    table, n, limit_s, search
        As for ``maximal_covering``; existing sites are limited too.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people (by weight) served in time; ``shares`` says who is served where.

    Raises
    ------
    InputError
        An option is wrong, or a point that may not be split has more people than any site holds.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import capacitated_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 90, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> capacitated_covering(table, n=1, limit_s=240, capacity=60).site_ids
    ('b',)
    """
    clock = start_clock(search)
    question = CapacitatedCovering(n=n, limit_s=limit_s, capacity=capacity, is_split=is_split)
    table, n, model = covering_model(table, question)
    first = first_allocation(table, n, model, clock=clock)
    allocation = solve_allocation(model, first, clock=clock.scaled(-1.0), gap=search.gap)
    return covering_plan(table, allocation, clock)


def covering_model(
    table: SitingTable, question: CapacitatedCovering
) -> tuple[SitingTable, int, AllocationModel]:
    """Check a question; give the table in time with every capacity, ``n`` and the model."""
    table = in_time(_with_capacity(table, question.capacity), question.limit_s)
    n = check_n(table, question.n)
    check_reach_any(table)
    if not question.is_split:
        _check_sizes(table)
    gain = table.weight[table.point]
    return table, n, allocation_model(table, n, is_split=question.is_split, gain=gain, must=False)


def covering_plan(table: SitingTable, allocation: Allocation, clock: Clock) -> SitingPlan:
    """Put the plan of ``capacitated_covering`` together."""
    bound = min(-allocation.bound, float(table.weight.sum()))
    return make_plan(
        table,
        allocation.new_sites,
        Proof(-allocation.value, bound, allocation.steps),
        problem="capacitated_covering",
        clock=clock,
        assigned=assigned_people(table, allocation, n_people=allocation.people_served(table)),
    )


def capacitated_median(
    table: SitingTable,
    *,
    n: int | None,
    capacity: float = PEOPLE_PER_STATION,
    is_split: bool = False,
    cost_s: float = 0.0,
    search: Search = DEFAULT,
) -> SitingPlan:
    """Choose new sites, and who is served by which, for the shortest mean time with no site overfull.

    ``min (sum_ij w_i t_ij x_ij + cost_s sum_j c_j y_j) / sum_i w_i``, ``sum_j x_ij = 1``,
    ``sum_i p_i x_ij <= Q_j y_j``, ``x_ij <= y_j``, ``sum_j y_j = n``. Whole points and a given ``n`` are
    searched by moves and exchanges, and bounded by Lagrangian relaxation and branching (A. Ceselli, G.
    Righini, "A branch-and-price algorithm for the capacitated p-median problem", Networks 45, 2005); all
    other questions go to HiGHS.

    Parameters
    ----------
    n : int or None
        New sites; None leaves the number to ``cost_s``.
    capacity, is_split
        As for ``capacitated_covering``.
    cost_s : float, default 0
        Person-seconds that one unit of a site's ``cost`` is worth.
    table, search
        As for ``p_median``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are mean seconds by weight, with the share of the costs.

    Raises
    ------
    InputError
        An option is wrong, or a point that may not be split has more people than any site holds.
    InfeasibleError
        Somebody is reached by no site, or the sites cannot hold everybody.
    """
    clock = start_clock(search)
    check_number("cost_s", cost_s, low=0.0)
    table = _with_capacity(table, capacity)
    count = None if n is None else check_n(table, n)
    check_reach(table, what=Message("siting.in_the_times"))
    if not is_split:
        _check_sizes(table)
    _check_room(table, count)
    gain = -table.weight[table.point] * table.ms / 1000.0
    model = allocation_model(table, count, is_split=is_split, gain=gain, must=True, cost_s=cost_s)
    total = table.weight.sum()
    allocation = None
    if count is not None and not is_split:
        allocation = whole_median(table, count, model, clock=clock.scaled(1.0 / total), gap=search.gap)
    if allocation is None:
        first = first_allocation(table, count, model, clock=clock)
        allocation = solve_allocation(model, first, clock=clock.scaled(1.0 / total), gap=search.gap)
    return make_plan(
        table,
        allocation.new_sites,
        Proof(allocation.value / total, allocation.bound / total, allocation.steps),
        problem="capacitated_median",
        clock=clock,
        assigned=assigned_people(table, allocation, n_people=float(table.people.sum())),
    )


def _with_capacity(table: SitingTable, capacity: float) -> SitingTable:
    """Give sites that came without a capacity this one."""
    check_number("capacity", capacity, low=0.0)
    own = check_table(table).capacity
    return replace(table, capacity=np.where(np.isnan(own), float(capacity), own))


def _check_sizes(table: SitingTable) -> None:
    used = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    largest = np.full(len(table.demand_id), -np.inf)
    np.maximum.at(largest, table.point[used], table.capacity[table.site[used]])
    seen = largest > -np.inf
    over = seen & (table.people > largest)
    if over.any():
        raise InputError(
            Message("siting.points_too_large", {"n": over.sum(), "names": name_some(table.demand_id[over])})
        )


def _check_room(table: SitingTable, n: int | None) -> None:
    fixed = table.capacity[table.with_status(FIXED)].sum()
    forced = table.capacity[table.with_status(FORCED_IN)]
    free = np.sort(table.capacity[table.with_status(FREE)])[::-1]
    built = np.concatenate([forced, free[: None if n is None else n - len(forced)]])
    room = fixed + built.sum()
    if room < table.people.sum() * (1.0 - 1e-12):
        raise InfeasibleError(
            Message(
                "siting.room_short",
                {"n": len(built), "room": room, "people": table.people.sum()},
            )
        )
