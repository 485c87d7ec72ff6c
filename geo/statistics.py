"""Figures about people and their response times: shares, weighted percentiles, bands, zones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.words import read_data

__all__ = [
    "MOST_BUSY",
    "OUTSIDE",
    "PEOPLE_PER_STATION",
    "Summary",
    "summarise",
    "summarise_bands",
    "summarise_stations",
    "summarise_zones",
    "weighted_mean",
    "weighted_percentile",
]

Floats: TypeAlias = NDArray[np.float64]

MOST_BUSY: Final = 0.99
"""Busier than that no fleet goes on working, and hundreds of sites in time would still count."""
OUTSIDE: Final = "outside all zones"
"""Label of the row of people who live in no zone."""
PEOPLE_PER_STATION: Final = next(
    float(rule["number"])
    for rule in read_data("standards/stations")["rule"]
    if rule["id"] == "people-per-station"
)
"""Most people that one station should serve: rule and source are in ``layers/standards/stations.toml``."""

_NOBODY: Final[NDArray[np.intp]] = np.empty(0, dtype=np.intp)


class Summary(TypedDict):
    """The figures of a group of demand points; a share or time of nobody is nan.

    Times are response seconds on the standard's clock except ``mean_travel_s`` (access and driving).
    The two means are over the people who are reached, with ``people_unreachable`` counted beside
    them. Median, 90th percentile and worst are over all people: ``inf`` where they fall among people
    who are not reached. ``worst_reached_s`` is the worst of those who are.
    """

    n_points: int
    people: float
    people_covered: float
    share_covered: float
    people_two: float
    share_two: float
    people_unreachable: float
    n_unreachable: int
    mean_s: float
    mean_travel_s: float
    median_s: float
    p90_s: float
    worst_s: float
    worst_reached_s: float


def weighted_percentile(values: ArrayLike, weights: ArrayLike, share: float) -> float:
    """Give the smallest observed value that at least this share of the weight does not exceed.

    Nothing is interpolated: the answer is the time of a real demand point. Values of no weight do
    not count; ``inf`` sorts last and is an answer like any other.

    Parameters
    ----------
    values, weights : array of float
        Times (s, may be ``inf``) and people (>= 0).
    share : float
        0 to 1: 0.5 is the median, 1 the worst.

    Returns
    -------
    float
        nan where there is no weight at all.

    Examples
    --------
    Half of eight people have 100 s or less, so the median is 100 s and not 200 s:

    >>> weighted_percentile([100.0, 300.0, np.inf], [4, 3, 1], 0.5)
    100.0
    >>> weighted_percentile([100.0, 300.0, np.inf], [4, 3, 1], 1.0)
    inf
    """
    return _percentiles(np.asarray(values, dtype=float), np.asarray(weights, dtype=float), (share,))[0]


def _percentiles(value: Floats, weight: Floats, shares: Sequence[float]) -> list[float]:
    """Give several weighted percentiles of the same values, which are sorted once."""
    value, weight = value[weight > 0], weight[weight > 0]
    if not len(value):
        return [float("nan")] * len(shares)
    order = np.argsort(value, kind="stable")
    value, total = value[order], np.cumsum(weight[order])
    # A share of a sum of floats may miss the sum by a rounding; a billionth of it is nobody.
    position = np.searchsorted(total, [share * total[-1] * (1 - 1e-12) for share in shares])
    return [float(one) for one in value[np.minimum(position, len(order) - 1)]]


def _sum(values: Floats) -> float:
    """Add up with one rounding, so that neither the order of rows nor a split into parts changes a sum."""
    return math.fsum(values.tolist())


def weighted_mean(values: ArrayLike, weights: ArrayLike) -> float:
    """Give the mean over the weight that has a finite value; nan where there is none.

    Examples
    --------
    >>> weighted_mean([100.0, 300.0, np.inf], [3, 1, 5])
    150.0
    """
    value, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    counts = np.isfinite(value) & (weight > 0)
    if not counts.any():
        return float("nan")
    return _sum(value[counts] * weight[counts]) / _sum(weight[counts])


def summarise(table: pd.DataFrame) -> Summary:
    """Give the figures of a coverage table, or of some of its rows.

    Parameters
    ----------
    table : DataFrame
        ``people``, ``first_s``, ``first_travel_s``, ``n_in_time``, ``is_covered``, ``is_reachable``.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "people": [60.0, 30.0, 10.0],
    ...         "first_s": [200.0, 400.0, np.inf],
    ...         "first_travel_s": [140.0, 340.0, np.inf],
    ...         "n_in_time": [2, 0, 0],
    ...         "is_covered": [True, False, False],
    ...         "is_reachable": [True, True, False],
    ...     }
    ... )
    >>> figures = summarise(table)
    >>> figures["share_covered"], figures["people_unreachable"], figures["p90_s"], figures["worst_s"]
    (0.6, 10.0, 400.0, inf)
    """
    people = table["people"].to_numpy(dtype=float)
    first = table["first_s"].to_numpy(dtype=float)
    covered = table["is_covered"].to_numpy(dtype=bool)
    reachable = table["is_reachable"].to_numpy(dtype=bool)
    total = _sum(people)
    people_covered = _sum(people[covered])
    people_two = _sum(people[table["n_in_time"].to_numpy() >= 2])
    median, p90, worst = _percentiles(first, people, (0.5, 0.9, 1.0))
    return Summary(
        n_points=len(table),
        people=total,
        people_covered=people_covered,
        share_covered=_share(people_covered, total),
        people_two=people_two,
        share_two=_share(people_two, total),
        people_unreachable=_sum(people[~reachable]),
        n_unreachable=int((~reachable).sum()),
        mean_s=weighted_mean(first, people),
        mean_travel_s=weighted_mean(table["first_travel_s"], people),
        median_s=median,
        p90_s=p90,
        worst_s=worst,
        worst_reached_s=weighted_percentile(first[reachable], people[reachable], 1.0),
    )


def summarise_bands(table: pd.DataFrame, *, bands_s: Sequence[float]) -> pd.DataFrame:
    """Count people by band of response time.

    Parameters
    ----------
    table : DataFrame
        ``people``, ``band``.
    bands_s : sequence of float
        Upper limits of the bands, seconds, ascending.

    Returns
    -------
    DataFrame
        Index ``band``: 0, 1, ... for the bands, ``len(bands_s)`` for slower than all of them and -1 for
        people who are not reached. Columns ``over_s`` (s, not included), ``up_to_s`` (s, included;
        ``inf`` for the slowest, nan for those not reached), ``people``, ``share``, ``n_points``.
    """
    edges = [0.0, *bands_s, float("inf")]
    bands = [*range(len(bands_s) + 1), -1]
    position = table["band"].to_numpy()
    people = table["people"].to_numpy(dtype=float)
    counts = [_sum(people[position == band]) for band in bands]
    total = _sum(people)
    return pd.DataFrame(
        {
            "over_s": [*edges[:-1], float("nan")],
            "up_to_s": [*edges[1:], float("nan")],
            "people": counts,
            "share": [_share(count, total) for count in counts],
            "n_points": [int((position == band).sum()) for band in bands],
        },
        index=pd.Index(bands, name="band"),
    )


def summarise_stations(table: pd.DataFrame, stations: pd.Index) -> pd.DataFrame:
    """Give the load of each station: the people whose first station it is.

    Parameters
    ----------
    table : DataFrame
        ``people``, ``first_id``, ``first_s``.
    stations : Index
        Ids of the stations.

    Returns
    -------
    DataFrame
        Index ``stations``; ``people_served``, ``mean_s``, ``worst_s`` (response of those people, s; nan where
        it serves nobody), ``share_of_limit`` (people served / ``PEOPLE_PER_STATION``), ``is_over_limit``.
    """
    people, first = table["people"].to_numpy(dtype=float), table["first_s"].to_numpy(dtype=float)
    positions = _positions(stations.get_indexer(pd.Index(table["first_id"])))
    members = [positions.get(i, _NOBODY) for i in range(len(stations))]
    served = np.array([_sum(people[rows]) for rows in members])
    return pd.DataFrame(
        {
            "people_served": served,
            "mean_s": [weighted_mean(first[rows], people[rows]) for rows in members],
            "worst_s": [weighted_percentile(first[rows], people[rows], 1.0) for rows in members],
            "share_of_limit": served / PEOPLE_PER_STATION,
            "is_over_limit": served > PEOPLE_PER_STATION,
        },
        index=stations,
    )


def summarise_zones(table: pd.DataFrame, zones: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the figures of each zone; every demand point counts in exactly one row.

    Parameters
    ----------
    table : DataFrame
        As for :func:`summarise`, with ``zone`` (name, or missing).
    zones : DataFrame, optional
        Zones; their ``name`` gives the order, and a zone where nobody lives gets a row too.

    Returns
    -------
    DataFrame
        Index ``zone``: the names in ``zones``, then names that only the demand knows (sorted), then
        ``OUTSIDE`` where some points have no zone. Columns of :class:`Summary`.
    """
    label = table["zone"].astype(object).where(table["zone"].notna(), OUTSIDE).to_numpy()
    known = [] if zones is None else list(dict.fromkeys(zones["name"]))
    extra = sorted({str(name) for name in label} - set(known) - {OUTSIDE})
    names = [*known, *extra, *([OUTSIDE] if OUTSIDE in set(label) else [])]
    positions = _positions(label)
    rows = [summarise(table.iloc[positions.get(name, _NOBODY)]) for name in names]
    return pd.DataFrame(
        rows, index=pd.Index(names, name="zone", dtype=object), columns=list(Summary.__annotations__)
    )


def _positions(label: NDArray[Any]) -> dict[Any, NDArray[np.intp]]:
    """Give the positions of the rows of each label."""
    rows_of: dict[Any, NDArray[np.intp]] = pd.Series(label).groupby(label, sort=False).indices
    return rows_of


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
