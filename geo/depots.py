"""Whom depots and bases reach in time, by vehicle or on foot, and what each of them serves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import statistics as summaries
from geo.defaults import ACCESS_KPH, MAX_SNAP_M
from geo.network import RoadNetwork
from geo.routing import nearest, snap
from geo.schema import Direction
from geo.times import is_within

__all__ = ["DepotReach", "reach_depots"]


@dataclass(frozen=True, eq=False)
class DepotReach:
    """Travel between depots and people within one limit.

    Parameters
    ----------
    table : DataFrame
        The demand's index; ``people``, ``zone``, ``first_id`` (nearest depot, None), ``first_s`` (access,
        travel and access, s; ``inf`` without a route), ``is_in_time``, ``is_reachable``, ``reason`` ('' where
        reached; a snap's reason, or ``"no route"``).
    depots : DataFrame
        The depots' index; ``people_served`` (people whose nearest it is), ``mean_s``, ``worst_s`` (of those
        people; nan where it serves nobody), ``is_snapped``, ``snap_m``.
    limit_s : float
        The limit, seconds (inclusive).
    direction : {"from_facility", "to_facility"}
        Goods go out, or people come.
    """

    table: pd.DataFrame
    depots: pd.DataFrame
    limit_s: float
    direction: Direction

    @property
    def figures(self) -> dict[str, float]:
        """Headline figures: people in all, in time, unreachable; share in time (nan of nobody); mean (s)."""
        people = self.table["people"].to_numpy(dtype=float)
        total, in_time = math.fsum(people), math.fsum(people[self.table["is_in_time"]])
        return {
            "limit_s": self.limit_s,
            "people": total,
            "people_in_time": in_time,
            "people_unreachable": math.fsum(people[~self.table["is_reachable"]]),
            "share_in_time": in_time / total if total > 0 else math.nan,
            "mean_s": summaries.weighted_mean(self.table["first_s"], people),
        }


def reach_depots(
    network: RoadNetwork,
    depots: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    limit_s: float,
    direction: Direction,
    max_snap_m: float = MAX_SNAP_M,
    access_kph: float = ACCESS_KPH,
    barriers: gpd.GeoDataFrame | None = None,
) -> DepotReach:
    """Find the nearest depot of everybody, and who has one within a limit.

    Vehicles drive ``from_facility``; people walk ``to_facility`` over the walking network. No row is dropped:
    who cannot be reached has ``inf`` and the reason. Of depots with the same time the first in the table
    counts, so nobody is served twice.

    Parameters
    ----------
    network : RoadNetwork
        The roads for driving, or those for walking.
    depots : GeoDataFrame
        Facilities that count; every row does, so select by kind and status first.
    demand : GeoDataFrame
        Demand points with ``people``; ``zone`` is kept where present.
    limit_s : float
        Longest time from door to door, seconds (inclusive).
    direction : {"from_facility", "to_facility"}
        Which way the travel goes.
    max_snap_m, access_kph, barriers
        As for :func:`geo.coverage.cover`.

    Examples
    --------
    A depot in a corner of an invented city of 900 crossings, ten people at each; 3 minutes of driving:

    >>> from geo.sample import grid_network
    >>> network = grid_network(900, seed=1)
    >>> homes = network.nodes.assign(people=10.0)
    >>> depot = network.nodes.iloc[[0]].set_axis(["corner"])
    >>> answer = reach_depots(network, depot, homes, limit_s=180.0, direction="from_facility")
    >>> answer.figures["people_in_time"], answer.depots["people_served"].tolist()
    (1670.0, [8980.0])
    """
    options = {"max_m": max_snap_m, "access_kph": access_kph}
    depot_snaps = snap(depots, network, barriers=barriers, **options)
    demand_snaps = snap(demand, network, barriers=barriers, **options)
    near = nearest(network, depot_snaps, demand_snaps, direction=direction)
    first_s = near["first_s"].to_numpy(dtype=float)
    reached = np.isfinite(first_s)
    reason = demand_snaps["reason"].to_numpy(dtype=object, copy=True)
    reason[demand_snaps["is_snapped"].to_numpy(dtype=bool) & ~reached] = "no route"
    table = pd.DataFrame(
        {
            "people": demand["people"].astype(float),
            "zone": demand.get("zone", None),
            "first_id": near["first_id"],
            "first_s": first_s,
            "is_in_time": is_within(first_s, limit_s),
            "is_reachable": reached,
            "reason": reason,
        },
        index=demand.index,
    )
    served = summaries.summarise_stations(table, depots.index)[["people_served", "mean_s", "worst_s"]]
    placed = depot_snaps[["is_snapped", "snap_m"]]
    return DepotReach(table, pd.concat([served, placed], axis=1), limit_s, direction)
