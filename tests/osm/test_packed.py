"""Two readers of PBF files: what the fast one reads is what the other reads, or it leaves the file alone."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.network import Roads
from geo.osm import _packed, read_roads
from geo.osm._packed import NotPlainError, read_ways
from geo.osm._way_table import WayCollector
from tests.osm.pbf import pbf_block, pbf_field
from tests.shared import real

Ways = dict[int, tuple[list[int], dict[str, str]]]
TAGS = st.dictionaries(
    st.sampled_from(["highway", "route", "name", "oneway", "maxspeed", "maxheight", "access", "source",
                     "access:conditional", "maxaxleload", "junction", "barrier"]),
    st.sampled_from(["primary", "residential", "ferry", "yes", "-1", "no", "50", "3.5", "300", "roundabout",
                     "陈海公路", "gate", "", "汽-20"]),
    max_size=5,
)  # fmt: skip
PLACE = st.tuples(st.integers(-1_799_999_999, 1_799_999_999), st.integers(-899_999_999, 899_999_999))
NODES = st.dictionaries(st.integers(1, 60), st.tuples(PLACE, TAGS), min_size=2, max_size=12)
WAYS = st.dictionaries(
    st.integers(1, 60), st.tuples(st.lists(st.integers(1, 60), max_size=8), TAGS), max_size=8
)


def write_pbf(path: Path, nodes: Any, ways: Ways, *, is_sorted: bool = True) -> Path:
    header = osmium.io.Header()
    if is_sorted:
        header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for node in sorted(nodes):
            (lon, lat), tags = nodes[node]
            place = osmium.osm.Location(lon / 1e7, lat / 1e7)
            writer.add_node(osmium.osm.mutable.Node(id=node, location=place, tags=tags, version=1))
        for way in sorted(ways):
            refs, tags = ways[way]
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=refs, tags=tags, version=1))
    return path


def answer(path: Path, **options: Any) -> Any:
    """Give all that is read, as bytes, or the error."""
    try:
        roads = read_roads(path, **options)
    except GeoError as error:
        return type(error), str(error)
    return [_plain(getattr(roads, item.name)) for item in fields(Roads)]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if hasattr(value, "__dataclass_fields__") and not hasattr(value, "key"):
        return [_plain(getattr(value, item.name)) for item in fields(value)]
    return repr(value)


def other_answer(path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Any:
    """Give what the reader of OpenStreetMap files reads."""

    def leave(*args: object, **options: object) -> None:
        raise NotPlainError

    with monkeypatch.context() as patch:
        patch.setattr(_packed, "read_ways", leave)
        return answer(path, **options)


@given(nodes=NODES, ways=WAYS, classes=st.sampled_from([None, ("primary",), ("residential", "service")]))
@settings(max_examples=60, deadline=None)
def test_both_readers_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, nodes: Any, ways: Ways, classes: Any
) -> None:
    path = write_pbf(tmp_path_factory.mktemp("pbf") / "a.osm.pbf", nodes, ways)
    read_ways(path, WayCollector(None, {}))  # it does not leave such a file alone
    with pytest.MonkeyPatch.context() as monkeypatch:
        for where in ({}, {"highway": ["primary"]}):
            options = {"classes": classes, "where": where}
            assert answer(path, **options) == other_answer(path, monkeypatch, **options)


@pytest.mark.thorough
@pytest.mark.parametrize("file", ["liechtenstein/liechtenstein-240304.osm.pbf", "helsinki/Helsinki.osm.pbf"])
def test_both_readers_give_the_same_bytes_of_real_maps(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = real(file)
    read_ways(path, WayCollector(None, {}))
    assert answer(path) == other_answer(path, monkeypatch)


TOWN: Any = {i: ((1_214_000_000 + 1000 * i, 316_000_000 + 700 * i * i), {}) for i in range(1, 40)}
STREETS: Ways = {
    10: ([1, 2, 3, 4], {"highway": "primary", "name": "陈海公路"}),
    11: ([5, 2, 6], {"highway": "residential", "oneway": "yes"}),
    12: ([7, 8, 99, 9], {"highway": "service"}),
}


@pytest.mark.thorough
def test_a_damaged_file_is_never_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are changed, cut off and added: both ways to read end alike."""
    whole = write_pbf(tmp_path / "whole.osm.pbf", TOWN, STREETS).read_bytes()
    chance = Random(17)
    n_refused = 0
    for i in range(150):
        spoilt = bytearray(whole)
        if i % 3 == 0:
            spoilt = spoilt[: chance.randrange(1, len(spoilt))]
        elif i % 3 == 1:
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        else:
            spoilt += chance.randbytes(chance.randrange(1, 9))
        path = tmp_path / f"{i}.osm.pbf"
        path.write_bytes(spoilt)
        ours = answer(path)
        assert ours == other_answer(path, monkeypatch), i
        n_refused += isinstance(ours, tuple)
    assert n_refused > 100


@pytest.mark.thorough
def test_blocks_that_are_not_packed_have_no_sum_and_are_left_to_the_other_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed bit in a count or a text's number shows only to one that checks each of them."""
    path = tmp_path / "raw.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=none")) as writer:
        for item in osmium.FileProcessor(str(write_pbf(tmp_path / "a.osm.pbf", TOWN, STREETS))):
            writer.add(item)
    whole, n_refused = path.read_bytes(), 0
    with pytest.raises(NotPlainError):
        read_ways(path, WayCollector(None, {}))
    for at in range(len(whole) * 2 // 5, len(whole), 9):
        path = tmp_path / f"{at}.osm.pbf"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 64]) + whole[at + 1 :])
        ours = answer(path)
        assert ours == other_answer(path, monkeypatch), at
        n_refused += isinstance(ours, tuple)
    assert n_refused > 5


def packed(content: bytes) -> bytes:
    head = pbf_block("OSMHeader", pbf_field(4, b"OsmSchema-V0.6") + pbf_field(4, b"DenseNodes"))
    return head + pbf_block("OSMData", content)


def dense(ids: list[int], lat: list[int] | None = None) -> bytes:
    places = bytes([2, 2])
    return pbf_field(1, bytes(ids)) + pbf_field(8, bytes(lat or places)) + pbf_field(9, places)


DENSE = dense([2, 2])  # nodes 1 and 2; numbers are written doubled
TEXTS = pbf_field(1, pbf_field(1, b"") + pbf_field(1, b"highway") + pbf_field(1, b"primary"))


@pytest.mark.parametrize(
    "odd",
    [
        pbf_field(2, pbf_field(2, dense([2, 2], lat=[2]))),
        pbf_field(2, pbf_field(2, DENSE + pbf_field(5, pbf_field(6, bytes([1, 0]))))),
        pbf_field(2, pbf_field(2, DENSE + pbf_field(10, bytes([9, 1, 0, 0])))),
        pbf_field(2, pbf_field(2, DENSE) + pbf_field(3, pbf_field(1, 5) + pbf_field(2, b"\1"))),
        pbf_field(2, pbf_field(3, pbf_field(1, 5)) + pbf_field(2, DENSE)),
        pbf_field(2, pbf_field(2, dense([2, 0]))),
        pbf_field(2, pbf_field(1, pbf_field(1, 2) + pbf_field(8, 2) + pbf_field(9, 2))),
        pbf_field(2, pbf_field(2, DENSE)) + pbf_field(17, 0),
    ],
    ids=["no_place", "deleted", "text_unknown", "keys_alone", "order", "id_twice", "single_node", "scale_0"],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_other_reader(tmp_path: Path, odd: bytes) -> None:
    path = tmp_path / "odd.osm.pbf"
    path.write_bytes(packed(TEXTS + odd))
    with pytest.raises(NotPlainError):
        read_ways(path, WayCollector(None, {}))
    path.write_bytes(packed(TEXTS + pbf_field(2, pbf_field(2, DENSE))))
    assert read_ways(path, WayCollector(None, {})).shape == (0, 2)


def test_an_empty_file_and_blocks_in_the_wrong_order_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    whole = write_pbf(path, TOWN, STREETS).read_bytes()
    path.write_bytes(b"")
    with pytest.raises(NotPlainError):
        read_ways(path, WayCollector(None, {}))
    path.write_bytes(whole + whole)
    with pytest.raises(NotPlainError):
        read_ways(path, WayCollector(None, {}))
