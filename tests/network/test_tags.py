"""What tags mean: one rule of access, directions, speed limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.network import access_flags, is_strange_limit, oneway_code, parse_maxspeed, speed_limit
from geo.network.tags import AREA, BOTH_WAYS_ON_DUTY, CLOSED, NO_CARS, NO_FOOT, access_keys

KEYS = sorted(access_keys() - {"area", "service"})
FORBIDS = ("no", "private", "agricultural", "delivery", "military")
VALUES = st.sampled_from((*FORBIDS, "yes", "designated", "destination", "unknown", "no;destination"))
TAGS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)
SHUT = NO_CARS | NO_FOOT | CLOSED


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({}, 0),
        ({"access": "no"}, NO_CARS | NO_FOOT | CLOSED),
        ({"access": "no", "motor_vehicle": "no"}, NO_CARS | NO_FOOT | CLOSED),
        ({"access": "no", "vehicle": "no"}, NO_CARS | NO_FOOT | CLOSED),
        ({"access": "no", "bus": "designated"}, NO_CARS | NO_FOOT),
        ({"access": "no", "psv": "yes"}, NO_CARS | NO_FOOT),
        ({"access": "no", "motorcar": "yes"}, NO_FOOT),
        ({"access": "no", "emergency": "yes"}, NO_CARS | NO_FOOT),
        ({"access": "no", "service": "emergency_access"}, NO_CARS | NO_FOOT),
        ({"access": "private"}, NO_CARS | NO_FOOT),
        ({"access": "private", "foot": "yes"}, NO_CARS),
        ({"motor_vehicle": "no"}, NO_CARS),
        ({"motor_vehicle": "agricultural;forestry"}, NO_CARS),
        ({"motor_vehicle": "no", "motorcar": "yes"}, 0),
        ({"motor_vehicle": "yes", "motorcar": "no"}, NO_CARS),
        ({"vehicle": "no", "motor_vehicle": "destination"}, 0),
        ({"hgv": "no"}, 0),
        ({"emergency": "no"}, CLOSED),
        ({"access": "no;destination"}, 0),
        ({"area": "yes"}, NO_CARS | CLOSED | AREA),
        ({"oneway": "yes", "oneway:bus": "no"}, BOTH_WAYS_ON_DUTY),
    ],
)  # fmt: skip
def test_the_most_particular_key_decides(tags: dict[str, str], flags: int) -> None:
    assert access_flags(tags) == flags


@given(TAGS, st.sampled_from(KEYS), st.sampled_from(FORBIDS))
def test_a_prohibition_more_never_opens_a_road(tags: dict[str, str], key: str, value: str) -> None:
    if key in tags:  # a tag that is changed lets nobody in whom it kept out before, if it said no before
        tags = {name: text for name, text in tags.items() if name != key}
    before, after = access_flags(tags) & SHUT, access_flags({**tags, key: value}) & SHUT
    assert before & ~after == 0


@given(TAGS, st.sampled_from(KEYS))
def test_a_permission_more_never_closes_a_road(tags: dict[str, str], key: str) -> None:
    tags = {name: text for name, text in tags.items() if name != key}
    before, after = access_flags(tags) & SHUT, access_flags({**tags, key: "yes"}) & SHUT
    assert after & ~before == 0


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "yes", "oneway:bicycle": "no"}, 1),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, 0),
        ({"oneway:motor_vehicle": "yes"}, 1),
        ({"motor_vehicle:backward": "no"}, 1),
        ({"vehicle:forward": "no"}, -1),
        ({"oneway": "no", "junction": "roundabout"}, 0),
        ({"vehicle:backward": "no", "motor_vehicle:backward": "yes"}, 0),
    ],
)
def test_directions(tags: dict[str, str], code: int) -> None:
    assert oneway_code(tags, "residential") == code


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("50", 50), ("50 km/h", 50), ("60km/h", 60), ("60公里/小时", 60), ("30 mph", 48.28032), ("50;30", 30),
        ("80; 60 @ (22:00-06:00)", 80), ("DE:zone30", 30), ("CN:zone:40", 40), ("40-60", 40), ("walk", 5),
        ("RU:urban", 60), ("5", 5), ("130", 130), ("50.5", 50.5), ("120|100|80", 80),
    ],
)  # fmt: skip
def test_limits_that_are_believed(text: str, kph: float) -> None:
    assert parse_maxspeed(text) == pytest.approx(kph)
    assert not is_strange_limit(text)


@pytest.mark.parametrize("text", ["-1", "0", "999", "4.9", "130.1", "3 mph", "-60", "1000 km/h"])
def test_limits_that_are_not_believed_are_told(text: str) -> None:
    assert math.isnan(parse_maxspeed(text))
    assert is_strange_limit(text)


@pytest.mark.parametrize("text", ["", "none", "signals", "CN:urban", "variable", "60 @ (22:00-06:00)"])
def test_words_that_are_no_limit_say_nothing(text: str) -> None:
    assert math.isnan(parse_maxspeed(text))
    assert not is_strange_limit(text)


def test_limits_of_one_direction() -> None:
    tags = {"maxspeed": "80", "maxspeed:backward": "60"}
    assert [speed_limit(tags, oneway)[0] for oneway in (1, -1, 0)] == [80, 60, 60]
    assert speed_limit({"maxspeed:forward": "50"}, 0) == (50, False)
    assert speed_limit({"maxspeed": "-1", "maxspeed:forward": "50"}, 1) == (50, False)
