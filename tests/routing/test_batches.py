"""Searches in batches on all cores: the same times as one search after the other, whatever the facilities."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import RoadNetwork
from geo.routing import _batches as batches
from geo.routing import node_table, travel_times
from geo.sample import grid_network
from geo.times import Times
from tests.independent import slow_times
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import town

# Eight facilities on a street of 100 s, each nearer to its start than the one before; then 500 facilities at
# nearly the same place, which all wait in one bucket; then 30 streets that meet.
ROOM = """
import numpy as np
from geo.routing import node_nearest, node_table
from tests.random_roads import make_snaps
from tests.towns import town
street = town({0: (0, 0), 1: (100, 0)}, [(0, 1, 100.0)])
f = make_snaps([(0, 1.0 - k / 10, 0.0) for k in range(1, 9)], prefix="f")
print(*node_table(street, f, direction="from_facility", limit_s=1000).to_dense().to_numpy()[1])
many = make_snaps([(0, 0.5, 0.5 - k / 1000) for k in range(500)], prefix="m")
print(*node_nearest(street, many, direction="from_facility").first_ms.tolist())
places = {0: (0.0, 0.0)} | {i: (100.0 * np.cos(i), 100.0 * np.sin(i)) for i in range(1, 31)}
square = town(places, [(0, i, 1.0) for i in range(1, 31)])
ends = make_snaps([(i, 1.0, 0.0) for i in range(30)], prefix="e")
print(node_table(square, ends, direction="from_facility", limit_s=9).ms.sum())
print(node_nearest(square, ends, direction="from_facility").second_ms.sum())
"""
LIMITS = st.sampled_from([0.0, 1.0, 3.5, 60.0, 5000.0, np.inf])


def tables(
    network: RoadNetwork, f: pd.DataFrame, d: pd.DataFrame, *, limit_s: float, direction: str
) -> tuple[Times, Times]:
    """Give the table of the points and of the nodes."""
    return (
        travel_times(network, f, d, direction=direction, limit_s=limit_s),
        node_table(network, f, direction=direction, limit_s=limit_s),
    )


def assert_same(ours: tuple[Times, Times], expected: tuple[Times, Times]) -> None:
    """Compare entry by entry: which are stored, in which order, and their milliseconds."""
    for one, other in zip(ours, expected, strict=True):
        assert (one.start == other.start).all()
        assert (one.demand == other.demand).all()
        assert (one.ms == other.ms).all()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_batches_of_any_size_on_any_cores_give_the_same_entries(data: st.DataObject) -> None:
    network, limit = data.draw(networks()), data.draw(LIMITS)
    f = data.draw(snaps(network, prefix="f", max_size=20))
    d = data.draw(snaps(network, prefix="d", max_size=9))
    direction = data.draw(st.sampled_from(["from_facility", "to_facility"]))
    expected = tables(network, f, d, limit_s=limit, direction=direction)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_BATCH", data.draw(st.sampled_from([1, 2, 3, 1000])))
        patch.setattr(batches, "cpu_count", lambda: data.draw(st.sampled_from([1, 2, 5])))
        patch.setattr(batches, "_ROOM", data.draw(st.sampled_from([0, 1, 8192])))
        assert_same(tables(network, f, d, limit_s=limit, direction=direction), expected)


def test_nine_roads_meet() -> None:
    # A square where nine roads meet, 1 s to 9 s long: more arcs than a bucket has room for at once. From the
    # end of road i to the end of road k it is i + k seconds.
    places = {0: (0.0, 0.0)} | {i: (100.0 * np.cos(i), 100.0 * np.sin(i)) for i in range(1, 10)}
    square = town(places, [(0, i, float(i)) for i in range(1, 10)])
    ends = make_snaps([(i - 1, 1.0, 0.0) for i in range(1, 10)], prefix="e")
    seconds = travel_times(square, ends, ends, direction="from_facility").to_dense().to_numpy()
    i = np.arange(1, 10)
    assert (seconds == np.where(i[:, None] == i, 0, i[:, None] + i)).all()


def test_a_road_that_is_longer_than_the_ring_of_buckets() -> None:
    # 1,000 s of road beyond the 262 s of the ring, with a detour of 600 + 399 s that is known later.
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 100), 4: (1100, 0)}
    roads = town(places, [(1, 2, 1000), (1, 3, 600), (3, 2, 399), (2, 4, 1)])
    f, d = make_snaps([(0, 0.0, 0.0)], prefix="f"), make_snaps([(3, 1.0, 0.0)], prefix="d")
    assert travel_times(roads, f, d, direction="from_facility").to_dense().iloc[0, 0] == 1000.0


@pytest.mark.thorough
def test_searches_stay_within_their_room(tmp_path: Path) -> None:
    # Only a kernel compiled to watch its bounds, in a process of its own, tells.
    settings_ = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ROOM],
        cwd=Path(__file__).parents[2],
        env=settings_,
        capture_output=True,
        text=True,
        check=False,
    )
    # The nearest of the 500 has an access of 1 ms and half of the street. Each of 30 ends: 1 s to the square,
    # 2 s to 29 others; its second is 2 s off, and that of the square 1 s.
    expected = [
        " ".join(str(10.0 * k) for k in range(1, 9)),
        "50001 50001",
        str(30 * (1000 + 29 * 2000)),
        str(30 * 2000 + 1000),
    ]
    assert done.stdout.splitlines() == expected, done.stderr


@pytest.mark.thorough
def test_a_city_agrees_with_networkx_on_the_split_graph() -> None:
    city, chance = grid_network(2500, seed=3), np.random.default_rng(5)
    f, d = (
        make_snaps(
            [(int(chance.integers(city.n_edges)), chance.random(), 1.0) for _ in range(n)], prefix=name
        )
        for n, name in ((400, "f"), (300, "d"))
    )
    for direction in ("from_facility", "to_facility"):
        dense = tables(city, f, d, limit_s=90.0, direction=direction)[0].to_dense().iloc[:, :5].to_numpy()
        slow = slow_times(city, f.iloc[:5], d, direction=direction)
        np.testing.assert_allclose(dense, np.where(slow <= 90.0, slow, np.inf), atol=2e-3)
