"""Rows that tighten the linear bound of set covering: of three points that no site sees all, two sites.

Of any three points take half the sum of their rows and round up: with ``a`` the number of the three that site
j sees, ``sum_j ceil(a / 2) y_j >= 2`` holds for whole ``y`` and often not for the linear relaxation (a
zero-half cut; A. Caprara, M. Fischetti, "{0, 1/2}-Chvatal-Gomory cuts", Mathematical Programming 74, 1996).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["cut_rows"]

LEAST = 0.02
"""A row is worth adding when it is broken by at least so much."""
OVERLAP = 0.2
"""Two points of the three share sites of at least this weight."""
WORK = 500_000_000
"""Entries that one search for rows may touch: a count, the same on every machine, about a second or two."""


def cut_rows(rows: sparse.csr_matrix, y: NDArray[np.float64]) -> sparse.csr_matrix:
    """Give rows, each to be at least 2, that the relaxed solution breaks.

    Parameters
    ----------
    rows : scipy.sparse matrix
        Points by sites, 1 where a site sees a point.
    y : float64 array
        A solution of the linear relaxation.

    Examples
    --------
    Three points, each pair seen by one site: half of each site would do, two whole ones are needed.

    >>> rows = sparse.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    >>> cut_rows(rows, np.full(3, 0.5)).toarray()
    array([[1., 1., 1.]])
    """
    used = np.flatnonzero(y > 1e-6)
    part = sparse.csr_matrix(rows[:, used])
    by_site = sparse.csc_matrix(part)
    found = _triples(part.indptr, part.indices, by_site.indptr, by_site.indices, y[used], WORK)
    if not len(found):
        return sparse.csr_matrix((0, rows.shape[1]))
    seen = sparse.csr_matrix(rows[found[:, 0]] + rows[found[:, 1]] + rows[found[:, 2]])
    seen.data = np.ceil(seen.data / 2.0)
    return seen


@njit(cache=True, nogil=True)
def _triples(row: Any, site: Any, start: Any, point: Any, y: Any, most: int) -> Any:
    """For each point and a neighbour of it, the third point with which the row is broken most.

    The search stops after ``most`` entries with what it has found so far.
    """
    n_points = len(row) - 1
    found = np.empty((4 * n_points, 3), dtype=np.int64)
    share = np.zeros(n_points)
    near = np.empty(n_points, dtype=np.int64)
    count = np.zeros(len(y), dtype=np.int64)
    n_found, spent = 0, 0
    for i in range(n_points):
        n_near, n_own = 0, 0
        for e in range(row[i], row[i + 1]):
            for f in range(start[site[e]], start[site[e] + 1]):
                k = point[f]
                spent += 1
                if k > i:
                    if share[k] == 0.0:
                        near[n_near] = k
                        n_near += 1
                    share[k] += y[site[e]]
        kept = 0
        for a in range(n_near):
            if share[near[a]] >= OVERLAP:
                near[a], near[kept] = near[kept], near[a]
                kept += 1
        for a in range(kept):
            best, third = LEAST, -1
            for b in range(kept):
                if near[b] <= near[a] or share[near[a]] + share[near[b]] < 0.5:
                    continue
                spent += (
                    row[i + 1] - row[i] + row[near[a] + 1] - row[near[a]] + row[near[b] + 1] - row[near[b]]
                )
                if spent > most:
                    return found[:n_found]
                broken = 2.0 - _left_side(row, site, y, count, i, near[a], near[b])
                if broken > best:
                    best, third = broken, near[b]
            if third >= 0 and n_own < 4:
                found[n_found, 0], found[n_found, 1], found[n_found, 2] = i, near[a], third
                n_found += 1
                n_own += 1
        for a in range(n_near):
            share[near[a]] = 0.0
    return found[:n_found]


@njit(cache=True, nogil=True)
def _left_side(row: Any, site: Any, y: Any, count: Any, i: int, j: int, k: int) -> float:
    """Sum up half the rows of three points, rounded up."""
    total = 0.0
    for p in (i, j, k):
        for e in range(row[p], row[p + 1]):
            s = site[e]
            # The first and the third sighting of a site each add one more to the rounded half.
            if count[s] != 1:
                total += y[s]
            count[s] += 1
    for p in (i, j, k):
        for e in range(row[p], row[p + 1]):
            count[site[e]] = 0
    return total
