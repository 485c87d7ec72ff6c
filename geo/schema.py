"""Column names, units and the fixed words of every table."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

__all__ = [
    "FACILITY_KINDS",
    "FACILITY_STATUSES",
    "STATION_CLASSES",
    "ZONE_LEVELS",
    "Direction",
]

Direction: TypeAlias = Literal["from_facility", "to_facility"]
"""Engines go out ``from_facility``; people walk ``to_facility``."""

FACILITY_KINDS: Final = (
    "fire_station",
    "micro_station",
    "shelter",
    "depot",
    "hydrant",
    "water_point",
    "base",
    "team",
    "gas_repair",
)
FACILITY_STATUSES: Final = ("existing", "planned", "candidate", "closed")
STATION_CLASSES: Final = ("special", "first", "second", "small", "logistics")
"""特勤站, 一级站, 二级站, 小型站, 战勤保障站."""
ZONE_LEVELS: Final = ("district", "town", "village")
