"""Search for a cheap capacitated p-median, compiled: moves, exchanges, other sites, with overload priced.

Iterated local search: a site is closed and one near it opened; then points move and change places, and sites
move within their points, while the cost falls. Plans may overfill sites on the way, at a price that rises
while they do and falls while they do not (as in strategic oscillation: F. Glover, "Heuristics for integer
programming using surrogate constraints", Decision Sciences 8, 1977; the moves are those of I. H. Osman, N.
Christofides, "Capacitated clustering problems by hybrid simulated annealing and tabu search", International
Transactions in Operational Research 1, 1994).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["LEAST_TOLL", "MOST_TOLL", "SEED", "search_plans"]

SEED = 1
NEAREST = 6
"""A site is opened in the place of one of so many nearest ones."""
LEAST_TOLL, MOST_TOLL = 1e-9, 1e12
"""Between these stays the price of a unit of overload."""


@part
def _lot(state: Any, n: int) -> Any:
    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return np.int64((state[0] >> np.uint64(33)) % np.uint64(n))


@part
def _over(load: float, room: float) -> float:
    return max(0.0, load - room * (1.0 + 1e-12))


@part
def _nearest(task: Any, at: Any, load: Any, is_open: Any, toll: float, i: int) -> int:
    """Find the open site that takes point i at least cost, overload priced."""
    best, pick = np.inf, -1
    for j in range(len(load)):
        if is_open[j] and j != at[i]:
            size = task.size[i]
            more = _over(load[j] + size, task.room[j]) - _over(load[j], task.room[j])
            total = task.cost[i, j] + toll * more
            if total < best:
                best, pick = total, j
    return pick


@part
def _move(task: Any, at: Any, load: Any, i: int, j: int) -> None:
    if at[i] >= 0:
        load[at[i]] -= task.size[i]
    load[j] += task.size[i]
    at[i] = j


@part
def _shift(task: Any, at: Any, load: Any, is_open: Any, toll: float) -> bool:
    """Move points to other open sites where that costs less; tell whether any moved."""
    moved = False
    for i in range(len(at)):
        k, size = at[i], task.size[i]
        left = _over(load[k], task.room[k]) - _over(load[k] - size, task.room[k])
        now = task.cost[i, k] + toll * left
        j = _nearest(task, at, load, is_open, toll, i)
        if j < 0:
            continue
        more = _over(load[j] + size, task.room[j]) - _over(load[j], task.room[j])
        if task.cost[i, j] + toll * more < now - 1e-9 * abs(now):
            _move(task, at, load, i, j)
            moved = True
    return moved


@part
def _exchange(task: Any, at: Any, load: Any, toll: float) -> bool:
    """Let two points change sites where that costs less; tell whether any did."""
    moved = False
    cost, size, room = task.cost, task.size, task.room
    for i in range(len(at)):
        for k in range(i):
            a, b = at[i], at[k]
            if a == b:
                continue
            grown = cost[i, b] + cost[k, a] - cost[i, a] - cost[k, b]
            change = size[i] - size[k]
            grown += toll * (_over(load[a] - change, room[a]) - _over(load[a], room[a]))
            grown += toll * (_over(load[b] + change, room[b]) - _over(load[b], room[b]))
            if grown < -1e-9 * (cost[i, a] + cost[k, b]):
                _move(task, at, load, i, b)
                _move(task, at, load, k, a)
                moved = True
    return moved


@part
def _recentre(task: Any, at: Any, load: Any, is_open: Any, is_sure: Any, toll: float) -> bool:
    """Put another site in the place of one, for all its points, where that costs less."""
    moved = False
    n_sites = len(load)
    for j in range(n_sites):
        if not is_open[j] or is_sure[j]:
            continue
        total = np.zeros(n_sites)
        for i in range(len(at)):
            if at[i] == j:
                for k in range(n_sites):
                    total[k] += task.cost[i, k]
        best, pick = -1e-9 * abs(total[j]), -1
        for k in range(n_sites):
            if not is_open[k]:
                more = _over(load[j], task.room[k]) - _over(load[j], task.room[j])
                grown = total[k] - total[j] + task.site_cost[k] - task.site_cost[j] + toll * more
                if grown < best:
                    best, pick = grown, k
        if pick >= 0:
            is_open[j], is_open[pick] = False, True
            load[pick], load[j] = load[j], 0.0
            for i in range(len(at)):
                if at[i] == j:
                    at[i] = pick
            moved = True
    return moved


@part
def _cost(task: Any, at: Any, is_open: Any) -> float:
    total = 0.0
    for i in range(len(at)):
        total += task.cost[i, at[i]]
    for j in range(len(is_open)):
        if is_open[j]:
            total += task.site_cost[j]
    return total


@part
def _overload(task: Any, load: Any) -> float:
    total = 0.0
    for j in range(len(load)):
        total += _over(load[j], task.room[j])
    return total


@part
def _weigh(task: Any, at: Any, load: Any) -> None:
    """Add up what each site serves, so that no rounding of many moves stays."""
    load[:] = 0.0
    for i in range(len(at)):
        load[at[i]] += task.size[i]


@part
def _improve(task: Any, at: Any, load: Any, is_open: Any, toll: float) -> None:
    going = True
    while going:
        going = _shift(task, at, load, is_open, toll)
        going = _exchange(task, at, load, toll) or going
        going = _recentre(task, at, load, is_open, task.is_open, toll) or going


@part
def _reopen(task: Any, near: Any, at: Any, load: Any, is_open: Any, toll: float, lot: Any) -> None:
    """Open a site drawn by lot in the place of one near it, and send points to where they now cost least."""
    n_sites = len(load)
    new = _lot(lot, n_sites)
    while is_open[new]:
        new = _lot(lot, n_sites)
    wanted, old = _lot(lot, NEAREST), -1
    for k in near[new]:
        if is_open[k] and not task.is_open[k]:
            old = k
            wanted -= 1
            if wanted < 0:
                break
    is_open[old], is_open[new] = False, True
    for i in range(len(at)):
        if at[i] == old:
            _move(task, at, load, i, _nearest(task, at, load, is_open, toll, i))
    load[old] = 0.0


@kernel
def search_plans(task: Any, near: Any, is_open: Any, rounds: int, state: Any, lenient: float) -> Any:
    """Search from a set of open sites for ``rounds`` rounds; give the best plan that overfills no site.

    Parameters
    ----------
    task : Capacitated
        What is asked.
    near : int array, shape (sites, sites)
        For each site all of them, nearest first.
    is_open : bool array
        Where to begin.
    rounds : int
        Rounds; one is a descent from where it begins.
    state : tuple of a uint64 and a float64 array
        State of the lots that are drawn, and the price of a unit of overload; both are changed in place.
    lenient : float
        A plan that is dearer by up to this share is gone on from.

    Returns
    -------
    float, int64 array, bool array
        Cost (inf where no plan was found), the site of each point, and the open sites.
    """
    n_points, n_sites = task.cost.shape
    lot, toll = state
    at, load, here = np.full(n_points, -1, dtype=np.int64), np.zeros(n_sites), is_open.copy()
    for a in np.argsort(-task.size, kind="mergesort"):
        _move(task, at, load, a, _nearest(task, at, load, here, toll[0], a))
    best, best_at, best_open = np.inf, at.copy(), here.copy()
    last_at, last_open = at.copy(), here.copy()
    last = np.inf
    if task.n == 0 or is_open.all():  # no site to close, or none to open
        rounds = min(rounds, 1)
    for k in range(rounds):
        if k > 0:
            at[:], here[:] = last_at, last_open
            _weigh(task, at, load)
            last = _cost(task, at, here) + toll[0] * _overload(task, load)
            for _ in range(1 + _lot(lot, 2)):
                _reopen(task, near, at, load, here, toll[0], lot)
        _improve(task, at, load, here, toll[0])
        _weigh(task, at, load)
        over, cost = _overload(task, load), _cost(task, at, here)
        if over == 0.0 and cost < min(best, task.far):
            best = cost
            best_at[:], best_open[:] = at, here
        if k == 0 or cost + toll[0] * over <= last * (1.0 + lenient):
            last_at[:], last_open[:] = at, here
        toll[0] = min(max(toll[0] * (1.05 if over > 0.0 else 0.96), LEAST_TOLL), MOST_TOLL)
    return best, best_at, best_open
