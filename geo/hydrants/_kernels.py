"""The walk up the trees of a road network that places a hydrant only where one must stand, compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo._jit import kernel, plain_part
from geo.hydrants._linear import Stretches
from geo.hydrants._trees import Links
from geo.hydrants.roads import HydrantRoads

__all__ = ["SMALL_BOUND", "SMALL_WALK", "count_apart", "place_on_trees"]

SMALL_WALK: Final = 5_000
"""Trees with fewer links are walked uncompiled: compiling takes longer."""


class _Trees(NamedTuple):
    """Links of trees, as in :class:`geo.hydrants._trees.Links`."""

    child: NDArray[np.int64]
    parent: NDArray[np.int64]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    part_start: NDArray[np.int64]
    part_low: NDArray[np.float64]
    part_high: NDArray[np.float64]


class _Chains(NamedTuple):
    """Room for the open places below each node, as chains.

    Parameters
    ----------
    head : int64 array, shape (N,)
        The first place of each node, -1 for none.
    after : int64 array
        The place after each place, -1 for none.
    away : float64 array
        How far below the node it is, millimetres.
    """

    head: NDArray[np.int64]
    after: NDArray[np.int64]
    away: NDArray[np.float64]


class _Placed(NamedTuple):
    """Room for the link of each hydrant and where on its edge it stands, millimetres."""

    link: NDArray[np.int64]
    at: NDArray[np.float64]


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
    trees = _Trees(
        links.child,
        links.parent,
        links.start_mm,
        links.stop_mm,
        links.part_start,
        links.part_low,
        links.part_high,
    )
    chains = _Chains(np.full(links.n_nodes, -1), np.full(2 * n_links, -1), np.zeros(2 * n_links))
    placed = _Placed(np.empty(most, np.int64), np.empty(most))
    n = walk(trees, is_tip, reach_mm, tail_mm, np.full(links.n_nodes, np.inf), chains, placed)
    return placed.link[:n], placed.at[:n]


@kernel
def _walk(trees, is_tip, reach, tail, hydrant_mm, chains, placed):  # type: ignore[no-untyped-def]
    """Write the hydrants; give how many there are.

    ``hydrant_mm`` is room for the distance from each node to the nearest new hydrant below.
    """
    child, parent, start, stop, part_start, part_low, _ = trees
    head, after, away = chains
    link_of, at_of = placed
    n, n_open = 0, 0
    for i in range(len(child)):
        node, up = child[i], parent[i]
        if is_tip[node]:
            after[n_open], away[n_open], head[node] = head[node], -tail, n_open
            n_open += 1
        near = hydrant_mm[node]
        farthest = _farthest_open(chains, node, near, reach)
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
        k = _next_open(trees, part_start[i], part_start[i + 1], hydrant + reach)
        if k < part_start[i + 1] and max(part_low[k], hydrant + reach) < want:
            want, is_open = max(part_low[k], hydrant + reach), True
        while True:
            if not is_open:
                k = _next_open(trees, k, part_start[i + 1], hydrant + reach)
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


@plain_part
def _next_open(trees, k, end, served):  # type: ignore[no-untyped-def]
    """Give the first part of a link, from ``k`` on, that reaches beyond ``served``; ``end`` if none does."""
    while k < end and max(trees.part_low[k], served) >= trees.part_high[k]:
        k += 1
    return k


@plain_part
def _farthest_open(chains, node, near, reach):  # type: ignore[no-untyped-def]
    """Give how far the farthest place below a node is that no hydrant below serves, -inf where none is."""
    farthest, place = -np.inf, chains.head[node]
    while place >= 0:
        if chains.away[place] + near > reach and chains.away[place] > farthest:
            farthest = chains.away[place]
        place = chains.after[place]
    return farthest


SMALL_BOUND: Final = 20_000
"""Networks with fewer edges are swept uncompiled: compiling takes longer."""
_N_DIRECTIONS: Final = 8


class _Ways(NamedTuple):
    """Edges between nodes and the arcs out of each node, lengths in millimetres.

    Parameters
    ----------
    u, v : int64 array, shape (M,)
        End nodes of each edge.
    length : float64 array, shape (M,)
        Its length.
    start : int64 array, shape (N + 1,)
        Arcs out of node ``n`` are ``start[n]:start[n + 1]``.
    to : int64 array
        Where each arc leads.
    along : float64 array
        Its length.
    """

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    length: NDArray[np.float64]
    start: NDArray[np.int64]
    to: NDArray[np.int64]
    along: NDArray[np.float64]


class _Gaps(NamedTuple):
    """Parts of edges that lack a hydrant.

    Parameters
    ----------
    first : int64 array, shape (M + 1,)
        Parts of edge ``e`` are ``first[e]:first[e + 1]``.
    low, high : float64 array
        Where each begins and ends, millimetres along the edge.
    group : int64 array
        The roads that hang together, to which it belongs.
    """

    first: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    group: NDArray[np.int64]


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
    ways = _ways(roads)
    first = np.searchsorted(parts.edge, np.arange(len(ways.u) + 1))
    gaps = _Gaps(first, parts.low, parts.high, group)
    best = np.zeros(int(group.max()) + 1, dtype=np.int64)
    is_small = len(ways.u) < SMALL_BOUND
    sweep: Any = _sweep.py_func if is_small else _sweep
    fixed = (_in_lists(ways), _in_lists(gaps)) if is_small else (ways, gaps)
    for order, is_back in _orders(roads, links):
        wanted = order[first[order + 1] > first[order]]
        near, count = np.full(network.n_nodes, np.inf), np.zeros(len(best), dtype=np.int64)
        own = [wanted, is_back, near, count]
        if is_small:
            own = [array.tolist() for array in own]
        sweep(*fixed, *own, apart_mm)
        best = np.maximum(best, own[-1])
    return int(best.sum())


def _in_lists(arrays: Any) -> Any:
    """Turn arrays into lists, which Python itself is quickest with."""
    return type(arrays)(*(array.tolist() for array in arrays))


def _ways(roads: HydrantRoads) -> _Ways:
    network = roads.sides
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    length = roads.length_mm.astype(np.float64)
    ends, other = np.concatenate([u, v]), np.concatenate([v, u])
    by_end = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[by_end], np.arange(network.n_nodes + 1))
    return _Ways(u, v, length, start, other[by_end], np.concatenate([length, length])[by_end])


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
def _sweep(ways, gaps, order, is_back, near, count, apart):  # type: ignore[no-untyped-def]
    """Count the places of each group; ``near`` is room for the distance from each node to the nearest."""
    u, v, length, start, to, along = ways
    first, low, high, group = gaps
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
                count[group[part]] += 1
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
