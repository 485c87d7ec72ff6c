"""Coordinate reference systems: name them, choose a metric one, convert, and catch the wrong one.

WGS 84 and CGCS2000 agree to better than a metre and are used as they are. GCJ-02 (Gaode, Tencent) and
BD-09 (Baidu) are no reference systems of any registry but WGS 84 shifted by 300-700 m; see
:mod:`geo.crs.gcj02`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.exceptions import CRSError as ProjError

from geo.crs.gcj02 import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from geo.errors import CrsError
from geo.messages import name_rows

__all__ = [
    "CRS_CHOICES",
    "ShiftedDatum",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "choose_metric_crs",
    "find_misfits",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "parse_crs",
    "require_metric",
    "require_same",
    "to_metric",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

ShiftedDatum: TypeAlias = Literal["GCJ-02", "BD-09"]
CRS_CHOICES: Final = (
    'crs = "EPSG:4326" (WGS 84, GPS), "EPSG:4490" (CGCS2000 degrees), "GCJ-02" (Gaode, Tencent), '
    '"BD-09" (Baidu), "CGCS2000 / 3-degree Gauss-Kruger zone 40" or "CGCS2000 中央经线 121.5" (metres), '
    '"UTM 51N" or any other EPSG code'
)
"""What a planner may write, for error messages."""

_DATUMS: Final = (
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
_CHINA: Final = (73.5, 18.0, 135.1, 53.6)


def parse_crs(text: str | int | CRS) -> CRS | ShiftedDatum:
    """Read the name of a coordinate system as planners write it.

    Parameters
    ----------
    text : str, int or CRS
        EPSG code, WKT or PROJ text; ``"GCJ-02"``, ``"BD-09"``, ``"WGS84"``, ``"UTM 51N"``; CGCS2000, Xi'an
        1980 or Beijing 1954, alone (degrees) or with a 3- or 6-degree zone (``"40带"``, ``"zone 40"``: the
        easting begins with the zone) or a central meridian (``"CM 120E"``, ``"中央经线 121.5"``:
        it does not).

    Returns
    -------
    CRS or {"GCJ-02", "BD-09"}

    Raises
    ------
    CrsError
        The text names no system, or names one only in part.

    Examples
    --------
    >>> parse_crs("CGCS2000 3度带 40带").to_epsg(), parse_crs("国家2000 中央经线 120").to_epsg()
    (4528, 4549)
    >>> parse_crs("高德")
    'GCJ-02'
    """
    if isinstance(text, CRS):
        return text
    plain = unicodedata.normalize("NFKC", str(text)).strip().casefold().replace("_", " ")
    if re.search(r"gcj\s*-?\s*0?2|火星|高德|国测局|腾讯", plain):
        return "GCJ-02"
    if re.search(r"bd\s*-?\s*0?9|百度", plain):
        return "BD-09"
    if plain.startswith(("projcrs", "projcs", "geogcrs", "geogcs", "boundcrs", "compoundcrs", "+", "{")):
        return _from_proj(str(text))
    if re.fullmatch(r"wgs[\s-]*(19)?84([\s(].*degrees.*)?", plain):
        return CRS.from_epsg(4326)
    if utm := re.fullmatch(r"(?:wgs[\s-]*84)?[\s/]*utm\s*(?:zone|带)?\s*(\d{1,2})\s*([ns]?)\s*带?", plain):
        return _utm(int(utm[1]), utm[2], str(text))
    for pattern, datum in _DATUMS:
        if re.search(pattern, plain):
            return _chinese(datum, re.sub(pattern, " ", plain, count=1), str(text))
    return _from_proj(f"EPSG:{plain}" if plain.isdecimal() else str(text))


def choose_metric_crs(
    bounds_lonlat: tuple[float, float, float, float], *, family: Literal["utm", "cgcs2000"] = "utm"
) -> CRS:
    """Choose the metric CRS of a study from its extent.

    Parameters
    ----------
    bounds_lonlat : tuple of float
        West, south, east, north in degrees.
    family : {"utm", "cgcs2000"}
        UTM zone, or CGCS2000 3-degree Gauss-Kruger zone by central meridian, at the extent's middle.

    Raises
    ------
    CrsError
        The bounds are no degrees, are wider than 12 degrees, or lie outside the family's range.

    Examples
    --------
    >>> choose_metric_crs((121.1, 31.3, 122.0, 31.9)).to_epsg()
    32651
    >>> choose_metric_crs((121.1, 31.3, 121.4, 31.9), family="cgcs2000").to_epsg()
    4549
    """
    west, south, east, north = bounds_lonlat
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CrsError(f"extent {bounds_lonlat} is not longitude and latitude in degrees")
    if east - west > 12:
        raise CrsError(
            f"the layers span {east - west:.1f} degrees of longitude; one metric CRS cannot hold them"
        )
    lon, lat = (west + east) / 2, (south + north) / 2
    if family == "cgcs2000":
        zone = round(lon / 3)
        if not 25 <= zone <= 45:
            raise CrsError(f"longitude {lon:.2f} is outside CGCS2000 3-degree zones 25-45")
        return CRS.from_epsg(4534 + zone - 25)
    if not -80 <= lat <= 84:
        raise CrsError(f"latitude {lat:.2f} is outside UTM")
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def require_metric(frame: gpd.GeoDataFrame, what: str) -> CRS:
    """Give the CRS of a layer if lengths in it are metres.

    Raises
    ------
    CrsError
        No CRS, degrees, feet, or Web Mercator (whose metres are 17 % too long at 31 degrees north).
    """
    crs = frame.crs
    if crs is None:
        raise CrsError(f"{what}: the coordinate system is not known; write {CRS_CHOICES}")
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise CrsError(f"{what}: {_name(crs)} is not in metres; convert with to_metric")
    if crs.to_epsg() == 3857:
        raise CrsError(f"{what}: Web Mercator (EPSG:3857) stretches lengths; convert with to_metric")
    return CRS(crs)


def require_same(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> None:
    """Check that two layers share one CRS.

    Raises
    ------
    CrsError
        They do not; both are named.
    """
    if a.crs is None or b.crs is None or a.crs != b.crs:
        raise CrsError(f"layers are in different coordinate systems: {_name(a.crs)} and {_name(b.crs)}")


def to_metric(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Convert a layer to the metric CRS of the study; rows, index and columns stay.

    Raises
    ------
    CrsError
        The layer has no CRS, the target is not metric, or a place cannot be expressed in it.
    """
    if frame.crs is None:
        raise CrsError(f"the coordinate system of the layer is not known; write {CRS_CHOICES}")
    moved = frame.to_crs(crs)
    require_metric(moved, "the study's coordinate system")
    bounds = moved.geometry.bounds.to_numpy()
    lost = ~np.isfinite(bounds).all(axis=1) & frame.geometry.bounds.notna().all(axis=1).to_numpy()
    if lost.any():
        raise CrsError(f"{name_rows(frame.index[lost])} cannot be expressed in {_name(crs)}: too far away")
    return moved


def find_misfits(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS | ShiftedDatum
) -> tuple[NDArray[np.bool_], str]:
    """Find coordinates that cannot be in the CRS they are said to be in.

    Parameters
    ----------
    x, y : float arrays
        Easting or longitude, northing or latitude; finite.
    crs : CRS or {"GCJ-02", "BD-09"}
        The CRS that is declared.

    Returns
    -------
    misfit : bool array
        True where the coordinate is impossible, or lies in China only with its axes exchanged, or is
        far outside the area that the CRS is made for.
    why : str
        What the misfits look like, and what to write instead (empty when there are none).
    """
    if isinstance(crs, str) or crs.is_geographic:
        misfit = (np.abs(x) > 180) | (np.abs(y) > 90) | (~_in_china(x, y) & _in_china(y, x))
        return misfit, _why_not_degrees(x[misfit], y[misfit]) if misfit.any() else ""
    is_degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
    misfit = is_degrees | ~_fits_projected(x, y, crs)
    return misfit, _why_not_metres(x[misfit], y[misfit], crs) if misfit.any() else ""


def _why_not_degrees(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    if ((np.abs(x) <= 90) & (np.abs(y) <= 180)).all():
        return (
            f"longitude {x[0]:g}, latitude {y[0]:g}: the two look exchanged; "
            "settle columns = { lon = ..., lat = ... } the other way round"
        )
    for easting, northing, also in ((x, y, ""), (y, x, ", and x and y exchanged")):
        zone = int(easting[0] // 1e6)
        if 13 <= zone <= 45 and 1e6 < northing[0] < 6e6:
            degree = 3 if zone >= 25 else 6
            return (
                f"x {x[0]:.0f}, y {y[0]:.0f} are metres, not degrees{also}: they look like zone {zone}; "
                f'write crs = "CGCS2000 / {degree}-degree Gauss-Kruger zone {zone}"'
            )
    return f"x {x[0]:.8g}, y {y[0]:.8g} are no degrees; if they are metres, write {CRS_CHOICES}"


def _why_not_metres(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> str:
    name, found = _name(crs), f"x {x[0]:.8g}, y {y[0]:.8g}"
    if ((np.abs(x) <= 180) & (np.abs(y) <= 180)).all():
        return f"{found} are degrees, but {name} is in metres; write {CRS_CHOICES}"
    if _fits_projected(y, x, crs).all():
        return f"{found}: x and y look exchanged (survey tables often call the northing X); settle columns"
    if (other := _other_prefix(crs)) is not None and _fits_projected(x, y, other).all():
        return f'{found} do not fit {name}, but fit {_name(other)}; write crs = "{other.to_string()}"'
    return f"{found} lie far outside the area of {name}; is it another zone?"


def _fits_projected(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Whether points fall within 6 degrees of the CRS's area of use, or of its central meridian."""
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    area = crs.area_of_use
    if area is not None:
        west, south, east, north = area.west, area.south, area.east, area.north
        if west > east:
            return np.asarray(np.isfinite(lon))
    else:
        meridian = _central_meridian(crs)
        if meridian is None:
            return np.asarray(np.isfinite(lon))
        west, south, east, north = meridian - 1.5, -90.0, meridian + 1.5, 90.0
    # Maps run over the edge of their zone; a wrong hemisphere or a missing zone prefix is far outside.
    return np.asarray((lon >= west - 6) & (lon <= east + 6) & (lat >= south - 6) & (lat <= north + 6))


def _in_china(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _other_prefix(crs: CRS) -> CRS | None:
    """The same Gauss-Kruger zone with the zone number before the easting, or without it."""
    code = crs.to_epsg()
    for families in _FIRST_ZONE.values():
        for degree, (with_zone, without) in families.items():
            n_zones = 21 if degree == 3 else 11
            for first, other in ((with_zone, without), (without, with_zone)):
                if code is not None and first <= code < first + n_zones:
                    return CRS.from_epsg(other + code - first)
    return None


def _central_meridian(crs: CRS) -> float | None:
    operation = crs.coordinate_operation
    for parameter in operation.params if operation is not None else ():
        if parameter.name == "Longitude of natural origin":
            return float(parameter.value)
    return None


def _utm(zone: int, half: str, text: str) -> CRS:
    if not 1 <= zone <= 60 or not half:
        raise CrsError(f'{text!r} is no UTM zone; write for example "UTM 51N" (zones 1-60, N or S)')
    return CRS.from_epsg((32600 if half == "n" else 32700) + zone)


def _chinese(datum: str, rest: str, text: str) -> CRS:
    """Find zone, central meridian or neither in what stands beside the name of a Chinese datum."""
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
            raise CrsError(f"{text!r}: {degree}-degree zones of China are {low}-{high}")
        return CRS.from_epsg(first + int(zone[1]) - low)
    if has_degree or re.search(r"gauss|kr[uü]ger|高斯|投影|gk", rest):
        raise CrsError(f'{text!r} does not say which zone; write "{datum} zone 40" or "{datum} 中央经线 120"')
    if re.sub(r"[\s/_().\-,]|坐标系?|大地|地理|degrees|geographic", "", rest):
        raise CrsError(f"{text!r} is not understood; write {CRS_CHOICES}")
    return CRS.from_epsg(_GEOGRAPHIC[datum])


def _by_meridian(datum: str, meridian: float, text: str) -> CRS:
    if not 72 <= meridian <= 138:
        raise CrsError(f"{text!r}: central meridian {meridian:g} is outside China")
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


def _from_proj(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except ProjError as error:
        raise CrsError(f"coordinate system {text!r} is not known; write {CRS_CHOICES}") from error


def _name(crs: Any) -> str:
    if crs is None:
        return "unknown"
    code = crs.to_epsg()
    return f"EPSG:{code} ({crs.name})" if code else str(crs.name)
