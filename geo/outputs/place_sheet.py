"""The places of a study with their times, part by part, and why some are not reached."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.maps import reason_word
from geo.study import StudyResult
from geo.words import say

__all__ = ["place_rows"]

COLUMNS: Final = (
    *("name", "zone", "people", "is_in_time", "first_name", "first_min", "turnout_min", "access_min"),
    *("driving_min", "second_name", "second_min", "n_in_time", "why", "snap_m", "lon", "lat"),
)


def place_rows(result: StudyResult) -> pd.DataFrame:
    """Give each place with people: its town, stations and times in minutes, and why it is not reached.

    Parameters
    ----------
    result : StudyResult
        What was found.

    Returns
    -------
    DataFrame
        The index of the demand; ``COLUMNS``. ``first_min`` is the sum of ``turnout_min`` (the call and the
        turnout), ``access_min`` (from the station to its road, and from the road to the place) and
        ``driving_min``; ``inf`` where no road leads there. ``why`` is empty where a station arrives.
    """
    coverage = result.coverage
    table, names = coverage.table, coverage.stations["name"]
    first, travel = (table[name].to_numpy(dtype=float) for name in ("first_s", "first_travel_s"))
    of_station = coverage.station_snaps["access_s"].reindex(table["first_id"]).to_numpy(dtype=float)
    access = coverage.demand_snaps["access_s"].to_numpy(dtype=float) + of_station
    is_reached = np.isfinite(first)
    parts = {
        "turnout_min": np.subtract(first, travel, where=is_reached, out=np.full(len(table), np.nan)),
        "access_min": np.where(is_reached, access, np.nan),
        "driving_min": np.subtract(travel, access, where=is_reached, out=np.full(len(table), np.nan)),
    }
    at = gpd.GeoSeries(table.geometry).to_crs(4326)
    label = pd.Series(table.index.astype(str), index=table.index, dtype=object)
    rows = pd.DataFrame(
        {
            "name": table["name"].astype(object).where(table["name"].notna(), label)
            if "name" in table
            else label,
            "zone": table["zone"],
            "people": table["people"],
            "is_in_time": table["is_covered"],
            "first_name": _names(table["first_id"], names),
            "first_min": first / 60.0,
            **{name: np.round(seconds, 3) / 60.0 for name, seconds in parts.items()},
            "second_name": _names(table["second_id"], names),
            "second_min": table["second_s"].to_numpy(dtype=float) / 60.0,
            "n_in_time": table["n_in_time"],
            "why": [
                _say_why(reason, float(metres), result)
                for reason, metres in zip(table["reason"], table["snap_m"], strict=True)
            ],
            "snap_m": table["snap_m"],
            "lon": at.x,
            "lat": at.y,
        },
        index=table.index,
    )
    return rows[list(COLUMNS)]


def _say_why(reason: Any, snap_m: float, result: StudyResult) -> str:
    """Say why no station reaches a place, how far the road is and what helps; else nothing."""
    if not isinstance(reason, str) or not reason:
        return ""
    return say(
        f"outputs.why_{reason_word(reason)}",
        lang=result.lang,
        m=f"{snap_m:,.0f}" if np.isfinite(snap_m) else "–",
        max_m=f"{result.study.snap.max_m:,.0f}",
        minutes=f"{result.coverage.search_s / 60.0:,.0f}",
    )


def _names(ids: pd.Series, names: pd.Series) -> pd.Series:
    """Give the names of stations; the id where one has none."""
    named = ids.map(names).astype(object)
    return named.where(named.notna(), ids.astype(object))
