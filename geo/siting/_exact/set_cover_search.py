"""Compiled searches for the set-covering problem: cheapest sites such that every point is seen by one.

Heuristic: a cover is broken by taking sites out and mended at points drawn by lot; points that stay uncovered
weigh more and more (C. Gao, X. Yao, T. Weise, J. Li, "An efficient local search heuristic with row weighting
for the unicost set covering problem", European Journal of Operational Research 246, 2015).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geo._jit import kernel, part
from geo.siting._exact.entries import Incidence

__all__ = ["CoverSearch", "begin_search", "greedy_cover", "implied", "mend"]

SEED = 1


class CoverSearch(NamedTuple):
    """Where a search for a cheaper cover stands: arrays that ``mend`` works on, to go on where it stopped.

    Parameters
    ----------
    best : bool array
        Sites of the cheapest cover so far.
    taken, count : arrays
        Sites that are in now; how many of them see each point.
    owner : int64 array
        Sum of the numbers of the sites that are in and see each point: the site itself where there is one.
    load, score : float64 arrays
        What each point weighs; weight lost without a site that is in (of others, what was last added up).
    since : int64 array
        Step of each site's last move.
    chosen, place, bare, spot : int64 arrays
        The sites that are in and the points that none sees, in the first places, and where each of them is.
    paid : float64 array
        Cost of ``taken`` and of ``best``.
    number : int64 array
        How many sites are in, how many points are bare, the site that came in last, the step.
    lot : uint64 array
        State of the lots that are drawn.
    """

    best: Any
    taken: Any
    count: Any
    owner: Any
    load: Any
    score: Any
    since: Any
    chosen: Any
    place: Any
    bare: Any
    spot: Any
    paid: Any
    number: Any
    lot: Any


@kernel
def implied(row: Any, site: Any, order: Any, begin: Any) -> Any:
    """Mark points that are covered whenever some other point is, which only a part of their sites see.

    So the covers of the points that are left are covers of all; of points with the same sites the first
    stays. A part of the sites has its first site among them, so points are looked up by their first site:
    those whose first is ``j`` are ``order[begin[j]:begin[j + 1]]``.
    """
    n_points, n_sites = len(row) - 1, len(begin) - 1
    is_implied = np.zeros(n_points, dtype=np.bool_)
    seen = np.zeros(n_sites, dtype=np.bool_)
    for i in range(n_points):
        seen[site[row[i] : row[i + 1]]] = True
        for e in range(row[i], row[i + 1]):
            for k in order[begin[site[e]] : begin[site[e] + 1]]:
                size = row[k + 1] - row[k] - (row[i + 1] - row[i])
                if k == i or size > 0 or (size == 0 and k > i) or is_implied[k]:
                    continue
                inside = True
                for g in range(row[k + 1] - 1, row[k], -1):
                    if not seen[site[g]]:
                        inside = False
                        break
                if inside:
                    is_implied[i] = True
                    break
            if is_implied[i]:
                break
        seen[site[row[i] : row[i + 1]]] = False
    return is_implied


@kernel
def greedy_cover(sees: Any, cost: Any, dearest: Any) -> Any:
    """Take sites with most new points per cost until all are covered; drop those not needed, dear first."""
    start, point, row, _ = sees
    n_sites, n_points = len(start) - 1, len(row) - 1
    count = np.zeros(n_points, dtype=np.int64)
    taken = np.zeros(n_sites, dtype=np.bool_)
    rate = np.full(n_sites, np.inf)
    left = n_points
    while left > 0:
        while True:
            pick = np.argmax(rate)
            new = 0
            for e in range(start[pick], start[pick + 1]):
                new += count[point[e]] == 0
            fresh = new / max(cost[pick], 1e-12)
            if fresh == rate[pick]:
                break
            rate[pick] = fresh
        taken[pick] = True
        rate[pick] = -1.0
        for e in range(start[pick], start[pick + 1]):
            left -= count[point[e]] == 0
            count[point[e]] += 1
    for j in dearest:
        if taken[j]:
            needed = False
            for e in range(start[j], start[j + 1]):
                needed = needed or count[point[e]] == 1
            if not needed:
                taken[j] = False
                for e in range(start[j], start[j + 1]):
                    count[point[e]] -= 1
    return taken


def begin_search(sees: Incidence, cost: Any, cover: Any) -> CoverSearch:
    """Begin a search at a cover."""
    start, point, row, _ = sees
    n_points, n_sites = len(row) - 1, len(start) - 1
    taken, load = np.asarray(cover).copy(), np.ones(n_points)
    site = np.repeat(np.arange(n_sites), np.diff(start))
    is_on = taken[site]
    count = np.bincount(point[is_on], minlength=n_points)
    owner = np.zeros(n_points, dtype=np.int64)
    np.add.at(owner, point[is_on], site[is_on])
    # Only those points count for a site that nobody else covers.
    score = np.bincount(site, weights=is_on & (count[point] == 1), minlength=n_sites)
    chosen, place = np.zeros(n_sites, dtype=np.int64), np.zeros(n_sites, dtype=np.int64)
    chosen[: taken.sum()] = np.flatnonzero(taken)
    place[taken] = np.arange(taken.sum())
    paid = float(cost[taken].sum())
    return CoverSearch(
        best=taken.copy(),
        taken=taken,
        count=count.astype(np.int64),
        owner=owner,
        load=load,
        score=score,
        since=np.zeros(n_sites, dtype=np.int64),
        chosen=chosen,
        place=place,
        bare=np.zeros(n_points, dtype=np.int64),
        spot=np.zeros(n_points, dtype=np.int64),
        paid=np.array([paid, paid]),
        number=np.array([taken.sum(), 0, -1, 0], dtype=np.int64),
        lot=np.array([2 * SEED + 1], dtype=np.uint64),
    )


@part
def _add(j: int, start: Any, point: Any, s: Any) -> None:
    """Take a site in and bring owners, scores and the list of bare points up to date."""
    gained, n_bare = 0.0, s.number[1]
    for e in range(start[j], start[j + 1]):
        i = point[e]
        if s.count[i] == 0:
            gained += s.load[i]
            n_bare -= 1
            last = s.bare[n_bare]
            s.bare[s.spot[i]], s.spot[last] = last, s.spot[i]
        elif s.count[i] == 1:  # its only site has a second one beside it
            s.score[s.owner[i]] -= s.load[i]
        s.count[i] += 1
        s.owner[i] += j
    s.score[j] = gained
    s.number[1] = n_bare


@part
def _drop(j: int, start: Any, point: Any, s: Any) -> None:
    """Take a site out and bring owners, scores and the list of bare points up to date."""
    n_bare = s.number[1]
    for e in range(start[j], start[j + 1]):
        i = point[e]
        s.count[i] -= 1
        s.owner[i] -= j
        if s.count[i] == 0:
            s.bare[n_bare], s.spot[i] = i, n_bare
            n_bare += 1
        elif s.count[i] == 1:
            s.score[s.owner[i]] += s.load[i]
    s.number[1] = n_bare


@part
def _flip(j: int, sees: Any, cost: Any, s: Any) -> None:
    """Take a site in or out."""
    n_chosen, change = s.number[0], -1 if s.taken[j] else 1
    if change > 0:
        _add(j, sees.start, sees.point, s)
        s.chosen[n_chosen], s.place[j] = j, n_chosen
    else:
        _drop(j, sees.start, sees.point, s)
        last = s.chosen[n_chosen - 1]
        s.chosen[s.place[j]], s.place[last] = last, s.place[j]
    s.number[0] = n_chosen + change
    s.taken[j] = change > 0
    s.paid[0] += change * cost[j]
    s.since[j] = s.number[3]


@part
def _weakest(s: Any, cost: Any, banned: int) -> int:
    """Find the site that is in with the least weight lost per cost; the one that moved first on a tie."""
    worst = -1
    for a in range(s.number[0]):
        j = s.chosen[a]
        if j == banned:
            continue
        if worst >= 0:
            left, right = s.score[j] * cost[worst], s.score[worst] * cost[j]
            if left > right or (left == right and (s.since[j], j) > (s.since[worst], worst)):
                continue
        worst = j
    return worst


@part
def _newcomer(i: int, row: Any, site: Any, s: Any, cost: Any) -> int:
    """Find the site that sees point i and covers most new weight per cost.

    New weight is added up here, of the few points that are bare: to keep it for all sites through each move
    would touch all sites of all points of those that move.
    """
    for f in range(row[i], row[i + 1]):
        s.score[site[f]] = 0.0
    for a in range(s.number[1]):
        k = s.bare[a]
        for f in range(row[k], row[k + 1]):
            s.score[site[f]] += s.load[k]
    pick = -1
    for f in range(row[i], row[i + 1]):
        j = site[f]
        if pick >= 0:
            left, right = s.score[j] * cost[pick], s.score[pick] * cost[j]
            if left < right or (left == right and s.since[j] >= s.since[pick]):
                continue
        pick = j
    return pick


@kernel
def mend(sees: Any, cost: Any, s: Any, steps: int, enough: float) -> bool:
    """Go on looking for a cheaper cover for ``steps`` moves; tell whether one costs no more than ``enough``.

    ``sees`` is an ``Incidence``; ``s``, a ``CoverSearch``, is changed in place.
    """
    row, site = sees.row, sees.site
    for _ in range(steps):
        s.number[3] += 1
        while s.number[1] == 0 or s.paid[0] >= s.paid[1] * (1.0 - 1e-12):
            if s.number[1] == 0 and s.paid[0] < s.paid[1] * (1.0 - 1e-12):
                s.best[:] = s.taken
                s.paid[1] = s.paid[0]
            if s.paid[1] <= enough or s.number[0] == 0:
                return True
            _flip(_weakest(s, cost, -1), sees, cost, s)
        j = _weakest(s, cost, s.number[2])
        if j >= 0:
            _flip(j, sees, cost, s)
        s.lot[0] = s.lot[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        i = s.bare[np.int64((s.lot[0] >> np.uint64(33)) % np.uint64(s.number[1]))]
        j = _newcomer(i, row, site, s, cost)
        _flip(j, sees, cost, s)
        s.number[2] = j
        for a in range(s.number[1]):
            s.load[s.bare[a]] += 1.0
    return bool(s.paid[1] <= enough)
