"""Whole studies of real places, against answers found another way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo import coverage as covering
from geo.outputs import summarise, write_outputs
from geo.study import CloseRoadsSpec, ScenarioSpec, StudyResult, parse_study, run_scenario, run_study
from geo.study.scenarios.apply import change_inputs
from tests.independent import slow_times
from tests.shared import real

pytestmark = pytest.mark.real

NAMED = ["城桥", "新海", "三星", "东门", "东平", "长兴", "横沙", "江帆", "堡镇", "陈家镇", "后保"]
"""The eleven stations that the plan names; 东门, 江帆 and 后保 are no towns of the table and are left out."""
PEOPLE = {"towns": 400_000, "schools": 200_000, "hospitals": 37_900}
"""The district's 637,900 people, shared out by a rule: towns by their villages, the others equally."""


def chongming_sections(folder: Path, *, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    towns = real("chongming/towns_chongming_points.csv")
    pois = str(real("chongming/osm_chongming_2026-03-29.gpkg"))
    table = pd.read_csv(towns)
    wanted = [name for name in NAMED if name not in left_out]
    rows = [row for row in table.itertuples() for name in wanted if row.name.startswith(name)]
    stations = pd.DataFrame({"name": [f"{row.name}消防救援站" for row in rows]})
    stations["lon"], stations["lat"] = [row.lon for row in rows], [row.lat for row in rows]
    stations.to_csv(folder / "stations.csv", index=False)
    by_class = {"layer": "pois", "path": pois}
    links = str(real("chongming/roads_chongming_secondary_plus.gpkg"))
    return {
        "study": {"name": "崇明", "plan": "chongming"},
        # 江南大道 on Changxing crosses 潘圆公路 without a common node: as drawn, the town is cut off.
        "roads": {"path": links, "layer": "links", "split_crossings": True},
        "facilities": [{"path": "stations.csv", "crs": "EPSG:4326"}],
        "demand": [
            {"path": str(towns), "crs": "EPSG:4326", "total": PEOPLE["towns"], "weight": "n_villages"},
            {**by_class, "total": PEOPLE["schools"], "where": {"fclass": ["school"]}},
            {**by_class, "total": PEOPLE["hospitals"], "where": {"fclass": ["hospital"]}},
        ],
        "land": {"path": str(real("chongming/chongming_land_c2015_wgs84.geojson"))},
        "snap": {"max_m": 3000},
    }


@pytest.fixture(scope="module")
def chongming(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("chongming")
    return run_study(parse_study(chongming_sections(folder), folder=folder))


def test_chongming_counts_the_people_of_the_census(chongming: StudyResult) -> None:
    people = chongming.inputs.demand["people"]
    assert people.sum() == pytest.approx(637_900)
    # Every point keeps the id of its own file: the code of a town, the map's number of a school or hospital.
    pois = gpd.read_file(real("chongming/osm_chongming_2026-03-29.gpkg"), layer="pois")
    ids = {
        "towns": set(pd.read_csv(real("chongming/towns_chongming_points.csv"), dtype=str)["code"]),
        "schools": set(pois.loc[pois["fclass"] == "school", "osm_id"].astype(str)),
        "hospitals": set(pois.loc[pois["fclass"] == "hospital", "osm_id"].astype(str)),
    }
    by_layer = {layer: people[people.index.isin(own)].sum() for layer, own in ids.items()}
    assert by_layer == pytest.approx(PEOPLE)
    assert people.index.is_unique
    assert set(people.index) == set().union(*ids.values())
    # 8 of the 11 named stations stand in a town of their name.
    assert len(chongming.coverage.stations) == 8


def test_hengsha_is_out_of_reach_and_everything_says_so(chongming: StudyResult, tmp_path: Path) -> None:
    table = chongming.coverage.table
    hengsha = table[table["name"] == "横沙乡"]
    assert not hengsha["is_reachable"].any()
    assert hengsha["reason"].isin(["island", "too far"]).all()
    assert np.isinf(hengsha["first_s"]).all()
    # Its own station stands on no road and is told too.
    off = chongming.coverage.stations.query("not is_snapped")
    assert off["name"].tolist() == ["横沙乡消防救援站"]
    gaps = chongming.gaps[chongming.gaps["nearest_id"].isna()]
    assert gaps["name"].str.contains("横沙").any()
    told = summarise(chongming)
    assert told["standard"]["people_unreachable"] >= hengsha["people"].sum() > 0
    assert told["stations"]["off_the_network"] == off.index.tolist()
    write_outputs(chongming, tmp_path)
    assert "横沙乡" in (tmp_path / "map.html").read_text(encoding="utf-8")
    row = pd.read_csv(tmp_path / "coverage.csv").query("name == '横沙乡'")
    assert row["first_s"].isna().all()


def test_changxing_is_reached_over_the_bridge(chongming: StudyResult, tmp_path: Path) -> None:
    own = chongming.coverage.table.query("name == '长兴镇'")
    assert (own["first_id"] == chongming.coverage.stations.query("name == '长兴镇消防救援站'").index[0]).all()
    sections = chongming_sections(tmp_path, left_out=("长兴",))
    result = run_study(parse_study(sections, folder=tmp_path))
    town = result.coverage.table.query("name == '长兴镇'")
    # The nearest is Chenjia on the main island, over the G40 bridge: some 20 km.
    first = result.coverage.stations.loc[town["first_id"], "name"]
    assert first.tolist() == ["陈家镇消防救援站"]
    assert town["first_s"].iloc[0] > 600
    assert town["is_reachable"].all()


def test_changxing_loses_what_it_had_over_the_bridge(chongming: StudyResult) -> None:
    # G40 is the only road between the islands: both ends are given, and both carriageways are closed.
    ends = [[121.735, 31.405], [121.79, 31.50]]
    bridge = CloseRoadsSpec(name="沪陕高速", between=ends)
    closed = ScenarioSpec("G40 封闭", close_roads=(bridge,))
    difference = run_scenario(chongming, closed)
    assert difference.roads["name"].unique().tolist() == ["沪陕高速"]
    cut = change_inputs(chongming.study, chongming.inputs, closed).network
    assert cut.n_components > chongming.inputs.network.n_components
    people = difference.people
    # Its own station stays, so nobody in time is lost; the second station came over the bridge.
    town = people[people["name"] == "长兴镇"]
    assert (town["change"] == "same").all()
    assert np.isfinite(town["before_second_s"]).all()
    assert np.isinf(town["after_second_s"]).all()
    assert difference.figures["second_lose_people"] >= town["people"].sum()
    # Nobody is faster, and without its own station the island would be cut off.
    assert difference.figures["faster_people"] == difference.figures["gain_people"] == 0
    alone = run_scenario(chongming, replace(closed, close=["长兴"]))
    assert alone.people.loc[town.index, "change"].eq("unreachable").all()
    assert alone.figures["unreachable_people"] >= town["people"].sum()


def test_chongming_times_are_those_of_networkx(chongming: StudyResult) -> None:
    covered = chongming.coverage
    slow = slow_times(covered.network, covered.station_snaps, covered.demand_snaps, direction="from_facility")
    starts = covering.clock_starts(covered.stations, covered.standard)
    responses = (slow + starts).min(axis=1)
    table = covered.table["first_s"]
    assert (np.isinf(responses) == np.isinf(table)).all()
    reached = np.isfinite(responses)
    assert (responses - table)[reached].abs().max() <= 0.001 + 1e-9


@pytest.fixture(scope="module")
def liechtenstein(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    pbf = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    sections = {
        "study": {"name": "Liechtenstein", "lang": "en"},
        "roads": {"path": pbf},
        "facilities": [{"path": pbf}, {"path": pbf, "kind": "hydrant"}],
        "demand": [{"path": pbf, "method": "places"}],
    }
    return run_study(parse_study(sections, folder=tmp_path_factory.mktemp("li")))


def test_liechtenstein_counts_each_municipality_once(liechtenstein: StudyResult) -> None:
    # Vaduz 5229, Schaan 6002, Balzers 4608, Triesen 5050, Eschen 4407, Mauren 4138, Triesenberg 2634,
    # Ruggell 2065, Gamprin 1654, Schellenberg 1037, Planken 445. Not the country, nor Nendeln (a part of
    # Eschen) and Mäls (a part of Balzers).
    municipalities = [5229, 6002, 4608, 5050, 4407, 4138, 2634, 2065, 1654, 1037, 445]
    people = liechtenstein.inputs.demand["people"]
    assert people.sum() == pytest.approx(sum(municipalities))
    assert len(people) > 17_000
    assert len(liechtenstein.coverage.stations) == 9
    assert (liechtenstein.inputs.facilities["kind"] == "hydrant").sum() == 31
    notes = [str(note) for _, note in liechtenstein.inputs.notes]
    assert any("Liechtenstein" in note and "Nendeln" in note and "Mäls" in note for note in notes)


def test_liechtenstein_is_covered_as_one_by_one_insertion_says(liechtenstein: StudyResult) -> None:
    covered = liechtenstein.coverage
    sample = covered.demand_snaps.iloc[::23]
    slow = slow_times(covered.network, covered.station_snaps, sample, direction="from_facility")
    starts = covering.clock_starts(covered.stations, covered.standard)
    responses = (slow + starts).min(axis=1)
    told = covered.table.loc[sample.index]
    assert (np.isfinite(responses) == told["is_reachable"]).all()
    is_near_limit = (responses - covered.standard.limit_s).abs() <= 0.001
    assert ((responses <= covered.standard.limit_s) == told["is_covered"])[~is_near_limit].all()
    assert is_near_limit.sum() <= 1
    assert 0.2 < covering.summary(covered)["share_covered"] < 0.8


def test_helsinki_people_from_the_grid_and_hydrants_from_the_map(tmp_path: Path) -> None:
    pbf = str(real("helsinki/Helsinki.osm.pbf"))
    grid = real("helsinki/helsinki_population_grid_2020.gpkg")
    demand = {"path": str(grid), "method": "grid", "people": "population", "attribution": "HSY (CC BY 4.0)"}
    sections = {
        "study": {"name": "Helsinki", "lang": "en"},
        "roads": {"path": pbf},
        "facilities": [{"path": pbf}, {"path": pbf, "kind": "hydrant"}],
        "demand": [demand],
    }
    result = run_study(parse_study(sections, folder=tmp_path))
    assert result.inputs.demand["people"].sum() == gpd.read_file(grid)["population"].sum()
    assert result.inputs.facilities["kind"].value_counts().to_dict() == {"hydrant": 37, "fire_station": 1}
    assert {"© OpenStreetMap contributors (ODbL 1.0)", "HSY (CC BY 4.0)"} <= set(result.inputs.attributions)
    figures = covering.summary(result.coverage)
    parts = result.coverage.table.groupby("is_reachable")["people"].sum()
    assert figures["people"] == parts.sum()
    assert figures["people_unreachable"] == parts[False]


def test_shanghai_by_district(tmp_path: Path) -> None:
    districts = gpd.read_file(real("shanghai/districts_land_c2015_wgs84.gpkg"))
    # Since 2015 Zhabei has become part of Jing'an and Chongming county a district.
    merged = districts["NAME"].replace({"闸北区": "静安区", "崇明县": "崇明区"})
    districts = districts.assign(NAME=merged).dissolve("NAME").reset_index()
    census = pd.read_csv(real("shanghai/population_district_age_2020.csv")).set_index("name")["pop2020_wan"]
    districts["人口"] = (districts["NAME"].map(census) * 10_000).round()
    assert districts["人口"].notna().all()
    districts[["NAME", "人口", "geometry"]].to_file(tmp_path / "districts.gpkg")
    stations = real("shanghai/fire_stations_osm_2026-03-29.geojson")
    columns = {"name": "NAME", "people": "人口"}
    sections = {
        "study": {"name": "上海", "plan": "shanghai"},
        "roads": {"path": str(real("shanghai/roads_shanghai_secondary_plus.gpkg")), "layer": "links"},
        "facilities": [{"path": str(stations)}],
        "demand": [{"path": "districts.gpkg", "method": "zones", "people": "people", "columns": columns}],
        "zones": [{"path": "districts.gpkg", "level": "district", "columns": columns}],
    }
    result = run_study(parse_study(sections, folder=tmp_path))
    # Of the 58 in the file one says in its name that it is given up, 消防楼（废弃）: it does not count.
    assert len(result.coverage.stations) == 57
    assert "消防楼（废弃）" not in set(result.coverage.stations["name"])
    suspects = result.coverage.stations["name"].reindex(result.suspects["facility_id"].unique())
    assert {"上海市消防协会", "Disney"} <= set(suspects.dropna())
    assert len(suspects) < 57
    zones = result.reached.zones
    figures = covering.summary(result.coverage)
    by_name = zones.set_index("name")["people"]
    for name, people in census.items():
        assert by_name[name] == pytest.approx(people * 10_000)
    # Districts add up to the city.
    for column in ("people", "people_covered", "people_unreachable", "n_points"):
        assert zones[column].sum() == pytest.approx(figures[column])
    assert result.coverage.stations["people_served"].sum() == pytest.approx(
        figures["people"] - figures["people_unreachable"]
    )
