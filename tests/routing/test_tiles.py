"""A network in tiles: the times of the whole one, to the millisecond."""

from __future__ import annotations

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.routing import cut_tiles, nearest, nearest_in_tile, nearest_in_tiles, reach_of, snap
from geo.sample import grid_network
from geo.schema import Direction
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import town

DIRECTIONS: list[Direction] = ["from_facility", "to_facility"]


@given(st.data())
def test_tiles_give_what_the_whole_network_gives(data: st.DataObject) -> None:
    network = data.draw(networks(max_nodes=12))
    facilities = data.draw(snaps(network, prefix="f"))
    demand = data.draw(snaps(network, prefix="d", max_size=10))
    limit_s = data.draw(st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.5, 60.0, 4000.0]))
    direction = data.draw(st.sampled_from(DIRECTIONS))
    start_s = pd.Series({"f0": 0.5}) if data.draw(st.booleans()) else None
    n = data.draw(st.integers(1, 7))
    options = {"direction": direction, "limit_s": limit_s, "start_s": start_s}
    whole = nearest(network, facilities, demand, **options)
    pd.testing.assert_frame_equal(nearest_in_tiles(network, facilities, demand, n=n, **options), whole)


def test_a_tile_holds_its_margin_and_no_more() -> None:
    """Ten streets of 100 m and 10 s in a row, cut in two: 20 s reach two streets beyond the cut.

    The margin is as wide as the fastest road allows, here 10 m/s: 200 m, and streets that begin in it.
    """
    network = town({i: (100.0 * i, 0.0) for i in range(11)}, [(i, i + 1, 10.0, 10.0) for i in range(10)])
    assert reach_of(network, 20) == pytest.approx(200)
    left, right = cut_tiles(network, n=2, limit_s=20)
    assert sorted(left.edge[left.is_own].tolist() + right.edge[right.is_own].tolist()) == list(range(10))
    assert (left.is_own.sum(), len(left.edge)) == (5, 8)
    near = make_snaps([(int(right.edge[right.is_own][0]), 0.5, 0.0)], prefix="f")
    assert len(left.move(near)) == 1
    assert len(left.move(near, only_own=True)) == 0


@pytest.mark.parametrize("n", [1, 3, 4])
def test_a_city_in_tiles_has_the_times_of_the_whole_one(n: int) -> None:
    city = grid_network(2_500, seed=3)
    rng = np.random.default_rng(5)
    box = [*city.node_xy.min(axis=0), *city.node_xy.max(axis=0)]
    at = [rng.uniform(box[:2], box[2:], (count, 2)) for count in (20, 400)]
    facilities, demand = (
        snap(gpd.GeoSeries(shapely.points(xy), index=[f"{i}" for i in range(len(xy))], crs=city.crs), city)
        for xy in at
    )
    whole = nearest(city, facilities, demand, direction="from_facility", limit_s=240)
    tiled = nearest_in_tiles(city, facilities, demand, direction="from_facility", limit_s=240, n=n)
    pd.testing.assert_frame_equal(tiled, whole)
    assert 0 < np.isfinite(whole["first_s"]).mean() < 1


def test_a_tile_goes_to_another_process() -> None:
    city = grid_network(400, seed=1)
    tile = next(cut_tiles(city, n=2, limit_s=60))
    points = make_snaps([(int(edge), 0.5, 0.0) for edge in tile.edge[tile.is_own][:5]], prefix="d")
    options: dict[str, object] = {"direction": "to_facility", "limit_s": 60}
    before = nearest_in_tile(tile, points.iloc[:2], points, **options)
    pd.testing.assert_frame_equal(
        nearest_in_tile(pickle.loads(pickle.dumps(tile)), points.iloc[:2], points, **options), before
    )


@pytest.mark.parametrize(("n", "limit_s"), [(0, 60.0), (4, np.inf), (4, -1.0)])
def test_what_cannot_be_cut_is_told(n: int, limit_s: float) -> None:
    with pytest.raises(InputError, match="tiles are one or more"):
        list(cut_tiles(grid_network(400, seed=1), n=n, limit_s=limit_s))
