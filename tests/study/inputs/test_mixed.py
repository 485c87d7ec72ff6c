"""Rows of one layer in two systems: which rows, by what, the way out; layers in one system raise nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from geo.crs import gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from geo.errors import CrsError
from geo.messages import Message
from geo.network import from_roads
from geo.osm import read_roads
from geo.standards import load_profile
from geo.study import parse_study, read_inputs
from geo.study.inputs.mixed import MixedRows, find_mixed_rows
from tests.shared import real
from tests.study.inputs.test_datum import at_the_kerb, country_net, set_back, shifted

N = 80
Turn = Callable[..., tuple[np.ndarray, np.ndarray]]


def partly(points: gpd.GeoDataFrame, is_moved: np.ndarray, turn: Turn = wgs84_to_gcj02) -> gpd.GeoDataFrame:
    """Move some rows of a layer by a datum; rows are numbered as in a spreadsheet."""
    moved = shifted(points, turn).geometry.to_numpy()
    shapes = np.where(is_moved, moved, points.geometry.to_numpy())
    rows = pd.RangeIndex(2, 2 + len(points), name="row")
    return gpd.GeoDataFrame(
        {"name": [f"village {i}" for i in rows]}, geometry=shapes, crs=points.crs, index=rows
    )


def found(rows: gpd.GeoDataFrame, net: object, read_as: str = "") -> MixedRows:
    mixed = find_mixed_rows(rows, net, read_as=read_as)  # type: ignore[arg-type]
    assert mixed is not None
    return mixed


@pytest.mark.parametrize(("turn", "reading"), [(wgs84_to_gcj02, "GCJ-02"), (wgs84_to_bd09, "BD-09")])
@pytest.mark.parametrize("first", [0, 20, 40])
def test_a_block_of_rows_is_found_with_its_ends(turn: Turn, reading: str, first: int) -> None:
    net = country_net(1)
    i = np.arange(N)
    mixed = found(partly(at_the_kerb(net, N, 1), (i >= first) & (i < first + 40), turn), net)
    assert (mixed.reading, mixed.is_block, mixed.header) == (reading, True, "")
    # Rows at the ends may stand at a road by chance under the wrong reading too.
    assert abs(mixed.rows[0] - (first + 2)) <= 3
    assert abs(mixed.rows[-1] - (first + 41)) <= 3
    assert mixed.then_m < 15 < 60 < mixed.off_m
    assert mixed.others_off_m < 15 < 60 < mixed.others_then_m


def test_rows_anywhere_are_found_one_by_one() -> None:
    net = country_net(2)
    is_moved = np.random.default_rng(2).random(N) < 0.4
    mixed = found(partly(at_the_kerb(net, N, 2), is_moved), net)
    told = np.array(mixed.rows) - 2
    assert not mixed.is_block
    assert is_moved[told].mean() > 0.95  # hardly a row is told wrongly
    assert len(told) > 0.6 * is_moved.sum()  # the rest cannot be told


@pytest.mark.parametrize("header", ["来源", "town", "code"])
def test_a_column_that_tells_them_apart_is_named_with_its_words(header: str) -> None:
    net = country_net(3)
    words = np.random.default_rng(3).integers(0, 4, N)
    rows = partly(at_the_kerb(net, N, 3), words == 2)
    rows[header] = words.astype(float) if header == "code" else [f"from {word}" for word in words]
    mixed = found(rows, net)
    assert mixed.header == header
    assert mixed.words == ((2.0,) if header == "code" else ("from 2",))
    assert len(mixed.other_words) == 3
    assert set(mixed.rows) == set(rows.index[words == 2])
    told = mixed.told().say("zh")
    assert header in told
    assert 'crs = "GCJ-02"' in told
    assert ("[2.0]" if header == "code" else '["from 2"]') in told


def test_rows_in_wgs_84_of_a_layer_that_is_declared_as_gcj_02() -> None:
    net = country_net(4)
    # As the declared system makes of them: right ones stand right, the others are moved the other way.
    mixed = found(partly(at_the_kerb(net, N, 4), np.arange(N) < 40, gcj02_to_wgs84), net, "GCJ-02")
    assert mixed.reading == "WGS 84"
    assert 'crs = "EPSG:4326"' in str(mixed.told())


@pytest.mark.parametrize("seed", range(6))
def test_layers_in_one_system_raise_nothing(seed: int) -> None:
    net = country_net(seed)
    for points in (at_the_kerb(net, N, seed), set_back(net, N, seed)):
        for is_moved in (np.zeros(N, dtype=bool), np.ones(N, dtype=bool)):
            rows = partly(points, is_moved)
            rows["source"] = ["a", "b", "c", "d"] * (N // 4)
            assert find_mixed_rows(rows, net) is None


def test_few_rows_and_no_rows_say_nothing() -> None:
    net = country_net(5)
    points = at_the_kerb(net, 8, 5)
    assert find_mixed_rows(partly(points, np.arange(8) < 3), net) is None  # three may be chance
    assert find_mixed_rows(partly(points.iloc[:7], np.arange(7) < 4), net) is None
    assert find_mixed_rows(partly(points.iloc[:0], np.zeros(0, dtype=bool)), net) is None


def test_outside_china_nothing_is_shifted() -> None:
    net = country_net(6)
    rows = partly(at_the_kerb(net, N, 6), np.arange(N) < 40)
    assert find_mixed_rows(rows, net) is not None
    edges = net.edges.set_crs(32632, allow_override=True)
    there = SimpleNamespace(
        n_edges=net.n_edges, edges=edges, crs=CRS.from_epsg(32632), line_tree=net.line_tree
    )
    rows = rows.set_crs(32632, allow_override=True)  # the same metres, in Europe
    assert find_mixed_rows(rows, there) is None  # type: ignore[arg-type]


@pytest.mark.real
@pytest.mark.parametrize("seed", range(3))
def test_hydrants_on_the_streets_of_shanghai(seed: int) -> None:
    roads = read_roads(real("shanghai/central_peoples_square_drive_2026-07.osm"))
    net = from_roads(roads, load_profile("fire_engine"))
    points = at_the_kerb(net, 120, seed)
    assert find_mixed_rows(partly(points, np.zeros(120, dtype=bool)), net) is None
    mixed = found(partly(points, np.arange(120) >= 60), net)
    assert mixed.is_block
    assert abs(mixed.rows[0] - 62) <= 4


def write_country(folder: Path, is_moved: np.ndarray) -> dict[str, Any]:
    """Write roads, a station and a list of villages, some of them in GCJ-02; give the sections of a study."""
    net = country_net(3)
    roads = net.edges[["geometry"]].assign(highway="tertiary")
    roads.to_file(folder / "roads.gpkg", layer="links")
    villages = at_the_kerb(net, N, 3)
    villages.iloc[:1].assign(name="镇消防站").to_file(folder / "stations.gpkg")
    rows = partly(villages, is_moved).to_crs(4326)
    table = pd.DataFrame(
        {"村名": rows["name"], "人口": 100 + np.arange(N), "来源": np.where(is_moved, "高德", "GPS")}
    )
    table["经度"], table["纬度"] = rows.geometry.x, rows.geometry.y
    table.to_csv(folder / "villages.csv", index=False, encoding="utf-8-sig")
    gpd.GeoDataFrame(table, geometry=rows.geometry.to_numpy(), crs=4326).to_file(folder / "villages.gpkg")
    return {
        "study": {"name": "县", "lang": "zh", "synthetic": True},
        "roads": {"path": "roads.gpkg"},
        "facilities": [{"path": "stations.gpkg"}],
        "demand": [{"path": "villages.csv", "people": "人口", "crs": "EPSG:4326"}],
    }


def places(folder: Path, sections: dict[str, Any], demand: list[dict[str, Any]]) -> np.ndarray:
    """Give where the people of a study are, with their number, by number."""
    people = read_inputs(parse_study({**sections, "demand": demand}, folder=folder)).demand
    table = np.column_stack([people.geometry.x, people.geometry.y, people["people"]])
    return np.asarray(table[np.argsort(table[:, 2])])


def test_the_way_out_of_the_note_puts_everybody_at_the_right_place(tmp_path: Path) -> None:
    is_moved = np.arange(N) % 3 == 0
    (tmp_path / "right").mkdir()
    twin = write_country(tmp_path / "right", np.zeros(N, dtype=bool))
    right = places(tmp_path / "right", twin, twin["demand"])
    sections = write_country(tmp_path, is_moved)
    (note,) = mixed_notes(tmp_path, sections, sections["demand"])
    told = note.say("zh")
    for text in (
        "来源", "高德", 'where = { "来源" = ["GPS"] }', 'where = { "来源" = ["高德"] }', 'crs = "GCJ-02"',
    ):  # fmt: skip
        assert text in told
    assert np.abs(places(tmp_path, sections, sections["demand"]) - right).max() > 300
    gps = {"path": "villages.csv", "people": "人口", "crs": "EPSG:4326", "where": {"来源": ["GPS"]}}
    apart = [gps, {**gps, "crs": "GCJ-02", "where": {"来源": ["高德"]}}]
    assert mixed_notes(tmp_path, sections, apart) == []
    assert np.abs(places(tmp_path, sections, apart) - right).max() < 0.5


def mixed_notes(folder: Path, sections: dict[str, Any], demand: list[dict[str, Any]]) -> list[Message]:
    inputs = read_inputs(parse_study({**sections, "demand": demand}, folder=folder))
    return [note for _, note in inputs.notes if note.key == "study.mixed_rows"]


def test_a_file_that_says_wgs_84_by_itself_stops_until_it_is_declared(tmp_path: Path) -> None:
    sections = write_country(tmp_path, np.arange(N) >= 40)
    bare = [{"path": "villages.gpkg", "people": "人口"}]
    with pytest.raises(CrsError, match=r'来源.*高德.*crs = "EPSG:4326"'):
        mixed_notes(tmp_path, {**sections, "study": {**sections["study"], "lang": "zh"}}, bare)
    assert len(mixed_notes(tmp_path, sections, [{**bare[0], "crs": "EPSG:4326"}])) == 1


def test_facilities_are_looked_at_too(tmp_path: Path) -> None:
    sections = write_country(tmp_path, np.arange(N) >= 40)
    hydrants = {"path": "villages.csv", "kind": "hydrant", "crs": "EPSG:4326"}
    study = parse_study({**sections, "facilities": [*sections["facilities"], hydrants]}, folder=tmp_path)
    notes = [section for section, note in read_inputs(study).notes if note.key == "study.mixed_rows"]
    assert notes == ["facilities 2", "demand 1"]
