"""What headers say of coordinates: in which order they stand, and in which system."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import shapely

from geo.errors import CrsError
from geo.layers.columns import Columns
from geo.messages import Message
from geo.words import word_lists

__all__ = ["NORTH_FIRST", "exchanged", "header_told", "order_told", "says_exchanged"]

NORTH_FIRST: Final = ("lat,lon", "north,east")
_EXCHANGED: Final = ("crs.lon_lat_exchanged", "crs.x_y_exchanged", "crs.metres_exchanged")
"""Reasons that advise an order."""


def says_exchanged(error: CrsError) -> bool:
    """Whether an error advises the order that was asked for: as they stand, the coordinates are right."""
    why: Any = error.args[0]
    while isinstance(why, Message) and why.key not in _EXCHANGED:
        why = why.values.get("why")
        why = why.args[0] if isinstance(why, CrsError) else why
    return isinstance(why, Message)


def order_told(matched: Columns, order: str | None) -> tuple[Message, ...]:
    """Tell columns whose names say longitude and latitude, and that are read the other way round."""
    lon, lat = matched.header.get("lon", ""), matched.header.get("lat", "")
    words = word_lists("table")["named_degrees"]
    is_named = any(word in lon.casefold() for word in words["lon"]) and any(
        word in lat.casefold() for word in words["lat"]
    )
    if order not in NORTH_FIRST or not is_named:
        return ()
    return (Message("layers.order_over_names", {"lon": lon, "lat": lat, "order": order}),)


def header_told(matched: Columns, system: str) -> tuple[Message, ...]:
    """Tell headers of coordinates that name another system than the one that they are read in."""
    words = word_lists("table")["datum"]
    notes = []
    for header in [matched.header[ours] for ours in ("lon", "lat", "lonlat") if ours in matched.header]:
        named = [
            datum for datum, listed in words.items() if any(word in header.casefold() for word in listed)
        ]
        if len(named) == 1 and not system.startswith(named[0]) and f"({named[0]}" not in system:
            values = {"header": header, "named": named[0], "system": system}
            notes.append(Message("layers.header_system", values))
    return tuple(notes)


def exchanged(shaped: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give the shapes with their two coordinates exchanged."""
    flipped = shapely.transform(shaped.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return gpd.GeoSeries(flipped, index=shaped.index)
