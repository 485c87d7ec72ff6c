"""People as points: nobody is lost and nobody is counted twice."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import from_origin

from geo.demand import (
    assign_zones,
    demand_from_grid,
    demand_from_points,
    demand_from_raster,
    demand_from_zones,
    share_out,
)
from geo.demand._raster import read_cells
from geo.errors import CrsError, FileError, InputError, StudyError
from geo.schema import check_demand
from tests.shared import real
from tests.towns import METRIC, places

# Two square kilometres side by side, west and east.
WEST, EAST = (
    shapely.box(350_000, 3_500_000, 351_000, 3_501_000),
    shapely.box(351_000, 3_500_000, 352_000, 3_501_000),
)


def zones(*people: float, shapes: tuple[shapely.Geometry, ...] = (WEST, EAST)) -> gpd.GeoDataFrame:
    names = ["west", "east", "third"][: len(people)]
    return gpd.GeoDataFrame(
        {"name": names, "people": people}, index=names, geometry=list(shapes[: len(people)]), crs=METRIC
    )


# -- shares


def test_largest_remainders_by_hand() -> None:
    # 10 in 1:1:1 is 3.33 each, one is left for the first; 7 in 5:3 is 4.375 and 2.625: the second gets it.
    shares = share_out([10, 7], np.array([1.0, 1, 1, 5, 3]), group=np.array([0, 0, 0, 1, 1]), whole=True)
    assert shares.tolist() == [4, 3, 3, 4, 3]


@settings(max_examples=60, deadline=None)
@given(
    totals=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=5),
    members=st.lists(st.tuples(st.integers(-1, 4), st.sampled_from([0.0, 0.3, 1.0, 1.5, 70.0])), max_size=40),
    whole=st.booleans(),
)
def test_totals_are_preserved(totals: list[int], members: list[tuple[int, float]], whole: bool) -> None:
    group = np.array([min(g, len(totals) - 1) for g, _ in members], dtype=int)
    weight = np.array([w for _, w in members], dtype=float)
    shares = share_out(totals, weight, group=group, whole=whole)
    assert (shares >= 0).all()
    assert (shares[group < 0] == 0).all()
    for k, total in enumerate(totals):
        if (group == k).any():
            assert shares[group == k].sum() == pytest.approx(total, abs=0 if whole else 1e-6)
            heavy = weight[group == k].sum()
            exact = total * weight[group == k] / heavy if heavy else total / (group == k).sum()
            assert (np.abs(shares[group == k] - exact) < (1 if whole else 1e-6)).all()


def test_a_fraction_of_a_person_cannot_be_whole() -> None:
    with pytest.raises(InputError, match="fraction"):
        share_out(10.5, np.ones(3), whole=True)


# -- points


def test_points_keep_their_people_and_their_index() -> None:
    points = places(
        {"a": (0, 0), "b": (10, 0), "c": (20, 0)}, people=[5, None, 7], zone=["west", None, "east"]
    )
    read = demand_from_points(points)
    assert read.table["people"].to_dict() == {"a": 5, "b": 0, "c": 7}
    assert read.table["zone"].tolist() == ["west", None, "east"]
    assert read.table["risk"].tolist() == [1, 1, 1]
    assert [str(note) for note in read.notes] == ["1 rows say nothing about people and count as 0: b"]
    assert read.notes[0].say("zh") == "1 行没有人口数，按 0 计：b"


def test_a_total_is_spread_by_weight() -> None:
    schools = places({"a": (0, 0), "b": (10, 0), "c": (20, 0)}, pupils=[1, 2, 0])
    spread = demand_from_points(schools, total=637_900, weight="pupils", whole=True)
    assert spread.table["people"].tolist() == [212_633, 425_267, 0], "637,900 / 3 = 212,633.33"
    assert demand_from_points(schools, total=9).table["people"].tolist() == [3, 3, 3]
    assert demand_from_points(schools, people=4).table["people"].tolist() == [4, 4, 4]


def test_points_are_moved_to_the_metric_crs() -> None:
    metric = places({"a": (0, 0)}, people=[1])
    moved = demand_from_points(metric.to_crs(4326), crs=METRIC).table
    assert moved.crs == METRIC
    assert moved.geometry.iloc[0].distance(metric.geometry.iloc[0]) < 0.001
    with pytest.raises(CrsError):
        demand_from_points(metric.to_crs(4326))


@pytest.mark.parametrize(
    ("people", "match"), [([1, -2], "negative"), ([1, np.inf], "infinite"), (["3", "约3万"], "not a number")]
)
def test_wrong_people_are_an_error(people: list[object], match: str) -> None:
    with pytest.raises(InputError, match=match):
        demand_from_points(places({"a": (0, 0), "b": (1, 0)}, people=people))


def test_wrong_tables_are_an_error() -> None:
    points = places({"a": (0, 0), "b": (1, 0)}, people=[1, 2])
    with pytest.raises(InputError, match="no column 'heads'"):
        demand_from_points(points, people="heads")
    with pytest.raises(InputError, match="no rows"):
        demand_from_points(points.iloc[:0])
    with pytest.raises(InputError, match="not unique"):
        demand_from_points(points.set_axis(["a", "a"]))
    with pytest.raises(InputError, match="no place"):
        demand_from_points(
            points.set_geometry(gpd.GeoSeries([None, points.geometry.iloc[1]], index=points.index))
        )
    with pytest.raises(StudyError, match="how many people"):
        demand_from_points(points, people=None)
    with pytest.raises(InputError, match="0 or more"):
        demand_from_points(points, total=-1)


def test_cells_stand_at_their_middle() -> None:
    read = demand_from_grid(zones(30, 12))
    assert read.table["people"].tolist() == [30, 12]
    assert shapely.get_x(read.table.geometry).tolist() == [350_500, 351_500]


# -- zones


def test_zone_totals_over_points_by_hand() -> None:
    over = places({"a": (100, 100), "b": (900, 900), "c": (1500, 500), "far": (5000, 0)}, beds=[1, 3, 0, 9])
    read = demand_from_zones(zones(100, 7), over=over, weight="beds")
    # West: 100 in 1:3. East: 7, its only weight is 0. Outside: nobody.
    assert read.table["people"].to_dict() == {"a": 25, "b": 75, "c": 7, "far": 0}
    assert read.table["zone"].tolist() == ["west", "west", "east", None]
    assert [note.key for note in read.notes] == ["demand.outside_zones"]


def test_a_zone_with_nothing_inside_keeps_its_people() -> None:
    read = demand_from_zones(zones(100, 7), over=places({"a": (100, 100)}))
    assert read.table["people"].to_dict() == {"a": 100, "zone east": 7}
    assert EAST.contains(read.table.geometry["zone east"])
    assert [str(note) for note in read.notes] == [
        "1 zones have nothing inside to spread people over; their people stand at a point inside: east"
    ]
    numbered = demand_from_zones(zones(100, 7), over=places({"a": (100, 100)}).reset_index(drop=True))
    assert numbered.table["people"].to_dict() == {0: 100, 1: 7}


def test_roads_carry_people_by_length() -> None:
    # 600 m of road in the west, in pieces of 200 m; 300 m in the east, in two pieces of 150 m.
    lines = gpd.GeoDataFrame(
        geometry=[
            shapely.LineString([(350_000, 3_500_500), (350_600, 3_500_500)]),
            shapely.LineString([(351_200, 3_500_500), (351_500, 3_500_500)]),
        ],
        crs=METRIC,
    )
    read = demand_from_zones(zones(90, 10), over=lines)
    assert read.table["people"].tolist() == pytest.approx([30, 30, 30, 5, 5])
    assert shapely.get_x(read.table.geometry).tolist() == pytest.approx(
        [350_100, 350_300, 350_500, 351_275, 351_425]
    )


def test_a_road_across_a_border_counts_on_both_sides() -> None:
    # From 800 to 1,400 m: pieces of 100 m, two in the west and four in the east.
    line = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(350_800, 3_500_500), (351_400, 3_500_500)])], crs=METRIC
    )
    read = demand_from_zones(zones(90, 10), over=line, spacing_m=100)
    assert read.table.groupby("zone")["people"].agg(["sum", "count"]).to_dict() == {
        "sum": {"east": pytest.approx(10), "west": pytest.approx(90)},
        "count": {"east": 4, "west": 2},
    }


def test_buildings_carry_people_by_area() -> None:
    buildings = gpd.GeoDataFrame(
        geometry=[
            shapely.box(350_000, 3_500_000, 350_010, 3_500_030),
            shapely.box(350_100, 3_500_000, 350_110, 3_500_010),
        ],
        crs=METRIC,
    )
    by_area = demand_from_zones(zones(8), over=buildings, weight="area")
    assert by_area.table["people"].tolist() == pytest.approx([6, 2]), "300 and 100 m2"
    assert demand_from_zones(zones(8), over=buildings).table["people"].tolist() == [4, 4]
    with_column = demand_from_zones(zones(8), over=buildings.assign(area_m2=[1, 7]), weight="area")
    assert with_column.table["people"].tolist() == [1, 7], (
        "a stated area (floor space) goes before the polygon's"
    )
    with pytest.raises(InputError, match="area"):
        demand_from_zones(zones(8), over=places({"a": (1, 1)}), weight="area")


def test_zones_that_overlap_are_an_error() -> None:
    third = shapely.box(350_500, 3_500_000, 351_000, 3_501_000)
    with pytest.raises(InputError, match=r"1 pairs of zones overlap(?s:.)*west and third: 0.500 km²"):
        demand_from_zones(zones(1, 2, 3, shapes=(WEST, EAST, third)), over=places({"a": (1, 1)}))


def test_zones_in_degrees_are_an_error() -> None:
    with pytest.raises(CrsError):
        demand_from_zones(zones(1).to_crs(4326), over=places({"a": (1, 1)}))
    with pytest.raises(CrsError):
        demand_from_zones(zones(1), over=places({"a": (1, 1)}).to_crs(32650))


@settings(max_examples=40, deadline=None)
@given(
    people=st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)),
    spots=st.lists(
        st.tuples(st.integers(-300, 2300), st.integers(0, 1000), st.sampled_from([0.0, 1.0, 2.5])),
        min_size=1,
        max_size=25,
        unique_by=lambda spot: spot[:2],
    ),
    whole=st.booleans(),
    shuffle=st.randoms(use_true_random=False),
)
def test_zone_totals_survive_and_row_order_does_not_matter(
    people: tuple[int, int], spots: list[tuple[int, int, float]], whole: bool, shuffle: object
) -> None:
    over = places({f"p{i}": spot[:2] for i, spot in enumerate(spots)}, weight=[spot[2] for spot in spots])
    read = demand_from_zones(zones(*people), over=over, weight="weight", whole=whole).table
    check_demand(read)
    by_zone = read.groupby("zone")["people"].sum()
    for name, total in zip(["west", "east"], people, strict=True):
        assert by_zone.get(name, 0.0) == pytest.approx(total, abs=0 if whole else 1e-6)
    assert read["people"].sum() == pytest.approx(sum(people), abs=0 if whole else 1e-6)
    order = list(over.index)
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    again = demand_from_zones(zones(*people), over=over.loc[order], weight="weight", whole=whole).table
    pd.testing.assert_series_equal(again["people"].loc[read.index], read["people"], rtol=1e-12)


# -- which zone


def test_a_point_on_a_border_belongs_to_the_first_zone() -> None:
    points = places(
        {"west": (999, 5), "border": (1000, 5), "east": (1001, 5), "off": (2030, 5), "far": (9000, 5)}
    )
    both = zones(1, 1)
    assert assign_zones(points, both).tolist() == ["west", "west", "east", None, None]
    assert assign_zones(points, both.iloc[::-1]).tolist() == ["west", "east", "east", None, None]
    assert assign_zones(points, both, within_m=30).tolist() == ["west", "west", "east", "east", None], (
        "30 m away"
    )
    assert assign_zones(points.iloc[:0], both).empty


# -- rasters


def write_raster(
    path: Path, values: object, *, crs: object = METRIC, nodata: float | None = -99.0, bands: int = 1
) -> Path:
    array = np.asarray(values, dtype="float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=array.shape[0],
        width=array.shape[1],
        count=bands,
        dtype="float32",
        crs=None if crs is None else CRS(crs).to_wkt(),
        transform=from_origin(350_000, 3_501_000, 500, 500),
        nodata=nodata,
    ) as raster:
        for band in range(bands):
            raster.write(array * (band + 1), band + 1)
    return path


# The west square has cells 4, 0 over no data, 6; the east has 10, 1.5 over -3, 2.
CELLS = ((4, 0, 10, 1.5), (-99, 6, -3, 2))


def test_a_raster_by_hand(tmp_path: Path) -> None:
    read = demand_from_raster(write_raster(tmp_path / "people.tif", CELLS), crs=METRIC)
    assert read.table["people"].to_dict() == {0: 4, 2: 10, 3: 1.5, 5: 6, 7: 2}, "row x 4 + column"
    first = read.table.geometry.iloc[0]
    assert (first.x, first.y) == (350_250, 3_500_750), "the middle of the north-western cell"
    assert [str(note) for note in read.notes][:1] == [
        "1 cells of the raster are negative and count as no data (most often -3: nodata = -3 settles it)"
    ]


def test_a_raster_in_zones(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "people.tif", CELLS, bands=2)
    read = demand_from_raster(path, crs=METRIC, zones=zones(1, 1).iloc[[1]], min_people=2)
    assert read.table["people"].to_dict() == {2: 10, 7: 2}, "the numbers of the cells stay"
    assert set(read.table["zone"]) == {"east"}
    notes = {note.key: note.values["n"] for note in read.notes}
    assert notes["demand.first_band"] == 1
    assert notes["demand.few_people"] == 2, "1.5 people"
    census = demand_from_zones(
        zones(100, 24), over=demand_from_raster(path, crs=METRIC).table, weight="people"
    )
    assert census.table["people"].to_list() == pytest.approx(
        [40, 24 * 10 / 13.5, 24 * 1.5 / 13.5, 60, 24 * 2 / 13.5]
    )


def test_a_raster_in_windows_is_the_raster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(4).integers(0, 9, (23, 31))
    path = write_raster(tmp_path / "people.tif", values)
    whole = read_cells(path, crs=METRIC)
    monkeypatch.setattr("geo.demand._raster._WINDOW", 7)
    tiles = read_cells(path, crs=METRIC)
    np.testing.assert_array_equal(tiles.number, np.flatnonzero(values))
    np.testing.assert_array_equal(tiles.people, values[values > 0])
    np.testing.assert_array_equal(whole.xy, tiles.xy)


def test_a_raster_in_another_crs_keeps_its_total(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "people.tif", CELLS)
    there = demand_from_raster(path, crs=CRS.from_epsg(4549)).table
    assert there["people"].sum() == 23.5
    here = demand_from_raster(path, crs=METRIC).table
    assert there.to_crs(METRIC).geometry.distance(here.geometry).max() < 0.01


def test_wrong_rasters_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"missing\.tif does not exist"):
        demand_from_raster(tmp_path / "missing.tif", crs=METRIC)
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(FileError, match="cannot be read"):
        demand_from_raster(text, crs=METRIC)
    with pytest.raises(CrsError, match="no coordinate system"):
        demand_from_raster(write_raster(tmp_path / "a.tif", CELLS, crs=None), crs=METRIC)
    with pytest.raises(InputError, match="nobody lives"):
        demand_from_raster(write_raster(tmp_path / "b.tif", [[0, -99]]), crs=METRIC)
    away = zones(1).set_geometry(zones(1).translate(1e6))
    with pytest.raises(InputError, match="does not cover"):
        demand_from_raster(write_raster(tmp_path / "c.tif", CELLS), crs=METRIC, zones=away)


# -- real places


@pytest.mark.real
def test_helsinki_keeps_the_people_of_its_grid() -> None:
    cells = gpd.read_file(real("helsinki/helsinki_population_grid_2020.gpkg"))
    read = demand_from_grid(cells, crs=CRS.from_epsg(32635), people="population")
    assert len(read.table) == 92
    assert read.table["people"].sum() == cells["population"].sum() > 0


@pytest.mark.real
def test_yangpu_keeps_the_people_of_its_subdistricts() -> None:
    census = pd.read_csv(real("shanghai/population_yangpu_subdistricts_2020.csv"))
    areas = gpd.read_file(real("shanghai/town_polygons_partial_osm.gpkg")).to_crs(32651)
    roads = gpd.read_file(real("shanghai/roads_shanghai_secondary_plus.gpkg"), layer="links")
    areas = areas[areas["district"] == "杨浦区"].assign(name=lambda area: area["name"] + "街道")
    areas = areas.merge(census, on="name")
    assert set(areas["name"]) == {"控江路街道", "五角场街道", "新江湾城街道"}, "the ones with a polygon"
    crs = CRS.from_epsg(32651)
    read = demand_from_zones(areas, over=roads, crs=crs, people="population_2020", whole=True).table
    assert (
        read.groupby("zone")["people"].sum().to_dict() == areas.set_index("name")["population_2020"].to_dict()
    )
    district = gpd.read_file(real("shanghai/districts_land_c2015_wgs84.gpkg"))
    district = district[district.iloc[:, :-1].eq("杨浦区").any(axis=1)].assign(
        name="杨浦区", people=census["population_2020"].sum()
    )
    whole = demand_from_zones(district, over=roads, crs=crs, whole=True).table
    assert whole["people"].sum() == 1_242_600, "all 12 subdistricts"


@pytest.mark.real
def test_liechtenstein_keeps_the_people_of_its_municipalities() -> None:
    osm = pytest.importorskip("geo.osm.roads")
    path = real("liechtenstein/liechtenstein-240304.osm.pbf")
    crs = CRS.from_epsg(32632)
    places = osm.read_places(path).to_crs(crs)
    towns = osm.read_boundaries(path, admin_level=8).to_crs(crs)
    people = places.dropna(subset=["population"]).groupby("name")["population"].max()
    towns = towns.assign(people=towns["name"].map(people).astype(float))
    towns = towns[towns["people"].notna()]
    assert len(towns) == 11
    buildings = osm.read_buildings(path).to_crs(crs)
    read = demand_from_zones(towns, over=buildings, weight="area", whole=True)
    by_town = read.table.groupby("zone")["people"].sum()
    assert by_town.to_dict() == towns.set_index("name")["people"].to_dict()
    assert len(read.table) == len(buildings)


def test_weights_that_are_all_blank_are_told_as_spread_evenly() -> None:
    over = places({"a": (100, 100), "b": (900, 900), "c": (1500, 500)}, beds=[np.nan, 0.0, 2.0])
    read = demand_from_zones(zones(100, 7), over=over, weight="beds")
    assert read.table["people"].tolist() == [50, 50, 7]
    (told,) = [note for note in read.notes if note.key == "demand.even_zones"]
    assert "west" in str(told)
    blank = demand_from_points(over.assign(beds=np.nan), total=9, weight="beds")
    assert blank.table["people"].tolist() == [3, 3, 3]
    assert [note.key for note in blank.notes] == ["demand.no_weight", "demand.weights_blank"]
