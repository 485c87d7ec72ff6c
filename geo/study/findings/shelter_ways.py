"""The ways on foot to shelters, found when a map is drawn: by whom, to which, and what stands against it."""

from __future__ import annotations

from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.findings import TracedWays, Ways
from geo.messages import Message
from geo.network import RoadNetwork
from geo.shelters import Sheltering, ShelterWalks, trace_walks, walk_to_shelters
from geo.study.inputs import Inputs
from geo.study.settings import Study

__all__ = ["shelter_ways"]

WORDS: Final = "shelters"


def shelter_ways(
    study: Study,
    inputs: Inputs,
    rated: gpd.GeoDataFrame,
    *,
    walks: ShelterWalks | None,
    sheltering: Sheltering | None,
    walk_kph: float,
) -> tuple[Ways, ...]:
    """Give the ways from each place with people to the shelter it goes to, else to the nearest.

    Parameters
    ----------
    study : Study
        Its ``[snap]`` section bounds how far a place may be from a road.
    inputs : Inputs
        The layers.
    rated : GeoDataFrame
        Existing and planned shelters: ``name``, ``status``, ``limit_s``.
    walks, sheltering : optional
        The walks and who finds a place, where people could be sent; without them the nearest is searched
        when a map is drawn.
    walk_kph : float
        Walking speed.
    """
    walking = inputs.walking
    if walking is None or not (rated["status"] == "existing").any():
        return ()

    if walks is None:
        trace = partial(_search_and_trace, study, inputs, rated, walk_kph)
    else:
        trace = partial(_trace, walking, walks, sheltering, rated)
    return (
        Ways(
            "walk",
            WORDS,
            trace,
            inputs.demand,
            rated,
            access_kph=walk_kph,
            is_to_facility=True,
        ),
    )


def _search_and_trace(
    study: Study, inputs: Inputs, rated: gpd.GeoDataFrame, walk_kph: float, ids: pd.Index
) -> TracedWays:
    """Trace the ways where nobody could be sent: the nearest shelter is searched when a map is drawn."""
    assert inputs.walking is not None  # else there are no ways
    walks = walk_to_shelters(
        inputs.walking,
        rated,
        inputs.demand,
        limit_s=0.0,
        walk_kph=walk_kph,
        max_snap_m=study.snap.max_m,
        barriers=inputs.barriers,
    )
    return _trace(inputs.walking, walks, None, rated, ids)


def _trace(
    walking: RoadNetwork,
    walks: ShelterWalks,
    sheltering: Sheltering | None,
    rated: gpd.GeoDataFrame,
    ids: pd.Index,
) -> TracedWays:
    near = walks.near.loc[ids]
    goal = near["first_id"].where(np.isfinite(near["first_s"])).astype(object)
    if sheltering is not None:
        sent = sheltering.people["shelter_id"].loc[ids].astype(object)
        goal = sent.where(sent.notna(), goal)
    traced = trace_walks(walking, walks, goal)
    notes = [_note(i, goal[i], walks, sheltering, rated) for i in ids]
    return TracedWays(traced.legs, traced.ways, pd.Series(notes, index=ids, dtype=object))


def _note(
    place: object,
    goal: object,
    walks: ShelterWalks,
    sheltering: Sheltering | None,
    rated: gpd.GeoDataFrame,
) -> Message | None:
    """Say why people of a place have no shelter in reach, or one that is not the nearest."""
    snap = walks.demand_snaps.loc[place]
    if pd.isna(goal):
        if snap["is_snapped"]:
            return Message("shelters.way_unreachable")
        reason = Message(f"routing.off_{snap['reason'].replace(' ', '_')}")
        return Message("shelters.way_off_road", {"reason": reason, "m": snap["snap_m"]})
    if sheltering is None:
        return Message("shelters.way_no_limit")
    row = sheltering.people.loc[place]
    if row["left_over"] > 0:
        minutes = rated["limit_s"].get(row["nearest_id"], np.nan) / 60
        values = {"people": row["left_over"], "n": row["n_in_reach"], "minutes": minutes}
        return Message(f"shelters.way_{row['reason'].replace(' ', '_')}", values)
    if goal != row["nearest_id"]:
        return Message("shelters.way_not_nearest", {"nearest": rated["name"].get(row["nearest_id"])})
    return None
