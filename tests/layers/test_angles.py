"""Longitudes and latitudes in every way that people write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError
from geo.layers import Coordinates, read_layer
from geo.layers._angles import looks_packed, parse_angle, parse_packed, parse_pair

SAME = (
    *(
        "121-24-30",
        "121:24:30",
        "121 24 30",
        "121°24′30″E",
        "E121°24'30\"",
        "121度24分30秒",
        "东经121°24′30″",
    ),
    *("121º24'30''", "121°24’30”", "121-24.5", "121 24.5", "121°24.5′", "E121.40833333", "１２１°２４′３０″"),
)


@pytest.mark.parametrize("text", SAME)
def test_one_angle_in_many_ways(text):
    assert parse_angle(text) == pytest.approx(121.408333, abs=1e-6)


@pytest.mark.parametrize("text", ["121-75-30", "121.5-30", "121-24.5-30", "约121", "121,24", "12-13-14-15"])
def test_what_is_no_angle_stays_unread(text):
    assert parse_angle(text) is None


@pytest.mark.parametrize(
    "text", ["121-24-30,31-6-36", "N31°6′36″ E121°24′30″", "E121°24′30″N31°6′36″", "121 24 30 31 6 36"]
)
def test_two_in_a_cell(text):
    assert parse_pair(text) == pytest.approx((121.408333, 31.11), abs=1e-6)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59))
def test_packed_is_the_same_angle_as_with_hyphens(degrees, minutes, seconds):
    angle = parse_angle(f"{degrees}-{minutes}-{seconds}")
    assert parse_packed(f"{degrees}.{minutes:02d}{seconds:02d}") == pytest.approx(angle)
    if degrees:
        assert parse_packed(f"{degrees:02d}{minutes:02d}{seconds:02d}") in (
            pytest.approx(angle),
            pytest.approx(parse_packed(f"{degrees:02d}{minutes:02d}{seconds:02d}")),
        )


def test_decimals_are_not_taken_for_packed_ones():
    assert not looks_packed([f"121.{number:04d}" for number in range(2400, 2500)])
    assert not looks_packed(["121.2430"] * 50)  # one place is no pattern
    # Three stations as a phone shows them, and three in decimals of which one minute would be 71.
    assert looks_packed(["121.2430", "31.1512", "121.2745", "31.1408", "121.3015", "31.1633"])
    assert not looks_packed(["121.2430", "31.1512", "121.7145", "31.1408", "121.3015", "31.1633"])


def test_ordinary_decimals_of_three_places_are_seldom_taken_for_packed_ones() -> None:
    chance = np.random.default_rng(7)
    layers = [[f"121.{n:04d}" for n in chance.integers(0, 10_000, 6)] for _ in range(2000)]
    assert sum(map(looks_packed, layers)) < 12  # 0.36 ** 6 of 2,000 is 4


def write(folder, text, name="stations.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_each_way_is_told_and_no_row_is_lost(tmp_path):
    rows = "".join(f"站{i},{text},31-6-36\n" for i, text in enumerate(SAME[:6]))
    read = read_layer(write(tmp_path, "站名,经度,纬度\n" + rows), crs="EPSG:4326")
    assert read.report.n_kept == 6
    assert read.table.geometry.x.to_numpy() == pytest.approx([121.408333] * 6, abs=1e-6)
    told = " ".join(note.say("zh") for note in read.report.crs_notes)
    for word in ("121-24-30 式", "121:24:30 式", "121 24 30 式", "121°24′30″ 式"):
        assert word in told


@pytest.mark.thorough
def test_packed_numbers_are_asked_about_and_read_when_settled(tmp_path):
    rows = "".join(f"站{i},121.24{i + 10},31.06{i * 3 + 10}\n" for i in range(15))
    path = write(tmp_path, "站名,经度,纬度\n" + rows)
    asked = read_layer(path, crs="EPSG:4326")
    assert 'angles = "packed"' in " ".join(map(str, asked.report.crs_notes))
    read = read_layer(path, crs="EPSG:4326", coordinates=Coordinates(angles="packed"))
    assert read.table.geometry.x.iloc[0] == pytest.approx(121 + 24 / 60 + 10 / 3600)
    whole = write(tmp_path, "站名,经度,纬度\n甲,1212430,310636\n", "whole.csv")
    with pytest.raises(CrsError, match='angles = "packed"'):
        read_layer(whole, crs="EPSG:4326")
    assert read_layer(whole, crs="EPSG:4326", coordinates=Coordinates(angles="packed")).table.geometry.y.iloc[
        0
    ] == pytest.approx(31.11)


@pytest.mark.parametrize(
    "text", ['站名,坐标\n甲,"31.1,121.3"\n', "站名,x,y\n甲,31.1,121.3\n", "站名,经度,纬度\n甲,31.1,121.3\n"]
)
def test_latitude_first_is_named_by_the_message_and_then_read(tmp_path, text):
    path = write(tmp_path, text)
    with pytest.raises(CrsError, match='order = "lat,lon"'):
        read_layer(path, crs="EPSG:4326")
    assert (
        read_layer(path, crs="EPSG:4326", coordinates=Coordinates(order="lat,lon")).table.geometry.x.iloc[0]
        == 121.3
    )
    right = write(tmp_path, "站名,经度,纬度\n甲,121.3,31.1\n", "right.csv")
    with pytest.raises(CrsError, match="leave out order"):
        read_layer(right, crs="EPSG:4326", coordinates=Coordinates(order="lat,lon"))


def test_northing_first_of_survey_tables(tmp_path):
    path = write(tmp_path, "站名,X坐标,Y坐标\n甲,3443000,625060\n")
    with pytest.raises(CrsError, match='order = "north,east"'):
        read_layer(path, crs="EPSG:4549")
    assert (
        read_layer(path, crs="EPSG:4549", coordinates=Coordinates(order="north,east")).table.geometry.x.iloc[
            0
        ]
        == 625060
    )
