"""Feather and Arrow files: the same layer, however it is kept, and no more of it than is taken in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from pyarrow import feather

from geo.errors import FileError
from geo.layers import read_layer

AT = [(121.5, 31.2), (121.6, 31.3), (121.7, 31.1)]
TABLE = gpd.GeoDataFrame(
    {"名称": ["甲村", "乙村", "丙村"], "人口": [100, 200, 300]},
    geometry=gpd.points_from_xy(*zip(*AT, strict=True)),
).set_crs(4490)


@pytest.mark.parametrize("packing", ["lz4", "zstd", "uncompressed"])
def test_shapes_and_their_system_come_back(tmp_path: Path, packing: str) -> None:
    TABLE.to_feather(tmp_path / "a.feather", compression=packing)
    read = read_layer(tmp_path / "a.feather")
    assert read.table["name"].tolist() == ["甲村", "乙村", "丙村"]
    assert read.table["people"].sum() == 600
    assert read.table.crs.to_epsg() == 4490
    assert [(at.x, at.y) for at in read.table.geometry] == AT


def test_a_table_without_shapes_has_its_places_in_columns(tmp_path: Path) -> None:
    plain = pd.DataFrame({"名称": TABLE["名称"], "经度": TABLE.geometry.x, "纬度": TABLE.geometry.y})
    plain.to_feather(tmp_path / "a.feather")
    read = read_layer(tmp_path / "a.feather", crs="EPSG:4326")
    assert [(at.x, at.y) for at in read.table.geometry] == AT


def test_the_first_version_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.feather").write_bytes(b"FEA1" + bytes(60) + b"FEA1")
    with pytest.raises(FileError, match="version 2"):
        read_layer(tmp_path / "a.feather")


@pytest.mark.parametrize(("ending", "opener"), [(".arrows", pa.ipc.new_stream), (".arrow", pa.ipc.new_file)])
def test_a_column_of_wkb_in_a_file_or_a_stream(tmp_path: Path, ending: str, opener) -> None:
    rows = pa.table({"名称": list(TABLE["名称"]), "wkb": list(shapely.to_wkb(TABLE.geometry.to_numpy()))})
    with opener(tmp_path / f"a{ending}", rows.schema) as sink:
        sink.write_table(rows)
    read = read_layer(tmp_path / f"a{ending}", crs="EPSG:4326")
    assert [(at.x, at.y) for at in read.table.geometry] == AT


def test_texts_of_a_dictionary_come_back(tmp_path: Path) -> None:
    TABLE.assign(名称=pd.Categorical(TABLE["名称"])).to_feather(tmp_path / "a.feather")
    assert read_layer(tmp_path / "a.feather").table["name"].tolist() == ["甲村", "乙村", "丙村"]


def test_what_unfolds_to_far_more_is_told_before_it_is_unpacked(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("geo.file_limits.SMALL_BYTES", 1000)
    monkeypatch.setattr("geo.file_limits.MOST_RATIO", 2)
    rows = pd.DataFrame({"经度": [121.5] * 50_000, "纬度": [31.2] * 50_000})
    feather.write_feather(rows, str(tmp_path / "a.feather"), compression="zstd")
    # 2 x 50,000 numbers of 8 bytes.
    with pytest.raises(FileError, match=r"a\.feather.*800,000"):
        read_layer(tmp_path / "a.feather", crs="EPSG:4326")


def test_a_text_that_a_dictionary_shows_in_each_row_is_counted(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("geo.file_limits.SMALL_LETTERS", 10_000)
    said = pd.Categorical(["x" * 1000] * 1000)
    rows = pd.DataFrame({"经度": [121.5] * 1000, "纬度": [31.2] * 1000, "备注": said})
    feather.write_feather(rows, str(tmp_path / "a.feather"), compression="zstd")
    with pytest.raises(FileError, match="1,000,000"):
        read_layer(tmp_path / "a.feather", crs="EPSG:4326")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_file_that_was_cut_off_is_an_error_that_names_it(tmp_path: Path, share: float) -> None:
    TABLE.to_feather(tmp_path / "a.feather")
    content = (tmp_path / "a.feather").read_bytes()
    (tmp_path / "b.feather").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileError, match=r"b\.feather"):
        read_layer(tmp_path / "b.feather")


def test_a_stream_that_was_cut_off_between_its_parts_is_no_whole(tmp_path: Path) -> None:
    rows = pa.table({"经度": [121.5, 121.6], "纬度": [31.2, 31.3]})
    with pa.ipc.new_stream(tmp_path / "a.arrows", rows.schema) as sink:
        sink.write_table(rows)
    content = (tmp_path / "a.arrows").read_bytes()
    assert len(read_layer(tmp_path / "a.arrows", crs="EPSG:4326").table) == 2
    (tmp_path / "b.arrows").write_bytes(content[:-8])
    with pytest.raises(FileError, match=r"b\.arrows"):
        read_layer(tmp_path / "b.arrows", crs="EPSG:4326")
