"""The same country from each format of roads gives the same people in time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import osmnx
import pytest
import shapely

from geo.study import parse_study
from geo.study.assessment import assess_targets
from geo.study.inputs import read_inputs
from geo.words import data_dir
from tests.shared import real

pytestmark = pytest.mark.real

PLACES = {
    "liechtenstein": "liechtenstein/liechtenstein-240304.osm.pbf",
    "helsinki": "helsinki/Helsinki.osm.pbf",
}
FORMATS = (
    "shapefile",
    "geopackage",
    "overpass geojson",
    "overpass json",
    "osmnx geopackage",
    "osmnx graphml",
)
BY_DIRECTION = {"yes": "F", "true": "F", "1": "F", "-1": "T", "reverse": "T"}


def road_lines(path: Path) -> tuple[gpd.GeoDataFrame, dict[int, list[int]], dict[int, tuple[float, float]]]:
    """Give each way with ``highway`` as one line, as a download portal does, its nodes and their places."""
    rows: list[dict[str, Any]] = []
    refs: dict[int, list[int]] = {}
    places: dict[int, tuple[float, float]] = {}
    ways: Any = (
        osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    )
    for way in ways:
        if not way.is_way() or len(way.nodes) < 2:
            continue
        # Areas are in other layers of a portal.
        nodes = (
            []
            if way.tags.get("area") == "yes"
            else [(node.ref, (node.lon, node.lat)) for node in way.nodes if node.location.valid()]
        )
        if len(nodes) < 2:
            continue
        places |= dict(nodes)
        refs[way.id] = [ref for ref, _ in nodes]
        rows.append(
            {"id": way.id, "tags": dict(way.tags), "line": shapely.LineString([at for _, at in nodes])}
        )
    table = gpd.GeoDataFrame(rows, geometry=[row["line"] for row in rows], crs=4326)
    return table.drop(columns="line"), refs, places


def as_geofabrik(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the columns of a road layer of Geofabrik: one-way B, F, T; maxspeed 0 where it is not known."""
    rows = []
    for number, tags in zip(table["id"], table["tags"], strict=True):
        is_round = tags.get("junction") in ("roundabout", "circular") or tags["highway"] == "motorway"
        said = tags.get("oneway", "")
        rows.append(
            {
                "osm_id": str(number),
                "fclass": tags["highway"],
                "name": tags.get("name"),
                "ref": tags.get("ref"),
                "oneway": BY_DIRECTION.get(said, "F" if is_round and not said else "B"),
                "maxspeed": int(tags["maxspeed"]) if tags.get("maxspeed", "").isdecimal() else 0,
                "layer": int(tags["layer"]) if tags.get("layer", "").removeprefix("-").isdecimal() else 0,
                "bridge": "FT"[tags.get("bridge", "no") != "no"],
                "tunnel": "FT"[tags.get("tunnel", "no") != "no"],
            }
        )
    return gpd.GeoDataFrame(rows, geometry=table.geometry, crs=4326)


def write_roads(path: Path, form: str, folder: Path) -> dict[str, Any]:
    """Write the roads of an OSM file in a format; give the keys of [roads]."""
    if form.startswith("osmnx"):
        return _write_osmnx(path, form, folder)
    table, refs, places = road_lines(path)
    if form == "shapefile":
        as_geofabrik(table).to_file(folder / "gis_osm_roads_free_1.shp")
        return {"path": "gis_osm_roads_free_1.shp"}
    if form == "geopackage":
        as_geofabrik(table).to_file(folder / "roads.gpkg", layer="roads")
        return {"path": "roads.gpkg"}
    if form == "overpass geojson":
        features = [
            {
                "type": "Feature",
                "id": f"way/{number}",
                "properties": {"@id": f"way/{number}", **tags},
                "geometry": {
                    "type": "LineString",
                    "coordinates": [list(places[ref]) for ref in refs[number]],
                },
            }
            for number, tags in zip(table["id"], table["tags"], strict=True)
        ]
        collection = {"type": "FeatureCollection", "generator": "overpass-turbo", "features": features}
        (folder / "export.geojson").write_text(json.dumps(collection), encoding="utf-8")
        return {"path": "export.geojson"}
    elements: list[dict[str, Any]] = [
        {
            "type": "way",
            "id": number,
            "nodes": refs[number],
            "geometry": [{"lat": places[ref][1], "lon": places[ref][0]} for ref in refs[number]],
            "tags": tags,
        }
        for number, tags in zip(table["id"], table["tags"], strict=True)
    ]
    (folder / "overpass.json").write_text(
        json.dumps({"version": 0.6, "generator": "Overpass API", "elements": elements}), encoding="utf-8"
    )
    return {"path": "overpass.json"}


def _write_osmnx(path: Path, form: str, folder: Path) -> dict[str, Any]:
    """Save the graph that osmnx makes of the ways: simplified, so that one edge may have several classes."""
    xml = folder / "ways.osm"
    with osmium.BackReferenceWriter(str(xml), ref_src=str(path), overwrite=True) as writer:
        ways: Any = osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("highway"))
        for way in ways:
            if way.is_way():
                writer.add(way)
    graph = osmnx.graph_from_xml(xml, retain_all=True)
    if form == "osmnx graphml":
        osmnx.save_graphml(graph, folder / "roads.graphml")
        return {"path": "roads.graphml"}
    osmnx.save_graph_geopackage(graph, folder / "roads.gpkg", directed=True)
    return {"path": "roads.gpkg", "layer": "edges"}


def _any_size(folder: Path) -> str:
    """Write the profile of an engine of no stated size: line layers hold no bollards and no limits."""
    text = (data_dir() / "standards" / "speeds.toml").read_text(encoding="utf-8")
    start = text.index("[fire_engine]")
    end = next(
        place.start() for place in re.finditer(r"^\[(?!fire_engine[.\]])", text[start:], flags=re.MULTILINE)
    )
    lines = text[start : start + end].splitlines()
    kept = [line for line in lines if not line.startswith(("height_m", "width_m", "weight_t"))]
    assert len(lines) - len(kept) == 3
    (folder / "engine.toml").write_text("\n".join(kept), encoding="utf-8")
    return "engine.toml"


def share_in_time(place: Path, roads: dict[str, Any], folder: Path) -> tuple[float, list[str]]:
    sections = {
        "study": {"name": "x", "lang": "en"},
        "roads": {"profile": _any_size(folder), **roads},
        "facilities": [{"path": str(place), "kind": "fire_station"}],
        "demand": [{"path": str(place), "method": "places"}],
    }
    study = parse_study(sections, folder=folder)
    inputs = read_inputs(study)
    table = assess_targets(study, inputs).coverage.table
    notes = [str(note) for section, note in inputs.notes if section == "roads"]
    return float(table.loc[table["is_covered"], "people"].sum() / table["people"].sum()), notes


def test_helsinki_is_the_same_in_a_shapefile(tmp_path: Path) -> None:
    place = real(PLACES["helsinki"])
    share, _ = share_in_time(place, {"path": str(place)}, tmp_path)
    again, notes = share_in_time(place, write_roads(place, "shapefile", tmp_path), tmp_path)
    assert again == pytest.approx(share, abs=0.005)
    assert not any("PIECES" in note for note in notes)


@pytest.mark.parametrize("form", FORMATS)
def test_liechtenstein_is_the_same_in_each_format(form: str, tmp_path: Path) -> None:
    place = real(PLACES["liechtenstein"])
    share, _ = share_in_time(place, {"path": str(place)}, tmp_path)
    again, notes = share_in_time(place, write_roads(place, form, tmp_path), tmp_path)
    assert again == pytest.approx(share, abs=0.005)
    assert not any("PIECES" in note for note in notes)


def test_lines_that_never_meet_are_told_loudly(tmp_path: Path) -> None:
    # Each line drawn short of its junctions by 3 m at both ends, as a hand draws without snapping.
    place = real(PLACES["liechtenstein"])
    table = as_geofabrik(road_lines(place)[0]).to_crs(2056)
    cut = shapely.ops.substring
    short = [cut(line, 3, line.length - 3) if line.length > 12 else line for line in table.geometry]
    table.set_geometry(short, crs=2056).to_file(tmp_path / "drawn.gpkg")
    _, notes = share_in_time(place, {"path": "drawn.gpkg"}, tmp_path)
    assert "PIECES" in notes[0]
    assert "tolerance_m = " in notes[0]
