"""The headline of a run: what a planner reads on the screen when it is done."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape

from geo import coverage as covering
from geo.cli._lines import fold, lay_out, short_name, short_runs
from geo.maps import name_ids
from geo.scenarios import say_change
from geo.signs import printable
from geo.study import Remark, StudyResult, count_doubts, tell_doubts, tell_remarks
from geo.words import Lang, percent, say, whole

__all__ = ["print_headline", "print_lines"]

N_GAPS = 3
STATUSES = ("met", "missed", "told", "no data", "not computed")


def print_headline(result: StudyResult, written: Mapping[str, Path], *, console: Console) -> None:
    """Print the figures of a study and where its files are."""
    print_lines(
        result.study.study.name,
        _lines(result),
        written["map.html"],
        warnings=_warnings(result),
        is_synthetic=result.is_synthetic,
        lang=result.lang,
        console=console,
    )


def print_lines(
    title: str,
    lines: Iterable[tuple[str, str]],
    page: Path,
    *,
    warnings: Iterable[Remark] = (),
    is_synthetic: bool,
    lang: Lang,
    console: Console,
    has_map: bool = True,
) -> None:
    """Print a title, names with their values, warnings, and where the map, if any, and the other files are.

    What can change a number, or is to be mended, comes last and is counted. Square brackets of the data are
    not read as rich's markup, nor do its signs reach the terminal.
    """
    mark = f"  [reverse] {say('study.synthetic', lang=lang)} [/reverse]" if is_synthetic else ""
    console.print(f"[bold]{_shown(short_name(title))}[/bold]{mark}")
    rows = [(printable(name), short_runs(printable(name_ids(value, lang=lang)))) for name, value in lines]
    for line in lay_out(rows, width=console.width):
        console.print(escape(line), soft_wrap=True)
    told = list(warnings)
    for remark in sorted(told, key=lambda remark: remark.weight != "note"):
        mark, style = ("-", "") if remark.weight == "note" else ("!", "yellow")
        text = f"{mark} {short_runs(printable(name_ids(remark.text.removeprefix('! '), lang=lang)))}"
        for line in fold(text, console.width, indent="  ") if console.is_terminal else [text]:
            console.print(escape(line), style=style, soft_wrap=True)
    if n := count_doubts(told):
        text = say("study.doubts", lang=lang, n=n)
        for line in fold(text, console.width) if console.is_terminal else [text]:
            console.print(escape(line), style="yellow", soft_wrap=True)
    for name, place in (("map", page), ("results", page.parent))[0 if has_map else 1 :]:
        console.print(f"{say(f'study.{name}', lang=lang)}: {_shown(str(place))}", soft_wrap=True)


def _shown(text: str) -> str:
    return escape(printable(text))


def _lines(result: StudyResult) -> Iterable[tuple[str, str]]:
    lang = result.lang
    figures = covering.headline(result.coverage, lang=lang, left_out=result.inputs.people_left_out)
    yield from zip(figures.index, figures["value"], strict=True)
    for row in result.gaps.head(N_GAPS).itertuples():
        n_villages = len(str(row.villages or "").split("; "))
        text = say(
            "study.gap_villages" if n_villages > 1 else "study.gap",
            lang=lang,
            name=short_name(str(row.name)),
            n=n_villages,
            people=whole(row.people),
            near=_near(result, row.nearest_id, row.mean_s, row.worst_s),
        )
        yield (say("study.gaps", lang=lang) if row.Index == 0 else "", text)
    if result.targets is not None:
        counts = result.targets["status"].value_counts()
        text = say(
            "study.target_counts",
            lang=lang,
            **{word.replace(" ", "_"): counts.get(word, 0) for word in STATUSES},
        )
        yield say("study.targets", lang=lang), text
    for i, difference in enumerate(result.scenarios):
        yield (
            say("scenarios.headline_label", lang=lang) if i == 0 else "",
            say_change(difference, lang=lang),
        )
    if "availability" in result.findings:
        yield say("availability.headline_label", lang=lang), _availability(result, lang=lang)
    if "calls_shares" in result.findings:
        yield say("calls.headline_label", lang=lang), _calls(result, lang=lang)
    if "ranges" in result.findings:
        yield say("uncertainty.headline_label", lang=lang), _ranges(result, lang=lang)
    if "outages" in result.findings:
        told = ("" if lang == "zh" else " ").join(note.say(lang) for note in result.findings["outages"].notes)
        yield say("scenarios.outages_label", lang=lang), told


def _availability(result: StudyResult, *, lang: Lang) -> str:
    """Say how many calls are in time when engines may be out, beside all of them being in."""
    figures = result.findings["availability"].figures
    if not figures["calls_per_year"] > 0.0:
        return say("availability.headline_no_calls", lang=lang)
    kinds = result.study.availability.engines if result.study.availability else ()
    told = say(
        "availability.headline",
        lang=lang,
        free=percent(figures["share_in_time_if_free"]),
        share=percent(figures["share_in_time"]),
        busy=percent(figures["busy_share"]),
        lost=percent(figures["lost_share"]),
        unreached=percent(figures["unreached_share"]),
        calls=whole(figures["calls_per_year"]),
    )
    if kinds:
        told += say("availability.headline_of_kind", lang=lang, kind=kinds[0].name)
    if figures.get("engines_per_call", 1.0) > 1.0:
        told += say("availability.headline_several", lang=lang)
    return told


def _calls(result: StudyResult, *, lang: Lang) -> str:
    """Say how many recorded calls were in time, beside what the model says of the same ones."""
    figures = result.findings["calls_shares"].figures
    if not figures["share_recorded"] >= 0.0:
        return say("calls.headline_none", lang=lang)
    return say(
        "calls.headline",
        lang=lang,
        n=whole(figures["n_calls"]),
        recorded=percent(figures["share_recorded"]),
        modelled=percent(figures["share_modelled"]),
        median=f"{figures['driving_median_s']:+,.0f}",
        trips=whole(figures["driving_n_trips"]),
    )


def _ranges(result: StudyResult, *, lang: Lang) -> str:
    """Say from how many to how many people are in time, who is in doubt, and how many targets flip."""
    figures = result.findings["ranges"].figures
    values = {
        "low": whole(figures["people_covered_low"]),
        "high": whole(figures["people_covered_high"]),
        "share_low": percent(figures["share_covered_low"]),
        "share_high": percent(figures["share_covered_high"]),
        "sure": whole(figures["people_surely_in_time"]),
        "doubt": whole(figures["people_in_doubt"]),
    }
    told = say("uncertainty.headline", lang=lang, **values)
    if "ranges_targets" not in result.findings:
        return told
    n_flips = int(result.findings["ranges_targets"].figures["n_flips"])
    return told + say("uncertainty.headline_flips", lang=lang, n=n_flips)


def _warnings(result: StudyResult) -> Iterable[Remark]:
    """Say all that can change a number, as the check says it."""
    yield from tell_remarks(result.inputs, lang=result.lang)
    yield from tell_doubts(result.study, result.inputs, result.coverage, lang=result.lang)


def _near(result: StudyResult, station_id: object, mean_s: float, worst_s: float) -> str:
    """Say which station comes first to a gap, by its name or else its id, and when; or that none comes."""
    lang = result.lang
    if station_id is None:
        return say("study.gap_nobody", lang=lang)
    name = result.coverage.stations["name"].get(station_id)
    shown = short_name(str(station_id) if pd.isna(name) else str(name))
    return say(
        "study.gap_near", lang=lang, station=shown, minutes=_mean_and_worst(mean_s, worst_s, lang=lang)
    )


def _mean_and_worst(mean_s: float, worst_s: float, *, lang: Lang) -> str:
    """Say how long the people of a gap wait; one word where nobody comes to any of them."""
    mean, worst = _minutes(mean_s, lang=lang), _minutes(worst_s, lang=lang)
    return mean if mean == worst else say("study.gap_minutes", lang=lang, mean=mean, worst=worst)


def _minutes(seconds: float, *, lang: Lang) -> str:
    if not math.isfinite(seconds):
        return say("study.unreachable", lang=lang)
    return say("study.minutes", lang=lang, minutes=f"{seconds / 60:.1f}")
