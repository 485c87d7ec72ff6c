"""Roads between hydrants as trees: cut at the hydrants, loops cut open, links ordered from the leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from geo.hydrantroads import HydrantRoads
from geo.stretches import Stretches, in_stretches, subtract

__all__ = ["Cuts", "Links", "Pieces", "cut_roads", "open_loops", "pieces_of"]


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
    found = np.empty(len(edge), dtype=np.int64)
    found[order[~is_piece] - len(pieces.edge)] = last[~is_piece]
    return found


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
