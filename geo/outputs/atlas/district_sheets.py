"""The sheets of the whole district: overview, response, resources, roads, how sure, engines out, sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from geo.maps import colour_of
from geo.outputs.atlas.material import Material
from geo.outputs.atlas.sheet_content import PanelTable, Sheet
from geo.outputs.paper import (
    DrawnLayer,
    Label,
    Stroke,
    Theme,
    counted_stations,
    layer_strokes,
    named_strokes,
    shorten,
)
from geo.outputs.report import band_table
from geo.statistics import PEOPLE_PER_STATION
from geo.study import SheetKind
from geo.words import percent, say

__all__ = ["DISTRICT_SHEETS", "over_reached", "overview_sheet"]

_MOST_GAPS: Final = 40


def overview_sheet(material: Material, numbers: Mapping[int, int]) -> Sheet:
    """Show towns, roads, stations and other facilities; behind a town stands the sheet of its row."""

    def written(name: str, row: int) -> str:
        return material.say("numbered", name=name, n=numbers[row]) if row in numbers else name

    themes = material.themes
    zones = themes.layer("zones")
    names = () if zones is None else themes.names_of(zones, written=written)
    names = tuple(replace(name, size_mm=3.2) for name in names)
    others = [
        _small(layer)
        for each in (("facilities", "outputs"), ("depots", "depots"), ("shelters", "shelters"))
        if (layer := themes.layer(*each)) is not None
    ]
    strokes = [stroke for layer in others for stroke in layer]
    theme = Theme((*themes.ground, *strokes, *themes.stations), (*names, *themes.station_names()))
    table = material.table("key_figures", "outputs", ("what", "value", "unit"))
    notes = (material.say("numbers_behind"),) if numbers else ()
    sheet = _sheet(material, "overview", theme, table, notes=notes)
    assert sheet is not None
    return sheet


def _small(layer: DrawnLayer) -> list[Stroke]:
    """Give a layer in one small symbol, whatever its classes."""
    strokes = named_strokes(layer)
    if layer.drawing.by == "kind":
        return [replace(stroke, size_mm=1.5) for stroke in strokes]
    shapes = np.concatenate([stroke.shapes for stroke in strokes])
    colours = {"depots": "depot_level.town", "shelters": "shelter.room"}
    role = colours["shelters" if layer.drawing.by == "state" else "depots"]
    return [Stroke(layer.title, "marker", colour_of(role), shapes, size_mm=1.5)]


def coverage_sheet(material: Material) -> Sheet | None:
    """Show the places with people by band of response time, and the ground that is reached in time."""
    theme, demand = material.themes.coverage(), material.themes.layer("demand")
    if theme is None or demand is None:
        return None
    counted = band_table(material.run, demand)
    table = PanelTable(counted.caption, counted.heads, counted.rows, (False, True, True))
    return _sheet(material, "coverage", over_reached(material, theme), table)


def over_reached(material: Material, theme: Theme) -> Theme:
    """Give a theme with the ground that any station reaches in time below its roads."""
    areas = material.themes.layer("service_areas")
    if areas is None:
        return theme
    union = layer_strokes(areas)[0]
    reached = replace(union, opacity=0.16, border=union.colour, size_mm=0.2, is_ground=True)
    n_below = next(
        (i for i, stroke in enumerate(theme.strokes) if not (stroke.is_ground and stroke.shape == "fill")),
        len(theme.strokes),
    )
    return replace(theme, strokes=(*theme.strokes[:n_below], reached, *theme.strokes[n_below:]))


def shares_sheet(material: Material) -> Sheet | None:
    """Show the towns by the share of their people in time."""
    columns = ("name", "people", "people_covered", "share_people")
    table = material.table("zones", "outputs", columns, caption=material.say("caption_towns"))
    return _sheet(material, "shares", material.themes.shares(), table)


def zones_sheet(material: Material) -> Sheet | None:
    """Show the zones of the stations, and how many people each station serves."""
    themes = material.themes
    zones, stations = themes.layer("station_zones", "zones"), themes.layer("stations")
    if stations is None:
        return None
    areas = [] if zones is None else [replace(stroke, opacity=0.45) for stroke in named_strokes(zones)]
    below = (*areas, *themes.roads) if areas else themes.ground
    theme = Theme((*below, *themes.stations), _loads(material, stations))
    columns = ("name", "station_class", "people_served", "share_of_limit")
    table = material.table("stations", "outputs", columns, caption=material.say("caption_loads"))
    limit = f"{PEOPLE_PER_STATION:,.0f}"
    return _sheet(material, "zones", theme, table, notes=(material.say("note_loads", limit=limit),))


def _loads(material: Material, stations: DrawnLayer) -> tuple[Label, ...]:
    """Give each counted station its name and the people that it serves."""
    table = counted_stations(stations)
    if "people_served" not in table:
        return material.themes.station_names()
    table = table.sort_values("people_served", ascending=False, kind="stable")
    return tuple(
        Label(material.say("load", name=shorten(str(name)), n=f"{people:,.0f}"), point.x, point.y, 2.7, 2.0)
        for name, people, point in zip(table["name"], table["people_served"], table.geometry, strict=True)
    )


def gaps_sheet(material: Material) -> Sheet | None:
    """Show who is late, in groups, numbered as in the table."""
    columns = ("rank", "name", "people", "mean_s")
    table = material.table("gaps", "outputs", columns, caption=material.say("caption_gaps"))
    gaps = material.themes.layer("gaps")
    notes = () if gaps is None else (material.say("note_gaps", n=f"{gaps.table['people'].max():,.0f}"),)
    return _sheet(material, "gaps", material.themes.gaps(most=_MOST_GAPS), table, notes=notes)


def shelters_sheet(material: Material) -> Sheet | None:
    """Show the shelters over the towns, by what the towns have for each of their people."""
    themes = material.themes
    layers = [
        layer
        for name in ("shelters", "shelter_people", "shelter_towns")
        if (layer := themes.layer(name, "shelters")) is not None
    ]
    towns = themes.layer("shelter_towns", "shelters")
    columns = ("name", "people", "m2_per_person", "state")
    table = material.table("shelter_towns", "shelters", columns)
    names = () if towns is None else themes.names_of(towns)
    return _sheet(material, "shelters", themes.over_ground(layers, names) if layers else None, table)


def depots_sheet(material: Material) -> Sheet | None:
    """Show depots, and the villages and people that they do not serve."""
    beside = [("depot_reach", "depots"), ("villages_without_depot", "depots")]
    columns = ("name", "n_villages", "n_with", "n_without", "share_with")
    table = material.table("village_depots_by_town", "depots", columns)
    return _sheet(material, "depots", material.themes.finding("depots", "depots", beside=beside), table)


def hydrants_sheet(material: Material) -> Sheet | None:
    """Show hydrants and water points, and the roads where hydrants are missing."""
    beside = [(name, "hydrants") for name in ("hydrant_gaps", "water_points", "water_short_areas")]
    columns = ("name", "people", "share_people_covered", "people_short")
    table = material.table("hydrants_by_zone", "hydrants", columns)
    return _sheet(material, "hydrants", material.themes.finding("hydrants", "hydrants", beside=beside), table)


def roads_sheet(material: Material) -> Sheet | None:
    """Show the roads whose loss cuts people off, and those that a disaster closes."""
    themes = material.themes
    layers = [
        layer
        for name in ("cut_links", "dead_ends", "flooded_roads")
        if (layer := themes.layer(name, "vulnerability")) is not None
    ]
    columns = ("name", "n_edges", "people_late", "people_cut_off")
    table = material.table("road_loss", "vulnerability", columns)
    return _sheet(material, "roads", themes.over_ground(layers) if layers else None, table)


def ranges_sheet(material: Material) -> Sheet | None:
    """Show who is surely in time, in doubt, or surely late, beside the ranges of the figures."""
    theme = material.themes.finding("ranges_places", "uncertainty")
    table = material.table("ranges", "uncertainty", ("figure", "computed_told", "range_told", "unit"))
    if table is not None:
        table = replace(table, is_number=(False, True, True, True))  # numbers are never cut, nor their units
    summed = material.figures("ranges")
    names = ("n_draws", "people_surely_in_time", "people_in_doubt", "people_surely_late")
    values = {name: f"{summed[name]:,.0f}" for name in names if name in summed}
    notes = (material.say("note_ranges", **values),) if len(values) == len(names) else ()
    return _sheet(material, "ranges", theme, table, notes=notes)


def availability_sheet(material: Material) -> Sheet | None:
    """Show the chance to be in time when engines may be out, and how busy each station is."""
    theme = material.themes.finding("availability", "availability")
    busy = material.themes.layer("availability_stations", "availability")
    if theme is not None and busy is not None:  # each station in a ring of how busy it is
        rings = [replace(stroke, size_mm=5.2) for stroke in named_strokes(busy)]
        n_below = len(theme.strokes) - len(material.themes.stations)
        theme = replace(theme, strokes=(*theme.strokes[:n_below], *rings, *theme.strokes[n_below:]))
    columns = ("name", "crews", "calls_per_year", "share_busy")
    table = material.table("availability_stations", "availability", columns)
    summed = material.figures("availability")
    shares = ("share_in_time_if_free", "share_in_time", "lost_share", "unreached_share")
    values = {name: percent(summed[name]) for name in shares if name in summed}
    notes = (material.say("note_availability", **values),) if len(values) == len(shares) else ()
    kinds = material.table("availability_kinds", "availability", ("engine_kind",))
    if kinds is not None:  # all of it is about the first kind of engine
        notes = (*notes, material.say("note_first_kind", kind=kinds.rows[0][0]))
    if summed.get("engines_per_call", 1.0) > 1.0:
        notes = (*notes, material.say("note_several"))
    return _sheet(material, "availability", theme, table, notes=notes)


def outages_sheet(material: Material) -> Sheet | None:
    """Show who waits longer, and for whom nobody comes in time, when the engine of their station is out."""
    theme = material.themes.finding("outage_people", "scenarios")
    columns = ("name", "people_served", "before_in_time_people", "after_in_time_people", "both_after_mean_s")
    table = material.table("outages", "scenarios", columns)
    return _sheet(material, "outages", theme, table, notes=(material.say("note_outages"),))


def sites_sheet(material: Material) -> Sheet | None:
    """Show the sites that are proposed, in their order, and who gains by them."""
    sites = material.sites
    if sites is None:
        return None
    columns = ("order", "name", "zone", "people_new", "people_in_all")
    title = say("siting.proposed_sites", lang=material.lang)
    table = material.table_of(sites, title, "siting", columns, caption=title)
    question = str(sites.summary["question"][material.lang])
    return _sheet(material, "sites", material.themes.sites(sites.package), table, notes=(question,))


def _sheet(
    material: Material,
    key: SheetKind,
    theme: Theme | None,
    table: PanelTable | None,
    *,
    notes: tuple[str, ...] = (),
) -> Sheet | None:
    if theme is None:
        return None
    roads = (material.say("roads_left_out"),) if material.themes.leaves_out_roads else ()
    return Sheet(key, key, material.say(f"title_{key}"), "", theme, material.bounds, table, (*notes, *roads))


DISTRICT_SHEETS: Final = {
    "coverage": coverage_sheet,
    "shares": shares_sheet,
    "zones": zones_sheet,
    "gaps": gaps_sheet,
    "shelters": shelters_sheet,
    "depots": depots_sheet,
    "hydrants": hydrants_sheet,
    "roads": roads_sheet,
    "ranges": ranges_sheet,
    "availability": availability_sheet,
    "outages": outages_sheet,
    "sites": sites_sheet,
}
"""How each kind of sheet is made; None where the run has nothing for it."""
