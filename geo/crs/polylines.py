"""Many lines as flat arrays of vertices: their runs, lengths on the ellipsoid and reprojection."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from geo.errors import CrsError
from geo.messages import Message

__all__ = [
    "ends_of_runs",
    "geodesic_lengths",
    "is_metric",
    "metric_crs",
    "ranges",
    "transform_xy",
    "unproject",
]

_MOST_STRETCH: Final = 0.005
_AT_ONCE: Final = 2**17
_EQUATOR_M: Final = 6378137.0
_ECCENTRICITY2: Final = 0.0066943799901413165


def ends_of_runs(label: NDArray[np.integer]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the first and the last entry of each run of equal labels."""
    change = label[1:] != label[:-1]
    return np.concatenate([[True], change]), np.concatenate([change, [True]])


def ranges(
    start: NDArray[np.integer], stop: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Concatenate the ranges start[i]:stop[i], and say where each begins in the result."""
    offset = np.concatenate([[0], np.cumsum(stop - start)]).astype(np.int64)
    flat = np.arange(offset[-1]) + np.repeat(start - offset[:-1], stop - start)
    return flat, offset


def geodesic_lengths(lonlat: NDArray[np.float64], start: NDArray[np.integer]) -> NDArray[np.float64]:
    """Measure lines on the WGS 84 ellipsoid.

    A segment is measured with the radii of curvature at its middle latitude,
    ds^2 = (M dphi)^2 + (N cos(phi) dlambda)^2, which agrees with the exact geodesic to 1 in 10^6 for
    segments up to 20 km.

    Parameters
    ----------
    lonlat : float64 array, shape (K, 2)
        Longitude and latitude of all vertices, degrees.
    start : int array, shape (M + 1,)
        Vertices of line ``i`` are ``lonlat[start[i]:start[i + 1]]``.

    Returns
    -------
    float64 array, shape (M,)
        Metres.

    Examples
    --------
    >>> line = np.array([[121.40, 31.62], [121.40, 31.63]])
    >>> geodesic_lengths(line, np.array([0, 2])).round(2)
    array([1108.8])
    """
    first = np.asarray(start, dtype=np.int64)
    length = np.zeros(len(first) - 1)
    # Some thousand lines at a time: each step takes ten numbers a vertex.
    cuts = np.unique(np.searchsorted(first, np.arange(0, len(lonlat) + _AT_ONCE, _AT_ONCE)))
    for line, end in zip(cuts[:-1], cuts[1:].clip(max=len(length)), strict=True):
        length[line:end] = _lengths(lonlat[first[line] : first[end]], first[line : end + 1] - first[line])
    return length


def _lengths(lonlat: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.float64]:
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    middle = (lat[1:] + lat[:-1]) / 2
    flat = 1 - _ECCENTRICITY2 * np.sin(middle) ** 2
    east = _EQUATOR_M / np.sqrt(flat) * np.cos(middle) * np.diff(lon)
    north = _EQUATOR_M * (1 - _ECCENTRICITY2) / flat**1.5 * np.diff(lat)
    step = np.hypot(east, north)
    step[start[1:-1] - 1] = 0.0  # from one line to the next
    line = np.repeat(np.arange(len(start) - 1), np.diff(start))
    return np.bincount(line[1:], weights=step, minlength=len(start) - 1).astype(np.float64)


def is_metric(crs: CRS) -> bool:
    """Say whether a CRS is projected in metres."""
    return crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def metric_crs(crs: CRS, xy: NDArray[np.float64]) -> CRS:
    """Give a projected CRS in metres for coordinates: their own, or the UTM zone of their middle.

    Their own is not taken where its metres are more than 0.5 % off at their middle, as in Web Mercator, in
    equal-area maps of a whole country and far outside a zone.

    Raises
    ------
    CrsError
        Degrees outside the range of longitude and latitude.
    """
    if is_metric(crs) and _is_true_to_scale(crs, xy):
        return crs
    lonlat = transform_xy(xy, crs, CRS.from_epsg(4326))
    lon, lat = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    if not (np.isfinite(lonlat).all() and abs(lon) <= 180 and np.abs(lonlat[:, 1]).max() <= 84):
        raise CrsError(Message("crs.roads_no_degrees"))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _is_true_to_scale(crs: CRS, xy: NDArray[np.float64]) -> bool:
    """Whether a kilometre at the middle of coordinates is one on the ground, eastward and northward."""
    ends = xy[np.isfinite(xy).all(axis=1)]
    if not len(ends):
        return True
    x, y = (ends.min(axis=0) + ends.max(axis=0)) / 2
    steps = np.array([[x - 500, y], [x + 500, y], [x, y - 500], [x, y + 500]])
    metres = geodesic_lengths(transform_xy(steps, crs, CRS.from_epsg(4326)), np.array([0, 2, 4]))
    return bool(np.isfinite(metres).all() and np.abs(metres / 1000 - 1).max() <= _MOST_STRETCH)


def transform_xy(xy: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    """Reproject coordinates (x or longitude first) in one call; the same CRS gives them unchanged."""
    if source == target:
        return xy
    return np.column_stack(_change_of(source, target).transform(xy[:, 0], xy[:, 1]))


@lru_cache(maxsize=64)
def _change_of(source: CRS, target: CRS) -> Transformer:
    """Give the change of x and y (longitude first) between two systems; PROJ takes 20 ms to find one."""
    return Transformer.from_crs(source, target, always_xy=True)


def unproject(xy: NDArray[np.float64], source: CRS) -> NDArray[np.float64]:
    """Give coordinates as degrees in the datum of their own CRS; no datum is changed."""
    degrees = source.geodetic_crs
    if source.is_geographic or degrees is None:
        return xy
    return transform_xy(xy, source, degrees)
