"""The sheets of scenarios: today, and for each scenario what then is and what changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from geo.outputs.atlas.district_sheets import over_reached
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet_content import PanelTable, Sheet
from geo.outputs.paper import Theme, shorten, themes_of_scenarios
from geo.outputs.report import has_change, scenario_names, sheet_title
from geo.words import say

__all__ = ["scenario_sheets"]

_FIGURES = (
    *("covered_people", "share_covered", "median_s", "p90_s", "unreachable_people", "gain_people"),
    *("lose_people", "cut_off_people", "slower_minute_people", "change_mean_s", "second_lose_people"),
    *("n_over", "n_met", "n_missed"),
)
_TOWNS = (
    *("zone", "before_in_time_people", "after_in_time_people", "change_in_time_people"),
    *("before_unreachable_people", "after_unreachable_people"),
)


def scenario_sheets(material: Material) -> Iterator[Sheet]:
    """Make the sheets of all scenarios of a run, in their order."""
    names = scenario_names(material.run)
    for i, scenario in enumerate(themes_of_scenarios(material.run, material.themes)):
        number = scenario.number
        if i == 0:
            yield _sheet(material, "before", 0, "", over_reached(material, scenario.before()), None)
        name = names.get(number, f"{number}")
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


def _comparison(material: Material, number: int) -> PanelTable | None:
    """Give the figures of a scenario beside those of today."""
    title = sheet_title(material.run, "scenario_comparison", "scenarios")
    sheet = material.run.sheet(title, most=2_000)
    if sheet is None:
        return None
    numbers = sheet.values("scenario", "scenarios", lang=material.lang)
    rows_of = dict(zip(numbers, sheet.rows, strict=False))
    if not {0, number} <= set(rows_of):
        return None
    today, then = rows_of[0], rows_of[number]
    rows = tuple(
        (sheet.heads[i], sheet.text(today[i], i), sheet.text(then[i], i))
        for i in sheet.columns(_FIGURES, "scenarios", lang=material.lang)
    )
    heads = tuple(material.say(f"head_{name}") for name in ("what", "today", "then"))
    return PanelTable(sheet.title, heads, rows, (False, True, True), source=sheet.title)


def _towns(material: Material, number: int) -> PanelTable | None:
    """Give the towns where the people in time, or those not reached, are more or fewer than today."""
    table = say("scenarios.difference_towns", lang=material.lang)
    title = say("outputs.sheet_of_scenario", lang=material.lang, n=number, table=table)
    is_shown = partial(has_change, lang=material.lang)
    return material.table_of(material.run, title, "scenarios", _TOWNS, caption=table, is_shown=is_shown)
