"""Who answers, and how late, when the engine of a station is already out."""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.statistics import weighted_mean
from geo.times import is_within

__all__ = ["OUTAGES", "answer_outages", "compare_outages", "mark_outages"]

OUTAGES: Final = ("still_in_time", "late_then", "late_already", "nobody_else")
"""A demand point whose first station is out: in time by the second; in time today only; late by both; reached
by no other."""
_N_NAMED: Final = 3


def mark_outages(people: gpd.GeoDataFrame, *, limit_s: float) -> gpd.GeoDataFrame:
    """Say for each demand point what comes of it when its first station's engine is out.

    The second station answers then: with one station gone the first of those left is the second of today.

    Parameters
    ----------
    people : GeoDataFrame
        ``Coverage.table``; rows that nobody reaches today are left out.
    limit_s : float
        Of the standard.

    Returns
    -------
    GeoDataFrame
        ``name`` (where given), ``zone``, ``people``, ``outage`` (of ``OUTAGES``), ``first_id``, ``before_s``,
        ``second_id``, ``after_s`` (``inf`` where nobody else comes), ``geometry``.
    """
    reached = people[np.isfinite(people["first_s"].to_numpy(dtype=float))]
    then = reached["second_s"].to_numpy(dtype=float)
    was_covered = reached["is_covered"].to_numpy(dtype=bool)
    cases = {
        "nobody_else": np.isinf(then),
        "still_in_time": is_within(then, limit_s),
        "late_then": was_covered,
    }
    named = [column for column in ("name", "zone", "people") if column in reached]
    return reached[[*named, "first_id", "second_id", "geometry"]].assign(
        outage=np.select(list(cases.values()), list(cases), default="late_already").astype(object),
        before_s=reached["first_s"],
        after_s=then,
        was_covered=was_covered,
        is_covered=is_within(then, limit_s),
    )


def compare_outages(
    marked: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, *, people: float
) -> gpd.GeoDataFrame:
    """Say for each station what its people lose when its engine is out.

    Parameters
    ----------
    marked : GeoDataFrame
        As :func:`mark_outages` gives it.
    stations : GeoDataFrame
        ``Coverage.stations``.
    people : float
        All people of the district, reached or not.

    Returns
    -------
    GeoDataFrame
        Index ``facility_id``, in the order of ``lose_people``, most first: ``name``, ``people_served`` (whose
        first station it is), ``before_in_time_people`` (of them in time today), ``after_in_time_people``
        (in time by another), ``lose_people``, ``cut_off_people`` (whom nobody else reaches),
        ``share_covered`` (of the district, with this station out), ``both_before_mean_s``,
        ``both_after_mean_s`` (of those whom another reaches; nan for nobody), ``answered_by`` (the stations
        that answer for most of them, with their people), ``geometry``.
    """
    names = stations["name"].where(stations["name"].notna(), stations.index.astype(str))
    covered = math.fsum(marked["people"][marked["was_covered"]])
    parts = dict(list(marked.groupby("first_id", sort=False)))
    rows = []
    for station in stations.index:
        part = parts.get(station, marked.iloc[:0])
        n, then = part["people"].to_numpy(dtype=float), part["after_s"].to_numpy(dtype=float)
        was, now = part["was_covered"].to_numpy(dtype=bool), part["is_covered"].to_numpy(dtype=bool)
        lose = math.fsum(n[was & ~now])
        both = np.isfinite(then)
        by = (
            part[both]
            .groupby("second_id", sort=False)["people"]
            .sum()
            .sort_values(ascending=False, kind="stable")
        )
        rows.append(
            {
                "name": names[station],
                "people_served": math.fsum(n),
                "before_in_time_people": math.fsum(n[was]),
                "after_in_time_people": math.fsum(n[now]),
                "lose_people": lose,
                "cut_off_people": math.fsum(n[~both]),
                "share_covered": (covered - lose) / people if people > 0 else math.nan,
                "both_before_mean_s": weighted_mean(part["before_s"].to_numpy(dtype=float)[both], n[both]),
                "both_after_mean_s": weighted_mean(then[both], n[both]),
                "answered_by": "; ".join(
                    f"{names[i]} {people:,.0f}" for i, people in by.head(_N_NAMED).items()
                ),
            }
        )
    table = gpd.GeoDataFrame(
        rows, index=stations.index, geometry=stations.geometry.to_numpy(), crs=stations.crs
    )
    return table.sort_values(["lose_people", "cut_off_people"], ascending=False, kind="stable")


def answer_outages(marked: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """List who answers for whom when a station's engine is out.

    Parameters
    ----------
    marked, stations
        As for :func:`compare_outages`.

    Returns
    -------
    DataFrame
        One row a pair, most people first within a station: ``station``, ``answering`` (names; missing where
        nobody else comes), ``people``, ``in_time_people``, ``mean_s`` (nan where nobody comes).
    """
    names = stations["name"].where(stations["name"].notna(), stations.index.astype(str))
    rows = []
    for station in stations.index:
        part = marked[(marked["first_id"] == station).to_numpy()]
        pairs = [(second, group) for second, group in part.groupby("second_id", sort=False, dropna=False)]
        for second, group in sorted(pairs, key=lambda pair: -math.fsum(pair[1]["people"])):
            n = group["people"].to_numpy(dtype=float)
            rows.append(
                {
                    "station": names[station],
                    "answering": None if pd.isna(second) else names[second],
                    "people": math.fsum(n),
                    "in_time_people": math.fsum(n[group["is_covered"].to_numpy(dtype=bool)]),
                    "mean_s": weighted_mean(group["after_s"].to_numpy(dtype=float), n),
                }
            )
    columns = ["station", "answering", "people", "in_time_people", "mean_s"]
    return pd.DataFrame(rows, columns=columns)
