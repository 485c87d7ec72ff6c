"""Which plan of sites stays the best: the plan and its next best over the draws of ``[uncertainty]``."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasibleError, InputError
from geo.findings import Finding
from geo.messages import Message
from geo.optimize import Progress
from geo.siting import Question as SitingQuestion
from geo.siting import Search, alternatives, plan_values
from geo.study.inputs import naming
from geo.study.response import snap_rules
from geo.study.settings import SitingSpec, UncertaintySpec
from geo.study.sites.goals import put_question, put_table
from geo.study.sites.question import Question, is_timed, new_facilities, on_the_clock, turnout_of
from geo.study.sites.result import SiteResult
from geo.study.sites.values import unit_of_goal
from geo.study.uncertainty import prepare_ranges, sizes_of
from geo.uncertainty import Prepared, draw_starts, draw_state, rank_draws, tell_ranges
from geo.words import LANGS, say

__all__ = ["range_plans"]

_WORDS: Final = "uncertainty"
Sites: TypeAlias = tuple[Hashable, ...]
_NO_OTHERS: Final = ("programme", "budget")
"""Goals whose next best plans are not listed: of years, and of a budget."""
_MAX_LOSS: Final = 0.1
"""Plans that are worse by more than this part of the value are no rivals."""


def range_plans(result: SiteResult, spec: UncertaintySpec, *, progress: Progress | None = None) -> Finding:
    """Value the plan that is shown, and the next best ones, in many draws.

    Parameters
    ----------
    result : SiteResult
        The plan.
    spec : UncertaintySpec
        How often and how much is drawn, and how many plans are compared.
    progress : callable, optional
        Told the value and the bound while the next best plans are sought.

    Returns
    -------
    Finding
        ``ranges_plans``: a row for each plan, that shown first: ``plan_rank``, ``class`` (shown, other),
        ``sites`` (names), the unit, the value as ``computed``, ``low``, ``median``, ``high``, ``share_best``
        and ``share_near`` (draws in which it is the best and nearly the best), ``share_worst_loss``.

    Raises
    ------
    GeoError
        Measured intervals are wrong.
    """
    plans = _plans(result, spec, progress)
    sized = sizes_of(result.study, spec, result.before)
    with naming("uncertainty"):
        prepared = prepare_ranges(result.study, spec, result.inputs, result.before, sized.sizes)
    question = _asked(result)
    known = plan_values(put_table(result.question, result.spec), question, plans)
    new = _new_sites(result, plans)
    values = np.array([_values(result, prepared, question, new, draw) for draw in range(spec.draws)])
    draws = pd.DataFrame(values, columns=range(len(plans)))
    told = tell_ranges(draws, pd.Series(known), level=spec.range_share)
    # Somebody is reached by no site in a draw: no time is worse.
    ranked = rank_draws(draws.fillna(-np.inf).clip(lower=-1e12), near=spec.near_share)
    word, scale = _unit(result.spec)
    digits = 0 if word == "people" else 2
    ends = ("low", "median", "high") if scale > 0.0 else ("high", "median", "low")
    table = pd.DataFrame(
        {
            "plan_rank": np.arange(1, len(plans) + 1),
            "class": ["shown", *["other"] * (len(plans) - 1)],
            "sites": [_named(result, sites) for sites in plans],
            **{f"unit_{lang}": say(f"uncertainty.unit_{word}", lang=lang) for lang in LANGS},
            "computed": (told["computed"] * scale).round(digits),
            **{
                name: (told[end] * scale).round(digits)
                for name, end in zip(("low", "median", "high"), ends, strict=True)
            },
            "share_best": ranked["share_best"],
            "share_near": ranked["share_near"],
            "share_worst_loss": ranked["worst_loss"] if draws.notna().all(axis=None) else np.nan,
        }
    )
    return Finding(
        "ranges_plans", _WORDS, table, figures=_figures(table), notes=_notes(plans, spec, sized.notes)
    )


def _plans(result: SiteResult, spec: UncertaintySpec, progress: Progress | None) -> list[Sites]:
    """Give the plan that is shown and the next best: those that were listed, else sought now."""
    shown: Sites = tuple(result.answer.plan.site_ids)
    if result.answer.others is not None:
        listed = [tuple(plan.site_ids) for plan in result.answer.others.plans]
        return [shown, *(plan for plan in listed if set(plan) != set(shown))]
    if result.spec.goal in _NO_OTHERS or spec.plans == 1 or not shown:
        return [shown]
    search = Search(result.spec.time_limit_s, 0.0, progress)
    table = put_table(result.question, result.spec)
    try:
        found = alternatives(table, _asked(result), k=spec.plans, max_loss=_MAX_LOSS, search=search)
    except (InputError, InfeasibleError):  # as for places that are not split: the plan stands alone
        return [shown]
    listed = [tuple(plan.site_ids) for plan in found.plans]
    return [shown, *(plan for plan in listed if set(plan) != set(shown))][: spec.plans]


def _asked(result: SiteResult) -> SitingQuestion:
    """Give the question of the goal, for as many sites as the plan has."""
    question = put_question(result.question, result.spec)
    n = len(result.answer.plan.site_ids)
    return cast("SitingQuestion", replace(cast(Any, question), n=n)) if hasattr(question, "n") else question


@dataclass(frozen=True, eq=False)
class _NewSites:
    """The plans, and the sites of all of them: as facilities, and on the roads where the plan puts them."""

    plans: list[Sites]
    facilities: gpd.GeoDataFrame
    snaps: pd.DataFrame


def _new_sites(result: SiteResult, plans: list[Sites]) -> _NewSites:
    candidates = result.sifted.kept.loc[list(dict.fromkeys(site for sites in plans for site in sites))]
    snaps = snap_rules(result.study, result.inputs).snap(candidates, result.before.network)
    facilities = new_facilities(candidates, turnout_s=turnout_of(result.study, result.spec))
    return _NewSites(plans, facilities, snaps[["edge", "fraction", "access_s", "is_snapped"]])


def _values(
    result: SiteResult, prepared: Prepared, question: SitingQuestion, new: _NewSites, draw: int
) -> tuple[float, ...]:
    """Value the plans in one draw: its roads, turnout and people, at the sites of the plans alone."""
    state = draw_state(prepared, draw)
    asked, before = result.question, result.before
    snaps = new.snaps.assign(access_s=(new.snaps["access_s"] / state.access).round(3))
    starts = pd.concat(
        [
            draw_starts(prepared, draw, before.stations, before.standard),
            draw_starts(prepared, draw, new.facilities, before.standard),
        ]
    )
    drawn = replace(before, network=state.network, demand_snaps=state.demand_snaps)
    times = on_the_clock(
        drawn, pd.concat([state.station_snaps, snaps]), starts, search_s=_search_s(result.spec, asked)
    )
    here = replace(asked, times=times, people=state.people, sites=asked.sites.loc[times.facility_id])
    return plan_values(put_table(here, result.spec), question, new.plans)


def _search_s(spec: SitingSpec, question: Question) -> float:
    return question.times.limit_s if is_timed(spec) else question.limit_s


def _unit(spec: SitingSpec) -> tuple[str, float]:
    unit = unit_of_goal(spec)
    if unit in ("mean", "worst"):
        return "min", -1.0 / 60.0
    return ("people", 1.0) if unit == "people" else ("value", 1.0)


def _named(result: SiteResult, sites: Sites) -> str:
    return "; ".join(str(result.sifted.kept.at[site, "name"]) for site in sites) if sites else "–"


def _figures(table: pd.DataFrame) -> dict[str, float]:
    shown = table.iloc[0]
    names = ("low", "high", "share_best", "share_near")
    return {"n_plans": float(len(table)), **{name: float(shown[name]) for name in names}}


def _notes(plans: list[Sites], spec: UncertaintySpec, sizes: tuple[Message, ...]) -> tuple[Message, ...]:
    if len(plans) == 1:
        return (Message("uncertainty.note_plan_alone"), *sizes)
    values = {"n": len(plans) - 1, "near": f"{100 * spec.near_share:g}"}
    return (Message("uncertainty.note_plans", values), *sizes)
