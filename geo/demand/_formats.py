"""Endings of rasters of people, and the driver that each is held to."""

from __future__ import annotations

from typing import Final

__all__ = ["RASTER_ENDINGS"]

RASTER_ENDINGS: Final[dict[str, str]] = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".asc": "AAIGrid",
    ".img": "HFA",
    ".flt": "EHdr",
    ".bil": "EHdr",
}
"""GDAL goes by the content alone: a virtual raster that is called .tif would open whatever it names."""
