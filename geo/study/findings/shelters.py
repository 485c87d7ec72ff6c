"""What a study finds about its shelters: area by town, who finds a place, and the checks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.demand import assign_zones
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.plans import area_by_town, judge_areas, load_plan
from geo.shelters import (
    REASONS,
    Sheltering,
    ShelterRules,
    ShelterWalks,
    check_shelters,
    is_of_level,
    rate_shelters,
    shelter_people,
    walk_to_shelters,
    weighted_people,
)
from geo.standards import load_profile
from geo.stations import select
from geo.statistics import OUTSIDE
from geo.study.findings.shelter_ways import shelter_ways
from geo.study.inputs import Inputs, told_zones
from geo.study.settings import Study

__all__ = ["MOST_PLANNED", "report_shelters", "tell_assumptions"]

WORDS: Final = "shelters"
MOST_PLANNED: Final = 20
"""Planned shelters of which each is tried on its own; more are tried together only."""
_STATES: Final = ("full", "room", "unused", "off road", "no data", "planned")
_TOWN_STATES: Final = ("met", "below", "unknown", "nobody", "no target")


@dataclass(frozen=True, eq=False)
class _Sent:
    """The people sent to shelters, today's count and perhaps the weighted one, and what planned ones add."""

    walks: ShelterWalks
    resident: Sheltering
    weighted: Sheltering | None
    adds: pd.Series
    with_planned: float


def report_shelters(study: Study, inputs: Inputs, *, is_brief: bool = False) -> tuple[Finding, ...]:
    """Report on the shelters of a study.

    Parameters
    ----------
    study : Study
        Its ``[shelters]`` section sets what no standard in hand gives.
    inputs : Inputs
        The layers; shelters with status existing or planned.
    is_brief : bool
        Whether only ``shelters`` and ``shelter_people`` are wanted, as people are counted today and with
        existing shelters: what planned ones would add stays nan.

    Returns
    -------
    tuple of Finding
        ``shelters`` (existing and planned ones), ``shelter_people`` (demand points with people left over;
        only where reach and places are known), ``shelter_towns`` and ``shelter_checks``; nothing without
        shelters.

    Raises
    ------
    GeoError
        The walking profile or the plan cannot be used.
    """
    shelters = select(inputs.facilities, kind="shelter", status=("existing", "planned"))
    if shelters.empty:
        return ()
    shelters = shelters.assign(name=shelters["name"].where(shelters["name"].notna(), shelters.index))
    towns = told_zones(inputs.zones)
    if len(towns):
        stands = assign_zones(shelters, towns)
        shelters = shelters.assign(zone=shelters["zone"].where(shelters["zone"].notna(), stands))
    profile = study.file(study.shelters.profile)
    kph = load_profile(profile if profile.is_file() else study.shelters.profile).access_kph
    rated = shelters.assign(**rate_shelters(shelters, study.shelters, walk_kph=kph))
    sent = _send(study, inputs, rated, walk_kph=kph, is_brief=is_brief)
    if is_brief:
        people = () if sent is None else (_people(inputs, sent, rated["name"]),)
        return (_shelters(study, inputs, rated, sent, kph), *people)
    existing = rated[rated["status"] == "existing"]
    checks = check_shelters(
        existing,
        inputs.demand,
        study.shelters,
        built_up=inputs.context.built_up,
        towns=towns["name"].tolist(),
    )
    ways = shelter_ways(
        study,
        inputs,
        rated,
        walks=None if sent is None else sent.walks,
        sheltering=None if sent is None else sent.resident,
        walk_kph=kph,
    )
    findings = [replace(_shelters(study, inputs, rated, sent, kph), ways=ways)]
    if sent is not None:
        findings.append(replace(_people(inputs, sent, rated["name"]), ways=ways))
    findings.append(_towns(study, inputs, rated, towns, sent=sent))
    findings.append(_checks(study, checks))
    return tuple(findings)


def _send(
    study: Study, inputs: Inputs, rated: gpd.GeoDataFrame, *, walk_kph: float, is_brief: bool
) -> _Sent | None:
    """Send people to the existing shelters, then again with planned ones; None where nobody can be sent."""
    is_known = rated["places"].notna() & rated["limit_s"].notna()
    is_existing = rated["status"] == "existing"
    if inputs.walking is None or not (is_known & is_existing).any():
        return None
    walks = walk_to_shelters(
        inputs.walking,
        rated,
        inputs.demand,
        limit_s=float(rated["limit_s"].max()),
        walk_kph=walk_kph,
        max_snap_m=study.snap.max_m,
        barriers=inputs.barriers,
    )

    def send(people: pd.Series, counted: pd.Series) -> Sheltering:
        return shelter_people(
            walks.times,
            people,
            rated["places"],
            limit_s=rated["limit_s"].where(counted),
            near=walks.near,
            zone=inputs.demand["zone"],
            shelter_zone=rated["zone"],
        )

    people = inputs.demand["people"]
    resident = send(people, is_existing)
    nothing = pd.Series(np.nan, index=rated.index)
    if is_brief:
        return _Sent(walks, resident, weighted=None, adds=nothing, with_planned=math.nan)
    night = study.shelters.night
    other = None if night is None else weighted_people(inputs.demand, night=night)
    planned = rated.index[is_known & ~is_existing]
    adds = nothing.copy()
    if len(planned) <= MOST_PLANNED:
        for name in planned:
            adds[name] = send(people, is_existing | (rated.index == name)).value - resident.value
    return _Sent(
        walks=walks,
        resident=resident,
        weighted=None if other is None else send(other, is_existing),
        adds=adds,
        with_planned=send(people, rated["status"].notna()).value if len(planned) else resident.value,
    )


def _shelters(
    study: Study, inputs: Inputs, rated: gpd.GeoDataFrame, sent: _Sent | None, kph: float
) -> Finding:
    existing = rated[rated["status"] == "existing"]
    columns = ["name", "level", "zone", "status", "area_m2", "places", "places_from", "limit_s"]
    table = rated[columns].copy()
    used = None if sent is None else sent.resident.shelters.reindex(rated.index)
    is_existing = (rated["status"] == "existing").to_numpy()
    for column in ("used", "unused", "people_in_reach"):
        numbers = np.full(len(table), np.nan) if used is None else used[column].to_numpy(dtype=float)
        table[column] = np.where(is_existing, numbers, np.nan)
    if sent is not None and sent.weighted is not None:
        table["used_weighted"] = np.where(is_existing, sent.weighted.shelters["used"], np.nan)
    table["adds_people"] = np.nan if sent is None else sent.adds
    table["state"] = _states(rated, table, sent)
    style = Style(
        class_roles("shelter", _STATES),
        by="state",
        columns=tuple(column for column in table if column != "name"),
        is_on=False,
        size=6.0,
    )
    people = math.fsum(inputs.demand["people"])
    area, more = _area(existing), _area(rated[rated["status"] == "planned"])
    figures = {
        "n_shelters": float(len(existing)),
        "n_area_unknown": float(existing["area_m2"].isna().sum()),
        "n_places_unknown": float(existing["places"].isna().sum()),
        "area_m2": area,
        "m2_per_person": area / people if people else math.nan,
        "n_planned": float(len(rated) - len(existing)),
        "with_planned_m2_per_person": (area + more) / people if people else math.nan,
        "places": math.fsum(existing["places"].dropna()),
        "unused": float(table["unused"].sum()) if sent is not None else math.nan,
    }
    notes = tell_assumptions(
        study.shelters,
        rated,
        walk_kph=kph,
        is_sent=sent is not None,
        is_weighted=sent is not None and sent.weighted is not None,
    )
    table = gpd.GeoDataFrame(table, geometry=rated.geometry, crs=rated.crs)
    return Finding("shelters", WORDS, table, style, figures, notes)


def _area(shelters: pd.DataFrame) -> float:
    return math.fsum(shelters["area_m2"].dropna())


def _states(rated: pd.DataFrame, table: pd.DataFrame, sent: _Sent | None) -> np.ndarray:
    on_road = (
        np.ones(len(rated), dtype=bool) if sent is None else sent.walks.shelter_snaps["is_snapped"].to_numpy()
    )
    return np.select(
        [
            (rated["status"] == "planned").to_numpy(),
            ~on_road,
            table["unused"].isna() | rated["limit_s"].isna(),
            table["unused"] == 0,
            table["used"] == 0,
        ],
        ["planned", "off road", "no data", "full", "unused"],
        "room",
    ).astype(object)


def _people(inputs: Inputs, sent: _Sent, names: pd.Series) -> Finding:
    """Tell the demand points at which people are left over."""
    table = sent.resident.people.copy()
    table.insert(0, "name", inputs.demand["name"] if "name" in inputs.demand else table.index.astype(str))
    table["goes_to"], table["nearest"] = (table[column].map(names) for column in ("shelter_id", "nearest_id"))
    if sent.weighted is not None:
        for column in ("people", "sheltered", "left_over"):
            table[f"{column}_weighted"] = sent.weighted.people[column]
    left = table["left_over"] > 0
    shown = gpd.GeoDataFrame(table[left], geometry=inputs.demand.geometry[left], crs=inputs.demand.crs)
    columns = ("zone", "people", "sheltered", "left_over", "reason", "nearest", "nearest_s", "n_in_reach")
    figures = _figures(sent.resident, "") | {"people_sheltered_with_planned": float(sent.with_planned)}
    if sent.weighted is not None:
        figures |= _figures(sent.weighted, "_weighted")
    style = Style(class_roles("left_over", REASONS), by="reason", columns=columns, size=4.0)
    return Finding("shelter_people", WORDS, shown, style, figures, (Message("shelters.note_left_over"),))


def _figures(sheltering: Sheltering, ending: str) -> dict[str, float]:
    people = sheltering.people
    by_reason = people.groupby("reason")["left_over"].sum()
    figures = {
        "people": float(people["people"].sum()),
        "people_sheltered": float(sheltering.value),
        "people_left_over": float(people["left_over"].sum()),
        "people_unreachable": float(by_reason.get(REASONS[0], 0)),
        "people_out_of_reach": float(by_reason.get(REASONS[1], 0)),
        "people_places_unknown": float(by_reason.get(REASONS[2], 0)),
        "people_full": float(by_reason.get(REASONS[3], 0)),
        "mean_walk_s": sheltering.walk_s / sheltering.value if sheltering.value else math.nan,
        "most_people": float(sheltering.bound),
        "share_gap": sheltering.gap,
    }
    return {f"{name}{ending}": value for name, value in figures.items()}


def _towns(
    study: Study,
    inputs: Inputs,
    rated: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    *,
    sent: _Sent | None,
) -> Finding:
    """Tell area per person, places and people left over by town; towns outside the layer have no outline."""
    people = inputs.demand["people"].groupby(inputs.demand["zone"].fillna("").to_numpy()).sum()
    names = [
        *dict.fromkeys(towns["name"]),
        *(name for name in people.index if name not in set(towns["name"])),
    ]
    areas = area_by_town(rated, people.reindex(list(names), fill_value=0.0))
    target_m2, is_above = _target(study)
    table = areas.join(judge_areas(areas, target_m2=target_m2, is_above=is_above))
    if sent is not None:
        by_town = sent.resident.towns[["sheltered", "left_over", "places", "unused"]]
        table = table.join(by_town.reindex(table.index, fill_value=0))
        if sent.weighted is not None:
            table["left_over_weighted"] = sent.weighted.towns["left_over"].reindex(table.index, fill_value=0)
    outlines = towns.drop_duplicates("name").set_index("name").geometry.reindex(table.index)
    table.insert(0, "name", [name or OUTSIDE for name in table.index])
    style = Style(
        class_roles("town_area", _TOWN_STATES),
        by="state",
        columns=tuple(column for column in table if column != "name"),
        size=1.0,
    )
    # People outside all towns have a row without a name, which is no town.
    named = table[table.index != ""]
    figures = {"n_towns": float((named["people"] > 0).sum()), "target_m2_per_person": math.nan}
    note = Message("shelters.note_no_target")
    if target_m2 is not None:  # without a target no town is below it, which would read like a good answer
        figures = {
            **figures,
            "target_m2_per_person": target_m2,
            **{f"n_{state}": float((named["state"] == state).sum()) for state in ("met", "below", "unknown")},
            "lacks_m2": float(named["lacks_m2"].sum()),
        }
        note = Message("shelters.note_target", {"m2": target_m2})
    shown = gpd.GeoDataFrame(table, geometry=outlines, crs=rated.crs)
    return Finding("shelter_towns", WORDS, shown, style, figures, (note,))


def _target(study: Study) -> tuple[float | None, bool]:
    """Give the area per person that towns are held against, and whether it must be exceeded."""
    if study.shelters.target_m2 is not None:
        return study.shelters.target_m2, False
    name = study.study.plan
    if name is None:
        return None, False
    own = study.file(name)
    for target in load_plan(own if own.is_file() else name).targets:
        if target.method == "area_per_person":
            return target.value, target.comparator == ">"
    return None, False


def _checks(study: Study, checks: pd.DataFrame) -> Finding:
    figures = {f"n_{status.replace(' ', '_')}": float((checks["status"] == status).sum())
               for status in ("met", "missed", "no data")}  # fmt: skip
    notes: list[Message] = [Message("shelters.note_checks")]
    if study.shelters.fixed_levels is None or study.shelters.central_levels is None:
        notes.append(Message("shelters.note_levels"))
    if not study.shelters.planned_people:
        notes.append(Message("shelters.note_planned_people"))
    return Finding("shelter_checks", WORDS, checks, None, figures, tuple(notes))


def tell_assumptions(
    spec: ShelterRules, rated: pd.DataFrame, *, walk_kph: float, is_sent: bool, is_weighted: bool
) -> tuple[Message, ...]:
    """Tell what was assumed about shelters.

    Parameters
    ----------
    spec : ShelterRules
        What the study sets.
    rated : DataFrame
        Existing and planned shelters: ``status``, ``level``, ``area_m2``, ``places``, ``places_from``,
        ``limit_s``.
    walk_kph : float
        Walking speed.
    is_sent, is_weighted : bool
        Whether people were sent to shelters, and again weighted by day and night.

    Returns
    -------
    tuple of Message
        Texts of ``layers/words/shelters.toml``.
    """
    is_existing = rated["status"] == "existing"
    numbers: dict[str, Any] = {
        "n": len(rated),
        "n_area": int((rated["places_from"] == "area").sum()),
        "n_places": int(rated["places"].isna().sum()),
        "n_limit": int(rated["limit_s"].isna().sum()),
        "n_area_unknown": int(rated.loc[is_existing, "area_m2"].isna().sum()),
        "kph": walk_kph,
        "shortest": rated["limit_s"].min() / 60.0,
        "longest": rated["limit_s"].max() / 60.0,
        "night": spec.night,
        "levels": ", ".join(_unmatched(rated["level"], spec)),
    }
    reasons = [
        ("only_existing", True),
        ("area_unknown", numbers["n_area_unknown"] > 0),
        ("places_from_area", numbers["n_area"] > 0),
        ("places_unknown", numbers["n_places"] > 0),
        ("reach_unknown", numbers["n_limit"] > 0),
        ("reach", numbers["shortest"] < numbers["longest"]),
        ("reach_one", numbers["shortest"] == numbers["longest"]),
        ("unmatched", bool(numbers["levels"])),
        ("sent" if is_sent else "not_sent", True),
        ("weighted", is_weighted),
        ("weight_unused", spec.night is not None and not is_weighted),
    ]
    return tuple(Message(f"shelters.note_{name}", numbers) for name, is_told in reasons if is_told)


def _unmatched(level: pd.Series, spec: ShelterRules) -> list[str]:
    """List the classes that the study names and no shelter has: perhaps a slip of the pen."""
    named = [*spec.m2_per_person_by_level, *spec.reach_m_by_level]
    named += [*(spec.fixed_levels or ()), *(spec.central_levels or ())]
    return [word for word in dict.fromkeys(named) if not is_of_level(level, [word]).any()]
