"""Who finds a place in a shelter within reach when every shelter holds only so many."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.demand import share_out
from geo.errors import InputError, StudyError
from geo.messages import Message
from geo.optimize import Sent, send
from geo.times import Times, is_within

__all__ = ["REASONS", "Sheltering", "shelter_people", "whole_people"]

REASONS: Final = (
    "unreachable",
    "no shelter in reach",
    "places not known",
    "shelters in reach are full",
)
"""Why people are left over; '' for points where nobody is."""


@dataclass(frozen=True, eq=False)
class Sheltering:
    """Who goes to which shelter: the most people with a place, then the least walking.

    Parameters
    ----------
    people : DataFrame
        One row per demand point, in the caller's order: ``people`` (whole persons), ``sheltered``,
        ``left_over``, ``n_in_reach`` (shelters within their limit), ``shelter_id`` (where most of them go,
        None), ``walk_s`` (mean of those with a place, s; nan), ``nearest_id``, ``nearest_s`` (the first
        shelter of all, near or far; None and ``inf``), ``zone``, ``reason`` (one of ``REASONS``, or '').
    shelters : DataFrame
        One row per shelter, in the caller's order: ``places`` (nan where not known), ``used``, ``unused``
        (nan where places or limit are not known), ``people_in_reach``, ``limit_s`` (s; nan where not known),
        ``zone``.
    towns : DataFrame
        Index ``zone`` (the empty name where there is none): ``people``, ``sheltered``, ``left_over`` of its
        people wherever they go; ``places``, ``unused`` of its shelters whoever comes, as far as people can be
        sent there.
    pairs : DataFrame
        Who goes where: ``demand_id``, ``facility_id``, ``people``, ``walk_s``.
    value, bound : int
        People with a place, and the most that is possible at all.
    walk_s, walk_bound_s : float
        Person-seconds of walking, and the least that is possible for so many people.
    """

    people: pd.DataFrame = field(repr=False)
    shelters: pd.DataFrame = field(repr=False)
    towns: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    value: int
    bound: int
    walk_s: float
    walk_bound_s: float

    @property
    def gap(self) -> float:
        """How much better another answer could be at most, as a share of the people; 0 when exact."""
        return (self.bound - self.value) / self.bound if self.bound else 0.0

    @property
    def is_proven(self) -> bool:
        """Whether no answer shelters more people, and none as many with less walking."""
        return self.value == self.bound and self.walk_s == self.walk_bound_s


def shelter_people(
    times: Times,
    people: pd.Series,
    places: pd.Series,
    *,
    limit_s: pd.Series | float,
    near: pd.DataFrame | None = None,
    zone: pd.Series | None = None,
    shelter_zone: pd.Series | None = None,
) -> Sheltering:
    """Send people on foot to shelters within reach so that most find a place, exactly.

    ``max sum x_ij``, then ``min sum t_ij x_ij``, with ``sum_j x_ij <= people_i``, ``sum_i x_ij <= places_j``
    over the pairs with ``t_ij <= limit_j``: see :func:`geo.optimize.send`. ``x`` are whole persons, and
    those of one demand point may go to several shelters. Of answers that are equally good the ids decide,
    never the order of rows.

    Parameters
    ----------
    times : Times
        Walking times to the shelters, searched at least as far as every limit.
    people : Series
        People by demand id, in the order of ``times.demand_id``; made whole by :func:`whole_people`.
    places : Series
        Places by shelter id, in the order of ``times.facility_id``; nan where not known (nobody is sent
        there); parts of a place are cut off.
    limit_s : Series or float
        Longest walk to each shelter, seconds (inclusive); nan where not known (nobody is sent there).
    near : DataFrame, optional
        The nearest shelter of each point however far: ``first_id``, ``first_s``. By default that in the
        times.
    zone, shelter_zone : Series, optional
        Town of each demand point and of each shelter.

    Returns
    -------
    Sheltering

    Raises
    ------
    InputError
        Tables are not in the order of the times, an id is used twice, or people or places are negative.
    StudyError
        The times were searched less far than a limit.

    Examples
    --------
    Three homes of 10 and two shelters; home c is out of reach of both:

    >>> times = Times(
    ...     facility_id=pd.Index(["park", "school"]), demand_id=pd.Index(["a", "b", "c"]),
    ...     start=np.array([0, 2, 4]), demand=np.array([0, 1, 0, 1], np.int32),
    ...     ms=np.array([60_000, 90_000, 300_000, 500_000], np.int32), limit_s=900.0,
    ... )
    >>> answer = shelter_people(
    ...     times, pd.Series(10.0, index=list("abc")), pd.Series([12.0, 5.0], index=["park", "school"]),
    ...     limit_s=900.0,
    ... )
    >>> answer.value, answer.walk_s, answer.is_proven
    (17, 2430.0, True)
    >>> answer.people[["sheltered", "left_over", "reason"]].values.tolist()
    [[10, 0, ''], [7, 3, 'shelters in reach are full'], [0, 10, 'unreachable']]
    """
    limits = pd.Series(limit_s, index=times.facility_id, dtype=float)
    _check(times, people, places, limits)
    zones = _names(zone, times.demand_id)
    heads = whole_people(people, zone=zones)
    facility = np.repeat(np.arange(len(times.facility_id)), np.diff(times.start))
    in_reach = is_within(times.ms / 1000.0, limits.to_numpy()[facility])
    facility, demand = facility[in_reach], times.demand[in_reach].astype(np.int64)
    ms = times.ms[in_reach].astype(np.int64)
    room = np.floor(places.to_numpy(dtype=float))
    usable = ~np.isnan(room[facility])
    by_point, by_shelter = _rank(times.demand_id), _rank(times.facility_id)
    sent = send(
        heads[np.argsort(by_point)],
        np.nan_to_num(room[np.argsort(by_shelter)]).astype(np.int64),
        by_point[demand[usable]],
        by_shelter[facility[usable]],
        ms[usable],
    )
    pairs = _pairs(times, demand[usable], facility[usable], ms[usable], sent)
    points = _points(times, heads, pairs, demand, demand[usable], near=near, zones=zones)
    shelters = pd.DataFrame(
        {
            "places": np.floor(places.to_numpy(dtype=float)),
            "used": _sums(pairs["people"], pairs["facility_id"], times.facility_id),
            "people_in_reach": np.bincount(facility, heads[demand], len(times.facility_id)).astype(np.int64),
            "limit_s": limits.to_numpy(),
            "zone": _names(shelter_zone, times.facility_id),
        },
        index=times.facility_id,
    )
    left = shelters["places"] - shelters["used"]
    shelters.insert(2, "unused", left.where(shelters["limit_s"].notna()))
    return Sheltering(
        people=points,
        shelters=shelters,
        towns=_towns(points, shelters),
        pairs=pairs,
        value=sent.total,
        bound=sent.most,
        walk_s=sent.cost / 1000.0,
        walk_bound_s=sent.bound / 1000.0,
    )


def whole_people(people: pd.Series, *, zone: pd.Series | None = None) -> NDArray[np.int64]:
    """Make people whole persons: by town, then within the town, by the largest remainder.

    The sum is that of all people to the nearest person, and so is that of each town to within one.

    Examples
    --------
    >>> whole_people(pd.Series([1.5, 1.5, 2.0], index=["a", "b", "c"])).tolist()
    [2, 1, 2]
    """
    exact = people.to_numpy(dtype=float)
    towns, town = np.unique(_names(zone, people.index).to_numpy(dtype=str), return_inverse=True)
    sums = np.asarray(np.bincount(town, weights=exact, minlength=len(towns)), dtype=np.float64)
    by_town = share_out(round(math.fsum(exact)), sums, whole=True) if len(sums) else sums
    rank = _rank(people.index)
    return share_out(by_town, exact, group=town.astype(np.int64), whole=True, ties=[rank]).astype(np.int64)


def _check(times: Times, people: pd.Series, places: pd.Series, limits: pd.Series) -> None:
    for what, given, wanted in (
        ("people", people.index, times.demand_id),
        ("places", places.index, times.facility_id),
    ):
        if not given.equals(wanted):
            raise InputError(f"the {what} must have the ids of the times in their order")
        if not wanted.is_unique:
            raise InputError(f"an id of the {what} is used more than once")
    bad = people[~(people.to_numpy(dtype=float) >= 0) | np.isinf(people.to_numpy(dtype=float))]
    bad = pd.concat([bad, places[(places < 0) | np.isinf(places.to_numpy(dtype=float))]])
    if len(bad):
        faults = [f"{name!r}: {value!r}" for name, value in bad.items()]
        raise InputError(Message("shelters.no_numbers"), faults=faults)
    longest = float(limits.max()) if limits.notna().any() else 0.0
    if times.limit_s < longest:
        raise StudyError(f"times were searched to {times.limit_s:g} s, but a limit is {longest:g} s")


def _rank(ids: pd.Index) -> NDArray[np.int64]:
    """Number ids by their text, so that equals are decided by ids."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids.astype(str).to_numpy(dtype=str), kind="stable")] = np.arange(len(ids))
    return rank


def _names(zone: pd.Series | None, index: pd.Index) -> pd.Series:
    """Give the town of each row, '' where there is none."""
    if zone is None:
        return pd.Series("", index=index, dtype=object)
    return zone.astype(object).where(zone.notna(), "").set_axis(index)


def _sums(people: pd.Series, group: pd.Series, index: pd.Index) -> NDArray[np.int64]:
    sums = people.groupby(group.to_numpy()).sum().reindex(index, fill_value=0)
    return np.asarray(sums, dtype=np.int64)


def _pairs(
    times: Times, demand: NDArray[np.int64], facility: NDArray[np.int64], ms: NDArray[np.int64], sent: Sent
) -> pd.DataFrame:
    used = np.flatnonzero(sent.n)
    used = used[np.lexsort((facility[used], demand[used]))]
    return pd.DataFrame(
        {
            "demand_id": times.demand_id.take(demand[used]),
            "facility_id": times.facility_id.take(facility[used]),
            "people": sent.n[used],
            "walk_s": ms[used] / 1000.0,
        }
    )


def _points(
    times: Times,
    heads: NDArray[np.int64],
    pairs: pd.DataFrame,
    demand: NDArray[np.int64],
    usable: NDArray[np.int64],
    *,
    near: pd.DataFrame | None,
    zones: pd.Series,
) -> pd.DataFrame:
    """Tell each point; ``demand`` are the points of the pairs in reach, ``usable`` of those with places."""
    index, size = times.demand_id, len(times.demand_id)
    first = _first(times) if near is None else near.reindex(index)
    walked = (pairs["walk_s"] * pairs["people"]).groupby(pairs["demand_id"].to_numpy()).sum()
    most = pairs.sort_values(["people", "walk_s"], ascending=[False, True], kind="stable")
    most = most.drop_duplicates("demand_id").set_index("demand_id")["facility_id"].reindex(index)
    sheltered = _sums(pairs["people"], pairs["demand_id"], index)
    nearest_s = first["first_s"].fillna(np.inf).to_numpy(dtype=float)
    n_in_reach = np.bincount(demand, minlength=size)
    has_places = np.bincount(usable, minlength=size) > 0
    reason = np.select(
        [sheltered == heads, ~np.isfinite(nearest_s), n_in_reach == 0, ~has_places],
        ["", *REASONS[:3]],
        REASONS[3],
    )
    with np.errstate(invalid="ignore"):
        walk_s = walked.reindex(index, fill_value=0.0).to_numpy() / np.where(sheltered > 0, sheltered, np.nan)
    return pd.DataFrame(
        {
            "people": heads,
            "sheltered": sheltered,
            "left_over": heads - sheltered,
            "n_in_reach": n_in_reach,
            "shelter_id": most.astype(object).where(most.notna(), None),
            "walk_s": np.round(walk_s, 3),
            "nearest_id": first["first_id"].astype(object).where(first["first_id"].notna(), None),
            "nearest_s": nearest_s,
            "zone": zones,
            "reason": reason.astype(object),
        },
        index=index,
    )


def _first(times: Times) -> pd.DataFrame:
    """Give the nearest shelter of each point among the times."""
    table = times.to_frame().sort_values(["travel_s", "facility_id"], kind="stable")
    table = table.drop_duplicates("demand_id").set_index("demand_id").reindex(times.demand_id)
    return table.rename(columns={"facility_id": "first_id", "travel_s": "first_s"})


def _towns(points: pd.DataFrame, shelters: pd.DataFrame) -> pd.DataFrame:
    own = points.groupby("zone")[["people", "sheltered", "left_over"]].sum()
    rooms = shelters[shelters["unused"].notna()].groupby("zone")[["places", "unused"]].sum()
    table = own.join(rooms, how="outer").fillna(0.0)
    return table.astype(np.int64).rename_axis("zone")
