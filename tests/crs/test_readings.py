"""What is declared against what the file says: the declared one wins, told; the impossible is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from pyproj import CRS, Transformer
from shapely import Point

from geo.crs import Whereabouts, find_system, make_system, settle_system, wgs84_to_bd09mc, wgs84_to_gcj02
from geo.crs.own_systems import SystemSpec
from geo.errors import CrsError
from geo.layers import read_layer

PLACES = np.array([[121.31, 31.10], [121.35, 31.11], [121.33, 31.14]])
ROADS = Whereabouts(lonlat=PLACES + 0.01)


def in_system(crs):
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(*PLACES.T))


def keys(reading):
    return [note.key for note in reading.notes]


@pytest.mark.thorough
def test_the_declared_system_wins_and_the_distance_between_the_two_is_told():
    reading = settle_system(CRS.from_epsg(4549), CRS.from_epsg(4548), in_system(4549), ROADS)
    assert np.allclose(reading.to_lonlat(in_system(4549)), PLACES, atol=1e-6)
    (note,) = reading.notes
    assert note.key == "crs.declared_over_file"
    for word in ("EPSG:4549", "EPSG:4548", "286 km"):  # 3 degrees of longitude at 31.1 N
        assert word in str(note)


@pytest.mark.thorough
def test_the_same_system_under_another_name_is_accepted_without_a_word():
    for stated in ("+proj=tmerc +lon_0=120 +k=1 +x_0=500000 +ellps=GRS80 +units=m", "EPSG:4549"):
        assert not settle_system(
            CRS.from_epsg(4549), CRS.from_user_input(stated), in_system(4549), ROADS
        ).notes


@pytest.mark.parametrize("declared", [CRS.from_epsg(4549), None])
def test_no_system_is_looked_up_by_a_name_that_is_none(declared, monkeypatch):
    """PROJ searches its whole table for a name that it does not know: a fifth of a second for every layer."""
    known = CRS.equals
    asked = []

    def equals(system, other, **options):
        asked.append(other)
        return known(system, other, **options)

    monkeypatch.setattr(CRS, "equals", equals)
    settle_system(declared, CRS.from_epsg(4549), in_system(4549), ROADS)
    assert not [other for other in asked if not isinstance(other, CRS)]


def test_metres_of_baidu_are_no_web_mercator():
    # Some 20 km apart near Shanghai: too near for another zone, too far for a wrong road.
    baidu = np.column_stack(wgs84_to_bd09mc(*PLACES.T))
    mercator = CRS.from_epsg(3857)
    for declared, stated in ((mercator, None), (None, mercator)):
        with pytest.raises(CrsError, match=r'BD-09MC.*write crs = "BD-09MC"'):
            settle_system(declared, stated, baidu, ROADS)
    reading = settle_system("BD-09MC", mercator, baidu, ROADS)
    assert np.allclose(reading.to_lonlat(baidu), PLACES, atol=1e-6)
    with pytest.raises(CrsError, match='write crs = "EPSG:3857"'):
        settle_system("BD-09MC", None, in_system(3857), ROADS)
    assert not settle_system(mercator, None, in_system(3857), ROADS).notes
    # Without roads nobody can tell.
    assert not settle_system(mercator, None, baidu, Whereabouts()).notes


@pytest.mark.thorough
def test_a_file_whose_system_cannot_be_true_stops_with_the_one_that_fits():
    with pytest.raises(CrsError, match="EPSG:4549"):
        settle_system(None, CRS.from_epsg(4528), in_system(4549), ROADS)
    # Zone 39 in the place of zone 40 has the same false easting: only the roads tell.
    with pytest.raises(CrsError, match="EPSG:4549"):
        settle_system(None, CRS.from_epsg(4548), in_system(4549), ROADS)
    assert not settle_system(None, CRS.from_epsg(4548), in_system(4549), Whereabouts()).notes


@pytest.mark.parametrize(
    ("crs", "offer"),
    [
        (4528, "EPSG:4528"),
        pytest.param(4549, "EPSG:4549", marks=pytest.mark.thorough),
        (4499, "EPSG:4499"),
        (32651, "UTM|EPSG:32651"),
    ],
)
def test_the_zone_of_a_missing_prj_is_offered_by_the_roads(crs, offer):
    with pytest.raises(CrsError, match=offer):
        settle_system(None, None, in_system(crs), ROADS)


def test_exchanged_axes_and_baidus_metres_are_offered():
    with pytest.raises(CrsError, match="north,east"):
        settle_system(None, None, in_system(4549)[:, ::-1], ROADS)
    baidu = np.column_stack(wgs84_to_bd09mc(*PLACES.T))
    with pytest.raises(CrsError, match="BD-09MC"):
        settle_system(None, None, baidu, ROADS)
    assert np.allclose(settle_system("BD-09MC", None, baidu, ROADS).to_lonlat(baidu), PLACES, atol=1e-8)


def test_a_declared_system_that_cannot_be_true_names_the_files_own():
    with pytest.raises(CrsError, match="leave out crs"):
        settle_system(CRS.from_epsg(4548), CRS.from_epsg(4549), in_system(4549), ROADS)
    with pytest.raises(CrsError, match="leave out crs"):
        settle_system(CRS.from_epsg(4326), CRS.from_epsg(4549), in_system(4549), ROADS)


def test_metres_of_a_projection_in_gcj_02():
    xy = np.column_stack(
        Transformer.from_crs(4326, 3857, always_xy=True).transform(*wgs84_to_gcj02(*PLACES.T))
    )
    reading = settle_system("GCJ-02", CRS.from_epsg(3857), xy, ROADS)
    assert np.allclose(reading.to_lonlat(xy), PLACES, atol=1e-7)
    assert keys(reading) == ["crs.shifted_projection"]


def test_old_datums_are_told_and_the_studys_own_parameters_win():
    xy = in_system(4549)  # only numbers: what they are is declared
    assert keys(settle_system(CRS.from_epsg(2437), None, xy, ROADS)) == ["crs.old_shifted_nearby"]
    assert keys(settle_system(None, CRS.from_epsg(2385), xy, ROADS)) == ["crs.old_unshifted"]
    spec = SystemSpec(to_crs="EPSG:4490", seven={"dx_m": 16.0, "dy_m": -150.0, "dz_m": -80.0})
    known = Whereabouts({"Beijing 1954": make_system("Beijing 1954", spec)}, ROADS.lonlat)
    reading = settle_system(None, CRS.from_epsg(2437), xy, known)
    assert keys(reading) == ["crs.old_own"]
    east_m = (reading.to_lonlat(xy) - settle_system(None, CRS.from_epsg(4549), xy, ROADS).to_lonlat(xy))[0, 0]
    # -x sin(lon) + y cos(lon) = -16 x 0.854 + 150 x 0.520 = 64 m east, by hand
    assert east_m * 95_350 == pytest.approx(64, abs=3)


@pytest.mark.thorough
def test_an_own_system_by_its_name():
    spec = SystemSpec(to_crs="EPSG:4549", four={"dx_m": 640_000, "dy_m": 3_456_000})
    known = Whereabouts({"上海城市坐标系": make_system("上海城市坐标系", spec)}, ROADS.lonlat)
    xy = in_system(4549) - [640_000, 3_456_000]
    reading = settle_system(find_system("上海城市坐标系", known), None, xy, known)
    assert np.allclose(reading.to_lonlat(xy), PLACES, atol=1e-6)
    with pytest.raises(CrsError, match="surveying office"):
        find_system("上海城市坐标系", ROADS)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("ending", "driver"), [("mif", "MapInfo File"), ("tab", "MapInfo File"), ("shp", None)]
)
@pytest.mark.parametrize("crs", [2437, 2385, 4549, 4528, 28421])
def test_files_of_gdal_against_the_same_system_declared(tmp_path, ending, driver, crs):
    places = gpd.GeoDataFrame(
        {"name": ["a", "b", "c"]}, geometry=[Point(xy) for xy in in_system(crs)], crs=crs
    )
    path = tmp_path / f"places.{ending}"
    places.to_file(path, driver=driver) if driver else places.to_file(path)
    code = {28421: "EPSG:21421"}.get(crs, f"EPSG:{crs}")  # Pulkovo 1942 stands for Beijing 1954 in China
    read = read_layer(path, crs=code)
    told = [note.key for note in read.report.crs_notes]
    # A .prj names Pulkovo 1942, which is another system; MapInfo's datums have no names that could differ.
    is_other = crs == 28421 and ending == "shp"
    assert any(key.startswith("crs.declared") for key in told) == is_other
    assert len(told) == is_other + (crs in (2437, 2385, 28421))


def test_without_roads_every_zone_is_offered_by_its_meridian():
    with pytest.raises(CrsError, match=r"EPSG:4534 \(75°\).*EPSG:4549 \(120°\).*UTM 51N") as stop:
        settle_system(None, None, in_system(4549), Whereabouts())
    assert "EPSG:4549（120°）" in stop.value.say("zh")


def test_roads_in_metres_of_baidu_are_told_where_a_layer_lies_beside_them():
    mercator, degrees = CRS.from_epsg(3857), CRS.from_epsg(4326)
    baidu = np.column_stack(wgs84_to_bd09mc(*PLACES.T))
    lonlat = np.column_stack(Transformer.from_crs(mercator, degrees, always_xy=True).transform(*baidu.T))
    known = Whereabouts(lonlat=lonlat, roads_crs="EPSG:3857 (WGS 84 / Pseudo-Mercator)")
    with pytest.raises(CrsError, match=r'write crs = "BD-09MC" in \[roads\]'):
        settle_system(None, degrees, PLACES, known)
    assert not settle_system(None, degrees, lonlat, known).notes
