"""The edge of a district tells what its grid of roads cannot: roads, or all else, in another datum."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from geo.study import Inputs, parse_study, read_inputs, run_study
from geo.study.inputs.extents import find_ground_shift, places_of
from tests.shared import case
from tests.studies import CRS, EAST, NORTH
from tests.study.inputs.test_datum import CITIES, grid, shifted

Turn = Callable[[Any, Any], tuple[Any, Any]]
BLOCK, N = 500.0, 12


def in_blocks(across: float, up: float, *, n: int = N) -> np.ndarray:
    """Stand one village at the same place of each block."""
    column, row = np.meshgrid(np.arange(n), np.arange(n))
    return np.column_stack([(column.ravel() + across) * BLOCK, (row.ravel() + up) * BLOCK])


@pytest.mark.parametrize(("lon", "lat"), CITIES)
@pytest.mark.parametrize(
    ("turn", "reading"),
    [
        (wgs84_to_gcj02, "GCJ-02"),
        (wgs84_to_bd09, "BD-09"),
        (gcj02_to_wgs84, "roads in GCJ-02"),
        (bd09_to_wgs84, "roads in BD-09"),
    ],
)
def test_villages_of_a_regular_district(lon: float, lat: float, turn: Turn, reading: str) -> None:
    net, corner = grid(BLOCK, lon, lat, n=N)
    villages = gpd.GeoDataFrame(geometry=shapely.points(in_blocks(0.5, 0.5) + corner), crs=net.crs)
    assert find_ground_shift(places_of(villages), net) is None
    shift = find_ground_shift(places_of(shifted(villages, turn)), net)
    # A shift of less than half a block leaves every village on the ground of the roads.
    moved = np.abs(places_of(shifted(villages, turn)) - places_of(villages)).mean(axis=0)
    if moved.max() < BLOCK / 2 + 60:
        assert shift is None
    else:
        assert shift is not None
        assert shift.reading == reading
        assert (shift.off_m >= N, shift.then_m, shift.n_points) == (True, 0, N * N)


def test_less_than_four_places_beyond_the_roads_say_nothing() -> None:
    net, corner = grid(BLOCK, 121.47, 31.2, n=N)
    inside = in_blocks(0.5, 0.5) + corner
    beside = np.array([[-200.0, 600.0 * k] for k in range(1, 10)]) + corner
    some = np.vstack([inside[: 8 * N], beside[:3]])  # columns at the east edge alone would come off the roads
    assert find_ground_shift(some, net) is None
    assert find_ground_shift(beside[:0], net) is None


def test_hardly_a_regular_layout_raises_it() -> None:
    n_raised = 0
    for lon, lat in CITIES:
        net, corner = grid(BLOCK, lon, lat, n=N)
        for n in (N - 1, N, N + 1):  # one row less and one more than the roads have blocks
            for across in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
                for up in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
                    is_raised = find_ground_shift(in_blocks(across, up, n=n) + corner, net) is not None
                    assert n == N + 1 or not is_raised, (lon, lat, n, across, up)
                    n_raised += is_raised
    # Nothing tells that 13 rows are right that stand beyond two sides by just what GCJ-02 moves there.
    assert n_raised <= 2


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(8, 200), wider=st.floats(0.0, 1.0))
def test_a_district_that_is_larger_than_its_roads_on_all_sides_says_nothing(
    seed: int, n: int, wider: float
) -> None:
    net, corner = grid(BLOCK, 121.47, 31.2, n=N)
    side = BLOCK * N
    around = np.random.default_rng(seed).uniform(-wider * side, (1 + wider) * side, (n, 2))
    corners = np.array([[a, b] for a in (-wider * side, side * (1 + wider)) for b in (0.3, 0.7)])
    corners[:, 1] *= side
    turned = corners[:, ::-1]
    places = np.vstack([around, corners, turned, corners, turned]) + corner
    assert find_ground_shift(places, net) is None


def district(
    folder: Path,
    *,
    roads: Turn | None = None,
    others: Turn | None = None,
    roads_crs: str | None = None,
    others_crs: str | None = None,
) -> Inputs:
    """Read a district of 12 x 12 blocks, with roads, or all other layers, turned into another datum."""
    ends = np.arange(N + 1) * BLOCK
    along = [shapely.LineString([(x, y) for x in ends]) for y in ends]
    up = [shapely.LineString([(x, y) for y in ends]) for x in ends]
    write(folder / "roads.geojson", along + up, roads, highway="residential")
    stations = np.array([(1000.0, 1500.0), (4000.0, 2000.0), (2500.0, 4500.0)]) + 25.0  # beside crossings
    write(folder / "stations.geojson", list(shapely.points(stations)), others, name="消防站")
    write(folder / "villages.geojson", list(shapely.points(in_blocks(0.4, 0.55))), others, heads=100)
    town = shapely.box(-30, -30, N * BLOCK + 30, N * BLOCK + 30)
    write(folder / "towns.geojson", [town], others, name="东镇")
    crs = {} if others_crs is None else {"crs": others_crs}
    sections: dict[str, Any] = {
        "study": {"crs": CRS, "lang": "zh", "name": "东镇"},
        "roads": {"path": "roads.geojson"} | ({} if roads_crs is None else {"crs": roads_crs}),
        "facilities": [{"path": "stations.geojson", "kind": "fire_station", **crs}],
        "demand": [{"path": "villages.geojson", "people": "heads", **crs}],
        "zones": [{"path": "towns.geojson", "level": "town", **crs}],
    }
    return read_inputs(parse_study(sections, folder=folder))


def write(path: Path, shapes: list[Any], turn: Turn | None, **columns: Any) -> None:
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + np.array([EAST, NORTH]))
    right = gpd.GeoSeries(moved, crs=32651).to_crs(4326).to_numpy()
    if turn is not None:
        right = shapely.transform(right, lambda xy: np.column_stack(turn(*xy.T)))
    rows = [
        {"type": "Feature", "properties": columns, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in right
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")


def told(inputs: Inputs) -> dict[str, str]:
    return {note.key: note.say("zh") for _, note in inputs.notes if note.key.startswith("study.datum")}


@pytest.mark.study
@pytest.mark.parametrize(("turn", "datum"), [(wgs84_to_gcj02, "GCJ-02"), (wgs84_to_bd09, "BD-09")])
def test_roads_alone_in_another_datum_are_told_as_such_and_can_be_declared(
    tmp_path: Path, turn: Turn, datum: str
) -> None:
    assert set(told(district(tmp_path))) <= {"study.datum_open"}
    notes = told(district(tmp_path, roads=turn))
    assert f'请在 [roads] 写 crs = "{datum}"' in notes["study.datum_roads"]
    assert "demand 1" in notes["study.datum_roads"]
    assert "zones 1" in notes["study.datum_roads"]
    assert set(told(district(tmp_path, roads=turn, roads_crs=datum))) <= {"study.datum_open"}


@pytest.mark.study
def test_all_but_the_roads_in_another_datum(tmp_path: Path) -> None:
    notes = told(district(tmp_path, others=wgs84_to_gcj02))
    assert "study.datum_roads" not in notes
    assert "若按 GCJ-02 读取" in notes["study.datum_ground"]
    assert "若按 GCJ-02 读取" in notes["study.datum_zones"]
    assert set(told(district(tmp_path, others=wgs84_to_gcj02, others_crs="GCJ-02"))) <= {"study.datum_open"}


@pytest.mark.study
def test_roads_that_come_from_where_all_else_does_and_are_not_declared(tmp_path: Path) -> None:
    notes = told(district(tmp_path, roads=wgs84_to_gcj02, others=wgs84_to_gcj02, others_crs="GCJ-02"))
    assert "要么道路也是 GCJ-02" in notes["study.datum_roads_too"]
    declared = {"roads_crs": "GCJ-02", "others_crs": "GCJ-02"}
    inputs = district(tmp_path, roads=wgs84_to_gcj02, others=wgs84_to_gcj02, **declared)
    assert set(told(inputs)) <= {"study.datum_open"}


@pytest.mark.study
def test_roads_declared_in_a_datum_that_they_are_not_in(tmp_path: Path) -> None:
    notes = told(district(tmp_path, roads_crs="GCJ-02"))
    assert '写 crs = "EPSG:4326"' in notes["study.datum_roads_declared"]


@pytest.mark.study
def test_the_case_of_roads_from_a_web_map(tmp_path: Path) -> None:
    folder = case("a_towns_right")
    for name in ("stations.csv", "villages.csv", "towns.geojson"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    drawn = json.loads((folder / "roads.geojson").read_text(encoding="utf-8"))
    for road in drawn["features"]:
        xy = np.array(road["geometry"]["coordinates"])
        road["geometry"]["coordinates"] = np.column_stack(wgs84_to_gcj02(*xy.T)).tolist()
    (tmp_path / "roads.geojson").write_text(json.dumps(drawn), encoding="utf-8")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    study = parse_study(tomllib.loads(text), folder=tmp_path)
    assert "facilities 1, zones 1, demand 1" in told(read_inputs(study))["study.datum_roads"].replace(
        "、", ", "
    )
    text = text.replace('path = "roads.geojson"', 'path = "roads.geojson"\ncrs = "GCJ-02"')
    study = parse_study(tomllib.loads(text), folder=tmp_path)
    result = run_study(study)
    assert result.coverage.table.loc[result.coverage.table["is_covered"], "people"].sum() == 27_690
    assert set(told(result.inputs)) <= {"study.datum_open"}
