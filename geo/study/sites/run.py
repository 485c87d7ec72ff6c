"""Where should the next sites go? The whole flow over a study file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage
from geo.errors import StudyError
from geo.messages import Message
from geo.optimize import Progress
from geo.schema import FACILITY_COLUMNS
from geo.study.inputs import Inputs, naming, read_inputs, tell_large
from geo.study.response import answering_stations, cover_people, draw_areas, read_clock_of
from geo.study.scenarios import change_inputs
from geo.study.settings import CandidatesSpec, SitingSpec, Study
from geo.study.sites.goals import answer_question
from geo.study.sites.land_rules import Sifted
from geo.study.sites.plan_ranges import range_plans
from geo.study.sites.question import Question, ask, check_options, scenario_of, turnout_of
from geo.study.sites.result import SiteResult
from geo.study.sites.sifted import list_candidates
from geo.study.sites.values import candidate_values
from geo.study.sites.why import explain, named_places
from geo.study.steps import OnStep, Step
from geo.words import Lang

__all__ = ["build_sites", "check_sites", "pose_question", "site_study"]


def site_study(
    study: Study,
    *,
    lang: Lang | None = None,
    step: OnStep = lambda step: None,
    progress: Progress | None = None,
    tell: Callable[[Message], None] = lambda message: None,
    use_cache: bool = True,
) -> SiteResult:
    """Read a study, list its candidates and answer ``[siting]``.

    Parameters
    ----------
    study : Study
        A checked study file; without ``[siting]`` the best three sites are sought.
    lang : {"zh", "en"}, optional
        Language of what people read; the study's own when missing.
    step : callable
        Told each step as it starts.
    progress : callable, optional
        Told the value and the bound as the search goes on.
    tell : callable
        Told what a large study needs, before it is computed.
    use_cache : bool
        As of :func:`geo.study.run_study`.

    Returns
    -------
    SiteResult
        Existing stations (``[response] facility_kind`` and ``facility_status``) stay as they are.

    Raises
    ------
    GeoError
        A layer or option cannot be used, no candidate is left, or no plan can do what is asked.
    """
    study = study.in_lang(lang)
    spec = study.siting or SitingSpec()
    inputs = read_inputs(study, step=step, use_cache=use_cache)
    tell_large(inputs.notes, tell)
    inputs = _under_scenario(study, spec, inputs)
    step(Step.CANDIDATES)
    with naming("candidates"):
        sifted = list_candidates(study, inputs)
    named_places(spec.why, sifted)
    step(Step.TIMES)
    before, question = pose_question(study, spec, inputs, sifted)
    step(Step.SITING)
    solution = answer_question(question, spec, progress=progress)
    step(Step.AREAS)
    new = build_sites(sifted.kept.loc[list(solution.plan.site_ids)], study)
    both = gpd.GeoDataFrame(pd.concat([answering_stations(study, inputs), new]), crs=inputs.network.crs)
    after = _cover(study, spec, inputs, both)
    result = SiteResult(
        study=study,
        spec=spec,
        lang=study.study.lang,
        inputs=inputs,
        sifted=sifted,
        question=question,
        answer=solution,
        before=before,
        after=after,
        areas=draw_areas(study, inputs, after),
        values=candidate_values(question, spec, solution.plan),
    )
    explained = replace(result, why=explain(result, progress=progress))
    if study.uncertainty is None:
        return explained
    step(Step.RANGES)
    return replace(explained, ranges=range_plans(explained, study.uncertainty, progress=progress))


def pose_question(
    study: Study, spec: SitingSpec, inputs: Inputs, sifted: Sifted
) -> tuple[Coverage, Question]:
    """Compute who is in time today and the times of all candidates, and put the question together.

    Parameters
    ----------
    study : Study
        Its clock, and where ``spec`` names a scenario, that.
    spec : SitingSpec
        The question.
    inputs : Inputs
        The layers, as the scenario makes them.
    sifted : Sifted
        The candidates in them.

    Raises
    ------
    GeoError
        An option cannot be used.
    """
    before = _cover(study, spec, inputs, answering_stations(study, inputs))
    return before, ask(study, spec, inputs, before, sifted)


def _under_scenario(study: Study, spec: SitingSpec, inputs: Inputs) -> Inputs:
    """Give the layers as the scenario makes them under which sites are sought."""
    with naming("siting"):
        scenario = scenario_of(study, spec)
    return inputs if scenario is None else change_inputs(study, inputs, scenario)


def check_sites(study: Study, inputs: Inputs) -> None:
    """Judge the candidates and the options of ``[siting]`` as :func:`site_study` will, and seek no site.

    Raises
    ------
    GeoError
        A layer or option cannot be used, or no candidate is left.
    """
    spec = study.siting or SitingSpec()
    inputs = _under_scenario(study, spec, inputs)
    with naming("candidates"):
        sifted = list_candidates(study, inputs)
    named_places(spec.why, sifted)
    before = _cover(study, spec, inputs, answering_stations(study, inputs))
    check_options(spec, sifted, before, people_limit=study.response.people_limit)


def build_sites(sites: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    """Turn candidates into facilities of the kind that the study counts.

    Parameters
    ----------
    sites : GeoDataFrame
        Rows of a Candidates table.
    study : Study
        For the kind, and the class to be built.

    Returns
    -------
    GeoDataFrame
        A ``Facilities`` table with ``status`` candidate.
    """
    spec = study.candidates or CandidatesSpec()
    facilities = gpd.GeoDataFrame(
        dict.fromkeys(FACILITY_COLUMNS[:-1], None), index=sites.index, geometry=sites.geometry, crs=sites.crs
    )
    return facilities.assign(
        kind=study.response.facility_kind,
        status="candidate",
        name=sites["name"],
        station_class=spec.station_class if study.response.facility_kind == "fire_station" else None,
        area_m2=sites["area_m2"],
        turnout_s=np.nan if study.siting is None else turnout_of(study, study.siting),
        source="[candidates]",
    )


def _cover(study: Study, spec: SitingSpec, inputs: Inputs, stations: gpd.GeoDataFrame) -> Coverage:
    section = "siting" if spec.standard else "response"
    standard = read_clock_of(study, spec.standard or study.response.standard, section=section)
    if not len(inputs.demand):
        raise StudyError(Message("siting.nobody"))
    return cover_people(study, inputs, stations, standard=standard)
