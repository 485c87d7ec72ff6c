"""One state of a district assessed: times, coverage, areas, gaps, findings and the targets of a plan.

:func:`assess` gives everything that is told about a state; :func:`assess_targets` only what a comparison
with another state needs, in less than half the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.areas import Reached, gaps, tell_reached
from geo.coverage import Coverage
from geo.errors import NetworkError, StudyError
from geo.findings import Finding
from geo.freeing import give_back
from geo.messages import Message
from geo.network import CLOSED_ROAD
from geo.plans import Plan, evaluate, load_plan
from geo.scenarios import Difference
from geo.stations import find_suspects
from geo.study import response as answering
from geo.study.findings import Known, find_resources
from geo.study.inputs import Inputs, Keeper, naming, told_zones
from geo.study.plan_facts import make_facts
from geo.study.response import answering_stations, cover_people, read_clock_of
from geo.study.result import Result
from geo.study.settings import Study
from geo.study.steps import OnStep, Step
from geo.words import Lang

__all__ = ["SIMPLIFY_M", "Outcome", "StudyResult", "assess", "assess_targets", "plan_of", "require_any"]

SIMPLIFY_M = 5.0
"""Service areas are straightened by no more than this for display."""


@dataclass(frozen=True, eq=False, repr=False)
class StudyResult(Result):
    """Everything that was found about one state of the district.

    Parameters
    ----------
    study : Study
        What was asked.
    lang : {"zh", "en"}
        Language of what people read.
    inputs : Inputs
        The layers.
    coverage : Coverage
        Under the study's standard.
    beside : mapping of str to Coverage
        The same times under other standards, by name.
    reached : Reached
        People, road and land within the limit, in all and by zone.
    gaps : GeoDataFrame
        ``Gaps``, ranked by people.
    areas : GeoDataFrame
        ``ServiceAreas`` of each station and of all, at the standard's limit.
    targets : DataFrame or None
        ``Targets`` of the plan; None without a plan.
    suspects : DataFrame
        Stations that look like false entries: ``facility_id``, ``reason``; they are counted all the same.
    findings : mapping of str to Finding
        What the rooms found (zones, shelters, depots, hydrants, roads, ...), by name.
    scenarios : tuple of Difference
        The scenarios of the study, each held against this state.
    """

    study: Study
    lang: Lang
    inputs: Inputs
    coverage: Coverage
    beside: Mapping[str, Coverage]
    reached: Reached
    gaps: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    targets: pd.DataFrame | None
    suspects: pd.DataFrame
    findings: Mapping[str, Finding]
    scenarios: tuple[Difference, ...] = ()

    def _headline(self) -> pd.DataFrame:
        return covering.headline(
            self.coverage, lang=self.lang, left_out=self.inputs.people_left_out
        ).rename_axis(None)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one state of the district is held against another by.

    Parameters
    ----------
    inputs : Inputs
        The layers.
    coverage : Coverage
        Under the study's standard.
    targets : DataFrame or None
        ``Targets`` of the plan; their evidence leaves out what no value is taken from.
    findings : mapping of str to Finding
        Of the rooms that were asked, by name; without shapes.
    """

    inputs: Inputs
    coverage: Coverage
    targets: pd.DataFrame | None
    findings: Mapping[str, Finding]


def assess(
    study: Study,
    inputs: Inputs,
    *,
    lang: Lang | None = None,
    step: OnStep = lambda step: None,
    draw_areas: bool = True,
    before: StudyResult | None = None,
    keeper: Keeper | None = None,
) -> StudyResult:
    """Assess one state of the district: what is in ``inputs``, under the settings of the study.

    A scenario or the projects of a plan are changed inputs (``dataclasses.replace(inputs, facilities=...)``);
    :func:`assess_targets` does for comparing them with today.

    Parameters
    ----------
    study : Study
        A checked study file.
    inputs : Inputs
        The layers, as read or changed.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told each step as it starts.
    draw_areas : bool
        Whether service areas are drawn. Without them ``areas`` is empty and the share of
        land is not known (nan).
    before : StudyResult, optional
        Another state of the same district: a room for which nothing differs keeps what it found then.
    keeper : Keeper, optional
        Keeps what rooms find for later runs; only for layers just as it read them.

    Raises
    ------
    GeoError
        A standard or the plan cannot be used, or no station stands on the network.
    """
    plan = plan_of(study)
    step(Step.TIMES)
    give_back()  # what reading took and needs no more
    coverages = _cover(study, inputs, plan)
    covered = next(iter(coverages.values()))
    # Road and land are told on the study's clock and on those that the plan's targets are read under.
    with_ground = dict.fromkeys([covered.standard.name, *_standards_of(plan)])

    def drawn() -> dict[str, gpd.GeoDataFrame]:
        return {
            name: answering.draw_areas(
                study, inputs, coverage, union=draw_areas, each=draw_areas and coverage is covered
            )
            for name, coverage in coverages.items()
            if name in with_ground
        }

    # Drawing is compiled work of its own core; the rooms are asked meanwhile and need none of it.
    with ThreadPoolExecutor(1) as beside:
        drawing = beside.submit(drawn)
        step(Step.RESOURCES)
        findings = find_resources(study, inputs, covered, plan=plan, known=_known(before), keeper=keeper)
        step(Step.AREAS)
        areas = drawing.result()
    step(Step.ZONES_TOLD)
    zones = told_zones(inputs.zones)
    reached = {
        name: tell_reached(coverages[name], ground, zones, land=inputs.land) for name, ground in areas.items()
    }
    step(Step.TARGETS)
    return StudyResult(
        study=study,
        lang=lang or study.study.lang,
        inputs=inputs,
        coverage=covered,
        beside={name: coverage for name, coverage in coverages.items() if coverage is not covered},
        reached=reached[covered.standard.name],
        gaps=gaps(covered, reach_m=study.response.gap_reach_m),
        areas=_for_display(areas[covered.standard.name]),
        targets=_evaluate(study, inputs, plan, coverages, reached, findings),
        suspects=find_suspects(answering_stations(study, inputs)),
        findings=findings,
    )


def assess_targets(
    study: Study,
    inputs: Inputs,
    *,
    before: StudyResult | Outcome | None = None,
    with_resources: bool = False,
) -> Outcome:
    """Assess only what one state of the district is held against another by.

    Rooms whose findings no target of the plan takes its value from are not asked, and no areas are drawn:
    values and statuses of the targets are those of :func:`assess`, their evidence says less.

    Parameters
    ----------
    study : Study
        A checked study file.
    inputs : Inputs
        The layers, as a scenario or the projects of a plan change them.
    before : StudyResult or Outcome, optional
        Another state of the same district: a room for which nothing differs keeps what it found then.
    with_resources : bool
        Whether the figures are wanted too by which :func:`geo.study.compare_resources` holds states against
        this one.

    Raises
    ------
    GeoError
        A standard or the plan cannot be used, or no station stands on the network.
    """
    plan = plan_of(study)
    coverages = _cover(study, inputs, plan)
    covered = next(iter(coverages.values()))
    findings = find_resources(study, inputs, covered, plan=plan, known=_known(before), depth="targets")
    targets = _evaluate(study, inputs, plan, coverages, {}, findings)
    findings = {name: _undrawn(finding) for name, finding in findings.items()}
    if with_resources:
        more = find_resources(study, inputs, covered, plan=plan, depth="brief")
        findings |= {name: _undrawn(finding) for name, finding in more.items()}
    return Outcome(inputs, covered, targets, findings)


def _undrawn(finding: Finding) -> Finding:
    """Leave the shapes of a finding out, which nothing is compared by: those of a city take 500 MB."""
    table = pd.DataFrame(finding.table).drop(columns="geometry", errors="ignore")
    return replace(finding, table=table, ways=())


def _cover(study: Study, inputs: Inputs, plan: Plan | None) -> dict[str, Coverage]:
    """Compute coverage under the study's own standard, which comes first, and under every other in use."""
    asked = study.response
    standard = read_clock_of(study, asked.standard)
    stations = answering_stations(study, inputs)
    require_any(study, inputs, stations)
    covered = cover_people(study, inputs, stations, standard=standard)
    _require_stations(covered, inputs)
    names = dict.fromkeys([*asked.beside, *_standards_of(plan)])
    clocks = {name: read_clock_of(study, name) for name in names if name != standard.name}
    return {standard.name: covered} | {name: covering.under(covered, clock) for name, clock in clocks.items()}


def _evaluate(
    study: Study,
    inputs: Inputs,
    plan: Plan | None,
    coverages: Mapping[str, Coverage],
    reached: Mapping[str, Reached],
    findings: Mapping[str, Finding],
) -> pd.DataFrame | None:
    """Hold the plan's targets against what was found; None without a plan."""
    if plan is None:
        return None
    base_year = _base_year(study, plan)
    zones = told_zones(inputs.zones)
    facts = make_facts(inputs, coverages, reached, findings=findings, zones=zones, base_year=base_year)
    return evaluate(plan, facts)


def _known(before: StudyResult | Outcome | None) -> Known | None:
    return Known(before.inputs, before.findings) if before is not None else None


def plan_of(study: Study) -> Plan | None:
    """Give the plan that a study names: an embedded one or a file beside the study; None without one.

    Raises
    ------
    StudyError
        The plan is unknown or faulty.
    """
    name = study.study.plan
    if name is None:
        return None
    own = study.file(name)
    with naming("study"):
        return load_plan(own if own.is_file() else name)


def _base_year(study: Study, plan: Plan | None) -> int | None:
    """Give the year that the plan starts from; the study's own comes before the plan's."""
    own = study.projects.base_year if study.projects is not None else None
    return own if own is not None or plan is None else plan.base_year


def _standards_of(plan: Plan | None) -> tuple[str, ...]:
    """List the standards that a plan's targets are read under."""
    targets = plan.targets if plan is not None else ()
    return tuple(target.settings["standard"] for target in targets if "standard" in target.settings)


def require_any(study: Study, inputs: Inputs, stations: gpd.GeoDataFrame) -> None:
    """Stop where no facility answers, with those that are there."""
    if len(stations):
        return
    asked, facilities = study.response, inputs.facilities
    known = facilities.groupby(["kind", "status"]).size()
    there = tuple(
        Message("study.facility_count", {"n": n, "kind": _kind(kind), "status": _status(status)})
        for (kind, status), n in known.items()
    )
    status = tuple(map(_status, asked.facility_status))
    values = {"kind": _kind(asked.facility_kind), "status": status, "there": there}
    raise StudyError(Message("study.no_station", values))


def _kind(kind: str) -> Message:
    return Message(f"study.check_kind_{kind}")


def _status(status: str) -> Message:
    return Message(f"maps.status_{status}")


def _require_stations(covered: Coverage, inputs: Inputs) -> None:
    """Stop where no station stands on the network: every number after that would say nothing.

    How the places of their layers were read is told with it: it may be the reason.
    """
    snaps = covered.station_snaps
    if not len(snaps) or snaps["is_snapped"].any():
        return
    n_closed = int((snaps["reason"] == CLOSED_ROAD).sum())
    if n_closed:
        raise NetworkError(Message("study.none_on_open_roads", {"n": len(snaps), "n_closed": n_closed}))
    values = {"n": len(snaps), "m": snaps["snap_m"].min()}
    of_stations = [report for section, report in inputs.reports if section.startswith("facilities")]
    hints = tuple(note for report in of_stations for note in report.crs_notes)
    if hints:
        raise NetworkError(Message("study.none_on_roads_read", {**values, "hints": hints}))
    raise NetworkError(Message("study.none_on_roads", values))


def _for_display(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Straighten the outlines; ``area_km2`` and the shares of land are those of the true ones."""
    return areas.set_geometry(areas.geometry.simplify(SIMPLIFY_M))
