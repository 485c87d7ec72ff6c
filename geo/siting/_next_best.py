"""The questions of siting put so that plans can be cut off and the next best one sought.

Lemma. Let plans S_1, ..., S_k be cut off, each by ``sum of y_j over S_i <= |S_i| - c``. The best plan that
obeys all cuts is the best of those that leave out at least ``c`` sites of each S_i: the cut says no more and
no less, since y is 0 or 1. With ``c = 1`` and plans of ``n`` sites only S_i itself is cut off; where the
number of sites is free its supersets go with it. A plan sought under more cuts is never better, so the bound
of one search holds for all that come after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, Solved, solve
from geo.settings import check_number
from geo.siting._capacitated_model import Allocation, first_allocation, read_allocation, solve_allocation
from geo.siting._checks import check_n, check_reach, check_reach_any, check_served
from geo.siting._counted import best_counted, count_model
from geo.siting._exact.best_n import chain_model
from geo.siting._exact.objective import Benefits, covering_benefits, grain_of
from geo.siting._exact.partial_cover import share_model, share_need
from geo.siting._exact.reduction import same_sites
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable, in_time, within
from geo.siting.backup import backup_worth
from geo.siting.busy import expected_worth, reliable_worth
from geo.siting.capacity import covering_model
from geo.siting.covering import cheapest_sites
from geo.siting.median import best_centre, centre_levels, centre_table, worst_ms
from geo.siting.pareto import benefits_of, best_plan, objective_scale, problem_name, question_table
from geo.siting.questions import (
    BackupCovering,
    BestN,
    CapacitatedCovering,
    ExpectedCovering,
    MaximalCovering,
    PCentre,
    PMedian,
    Question,
    ReliableCovering,
    SetCovering,
    no_question,
)
from geo.siting.search_steps import SearchStep

__all__ = ["STEPS", "CutModel", "Cuts", "RankedPlan", "cut_model", "seek_with"]

Cuts: TypeAlias = tuple[sparse.csr_matrix, Floats]
"""Rows over the sites of a ``CutModel`` and the most that each may be."""
Seek: TypeAlias = Callable[[Cuts, float, float, Clock], Solved]
STEPS: Final = (SearchStep.CUTS,)
NO_ANSWER: Final = Solved(None, np.inf, -np.inf, False)


@dataclass(frozen=True, eq=False)
class RankedPlan:
    """New sites (positions), cost and its bound; who is served where, of a question with capacities."""

    sites: Ints
    cost: float
    bound: float
    steps: tuple[SearchStep, ...]
    allocation: Allocation | None = None


@dataclass(frozen=True, eq=False)
class CutModel:
    """A question with its best plan, and how to seek the best of those that are not cut off.

    Parameters
    ----------
    table : SitingTable
        What the question looks at.
    problem : str
        The function that asks the question.
    site : int64 array
        Positions in the siting table of the sites that cuts speak of; the first variables of what is sought.
    best : RankedPlan
        Its best plan; the cost is what is minimised.
    scale : float
        The planner's value is ``cost / scale``; below 0 where it is maximised.
    grain : float
        Step of the cost; 0 when there is none.
    seek : callable
        Told the cuts, the cost below which nothing is left, the most cost and a clock; gives the best that is
        left. Its ``value`` and ``bound`` are costs.
    allocate : callable or None
        Of a question with capacities: read who is served where from what was sought.
    """

    table: SitingTable
    problem: str
    site: Ints
    best: RankedPlan
    scale: float
    grain: float
    seek: Seek
    allocate: Callable[[Solved], Allocation] | None = None


def cut_model(table: SitingTable, question: Question, *, clock: Clock) -> CutModel:
    """Check a question, answer it and get ready for cuts.

    Raises
    ------
    InputError, InfeasibleError
        As of the function that asks the question.
    """
    match question:
        case MaximalCovering() | PMedian():
            return _best_n(table, question, clock)
        case SetCovering():
            return _set_cover(table, question, clock)
        case PCentre():
            return _centre(table, question, clock)
        case BackupCovering():
            check_number("second", question.second, low=0.0, high=1.0)
            worth = backup_worth(question.second)
            return _counted(table, question, worth, "backup_covering", clock)
        case ExpectedCovering():
            worth = expected_worth(question.busy_share)
            return _counted(table, question, worth, "expected_covering", clock)
        case ReliableCovering():
            worth = reliable_worth(question.busy_share, question.reliability)
            return _counted(table, question, worth, "reliable_covering", clock)
        case CapacitatedCovering():
            return _capacity(table, question, clock)
    raise no_question(question)


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
        solved = solve(
            cut,
            time_limit_s=clock.left_s,
            grain=grain,
            tell=lambda value, bound: clock.tell(shift + value, max(least, shift + bound)),
            stop=clock.stop,
        )
        return replace(solved, value=shift + solved.value, bound=max(least, shift + solved.bound))

    return seek


def _best_n(table: SitingTable, question: BestN, clock: Clock) -> CutModel:
    """Put 'best n sites' for people in time or for the mean."""
    table = question_table(table, question)
    n = check_n(table, question.n)
    scale = objective_scale(table, question)
    sites, best = best_plan(table, question, clock=clock.scaled(1.0 / scale), gap=0.0)
    benefits = benefits_of(table, question, keep_all=True)
    free = np.flatnonzero(table.with_status(FREE))
    few = n - int(table.with_status(FORCED_IN).sum())
    model = _with_idle(chain_model(benefits, few), benefits, free)
    return CutModel(
        table,
        problem_name(question),
        free,
        RankedPlan(sites, -best.value, -best.bound, best.steps),
        -scale,
        benefits.grain,
        seek_with(model, shift=-benefits.base, grain=benefits.grain),
    )


def _with_idle(model: Model, benefits: Benefits, free: Ints) -> Model:
    """Add the sites that save nothing anywhere, which plans may contain; the last row counts the sites."""
    n_site, n_free, n_all = len(benefits.site), len(free), len(model.cost)
    column = np.concatenate([np.searchsorted(free, benefits.site), n_free + np.arange(n_all - n_site)])
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


def _set_cover(table: SitingTable, question: SetCovering, clock: Clock) -> CutModel:
    """Put 'cheapest sites for a share of the people'."""
    share = question.share
    check_number("share", share, low=0.0, high=1.0)
    table = in_time(table, question.limit_s)
    check_reach(table, share=share)
    cover = cheapest_sites(table, share, clock=clock, gap=0.0)
    if share == 1.0:
        site = np.flatnonzero(table.with_status(FREE))
        model = _cover_model(table, site, table.cost[site])
    else:
        benefits = covering_benefits(table, keep_all=True)
        site = benefits.site
        model = share_model(benefits, share_need(table, share), table.cost[site])
    paid = float(table.cost[table.with_status(FORCED_IN)].sum())
    grain = grain_of(table.cost[site])
    best = RankedPlan(cover.plan, cover.value, cover.bound, cover.steps)
    seek = seek_with(model, shift=paid, grain=grain)
    return CutModel(table, "set_covering", site, best, 1.0, grain, seek)


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


def _centre(table: SitingTable, question: PCentre, clock: Clock) -> CutModel:
    """Put 'n sites for the shortest longest time': of those left, the shortest limit within which n do."""
    n = check_served(table, check_n(table, question.n))
    table = centre_table(table)
    sites, value, bound = best_centre(table, n, clock=clock)
    forced, site = np.flatnonzero(table.with_status(FORCED_IN)), np.flatnonzero(table.with_status(FREE))
    levels = centre_levels(table)

    def within_level(at: int, cuts: Cuts, clock: Clock) -> Solved:
        model = _cover_model(within(table, levels[at]), site, np.zeros(len(site)), n=n - len(forced))
        return seek_with(model, shift=0.0, grain=0.0)(cuts, 0.0, 0.0, clock.silent)

    def seek(cuts: Cuts, least: float, most: float, clock: Clock) -> Solved:
        low, high = int(np.searchsorted(levels, least)), int((levels <= most).sum()) - 1
        best, unknown, at = NO_ANSWER, len(levels), low
        while low <= high:
            solved = within_level(at, cuts, clock)
            if solved.x is not None:
                worst = worst_ms(table, np.concatenate([forced, site[solved.x[: len(site)] > 0.5]]))
                best, high = replace(solved, value=worst), int(np.searchsorted(levels, worst)) - 1
            else:
                low, unknown = at + 1, unknown if solved.is_infeasible else min(unknown, at)
            at = (low + high) // 2
        if best.x is None:
            return replace(best, is_infeasible=unknown == len(levels))
        return replace(best, bound=best.value if unknown == len(levels) else levels[unknown])

    best = RankedPlan(sites, value, bound, (SearchStep.HALVING,))
    return CutModel(table, "p_centre", site, best, 1000.0, 0.0, seek)


def _counted(
    table: SitingTable,
    question: BackupCovering | ExpectedCovering | ReliableCovering,
    worth: Floats,
    problem: str,
    clock: Clock,
) -> CutModel:
    """Put 'n sites for people in time of so many', whose worth is told by the number of sites in time."""
    table = in_time(table, question.limit_s)
    check_reach_any(table)
    n = check_n(table, question.n)
    counted = count_model(table, worth)
    sites, proof = best_counted(table, counted, n, clock=clock, gap=0.0)
    few = n - int(table.with_status(FORCED_IN).sum())
    best = RankedPlan(sites, -proof.value, -proof.bound, proof.steps)
    seek = seek_with(counted.model(few), shift=0.0, grain=counted.grain)
    return CutModel(table, problem, counted.site, best, -1.0, counted.grain, seek)


def _capacity(table: SitingTable, question: CapacitatedCovering, clock: Clock) -> CutModel:
    """Put 'n sites for people served in time, no site overfull'."""
    table, n, problem = covering_model(table, question)
    first = first_allocation(table, n, problem, clock=clock)
    allocation = solve_allocation(problem, first, clock=clock.scaled(-1.0), gap=0.0)

    def allocate(solved: Solved) -> Allocation:
        assert solved.x is not None
        return read_allocation(problem, solved.x, solved.value, solved.bound, steps=STEPS)

    return CutModel(
        table,
        "capacitated_covering",
        problem.sites,
        RankedPlan(
            allocation.new_sites,
            allocation.value,
            max(allocation.bound, -float(table.weight.sum())),
            allocation.steps,
            allocation,
        ),
        -1.0,
        problem.grain,
        seek_with(problem.model, shift=0.0, grain=problem.grain),
        allocate,
    )
