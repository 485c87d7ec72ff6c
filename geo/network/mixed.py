"""Edges joined of a road and a footway one after another, as osmnx simplifies graphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.classes import MIXED
from geo.network.roads import Roads

__all__ = ["name_whole", "part_mixed"]


def part_mixed(roads: Roads) -> Roads:
    """Part edges of a road and a footway in the middle, since no vehicle drives through them.

    Which part is which, and how long, the file does not say: half of each is taken, the road at the end where
    more roads meet (at the one that is farther west, then south, where it is the same). So a street that goes
    on as a footpath is a dead end again, and whoever lives on it is still reached.

    Parameters
    ----------
    roads : Roads
        Classes with ``MIXED`` in them are of such edges.
    """
    kinds = np.array([MIXED in kind for kind in roads.classes], dtype=bool)
    mixed = kinds[roads.edge_class] & (np.diff(roads.xy_start) > 1)
    if not mixed.any():
        return roads
    of = np.repeat(np.arange(roads.n_edges), 1 + mixed)
    second = np.flatnonzero(mixed[of] & np.append(False, of[1:] == of[:-1]))
    first = second - 1
    edges = of[first]
    new = roads.n_nodes + np.arange(len(edges), dtype=np.int32)
    halves = _halves(roads, edges)
    middle = np.array([half[0][-1] for half in halves])
    shapes = np.split(roads.xy, roads.xy_start[1:-1])
    drawn = [shapes[edge] for edge in of]
    for i, (one, other) in zip(first, halves, strict=True):
        drawn[i], drawn[i + 1] = one, other
    taken = _take(roads, of)
    u, v, length = roads.edge_u[of], roads.edge_v[of], roads.edge_length[of]
    v[first], u[second] = new, new
    length[first], length[second] = length[first] / 2, length[second] / 2
    classes, code = _coded(roads, of, first, second, _road_first(roads, edges, ~mixed))
    return replace(
        taken,
        node_id=np.concatenate([roads.node_id, roads.node_id.max() + 1 + np.arange(len(edges))]),
        node_xy=np.concatenate([roads.node_xy, middle]),
        edge_u=u,
        edge_v=v,
        edge_length=length,
        edge_class=code,
        classes=classes,
        xy=np.concatenate(drawn),
        xy_start=np.concatenate([[0], np.cumsum([len(xy) for xy in drawn])]).astype(np.int64),
    )


def name_whole(roads: Roads) -> Roads:
    """Name such edges by the best road in them, where their times are known already."""
    return replace(roads, classes=tuple(kind.split(MIXED)[0] for kind in roads.classes))


def _take(roads: Roads, of: NDArray[np.int64]) -> Roads:
    """Repeat what is told of edges, but for their ends and shapes."""
    per_edge = ("oneway", "maxspeed", "access", "is_urban", "name", "source")
    told = {f"edge_{name}": getattr(roads, f"edge_{name}")[of] for name in per_edge}
    limits = None if roads.edge_limits is None else roads.edge_limits[of]
    return replace(roads, edge_limits=limits, **told)


def _halves(roads: Roads, edges: NDArray[np.int64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Cut the shapes of edges in the middle."""
    halves = []
    for edge in edges:
        xy = roads.xy[roads.xy_start[edge] : roads.xy_start[edge + 1]]
        run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        k = int(np.clip(np.searchsorted(run, run[-1] / 2), 1, len(xy) - 1))
        line = shapely.LineString(xy)
        middle = shapely.get_coordinates(line.interpolate(0.5, normalized=True))
        halves.append((np.vstack([xy[:k], middle]), np.vstack([middle, xy[k:]])))
    return halves


def _road_first(roads: Roads, edges: NDArray[np.int64], plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of which edges the road is at their start."""
    ends = np.concatenate([roads.edge_u[plain], roads.edge_v[plain]])
    n_roads = np.bincount(ends, minlength=roads.n_nodes)
    u, v = roads.edge_u[edges], roads.edge_v[edges]
    west, south = (roads.node_xy[u] < roads.node_xy[v]).T
    is_same = roads.node_xy[u, 0] == roads.node_xy[v, 0]
    before = np.where(is_same, south, west)
    return np.where(n_roads[u] == n_roads[v], before, n_roads[u] > n_roads[v])


def _coded(
    roads: Roads,
    of: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    road_first: NDArray[np.bool_],
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Give each half its own class."""
    names = [roads.classes[code] for code in roads.edge_class[of]]
    for i, k, is_first in zip(first, second, road_first, strict=True):
        road, on_foot = names[i].split(MIXED)
        names[i], names[k] = (road, on_foot) if is_first else (on_foot, road)
    classes, code = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
    kept = [kind for kind in roads.classes if MIXED not in kind]
    order = [*kept, *(str(kind) for kind in classes if kind not in kept)]
    position = np.array([order.index(str(kind)) for kind in classes], dtype=np.int16)
    return tuple(order), position[code]
