"""Values of highway and of access that are none of OpenStreetMap's: read, told, never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import NetworkError
from geo.network import Roads, from_roads
from geo.osm import read_roads
from geo.standards import SpeedProfile, load_profile
from tests.osm.test_osm import to_xml

ENGINE = load_profile("fire_engine")
# Three streets of 951 m one after the other, a long one of 1,903 m at their end.
NODES = {i: (121.40 + 0.01 * i, 31.60) for i in range(4)} | {4: (121.45, 31.60)}


def town(folder: Path, *values: dict[str, str], classes: object = ENGINE.speeds_kph) -> Roads:
    ways = {10 + i: ([i, i + 1], tags) for i, tags in enumerate(values)}
    (folder / "town.osm").write_bytes(to_xml(NODES, ways))
    return read_roads(folder / "town.osm", classes=classes)


def classes_of(roads: Roads) -> dict[int, str]:
    return {
        int(way): roads.classes[kind] for way, kind in zip(roads.edge_source, roads.edge_class, strict=True)
    }


@pytest.mark.parametrize("classes", [ENGINE.speeds_kph, None])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Residential", "residential"),
        (" primary ", "primary"),
        ("secondary;residential", "secondary"),
        ("次干路", "secondary"),
        ("国道", "trunk"),
    ],
)
def test_words_that_are_known_are_read_and_told(
    tmp_path: Path, value: str, kind: str, classes: object
) -> None:
    roads = town(tmp_path, {"highway": value}, {"highway": "tertiary"}, classes=classes)
    assert classes_of(roads) == {10: kind, 11: "tertiary"}
    (note,) = roads.notes
    assert note.key == "osm.classes_read"
    assert value in note.say("zh")


@pytest.mark.parametrize(("value", "kind"), [("closed", "abandoned"), ("stairs", "steps"), ("none", "no")])
def test_a_word_that_no_car_drives_there_closes_the_road_and_is_told(
    tmp_path: Path, value: str, kind: str
) -> None:
    ways = ({"highway": "tertiary"}, {"highway": value}, {"highway": "tertiary"})
    assert classes_of(town(tmp_path, *ways, classes=None)) == {10: "tertiary", 11: kind, 12: "tertiary"}
    roads = town(tmp_path, *ways)
    assert classes_of(roads) == {10: "tertiary", 12: "tertiary"}
    assert [note.key for note in roads.notes if value in note.say("zh")] == ["osm.classes_read"]


def test_words_that_nobody_knows_count_as_unclassified_and_are_told(tmp_path: Path) -> None:
    roads = town(tmp_path, {"highway": "residental"}, {"highway": "tertiary"}, {"highway": "tertiary"})
    assert classes_of(roads)[10] == "unclassified"
    (note,) = roads.notes
    assert (note.key, note.values["n"], note.values["ways"]) == ("osm.classes_few", 1, "10")
    assert note.values["km"] == pytest.approx(0.95, abs=0.01)


def test_words_that_nobody_knows_are_told_to_a_profile_without_small_roads_too(tmp_path: Path) -> None:
    values = [{"highway": "residental"}, {"highway": "tertiary"}, {"highway": "tertiary"}]
    roads = town(tmp_path, *values, classes={"tertiary": 40.0})
    assert [note.key for note in roads.notes] == ["osm.classes_few"]
    main_roads = SpeedProfile(name="main", speeds_kph={"tertiary": 40.0})
    assert set(from_roads(roads, main_roads).edge_source) == {11, 12}


def test_a_road_that_is_partly_being_built_is_not_there_yet(tmp_path: Path) -> None:
    roads = town(tmp_path, {"highway": "construction;residential"}, {"highway": "tertiary"})
    assert classes_of(roads) == {11: "tertiary"}
    assert [(note.key, note.values["n"]) for note in roads.notes] == [("osm.unbuilt", 1)]


def test_of_many_words_that_were_read_the_number_is_told(tmp_path: Path) -> None:
    words = ["国道", "省道", "县道", "乡道", "村道", "主干路", "次干路", "支路", "快速路"]
    nodes = {i: (121.40 + 0.01 * i, 31.60) for i in range(10)}
    ways = {10 + i: ([i, i + 1], {"highway": word}) for i, word in enumerate(words)}
    (tmp_path / "town.osm").write_bytes(to_xml(nodes, ways))
    (note,) = read_roads(tmp_path / "town.osm", classes=ENGINE.speeds_kph).notes
    assert "共 9 种" in note.say("zh")
    assert len(note.values["words"]) == 8 + 1


def test_where_most_roads_are_of_no_known_class_the_run_stops(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="residental"):
        town(tmp_path, {"highway": "residental"}, {"highway": "x y"}, {"highway": "tertiary"})


def test_what_is_no_road_in_openstreetmap_stays_out_without_a_word(tmp_path: Path) -> None:
    roads = town(
        tmp_path,
        {"highway": "platform"},
        {"highway": "footway"},
        {"highway": "crossing"},
        {"highway": "road"},
    )
    assert (classes_of(roads), roads.notes) == ({13: "road"}, ())


def test_roads_that_are_not_there_yet_are_counted(tmp_path: Path) -> None:
    values = [{"highway": "construction"}, {"highway": "在建"}, {"highway": "proposed"}, {"highway": "road"}]
    for classes in (ENGINE.speeds_kph, None):
        roads = town(tmp_path, *values, classes=classes)
        assert [note.values["n"] for note in roads.notes if note.key == "osm.unbuilt"] == [3]
        assert set(from_roads(roads, ENGINE).edge_source) == {13}


def test_values_of_access_that_nobody_knows_are_told(tmp_path: Path) -> None:
    street = {"highway": "residential"}
    roads = town(
        tmp_path, {**street, "access": "甲"}, {**street, "access": "unknown"}, {**street, "access": "no"}
    )
    (note,) = roads.notes
    assert (note.key, note.values["n"], note.values["words"]) == (
        "osm.access_unknown",
        1,
        "access = 甲 (0.9 km)",
    )
    assert set(from_roads(roads, ENGINE).edge_source) == {10, 11}


@pytest.mark.parametrize(
    ("value", "code", "is_told"),
    [("单行", 1, False), ("逆向", -1, False), ("双向", 0, False), ("Y", 1, False), ("permissive", 0, True)],
)
def test_words_of_directions_are_read_or_told(tmp_path: Path, value: str, code: int, is_told: bool) -> None:
    roads = town(tmp_path, {"highway": "tertiary", "oneway": value}, {"highway": "tertiary"})
    assert roads.edge_oneway[roads.edge_source == 10].tolist() == [code]
    told = [str(note) for note in roads.notes if note.key == "osm.oneway_unknown"]
    assert len(told) == is_told
    assert not told or f"count as two-way: oneway = {value} (0.9 km) (ways 10)" in told[0]
