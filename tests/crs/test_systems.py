"""Coordinate systems: named in the ways planners write, shifted and unshifted, and wrong ones caught."""

from __future__ import annotations

import contextlib
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geo.crs import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    choose_metric_crs,
    find_misfits,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    parse_crs,
    require_metric,
    require_same,
    to_metric,
    wgs84_to_bd09,
    wgs84_to_gcj02,
    zones,
)
from geo.errors import CrsError, GeoError

CENTIMETRE_DEG = 0.01 / 111_320  # of latitude; of longitude it is less ground still
lons = st.floats(74, 135)
lats = st.floats(18, 53)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        # github.com/googollee/eviltransform, test cases of its implementations (Shanghai, Shenzhen,
        # Beijing). They use the WGS 84 axis, 1.7e-5 longer than Krasovsky's: 1 cm in 600 m, so 1e-7 degrees.
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_pairs_of_gcj02(wgs, gcj):
    assert np.allclose(wgs84_to_gcj02(*wgs), gcj, rtol=0, atol=2e-7)
    assert np.allclose(gcj02_to_wgs84(*gcj), wgs, rtol=0, atol=2e-7)


def test_published_pairs_of_the_original_formula():
    # github.com/wandergis/coordtransform, test/app.js: the original Krasovsky constants, so all digits agree.
    assert np.allclose(
        wgs84_to_gcj02(116.404, 39.915), (116.41024449916938, 39.91640428150164), rtol=0, atol=1e-12
    )
    assert np.allclose(
        gcj02_to_bd09(116.404, 39.915), (116.41036949371029, 39.92133699351021), rtol=0, atol=1e-12
    )
    # Its inverse of BD-09 is a closed approximation, off by about 0.1 m.
    assert np.allclose(
        bd09_to_gcj02(116.404, 39.915), (116.39762729119315, 39.90865673957631), rtol=0, atol=2e-6
    )


def test_published_triples_of_cities():
    # github.com/hujiulong/gcoord, test/fixtures/china-cities.json, Xingtai, Taizhou (Jiangsu) and Nagqu.
    # They come from map services, which add noise of half a metre; gcoord itself compares 4 digits.
    wgs = np.array([[114.498916, 37.0700925], [119.9183831, 32.4580023], [92.0499619, 31.4784436]])
    gcj = np.array([[114.5048503, 37.0705911], [119.9231242, 32.4557802], [92.0512438, 31.4762063]])
    bd = np.array([[114.5113116, 37.0766797], [119.9296902, 32.4615531], [92.0576832, 31.4824421]])
    for change, start, end in (
        (wgs84_to_gcj02, wgs, gcj),
        (gcj02_to_wgs84, gcj, wgs),
        (gcj02_to_bd09, gcj, bd),
        (bd09_to_gcj02, bd, gcj),
        (wgs84_to_bd09, wgs, bd),
        (bd09_to_wgs84, bd, wgs),
    ):
        assert np.abs(np.column_stack(change(*start.T)) - end).max() < 1e-5, change.__name__


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(lons, lats), min_size=1, max_size=20))
def test_every_shift_undone_is_where_it_was(places):
    lon, lat = np.array(places).T
    for there, back in (
        (wgs84_to_gcj02, gcj02_to_wgs84),
        (gcj02_to_bd09, bd09_to_gcj02),
        (wgs84_to_bd09, bd09_to_wgs84),
    ):
        again = back(*there(lon, lat))
        assert np.abs(again[0] - lon).max() < CENTIMETRE_DEG
        assert np.abs(again[1] - lat).max() < CENTIMETRE_DEG


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.tuples(st.floats(-180, 71), st.floats(-90, 90)), st.tuples(lons, st.floats(-90, 0))))
def test_outside_china_nothing_moves(place):
    for change in (
        wgs84_to_gcj02,
        gcj02_to_wgs84,
        gcj02_to_bd09,
        bd09_to_gcj02,
        wgs84_to_bd09,
        bd09_to_wgs84,
    ):
        assert tuple(map(float, change(*place))) == place


@settings(max_examples=50, deadline=None)
@given(lons, lats)
def test_the_shift_is_hundreds_of_metres(lon, lat):
    moved = wgs84_to_gcj02(lon, lat)
    metres = np.hypot((moved[0] - lon) * np.cos(np.radians(lat)), moved[1] - lat) * 111_320
    assert 10 < metres < 1_100


def test_missing_places_stay_missing():
    lon, lat = gcj02_to_wgs84([121.5, np.nan], [31.2, np.nan])
    assert np.isfinite(lon[0])
    assert np.isnan(lon[1])
    assert np.isnan(lat[1])


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("EPSG:4326", 4326),
        ("4490", 4490),
        (32651, 32651),
        ("WGS84", 4326),
        ("wgs 84", 4326),
        ("UTM 51N", 32651),
        ("WGS 84 / UTM zone 51N", 32651),
        ("utm 20s", 32720),
        ("CGCS2000", 4490),
        ("国家2000大地坐标系", 4490),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 40", 4528),
        ("CGCS2000_3_Degree_GK_Zone_40", 4528),
        ("CGCS2000 3度带 40带", 4528),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 25", 4513),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 45", 4533),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 120E", 4549),
        ("CGCS2000 中央经线 75", 4534),
        ("CGCS2000 中央经线 135", 4554),
        ("CGCS2000 6度带 21带", 4499),
        ("西安80 3度带 40带", 2364),
        ("Xian 1980 中央经线120", 2385),
        ("北京54", 4214),
        ("Beijing 1954 / 3-degree Gauss-Kruger zone 40", 2416),
    ],
)
def test_names_of_coordinate_systems(text, epsg):
    found = parse_crs(text)
    assert found == CRS.from_epsg(epsg)


def test_every_code_by_zone_is_the_zone_that_proj_names():
    # The first codes of nine families are typed by hand: PROJ's own names prove them, at both ends.
    for datum, families in zones._FIRST_ZONE.items():
        for degree, (with_zone, without) in families.items():
            low, n_zones = (25, 21) if degree == 3 else (13, 11)
            for step in (0, n_zones - 1):
                zone = low + step
                meridian = zone * 3 if degree == 3 else zone * 6 - 3
                assert CRS.from_epsg(with_zone + step).name.endswith(f"zone {zone}"), datum
                assert CRS.from_epsg(without + step).name.endswith(f"CM {meridian}E"), datum


@pytest.mark.parametrize("text", ["GCJ-02", "gcj02", "高德", "火星坐标系", "GCJ02 (腾讯)"])
def test_gcj02_by_name(text):
    assert parse_crs(text) == "GCJ-02"


@pytest.mark.parametrize("text", ["BD-09", "bd09ll", "百度"])
def test_bd09_by_name(text):
    assert parse_crs(text) == "BD-09"


def test_a_local_grid_with_its_own_meridian():
    local = parse_crs("CGCS2000 中央经线 121.5")
    # On the central meridian the easting is the false easting.
    x, y = Transformer.from_crs(4490, local, always_xy=True).transform(121.5, 31.0)
    assert x == pytest.approx(500_000, abs=1e-6)
    assert 3.4e6 < y < 3.5e6


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "",
        "somewhere",
        "EPSG:999999",
        "UTM 51",
        "UTM 61N",
        "CGCS2000 3度带",
        "CGCS2000 zone 50",
        "CGCS2000 上海城建",
        "CGCS2000 中央经线 10",
    ],
)
def test_a_name_that_names_nothing_is_an_error_in_plain_words(text):
    with pytest.raises(CrsError):
        parse_crs(text)


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=30))
def test_no_text_brings_a_foreign_error(text):
    with contextlib.suppress(GeoError):
        parse_crs(text)


def test_choose_the_utm_zone_of_the_middle():
    assert choose_metric_crs((121.1, 31.3, 122.0, 31.9)).to_epsg() == 32651
    assert choose_metric_crs((9.4, 47.0, 9.7, 47.3)).to_epsg() == 32632
    assert choose_metric_crs((-70.0, -34.0, -69.0, -33.0)).to_epsg() == 32719
    assert choose_metric_crs((179.5, 0.0, 180.0, 1.0)).to_epsg() == 32660


def test_choose_refuses_what_is_no_place():
    for bounds in ((350_000.0, 3.4e6, 360_000.0, 3.5e6), (100.0, 20.0, 120.0, 30.0), (0.0, 85.0, 1.0, 86.0)):
        with pytest.raises(CrsError):
            choose_metric_crs(bounds)
    with pytest.raises(CrsError, match="25-45"):
        choose_metric_crs((9.4, 47.0, 9.7, 47.3), family="cgcs2000")


def _points(xy, crs):
    return gpd.GeoDataFrame(geometry=shapely.points(np.atleast_2d(xy)), crs=crs)


def test_lengths_need_metres():
    assert require_metric(_points([350_000, 3_450_000], 32651), "stations").to_epsg() == 32651
    for crs, words in (
        (None, "not known"),
        (4326, "not in metres"),
        (3857, "stretches"),
        (2263, "not in metres"),
    ):
        with pytest.raises(CrsError, match=words):
            require_metric(_points([1, 1], crs), "stations")


def test_to_metric_keeps_rows_and_finds_the_known_place():
    # EPSG:32651 has its central meridian at 123 E: there x is 500,000 m.
    table = _points([[123.0, 31.0], [121.0, 31.0]], 4326).set_index(np.array(["a", "b"]))
    moved = to_metric(table, CRS.from_epsg(32651))
    assert list(moved.index) == ["a", "b"]
    assert moved.geometry["a"].x == pytest.approx(500_000, abs=1e-3)
    with pytest.raises(CrsError, match="not known"):
        to_metric(_points([1, 1], None), CRS.from_epsg(32651))
    with pytest.raises(CrsError, match="not in metres"):
        to_metric(table, CRS.from_epsg(4490))


def test_layers_of_two_systems_do_not_mix():
    require_same(_points([1, 1], 4326), _points([2, 2], 4326))
    with pytest.raises(CrsError, match="32651"):
        require_same(_points([1, 1], 4326), _points([2, 2], 32651))


@pytest.mark.parametrize(
    ("x", "y", "crs", "words"),
    [
        (31.5, 121.5, "EPSG:4326", "exchanged"),
        (39.9, 75.0, "EPSG:4326", "exchanged"),  # Kashgar: both orders are degrees, one is in China
        (350_000.0, 3_450_000.0, "EPSG:4326", "no degrees"),
        (40_350_000.0, 3_450_000.0, "EPSG:4490", "zone 40"),
        (3_450_000.0, 40_350_000.0, "EPSG:4490", "exchanged"),
        (121.5, 31.2, "EPSG:32651", "are degrees"),
        (3_450_000.0, 350_000.0, "EPSG:32651", "exchanged"),
        (350_000.0, 3_450_000.0, "EPSG:4528", "EPSG:4549"),
        (40_350_000.0, 3_450_000.0, "EPSG:4549", "EPSG:4528"),
        (350_000.0, -3_450_000.0, "EPSG:32651", "another zone"),
    ],
)
def test_a_wrong_system_is_caught_with_its_remedy(x, y, crs, words):
    misfit, why = find_misfits(np.array([x]), np.array([y]), CRS.from_user_input(crs))
    assert misfit.all()
    assert words in str(why)
    assert why is not None
    assert re.search("[一-龥]", why.say("zh"))


@pytest.mark.parametrize(
    ("x", "y", "crs"),
    [
        (121.5, 31.2, "EPSG:4326"),
        (9.5, 47.1, "EPSG:4326"),
        (24.9, 60.2, "EPSG:4326"),
        (-179.0, -80.0, "EPSG:4326"),
        (40_350_000.0, 3_450_000.0, "EPSG:4528"),
        (350_000.0, 3_450_000.0, "EPSG:4549"),
        (350_000.0, 3_450_000.0, "EPSG:32651"),
    ],
)
def test_a_right_system_passes(x, y, crs):
    misfit, why = find_misfits(np.array([x]), np.array([y]), CRS.from_user_input(crs))
    assert not misfit.any()
    assert why is None
