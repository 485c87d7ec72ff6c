"""Endings of rasters of people."""

from __future__ import annotations

from geo.sources import RASTER_DRIVERS

__all__ = ["RASTER_ENDINGS"]

RASTER_ENDINGS = RASTER_DRIVERS
"""Endings of rasters, and the driver that each is held to."""
