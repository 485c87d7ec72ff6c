"""The interactive coverage map: one HTML file that opens with no network at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.files import write_text_whole
from geo.findings import Finding
from geo.maps import legend
from geo.maps import rows as maptables
from geo.maps.findings import DrawnFindings, draw_findings
from geo.maps.geometry import bounds_of, draw_polygons, draw_roads
from geo.maps.page import map_head, map_script
from geo.maps.text import say_number, script_words
from geo.words import Lang, say

__all__ = ["BASEMAPS", "coverage_map", "write_map"]

BASEMAPS: Final = ("osm", "gaode", "tianditu")
"""Online base maps that a map may offer; each is off until the reader switches it on."""
LAND_TOLERANCE_M: Final = 20.0
_TILE_URLS: Final = {
    "osm": ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
    "gaode": (
        "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}",
    ),
    "tianditu": tuple(
        f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        f"&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
        for layer in ("vec", "cva")
    ),
}
_TILE_HOSTS: Final = {
    "osm": "https://tile.openstreetmap.org",
    "gaode": "https://*.is.autonavi.com",
    "tianditu": "https://*.tianditu.gov.cn",
}
_SUBDOMAINS: Final = {"osm": "", "gaode": "1234", "tianditu": "01234567"}


def coverage_map(
    *,
    title: str,
    lang: Lang,
    roads: gpd.GeoDataFrame | None = None,
    land: gpd.GeoDataFrame | None = None,
    water: gpd.GeoDataFrame | None = None,
    stations: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    gaps: gpd.GeoDataFrame | None = None,
    targets: pd.DataFrame | None = None,
    unreached: gpd.GeoDataFrame | None = None,
    findings: Sequence[Finding] = (),
    figures: Sequence[Mapping[str, str]] | None = None,
    bands_s: Sequence[float] = (180, 240, 300, 480, 900),
    limit_s: float = 300.0,
    standard_text: str = "",
    attribution: str = "",
    sources: Sequence[str] = (),
    made_on: str = "",
    is_synthetic: bool = False,
    basemaps: Sequence[str] = (),
    tianditu_key: str | None = None,
) -> folium.Map:
    """Draw who is reached in time on a map that needs no network.

    Every table may be None, and its layer and panel are then left out; geometry is in a metric CRS.
    The same arguments always give the same file, byte for byte.

    Parameters
    ----------
    title : str
        Heading of the map and of the page.
    lang : {"zh", "en"}
        Language of every word that is not data.
    roads : GeoDataFrame, optional
        Lines with ``highway`` (the edges of a road network).
    land, water : GeoDataFrame, optional
        Polygons; with ``land`` the ground around it is drawn as sea.
    stations : GeoDataFrame, optional
        Facilities with ``people_served``, ``mean_s``, ``worst_s`` (s) and ``share_of_limit`` (load
        against 120,000 people; 1 = full); those that are missing show a dash.
    facilities : GeoDataFrame, optional
        Other facilities (shelters, hydrants, ...) by ``kind``; off at first.
    demand : GeoDataFrame, optional
        Coverage table: ``people``, ``first_s`` (response, s; ``inf`` if unreachable), ``first_id``,
        ``is_covered``, ``zone``, ``reason``.
    zones : GeoDataFrame, optional
        Zones with ``name``, ``people``, ``people_covered``, ``share_people`` (0-1).
    areas : GeoDataFrame, optional
        Service areas: ``facility_id`` (missing for the union), ``limit_s``.
    gaps : GeoDataFrame, optional
        Ranked gaps: ``name``, ``zone``, ``people``, ``nearest_id``, ``nearest_s``.
    targets : DataFrame, optional
        Targets with ``status``, ``name_zh``, ``name_en``, ``comparator``, ``target``, ``unit``, ``value``,
        ``missed_by``; ``places`` names the finding that shows where a target fails.
    unreached : GeoDataFrame, optional
        Unreachable points; None takes the rows of ``demand`` whose ``first_s`` is ``inf``.
    findings : sequence of Finding
        Results of the rooms; each with a style is a layer that the reader may switch on.
    figures : sequence of mapping, optional
        Headline figures in place of those of ``demand``: ``label``, ``value``, ``note`` and ``tone``
        (``main``, ``alert`` or empty), all text.
    bands_s : sequence of float
        Ends of the response bands, ascending seconds; "within" is <=.
    limit_s : float
        The response limit in seconds: where the colours of the bands turn.
    standard_text : str
        One sentence on the standard and its clock.
    attribution : str
        Credit of the data, always shown.
    sources : sequence of str
        Lines of the 'about' panel: data sources, profile.
    made_on : str
        Date to print, as text (none by default, so that files can be compared).
    is_synthetic : bool
        Mark the map as made from synthetic data.
    basemaps : sequence of {"osm", "gaode", "tianditu"}
        Online base maps the reader may switch on. Gaode's tiles lie in GCJ-02 and are shifted back,
        exactly at the middle of the view and to about two pixels at its edge.
    tianditu_key : str, optional
        Tianditu's access key; it is written into the file.

    Raises
    ------
    InputError
        There is nothing to draw; a base map is unknown or has no key; bands are not ascending.
    CrsError
        A table has no coordinate reference system.
    StudyError
        The language is unknown.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9000, 5000)], crs="EPSG:32651")
    >>> island = coverage_map(title="Island", lang="en", land=land)
    >>> "Island" in island.get_root().render()
    True
    """
    _check_basemaps(basemaps, tianditu_key)
    shown = {
        f"finding {found.name}": found.table
        for found in findings
        if found.style is not None and found.style.is_on and isinstance(found.table, gpd.GeoDataFrame)
    }
    bounds = bounds_of(demand=demand, stations=stations, zones=zones, **shown) or bounds_of(
        land=land, roads=roads, areas=areas, facilities=facilities, gaps=gaps, **_placed(findings)
    )
    if bounds is None:
        raise InputError(
            "the map has nothing to draw: give it at least stations, demand points, zones, land or roads"
        )
    found = draw_findings(findings, lang=lang)
    payload = {
        "lang": lang,
        "title": title,
        "standard": standard_text,
        "badge": say("maps.synthetic", lang=lang) if is_synthetic else "",
        "attribution": attribution,
        "bounds": bounds,
        "words": script_words(lang),
        "basemaps": [_basemap(name, lang=lang, key=tianditu_key) for name in basemaps],
        "has_sea": land is not None,
        "land": [] if land is None else draw_polygons(land, "land", tolerance_m=LAND_TOLERANCE_M),
        "water": [] if water is None else draw_polygons(water, "water", tolerance_m=LAND_TOLERANCE_M),
        "stations": [] if stations is None else maptables.station_rows(stations, lang=lang),
        "facilities": [] if facilities is None else maptables.facility_groups(facilities, lang=lang),
        "zones": [] if zones is None else maptables.zone_rows(zones, lang=lang),
        "zone_classes": _zone_classes(lang),
        "areas": {"union": [], "each": []}
        if areas is None
        else maptables.area_rows(areas, stations, lang=lang),
        "gaps": [] if gaps is None else maptables.gap_rows(gaps, stations, lang=lang),
        "findings": found.layers,
        "targets": []
        if targets is None
        else maptables.target_rows(targets, lang=lang, layers=_shown(found, gaps=gaps, stations=stations)),
    }
    notes = [say("maps.made_on", lang=lang, date=made_on)] if made_on else []
    notes += [*sources, say("maps.about_unreached", lang=lang)]
    payload |= _roads(roads, notes, lang=lang)
    payload |= _people(demand, unreached, stations, notes, bands_s=bands_s, limit_s=limit_s, lang=lang)
    if figures is not None:
        payload["figures"] = [dict(figure) for figure in figures]
    payload["about"] = [*notes, *found.notes, say("maps.about_software", lang=lang)]
    return _folium_map(payload, title, tuple(_TILE_HOSTS[name] for name in basemaps))


def _placed(findings: Sequence[Finding]) -> dict[str, gpd.GeoDataFrame]:
    return {
        f"finding {found.name}": found.table
        for found in findings
        if isinstance(found.table, gpd.GeoDataFrame)
    }


def _shown(found: DrawnFindings, **tables: gpd.GeoDataFrame | None) -> set[str]:
    """Name the layers in which there is something to see."""
    own = {name for name, table in tables.items() if table is not None and len(table)}
    return own | {layer["name"] for layer in found.layers if layer["class"]}


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


def _roads(roads: gpd.GeoDataFrame | None, notes: list[str], *, lang: Lang) -> dict[str, Any]:
    if roads is None or not len(roads):
        return {"roads": []}
    drawn = draw_roads(roads)
    notes.append(say("maps.about_roads", lang=lang, m=drawn.tolerance_m))
    if not drawn.has_all:
        notes.append(say("maps.about_no_minor", lang=lang))
    return {"roads": list(drawn.groups)}


def _people(
    demand: gpd.GeoDataFrame | None,
    unreached: gpd.GeoDataFrame | None,
    stations: gpd.GeoDataFrame | None,
    notes: list[str],
    *,
    bands_s: Sequence[float],
    limit_s: float,
    lang: Lang,
) -> dict[str, Any]:
    """Give everything about people: points, unreachable points, bands and headline figures."""
    people: dict[str, Any] = {"demand": None, "unreached": None, "bands": [], "figures": []}
    if demand is not None and len(demand):
        people["bands"] = maptables.band_rows(demand, bands_s=bands_s, limit_s=limit_s, lang=lang)
        people["figures"] = maptables.figure_rows(demand, stations, limit_s=limit_s, lang=lang)
        people["demand"], width_m = maptables.demand_columns(demand, stations, bands_s=bands_s)
        if width_m is not None:
            notes.append(say("maps.about_thinned", lang=lang, n=f"{len(demand):,}", m=width_m))
        if unreached is None:
            unreached = demand[np.isinf(demand["first_s"].to_numpy(dtype=float))]
    if unreached is not None and len(unreached):
        people["unreached"], width_m = maptables.unreached_columns(unreached, lang=lang)
        if width_m is not None:
            notes.append(say("maps.about_unreached_thinned", lang=lang, n=f"{len(unreached):,}", m=width_m))
    return people


def _zone_classes(lang: Lang) -> list[dict[str, str]]:
    bounds = [bound for bound, _ in legend.ZONE_CLASSES]
    labels = [say("maps.below", lang=lang, share=say_number(bounds[0] * 100))]
    labels += [
        say("maps.between", lang=lang, low=say_number(low * 100), high=say_number(high * 100))
        for low, high in pairwise(bounds[:-1])
    ]
    colours = [colour for _, colour in legend.ZONE_CLASSES]
    return [{"label": a, "colour": b} for a, b in zip([*labels, "100%"], colours, strict=True)]


def _check_basemaps(names: Sequence[str], key: str | None) -> None:
    unknown = [name for name in names if name not in BASEMAPS]
    if unknown:
        raise InputError(f"base map {unknown[0]!r} is unknown; choose from {', '.join(BASEMAPS)}")
    if "tianditu" in names and not (key and key.isalnum()):
        raise InputError(
            "Tianditu needs an access key of letters and digits; give tianditu_key or leave it out"
        )


def _basemap(name: str, *, lang: Lang, key: str | None) -> dict[str, Any]:
    return {
        "label": say("maps.basemap_online", lang=lang, name=say(f"maps.basemap_{name}", lang=lang)),
        "urls": [url.replace("{key}", key or "") for url in _TILE_URLS[name]],
        "subdomains": _SUBDOMAINS[name],
        "attribution": say(f"maps.credit_{name}", lang=lang),
        "is_gcj02": name == "gaode",
    }
