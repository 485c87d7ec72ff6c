"""Online base maps under a coverage map: where their tiles are and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.errors import InputError
from geo.messages import Message
from geo.words import Lang, say

__all__ = ["BASEMAPS", "Basemap", "basemap_rows", "tile_hosts"]

BASEMAPS: Final = ("osm", "gaode", "tianditu")
"""Online base maps that a map may offer; each is off until the reader switches it on."""
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


@dataclass(frozen=True)
class Basemap:
    """An online base map, off until the reader switches it on.

    Parameters
    ----------
    name : {"osm", "gaode", "tianditu"}
        Gaode's tiles lie in GCJ-02 and are shifted back, exactly at the middle of the view and to about two
        pixels at its edge.
    key : str, optional
        Access key of Tianditu; it is written into the file.
    """

    name: str
    key: str | None = None


def basemap_rows(basemaps: Sequence[Basemap], *, lang: Lang) -> list[dict[str, Any]]:
    """Give each base map as the page's script needs it: label, addresses of tiles, credit.

    Raises
    ------
    InputError
        A base map is unknown or has no key.
    """
    for basemap in basemaps:
        _check(basemap)
    return [_row(basemap, lang=lang) for basemap in basemaps]


def tile_hosts(basemaps: Sequence[Basemap]) -> tuple[str, ...]:
    """Give the hosts from which a page may take tiles."""
    return tuple(_TILE_HOSTS[basemap.name] for basemap in basemaps)


def _check(basemap: Basemap) -> None:
    name, key = basemap.name, basemap.key
    if name not in BASEMAPS:
        raise InputError(Message("maps.basemap_unknown", {"name": name, "known": tuple(BASEMAPS)}))
    if name == "tianditu" and not (key and key.isalnum()):
        raise InputError(Message("maps.tianditu_key"))


def _row(basemap: Basemap, *, lang: Lang) -> dict[str, Any]:
    name = basemap.name
    return {
        "label": say("maps.basemap_online", lang=lang, name=say(f"maps.basemap_{name}", lang=lang)),
        "urls": [url.replace("{key}", basemap.key or "") for url in _TILE_URLS[name]],
        "subdomains": _SUBDOMAINS[name],
        "attribution": say(f"maps.credit_{name}", lang=lang),
        "is_gcj02": name == "gaode",
    }
