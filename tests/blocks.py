"""Towns of straight streets whose lengths are multiples of 20 m, and the same cut into cells of 10 m.

The cells are the independent answer: distances between places by networkx, no fractions of edges at all.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import geopandas as gpd
import networkx as nx
import pandas as pd

from geo.hydrants import HydrantRoads, make_roads, place_hydrants
from geo.network import RoadNetwork
from tests.towns import places, town

CELL = 10
At = tuple[int, int]
"""A place: metres east and north."""


def blocks(seed: int, *, is_tree: bool, size: int = 3) -> nx.Graph:
    """Make a random part of a street grid; nodes are places, weights metres."""
    chance = random.Random(seed)
    east = [0]
    north = [0]
    for line in (east, north):
        while len(line) < size:
            line.append(line[-1] + 20 * chance.randint(1, 8))
    graph = nx.Graph()
    for i, x in enumerate(east):
        for j, y in enumerate(north):
            if i + 1 < size:
                graph.add_edge((x, y), (east[i + 1], y), weight=east[i + 1] - x)
            if j + 1 < size:
                graph.add_edge((x, y), (x, north[j + 1]), weight=north[j + 1] - y)
    for a, b in chance.sample(sorted(graph.edges), len(graph.edges)):
        if is_tree or chance.random() < 0.4:
            graph.remove_edge(a, b)
            if is_tree and not nx.is_connected(graph):
                graph.add_edge(a, b, weight=abs(a[0] - b[0]) + abs(a[1] - b[1]))
    graph.remove_nodes_from(list(nx.isolates(graph)))
    return graph


def network_of(graph: nx.Graph) -> RoadNetwork:
    """Make the road network of a street grid."""
    ids = {node: i for i, node in enumerate(sorted(graph.nodes))}
    links = [(ids[a], ids[b], 10.0) for a, b in sorted(graph.edges)]
    return town({i: (float(x), float(y)) for (x, y), i in ids.items()}, links)


def cells_of(graph: nx.Graph) -> nx.Graph:
    """Cut the streets into cells of 10 m: nodes are their ends."""
    cells = nx.Graph()
    for (x, y), (to_x, to_y) in graph.edges:
        n = (abs(to_x - x) + abs(to_y - y)) // CELL
        way = [(x + (to_x - x) * k // n, y + (to_y - y) * k // n) for k in range(n + 1)]
        nx.add_path(cells, way, weight=CELL)
    return cells


def hydrants_at(sites: Sequence[At]) -> gpd.GeoDataFrame:
    """Make hydrants on the centre line of streets."""
    return places({f"H{i}": (float(x), float(y)) for i, (x, y) in enumerate(sites)})


def placed_at(graph: nx.Graph, sites: Sequence[At]) -> tuple[HydrantRoads, pd.DataFrame]:
    """Give the roads of a street grid and its hydrants on them."""
    roads = make_roads(network_of(graph))
    return roads, place_hydrants(roads, hydrants_at(sites), max_m=1.0)


def some_cells(graph: nx.Graph, seed: int, n: int) -> list[At]:
    """Choose places on the streets."""
    return random.Random(seed).sample(sorted(cells_of(graph).nodes), n)
