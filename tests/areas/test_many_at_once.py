"""Areas of many stations drawn at once: each as if it were drawn alone, also where walls cross the town."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.areas import Drawing, polygons, service_areas
from geo.network import RoadNetwork
from geo.routing import SnapRules, snap
from tests.towns import METRIC, ORIGIN, places, town


def grid(n: int = 6) -> RoadNetwork:
    """Give streets 300 m apart, eastward quicker than northward."""
    nodes = {k: (300.0 * (k % n), 300.0 * (k // n)) for k in range(n * n)}
    east = [(k, k + 1, 25.0, 25.0) for k in nodes if k % n < n - 1]
    north = [(k, k + n, 40.0, 70.0) for k in nodes if k + n in nodes]
    return town(nodes, east + north)


def stations(n: int) -> gpd.GeoDataFrame:
    xy = np.random.default_rng(5).uniform(0, 1500, (n, 2))
    return places({f"s{i}": tuple(at) for i, at in enumerate(xy)})


def bent_wall() -> gpd.GeoDataFrame:
    line = np.array([(850.0, -50.0), (850.0, 400.0), (1130.0, 700.0), (1000.0, 1000.0), (400.0, 1020.0)])
    return gpd.GeoDataFrame(geometry=[shapely.LineString(line + ORIGIN)], crs=METRIC)


@pytest.mark.thorough
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_areas_do_not_depend_on_how_many_are_drawn_at_a_time(batch, monkeypatch) -> None:
    network, there = grid(), stations(7)
    for barriers in (None, bent_wall()):
        snaps, rules = snap(there, network, barriers=barriers), SnapRules(barriers=barriers)
        together = service_areas(network, snaps, limit_s=90.0, snapping=rules)
        monkeypatch.setattr(polygons, "_BATCH", batch)
        apart = service_areas(network, snaps, limit_s=90.0, snapping=rules)
        monkeypatch.undo()
        assert (together["area_km2"] > 0).all()
        assert shapely.equals_exact(together.geometry.array, apart.geometry.array, tolerance=0.0).all()


def test_a_station_is_drawn_among_others_as_it_is_alone() -> None:
    network, there = grid(), stations(7)
    snaps = snap(there, network)
    each = service_areas(network, snaps, limit_s=60.0, drawing=Drawing(union=False))
    for i in range(len(there)):
        alone = service_areas(network, snaps.iloc[[i]], limit_s=60.0, drawing=Drawing(union=False))
        # The same lattice: only where straightening begins differs.
        assert each.geometry.iloc[i].symmetric_difference(alone.geometry.iloc[0]).area < 1.0
