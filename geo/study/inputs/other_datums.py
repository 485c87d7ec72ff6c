"""Other readings of coordinates: each Chinese datum in the place of the one that they were read in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.crs import TO_WGS84, transform_xy, wgs84_to_bd09, wgs84_to_gcj02
from geo.messages import Message

__all__ = [
    "AS_WGS84",
    "DEGREES",
    "FEWEST",
    "NEARNESS_M",
    "N_SHIFTS",
    "ROADS_IN",
    "Shift",
    "is_lattice",
    "other_shifts",
    "read_otherwise",
    "readings_of",
]

_XY = NDArray[np.float64]
_Turn: TypeAlias = Callable[[ArrayLike, ArrayLike], tuple[_XY, _XY]]
DEGREES: Final = CRS.from_epsg(4326)
ROADS_IN: Final[Mapping[str, str]] = MappingProxyType(
    {f"roads in {name}": name for name in ("GCJ-02", "BD-09")}
)
"""Readings under which the places are right and the roads stand in a shifted datum: its name."""
AS_WGS84: Final = "WGS 84"
_FROM_WGS84: Final[Mapping[str, _Turn]] = MappingProxyType({"GCJ-02": wgs84_to_gcj02, "BD-09": wgs84_to_bd09})
"""How places are written in each shifted datum."""
NEARNESS_M: Final = 10.0
"""Distances to roads that differ by less than about this are one."""
FEWEST: Final = 8
"""With fewer points a better fit may be chance."""
_DIRECTIONS: Final = 24
_SIZES: Final = (0.6, 0.8, 1.0, 1.2, 1.4)
"""Shifts to compare with: so many directions, and sizes as parts of the one that is told."""
N_SHIFTS: Final = _DIRECTIONS * len(_SIZES)
_LATTICE_SHARE: Final = 0.8
"""Where this share of points has its neighbour at the same distance, within 5 %, they are a lattice."""
_ALIKE: Final = 0.05


@dataclass(frozen=True)
class Shift:
    """A better reading of a layer's coordinates.

    Parameters
    ----------
    reading : str
        ``"GCJ-02"``, ``"BD-09"``, ``"WGS 84"`` (of a layer that was read as one of these), or one of
        :data:`ROADS_IN` (the points are right, the roads are not).
    off_m, then_m : float
        Median distance to the nearest road as read, and under the other reading, metres; of fewer than eight
        points the largest. Of zones the share of road ends that they leave out, in per cent; of places
        beyond the roads how many lie there.
    n_points : int
        How many points say so.
    chance : float
        Share of shifts of about the same size in other directions that fit as well.
    by : str
        What was compared: distances to roads, road ends in zones or on land, or places on the ground of
        the roads.
    """

    reading: str
    off_m: float
    then_m: float
    n_points: int
    chance: float = 0.0
    by: Literal["distance", "zones", "land", "ground"] = "distance"

    @property
    def is_of_roads(self) -> bool:
        """Whether it is the roads that are in the other datum."""
        return self.reading in ROADS_IN

    def told(self) -> Message:
        """Give the sentence on it."""
        key = "study.datum_few" if self.n_points < FEWEST else "study.datum_shifted"
        of_ground = {
            "zones": "study.datum_zones",
            "land": "study.datum_zones",
            "ground": "study.datum_ground",
        }
        key = of_ground.get(self.by, key)
        layer = Message("study.datum_of_land" if self.by == "land" else "study.datum_of_zones")
        return Message(key, {**self.values(), "layer": layer})

    def values(self) -> dict[str, Any]:
        """Give what its sentences state: numbers, the reading, and the way out."""
        numbers = {"n": self.n_points, "off": self.off_m, "then": self.then_m, "reading": self.reading}
        datum = {"datum": ROADS_IN.get(self.reading, self.reading)}
        condition = Message("study.if_roads_in" if self.is_of_roads else "study.if_read_as", datum)
        check = Message("study.check_roads", datum) if self.is_of_roads else Message("study.check_system")
        return {**numbers, "condition": condition, "check": check}


def read_otherwise(xy: _XY, crs: CRS, read_as: str) -> dict[str, _XY]:
    """Give where places would be under each other reading, in the same metric system."""
    lonlat = transform_xy(xy, crs, DEGREES)
    return {
        reading: transform_xy(np.column_stack(turned), DEGREES, crs)
        for reading, turned in readings_of(lonlat, read_as).items()
    }


def readings_of(lonlat: _XY, read_as: str) -> dict[str, tuple[_XY, _XY]]:
    """Give where the places would be if the numbers of the file were in another datum."""
    if read_as not in _FROM_WGS84:
        readings = {name: TO_WGS84[name](*lonlat.T) for name in _FROM_WGS84}
        return readings | {reading: _FROM_WGS84[name](*lonlat.T) for reading, name in ROADS_IN.items()}
    as_written = _FROM_WGS84[read_as](*lonlat.T)
    readings = {name: TO_WGS84[name](*as_written) for name in _FROM_WGS84 if name != read_as}
    return {AS_WGS84: as_written, **readings}


def other_shifts(size: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Give shifts of about the same size, all around but not within 20 degrees of it."""
    angles = np.radians(np.linspace(20, 340, _DIRECTIONS))
    turned = [
        np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ size for angle in angles
    ]
    return [part * direction for part in _SIZES for direction in turned]


def is_lattice(xy: _XY) -> bool:
    """Whether points stand at equal distances, as the cells of a grid and the middles of equal blocks do."""
    from scipy.spatial import cKDTree

    if len(xy) < FEWEST:
        return False
    off_m = cKDTree(xy).query(xy, k=2)[0][:, 1]
    middle = np.median(off_m)
    return bool(np.mean(np.abs(off_m - middle) <= _ALIKE * middle) >= _LATTICE_SHARE)
