"""Ground that is shifted against the roads: areas that leave out road ends, places beyond all roads.

On a regular grid of roads the distances say nothing, but the edge of the grid does: of a district that is
read in the wrong datum two sides lie beyond the roads, and two have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import transform_xy
from geo.network import RoadNetwork
from geo.study.inputs.other_datums import DEGREES, FEWEST, Shift, other_shifts, read_otherwise, readings_of

__all__ = ["can_judge_zones", "find_ground_shift", "find_zone_shift", "places_of"]

_XY = NDArray[np.float64]
_ENDS: Final = 4000
_LEAST_OUTSIDE: Final = 1.0
_MOST_OUTSIDE: Final = 40.0
"""Per cent of road ends outside the zones: fewer are none, more are of a larger network."""
_ZONE_CHANCE: Final = 0.25
_RATIO: Final = 5.0
"""The other reading must leave out so many times less."""
_MOST_POINTS: Final = 2000
_LEAST_BEYOND: Final = 4
_SHARE_BEYOND: Final = 0.04
"""So many places, and this share of them, must lie beyond the roads."""
_GROUND_CHANCE: Final = 0.2
"""Of 336 real layers, 8 points or more each, none raises it in the right datum, and 64 do in GCJ-02."""
_BESIDE_M: Final = 50.0
"""A place so near to the outmost roads is not beyond them."""


def find_zone_shift(zones: gpd.GeoDataFrame, network: RoadNetwork, *, read_as: str = "") -> Shift | None:
    """Say whether zones would hold the roads of their district if they were in another Chinese datum.

    Zones that cover a district hold nearly all ends of its roads; shifted by some 500 m they leave out those
    along two sides. Told where some ends lie outside as read, a fifth of that or less under the other
    reading, and no more than a quarter of the shifts of the same size in other directions do as well.

    Parameters
    ----------
    zones : GeoDataFrame
        Polygons in the network's CRS.
    network : RoadNetwork
        The roads.
    read_as : str
        ``"GCJ-02"`` or ``"BD-09"`` where the zones were read as such.

    Returns
    -------
    Shift or None
        Its ``off_m`` and ``then_m`` are the shares of road ends outside, in per cent.
    """
    ends, ground = _some_ends(network), shapely.union_all(zones.geometry.to_numpy())
    if ground.is_empty or len(ends) < FEWEST:
        return None
    outside = _outside(ground)
    off = outside(ends)
    if not _LEAST_OUTSIDE <= off <= _MOST_OUTSIDE:
        return None
    moves = _moves(ground, network, read_as)
    then = {reading: outside(ends - move) for reading, move in moves.items()}
    best = min(then, key=then.__getitem__)
    if np.hypot(*moves[best]) < 1.0 or then[best] * _RATIO > off:
        return None
    chance = _chance(outside, ends, moves[best], then[best])
    return Shift(best, off, then[best], len(ends), chance, by="zones") if chance <= _ZONE_CHANCE else None


def can_judge_zones(zones: gpd.GeoDataFrame, network: RoadNetwork, *, read_as: str = "") -> bool:
    """Say whether zones hold the roads so closely that another datum would leave some ends out.

    Borders that end in the sea, or a district whose roads go on beyond it, fit whatever the datum: no alarm
    of :func:`find_zone_shift` is no proof there. Parameters are those of it.
    """
    ends, ground = _some_ends(network), shapely.union_all(zones.geometry.to_numpy())
    if ground.is_empty or len(ends) < FEWEST:
        return False
    outside = _outside(ground)
    move = max(_moves(ground, network, read_as).values(), key=lambda by: float(np.hypot(*by)))
    others = np.array([outside(ends - shift) for shift in other_shifts(move)])
    return bool(np.mean(others < outside(ends) + _LEAST_OUTSIDE) <= _ZONE_CHANCE)


def _some_ends(network: RoadNetwork) -> _XY:
    picked: _XY = network.node_xy[np.unique(np.linspace(0, len(network.node_xy) - 1, _ENDS).astype(int))]
    return picked


def _outside(ground: shapely.Geometry) -> Callable[[_XY], float]:
    """Give what counts the ends outside some ground, in per cent."""
    shapely.prepare(ground)
    return lambda xy: float(100 * (1 - shapely.contains_xy(ground, xy).mean()))


def _moves(ground: shapely.Geometry, network: RoadNetwork, read_as: str) -> dict[str, _XY]:
    """Give how far each other reading moves some ground, metres east and north."""
    middle = shapely.get_coordinates(shapely.centroid(ground))
    lonlat = transform_xy(middle, network.crs, DEGREES)
    return {
        reading: transform_xy(np.column_stack(turned), DEGREES, network.crs)[0] - middle[0]
        for reading, turned in readings_of(lonlat, read_as).items()
    }


def find_ground_shift(xy: _XY, network: RoadNetwork, *, read_as: str = "") -> Shift | None:
    """Say whether places would lie on the ground that the roads cover if they were in another Chinese datum.

    Told where at least four of them, and one in 25, lie more than 50 m beyond all roads as read, a fifth of
    that or less under the other reading, and no more than a fifth of the shifts of the same size in other
    directions do as well: a network that covers more than the places, or less on all sides, says nothing.

    Parameters
    ----------
    xy : float array, shape (N, 2)
        Places as read, in the network's CRS.
    network : RoadNetwork
        The roads.
    read_as : str
        ``"GCJ-02"`` or ``"BD-09"`` where the places were read as such.

    Returns
    -------
    Shift or None
        Its ``off_m`` and ``then_m`` are numbers of places beyond the roads.
    """
    if len(xy) < FEWEST or not len(network.node_xy):
        return None
    xy = xy[np.unique(np.linspace(0, len(xy) - 1, _MOST_POINTS).astype(int))]
    ground = network.hull.buffer(_BESIDE_M)
    shapely.prepare(ground)

    def beyond(places: _XY) -> float:
        return float(len(places) - np.count_nonzero(shapely.contains_xy(ground, places)))

    off = beyond(xy)
    if off < max(_LEAST_BEYOND, _SHARE_BEYOND * len(xy)):
        return None
    moved = read_otherwise(xy, network.crs, read_as)
    best = _least(moved, beyond)
    size, then = np.median(moved[best] - xy, axis=0), beyond(moved[best])
    if np.hypot(*size) < 1.0 or then * _RATIO > off:
        return None
    chance = _chance(beyond, xy, -size, then)
    return Shift(best, off, then, len(xy), chance, by="ground") if chance <= _GROUND_CHANCE else None


def places_of(layer: gpd.GeoDataFrame) -> _XY:
    """Give a place on each shape of a layer, shape (N, 2); rows without one have none."""
    shapes = layer.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(shapes)))


def _least(moved: Mapping[str, _XY], count: Callable[[_XY], float]) -> str:
    numbers = {reading: count(places) for reading, places in moved.items()}
    return min(numbers, key=numbers.__getitem__)


def _chance(count: Callable[[_XY], float], xy: _XY, move: _XY, then: float) -> float:
    """Give the share of moves in other directions that leave out as little as the one that is told."""
    return float(np.mean([count(xy - shift) <= then + 1e-9 for shift in other_shifts(move)]))
