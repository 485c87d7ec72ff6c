"""A file that states another number of rows than it holds."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.layers import read_layer


@pytest.mark.parametrize("ending", [".gpkg", ".sqlite"])
@pytest.mark.parametrize("stated", [0, 3, 9, 99_999_999])
def test_all_rows_are_read_whatever_the_file_states(stated: int, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"places{ending}"
    driver = {".gpkg": "GPKG", ".sqlite": "SQLite"}[ending]
    places = gpd.GeoSeries([shapely.Point(121.4 + i / 100, 31.6) for i in range(5)], crs=4326)
    table = gpd.GeoDataFrame({"name": list("abcde"), "people": [10, 20, 30, 40, 50]}, geometry=places)
    table.to_file(path, layer="places", driver=driver, **({} if ending == ".gpkg" else {"SPATIALITE": "YES"}))
    with contextlib.closing(sqlite3.connect(path)) as base:
        if ending == ".gpkg":
            base.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (stated,))
        else:  # what SpatiaLite keeps of a layer
            base.execute(
                "CREATE TABLE IF NOT EXISTS layer_statistics (raster_layer INTEGER, table_name TEXT,"
                " geometry_column TEXT, row_count INTEGER, extent_min_x REAL, extent_min_y REAL,"
                " extent_max_x REAL, extent_max_y REAL)"
            )
            values = (0, "places", "GEOMETRY", stated, 121.0, 31.0, 122.0, 32.0)
            base.execute("INSERT INTO layer_statistics VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        base.commit()
    read = read_layer(path)
    assert read.table["people"].tolist() == [10, 20, 30, 40, 50]


def test_rows_of_a_view_are_read_that_uses_a_function_of_gdal(tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    places = gpd.GeoSeries([shapely.Point(121.4 + i / 100, 31.6) for i in range(5)], crs=4326)
    gpd.GeoDataFrame({"people": [10, 20, 30, 40, 50]}, geometry=places).to_file(path, layer="places")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(
            "CREATE VIEW east AS SELECT fid AS OGC_FID, geom, people FROM places"
            " WHERE ST_MinX(geom) > 121.415"
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
            " VALUES ('east', 'features', 'east', 4326)"
        )
        base.execute("INSERT INTO gpkg_geometry_columns VALUES ('east', 'geom', 'POINT', 4326, 0, 0)")
        base.commit()
    assert read_layer(path, layer="east").table["people"].tolist() == [30, 40, 50]
