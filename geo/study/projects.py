"""The projects of a plan: the district with all that is planned, and the difference to today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StudyError
from geo.findings import Finding, Style, class_roles
from geo.messages import Message
from geo.plans import TARGET_COLUMNS, Plan
from geo.schema import FACILITY_COLUMNS
from geo.study.assessment import StudyResult, assess_targets, plan_of
from geo.study.inputs import Inputs
from geo.study.settings import ProjectsSpec, Study
from geo.study.steps import OnStep, Step
from geo.words import Lang, say

__all__ = [
    "COMPARED_COLUMNS",
    "Built",
    "absent_stations",
    "build_projects",
    "compare_targets",
    "evaluate_projects",
    "wanted_projects",
]

COMPARED_COLUMNS: Final = (
    "name_zh",
    "name_en",
    "comparator",
    "target",
    "unit",
    "today",
    "today_status",
    "with_projects",
    "with_status",
    "change",
    "flips",
)
"""Columns of a table of compared targets."""

PROPOSALS: Final = "hydrant_proposals"
"""The finding whose points serve as the places of new hydrants."""
_COUNTED: Final = ("existing", "planned")
_KINDS: Final = ("fire_station", "hydrant", "water_point", "shelter", "depot")
_ROLES: Final = class_roles("project", _KINDS) | {"": "project.other"}


@dataclass(frozen=True, eq=False)
class Built:
    """A district in which the projects are built.

    Parameters
    ----------
    inputs : Inputs
        The layers with the projects among what exists.
    counted : GeoDataFrame
        The facilities that were planned and now count as existing.
    replaced : DataFrame
        Existing facilities that a project of the same kind and name takes the place of: they are closed.
    short : mapping of str to int
        By kind, how many of the projects asked for have no place in any layer; they are not counted.
    n_shared : int
        Names that planned and existing facilities of a kind share and that several of them bear: none of
        these is taken for one rebuilt.
    """

    inputs: Inputs
    counted: gpd.GeoDataFrame
    replaced: pd.DataFrame
    short: Mapping[str, int]
    n_shared: int


def build_projects(
    inputs: Inputs,
    *,
    opened_year: int,
    wanted: Mapping[str, int] | None = None,
    proposed: Mapping[str, gpd.GeoDataFrame] | None = None,
    lang: Lang = "en",
) -> Built:
    """Let every planned facility exist.

    A planned facility that bears the name of an existing one of its kind is that one rebuilt: the existing
    row is closed, so nothing counts twice. A name that several of the planned or of the existing ones bear
    closes none. Candidates stay what they are.

    Parameters
    ----------
    inputs : Inputs
        The district as it stands; it is not changed.
    opened_year : int
        Year in which a planned facility opens that does not say its own.
    wanted : mapping of str to int, optional
        By kind, how many new facilities the projects are to make; planned rows count first, then proposed
        points are taken in their order until there are enough.
    proposed : mapping of str to GeoDataFrame, optional
        By kind, points in the study's CRS that may be built where planned rows do not suffice, best first.
    lang : {"zh", "en"}
        In which proposed points are named, after their places in that order.

    Examples
    --------
    See ``tests/study/test_projects.py``.
    """
    rows = inputs.facilities
    is_planned = rows["status"] == "planned"
    planned = rows[is_planned]
    is_replaced, n_shared = _replaced(rows)
    status = rows["status"].mask(is_replaced, "closed").mask(is_planned, "existing")
    year = rows["opened_year"].mask(is_planned & rows["opened_year"].isna(), opened_year)
    changed = rows.assign(status=status, opened_year=year)
    named = {
        kind: _named(points, kind, taken=rows.index, opened_year=opened_year, lang=lang)
        for kind, points in (proposed or {}).items()
    }
    taken, short = _take(planned, wanted or {}, named, opened_year=opened_year, crs=rows.crs)
    facilities = gpd.GeoDataFrame(pd.concat([changed, *taken]), crs=rows.crs) if taken else changed
    facilities = facilities.rename_axis(rows.index.name)
    new = [*planned.index, *(place for table in taken for place in table.index)]
    return Built(
        inputs=replace(inputs, facilities=facilities),
        counted=facilities.loc[new],
        replaced=pd.DataFrame(rows[is_replaced].drop(columns="geometry")),
        short=short,
        n_shared=n_shared,
    )


def _replaced(rows: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], int]:
    """Find the existing facilities that a project of their name rebuilds, and how many names decide nothing.

    A name that several bear, such as "hydrant", says no more than the kind does.
    """
    counted = pd.DataFrame(rows[["kind", "name"]])[rows["name"].notna() & rows["status"].isin(_COUNTED)]
    is_planned = (rows["status"] == "planned").reindex(counted.index)
    n = counted.assign(is_planned=is_planned, is_existing=~is_planned).groupby(["kind", "name"]).sum()
    both = n[(n["is_planned"] > 0) & (n["is_existing"] > 0)]
    clear = both.index[(both == 1).all(axis=1)]
    is_clear = pd.MultiIndex.from_frame(rows[["kind", "name"]]).isin(clear)
    return is_clear & (rows["status"] == "existing").to_numpy(), len(both) - len(clear)


def _take(
    planned: gpd.GeoDataFrame,
    wanted: Mapping[str, int],
    proposed: Mapping[str, gpd.GeoDataFrame],
    *,
    opened_year: int,
    crs: Any,
) -> tuple[list[gpd.GeoDataFrame], dict[str, int]]:
    """Take proposed points of each kind until there are as many projects as are wanted."""
    tables, short = [], {}
    for kind, n in wanted.items():
        missing = n - int((planned["kind"] == kind).sum())
        points = proposed[kind].iloc[: max(missing, 0)] if kind in proposed else None
        if points is not None and len(points):
            tables.append(_facilities(points, kind, opened_year=opened_year, crs=crs))
            missing -= len(points)
        if missing > 0:
            short[kind] = missing
    return tables, short


def _named(
    points: gpd.GeoDataFrame, kind: str, *, taken: pd.Index, opened_year: int, lang: Lang
) -> gpd.GeoDataFrame:
    """Name proposed points by their order; one that a facility is called already gets the year as well."""
    names = [say(f"study.proposed_{kind}", lang=lang, n=i + 1) for i in range(len(points))]
    is_taken = pd.Index(names, dtype=object).isin(taken)
    alone = [f"{name} ({opened_year})" if its else name for name, its in zip(names, is_taken, strict=True)]
    return points.set_axis(pd.Index(alone, dtype=object))


def _facilities(points: gpd.GeoDataFrame, kind: str, *, opened_year: int, crs: Any) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        dict.fromkeys(FACILITY_COLUMNS[:-1], None),
        index=points.index,
        geometry=points.geometry.to_numpy(),
        crs=crs,
    )
    return table.assign(
        name=points.index,
        kind=kind,
        status="existing",
        is_working=True if kind == "hydrant" else None,
        opened_year=float(opened_year),
        source="proposed",
    )


def wanted_projects(plan: Plan, facilities: gpd.GeoDataFrame, *, base_year: int | None) -> dict[str, int]:
    """Count what a plan's projects still have to make, by kind.

    What opened after the base year is made already. Fire stations are not counted but looked for by name
    (:func:`absent_stations`).

    Parameters
    ----------
    plan : Plan
        Its projects say how many of each kind.
    facilities : GeoDataFrame
        ``Facilities`` of the district as it stands.
    base_year : int, optional
        Year whose end the plan starts from; without one nothing is made already.
    """
    counts: dict[str, int] = {}
    for project in plan.projects:
        if project.kind != "fire_station":
            counts[project.kind] = counts.get(project.kind, 0) + project.n
    year = facilities["opened_year"].astype(float)
    is_new = (facilities["status"] == "existing") & (year > (math.inf if base_year is None else base_year))
    built = facilities.loc[is_new, "kind"].value_counts()
    return {kind: max(0, n - int(built.get(kind, 0))) for kind, n in counts.items()}


def absent_stations(plan: Plan, facilities: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Name the fire stations of a plan's projects that no existing or planned station bears the name of."""
    stations = facilities[(facilities["kind"] == "fire_station") & facilities["status"].isin(_COUNTED)]
    names = [str(name) for name in stations["name"].dropna()]
    wanted = [project.name_zh for project in plan.projects if project.kind == "fire_station"]
    return tuple(name for name in wanted if not any(name in own for own in names))


def compare_targets(today: pd.DataFrame, built: pd.DataFrame) -> pd.DataFrame:
    """Compare the targets of today with those of the district with its projects.

    Parameters
    ----------
    today, built : DataFrame
        ``Targets`` tables of the same plan.

    Returns
    -------
    DataFrame
        Index ``target_id``; ``COMPARED_COLUMNS``. ``today``, ``with_projects`` and ``change`` are in
        ``unit``, nan where not computed; ``flips`` is ``met`` where a target that was missed is met,
        ``missed`` where one that was met is missed, else empty.

    Examples
    --------
    >>> columns = {"name_zh": "站", "name_en": "built", "comparator": ">=", "target": 3.0, "unit": "stations"}
    >>> before = pd.DataFrame({**columns, "value": 2.0, "status": "missed"}, index=["X-1"])
    >>> row = compare_targets(before, before.assign(value=3.0, status="met")).loc["X-1"]
    >>> print(row["change"], row["flips"])
    1.0 met
    """
    then = built.reindex(today.index)
    was, is_now = today["status"], then["status"]
    flips = pd.Series("", index=today.index, dtype=object)
    flips[(was == "missed") & (is_now == "met")] = "met"
    flips[(was == "met") & (is_now == "missed")] = "missed"
    return today[["name_zh", "name_en", "comparator", "target", "unit"]].assign(
        today=today["value"],
        today_status=was,
        with_projects=then["value"],
        with_status=is_now,
        change=then["value"] - today["value"],
        flips=flips,
    )


def evaluate_projects(
    study: Study, today: StudyResult, *, step: OnStep = lambda step: None
) -> tuple[Finding, ...]:
    """Assess the district with its projects and hold it against today.

    Parameters
    ----------
    study : Study
        With a section ``[projects]``; without one there is nothing to find.
    today : StudyResult
        The district as it stands.
    step : callable
        Told each step as it starts.

    Returns
    -------
    tuple of Finding
        ``targets_compared``, and ``projects_built`` with the places of the projects.

    Raises
    ------
    StudyError
        The study has no plan whose targets could be compared.
    """
    if study.projects is None:
        return ()
    spec, plan = study.projects, plan_of(study)
    if plan is None:
        raise StudyError(Message("study.projects_plan"))
    year = spec.opened_year or plan.target_year
    base_year = spec.base_year or plan.base_year
    rows = today.inputs.facilities
    wanted = wanted_projects(plan, rows, base_year=base_year) | _set(spec)
    built = build_projects(
        today.inputs,
        opened_year=year,
        wanted=wanted,
        proposed=_proposed(today.findings),
        lang=today.lang,
    )
    step(Step.PROJECTS)
    after = assess_targets(study, built.inputs, before=today)
    table = compare_targets(_targets(today.targets), _targets(after.targets))
    return (_compared(table, built, year, absent_stations(plan, rows)), _places(built))


def _targets(table: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame(columns=list(TARGET_COLUMNS)) if table is None else table


def _set(spec: ProjectsSpec) -> dict[str, int]:
    """Give the numbers that the study sets itself."""
    counts = {"hydrant": spec.hydrants, "water_point": spec.water_points}
    return {kind: n for kind, n in counts.items() if n is not None}


def _proposed(findings: Mapping[str, Finding]) -> dict[str, gpd.GeoDataFrame]:
    proposals = findings.get(PROPOSALS)
    return (
        {"hydrant": proposals.table}
        if proposals is not None and isinstance(proposals.table, gpd.GeoDataFrame)
        else {}
    )


def _compared(table: pd.DataFrame, built: Built, year: int, absent: Sequence[str]) -> Finding:
    notes: list[Message] = [Message("study.projects_assumed", {"n": len(built.counted), "year": year})]
    if len(built.replaced):
        names = ", ".join(map(str, built.replaced["name"].head(5)))
        notes.append(Message("study.projects_replaced", {"n": len(built.replaced), "names": names}))
    if built.n_shared:
        notes.append(Message("study.projects_shared", {"n": built.n_shared}))
    notes += [Message(f"study.projects_short_{kind}", {"n": n}) for kind, n in built.short.items()]
    if absent:
        notes.append(Message("study.projects_absent", {"n": len(absent), "names": ", ".join(absent)}))
    return Finding(
        name="targets_compared",
        words="study",
        table=table,
        figures={
            "n_projects": float(len(built.counted)),
            "n_met_today": float((table["today_status"] == "met").sum()),
            "n_met_with_projects": float((table["with_status"] == "met").sum()),
            "n_missed_to_met": float((table["flips"] == "met").sum()),
            "n_met_to_missed": float((table["flips"] == "missed").sum()),
        },
        notes=tuple(notes),
    )


def _places(built: Built) -> Finding:
    columns = ["kind", "name", "station_class", "area_m2", "staff", "opened_year", "source", "geometry"]
    return Finding(
        name="projects_built",
        words="study",
        table=built.counted[columns],
        style=Style(_ROLES, by="kind", columns=("kind", "station_class", "opened_year")),
        figures={"n_projects": float(len(built.counted))},
    )
