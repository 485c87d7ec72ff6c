"""Where lines cross or touch without a vertex that they share."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network._vertices import Places, Vertices, metric_lines

__all__ = ["count_unmet", "find_crossings"]

_AT_ONCE: Final = 1 << 16
"""Pieces that are looked at together: all pairs of a city take 200 MB."""


def find_crossings(vertices: Vertices, level: NDArray[np.integer], near_m: float) -> tuple[Places, Places]:
    """Find the places at which two lines of one level cross, touch, or part after a shared stretch.

    Parameters
    ----------
    vertices : Vertices
        The lines.
    level : int array, shape (L,)
        Level of each line.
    near_m : float
        An end this near to another line touches it.

    Returns
    -------
    (Places, Places)
        The same places on the one line and on the other.
    """
    lines = metric_lines(vertices)
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=near_m)
    meet = (a < b) & (level[a] == level[b])
    a, b = a[meet], b[meet]
    points, pair = _points_in_common(lines[a], lines[b])
    sides = [(points, pair)]
    for line in (a, b):
        for which in (0, -1):
            end = shapely.get_point(lines[line], which)
            near = np.maximum(shapely.distance(end, lines[a]), shapely.distance(end, lines[b])) <= near_m
            sides.append((end[near], np.flatnonzero(near)))
    points = np.concatenate([points for points, _ in sides])
    pair = np.concatenate([pair for _, pair in sides])
    on_a, on_b = (Places(line[pair], shapely.line_locate_point(lines[line[pair]], points)) for line in (a, b))
    return on_a, on_b


def count_unmet(
    xy: NDArray[np.float64],
    start: NDArray[np.integer],
    ends: NDArray[np.integer],
    level: NDArray[np.integer],
) -> int:
    """Count the places at which two pieces of one level cross though they share no node.

    Parameters
    ----------
    xy, start : arrays
        Vertices; those of piece ``i`` are ``xy[start[i]:start[i + 1]]``.
    ends : int array, shape (2 * M,)
        Node of the first end of each piece, then of the last ends.
    level : int array, shape (M,)
        Level of each piece.
    """
    pieces = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (start,))
    tree = shapely.STRtree(pieces)
    tail, head = np.split(ends, 2)
    n = 0
    for first in range(0, len(pieces), _AT_ONCE):
        a, b = tree.query(pieces[first : first + _AT_ONCE])
        a += first
        # Most that lie near each other share a node; only what does not is looked at closely.
        may_cross = (a < b) & (level[a] == level[b]) & (tail[a] != tail[b]) & (tail[a] != head[b])
        may_cross &= (head[a] != tail[b]) & (head[a] != head[b])
        n += int(shapely.crosses(pieces[a[may_cross]], pieces[b[may_cross]]).sum())
    return n


def _points_in_common(
    a: NDArray[np.object_], b: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Points in which pairs of lines cross, and ends of the stretches they share, with the pair of each."""
    parts, pair = shapely.get_parts(shapely.intersection(a, b), return_index=True)
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    of_pair, group = np.unique(pair[is_line], return_inverse=True)
    stretches = shapely.line_merge(shapely.multilinestrings(parts[is_line], indices=group))
    ends, stretch = shapely.get_parts(shapely.boundary(stretches), return_index=True)
    return np.concatenate([parts[~is_line], ends]), np.concatenate([pair[~is_line], of_pair[stretch]])
