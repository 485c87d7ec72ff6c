"""Texts cut within a character, of two encodings, or under a .cpg that lies."""

from __future__ import annotations

import struct

import geopandas as gpd
import pytest
from shapely import Point

from geo.errors import FileError
from geo.layers import read_layer

NAMES = ["云泽消防救援站", "泽北消防救援站", "泽东消防救援站"]


def shapefile(folder, *, encoding, n_bytes, cpg=None, names=NAMES):
    """Write a shapefile by GDAL, and give its text field a width that may cut a character in two."""
    places = gpd.GeoSeries([Point(121.3 + i / 100, 31.1) for i in range(len(names))], crs=4490)
    gpd.GeoDataFrame({"name": ["x"] * len(names)}, geometry=places).to_file(folder / "stations.shp")
    cells = [name.encode(encoding)[:n_bytes].ljust(n_bytes) for name in names]
    head = bytearray(struct.pack("<B3BIHH20x", 3, 126, 1, 1, len(names), 65, n_bytes + 1))
    field = struct.pack("<11sc4xBB14x", "站名".encode(encoding), b"C", n_bytes, 0)
    body = b"".join(b" " + cell for cell in cells)
    (folder / "stations.dbf").write_bytes(bytes(head) + field + b"\r" + body + b"\x1a")
    (folder / "stations.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "stations.cpg").write_text(cpg, encoding="ascii")
    return folder / "stations.shp"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("n_bytes", [11, 13, 16])
def test_a_cell_cut_within_a_character_keeps_its_row(tmp_path, encoding, asked, n_bytes):
    path = shapefile(tmp_path, encoding=encoding, n_bytes=n_bytes)
    read = read_layer(path, encoding=encoding if asked else None)
    whole = [name.encode(encoding)[:n_bytes].decode(encoding, "ignore") for name in NAMES]
    assert read.table["name"].tolist() == whole
    is_cut = n_bytes % len("云".encode(encoding)) != 0 and n_bytes < len(NAMES[0].encode(encoding))
    faults = [fault for fault in read.report.faults if fault.reason.key == "layers.cut_letter"]
    assert [fault.row for fault in faults] == ([1, 2, 3] if is_cut else [])
    assert all("half character" in str(fault) for fault in faults)


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("gb18030", "UTF-8"), ("utf-8", "GBK"), ("gb18030", "ISO-8859-1")]
)
def test_a_cpg_that_lies_does_not_spoil_the_names(tmp_path, encoding, cpg):
    read = read_layer(shapefile(tmp_path, encoding=encoding, n_bytes=30, cpg=cpg))
    assert read.table["name"].tolist() == NAMES


def table(lines):
    rows = [("站名,经度,纬度", lines[0][1]), *lines]
    return b"".join(f"{text}\n".encode(how) for text, how in rows)


def test_lines_in_two_encodings_are_read_each_in_its_own_and_told(tmp_path):
    path = tmp_path / "stations.csv"
    lines = [(f"{name},121.3,31.1", "gb18030") for name in NAMES]
    path.write_bytes(table([*lines, ("泽西消防救援站,121.4,31.1", "utf-8")]))
    read = read_layer(path, crs="EPSG:4326")
    assert read.table["name"].tolist() == [*NAMES, "泽西消防救援站"]
    (fault,) = read.report.faults
    assert fault.row == 5
    assert "utf-8" in str(fault)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("asked", [False, True])
def test_a_cell_of_a_csv_cut_within_a_character(tmp_path, encoding, asked):
    path = tmp_path / "stations.csv"
    data = table([(f"{name},121.3,31.1", encoding) for name in NAMES])
    path.write_bytes(data.replace("北消防救援站".encode(encoding), "北消防救援站".encode(encoding)[:-1]))
    read = read_layer(path, crs="EPSG:4326", encoding=encoding if asked else None)
    assert read.table["name"].tolist() == [NAMES[0], "泽北消防救援", NAMES[2]]
    assert [fault.row for fault in read.report.faults] == [3]


def test_bytes_that_are_no_text_are_still_refused(tmp_path):
    path = tmp_path / "stations.csv"
    path.write_bytes(b"name,lon,lat\n" + bytes(range(128, 256)) * 20 + b",121,31\n")
    with pytest.raises(FileError):
        read_layer(path, crs="EPSG:4326")


@pytest.mark.parametrize("encoding", ["no-such", "utf\x008", ""])
def test_a_name_that_no_encoding_has_is_told(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_text("站名,经度,纬度\n甲,121.4,31.6\n", encoding="utf-8")
    if not encoding:
        assert read_layer(path, encoding=encoding, crs="EPSG:4326").report.n_kept == 1
        return
    with pytest.raises(FileError, match="encoding"):
        read_layer(path, encoding=encoding, crs="EPSG:4326")
