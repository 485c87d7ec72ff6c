"""The goals of ``[siting]``, each put to the siting function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias, cast

import numpy as np

from geo.optimize import Progress, Stop
from geo.siting import (
    Alternatives,
    BackupCovering,
    BestN,
    CapacitatedCovering,
    ExpectedCovering,
    MaximalCovering,
    PCentre,
    PMedian,
    ReliableCovering,
    Search,
    SetCovering,
    SitingPlan,
    SitingTable,
    TradeOff,
    alternatives,
    backup_covering,
    budget_covering,
    build_programme,
    capacitated_covering,
    expected_covering,
    maximal_covering,
    p_centre,
    p_median,
    reliable_covering,
    set_covering,
    siting_table,
    trade_off,
)
from geo.siting import Question as SitingQuestion
from geo.study.settings import SitingSpec
from geo.study.sites.question import Question

__all__ = ["Answer", "answer_question", "put_question", "put_table"]


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan, with the curve or the other plans where they were asked for.

    Parameters
    ----------
    plan : SitingPlan
        The plan to show: of a trade-off that at the knee, of alternatives the best.
    curve : TradeOff or None
        Every number of sites.
    others : Alternatives or None
        The best plans that differ.
    n_out_of_reach : float
        People whom neither a station nor a candidate reaches within the search, left out of the question
        where the goal is the worst time.
    """

    plan: SitingPlan
    curve: TradeOff | None = None
    others: Alternatives | None = None
    n_out_of_reach: float = 0.0


def answer_question(
    question: Question,
    spec: SitingSpec,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    on_plan: Callable[[int], None] | None = None,
) -> Answer:
    """Solve a question.

    Parameters
    ----------
    question : Question
        Times, people and sites.
    spec : SitingSpec
        The goal and its options.
    progress : callable, optional
        Told the value and the bound as the search goes on.
    stop : callable, optional
        Asked now and then whether the search is to end with the best plan so far.
    on_plan : callable, optional
        Of several plans: told how many there are when the next one is sought.

    Raises
    ------
    InputError, InfeasibleError
        As of the siting functions.
    """
    table = put_table(question, spec)
    search = Search(spec.time_limit_s, spec.gap, progress, stop, on_plan)
    if spec.asked == "worst" or spec.goal == "alternatives":
        search = replace(search, gap=0.0)
    out = float(question.people[~question.is_reachable].sum())
    return replace(_GOALS[spec.goal](table, question, spec, search), n_out_of_reach=out)


def put_table(question: Question, spec: SitingSpec) -> SitingTable:
    """Make the table; for the worst time without whoever is beyond the search of all sites.

    Their longest time would be the answer, and how much the others count does not matter.
    """
    if spec.asked == "worst":
        people = question.people.where(question.is_reachable, 0.0)
        return siting_table(question.times, people, sites=question.sites)
    return siting_table(question.times, question.people, weights=question.weights, sites=question.sites)


def put_question(question: Question, spec: SitingSpec) -> SitingQuestion:
    """Put what is asked as a question of siting; of a programme, a budget and a curve what they count."""
    n, limit_s = spec.n, question.limit_s
    match spec.asked:
        case "fewest":
            return SetCovering(limit_s=limit_s, share=spec.share)
        case "worst":
            return PCentre(n=n)
        case "backup":
            return BackupCovering(n=n, limit_s=limit_s, second=spec.second)
        case "capacity":
            return CapacitatedCovering(n=n, limit_s=limit_s, is_split=spec.is_split)
        case "expected":
            return ExpectedCovering(n=n, limit_s=limit_s, busy_share=spec.busy_share or 0.0)
        case "reliable":
            q = spec.busy_share or 0.0
            return ReliableCovering(n=n, limit_s=limit_s, busy_share=q, reliability=spec.reliability)
        case "mean":
            return PMedian(n=n, unreached_s=question.times.limit_s)
        case _:
            return MaximalCovering(n=n, limit_s=limit_s)


Goal: TypeAlias = Callable[[SitingTable, Question, SitingSpec, Search], Answer]


def _best(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    return Answer(maximal_covering(table, n=spec.n, limit_s=question.limit_s, search=search))


def _fewest(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    return Answer(set_covering(table, limit_s=question.limit_s, share=spec.share, search=search))


def _mean(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    return Answer(p_median(table, n=spec.n, unreached_s=question.times.limit_s, search=search))


def _worst(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    return Answer(p_centre(table, n=spec.n, search=search))


def _backup(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    limit_s = question.limit_s
    return Answer(backup_covering(table, n=spec.n, limit_s=limit_s, second=spec.second, search=search))


def _capacity(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    limit_s, is_split = question.limit_s, spec.is_split
    return Answer(capacitated_covering(table, n=spec.n, limit_s=limit_s, is_split=is_split, search=search))


def _expected(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    limit_s, q = question.limit_s, spec.busy_share or 0.0
    return Answer(expected_covering(table, n=spec.n, limit_s=limit_s, busy_share=q, search=search))


def _reliable(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    plan = reliable_covering(
        table,
        n=spec.n,
        limit_s=question.limit_s,
        busy_share=spec.busy_share or 0.0,
        reliability=spec.reliability,
        search=search,
    )
    return Answer(plan)


def _programme(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    limit_s = question.limit_s
    return Answer(build_programme(table, n_per_year=spec.n_per_year, limit_s=limit_s, search=search))


def _budget(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    limit_s, max_cost = question.limit_s, spec.max_cost or 0.0
    return Answer(budget_covering(table, max_cost=max_cost, limit_s=limit_s, search=search))


def _trade_off(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    curve = trade_off(table, cast("BestN", put_question(question, spec)), search=search)
    at = int(np.flatnonzero(curve.table.index == curve.knee)[0])
    return Answer(curve.plans[at], curve=curve)


def _alternatives(table: SitingTable, question: Question, spec: SitingSpec, search: Search) -> Answer:
    others = alternatives(
        table,
        put_question(question, spec),
        k=spec.k,
        max_loss=spec.max_loss,
        n_changed=spec.n_changed,
        search=search,
    )
    return Answer(others.plans[0], others=others)


_GOALS: Final[Mapping[str, Goal]] = MappingProxyType(
    {
        "best": _best,
        "fewest": _fewest,
        "mean": _mean,
        "worst": _worst,
        "backup": _backup,
        "capacity": _capacity,
        "programme": _programme,
        "expected": _expected,
        "reliable": _reliable,
        "trade_off": _trade_off,
        "alternatives": _alternatives,
        "budget": _budget,
    }
)
