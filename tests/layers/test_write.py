"""Layers written: what may not be written into."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import FileError
from geo.layers import write_layer


@pytest.mark.parametrize("name", ["new!towns.gpkg", "new!towns.geojson", "a!/towns.gpkg"])
def test_no_other_file_is_written_into_where_a_path_has_an_exclamation_mark(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "towns.geojson").write_text("mine", encoding="utf-8")
    shapes = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(121, 31)], crs=4326)
    with pytest.raises(FileError, match="!"):
        write_layer(shapes, tmp_path / name)
    assert (tmp_path / "towns.geojson").read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"towns.geojson"}
