"""Shortest mean time (p-median) and shortest worst time (p-centre)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.errors import InfeasibleError
from geo.messages import Message
from geo.optimize import Clock
from geo.siting._checks import check_charge, check_n, check_reach, check_served
from geo.siting._exact.best_n import best_n
from geo.siting._exact.branch_and_bound import Incumbent
from geo.siting._exact.objective import Benefits, median_benefits
from geo.siting._exact.partial_cover import cover_all
from geo.siting._exact.set_cover import cheapest_cover
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable, within
from geo.siting.covering import fill
from geo.siting.plan import Proof, SitingPlan, make_plan, nearest_open
from geo.siting.search import DEFAULT, Search, start_clock
from geo.siting.search_steps import SearchStep

__all__ = [
    "best_centre",
    "best_median",
    "centre_levels",
    "centre_table",
    "median_scale",
    "p_centre",
    "p_median",
    "reaching_sites",
    "worst_ms",
]


def p_median(
    table: SitingTable, *, n: int, unreached_s: float | None = None, search: Search = DEFAULT
) -> SitingPlan:
    """Choose the ``n`` new sites that make the mean time to the nearest site shortest.

    ``min sum_i w_i sum_j t_ij x_ij / sum_i w_i``, ``sum_j x_ij = 1``, ``x_ij <= y_j``, ``sum_j y_j = n``
    (S. L. Hakimi,
    "Optimum locations of switching centers", Operations Research 12, 1964).

    Parameters
    ----------
    unreached_s : float, optional
        Seconds charged for a person whom no chosen site reaches, no less than the longest time in the table.
        When not given everybody has to be reached.
    table, n, search
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are mean seconds by weight.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        Somebody is reached by no site, or ``n`` sites cannot reach everybody.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import p_median, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 25, "z": 25}))
    >>> plan = p_median(table, n=1)
    >>> plan.site_ids, plan.value
    (('a',), 230.0)
    """
    clock = start_clock(search)
    n = check_served(table, check_n(table, n))
    check_charge(table, unreached_s)
    scale = median_scale(table)
    chosen, best = best_median(
        table, n, unreached_s=unreached_s, clock=clock.scaled(1.0 / scale), gap=search.gap
    )
    return make_plan(table, chosen, best.proof(scale), problem="p_median", clock=clock)


def median_scale(table: SitingTable) -> float:
    """Give what turns minus the weighted sum of milliseconds into mean seconds."""
    return -1000.0 * float(table.weight.sum())


def best_median(
    table: SitingTable,
    n: int,
    *,
    unreached_s: float | None,
    clock: Clock,
    gap: float,
    start: Ints | None = None,
) -> tuple[Ints, Incumbent]:
    """Choose ``n`` new sites for the mean, forced ones among them; the value is minus the weighted sum of ms.

    ``start`` names sites (positions in the table, no more than ``n``) that the search begins with.
    """
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    benefits = median_benefits(table, unreached_s=unreached_s)
    begin = None if start is None else np.flatnonzero(np.isin(benefits.site, start))
    if benefits.must.any() and begin is None:
        begin = reaching_sites(benefits, n - len(forced), n, clock=clock.silent)
    best = best_n(benefits, n - len(forced), clock=clock, gap=gap, start=begin)
    return fill(table, np.concatenate([forced, benefits.site[best.plan]]), n), best


def reaching_sites(benefits: Benefits, few: int, n: int, *, clock: Clock) -> Ints:
    """Give ``few`` sites or less that reach every point that has to be."""
    begin, point, _ = benefits.by_site
    must = benefits.must[point]
    start = np.concatenate([[0], np.cumsum(must)])[begin]
    one = np.ones(len(benefits.site))
    cover = cheapest_cover(start, point[must], benefits.n_points, one, clock=clock, enough=float(few))
    if len(cover.plan) > few:
        raise InfeasibleError(_too_few(n, cover.bound + n - few))
    return cover.plan


def p_centre(table: SitingTable, *, n: int, search: Search = DEFAULT) -> SitingPlan:
    """Choose the ``n`` new sites that make the longest time to the nearest site shortest.

    ``min max_i min_j t_ij`` over the chosen sites j and the points i where somebody lives. The shortest limit
    within which ``n`` sites cover everybody is found by halving the list of times (E. Minieka, "The m-center
    problem", SIAM Review 12, 1970).

    Parameters
    ----------
    table, n, search
        As for ``maximal_covering``; how many people live at a point, and their weight, does not matter, nor
        does the gap of the search.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are seconds.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        Somebody is reached by no site, or ``n`` sites cannot reach everybody.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import p_centre, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> p_centre(siting_table(times, pd.Series({"x": 50, "y": 25, "z": 25})), n=2).value
    240.0
    """
    clock = start_clock(search)
    n = check_served(table, check_n(table, n))
    table = centre_table(table)
    plan, value, bound = best_centre(table, n, clock=clock)
    proof = Proof(value / 1000.0, bound / 1000.0, (SearchStep.HALVING,))
    return make_plan(table, plan, proof, problem="p_centre", clock=clock)


def centre_table(table: SitingTable) -> SitingTable:
    """Let people count without their weights, and check that some site reaches each of them."""
    table = replace(table, weight=table.people)
    check_reach(table, what=Message("siting.in_the_times"))
    return table


def best_centre(table: SitingTable, n: int, *, clock: Clock) -> tuple[Ints, float, float]:
    """Choose ``n`` new sites, forced ones among them; give positions, the longest time and its bound (ms).

    Raises
    ------
    InfeasibleError
        ``n`` sites cannot reach everybody.
    """
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    few = n - len(forced)
    levels = centre_levels(table)
    low, high, unknown = 0, len(levels) - 1, len(levels)
    plan, at = None, high
    while plan is None or low <= high:
        cover = cover_all(
            within(table, levels[at]), np.ones(len(table.cost)), clock=clock.silent, enough=float(few)
        )
        if len(cover.plan) <= few:
            plan = fill(table, np.concatenate([forced, cover.plan]), n)
            high = int(np.searchsorted(levels, worst_ms(table, plan))) - 1
        elif plan is None:
            raise InfeasibleError(_too_few(n, cover.bound + len(forced)))
        else:
            low = at + 1
            unknown = min(unknown, at if cover.bound < few + 0.5 else unknown)
        if plan is not None:
            clock.tell(worst_ms(table, plan) / 1000.0, levels[min(low, unknown, len(levels) - 1)] / 1000.0)
        at = (low + high) // 2
    value = worst_ms(table, plan)
    return plan, value, min(value, levels[unknown] if unknown < len(levels) else value)


def centre_levels(table: SitingTable) -> Floats:
    """List the times (ms) that may be the longest: none is shorter than what all sites together reach."""
    used = table.with_status(FREE, FIXED, FORCED_IN)[table.site] & (table.weight[table.point] > 0.0)
    soonest = np.full(len(table.demand_id), np.inf)
    np.minimum.at(soonest, table.point[used], table.ms[used])
    times = np.unique(table.ms[used])
    return np.asarray(times[times >= soonest[table.weight > 0.0].max()], dtype=np.float64)


def worst_ms(table: SitingTable, plan: Ints) -> float:
    """Give the longest time (ms) of somebody to the nearest site, new or there already."""
    _, ms = nearest_open(table, np.concatenate([np.flatnonzero(table.with_status(FIXED)), plan]))
    return float(ms[table.weight > 0.0].max())


def _too_few(n: int, least: float) -> Message:
    return Message("siting.too_few", {"n": n, "least": int(np.ceil(least - 1e-6))})
