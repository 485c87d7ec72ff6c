"""Whose speeds a network has: those of the planner's own file are credited to it."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.network import from_roads, roads_from_lines
from geo.standards import load_profile


def _roads(limits: list[float | None]) -> gpd.GeoDataFrame:
    ends = [0, 1000, 3000, 6000]  # end to end, of 1, 2 and 3 km
    lines = [shapely.LineString([(ends[i], 0), (ends[i + 1], 0)]) for i in range(len(limits))]
    moved = [shapely.affinity.translate(line, 350_000, 3_500_000) for line in lines]
    return gpd.GeoDataFrame({"highway": "primary", "maxspeed": limits}, geometry=moved, crs="EPSG:32651")


def test_kilometres_with_a_limit_of_their_own_are_credited_to_the_file() -> None:
    # roads of 1, 2 and 3 km, the first and the last with a limit of their own
    network = from_roads(roads_from_lines(_roads([60, None, 40])), load_profile("car"))
    (own,) = (note for note in network.notes if note.key == "network.speeds_of_limits")
    assert own.values["km"] == pytest.approx(4.0, rel=1e-3)
    assert own.values["all_km"] == pytest.approx(6.0, rel=1e-3)
    assert "× 0.8" in own.say("zh")
    assert "car" in own.say("en")


@pytest.mark.parametrize(("limits", "profile"), [([None, None], "car"), ([60, 40], "fire_engine")])
def test_nothing_is_credited_to_limits_that_are_not_there_or_not_used(
    limits: list[float | None], profile: str
) -> None:
    network = from_roads(roads_from_lines(_roads(limits)), load_profile(profile))
    assert "network.speeds_of_limits" not in [note.key for note in network.notes]
