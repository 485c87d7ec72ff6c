"""A study run from its layers to its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import folium
import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.areas import covered_land, service_areas
from geo.coverage import Coverage
from geo.errors import NetworkError, StudyError
from geo.gaps import gaps
from geo.inputs import Inputs, Step, read_inputs
from geo.schema import Direction
from geo.standards import ResponseStandard, load_response
from geo.stations import find_suspects, select
from geo.studyfile import Study
from geo.words import Lang, say

__all__ = ["StudyResult", "run_study"]

DIRECTION: Direction = "from_facility"
"""Engines go out."""


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Everything a study found.

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
    zones : GeoDataFrame
        ``Zones`` with the figures of each: people, covered, land and road shares; people outside all
        zones have a row without geometry.
    gaps : GeoDataFrame
        ``Gaps``, ranked by people.
    areas : GeoDataFrame
        ``ServiceAreas`` of each station and of all, at the standard's limit.
    targets : DataFrame
        ``Targets`` of the plan, empty without one.
    suspects : DataFrame
        Stations that look like false entries: ``facility_id``, ``reason``; they are counted all the same.
    notes : tuple of str
        What a reader must know beside the numbers.
    """

    study: Study
    lang: Lang
    inputs: Inputs
    coverage: Coverage
    beside: Mapping[str, Coverage]
    zones: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    targets: pd.DataFrame
    suspects: pd.DataFrame
    notes: tuple[str, ...] = field(default=())

    @property
    def is_synthetic(self) -> bool:
        """Whether the data is invented, which every output must say."""
        return self.study.study.synthetic

    @property
    def attribution(self) -> str:
        """Credits of every source, for maps and reports."""
        return " · ".join(self.inputs.attributions)

    def map(self) -> folium.Map:
        """Draw the interactive map."""
        from geo.picture import draw

        return draw(self)

    def _repr_html_(self) -> str:
        return self.coverage._repr_html_()


def run_study(study: Study, *, lang: Lang | None = None, step: Step = lambda name: None) -> StudyResult:
    """Run a study: read the layers, compute times, coverage, areas, gaps and targets.

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
    asked, snap = study.response, study.snap
    standard = _standard(study, asked.standard)
    plan = _plan(study)
    inputs = read_inputs(study, step=step)
    check_datum(inputs)
    step("times")
    stations = select(inputs.facilities, kind=asked.facility_kind, status=asked.facility_status)
    covered = covering.cover(
        inputs.network,
        stations,
        inputs.demand,
        standard=standard,
        direction=DIRECTION,
        bands_s=[60.0 * minutes for minutes in asked.bands_min],
        max_snap_m=snap.max_m,
        access_kph=snap.access_kph,
        barriers=inputs.barriers,
    )
    _require_stations(covered)
    names = dict.fromkeys([*asked.beside, *(standards_of(plan) if plan else ())])
    beside = {name: covering.under(covered, _standard(study, name)) for name in names if name != standard.name}
    step("areas")
    areas = service_areas(
        inputs.network,
        covered.station_snaps,
        limit_s=standard.limit_s,
        direction=DIRECTION,
        reach_m=snap.max_m,
        access_kph=snap.access_kph,
        start_s=covering.clock_starts(stations, standard),
        land=inputs.land,
        barriers=inputs.barriers,
        simplify_m=SIMPLIFY_M,
    )
    step("zones_told")
    zones = tell_zones(covered, areas, inputs)
    places = gaps(covered, reach_m=asked.gap_reach_m)
    step("targets")
    targets = evaluate(plan, make_facts(inputs, covered, beside)) if plan else no_targets()
    suspects = find_suspects(stations)
    return StudyResult(
        study=study,
        lang=lang or study.study.lang,
        inputs=inputs,
        coverage=covered,
        beside=beside,
        zones=zones,
        gaps=places,
        areas=areas,
        targets=targets,
        suspects=suspects,
    )
