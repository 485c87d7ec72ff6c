"""JSON told apart by what it holds: GeoJSON (also by lines), TopoJSON, Esri, Overpass, places."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from geo import file_limits
from geo.errors import FileError, GeoError, InputError
from geo.layers._encodings import decode_text
from geo.layers._formats.asked import Asked
from geo.layers._formats.domains import with_words
from geo.layers._formats.gdal import choose_layer, damaged, read_features
from geo.layers._formats.overpass import read_overpass
from geo.layers._formats.places import find_places, read_places
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS, require_number, require_size

__all__ = ["read_json", "read_json_lines"]

_UNLIKE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, GEOSException)
"""What comes of parts that are not as their form has them: a text for a number, a number for a list."""
_GEOJSON_TYPES: Final = frozenset(
    ("FeatureCollection", "Feature", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString")
) | {"MultiPolygon", "GeometryCollection"}
_LIMIT: Final = "exceededTransferLimit"
"""What ArcGIS Server says of an answer that it cut off."""
_HIDDEN: Final = re.compile(r"\\u00(?:63|72|73)")
"""Letters of ``crs`` that are written by their numbers."""


def read_json(path: Path, asked: Asked) -> RawLayer:
    """Read a JSON file of any kind that is known.

    Raises
    ------
    FileError
        It is no whole JSON, or of no known kind.
    """
    text, encoding = _text(path, asked)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(Message("layers.json_cut", {"file": path.name, "why": error})) from error
    try:
        raw = _read_content(content, text, path.name, asked)
    except GeoError:
        raise
    except _UNLIKE as error:
        raise damaged(path.name, error) from error
    return dataclasses.replace(raw, encoding=encoding)


def _text(path: Path, asked: Asked) -> tuple[str, str]:
    """Give the text and its encoding, in which no sign < is left: GDAL would look for XML behind it.

    In JSON the sign stands in texts alone, where it may be written by its number as well.
    """
    require_size(path, file_limits.MOST_TEXT_BYTES)
    text, encoding = decode_text(path.read_bytes(), encoding=asked.encoding, what=path.name)
    require_number(path.name, text.count(",") + text.count("["), "values", file_limits.MOST_JSON_VALUES)
    return text.replace("<", "\\u003c"), encoding


def _read_content(content: Any, text: str, what: str, asked: Asked) -> RawLayer:
    if isinstance(content, Mapping):
        if content.get("type") == "Topology":
            return _read_topology(text, what, asked)
        if "features" in content and ("geometryType" in content or "spatialReference" in content):
            return _read_esri(content, text, what)
        if isinstance(content.get("elements"), list):
            return read_overpass(content, what)
        if content.get("type") in _GEOJSON_TYPES:
            return _read_geojson(content, text, what)
    if (places := find_places(content)) is not None:
        return read_places(places, what)
    raise FileError(Message("layers.json_unknown", {"file": what}))


def _read_geojson(content: Mapping[str, Any], text: str, what: str) -> RawLayer:
    if content.get("type") == "FeatureCollection" and not content.get("features"):
        return RawLayer(gpd.GeoDataFrame(geometry=[]), "GeoJSON")
    referring = _referring(content, is_deep=_states_systems_below(content, text))
    if referring:
        content = _without_systems(content, {id(piece) for piece in referring})
        text = _written(content)
    text, is_cut = _without_limit(content, text)
    frame = read_features(text.encode(), what, VECTOR_DRIVERS[".geojson"])
    notes = (_server_cut(frame),) if is_cut else ()
    stated = next((piece["crs"] for piece in referring), None) or content.get("crs")
    if stated:
        unknown = _unknown_crs(stated)
        return RawLayer(frame, "GeoJSON", crs=None if unknown else frame.crs, crs_said=unknown, notes=notes)
    return RawLayer(frame.set_crs(None, allow_override=True), "GeoJSON", notes=notes)


def _without_limit(content: Mapping[str, Any], text: str) -> tuple[str, bool]:
    """Take out the word of a server that it cut its answer off: GDAL would ask a server for the rest.

    Returns
    -------
    (str, bool)
        The text, and whether the answer was cut off.
    """
    parts: list[Any] = [content, content.get("properties")]
    said = [part[_LIMIT] for part in parts if _has_limit(part)]
    if not said:
        return text, False
    plain = {name: _unlimited(part) if name == "properties" else part for name, part in content.items()}
    return _written(_unlimited(plain)), any(said)


def _has_limit(part: Any) -> bool:
    return isinstance(part, Mapping) and _LIMIT in part


def _unlimited(part: Any) -> Any:
    return {name: value for name, value in part.items() if name != _LIMIT} if _has_limit(part) else part


def _server_cut(frame: pd.DataFrame) -> Message:
    return Message("layers.server_cut", {"n": len(frame)})


def _states_systems_below(content: Mapping[str, Any], text: str) -> bool:
    """Say whether parts of a file may state systems of their own, without going through them all."""
    return text.count('"crs"') > ("crs" in content) or _HIDDEN.search(text) is not None


def _referring(content: Any, *, is_deep: bool = True) -> list[Mapping[str, Any]]:
    """Find the objects whose system is no name but an address, which GDAL would ask."""
    if not isinstance(content, Mapping):
        return []
    parts = [*_entries(content, "features"), *_entries(content, "geometries"), content.get("geometry")]
    below = [piece for part in parts for piece in _referring(part)] if is_deep else []
    return [content, *below] if content.get("crs") and not _is_name(content["crs"]) else below


def _entries(content: Mapping[str, Any], name: str) -> list[Any]:
    return content[name] if isinstance(content.get(name), list) else []


def _is_name(stated: Any) -> bool:
    name = (stated.get("properties") or {}).get("name") if isinstance(stated, Mapping) else None
    is_address = re.match(r"https?://(?!(www\.)?opengis\.net/def/crs/)", str(name), re.IGNORECASE)
    return isinstance(name, str) and stated.get("type") == "name" and not is_address


def _without_systems(content: Any, those: set[int]) -> Any:
    if isinstance(content, list):
        return [_without_systems(entry, those) for entry in content]
    if not isinstance(content, Mapping):
        return content
    return {
        name: _without_systems(value, those) if name in ("features", "geometry", "geometries") else value
        for name, value in content.items()
        if name != "crs" or id(content) not in those
    }


def _unknown_crs(stated: Any) -> str:
    """Give the system that a GeoJSON names where it is no known one: GDAL takes such a name for WGS 84."""
    of_stated = (stated.get("properties") or {}) if isinstance(stated, Mapping) else {}
    name = of_stated.get("name") or of_stated.get("href") or of_stated.get("url")
    try:
        CRS.from_user_input(name)
    except CRSError:
        return str(name)
    return ""


def read_json_lines(path: Path, asked: Asked) -> RawLayer:
    """Read GeoJSON features, one a line, also with the record marks of RFC 8142.

    Raises
    ------
    FileError
        A line is no JSON.
    """
    text, encoding = _text(path, asked)
    features, number = [], 0
    for line in text.replace("\x1e", "\n").splitlines():
        plain = line.strip().lstrip("\ufeff")
        if not plain:
            continue
        number += 1
        try:
            feature = json.loads(plain)
        except (ValueError, RecursionError) as error:
            raise FileError(
                Message("layers.line_no_json", {"file": path.name, "row": number, "why": error})
            ) from error
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            features.append(feature)
        elif isinstance(feature, dict) and "coordinates" in feature:
            features.append({"type": "Feature", "properties": {}, "geometry": feature})
        else:
            features.append({"type": "Feature", "properties": {}, "geometry": None})
    content = {"type": "FeatureCollection", "features": features}
    raw = _read_geojson(content, _written(content), path.name)
    return dataclasses.replace(raw, format="GeoJSON lines", encoding=encoding)


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def _read_topology(text: str, what: str, asked: Asked) -> RawLayer:
    source = text.encode()
    place, _, notes = choose_layer(source, asked.layer, what)
    frame = read_features(source, what, VECTOR_DRIVERS[".topojson"], layer=place)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(Message("layers.no_rows", {"file": what}))
    return RawLayer(frame.set_crs(None, allow_override=True), "TopoJSON", notes=tuple(notes))


def _read_esri(content: Mapping[str, Any], text: str, what: str) -> RawLayer:
    if not content.get("features"):
        return RawLayer(gpd.GeoDataFrame(geometry=[]), "Esri JSON")
    text, is_cut = _without_limit(content, text)
    frame = read_features(text.encode(), what, VECTOR_DRIVERS[".esrijson"])
    words = {
        field["name"]: {str(pair["code"]): str(pair["name"]) for pair in domain["codedValues"]}
        for field in content.get("fields") or ()
        if isinstance(domain := field.get("domain"), Mapping) and domain.get("codedValues")
    }
    frame, notes = with_words(frame, words)
    if is_cut:
        notes = [*notes, _server_cut(frame)]
    crs = getattr(frame, "crs", None)
    return RawLayer(
        pd.DataFrame(frame) if crs is None and "geometry" not in frame else frame,
        "Esri JSON",
        crs=crs,
        notes=tuple(notes),
    )
