"""Noding: where lines meet, and the pieces between.

Lines meet at a vertex that they share, within the tolerance: always where one of them ends there, and in the
middle of both where they are on one level. A dead end beside the middle of a line on its level meets it.
Lines that only cross meet where that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import ranges
from geo.network._vertices import Places, Vertices, insert_places, metric_lines
from geo.network.crossings import find_crossings

__all__ = ["Noded", "node_lines", "suggest_tolerance"]

_LEAST_M = 1e-6
"""Places nearer than this are one, whatever the tolerance: rounding of the projection."""


@dataclass(frozen=True, eq=False)
class Noded:
    """Lines cut where they meet.

    Parameters
    ----------
    vertices : Vertices
        Of the pieces; ``line`` is the piece.
    line : int64 array, shape (M,)
        The line that each piece is of, ascending.
    ends : int64 array, shape (2 * M,)
        Node of the first end of each piece, then of the last ends; numbered by first appearance.
    meets : bool array, shape (L,)
        Whether each line meets another.
    n_cut : int
        Lines that were cut in their middle.
    n_touching : int
        Ends that met the middle of another line where that has no vertex.
    n_apart : int
        Places in the middle of lines on different levels, and dead ends beside such lines, which stay apart.
    """

    vertices: Vertices
    line: NDArray[np.int64]
    ends: NDArray[np.int64]
    meets: NDArray[np.bool_]
    n_cut: int
    n_touching: int
    n_apart: int


def node_lines(
    vertices: Vertices,
    level: NDArray[np.integer],
    *,
    tolerance_m: float,
    at_crossings: bool = False,
    end_level: NDArray[np.integer] | None = None,
) -> Noded:
    """Cut lines where they meet.

    Parameters
    ----------
    vertices : Vertices
        The lines.
    level : int array, shape (L,)
        Level of each line: a bridge does not meet the road below it, but for where one of them ends.
    tolerance_m : float
        How far apart two vertices, or an end and a line, may be that are one place.
    at_crossings : bool
        Also where lines of one level cross without a vertex.
    end_level : int array, shape (L, 2), optional
        Level of the first and the last end of each line, in the numbers of ``level``: ends on different
        levels do not meet either. Without, an end meets whatever has a vertex there.
    """
    vertices = _without_repeats(vertices)
    near_m = max(tolerance_m, _LEAST_M)
    links = np.empty((0, 2), dtype=np.int64)
    if at_crossings:
        a, b = find_crossings(vertices, level, near_m)
        vertices, _, links = _insert_pairs(vertices, a, b, near_m)
    height = _heights(vertices, level, end_level)
    label, n_apart = _meeting_labels(vertices, height, near_m, links, ends_apart=end_level is not None)
    ends, beside, n_beside = _touching_ends(vertices, level, height, label, near_m)
    vertices, kept, at = insert_places(vertices, beside, near_m)
    label = _joined_labels(label, kept, np.column_stack([kept[ends], at]), len(vertices.line))
    is_cut, meets = _cuts(vertices, label)
    return _pieces(vertices, label, is_cut, meets, n_touching=len(ends), n_apart=n_apart + n_beside)


def _heights(
    vertices: Vertices, level: NDArray[np.integer], end_level: NDArray[np.integer] | None
) -> NDArray[np.int64]:
    """Give the level of each vertex: that of its line, but for ends that have their own."""
    height = level[vertices.line].astype(np.int64)
    if end_level is not None:
        height[vertices.is_end] = end_level.reshape(-1)
    return height


def _without_repeats(vertices: Vertices) -> Vertices:
    """Leave out a vertex that stands where the one before it on its line does; a line keeps two."""
    step = (np.diff(vertices.metres, axis=0) == 0).all(axis=1) & (np.diff(vertices.line) == 0)
    repeats = np.concatenate([[False], step])
    is_point = np.bincount(vertices.line, weights=~repeats)[vertices.line] < 2
    return vertices.take(np.flatnonzero(~repeats | is_point))


def _insert_pairs(
    vertices: Vertices, a: Places, b: Places, near_m: float
) -> tuple[Vertices, NDArray[np.int64], NDArray[np.int64]]:
    """Insert places where pairs of lines meet; give the vertices that are one place, pair by pair."""
    both = Places(np.concatenate([a.line, b.line]), np.concatenate([a.along_m, b.along_m]))
    vertices, kept, at = insert_places(vertices, both, near_m)
    return vertices, kept, at.reshape(2, -1).T


def _meeting_labels(
    vertices: Vertices,
    level: NDArray[np.integer],
    near_m: float,
    links: NDArray[np.int64],
    *,
    ends_apart: bool = False,
) -> tuple[NDArray[np.int64], int]:
    """Number the places of vertices: one number for those that are one place.

    Gives also how many places are shared by the middles of lines on different levels alone, or by their
    ends too where these have levels of their own.
    """
    is_end = vertices.is_end
    spot = _same_spots(vertices.metres)
    has_end = (np.bincount(spot, weights=is_end) > 0) & (not ends_apart)
    by_level = spot * (level.max() + 1) + level
    n_levels = np.bincount(spot[np.unique(by_level, return_index=True)[1]])
    place = np.unique(np.where(has_end[spot], -1 - spot, by_level), return_inverse=True)[1]
    near = _near_pairs(vertices, level, spot, near_m)
    if ends_apart:
        near = near[level[near[:, 0]] == level[near[:, 1]]]
    pairs = np.concatenate([links, near])
    return _united(place, place[pairs]), int((~has_end & (n_levels > 1)).sum())


def _same_spots(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the different coordinates."""
    order = np.lexsort((xy[:, 0], xy[:, 1]))
    new = (np.diff(xy[order], axis=0) != 0).any(axis=1)
    number = np.empty(len(xy), dtype=np.int64)
    number[order] = np.concatenate([[0], np.cumsum(new)])
    return number


def _near_pairs(
    vertices: Vertices, level: NDArray[np.integer], spot: NDArray[np.int64], near_m: float
) -> NDArray[np.int64]:
    """Pairs of vertices that are one place though not at the same coordinates, shape (P, 2).

    Two ends; an end and the vertex of another line that is nearest to it; or the vertices of two lines on
    one level that are nearest to each other.
    """
    line, is_end = vertices.line, vertices.is_end
    i, j = _pairs_within(vertices.metres, spot, near_m)
    both_end = is_end[i] & is_end[j]
    other = line[i] != line[j]
    ends = np.column_stack([i, j])[both_end]
    i, j = i[other & ~both_end], j[other & ~both_end]
    n_lines = int(line[-1]) + 1
    is_there = np.isin(spot[i] * n_lines + line[j], spot * n_lines + line)  # the other line comes by exactly
    i, j = i[~is_there], j[~is_there]
    is_nearest = _nearest_of_line(vertices, i, j)
    mutual = is_nearest & np.isin(j * len(line) + i, (i * len(line) + j)[is_nearest])
    joins = np.where(is_end[i], is_nearest, mutual & ~is_end[j] & (level[i] == level[j]))
    return np.concatenate([ends, np.column_stack([i, j])[joins]])


def _pairs_within(
    xy: NDArray[np.float64], spot: NDArray[np.int64], near_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of vertices within a distance and not at the same spot, each both ways round."""
    from scipy.spatial import cKDTree

    order = np.argsort(spot, kind="stable")
    start = np.searchsorted(spot[order], np.arange(spot.max() + 2))
    pairs = cKDTree(xy[order[start[:-1]]]).query_pairs(near_m, output_type="ndarray")
    p, q = np.concatenate([pairs, pairs[:, ::-1]]).T
    first, offset = ranges(start[p], start[p + 1])  # every vertex of p ...
    q = np.repeat(q, np.diff(offset))
    second, offset = ranges(start[q], start[q + 1])  # ... with every vertex of q
    return np.repeat(order[first], np.diff(offset)), order[second]


def _nearest_of_line(vertices: Vertices, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the pairs in which ``j`` is the vertex of its line that is nearest to ``i``."""
    line = vertices.line[j]
    metres = np.hypot(*(vertices.metres[i] - vertices.metres[j]).T)
    order = np.lexsort((j, metres, line, i))
    is_first = (np.diff(i[order], prepend=-1) != 0) | (np.diff(line[order], prepend=-1) != 0)
    nearest = np.zeros(len(i), dtype=bool)
    nearest[order[is_first]] = True
    return nearest


def _united(label: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Make one number of those that pairs join."""
    n = int(label.max(initial=-1)) + 1
    joined = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    number: NDArray[np.int64] = connected_components(joined, directed=False)[1].astype(np.int64)[label]
    return number


def _joined_labels(
    label: NDArray[np.int64], kept: NDArray[np.int64], links: NDArray[np.int64], n: int
) -> NDArray[np.int64]:
    """Carry numbers over to more vertices, and join the linked ones."""
    carried = int(label.max()) + 1 + np.arange(n)
    carried[kept] = label
    return _united(carried, carried[links])


def _touching_ends(
    vertices: Vertices,
    level: NDArray[np.integer],
    height: NDArray[np.int64],
    label: NDArray[np.int64],
    near_m: float,
) -> tuple[NDArray[np.int64], Places, int]:
    """Dangling ends beside the middle of another line on their level, and the nearest place on it.

    Gives also how many lie beside lines on other levels only: a garage under a street ends there.

    Where several lines end at one place, a line that passes there without a vertex is a road over or under
    their junction: in Shanghai nearly all of these are viaducts and tunnels.
    """
    dangling = ~_is_shared(vertices.line, label)
    ends = np.flatnonzero(vertices.is_end & dangling[label])
    lines = metric_lines(vertices)
    points = shapely.points(vertices.metres[ends])
    end, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=near_m)
    other = vertices.line[ends[end]] != line
    end, line = end[other], line[other]
    same = height[ends[end]] == level[line]
    n_apart = len(np.setdiff1d(end, end[same]))
    end, line = end[same], line[same]
    order = np.lexsort((line, shapely.distance(points[end], lines[line]), end))
    order = order[np.diff(end[order], prepend=-1) != 0]
    end, line = end[order], line[order]
    return ends[end], Places(line, shapely.line_locate_point(lines[line], points[end])), n_apart


def _is_shared(line: NDArray[np.int64], label: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say of each place whether vertices of several lines are there."""
    n = int(label.max()) + 1
    low = np.full(n, len(line))
    high = np.full(n, -1)
    np.minimum.at(low, label, line)
    np.maximum.at(high, label, line)
    return low < high


def _cuts(vertices: Vertices, label: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the vertices in the middle of lines where these are cut, and the lines that meet another.

    A place in the middle of all its lines is a junction where these do not all lead the same two ways: two
    lines drawn on each other have no junction at each of their vertices, and a line may turn back there.
    """
    is_end = vertices.is_end
    n = int(label.max()) + 1
    several = np.bincount(label, minlength=n) > 1
    inside = np.flatnonzero(~is_end & several[label])
    ways = np.sort(np.column_stack([label[inside - 1], label[inside + 1]]), axis=1)
    pairs = np.unique(np.column_stack([label[inside], ways]), axis=0)
    n_pairs = np.bincount(pairs[:, 0], minlength=n)
    is_junction = several & ((np.bincount(label, weights=is_end, minlength=n) > 0) | (n_pairs > 1))
    is_cut = ~is_end & is_junction[label]
    meeting = (is_end | is_cut) & _is_shared(vertices.line, label)[label]
    return is_cut, np.bincount(vertices.line, weights=meeting) > 0


def _pieces(
    vertices: Vertices,
    label: NDArray[np.int64],
    is_cut: NDArray[np.bool_],
    meets: NDArray[np.bool_],
    *,
    n_touching: int,
    n_apart: int,
) -> Noded:
    stop = np.flatnonzero(vertices.is_end | is_cut)
    same = vertices.line[stop[:-1]] == vertices.line[stop[1:]]
    tail, head = stop[:-1][same], stop[1:][same]
    vertex, offset = ranges(tail, head + 1)
    piece = np.repeat(np.arange(len(tail)), np.diff(offset))
    return Noded(
        vertices=Vertices(vertices.xy[vertex], vertices.metres[vertex], piece),
        line=vertices.line[tail],
        ends=_by_appearance(label[np.concatenate([tail, head])]),
        meets=meets,
        n_cut=len(np.unique(vertices.line[is_cut])),
        n_touching=n_touching,
        n_apart=n_apart,
    )


def _by_appearance(label: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number labels in the order of their first appearance."""
    _, first, at = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number: NDArray[np.int64] = rank[at]
    return number


def suggest_tolerance(xy: NDArray[np.float64]) -> float:
    """Give a tolerance in metres that would join half of the line ends to an end of another line.

    Parameters
    ----------
    xy : float64 array, shape (2 * M, 2)
        The first ends of M lines, then their last ends, metres.
    """
    from scipy.spatial import cKDTree

    lines = np.tile(np.arange(len(xy) // 2), 2)
    distance, near = cKDTree(xy).query(xy, k=min(3, len(xy)))
    other = np.where(lines[near] != lines[:, None], distance, np.inf).min(axis=1)
    half = float(np.quantile(other, 0.5, method="higher"))
    return float(f"{max(half, 0.1) * 1.05:.2g}")
