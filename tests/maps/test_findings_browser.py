"""Findings on the map in headless Chromium with the network off: switches, pop-ups, links of targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.maps import web_map as maps
from tests.foundthings import SCRIPT, all_findings, many_points
from tests.island import frame, island_map, points, tables

pytestmark = pytest.mark.browser

PLACES = ["gaps", "union_area", None, None]
PIXEL_AT = """([lat, lng]) => {
    const map = map_coverage, at = map.latLngToContainerPoint([lat, lng]);
    const frame = map.getContainer().getBoundingClientRect();
    return [at.x + frame.x, at.y + frame.y];
}"""

NEAREST_TO_THE_MIDDLE = """() => {
    const middle = map_coverage.getCenter();
    let found = null;
    map_coverage.eachLayer(layer => {
        const at = layer.row === undefined ? null : layer.getLatLng();
        if (at && (!found || middle.distanceTo(at) < middle.distanceTo(found))) found = at;
    });
    return [found.lat, found.lng];
}"""


@pytest.fixture(scope="module")
def island(tmp_path_factory) -> Path:
    given = tables()
    given["targets"] = given["targets"].assign(places=PLACES)
    return maps.write_map(
        island_map(**given, findings=all_findings()), tmp_path_factory.mktemp("found") / "map.html"
    )


def switch(page, name: str) -> None:
    box = page.locator(f"input[data-layer=finding_{name}]")
    if not box.is_visible():
        page.locator("details.geo-group", has=box).locator("summary").click()
    box.click()
    page.wait_for_timeout(150)


def clear(page) -> None:
    """Switch off what stands on the map from the start."""
    for name in ("people", "unreached", "gaps", "stations", "zones"):
        page.locator(f"input[data-layer={name}]").click()


def shapes_on_map(page) -> int:
    """Count the shapes and markers of findings that are on the map now."""
    return page.evaluate(
        "() => { let n = 0; map_coverage.eachLayer(l => { n += l.row !== undefined; }); return n; }"
    )


def press(page, east: float, north: float) -> None:
    """Click a place of the island."""
    at = frame(points((east, north))).to_crs(4326).geometry.iloc[0]
    page.mouse.click(*page.evaluate(PIXEL_AT, [at.y, at.x]))
    page.wait_for_timeout(100)


def click_at(page, east: float, north: float) -> str:
    """Click a place of the island and give the text of the pop-up that opens."""
    press(page, east, north)
    return page.locator(".leaflet-popup-content").inner_text()


@pytest.mark.parametrize(
    ("name", "n_shapes"), [("zone_shading", 2), ("each_area", 3), ("union_area", 3), ("zone_names", 0)]
)
def test_each_finding_is_off_at_first_and_switches_on_and_off(island, open_page, name, n_shapes):
    page = open_page(island).page
    assert shapes_on_map(page) == 0
    switch(page, name)
    assert shapes_on_map(page) == n_shapes
    switch(page, name)
    assert shapes_on_map(page) == 0


def test_the_groups_of_the_legend_fold_and_count_what_shows(island, open_page):
    page = open_page(island).page
    group = page.locator("details.geo-group", has=page.locator("[data-layer=finding_union_area]"))
    assert group.locator(".geo-count").inner_text() == "0/4"
    switch(page, "union_area")
    assert group.locator(".geo-count").inner_text() == "1/4"
    row = group.locator(".geo-classes:visible")
    assert row.inner_text().split() == ["一级站", "1", "二级站", "1", "其他", "1"]


def test_the_legend_is_worked_by_keyboard(island, open_page):
    page = open_page(island).page
    group = page.locator("details.geo-group", has=page.locator("[data-layer=finding_union_area]"))
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    box = page.locator("[data-layer=finding_zone_shading]")
    page.keyboard.press("Tab")
    assert box.evaluate("box => box === document.activeElement")
    page.keyboard.press("Space")
    assert shapes_on_map(page) == 2


def test_a_numbered_point_opens_its_popup_with_its_text_as_text(island, open_page):
    page = open_page(island).page
    switch(page, "union_area")
    pins = page.locator(".geo-pin")
    assert pins.all_inner_texts() == ["1", "2", "3"]
    pins.first.focus()
    page.keyboard.press("Enter")
    text = page.locator(".leaflet-popup-content").inner_text()
    for words in (SCRIPT, "一级站", "5分01秒", "50.0%", "12,345人", "是", "—", "s1、s2"):
        assert words in text
    assert page.title() != "hacked"


def test_an_area_opens_its_popup_but_not_through_its_hole(island, open_page):
    page = open_page(island).page
    clear(page)
    switch(page, "zone_shading")
    assert "12 平方公里" in click_at(page, 1000, 1000)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.locator(".leaflet-popup-content").count() == 0
    press(page, 2500, 2500)
    assert page.locator(".leaflet-popup-content").count() == 0


def test_a_line_lies_over_an_area_and_opens_its_popup(island, open_page):
    page = open_page(island).page
    clear(page)
    switch(page, "each_area")
    switch(page, "zone_shading")  # switched on later, it still lies below
    assert "3,000 米" in click_at(page, 2500, 1000)


def test_people_stay_above_areas(island, open_page):
    page = open_page(island).page
    switch(page, "zone_shading")
    gap = page.locator("div.geo-gap").first.bounding_box()
    page.mouse.move(gap["x"] + 27, gap["y"] + 27)
    page.mouse.move(gap["x"] + 28, gap["y"] + 27)
    assert "8,000人" in page.locator(".leaflet-tooltip").inner_text()


def test_a_target_shows_where_it_fails(island, open_page):
    page = open_page(island).page
    page.evaluate("() => { map_coverage.setView([0, 0], 9, {animate: false}); }")
    link = page.locator(".geo-target.geo-missed .geo-link")
    assert link.count() == 1
    assert page.locator(".geo-link").count() == 2
    link.click()
    page.wait_for_timeout(150)
    assert page.locator("[data-layer=finding_union_area]").is_checked()
    assert page.locator("[data-layer=finding_union_area]").is_visible()
    assert shapes_on_map(page) == 3
    for pin in page.locator(".geo-pin").all():
        box, chart = pin.bounding_box(), page.locator(".folium-map").bounding_box()
        assert chart["x"] < box["x"] < chart["x"] + chart["width"]
        assert chart["y"] < box["y"] < chart["y"] + chart["height"]
    link.click()  # once more: it stays on
    assert page.locator("[data-layer=finding_union_area]").is_checked()


def test_a_target_that_names_the_gaps_shows_them_where_everything_is_seen(island, open_page):
    page = open_page(island).page
    home = page.evaluate("map_coverage.getZoom()")
    page.locator("input[data-layer=gaps]").click()
    page.evaluate("() => { map_coverage.setView([0, 0], 9, {animate: false}); }")
    page.locator(".geo-target.geo-met .geo-link").click()
    assert page.locator("div.geo-gap").count() == 2
    assert page.evaluate("map_coverage.getZoom()") == home


def test_fifty_thousand_points_open_switch_and_can_be_pointed_at(open_page, tmp_path):
    path = maps.write_map(island_map(findings=[many_points(50_000)]), tmp_path / "map.html")
    assert path.stat().st_size < 2_000_000
    page = open_page(path).page
    assert shapes_on_map(page) == 0
    switch(page, "bands")
    assert shapes_on_map(page) > 4000
    page.mouse.click(*page.evaluate(PIXEL_AT, page.evaluate(NEAREST_TO_THE_MIDDLE)))
    text = page.locator(".leaflet-popup-content").inner_text()
    assert "人口" in text
    assert "此处另有" in text


def test_on_a_phone_the_legend_and_targets_can_be_used(island, open_page):
    page = open_page(island, width=400, height=844).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.locator(".geo-legend > summary").click()
    switch(page, "zone_shading")
    assert shapes_on_map(page) == 2
    legend, chart = (page.locator(name).bounding_box() for name in (".geo-legend", ".folium-map"))
    assert chart["y"] + chart["height"] <= legend["y"]
    page.locator(".geo-dock > button").click()
    page.locator(".geo-target .geo-link").first.scroll_into_view_if_needed()
    page.locator(".geo-target .geo-link").first.click()
    assert shapes_on_map(page) == 5


def test_print_leaves_out_what_does_not_show(island, open_page):
    page = open_page(island).page
    switch(page, "zone_shading")
    page.emulate_media(media="print")
    page.wait_for_selector(".geo-sheet-side")
    assert page.locator(".geo-layer:visible", has_text="分区人口覆盖率").count() == 1
    assert page.locator(".geo-layer:visible", has_text="各站服务范围").count() == 0
    assert page.locator(".geo-chips").is_hidden()
