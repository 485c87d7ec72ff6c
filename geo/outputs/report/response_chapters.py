"""The chapters on the response: summary, targets, times, towns, stations, gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from geo.maps import name_ids, say_time
from geo.outputs.finished import MISSING, SheetRead, say_cell
from geo.outputs.report.content import Block, Bullets, Paragraph, Section, Table
from geo.outputs.report.excerpts import (
    Excerpt,
    band_table,
    cited_once,
    excerpt_table,
    people,
    say_measured,
    share_of,
    sheet_title,
)
from geo.outputs.report.resources import availability_sentences, ranges_sentences
from geo.outputs.report.telling import Telling, with_tones
from geo.statistics import PEOPLE_PER_STATION
from geo.words import say

__all__ = ["MOST_GAPS", "response_chapter", "summary_chapter", "targets_chapter"]

MOST_GAPS: Final = 15
_STATES: Final = ("met", "missed", "told", "no_data", "not_computed")
_TONES: Final = {"met": "good", "missed": "bad", "no_data": "open", "not_computed": "open", "told": ""}
_ZONES: Final = (
    *("name", "people", "people_covered", "share_people", "people_two", "people_unreachable"),
    *("mean_s", "p90_s"),
)
_STATIONS: Final = (
    "name",
    "station_class",
    "staff",
    "turnout_s",
    "people_served",
    "share_of_limit",
    "mean_s",
    "worst_s",
)
_GAPS: Final = ("rank", "name", "zone", "people", "n_points", "nearest", "mean_s", "worst_s")
_KEYS: Final = ("what", "value", "unit", "wan", "share")
_RESOURCES: Final = (
    ("sentence_shelters", "shelter_people"),
    ("sentence_villages", "village_depots"),
    ("sentence_hydrants", "hydrants"),
    ("sentence_flood", "road_loss"),
)
"""What the summary says of the other resources, where they are there."""


def summary_chapter(telling: Telling) -> Section | None:
    """Say in sentences what was found, and give the figures that are asked for in a meeting."""
    key = excerpt_table(
        telling.run,
        sheet_title(telling.run, "key_figures", "outputs"),
        Excerpt("outputs", _KEYS),
        caption=telling.say("caption_key_figures"),
    )
    sentences: list[Block] = [Paragraph(text) for text in _sentences(telling)]
    sentences += [*ranges_sentences(telling), *availability_sentences(telling)]
    for sentence, name in _RESOURCES:
        sentences += telling.tell(sentence, name)
    return telling.section("summary", [*sentences, *([key] if key is not None else [])])


def _sentences(telling: Telling) -> Iterator[str]:
    summary, lang = telling.summary, telling.lang
    clock = summary["standard"]
    total, covered = clock["people"], clock["people_covered"]
    late = total - covered - clock["people_unreachable"]
    yield telling.say(
        "sentence_covered",
        people=people(total),
        covered=people(covered),
        share=share_of(covered, total),
        limit=say_time(clock["limit_s"], lang=lang),
        late=people(late),
        late_share=share_of(late, total),
        unreachable=people(clock["people_unreachable"]),
        stations=f"{summary['stations']['counted']:,}",
    )
    if clock.get("mean_s") is not None:
        yield telling.say(
            "sentence_times",
            mean=say_time(clock["mean_s"], lang=lang),
            median=say_time(clock["median_s"], lang=lang),
            p90=say_time(clock["p90_s"], lang=lang),
            two=people(clock["people_two"]),
            two_share=share_of(clock["people_two"], total),
        )
    for other in summary["beside"]:
        yield telling.say(
            "sentence_beside",
            name=other["name"],
            start=say(f"coverage.clock_{other['clock_start']}", lang=lang),
            limit=say_time(other["limit_s"], lang=lang),
            covered=people(other["people_covered"]),
            share=share_of(other["people_covered"], other["people"]),
        )
    counts = {state: summary["targets"].get(state.replace("_", " "), 0) for state in _STATES}
    if sum(counts.values()):
        yield telling.say("sentence_targets", n=sum(counts.values()), **counts)
    yield from _load_sentence(telling)
    if summary["gaps"]:
        first = summary["gaps"][0]
        yield telling.say("sentence_gap", name=first["name"], people=people(first["people"]))
    if telling.sites is not None:
        sites = telling.sites.summary
        yield telling.say(
            "sentence_sites",
            n=sites["n_sites"],
            before=share_of(sites["people_before"], sites["people"]),
            after=share_of(sites["people_after"], sites["people"]),
            new=people(sites["people_new"]),
        )


def _load_sentence(telling: Telling) -> Iterator[str]:
    over = telling.summary["stations"]["over_limit"]
    limit = people(PEOPLE_PER_STATION)
    yield telling.say("sentence_over" if over else "sentence_none_over", n=len(over), limit=limit)


def targets_chapter(telling: Telling) -> Section | None:
    """Hold the state against each target: met, missed and by how much, or which data is missing."""
    sheet = telling.run.sheet(sheet_title(telling.run, "targets", "outputs"), most=1_000)
    if sheet is None:
        return None
    columns = {
        name: sheet.values(name, "maps", lang=telling.lang)
        for name in (
            *("target_id", "name", "binding", "status", "value", "comparator", "target", "missed_by", "unit"),
            *("needs", "evidence", "told"),
        )
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*_even(columns, sheet), strict=True)]
    words = {say(f"maps.target_{state}", lang=telling.lang): state for state in _STATES}
    table = Table(
        telling.say("caption_targets"),
        tuple(
            telling.say(f"head_{name}") for name in ("id", "target", "wanted", "found", "missed_by", "state")
        ),
        tuple(_target_row(row, telling) for row in rows),
        ("left", "left", "right", "right", "right", "left"),
    )
    toned = with_tones(table, 5, {word: _TONES[state] for word, state in words.items()})
    missing = [row for row in rows if words.get(str(row["status"])) in ("no_data", "not_computed")]
    open_part = telling.section(
        "open_targets",
        [Bullets(tuple(f"{row['target_id']} {row['name']}: {row['needs'] or MISSING}" for row in missing))]
        if missing
        else [],
    )
    counts = {state: telling.summary["targets"].get(state.replace("_", " "), 0) for state in _STATES}
    intro = Paragraph(telling.say("sentence_targets", n=sum(counts.values()), **counts))
    as_recorded = telling.finding("calls_targets")
    return telling.section("targets", [intro, toned, *as_recorded], [open_part])


def _even(columns: dict[str, list[Any]], sheet: SheetRead) -> Iterator[list[Any]]:
    """Give each column in full; one that is not there is empty."""
    for values in columns.values():
        yield values or [None] * len(sheet.rows)


def _target_row(row: dict[str, Any], telling: Telling) -> tuple[str, ...]:
    unit = str(row["unit"] or "")
    value, target = row["value"], row["target"]
    wanted = MISSING if target is None else f"{row['comparator'] or ''} {_with_unit(target, unit)}".strip()
    return (
        say_cell(row["target_id"], "@"),
        say_cell(row["name"], "@"),
        wanted,
        _with_unit(value, unit, beside=target),
        _with_unit(row["missed_by"], telling.say("points") if unit == "%" else unit, beside=0),
        say_cell(row["status"], "@"),
    )


def _with_unit(value: Any, unit: str, *, beside: Any = None) -> str:
    """Say a value with its unit, in so many digits that it never reads like a limit that it is not."""
    text = say_measured(value, beside=beside)
    if not isinstance(value, int | float):
        return text
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()


def response_chapter(telling: Telling) -> Section | None:
    """Tell the response: bands of time, towns, loads of stations, gaps."""
    return telling.section(
        "response",
        [Paragraph(_clock(telling))],
        [_times(telling), _towns(telling), _stations(telling), _gaps(telling)],
    )


def _clock(telling: Telling) -> str:
    clock = telling.summary["standard"]
    sums = say(
        "coverage.clock_sum",
        lang=telling.lang,
        start=say(f"coverage.clock_{clock['clock_start']}", lang=telling.lang),
        call=clock["call_s"],
        turnout=clock["turnout_s"],
        travel=clock["travel_s"],
        limit=clock["limit_s"],
    )
    return telling.say("clock", name=name_ids(clock["name"], lang=telling.lang), clock=sums)


def _times(telling: Telling) -> Section | None:
    demand = telling.maps.layer("demand")
    figure, table = telling.maps.coverage(), None if demand is None else band_table(telling.run, demand)
    return telling.section("times", [block for block in (figure, table) if block is not None])


def _towns(telling: Telling) -> Section | None:
    title = sheet_title(telling.run, "zones", "outputs")
    table = excerpt_table(
        telling.run, title, Excerpt("outputs", _ZONES, 80), caption=telling.say("caption_towns")
    )
    figure = telling.maps.shares()
    return telling.section("towns", [block for block in (figure, table) if block is not None])


def _stations(telling: Telling) -> Section | None:
    limit = people(PEOPLE_PER_STATION)
    caption = telling.say("caption_stations", limit=limit)
    title = sheet_title(telling.run, "stations", "outputs")
    table = excerpt_table(telling.run, title, Excerpt("outputs", _STATIONS, 80), caption=caption)
    sentence = [Paragraph(text) for text in _load_sentence(telling)]
    blocks = [*sentence, *([] if table is None else [table]), *telling.map("station_zones")]
    zones = [*telling.finding("station_zones"), *telling.finding("balanced_zones"), *_checks(telling)]
    return telling.section("stations", [*blocks, *zones, *telling.notes("station_zones", "balanced_zones")])


def _checks(telling: Telling) -> list[Block]:
    """Give what the standards ask of zones and sites and is not so."""
    figures = telling.figures("zone_checks")
    if not figures:
        return []
    columns = ("name", "check", "value", "limit", "unit", "level", "standard", "clause")
    no = say("maps.no", lang=telling.lang)

    def is_missed(sheet: SheetRead, row: Any) -> bool:
        places = sheet.columns(["is_met"], "zones", lang=telling.lang)
        return bool(places) and row[places[0]] == no

    table = excerpt_table(
        telling.run,
        sheet_title(telling.run, "zone_checks", "zones"),
        Excerpt("zones", columns, 25, measured=("value", "limit"), limit="limit"),
        caption=telling.say("caption_checks"),
        is_shown=is_missed,
    )
    told = telling.tell("sentence_checks", "zone_checks")
    return told if table is None else [*told, cited_once(table, lang=telling.lang)]


def _gaps(telling: Telling) -> Section | None:
    title = sheet_title(telling.run, "gaps", "outputs")
    table = excerpt_table(
        telling.run, title, Excerpt("outputs", _GAPS, MOST_GAPS), caption=telling.say("caption_gaps")
    )
    figure = telling.maps.gaps(most=MOST_GAPS)
    blocks: list[Block] = [block for block in (figure, table) if block is not None]
    return telling.section("gaps", blocks or [Paragraph(telling.say("no_gaps"))])
