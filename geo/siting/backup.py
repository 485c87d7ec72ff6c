"""People in time from two stations, and mixes of first and second cover."""

from __future__ import annotations

import numpy as np

from geo.settings import check_number
from geo.siting._checks import check_n, check_reach_any
from geo.siting._counted import best_counted, count_model
from geo.siting._table import Floats, SitingTable, in_time
from geo.siting.plan import SitingPlan, make_plan
from geo.siting.search import DEFAULT, Search, start_clock

__all__ = ["backup_covering", "backup_worth"]


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
    counted = count_model(table, backup_worth(second))
    chosen, proof = best_counted(table, counted, n, clock=clock, gap=search.gap)
    return make_plan(table, chosen, proof, problem="backup_covering", clock=clock)


def backup_worth(second: float) -> Floats:
    """Give what none, one and two sites in time count."""
    return np.array([0.0, 1.0 - second, 1.0])
