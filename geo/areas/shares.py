"""Shares of road length and of land that are reached in time, by zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from geo.errors import StudyError
from geo.network import RoadNetwork
from geo.routing import node_times
from geo.schema import Direction
from geo.statistics import OUTSIDE
from geo.times import UNREACHED_MS, to_seconds

__all__ = ["TOTAL", "land_share", "road_parts", "road_share"]

TOTAL = "total"
"""Label of the row of all roads, or of all land."""


def road_share(
    network: RoadNetwork,
    stations: pd.DataFrame,
    *,
    limit_s: float,
    start_s: pd.Series,
    direction: Direction = "from_facility",
    zones: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Give the length of road that is reached within a limit, in all and by zone.

    Exact on the edge: see :func:`road_parts`. Every link of the network counts once, so the two
    carriageways of a divided road count as two roads; links closed in both directions do not count. A
    road is cut where it crosses a zone's border; along a shared border it counts for the zone that comes
    first.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    stations : DataFrame
        Snaps of the stations.
    limit_s : float
        Limit on the clock, seconds.
    start_s : Series
        Seconds on the clock when each station leaves, by id (``coverage.clock_starts``).
    direction : {"from_facility", "to_facility"}
        Which way the travel goes.
    zones : GeoDataFrame, optional
        Zones with ``name``, in the network's CRS.

    Returns
    -------
    DataFrame
        Index ``zone``: names of the zones and ``OUTSIDE`` (where zones are given), and ``TOTAL``; columns
        ``km``, ``km_covered``, ``share`` (0-1, nan where there is no road).

    Examples
    --------
    >>> from geo.sample import grid_network
    >>> from geo.routing import snap
    >>> network = grid_network(900, seed=1)
    >>> stations = snap(network.nodes.iloc[[0]], network)
    >>> starts = pd.Series(60.0, index=stations.index)
    >>> road_share(network, stations, limit_s=300.0, start_s=starts).round(2).to_dict("index")
    {'total': {'km': 144.49, 'km_covered': 59.28, 'share': 0.41}}
    """
    parts = road_parts(network, stations, limit_s=limit_s, start_s=start_s, direction=direction)
    first = network.origin or network  # a road that a scenario closes is still a road, and not reached
    is_open = np.minimum(first.edge_ms, first.edge_back_ms) < UNREACHED_MS
    roads = gpd.GeoDataFrame(
        {"length_m": network.edge_length[is_open]}, geometry=network.lines[is_open], crs=network.crs
    )
    km = pd.DataFrame(
        {
            "km": _length_by_zone(roads, zones),
            "km_covered": _length_by_zone(parts, zones),
        }
    )
    return _with_share(km / 1000.0, "km")


def road_parts(
    network: RoadNetwork,
    stations: pd.DataFrame,
    *,
    limit_s: float,
    start_s: pd.Series,
    direction: Direction = "from_facility",
) -> gpd.GeoDataFrame:
    """Give the parts of the roads that are reached within a limit.

    With t(u) the time at the end u of an edge, T the time along it and L the limit, the edge is reached
    from u up to the fraction (L - t(u)) / T, from v likewise where it may be driven that way, and around each
    station that stands on it; the parts are the union of these. The times of access of the stations and the
    start of their clocks count; no access beside the road does.

    Parameters
    ----------
    network, stations, limit_s, start_s, direction
        As for :func:`road_share`.

    Returns
    -------
    GeoDataFrame
        RangeIndex; ``edge`` (position), ``start`` and ``end`` (fractions from u to v), ``length_m``,
        ``geometry``. Parts of one edge do not overlap and ascend.
    """
    times = to_seconds(node_times(network, stations, direction=direction, limit_s=limit_s, start_s=start_s))
    ahead_s, back_s = to_seconds(network.edge_ms), to_seconds(network.edge_back_ms)
    if direction == "to_facility":
        ahead_s, back_s = back_s, ahead_s
    edges = np.arange(network.n_edges)
    placed = stations[stations["is_snapped"]]
    on, at = placed["edge"].to_numpy(), placed["fraction"].to_numpy(dtype=float)
    left_s = (
        limit_s
        - placed["access_s"].to_numpy(dtype=float)
        - start_s.reindex(placed.index).to_numpy(dtype=float)
    )
    from_u = _reach(limit_s - times[network.edge_u], ahead_s)
    from_v = _reach(limit_s - times[network.edge_v], back_s)
    edge, start, end = _merge(
        np.concatenate([edges, edges, on]),
        np.concatenate([np.zeros(len(edges)), 1.0 - from_v, at - _reach(left_s, back_s[on])]),
        np.concatenate([from_u, np.ones(len(edges)), at + _reach(left_s, ahead_s[on])]),
    )
    lines = network.lines[edge]
    is_cut = (start > 0) | (end < 1)
    lines[is_cut] = [
        substring(line, a, b, normalized=True)
        for line, a, b in zip(lines[is_cut], start[is_cut], end[is_cut], strict=True)
    ]
    return gpd.GeoDataFrame(
        {"edge": edge, "start": start, "end": end, "length_m": (end - start) * network.edge_length[edge]},
        geometry=lines,
        crs=network.crs,
    )


def land_share(
    areas: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    limit_s: float,
    land: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Give the area of land that is reached within a limit, in all and by zone.

    Parameters
    ----------
    areas : GeoDataFrame
        Service areas with the row of the union (``facility_id`` missing) for the limit.
    zones : GeoDataFrame
        Zones with ``name`` that do not overlap, in the CRS of the areas.
    limit_s : float
        Which of the areas' limits, seconds.
    land : GeoDataFrame, optional
        Land that zones are clipped to first, where they reach out over water.

    Returns
    -------
    DataFrame
        Index ``zone``: names of the zones and ``TOTAL``; columns ``km2``, ``km2_covered``, ``share``
        (0-1, nan where there is no land).

    Raises
    ------
    StudyError
        There is no union for the limit.
    """
    union = areas[areas["facility_id"].isna() & (areas["limit_s"] == limit_s)]
    if len(union) != 1:
        limits = sorted(areas.loc[areas["facility_id"].isna(), "limit_s"].unique())
        raise StudyError(f"no union of the service areas for {limit_s:g} s; there are unions for {limits}")
    polygons = zones.geometry.to_numpy()
    if land is not None:
        polygons = shapely.intersection(polygons, land.union_all())
    covered = shapely.intersection(polygons, union.geometry.iloc[0])
    m2 = pd.DataFrame({"km2": shapely.area(polygons), "km2_covered": shapely.area(covered)})
    by_name = m2.groupby(zones["name"].to_numpy(), sort=False).sum()
    by_name.loc[TOTAL] = m2.sum()
    return _with_share(by_name.rename_axis("zone") / 1e6, "km2")


def _reach(left_s: NDArray[np.float64], along_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the fraction of an edge that the seconds left allow; 0 where it is closed or none are left."""
    fraction: NDArray[np.float64] = np.clip(np.maximum(left_s, 0.0) / along_s, 0.0, 1.0)
    return fraction


def _merge(
    edge: NDArray[np.int64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Join the intervals of each edge that touch or overlap; empty ones vanish."""
    start, end = np.maximum(start, 0.0), np.minimum(end, 1.0)
    keep = end > start
    order = np.lexsort((start[keep], edge[keep]))
    edge, start, end = edge[keep][order], start[keep][order], end[keep][order]
    # Edges lie two apart on one line, so that intervals of different edges never touch.
    reached = np.maximum.accumulate(end + 2.0 * edge)
    is_first = np.ones(len(edge), dtype=bool)
    is_first[1:] = (start + 2.0 * edge)[1:] > reached[:-1]
    first = np.flatnonzero(is_first)
    if not len(first):
        return edge, start, end
    return edge[first], start[first], np.maximum.reduceat(end, first)


def _length_by_zone(roads: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None) -> pd.Series:
    """Add up ``length_m`` by zone, cutting at the borders; each metre goes to the first zone that has it."""
    metres: dict[str, float] = {}
    if zones is not None:
        left = roads.geometry.to_numpy().copy()
        drawn = shapely.length(left)
        scale = np.divide(roads["length_m"].to_numpy(float), drawn, out=np.zeros(len(left)), where=drawn > 0)
        tree = shapely.STRtree(left)
        for name, polygon in zip(zones["name"], zones.geometry, strict=True):
            shapely.prepare(polygon)
            hit = np.sort(tree.query(polygon, predicate="intersects"))
            hit = hit[~shapely.is_empty(left[hit])]
            is_cut = ~shapely.contains(polygon, left[hit])
            inside, cut = left[hit], hit[is_cut]
            inside[is_cut] = shapely.intersection(left[cut], polygon)
            left[hit[~is_cut]] = shapely.LineString()
            left[cut] = shapely.difference(left[cut], polygon)
            metres[name] = metres.get(name, 0.0) + float(shapely.length(inside) @ scale[hit])
        metres[OUTSIDE] = float(shapely.length(left) @ scale)
    metres[TOTAL] = float(roads["length_m"].sum())
    return pd.Series(metres).rename_axis("zone")


def _with_share(table: pd.DataFrame, whole: str) -> pd.DataFrame:
    share = table[f"{whole}_covered"] / table[whole].where(table[whole] > 0)
    return table.assign(share=share)
