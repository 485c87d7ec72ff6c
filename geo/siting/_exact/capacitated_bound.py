"""Lower bounds on the capacitated p-median by Lagrangian relaxation, compiled.

Lemma (bound). Let point i pay ``price[i]`` to be served. For any prices

    cost of a plan >= sum_i price[i] + (the least sum of value[j] over as many sites as are chosen)

where ``value[j] = cost of site j - (the most that points with sizes within its capacity bring to it)`` and
point i brings ``price[i] - cost[i, j]``. Proof: each point of a plan is served once, so the plan costs
``sum_i price[i] + sum_j (cost of site j - what its points bring)``, and its points fit into it (J. M.
Mulvey, M. P. Beck, "Solving capacitated clustering problems", European Journal of Operational Research 18,
1984). A knapsack that is bounded from above only lowers the bound.

Lemma (decided sites and pairs). Plans with a site that is not among the chosen ones cost at least the bound
and what it is worse than the worst chosen; plans without a chosen one, at least what the best other is worse.
Plans in which site j serves point i have a knapsack j with i in it: they cost what that one is worth less.
What so costs no less than the plan to beat is in no better plan.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geo._jit import kernel, part
from geo.siting._exact.knapsack import knapsack, relaxed_from

__all__ = ["Capacitated", "decide_sites", "open_pairs", "raise_bound"]


class Capacitated(NamedTuple):
    """A capacitated p-median with points that are served whole.

    Parameters
    ----------
    cost : float64 array, shape (points, sites)
        What serving a point from a site costs; ``far`` or more where it cannot.
    site_cost, room : float64 arrays
        What a site costs, and the sizes that it may serve.
    size : float64 array
        Size of each point.
    is_open : bool array
        Sites that every plan has: those of today, and those that are forced.
    n : int
        Sites to choose beside them.
    far : float
        More than any plan costs.
    """

    cost: Any
    site_cost: Any
    room: Any
    size: Any
    is_open: Any
    n: Any
    far: Any


@part
def _items(task: Any, price: Any, j: int) -> Any:
    """Give points that bring site j something, those first that bring most for their size."""
    n_points = len(price)
    rate, which = np.empty(n_points), np.empty(n_points, dtype=np.int64)
    n = 0
    for i in range(n_points):
        gain = price[i] - task.cost[i, j]
        if gain > 0.0 and task.cost[i, j] < task.far and task.size[i] <= task.room[j]:
            rate[n], which[n] = -gain / max(task.size[i], 1e-12), i
            n += 1
    return which[:n][np.argsort(rate[:n], kind="mergesort")]


@part
def _fill(task: Any, price: Any, serves: Any, value: Any) -> None:
    """Fill every site: what each is worth, and whom it serves."""
    for j in range(len(value)):
        item = _items(task, price, j)
        gain, size = np.empty(len(item)), np.empty(len(item))
        for a in range(len(item)):
            gain[a], size[a] = price[item[a]] - task.cost[item[a], j], task.size[item[a]]
        is_in = np.zeros(len(item), dtype=np.bool_)
        value[j] = task.site_cost[j] - knapsack(gain, size, task.room[j], is_in)
        serves[j, :] = False
        for a in range(len(item)):
            serves[j, item[a]] = is_in[a]


@part
def _choose(task: Any, value: Any, decision: Any, chosen: Any) -> float:
    """Choose the sites of least value, those that are decided first; give their sum."""
    chosen[:] = task.is_open
    total, n = 0.0, 0
    for j in range(len(value)):
        if task.is_open[j]:
            total += value[j]
    order = np.argsort(value, kind="mergesort")
    for wanted in (1, 0):
        for j in order:
            if n < task.n and not task.is_open[j] and decision[j] == wanted:
                chosen[j] = True
                total += value[j]
                n += 1
    return total if n == task.n else np.inf


@kernel
def raise_bound(task: Any, price: Any, decision: Any, above: float, steps: int, factor: float) -> Any:
    """Raise the bound by up to ``steps`` moves of the prices, towards ``above``, the cost of a plan.

    ``decision`` holds 1 for sites that plans must have, -1 for those they must not, 0 for the others. Returns
    the bound, its prices, its chosen sites, the values of sites, the step factor to go on with, and how often
    each site was chosen (0 to 1, late moves counting most).
    """
    n_points, n_sites = task.cost.shape
    value, serves = np.zeros(n_sites), np.zeros((n_sites, n_points), dtype=np.bool_)
    chosen, way, here = np.zeros(n_sites, dtype=np.bool_), np.zeros(n_points), price.copy()
    best, best_price, best_value, best_chosen = -np.inf, price.copy(), value.copy(), chosen.copy()
    share, stall = np.zeros(n_sites), 0
    for _ in range(steps):
        _fill(task, here, serves, value)
        bound = here.sum() + _choose(task, value, decision, chosen)
        if bound > best:
            if bound - best > 1e-4 * (above - bound):
                stall = 0
            best = bound
            best_price[:], best_value[:], best_chosen[:] = here, value, chosen
        stall += 1
        if best >= above or best == np.inf:
            break
        if stall > 15:
            stall = 0
            factor *= 0.7
            here[:] = best_price
            way[:] = 0.0
            _fill(task, here, serves, value)
            bound = here.sum() + _choose(task, value, decision, chosen)
        norm = 0.0
        share = 0.95 * share + 0.05 * chosen
        for i in range(n_points):
            move = 1.0
            for j in range(n_sites):
                if chosen[j] and serves[j, i]:
                    move -= 1.0
            way[i] = move + 0.7 * way[i]
            norm += way[i] * way[i]
        if norm == 0.0:
            break
        for i in range(n_points):
            here[i] += factor * (above - bound) / norm * way[i]
    return best, best_price, best_chosen, best_value, factor, share


@kernel
def decide_sites(task: Any, value: Any, chosen: Any, decision: Any, bound: float, beat: float) -> Any:
    """Say of each site what every plan cheaper than ``beat`` has in common: 1 has it, -1 does not, 0 open."""
    dearest_in, cheapest_out = -np.inf, np.inf
    for j in range(len(value)):
        if decision[j] == 0 and not task.is_open[j] and chosen[j]:
            dearest_in = max(dearest_in, value[j])
        elif decision[j] == 0 and not task.is_open[j]:
            cheapest_out = min(cheapest_out, value[j])
    decided = decision.copy()
    for j in range(len(value)):
        if decision[j] == 0 and not task.is_open[j]:
            if chosen[j] and bound - value[j] + cheapest_out >= beat:
                decided[j] = 1
            elif not chosen[j] and bound + value[j] - dearest_in >= beat:
                decided[j] = -1
    return decided


@kernel
def open_pairs(task: Any, price: Any, value: Any, bound: float, beat: float) -> Any:
    """Mark pairs of points and sites that a plan cheaper than ``beat`` may have; its sites are chosen."""
    n_points, n_sites = task.cost.shape
    serve = np.zeros((n_points, n_sites), dtype=np.bool_)
    for j in range(n_sites):
        item = _items(task, price, j)
        gain, size = np.empty(len(item)), np.empty(len(item))
        place = np.full(n_points, -1, dtype=np.int64)
        for a in range(len(item)):
            gain[a], size[a] = price[item[a]] - task.cost[item[a], j], task.size[item[a]]
            place[item[a]] = a
        worth = task.site_cost[j] - value[j]
        for i in range(n_points):
            if task.cost[i, j] < task.far and task.size[i] <= task.room[j]:
                rest = relaxed_from(gain, size, 0, task.room[j] - task.size[i], place[i])
                serve[i, j] = bound + worth - (price[i] - task.cost[i, j]) - rest < beat
    return serve
