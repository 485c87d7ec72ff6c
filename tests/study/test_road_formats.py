"""The same country from each format of roads gives the same people in time."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import osmnx
import pandas as pd
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
SHANGHAI = "shanghai/central_peoples_square_drive_2026-07.osm"
LAYERS = {
    "shapefile": "gis_osm_roads_free_1.shp",
    "geopackage": "roads.gpkg",
    "flatgeobuf": "roads.fgb",
    "parquet": "roads.parquet",
    "file geodatabase": "roads.gdb",
    "mapinfo tab": "roads.tab",
    "mapinfo mif": "roads.mif",
    "csv": "roads.csv",
}
"""The layer of roads as a download portal gives it, in the formats of GIS."""
FORMATS = (
    "pbf",
    "osm xml",
    *LAYERS,
    "gdal lines",
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
    if form in ("pbf", "osm xml"):
        return _write_osm(path, folder / ("roads.osm.pbf" if form == "pbf" else "roads.osm"))
    table, refs, places = road_lines(path)
    if form in LAYERS:
        return _write_layer(as_geofabrik(table), folder / LAYERS[form])
    if form == "gdal lines":
        return _write_layer(as_gdal_lines(table), folder / "lines.gpkg")
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


def as_gdal_lines(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the columns of GDAL's reader of OpenStreetMap: all tags but a few as hstore in other_tags."""
    rows = []
    for number, tags in zip(table["id"], table["tags"], strict=True):
        own = {key: tags.get(key) for key in ("name", "highway", "waterway", "railway", "barrier")}
        others = [f"{_quoted(key)}=>{_quoted(value)}" for key, value in tags.items() if key not in own]
        rows.append({"osm_id": str(number), **own, "other_tags": ",".join(others) or None})
    return gpd.GeoDataFrame(rows, geometry=table.geometry, crs=4326)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_layer(table: gpd.GeoDataFrame, path: Path) -> dict[str, Any]:
    if path.suffix == ".csv":
        table.drop(columns="geometry").assign(wkt=table.geometry.to_wkt()).to_csv(path, index=False)
        return {"path": path.name, "crs": "EPSG:4326"}
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        own = {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"} if path.suffix == ".gdb" else {}
        driver = {".gdb": "OpenFileGDB", ".tab": "MapInfo File"}.get(path.suffix)
        table.to_file(path, driver=driver, **own)
    return {"path": path.name}


def _write_osm(path: Path, target: Path) -> dict[str, Any]:
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for item in osmium.FileProcessor(str(path)):
            writer.add(item)
    return {"path": target.name}


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


# osmnx refuses ways of which the extract lacks nodes.
@pytest.mark.parametrize("form", [form for form in FORMATS if not form.startswith("osmnx")])
def test_helsinki_is_the_same_in_each_format(form: str, tmp_path: Path) -> None:
    place = real(PLACES["helsinki"])
    share, _ = share_in_time(place, {"path": str(place)}, tmp_path)
    again, notes = share_in_time(place, write_roads(place, form, tmp_path), tmp_path)
    assert again == pytest.approx(share, abs=0.005)
    assert not any("PIECES" in note for note in notes)


def drawn_people(path: Path, folder: Path) -> dict[str, Any]:
    """Draw people and stations beside the roads of a file that holds none, by a seed; give their sections."""
    table = road_lines(path)[0].to_crs(32651)
    drivable = table[[tags["highway"] not in ("footway", "steps", "path") for tags in table["tags"]]]
    random = np.random.default_rng(31)
    line = drivable.geometry.to_numpy()[
        random.choice(len(drivable), 1003, p=drivable.length / drivable.length.sum())
    ]
    at = shapely.get_coordinates(shapely.line_interpolate_point(line, random.random(1003), normalized=True))
    places = gpd.GeoSeries.from_xy(*(at + random.normal(0, 20, at.shape)).T, crs=32651).to_crs(4326)
    people = pd.DataFrame(
        {"id": range(1003), "lon": places.x, "lat": places.y, "people": random.integers(1, 400, 1003)}
    )
    people[:3].to_csv(folder / "stations.csv", index=False)
    people[3:].to_csv(folder / "people.csv", index=False)
    return {
        "facilities": [{"path": "stations.csv", "kind": "fire_station", "crs": "EPSG:4326"}],
        "demand": [{"path": "people.csv", "people": "people", "crs": "EPSG:4326"}],
    }


@pytest.mark.parametrize("form", FORMATS)
def test_shanghai_is_the_same_in_each_format(form: str, tmp_path: Path) -> None:
    place = real(SHANGHAI)
    drawn = drawn_people(place, tmp_path)
    own, again = (
        times_of(drawn, roads, tmp_path)
        for roads in ({"path": str(place)}, write_roads(place, form, tmp_path))
    )
    people = own["people"] / own["people"].sum()
    for limit_s in np.quantile(own["first_s"], [0.1, 0.25, 0.5, 0.75, 0.9]):
        share, share_again = (people[table["first_s"] <= limit_s].sum() for table in (own, again))
        assert share_again == pytest.approx(share, abs=0.005)


def times_of(sections: dict[str, Any], roads: dict[str, Any], folder: Path) -> pd.DataFrame:
    """Give the time in which each person is reached, in a study of an engine of no stated size."""
    study = {
        "study": {"name": "x", "lang": "en"},
        "roads": {"profile": _any_size(folder), **roads},
        **sections,
    }
    asked = parse_study(study, folder=folder)
    table: pd.DataFrame = assess_targets(asked, read_inputs(asked)).coverage.table
    return table


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
