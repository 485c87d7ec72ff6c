"""Classes, directions and speed limits of line layers in the words and codes of planners and map makers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import InputError, NetworkError
from geo.network import Roads, RoadWords, roads_from_lines
from geo.network.classes import known_class, ranked_classes
from geo.standards import load_profile
from geo.study import read_study
from geo.study.inputs import read_inputs
from geo.words import word_lists
from tests.network.test_roads import layer
from tests.shared import case


def road(n: int, **columns: list[Any]) -> Any:
    """Make a road of n lines of 100 m, one after the other."""
    return layer([[(100 * i, 0), (100 * i + 100, 0)] for i in range(n)], **columns)


def classes(roads: Roads) -> list[str]:
    return [roads.classes[i] for i in roads.edge_class]


def notes(roads: Roads) -> str:
    return "\n".join(map(str, roads.notes))


@pytest.mark.parametrize(
    ("header", "word", "expected"),
    [
        ("道路等级", "高速公路", "motorway"),
        ("道路等级", "国道", "trunk"),
        ("道路等级", "G320国道", "trunk"),
        ("等级", "省道", "primary"),
        ("等级", "县道（二级）", "secondary"),
        ("等级", "乡道", "tertiary"),
        ("等级", "村道", "unclassified"),
        ("等级", "专用公路", "unclassified"),
        ("类别", "快速路", "trunk"),
        ("类别", "城市主干路", "primary"),
        ("类别", "主干道", "primary"),
        ("类别", "次干道", "secondary"),
        ("类别", " 支路 ", "tertiary"),
        ("类型", "街坊路", "residential"),
        ("类型", "小区道路", "residential"),
        ("类型", "内部道路", "service"),
        ("类型", "匝道", "trunk_link"),
        ("类型", "高速匝道", "motorway_link"),
        ("类型", "规划主干路", "proposed"),
        ("类型", "在建", "construction"),
        ("类型", "支路（在建）", "construction"),
        ("类型", "主干路(规划)", "proposed"),
        ("类型", "次干路【待建】", "proposed"),
        ("类型", "远期支路", "proposed"),
        ("类型", "现状主干路", "primary"),
        ("类型", "已建次干路", "secondary"),
        ("类型", "主干路Ⅰ级", "primary"),
        ("类型", "支路III级", "tertiary"),
        ("公路等级", "国道318线", "trunk"),
        ("编号", "G40", "motorway"),  # one, two or four digits are expressways, three are not (GB/T 917-2017)
        ("编号", "G1501", "motorway"),
        ("编号", "S20", "motorway"),
        ("编号", "G320", "trunk"),
        ("编号", "S101", "primary"),
        ("技术等级", "I级", "trunk"),
        ("公路等级", "Ⅱ级公路", "primary"),
        ("道路等级", "城市主干路II级", "primary"),
        ("道路等级", "二级公路兼次干路", "primary"),
        ("highway", "closed", "abandoned"),
        ("highway", "demolished", "razed"),
        ("highway", "bus_stop", "no"),
        ("highway", "stairs", "steps"),
        ("类型", "已拆除", "razed"),
        ("类型", "河流", "no"),
        ("公路等级", "省级公路", "primary"),
        ("公路等级", "县级公路", "secondary"),
        ("公路等级", "通组公路", "unclassified"),
        ("等级", "FC1", "motorway"),
        ("等级", "frc3", "secondary"),
        ("技术等级", "三级公路", "tertiary"),
        ("技术等级", "2", "primary"),
        ("fclass", "track_grade2", "track"),
        ("code", "5113", "primary"),
        ("code", "5199", "road"),
        ("国标码", "430502", "secondary"),
        ("GB", "430100", "railway"),
        ("GB", "440600", "footway"),
        ("ROADCLASS", "45000", "secondary"),
        ("ROADCLASS", "49", "service"),
        ("等级", "41000", "motorway"),
        ("class", "living_street", "living_street"),
        ("class", "standard_gauge", "railway"),
        ("FC", "1", "motorway"),
        ("FUNC_CLASS", "5", "unclassified"),
        ("frc", "0", "motorway"),
        ("kind", "0104", "trunk"),
        ("kind", "6", "tertiary"),
        ("kind", "000b", "motorway_link"),
        ("KIND", "0201|0202", "trunk"),
        ("highway", "unclassified;tertiary", "tertiary"),
        ("highway", "['residential', 'tertiary']", "tertiary"),
        ("highway", "footway", "footway"),
        ("highway", "Primary Road", "primary"),
        ("道路等级", "S", "primary"),
    ],
)
def test_words_and_codes_of_classes_are_known(header: str, word: str, expected: str) -> None:
    assert known_class(word, header=header) == expected
    assert classes(roads_from_lines(road(3, **{header: [word] * 3}))) == [expected] * 3


def test_a_road_that_its_class_calls_unbuilt_in_brackets_is_not_driven() -> None:
    roads = roads_from_lines(road(3, 道路等级=["支路", "支路（在建）", "支路(规划)"]))
    assert classes(roads) == ["tertiary", "construction", "proposed"]
    speeds = load_profile("fire_engine").speeds_kph
    assert {"construction", "proposed"}.isdisjoint(speeds)


def test_each_word_stands_for_one_class_that_is_ranked() -> None:
    for section, lists in word_lists("road_class").items():
        if section in ("rank", "navigation_form", "from_memory", "built", "osm"):
            continue
        words = [word for words in lists.values() for word in words]
        assert len(words) == len(set(words)), section
        assert set(lists) <= set(ranked_classes())
    osm = word_lists("road_class")["osm"]
    assert set(osm["unbuilt"]) <= set(ranked_classes())
    assert not set(osm["others"]) & {*ranked_classes(), *osm["unbuilt"]}
    for profile in ("fire_engine", "car", "walk"):
        assert set(load_profile(profile).speeds_kph) <= set(ranked_classes())


def test_codes_from_memory_are_known_codes_and_told_with_their_kilometres() -> None:
    lists = word_lists("road_class")
    known = {code for codes in lists["surveying"].values() for code in codes}
    assert set(lists["from_memory"]["surveying"]) <= known
    told = roads_from_lines(road(4, GB=["430503", "430502", "430501", "420201"]))
    (note,) = [note for note in told.notes if note.key == "network.road_codes_memory"]
    assert note.values["n"] == 1
    for text in ("430503 = tertiary (0.1 km)", "标记 M", "GB", "classes"):
        assert text in note.say("zh")
    sure = roads_from_lines(road(3, GB=["430502", "430501", "420201"]))
    assert "network.road_codes_memory" not in [note.key for note in sure.notes]
    # What the planner says holds, and is not doubted.
    said = roads_from_lines(
        road(2, GB=["430503", "430502"]), words=RoadWords({"430503": "residential"}, {}, kept=())
    )
    assert "network.road_codes_memory" not in [note.key for note in said.notes]
    assert classes(said)[0] == "residential"


def test_words_of_two_makers_stand_in_one_column() -> None:
    roads = roads_from_lines(road(4, highway=["secondary", "支路", "tertiary", "主干道"]))
    assert classes(roads) == ["secondary", "tertiary", "tertiary", "primary"]
    assert "支路 (tertiary road)" in notes(roads)
    assert "主干道 (primary road)" in notes(roads)


def test_a_few_unknown_classes_count_as_the_default_and_are_told_with_their_length() -> None:
    roads = roads_from_lines(road(5, 道路等级=["主干路", "主干路", "支路", "甲类", None]))
    assert classes(roads)[3:] == ["unclassified", "unclassified"]
    assert "1 roads (0.1 km) have classes in column 道路等级 that are not known" in notes(roads)
    assert "1 roads (0.1 km) have no class in column 道路等级" in notes(roads)


def test_classes_that_are_mostly_unknown_stop_with_a_way_out_that_works() -> None:
    frame = road(4, 道路等级=["甲类", "甲类", "乙类", "支路"])
    with pytest.raises(NetworkError, match=r"0\.3 of 0\.4 km.*甲类 \(0\.2 km\).*classes = \{ \"甲类\" = "):
        roads_from_lines(frame)
    words = RoadWords(classes={"甲类": "primary", "乙类": "tertiary"})
    assert classes(roads_from_lines(frame, words=words)) == ["primary", "primary", "tertiary", "tertiary"]
    kept = RoadWords(kept=("甲类", "乙类"))  # the planner's own speed profile has these
    assert classes(roads_from_lines(frame, words=kept)) == ["甲类", "甲类", "乙类", "tertiary"]
    with pytest.raises(InputError, match="甲类 = 'fast'"):
        RoadWords(classes={"甲类": "fast"})


def test_a_layer_without_classes_says_so() -> None:
    roads = roads_from_lines(road(3, 宽度=[7.0, 9.0, 4.0], type=["LINE"] * 3))
    assert classes(roads) == ["unclassified"] * 3
    assert "has no column of classes (its columns are 宽度, type)" in notes(roads)


def test_the_column_whose_words_are_known_holds_the_classes() -> None:
    roads = roads_from_lines(road(3, 类型=["水泥", "沥青", "沥青"], 道路类别=["支路", "主干路", "支路"]))
    assert classes(roads) == ["tertiary", "primary", "tertiary"]


@pytest.mark.parametrize("header", ["LX", "GDDJ", "DLDJ", "RTEG", "路线等级", "ROAD_LEVEL", "字段3"])
def test_classes_are_found_by_their_words_under_any_header(header: str) -> None:
    frame = road(5, 备注=["县道", "", "", "", "改建"], **{header: ["县道", "乡道", "村道", "", "县道"]})
    assert classes(roads_from_lines(frame)) == [
        "secondary",
        "tertiary",
        "unclassified",
        "unclassified",
        "secondary",
    ]


def test_the_layers_of_a_drawing_are_classes_and_no_levels() -> None:
    # Read as levels they would keep a street from the road that it meets in the middle of both.
    street = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]
    across = [(100.0, -100.0), (100.0, 0.0), (100.0, 100.0)]
    lines = [shapely.LineString(street), shapely.LineString(across)]
    frame = gpd.GeoDataFrame({"Layer": ["次干路", "支路"]}, geometry=lines, crs=32651)
    roads = roads_from_lines(frame)
    assert classes(roads) == ["secondary"] * 2 + ["tertiary"] * 2
    assert len(roads.node_xy) == 5
    assert "column 'Layer' was taken as highway" in notes(roads)


@pytest.mark.parametrize(
    "columns",
    [
        {"layer": ["1", "-1", "0", "1"]},  # levels of bridges
        {"路面": ["水泥", "沥青", "砂石", "县道"]},  # a quarter of the cells
        {"桩号": ["G", "S", "X", "Y"]},  # letters alone
        {"name": ["主干路", "支路", "村道", "巷"]},  # names of roads
        {"FLAG": [1, 2, 3, 4]},
    ],
)
def test_columns_of_other_things_are_not_taken_for_classes(columns: dict[str, list[Any]]) -> None:
    assert "has no column of classes" in notes(roads_from_lines(road(4, **columns)))


@pytest.mark.parametrize(
    ("header", "values", "codes"),
    [
        ("DIRECTION", [1, 2, 3], [0, 1, -1]),
        ("direction", ["0", "2", "2"], [0, 1, 1]),
        ("通行方向", ["双向", "正向", "逆向"], [0, 1, -1]),
        ("DIR_TRAVEL", ["B", "F", "T"], [0, 1, -1]),
        ("DIR_TRAVEL", ["F", "T", "T"], [1, -1, -1]),
        ("oneway", ["B", "F", "T"], [0, 1, -1]),
        ("oneway", ["FT", "TF", ""], [1, -1, 0]),
        ("oneway", [1, 0, -1], [1, 0, -1]),
        ("oneway", [1, None, 1], [1, 0, 1]),
        ("oneway", [True, True, True], [1, 1, 1]),
        ("单双向", ["单向", "双向", "双向通行"], [1, 0, 0]),
        ("direction", ["north", "south", "east"], [0, 0, 0]),  # a compass, no one-way code
        ("方向", [90, 180, 270], [0, 0, 0]),
        ("方向", [1, 2, 3], [0, 1, -1]),
        ("单行方向", ["", "逆向", "正向"], [0, -1, 1]),
    ],
)
def test_directions_of_navigation_data_and_planners(header: str, values: list[Any], codes: list[int]) -> None:
    assert roads_from_lines(road(3, **{header: values})).edge_oneway.tolist() == codes


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("oneway", [1, 2, 3]),
        ("oneway", [2, 2, 1]),
        ("单行线", ["1", "1", "1"]),
        ("direction", [0, 1, 1]),
        ("oneway", ["甲", "乙", "yes"]),
    ],
)
def test_codes_of_which_the_meaning_is_not_sure_stop_and_ask(header: str, values: list[Any]) -> None:
    frame = road(3, **{header: values})
    with pytest.raises(NetworkError, match="oneway_codes = "):
        roads_from_lines(frame, columns={"oneway": header})
    codes = {str(value): "backward" for value in values} | {"1": "both"}
    roads = roads_from_lines(frame, columns={"oneway": header}, words=RoadWords(oneway=codes))
    assert roads.edge_oneway.tolist() == [0 if str(value) == "1" else -1 for value in values]
    with pytest.raises(InputError, match="choose both, forward or backward"):
        RoadWords(oneway={"1": "yes"})


@pytest.mark.parametrize(
    ("values", "speeds", "n"),
    [
        ([-1, 50, 60], [np.nan, 50, 60], 1),
        ([0, 999, 5], [np.nan, np.nan, 5], 2),
        (["-1", "130", "131"], [np.nan, 130, np.nan], 2),
        ([np.nan, None, 30], [np.nan, np.nan, 30], 0),
        (["50 mph", "4", "none"], [80.4672, np.nan, np.nan], 1),
    ],
)
def test_no_speed_outside_5_to_130_is_believed(values: list[Any], speeds: list[float], n: int) -> None:
    roads = roads_from_lines(road(3, maxspeed=values))
    assert roads.edge_maxspeed == pytest.approx(speeds, nan_ok=True)
    assert (f"{n} roads ({n / 10:.1f} km) have a maxspeed outside 5-130" in notes(roads)) == (n > 0)


@pytest.mark.parametrize(
    "name", ["c_unsplit_roads", "c_mixed_road_classes", "a_road_class_cn", "c_nav_direction", "a_maxspeed_m1"]
)
def test_all_streets_of_a_case_are_one_network_with_speeds(name: str) -> None:
    # 13 x 13 streets of 6 km each, 500 m apart.
    network = read_inputs(read_study(case(name) / "study.toml")).network
    assert network.n_components == 1
    assert (network.n_nodes, network.n_edges) == (13 * 13, 2 * 13 * 12)
    fastest = np.minimum(network.edge_ms, network.edge_back_ms)
    kph = network.edge_length / fastest * 3600
    assert kph.min() > 15


def test_numbers_that_mean_no_limit_say_nothing_of_a_unit() -> None:
    for values in (["0", "999", "999"], ["999", "9999", "-1"]):
        assert "百米" not in notes(roads_from_lines(road(3, highway=["tertiary"] * 3, maxspeed=values)))
    assert "百米" in notes(
        roads_from_lines(road(3, highway=["tertiary"] * 3, maxspeed=["600", "400", "999"]))
    )


@pytest.mark.parametrize("header", ["类别", "类型", "等级", "road_type"])
@pytest.mark.parametrize("cells", [["", "", ""], ["沥青", "水泥", "沥青"], ["主干路", "沥青", ""]])
def test_a_usual_header_without_classes_gives_way_to_a_column_that_holds_them(
    header: str, cells: list[str]
) -> None:
    roads = roads_from_lines(road(3, **{header: cells, "图层": ["主干路", "次干路", "支路"]}))
    assert classes(roads) == ["primary", "secondary", "tertiary"]
    assert "图层" in notes(roads)


def test_a_usual_header_stays_where_no_column_is_better() -> None:
    # Half of the cells of highway, and few of service, are words of classes.
    table = road(4, highway=["primary", "tertiary", "", ""], service=["driveway", "", "", ""])
    assert classes(roads_from_lines(table)) == ["primary", "tertiary", "unclassified", "unclassified"]
    table = road(4, highway=["primary", "", "", ""], crossing=["alley", "", "", ""])
    assert classes(roads_from_lines(table)) == ["primary", *["unclassified"] * 3]


@pytest.mark.parametrize(
    ("cells", "n_nodes"),
    [
        # Layers of a drawing: the two lines meet at the vertex that they share, beside five ends.
        (["道路中线", "DL-2"], 6),
        # A bridge over the street: five ends.
        (["0", "1"], 5),
        (["地面", "高架"], 5),
    ],
)
def test_layers_of_a_drawing_are_no_levels(cells: list[str], n_nodes: int) -> None:
    lines = [[(0, 0), (100, 0), (200, 0)], [(100, -100), (100, 0), (100, 100)], [(200, 0), (300, 0)]]
    table = layer(lines, Layer=[*cells, cells[0]], 道路等级=["主干路", "次干路", "主干路"])
    assert len(roads_from_lines(table).node_id) == n_nodes


@pytest.mark.parametrize("way", ["通行方向", "dir_travel", "方向"])
def test_of_two_columns_of_directions_that_which_says_the_way_counts_and_both_are_told(way: str) -> None:
    cells = {"通行方向": ["双向", "顺向", "逆数字化方向"], "dir_travel": ["B", "F", "T"], "方向": [1, 2, 3]}[
        way
    ]
    columns = {"单双向": ["双向", "单向", "单向"], way: cells, "等级": ["支路"] * 3}
    roads = roads_from_lines(road(3, **columns))
    assert roads.edge_oneway.tolist() == [0, 1, -1]
    (note,) = (note for note in roads.notes if note.key == "network.road_oneway_others")
    assert note.values == {"header": way, "others": ("单双向",)}
    asked = roads_from_lines(road(3, **columns), columns={"oneway": "单双向"})
    assert asked.edge_oneway.tolist() == [0, 1, 1]
    assert "network.road_oneway_others" not in [note.key for note in asked.notes]


def test_roads_that_are_one_way_by_the_other_column_alone_are_told() -> None:
    """通行方向 is used, as it says 逆向, and is blank for the third road, which counts as two-way."""
    columns = {"单双向": ["单向", "双向", "单向"], "通行方向": ["逆向", None, None], "等级": ["支路"] * 3}
    roads = roads_from_lines(road(3, **columns))
    assert roads.edge_oneway.tolist() == [-1, 0, 0]
    (note,) = (note for note in roads.notes if note.key == "network.road_oneway_left")
    assert (note.values["n"], note.values["rows"]) == (1, "2")
    roads = roads_from_lines(road(3, **{**columns, "单双向": ["T", "F", "F"]}))
    assert "network.road_oneway_left" not in [note.key for note in roads.notes]


def test_a_blank_column_of_directions_gives_way_without_a_word() -> None:
    roads = roads_from_lines(road(2, oneway=[None, ""], 单行=["是", "否"], 等级=["支路"] * 2))
    assert roads.edge_oneway.tolist() == [1, 0]
    assert "network.road_oneway_others" not in [note.key for note in roads.notes]


def test_a_second_column_of_directions_that_says_no_more_is_told_and_not_used() -> None:
    roads = roads_from_lines(road(2, 单行=["是", "否"], 单双向=["双向", "双向"], 等级=["支路"] * 2))
    assert roads.edge_oneway.tolist() == [1, 0]
    assert "单双向" in notes(roads)


def test_a_remark_that_a_road_is_not_open_is_told() -> None:
    remarks = ["在建", "", "沥青路面", "已废弃"]
    roads = roads_from_lines(road(4, 等级=["支路"] * 4, 备注=remarks))
    (note,) = (note for note in roads.notes if note.key == "network.road_remarks")
    assert (note.values["n"], note.values["header"]) == (2, "备注")
    assert "沥青路面" not in str(note.values["words"])
    # what a column of the status says already is told once
    status = ["在建", "通车", "通车", "通车"]
    roads = roads_from_lines(road(4, 等级=["支路"] * 4, 状态=status, 备注=remarks))
    (note,) = (note for note in roads.notes if note.key == "network.road_remarks")
    assert note.values["n"] == 1
    # and so is what the class says
    roads = roads_from_lines(road(2, 等级=["在建", "支路"], 备注=["在建", ""]))
    assert "network.road_remarks" not in [note.key for note in roads.notes]


def test_the_layer_of_a_drawing_holds_the_classes_where_many_lines_are_no_roads() -> None:
    cells = ["主干路", "支路", "支路", "TC-1", "TC-2"]  # whatever they are
    roads = roads_from_lines(road(5, Layer=cells))
    assert classes(roads) == ["primary", "tertiary", "tertiary", "unclassified", "unclassified"]
    (note,) = (note for note in roads.notes if note.key == "network.road_classes_few")
    assert "TC-1" in str(note.values["words"])
    # Of another column 7 of 10 cells are such words, which is not sure; the layer's 6 of 10 are.
    beside = road(10, Layer=["支路"] * 6 + ["TC-1"] * 4, 文本=["主干路"] * 7 + ["甲", "乙", "丙"])
    assert classes(roads_from_lines(beside)) == ["tertiary"] * 6 + ["unclassified"] * 4
    with pytest.raises(NetworkError, match="TC-1"):
        roads_from_lines(road(4, Layer=["主干路", "TC-1", "TC-1", "TC-2"]))


@pytest.mark.parametrize("header", ["SPEED", "speed_kph", "车速", "设计速度(km/h)"])
def test_speeds_that_are_no_limits_are_told_and_not_used(header: str) -> None:
    columns = {"等级": ["支路"] * 2, header: [30, 50]}
    roads = roads_from_lines(road(2, **columns))
    (note,) = (note for note in roads.notes if note.key == "network.road_speeds_unused")
    assert note.values["headers"] == (header,)
    assert np.isnan(roads.edge_maxspeed).all()
    asked = roads_from_lines(road(2, **columns), columns={"maxspeed": header})
    assert asked.edge_maxspeed.tolist() == [30, 50]
    for more in (asked, roads_from_lines(road(2, **columns, 限速=[40, 40]))):
        assert "network.road_speeds_unused" not in [note.key for note in more.notes]
    for blank in ([0, 0], [None, None], ["", "-"]):
        unused = roads_from_lines(road(2, 等级=["支路"] * 2, **{header: blank}))
        assert "network.road_speeds_unused" not in [note.key for note in unused.notes]


@pytest.mark.parametrize("header", ["禁行", "是否禁止通行"])
def test_a_column_that_says_yes_to_a_prohibition_closes(header: str) -> None:
    roads = roads_from_lines(road(2, 等级=["支路"] * 2, **{header: ["是", "否"]}))
    assert classes(roads) == ["abandoned", "tertiary"]


def test_a_second_column_of_other_classes_is_told_and_one_of_the_same_is_not() -> None:
    columns = {"技术等级": ["二级", "三级", "四级"], "行政等级": ["国道", "省道", "乡道"]}
    told = "classes were read from column 技术等级; other columns hold classes too, which differ on so many"
    text = notes(roads_from_lines(road(3, **columns)))
    assert told in text
    assert "行政等级 (3)" in text
    same = {"fclass": ["primary", "residential", "track"], "code": [5113, 5122, 5141 + 1]}
    assert "other columns hold classes" not in notes(roads_from_lines(road(3, **same)))
