"""Travel times: exact on the edge, both directions, against an independent answer."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import InputError, StudyError
from geo.network import RoadNetwork, from_roads
from geo.osm import read_roads
from geo.routing import node_table, route, snap, travel_times
from geo.standards import load_profile
from geo.times import UNREACHED_MS
from tests.independent import slow_times
from tests.random_roads import make_snaps, networks, snaps
from tests.shared import real
from tests.towns import places, town

# A(0,0) --100 s-- B(1000,0) --60 s--> C(1000,1000), and back from C only over the 200 s road C -> A.
CORNERS = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000)}
TOWN = town(CORNERS, [(1, 2, 100), (2, 3, 60, np.inf), (3, 1, 200, np.inf)])
DIRECTIONS = ("from_facility", "to_facility")


def one(network: RoadNetwork, facility: tuple, point: tuple, direction: str = "from_facility") -> float:
    """Give the time between two places (edge, fraction[, access_s])."""
    f, d = make_snaps([(*facility, 0.0)[:3]], prefix="f"), make_snaps([(*point, 0.0)[:3]], prefix="d")
    return float(travel_times(network, f, d, direction=direction).to_dense().iloc[0, 0])


def test_a_part_edge_counts_its_part() -> None:
    assert one(TOWN, (0, 0.25), (0, 0.75)) == 50.0  # half of 100 s
    assert one(TOWN, (0, 0.75), (0, 0.25)) == 50.0  # and back
    assert one(TOWN, (0, 0.25), (1, 0.5)) == 75.0 + 30.0


def test_a_one_way_street_must_be_driven_round() -> None:
    # From the middle of B -> C to its first tenth: 30 to C, 200 to A, 100 to B, 6 into the street.
    assert one(TOWN, (1, 0.5), (1, 0.1)) == 336.0
    assert one(TOWN, (1, 0.5), (1, 0.1), "to_facility") == 24.0  # 0.4 of 60 s with the traffic


def test_around_can_be_faster_than_along() -> None:
    # 1000 s along the lane, or 100 to its start, 10 + 10 round by the main road, 100 into its far end.
    lane = town(CORNERS, [(1, 2, 1000), (1, 3, 10), (3, 2, 10)])
    assert one(lane, (0, 0.1), (0, 0.9)) == 220.0


def test_a_slower_parallel_road_still_carries_its_own_points() -> None:
    roads = town(CORNERS, [(1, 2, 40), (1, 2, 100), (2, 3, 60)])
    assert one(roads, (1, 0.5), (2, 0.0)) == 50.0
    assert one(roads, (1, 0.1), (2, 0.0)) == 50.0  # 10 back to A and 40 by the faster road
    assert one(roads, (0, 0.0), (1, 0.9)) == 50.0


def test_a_loop_is_driven_the_shorter_way() -> None:
    loop = town(CORNERS, [(1, 1, 100), (1, 2, 30)], shapes={0: [(500, 10), (500, 500)]})
    assert one(loop, (0, 0.1), (0, 0.9)) == 20.0
    assert one(loop, (0, 0.9), (1, 1.0)) == 40.0
    one_way = town(CORNERS, [(1, 1, 100, np.inf), (1, 2, 30)], shapes={0: [(500, 10), (500, 500)]})
    assert one(one_way, (0, 0.9), (0, 0.1)) == 20.0
    assert one(one_way, (0, 0.1), (0, 0.9)) == 80.0


def test_ends_dead_ends_and_the_same_place() -> None:
    roads = town(CORNERS, [(1, 2, 100), (2, 3, 60)])
    assert one(roads, (0, 1.0), (1, 0.0)) == 0.0, "the end of one road is the start of the next"
    assert one(roads, (0, 0.0), (1, 1.0)) == 160.0
    assert one(roads, (0, 0.3), (0, 0.3)) == 0.0
    assert one(roads, (0, 0.3, 2.0), (0, 0.3, 5.5)) == 7.5, "access is charged at both ends"


def test_a_point_at_a_junction_may_take_any_road_of_it() -> None:
    # B -> C is one-way: its first place is the junction B, and the way back from there is open.
    assert one(TOWN, (1, 0.0), (0, 0.75)) == 25.0
    assert one(TOWN, (1, 0.01), (0, 0.75)) == pytest.approx(0.99 * 60 + 200 + 75)


def test_a_closed_road_cannot_be_entered() -> None:
    roads = town(CORNERS, [(1, 2, 100), (2, 3, np.inf, np.inf)])
    assert one(roads, (0, 0.5), (1, 0.0)) == np.inf
    assert one(roads, (1, 0.5), (1, 0.5)) == np.inf


def test_parts_of_an_edge_add_up_to_the_millisecond() -> None:
    roads = town(CORNERS, [(1, 2, 0.007, 0.005), (2, 3, 60)])
    for fraction in np.linspace(0, 1, 29):
        assert one(roads, (0, 0.0), (0, fraction)) + one(roads, (0, fraction), (1, 0.0)) == 0.007
        assert one(roads, (1, 0.0), (0, fraction)) + one(roads, (0, fraction), (0, 0.0)) == 0.005


@pytest.mark.parametrize(("limit_s", "n"), [(109.999, 0), (110.0, 1), (110.001, 1), (np.inf, 1)])
def test_within_the_limit_includes_the_limit(limit_s: float, n: int) -> None:
    f, d = make_snaps([(0, 0.0, 3.0)], prefix="f"), make_snaps([(1, 0.0, 7.0)], prefix="d")
    times = travel_times(TOWN, f, d, direction="from_facility", limit_s=limit_s)
    assert times.ms.tolist() == [110_000] * n  # 3 + 100 + 7


def test_what_is_not_snapped_has_no_time_but_keeps_its_row() -> None:
    f, d = (
        make_snaps([(-1, 0, 0), (0, 0.5, 0)], prefix="f"),
        make_snaps([(0, 0.5, 0), (-1, 0, 0)], prefix="d"),
    )
    table = travel_times(TOWN, f, d, direction="from_facility").to_dense()
    assert table.to_numpy().tolist() == [[np.inf, 0.0], [np.inf, np.inf]]
    assert (list(table.index), list(table.columns)) == (["d0", "d1"], ["f0", "f1"])


def test_empty_tables_give_empty_times() -> None:
    some, none = make_snaps([(0, 0.5, 0)], prefix="s"), make_snaps([], prefix="n")
    for f, d in ((some, none), (none, some), (none, none)):
        times = travel_times(TOWN, f, d, direction="to_facility")
        assert times.to_dense().shape == (len(d), len(f))
        assert not len(times.ms)


def test_bad_arguments_are_errors() -> None:
    some = make_snaps([(0, 0.5, 0)], prefix="s")
    with pytest.raises(StudyError, match="direction"):
        travel_times(TOWN, some, some, direction="outward")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="limit"):
        travel_times(TOWN, some, some, direction="to_facility", limit_s=-1)
    with pytest.raises(InputError, match="not on this network"):
        travel_times(TOWN, some.assign(edge=99), some, direction="to_facility")
    with pytest.raises(InputError, match="more than once"):
        travel_times(TOWN, pd.concat([some, some]), some, direction="to_facility")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_times_agree_with_networkx_on_the_split_graph(data: st.DataObject) -> None:
    network = data.draw(networks())
    f, d = data.draw(snaps(network, prefix="f")), data.draw(snaps(network, prefix="d"))
    for direction in DIRECTIONS:
        ours = travel_times(network, f, d, direction=direction).to_dense()
        slow = slow_times(network, f, d, direction=direction)
        # Each of at most two part-edges and their sum is rounded to the millisecond on our side only.
        np.testing.assert_allclose(ours, slow, rtol=0, atol=0.001001)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_laws_of_times(data: st.DataObject) -> None:
    network = data.draw(networks())
    f, d = data.draw(snaps(network, prefix="f")), data.draw(snaps(network, prefix="d"))
    times = travel_times(network, f, d, direction="from_facility")
    table = times.to_dense()
    swapped = travel_times(network, d, f, direction="to_facility").to_dense()
    assert table.equals(swapped.T), "going to is coming from, with the two tables swapped"
    turned = travel_times(network, f[::-1], d[::-1], direction="from_facility").to_dense()
    assert turned.loc[table.index, table.columns].equals(table), "row order does not matter"
    limit = data.draw(st.sampled_from([0.0, 1.0, 2.5, 8.0, 63.0]))
    within = travel_times(network, f, d, direction="from_facility", limit_s=limit).to_dense()
    assert within.equals(table.where(table <= limit, np.inf)), "a limit only cuts"
    for row in range(len(f)):
        assert (np.diff(times.demand[times.start[row] : times.start[row + 1]]) > 0).all()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_node_table_is_the_times_of_points_at_the_nodes(data: st.DataObject) -> None:
    network = data.draw(networks())
    f = data.draw(snaps(network, prefix="f"))
    nodes = node_table(network, f, direction="from_facility", limit_s=65.0).to_dense()
    for edge in range(network.n_edges):
        ends = make_snaps([(edge, 0.0, 0.0), (edge, 1.0, 0.0)], prefix="d")
        at_ends = travel_times(network, f, ends, direction="from_facility", limit_s=65.0).to_dense()
        own = nodes.loc[network.node_id[[network.edge_u[edge], network.edge_v[edge]]]]
        if min(network.edge_ms[edge], network.edge_back_ms[edge]) < UNREACHED_MS:
            assert (own.to_numpy() == at_ends.to_numpy()).all()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_route_takes_the_travel_time_and_follows_its_edges(data: st.DataObject) -> None:
    network = data.draw(networks())
    f, d = (data.draw(snaps(network, prefix=prefix, min_size=1, max_size=1)) for prefix in "fd")
    for direction in DIRECTIONS:
        expected = travel_times(network, f, d, direction=direction).to_dense().iloc[0, 0]
        seconds, line, edges = route(network, f, d, direction=direction)
        assert seconds == expected
        assert (line is None) == np.isinf(seconds) == (not len(edges))
        if line is not None:
            first, last = (f, d) if direction == "from_facility" else (d, f)
            assert (edges[0], edges[-1]) == (first["edge"].iloc[0], last["edge"].iloc[0])
            for place, end in ((first, line.coords[0]), (last, line.coords[-1])):
                road = network.edges.geometry[place["edge"].iloc[0]]
                at = shapely.line_interpolate_point(road, place["fraction"].iloc[0], normalized=True)
                np.testing.assert_allclose(end, at.coords[0], atol=1e-6)


def test_a_route_has_the_parts_of_its_first_and_last_edge() -> None:
    f = snap(places({"f": (250, 0)}), TOWN)
    d = snap(places({"d": (1000, 400)}), TOWN)
    seconds, line, edges = route(TOWN, f, d, direction="from_facility")
    assert seconds == 75.0 + 24.0
    assert edges.tolist() == [0, 1]
    assert line is not None
    assert line.length == pytest.approx(750 + 400)
    back = route(TOWN, f, d, direction="to_facility")
    assert back[0] == 36.0 + 200.0 + 25.0  # on to C, down to A, into A -> B
    assert isinstance(back[1], shapely.LineString)
    assert back[2].tolist() == [1, 2, 0]


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "crs"),
    [
        ("helsinki/Helsinki.osm.pbf", "EPSG:32635"),
        ("shanghai/central_peoples_square_drive_2026-07.osm", "EPSG:32651"),
    ],
)
def test_a_real_city_agrees_with_networkx_on_the_split_graph(file: str, crs: str) -> None:
    network = from_roads(read_roads(real(file)), load_profile("fire_engine"), crs=CRS(crs))
    chance = np.random.default_rng(7)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    xy = chance.uniform(low, high, size=(1500, 2))
    points = gpd.GeoSeries(shapely.points(xy), crs=network.crs)
    snaps = snap(points, network)
    f, d = snaps[:8], snaps[8:].set_axis(range(8, 1500))
    assert d["is_snapped"].mean() > 0.9
    for direction in DIRECTIONS:
        ours = travel_times(network, f, d, direction=direction).to_dense()
        slow = slow_times(network, f, d, direction=direction)
        assert np.isfinite(ours.to_numpy()).sum() > 4000, "the answers are compared where there are routes"
        np.testing.assert_allclose(ours, slow, rtol=0, atol=0.001001)
