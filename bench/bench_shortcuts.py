"""What the usual shortcuts get wrong: buildings of Liechtenstein within 240 s of driving, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from scipy.spatial import KDTree

from bench.liechtenstein import PBF, load
from geo.network import RoadNetwork, to_networkx
from geo.routing import nearest, snap
from geo.standards import SpeedProfile, load_profile
from tests.independent import slow_times

LIMIT_S = 240.0
AT_ONCE_KPH = 1e12
"""The shortcuts know no way between the building and the road, so it takes no time here."""
Within = Callable[[RoadNetwork, gpd.GeoDataFrame, gpd.GeoDataFrame], np.ndarray]


def rows() -> list[dict[str, str]]:
    """Give the rows of the table."""
    if not PBF.exists():
        return []
    engine = load_profile("fire_engine")
    streets = {name: kph for name, kph in engine.speeds_kph.items() if name not in ("service", "track")}
    plain = replace(engine, speeds_kph=streets, private_roads=False, oneway="obey")
    return [*compare(engine, "all roads"), *compare(plain, "no service roads or tracks")]


def compare(profile: SpeedProfile, roads: str) -> list[dict[str, str]]:
    """Give the rows on the network of one profile."""
    network, station, house = load(profile)
    truth = one_by_one(network, station, house)
    return [
        row(f"{roads}: {work}", within(network, station, house), truth, target)
        for work, within, target in (
            ("every building inserted into the graph, against ours", ours, "0"),
            ("times from node to nearest node", node_to_node, "1.8 %"),
            ("convex hulls of the reached nodes", hulls, "5.4 %"),
            (
                "osmnx's isochrone example: edges buffered 25 m, nodes 50 m, holes filled",
                edge_buffers,
                "12 %",
            ),
            ("reached nodes buffered 50 m", node_buffers, "48 %"),
        )
    ]


def row(work: str, within: np.ndarray, truth: np.ndarray, target: str) -> dict[str, str]:
    """Give one row: the share of buildings that are put on the wrong side of the limit."""
    over, under = int((within & ~truth).sum()), int((truth & ~within).sum())
    return {
        "work": f"{len(truth):,} buildings within {LIMIT_S:.0f} s, {work}",
        "ours": "-",
        "peer": f"{over + under:,} wrong",
        "ratio": f"{(over + under) / len(truth):.1%}",
        "target": target,
        "note": f"{over:,} wrongly within, {under:,} wrongly not; {truth.mean():.1%} are within",
    }


def ours(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say which buildings are within the limit, exact on the edge."""
    f, d = (snap(points, network, access_kph=AT_ONCE_KPH) for points in (station, house))
    found = nearest(network, f, d, direction="from_facility", limit_s=LIMIT_S)
    return np.isfinite(found["first_s"].to_numpy())


def one_by_one(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say the same by networkx, every station and building a node of the graph."""
    f, d = (snap(points, network, access_kph=AT_ONCE_KPH) for points in (station, house))
    times = slow_times(network, f, d, direction="from_facility")
    # Ours are whole milliseconds: a part-edge may be half of one longer.
    return times.min(axis=1).to_numpy() <= LIMIT_S + 0.0005


def node_to_node(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say it by the time between the nearest nodes."""
    is_reached = np.zeros(network.n_nodes, dtype=bool)
    for graph in reached(network, station):
        is_reached[np.isin(network.node_id, list(graph.nodes))] = True
    return is_reached[nearest_nodes(network, house)]


def hulls(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say it by the hull around the nodes that each station reaches."""
    return inside([node_points(graph).convex_hull for graph in reached(network, station)], house)


def edge_buffers(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say it by osmnx's example (notebook 13, isolines): buffers of edges and nodes, holes filled."""
    areas = []
    for graph in reached(network, station):
        edges = shapely.buffer([line for _, _, line in graph.edges(data="geometry")], 25)
        ground = shapely.union_all([*edges, node_points(graph).buffer(50)])
        areas += [shapely.Polygon(part.exterior) for part in shapely.get_parts(ground)]
    return inside(areas, house)


def node_buffers(network: RoadNetwork, station: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> np.ndarray:
    """Say it by circles around the nodes."""
    return inside([node_points(graph).buffer(50) for graph in reached(network, station)], house)


def reached(network: RoadNetwork, station: gpd.GeoDataFrame) -> Iterator[nx.MultiDiGraph]:
    """Give what each station reaches, by osmnx's recipe: from its nearest node, whole edges."""
    graph = to_networkx(network)
    for node in network.node_id[nearest_nodes(network, station)].tolist():
        yield nx.ego_graph(graph, node, radius=LIMIT_S, distance="travel_time")


def nearest_nodes(network: RoadNetwork, points: gpd.GeoDataFrame) -> np.ndarray:
    """Give the node nearest to each point, as osmnx does."""
    return KDTree(network.node_xy).query(shapely.get_coordinates(points.geometry))[1]


def node_points(graph: nx.MultiDiGraph) -> shapely.MultiPoint:
    """Give the nodes of a graph."""
    return shapely.MultiPoint([(node["x"], node["y"]) for _, node in graph.nodes(data=True)])


def inside(areas: list[shapely.Geometry], points: gpd.GeoDataFrame) -> np.ndarray:
    """Say which points lie in any of the areas."""
    ground = shapely.union_all(areas)
    shapely.prepare(ground)
    return shapely.contains(ground, points.geometry.to_numpy())
