"""Roads cut at the border of an area while they are read: what stays, what is told, both ways to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
import shapely

from geo.errors import InputError
from geo.network import Roads
from geo.osm import read_roads
from tests.osm.test_packed import write_pbf

# Nodes 1..9 stand on a line, a hundredth of a degree apart: node i at longitude 121 + i / 100.
NODES: Any = {i: ((1_210_000_000 + i * 100_000, 310_000_000), {}) for i in range(1, 10)}
NODES[10] = (1_210_400_000, 310_300_000), {}  # north of node 4
WAYS: Any = {
    1: ([1, 2, 3, 4, 5, 6, 7, 8, 9], {"highway": "primary", "name": "长路"}),
    2: ([4, 10], {"highway": "residential", "maxheight": "3.5"}),
    3: ([1, 2], {"highway": "service"}),
    4: ([8, 9], {"highway": "service"}),
}
BOX = shapely.box(121.025, 30.9, 121.065, 31.1)  # nodes 3, 4, 5, 6 and 10
BANKS = [shapely.box(121.005, 30.9, 121.035, 31.1), shapely.box(121.065, 30.9, 121.2, 31.1)]


@pytest.fixture(params=["pbf", "osm"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = write_pbf(tmp_path / "a.osm.pbf", NODES, WAYS)
    if request.param == "osm":
        with osmium.SimpleWriter(str(tmp_path / "a.osm")) as writer:
            for item in osmium.FileProcessor(str(path)):
                writer.add(item)
        path = tmp_path / "a.osm"
    return path


def pieces(roads: Roads) -> list[tuple[int, list[int]]]:
    """Edges as way and hundredths of a degree of their vertices."""
    east = np.rint((roads.xy[:, 0] - 121) * 100).astype(int)
    runs = zip(roads.xy_start[:-1], roads.xy_start[1:], strict=True)
    return [(int(way), east[a:b].tolist()) for way, (a, b) in zip(roads.edge_source, runs, strict=True)]


def told(roads: Roads) -> dict[str, Any]:
    return next(dict(note.values) for note in roads.notes if note.key == "osm.within")


def test_a_way_is_cut_at_the_border_and_others_are_whole_or_left_out(file: Path) -> None:
    roads = read_roads(file, within=BOX)
    assert pieces(roads) == [(1, [3, 4]), (1, [4, 5, 6]), (2, [4, 4])]
    assert told(roads) == {"n": 1, "n_cut": 1, "n_outside": 2}
    assert not any(note.key == "network.roads_cut" for note in roads.notes), "no node is missing in the file"
    assert roads.edge_limits is not None
    assert roads.edge_limits[:, 0].tolist()[2] == pytest.approx(3.5)


def test_a_way_that_comes_back_is_in_pieces_and_not_joined_across_the_outside(file: Path) -> None:
    roads = read_roads(file, within=shapely.union_all(BANKS))
    assert {way for way, _ in pieces(roads)} == {1, 3, 4}
    assert all(not (min(run) <= 3 and max(run) >= 7) for _, run in pieces(roads))


def test_an_area_around_all_changes_nothing(file: Path) -> None:
    whole, cut = read_roads(file), read_roads(file, within=shapely.box(100, 0, 130, 60))
    assert pieces(whole) == pieces(cut)
    assert told(cut) == {"n": 4, "n_cut": 0, "n_outside": 0}
    for name in ("node_id", "edge_length", "edge_class", "edge_name", "xy"):
        assert getattr(whole, name).tobytes() == getattr(cut, name).tobytes()


def test_an_area_without_roads_is_an_error(file: Path) -> None:
    with pytest.raises(InputError, match="within"):
        read_roads(file, within=shapely.box(10, 0, 13, 6))
    with pytest.raises(InputError, match="where: no road"):
        read_roads(file, within=BOX, where={"highway": ["motorway"]})


def test_a_node_alone_inside_makes_no_road_and_its_way_counts_as_outside(file: Path) -> None:
    """Of way 1 only node 4 lies inside, of way 2 both its nodes."""
    roads = read_roads(file, within=shapely.box(121.035, 30.9, 121.045, 31.1))
    assert pieces(roads) == [(2, [4, 4])]
    assert told(roads) == {"n": 1, "n_cut": 0, "n_outside": 3}
    with pytest.raises(InputError, match="within"):
        read_roads(file, within=shapely.box(121.045, 30.9, 121.055, 31.1))


ODD: Any = {
    1: ([1, 2, 3], {"highway": "primary", "maxspeed": "900", "maxheight": "low", "maxaxleload": "8"}),
    2: ([4, 5], {"highway": "primary"}),
    3: ([4, 10], {"highway": "service", "maxspeed": "800", "maxheight": "high", "maxaxleload": "9"}),
}


def test_what_is_told_of_tags_is_of_the_roads_inside_whoever_reads(tmp_path: Path) -> None:
    """Way 1 lies outside the extent; way 3 inside it, but outside the area."""
    path = write_pbf(tmp_path / "a.osm.pbf", NODES, ODD)
    with osmium.SimpleWriter(str(tmp_path / "a.osm")) as writer:
        for item in osmium.FileProcessor(str(path)):
            writer.add(item)
    area = shapely.Polygon([(121.03, 30.9), (121.07, 30.9), (121.06, 31.2)])
    keys = ["network.ways_selected", "osm.within"]
    for name in ("a.osm.pbf", "a.osm"):
        notes = read_roads(tmp_path / name, within=area, where={"highway": ["primary", "service"]}).notes
        assert [note.key for note in notes] == keys, "no odd tag stands on a road inside"
        assert [note.values["n"] for note in notes] == [3, 1], "selected by where, whole in the area"
    beside = shapely.box(121.005, 30.9, 121.035, 31.1)
    told_of = [read_roads(tmp_path / name, within=beside).notes for name in ("a.osm.pbf", "a.osm")]
    assert told_of[0] == told_of[1]
    ways = [str(note.values.get("ways")) for note in told_of[0] if "ways" in note.values]
    assert ways
    assert set(ways) == {"1"}
