"""Manhattan's ambulances (JEMSS.jl, Apache 2.0): times that arcs bring with them, several vehicles a station.

An independent way into the network: directed arcs with their own seconds, no classes. The vehicles of the
example's deployment, and its 451.2 calls a day, here from the middle of 300 arcs alike; a call keeps a
vehicle half an hour.
"""

from __future__ import annotations

import csv
import zipfile

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from geo.availability import (
    DispatchTable,
    Period,
    dispatch_table,
    erlang_loss,
    simulate_calls,
    solve_hypercube,
)
from geo.network import RoadNetwork, from_networkx
from geo.routing import snap, travel_times
from tests.shared import real

pytestmark = pytest.mark.real
CALLS_PER_H = 451.2 / 24.0
UTM = "EPSG:32618"


def _csv(name: str, after: str) -> pd.DataFrame:
    """Read the rows below the row whose first cell is ``after``."""
    if name.startswith("roads/"):
        with zipfile.ZipFile(real("jemss-manhattan/roads.zip")) as archive:
            text = archive.read(name.removeprefix("roads/")).decode()
    else:
        text = real(f"jemss-manhattan/{name}").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    start = next(i for i, row in enumerate(rows) if row and row[0] == after) + 1
    columns = [name for name in rows[start] if name]
    # notes to the right of the table have commas of their own
    told = [row[: len(columns)] for row in rows[start + 1 :] if row and row[0]]
    return pd.DataFrame(told, columns=columns).apply(pd.to_numeric, errors="coerce")


@pytest.fixture(scope="module")
def graph() -> nx.MultiDiGraph:
    nodes, arcs = _csv("roads/nodes.csv", "nodes"), _csv("roads/arcs.csv", "arcs")
    points = gpd.points_from_xy(nodes["x"], nodes["y"], crs=4326).to_crs(UTM)
    graph = nx.MultiDiGraph(crs=UTM)
    for node, point in zip(nodes["index"].astype(int), points, strict=True):
        graph.add_node(node, x=point.x, y=point.y)
    for row in arcs.itertuples():
        u, v = int(row.fromNode), int(row.toNode)
        a, b = graph.nodes[u], graph.nodes[v]
        length = max(float(np.hypot(a["x"] - b["x"], a["y"] - b["y"])), 0.01)
        graph.add_edge(u, v, length=length, travel_time=row.mode_1 * 86_400.0)
    return graph


@pytest.fixture(scope="module")
def table(graph: nx.MultiDiGraph) -> DispatchTable:
    stations = _csv("stations_1.csv", "stations").set_index("index")
    vehicles = _csv("ambulances_1.csv", "ambulances")["stationIndex"].value_counts()
    network = from_networkx(graph)
    points = gpd.GeoSeries(gpd.points_from_xy(stations["x"], stations["y"], crs=4326), index=stations.index)
    arcs = np.array([(u, v) for u, v, _ in graph.edges if u != v])
    middles = np.array([_middle(graph, u, v) for u, v in arcs])
    at = points.to_crs(UTM).loc[vehicles.index]
    near = np.array([np.argmin(np.hypot(*(middles - (p.x, p.y)).T)) for p in at])
    some = np.random.default_rng(0).choice(len(arcs), 300, replace=False)
    times = travel_times(
        network,
        _snapped(network, middles[near], vehicles.index),
        _snapped(network, middles[some], pd.RangeIndex(300)),
        direction="from_facility",
    ).to_dense()
    by_graph = _by_networkx(graph, arcs[near], arcs[some])
    np.testing.assert_allclose(times.to_numpy(), by_graph, atol=0.5)  # each arc is rounded to 1 ms
    calls = pd.Series(CALLS_PER_H / 300, index=times.index)
    return dispatch_table(times + 150.0, calls, crews=vehicles, service_min=30.0)


def _middle(graph: nx.MultiDiGraph, u: int, v: int) -> tuple[float, float]:
    a, b = graph.nodes[u], graph.nodes[v]
    return (a["x"] + b["x"]) / 2.0, (a["y"] + b["y"]) / 2.0


def _snapped(network: RoadNetwork, xy: np.ndarray, ids: pd.Index) -> pd.DataFrame:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T, crs=UTM), index=ids)
    return snap(points, network)


def _by_networkx(graph: nx.MultiDiGraph, sources: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """Split the arcs at the points, both ways where there are two, and ask networkx."""
    split = graph.copy()
    for u, v in (*sources, *goals):
        for a, b in ((u, v), (v, u)):
            if split.has_edge(a, b):
                half = min(data["travel_time"] for data in split[a][b].values()) / 2.0
                split.add_edge(a, ("middle", *sorted((u, v))), travel_time=half)
                split.add_edge(("middle", *sorted((u, v))), b, travel_time=half)
    columns = []
    for source in sources:
        middle = ("middle", *sorted(source))
        seconds = nx.single_source_dijkstra_path_length(split, middle, weight="travel_time")
        columns.append([seconds.get(("middle", *sorted(goal)), np.inf) for goal in goals])
    return np.array(columns).T


def test_vehicles_are_out_as_erlang_says(table: DispatchTable) -> None:
    n = int(table.crews.sum())
    assert n == 12
    assert table.crews.max() > 1
    exact = solve_hypercube(table, limit_s=480.0)
    assert exact.is_exact
    lost = erlang_loss(n, CALLS_PER_H * 0.5)
    assert exact.all_out_share == pytest.approx(lost)
    assert exact.figures["busy_share"] == pytest.approx(CALLS_PER_H * 0.5 * (1.0 - lost) / n)
    assert exact.figures["share_in_time"] < exact.figures["share_in_time_if_free"]


def test_a_year_of_calls_agrees_with_the_hypercube(table: DispatchTable) -> None:
    exact = solve_hypercube(table, limit_s=480.0)
    ran = simulate_calls(table, limit_s=480.0, period=Period(hours=2000.0, n=10, seed=2))
    figures = ran.figures(level=0.9999)
    for name, other in {"share_in_time": "share_in_time", "mean_s": "expected_s"}.items():
        assert figures.loc[name, "low"] < exact.figures[other] < figures.loc[name, "high"]
    np.testing.assert_allclose(ran.stations["busy_share"], exact.stations["busy_share"], atol=0.01)
