"""The roads that a scenario changes: closed, slower or faster, and those besides a speed of all."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from geo.network import RoadNetwork, scale_speeds
from geo.study.settings import ScenarioSpec
from geo.times import UNREACHED_MS

__all__ = ["changed_roads", "own_roads"]


def own_roads(
    before: RoadNetwork, after: RoadNetwork, scenario: ScenarioSpec | None
) -> gpd.GeoDataFrame | None:
    """Give the roads that change besides the speed that a scenario sets for all, None where it sets none."""
    factor = None if scenario is None else scenario.speed_factor
    return None if factor is None else changed_roads(scale_speeds(before, factor), after)


def changed_roads(before: RoadNetwork, after: RoadNetwork) -> gpd.GeoDataFrame:
    """Give the edges that are closed, slower or faster than before, with ``change``."""
    is_other = (before.edge_ms != after.edge_ms) | (before.edge_back_ms != after.edge_back_ms)
    is_shut = np.minimum(after.edge_ms, after.edge_back_ms) >= UNREACHED_MS
    rows = before.edges[["name", "highway", "length", "geometry"]][is_other].rename(
        columns={"length": "length_m"}
    )
    open_ms = [
        np.where(ms < UNREACHED_MS, ms, 0).astype(np.int64)
        for ms in (before.edge_ms, before.edge_back_ms, after.edge_ms, after.edge_back_ms)
    ]
    is_faster = open_ms[2] + open_ms[3] < open_ms[0] + open_ms[1]
    change = np.select([is_shut, is_faster], ["closed", "faster"], default="slower")
    return rows.assign(change=change[is_other])
