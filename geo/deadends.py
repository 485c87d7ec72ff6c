"""Roads that end blind, from their ends to the first junction, and who lives along them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.roadlinks import count_ends, draw_edges, open_edges

__all__ = ["dead_ends"]

_FERRY: Final = "ferry"


def dead_ends(
    network: RoadNetwork,
    demand: pd.DataFrame,
    *,
    people: pd.Series,
    outline: shapely.Geometry | None = None,
    border_m: float = 100.0,
    skip: Collection[str] = (),
) -> gpd.GeoDataFrame:
    """Give the roads that end blind, each from its end to the first junction; most people first.

    A road ends blind at a node where one single open road ends and no ferry lands. Where the end lies
    within ``border_m`` of the outline the road may go on outside the data (or stand at the sea): it is
    marked.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    demand : DataFrame
        Snaps of the people's places.
    people : Series
        People by demand id.
    outline : Geometry, optional
        Border of the data; the hull of the nodes when missing.
    border_m : float
        Metres from the outline (inclusive) within which an end says nothing.
    skip : collection of str
        Road classes (``highway``) whose dead ends do not count, such as driveways; marked.

    Returns
    -------
    GeoDataFrame
        RangeIndex; ``name``, ``highway``, ``length_m``, ``people`` (who live along it), ``n_edges``,
        ``is_border``, ``is_skipped``, ``edge`` (the last edge), ``node`` (position of the end), ``geometry``
        (the line).
    """
    ends, chains = _blind_roads(network)
    along = _people_along(network, demand, people, ends, chains)
    last = np.array([edges[0] for edges in chains], dtype=np.int64)
    rim = (
        outline if outline is not None else shapely.convex_hull(shapely.multipoints(network.node_xy)).boundary
    )
    classes = np.array(network.classes, dtype=object)
    table = gpd.GeoDataFrame(
        {
            "name": np.array(network.names, dtype=object)[network.edge_name[last]],
            "highway": classes[network.edge_class[last]],
            "length_m": [float(network.edge_length[edges].sum()) for edges in chains],
            "people": along,
            "n_edges": [len(edges) for edges in chains],
            "is_border": shapely.distance(shapely.points(network.node_xy[ends]), rim) <= border_m,
            "is_skipped": np.isin(classes[network.edge_class[last]], list(skip)),
            "edge": last,
            "node": ends,
        },
        geometry=[draw_edges(network, np.array(edges)) for edges in chains],
        crs=network.crs,
    )
    return table.sort_values(["people", "length_m"], ascending=False, kind="stable", ignore_index=True)


def _blind_roads(network: RoadNetwork) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Follow each road from its blind end over nodes where nothing else meets to the first junction."""
    degree, edges = count_ends(network), open_edges(network)
    ends = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
    order = np.argsort(ends, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=network.n_nodes))])
    at_node = np.tile(edges, 2)[order]
    ferry = network.classes.index(_FERRY) if _FERRY in network.classes else -1
    blind, chains, seen = [], [], set()
    for end in np.flatnonzero(degree == 1).tolist():
        node, edge, chain = end, int(at_node[start[end]]), []
        if network.edge_class[edge] == ferry or end in seen:
            continue
        while True:
            chain.append(edge)
            node = int(network.edge_u[edge] + network.edge_v[edge] - node)
            if degree[node] != 2:
                break
            one, other = at_node[start[node] : start[node] + 2].tolist()
            edge = other if one == edge else one
        seen.add(node)  # a piece of road with two blind ends is told once
        blind.append(end)
        chains.append(chain)
    return np.array(blind, dtype=np.int64), chains


def _people_along(
    network: RoadNetwork,
    demand: pd.DataFrame,
    people: pd.Series,
    ends: NDArray[np.int64],
    chains: list[list[int]],
) -> NDArray[np.float64]:
    """Count the people along each blind road; those at its junction live on the other roads as well."""
    own = np.full(network.n_edges, -1, dtype=np.int64)
    for i, chain in enumerate(chains):
        own[chain] = i
    mouth = np.array([_mouth(network, int(end), chain) for end, chain in zip(ends, chains, strict=True)])
    edge = np.where(demand["is_snapped"], demand["edge"], -1).astype(np.int64)
    rows = np.flatnonzero((edge >= 0) & (own[edge] >= 0))
    edge, fraction = edge[rows], demand["fraction"].to_numpy(dtype=float)[rows]
    node = np.where(
        fraction == 0.0, network.edge_u[edge], np.where(fraction == 1.0, network.edge_v[edge], -1)
    )
    road = own[edge]
    away = node != mouth[road] if len(rows) else np.zeros(0, dtype=bool)
    weight = people.reindex(demand.index[rows]).to_numpy(dtype=float)
    return np.bincount(road[away], weights=weight[away], minlength=len(chains)).astype(np.float64)


def _mouth(network: RoadNetwork, end: int, chain: list[int]) -> int:
    """Give the node at which a blind road leaves the others."""
    node = end
    for edge in chain:
        node = int(network.edge_u[edge] + network.edge_v[edge] - node)
    return node
