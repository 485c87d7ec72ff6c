"""Water that an OpenStreetMap file holds and a study does not heed: ground and people that it concerns."""

from __future__ import annotations

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


def tell_water(study: Study, inputs: Inputs, covered: Coverage) -> tuple[Message, ...]:
    """Say how much water near roads counts as ground, and whose way to the road goes across it.

    Nothing is clipped without the planner's word: what she names as land or barriers comes first.
    """
    network, water = inputs.network, inputs.water
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
    snaps, lines = covered.demand_snaps, covered.network.lines
    crosses = np.zeros(len(snaps), dtype=bool)
    placed = np.flatnonzero(snaps["is_snapped"])
    edge, fraction = snaps["edge"].to_numpy()[placed], snaps["fraction"].to_numpy()[placed]
    at = covered.table.geometry.to_numpy()[placed]
    ways = shapely.shortest_line(at, shapely.line_interpolate_point(lines[edge], fraction, normalized=True))
    shapely.prepare(water)
    crosses[placed] = shapely.intersects(water, ways) & ~shapely.touches(water, ways)
    return crosses
