"""Sites whose worth to a point is told by how many of them are in time there: models, plans and bounds.

The value of a plan is ``sum over points i of w_i worth[number of chosen sites in time of i]``. Backup
covering, expected covering and covering with a reliability all have this form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.siting._exact.objective import grain_of
from geo.siting._exact.reduction import same_sites
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable
from geo.siting.covering import fill
from geo.siting.plan import Proof
from geo.siting.search_steps import SearchStep

__all__ = ["CountModel", "best_counted", "count_model"]

MAX_SWAPS = 200


def best_counted(
    table: SitingTable, counted: CountModel, n: int, *, clock: Clock, gap: float
) -> tuple[Ints, Proof]:
    """Choose ``n`` new sites, forced ones among them; give their positions, and how good they are."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    few = min(n - len(forced), len(counted.site))
    plan = counted.swapped(few)
    value = counted.value(plan)
    solved = solve(
        counted.model(few),
        time_limit_s=clock.left_s,
        start=counted.start(plan),
        gap=gap,
        grain=counted.grain,
        tell=clock.scaled(-1.0).tell,
    )
    if solved.x is not None:
        other = np.flatnonzero(solved.x[: len(counted.site)] > 0.5)
        plan = other if counted.value(other) > value * (1.0 + 1e-12) else plan
        value = counted.value(plan)
    bound = max(min(-solved.bound, float(table.weight.sum() * counted.worth[-1])), value)
    bound = value if bound - value < counted.grain * (1.0 - 1e-6) else bound
    chosen = fill(table, np.concatenate([forced, counted.site[plan]]), n)
    return chosen, Proof(value, bound, (SearchStep.GREEDY_SWAPS, SearchStep.HIGHS))


@dataclass(frozen=True, eq=False)
class CountModel:
    """The model over classes of points that the same free sites see.

    Parameters
    ----------
    site : int64 array
        Positions of the free sites in the siting table.
    sees : scipy.sparse matrix
        Classes by free sites, 1 where the site is in time.
    had, weight : float64 arrays
        Fixed and forced sites in time of each class (no more than count), and its weight.
    worth : float64 array
        What none, one, two, ... sites in time count, never falling; more count as the last.
    grain : float
        Step of every plan's value; 0 when there is none.
    """

    site: Ints
    sees: sparse.csr_matrix
    had: Floats
    weight: Floats
    worth: Floats
    grain: float

    @property
    def most(self) -> int:
        """Give how many sites in time of a class count at most."""
        return len(self.worth) - 1

    def value(self, plan: Ints) -> float:
        """Give the value of a plan of positions in ``site``."""
        count = np.minimum(self._count(plan), self.most)
        return float(self.weight @ self.worth[count.astype(np.int64)])

    def swapped(self, n: int) -> Ints:
        """Add the best site n times (each one in time counts alike), then swap while it helps."""
        plan: list[int] = []
        for _ in range(n):
            gain = self._gains(plan, np.linspace(0.0, 1.0, self.most + 1))
            plan.append(int(np.argmax(gain)))
        best = self.value(np.array(plan, dtype=np.int64))
        for _ in range(MAX_SWAPS):
            trials = []
            for out in range(len(plan)):
                rest = plan[:out] + plan[out + 1 :]
                gain = self._gains(rest, self.worth)
                j = int(np.argmax(gain))
                trials.append((self.value(np.array(rest, dtype=np.int64)) + gain[j], out, j))
            top, out, j = max(trials, default=(best, 0, 0), key=lambda trial: trial[0])
            if top <= best * (1.0 + 1e-9):
                break
            best, plan[out] = top, j
        return np.sort(np.array(plan, dtype=np.int64))

    def _count(self, plan: Ints | list[int]) -> Floats:
        return np.asarray(self.had + np.asarray(self.sees[:, plan].sum(axis=1)).ravel(), dtype=np.float64)

    def _gains(self, plan: list[int], worth: Floats) -> Floats:
        count = np.minimum(self._count(plan), self.most).astype(np.int64)
        step = worth[np.minimum(count + 1, self.most)] - worth[count]
        gain = np.asarray(self.sees.T @ (self.weight * step))
        gain[plan] = -np.inf
        return gain

    def start(self, plan: Ints) -> Floats:
        """Give the variables of the model for a plan."""
        count = self._count(plan)
        y = np.isin(np.arange(len(self.site)), plan)
        return np.concatenate([y, *(count >= k for k in range(1, self.most + 1))]).astype(np.float64)

    def model(self, n: int) -> Model:
        """Write the model, to be minimised: y, then for each number of sites who has so many in time."""
        n_y, n_c, most = len(self.site), len(self.weight), self.most
        one = sparse.identity(n_c, format="csr")
        chain = [
            [None, *(one if j == k + 1 else -one if j == k else None for j in range(most))]
            for k in range(most - 1)
        ]
        rows = sparse.bmat(
            [
                [-self.sees, *[one] * most],
                *chain,
                [sparse.csr_matrix(np.ones((1, n_y))), *[None] * most],
            ]
        )
        step = np.diff(self.worth)
        # Where a later site counts more than one before it, half of each would pay.
        is_rising = bool((np.diff(step) > 0).any())
        return Model(
            cost=np.concatenate([np.zeros(n_y), *(-self.weight * gain for gain in step)]),
            low=np.zeros(n_y + most * n_c),
            high=np.ones(n_y + most * n_c),
            is_whole=np.arange(n_y + most * n_c) < n_y + most * n_c * is_rising,
            rows=rows,
            row_low=np.append(np.full(most * n_c, -np.inf), n),
            row_high=np.concatenate([self.had, np.zeros((most - 1) * n_c), [n]]).astype(np.float64),
        )


def _cut(table: SitingTable, worth: Floats) -> Floats:
    """Cut what sites in time count to the most that any point has in time; at least one stays.

    Where more are asked for than anybody has, all is worth nothing, and no model has to find that out.
    """
    usable = table.with_status(FREE, FIXED, FORCED_IN)[table.site]
    most = int(np.bincount(table.point[usable], minlength=1).max())
    return worth[: max(most, 1) + 1]


def count_model(table: SitingTable, worth: Floats) -> CountModel:
    """Put points together that the same sites see; ``worth`` is what 0, 1, ... sites in time count."""
    worth = _cut(table, worth)
    n_points, most = len(table.demand_id), len(worth) - 1
    site = np.flatnonzero(table.with_status(FREE))
    free = table.with_status(FREE)[table.site]
    old = table.with_status(FIXED, FORCED_IN)[table.site]
    had = np.minimum(np.bincount(table.point[old], minlength=n_points), most)
    start = np.concatenate([[0], np.cumsum(free)])[table.start]
    point = table.point[free]
    label = same_sites(start, point, n_points)
    _, kind = np.unique((most + 1) * (label + 1) + had, return_inverse=True)
    first = np.unique(kind, return_index=True)[1]
    column = np.searchsorted(site, table.site[free])
    shape = (n_points, len(site))
    sees = sparse.csr_matrix((np.ones(len(point)), (point, column)), shape=shape)[first]
    weight = np.bincount(kind, weights=table.weight).astype(np.float64)
    # where a point counts in full or not at all, every plan's value is a sum of whole weights
    grain = grain_of(table.weight) if set(worth.tolist()) <= {0.0, 1.0} else 0.0
    return CountModel(site, sees, had[first].astype(np.float64), weight, worth, grain)
