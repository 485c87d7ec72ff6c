"""People in time: the best n sites, an order of building, the fewest sites for a share of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.optimize import Clock, Progress, start_clock
from geo.settings import check_number, check_whole
from geo.siting._checks import check_n, check_reach, check_reach_any
from geo.siting._exact.best_n import best_n
from geo.siting._exact.branch_and_bound import Found
from geo.siting._exact.objective import covering_savings
from geo.siting._exact.partial_cover import cover_all, cover_share
from geo.siting._table import FIXED, FORCED_IN, FORCED_OUT, FREE, Ints, SitingTable, read_siting_table
from geo.siting.plan import SitingPlan, make_plan
from geo.times import Times

__all__ = ["best_sites", "build_programme", "fill", "maximal_covering", "order_sites", "set_covering"]


def maximal_covering(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n: int,
    limit_s: float,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose the ``n`` new sites that bring most people in time.

    ``max sum_i w_i z_i``, ``z_i <= sum of y_j over the sites j within the limit of i``, ``sum_j y_j = n``
    (R. Church,
    C. ReVelle, "The maximal covering location problem", Papers of the Regional Science Association 32, 1974).

    Parameters
    ----------
    times : Times or pandas.DataFrame
        Seconds, demand points by sites, ``inf`` for no route.
    people : pandas.Series
        People by demand id.
    n : int
        New sites; those that are ``forced_in`` count, those that are ``existing`` do not.
    limit_s : float
        In time is ``<= limit_s``.
    weights : pandas.Series, optional
        Weight by demand id (risk), 1 when not given.
    sites : pandas.DataFrame, optional
        By site id: ``status`` (``candidate``, ``existing``, ``forced_in``, ``forced_out``).
    time_limit_s : float, default 60
        Return the best plan so far, with its gap, after this many seconds.
    gap : float, default 0
        Stop at this relative gap.
    progress : callable, optional
        Told the value and the bound as the search goes on.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people in time times weight, of existing and new sites together; ``steps``
        is the order in which the new sites add most.

    Raises
    ------
    InputError
        Tables or options are wrong; ``n`` is larger than the number of candidates or smaller than those
        forced in.
    InfeasibleError
        No site that may be used reaches anybody in time.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> plan = maximal_covering(times, pd.Series({"x": 50, "y": 30, "z": 30}), n=1, limit_s=240)
    >>> plan.site_ids, plan.value, plan.is_proven
    (('b',), 60.0, True)
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)
    n = check_n(table, n)
    check_reach_any(table)
    chosen, found = best_sites(table, n, clock=clock, gap=gap)
    order, steps = order_sites(table, chosen, n_per_year=(1,) * n)
    return make_plan(
        table,
        order,
        problem="maximal_covering",
        value=found.value,
        bound=found.bound,
        method=found.method,
        clock=clock,
        steps=steps,
    )


def build_programme(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    n_per_year: Sequence[int],
    limit_s: float,
    is_far_sighted: bool = True,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose sites and the year in which each is built.

    Parameters
    ----------
    n_per_year : sequence of int
        New sites of the first year, the second, ...
    is_far_sighted : bool, default True
        True: the best sites for the end of the programme, of which each year takes those that help most.
        False: each year takes its best without regard to later ones.
    times, people, limit_s, weights, sites, time_limit_s, gap, progress
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``site_ids`` in the order of building, ``steps`` with the ``year`` (1, 2, ...) of each; value and
        bound are those of the last year, among plans that keep to what the earlier years built when not
        ``is_far_sighted``.

    Raises
    ------
    InputError, InfeasibleError
        As for ``maximal_covering``.
    """
    clock = start_clock(time_limit_s, progress)
    table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)
    for k in n_per_year:
        check_whole("each of n_per_year", k, low=0)
    n = check_n(table, sum(n_per_year), name="the sum of n_per_year")
    check_reach_any(table)
    pool, found = (
        best_sites(table, n, clock=clock, gap=gap) if is_far_sighted else (np.arange(len(table.cost)), None)
    )
    built = np.zeros(0, dtype=np.int64)
    for k in n_per_year:
        year = _as_built(table, built, pool)
        chosen, best = best_sites(year, check_n(year, k), clock=clock, gap=gap)
        built = np.concatenate([built, order_sites(year, chosen, n_per_year=(k,))[0]])
        found = found if is_far_sighted else best
    _, steps = order_sites(table, built, n_per_year=tuple(n_per_year), is_ordered=True)
    if found is None:
        raise InputError("n_per_year is empty: give the number of new sites of each year")
    return make_plan(
        table,
        built,
        problem="build_programme",
        value=found.value,
        bound=found.bound,
        method=found.method,
        clock=clock,
        is_ordered=True,
        steps=steps,
    )


def set_covering(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    limit_s: float,
    share: float = 1.0,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Choose the cheapest new sites so that a share of the people is in time.

    ``min sum_j c_j y_j``, ``sum_i w_i z_i >= share sum_i w_i``, ``z_i <= sum of y_j over the sites j within
    the limit of i`` (C. Toregas, R. Swain, C. ReVelle, L. Bergman, "The location of emergency service
    facilities", Operations Research 19, 1971, where the share is 1). Points without people ask for no site.

    Parameters
    ----------
    share : float, default 1
        Part of the people (by weight) to bring in time, 0 to 1, by existing and new sites together.
    sites : pandas.DataFrame, optional
        By site id: ``status`` as for ``maximal_covering``; ``cost`` >= 0, 1 when not given.
    times, people, limit_s, weights, time_limit_s, gap, progress
        As for ``maximal_covering``.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are the cost of the new sites: their number when no cost was given.

    Raises
    ------
    InputError
        Tables or options are wrong.
    InfeasibleError
        All sites together reach fewer people; the message names who is reached by none.

    Examples
    --------
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> people = pd.Series({"x": 50, "y": 30, "z": 30})
    >>> set_covering(times, people, limit_s=240).site_ids
    ('a', 'b')
    >>> set_covering(times, people, limit_s=240, share=0.5).site_ids
    ('b',)
    """
    clock = start_clock(time_limit_s, progress, gap=gap)
    check_number("share", share, low=0.0, high=1.0)
    table = read_siting_table(times, people, weights=weights, sites=sites, limit_s=limit_s)
    check_reach(table, share=share)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    paid = float(table.cost[forced].sum())
    clock = clock.scaled(1.0, shift=paid)
    if share == 1.0:
        cover = cover_all(table, table.cost, clock=clock, gap=gap)
    else:
        cover = cover_share(table, share, clock=clock, gap=gap)
    return make_plan(
        table,
        np.concatenate([forced, cover.plan]),
        problem="set_covering",
        value=paid + cover.value,
        bound=paid + cover.bound,
        method=cover.method,
        clock=clock,
    )


def best_sites(
    table: SitingTable, n: int, *, clock: Clock, gap: float, start: Ints | None = None
) -> tuple[Ints, Found]:
    """Choose ``n`` new sites for people in time, forced ones among them; give their positions in the table.

    ``start`` names sites (positions in the table, no more than ``n``) that the search begins with.
    """
    savings = covering_savings(table)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    begin = None if start is None else np.flatnonzero(np.isin(savings.site, start))
    found = best_n(savings, n - len(forced), clock=clock, gap=gap, start=begin)
    return fill(table, np.concatenate([forced, savings.site[found.plan]]), n), found


def fill(table: SitingTable, chosen: Ints, n: int) -> Ints:
    """Add free sites, lowest ids first, where fewer than ``n`` do all that sites can do."""
    spare = np.setdiff1d(np.flatnonzero(table.with_status(FREE)), chosen)
    return np.sort(np.concatenate([chosen, spare[: n - len(chosen)]]))


def order_sites(
    table: SitingTable, chosen: Ints, *, n_per_year: tuple[int, ...], is_ordered: bool = False
) -> tuple[Ints, pd.DataFrame]:
    """Order sites by what they add to people in time, most first, and account for each."""
    covered = np.zeros(len(table.demand_id), dtype=bool)
    parts = {j: table.point[table.start[j] : table.start[j + 1]] for j in range(len(table.cost))}
    for old in np.flatnonzero(table.with_status(FIXED)):
        covered[parts[int(old)]] = True
    order: list[int] = []
    rows = []
    years = np.repeat(np.arange(len(n_per_year)) + 1, n_per_year)
    left = [int(j) for j in chosen]
    for year in years:
        gains = [float(table.weight[parts[j][~covered[parts[j]]]].sum()) for j in left]
        pick = 0 if is_ordered else int(np.argmax(gains))
        place = left.pop(pick)
        covered[parts[place]] = True
        order.append(place)
        people = float(table.people[covered].sum())
        rows.append((int(year), table.site_id[place], gains[pick], people, people / table.people.sum()))
    columns = ["year", "site_id", "gain", "n_people_covered", "share_covered"]
    return np.array(order, dtype=np.int64), pd.DataFrame(rows, columns=columns)


def _as_built(table: SitingTable, built: Ints, pool: Ints) -> SitingTable:
    status = table.status.copy()
    out = np.setdiff1d(np.flatnonzero(table.with_status(FREE)), pool)
    status[out] = FORCED_OUT
    status[built] = FIXED
    return replace(table, status=status)
