"""Endings of rasters of people, and what their cells may hold."""

from __future__ import annotations

from typing import Literal, TypeAlias

from geo.sources import RASTER_DRIVERS

__all__ = ["RASTER_ENDINGS", "Unit"]

Unit: TypeAlias = Literal["people", "per_km2", "per_ha"]
"""People of a cell, or a density of them."""

RASTER_ENDINGS = RASTER_DRIVERS
"""Endings of rasters, and the driver that each is held to."""
