"""Places in places of an OpenStreetMap file: nobody counts twice, and what the file does not say is told."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.study import Inputs
from geo.words import LANGS
from tests.study.inputs.test_places import Map, people_at


def balance(inputs: Inputs) -> tuple[float, float, dict[str, float]]:
    """Give what the note says: people in the file, placed, left out by reason."""
    (note,) = (note for _, note in inputs.notes if note.key == "study.places_balance")
    left = {part.key.removeprefix("study.places_"): part.values["people"] for part in note.values["left_out"]}
    return note.values["people"], note.values["placed"], left


def doubts(inputs: Inputs) -> list[str]:
    return [
        str(note) for _, note in inputs.notes if note.key in ("study.places_doubtful", "study.places_thin")
    ]


def test_suburbs_are_of_their_city(tmp_path: Path) -> None:
    # The city's 10,000 hold the 3,000 and 2,000 of its suburbs: 5,000 are left for its own ground.
    drawn = Map()
    drawn.node(5000, 20, place="city", name="Stadt", population="10000")
    drawn.node(2000, 20, place="suburb", name="West", population="3000")
    drawn.node(9000, 20, place="quarter", name="East", population="2000")
    drawn.homes(2000, 5000, 9000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {2: 3000, 5: 5000, 9: 2000}
    assert balance(inputs) == (15_000, 10_000, {"wholes": 5000})
    assert not doubts(inputs)


def test_suburbs_that_say_more_than_their_city_leave_it_nobody(tmp_path: Path) -> None:
    # 4,000 + 3,000 of today in a city of 6,000 of an older census: 7,000 live there.
    drawn = Map()
    drawn.node(5000, 20, place="city", name="Stadt", population="6000")
    drawn.node(2000, 20, place="suburb", name="West", population="4000")
    drawn.node(9000, 20, place="suburb", name="East", population="3000")
    drawn.homes(2000, 5000, 9000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {2: 4000, 9: 3000}
    assert balance(inputs) == (13_000, 7_000, {"wholes": 6000})


@pytest.mark.parametrize("km", [18.0, 4.0])
def test_a_suburb_counts_by_itself_where_no_larger_place_is_near(tmp_path: Path, km: float) -> None:
    # A village of 900 cannot hold 5,000 people. A town of 8,000 reaches 5 km; at 10 km it may be their town.
    drawn = Map()
    drawn.node(1000 * km, 20, place="suburb", name="West", population="5000")
    drawn.node(1000 * km - 500, 20, place="village", name="Dorf", population="900")
    drawn.node(9500, 20, place="town", name="Stadt", population="8000")
    drawn.homes(1000 * km, 1000 * km - 500, 9500)
    inputs = drawn.study(tmp_path)
    assert math.fsum(people_at(inputs).values()) == 13_900
    told = doubts(inputs)
    assert len(told) == 1
    assert told[0].startswith("up to 5,000 people may count twice: 1 places of map.osm") or km == 4.0
    assert "West (5,000) by Stadt" in told[0]


def test_a_village_near_a_larger_town_without_a_boundary_is_told_with_its_people(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(3000, 20, place="town", name="Markt", population="20000")
    drawn.node(5000, 20, place="village", name="Dorf", population="1200")
    drawn.node(7000, 20, place="hamlet", name="Weiler", population="80")
    drawn.node(15_000, 20, place="village", name="Fern", population="500")  # 12 km off: a town reaches 5 km
    drawn.homes(3000, 5000, 7000, 15_000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 20_000, 5: 1200, 7: 80, 15: 500}  # what nobody can tell is not taken away
    (told,) = doubts(inputs)
    assert told.startswith("up to 1,280 people may count twice: 2 places of map.osm stand near a larger one")
    assert "Dorf (1,200) by Markt, Weiler (80) by Dorf" in told
    for lang in LANGS:
        assert all(note.say(lang) for _, note in inputs.notes)
    # the way out works, and says whom it leaves out
    demand = [{"path": "map.osm", "method": "places", "where": {"place": ["village", "hamlet"]}}]
    chosen = drawn.study(tmp_path, demand=demand)
    assert people_at(chosen) == {5: 1200, 7: 80, 15: 500}
    assert balance(chosen) == (21_780, 1780, {"where": 20_000})


def test_a_village_beside_the_boundary_of_a_town_is_another_place(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(3000, 20, place="town", name="Markt", population="20000")
    drawn.square(3000, 0, 3000, boundary="administrative", admin_level="8", name="Markt")
    drawn.node(5000, 20, place="village", name="Dorf", population="1200")
    drawn.homes(3000, 5000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 20_000, 5: 1200}
    assert not doubts(inputs)


@pytest.mark.parametrize(
    ("border", "name"),
    [("城桥镇", "城桥"), ("城桥", "城桥镇"), ("Markt", "Markt"), ("area", "Markt")],
)
def test_a_few_parts_in_a_boundary_are_of_the_whole_and_many_say_it_better(
    tmp_path: Path, border: str, name: str
) -> None:
    drawn = Map()
    drawn.node(5000, 20, place="village", name="甲村", population="2000")
    drawn.node(8000, 20, place="village", name="乙村", population="1000")
    place = {"place": "town", "name": name, "population": "10000"}
    if border == "area":
        drawn.square(5000, 0, 9000, **place)
    else:
        drawn.node(3000, 20, **place)
        drawn.square(5000, 0, 9000, boundary="administrative", admin_level="8", name=border)
    drawn.homes(2000, 3000, 5000, 8000)
    few = drawn.study(tmp_path)
    assert people_at(few) == {2: 2500, 3: 2500, 5: 2500, 8: 2500}
    assert balance(few) == (13_000, 10_000, {"parts": 3000})
    drawn.node(9000, 20, place="village", name="丙村", population="6000")
    drawn.homes(9000)
    # 2,000 + 1,000 + 6,000 are nine tenths of 10,000: the rest is of the ground that no village holds.
    many = drawn.study(tmp_path)
    assert balance(many) == (19_000, 10_000, {"wholes": 9000})
    # A town drawn as an area has no middle: its home at 3 is within the 2.5 km of the village at 5.
    rest = {2: 1000, 3: 1000, 5: 1000} if border == "area" else {2: 500, 3: 500, 5: 2000}
    assert people_at(many) == {**rest, 8: 1000, 9: 6000}


def test_a_city_holds_not_the_country_of_its_name(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(3000, 20, place="city", name="Luxembourg", population="5000")
    drawn.square(3000, 0, 2000, boundary="administrative", admin_level="8", name="Luxembourg")
    drawn.square(10_000, 0, 21_000, boundary="administrative", admin_level="2", name="Luxembourg")
    drawn.node(12_000, 20, place="village", name="Esch", population="900")
    drawn.homes(3000, 12_000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 5000, 12: 900}


def test_a_municipality_is_the_towns_in_it_and_the_rest(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(6000, 20, place="municipality", name="Gemeinde", population="9000")
    drawn.node(3000, 20, place="town", name="Stadt", population="5000")
    drawn.node(9000, 20, place="village", name="Dorf", population="1000")
    drawn.homes(3000, 6000, 9000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 5000, 6: 3000, 9: 1000}
    assert balance(inputs) == (15_000, 9000, {"wholes": 6000})


def test_a_region_whose_places_say_few_people_is_told(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(9000, 20, place="county", name="Kreis", population="50000")
    drawn.square(10_000, 0, 21_000, boundary="administrative", admin_level="6", name="Kreis")
    drawn.node(3000, 20, place="village", name="Dorf", population="400")
    drawn.homes(3000)
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 400}
    (told,) = doubts(inputs)
    assert told.startswith(
        "Kreis (county) has 50,000 people, but the places inside its boundary only 400: those are counted"
    )
    demand = [{"path": "map.osm", "method": "places", "where": {"place": ["county"]}}]
    assert math.fsum(people_at(drawn.study(tmp_path, demand=demand)).values()) == 50_000


def test_two_places_at_one_spot_both_have_ground(tmp_path: Path) -> None:
    drawn = Map()
    drawn.node(3000, 20, place="village", name="甲", population="100")
    drawn.node(3000, 20, place="village", name="乙", population="40")
    inputs = drawn.study(tmp_path)
    assert people_at(inputs) == {3: 140}


def test_a_city_of_which_the_file_holds_a_corner_is_told(tmp_path: Path) -> None:
    # Two homes 1 km apart: 1 km x 0.4 km and a circle of 200 m are 0.53 km2, on which no 600,000 people live.
    drawn = Map()
    drawn.node(3000, 20, place="city", name="Stadt", population="600000")
    drawn.homes(3000, 4000)
    inputs = drawn.study(tmp_path)
    (told,) = (str(note) for _, note in inputs.notes if note.key == "study.places_crowded")
    assert "1 places have more people than the homes that map.osm shows of them" in told
    assert "Stadt: 600,000 people on 0.5 km² are" in told


KINDS = ["city", "town", "village", "hamlet", "municipality", "suburb", "neighbourhood", "county"]


@settings(max_examples=25, deadline=None)
@given(
    places=st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(0, 39),
            st.integers(0, 9000),
            st.sampled_from(["node", "area", "border"]),
            st.sampled_from([300, 2000, 7000]),
        ),
        min_size=1,
        max_size=9,
    ),
    homes=st.lists(st.integers(0, 19_000), max_size=8),
)
def test_everybody_is_placed_or_told_and_no_whole_counts_beside_its_parts(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[tuple[str, int, int, str, int]],
    homes: list[int],
) -> None:
    drawn, written = Map(), 7
    drawn.node(21_000, 20, place="village", name="always", population="7")
    for k, (kind, at, people, form, side) in enumerate(places):
        tags = {"place": kind, "name": f"place {k}", "population": str(people)}
        written += people
        if form == "area":
            drawn.square(500 * at, 20, side + k, **tags)
            continue
        drawn.node(500 * at, 20 + k, **tags)
        if form == "border":
            drawn.square(
                500 * at, 20, side + k, boundary="administrative", admin_level="8", name=f"place {k}"
            )
    drawn.homes(*homes)
    inputs = drawn.study(tmp_path_factory.mktemp("nested"))
    people_in, placed, left = balance(inputs)
    assert people_in == written
    assert placed + math.fsum(left.values()) == pytest.approx(written, abs=1e-6)
    assert math.fsum(inputs.demand["people"]) == pytest.approx(placed, abs=1e-6)
    largest = max([7, *(people for kind, _, people, _, _ in places if kind != "county")])
    assert placed >= largest - 1e-6  # whoever holds others counts with them
