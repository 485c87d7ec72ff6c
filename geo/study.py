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
    names = dict.fromkeys([*asked.beside, *_standards_of(plan)])
    clocks = {name: _standard(study, name) for name in names if name != standard.name}
    coverages = {standard.name: covered}
    coverages |= {name: covering.under(covered, clock) for name, clock in clocks.items()}
    step("areas")
    areas = {name: _areas(study, inputs, coverage) for name, coverage in coverages.items()}
    step("zones_told")
    zones = {name: _by_zone(coverages[name], areas[name], inputs) for name in coverages}
    step("targets")
    shares = {name: (table.attrs["road_share"], table.attrs["land_share"]) for name, table in zones.items()}
    facts = make_facts(inputs, coverages, shares=shares)
    return StudyResult(
        study=study,
        lang=lang or study.study.lang,
        inputs=inputs,
        coverage=covered,
        beside=coverages,
        zones=zones[standard.name],
        gaps=gaps(covered, reach_m=asked.gap_reach_m),
        areas=areas[standard.name],
        targets=no_targets() if plan is None else evaluate(plan, facts),
        suspects=find_suspects(stations),
    )
