"""The layers of a study, read and brought into one metric CRS, with a report of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from geo.layers import LayerReport
from geo.network import RoadNetwork

__all__ = ["Inputs", "Step", "read_inputs"]

OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
Step = Callable[[str], None]
"""Told the name of each step as it starts; a word of ``layers/words/steps.toml``."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a study reads, checked, in one projected metric CRS.

    Parameters
    ----------
    crs : pyproj.CRS
        The study's metric CRS.
    network : RoadNetwork
        The roads with their times.
    facilities : GeoDataFrame
        A ``Facilities`` table of every kind.
    demand : GeoDataFrame
        A ``Demand`` table; ``zone`` names the town where there are towns.
    zones : GeoDataFrame
        A ``Zones`` table, perhaps empty.
    land, barriers : shapely geometry or None
        Land that areas are clipped to, and water that a walk from the road may not cross.
    reports : tuple of (str, LayerReport)
        Section of the study file and the report of its layer.
    notes : tuple of (str, str)
        Section and one sentence on what was guessed, repaired or left out.
    attributions : tuple of str
        Credits of the sources, each once.
    """

    crs: CRS
    network: RoadNetwork
    facilities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    land: shapely.Geometry | None
    barriers: shapely.Geometry | None
    reports: tuple[tuple[str, LayerReport], ...]
    notes: tuple[tuple[str, str], ...]
    attributions: tuple[str, ...]


def read_inputs(study: Study, *, step: Step = lambda name: None) -> Inputs:
    """Read every layer of a study.

    Raises
    ------
    GeoError
        A layer cannot be used; the message names the section of the study file.
    """
    reader = _Reader(study)
    step("roads")
    net = reader.roads()
    step("facilities")
    facilities = reader.facilities(net.crs)
    step("zones")
    zones = reader.zones(net.crs)
    land = reader.outline("land", [study.land] if study.land else [], net.crs)
    barriers = reader.outline("barriers", study.barriers, net.crs)
    step("people")
    people = reader.people(net, zones)
    credits = [study.study.attribution, net.attribution, *reader.credits]
    return Inputs(
        crs=net.crs,
        network=net,
        facilities=facilities,
        demand=people,
        zones=zones,
        land=land,
        barriers=barriers,
        reports=tuple(reader.reports),
        notes=tuple(reader.notes),
        attributions=tuple(dict.fromkeys(credit for credit in credits if credit)),
    )
