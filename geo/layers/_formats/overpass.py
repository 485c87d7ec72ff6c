"""Answers of the Overpass API as they come: nodes, ways and relations with their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import InputError
from geo.layers.report import RawLayer
from geo.messages import Message

__all__ = ["read_overpass"]

_Element: TypeAlias = Mapping[str, Any]
_Place: TypeAlias = tuple[float, float]
_LINES: Final = frozenset({"highway", "railway", "waterway", "barrier", "power", "route"})
"""A closed way with one of these tags is a ring road or a fence, no area."""
_AREAS: Final = frozenset({"multipolygon", "boundary"})


def read_overpass(content: Mapping[str, Any], what: str) -> RawLayer:
    """Make a layer of all elements that have tags: points, lines and areas.

    Ways have their shape from ``out geom``, or from their nodes where those are in the answer
    (``>; out skel;``); else the ``out center`` of an element is its place.

    Raises
    ------
    InputError
        No element has tags and a place.
    """
    elements = _merge(content["elements"])
    nodes = {
        int(element["id"]): (float(element["lon"]), float(element["lat"]))
        for (kind, _), element in elements.items()
        if kind == "node" and "lat" in element
    }
    ways = {number: _way(element, nodes) for (kind, number), element in elements.items() if kind == "way"}
    rows, shapes, n_placeless = [], [], 0
    for (kind, number), element in elements.items():
        if not element.get("tags"):
            continue
        shape = _shape(element, kind, nodes, ways)
        n_placeless += shape is None
        rows.append({"@id": f"{kind}/{number}", **element["tags"]})
        shapes.append(shape)
    if not rows:
        raise InputError(Message("layers.no_tags", {"file": what}))
    notes: list[Message] = [Message("layers.overpass_placeless", {"n": n_placeless})] if n_placeless else []
    if content.get("remark"):
        notes.append(Message("layers.overpass_remark", {"remark": str(content["remark"])[:160]}))
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows).drop(columns="geometry", errors="ignore"), geometry=shapes, crs=4326
    )
    return RawLayer(frame, "Overpass JSON", crs=frame.crs, notes=tuple(notes))


def _merge(elements: Sequence[_Element]) -> dict[tuple[str, int], dict[str, Any]]:
    """Give each element once: a union of queries gives one with its tags and again without."""
    merged: dict[tuple[str, int], dict[str, Any]] = {}
    for element in elements:
        if isinstance(element, Mapping) and "type" in element and "id" in element:
            merged.setdefault((str(element["type"]), int(element["id"])), {}).update(element)
    return merged


def _shape(
    element: _Element, kind: str, nodes: Mapping[int, _Place], ways: Mapping[int, list[_Place]]
) -> shapely.Geometry | None:
    if kind == "node":
        return shapely.Point(nodes[int(element["id"])]) if int(element["id"]) in nodes else None
    tags = element["tags"]
    if kind == "way":
        line = ways[int(element["id"])]
        is_closed = len(line) > 3 and line[0] == line[-1]
        if is_closed and tags.get("area") != "no" and (tags.get("area") == "yes" or not _LINES & set(tags)):
            return shapely.Polygon(line)
        if len(line) > 1:
            return shapely.LineString(line)
    elif tags.get("type") in _AREAS:
        area = _area(element, ways)
        if area is not None:
            return area
    center = element.get("center")
    return shapely.Point(float(center["lon"]), float(center["lat"])) if center else None


def _way(element: _Element, nodes: Mapping[int, _Place]) -> list[_Place]:
    """Give the vertices of a way; none where one is missing: over a gap would be a road that is not there."""
    places = element.get("geometry")
    if places:
        return [(float(place["lon"]), float(place["lat"])) for place in places] if all(places) else []
    line = [nodes.get(int(number)) for number in element.get("nodes") or ()]
    return [place for place in line if place is not None] if None not in line else []


def _area(element: _Element, ways: Mapping[int, list[_Place]]) -> shapely.Geometry | None:
    """Give the area between the outer and inner ways of a relation."""
    rings: dict[bool, list[shapely.LineString]] = {True: [], False: []}
    for member in element.get("members") or ():
        if member.get("type") != "way":
            continue
        line = _way(member, {}) or ways.get(int(member["ref"]), [])
        if len(line) < 2:
            return None
        rings[member.get("role") != "inner"].append(shapely.LineString(line))
    outer, inner = (
        shapely.union_all(shapely.get_parts(shapely.polygonize(rings[side]))) for side in (True, False)
    )
    area = shapely.difference(outer, inner)
    return None if shapely.is_empty(area) else area
