"""PBF files whose head says that they are sorted, and that are not: what stands in them counts, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
from osmium.osm.mutable import Node, Way

from geo import osm
from geo.osm._decoding import decode
from geo.osm._edited import settle
from geo.osm._ordering import OUT_OF_ORDER, goes_on
from tests.osm.pbf import pbf_block, pbf_field, pbf_number
from tests.osm.test_osm import links

PLACES = {1: (121.40, 31.60), 2: (121.41, 31.60), 3: (121.41, 31.61)}
# Two streets, 1-2 and 2-3.
STREETS = {10: (1, 2), 11: (2, 3)}


def written(
    path: Path, *, nodes: Sequence[int], ways: Sequence[int], new: int = 0, is_reversed: bool = False
) -> Path:
    """Write the streets with a head that says they are sorted; ids up to ``new`` are negative."""

    def own(number: int) -> int:
        return -number if number <= new else number

    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    items: list[Any] = [Node(id=own(i), location=PLACES[i]) for i in nodes]
    items += [Way(id=own(i), nodes=[own(n) for n in STREETS[i]], tags={"highway": "primary"}) for i in ways]
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for item in reversed(items) if is_reversed else items:
            writer.add(item)
    return path


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ({"nodes": (1, 2, 3), "ways": (10, 11), "new": 99}, {(-10, -1, -2), (-11, -2, -3)}),
        ({"nodes": (1, 2, 3), "ways": (10, 11), "new": 1}, {(10, -1, 2), (11, 2, 3)}),
        ({"nodes": (1, 2, 3), "ways": (11, 10)}, {(10, 1, 2), (11, 2, 3)}),
        ({"nodes": (1, 2, 3), "ways": (10, 11), "is_reversed": True}, {(10, 1, 2), (11, 2, 3)}),
        ({"nodes": (1, 2, 2, 3), "ways": (10, 11)}, {(10, 1, 2), (11, 2, 3)}),
        ({"nodes": (1, 2, 3), "ways": (10, 11, 11)}, {(10, 1, 2), (11, 2, 3)}),
    ],
    ids=["all new", "one new", "ways fall", "ways first", "node twice", "way twice"],
)
def test_what_the_head_says_of_the_order_is_not_relied_on(
    tmp_path: Path, how: dict[str, Any], kept: set[tuple[int, int, int]]
) -> None:
    path = written(tmp_path / "town.osm.pbf", **how)
    assert settle(path).content is not None
    roads = osm.read_roads(path)
    assert set(links(roads)) == kept
    assert len(roads.edge_length) == 2
    n_new = sum(n < 0 for n in {*(way[0] for way in kept), *(n for way in kept for n in way[1:])})
    assert [note.key for note in roads.notes] == ["osm.edited"] * (n_new > 0)


def test_nodes_in_any_order_are_in_order(tmp_path: Path) -> None:
    # The reader finds their places by their ids.
    path = written(tmp_path / "town.osm.pbf", nodes=(3, 1, 2), ways=(10, 11))
    assert settle(path).content is None
    assert set(links(osm.read_roads(path))) == {(10, 1, 2), (11, 2, 3)}


def test_ways_of_a_binary_file_may_bring_their_places(tmp_path: Path) -> None:
    plain, placed = tmp_path / "plain.osm.pbf", tmp_path / "placed.osm.pbf"
    written(plain, nodes=(1, 2, 3), ways=(10, 11))
    with osmium.SimpleWriter(osmium.io.File(str(placed), "pbf,locations_on_ways=true")) as writer:
        items: Any = osmium.FileProcessor(str(plain)).with_locations()
        for item in items:
            if item.is_way():
                writer.add(item)
    assert set(links(osm.read_roads(placed))) == {(10, 1, 2), (11, 2, 3)}
    assert osm.read_roads(placed).edge_length.sum() == osm.read_roads(plain).edge_length.sum()


def test_an_object_that_stands_twice_in_a_text_file_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.osm"
    places = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in PLACES.items())
    area = '<way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way>'
    path.write_text(f'<osm version="0.6">{places}{area}{area}</osm>', encoding="utf-8")
    assert len(osm.read_buildings(path)) == 1


def dense(ids: Sequence[int], *, visible: Sequence[int] = ()) -> bytes:
    """Write dense nodes at 0, 0."""
    steps = np.diff([0, *ids]).tolist()
    held = pbf_field(1, b"".join(pbf_number(2 * step if step >= 0 else -2 * step - 1) for step in steps))
    held += pbf_field(5, pbf_field(6, bytes(visible))) if visible else b""
    zeros = bytes(len(ids))
    return pbf_field(2, held + pbf_field(8, zeros) + pbf_field(9, zeros))


def one(kind: int, number: int, *, visible: int | None = None) -> bytes:
    """Write a node (1), way (3) or relation (4); negative ids of the latter as two's complements."""
    stored = (2 * number if number >= 0 else -2 * number - 1) if kind == 1 else number % 2**64
    info = b"" if visible is None else pbf_field(4, pbf_field(6, visible))
    return pbf_field(kind, pbf_field(1, stored) + info)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([dense([1, 2]), one(3, 5), one(3, 6), one(4, 1)], (4, 1)),
        ([], (0, -1)),
        ([dense([])], (2, -1)),
        ([one(1, 2), dense([1])], (2, 1)),
        ([dense([0]), one(3, 0)], (3, 0)),
        ([dense([3, -1])], None),
        ([dense([1, 1])], None),
        ([dense([1, 2], visible=[1, 0])], None),
        ([dense([1, 2], visible=[1, 1])], (2, 2)),
        ([one(1, -4)], None),
        ([one(1, 4), one(1, 4)], None),
        ([one(3, -4)], None),
        ([one(3, 5), one(3, 5)], None),
        ([one(3, 5), one(3, 4)], None),
        ([one(3, 5, visible=0)], None),
        ([one(3, 5, visible=1)], (3, 5)),
        ([one(4, 5), one(3, 6)], None),
        ([one(3, 5), dense([6])], None),
        ([pbf_field(5, pbf_field(1, 9)), one(3, 5)], (3, 5)),  # a set of changes is no object of a map
    ],
)
def test_order_by_hand(groups: list[bytes], expected: tuple[int, int] | None) -> None:
    block = np.frombuffer(b"".join(pbf_field(2, group) for group in groups), dtype=np.uint8)
    rank, last = goes_on(block, 0, -1)
    assert (rank == OUT_OF_ORDER) if expected is None else ((rank, last) == expected)


def test_order_goes_on_from_block_to_block() -> None:
    first = np.frombuffer(pbf_field(2, one(3, 5)), dtype=np.uint8)
    assert goes_on(first, *goes_on(first, 0, -1))[0] == OUT_OF_ORDER
    later = np.frombuffer(pbf_field(2, one(3, 6)), dtype=np.uint8)
    assert goes_on(later, *goes_on(first, 0, -1)) == (3, 6)


def test_a_road_that_a_sorted_file_calls_deleted_is_none(tmp_path: Path) -> None:
    texts = pbf_field(1, b"".join(pbf_field(1, text) for text in (b"", b"highway", b"primary")))
    streets = [
        pbf_field(
            3,
            pbf_field(1, number) + pbf_field(2, bytes([1])) + pbf_field(3, bytes([2])) + info
            + pbf_field(8, pbf_number(2 * first) + pbf_number(2)),
        )
        for number, first, info in ((10, 1, b""), (11, 2, pbf_field(4, pbf_field(6, 0))))
    ]  # fmt: skip
    block = texts + pbf_field(2, dense([1, 2, 3])) + b"".join(pbf_field(2, street) for street in streets)
    head = b"".join(pbf_field(4, word) for word in (b"OsmSchema-V0.6", b"DenseNodes"))
    path = tmp_path / "gone.osm.pbf"
    path.write_bytes(
        pbf_block("OSMHeader", head + pbf_field(5, b"Sort.Type_then_ID")) + pbf_block("OSMData", block)
    )
    assert set(links(osm.read_roads(path))) == {(10, 1, 2)}


def test_a_block_with_two_lists_of_texts_is_left_to_the_other_reader() -> None:
    # libosmium refuses it; what the numbers of its tags mean is not sure.
    texts = pbf_field(1, pbf_field(1, b"") + pbf_field(1, b"highway"))
    group = pbf_field(2, dense([1, 2]))
    assert decode(np.frombuffer(texts + group, dtype=np.uint8)).is_plain
    assert not decode(np.frombuffer(texts + texts + group, dtype=np.uint8)).is_plain
