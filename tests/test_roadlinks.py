"""Links whose loss strands people, and dead ends, against sums on paper and against slow removal."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network import RoadNetwork, close_edges, from_roads
from geo.osm import read_roads
from geo.standards import load_profile
from geo.times import UNREACHED_MS
from geo.vulnerability import bridges, cut_links, dead_ends, stranded
from tests.random_roads import make_snaps, networks, snaps
from tests.shared import real
from tests.towns import ORIGIN, town

# A square 1-2-3-4, a causeway 4-5-6 of two pieces, and a triangle 6-7-8 with a blind road 8-9.
ISLAND = town(
    {
        **{1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100)},
        **{5: (0, 300), 6: (0, 500), 7: (100, 600), 8: (-100, 600), 9: (-300, 600)},
    },
    [
        (1, 2, 10),
        (2, 3, 10),
        (3, 4, 10),
        (4, 1, 10),
        (4, 5, 20),
        (5, 6, 20),
        (6, 7, 10),
        (7, 8, 10),
        (8, 6, 10),
        (8, 9, 20),
    ],
)
CAUSEWAY, LAST_PIECE, BLIND = 4, 5, 9
PEOPLE = [10.0, 20.0, 40.0, 80.0]
# People on the square, inside the causeway's second piece, on the triangle, at the blind end.
HOMES = make_snaps([(0, 0.5, 0.0), (LAST_PIECE, 0.5, 0.0), (7, 0.5, 0.0), (BLIND, 1.0, 0.0)], prefix="d")


def people(snapped: pd.DataFrame, counts: list[float] | None = None) -> pd.Series:
    return pd.Series(counts or [1.0] * len(snapped), index=snapped.index)


def posts(*rows: tuple[int, float, float]) -> pd.DataFrame:
    return make_snaps(list(rows), prefix="s")


def slow_stranded(
    network: RoadNetwork, demand: pd.DataFrame, stations: pd.DataFrame, counts: pd.Series, edge: int
) -> float:
    """Remove an edge from a graph and count the people whose component had a station and has none now."""

    def graph(without: int | None) -> nx.MultiGraph:
        made = nx.MultiGraph()
        made.add_nodes_from(range(network.n_nodes))
        for e in range(network.n_edges):
            if e != without and min(network.edge_ms[e], network.edge_back_ms[e]) < UNREACHED_MS:
                made.add_edge(int(network.edge_u[e]), int(network.edge_v[e]))
        return made

    def node(row: pd.Series, without: int | None) -> int | None:
        e = int(row["edge"])
        if e < 0 or min(network.edge_ms[e], network.edge_back_ms[e]) >= UNREACHED_MS:
            return None
        if row["fraction"] in (0.0, 1.0):
            return int(network.edge_u[e] if row["fraction"] == 0.0 else network.edge_v[e])
        return None if e == without else int(network.edge_u[e])

    def served(without: int | None) -> set[int]:
        made = graph(without)
        seeds = {node(row, without) for _, row in stations.iterrows()} - {None}
        return set().union(*(nx.node_connected_component(made, seed) for seed in seeds)) if seeds else set()

    before, after = served(None), served(edge)
    return sum(
        counts[name]
        for name, row in demand.iterrows()
        if node(row, edge) is not None and node(row, None) in before and node(row, edge) not in after
    )


def test_the_causeway_strands_those_beyond_it() -> None:
    # A station on the square. Without 4-5 or 5-6 the triangle and the blind end (40 + 80) have none; those
    # inside 5-6 are beyond 4-5 (120 + 20) and on 5-6 itself; without 8-9 the 80 at its end have none.
    table = stranded(ISLAND, HOMES, posts((1, 0.5, 0.0)), people=people(HOMES, PEOPLE))
    assert table["people"].to_dict() == {CAUSEWAY: 140.0, LAST_PIECE: 120.0, BLIND: 80.0}
    assert table["people_on_it"].to_dict() == {CAUSEWAY: 0.0, LAST_PIECE: 20.0, BLIND: 0.0}


def test_pieces_of_one_road_are_one_link_at_its_worst_place() -> None:
    zone = pd.Series(["南镇", "北镇", "北镇", "东镇"], index=HOMES.index)
    table, n = cut_links(ISLAND, HOMES, posts((1, 0.5, 0.0)), people=people(HOMES, PEOPLE), zone=zone)
    assert n == 2
    assert table["people"].tolist() == [140.0, 80.0]
    assert table["edge"].tolist() == [CAUSEWAY, BLIND]
    assert table["length_m"].tolist() == [400.0, 200.0]
    assert table["zone"].tolist() == ["东镇", "东镇"]  # 80 of 140, and 80 of 80
    assert table.geometry.iloc[0].equals(
        shapely.LineString(np.array([(0, 100), (0, 300), (0, 500)]) + ORIGIN)
    )


def test_a_list_cut_short_still_counts_all() -> None:
    table, n = cut_links(ISLAND, HOMES, posts((1, 0.5, 0.0)), people=people(HOMES, PEOPLE), most_rows=1)
    assert (len(table), n) == (1, 2)


def test_a_station_on_either_side_strands_nobody_but_the_blind_end() -> None:
    table = stranded(ISLAND, HOMES, posts((1, 0.5, 0.0), (6, 0.5, 0.0)), people=people(HOMES, PEOPLE))
    assert table["people"].to_dict() == {CAUSEWAY: 0.0, LAST_PIECE: 0.0, BLIND: 80.0}


def test_the_only_station_on_the_link_itself_is_lost_with_it_on_both_sides() -> None:
    table = stranded(ISLAND, HOMES, posts((LAST_PIECE, 0.5, 0.0)), people=people(HOMES, PEOPLE))
    assert table.loc[LAST_PIECE, "people"] == 130.0  # 10 before it, 40 + 80 beyond it


def test_without_a_station_nobody_is_stranded_by_a_link() -> None:
    table, n = cut_links(ISLAND, HOMES, posts((-1, 0.0, 0.0)), people=people(HOMES, PEOPLE))
    assert (len(table), n) == (0, 0)


def test_two_parallel_roads_are_no_bridge_and_one_of_them_closed_is() -> None:
    twice = town({1: (0, 0), 2: (100, 0), 3: (200, 0)}, [(1, 2, 10), (1, 2, 12), (2, 3, 10)])
    assert bridges(twice).tolist() == [2]
    assert bridges(close_edges(twice, [1])).tolist() == [0, 2]


def test_a_loop_and_a_one_way_ring_have_no_bridge() -> None:
    ring = town(
        {1: (0, 0), 2: (100, 0), 3: (50, 80)},
        [(1, 2, 10, np.inf), (2, 3, 10, np.inf), (3, 1, 10, np.inf), (3, 3, 5)],
    )
    assert bridges(ring).tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_stranded_people_are_those_that_slow_removal_finds(data: st.DataObject) -> None:
    network = data.draw(networks())
    demand = data.draw(snaps(network, prefix="d"))
    stations = data.draw(snaps(network, prefix="s", max_size=2))
    counts = people(demand, [float(2**i) for i in range(len(demand))])
    table = stranded(network, demand, stations, people=counts)
    for edge in table.index:
        assert table["people"][edge] == slow_stranded(network, demand, stations, counts, edge)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_bridges_are_the_edges_whose_removal_makes_more_components(network: RoadNetwork) -> None:
    whole = _components(network, None)
    slow = [edge for edge in range(network.n_edges) if _components(network, edge) > whole]
    assert bridges(network).tolist() == slow


def _components(network: RoadNetwork, without: int | None) -> int:
    made = nx.MultiGraph()
    made.add_nodes_from(range(network.n_nodes))
    for edge, ends in enumerate(zip(network.edge_u.tolist(), network.edge_v.tolist(), strict=True)):
        if edge != without and min(network.edge_ms[edge], network.edge_back_ms[edge]) < UNREACHED_MS:
            made.add_edge(*ends)
    return nx.number_connected_components(made)


def test_the_bridges_of_liechtenstein_are_those_of_networkx() -> None:
    roads = read_roads(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    network = from_roads(roads, load_profile("fire_engine"))
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    graph.add_edges_from(
        zip(network.edge_u.tolist(), network.edge_v.tolist(), range(network.n_edges), strict=True)
    )
    pairs = {frozenset(pair) for pair in nx.bridges(nx.Graph(graph))}
    single = pd.Series(
        [frozenset(p) for p in zip(network.edge_u.tolist(), network.edge_v.tolist(), strict=True)]
    )
    is_parallel = single.duplicated(keep=False)
    slow = [e for e in range(network.n_edges) if single[e] in pairs and not is_parallel[e]]
    assert len(slow) > 1000
    assert bridges(network).tolist() == slow


# Dead ends: a ring 1-2-3-6 with a blind road 2-4-5 of two pieces inside it.
SPUR = town(
    {1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (1000, 300), 5: (1000, 700), 6: (1000, 1500)},
    [(1, 2, 60), (2, 3, 60), (2, 4, 20), (4, 5, 20), (1, 6, 90), (6, 3, 90)],
)


def test_a_dead_end_goes_from_its_end_to_the_first_junction() -> None:
    homes = make_snaps(
        [(2, 0.0, 0.0), (2, 0.5, 0.0), (2, 1.0, 0.0), (3, 1.0, 0.0), (0, 0.5, 0.0)], prefix="d"
    )
    table = dead_ends(SPUR, homes, people=people(homes, [1.0, 2.0, 4.0, 8.0, 16.0]), border_m=0.0)
    # Those at the junction (1) and on the main road (16) do not live along it: 2 + 4 + 8.
    assert table[["length_m", "people", "n_edges"]].to_numpy().tolist() == [[700.0, 14.0, 2]]
    assert not table["is_border"].any()


@pytest.mark.parametrize(("border_m", "is_border"), [(199.9, False), (200.0, True)])
def test_an_end_at_the_border_is_marked_at_the_very_distance(border_m: float, is_border: bool) -> None:
    rim = shapely.LineString(np.array([(800, 900), (1200, 900)]) + ORIGIN)  # 200 m above the end at 700
    homes = make_snaps([], prefix="d")
    table = dead_ends(SPUR, homes, people=people(homes, []), outline=rim, border_m=border_m)
    assert table["is_border"].tolist() == [is_border]


def test_ferries_turning_loops_and_skipped_classes() -> None:
    # 1-2 ends in a loop in which an engine turns: no dead end. 1-3 ends blind. A lone piece 4-5 is told once.
    loop = town(
        {1: (0, 0), 2: (100, 0), 3: (0, 100), 4: (900, 900), 5: (950, 900), 6: (0, -100)},
        [(1, 2, 10), (2, 2, 5), (1, 3, 10), (4, 5, 5), (6, 1, 10), (6, 6, 5)],
    )
    homes = make_snaps([], prefix="d")
    table = dead_ends(loop, homes, people=people(homes, []), border_m=0.0, skip=["unclassified"])
    assert sorted(table["edge"]) == [2, 3]
    assert table["is_skipped"].all()


def test_a_closed_road_makes_a_dead_end_of_the_road_before_it() -> None:
    homes = make_snaps([(2, 0.5, 0.0)], prefix="d")
    before = dead_ends(ISLAND, HOMES, people=people(HOMES, PEOPLE), border_m=0.0)
    assert before["edge"].tolist() == [BLIND]
    after = dead_ends(close_edges(SPUR, [3]), homes, people=people(homes), border_m=0.0)
    assert after[["edge", "people"]].to_numpy().tolist() == [[2, 1.0]]
