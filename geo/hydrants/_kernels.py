"""The walk up the trees of a road network that places a hydrant only where one must stand, compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel
from geo.hydrants._linear import Stretches
from geo.hydrants._trees import Links
from geo.hydrants.roads import HydrantRoads

__all__ = ["SMALL_BOUND", "SMALL_WALK", "count_apart", "place_on_trees"]

SMALL_WALK: Final = 5_000
"""Trees with fewer links are walked uncompiled: compiling takes longer."""


def place_on_trees(
    links: Links, tips: NDArray[np.int64], *, reach_mm: float, tail_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Walk from the leaves to the roots and place a hydrant when the farthest open place is a reach behind.

    On a tree that is the least number: of all hydrants that serve the place, the one farthest up serves all
    that another could serve of what is still open (Gavril 1972; Kariv and Hakimi 1979).

    Parameters
    ----------
    links : Links
        The trees.
    tips : int64 array
        Nodes that are dead ends and lack a hydrant; for them one may stand ``tail_mm`` farther off.
    reach_mm, tail_mm : float
        How far a hydrant serves.

    Returns
    -------
    link, at_mm
        The link of each hydrant, and where on its edge it stands.
    """
    is_tip = np.zeros(links.n_nodes, dtype=np.bool_)
    is_tip[tips] = True
    walk: Any = _walk if len(links.child) >= SMALL_WALK else _walk.py_func
    # Room is made here: inside a kernel it takes time to compile. On a link two hydrants are a reach apart
    # or more, and one may stand at its upper end.
    n_links = len(links.child)
    most = int((np.abs(links.stop_mm - links.start_mm) // reach_mm).sum()) + 3 * n_links
    link, at = np.empty(most, np.int64), np.empty(most)
    chains = np.full(links.n_nodes, -1), np.full(2 * n_links, -1), np.zeros(2 * n_links)
    n = walk(
        links.child, links.parent, links.start_mm, links.stop_mm,
        links.part_start, links.part_low, links.part_high, is_tip, reach_mm, tail_mm,
        np.full(links.n_nodes, np.inf), *chains, link, at,
    )  # fmt: skip
    return link[:n], at[:n]


@kernel
def _walk(  # type: ignore[no-untyped-def]
    child, parent, start, stop, part_start, part_low, part_high, is_tip, reach, tail,
    hydrant_mm, head, after, away, link_of, at_of,
):  # fmt: skip
    """Write the link of each hydrant and where on its edge it stands; give how many there are.

    ``hydrant_mm`` is room for the distance from each node to the nearest new hydrant below; ``head``,
    ``after`` and ``away`` for the open places below each node, as chains.
    """
    n, n_open = 0, 0
    for i in range(len(child)):
        node, up = child[i], parent[i]
        if is_tip[node]:
            after[n_open], away[n_open], head[node] = head[node], -tail, n_open
            n_open += 1
        # The farthest place below that no hydrant below serves.
        farthest, near = -np.inf, hydrant_mm[node]
        place = head[node]
        while place >= 0:
            if away[place] + near > reach and away[place] > farthest:
                farthest = away[place]
            place = after[place]
        is_open = farthest > -np.inf
        if farthest >= reach or (up < 0 and is_open):
            link_of[n], at_of[n] = i, start[i]
            n += 1
            farthest, is_open, near = -np.inf, False, 0.0
        if up < 0:
            continue
        sign = 1.0 if stop[i] >= start[i] else -1.0
        length = abs(stop[i] - start[i])
        hydrant, want = -near, -farthest
        # The end of a dead end may wait longer than a place of this link that lies behind it on the way up.
        for k in range(part_start[i], part_start[i + 1]):
            first = max(part_low[k], hydrant + reach)
            if first < part_high[k]:
                if first < want:
                    want, is_open = first, True
                break
        k = part_start[i]
        while True:
            if not is_open:
                while k < part_start[i + 1] and max(part_low[k], hydrant + reach) >= part_high[k]:
                    k += 1
                if k == part_start[i + 1]:
                    break
                want, is_open = max(part_low[k], hydrant + reach), True
            if want + reach >= length:
                break
            hydrant = want + reach
            link_of[n], at_of[n] = i, start[i] + sign * hydrant
            n += 1
            is_open = False
        if is_open:
            after[n_open], away[n_open], head[up] = head[up], length - want, n_open
            n_open += 1
        hydrant_mm[up] = min(hydrant_mm[up], length - hydrant)
    return n


SMALL_BOUND: Final = 20_000
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
    if len(arrays[2]) >= SMALL_BOUND:
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
