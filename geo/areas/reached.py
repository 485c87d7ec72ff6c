"""What a coverage reaches of people, road and land, in all and zone by zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from geo import coverage as covering
from geo.areas.shares import TOTAL, land_share, road_share
from geo.coverage import Coverage
from geo.statistics import OUTSIDE, summarise

__all__ = ["Reached", "tell_reached"]

_SLIVER_KM: Final = 1e-6
"""Less road than this is what cutting at a border leaves over."""


@dataclass(frozen=True, eq=False)
class Reached:
    """People, road and land within a standard's limit.

    Parameters
    ----------
    zones : GeoDataFrame
        Index ``zone_id``; ``name``, ``level``, the columns of :class:`geo.statistics.Summary`,
        ``share_people`` (0-1), ``road_km``, ``road_covered_km``, ``share_road``, ``area_km2``,
        ``land_covered_km2``, ``share_land``, ``geometry``. People and road outside all zones have a last
        row without geometry; so has each zone that only the people's own table names.
    share_road, share_land : float
        Of the whole study, 0-1; nan where there is no road, or neither land nor zones.
    """

    zones: gpd.GeoDataFrame
    share_road: float
    share_land: float


def tell_reached(
    coverage: Coverage,
    areas: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    land: gpd.GeoDataFrame | None = None,
) -> Reached:
    """Tell what is reached, by zone.

    Parameters
    ----------
    coverage : Coverage
        Times of people under one standard.
    areas : GeoDataFrame
        ``ServiceAreas`` at the same limit, with the union.
    zones : GeoDataFrame
        ``Zones`` of one level, perhaps empty.
    land : GeoDataFrame, optional
        The land of the study; the zones together when missing.
    """
    named_zones = zones if len(zones) else None
    roads = road_share(
        coverage.network,
        coverage.station_snaps,
        limit_s=coverage.standard.limit_s,
        start_s=covering.clock_starts(coverage.stations, coverage.standard),
        direction=coverage.direction,
        zones=named_zones,
    )
    ground = _ground(areas, zones, land, limit_s=coverage.standard.limit_s)
    return Reached(
        zones=_zone_table(coverage, zones, roads, ground),
        share_road=float(roads.loc[TOTAL, "share"]),
        share_land=float(ground.loc[TOTAL, "share"]),
    )


def _ground(
    areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None, *, limit_s: float
) -> pd.DataFrame:
    """Measure the land, by zone where there are zones; nan where no land is known or nothing stands on it."""
    whole = zones if len(zones) else land
    if whole is None or not len(areas):
        nothing = {"km2": float("nan"), "km2_covered": float("nan"), "share": float("nan")}
        return pd.DataFrame(nothing, index=pd.Index([TOTAL], name="zone"))
    named = whole if "name" in whole else whole.assign(name=TOTAL)
    return land_share(areas, named, limit_s=limit_s, land=land)


def _zone_table(
    coverage: Coverage, zones: gpd.GeoDataFrame, roads: pd.DataFrame, ground: pd.DataFrame
) -> gpd.GeoDataFrame:
    figures = covering.by_zone(coverage, zones)
    rest = [name for name in figures.index if name not in set(zones["name"])]
    if OUTSIDE not in figures.index and roads["km"].get(OUTSIDE, 0.0) > _SLIVER_KM:
        # Nobody lives there, yet without its row the roads of the zones would not add up to all roads.
        figures.loc[OUTSIDE] = pd.Series(summarise(coverage.table.iloc[:0]))
        rest.append(OUTSIDE)
    names = pd.Index([*zones["name"], *rest], dtype=object)
    road, land = roads.reindex(names), ground.reindex(names)
    zone_figures = figures.reindex(names).assign(
        name=names,
        share_people=lambda rows: rows["share_covered"],
        road_km=road["km"],
        road_covered_km=road["km_covered"],
        share_road=road["share"],
        area_km2=land["km2"],
        land_covered_km2=land["km2_covered"],
        share_land=land["share"],
    )
    zone_figures = zone_figures.set_axis(pd.Index([*zones.index, *rest], name="zone_id", dtype=object))
    zone_figures["level"] = zones["level"].reindex(zone_figures.index)
    return gpd.GeoDataFrame(
        zone_figures, geometry=zones.geometry.reindex(zone_figures.index), crs=coverage.network.crs
    )
