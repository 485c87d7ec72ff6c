"""The interactive coverage map: one HTML file that opens with no network at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np

from geo.errors import InputError
from geo.files import write_text_whole
from geo.maps import legend
from geo.maps import rows as maptables
from geo.maps.figures import band_rows, figure_rows, zone_labels
from geo.maps.geometry import bounds_of, draw_polygons, near_to
from geo.maps.layers import LandLayer, LayerStack, MapLayer, MapText, stack_layers
from geo.maps.packed_routes import draw_routes
from geo.maps.page import map_head, map_script
from geo.maps.plain import say_plainly
from geo.maps.room_layers import DrawnFindings, draw_findings, not_drawn
from geo.maps.sounds import sounds_of
from geo.maps.text import script_words
from geo.maps.tiles import Basemap, basemap_rows, tile_hosts
from geo.maps.towns import town_rows
from geo.maps.way_sets import WayBook
from geo.messages import Message
from geo.words import Lang, say

__all__ = ["coverage_map", "write_map"]

LAND_TOLERANCE_M: Final = 20.0
_NO_TEXT: Final = MapText()


def coverage_map(
    layers: Iterable[MapLayer],
    *,
    title: str,
    lang: Lang,
    text: MapText = _NO_TEXT,
    figures: Sequence[Mapping[str, str]] | None = None,
    basemaps: Sequence[Basemap] = (),
) -> folium.Map:
    """Draw who is reached in time on a map that needs no network.

    A layer that is not given, or whose table is empty, is left out with its panel; geometry is in a metric
    CRS. The same arguments always give the same file, byte for byte.

    Parameters
    ----------
    layers : iterable of layers
        Of :mod:`geo.maps`: ``RoadLayer``, ``LandLayer``, ``StationLayer``, ``FacilityLayer``,
        ``CoverageLayer``, ``RouteLayer``, ``ZoneLayer``, ``AreaLayer``, ``GapLayer``, ``TargetPanel``, one of
        each at most, and any number of ``FindingLayer``, which the reader may switch on; the last is on top.
    title : str
        Heading of the map and of the page.
    lang : {"zh", "en"}
        Language of every word that is not data.
    text : MapText
        What the panel says of the standard and of the data.
    figures : sequence of mapping, optional
        Headline figures in place of those of the coverage: ``label``, ``value``, ``note`` and ``tone``
        (``main``, ``alert`` or empty), all text.
    basemaps : sequence of Basemap
        Online base maps the reader may switch on.

    Raises
    ------
    InputError
        There is nothing to draw; a layer is given twice; a base map is unknown or has no key; bands are not
        ascending; a style names a role without a colour.
    CrsError
        A table has no coordinate reference system.
    StudyError
        The language is unknown.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo.maps import LandLayer
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9000, 5000)], crs="EPSG:32651")
    >>> island = coverage_map([LandLayer(land)], title="Island", lang="en")
    >>> "Island" in island.get_root().render()
    True
    """
    stack = stack_layers(layers)
    online = basemap_rows(basemaps, lang=lang)
    far: list[str] = []
    bounds = _bounds(stack, far, lang=lang)
    book = WayBook()
    drawn = draw_findings(stack.findings, lang=lang, book=book)
    payload = {
        "lang": lang,
        "title": title,
        "standard": say_plainly(text.standard, lang=lang),
        "badge": say("maps.synthetic", lang=lang) if text.is_synthetic else "",
        "attribution": text.attribution,
        "sources": [say_plainly(line, lang=lang) for line in text.sources],
        "towns": _towns(stack, lang=lang),
        "bounds": bounds,
        "words": script_words(lang),
        "basemaps": online,
        **_ground(stack.land),
        **_places(stack, drawn, lang=lang),
    }
    notes = [say("maps.made_on", lang=lang, date=text.made_on)] if text.made_on else []
    notes += [*text.sources, *far, say("maps.about_unreached", lang=lang)]
    payload |= _roads(stack, notes, lang=lang)
    payload |= _people(stack, notes, book, lang=lang)
    payload["ways"] = book.draw(notes, lang=lang)
    if figures is not None:
        payload["figures"] = [dict(figure) for figure in figures]
    payload["sounds"] = sounds_of(_names(payload))
    told = [say_plainly(line, lang=lang) for line in (*notes, *drawn.notes)]
    payload["about"] = [*told, say("maps.about_software", lang=lang)]
    return _folium_map(payload, title, tile_hosts(basemaps))


def _table(layer: Any) -> Any:
    """Give the table of a layer, None where there is no layer."""
    return None if layer is None else layer.table


def _names(payload: Mapping[str, Any]) -> Iterator[str]:
    """Give every name that the search box finds."""
    for rows in (payload["stations"], payload["zones"], *(kind["places"] for kind in payload["facilities"])):
        yield from (row["name"] for row in rows)
    yield from (payload["demand"] or {}).get("names", ())
    yield from (payload["demand"] or {}).get("others", {}).get("name", ())
    yield from (payload["unreached"] or {}).get("name", ())


def _bounds(stack: LayerStack, notes: list[str], *, lang: Lang) -> list[list[float]]:
    """Give what the map shows at first: people, stations, zones and findings that are on, else all else.

    Places far outside the roads, the zones and the land, such as a point with swapped digits, are drawn and
    do not widen the view; the notes count them.
    """
    placed = {
        f"finding {finding.name}": (finding.table, finding.style)
        for finding in stack.findings
        if isinstance(finding.table, gpd.GeoDataFrame)
    }
    shown = {name: table for name, (table, style) in placed.items() if style is not None and style.is_on}
    first = {"demand": stack.people.table, "stations": _table(stack.stations), "zones": _table(stack.zones)}
    others = {name: _table(getattr(stack, name)) for name in ("land", "roads", "areas", "facilities", "gaps")}
    ground = bounds_of(zones=first["zones"], land=others["land"], roads=others["roads"])
    near, n_far = near_to({**first, **shown}, ground)
    bounds = bounds_of(**near) or bounds_of(**others, **{name: table for name, (table, _) in placed.items()})
    if bounds is None:
        raise InputError(Message("maps.nothing"))
    if n_far:
        notes.append(say("maps.about_far", lang=lang, n=f"{n_far:,}"))
    return bounds


def _towns(stack: LayerStack, *, lang: Lang) -> list[dict[str, Any]]:
    """Give the towns that the reader may choose; none where there are no people or no zones."""
    people, zones = stack.people, stack.zones
    if people.table is None or zones is None:
        return []
    return town_rows(
        zones.table,
        people.table,
        _table(stack.stations),
        bands_s=people.bands_s,
        limit_s=people.limit_s,
        lang=lang,
    )


def _ground(land: LandLayer) -> dict[str, Any]:
    shapes = {
        name: [] if table is None else draw_polygons(table, name, tolerance_m=LAND_TOLERANCE_M)
        for name, table in (("land", land.table), ("water", land.water))
    }
    return {"has_sea": land.table is not None, **shapes}


def _places(stack: LayerStack, drawn: DrawnFindings, *, lang: Lang) -> dict[str, Any]:
    """Give the rows of all layers but the ground, the roads and the people, in the order of the file."""
    stations = _table(stack.stations)
    return {
        "stations": []
        if stations is None
        else maptables.station_rows(stations, lang=lang, max_m=stack.people.snap_max_m),
        "facilities": []
        if stack.facilities is None
        else maptables.facility_groups(not_drawn(stack.facilities.table, stack.findings), lang=lang),
        "zones": [] if stack.zones is None else maptables.zone_rows(stack.zones.table, lang=lang),
        "zone_classes": _zone_classes(lang),
        "areas": {"union": [], "each": []}
        if stack.areas is None
        else maptables.area_rows(stack.areas.table, stations, lang=lang),
        "gaps": [] if stack.gaps is None else maptables.gap_rows(stack.gaps.table, stations, lang=lang),
        "findings": drawn.layers,
        "targets": []
        if stack.targets is None
        else maptables.target_rows(
            stack.targets.table,
            lang=lang,
            layers=_shown(drawn, gaps=_table(stack.gaps), stations=stations),
        ),
    }


def _shown(drawn: DrawnFindings, **tables: gpd.GeoDataFrame | None) -> set[str]:
    """Name the layers in which there is something to see."""
    own = {name for name, table in tables.items() if table is not None and len(table)}
    return own | {layer["name"] for layer in drawn.layers if layer["class"]}


def write_map(map: folium.Map, path: str | os.PathLike[str]) -> Path:
    """Write a map as one self-contained HTML file, whole or not at all.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    target = Path(path)
    write_text_whole(target, map.get_root().render())
    return target


def _folium_map(payload: dict[str, Any], title: str, tile_hosts: tuple[str, ...]) -> folium.Map:
    """Make a folium map that links to nothing: its head holds Leaflet, its script holds the data."""
    (south, west), (north, east) = payload["bounds"]
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        zoom_snap=0.25,
        font_size="14px",
    )
    drawn._id = "coverage"  # folium draws random ids; one fixed id keeps the same input the same file
    drawn.default_js, drawn.default_css = [], []
    figure: Any = drawn.get_root()
    figure._id = "page"
    for name, element in map_head(title, tile_hosts=tile_hosts).items():
        element._id = name
        figure.header.add_child(element, name=name)
    script = map_script(drawn.get_name(), payload)
    script._id = "drawing"
    drawn.add_child(script, name="geo_drawing")
    return drawn


def _roads(stack: LayerStack, notes: list[str], *, lang: Lang) -> dict[str, Any]:
    if stack.roads is None or not len(stack.roads.table):
        return {"roads": []}
    drawn = stack.roads.drawn
    notes.append(say("maps.about_roads", lang=lang, m=drawn.tolerance_m))
    if not drawn.has_all:
        notes.append(say("maps.about_no_minor", lang=lang))
    return {"roads": list(drawn.groups)}


def _people(stack: LayerStack, notes: list[str], book: WayBook, *, lang: Lang) -> dict[str, Any]:
    """Give everything about people: points, ways to them, unreachable points, bands and headline figures."""
    people: dict[str, Any] = {"demand": None, "unreached": None, "routes": None, "bands": [], "figures": []}
    layer, stations = stack.people, _table(stack.stations)
    demand, unreached, bands_s, limit_s = layer.table, layer.unreached, layer.bands_s, layer.limit_s
    if demand is not None and len(demand):
        people["bands"] = band_rows(demand, bands_s=bands_s, limit_s=limit_s, lang=lang)
        figures = figure_rows(demand, stations, limit_s=limit_s, lang=lang, left_out=layer.left_out)
        people["figures"] = [*figures, *map(dict, layer.more_figures)]
        people["demand"], drawn, width_m = maptables.demand_columns(demand, stations, bands_s=bands_s)
        people["demand"]["ways"] = book.point_to(layer.ways, drawn)
        if stack.routes is not None:
            ways = draw_routes(stack.routes, demand, drawn, stations, lang=lang)
            people["routes"] = ways.payload
            notes += ways.notes
        if width_m is not None:
            notes.append(say("maps.about_thinned", lang=lang, n=f"{len(demand):,}", m=width_m))
        if unreached is None:
            unreached = demand[np.isinf(demand["first_s"].to_numpy(dtype=float))]
    if unreached is not None and len(unreached):
        people["unreached"], drawn, width_m = maptables.unreached_columns(
            unreached, lang=lang, max_m=layer.snap_max_m
        )
        people["unreached"]["ways"] = book.point_to(layer.ways, drawn)
        if width_m is not None:
            notes.append(say("maps.about_unreached_thinned", lang=lang, n=f"{len(unreached):,}", m=width_m))
    return people


def _zone_classes(lang: Lang) -> list[dict[str, str]]:
    classes = zip(zone_labels(lang=lang), legend.ZONE_CLASSES, strict=True)
    return [{"label": label, "colour": colour} for label, (_, colour) in classes]
