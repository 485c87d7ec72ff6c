"""Water that a study does not heed: of the roads' OpenStreetMap file, or between parts of its land."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.inputs import Inputs
from geo.study.settings import Study

__all__ = ["tell_water"]

MOST_SPOTS = 10_000
"""Water is measured at about so many spots."""
SHORE_M = 20.0
"""A way that is off the land for no more than this may be so by how coarsely the shore is drawn."""


def tell_water(study: Study, inputs: Inputs, covered: Coverage) -> tuple[Message, ...]:
    """Say how much water near roads counts as ground, and whose way to the road goes across it.

    Nothing is clipped without the planner's word: what she names as land or barriers comes first.
    """
    network, water = inputs.network, inputs.water
    if inputs.land is not None and inputs.barriers is None:
        return tuple(_tell_leaving(inputs, covered))
    if water is None or not len(water):
        return ()
    file = study.file(study.roads.path).name
    is_unclear = water["kind"] == "unclear"
    unclear: tuple[Message, ...] = ()
    if is_unclear.any():
        km2 = float(water.geometry[is_unclear].area.sum()) / 1e6
        unclear = (Message("study.coast_unclear", {"file": file, "km2": km2}),)
    water = water[~is_unclear]
    if not len(water):
        return unclear
    shape = shapely.union_all(shapely.make_valid(water.geometry.to_numpy()))
    km2 = _near_roads_km2(shape, network, study.snap.max_m)
    across = _crosses(covered, shape)
    people = covered.table["people"].to_numpy(dtype=float)
    values = {
        "file": file,
        "km2": shape.area / 1e6,
        "near_km2": km2,
        "max_m": study.snap.max_m,
        "n": int(across.sum()),
        "people": float(people[across].sum()),
    }
    return (*unclear, Message("study.water_unheeded", values))


def _tell_leaving(inputs: Inputs, covered: Coverage) -> Iterator[Message]:
    """Note the people whose straight way to their road leaves the land and comes back: to another island."""
    assert inputs.land is not None
    land = shapely.union_all(shapely.make_valid(inputs.land.geometry.to_numpy()))
    placed, ways = _ways(covered)
    shapely.prepare(land)
    ends = shapely.get_point(ways, [[0], [-1]])
    is_between = shapely.intersects(land, ends).all(axis=0) & ~shapely.covers(land, ways)
    off_m = np.zeros(len(ways))
    off_m[is_between] = shapely.length(shapely.difference(ways[is_between], land))
    is_off = off_m > SHORE_M
    if is_off.any():
        people = covered.table["people"].to_numpy(dtype=float)[placed[is_off]]
        values = {"n": int(is_off.sum()), "people": float(people.sum()), "most_m": float(off_m.max())}
        yield Message("study.way_off_land", values)


def _near_roads_km2(water: shapely.Geometry, network: RoadNetwork, reach_m: float) -> float:
    """Measure the water within reach of a road, at the middles of equal squares."""
    if not water.area:
        return 0.0
    side = max(20.0, float(np.sqrt(water.area / MOST_SPOTS)))
    spots = []
    for part in shapely.get_parts(water):
        west, south, east, north = part.bounds
        x, y = np.meshgrid(np.arange(west, east, side) + side / 2, np.arange(south, north, side) + side / 2)
        shapely.prepare(part)
        inside = shapely.contains_xy(part, x, y)
        spots.append(np.column_stack([x[inside], y[inside]]))
    xy = np.concatenate(spots)
    if not len(xy):
        return 0.0
    at, _ = network.entry_roads.tree.query_nearest(
        shapely.points(xy), max_distance=reach_m, all_matches=False
    )
    return float(water.area / 1e6 * len(at) / len(xy))


def _crosses(covered: Coverage, water: shapely.Geometry) -> NDArray[np.bool_]:
    """Mark the points of people whose straight way to their road goes across water."""
    placed, ways = _ways(covered)
    crosses = np.zeros(len(covered.demand_snaps), dtype=bool)
    shapely.prepare(water)
    met = np.flatnonzero(shapely.intersects(water, ways))
    crosses[placed[met]] = ~shapely.touches(water, ways[met])  # many times slower than whether they meet
    return crosses


def _ways(covered: Coverage) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Give the rows of people that have a road, and the straight way of each to it."""
    snaps, lines = covered.demand_snaps, covered.network.lines
    placed = np.flatnonzero(snaps["is_snapped"])
    edge, fraction = snaps["edge"].to_numpy()[placed], snaps["fraction"].to_numpy()[placed]
    at = covered.table.geometry.to_numpy()[placed]
    return placed, shapely.shortest_line(
        at, shapely.line_interpolate_point(lines[edge], fraction, normalized=True)
    )
