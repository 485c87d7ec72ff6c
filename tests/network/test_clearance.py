"""Limits of height, width and weight, and barriers: what fits through, what stops, and what is told."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo.network import RoadNetwork, barrier_of, from_roads, limits_of
from geo.osm import read_roads
from geo.standards import SpeedProfile, load_profile
from tests.osm.test_osm import to_xml
from tests.shared import case

ENGINE = load_profile("fire_engine")
CAR, WALK = load_profile("car"), load_profile("walk")
# A street 1 - 2 - 3 and a side street 2 - 4, all of 1,000 m or so.
NODES = {1: (121.40, 31.60), 2: (121.41, 31.60), 3: (121.42, 31.60), 4: (121.41, 31.61)}


def network(
    folder: Path, tags: dict[str, str], at: dict[int, dict[str, str]], profile: SpeedProfile
) -> RoadNetwork:
    street = {"highway": "residential"}
    ways = {10: ([1, 2, 3], {**street, **tags}), 11: ([2, 4], street)}
    (folder / "town.osm").write_bytes(to_xml(NODES, ways, at))
    return from_roads(read_roads(folder / "town.osm"), profile)


@pytest.mark.parametrize(
    ("tags", "limits"),
    [
        ({"maxheight": "3.5"}, (3.5, None, None)),
        ({"maxheight": "3,5 m"}, (3.5, None, None)),
        ({"maxheight": "11'6\""}, (3.5052, None, None)),
        ({"maxheight": "12 ft"}, (3.6576, None, None)),
        ({"maxheight": "4.2", "maxheight:physical": "3.9"}, (3.9, None, None)),
        ({"maxwidth": "2.2", "maxweight": "7.5 t"}, (None, 2.2, 7.5)),
        ({"maxweight": "3500 kg"}, (None, None, 3.5)),
        ({"maxweight": "3500"}, (None, None, None)),
        ({"maxheight": "default", "maxwidth": "none", "maxweight": "unsigned"}, (None, None, None)),
        ({"maxheight": "0", "maxwidth": "-1", "maxweight": "999"}, (None, None, None)),
    ],
)
def test_limits_are_read_in_metres_and_tonnes(tags: dict[str, str], limits: tuple[float | None, ...]) -> None:
    for found, wanted in zip(limits_of(tags), limits, strict=True):
        assert math.isnan(found) if wanted is None else found == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("tags", "is_open"),
    [
        ({"maxheight": "3.5"}, True),  # the limit itself is kept
        ({"maxheight": "3.49"}, False),
        ({"maxwidth": "2.55"}, True),
        ({"maxwidth": "2.5"}, False),
        ({"maxweight": "18"}, True),
        ({"maxweight": "17.9"}, False),
        ({"barrier": "height_restrictor"}, False),
        ({"barrier": "height_restrictor", "maxheight": "4"}, True),
    ],
)
def test_a_road_is_open_to_what_fits(tmp_path: Path, tags: dict[str, str], is_open: bool) -> None:
    assert (10 in network(tmp_path, tags, {}, ENGINE).edge_source) == is_open
    assert 10 in network(tmp_path, tags, {}, WALK).edge_source
    small = replace(ENGINE, height_m=2.0, width_m=2.0, weight_t=3.0)
    assert 10 in network(tmp_path, tags, {}, small).edge_source
    unstated = replace(ENGINE, height_m=None, width_m=None, weight_t=None)
    assert 10 in network(tmp_path, tags, {}, unstated).edge_source


def test_closed_roads_are_told_with_their_length_and_the_vehicle(tmp_path: Path) -> None:
    (note,) = network(tmp_path, {"maxheight": "2.2", "maxweight": "2"}, {}, ENGINE).notes
    assert str(note) == (
        "2 roads (1.9 km) are closed to fire_engine, whose vehicle is 3.5 m high, 2.55 m wide and weighs 18 "
        "t: too low 2, too narrow 0, too weak 2 (ways 10); state another vehicle in a profile of your own "
        "where that is wrong"
    )


@pytest.mark.parametrize(
    ("tags", "n_components"),
    [
        ({"barrier": "bollard"}, 3),
        ({"barrier": "block"}, 3),
        ({"barrier": "bollard", "bollard": "removable"}, 1),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, 1),
        ({"barrier": "bollard", "maxwidth": "3"}, 1),
        ({"barrier": "bollard", "maxwidth": "2"}, 3),
        ({"barrier": "height_restrictor"}, 3),
        ({"barrier": "height_restrictor", "maxheight": "4.5"}, 1),
        ({"barrier": "lift_gate", "access": "private"}, 1),
        ({"barrier": "cattle_grid"}, 1),
    ],
)
def test_roads_do_not_meet_at_a_barrier_that_stops_the_engine(
    tmp_path: Path, tags: dict[str, str], n_components: int
) -> None:
    town = network(tmp_path, {}, {2: tags}, ENGINE)
    assert (town.n_components, town.n_edges) == (n_components, 3)
    assert len(np.unique(town.node_id)) == town.n_nodes
    on_foot = network(tmp_path, {}, {2: tags}, WALK)
    assert on_foot.n_components == 1


def test_a_bollard_in_the_middle_of_a_way_parts_it(tmp_path: Path) -> None:
    (tmp_path / "lane.osm").write_bytes(
        to_xml(NODES, {10: ([1, 2, 3], {"highway": "residential"})}, {2: {"barrier": "bollard"}})
    )
    roads = read_roads(tmp_path / "lane.osm")
    assert from_roads(roads, ENGINE).n_components == 2
    assert from_roads(roads, WALK).n_components == 1
    length = from_roads(roads, ENGINE).edge_length.sum()
    assert length == pytest.approx(from_roads(roads, WALK).edge_length.sum()), "no road is lost"


def test_barriers_are_told_by_kind(tmp_path: Path) -> None:
    town = network(tmp_path, {}, {2: {"barrier": "bollard"}, 4: {"barrier": "lift_gate"}}, ENGINE)
    assert [str(note) for note in town.notes] == [
        "1 barriers on roads stop the vehicle of fire_engine, and roads do not meet there: bollard 1 "
        "(nodes 2)",
        "1 gates and the like on roads count as opened without delay for fire_engine: lift_gate 1 (nodes 4)",
    ]


def test_gates_in_the_middle_of_a_way_are_told_and_cut_nothing(tmp_path: Path) -> None:
    # No node of the network is there: the lane is one edge. That on a footway stops no engine: not told.
    nodes = {**NODES, 7: (121.41, 31.62), 8: (121.411, 31.62), 9: (121.412, 31.62)}
    ways = {10: ([1, 2, 3], {"highway": "residential"}), 11: ([7, 8, 9], {"highway": "footway"})}
    gates = {2: {"barrier": "gate"}, 8: {"barrier": "gate"}}
    (tmp_path / "lane.osm").write_bytes(to_xml(nodes, ways, gates))
    town = from_roads(read_roads(tmp_path / "lane.osm"), ENGINE)
    assert (town.n_edges, town.n_components) == (1, 1)
    assert [str(note) for note in town.notes] == [
        "1 gates and the like on roads count as opened without delay for fire_engine: gate 1 (nodes 2)"
    ]


@pytest.mark.parametrize(
    ("tags", "n_components"),
    [
        ({"maxheight": "2.2"}, 2),
        ({"highway": "crossing", "maxheight:physical": "3.4"}, 2),
        ({"maxweight": "10"}, 2),
        ({"maxheight": "3.5"}, 1),
        ({"maxheight": "default"}, 1),
    ],
)
def test_a_limit_on_a_node_alone_stops_what_is_too_large(
    tmp_path: Path, tags: dict[str, str], n_components: int
) -> None:
    # As a beam over the street is mapped: a node of the way with its height, and no barrier.
    (tmp_path / "lane.osm").write_bytes(
        to_xml(NODES, {10: ([1, 2, 3], {"highway": "residential"})}, {2: tags})
    )
    town = from_roads(read_roads(tmp_path / "lane.osm"), ENGINE)
    assert town.n_components == n_components
    if n_components == 2:
        (note,) = town.notes
        (key,) = {"maxheight", "maxheight:physical", "maxweight"} & set(tags)
        assert f"{key} 1 (nodes 2)" in str(note)


def test_a_private_gate_stops_cars_but_no_engine(tmp_path: Path) -> None:
    gate = {2: {"barrier": "gate", "access": "private"}}
    assert network(tmp_path, {}, gate, CAR).n_components == 3
    assert network(tmp_path, {}, gate, ENGINE).n_components == 1
    assert network(tmp_path, {}, {2: {"barrier": "gate"}}, CAR).n_components == 1


def test_a_barrier_beside_the_roads_is_nothing(tmp_path: Path) -> None:
    ways = {10: ([1, 2], {"highway": "residential"})}
    (tmp_path / "town.osm").write_bytes(to_xml(NODES, ways, {4: {"barrier": "bollard"}}))
    assert read_roads(tmp_path / "town.osm").barriers is None
    assert barrier_of({"highway": "crossing"}) is None


def test_what_is_open_to_a_vehicle_is_open_to_every_smaller_one(tmp_path: Path) -> None:
    opens = [
        10 in network(tmp_path, {"maxheight": "3.2"}, {}, replace(ENGINE, height_m=height)).edge_source
        for height in (2.0, 3.0, 3.2, 3.3, 4.0)
    ]
    assert opens == [True, True, True, False, False]


def test_the_street_under_height_bars_of_the_case_is_closed() -> None:
    town = from_roads(read_roads(case("a_osm_barriers") / "map.osm"), ENGINE)
    assert "横7路" not in set(town.edges["name"])
    assert town.notes[0].values["n_height"] == town.notes[0].values["n_weight"] == 12


def test_limits_and_rules_that_are_not_heeded_are_told(tmp_path: Path) -> None:
    tags = {"maxweight": "3500", "motor_vehicle:conditional": "no @ (07:00-09:00)", "maxaxleload": "8"}
    roads = network(tmp_path, tags, {}, ENGINE)
    assert sorted(set(roads.edge_source.tolist())) == [10, 11]
    notes = list(map(str, roads.notes))
    assert {note.split(": ", 1)[1] for note in notes} == {
        "maxweight=3500 (ways 10)",
        "maxaxleload 1 (1.9 km: 8)",
        "motor_vehicle:conditional 1 (1.9 km: no @ (07:00-09:00))",
    }
    assert all(note.startswith("1 roads (1.9 km)") for note in notes)


def test_speed_limits_of_some_hours_are_told_where_limits_are_used(tmp_path: Path) -> None:
    tags = {"maxspeed": "60", "maxspeed:conditional": "40 @ (22:00-06:00)"}
    note, own = network(tmp_path, tags, {}, CAR).notes
    assert own.key == "network.speeds_of_limits"
    assert "maxspeed:conditional 1 (1.9 km: 40 @ (22:00-06:00))" in str(note)
    assert not network(tmp_path, tags, {}, ENGINE).notes


def test_what_speaks_against_a_road_is_told(tmp_path: Path) -> None:
    (note,) = network(tmp_path, {"disused": "yes", "smoothness": "good"}, {}, ENGINE).notes
    assert str(note).startswith("1 roads (1.9 km) are driven on")
    assert "disused 1 (1.9 km: yes)" in str(note)


def test_a_limit_of_some_hours_inside_the_plain_tag_is_told(tmp_path: Path) -> None:
    note, _ = network(tmp_path, {"maxspeed": "60; 40 @ (22:00-06:00)"}, {}, CAR).notes
    assert "maxspeed 1 (1.9 km: 60; 40 @ (22:00-06:00))" in str(note)


def test_limits_that_a_profile_does_not_heed_are_told(tmp_path: Path) -> None:
    (note,) = network(tmp_path, {"maxheight": "2.2"}, {}, CAR).notes
    assert str(note).startswith("2 roads (1.9 km) limit height, width or weight, which car does not heed")
    assert "height 2, width 0, weight 0" in str(note)


@pytest.mark.parametrize("profile", [ENGINE, CAR])
@pytest.mark.parametrize("kind", ["yes", "甲", "sliding"])
def test_a_barrier_that_nobody_knows_is_driven_and_told(
    tmp_path: Path, kind: str, profile: SpeedProfile
) -> None:
    net = network(tmp_path, {}, {2: {"barrier": kind}}, profile)
    assert (net.n_nodes, net.n_edges) == (4, 3)
    (note,) = net.notes
    assert note.key == "network.barriers_unknown"
    assert (note.values["n"], note.values["kinds"], note.values["nodes"]) == (1, f"{kind} 1", "2")


@pytest.mark.parametrize(
    "tags",
    [
        {"barrier": "toll_booth"},
        {"barrier": "no"},
        {"barrier": "yes", "motor_vehicle": "yes"},
        {"barrier": "bollard", "motor_vehicle": "yes"},
    ],
)
def test_a_barrier_that_is_passed_is_not_told(tmp_path: Path, tags: dict[str, str]) -> None:
    assert network(tmp_path, {}, {2: tags}, ENGINE).notes == ()


def test_an_unknown_barrier_with_a_limit_or_a_prohibition_is_what_these_say(tmp_path: Path) -> None:
    (low,) = network(tmp_path, {}, {2: {"barrier": "yes", "maxheight": "2"}}, ENGINE).notes
    assert low.key == "network.barriers_stop"
    (shut,) = network(tmp_path, {}, {2: {"barrier": "yes", "access": "no"}}, CAR).notes
    assert shut.key == "network.barriers_stop"


@pytest.mark.parametrize("kind", ["pedestrian", "service"])
def test_squares_and_yards_are_no_roads_to_vehicles_and_told(tmp_path: Path, kind: str) -> None:
    # The outline 2 - 3 - 4 - 2 of a square: 951 + 1,463 + 1,109 m at this latitude, 3.52 km.
    ways = {10: ([1, 2], {"highway": "residential"}), 11: ([2, 3, 4, 2], {"highway": kind, "area": "yes"})}
    (tmp_path / "square.osm").write_bytes(to_xml(NODES, ways))
    roads = read_roads(tmp_path / "square.osm")
    engine = from_roads(roads, ENGINE)
    assert set(engine.edge_source) == {10}
    (note,) = engine.notes
    assert (note.key, note.values["n"], note.values["ways"]) == ("network.areas_left_out", 1, "11")
    assert note.values["km"] == pytest.approx(3.52, abs=0.01)
    on_foot = from_roads(roads, WALK)
    assert (set(on_foot.edge_source), on_foot.notes) == ({10, 11}, ())


def test_roads_closed_by_access_are_told_to_whom_they_are_closed(tmp_path: Path) -> None:
    closed = network(tmp_path, {"access": "no"}, {}, ENGINE).notes
    assert [(note.key, note.values["n"], note.values["ways"]) for note in closed] == [
        ("network.access_closed", 1, "10")
    ]
    assert network(tmp_path, {"access": "private"}, {}, ENGINE).notes == ()
    (note,) = network(tmp_path, {"access": "private"}, {}, CAR).notes
    assert note.key == "network.access_closed"
