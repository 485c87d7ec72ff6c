"""What rasters of people are read, with the driver that each is held to, and what cells may hold."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = ["RASTER_ENDINGS", "Unit"]

Unit: TypeAlias = Literal["people", "per_km2", "per_ha"]
"""People of a cell, or a density of them."""

RASTER_ENDINGS: Final[dict[str, str]] = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".asc": "AAIGrid",
    ".img": "HFA",
    ".flt": "EHdr",
    ".bil": "EHdr",
}
"""GDAL goes by the content alone: a virtual raster that is called .tif would open whatever it names."""
