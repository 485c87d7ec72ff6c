"""Roads between hydrants as trees: cut at the hydrants, loops cut open, links ordered from the leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, dijkstra, minimum_spanning_tree

from geo.hydrants._linear import Stretches, in_stretches, subtract
from geo.hydrants.roads import HydrantRoads

__all__ = ["Cuts", "Links", "Pieces", "cut_roads", "cuts_between", "open_loops", "pieces_of"]


@dataclass(frozen=True, eq=False)
class Links:
    """Links of trees, each after all links below it; a root has a link with the parent -1.

    Parameters
    ----------
    n_nodes : int
        Number of nodes; those of ``HydrantRoads.sides`` come first.
    child, parent : int64 array, shape (L,)
        The lower and the upper node.
    edge : int64 array, shape (L,)
        Edge of ``HydrantRoads.sides``.
    start_mm, stop_mm : float64 array, shape (L,)
        Where on the edge the lower and the upper node are.
    part_start : int64 array, shape (L + 1,)
        Parts of link ``l`` that lack a hydrant are ``part_start[l]:part_start[l + 1]``.
    part_low, part_high : float64 array
        Where they begin and end, from the lower node, ascending, millimetres.
    group : int64 array, shape (L,)
        Number of the roads that hang together between hydrants, to which the link belongs.
    is_looped : bool array, shape (L,)
        Whether the tree was made by cutting loops.
    """

    n_nodes: int
    child: NDArray[np.int64]
    parent: NDArray[np.int64]
    edge: NDArray[np.int64]
    start_mm: NDArray[np.float64]
    stop_mm: NDArray[np.float64]
    part_start: NDArray[np.int64]
    part_low: NDArray[np.float64]
    part_high: NDArray[np.float64]
    group: NDArray[np.int64]
    is_looped: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of edges from one place to another, between two nodes.

    Parameters
    ----------
    edge : int64 array, shape (P,)
        Edge of ``HydrantRoads.sides``; ascending.
    low, high : float64 array, shape (P,)
        Where the piece begins and ends, millimetres along the edge; ascending.
    a, b : int64 array, shape (P,)
        Its nodes.
    n_nodes : int
        Number of nodes; those of ``HydrantRoads.sides`` come first.
    """

    edge: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    n_nodes: int


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where loops may be cut open.

    Parameters
    ----------
    may : bool array, shape (P,)
        Pieces that are cut before others.
    at_mm : float64 array, shape (P,)
        Where on its edge each piece is cut.
    order : float64 array, shape (P,)
        From 0 to below 1: of pieces that may be cut, those with the higher number are cut first.
    """

    may: NDArray[np.bool_]
    at_mm: NDArray[np.float64]
    order: NDArray[np.float64]


def open_loops(pieces: Pieces, wanted: Stretches, cuts: Cuts | None = None) -> Links:
    """Open the loops of pieces of road, each by a cut, and order the links from the leaves.

    Parameters
    ----------
    pieces : Pieces
        The pieces, from :func:`cut_roads`.
    wanted : Stretches
        Parts of the edges that lack a hydrant, millimetres.
    cuts : Cuts, optional
        Where to cut; by default in the middle of the shortest piece of a loop.
    """
    length = pieces.high - pieces.low
    if cuts is None:
        middle = np.floor((pieces.low + pieces.high) / 2)
        cuts = Cuts(length > 0, middle, 1.0 - length / (1.0 + length.max(initial=0.0)))
    tree, chord = _spanning(pieces, 1.0 + cuts.may * (1.0 + cuts.order))
    label = connected_components(_graph(pieces), directed=False)[1]
    looped = np.zeros(int(label.max(initial=-1)) + 1, dtype=bool)
    looped[label[pieces.a[chord]]] = True
    middle = cuts.at_mm[chord]
    leaf = pieces.n_nodes + np.arange(2 * len(chord))
    child, parent, edge, start, stop = _upward(pieces, tree, label)
    child = np.concatenate([leaf, child])
    parent = np.concatenate([pieces.a[chord], pieces.b[chord], parent])
    edge = np.concatenate([pieces.edge[chord], pieces.edge[chord], edge])
    start = np.concatenate([middle, middle, start])
    stop = np.concatenate([pieces.low[chord], pieces.high[chord], stop])
    group = label[np.where(parent < 0, child, parent)].astype(np.int64)
    return Links(
        pieces.n_nodes + len(leaf),
        child,
        parent,
        edge,
        start,
        stop,
        *_parts(wanted, edge, start, stop),
        group=group,
        is_looped=looped[group],
    )


def cut_roads(roads: HydrantRoads, placed: pd.DataFrame, wanted: Stretches, *, free_mm: float) -> Pieces:
    """Cut the roads at the hydrants, and in the middle of long stretches that lack none.

    No hydrant serves a place beyond another one, nor beyond a stretch of at least ``free_mm`` that lacks
    none: to cut there loses nothing.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    placed : DataFrame
        Where the hydrants stand.
    wanted : Stretches
        Parts of the edges that lack a hydrant, millimetres.
    free_mm : float
        Twice the longest distance at which a hydrant serves.
    """
    network, m = roads.sides, roads.sides.n_edges
    every, length = np.arange(m), roads.length_mm.astype(float)
    on = placed[placed["is_snapped"]]
    at_edge, at = on["edge"].to_numpy(np.int64), on["at_mm"].to_numpy(float)
    is_cut = np.zeros(network.n_nodes, dtype=bool)  # a hydrant at a junction cuts all its roads
    is_cut[network.edge_u[at_edge[at <= 0]]] = True
    is_cut[network.edge_v[at_edge[at >= length[at_edge]]]] = True
    free = subtract(Stretches(every, np.zeros(m), length), wanted)
    long = free.length >= free_mm
    cut_edge = np.concatenate([at_edge, free.edge[long]])
    cut_at = np.concatenate([at, np.floor((free.low[long] + free.high[long]) / 2)])
    inner = (cut_at > 0) & (cut_at < length[cut_edge])
    edge = np.concatenate([every, cut_edge[inner]])
    low = np.concatenate([np.zeros(m), cut_at[inner]])
    edge, low = np.unique(np.column_stack([edge, low]), axis=0).T
    edge = edge.astype(np.int64)
    is_last = np.append(edge[1:] != edge[:-1], True)
    high = np.where(is_last, length[edge], np.append(low[1:], 0.0))
    own = network.n_nodes + 2 * np.arange(len(edge))
    u, v = network.edge_u[edge], network.edge_v[edge]
    a = np.where((low <= 0) & ~is_cut[u], u, own)
    b = np.where(is_last & ~is_cut[v], v, own + 1)
    return Pieces(edge, low, high, a, b, network.n_nodes + 2 * len(edge))


def pieces_of(pieces: Pieces, edge: NDArray[np.int64], at_mm: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the piece on which each place lies; where two meet, the second."""
    order = np.lexsort((np.append(np.ones(len(pieces.edge)), np.full(len(edge), 2.0)),
                        np.append(pieces.low, at_mm), np.append(pieces.edge, edge)))  # fmt: skip
    is_piece = order < len(pieces.edge)
    last = np.maximum.accumulate(np.where(is_piece, order, -1))
    piece = np.empty(len(edge), dtype=np.int64)
    piece[order[~is_piece] - len(pieces.edge)] = last[~is_piece]
    return piece


def _graph(pieces: Pieces) -> coo_array:
    shape = (pieces.n_nodes, pieces.n_nodes)
    return coo_array((np.ones(len(pieces.a), dtype=np.int8), (pieces.a, pieces.b)), shape=shape)


def _keys(a: NDArray[np.integer], b: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """Name a pair of nodes, whichever comes first."""
    key: NDArray[np.int64] = np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b)
    return key


def _spanning(pieces: Pieces, weight: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide the pieces into those of the lightest trees and the others."""
    key = _keys(pieces.a, pieces.b, pieces.n_nodes)
    order = np.lexsort((np.arange(len(key)), weight, key))
    order = order[pieces.a[order] != pieces.b[order]]
    first = order[np.diff(key[order], prepend=-1) != 0]  # of parallel pieces the lightest
    weight = weight[first]
    pairs = (pieces.a[first].astype(np.int32), pieces.b[first].astype(np.int32))  # as older scipy asks
    tree = minimum_spanning_tree(csr_array((weight, pairs), shape=(pieces.n_nodes,) * 2)).tocoo()
    u, v = tree.coords
    kept = np.isin(key[first], _keys(u, v, pieces.n_nodes))
    chord = np.ones(len(key), dtype=bool)
    chord[first[kept]] = False
    return np.sort(first[kept]), np.flatnonzero(chord)


def _upward(
    pieces: Pieces, tree: NDArray[np.int64], label: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Order the nodes from the leaves and give each its link up (child, parent, edge, from, to)."""
    n = pieces.n_nodes
    # One more node above the roots makes all trees one.
    ends = np.concatenate([pieces.a, pieces.b])
    node_piece = np.concatenate([np.arange(len(pieces.a)), np.arange(len(pieces.b))])
    used, at = np.unique(ends, return_index=True)
    root = used[np.unique(label[used], return_index=True)[1]]
    a = np.concatenate([pieces.a[tree], np.full(len(root), n)])
    b = np.concatenate([pieces.b[tree], root])
    graph = csr_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n + 1, n + 1))
    order, above = breadth_first_order(graph, n, directed=False)
    child = order[:0:-1].astype(np.int64)
    parent = above[child].astype(np.int64)
    is_root = parent == n
    key = _keys(pieces.a[tree], pieces.b[tree], n)
    by_key = np.argsort(key)
    piece = np.empty(len(child), dtype=np.int64)
    wanted = _keys(child[~is_root], parent[~is_root], n)
    piece[~is_root] = tree[by_key[np.searchsorted(key[by_key], wanted)]]
    piece[is_root] = node_piece[at[np.searchsorted(used, child[is_root])]]
    is_up = pieces.a[piece] == child
    start = np.where(is_up, pieces.low[piece], pieces.high[piece])
    stop = np.where(is_root, start, np.where(is_up, pieces.high[piece], pieces.low[piece]))
    return child, np.where(is_root, -1, parent), pieces.edge[piece], start, stop


def _parts(
    wanted: Stretches, edge: NDArray[np.int64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give the parts that lack a hydrant to the links on which they lie, measured from their lower nodes."""
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    order = np.lexsort((low, edge))
    order = order[low[order] < high[order]]
    along = Stretches(edge[order], low[order], high[order])
    # A part lies on one link, or on the two halves of one that was cut open.
    ends = [in_stretches(along, wanted.edge, at) for at in (wanted.low + 0.25, wanted.high - 0.25)]
    twice = ends[0] != ends[1]
    link = order[np.concatenate([ends[0], ends[1][twice]])]
    lows = np.concatenate([wanted.low, wanted.low[twice]])
    highs = np.concatenate([wanted.high, wanted.high[twice]])
    lows, highs = np.maximum(lows, low[link]), np.minimum(highs, high[link])
    ahead = start[link] <= stop[link]
    near = np.where(ahead, lows - start[link], start[link] - highs)
    far = np.where(ahead, highs - start[link], start[link] - lows)
    rows = np.lexsort((near, link))
    return np.searchsorted(link[rows], np.arange(len(edge) + 1)), near[rows], far[rows]


_ROUNDING_MM = 0.5


def cuts_between(
    pieces: Pieces, piece: NDArray[np.int64], at_mm: NDArray[np.float64], *, reach_mm: float, seed: int
) -> Cuts:
    """Cut the roads only where no hydrant of a plan serves across.

    The ways on which the hydrants serve are kept whole, so the plan is still one when the loops are cut, and
    the least plan of the trees has no more hydrants. Which of the other places are cut, and where between the
    ends of what two hydrants can serve, is drawn by lot, so that repeating it finds better plans (a local
    search whose step is the exact plan of a tree).

    Parameters
    ----------
    pieces : Pieces
        The pieces of road.
    piece, at_mm : arrays
        The piece of each hydrant, and where on its edge it stands.
    reach_mm : float
        How far a hydrant serves.
    seed : int
        The same seed draws the same lots.
    """
    order = np.lexsort((at_mm, piece))
    stand = _Standing.on(len(pieces.edge), piece[order], at_mm[order])
    from_a, from_b = _away(pieces, stand)
    length = pieces.high - pieces.low
    with np.errstate(invalid="ignore"):
        is_far_a = from_a < stand.first - pieces.low - _ROUNDING_MM
        is_far_b = from_b < pieces.high - stand.last - _ROUNDING_MM
        is_between = np.abs(from_a - from_b) < length - _ROUNDING_MM
    # Between the first two hydrants of a piece, or between a hydrant and an end that another one serves.
    two = np.isfinite(stand.second)
    a_side = stand.any & ~two & is_far_a
    b_side = stand.any & ~two & ~a_side & is_far_b
    low = np.where(two, stand.first, np.where(b_side, stand.last, pieces.low))
    high = np.where(two, stand.second, np.where(a_side, stand.first, pieces.high))
    before = np.where(two | b_side, 0.0, from_a)
    behind = np.where(two | a_side, 0.0, from_b)
    span, lot = high - low, np.random.default_rng(seed).random((2, len(length)))
    least = np.clip(span - np.clip(reach_mm - behind, 0.0, None), 0.0, span)
    most = np.clip(reach_mm - before, 0.0, span)
    at = np.floor(low + np.where(least <= most, least + lot[0] * (most - least), span / 2))
    return Cuts(
        may=np.where(stand.any, two | a_side | b_side, is_between),
        at_mm=np.clip(np.maximum(at, np.ceil(low + least)), pieces.low, pieces.high),
        order=lot[1],
    )


@dataclass(frozen=True, eq=False)
class _Standing:
    """The first two hydrants and the last one of each piece; ``inf`` and ``-inf`` where there is none."""

    any: NDArray[np.bool_]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    last: NDArray[np.float64]

    @classmethod
    def on(cls, n: int, piece: NDArray[np.int64], at: NDArray[np.float64]) -> _Standing:
        place = np.arange(len(piece)) - np.searchsorted(piece, piece)
        first, second, last = np.full(n, np.inf), np.full(n, np.inf), np.full(n, -np.inf)
        first[piece[place == 0]] = at[place == 0]
        second[piece[place == 1]] = at[place == 1]
        last[piece] = at  # the last one written is the last one that stands
        return cls(np.isfinite(first), first, second, last)


def _away(pieces: Pieces, stand: _Standing) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the distance of both ends of each piece from the nearest hydrant, millimetres."""
    node, end = np.unique(np.concatenate([pieces.a, pieces.b]), return_inverse=True)
    a, b = end[: len(pieces.a)], end[len(pieces.a) :]
    free, busy, source = ~stand.any, stand.any, len(node)
    rows = np.concatenate([a[free], a[busy], b[busy]])
    ends = np.concatenate([b[free], np.full(2 * int(busy.sum()), source)])
    mm = np.concatenate(
        [
            (pieces.high - pieces.low)[free],
            (stand.first - pieces.low)[busy],
            (pieces.high - stand.last)[busy],
        ]
    )
    low, high = np.minimum(rows, ends), np.maximum(rows, ends)
    order = np.lexsort((mm, high, low))
    once = np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0))[: len(order)]
    order = order[once]  # of parallel pieces the shortest
    # A length of 0 would be no link.
    graph = csr_array((np.maximum(mm[order], 1e-3), (low[order], high[order])), shape=(source + 1,) * 2)
    away = dijkstra(graph, directed=False, indices=source)
    return away[a], away[b]
