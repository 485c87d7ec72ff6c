"""Layers written: what may not be written into."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import FileError
from geo.layers import read_layer, write_layer


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


@pytest.mark.thorough
@pytest.mark.parametrize(
    "folder", [" out", "sqlite:out", "a#b?c%20d&e", "'a' \"b\"", "~a", "-a", "[a]{b}", "a:b"]
)
@pytest.mark.parametrize("name", ["towns.gpkg", "towns.geojson", "towns.fgb", "towns.parquet", "towns.csv"])
def test_a_layer_is_written_and_read_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    """Libraries take such signs for addresses, drivers and questions, and leave a blank in front out."""
    monkeypatch.chdir(tmp_path)
    for near in ("out", "a", "a#b", "b"):
        Path(near).mkdir()
    shapes = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(121, 31)], crs=4326)
    path = Path(folder) / name
    write_layer(shapes, path)
    assert {file.parent for file in tmp_path.rglob("*") if file.is_file()} == {tmp_path / folder}
    assert read_layer(path, crs="EPSG:4326").table["name"].tolist() == ["a"]


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.fgb"])
@pytest.mark.parametrize("sign", [" ", "\t", "\n"])
def test_a_name_with_a_blank_before_it_is_not_taken_for_the_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sign: str
) -> None:
    """pyogrio leaves such signs out of a path, and would give the rows of the file beside it."""
    monkeypatch.chdir(tmp_path)
    for own, value in (("plain", "beside"), ("other", "own")):
        shapes = gpd.GeoDataFrame({"name": [value]}, geometry=[shapely.Point(121, 31)], crs=4326)
        shapes.to_file(tmp_path / name.replace("a.", f"{own}."))
    for file in sorted(tmp_path.glob("*.*")):
        new = {"plain": "a", "other": f"{sign}a"}[file.stem]
        file.rename(file.with_name(new + file.suffix))
    assert read_layer(name).table["name"].tolist() == ["beside"]
    if sign == " ":
        assert read_layer(f" {name}").table["name"].tolist() == ["own"]
    else:
        with pytest.raises(FileError, match="line break"):
            read_layer(f"{sign}{name}")


def test_a_large_layer_is_written_to_the_byte_as_in_rows(tmp_path: Path, monkeypatch) -> None:
    n = 30
    table = gpd.GeoDataFrame(
        {
            "name": [f"村{i}" if i % 3 else None for i in range(n)],
            "people": np.where(np.arange(n) % 4 == 0, np.nan, 1.5),
            "first_s": np.where(np.arange(n) % 5 == 0, np.inf, 60.0),
            "is_covered": np.arange(n) % 2 == 0,
            "rank": np.arange(n, dtype=np.int32),
        },
        geometry=[shapely.Point(i, i) if i else None for i in range(n)],
        crs="EPSG:32651",
    )
    write_layer(table, tmp_path / "rows.gpkg", layer="places")
    monkeypatch.setattr("geo.layers.write._MANY", 1)
    write_layer(table, tmp_path / "columns.gpkg", layer="places")
    assert (tmp_path / "rows.gpkg").read_bytes() == (tmp_path / "columns.gpkg").read_bytes()


def test_a_large_layer_of_mixed_cells_is_still_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("geo.layers.write._MANY", 1)
    table = gpd.GeoDataFrame(
        {"told": ["a", 3.0]}, geometry=[shapely.Point(350_000, 3_450_000)] * 2, crs="EPSG:32651"
    )
    path = tmp_path / "mixed.gpkg"
    write_layer(table, path)
    assert read_layer(path).table["told"].astype(str).tolist() == ["a", "3.0"]
