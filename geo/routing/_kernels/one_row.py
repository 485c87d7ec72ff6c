"""The compiled search for the times of one facility: only as far as it is not too late to count."""

from __future__ import annotations

import numpy as np

from geo._jit import kernel
from geo.routing._kernels.bucket_queue import Graph, Ints, new_queue
from geo.routing._kernels.dijkstra import (
    BLOCK,
    Points,
    Seeds,
    Work,
    block_end,
    search_source,
)

__all__ = ["lower_row"]


@kernel
def lower_row(row: Ints, latest: Ints, graph: Graph, seeds: Seeds, limit: int, points: Points) -> None:
    """Lower the times of points, in place, to those of one facility within the limit.

    ``latest`` (N,) are times at nodes that it must undercut: the search goes on from no other node. They are
    the times to begin with, so it leaves them out by itself.
    """
    n = len(latest)
    times, blocks = np.empty(n, np.int32), np.zeros((n >> BLOCK) + 1, np.uint8)
    for i in range(n):
        times[i] = latest[i]
    search_source(
        Work(times, blocks), graph, new_queue(False), seeds, np.int64(0), limit, np.empty((0, 2), np.int64)
    )
    for block in range(len(blocks)):
        if not blocks[block]:
            continue
        for i in range(np.uint32(block << BLOCK), block_end(block, n)):
            if times[i] == latest[i]:
                continue
            for j in range(points.near_start[i], points.near_start[i + 1]):
                point, then = points.near[j, 0], np.int64(times[i]) + points.near[j, 1]
                if then <= limit and then < row[point]:
                    row[point] = then
    for j in range(len(points.along)):
        point, then = points.along[j, 0], np.int64(points.along[j, 1])
        if then <= limit and then < row[point]:
            row[point] = then
