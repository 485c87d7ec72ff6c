"""What a scenario does to shelters, depots, hydrants and busy engines: figures before and after."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final

import pandas as pd

from geo.coverage import Coverage
from geo.findings import Finding
from geo.study.assessment import Outcome, StudyResult
from geo.study.findings import Known, find_touched
from geo.study.inputs import Inputs
from geo.study.settings import Study
from geo.words import LANGS, say

__all__ = ["FACILITY_ROOMS", "RESOURCE_FIGURES", "compare_resources", "told_resources"]

FACILITY_ROOMS: Final = ("shelters", "depots", "hydrants")
"""Rooms of which only their own facilities count, not the coverage of the state."""
_ROOMS: Final = (*FACILITY_ROOMS, "availability")
RESOURCE_FIGURES: Final = (
    *(("shelters", name) for name in ("n_shelters", "places", "unused", "m2_per_person")),
    *(("shelter_people", name) for name in ("people_sheltered", "people_left_over", "people_out_of_reach")),
    ("shelter_people", "mean_walk_s"),
    *(("depot_reach", name) for name in ("drive_people_in_time", "drive_mean_s")),
    *(("depot_reach", name) for name in ("walk_people_in_time", "walk_mean_s")),
    *(("hydrants", name) for name in ("n_hydrants", "n_working", "people_covered", "share_road_covered")),
    *(("hydrant_gaps", name) for name in ("n_gaps", "gap_km")),
    ("water_points", "n_water_points"),
    *(("availability", name) for name in ("people_in_time", "share_in_time", "expected_s")),
    *(("availability", name) for name in ("busy_share", "busiest_share", "lost_share", "unreached_share")),
    ("availability_force", "least_share"),
)
"""Finding and figure of each row, in the order in which they are told."""
_UNITS: Final = (
    *(("people", ending) for ending in ("people_in_time", "people_covered", "places", "unused")),
    *(("people", ending) for ending in ("sheltered", "left_over", "out_of_reach")),
    *(("share", "_share"), ("share", "share_in_time"), ("share", "share_road_covered")),
    *(("s", "_s"), ("km", "_km"), ("m2", "m2_per_person")),
)
"""The unit of a figure, by how its name ends; what is counted otherwise has none."""


def compare_resources(
    study: Study,
    before: StudyResult | Outcome,
    changed: Inputs,
    coverage: Coverage,
    *,
    rooms: Collection[str] = _ROOMS,
    is_brief: bool = False,
) -> pd.DataFrame | None:
    """Hold the figures of the rooms whose facilities a scenario changes against those of today.

    Parameters
    ----------
    study : Study
        Its settings.
    before : StudyResult or Outcome
        Today; an outcome with its resources.
    changed : Inputs
        As the scenario makes them; its roads count where a room is asked again.
    coverage : Coverage
        Of the scenario; of any state where only ``FACILITY_ROOMS`` are asked.
    rooms : collection of str
        Words files of the rooms that are held against today's.
    is_brief : bool
        Whether the rooms leave out what no figure here needs: the same numbers, sooner.

    Returns
    -------
    DataFrame or None
        Index ``figure``, such as ``"hydrants.n_gaps"``; ``name_zh``, ``name_en``, ``before``, ``after``
        and ``difference``: nan where there is no such figure. None where no such facility is changed.
    """
    known = Known(before.inputs, before.findings)
    return compare_found(
        before, find_touched(study, changed, coverage, known, rooms=rooms, is_brief=is_brief)
    )


def compare_found(before: StudyResult | Outcome, now: Mapping[str, Finding]) -> pd.DataFrame | None:
    """Hold what the rooms found that were asked again against today, as :func:`compare_resources`."""
    if not now:
        return None
    rows = {}
    for finding, figure in RESOURCE_FIGURES:
        if finding not in now and not (finding in before.findings and _is_touched(finding, now, before)):
            continue
        was, then = _figure(before.findings, finding, figure), _figure(now, finding, figure)
        if math.isnan(was) and math.isnan(then):
            continue
        names = {f"name_{lang}": say(f"scenarios.resource_{finding}_{figure}", lang=lang) for lang in LANGS}
        rows[f"{finding}.{figure}"] = {**names, "before": was, "after": then, "difference": then - was}
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.rename_axis("figure") if len(table) else None


def told_resources(resources: pd.DataFrame) -> pd.DataFrame:
    """Give such a table as a reader has it: each row with its unit, shares in per cent.

    Parameters
    ----------
    resources : DataFrame
        As :func:`compare_resources` gives it.

    Returns
    -------
    DataFrame
        With ``unit_zh`` and ``unit_en`` behind the names; a row without a unit counts what its name says.
    """
    units = [_unit(str(figure)) for figure in resources.index]
    scale = [100.0 if unit == "share" else 1.0 for unit in units]
    told = resources.assign(
        **{
            f"unit_{lang}": [say(f"scenarios.unit_{unit}", lang=lang) if unit else "" for unit in units]
            for lang in LANGS
        },
        **{name: resources[name] * scale for name in ("before", "after", "difference")},
    )
    names = [f"{stem}_{lang}" for stem in ("name", "unit") for lang in LANGS]
    return told[[*names, "before", "after", "difference"]]


def _unit(figure: str) -> str:
    return next((unit for unit, ending in _UNITS if figure.endswith(ending)), "")


def _is_touched(finding: str, now: Mapping[str, Finding], before: StudyResult | Outcome) -> bool:
    """Say whether a finding that is gone belongs to a room that was asked again."""
    return before.findings[finding].words in {one.words for one in now.values()}


def _figure(findings: Mapping[str, Finding], finding: str, figure: str) -> float:
    return float(findings[finding].figures.get(figure, math.nan)) if finding in findings else math.nan
