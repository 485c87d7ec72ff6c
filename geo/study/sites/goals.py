"""The goals of ``[siting]``, each put to the siting function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.optimize import Progress
from geo.siting import (
    Alternatives,
    Asked,
    SitingPlan,
    TradeOff,
    alternatives,
    backup_covering,
    budget_covering,
    build_programme,
    capacitated_covering,
    maximal_covering,
    p_centre,
    p_median,
    set_covering,
    trade_off,
)
from geo.study.settings import SitingSpec
from geo.study.sites.question import Question

__all__ = ["Answer", "answer"]


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


def answer(question: Question, spec: SitingSpec, *, progress: Progress | None = None) -> Answer:
    """Solve a question.

    Parameters
    ----------
    question : Question
        Times, people and sites.
    spec : SitingSpec
        The goal and its options.
    progress : callable, optional
        Told the value and the bound as the search goes on.

    Raises
    ------
    InputError, InfeasibleError
        As of the siting functions.
    """
    found = _GOALS[spec.goal](question, spec, progress)
    out = float(question.people[~question.is_reachable].sum())
    return replace(found, n_out_of_reach=out)


def _common(question: Question, spec: SitingSpec, progress: Progress | None) -> dict[str, Any]:
    return {
        "times": question.times,
        "people": question.people,
        "weights": question.weights,
        "sites": question.sites,
        "time_limit_s": spec.time_limit_s,
        "gap": spec.gap,
        "progress": progress,
    }


def _best(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(maximal_covering(**given, n=spec.n, limit_s=question.limit_s))


def _fewest(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(set_covering(**given, share=spec.share, limit_s=question.limit_s))


def _mean(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(p_median(**given, n=spec.n, unreached_s=question.times.limit_s))


def _worst(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    """Leave out who is beyond the search of all sites: their longest time would be the answer."""
    given = _common(question, spec, progress)
    for name in ("weights", "gap"):
        del given[name]
    return Answer(p_centre(**(given | {"people": _within_search(question)}), n=spec.n))


def _within_search(question: Question) -> pd.Series:
    return question.people.where(question.is_reachable, 0.0)


def _backup(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(backup_covering(**given, n=spec.n, limit_s=question.limit_s, second=spec.second))


def _capacity(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(capacitated_covering(**given, n=spec.n, limit_s=question.limit_s, is_split=spec.is_split))


def _programme(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(build_programme(**given, n_per_year=spec.n_per_year, limit_s=question.limit_s))


def _budget(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    return Answer(budget_covering(**given, max_cost=spec.max_cost or 0.0, limit_s=question.limit_s))


def _trade_off(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    about: dict[str, Any] = {"problem": "maximal_covering", "limit_s": question.limit_s}
    if spec.of == "mean":
        about = {"problem": "p_median", "unreached_s": question.times.limit_s}
    curve = trade_off(**given, **about, n_max=spec.n)
    at = int(np.flatnonzero(curve.table.index == curve.knee)[0])
    return Answer(curve.plans[at], curve=curve)


def _alternatives(question: Question, spec: SitingSpec, progress: Progress | None) -> Answer:
    given = _common(question, spec, progress)
    del given["gap"]
    if spec.of == "worst":
        del given["weights"]
        given["people"] = _within_search(question)
    about, options = _RIVALS[spec.of](question, spec)
    limit: dict[str, Any] = {} if spec.of in ("mean", "worst") else {"limit_s": question.limit_s}
    count: dict[str, Any] = {} if spec.of == "fewest" else {"n": spec.n}
    found = alternatives(
        **given,
        **limit,
        **count,
        **options,
        problem=about,
        k=spec.k,
        max_loss=spec.max_loss,
        n_changed=spec.n_changed,
    )
    return Answer(found.plans[0], others=found)


_RIVALS: Final[Mapping[str, Callable[[Question, SitingSpec], tuple[Asked, dict[str, Any]]]]] = (
    MappingProxyType(
        {
            "best": lambda question, spec: ("maximal_covering", {}),
            "mean": lambda question, spec: ("p_median", {"unreached_s": question.times.limit_s}),
            "fewest": lambda question, spec: ("set_covering", {"share": spec.share}),
            "worst": lambda question, spec: ("p_centre", {}),
            "backup": lambda question, spec: ("backup_covering", {"second": spec.second}),
            "capacity": lambda question, spec: ("capacitated_covering", {"is_split": spec.is_split}),
        }
    )
)
_GOALS: Final[Mapping[str, Callable[[Question, SitingSpec, Progress | None], Answer]]] = MappingProxyType(
    {
        "best": _best,
        "fewest": _fewest,
        "mean": _mean,
        "worst": _worst,
        "backup": _backup,
        "capacity": _capacity,
        "programme": _programme,
        "trade_off": _trade_off,
        "alternatives": _alternatives,
        "budget": _budget,
    }
)
