"""Roads picked by name, class, area or place: the edges that a closure or a slowdown means."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geo.errors import InputError
from geo.messages import Message
from geo.network.road_network import RoadNetwork
from geo.words import nearest_words

__all__ = ["BESIDE_M", "inside_share", "nearest_road", "roads_between", "roads_in", "roads_named", "roads_of"]

BESIDE_M = 50.0
"""What runs as near as this beside a way, such as the other carriageway, belongs to it."""
FAR_M = 5_000.0
"""A place farther than this from every road that may be meant is no place on one."""


def roads_named(network: RoadNetwork, name: str) -> NDArray[np.bool_]:
    """Flag the edges of a name, written the same but for case and width of letters.

    Raises
    ------
    InputError
        No road has the name; the nearest names are told.
    """
    plain = [_plain(known) for known in network.names]
    wanted = _plain(name)
    chosen = np.array([known == wanted and known != "" for known in plain], dtype=bool)
    flags: NDArray[np.bool_] = chosen[network.edge_name]
    if flags.any():
        return flags
    used = {plain[i]: network.names[i] for i in np.unique(network.edge_name) if plain[i]}
    like = [known for known in used if wanted and (wanted in known or known in wanted)]
    like += nearest_words(wanted, used, n=5, cutoff=0.5)
    like_names = [used[known] for known in dict.fromkeys(like)]
    hint = (
        Message("network.names_near")
        if like_names
        else Message("network.names_known", {"n": len(used)})
        if used
        else Message("network.names_none")
    )
    raise InputError(Message("network.no_road_called", {"name": name, "hint": hint}), faults=like_names)


def roads_of(network: RoadNetwork, classes: Collection[str]) -> NDArray[np.bool_]:
    """Flag the edges of some classes (OSM ``highway`` values).

    Raises
    ------
    InputError
        The network has no road of a class; those it has are told.
    """
    there = {network.classes[i] for i in np.unique(network.edge_class)}
    missing = sorted(set(classes) - there)
    if missing:
        raise InputError(
            Message("network.no_road_of", {"classes": tuple(missing), "there": tuple(sorted(there))})
        )
    chosen = np.array([known in set(classes) for known in network.classes], dtype=bool)
    flags: NDArray[np.bool_] = chosen[network.edge_class]
    return flags


def roads_in(network: RoadNetwork, areas: Sequence[shapely.Geometry]) -> NDArray[np.bool_]:
    """Flag the edges that an area touches, even with a part of them."""
    flags = np.zeros(network.n_edges, dtype=bool)
    flags[network.line_tree.query(np.asarray(areas, dtype=object), predicate="intersects")[1]] = True
    return flags


def inside_share(network: RoadNetwork, areas: Sequence[shapely.Geometry]) -> NDArray[np.float64]:
    """Give the share (0-1) of each edge's length that lies in the areas."""
    touched = np.flatnonzero(roads_in(network, areas))
    ground = shapely.union_all(np.asarray(areas, dtype=object))
    lines = network.lines[touched]
    whole = shapely.length(lines)
    inside = shapely.length(shapely.intersection(lines, ground))
    share = np.zeros(network.n_edges)
    share[touched] = np.clip(np.divide(inside, whole, out=np.ones(len(whole)), where=whole > 0), 0.0, 1.0)
    return share


def nearest_road(
    network: RoadNetwork, at: shapely.Point, *, among: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Flag the one edge that is nearest to a place; of equals the one with the lowest position.

    Raises
    ------
    InputError
        It is more than ``FAR_M`` metres away.
    """
    edges = np.arange(network.n_edges) if among is None else np.flatnonzero(among)
    lines = network.lines[edges]
    distance = shapely.distance(lines, at)
    _require_near(at, float(distance.min(initial=np.inf)))
    flags = np.zeros(network.n_edges, dtype=bool)
    flags[edges[int(distance.argmin())]] = True
    return flags


def roads_between(
    network: RoadNetwork, a: shapely.Point, b: shapely.Point, *, among: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Flag the edges of the shortest way between two places, such as the two ends of a bridge.

    The way goes, whatever the one-way signs, from the junction nearest to ``a`` to the one nearest to ``b``;
    what runs wholly within ``BESIDE_M`` of it, such as the other carriageway, is flagged too.

    Raises
    ------
    InputError
        A place is far from every road, both have the same junction, or no road leads from one to the other.
    """
    edges = np.arange(network.n_edges) if among is None else np.flatnonzero(among)
    u, v = network.edge_u[edges], network.edge_v[edges]
    ends = [_nearest_node(network, np.unique([u, v]), place) for place in (a, b)]
    if ends[0] == ends[1]:
        raise InputError(Message("network.same_junction", {"a": _told(a), "b": _told(b)}))
    way = _shortest_way(network, edges, ends[0], ends[1])
    if not len(way):
        raise InputError(Message("network.no_way", {"a": _told(a), "b": _told(b)}))
    lines = network.lines
    beside = shapely.buffer(shapely.union_all(lines[way]), BESIDE_M)
    flags = np.zeros(network.n_edges, dtype=bool)
    flags[edges] = shapely.covers(beside, lines[edges])
    return flags


def _shortest_way(network: RoadNetwork, edges: NDArray[np.int64], start: int, end: int) -> NDArray[np.int64]:
    """Give the edges of the shortest way in metres, driven in any direction."""
    n = network.n_nodes
    low = np.minimum(network.edge_u[edges], network.edge_v[edges]).astype(np.int64)
    high = np.maximum(network.edge_u[edges], network.edge_v[edges]).astype(np.int64)
    metres = np.maximum(network.edge_length[edges], 1e-6)
    order = np.lexsort((metres, low * n + high))
    first = order[np.diff((low * n + high)[order], prepend=-1) != 0]  # the shortest of parallel roads
    graph = coo_array((metres[first], (low[first], high[first])), shape=(n, n)).tocsr()
    far, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    if np.isinf(far[end]):
        return np.empty(0, dtype=np.int64)
    place = dict(zip((low * n + high)[first].tolist(), edges[first].tolist(), strict=True))
    way = []
    while end != start:
        step = int(before[end])
        way.append(place[min(step, end) * n + max(step, end)])
        end = step
    return np.array(way, dtype=np.int64)


def _nearest_node(network: RoadNetwork, nodes: NDArray[np.int32], place: shapely.Point) -> int:
    metres = np.hypot(*(network.node_xy[nodes] - [place.x, place.y]).T)
    _require_near(place, float(metres.min(initial=np.inf)))
    return int(nodes[metres.argmin()])


def _require_near(place: shapely.Point, metres: float) -> None:
    if not metres <= FAR_M:
        raise InputError(Message("network.place_far", {"place": _told(place), "m": metres}))


def _told(place: shapely.Point) -> Message:
    return Message("network.place_at", {"x": place.x, "y": place.y})


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
