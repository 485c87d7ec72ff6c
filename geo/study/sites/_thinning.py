"""Points along lines and thinning them, compiled: few bytes a point, and work that no spacing multiplies.

Thinning goes over the points in their order and takes each that is farther than a reach from all taken before
on the same roads. Those taken stand in square cells as wide as the reach, so that only the 3 x 3 cells around
a point can hold one that is too near, and each cell holds few (an r-net by hashing; cf. S. Har-Peled,
B. Raichel, "Net and prune", Journal of the ACM 62, 2015).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["points_along", "thin"]

NONE = -1


@kernel
def points_along(xy: Any, xy_start: Any, edges: Any, n_parts: Any) -> Any:
    """Cut lines into equal parts; give the ends of the parts, and the position in ``edges`` of each.

    Coordinates are those of GEOS, to the last bit: the segment in which the length falls, then a share of it.

    Parameters
    ----------
    xy, xy_start : arrays
        Vertices of line ``k`` are ``xy[xy_start[k]:xy_start[k + 1]]``.
    edges : int64 array
        Lines to cut.
    n_parts : int64 array
        Parts of each, >= 1.
    """
    at = np.empty((n_parts.sum() + len(n_parts), 2))
    of = np.empty(len(at), dtype=np.int32)
    n = 0
    for k in range(len(edges)):
        first, last = xy_start[edges[k]], xy_start[edges[k] + 1] - 1
        whole = 0.0
        for v in range(first, last):
            whole += np.sqrt((xy[v + 1, 0] - xy[v, 0]) ** 2 + (xy[v + 1, 1] - xy[v, 1]) ** 2)
        v, before = first, 0.0
        for step in range(n_parts[k] + 1):
            wanted = step / n_parts[k] * whole
            at[n], of[n] = xy[last], k
            while v < last:
                part_m = np.sqrt((xy[v + 1, 0] - xy[v, 0]) ** 2 + (xy[v + 1, 1] - xy[v, 1]) ** 2)
                if before + part_m > wanted:
                    share = (wanted - before) / part_m
                    for side in range(2):
                        at[n, side] = (xy[v + 1, side] - xy[v, side]) * share + xy[v, side]
                    if share <= 0.0:
                        at[n] = xy[v]
                    break
                before += part_m
                v += 1
            n += 1
    return at, of


@part
def _slot(slots: Any, cells: Any, x: int, y: int, component: int) -> Any:
    """Give the slot of the hash table that holds a cell's number, or the free one where it belongs."""
    mixed = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(y) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed + np.uint64(component)) * np.uint64(0xFF51AFD7ED558CCD)
    last = len(slots) - 1
    slot = np.int64((mixed >> np.uint64(32)) & np.uint64(last))
    while slots[slot] != NONE:
        cell = cells[slots[slot]]
        if cell[0] == x and cell[1] == y and cell[2] == component:
            break
        slot = (slot + 1) & last
    return slot


@kernel
def thin(xy: Any, component: Any, order: Any, reach_m: float) -> Any:
    """Take points, in their order, that are farther than a reach from all that were taken before.

    Parameters
    ----------
    xy : float64 array, shape (N, 2)
        Points, metres.
    component : int array, shape (N,)
        Only points of the same component are kept apart.
    order : int64 array, shape (N,)
        In which order points are looked at.
    reach_m : float
        Metres, above 0.

    Returns
    -------
    int64 array
        Positions in ``xy`` of those that were taken, in that order.
    """
    low_x, low_y = xy[:, 0].min(), xy[:, 1].min()
    side_m = reach_m * (1.0 + 1e-6)  # a little wider, so that no rounding puts a neighbour two cells away
    taken = np.empty(len(xy), dtype=np.int64)
    before = np.empty(len(xy), dtype=np.int32)  # the one taken before in the same cell
    # Cells are numbered as they come: never more of them than points that were taken.
    slots = np.full(2 ** int(np.ceil(np.log2(2 * len(xy) + 1))), NONE, dtype=np.int32)
    cells, newest = np.empty((len(xy), 3), dtype=np.int64), np.empty(len(xy), dtype=np.int32)
    n_cells = n_taken = 0
    for i in order:
        x, y = int((xy[i, 0] - low_x) / side_m), int((xy[i, 1] - low_y) / side_m)
        is_near = False
        for cell in range(9):
            found = slots[_slot(slots, cells, x + cell // 3 - 1, y + cell % 3 - 1, component[i])]
            k = NONE if found == NONE else newest[found]
            while k != NONE and not is_near:
                j = taken[k]
                is_near = (xy[i, 0] - xy[j, 0]) ** 2 + (xy[i, 1] - xy[j, 1]) ** 2 <= reach_m * reach_m
                k = before[k]
            if is_near:
                break
        if is_near:
            continue
        slot = _slot(slots, cells, x, y, component[i])
        if slots[slot] == NONE:
            slots[slot], newest[n_cells] = n_cells, NONE
            cells[n_cells, 0], cells[n_cells, 1], cells[n_cells, 2] = x, y, component[i]
            n_cells += 1
        taken[n_taken], before[n_taken] = i, newest[slots[slot]]
        newest[slots[slot]] = n_taken
        n_taken += 1
    return taken[:n_taken].copy()
