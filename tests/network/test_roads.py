"""Roads from ways and from line layers: nodes, directions, lengths, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS, Geod

from geo.crs import geodesic_lengths, metric_crs
from geo.errors import CrsError, InputError, NetworkError
from geo.network import access_flags, from_roads, mark_urban, roads_from_lines
from geo.network.tags import CLOSED, NO_CARS
from geo.standards import SpeedProfile, load_profile
from tests.shared import real

METRIC = "EPSG:32651"
X0, Y0 = 350_000, 3_500_000


def layer(lines: list[object], crs: str | None = METRIC, **columns: list[object]) -> gpd.GeoDataFrame:
    """Make a road layer from coordinate lists near Chongming, in metres."""
    shapes = [
        shapely.LineString([(X0 + x, Y0 + y) for x, y in line]) if isinstance(line, list) else line
        for line in lines
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


PLUS = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0.3), (100, 100)], [(150, -50), (150, 50)]]


def test_ends_within_the_tolerance_are_one_node_and_crossings_stay_apart() -> None:
    roads = roads_from_lines(layer(PLUS), tolerance_m=0.5)
    # ends: (0, 0); (100, 0) shared by three lines; (200, 0); (100, 100); the fourth line only crosses
    degree = np.bincount(np.concatenate([roads.edge_u, roads.edge_v]))
    assert sorted(degree.tolist()) == [1, 1, 1, 1, 1, 3]
    apart = roads_from_lines(layer(PLUS), tolerance_m=0.1)
    assert apart.n_nodes == 7, "0.3 m is beyond a tolerance of 0.1 m"
    third = roads.xy[roads.xy_start[2] : roads.xy_start[3]]
    assert third.tolist() == [[X0 + 100, Y0 + 0.3], [X0 + 100, Y0 + 100]], "vertices stay where they are"


def test_crossings_are_split_when_asked_and_only_on_the_same_level() -> None:
    frame = layer([*PLUS, [(50, -20), (50, 20)]], layer=[None, None, None, None, "1"])
    roads = roads_from_lines(frame, split_crossings=True)
    # the fourth line meets the second at (150, 0): both become two; the bridge at x = 50 stays whole
    assert np.bincount(roads.edge_source).tolist() == [1, 2, 1, 2, 1]
    assert roads.edge_length.sum() == pytest.approx(roads_from_lines(frame).edge_length.sum(), rel=1e-9)
    degree = np.bincount(np.concatenate([roads.edge_u, roads.edge_v]))
    assert sorted(degree.tolist()) == [1] * 7 + [3, 4]


@pytest.mark.parametrize(
    ("columns", "n_edges"),
    [
        ({"layer": ["0", None]}, 4),
        ({"layer": [0.0, np.nan]}, 4),
        ({"layer": [0, 1]}, 2),
        ({"layer": ["-1", None]}, 2),
        ({"bridge": ["no", None]}, 4),
        ({"bridge": ["F", ""]}, 4),  # Geofabrik's codes
        ({"bridge": ["F", "T"]}, 2),
        ({"bridge": ["yes", "viaduct"]}, 4),  # both on a bridge
        ({"tunnel": [None, "yes"]}, 2),
    ],
)
def test_the_ground_is_one_level_however_it_is_written(
    columns: dict[str, list[object]], n_edges: int
) -> None:
    cross = [[(0, 0), (200, 0)], [(100, -100), (100, 100)]]
    assert roads_from_lines(layer(cross, **columns), split_crossings=True).n_edges == n_edges


def test_an_end_that_touches_a_line_splits_it() -> None:
    roads = roads_from_lines(layer([[(0, 0), (100, 0)], [(40, 0.2), (40, 90)]]), split_crossings=True)
    assert np.bincount(roads.edge_source).tolist() == [2, 1]
    assert np.bincount(np.concatenate([roads.edge_u, roads.edge_v])).max() == 3


def test_node_ids_decide_where_they_are_given() -> None:
    frame = layer(PLUS, u=[10, 20, 99, 50], v=[20, 30, 40, 60])
    roads = roads_from_lines(frame)
    ends = zip(roads.node_id[roads.edge_u], roads.node_id[roads.edge_v], strict=True)
    assert [(int(u), int(v)) for u, v in ends] == [(10, 20), (20, 30), (99, 40), (50, 60)]
    with pytest.raises(InputError, match=r"no node id at an end: rows 1"):
        roads_from_lines(layer(PLUS, u=[10, None, 99, 50], v=[20, 30, 40, 60]))


@pytest.mark.parametrize(
    ("column", "values", "codes"),
    [
        ("oneway", ["yes", "-1", "no", None], [1, -1, 0, 0]),
        ("oneway", ["F", "T", "B", ""], [1, -1, 0, 0]),
        ("oneway", [1, -1, 0, np.nan], [1, -1, 0, 0]),
        ("oneway_inferred", [True, False, True, False], [1, 0, 1, 0]),
        ("单行线", ["是", "逆向", "否", "双向"], [1, -1, 0, 0]),
        ("oneway", ["FT", "TF", "N", "B"], [1, -1, 0, 0]),
        ("oneway", ["Y", "backward", " yes ", "true"], [1, -1, 1, 1]),
        ("oneway", ["t", "f", "f", None], [1, 0, 0, 0]),  # a database's true and false: no B beside them
    ],
)
def test_directions_are_read_in_every_usual_form(column: str, values: list[object], codes: list[int]) -> None:
    roads = roads_from_lines(layer(PLUS, **{column: values}))
    assert roads.edge_oneway.tolist() == codes
    assert (f"column '{column}' was taken as oneway" in map(str, roads.notes)) == (column != "oneway")


def test_one_way_codes_that_are_not_known_count_as_both_and_are_told_by_row() -> None:
    frame = layer(PLUS, oneway=["yes", "2", "只出不进", "no"]).set_axis([5, 6, 7, 8])
    roads = roads_from_lines(frame)
    assert roads.edge_oneway.tolist() == [1, 0, 0, 0]
    assert [note for note in map(str, roads.notes) if "one-way" in note] == [
        "2 roads have a one-way code that is not known (2, 只出不进) and count as two-way: rows 6, 7; "
        "write yes, -1 or no"
    ]


def test_rows_are_named_as_the_planner_counts_them() -> None:
    # Features 2 and 4 of the file were left out before: positions 0, 1, 2 are rows 1, 3, 5.
    x1 = X0 + 100
    two = shapely.MultiLineString([[(x1, Y0), (x1 + 50, Y0)], [(x1 + 90, Y0), (x1 + 99, Y0)]])
    frame = layer([PLUS[0], two, [(9, 0), (9, 0)]], length_m=[100.0, None, None]).set_axis([1, 3, 5])
    roads = roads_from_lines(frame)
    assert roads.edge_source.tolist() == [1, 3, 3]
    assert [note.rpartition(": ")[2] for note in map(str, roads.notes) if "rows" in note] == [
        "rows 3",
        "rows 5",
    ]
    with pytest.raises(InputError, match="no lines: rows 3"):
        roads_from_lines(layer([PLUS[0], shapely.Point(X0, Y0)]).set_axis([1, 3]))


def test_access_closes_a_road_of_a_layer_as_it_closes_one_of_an_osm_file() -> None:
    lines = [[(100 * i, 0), (100 * i + 100, 0)] for i in range(5)]
    tags = {
        "access": ["no", "private", None, "no", "no"],
        "motor_vehicle": [None, None, "no", None, "yes"],
        "emergency": [None, None, None, "yes", None],
    }
    roads = roads_from_lines(layer(lines, **tags))
    told = [{key: values[i] for key, values in tags.items() if values[i]} for i in range(5)]
    assert roads.edge_access.tolist() == [access_flags(row) for row in told]
    assert roads.edge_access[0] & CLOSED
    assert not roads.edge_access[[1, 2, 3, 4]].max() & CLOSED


def test_a_class_that_is_a_list_is_its_best() -> None:
    lists = ["['residential', 'tertiary']", "unclassified;tertiary", "tertiary"]
    assert roads_from_lines(layer(PLUS[:3], highway=lists)).classes == ("tertiary",)


def test_a_road_drawn_once_in_each_direction_is_one_road() -> None:
    # A - B - C as osmnx saves it: four rows. B has two roads, so no junction delay is charged there:
    # 100 m at 36 km/h is 10 s. One-way twins are one road too; so is one line drawn again.
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (0, 0)], [(200, 0), (100, 0)]]
    roads = roads_from_lines(layer(lines, oneway=[False] * 4))
    assert roads.edge_source.tolist() == [0, 1]
    assert (
        str(roads.notes[-1]) == "2 two-way roads are drawn once in each direction and count once: rows 2, 3"
    )
    profile = SpeedProfile("plain", speeds_kph={"unclassified": 36.0}, junction_delay_s=5.0)
    assert from_roads(roads, profile).edge_ms.tolist() == pytest.approx([10_000, 10_000], abs=10)
    assert roads_from_lines(layer(lines, oneway=[True] * 4)).edge_oneway.tolist() == [0, 0]
    assert roads_from_lines(layer(lines, maxspeed=[30, 30, 50, 30])).edge_source.tolist() == [0, 1, 2]
    again = roads_from_lines(layer([lines[0], lines[0], lines[1], lines[0]]))
    assert again.edge_source.tolist() == [0, 2]
    assert from_roads(again, profile).edge_ms.tolist() == pytest.approx([10_000, 10_000], abs=10)
    told = "2 roads are drawn again with the same shape and attributes and count once: rows 1, 3"
    assert told in map(str, again.notes)
    assert roads_from_lines(layer([lines[0], lines[0]], maxspeed=[30, 50])).n_edges == 2


def test_columns_that_are_no_node_ids_are_not_used() -> None:
    # ArcGIS leaves FNODE and TNODE zero until a topology is built; all roads would meet at one place.
    roads = roads_from_lines(layer(PLUS, fnode=[0] * 4, tnode=[0] * 4))
    plain = roads_from_lines(layer(PLUS))
    assert roads.edge_u.tolist() == plain.edge_u.tolist()
    assert roads.edge_v.tolist() == plain.edge_v.tolist()
    assert any(
        "fnode, tnode are no node ids of the whole layer (4 of 4 roads" in note
        for note in map(str, roads.notes)
    )


def test_a_length_is_trusted_when_it_agrees_with_the_shape() -> None:
    lines = [[(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(2000, 0), (3000, 0)]]
    roads = roads_from_lines(layer(lines, length_m=[1015.0, 1030.0, None]))
    assert roads.edge_length[0] == 1015.0
    assert roads.edge_length[1:] == pytest.approx([1000, 1000], rel=1e-3)
    parted = layer([*lines[:1], None, *lines[1:]], length_m=[1015.0, None, 1000.0, 1000.0])
    assert roads_from_lines(parted).edge_length[0] == 1015.0, "a row left out changes nothing for the others"
    assert any("2 roads have a length_m" in note and "rows 1, 2" in note for note in map(str, roads.notes))


def test_parts_are_taken_apart_and_reported() -> None:
    two = shapely.MultiLineString([[(X0, Y0), (X0 + 50, Y0)], [(X0 + 90, Y0), (X0 + 99, Y0)]])
    x1 = X0 + 99
    one = shapely.MultiLineString([[(x1, Y0), (x1 + 50, Y0)], [(x1 + 50, Y0), (x1 + 90, Y0)]])
    roads = roads_from_lines(layer([two, one]))
    assert roads.edge_source.tolist() == [0, 0, 1]
    assert any("1 roads of several parts" in note for note in map(str, roads.notes))
    with pytest.raises(InputError, match="several parts: rows 0"):
        roads_from_lines(layer([two], u=[1], v=[2]))


def test_lines_of_no_length_and_rows_without_a_shape_are_left_out_and_reported() -> None:
    lines = [[(0, 0), (9, 0)], [(9, 0), (9, 0)], None, [(9, 0), (9, 9)]]
    roads = roads_from_lines(layer(lines))
    assert roads.edge_source.tolist() == [0, 3]
    assert any("no length were left out: rows 1" in note for note in map(str, roads.notes))
    assert any("without a geometry were left out: rows 2" in note for note in map(str, roads.notes))


def test_a_layer_without_topology_is_refused_with_the_tolerance_to_try() -> None:
    lines = [[(i * 100 + 3, 0), (i * 100 + 100, 0)] for i in range(30)]  # 3 m between any two
    with pytest.raises(NetworkError, match=r"no topology.*tolerance_m = 3\.2"):
        roads_from_lines(layer(lines))
    assert roads_from_lines(layer(lines), tolerance_m=3.2).n_nodes == 31


def test_layers_that_cannot_be_are_refused() -> None:
    with pytest.raises(CrsError, match="no CRS"):
        roads_from_lines(layer(PLUS, crs=None))
    with pytest.raises(NetworkError, match="empty"):
        roads_from_lines(layer([]))
    with pytest.raises(InputError, match="no lines: rows 1"):
        roads_from_lines(layer([PLUS[0], shapely.Point(X0, Y0)]))
    with pytest.raises(InputError, match="no numbers: rows 0"):
        roads_from_lines(layer([[(0, 0), (np.inf, 0)], PLUS[0]]))
    with pytest.raises(InputError, match="the layer has"):
        roads_from_lines(layer(PLUS), columns={"highway": "klass"})
    with pytest.raises(InputError, match="choose from"):
        roads_from_lines(layer(PLUS), columns={"speed": "v"})


def test_lengths_agree_with_the_exact_geodesic() -> None:
    rng = np.random.default_rng(7)
    start = rng.uniform([-170, -75], [170, 75], (500, 2))
    end = start + rng.uniform(-0.1, 0.1, (500, 2))  # up to 11 km
    ours = geodesic_lengths(np.column_stack([start, end]).reshape(-1, 2), np.arange(0, 1001, 2))
    exact = Geod(ellps="WGS84").inv(*start.T, *end.T)[2]
    assert np.abs(ours / exact - 1).max() < 3e-6


def test_lengths_do_not_depend_on_the_projection() -> None:
    frame = layer(PLUS)
    degrees = roads_from_lines(frame.to_crs(4326), tolerance_m=0.5)
    assert roads_from_lines(frame).edge_length == pytest.approx(degrees.edge_length, rel=1e-7)
    assert metric_crs(degrees.crs, degrees.xy) == CRS(METRIC)


def test_urban_roads_are_those_whose_middle_is_in_an_area() -> None:
    roads = roads_from_lines(layer(PLUS))
    area = gpd.GeoDataFrame(geometry=[shapely.box(X0 + 120, Y0 - 60, X0 + 300, Y0 + 60)], crs=METRIC)
    assert mark_urban(roads, area.to_crs(4326)).edge_is_urban.tolist() == [False, True, False, True]
    assert not mark_urban(roads, area.iloc[:0]).edge_is_urban.any()
    with pytest.raises(CrsError):
        mark_urban(roads, area.set_crs(None, allow_override=True))


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "tolerance_m", "nodes", "links", "components", "n_cut"),
    [
        ("chongming/roads_chongming_secondary_plus.gpkg", 0.5, 501, 637, 2, 0),
        # Eight links pass the end of another in their middle, or themselves; the ids do not know it, and
        # leave one component more.
        ("shanghai/roads_shanghai_secondary_plus.gpkg", 0.1, 16_622, 25_370, 19, 8),
    ],
)
def test_node_ids_and_end_points_give_the_same_real_network(
    name: str, tolerance_m: float, nodes: int, links: int, components: int, n_cut: int
) -> None:
    frame = pyogrio.read_dataframe(real(name), layer="links")
    by_id = roads_from_lines(frame)
    by_place = roads_from_lines(frame.drop(columns=["u", "v"]), tolerance_m=tolerance_m)
    assert (by_id.n_nodes, by_id.n_edges) == (nodes, links)
    source, first, pieces = np.unique(by_place.edge_source, return_index=True, return_counts=True)
    assert len(source) == links
    assert (pieces > 1).sum() == n_cut
    assert by_place.n_nodes - nodes <= by_place.n_edges - links < 16
    pairs = pd.DataFrame(
        {"id": by_id.node_id[by_id.edge_u], "place": by_place.edge_u[first]}
    ).drop_duplicates()
    assert pairs["id"].is_unique, "each id is one place"
    assert pairs["place"].is_unique, "each place is one id"
    network = from_roads(by_place, load_profile("fire_engine"))
    assert network.n_components == components
    assert network.edge_length.sum() == pytest.approx(frame["length_m"].sum(), rel=1e-3)


@pytest.mark.real
def test_hengsha_is_not_in_the_road_layer() -> None:
    roads = roads_from_lines(
        pyogrio.read_dataframe(real("chongming/roads_chongming_secondary_plus.gpkg"), layer="links")
    )
    hengsha = shapely.box(121.80, 31.30, 121.97, 31.37)
    assert not shapely.contains_xy(hengsha, roads.xy).any()


def test_taking_edges_keeps_their_shapes_and_needs_their_nodes_only() -> None:
    roads = roads_from_lines(layer(PLUS))
    some = roads.take(np.array([3, 0]))
    assert some.n_nodes == 4
    assert some.edge_source.tolist() == [3, 0]
    assert some.xy[:2].tolist() == [[X0 + 150, Y0 - 50], [X0 + 150, Y0 + 50]]


def test_access_columns_of_a_layer_follow_the_rule_of_the_tags() -> None:
    lines = [shapely.LineString([(x, 0), (x + 100, 0)]) for x in range(0, 400, 100)]
    frame = gpd.GeoDataFrame(
        {
            "highway": "service",
            "access": ["no", "no", "no", None],
            "motor_vehicle": ["no", None, None, None],
            "bus": [None, "designated", None, "no"],
            "motorcar": [None, None, "yes", None],
        },
        geometry=lines,
        crs="EPSG:32651",
    )
    roads = roads_from_lines(frame)
    assert [bool(flags & CLOSED) for flags in roads.edge_access] == [True, False, False, False]
    assert [bool(flags & NO_CARS) for flags in roads.edge_access] == [True, True, False, False]


@pytest.mark.parametrize(
    ("crs", "taken"),
    [
        ("EPSG:32651", "EPSG:32651"),
        ("EPSG:4549", "EPSG:4549"),
        ("EPSG:3857", "EPSG:32651"),  # its metres are 17 % too long here
        ("ESRI:102025", "EPSG:32651"),  # Albers' equal-area map of all Asia
        ("EPSG:3395", "EPSG:32651"),
        ("EPSG:4326", "EPSG:32651"),
    ],
)
def test_the_roads_own_system_is_computed_in_where_its_metres_are_metres(crs: str, taken: str) -> None:
    frame = layer([[(0, 0), (1000, 0)], [(1000, 0), (1000, 500)]]).to_crs(crs)
    network = from_roads(roads_from_lines(frame), load_profile("car"))
    assert network.crs == CRS(taken)
    assert network.edge_length == pytest.approx([1000, 500], rel=1e-3)
    drawn = np.hypot(*np.diff(network.xy, axis=0).T)[[0, 2]]
    assert drawn == pytest.approx([1000, 500], rel=2e-3)


@pytest.mark.parametrize(("ferries", "is_open"), [(False, False), (True, True)])
def test_ferries_that_are_not_used_are_told(ferries: bool, is_open: bool) -> None:
    frame = layer([[(0, 0), (100, 0)], [(100, 0), (2100, 0)]], highway=["primary", "轮渡"])
    profile = SpeedProfile("plain", speeds_kph={"primary": 36.0, "ferry": 15.0}, ferries=ferries)
    network = from_roads(roads_from_lines(frame), profile)
    assert (network.n_edges == 2) == is_open
    told = "1 ferry routes (2.0 km) are not used: plain has ferries = false"
    assert (told in map(str, network.notes)) == (not is_open)


def grid(n: int, *, with_vertices: bool, **columns: list[object]) -> gpd.GeoDataFrame:
    """Draw n streets eastward and n northward, 100 m apart, each as one line."""
    along = [100 * i for i in range(n)] if with_vertices else [0, 100 * (n - 1)]
    east = [[(x, 100 * i) for x in along] for i in range(n)]
    north = [[(100 * i, y) for y in along] for i in range(n)]
    return layer([*east, *north], **columns)


def test_crossings_that_are_no_junctions_are_told_loudly_where_they_are_many() -> None:
    # 8 x 8 streets: the outer four meet the ends of all others, 36 crossings inside do not.
    roads = roads_from_lines(grid(8, with_vertices=False))
    (loud,) = [str(note) for note in roads.notes if note.key.startswith("network.roads_cross")]
    assert loud.startswith("! AT 36 PLACES ROADS CROSS on one level")
    assert "beside 24 junctions" in loud
    assert "split_crossings = true" in loud
    for cured in (
        roads_from_lines(grid(8, with_vertices=True)),
        roads_from_lines(grid(8, with_vertices=False), split_crossings=True),
        roads_from_lines(grid(8, with_vertices=False, layer=[0] * 8 + [1] * 8)),
    ):
        assert not any(note.key.startswith("network.roads_cross") for note in cured.notes)


def test_a_few_crossings_are_told_without_alarm() -> None:
    # A viaduct drawn over the streets without a column of levels.
    streets = grid(5, with_vertices=True)
    viaduct = layer([[(-50, 130), (450, 170)]])
    roads = roads_from_lines(pd.concat([streets, viaduct], ignore_index=True))
    (note,) = [str(note) for note in roads.notes if note.key.startswith("network.roads_cross")]
    assert note.startswith("at 5 places roads cross on one level")
    assert "(21 junctions)" in note


def test_numbers_of_rows_are_no_node_ids() -> None:
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)], [(200, 0), (200, 100)]]
    columns = {"FNODE": [1, 3, 5, 7], "TNODE": [2, 4, 6, 8]}
    roads = roads_from_lines(
        layer([*lines, [(100, 100), (200, 100)]], FNODE=[1, 3, 5, 7, 9], TNODE=[2, 4, 6, 8, 0])
    )
    assert roads.n_nodes == 5
    assert "columns FNODE, TNODE are no node ids" in "\n".join(map(str, roads.notes))
    apart = roads_from_lines(layer(lines[:3], **{key: ids[:3] for key, ids in columns.items()}))
    assert apart.n_nodes == 6, "one place where ids differ may be a bridge"


def test_words_of_access_that_are_not_known_are_told() -> None:
    lines = [[(100 * i, 0), (100 * i + 100, 0)] for i in range(5)]
    roads = roads_from_lines(layer(lines, access=["禁止通行", "私有", "甲", "unknown", None]))
    assert roads.edge_access.tolist()[2:] == [0, 0, 0]
    assert from_roads(roads, load_profile("fire_engine")).edge_source.tolist() == [1, 2, 3, 4]
    assert from_roads(roads, load_profile("car")).edge_source.tolist() == [2, 3, 4]
    told = "1 roads (0.1 km) have words in column access that are not known and close nothing: 甲"
    assert any(str(note).startswith(told) for note in roads.notes)


def test_lines_that_turn_back_at_a_common_place_meet_there() -> None:
    # osmnx writes a two-way road into an OpenStreetMap file as a way there and back: A-B-A and C-B-C.
    lines = [[(0, 0), (100, 0), (0, 0)], [(200, 0), (100, 0), (200, 0)], [(200, 0), (300, 0)]]
    roads = roads_from_lines(layer(lines))
    assert roads.edge_source.tolist() == [0, 1, 2]
    assert roads.edge_length == pytest.approx([100, 100, 100], rel=1e-3)
    assert roads.n_nodes == 4
    assert "2 pieces of road are drawn twice, there and back or again, and count once: 0, 1" in map(
        str, roads.notes
    )
    profile = SpeedProfile("plain", speeds_kph={"unclassified": 36.0}, junction_delay_s=5.0)
    assert from_roads(roads, profile).edge_ms.tolist() == pytest.approx([10_000] * 3, abs=10), "no junction"
    assert from_roads(roads, profile).n_components == 1
    oneway = roads_from_lines(layer(lines, oneway=["yes"] * 3))
    assert oneway.n_edges == 5, "one-way there and one-way back are two roads"


def test_two_one_way_lines_on_each_other_are_one_road_both_ways() -> None:
    # As graphs are exported: each direction a line. The bend at 100 m is no junction, where time is lost.
    bend = [[(0, 0), (100, 0)], [(100, 0), (100, 100)]]
    plain = roads_from_lines(layer(bend, highway=["primary"] * 2))
    graph = roads_from_lines(
        layer([*bend, *[line[::-1] for line in bend]], highway=["primary"] * 4, oneway=["yes"] * 4)
    )
    assert (graph.n_edges, graph.edge_oneway.tolist(), graph.edge_source.tolist()) == (2, [0, 0], [0, 1])
    assert [note.key for note in graph.notes if note.key == "network.roads_twice"] == ["network.roads_twice"]
    car = load_profile("car")
    assert from_roads(graph, car).edge_ms.tolist() == from_roads(plain, car).edge_ms.tolist()
    # One direction slower than the other: two roads.
    slower = roads_from_lines(
        layer([bend[0], bend[0][::-1]], highway=["primary", "tertiary"], oneway=["yes"] * 2)
    )
    assert slower.edge_oneway.tolist() == [1, 1]
    # A row of two parts has one direction for both: where one part alone is drawn back, all stay.
    parts = shapely.MultiLineString(bend)
    frame = gpd.GeoDataFrame(
        {"highway": ["primary"] * 2, "oneway": ["yes"] * 2},
        geometry=[parts, shapely.LineString(bend[0][::-1])],
        crs=plain.crs,
    )
    assert sorted(roads_from_lines(frame).edge_oneway.tolist()) == [1, 1, 1]


def test_lines_drawn_twice_in_both_directions_are_one_road() -> None:
    there, back = [(0, 0), (100, 0)], [(100, 0), (0, 0)]
    for lines in ([there, there, back, back], [there, back, there, back], [there, back, back, there]):
        for oneway in ("no", "yes"):
            roads = roads_from_lines(layer(lines, oneway=[oneway] * 4))
            assert (roads.n_edges, roads.edge_oneway.tolist()) == (1, [0])


@pytest.mark.parametrize(
    "column", ["ZLEVEL", "z_level", "F_ZLEV", "空间层级", "elevated", "是否高架桥", "下穿"]
)
def test_levels_are_known_under_the_headers_of_map_makers(column: str) -> None:
    # A street from west to east under an elevated road, whose lines share a vertex in the middle.
    lines = [[(0, 0), (100, 0), (200, 0)], [(100, -100), (100, 0), (100, 100)]]
    apart = roads_from_lines(layer(lines, **{column: [0, 1]}), split_crossings=False)
    assert (apart.n_edges, apart.n_nodes) == (2, 4)
    assert roads_from_lines(layer(lines)).n_edges == 4
    # A column of bridges beside it, blank or not, takes nothing from it; both are told.
    beside = roads_from_lines(layer(lines, **{column: [0, 1]}, bridge=["no", "no"]), split_crossings=False)
    assert beside.n_edges == 2
    assert column in "".join(note.say("en") for note in beside.notes if note.key == "network.road_column")


def test_of_several_columns_of_bridges_the_one_that_is_asked_for_counts() -> None:
    lines = [[(0, 0), (100, 0), (200, 0)], [(100, -100), (100, 0), (100, 100)]]
    table = layer(lines, bridge=["no", "no"], 高架=["否", "是"], 立交桥=["否", "否"])
    assert roads_from_lines(table, split_crossings=False).n_edges == 2
    asked = roads_from_lines(table, columns={"bridge": "立交桥"}, split_crossings=False)
    assert asked.n_edges == 4


def test_node_ids_of_two_files_that_both_begin_at_1_join_no_places_far_apart() -> None:
    # Ten pieces of 100 m numbered from 1, and four more a kilometre on, which begin at 1 again.
    lines = [[(100 * i, 0), (100 * i + 100, 0)] for i in range(14)]
    ids = [*range(1, 11), *range(1, 5)]
    roads = roads_from_lines(layer(lines, u=ids, v=[number + 1 for number in ids]))
    assert len(roads.node_id) == 15  # one road of 1.4 km from end to end
    assert "are no node ids of the whole layer" in "\n".join(map(str, roads.notes))
