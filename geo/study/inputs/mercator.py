"""Metres of Baidu's maps (BD-09MC) read as Web Mercator, or the reverse: alike, and some 20 km apart.

A county is wider than that, so places read so still lie among roads: they are compared with the roads
themselves, as places in another datum are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import Whereabouts, bd09mc_to_wgs84, transform_xy, wgs84_to_bd09mc
from geo.errors import CrsError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.inputs.extents import places_of
from geo.study.inputs.other_datums import DEGREES, FEWEST, other_shifts

__all__ = ["require_mercator"]

_XY = NDArray[np.float64]
_MERCATOR: Final = CRS.from_epsg(3857)
_WEB: Final = "EPSG:3857"
_BAIDU: Final = "BD-09MC"
_FEWEST: Final = 3
_MOST: Final = 400
_LEAST_OFF_M: Final = 500.0
"""Places nearer than this to the roads (on the median; of less than eight the farthest) are there."""
_RATIO: Final = 4.0
"""The other reading must bring them so many times nearer,"""
_CHANCE: Final = 0.01
"""and at most this share of shifts of about the same size in other directions may do as well."""


def require_mercator(
    points: gpd.GeoDataFrame, network: RoadNetwork, *, layer_crs: str, known: Whereabouts
) -> None:
    """Stop where places, or the roads, were read as Web Mercator and stand together as metres of Baidu.

    Parameters
    ----------
    points : GeoDataFrame
        Places of a layer in the network's CRS.
    network : RoadNetwork
        The roads.
    layer_crs : str
        Name of the system that the layer's file was read in.
    known : Whereabouts
        With that of the roads' file.

    Raises
    ------
    CrsError
        With both distances, and what to write for the layer or in ``[roads]``. The reverse is told too.
    """
    if not any(map(_code_of, (layer_crs, known.roads_crs))):
        return
    xy = places_of(points)
    if len(xy) < _FEWEST:
        return
    xy = xy[np.unique(np.linspace(0, len(xy) - 1, _MOST).astype(int))]
    off_m = _off_m(xy, network)
    if off_m < _LEAST_OFF_M:
        return
    for key, name, code, moved in _readings(xy, network.crs, layer_crs, known.roads_crs):
        then_m = _off_m(moved, network)
        if then_m * _RATIO > off_m:
            continue
        size = np.median(moved - xy, axis=0)
        others = np.array([_off_m(xy + shift, network) for shift in other_shifts(size)])
        if np.mean(others <= then_m) <= _CHANCE:
            values = {"name": name, "km": off_m / 1000, "code": code, "other_km": then_m / 1000}
            raise CrsError(Message(f"crs.{key}", values))


def _readings(xy: _XY, crs: CRS, layer_crs: str, roads_crs: str) -> Iterator[tuple[str, str, str, _XY]]:
    """Give where the places would stand beside the roads if one of the two files were in the other system."""
    degrees = transform_xy(xy, crs, DEGREES)
    from_web = np.column_stack(bd09mc_to_wgs84(*transform_xy(degrees, DEGREES, _MERCATOR).T))
    from_baidu = transform_xy(np.column_stack(wgs84_to_bd09mc(*degrees.T)), _MERCATOR, DEGREES)
    for key, name, as_baidu, as_web in (
        ("mercator_of_baidu", layer_crs, from_web, from_baidu),
        ("mercator_of_roads", roads_crs, from_baidu, from_web),
    ):
        if read_as := _code_of(name):
            code, moved = (_BAIDU, as_baidu) if read_as == _WEB else (_WEB, as_web)
            yield key, name, code, transform_xy(moved, DEGREES, crs)


def _code_of(name: str) -> str:
    """Give the code of one of the two systems, nothing of others."""
    code = name.split(" ")[0]
    return code if code in (_WEB, _BAIDU) else ""


def _off_m(xy: _XY, network: RoadNetwork) -> float:
    """Give the median distance to the nearest road, metres; of less than eight places the largest."""
    _, distance = network.line_tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    return float(np.max(distance) if len(xy) < FEWEST else np.median(distance))
