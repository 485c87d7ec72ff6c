"""Directed arcs in compressed rows, the spatial order of nodes, and connected components."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.times import UNREACHED_MS

__all__ = ["Arcs", "compress_arcs", "label_components", "morton_codes"]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed node-to-node arcs in compressed rows: the fastest of parallel links, no self loops.

    Parameters
    ----------
    start : int32 array, shape (N + 1,)
        Arcs of node ``i`` are ``start[i]:start[i + 1]``.
    head : int32 array, shape (A,)
        Node at the other end.
    ms : int32 array, shape (A,)
        Time in whole milliseconds, at least 1.
    edge : int32 array, shape (A,)
        The edge that the arc drives along.
    """

    start: NDArray[np.int32]
    head: NDArray[np.int32]
    ms: NDArray[np.int32]
    edge: NDArray[np.int32]

    @cached_property
    def packed(self) -> NDArray[np.int64]:
        """Time and head of each arc in one number, ``ms << 32 | head``, as the searches read them."""
        return self.ms.astype(np.int64) << 32 | self.head

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when it is asked for."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def is_like(self, other: Arcs) -> bool:
        """Say whether the arcs are the same, as those of people on foot are in both directions."""
        names = [part.name for part in fields(self)]
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)


def compress_arcs(
    n_nodes: int,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    ms: NDArray[np.int32],
    edge: NDArray[np.int32],
) -> Arcs:
    """Compress arcs into rows; the one place where parallel links collapse to the fastest."""
    keep = (ms < UNREACHED_MS) & (tail != head)
    tail, head, ms, edge = tail[keep], head[keep], ms[keep], edge[keep]
    arc = tail.astype(np.int64) * n_nodes + head
    order = np.lexsort(((ms.astype(np.int64) << 32) + edge, arc))  # the fastest first, then the first edge
    first = order[np.diff(arc[order], prepend=-1) != 0]
    start = np.zeros(n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail[first], minlength=n_nodes), out=start[1:])
    return Arcs(start=start, head=head[first], ms=ms[first], edge=edge[first])


def label_components(
    n_nodes: int, u: NDArray[np.int32], v: NDArray[np.int32], length: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Number the weakly connected components of nodes; 0 has the longest roads."""
    graph = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(n_nodes, n_nodes))
    count, label = connected_components(graph, directed=False)
    km = np.bincount(label[u], weights=length, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-km, kind="stable")] = np.arange(count, dtype=np.int32)
    component: NDArray[np.int32] = rank[label]
    return component


def morton_codes(xy: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Interleave the bits of x and y so that sorting puts near nodes near each other."""
    low = xy.min(axis=0)
    scale = max(float((xy.max(axis=0) - low).max()), 1e-9)
    cell = ((xy - low) / scale * (2**31 - 1)).astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        cell = (cell | (cell << np.uint64(shift))) & np.uint64(mask)
    code: NDArray[np.uint64] = cell[:, 0] | (cell[:, 1] << np.uint64(1))
    return code
