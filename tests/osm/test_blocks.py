"""Blocks of PBF files that unfold to far more than they hold, and real ones, which are read as ever."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import file_limits, osm
from geo.errors import FileError
from geo.osm import _blocks
from geo.osm._unfolding import unfold
from tests.osm.pbf import pbf_block, pbf_field, pbf_number

HEAD = pbf_block("OSMHeader", pbf_field(4, b"OsmSchema-V0.6") + pbf_field(4, b"DenseNodes"))
TEXTS = pbf_field(1, b"") + pbf_field(1, b"highway") + pbf_field(1, b"a" * 1000)


def of_group(kind: int, *items: bytes, texts: bytes = TEXTS) -> bytes:
    return pbf_field(1, texts) + pbf_field(2, b"".join(pbf_field(kind, item) for item in items))


def with_tags(n: int) -> bytes:
    return pbf_field(1, 1) + pbf_field(2, b"\x01" * n) + pbf_field(3, b"\x02" * n)


USERS = pbf_field(5, pbf_field(5, b"\x04" + b"\x00" * 39_999))
FEW_IDS = pbf_field(1, b"\x02" * 40_000) + pbf_field(8, b"\x00" * 40_000) + pbf_field(9, b"\x00" * 40_000)
ROLES = (b"\x02" * 40_000, b"\x02" * 40_000, b"\x00" * 40_000)
BOMBS = {
    "a way with a text in each of many tags": of_group(3, with_tags(40_000)),
    "many ways with a few of them each": of_group(3, *[with_tags(40)] * 1000),
    "a node": of_group(1, with_tags(40_000) + pbf_field(8, 0) + pbf_field(9, 0)),
    "a relation and its roles": of_group(4, pbf_field(1, 1) + b"".join(map(pbf_field, (8, 9, 10), ROLES))),
    "who drew them": of_group(2, FEW_IDS + USERS),
    "dense nodes": of_group(2, FEW_IDS + pbf_field(10, b"\x01\x02\x00" * 40_000)),
    "the vertices of ways": of_group(3, *[pbf_field(1, 1) + pbf_field(8, b"\x00" * 2_000)] * 1_150),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_block_that_would_take_far_more_than_it_holds_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(HEAD + pbf_block("OSMData", BOMBS[what]))
    assert path.stat().st_size < 5_000
    with pytest.raises(FileError, match="MB in memory") as told:
        osm.read_roads(path)
    assert told.value.say("zh").startswith("a.osm.pbf")
    for read in (osm.read_buildings, osm.read_facilities, osm.notes_of_file):
        with pytest.raises(FileError, match="MB in memory"):
            read(path)


def test_objects_are_counted_over_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(HEAD + pbf_block("OSMData", of_group(2, FEW_IDS)) * 3)
    monkeypatch.setattr(file_limits, "SMALL_OBJECTS", 120_000)
    _blocks.check_blocks(path)
    monkeypatch.setattr(file_limits, "SMALL_OBJECTS", 119_999)
    with pytest.raises(FileError, match="has 120,000 objects; at most 119,999"):
        osm.read_roads(path)


def test_what_blocks_unpack_to_is_bounded_whatever_is_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(HEAD + pbf_block("OSMData", pbf_field(9, bytes(100_000))) * 3)
    _blocks.check_blocks(path)
    monkeypatch.setattr(file_limits, "SMALL_BYTES", 300_000)
    with pytest.raises(FileError, match="more than 200 times its size"):
        _blocks.check_blocks(path)


def test_so_is_the_head(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(pbf_block("OSMHeader", pbf_field(5, b"x") * 400_000))
    with pytest.raises(FileError, match="MB in memory"):
        osm.notes_of_file(path)


def test_ways_of_very_many_vertices_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ways of 2,001 have twice 2,001 x 2,001 pairs; those of 2,000 do not count."""
    path = tmp_path / "a.osm.pbf"

    def write(n: int) -> None:
        way = pbf_field(1, 1) + pbf_field(8, b"\x02" * n)
        path.write_bytes(HEAD + pbf_block("OSMData", of_group(3, way, way)))

    monkeypatch.setattr(file_limits, "MOST_LONG_WAY_PAIRS", 2 * 2001**2)
    write(2001)
    _blocks.check_blocks(path)
    monkeypatch.setattr(file_limits, "MOST_LONG_WAY_PAIRS", 2 * 2001**2 - 1)
    with pytest.raises(FileError, match="split them"):
        osm.read_buildings(path)
    write(2000)
    _blocks.check_blocks(path)


ROAD = pbf_field(1, 1) + pbf_field(2, b"\x01") + pbf_field(3, b"\x02") + pbf_field(8, b"\x02\x02")


@pytest.mark.parametrize("text", [b"pr\0vate", b"\0", b"primary\0", "区\0".encode()])
def test_a_text_with_a_byte_0_is_refused_also_where_nothing_uses_it(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.osm.pbf"
    texts = pbf_field(1, b"") + pbf_field(1, b"highway") + pbf_field(1, b"primary") + pbf_field(1, text)
    path.write_bytes(HEAD + pbf_block("OSMData", of_group(3, ROAD, texts=texts)))
    for read in (osm.read_facilities, osm.read_roads, osm.notes_of_file):
        with pytest.raises(FileError, match="holds the byte 0"):
            read(path)


def test_a_text_in_no_known_letters_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    texts = pbf_field(1, b"") + pbf_field(1, b"highway") + pbf_field(1, b"\xff\xfe")
    path.write_bytes(HEAD + pbf_block("OSMData", of_group(3, ROAD, texts=texts)))
    with pytest.raises(FileError) as told:
        osm.read_roads(path)
    assert told.value.args[0].key == "osm.unreadable"


STATED = {
    "a size that the format does not allow": pbf_block("OSMData", b"x", size=2**31),
    "a head of a block of two GB": struct.pack(">I", 2**31 - 1),
    "a block of two GB": b"\0\0\0\x0f" + pbf_field(1, b"OSMData") + pbf_field(3, 2**31 - 5),
    "fields without end": struct.pack(">I", 60_000) + b"\x08\x01" * 30_000,
}


@pytest.mark.parametrize("what", STATED)
def test_sizes_that_are_only_stated_cost_nothing(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(HEAD + STATED[what])
    with pytest.raises(FileError) as told:
        osm.read_roads(path)
    assert told.value.say("zh").startswith("a.osm.pbf")


@pytest.mark.parametrize("packing", ["zlib", "none", "lz4"])
def test_a_map_is_read_in_every_packing(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), f"pbf,pbf_compression={packing}")) as writer:
        for i in range(5):
            writer.add_node(osmium.osm.mutable.Node(id=i + 1, location=(121.4 + i / 1000, 31.6)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4, 5], tags={"highway": "primary"}))
    with path.open("rb") as file:
        head, *blocks = _blocks.read_blocks_of_map(file)
    assert head.is_head
    counts = [unfold(_blocks._numbers(held.content)) for held in blocks]
    assert sum(n for n, _, _, _ in counts) == 6
    # Six objects, five vertices, and a tag of two texts with an end each.
    assert sum(n_bytes for _, n_bytes, _, _ in counts) >= 6 * 64 + 5 * 16 + len("highway primary") + 1
    assert osm.read_roads(path).edge_length.sum() > 300


@pytest.mark.parametrize("outside", [b"", b"\x12", b"\x12\x04\x1a", b"\x12\x08\x12\x06\x0a"])
@pytest.mark.parametrize("size", [2**31, 2**62, 2**63 - 1, 2**64 - 1, 2**70])
def test_a_length_beyond_all_numbers_ends_at_the_end(outside: bytes, size: int) -> None:
    for key in (b"\x0a", b"\x12", b"\x1a", b"\x22", b"\x52"):
        held = np.frombuffer(outside + key + pbf_number(size) + b"\x02" * 50, dtype=np.uint8)
        assert unfold(held)[0] <= len(held)


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=4))
def test_damage_of_any_kind_is_counted_as_far_as_it_goes(noise: bytes, at: int, put: bytes) -> None:
    whole = of_group(2, pbf_field(1, b"\x02" * 9) + pbf_field(10, b"\x01\x02\x00" * 9))
    endless = b"\xff" * 8 + b"\x7f"  # a length of nearly 2**63
    for held in (noise, whole[:at] + put + whole[at:], whole[:at], whole[:at] + endless + whole[at:]):
        n, n_bytes, _, _ = unfold(np.frombuffer(held, dtype=np.uint8))
        assert 0 <= n <= len(held)
        assert 0 <= n_bytes <= 1025 * len(held)
