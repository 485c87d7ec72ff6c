"""Roads that one facility reaches within a limit: every point on them, and no other, is there in time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import close_edges
from geo.routing import RoadReach, Spot, prepare_rows, times_of_each
from tests.random_roads import make_snaps, networks, snaps
from tests.routing.test_facility_rows import spots
from tests.towns import five_crossings, town

NOBODY = make_snaps([(0, 0.5, 0.0)], prefix="d")
MANY = 1000


def parts(network, spot: Spot, limit_ms: int, most: int = MANY) -> list[tuple[int, float, float]]:
    reach = RoadReach(prepare_rows(network, NOBODY, direction="from_facility"))
    first, again = (reach.reach(spot, limit_ms, most=most) for _ in range(2))
    assert (first.share == again.share).all(), "nothing is left of the search before"
    rows = zip(first.edge.tolist(), first.share[:, 0].tolist(), first.share[:, 1].tolist(), strict=True)
    return sorted(rows)


def test_a_part_ends_where_the_limit_does() -> None:
    # From the middle of 0 - 1 (100 s) with an access of 10 s, 120 s in all: 110 s are left for driving. Both
    # ends of the road are 50 s away; 60 s are left at the crossing 1: 60 % of 1 - 2 (100 s), 40 % of 1 - 3
    # (150 s).
    net = five_crossings()
    edges = {tuple(sorted(net.node_id[[net.edge_u[e], net.edge_v[e]]].tolist())): e for e in range(4)}
    found = parts(net, Spot(edges[0, 1], 0.5, 10.0), 120_000)
    whole, east, north = edges[0, 1], edges[1, 2], edges[1, 3]
    expected = [(whole, 0.0, 1.0), (whole, 0.0, 1.0), (east, 0.0, 0.6), (north, 0.0, 0.4)]
    assert [row[0] for row in found] == [row[0] for row in expected]
    assert np.allclose(found, expected)


def test_a_limit_below_the_access_reaches_nothing_and_one_of_it_the_place_alone() -> None:
    net = five_crossings()
    assert parts(net, Spot(0, 0.5, 10.0), 9_999) == []
    assert parts(net, Spot(0, 0.5, 10.0), 10_000) == []  # a place has no length
    assert parts(net, Spot(-1, np.nan, np.inf), 10_000) == []


def test_a_street_is_reached_from_both_ends_and_not_against_its_direction() -> None:
    # A ring 1 - 2 - 3 of 10 s each; from 1 with 12 s: 2 s into 2 - 3 from either end. One way 3 -> 1: 3 is
    # there over 2 alone, after 20 s.
    xy = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (50.0, 80.0)}
    ring = town(xy, [(1, 2, 10.0), (2, 3, 10.0), (3, 1, 10.0)])
    expected = [(0, 0.0, 1.0), (0, 0.0, 1.0), (1, 0.0, 0.2), (1, 0.8, 1.0), (2, 0.0, 1.0)]
    assert np.allclose(parts(ring, Spot(0, 0.0, 0.0), 12_000), expected)
    one_way = town(xy, [(1, 2, 10.0), (2, 3, 10.0), (3, 1, 10.0, np.inf)])
    assert [row[0] for row in parts(one_way, Spot(0, 0.0, 0.0), 12_000)] == [0, 0, 1]
    closed = close_edges(ring, [1])
    assert [row[0] for row in parts(closed, Spot(0, 0.0, 0.0), 12_000)] == [0, 0, 2]


def test_more_parts_than_wanted_are_told() -> None:
    reach = RoadReach(prepare_rows(five_crossings(), NOBODY, direction="from_facility"))
    assert reach.reach(Spot(0, 0.5, 0.0), 10**9, most=2).is_cut
    assert not reach.reach(Spot(0, 0.5, 0.0), 10**9, most=MANY).is_cut


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_point_is_in_time_where_it_lies_on_a_part(data: st.DataObject) -> None:
    network = data.draw(networks())
    f = data.draw(snaps(network, prefix="f", max_size=3).filter(len))
    d = data.draw(snaps(network, prefix="d", max_size=9).filter(len)).assign(access_s=0.0)
    limit_ms = data.draw(st.integers(0, 400_000))
    search = prepare_rows(network, d, direction="from_facility")
    reach = RoadReach(search)
    for spot, row in zip(spots(f), times_of_each(search, f), strict=True):
        found = reach.reach(spot, limit_ms, most=MANY)
        for edge, at, ms in zip(d["edge"], d["fraction"], row.tolist(), strict=True):
            own = found.share[found.edge == edge]
            if abs(ms - limit_ms) <= 3:  # milliseconds are rounded at each stop
                continue
            slack = 1e-9 if ms < limit_ms else -1e-9
            is_on = bool(((own[:, 0] - slack <= at) & (at <= own[:, 1] + slack)).any())
            # At a junction, or where it stands itself, a point is reached with no part of a closed road.
            is_bare = at in (0.0, 1.0) or (edge, at) == (spot.edge, spot.fraction)
            assert is_on == (ms < limit_ms) or (is_bare and not is_on), (edge, at, ms, limit_ms, own)
