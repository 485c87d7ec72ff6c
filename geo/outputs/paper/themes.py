"""What the maps of a run show, whatever their size on paper: strokes, and names at places of ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np

from geo.maps import FAMILIES, band_of, colour_of
from geo.outputs.finished import FinishedRun
from geo.outputs.paper.drawn_layers import DrawnLayer, PackageRead
from geo.outputs.paper.fonts import has_chinese
from geo.outputs.paper.frame import Frame
from geo.outputs.paper.labels import Label, shorten
from geo.outputs.paper.strokes import Stroke, has_shape, layer_strokes
from geo.outputs.wording import word_of
from geo.words import Lang, say

__all__ = ["MapThemes", "Theme", "band_strokes", "counted_stations", "named_strokes", "with_bands"]

_MAJOR: Final = ("motorway", "trunk", "primary", "secondary")
_LINKS: Final = tuple(f"{name}_link" for name in _MAJOR)
_MANY_ROADS: Final = 20_000
"""With more roads than this, the small ones are left out of a map of a page: they would be one grey patch."""
_NUMBERED: Final = 4.0
"""A circle of so many millimetres has room for its number."""
_PARTING: Final = frozenset(colour for name, colour in FAMILIES["zone"].items() if name.startswith("colour_"))
"""Colours that only part neighbours: one row of the legend stands for all of them."""


@dataclass(frozen=True, eq=False)
class Theme:
    """What one map shows.

    Parameters
    ----------
    strokes : tuple of Stroke
        The lowest first.
    names : tuple of Label
        The most important first; ``x`` and ``y`` are metres of ground.
    """

    strokes: tuple[Stroke, ...]
    names: tuple[Label, ...] = ()

    def labels(self, frame: Frame) -> list[Label]:
        """Give the names at their places on paper; those outside the window are left out."""
        if not self.names:
            return []
        places = frame.place(np.array([[name.x, name.y] for name in self.names]))
        return [
            replace(name, x=float(x), y=float(y))
            for name, (x, y) in zip(self.names, places, strict=True)
            if 0 <= x <= frame.width_mm and 0 <= y <= frame.height_mm
        ]


class MapThemes:
    """The themes of one run, each made when it is asked for.

    Parameters
    ----------
    run : FinishedRun
        Whose layers are drawn.
    most_names : int
        Names on one map.
    """

    def __init__(self, run: FinishedRun, *, most_names: int = 60) -> None:
        self.run, self.most_names = run, most_names

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

    def bounds(self) -> tuple[float, float, float, float]:
        """Give west, south, east and north of zones, people and stations: roads may go on far beyond."""
        bounds = np.array(
            [
                layer.table.total_bounds
                for name in ("zones", "demand", "stations")
                if (layer := self.layer(name)) is not None and len(layer.table)
            ]
        )
        west, south = np.nanmin(bounds[:, :2], axis=0)
        east, north = np.nanmax(bounds[:, 2:], axis=0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def level(self) -> str:
        """Word for what the zones are, such as town or district."""
        zones = self.layer("zones")
        words = set() if zones is None or "level" not in zones.table else set(zones.table["level"].dropna())
        word = str(words.pop()) if len(words) == 1 else say("paper.zone", lang=self.lang)
        return word.lower()

    def coverage(self) -> Theme | None:
        """Show the places with people by band of response time, with stations and roads."""
        demand = self.layer("demand")
        if demand is None:
            return None
        return Theme((*self.ground, *band_strokes(demand), *self.stations), self.station_names())

    def shares(self) -> Theme | None:
        """Show the zones by the share of their people in time."""
        zones = self.layer("zones")
        if zones is None:
            return None
        areas = [replace(each, opacity=0.75) for each in layer_strokes(zones)]
        by, table = zones.drawing.by, zones.table[has_shape(zones.table)]
        nobody = table[table[by].isna()] if by in table else table
        if len(nobody):
            shapes, label = nobody.geometry.to_numpy(), say("paper.nobody", lang=self.lang)
            areas.append(Stroke(label, "fill", colour_of("paper"), shapes, 0.25, is_ground=True))
        return Theme((*areas, *self.roads, *self.stations), self.names_of(zones))

    def gaps(self, *, most: int) -> Theme | None:
        """Show the gaps as circles by their people, the first of them numbered as in their table."""
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
        # a number stands in its circle where it has room, else beside it: it must not hide what it names
        is_first = (table["rank"] <= most).to_numpy()
        first = table[is_first].assign(size=sizes[is_first]).sort_values("rank")
        names = [
            Label(
                f"{row.rank:.0f}",
                0,
                0,
                2.6,
                0.5 * row.size if row.size < _NUMBERED else 0.0,
                weight="bold",
                is_loose=True,
            )
            for row in first.itertuples()
        ]
        return Theme((*self.ground, circles, *self.stations), _at_places(first, names))

    def finding(self, name: str, words: str, *, beside: Sequence[tuple[str, str]] = ()) -> Theme | None:
        """Show a finding over roads and stations, others beside it; None where it has no places."""
        layers = [self.layer(*each) for each in ((name, words), *beside)]
        drawn = [layer for layer in layers if layer is not None]
        if layers[0] is None:
            return None
        names = self.names_of(drawn[0]) if drawn[0].drawing.shape == "fill" else ()
        return self.over_ground(drawn, names)

    def over_ground(self, layers: Sequence[DrawnLayer], names: tuple[Label, ...] = ()) -> Theme:
        """Show layers, the first uppermost, below stations: areas below roads, lines and points over them."""
        order = ("fill", "line", "marker")
        strokes = sorted(
            (stroke for layer in reversed(layers) for stroke in named_strokes(layer)),
            key=lambda stroke: order.index(stroke.shape),
        )
        areas = [stroke for stroke in strokes if stroke.shape == "fill"]
        below = (*areas, *self.roads) if areas else self.ground
        return Theme((*below, *strokes[len(areas) :], *self.stations), names)

    def sites(self, package: PackageRead) -> Theme | None:
        """Show the proposed sites with their order, and who gains by them."""
        sites = self.layer("proposed_sites", "siting", package=package)
        people = self.layer("site_people", "siting", package=package)
        if sites is None:
            return None
        squares = (
            replace(each, size_mm=3.4, symbol="square", is_kept_clear=True) for each in named_strokes(sites)
        )
        gaining = () if people is None else named_strokes(people)
        names = [
            Label(shorten(str(name)), 0, 0, 2.8, 2.4, colour=colour_of("site"), weight="bold")
            for name in sites.table["name"]
        ]
        return Theme((*self.ground, *gaining, *self.stations, *squares), _at_places(sites.table, names))

    @cached_property
    def ground(self) -> tuple[Stroke, ...]:
        """Borders of the zones, and roads."""
        zones = self.layer("zones")
        if zones is None:
            return self.roads
        land = Stroke(
            say("paper.borders", lang=self.lang, level=self.level),
            "fill",
            colour_of("paper_land"),
            zones.table.geometry.to_numpy(),
            size_mm=0.2,
            border=colour_of("paper_border"),
            dash="1.4 0.7",
            is_ground=True,
        )
        return (land, *self.roads)

    @cached_property
    def roads(self) -> tuple[Stroke, ...]:
        """Small roads, where they are not too many, and main ones."""
        roads = self.layer("roads")
        if roads is None:
            return ()
        words = {word_of("highway", "outputs", name, lang=self.lang) for name in (*_MAJOR, *_LINKS)}
        is_major = roads.table["highway"].isin(words).to_numpy(dtype=bool)
        shapes = roads.table.geometry.to_numpy()
        drawn = []
        if not is_major.all() and not self.leaves_out_roads:
            label = say("paper.roads_minor", lang=self.lang)
            drawn.append(
                Stroke(label, "line", colour_of("paper_road"), shapes[~is_major], 0.15, is_ground=True)
            )
        if is_major.any():
            label = say("paper.roads_major", lang=self.lang)
            drawn.append(
                Stroke(label, "line", colour_of("paper_main_road"), shapes[is_major], 0.35, is_ground=True)
            )
        return tuple(drawn)

    @property
    def leaves_out_roads(self) -> bool:
        """Whether small roads are too many to be drawn."""
        roads = self.layer("roads")
        if roads is None or len(roads.table) <= _MANY_ROADS:
            return False
        words = {word_of("highway", "outputs", name, lang=self.lang) for name in (*_MAJOR, *_LINKS)}
        is_major = roads.table["highway"].isin(words)
        return bool(is_major.any() and not is_major.all())

    @cached_property
    def stations(self) -> tuple[Stroke, ...]:
        """Fire stations: those that the run counted over planned ones and others."""
        stations = self.layer("stations")
        if stations is None:
            return ()
        counted = counted_stations(stations)
        others = stations.table[~stations.table.index.isin(counted.index)]
        hollow = Stroke(
            say("report.stations_other", lang=self.lang),
            "marker",
            colour_of("paper_other_station"),
            others.geometry.to_numpy(),
            3.0,
            "hollow",
        )
        full = Stroke(
            say("report.stations_counted", lang=self.lang),
            "marker",
            colour_of("paper_station"),
            counted.geometry.to_numpy(),
            3.0,
            "triangle",
            is_kept_clear=True,
        )
        return tuple(stroke for stroke in (hollow, full) if len(stroke.shapes))

    def station_names(self) -> tuple[Label, ...]:
        """Give the names of the counted stations."""
        stations = self.layer("stations")
        if stations is None:
            return ()
        table = counted_stations(stations)
        table = table[table["name"].notna()].head(self.most_names)
        return _at_places(table, [Label(shorten(str(name)), 0, 0, 2.5, 2.0) for name in table["name"]])

    def names_of(
        self, layer: DrawnLayer, *, written: Callable[[str, int], str] = lambda name, row: name
    ) -> tuple[Label, ...]:
        """Give the names of areas, those with most people first, at a point inside each.

        ``written`` is given each name, shortened, and its row in the layer; it says what stands on the map.
        """
        table = layer.table[has_shape(layer.table)]
        if "name" not in table:
            return ()
        if "people" in table:
            table = table.sort_values("people", ascending=False, kind="stable")
        table = table[table["name"].notna()].head(self.most_names)
        texts = (written(shorten(str(name), most=9.0), row) for row, name in table["name"].items())
        return _at_places(table, [Label(text, 0, 0, 2.5, is_loose=True) for text in texts])


def counted_stations(stations: DrawnLayer) -> gpd.GeoDataFrame:
    """Give the stations that the run counted; planned ones and others have no load."""
    table = stations.table
    return table[table["people_served"].notna()] if "people_served" in table else table


def band_strokes(demand: DrawnLayer, *, size_mm: float = 1.5) -> list[Stroke]:
    """Give each band its symbol: rounds in time, squares late, crosses never: grey print tells them too."""
    strokes = []
    for stroke in layer_strokes(demand, size_mm=size_mm):
        is_blue = int(stroke.colour[5:7], 16) > int(stroke.colour[1:3], 16)
        if stroke.colour == colour_of("unreached"):
            strokes.append(replace(stroke, size_mm=1.5 * size_mm, symbol="cross"))
        else:
            strokes.append(replace(stroke, symbol="dot" if is_blue else "square"))
    return strokes


def with_bands(
    demand: DrawnLayer, rows: gpd.GeoDataFrame, seconds: str, bands_s: Sequence[float]
) -> DrawnLayer:
    """Give places drawn by the band of a column of seconds; those without a time are unreachable."""
    times = rows[seconds].to_numpy(dtype=float)
    bands = np.where(np.isfinite(times), band_of(times, bands_s), -1)
    return replace(demand, table=rows.assign(**{demand.drawing.by: bands}))


def named_strokes(layer: DrawnLayer) -> list[Stroke]:
    """Give a layer's strokes with legend rows that name it: ``title: class``."""
    strokes: list[Stroke] = []
    colon = "：" if has_chinese([layer.title]) else ": "
    for stroke in layer_strokes(layer):
        is_own = stroke.label in ("", layer.title)
        label = layer.title if is_own else f"{layer.title}{colon}{stroke.label}"
        if layer.drawing.by == "colour" and stroke.colour in _PARTING:
            label = layer.title
        size = {"marker": min(stroke.size_mm, 1.9), "line": max(stroke.size_mm, 0.5), "fill": 0.25}[
            stroke.shape
        ]
        strokes.append(replace(stroke, label=label, size_mm=size))
    return strokes


def _at_places(table: Any, labels: Sequence[Label]) -> tuple[Label, ...]:
    """Put labels at the points of their rows, in metres of ground."""
    if not len(labels):
        return ()
    points = table.geometry.representative_point()
    return tuple(replace(label, x=x, y=y) for label, x, y in zip(labels, points.x, points.y, strict=True))
