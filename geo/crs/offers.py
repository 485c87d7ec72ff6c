"""Systems in which coordinates of an unknown system would lie at the study's roads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs.gcj02 import bd09mc_to_wgs84
from geo.crs.polylines import transform_xy
from geo.crs.systems import is_in_china, parse_crs
from geo.crs.zones import epsg_of
from geo.messages import Message

__all__ = ["MOST_KM", "ON_ROADS", "are_degrees", "km_from", "offer_systems"]

_XY = NDArray[np.float64]
MOST_KM: Final = 25.0
"""A layer whose middle row is nearer than this to the roads lies in their district."""
_KM_A_DEGREE: Final = 111.32
_DEGREES: Final = CRS.from_epsg(4326)
_MOST_NAMES: Final = 4
ON_ROADS: Final = ("crs.offer_on_roads", "crs.offer_on_roads_turned")
"""Offers that say what to write."""
_MERIDIANS: Final = {f"EPSG:{4534 + k}": 75 + 3 * k for k in range(21)}
"""3-degree zones of CGCS2000 without the zone in the easting, and their central meridians, degrees east."""
_TURNED: Final = '; order = "north,east"'


def km_from(lonlat: _XY, roads: _XY | None) -> float | None:
    """Give the median distance of places from the nearest of some ends of roads, km; None without roads."""
    if roads is None or not len(lonlat):
        return None
    finite = lonlat[(np.abs(lonlat) <= 360).all(axis=1)]  # neither nan nor what no degrees can be
    if not len(finite):
        return float("inf")
    scale = _KM_A_DEGREE * np.array([np.cos(np.radians(roads[:, 1].mean())), 1.0])
    from scipy.spatial import cKDTree  # here: what only reads settings needs no SciPy

    off_km, _ = cKDTree(roads * scale).query(finite * scale)
    return float(np.median(off_km))


def are_degrees(xy: _XY) -> bool:
    """Say whether most coordinates may be degrees: a row with 1210.4 for 121.04 makes the others no metres.

    Examples
    --------
    >>> are_degrees(np.array([[121.4, 31.6], [1210.4, 31.6], [121.5, 31.7]]))
    True
    """
    return bool((np.abs(xy) <= 180).all(axis=1).mean() > 0.5) if len(xy) else False


def offer_systems(xy: _XY, roads: _XY | None) -> Message:
    """Offer the systems in which coordinates lie at the roads, nearest first; without roads: in China.

    The datum cannot be told from the numbers: CGCS2000 stands for the older ones too, some 100 m off it.
    """
    place = {"x": float(xy[0, 0]), "y": float(xy[0, 1])} if len(xy) else {"x": np.nan, "y": np.nan}
    if not len(xy) or are_degrees(xy):
        return Message("crs.degrees_of_what", place)
    offers = []
    for code, lonlat in _candidates(xy):
        km = km_from(lonlat, roads)
        if (km is None and is_in_china(*lonlat.T).all()) or (km is not None and km <= MOST_KM):
            offers.append((km or 0.0, code))
    if roads is None:
        return _offer_all(place, [code for _, code in offers])
    if not offers:
        return Message("crs.offer_none", place)
    offers.sort(key=lambda offer: offer[0])
    near = tuple(Message("crs.nearby", {"code": code, "km": km}) for km, code in offers[:_MOST_NAMES])
    best = offers[0][1]
    key = "crs.offer_on_roads_turned" if best.endswith(_TURNED) else "crs.offer_on_roads"
    return Message(key, {**place, "names": near, "code": best.removesuffix(_TURNED)})


def _offer_all(place: dict[str, float], codes: list[str]) -> Message:
    """Offer all systems that are in China; of the many zones those by their meridians, UTM in one word."""
    if len(codes) > _MOST_NAMES:
        zones = tuple(
            Message("crs.by_meridian", {"code": code, "meridian": _MERIDIANS[code]})
            for code in codes
            if code in _MERIDIANS
        )
        return Message("crs.offer_zones", {**place, "names": zones})
    if not codes:
        return Message("crs.offer_nowhere", place)
    return Message("crs.offer", {**place, "names": tuple(codes)})


def _candidates(xy: _XY) -> Iterator[tuple[str, _XY]]:
    """Give each system that the size of the numbers allows, and the degrees that they then are."""
    for flipped, points in (("", xy), (_TURNED, xy[:, ::-1])):
        zone = int(np.median(points[:, 0]) // 1e6)
        names = []
        if 25 <= zone <= 45:
            names.append(f"CGCS2000 / 3-degree Gauss-Kruger zone {zone}")
        elif 13 <= zone <= 23:
            names.append(f"CGCS2000 / 6-degree Gauss-Kruger zone {zone}")
        elif (np.abs(points[:, 0] - 500_000) < 500_000).all():
            names += [f"CGCS2000 中央经线 {meridian}" for meridian in range(75, 136, 3)]
            names += [f"UTM {number}N" for number in range(43, 54)]
        for name in names:
            crs = parse_crs(name)
            assert isinstance(crs, CRS)
            yield _code(crs, name) + flipped, transform_xy(points, crs, _DEGREES)
    if (np.abs(xy[:, 0]) > 7e6).all() and (np.abs(xy) < 2.1e7).all():
        yield "EPSG:3857", transform_xy(xy, CRS.from_epsg(3857), _DEGREES)
        yield "BD-09MC", np.column_stack(bd09mc_to_wgs84(*xy.T))


def _code(crs: CRS, name: str) -> str:
    code = epsg_of(crs)
    return f"EPSG:{code}" if code else name
