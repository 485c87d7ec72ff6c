"""Coordinates that lie systematically beside the roads: GCJ-02 or BD-09 taken for WGS 84, or the reverse.

Places of people and facilities stand at roads. Read in the wrong one of the Chinese datums they stand 300 to
700 m beside them, and another reading brings all of them back at once. On a regular grid of roads nearly any
shift brings points that stand in the middle of their blocks nearer to a road, so that alone proves nothing.
A reading is only told where

- the points, as read, are far from the roads, and several times nearer under the other reading,
- hardly any shift of about the same size in another direction does as well (at most ``CHANCE`` of them), and
- the points are no lattice themselves: cells of a grid, or middles of equal blocks, are one observation.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import parse_crs
from geo.errors import CrsError
from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.inputs.extents import find_ground_shift, places_of
from geo.study.inputs.log import LayerLog, Unshifted
from geo.study.inputs.mercator import require_mercator
from geo.study.inputs.mixed import MixedRows, find_mixed_rows
from geo.study.inputs.other_datums import (
    FEWEST,
    NEARNESS_M,
    ROADS_IN,
    Shift,
    is_lattice,
    other_shifts,
    read_otherwise,
)

__all__ = [
    "MOST",
    "find_shift",
    "require_datum",
    "stands_as_read",
    "suspect_many",
    "suspect_shift",
    "warn_of_shift",
]

_XY = NDArray[np.float64]
MOST: Final = 400
"""So many points, evenly picked, decide for a layer."""
FEWEST_SUSPECT: Final = 3
"""So few points, as a county has stations, may only be suspected,"""
SUSPECT_RATIO: Final = 4.0
"""and only where the other datum brings even the worst of them so many times nearer,"""
SUSPECT_M: Final = 50.0
"""of which one is farther from the roads than this."""
FEWEST_MANY: Final = 8
"""So many points are compared on the whole:"""
LEAST_GAIN: Final = 0.35
"""the other reading must bring them nearer by a factor of 1.4 in the geometric mean,"""
NEARNESS_SLACK: Final = 0.02
AS_CHANCE: Final = 0.15
"""and at least this share of other shifts must do as well as the reading of the file."""
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
CHANCE: Final = 0.05
"""At most this share of the shifts in other directions may fit as well."""
SURE: Final = 0.01
"""And at most this share where a layer is refused."""
SLACK_M: Final = 2.0
"""A shift that is off by so little fits as well."""
MOST_MIXED: Final = 0.9
"""Where a larger share of rows stands in another system, the layer does."""


def find_shift(points: gpd.GeoDataFrame, network: RoadNetwork, *, read_as: str = "") -> Shift | None:
    """Say whether points would stand much nearer to the roads if they were in another Chinese datum.

    GCJ-02 is 300 to 700 m off WGS 84 in China. Points that stand at their roads do so within some tens of
    metres; shifted ones stand anywhere. Only a clear case is told: at least eight points, a median
    distance of at least 100 m, and a third of it or less under the other reading; or, where roads are close
    together, at least 20 points, 20 m, and a fifth of it or less. See the module for what else must hold.

    Parameters
    ----------
    points : GeoDataFrame
        Points in the network's CRS.
    network : RoadNetwork
        The roads.
    read_as : str
        ``"GCJ-02"`` or ``"BD-09"`` where the points were read as such.

    Returns
    -------
    Shift or None
        The reading that fits best, where one fits clearly better.
    """
    if len(points) < FEWEST:
        return None
    picked = np.unique(np.linspace(0, len(points) - 1, MOST).astype(int))
    xy = shapely.get_coordinates(points.geometry.to_numpy()[picked])
    tree = network.line_tree
    off_m = _median_m(xy, tree)
    is_beside = off_m < SHIFTED_M
    if is_beside and (off_m < BESIDE_M or len(picked) < BESIDE_FEWEST):
        return None
    if is_lattice(xy):
        return None
    best = _best_reading(xy, network, tree, off_m, read_as)
    if best is None or best.then_m * (BESIDE_RATIO if is_beside else RATIO) > off_m:
        return None
    return best if best.chance <= CHANCE else None


def suspect_shift(points: gpd.GeoDataFrame, network: RoadNetwork, *, read_as: str = "") -> Shift | None:
    """Say the same where it is not sure: the planner decides.

    Parameters and result are those of :func:`find_shift`. Of three to nineteen points the median must be 20 m
    from the roads or more, of less than eight the farthest 50 m; a quarter of it or less under the other
    reading, and nearly no shift in another direction may do as well. Eight points or more are also compared
    on the whole, with all their distances (:func:`suspect_many`).
    """
    if len(points) < FEWEST_SUSPECT:
        return None
    picked = np.unique(np.linspace(0, len(points) - 1, MOST).astype(int))
    xy = shapely.get_coordinates(points.geometry.to_numpy()[picked])
    tree = network.line_tree
    few = _suspect_few(xy, network, tree, read_as) if len(xy) < BESIDE_FEWEST else None
    return few or (suspect_many(xy, network, tree, read_as) if len(xy) >= FEWEST_MANY else None)


def _suspect_few(xy: _XY, network: RoadNetwork, tree: shapely.STRtree, read_as: str) -> Shift | None:
    is_few = len(xy) < FEWEST
    off_m = _farthest_m(xy, tree) if is_few else _median_m(xy, tree)
    if off_m < (SUSPECT_M if is_few else BESIDE_M) or is_lattice(xy):
        return None
    best = _best_reading(xy, network, tree, off_m, read_as)
    if best is None or best.then_m * SUSPECT_RATIO > off_m:
        return None
    return best if best.chance <= SURE else None


def suspect_many(xy: _XY, network: RoadNetwork, tree: shapely.STRtree, read_as: str) -> Shift | None:
    """Compare how near points lie to roads on the whole, where places stand back from their roads.

    As read they must lie as points at random do, and hardly any other shift may bring them as near as the
    other reading does, which brings them clearly nearer than most.

    Parameters
    ----------
    xy : float array, shape (N, 2)
        Places as read, in the network's CRS.
    network : RoadNetwork
        The roads.
    tree : STRtree
        Of their lines.
    read_as : str
        As in :func:`find_shift`.
    """
    if is_lattice(xy):
        return None
    moved = read_otherwise(xy, network.crs, read_as)
    then = {reading: _nearness(place, tree) for reading, place in moved.items()}
    reading = min(then, key=then.__getitem__)
    size = np.median(moved[reading] - xy, axis=0)
    if np.hypot(*size) < 1.0 or _nearness(xy, tree) - then[reading] < LEAST_GAIN:
        return None
    others = np.array([_nearness(xy + shift, tree) for shift in other_shifts(size)])
    chance = float(np.mean(others <= then[reading] + NEARNESS_SLACK))
    is_random = np.mean(others <= _nearness(xy, tree)) >= AS_CHANCE
    if not is_random or chance > SURE or np.median(others) - then[reading] < LEAST_GAIN:
        return None
    return Shift(reading, _median_m(xy, tree), _median_m(moved[reading], tree), len(xy), chance)


def stands_as_read(xy: _XY, network: RoadNetwork, tree: shapely.STRtree, read_as: str) -> bool:
    """Whether points lie clearly nearer to roads as read than hardly any shift brings them.

    Parameters are those of :func:`suspect_many`.
    """
    if len(xy) < FEWEST or is_lattice(xy):
        return False
    moved = next(iter(read_otherwise(xy, network.crs, read_as).values()))
    as_read = _nearness(xy, tree)
    shifts = other_shifts(np.median(moved - xy, axis=0))
    others: list[float] = []
    for shift in shifts:
        others.append(_nearness(xy + shift, tree))
        if sum(near <= as_read + NEARNESS_SLACK for near in others) > SURE * len(shifts):
            return False  # whatever the shifts that are left give
    return bool(np.median(others) - as_read >= LEAST_GAIN)


def _nearness(xy: _XY, tree: shapely.STRtree) -> float:
    """Give the mean logarithm of the distances to roads: near ones count most, none outweighs the others."""
    _, distance = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    return float(np.log(distance + NEARNESS_M).mean())


def _best_reading(
    xy: _XY, network: RoadNetwork, tree: shapely.STRtree, off_m: float, read_as: str
) -> Shift | None:
    """Give the reading under which the points are nearest to roads, with its chance."""
    moved = read_otherwise(xy, network.crs, read_as)
    distance_m = _farthest_m if len(xy) < FEWEST else _median_m
    then = {reading: distance_m(place, tree) for reading, place in moved.items()}
    reading = min(then, key=then.__getitem__)
    size = np.median(moved[reading] - xy, axis=0)
    if np.hypot(*size) < 1.0:
        return None  # outside China nothing moves
    if then[reading] * RATIO > off_m:
        return Shift(reading, off_m, then[reading], len(xy), 1.0)
    least = then[reading] + SLACK_M
    others = [distance_m(xy + shift, tree) for shift in other_shifts(size)]
    return Shift(reading, off_m, then[reading], len(xy), float(np.mean(np.array(others) <= least)))


def require_datum(points: gpd.GeoDataFrame, network: RoadNetwork) -> Shift | None:
    """Stop where points whose system nobody declared clearly stand beside the roads because of their datum.

    A less clear case is given back, to be told.

    Raises
    ------
    CrsError
        With the distances, and what to write in the study file.
    """
    shift = find_shift(points, network)
    if shift is None or shift.chance > SURE:
        return shift
    numbers = {"n": shift.n_points, "off_m": shift.off_m, "then_m": shift.then_m}
    if shift.is_of_roads:
        datum = ROADS_IN[shift.reading]
        raise CrsError(Message("study.datum_stop_roads", {**numbers, "datum": datum}))
    raise CrsError(Message("study.datum_stop", {**numbers, "reading": shift.reading}))


def warn_of_shift(
    log: LayerLog, section: str, points: gpd.GeoDataFrame, network: RoadNetwork, *, declared: str | None
) -> None:
    """Tell, or stop, where points stand beside the roads as another datum would put them.

    What the study declares is never refused.

    Raises
    ------
    CrsError
        As :func:`require_datum`, where nothing is declared; as :func:`require_mercator`.
    """
    layer = log.layers.get(section)
    require_mercator(points, network, layer_crs="" if layer is None else layer.report.crs, known=log.known)
    read_as = "" if declared is None else str(parse_shifted(declared))
    mixed = _mixed_rows(log, section, network, read_as)
    shift = find_shift(points, network, read_as=read_as)
    if mixed is not None and (
        shift is None or len(mixed.rows) < MOST_MIXED * (len(mixed.rows) + mixed.n_others)
    ):
        if declared is None:
            raise CrsError(Message("study.mixed_stop", {"why": mixed.told()}))
        log.note(section, mixed.told())
        return
    if declared is None:
        shift = require_datum(points, network)
    shift = shift or suspect_shift(points, network, read_as=read_as)
    shift = shift or find_ground_shift(places_of(points), network, read_as=read_as)
    if shift is not None:
        log.note(section, shift.told())
        log.shifts[section] = (read_as, shift)
    else:
        log.unshifted[section] = Unshifted(points, read_as)


def _mixed_rows(log: LayerLog, section: str, network: RoadNetwork, read_as: str) -> MixedRows | None:
    """Look for rows in another system in the layer of a section, where it has rows with shapes."""
    layer = log.layers.get(section)
    if layer is None or not isinstance(layer.table, gpd.GeoDataFrame):
        return None
    headers = {guess.column: guess.header for guess in layer.report.guesses}
    return find_mixed_rows(layer.to_metric(network.crs), network, read_as=read_as, headers=headers)


def parse_shifted(declared: str) -> str:
    """Give the shifted datum that is declared, or nothing."""
    try:
        system = parse_crs(declared)
    except CrsError:  # one of the study's own
        return ""
    return {"BD-09MC": "BD-09"}.get(system, system) if isinstance(system, str) else ""


def _median_m(xy: _XY, tree: shapely.STRtree) -> float:
    _, distance = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    return float(np.median(distance))


def _farthest_m(xy: _XY, tree: shapely.STRtree) -> float:
    _, distance = tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
    return float(np.max(distance))
