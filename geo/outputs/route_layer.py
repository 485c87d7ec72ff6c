"""The ways that maps of a study and of its scenarios draw: those of the first engines."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage, clock_starts
from geo.findings import TracedWays, Ways
from geo.maps import RouteLayer
from geo.messages import Message
from geo.routing import RouteTrees, trace_routes
from geo.scenarios import Difference
from geo.study import StudyResult

__all__ = ["difference_ways", "route_layer", "trace_first"]


def trace_first(coverage: Coverage, ids: pd.Index) -> RouteTrees:
    """Give the ways by which the first engines come, with the times of the coverage.

    Parameters
    ----------
    coverage : Coverage
        Whom the stations reach.
    ids : Index
        The points of people whose ways are wanted.
    """
    seconds = coverage.table["first_s"].reindex(ids).to_numpy(dtype=float)
    reached = ids[np.isfinite(seconds)]
    return trace_routes(
        coverage.network,
        coverage.station_snaps,
        coverage.demand_snaps.loc[reached],
        direction=coverage.direction,
        limit_s=float(seconds[np.isfinite(seconds)].max(initial=0.0)),
        start_s=clock_starts(coverage.stations, coverage.standard),
    )


def route_layer(result: StudyResult) -> RouteLayer:
    """Give what the map needs to draw the way to each place, to each gap and to each station's farthest."""
    coverage = result.coverage

    def trace(ids: pd.Index) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        trees = trace_first(coverage, ids)
        return trees.legs, trees.ways

    return RouteLayer(
        trace,
        call_s=coverage.standard.call_s,
        access_kph=result.study.snap.access_kph,
        is_to_facility=coverage.direction == "to_facility",
        of_gaps=result.gaps["worst_id"].tolist(),
        of_stations=_farthest(coverage.table).to_dict(),
    )


def _farthest(table: pd.DataFrame) -> pd.Series:
    """Give for each station the id of the people whom it reaches last, of equals the first."""
    reached = table[np.isfinite(table["first_s"].to_numpy(dtype=float)) & (table["people"] > 0).to_numpy()]
    return reached.groupby("first_id", sort=False)["first_s"].idxmax()


def difference_ways(before: Coverage, difference: Difference, *, access_kph: float) -> tuple[Ways, ...]:
    """Give the ways of the first engines today, where they are others, and in a scenario, for its map.

    Parameters
    ----------
    before : Coverage
        Today.
    difference : Difference
        The scenario; nothing for one without a coverage of its own.
    access_kph : float
        Speed between a point and its road.
    """
    after, people = difference.coverage, difference.people
    if after is None:
        return ()
    ids = people[["before_id", "after_id"]].astype(object).fillna("")
    is_same = (people["before_s"] == people["after_s"]) & (ids["before_id"] == ids["after_id"])
    same = Message("scenarios.way_is_same")

    def first_ways(name: str, coverage: Coverage, places: gpd.GeoDataFrame, note: Message | None) -> Ways:
        def trace(ids: pd.Index) -> TracedWays:
            trees = trace_first(coverage, ids)
            notes = pd.Series([note if is_same[i] else None for i in ids], index=ids, dtype=object)
            return TracedWays(trees.legs, trees.ways, notes)

        return Ways(
            name,
            "scenarios",
            trace,
            places,
            coverage.stations,
            call_s=coverage.standard.call_s,
            access_kph=access_kph,
            is_to_facility=coverage.direction == "to_facility",
        )

    return (
        first_ways("today", before, people[~is_same], None),
        first_ways("scenario", after, people, same),
    )
