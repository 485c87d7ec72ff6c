"""The table that siting works on: times, people and sites, checked once and put in the order of the ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo._jit import kernel
from geo.errors import InputError
from geo.messages import Message, name_some
from geo.schema import numbers_by_id
from geo.settings import check_number
from geo.times import Times, limit_ms

__all__ = [
    "FIXED",
    "FORCED_IN",
    "FORCED_OUT",
    "FREE",
    "SITE_STATUSES",
    "Floats",
    "Ints",
    "SitingTable",
    "check_table",
    "in_time",
    "siting_table",
    "within",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

FREE, FIXED, FORCED_IN, FORCED_OUT = range(4)
SITE_STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "candidate": FREE,
        "planned": FREE,
        "free": FREE,
        "existing": FIXED,
        "fixed": FIXED,
        "forced_in": FORCED_IN,
        "forced_out": FORCED_OUT,
        "closed": FORCED_OUT,
    }
)
"""What a site table's ``status`` may say: free to choose; there already (neither counted nor paid);
to be among the chosen (counted and paid); not to be chosen."""


@dataclass(frozen=True, eq=False)
class SitingTable:
    """Times, people and sites with both ids ascending, so that row order changes no answer.

    Made by :func:`siting_table`, which checks what goes in; no question checks it again.

    Parameters
    ----------
    site_id, demand_id : pandas.Index
        Ascending; S sites, D demand points.
    start : int64 array, shape (S + 1,)
        Entries of site ``j`` are ``start[j]:start[j + 1]``.
    point : int32 array
        Position of the demand point of each entry, ascending within a site.
    ms : float64 array
        Whole milliseconds of each entry; a pair without an entry has no route (or is past the limit).
    people, weight : float64 arrays, shape (D,)
        People, and people times their weight by risk.
    status : int8 array, shape (S,)
        ``FREE``, ``FIXED``, ``FORCED_IN`` or ``FORCED_OUT``.
    cost, capacity : float64 arrays, shape (S,)
        Cost of building (any unit); people a site can serve, nan where the sites came without a capacity.
    limit_s : float
        Longest time that the table knows of, in seconds; ``inf`` where it holds every route.
    caller_demand_id, caller_site_id : pandas.Index
        The ids in the order they came in.
    """

    site_id: pd.Index
    demand_id: pd.Index
    start: Ints
    point: NDArray[np.int32]
    ms: Floats
    people: Floats
    weight: Floats
    status: NDArray[np.int8]
    cost: Floats
    capacity: Floats
    limit_s: float
    caller_demand_id: pd.Index
    caller_site_id: pd.Index

    @property
    def site(self) -> Ints:
        """Give the position of the site of each entry."""
        return np.repeat(np.arange(len(self.site_id)), np.diff(self.start))

    def with_status(self, *codes: int) -> NDArray[np.bool_]:
        """Mark the sites that have one of these statuses."""
        return np.isin(self.status, codes)


def siting_table(
    times: Times | pd.DataFrame,
    people: pd.Series,
    *,
    weights: pd.Series | None = None,
    sites: pd.DataFrame | None = None,
    limit_s: float = np.inf,
) -> SitingTable:
    """Check times, people and sites, and put together what the questions of siting are asked of.

    Parameters
    ----------
    times : Times or pandas.DataFrame
        Seconds, demand points by sites; ``inf`` for no route.
    people : pandas.Series
        People by demand id, >= 0.
    weights : pandas.Series, optional
        Weight (risk) by demand id, >= 0; 1 when not given.
    sites : pandas.DataFrame, optional
        Index = the site ids; any of the columns ``status`` (a key of ``SITE_STATUSES``), ``cost`` (>= 0),
        ``capacity`` (people, >= 0, ``inf`` for no limit). Without the table every site is free and costs 1.
    limit_s : float, default inf
        Keep only pairs within this many seconds, the limit itself included: a smaller table, where no
        question will look farther.

    Raises
    ------
    InputError
        Ids twice or missing, a time, number of people, weight, cost or capacity that is not a number >= 0, an
        unknown status, no sites, no people, or a table that was searched to less than ``limit_s``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting import siting_table
    >>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
    >>> table = siting_table(times, pd.Series({"x": 50, "y": 30, "z": 30}))
    >>> table.site_id.to_list(), float(table.people.sum())
    (['a', 'b'], 110.0)
    """
    check_number("limit_s", limit_s, low=0.0)
    site_ids, demand_ids = _ids(times)
    site_order, demand_order = _ascending(site_ids), _ascending(demand_ids)
    if isinstance(times, Times):
        start, point, ms = _from_times(times, site_order, demand_order, limit_s)
    else:
        start, point, ms = _from_frame(times, site_order, demand_order, limit_s)
    persons = numbers_by_id(people, demand_ids, "people")[demand_order]
    risk = (
        np.ones(len(persons))
        if weights is None
        else numbers_by_id(weights, demand_ids, "weights")[demand_order]
    )
    if not (persons * risk).sum() > 0.0:
        raise InputError(Message("siting.nobody_at_points"))
    status, cost, capacity = _sites(sites, site_ids)
    return SitingTable(
        site_id=site_ids.take(site_order),
        demand_id=demand_ids.take(demand_order),
        start=start,
        point=point,
        ms=ms,
        people=persons,
        weight=persons * risk,
        status=status[site_order],
        cost=cost[site_order],
        capacity=capacity[site_order],
        limit_s=min(limit_s, times.limit_s) if isinstance(times, Times) else limit_s,
        caller_demand_id=demand_ids,
        caller_site_id=site_ids,
    )


def check_table(table: Any) -> SitingTable:
    """Check that a question is asked of a siting table."""
    if not isinstance(table, SitingTable):
        raise InputError(
            f"a question of siting is asked of a SitingTable, not of a {type(table).__name__}: "
            "make one with geo.siting.siting_table(times, people)"
        )
    return table


def in_time(table: SitingTable, limit_s: float) -> SitingTable:
    """Keep only the pairs within a limit in seconds, the limit itself included.

    Raises
    ------
    InputError
        The limit is no number >= 0, or the table was searched to less.
    """
    check_table(table)
    check_number("limit_s", limit_s, low=0.0)
    if limit_s != np.inf and _most_ms(table.limit_s) < _most_ms(limit_s):
        raise InputError(_searched_less(table.limit_s, limit_s))
    return within(table, _most_ms(limit_s))


def within(table: SitingTable, most_ms: float) -> SitingTable:
    """Keep only the pairs within a limit in milliseconds."""
    keep = table.ms <= most_ms
    if keep.all():
        return table
    start = np.concatenate([[0], np.cumsum(keep)])[table.start]
    return replace(table, start=start, point=table.point[keep], ms=table.ms[keep])


def _ids(times: Times | pd.DataFrame) -> tuple[pd.Index, pd.Index]:
    if isinstance(times, Times):
        sites, demand = times.facility_id, times.demand_id
    elif isinstance(times, pd.DataFrame):
        sites, demand = times.columns, times.index
    else:
        raise InputError(f"times must be a Times or a DataFrame of seconds, not {type(times).__name__}")
    for ids, what in ((sites, "site"), (demand, "demand")):
        if not len(ids):
            raise InputError(f"the table of times has no {what} ids: give at least one")
        twice = ids[ids.duplicated()]
        if len(twice):
            raise InputError(f"{what} ids must be unique; twice or more: {name_some(twice.unique())}")
    return sites, demand


def _ascending(ids: pd.Index) -> Ints:
    try:
        return np.asarray(ids.argsort(), dtype=np.int64)
    except TypeError:  # numbers and text mixed
        return np.argsort(ids.astype(str).to_numpy(dtype=str), kind="stable").astype(np.int64)


def _from_times(times: Times, sites: Ints, demand: Ints, limit_s: float) -> tuple[Ints, Any, Floats]:
    if limit_s != np.inf and _most_ms(times.limit_s) < _most_ms(limit_s):
        raise InputError(_searched_less(times.limit_s, limit_s))
    rank = np.empty(len(demand), dtype=np.int32)
    rank[demand] = np.arange(len(demand), dtype=np.int32)
    counts = np.diff(times.start)[sites]
    first = np.concatenate([[0], np.cumsum(counts)])
    pick = np.repeat(times.start[:-1][sites] - first[:-1], counts) + np.arange(first[-1])
    site = np.repeat(np.arange(len(sites)), counts)
    point, ms = rank[times.demand[pick]], times.ms[pick].astype(np.float64)
    if (ms < 0.0).any():
        raise InputError("the table of times has negative times")
    inside = ms <= _most_ms(limit_s)
    site, point, ms = site[inside], point[inside], ms[inside]
    if not np.array_equal(demand, np.arange(len(demand))):
        order = np.lexsort((point, site))
        point, ms = point[order], ms[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=len(sites)))]).astype(np.int64)
    return start, point, ms


def _searched_less(searched_s: float, limit_s: float) -> str:
    return (
        f"the times were searched to {searched_s:g} s only, the limit asked for is {limit_s:g} s: "
        "compute them again with a longer search limit"
    )


def _from_frame(frame: pd.DataFrame, sites: Ints, demand: Ints, limit_s: float) -> tuple[Ints, Any, Floats]:
    try:
        seconds = np.ascontiguousarray(frame.to_numpy(dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError(f"the table of times has cells that are not numbers: {error}") from None
    most_ms = _most_ms(limit_s)
    count, n_bad = _count(seconds, most_ms)
    start = np.concatenate([[0], np.cumsum(count[sites])])
    if n_bad:
        rows = np.flatnonzero(~(seconds >= 0.0).all(axis=1))
        raise InputError(
            f"{n_bad} times are empty or negative (no route must be inf), at demand points "
            f"{name_some(frame.index[rows])}"
        )
    slot = np.argsort(sites)
    point, ms = _fill(seconds, slot, demand, most_ms, start)
    return start, point, ms


def _most_ms(limit_s: float) -> float:
    """Give the limit in milliseconds; without one every time counts, however long a table's times are."""
    return float(np.finfo(np.float64).max) if limit_s == np.inf else float(limit_ms(limit_s))


@kernel
def _count(seconds: Any, most_ms: float) -> Any:
    count = np.zeros(seconds.shape[1], dtype=np.int64)
    n_bad = 0
    for d in range(seconds.shape[0]):
        for f in range(seconds.shape[1]):
            if not seconds[d, f] >= 0.0:
                n_bad += 1
            elif np.rint(seconds[d, f] * 1000.0) <= most_ms:
                count[f] += 1
    return count, n_bad


@kernel
def _fill(seconds: Any, slot: Any, demand: Any, most_ms: float, start: Any) -> Any:
    place = start[:-1].copy()
    point = np.empty(start[-1], dtype=np.int32)
    ms = np.empty(start[-1])
    for d in range(len(demand)):
        for f in range(len(slot)):
            t = np.rint(seconds[demand[d], f] * 1000.0)
            if t <= most_ms:
                at = place[slot[f]]
                point[at], ms[at] = d, t
                place[slot[f]] = at + 1
    return point, ms


def _sites(sites: pd.DataFrame | None, ids: pd.Index) -> tuple[NDArray[np.int8], Floats, Floats]:
    status = np.full(len(ids), FREE, dtype=np.int8)
    cost, capacity = np.ones(len(ids)), np.full(len(ids), np.nan)
    if sites is None:
        return status, cost, capacity
    unknown = sites.index[~sites.index.isin(ids)]
    if len(unknown):
        raise InputError(f"sites that are not in the table of times: {name_some(unknown)}")
    if sites.index.has_duplicates:
        twice = sites.index[sites.index.duplicated()].unique()
        raise InputError(f"sites are listed twice, perhaps with two statuses: {name_some(twice)}")
    missing = ids[~ids.isin(sites.index)]
    if len(missing):
        raise InputError(
            f"the site table lacks {len(missing)} sites of the table of times: {name_some(missing)}"
        )
    if "status" in sites:
        words = sites["status"].reindex(ids)
        wrong = ids[~words.isin(list(SITE_STATUSES))]
        if len(wrong):
            faults = [f"{i}: {words[i]!r}" for i in wrong]
            raise InputError(f"status must be one of {', '.join(SITE_STATUSES)}", faults=faults)
        status = words.map(dict(SITE_STATUSES)).to_numpy(dtype=np.int8)
    if "cost" in sites:
        cost = numbers_by_id(sites["cost"], ids, "cost")
    if "capacity" in sites:
        capacity = numbers_by_id(sites["capacity"], ids, "capacity", is_limit=True)
    return status, cost, capacity
