"""OSM files and downloads: what is read, what is cut, what fails and how."""

from __future__ import annotations

import bz2
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pyogrio
import pytest

from geo.errors import DownloadError, FileError, InputError, NetworkError
from geo.layers import read_layer
from geo.network import Roads, from_roads, roads_from_lines
from geo.network.tags import NO_CARS, NO_FOOT
from geo.osm import roads as osm
from geo.standards import load_profile
from tests.shared import real

Nodes = dict[int, tuple[float, float]]
Ways = dict[int, tuple[list[int], dict[str, str]]]

# A cross of two roads at node 2, a roundabout 5-6-7 touching it at 5, a motorway alone.
NODES: Nodes = {
    1: (121.40, 31.60), 2: (121.41, 31.60), 3: (121.42, 31.60), 4: (121.41, 31.61), 5: (121.41, 31.59),
    6: (121.412, 31.588), 7: (121.408, 31.588), 8: (121.43, 31.62), 9: (121.44, 31.62),
}  # fmt: skip
WAYS: Ways = {
    100: ([1, 2, 3], {"highway": "primary", "name": "陈海公路", "maxspeed": "60", "oneway": "-1"}),
    101: ([4, 2, 5], {"highway": "residential"}),
    102: ([5, 6, 7, 5], {"highway": "tertiary", "junction": "roundabout"}),
    103: ([8, 9], {"highway": "motorway"}),
    104: ([3, 9], {"highway": "service", "access": "private"}),
    105: ([1, 4], {"highway": "footway"}),
    106: ([4, 8], {"route": "ferry"}),
    107: ([1, 8], {"building": "yes"}),
}


def to_xml(nodes: Nodes, ways: Ways, node_tags: dict[int, dict[str, str]] | None = None) -> bytes:
    def tags(values: dict[str, str]) -> str:
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in values.items())

    body = [
        f'<node id="{i}" version="1" lon="{x}" lat="{y}">{tags((node_tags or {}).get(i, {}))}</node>'
        for i, (x, y) in nodes.items()
    ]
    body += [
        f'<way id="{i}" version="1">{"".join(f"<nd ref={quoteattr(str(r))}/>" for r in refs)}{tags(t)}</way>'
        for i, (refs, t) in ways.items()
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(body)}</osm>'
    return text.encode()


def write(path: Path, nodes: Nodes = NODES, ways: Ways = WAYS) -> Path:
    path.write_bytes(to_xml(nodes, ways))
    return path


def links(roads: Roads) -> dict[tuple[int, int, int], int]:
    """Edges by (way, from, to) with their one-way code."""
    ids = roads.node_id
    ends = zip(roads.edge_source, ids[roads.edge_u], ids[roads.edge_v], roads.edge_oneway, strict=True)
    return {(int(way), int(u), int(v)): int(code) for way, u, v, code in ends}


def test_ways_split_where_they_share_a_node_and_directions_follow_the_tags(tmp_path: Path) -> None:
    roads = osm.read_roads(write(tmp_path / "town.osm"))
    assert links(roads) == {
        (100, 1, 2): -1, (100, 2, 3): -1,
        (101, 4, 2): 0, (101, 2, 5): 0,
        (102, 5, 5): 1,  # a roundabout that one road touches is a loop, and one-way
        (103, 8, 9): 1,  # a motorway is one-way unless it says otherwise
        (104, 3, 9): 0, (105, 1, 4): 0, (106, 4, 8): 0,
    }  # fmt: skip
    first = roads.edge_source == 100
    assert [roads.names[i] for i in roads.edge_name[first]] == ["陈海公路"] * 2
    assert roads.edge_maxspeed[first].tolist() == [60, 60]
    assert roads.edge_access[roads.edge_source == 104].tolist() == [NO_CARS | NO_FOOT]
    loop = int(np.flatnonzero(roads.edge_source == 102)[0])
    shape = roads.xy[roads.xy_start[loop] : roads.xy_start[loop + 1]]
    assert shape.tolist() == [list(NODES[i]) for i in (5, 6, 7, 5)], "vertices are exactly the file's"
    assert roads.notes == ()
    assert "OpenStreetMap" in roads.attribution


def test_only_the_classes_asked_for_split_each_other(tmp_path: Path) -> None:
    roads = osm.read_roads(write(tmp_path / "town.osm"), classes={"primary", "footway"})
    assert set(links(roads)) == {(100, 1, 3), (105, 1, 4)}


def test_a_way_that_touches_itself_is_split_there(tmp_path: Path) -> None:
    ways: Ways = {1: ([1, 2, 3, 4, 2, 5], {"highway": "service"})}  # a lasso: 2 is passed twice
    roads = osm.read_roads(write(tmp_path / "lasso.osm", ways=ways))
    assert set(links(roads)) == {(1, 1, 2), (1, 2, 2), (1, 2, 5)}


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
def test_compressed_files_read_the_same(tmp_path: Path, suffix: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        ".osm": bytes,
        ".osm.gz": gzip.compress,
        ".osm.bz2": bz2.compress,
    }
    path = tmp_path / f"town{suffix}"
    path.write_bytes(pack[suffix](to_xml(NODES, WAYS)))
    assert len(links(osm.read_roads(path))) == 9


def test_a_missing_node_cuts_its_way_and_is_counted(tmp_path: Path) -> None:
    nodes = {i: xy for i, xy in NODES.items() if i != 6}
    ways: Ways = {
        1: ([1, 2, 6, 3, 4], {"highway": "primary"}),
        2: ([4, 6, 5], {"highway": "primary"}),  # nothing is left of this one
        3: ([6, 8, 9], {"highway": "primary"}),
        4: ([8, 8, 9], {"highway": "primary"}),
    }
    roads = osm.read_roads(write(tmp_path / "cut.osm", nodes, ways))
    assert set(links(roads)) == {(1, 1, 2), (1, 3, 4), (3, 8, 9), (4, 8, 9)}
    assert tuple(map(str, roads.notes)) == (
        "3 road nodes have no position in the file; 3 roads were cut there (ways 1, 2, 3)",
    )


def test_files_that_are_none_are_clear_errors(tmp_path: Path) -> None:
    whole = to_xml(NODES, WAYS)
    bad = {
        "short.osm": whole[: len(whole) // 2],
        "short.osm.gz": gzip.compress(whole)[:-40],
        "text.osm": b"no xml at all",
        "bytes.osm.pbf": b"\x00\x01\x02" * 50,
        "empty.osm.pbf": b"",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises((FileError, NetworkError)) as caught:
            osm.read_roads(tmp_path / name)
        assert name == "empty.osm.pbf" or caught.type is FileError, name
    with pytest.raises(FileError, match="does not exist"):
        osm.read_roads(tmp_path / "nowhere.osm.pbf")
    (tmp_path / "roads.csv").write_text("a,b")
    with pytest.raises(FileError, match="no OSM file"):
        osm.read_roads(tmp_path / "roads.csv")


@pytest.mark.real
def test_a_truncated_pbf_is_a_clear_error(tmp_path: Path) -> None:
    content = real("helsinki/Helsinki.osm.pbf").read_bytes()
    (tmp_path / "short.osm.pbf").write_bytes(content[: len(content) // 2])
    with pytest.raises(FileError, match="cut short"):
        osm.read_roads(tmp_path / "short.osm.pbf")
    with pytest.raises(FileError, match="cut short"):
        osm.read_facilities(tmp_path / "short.osm.pbf")


def test_a_file_without_roads_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no road"):
        osm.read_roads(write(tmp_path / "bare.osm", ways={}))


def test_facilities_come_from_points_outlines_and_multipolygons(tmp_path: Path) -> None:
    square = {1: (121.40, 31.60), 2: (121.401, 31.60), 3: (121.401, 31.601), 4: (121.40, 31.601)}
    hole = {5: (121.4004, 31.6004), 6: (121.4006, 31.6004), 7: (121.4006, 31.6006), 8: (121.4004, 31.6006)}
    ways: Ways = {
        10: ([1, 2, 3, 4, 1], {"amenity": "fire_station", "name": "堡镇站"}),
        11: ([5, 6, 7, 8, 5], {}),
    }
    text = to_xml({**square, **hole, 9: (121.5, 31.5)}, ways, {9: {"emergency": "fire_hydrant"}}).decode()
    relation = (
        '<relation id="12" version="1"><member type="way" ref="10" role="outer"/>'
        '<member type="way" ref="11" role="inner"/><tag k="type" v="multipolygon"/>'
        '<tag k="leisure" v="park"/></relation>'
    )
    path = tmp_path / "town.osm"
    path.write_text(text.replace("</osm>", relation + "</osm>"), encoding="utf-8")
    found = osm.read_facilities(path, kinds=("fire_station", "hydrant", "park")).set_index("osm_id")
    assert found["kind"].to_dict() == {"node/9": "hydrant", "way/10": "fire_station", "relation/12": "park"}
    # 0.001 x 0.001 degree at 31.6 N is 94.9 m x 110.9 m = 10,520 m2; the hole is 4 % of it.
    assert found.loc["way/10", "area_m2"] == pytest.approx(10_520, rel=2e-3)
    assert found.loc["relation/12", "area_m2"] == pytest.approx(10_520 * 0.96, rel=2e-3)
    assert found.geometry["way/10"].distance(found.geometry["relation/12"]) < 1e-6
    assert np.isnan(found.loc["node/9", "area_m2"])
    assert json.loads(found.loc["way/10", "tags"])["name"] == "堡镇站"
    assert found.crs.to_epsg() == 4326
    empty = osm.read_facilities(path, kinds=("police",))
    assert set(empty.columns) == {"kind", "name", "osm_id", "tags", "area_m2", "geometry"}
    assert len(empty) == 0
    with pytest.raises(InputError, match=r"bakery.*known are fire_station"):
        osm.read_facilities(path, kinds=("bakery",))


def test_populations_are_read_with_separators(tmp_path: Path) -> None:
    tags = {
        1: {"place": "town", "name": "城桥", "population": "1,234"},
        2: {"place": "island", "name": "横沙岛"},
    }
    (tmp_path / "p.osm").write_bytes(to_xml(NODES, {}, tags))
    places = osm.read_places(tmp_path / "p.osm").set_index("name")
    assert places.loc["城桥", "population"] == 1234
    assert np.isnan(places.loc["横沙岛", "population"])


@pytest.mark.real
def test_liechtenstein_gives_its_stations_hydrants_people_and_buildings() -> None:
    path = real("liechtenstein/liechtenstein-240304.osm.pbf")
    kinds = osm.read_facilities(path, kinds=("fire_station", "hydrant"))["kind"].value_counts()
    assert kinds.to_dict() == {"hydrant": 31, "fire_station": 9}
    places = osm.read_places(path)
    local = places[places["place"].isin(["town", "village"]) & places["population"].gt(0)]
    assert len(local) >= 11
    buildings = osm.read_buildings(path)
    assert len(buildings) == 17_726
    assert 100 < buildings["area_m2"].median() < 300
    assert osm.read_boundaries(path, admin_level=8)["name"].notna().all()


# --- download, against a server on loopback ---


@contextmanager
def server(answer: Callable[[str, str], tuple[int, bytes]]) -> Iterator[str]:
    """Answer every request with (status, body) for its path and content."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, body = answer(self.path, self.rfile.read(length).decode())
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: httpd.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()


BOX = (121.39, 31.57, 121.46, 31.65)


def overpass_json(ways: Ways, node_tags: dict[int, dict[str, str]] | None = None) -> bytes:
    elements: list[dict[str, object]] = [
        {"type": "node", "id": i, "lon": x, "lat": y, "tags": (node_tags or {}).get(i, {})}
        for i, (x, y) in NODES.items()
    ]
    elements += [{"type": "way", "id": i, "nodes": refs, "tags": tags} for i, (refs, tags) in ways.items()]
    return json.dumps({"version": 0.6, "elements": elements}).encode()


def serve_town(path: str, body: str) -> tuple[int, bytes]:
    """Play both servers from the town above."""
    if path.startswith("/search"):
        ring = [[BOX[0], BOX[1]], [BOX[2], BOX[1]], [BOX[2], BOX[3]], [BOX[0], BOX[3]], [BOX[0], BOX[1]]]
        found = {
            "osm_type": "relation", "osm_id": 1, "name": "崇明区", "display_name": "崇明区, 上海市",
            "importance": 1,
            "boundingbox": ["31.57", "31.65", "121.39", "121.46"], "lat": "31.6", "lon": "121.4",
            "class": "boundary", "type": "administrative", "place_rank": 1, "addresstype": "x",
            "geojson": {"type": "Polygon", "coordinates": [ring]},
        }  # fmt: skip
        return 200, json.dumps([found] if "nowhere" not in path else []).encode()
    if "fire_station" in body:
        return 200, overpass_json({}, {4: {"amenity": "fire_station", "name": "江帆"}})
    return 200, overpass_json({i: way for i, way in WAYS.items() if "highway" in way[1]})


@pytest.mark.thorough
def test_fetch_writes_layers_that_make_a_network_and_leaves_no_trace(tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx")
    before, lookup = dict(vars(osmnx.settings)), socket.getaddrinfo
    with server(serve_town) as url:
        fetched = osm.fetch("崇明区", out=tmp_path / "out", overpass_url=url, nominatim_url=url)
    assert vars(osmnx.settings) == before
    assert socket.getaddrinfo is lookup
    roads = roads_from_lines(pyogrio.read_dataframe(fetched.layers["roads"], layer="links"))
    by_file = osm.read_roads(write(tmp_path / "town.osm"))
    land = np.array([kind != "ferry" for kind in by_file.classes])[by_file.edge_class]
    assert roads.n_edges == land.sum()
    assert roads.edge_length.sum() == pytest.approx(by_file.edge_length[land].sum(), rel=1e-3)
    assert set(roads.node_id) <= set(NODES)
    assert from_roads(roads, load_profile("car")).n_edges == 6
    assert from_roads(roads, load_profile("fire_engine")).n_edges == 7, "engines use the private road"
    station = pyogrio.read_dataframe(fetched.layers["fire_station"])
    assert station["name"].tolist() == ["江帆"]
    assert pyogrio.read_dataframe(fetched.layers["boundary"])["name"].tolist() == ["崇明区"]
    source = json.loads(fetched.layers["source"].read_text(encoding="utf-8"))
    assert source["place"] == "崇明区"
    assert "OpenStreetMap" in source["attribution"]
    assert source["overpass_url"] == url
    assert [note.say("en") for note in fetched.notes] == [
        f"no {kind} is mapped there" for kind in ("hydrant", "water point", "shelter")
    ]
    assert "没有消火栓" in fetched.notes[0].say("zh")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "boundary.geojson", "fire_station.geojson", "roads.gpkg", "source.json"
    ]  # fmt: skip


NAMES = ("a#b", "a?b", "100%20 km", " blank", "sqlite:x")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "folder", ["城桥 & '堡镇'", *(pytest.param(name, marks=pytest.mark.thorough) for name in NAMES)]
)
def test_layers_are_fetched_into_a_folder_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    pytest.importorskip("osmnx")
    monkeypatch.chdir(tmp_path)
    Path("blank").mkdir()
    with server(serve_town) as url:
        fetched = osm.fetch(BOX, out=folder, overpass_url=url)
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path / folder}
    assert len(read_layer(fetched.layers["roads"], geometry="line").table) > 0


@pytest.mark.parametrize("folder", ["new!", "a!b/c", "a\nb", "a\tb"])
def test_nothing_is_fetched_into_a_folder_that_gdal_takes_for_another(tmp_path: Path, folder: str) -> None:
    """Told before anything is asked of the network."""
    with pytest.raises(FileError, match="line break stands in its path"):
        osm.fetch(BOX, out=tmp_path / folder, overpass_url="http://nowhere.invalid")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_a_second_fetch_replaces_the_first_and_keeps_what_was_edited(tmp_path: Path) -> None:
    pytest.importorskip("osmnx")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "roads.gpkg").write_text("mine", encoding="utf-8")
    with server(serve_town) as url:
        for is_forced in (False, True):  # before anything is downloaded, and also where it is forced
            with pytest.raises(FileError, match=r"roads\.gpkg"):
                osm.fetch(
                    BOX, out=tmp_path / "out", overpass_url="http://nowhere.invalid", force_folder=is_forced
                )
        (tmp_path / "out" / "roads.gpkg").unlink()
        osm.fetch(BOX, out=tmp_path / "out", overpass_url=url)
        (tmp_path / "out" / "fire_station.geojson").write_text("mine", encoding="utf-8")
        (tmp_path / "out" / "study.toml").write_text("mine", encoding="utf-8")
        fetched = osm.fetch(BOX, out=tmp_path / "out", overpass_url=url)
    assert "kept as fire_station.edited.geojson" in fetched.notes[-1].say("en")
    assert (tmp_path / "out" / "fire_station.edited.geojson").read_text(encoding="utf-8") == "mine"
    assert pyogrio.read_dataframe(fetched.layers["fire_station"])["name"].tolist() == ["江帆"]
    assert (tmp_path / "out" / "study.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (429, b"{}", "too many requests"),
        (504, b"{}", "busy"),
        (400, b"{}", "400"),
        (200, b"<html>", "no JSON"),
        (200, b'{"elements": []}', "no road"),
        (200, b'{"elements": [], "remark": "runtime error: Query timed out"}', "timed out"),
    ],
)
def test_a_failing_server_is_a_clear_error(tmp_path: Path, status: int, body: bytes, message: str) -> None:
    osmnx = pytest.importorskip("osmnx")
    before = dict(vars(osmnx.settings))
    with server(lambda *_: (status, body)) as url, pytest.raises(DownloadError, match=message):
        osm.fetch(BOX, out=tmp_path / "out", overpass_url=url)
    assert not (tmp_path / "out").exists()
    assert vars(osmnx.settings) == before


def test_no_network_and_no_such_place_are_clear_errors(tmp_path: Path) -> None:
    pytest.importorskip("osmnx")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(DownloadError, match="is there a network"):
        osm.fetch(BOX, out=tmp_path, overpass_url=url)
    with server(serve_town) as url, pytest.raises(DownloadError, match="no area named"):
        osm.fetch("nowhere", out=tmp_path, overpass_url=url, nominatim_url=url)
    with pytest.raises(InputError, match="west, south"):
        osm.fetch((121.5, 31.0, 121.4, 31.2), out=tmp_path, overpass_url=url)


def test_a_way_there_and_back_is_one_road(tmp_path: Path) -> None:
    ways: Ways = {1: ([1, 2, 1], {"highway": "primary"}), 2: ([3, 2, 3], {"highway": "primary"})}
    roads = osm.read_roads(write(tmp_path / "back.osm", ways=ways))
    assert set(links(roads)) == {(1, 1, 2), (2, 3, 2)}
    assert roads.n_edges == 2
    assert "2 pieces of road are drawn twice, there and back or again, and count once: 1, 2" in map(
        str, roads.notes
    )
    ways[1] = ([1, 2, 1], {"highway": "primary", "oneway": "yes"})  # two roads, one for each direction
    assert osm.read_roads(write(tmp_path / "way.osm", ways=ways)).n_edges == 3


def test_entities_in_an_osm_file_are_told_as_what_they_are(tmp_path: Path) -> None:
    declared = b'<!DOCTYPE osm [<!ENTITY road "primary">]><osm '
    (tmp_path / "roads.osm").write_bytes(to_xml(NODES, WAYS).replace(b"<osm ", declared))
    with pytest.raises(FileError, match="entities") as told:
        osm.read_roads(tmp_path / "roads.osm")
    assert "XML 实体" in told.value.say("zh")
    assert "写法有误" not in told.value.say("zh")
