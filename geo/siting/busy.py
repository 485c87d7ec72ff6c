"""People in time when engines may be out: expected covering, and covering with a reliability."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from geo.settings import check_number
from geo.siting._checks import check_n, check_reach_any
from geo.siting._counted import best_counted, count_model
from geo.siting._table import Floats, SitingTable, in_time
from geo.siting.plan import SitingPlan, make_plan
from geo.siting.search import DEFAULT, Search, start_clock
from geo.statistics import MOST_BUSY

__all__ = [
    "MOST_BUSY",
    "expected_covering",
    "expected_worth",
    "reliable_covering",
    "reliable_number",
    "reliable_worth",
]

EDGE: Final = 1e-9


def expected_covering(
    table: SitingTable, *, n: int, limit_s: float, busy_share: float, search: Search = DEFAULT
) -> SitingPlan:
    """Choose the ``n`` new sites for most people in time of a free engine, on the mean (MEXCLP).

    Engines are out a share q of the time, each for itself; a site has one. Of k sites in time one is free
    with ``1 - q**k``: ``max sum_i w_i sum_k (1 - q) q**(k - 1) y_ik``, ``sum_k y_ik <= number of chosen
    sites in time``, ``y_ik`` 0 or 1 (M. S. Daskin, "A maximum expected covering location model:
    formulation, properties and heuristic solution", Transportation Science 17, 1983).

    Parameters
    ----------
    busy_share : float
        q, 0 to 0.99: the same for all sites. :func:`geo.availability.solve_hypercube` gives it.
    table, n, limit_s, search
        As for ``maximal_covering``, which is this without busy engines.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people in time of a free engine, on the mean, times weight;
        ``n_people_covered`` are people in time of one site at least.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    Beside b, which reaches everybody, a counts for its 50 people while b is out, c for its 30:

    >>> import pandas as pd
    >>> from geo.siting import expected_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 400], "b": [90, 60], "c": [400, 60]}, index=["x", "y"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30}))
    >>> plan = expected_covering(table, n=2, limit_s=240, busy_share=0.1)
    >>> plan.site_ids, round(plan.value, 6)  # 80 * 0.9 + 50 * 0.1 * 0.9
    (('a', 'b'), 76.5)
    """
    clock = start_clock(search)
    worth = expected_worth(busy_share)
    table = in_time(table, limit_s)
    n = check_n(table, n)
    check_reach_any(table)
    chosen, proof = best_counted(table, count_model(table, worth), n, clock=clock, gap=search.gap)
    return make_plan(table, chosen, proof, problem="expected_covering", clock=clock)


def reliable_covering(
    table: SitingTable,
    *,
    n: int,
    limit_s: float,
    busy_share: float,
    reliability: float = 0.9,
    search: Search = DEFAULT,
) -> SitingPlan:
    """Choose the ``n`` new sites for most people who find a free engine in time with a reliability (MALP).

    Engines are out a share q of the time, each for itself; a site has one. With b the least number for which
    ``1 - q**b`` is at least the reliability, who has b sites in time counts, others do not:
    ``max sum_i w_i y_ib``, ``sum_k y_ik <= number of chosen sites in time``, ``y_ik <= y_i(k-1)``
    (C. ReVelle, K. Hogan, "The maximum availability location problem", Transportation Science 23, 1989, with
    the same q everywhere).

    Parameters
    ----------
    busy_share : float
        q, 0 to 0.99.
    reliability : float, default 0.9
        Chance with which an engine has to be free, 0 to below 1.
    table, n, limit_s, search
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people with so many sites in time, times weight; ``n_people_covered`` are
        people in time of one site at least.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        No site reaches anybody in time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import reliable_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 400], "b": [90, 60], "c": [400, 60]}, index=["x", "y"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30}))
    >>> plan = reliable_covering(table, n=2, limit_s=240, busy_share=0.3, reliability=0.9)
    >>> plan.site_ids, plan.value  # 1 - 0.3**2 = 0.91: two sites in time are enough
    (('a', 'b'), 50.0)
    """
    clock = start_clock(search)
    worth = reliable_worth(busy_share, reliability)
    table = in_time(table, limit_s)
    n = check_n(table, n)
    check_reach_any(table)
    chosen, proof = best_counted(table, count_model(table, worth), n, clock=clock, gap=search.gap)
    return make_plan(table, chosen, proof, problem="reliable_covering", clock=clock)


def reliable_number(busy_share: float, reliability: float) -> int:
    """Give the least number of sites in time of which one is free with a reliability; one at least.

    Examples
    --------
    >>> reliable_number(0.3, 0.9), reliable_number(0.1, 0.99), reliable_number(0.0, 0.99)
    (2, 2, 1)
    """
    q = check_number("busy_share", busy_share, low=0.0, high=MOST_BUSY)
    wanted = check_number("reliability", reliability, low=0.0, high=1.0 - EDGE)
    if q == 0.0 or wanted == 0.0:
        return 1
    return max(1, math.ceil(math.log(1.0 - wanted) / math.log(q) - EDGE))


def expected_worth(busy_share: float) -> Floats:
    """Give the chance that of 0, 1, 2, ... sites in time one is free, until one more hardly counts."""
    q = check_number("busy_share", busy_share, low=0.0, high=MOST_BUSY)
    most = 1 if q == 0.0 else max(1, math.ceil(math.log(1e-12) / math.log(q)))
    return np.asarray(1.0 - q ** np.arange(most + 1), dtype=np.float64)


def reliable_worth(busy_share: float, reliability: float) -> Floats:
    """Give 0 for fewer sites in time than the reliability asks for, then 1."""
    worth = np.zeros(reliable_number(busy_share, reliability) + 1)
    worth[-1] = 1.0
    return worth
