"""What each candidate is worth: alone, beside a plan, and in the place of one of the plan's sites.

With ``V(S)`` the value of the existing sites and the sites ``S``, and ``P`` a plan::

    alone[j]     = V({j}) - V({})
    beside[j]    = V(P + j) - V(P)           for j outside of the plan
                 = V(P) - V(P - j)           for j in the plan: what is lost without it
    exchanged[j] = max over i of V(P - i + j) - V(P)      i in the plan, not forced in
                 = max over k of V(P - j + k) - V(P)      for j in the plan: k takes its place

Every value is counted in the direction of the goal: people more, seconds fewer. Lemma. People in time and
the mean time with a charge for who is not reached are submodular, no site brings more beside others than
alone: ``beside <= alone``. The longest time and people in time of two sites are not: two sites together may
bring what neither brings alone. Where a plan is proven best, no ``exchanged`` is above 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.messages import Message, name_some
from geo.optimize import solve
from geo.settings import check_number
from geo.siting._checks import check_charge
from geo.siting._table import FIXED, FORCED_IN, FORCED_OUT, FREE, Floats, Ints, SitingTable, in_time
from geo.siting.backup import backup_worth
from geo.siting.busy import expected_worth, reliable_worth
from geo.siting.capacity import covering_model
from geo.siting.median import median_scale
from geo.siting.plan import nearest_open
from geo.siting.questions import (
    BackupCovering,
    CapacitatedCovering,
    ExpectedCovering,
    MaximalCovering,
    PCentre,
    PMedian,
    Question,
    ReliableCovering,
    SetCovering,
    no_question,
)

__all__ = ["MOST_SHARED", "marginal_values", "plan_values"]

MOST_SHARED: Final = 400
"""Candidates above which shared places are not computed: each asks for two programmes of its own."""

Values: TypeAlias = Callable[[Ints, bool], tuple[float, Floats]]
"""Gives for open sites (positions) their value and, where asked, that with each site more; nan for none."""


@dataclass(frozen=True, eq=False)
class _State:
    """The table that a question looks at, how sets of sites are valued, and what an exchange may cost."""

    table: SitingTable
    values: Values
    most_cost: float = np.inf
    has_exchanges: bool = True


def marginal_values(
    table: SitingTable,
    question: Question,
    site_ids: Sequence[Hashable],
    *,
    max_cost: float | None = None,
) -> pd.DataFrame:
    """Give what each candidate is worth alone, beside a plan, and in exchange for one of its sites.

    Parameters
    ----------
    table : SitingTable
        Times, people and sites, made by ``siting_table``.
    question : Question
        The goal; how many sites it asks for does not matter. ``SetCovering`` is valued by people in time.
    site_ids : sequence
        New sites of the plan.
    max_cost : float, optional
        A budget that the plan keeps to after an exchange.

    Returns
    -------
    DataFrame
        Index = every site that is not ``existing``, in the caller's order; ``is_chosen``; ``alone``,
        ``beside``, ``exchanged`` (people times weight, or seconds for ``PMedian`` and ``PCentre``) and
        ``exchanged_for``: for a candidate the site of the plan that it would replace, for a site of the plan
        the candidate that would come in its place. Values are nan where they are not defined: times where
        somebody is reached by no site before or after; exchanges of a site that is forced in, or beyond the
        budget; places that are not split among sites (``CapacitatedCovering``), which ask for a search each,
        and split ones with more than ``MOST_SHARED`` candidates.

    Raises
    ------
    InputError
        A site of the plan is not in the table or stands there already; an option is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import MaximalCovering, marginal_values, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> values = marginal_values(table, MaximalCovering(n=1, limit_s=240), ["b"])
    >>> values[["alone", "beside", "exchanged", "exchanged_for"]].values.tolist()
    [[50.0, 50.0, -10.0, 'b'], [60.0, 60.0, -10.0, 'a']]
    """
    plan = _positions(table, site_ids)
    state = _state(table, question, max_cost)
    fixed = np.flatnonzero(table.with_status(FIXED))
    nothing, with_each = state.values(fixed, True)
    whole, beside = state.values(np.concatenate([fixed, plan]), True)
    # What is lost without each site of the plan, and what each candidate would give in its place.
    left = [np.concatenate([fixed, np.delete(plan, k)]) for k in range(len(plan))]
    without = [state.values(sites, state.has_exchanges) for sites in left]
    added = beside - whole
    added[plan] = whole - np.array([value for value, _ in without])
    exchanged, partner = _exchanges(state, plan, [after for _, after in without], whole)
    is_chosen = np.isin(np.arange(len(table.status)), plan)
    ids = np.array([*table.site_id, None], dtype=object)
    values = pd.DataFrame(
        {
            "is_chosen": is_chosen,
            "alone": with_each - nothing,
            "beside": added,
            "exchanged": exchanged,
            "exchanged_for": ids[partner],
        },
        index=table.site_id,
    )
    order = table.caller_site_id[~np.isin(table.caller_site_id, table.site_id[fixed])]
    return values.loc[order]


def plan_values(
    table: SitingTable, question: Question, plans: Sequence[Sequence[Hashable]]
) -> tuple[float, ...]:
    """Value plans as :func:`marginal_values` does: people times weight, or minus seconds; more is better.

    Parameters
    ----------
    table : SitingTable
        Times, people and sites, made by ``siting_table``.
    question : Question
        The goal; how many sites it asks for does not matter.
    plans : sequence of sequences
        New sites of each plan, which stand beside the existing ones.

    Returns
    -------
    tuple of float
        nan where somebody is reached by no site and the goal is a time, or places are not split among sites.

    Raises
    ------
    InputError
        As :func:`marginal_values`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import MaximalCovering, plan_values, siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> plan_values(table, MaximalCovering(n=1, limit_s=240), [["a"], ["b"], ["a", "b"]])
    (50.0, 60.0, 110.0)
    """
    state = _state(table, question, None)
    fixed = np.flatnonzero(table.with_status(FIXED))
    opened = [np.concatenate([fixed, _positions(table, sites)]) for sites in plans]
    return tuple(state.values(sites, False)[0] for sites in opened)


def _positions(table: SitingTable, site_ids: Sequence[Hashable]) -> Ints:
    at = table.site_id.get_indexer(pd.Index(list(site_ids), dtype=table.site_id.dtype))
    there = np.isin(at, np.flatnonzero(~table.with_status(FIXED)))
    if not there.all():
        unknown = [site for site, is_there in zip(site_ids, there, strict=True) if not is_there]
        raise InputError(Message("siting.plan_sites_unknown", {"names": name_some(unknown)}))
    return np.unique(at).astype(np.int64)  # a site that is named twice is built once


def _state(table: SitingTable, question: Question, max_cost: float | None) -> _State:
    most = np.inf if max_cost is None else check_number("max_cost", max_cost, low=0.0) * (1.0 + 1e-9)
    match question:
        case MaximalCovering() | SetCovering():
            near = in_time(table, question.limit_s)
            return _State(near, _covering(near), most)
        case BackupCovering():
            check_number("second", question.second, low=0.0, high=1.0)
            near = in_time(table, question.limit_s)
            return _State(near, _counted(near, backup_worth(question.second)), most)
        case ExpectedCovering():
            near = in_time(table, question.limit_s)
            return _State(near, _counted(near, expected_worth(question.busy_share)), most)
        case ReliableCovering():
            near = in_time(table, question.limit_s)
            worth = reliable_worth(question.busy_share, question.reliability)
            return _State(near, _counted(near, worth), most)
        case PMedian():
            if question.unreached_s is not None:
                check_charge(table, question.unreached_s)
            return _State(table, _median(table, question.unreached_s), most)
        case PCentre():
            return _State(table, _centre(table), most)
        case CapacitatedCovering():
            near = in_time(table, question.limit_s)
            return _State(near, _capacity(near, question), most, has_exchanges=False)
    raise no_question(question)


def _exchanges(state: _State, plan: Ints, after: Sequence[Floats], whole: float) -> tuple[Floats, Ints]:
    """Give the best exchange of each site, and with whom (position; the last but one past the end: none)."""
    table, n = state.table, len(state.table.status)
    best, partner = np.full(n, np.nan), np.full(n, n, dtype=np.int64)
    outside = np.setdiff1d(np.flatnonzero(~table.with_status(FIXED)), plan)
    paid = float(table.cost[plan].sum())
    for i, values in zip(plan, after, strict=True):
        if table.status[i] == FORCED_IN:
            continue
        change = values - whole
        change[paid - table.cost[i] + table.cost > state.most_cost] = np.nan
        better = outside[
            (change[outside] > best[outside]) | (np.isnan(best[outside]) & ~np.isnan(change[outside]))
        ]
        best[better], partner[better] = change[better], i
        free = outside[(table.status[outside] == FREE) & ~np.isnan(change[outside])]
        if len(free):
            k = free[int(np.argmax(change[free]))]
            best[i], partner[i] = change[k], k
    return best, partner


def _served(table: SitingTable, sites: Ints) -> Ints:
    """Count the open sites in the table that each point sees."""
    is_open = np.isin(np.arange(len(table.status)), sites)
    return np.bincount(table.point[is_open[table.site]], minlength=len(table.demand_id))


def _sums(table: SitingTable, of_entries: Floats) -> Floats:
    return np.bincount(table.site, weights=of_entries, minlength=len(table.status)).astype(np.float64)


def _covering(table: SitingTable) -> Values:
    def values(sites: Ints, with_each: bool) -> tuple[float, Floats]:
        left = np.where(_served(table, sites) > 0, 0.0, table.weight)
        value = float(table.weight.sum() - left.sum())
        return value, value + _sums(table, left[table.point])

    return values


def _counted(table: SitingTable, worth: Floats) -> Values:
    most = len(worth) - 1
    worth = np.append(worth, worth[-1])

    def values(sites: Ints, with_each: bool) -> tuple[float, Floats]:
        count = np.minimum(_served(table, sites), most)
        step = table.weight * (worth[count + 1] - worth[count])
        value = float(table.weight @ worth[count])
        more = _sums(table, step[table.point])
        more[sites] = 0.0  # a site is not built twice
        return value, value + more

    return values


def _median(table: SitingTable, unreached_s: float | None) -> Values:
    """Value sites by minus the mean seconds; nan where somebody is reached by none and there is no charge."""
    scale = median_scale(table)
    charge = np.inf if unreached_s is None else unreached_s * 1000.0

    def values(sites: Ints, with_each: bool) -> tuple[float, Floats]:
        now = np.minimum(nearest_open(table, sites)[1], charge)
        out = np.isinf(now) & (table.weight > 0.0)
        kept = np.where(np.isinf(now), 0.0, now)
        after = np.where(np.isinf(now[table.point]), table.ms, np.minimum(table.ms, now[table.point]))
        spent = float(table.weight @ kept)
        totals = spent + _sums(table, table.weight[table.point] * (after - kept[table.point]))
        reached = _sums(table, out[table.point].astype(np.float64))
        totals[reached < out.sum()] = np.nan
        return (np.nan if out.any() else spent / scale), totals / scale

    return values


def _centre(table: SitingTable) -> Values:
    """Value sites by minus the longest seconds of somebody; nan where somebody is reached by none."""
    lives = table.people > 0.0
    _, least = nearest_open(table, np.arange(len(table.status)))
    floor = float(least[lives].max())  # no set of sites has a shorter longest time

    def values(sites: Ints, with_each: bool) -> tuple[float, Floats]:
        now = np.where(lives, nearest_open(table, sites)[1], 0.0)
        late = np.flatnonzero(now > floor)
        place = np.full(len(now), -1, dtype=np.int64)
        place[late] = np.arange(len(late))
        worst = np.full(len(table.status), float(now.max()))
        for j in range(len(worst)) if with_each and len(late) else ():
            part = slice(table.start[j], table.start[j + 1])
            at = place[table.point[part]]
            then = now[late]
            np.minimum.at(then, at[at >= 0], table.ms[part][at >= 0])
            worst[j] = max(floor, then.max())
        ms = np.where(np.isinf(worst), np.nan, worst)
        return (-float(now.max()) / 1000.0 if np.isfinite(now.max()) else np.nan), -ms / 1000.0

    return values


def _capacity(table: SitingTable, question: CapacitatedCovering) -> Values:
    """Value sites by the people that they serve, shared among them; nan where each would ask for a search."""
    new = np.flatnonzero(~table.with_status(FIXED))
    is_told = question.is_split and len(new) <= MOST_SHARED

    def values(sites: Ints, with_each: bool) -> tuple[float, Floats]:
        each = np.full(len(table.status), np.nan)
        if not is_told:
            return np.nan, each
        if with_each:
            each[new] = [_served_people(table, np.union1d(sites, [j]), question) for j in new]
        return _served_people(table, sites, question), each

    return values


def _served_people(table: SitingTable, sites: Ints, question: CapacitatedCovering) -> float:
    """Give the most people (by weight) that open sites serve with none overfull."""
    status = np.full(len(table.status), FORCED_OUT, dtype=np.int8)
    status[sites] = FIXED
    alone = replace(table, status=status)
    is_seen = alone.with_status(FIXED)[table.site] & (table.weight[table.point] > 0.0)
    if not is_seen.any():
        return 0.0
    _, _, problem = covering_model(alone, replace(question, n=0))
    return round(-solve(problem.model).value, 6)
