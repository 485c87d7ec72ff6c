"""The bound on what is nearest in sight of a square, against every spot asked by itself."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import _outline, service_areas
from geo.ground import Rule, build_walls, divide
from geo.routing import SnapRules, snap
from tests.towns import METRIC, ORIGIN, places, town

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


def test_a_corner_that_faces_the_very_shore_of_a_road_has_one_answer_in_all_squares(monkeypatch) -> None:
    # The road from (240, 720) to (600, 660) falls 1 in 6, and enters the water at (384, 696): corners on the
    # line (384, 696) + t (1, 6) are as near to its last dry piece as to its first wet one, which is never in
    # time. All squares around such a corner have to take the same one, or an outline ends there.
    network = town(
        {9: (240.0, 720.0), 17: (600.0, 660.0), 4: (120.0, 0.0)}, [(9, 17, 15.0, 15.0), (4, 17, 6.0, 6.0)]
    )
    water = shapely.LineString(np.array([(503, 323), (563, 683), (323, 683)]) + ORIGIN).buffer(13.0)
    rules = SnapRules(barriers=gpd.GeoDataFrame(geometry=[water], crs=METRIC))

    def not_closed(*_: object) -> None:
        raise AssertionError("an outline ends")

    monkeypatch.setattr(_outline, "_close", not_closed)
    snaps = snap(places({"s0": (487.0, 529.0)}), network)
    areas = service_areas(network, snaps, limit_s=61.0, snapping=rules)
    assert areas.is_valid.all()
    assert (areas["area_km2"] > 0).all()


def test_an_outline_that_ends_goes_on_at_the_nearest_piece_that_follows_none() -> None:
    # Two squares of four pieces, each entering by the side by which the one before leaves; the last piece of
    # each leaves by a side (90, 91) that nobody enters by, so that both could begin again at 0 or at 10.
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    key = np.array([[0, 1], [1, 2], [2, 3], [3, 90], [10, 11], [11, 12], [12, 13], [13, 91]])
    xy = np.concatenate([square, square + 40.0])
    ((found, start),) = _outline._rings(np.zeros(8, np.int64), key, xy, 1)
    assert start.tolist() == [0, 5, 10]
    assert found.tolist() == [*square.tolist(), [0.0, 0.0], *(square + 40.0).tolist(), [40.0, 40.0]]
