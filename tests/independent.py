"""Travel times the slow way: every point becomes a node of a networkx graph. Reads the edge table only."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd

from geo.network import RoadNetwork
from geo.times import UNREACHED_MS


def split_graph(network: RoadNetwork, *tables: pd.DataFrame) -> nx.MultiDiGraph:
    """Make a graph in which the snapped points (``("at", edge, fraction)``) cut their edges."""
    cuts: dict[int, set[float]] = {}
    for table in tables:
        for edge, fraction in zip(table["edge"], table["fraction"], strict=True):
            if edge >= 0:
                cuts.setdefault(int(edge), set()).add(float(fraction))
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    for edge in range(network.n_edges):
        inner = [(fraction, ("at", edge, fraction)) for fraction in sorted(cuts.get(edge, ()))]
        stops = [(0.0, int(network.edge_u[edge])), *inner, (1.0, int(network.edge_v[edge]))]
        is_open = min(network.edge_ms[edge], network.edge_back_ms[edge]) < UNREACHED_MS
        for (a, tail), (b, head) in pairwise(stops):
            if a == b and is_open:  # at the junction itself
                graph.add_edge(tail, head, s=0.0)
                graph.add_edge(head, tail, s=0.0)
            if network.edge_ms[edge] < UNREACHED_MS:
                graph.add_edge(tail, head, s=(b - a) * network.edge_ms[edge] / 1000.0)
            if network.edge_back_ms[edge] < UNREACHED_MS:
                graph.add_edge(head, tail, s=(b - a) * network.edge_back_ms[edge] / 1000.0)
    return graph


def slow_times(
    network: RoadNetwork, facilities: pd.DataFrame, demand: pd.DataFrame, *, direction: str
) -> pd.DataFrame:
    """Give seconds, demand by facilities, by one Dijkstra search a facility on the split graph."""
    graph = split_graph(network, facilities, demand)
    if direction == "to_facility":
        graph = graph.reverse(copy=False)
    columns = {}
    for name, row in facilities.iterrows():
        reached: dict[object, float] = {}
        if row["edge"] >= 0:
            start = ("at", int(row["edge"]), float(row["fraction"]))
            reached = nx.single_source_dijkstra_path_length(graph, start, weight="s")
        columns[name] = [
            row["access_s"] + reached.get(("at", int(edge), float(fraction)), np.inf) + access
            for edge, fraction, access in _rows(demand)
        ]
    return pd.DataFrame(columns, index=demand.index, columns=facilities.index, dtype=float)


def _rows(table: pd.DataFrame) -> Iterable[tuple[float, float, float]]:
    return zip(table["edge"], table["fraction"], table["access_s"], strict=True)
