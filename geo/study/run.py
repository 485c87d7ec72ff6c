"""A study run from its layers to its results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from geo.messages import Message
from geo.settings import FixedMapping
from geo.study.assessment import StudyResult, assess
from geo.study.call_findings import with_calls
from geo.study.inputs import tell_large
from geo.study.projects import evaluate_projects
from geo.study.ready import Ready, make_ready
from geo.study.scenarios import count_scenarios, with_scenarios
from geo.study.settings import Study
from geo.study.steps import ASSESSING, READING, WRITING, OnStep, Step
from geo.words import Lang

__all__ = ["run_ready", "run_steps", "run_study", "steps_after_reading"]


def run_study(
    study: Study,
    *,
    lang: Lang | None = None,
    step: OnStep = lambda step: None,
    tell: Callable[[Message], None] = lambda message: None,
    use_cache: bool = True,
) -> StudyResult:
    """Run a study: read the layers, assess the district as it stands, then its projects and scenarios.

    Parameters
    ----------
    study : Study
        A checked study file.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told each step as it starts.
    tell : callable
        Told what a large study needs, before it is computed.
    use_cache : bool
        Whether layers that were read before are taken as they were kept, and what is read is kept.

    Raises
    ------
    GeoError
        A layer, a standard or the plan cannot be used, or no station stands on the network.
    """
    study = study.in_lang(lang)
    ready = make_ready(study, step=step, use_cache=use_cache)
    tell_large(ready.inputs.notes, tell)
    return run_ready(study, ready, step=step)


def run_ready(study: Study, ready: Ready, *, step: OnStep = lambda step: None) -> StudyResult:
    """Run a study whose layers are read: assess the district, then its projects and scenarios.

    Parameters
    ----------
    study : Study
        A checked study file.
    ready : Ready
        What it is computed from, as :func:`make_ready` gives it.
    step : callable
        Told each step as it starts.

    Raises
    ------
    GeoError
        A standard or the plan cannot be used, or no station stands on the network.
    """
    today = assess(study, ready.inputs, step=step, keeper=ready.keeper)
    beside = {finding.name: finding for finding in evaluate_projects(study, today, step=step)}
    with_projects = replace(today, findings=FixedMapping({**today.findings, **beside}))
    with_records = with_calls(with_projects)
    with_all = with_scenarios(with_records, ready.changed, missing=ready.missing, step=step)
    if study.uncertainty is None:
        return with_all
    from geo.study.ranges import with_ranges  # here: few draw by chance, and its libraries take time to load

    return with_ranges(with_all, step=step)


def run_steps(study: Study) -> tuple[Step, ...]:
    """Tell the steps that :func:`run_study` and then writing its results will take, in their order.

    A project of the plan that the layers give no place to becomes no scenario: its step is left out.

    Raises
    ------
    StudyError
        The plan is unknown or faulty.
    """
    return (*READING, *steps_after_reading(study))


def steps_after_reading(study: Study) -> tuple[Step, ...]:
    """Tell the steps that :func:`run_ready` and then writing its results will take, in their order.

    Raises
    ------
    StudyError
        The plan is unknown or faulty.
    """
    projects = (Step.PROJECTS,) if study.projects is not None else ()
    scenarios = (Step.SCENARIOS,) * count_scenarios(study)
    ranges = (Step.RANGES,) if study.uncertainty is not None else ()
    return (*ASSESSING, *projects, *scenarios, *ranges, *WRITING)
