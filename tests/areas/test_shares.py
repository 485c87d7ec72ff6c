"""Shares of road and land: exact on the edge, cut at the borders."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import TOTAL, land_share, road_parts, road_share
from geo.coverage import clock_starts
from geo.errors import StudyError
from geo.network import RoadNetwork, close_edges
from geo.routing import nearest, snap
from geo.standards import ResponseStandard
from geo.statistics import OUTSIDE
from tests.towns import METRIC, ORIGIN, places, town

CLOCK = ResponseStandard("dispatch", "dispatch", call_s=0, turnout_s=60, travel_s=240)


def parts(network: RoadNetwork, posts: gpd.GeoDataFrame, **options: object) -> list[tuple[float, ...]]:
    table = road_parts(network, snap(posts, network), start_s=clock_starts(posts, CLOCK), **options)  # type: ignore[arg-type]
    return [tuple(row) for row in table[["edge", "start", "end", "length_m"]].round(9).to_numpy().tolist()]


def box(name: str, *sides: float) -> dict[str, object]:
    return {"name": name, "geometry": shapely.box(*(np.array(sides) + np.tile(ORIGIN, 2)))}


def zones(*boxes: dict[str, object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(boxes), geometry="geometry", crs=METRIC)


def test_a_station_in_the_middle_of_a_road_reaches_both_ways_along_it() -> None:
    # 10 m/s both ways; 20 s are left after 60 s turnout: 200 m either side of 500 m.
    road = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100)])
    assert parts(road, places({"s": (500, 0)}), limit_s=80.0) == [(0, 0.3, 0.7, 400.0)]


def test_a_one_way_road_is_reached_ahead_only_and_behind_by_those_who_come() -> None:
    road = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100, np.inf)])
    post = places({"s": (500, 0)})
    assert parts(road, post, limit_s=80.0) == [(0, 0.5, 0.7, 200.0)]
    assert parts(road, post, limit_s=80.0, direction="to_facility") == [(0, 0.3, 0.5, 200.0)]


def test_a_road_reached_from_both_ends_may_keep_a_hole() -> None:
    # A ring 1-2-3: the station at 1 reaches 2 and 3 after 40 s, and is 20 s on from each end.
    ring = town({1: (0, 0), 2: (-500, 300), 3: (500, 300)}, [(1, 2, 40), (1, 3, 40), (2, 3, 100)])
    found = parts(ring, places({"s": (0, 0)}), limit_s=120.0)
    assert found[2:] == [(2, 0.0, 0.2, 200.0), (2, 0.8, 1.0, 200.0)]
    assert parts(ring, places({"s": (0, 0)}), limit_s=150.0)[2:] == [(2, 0.0, 1.0, 1000.0)]


def test_each_carriageway_counts_once_and_a_closed_road_never() -> None:
    # Two one-way carriageways of 1,000 m, and 1,000 m that may not be driven at all.
    road = town(
        {1: (0, 0), 2: (1000, 0), 3: (2000, 0)},
        [(1, 2, 100, np.inf), (2, 1, 100, np.inf), (2, 3, np.inf)],
    )
    post = places({"s": (0, 0)})
    table = road_share(road, snap(post, road), limit_s=160.0, start_s=clock_starts(post, CLOCK))
    assert table.loc[TOTAL].tolist() == [2.0, 1.0, 0.5], "the way back starts where the time ends"


def test_the_own_turnout_shortens_the_reach() -> None:
    road = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100)])
    assert parts(road, places({"s": (0, 0)}, turnout_s=[70.0]), limit_s=80.0) == [(0, 0.0, 0.1, 100.0)]
    assert parts(road, places({"s": (0, 0)}, turnout_s=[80.0]), limit_s=80.0) == []


def test_roads_are_cut_at_borders_and_a_road_on_a_border_counts_once() -> None:
    # 2,000 m along the border y = 0 of north and south, of which 1,500 m are in both; 1,000 m across.
    road = town({1: (0, 0), 2: (2000, 0), 3: (0, -1000)}, [(1, 2, 200), (1, 3, 100)])
    post = places({"s": (0, 0)})
    table = road_share(
        road,
        snap(post, road),
        limit_s=120.0,
        start_s=clock_starts(post, CLOCK),
        zones=zones(box("north", -10, 0, 1500, 500), box("south", -10, -400, 1500, 0)),
    )
    # 60 s are left, 600 m each way: along the border all in north, across 400 m in south and 200 m outside.
    assert table["km"].round(9).to_dict() == {"north": 1.5, "south": 0.4, OUTSIDE: 1.1, TOTAL: 3.0}
    assert table["km_covered"].round(9).to_dict() == {"north": 0.6, "south": 0.4, OUTSIDE: 0.2, TOTAL: 1.2}
    assert table["km"].iloc[:-1].sum() == pytest.approx(table.loc[TOTAL, "km"])


def test_a_road_that_a_scenario_closes_is_still_a_road_and_not_reached() -> None:
    road = town({1: (0, 0), 2: (1000, 0), 3: (2000, 0)}, [(1, 2, 100), (2, 3, 100)])
    cut = close_edges(road, [0])
    posts = places({"s": (1500, 0)})
    west, east = box("west", -10, -10, 1000, 10), box("east", 1000, -10, 2010, 10)
    options = {"limit_s": 300.0, "start_s": clock_starts(posts, CLOCK), "zones": zones(west, east)}
    table = road_share(cut, snap(posts, cut), **options)  # type: ignore[arg-type]
    assert table["km"].to_dict() == {"west": 1.0, "east": 1.0, OUTSIDE: 0.0, TOTAL: 2.0}
    assert table["km_covered"].to_dict() == {"west": 0.0, "east": 1.0, OUTSIDE: 0.0, TOTAL: 1.0}


def test_without_stations_no_road_is_reached() -> None:
    road = town({1: (0, 0), 2: (1000, 0)}, [(1, 2, 100)])
    nobody = places({"s": (0, 9000)})
    for posts in (nobody, nobody.iloc[:0]):
        table = road_share(road, snap(posts, road), limit_s=300.0, start_s=clock_starts(posts, CLOCK))
        assert table.loc[TOTAL].tolist() == [1.0, 0.0, 0.0]


CORNERS = {1: (0, 0), 2: (3000, 200), 3: (2500, 2800), 4: (-300, 2500), 5: (1200, 5000)}
link = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 300), st.sampled_from([0, 200, np.inf]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(link.filter(lambda row: row[0] != row[1]), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(-500, 3500), st.integers(-500, 5500)), max_size=3, unique=True),
    st.sampled_from(["from_facility", "to_facility"]),
)
def test_a_point_lies_in_a_part_exactly_when_its_own_time_keeps_the_limit(
    links: list[tuple[int, int, float, float]], at: list[tuple[int, int]], direction: str
) -> None:
    network = town(CORNERS, [(u, v, s, back or s) for u, v, s, back in links])
    posts = places({f"s{i}": xy for i, xy in enumerate(at)})
    snaps, starts = snap(posts, network, max_m=2000.0), clock_starts(posts, CLOCK)
    found = road_parts(network, snaps, limit_s=300.0, start_s=starts, direction=direction)  # type: ignore[arg-type]
    fraction = np.tile(np.linspace(0.013, 0.987, 11), network.n_edges)
    edge = np.repeat(np.arange(network.n_edges), 11)
    points = pd.DataFrame(
        {
            "edge": edge,
            "fraction": fraction,
            "snap_m": 0.0,
            "access_s": 0.0,
            "component": 0,
            "is_snapped": True,
            "reason": "",
        }
    )
    first_s = nearest(network, snaps, points, direction=direction, start_s=starts)["first_s"].to_numpy()  # type: ignore[arg-type]
    inside = np.zeros(len(points), dtype=bool)
    for row in found.itertuples():
        inside |= (edge == row.edge) & (fraction >= row.start) & (fraction <= row.end)
    # Times of points are rounded to milliseconds, the parts are not: closer than 2 ms says nothing.
    clear = np.abs(first_s - 300.0) > 0.002
    assert (inside == (first_s <= 300.0))[clear].all()


def areas() -> gpd.GeoDataFrame:
    table = zones(box("x", 0, 0, 1000, 1000), box("x", 0, 0, 500, 500))
    return table.assign(facility_id=[None, "s"], limit_s=300.0).drop(columns="name")


def test_land_is_counted_by_zone_and_water_is_not_land() -> None:
    towns = zones(box("west", -1000, 0, 500, 1000), box("east", 500, 0, 2500, 1000))
    table = land_share(areas(), towns, limit_s=300.0)
    assert table["km2"].to_dict() == {"west": 1.5, "east": 2.0, TOTAL: 3.5}
    assert table["km2_covered"].to_dict() == {"west": 0.5, "east": 0.5, TOTAL: 1.0}
    dry = land_share(areas(), towns, limit_s=300.0, land=zones(box("land", 0, 0, 1000, 1000)))
    assert dry["share"].to_dict() == {"west": 1.0, "east": 1.0, TOTAL: 1.0}


def test_a_limit_without_a_union_is_an_error() -> None:
    with pytest.raises(StudyError, match=r"240 s.*300"):
        land_share(areas(), zones(box("z", 0, 0, 1, 1)), limit_s=240.0)
