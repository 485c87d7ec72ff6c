"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from WGS 84.

GCJ-02 adds a smooth shift of 300-700 m to WGS 84 inside a rectangle around China; BD-09 rotates and
stretches GCJ-02 about a tenth of that again. The forward formulas and their constants have been public
since 2010 (they are the same in every open implementation, for example github.com/googollee/eviltransform);
they have no closed inverse, so it is found by fixed-point iteration: the shift changes by less than 3 % of
the distance between two points, so each round gains at least one and a half digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs.baidu import bd09_to_bd09mc, bd09mc_to_bd09

__all__ = [
    "TO_WGS84",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "bd09mc_to_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_bd09mc",
    "wgs84_to_gcj02",
]

_Degrees: TypeAlias = NDArray[np.float64]
_Pair: TypeAlias = tuple[_Degrees, _Degrees]

# Krasovsky ellipsoid: semi-major axis (m) and squared eccentricity, as the published formula has them.
_AXIS_M: Final = 6378245.0
_ECCENTRICITY2: Final = 0.00669342162296594323
_RECTANGLE: Final = (72.004, 0.8293, 137.8347, 55.8271)
_CLOSE_DEG: Final = 1e-11


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Shift WGS 84 degrees to GCJ-02; identity outside China's rectangle and for missing values.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(116.404, 39.915)
    >>> round(float(lon), 6), round(float(lat), 6)
    (116.410244, 39.916404)
    """
    return _inside(lon, lat, _shift_gcj)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Take the GCJ-02 shift away again, to 1e-9 degrees (0.1 mm); identity outside China's rectangle."""
    return _inside(lon, lat, lambda x, y: _invert(_shift_gcj, x, y))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Shift GCJ-02 degrees to BD-09; identity outside China's rectangle."""
    return _inside(lon, lat, _shift_bd)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Take the BD-09 shift away again, to 1e-9 degrees; identity outside China's rectangle."""
    return _inside(lon, lat, lambda x, y: _invert(_shift_bd, x, y))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Shift WGS 84 degrees to BD-09; identity outside China's rectangle."""
    return _inside(lon, lat, lambda x, y: _shift_bd(*_shift_gcj(x, y)))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Take both shifts away, to 1e-9 degrees; identity outside China's rectangle."""
    return _inside(lon, lat, lambda x, y: _invert(_shift_gcj, *_invert(_shift_bd, x, y)))


def bd09mc_to_wgs84(x: ArrayLike, y: ArrayLike) -> _Pair:
    """Turn metres of Baidu's maps into degrees of WGS 84."""
    return bd09_to_wgs84(*bd09mc_to_bd09(x, y))


def wgs84_to_bd09mc(lon: ArrayLike, lat: ArrayLike) -> _Pair:
    """Turn degrees of WGS 84 into metres of Baidu's maps."""
    return bd09_to_bd09mc(*wgs84_to_bd09(lon, lat))


def _inside(lon: ArrayLike, lat: ArrayLike, change: Callable[[_Degrees, _Degrees], _Pair]) -> _Pair:
    """Apply a change to the places in China's rectangle and leave all others as they are."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    west, south, east, north = _RECTANGLE
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    new_x, new_y = x.copy(), y.copy()
    new_x[inside], new_y[inside] = change(x[inside], y[inside])
    return new_x, new_y


def _shift_gcj(lon: _Degrees, lat: _Degrees) -> _Pair:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (ripple + _waves(x, ((20, 1), (40, 3), (150, 12), (300, 30)))) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (ripple + _waves(y, ((20, 1), (40, 3), (160, 12), (320, 30)))) * 2 / 3
    flat = 1 - _ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY2) / flat**1.5
    parallel_m = _AXIS_M / np.sqrt(flat) * np.cos(np.radians(lat))
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _waves(x: _Degrees, terms: tuple[tuple[float, float], ...]) -> _Degrees:
    total = np.zeros_like(x)
    for height, length in terms:
        total += height * np.sin(np.pi * x / length)
    return total


def _shift_bd(lon: _Degrees, lat: _Degrees) -> _Pair:
    turn = np.pi * 3000 / 180
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _invert(shift: Callable[[_Degrees, _Degrees], _Pair], lon: _Degrees, lat: _Degrees) -> _Pair:
    """Find the place that the shift moves to (lon, lat): x <- x + (wanted - shift(x)) until it stands."""
    x, y = lon.copy(), lat.copy()
    for _ in range(30):
        moved_x, moved_y = shift(x, y)
        step_x, step_y = lon - moved_x, lat - moved_y
        x, y = x + step_x, y + step_y
        if max(np.abs(step_x).max(initial=0.0), np.abs(step_y).max(initial=0.0)) < _CLOSE_DEG:
            break
    return x, y


TO_WGS84: Final[Mapping[str, Callable[[ArrayLike, ArrayLike], _Pair]]] = MappingProxyType(
    {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84, "BD-09MC": bd09mc_to_wgs84}
)
"""How coordinates of each shifted datum become WGS 84: degrees, and metres of Baidu's maps."""
