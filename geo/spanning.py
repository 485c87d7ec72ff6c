"""A spanning forest of a graph: what hangs on each of its links, and which links nothing else replaces."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

__all__ = ["Forest", "find_bridges", "fold", "span"]

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class Forest:
    """A breadth-first spanning forest; its nodes are in *places* 0, 1, ... (place 0 is above all roots).

    Parameters
    ----------
    place : int64 array, shape (N,)
        Place of each node.
    up : int64 array, shape (N + 1,)
        Place of the parent; never falls from one place to the next.
    level : int64 array
        The places of level ``i`` are ``level[i]:level[i + 1]``; the roots are level 1.
    link : int64 array, shape (N + 1,)
        Edge to the parent; -1 for place 0 and the roots.
    first, size : int64 array, shape (N + 1,)
        What hangs on a place are those whose ``first`` lies in ``first[p]:first[p] + size[p]`` (preorder).
    root : int64 array, shape (N + 1,)
        Place of the root; one for each connected component.
    """

    place: NDArray[np.int64]
    up: NDArray[np.int64]
    level: NDArray[np.int64]
    link: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    root: NDArray[np.int64]


def span(n_nodes: int, u: NDArray[np.integer], v: NDArray[np.integer]) -> Forest:
    """Span a forest over an undirected graph that may have parallel edges and loops.

    Examples
    --------
    A triangle 0-1-2 with a tail 2-3, and a node alone:

    >>> u, v = np.array([0, 1, 2, 2]), np.array([1, 2, 0, 3])
    >>> forest = span(5, u, v)
    >>> int(forest.level[2] - forest.level[1]), find_bridges(forest, u, v).tolist()
    (2, [3])
    """
    order, above = _breadth_first(n_nodes, u, v)
    place = np.empty(n_nodes + 1, dtype=np.int64)
    place[order] = np.arange(n_nodes + 1)
    up = np.zeros(n_nodes + 1, dtype=np.int64)
    up[1:] = place[above[order[1:]]]
    level = _levels(up)
    size = fold(np.ones(n_nodes + 1, dtype=np.int64), up, level, np.add)
    first, root = np.zeros(n_nodes + 1, dtype=np.int64), np.arange(n_nodes + 1)
    for low, high in pairwise(level[1:]):
        parent = up[low:high]
        before = np.cumsum(size[low:high]) - size[low:high]
        eldest = np.searchsorted(parent, parent, side="left")
        first[low:high] = first[parent] + 1 + before - before[eldest]
        if low > 1:
            root[low:high] = root[parent]
    link = _links(order, above, u, v, n_nodes)
    return Forest(place[:n_nodes], up, level, link, first, size, root)


def fold(
    values: NDArray[_Number], up: NDArray[np.int64], level: NDArray[np.int64], gather: np.ufunc
) -> NDArray[_Number]:
    """Gather what every place holds with all that hangs on it: sums, least or greatest values.

    Parameters
    ----------
    values : array, shape (N + 1,)
        By place; not changed.
    up, level : int64 array
        Those of the forest.
    gather : ufunc
        ``np.add``, ``np.minimum`` or ``np.maximum``.
    """
    held = values.copy()
    for low, high in zip(level[-2:0:-1], level[:1:-1], strict=True):
        gather.at(held, up[low:high], held[low:high])
    return held


def find_bridges(forest: Forest, u: NDArray[np.integer], v: NDArray[np.integer]) -> NDArray[np.int64]:
    """Give the edges whose loss cuts a component in two; of parallel edges there is none.

    An edge of the forest is one when no other edge leads out of what hangs on it, that is, out of an interval
    of the preorder (R. E. Tarjan, A note on finding the bridges of a graph, Inf. Proc. Letters 2, 1974).

    Parameters
    ----------
    forest : Forest
        From :func:`span` over the same edges.
    u, v : int array
        Ends of the edges.

    Returns
    -------
    int64 array
        Positions of the edges, ascending.
    """
    in_forest = np.zeros(len(u), dtype=bool)
    in_forest[forest.link[forest.link >= 0]] = True
    others = np.flatnonzero(~in_forest)
    a, b = forest.place[u[others]], forest.place[v[others]]
    least, most = forest.first.copy(), forest.first.copy()
    for here, there in ((a, b), (b, a)):
        np.minimum.at(least, here, forest.first[there])
        np.maximum.at(most, here, forest.first[there])
    least = fold(least, forest.up, forest.level, np.minimum)
    most = fold(most, forest.up, forest.level, np.maximum)
    is_cut = (least >= forest.first) & (most < forest.first + forest.size) & (forest.link >= 0)
    bridges: NDArray[np.int64] = np.sort(forest.link[is_cut])
    return bridges


def _breadth_first(
    n_nodes: int, u: NDArray[np.integer], v: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the nodes in breadth-first order and their parents; one more node stands above each component."""
    ones = np.ones(len(u), dtype=np.int8)
    graph = coo_array((ones, (u, v)), shape=(n_nodes, n_nodes))
    label = connected_components(graph, directed=False)[1]
    roots = np.unique(label, return_index=True)[1]
    tail, head = np.concatenate([u, np.full(len(roots), n_nodes)]), np.concatenate([v, roots])
    whole = coo_array((np.ones(len(tail)), (tail, head)), shape=(n_nodes + 1, n_nodes + 1))
    order, above = breadth_first_order(whole.tocsr(), n_nodes, directed=False)
    return order.astype(np.int64), above.astype(np.int64)


def _levels(up: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give where each level starts: parents never fall, so a level's children stand together."""
    starts = [0, 1]
    while starts[-1] < len(up):
        starts.append(int(np.searchsorted(up[1:], starts[-1], side="left")) + 1)
    return np.array(starts, dtype=np.int64)


def _links(
    order: NDArray[np.int64],
    above: NDArray[np.int64],
    u: NDArray[np.integer],
    v: NDArray[np.integer],
    n_nodes: int,
) -> NDArray[np.int64]:
    """Give the edge between each place and its parent, the first of parallel ones."""
    low, high = np.minimum(u, v).astype(np.int64), np.maximum(u, v).astype(np.int64)
    pair = low * (n_nodes + 1) + high
    by_pair = np.argsort(pair, kind="stable")
    node, parent = order[1:], above[order[1:]]
    wanted = np.minimum(node, parent) * (n_nodes + 1) + np.maximum(node, parent)
    found = np.searchsorted(pair[by_pair], wanted, side="left")
    link = np.full(n_nodes + 1, -1, dtype=np.int64)
    is_real = parent < n_nodes
    link[1:][is_real] = by_pair[found[is_real]]
    return link
