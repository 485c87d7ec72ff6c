"""Ends that stop short of a road straight ahead, and ends far apart that were joined as one place."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["GAP_M", "Gaps", "Stretch", "find_gaps", "find_stretched"]

GAP_M: Final = 3.0
"""How far ahead of a dead end a road is looked for: map sheets and surveys that do not quite meet.

Of the dead ends of real networks hardly one has a road so near ahead that it does not meet: none of 2,348 in
Liechtenstein, one of 627 in Helsinki, two of 855 of the main roads of Shanghai."""
_FACING: Final = -0.8
"""Cosine between the directions of two dead ends that face each other."""
_FAR_M: Final = 5.0


class Gaps(NamedTuple):
    """Dead ends that stop short of another road.

    Parameters
    ----------
    lines : int64 array
        Line of each such end.
    metres : float64 array
        Distance to what lies ahead.
    """

    lines: NDArray[np.int64]
    metres: NDArray[np.float64]


class Stretch(NamedTuple):
    """What a large tolerance joined.

    Parameters
    ----------
    n : int
        Places at which ends more than 5 m apart were joined.
    most_m : float
        The widest of these places.
    n_lost : int
        Lines of which both ends are at one place by it, though they are drawn apart.
    """

    n: int
    most_m: float
    n_lost: int


def find_gaps(
    metres: NDArray[np.float64],
    start: NDArray[np.integer],
    ends: NDArray[np.integer],
    level: NDArray[np.integer],
    is_driven: NDArray[np.bool_],
) -> Gaps:
    """Find dead ends with another road within 3 m straight ahead, or with a dead end that faces them.

    Parameters
    ----------
    metres : float64 array, shape (V, 2)
        Vertices of lines that were cut where they meet.
    start : int array, shape (L + 1,)
        Where each line begins.
    ends : int array, shape (2 * L,)
        Node of the first end of each line, then of the last ends.
    level : int array, shape (L,)
        A road over or under another one does not lie ahead of it.
    is_driven : bool array, shape (L,)
        Lines that are roads for vehicles: footways often end beside them.
    """
    n = len(start) - 1
    shapes = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, metres, (start,))
    line = np.tile(np.arange(n), 2)
    dead = np.flatnonzero((np.bincount(ends) == 1)[ends] & np.tile(is_driven, 2))
    at = np.concatenate([metres[start[:-1]], metres[start[1:] - 1]])[dead]
    behind = np.concatenate([metres[start[:-1] + 1], metres[start[1:] - 2]])[dead]
    ahead = at - behind
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    tree = shapely.STRtree(shapes)
    end, other = tree.query(
        shapely.linestrings(np.stack([at, at + GAP_M * ahead], axis=1)), predicate="intersects"
    )
    own = line[dead[end]]
    is_ahead = (own != other) & is_driven[other] & (level[own] == level[other])
    end, other = end[is_ahead], other[is_ahead]
    nearest: NDArray[np.float64] = np.full(len(dead), np.inf)
    np.minimum.at(nearest, end, shapely.distance(shapely.points(at[end]), shapes[other]))
    for a, b in _facing(at, ahead, line[dead]):
        nearest[[a, b]] = np.minimum(nearest[[a, b]], float(np.hypot(*(at[a] - at[b]))))
    is_gap = np.isfinite(nearest)
    return Gaps(line[dead[is_gap]].astype(np.int64), nearest[is_gap])


def _facing(
    at: NDArray[np.float64], ahead: NDArray[np.float64], line: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Give the pairs of dead ends near each other that lead on in one another's direction."""
    from scipy.spatial import cKDTree

    if not len(at):
        return np.empty((0, 2), dtype=np.int64)
    pairs = cKDTree(at).query_pairs(GAP_M, output_type="ndarray").astype(np.int64)
    a, b = pairs.T
    facing: NDArray[np.int64] = pairs[(line[a] != line[b]) & ((ahead[a] * ahead[b]).sum(axis=1) < _FACING)]
    return facing


def find_stretched(
    metres: NDArray[np.float64], start: NDArray[np.integer], ends: NDArray[np.integer]
) -> Stretch | None:
    """Say how far apart ends were joined by a large tolerance; None where none lie more than 5 m apart.

    Parameters
    ----------
    metres, start, ends : arrays
        As for :func:`find_gaps`.
    """
    at = np.concatenate([metres[start[:-1]], metres[start[1:] - 1]])
    low = np.full((int(ends.max()) + 1, 2), np.inf)
    high = -low
    np.minimum.at(low, ends, at)
    np.maximum.at(high, ends, at)
    wide = np.hypot(*(high - low).T)
    if wide.max() <= _FAR_M:
        return None
    first, last = np.split(ends, 2)
    is_lost = (first == last) & (at[: len(first)] != at[len(first) :]).any(axis=1)
    return Stretch(int((wide > _FAR_M).sum()), float(wide.max()), int(is_lost.sum()))
