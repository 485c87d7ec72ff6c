"""How a study's stations answer: which of them, on what clock, whom they reach and over what ground."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd

from geo import coverage as covering
from geo.areas import Drawing, service_areas
from geo.coverage import Coverage
from geo.routing import SnapRules
from geo.schema import Direction
from geo.standards import ResponseStandard, load_response
from geo.stations import select_answering
from geo.study.inputs import Inputs, naming, own_or_known
from geo.study.settings import Study
from geo.words import say

__all__ = ["DIRECTION", "answering_stations", "cover_people", "draw_areas", "read_clock_of", "snap_rules"]

DIRECTION: Final[Direction] = "from_facility"
"""Engines go out."""


def answering_stations(study: Study, inputs: Inputs) -> gpd.GeoDataFrame:
    """Give the facilities that send out the first engine under the study's ``[response]``; perhaps none."""
    asked = study.response
    return select_answering(
        inputs.facilities,
        kind=asked.facility_kind,
        status=asked.facility_status,
        without_classes=asked.without_classes,
    )


def snap_rules(study: Study, inputs: Inputs) -> SnapRules:
    """Give the rules by which a study puts points on roads: its ``[snap]``, and its barriers."""
    return SnapRules(study.snap.max_m, study.snap.access_kph, inputs.barriers)


def read_clock_of(study: Study, name: str, *, section: str = "response") -> ResponseStandard:
    """Read a response standard by its name, or from a file of the study's folder (``"file.toml#part"``).

    Raises
    ------
    GeoError
        There is no such standard; the message names the section.
    """
    with naming(section):
        return load_response(own_or_known(study, name))


def cover_people(
    study: Study, inputs: Inputs, stations: gpd.GeoDataFrame, *, standard: ResponseStandard
) -> Coverage:
    """Compute whom stations reach under a standard, with the study's bands, snapping and barriers."""
    coverage = covering.cover(
        inputs.network,
        stations,
        inputs.demand,
        standard=standard,
        direction=DIRECTION,
        bands_s=[60.0 * minutes for minutes in study.response.bands_min],
        snapping=snap_rules(study, inputs),
    )
    lang = study.study.lang
    invented = (say("maps.synthetic", lang=lang),) if study.study.synthetic else ()
    return replace(coverage, lang=lang, attribution=" · ".join([*invented, *inputs.attributions]))


def draw_areas(
    study: Study, inputs: Inputs, coverage: Coverage, *, union: bool = True, each: bool = True
) -> gpd.GeoDataFrame:
    """Draw the ground that is reached within the coverage's own standard: ``ServiceAreas``."""
    return service_areas(
        inputs.network,
        coverage.station_snaps,
        limit_s=coverage.standard.limit_s,
        direction=DIRECTION,
        start_s=covering.clock_starts(coverage.stations, coverage.standard),
        snapping=snap_rules(study, inputs),
        drawing=Drawing(union=union, each=each, land=inputs.land),
    )
