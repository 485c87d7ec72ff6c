"""The maps of a report, drawn from the layers of a run's GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final

from geo.outputs.finished import FinishedRun
from geo.outputs.paper import (
    DrawnLayer,
    Frame,
    MapThemes,
    PackageRead,
    Surround,
    Theme,
    draw_paper_map,
    fit_frame,
    shorten,
    themes_of_scenarios,
)
from geo.outputs.report.content import Figure
from geo.words import Lang, say

__all__ = ["MapViews"]

_WIDTH_MM: Final = 160.0
_LEAST_MM: Final = 62.0
_MOST_MM: Final = 165.0


@dataclass(frozen=True)
class MapViews:
    """Draws the maps of one run, all in one window.

    Parameters
    ----------
    run : FinishedRun
        Whose layers are drawn.
    families : tuple of str
        Faces of the texts.
    """

    run: FinishedRun
    families: tuple[str, ...] = ()

    @property
    def lang(self) -> Lang:
        """Language of the texts."""
        return self.run.lang

    @cached_property
    def themes(self) -> MapThemes:
        """What the maps show."""
        return MapThemes(self.run)

    def layer(self, name: str) -> DrawnLayer | None:
        """Give a layer of the run by its program's name, None where there is none."""
        return self.themes.layer(name)

    def coverage(self) -> Figure | None:
        """Draw the places with people by band of response time, with stations and roads."""
        return self._figure("coverage", self.themes.coverage())

    def shares(self) -> Figure | None:
        """Draw the zones by the share of their people in time."""
        return self._figure("shares", self.themes.shares())

    def gaps(self, *, most: int) -> Figure | None:
        """Draw the gaps as circles by their people, the first of them numbered as in their table."""
        return self._figure("gaps", self.themes.gaps(most=most), most=f"{most}")

    def finding(
        self, name: str, words: str, *, beside: Sequence[tuple[str, str]] = (), caution: str = ""
    ) -> Figure | None:
        """Draw a finding over roads and stations, others beside it; None where it has no places.

        The caption names each of them that is there, and then what must be read with them.
        """
        named = [(name, words), *(each for each in beside if self.themes.layer(*each) is not None)]
        first, *more = (say(f"{of}.{each}", lang=self.lang) for each, of in named)
        shown = [first, *(label[:1].lower() + label[1:] for label in more)]
        what = say("report.map_between", lang=self.lang).join(shown)
        if caution:
            what += say("report.map_caution", lang=self.lang, text=caution)
        return self._figure("finding", self.themes.finding(name, words, beside=beside), what=what)

    def sites(self, package: PackageRead) -> Figure | None:
        """Draw the proposed sites with their order, and who gains by them."""
        return self._figure("sites", self.themes.sites(package))

    def scenarios(self, names: Mapping[int, str], *, most: int) -> dict[int, list[Figure]]:
        """Draw the first scenarios: times today (before the first), times then, what changes."""
        drawn: dict[int, list[Figure]] = {}
        for scenario in islice(themes_of_scenarios(self.run, self.themes), most):
            themes = {} if drawn else {"before": scenario.before()}
            themes |= {"after": scenario.after(), "difference": scenario.difference()}
            values = {"n": scenario.number, "name": names.get(scenario.number, "")}
            figures = (self._figure(key, theme, **values) for key, theme in themes.items())
            drawn[scenario.number] = [replace(each, is_of_row=True) for each in figures if each is not None]
        return drawn

    def _figure(self, key: str, theme: Theme | None, /, **values: Any) -> Figure | None:
        if theme is None:
            return None
        lang, summary = self.lang, self.run.summary
        caption = say(f"report.map_{key}", lang=lang, **values)
        alt = say("report.map_alt", lang=lang, caption=caption, study=shorten(str(summary["study"]), most=40))
        credit = " · ".join(map(str, summary.get("attribution", ())))
        surround = Surround(
            lang,
            self.families,
            credit=say("report.map_credit", lang=lang, credit=credit) if credit else "",
            is_synthetic=bool(summary.get("synthetic")),
            alt=alt,
        )
        picture = draw_paper_map(self._frame, theme.strokes, theme.labels(self._frame), surround)
        if picture.n_left_out:
            caption += say("report.map_left_out", lang=lang, n=picture.n_left_out)
        return Figure(caption, picture, alt)

    @cached_property
    def _frame(self) -> Frame:
        return fit_frame(self.themes.bounds(), width_mm=_WIDTH_MM, least_mm=_LEAST_MM, most_mm=_MOST_MM)
