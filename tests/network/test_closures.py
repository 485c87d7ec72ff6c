"""Roads closed and slowed: nothing is changed in place, nobody moves to another road, laws of times."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.network import (
    CLOSED_ROAD,
    EdgeTable,
    build_network,
    carry_snaps,
    close_edges,
    from_roads,
    roads_from_lines,
    scale_speeds,
    set_speed,
    slow_edges,
)
from geo.routing import nearest, snap, travel_times
from geo.standards import load_profile
from geo.times import UNREACHED_MS
from tests.random_roads import make_snaps, networks, snaps
from tests.towns import places, town

# 1 --100 s-- 2 --100 s-- 3, and 1 --350 s-- 3 the long way round; 4 --10 s-- 3 is a dead end.
RING = town(
    {1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (2000, -100)},
    [(1, 2, 100), (2, 3, 100), (1, 3, 350), (3, 4, 10)],
    shapes={2: [(1000, 3000)]},
)
STATION = make_snaps([(0, 0.0, 0.0)], prefix="f")  # at node 1


def test_a_closed_road_sends_traffic_the_long_way_round() -> None:
    homes = make_snaps([(3, 1.0, 0.0), (1, 0.25, 0.0)], prefix="d")  # node 4; 25 s past node 2
    before = nearest(RING, STATION, homes, direction="from_facility")["first_s"]
    assert before.tolist() == [210.0, 125.0]
    cut = close_edges(RING, [0])
    # Edge 0 is shut: the station at its end stands at node 1 and leaves along edge 2.
    after = nearest(cut, carry_snaps(STATION, cut), homes, direction="from_facility")["first_s"]
    # 350 + 10; 350 back along edge 1: 75 s.
    assert after.tolist() == [360.0, 425.0]
    assert RING.edge_ms[0] == 100_000
    assert cut.edge_ms[0] == UNREACHED_MS
    assert cut.edge_u is RING.edge_u, "what does not change is shared"
    assert cut.xy is RING.xy


def test_who_stands_on_a_closed_road_is_cut_off_and_does_not_move() -> None:
    # 300 m along road 0, 10 m beside it; 20 m beside node 2; far off.
    points = places({"on": (300, 10), "at the end": (1000, 0), "far": (0, 9000)})
    cut = close_edges(RING, [0])
    for told in (snap(points, cut), carry_snaps(snap(points, RING), cut)):
        assert told["reason"].tolist() == [CLOSED_ROAD, "", "too far"]
        assert told["edge"].tolist() == [-1, 1, -1], "road 1 starts at the same junction"
        assert told.loc["at the end", "fraction"] == 0.0
        assert np.isinf(told.loc["on", "access_s"])
        assert told.loc["on", "snap_m"] == 10.0, "the distance is still told"
    pd.testing.assert_frame_equal(snap(points, cut), carry_snaps(snap(points, RING), cut))


def test_a_closed_bridge_makes_an_island() -> None:
    assert RING.n_components == 1
    assert close_edges(RING, [3]).n_components == 2
    assert close_edges(close_edges(RING, [3]), [0]).origin is RING, "the first network, not the one between"


def test_closing_leaves_the_slower_of_parallel_roads() -> None:
    twice = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100), (1, 2, 130)], shapes={1: [(500, 300)]})
    home = make_snaps([(1, 1.0, 0.0)], prefix="d")
    shut = close_edges(twice, [0])
    time = nearest(shut, carry_snaps(STATION, shut), home, direction="from_facility")["first_s"]
    assert time.tolist() == [130.0]


def test_slower_roads_take_longer_in_proportion() -> None:
    homes = make_snaps([(3, 1.0, 0.0)], prefix="d")
    jam = slow_edges(RING, [0, 1], 0.5)
    # 200 + 200 + 10 the usual way, 350 + 10 the long way round.
    assert nearest(jam, STATION, homes, direction="from_facility")["first_s"].tolist() == [360.0]
    jam = slow_edges(RING, [0, 1], 0.8)  # 125 + 125 + 10
    assert nearest(jam, STATION, homes, direction="from_facility")["first_s"].tolist() == [260.0]
    one_way = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100, np.inf)])
    assert slow_edges(one_way, [0], 0.5).edge_back_ms[0] == UNREACHED_MS, "what was closed stays closed"


def test_each_edge_may_have_its_own_factor() -> None:
    homes = make_snaps([(3, 1.0, 0.0)], prefix="d")
    jam = slow_edges(RING, [0, 1, 2, 3], np.array([0.8, 1.0, 1.0, 0.5]))  # 125 + 100 + 20
    assert nearest(jam, STATION, homes, direction="from_facility")["first_s"].tolist() == [245.0]
    with pytest.raises(InputError, match="found 2 for 4 edges"):
        slow_edges(RING, [0], np.array([0.5, 0.5]))


def test_nothing_to_change_gives_the_same_network() -> None:
    assert close_edges(RING, []) is RING
    assert slow_edges(RING, np.zeros(4, dtype=bool), 0.5) is RING
    assert slow_edges(RING, [0], 1.0) is RING


@pytest.mark.parametrize("factor", [0.0, -1.0, 1.3, np.nan, np.inf])
def test_a_factor_that_is_no_share_is_an_error(factor: float) -> None:
    with pytest.raises(InputError, match="share of the speed that is left"):
        slow_edges(RING, [0], factor)


@pytest.mark.parametrize("edges", [[4], [-1], [True, False], [0.5]])
def test_edges_of_no_network_are_an_error(edges: list[float]) -> None:
    with pytest.raises(InputError):
        close_edges(RING, edges)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_closing_and_slowing_never_shorten_a_time(data: st.DataObject) -> None:
    network = data.draw(networks())
    f, d = data.draw(snaps(network, prefix="f")), data.draw(snaps(network, prefix="d"))
    some = st.lists(st.integers(0, network.n_edges - 1), max_size=4)
    edges = data.draw(some)
    direction = data.draw(st.sampled_from(["from_facility", "to_facility"]))
    before = travel_times(network, f, d, direction=direction).to_dense()
    shut = close_edges(network, edges)
    after = travel_times(shut, carry_snaps(f, shut), carry_snaps(d, shut), direction=direction).to_dense()
    assert (after >= before).all(axis=None)
    jam = slow_edges(network, edges, 0.5)
    assert (travel_times(jam, f, d, direction=direction).to_dense() >= before).all(axis=None)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_order_of_closing_and_slowing_does_not_matter(data: st.DataObject) -> None:
    network = data.draw(networks())
    some = st.lists(st.integers(0, network.n_edges - 1), max_size=4)
    shut, slow = data.draw(some), data.draw(some)
    one = slow_edges(close_edges(network, shut), slow, 0.5)
    other = close_edges(slow_edges(network, slow, 0.5), shut)
    at_once = close_edges(close_edges(network, shut[:1]), shut[1:])
    for a, b in ((one, other), (close_edges(network, shut), at_once)):
        assert (a.edge_ms == b.edge_ms).all()
        assert (a.edge_back_ms == b.edge_back_ms).all()
        assert (a.arcs.head == b.arcs.head).all()
        assert (a.arcs.ms == b.arcs.ms).all()
        assert (a.node_component == b.node_component).all()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_arcs_are_those_of_a_network_built_afresh(data: st.DataObject) -> None:
    network = data.draw(networks())
    some = st.lists(st.integers(0, network.n_edges - 1), max_size=4)
    changed = slow_edges(close_edges(network, data.draw(some)), data.draw(some), 0.5)
    afresh = build_network(
        network.node_id,
        network.node_xy,
        EdgeTable(
            u=network.edge_u,
            v=network.edge_v,
            length=network.edge_length,
            ms=changed.edge_ms,
            back_ms=changed.edge_back_ms,
            xy=network.xy,
            xy_start=network.xy_start,
        ),
        crs=network.crs,
    )
    for ours, theirs in ((changed.arcs, afresh.arcs), (changed.arcs_back, afresh.arcs_back)):
        for name in ("start", "head", "ms", "edge"):
            assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name
            assert getattr(ours, name).dtype == getattr(theirs, name).dtype


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_all_speeds_scaled_scale_all_times_and_open_nothing(factor: float) -> None:
    cut = close_edges(RING, [3])
    scaled = scale_speeds(cut, factor)
    is_open = cut.edge_ms < UNREACHED_MS
    assert (scaled.edge_ms[is_open] == np.rint(cut.edge_ms[is_open] / factor)).all()
    assert scaled.edge_ms[3] == UNREACHED_MS
    assert scaled.origin is RING
    assert scale_speeds(RING, 1.0) is RING


@pytest.mark.parametrize("factor", [0.0, 2.1, np.nan, -1.0])
def test_a_share_of_all_speeds_has_limits(factor: float) -> None:
    with pytest.raises(InputError, match="share of all speeds"):
        scale_speeds(RING, factor)


def test_the_profiles_own_speed_set_again_changes_no_time() -> None:
    # A cross with a tail: one junction of four roads with a delay of 6 s, half of it for each road.
    lines = gpd.GeoDataFrame(
        {"highway": "residential", "oneway": ["no", "yes", "no", "no", "no"]},
        geometry=[
            shapely.LineString(ends)
            for ends in (
                [(0, 0), (500, 0)],
                [(500, 0), (1000, 0)],
                [(500, 0), (500, 730)],
                [(500, 0), (500, -410)],
                [(1000, 0), (1700, 0)],
            )
        ],
        crs=32651,
    )
    profile = replace(load_profile("car"), junction_delay_s=6.0, maxspeed_factor=None)
    network = from_roads(roads_from_lines(lines), profile)
    every = np.ones(network.n_edges, dtype=bool)
    same = set_speed(network, every, profile.speeds_kph["residential"], junction_delay_s=6.0)
    np.testing.assert_array_equal(same.edge_ms, network.edge_ms)
    np.testing.assert_array_equal(same.edge_back_ms, network.edge_back_ms)
    assert (network.edge_back_ms == UNREACHED_MS).sum() + (network.edge_ms == UNREACHED_MS).sum() == 1
    half = set_speed(network, every, profile.speeds_kph["residential"] / 2, junction_delay_s=6.0)
    # The longest, 730 m on the map, has 3 s at the crossing; the tail of 700 m, far from it, has no delay.
    north, tail = np.argsort(network.edge_length)[[-1, -2]]
    kph = profile.speeds_kph["residential"] / 2
    assert half.edge_ms[tail] == pytest.approx(network.edge_length[tail] / kph * 3600, abs=1)
    assert half.edge_ms[north] == pytest.approx(network.edge_length[north] / kph * 3600 + 3000, abs=1)
    with pytest.raises(InputError, match="above 0"):
        set_speed(network, every, 0.0)


def test_a_set_speed_leaves_the_share_of_those_who_drive_against_a_one_way_street() -> None:
    # 1,000 m one way, driven against at half the speed, and 1,000 m both ways; no junction, no delay.
    lines = gpd.GeoDataFrame(
        {"highway": "residential", "oneway": ["yes", "no"]},
        geometry=[shapely.LineString([(x, 0), (x + 1000, 0)]) for x in (0, 1000)],
        crs=32651,
    )
    profile = replace(load_profile("car"), oneway=0.5, maxspeed_factor=None)
    network = from_roads(roads_from_lines(lines), profile)
    every = np.ones(2, dtype=bool)
    same = set_speed(network, every, profile.speeds_kph["residential"], against=0.5)
    np.testing.assert_array_equal(same.edge_ms, network.edge_ms)
    np.testing.assert_array_equal(same.edge_back_ms, network.edge_back_ms)
    metres = network.edge_length
    slow = set_speed(network, every, 36.0, against=0.5)  # 100 ms a metre, against the street 200 ms
    is_against = network.edge_back_ms > network.edge_ms
    assert is_against.sum() == 1
    np.testing.assert_allclose(slow.edge_ms, 100 * metres, atol=0.5)
    np.testing.assert_allclose(slow.edge_back_ms, np.where(is_against, 200, 100) * metres, atol=0.5)


def test_a_set_speed_holds_both_ways_where_the_times_differ_for_other_reasons() -> None:
    """A road that a graph gives 60 s uphill and 50 s down is no one-way street."""
    length = RING.edge_length[0]
    uphill = replace(RING, edge_back_ms=np.where(np.arange(RING.n_edges) == 0, 120_000, RING.edge_back_ms))
    even = set_speed(uphill, [0], 36.0, against=0.5)
    assert even.edge_back_ms[0] == even.edge_ms[0] == pytest.approx(100 * length, abs=0.5)
