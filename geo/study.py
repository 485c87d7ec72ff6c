"""A study run from its layers to its results."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from geo.assessment import StudyResult, assess
from geo.inputs import Step, read_inputs
from geo.projects import evaluate_projects
from geo.studyfile import Study
from geo.words import Lang

__all__ = ["run_study"]


def run_study(study: Study, *, lang: Lang | None = None, step: Step = lambda name: None) -> StudyResult:
    """Run a study: read the layers, assess the district as it stands, then with the projects of its plan.

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
    inputs = read_inputs(study, step=step)
    today = assess(study, inputs, lang=lang, step=step)
    beside = {finding.name: finding for finding in evaluate_projects(study, today, step=step)}
    return replace(today, findings=MappingProxyType({**today.findings, **beside}))
