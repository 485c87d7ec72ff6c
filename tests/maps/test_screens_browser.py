"""The map on a phone and on a wall, by keyboard and by ear, and town by town."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.maps import web_map as maps
from tests.foundthings import all_findings
from tests.island import island_map, tables
from tests.maps.test_web_map_browser import drawn_pixels

pytestmark = pytest.mark.browser

TARGETS = "button, summary, input, select, a[href], [role=button], [role=option]"
FINGER = 44
"""Pixels that a finger needs (WCAG 2.2, 2.5.5)."""


@pytest.fixture(scope="module")
def island(tmp_path_factory) -> Path:
    given = tables()
    given["targets"] = given["targets"].assign(places=["gaps", None, None, None])
    drawn = island_map(**given, findings=all_findings())
    return maps.write_map(drawn, tmp_path_factory.mktemp("screen") / "map.html")


def small_targets(page) -> list[str]:
    """Give what can be pressed, is seen and is smaller than a finger; a tick box in a row is its row."""
    return page.evaluate(
        """([targets, finger]) => [...document.querySelectorAll(targets)].filter(one => {
            const box = one.getBoundingClientRect();
            return one.checkVisibility() && box.width && Math.min(box.width, box.height) < finger - 0.01;
        }).map(one => one.outerHTML.slice(0, 160))""",
        [TARGETS, FINGER],
    )


class TestPhone:
    def test_nothing_lies_over_the_map_but_its_own_buttons(self, island, open_page):
        page = open_page(island, width=390, height=844).page
        for press in (None, ".geo-dock > button", ".geo-legend > summary"):
            if press:
                page.locator(press).click()
            chart = page.locator(".folium-map").bounding_box()
            assert chart["height"] > 200
            assert chart["width"] == 390
            over = page.evaluate(
                """({x, y, width, height}) => {
                    const names = new Set();
                    for (let i = 0.02; i < 1; i += 0.04) for (let j = 0.02; j < 1; j += 0.02) {
                        const at = document.elementFromPoint(x + i * width, y + j * height);
                        if (!at || !at.closest('.folium-map')) names.add(at ? at.className : 'nothing');
                    }
                    return [...names];
                }""",
                chart,
            )
            assert over == []

    def test_whatever_is_pressed_is_as_large_as_a_finger(self, island, open_page):
        page = open_page(island, width=390, height=844).page
        assert small_targets(page) == []
        page.evaluate("document.querySelectorAll('.geo-page details').forEach(one => { one.open = true; })")
        page.wait_for_timeout(100)
        assert small_targets(page) == []  # the legend with every group open
        page.locator(".geo-dock > button").click()
        page.locator(".geo-search input").fill("东")
        assert small_targets(page) == []  # the panel, with a search
        page.locator(".geo-search input").fill("")
        page.locator(".geo-gaps button").first.click()
        assert page.locator(".leaflet-popup").is_visible()
        assert small_targets(page) == []  # a pop-up

    def test_where_signs_crowd_the_one_nearest_to_the_finger_opens(self, island, open_page):
        page = open_page(island, width=390, height=844).page
        page.evaluate("map_coverage.setZoom(9, {animate: false})")
        page.wait_for_timeout(100)
        for sign in page.locator(".geo-station").all():
            box = sign.bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            name = sign.get_attribute("title")
            assert page.locator(".leaflet-popup-content h2").last.inner_text() == name
            page.keyboard.press("Escape")
            page.wait_for_timeout(300)

    def test_what_is_asked_for_in_the_panel_is_seen_on_the_map(self, island, open_page):
        page = open_page(island, width=390, height=844).page
        page.locator(".geo-dock > button").click()
        page.locator(".geo-gaps button").first.click()
        assert page.locator(".geo-panel").is_hidden()
        assert page.locator(".leaflet-popup").is_visible()

    def test_turned_to_a_desk_and_back_all_is_in_its_place(self, island, open_page):
        page = open_page(island, width=390, height=844).page
        page.set_viewport_size({"width": 1280, "height": 800})
        page.wait_for_timeout(200)
        assert page.locator(".geo-panel h1").is_visible()
        assert page.locator(".leaflet-control .geo-legend[open]").is_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(200)
        assert page.locator("input[data-layer=people]").is_hidden()
        assert page.locator(".geo-head h1").is_visible()


class TestWall:
    def heights(self, page) -> dict[str, float]:
        names = (".geo-zone span", ".geo-station svg", "h1", ".geo-layer", ".geo-gap span")
        return {name: page.locator(name).first.bounding_box()["height"] for name in names}

    @pytest.mark.parametrize(("width", "height", "least"), [(2560, 1440, 1.4), (3840, 2160, 2.1)])
    def test_letters_and_signs_grow(self, island, open_page, width, height, least):
        desk = self.heights(open_page(island, width=1366, height=768).page)
        wall = self.heights(open_page(island, width=width, height=height).page)
        for name, size in desk.items():
            assert wall[name] >= least * size, name

    def test_circles_of_the_legend_are_as_large_as_on_the_map(self, island, open_page):
        page = open_page(island, width=3840, height=2160).page
        sizes = page.locator(".geo-legend .geo-size")
        circle = sizes.last.locator("i").bounding_box()["width"]
        n = float(sizes.last.inner_text().replace(",", ""))
        radius, people = page.evaluate(
            """() => {
                let most = 0;
                map_coverage.eachLayer(one => { most = Math.max(most, ...(one._radii || [])); });
                return [most, 12000];
            }"""
        )
        assert circle == pytest.approx(2 * radius * (n / people) ** 0.5, rel=0.02)


class TestKeyboard:
    def test_gaps_and_stations_say_what_they_are(self, island, open_page):
        page = open_page(island).page
        gap = page.get_by_role("button", name="覆盖缺口 1：南滩村，8,000人，10分钟", exact=True)
        assert gap.count() == 1
        assert page.get_by_role("button", name="东门消防站 一级站 · 现状").count() == 1
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('[role=button]')].filter(one =>
                !one.getAttribute('aria-label') && !one.textContent.trim()).length"""
        )
        assert unnamed == 0

    @pytest.mark.parametrize("key", ["Enter", " "])
    def test_a_gap_opens_by_key_and_gives_the_focus_back(self, island, open_page, key):
        page = open_page(island).page
        page.locator("div.geo-gap").first.focus()
        page.keyboard.press(key)
        assert "8,000人" in page.locator(".leaflet-popup-content").inner_text()
        close = page.get_by_role("button", name="关闭", exact=True)
        close.focus()
        close.press("Enter")
        page.wait_for_timeout(300)
        assert page.evaluate("document.activeElement.classList.contains('geo-gap')")


class TestTowns:
    def test_a_town_has_its_own_figures_bands_and_gaps(self, island, open_page):
        page = open_page(island).page
        before = page.evaluate("map_coverage.getZoom()")
        whole = page.locator(".geo-panel").inner_text()
        page.get_by_label("区域", exact=True).select_option("西桥镇")
        assert page.locator(".geo-figure.geo-main strong").inner_text() == "52.9%"
        assert page.locator(".geo-bands tr").nth(1).inner_text().split()[-2:] == ["9,000", "52.9%"]
        assert page.locator(".geo-gaps li b").all_inner_texts() == ["南滩村"]
        assert page.locator("div.geo-gap").count() == 1
        assert page.get_by_text("规划指标按全部区域计算").is_visible()
        assert page.evaluate("map_coverage.getZoom()") > before
        page.get_by_label("区域", exact=True).select_option("东门镇")
        assert page.get_by_text("此区域没有覆盖缺口").is_visible()
        page.get_by_label("区域", exact=True).select_option("全部区域")
        assert page.locator(".geo-panel").inner_text() == whole
        assert page.evaluate("map_coverage.getZoom()") == before

    def test_what_lies_outside_the_town_steps_back(self, island, open_page):
        page = open_page(island).page
        assert page.locator(".leaflet-veil-pane path").count() == 0
        page.get_by_label("区域", exact=True).select_option("西桥镇")
        assert page.locator(".leaflet-veil-pane path").count() == 1
        assert drawn_pixels(page, "people") > 0

    def test_home_is_the_town_while_one_is_chosen(self, island, open_page):
        page = open_page(island).page
        page.get_by_label("区域", exact=True).select_option("西桥镇")
        home = page.evaluate("map_coverage.getCenter()")
        page.evaluate("map_coverage.panBy([300, 200], {animate: false})")
        page.get_by_role("button", name="回到初始视图").click()
        assert page.evaluate("map_coverage.getCenter()") == home

    def test_an_open_pop_up_is_seen_whole_in_the_town_and_closes_with_another(self, island, open_page):
        """The choice moves the map, which cut off what stood near an edge."""
        page = open_page(island, width=1366, height=768).page
        choice, popup = page.get_by_label("区域", exact=True), page.locator(".leaflet-popup-content-wrapper")
        choice.select_option("西桥镇")
        page.locator(".geo-gaps li button").first.click()
        for name in ("全部区域", "西桥镇"):
            choice.select_option(name)
            page.wait_for_timeout(600)
            chart, box = page.locator(".folium-map").bounding_box(), popup.bounding_box()
            assert chart["x"] <= box["x"]
            assert chart["y"] <= box["y"]
            assert box["x"] + box["width"] <= chart["x"] + chart["width"]
            assert box["y"] + box["height"] <= chart["y"] + chart["height"]
        choice.select_option("东门镇")
        page.wait_for_timeout(600)
        assert popup.count() == 0
