"""The sheets of scenarios: today, and for each scenario what then is and what changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from geo.outputs.atlas.district_sheets import over_reached
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet import PanelTable, Sheet
from geo.outputs.finished import SheetRead
from geo.outputs.paper import Theme, shorten, themes_of_scenarios
from geo.outputs.report import sheet_title
from geo.words import say

__all__ = ["scenario_sheets"]

_FIGURES = (
    *("covered_people", "share_covered", "mean_s", "median_s", "p90_s", "unreachable_people", "gain_people"),
    *("lose_people", "second_lose_people", "n_over", "n_met", "n_missed"),
)
_TOWNS = ("zone", "before_people", "after_people", "change_people")


def scenario_sheets(material: Material) -> Iterator[Sheet]:
    """Make the sheets of all scenarios of a run, in their order."""
    for i, scenario in enumerate(themes_of_scenarios(material.run, material.themes)):
        number = scenario.number
        if i == 0:
            yield _sheet(material, "before", 0, "", over_reached(material, scenario.before()), None)
        name = _name(material, number)
        yield _sheet(material, "after", number, name, scenario.after(), _comparison(material, number))
        towns = _towns(material, number)
        state = "difference" if towns else "no_difference"
        yield _sheet(material, state, number, name, scenario.difference(), towns)


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
