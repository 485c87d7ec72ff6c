"""People in time: the best n sites, an order of building, the fewest sites for a share of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.optimize import Clock
from geo.settings import check_number, check_whole
from geo.siting._checks import check_n, check_reach, check_reach_any
from geo.siting._exact.best_n import best_n
from geo.siting._exact.branch_and_bound import Incumbent
from geo.siting._exact.objective import covering_benefits
from geo.siting._exact.partial_cover import cover_all, cover_share
from geo.siting._exact.set_cover import Cover
from geo.siting._table import FIXED, FORCED_IN, FORCED_OUT, FREE, Ints, SitingTable, in_time
from geo.siting.plan import Proof, SitingPlan, make_plan
from geo.siting.search import DEFAULT, Search, start_clock

__all__ = [
    "best_sites",
    "build_programme",
    "cheapest_sites",
    "fill",
    "maximal_covering",
    "order_sites",
    "set_covering",
]


def maximal_covering(table: SitingTable, *, n: int, limit_s: float, search: Search = DEFAULT) -> SitingPlan:
    """Choose the ``n`` new sites that bring most people in time.

    ``max sum_i w_i z_i``, ``z_i <= sum of y_j over the sites j within the limit of i``, ``sum_j y_j = n``
    (R. Church,
    C. ReVelle, "The maximal covering location problem", Papers of the Regional Science Association 32, 1974).

    Parameters
    ----------
    table : SitingTable
        Times, people and sites, made by ``siting_table``.
    n : int
        New sites; those that are ``forced_in`` count, those that are ``existing`` do not.
    limit_s : float
        In time is ``<= limit_s``.
    search : Search
        Time limit, gap that is good enough, and who is told.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are people in time times weight, of existing and new sites together; ``steps``
        is the order in which the new sites add most.

    Raises
    ------
    InputError
        An option is wrong; ``n`` is larger than the number of candidates or smaller than those
        forced in.
    InfeasibleError
        No site that may be used reaches anybody in time.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import maximal_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> plan = maximal_covering(table, n=1, limit_s=240)
    >>> plan.site_ids, plan.value, plan.is_proven
    (('b',), 60.0, True)
    """
    clock = start_clock(search)
    table = in_time(table, limit_s)
    n = check_n(table, n)
    check_reach_any(table)
    chosen, best = best_sites(table, n, clock=clock, gap=search.gap)
    order, steps = order_sites(table, chosen, n_per_year=(1,) * n)
    return make_plan(table, order, best.proof(), problem="maximal_covering", clock=clock, steps=steps)


def build_programme(
    table: SitingTable,
    *,
    n_per_year: Sequence[int],
    limit_s: float,
    is_far_sighted: bool = True,
    search: Search = DEFAULT,
) -> SitingPlan:
    """Choose sites and the year in which each is built.

    Parameters
    ----------
    n_per_year : sequence of int
        New sites of the first year, the second, ...
    is_far_sighted : bool, default True
        True: the best sites for the end of the programme, of which each year takes those that help most.
        False: each year takes its best without regard to later ones.
    table, limit_s, search
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
    clock = start_clock(search)
    table = in_time(table, limit_s)
    for k in n_per_year:
        check_whole("each of n_per_year", k, low=0)
    n = check_n(table, sum(n_per_year), name="the sum of n_per_year")
    check_reach_any(table)
    pool, last = np.arange(len(table.cost)), None
    if is_far_sighted:
        pool, last = best_sites(table, n, clock=clock, gap=search.gap)
    built = np.zeros(0, dtype=np.int64)
    for k in n_per_year:
        year = _as_built(table, built, pool)
        chosen, best = best_sites(year, check_n(year, k), clock=clock, gap=search.gap)
        built = np.concatenate([built, order_sites(year, chosen, n_per_year=(k,))[0]])
        last = last if is_far_sighted else best
    _, steps = order_sites(table, built, n_per_year=tuple(n_per_year), is_ordered=True)
    if last is None:
        raise InputError("n_per_year is empty: give the number of new sites of each year")
    return make_plan(
        table, built, last.proof(), problem="build_programme", clock=clock, steps=steps, is_ordered=True
    )


def set_covering(
    table: SitingTable, *, limit_s: float, share: float = 1.0, search: Search = DEFAULT
) -> SitingPlan:
    """Choose the cheapest new sites so that a share of the people is in time.

    ``min sum_j c_j y_j``, ``sum_i w_i z_i >= share sum_i w_i``, ``z_i <= sum of y_j over the sites j within
    the limit of i`` (C. Toregas, R. Swain, C. ReVelle, L. Bergman, "The location of emergency service
    facilities", Operations Research 19, 1971, where the share is 1). Points without people ask for no site.

    Parameters
    ----------
    share : float, default 1
        Part of the people (by weight) to bring in time, 0 to 1, by existing and new sites together.
    table, limit_s, search
        As for ``maximal_covering``; sites are paid by the ``cost`` that the table was made with.

    Returns
    -------
    SitingPlan
        ``value`` and ``bound`` are the cost of the new sites: their number when no cost was given.

    Raises
    ------
    InputError
        An option is wrong.
    InfeasibleError
        All sites together reach fewer people; the message names who is reached by none.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import set_covering, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> set_covering(table, limit_s=240).site_ids
    ('a', 'b')
    >>> set_covering(table, limit_s=240, share=0.5).site_ids
    ('b',)
    """
    clock = start_clock(search)
    check_number("share", share, low=0.0, high=1.0)
    table = in_time(table, limit_s)
    check_reach(table, share=share)
    cover = cheapest_sites(table, share, clock=clock, gap=search.gap)
    proof = Proof(cover.value, cover.bound, cover.steps)
    return make_plan(table, cover.plan, proof, problem="set_covering", clock=clock)


def cheapest_sites(table: SitingTable, share: float, *, clock: Clock, gap: float) -> Cover:
    """Choose the cheapest new sites for a share of the people, forced ones among them, all in the cost."""
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    paid = float(table.cost[forced].sum())
    clock = clock.scaled(1.0, shift=paid)
    if share == 1.0:
        cover = cover_all(table, table.cost, clock=clock, gap=gap)
    else:
        cover = cover_share(table, share, clock=clock, gap=gap)
    plan = np.concatenate([forced, cover.plan])
    return replace(cover, plan=plan, value=paid + cover.value, bound=paid + cover.bound)


def best_sites(
    table: SitingTable, n: int, *, clock: Clock, gap: float, start: Ints | None = None
) -> tuple[Ints, Incumbent]:
    """Choose ``n`` new sites for people in time, forced ones among them; give their positions in the table.

    ``start`` names sites (positions in the table, no more than ``n``) that the search begins with.
    """
    benefits = covering_benefits(table)
    forced = np.flatnonzero(table.with_status(FORCED_IN))
    begin = None if start is None else np.flatnonzero(np.isin(benefits.site, start))
    best = best_n(benefits, n - len(forced), clock=clock, gap=gap, start=begin)
    return fill(table, np.concatenate([forced, benefits.site[best.plan]]), n), best


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
