"""The stations that a plan wants built, as ready-made scenarios."""

from __future__ import annotations

from dataclasses import replace

from geo.errors import StudyError
from geo.messages import Message
from geo.plans import Plan
from geo.scenarios import find_facility
from geo.stations import select
from geo.study.assessment import plan_of
from geo.study.inputs import Inputs
from geo.study.settings import ScenarioSpec, Study

__all__ = ["count_scenarios", "expand_scenarios", "plan_scenarios"]


def expand_scenarios(study: Study, inputs: Inputs) -> tuple[tuple[ScenarioSpec, ...], tuple[str, ...]]:
    """Put a scenario for each station that the plan wants in the place of ``plan_projects = true``.

    Returns
    -------
    scenarios : tuple of ScenarioSpec
        Those of the study file, and those of the plan; none for ``close = "each station"``.
    missing : tuple of str
        Stations that the plan wants and that have no place in the layers.

    Raises
    ------
    StudyError
        ``plan_projects`` is asked for and the study has no plan, or two scenarios have one name.
    InputError
        More than one planned facility may be meant by a project.
    """
    scenarios: list[ScenarioSpec] = []
    missing: tuple[str, ...] = ()
    for scenario in study.scenarios:
        if scenario.is_each_station:
            continue  # asked of today's times, without any search: geo.study.scenarios.outages
        if not scenario.plan_projects:
            scenarios.append(scenario)
            continue
        plan = plan_of(study)
        if plan is None:
            raise StudyError(Message("scenarios.needs_plan"))
        ready, missing = plan_scenarios(plan, inputs, kind=study.response.facility_kind)
        own = {each.name for each in study.scenarios}
        scenarios += [
            replace(each, name=f"{each.name} ({plan.id})") if each.name in own else each for each in ready
        ]
    names = [scenario.name for scenario in scenarios]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise StudyError(Message("scenarios.two_names", {"name": twice}))
    return tuple(scenarios), missing


def count_scenarios(study: Study) -> int:
    """Count the scenarios that a study asks for, before its layers are read; those of the plan at most.

    Raises
    ------
    StudyError
        The plan is unknown or faulty.
    """
    asks_plan = [scenario.plan_projects for scenario in study.scenarios]
    plan = plan_of(study) if any(asks_plan) else None
    kind = study.response.facility_kind
    n_wanted = sum(project.kind == kind for project in plan.projects) if plan is not None else 0
    n_own = sum(not scenario.plan_projects and not scenario.is_each_station for scenario in study.scenarios)
    return n_own + n_wanted * sum(asks_plan)


def plan_scenarios(
    plan: Plan, inputs: Inputs, *, kind: str = "fire_station"
) -> tuple[tuple[ScenarioSpec, ...], tuple[str, ...]]:
    """Make a scenario of each station that a plan wants and a planned layer places, by its name in the layer.

    The place is that of the planned facility whose name contains the project's: plans say places in words
    only.

    Parameters
    ----------
    plan : Plan
        With its projects.
    inputs : Inputs
        With planned facilities.
    kind : str
        Kind of facility that becomes scenarios.

    Returns
    -------
    scenarios : tuple of ScenarioSpec
        In the plan's order.
    missing : tuple of str
        Names of the projects that no planned facility bears.
    """
    planned = select(inputs.facilities, kind=kind, status="planned")
    names = planned["name"].fillna("")
    scenarios: list[ScenarioSpec] = []
    missing: list[str] = []
    for project in plan.projects:
        if project.kind != kind:
            continue
        if not names.str.contains(project.name_zh, regex=False).any():
            missing.append(project.name_zh)
            continue
        built = find_facility(planned, project.name_zh)
        name = str(planned.at[built, "name"])  # the plan may say no more than the place
        is_again = any(each.name == name for each in scenarios)
        scenarios.append(ScenarioSpec(project.name_zh if is_again else name, build=[built]))
    return tuple(scenarios), tuple(missing)
