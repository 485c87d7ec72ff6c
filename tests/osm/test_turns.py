"""Banned turns of OpenStreetMap files: told with their number, not heeded."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.osm import read_roads
from geo.standards import load_profile
from tests.osm.test_osm import to_xml

NODES = {i: (121.40 + 0.01 * i, 31.60) for i in range(4)}
ENGINE = load_profile("fire_engine")


def relation(number: int, way: int, **tags: str) -> str:
    held = "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())
    members = "".join(
        f'<member type="{kind}" ref="{ref}" role="{role}"/>'
        for kind, ref, role in (("way", way, "from"), ("node", 1, "via"), ("way", 11, "to"))
    )
    return f'<relation id="{number}" version="1">{members}{held}</relation>'


def town(folder: Path, *relations: str, way: int = 10) -> Path:
    ways = {way: ([0, 1], {"highway": "tertiary"}), 11: ([1, 2], {"highway": "tertiary"})}
    ways[12] = ([2, 3], {"highway": "footway"})
    text = to_xml(NODES, ways).decode().replace("</osm>", "".join(relations) + "</osm>")
    path = folder / "town.osm"
    path.write_text(text, encoding="utf-8")
    return path


def test_turns_from_roads_that_are_read_are_counted(tmp_path: Path) -> None:
    path = town(
        tmp_path,
        relation(1, 10, type="restriction", restriction="no_left_turn"),
        relation(2, 10, type="restriction", restriction="no_u_turn"),
        relation(3, 11, type="restriction", restriction__conditional="no_right_turn @ (07:00-09:00)"),
        relation(4, 11, type="restriction", restriction__bicycle="no_right_turn"),  # not of cars
        relation(5, 12, type="restriction", restriction="no_left_turn"),  # from a footway
        relation(6, 99, type="restriction", restriction="no_left_turn"),  # from a way beyond the file
        relation(7, 10, type="route", route="bus"),
    )
    (note,) = read_roads(path, classes=ENGINE.speeds_kph).notes
    assert note.key == "osm.turns_unheeded"
    assert dict(note.values) == {"n": 3, "n_round": 1}
    assert "3 处转弯限制" in note.say("zh")


def test_turns_of_new_roads_of_an_editor_are_counted(tmp_path: Path) -> None:
    path = town(tmp_path, relation(-1, -10, type="restriction", restriction="only_straight_on"), way=-10)
    (note,) = (note for note in read_roads(path, classes=None).notes if note.key == "osm.turns_unheeded")
    assert note.values["n"] == 1


@pytest.mark.parametrize("relations", [(), (relation(7, 10, type="route", route="bus"),)])
def test_nothing_is_told_without_such_turns(tmp_path: Path, relations: tuple[str, ...]) -> None:
    assert not read_roads(town(tmp_path, *relations), classes=ENGINE.speeds_kph).notes
