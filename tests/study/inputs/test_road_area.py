"""[roads] within: only a part of a map is read, and people near its border are told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from geo.errors import GeoError
from geo.study import Study, parse_study, read_inputs
from tests.shared import real

VADUZ = [[[9.50, 47.12], [9.54, 47.12], [9.54, 47.16], [9.50, 47.16], [9.50, 47.12]]]


def study(folder: Path, **roads: Any) -> Study:
    pbf = str(real("liechtenstein/liechtenstein-240304.osm.pbf"))
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": VADUZ}}
    area = {"type": "FeatureCollection", "features": [shape]}
    (folder / "area.geojson").write_text(json.dumps(area), encoding="utf-8")
    people = "id,lon,lat,people\n1,9.52,47.14,100\n2,9.539,47.159,20\n"
    (folder / "people.csv").write_text(people, encoding="utf-8")
    settings = {
        "study": {"name": "Vaduz", "lang": "en"},
        "roads": {"path": pbf, **roads},
        "facilities": [{"path": pbf, "kind": "fire_station"}],
        "demand": [{"path": "people.csv", "people": "people", "crs": "EPSG:4326"}],
        "land": {"path": "area.geojson"},
    }
    return parse_study(settings, folder=folder)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def notes(inputs: Any, key: str) -> list[dict[str, Any]]:
    return [dict(note.values) for _, note in inputs.notes if note.key == key]


def test_a_part_is_read_and_a_margin_that_is_enough_is_named(tmp_path: Path) -> None:
    whole = read_inputs(study(tmp_path))
    assert notes(whole, "study.within_near") == []
    part = read_inputs(study(tmp_path, within="area.geojson", margin_km=1))
    assert 0 < part.network.n_edges < whole.network.n_edges / 3
    assert notes(part, "osm.within")[0]["n_outside"] > 0
    near = notes(part, "study.within_near")[0]
    assert near["people"] == 120
    enough = near["enough_km"]
    for margin_km, is_near in ((enough, False), (enough - 2, True)):
        again = read_inputs(study(tmp_path, within="area.geojson", margin_km=margin_km))
        assert bool(notes(again, "study.within_near")) is is_near, "the way out works"


def test_areas_are_kept_apart_on_disk(tmp_path: Path) -> None:
    asked = [study(tmp_path, within="area.geojson", margin_km=km) for km in (1, 3, 1)]
    sizes = [read_inputs(each).network.n_edges for each in asked]
    assert sizes[0] == sizes[2] < sizes[1]


def test_the_zones_of_the_study_are_an_area(tmp_path: Path) -> None:
    asked = study(tmp_path, within="zones", margin_km=1)
    with pytest.raises(GeoError, match=r"\[\[zones\]\]"):
        read_inputs(asked)
    data = {**asked.settings(), "zones": [{"path": "area.geojson", "level": "town"}]}
    by_zones = read_inputs(parse_study(data, folder=tmp_path))
    by_file = read_inputs(study(tmp_path, within="area.geojson", margin_km=1))
    assert by_zones.network.n_edges == by_file.network.n_edges


def test_a_line_layer_is_told_to_be_cut_elsewhere(tmp_path: Path) -> None:
    asked = study(tmp_path, within="area.geojson")
    with pytest.raises(GeoError, match="holds for OpenStreetMap files"):
        read_inputs(replace(asked, roads=replace(asked.roads, path="area.geojson")))
