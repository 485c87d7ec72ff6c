"""People of a study by every method, through its study file."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geo.errors import FileError, GeoError, InputError, StudyError
from geo.study import Inputs, read_inputs, read_study
from geo.study.inputs.doubts import doubt_rows, doubt_towns
from geo.words import LANGS
from tests.shared import case
from tests.studies import CRS, EAST, NORTH, frame, lonlat, points, town_study

OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
{nodes}
{ways}
</osm>
"""


def read(folder: Path, *demand: dict[str, Any], **changes: Any) -> Inputs:
    return read_inputs(town_study(folder, demand=list(demand), **changes))


def people(inputs: Inputs) -> dict[str, float]:
    return inputs.demand.set_index("name")["people"].to_dict()


def test_points_with_a_column_by_its_header(tmp_path: Path) -> None:
    inputs = read(tmp_path, {"path": "villages.gpkg", "people": "heads"})
    assert people(inputs) == {"v1": 1000, "v2": 500, "v3": 300, "v4": 200, "v5": 50}


def test_points_with_a_column_by_our_name_settled_in_columns(tmp_path: Path) -> None:
    demand = {"path": "villages.gpkg", "people": "people", "columns": {"people": "heads"}}
    assert sum(people(read(tmp_path, demand)).values()) == 2050


def test_points_with_a_number_each(tmp_path: Path) -> None:
    assert set(people(read(tmp_path, {"path": "villages.gpkg", "people": 120})).values()) == {120}


def test_points_that_share_a_total_equally(tmp_path: Path) -> None:
    assert set(people(read(tmp_path, {"path": "villages.gpkg", "total": 1000})).values()) == {200}


def test_points_that_share_a_total_by_weight(tmp_path: Path) -> None:
    # Heads are 1000, 500, 300, 200, 50 of 2050; 4100 people are two for each head.
    for weight in ("heads", "people"):
        demand = {
            "path": "villages.gpkg",
            "total": 4100,
            "weight": weight,
            "columns": {"people": "heads"} if weight == "people" else {},
        }
        assert people(read(tmp_path, demand)) == {"v1": 2000, "v2": 1000, "v3": 600, "v4": 400, "v5": 100}


@pytest.mark.parametrize(("column", "kept"), [("name", ["v1", "v3"]), ("heads", [1000, 300])])
def test_where_keeps_rows_by_the_files_header(tmp_path: Path, column: str, kept: list[Any]) -> None:
    inputs = read(tmp_path, {"path": "villages.gpkg", "people": "heads", "where": {column: kept}})
    assert people(inputs) == {"v1": 1000, "v3": 300}
    report = dict(inputs.reports)["demand 1"]
    assert (report.n_rows, report.n_kept) == (5, 2)
    assert "2 of 5 rows selected" in str(report.notes[-1])


def test_where_keeps_rows_by_our_name(tmp_path: Path) -> None:
    demand = {"path": "villages.gpkg", "people": "heads", "where": {"people": [200]}}
    assert people(read(tmp_path, demand)) == {"v4": 200}


def test_where_that_keeps_nothing_or_asks_for_no_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^\[demand 1\] where: no row of villages.gpkg"):
        read(tmp_path, {"path": "villages.gpkg", "people": "heads", "where": {"name": ["v9"]}})
    with pytest.raises(InputError, match=r"^\[demand 1\] villages.gpkg has no column 'nam'; it has"):
        read(tmp_path, {"path": "villages.gpkg", "people": "heads", "where": {"nam": ["v1"]}})


def test_several_layers_are_told_apart_by_prefix(tmp_path: Path) -> None:
    one = {"path": "villages.gpkg", "people": "heads", "where": {"name": ["v1"]}}
    two = {"path": "villages.gpkg", "people": 7, "where": {"name": ["v1", "v2"]}}
    inputs = read(tmp_path, one, two)
    assert [name.split("-")[0] for name in inputs.demand.index] == ["1", "2", "2"]
    assert inputs.demand.index.is_unique
    assert inputs.demand["people"].sum() == 1000 + 7 + 7
    assert [section for section, _ in inputs.reports if "demand" in section] == ["demand 1", "demand 2"]


def zones_layer(folder: Path) -> dict[str, Any]:
    boxes = [shapely.box(-500, -500, 3000, 1500), shapely.box(3000, -500, 6500, 1500)]
    frame(boxes, name=["West", "East"], heads=[3000.0, 1000.0]).to_file(folder / "census.gpkg")
    return {"path": "census.gpkg", "method": "zones", "people": "heads"}


def by_zone(inputs: Inputs) -> dict[str, float]:
    totals = inputs.demand.groupby("zone")["people"].sum().to_dict()
    return {name: round(total, 6) for name, total in totals.items()}


def test_zones_over_roads_keep_every_total(tmp_path: Path) -> None:
    for over in ({}, {"over": "roads"}):
        inputs = read(tmp_path, {**zones_layer(tmp_path), **over})
        assert by_zone(inputs) == {"West": 3000, "East": 1000}
        # Points stand along the roads: 200 m apart at most.
        assert len(inputs.demand) >= 7000 / 200


def test_zones_at_their_centre(tmp_path: Path) -> None:
    inputs = read(tmp_path, {**zones_layer(tmp_path), "over": "centre"})
    assert people(inputs) == {"West": 3000, "East": 1000}
    assert inputs.demand["zone"].tolist() == ["West", "East"]


def test_zones_over_a_layer_by_its_column_and_where(tmp_path: Path) -> None:
    homes = frame(points((0, 10), (100, 10), (200, 10), (5000, 10)), floors=[1, 2, 100, 5], use="home")
    homes.loc[2, "use"] = "office"
    homes.to_file(tmp_path / "homes.gpkg", layer="buildings")
    over = {"over": "homes.gpkg", "over_layer": "buildings", "over_where": {"use": ["home"]}}
    inputs = read(tmp_path, {**zones_layer(tmp_path), **over, "weight": "floors"})
    # West: 3000 over floors 1 and 2; East: all 1000 in its one home.
    assert sorted(inputs.demand["people"].round(6)) == [1000, 1000, 2000]
    assert by_zone(inputs) == {"West": 3000, "East": 1000}


def test_zones_over_an_unknown_file_or_column_name_the_section(tmp_path: Path) -> None:
    zones = zones_layer(tmp_path)
    with pytest.raises(GeoError, match=r"^\[demand 1\].*homes.gpkg"):
        read(tmp_path, {**zones, "over": "homes.gpkg"})
    frame(points((0, 10))).to_file(tmp_path / "homes.gpkg")
    with pytest.raises(InputError, match=r"^\[demand 1\] homes.gpkg has no column 'floors'"):
        read(tmp_path, {**zones, "over": "homes.gpkg", "weight": "floors"})


def test_grid_cells_hold_their_people_at_the_middle(tmp_path: Path) -> None:
    cells = frame([shapely.box(0, 0, 500, 500), shapely.box(500, 0, 1000, 500)], population=[30, 70])
    cells.to_file(tmp_path / "grid.gpkg")
    inputs = read(tmp_path, {"path": "grid.gpkg", "method": "grid", "people": "population"})
    assert inputs.demand["people"].tolist() == [30, 70]
    assert [(round(p.x - EAST), round(p.y - NORTH)) for p in inputs.demand.geometry] == [
        (250, 250),
        (750, 250),
    ]


def test_raster_cells_with_people_become_points_and_are_reported(tmp_path: Path) -> None:
    cells = np.array([[0.0, 12.5], [7.5, -99.0]], dtype="float32")
    place = from_origin(EAST, NORTH + 200, 100, 100)
    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", width=2, height=2, count=1, dtype="float32",
        crs=CRS, transform=place, nodata=-99.0,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    demand = {"path": "people.tif", "method": "raster", "attribution": "WorldPop"}
    inputs = read(tmp_path, demand)
    assert sorted(inputs.demand["people"]) == [7.5, 12.5]
    report = dict(inputs.reports)["demand 1"]
    assert (report.n_kept, report.crs) == (2, CRS)
    assert "WorldPop" in inputs.attributions


def test_whole_numbers_of_a_raster_are_multiplied_as_the_file_says(tmp_path: Path) -> None:
    place = from_origin(EAST, NORTH + 200, 100, 100)
    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", width=2, height=1, count=1, dtype="uint16",
        crs=CRS, transform=place, nodata=65535,
    ) as file:  # fmt: skip
        file.write(np.array([[50, 65535]], dtype="uint16"), 1)
        file.scales, file.offsets = (0.1,), (2.0,)
    inputs = read(tmp_path, {"path": "people.tif", "method": "raster"})
    assert inputs.demand["people"].tolist() == [7.0]  # 50 x 0.1 + 2; what is no data stays none


def test_people_of_a_raster_far_from_the_roads_are_told(tmp_path: Path) -> None:
    # 10 km cells: the second is 70 km east of the town's corner, 64 km from its last road.
    cells = np.zeros((1, 9), dtype="float32")
    cells[0, 0], cells[0, 7] = 100, 900
    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", width=9, height=1, count=1, dtype="float32",
        crs=CRS, transform=from_origin(EAST - 5000, NORTH + 5000, 10_000, 10_000),
    ) as file:  # fmt: skip
        file.write(cells, 1)
    inputs = read(tmp_path, {"path": "people.tif", "method": "raster"})
    # Of the first cell's 100 km2, West has 3.5 x 2 km: 7 people, East 2 x 2 km: 4, none the rest: 89.
    assert inputs.demand["people"].tolist() == pytest.approx([7, 4, 89, 900])
    assert inputs.demand["zone"].tolist() == ["West", "East", None, None]
    told = [str(note) for section, note in inputs.notes if section == "demand 1"]
    assert told == [
        "1 cells with 900 people lie more than 50 km from every road, outside the study, yet count as people "
        "out of reach: cut the raster to the study area",
        "people: 1,000 in people.tif = 1,000 placed + 0 left out",
        "1 cells with 100 people straddle borders of zones: each zone gets its share by area",
    ]


def osm_file(folder: Path) -> None:
    """Write a country of two municipalities; Ham is a part of Aton, Elsewhere stands alone."""
    places = {
        1: (10.00, 50.00, "Aton", "town", 100),
        2: (10.10, 50.00, "Elsewhere", "village", 40),
        3: (10.01, 50.01, "Ham", "village", 30),
        4: (10.05, 50.00, "Land", "country", 140),
    }
    nodes = [
        f'<node id="{i}" lon="{x}" lat="{y}" version="1"><tag k="place" v="{kind}"/>'
        f'<tag k="name" v="{name}"/><tag k="population" v="{n}"/></node>'
        for i, (x, y, name, kind, n) in places.items()
    ]
    ways = []

    def ring(number: int, corners: list[tuple[float, float]], tags: dict[str, str]) -> None:
        ids = [number * 10 + k for k in range(len(corners))]
        nodes.extend(
            f'<node id="{i}" lon="{x}" lat="{y}" version="1"/>'
            for i, (x, y) in zip(ids, corners, strict=True)
        )
        refs = "".join(f'<nd ref="{i}"/>' for i in [*ids, ids[0]])
        told = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        ways.append(f'<way id="{number}" version="1">{refs}{told}</way>')

    boundary = {"boundary": "administrative", "admin_level": "8", "name": "Aton"}
    ring(100, [(9.98, 49.98), (10.03, 49.98), (10.03, 50.03), (9.98, 50.03)], boundary)
    for k, (x, y) in enumerate([(10.0, 50.001), (10.002, 50.0), (10.1, 50.001), (10.101, 50.0)]):
        home = [(x, y), (x + 1e-4, y), (x + 1e-4, y + 1e-4), (x, y + 1e-4)]
        ring(200 + k, home, {"building": "yes"})
    nodes.sort(key=lambda node: int(re.findall(r'id="(\d+)"', node)[0]))
    text = OSM.format(nodes="\n".join(nodes), ways="\n".join(ways))
    (folder / "country.osm").write_text(text, encoding="utf-8")


def test_places_from_osm_are_counted_once(tmp_path: Path) -> None:
    osm_file(tmp_path)
    demand = {"path": "country.osm", "method": "places"}
    inputs = read(tmp_path, demand, study={"crs": "EPSG:32632"}, zones=None)
    # Land holds both towns and Ham is a part of Aton: 100 in Aton's two houses, 40 in Elsewhere's two.
    assert sorted(inputs.demand["people"].round(6)) == [20, 20, 50, 50]
    notes = [note.say("en") for section, note in inputs.notes if section == "demand 1"]
    # All 310 people of the file are accounted for: 140 + 140 + 30.
    assert notes[0] == (
        "4 places of country.osm have 310 people: placed 140 (of 2 places), left out: 140 of 1 regions that "
        "hold other places (Land), 30 of 1 parts of places that count (Ham)"
    )
    assert any("OpenStreetMap" in credit for credit in inputs.attributions)


def test_places_can_be_chosen(tmp_path: Path) -> None:
    osm_file(tmp_path)
    demand = {"path": "country.osm", "method": "places", "where": {"name": ["Ham", "Elsewhere"]}}
    inputs = read(tmp_path, demand, study={"crs": "EPSG:32632"}, zones=None)
    assert inputs.demand["people"].sum() == pytest.approx(70)


def test_places_need_an_osm_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^\[demand 1\] method = 'places' needs an OpenStreetMap file"):
        read(tmp_path, {"path": "villages.gpkg", "method": "places"})


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        ({"method": "zones", "total": 10}, "total is shared out over points"),
        ({"method": "grid", "people": 10}, "takes people from a column, not the number 10"),
        ({"method": "raster", "people": "pop"}, "no columns to choose from"),
        ({"people": 3, "weight": "area"}, "weight shares out a total"),
        ({"people": 3, "over": "roads"}, "over is for method = 'zones'"),
        ({"people": 3, "total": 3}, "either people or total"),
    ],
)
def test_settings_that_a_method_does_not_heed_are_refused(
    tmp_path: Path, demand: dict[str, Any], words: str
) -> None:
    with pytest.raises(StudyError, match=words):
        read(tmp_path, {"path": "villages.gpkg", **demand})


def test_both_sums_stand_side_by_side_and_whoever_is_missing_is_named(tmp_path: Path) -> None:
    """One row has no place, one no number, one is a total and one is not asked for."""
    (lon, lat), (east, north) = lonlat((1000, 0), (2400, 0))
    rows = [
        "村名,乡镇,经度,纬度,人口,类别",
        f"甲村,West,{lon},{lat},1000,村",
        "乙村,West,,,500,村",
        f"丙村,West,{east},{north},很多,村",
        f"丁村,West,{east},{north},300,居",
        f"合计,,{lon},{lat},1900,村",
    ]
    (tmp_path / "v.csv").write_text("\n".join(rows), encoding="utf-8")
    demand = {"path": "v.csv", "people": "人口", "crs": "EPSG:4326", "where": {"类别": ["村"]}}
    inputs = read(tmp_path, demand)
    assert inputs.demand["people"].tolist() == [1000, 0]
    notes = [str(note) for section, note in inputs.notes if section == "demand 1"]
    assert notes[0] == (
        "people: 1,800 in v.csv = 1,000 placed + 800 left out (1 rows with 500 people: "
        "has no geometry; not kept, 1 rows with 300 people: not selected by where); "
        "row by row in people_left_out.csv"
    )
    assert "row of totals in v.csv says 1,900 people, its other rows add up to 1,800" in notes[1]
    left = inputs.left_out.assign(reason=inputs.left_out["reason"].map(str))
    assert left[["row", "name", "reason"]].to_numpy().tolist() == [
        [3, "乙村", "has no geometry; not kept"],
        [4, "丙村", "is not a number; left empty"],
    ]
    assert left["people"].iloc[0] == 500
    assert inputs.people_left_out == 500


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["placed", "no place", "total", "no number", "away"]), st.integers(0, 9999)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_all_people_of_a_table_are_placed_or_told(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("sums")
    spot = ",".join(map(str, lonlat((1000, 0))[0]))
    places = {"no place": ",", "away": "1,1"}
    words = {"no number": "x"}
    lines = [
        f"{'小计' if kind == 'total' else f'v{k}'},{places.get(kind, spot)},{words.get(kind, n)}"
        for k, (kind, n) in enumerate([("placed", 5)] * 13 + rows)
    ]
    (folder / "v.csv").write_text("\n".join(["名称,经度,纬度,人口", *lines]), encoding="utf-8")
    inputs = read(folder, {"path": "v.csv", "people": "人口", "crs": "EPSG:4326"})
    (sums,) = (note for _, note in inputs.notes if note.key in ("study.people_sum", "study.people_sum_left"))
    written = 65 + sum(n for kind, n in rows if kind not in ("total", "no number"))
    placed = 65.0 + sum(n for kind, n in rows if kind in ("placed", "away"))
    if any(kind == "away" for kind, _ in rows):
        placed = float(inputs.demand["people"].sum())  # at the equator it may be refused as a misfit
    assert sums.values["people_in"] == written
    assert sums.values["placed"] == placed == inputs.demand["people"].sum()
    assert sums.values["placed"] + sums.values["left"] == written


def test_people_outside_every_zone_have_none(tmp_path: Path) -> None:
    inputs = read(tmp_path, {"path": "villages.gpkg", "people": "heads"})
    zone = inputs.demand.set_index("name")["zone"]
    assert zone.drop("v5").to_dict() == {"v1": "West", "v2": "West", "v3": "West", "v4": "East"}
    assert zone.isna()["v5"]


def test_a_missing_column_of_people_names_section_and_columns(tmp_path: Path) -> None:
    with pytest.raises(GeoError, match=r"^\[demand 1\].*'headcount'"):
        read(tmp_path, {"path": "villages.gpkg", "people": "headcount"})


def test_villages_in_another_crs_stand_at_the_same_places(tmp_path: Path) -> None:
    here = read(tmp_path, {"path": "villages.gpkg", "people": "heads"}).demand
    gpd.read_file(tmp_path / "villages.gpkg").to_crs(4326).to_file(tmp_path / "degrees.geojson")
    there = read(tmp_path, {"path": "degrees.geojson", "people": "heads"}).demand
    assert here.geometry.distance(there.geometry).max() < 0.01


def villages(folder: Path, head: str, *rows: str) -> None:
    spot = ",".join(map(str, lonlat((1000, 0))[0]))
    lines = [f"名称,乡镇,经度,纬度,{head}", *(row.replace("@", spot) for row in rows)]
    (folder / "v.csv").write_text("\n".join(lines), encoding="utf-8")


def notes_of(folder: Path, head: str, *rows: str) -> str:
    villages(folder, head, *rows)
    demand = {"path": "v.csv", "people": head, "crs": "EPSG:4326"}
    return "\n".join(str(note) for _, note in read(folder, demand).notes)


def test_one_village_twice_in_two_towns_or_in_none_is_told(tmp_path: Path) -> None:
    told = notes_of(
        tmp_path, "人口", "新建村,甲镇,@,10", "新建村委会,甲镇,@,20", "新建村,乙镇,@,30", "东海村,,@,40"
    )
    assert "2 rows are villages of one name in one town; 20 people may be counted twice: 新建村" in told
    assert "2 rows are villages of one name in different towns" in told
    assert "1 rows with 40 people name no town; where they lie decides: 东海村" in told


def test_villages_of_their_own_names_are_not_doubted(tmp_path: Path) -> None:
    told = notes_of(tmp_path, "人口", "新建村,甲镇,@,10", "新建居委会,甲镇,@,20", "东海村,乙镇,@,40")
    assert "villages" not in told


def test_towns_above_their_villages_are_told_though_their_sums_are_a_little_off(tmp_path: Path) -> None:
    """甲镇 has 61 people, its villages 10 + 20 + 30: a village moved, or somebody was born."""
    rows = ["甲镇,甲镇,@,61", "一村,甲镇,@,10", "二村,甲镇,@,20", "三村,甲镇,@,30", "四村,乙镇,@,40"]
    told = notes_of(tmp_path, "人口", *rows)
    assert (
        "1 rows are towns (甲镇) whose villages are in the table too: 61 people in the rows of towns, 60"
        in told
    )
    # What a town has beside its villages is no sum; a town without villages in the table is a place.
    told = notes_of(tmp_path, "人口", "甲镇,甲镇,@,30", *rows[1:], "丙镇,丙镇,@,50")
    assert "rows are towns" not in told


def test_households_and_densities_are_no_people(tmp_path: Path) -> None:
    assert "30 households are taken as as many people" in notes_of(tmp_path, "户数", "新建村,甲镇,@,30")
    with pytest.raises(InputError, match=r"人口密度 of v.csv holds densities"):
        notes_of(tmp_path, "人口密度", "新建村,甲镇,@,30")


@pytest.mark.parametrize(
    ("header", "said"), [("职工人数", "counts staff"), ("60岁以上人口", "counts a part")]
)
def test_staff_and_parts_of_the_people_are_told(tmp_path: Path, header: str, said: str) -> None:
    assert f"column {header} of v.csv {said}" in notes_of(tmp_path, header, "新建村,甲镇,@,30")


@pytest.mark.parametrize("people", ["", "不详", "若干"])
def test_a_column_without_any_number_of_people_stops(tmp_path: Path, people: str) -> None:
    with pytest.raises(InputError, match=r"none of the 2 rows of v.csv has a number of people under 人口"):
        notes_of(tmp_path, "人口", f"甲村,甲镇,@,{people}", f"乙村,甲镇,@,{people}")


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (["900", "1100"], None),
        (["0.09", "0.11"], "very few; check the column of people and its unit"),  # 万人 under the header 人口
        (["0.09", "1100"], "1 rows have less than one person (row 2: 0.09)"),
        # Nine million on the 40 km2 of the roads and 1,000 m around them; without one of the two still 4.5.
        (["4500000", "4500000"], "stop"),
    ],
)
def test_people_in_another_unit_are_told_or_stop(tmp_path: Path, people: list[str], told: str | None) -> None:
    rows = [f"甲村,甲镇,@,{people[0]}", f"乙村,甲镇,@,{people[1]}"]
    if told == "stop":
        with pytest.raises(InputError, match=r"which cannot be: check the column of people and its unit"):
            notes_of(tmp_path, "人口", *rows)
        return
    notes = notes_of(tmp_path, "人口", *rows)
    assert told is None or told in notes
    assert told is not None or ("very few" not in notes and "less than one" not in notes)
    assert "as sums do" not in notes


def test_where_only_households_are_known_they_share_out_the_total(tmp_path: Path) -> None:
    rows = pd.DataFrame(lonlat((1000, 0), (2000, 1000)), columns=["经度", "纬度"])
    rows.assign(名称=["甲村", "乙村"], 户数=["100", "50"]).to_csv(tmp_path / "v.csv", index=False)
    section = {"path": "v.csv", "crs": "EPSG:4326"}
    with pytest.raises(InputError) as error:
        read_inputs(town_study(tmp_path, demand=[section]))
    for lang in LANGS:
        assert 'weight = "户数"' in error.value.say(lang)
        assert 'people = "户数"' not in error.value.say(lang)
    # The way out: 390 people, 2.6 in each of 150 households.
    inputs = read_inputs(town_study(tmp_path, demand=[{**section, "weight": "户数", "total": 390}]))
    assert inputs.demand["people"].tolist() == [260, 130]


def test_a_raster_without_its_method_is_told_to_write_it(tmp_path: Path) -> None:
    head = f"ncols 2\nnrows 1\nxllcorner {EAST}\nyllcorner {NORTH - 500}\ncellsize 1000\n"
    (tmp_path / "pop.asc").write_text(f"{head}NODATA_value -9999\n100 50\n", encoding="ascii")
    with zipfile.ZipFile(tmp_path / "pop.zip", "w") as archive:
        archive.write(tmp_path / "pop.asc", "pop.asc")
    for name in ("pop.asc", "pop.zip"):
        with pytest.raises(FileError, match=r'is a raster.*method = "raster"'):
            read(tmp_path, {"path": name, "crs": CRS})


@pytest.mark.parametrize(
    ("totals", "is_told"),
    [((30, 60), False), ((90,), False), ((30, 60, 90), False), ((30, 61), True), ((60,), False)],
)
def test_totals_of_towns_are_held_against_the_sum_together(
    tmp_path: Path, totals: tuple[int, ...], is_told: bool
) -> None:
    # 60 alone is no more than the largest row, as an average or a maximum is: it says nothing of the sum.
    rows = ["甲,甲镇,@,10", "乙,甲镇,@,20", "丙,乙镇,@,60", *(f"小计,甲镇,@,{total}" for total in totals)]
    assert ("row of totals" in notes_of(tmp_path, "人口", *rows)) == is_told


def test_a_telephone_number_among_the_people_is_told(tmp_path: Path) -> None:
    rows = [f"v{k},甲镇,@,{100 + k}" for k in range(12)]
    told = notes_of(tmp_path, "人口", *rows, "新建村,甲镇,@,5961123")
    assert "row 14 has 5,961,123 people, more than all other rows together (1,266)" in told


@pytest.mark.parametrize("name", ["pop.zip", "人口.zip"])
def test_a_zipped_raster_is_read_with_the_declared_system(tmp_path: Path, name: str) -> None:
    head = f"ncols 2\nnrows 1\nxllcorner {EAST}\nyllcorner {NORTH - 500}\ncellsize 1000\n"
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("人口/pop.asc", f"{head}NODATA_value -9999\n100 50\n")
        archive.writestr("readme.txt", "people")
    inputs = read(tmp_path, {"path": name, "method": "raster", "crs": CRS})
    assert inputs.demand["people"].sum() == pytest.approx(150)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("b_pop_density", 'unit = "per_km2"'),
        ("b_pop_nodata_255_undeclared", "nodata = 255"),
        ("b_xlsx_formula", "never calculated"),
        ("c_sheets_now_planned", "sheet = "),
        ("b_address_only", "addresses must be turned into coordinates"),
        ("b_one_workbook_where", '"类型" = ["消防站"]'),
    ],
)
def test_a_case_stops_and_its_message_says_what_to_write(name: str, words: str) -> None:
    with pytest.raises(GeoError) as error:
        read_inputs(read_study(case(name) / "study.toml"))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("b_pop_density", ('method = "raster"', 'method = "raster"\nunit = "per_km2"')),
        ("b_pop_nodata_255_undeclared", ('method = "raster"', 'method = "raster"\nnodata = 255')),
        ("c_sheets_now_planned", ('path = "s.xlsx"', 'path = "s.xlsx"\nsheet = "现状"')),
        ("b_one_workbook_where", ("类型", '"类型"')),
        ("a_ascii_grid_declared", ("", "")),
    ],
)
def test_a_case_runs_when_its_message_is_followed(tmp_path: Path, name: str, change: tuple[str, str]) -> None:
    folder = tmp_path / "case"
    shutil.copytree(case(name), folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    text = (folder / "study.toml").read_text(encoding="utf-8").replace(*change) if change[0] else None
    if text is not None:
        (folder / "study.toml").write_text(text, encoding="utf-8")
    inputs = read_inputs(read_study(folder / "study.toml"))
    whole = {"b_pop_density": 47_010, "b_pop_nodata_255_undeclared": 4_701}.get(name, 47_010)
    assert inputs.demand["people"].sum() == pytest.approx(whole, rel=0.02)


@pytest.mark.parametrize("header", ["人口", "常住", "人数(人)"])
def test_where_no_column_of_people_is_named_those_there_are_are_listed(tmp_path: Path, header: str) -> None:
    rows = pd.DataFrame(lonlat((1000, 0), (2000, 1000)), columns=["经度", "纬度"])
    rows.assign(名称=["甲村", "乙村"], 户数=["100", "50"], **{header: ["1,200", "300"]}).to_csv(
        tmp_path / "v.csv", index=False
    )
    with pytest.raises(InputError) as error:
        read_inputs(town_study(tmp_path, demand=[{"path": "v.csv", "crs": "EPSG:4326"}]))
    told = error.value.say("zh")
    assert f"{header}（合计 1,500）、户数（合计 150）" in told.replace(", ", "、")
    assert f'people = "{header}"' in told
    section = {"path": "v.csv", "crs": "EPSG:4326", "people": header}
    assert read_inputs(town_study(tmp_path, demand=[section])).demand["people"].sum() == 1500


def test_a_layer_without_numbers_has_no_column_to_choose(tmp_path: Path) -> None:
    rows = pd.DataFrame(lonlat((1000, 0), (2000, 1000)), columns=["经度", "纬度"])
    rows.assign(名称=["甲村", "乙村"]).to_csv(tmp_path / "v.csv", index=False)
    section = {"path": "v.csv", "crs": "EPSG:4326"}
    with pytest.raises(InputError, match="no column of numbers for its people"):
        read_inputs(town_study(tmp_path, demand=[section]))
    assert (
        read_inputs(town_study(tmp_path, demand=[{**section, "people": 300}])).demand["people"].sum() == 600
    )


def test_villages_that_name_another_town_than_that_in_which_they_stand(tmp_path: Path) -> None:
    """West ends at 3,000 m; the way out is to mend the row."""
    rows = pd.DataFrame(
        lonlat((1000, 0), (2000, 1000), (4000, 0), (4500, 0), (1000, 5000)), columns=["经度", "纬度"]
    )
    names = {"名称": list("甲乙丙丁戊"), "人口": [100, 200, 300, 400, 500]}
    rows = rows.assign(**names, 所属乡镇=["West", "East", "East", "another county", "West"])
    rows.to_csv(tmp_path / "v.csv", index=False)
    section = {"path": "v.csv", "people": "人口", "crs": "EPSG:4326"}
    inputs = read(tmp_path, section)
    assert inputs.demand["zone"].tolist() == ["West", "West", "East", "East", None]
    (note,) = [note for _, note in inputs.notes if note.key == "study.people_other_town"]
    assert (note.values["n"], note.values["people"]) == (2, 700)
    told = note.say("zh")
    assert "乙（写 East，在 West）" in told
    assert "戊（写 West，不在任何乡镇内）" in told
    rows.iloc[[0, 2, 3]].to_csv(tmp_path / "v.csv", index=False)
    assert not [note for _, note in read(tmp_path, section).notes if note.key == "study.people_other_town"]


def test_a_place_without_a_name_in_another_town_is_told_by_its_id() -> None:
    """Of two tables only one may have names; the other's are nan once they are one."""
    people = pd.DataFrame(
        {"people": [5.0, 6.0, 7.0], "zone": ["East"] * 3, "name": ["甲", np.nan, None]},
        index=["1-0", "2-0", "2-1"],
    )
    stands = pd.Series(["West", "West", None], index=people.index, dtype=object)
    (note,) = doubt_towns(people, stands, pd.Series(["West", "East"]))
    assert "甲（写 East，在 West）" in note.say("zh")
    assert "2-0（写 East，在 West）" in note.say("zh")
    assert "2-1（写 East，不在任何乡镇内）" in note.say("zh")


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        # A town above its villages: 60 = 10 + 20 + 30, 15 = 5 + 4 + 6.
        (
            ["甲镇,,@,60", "a,,@,10", "b,,@,20", "c,,@,30", "乙镇,,@,15", "d,,@,5", "e,,@,4", "f,,@,6"],
            "甲镇, 乙镇",
        ),
        # A town below its villages.
        (
            ["a,,@,10", "b,,@,20", "c,,@,30", "甲镇,,@,60", "d,,@,5", "e,,@,4", "f,,@,6", "乙镇,,@,15"],
            "甲镇, 乙镇",
        ),
        (["a,,@,10", "b,,@,20", "本地,,@,60", "c,,@,30"], "本地"),
        # The whole below towns that stand below their villages: 75 = 60 + 15.
        (
            [
                "a,,@,10",
                "b,,@,20",
                "c,,@,30",
                "甲镇,,@,60",
                "d,,@,5",
                "e,,@,4",
                "f,,@,6",
                "乙镇,,@,15",
                "东区,,@,75",
            ],
            "甲镇, 乙镇, 东区",
        ),
        (["东区人口,,@,66", "a,,@,11", "b,,@,22", "c,,@,33"], "东区人口"),
    ],
)
def test_rows_that_add_up_others_are_told(tmp_path: Path, rows: list[str], sums: str) -> None:
    assert f"({sums}), as sums do" in notes_of(tmp_path, "人口", *rows)


@pytest.mark.parametrize(
    "rows",
    [
        ["a,,@,10", "b,,@,20", "c,,@,30"],  # 30 = 10 + 20 is chance
        ["a,,@,60", "b,,@,10", "c,,@,20", "d,,@,30", "e,,@,7"],  # the last belongs to no sum
        ["a,,@,0", "b,,@,0", "c,,@,0", "d,,@,0"],
        ["a,,@,30", "b,,@,20", "c,,@,10", "d,,@,20", "e,,@,10"],  # the others are twice the first by chance
        ["a,,@,2", "b,,@,2", "c,,@,2", "d,,@,2", "e,,@,2", "f,,@,2"],
    ],
)
def test_rows_that_add_up_by_chance_are_not_told(tmp_path: Path, rows: list[str]) -> None:
    assert "as sums do" not in notes_of(tmp_path, "人口", *rows)


def test_rows_of_equal_people_are_no_sums_of_each_other() -> None:
    """Each of 20,000 houses of three is a whole part of all others, which no level of districts is."""
    table = pd.DataFrame({"people": np.full(20_000, 3.0)})
    layer = SimpleNamespace(table=table, report=SimpleNamespace(guesses=(), path="houses.csv"))
    spec = SimpleNamespace(total=None, people="people", columns={})
    assert list(doubt_rows(layer, spec)) == []  # type: ignore[arg-type]
    layer.table = pd.DataFrame({"people": [18.0, 9.0, 3.0, 3.0, 3.0, 9.0, 2.0, 2.0, 5.0]})
    (note,) = doubt_rows(layer, spec)  # type: ignore[arg-type]
    assert (note.key, note.values["n"], note.values["people"]) == ("study.people_sums", 3, 36.0)


def test_a_row_that_stands_in_the_table_twice_is_told(tmp_path: Path) -> None:
    told = notes_of(tmp_path, "人口", "东海村,,@,40", "西海村,,@,7", "东海村,,@,40", "西海村,,@,8")
    assert (
        "1 rows repeat another row by name, people and place; 40 people may be counted twice: 东海村" in told
    )
