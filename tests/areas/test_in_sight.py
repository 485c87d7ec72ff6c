"""The bound on what is nearest in sight of a square, against every spot asked by itself."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.ground import Rule, build_walls, divide

REACH_M = 120.0
SIZE_M = 512.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 12))
def test_no_square_loses_the_road_that_is_nearest_in_sight_of_a_spot_in_it(seed: int, n_walls: int) -> None:
    g = np.random.default_rng(seed)
    n = 30
    xy = g.uniform(REACH_M, SIZE_M, (n, 2))
    to_xy = np.clip(xy + g.uniform(-60, 60, (n, 2)), REACH_M, SIZE_M)
    # edges of one to three pieces
    edge = np.sort(g.integers(0, n // 2, n))
    ends = g.uniform(0, SIZE_M, (n_walls, 2))
    wall_lines = shapely.linestrings(np.stack([ends, ends + g.uniform(-150, 150, (n_walls, 2))], axis=1))
    walls = build_walls(wall_lines, bounds=(0.0, 0.0, 2 * SIZE_M, 2 * SIZE_M))
    rule = Rule(np.inf, 1.0, REACH_M)
    ground = divide(xy, to_xy, edge, earliest_s=np.zeros(n), rule=rule, walls=walls, tile_m=16.0)
    held = {
        tuple(at): set(ground.member[low:high].tolist())
        for at, low, high in zip(ground.tile.tolist(), ground.start[:-1], ground.start[1:], strict=True)
    }
    roads = shapely.linestrings(np.stack([xy, to_xy], axis=1))
    for spot in g.uniform(0, SIZE_M, (150, 2)):
        nearest = nearest_in_sight_of(spot, roads, edge, wall_lines)
        if nearest is not None:
            assert nearest in held[tuple((spot // 16.0).astype(int).tolist())]


def nearest_in_sight_of(spot, roads, edge, walls) -> int | None:
    """Give the nearest piece whose edge no wall shuts off: its own nearest point is seen from the spot."""
    here = shapely.Point(spot)
    away = shapely.distance(roads, here)
    for j in np.argsort(away):
        if away[j] > REACH_M:
            return None
        if away[j] > away[edge == edge[j]].min():
            continue
        way = shapely.shortest_line(here, roads[j])
        if not shapely.intersects(walls, way).any():
            return int(j)
    return None
