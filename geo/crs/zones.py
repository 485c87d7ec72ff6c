"""Gauss-Kruger zones of China: by the names that planners write, by their EPSG codes, and old datums told."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pyproj import CRS
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion

from geo.errors import CrsError
from geo.messages import Message

__all__ = ["CRS_CHOICES", "DATUMS", "epsg_of", "find_old_datum", "other_prefix", "read_zone", "with_code"]

CRS_CHOICES: Final = Message("crs.choices")
"""What a planner may write."""
DATUMS: Final = (
    (r"cgcs\s*-?2000|国家\s*2000|2000\s*国家|china geodetic coordinate system 2000", "CGCS2000"),
    (r"xi'?\s*an\s*-?(19)?80|西安\s*-?(19)?80|(19)?80\s*西安", "Xian 1980"),
    (r"beijing\s*-?(19)?54|北京\s*-?(19)?54|(19)?54\s*北京", "Beijing 1954"),
)
_GEOGRAPHIC: Final = {"CGCS2000": 4490, "Xian 1980": 4610, "Beijing 1954": 4214}
# EPSG codes of the first zone: 3-degree zones 25-45 with the zone before the easting and without it,
# 6-degree zones 13-23 likewise (EPSG dataset v10).
_FIRST_ZONE: Final = {
    "CGCS2000": {3: (4513, 4534), 6: (4491, 4502)},
    "Xian 1980": {3: (2349, 2370), 6: (2327, 2338)},
    "Beijing 1954": {3: (2401, 2422), 6: (21413, 21453)},
}


def read_zone(datum: str, rest: str, text: str) -> CRS:
    """Read the zone, the central meridian or neither that stands beside the name of a Chinese datum."""
    degree = 6 if re.search(r"6\s*(-?\s*degree|度)|六度", rest) else 3
    rest, has_degree = re.subn(r"[36]\s*(-?\s*degree\b|度)\s*(分?带)?|[三六]度分?带", " ", rest)
    meridian = re.search(r"(?:cm|中央经线|中央子午线|central meridian)\D{0,3}(\d+(?:\.\d+)?)", rest)
    zone = re.search(r"(?:zone|第)\s*(\d{1,2})(?!\d)", rest) or re.search(
        r"(?<!\d)(\d{1,2})\s*(?:带|号带)", rest
    )
    if meridian:
        return _by_meridian(datum, float(meridian[1]), text)
    if zone:
        first, low, high = _FIRST_ZONE[datum][degree][0], *((25, 45) if degree == 3 else (13, 23))
        if not low <= int(zone[1]) <= high:
            raise CrsError(
                Message("crs.zone_outside", {"text": text, "degree": degree, "low": low, "high": high})
            )
        return CRS.from_epsg(first + int(zone[1]) - low)
    if has_degree or re.search(r"gauss|kr[uü]ger|高斯|投影|gk", rest):
        raise CrsError(Message("crs.no_zone", {"text": text, "datum": datum}))
    if re.sub(r"[\s/_().\-,]|坐标系?|大地|地理|degrees|geographic", "", rest):
        raise CrsError(Message("crs.not_understood", {"text": text, "choices": CRS_CHOICES}))
    return CRS.from_epsg(_GEOGRAPHIC[datum])


def _by_meridian(datum: str, meridian: float, text: str) -> CRS:
    if not 72 <= meridian <= 138:
        raise CrsError(Message("crs.meridian_outside", {"text": text, "meridian": meridian}))
    step, rest = divmod(meridian - 75, 3)
    if rest == 0 and 0 <= step <= 20:
        return CRS.from_epsg(_FIRST_ZONE[datum][3][1] + int(step))
    return ProjectedCRS(
        conversion=TransverseMercatorConversion(
            longitude_natural_origin=meridian, false_easting=500_000, scale_factor_natural_origin=1.0
        ),
        name=f"{datum} / Gauss-Kruger CM {meridian:g}E",
        geodetic_crs=CRS.from_epsg(_GEOGRAPHIC[datum]),
    )


@lru_cache(maxsize=256)
def epsg_of(crs: CRS) -> int | None:
    """Give the EPSG code of a system, None where it has none.

    PROJ compares a system that does not state its code, as MapInfo writes it, with all there are: a tenth of
    a second each time.

    Examples
    --------
    >>> epsg_of(CRS.from_epsg(4549)), epsg_of(CRS.from_proj4("+proj=tmerc +lon_0=121.3 +units=m"))
    (4549, None)
    """
    code: int | None = crs.to_epsg()
    return code


def other_prefix(crs: CRS) -> CRS | None:
    """Give the same Gauss-Kruger zone with the zone number before the easting, or without it."""
    code = epsg_of(crs)
    for families in _FIRST_ZONE.values():
        for degree, (with_zone, without) in families.items():
            n_zones = 21 if degree == 3 else 11
            for first, other in ((with_zone, without), (without, with_zone)):
                if code is not None and first <= code < first + n_zones:
                    return CRS.from_epsg(other + code - first)
    return None


def find_old_datum(crs: CRS) -> str | None:
    """Say whether a system is in a datum of before 2000, which is tens of metres off WGS 84.

    Returns
    -------
    str or None
        ``"Beijing 1954"`` (also for Pulkovo 1942 and any other on Krasovsky's ellipsoid, as programs write
        it), ``"Xian 1980"`` (also on its ellipsoid IAG 1975), or None. None too where the system brings its
        own parameters to WGS 84.

    Examples
    --------
    >>> find_old_datum(CRS.from_epsg(2437)), find_old_datum(CRS.from_epsg(4549))
    ('Beijing 1954', None)
    """
    if crs.is_bound or crs.geodetic_crs is None or crs.ellipsoid is None:
        return None
    datum = crs.geodetic_crs.datum
    names = f"{crs.geodetic_crs.name} {datum.name if datum is not None else ''}".casefold().replace("_", " ")
    for pattern, name in DATUMS[1:]:
        if re.search(pattern, names):
            return name
    axis = round(crs.ellipsoid.semi_major_metre)
    return {6378245: "Beijing 1954", 6378140: "Xian 1980"}.get(axis)


def with_code(crs: CRS) -> CRS:
    """Give a Gauss-Kruger zone its EPSG code where its datum, meridian and false easting say which it is.

    GDAL 3.12.4 gives no code to what MapInfo writes, and the ellipsoid of WGS 84 to Xian 1980.
    """
    datum = find_old_datum(crs)
    if datum is None or epsg_of(crs) is not None:
        return crs
    if crs.is_geographic:
        return CRS.from_epsg(_GEOGRAPHIC[datum])
    operation = crs.coordinate_operation
    params = operation.params if operation is not None else ()
    values = {param.name: float(param.value) for param in params}
    meridian, easting = values.get("Longitude of natural origin"), values.get("False easting")
    is_plain = values.get("Scale factor at natural origin", 1.0) == 1.0 and not values.get("False northing")
    if meridian is None or easting is None or not is_plain or not 72 <= meridian <= 138:
        return crs
    zone = int(easting // 1e6)
    degree = 3 if 25 <= zone <= 45 and meridian == 3 * zone else 6
    if easting == 500_000:
        return _by_meridian(datum, float(meridian), "")
    if easting != zone * 1e6 + 500_000 or meridian != (3 * zone if degree == 3 else 6 * zone - 3):
        return crs
    return CRS.from_epsg(_FIRST_ZONE[datum][degree][0] + zone - (25 if degree == 3 else 13))
