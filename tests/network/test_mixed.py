"""Edges that osmnx joined of a road and a footway: nobody drives through, whoever lives there is reached."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geo.network import from_networkx, read_graphml, roads_from_lines
from geo.network.classes import known_class
from geo.network.tags import CLOSED, NO_CARS, access_flags
from geo.standards import load_profile

EAST, NORTH = 350_000.0, 3_500_000.0
AT = {1: (0, 0), 2: (1000, 0), 3: (1000, 600), 4: (2000, 600)}


def graph(*, highway: object, back: object | None = None, access: object = None) -> nx.MultiDiGraph:
    """Streets 1-2 and 3-4 of 1,000 m, and between 2 and 3 an edge of 600 m that osmnx joined of two ways."""
    made = nx.MultiDiGraph(crs="EPSG:32651")
    for node, (x, y) in AT.items():
        made.add_node(node, x=EAST + x, y=NORTH + y)
    for u, v, metres, kind, osmid in (
        (1, 2, 1000.0, "tertiary", 10),
        (3, 4, 1000.0, "tertiary", 11),
        (2, 3, 600.0, highway, [12, 13]),
    ):
        there = {"length": metres, "highway": kind, "osmid": osmid}
        if access is not None and u == 2:
            there["access"] = access
        made.add_edge(u, v, **there)
        on_way_back = {"osmid": [13, 12], "highway": back or highway} if u == 2 else {}
        made.add_edge(v, u, **there | on_way_back)
    return made


def classes(network) -> list[tuple[str, float]]:
    kinds = np.array(network.classes)[network.edge_class]
    return sorted(zip(kinds.tolist(), network.edge_length.tolist(), strict=True))


def test_a_street_that_goes_on_as_steps_is_a_dead_end() -> None:
    # 2 and 3 have one street each: the road is at the one farther west, then south: 2 (x 1000, y 0).
    made = graph(highway=["residential", "steps"], back=["steps", "residential"])
    driven = from_networkx(made, profile=load_profile("fire_engine"))
    assert classes(driven) == [("residential", 300.0), ("tertiary", 1000.0), ("tertiary", 1000.0)]
    assert driven.n_components == 2
    lines = driven.edges.set_index(np.array(driven.classes)[driven.edge_class]).geometry
    at = shapely.get_coordinates(lines["residential"]) - (EAST, NORTH)
    assert sorted(map(tuple, at)) == [(1000, 0), (1000, 300)]
    walked = from_networkx(made, profile=load_profile("walk"))
    assert walked.n_components == 1
    assert walked.edge_length.sum() == pytest.approx(2600)


def test_the_road_is_at_the_end_where_more_roads_meet() -> None:
    made = graph(highway=["steps", "residential"])
    made.add_node(5, x=EAST + 1000, y=NORTH + 900)
    for u, v in ((3, 5), (5, 3)):
        made.add_edge(u, v, length=300.0, highway="tertiary", osmid=14)
    driven = from_networkx(made, profile=load_profile("fire_engine"))
    lines = driven.edges.set_index(np.array(driven.classes)[driven.edge_class]).geometry
    assert sorted(shapely.get_coordinates(lines["residential"])[:, 1] - NORTH) == [300, 600]


def test_both_directions_are_one_road_in_whatever_order_its_ways_are_listed() -> None:
    made = graph(highway=["residential", "tertiary"], back=["tertiary", "residential"])
    network = from_networkx(made, profile=load_profile("fire_engine"))
    assert classes(network) == [("tertiary", 600.0), ("tertiary", 1000.0), ("tertiary", 1000.0)]


@pytest.mark.parametrize(
    ("access", "n_edges"), [("no", 2), (["private", "no"], 2), ("private", 3), ("destination", 3), (None, 3)]
)
def test_the_access_of_a_graph_is_heeded(tmp_path: Path, access: object, n_edges: int) -> None:
    made = graph(highway="residential", access=access)
    assert from_networkx(made, profile=load_profile("fire_engine")).n_edges == n_edges
    # and as osmnx writes it: lists as text
    for *_, data in made.edges(data=True):
        data.update({key: str(value) for key, value in data.items()})
    nx.write_graphml(made, tmp_path / "g.graphml")
    assert read_graphml(tmp_path / "g.graphml", profile=load_profile("fire_engine")).n_edges == n_edges


def test_what_is_joined_is_told_with_its_kilometres() -> None:
    network = from_networkx(graph(highway=["residential", "steps"]), profile=load_profile("fire_engine"))
    (note,) = [note for note in network.notes if note.key == "network.graph_mixed"]
    assert str(note).startswith("1 edges (0.6 km) were joined of roads of several classes")
    assert "residential + steps (0.6 km)" in str(note)


def test_parts_one_after_another_are_read_the_other_way_round_than_several_values_of_one_road() -> None:
    assert known_class("['residential', 'steps']") == "residential+steps"
    assert known_class("['path', 'steps']") == "steps"
    assert known_class("['residential', 'tertiary']") == known_class("residential;tertiary") == "tertiary"
    assert known_class("residential;steps") == "residential"
    assert access_flags({"access": "['private', 'no']"}) & CLOSED
    assert not access_flags({"access": "private;no"}) & CLOSED
    assert access_flags({"access": "private;no"}) & NO_CARS


def test_a_layer_of_such_edges_gives_the_same(tmp_path: Path) -> None:
    lines = [
        shapely.LineString([(EAST + x, NORTH + y) for x, y in (AT[u], AT[v])])
        for u, v in ((1, 2), (3, 4), (2, 3))
    ]
    table = gpd.GeoDataFrame(
        {"highway": ["tertiary", "tertiary", "['residential', 'steps']"], "oneway": "no"},
        geometry=lines,
        crs="EPSG:32651",
    )
    roads = roads_from_lines(table)
    metres = dict.fromkeys(roads.classes, 0.0)
    for code, length in zip(roads.edge_class, roads.edge_length, strict=True):
        metres[roads.classes[code]] += length
    assert metres == pytest.approx({"tertiary": 2000, "residential": 300, "steps": 300}, rel=1e-3)
    assert "network.graph_mixed" in {note.key for note in roads.notes}
