"""Metres of Baidu's maps: published pairs, and there and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo.crs import (
    bd09_to_bd09mc,
    bd09mc_to_bd09,
    bd09mc_to_wgs84,
    find_misfits,
    parse_crs,
    wgs84_to_bd09mc,
)

CENTIMETRE_DEG = 0.01 / 111_320


def test_published_pairs():
    # github.com/wh1100717/BaiduMapPointConverter, README: degrees are told to six digits, 0.1 m.
    assert np.allclose(bd09mc_to_bd09(12958160.97, 4825907.72), (116.403874, 39.914889), atol=5e-7)
    # github.com/teslamate-org/teslamate, tests of BaiduMercator, Beijing and Shanghai. They are of the other
    # published polynomial, of metres by degrees, which is no exact inverse: 2 cm.
    assert np.allclose(bd09_to_bd09mc(116.404, 39.915), (12_958_175.0, 4_825_923.77), rtol=0, atol=0.03)
    assert np.allclose(bd09_to_bd09mc(121.499, 31.240), (13_525_353.98, 3_641_593.36), rtol=0, atol=0.03)


def test_read_as_web_mercator_a_place_in_shanghai_is_19_km_off():
    lat = Transformer.from_crs(3857, 4326, always_xy=True).transform(13_525_353.98, 3_641_593.36)[1]
    assert 18.5 < (31.240 - lat) * 111.2 < 19.5


@given(lon=st.floats(73, 135), lat=st.floats(4, 53))
def test_there_and_back_is_the_same_place(lon, lat):
    again = bd09mc_to_bd09(*bd09_to_bd09mc(lon, lat))
    assert np.abs(np.subtract(again, (lon, lat))).max() < CENTIMETRE_DEG
    again = bd09mc_to_wgs84(*wgs84_to_bd09mc(lon, lat))
    assert np.abs(np.subtract(again, (lon, lat))).max() < CENTIMETRE_DEG


def test_both_sides_of_a_border_of_bands_join():
    # The two polynomials of 3,481,989.83 m (near 30 N) meet within 2 m on the ground.
    south, north = bd09mc_to_bd09([13.5e6, 13.5e6], [3481989.82, 3481989.84])[1]
    assert 0 < north - south < 2e-5


def test_planners_names_of_it():
    for name in ("BD-09MC", "bd09mc", "百度墨卡托", "BD09 Mercator"):
        assert parse_crs(name) == "BD-09MC"
    assert parse_crs("百度") == "BD-09"
    degrees, why = find_misfits(np.array([121.4]), np.array([31.2]), "BD-09MC")
    assert degrees.all()
    assert 'crs = "BD-09"' in str(why)
