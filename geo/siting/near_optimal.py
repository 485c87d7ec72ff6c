"""The best plans that differ: plots are negotiated, and the second-best plan may be the one to build."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from geo.errors import InputError
from geo.optimize import Clock, Progress, start_clock
from geo.settings import check_number, check_whole
from geo.siting._capacitated_model import Allotment
from geo.siting._checks import check_n, check_reach
from geo.siting._next_best import (
    METHOD,
    Rivals,
    backup_rivals,
    best_rivals,
    capacity_rivals,
    centre_rivals,
    cover_rivals,
)
from geo.siting._table import Ints, SitingTable, read_siting_table
from geo.siting.capacity import PEOPLE_PER_STATION, covering_plan, covering_task
from geo.siting.median import check_some
from geo.siting.pareto import read_problem
from geo.siting.plan import SitingPlan, make_plan
from geo.times import Times

__all__ = ["Alternatives", "Asked", "alternatives"]

Asked: TypeAlias = Literal[
    "maximal_covering", "p_median", "set_covering", "p_centre", "backup_covering", "capacitated_covering"
]
EDGE: Final = 1e-9
_TOLD: Final = ("value", "bound", "gap", "is_proven", "n_people_covered", "mean_s")


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Different plans of nearly the same value, best first.

    Parameters
    ----------
    plans : tuple of SitingPlan
        ``bound`` of each: no plan that differs enough from those before it is better.
    changes : pandas.DataFrame
        One row per plan: ``value``, ``bound``, ``gap``, ``is_proven``; against the first ``share_lost`` (0 to
        1), ``sites_in`` and ``sites_out`` (tuples of ids); ``n_people_covered``, ``mean_s``.
    is_complete : bool
        No further plan lies within the gap: there are no more than these.
    """

    plans: tuple[SitingPlan, ...]
    changes: pd.DataFrame
    is_complete: bool


def alternatives(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    k: int,
    max_loss: float,
    n: int | None = None,
    n_changed: int = 1,
    problem: Asked = "maximal_covering",
    limit_s: float | None = None,
    unreached_s: float | None = None,
    share: float = 1.0,
    second: float = 1.0,
    capacity: float = PEOPLE_PER_STATION,
    is_split: bool = False,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Alternatives:
    """Give the ``k`` best plans that are different.

    Each plan S found is cut off by ``sum of y_j over S <= |S| - n_changed`` before the next is sought. So no
    plan is one that was given before with sites added to it: with ``set_covering`` none of their sites may be
    left out.

    Parameters
    ----------
    k : int
        Most plans to give, the best one among them.
    max_loss : float
        Give only plans that are worse than the best by at most this share of its value, 0 to 1.
    n : int, optional
        New sites; ``set_covering`` has none to be told.
    n_changed : int, default 1
        New sites of each plan that those after it leave out at least.
    problem : str
        The function whose question is asked.
    limit_s : float, optional
        In time is ``<= limit_s``; ``p_median`` and ``p_centre`` have none.
    unreached_s, share, second, capacity, is_split
        As for ``p_median``, ``set_covering``, ``backup_covering`` and ``capacitated_covering``.
    times, people, weights, sites, time_limit_s, progress
        As for ``maximal_covering``.

    Raises
    ------
    InputError, InfeasibleError
        As for the problem asked.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> found = alternatives(
    ...     times, pd.Series({"x": 50, "y": 30, "z": 30}), n=1, k=3, max_loss=0.2, limit_s=240
    ... )
    >>> [(plan.site_ids, plan.value) for plan in found.plans], found.is_complete
    ([(('b',), 60.0), (('a',), 50.0)], True)
    """
    clock = start_clock(time_limit_s, progress)
    check_number("max_loss", max_loss, low=0.0, high=1.0)
    check_whole("k", k, low=1)
    check_whole("n_changed", n_changed, low=1)
    _check_asked(problem, n, limit_s)
    limit = np.inf if limit_s is None else limit_s
    if problem == "set_covering":
        check_number("share", share, low=0.0, high=1.0)
        table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit)
        check_reach(table, share=share)
        rivals = cover_rivals(table, share=share, clock=clock)
    elif problem == "p_centre":
        table = read_siting_table(times, people, sites=sites)
        count = check_some(table, check_n(table, n))
        check_reach(table, what="in the table of times")
        rivals = centre_rivals(table, count, clock=clock)
    elif problem == "backup_covering":
        check_number("second", second, low=0.0, high=1.0)
        table = read_problem(times, people, "maximal_covering", limit, None, weights, sites)
        rivals = backup_rivals(table, check_n(table, n), second=second, clock=clock)
    elif problem == "capacitated_covering":
        table, count, task = covering_task(
            times, people, weights, sites, n=n, limit_s=limit, capacity=capacity, is_split=is_split
        )
        rivals = capacity_rivals(table, count, task, clock=clock)
    else:
        table = read_problem(times, people, problem, limit_s, unreached_s, weights, sites)
        rivals = best_rivals(table, check_n(table, n), problem, unreached_s=unreached_s, clock=clock)
    found, is_complete = _others(rivals, k, max_loss, n_changed, clock)
    found.sort(key=lambda plan: plan.cost)  # where time was short a later plan may be the better one
    plans = tuple(_plan(table, rivals, problem, plan, clock) for plan in found)
    return Alternatives(plans, _changes(plans), is_complete)


@dataclass(frozen=True, eq=False)
class _Found:
    """New sites (positions), cost and its bound; who is served where, of a question with capacities."""

    chosen: Ints
    cost: float
    bound: float
    method: str
    served: Allotment | None = None


def _check_asked(problem: str, n: int | None, limit_s: float | None) -> None:
    if problem not in get_args(Asked):
        raise InputError(f"problem must be one of {', '.join(get_args(Asked))}, not {problem!r}")
    if (n is None) != (problem == "set_covering"):
        raise InputError(f"{problem} {'needs n, the new sites' if n is None else 'has no n: it seeks it'}")
    if (limit_s is None) != (problem in ("p_median", "p_centre")):
        needs = "needs limit_s, the seconds that are in time" if limit_s is None else "has no limit_s"
        raise InputError(f"{problem} {needs}")


def _others(
    rivals: Rivals, k: int, max_loss: float, n_changed: int, clock: Clock
) -> tuple[list[_Found], bool]:
    """Seek the next best plan until there are ``k``, none is left that is good enough, or time is up."""
    best = _Found(rivals.chosen, rivals.cost, rivals.bound, rivals.method, rivals.served)
    most = best.cost + (max_loss + EDGE) * abs(best.cost)
    forced = np.setdiff1d(rivals.chosen, rivals.site)
    found = [best]
    while len(found) < k:
        if clock.left_s == 0.0:
            return found, False
        rows = np.array([np.isin(rivals.site, plan.chosen) for plan in found], dtype=np.float64)
        cuts = sparse.csr_matrix(rows), rows.sum(axis=1) - n_changed
        if (cuts[1] < 0.0).any():  # a plan has fewer sites that can change than have to
            return found, True
        solved = rivals.seek(cuts, min(best.bound, found[-1].bound), most, clock)
        if solved.is_infeasible:
            return found, True
        if solved.x is None:
            return found, False
        chosen = np.concatenate([forced, rivals.site[solved.x[: len(rivals.site)] > 0.5]])
        served = None if rivals.allot is None else rivals.allot(solved)
        if served is not None:
            chosen = served.new_sites
        is_proven = solved.value - solved.bound < rivals.grain * (1.0 - 1e-6)
        bound = solved.value if is_proven else min(solved.bound, solved.value)
        found.append(_Found(chosen, solved.value, bound, METHOD, served))
    return found, False


def _plan(table: SitingTable, rivals: Rivals, problem: str, found: _Found, clock: Clock) -> SitingPlan:
    if found.served is not None:
        return covering_plan(table, found.served, clock)
    return make_plan(
        table,
        found.chosen,
        problem=problem,
        value=found.cost / rivals.scale,
        bound=found.bound / rivals.scale,
        method=found.method,
        clock=clock,
    )


def _changes(plans: tuple[SitingPlan, ...]) -> pd.DataFrame:
    first = plans[0]
    lost = [abs(plan.value - first.value) for plan in plans]
    table = pd.DataFrame([[getattr(plan, name) for name in _TOLD] for plan in plans], columns=list(_TOLD))
    table["share_lost"] = [off / abs(first.value) if first.value else 0.0 for off in lost]
    table["sites_in"] = [_without(plan, first) for plan in plans]
    table["sites_out"] = [_without(first, plan) for plan in plans]
    return table[[*_TOLD[:4], "share_lost", "sites_in", "sites_out", *_TOLD[4:]]]


def _without(plan: SitingPlan, other: SitingPlan) -> tuple[Hashable, ...]:
    return tuple(site for site in plan.site_ids if site not in other.site_ids)
