"""What one more hydrant on a road would close: the gaps within half the spacing along the road."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from geo.hydrants.roads import HydrantRoads
from geo.hydrants.spacing import Spacing

__all__ = ["OpenGaps", "most_closed"]

_Parts = list[tuple[int, float, float]]


class OpenGaps:
    """The gaps that are still open while hydrants are added one by one.

    Parameters
    ----------
    roads : HydrantRoads
        The roads.
    spacing : Spacing
        The gaps to begin with.
    """

    def __init__(self, roads: HydrantRoads, spacing: Spacing) -> None:
        network, m = roads.sides, roads.sides.n_edges
        self.reach_mm = spacing.reach_mm
        parts = spacing.parts
        self._part_start = np.searchsorted(parts.edge, np.arange(m + 1)).tolist()
        self._low, self._high = parts.low.tolist(), parts.high.tolist()
        self._length = roads.length_mm.tolist()
        self._ends = np.column_stack([network.edge_u, network.edge_v]).tolist()
        node = np.concatenate([network.edge_u, network.edge_v])
        half = np.argsort(node, kind="stable")
        self._half = half.tolist()
        self._first = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=network.n_nodes))]).tolist()
        self._changed: dict[int, list[tuple[float, float]]] = {}

    def closes(self, edge: int, at_mm: float) -> tuple[float, _Parts]:
        """Give the metres that a hydrant would close, and which."""
        parts: _Parts = []
        for e, spans in self._spans(edge, at_mm).items():
            for low, high in self._open(e):
                done = low
                for a, b in sorted(spans):
                    start, stop = max(done, a), min(high, b)
                    if start < stop:
                        parts.append((e, start, stop))
                        done = stop
        return sum(high - low for _, low, high in parts) / 1000.0, parts

    def close(self, parts: _Parts) -> None:
        """Take what a hydrant closes away."""
        for edge, start, stop in parts:
            left = []
            for low, high in self._open(edge):
                if low < min(start, high):
                    left.append((low, min(start, high)))
                if max(stop, low) < high:
                    left.append((max(stop, low), high))
            self._changed[edge] = left

    def _open(self, edge: int) -> list[tuple[float, float]]:
        if edge in self._changed:
            return self._changed[edge]
        rows = slice(self._part_start[edge], self._part_start[edge + 1])
        return list(zip(self._low[rows], self._high[rows], strict=True))

    def _spans(self, edge: int, at_mm: float) -> dict[int, list[tuple[float, float]]]:
        """Give the parts of edges within reach of a place along the road."""
        reach, m = self.reach_mm, len(self._length)
        spans = {edge: [(at_mm - reach, at_mm + reach)]}
        u, v = self._ends[edge]
        queue = [(at_mm, u), (self._length[edge] - at_mm, v)]
        queue.sort()
        best: dict[int, float] = {}
        while queue:
            away, node = heappop(queue)
            if away >= reach or node in best:
                continue
            best[node] = away
            left = reach - away
            for half in self._half[self._first[node] : self._first[node + 1]]:
                is_v = half >= m
                e = half - m if is_v else half
                length = self._length[e]
                spans.setdefault(e, []).append((length - left, length) if is_v else (0.0, left))
                if length < left:
                    heappush(queue, (away + length, self._ends[e][0 if is_v else 1]))
        return spans


def most_closed(
    roads: HydrantRoads, spacing: Spacing, edge: NDArray[np.int64], at_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give an upper bound of the metres of gap that a hydrant at each place closes.

    Beyond each end of its edge lies at most what lies within the distance left, rounded up to a quarter of
    the reach and counted from every junction on the way.
    """
    reach = spacing.reach_mm
    m = roads.sides.n_edges
    open_mm = np.bincount(spacing.parts.edge, spacing.parts.length, m).astype(np.float64)
    beyond = np.column_stack([_beyond(roads, open_mm, reach * k / 4) for k in range(5)])
    after = roads.length_mm[edge] - at_mm
    bound = np.minimum(open_mm[edge], np.minimum(at_mm, reach) + np.minimum(after, reach))
    for end, away in ((roads.sides.edge_u, at_mm), (roads.sides.edge_v, after)):
        left = np.maximum(reach - away, 0.0)
        level = np.ceil(left / reach * 4).astype(np.int64)
        # The edge itself is among those beyond its end.
        bound += np.maximum(beyond[end[edge], level] - np.minimum(open_mm[edge], left), 0.0)
    most: NDArray[np.float64] = bound / 1000.0
    return most


def _beyond(roads: HydrantRoads, open_mm: NDArray[np.float64], reach_mm: float) -> NDArray[np.float64]:
    """Bound the gaps within reach of each node: every edge from every node on the way."""
    network, m, n = roads.sides, roads.sides.n_edges, roads.sides.n_nodes
    node = np.concatenate([network.edge_u, network.edge_v]).astype(np.int64)
    other = np.concatenate([node[m:], node[:m]])
    length, gap = np.tile(roads.length_mm, 2).astype(float), np.tile(open_mm, 2)
    order = np.argsort(node, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=n))])
    total = np.zeros(n)
    source, at, away = np.arange(n), np.arange(n), np.zeros(n)
    seen, seen_at = source * n + at, away
    while len(source):
        count = first[at + 1] - first[at]
        row = np.repeat(np.arange(len(at)), count)
        half = order[np.repeat(first[at] - np.cumsum(count) + count, count) + np.arange(len(row))]
        left = reach_mm - away[row]
        total += np.bincount(source[row], weights=np.minimum(gap[half], left), minlength=n)
        on = length[half] < left
        source, at, away = source[row[on]], other[half[on]], away[row[on]] + length[half[on]]
        # A node that was reached sooner, or twice now, goes no further.
        key = source * n + at
        rank = np.lexsort((away, key))
        rank = rank[np.diff(key[rank], prepend=-1) != 0]
        place = np.minimum(np.searchsorted(seen, key[rank]), len(seen) - 1)
        rank = rank[(seen[place] != key[rank]) | (seen_at[place] > away[rank])]
        source, at, away = source[rank], at[rank], away[rank]
        both, both_at = np.concatenate([seen, key[rank]]), np.concatenate([seen_at, away])
        kept = np.lexsort((both_at, both))
        kept = kept[np.diff(both[kept], prepend=-1) != 0]
        seen, seen_at = both[kept], both_at[kept]
    return total
