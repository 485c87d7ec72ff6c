"""Searches side by side: the same times as one search after the other, whatever the facilities."""

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

from geo.network import RoadNetwork, pad_arcs
from geo.routing import _batches as batches
from geo.routing import node_table, travel_times
from geo.sample import grid_network
from geo.times import Times
from tests.independent import slow_times
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import town

LANE = """
from geo.routing import _batches as batches
from geo.routing import node_table
from tests.random_roads import make_snaps
from tests.towns import town
batches._MANY, batches._overlap = 1, lambda *_: batches._CLOSE
lane = town({0: (0, 0), 1: (100, 0)}, [(0, 1, 100.0)])
f = make_snaps([(0, 1.0 - k / 10, 0.0) for k in range(1, 9)], prefix="f")
print(*node_table(lane, f, direction="from_facility", limit_s=1000).to_dense().to_numpy()[1])
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


def side_by_side(monkeypatch: pytest.MonkeyPatch, *, most_visits: int = 1000) -> None:
    """Search side by side however few the facilities and however far apart."""
    monkeypatch.setattr(batches, "_MANY", 1)
    monkeypatch.setattr(batches, "_CLOSE", 0.0)
    monkeypatch.setattr(batches, "_MOST_VISITS", most_visits)


def assert_same(found: tuple[Times, Times], expected: tuple[Times, Times]) -> None:
    """Compare entry by entry: which are stored, in which order, and their milliseconds."""
    for one, other in zip(found, expected, strict=True):
        assert (one.start == other.start).all()
        assert (one.demand == other.demand).all()
        assert (one.ms == other.ms).all()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_side_by_side_gives_the_same_entries(data: st.DataObject) -> None:
    network, limit = data.draw(networks()), data.draw(LIMITS)
    f = data.draw(snaps(network, prefix="f", max_size=20))
    d = data.draw(snaps(network, prefix="d", max_size=9))
    direction = data.draw(st.sampled_from(["from_facility", "to_facility"]))
    most = data.draw(st.sampled_from([0, 1, 2, 1000]))  # and where it gives up on the way
    expected = tables(network, f, d, limit_s=limit, direction=direction)
    with pytest.MonkeyPatch.context() as patch:
        side_by_side(patch, most_visits=most)
        assert_same(tables(network, f, d, limit_s=limit, direction=direction), expected)


def test_nine_roads_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    # A square where nine roads meet, 1 s to 9 s long: three rows of three arcs, two of them with a link. From
    # the end of road i to the end of road k it is i + k seconds.
    places = {0: (0.0, 0.0)} | {i: (100.0 * np.cos(i), 100.0 * np.sin(i)) for i in range(1, 10)}
    square = town(places, [(0, i, float(i)) for i in range(1, 10)])
    ends = make_snaps([(i - 1, 1.0, 0.0) for i in range(1, 10)], prefix="e")
    side_by_side(monkeypatch)
    found = travel_times(square, ends, ends, direction="from_facility").to_dense().to_numpy()
    i = np.arange(1, 10)
    assert (found == np.where(i[:, None] == i, 0, i[:, None] + i)).all()


def test_many_facilities_on_a_lane_of_two_nodes_stay_within_their_room(tmp_path: Path) -> None:
    # Eight facilities on a lane of 100 s, each nearer to its start than the one before: more wait for a node
    # than a search of two nodes has room for. Only a kernel compiled to watch its bounds, in a process of its
    # own, tells.
    told = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LANE],
        cwd=Path(__file__).parents[2],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [str(10.0 * k) for k in range(1, 9)], done.stderr


def test_a_city_side_by_side_and_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # 400 facilities on 2,500 crossings within 90 s overlap enough to be searched side by side unasked.
    city, chance = grid_network(2500, seed=3), np.random.default_rng(5)
    f, d = (
        make_snaps(
            [(int(chance.integers(city.n_edges)), chance.random(), 1.0) for _ in range(n)], prefix=name
        )
        for n, name in ((400, "f"), (300, "d"))
    )
    groups, search = [], batches.reach_lanes
    monkeypatch.setattr(batches, "reach_lanes", lambda *given: groups.append(1) or search(*given))
    for direction in ("from_facility", "to_facility"):
        found = tables(city, f, d, limit_s=90.0, direction=direction)
        assert groups
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches, "_MANY", 10**9)
            assert_same(found, tables(city, f, d, limit_s=90.0, direction=direction))
        dense = found[0].to_dense().iloc[:, :5].to_numpy()
        slow = slow_times(city, f.iloc[:5], d, direction=direction)
        np.testing.assert_allclose(dense, np.where(slow <= 90.0, slow, np.inf), atol=2e-3)


def test_facilities_that_are_far_apart_are_searched_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    city = grid_network(2500, seed=3)
    f = make_snaps([(int(e), 0.5, 0.0) for e in range(0, city.n_edges, city.n_edges // 80)], prefix="f")
    monkeypatch.setattr(batches, "reach_lanes", None)  # would raise
    assert len(node_table(city, f, direction="from_facility", limit_s=20.0).ms)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_rows_of_four_hold_every_arc_once(degrees: list[int], chance: object) -> None:
    start = np.concatenate([[0], np.cumsum(degrees)])
    n = len(degrees)
    arcs = np.array([[chance.randrange(n), chance.randrange(1, 99)] for _ in range(start[-1])]).reshape(-1, 2)
    rows = pad_arcs(start, arcs).reshape(-1, 4, 2).tolist()
    seen = set(range(n))
    for node in range(n):
        held, row = [], node
        while rows[row][3][0] >= n:
            held += rows[row][:3]
            row, ms = rows[row][3]
            assert ms == 0
            assert row not in seen
            seen.add(row)
        held += rows[row]
        filled = arcs[start[node] : start[node + 1]].tolist()
        assert held == filled + [[node, 0]] * (len(held) - len(filled))
    assert seen == set(range(len(rows)))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 200), st.integers(0, 3))
def test_tiles_and_batches_keep_every_facility(n: int, spread: int) -> None:
    xy = np.random.default_rng(n).integers(0, 10**spread, (n, 2)).astype(float)
    order = batches._tile(xy)
    assert sorted(order.tolist()) == list(range(n))
    parts = batches._split(order, spread + 1)
    assert np.concatenate([order[:0], *parts]).tolist() == order.tolist()
    assert all(len(part) % 8 == 0 for part in parts[:-1])
