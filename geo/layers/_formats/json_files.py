"""JSON told apart by what it holds: GeoJSON (also by lines), TopoJSON, Esri, Overpass, places."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from geo.errors import FileError, GeoError, InputError
from geo.layers._encodings import decode_text
from geo.layers._formats.asked import Asked
from geo.layers._formats.domains import with_words
from geo.layers._formats.gdal import choose_layer, damaged, read_features
from geo.layers._formats.overpass import read_overpass
from geo.layers._formats.places import find_places, read_places
from geo.layers.report import RawLayer
from geo.messages import Message

__all__ = ["read_json", "read_json_lines"]

_MOST_PLACES: Final = 1_000_000
_UNLIKE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, GEOSException)
"""What comes of parts that are not as their form has them: a text for a number, a number for a list."""


def read_json(path: Path, asked: Asked) -> RawLayer:
    """Read a JSON file of any kind that is known.

    Raises
    ------
    FileError
        It is no whole JSON, or of no known kind.
    """
    text, encoding = decode_text(path.read_bytes(), encoding=asked.encoding, what=path.name)
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


def _read_content(content: Any, text: str, what: str, asked: Asked) -> RawLayer:
    if isinstance(content, Mapping):
        if content.get("type") == "Topology":
            return _read_topology(text, what, asked)
        if "features" in content and ("geometryType" in content or "spatialReference" in content):
            return _read_esri(content, text, what)
        if isinstance(content.get("elements"), list):
            return read_overpass(content, what)
        if "type" in content and ("features" in content or "geometry" in content or "coordinates" in content):
            return _read_geojson(content, text, what)
        if content.get("type") == "GeometryCollection":
            return _read_geojson(content, text, what)
    if (places := find_places(content)) is not None:
        return read_places(places, what)
    raise FileError(Message("layers.json_unknown", {"file": what}))


def _read_geojson(content: Mapping[str, Any], text: str, what: str) -> RawLayer:
    if content.get("type") == "FeatureCollection" and not content.get("features"):
        return RawLayer(gpd.GeoDataFrame(geometry=[]), "GeoJSON")
    frame = read_features(text.encode(), what, ("GeoJSON",))
    if content.get("crs"):
        unknown = _unknown_crs(content["crs"])
        return RawLayer(frame, "GeoJSON", crs=None if unknown else frame.crs, crs_said=unknown)
    return RawLayer(frame.set_crs(None, allow_override=True), "GeoJSON")


def _unknown_crs(stated: Any) -> str:
    """Give the system that a GeoJSON names where it is no known one: GDAL takes such a name for WGS 84."""
    name = (stated.get("properties") or {}).get("name") if isinstance(stated, Mapping) else None
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
    text, encoding = decode_text(path.read_bytes(), encoding=asked.encoding, what=path.name)
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
                Message("layers.line_no_json", {"file": path.name, "row": number, "why": str(error)})
            ) from error
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            features.append(feature)
        elif isinstance(feature, dict) and "coordinates" in feature:
            features.append({"type": "Feature", "properties": {}, "geometry": feature})
        else:
            features.append({"type": "Feature", "properties": {}, "geometry": None})
    content = {"type": "FeatureCollection", "features": features}
    raw = _read_geojson(content, json.dumps(content, ensure_ascii=False), path.name)
    return dataclasses.replace(raw, format="GeoJSON lines", encoding=encoding)


def _read_topology(text: str, what: str, asked: Asked) -> RawLayer:
    source = text.encode()
    place, notes = choose_layer(source, asked.layer, what)
    frame = read_features(source, what, ("TopoJSON",), layer=place)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(Message("layers.no_rows", {"file": what}))
    return RawLayer(frame.set_crs(None, allow_override=True), "TopoJSON", notes=tuple(notes))


def _read_esri(content: Mapping[str, Any], text: str, what: str) -> RawLayer:
    if not content.get("features"):
        return RawLayer(gpd.GeoDataFrame(geometry=[]), "Esri JSON")
    frame = read_features(text.encode(), what, ("ESRIJSON",))
    words = {
        field["name"]: {str(pair["code"]): str(pair["name"]) for pair in domain["codedValues"]}
        for field in content.get("fields") or ()
        if isinstance(domain := field.get("domain"), Mapping) and domain.get("codedValues")
    }
    frame, notes = with_words(frame, words)
    if content.get("exceededTransferLimit"):
        notes = [*notes, Message("layers.server_cut", {"n": len(frame)})]
    crs = getattr(frame, "crs", None)
    return RawLayer(
        pd.DataFrame(frame) if crs is None and "geometry" not in frame else frame,
        "Esri JSON",
        crs=crs,
        notes=tuple(notes),
    )
