"""Sites that can serve only so many people: covering and mean time, demand points whole or split."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.errors import InfeasibleError, InputError
from geo.optimize import Clock, Progress, start_clock
from geo.settings import check_number, name_some
from geo.siting._capacitated_model import (
    Allotment,
    Task,
    allot_model,
    as_shares,
    first_allotment,
    solve_allotment,
)
from geo.siting._checks import check_n, check_reach, check_reach_any
from geo.siting._table import FIXED, FORCED_IN, FREE, SitingTable, read_siting_table
from geo.siting.plan import SitingPlan, make_plan
from geo.times import Times

__all__ = [
    "PEOPLE_PER_STATION",
    "capacitated_covering",
    "capacitated_median",
    "covering_plan",
    "covering_task",
]

PEOPLE_PER_STATION = 120_000.0
"""消防站服务人口 of the Jinshan and Songjiang plans: at most 12 (x 10,000) people per station."""


def capacitated_covering(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n: int,
    limit_s: float,
    capacity: float = PEOPLE_PER_STATION,
    is_split: bool = False,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose the ``n`` new sites, and who is served by which, for most people in time with no site overfull.

    ``max sum_ij w_i x_ij``, ``sum_j x_ij <= 1``, ``sum_i p_i x_ij <= Q_j y_j``, ``x_ij <= y_j``, ``sum_j y_j
    = n`` over the pairs in time; ``x`` is 0 or 1, or any share when ``is_split`` (J. Current, J. Storbeck,
    "Capacitated covering models", Environment and Planning B 15, 1988).

    Parameters
    ----------
    capacity : float, default 120000
        People that a site can serve, where ``sites`` has no column ``capacity``.
    is_split : bool, default False
        Whether the people of one demand point may be served by several sites.
    times, people, n, limit_s, weights, sites, time_limit_s, gap, progress
        As for ``maximal_covering``; existing sites are limited too.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people (by weight) served in time; ``shares`` says who is served where.

    Raises
    ------
    InputError
        Tables or options are wrong, or a point that may not be split has more people than any site holds.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 90, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> people = pd.Series({"x": 50, "y": 30, "z": 30})
    >>> capacitated_covering(times, people, n=1, limit_s=240, capacity=60).site_ids
    ('b',)
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    table, n, task = covering_task(
        times, people, weights, sites, n=n, limit_s=limit_s, capacity=capacity, is_split=is_split
    )
    first = first_allotment(table, n, task, clock=clock)
    found = solve_allotment(task, first, clock=clock.scaled(-1.0), gap=gap)
    return covering_plan(table, found, clock)


def covering_task(
    times: Times | pd.DataFrame,
    people: pd.Series,
    weights: pd.Series | None,
    sites: pd.DataFrame | None,
    *,
    n: int | None,
    limit_s: float,
    capacity: float,
    is_split: bool,
) -> tuple[SitingTable, int, Task]:
    """Read and check what ``capacitated_covering`` is asked of; give the table, ``n`` and the model."""
    table = _read(times, people, weights, sites, limit_s, capacity)
    count = check_n(table, n)
    check_reach_any(table)
    if not is_split:
        _check_sizes(table)
    gain = table.weight[table.point]
    return table, count, allot_model(table, count, is_split=is_split, gain=gain, must=False)


def covering_plan(table: SitingTable, found: Allotment, clock: Clock) -> SitingPlan:
    """Put the plan of ``capacitated_covering`` together."""
    bound, served = min(-found.bound, float(table.weight.sum())), found.people_served(table)
    return _plan(table, "capacitated_covering", found, -found.value, bound, clock, served)


def capacitated_median(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n: int | None,
    capacity: float = PEOPLE_PER_STATION,
    is_split: bool = False,
    cost_s: float = 0.0,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose new sites, and who is served by which, for the shortest mean time with no site overfull.

    ``min (sum_ij w_i t_ij x_ij + cost_s sum_j c_j y_j) / sum_i w_i``, ``sum_j x_ij = 1``,
    ``sum_i p_i x_ij <= Q_j y_j``, ``x_ij <= y_j``, ``sum_j y_j = n``.

    Parameters
    ----------
    n : int or None
        New sites; None leaves the number to ``cost_s``.
    capacity, is_split
        As for ``capacitated_covering``.
    cost_s : float, default 0
        Person-seconds that one unit of a site's ``cost`` is worth.
    times, people, weights, sites, time_limit_s, gap, progress
        As for ``p_median``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are mean seconds by weight, with the share of the costs.

    Raises
    ------
    InputError
        Tables or options are wrong, or a point that may not be split has more people than any site holds.
    InfeasibleError
        Somebody is reached by no site, or the sites cannot hold everybody.
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    check_number("cost_s", cost_s, low=0.0)
    table = _read(times, people, weights, sites, np.inf, capacity)
    count = None if n is None else check_n(table, n)
    check_reach(table, what="in the table of times")
    if not is_split:
        _check_sizes(table)
    _check_room(table, count)
    task = allot_model(
        table,
        count,
        is_split=is_split,
        gain=-table.weight[table.point] * table.ms / 1000.0,
        must=True,
        cost_s=cost_s,
    )
    total = table.weight.sum()
    first = first_allotment(table, count, task, clock=clock)
    found = solve_allotment(task, first, clock=clock.scaled(1.0 / total), gap=gap)
    everybody = float(table.people.sum())
    return _plan(
        table, "capacitated_median", found, found.value / total, found.bound / total, clock, everybody
    )


def _read(
    times: Times | pd.DataFrame,
    people: pd.Series,
    weights: pd.Series | None,
    sites: pd.DataFrame | None,
    limit_s: float,
    capacity: float,
) -> SitingTable:
    check_number("capacity", capacity, low=0.0)
    if isinstance(times, pd.DataFrame | Times) and (sites is None or "capacity" not in sites):
        ids = times.columns if isinstance(times, pd.DataFrame) else times.facility_id
        sites = (pd.DataFrame(index=ids.unique()) if sites is None else sites).assign(
            capacity=float(capacity)
        )
    return read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)


def _check_sizes(table: SitingTable) -> None:
    used = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    largest = np.full(len(table.demand_id), -np.inf)
    np.maximum.at(largest, table.point[used], table.capacity[table.site[used]])
    seen = largest > -np.inf
    over = seen & (table.people > largest)
    if over.any():
        raise InputError(
            f"{over.sum()} demand points have more people than any site that reaches them can serve: "
            f"{name_some(table.demand_id[over])}; raise the capacity, cut the points or let them be split"
        )


def _check_room(table: SitingTable, n: int | None) -> None:
    fixed = table.capacity[table.with_status(FIXED)].sum()
    forced = table.capacity[table.with_status(FORCED_IN)]
    free = np.sort(table.capacity[table.with_status(FREE)])[::-1]
    room = fixed + forced.sum() + free[: None if n is None else n - len(forced)].sum()
    if room < table.people.sum() * (1.0 - 1e-12):
        raise InfeasibleError(
            f"the existing sites and {'all' if n is None else n} new ones serve {room:,.0f} people at most, "
            f"there are {table.people.sum():,.0f}"
        )


def _plan(
    table: SitingTable,
    problem: str,
    found: Allotment,
    value: float,
    bound: float,
    clock: Clock,
    served: float,
) -> SitingPlan:
    who, ms, shares = as_shares(table, found)
    return make_plan(
        table,
        found.new_sites,
        problem=problem,
        value=value,
        bound=bound,
        method=found.method,
        clock=clock,
        served=(who, ms),
        shares=shares,
        n_people_covered=served,
    )
