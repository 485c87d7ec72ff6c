"""Barriers such as rivers as straight walls, and the test of whether a way crosses one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

__all__ = ["Walls", "build_walls", "crosses", "distance_to"]


class Walls(NamedTuple):
    """Straight wall pieces in square bins, so that few are looked at for one way.

    Parameters
    ----------
    line : float64 array, shape (W, 4)
        Start x, y and end x, y, metres.
    low : float64 array, shape (2,)
        Corner of the first bin.
    n_columns, n_rows : int
        Bins each way.
    start : int64 array
        Walls of bin ``row * n_columns + column`` are ``member[start[bin]:start[bin + 1]]``.
    member : int64 array
        Walls of each bin.
    bin_m : float
        Width of a bin.
    """

    line: NDArray[np.float64]
    low: NDArray[np.float64]
    n_columns: int
    n_rows: int
    start: NDArray[np.int64]
    member: NDArray[np.int64]
    bin_m: float


def build_walls(
    barriers: NDArray[np.object_], *, bounds: tuple[float, float, float, float], bin_m: float = 64.0
) -> Walls:
    """Turn lines and the outlines of polygons, near ``bounds``, into walls.

    Parameters
    ----------
    barriers : array of shapely geometries
        Polygons or lines in metres; may be empty.
    bounds : tuple of float
        West, south, east and north of the ground that matters, metres.
    """
    line = _straight(barriers[shapely.intersects(barriers, shapely.box(*bounds))])
    ends = np.stack([line[:, :2], line[:, 2:]])
    is_near = (ends.min(axis=0) <= bounds[2:]).all(axis=1) & (ends.max(axis=0) >= bounds[:2]).all(axis=1)
    line = line[is_near]
    low = np.array(bounds[:2])
    n_columns, n_rows = (int(n) for n in np.ceil((np.array(bounds[2:]) - low) / bin_m) + 1)
    start, member = _fill_bins(line, low, n_columns, n_rows, bin_m)
    return Walls(line, low, n_columns, n_rows, start, member, bin_m)


def distance_to(walls: Walls, xy: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the distance (m) of each point to its nearest wall, ``inf`` where there are none."""
    if not len(walls.line) or not len(xy):
        return np.full(len(xy), np.inf)
    tree = shapely.STRtree(shapely.linestrings(walls.line.reshape(-1, 2, 2)))
    _, metres = tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
    distance: NDArray[np.float64] = metres
    return distance


def _straight(barriers: NDArray[np.object_]) -> NDArray[np.float64]:
    is_polygon = shapely.get_dimensions(barriers) == 2
    lines = np.where(is_polygon, shapely.boundary(barriers), barriers)
    xy, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = part[1:] == part[:-1]
    return np.column_stack([xy[:-1][same], xy[1:][same]])


@njit(cache=True, nogil=True)
def _fill_bins(line, low, n_columns, n_rows, bin_m):  # type: ignore[no-untyped-def]
    """List the walls of each bin that their bounding box touches: count, then fill."""
    start = np.zeros(n_columns * n_rows + 1, np.int64)
    member = np.empty(0, np.int64)
    for is_fill in (False, True):
        for k in range(len(line)):
            west, east = min(line[k, 0], line[k, 2]), max(line[k, 0], line[k, 2])
            south, north = min(line[k, 1], line[k, 3]), max(line[k, 1], line[k, 3])
            for row in range(_bin(south - low[1], bin_m, n_rows), _bin(north - low[1], bin_m, n_rows) + 1):
                for column in range(
                    _bin(west - low[0], bin_m, n_columns), _bin(east - low[0], bin_m, n_columns) + 1
                ):
                    b = row * n_columns + column
                    if is_fill:
                        start[b] -= 1
                        member[start[b]] = k
                    else:
                        start[b] += 1
        if not is_fill:
            # each start is now the end of its bin; filling counts it back to the beginning
            start = np.cumsum(start)
            member = np.empty(start[-1], np.int64)
    return start, member


@njit(cache=True, nogil=True)
def _bin(offset, bin_m, n):  # type: ignore[no-untyped-def]
    return min(max(int(np.floor(offset / bin_m)), 0), n - 1)


@njit(cache=True, nogil=True)
def crosses(walls, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Say whether the straight way from a to b goes through a wall."""
    low = walls.low
    west, east = min(ax, bx), max(ax, bx)
    south, north = min(ay, by), max(ay, by)
    first_row, last_row = (
        _bin(south - low[1], walls.bin_m, walls.n_rows),
        _bin(north - low[1], walls.bin_m, walls.n_rows),
    )
    first, last = (
        _bin(west - low[0], walls.bin_m, walls.n_columns),
        _bin(east - low[0], walls.bin_m, walls.n_columns),
    )
    for row in range(first_row, last_row + 1):
        for column in range(first, last + 1):
            b = row * walls.n_columns + column
            for j in range(walls.start[b], walls.start[b + 1]):
                k = walls.member[j]
                cx, cy, dx, dy = walls.line[k, 0], walls.line[k, 1], walls.line[k, 2], walls.line[k, 3]
                if max(cx, dx) < west or min(cx, dx) > east or max(cy, dy) < south or min(cy, dy) > north:
                    continue
                if _side(ax, ay, bx, by, cx, cy) != _side(ax, ay, bx, by, dx, dy) and _side(
                    cx, cy, dx, dy, ax, ay
                ) != _side(cx, cy, dx, dy, bx, by):
                    return True
    return False


@njit(cache=True, nogil=True)
def _side(ax, ay, bx, by, x, y):  # type: ignore[no-untyped-def]
    return (bx - ax) * (y - ay) > (by - ay) * (x - ax)
