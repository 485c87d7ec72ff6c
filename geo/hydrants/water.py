"""Water points by driving distance, and the places that no water is near."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.areas import gather
from geo.defaults import MAX_SNAP_M
from geo.hydrants.roads import whole_mm
from geo.network import EdgeTable, RoadNetwork, build_network
from geo.routing import nearest, snap
from geo.times import UNREACHED_MS

__all__ = ["drive_to_water", "is_short", "water_short_places"]


def drive_to_water(
    network: RoadNetwork,
    water_points: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    max_snap_m: float = MAX_SNAP_M,
    barriers: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Give each demand point its nearest water point by the distance that an engine drives from it.

    The distance holds the way between each point and its road; it is the shortest in metres, not in time,
    and keeps to the directions in which the network's profile may drive.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    water_points, demand : GeoDataFrame
        Points in the network's CRS.
    max_snap_m : float
        Farthest that a point may stand from its road, metres.
    barriers : GeoDataFrame, optional
        Water and the like that the way to a road does not cross.

    Returns
    -------
    DataFrame
        The demand's index; ``water_id`` (None where no route), ``water_m`` (metres, to the millimetre;
        ``inf``).
    """
    measured = _in_millimetres(network)
    # At 3.6 km/h a metre of access takes a second: the searches then add metres to metres.
    snaps = [
        snap(points, network, max_m=max_snap_m, access_kph=3.6, barriers=barriers)
        for points in (water_points, demand)
    ]
    by_water = nearest(measured, *snaps, direction="from_facility")
    return by_water[["first_id", "first_s"]].set_axis(["water_id", "water_m"], axis=1)


def water_short_places(
    demand: gpd.GeoDataFrame, *, water_m: float | None = None, reach_m: float = 500.0
) -> gpd.GeoDataFrame:
    """Gather the people without water near into places (缺水区域), most people first.

    Short of water is who lives beyond the radius of every working hydrant and farther than ``water_m`` of
    driving from every water point. No standard gives the latter number: without it hydrants alone decide.

    Parameters
    ----------
    demand : GeoDataFrame
        Demand with ``people``, ``zone``, ``is_covered`` and ``hydrant_m`` (from
        :func:`geo.hydrants.cover_people`) and ``water_m`` (from :func:`drive_to_water`).
    water_m : float, optional
        Longest distance of driving from a water point, metres (inclusive).
    reach_m : float
        Longest step between members of a place, metres.

    Returns
    -------
    GeoDataFrame
        RangeIndex by rank; ``name``, ``zone``, ``people``, ``n_points``, ``hydrant_m`` and ``water_m`` (of
        the heaviest member), ``geometry`` (the heaviest member).
    """
    short = demand[is_short(demand, water_m=water_m) & (demand["people"] > 0)]
    columns = ["name", "zone", "people", "n_points", "hydrant_m", "water_m", "geometry"]
    return gather(short.assign(reason=""), reach_m=reach_m)[columns]


def is_short(demand: pd.DataFrame, *, water_m: float | None) -> pd.Series:
    """Say which demand points are short of water; see :func:`water_short_places`."""
    far = True if water_m is None else ~(demand["water_m"] <= water_m)
    return ~demand["is_covered"].astype(bool) & far


def _in_millimetres(network: RoadNetwork) -> RoadNetwork:
    """Give the network with lengths in whole millimetres for times, closed where it is closed."""
    length_mm = whole_mm(network.edge_length)
    return build_network(
        network.node_id,
        network.node_xy,
        EdgeTable(
            u=network.edge_u,
            v=network.edge_v,
            length=network.edge_length,
            ms=np.where(network.edge_ms < UNREACHED_MS, length_mm, UNREACHED_MS),
            back_ms=np.where(network.edge_back_ms < UNREACHED_MS, length_mm, UNREACHED_MS),
            xy=network.xy,
            xy_start=network.xy_start,
            is_access=network.edge_is_access,
        ),
        crs=network.crs,
        impedance="mm",
    )
