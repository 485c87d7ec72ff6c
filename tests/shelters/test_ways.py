"""The way on foot to a shelter: each place to its own, in parts that add up to the walk."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.routing import trace_routes
from geo.sample import grid_network
from geo.shelters import trace_walks, walk_to_shelters
from tests.towns import places, town

WALK_KPH = 3.6
"""A metre a second."""


def walks():
    roads = town(
        {0: (0, 0), 1: (1000, 0), 2: (2000, 0), 3: (1000, 1500)},
        [(0, 1, 1000.0), (1, 2, 1000.0), (1, 3, 1500.0)],
    )
    shelters = places({"A": (250, 50), "B": (1900, 0)}, name=["甲", "乙"], status=["existing", "existing"])
    homes = places({"near": (500, 0), "far": (1000, 1400), "off": (1000, 4000)}, people=[10.0, 20.0, 30.0])
    return roads, walk_to_shelters(roads, shelters, homes, limit_s=900.0, walk_kph=WALK_KPH)


def test_each_place_goes_to_the_shelter_that_is_asked_for_though_another_is_nearer():
    roads, found = walks()
    goal = pd.Series(["B", "A", None], index=["near", "far", "off"], dtype=object)
    traced = trace_walks(roads, found, goal)
    # near to B: 500 m and 900 m; far to A: 1400 m, 750 m and 50 m off the road.
    assert traced.ways["total_ms"].tolist()[:2] == [1_400_000, 2_200_000]
    assert traced.ways["facility_id"].tolist()[:2] == ["B", "A"]
    assert traced.ways["leg"].tolist()[2] == -1
    ends = [traced.legs.geometry.iloc[leg].coords[-1] for leg in traced.ways["leg"][:2]]
    assert [(round(x), round(y)) for x, y in ends] == [
        (round(p.x), round(p.y))
        for p in places({"near": (500, 0), "far": (1000, 1400)}, people=[1.0, 1.0]).geometry
    ]


@pytest.mark.parametrize("goal", [{}, {"near": None, "off": None}])
def test_nobody_who_goes_anywhere_gives_no_way(goal):
    roads, found = walks()
    traced = trace_walks(roads, found, pd.Series(goal, dtype=object))
    assert len(traced.legs) == 0
    assert traced.ways["leg"].tolist() == [-1] * len(goal)


def test_ways_sought_no_farther_than_their_walks_are_those_of_a_search_without_a_limit():
    roads, g = grid_network(900, seed=3), np.random.default_rng(3)
    spots = shapely.points(
        roads.node_xy[g.choice(roads.n_nodes, 46, replace=False)] + g.uniform(-30, 30, (46, 2))
    )
    shelters = gpd.GeoDataFrame(
        {"status": "existing"}, geometry=spots[:6], crs=roads.crs, index=list("ABCDEF")
    )
    homes = gpd.GeoDataFrame({"people": 1.0}, geometry=spots[6:], crs=roads.crs, index=range(40))
    found = walk_to_shelters(roads, shelters, homes, limit_s=300.0, walk_kph=WALK_KPH)
    goal = found.near["first_id"].astype(object)
    goal.iloc[::7] = "F"  # some are sent elsewhere, farther than any walk that is known
    traced = trace_walks(roads, found, goal)
    for shelter, own in goal.groupby(goal):
        whole = trace_routes(
            roads,
            found.shelter_snaps.loc[[shelter]],
            found.demand_snaps.loc[own.index],
            direction="to_facility",
        )
        asked = traced.ways.loc[own.index]
        pd.testing.assert_frame_equal(asked.drop(columns="leg"), whole.ways.drop(columns="leg"))
        has_leg = (whole.ways["leg"] >= 0).to_numpy()
        lines, alone = traced.legs.geometry, whole.legs.geometry
        assert [lines[leg].wkt for leg in asked["leg"][has_leg]] == [
            alone[leg].wkt for leg in whole.ways["leg"][has_leg]
        ]
