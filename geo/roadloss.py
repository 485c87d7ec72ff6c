"""What is left of coverage when roads flood or a link closes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.closures import carry_snaps, close_edges
from geo.coverage import Coverage, clock_starts
from geo.errors import CrsError
from geo.nearest import nearest
from geo.network import RoadNetwork
from geo.roadlinks import open_edges
from geo.times import is_within

__all__ = ["LOSS_COLUMNS", "Closing", "lose_roads", "roads_inside"]

LOSS_COLUMNS = (
    "name",
    "cause",
    "n_edges",
    "closed_m",
    "share_before",
    "share_after",
    "people_late",
    "people_cut_off",
    "n_stations_lost",
    "zones",
)
"""Columns of a table of losses."""


@dataclass(frozen=True, eq=False)
class Closing:
    """Roads that close together.

    Parameters
    ----------
    name : str
        Such as the name of the flood area or of the bridge.
    cause : str
        ``"hazard"``, ``"hazards"`` (all of them together) or ``"link"``.
    edges : int64 array
        The edges.
    """

    name: str
    cause: str
    edges: NDArray[np.int64]


def roads_inside(
    network: RoadNetwork, areas: gpd.GeoDataFrame, *, stay_open: Collection[str] = ()
) -> list[NDArray[np.int64]]:
    """Give for each area the open edges that run in it or through it; merely touching it is not enough.

    The whole edge counts, from junction to junction. Heights are not known: a road on a bridge or a viaduct
    counts as well unless its class is one of ``stay_open``.

    Raises
    ------
    CrsError
        The areas are not in the network's CRS.
    """
    if areas.crs != network.crs:
        raise CrsError("hazard areas and roads are in different coordinate systems; reproject the areas")
    edges = open_edges(network)
    classes = np.array([name not in stay_open for name in network.classes], dtype=bool)
    edges = edges[classes[network.edge_class[edges]]]
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))[edges]
    tree = shapely.STRtree(lines)
    found = []
    for area in areas.geometry:
        shapely.prepare(area)
        hit = np.sort(tree.query(area, predicate="intersects"))
        found.append(edges[hit[~shapely.touches(area, lines[hit])]])
    return found


def lose_roads(coverage: Coverage, closings: Iterable[Closing]) -> pd.DataFrame:
    """Tell what each closing leaves of the coverage; each alone.

    People and stations stay where they are: one on a closed road is cut off with it, and nobody is put on a
    road farther away. One at a junction keeps the other roads there.

    Parameters
    ----------
    coverage : Coverage
        With all roads open.
    closings : iterable of Closing
        What closes.

    Returns
    -------
    DataFrame
        RangeIndex in the order given; :data:`LOSS_COLUMNS`: ``closed_m`` (length of the closed edges),
        ``share_before`` and ``share_after`` (of people in time, 0-1; nan of nobody), ``people_late`` (in time
        before, reached too late after), ``people_cut_off`` (reached before, not at all after),
        ``n_stations_lost`` (on closed roads), ``zones`` (towns of the people cut off, the most first, with
        their number).
    """
    rows = [_loss(coverage, closing) for closing in closings]
    return pd.DataFrame(rows, columns=list(LOSS_COLUMNS))


def _loss(coverage: Coverage, closing: Closing) -> dict[str, object]:
    network = close_edges(coverage.network, closing.edges)
    stations = carry_snaps(coverage.station_snaps, network)
    near = nearest(
        network,
        stations,
        carry_snaps(coverage.demand_snaps, network),
        direction=coverage.direction,
        limit_s=coverage.search_s,
        start_s=clock_starts(coverage.stations, coverage.standard),
    )
    table = coverage.table
    people = table["people"].to_numpy(dtype=float)
    first_s = near["first_s"].to_numpy(dtype=float)
    in_time, reached = is_within(first_s, coverage.standard.limit_s), np.isfinite(first_s)
    was_in_time = table["is_covered"].to_numpy(dtype=bool)
    cut_off = table["is_reachable"].to_numpy(dtype=bool) & ~reached
    total = math.fsum(people)
    return {
        "name": closing.name,
        "cause": closing.cause,
        "n_edges": len(closing.edges),
        "closed_m": float(network.edge_length[closing.edges].sum()),
        "share_before": math.fsum(people[was_in_time]) / total if total > 0 else math.nan,
        "share_after": math.fsum(people[in_time]) / total if total > 0 else math.nan,
        "people_late": math.fsum(people[was_in_time & ~in_time & reached]),
        "people_cut_off": math.fsum(people[cut_off]),
        "n_stations_lost": int((coverage.station_snaps["is_snapped"] & ~stations["is_snapped"]).sum()),
        "zones": _zones(table["zone"], people, cut_off),
    }


def _zones(zone: pd.Series, people: NDArray[np.float64], cut_off: NDArray[np.bool_]) -> str:
    """Name the towns of the people cut off, with their number."""
    rows = pd.DataFrame({"zone": zone.to_numpy(dtype=object), "people": people})[cut_off & (people > 0)]
    rows["zone"] = rows["zone"].where(rows["zone"].notna(), "–")
    by_town = rows.groupby("zone", sort=True)["people"].sum().sort_values(ascending=False, kind="stable")
    return "; ".join(f"{name} {count:,.0f}" for name, count in by_town.items())
