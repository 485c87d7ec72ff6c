"""What the page draws and that no change moves: roads, people, towns, land and water."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.serve.frames import make_frame
from geo.serve.live_study import LiveStudy

__all__ = ["scene_frame"]

_GREAT: Final = ("motorway", "trunk", "primary")
_MIDDLE: Final = ("secondary", "tertiary")
_TOLERANCE_M: Final = 8.0
"""Shapes of land, water and towns are straightened by no more than this; roads are drawn as they are."""


def scene_frame(live: LiveStudy) -> bytes:
    """Give the frame of a study's map: coordinates are metres east and north of ``origin``."""
    inputs, network = live.inputs, live.inputs.network
    at = shapely.get_coordinates(np.asarray(inputs.demand.geometry.array))
    boxes = np.concatenate([at[np.isfinite(at).all(axis=1)], network.node_xy])
    origin = np.round(boxes.mean(axis=0))
    arrays: dict[str, NDArray[Any]] = {
        "demand_xy": _near(at, origin),
        "people": live.people.people.astype(np.float32),
        "zone": live.people.zone.astype(np.uint16),
        **_roads(network, origin),
        **_shapes("town", inputs.zones, origin),
        **_shapes("land", inputs.land, origin),
        **_shapes("water", inputs.barriers, origin),
    }
    low, high = boxes.min(axis=0) - origin, boxes.max(axis=0) - origin
    towns = inputs.zones
    header = {
        "kind": "scene",
        "origin": origin,
        "bounds": [*low, *high],
        "zones": live.people.zones,
        "towns": [
            [str(name), *(np.array([shape.x, shape.y]) - origin)]
            for name, shape in zip(towns["name"], towns.representative_point(), strict=True)
        ]
        if len(towns)
        else [],
        "attribution": " · ".join(inputs.attributions),
    }
    return make_frame(header, arrays)


def _near(xy: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float32]:
    return (xy - origin).astype(np.float32)


def _roads(network: RoadNetwork, origin: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    rank = [_rank(kind.removesuffix("_link")) for kind in network.classes]
    return {
        "road_xy": _near(network.xy, origin),
        "road_start": network.xy_start.astype(np.uint32),
        "road_rank": np.array(rank, np.uint8)[network.edge_class],
    }


def _rank(kind: str) -> int:
    return 2 if kind in _GREAT else 1 if kind in _MIDDLE else 0


def _shapes(
    name: str, table: gpd.GeoDataFrame | None, origin: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Give the rings of polygons and the runs of lines, one after the other."""
    parts: list[NDArray[np.float64]] = []
    if table is not None and len(table):
        shapes = shapely.simplify(np.asarray(table.geometry.array), _TOLERANCE_M)
        for shape in shapely.get_parts(shapes):
            rings = shapely.get_rings(shape) if shape.geom_type == "Polygon" else [shape]
            parts += [shapely.get_coordinates(ring) for ring in rings if ring.geom_type != "Point"]
    start = np.concatenate([[0], np.cumsum([len(part) for part in parts])]) if parts else np.zeros(1)
    xy = np.concatenate(parts) if parts else np.empty((0, 2))
    return {f"{name}_xy": _near(xy, origin), f"{name}_start": start.astype(np.uint32)}
