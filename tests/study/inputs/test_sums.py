"""Nobody is lost: the people in a file are those placed and those left out, whatever the file looks like.

What the file holds is added up here from what was written, not from what was read.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geo.study import Inputs, read_inputs
from tests.studies import CRS, EAST, NORTH, frame, lonlat, points, town_study
from tests.study.inputs.test_places import EAST_M, NORTH_M, Map

NO_NUMBER = ["", "很多", "-5", "不详", "1.2.3", "#REF!", "—", "约", "13812345678"]
"""Cells that say no number of people: blank, text, negative, damaged, a telephone."""
WRITTEN = {
    **{"1234": 1234, "1,234": 1234, "1，234": 1234, "１２３４": 1234, "约3000": 3000, "3000人": 3000},
    **{"1.2万": 12000, "1.2 万人": 12000, "3000余": 3000, " 88 ": 88, "0": 0, "0.5": 0.5, "1e3": 1000},
}
IN_OSM = {"7": 7, "1200": 1200, "1 200": 1200, "1,200": 1200, "~300": 300, "12.345": 12_345}
TOTALS = ["合计", "小计", "总计", "其中：户籍", "西镇小计", "合 计"]
row = st.tuples(
    st.sampled_from(["village", "no place", "total", "twice"]),
    st.sampled_from([*WRITTEN, *NO_NUMBER]),
    st.integers(0, 3),
)


def read(folder: Path, demand: dict[str, Any]) -> Inputs:
    return read_inputs(town_study(folder, demand=[demand]))


def sums(inputs: Inputs) -> tuple[float, float, float]:
    """Give what a study says: people in the file, placed, left out."""
    (told,) = (note for _, note in inputs.notes if note.key in ("study.people_sum", "study.people_sum_left"))
    return told.values["people_in"], told.values["placed"], told.values["left"]


def some_number(people: list[int | None]) -> bool:
    """Whether a column has any number: one without is refused."""
    return any(n is not None for n in people)


def check(inputs: Inputs, written: float) -> None:
    people_in, placed, left = sums(inputs)
    assert people_in == pytest.approx(written, rel=1e-9, abs=1e-6)
    assert placed + left == pytest.approx(written, rel=1e-9, abs=1e-6)
    assert inputs.demand["people"].sum() == pytest.approx(placed, rel=1e-9, abs=1e-6)
    assert not any(note.key == "study.left_unknown" for _, note in inputs.notes)


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=15), form=st.sampled_from([".csv", ".xlsx"]))
def test_a_table_of_villages(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]], form: str
) -> None:
    folder = tmp_path_factory.mktemp("table")
    spots = lonlat((1000, 0), (2000, 1000), (2400, 0), (4000, 0))
    lines: list[list[str]] = [["名称", "经度", "纬度", "人口"]]
    lines += [[f"常住{k}村", *map(str, spots[0]), "7"] for k in range(3)]
    written = 21.0
    for k, (kind, cell, at) in enumerate(rows):
        place = ["", ""] if kind == "no place" else list(map(str, spots[at]))
        name = {"total": TOTALS[k % len(TOTALS)], "twice": "常住0村"}.get(kind, f"第{k}村")
        lines.append([name, *place, cell])
        written += WRITTEN.get(cell, 0) if kind != "total" else 0
    write_table(folder / f"v{form}", lines)
    inputs = read(folder, {"path": f"v{form}", "people": "人口", "crs": "EPSG:4326"})
    check(inputs, written)
    # Who counts nobody for want of a number is named, row by row.
    unread = [k for k, (kind, cell, _) in enumerate(rows, 5) if kind != "total" and cell not in WRITTEN]
    lost = [k for k, (kind, cell, _) in enumerate(rows, 5) if kind == "no place" and cell in WRITTEN]
    told = inputs.left_out["row"].tolist() if len(inputs.left_out) else []
    assert sorted(told) == sorted(unread + lost)


def write_table(path: Path, lines: list[list[str]]) -> None:
    if path.suffix == ".csv":
        quoted = [",".join(f'"{cell}"' for cell in line) for line in lines]
        path.write_text("\n".join(quoted), encoding="gb18030")
        return
    book = openpyxl.Workbook()
    for line in lines:
        book.worksheets[0].append([cell or None for cell in line])
    book.save(path)


@settings(max_examples=10, deadline=None)
@given(
    people=st.lists(st.one_of(st.none(), st.integers(0, 9999)), min_size=4, max_size=4).filter(some_number),
    over=st.sampled_from(["roads", "centre", "houses.gpkg"]),
    houses=st.lists(
        st.tuples(
            st.floats(-400, 6900),
            st.floats(-400, 1400),
            st.one_of(st.none(), st.just(0.0), st.floats(0, 500)),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_villages_drawn_as_areas(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[int | None],
    over: str,
    houses: list[tuple[float, float, float | None]],
) -> None:
    """Some areas hold no road, no house, or only houses that weigh nothing: each keeps its total."""
    folder = tmp_path_factory.mktemp("areas")
    shapes = [
        shapely.box(a, -500, b, 1500) for a, b in ((-500, 1500), (1500, 3000), (3000, 6500), (6500, 7000))
    ]
    heads = np.array([np.nan if n is None else float(n) for n in people])
    frame(shapes, name=list("甲乙丙丁"), heads=heads).to_file(folder / "areas.gpkg")
    weight = [np.nan if w is None else w for _, _, w in houses]
    frame(points(*((x, y) for x, y, _ in houses)), weight=weight).to_file(folder / "houses.gpkg")
    demand = {"path": "areas.gpkg", "method": "zones", "people": "heads", "over": over}
    inputs = read(folder, demand | ({"weight": "weight"} if over == "houses.gpkg" else {}))
    check(inputs, float(np.nansum(heads)))
    by_area = inputs.demand.groupby(
        [next((name for name, shape in zip("甲乙丙丁", moved(shapes), strict=True) if shape.covers(at)), "")
         for at in inputs.demand.geometry]
    )["people"].sum()  # fmt: skip
    for name, n in zip("甲乙丙丁", np.nan_to_num(heads), strict=True):
        assert by_area.get(name, 0.0) == pytest.approx(n, rel=1e-9, abs=1e-6)


def moved(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    return list(frame(shapes).geometry)


@settings(max_examples=10, deadline=None)
@given(
    total=st.floats(0, 1e6),
    floors=st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=1, max_size=10),
    weighed=st.booleans(),
)
def test_buildings_that_share_a_known_total(
    tmp_path_factory: pytest.TempPathFactory, total: float, floors: list[int | None], weighed: bool
) -> None:
    folder = tmp_path_factory.mktemp("buildings")
    shapes = [shapely.box(500 * k, 0, 500 * k + 20, 10) for k in range(len(floors))]
    heights = np.array([np.nan if n is None else float(n) for n in floors])
    frame(shapes, 楼层=heights).to_file(folder / "buildings.gpkg")
    demand = {"path": "buildings.gpkg", "total": total} | ({"weight": "楼层"} if weighed else {})
    inputs = read(folder, demand)
    check(inputs, total)
    if weighed and np.nansum(heights) > 0:
        shares = np.nan_to_num(heights) / np.nansum(heights)
        assert inputs.demand["people"].to_numpy() == pytest.approx(total * shares, rel=1e-9, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(
    cells=st.lists(
        st.one_of(st.integers(0, 3000), st.sampled_from([-200.0, math.nan, -3.4e38, 0.25])),
        min_size=30,
        max_size=30,
    ),
    nodata=st.sampled_from([-200.0, -3.4e38, math.nan]),
    zones=st.booleans(),
)
def test_a_raster_with_holes(
    tmp_path_factory: pytest.TempPathFactory, cells: list[float], nodata: float, zones: bool
) -> None:
    folder = tmp_path_factory.mktemp("raster")
    stored = np.array(cells, dtype=np.float32).reshape(5, 6)
    about = {"driver": "GTiff", "height": 5, "width": 6, "count": 1, "dtype": "float32", "crs": CRS}
    corner = from_origin(EAST - 1000, NORTH + 2500, 1000, 1000)
    with rasterio.open(folder / "pop.tif", "w", transform=corner, nodata=nodata, **about) as file:
        file.write(stored, 1)
    study = town_study(
        folder, demand=[{"path": "pop.tif", "method": "raster"}], **({} if zones else {"zones": None})
    )
    lived_in = stored[np.isfinite(stored) & (stored > 0)].astype(float)
    if not len(lived_in):
        return
    inputs = read_inputs(study)
    check(inputs, float(lived_in.sum()))


@settings(max_examples=10, deadline=None)
@given(
    cells=st.lists(
        st.tuples(st.integers(-400, 6000), st.one_of(st.none(), st.integers(-5, 3000), st.floats(0, 50))),
        min_size=1,
        max_size=12,
    ),
    unit=st.sampled_from([None, "people", "per_km2", "per_ha"]),
    zones=st.booleans(),
)
def test_a_grid_of_cells(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[int, float | None]],
    unit: str | None,
    zones: bool,
) -> None:
    """Cells straddle towns and each other; some say nothing, nobody, or fewer than nobody."""
    folder = tmp_path_factory.mktemp("grid")
    shapes = [shapely.box(x, 0, x + 500, 400) for x, _ in cells]
    said = np.array([np.nan if n is None else float(n) for _, n in cells])
    frame(shapes, heads=said).to_file(folder / "cells.gpkg")
    a_cell = {"per_km2": 0.2, "per_ha": 20.0}.get(unit or "people", 1.0)  # 500 m x 400 m
    demand = {"path": "cells.gpkg", "method": "grid", "people": "heads", "crs": CRS}
    demand |= {"unit": unit} if unit else {}
    lived_in = np.nan_to_num(said).clip(min=0) * a_cell
    if not lived_in.any():
        return
    inputs = read_inputs(town_study(folder, demand=[demand], **({} if zones else {"zones": None})))
    check(inputs, float(lived_in.sum()))


@settings(max_examples=10, deadline=None)
@given(
    places=st.lists(
        st.tuples(
            st.sampled_from(["village", "hamlet", "town", "island"]),
            st.integers(0, 19),
            st.sampled_from(["0", "7", "1200", "1 200", "1,200", "~300", "12.345", "unknown", None]),
            st.sampled_from(["node", "area", "both"]),
        ),
        min_size=1,
        max_size=8,
    ),
    homes=st.lists(st.integers(0, 19_000), max_size=10),
)
def test_places_of_an_openstreetmap_file(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[tuple[str, int, str | None, str]],
    homes: list[int],
) -> None:
    """Places are nodes, areas or both, beside each other or upon each other, with homes or without."""
    drawn, written = Map(), 7.0
    drawn.node(20_000, 20, place="village", name="always", population="7")
    for k, (kind, km, people, form) in enumerate(places):
        tags = {"place": kind, "name": f"place {k}"} | ({} if people is None else {"population": people})
        number = {"1200": 1200, "1 200": 1200, "1,200": 1200, "~300": 300, "7": 7, "12.345": 12_345}.get(
            people or "", 0
        )
        if form != "area":
            drawn.node(1000 * km + 30 * k, 20, **tags)
        if form != "node":
            drawn.square(1000 * km + 30 * k, 20, 200, **tags)
        written += number * (2 if form == "both" else 1)
    drawn.homes(*homes)
    inputs = drawn.study(tmp_path_factory.mktemp("places"))
    (told,) = (note for _, note in inputs.notes if note.key == "study.places_balance")
    left = sum(part.values["people"] for part in told.values["left_out"])
    assert told.values["people"] == pytest.approx(written)
    assert told.values["placed"] + left == pytest.approx(written, abs=1e-6)
    assert inputs.demand["people"].sum() == pytest.approx(told.values["placed"], abs=1e-6)
    # An island holds places: its people are left out for that, be it drawn once or twice.
    twice = (form == "both" and kind != "island" and people for kind, _, people, form in places)
    if any(people and people[0].isdigit() and people != "0" for people in twice):
        assert "study.places_twice" in {part.key for part in told.values["left_out"]}


@settings(max_examples=12, deadline=None)
@example(total=1.0, homes=[(0, "area", "yes", "0")], weight="levels", chosen=False)
@given(
    total=st.floats(0, 1e6, allow_subnormal=False),  # 5e-324 people shared by two are nobody
    homes=st.lists(
        st.tuples(
            st.integers(0, 19_000),
            st.sampled_from(["area", "node", "open way"]),
            st.sampled_from(["yes", "house", "no"]),
            st.sampled_from([None, "3", "12", "-1", "two", "0", "2.5", "2;4"]),
        ),
        min_size=1,
        max_size=12,
    ),
    weight=st.sampled_from([None, "levels", "area_m2"]),
    chosen=st.booleans(),
)
def test_buildings_of_an_openstreetmap_file_that_share_a_known_total(
    tmp_path_factory: pytest.TempPathFactory,
    total: float,
    homes: list[tuple[int, str, str, str | None]],
    weight: str | None,
    chosen: bool,
) -> None:
    """Whatever is drawn, the total is shared out whole, and who has no weight is told."""
    drawn = Map()
    drawn.square(500, 40, 10, **{"building": "house", "building:levels": "2"})
    for x, form, kind, levels in homes:
        tags = {"building": kind} | ({} if levels is None else {"building:levels": levels})
        if form == "area":
            drawn.square(x, 40, 12, **tags)
        elif form == "node":
            drawn.node(x, 40, **tags)
        else:
            drawn.way([(x, 40), (x + 9, 40), (x + 9, 49)], **tags)
    demand: dict[str, Any] = {"path": "map.osm", "total": total}
    demand |= ({"weight": weight} if weight else {}) | ({"where": {"building": ["house"]}} if chosen else {})
    inputs = drawn.study(tmp_path_factory.mktemp("homes"), demand=[demand])
    check(inputs, total)
    kinds = [kind for _, _, kind, _ in homes]
    assert len(inputs.demand) == 1 + kinds.count("house") + (0 if chosen else kinds.count("yes"))
    empty = int((inputs.demand["people"] == 0).sum()) if total else 0
    told = [note for _, note in inputs.notes if note.key.startswith("demand.") and "weight" in note.key]
    assert bool(empty) <= bool(told), [note.say("en") for _, note in inputs.notes]


@settings(max_examples=10, deadline=None)
@given(
    people=st.lists(st.one_of(st.none(), st.integers(0, 9999)), min_size=2, max_size=2).filter(some_number),
    homes=st.lists(
        st.tuples(st.integers(0, 19_000), st.sampled_from(["area", "node"])), min_size=1, max_size=8
    ),
)
def test_areas_over_the_buildings_of_an_openstreetmap_file(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[int | None],
    homes: list[tuple[int, str]],
) -> None:
    """An area without a building keeps its people."""
    folder, drawn = tmp_path_factory.mktemp("over"), Map()
    for x, form in homes:
        if form == "area":
            drawn.square(x, 40, 12, building="yes")
        else:
            drawn.node(x, 40, building="yes")
    lon, lat = 1 / EAST_M, 1 / NORTH_M
    halves = [
        shapely.box(10 + a * lon, 50 - 500 * lat, 10 + b * lon, 50 + 500 * lat)
        for a, b in ((-100, 10_000), (10_000, 20_100))
    ]
    heads = np.array([np.nan if n is None else float(n) for n in people])
    gpd.GeoDataFrame({"name": ["West", "East"], "heads": heads}, geometry=halves, crs=4326).to_file(
        folder / "areas.gpkg"
    )
    demand = {"path": "areas.gpkg", "method": "zones", "people": "heads", "over": "map.osm"}
    check(drawn.study(folder, demand=[demand]), float(np.nansum(heads)))


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["甲村", "乙村", "无此村", "同名村", ""]), st.sampled_from(list(WRITTEN))),
        min_size=1,
        max_size=10,
    ),
    form=st.sampled_from([".csv", ".xlsx"]),
)
def test_a_table_whose_rows_stand_at_the_places_of_another_layer(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], form: str
) -> None:
    """Names that no place bears, that several bear, and blank ones are left out by row, with their people."""
    folder = tmp_path_factory.mktemp("at")
    frame(
        points((1000, 0), (2000, 1000), (2400, 0), (4000, 0), (500, 0)),
        name=["甲村", "乙村", "丙村", "同名村", "同名村"],
    ).to_file(folder / "places.gpkg")
    lines = [["名称", "人口"], ["甲村", "7"], *([name, cell] for name, cell in rows)]
    write_table(folder / f"v{form}", lines)
    inputs = read(folder, {"path": f"v{form}", "people": "人口", "places": "places.gpkg"})
    check(inputs, 7.0 + sum(WRITTEN[cell] for _, cell in rows))
    lost = [k for k, (name, _) in enumerate(rows, 3) if name in ("无此村", "同名村", "")]
    assert sorted(inputs.left_out["row"].tolist() if len(inputs.left_out) else []) == lost
    reasons = {"无此村": "study.no_place_of_name", "同名村": "study.several_places"}
    if len(inputs.left_out):
        why = inputs.left_out.set_index("row")["reason"].map(lambda reason: reason.key)
        assert all(why[k] == reasons[name] for k, (name, _) in enumerate(rows, 3) if name in reasons)
