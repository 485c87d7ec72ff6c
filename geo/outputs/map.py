"""The interactive map of a study's results."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import folium

from geo.coverage import clock_text
from geo.errors import StudyError
from geo.maps import (
    AreaLayer,
    Basemap,
    CoverageLayer,
    FacilityLayer,
    FindingLayer,
    GapLayer,
    LandLayer,
    MapLayer,
    MapText,
    RoadLayer,
    StationLayer,
    TargetPanel,
    ZoneLayer,
    coverage_map,
    say_credit,
    say_share,
)
from geo.messages import Message
from geo.outputs.result_tables import all_stations
from geo.outputs.route_layer import route_layer
from geo.outputs.speed_lines import tell_speeds
from geo.standards import ResponseStandard
from geo.stations import select
from geo.statistics import OUTSIDE
from geo.study import SIMPLIFY_M, StudyResult, tell_remarks
from geo.words import Lang, say

__all__ = ["draw_map"]


def draw_map(result: StudyResult, *, roads: RoadLayer | None = None) -> folium.Map:
    """Draw the map of a study.

    Parameters
    ----------
    result : StudyResult
        What was found.
    roads : RoadLayer, optional
        The roads of its network, where another map shows them too.

    Raises
    ------
    StudyError
        The study asks for Tianditu and the environment variable ``TIANDITU_KEY`` is not set.
    """
    lang, standard = result.lang, result.coverage.standard
    return coverage_map(
        [*_layers(result, roads), *map(FindingLayer, result.findings.values())],
        title=result.study.study.name,
        lang=lang,
        text=MapText(
            standard=_standard_text(standard, lang=lang),
            attribution=say_credit(result.attribution, lang=lang),
            sources=_sources(result),
            is_synthetic=result.is_synthetic,
        ),
        basemaps=_basemaps(result.study.map.basemaps),
    )


def _basemaps(names: Sequence[str]) -> list[Basemap]:
    key = os.environ.get("TIANDITU_KEY") if "tianditu" in names else None
    if "tianditu" in names and not key:
        raise StudyError(Message("outputs.no_tianditu_key"))
    return [Basemap(name, key) for name in names]


def _layers(result: StudyResult, roads: RoadLayer | None) -> Iterator[MapLayer]:
    inputs, coverage = result.inputs, result.coverage
    stations = all_stations(result)
    yield roads or RoadLayer(inputs.network.edges)
    yield LandLayer(inputs.land)
    yield StationLayer(stations)
    others = inputs.facilities.drop(stations.index)
    if len(others):
        yield FacilityLayer(others)
    yield CoverageLayer(
        coverage.table,
        bands_s=coverage.bands_s,
        limit_s=coverage.standard.limit_s,
        left_out=inputs.people_left_out,
        snap_max_m=result.study.snap.max_m,
        ways=result.findings["shelters"].ways if "shelters" in result.findings else (),
        more_figures=_range_figures(result),
    )
    yield route_layer(result)
    if len(inputs.zones):
        yield ZoneLayer(result.reached.zones.drop(OUTSIDE, errors="ignore"))
    yield AreaLayer(result.areas)
    yield GapLayer(result.gaps)
    if result.targets is not None:
        yield TargetPanel(result.targets)


def _range_figures(result: StudyResult) -> list[dict[str, str]]:
    """Give the range of the people in time, where the study draws by chance."""
    if "ranges" not in result.findings:
        return []
    lang, figures = result.lang, result.findings["ranges"].figures
    ends = {end: say_share(figures[f"share_covered_{end}"]) for end in ("low", "high")}
    people = {end: f"{figures[f'people_covered_{end}']:,.0f}" for end in ("low", "high")}
    values = {**people, "doubt": f"{figures['people_in_doubt']:,.0f}", "n": f"{figures['n_draws']:,.0f}"}
    return [
        {
            "label": say("uncertainty.card", lang=lang),
            "value": f"{ends['low']} – {ends['high']}",
            "note": say("uncertainty.card_note", lang=lang, **values),
            "tone": "",
        }
    ]


def _standard_text(standard: ResponseStandard, *, lang: Lang) -> str:
    source = f" ({standard.source})" if standard.source else ""
    text = f"{clock_text(standard, lang=lang)}{source}"
    return text[:1].upper() + text[1:]


def _sources(result: StudyResult) -> list[str]:
    lang, snap = result.lang, result.study.snap
    lines = list(tell_speeds(result))
    lines += [
        say(
            "study.source",
            lang=lang,
            section=section,
            file=Path(report.path).name,
            n=report.n_kept,
        )
        for section, report in result.inputs.reports
    ]
    lines += _not_answering(result)
    lines.append(say("study.area_note", lang=lang, reach=f"{snap.max_m:g}", simplify=f"{SIMPLIFY_M:g}"))
    return [*lines, *(remark.text for remark in tell_remarks(result.inputs, lang=lang))]


def _not_answering(result: StudyResult) -> list[str]:
    """Name the stations whose class does not answer first: they are drawn and not counted."""
    asked = result.study.response
    rows = select(result.inputs.facilities, kind=asked.facility_kind, status=asked.facility_status)
    rows = rows[rows["station_class"].isin(asked.without_classes)]
    if not len(rows):
        return []
    names = [str(facility if name is None else name) for facility, name in rows["name"].head(5).items()]
    return [say("study.not_answering", lang=result.lang, n=len(rows), names=", ".join(names))]
