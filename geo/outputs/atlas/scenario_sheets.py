"""The sheets of scenarios: today, and for each scenario what then is and what changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.outputs.atlas.district_sheets import over_reached
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet import PanelTable, Sheet
from geo.outputs.finished import SheetRead
from geo.outputs.folder import SCENARIO_FOLDER, SCENARIO_LAYERS
from geo.outputs.paper import (
    DrawnLayer,
    PackageRead,
    Stroke,
    Theme,
    band_strokes,
    named_strokes,
    shorten,
    with_bands,
)
from geo.outputs.report import sheet_title
from geo.words import say

__all__ = ["scenario_sheets"]

_FIGURES = (
    *("covered_people", "share_covered", "mean_s", "median_s", "p90_s", "unreachable_people", "gain_people"),
    *("lose_people", "second_lose_people", "n_over", "n_met", "n_missed"),
)
_MANY_ROADS = 500
_TOWNS = ("zone", "before_people", "after_people", "change_people")


def scenario_sheets(material: Material) -> Iterator[Sheet]:
    """Make the sheets of all scenarios of a run, in their order."""
    packages = sorted(_packages(material))
    for number, path in packages:
        package = PackageRead(path, lang=material.lang)
        people = material.themes.layer("difference_people", "scenarios", package=package)
        if people is None:
            continue
        if number == packages[0][0]:
            yield _sheet(material, "before", 0, "", _times(material, people, package, "before_s"), None)
        name = _name(material, number)
        figures = _comparison(material, number)
        yield _sheet(material, "after", number, name, _times(material, people, package, "after_s"), figures)
        theme, towns = _change(material, people, package), _towns(material, number)
        yield _sheet(material, "difference" if towns else "no_difference", number, name, theme, towns)


def _packages(material: Material) -> Iterator[tuple[int, Path]]:
    """Give the files of layers of the scenarios, with their numbers."""
    folder = material.run.folder / SCENARIO_FOLDER
    for path in folder.glob(f"*/{SCENARIO_LAYERS}") if folder.is_dir() else ():
        number = path.parent.name.partition("-")[0]
        if number.isdigit():
            yield int(number), path


def _sheet(
    material: Material, state: str, number: int, name: str, theme: Theme, table: PanelTable | None
) -> Sheet:
    values, kind = {"n": number, "name": shorten(name, most=20)}, state.removeprefix("no_")
    return Sheet(
        "scenarios",
        f"{number}-{kind}" if number else kind,
        material.say(f"title_{kind}", **values),
        material.say("group_scenarios"),
        theme,
        material.bounds,
        table,
        (material.say(f"note_{state}", **values),),
    )


def _times(material: Material, people: DrawnLayer, package: PackageRead, seconds: str) -> Theme:
    """Show the places with people by band of response time, today or then, with what stands and is closed."""
    themes = material.themes
    demand = themes.layer("demand")
    assert demand is not None
    bands = [60.0 * minutes for minutes in material.run.study.response.bands_min]
    places = band_strokes(with_bands(demand, people.table, seconds, bands))
    if seconds == "before_s":
        theme = Theme((*themes.ground, *places, *themes.stations), themes.station_names())
        return over_reached(material, theme)
    roads, facilities = _changed(material, package)
    strokes = (*themes.ground, *roads, *places, *themes.stations, *facilities)
    return Theme(strokes, themes.station_names())


def _change(material: Material, people: DrawnLayer, package: PackageRead) -> Theme:
    """Show towns and people by what changes for them, and what makes the change."""
    themes = material.themes
    towns = themes.layer("difference_towns", "scenarios", package=package)
    theme = themes.over_ground([people, *([] if towns is None else [towns])])
    names = () if towns is None else themes.names_of(_with_names(towns))
    roads, facilities = _changed(material, package)
    n_below = next(i for i, stroke in enumerate(theme.strokes) if stroke.shape == "marker")
    below, above = theme.strokes[:n_below], theme.strokes[n_below:]
    return Theme((*below, *roads, *above, *facilities), names)


def _with_names(towns: DrawnLayer) -> DrawnLayer:
    """Give towns with their names where maps look for them."""
    if "name" in towns.table or "zone" not in towns.table:
        return towns
    return replace(towns, table=towns.table.assign(name=towns.table["zone"]))


def _changed(material: Material, package: PackageRead) -> tuple[list[Stroke], list[Stroke]]:
    """Give the roads and the facilities that a scenario changes; of very many roads each is thin."""
    roads, facilities = (
        [] if layer is None else named_strokes(layer)
        for name in ("difference_roads", "difference_sites")
        for layer in [material.themes.layer(name, "scenarios", package=package)]
    )
    width = 0.9 if sum(len(stroke.shapes) for stroke in roads) <= _MANY_ROADS else 0.3
    return (
        [replace(stroke, size_mm=width) for stroke in roads],
        [replace(stroke, size_mm=3.6, symbol="wedge") for stroke in facilities],
    )


def _name(material: Material, number: int) -> str:
    row = _row(_compared(material), number, material)
    return f"{number}" if row is None else row[1]


def _compared(material: Material) -> SheetRead | None:
    title = sheet_title(material.run, "scenario_comparison", "scenarios")
    return material.run.sheet(title, most=2_000)


def _row(sheet: SheetRead | None, number: int, material: Material) -> tuple[tuple[Any, ...], str] | None:
    """Find the row of a scenario in the comparison, with its name."""
    if sheet is None:
        return None
    numbers = sheet.values("scenario", "scenarios", lang=material.lang)
    names = sheet.values("name", "scenarios", lang=material.lang)
    for row, own, name in zip(sheet.rows, numbers, names, strict=False):
        if own == number:
            return row, str(name)
    return None


def _comparison(material: Material, number: int) -> PanelTable | None:
    """Give the figures of a scenario beside those of today."""
    sheet = _compared(material)
    today, then = _row(sheet, 0, material), _row(sheet, number, material)
    if sheet is None or today is None or then is None:
        return None
    rows = tuple(
        (sheet.heads[i], sheet.text(today[0][i], i), sheet.text(then[0][i], i))
        for i in sheet.columns(_FIGURES, "scenarios", lang=material.lang)
    )
    heads = tuple(material.say(f"head_{name}") for name in ("what", "today", "then"))
    return PanelTable(sheet.title, heads, rows, (False, True, True), source=sheet.title)


def _towns(material: Material, number: int) -> PanelTable | None:
    """Give the towns where the people in time are more or fewer than today."""
    table = say("scenarios.difference_towns", lang=material.lang)
    title = say("outputs.sheet_of_scenario", lang=material.lang, n=number, table=table)

    def is_changed(sheet: SheetRead, row: Sequence[Any]) -> bool:
        places = sheet.columns(["change_people"], "scenarios", lang=material.lang)
        return bool(places) and row[places[0]] not in (None, 0)

    return material.table_of(material.run, title, "scenarios", _TOWNS, caption=table, is_shown=is_changed)
