"""Inputs are never written: they and their folder stay as they are, and what a log holds is read."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geo import osm
from geo.demand import demand_from_raster
from geo.errors import FileError
from geo.layers import Part, list_parts, read_layer
from geo.network import read_graphml, write_graphml
from tests.towns import METRIC, town

TWO = gpd.GeoDataFrame(
    {"name": ["城桥站", "堡镇站"]},
    geometry=[shapely.Point(121.4, 31.6), shapely.Point(121.6, 31.5)],
    crs=4326,
)
OSM = (
    '<osm version="0.6"><node id="1" lat="31.6" lon="121.4"/><node id="2" lat="31.61" lon="121.4"/>'
    '<way id="3"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
)


def state(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Give hash, time and size of each file of a folder, and the time of each folder."""
    return {
        str(path.relative_to(folder)): (
            "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
            0 if path.is_dir() else path.stat().st_size,
        )
        for path in sorted([folder, *folder.rglob("*")])
    }


def by_gdal(**options: str) -> Callable[[Path], None]:
    return lambda path: TWO.to_file(path, engine="pyogrio", **options)


def as_csv(path: Path) -> None:
    path.write_text("name,lon,lat\n城桥站,121.4,31.6\n堡镇站,121.6,31.5\n", encoding="utf-8")


def as_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["name", "lon", "lat"], ["城桥站", 121.4, 31.6], ["堡镇站", 121.6, 31.5]):
        book.active.append(row)
    book.save(path)


def as_ods(path: Path) -> None:
    places = TWO.assign(lon=TWO.geometry.x, lat=TWO.geometry.y)
    pyogrio.write_dataframe(pd.DataFrame(places.drop(columns="geometry")), path, driver="ODS")


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.csv": as_csv,
    "a.xlsx": as_xlsx,
    "a.ods": as_ods,
    "a.gpkg": by_gdal(),
    "a.sqlite": by_gdal(driver="SQLite", SPATIALITE="NO"),
    "a.shp": by_gdal(encoding="utf-8"),
    "a.fgb": by_gdal(),
    "a.gdb": by_gdal(driver="OpenFileGDB"),
    "a.geojson": by_gdal(),
    "a.kml": by_gdal(driver="KML"),
    "a.gml": by_gdal(driver="GML"),
    "a.tab": by_gdal(driver="MapInfo File"),
    "a.mif": by_gdal(driver="MapInfo File"),
    "a.parquet": TWO.to_parquet,
    "a.feather": TWO.to_feather,
}


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_reading_a_layer_changes_nothing(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    (tmp_path / "a.gfs").unlink(missing_ok=True)
    before = state(tmp_path)
    assert len(read_layer(tmp_path / name, crs="EPSG:4326").table) == 2
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson"])
def test_a_layer_that_may_not_be_written_is_read(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    for path in tmp_path.iterdir():
        path.chmod(0o444)
    before = state(tmp_path)
    assert len(read_layer(tmp_path / name).table) == 2
    assert state(tmp_path) == before


def test_a_shapefile_without_its_index_gets_none(tmp_path: Path) -> None:
    WRITERS["a.shp"](tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    before = state(tmp_path)
    with pytest.raises(FileError, match=r"a\.shx is missing"):
        read_layer(tmp_path / "a.shp")
    assert state(tmp_path) == before


def test_reading_a_raster_changes_nothing(tmp_path: Path) -> None:
    path, place = tmp_path / "people.tif", from_origin(300_000, 3_500_000, 100, 100)
    shape = {"height": 4, "width": 4, "count": 1, "dtype": "uint8", "crs": METRIC, "driver": "GTiff"}
    with rasterio.open(path, "w", **shape, transform=place) as target:
        target.write(np.full((4, 4), 3, dtype=np.uint8), 1)
    before = state(tmp_path)
    assert demand_from_raster(path, crs=METRIC).table["people"].sum() == 48
    assert state(tmp_path) == before


def test_reading_roads_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_text(OSM, encoding="utf-8")
    write_graphml(town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 60)]), tmp_path / "a.graphml")
    before = state(tmp_path)
    assert len(osm.read_roads(tmp_path / "a.osm").edge_u) == 1
    assert len(read_graphml(tmp_path / "a.graphml").edge_u) == 1
    assert state(tmp_path) == before


def logged(path: Path, *, journal: str = "WAL") -> sqlite3.Connection:
    """Write a GeoPackage of two rows, and rename one of them in its log; give the open connection."""
    WRITERS["a.gpkg"](path)
    base = sqlite3.connect(path, isolation_level=None)
    base.execute(f"PRAGMA journal_mode = {journal}")
    base.execute("PRAGMA wal_autocheckpoint = 0")
    # The triggers of the index of shapes ask functions that only GDAL has; names do not move shapes.
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE a SET name = '新名' WHERE name = '堡镇站'")
    return base


@pytest.mark.parametrize("ending", [".gpkg", ".sqlite"])
def test_a_log_that_a_program_has_open_is_read_and_stays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    base = logged(tmp_path / "a.gpkg")
    if ending != ".gpkg":  # a GeoPackage under the ending of any database
        base.close()
        os.replace(tmp_path / "a.gpkg", path)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("UPDATE a SET name = '更新' WHERE name = '新名'")
    assert (tmp_path / f"{path.name}-wal").stat().st_size
    before = state(tmp_path)
    names = read_layer(path).table["name"].tolist()
    assert state(tmp_path) == before
    assert names == ["城桥站", "新名" if ending == ".gpkg" else "更新"]
    assert base.execute("SELECT count(*) FROM a").fetchone() == (2,)
    base.close()


def test_a_log_that_a_program_left_behind_is_read_and_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    base = logged(tmp_path / "old" / "a.gpkg")
    for name in ("a.gpkg", "a.gpkg-wal"):  # as a program that was killed leaves them
        (tmp_path / "new" / name).write_bytes((tmp_path / "old" / name).read_bytes())
    base.close()
    before = state(tmp_path / "new")
    assert read_layer(tmp_path / "new" / "a.gpkg").table["name"].tolist() == ["城桥站", "新名"]
    assert state(tmp_path / "new") == before


def test_a_database_that_is_kept_with_a_log_gets_none_by_reading(tmp_path: Path) -> None:
    logged(tmp_path / "a.gpkg").close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]
    before = state(tmp_path)
    assert read_layer(tmp_path / "a.gpkg").table["name"].tolist() == ["城桥站", "新名"]
    assert state(tmp_path) == before


def test_a_change_that_was_broken_off_is_undone_in_the_copy_alone(tmp_path: Path) -> None:
    """The journal of a change that was never finished holds the old pages."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    base = logged(tmp_path / "old" / "a.gpkg", journal="DELETE")
    base.execute("PRAGMA cache_size = 1")
    base.execute("PRAGMA cache_spill = 1")
    base.execute("BEGIN")
    base.execute("UPDATE a SET name = '半途'")
    base.execute("CREATE TABLE filler AS SELECT zeroblob(1000000) AS b")  # so that pages go to the disk
    for name in ("a.gpkg", "a.gpkg-journal"):
        (tmp_path / "new" / name).write_bytes((tmp_path / "old" / name).read_bytes())
    base.execute("ROLLBACK")
    base.close()
    before = state(tmp_path / "new")
    assert read_layer(tmp_path / "new" / "a.gpkg").table["name"].tolist() == ["城桥站", "新名"]
    assert state(tmp_path / "new") == before


def test_listing_the_layers_of_a_database_with_a_log_changes_nothing(tmp_path: Path) -> None:
    """`geo new` looks at every file of a folder: one that QGIS has open too, or had when it crashed."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    base = logged(tmp_path / "old" / "a.gpkg")
    for name in ("a.gpkg", "a.gpkg-wal"):
        (tmp_path / "new" / name).write_bytes((tmp_path / "old" / name).read_bytes())
    for folder in ("old", "new"):
        before = state(tmp_path / folder)
        assert list_parts(tmp_path / folder / "a.gpkg") == (Part(),)
        assert state(tmp_path / folder) == before
    base.close()


def test_a_damaged_log_is_told(tmp_path: Path) -> None:
    WRITERS["a.gpkg"](tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(100))
    before = state(tmp_path)
    assert len(read_layer(tmp_path / "a.gpkg").table) == 2  # nothing in it is a finished change
    assert state(tmp_path) == before
