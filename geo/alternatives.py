"""The best plans that differ: plots are negotiated, and the second-best plan may be the one to build."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.bestn import chain_model
from geo.highs import Clock, Model, Progress, solve
from geo.optionchecks import check_number, check_whole
from geo.reach import check_n
from geo.savings import covering_savings, median_savings
from geo.sitingplan import SitingPlan, make_plan
from geo.sitingtable import FORCED_IN, FREE, Ints, SitingTable
from geo.times import Times
from geo.tradeoff import Problem, median_or_covering, read_problem

__all__ = ["Alternatives", "alternatives"]


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Different plans of nearly the same value, best first.

    Parameters
    ----------
    plans : tuple of SitingPlan
        ``bound`` of each: no plan that differs enough from those before it is better.
    changes : pandas.DataFrame
        One row per plan: ``value``, ``share_lost`` (against the first, 0 to 1), ``sites_in`` and
        ``sites_out`` (tuples of ids, against the first), ``n_people_covered``, ``mean_s``.
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
    n: int,
    k: int,
    max_loss: float,
    n_changed: int = 1,
    problem: Problem = "maximal_covering",
    limit_s: float | None = None,
    unreached_s: float | None = None,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Alternatives:
    """Give the ``k`` best plans of ``n`` new sites that are different.

    Each plan S found is cut off by ``sum of y_j over S <= |S| - n_changed`` before the next is sought.

    Parameters
    ----------
    k : int
        Most plans to give, the best one among them.
    max_loss : float
        Give only plans that are worse than the best by at most this share, 0 to 1.
    n_changed : int, default 1
        New sites by which any two plans differ at least.
    times, people, n, problem, limit_s, unreached_s, weights, sites, time_limit_s, progress
        As for ``trade_off``.

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
    clock = Clock(check_number("time_limit_s", time_limit_s, low=0.0), progress=progress)
    check_number("max_loss", max_loss, low=0.0, high=1.0)
    check_whole("k", k, low=1)
    check_whole("n_changed", n_changed, low=1)
    table = read_problem(times, people, problem, limit_s, unreached_s, weights, sites)
    n = check_n(table, n)
    scale = -1000.0 * table.weight.sum() if problem == "p_median" else 1.0
    chosen, found = median_or_covering(
        table, n, problem, unreached_s=unreached_s, clock=clock.scaled(1.0 / scale), gap=0.0
    )
    rows = [(chosen, found.value, found.bound)]
    least = found.value - max_loss * abs(found.value)
    more, is_complete = _others(table, rows, k, least, n_changed, problem, unreached_s, clock)
    plans = tuple(
        make_plan(
            table, plan, problem=problem, value=value / scale, bound=bound / scale, method=method, clock=clock
        )
        for (plan, value, bound), method in zip(more, [found.method, *["HiGHS with cuts"] * k], strict=False)
    )
    return Alternatives(plans, _changes(plans), is_complete)


def _others(
    table: SitingTable,
    rows: list[tuple[Ints, float, float]],
    k: int,
    least: float,
    n_changed: int,
    problem: Problem,
    unreached_s: float | None,
    clock: Clock,
) -> tuple[list[tuple[Ints, float, float]], bool]:
    """Seek the next best plan until there are ``k``, none is left that is good enough, or time is up."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    if problem == "p_median":
        savings = median_savings(table, unreached_s=unreached_s, keep_all=True)
    else:
        savings = covering_savings(table, keep_all=True)
    free = np.flatnonzero(table.with_status(FREE))
    model = _with_idle(chain_model(savings, len(rows[0][0]) - len(forced)), savings.site, free)
    while len(rows) < k:
        if clock.left_s == 0.0:
            return rows, False
        model = _cut(model, np.isin(free, rows[-1][0]), n_changed)
        limit = np.append(model.row_high[:-1], savings.base - least + 1e-9 * abs(least))
        solved = solve(replace(model, row_high=limit), time_limit_s=clock.left_s, grain=savings.grain)
        if solved.is_infeasible:
            return rows, True
        if solved.x is None:
            return rows, False
        plan = np.sort(np.concatenate([forced, free[solved.x[: len(free)] > 0.5]]))
        value, bound = savings.base - solved.value, savings.base - solved.bound
        rows.append((plan, value, value if bound - value < savings.grain * (1.0 - 1e-6) else bound))
    return rows, False


def _with_idle(model: Model, site: Ints, free: Ints) -> Model:
    """Add sites that save nothing anywhere, which plans may contain; the last row limits the cost."""
    n_site, n_free, n_all = len(site), len(free), len(model.cost)
    column = np.concatenate([np.searchsorted(free, site), n_free + np.arange(n_all - n_site)])
    rows = sparse.coo_matrix(model.rows)
    width = n_free + n_all - n_site
    rows = sparse.csr_matrix((rows.data, (rows.row, column[rows.col])), shape=(rows.shape[0], width))
    count = sparse.csr_matrix(
        (np.ones(n_free), (np.zeros(n_free, dtype=np.int64), np.arange(n_free))), shape=(1, width)
    )
    cost, low = np.zeros(width), np.zeros(width)
    cost[column], low[column] = model.cost, model.low
    n = model.row_low[-1]
    return Model(
        cost=cost,
        low=low,
        high=np.ones(width),
        is_whole=np.arange(width) < n_free,
        rows=sparse.vstack([rows[:-1], count, sparse.csr_matrix(cost)]),
        row_low=np.concatenate([model.row_low[:-1], [n, -np.inf]]),
        row_high=np.concatenate([model.row_high[:-1], [n, np.inf]]),
    )


def _cut(model: Model, chosen: NDArray[np.bool_], n_changed: int) -> Model:
    width = len(model.cost)
    cut = np.zeros(width)
    cut[: len(chosen)] = chosen
    return replace(
        model,
        rows=sparse.vstack([sparse.csr_matrix(cut), model.rows]),
        row_low=np.append(-np.inf, model.row_low),
        row_high=np.append(chosen.sum() - n_changed, model.row_high),
    )


def _changes(plans: tuple[SitingPlan, ...]) -> pd.DataFrame:
    first = plans[0]
    rows = [
        (
            plan.value,
            abs(plan.value - first.value) / abs(first.value) if first.value else 0.0,
            tuple(i for i in plan.site_ids if i not in first.site_ids),
            tuple(i for i in first.site_ids if i not in plan.site_ids),
            plan.n_people_covered,
            plan.mean_s,
        )
        for plan in plans
    ]
    columns = ["value", "share_lost", "sites_in", "sites_out", "n_people_covered", "mean_s"]
    return pd.DataFrame(rows, columns=columns)
