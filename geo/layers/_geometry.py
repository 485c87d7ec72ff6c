"""Geometry made fit for use: missing, mixed and invalid shapes found, repaired or set aside."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from geo.messages import Fault, Message

__all__ = ["GeometryKind", "clean_shapes"]

GeometryKind: TypeAlias = Literal["any", "point", "line", "polygon"]
_TYPES: Final = {"point": (0, 4), "line": (1, 5), "polygon": (3, 6)}
_NAMES: Final = (
    "point",
    "linestring",
    "linearring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
)
"""By the number of shapely."""
_INVALID: Final = {
    "Self-intersection": "crossing",
    "Ring Self-intersection": "ring_crossing",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "nested_holes",
    "Nested shells": "nested_shells",
    "Interior is disconnected": "parted",
    "Duplicate Rings": "ring_twice",
    "Too few points in geometry component": "few_points",
    "Ring is not closed": "open_ring",
}
"""What GEOS says of an invalid polygon -> its key."""


def clean_shapes(
    frame: gpd.GeoDataFrame, kind: GeometryKind
) -> tuple[gpd.GeoDataFrame, list[Fault], list[Message]]:
    """Keep the rows whose geometry can be used.

    A row without geometry, with NaN or infinite coordinates, or of another kind than asked for is a fault and
    is not kept. An invalid polygon is repaired (its area kept) and is a fault too. Heights are left out.

    Returns
    -------
    table : GeoDataFrame
        The rows kept, two-dimensional; points are single points.
    faults : list of Fault
        One for each row set aside or repaired.
    notes : list of Message
        What was done to all rows.
    """
    shapes = frame.geometry.to_numpy().copy()
    more = np.flatnonzero(shapely.get_coordinate_dimension(shapes) > 2)  # few have heights
    has_heights = bool(shapely.has_z(shapes[more]).any())
    shapes[more] = shapely.force_2d(shapes[more])
    types = shapely.get_type_id(shapes)
    single = (types == 4) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    types = shapely.get_type_id(shapes)
    reason = np.full(len(shapes), "", dtype=object)
    allowed = tuple(t for types_ in _TYPES.values() for t in types_) if kind == "any" else _TYPES[kind]
    wrong = ~np.isin(types, allowed) | ((types == 4) & (kind == "point"))
    reason[wrong] = [
        Message(
            "layers.wrong_kind",
            {"found": Message(f"layers.type_{_NAMES[int(t)]}"), "wanted": Message(f"layers.shape_{kind}")},
        )
        for t in types[wrong]
    ]
    bounds = shapely.bounds(shapes)
    # A missing geometry and an empty one have no bounds; a coordinate that is not finite spoils them.
    finite = np.isfinite(shapely.total_bounds(shapes)).all() and np.isfinite(bounds).all()
    if not finite:
        reason[~_all_finite(shapes)] = Message("layers.not_finite")
    reason[shapely.is_missing(shapes) | shapely.is_empty(shapes)] = Message("layers.no_geometry")
    keep = reason == ""
    broken = keep & np.isin(types, _TYPES["polygon"])
    broken[broken] = ~shapely.is_valid(shapes[broken])
    why = shapely.is_valid_reason(shapes[broken])
    shapes[broken] = [_only_polygons(shape) for shape in shapely.make_valid(shapes[broken])]
    reason[broken] = [Message("layers.repaired", {"why": _invalid(text)}) for text in why]
    gone = broken & (shapely.is_missing(shapes) | shapely.is_empty(shapes))
    reason[gone] = Message("layers.no_area")
    keep &= ~gone
    rows = np.flatnonzero(reason != "")
    faults = [Fault(int(frame.index[i]), "geometry", "", reason[i]) for i in rows]
    table = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))[keep]
    if table.geometry.name != "geometry":
        table = table.rename_geometry("geometry")
    return table, faults, [Message("layers.heights_left_out")] if has_heights else []


def _invalid(reason: str) -> Message | str:
    """Give GEOS's reason with its place, ``Self-intersection[1 2]``, as a message where it is a known one."""
    what, _, at = reason.removesuffix("]").partition("[")
    key = _INVALID.get(what)
    return Message(f"layers.invalid_{key}", {"at": at}) if key and at else reason


def _all_finite(shapes: np.ndarray) -> np.ndarray:
    coordinates, place = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[place[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a repaired shape, without the lines and points that a repair may leave."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) if shapely.area(part) > 0]
    polygons = [part for piece in parts for part in shapely.get_parts(piece)]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
