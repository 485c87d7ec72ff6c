"""Layers of a study that are shifted alike show it together; those of which nothing can be told are named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import wgs84_to_gcj02
from geo.messages import Message
from geo.network import RoadNetwork
from geo.study import check_study, read_inputs
from geo.study.inputs.datum import find_shift, suspect_shift
from geo.study.inputs.extents import can_judge_zones
from geo.study.inputs.log import Unshifted
from geo.study.inputs.together import tell_together
from geo.study.remarks import tell_remarks
from tests.studies import town_study
from tests.study.inputs.test_datum import at_the_kerb, country_net, grid, set_back, shifted, village_net


def unshifted(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Unshifted]:
    return {section: Unshifted(points) for section, points in layers.items()}


def keys(notes: list[Message]) -> list[str]:
    return [note.key for note in notes]


def is_silent(points: gpd.GeoDataFrame, net: RoadNetwork) -> bool:
    return find_shift(points, net) is None and suspect_shift(points, net) is None


def test_six_small_layers_tell_together_what_none_tells_alone() -> None:
    n_told = 0
    for seed in range(12):
        net = country_net(seed)
        right = {f"facilities {k}": set_back(net, 7, 100 * seed + k) for k in range(6)}
        assert "study.datum_together" not in keys(tell_together(unshifted(right), net))
        moved = {section: shifted(points, wgs84_to_gcj02) for section, points in right.items()}
        silent = {section: points for section, points in moved.items() if is_silent(points, net)}
        for note in tell_together(unshifted(silent), net):
            if note.key == "study.datum_together":
                n_told += 1
                assert note.values["reading"] == "GCJ-02"
                assert set(note.values["sections"]) == set(silent)
                assert note.values["then"] < note.values["off"]
                assert "facilities" in note.say("zh")
    assert n_told >= 8


def test_layers_at_their_roads_are_named_in_no_note() -> None:
    net = country_net(1)
    assert tell_together(unshifted({"facilities 1": at_the_kerb(net, 40, 1)}), net) == []


def test_what_cannot_be_told_is_named_with_its_reason() -> None:
    net, corner = grid(500.0, 121.47, 31.2)
    column, row = np.meshgrid(np.arange(12), np.arange(12))
    middles = shapely.points(
        corner[0] + 500.0 * (column.ravel() + 0.5), corner[1] + 500.0 * (row.ravel() + 0.5)
    )
    anywhere = np.random.default_rng(3).uniform(0, 6000, (30, 2)) + corner
    layers = {
        "facilities 1": gpd.GeoDataFrame(
            geometry=shapely.points(corner + np.array([[10, 10], [900, 40]])), crs=net.crs
        ),
        "demand 1": gpd.GeoDataFrame(geometry=middles, crs=net.crs),
        "demand 2": gpd.GeoDataFrame(geometry=shapely.points(anywhere), crs=net.crs),
    }
    (note,) = tell_together(unshifted(layers), net)
    text = note.say("en")
    assert "facilities 1 (2 points only)" in text
    assert "demand 1 (144 points on a regular grid)" in text
    assert "demand 2 (30 points, hardly nearer" in text
    assert "No alarm is no proof" in text
    assert "没有提示不等于没有偏移" in note.say("zh")


def test_outside_china_nothing_moves_and_nothing_is_told() -> None:
    net = village_net()
    helsinki = gpd.GeoDataFrame(geometry=gpd.points_from_xy([24.9] * 9, [60.2] * 9), crs=4326).to_crs(32651)
    assert tell_together(unshifted({"facilities 1": helsinki}), net) == []


@pytest.mark.study
def test_the_check_says_that_it_cannot_tell_and_the_run_stays_short(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    assert (
        "cannot be told from the roads for: facilities 1 (3 points only)"
        in check_study(study, lang="en").text
    )
    assert not [line for line in tell_remarks(read_inputs(study), lang="en") if "cannot be told" in line.text]


def ground(net: RoadNetwork, beyond_m: float) -> gpd.GeoDataFrame:
    """Draw one zone around all roads and so far beyond them."""
    return gpd.GeoDataFrame(geometry=[net.hull.buffer(beyond_m, join_style="mitre")], crs=net.crs)


def test_zones_that_hold_their_roads_closely_are_judged_and_those_in_the_sea_are_not() -> None:
    net, _ = grid(500.0, 121.4, 31.6, n=12)
    assert can_judge_zones(ground(net, 50), net)
    assert not can_judge_zones(ground(net, 5_000), net)  # no shift of 700 m leaves an end out
    north = ground(net, -1_000).translate(0, 5_000)  # half of the district: roads go on beyond it
    assert not can_judge_zones(gpd.GeoDataFrame(geometry=north, crs=net.crs), net)
    assert not can_judge_zones(gpd.GeoDataFrame(geometry=[shapely.Polygon()], crs=net.crs), net)


def test_each_layer_that_nobody_can_judge_is_named_with_its_kind() -> None:
    net, corner = grid(500.0, 121.4, 31.6, n=12)
    river = shapely.LineString(corner + np.array([[100, 250], [5_900, 250]]))
    areas = gpd.GeoDataFrame(geometry=shapely.points(np.array([corner + 250])), crs=net.crs).buffer(60)
    layers = {
        "zones 1": Unshifted(ground(net, 5_000), is_ground=True),
        "barriers 1": Unshifted(gpd.GeoDataFrame(geometry=[river], crs=net.crs)),
        "hazards 1": Unshifted(gpd.GeoDataFrame(geometry=areas, crs=net.crs)),
        "facilities 1": Unshifted(gpd.GeoDataFrame(geometry=[shapely.Point(corner + 40)], crs=net.crs)),
    }
    (note,) = tell_together(layers, net)
    assert note.key == "study.datum_open"
    assert {
        part.values["section"]: part.key.removeprefix("study.datum_open_") for part in note.values["layers"]
    } == {
        "zones 1": "ground",
        "barriers 1": "shapes",
        "hazards 1": "shapes",
        "facilities 1": "few",
    }
    for word in ("zones 1", "barriers 1", "面或线", "边界"):
        assert word in note.say("zh")
