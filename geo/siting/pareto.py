"""Every number of sites in one call, with the knee; and plans by the heuristic alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.optimize import Clock, Progress, start_clock
from geo.settings import check_whole
from geo.siting._checks import check_n, check_reach_any
from geo.siting._exact.best_n import quick_n
from geo.siting._exact.branch_and_bound import Found
from geo.siting._exact.objective import covering_savings, median_savings
from geo.siting._table import FIXED, FORCED_IN, Floats, Ints, SitingTable, read_siting_table
from geo.siting.covering import best_sites, fill
from geo.siting.median import best_median, check_charge, check_some, reaching_sites
from geo.siting.plan import SitingPlan, make_plan
from geo.times import Times

__all__ = ["Problem", "TradeOff", "greedy_swaps", "median_or_covering", "read_problem", "trade_off"]

Problem: TypeAlias = Literal["maximal_covering", "p_median"]


@dataclass(frozen=True, eq=False)
class TradeOff:
    """The curve of value against number of sites.

    Parameters
    ----------
    table : pandas.DataFrame
        Index ``n``; ``value``, ``bound``, ``gap``, ``is_proven``, ``share_covered``, ``mean_s``, ``is_knee``.
    plans : tuple of SitingPlan
        The plan of each row.
    knee : int
        The ``n`` after which another site brings least in comparison: the point of the curve farthest from
        the line between its ends, both axes scaled to 0 to 1 (V. Satopaa and others, "Finding a 'kneedle' in
        a haystack", 2011).
    """

    table: pd.DataFrame
    plans: tuple[SitingPlan, ...]
    knee: int


def trade_off(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n_max: int,
    n_min: int | None = None,
    problem: Problem = "maximal_covering",
    limit_s: float | None = None,
    unreached_s: float | None = None,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> TradeOff:
    """Solve for every number of new sites from ``n_min`` to ``n_max``.

    Parameters
    ----------
    n_max : int
        Most new sites.
    n_min : int, optional
        Fewest; by default those that are forced in, and for ``p_median`` without existing sites at least 1.
    problem : {"maximal_covering", "p_median"}
        What is best for each number.
    limit_s : float
        For covering: in time is ``<= limit_s``.
    unreached_s : float, optional
        For the median, as there.
    times, people, weights, sites, time_limit_s, gap, progress
        As for ``maximal_covering``; the time is shared among the numbers.

    Raises
    ------
    InputError, InfeasibleError
        As for the problem asked.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> curve = trade_off(times, pd.Series({"x": 50, "y": 30, "z": 30}), n_max=2, limit_s=240)
    >>> curve.table["value"].to_list()
    [0.0, 60.0, 110.0]
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    table = read_problem(times, people, problem, limit_s, unreached_s, weights, sites)
    is_median = problem == "p_median"
    most = check_n(table, n_max, name="n_max")
    forced = int(table.with_status(FORCED_IN).sum())
    least = max(forced, int(is_median and not table.with_status(FIXED).any()))
    least = least if n_min is None else check_n(table, n_min, name="n_min")
    if least > most:
        raise InputError(f"n_max = {most} is less than the fewest sites, {least}")
    if is_median:
        check_some(table, least)
    clock = clock.scaled(-1.0 / (1000.0 * table.weight.sum()) if is_median else 1.0)
    rounds: list[tuple[Ints, Found, Clock]] = []
    for n in range(least, most + 1):
        part = clock.part(clock.left_s / (most + 1 - n))
        start = rounds[-1][0] if rounds else None
        chosen, found = median_or_covering(
            table, n, problem, unreached_s=unreached_s, clock=part, gap=gap, start=start
        )
        rounds.append((chosen, found, part))
    plans = []
    bound = np.inf
    for chosen, found, part in reversed(rounds):
        bound = min(bound, found.bound)  # more sites are never worse, so their bound holds for fewer
        better = replace(found, bound=max(bound, found.value))
        plans.append(_plan(table, chosen, better, problem, part))
    plans.reverse()
    return _curve(plans, least)


def greedy_swaps(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n: int,
    problem: Problem = "maximal_covering",
    limit_s: float | None = None,
    unreached_s: float | None = None,
    rounds: int = 5,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
) -> SitingPlan:
    """Choose ``n`` new sites by greedy choice and swaps alone: fast, without a proof.

    Parameters
    ----------
    rounds : int, default 5
        How often the plan is shaken and swapped again.
    times, people, n, problem, limit_s, unreached_s, weights, sites
        As for ``trade_off``.

    Returns
    -------
    SitingPlan
        ``bound`` is what all candidates together would give, so ``gap`` is only a crude one.

    Raises
    ------
    InputError, InfeasibleError
        As for the problem asked.
    """
    clock = Clock()
    table = read_problem(times, people, problem, limit_s, unreached_s, weights, sites)
    n = check_n(table, n)
    check_whole("rounds", rounds, low=0)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    if problem == "p_median":
        check_some(table, n)
        savings = median_savings(table, unreached_s=unreached_s)
    else:
        savings = covering_savings(table)
    few = min(n - len(forced), len(savings.site))
    start = reaching_sites(savings, few, n, clock=clock) if savings.must.any() else None
    plan = quick_n(savings, few, start=start, rounds=rounds)
    every = savings.value(np.arange(len(savings.site)))
    found = Found(plan, savings.value(plan), every, "greedy and swaps", np.zeros(0), np.zeros(0))
    return _plan(table, fill(table, np.concatenate([forced, savings.site[plan]]), n), found, problem, clock)


def read_problem(
    times: Times | pd.DataFrame,
    people: pd.Series,
    problem: Problem,
    limit_s: float | None,
    unreached_s: float | None,
    weights: pd.Series | None,
    sites: pd.DataFrame | None,
) -> SitingTable:
    """Read the table for one of two questions and check its options."""
    if problem == "maximal_covering":
        if limit_s is None:
            raise InputError("maximal_covering needs limit_s, the seconds that are in time")
        table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)
        check_reach_any(table)
        return table
    if problem != "p_median":
        raise InputError(f"problem must be 'maximal_covering' or 'p_median', not {problem!r}")
    if limit_s is not None:
        raise InputError("p_median has no limit_s")
    table = read_siting_table(times, people, weights=weights, sites=sites)
    check_charge(table, unreached_s)
    return table


def median_or_covering(
    table: SitingTable,
    n: int,
    problem: Problem,
    *,
    unreached_s: float | None,
    clock: Clock,
    gap: float,
    start: Ints | None = None,
) -> tuple[Ints, Found]:
    """Choose ``n`` new sites for one of the two questions."""
    if problem == "p_median":
        return best_median(table, n, unreached_s=unreached_s, clock=clock, gap=gap, start=start)
    return best_sites(table, n, clock=clock, gap=gap, start=start)


def _plan(table: SitingTable, chosen: Ints, found: Found, problem: Problem, clock: Clock) -> SitingPlan:
    scale = -1000.0 * table.weight.sum() if problem == "p_median" else 1.0
    return make_plan(
        table,
        chosen,
        problem=problem,
        value=found.value / scale,
        bound=found.bound / scale,
        method=found.method,
        clock=clock,
    )


def _curve(plans: list[SitingPlan], least: int) -> TradeOff:
    columns = ["value", "bound", "gap", "is_proven", "share_covered", "mean_s"]
    table = pd.DataFrame([[getattr(plan, c) for c in columns] for plan in plans], columns=columns)
    table.index = pd.RangeIndex(least, least + len(plans), name="n")
    knee = least + _knee(table["value"].to_numpy(dtype=np.float64))
    table["is_knee"] = table.index == knee
    return TradeOff(table, tuple(plans), knee)


def _knee(values: Floats) -> int:
    """Give the place farthest from the line between the ends, the first of equals."""
    if len(values) < 3 or values[0] == values[-1]:
        return 0
    height = (values - values[0]) / (values[-1] - values[0])
    return int(np.argmax(np.round(height - np.linspace(0.0, 1.0, len(values)), 12)))
