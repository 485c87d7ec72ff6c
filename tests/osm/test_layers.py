"""Layers of a map read together and kept: the same tables, read once, made again when anything is wrong."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from geo.errors import FileError
from geo.osm import (
    OsmLayers,
    layers,
    read_boundaries,
    read_buildings,
    read_facilities,
    read_places,
    read_water,
)
from geo.osm._shapes import LAYERS, read_shapes
from geo.osm.layers import load_shapes, save_shapes
from tests.shared import real

MAP = """<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">
<node id="1" version="1" lon="121.40" lat="31.60"/>
<node id="2" version="1" lon="121.41" lat="31.60"/>
<node id="3" version="1" lon="121.41" lat="31.61"/>
<node id="4" version="1" lon="121.40" lat="31.61"/>
<node id="5" version="1" lon="121.405" lat="31.605">
  <tag k="amenity" v="fire_station"/><tag k="name" v="城桥站"/><tag k="phone" v="119"/></node>
<node id="6" version="1" lon="121.42" lat="31.60"><tag k="place" v="village"/><tag k="name" v="新村"/>
  <tag k="population" v="1,200"/></node>
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="building" v="yes"/><tag k="amenity" v="school"/><tag k="place" v="square"/>
  <tag k="name" v="小学"/></way>
<way id="11" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
  <tag k="building" v="no"/><tag k="natural" v="water"/></way>
<way id="12" version="1"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/>
  <tag k="boundary" v="administrative"/><tag k="admin_level" v="8"/><tag k="name" v="城桥镇"/></way>
<way id="13" version="1"><nd ref="1"/><nd ref="3"/><tag k="natural" v="coastline"/></way>
</osm>"""
EXTENT = (121.3, 31.5, 121.5, 31.7)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(MAP, encoding="utf-8")
    return path


def tables(source: Any) -> list[list[Any]]:
    """Give all that is read of a file, geometry as bytes."""
    every: list[gpd.GeoDataFrame] = [
        read_facilities(source, kinds=("fire_station", "school")), read_places(source),
        read_places(source, areas=True), read_boundaries(source), read_buildings(source),
        read_water(source, extent=EXTENT),
    ]  # fmt: skip
    return [[repr(table.drop(columns="geometry").to_dict("list")), table.geometry.to_wkb().tolist(),
             table.dtypes.astype(str).tolist()] for table in every]  # fmt: skip


def test_together_they_are_what_each_is_alone_and_the_file_is_read_once(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tables(file)
    assert [len(table[1]) for table in alone] == [2, 2, 2, 1, 1, 2], "a building of no kind is none"
    reads: list[Any] = []

    def counted(path: Path, some: Any) -> Any:
        reads.append(some)
        return read_shapes(path, some)

    monkeypatch.setattr(layers, "read_shapes", counted)
    first = tables(OsmLayers(file, LAYERS, folder=tmp_path / "kept"))
    again = tables(OsmLayers(file, LAYERS, folder=tmp_path / "kept"))
    unkept = tables(OsmLayers(file, LAYERS))
    assert alone == first == again == unkept
    assert reads == [sorted(LAYERS)] * 2, "once for the first run, once where nothing is kept"
    assert len(os.listdir(tmp_path / "kept")) == len(LAYERS), "no temporary file stays"


@pytest.mark.thorough
def test_the_tables_of_a_country_are_the_same(tmp_path: Path) -> None:
    path = real("liechtenstein/liechtenstein-240304.osm.pbf")
    alone = tables(path)
    assert (
        alone
        == tables(OsmLayers(path, LAYERS, folder=tmp_path))
        == tables(OsmLayers(path, LAYERS, folder=tmp_path))
    )


def test_another_content_is_read_again_whatever_its_name_and_date(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert read_facilities(OsmLayers(file, ["facilities"], folder=kept))["name"].tolist() == ["城桥站"]
    info = file.stat()
    file.write_text(MAP.replace("城桥站", "堡镇站"), encoding="utf-8")
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns + 1))
    assert read_facilities(OsmLayers(file, ["facilities"], folder=kept))["name"].tolist() == ["堡镇站"]
    assert len(os.listdir(kept)) == 2


def test_a_file_that_is_saved_anew_while_it_is_read_is_not_kept_for_its_old_content(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, old = tmp_path / "kept", file.read_text(encoding="utf-8")

    def read_late(path: Path, some: Any) -> Any:
        file.write_text(MAP.replace("城桥站", "堡镇东站"), encoding="utf-8")
        return read_shapes(path, some)

    with monkeypatch.context() as patch:
        patch.setattr(layers, "read_shapes", read_late)
        read_facilities(OsmLayers(file, ["facilities"], folder=kept))
    file.write_text(old, encoding="utf-8")
    assert read_facilities(OsmLayers(file, ["facilities"], folder=kept))["name"].tolist() == ["城桥站"]


@pytest.mark.parametrize("spoil", ["cut", "bit", "empty", "other", "shorter"])
def test_a_kept_layer_that_is_damaged_is_made_again(file: Path, tmp_path: Path, spoil: str) -> None:
    kept, alone = tmp_path / "kept", tables(file)
    tables(OsmLayers(file, LAYERS, folder=kept))
    for path in kept.iterdir():
        content = bytearray(path.read_bytes())
        if spoil == "bit":
            content[content.index(b"\x93NUMPY") + 128] ^= 4  # behind its head: the first byte of an array
        if spoil == "shorter":
            shapes = load_shapes(path)
            save_shapes(shapes._replace(osm_id=[*shapes.osm_id, "way/1"]), path)
        else:
            path.write_bytes(
                {"cut": content[:-30], "empty": b"", "other": b"PK\3\4 no layer"}.get(spoil, content)
            )
        with pytest.raises(FileError):
            load_shapes(path)
    assert tables(OsmLayers(file, LAYERS, folder=kept)) == alone
    for path in kept.iterdir():
        load_shapes(path)


def test_a_folder_that_cannot_be_written_costs_only_time(file: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    assert tables(OsmLayers(file, LAYERS, folder=tmp_path / "kept")) == tables(file)
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "a file"


@pytest.mark.thorough
def test_runs_at_the_same_time_do_not_disturb_each_other(file: Path, tmp_path: Path) -> None:
    alone = tables(file)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(tables, OsmLayers(file, LAYERS, folder=tmp_path / "kept")) for _ in range(12)]
    assert all(run.result() == alone for run in runs)
    assert len(os.listdir(tmp_path / "kept")) == len(LAYERS)


def test_a_damaged_file_is_told_though_its_layers_are_asked_for_together(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(b"no map at all")
    with pytest.raises(FileError, match=r"a\.osm\.pbf"):
        read_facilities(OsmLayers(path, ["facilities"], folder=tmp_path / "kept"))
    with pytest.raises(FileError, match=r"gone\.osm"):
        read_buildings(OsmLayers(tmp_path / "gone.osm", ["buildings"]))
