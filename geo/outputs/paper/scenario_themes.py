"""What maps show of a scenario: the times today, the times then, and what changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from geo.outputs.finished import FinishedRun
from geo.outputs.folder import SCENARIO_FOLDER, SCENARIO_LAYERS
from geo.outputs.paper.drawn_layers import DrawnLayer, PackageRead
from geo.outputs.paper.strokes import Stroke
from geo.outputs.paper.themes import MapThemes, Theme, band_strokes, named_strokes, with_bands

__all__ = ["ScenarioThemes", "themes_of_scenarios"]

_MANY_ROADS: Final = 500


@dataclass(frozen=True)
class ScenarioThemes:
    """The maps of one scenario.

    Parameters
    ----------
    number : int
        Of the scenario, from 1.
    themes : MapThemes
        Of the run.
    package : PackageRead
        The layers of the scenario.
    people : DrawnLayer
        The places with people, with their times today and then.
    """

    number: int
    themes: MapThemes
    package: PackageRead
    people: DrawnLayer

    def before(self) -> Theme:
        """Show the places with people by band of their response time today."""
        themes = self.themes
        return Theme((*themes.ground, *self._places("before_s"), *themes.stations), themes.station_names())

    def after(self) -> Theme:
        """Show them by band of their response time then, with what the scenario changes."""
        themes = self.themes
        roads, facilities = self._changed
        strokes = (*themes.ground, *roads, *self._places("after_s"), *themes.stations, *facilities)
        return Theme(strokes, themes.station_names())

    def difference(self) -> Theme:
        """Show towns and people by what changes for them, and what makes the change."""
        towns = self.themes.layer("difference_towns", "scenarios", package=self.package)
        theme = self.themes.over_ground([self.people, *([] if towns is None else [towns])])
        names = () if towns is None else self.themes.names_of(_with_names(towns))
        roads, facilities = self._changed
        n_below = next(i for i, stroke in enumerate(theme.strokes) if stroke.shape == "marker")
        below, above = theme.strokes[:n_below], theme.strokes[n_below:]
        return Theme((*below, *roads, *above, *facilities), names)

    def _places(self, seconds: str) -> list[Stroke]:
        demand = self.themes.layer("demand")
        assert demand is not None
        bands = [60.0 * minutes for minutes in self.themes.run.study.response.bands_min]
        return band_strokes(with_bands(demand, self.people.table, seconds, bands))

    @cached_property
    def _changed(self) -> tuple[list[Stroke], list[Stroke]]:
        """Give the roads and the facilities that the scenario changes; of very many roads each is thin."""
        roads, facilities = (
            [] if layer is None else named_strokes(layer)
            for name in ("difference_roads", "difference_sites")
            for layer in [self.themes.layer(name, "scenarios", package=self.package)]
        )
        width = 0.9 if sum(len(stroke.shapes) for stroke in roads) <= _MANY_ROADS else 0.3
        return (
            [replace(stroke, size_mm=width) for stroke in roads],
            [replace(stroke, size_mm=3.6, symbol="wedge", is_kept_clear=True) for stroke in facilities],
        )


def themes_of_scenarios(run: FinishedRun, themes: MapThemes) -> Iterator[ScenarioThemes]:
    """Give the maps of each scenario of a run that has places with people, in their order."""
    for number, path in sorted(_packages(run.folder / SCENARIO_FOLDER)):
        package = PackageRead(path, lang=run.lang)
        people = themes.layer("difference_people", "scenarios", package=package)
        if people is not None:
            yield ScenarioThemes(number, themes, package, people)


def _packages(folder: Path) -> Iterator[tuple[int, Path]]:
    """Give the files of layers of the scenarios, with their numbers."""
    for path in folder.glob(f"*/{SCENARIO_LAYERS}") if folder.is_dir() else ():
        number = path.parent.name.partition("-")[0]
        if number.isdigit():
            yield int(number), path


def _with_names(towns: DrawnLayer) -> DrawnLayer:
    """Give towns with their names where maps look for them."""
    if "name" in towns.table or "zone" not in towns.table:
        return towns
    return replace(towns, table=towns.table.assign(name=towns.table["zone"]))
