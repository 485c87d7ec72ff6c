"""Candidates lie where they say; rules remove what breaks them, count it and say why."""

from __future__ import annotations

import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.spatial import cKDTree

from geo.errors import CrsError, InfeasibleError, InputError, StudyError
from geo.network import RoadNetwork, from_roads, morton_codes
from geo.osm import read_roads
from geo.routing import snap
from geo.standards import load_profile
from geo.study.sites.candidates import (
    _thinned,
    along_roads,
    from_nodes,
    from_plots,
    on_grid,
    roads_of_class,
)
from geo.study.sites.land_rules import (
    apart_rule,
    crowd_rule,
    hazmat_rule,
    inside_rule,
    outside_rule,
    road_rule,
    sift,
    size_rules,
)
from geo.times import UNREACHED_MS
from tests.shared import real
from tests.towns import METRIC, ORIGIN, places, town

# A street of 1,000 m from west to east, and another island 5,000 m north of it.
STREET = town({1: (0, 0), 2: (1000, 0), 3: (0, 5000), 4: (300, 5000)}, [(1, 2, 100), (3, 4, 30)])


def shapes(*items: object, **columns: object) -> gpd.GeoDataFrame:
    moved = [shapely.transform(item, lambda xy: xy + ORIGIN) for item in items]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=METRIC, index=[f"p{k}" for k in range(len(items))])


def xy(table: gpd.GeoDataFrame) -> list[tuple[float, float]]:
    at = shapely.get_coordinates(np.asarray(table.geometry.array)) - ORIGIN
    return [(round(x, 3), round(y, 3)) for x, y in at]


def test_spacing_puts_points_exactly_on_the_edges() -> None:
    # 1,000 m in parts of 250 m: five cuts; 300 m in two parts of 150 m: three cuts, all 125 m apart or more.
    found = along_roads(STREET, spacing_m=250.0)
    assert sorted(xy(found)) == sorted(
        [(0, 0), (250, 0), (500, 0), (750, 0), (1000, 0), (0, 5000), (150, 5000), (300, 5000)]
    )
    assert snap(found, STREET)["snap_m"].max() < 1e-6
    assert (found["origin"] == "road").all()
    assert found.index.is_unique


def test_spacing_thins_what_is_nearer_than_half() -> None:
    # 300 m in one part: cuts at 0 and 300, nearer than 350 to each other, so one stays.
    # 1,000 m in two parts of 500 m: three cuts stay.
    assert len(along_roads(STREET, spacing_m=700.0)) == 3 + 1


def test_memory_does_not_grow_with_the_spacing() -> None:
    # 6,000 cuts within reach of each other: their lists of neighbours would hold 36 million numbers, 288 MB.
    g = np.random.default_rng(1)
    xy_m, component = g.random((6000, 2)) * 100.0, np.zeros(6000, dtype=np.int32)
    tracemalloc.start()
    kept = _thinned(xy_m, component, 2000.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == 1
    assert peak < 5e6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(1.0, 300.0))
def test_thinning_takes_in_spatial_order_each_that_is_far_from_all_taken(
    seed: int, n: int, least_m: float
) -> None:
    g = np.random.default_rng(seed)
    xy_m, component = np.round(g.random((n, 2)) * 200.0), g.integers(0, 2, n).astype(np.int32)
    taken: list[int] = []
    for i in np.argsort(morton_codes(xy_m), kind="stable"):
        same = [k for k in taken if component[k] == component[i]]
        if not same or np.hypot(*(xy_m[same] - xy_m[i]).T).min() > least_m * (1.0 - 1e-9):
            taken.append(int(i))
    assert _thinned(xy_m, component, least_m).tolist() == taken


@settings(max_examples=15, deadline=None)
@given(st.floats(20.0, 2000.0), st.integers(0, 5))
def test_no_road_is_farther_than_the_spacing(spacing_m: float, seed: int) -> None:
    g = np.random.default_rng(seed)
    nodes = {k: tuple(g.uniform(0, 3000, 2)) for k in range(12)}
    links = [(k, int(g.integers(0, k)), 60.0) for k in range(1, 12)]
    network = town(nodes, links)
    found = np.asarray(along_roads(network, spacing_m=spacing_m).geometry.array)
    lines = np.asarray(network.edges.geometry.array)
    on_roads = shapely.line_interpolate_point(lines[:, None], np.linspace(0, 1, 50), normalized=True).ravel()
    tree = shapely.STRtree(found)
    assert shapely.distance(on_roads, found[tree.nearest(on_roads)]).max() <= spacing_m * (1 + 1e-9)
    _, apart = tree.query_nearest(found, exclusive=True, return_distance=True)
    assert len(found) == 1 or apart.min() >= 0.5 * spacing_m * (1 - 1e-6)


def slow_along_roads(network: RoadNetwork, spacing_m: float) -> np.ndarray:
    """Candidates as GEOS cuts roads and as a tree of all cuts thins them: minutes and gigabytes on a city."""
    usable = network.edge_is_access & (np.minimum(network.edge_ms, network.edge_back_ms) < UNREACHED_MS)
    edges = np.flatnonzero(usable)
    parts = np.maximum(np.ceil(network.edge_length[edges] / spacing_m - 1e-9), 1.0).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), parts + 1)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(parts + 1) - parts - 1, parts + 1)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))[edges]
    cuts = shapely.line_interpolate_point(lines[edge], step / parts[edge], normalized=True)
    xy_m = shapely.get_coordinates(cuts)
    order = np.argsort(morton_codes(xy_m), kind="stable")
    component = network.node_component[network.edge_u[edges[edge]]]
    apart = np.column_stack([xy_m, component * (5.0 * spacing_m)])[order]
    near = cKDTree(apart).query_ball_point(apart, 0.5 * spacing_m * (1.0 - 1e-9))
    is_out = np.zeros(len(apart), dtype=bool)
    for i, others in enumerate(near):
        if not is_out[i]:
            is_out[others] = True
            is_out[i] = False
    return xy_m[order[~is_out]]


@settings(max_examples=25, deadline=None)
@given(st.floats(5.0, 3000.0), st.integers(0, 100_000), st.integers(1, 3))
def test_candidates_are_to_the_bit_those_of_the_slow_way(spacing_m: float, seed: int, bends: int) -> None:
    g = np.random.default_rng(seed)
    nodes = {k: tuple(np.round(g.uniform(0, 2000, 2), int(g.integers(0, 3)))) for k in range(25)}
    links = [(k, int(g.integers(0, k)), 60.0) for k in range(1, 25) if k % 8]  # several islands
    bent = {}
    for i, (u, v, _) in enumerate(links):
        share = np.sort(g.random(bends))[:, None]
        inner = nodes[u] + share * np.subtract(nodes[v], nodes[u]) + g.normal(0.0, 20.0, (bends, 2))
        bent[i] = [nodes[u], *inner.round(1).tolist(), inner[-1].round(1)]  # the same vertex twice too
    network = town(nodes, links, shapes=bent)
    found = along_roads(network, spacing_m=spacing_m)
    assert (shapely.get_coordinates(found.geometry) == slow_along_roads(network, spacing_m)).all()


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "crs"),
    [
        ("liechtenstein/liechtenstein-240304.osm.pbf", "EPSG:32632"),
        ("helsinki/Helsinki.osm.pbf", "EPSG:32635"),
    ],
)
def test_candidates_of_real_roads_are_those_of_the_slow_way(path: str, crs: str) -> None:
    network = from_roads(read_roads(real(path)), load_profile("fire_engine"), crs=CRS(crs))
    for spacing_m in (50.0, 400.0):
        found = along_roads(network, spacing_m=spacing_m)
        assert (shapely.get_coordinates(found.geometry) == slow_along_roads(network, spacing_m)).all()


def test_many_short_roads_are_thinned_before_they_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    # 99 links of 10 m are 99 parts at any spacing; of their ends two stay, each 350 m from the other.
    street = town({k: (10.0 * k, 0.0) for k in range(100)}, [(k, k + 1, 1.0) for k in range(99)])
    monkeypatch.setattr("geo.study.sites.candidates.MOST", 50)
    assert len(along_roads(street, spacing_m=700.0)) == 990 // 350 + 1
    with pytest.raises(InputError, match="gives 66 candidates, more than 50"):  # 990 m / 15 m
        along_roads(street, spacing_m=15.0)


def test_nodes_are_those_of_roads_that_may_be_entered() -> None:
    assert from_nodes(STREET).index.tolist() == ["node-1", "node-2", "node-3", "node-4"]
    with pytest.raises(InputError, match="no road has class trunk; the network has unclassified"):
        from_nodes(STREET, classes=["trunk"])


def test_a_grid_stays_on_land() -> None:
    land = shapes(shapely.box(-10, -10, 1010, 10))
    origin = ORIGIN % 100
    assert origin.tolist() == [0, 0]
    assert xy(on_grid(STREET, spacing_m=100.0, land=land)) == [(100.0 * k, 0.0) for k in range(11)]
    with pytest.raises(InputError, match="no point on the land"):
        on_grid(STREET, spacing_m=100.0, land=shapes(shapely.box(10, 10, 20, 20)))


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), float("inf")])
def test_a_spacing_is_metres_above_zero(spacing: float) -> None:
    with pytest.raises(InputError, match="above 0"):
        along_roads(STREET, spacing_m=spacing)
    with pytest.raises(InputError, match="above 0"):
        on_grid(STREET, spacing_m=spacing)


def test_a_spacing_of_millimetres_is_a_slip() -> None:
    with pytest.raises(InputError, match="take a larger spacing_m"):
        along_roads(STREET, spacing_m=0.001)


def test_engines_leave_a_plot_where_it_is_nearest_to_a_road() -> None:
    plots = shapes(
        shapely.box(100, 20, 160, 80),
        shapely.Point(500, 30),
        name=["梨园地块", None],
        area_m2=[np.nan, 900.0],
    )
    found = from_plots(plots, STREET)
    assert xy(found)[0][1] == 20  # the southern side, 20 m from the street
    assert 100 <= xy(found)[0][0] <= 160
    assert xy(found)[1] == (500, 30)
    assert found["area_m2"].tolist() == [3600.0, 900.0]
    assert found["name"].tolist() == ["梨园地块", ""]
    assert found["plot_id"].tolist() == ["p0", "p1"]


def test_a_plot_across_the_road_has_its_exit_on_it() -> None:
    found = from_plots(shapes(shapely.box(100, -30, 160, 80)), STREET)
    assert xy(found)[0][1] == 0


def test_plots_must_be_usable() -> None:
    with pytest.raises(InputError, match="1 plots are no polygon or point"):
        from_plots(shapes(shapely.LineString([(0, 0), (9, 9)]), shapely.Point(0, 0)), STREET)
    with pytest.raises(CrsError, match="reproject"):
        from_plots(shapes(shapely.Point(0, 0)).to_crs(4326), STREET)


# Rules


def plots(**at: tuple[float, float]) -> gpd.GeoDataFrame:
    """Square plots of 20 m with their south side on the given points."""
    boxes = [shapely.box(x - 10, y, x + 10, y + 20) for x, y in at.values()]
    table = shapes(*boxes)
    table.index = list(at)
    return from_plots(table, STREET)


def test_each_rule_counts_what_it_removes() -> None:
    sites = plots(a=(100, 5), b=(300, 5), c=(500, 5), d=(900, 5))
    keep_out = shapes(shapely.box(280, 0, 320, 100))
    water = shapes(shapely.box(290, -100, 520, 100))
    sifted = sift(sites, [inside_rule("keep_out", keep_out), inside_rule("water", water)])
    assert sifted.kept.index.tolist() == ["a", "d"]
    assert sifted.removed["reason"].to_dict() == {"b": "keep_out", "c": "water"}
    assert sifted.rules[["rule", "n_before", "n_removed", "n_left"]].to_numpy().tolist() == [
        ["keep_out", 4, 1, 3],
        ["water", 3, 1, 2],
    ]


def test_a_shared_border_is_no_overlap() -> None:
    sites = plots(a=(100, 5))
    beside = shapes(shapely.box(110, 0, 200, 100))
    assert len(sift(sites, [inside_rule("keep_out", beside)]).kept) == 1
    # 10 % of the plot
    with pytest.raises(InfeasibleError):
        sift(sites, [inside_rule("keep_out", shapes(shapely.box(108, 0, 200, 100)))])


def test_off_land_is_off() -> None:
    sites = from_nodes(STREET)
    land = shapes(shapely.box(-1, -1, 500, 1))
    assert sift(sites, [outside_rule("off_land", land)]).kept.index.tolist() == ["node-1"]


def test_fifty_metres_from_a_school_is_enough_and_less_is_not() -> None:
    # The exit of a plot at (x, 5) is on its south side, straight above the street or at a corner.
    sites = from_nodes(STREET)
    near, far = places({"s": (49.9, 0)}), places({"s": (50.0, 0)})
    assert "node-1" in sift(sites, [crowd_rule(near)]).removed.index
    assert "node-1" in sift(sites, [crowd_rule(far)]).kept.index
    rule = crowd_rule(far)
    assert rule.limit == 50
    assert "4.1.5" in rule.source
    assert crowd_rule(far, least_m=80.0).limit == 80


def test_hazardous_goods_take_the_stricter_edition_unless_told() -> None:
    sites = from_nodes(STREET)  # node-1 is 250 m from the tank: the editions disagree on it
    tank = places({"t": (250, 0)})
    strict, disputed = hazmat_rule(tank)
    assert (strict.limit, disputed(sites)) == (300, 1)
    assert "node-1" in sift(sites, [strict]).removed.index
    loose, _ = hazmat_rule(tank, edition="GB 51080-2015")
    assert loose.limit == 200
    assert "node-1" in sift(sites, [loose]).kept.index
    own, _ = hazmat_rule(tank, least_m=500.0)
    assert own.limit == 500
    with pytest.raises(StudyError, match="choose stricter, GB 51080-2015"):
        hazmat_rule(tank, edition="GB 50016")


def test_hazard_distance_is_measured_from_the_plot() -> None:
    # The plot's east side is at 110, the tank at 405: 295 m; from the plot's middle it would be 305 m.
    sites = plots(a=(100, 5))
    rule, _ = hazmat_rule(places({"t": (405, 15)}))
    assert bool(rule.breaks(sites)[0])


def test_small_plots_and_plots_of_unknown_area_go() -> None:
    table = shapes(
        shapely.Point(0, 9), shapely.Point(9, 9), shapely.Point(20, 9), area_m2=[2399.9, 2400, np.nan]
    )
    sifted = sift(from_plots(table, STREET), size_rules(2400.0, station_class="second"))
    assert sifted.kept.index.tolist() == ["p1"]
    assert sifted.removed["reason"].to_dict() == {"p2": "area_unknown", "p0": "too_small"}
    roads = from_nodes(STREET)
    assert len(sift(roads, size_rules(2400.0, station_class="second")).kept) == len(roads)


def test_a_road_of_the_right_class_must_be_near() -> None:
    sites = plots(a=(100, 5), b=(100, 60))
    rule = road_rule(roads_of_class(STREET, ["unclassified"]), most_m=55.0, classes=["unclassified"])
    assert sift(sites, [rule]).kept.index.tolist() == ["a"]


def test_sites_keep_apart_from_stations() -> None:
    sites = from_nodes(STREET)
    stations = places({"old": (400, 0)})
    assert sift(sites, [apart_rule(stations, least_m=400.0)]).kept.index[:2].tolist() == ["node-1", "node-2"]
    assert sift(sites, [apart_rule(stations, least_m=401.0)]).removed.index.tolist() == ["node-1"]


def test_no_candidate_left_says_which_rule_removed_how_many() -> None:
    sites = plots(a=(100, 5), b=(300, 5), c=(500, 5))
    rules = [
        inside_rule("keep_out", shapes(shapely.box(280, 0, 320, 100))),
        *size_rules(2400.0, station_class="second"),
    ]
    counted = r"where nothing may be built removed 1 of 3, plot too small removed 2 of 2 \(limit 2400 m²\)"
    with pytest.raises(InfeasibleError, match=counted):
        sift(sites, rules)
    with pytest.raises(InfeasibleError, match="there is no candidate at all"):
        sift(sites.iloc[:0], rules)


def test_nothing_is_removed_twice() -> None:
    sites = plots(a=(100, 5), b=(300, 5))
    area = shapes(shapely.box(280, 0, 320, 100))
    sifted = sift(sites, [inside_rule("keep_out", area), inside_rule("flood", area)])
    assert sifted.rules["n_removed"].tolist() == [1, 0]
    assert len(sifted.kept) + len(sifted.removed) == len(sites)
    assert pd.Index(sifted.kept.index).intersection(sifted.removed.index).empty
