"""The way on foot of each place to one shelter, so that a map can draw it."""

from __future__ import annotations

from collections.abc import Hashable

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.findings import TracedWays
from geo.network import RoadNetwork
from geo.routing import RouteTrees, trace_routes
from geo.schema import Direction
from geo.shelters.walks import ShelterWalks

__all__ = ["trace_walks"]

_TO: Direction = "to_facility"


def trace_walks(walking: RoadNetwork, walks: ShelterWalks, goal: pd.Series) -> TracedWays:
    """Give the way on foot from places to the shelter that each goes to, however far.

    Parameters
    ----------
    walking : RoadNetwork
        The roads on which the walks were searched.
    walks : ShelterWalks
        Where both ends stand.
    goal : Series
        Id of the shelter by id of the place; missing for places that go to none.

    Returns
    -------
    TracedWays
        One row a place in ``ways``, in the order of ``goal``, -1 and None where there is no way.
    """
    legs, ways, n_legs = [], [], 0
    for shelter, places in goal.dropna().groupby(goal.dropna(), sort=True):
        trees = _trace_to(walking, walks, shelter, places.index)
        is_later = trees.legs["parent"] >= 0
        legs.append(
            trees.legs.assign(parent=trees.legs["parent"].where(~is_later, trees.legs["parent"] + n_legs))
        )
        leg = trees.ways["leg"]
        ways.append(trees.ways.assign(leg=leg.where(leg < 0, leg + n_legs)))
        n_legs += len(trees.legs)
    if not legs:
        empty = trace_routes(
            walking, walks.shelter_snaps.iloc[:0], walks.demand_snaps.iloc[:0], direction=_TO
        )
        return TracedWays(empty.legs, empty.ways.reindex(goal.index).fillna({"leg": -1}))
    together = gpd.GeoDataFrame(pd.concat(legs, ignore_index=True), crs=walking.crs)
    found = pd.concat(ways).reindex(goal.index)
    return TracedWays(together, found.assign(leg=found["leg"].fillna(-1).astype(np.int64)))


def _trace_to(walking: RoadNetwork, walks: ShelterWalks, shelter: Hashable, places: pd.Index) -> RouteTrees:
    """Give the ways to one shelter; its search need not go farther than the longest walk that is known."""
    near = walks.near.loc[places]
    is_near = (near["first_id"] == shelter).to_numpy()
    known_s = np.where(is_near, near["first_s"].to_numpy(dtype=float), walks.times.limit_s)
    ends = walks.shelter_snaps.loc[[shelter]], walks.demand_snaps.loc[places]
    trees = trace_routes(walking, *ends, direction=_TO, limit_s=float(known_s.max()))
    if trees.ways["facility_id"].notna().all():
        return trees
    return trace_routes(walking, *ends, direction=_TO)
