"""Where the roads hang by one thread: the links whose loss strands people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.network import RoadNetwork
from geo.spanning import Forest, find_bridges, fold, span
from geo.times import UNREACHED_MS

__all__ = ["bridges", "count_ends", "cut_links", "draw_edges", "open_edges", "stranded"]


def bridges(network: RoadNetwork) -> NDArray[np.int64]:
    """Give the edges without which a part of the open roads is cut off from the rest.

    One-way roads count as open both ways; of two parallel roads neither is such an edge; edges closed in
    both directions are not there.

    Examples
    --------
    >>> from geo.cities import grid_network
    >>> len(bridges(grid_network(900, seed=1)))
    29
    """
    edges = open_edges(network)
    u, v = network.edge_u[edges], network.edge_v[edges]
    return edges[find_bridges(span(network.n_nodes, u, v), u, v)]


def stranded(
    network: RoadNetwork, demand: pd.DataFrame, stations: pd.DataFrame, *, people: pd.Series
) -> pd.DataFrame:
    """Tell for each cut edge whom its loss strands: people on a side that keeps no station.

    People whose component has no station at all are stranded already and count for no edge. A point inside
    an edge is on neither side of it; one at its very end stands at the junction.

    Parameters
    ----------
    network : RoadNetwork
        The roads; one-way roads count as open both ways.
    demand, stations : DataFrame
        Snaps of the people's places and of the stations.
    people : Series
        People by demand id.

    Returns
    -------
    DataFrame
        Index ``edge`` (every cut edge); ``people`` (stranded), ``n_points`` (their places with people),
        ``people_on_it`` (people inside the edge itself, who lose their road with it), ``is_below`` and
        ``is_above`` (which side is stranded), ``first``, ``last`` and ``root``: what is below are the places
        of the forest whose ``first`` lies in ``first:last``.
    """
    return _stranded(_hung(network, demand, stations, people))


def cut_links(
    network: RoadNetwork,
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    *,
    people: pd.Series,
    zone: pd.Series | None = None,
    most_rows: int | None = None,
) -> tuple[gpd.GeoDataFrame, int]:
    """Give the links whose loss strands people, most people first.

    Cut edges that follow each other without a junction between them are one link: it is lost wherever it
    is cut, and its people are those of the worst place.

    Parameters
    ----------
    network, demand, stations, people
        As for :func:`stranded`.
    zone : Series, optional
        Town of each demand point.
    most_rows : int, optional
        List only so many.

    Returns
    -------
    table : GeoDataFrame
        RangeIndex by rank; ``name``, ``highway``, ``length_m``, ``people``, ``n_points``, ``people_on_it``,
        ``zone`` (the town with most of the people), ``edge`` (position of the worst edge), ``n_edges``,
        ``geometry``.
    n_links : int
        How many there are, listed or not.
    """
    hung = _hung(network, demand, stations, people)
    table = _stranded(hung)
    table = table[table["n_points"] > 0]
    edges = table.index.to_numpy(dtype=np.int64)
    chain = _chains(network, edges)
    ranked = table.assign(chain=chain).sort_values(["people", "n_points"], ascending=False, kind="stable")
    worst = ranked.drop_duplicates("chain")
    kept = worst if most_rows is None else worst.iloc[:most_rows]
    members = [edges[chain == label] for label in kept["chain"]]
    at = kept.index.to_numpy(dtype=np.int64)
    found = {
        "name": np.array(network.names, dtype=object)[network.edge_name[at]],
        "highway": np.array(network.classes, dtype=object)[network.edge_class[at]],
        "length_m": [float(network.edge_length[own].sum()) for own in members],
        "people": kept["people"].to_numpy(dtype=float),
        "n_points": kept["n_points"].to_numpy(dtype=np.int64),
        "people_on_it": kept["people_on_it"].to_numpy(dtype=float),
        "zone": _towns(hung, kept, zone),
        "edge": at,
        "n_edges": [len(own) for own in members],
    }
    lines = [draw_edges(network, own) for own in members]
    return gpd.GeoDataFrame(found, geometry=lines, crs=network.crs), len(worst)


def open_edges(network: RoadNetwork) -> NDArray[np.int64]:
    """Give the edges that are open in some direction, ascending."""
    return np.flatnonzero(np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS)


def count_ends(network: RoadNetwork) -> NDArray[np.int64]:
    """Count the ends of open roads at each node; a loop has both of its ends there."""
    edges = open_edges(network)
    ends = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
    return np.bincount(ends, minlength=network.n_nodes)


def draw_edges(network: RoadNetwork, edges: Sequence[int] | NDArray[np.int64]) -> shapely.Geometry:
    """Draw edges as one line where they make one."""
    lines = [shapely.linestrings(network.xy[network.xy_start[e] : network.xy_start[e + 1]]) for e in edges]
    return lines[0] if len(lines) == 1 else shapely.line_merge(shapely.multilinestrings(lines))


@dataclass(frozen=True, eq=False)
class _Hung:
    """The forest of the open roads with people and stations hung on its places."""

    forest: Forest
    cut: NDArray[np.bool_]
    edge_of: NDArray[np.int64]
    at: NDArray[np.int64]
    people: NDArray[np.float64]
    index: pd.Index
    inside: NDArray[np.bool_]
    station_at: NDArray[np.int64]
    station_inside: NDArray[np.bool_]


def _hung(network: RoadNetwork, demand: pd.DataFrame, stations: pd.DataFrame, people: pd.Series) -> _Hung:
    """Hang people and stations on the forest; who is on no open road, and nobody, is left out."""
    edges = open_edges(network)
    u, v = network.edge_u[edges], network.edge_v[edges]
    forest = span(network.n_nodes, u, v)
    edge_of = np.where(forest.link >= 0, edges[forest.link], -1) if len(edges) else forest.link
    below = np.full(network.n_edges, -1, dtype=np.int64)  # the place that hangs on each edge
    below[edge_of[edge_of >= 0]] = np.flatnonzero(edge_of >= 0)
    count = people.reindex(demand.index).to_numpy(dtype=float)
    rows, at, inside = _places(network, forest, below, demand)
    lives = count[rows] > 0
    rows, at, inside = rows[lives], at[lives], inside[lives]
    _, station_at, station_inside = _places(network, forest, below, stations)
    cut = np.isin(edge_of, edges[find_bridges(forest, u, v)]) & (edge_of >= 0)
    return _Hung(
        forest, cut, edge_of, at, count[rows], demand.index[rows], inside, station_at, station_inside
    )


def _places(
    network: RoadNetwork, forest: Forest, below: NDArray[np.int64], snaps: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Give the rows that are on an open road, the place each hangs on, and whether it is inside that edge."""
    edge = np.where(snaps["is_snapped"], snaps["edge"], -1).astype(np.int64)
    is_open = np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS
    rows = np.flatnonzero((edge >= 0) & is_open[edge])
    edge, fraction = edge[rows], snaps["fraction"].to_numpy(dtype=float)[rows]
    node = np.where(fraction == 1.0, network.edge_v[edge], network.edge_u[edge])
    between = (fraction > 0.0) & (fraction < 1.0) & (below[edge] >= 0)
    return rows, np.where(between, below[edge], forest.place[node]), between


def _stranded(hung: _Hung) -> pd.DataFrame:
    forest, n = hung.forest, len(hung.forest.up)
    cut = np.flatnonzero(hung.cut)

    def sides(
        at: NDArray[np.int64], inside: NDArray[np.bool_], weight: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give what lies below each cut edge, above it and on it."""
        whole = fold(_gather(at, weight, n), forest.up, forest.level, np.add)
        on = _gather(at[inside], weight[inside], n)[cut]
        return np.stack([whole[cut] - on, whole[forest.root[cut]] - whole[cut], on])

    ones = np.ones(len(hung.at))
    n_below, n_above, _ = sides(hung.at, hung.inside, ones)
    below, above, on = sides(hung.at, hung.inside, hung.people)
    station = np.ones(len(hung.station_at))
    s_below, s_above, s_on = sides(hung.station_at, hung.station_inside, station)
    has_station = s_below + s_above + s_on > 0
    is_below, is_above = (
        (s_below == 0) & has_station & (n_below > 0),
        (s_above == 0) & has_station & (n_above > 0),
    )
    table = pd.DataFrame(
        {
            "people": np.where(is_below, below, 0.0) + np.where(is_above, above, 0.0),
            "n_points": (np.where(is_below, n_below, 0) + np.where(is_above, n_above, 0)).astype(np.int64),
            "people_on_it": on,
            "is_below": is_below,
            "is_above": is_above,
            "first": forest.first[cut],
            "last": forest.first[cut] + forest.size[cut],
            "root": forest.root[cut],
        },
        index=pd.Index(hung.edge_of[cut], name="edge"),
    )
    return table.sort_index()


def _gather(at: NDArray[np.int64], weight: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    return np.bincount(at, weights=weight, minlength=n).astype(np.float64)


def _towns(hung: _Hung, links: pd.DataFrame, zone: pd.Series | None) -> list[str]:
    """Name the town with most of the people whom each link strands."""
    if zone is None:
        return [""] * len(links)
    town = zone.reindex(hung.index)
    first, root = hung.forest.first[hung.at], hung.forest.root[hung.at]
    names, label = np.unique(town.where(town.notna(), "").astype(str).to_numpy(), return_inverse=True)
    found = []
    for edge, row in links.iterrows():
        below = (first >= row["first"]) & (first < row["last"])
        beside = hung.inside & (hung.edge_of[hung.at] == edge)
        mine = (root == row["root"]) & ~beside & ((below & row["is_below"]) | (~below & row["is_above"]))
        weight = np.bincount(label[mine], weights=hung.people[mine], minlength=len(names))
        found.append(str(names[int(weight.argmax())]) if mine.any() else "")
    return found


def _chains(network: RoadNetwork, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label edges that follow each other over nodes where nothing else meets."""
    passes = count_ends(network) == 2
    ends = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
    own = np.tile(np.arange(len(edges)), 2)
    through = passes[ends]
    graph = coo_array(
        (np.ones(int(through.sum())), (own[through], len(edges) + ends[through])),
        shape=(len(edges) + network.n_nodes,) * 2,
    )
    label: NDArray[np.int64] = connected_components(graph, directed=False)[1][: len(edges)].astype(np.int64)
    return label
