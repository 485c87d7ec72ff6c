"""The sheets of a study's workbook: overview, figures, targets, places, stations, speeds, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.findings import Finding
from geo.maps import name_ids, tell_marks
from geo.outputs.key_figures import key_figures
from geo.outputs.package_tables import TABLES
from geo.outputs.place_sheet import place_rows
from geo.outputs.result_tables import ranked_gaps
from geo.outputs.speed_sheet import speed_rows
from geo.outputs.wording import Wording, in_words, label_of
from geo.outputs.workbook import MAX_ROWS, Sheet
from geo.scenarios import Difference
from geo.standards import profile_names
from geo.statistics import OUTSIDE
from geo.study import StudyResult, difference_findings, plan_of, tell_doubts, tell_remarks
from geo.words import Lang, percent, say

__all__ = ["finding_sheet", "map_labels", "plan_names", "study_sheets", "without_shapes"]

_TARGETS: Final = (
    "target_id",
    "plan",
    "name",
    "binding",
    "status",
    "value",
    "comparator",
    "target",
    "missed_by",
    "unit",
    "told",
    "evidence",
    "needs",
    "places",
    "source",
)
_ZONES: Final = (
    "zone_id",
    "name",
    "level",
    "people",
    "people_covered",
    "share_people",
    "people_two",
    "people_unreachable",
    "mean_s",
    "median_s",
    "p90_s",
    "worst_s",
    "road_km",
    "road_covered_km",
    "share_road",
    "area_km2",
    "land_covered_km2",
    "share_land",
)
_STATIONS: Final = (
    "facility_id",
    "name",
    "status",
    "station_class",
    "staff",
    "turnout_s",
    "people_served",
    "share_of_limit",
    "mean_s",
    "worst_s",
    "is_snapped",
    "snap_m",
    "lon",
    "lat",
)
_DIFFERENCES: Final = (
    *("difference_towns", "difference_stations", "difference_targets", "difference_resources"),
    "difference_roads",
)
"""Tables of a scenario that stand in the workbook; that of its people is long and stands in its CSV file."""
_UNSHOWN: Final = ("colour", "edge", "node", "rule")
"""Columns that say nothing to a reader of a sheet: they are for drawing and joining."""
_FORMATS: Final = {"lon": "0.00000", "lat": "0.00000", "share_of_limit": "0.0%", "wan": "#,##0.00"}
_GAPS: Final = (
    "rank",
    "name",
    "zone",
    "people",
    "n_points",
    "villages",
    "nearest",
    "mean_s",
    "worst_s",
    "lon",
    "lat",
)


def study_sheets(result: StudyResult) -> list[Sheet]:
    """Give the sheets of a study in the study's language; each row of invented data is marked as such.

    Tables with more than ``workbook.MAX_ROWS`` rows are named on the overview with their CSV file.
    """
    lang = result.lang
    sheets: dict[str, Sheet] = {}
    figures = _sheet("key_figures", key_figures(result), result)
    figures = replace(figures, formats={**figures.formats, "value": "#,##0"})  # all of them count something
    if result.targets is not None:
        targets = _targets(result)
        sheets["targets.csv"] = _sheet(
            "targets", targets[[c for c in _TARGETS if c in targets]], result, "maps"
        )
    sheets["zones.csv"] = _sheet("zones", _chosen(_zones(result), _ZONES), result)
    sheets["coverage.csv"] = _places(result)
    sheets[_layer_of("stations", lang)] = _sheet("stations", _chosen(_stations(result), _STATIONS), result)
    sheets[_layer_of("gaps", lang)] = _sheet(
        "gaps", _chosen(without_shapes(ranked_gaps(result)), _GAPS), result
    )
    sheets[_layer_of("roads", lang)] = _sheet("speeds", speed_rows(result), result)
    for name, finding in result.findings.items():
        sheets[f"{name}.csv"] = finding_sheet(finding, _wording(result))
    for number, difference in enumerate(result.scenarios, start=1):
        sheets |= _scenario(result, number, difference)
    overview = _overview(result, sheets, lang=lang)
    return [overview, figures, *(sheet for sheet in sheets.values() if len(sheet.table) <= MAX_ROWS)]


def _layer_of(name: str, lang: Lang) -> str:
    """Name a layer of the GeoPackage as it stands there, behind the table that holds it."""
    title = say(f"outputs.layer_{name}", lang=lang)
    table = next((table for table, names in TABLES.items() if name in names), None)
    if table is None:
        return f"coverage.gpkg: {title if lang == 'zh' else name}"
    return f"coverage.gpkg: {say(f'outputs.table_{table}', lang=lang) if lang == 'zh' else table} / {title}"


def _wording(result: StudyResult) -> Wording:
    return Wording(result.lang, is_synthetic=result.is_synthetic)


def _chosen(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    return table[[column for column in columns if column in table]]


def _places(result: StudyResult) -> Sheet:
    """Give the places with their times; a list that is too long is not worked out."""
    title = say("outputs.sheet_places", lang=result.lang)
    if len(result.coverage.table) > MAX_ROWS:
        return Sheet(title, result.coverage.table)
    return _sheet("places", place_rows(result), result)


def _scenario(result: StudyResult, number: int, difference: Difference) -> dict[str, Sheet]:
    """Give the tables of one scenario, named by its number."""
    sheets = {}
    for finding in difference_findings(difference, result.inputs.zones):
        if finding.name in _DIFFERENCES:
            sheet = finding_sheet(finding, _wording(result))
            name = say(f"scenarios.{finding.name}", lang=result.lang)
            title = say("outputs.sheet_of_scenario", lang=result.lang, n=number, table=name)
            file = f"scenarios/{number}-…/{finding.name}.csv"
            sheets[file] = Sheet(title, sheet.table, sheet.headers, sheet.formats)
    return sheets


def without_shapes(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table without its shapes; points become ``lon`` and ``lat`` in degrees."""
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    shapes = table.geometry
    plain = pd.DataFrame(table.drop(columns=shapes.name))
    there = shapes.dropna()
    if not len(there) or not (there.geom_type == "Point").all():
        return plain
    degrees = shapes.to_crs(4326)
    return plain.assign(lon=degrees.x, lat=degrees.y)


def _overview(result: StudyResult, sheets: Mapping[str, Sheet], *, lang: Lang) -> Sheet:
    rows = [*_headline(result, lang=lang), *_contents(result, sheets, lang=lang), *_notes(result, lang=lang)]
    headers = {name: say(f"maps.column_{name}", lang=lang) for name in ("what", "value")}
    title = say("outputs.sheet_overview", lang=lang)
    return Sheet(title, pd.DataFrame(rows, columns=["what", "value"], dtype=object), headers)


def _headline(result: StudyResult, *, lang: Lang) -> Iterable[tuple[str, Any]]:
    yield say("outputs.study", lang=lang), result.study.study.name
    if result.is_synthetic:
        yield say("outputs.data", lang=lang), say("outputs.synthetic", lang=lang)
    figures = covering.headline(result.coverage, lang=lang, left_out=result.inputs.people_left_out)
    yield from zip(figures.index, figures["value"], strict=True)
    if result.targets is not None:
        yield say("outputs.plan", lang=lang), ", ".join(plan_names(result).values())
        for status, n in result.targets["status"].value_counts(sort=False).items():
            key = f"maps.target_{str(status).replace(' ', '_')}"
            yield f"{say('outputs.sheet_targets', lang=lang)}: {say(key, lang=lang)}", int(n)
    yield say("outputs.note", lang=lang), name_ids(_profile(result), lang=lang)
    for credit in result.inputs.attributions:
        yield say("outputs.attribution", lang=lang), credit


def _profile(result: StudyResult) -> str:
    """Say which speeds were driven, and in which file they stand: the planner's own, or the package's."""
    asked, name = result.study.roads.profile, result.inputs.network.profile
    if asked in profile_names():
        return say("study.profile", lang=result.lang, name=name)
    file = asked.replace("\\", "/").rpartition("/")[2]
    return say("study.profile_own", lang=result.lang, name=name, file=file)


def _contents(result: StudyResult, sheets: Mapping[str, Sheet], *, lang: Lang) -> Iterable[tuple[str, Any]]:
    label = say("outputs.contents", lang=lang)
    yield label + ": " + say("outputs.sheet_key_figures", lang=lang), say("outputs.key_note", lang=lang)
    for file, sheet in sheets.items():
        n = len(sheet.table)
        key = "contents_of" if n <= MAX_ROWS else "too_long"
        text = say(f"outputs.{key}", lang=lang, n=f"{n:,}", file=file)
        yield f"{label}: {sheet.title}", text
    n = len(result.coverage.table)
    yield say("outputs.note", lang=lang), say("outputs.demand_note", lang=lang, n=f"{n:,}")


def _notes(result: StudyResult, *, lang: Lang) -> Iterable[tuple[str, Any]]:
    label = say("outputs.note", lang=lang)
    yield label, say("outputs.times_note", lang=lang)
    remarks = [*tell_remarks(result.inputs, lang=lang)]
    remarks += tell_doubts(result.study, result.inputs, result.coverage, lang=lang)
    notes = [remark.text for remark in remarks]
    notes += [note.say(lang) for finding in result.findings.values() for note in finding.notes]
    yield from ((label, tell_marks(note, lang=lang)) for note in dict.fromkeys(notes))


def _sheet(name: str, table: pd.DataFrame, result: StudyResult, words: str = "outputs") -> Sheet:
    return _made(say(f"outputs.sheet_{name}", lang=result.lang), table, words, _wording(result))


def _made(title: str, table: pd.DataFrame, words: str, wording: Wording) -> Sheet:
    """Make a sheet: codes in words, headings, each row marked where the data is invented."""
    told = in_words(table, words, wording) if len(table) <= MAX_ROWS else table
    headers = {str(name): label_of(words, str(name), lang=wording.lang) for name in told.columns}
    return Sheet(title, told, headers, {k: v for k, v in _FORMATS.items() if k in told})


def _targets(result: StudyResult) -> pd.DataFrame:
    targets, lang = result.targets, result.lang
    assert targets is not None
    places, labels = targets.get("places", pd.Series("", index=targets.index)), map_labels(result)
    return targets.assign(
        plan=targets["plan"].replace(plan_names(result)),
        name=targets[f"name_{lang}"],
        evidence=targets[f"evidence_{lang}"],
        told=[_told(str(unit), result) for unit in targets["unit"]],
        places=places.map(lambda name: labels.get(name, "")),
    ).reset_index(names="target_id")


def map_labels(result: StudyResult) -> dict[str, str]:
    """Give the layers of the map that a target may name, as the map calls them."""
    labels = {name: say(f"maps.{name}", lang=result.lang) for name in ("gaps", "stations")}
    found = result.findings.items()
    return labels | {name: say(f"{finding.words}.{name}", lang=result.lang) for name, finding in found}


def plan_names(result: StudyResult) -> dict[str, str]:
    """Give the name of each plan by its id."""
    plan = plan_of(result.study)
    return {} if plan is None else {plan.id: plan.name_zh if result.lang == "zh" else plan.name_en}


def _told(unit: str, result: StudyResult) -> str | None:
    """Say in a sentence what the least of all villages alone does not tell: how many have a depot."""
    finding = result.findings.get("village_depots")
    if unit != "depots/village" or finding is None or not len(finding.table):
        return None
    n, n_with = finding.figures["n_villages"], finding.figures["n_with"]
    return say(
        "outputs.villages_with",
        lang=result.lang,
        n=f"{n_with:,.0f}",
        all=f"{n:,.0f}",
        share=percent(n_with / n),
        least=f"{finding.table['n_depots'].min():,.0f}",
    )


def _zones(result: StudyResult) -> pd.DataFrame:
    zones = pd.DataFrame(result.reached.zones.drop(columns="geometry"))
    return zones.reset_index(names="zone_id").replace({"zone_id": {OUTSIDE: None}})


def _stations(result: StudyResult) -> pd.DataFrame:
    return without_shapes(result.coverage.stations).reset_index(names="facility_id")


def finding_sheet(finding: Finding, wording: Wording) -> Sheet:
    """Give a finding as a sheet, without columns that are for drawing and joining."""
    table = finding.table
    plain = without_shapes(table)
    plain = plain.reset_index() if plain.index.name and plain.index.name not in plain else plain
    shown = plain.drop(columns=[name for name in _UNSHOWN if name in plain and len(plain.columns) > 1])
    return _made(say(f"{finding.words}.{finding.name}", lang=wording.lang), shown, finding.words, wording)
