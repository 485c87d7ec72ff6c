"""The questions of siting put so that plans can be cut off and the next best one sought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, Solved, solve
from geo.siting._capacitated_model import Allotment, Task, as_allotment, first_allotment, solve_allotment
from geo.siting._exact.best_n import chain_model
from geo.siting._exact.objective import Savings, covering_savings, grain_of, median_savings
from geo.siting._exact.partial_cover import cover_all, cover_share, share_model, share_need
from geo.siting._exact.reduction import same_sites
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable, within
from geo.siting.backup import backup_task, best_backup
from geo.siting.median import best_centre, centre_levels, worst_ms
from geo.siting.pareto import Problem, median_or_covering

__all__ = [
    "METHOD",
    "Cuts",
    "Rivals",
    "backup_rivals",
    "best_rivals",
    "capacity_rivals",
    "centre_rivals",
    "cover_rivals",
    "seek_with",
]

Cuts: TypeAlias = tuple[sparse.csr_matrix, Floats]
"""Rows over the sites of ``Rivals`` and the most that each may be."""
Seek: TypeAlias = Callable[[Cuts, float, float, Clock], Solved]
METHOD: Final = "HiGHS with cuts"
NO_ANSWER: Final = Solved(None, np.inf, -np.inf, False)


@dataclass(frozen=True, eq=False)
class Rivals:
    """A question with its best plan, and how to seek the best of those that are left.

    Parameters
    ----------
    site : int64 array
        Positions in the siting table of the sites that cuts speak of; the first variables of what is sought.
    chosen : int64 array
        Positions of the new sites of the best plan.
    cost, bound : float
        What is minimised, of that plan and at least; ``value = cost / scale``.
    scale : float
        Below 0 where the planner's value is maximised.
    method : str
        How the best plan was found.
    grain : float
        Step of the cost; 0 when there is none.
    seek : callable
        Told the cuts, the cost below which nothing is left, the most cost and a clock; gives the best that is
        left. Its ``value`` and ``bound`` are costs.
    served : Allotment or None
        Of a question with capacities: who is served where by the best plan.
    allot : callable or None
        Of such a question: read the same from what was sought.
    """

    site: Ints
    chosen: Ints
    cost: float
    bound: float
    scale: float
    method: str
    grain: float
    seek: Seek
    served: Allotment | None = None
    allot: Callable[[Solved], Allotment] | None = None


def seek_with(model: Model, *, shift: float, grain: float) -> Seek:
    """Seek with HiGHS; the first variables are the sites of the cuts, the cost is ``shift`` + objective."""

    def seek(cuts: Cuts, least: float, most: float, clock: Clock) -> Solved:
        rows, high = cuts
        wide = sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=(len(high), len(model.cost)))
        cut = replace(
            model,
            rows=sparse.vstack([wide, model.rows, sparse.csr_matrix(model.cost)]),
            row_low=np.concatenate([np.full(len(high), -np.inf), model.row_low, [-np.inf]]),
            row_high=np.concatenate([high, model.row_high, [most - shift]]),
        )
        found = solve(cut, time_limit_s=clock.left_s, grain=grain)
        return replace(found, value=shift + found.value, bound=max(least, shift + found.bound))

    return seek


def best_rivals(
    table: SitingTable, n: int, problem: Problem, *, unreached_s: float | None, clock: Clock
) -> Rivals:
    """Put 'best n sites' for people in time or for the mean."""
    scale = -1.0 if problem == "maximal_covering" else 1000.0 * float(table.weight.sum())
    chosen, found = median_or_covering(
        table, n, problem, unreached_s=unreached_s, clock=clock.scaled(-1.0 / scale), gap=0.0
    )
    if problem == "p_median":
        savings = median_savings(table, unreached_s=unreached_s, keep_all=True)
    else:
        savings = covering_savings(table, keep_all=True)
    free = np.flatnonzero(table.with_status(FREE))
    few = n - int(table.with_status(FORCED_IN).sum())
    model = _with_idle(chain_model(savings, few), savings, free)
    seek = seek_with(model, shift=-savings.base, grain=savings.grain)
    return Rivals(free, chosen, -found.value, -found.bound, scale, found.method, savings.grain, seek)


def _with_idle(model: Model, savings: Savings, free: Ints) -> Model:
    """Add the sites that save nothing anywhere, which plans may contain; the last row counts the sites."""
    n_site, n_free, n_all = len(savings.site), len(free), len(model.cost)
    column = np.concatenate([np.searchsorted(free, savings.site), n_free + np.arange(n_all - n_site)])
    width = n_free + n_all - n_site
    rows = sparse.coo_matrix(sparse.csr_matrix(model.rows)[:-1])
    rows = sparse.csr_matrix((rows.data, (rows.row, column[rows.col])), shape=(rows.shape[0], width))
    cost, low = np.zeros(width), np.zeros(width)
    cost[column], low[column] = model.cost, model.low
    is_site = np.arange(width) < n_free
    return replace(
        model,
        cost=cost,
        low=low,
        high=np.ones(width),
        is_whole=is_site,
        rows=sparse.vstack([rows, sparse.csr_matrix(is_site.astype(np.float64))]),
    )


def cover_rivals(table: SitingTable, *, share: float, clock: Clock) -> Rivals:
    """Put 'cheapest sites for a share of the people'."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    paid = float(table.cost[forced].sum())
    clock = clock.scaled(1.0, shift=paid)
    if share == 1.0:
        found = cover_all(table, table.cost, clock=clock)
        site = np.flatnonzero(table.with_status(FREE))
        model = _cover_model(table, site, table.cost[site])
    else:
        found = cover_share(table, share, clock=clock)
        savings = covering_savings(table, keep_all=True)
        site = savings.site
        model = share_model(savings, share_need(table, share), table.cost[site])
    grain = grain_of(table.cost[site])
    chosen, seek = np.concatenate([forced, found.plan]), seek_with(model, shift=paid, grain=grain)
    return Rivals(site, chosen, paid + found.value, paid + found.bound, 1.0, found.method, grain, seek)


def _cover_model(table: SitingTable, site: Ints, cost: Floats, *, n: int | None = None) -> Model:
    """Write 'every point that needs it sees one of the sites', with ``n`` sites if that is told."""
    need = table.weight > 0.0
    need[table.point[table.with_status(FIXED, FORCED_IN)[table.site]]] = False
    keep = need[table.point] & table.with_status(FREE)[table.site]
    start, point = np.concatenate([[0], np.cumsum(keep)])[table.start], table.point[keep]
    label = same_sites(start, point, len(need))
    first = np.unique(label, return_index=True)[1]
    column = np.searchsorted(site, table.site[keep])
    sees = sparse.csr_matrix((np.ones(len(point)), (point, column)), shape=(len(need), len(site)))
    # A point that needs a site and sees none keeps its empty row: nothing can be done for it.
    rows = [
        sees[first[label[first] >= 0]],
        sees[need & (label < 0)],
        np.ones((int(n is not None), len(site))),
    ]
    n_covers = rows[0].shape[0] + rows[1].shape[0]
    count = [] if n is None else [float(n)]
    return Model(
        cost=cost,
        low=np.zeros(len(site)),
        high=np.ones(len(site)),
        is_whole=np.ones(len(site), dtype=np.bool_),
        rows=sparse.vstack([sparse.csr_matrix(part) for part in rows]),
        row_low=np.append(np.ones(n_covers), count),
        row_high=np.append(np.full(n_covers, np.inf), count),
    )


def centre_rivals(table: SitingTable, n: int, *, clock: Clock) -> Rivals:
    """Put 'n sites for the shortest longest time': of those left, the shortest limit within which n do."""
    chosen, value, bound = best_centre(table, n, clock=clock)
    forced, site = np.flatnonzero(table.with_status(FORCED_IN)), np.flatnonzero(table.with_status(FREE))
    levels = centre_levels(table)

    def within_level(at: int, cuts: Cuts, clock: Clock) -> Solved:
        model = _cover_model(within(table, levels[at]), site, np.zeros(len(site)), n=n - len(forced))
        return seek_with(model, shift=0.0, grain=0.0)(cuts, 0.0, 0.0, clock)

    def seek(cuts: Cuts, least: float, most: float, clock: Clock) -> Solved:
        low, high = int(np.searchsorted(levels, least)), int((levels <= most).sum()) - 1
        best, open_, at = NO_ANSWER, len(levels), low
        while low <= high:
            found = within_level(at, cuts, clock)
            if found.x is not None:
                worst = worst_ms(table, np.concatenate([forced, site[found.x[: len(site)] > 0.5]]))
                best, high = replace(found, value=worst), int(np.searchsorted(levels, worst)) - 1
            else:
                low, open_ = at + 1, open_ if found.is_infeasible else min(open_, at)
            at = (low + high) // 2
        if best.x is None:
            return replace(best, is_infeasible=open_ == len(levels))
        return replace(best, bound=best.value if open_ == len(levels) else levels[open_])

    method = "halving of the limit, least cover within each"
    return Rivals(site, chosen, value, bound, 1000.0, method, 0.0, seek)


def backup_rivals(table: SitingTable, n: int, *, second: float, clock: Clock) -> Rivals:
    """Put 'n sites for people in time of two', or of one and two in a mix."""
    task = backup_task(table, second=second)
    chosen, value, bound = best_backup(table, task, n, clock=clock, gap=0.0)
    few = n - int(table.with_status(FORCED_IN).sum())
    seek = seek_with(task.model(few), shift=0.0, grain=task.grain)
    method = "greedy and swaps, HiGHS"
    return Rivals(task.site, chosen, -value, -bound, -1.0, method, task.grain, seek)


def capacity_rivals(table: SitingTable, n: int, task: Task, *, clock: Clock) -> Rivals:
    """Put 'n sites for people served in time, no site overfull'."""
    first = first_allotment(table, n, task, clock=clock)
    found = solve_allotment(task, first, clock=clock.scaled(-1.0), gap=0.0)

    def allot(solved: Solved) -> Allotment:
        assert solved.x is not None
        return as_allotment(task, solved.x, solved.value, solved.bound, method=METHOD)

    seek = seek_with(task.model, shift=0.0, grain=task.grain)
    best = (found.new_sites, found.value, max(found.bound, -float(table.weight.sum())), -1.0, found.method)
    return Rivals(task.sites, *best, task.grain, seek, found, allot)
