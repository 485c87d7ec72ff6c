"""A file is opened only as what its ending says: nothing virtual, no network, nothing beside it but its own.

All inputs are harmless: what they refer to is a file in the test's own folder, or a server of the test's own.
"""

from __future__ import annotations

import http.server
import os
import socket
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geo import osm
from geo.demand import demand_from_raster
from geo.errors import FileError, GeoError
from geo.layers import LAYER_FORMATS, read_layer
from geo.network import read_graphml
from geo.sources import ALONE, RASTER_DRIVERS, VECTOR_DRIVERS, require_source
from geo.study import find_lang, read_study
from tests.towns import METRIC

NEIGHBOUR = "name,lon,lat\n邻居,121.1,31.1\n"
OWN = {
    "type": "Feature",
    "properties": {"name": "自己"},
    "geometry": {"type": "Point", "coordinates": [121, 31]},
}
HEADS = {".dxf": "999\n", ".mif": "Version 300\n", ".tab": "!table\n", ".kml": "<kml>", ".gpx": "<gpx>"}


def virtual(source: str) -> str:
    """Write a virtual layer that takes its rows from a source."""
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='neighbour'><SrcDataSource>{source}</SrcDataSource>"
        "<GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4326</LayerSRS>"
        "<GeometryField encoding='PointFromColumns' x='lon' y='lat'/></OGRVRTLayer></OGRVRTDataSource>"
    )


def virtual_raster(source: str) -> str:
    return (
        '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )


@pytest.fixture
def neighbour(tmp_path: Path) -> Path:
    path = tmp_path / "neighbour" / "neighbour.csv"
    path.parent.mkdir()
    path.write_text(NEIGHBOUR, encoding="utf-8")
    return path


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server of this machine, and what it was asked."""
    requests: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *about: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


def one_point(path: Path, **options: str) -> Path:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(121, 31)], crs=4326)
    frame.to_file(path, **options)
    return path


def raster(path: Path, **profile: object) -> Path:
    shape = {"height": 4, "width": 4, "count": 1, "dtype": "uint8", "crs": METRIC, "driver": "GTiff"}
    place = from_origin(300_000, 3_500_000, 100, 100)
    with rasterio.open(path, "w", **shape, transform=place, **profile) as target:
        target.write(np.full((4, 4), 3, dtype=np.uint8), 1)
    return path


def test_each_ending_that_gdal_reads_has_its_drivers() -> None:
    read_without_gdal = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet"}
    read_without_gdal |= {".geoparquet", ".zip", ".feather", ".arrow", ".arrows", ".ipc"}
    written_anew = {".json", ".kmz", ".geojsonl", ".geojsons", ".ndjson", ".jsonl"}
    assert set(VECTOR_DRIVERS) == set(LAYER_FORMATS) - read_without_gdal - written_anew
    known = set(pyogrio.list_drivers())
    assert {driver for drivers in VECTOR_DRIVERS.values() for driver in drivers} <= known


@pytest.mark.parametrize("ending", sorted(set(LAYER_FORMATS) - {".gdb"}))
@pytest.mark.parametrize("is_headed", [False, True], ids=["bare", "behind a head"])
def test_a_virtual_layer_is_opened_under_no_ending(
    tmp_path: Path, neighbour: Path, ending: str, is_headed: bool
) -> None:
    path = tmp_path / f"layer{ending}"
    path.write_text((HEADS.get(ending, "") if is_headed else "") + virtual(str(neighbour)), encoding="utf-8")
    with pytest.raises(GeoError):
        read_layer(path, crs="EPSG:4326")


@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".geojson", ".kml"])
def test_nor_inside_a_zip(tmp_path: Path, neighbour: Path, ending: str) -> None:
    path = tmp_path / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"layer{ending}", virtual(str(neighbour)))
    with pytest.raises(FileError):
        read_layer(path, crs="EPSG:4326")


@pytest.mark.parametrize("place", ["note", "name"])
def test_a_text_of_a_geojson_stays_a_text(tmp_path: Path, neighbour: Path, place: str) -> None:
    """GDAL looks for a virtual layer anywhere in the beginning of a file, also in a text of JSON."""
    text = virtual(str(neighbour))
    feature = str(OWN).replace("'", '"')
    note = f'"note": "{text}", ' if place == "note" else ""
    feature = feature.replace("自己", text) if place == "name" else feature
    path = tmp_path / "layer.geojson"
    path.write_text(f'{{"type": "FeatureCollection", {note}"features": [{feature}]}}', encoding="utf-8")
    read = read_layer(path)
    assert read.table.geometry.tolist() == [shapely.Point(121, 31)]
    assert read.table["name"].tolist() == [text if place == "name" else "自己"]


def test_a_drawing_with_a_comment_on_virtual_layers_is_refused_with_words(
    tmp_path: Path, neighbour: Path
) -> None:
    path = tmp_path / "layer.dxf"
    path.write_text(f"999\n{virtual(str(neighbour))}\n  0\nEOF\n", encoding="utf-8")
    with pytest.raises(FileError, match="only refers to other files") as error:
        read_layer(path, crs="EPSG:4326")
    assert "只是对其他文件或服务的引用" in error.value.say("zh")


@pytest.mark.parametrize("ending", sorted(RASTER_DRIVERS))
def test_a_virtual_raster_is_opened_under_no_ending(tmp_path: Path, ending: str) -> None:
    source = raster(tmp_path / "neighbour.tif")
    path = tmp_path / f"people{ending}"
    path.write_text(virtual_raster(str(source)), encoding="utf-8")
    with pytest.raises(FileError, match="cannot be read"):
        demand_from_raster(path, crs=METRIC)


@pytest.mark.parametrize("side", [".msk", ".ovr", ".msk.ovr"])
def test_a_mask_that_lists_other_files_is_refused(tmp_path: Path, side: str) -> None:
    source, path = raster(tmp_path / "neighbour.tif"), raster(tmp_path / "people.tif")
    (tmp_path / f"people.tif{side}").write_text(virtual_raster(str(source)), encoding="utf-8")
    with pytest.raises(FileError, match=f"people.tif{side} is not what its ending says"):
        demand_from_raster(path, crs=METRIC)


def test_a_true_mask_counts_as_before(tmp_path: Path) -> None:
    path = raster(tmp_path / "people.tif", nodata=None)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as target:
        mask = np.full((4, 4), 255, dtype=np.uint8)
        mask[0] = 0
        target.write_mask(mask)
    assert (tmp_path / "people.tif.msk").is_file()
    assert demand_from_raster(path, crs=METRIC).table["people"].sum() == 3 * 12


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_overviews_elsewhere_are_refused(tmp_path: Path, where: str) -> None:
    source, path = raster(tmp_path / "neighbour.tif"), raster(tmp_path / "people.tif")
    if where == "beside":
        (tmp_path / "people.tif.aux.xml").write_text(
            f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{source}</MDI></Metadata>'
            "</PAMDataset>"
        )
    else:
        with rasterio.open(path, "r+") as target:
            target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(source))
        (tmp_path / "people.tif.aux.xml").unlink(missing_ok=True)
    with pytest.raises(FileError, match="only refers to other files"):
        demand_from_raster(path, crs=METRIC)


def test_notes_beside_a_raster_count_as_before(tmp_path: Path) -> None:
    path = raster(tmp_path / "people.tif")
    (tmp_path / "people.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><NoDataValue>7</NoDataValue></PAMRasterBand></PAMDataset>"
    )
    assert demand_from_raster(path, crs=METRIC).table["people"].sum() == 48


GML = """<?xml version="1.0" encoding="UTF-8"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml"
  xmlns:own="http://own" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://own {address}/wfs?SERVICE=WFS&amp;VERSION=1.0.0&amp;REQUEST=DescribeFeatureType">
<gml:featureMember><own:place fid="place.1"><own:name>自己</own:name><own:geometry>
<gml:Point srsName="EPSG:4326"><gml:coordinates>121,31</gml:coordinates></gml:Point></own:geometry>
</own:place></gml:featureMember></wfs:FeatureCollection>"""
XSD = """<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://own">
<include schemaLocation="{address}/more.xsd"/>
<import namespace="x" schemaLocation="{address}/other.xsd"/></schema>"""
KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<NetworkLink><Link><href>{address}/link.kml</href></Link></NetworkLink>
<Placemark><name>自己</name><styleUrl>{address}/style.kml#a</styleUrl>
<Point><coordinates>121,31</coordinates></Point>
</Placemark></Document></kml>"""
LINKED = """{{"type": "FeatureCollection",
"crs": {{"type": "link", "properties": {{"href": "{address}/crs"}}}},
"features": [{{"type": "Feature", "properties": {{"name": "自己"}}, "geometry": {{"type": "Point",
"crs": {{"type": "link", "properties": {{"href": "{address}/inner"}}}}, "coordinates": [121, 31]}}}}]}}"""
INNER = LINKED.replace('"crs": {{"type": "link", "properties": {{"href": "{address}/crs"}}}},\n', "")
HIDDEN = INNER.replace('"crs"', '"\\u0063r\\u0073"')
NAMED = """{{"type": "FeatureCollection",
"crs": {{"type": "name", "properties": {{"name": "{address}/crs"}}}},
"features": [{{"type": "Feature", "properties": {{"name": "自己"}},
"geometry": {{"type": "Point", "coordinates": [121, 31]}}}}]}}"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.gml", GML), ("a.kml", KML), ("a.geojson", LINKED), ("b.geojson", NAMED)),
        *(("c.geojson", "{address}"), ("d.geojson", INNER), ("e.geojson", HIDDEN)),
    ],
)
def test_no_file_makes_the_program_ask_the_network(
    tmp_path: Path, asked: tuple[str, list[str]], name: str, content: str
) -> None:
    address, requests = asked
    path = tmp_path / name
    path.write_text(content.format(address=address), encoding="utf-8")
    path.with_suffix(".xsd").write_text(XSD.format(address=address), encoding="utf-8")
    if name == "c.geojson":
        path.write_text(virtual(f"/vsicurl/{address}/a.csv"), encoding="utf-8")
        with pytest.raises(FileError):
            read_layer(path)
    else:
        assert read_layer(path, crs="EPSG:4326").table["name"].tolist() == ["自己"]
    assert requests == []


def test_no_raster_makes_the_program_ask_the_network(tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    address, requests = asked
    path = tmp_path / "people.tif"
    path.write_text(virtual_raster(f"/vsicurl/{address}/a.tif"))
    with pytest.raises(FileError):
        demand_from_raster(path, crs=METRIC)
    assert requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1:9/a.gpkg",
        "/vsizip/a.zip/a.shp",
        "http://127.0.0.1:9/a.gpkg",
        "data/https://example.org/a.csv",
        "zip://a.zip!a.shp",
        "s3://bucket/a.parquet",
    ],
)
def test_what_is_no_path_of_a_disk_is_refused_with_words(path: str) -> None:
    for read in (read_layer, osm.read_roads, lambda path: demand_from_raster(path, crs=METRIC), read_graphml):
        with pytest.raises(FileError, match="is no file of this machine: save it on a disk") as error:
            read(Path(path))
        assert "不是本机文件" in error.value.say("zh")


def test_a_sign_that_would_make_a_path_an_archive(tmp_path: Path) -> None:
    folder = tmp_path / "新建!"
    folder.mkdir()
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(121, 31)], crs=4326).to_file(
        tmp_path / "a.gpkg"
    )
    os.replace(tmp_path / "a.gpkg", folder / "a.gpkg")
    with pytest.raises(FileError, match="rename the folder or the file"):
        read_layer(folder / "a.gpkg")


ENTITY = '<!DOCTYPE {root} [<!ENTITY own "自己">]>'


@pytest.mark.parametrize(
    ("name", "root", "body"),
    [
        ("a.kml", "kml", KML),
        ("a.gpx", "gpx", '<gpx version="1.1"><wpt lat="31" lon="121"><name>&own;</name></wpt></gpx>'),
        ("a.gml", "FeatureCollection", GML.partition("?>")[2]),
        ("a.osm", "osm", '<osm version="0.6"><node id="-1" lat="31" lon="121" action="modify"/></osm>'),
        ("b.osm", "osm", '<osm version="0.6"><node id="1" lat="31" lon="121"/></osm>'),
        ("a.graphml", "graphml", "<graphml/>"),
    ],
)
def test_xml_that_declares_entities_is_refused(tmp_path: Path, name: str, root: str, body: str) -> None:
    path = tmp_path / name
    path.write_text(ENTITY.format(root=root) + body.replace("{address}", "x"), encoding="utf-8")
    readers: dict[str, Callable[[Path], Any]] = {".osm": osm.read_roads, ".graphml": read_graphml}
    read = readers.get(path.suffix, read_layer)
    with pytest.raises(FileError):
        read(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path, part: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name", "lon", "lat"])
    book.active.append(["自己", 121, 31])
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            head = ENTITY.format(root="x").encode() if name == part else b""
            new.writestr(name, head + old.read(name))
    assert len(read_layer(tmp_path / "plain.xlsx", crs="EPSG:4326").table) == 1
    with pytest.raises(FileError, match="entities"):
        read_layer(tmp_path / "a.xlsx", crs="EPSG:4326")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIRTUAL TABLE more USING VirtualText('{neighbour}', 'utf-8', 1)",
        "CREATE VIRTUAL TABLE more USING VirtualOGR('{neighbour}')",
        "CREATE VIEW more AS SELECT \"ogr_layer_Extent\"/**/('{neighbour}') AS x",
    ],
)
def test_a_database_whose_rows_are_elsewhere_is_refused(tmp_path: Path, neighbour: Path, text: str) -> None:
    path = tmp_path / "a.gpkg"
    one_point(path, layer="a")
    base = sqlite3.connect(path)
    base.execute("PRAGMA writable_schema = ON")
    kind = "view" if " VIEW " in text else "table"
    row = (kind, "more", "more", 0, text.format(neighbour=neighbour))
    base.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    base.commit()
    base.close()
    with pytest.raises(FileError, match="table more takes its rows from other files"):
        read_layer(path, layer="a")


def test_the_settings_of_gdal_are_as_before(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    one_point(path)
    pyogrio.set_gdal_config_options({"GDAL_HTTP_MAX_RETRY": "7"})
    try:
        before = {name: pyogrio.get_gdal_config_option(name) for name in ALONE}
        read_layer(path)
        assert {name: pyogrio.get_gdal_config_option(name) for name in ALONE} == before
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_MAX_RETRY": None})


needs_posix = pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")


@needs_posix
@pytest.mark.parametrize(
    "ending", [".csv", ".gpkg", ".xlsx", ".geojson", ".shp", ".zip", ".osm", ".tif", ".graphml"]
)
def test_special_files_are_refused_before_they_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """A pipe that nobody writes into would be waited for without end."""
    pipe, device, inlet = (tmp_path / f"{name}{ending}" for name in ("pipe", "device", "socket"))
    os.mkfifo(pipe)
    device.symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the path of a socket may have a hundred letters
        server.bind(inlet.name)
    readers: dict[str, Callable[[Path], Any]] = {
        ".osm": osm.read_roads,
        ".graphml": read_graphml,
        ".tif": lambda path: demand_from_raster(path, crs=METRIC),
    }
    read = readers.get(ending, read_layer)
    for path, kind in ((pipe, "a pipe"), (device, "a device"), (inlet, "a socket")):
        with pytest.raises(FileError, match=f"is {kind}, no file"):
            read(path)


@needs_posix
def test_a_pipe_beside_a_layer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    one_point(path)
    path.with_suffix(".cpg").unlink()
    os.mkfifo(path.with_suffix(".cpg"))
    with pytest.raises(FileError, match=r"a\.cpg is a pipe"):
        read_layer(path)


@needs_posix
def test_a_study_file_is_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "study.toml")
    with pytest.raises(FileError, match="is a pipe, no file"):
        read_study(tmp_path / "study.toml")
    assert find_lang(tmp_path / "study.toml") == "en"


@needs_posix
def test_a_circle_of_links_in_a_study_is_told(tmp_path: Path) -> None:
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    study = read_study("sample")
    with pytest.raises(FileError, match="leads back to itself"):
        read_layer(replace(study, folder=tmp_path).file("round.csv"))


@needs_posix
def test_links_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    (tmp_path / "round.csv").symlink_to(tmp_path / "and.csv")
    (tmp_path / "and.csv").symlink_to(tmp_path / "round.csv")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "missing.csv")
    with pytest.raises(FileError, match="leads back to itself"):
        read_layer(tmp_path / "round.csv")
    with pytest.raises(FileError, match=r"is a link to .*missing\.csv, which does not exist"):
        read_layer(tmp_path / "gone.csv")
    with pytest.raises(FileError, match="too long for this disk"):
        read_layer(tmp_path / ("a" * 5000 + ".csv"))


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(NEIGHBOUR, encoding="utf-8")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    assert require_source(tmp_path / "b.csv").st_size == len(NEIGHBOUR.encode())
    assert read_layer(tmp_path / "b.csv", crs="EPSG:4326").table["name"].tolist() == ["邻居"]
