"""The synthetic places: street grids of any size, and the island district."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.layers import read_layer
from geo.sample import grid_network, write_sample
from geo.sample._random import draw
from geo.times import UNREACHED_MS
from geo.words import data_dir


@settings(max_examples=25, deadline=None)
@given(n_nodes=st.integers(4, 900), seed=st.integers(0, 2**31))
def test_a_city_of_any_size_is_in_one_piece(n_nodes: int, seed: int) -> None:
    city = grid_network(n_nodes, seed=seed)
    assert (city.n_nodes, city.n_components) == (n_nodes, 1)
    assert (np.minimum(city.edge_ms, city.edge_back_ms) < UNREACHED_MS).all()


def test_a_city_has_the_sizes_and_speeds_of_streets() -> None:
    city = grid_network(20_000, seed=3)
    assert 1.45 < city.n_edges / city.n_nodes < 1.6
    assert 2.8 < len(city.arcs.head) / city.n_nodes < 3.1
    assert city.edge_length.min() > 40
    assert city.edge_length.max() < 180
    kph = city.edges.groupby("highway")["speed_kph"].median().round()
    assert kph.to_dict() == {"primary": 60, "residential": 30, "secondary": 45}
    closed = (city.edge_ms == UNREACHED_MS) | (city.edge_back_ms == UNREACHED_MS)
    assert 0.05 < closed.mean() < 0.12


def test_the_same_seed_gives_the_same_city() -> None:
    first, same, other = (grid_network(500, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.xy, same.xy)
    np.testing.assert_array_equal(first.edge_ms, same.edge_ms)
    assert not np.array_equal(first.node_xy, other.node_xy)


def test_a_city_without_a_block_is_an_error() -> None:
    with pytest.raises(InputError, match="at least 4"):
        grid_network(3, seed=1)


def test_chance_is_the_published_generator() -> None:
    """SplitMix64 from state 0 gives 0xE220A8397B1DCDAF first (Vigna's reference, splitmix64.c)."""
    assert draw(1, seed=0, stream=0)[0] == (0xE220A8397B1DCDAF >> 11) * 2.0**-53


def test_chance_is_even() -> None:
    share, _ = np.histogram(draw(100_000, seed=7, stream=2), bins=10, range=(0, 1))
    assert abs(share - 10_000).max() < 500, "five standard deviations of 95"


# -- the island district


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample")).parent


def layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / f"{name}.geojson").to_crs(32651)


def points(folder: Path, name: str) -> gpd.GeoDataFrame:
    read = read_layer(folder / f"{name}.csv", crs="EPSG:4326")
    assert read.report.faults == ()
    return read.table.to_crs(32651)


def test_the_committed_sample_is_what_the_program_writes(folder: Path) -> None:
    committed = {path.name: path for path in (data_dir() / "sample").iterdir() if path.is_file()}
    assert sorted(committed) == sorted(path.name for path in folder.iterdir())
    changed = [name for name, path in committed.items() if path.read_bytes() != (folder / name).read_bytes()]
    assert changed == [], "delete its files, then write_sample('layers/sample')"
    assert sum(path.stat().st_size for path in committed.values()) < 3_000_000
    assert max(path.stat().st_size for path in committed.values()) < 1_000_000


def test_the_district_has_the_published_figures(folder: Path) -> None:
    towns, land = layer(folder, "towns"), layer(folder, "land")
    assert (len(towns), int(towns["people"].sum())) == (18, 637_900)
    assert 1_300e6 < land.area.sum() < 1_450e6, "about 1,400 km2"
    counts = {path.stem: path.read_bytes().count(b"\n") - 1 for path in folder.glob("*.csv")}
    assert counts["villages"] == 361
    assert (counts["stations"], counts["stations_planned"], counts["micro_stations"]) == (11, 3, 494)
    assert counts["bases"] == 2
    by_2020 = {
        name: (points(folder, name)["opened_year"] <= 2020).sum() for name in ("hydrants", "water_points")
    }
    assert by_2020 == {"hydrants": 430, "water_points": 120}
    staff = points(folder, "stations")["staff"].sum()
    assert staff / 637_900 < 0.4e-3 < (staff + 35) / 637_900, "met with the planned stations only"


def test_water_points_are_old_new_and_planned(folder: Path) -> None:
    table = points(folder, "water_points")
    years = table["opened_year"].where(table["status"] == "现状")
    assert ((years <= 2020).sum(), (years > 2020).sum(), years.isna().sum()) == (120, 40, 140)
    assert len(set(table["name"])) == 300


def test_the_depots_are_of_every_level(folder: Path) -> None:
    depots = points(folder, "depots")
    built = depots[depots["status"] == "现状"]["level"].value_counts()
    assert built[["市级联合库", "行业库", "区级", "街镇级", "家庭"]].to_dict() == {
        "市级联合库": 5,
        "行业库": 6,
        "区级": 1,
        "街镇级": 16,
        "家庭": 2,
    }
    assert 280 < built["村居级"] < 330, "five villages in six"
    villages = points(folder, "villages")
    assert set(depots["village"].dropna()) < set(villages["name"])


def test_the_surroundings_lie_where_they_belong(folder: Path) -> None:
    land, towns = layer(folder, "land").union_all(), layer(folder, "towns").union_all()
    for name in ("flood", "keep_out"):
        shapes = layer(folder, name)
        assert shapes.is_valid.all()
        assert (shapes.intersection(land).area > 0.95 * shapes.area).all(), name
    plots = layer(folder, "plots")
    assert plots.is_valid.all()
    assert len(plots) == 30
    np.testing.assert_allclose(plots.area, plots["area_m2"], rtol=0.01)
    assert plots.within(towns).all()
    built_up = layer(folder, "built_up")
    assert built_up.is_valid.all()
    streets = layer(folder, "roads").query("highway == 'residential'")
    assert streets.intersects(built_up.union_all()).mean() > 0.99


def test_obstacles_are_lines_across_the_island(folder: Path) -> None:
    land, roads = layer(folder, "land"), layer(folder, "roads")
    (river,) = layer(folder, "river").geometry
    assert land.geometry[0].difference(river.buffer(1)).geom_type == "MultiPolygon", "it parts the island"
    expressway = layer(folder, "expressway")
    trunk = roads[roads["highway"] == "trunk"].union_all()
    assert expressway.distance(trunk).max() < 20
    assert 0.4 < expressway.length.sum() / trunk.length < 0.5, "one of two carriageways, without the bridge"


def test_some_sensitive_places_are_too_near_to_a_station(folder: Path) -> None:
    stations = points(folder, "stations").union_all()
    near = {
        name: points(folder, name).distance(stations).min() for name in ("schools", "hospitals", "hazmat")
    }
    assert near["schools"] == pytest.approx(36, abs=1)
    assert near["hospitals"] == pytest.approx(45, abs=1)
    assert near["hazmat"] == pytest.approx(250, abs=1)


def test_people_are_counted_once(folder: Path) -> None:
    towns, villages = layer(folder, "towns"), points(folder, "villages")
    by_town = villages.groupby("zone")["people"].sum()
    assert by_town.to_dict() == towns.set_index("name")["people"].to_dict()
    own = towns.set_index("name").geometry.loc[villages["zone"]]
    assert villages.within(own.set_axis(villages.index)).all()
    assert len(set(villages["name"])) == 361


def test_towns_cover_the_land_once(folder: Path) -> None:
    towns, land = layer(folder, "towns"), layer(folder, "land")
    assert towns.is_valid.all()
    assert land.is_valid.all()
    assert shapely.coverage_is_valid(towns.geometry.to_numpy()), "neighbours share their borders"
    both = towns.union_all().symmetric_difference(land.union_all()).area
    assert both < 0.001 * land.area.sum()


def test_the_islands_are_joined_as_told(folder: Path) -> None:
    roads, land = layer(folder, "roads"), layer(folder, "land")
    across = roads[~roads.within(land.union_all())]
    assert sorted(across["highway"]) == ["ferry", "ferry", "trunk", "trunk"]
    bridge = across[across["bridge"] == "yes"]
    assert bridge.intersects(land.geometry[0]).all(), "a bridge from the main island, a carriageway each way"
    assert bridge.intersects(land.geometry[1]).all()
    assert not points(folder, "stations").intersects(land.geometry[2]).any()
    assert points(folder, "villages").intersects(land.geometry[2]).any(), "so some people cannot be reached"


def test_roads_meet_at_their_ends_and_are_of_every_kind(folder: Path) -> None:
    roads = layer(folder, "roads")
    ends: dict[int, Any] = {}
    for u, v, line in zip(roads["u"], roads["v"], roads.geometry, strict=True):
        assert ends.setdefault(u, line.coords[0]) == line.coords[0]
        assert ends.setdefault(v, line.coords[-1]) == line.coords[-1]
    assert 3_500 < len(roads) < 8_000
    degree = pd.concat([roads["u"], roads["v"]]).value_counts()
    assert (degree == 1).sum() > 50, "dead ends"
    pairs = pd.DataFrame(np.sort(roads[["u", "v"]].to_numpy(), axis=1))
    assert pairs.duplicated().sum() > 50, "dual carriageways: parallel roads"
    assert (roads["oneway"] == "yes").sum() > 300
    assert roads["maxspeed"].notna().any()


def test_some_villages_are_too_far_from_a_road(folder: Path) -> None:
    roads = layer(folder, "roads")
    away = points(folder, "villages").distance(roads.union_all())
    assert (away > 500).sum() == 4
    water = layer(folder, "water")
    assert not points(folder, "villages").intersects(water.union_all()).any()
    assert not roads[roads["highway"] != "ferry"].intersects(water.geometry[1:].union_all()).any()


def test_the_study_names_every_file(folder: Path) -> None:
    study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    named = [study[key]["path"] for key in ("roads", "zones", "land", "barriers", "villages")]
    repeated = ("facilities", "demand", "hazards", "sensitive", "obstacles", "built_up", "plots", "keep_out")
    named += [part["path"] for key in repeated for part in study[key]]
    named += [study["study"]["plan"], "study.toml"]
    named += ["calls.csv", "calls_truth.toml"]  # in lines that wait for their # to be taken away
    assert sorted(set(named)) == sorted(path.name for path in folder.iterdir())
    assert study["study"]["synthetic"] is True


def test_a_planner_s_spreadsheet_is_in_the_national_encoding(folder: Path) -> None:
    raw = (folder / "villages.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    header = next(csv.reader(raw.decode("gb18030").splitlines()))
    assert header == ["所属乡镇", "村居名称", "常住人口", "60岁及以上人口", "经度", "纬度"]


def test_english_says_the_same(folder: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, lang="en")
    english, chinese = points(tmp_path, "villages"), points(folder, "villages")
    assert english["people"].tolist() == chinese["people"].tolist()
    assert english["name"].iloc[0].isascii()
    classes = points(tmp_path, "stations")["station_class"]
    assert set(classes) == {"special", "first", "second", "small"}
    assert (tmp_path / "roads.geojson").read_text(encoding="utf-8").isascii()


@pytest.mark.parametrize(("towns", "seed"), [(3, 1), (7, 99), (40, 5)])
def test_any_number_of_towns_and_any_seed(tmp_path: Path, towns: int, seed: int) -> None:
    write_sample(tmp_path, towns=towns, seed=seed)
    zones = layer(tmp_path, "towns")
    assert len(zones) == len(set(zones["name"])) == towns
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    villages = points(tmp_path, "villages")
    assert villages["people"].sum() == zones["people"].sum() == round(637_900 / 18 * towns)


@pytest.mark.parametrize(
    ("nodes", "towns", "seed"),
    [(500, 18, 1), (500, 25, 7), (3_000, 3, 2035), (8_000, 100, 1), (20_000, 18, 2)],
)
def test_a_district_has_the_nodes_that_were_asked_for(
    nodes: int, towns: int, seed: int, tmp_path: Path
) -> None:
    write_sample(tmp_path, nodes=nodes, towns=towns, seed=seed)
    roads = layer(tmp_path, "roads")
    assert len(set(roads["u"]) | set(roads["v"])) == pytest.approx(nodes, rel=0.05)


def test_a_district_without_its_three_islands_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 3 towns"):
        write_sample(tmp_path, towns=2)
    with pytest.raises(InputError, match="500 nodes"):
        write_sample(tmp_path, nodes=10)


def test_too_few_nodes_for_many_towns_say_how_many_they_need(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"100 towns need at least [\d,]+ nodes") as told:
        write_sample(tmp_path, nodes=1_000, towns=100)
    fewest = int(re.findall(r"[\d,]+", str(told.value))[1].replace(",", ""))
    write_sample(tmp_path / "enough", nodes=fewest, towns=100)
    assert len(layer(tmp_path / "enough", "towns")) == 100
