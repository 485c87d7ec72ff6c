"""Graphs: osmnx and networkx work on them, and a round trip changes nothing."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import FileError, NetworkError
from geo.network import RoadNetwork, from_networkx, from_roads, read_graphml, to_networkx, write_graphml
from geo.osm import read_roads
from geo.standards import SpeedProfile, load_profile
from tests.shared import real
from tests.towns import town

SQUARE = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000)}
# two-way at unlike times, one-way, against the drawing, two parallel roads, a loop both ways, one one-way
LINKS = [(1, 2, 60.0, 61.5), (2, 3, 30.0, np.inf), (3, 4, np.inf, 45.25), (1, 4, 50.0), (1, 4, 52.0),
         (3, 3, 70.0, 70.0), (4, 4, 80.0, np.inf)]  # fmt: skip
SHAPES = {4: [(-200, 500)], 5: [(1100, 1000), (1100, 1200)], 6: [(0, 1200), (-100, 1200)]}


def rows(network: RoadNetwork) -> list[tuple[object, ...]]:
    """Every edge once, drawn from its lower end or, for a loop or one-way street, as driven."""
    found = []
    for edge in range(network.n_edges):
        u, v = int(network.node_id[network.edge_u[edge]]), int(network.node_id[network.edge_v[edge]])
        there, back = int(network.edge_ms[edge]), int(network.edge_back_ms[edge])
        shape = network.xy[network.xy_start[edge] : network.xy_start[edge + 1]].tolist()
        if v < u or (u == v and there > back):
            u, v, there, back, shape = v, u, back, there, shape[::-1]
        name, kind = network.names[network.edge_name[edge]], network.classes[network.edge_class[edge]]
        found.append((u, v, there, back, float(network.edge_length[edge]), str(shape), name, kind))
    return sorted(found)


def test_a_round_trip_keeps_every_road_and_its_times() -> None:
    network = town(SQUARE, LINKS, shapes=SHAPES)
    graph = to_networkx(network)
    # arcs: 2 + 1 + 1 + 2 + 2 + 2 + 1
    assert graph.number_of_edges() == 11
    assert rows(from_networkx(graph)) == rows(network)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4), st.integers(1, 4),
            st.one_of(st.just(np.inf), st.integers(1, 99_999).map(lambda ms: ms / 1000)),
            st.one_of(st.just(np.inf), st.integers(1, 99_999).map(lambda ms: ms / 1000)),
        ).filter(lambda link: link[0] != link[1] and min(link[2:]) < np.inf),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_a_round_trip_keeps_the_times_of_any_town(links: list[tuple[int, int, float, float]]) -> None:
    network = town(SQUARE, links)
    assert rows(from_networkx(to_networkx(network))) == rows(network)


def test_a_graph_file_keeps_every_digit(tmp_path: Path) -> None:
    network = town(SQUARE, LINKS, shapes=SHAPES)
    write_graphml(network, tmp_path / "town.graphml")
    again = read_graphml(tmp_path / "town.graphml")
    assert rows(again) == rows(network)
    assert again.crs == network.crs
    assert [path.name for path in tmp_path.iterdir()] == ["town.graphml"]


@pytest.mark.real
def test_osmnx_works_on_the_graph_and_reads_the_file(tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx")
    profile = load_profile("fire_engine")
    roads = read_roads(real("helsinki/Helsinki.osm.pbf"), classes=profile.speeds_kph)
    network = from_roads(roads, profile)
    graph = to_networkx(network)
    middle = (network.xy_start[:-1] + network.xy_start[1:]) // 2
    x, y = network.xy[middle[100]]
    u, v, key = osmnx.distance.nearest_edges(graph, x, y)
    assert graph.edges[u, v, key]["length"] > 0
    main = network.node_id[network.node_component == 0]
    route = osmnx.shortest_path(graph, int(main[0]), int(main[-1]), weight="travel_time")
    seconds = osmnx.routing.route_to_gdf(graph, route, weight="travel_time")["travel_time"].sum()
    assert seconds == pytest.approx(
        nx.shortest_path_length(graph, int(main[0]), int(main[-1]), weight="travel_time"), abs=1e-9
    )
    write_graphml(network, tmp_path / "helsinki.graphml")
    loaded = osmnx.load_graphml(tmp_path / "helsinki.graphml")
    assert rows(from_networkx(loaded)) == rows(network)
    osmnx.save_graphml(loaded, tmp_path / "theirs.graphml")
    assert rows(read_graphml(tmp_path / "theirs.graphml")) == rows(network)


def osmnx_like(**changes: object) -> nx.MultiDiGraph:
    """Give a two-way street as osmnx does: in degrees, lists where ways were joined, no times."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(7, x=121.40, y=31.60)
    graph.add_node(8, x=121.41, y=31.60)
    common = {
        "osmid": [5, 6],
        "highway": ["primary", "trunk"],
        "name": ["甲", "乙"],
        "length": 950.0,
        "maxspeed": "60",
    }
    graph.add_edge(7, 8, **(common | changes))
    graph.add_edge(8, 7, **(common | changes))
    return graph


def test_a_graph_of_osmnx_gets_its_times_from_a_profile() -> None:
    network = from_networkx(osmnx_like(), profile=SpeedProfile(name="x", speeds_kph={"trunk": 34.2}))
    assert network.n_edges == 1
    assert network.edge_ms.tolist() == network.edge_back_ms.tolist() == [100_000], "950 m at 9.5 m/s"
    assert network.node_id[network.edge_u].tolist() == [7]
    assert network.edges["name"].tolist() == ["甲"]
    assert network.crs.to_epsg() == 32651


def test_graphs_that_cannot_be_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="2 edges of the graph have no travel_time"):
        from_networkx(osmnx_like())
    with pytest.raises(NetworkError, match="2 edges of the graph have no length"):
        from_networkx(osmnx_like(length=None))
    with pytest.raises(NetworkError, match="directed"):
        from_networkx(nx.MultiDiGraph())
    bare = osmnx_like()
    del bare.graph["crs"]
    with pytest.raises(NetworkError, match="no CRS"):
        from_networkx(bare)
    lost = osmnx_like()
    del lost.nodes[8]["x"]
    with pytest.raises(NetworkError, match="no x and y, first 8"):
        from_networkx(lost)
    (tmp_path / "bad.graphml").write_text("<graphml><graph")
    with pytest.raises(FileError, match="no GraphML"):
        read_graphml(tmp_path / "bad.graphml")
    with pytest.raises(FileError):
        read_graphml(tmp_path / "missing.graphml")


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_time_that_no_road_takes_names_its_edge(seconds: float) -> None:
    graph = to_networkx(town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100)]))
    start, end, key = next(iter(graph.edges(keys=True)))
    graph.edges[start, end, key]["travel_time"] = seconds
    with pytest.raises(NetworkError, match=f"from {start} to {end}"):
        from_networkx(graph)
