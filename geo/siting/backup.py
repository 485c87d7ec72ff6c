"""People in time from two stations, and mixes of first and second cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geo.optimize import Clock, Model, solve
from geo.settings import check_number
from geo.siting._checks import check_n, check_reach_any
from geo.siting._exact.objective import grain_of
from geo.siting._exact.reduction import same_sites
from geo.siting._table import FIXED, FORCED_IN, FREE, Floats, Ints, SitingTable, in_time
from geo.siting.covering import fill
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.search import DEFAULT, Search, start_clock
from geo.siting.search_steps import SearchStep

__all__ = ["BackupModel", "backup_covering", "backup_model", "best_backup"]

MAX_SWAPS = 200


def backup_covering(
    table: SitingTable, *, n: int, limit_s: float, second: float = 1.0, search: Search = DEFAULT
) -> SitingPlan:
    """Choose the ``n`` new sites that bring most people in time of two sites, or of one and two in a mix.

    ``max sum_i w_i ((1 - s) u_i + s v_i)``, ``u_i + v_i <= number of chosen sites in time``,
    ``v_i <= u_i <= 1`` (K. Hogan,
    C. ReVelle, "Concepts and applications of backup coverage", Management Science 32, 1986).

    Parameters
    ----------
    second : float, default 1
        What the second site in time counts, 0 to 1; the first counts the rest.
    table, n, limit_s, search
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are the weighted sum above; ``n_people_covered`` are people in time of one
        site at least.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import backup_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 90], "b": [90, 60], "c": [400, 60]}, index=["x", "y"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30}))
    >>> plan = backup_covering(table, n=2, limit_s=240)
    >>> plan.site_ids, plan.value
    (('a', 'b'), 80.0)
    """
    clock = start_clock(search)
    check_number("second", second, low=0.0, high=1.0)
    table = in_time(table, limit_s)
    n = check_n(table, n)
    check_reach_any(table)
    chosen, proof = best_backup(table, backup_model(table, second=second), n, clock=clock, gap=search.gap)
    return make_plan(table, chosen, proof, problem="backup_covering", clock=clock)


def best_backup(
    table: SitingTable, backup: BackupModel, n: int, *, clock: Clock, gap: float
) -> tuple[Ints, Proof]:
    """Choose ``n`` new sites, forced ones among them; give their positions, and how good they are."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    few = min(n - len(forced), len(backup.site))
    plan = backup.swapped(few)
    value = backup.value(plan)
    solved = solve(
        backup.model(few),
        time_limit_s=clock.left_s,
        start=backup.start(plan),
        gap=gap,
        grain=backup.grain,
        tell=clock.scaled(-1.0).tell,
    )
    if solved.x is not None:
        other = np.flatnonzero(solved.x[: len(backup.site)] > 0.5)
        plan = other if backup.value(other) > value * (1.0 + 1e-12) else plan
        value = backup.value(plan)
    bound = max(min(-solved.bound, float(table.weight.sum())), value)
    bound = value if bound - value < backup.grain * (1.0 - 1e-6) else bound
    chosen = fill(table, np.concatenate([forced, backup.site[plan]]), n)
    return chosen, Proof(value, bound, (SearchStep.GREEDY_SWAPS, SearchStep.HIGHS))


@dataclass(frozen=True, eq=False)
class BackupModel:
    """The model over classes of points that the same free sites see.

    Parameters
    ----------
    site : int64 array
        Positions of the free sites in the siting table.
    sees : scipy.sparse matrix
        Classes by free sites, 1 where the site is in time.
    had, weight : float64 arrays
        Fixed and forced sites in time of each class (2 for more), and its weight.
    worth : float64 array
        What none, one and two sites in time count.
    grain : float
        Step of every plan's value; 0 when there is none.
    """

    site: Ints
    sees: sparse.csr_matrix
    had: Floats
    weight: Floats
    worth: Floats
    grain: float

    def value(self, plan: Ints) -> float:
        """Give the value of a plan of positions in ``site``."""
        count = self.had + np.asarray(self.sees[:, plan].sum(axis=1)).ravel()
        return float(self.weight @ self.worth[np.minimum(count, 2).astype(np.int64)])

    def swapped(self, n: int) -> Ints:
        """Add the best site n times (first and second count alike), then swap while it helps."""
        plan: list[int] = []
        for _ in range(n):
            gain = self._gains(plan, np.array([0.0, 0.5, 1.0]))
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

    def _gains(self, plan: list[int], worth: Floats) -> Floats:
        count = np.minimum(self.had + np.asarray(self.sees[:, plan].sum(axis=1)).ravel(), 2).astype(np.int64)
        step = worth[np.minimum(count + 1, 2)] - worth[count]
        gain = np.asarray(self.sees.T @ (self.weight * step))
        gain[plan] = -np.inf
        return gain

    def start(self, plan: Ints) -> Floats:
        """Give the variables of the model for a plan."""
        count = self.had + np.asarray(self.sees[:, plan].sum(axis=1)).ravel()
        y = np.isin(np.arange(len(self.site)), plan)
        return np.concatenate([y, count >= 1, count >= 2]).astype(np.float64)

    def model(self, n: int) -> Model:
        """Write the model, to be minimised: y, then u, then v."""
        n_y, n_c = len(self.site), len(self.weight)
        one = sparse.identity(n_c, format="csr")
        rows = sparse.bmat(
            [
                [-self.sees, one, one],
                [None, -one, one],
                [sparse.csr_matrix(np.ones((1, n_y))), None, None],
            ]
        )
        step = np.diff(self.worth)
        return Model(
            cost=np.concatenate([np.zeros(n_y), -self.weight * step[0], -self.weight * step[1]]),
            low=np.zeros(n_y + 2 * n_c),
            high=np.ones(n_y + 2 * n_c),
            # Where the second counts more than the first, half a first and half a second would pay.
            is_whole=np.arange(n_y + 2 * n_c) < n_y + 2 * n_c * (step[1] > step[0]),
            rows=rows,
            row_low=np.append(np.full(2 * n_c, -np.inf), n),
            row_high=np.concatenate([self.had, np.zeros(n_c), [n]]).astype(np.float64),
        )


def backup_model(table: SitingTable, *, second: float) -> BackupModel:
    """Put points together that the same sites see; ``second`` is what the second site in time counts."""
    n_points = len(table.demand_id)
    site = np.flatnonzero(table.with_status(FREE))
    free = table.with_status(FREE)[table.site]
    old = table.with_status(FIXED, FORCED_IN)[table.site]
    had = np.minimum(np.bincount(table.point[old], minlength=n_points), 2)
    start = np.concatenate([[0], np.cumsum(free)])[table.start]
    point = table.point[free]
    label = same_sites(start, point, n_points)
    _, kind = np.unique(3 * (label + 1) + had, return_inverse=True)
    first = np.unique(kind, return_index=True)[1]
    column = np.searchsorted(site, table.site[free])
    shape = (n_points, len(site))
    sees = sparse.csr_matrix((np.ones(len(point)), (point, column)), shape=shape)[first]
    weight = np.bincount(kind, weights=table.weight).astype(np.float64)
    grain = grain_of(table.weight * second) if second in (0.0, 1.0) else 0.0
    worth = np.array([0.0, 1.0 - second, 1.0])
    return BackupModel(site, sees, had[first].astype(np.float64), weight, worth, grain)
