"""The scenarios of a study, each assessed and held against today, and all of them side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import summary
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.scenarios import (
    Difference,
    compare_facilities,
    compare_people,
    compare_stations,
    compare_targets,
    compare_zones,
    total_figures,
)
from geo.settings import FixedMapping
from geo.statistics import Summary
from geo.study.assessment import StudyResult, assess_targets
from geo.study.inputs import Inputs
from geo.study.scenarios.apply import change_inputs, naming_scenario
from geo.study.scenarios.outages import outage_findings
from geo.study.scenarios.resources import compare_resources, told_resources
from geo.study.scenarios.road_differences import changed_roads, own_roads
from geo.study.settings import TODAY, ScenarioSpec
from geo.study.steps import OnStep, Step
from geo.words import percent

__all__ = [
    "assess_scenario",
    "compare_scenarios",
    "difference_findings",
    "run_scenario",
    "with_scenarios",
]

_SITES: Final = class_roles(
    "facility_change", ("added", "built", "moved", "turnout", "upgraded", "closed", "slower", "faster")
)
_STYLES: Final = {
    "roads": Style(
        class_roles("road_change", ("closed", "slower", "faster")),
        by="change",
        columns=("change", "highway", "length_m"),
        is_on=True,
        size=5.0,
    ),
    "towns": Style(
        class_roles("town_change", ("more", "connected", "same", "fewer", "cut_off")),
        by="change",
        title="zone",
    ),
    "people": Style(
        class_roles("change", ("gains", "reachable", "faster", "same", "slower", "loses", "unreachable")),
        by="change",
        columns=(
            *("change", "people", "before_s", "after_s", "change_s"),
            *("before_station", "after_station", "reason", "zone"),
        ),
        is_on=True,
        size=5.0,
    ),
    "sites": Style(_SITES, by="change", columns=("change", "kind"), is_on=True, size=9.0),
    "stations": Style(
        class_roles("load_change", ("new", "loaded", "same", "relieved", "closed")),
        by="change",
        columns=(
            *("change", "before_people", "after_people", "share_before", "share_after"),
            *("before_mean_s", "after_mean_s"),
        ),
        size=7.0,
    ),
}


def with_scenarios(
    result: StudyResult,
    changed: Mapping[str, Inputs],
    *,
    missing: Sequence[str] = (),
    step: OnStep = lambda step: None,
) -> StudyResult:
    """Give the result with scenarios: the difference of each to today, and all side by side.

    Parameters
    ----------
    result : StudyResult
        Today.
    changed : mapping of str to Inputs
        By the name of the scenario, as :func:`geo.study.change_inputs` gives them.
    missing : sequence of str
        Projects of the plan that could be no scenario for want of a place; they are told.
    step : callable
        Told each step as it starts.

    Raises
    ------
    GeoError
        A scenario cannot be assessed; the message names it.
    """
    outages = outage_findings(result)
    if not changed and not missing and not outages:
        return result
    compared = []
    for name, inputs in changed.items():
        step(Step.SCENARIOS)
        asked = next((asked for asked in result.study.scenarios if asked.name == name), None)
        compared.append(assess_scenario(result, inputs, name=name, scenario=asked))
    differences = tuple(compared)
    findings = compare_scenarios(result, differences, missing=missing) if changed or missing else ()
    findings = (*findings, *outages)
    more = {finding.name: finding for finding in findings}
    return replace(result, scenarios=differences, findings=FixedMapping({**result.findings, **more}))


def run_scenario(result: StudyResult, scenario: ScenarioSpec) -> Difference:
    """Change today's inputs as a scenario says, assess them and hold them against today.

    Parameters
    ----------
    result : StudyResult
        Today.
    scenario : ScenarioSpec
        What changes.

    Raises
    ------
    GeoError
        The scenario cannot be used; the message names it.

    Examples
    --------
    ``run_scenario(result, ScenarioSpec("P2 is built", build=["P2"])).figures["gain_people"]``
    """
    changed = change_inputs(result.study, result.inputs, scenario)
    return assess_scenario(result, changed, name=scenario.name, scenario=scenario)


def assess_scenario(
    result: StudyResult, changed: Inputs, *, name: str, scenario: ScenarioSpec | None = None
) -> Difference:
    """Assess a scenario and hold it against today.

    Parameters
    ----------
    result : StudyResult
        Today.
    changed : Inputs
        As the scenario makes them; see :func:`geo.study.change_inputs`.
    name : str
        Of the scenario.
    scenario : ScenarioSpec, optional
        What was asked, told where it holds for all stations or roads.

    Raises
    ------
    GeoError
        The scenario cannot be assessed, such as one that leaves no station; the message names it.
    """
    with naming_scenario(name):
        after = assess_targets(result.study, changed, before=result)
    people = compare_people(result.coverage.table, after.coverage.table)
    targets = None
    if result.targets is not None and after.targets is not None:
        targets = compare_targets(result.targets, after.targets)
    return Difference(
        name=name,
        people=people,
        stations=compare_stations(result.coverage.stations, after.coverage.stations),
        zones=compare_zones(people, result.inputs.zones if len(result.inputs.zones) else None),
        targets=targets,
        resources=compare_resources(result.study, result, changed, after.coverage),
        roads=changed_roads(result.inputs.network, changed.network),
        own_roads=own_roads(result.inputs.network, changed.network, scenario),
        sites=compare_facilities(result.inputs.facilities, changed.facilities),
        before=summary(result.coverage),
        after=summary(after.coverage),
        figures=total_figures(people),
        notes=() if scenario is None else _told(scenario),
        coverage=after.coverage,
    )


def _told(scenario: ScenarioSpec) -> tuple[Message, ...]:
    """Say what holds for all stations or roads: no table of changed places shows it at a glance."""
    notes = []
    if scenario.turnout_s is not None:
        notes.append(Message("scenarios.note_turnout", {"seconds": scenario.turnout_s}))
    if scenario.speed_factor is not None:
        notes.append(Message("scenarios.note_speed_factor", {"share": percent(scenario.speed_factor)}))
    return tuple(notes)


def compare_scenarios(
    result: StudyResult, differences: Sequence[Difference], *, missing: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Put the scenarios side by side, and list what each changes.

    Parameters
    ----------
    result : StudyResult
        Today.
    differences : sequence of Difference
        The scenarios.
    missing : sequence of str
        Projects of the plan that have no place; a note names them.

    Returns
    -------
    tuple of Finding
        ``scenario_comparison``: a row for today (0) and one for each scenario; ``name``, ``covered_people``,
        ``share_covered``, ``mean_s`` (of those reached), ``median_s``, ``p90_s``, ``worst_s`` (of all;
        ``inf`` where they fall among people not reached), ``unreachable_people``, ``gain_people``,
        ``lose_people``, ``cut_off_people``, ``slower_minute_people`` (later by more than a minute, in time or
        not), ``second_lose_people`` (who have no second station any more, however late),
        ``change_in_time_people`` (against today), ``change_mean_s`` (over the people reached today and in
        the scenario; that of ``mean_s`` would be of other people each time), ``n_over`` (stations
        above ``PEOPLE_PER_STATION``), ``n_met``, ``n_missed``, ``n_flips`` (targets; missing without a plan).
        ``scenario_changes``: the facilities and roads that each changes, for the map.
    """
    today = _row(TODAY, summary(result.coverage))
    today |= {
        "n_over": int(result.coverage.stations["is_over_limit"].sum()),
        **_statuses(result.targets, "status"),
    }
    rows = [today, *(_compared(difference) for difference in differences)]
    table = pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="scenario"))
    figures = {
        "n_scenarios": float(len(differences)),
        "most_gain_people": max(
            (difference.figures["gain_people"] for difference in differences), default=0.0
        ),
    }
    notes: list[Message] = []
    if any(len(difference.roads) for difference in differences):
        notes.append(Message("scenarios.note_kept"))
    if missing:
        notes.append(Message("scenarios.note_missing", {"names": tuple(missing)}))
    comparison = Finding("scenario_comparison", "scenarios", table, figures=figures, notes=tuple(notes))
    return (comparison, _changes(result, differences)) if differences else (comparison,)


def difference_findings(difference: Difference, zones: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Give the tables of one scenario, with how a map draws them.

    Parameters
    ----------
    difference : Difference
        The scenario.
    zones : GeoDataFrame
        Zones of the study, perhaps empty: the places of the towns.

    Returns
    -------
    tuple of Finding
        ``difference_people``, ``difference_stations``, ``difference_towns``; with a plan
        ``difference_targets``; where shelters, depots, hydrants or busy engines change
        ``difference_resources`` (shares in per cent, each row with its unit); where
        roads change ``difference_roads``, where facilities do
        ``difference_sites``.
    """
    people, names = difference.people, difference.stations["name"]
    drawn = people.assign(
        before_station=people["before_id"].map(names), after_station=people["after_id"].map(names)
    )
    tables = {
        "roads": difference.told_roads,
        "towns": _placed_towns(difference.zones, zones),
        "people": drawn,
        "sites": difference.sites,
        "stations": difference.stations,
        **({} if difference.targets is None else {"targets": difference.targets}),
        **({} if difference.resources is None else {"resources": told_resources(difference.resources)}),
    }
    return tuple(
        Finding(
            f"difference_{name}",
            "scenarios",
            table,
            style=_style(name, table),
            figures=difference.figures if name == "people" else {},
        )
        for name, table in tables.items()
        if len(table)
    )


def _style(name: str, table: pd.DataFrame) -> Style | None:
    """Give how a map draws a table; None for one without places."""
    if not isinstance(table, gpd.GeoDataFrame):
        return None
    style = _STYLES[name]
    if name == "towns":
        return replace(style, columns=tuple(table.columns.drop(["change", "geometry"])))
    return replace(style, title="zone") if name == "people" and "name" not in table else style


def _placed_towns(table: pd.DataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the towns their shapes, and a word for more or fewer people in time, or else reached at all."""
    in_time = table["change_in_time_people"].round(6)
    lost = (table["after_unreachable_people"] - table["before_unreachable_people"]).round(6)
    cases = {"more": in_time > 0, "fewer": in_time < 0, "cut_off": lost > 0, "connected": lost < 0}
    change = np.select(list(cases.values()), list(cases), default="same").astype(object)
    towns = table.assign(change=change)
    if not len(zones):
        return towns
    shapes = zones.drop_duplicates("name").set_index("name").geometry.reindex(towns.index)
    return gpd.GeoDataFrame(towns, geometry=shapes, crs=zones.crs)


def _changes(result: StudyResult, differences: Sequence[Difference]) -> Finding:
    """List the facilities and roads that scenarios change, with what comes of it."""
    rows: list[dict[str, Any]] = []
    for i, difference in enumerate(differences, start=1):
        scenario = {"scenario": i, "scenario_name": difference.name} | {
            name: difference.figures[name] for name in ("gain_people", "lose_people")
        }
        rows += [
            {**scenario, "name": site.name, "change": site.change, "geometry": site.geometry}
            for site in difference.sites.itertuples()
        ]
        for change, part in difference.told_roads.groupby("change", sort=True):
            names = ", ".join(sorted({str(name) for name in part["name"] if name})[:5])
            lines = shapely.union_all(part.geometry.to_numpy())
            rows.append({**scenario, "name": names or None, "change": change, "geometry": lines})
    columns = ["scenario", "scenario_name", "gain_people", "lose_people", "name", "change", "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=result.inputs.network.crs)
    shown = ("scenario_name", "change", "gain_people", "lose_people")
    return Finding(
        "scenario_changes", "scenarios", table, Style(_SITES, by="change", columns=shown, size=7.0)
    )


def _compared(difference: Difference) -> dict[str, Any]:
    row = _row(difference.name, difference.after)
    changes = ("gain_people", "lose_people", "slower_minute_people", "second_lose_people")
    figures = difference.figures
    row |= {name: figures[name] for name in changes}
    row["cut_off_people"] = figures["unreachable_people"]
    before, after = difference.before, difference.after
    row["change_in_time_people"] = after["people_covered"] - before["people_covered"]
    row["change_mean_s"] = round(figures["both_after_mean_s"] - figures["both_before_mean_s"], 3)
    row["n_over"] = int(difference.stations["is_over"].sum())
    row |= _statuses(difference.targets, "status_after")
    if difference.targets is not None:
        row["n_flips"] = int(difference.targets["change"].isin(["now met", "now missed"]).sum())
    return row


def _row(name: str, figures: Summary) -> dict[str, Any]:
    return {
        "name": name,
        "covered_people": figures["people_covered"],
        "share_covered": figures["share_covered"],
        "mean_s": figures["mean_s"],
        "median_s": figures["median_s"],
        "p90_s": figures["p90_s"],
        "worst_s": figures["worst_s"],
        "unreachable_people": figures["people_unreachable"],
        "gain_people": 0.0,
        "lose_people": 0.0,
        "cut_off_people": 0.0,
        "slower_minute_people": 0.0,
        "second_lose_people": 0.0,
        "change_in_time_people": 0.0,
        "change_mean_s": 0.0,
    }


def _statuses(targets: pd.DataFrame | None, column: str) -> dict[str, float]:
    """Count the targets that are met and missed; missing without a plan."""
    if targets is None:
        return {"n_met": math.nan, "n_missed": math.nan, "n_flips": math.nan}
    counts = targets[column].value_counts()
    return {"n_met": int(counts.get("met", 0)), "n_missed": int(counts.get("missed", 0)), "n_flips": 0}
