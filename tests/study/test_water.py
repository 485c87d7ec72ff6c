"""Water of the roads' OpenStreetMap file, which a study without land counts as ground: told with its area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.messages import Message
from geo.study import Study, parse_study, read_inputs, run_study
from geo.study.water import tell_water
from tests.osm.test_osm import Nodes, Ways, to_xml
from tests.studies import ROADS, changed, frame, lonlat, points, write_town


def coast_town(folder: Path, coast: list[tuple[float, float]]) -> Study:
    """Write the town with an OSM file of its roads with a coastline, the sea on its right."""
    sections = write_town(folder)
    places = [*dict.fromkeys(at for road in ROADS for at in road), *coast]
    nodes: Nodes = dict(enumerate(lonlat(*places), start=1))
    number = {at: i for i, at in enumerate(places, start=1)}
    ways: Ways = {
        100 + i: ([number[at] for at in road], {"highway": "residential"}) for i, road in enumerate(ROADS)
    }
    ways[200] = ([number[at] for at in coast], {"natural": "coastline"})
    (folder / "town.osm").write_bytes(to_xml(nodes, ways))
    roads = {"roads": {"path": "town.osm", "profile": "speeds.toml"}}
    return parse_study({**changed(sections), **roads}, folder=folder)


def told_of_water(folder: Path, coast: list[tuple[float, float]]) -> tuple[Message, ...]:
    """Run that town."""
    study = coast_town(folder, coast)
    result = run_study(study, use_cache=False)
    return tell_water(study, result.inputs, result.coverage)


def test_the_sea_beside_a_coast_is_told_with_its_area(tmp_path: Path) -> None:
    # roads from 0 to 6 km east and 0 to 5 km north, the coast at 3 km: 3 km by 5 km of sea, and a strip of
    # 0.2 km2, since the extent is one of degrees, which lie a degree askew here
    (note,) = told_of_water(tmp_path, [(3000, -2000), (3000, 7000)])
    assert note.key == "study.water_unheeded"
    assert note.values["km2"] == pytest.approx(15.0, rel=0.02)


def test_a_coast_that_ends_amid_the_roads_is_told_and_is_no_sea(tmp_path: Path) -> None:
    (note,) = told_of_water(tmp_path, [(5000, -2000), (5000, 2500)])
    assert note.key == "study.coast_unclear"
    assert note.values["km2"] == pytest.approx(30.0, rel=0.02)  # all of it: 6 km by 5 km


def test_water_is_kept_when_a_station_moves_and_not_when_the_coast_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> list[str]:
        return sorted(file.name for file in (tmp_path / "cache").rglob("study-water-*.kept"))

    def water(**options: bool) -> list[Any]:
        table = read_inputs(study, **options).water
        assert table is not None
        return [table.crs, *table["kind"], *shapely.to_wkb(table.geometry.to_numpy())]

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    study = coast_town(tmp_path, [(3000, -2000), (3000, 7000)])
    first, files = water(), kept()
    stations = gpd.read_file(tmp_path / "stations.gpkg")
    stations.translate(xoff=7.0).to_file(tmp_path / "stations.gpkg")
    assert water() == water(use_cache=False) == first
    assert kept() == files
    study = coast_town(tmp_path, [(4000, -2000), (4000, 7000)])
    assert water() == water(use_cache=False) != first
    assert len(files) == 1
    assert len(kept()) == 2


@pytest.mark.parametrize("gap_m", [150.0, 10.0])
def test_a_way_to_the_road_that_leaves_the_land_and_comes_back_is_told(tmp_path: Path, gap_m: float) -> None:
    # The village of the islet is 300 m south of the road. Land ends ``gap_m`` north of the islet's shore.
    sections = write_town(tmp_path)
    frame(points((3000, -300), (1000, 0)), name=["islet", "v1"], heads=[70, 1000]).to_file(
        tmp_path / "two.gpkg"
    )
    land = [shapely.box(2900, -350, 3100, -250), shapely.box(-500, -250 + gap_m, 6500, 5500)]
    frame(land).to_file(tmp_path / "land.gpkg")
    sections = changed(sections, land={"path": "land.gpkg"}, demand=[{"path": "two.gpkg", "people": "heads"}])
    result = run_study(parse_study(sections, folder=tmp_path), use_cache=False)
    told = tell_water(result.study, result.inputs, result.coverage)
    if gap_m < 20.0:  # a shore that is drawn coarsely
        assert not told
        return
    (note,) = told
    assert note.key == "study.way_off_land"
    assert note.values == {"n": 1, "people": 70.0, "most_m": pytest.approx(150.0, abs=1e-3)}
