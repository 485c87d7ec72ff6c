"""Rows that tighten the linear bound of set covering, made by adding rows up and halving.

Lemma. Let ``a_r y >= b_r`` be rows of whole numbers, ``a_r >= 0``, that hold for every cover y. Half of their
sum gives ``sum of (a_r / 2) y >= sum of b_r / 2``. Rounding coefficients up only raises the left side, since
``y >= 0``; it is then a whole number for every cover, so the right side may be rounded up as well:
``ceil(sum of a_r / 2) y >= ceil(sum of b_r / 2)``. Nor does it need a coefficient above the right side: a
site that has so much fulfils the row alone. Where the right sides add up to an odd number the relaxed
solution often breaks the row (zero-half cuts; A. Caprara, M. Fischetti, "{0, 1/2}-Chvatal-Gomory cuts",
Mathematical Programming 74, 1996). Of three points that no site sees all, two sites are needed: that is the
smallest such row.

Which rows to add is chosen by local search (as in G. Andreello, A. Caprara, M. Fischetti, "Embedding {0,
1/2}-cuts in a branch-and-cut framework", INFORMS Journal on Computing 19, 2007).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo._jit import kernel, part

__all__ = ["cut_rows"]

LEAST = 0.02
"""A row is worth adding when it is broken by at least so much."""
SLACK = 0.3
"""Rows that hold with more than this to spare are not added up: half of it would be lost."""
MOST_ROWS = 9
"""Rows that are added up at the most."""
MOST_CUTS = 2000
"""Rows given at the most, those that are broken most."""
BRANCHES = 6
"""Rows that are tried as the first of a pair."""
THREADS = 2
"""Searches side by side, each from its own share of the rows: a number that hangs on no machine."""
WORK = 500_000_000
"""Entries that each search for rows may touch: a count, the same on every machine, about two seconds."""


def cut_rows(
    rows: sparse.csr_matrix,
    low: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    most: int = MOST_CUTS,
    work: int = WORK,
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Give rows, and the least that each is to be, that the relaxed solution breaks.

    Parameters
    ----------
    rows : scipy.sparse matrix
        Whole numbers >= 0, constraints by sites: 1 where a site sees a point, or rows given here before.
    low : float64 array
        Whole numbers: ``rows @ y >= low``.
    y : float64 array
        A solution of the linear relaxation.
    most : int
        Rows given at the most.
    work : int
        Entries that each of the two searches may touch: a count, the same on every machine.

    Examples
    --------
    Three points, each pair seen by one site: half of each site would do, two whole ones are needed.

    >>> rows = sparse.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    >>> new, least = cut_rows(rows, np.ones(3), np.full(3, 0.5))
    >>> new.toarray(), least
    (array([[1., 1., 1.]]), array([2.]))
    """
    slack = rows @ y - low
    close, used = np.flatnonzero(slack < SLACK), np.flatnonzero(y > 1e-5)
    part = sparse.csr_matrix(rows[close][:, used])
    part.data %= 2.0
    part.eliminate_zeros()
    by_site = sparse.csc_matrix(part)
    relaxed = _Relaxed(
        row=part.indptr,
        site=part.indices,
        start=by_site.indptr,
        rows=by_site.indices,
        share=y[used],
        slack=np.maximum(slack[close], 0.0),
        is_odd_row=low[close] % 2.0 == 1.0,
    )
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(lambda first: _sets(relaxed, LEAST, work, first, THREADS), range(THREADS))
        sets, broken = (np.concatenate(column) for column in zip(*parts, strict=True))
    sets = np.sort(sets[np.argsort(-broken, kind="stable")], axis=1)
    first = np.sort(np.unique(sets, axis=0, return_index=True)[1])[:most]
    return _halved(rows, low, np.where(sets[first] < 0, -1, close[sets[first]]))


def _halved(
    rows: sparse.csr_matrix, low: NDArray[np.float64], sets: NDArray[np.int64]
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Add up the rows of each set (-1: none), halve, round up; no site counts more than all that is due."""
    at, place = np.nonzero(sets >= 0)
    shape = (len(sets), rows.shape[0])
    pick = sparse.csr_matrix((np.ones(len(at)), (at, sets[at, place])), shape=shape)
    least = np.asarray(np.ceil(0.5 * (pick @ low)), dtype=np.float64)
    new = sparse.csr_matrix(pick @ rows)
    new.data = np.minimum(np.ceil(0.5 * new.data), np.repeat(least, np.diff(new.indptr)))
    return new, least


class _Relaxed(NamedTuple):
    """Rows that hold with little to spare, halved sums of which may be broken.

    Parameters
    ----------
    row, site : arrays
        Sites that row ``k`` counts an odd number of times are ``site[row[k]:row[k + 1]]``.
    start, rows : arrays
        Rows that so count site ``j`` are ``rows[start[j]:start[j + 1]]``.
    share : float64 array
        Each site in the relaxed solution.
    slack, is_odd_row : arrays
        What each row has to spare, and whether its right side is odd.
    """

    row: Any
    site: Any
    start: Any
    rows: Any
    share: Any
    slack: Any
    is_odd_row: Any


class _RowSet(NamedTuple):
    """A set of rows that grows.

    Parameters
    ----------
    own : int64 array
        Its rows, in the first places.
    is_in, is_odd : bool arrays
        Rows that are in the set; sites that it counts an odd number of times.
    seen : bool array
        Room to mark rows in.
    """

    own: Any
    is_in: Any
    is_odd: Any
    seen: Any


@part
def _change(k: int, row: Any, site: Any, share: Any, is_odd: Any) -> float:
    """Give how much the weight of the sites that are counted an odd number of times grows."""
    grown = 0.0
    for e in range(row[k], row[k + 1]):
        grown += -share[site[e]] if is_odd[site[e]] else share[site[e]]
    return grown


@part
def _turn(k: int, row: Any, site: Any, is_in: Any, is_odd: Any) -> None:
    """Add a row to the set, or take it out."""
    is_in[k] = not is_in[k]
    for e in range(row[k], row[k + 1]):
        is_odd[site[e]] = not is_odd[site[e]]


@part
def _around(relaxed: Any, chosen: Any, size: int) -> Any:
    """List the rows outside the set in which a site stands that the set counts an odd number of times."""
    row, site, start, rows = relaxed.row, relaxed.site, relaxed.start, relaxed.rows
    own, is_in, is_odd, seen = chosen
    near = np.empty(len(seen), dtype=np.int64)
    n = 0
    for s in range(size):
        for e in range(row[own[s]], row[own[s] + 1]):
            if is_odd[site[e]]:
                for f in range(start[site[e]], start[site[e] + 1]):
                    k = rows[f]
                    if not seen[k] and not is_in[k]:
                        seen[k] = True
                        near[n] = k
                        n += 1
    for a in range(n):
        seen[near[a]] = False
    return near[:n]


@part
def _pair(relaxed: Any, chosen: Any, near: Any) -> Any:
    """Find the two rows of odd right side with which the loss grows least."""
    row, site, share, slack, odd = _columns(relaxed)
    is_in, is_odd = chosen.is_in, chosen.is_odd
    grown = np.full(len(near), np.inf)
    for a in range(len(near)):
        if odd[near[a]]:
            grown[a] = slack[near[a]] + _change(near[a], row, site, share, is_odd)
    best, first, second = np.inf, -1, -1
    spent = len(near)
    if spent == 0:
        return best, first, second, spent
    for _ in range(BRANCHES):
        a = int(np.argmin(grown))
        base, k = grown[a], near[a]
        if base == np.inf:
            break
        grown[a] = np.inf
        _turn(k, row, site, is_in, is_odd)
        for other in near:
            if odd[other] and other != k:
                spent += row[other + 1] - row[other]
                total = base + slack[other] + _change(other, row, site, share, is_odd)
                if total < best:
                    best, first, second = total, k, other
        _turn(k, row, site, is_in, is_odd)
    return best, first, second, spent


@part
def _columns(relaxed: Any) -> Any:
    return relaxed.row, relaxed.site, relaxed.share, relaxed.slack, relaxed.is_odd_row


@part
def _exchange(relaxed: Any, chosen: Any, size: int, near: Any) -> Any:
    """Find the exchange of a row (place -1: the row of even right side to add) that lowers the loss most."""
    row, site, share, slack, odd = _columns(relaxed)
    own, is_in, is_odd = chosen.own, chosen.is_in, chosen.is_odd
    best, place, pick, spent = -1e-6, -2, -1, 0
    for s in range(-1 if size < len(own) else 0, size):
        base = 0.0
        if s >= 0:
            base = _change(own[s], row, site, share, is_odd) - slack[own[s]]
            _turn(own[s], row, site, is_in, is_odd)
        for k in near:
            if odd[k] == (s >= 0 and odd[own[s]]):
                spent += row[k + 1] - row[k]
                grown = base + slack[k] + _change(k, row, site, share, is_odd)
                if grown < best:
                    best, place, pick = grown, s, k
        if s >= 0:
            _turn(own[s], row, site, is_in, is_odd)
    return best, place, pick, spent


@part
def _improve(relaxed: Any, chosen: Any, size: int, loss: float) -> Any:
    """Exchange rows while the loss falls; give the size, the loss and the entries touched."""
    row, site = relaxed.row, relaxed.site
    own, is_in, is_odd = chosen.own, chosen.is_in, chosen.is_odd
    spent = 0
    while True:
        near = _around(relaxed, chosen, size)
        grown, place, k, work = _exchange(relaxed, chosen, size, near)
        spent += work
        if k < 0:
            return size, loss, spent
        loss += grown
        if place < 0:
            place = size
            size += 1
        else:
            _turn(own[place], row, site, is_in, is_odd)
        own[place] = k
        _turn(k, row, site, is_in, is_odd)


@kernel
def _sets(relaxed: Any, least: float, most: int, first: int, step: int) -> Any:
    """From each ``step``-th row grow a set of rows; keep those whose halved sum is broken by ``least``.

    The loss of a set is the slack of its rows and the weight of the sites that it counts an odd number of
    times; the halved sum is broken by half of what is missing to 1. The search stops after ``most`` entries.
    """
    row, site, share, slack, odd = _columns(relaxed)
    n = len(row) - 1
    sets, broken = np.full((4 * n, MOST_ROWS), -1, dtype=np.int64), np.zeros(4 * n)
    is_in, seen, is_odd = np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(len(share), np.bool_)
    n_sets, spent = 0, 0
    for i in range(first, n, step):
        if not odd[i] or spent > most:
            continue
        own, size = np.empty(MOST_ROWS, dtype=np.int64), 1
        chosen = _RowSet(own, is_in, is_odd, seen)
        own[0] = i
        loss, record = slack[i] + _change(i, row, site, share, is_odd), 1.0 - 2.0 * least
        _turn(i, row, site, is_in, is_odd)
        while size + 2 <= MOST_ROWS and spent <= most:
            grown, one, other, work = _pair(relaxed, chosen, _around(relaxed, chosen, size))
            spent += work
            if one < 0:
                break
            loss += grown
            for k in (one, other):
                own[size] = k
                size += 1
                _turn(k, row, site, is_in, is_odd)
            size, loss, work = _improve(relaxed, chosen, size, loss)
            spent += work
            if loss < record - 1e-9:
                sets[n_sets, :size], broken[n_sets] = own[:size], 0.5 * (1.0 - loss)
                record = loss
                n_sets += 1
        for s in range(size):
            _turn(own[s], row, site, is_in, is_odd)
    return sets[:n_sets], broken[:n_sets]
