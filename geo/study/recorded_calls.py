"""Recorded calls as a simulation takes them: one by one, and as calls a year of each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.availability import HOURS_A_YEAR
from geo.calls import CallRecords
from geo.errors import StudyError
from geo.messages import Message
from geo.statistics import OUTSIDE

__all__ = ["MIN_CALLS", "RecordedCalls", "recorded_calls"]

_TIMES: Final = ("called_at", "dispatched_at", "left_at")
"""When a call came: the first of these that is known."""
_SERVICES: Final = 30
"""Fewer recorded times of service tell no mean (assumed)."""
_HOURS_TOLD: Final = 240
"""Fewer calls tell nothing of the hours of the day: ten an hour (assumed)."""
MIN_CALLS: Final = 5
"""Fewer calls of a place are not told (assumed)."""
_GAP: Final = 10.0
"""Calls a month from which on a month without any is told as a gap."""


@dataclass(frozen=True, eq=False)
class RecordedCalls:
    """Recorded calls of which the moment and the place are known.

    Parameters
    ----------
    calls : GeoDataFrame
        One row a call, in the order of time: ``time_s`` (seconds from the midnight before the first),
        ``service_s`` (mean of its engines; that of all calls where it is not known), ``engines`` (that were
        sent; 1 where nobody went), ``call_type`` (as the first row that has one says), ``recorded_s``
        (response of the first that came, on the clock of the study; nan), ``demand_id`` (the nearest place
        where people live), its point.
    stations : DataFrame
        Index = stations that went: ``n_sent`` (engines), ``busy_h`` (hours that they were out; a time that is
        not known counts as the mean).
    days : int
        From the first day with a call to the last, both with them.
    n_unknown : int
        Calls whose moment or place is not known: they are not replayed, and the rates are raised for them.
    service_min : float
        Mean minutes of service of an engine; nan where fewer than 30 are known.
    n_service : int
        Engines whose time of service is known.
    n_gaps : int
        Months without a call between the first and the last, where ten a month are usual.
    """

    calls: gpd.GeoDataFrame
    stations: pd.DataFrame
    days: int
    n_unknown: int
    service_min: float
    n_service: int
    n_gaps: int

    def per_year(self, demand: gpd.GeoDataFrame) -> pd.Series:
        """Give the calls a year of each place, each call at the nearest place of people.

        Fewer calls than five at a place tell little of it, and could be those of one household: such places
        of a town share their calls by people, and where these are fewer than five too, those of all towns.
        """
        n = self.calls["demand_id"].value_counts().reindex(demand.index, fill_value=0).astype(float)
        zone = demand["zone"] if "zone" in demand else pd.Series(OUTSIDE, demand.index)
        zone = zone.astype(object).where(zone.notna(), OUTSIDE)
        is_few = n < MIN_CALLS
        of_town = n[is_few].groupby(zone[is_few]).sum()
        shared = of_town[of_town >= MIN_CALLS].index
        told = n.copy()
        for town in shared:
            rows = demand.index[(is_few & (zone == town)).to_numpy()]
            told[rows] = _by_people(of_town[town], demand.loc[rows, "people"])
        rest = demand.index[(is_few & ~zone.isin(shared)).to_numpy()]
        if len(rest):
            told[rest] = _by_people(n[rest].sum(), demand.loc[rest, "people"])
        raised = (len(self.calls) + self.n_unknown) / len(self.calls)
        per_year: pd.Series = told * raised * HOURS_A_YEAR / (24.0 * self.days)
        return per_year

    def hour_shares(self) -> tuple[float, ...]:
        """Give the calls by hour of the day; empty where they are too few to tell."""
        if len(self.calls) < _HOURS_TOLD:
            return ()
        hour = (self.calls["time_s"] // 3600.0 % 24.0).astype(int)
        return tuple(np.bincount(hour, minlength=24).astype(float))


def _by_people(n_calls: float, people: pd.Series) -> np.ndarray:
    """Spread calls over places by their people; evenly where nobody lives."""
    weight = people.to_numpy(dtype=float)
    weight = weight if weight.sum() > 0.0 else np.ones(len(weight))
    spread: np.ndarray = n_calls * weight / weight.sum()
    return spread


def recorded_calls(records: CallRecords, demand: gpd.GeoDataFrame) -> RecordedCalls:
    """Put the engines of each call together.

    Parameters
    ----------
    records : CallRecords
        One row an engine, in the CRS of the demand.
    demand : GeoDataFrame
        Where people live.

    Raises
    ------
    StudyError
        Of no call are moment and place known.
    """
    table = records.table.reset_index(drop=True)
    at = table[_TIMES[0]]
    for name in _TIMES[1:]:
        at = at.fillna(table[name])
    alone = pd.Series([f"row {row}" for row in table.index], table.index, dtype=object)
    call = table["call_id"].astype(object).where(table["call_id"].notna(), alone)
    shapes = table.geometry.to_numpy()
    is_placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    service = table["service_s"].astype(float)
    of_call = pd.DataFrame(
        {
            "at": at.groupby(call, sort=False).min(),
            "service_s": service.groupby(call, sort=False).mean(),
            "engines": call.groupby(call, sort=False).size(),
            "call_type": table["call_type"].groupby(call, sort=False).first(),
            "recorded_s": table["response_s"].astype(float).groupby(call, sort=False).min(),
            "row": pd.Series(np.where(is_placed, table.index, np.nan)).groupby(call, sort=False).first(),
        }
    )
    known = of_call[of_call["at"].notna() & of_call["row"].notna()].sort_values("at", kind="stable")
    if not len(known):
        raise StudyError(Message("availability.no_recorded_calls", {"n": len(of_call)}))
    midnight = known["at"].iloc[0].normalize()
    places = shapes[known["row"].astype(int).to_numpy()]
    nearest = shapely.STRtree(demand.geometry.to_numpy()).nearest(places)
    mean_s = float(service.mean())
    usual_s = mean_s if np.isfinite(mean_s) else np.nan
    calls = gpd.GeoDataFrame(
        {
            "time_s": (known["at"] - midnight).dt.total_seconds().to_numpy(),
            "service_s": known["service_s"].fillna(usual_s).to_numpy(),
            "engines": known["engines"].to_numpy(),
            "call_type": known["call_type"].to_numpy(),
            "recorded_s": known["recorded_s"].to_numpy(),
            "demand_id": demand.index.to_numpy()[nearest],
        },
        geometry=places,
        crs=table.crs,
    )
    n_service = int(service.notna().sum())
    months = known["at"].dt.to_period("M")
    n_months = int((months.iloc[-1] - months.iloc[0]).n) + 1
    return RecordedCalls(
        calls=calls,
        stations=_stations(table, service, usual_s),
        days=int((known["at"].iloc[-1].normalize() - midnight).days) + 1,
        n_unknown=len(of_call) - len(known),
        service_min=mean_s / 60.0 if n_service >= _SERVICES else np.nan,
        n_service=n_service,
        n_gaps=n_months - months.nunique() if len(known) / n_months >= _GAP else 0,
    )


def _stations(table: pd.DataFrame, service: pd.Series, usual_s: float) -> pd.DataFrame:
    """Count what each station sent, and for how long."""
    went = table["station_id"].notna()
    of = table["station_id"][went]
    hours = service[went].fillna(usual_s) / 3600.0
    n_sent = of.groupby(of).size()
    return pd.DataFrame({"n_sent": n_sent, "busy_h": hours.groupby(of).sum()}).rename_axis("facility_id")
