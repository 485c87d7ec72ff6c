"""The interactive map of a study's results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import folium

from geo.maps import coverage_map
from geo.standards import ResponseStandard
from geo.study import SIMPLIFY_M, StudyResult
from geo.summaries import OUTSIDE
from geo.words import Lang, say

__all__ = ["clock_text", "draw_map"]


def draw_map(
    result: StudyResult, *, basemaps: Sequence[str] = ("osm", "gaode"), tianditu_key: str | None = None
) -> folium.Map:
    """Draw the map of a study.

    Parameters
    ----------
    result : StudyResult
        What was found.
    basemaps : sequence of str
        Online base maps that a reader may switch on; none is loaded before that.
    tianditu_key : str, optional
        Key for Tianditu's base map.
    """
    inputs, lang = result.inputs, result.lang
    zones = result.reached.zones
    other = inputs.facilities.drop(result.coverage.stations.index)
    return coverage_map(
        title=result.study.study.name,
        lang=lang,
        roads=inputs.network.edges,
        land=inputs.land,
        water=None,
        stations=result.coverage.stations,
        facilities=other if len(other) else None,
        demand=result.coverage.table,
        zones=zones.drop(OUTSIDE, errors="ignore") if len(inputs.zones) else None,
        areas=result.areas,
        gaps=result.gaps,
        targets=result.targets,
        bands_s=result.coverage.bands_s,
        limit_s=result.coverage.standard.limit_s,
        standard_text=clock_text(result.coverage.standard, lang=lang),
        attribution=result.attribution,
        sources=_sources(result),
        is_synthetic=result.is_synthetic,
        basemaps=[*basemaps, *(["tianditu"] if tianditu_key else [])],
        tianditu_key=tianditu_key,
    )


def clock_text(standard: ResponseStandard, *, lang: Lang) -> str:
    """Say a standard's clock in one sentence, with its source."""
    parts = say(
        "study.clock",
        lang=lang,
        name=standard.name,
        call=f"{standard.call_s:g}",
        turnout=f"{standard.turnout_s:g}",
        travel=f"{standard.travel_s:g}",
        limit=f"{standard.limit_s / 60:g}",
    )
    return f"{parts} ({standard.source})" if standard.source else parts


def _sources(result: StudyResult) -> list[str]:
    lang, snap = result.lang, result.study.snap
    lines = [
        say(
            "study.source",
            lang=lang,
            section=section,
            file=Path(report.path).name,
            n=report.n_kept,
        )
        for section, report in result.inputs.reports
    ]
    lines.append(say("study.profile", lang=lang, name=result.inputs.network.profile))
    lines.append(say("study.area_note", lang=lang, reach=f"{snap.max_m:g}", simplify=f"{SIMPLIFY_M:g}"))
    return lines
