"""The layers of a study: facilities, zones, land and barriers from files of all kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geo.crs import wgs84_to_bd09, wgs84_to_gcj02
from geo.errors import CrsError, GeoError, InputError
from geo.network import write_graphml
from geo.study import parse_study, read_inputs
from tests.studies import CRS, EAST, NORTH, frame, lonlat, points, town_study, write_town


def test_several_layers_of_facilities_are_told_apart(tmp_path: Path) -> None:
    frame(points((10, 0), (20, 0)), name=["h1", "h2"]).to_file(tmp_path / "hydrants.gpkg")
    layers = [{"path": "stations.gpkg"}, {"path": "hydrants.gpkg", "kind": "hydrant", "status": "planned"}]
    found = read_inputs(town_study(tmp_path, facilities=layers)).facilities
    stations = ["A", "C", "P"]
    assert found.index[:3].tolist() == stations
    assert found["kind"].tolist() == ["fire_station"] * 3 + ["hydrant"] * 2
    assert found["status"].tolist() == ["existing", "closed", "planned", "planned", "planned"]
    assert found.index.is_unique


def test_facilities_are_selected_by_where(tmp_path: Path) -> None:
    layers = [{"path": "stations.gpkg", "where": {"status": ["existing"]}}]
    inputs = read_inputs(town_study(tmp_path, facilities=layers))
    assert inputs.facilities.index.tolist() == ["A"]


def test_facilities_of_an_osm_file_are_selected_and_credited(tmp_path: Path) -> None:
    at = lonlat((0, 0), (2000, 0))
    nodes = "".join(
        f'<node id="{i}" lon="{x}" lat="{y}" version="1"><tag k="amenity" v="fire_station"/>'
        f'<tag k="name" v="{name}"/></node>'
        for i, name, (x, y) in zip((1, 2), ("One", "Two"), at, strict=True)
    )
    (tmp_path / "map.osm").write_text(f'<osm version="0.6">{nodes}</osm>', encoding="utf-8")
    layers = [{"path": "map.osm", "where": {"name": ["Two"]}, "attribution": "the mappers of Paper Town"}]
    inputs = read_inputs(town_study(tmp_path, facilities=layers))
    assert inputs.facilities["name"].tolist() == ["Two"]
    assert "the mappers of Paper Town" in inputs.attributions
    assert any("OpenStreetMap" in credit for credit in inputs.attributions)
    report = dict(inputs.reports)["facilities 1"]
    assert (report.n_rows, report.n_kept) == (2, 1)


def test_a_csv_with_chinese_headers_in_gb18030_is_read_at_its_place(tmp_path: Path) -> None:
    (x, y), *_ = lonlat((0, 0))
    text = f"站名,经度,纬度,类别\n西门消防站,{x:.9f},{y:.9f},一级站\n"
    (tmp_path / "stations.csv").write_bytes(text.encode("gb18030"))
    layers = [{"path": "stations.csv", "crs": "EPSG:4326"}]
    found = read_inputs(town_study(tmp_path, facilities=layers)).facilities
    assert found["name"].tolist() == ["西门消防站"]
    assert found["station_class"].tolist() == ["first"]
    assert found.geometry.distance(frame(points((0, 0))).geometry[0]).max() < 0.01


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roads": {"path": "none.gpkg"}}, r"^\[roads\] .*none.gpkg"),
        ({"roads": {"profile": "fire_engin"}}, r"^\[roads\] .*fire_engine"),
        ({"roads": {"layer": "link"}}, r"^\[roads\] .*links"),
        ({"facilities": [{"path": "none.csv"}]}, r"^\[facilities 1\] .*none.csv"),
        ({"facilities": [{"path": "stations.gpkg"}, {"path": "roads.toml"}]}, r"^\[facilities 2\]"),
        ({"demand": [{"path": "none.gpkg", "people": 1}]}, r"^\[demand 1\] .*none.gpkg"),
        ({"zones": [{"path": "villages.gpkg"}]}, r"^\[zones 1\] "),
        ({"land": {"path": "none.gpkg"}}, r"^\[land\] .*none.gpkg"),
        ({"barriers": [{"path": "none.gpkg"}]}, r"^\[barriers\] .*none.gpkg"),
        ({"study": {"crs": "GCJ-02"}}, r"^\[study\] .*GCJ-02"),
        ({"study": {"crs": "EPSG:4326"}}, r"^\[\w+\] .*metr"),
    ],
)
def test_every_error_names_its_section(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(GeoError, match=words) as caught:
        read_inputs(town_study(tmp_path, **changes))
    assert str(caught.value).count("[") <= 2


def test_two_layers_with_the_same_zone_id_are_refused(tmp_path: Path) -> None:
    zones = [{"path": "towns.gpkg", "columns": {"id": "name"}}] * 2
    with pytest.raises(InputError, match=r"(?s)^\[zones\].*'West': the id is used more than once"):
        read_inputs(town_study(tmp_path, zones=zones))


def test_zones_of_the_finest_told_level_hold_the_people(tmp_path: Path) -> None:
    frame([shapely.box(-500, -500, 6500, 1500)], name=["District"]).to_file(tmp_path / "district.gpkg")
    zones = [{"path": "district.gpkg", "level": "district"}, {"path": "towns.gpkg", "level": "town"}]
    inputs = read_inputs(town_study(tmp_path, zones=zones))
    assert set(inputs.demand["zone"].dropna()) == {"West", "East"}
    assert inputs.zones["level"].tolist() == ["district", "town", "town"]


def test_facilities_name_towns_as_the_zones_do(tmp_path: Path) -> None:
    towns = [shapely.box(-500, -500, 2200, 1500), shapely.box(2200, -500, 6500, 1500)]
    frame(towns, name=["西镇", "东镇街道"]).to_file(tmp_path / "named.gpkg")
    # 西 and 东镇街道 count as they say, wherever they stand; 南乡 is none, and stands in 东镇街道 or nowhere.
    at = points((100, 0), (3000, 0), (100, 0), (3000, 0), (500, 5000), (100, 0))
    told = ["西", "西镇", "东镇街道", "南乡", "南乡", None]
    frame(at, name=list("abcdef"), town=told).to_file(tmp_path / "shelters.gpkg")
    rows = {"path": "shelters.gpkg", "kind": "shelter", "columns": {"zone": "town"}}
    zones = [{"path": "named.gpkg"}]
    inputs = read_inputs(town_study(tmp_path, facilities=[rows], zones=zones))
    found = inputs.facilities.set_index("name")["zone"]
    assert found.tolist()[:5] == ["西镇", "西镇", "东镇街道", "东镇街道", "南乡"]
    assert found.isna().tolist() == [False] * 5 + [True]
    noted = [str(note) for section, note in inputs.notes if section == "facilities"]
    elsewhere, unknown = noted
    assert "b (names 西镇, stands in 东镇街道), c (names 东镇街道, stands in 西镇)" in elsewhere
    assert "南乡" in unknown


def test_a_town_that_two_zones_share_the_bare_name_of_is_not_guessed(tmp_path: Path) -> None:
    towns = [shapely.box(-500, -500, 2200, 1500), shapely.box(2200, -500, 6500, 1500)]
    frame(towns, name=["东海镇", "东海乡"]).to_file(tmp_path / "named.gpkg")
    frame(points((3000, 0)), name=["a"], town=["东海"]).to_file(tmp_path / "shelters.gpkg")
    rows = {"path": "shelters.gpkg", "kind": "shelter", "columns": {"zone": "town"}}
    zones = [{"path": "named.gpkg"}]
    # It stands in the second.
    assert read_inputs(town_study(tmp_path, facilities=[rows], zones=zones)).facilities["zone"].tolist() == [
        "东海乡"
    ]


def test_land_in_another_crs_is_moved(tmp_path: Path) -> None:
    land = frame([shapely.box(-500, -500, 6500, 1500)])
    land.to_crs(4326).to_file(tmp_path / "land.geojson")
    inputs = read_inputs(town_study(tmp_path, land={"path": "land.geojson"}))
    assert inputs.land is not None
    assert inputs.land.crs == CRS
    assert inputs.land.area.sum() == pytest.approx(7000 * 2000, rel=1e-6)


def test_water_between_a_village_and_its_road_cuts_it_off(tmp_path: Path) -> None:
    study = town_study(tmp_path, barriers=[{"path": "water.gpkg"}])
    frame(points((1000, 100)), name=["v1"], heads=[9]).to_file(tmp_path / "villages.gpkg")
    frame([shapely.box(-1000, 40, 7000, 60)]).to_file(tmp_path / "water.gpkg")
    from geo.study import run_study

    table = run_study(study).coverage.table
    assert table["reason"].tolist() == ["across a barrier"]
    assert not table["is_reachable"].any()


@pytest.mark.parametrize(("crs", "code"), [("auto", 32651), ("EPSG:32651", 32651), ("cgcs2000", 4549)])
def test_the_metric_system_is_chosen_or_as_asked(tmp_path: Path, crs: str, code: int) -> None:
    # Paper Town lies at 121.4 degrees east: UTM zone 51, or CGCS2000 with the central meridian 120 degrees.
    assert read_inputs(town_study(tmp_path, study={"crs": crs})).network.crs.to_epsg() == code


def test_a_layer_without_a_system_names_the_choices(tmp_path: Path) -> None:
    study = town_study(tmp_path, facilities=[{"path": "bare.csv"}])
    (tmp_path / "bare.csv").write_text("name,lon,lat\nA,121.4,31.6\n", encoding="utf-8")
    with pytest.raises(CrsError, match=r"^\[facilities 1\].*GCJ-02"):
        read_inputs(study)


def test_the_credit_of_each_source_is_told_once(tmp_path: Path) -> None:
    layers = [{"path": "stations.gpkg", "attribution": "Fire Service"}]
    study = town_study(
        tmp_path,
        facilities=layers,
        roads={"attribution": "Fire Service"},
        study={"attribution": "Planning Bureau"},
    )
    assert read_inputs(study).attributions == ("Planning Bureau", "Fire Service")


def test_roads_inside_the_urban_area_take_the_urban_speeds(tmp_path: Path) -> None:
    study = town_study(tmp_path, roads={"urban": "urban.gpkg"})
    frame([shapely.box(-500, -500, 2500, 1500)]).to_file(tmp_path / "urban.gpkg")
    text = (tmp_path / "speeds.toml").read_text(encoding="utf-8")
    (tmp_path / "speeds.toml").write_text(
        text + "[plain.urban_speeds_kph]\nresidential = 18\n", encoding="utf-8"
    )
    net = read_inputs(study).network
    seconds = dict(zip(net.edges["name"], net.edges["travel_time"], strict=True))
    # 2,000 m at 18 km/h = 5 m/s inside, at 10 m/s outside.
    assert seconds["West Road"] == 400
    assert seconds["East Road"] == 200


def test_reading_says_each_step_once(tmp_path: Path) -> None:
    told: list[str] = []
    read_inputs(town_study(tmp_path), step=told.append)
    assert told == ["roads", "facilities", "zones", "people"]


def test_graphml_roads_are_driven_and_never_taken_for_those_of_walkers(tmp_path: Path) -> None:
    frame(points((10, 0)), name=["h1"]).to_file(tmp_path / "shelters.gpkg")
    layers = [{"path": "stations.gpkg"}, {"path": "shelters.gpkg", "kind": "shelter"}]
    drawn = read_inputs(town_study(tmp_path, facilities=layers))
    assert drawn.walking is not None
    assert drawn.walking.profile == "walk"
    write_graphml(drawn.network, tmp_path / "town.graphml")
    inputs = read_inputs(town_study(tmp_path, facilities=layers, roads={"path": "town.graphml"}))
    assert inputs.network.n_edges == drawn.network.n_edges
    assert inputs.walking is None
    of_roads = [note for section, note in inputs.notes if section == "roads"]
    assert any("on foot" in str(note) for note in of_roads)
    (own,) = (note for note in of_roads if note.key == "study.graph_own_times")
    assert own.values == {"file": "town.graphml", "profile": "plain"}


def test_a_graph_without_times_takes_those_of_the_study(tmp_path: Path) -> None:
    # As osmnx saves what it downloads: lengths, no travel times. 2,000 m at 36 km/h are 200 s.
    graph = nx.MultiDiGraph(crs=CRS)
    graph.add_node(1, x=str(EAST), y=str(NORTH))
    graph.add_node(2, x=str(EAST + 2000), y=str(NORTH))
    for u, v in ((1, 2), (2, 1)):
        graph.add_edge(u, v, length="2000", highway="residential", osmid="7")
    nx.write_graphml(graph, tmp_path / "saved.graphml")
    network = read_inputs(town_study(tmp_path, roads={"path": "saved.graphml"})).network
    assert network.profile == "plain"
    assert "study.graph_own_times" not in [note.key for note in network.notes]
    assert network.edges["travel_time"].tolist() == [200.0]
    assert network.edges["travel_time_back"].tolist() == [200.0]


def test_one_layer_in_another_datum_is_told_among_right_ones(tmp_path: Path) -> None:
    # Twenty hydrants along the road, in GCJ-02 but declared as WGS 84, beside many right teams. What is
    # declared is not refused: it is told.
    right = np.array(lonlat(*[(300 + 97 * i + 13 * (i % 4), 0) for i in range(20)]))
    lon, lat = wgs84_to_gcj02(*right.T)
    rows = "\n".join(f"H{i},{a},{b}" for i, (a, b) in enumerate(zip(lon, lat, strict=True)))
    (tmp_path / "hydrants.csv").write_text(f"name,lon,lat\n{rows}\n", encoding="utf-8")
    frame(points(*[(100 * i, 0) for i in range(60)]), name=[f"T{i}" for i in range(60)]).to_file(
        tmp_path / "teams.gpkg"
    )
    teams = {"path": "teams.gpkg", "kind": "team"}

    def told(crs: str) -> list[str]:
        hydrants = {"path": "hydrants.csv", "kind": "hydrant", "crs": crs}
        notes = read_inputs(town_study(tmp_path, facilities=[teams, hydrants])).notes
        return [
            f"{section}: {note}"
            for section, note in notes
            if note.key.startswith("study.datum") and note.key != "study.datum_open"
        ]

    (only,) = told("EPSG:4326")
    assert only.startswith("facilities 2: 20 points")
    assert "GCJ-02" in only
    assert told("GCJ-02") == []


def test_roads_whose_class_has_no_speed_are_told(tmp_path: Path) -> None:
    # The side road, 1,000 m, is a class of the planner's own words; the island road has no class at all.
    sections = write_town(tmp_path)
    roads = gpd.read_file(tmp_path / "roads.gpkg")
    roads["highway"] = ["residential", "residential", "residential", "支路", None]
    roads.to_file(tmp_path / "roads.gpkg", layer="links")
    notes = read_inputs(parse_study(sections, folder=tmp_path)).notes
    assert [str(note) for section, note in notes if section == "roads"] == [
        "column 'length_m' was taken as length",
        "classes of column highway were read as: 支路 (tertiary road)",
        "1 roads (1.0 km) have no class in column highway and count as unclassified",
        "2 roads (2.0 km) are closed to speed profile 'plain', which has no speed for their class: "
        "tertiary, unclassified",
    ]


def test_closing_a_road_by_its_row_closes_that_row(tmp_path: Path) -> None:
    # Row 3 of the layer as the planner counts it is the East Road; see geo.scenariospecs.
    net = read_inputs(town_study(tmp_path)).network
    assert dict(zip(net.edge_source.tolist(), net.edges["name"], strict=True))[3] == "East Road"


def test_a_few_stations_beside_the_roads_by_their_datum_are_told(tmp_path: Path) -> None:
    # Five stations on West Road, copied from a Baidu map: some 500 m off, but too few to stop the run
    at = np.array(lonlat(*[(300 * i, 0) for i in range(5)]))
    rows = zip(*wgs84_to_bd09(at[:, 0], at[:, 1]), strict=True)
    text = "\n".join(["name,lon,lat", *(f"s{i},{lon},{lat}" for i, (lon, lat) in enumerate(rows))])
    (tmp_path / "s.csv").write_text(text + "\n", encoding="utf-8")
    spec = {"path": "s.csv", "crs": "EPSG:4326"}

    def told(**change: str) -> list[str]:
        inputs = read_inputs(town_study(tmp_path, facilities=[{**spec, **change}]))
        return [str(note) for section, note in inputs.notes if section == "facilities 1"]

    (note,) = told()
    assert "0 m when read as BD-09: too few to be sure" in note
    assert told(crs="BD-09") == []


def test_a_table_of_a_profiles_file_is_found_beside_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = town_study(tmp_path, roads={"profile": "speeds.toml#plain"})
    own = read_inputs(study).network
    monkeypatch.chdir(tmp_path.parent)  # wherever the command stands
    assert read_inputs(study).network.profile == own.profile == "plain"
