"""Noding: which line ends are one node, and where lines cross."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

__all__ = ["cluster_points", "find_reversed", "split_at_crossings", "suggest_tolerance"]


def cluster_points(xy: NDArray[np.float64], tolerance_m: float) -> NDArray[np.int64]:
    """Give points within a tolerance of each other, directly or by a chain, the same number.

    Numbers follow the first appearance, so that the order of the points alone decides them.

    Parameters
    ----------
    xy : float64 array, shape (N, 2)
        Metres.
    tolerance_m : float
        0 joins only points at the same place.

    Examples
    --------
    >>> cluster_points(np.array([[9.0, 0], [0, 0], [9.4, 0], [9.8, 0]]), 0.5)
    array([0, 1, 0, 0])
    """
    pairs = cKDTree(xy).query_pairs(tolerance_m, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(xy),) * 2)
    label = connected_components(graph, directed=False)[1]
    _, first, at = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number: NDArray[np.int64] = rank[at]
    return number


def find_reversed(
    ends: NDArray[np.integer],
    like: NDArray[np.float64],
    xy: NDArray[np.float64],
    xy_start: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Mark lines that are an earlier line drawn backwards; each earlier line is matched once.

    Parameters
    ----------
    ends : int array, shape (M, 2)
        First and last node of each line.
    like : float64 array, shape (M, K)
        Numbers in which the two must agree, such as class and speed limit.
    xy, xy_start : arrays
        Vertices; those of line ``i`` are ``xy[xy_start[i]:xy_start[i + 1]]``.
    """
    low, high = ends.min(axis=1).astype(np.int64), ends.max(axis=1)
    _, group, size = np.unique(low * (ends.max() + 1) + high, return_inverse=True, return_counts=True)
    found = np.zeros(len(ends), dtype=bool)
    waiting: dict[int, list[int]] = {}
    for line in np.flatnonzero(size[group] > 1):
        before = waiting.setdefault(int(group[line]), [])
        back = xy[xy_start[line] : xy_start[line + 1]][::-1]
        for other in before:
            there = xy[xy_start[other] : xy_start[other + 1]]
            if (like[line] == like[other]).all() and np.array_equal(there, back):
                found[line] = True
                before.remove(other)
                break
        else:
            before.append(int(line))
    return found


def suggest_tolerance(xy: NDArray[np.float64]) -> float:
    """Give a tolerance in metres that would join half of the line ends to an end of another line.

    Parameters
    ----------
    xy : float64 array, shape (2 * M, 2)
        The first ends of M lines, then their last ends, metres.
    """
    lines = np.tile(np.arange(len(xy) // 2), 2)
    distance, near = cKDTree(xy).query(xy, k=min(3, len(xy)))
    other = np.where(lines[near] != lines[:, None], distance, np.inf).min(axis=1)
    half = float(np.quantile(other, 0.5, method="higher"))
    return float(f"{max(half, 0.1) * 1.05:.2g}")


def split_at_crossings(
    lines: NDArray[np.object_], level: NDArray[np.integer], tolerance_m: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Split lines where they cross, touch or are touched, on the same level only.

    Parameters
    ----------
    lines : array of LineString
        In metres.
    level : int array
        Level of each line; a bridge does not meet the road below it.
    tolerance_m : float
        An end this near to another line touches it.

    Returns
    -------
    pieces : array of LineString
        In the order of the lines, then along each.
    line : int64 array
        The line that each piece is of.
    """
    tree = shapely.STRtree(lines)
    a, b = tree.query(lines, predicate="dwithin", distance=tolerance_m)
    meet = (a < b) & (level[a] == level[b])
    a, b = a[meet], b[meet]
    owner, at = [], []
    for i, j, points in zip(a, b, _meetings(lines[a], lines[b], tolerance_m), strict=True):
        for line in (i, j):
            owner.append(np.full(len(points), line))
            at.append(shapely.line_locate_point(lines[line], points))
    cuts: dict[int, list[float]] = {}
    for line, place in zip(np.concatenate([*owner, []]), np.concatenate([*at, []]), strict=True):
        cuts.setdefault(int(line), []).append(float(place))
    pieces, origin = [], []
    for i, line in enumerate(lines):
        parts = _split(line, cuts[i], tolerance_m) if i in cuts else [line]
        pieces += parts
        origin += [i] * len(parts)
    return np.array(pieces, dtype=object), np.array(origin, dtype=np.int64)


def _meetings(
    a: NDArray[np.object_], b: NDArray[np.object_], tolerance_m: float
) -> list[NDArray[np.object_]]:
    """Points at which pairs of lines meet: crossings, ends of shared stretches, and near ends."""
    crossing = shapely.intersection(a, b)
    found = []
    for i, shape in enumerate(crossing):
        ends = [shapely.get_point(line, k) for line in (a[i], b[i]) for k in (0, -1)]
        near = [
            end
            for end in ends
            if max(shapely.distance(end, a[i]), shapely.distance(end, b[i])) <= tolerance_m
        ]
        points = shapely.points(shapely.get_coordinates(_corners(shape)))
        found.append(np.array([*np.atleast_1d(points), *near], dtype=object))
    return found


def _corners(shape: shapely.Geometry) -> shapely.Geometry:
    """Points stay; a shared stretch counts with its two ends."""
    parts = shapely.get_parts(shape)
    lines = shapely.line_merge(shapely.union_all(parts[shapely.get_dimensions(parts) == 1]))
    return shapely.union_all([*parts[shapely.get_dimensions(parts) == 0], shapely.boundary(lines)])


def _split(line: shapely.LineString, cuts: list[float], tolerance_m: float) -> list[shapely.LineString]:
    """Cut a line at distances along it; cuts nearer than the tolerance to an end or each other merge."""
    xy = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    least = max(tolerance_m, 1e-6)
    places: list[float] = []
    for cut in sorted(cuts):
        if cut - (places[-1] if places else 0.0) > least and along[-1] - cut > least:
            places.append(cut)
    stops = [0.0, *places, float(along[-1])]
    corner = np.column_stack([np.interp(stops, along, xy[:, k]) for k in (0, 1)])
    corner[0], corner[-1] = xy[0], xy[-1]
    pieces = []
    for k in range(len(stops) - 1):
        inside = (along > stops[k]) & (along < stops[k + 1])
        pieces.append(shapely.LineString(np.vstack([corner[k], xy[inside], corner[k + 1]])))
    return pieces
