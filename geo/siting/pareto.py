"""Every number of sites in one call, with the knee; and plans by the heuristic alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.messages import Message
from geo.optimize import Clock
from geo.settings import check_whole
from geo.siting._checks import check_charge, check_n, check_reach_any, check_served
from geo.siting._exact.best_n import quick_n
from geo.siting._exact.branch_and_bound import Incumbent
from geo.siting._exact.objective import Benefits, covering_benefits, median_benefits
from geo.siting._table import FIXED, FORCED_IN, Floats, Ints, SitingTable, check_table, in_time
from geo.siting.covering import best_sites, fill
from geo.siting.median import best_median, median_scale, reaching_sites
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.questions import BestN, MaximalCovering, PMedian
from geo.siting.search import DEFAULT, Search, start_clock
from geo.siting.search_steps import SearchStep

__all__ = [
    "TradeOff",
    "benefits_of",
    "best_plan",
    "greedy_swaps",
    "objective_scale",
    "problem_name",
    "question_table",
    "trade_off",
]


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
    table: SitingTable, question: BestN, *, n_min: int | None = None, search: Search = DEFAULT
) -> TradeOff:
    """Solve a question for every number of new sites up to its ``n``.

    Parameters
    ----------
    table : SitingTable
        Times, people and sites, made by ``siting_table``.
    question : MaximalCovering or PMedian
        What is best for each number; its ``n`` is the largest.
    n_min : int, optional
        Fewest; by default those that are forced in, and for the median without existing sites at least 1.
    search : Search
        As for ``maximal_covering``; the time is shared among the numbers.

    Raises
    ------
    InputError, InfeasibleError
        As for the question asked.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import MaximalCovering, siting_table, trade_off
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> curve = trade_off(table, MaximalCovering(n=2, limit_s=240))
    >>> curve.table["value"].to_list()
    [0.0, 60.0, 110.0]
    """
    clock = start_clock(search)
    table = question_table(table, question)
    least, most = _numbers(table, question, n_min)
    scale = objective_scale(table, question)
    clock = clock.scaled(1.0 / scale)
    rounds: list[tuple[Ints, Incumbent, Clock]] = []
    for n in range(least, most + 1):
        part = clock.part(clock.left_s / (most + 1 - n))
        start = rounds[-1][0] if rounds else None
        chosen, best = best_plan(table, replace(question, n=n), clock=part, gap=search.gap, start=start)
        rounds.append((chosen, best, part))
    plans = []
    bound = np.inf
    for chosen, best, part in reversed(rounds):
        bound = min(bound, best.bound)  # more sites are never worse, so their bound holds for fewer
        better = replace(best, bound=max(bound, best.value))
        plans.append(
            make_plan(table, chosen, better.proof(scale), problem=problem_name(question), clock=part)
        )
    plans.reverse()
    return _curve(plans, least)


def _numbers(table: SitingTable, question: BestN, n_min: int | None) -> tuple[int, int]:
    """Give the fewest and the most new sites."""
    most = check_n(table, question.n)
    least = int(table.with_status(FORCED_IN).sum())
    if isinstance(question, PMedian):
        least = max(least, int(not table.with_status(FIXED).any()))
    least = least if n_min is None else check_n(table, n_min, name="n_min")
    if least > most:
        raise InputError(Message("siting.fewer_than_least", {"n": most, "least": least}))
    if isinstance(question, PMedian):
        check_served(table, least)
    return least, most


def greedy_swaps(table: SitingTable, question: BestN, *, rounds: int = 5) -> SitingPlan:
    """Choose the ``n`` new sites of a question by greedy choice and swaps alone: fast, without a proof.

    Parameters
    ----------
    table, question
        As for ``trade_off``.
    rounds : int, default 5
        How often the plan is shaken and swapped again.

    Returns
    -------
    SitingPlan
        ``bound`` is what all candidates together would give, so ``gap`` is only a crude one.

    Raises
    ------
    InputError, InfeasibleError
        As for the question asked.
    """
    clock = Clock()
    table = question_table(table, question)
    n = check_n(table, question.n)
    check_whole("rounds", rounds, low=0)
    if isinstance(question, PMedian):
        check_served(table, n)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    benefits = benefits_of(table, question)
    few = min(n - len(forced), len(benefits.site))
    start = reaching_sites(benefits, few, n, clock=clock) if benefits.must.any() else None
    plan = quick_n(benefits, few, start=start, rounds=rounds)
    every = benefits.value(np.arange(len(benefits.site)))
    scale = objective_scale(table, question)
    proof = Proof(benefits.value(plan) / scale, every / scale, (SearchStep.GREEDY_SWAPS,))
    chosen = fill(table, np.concatenate([forced, benefits.site[plan]]), n)
    return make_plan(table, chosen, proof, problem=problem_name(question), clock=clock)


def question_table(table: SitingTable, question: BestN) -> SitingTable:
    """Keep what a question looks at, and check that it can be answered."""
    if isinstance(question, MaximalCovering):
        table = in_time(table, question.limit_s)
        check_reach_any(table)
        return table
    if isinstance(question, PMedian):
        check_charge(check_table(table), question.unreached_s)
        return table
    raise InputError(f"the question must be a MaximalCovering or a PMedian, not a {type(question).__name__}")


def benefits_of(table: SitingTable, question: BestN, *, keep_all: bool = False) -> Benefits:
    """Give what each site brings at each point."""
    if isinstance(question, PMedian):
        return median_benefits(table, unreached_s=question.unreached_s, keep_all=keep_all)
    return covering_benefits(table, keep_all=keep_all)


def objective_scale(table: SitingTable, question: BestN) -> float:
    """Give what a sum of benefits is divided by: the value that the planner reads comes out."""
    return median_scale(table) if isinstance(question, PMedian) else 1.0


def problem_name(question: BestN) -> str:
    """Name the function that asks a question."""
    return "p_median" if isinstance(question, PMedian) else "maximal_covering"


def best_plan(
    table: SitingTable, question: BestN, *, clock: Clock, gap: float, start: Ints | None = None
) -> tuple[Ints, Incumbent]:
    """Choose the ``n`` new sites of a question."""
    if isinstance(question, PMedian):
        unreached_s = question.unreached_s
        return best_median(table, question.n, unreached_s=unreached_s, clock=clock, gap=gap, start=start)
    return best_sites(table, question.n, clock=clock, gap=gap, start=start)


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
