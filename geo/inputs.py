"""The layers of a study, read and brought into one metric CRS, with a report of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from geo import cache, crs, demand, graphs, layers, network, osm, roads, standards, stations
from geo.errors import InputError, StudyError
from geo.layers import LayerReport
from geo.network import RoadNetwork
from geo.studyfile import DemandSpec, FacilitySpec, LayerSpec, Study

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
