"""A study run from its layers to its results."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from geo.study.assessment import StudyResult, assess
from geo.study.inputs import Step, read_inputs
from geo.study.projects import evaluate_projects
from geo.study.scenarios import change_inputs, expand_scenarios, with_scenarios
from geo.study.settings import Study
from geo.words import Lang

__all__ = ["run_study"]


def run_study(study: Study, *, lang: Lang | None = None, step: Step = lambda name: None) -> StudyResult:
    """Run a study: read the layers, assess the district as it stands, then its projects and scenarios.

    Parameters
    ----------
    study : Study
        A checked study file.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told the name of each step as it starts.

    Raises
    ------
    GeoError
        A layer, a standard or the plan cannot be used, or no station stands on the network.
    """
    study = study.in_lang(lang)
    inputs = read_inputs(study, step=step)
    # A scenario that cannot be used is told before anything long is computed.
    scenarios, missing = expand_scenarios(study, inputs)
    changed = {scenario.name: change_inputs(study, inputs, scenario) for scenario in scenarios}
    today = assess(study, inputs, step=step)
    beside = {finding.name: finding for finding in evaluate_projects(study, today, step=step)}
    found = replace(today, findings=MappingProxyType({**today.findings, **beside}))
    return with_scenarios(found, changed, missing=missing, step=step)
