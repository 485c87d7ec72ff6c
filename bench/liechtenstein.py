"""Liechtenstein from its one OSM file: the roads, the fire stations and every building."""

from __future__ import annotations

import geopandas as gpd
from pyproj import CRS

from geo.network import RoadNetwork, from_roads
from geo.osm import read_buildings, read_facilities, read_roads
from geo.standards import SpeedProfile, load_profile
from tests.shared import DATA

PBF = DATA / "liechtenstein" / "liechtenstein-240304.osm.pbf"


def load(profile: SpeedProfile | None = None) -> tuple[RoadNetwork, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give the network of a profile (the fire engine's), the stations and the buildings, in one CRS."""
    network = from_roads(read_roads(PBF), profile or load_profile("fire_engine"), crs=CRS("EPSG:32632"))
    station = read_facilities(PBF, kinds=("fire_station",)).to_crs(network.crs)
    return network, station, read_buildings(PBF).to_crs(network.crs)
