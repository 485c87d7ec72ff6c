"""The map file and what it is made of, without a browser."""

from __future__ import annotations

import json
import re
import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError, FileError, InputError, StudyError
from geo.maps import (
    Basemap,
    CoverageLayer,
    LandLayer,
    RoadLayer,
    StationLayer,
    band_labels,
    legend,
    say_share,
    say_time,
)
from geo.maps import geometry as mapshapes
from geo.maps import page as mapassets
from geo.maps import rows as maptables
from geo.maps import web_map as maps
from geo.words import data_dir
from tests.colours import SEEN, least_apart
from tests.island import CRS, frame, island_layers, island_map, points, tables
from tests.towns import places

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    'O\'Brien "&amp;" {{7*7}}',
    "</script>\u2028<!--",
]


def html(**changes) -> str:
    return island_map(**changes).get_root().render()


def payload(page: str) -> dict:
    """Read the data back out of the page: the last argument of our script's call."""
    start = page.index("})(map_coverage, ") + len("})(map_coverage, ")
    return json.JSONDecoder().raw_decode(page[start:])[0]


def undo(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / mapshapes.DEGREE_STEPS


class TestFile:
    def test_page_names_no_other_file(self):
        page = html()
        assert not re.search(r"<link|<script[^>]+src=|@import|<iframe", page)
        assert not re.search(r"url\((?!data:|#)", page.replace('url(" + ', ""))

    @pytest.mark.thorough
    def test_base_map_addresses_are_there_only_when_asked_for(self):
        assert "autonavi" not in html()
        assert "tile.openstreetmap" not in html()
        page = html(basemaps=(Basemap("osm"), Basemap("gaode"), Basemap("tianditu", key="abc123")))
        assert "img-src data: https://tile.openstreetmap.org https://*.is.autonavi.com" in page
        assert "tk=abc123" in page

    def test_same_input_gives_same_bytes(self, tmp_path):
        paths = [maps.write_map(island_map(), tmp_path / f"{i}.html") for i in range(2)]
        assert paths[0].read_bytes() == paths[1].read_bytes()

    def test_rendering_twice_changes_nothing(self):
        drawn = island_map()
        assert drawn.get_root().render() == drawn.get_root().render()

    def test_file_is_small_and_replaces_the_old_one_whole(self, tmp_path):
        path = tmp_path / "deep" / "map.html"
        maps.write_map(island_map(), path)
        maps.write_map(island_map(title="第二版"), path)
        assert "<title>第二版</title>" in path.read_text(encoding="utf-8")
        assert path.stat().st_size < 300_000  # Leaflet is 165 kB of it
        assert [p.name for p in path.parent.iterdir()] == ["map.html"]

    def test_a_failed_write_leaves_the_old_file(self, tmp_path, monkeypatch):
        path = tmp_path / "map.html"
        path.write_text("old")
        drawn = island_map()
        monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(FileError, match="No space left"):
            maps.write_map(drawn, path)
        assert path.read_text() == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["map.html"]

    def test_a_folder_that_is_a_file_is_a_file_error(self, tmp_path):
        (tmp_path / "f").write_text("")
        with pytest.raises(FileError, match=re.escape("map.html")):
            maps.write_map(island_map(), tmp_path / "f" / "map.html")


class TestEscaping:
    @pytest.mark.parametrize("nasty", NASTY)
    def test_text_from_data_stays_text(self, nasty):
        given_tables = tables()
        for name in ("stations", "zones", "gaps"):
            given_tables[name]["name"] = nasty
        given_tables["targets"]["name_zh"] = nasty
        given_tables["demand"]["zone"] = nasty
        page = html(
            **given_tables | {"title": nasty, "attribution": nasty, "standard": nasty, "sources": [nasty]}
        )
        data = payload(page)
        assert data["title"] == data["standard"] == data["attribution"] == nasty
        for name in ("stations", "zones", "gaps", "targets"):
            assert {row["name"] for row in data[name]} == {nasty}
        for bad in ("<script>alert", "<img src=x"):
            assert bad not in page
        assert "\u2028" not in page[page.index("})(map_coverage") :]
        assert page.count("</script>") == page.count("<script>") == 3

    @settings(max_examples=60, deadline=None)
    @given(
        st.recursive(
            st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
        )
    )
    def test_json_reads_back_and_cannot_leave_its_script(self, value):
        text = mapassets.json_for_script(value)
        assert json.loads(text) == value
        assert not set(text) & set("<>&\u2028\u2029")

    def test_json_refuses_infinity(self):
        with pytest.raises(ValueError, match="JSON"):
            mapassets.json_for_script([float("inf")])


class TestFigures:
    def test_headline_figures_of_the_island(self):
        figures = payload(html())["figures"]
        # 27,000 of 40,000 people.
        # Mean response (12*120 + 9*240 + 6*300 + 8*600) / 35 = 291.43 s, a minute of it turnout
        assert [f["value"] for f in figures] == ["67.5%", "13,000人", "4分52秒", "5,000人", "2座"]
        assert figures[1]["note"] == "1.30 万人；超时 8,000 人，不可达 5,000 人"
        assert "3分52秒" in figures[2]["note"]
        assert "12.5%" in figures[3]["note"]

    def test_a_station_off_the_roads_says_that_it_does_not_count(self):
        """It serves nobody, which is no answer about people but about the place of its point."""
        changed = tables()
        is_first = np.arange(len(changed["stations"])) == 0
        changed["stations"] = changed["stations"].assign(
            is_snapped=~is_first,
            snap_m=np.where(is_first, 5153.2, 20.0),
            reason=np.where(is_first, "too far", ""),
        )
        data = payload(island_map(**changed).get_root().render())
        rows = [station["rows"] for station in data["stations"]]
        assert rows[0][:2] == [["不在路网上，未计入", "离道路过远"], ["离最近道路", "5,153 米"]]
        assert [row[0] for row in rows[1]] == ["服务人口", "平均响应时间", "最长响应时间"]
        tile = data["figures"][-1]
        assert (tile["value"], tile["tone"]) == ("2座", "alert")
        assert tile["note"].startswith("其中 1 座不在路网上，未计入")

    def test_people_of_the_bands_add_up_to_everybody(self):
        bands = payload(html())["bands"]
        assert [(b["label"], b["people"]) for b in bands] == [
            ("≤ 3 分钟", "12,000"),
            ("3–4 分钟", "9,000"),
            ("4–5 分钟", "6,000"),
            ("5–8 分钟", "0"),
            ("8–15 分钟", "8,000"),
            ("> 15 分钟", "0"),
            ("不可达", "5,000"),
        ]
        assert sum(b["share"] for b in bands) == pytest.approx(1)

    def test_unreachable_points_are_in_a_layer_of_their_own_with_the_reason(self):
        data = payload(html())
        assert len(data["demand"]["people"]) == 4
        assert data["unreached"]["people"] == [5000.0]
        assert data["unreached"]["why"] == ["没有道路"]

    def test_nobody_and_nothing_reached(self):
        empty = tables()["demand"].assign(people=0.0, first_s=np.inf, is_covered=False)
        figures = payload(html(demand=empty))["figures"]
        assert [f["value"] for f in figures] == ["—", "0人", "—", "0人", "2座"]

    def test_missing_and_infinite_values_have_words(self):
        stations = payload(html())["stations"]
        assert stations[1]["rows"][2] == ["最长响应时间", "不可达"]
        assert [value for _, value in stations[2]["rows"]] == ["—", "—", "—"]
        assert stations[2]["load"] is None
        assert stations[1]["load"] == 1.25

    def test_targets_stand_missed_first_and_say_no_data(self):
        targets = payload(html())["targets"]
        assert [t["id"] for t in targets] == ["CM-1", "CM-2", "CM-6", "CM-5"]
        assert [t["status_text"] for t in targets] == ["未达标", "达标", "缺数据", "未计算"]
        assert targets[1]["value"] == "3.86 分钟"
        assert targets[2]["value"] == "—"
        assert targets[2]["evidence"] == "hydrants: status"

    def test_a_target_whose_value_is_infinite_reads_unreachable(self):
        targets = tables()["targets"]
        targets.loc["CM-2", "value"] = np.inf
        assert payload(html(targets=targets))["targets"][1]["value"] == "不可达"

    def test_english(self):
        data = payload(html(lang="en"))
        assert data["figures"][2]["value"] == "4 min 52 s"
        assert data["badge"] == "Synthetic data"
        assert data["targets"][0]["name"] == "Within 5 minutes"


class TestTables:
    @pytest.mark.parametrize(
        "left_out", ["roads", "land", "stations", "demand", "zones", "areas", "gaps", "targets", "facilities"]
    )
    def test_every_table_may_be_left_out_or_empty(self, left_out):
        html(**{left_out: None})
        html(**{left_out: tables()[left_out].iloc[:0]})

    def test_one_layer_alone_is_a_map(self):
        page = maps.coverage_map([LandLayer(tables()["land"])], title="T", lang="en").get_root().render()
        assert payload(page)["demand"] is None

    def test_tables_are_not_changed(self):
        before, given_tables = tables(), tables()
        island_map(**given_tables)
        for name in ("demand", "stations", "zones", "gaps", "areas", "targets"):
            pd.testing.assert_frame_equal(pd.DataFrame(before[name]), pd.DataFrame(given_tables[name]))

    def test_the_order_of_layers_changes_nothing(self):
        layers = island_layers(tables())
        pages = [
            maps.coverage_map(order, title="T", lang="zh").get_root().render()
            for order in (layers, layers[::-1])
        ]
        assert pages[0] == pages[1]

    def test_a_layer_given_twice_is_refused(self):
        roads = RoadLayer(tables()["roads"])
        with pytest.raises(InputError, match="two of RoadLayer"):
            maps.coverage_map([roads, roads], title="T", lang="en")

    def test_what_is_no_layer_is_refused(self):
        with pytest.raises(InputError, match=r"RoadLayer, .*, FindingLayer\), not a GeoDataFrame"):
            maps.coverage_map([tables()["roads"]], title="T", lang="en")

    def test_unreachable_points_alone_are_shown_without_bands(self):
        demand = tables()["demand"]
        alone = CoverageLayer(unreached=demand[~demand["is_reachable"]])
        layers = [alone, StationLayer(tables()["stations"])]
        data = payload(maps.coverage_map(layers, title="T", lang="zh").get_root().render())
        assert (data["demand"], data["bands"]) == (None, [])
        assert data["unreached"]["people"] == [5000.0]

    def test_faults_are_named(self):
        with pytest.raises(InputError, match="nothing to draw"):
            maps.coverage_map([], title="T", lang="en")
        with pytest.raises(InputError, match="google"):
            html(basemaps=[Basemap("google")])
        with pytest.raises(InputError, match="access key"):
            html(basemaps=[Basemap("tianditu", key="a&b")])
        with pytest.raises(InputError, match="ascending"):
            html(bands_s=(300, 180))
        with pytest.raises(StudyError, match="'de'"):
            html(lang="de")
        with pytest.raises(CrsError, match="stations"):
            html(stations=tables()["stations"].set_crs(None, allow_override=True))

    def test_places_are_where_they_are(self):
        drawn, table = payload(html())["stations"], tables()["stations"].to_crs(4326)
        for row, at in zip(drawn, table.geometry, strict=True):
            assert abs(row["x"] / 1e5 - at.x) <= 0.5e-5
            assert abs(row["y"] / 1e5 - at.y) <= 0.5e-5

    def test_a_point_without_a_place_is_kept_without_a_marker(self):
        stations = tables()["stations"]
        stations.loc["s2", "geometry"] = shapely.Point()
        drawn = payload(html(stations=stations))["stations"]
        assert [row["x"] is None for row in drawn] == [False, True, False]


class TestShapes:
    def test_lines_read_back_within_the_tolerance(self):
        t = np.linspace(0, 6, 400)
        road = shapely.LineString(np.column_stack([t * 1000, np.sin(t) * 300]))
        table = frame([road], highway=["primary"])
        drawn = mapshapes.draw_roads(table)
        back = gpd.GeoSeries([shapely.LineString(undo(drawn.groups[0]["lines"][0]))], crs=4326).to_crs(CRS)
        assert drawn.tolerance_m == 5
        assert shapely.hausdorff_distance(back[0], table.geometry[0]) <= 5 + 1.5  # + rounding to 1e-5 degree
        assert len(back[0].coords) < 100

    def test_roads_are_simplified_further_and_then_lose_the_minor_ones(self):
        t = np.linspace(0, 30, 3000)
        wave = shapely.LineString(np.column_stack([t * 300, np.sin(t * 3) * 60]))
        table = frame([wave, wave], highway=["primary", "residential"])
        free = mapshapes.draw_roads(table)
        n_free = sum(len(line) // 2 for group in free.groups for line in group["lines"])
        tight = mapshapes.draw_roads(table, max_vertices=n_free - 1)
        assert (free.tolerance_m, free.has_all) == (5, True)
        assert tight.tolerance_m > 5
        assert tight.has_all
        least = mapshapes.draw_roads(table, max_vertices=3)
        assert (least.tolerance_m, least.has_all) == (80, False)
        assert [g["group"] for g in least.groups] == ["primary"]

    def test_links_count_with_their_road_and_unknown_classes_as_minor(self):
        line = shapely.LineString([(0, 0), (100, 0)])
        table = frame([line] * 4, highway=["motorway_link", None, "footway", "tertiary"])
        assert [g["group"] for g in mapshapes.draw_roads(table).groups] == ["minor", "tertiary", "motorway"]

    def test_a_tiny_island_does_not_disappear(self):
        rock = shapely.box(0, 0, 8, 8)
        rings = mapshapes.draw_polygons(frame([rock, shapely.box(0, 0, 900, 900)]), "land", tolerance_m=50)
        assert all(len(undo(row[0][0])) >= 4 for row in rings)

    def test_holes_and_parts_are_kept_and_missing_shapes_draw_nothing(self):
        ring = shapely.box(0, 0, 900, 900).difference(shapely.box(300, 300, 600, 600))
        both = shapely.MultiPolygon([ring, shapely.box(2000, 0, 2500, 500)])
        rows = mapshapes.draw_polygons(frame([both, shapely.Polygon()]), "land", tolerance_m=5)
        assert [len(part) for part in rows[0]] == [2, 1]
        assert rows[1] == []

    @settings(max_examples=25, deadline=None)
    @given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 2**32 - 1))
    def test_thinning_preserves_the_people_of_each_band(self, n, most, seed):
        rng = np.random.default_rng(seed)
        table = frame(
            points(*rng.uniform(0, 3000, (n, 2))),
            people=rng.integers(0, 50, n).astype(float),
            band=rng.integers(0, 3, n),
        )
        drawn, width_m = mapshapes.thin_points(table, by="band", max_points=most)
        assert (width_m is None) == (n <= most)
        before, after = (t.groupby("band")["people"].sum() for t in (table, drawn))
        pd.testing.assert_series_equal(before, after)
        assert drawn.within(shapely.box(*table.total_bounds).buffer(1e-6)).all()


class TestLegend:
    def test_the_limit_itself_is_within(self):
        times = np.array([0.0, 180.0, 180.001, 300.0, 300.001, np.inf])
        assert legend.band_of(times, (180, 300)).tolist() == [0, 0, 1, 1, 2, 2]

    def test_colours_turn_at_the_limit(self):
        colours = legend.band_colours((180, 240, 300, 480, 900), 300)
        blue = [int(c[5:], 16) > int(c[1:3], 16) for c in colours]
        assert blue == [True, True, True, False, False, False]
        assert len(set(colours)) == 6

    @pytest.mark.parametrize("deficiency", SEEN)
    def test_colours_are_told_apart_by_colour_blind_readers(self, deficiency):
        bands = [*legend.band_colours((180, 240, 300, 480, 900), 300), legend.colour_of("unreached")]
        for colours in (bands, [colour for _, colour in legend.ZONE_CLASSES]):
            assert least_apart(colours, deficiency) > 30

    def test_bands_grow_lighter_to_the_limit_and_darker_beyond_it(self):
        colours = legend.band_colours((180, 240, 300, 480, 900), 300)
        light = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours]
        assert light[0] < light[1] < light[2]
        assert light[3] > light[4] > light[5]

    @pytest.mark.parametrize("limit_s", [60, 5000])
    def test_all_bands_on_one_side_of_the_limit(self, limit_s):
        assert len(legend.band_colours((180, 240), limit_s)) == 3

    def test_a_share_just_below_one_is_not_all(self):
        assert legend.zone_class(1 - 1e-6) == legend.zone_class(0.95) != legend.zone_class(1.0)
        assert legend.zone_class(1 - 1e-12) == legend.zone_class(1.0)


class TestWords:
    def test_every_word_is_there_in_both_languages_with_the_same_places_to_fill(self):
        words = tomllib.loads((data_dir() / "words" / "maps.toml").read_text(encoding="utf-8"))
        for name, texts in words.items():
            assert set(texts) == {"zh", "en"}, name
            assert set(re.findall(r"{\w+}", texts["zh"])) == set(re.findall(r"{\w+}", texts["en"])), name

    def test_a_time_past_the_limit_never_reads_as_the_limit(self):
        assert say_time(300.0, lang="zh") == "5分钟"
        assert say_time(300.001, lang="zh") == "5分01秒"
        assert say_time(0.0, lang="en") == "0 s"

    def test_a_band_that_ends_between_tenths_of_a_minute_says_so(self):
        assert band_labels((135, 300), lang="zh") == ["≤ 2.25 分钟", "2.25–5 分钟", "> 5 分钟"]

    def test_a_share_short_of_all_never_reads_as_all(self):
        assert say_share(0.999999) == "99.9999%"
        assert say_share(0.29) == "29.0%"  # 0.29 * 1000 is 290 less a hair in binary

    @pytest.mark.thorough
    def test_gathered_points_are_stated(self):
        n = 20_500
        rng = np.random.default_rng(3)
        demand = frame(
            points(*rng.uniform(0, 5000, (n, 2))),
            people=np.ones(n),
            first_s=200.0,
            first_id="s1",
            is_covered=True,
        )
        data = payload(html(demand=demand))
        assert any("20,500" in line for line in data["about"])
        assert sum(data["demand"]["people"]) == n
        assert data["bands"][1]["people"] == "20,500"


@pytest.mark.thorough
def test_named_places_that_are_gathered_under_others_are_found_all_the_same():
    n = 20_500
    people = np.ones(n)
    people[:3] = 5.0, 2.0, 3.0  # of one name the place of most people is kept
    demand = frame(
        points(*[(10.0, 10.0)] * n),
        people=people,
        first_s=[100.0] * n,
        first_id=["s1"] * n,
        is_covered=[True] * n,
        zone=["东镇"] * n,
        name=["大村", "小村", "小村", None] + [""] * (n - 4),
    )
    columns = payload(html(demand=demand))["demand"]
    assert columns["names"] == ["大村"]
    assert columns["n"] == [n]
    assert columns["others"]["name"] == ["小村"]
    assert columns["others"]["people"] == [3.0]


def test_stations_are_looked_up_by_id_and_not_by_position():
    shuffled = tables()["stations"].iloc[::-1]
    columns, _ids, _ = maptables.demand_columns(
        tables()["demand"], shuffled, bands_s=(180, 240, 300, 480, 900)
    )
    # greatest first: 12,000 (s1), 9,000 (s2), 8,000 (s1), 6,000 (s1); s1 now stands at position 2
    assert columns["people"] == [12000.0, 9000.0, 8000.0, 6000.0]
    assert columns["station"] == [2, 1, 2, 2]


def test_points_at_which_nobody_lives_are_not_drawn_unless_they_have_a_name() -> None:
    homes = places(
        {"a": (0, 0), "b": (100, 0), "c": (200, 0)},
        people=[5.0, 0.0, 0.0],
        name=[None, None, "空村"],
        first_s=[10.0, 20.0, 30.0],
        first_id=["A"] * 3,
    )
    columns, drawn, _ = maptables.demand_columns(homes, None, bands_s=(60.0,))
    assert list(drawn) == ["a", "c"]
    assert columns["people"] == [5.0, 0.0]
