"""What the chapters of a report share: the run, its words and its notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from geo.maps import say_number
from geo.outputs.finished import FinishedRun
from geo.outputs.report.content import Block, Paragraph, Section, Table
from geo.outputs.report.excerpts import FINDING_EXCERPTS, finding_table
from geo.outputs.report.map_views import MapViews
from geo.study import ReportSpec
from geo.words import Lang, say, whole

__all__ = ["FINDING_WORDS", "Telling", "with_tones"]


@dataclass(frozen=True)
class Telling:
    """A run that is told.

    Parameters
    ----------
    run : FinishedRun
        The results.
    sites : FinishedRun or None
        Of the search for new sites, where it was done for the same study.
    maps : MapViews
        Draws the maps of the run.
    spec : ReportSpec
        What the study asks for.
    """

    run: FinishedRun
    sites: FinishedRun | None
    maps: MapViews
    spec: ReportSpec

    @property
    def lang(self) -> Lang:
        """Language of the report."""
        return self.run.lang

    @property
    def summary(self) -> Mapping[str, Any]:
        """The headline figures of the run."""
        return self.run.summary

    def say(self, key: str, **values: Any) -> str:
        """Give a text of the report."""
        return say(f"report.{key}", lang=self.lang, **values)

    def figures(self, name: str) -> Mapping[str, Any]:
        """Give the figures of a finding; none where the run has it not."""
        found = self.summary.get("findings", {}).get(name, {})
        return {key: value for key, value in found.items() if value is not None}

    def tell(self, key: str, name: str, **values: Any) -> list[Block]:
        """Say a sentence about a finding where it has the figures that the sentence needs."""
        figures = dict(self.figures(name))
        if not figures:
            return []
        try:
            text = self.say(key, **{each: _plain(each, value) for each, value in figures.items()}, **values)
        except (KeyError, IndexError):
            return []
        return [Paragraph(text)]

    def finding(self, name: str, *, caption: str = "") -> list[Block]:
        """Give the table of a finding."""
        table = finding_table(self.run, name, caption=caption)
        return [] if table is None else [table]

    def map(self, name: str, *beside: str, caution: str = "") -> list[Block]:
        """Give the map of a finding, with others beside it; a caution stands in its caption."""
        words = {each: FINDING_WORDS[each] for each in (name, *beside)}
        figure = self.maps.finding(
            name, words[name], beside=[(each, words[each]) for each in beside], caution=caution
        )
        return [] if figure is None else [figure]

    def notes(self, *names: str) -> list[Block]:
        """Give what the run notes about findings that have places."""
        titles = [say(f"{FINDING_WORDS[name]}.{name}", lang=self.lang) for name in names]
        told = [line for title in titles for line in self.run.package.description(title).splitlines()]
        lines = [line for line in dict.fromkeys(told) if line and line not in titles]
        text = " ".join(lines).replace("。 ", "。")
        return [Paragraph(self.say("notes", text=text), is_note=True)] if lines else []

    def section(
        self, key: str, blocks: Iterable[Block] = (), parts: Iterable[Section | None] = ()
    ) -> Section | None:
        """Give a section; None where it would be empty."""
        kept, inner = tuple(blocks), tuple(part for part in parts if part is not None)
        return Section(self.say(f"title_{key}"), kept, inner) if kept or inner else None


FINDING_WORDS: Mapping[str, str] = {
    **{name: excerpt.words for name, excerpt in FINDING_EXCERPTS.items()},
    **dict.fromkeys(("shelter_people",), "shelters"),
    **dict.fromkeys(("depots", "village_depots", "villages_without_depot"), "depots"),
    **dict.fromkeys(("hydrants", "hydrant_gaps", "hydrant_uncovered_roads", "water_points"), "hydrants"),
    **dict.fromkeys(("availability", "availability_force_late"), "availability"),
    **dict.fromkeys(("ranges_places",), "uncertainty"),
    **dict.fromkeys(("calls_cells",), "calls"),
    **dict.fromkeys(("flooded_roads",), "vulnerability"),
    **dict.fromkeys(("zone_checks",), "zones"),
    **dict.fromkeys(("outage_people",), "scenarios"),
    **dict.fromkeys(("projects_built",), "study"),
}
"""Words file of each finding that a report names."""


def _plain(name: str, value: Any) -> str:
    """Say a figure: people, calls and counts whole, other numbers in two decimals where they have any."""
    if not isinstance(value, int | float):
        return str(value)
    if {"people", "calls"} & set(name.split("_")) or name.startswith("n_"):
        return whole(value)
    return say_number(value)


def with_tones(table: Table, column: int, tones: Mapping[str, str]) -> Table:
    """Give a table whose rows are toned by the word of a column."""
    return replace(table, tones=tuple(tones.get(row[column], "") for row in table.rows))
