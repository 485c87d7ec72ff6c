"""Coordinates that lie systematically beside the roads: GCJ-02 or BD-09 taken for WGS 84, or the reverse."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import TO_WGS84, transform_xy, wgs84_to_gcj02
from geo.errors import CrsError
from geo.network import RoadNetwork

__all__ = ["Shift", "find_shift", "require_datum", "suspect_shift"]

FEWEST: Final = 8
"""With fewer points a better fit may be chance."""
MOST: Final = 400
"""So many points, evenly picked, decide for a layer."""
FEWEST_SUSPECT: Final = 3
"""So few points, as a county has stations, may only be suspected,"""
SUSPECT_RATIO: Final = 10.0
"""and only where the other datum fits so many times better."""
SHIFTED_M: Final = 100.0
"""Points that stand on their roads are nearer than this on the median."""
RATIO: Final = 3.0
"""The other datum must fit this many times better."""
BESIDE_M: Final = 20.0
"""In a town no place is 100 m from a road; points at the kerb, such as hydrants, are nearer than this."""
BESIDE_RATIO: Final = 5.0
"""So near to roads the other datum must fit this many times better,"""
BESIDE_FEWEST: Final = 20
"""and at least so many points must say so."""
DEGREES: Final = CRS.from_epsg(4326)
READINGS: Final = MappingProxyType({**TO_WGS84, "roads in GCJ-02": wgs84_to_gcj02})
"""What the coordinates may be instead, and how they are then put right."""


@dataclass(frozen=True)
class Shift:
    """A better reading of a layer's coordinates.

    Parameters
    ----------
    reading : str
        ``"GCJ-02"``, ``"BD-09"``, or ``"roads in GCJ-02"`` (the points are right, the roads are not).
    off_m, then_m : float
        Median distance to the nearest road as read, and under the other reading, metres.
    n_points : int
        How many points say so.
    """

    reading: str
    off_m: float
    then_m: float
    n_points: int


def find_shift(points: gpd.GeoDataFrame, network: RoadNetwork) -> Shift | None:
    """Say whether points would stand much nearer to the roads if they were in another Chinese datum.

    GCJ-02 is 300 to 700 m off WGS 84 in China. Points that stand at their roads do so within some tens of
    metres; shifted ones stand anywhere. Only a clear case is told: at least eight points, a median
    distance of at least 100 m, and a third of it or less under the other reading; or, where roads are close
    together, at least 20 points, 20 m, and a fifth of it or less.

    Parameters
    ----------
    points : GeoDataFrame
        Points in the network's CRS.
    network : RoadNetwork
        The roads.

    Returns
    -------
    Shift or None
        The reading that fits best, where one fits clearly better.
    """
    if len(points) < FEWEST:
        return None
    picked = np.unique(np.linspace(0, len(points) - 1, MOST).astype(int))
    xy = shapely.get_coordinates(points.geometry.to_numpy()[picked])
    tree = shapely.STRtree(network.edges.geometry.to_numpy())
    off_m = _median_m(xy, tree)
    is_beside = off_m < SHIFTED_M
    if is_beside and (off_m < BESIDE_M or len(picked) < BESIDE_FEWEST):
        return None
    best = _best_reading(xy, network, tree, off_m)
    return None if best.then_m * (BESIDE_RATIO if is_beside else RATIO) > off_m else best


def suspect_shift(points: gpd.GeoDataFrame, network: RoadNetwork) -> Shift | None:
    """Say the same of three to seven points, too few to be sure: the planner decides.

    Parameters and result are those of :func:`find_shift`; the median distance must be at least 100 m, and a
    tenth of it or less under the other reading.
    """
    if not FEWEST_SUSPECT <= len(points) < FEWEST:
        return None
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    tree = shapely.STRtree(network.edges.geometry.to_numpy())
    off_m = _median_m(xy, tree)
    if off_m < SHIFTED_M:
        return None
    best = _best_reading(xy, network, tree, off_m)
    return None if best.then_m * SUSPECT_RATIO > off_m else best


def _best_reading(
    xy: NDArray[np.float64], network: RoadNetwork, tree: shapely.STRtree, off_m: float
) -> Shift:
    lonlat = transform_xy(xy, network.crs, DEGREES)
    then = {
        reading: _median_m(transform_xy(np.column_stack(turn(*lonlat.T)), DEGREES, network.crs), tree)
        for reading, turn in READINGS.items()
    }
    reading = min(then, key=then.__getitem__)
    return Shift(reading, off_m, then[reading], len(xy))


def require_datum(points: gpd.GeoDataFrame, network: RoadNetwork) -> None:
    """Stop where points clearly stand beside the roads because of their datum.

    Raises
    ------
    CrsError
        With the distances, and what to write in the study file.
    """
    shift = find_shift(points, network)
    if shift is None:
        return
    mend = (
        "convert the roads to WGS 84 first"
        if shift.reading == "roads in GCJ-02"
        else f'write crs = "{shift.reading}" for this layer'
    )
    raise CrsError(
        f"{shift.n_points} points stand {shift.off_m:,.0f} m from the roads on the median, but "
        f"{shift.then_m:,.0f} m when read as {shift.reading}: {mend}"
    )


def _median_m(xy: NDArray[np.float64], tree: shapely.STRtree) -> float:
    _, distance = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    return float(np.median(distance))
