"""What a study finds about hydrants and water points: tables for the map, the files and the targets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import StudyError
from geo.findings import Finding, Style, class_roles
from geo.hydrants import (
    HYDRANT_CLASSES,
    STATES,
    HydrantRules,
    HydrantState,
    SitePlan,
    add_proposals,
    best_sites,
    drive_to_water,
    gap_table,
    is_short,
    judge_hydrants,
    least_hydrants,
    load_rules,
    make_roads,
    place_points,
    uncovered_lines,
    water_short_places,
)
from geo.messages import Message
from geo.network import name_classes
from geo.plans import load_plan
from geo.study.inputs import Inputs, naming
from geo.study.settings import Study
from geo.words import percent

__all__ = ["WORDS", "judge", "report_hydrants", "water_points"]

WORDS: Final = "hydrants"
PROPOSE: Final = 60
"""How many hydrants are proposed when neither the study nor its plan says."""


def report_hydrants(study: Study, inputs: Inputs, *, is_brief: bool = False) -> tuple[Finding, ...]:
    """Find what the hydrants and water points of a study cover, where they are missing and where to build.

    Parameters
    ----------
    study : Study
        Its section ``[hydrants]``.
    inputs : Inputs
        The layers.
    is_brief : bool
        Whether figures of ``hydrants``, ``hydrant_gaps`` and ``water_points`` are enough: no gap is drawn,
        no hydrant proposed.

    Returns
    -------
    tuple of Finding
        None where the study has no hydrant and no water point.

    Raises
    ------
    GeoError
        Settings contradict each other, no road bears hydrants, or lengths in the study's CRS are not true.
    """
    kinds = set(inputs.facilities["kind"])
    if not kinds & {"hydrant", "water_point"}:
        return ()
    with naming("hydrants"):
        state, rules = judge(study, inputs)
        if is_brief:
            gaps = Finding("hydrant_gaps", WORDS, pd.DataFrame(), figures=_gap_figures(state))
            return (_hydrants(study, state, rules, inputs), gaps, *water_points(inputs, None))
        water, people = _water(study, inputs, state)
        findings = [_hydrants(study, state, rules, inputs), *_roads(state, inputs)]
        findings += [_proposals(study, state, rules, findings[1].figures), _short(study, people)]
        return (*findings, *water, _by_zone(people, study.hydrants.water_point_m, has_water=bool(water)))


def judge(study: Study, inputs: Inputs) -> tuple[HydrantState, HydrantRules]:
    """Judge the hydrants of a study by its rules; errors as of :func:`report_hydrants`."""
    rules, spec = _rules(study), study.hydrants
    roads = make_roads(
        inputs.network,
        classes=spec.classes or HYDRANT_CLASSES,
        built_up=inputs.context.built_up,
        wide_classes=spec.wide_classes,
    )
    state = judge_hydrants(
        roads,
        inputs.facilities,
        inputs.demand,
        rules=rules,
        end_m=spec.end_m,
        snap_m=spec.snap_m,
        unknown_works=spec.unknown_works,
    )
    return state, rules


def _rules(study: Study) -> HydrantRules:
    rules, spec = load_rules(), study.hydrants
    for name, value in (("radius_m", spec.radius_m), ("spacing_m", spec.spacing_m), ("snap_m", spec.snap_m)):
        if value is not None and not value > 0:
            raise StudyError(Message("hydrants.not_above_zero", {"name": name, "value": value}))
    return HydrantRules(
        radius_m=spec.radius_m or rules.radius_m,
        spacing_m=spec.spacing_m or rules.spacing_m,
        both_sides_m=rules.both_sides_m,
        flow_lps=rules.flow_lps,
        sources=rules.sources,
    )


def _hydrants(study: Study, state: HydrantState, rules: HydrantRules, inputs: Inputs) -> Finding:
    """Tell the hydrants themselves and what lies within their radius."""
    rows, people = state.hydrants, state.people
    n = rows["state"].value_counts()
    flow = pd.to_numeric(rows["flow_lps"], errors="coerce")
    total = float(people["people"].sum())
    covered = float(people.loc[people["is_covered"], "people"].sum())
    columns = ["name", "state", "flow_lps", "opened_year", "road_m", "is_on_road", "source", "geometry"]
    return Finding(
        name="hydrants",
        words=WORDS,
        table=rows[columns],
        style=Style(
            class_roles("hydrant", STATES), by="state", columns=("state", "flow_lps", "opened_year", "road_m")
        ),
        figures={
            "n_hydrants": float(len(rows)),
            "n_working": float(n.get("working", 0)),
            "n_broken": float(n.get("broken", 0)),
            "n_unknown": float(n.get("unknown", 0)),
            "n_off_road": float((~rows["is_on_road"].astype(bool)).sum()),
            "n_below_flow": float((flow < rules.flow_lps).sum()),
            "share_road_covered": state.cover.share,
            "share_people_covered": covered / total if total > 0 else math.nan,
            "people_covered": covered,
        },
        notes=tuple(_notes(study, state, rules, inputs)),
    )


def _notes(study: Study, state: HydrantState, rules: HydrantRules, inputs: Inputs) -> list[Message]:
    """Say what was assumed."""
    spec, spacing, rows = study.hydrants, state.spacing, state.hydrants
    end_m, half_m = spacing.end_m, spacing.spacing_m / 2
    notes = [
        Message(
            "hydrants.note_rules",
            {"radius": rules.radius_m, "spacing": rules.spacing_m, "source": rules.sources["radius_m"]},
        ),
        Message("hydrants.note_ends", {"end": end_m, "half": half_m}),
        Message("hydrants.note_classes", {"classes": name_classes(spec.classes or HYDRANT_CLASSES)}),
    ]
    where = "built_up" if inputs.context.built_up is not None else "everywhere"
    notes.append(Message(f"hydrants.note_{where}"))
    if not len(state.roads.need):
        notes.append(Message("hydrants.note_nowhere"))
    width = {"width": rules.both_sides_m, "classes": name_classes(spec.wide_classes)}
    notes.append(Message(f"hydrants.note_{'wide' if spec.wide_classes else 'no_widths'}", width))
    if n := int((rows["state"] == "unknown").sum()):
        count_as = "works" if spec.unknown_works else "broken"
        notes.append(Message(f"hydrants.note_unknown_{count_as}", {"n": n}))
    if n := int((~rows["is_on_road"].astype(bool)).sum()):
        notes.append(Message("hydrants.note_off_road", {"n": n, "limit": spec.snap_m}))
    return notes


def _roads(state: HydrantState, inputs: Inputs) -> list[Finding]:
    """Tell the gaps along the road and the roads beyond the radius."""
    demand = inputs.demand
    beside = place_points(state.roads, demand, max_m=200.0)
    beside = beside.assign(people=demand["people"], zone=demand["zone"])
    gaps = gap_table(state.roads, state.spacing, people=beside)
    gaps = gaps.assign(rank=np.arange(1, len(gaps) + 1))
    least = least_hydrants(state.roads, state.placed, state.spacing)
    beyond = uncovered_lines(state.roads, state.cover)
    return [
        Finding(
            name="hydrant_gaps",
            words=WORDS,
            table=gaps,
            style=Style(
                {"": "hydrant_gap"},
                columns=("gap", "length_m", "spacing_m", "people", "zone", "side"),
                size=3.0,
            ),
            figures={
                **_gap_figures(state),
                "road_km": state.roads.need.total() / 1e6,
                "n_least": float(least.n),
                "n_least_bound": float(least.bound),
            },
            notes=(Message("hydrants.note_least", {"n": least.n, "bound": least.bound}),) if least.n else (),
        ),
        Finding(
            name="hydrant_uncovered_roads",
            words=WORDS,
            table=beyond,
            style=Style({"": "road_beyond_hydrants"}, columns=("highway", "length_m"), size=2.0),
            figures={
                "road_km_uncovered": state.cover.uncovered.total() / 1e6,
                "road_km_covered": state.cover.covered.total() / 1e6,
            },
        ),
    ]


def _gap_figures(state: HydrantState) -> dict[str, float]:
    return {"n_gaps": float(state.spacing.n_gaps), "gap_km": state.spacing.gap_m / 1000.0}


def _proposals(study: Study, state: HydrantState, rules: HydrantRules, gaps: Mapping[str, float]) -> Finding:
    """Propose where the next hydrants should stand."""
    spec, n = study.hydrants, _number(study)
    people = state.people[~state.people["is_covered"]]
    plan: SitePlan = best_sites(
        state.roads,
        state.spacing,
        people,
        n=n,
        radius_m=rules.radius_m,
        people_per_gap_m=spec.people_per_gap_m,
    )
    table = plan.table
    after = add_proposals(state, table["edge"].to_numpy(), table["at_mm"].to_numpy())
    return Finding(
        name="hydrant_proposals",
        words=WORDS,
        table=table.drop(columns=["edge", "at_mm"]),
        style=Style(
            {"": "hydrant_proposal"},
            columns=("people", "closed_m", "gap", "zone", "highway"),
            title="rank",
            size=4.0,
        ),
        figures={
            "n_proposed": float(len(table)),
            "people_new": float(table["people"].sum()),
            "closed_m": float(table["closed_m"].sum()),
            "gap_km_after": after.gap_m / 1000.0,
            "value": plan.value,
            "value_bound": plan.bound,
        },
        notes=(
            Message("hydrants.note_proposals", {
                "n": len(table),
                "candidates": plan.n_candidates,
                "share": percent(plan.value / plan.bound if plan.bound > 0 else 1.0),
                "people_per_gap_m": spec.people_per_gap_m,
            }),
        ),
    )  # fmt: skip


def _number(study: Study) -> int:
    """Give how many hydrants to propose: the study's number, or that of its plan's target."""
    asked, name = study.hydrants.propose, study.study.plan
    if asked is not None:
        if asked < 0:
            raise StudyError(Message("hydrants.propose_negative", {"value": asked}))
        return asked
    if name is None:
        return PROPOSE
    own = study.file(name)
    plan = load_plan(own if own.is_file() else name)
    wanted = [target.value for target in plan.targets if target.method == "hydrant_siting"]
    return math.ceil(max(wanted, default=PROPOSE))


def _water(study: Study, inputs: Inputs, state: HydrantState) -> tuple[list[Finding], gpd.GeoDataFrame]:
    """Tell the water points and whom they serve; give people with their distance to one."""
    rows = _existing_water(inputs)
    away = drive_to_water(
        inputs.network, rows, inputs.demand, max_snap_m=study.snap.max_m, barriers=inputs.barriers
    )
    people = state.people.join(away)
    served = people.groupby("water_id")["people"].sum().reindex(rows.index).fillna(0.0)
    return water_points(inputs, served), people


def _existing_water(inputs: Inputs) -> gpd.GeoDataFrame:
    rows = inputs.facilities
    return rows[(rows["kind"] == "water_point") & (rows["status"] == "existing")]


def water_points(inputs: Inputs, served: pd.Series | None) -> list[Finding]:
    """Tell the water points with the people of each; nothing where there are none."""
    rows = _existing_water(inputs)
    finding = Finding(
        name="water_points",
        words=WORDS,
        table=rows[["name", "source", "geometry"]].assign(people=np.nan if served is None else served),
        style=Style({"": "water_point"}, columns=("people",), size=4.0),
        figures={"n_water_points": float(len(rows))},
    )
    return [finding] if len(rows) else []


def _short(study: Study, people: gpd.GeoDataFrame) -> Finding:
    """Tell the places short of water."""
    spec = study.hydrants
    note = "note_short" if spec.water_point_m is not None else "note_short_no_limit"
    places = water_short_places(people, water_m=spec.water_point_m, reach_m=spec.gap_reach_m)
    return Finding(
        name="water_short_areas",
        words=WORDS,
        table=places.assign(rank=np.arange(1, len(places) + 1)),
        style=Style(
            {"": "water_short"}, columns=("rank", "people", "n_points", "hydrant_m", "water_m"), size=5.0
        ),
        figures={"n_areas": float(len(places)), "people_short": float(places["people"].sum())},
        notes=(Message(f"hydrants.{note}", {"limit": spec.water_point_m}),),
    )


def _by_zone(people: pd.DataFrame, water_m: float | None, *, has_water: bool) -> Finding:
    """Tell each town's people within reach of hydrants and water points; the mean is of those it reaches.

    A study without water points says nothing of who lacks a way to one.
    """
    is_reached = np.isfinite(people["water_m"].to_numpy(dtype=float))
    rows = people.assign(
        reached=people["people"].where(is_reached, 0.0),
        covered=people["people"].where(people["is_covered"], 0.0),
        short=people["people"].where(is_short(people, water_m=water_m), 0.0),
        road_m=people["people"] * people["water_m"].where(is_reached, 0.0),
    )
    columns = ["people", "reached", "covered", "short", "road_m"]
    sums = rows.groupby(rows["zone"].fillna(""), sort=False)[columns].sum()
    whole = sums["people"].where(sums["people"] > 0)
    table = pd.DataFrame(
        {
            "name": sums.index,
            "people": sums["people"].to_numpy(),
            "share_people_covered": (sums["covered"] / whole).to_numpy(),
            "people_short": sums["short"].to_numpy(),
            "people_no_water": (sums["people"] - sums["reached"]).to_numpy() if has_water else np.nan,
            "mean_water_m": (sums["road_m"] / sums["reached"].where(sums["reached"] > 0)).to_numpy(),
        }
    )
    return Finding(name="hydrants_by_zone", words=WORDS, table=table)
