"""Barriers such as rivers as straight walls, and the test of whether a way crosses one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo._jit import part
from geo.defaults import SHORE_M
from geo.ground.segments import foot

__all__ = [
    "Around",
    "Sight",
    "Walls",
    "bound_in_sight",
    "build_walls",
    "find_wall",
    "nearest_in_sight",
    "open_sight",
    "straight_walls",
]

_SHORE_M = float(SHORE_M)
_TIE_M = 1e-6
"""Roads whose distances differ by no more than this are equally near, metres."""


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


class Sight(NamedTuple):
    """Walls, and room to remember what one search in their sight has seen.

    Parameters
    ----------
    walls : Walls
        What may not be crossed.
    edge : int64 array, shape (P,)
        Edge of each piece of road, numbered from 0.
    seen : int64 array, shape (E,)
        Edges seen in the search.
    is_seen, is_shut : bool array, shape (E,)
        Whether an edge was seen, and whether a wall shuts it off.
    least_m, along : float64 array, shape (E,)
        Distance to the edge, and where on its nearest piece the foot is (0-1).
    piece : int64 array, shape (E,)
        Nearest piece of the edge.
    last : int64 array, shape (1,)
        The wall met last.
    """

    walls: Walls
    edge: NDArray[np.int64]
    seen: NDArray[np.int64]
    is_seen: NDArray[np.bool_]
    is_shut: NDArray[np.bool_]
    least_m: NDArray[np.float64]
    along: NDArray[np.float64]
    piece: NDArray[np.int64]
    last: NDArray[np.int64]


class Around(NamedTuple):
    """The pieces of road around the middle of a square.

    Parameters
    ----------
    piece : int64 array
        The pieces.
    m, along : float64 array
        How far each is from the middle, and where on it the perpendicular meets it (0-1, beyond it outside).
    n : int
        How many of them count.
    """

    piece: NDArray[np.int64]
    m: NDArray[np.float64]
    along: NDArray[np.float64]
    n: int


def open_sight(walls: Walls, edge: NDArray[np.int64]) -> Sight | None:
    """Make room for searches of one thread among pieces of edges (ascending); None without walls."""
    if not len(walls.line) or not len(edge):
        return None
    numbered = np.cumsum(np.diff(edge, prepend=edge[0]) != 0)
    n = int(numbered[-1]) + 1
    whole, real, flag = np.zeros((2, n), np.int64), np.zeros((2, n)), np.zeros((2, n), bool)
    return Sight(walls, numbered, whole[0], flag[0], flag[1], real[0], real[1], whole[1], np.array([-1]))


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
    line = straight_walls(barriers[shapely.intersects(barriers, shapely.box(*bounds))])
    ends = np.stack([line[:, :2], line[:, 2:]])
    is_near = (ends.min(axis=0) <= bounds[2:]).all(axis=1) & (ends.max(axis=0) >= bounds[:2]).all(axis=1)
    line = line[is_near]
    low = np.array(bounds[:2])
    n_columns, n_rows = (int(n) for n in np.ceil((np.array(bounds[2:]) - low) / bin_m) + 1)
    start, member = _fill_bins(line, low, n_columns, n_rows, bin_m)
    return Walls(line, low, n_columns, n_rows, start, member, bin_m)


def straight_walls(barriers: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give lines and the outlines of polygons as straight pieces: start x, y and end x, y, shape (W, 4)."""
    is_polygon = shapely.get_dimensions(barriers) == 2
    lines = np.where(is_polygon, shapely.boundary(barriers), barriers)
    xy, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = part[1:] == part[:-1]
    return np.column_stack([xy[:-1][same], xy[1:][same]])


def _fill_bins(
    line: NDArray[np.float64], low: NDArray[np.float64], n_columns: int, n_rows: int, bin_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the walls of each bin that their bounding box touches."""
    last = np.array([n_columns - 1, n_rows - 1])
    ends = np.stack([line[:, :2], line[:, 2:]])
    first = np.clip(np.floor((ends.min(axis=0) - low) / bin_m).astype(np.int64), 0, last)
    n_each = np.clip(np.floor((ends.max(axis=0) - low) / bin_m).astype(np.int64), 0, last) - first + 1
    count = n_each.prod(axis=1)
    wall = np.repeat(np.arange(len(line)), count)
    at = np.arange(len(wall)) - np.repeat(np.cumsum(count) - count, count)
    row = first[wall, 1] + at // n_each[wall, 0]
    column = first[wall, 0] + at % n_each[wall, 0]
    at_bin = row * n_columns + column
    start = np.concatenate([[0], np.cumsum(np.bincount(at_bin, minlength=n_columns * n_rows))])
    return start, wall[np.argsort(at_bin, kind="stable")]


@part
def _bin(offset, bin_m, n):  # type: ignore[no-untyped-def]
    return min(max(int(np.floor(offset / bin_m)), 0), n - 1)


@part
def find_wall(walls, ax, ay, bx, by, is_box):  # type: ignore[no-untyped-def]
    """Give a wall that the straight way from a to b goes through, or that is near the box around it; or -1.

    A wall is near the box when their bounding boxes meet.
    """
    west, east = min(ax, bx), max(ax, bx)
    south, north = min(ay, by), max(ay, by)
    last_row = _bin(north - walls.low[1], walls.bin_m, walls.n_rows)
    last = _bin(east - walls.low[0], walls.bin_m, walls.n_columns)
    for row in range(_bin(south - walls.low[1], walls.bin_m, walls.n_rows), last_row + 1):
        for column in range(_bin(west - walls.low[0], walls.bin_m, walls.n_columns), last + 1):
            b = row * walls.n_columns + column
            for j in range(walls.start[b], walls.start[b + 1]):
                k = walls.member[j]
                cx, cy, dx, dy = walls.line[k, 0], walls.line[k, 1], walls.line[k, 2], walls.line[k, 3]
                if max(cx, dx) < west or min(cx, dx) > east or max(cy, dy) < south or min(cy, dy) > north:
                    continue
                if is_box or _is_crossed(walls.line, k, ax, ay, bx, by):
                    return k
    return -1


@part
def _is_crossed(line, k, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Say whether the ends of wall ``k`` lie on both sides of the way from a to b, and vice versa."""
    cx, cy, dx, dy = line[k, 0], line[k, 1], line[k, 2], line[k, 3]
    return _side(ax, ay, bx, by, cx, cy) != _side(ax, ay, bx, by, dx, dy) and _side(
        cx, cy, dx, dy, ax, ay
    ) != _side(cx, cy, dx, dy, bx, by)


@part
def _side(ax, ay, bx, by, x, y):  # type: ignore[no-untyped-def]
    return (bx - ax) * (y - ay) > (by - ay) * (x - ax)


@part
def bound_in_sight(walls, line, edge, around, circle, reach_m, tried):  # type: ignore[no-untyped-def]
    """Give how far from its middle a piece can be that is nearest in sight of some spot of a square.

    An edge that no wall shuts off from any spot of the square bounds what is nearest in sight there. The
    nearest edges are asked, as many as ``tried`` has room for; with none of them ``reach_m`` is the bound.

    Parameters
    ----------
    around : Around
        The pieces, among them all that may be nearest in sight, or nearer.
    circle : tuple of float
        Middle of the square (x, y) and half its diagonal, metres.
    """
    x, y, half = circle
    side = half * np.sqrt(0.5) + _TIE_M
    for n_tried in range(len(tried)):
        e, least = _nearest_untried(edge, around, tried, n_tried)
        if e < 0 or least + half >= reach_m:
            break
        tried[n_tried] = e
        west, south, east, north = x - side, y - side, x + side, y + side
        for j in range(around.n):
            k = around.piece[j]
            if edge[k] != e or around.m[j] > least + 2.0 * half + _TIE_M:
                continue
            shift = half * np.sqrt(line[k, 4])
            for more in (-shift, shift):
                t = min(max(around.along[j] + more, 0.0), 1.0)
                at_x, at_y = line[k, 0] + t * line[k, 2], line[k, 1] + t * line[k, 3]
                west, east = min(west, at_x), max(east, at_x)
                south, north = min(south, at_y), max(north, at_y)
        if find_wall(walls, west, south, east, north, np.bool_(True)) < 0:
            return least + 2.0 * half
    return reach_m + half


@part
def _nearest_untried(edge, around, tried, n_tried):  # type: ignore[no-untyped-def]
    """Give the nearest edge that is none of the first ``n_tried``, and its distance; -1 where none is."""
    e, least = -1, np.inf
    for j in range(around.n):
        if around.m[j] >= least:
            continue
        f, is_new = edge[around.piece[j]], True
        for i in range(n_tried):
            is_new &= tried[i] != f
        if is_new:
            e, least = f, around.m[j]
    return e, least


@part
def nearest_in_sight(sight, line, near, off_m, x, y, reach_m):  # type: ignore[no-untyped-def]
    """Give the nearest piece on an edge that no wall shuts off, where on it the foot is, and the distance.

    An edge is shut off when the way to its nearest point goes through a wall.

    Parameters
    ----------
    near
        ``n`` pieces (``piece``) and distances (``m``, ascending) from a place not farther than ``off_m``:
        no piece can be nearer than ``m - off_m``, so the search stops there.
    """
    edge, seen, least_m = sight.edge, sight.seen, sight.least_m
    n_seen, j, nearest = 0, 0, -1
    best, t, d = -1, 0.0, np.inf
    while True:
        e, d = _nearest_seen(sight, n_seen)
        while j < near.n and near.m[j] - off_m <= min(d, reach_m) + _TIE_M:
            k = near.piece[j]
            j += 1
            along, d2 = foot(line, k, x, y)
            way_m = np.sqrt(d2)
            f = edge[k]
            if sight.is_seen[f]:
                # an edge that is shut off stays so: its distance is infinite, and no other end is nearer
                if sight.is_shut[f] or way_m >= least_m[f] + _TIE_M:
                    continue
                # of pieces that meet at the foot the first counts, in whatever order they come
                if way_m >= least_m[f] - _TIE_M and k > sight.piece[f]:
                    continue
            else:
                sight.is_seen[f] = True
                sight.is_shut[f] = False
                seen[n_seen] = f
                n_seen += 1
            least_m[f], sight.piece[f], sight.along[f] = way_m, k, min(max(along, 0.0), 1.0)
            if way_m < d:
                e, d = f, way_m
        if e < 0 or d > reach_m:
            break
        e = _first_as_near(sight, n_seen, e, d)
        best, t, d = sight.piece[e], sight.along[e], least_m[e]
        # A way that ends on the shore does not go through it: a road may begin there.
        stay = 1.0 - min(_SHORE_M / max(d, _SHORE_M), 1.0)
        to_x = x + stay * (line[best, 0] + t * line[best, 2] - x)
        to_y = y + stay * (line[best, 1] + t * line[best, 3] - y)
        # neighbouring ways mostly meet the same wall
        last = sight.last[0]
        if last < 0 or not _is_crossed(sight.walls.line, last, x, y, to_x, to_y):
            last = find_wall(sight.walls, x, y, to_x, to_y, np.bool_(False))
        if last < 0:
            nearest = best
            break
        sight.last[0] = last
        sight.is_shut[e] = True
        least_m[e] = np.inf
    for i in range(n_seen):
        sight.is_seen[seen[i]] = False
    return nearest, t, d


@part
def _nearest_seen(sight, n_seen):  # type: ignore[no-untyped-def]
    """Give the nearest of the edges seen and its distance; -1 where all are shut off."""
    e, d = -1, np.inf
    for i in range(n_seen):
        if sight.least_m[sight.seen[i]] < d:
            e, d = sight.seen[i], sight.least_m[sight.seen[i]]
    return e, d


@part
def _first_as_near(sight, n_seen, e, d):  # type: ignore[no-untyped-def]
    """Give the first of the edges as near as ``e``: distances to a junction differ by rounding only."""
    for i in range(n_seen):
        if sight.seen[i] < e and sight.least_m[sight.seen[i]] < d + _TIE_M:
            e = sight.seen[i]
    return e
