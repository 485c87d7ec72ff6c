"""The network: order, components, arcs and tables; times of roads under a profile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.errors import CrsError, InputError, NetworkError
from geo.files import load_object, save_object
from geo.network import (
    RoadNetwork,
    Roads,
    close_edges,
    components,
    from_roads,
    mark_urban,
    roads_from_lines,
    to_networkx,
)
from geo.osm import read_roads
from geo.standards import SpeedProfile, load_profile
from tests.shared import real
from tests.towns import METRIC, ORIGIN, town

SQUARE = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000), 5: (5000, 0), 6: (5000, 100)}


def test_parallel_links_collapse_to_the_fastest_and_loops_vanish_from_the_arcs() -> None:
    network = town(SQUARE, [(1, 2, 60), (1, 2, 50), (2, 3, 60, np.inf), (3, 3, 30), (5, 6, 10)])
    arcs = {
        (int(network.node_id[i]), int(network.node_id[network.arcs.head[a]])): int(network.arcs.ms[a])
        for i in range(network.n_nodes)
        for a in range(network.arcs.start[i], network.arcs.start[i + 1])
    }
    assert arcs == {(1, 2): 50_000, (2, 1): 50_000, (2, 3): 60_000, (5, 6): 10_000, (6, 5): 10_000}
    assert len(network.edges) == 5, "the table keeps every link"
    assert network.edges["oneway"].tolist() == [False, False, True, False, False]


def test_networks_of_the_same_roads_share_their_lines() -> None:
    drive = town(SQUARE, [(1, 2, 60), (2, 3, 60), (5, 6, 10)])
    walk = town(SQUARE, [(1, 2, 700), (2, 3, 700), (5, 6, 80)])
    shared = walk.drawn_with(drive)
    assert shared.lines is drive.lines
    assert close_edges(shared, [0]).lines is drive.lines
    assert shared.edge_ms.tolist() == walk.edge_ms.tolist()
    assert shapely.equals(shared.entry_roads.lines, walk.entry_roads.lines).all()
    assert shared.edge_u is drive.edge_u, "what both have alike is held once"
    assert shared.arcs_back is shared.arcs, "who walks goes both ways"
    assert drive.drawn_with(walk).arcs.ms.tolist() == drive.arcs.ms.tolist()
    one_way = town(SQUARE, [(1, 2, 700, np.inf), (2, 3, 700), (5, 6, 80)]).drawn_with(drive)
    assert one_way.arcs_back is not one_way.arcs
    fewer = town(SQUARE, [(1, 2, 700), (2, 3, 700)])
    assert fewer.drawn_with(drive) is fewer
    assert len(fewer.lines) == 2


def test_a_network_is_kept_without_what_is_made_when_it_is_asked_for(tmp_path: Path) -> None:
    network = town(SQUARE, [(1, 2, 60), (2, 3, 60), (5, 6, 10)])
    save_object(tmp_path / "before.kept", network)
    assert len(network.edges) == len(network.entry_roads.tree) == len(network.arcs.packed) - 3 == 3
    save_object(tmp_path / "after.kept", network)
    assert (tmp_path / "after.kept").read_bytes() == (tmp_path / "before.kept").read_bytes()
    back = load_object(tmp_path / "after.kept")
    assert shapely.equals(back.lines, network.lines).all()
    assert back.arcs.packed.tolist() == network.arcs.packed.tolist()


def test_roads_that_may_all_be_entered_have_one_tree() -> None:
    network = town(SQUARE, [(1, 2, 60), (2, 3, 60), (5, 6, 10)])
    assert network.entry_roads.tree is network.line_tree
    fewer = close_edges(network, [1])
    assert fewer.entry_roads.edge.tolist() == [0, 2]
    assert len(fewer.entry_roads.tree) == 2


def test_the_largest_component_by_road_length_is_zero() -> None:
    network = town(SQUARE, [(5, 6, 10), (1, 2, 60)])
    component = dict(zip(network.node_id.tolist(), network.node_component.tolist(), strict=True))
    assert (component[1], component[2], component[5], component[6]) == (0, 0, 1, 1)
    assert {component[3], component[4]} == {2, 3}, "nodes without roads come last"


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_a_road_without_a_time_is_an_error(seconds: float) -> None:
    with pytest.raises(NetworkError, match="no usable time"):
        town(SQUARE, [(1, 2, 60), (2, 3, seconds)])


def test_no_roads_is_an_error() -> None:
    with pytest.raises(NetworkError, match="no road"):
        town(SQUARE, [])


# --- from roads, under a speed profile ---

PLAN = {1: (0.0, 0.0), 2: (1000.0, 0.0), 3: (2000.0, 0.0), 4: (1000.0, 1000.0), 5: (1000.0, -500.0)}


def plan_roads(**columns: list[object]) -> Roads:
    """Give four roads of 1000, 1000, 1000 and 500 m that meet at node 2."""
    ends = [(1, 2), (2, 3), (2, 4), (2, 5)]
    frame = gpd.GeoDataFrame(
        {"u": [u for u, _ in ends], "v": [v for _, v in ends], "length_m": [1000.0, 1000.0, 1000.0, 500.0]}
        | columns,
        geometry=[shapely.LineString([ORIGIN + PLAN[u], ORIGIN + PLAN[v]]) for u, v in ends],
        crs=METRIC,
    )
    return roads_from_lines(frame)


def seconds(network: RoadNetwork) -> dict[tuple[int, int], float]:
    table = network.edges
    there = dict(zip(zip(table["u"], table["v"], strict=True), table["travel_time"], strict=True))
    return there | dict(zip(zip(table["v"], table["u"], strict=True), table["travel_time_back"], strict=True))


FLAT = SpeedProfile(name="flat", speeds_kph={"unclassified": 36.0})  # 10 m/s


def test_a_class_speed_gives_the_time() -> None:
    assert seconds(from_roads(plan_roads(), FLAT)) == {
        (1, 2): 100, (2, 1): 100, (2, 3): 100, (3, 2): 100, (2, 4): 100, (4, 2): 100, (2, 5): 50, (5, 2): 50,
    }  # fmt: skip


def test_half_the_junction_delay_is_charged_at_each_end_where_three_roads_meet() -> None:
    # four roads meet at node 2 and one at every other: 4 / 2 = 2 s on each road, both ways
    times = seconds(from_roads(plan_roads(), replace(FLAT, junction_delay_s=4.0)))
    assert times[1, 2] == times[2, 1] == 102
    assert times[1, 2] + times[2, 3] == 204, "driving through the junction costs the whole delay"
    # with the third and fourth road closed, node 2 is no junction any more
    closed = plan_roads(highway=["unclassified", "unclassified", "footway", "construction"])
    assert seconds(from_roads(closed, replace(FLAT, junction_delay_s=4.0)))[1, 2] == 100


@pytest.mark.parametrize(
    ("rule", "against"), [("obey", np.inf), ("ignore", 100.0), (0.5, 200.0), (1.0, 100.0)]
)
def test_one_way_streets_are_obeyed_ignored_or_driven_against(rule: object, against: float) -> None:
    roads = plan_roads(oneway=["yes", "-1", "no", None])
    times = seconds(from_roads(roads, replace(FLAT, oneway=rule)))
    assert (times[1, 2], times[2, 1]) == (100, against)
    assert (times[2, 3], times[3, 2]) == (against, 100)
    assert times[2, 4] == times[4, 2] == 100


def test_a_limit_times_the_factor_replaces_the_class_speed() -> None:
    roads = plan_roads(maxspeed=["72", "none", None, "45"])
    times = seconds(from_roads(roads, replace(FLAT, maxspeed_factor=0.8)))
    assert times[1, 2] == pytest.approx(1000 / (72 * 0.8 / 3.6), abs=5e-4)
    assert times[2, 3] == times[2, 4] == 100
    assert times[2, 5] == 50, "0.8 x 45 = 36 km/h"
    assert seconds(from_roads(roads, FLAT))[1, 2] == 100, "no factor: the tag is not used"


def test_urban_speeds_hold_inside_built_up_areas_only() -> None:
    area = gpd.GeoDataFrame(geometry=[shapely.box(*(ORIGIN - 100), *(ORIGIN + 900))], crs=METRIC)
    profile = replace(FLAT, urban_speeds_kph={"unclassified": 18.0})
    times = seconds(from_roads(mark_urban(plan_roads(), area), profile))
    assert (times[1, 2], times[2, 3]) == (200, 100)


def test_what_is_closed_to_engines_and_open_to_walkers() -> None:
    kinds = ["primary", "steps", "ferry", "service"]
    roads = plan_roads(highway=kinds, access=[None, None, None, "private"], oneway=["yes", None, None, None])
    engine, walk = load_profile("fire_engine"), load_profile("walk")
    car = replace(engine, private_roads=False)
    assert set(seconds(from_roads(roads, car))) == {(1, 2), (2, 1)}
    assert len(from_roads(roads, replace(car, ferries=True)).edge_u) == 2
    assert len(from_roads(roads, engine).edge_u) == 2, "an engine under blue light uses the private road"
    on_foot = seconds(from_roads(roads, walk))
    assert set(on_foot) == {(1, 2), (2, 1), (2, 3), (3, 2)}
    assert on_foot[1, 2] == on_foot[2, 1] == 900, "1 km at 4 km/h, one-way or not"
    assert on_foot[2, 3] == 1800, "steps at 2 km/h"


def test_motorways_are_driven_but_not_entered() -> None:
    network = from_roads(
        plan_roads(highway=["motorway", "motorway_link", "primary", "service"]), load_profile("car")
    )
    assert network.edge_is_access.tolist() == [False, False, True, True]


def test_no_usable_road_is_an_error_that_names_the_classes() -> None:
    with pytest.raises(NetworkError, match=r"fire_engine.*footway"):
        from_roads(plan_roads(highway=["footway"] * 4), load_profile("fire_engine"))


def test_the_crs_is_metric_and_does_not_change_the_times() -> None:
    roads = plan_roads()
    with pytest.raises(CrsError, match="not projected"):
        from_roads(roads, FLAT, crs=CRS.from_epsg(4326))
    other = from_roads(roads, FLAT, crs=CRS.from_epsg(32650))
    assert other.crs.to_epsg() == 32650
    assert seconds(other) == seconds(from_roads(roads, FLAT))


def test_components_are_named_and_the_small_ones_stay() -> None:
    network = town(SQUARE, [(5, 6, 10), (1, 2, 60), (2, 3, 60)])
    table = components(network)
    assert table["name"].tolist() == ["component 0", "component 1", "component 2"]
    assert table["n_nodes"].tolist() == [3, 2, 1]
    assert table["km"].tolist() == pytest.approx([2.0, 0.1, 0.0])
    assert table.loc[1, ["min_x", "max_x", "min_y", "max_y"]].tolist() == pytest.approx(
        [ORIGIN[0] + 5000, ORIGIN[0] + 5000, ORIGIN[1], ORIGIN[1] + 100]
    )
    islands = gpd.GeoDataFrame(
        {"name": ["长兴岛", "崇明岛"]},
        geometry=[shapely.Point(ORIGIN[0] + 5200, ORIGIN[1]), shapely.box(*ORIGIN - 50, *ORIGIN + 1500)],
        crs=METRIC,
    )
    assert components(network, islands.to_crs(4326))["name"].tolist() == ["崇明岛", "长兴岛", "崇明岛"]
    assert components(network, islands.iloc[:0])["name"].tolist() == table["name"].tolist()
    with pytest.raises(InputError, match="'name'"):
        components(network, islands.rename(columns={"name": "label"}))


# --- real roads against an independent reading of the same file ---


class Ways(osmium.SimpleHandler):
    """Reads road ways the plain way, one Python object after the other."""

    def __init__(self, classes: set[str]) -> None:
        super().__init__()
        self.classes = classes
        self.ways: list[tuple[int, dict[str, str], list[tuple[int, float, float] | None]]] = []
        self.cuts: set[int] = set()

    def node(self, node: Any) -> None:
        is_low = "barrier" not in node.tags and "maxheight" in node.tags
        if (
            is_low
            or node.tags.get("barrier") in ("bollard", "block")
            or "private" in dict(node.tags).values()
        ):
            self.cuts.add(node.id)

    def way(self, way: Any) -> None:
        tags = dict(way.tags)
        if tags.get("highway") in self.classes:
            nodes = [(n.ref, n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
            self.ways.append((way.id, tags, nodes))


def plain_links(path: str, profile: SpeedProfile) -> list[tuple[int, int, int, float, float, float]]:
    """List (way, from, to, metres, seconds there, seconds back) by brute force."""
    reader = Ways(set(profile.speeds_kph))
    reader.apply_file(path, locations=True)
    runs = []
    for way, tags, nodes in reader.ways:
        run: list[tuple[int, float, float]] = []
        for node in [*nodes, None]:
            if node is not None:
                run.append(node)
            else:
                if len(run) > 1:
                    runs.append((way, tags, run))
                run = []
    used = Counter(ref for *_, run in runs for ref, *_ in run)
    geod = Geod(ellps="WGS84")
    links = []
    for way, tags, run in runs:
        # Engines drive where buses may, on the tram streets of the centre.
        lets_in = {tags.get(key) for key in ("motor_vehicle", "vehicle", "bus", "psv")}
        shut = tags.get("access") == "no" and not lets_in & {"yes", "designated", "destination"}
        if (shut or tags.get("area") == "yes") and tags.get("emergency") not in ("yes", "designated"):
            continue
        implied = tags["highway"] == "motorway" or tags.get("junction") in ("roundabout", "circular")
        oneway = tags.get("oneway", "yes" if implied else "no")
        oneway = tags.get("oneway:motor_vehicle", oneway)
        for side, code in (("backward", "yes"), ("forward", "-1")):
            oneway = code if tags.get(f"motor_vehicle:{side}") == "no" else oneway
        speed = profile.speeds_kph[tags["highway"]] / 3.6
        start = 0
        for i in range(1, len(run)):
            if i == len(run) - 1 or used[run[i][0]] > 1 or run[i][0] in reader.cuts:
                part = run[start : i + 1]
                metres = geod.line_length([p[1] for p in part], [p[2] for p in part])
                against = float(profile.oneway)
                there = metres / speed / (against if oneway == "-1" else 1)
                back = metres / speed / (against if oneway == "yes" else 1)
                links.append((way, part[0][0], part[-1][0], metres, there, back))
                start = i
    return links


@pytest.fixture(scope="module")
def helsinki() -> tuple[RoadNetwork, list[tuple[int, int, int, float, float, float]]]:
    path = real("helsinki/Helsinki.osm.pbf")
    profile = replace(load_profile("fire_engine"), junction_delay_s=0.0)
    roads = read_roads(path, classes=profile.speeds_kph)
    # Barriers cut roads for every vehicle; what barriers and limits close to this one is tested elsewhere.
    return from_roads(replace(roads, barriers=None, edge_limits=None), profile), plain_links(
        str(path), profile
    )


@pytest.mark.real
def test_helsinki_has_the_links_of_a_plain_reading(
    helsinki: tuple[RoadNetwork, list[tuple[int, int, int, float, float, float]]],
) -> None:
    network, links = helsinki
    table = network.edges
    ours = pd.DataFrame(
        {"way": table["source"], "u": table["u"], "v": table["v"], "m": table["length"],
         "there": table["travel_time"], "back": table["travel_time_back"]}
    ).sort_values(["way", "u", "v", "m"]).reset_index(drop=True)  # fmt: skip
    plain = (
        pd.DataFrame(links, columns=list(ours.columns))
        .sort_values(["way", "u", "v", "m"])
        .reset_index(drop=True)
    )
    assert ours[["way", "u", "v"]].equals(plain[["way", "u", "v"]])
    assert np.abs(ours["m"] - plain["m"]).max() < 1e-4
    assert np.abs(ours["there"] - plain["there"]).max() <= 0.00051, "rounded to whole milliseconds"
    assert np.abs(ours["back"] - plain["back"]).max() <= 0.00051


@pytest.mark.real
def test_helsinki_times_agree_with_scipy_and_networkx(
    helsinki: tuple[RoadNetwork, list[tuple[int, int, int, float, float, float]]],
) -> None:
    network, links = helsinki
    place = {int(node): i for i, node in enumerate(network.node_id)}
    fastest: dict[tuple[int, int], float] = {}
    for _, u, v, _, there, back in links:
        for a, b, s in ((u, v, there), (v, u, back)):
            fastest[place[a], place[b]] = min(
                max(round(s, 3), 0.001), fastest.get((place[a], place[b]), np.inf)
            )
    rows, columns = np.array(list(fastest)).T
    matrix = csr_array((list(fastest.values()), (rows, columns)), shape=(network.n_nodes,) * 2)
    sources = range(0, network.n_nodes, 97)
    expected = dijkstra(matrix, indices=list(sources))
    graph = to_networkx(network)
    for row, source in enumerate(sources):
        found = nx.single_source_dijkstra_path_length(
            graph, int(network.node_id[source]), weight="travel_time"
        )
        times = np.full(network.n_nodes, np.inf)
        times[[place[node] for node in found]] = list(found.values())
        assert np.array_equal(np.isinf(times), np.isinf(expected[row]))
        reached = np.isfinite(times)
        assert np.abs(times[reached] - expected[row][reached]).max() < 1e-6
    arcs = csr_array(
        (network.arcs.ms / 1000, network.arcs.head, network.arcs.start), shape=(network.n_nodes,) * 2
    )
    ours = dijkstra(arcs, indices=list(sources))
    assert np.allclose(ours, expected, atol=1e-6, rtol=0)


@pytest.mark.real
def test_liechtenstein_is_one_country_of_roads() -> None:
    profile = load_profile("fire_engine")
    network = from_roads(
        read_roads(real("liechtenstein/liechtenstein-240304.osm.pbf"), classes=profile.speeds_kph), profile
    )
    assert (network.node_component == 0).mean() > 0.9
    assert network.edge_length.sum() / 1000 == pytest.approx(900, rel=0.1)
    assert network.crs.to_epsg() == 32632
