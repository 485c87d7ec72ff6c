"""People and the ground of a study: too many or too few for it, and parts of it where nobody lives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.demand import assign_zones, doubt_total
from geo.errors import InputError
from geo.messages import Message, first_few

__all__ = ["doubt_ground", "tell_empty_ground"]

_AROUND_M = 1000.0
"""So far beside the roads, or the outermost villages, people may live who stand at them."""
_MOST_NODES: Final = 20_000
_LEAST_SHARE: Final = 0.01
"""Of the road ends; a zone with fewer is beyond the roads of the study (assumed)."""
_BESIDE_M: Final = 2000.0
_MOST_OUTSIDE: Final = 0.2
"""Of the road ends may lie so far beside cells of people (assumed)."""
_MOST_NAMES: Final = 5


def doubt_ground(
    people: gpd.GeoDataFrame, node_xy: NDArray[np.float64], *, are_cells: bool = False
) -> Iterator[Message]:
    """Say where the people of a table are too many or too few for the ground on which they and the roads lie.

    Parameters
    ----------
    people : GeoDataFrame
        ``Demand`` of a layer, in a metric CRS.
    node_xy : float64 array, shape (N, 2)
        The nodes of the roads, in the same.
    are_cells : bool
        Whether they are cells: those are judged by their own areas, and only too few are looked for here.

    Raises
    ------
    InputError
        So many cannot live there.
    """
    total, roads = float(people["people"].sum()), shapely.multipoints(node_xy).convex_hull
    # Whoever lies far outside is told as such: too few are looked for on the ground of the roads alone.
    thin = doubt_total(total, _km2_around(roads))
    if are_cells:
        if thin is not None and thin[1].key == "demand.total_very_thin":
            yield thin[1]
        return
    lived_in = shapely.multipoints(people.geometry.to_numpy()[people["people"].to_numpy() > 0])
    ground_km2 = _km2_around(shapely.union(roads, lived_in.convex_hull))
    dense = doubt_total(total, ground_km2)
    without_one = doubt_total(total - float(people["people"].max()), ground_km2)
    # One row that makes it so, such as a telephone number, is told by its number.
    if dense is not None and dense[0] and without_one is not None and without_one[0]:
        raise InputError(dense[1])
    for doubt, is_of_few in ((dense, False), (thin, True)):
        if doubt is not None and is_of_few == (doubt[1].key == "demand.total_very_thin"):
            yield doubt[1]


def _km2_around(ground: shapely.Geometry) -> float:
    return float(ground.convex_hull.buffer(_AROUND_M).area) / 1e6


def tell_empty_ground(
    people: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, node_xy: NDArray[np.float64], *, are_cells: bool
) -> Iterator[Message]:
    """Note zones that have roads and nobody in them, or roads beyond a raster: a part of a list or of a map.

    Parameters
    ----------
    people : GeoDataFrame
        ``Demand`` of all layers, with ``zone`` where there are towns.
    towns : GeoDataFrame
        ``Zones`` by which results are told, perhaps none.
    node_xy : float64 array, shape (N, 2)
        The nodes of the roads.
    are_cells : bool
        Whether all people are cells of rasters and grids.
    """
    nodes = node_xy[:: len(node_xy) // _MOST_NODES + 1]
    if not float(people["people"].sum()) > 0 or not len(nodes):
        return
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*nodes.T), crs=people.crs)
    if len(towns):
        n_nodes = towns["name"].map(assign_zones(points, towns).value_counts()).fillna(0).to_numpy()
        lived_in = people.loc[people["people"] > 0, "zone"].dropna().unique()
        is_empty = (n_nodes >= max(_LEAST_SHARE * len(nodes), 1)) & ~towns["name"].isin(lived_in).to_numpy()
        if is_empty.any():
            names = list(dict.fromkeys(towns["name"][is_empty]))
            values = {"n": len(names), "n_zones": len(towns), "names": first_few(names, _MOST_NAMES)}
            yield Message("study.zones_empty", values)
    elif are_cells:
        ground = shapely.multipoints(people.geometry.to_numpy()).convex_hull.buffer(_BESIDE_M)
        share = 1 - float(shapely.contains_xy(ground, nodes).mean())
        if share > _MOST_OUTSIDE:
            yield Message("study.cells_part", {"share": share, "km": _BESIDE_M / 1000})
