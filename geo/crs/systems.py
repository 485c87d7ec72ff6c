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
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from geo.crs.baidu import bd09mc_to_bd09
from geo.crs.gcj02 import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from geo.crs.polylines import transform_xy
from geo.crs.zones import CRS_CHOICES, DATUMS, epsg_of, other_prefix, read_zone
from geo.errors import CrsError
from geo.messages import Message

__all__ = [
    "ShiftedDatum",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "choose_metric_crs",
    "find_misfits",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "is_in_china",
    "name_system",
    "parse_crs",
    "require_metric",
    "require_same",
    "to_metric",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

ShiftedDatum: TypeAlias = Literal["GCJ-02", "BD-09", "BD-09MC"]

_MOST_PLACES: Final = 5
_OWN: Final = re.compile(r"城市|地方|独立|城建|平面|本地|local|city", re.IGNORECASE)
"""Words of systems of a city's own, whose parameters no registry has."""
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
    CRS or {"GCJ-02", "BD-09", "BD-09MC"}

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
        return "BD-09MC" if re.search(r"mc\b|墨卡托|mercator|平面|米制|（米）|\(米\)", plain) else "BD-09"
    if plain.startswith(("projcrs", "projcs", "geogcrs", "geogcs", "boundcrs", "compoundcrs", "+", "{")):
        return _from_proj(str(text))
    if re.fullmatch(r"wgs[\s-]*(19)?84([\s(].*degrees.*)?", plain):
        return CRS.from_epsg(4326)
    if utm := re.fullmatch(r"(?:wgs[\s-]*84)?[\s/]*utm\s*(?:zone|带)?\s*(\d{1,2})\s*([ns]?)\s*带?", plain):
        return _utm(int(utm[1]), utm[2], str(text))
    for pattern, datum in DATUMS:
        if re.search(pattern, plain):
            return read_zone(datum, re.sub(pattern, " ", plain, count=1), str(text))
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
        raise CrsError(Message("crs.extent_no_degrees", {"extent": bounds_lonlat}))
    if east - west > 12:
        raise CrsError(Message("crs.span_wide", {"span": east - west}))
    lon, lat = (west + east) / 2, (south + north) / 2
    if family == "cgcs2000":
        zone = round(lon / 3)
        if not 25 <= zone <= 45:
            raise CrsError(Message("crs.lon_outside", {"lon": lon}))
        return CRS.from_epsg(4534 + zone - 25)
    if not -80 <= lat <= 84:
        raise CrsError(Message("crs.lat_outside", {"lat": lat}))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def require_metric(frame: gpd.GeoDataFrame, what: str | Message) -> CRS:
    """Give the CRS of a layer if lengths in it are metres.

    Raises
    ------
    CrsError
        No CRS, degrees, feet, or Web Mercator (whose metres are 17 % too long at 31 degrees north).
    """
    crs = frame.crs
    if crs is None:
        raise CrsError(Message("crs.system_unknown", {"what": what, "choices": CRS_CHOICES}))
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise CrsError(Message("crs.not_metres", {"what": what, "system": name_system(crs)}))
    if epsg_of(crs) == 3857:
        raise CrsError(Message("crs.web_mercator", {"what": what}))
    return CRS(crs)


def require_same(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> None:
    """Check that two layers share one CRS.

    Raises
    ------
    CrsError
        They do not; both are named.
    """
    if a.crs is None or b.crs is None or a.crs != b.crs:
        raise CrsError(Message("crs.different", {"a": name_system(a.crs), "b": name_system(b.crs)}))


def to_metric(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Convert a layer to the metric CRS of the study; rows, index and columns stay.

    Raises
    ------
    CrsError
        The layer has no CRS, the target is not metric, or a place cannot be expressed in it.
    """
    if frame.crs is None:
        raise CrsError(Message("crs.layer_unknown", {"choices": CRS_CHOICES}))
    moved = frame.to_crs(crs)
    require_metric(moved, Message("crs.of_study"))
    bounds = moved.geometry.bounds.to_numpy()
    lost = ~np.isfinite(bounds).all(axis=1) & frame.geometry.bounds.notna().all(axis=1).to_numpy()
    if lost.any():
        raise CrsError(
            Message("crs.too_far", {"rows": _name_places(frame[lost]), "system": name_system(crs)})
        )
    return moved


def _name_places(rows: gpd.GeoDataFrame) -> str:
    """Name the first rows with the middle of each: 6 (-1, 0)."""
    corner = rows.geometry.bounds.to_numpy()[:_MOST_PLACES]
    middle = corner[:, :2] / 2 + corner[:, 2:] / 2
    places = [f"{row} ({x:.8g}, {y:.8g})" for row, (x, y) in zip(rows.index, middle, strict=False)]
    return ", ".join(places) + (", ..." if len(rows) > _MOST_PLACES else "")


@np.errstate(over="ignore", invalid="ignore")  # of numbers without end, which are misfits
def find_misfits(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS | ShiftedDatum
) -> tuple[NDArray[np.bool_], Message | None]:
    """Find coordinates that cannot be in the CRS they are said to be in.

    Parameters
    ----------
    x, y : float arrays
        Easting or longitude, northing or latitude; finite.
    crs : CRS or {"GCJ-02", "BD-09", "BD-09MC"}
        The CRS that is declared.

    Returns
    -------
    misfit : bool array
        True where the coordinate is impossible, or lies in China only with its axes exchanged, or is
        far outside the area that the CRS is made for.
    why : Message or None
        What the misfits look like, and what to write instead; None when there are none.
    """
    if isinstance(crs, str) and crs == "BD-09MC":  # a CRS compared with a text is looked up, slowly
        lon, lat = bd09mc_to_bd09(x, y)
        misfit = ((np.abs(x) <= 180) & (np.abs(y) <= 180)) | ~is_in_china(lon, lat)
        return misfit, Message("crs.not_baidu", _place(x[misfit], y[misfit])) if misfit.any() else None
    if isinstance(crs, str) or crs.is_geographic:
        misfit = (np.abs(x) > 180) | (np.abs(y) > 90) | (~is_in_china(x, y) & is_in_china(y, x))
        return misfit, _why_not_degrees(x[misfit], y[misfit]) if misfit.any() else None
    is_degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)
    misfit = is_degrees | ~_fits_projected(x, y, crs)
    return misfit, _why_not_metres(x[misfit], y[misfit], crs) if misfit.any() else None


def _place(x: NDArray[np.float64], y: NDArray[np.float64]) -> dict[str, float]:
    return {"x": float(x[0]), "y": float(y[0])}


def _why_not_degrees(x: NDArray[np.float64], y: NDArray[np.float64]) -> Message:
    place = _place(x, y)
    if ((np.abs(x) <= 90) & (np.abs(y) <= 180)).all():
        return Message("crs.lon_lat_exchanged", place)
    if _is_packed(float(x[0]), float(y[0])):
        return Message("crs.packed", place)
    for easting, northing, key in ((x, y, "metres"), (y, x, "metres_exchanged")):
        zone = easting[0] // 1e6
        if 13 <= zone <= 45 and 1e6 < northing[0] < 6e6:
            return Message(f"crs.{key}", {**place, "zone": int(zone), "degree": 3 if zone >= 25 else 6})
    return Message("crs.no_degrees", {**place, "choices": CRS_CHOICES})


def _is_packed(x: float, y: float) -> bool:
    """Whether two numbers are degrees, minutes and perhaps seconds of a place in China: 12124.5, 1212430."""
    for size in (1e2, 1e4):
        lon, lat = x // size, y // size
        parts = (x % size / (size / 100), y % size / (size / 100))
        if 73 <= lon <= 135 and 3 <= lat <= 54 and max(parts) < 60:
            return True
    return False


def _why_not_metres(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> Message:
    place = {**_place(x, y), "crs": name_system(crs)}
    if ((np.abs(x) <= 180) & (np.abs(y) <= 180)).all():
        return Message("crs.degrees", {**place, "choices": CRS_CHOICES})
    if _fits_projected(y, x, crs).all():
        return Message("crs.x_y_exchanged", place)
    if (other := other_prefix(crs)) is not None and _fits_projected(x, y, other).all():
        return Message("crs.other_prefix", {**place, "other": name_system(other), "code": other.to_string()})
    return Message("crs.far_outside", place)


def _fits_projected(x: NDArray[np.float64], y: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Whether points fall within 6 degrees of the CRS's area of use, or of its central meridian."""
    lon, lat = transform_xy(np.column_stack([x, y]), crs, CRS.from_epsg(4326)).T
    area = crs.area_of_use
    if area is not None:
        west, south, east, north = area.west, area.south, area.east, area.north
        if west > east:
            return np.asarray(np.isfinite(lon))
    else:
        meridian = _zone_meridian(crs)
        if meridian is None:
            return np.asarray(np.isfinite(lon))
        west, south, east, north = meridian - 1.5, -90.0, meridian + 1.5, 90.0
    # Maps run over the edge of their zone; a wrong hemisphere or a missing zone prefix is far outside.
    return np.asarray((lon >= west - 6) & (lon <= east + 6) & (lat >= south - 6) & (lat <= north + 6))


def is_in_china(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which places lie in the rectangle around China."""
    west, south, east, north = _CHINA
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _zone_meridian(crs: CRS) -> float | None:
    """Give the central meridian of a zone; Mollweide, Albers and others of wide land are no zones."""
    operation = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    for parameter in operation.params:
        if parameter.name == "Longitude of natural origin":
            return float(parameter.value)
    return None


def _utm(zone: int, half: str, text: str) -> CRS:
    if not 1 <= zone <= 60 or not half:
        raise CrsError(Message("crs.no_utm", {"text": text}))
    return CRS.from_epsg((32600 if half == "n" else 32700) + zone)


def _from_proj(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except ProjError as error:
        if _OWN.search(text):
            raise CrsError(Message("crs.own_unknown", {"name": text})) from error
        raise CrsError(Message("crs.unknown", {"text": text, "choices": CRS_CHOICES})) from error


def name_system(crs: Any) -> str:
    """Name a system with its EPSG code, where it has one."""
    if crs is None:
        return "unknown"
    code = epsg_of(crs)
    return f"EPSG:{code} ({crs.name})" if code else str(crs.name)
