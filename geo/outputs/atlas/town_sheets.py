"""One sheet for each town: its people by response time, its facilities, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import InputError
from geo.maps import colour_of
from geo.messages import Message
from geo.outputs.atlas.district_sheets import over_reached
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet_content import PanelTable, Sheet
from geo.outputs.paper import (
    DrawnLayer,
    Label,
    Stroke,
    Symbol,
    Theme,
    band_strokes,
    counted_stations,
    shorten,
)
from geo.outputs.report import sheet_title
from geo.words import nearest_words

__all__ = ["TownRow", "find_towns", "town_sheet"]

_FIGURES: Final = (
    (
        "zones",
        "outputs",
        (
            *("people", "people_covered", "share_people", "people_two", "people_unreachable", "mean_s"),
            *("p90_s", "road_km", "area_km2"),
        ),
    ),
    ("shelter_towns", "shelters", ("n_shelters", "area_m2", "m2_per_person", "state", "left_over")),
    ("village_depots_by_town", "depots", ("n_villages", "n_with", "n_without")),
    ("teams_by_town", "depots", ("n_teams",)),
    ("hydrants_by_zone", "hydrants", ("share_people_covered", "people_short", "people_no_water")),
)
"""Sheets of the workbook that have a row for each town, and what of them stands on its sheet."""
_ZONE_TABLES: Final = (
    ("ranges_towns", "uncertainty", ("share_low", "share_high", "people_in_doubt")),
    ("availability_towns", "availability", ("share_people", "expected_s", "share_lost", "share_unreached")),
)
"""Sheets that name their towns in the column of zones."""
_MOST_NAMES: Final = 150
_OTHERS: Final[tuple[tuple[str, str, str, float, Symbol], ...]] = (
    ("hydrants", "hydrants", "hydrant.working", 1.6, "ring"),
    ("depots", "depots", "depot_level.town", 2.2, "diamond"),
    ("shelters", "shelters", "shelter.room", 2.8, "plus"),
)


@dataclass(frozen=True, eq=False)
class TownRow:
    """A town, as the layer of zones has it."""

    name: str
    shape: Any
    place: int


def find_towns(material: Material, wanted: Sequence[str]) -> list[TownRow]:
    """Give the towns that have a sheet, in the order of their layer.

    Parameters
    ----------
    material : Material
        The run.
    wanted : sequence of str
        Their names; all when empty.

    Raises
    ------
    InputError
        The run has no town of such a name.
    """
    zones = material.themes.layer("zones")
    towns = [] if zones is None else list(_towns(zones.table))
    names = [town.name for town in towns]
    for name in wanted:
        if name not in names:
            near = nearest_words(name, names) or names[:8]
            raise InputError(Message("atlas.town_unknown", {"name": name, "names": tuple(near)}))
    return [town for town in towns if not wanted or town.name in wanted]


def _towns(table: gpd.GeoDataFrame) -> Iterator[TownRow]:
    names = table["name"] if "name" in table else [None] * len(table)
    for place, (name, shape) in enumerate(zip(names, table.geometry, strict=True)):
        if shape is not None and not shape.is_empty:
            is_named = isinstance(name, str) and name.strip()
            yield TownRow(str(name) if is_named else f"{place + 1}", shape, place)


def town_sheet(material: Material, town: TownRow) -> Sheet:
    """Make the sheet of a town.

    Parameters
    ----------
    material : Material
        The run.
    town : TownRow
        Which town.
    """
    themes = material.themes
    others, own = _land(material, town)
    strokes: list[Stroke] = [others, own, *themes.roads]
    for name, words, role, size, symbol in _OTHERS:
        layer = themes.layer(name, words)
        if layer is not None:
            shapes = layer.table.geometry.to_numpy()
            strokes.append(Stroke(layer.title, "marker", colour_of(role), shapes, size, symbol))
    demand = themes.layer("demand")
    strokes += [] if demand is None else band_strokes(demand, size_mm=2.2)
    names, n_unnamed = _names(material, demand, town)
    theme = Theme((*strokes, *themes.stations), names)
    theme = over_reached(material, theme) if demand is not None else theme
    west, south, east, north = map(float, town.shape.bounds)
    title = material.say("title_town", name=shorten(town.name, most=24))
    return Sheet(
        "towns",
        shorten(town.name, most=24),
        title,
        material.say("group_towns"),
        theme,
        (west, south, east, north),
        _figures(material, town),
        n_unnamed=n_unnamed,
    )


def _land(material: Material, town: TownRow) -> tuple[Stroke, Stroke]:
    """Give the land of the other towns, and that of this one with its border."""
    zones = material.themes.layer("zones")
    assert zones is not None
    shapes = zones.table.geometry.to_numpy()
    others = np.delete(shapes, town.place)
    border = colour_of("paper_border")
    return (
        Stroke(
            material.say("other_towns"),
            "fill",
            colour_of("paper_beyond"),
            others,
            0.2,
            border=border,
            dash="1.4 0.7",
            is_ground=True,
        ),
        Stroke(
            material.say("this_town"),
            "fill",
            colour_of("paper_land"),
            shapes[town.place : town.place + 1],
            0.35,
            border=colour_of("paper_frame"),
            is_ground=True,
        ),
    )


def _names(material: Material, demand: DrawnLayer | None, town: TownRow) -> tuple[tuple[Label, ...], int]:
    """Give the names of stations and of places in the town, and how many more places there are."""
    names: list[Label] = []
    stations = material.themes.layer("stations")
    if stations is not None:
        table = counted_stations(stations)
        names += _labels(table[table["name"].notna()], Label("", 0, 0, 3.0, 2.1, weight="bold"))
    if demand is None or "name" not in demand.table:
        return tuple(names), 0
    table = demand.table[demand.table["name"].notna()]
    table = table[shapely.intersects(town.shape, table.geometry.to_numpy())]
    table = table.sort_values("people", ascending=False, kind="stable").drop_duplicates("name")
    names += _labels(table.head(_MOST_NAMES), Label("", 0, 0, 2.6, 1.7))
    return tuple(names), max(len(table) - _MOST_NAMES, 0)


def _labels(table: gpd.GeoDataFrame, like: Label) -> list[Label]:
    points = table.geometry.representative_point()
    return [
        replace(like, text=shorten(str(name), most=12), x=x, y=y)
        for name, x, y in zip(table["name"], points.x, points.y, strict=True)
    ]


def _head(material: Material, words: str, head: str) -> str:
    """Say of a figure to which room it belongs; those of the response stand alone."""
    return head if words == "outputs" else material.say(f"of_{words}", head=head)


def _figures(material: Material, town: TownRow) -> PanelTable | None:
    """Give the figures of a town from all sheets that have a row for it."""
    rows: list[tuple[str, str]] = []
    tables = [(*each, "name") for each in _FIGURES] + [(*each, "zone") for each in _ZONE_TABLES]
    for name, words, columns, key in tables:
        sheet = material.run.sheet(sheet_title(material.run, name, words), most=5_000)
        if sheet is None:
            continue
        own = [
            row
            for row, told in zip(sheet.rows, sheet.values(key, words, lang=material.lang), strict=False)
            if told == town.name
        ]
        places = sheet.columns(columns, words, lang=material.lang) if len(own) == 1 else []
        rows += [(_head(material, words, sheet.heads[i]), sheet.text(own[0][i], i)) for i in places]
    heads = (material.say("head_what"), material.say("head_value"))
    return PanelTable(material.say("caption_town"), heads, tuple(rows), (False, True)) if rows else None
