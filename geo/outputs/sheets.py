"""The sheets of a study's workbook: overview, targets, zones, stations, gaps and every finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.findings import Finding
from geo.maps import class_label, column_label
from geo.outputs.workbook import MAX_ROWS, Sheet
from geo.statistics import OUTSIDE
from geo.study import StudyResult, tell_doubts, tell_remarks
from geo.words import Lang, say

__all__ = ["study_sheets", "without_shapes"]

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
_GAPS: Final = ("rank", "name", "zone", "people", "n_points", "nearest", "nearest_s", "lon", "lat")


def study_sheets(result: StudyResult) -> list[Sheet]:
    """Give the sheets of a study in the study's language; each row of invented data is marked as such.

    Tables with more than ``workbook.MAX_ROWS`` rows are named on the overview with their CSV file.
    """
    lang = result.lang
    sheets: dict[str, Sheet] = {}
    if result.targets is not None:
        sheets["targets.csv"] = _sheet("targets", _targets(result), _TARGETS, result)
    sheets["zones.csv"] = _sheet("zones", _zones(result), _ZONES, result)
    sheets["coverage.gpkg: stations"] = _sheet("stations", _stations(result), _STATIONS, result)
    sheets["coverage.gpkg: gaps"] = _sheet("gaps", _gaps(result), _GAPS, result)
    for name, finding in result.findings.items():
        sheets[f"{name}.csv"] = _finding(finding, result)
    overview = _overview(result, sheets, lang=lang)
    return [overview, *(sheet for sheet in sheets.values() if len(sheet.table) <= MAX_ROWS)]


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
        plan = ", ".join(dict.fromkeys(result.targets["plan"].astype(str)))
        yield say("outputs.plan", lang=lang), plan
        for status, n in result.targets["status"].value_counts(sort=False).items():
            key = f"maps.target_{str(status).replace(' ', '_')}"
            yield f"{say('outputs.sheet_targets', lang=lang)}: {say(key, lang=lang)}", int(n)
    profile = say("study.profile", lang=lang, name=result.inputs.network.profile)
    yield say("outputs.note", lang=lang), profile
    for credit in result.inputs.attributions:
        yield say("outputs.attribution", lang=lang), credit


def _contents(result: StudyResult, sheets: Mapping[str, Sheet], *, lang: Lang) -> Iterable[tuple[str, Any]]:
    label = say("outputs.contents", lang=lang)
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
    notes = [*tell_remarks(result.inputs, lang=lang)]
    notes += tell_doubts(result.study, result.inputs, result.coverage, lang=lang)
    notes += [note.say(lang) for finding in result.findings.values() for note in finding.notes]
    yield from ((label, note) for note in dict.fromkeys(notes))


def _sheet(name: str, table: pd.DataFrame, columns: tuple[str, ...], result: StudyResult) -> Sheet:
    shown = table[[column for column in columns if column in table]]
    return _marked(say(f"outputs.sheet_{name}", lang=result.lang), shown, "outputs", result)


def _marked(title: str, table: pd.DataFrame, words: str, result: StudyResult) -> Sheet:
    """Make a sheet with its headings, each row marked where the data is invented."""
    lang = result.lang
    headers = {str(name): column_label(words, str(name), lang=lang) for name in table.columns}
    formats = {
        "value": "#,##0.##",
        "target": "#,##0.##",
        "missed_by": "#,##0.##",
        "lon": "0.00000",
        "lat": "0.00000",
    }
    formats |= {"share_of_limit": "0.0%"}
    if result.is_synthetic:
        table = table.assign(data=say("maps.synthetic", lang=lang))
        headers["data"] = say("maps.column_data", lang=lang)
    return Sheet(title, table, headers, {k: v for k, v in formats.items() if k in table})


def _targets(result: StudyResult) -> pd.DataFrame:
    targets, lang = result.targets, result.lang
    assert targets is not None
    status = targets["status"].map(lambda word: say(f"maps.target_{word.replace(' ', '_')}", lang=lang))
    places = targets.get("places", pd.Series("", index=targets.index))
    labels = {name: say(f"maps.{name}", lang=lang) for name in ("gaps", "stations")}
    labels |= {name: say(f"{finding.words}.{name}", lang=lang) for name, finding in result.findings.items()}
    return targets.assign(
        name=targets[f"name_{lang}"],
        evidence=targets[f"evidence_{lang}"],
        status=status,
        binding=targets["binding"].map(lambda word: say(f"outputs.kind_{word}", lang=lang)),
        unit=targets["unit"].map(lambda unit: _unit(unit, lang=lang)),
        places=places.map(lambda name: labels.get(name, "")),
    ).reset_index(names="target_id")


def _unit(unit: Any, *, lang: Lang) -> Any:
    try:
        return say(f"plans.unit_{unit}", lang=lang)
    except KeyError:  # a planner's own plan has units of its own
        return unit


def _zones(result: StudyResult) -> pd.DataFrame:
    zones, lang = pd.DataFrame(result.reached.zones.drop(columns="geometry")), result.lang
    outside = say("outputs.outside_zones", lang=lang)
    return (
        zones.assign(
            name=zones["name"].replace(OUTSIDE, outside),
            level=zones["level"].map(
                lambda word: say(f"outputs.level_{word}", lang=lang), na_action="ignore"
            ),
        )
        .reset_index(names="zone_id")
        .replace({"zone_id": {OUTSIDE: None}})
    )


def _stations(result: StudyResult) -> pd.DataFrame:
    stations, lang = result.coverage.stations, result.lang
    return (
        without_shapes(stations)
        .assign(
            status=stations["status"].map(lambda word: say(f"maps.status_{word}", lang=lang)),
            station_class=stations["station_class"].map(
                lambda word: say(f"maps.class_{word}", lang=lang), na_action="ignore"
            ),
        )
        .reset_index(names="facility_id")
    )


def _gaps(result: StudyResult) -> pd.DataFrame:
    names = result.coverage.stations["name"]
    return without_shapes(result.gaps).assign(
        rank=range(1, len(result.gaps) + 1), nearest=result.gaps["nearest_id"].map(names)
    )


def _finding(finding: Finding, result: StudyResult) -> Sheet:
    lang, table = result.lang, finding.table
    plain = without_shapes(table)
    plain = plain.reset_index() if plain.index.name and plain.index.name not in plain else plain
    if len(plain) <= MAX_ROWS:
        in_words = {name: _in_words(plain[name], finding.words, lang=lang) for name in plain.columns}
        plain = plain.assign(**{name: column for name, column in in_words.items() if column is not None})
    return _marked(say(f"{finding.words}.{finding.name}", lang=lang), plain, finding.words, result)


def _in_words(column: pd.Series, words: str, *, lang: Lang) -> pd.Series | None:
    """Say a column of class words in the reader's language; None for any other."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    known = column.dropna()
    if not len(known) or not all(isinstance(value, str) for value in known):
        return None
    labels = {word: class_label(words, word, lang=lang) if word else None for word in known.unique()}
    return None if None in labels.values() else column.map(labels)
