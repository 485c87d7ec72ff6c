"""Right files of every kind that is read, small ones: what the mutants are made of."""

from __future__ import annotations

import gzip
import json
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyogrio
import rasterio
import shapely
import xlwt
from openpyxl import Workbook

from geo.network import from_roads, write_graphml
from geo.osm import read_roads
from geo.outputs import copy_templates, write_outputs
from geo.plans import copy_plan
from geo.standards import load_profile
from geo.study import read_study, run_study
from tests.studies import frame, lonlat, points, write_study, write_town

__all__ = ["LAYERS", "OTHERS", "write_seeds"]

_GDAL: Final[dict[str, dict[str, Any]]] = {
    "a.geojson": {"driver": "GeoJSON"},
    "a.geojsonl": {"driver": "GeoJSONSeq"},
    "a.gpkg": {"driver": "GPKG"},
    "a.shp": {"driver": "ESRI Shapefile", "encoding": "UTF-8"},
    "a.sqlite": {"driver": "SQLite", "SPATIALITE": "NO"},
    "a.tab": {"driver": "MapInfo File", "ENCODING": "UTF-8"},
    "a.mif": {"driver": "MapInfo File", "FORMAT": "MIF", "ENCODING": "UTF-8"},
    "a.fgb": {"driver": "FlatGeobuf"},
    "a.gml": {"driver": "GML"},
    "a.kml": {"driver": "LIBKML"},
}
LAYERS: Final = (
    *_GDAL,
    *("a.csv", "gbk.csv", "a.xlsx", "a.xls", "a.ods", "a.parquet", "a.gpx", "a.kmz", "shp.zip", "gdb.zip"),
    *("a.feather", "esri.json", "topo.json", "overpass.json", "poi.json", "b.dbf", "a.dxf"),
)
"""Files that :func:`geo.layers.read_layer` reads."""
OTHERS: Final = ("roads.osm", "roads.osm.gz", "roads.osm.pbf", "roads.graphml", "people.tif", "people.asc")
"""Files of roads and people that have readers of their own."""


def write_seeds(folder: Path) -> None:
    """Write all of them, and a study with settings, plan, clock, profile and the manifest of its run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the writers
        _write_layers(folder)
        _write_osm(folder)
        _write_rasters(folder)
        write_graphml(
            from_roads(read_roads(folder / "roads.osm"), load_profile("fire_engine")),
            folder / "roads.graphml",
        )
        home = folder / "study"
        home.mkdir()
        write_rich_study(home)
        result = run_study(read_study(home / "study.toml"))
        write_outputs(result, home / "out")


def _stations() -> gpd.GeoDataFrame:
    table = frame(
        points((0, 0), (4000, 0), (6000, 0), (2000, 900)),
        站名=["西消防救援站", "East Fire Station", "规划站", "小型站"],
        status=["existing", "existing", "planned", "existing"],
        站级=["一级站", "二级站", "一级站", "小型站"],
        staff=[40.0, 32.0, np.nan, 12.0],
    )
    return table.to_crs("EPSG:4326")


def _write_layers(folder: Path) -> None:
    table = _stations()
    for name, options in _GDAL.items():
        table.to_file(folder / name, **options)
    at = table.geometry
    plain = pd.DataFrame(table.drop(columns="geometry")).assign(经度=at.x, 纬度=at.y)
    plain.to_csv(folder / "a.csv", index=False)
    plain.to_csv(folder / "gbk.csv", index=False, encoding="gb18030")
    # Without Arrow's own schema, which is half of such a file and stops nearly every spoilt one at its door.
    table.to_parquet(folder / "a.parquet", store_schema=False)
    table.to_feather(folder / "a.feather")
    pyogrio.write_dataframe(plain, folder / "a.ods", driver="ODS", layer="表")
    book, old = Workbook(), xlwt.Workbook()
    assert book.active is not None
    sheet = old.add_sheet("表")
    for r, row in enumerate([list(plain), *plain.fillna("").astype(object).values.tolist()]):
        book.active.append(row)
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(folder / "a.xlsx")
    old.save(str(folder / "a.xls"))
    _write_packed(folder, table)
    _write_json(folder, plain)
    inner = folder / "alone"
    inner.mkdir()
    table.to_file(inner / "b.shp", encoding="UTF-8")
    (inner / "b.dbf").rename(folder / "b.dbf")
    shutil.rmtree(inner)
    table[["geometry"]].to_file(folder / "a.dxf", driver="DXF")
    way = "".join(
        f'<wpt lat="{y}" lon="{x}"><name>{name}</name></wpt>'
        for name, x, y in zip(plain["站名"], at.x, at.y, strict=True)
    )
    gpx = f'<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">{way}</gpx>'
    (folder / "a.gpx").write_text(gpx, encoding="utf-8")


def _write_packed(folder: Path, table: gpd.GeoDataFrame) -> None:
    with zipfile.ZipFile(folder / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.kml", "doc.kml")
    with zipfile.ZipFile(folder / "shp.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("a.*")):
            if path.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(path, path.name)
    table.to_file(folder / "a.gdb", driver="OpenFileGDB")
    with zipfile.ZipFile(folder / "gdb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "a.gdb").iterdir()):
            archive.write(path, f"a.gdb/{path.name}")


def _write_json(folder: Path, plain: pd.DataFrame) -> None:
    rows = plain.where(plain.notna(), None).to_dict("records")
    files: dict[str, Any] = {
        "esri.json": {
            "geometryType": "esriGeometryPoint",
            "spatialReference": {"wkid": 4326},
            "fields": [{"name": "站名", "type": "esriFieldTypeString"}],
            "features": [
                {"attributes": {"站名": row["站名"]}, "geometry": {"x": row["经度"], "y": row["纬度"]}}
                for row in rows
            ],
        },
        "topo.json": {
            "type": "Topology",
            "arcs": [],
            "objects": {
                "stations": {
                    "type": "GeometryCollection",
                    "geometries": [
                        {
                            "type": "Point",
                            "coordinates": [row["经度"], row["纬度"]],
                            "properties": {"站名": row["站名"]},
                        }
                        for row in rows
                    ],
                }
            },
        },
        "overpass.json": {
            "version": 0.6,
            "elements": [
                {
                    "type": "node",
                    "id": i,
                    "lat": row["纬度"],
                    "lon": row["经度"],
                    "tags": {"amenity": "fire_station", "name": row["站名"]},
                }
                for i, row in enumerate(rows, start=1)
            ],
        },
        "poi.json": {
            "status": "1",
            "pois": [
                {"id": f"B{i}", "name": row["站名"], "location": f"{row['经度']},{row['纬度']}"}
                for i, row in enumerate(rows)
            ],
        },
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _write_osm(folder: Path) -> None:
    """Write a cross of roads with a station, a place with people, a building, a border and a barrier."""
    at = lonlat((0, 0), (2000, 0), (4000, 0), (2000, 1000), (0, 1000), (100, 1100), (0, 1100))
    tags = {
        1: '<tag k="amenity" v="fire_station"/><tag k="name" v="西站"/>',
        3: '<tag k="place" v="village"/><tag k="name" v="东村"/><tag k="population" v="1,200"/>',
        2: '<tag k="barrier" v="bollard"/>',
    }
    nodes = "".join(
        f'<node id="{i}" version="1" lat="{y:.7f}" lon="{x:.7f}">{tags.get(i, "")}</node>'
        for i, (x, y) in enumerate(at, start=1)
    )
    ways = "".join(
        f'<way id="{i}" version="1">{"".join(f"<nd ref={ref!r}/>" for ref in map(str, refs))}{more}</way>'
        for i, (refs, more) in enumerate(
            [
                ([1, 2, 3], '<tag k="highway" v="residential"/><tag k="maxspeed" v="40"/>'),
                ([2, 4], '<tag k="highway" v="primary"/><tag k="oneway" v="yes"/>'),
                ([4, 5, 1], '<tag k="highway" v="service"/><tag k="access" v="private"/>'),
                ([5, 6, 7, 5], '<tag k="building" v="house"/>'),
                ([1, 3, 4, 1], '<tag k="boundary" v="administrative"/><tag k="name" v="镇"/>'),
            ],
            start=1,
        )
    )
    text = f'<?xml version="1.0"?><osm version="0.6" generator="test">{nodes}{ways}</osm>'
    (folder / "roads.osm").write_text(text, encoding="utf-8")
    (folder / "roads.osm.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    writer = osmium.SimpleWriter(str(folder / "roads.osm.pbf"))
    for item in osmium.FileProcessor(str(folder / "roads.osm")):
        writer.add(item)
    writer.close()


def _write_rasters(folder: Path) -> None:
    people = np.arange(1.0, 65.0, dtype="float32").reshape(8, 8)
    west, north = lonlat((-500, 1500))[0]
    place = rasterio.transform.from_origin(west, north, 0.008, 0.008)
    form = {"driver": "GTiff", "height": 8, "width": 8, "count": 1, "dtype": "float32", "nodata": -9999.0}
    with rasterio.open(folder / "people.tif", "w", crs="EPSG:4326", transform=place, **form) as file:
        file.write(people, 1)
    head = (
        f"ncols 8\nnrows 8\nxllcorner {west}\nyllcorner {north - 0.064}\ncellsize 0.008\nNODATA_value -9999\n"
    )
    rows = "\n".join(" ".join(str(value) for value in row) for row in people.tolist())
    (folder / "people.asc").write_text(head + rows + "\n", encoding="ascii")


def write_rich_study(folder: Path) -> None:
    """Write a study that uses every room, with its layers as texts, so that cells can be spoilt."""
    sections = write_town(folder)
    for name in ("stations", "villages", "towns", "roads"):
        table = gpd.read_file(folder / f"{name}.gpkg").to_crs("EPSG:4326")
        table.to_file(folder / f"{name}.geojson", driver="GeoJSON")
        (folder / f"{name}.gpkg").unlink()
    _points_csv(folder / "stations.csv", gpd.read_file(folder / "stations.geojson"))
    _points_csv(folder / "villages.csv", gpd.read_file(folder / "villages.geojson"))
    water = frame(
        points((900, 0), (2100, 500), (3900, 0)),
        name=["栓1", "栓2", "栓3"],
        状态=["完好", "损坏", ""],
        flow_lps=[15.0, 10.0, 5.0],
    )
    _points_csv(folder / "hydrants.csv", water.to_crs(4326))
    safe = frame(
        points((1500, 0), (4500, 0)), name=["中学", "公园"], area_m2=[2000.0, 5000.0], 类别=["固定", "紧急"]
    )
    _points_csv(folder / "shelters.csv", safe.to_crs(4326))
    stock = frame(points((500, 0), (3500, 0)), name=["区库", "村库"], level=["区级", "村级"])
    _points_csv(folder / "depots.csv", stock.to_crs(4326))
    plots = frame([shapely.box(x, -80, x + 90, 80) for x in (2500, 5000)], name=["地块甲", "地块乙"])
    plots.assign(cost=[3.0, 2.0]).to_crs(4326).to_file(folder / "plots.geojson", driver="GeoJSON")
    copy_plan("paper", folder / "plan.toml", source="jinshan")
    sections["study"] |= {"plan": "plan.toml", "lang": "zh"}
    sections["roads"] = {"path": "roads.geojson", "profile": "speeds.toml"}
    csv = {"crs": "EPSG:4326"}
    sections["facilities"] = [
        {"path": "stations.csv", **csv},
        {"path": "hydrants.csv", "kind": "hydrant", **csv},
        {"path": "shelters.csv", "kind": "shelter", **csv},
        {"path": "depots.csv", "kind": "depot", **csv},
    ]
    sections["demand"] = [{"path": "villages.csv", "people": "heads", **csv}]
    sections["zones"] = [{"path": "towns.geojson", "level": "town"}]
    sections["plots"] = [{"path": "plots.geojson"}]
    sections["zoning"] = {"most_people": 1500, "wind_from_deg": 135.0}
    sections["shelters"] = {"m2_per_person": 2.0, "reach_m": 1000.0, "night": 0.5}
    sections["hydrants"] = {"propose": 2, "radius_m": 150.0}
    sections["snap"] = {"max_m": 500.0, "access_kph": 10.0}
    copy_templates(folder / "templates", lang="zh")
    sections["report"] = {"title": "消防站布局评估", "date": "2026-03-01", "template": "templates"}
    sections["siting"] = {"goal": "best", "n": 1}
    x, y = lonlat((3000, 0))[0]
    sections["scenarios"] = [
        {"name": "再建一站", "add": [{"name": "新站", "lon": x, "lat": y, "station_class": "second"}]},
        {"name": "慢", "slow": [{"factor": 0.7}], "close_roads": [{"name": "Side Road"}]},
    ]
    write_study(folder, sections)


def _points_csv(path: Path, table: gpd.GeoDataFrame) -> None:
    at = table.geometry
    pd.DataFrame(table.drop(columns="geometry")).assign(经度=at.x, 纬度=at.y).to_csv(path, index=False)
