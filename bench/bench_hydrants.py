"""Hydrants on a city of 400,000 edges, against shapely's circles and networkx; answers are compared first."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from geo.hydrants import (
    HydrantRoads,
    best_sites,
    cover_people,
    cover_roads,
    find_gaps,
    gap_table,
    least_hydrants,
    make_roads,
    place_hydrants,
)
from geo.network import RoadNetwork
from geo.sample import grid_network

CITY, PART = 259_000, 20_000
CLASSES = ("residential", "secondary", "primary")
N_PROPOSED = 600
T = TypeVar("T")


def rows() -> list[dict[str, str]]:
    """Give the rows of the table."""
    part, standing = town(PART)
    roads = make_roads(part, classes=CLASSES)
    return [*city(), against_circles(roads, standing), against_networkx(roads, standing)]


def town(n_nodes: int) -> tuple[RoadNetwork, gpd.GeoDataFrame]:
    """Give an invented city with a hydrant at one crossing in thirty, a few metres off the road."""
    network = grid_network(n_nodes, seed=1)
    chance = np.random.default_rng(0)
    at = np.sort(chance.choice(network.n_nodes, network.n_nodes // 30, replace=False))
    off = chance.normal(0, 5, (len(at), 2))
    return network, gpd.GeoDataFrame(geometry=shapely.points(network.node_xy[at] + off), crs=network.crs)


def people_of(network: RoadNetwork) -> gpd.GeoDataFrame:
    """Give people near one crossing in five."""
    chance = np.random.default_rng(2)
    at = np.sort(chance.choice(network.n_nodes, network.n_nodes // 5, replace=False))
    xy = network.node_xy[at] + chance.normal(0, 20, (len(at), 2))
    people = chance.integers(1, 300, len(at)).astype(float)
    return gpd.GeoDataFrame(
        {"people": people, "risk": 1.0, "zone": None}, geometry=shapely.points(xy), crs=network.crs
    )


def city() -> list[dict[str, str]]:
    """Time the whole work on the whole city; a small one before it compiles and warms up."""
    for n_nodes in (900, CITY):
        network, standing = town(n_nodes)
        homes = people_of(network)
        start, cpu = time.perf_counter(), time.process_time()
        roads = make_roads(network, classes=CLASSES)
        placed = place_hydrants(roads, standing, max_m=30.0)
        spacing = find_gaps(roads, placed)
        table = gap_table(roads, spacing)
        gaps_s, gaps_cpu = time.perf_counter() - start, time.process_time() - cpu
        cover = cover_people(homes, standing)
        plan = best_sites(roads, spacing, homes[~cover["is_covered"]], n=N_PROPOSED)
        sites_s, sites_cpu = time.perf_counter() - start, time.process_time() - cpu
        start, cpu = time.perf_counter(), time.process_time()
        least = least_hydrants(roads, placed, spacing)
        least_s, least_cpu = time.perf_counter() - start, time.process_time() - cpu
    return [
        {
            "work": f"hydrant gaps and {len(plan.table)} proposals ({network.n_edges:,} edges)",
            "ours": f"{sites_s:.1f} s",
            "peer": "-",
            "ratio": "-",
            "target": "30 s",
            "note": f"{sites_cpu:.1f} s of processor time; gaps alone {gaps_s:.1f} s ({gaps_cpu:.1f}); "
            f"{len(standing):,} hydrants, {len(table):,} gaps, {plan.n_candidates:,} candidates; "
            f"value at least {plan.value / plan.bound:.0%} of the best",
        },
        {
            "work": "the least number that closes every gap there",
            "ours": f"{least_s:.1f} s",
            "peer": "-",
            "ratio": "-",
            "target": "-",
            "note": f"{least_cpu:.1f} s of processor time; {least.n:,} hydrants, bound {least.bound:,}",
        },
    ]  # fmt: skip


def against_circles(roads: HydrantRoads, standing: gpd.GeoDataFrame) -> dict[str, str]:
    """Cut the roads at the circles, and intersect them with the union of buffers as one would by hand."""
    lines = roads.network.edges.geometry.to_numpy()

    def peer() -> float:
        circles = shapely.union_all(shapely.buffer(standing.geometry.array, 150.0, quad_segs=16))
        parts = shapely.get_parts(circles)
        line, part = shapely.STRtree(parts).query(lines, predicate="intersects")
        return float(shapely.length(shapely.intersection(lines[line], parts[part])).sum())

    cover, ours_s = timed(lambda: cover_roads(roads, standing))
    inside_m, peer_s = timed(peer)
    ours_m = cover.covered.total() / 1000.0
    assert 0.0 <= ours_m / inside_m - 1.0 < 0.003, (ours_m, inside_m)
    return {
        "work": f"road within 150 m of {len(standing):,} hydrants ({roads.network.n_edges:,} edges)",
        "ours": f"{ours_s * 1000:.0f} ms",
        "peer": f"shapely, union of buffers {peer_s * 1000:.0f} ms",
        "ratio": f"{peer_s / ours_s:.0f}x",
        "target": "-",
        "note": f"the buffers of 64 corners are {1 - inside_m / ours_m:.2%} short",
    }


def against_networkx(roads: HydrantRoads, standing: gpd.GeoDataFrame) -> dict[str, str]:
    """Find the gaps, and find them on the graph that is split at the hydrants."""
    placed = place_hydrants(roads, standing, max_m=30.0)
    graph = split_graph(roads, placed)
    sources = {("h", i) for i in np.flatnonzero(placed["is_snapped"]).tolist()}

    def peer() -> float:
        away = nx.multi_source_dijkstra_path_length(graph, sources, cutoff=60_000, weight="mm")
        return sum(
            max(0, mm - sum(max(0, 60_000 - away.get(end, 60_000)) for end in (a, b)))
            for a, b, mm in graph.edges(data="mm")
        )

    spacing, ours_s = timed(lambda: find_gaps(roads, placed, end_m=60.0))
    found, peer_s = timed(peer)
    assert spacing.parts.total() == found, (spacing.parts.total(), found)
    return {
        "work": f"gaps along the road, {len(standing):,} hydrants ({roads.network.n_edges:,} edges)",
        "ours": f"{ours_s * 1000:.0f} ms",
        "peer": f"networkx on the split graph {peer_s * 1000:.0f} ms",
        "ratio": f"{peer_s / ours_s:.0f}x",
        "target": "-",
        "note": "equal to the millimetre; making the graph is not counted",
    }


def split_graph(roads: HydrantRoads, placed: pd.DataFrame) -> nx.MultiGraph:
    """Cut every road at its hydrants, lengths in whole millimetres."""
    graph, on = nx.MultiGraph(), placed.reset_index(drop=True)
    by_edge = on[on["is_snapped"]].groupby("edge")["at_mm"]
    stops = {edge: sorted((int(at), ("h", i)) for i, at in rows.items()) for edge, rows in by_edge}
    ends = zip(
        roads.sides.edge_u.tolist(), roads.sides.edge_v.tolist(), roads.length_mm.tolist(), strict=True
    )
    for edge, (u, v, length) in enumerate(ends):
        way = [(0, ("n", u)), *stops.get(edge, []), (length, ("n", v))]
        for (at, a), (to, b) in pairwise(way):
            graph.add_edge(a, b, mm=to - at)
    return graph


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Give what a call gives, and the least seconds of three."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        found = call()
        taken.append(time.perf_counter() - start)
    return found, min(taken)
