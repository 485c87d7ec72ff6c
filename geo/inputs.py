"""The layers of a study, read and brought into one metric CRS, with a report of each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from geo import cache, crs, demand, graphs, layers, network, osm, roads, standards, stations
from geo.errors import InputError, StudyError
from geo.layers import LayerRead, LayerReport
from geo.network import RoadNetwork
from geo.studyfile import DemandSpec, FacilitySpec, LayerSpec, Study, ZonesSpec

__all__ = ["Inputs", "Note", "read_inputs"]

OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
