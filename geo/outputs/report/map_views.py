"""The maps of a report, drawn from the layers of a run's GeoPackage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from geo.maps import FAMILIES, colour_of
from geo.outputs.paper import (
    DrawnLayer,
    Frame,
    Label,
    PackageRead,
    Stroke,
    Surround,
    draw_paper_map,
    fit_frame,
    layer_strokes,
    shorten,
)
from geo.outputs.report.content import Figure
from geo.outputs.report.finished import FinishedRun
from geo.outputs.wording import word_of
from geo.words import Lang, say

__all__ = ["MapViews"]

_WIDTH_MM: Final = 160.0
_LEAST_MM: Final = 62.0
_MOST_MM: Final = 165.0
_MAJOR: Final = ("motorway", "trunk", "primary", "secondary")
_MANY_ROADS: Final = 20_000
"""With more roads than this, the small ones are left out of a map of a page: they would be one grey patch."""
_MOST_NAMES: Final = 60


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

    def layer(
        self, name: str, words: str = "outputs", *, package: PackageRead | None = None
    ) -> DrawnLayer | None:
        """Give a layer of the run by its program's name, None where there is none."""
        key = f"outputs.layer_{name}" if words == "outputs" else f"{words}.{name}"
        return (package or self.run.package).layer(say(key, lang=self.lang))

    def coverage(self) -> Figure | None:
        """Draw the places with people by band of response time, with stations and roads."""
        demand = self.layer("demand")
        if demand is None:
            return None
        bands = [
            replace(each, symbol=symbol) for each, symbol in _by_band(layer_strokes(demand, size_mm=1.5))
        ]
        return self._figure("coverage", [*self._ground(), *bands, *self._stations()], self._station_names())

    def shares(self) -> Figure | None:
        """Draw the zones by the share of their people in time."""
        zones = self.layer("zones")
        if zones is None:
            return None
        areas = [replace(each, opacity=0.75) for each in layer_strokes(zones)]
        return self._figure(
            "shares", [*areas, *self._roads(is_listed=False), *self._stations()], self._zone_names(zones)
        )

    def gaps(self, *, most: int) -> Figure | None:
        """Draw the gaps as circles by their people, the first of them numbered as in their table."""
        gaps = self.layer("gaps")
        if gaps is None or "people" not in gaps.table:
            return None
        table = gaps.table[gaps.table["people"] > 0]
        if not len(table):
            return None
        people = table["people"].to_numpy(dtype=float)
        sizes = 1.2 + 6.0 * np.sqrt(people / people.max())
        circles = Stroke(
            gaps.title, "marker", colour_of("hydrant_gap"), table.geometry.to_numpy(), sizes=sizes
        )
        first = table[table["rank"] <= most].sort_values("rank")
        names = [Label(f"{row.rank:.0f}", 0, 0, 2.6, 0.0, weight="bold") for row in first.itertuples()]
        return self._figure(
            "gaps", [*self._ground(), circles, *self._stations()], self._placed(first, names), most=f"{most}"
        )

    def finding(self, name: str, words: str, *, beside: Sequence[tuple[str, str]] = ()) -> Figure | None:
        """Draw a finding over roads and stations, others beside it; None where it has no places."""
        layers = [self.layer(*each) for each in ((name, words), *beside)]
        drawn = [layer for layer in layers if layer is not None]
        if layers[0] is None:
            return None
        order = ("fill", "line", "marker")
        strokes = sorted(
            (stroke for layer in reversed(drawn) for stroke in _named(layer)),
            key=lambda stroke: order.index(stroke.shape),
        )
        labels = self._placed_names(drawn[0]) if drawn[0].drawing.shape == "fill" else []
        title = drawn[0].title
        return self._figure("finding", [*self._ground(), *strokes, *self._stations()], labels, what=title)

    def sites(self, package: PackageRead) -> Figure | None:
        """Draw the proposed sites with their order, and who gains by them."""
        sites = self.layer("proposed_sites", "siting", package=package)
        people = self.layer("site_people", "siting", package=package)
        if sites is None:
            return None
        strokes = [*self._ground(), *(_named(people) if people is not None else [])]
        strokes += [
            *self._stations(),
            *(replace(each, size_mm=3.4, symbol="square") for each in _named(sites)),
        ]
        names = sites.table["name"].astype(str)
        labels = [
            Label(shorten(name), 0, 0, 2.8, 2.2, colour=colour_of("site"), weight="bold") for name in names
        ]
        return self._figure("sites", strokes, self._placed(sites.table, labels))

    def _figure(
        self, name: str, strokes: Sequence[Stroke], labels: Sequence[Label], **values: Any
    ) -> Figure | None:
        lang, summary = self.lang, self.run.summary
        caption = say(f"report.map_{name}", lang=lang, **values)
        alt = say("report.map_alt", lang=lang, caption=caption, study=shorten(str(summary["study"]), most=40))
        credit = " · ".join(map(str, summary.get("attribution", ())))
        surround = Surround(
            lang,
            self.families,
            credit=say("report.map_credit", lang=lang, credit=credit) if credit else "",
            is_synthetic=bool(summary.get("synthetic")),
            alt=alt,
        )
        picture = draw_paper_map(self._frame(), strokes, labels, surround)
        if picture.n_left_out:
            caption += say("report.map_left_out", lang=lang, n=picture.n_left_out)
        return Figure(caption, picture, alt)

    def _frame(self) -> Frame:
        """Fit the window to the zones, the people and the stations: roads may go on far beyond."""
        bounds = [
            layer.table.total_bounds
            for name in ("zones", "demand", "stations")
            if (layer := self.layer(name)) is not None and len(layer.table)
        ]
        all_bounds = np.array(bounds)
        west, south = np.nanmin(all_bounds[:, :2], axis=0)
        east, north = np.nanmax(all_bounds[:, 2:], axis=0)
        return fit_frame((west, south, east, north), width_mm=_WIDTH_MM, least_mm=_LEAST_MM, most_mm=_MOST_MM)

    def _ground(self) -> Iterator[Stroke]:
        zones = self.layer("zones")
        if zones is not None:
            shapes = zones.table.geometry.to_numpy()
            label = say("report.borders", lang=self.lang)
            yield Stroke(
                label,
                "fill",
                colour_of("paper_land"),
                shapes,
                size_mm=0.2,
                border=colour_of("paper_border"),
                dash="1.4 0.7",
            )
        yield from self._roads(is_listed=True)

    def _roads(self, *, is_listed: bool) -> Iterator[Stroke]:
        roads = self.layer("roads")
        if roads is None:
            return
        words = {word_of("highway", "outputs", name, lang=self.lang) for name in (*_MAJOR, *_LINKS)}
        is_major = roads.table["highway"].isin(words).to_numpy(dtype=bool)
        shapes = roads.table.geometry.to_numpy()
        if len(shapes) <= _MANY_ROADS or not is_major.any():
            label = say("paper.roads_minor", lang=self.lang) if is_listed else ""
            yield Stroke(label, "line", colour_of("paper_road"), shapes[~is_major], size_mm=0.15)
        label = say("paper.roads_major", lang=self.lang) if is_listed and is_major.any() else ""
        yield Stroke(label, "line", colour_of("paper_main_road"), shapes[is_major], size_mm=0.35)

    def _stations(self) -> Iterator[Stroke]:
        stations = self.layer("stations")
        if stations is None:
            return
        counted = self._counted(stations)
        others = stations.table[~stations.table.index.isin(counted.index)]
        label = say("report.stations_counted", lang=self.lang)
        other = say("report.stations_other", lang=self.lang)
        for name, table, role in ((other, others, "paper_other_station"), (label, counted, "paper_station")):
            if len(table):
                yield Stroke(name, "marker", colour_of(role), table.geometry.to_numpy(), 3.0, "triangle")

    def _counted(self, stations: DrawnLayer) -> Any:
        """Give the stations that the run counted; planned ones and others have no load."""
        return (
            stations.table[stations.table["people_served"].notna()]
            if "people_served" in stations.table
            else stations.table
        )

    def _station_names(self) -> list[Label]:
        stations = self.layer("stations")
        if stations is None:
            return []
        table = self._counted(stations)
        table = table[table["name"].notna()].head(_MOST_NAMES)
        labels = [Label(shorten(str(name)), 0, 0, 2.5, 1.9) for name in table["name"]]
        return self._placed(table, labels)

    def _zone_names(self, zones: DrawnLayer) -> list[Label]:
        return self._placed_names(zones)

    def _placed_names(self, layer: DrawnLayer) -> list[Label]:
        """Give the names of areas, those with most people first, at a point inside each."""
        table = layer.table[layer.table.geometry.notna()]
        if "name" not in table:
            return []
        if "people" in table:
            table = table.sort_values("people", ascending=False, kind="stable")
        table = table[table["name"].notna()].head(_MOST_NAMES)
        labels = [Label(shorten(str(name), most=9.0), 0, 0, 2.5) for name in table["name"]]
        return self._placed(table, labels)

    def _placed(self, table: Any, labels: Sequence[Label]) -> list[Label]:
        """Put labels at the points of their rows."""
        if not len(labels):
            return []
        points = table.geometry.representative_point()
        places = self._frame().place(np.column_stack([points.x, points.y]))
        return [replace(label, x=x, y=y) for label, (x, y) in zip(labels, places, strict=True)]


_PARTING: Final = frozenset(colour for name, colour in FAMILIES["zone"].items() if name.startswith("colour_"))
"""Colours that only part neighbours: one row of the legend stands for all of them."""
_LINKS: Final = tuple(f"{name}_link" for name in _MAJOR)


def _by_band(strokes: Sequence[Stroke]) -> Iterator[tuple[Stroke, Any]]:
    """Give each band its symbol: rounds in time, squares late, crosses never: grey print tells them too."""
    for stroke in strokes:
        is_blue = int(stroke.colour[5:7], 16) > int(stroke.colour[1:3], 16)
        if stroke.colour == colour_of("unreached"):
            yield replace(stroke, size_mm=2.2), "cross"
        else:
            yield stroke, "dot" if is_blue else "square"


def _named(layer: DrawnLayer) -> list[Stroke]:
    """Give a layer's strokes with legend rows that name it: ``title: class``."""
    strokes: list[Stroke] = []
    for stroke in layer_strokes(layer):
        is_own = stroke.label in ("", layer.title)
        label = layer.title if is_own else f"{layer.title}: {stroke.label}"
        if layer.drawing.by == "colour" and stroke.colour in _PARTING:
            label = "" if strokes else layer.title
        size = {"marker": min(stroke.size_mm, 1.9), "line": max(stroke.size_mm, 0.5), "fill": 0.25}[
            stroke.shape
        ]
        strokes.append(replace(stroke, label=label, size_mm=size))
    return strokes
