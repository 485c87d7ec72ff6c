"""One more hydrant at any place: the numbers of judging all of them, to the last bit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.hydrants import (
    HydrantFigures,
    HydrantRoads,
    judge_hydrants,
    load_rules,
    make_roads,
    prepare_one_more,
)
from geo.network import RoadNetwork
from geo.sample import grid_network
from tests.towns import METRIC, places, town

NETWORK = grid_network(400, seed=2)
RULES = load_rules()
# A street of 500 m whose last link is a dead end of 250 m.
STREET = town({1: (0, 0), 2: (250, 0), 3: (500, 0)}, [(1, 2, 25), (2, 3, 25)])


def hydrants(points: gpd.GeoSeries, *, is_working: bool = True) -> gpd.GeoDataFrame:
    columns = {"kind": "hydrant", "status": "existing", "is_working": is_working}
    return gpd.GeoDataFrame(columns, index=points.index, geometry=points, crs=points.crs)


def somewhere(network: RoadNetwork, g: np.random.Generator, n: int, names: str) -> gpd.GeoSeries:
    """Draw places up to 40 m beside the roads."""
    edges = g.integers(0, network.n_edges, n)
    on = shapely.line_interpolate_point(network.lines[edges], g.random(n), normalized=True)
    xy = shapely.get_coordinates(on) + g.uniform(-40, 40, (n, 2))
    return gpd.GeoSeries(shapely.points(xy), index=[f"{names}{i}" for i in range(n)], crs=network.crs)


def in_full(roads: HydrantRoads, rows: gpd.GeoDataFrame, people: gpd.GeoDataFrame) -> HydrantFigures:
    state = judge_hydrants(roads, rows, people, rules=RULES)
    covered = state.people.loc[state.people["is_covered"], "people"]
    return HydrantFigures(state.cover.share, float(covered.sum()), state.spacing.n_gaps, state.spacing.gap_m)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 60), is_wide=st.booleans(), is_built=st.booleans())
def test_one_more_is_all_of_them(seed: int, n: int, is_wide: bool, is_built: bool) -> None:
    g = np.random.default_rng(seed)
    others = hydrants(somewhere(NETWORK, g, n, "H"))
    people = gpd.GeoDataFrame(
        {"people": g.uniform(0, 90, 80)}, geometry=somewhere(NETWORK, g, 80, "P").to_numpy(), crs=NETWORK.crs
    )
    west, south, east, north = NETWORK.hull.bounds
    built = gpd.GeoDataFrame(geometry=[shapely.box(west, south, (west + east) / 2, north)], crs=NETWORK.crs)
    wide = NETWORK.classes[:1] if is_wide else ()
    roads = make_roads(NETWORK, wide_classes=wide, built_up=built if is_built else None)
    ready = prepare_one_more(judge_hydrants(roads, others, people, rules=RULES), rules=RULES, snap_m=30.0)
    for one in (hydrants(somewhere(NETWORK, g, 1, "one")) for _ in range(4)):
        both = hydrants(gpd.GeoSeries([*others.geometry, *one.geometry], crs=NETWORK.crs))
        assert ready.figures(one) == in_full(roads, both, people)
    assert ready.figures(others.iloc[:0]) == in_full(roads, others, people)


@pytest.mark.parametrize(
    ("at", "gap_m"), [((380.0, 3.0), 0.0), ((379.999, 3.0), 60.001), ((250.0, 900.0), 180.0)]
)
def test_the_end_of_a_street_is_in_order_from_120_m_on(at: tuple[float, float], gap_m: float) -> None:
    """Hydrants at 120, 240 and 260 m: 320 to 500 m lack one more; from 380 m the end is 120 m away."""
    others = hydrants(places({"a": (120, 3), "b": (240, 3), "c": (260, 3)}).geometry)
    people = gpd.GeoDataFrame(
        {"people": [7.0]}, geometry=places({"p": (500, 0)}).geometry.to_numpy(), crs=METRIC
    )
    state = judge_hydrants(make_roads(STREET), others, people, rules=RULES)
    ready = prepare_one_more(state, rules=RULES, snap_m=30.0)
    figures = ready.figures(hydrants(places({"one": at}).geometry))
    assert figures.gap_m == pytest.approx(gap_m, abs=1e-9)
    assert figures.people == (7.0 if at[1] < 100 else 0.0)
