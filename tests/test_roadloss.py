"""What is left when roads close: worked out by hand, and laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage import Coverage, cover
from geo.errors import CrsError
from geo.network import RoadNetwork
from geo.standards import ResponseStandard
from geo.vulnerability import LOSS_COLUMNS, Closing, lose_roads, roads_inside
from tests.random_roads import networks
from tests.towns import METRIC, ORIGIN, places, town

CLOCK = ResponseStandard("drive", "departure", call_s=0, turnout_s=0, travel_s=100)
# The station at 1; 2 by a bridge (40 s) or around over 3 (30 + 90 = 120 s); 4 behind 2 (20 s).
RIVER = town(
    {1: (0, 0), 2: (400, 0), 3: (0, -300), 4: (600, 0)},
    [(1, 2, 40), (1, 3, 30), (3, 2, 90), (2, 4, 20)],
)
BRIDGE, AROUND, LAST = 0, 2, 3


def covered(network: RoadNetwork = RIVER, homes: gpd.GeoDataFrame | None = None) -> Coverage:
    people = places(
        {"at 2": (400, 0), "at 3": (0, -300), "at 4": (600, 0)},
        people=[100.0, 50.0, 30.0],
        zone=["东镇", "南镇", None],
    )
    return cover(network, places({"s": (0, 0)}), people if homes is None else homes, standard=CLOCK)


def area(*sides: float) -> shapely.Geometry:
    return shapely.box(*(np.array(sides) + np.tile(ORIGIN, 2)))


def areas(*boxes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [f"area {i}" for i in range(len(boxes))]}, geometry=list(boxes), crs=METRIC
    )


def closing(*edges: int) -> Closing:
    return Closing("closed", "link", np.array(edges, dtype=np.int64))


def test_people_beyond_a_closed_bridge_are_late_or_cut_off() -> None:
    # Open: 2 in 40 s, 3 in 30 s, 4 in 60 s: all 180 in time. Without the bridge 2 takes 120 s, 4 140 s (both
    # late). Without the last road 4 is cut off. Without the bridge and the way around 2 and 4 are.
    losses = lose_roads(covered(), [closing(BRIDGE), closing(LAST), closing(BRIDGE, AROUND)])
    assert list(losses.columns) == list(LOSS_COLUMNS)
    assert losses["share_before"].tolist() == [1.0, 1.0, 1.0]
    assert losses["share_after"].tolist() == pytest.approx([50 / 180, 150 / 180, 50 / 180])
    assert losses["people_late"].tolist() == [130.0, 0.0, 0.0]
    assert losses["people_cut_off"].tolist() == [0.0, 30.0, 130.0]
    assert losses["zones"].tolist() == ["", "– 30", "东镇 100; – 30"]
    assert losses["closed_m"].tolist() == [400.0, 200.0, pytest.approx(900.0)]
    assert losses["n_stations_lost"].tolist() == [0, 0, 0]


def test_people_inside_a_closed_road_are_cut_off_and_moved_nowhere() -> None:
    homes = places({"on the bridge": (200, 10), "at 2": (400, 0)}, people=[7.0, 1.0], zone=[None, None])
    losses = lose_roads(covered(homes=homes), [closing(BRIDGE)])
    assert losses["people_cut_off"].tolist() == [7.0]
    assert losses["people_late"].tolist() == [1.0]


def test_a_station_on_a_flooded_road_is_lost_and_one_at_a_junction_is_not() -> None:
    homes = places({"at 2": (400, 0)}, people=[5.0], zone=[None])
    inside = cover(RIVER, places({"s": (200, 0)}), homes, standard=CLOCK)
    losses = lose_roads(inside, [closing(BRIDGE)])
    assert losses[["n_stations_lost", "people_cut_off"]].to_numpy().tolist() == [[1, 5.0]]


def test_everything_closed_leaves_nobody_and_is_no_error() -> None:
    losses = lose_roads(covered(), [closing(0, 1, 2, 3)])
    assert losses[["share_after", "people_cut_off", "n_stations_lost"]].to_numpy().tolist() == [
        [0.0, 180.0, 1]
    ]


def test_nothing_closed_leaves_all_and_no_closing_gives_an_empty_table() -> None:
    assert lose_roads(covered(), [closing()])["share_after"].tolist() == [1.0]
    assert list(lose_roads(covered(), []).columns) == list(LOSS_COLUMNS)


def test_roads_that_run_through_an_area_are_inside_and_those_that_touch_it_are_not() -> None:
    through = area(150, -50, 250, 50)  # over the bridge
    touching = area(400, 0, 500, 100)  # corner at node 2, side along 2-4
    nowhere = area(5000, 5000, 6000, 6000)
    found = roads_inside(RIVER, areas(through, touching, nowhere))
    assert [edges.tolist() for edges in found] == [[BRIDGE], [], []]


def test_classes_that_stay_open_are_never_inside() -> None:
    assert [
        e.tolist() for e in roads_inside(RIVER, areas(area(150, -50, 250, 50)), stay_open=["unclassified"])
    ] == [[]]


def test_areas_in_another_system_are_refused() -> None:
    with pytest.raises(CrsError, match="reproject"):
        roads_inside(RIVER, areas(area(0, 0, 1, 1)).to_crs(32650))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_closing_more_roads_never_raises_coverage(data: st.DataObject) -> None:
    network = data.draw(networks())
    n = network.n_nodes
    homes = network.nodes.assign(people=1.0, zone=None).set_axis([f"d{i}" for i in range(n)])
    posts = network.nodes.iloc[[0]].set_axis(["s"])
    state = cover(network, posts, homes, standard=CLOCK)
    edge = st.integers(0, network.n_edges - 1)
    fewer = data.draw(st.lists(edge, max_size=3))
    more = fewer + data.draw(st.lists(edge, max_size=3))
    losses = lose_roads(state, [closing(*sorted(set(fewer))), closing(*sorted(set(more)))])
    shares = losses["share_after"].tolist()
    assert losses["share_before"].iloc[0] >= shares[0] >= shares[1]
    assert losses["people_cut_off"].is_monotonic_increasing
    assert isinstance(losses, pd.DataFrame)
