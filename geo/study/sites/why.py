"""Why a place is among the sites, or why not: whom it reaches, who else does, what a plan with it loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import InfeasibleError, InputError
from geo.messages import Message, name_some
from geo.optimize import Progress
from geo.siting import SitingPlan
from geo.study.response import snap_rules
from geo.study.settings import SitingSpec, Study
from geo.study.sites.goals import answer_question
from geo.study.sites.land_rules import Sifted
from geo.study.sites.result import Reasons, SiteResult
from geo.study.sites.sifted import FAR_M
from geo.study.sites.values import unit_of_goal, value_columns
from geo.words import nearest_words

__all__ = ["REMOVED", "ask_why", "explain", "name_site", "named_places"]

REMOVED: Final = "removed"
EDGE: Final = 1e-9
_MEASURED: Final[Mapping[str, str]] = {"too_small": "area_m2"}
"""Rules whose number of a place stands in a column of the candidates."""


def ask_why(study: Study, places: Sequence[str]) -> Study:
    """Ask of more places why they are among the sites or why not, as ``[siting] why`` does."""
    if not places:
        return study
    spec = study.siting or SitingSpec()
    return replace(study, siting=replace(spec, why=tuple(dict.fromkeys([*spec.why, *places]))))


def named_places(asked: Sequence[str], sifted: Sifted) -> pd.Index:
    """Give the ids of places that are told by id or name: candidates, and those that a rule removed.

    Raises
    ------
    InputError
        A word names no place, or several.
    """
    every = pd.concat([sifted.kept[["name"]], sifted.removed[["name"]]])
    ids = []
    for word in asked:
        by_id = every.index[every.index == word]
        matches = by_id if len(by_id) else every.index[every["name"] == word]
        if len(matches) > 1:
            values = {"what": "why", "word": word, "names": name_some(matches)}
            raise InputError(Message("siting.several_named", values))
        if not len(matches):
            near = nearest_words(word, map(str, (*every.index, *every["name"].dropna())), n=3)
            key = "siting.why_unknown" if near else "siting.why_unlike"
            raise InputError(Message(key, {"word": word, "near": tuple(near)}))
        ids.append(matches[0])
    return pd.Index(ids, dtype=object).unique()


def name_site(table: pd.DataFrame, site: Any) -> str:
    """Call a candidate by its name, with its id where the name does not say it."""
    name = str(table.at[site, "name"])
    return name if str(site) in name else f"{name} ({site})"


def explain(result: SiteResult, *, progress: Progress | None = None) -> tuple[Reasons, ...]:
    """Tell of each place that ``[siting] why`` names why it is among the sites, or why not.

    Parameters
    ----------
    result : SiteResult
        The answer, with the values of the candidates.
    progress : callable, optional
        Told the value and the bound while the best plan with a place is sought.
    """
    sifted = result.sifted
    places = named_places(result.spec.why, sifted)
    return tuple(
        _removed(result, place) if place in sifted.removed.index else _kept(result, place, progress)
        for place in places
    )


def _removed(result: SiteResult, place: str) -> Reasons:
    """Say which rule removed a place, with its number and the rule's."""
    removed, rules = result.sifted.removed, result.sifted.rules.set_index("rule")
    row, name = removed.loc[place], name_site(removed, place)
    rule = str(row["reason"])
    limit, unit, source = rules.loc[rule, ["limit", "unit", "source"]]
    road_m = _distance_to_road(result, removed.loc[[place]])
    measured = road_m if rule == "off_road" else float(row[_MEASURED[rule]]) if rule in _MEASURED else np.nan
    values = {"name": name, "rule": Message(f"siting.class_{rule}"), "limit": f"{limit:,g}"}
    values |= {"unit": Message(f"ranges.unit_{unit}") if unit else ""}
    values |= {"measured": f"{measured:,.0f}", "source": source, "km": FAR_M / 1000.0}
    key = "why_removed_by" if np.isfinite(measured) else "why_removed_at" if unit else "why_removed"
    key = "why_removed_far" if road_m > FAR_M else key
    told = (Message(f"siting.{key}", values), Message("siting.why_removed_cure"))
    return Reasons(place, str(row["name"]), REMOVED, told, {"measured": measured, "limit": float(limit)})


def _distance_to_road(result: SiteResult, site: gpd.GeoDataFrame) -> float:
    lines = result.inputs.network.lines
    return float(shapely.distance(np.asarray(site["shape"].array)[0], lines).min())


def _kept(result: SiteResult, place: str, progress: Progress | None) -> Reasons:
    values = result.values.loc[place]
    name, standing = name_site(result.sifted.kept, place), str(values["standing"])
    people, told, figures = _reach(result, place)
    columns = value_columns(result.spec)
    figures |= {column: float(values[column]) for column in columns}
    told = [_worth(result, name, values), *told]
    if not people:
        told.append(_nobody(result, place))
    if standing == "chosen":
        told.append(_replaced(result, values, columns[-1]))
    else:
        if standing == "barred":
            told.append(Message("siting.why_barred"))
        told += _exchange(result, values, columns[-1])
        with_it, more = _plan_with(result, place, progress)
        told.append(with_it)
        figures |= more
    return Reasons(place, str(result.sifted.kept.at[place, "name"]), standing, tuple(told), figures)


def _worth(result: SiteResult, name: str, values: pd.Series) -> Message:
    is_chosen = values["standing"] == "chosen"
    people = {"alone": f"{values['people_alone']:,.0f}", "beside": f"{values['people_beside']:,.0f}"}
    worth = Message("siting.why_chosen" if is_chosen else "siting.why_worth", {"name": name, **people})
    unit = unit_of_goal(result.spec)
    if unit == "people":
        return worth
    alone, beside = (_gain(unit, values[column]) for column in value_columns(result.spec)[-3:-1])
    key = "siting.why_goal_chosen" if is_chosen else "siting.why_goal_worth"
    return Message(key, {"worth": worth, "alone": alone, "beside": beside})


def _reach(result: SiteResult, place: str) -> tuple[float, list[Message], dict[str, Any]]:
    """Count the people in time of a place, and who of them is in time already: today, and by the plan."""
    people = result.question.people.to_numpy()
    points = result.question.in_time([place])
    today = result.before.table["is_covered"].to_numpy(dtype=bool)
    planned = result.after.table["is_covered"].to_numpy(dtype=bool) & ~today
    in_reach = float(people[points].sum())
    told: list[Message] = []
    figures: dict[str, Any] = {"people_in_reach": in_reach}
    if result.values.at[place, "is_chosen"]:
        planned[:] = False  # it would be said to reach them before itself
    for word, coverage, mask in (("today", result.before, today), ("plan", result.after, planned)):
        rows = coverage.table[points & mask]
        station, n_first, mean_s = _first_of(rows, coverage.stations)
        n = float(rows["people"].sum())
        figures |= {f"people_{word}": n, f"station_{word}": station, f"{word}_mean_s": mean_s}
        if n > 0.0:
            counts = {"n": f"{n:,.0f}", "in_reach": f"{in_reach:,.0f}", "first": f"{n_first:,.0f}"}
            values = {**counts, "station": station, "minutes": mean_s / 60.0}
            told.append(Message(f"siting.why_{word}", values))
    return in_reach, told, figures


def _first_of(rows: pd.DataFrame, stations: gpd.GeoDataFrame) -> tuple[str, float, float]:
    """Name the station that is first at most of these people, with their number and mean response."""
    loads = rows.groupby("first_id")["people"].sum()
    if not len(loads) or not loads.max() > 0.0:
        return "", 0.0, np.nan
    first = loads.idxmax()
    own = rows[rows["first_id"] == first]
    name = stations.at[first, "name"]
    mean_s = float(np.average(own["first_s"], weights=own["people"]))
    return str(first if pd.isna(name) or not name else name), float(loads.max()), mean_s


def _nobody(result: SiteResult, place: str) -> Message:
    """Say why a place is in time of nobody: its roads lead to no one, or everybody is too far."""
    network, before = result.inputs.network, result.before
    site = snap_rules(result.study, result.inputs).snap(result.sifted.kept.loc[[place]], network)
    homes = before.demand_snaps
    is_lived = homes["is_snapped"].to_numpy(dtype=bool) & (result.question.people.to_numpy() > 0.0)
    roads = network.node_component[network.edge_u[homes["edge"].to_numpy()[is_lived].astype(np.int64)]]
    own = network.node_component[network.edge_u[int(site["edge"].iloc[0])]]
    key = "siting.why_nobody" if own in roads else "siting.why_island"
    return Message(key, {"minutes": result.question.limit_s / 60.0})


def _replaced(result: SiteResult, values: pd.Series, column: str) -> Message:
    """Say what comes in the place of a site of the plan where its ground cannot be had."""
    if values["exchanged_for"] is None:
        return Message("siting.why_no_other")
    other = name_site(result.sifted.kept, values["exchanged_for"])
    return Message(
        "siting.why_replaced", {"other": other, "change": _change(result.spec, float(values[column]))}
    )


def _exchange(result: SiteResult, values: pd.Series, column: str) -> list[Message]:
    """Say what is lost when a place takes that of the site of the plan which it replaces best."""
    if values["exchanged_for"] is None:
        return [Message("siting.why_no_exchange")] if len(result.answer.plan.site_ids) else []
    other = name_site(result.sifted.kept, values["exchanged_for"])
    return [
        Message(
            "siting.why_exchange", {"other": other, "change": _change(result.spec, float(values[column]))}
        )
    ]


def _change(spec: SitingSpec, change: float) -> Message:
    """Put a change of value as what is lost, won, or neither."""
    if abs(change) <= EDGE:
        return Message("siting.change_none")
    unit = unit_of_goal(spec)
    return _amount(f"siting.change_won_{unit}" if change > 0.0 else f"siting.change_lost_{unit}", abs(change))


def _amount(key: str, value: float) -> Message:
    """Say an amount of what a goal counts."""
    if not np.isfinite(value):
        return Message("siting.gain_none")
    digits = 0 if key.endswith("_people") and abs(value) >= 1.0 else 1  # people are whole, as in every table
    return Message(key, {"n": f"{value:,.{digits}f}".removesuffix(".0")})


def _gain(unit: str, value: float) -> Message:
    return Message("siting.change_none") if abs(value) <= EDGE else _amount(f"siting.gain_{unit}", value)


def _plan_with(result: SiteResult, place: str, progress: Progress | None) -> tuple[Message, dict[str, Any]]:
    """Seek the best plan that holds a place, and hold it against the plan that is shown."""
    question, spec, plan = result.question, result.spec, result.answer.plan
    nothing = {"value_with": np.nan, "value_lost": np.nan, "plan_with": "", "is_proven": None}
    n_forced = int((question.sites["status"] == "forced_in").sum())
    asks_number = spec.asked not in ("fewest", "budget")
    if asks_number and n_forced >= len(plan.site_ids):
        key = "why_no_room" if plan.site_ids else "why_no_site"
        return Message(f"siting.{key}", {"n": n_forced}), nothing
    status = question.sites["status"].copy()
    status[place] = "forced_in"
    asked = replace(question, sites=question.sites.assign(status=status))
    same = replace(_one_plan(spec), n=len(plan.site_ids))
    try:
        other = answer_question(asked, same, progress=progress).plan
    except (InfeasibleError, InputError) as error:
        return Message("siting.why_impossible", {"why": error}), nothing
    sign = -1.0 if same.goal in ("fewest", "mean", "worst") else 1.0
    lost = sign * (plan.value - other.value)
    lost = 0.0 if abs(lost) <= EDGE * max(1.0, abs(plan.value)) else lost
    sites = tuple(name_site(result.sifted.kept, site) for site in other.site_ids)
    figures = {"value_with": other.value, "value_lost": lost, "plan_with": ", ".join(sites)}
    told = _told_plan(result, other, lost, sites)
    return told, figures | {"is_proven": bool(plan.is_proven and other.is_proven)}


def _one_plan(spec: SitingSpec) -> SitingSpec:
    """Ask for one plan where the question was for several, or for one year by year."""
    if spec.goal == "programme":
        return replace(spec, goal="best")
    return replace(spec, goal=spec.of) if spec.goal in ("trade_off", "alternatives") else spec


def _told_plan(result: SiteResult, other: SitingPlan, lost: float, sites: tuple[str, ...]) -> Message:
    spec = result.spec
    unit = ("cost" if spec.by_cost else "sites") if spec.asked == "fewest" else unit_of_goal(spec)
    values = {
        "sites": sites,
        "value": _amount(f"siting.amount_{unit}", other.value),
        "lost": _amount(f"siting.loss_{unit}", abs(lost)),
        "proof": Message(
            "siting.why_proven" if result.answer.plan.is_proven and other.is_proven else "siting.why_cut"
        ),
    }
    key = "why_tie" if lost == 0.0 else "why_with" if lost > 0.0 else "why_better"
    return Message(f"siting.{key}", values)
