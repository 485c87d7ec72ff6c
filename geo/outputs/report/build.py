"""The content of a report: its first page and its chapters, from a finished run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from geo.maps import name_ids, say_time
from geo.outputs.finished import FinishedRun
from geo.outputs.report.content import Report, Section, number_captions
from geo.outputs.report.excerpts import people
from geo.outputs.report.grounds import (
    assumptions_chapter,
    data_chapter,
    limits_chapter,
    method_chapter,
    sources_chapter,
)
from geo.outputs.report.map_views import MapViews
from geo.outputs.report.resources import (
    availability_chapter,
    calls_chapter,
    depots_chapter,
    ranges_chapter,
    roads_chapter,
    scenarios_chapter,
    shelters_chapter,
    sites_chapter,
    water_chapter,
)
from geo.outputs.report.response_chapters import response_chapter, summary_chapter, targets_chapter
from geo.outputs.report.telling import Telling
from geo.study import ReportSpec
from geo.words import say

__all__ = ["build_report"]

_CHAPTERS: Final[tuple[Callable[[Telling], Section | None], ...]] = (
    *(summary_chapter, targets_chapter, response_chapter),
    *(calls_chapter, ranges_chapter, availability_chapter),
    *(shelters_chapter, depots_chapter, water_chapter),
    *(roads_chapter, scenarios_chapter, sites_chapter, method_chapter, data_chapter, assumptions_chapter),
    *(limits_chapter, sources_chapter),
)


def build_report(
    run: FinishedRun,
    sites: FinishedRun | None,
    *,
    spec: ReportSpec,
    families: tuple[str, ...],
    today: date,
) -> Report:
    """Say what a run found.

    Parameters
    ----------
    run : FinishedRun
        The results.
    sites : FinishedRun or None
        Of the search for new sites, where it was done for the same study.
    spec : ReportSpec
        What the study asks for.
    families : tuple of str
        Faces of the texts on the maps.
    today : date
        When the report is made.
    """
    telling = Telling(run, sites, MapViews(run, families), spec)
    summary = run.summary
    is_synthetic = bool(summary["synthetic"])
    return number_captions(
        Report(
            title=spec.title or str(summary["study"]),
            subtitle=telling.say("subtitle"),
            facts=tuple(_facts(telling, today)),
            lang=run.lang,
            is_synthetic=is_synthetic,
            banner=telling.say("banner") if is_synthetic else "",
            credit=" · ".join(map(str, summary["attribution"])),
            sections=tuple(section for chapter in _CHAPTERS if (section := chapter(telling)) is not None),
        )
    )


def _facts(telling: Telling, today: date) -> Iterator[tuple[str, str]]:
    """Give what the block of the first page says."""
    spec, summary, lang = telling.spec, telling.summary, telling.lang
    if spec.organisation:
        yield telling.say("fact_organisation"), spec.organisation
    written = f"{today.year}年{today.month}月{today.day}日" if lang == "zh" else today.isoformat()
    yield telling.say("fact_date"), spec.date or written
    overview = telling.run.sheet(say("outputs.sheet_overview", lang=lang))
    label = say("outputs.plan", lang=lang)
    for row in () if overview is None else overview.rows:
        if row[0] == label:
            yield telling.say("fact_plan"), str(row[1])
    clock = summary["standard"]
    limit, start = (
        say_time(clock["limit_s"], lang=lang),
        say(f"coverage.clock_{clock['clock_start']}", lang=lang),
    )
    yield telling.say("fact_clock"), telling.say("clock_short", start=start, limit=limit, name=clock["name"])
    yield telling.say("fact_people"), telling.say("people", n=people(clock["people"]))
    yield telling.say("fact_profile"), name_ids(str(summary["profile"]), lang=lang)
    if summary["synthetic"]:
        yield telling.say("fact_data"), telling.say("banner")
