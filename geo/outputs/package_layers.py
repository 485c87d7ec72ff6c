"""The layers of a study's GeoPackage, each with how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.coverage import Coverage
from geo.findings import Finding
from geo.maps import (
    ZONE_CLASSES,
    band_colours,
    band_labels,
    class_label,
    colour_of,
    room_heading,
    tell_marks,
    zone_labels,
)
from geo.outputs.files import plain_columns
from geo.outputs.package import Layer
from geo.outputs.qgis_symbols import Drawing, DrawnClass, Shape
from geo.outputs.result_tables import all_stations, people_by_name, ranked_gaps
from geo.outputs.wording import word_of
from geo.scenarios import Difference
from geo.schema import FACILITY_KINDS, FACILITY_STATUSES
from geo.statistics import OUTSIDE
from geo.study import SiteResult, StudyResult, difference_findings
from geo.words import Lang, say

__all__ = ["difference_layers", "site_layers", "study_layers"]

_SHAPES: Final[tuple[Shape, ...]] = ("marker", "line", "fill")
_STATUS_ROLES: Final = {
    "existing": "heading",
    "planned": "shelter.planned",
    "candidate": "candidate",
    "closed": "other",
}
_PIXELS_TO_MM: Final = 0.4
_JUST_BELOW: Final = 1e-9
"""A share on a bound belongs to the class above it, as on the map."""


def study_layers(result: StudyResult) -> list[Layer]:
    """Give the layers of a study, the uppermost first; tables without places stand in workbook and CSV."""
    lang, inputs = result.lang, result.inputs
    stations = plain_columns(all_stations(result)).rename_axis("facility_id")
    findings = list(_found(result.findings.values(), lang=lang))
    return [
        _stations(stations, lang=lang),
        _gaps(result, lang=lang),
        _people(result.coverage, lang=lang),
        *findings,
        *_others(result, stations, lang=lang),
        _roads(inputs.network.edges, lang=lang),
        _areas(result.areas, stations, lang=lang),
        _zones(result.reached.zones, lang=lang),
    ]


def site_layers(result: SiteResult) -> list[Layer]:
    """Give the layers of proposed sites, the uppermost first."""
    from geo.study import report_sites  # with the solvers of sites

    lang, after = result.lang, result.after
    old = after.stations.drop(list(result.answer.plan.site_ids)).rename_axis("facility_id")
    return [
        *_found(report_sites(result), lang=lang),
        _stations(old, lang=lang),
        _people(after, lang=lang),
        _roads(result.inputs.network.edges, lang=lang),
        _areas(result.areas, after.stations, lang=lang),
    ]


def difference_layers(difference: Difference, zones: gpd.GeoDataFrame, *, lang: Lang) -> list[Layer]:
    """Give the layers of one scenario, points before lines before areas."""
    layers = list(_found(difference_findings(difference, zones), lang=lang))
    return sorted(layers, key=lambda layer: _SHAPES.index(layer.drawing.shape))


def _layer(
    name: str, table: gpd.GeoDataFrame, drawing: Drawing, *, lang: Lang, group: str, is_on: bool = False
) -> Layer:
    """Make a layer of the coverage itself, whose words are those of the workbook."""
    return Layer(
        name,
        "outputs",
        table,
        title=say(f"outputs.layer_{name}", lang=lang),
        description=say(f"outputs.about_{name}", lang=lang),
        group=say(f"outputs.group_{group}", lang=lang),
        drawing=drawing,
        is_on=is_on,
    )


def _stations(stations: gpd.GeoDataFrame, *, lang: Lang) -> Layer:
    there = [word for word in FACILITY_STATUSES if (stations["status"] == word).any()]
    classes = [
        DrawnClass(label, colour_of(_STATUS_ROLES[word]), value=label)
        for word in there
        for label in [word_of("status", "outputs", word, lang=lang)]
    ]
    drawing = Drawing("marker", classes, by="status", size_mm=4.5, label="name")
    return _layer("stations", stations, drawing, lang=lang, group="response", is_on=True)


def _gaps(result: StudyResult, *, lang: Lang) -> Layer:
    drawing = Drawing("marker", [DrawnClass("", colour_of("hydrant_gap"))], size_mm=3.2, label="rank")
    return _layer("gaps", ranked_gaps(result), drawing, lang=lang, group="response")


def _people(coverage: Coverage, *, lang: Lang) -> Layer:
    """Give the places with people, by band of response time."""
    colours = band_colours(coverage.bands_s, coverage.standard.limit_s)
    labels = band_labels(coverage.bands_s, lang=lang)
    classes = [
        *(DrawnClass(label, colours[i], value=i) for i, label in enumerate(labels)),
        DrawnClass(say("maps.unreachable", lang=lang), colour_of("unreached"), value=-1),
    ]
    drawing = Drawing("marker", classes, by="band", size_mm=2.2)
    return _layer("demand", people_by_name(coverage), drawing, lang=lang, group="response", is_on=True)


def _others(result: StudyResult, stations: gpd.GeoDataFrame, *, lang: Lang) -> Iterator[Layer]:
    """Give the facilities that stand in no layer of their own."""
    facilities = result.inputs.facilities
    shown = stations.index
    for finding in result.findings.values():
        if isinstance(finding.table, gpd.GeoDataFrame) and finding.table.index.name == "facility_id":
            shown = shown.append(finding.table.index)
    others = facilities[~facilities.index.isin(shown)].rename_axis("facility_id")
    roles = (
        *_STATUS_ROLES.values(),
        "gas_repair",
        "water_point",
        "hydrant.working",
        "shelter.room",
        "team.some",
    )
    kinds = [kind for kind in FACILITY_KINDS if (others["kind"] == kind).any()]
    classes = [
        DrawnClass(label, colour_of(roles[i % len(roles)]), value=label)
        for i, kind in enumerate(kinds)
        for label in [word_of("kind", "outputs", kind, lang=lang)]
    ]
    drawing = Drawing("marker", classes or [DrawnClass("", colour_of("other"))], by="kind", size_mm=3.0)
    yield _layer("facilities", others, drawing, lang=lang, group="base")


def _roads(edges: gpd.GeoDataFrame, *, lang: Lang) -> Layer:
    drawing = Drawing("line", [DrawnClass("", colour_of("other"))], size_mm=0.3)
    return _layer("roads", edges, drawing, lang=lang, group="base", is_on=True)


def _areas(areas: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, *, lang: Lang) -> Layer:
    """Give the service areas, that of all stations named as such."""
    union = say("maps.union_area", lang=lang)
    names = areas["facility_id"].map(stations["name"]).astype(object)
    table = areas.assign(name=names.where(areas["facility_id"].notna(), union))
    classes = [
        DrawnClass(union, colour_of("heading"), value=union),
        DrawnClass(say("maps.each_area", lang=lang), colour_of("town_area.no target")),
    ]
    drawing = Drawing("fill", classes, by="name", size_mm=0.2, opacity=0.2)
    return _layer("service_areas", table, drawing, lang=lang, group="base")


def _zones(zones: gpd.GeoDataFrame, *, lang: Lang) -> Layer:
    lows = [0.0, *(bound for bound, _ in ZONE_CLASSES[:-1])]
    classes = []
    for label, low, (high, colour) in zip(zone_labels(lang=lang), lows, ZONE_CLASSES, strict=True):
        top = high - _JUST_BELOW if np.isfinite(high) else 1.0
        classes.append(DrawnClass(label, colour, upto=(low - _JUST_BELOW, top)))
    drawing = Drawing("fill", classes, by="share_people", size_mm=0.4, opacity=0.55, label="name")
    placed = zones.drop(index=OUTSIDE, errors="ignore").rename_axis("zone_id")
    return _layer("zones", placed[placed.geometry.notna()], drawing, lang=lang, group="base", is_on=True)


def _found(findings: Iterable[Finding], *, lang: Lang) -> Iterator[Layer]:
    """Give the findings that have places."""
    for finding in findings:
        table = finding.table
        if not isinstance(table, gpd.GeoDataFrame):
            continue
        shapes = np.asarray(table.geometry.array, dtype=object)
        if (shapely.is_missing(shapes) | shapely.is_empty(shapes)).all():
            continue
        label = say(f"{finding.words}.{finding.name}", lang=lang)
        notes = "\n".join(tell_marks(note.say(lang), lang=lang) for note in finding.notes)
        yield Layer(
            finding.name,
            finding.words,
            table,
            title=label,
            description=notes or label,
            group=room_heading(finding.words, lang=lang),
            drawing=_drawing(finding, table, lang=lang),
            is_on=finding.style is not None and finding.style.is_on,
        )


def _drawing(finding: Finding, table: gpd.GeoDataFrame, *, lang: Lang) -> Drawing:
    """Draw a finding as its map does: the classes of its style, in their colours."""
    shape, style = _shape(table), finding.style
    if style is None:
        return Drawing(shape, [DrawnClass("", colour_of("other"))])
    size = {"marker": style.size * _PIXELS_TO_MM * 1.3, "line": style.size * _PIXELS_TO_MM * 0.5, "fill": 0.3}
    is_coloured = bool(style.by) and style.by in table
    classes = [
        _class(finding, word, role, is_coloured=is_coloured, lang=lang) for word, role in style.roles.items()
    ]
    return Drawing(
        shape,
        classes if is_coloured else classes[:1],
        by=style.by if is_coloured else "",
        size_mm=round(size[shape], 2),
        opacity=0.5,
        label=style.label if style.label in table else "",
    )


def _class(finding: Finding, word: str, role: str, *, is_coloured: bool, lang: Lang) -> DrawnClass:
    colour = colour_of(role)
    if not is_coloured or not word:
        return DrawnClass("" if not is_coloured else say("maps.class_other", lang=lang), colour)
    label = class_label(finding.words, word, lang=lang) or word
    return DrawnClass(label, colour, value=label)


def _shape(table: gpd.GeoDataFrame) -> Shape:
    dimensions = shapely.get_dimensions(table.geometry.dropna().to_numpy())
    return _SHAPES[int(dimensions.max())] if len(dimensions) else "marker"
