"""How long a road takes: speeds of a profile on roads, and times in whole milliseconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.network.roads import Roads
from geo.network.tags import CLOSED, FERRY, NO_CARS, NO_FOOT
from geo.standards import SpeedProfile
from geo.times import UNREACHED_MS

__all__ = ["direction_factors", "has_speed", "is_shut", "milliseconds", "road_speeds"]


def road_speeds(roads: Roads, profile: SpeedProfile) -> NDArray[np.float64]:
    """Speed of each edge in km/h, 0 where the profile may not go."""
    by_class = profile.speeds_kph
    usual = np.array([by_class.get(kind, 0.0) for kind in roads.classes], dtype=np.float64)
    urban = np.array(
        [profile.urban_speeds_kph.get(kind, by_class.get(kind, 0.0)) for kind in roads.classes],
        dtype=np.float64,
    )
    is_open = has_speed(roads, profile)
    speed = np.where(roads.edge_is_urban, urban[roads.edge_class], usual[roads.edge_class])
    if profile.maxspeed_factor is not None:
        signed = roads.edge_maxspeed * profile.maxspeed_factor
        speed = np.where(np.isnan(signed), speed, signed)
    return np.where(is_open[roads.edge_class] & ~is_shut(roads, profile), speed, 0.0)


def has_speed(roads: Roads, profile: SpeedProfile) -> NDArray[np.bool_]:
    """Whether a profile drives on each class of roads, where access lets it."""
    return np.array(
        [
            profile.speeds_kph.get(kind, 0.0) > 0 and (kind != FERRY or profile.ferries)
            for kind in roads.classes
        ],
        dtype=bool,
    )


def is_shut(roads: Roads, profile: SpeedProfile) -> NDArray[np.bool_]:
    """Whether access keeps a profile out of each edge."""
    no_entry = NO_FOOT if profile.mode == "walk" else CLOSED if profile.private_roads else NO_CARS
    return roads.edge_access & no_entry > 0


def direction_factors(
    oneway: NDArray[np.int8], rule: str | float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Factors on the speed along and against each edge, for its one-way code."""
    against = {"obey": 0.0, "ignore": 1.0}[rule] if isinstance(rule, str) else float(rule)
    return np.where(oneway == -1, against, 1.0), np.where(oneway == 1, against, 1.0)


def milliseconds(
    length: NDArray[np.float64], kph: NDArray[np.float64], delay_s: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Give whole milliseconds for metres at km/h plus a delay; ``UNREACHED_MS`` at no speed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ms = np.rint(length / kph * 3600 + delay_s * 1000)
    ms = np.where(kph > 0, np.clip(ms, 1, UNREACHED_MS - 1), UNREACHED_MS)
    return ms.astype(np.int32)
