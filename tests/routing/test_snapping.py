"""Snapping: the nearest road that may be entered, barriers, limits and ties."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError, InputError
from geo.network import EdgeTable, build_network, close_edges
from geo.routing import SNAP_COLUMNS, SnapRules, snap
from geo.times import UNREACHED_MS
from tests.towns import METRIC, ORIGIN, places, town

# A street along y = 0 and one along y = 1000, joined at x = 0.
LADDER = town({1: (0, 0), 2: (1000, 0), 3: (0, 1000), 4: (1000, 1000)}, [(1, 2, 60), (3, 4, 60), (1, 3, 60)])


def shapes(*geometries: shapely.Geometry) -> gpd.GeoSeries:
    """Make barriers in the town's CRS."""
    return gpd.GeoSeries([shapely.affinity.translate(g, *ORIGIN) for g in geometries], crs=METRIC)


def test_a_point_goes_to_the_nearest_place_of_the_nearest_road() -> None:
    snaps = snap(places({"a": (250, 30), "b": (900, 990), "c": (-40, 500)}), LADDER)
    assert snaps.columns.tolist() == list(SNAP_COLUMNS)
    assert snaps["edge"].tolist() == [0, 1, 2]
    assert snaps["fraction"].tolist() == pytest.approx([0.25, 0.9, 0.5])
    assert snaps["snap_m"].tolist() == pytest.approx([30, 10, 40])
    # 10 km/h is 2.777... m/s: 30 m take 10.8 s, 10 m 3.6 s, 40 m 14.4 s.
    assert snaps["access_s"].tolist() == [10.8, 3.6, 14.4]
    assert snaps["component"].tolist() == [0, 0, 0]


def test_the_limit_itself_is_near_enough_and_beyond_it_says_so() -> None:
    snaps = snap(places({"in": (500, -500), "out": (500, -501)}), LADDER, max_m=500.0)
    assert snaps["is_snapped"].tolist() == [True, False]
    assert snaps["reason"].tolist() == ["", "too far"]
    assert snaps["snap_m"].tolist() == [500, 501], "the distance is told even when it is too far"
    assert snaps.loc["out", ["edge", "component", "access_s"]].tolist() == [-1, -1, np.inf]
    assert np.isnan(snaps.loc["out", "fraction"])


def test_of_roads_equally_near_the_first_is_taken() -> None:
    snaps = snap(places({"corner": (0, 0), "middle": (500, 500)}), LADDER)
    assert snaps["edge"].tolist() == [0, 0]
    assert snaps["fraction"].tolist() == [0.0, 0.5]
    crossing = town({1: (0, 0), 2: (100, 0), 3: (100, 100)}, [(2, 3, 9), (1, 2, 9)])
    assert snap(places({"corner": (110, -10)}), crossing)[["edge", "fraction"]].iloc[0].tolist() == [0, 0.0]


def test_a_road_behind_water_is_passed_over() -> None:
    # 100 m to the south street, 900 to the north one; a canal runs along y = 50.
    at = places({"p": (500, 100), "q": (100, 100)})
    canal = shapes(shapely.LineString([(-10, 50), (2000, 50)]))
    snaps = snap(at, LADDER, max_m=950, barriers=canal)
    assert snaps["edge"].tolist() == [2, 2], "the road along x = 0 is the nearest that is clear"
    assert snaps["snap_m"].tolist() == [500, 100]
    snaps = snap(at, LADDER, max_m=450, barriers=canal)
    assert snaps["reason"].tolist() == ["across a barrier", ""]
    pond = shapes(shapely.box(450, 20, 550, 60), shapely.Point(3000, 0).buffer(5))
    assert snap(at, LADDER, barriers=pond)["edge"].tolist() == [2, 0]
    assert snap(at, LADDER, barriers=pond[1:])["edge"].tolist() == [0, 0]


def test_a_wall_that_is_only_touched_and_a_point_on_the_road_are_clear() -> None:
    lake = shapes(shapely.box(0, 100, 1000, 400), shapely.box(0, -300, 1000, 20))
    at = places({"shore": (500, 400), "bridge": (500, 0)})
    shore, bridge = snap(at, LADDER, max_m=450, barriers=lake[:1])["reason"]
    assert (shore, bridge) == ("across a barrier", "")
    assert snap(places({"bridge": (500, 0)}), LADDER, barriers=lake[1:])["reason"].tolist() == [""]
    assert snap(places({"shore": (500, 100)}), LADDER, barriers=lake[:1])["reason"].tolist() == [""]


def test_only_roads_that_may_be_entered_count() -> None:
    def streets(is_access: list[bool], ms: list[int], back: list[int]):
        lines = np.array([[0, 0], [1000, 0], [0, 100], [1000, 100]], dtype=float) + ORIGIN
        edges = EdgeTable(
            u=np.array([0, 2]), v=np.array([1, 3]), length=np.array([1000.0, 1000.0]), ms=np.array(ms),
            back_ms=np.array(back), xy=lines, xy_start=np.array([0, 2, 4]), is_access=np.array(is_access),
        )  # fmt: skip
        return build_network(np.arange(4), lines, edges, crs=METRIC)

    at = places({"p": (500, 10)})
    closed = int(UNREACHED_MS)
    assert snap(at, streets([True, True], [9, 9], [9, 9]))["edge"].tolist() == [0]
    assert snap(at, streets([False, True], [9, 9], [9, 9]))["edge"].tolist() == [1], "not from a motorway"
    assert snap(at, streets([True, True], [closed, 9], [closed, 9]))["edge"].tolist() == [1]
    assert snap(at, streets([True, True], [closed, 9], [9, 9]))["edge"].tolist() == [0], "one-way is open"
    none = snap(at, streets([False, False], [9, 9], [9, 9]))
    assert none["reason"].tolist() == ["no road"]
    assert np.isnan(none["snap_m"].iloc[0])


def test_no_points_give_an_empty_table() -> None:
    empty = snap(places({}), LADDER, barriers=shapes(shapely.box(0, 0, 1, 1)))
    assert empty.shape == (0, len(SNAP_COLUMNS))


def test_bad_input_is_an_error() -> None:
    good = places({"p": (500, 10)})
    with pytest.raises(CrsError, match="points are in"):
        snap(good.to_crs(4326), LADDER)
    with pytest.raises(CrsError, match="barriers are in no CRS"):
        snap(good, LADDER, barriers=gpd.GeoSeries([shapely.box(0, 0, 1, 1)]))
    wrong = [None, shapely.Point(), shapely.box(0, 0, 1, 1), shapely.Point(np.nan, 1)]
    bad = gpd.GeoSeries(wrong, crs=METRIC)
    with pytest.raises(InputError, match="4 rows are not points"):
        snap(bad, LADDER)
    with pytest.raises(InputError, match="access_kph"):
        snap(good, LADDER, access_kph=0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-700, 1700), st.floats(-700, 1700)), max_size=8), st.floats(1, 900))
def test_snapping_is_the_nearest_by_brute_force(xy: list[tuple[float, float]], max_m: float) -> None:
    at = places({f"p{i}": p for i, p in enumerate(xy)})
    snaps = snap(at, LADDER, max_m=max_m)
    pd.testing.assert_index_equal(snaps.index, at.index)
    lines = LADDER.edges.geometry
    for point, row in zip(at.geometry, snaps.itertuples(), strict=True):
        assert row.snap_m == pytest.approx(lines.distance(point).min(), abs=1e-9)
        assert row.is_snapped == (row.snap_m <= max_m)
        if row.is_snapped:
            place = lines[row.edge].interpolate(row.fraction, normalized=True)
            assert place.distance(point) == pytest.approx(row.snap_m, abs=2e-3)


def test_many_points_are_snapped_as_each_alone() -> None:
    xy = np.random.default_rng(5).uniform(-700, 1700, size=(4500, 2)) + ORIGIN
    at = gpd.GeoSeries(shapely.points(xy), crs=METRIC)
    snaps = snap(at, LADDER)
    away = np.column_stack([LADDER.edges.geometry.distance(line) for line in at[::9]]).T
    assert (snaps["snap_m"][::9] == away.min(axis=1)).all()
    near = snaps["is_snapped"][::9]
    assert (snaps["edge"][::9][near] == away.argmin(axis=1)[near]).all()


@pytest.mark.parametrize("closed", [[], [0], [0, 2]])
def test_one_point_is_put_where_it_is_in_a_table(closed: list[int]) -> None:
    """Also behind water, off the roads, and on a road that is closed, where its ends may still be open."""
    roads = close_edges(LADDER, closed) if closed else LADDER
    rules = SnapRules(400.0, 5.0, shapes(shapely.box(200, 100, 400, 300)))
    xy = [
        *np.random.default_rng(7).uniform(-700, 1700, size=(200, 2)),
        [0, 0],
        [1000, 0],
        [500, 0],
        [0, 1000],
    ]
    at = gpd.GeoSeries(shapely.points(np.array(xy) + ORIGIN), crs=METRIC)
    spots = [rules.spot(point, roads) for point in at]
    for spot, row in zip(spots, rules.snap(at, roads).itertuples(), strict=True):
        assert (spot.edge, spot.access_s) == (row.edge, row.access_s)
        assert spot.fraction == row.fraction or np.isnan([spot.fraction, row.fraction]).all()
