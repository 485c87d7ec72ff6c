"""The chapters on shelters, depots, water, weak roads, scenarios and new sites."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from geo.outputs.finished import SheetRead
from geo.outputs.report.content import Block, Bullets, Paragraph, Section
from geo.outputs.report.excerpts import (
    FINDING_EXCERPTS,
    Excerpt,
    excerpt_table,
    has_change,
    people,
    scenario_names,
    share_of,
    sheet_title,
)
from geo.outputs.report.telling import Telling
from geo.words import percent, say

__all__ = [
    "availability_chapter",
    "availability_sentences",
    "calls_chapter",
    "depots_chapter",
    "ranges_chapter",
    "ranges_sentences",
    "roads_chapter",
    "scenarios_chapter",
    "shelters_chapter",
    "sites_chapter",
    "water_chapter",
]

_MOST_DRAWN: Final = 6
"""Scenarios whose maps stand in a report; the atlas draws them all."""
_TOWNS = (
    "zone",
    "people",
    "before_in_time_people",
    "after_in_time_people",
    "change_in_time_people",
    "share_before",
    "share_after",
    "before_unreachable_people",
    "after_unreachable_people",
)
_RANGED_PLANS: Final = (
    *("plan_rank", "class", "sites", "unit", "computed", "low", "high", "share_best", "share_near"),
)
_SITES = ("order", "name", "zone", "area_m2", "people_new", "people_in_all", "share_in_all", "station_near")


def shelters_chapter(telling: Telling) -> Section | None:
    """Tell who finds a place in a shelter, and which towns have too little."""
    return telling.section(
        "shelters",
        [
            *telling.tell("sentence_shelters", "shelter_people"),
            *telling.tell("sentence_shelter_towns", "shelter_towns"),
            *telling.map("shelters", "shelter_people"),
            *telling.finding("shelter_towns"),
            *telling.finding("shelter_checks"),
            *telling.notes("shelters", "shelter_people", "shelter_towns"),
        ],
    )


def depots_chapter(telling: Telling) -> Section | None:
    """Tell which villages have a depot and who is beyond the reach of one."""
    return telling.section(
        "depots",
        [
            *telling.tell("sentence_villages", "village_depots"),
            *telling.tell("sentence_drive", "depot_reach"),
            *telling.tell("sentence_walk", "depot_reach"),
            *telling.map("depots", "depot_reach", "villages_without_depot"),
            *telling.finding("village_depots_by_town"),
            *telling.finding("depot_reach"),
            *telling.finding("teams_by_town"),
            *telling.finding("gas_repair_stations"),
            *telling.notes("depots", "depot_reach"),
        ],
    )


def water_chapter(telling: Telling) -> Section | None:
    """Tell where hydrants are missing and where new ones help most."""
    return telling.section(
        "water",
        [
            *telling.tell("sentence_hydrants", "hydrants"),
            *telling.tell("sentence_hydrant_gaps", "hydrant_gaps"),
            *telling.tell("sentence_proposals", "hydrant_proposals"),
            *telling.map("hydrants", "hydrant_gaps", "water_points"),
            *telling.finding("hydrants_by_zone"),
            *telling.finding("water_short_areas"),
            *telling.map("hydrant_proposals"),
            *telling.finding("hydrant_proposals"),
            *telling.notes("hydrants", "hydrant_gaps", "hydrant_proposals", "water_short_areas"),
        ],
    )


def availability_chapter(telling: Telling) -> Section | None:
    """Tell what is left of the coverage when engines may be out, and where a larger force is late."""
    return telling.section(
        "availability",
        [
            *availability_sentences(telling),
            *telling.finding("availability_kinds"),
            *telling.finding("availability_stations"),
            *telling.map("availability", "availability_stations", caution=_too_high(telling)),
            *telling.finding("availability_towns"),
            *telling.finding("availability_force"),
            *telling.map("availability_force_late"),
            *telling.notes("availability"),
        ],
    )


def calls_chapter(telling: Telling) -> Section | None:
    """Hold the model against the records of calls: shares in time, errors of turnout and driving."""
    figures = telling.figures("calls_shares")
    shares = ("share_recorded", "share_modelled", "driving_share_near")
    told = {f"{name}_told": percent(figures[name]) for name in shares if figures.get(name) is not None}
    if figures.get("driving_median_s") is not None:
        told["driving_median_told"] = f"{figures['driving_median_s']:+,.0f}"
    return telling.section(
        "calls",
        [
            *telling.tell("sentence_calls", "calls_shares", **told),
            *telling.finding("calls_shares"),
            *telling.map("calls_cells"),
            *_errors(telling),
            *telling.finding("calls_counts"),
            *telling.notes("calls_cells"),
        ],
    )


def _errors(telling: Telling) -> list[Block]:
    """Give the errors by road, distance, station and weather; those of 24 hours stay in the workbook."""
    lang = telling.lang
    hour = say("calls.class_hour", lang=lang).casefold()  # a cell begins with a capital letter
    title = sheet_title(telling.run, "calls_errors", "calls")

    def is_hour(sheet: SheetRead, row: Sequence[Any]) -> bool:
        places = sheet.columns(["by"], "calls", lang=lang)
        return bool(places) and str(row[places[0]]).casefold() == hour

    table = excerpt_table(
        telling.run,
        title,
        FINDING_EXCERPTS["calls_errors"],
        caption=title,
        is_shown=lambda sheet, row: not is_hour(sheet, row),
    )
    if table is None:
        return []
    sheet = telling.run.sheet(title, most=2_000)
    n = 0 if sheet is None else sum(is_hour(sheet, row) for row in sheet.rows)
    note = telling.say("errors_by_hour", n=f"{n:,}", sheet=title)
    return [table, *([Paragraph(note, is_note=True)] if n else [])]


def ranges_chapter(telling: Telling) -> Section | None:
    """Tell how sure the figures are: as ranges, who is in doubt, and which targets flip."""
    return telling.section(
        "ranges",
        [
            *ranges_sentences(telling),
            *telling.tell("sentence_flips", "ranges_targets"),
            *telling.finding("ranges"),
            *telling.finding("ranges_sureness"),
            *telling.map("ranges_places"),
            *telling.finding("ranges_towns"),
            *telling.finding("ranges_stations"),
            *telling.finding("ranges_targets"),
            *telling.finding("ranges_scenarios"),
            *telling.notes("ranges_places"),
        ],
    )


def availability_sentences(telling: Telling) -> list[Block]:
    """Say how many calls are in time when engines may be out, and where that is known to be too high."""
    told = telling.tell("sentence_availability", "availability", **_shares(telling))
    too_high = _too_high(telling)
    return [*told, *([Paragraph(too_high)] if told and too_high else [])]


def ranges_sentences(telling: Telling) -> list[Block]:
    """Say between which figures the people in time lie."""
    figures = telling.figures("ranges")
    told = {
        f"share_covered_{end}_told": percent(figures[f"share_covered_{end}"])
        for end in ("low", "high")
        if f"share_covered_{end}" in figures
    }
    return telling.tell("sentence_ranges", "ranges", **told)


def _too_high(telling: Telling) -> str:
    """Say that shares in time are too high where a call asks for several engines of the first kind."""
    several = telling.figures("availability").get("engines_per_call", 1.0) > 1.0
    return say("availability.several", lang=telling.lang) if several else ""


def _shares(telling: Telling) -> dict[str, str]:
    """Say the shares of calls and of an engine's time in per cent."""
    figures = telling.figures("availability")
    names = (
        *("share_in_time", "share_in_time_if_free", "busy_share", "busiest_share"),
        *("lost_share", "unreached_share"),
    )
    return {f"{name}_told": percent(figures[name]) for name in names if name in figures}


def roads_chapter(telling: Telling) -> Section | None:
    """Tell which roads cut people off, and what a flood would do."""
    lines = telling.map("flooded_roads", "cut_links", "dead_ends") or telling.map("cut_links", "dead_ends")
    return telling.section(
        "roads",
        [
            *telling.tell("sentence_flood", "road_loss"),
            *telling.tell("sentence_links", "cut_links"),
            *telling.tell("sentence_dead_ends", "dead_ends"),
            *(lines or telling.map("dead_ends")),
            *telling.finding("road_loss"),
            *telling.finding("cut_links"),
            *telling.finding("dead_ends"),
            *telling.notes("cut_links", "dead_ends", "flooded_roads"),
        ],
    )


def scenarios_chapter(telling: Telling) -> Section | None:
    """Hold projects and scenarios against today, and tell who answers when an engine is out."""
    comparison = telling.finding("scenario_comparison")
    return telling.section(
        "scenarios",
        [],
        [
            telling.section(
                "projects",
                [
                    *telling.tell("sentence_projects", "targets_compared"),
                    *telling.finding("targets_compared"),
                ],
            ),
            telling.section(
                "compared",
                [*comparison, *telling.finding("scenario_changes"), *_each_scenario(telling)],
            ),
            telling.section(
                "outages",
                [
                    *telling.finding("outages"),
                    *telling.map("outage_people"),
                    *telling.finding("outage_answers"),
                    *telling.notes("outages", "outage_people"),
                ],
            ),
        ],
    )


def _each_scenario(telling: Telling) -> list[Block]:
    """Give for each scenario its maps, and the towns where it changes who is in time."""
    lang, blocks = telling.lang, list[Block]()
    table_name = say("scenarios.difference_towns", lang=lang)
    names = scenario_names(telling.run)
    maps = telling.maps.scenarios(names, most=_MOST_DRAWN)
    for number, name in names.items():
        title = say("outputs.sheet_of_scenario", lang=lang, n=number, table=table_name)
        caption = telling.say("caption_scenario", n=number, name=name)
        excerpt = Excerpt("scenarios", _TOWNS, 30)
        table = excerpt_table(
            telling.run, title, excerpt, caption=caption, is_shown=partial(has_change, lang=lang)
        )
        if table is not None:
            blocks.append(table)
        elif telling.run.sheet(title) is not None:
            blocks.append(Paragraph(telling.say("scenario_no_change", n=number, name=name)))
        blocks += maps.get(number, [])
    if maps and len(names) > len(maps):
        blocks.append(Paragraph(telling.say("scenarios_not_drawn", n=len(names) - len(maps)), is_note=True))
    return blocks


def sites_chapter(telling: Telling) -> Section | None:
    """Tell where new stations should go and how good that answer is proven to be."""
    sites, lang = telling.sites, telling.lang
    if sites is None:
        return telling.section(
            "sites", [Paragraph(telling.say("no_sites"))] if telling.run.study.siting else []
        )
    summary = sites.summary
    question = Paragraph(telling.say("site_question", question=summary["question"][lang]))
    answer = Paragraph(
        telling.say(
            "sentence_sites",
            n=summary["n_sites"],
            before=share_of(summary["people_before"], summary["people"]),
            after=share_of(summary["people_after"], summary["people"]),
            new=people(summary["people_new"]),
        )
    )
    figure = telling.maps.sites(sites.package)
    table = excerpt_table(
        sites,
        say("siting.proposed_sites", lang=lang),
        Excerpt("siting", _SITES),
        caption=telling.say("caption_sites"),
    )
    rules = excerpt_table(
        sites,
        say("siting.candidate_rules", lang=lang),
        Excerpt("siting", ("name", "n_before", "n_removed", "n_left", "limit", "unit")),
        caption=telling.say("caption_rules"),
    )
    title = say("uncertainty.ranges_plans", lang=lang)
    plans = excerpt_table(sites, title, Excerpt("uncertainty", _RANGED_PLANS), caption=title)
    notes = Bullets(tuple(str(note[lang]) for note in summary["notes"]))
    return telling.section(
        "sites",
        [
            question,
            answer,
            Paragraph(_proof(telling)),
            *(block for block in (figure, table, plans, rules) if block is not None),
            *([notes] if notes.items else []),
        ],
    )


def _proof(telling: Telling) -> str:
    """Say how good the plan is proven to be: its value, the bound that no plan can pass, and the gap."""
    assert telling.sites is not None
    summary = telling.sites.summary
    numbers = {name: summary.get(name) for name in ("value", "bound", "gap")}
    if any(value is None for value in numbers.values()):
        return telling.say("proof_unknown")
    key = "proof_best" if summary["is_proven"] else "proof_gap"
    value, bound, gap = (float(numbers[name] or 0.0) for name in ("value", "bound", "gap"))
    return telling.say(key, value=f"{value:,.10g}", bound=f"{bound:,.10g}", gap=f"{100 * gap:.4f}%")
