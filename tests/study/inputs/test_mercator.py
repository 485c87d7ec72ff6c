"""Metres of Baidu read as Web Mercator, of the roads or of a layer, over a village net near Shanghai."""

from __future__ import annotations

import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from geo.crs import Whereabouts, bd09mc_to_wgs84, transform_xy, wgs84_to_bd09mc
from geo.errors import CrsError
from geo.study.inputs.mercator import require_mercator
from tests.study.inputs.test_datum import stations, village_net

WEB, DEGREES = CRS.from_epsg(3857), CRS.from_epsg(4326)
Turn = Callable[[np.ndarray], np.ndarray]


def web_as_baidu(lonlat: np.ndarray) -> np.ndarray:
    """Give the places whose metres, read as Web Mercator, are at these degrees."""
    return np.column_stack(bd09mc_to_wgs84(*transform_xy(lonlat, DEGREES, WEB).T))


def baidu_as_web(lonlat: np.ndarray) -> np.ndarray:
    return transform_xy(np.column_stack(wgs84_to_bd09mc(*lonlat.T)), WEB, DEGREES)


def turned(turn: Turn, *, n: int = 20) -> gpd.GeoDataFrame:
    lonlat = turn(shapely.get_coordinates(stations(None, n=n).to_crs(4326).geometry.to_numpy()))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*lonlat.T), crs=4326).to_crs(32651)


@pytest.mark.parametrize("n", [3, 7, 8, 20])
@pytest.mark.parametrize(
    ("turn", "layer_crs", "roads_crs", "wanted"),
    [
        # What is right stands where the roads would if their metres were read as what they are.
        (web_as_baidu, "EPSG:4326", "EPSG:3857", 'write crs = "BD-09MC" in [roads]'),
        (baidu_as_web, "GCJ-02", "BD-09MC", 'write crs = "EPSG:3857" in [roads]'),
        (baidu_as_web, "EPSG:3857 (WGS 84 / Pseudo-Mercator)", "EPSG:4326", 'write crs = "BD-09MC"'),
        (web_as_baidu, "BD-09MC", "", 'write crs = "EPSG:3857"'),
    ],
)
def test_the_other_metres_are_found(turn: Turn, layer_crs: str, roads_crs: str, wanted: str, n: int) -> None:
    with pytest.raises(CrsError, match=re.escape(wanted)):
        require_mercator(
            turned(turn, n=n), village_net(), layer_crs=layer_crs, known=Whereabouts(roads_crs=roads_crs)
        )


@pytest.mark.parametrize("crs", ["EPSG:3857", "BD-09MC"])
def test_places_at_their_roads_raise_nothing(crs: str) -> None:
    known = Whereabouts(roads_crs=crs)
    require_mercator(stations(None), village_net(), layer_crs=crs, known=known)
    far = gpd.GeoDataFrame(geometry=stations(None).translate(60_000, 5_000), crs=32651)
    require_mercator(far, village_net(), layer_crs=crs, known=known)  # elsewhere by whatever reading


def test_other_systems_and_two_places_say_nothing() -> None:
    moved = turned(web_as_baidu)
    require_mercator(moved, village_net(), layer_crs="EPSG:4326", known=Whereabouts(roads_crs="EPSG:4549"))
    known = Whereabouts(roads_crs="EPSG:3857")
    require_mercator(moved.iloc[:2], village_net(), layer_crs="EPSG:4326", known=known)
