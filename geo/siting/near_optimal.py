"""The best plans that differ: plots are negotiated, and the second-best plan may be the one to build."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import sparse

from geo.optimize import Clock, Solved
from geo.settings import check_number, check_whole
from geo.siting._next_best import STEPS, CutModel, RankedPlan, cut_model
from geo.siting._table import SitingTable
from geo.siting.capacity import covering_plan
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.questions import Question
from geo.siting.search import DEFAULT, Search, start_clock

__all__ = ["Alternatives", "alternatives"]

EDGE: Final = 1e-9
_FIGURES: Final = ("value", "bound", "gap", "is_proven", "n_people_covered", "mean_s")


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
    table: SitingTable,
    question: Question,
    *,
    k: int,
    max_loss: float,
    n_changed: int = 1,
    search: Search = DEFAULT,
) -> Alternatives:
    """Give the ``k`` best plans that are different.

    Each plan S found is cut off by ``sum of y_j over S <= |S| - n_changed`` before the next is sought. So no
    plan is one that was given before with sites added to it: with ``SetCovering`` none of their sites may be
    left out.

    Parameters
    ----------
    table : SitingTable
        Times, people and sites, made by ``siting_table``.
    question : MaximalCovering, PMedian, SetCovering, PCentre, BackupCovering or CapacitatedCovering
        What the plans are good for.
    k : int
        Most plans to give, the best one among them.
    max_loss : float
        Give only plans that are worse than the best by at most this share of its value, 0 to 1.
    n_changed : int, default 1
        New sites of each plan that those after it leave out at least.
    search : Search
        As for ``maximal_covering``; its gap does not matter.

    Raises
    ------
    InputError, InfeasibleError
        As of the function that asks the question.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import MaximalCovering, alternatives, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> others = alternatives(table, MaximalCovering(n=1, limit_s=240), k=3, max_loss=0.2)
    >>> [(plan.site_ids, plan.value) for plan in others.plans], others.is_complete
    ([(('b',), 60.0), (('a',), 50.0)], True)
    """
    clock = start_clock(search)
    check_number("max_loss", max_loss, low=0.0, high=1.0)
    check_whole("k", k, low=1)
    check_whole("n_changed", n_changed, low=1)
    model = cut_model(table, question, clock=clock)
    on_plan = search.on_plan or (lambda n: None)
    ranked, is_complete = _ranked_plans(model, k, max_loss, n_changed, clock, on_plan)
    ranked.sort(key=lambda plan: plan.cost)  # where time was short a later plan may be the better one
    plans = tuple(_plan(model, plan, clock) for plan in ranked)
    return Alternatives(plans, _changes(plans), is_complete)


def _ranked_plans(
    model: CutModel, k: int, max_loss: float, n_changed: int, clock: Clock, on_plan: Callable[[int], None]
) -> tuple[list[RankedPlan], bool]:
    """Seek the next best plan until there are ``k``, none is left that is good enough, or time is up."""
    best = model.best
    most = best.cost + (max_loss + EDGE) * abs(best.cost)
    ranked = [best]
    while len(ranked) < k:
        if clock.left_s == 0.0:
            return ranked, False
        rows = np.array([np.isin(model.site, plan.sites) for plan in ranked], dtype=np.float64)
        cuts = sparse.csr_matrix(rows), rows.sum(axis=1) - n_changed
        if (cuts[1] < 0.0).any():  # a plan has fewer sites that can change than have to
            return ranked, True
        on_plan(len(ranked))
        solved = model.seek(cuts, min(best.bound, ranked[-1].bound), most, clock.scaled(1.0 / model.scale))
        if solved.is_infeasible:
            return ranked, True
        if solved.x is None:
            return ranked, False
        ranked.append(_read(model, solved))
    return ranked, False


def _read(model: CutModel, solved: Solved) -> RankedPlan:
    """Read a plan from what was sought."""
    assert solved.x is not None
    forced = np.setdiff1d(model.best.sites, model.site)
    sites = np.concatenate([forced, model.site[solved.x[: len(model.site)] > 0.5]])
    allocation = None if model.allocate is None else model.allocate(solved)
    if allocation is not None:
        sites = allocation.new_sites
    is_proven = solved.value - solved.bound < model.grain * (1.0 - 1e-6)
    bound = solved.value if is_proven else min(solved.bound, solved.value)
    return RankedPlan(sites, solved.value, bound, STEPS, allocation)


def _plan(model: CutModel, plan: RankedPlan, clock: Clock) -> SitingPlan:
    if plan.allocation is not None:
        return covering_plan(model.table, plan.allocation, clock)
    proof = Proof(plan.cost / model.scale, plan.bound / model.scale, plan.steps)
    return make_plan(model.table, plan.sites, proof, problem=model.problem, clock=clock)


def _changes(plans: tuple[SitingPlan, ...]) -> pd.DataFrame:
    first = plans[0]
    lost = [abs(plan.value - first.value) for plan in plans]
    table = pd.DataFrame(
        [[getattr(plan, name) for name in _FIGURES] for plan in plans], columns=list(_FIGURES)
    )
    table["share_lost"] = [off / abs(first.value) if first.value else 0.0 for off in lost]
    table["sites_in"] = [_without(plan, first) for plan in plans]
    table["sites_out"] = [_without(first, plan) for plan in plans]
    return table[[*_FIGURES[:4], "share_lost", "sites_in", "sites_out", *_FIGURES[4:]]]


def _without(plan: SitingPlan, other: SitingPlan) -> tuple[Hashable, ...]:
    return tuple(site for site in plan.site_ids if site not in other.site_ids)
