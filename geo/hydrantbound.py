"""Places so far apart along the road that no hydrant serves two of them: a bound on the least number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.compiled import kernel
from geo.hydrantroads import HydrantRoads
from geo.hydranttrees import Links
from geo.stretches import Stretches

__all__ = ["SMALL", "count_apart"]

SMALL: Final = 20_000
"""Networks with fewer edges are swept uncompiled: compiling takes longer."""
_N_DIRECTIONS: Final = 8


def count_apart(roads: HydrantRoads, links: Links, *, apart_mm: float) -> int:
    """Count places that lack a hydrant, on roads with loops, of which any two are a distance apart.

    The roads are swept from one side of the map to the other. Each place is the first on its road that lies
    far enough along the road from all before it, so that places stand as close as they may. The sweep is
    done in eight directions and in the order of the links, and for all roads that hang together the highest
    count holds: the places of any sweep are a proof.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    links : Links
        The roads as trees, with the parts that lack a hydrant.
    apart_mm : float
        Least distance between two places, millimetres.
    """
    network = roads.sides
    parts, group = _looped_parts(links)
    if not len(parts):
        return 0
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    length = roads.length_mm.astype(np.float64)
    ends, other = np.concatenate([u, v]), np.concatenate([v, u])
    by_end = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[by_end], np.arange(network.n_nodes + 1))
    to, along = other[by_end], np.concatenate([length, length])[by_end]
    first = np.searchsorted(parts.edge, np.arange(len(u) + 1))
    fixed = (u, v, length, start, to, along, first, parts.low, parts.high, group)
    best = np.zeros(int(group.max()) + 1, dtype=np.int64)
    for order, is_back in _orders(roads, links):
        near, found = np.full(network.n_nodes, np.inf), np.zeros(len(best), dtype=np.int64)
        wanted = order[first[order + 1] > first[order]]
        best = np.maximum(best, _swept((wanted, is_back, *fixed, near), apart_mm, found))
    return int(best.sum())


def _swept(arrays: tuple[Any, ...], apart_mm: float, found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sweep once; lists are what Python itself is quickest with."""
    if len(arrays[2]) >= SMALL:
        _sweep(*arrays, apart_mm, found)
        return found
    told = found.tolist()
    _sweep.py_func(*(array.tolist() for array in arrays), apart_mm, told)
    return np.array(told, dtype=np.int64)


def _orders(roads: HydrantRoads, links: Links) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Give orders of the edges, and whether each is swept from its node v."""
    network, every = roads.sides, np.arange(roads.sides.n_edges)
    edge, at = np.unique(links.edge, return_index=True)
    is_back = np.zeros(len(every), dtype=bool)
    is_back[edge] = (links.start_mm > links.stop_mm)[at]
    yield edge[np.argsort(at, kind="stable")], is_back
    for angle in np.arange(_N_DIRECTIONS) * (2 * np.pi / _N_DIRECTIONS):
        away = network.node_xy @ np.array([np.cos(angle), np.sin(angle)])
        from_u, from_v = away[network.edge_u], away[network.edge_v]
        yield np.lexsort((every, np.minimum(from_u, from_v))), from_v < from_u


def _looped_parts(links: Links) -> tuple[Stretches, NDArray[np.int64]]:
    """Give the parts that lack a hydrant on roads with loops, and the group of each."""
    link = np.repeat(np.arange(len(links.edge)), np.diff(links.part_start))
    start, sign = links.start_mm[link], np.where(links.stop_mm >= links.start_mm, 1.0, -1.0)[link]
    a, b = start + sign * links.part_low, start + sign * links.part_high
    low, high, edge = np.minimum(a, b), np.maximum(a, b), links.edge[link]
    own = np.flatnonzero(links.is_looped[link])
    own = own[np.lexsort((low[own], edge[own]))]
    return Stretches(edge[own], low[own], high[own]), links.group[link[own]]


@kernel
def _sweep(  # type: ignore[no-untyped-def]
    order, is_back, u, v, length, start, to, along, first, low, high, group, near, apart, found
):
    stack = [(0, 0.0)]
    stack.clear()
    for e in order:
        a, b = (v[e], u[e]) if is_back[e] else (u[e], v[e])
        last = -np.inf
        for i in range(first[e], first[e + 1]):
            part = first[e] + first[e + 1] - 1 - i if is_back[e] else i
            begin, end = low[part], high[part]
            if is_back[e]:
                begin, end = length[e] - high[part], length[e] - low[part]
            while True:
                x = max(begin, apart - near[a], last + apart)
                if x >= end or length[e] - x + near[b] < apart:
                    break
                found[group[part]] += 1
                last = x
                # The distances of nodes within reach, corrected until none falls any more.
                stack.append((a, x))
                stack.append((b, length[e] - x))
                while len(stack) > 0:
                    node, mm = stack.pop()
                    if mm >= near[node] or mm >= apart:
                        continue
                    near[node] = mm
                    for arc in range(start[node], start[node + 1]):
                        if mm + along[arc] < near[to[arc]]:
                            stack.append((to[arc], mm + along[arc]))  # noqa: PERF401 - compiled
