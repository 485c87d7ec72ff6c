"""Other readings of coordinates: each Chinese datum in the place of the one that they were read in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from scipy.spatial import cKDTree

from geo.crs import TO_WGS84, transform_xy, wgs84_to_bd09, wgs84_to_gcj02

__all__ = [
    "AS_WGS84",
    "DEGREES",
    "NEARNESS_M",
    "N_SHIFTS",
    "ROADS_SHIFTED",
    "is_lattice",
    "other_shifts",
    "read_otherwise",
    "readings_of",
]

_XY = NDArray[np.float64]
_Turn: TypeAlias = Callable[[ArrayLike, ArrayLike], tuple[_XY, _XY]]
DEGREES: Final = CRS.from_epsg(4326)
ROADS_SHIFTED: Final = "roads in GCJ-02"
AS_WGS84: Final = "WGS 84"
_FROM_WGS84: Final[Mapping[str, _Turn]] = MappingProxyType({"GCJ-02": wgs84_to_gcj02, "BD-09": wgs84_to_bd09})
"""How places are written in each shifted datum."""
NEARNESS_M: Final = 10.0
"""Distances to roads that differ by less than about this are one."""
_FEWEST: Final = 8
_DIRECTIONS: Final = 24
_SIZES: Final = (0.6, 0.8, 1.0, 1.2, 1.4)
"""Shifts to compare with: so many directions, and sizes as parts of the one that is told."""
N_SHIFTS: Final = _DIRECTIONS * len(_SIZES)
_LATTICE_SHARE: Final = 0.8
"""Where this share of points has its neighbour at the same distance, within 5 %, they are a lattice."""
_ALIKE: Final = 0.05


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
        return {**readings, ROADS_SHIFTED: wgs84_to_gcj02(*lonlat.T)}
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
    if len(xy) < _FEWEST:
        return False
    off_m = cKDTree(xy).query(xy, k=2)[0][:, 1]
    middle = np.median(off_m)
    return bool(np.mean(np.abs(off_m - middle) <= _ALIKE * middle) >= _LATTICE_SHARE)
