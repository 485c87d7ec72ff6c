"""Stations that serve nobody, and points put past a scrap of road: told by check and run, and judged."""

from __future__ import annotations

from typing import Any

import pytest

from geo.coverage import Coverage, cover
from geo.network import RoadNetwork
from geo.standards import load_response
from geo.study import check_study, read_study
from geo.study.standing import look_at_standing
from tests.shared import case
from tests.towns import places, town

INF = float("inf")
# A street 1 - 2 - 3, an island 4 - 5 far off, and a lane 6 - 1 beside the street.
NODES = {1: (0, 0), 2: (5000, 0), 3: (10_000, 0), 4: (0, 9000), 5: (1000, 9000), 6: (-800, 0)}


def covered(
    stations: dict[str, tuple[float, float]],
    lane: tuple[Any, ...] = (6, 1, 60),
    **people: tuple[float, float],
) -> Coverage:
    network: RoadNetwork = town(NODES, [(1, 2, 300), (2, 3, 300), (4, 5, 60), lane])
    return cover(
        network,
        places(stations, name=list(stations), turnout_s=[60.0] * len(stations)),
        places(people, people=[100.0] * len(people)),
        standard=load_response("dispatch-5min"),
    )


def test_a_station_that_comes_to_somebody_is_not_told() -> None:
    standing = look_at_standing(covered({"A": (100, 10)}, home=(9000, 10)))
    assert (standing.faults, standing.notes, standing.n_idle) == ((), (), 0)


def test_a_station_on_an_island_without_people_is_told() -> None:
    standing = look_at_standing(covered({"A": (100, 10), "岛站": (500, 9010)}, home=(9000, 10)))
    (fault,) = standing.faults
    assert standing.n_idle == 1
    assert str(fault).startswith("1 stations stand on roads that are joined to no road on which people live")
    assert "岛站" in str(fault)
    with_people = look_at_standing(covered({"B": (500, 9010)}, home=(9000, 10), hut=(900, 9010)))
    assert with_people.n_idle == 0


@pytest.mark.parametrize(("lane", "n_idle"), [((6, 1, 60, INF), 0), ((6, 1, INF, 60), 1)])
def test_a_station_in_a_one_way_pocket_is_told(lane: tuple[Any, ...], n_idle: int) -> None:
    standing = look_at_standing(covered({"A": (-700, 10)}, lane, home=(9000, 10)))
    assert standing.n_idle == n_idle
    assert [fault.key for fault in standing.faults] == ["study.stations_in_pocket"] * n_idle


def test_who_lives_in_the_pocket_is_served() -> None:
    assert look_at_standing(covered({"A": (-700, 10)}, (6, 1, INF, 60), home=(-100, 10))).n_idle == 0


def test_without_people_no_station_serves_anybody() -> None:
    assert look_at_standing(covered({"A": (100, 10)}, home=(0, 99_000))).n_idle == 1


def test_the_check_of_a_station_beside_a_scrap_says_so() -> None:
    text = check_study(read_study(case("a_island_station") / "study.toml"), lang="zh").text
    assert "1 个站最近的是一小段未与路网相接的道路，已改接到旁边的路网（最远 26 米）：云泽消防救援站" in text
    assert "1 个人口点（1,000 人）" in text


def test_the_village_of_a_case_is_reached_past_the_scrap() -> None:
    report = check_study(read_study(case("a_island_path") / "study.toml"), lang="en")
    assert report.n_faults == 0
    assert "1 points with 1,000 people stand nearest to a scrap of road" in report.text
