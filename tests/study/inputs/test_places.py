"""Places, boundaries and buildings of an OpenStreetMap file: each place once, on its ground, nobody lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.errors import InputError, StudyError
from geo.study import Inputs, parse_study, read_inputs, read_study
from tests.shared import case

EAST_M, NORTH_M = 71_586.0, 111_230.0
"""Metres of a degree at 50 degrees north, near enough to place things by."""


class Map:
    """An OSM file written by hand, in metres from 10 E, 50 N; a road of 20 km runs east from there."""

    def __init__(self) -> None:
        self._nodes: list[str] = []
        self._ways: list[str] = []
        self.way([(0, 0), (10_000, 0), (20_000, 0)], highway="primary")
        self.node(0, 10, amenity="fire_station", name="Station")

    def node(self, x: float, y: float, **tags: str) -> int:
        number = len(self._nodes) + 1
        lon, lat = 10 + x / EAST_M, 50 + y / NORTH_M
        self._nodes.append(f'<node id="{number}" lon="{lon:.7f}" lat="{lat:.7f}">{self._tags(tags)}</node>')
        return number

    def way(self, xy: Sequence[tuple[float, float]], **tags: str) -> None:
        refs = [self.node(*point) for point in xy]
        if len(xy) > 3:
            refs.append(refs[0])
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self._ways.append(f'<way id="{len(self._ways) + 1}">{inner}{self._tags(tags)}</way>')

    def square(self, x: float, y: float, side: float, **tags: str) -> None:
        half = side / 2
        self.way(
            [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)], **tags
        )

    def homes(self, *xs: float) -> None:
        for x in xs:
            self.square(x, 50, 10, building="yes")

    def study(self, folder: Path, **changes: Any) -> Inputs:
        text = f'<?xml version="1.0"?><osm version="0.6">{"".join(self._nodes + self._ways)}</osm>'
        (folder / "map.osm").write_text(text, encoding="utf-8")
        sections = {
            "study": {"name": "m", "lang": "en"},
            "roads": {"path": "map.osm"},
            "facilities": [{"path": "map.osm", "kind": "fire_station"}],
            "demand": [{"path": "map.osm", "method": "places"}],
        }
        return read_inputs(parse_study({**sections, **changes}, folder=folder))

    @staticmethod
    def _tags(tags: Mapping[str, str]) -> str:
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def people_at(inputs: Inputs) -> dict[int, float]:
    """Give people by kilometres from the west end of the road."""
    west = inputs.network.node_xy[:, 0].min()
    told: dict[int, float] = {}
    for x, people in zip(inputs.demand.geometry.x, inputs.demand["people"], strict=True):
        km = round((x - west) / 1000)
        told[km] = told.get(km, 0.0) + people
    return {km: round(people) for km, people in sorted(told.items()) if people}


def notes_of(inputs: Inputs, section: str = "demand 1") -> list[str]:
    return [str(note) for own, note in inputs.notes if own == section]


def test_a_place_without_a_population_holds_its_ground(tmp_path: Path) -> None:
    town = Map()
    town.node(1000, 20, place="village", name="Alpha", population="1000")
    town.node(3000, 20, place="town", name="Beta")
    town.homes(1000, 1100, 2900, 3000, 3100, 3200)
    assert people_at(town.study(tmp_path)) == {1: 1000}


def test_nobody_lives_farther_from_a_place_than_is_said(tmp_path: Path) -> None:
    town = Map()
    town.node(1000, 20, place="village", name="Alpha", population="100")
    town.homes(1000, 3000, 3800, 9000)  # a village reaches 2.5 km
    inputs = town.study(tmp_path)
    assert people_at(inputs) == {1: 50, 3: 50}
    assert "village 2.5" in notes_of(inputs)[1]


def test_people_of_a_place_without_a_building_stand_at_the_place(tmp_path: Path) -> None:
    town = Map()
    town.node(1000, 20, place="hamlet", name="Alpha", population="70")
    town.node(9000, 20, place="village", name="Beta", population="30")
    town.homes(9000)
    assert people_at(town.study(tmp_path)) == {1: 70, 9: 30}


@pytest.mark.parametrize("second", ["area", "node"])
def test_a_place_drawn_twice_counts_once(tmp_path: Path, second: str) -> None:
    town = Map()
    town.node(2000, 20, place="village", name="Alpha", population="1000")
    if second == "area":
        town.square(2000, 0, 1500, place="village", name="Alpha", population="990")
    else:
        town.node(2300, 20, place="village", name="Alpha", population="990")
    town.homes(2000, 2100)
    inputs = town.study(tmp_path)
    total = {"area": 990, "node": 1000}[second]  # the area is the ground, and counts
    assert people_at(inputs) == {2: total}
    assert notes_of(inputs)[0] == (
        f"2 places of map.osm have 1,990 people: placed {total:,} (of 1 places), left out: {1990 - total:,} "
        "of 1 places drawn a second time (Alpha)"
    )


def test_two_villages_of_one_name_are_two(tmp_path: Path) -> None:
    town = Map()
    town.node(2000, 20, place="village", name="新村", population="100")
    town.node(8000, 20, place="village", name="新村", population="30")
    town.homes(2000, 8000)
    assert people_at(town.study(tmp_path)) == {2: 100, 8: 30}


@pytest.mark.parametrize("seed", range(4))
def test_people_in_are_people_placed_and_people_told(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    town = Map()
    for i in range(12):
        x, n = float(random.uniform(0, 18_000)), str(random.integers(1, 5000))
        kind = str(random.choice(["city", "town", "village", "hamlet", "region", "suburb"]))
        town.node(x, 20, place=kind, name=f"P{i % 9}", population=n)
        if random.random() < 0.4:
            town.square(x, 0, 800, place=kind, name=f"P{i % 9}", population=n)
        town.homes(x + 30)
    inputs = town.study(tmp_path)
    (note,) = [note for _, note in inputs.notes if note.key == "study.places_balance"]
    left_out = sum(part.values["people"] for part in note.values["left_out"])
    assert note.values["placed"] + left_out == pytest.approx(note.values["people"], rel=1e-9)
    assert math.fsum(inputs.demand["people"]) == pytest.approx(note.values["placed"], rel=1e-9)


def test_a_known_total_is_spread_over_buildings(tmp_path: Path) -> None:
    town = Map()
    town.homes(1000, 2000)
    town.square(3000, 50, 20, building="apartments")  # four times as large
    demand = {"path": "map.osm", "total": 600}
    inputs = town.study(tmp_path, demand=[{**demand, "weight": "area_m2"}])
    assert people_at(inputs) == pytest.approx({1: 100, 2: 100, 3: 400}, abs=2)
    chosen = town.study(tmp_path, demand=[{**demand, "where": {"building": ["apartments"]}}])
    assert people_at(chosen) == {3: 600}
    with pytest.raises(InputError, match="buildings say nothing about people: give their total"):
        town.study(tmp_path, demand=[{"path": "map.osm", "people": 3}])


def test_zones_come_from_boundaries(tmp_path: Path) -> None:
    town = Map()
    town.node(2000, 20, place="village", name="Alpha", population="100")
    for x, level, name in ((5000, "8", "West"), (15_000, "8", "East"), (10_000, "6", "Both")):
        tags = {"boundary": "administrative", "admin_level": level, "name": name}
        town.square(x, 0, 10_000 if level == "8" else 21_000, **tags)
    zones = [{"path": "map.osm"}]
    inputs = town.study(tmp_path, zones=zones)
    assert sorted(inputs.zones["name"]) == ["East", "West"]
    assert inputs.demand["zone"].tolist() == ["West"]
    assert notes_of(inputs, "zones 1")[0].startswith(
        "boundaries of admin_level 8 were taken; the file has 6 (1), 8 (2)"
    )
    chosen = town.study(tmp_path, zones=[{"path": "map.osm", "where": {"admin_level": [6]}}])
    assert chosen.zones["name"].tolist() == ["Both"]
    with pytest.raises(InputError, match=r"no whole boundary of admin_level 10 .* it has 6 \(1\), 8 \(2\)"):
        town.study(tmp_path, zones=[{"path": "map.osm", "level": "village"}])


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"tolerance_m": 5}, "tolerance_m"),
        ({"split_crossings": True}, "split_crossings"),
        ({"crs": "GCJ-02"}, "crs"),
        ({"columns": {"highway": "fclass"}}, "columns"),
    ],
)
def test_settings_of_line_layers_are_refused(tmp_path: Path, setting: dict[str, Any], name: str) -> None:
    with pytest.raises(
        StudyError, match=rf"^\[roads\] {name}: holds for line layers; map\.osm is an OpenStr"
    ):
        Map().study(tmp_path, roads={"path": "map.osm", **setting})


def test_where_chooses_roads(tmp_path: Path) -> None:
    town = Map()
    town.node(2000, 20, place="village", name="Alpha", population="100")
    town.way([(0, 0), (0, 900)], highway="residential")
    assert town.study(tmp_path).network.n_edges == 3 - 1
    inputs = town.study(tmp_path, roads={"path": "map.osm", "where": {"highway": ["residential"]}})
    assert inputs.network.classes == ("residential",)


@pytest.mark.parametrize("name", ["p_spread", "p_twice_way"])
def test_the_people_of_the_cases_are_counted_once_and_stay(name: str) -> None:
    inputs = read_inputs(read_study(case(name) / "study.toml"))
    assert math.fsum(inputs.demand["people"]) == pytest.approx(1000)


def test_populations_that_are_no_numbers_are_told_and_places_without_a_name_count(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(1000, 20, place="village", name="A", population="ca. 300")
    drawn.node(5000, 20, place="village", name="B", population="a few")
    drawn.node(9000, 20, place="hamlet", population="12.345")
    inputs = drawn.study(tmp_path)
    assert inputs.demand["people"].sum() == pytest.approx(300 + 12_345)
    told = "1 places have a population that is no number, and count nobody: B: a few"
    assert told in notes_of(inputs)


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("2万", 20_000),
        ("1.2万人", 12_000),
        ("1.2 million", 1_200_000),
        ("1,5 mio", 1_500_000),
        ("3千", 3_000),
        ("约3000人", 3_000),
        ("1200 (2010)", 1_200),
        ("1200;1300", 1_200),
        ("5000-6000", 0),
        ("400 souls", 0),
    ],
)
def test_words_behind_a_population_scale_it_or_leave_it_unread(
    tmp_path: Path, said: str, people: float
) -> None:
    drawn = Map()
    drawn.node(1000, 20, place="village", name="A", population="7")
    drawn.node(5000, 20, place="village", name="B", population=said)
    inputs = drawn.study(tmp_path)
    assert inputs.demand["people"].sum() == pytest.approx(7 + people)
    is_told = any(f"B: {said}" in note for note in notes_of(inputs))
    assert is_told == (people == 0)


def test_buildings_without_homes_are_told_with_the_way_out(tmp_path: Path) -> None:
    drawn = Map()
    drawn.homes(1000, 2000)
    drawn.square(3000, 50, 10, building="warehouse")
    demand = {"path": "map.osm", "total": 300}
    notes = {note.key: str(note) for _, note in drawn.study(tmp_path, demand=[demand]).notes}
    assert "1 of 3 buildings are no homes by their kind (warehouse 1)" in notes["study.buildings_no_homes"]
    assert "study.buildings_alike" in notes
    # What the notes say leads to the homes alone, by their ground.
    assert 'where = { building = ["yes"] }' in notes["study.buildings_no_homes"]
    mended = {**demand, "where": {"building": ["yes"]}, "weight": "area_m2"}
    inputs = drawn.study(tmp_path, demand=[mended])
    # Corners are written to a centimetre: a home of 10 m by 10 m is some 1 in 1,000 larger or smaller.
    assert inputs.demand["people"].tolist() == pytest.approx([150, 150], abs=0.3)
    assert not {"study.buildings_no_homes", "study.buildings_alike"} & {note.key for _, note in inputs.notes}


def test_people_by_zones_are_those_of_the_boundaries_of_an_osm_file(tmp_path: Path) -> None:
    drawn = Map()
    area = {"boundary": "administrative", "admin_level": "8"}
    drawn.square(3000, 0, 4000, **area, name="West", population="400")
    drawn.square(8000, 0, 4000, **area, name="East", population="1,200")
    demand = {"path": "map.osm", "method": "zones", "people": "population"}
    inputs = drawn.study(tmp_path, demand=[demand], zones=[{"path": "map.osm"}])
    assert inputs.demand.groupby("zone")["people"].sum().to_dict() == pytest.approx(
        {"West": 400, "East": 1200}
    )
    assert any("1,600 in map.osm = 1,600 placed" in str(note) for _, note in inputs.notes)
    with pytest.raises(InputError, match="no column 'pop2020'"):
        drawn.study(tmp_path, demand=[{**demand, "people": "pop2020"}])
