"""Findings as layers of the map: classes, values by their units, and what is left out, without a browser."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import CrsError, InputError
from geo.findings import Finding, Style, class_roles
from geo.maps import coverage_map, legend, room_layers
from geo.maps.text import say_value
from tests.colours import SEEN, least_apart
from tests.foundthings import SCRIPT, all_findings, areas, lines, many_points, nothing, sites
from tests.island import frame, island_layers
from tests.maps.test_web_map import html, payload, undo


def drawn(*findings: Finding, lang="en") -> dict:
    return {layer["name"]: layer for layer in room_layers.draw_findings(findings, lang=lang).layers}


def values(layer: dict) -> dict[str, list[str]]:
    return {
        label: [column["texts"][i] for i in column["at"]]
        for label, column in zip(layer["columns"], layer["values"], strict=True)
    }


class TestValues:
    def test_each_is_said_by_the_unit_of_its_column(self):
        layer = drawn(sites())["union_area"]
        assert values(layer) == {
            "state": ["First-class station", "Second-class station", "elsewhere"],
            "Worst response": ["5 min 01 s", "Unreachable", "—"],
            "Share of roads": ["50.0%", "100%", "—"],
            "People": ["12,345 people", "0 people", "—"],
            "is_open": ["Yes", "No", "—"],
            "lacking": ["—", "—", "—"],
            "near_ids": ["s1, s2", "—", "s3"],
        }

    def test_a_column_of_class_words_alone_is_told_in_the_reader_s_language(self):
        layer = drawn(areas(), lang="zh")["zone_shading"]
        assert values(layer)["state"] == ["一级站", "二级站"]
        assert values(layer)["面积"] == ["12 平方公里", "16 平方公里"]

    @pytest.mark.parametrize(
        ("column", "given", "said"),
        [
            ("gain_s", -75.0, "-1 min 15 s"),
            ("gain_s", -np.inf, "-Unreachable"),
            ("wait_min", 1.5, "1 min 30 s"),
            ("n_hydrants", 1234.0, "1,234"),
            ("opened_year", 2035.0, "2035"),
            ("flow_lps", 15.0, "15 L/s"),
            ("speed_kph", np.inf, "—"),
            ("length_m", 120.04, "120 m"),
            ("length_m", 1.26, "1.26 m"),
            ("share_people", -0.25, "-25.0%"),
            ("share", 0.123456, "12.3%"),
            ("name", "  ", "—"),
        ],
    )
    def test_a_value(self, column, given, said):
        assert say_value(column, given, lang="en") == said


class TestClasses:
    def test_the_legend_counts_each_class_and_gathers_those_it_does_not_know(self):
        classes = drawn(sites())["union_area"]["classes"]
        assert [(c["label"], c["n"]) for c in classes] == [
            ("First-class station", 1),
            ("Second-class station", 1),
            ("Other", 1),
        ]
        assert drawn(sites())["union_area"]["class"] == [0, 1, -1]

    def test_the_colour_without_a_word_is_for_all_other_classes(self):
        given = dataclasses.replace(sites(), style=Style({"first": "#111111", "": "#222222"}, by="state"))
        layer = drawn(given)["union_area"]
        assert [(c["label"], c["n"]) for c in layer["classes"]] == [("First-class station", 1), ("Other", 2)]
        assert layer["class"] == [0, 1, 1]

    def test_flags_and_numbers_are_classes_too(self):
        table = frame(
            list(shapely.points([[0, 0], [1, 1], [2, 2]])), is_open=[True, False, True], level=[1.0, 2.0, 1.0]
        )
        flags = Finding("bands", "maps", table, Style({"yes": "#111111", "no": "#222222"}, by="is_open"))
        levels = Finding("gaps", "maps", table, Style({"1": "#111111", "2": "#222222"}, by="level"))
        found = drawn(flags, levels)
        assert found["bands"]["class"] == found["gaps"]["class"] == [0, 1, 0]


class TestShapes:
    def test_an_area_keeps_its_hole_and_a_row_without_place_is_told(self):
        found = room_layers.draw_findings([areas()], lang="en")
        polygons = found.layers[0]["polygons"]
        assert [len(rings) for rings in polygons["shape"]] == [2, 1]
        assert polygons["row"] == [0, 1]
        assert found.layers[0]["n"] == 3
        assert found.notes == [
            "1 rows of 'Share of people covered, by zone' have no place and stand in the table only."
        ]

    def test_parts_of_one_row_share_its_popup(self):
        assert drawn(lines())["each_area"]["lines"]["row"] == [0, 1, 1]

    def test_shapes_stand_where_they_are(self):
        table = areas().table
        rings = drawn(areas())["zone_shading"]["polygons"]["shape"][1]
        back = gpd.GeoSeries([shapely.Polygon(undo(rings[0]))], crs=4326).to_crs(table.crs)
        assert back.area.iloc[0] == pytest.approx(16e6, rel=1e-3)
        assert back.symmetric_difference(table.geometry.iloc[1:2].reset_index(drop=True)).area.iloc[0] < 2e4

    def test_mixed_shapes_and_collections_are_drawn_by_kind(self):
        both = shapely.GeometryCollection([shapely.Point(1, 1), shapely.LineString([(0, 0), (500, 500)])])
        several = shapely.MultiPoint([(10, 10), (20, 20)])
        layer = drawn(Finding("bands", "maps", frame([both, several]), Style({"": "#111111"})))["bands"]
        assert layer["points"]["row"] == [0, 1, 1]
        assert layer["lines"]["row"] == [0]

    def test_nothing_found_is_a_layer_of_nothing(self):
        layer = drawn(nothing())["zone_names"]
        assert layer["n"] == 0
        assert layer["class"] == layer["polygons"]["shape"] == []

    def test_a_table_alone_is_no_layer(self):
        assert set(drawn(*all_findings())) == {"zone_shading", "each_area", "union_area", "zone_names"}

    def test_a_finding_without_crs_is_refused(self):
        bare = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(1, 1)])
        with pytest.raises(CrsError, match="bands"):
            drawn(Finding("bands", "maps", bare, Style({"": "#111111"})))


class TestThinning:
    @pytest.mark.thorough
    def test_many_points_are_gathered_by_class_and_none_is_lost(self):
        found = room_layers.draw_findings([many_points(50_000)], lang="en")
        layer = found.layers[0]
        drawn_n = len(layer["class"])
        assert drawn_n <= room_layers.MAX_POINTS
        # Every point is drawn or counted at one of its class that is.
        stands_for = np.array(layer["more"]) + 1
        table = many_points(50_000).table
        for i, word in enumerate(("first", "second")):
            assert stands_for[np.array(layer["class"]) == i].sum() == (table["state"] == word).sum()
        assert layer["n"] == 50_000
        assert "50,000 points" in found.notes[0]

    def test_long_lines_are_simplified_and_what_does_not_fit_is_told(self, monkeypatch):
        monkeypatch.setattr(room_layers, "MAX_VERTICES", 3)
        found = room_layers.draw_findings([lines()], lang="en")
        # The first road of 2 corners is longer (3,000 m) than the second of 4.
        assert found.layers[0]["lines"]["row"] == [0]
        assert "the 1 largest of 2 are drawn" in found.notes[1]

    def test_notes_of_the_room_are_told_once(self):
        twice = (lines(), dataclasses.replace(lines(), name="each_area"))
        notes = room_layers.draw_findings(twice, lang="en").notes
        assert notes == ["Roads are drawn to within 7 m; the times use their full shape."]


class TestPage:
    def test_names_cannot_leave_the_script(self):
        page = html(findings=all_findings())
        assert "<script>document" not in page
        assert payload(page)["findings"][2]["title"]["texts"][0] == SCRIPT

    def test_a_target_links_only_to_a_layer_in_which_something_is(self):
        targets = html_targets(places=["union_area", "zone_names", "unknown", None])
        assert [t["places"] for t in targets] == ["", "union_area", "", ""]

    def test_a_target_may_link_to_a_layer_of_the_map_itself(self):
        targets = html_targets(places=["gaps", "stations", "zones", None])
        assert [t["places"] for t in targets] == ["stations", "gaps", "", ""]

    def test_values_of_targets_without_a_number_are_told(self):
        told = html_targets(
            status=["told", "missed", "no data", "not computed"], target=[np.nan, 100, 600, 1]
        )[1]
        assert (told["status_text"], told["value"], told["target"]) == ("仅列数值", "3.86 分钟", "")

    def test_a_map_of_a_finding_alone(self):
        assert payload(html_of(findings=(sites(),)))["bounds"][0][0] == pytest.approx(31.6, abs=0.2)


def html_targets(**columns) -> list[dict]:
    from tests.island import tables

    targets = tables()["targets"].assign(**columns)
    return payload(html(targets=targets, findings=all_findings()))["targets"]


def html_of(**given) -> str:
    return coverage_map(island_layers(given), title="t", lang="zh").get_root().render()


class TestStyles:
    def test_differences_are_told_apart_without_colour_too(self):
        shown = [legend.colour_of(f"change.{word}") for word in ("loses", "gains", "same")]
        grey = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b in map(rgb, shown)]
        lightest, darkest = max(grey), min(grey)
        assert lightest - darkest > 50

    @pytest.mark.parametrize("deficiency", SEEN)
    def test_classes_of_one_legend_are_told_apart_by_colour_blind_readers(self, deficiency):
        apart = {
            family: least_apart(colours.values(), deficiency) for family, colours in legend.FAMILIES.items()
        }
        assert {family for family, least in apart.items() if least <= 30} <= set(legend.MANY)

    def test_only_families_that_need_it_are_excused(self):
        for family in legend.MANY:
            of = legend.FAMILIES[family].values()
            assert min(least_apart(of, deficiency) for deficiency in SEEN) <= 30

    def test_the_colour_is_looked_up_when_the_map_is_drawn(self):
        given = dataclasses.replace(
            sites(), style=Style({"first": "hydrant.working", "": "#123456"}, by="state")
        )
        classes = drawn(given)["union_area"]["classes"]
        assert [c["colour"] for c in classes] == [legend.COLOURS["hydrant.working"], "#123456"]

    def test_a_role_without_a_colour_is_told_with_the_nearest(self):
        given = dataclasses.replace(lines(), style=Style({"": "cut_links"}))
        with pytest.raises(InputError, match="'cut_links', which has no colour; did you mean 'cut_link'"):
            drawn(given)

    def test_classes_get_the_roles_of_their_family(self):
        assert class_roles("team", ("none", "some")) == {"none": "team.none", "some": "team.some"}
        assert class_roles("team", ()) == {}

    def test_sites_bear_their_rank(self):
        assert legend.site_style(columns=("people",)).label == "rank"


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
