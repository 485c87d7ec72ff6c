"""What each candidate of a study is worth: alone, beside the plan, in the place of one of its sites."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from geo.siting import MaximalCovering, SitingPlan, marginal_values
from geo.study.settings import SitingSpec
from geo.study.sites.goals import put_question, put_table
from geo.study.sites.question import Question

__all__ = ["STANDINGS", "VALUES", "candidate_values", "unit_of_goal", "value_columns"]

Unit: TypeAlias = Literal["people", "mean", "worst", "value"]
VALUES: Final = ("alone", "beside", "exchanged")
STANDINGS: Final = ("chosen", "equal", "near", "less", "nothing", "barred", "not_told")
"""How a candidate stands to the plan: in it; in exchange as good; losing no more than ``NEAR``; losing more;
bringing nothing at all; forced out; without a defined exchange."""
NEAR: Final = 0.1
"""Part of what a site brings to the plan that one in its place may lose and still be nearly as good."""
EDGE: Final = 1e-9
_COUNTED: Final = ("backup", "capacity", "expected", "reliable")
"""Goals whose value is another than the people in time."""


def unit_of_goal(spec: SitingSpec) -> Unit:
    """Tell what the goal counts: people in time, seconds of the mean or the longest time, or a value."""
    if spec.asked in ("mean", "worst"):
        return "mean" if spec.asked == "mean" else "worst"
    return "value" if spec.by_risk or spec.asked in _COUNTED else "people"


def value_columns(spec: SitingSpec) -> tuple[str, ...]:
    """Name the columns of values: people in time always, and beside them what the goal counts."""
    unit = unit_of_goal(spec)
    if unit == "people":
        return tuple(f"people_{word}" for word in VALUES)
    ending = "" if unit == "value" else "_s"
    return ("people_alone", "people_beside", *(f"{unit}_{word}{ending}" for word in VALUES))


def candidate_values(question: Question, spec: SitingSpec, plan: SitingPlan) -> pd.DataFrame:
    """Value every candidate against a plan.

    Parameters
    ----------
    question : Question
        Times, people and sites.
    spec : SitingSpec
        The goal.
    plan : SitingPlan
        The plan that is shown.

    Returns
    -------
    DataFrame
        By site id: the columns of :func:`value_columns`, more people or fewer seconds being more, nan where
        a value is not defined; ``is_chosen``; ``exchanged_for`` (a site id or None); ``standing`` (one of
        ``STANDINGS``).
    """
    table = put_table(question, spec)
    # An exchange keeps to the budget; of the cheapest sites it costs no more than they do.
    max_cost = spec.max_cost if spec.goal == "budget" else plan.value if spec.asked == "fewest" else None
    values = marginal_values(table, put_question(question, spec), plan.site_ids, max_cost=max_cost)
    told = dict(zip(value_columns(spec)[-3:], (values[word] for word in VALUES), strict=True))
    if unit_of_goal(spec) != "people":
        whole = put_table(replace(question, weights=question.weights * 0.0 + 1.0), SitingSpec())
        people = marginal_values(whole, MaximalCovering(n=spec.n, limit_s=question.limit_s), plan.site_ids)
        told = {"people_alone": people["alone"], "people_beside": people["beside"], **told}
    result = pd.DataFrame(told, index=values.index)
    return result.assign(
        is_chosen=values["is_chosen"],
        exchanged_for=values["exchanged_for"],
        standing=_standings(question, spec, plan, values, brings=(result > EDGE).any(axis=1)),
    ).rename_axis("site_id")


def _standings(
    question: Question, spec: SitingSpec, plan: SitingPlan, values: pd.DataFrame, *, brings: pd.Series
) -> list[str]:
    loss = -values["exchanged"]
    status = question.sites["status"].reindex(values.index)
    if spec.asked == "fewest":
        is_equal = _still_enough(question, spec, values)
        is_near = is_open = pd.Series(False, index=values.index)
    else:
        # Sums of people in another order may differ in the last digit.
        is_equal = loss <= EDGE * max(1.0, abs(plan.value))
        brought = values["exchanged_for"].map(values["beside"]).astype(float)
        is_near, is_open = loss <= NEAR * brought, loss.isna()
    standings = np.select(
        [values["is_chosen"], status == "forced_out", ~brings, is_open, is_equal, is_near],
        ["chosen", "barred", "nothing", "not_told", "equal", "near"],
        default="less",
    )
    return [str(word) for word in standings]


def _still_enough(question: Question, spec: SitingSpec, values: pd.DataFrame) -> pd.Series:
    """Tell whose exchange leaves the share of people in time."""
    weight = (question.people * question.weights).to_numpy()
    total = float(weight.sum())
    stations = question.sites.index[question.sites["status"] == "existing"]
    covered = float(weight[question.in_time([*stations, *values.index[values["is_chosen"]]])].sum())
    return covered + values["exchanged"] >= spec.share * total - EDGE * max(1.0, total)
