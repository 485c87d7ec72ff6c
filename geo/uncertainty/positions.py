"""Points that may stand elsewhere: put on the roads at places drawn in advance, one for each draw."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network import RoadNetwork
from geo.routing import SnapRules
from geo.uncertainty.chance import keys_of, normals, picks
from geo.uncertainty.sizes import shifts

__all__ = ["Placed", "draw_snaps", "place_points"]

_COLUMNS = ("edge", "fraction", "access_s", "component", "is_snapped")


@dataclass(frozen=True, eq=False)
class Placed:
    """Where points may stand on the roads.

    Parameters
    ----------
    ids : pandas.Index
        The points, P of them.
    keys : uint64 array, shape (P,)
        What their chance belongs to.
    source : str
        Of the chance.
    edge, fraction, access_s, component, is_snapped : arrays, shape (K, P)
        As in a Snaps table, for each of K places.
    """

    ids: pd.Index
    keys: NDArray[np.uint64]
    source: str
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    access_s: NDArray[np.float64]
    component: NDArray[np.int32]
    is_snapped: NDArray[np.bool_]


def place_points(
    points: gpd.GeoDataFrame,
    snaps: pd.DataFrame,
    *,
    network: RoadNetwork,
    rules: SnapRules,
    radius_m: float,
    source: str,
    seed: int,
    n_places: int,
) -> Placed:
    """Draw the places of points and put each on the roads.

    Parameters
    ----------
    points : GeoDataFrame
        The points as they are in the files.
    snaps : DataFrame
        Their snaps: used as they are where nothing is drawn.
    network : RoadNetwork
        The roads.
    rules : SnapRules
        How points are put on them.
    radius_m : float
        Distance within which 95 % of the true places lie.
    source : str
        Of the chance.
    seed : int
        Of the chance.
    n_places : int
        How many places are drawn for each point.
    """
    keys = keys_of(points.index)
    if not radius_m > 0.0 or not len(points):
        tables = [snaps]
    else:
        at = shapely.get_coordinates(points.geometry.array)
        tables = []
        for k in range(n_places):
            moved = [at[:, i] + shifts(radius_m, normals(seed, f"{source} {axis}", k, keys))
                     for i, axis in enumerate("xy")]  # fmt: skip
            there = gpd.GeoSeries(shapely.points(*moved), index=points.index, crs=points.crs)
            tables.append(rules.snap(there, network))
    stacked = {name: np.stack([table[name].to_numpy() for table in tables]) for name in _COLUMNS}
    return Placed(
        ids=points.index,
        keys=keys,
        source=source,
        edge=stacked["edge"].astype(np.int64),
        fraction=stacked["fraction"].astype(np.float64),
        access_s=stacked["access_s"].astype(np.float64),
        component=stacked["component"].astype(np.int32),
        is_snapped=stacked["is_snapped"].astype(np.bool_),
    )


def draw_snaps(placed: Placed, draw: int, *, seed: int, access: float) -> pd.DataFrame:
    """Give the snaps of a draw: one of the places of each point, and the way to the road at another speed.

    Parameters
    ----------
    placed : Placed
        The points.
    draw : int
        Number of the draw.
    seed : int
        Of the chance.
    access : float
        Factor on the speed between points and their road.

    Returns
    -------
    DataFrame
        ``edge``, ``fraction``, ``access_s``, ``component``, ``is_snapped``: what is routed of a Snaps
        table.
    """
    n = len(placed.edge)
    at = np.zeros(len(placed.ids), dtype=np.int64)
    if n > 1:
        at = picks(seed, f"{placed.source} place", draw, placed.keys, n)
    column = np.arange(len(placed.ids))
    access_s = np.rint(placed.access_s[at, column] / access * 1000.0) / 1000.0
    return pd.DataFrame(
        {
            "edge": placed.edge[at, column],
            "fraction": placed.fraction[at, column],
            "access_s": access_s,
            "component": placed.component[at, column],
            "is_snapped": placed.is_snapped[at, column],
        },
        index=placed.ids,
    )
