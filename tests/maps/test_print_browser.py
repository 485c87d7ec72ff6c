"""Printing in headless Chromium gives what the screen shows, on one sheet, with all that a map must say."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from geo.maps import web_map as maps
from tests.foundthings import all_findings
from tests.island import island_map
from tests.maps.test_findings_browser import switch as switch_finding
from tests.maps.test_web_map_browser import switch
from tests.paper import print_page

pytestmark = pytest.mark.browser

LAND, ROAD, FLAME = "#f7f5f0", "#9c9da6", "#b3202c"


@pytest.fixture(scope="module")
def island(tmp_path_factory) -> Path:
    drawn = island_map(findings=all_findings())
    return maps.write_map(drawn, tmp_path_factory.mktemp("print") / "map.html")


A4, A3 = (297, 210), (420, 297)


@pytest.mark.parametrize(
    ("width", "options", "size_mm"),
    [
        (1366, {"prefer_css_page_size": True}, A4),
        (390, {"prefer_css_page_size": True}, A4),
        (3840, {"prefer_css_page_size": True}, A4),
        (1366, {"format": "A3", "landscape": True}, A3),
        (1366, {"format": "A4"}, A4),  # the sheet itself lies across
    ],
)
def test_one_sheet_whatever_the_screen_and_the_paper(island, open_page, tmp_path, width, options, size_mm):
    page = open_page(island, width=width, height=844).page
    paper = print_page(page, tmp_path, **options)
    assert paper.n_sheets == 1
    assert paper.size_mm == size_mm
    assert paper.n_of(ROAD) > 100
    assert paper.n_of(FLAME) > 30


def test_the_button_for_a3_prints_a_larger_sheet(island, open_page, tmp_path):
    page = open_page(island).page
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="打印 A3 横向").click()
    paper = print_page(page, tmp_path)
    assert (paper.n_sheets, paper.size_mm) == (1, (420, 297))
    page.get_by_role("button", name="打印 A4 横向").click()
    assert print_page(page, tmp_path).size_mm == (297, 210)


def test_each_layer_that_shows_is_on_paper(island, open_page, tmp_path):
    page = open_page(island).page
    before = print_page(page, tmp_path)
    least = {"stations": 300, "gaps": 200, "people": 400, "union": 3000, "each": 300, "shade": 3000}
    for layer, n in {**least, "zones": 300, "unreached": 60, "kind_shelter": 60}.items():
        switch(page, layer)
        changed = print_page(page, tmp_path).differs_from(before)
        assert changed > n, layer
        switch(page, layer)
    assert print_page(page, tmp_path).differs_from(before) < 20


@pytest.mark.parametrize("name", ["zone_shading", "each_area", "union_area"])
def test_findings_are_on_paper_with_their_classes(island, open_page, tmp_path, name):
    page = open_page(island).page
    before = print_page(page, tmp_path)
    switch_finding(page, name)
    paper = print_page(page, tmp_path)
    assert paper.differs_from(before) > 300
    label = page.locator(f".geo-layer:has([data-layer=finding_{name}]) .geo-name").inner_text()
    assert label in paper.text.replace(" ", "")


def test_the_sheet_says_all_that_a_map_must_say(island, open_page, tmp_path):
    text = print_page(open_page(island).page, tmp_path).text.replace(" ", "")
    today = datetime.date.today()
    for words in (
        *("东西岛消防站覆盖", "合成数据", "5分钟内到场", "图例", "消防站", "不可达人口", "≤3分钟", "12,000"),
        *("行政区界与名称", "圆面积表示人口", "公里", "北", "数据来源", "道路：手工示例", "南滩村"),
        *("OpenStreetMapcontributors", f"打印日期：{today:%Y-%m-%d}"),
    ):
        assert words in text, words
    for words in ("图层与图例", "输入站名", "底图", "缩小"):
        assert words not in text, words


def test_what_is_switched_off_is_not_in_the_legend_of_the_sheet(island, open_page, tmp_path):
    page = open_page(island).page
    switch(page, "zones")
    text = print_page(page, tmp_path).text.replace(" ", "")
    assert "行政区界与名称" not in text
    assert "各站服务范围" not in text


def test_a_view_that_was_moved_is_printed_as_it_is(island, open_page, tmp_path):
    page = open_page(island).page
    whole = print_page(page, tmp_path)
    page.evaluate("map_coverage.setView([31.63, 121.43], 15, {animate: false})")
    near = print_page(page, tmp_path)
    assert near.n_of(LAND) > whole.n_of(LAND)
    assert "500 米" in near.text
    assert "2 公里" in whole.text
    assert "东门镇" not in near.text  # its name is out of view
    assert page.evaluate("map_coverage.getZoom()") == 15


def test_the_screen_is_as_it_was_after_printing(island, open_page, tmp_path):
    page = open_page(island).page
    before = page.screenshot()
    print_page(page, tmp_path)
    page.wait_for_timeout(100)
    assert page.locator(".geo-vector, .geo-sheet-head, .geo-sheet-side, .geo-north").count() == 0
    assert page.screenshot() == before


def test_a_popup_that_is_open_is_whole_on_paper(island, open_page):
    page = open_page(island).page
    page.evaluate("""() => {
        let at = null;  // the northernmost sign
        map_coverage.eachLayer(layer => {
            if (layer instanceof L.Marker && (!at || layer.getLatLng().lat > at.lat)) at = layer.getLatLng();
        });
        const text = '<div style="height: 220px">x</div>';
        L.popup({ autoPan: false }).setLatLng(at).setContent(text).openOn(map_coverage);
    }""")
    page.emulate_media(media="print")
    page.wait_for_selector(".geo-sheet-side")
    top, room = (
        page.locator(name).first.evaluate("part => part.getBoundingClientRect().top")
        for name in (".leaflet-popup", ".leaflet-container")
    )
    assert top >= room


def test_nothing_of_a_full_sheet_is_cut_off(island, open_page):
    page = open_page(island).page
    for box in page.locator("input[data-layer]").all():
        box.evaluate("box => box.checked || box.click()")
    page.emulate_media(media="print")
    page.wait_for_selector(".geo-sheet-side")
    side = page.locator(".geo-sheet-side")
    assert side.evaluate("side => side.scrollHeight <= side.clientHeight + 1")
    assert page.locator("body").bounding_box()["height"] <= 194 / 25.4 * 96
    page.emulate_media(media="screen")
    page.wait_for_selector(".geo-sheet-side", state="detached")
