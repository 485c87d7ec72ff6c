"""What differs between two states of a district, by people: who gains, who loses, by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.errors import InputError
from geo.messages import Message
from geo.scenarios.headline import say_change
from geo.statistics import OUTSIDE, PEOPLE_PER_STATION, Summary, weighted_mean

__all__ = [
    "CHANGES",
    "LOAD_CHANGES",
    "SITE_CHANGES",
    "TARGET_CHANGES",
    "Difference",
    "compare_facilities",
    "compare_people",
    "compare_stations",
    "compare_targets",
    "compare_zones",
]

CHANGES: Final = ("gains", "reachable", "faster", "same", "slower", "loses", "unreachable")
"""Change of a demand point: in time now; reached now, though late; reached sooner; the same; reached later;
in time no more, but reached; reached no more."""
LOAD_CHANGES: Final = ("new", "loaded", "same", "relieved", "closed")
SITE_CHANGES: Final = ("added", "built", "moved", "turnout", "upgraded", "closed")
"""``turnout``: nothing but the seconds of turnout is another."""
TARGET_CHANGES: Final = ("now met", "nearer", "same", "farther", "now missed", "other")
"""``other``: no number to reach, no data or not computed, before or afterwards."""


@dataclass(frozen=True, eq=False)
class Difference:
    """One scenario held against today.

    Parameters
    ----------
    name : str
        Of the scenario.
    people : GeoDataFrame
        As :func:`compare_people` gives it.
    stations : GeoDataFrame
        As :func:`compare_stations` gives it.
    zones : DataFrame
        As :func:`compare_zones` gives it.
    targets : DataFrame or None
        As :func:`compare_targets` gives it; None without a plan.
    roads : GeoDataFrame
        Edges that were closed or slowed: ``name``, ``highway``, ``change`` (``closed`` or ``slower``),
        ``length_m``.
    sites : GeoDataFrame
        As :func:`compare_facilities` gives it.
    own_roads : GeoDataFrame or None
        Of ``roads`` those that change besides a speed that the scenario sets for all; None where it
        sets none.
    before, after : Summary
        Headline figures of both states.
    figures : mapping of str to float
        As :func:`geo.scenarios.total_figures` gives it.
    notes : tuple of Message
        What holds for all stations or roads in the scenario, such as another turnout.
    coverage : Coverage or None
        Of the scenario, from which its ways are traced; None where they are not wanted.
    resources : DataFrame or None
        Figures of shelters, depots and hydrants, by ``figure``: ``name_zh``, ``name_en``, ``before``,
        ``after``, ``difference``; None where the scenario changes none of them.
    """

    name: str
    people: gpd.GeoDataFrame = field(repr=False)
    stations: gpd.GeoDataFrame = field(repr=False)
    zones: pd.DataFrame = field(repr=False)
    targets: pd.DataFrame | None = field(repr=False)
    roads: gpd.GeoDataFrame = field(repr=False)
    sites: gpd.GeoDataFrame = field(repr=False)
    before: Summary
    after: Summary
    figures: Mapping[str, float]
    notes: tuple[Message, ...] = ()
    own_roads: gpd.GeoDataFrame | None = field(default=None, repr=False)
    coverage: Coverage | None = field(default=None, repr=False)
    resources: pd.DataFrame | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Say what changes, in the language of the coverage; in English where there is none."""
        return say_change(self, lang="en" if self.coverage is None else self.coverage.lang)

    @property
    def told_roads(self) -> gpd.GeoDataFrame:
        """The roads to list and draw: what holds for all of them is said in words."""
        return self.roads if self.own_roads is None else self.own_roads


def compare_people(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say for each demand point what changes.

    Parameters
    ----------
    before, after : GeoDataFrame
        Coverage tables (or previews) of the same demand: ``people``, ``zone``, ``first_id``, ``first_s``,
        ``second_s``, ``is_covered``, ``is_reachable``; ``name`` where there are names.

    Returns
    -------
    GeoDataFrame
        The same rows and index: ``name`` (where given), ``zone``, ``people``, ``change`` (of ``CHANGES``),
        ``before_s``, ``after_s`` (response of the first station), ``change_s`` (after - before; nan where
        one of them is ``inf``: becoming reachable is no number of seconds), ``before_id``, ``after_id``,
        ``before_second_s``, ``after_second_s``, ``was_covered``, ``is_covered``, ``was_reachable``,
        ``is_reachable``, ``reason`` (why not reached then, missing where it is; where given), ``geometry``.

    Raises
    ------
    InputError
        The tables are not of the same demand points and people.
    """
    if not before.index.equals(after.index) or not (before["people"] == after["people"]).all():
        raise InputError("the two states have other demand points or people; compare states of one demand")
    was, now = before["first_s"].to_numpy(dtype=float), after["first_s"].to_numpy(dtype=float)
    both = np.isfinite(was) & np.isfinite(now)
    change_s = np.full(len(was), np.nan)
    change_s[both] = np.round(now[both] - was[both], 3)
    was_covered = before["is_covered"].to_numpy(dtype=bool)
    is_covered = after["is_covered"].to_numpy(dtype=bool)
    names = {"name": before["name"]} if "name" in before else {}
    reasons = {"reason": after["reason"].mask(after["reason"] == "")} if "reason" in after else {}
    return gpd.GeoDataFrame(
        {
            **names,
            "zone": before["zone"],
            "people": before["people"],
            "change": _change(was, now, change_s, was_covered, is_covered),
            "before_s": was,
            "after_s": now,
            "change_s": change_s,
            "before_id": before["first_id"],
            "after_id": after["first_id"],
            "before_second_s": before["second_s"],
            "after_second_s": after["second_s"],
            "was_covered": was_covered,
            "is_covered": is_covered,
            "was_reachable": np.isfinite(was),
            "is_reachable": np.isfinite(now),
            **reasons,
        },
        index=before.index,
        geometry=before.geometry,
        crs=before.crs,
    )


def _change(
    was: NDArray[np.float64],
    now: NDArray[np.float64],
    change_s: NDArray[np.float64],
    was_covered: NDArray[np.bool_],
    is_covered: NDArray[np.bool_],
) -> NDArray[np.object_]:
    cases = {
        "unreachable": np.isfinite(was) & np.isinf(now),
        "gains": is_covered & ~was_covered,
        "loses": was_covered & ~is_covered,
        "reachable": np.isinf(was) & np.isfinite(now),
        "faster": change_s < 0,
        "slower": change_s > 0,
    }
    word: NDArray[np.object_] = np.select(list(cases.values()), list(cases), default="same").astype(object)
    return word


def compare_stations(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say which station is relieved or loaded.

    Parameters
    ----------
    before, after : GeoDataFrame
        ``Coverage.stations`` of both states: ``name``, ``status``, ``station_class``, ``people_served``,
        ``mean_s``, ``worst_s``.

    Returns
    -------
    GeoDataFrame
        Index ``facility_id``: the stations of today, then the new ones; ``name``, ``status`` and
        ``station_class`` (afterwards), ``change`` (of ``LOAD_CHANGES``), ``before_people``, ``after_people``,
        ``change_people`` (whose first station it is), ``share_before``, ``share_after`` (of
        ``PEOPLE_PER_STATION``), ``was_over``, ``is_over``, ``before_mean_s``, ``after_mean_s``,
        ``before_worst_s``, ``after_worst_s`` (nan where it serves nobody), ``geometry`` (its place
        afterwards).
    """
    ids = before.index.append(after.index.difference(before.index, sort=False))
    old, new = before.reindex(ids), after.reindex(ids)
    was = old["people_served"].fillna(0.0).to_numpy(dtype=float)
    now = new["people_served"].fillna(0.0).to_numpy(dtype=float)
    cases = {
        "new": ~ids.isin(before.index),
        "closed": ~ids.isin(after.index),
        "loaded": now > was,
        "relieved": now < was,
    }
    is_there = pd.Series(ids.isin(after.index), index=ids)
    latest = {column: new[column].where(is_there, old[column]) for column in ("name", "station_class")}
    return gpd.GeoDataFrame(
        {
            "name": latest["name"],
            "status": new["status"].where(is_there, "closed"),
            "station_class": latest["station_class"],
            "change": np.select(list(cases.values()), list(cases), default="same").astype(object),
            "before_people": was,
            "after_people": now,
            "change_people": now - was,
            "share_before": was / PEOPLE_PER_STATION,
            "share_after": now / PEOPLE_PER_STATION,
            "was_over": was > PEOPLE_PER_STATION,
            "is_over": now > PEOPLE_PER_STATION,
            "before_mean_s": old["mean_s"],
            "after_mean_s": new["mean_s"],
            "before_worst_s": old["worst_s"],
            "after_worst_s": new["worst_s"],
        },
        index=ids,
        geometry=new.geometry.where(is_there, old.geometry),
        crs=before.crs,
    )


def compare_facilities(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """List the facilities of any kind that are other ones afterwards.

    Parameters
    ----------
    before, after : GeoDataFrame
        Facilities tables; rows are added, never taken out.

    Returns
    -------
    GeoDataFrame
        Index ``facility_id``; ``name``, ``kind``, ``change`` (of ``SITE_CHANGES``), ``geometry``
        (afterwards).
    """
    old = before.reindex(after.index)
    others = [name for name in before.columns if name not in ("status", "source", "geometry")]
    differs = old[others].ne(after[others]) & ~(old[others].isna() & after[others].isna())
    cases = {
        "added": ~after.index.isin(before.index),
        "closed": (old["status"] != after["status"]) & (after["status"] == "closed"),
        "built": old["status"] != after["status"],
        "moved": ~old.geometry.geom_equals(after.geometry),
        "upgraded": differs.drop(columns="turnout_s", errors="ignore").any(axis=1),
        "turnout": differs.any(axis=1),
    }
    change = np.select(list(cases.values()), list(cases), default="same").astype(object)
    return after[["name", "kind", "geometry"]].assign(change=change)[change != "same"]


def compare_zones(people: pd.DataFrame, zones: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the change of each zone.

    Parameters
    ----------
    people : DataFrame
        As :func:`compare_people` gives it.
    zones : DataFrame, optional
        Zones; their ``name`` gives the order.

    Returns
    -------
    DataFrame
        Index ``zone`` (people outside all zones last); ``people``, ``before_in_time_people``,
        ``after_in_time_people``, ``change_in_time_people``, ``share_before``, ``share_after`` (in time),
        ``gain_people``, ``lose_people``,
        ``same_before_mean_s``, ``same_after_mean_s`` (of the people reached before and afterwards: means of
        all who are reached would fall where the farthest are cut off), ``before_unreachable_people``,
        ``after_unreachable_people``.
    """
    label = people["zone"].astype(object).where(people["zone"].notna(), OUTSIDE)
    known = [] if zones is None else list(dict.fromkeys(zones["name"]))
    extra = sorted(set(map(str, label)) - set(known) - {OUTSIDE})
    names = [*known, *extra, *([OUTSIDE] if (label == OUTSIDE).any() else [])]
    rows = [_zone(people[(label == name).to_numpy()]) for name in names]
    return pd.DataFrame(rows, index=pd.Index(names, name="zone", dtype=object))


def _zone(part: pd.DataFrame) -> dict[str, float]:
    n = part["people"].to_numpy(dtype=float)
    was, now = part["was_covered"].to_numpy(dtype=bool), part["is_covered"].to_numpy(dtype=bool)
    had, has = part["was_reachable"].to_numpy(dtype=bool), part["is_reachable"].to_numpy(dtype=bool)
    both = had & has
    total, before, after = math.fsum(n), math.fsum(n[was]), math.fsum(n[now])
    return {
        "people": total,
        "before_in_time_people": before,
        "after_in_time_people": after,
        "change_in_time_people": after - before,
        "share_before": before / total if total > 0 else math.nan,
        "share_after": after / total if total > 0 else math.nan,
        "gain_people": math.fsum(n[now & ~was]),
        "lose_people": math.fsum(n[was & ~now]),
        "same_before_mean_s": weighted_mean(part["before_s"].to_numpy(dtype=float)[both], n[both]),
        "same_after_mean_s": weighted_mean(part["after_s"].to_numpy(dtype=float)[both], n[both]),
        "before_unreachable_people": math.fsum(n[~had]),
        "after_unreachable_people": math.fsum(n[~has]),
    }


def compare_targets(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Say which targets flip.

    Parameters
    ----------
    before, after : DataFrame
        ``Targets`` of one plan.

    Returns
    -------
    DataFrame
        Index ``target_id``; ``name_zh``, ``name_en``, ``comparator``, ``target``, ``unit``, ``before``,
        ``after``, ``status_before``, ``status_after``, ``change`` (of ``TARGET_CHANGES``).
    """
    was, now = before["status"], after["status"]
    towards = np.where(before["comparator"].isin([">=", ">"]), 1.0, -1.0)
    step = towards * (after["value"] - before["value"]).round(9)
    cases = {
        "now met": (was != "met") & (now == "met"),
        "now missed": (was == "met") & (now == "missed"),
        "other": ~(was.isin(["met", "missed"]) & now.isin(["met", "missed"])),
        "nearer": step > 0,
        "farther": step < 0,
    }
    columns = before[["name_zh", "name_en", "comparator", "target", "unit"]]
    return columns.assign(
        before=before["value"],
        after=after["value"],
        status_before=was,
        status_after=now,
        change=np.select(list(cases.values()), list(cases), default="same").astype(object),
    )
