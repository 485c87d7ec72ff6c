"""What a map shows at first: the district, whatever one bad point says; and each resource once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.findings import Finding, Style
from tests.island import frame, points, tables
from tests.maps.test_web_map import html, payload

FAR = (1_000_000.0, 2500.0)
"""A place 1,000 km east of an island that is 12 km wide."""


def with_point(table, xy):
    moved = table.copy()
    moved.loc[moved.index[-1], "geometry"] = frame(points(xy)).geometry.iloc[0]
    return moved


class TestBounds:
    @pytest.mark.thorough
    @pytest.mark.parametrize("name", ["demand", "stations"])
    def test_one_bad_point_does_not_widen_the_view_and_is_told(self, name):
        right = payload(html(lang="en"))
        page = payload(html(lang="en", **{name: with_point(tables()[name], FAR)}))
        (south, west), (north, east) = np.array(page["bounds"])
        (south_0, west_0), (north_0, east_0) = np.array(right["bounds"])
        assert (south, west, north, east) == pytest.approx((south_0, west_0, north_0, east_0), abs=0.02)
        assert sum(line.startswith("1 points or shapes lie far outside") for line in page["about"]) == 1
        assert not any("far outside" in line for line in right["about"])

    def test_a_bad_site_of_a_finding_that_is_on_does_not_widen_the_view(self):
        style = Style({"": "site"}, label="rank", is_on=True)
        table = frame(points((2000, 2000), FAR), name=["a", "b"], rank=[1, 2])
        page = payload(html(findings=[Finding("union_area", "maps", table, style)]))
        assert page["bounds"] == payload(html())["bounds"]
        assert len(page["findings"][0]["points"]["row"]) == 2  # both are drawn

    def test_what_lies_a_little_outside_the_ground_is_in_view(self):
        near = (13_500.0, 2500.0)  # the ground ends at 12,000 m and is 12,000 m wide
        page = payload(html(demand=with_point(tables()["demand"], near)))
        assert page["bounds"][1][1] > payload(html())["bounds"][1][1]
        assert not any("坐标可能有误" in line for line in page["about"])

    def test_where_all_people_are_far_the_roads_are_shown_and_it_is_told(self):
        demand = tables()["demand"]
        far = demand.set_geometry(demand.translate(1_000_000.0))
        none = {"zones": None, "gaps": None, "facilities": None, "areas": None, "land": None}
        page = payload(html(demand=far, stations=tables()["stations"].iloc[:0], lang="en", **none))
        (_, west), (_, east) = page["bounds"]
        assert 121 < west < east < 122
        assert any(line.startswith("5 points or shapes lie far outside") for line in page["about"])

    def test_without_any_ground_all_counts(self):
        demand = with_point(tables()["demand"], FAR)
        page = payload(html(demand=demand, zones=None, land=None, roads=None))
        assert page["bounds"][1][1] > 129


class TestOnce:
    def finding(self, table) -> Finding:
        return Finding("union_area", "maps", table, Style({"": "site"}))

    def kinds(self, *findings: Finding) -> dict[str, int]:
        page = payload(html(findings=list(findings)))
        return {group["kind"]: len(group["places"]) for group in page["facilities"]}

    @pytest.mark.thorough
    def test_facilities_that_a_finding_draws_are_no_second_layer(self):
        facilities = tables()["facilities"]
        assert self.kinds() == {"hydrant": 1, "shelter": 1}
        assert self.kinds(self.finding(facilities.iloc[:1])) == {"hydrant": 1}
        assert self.kinds(self.finding(facilities)) == {}

    def test_the_same_number_at_another_place_is_another_thing(self):
        table = frame(points((100, 100), (200, 200)), name=["a", "b"])  # its index is 0, 1 too
        assert self.kinds(self.finding(table)) == {"hydrant": 1, "shelter": 1}

    def test_a_finding_that_is_not_drawn_hides_nothing(self):
        facilities = tables()["facilities"]
        assert self.kinds(Finding("union_area", "maps", facilities)) == {"hydrant": 1, "shelter": 1}

    def test_a_place_that_is_missing_hides_nothing(self):
        facilities = tables()["facilities"].copy()
        facilities["geometry"] = [None, shapely.Point()]
        assert self.kinds(self.finding(facilities)) == {"hydrant": 1, "shelter": 1}
