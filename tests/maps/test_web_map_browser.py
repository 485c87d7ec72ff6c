"""The map file in headless Chromium with the network off."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from geo.maps import Basemap
from geo.maps import web_map as maps
from tests.browser import visit
from tests.island import frame, island_map, points, tables

pytestmark = pytest.mark.browser

NASTY = [
    "<script>document.title='hacked'</script>",
    "\"><img src=x onerror=document.title='hacked'>",
    "</script><b>\u2028 {{7*7}} ${7*7} '&amp;'",
]


@pytest.fixture(scope="module")
def island(tmp_path_factory) -> Path:
    return maps.write_map(island_map(), tmp_path_factory.mktemp("map") / "map.html")


def drawn_pixels(page, pane: str) -> int:
    """Count the painted pixels of a pane's canvas."""
    return page.evaluate(
        """pane => [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)].reduce((sum, canvas) => {
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
            return sum;
        }, 0)""",
        pane,
    )


def switch(page, layer: str) -> None:
    box = page.locator(f"input[data-layer={layer}]")
    if not box.is_visible():
        page.locator("details.geo-group", has=box).locator("summary").click()
    box.click()
    page.wait_for_timeout(150)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_opens_with_everything_in_view_and_nothing_overlapping(island, open_page, width, height):
    page = open_page(island, width=width, height=height).page
    assert page.title() == "东西岛消防站覆盖"
    assert page.locator("h1").inner_text() == "东西岛消防站覆盖"
    assert page.locator(".geo-badge").inner_text() == "合成数据"
    assert (
        page.locator(".leaflet-control-attribution")
        .inner_text()
        .endswith("OpenStreetMap contributors (ODbL)")
    )
    assert "公里" in page.locator(".leaflet-control-scale").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 860:
        page.locator(".geo-dock > button").click()
    panel, chart, legend = (
        page.locator(name).bounding_box() for name in (".geo-panel", ".folium-map", ".geo-legend")
    )
    assert panel["x"] + panel["width"] <= chart["x"] or chart["y"] + chart["height"] <= panel["y"]
    assert legend["x"] >= chart["x"]
    assert legend["x"] + legend["width"] <= chart["x"] + chart["width"]
    assert width > 860 or chart["y"] + chart["height"] <= legend["y"] <= panel["y"]
    for station in page.locator(".geo-station").all():
        box = station.bounding_box()
        assert chart["x"] <= box["x"] <= chart["x"] + chart["width"]
        is_beside = box["x"] + box["width"] < legend["x"]
        assert (
            is_beside or box["y"] > legend["y"] + legend["height"] or box["y"] + box["height"] < legend["y"]
        )


def test_chinese_is_drawn_with_a_chinese_font(island, open_page):
    page = open_page(island).page
    shapes = page.evaluate(
        """() => ['消', '防', '\\u{10FFFD}'].map(sign => {
            const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
            canvas.width = canvas.height = 40;
            pen.font = '30px ' + getComputedStyle(document.body).fontFamily;
            pen.fillText(sign, 2, 32);
            return canvas.toDataURL();
        })"""
    )
    if shapes[0] == shapes[1]:
        if os.environ.get("EMERGENCY_GEO_REQUIRE_BROWSER"):
            pytest.fail("no Chinese font is installed, and EMERGENCY_GEO_REQUIRE_BROWSER asks for one")
        pytest.skip("no Chinese font is installed (Debian: apt-get install fonts-noto-cjk)")
    assert len(set(shapes)) == 3


def test_every_layer_switches_off_and_on(island, open_page):
    page = open_page(island).page
    counts = {
        "stations": lambda: page.locator(".geo-station").count(),
        "gaps": lambda: page.locator("div.geo-gap").count(),
        "people": lambda: drawn_pixels(page, "people"),
        "unreached": lambda: drawn_pixels(page, "people"),
        "union": lambda: page.locator(".leaflet-areas-pane path").count(),
        "each": lambda: page.locator(".leaflet-areas-pane path").count(),
        "shade": lambda: page.locator(".leaflet-shade-pane path").count(),
        "zones": lambda: page.locator(".geo-zone").count(),
        "kind_shelter": lambda: page.locator(".geo-facility").count(),
        "kind_hydrant": lambda: page.locator(".geo-facility").count(),
    }
    names = [box.get_attribute("data-layer") for box in page.locator("input[data-layer]").all()]
    assert sorted(names) == sorted(counts)
    for name, count in counts.items():
        is_on = page.locator(f"input[data-layer={name}]").is_checked()
        before = count()
        switch(page, name)
        changed = count()
        assert changed < before if is_on else changed > before, name
        switch(page, name)
        assert count() == before, name


def test_station_popup_shows_its_figures_load_and_own_area(island, open_page):
    page = open_page(island).page
    page.locator(".geo-station").nth(1).click()
    popup = page.locator(".leaflet-popup-content")
    text = popup.inner_text()
    for words in ("西桥消防站", "小型站 · 现状", "9,000人", "4分钟", "不可达", "125%", "12 万人"):
        assert words in text
    assert popup.locator(".geo-over").count() == 1
    assert page.locator(".leaflet-areas-pane path").count() == 2  # the union, and the station's own
    page.locator(".leaflet-popup-close-button").click()
    page.wait_for_timeout(300)
    assert page.locator(".leaflet-areas-pane path").count() == 1


def test_planned_station_without_figures_shows_dashes(island, open_page):
    page = open_page(island).page
    page.locator(".geo-station").nth(2).click()
    text = page.locator(".leaflet-popup-content").inner_text()
    assert "规划" in text
    assert text.count("—") == 3


def test_search_finds_a_station_and_opens_it(island, open_page):
    page = open_page(island).page
    page.locator(".geo-search input").fill("西桥消防")
    assert page.locator(".geo-search li").count() == 1
    switch(page, "stations")  # also when its layer is off
    page.locator(".geo-search input").press("Enter")
    assert "西桥消防站" in page.locator(".leaflet-popup-content").inner_text()
    assert page.locator("input[data-layer=stations]").is_checked()
    page.locator(".geo-search input").fill("没有这个站")
    assert page.locator(".geo-search li").inner_text() == "没有找到"


def test_a_click_on_a_gap_goes_there(island, open_page):
    page = open_page(island).page
    assert page.evaluate("map_coverage.getZoom()") < 13
    page.locator(".geo-gaps button", has_text="小沙洲").click()
    page.wait_for_timeout(200)
    assert "5,000人" in page.locator(".leaflet-popup-content").inner_text()
    assert page.evaluate("map_coverage.getZoom()") == 13
    chart, mark = (page.locator(name).bounding_box() for name in (".folium-map", "div.geo-gap.geo-lost"))
    # the sign's lower right corner points at the place
    assert abs(mark["x"] + mark["width"] - chart["x"] - chart["width"] / 2) < 2


def test_pointing_at_people_tells_their_time_and_station(island, open_page):
    page = open_page(island).page
    gap = page.locator("div.geo-gap").first.bounding_box()
    page.mouse.move(gap["x"] + 27, gap["y"] + 27)
    page.mouse.move(gap["x"] + 28, gap["y"] + 27)
    text = page.locator(".leaflet-tooltip").inner_text()
    for words in ("西桥镇", "8,000人", "10分钟", "东门消防站"):
        assert words in text


def test_unreachable_people_tell_why_although_other_people_lie_in_the_same_canvas(island, open_page):
    page = open_page(island).page
    mark = page.locator("div.geo-gap.geo-lost").bounding_box()
    page.mouse.move(mark["x"] + 26, mark["y"] + 26)
    page.mouse.move(mark["x"] + 27, mark["y"] + 26)
    text = page.locator(".leaflet-tooltip").inner_text()
    assert "不可达" in text
    assert "没有道路" in text


def test_targets_stand_in_the_panel_missed_first_and_chips_choose_by_status(island, open_page):
    page = open_page(island).page
    assert page.locator(".geo-target.geo-missed").inner_text().startswith("5分钟救援半径")
    chips = page.locator(".geo-chips button")
    assert chips.all_inner_texts() == ["全部 4", "未达标 1", "达标 1", "缺数据 1", "未计算 1"]
    chips.nth(3).click()
    assert page.locator(".geo-target:visible b").all_inner_texts() == ["市政消火栓"]
    chips.nth(3).click()  # once more: all again
    assert page.locator(".geo-target:visible").count() == 4


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_shown_as_they_are_and_never_run(open_page, tmp_path, nasty):
    given = tables()
    for name in ("stations", "zones", "gaps", "facilities"):
        given[name]["name"] = nasty
    given["targets"]["name_zh"] = nasty
    given["targets"]["evidence_zh"] = nasty
    given["demand"]["zone"] = nasty
    given |= {
        "title": nasty,
        "attribution": nasty,
        "standard": nasty,
        "sources": [nasty],
        "made_on": nasty,
    }
    page = open_page(maps.write_map(island_map(**given), tmp_path / "m.html")).page
    assert page.title().split() == nasty.split()
    page.locator(".geo-station").first.click()
    page.locator(".geo-search input").fill(nasty[:5])
    gap = page.locator("div.geo-gap").first.bounding_box()
    page.mouse.move(gap["x"] + 27, gap["y"] + 27)
    page.mouse.move(gap["x"] + 28, gap["y"] + 27)
    page.locator("summary", has_text="说明").click()
    for place in (
        "h1",
        ".leaflet-popup-content h2",
        ".leaflet-tooltip h2",
        ".geo-search li span",
        ".geo-gaps b",
        ".geo-target b",
        ".geo-zone span",
        ".leaflet-control-attribution",
    ):
        assert nasty in page.locator(place).first.text_content(), place
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "hacked"


def test_thousands_of_points_open_and_can_be_pointed_at(open_page, tmp_path):
    n = 20_000
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 5000, (n, 2)) * [2, 1]
    demand = frame(
        points(*xy),
        people=rng.integers(1, 60, n).astype(float),
        first_s=rng.uniform(60, 1500, n),
        first_id="s1",
        is_covered=True,
        zone="东门镇",
    )
    path = maps.write_map(island_map(demand=demand), tmp_path / "m.html")
    assert path.stat().st_size < 2_000_000
    page = open_page(path).page
    assert drawn_pixels(page, "people") > 50_000


def test_print_keeps_figures_and_legend_and_drops_the_controls(island, open_page):
    page = open_page(island).page
    page.emulate_media(media="print")
    assert page.locator(".geo-search").is_hidden()
    page.wait_for_selector(".geo-sheet-side")
    assert page.locator(".geo-tools").is_hidden()
    assert page.locator(".geo-layer:visible", has_text="各站服务范围").count() == 0
    assert page.locator(".geo-layer:visible", has_text="不可达人口").count() == 1
    assert page.locator(".geo-figures:visible").count() == 1


def test_on_a_phone_panel_and_legend_fold_and_make_room(island, open_page):
    page = open_page(island, width=390, height=844).page
    assert page.locator("input[data-layer=people]").is_hidden()
    assert page.locator(".geo-panel").is_hidden()
    folded = page.locator(".folium-map").bounding_box()["height"]
    page.locator(".geo-legend > summary").click()
    assert page.locator("input[data-layer=people]").is_visible()
    assert page.locator(".folium-map").bounding_box()["height"] < folded
    page.locator(".geo-dock > button").click()  # one at a time
    assert page.locator(".geo-panel").is_visible()
    assert page.locator("input[data-layer=people]").is_hidden()
    page.locator(".geo-dock > button").click()
    assert page.locator(".folium-map").bounding_box()["height"] == folded


def test_gaode_tiles_come_only_when_chosen_and_lie_under_their_wgs84_place(chromium, tmp_path):
    path = maps.write_map(island_map(basemaps=(Basemap("osm"), Basemap("gaode"))), tmp_path / "m.html")
    seen = visit(chromium, path)
    assert seen.requests == []
    page = seen.page
    page.get_by_label("高德地图").check()
    for zoom in (10, 13, 16):
        page.evaluate(f"map_coverage.setView([31.6, 121.5], {zoom}, {{animate: false}})")
        page.evaluate("map_coverage.panBy([900, 500], {animate: false})")
        page.wait_for_timeout(100)
        # The middle and corners of a 924 x 800 view: what the tiles show there against what should be.
        for lat, lng, dx, dy, x, y in page.evaluate(SPOTS_ON_A_TILE):
            lon_gcj, lat_gcj = gcj02(lng, lat)
            world = 256 * 2**zoom
            want_x = (lon_gcj + 180) / 360 * world - 256 * x
            want_y = (0.5 - math.asinh(math.tan(math.radians(lat_gcj))) / math.tau) * world - 256 * y
            assert math.hypot(want_x - dx, want_y - dy) < 3  # pixels
    assert seen.requests
    assert all("is.autonavi.com" in url for url in seen.requests)
    page.context.close()


SPOTS_ON_A_TILE = """() => {
    const map = map_coverage, size = map.getSize(), tile = document.querySelector('.leaflet-tile-pane img');
    const [, x, y] = tile.src.match(/x=(\\d+)&y=(\\d+)/);
    const frame = map.getContainer().getBoundingClientRect(), box = tile.getBoundingClientRect();
    return [[0, 0], [0.5, 0.5], [1, 0], [0, 1], [1, 1]].map(([u, v]) => {
        const spot = L.point(size.x * u, size.y * v), at = map.containerPointToLatLng(spot);
        return [at.lat, at.lng, spot.x + frame.x - box.x, spot.y + frame.y - box.y, +x, +y];
    });
}"""


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Shift WGS 84 to GCJ-02 by the public formula, written out apart from the page's own."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi

    def waves(t: float, *terms: tuple[float, float]) -> float:
        return sum(size * math.sin(t * rate * pi) for size, rate in terms) * 2 / 3

    both = waves(x, (20, 6), (20, 2))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    north += waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    east += waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    a, ee, phi = 6378245.0, 0.00669342162296594323, math.radians(lat)
    w = 1 - ee * math.sin(phi) ** 2
    return (
        lon + math.degrees(east / (a / math.sqrt(w) * math.cos(phi))),
        lat + math.degrees(north * w**1.5 / (a * (1 - ee))),
    )


def test_the_shift_itself_agrees_with_a_published_pair():
    # Beijing, 116.404 E 39.915 N in WGS 84 is 116.41024449916938 E 39.91640428150164 N in GCJ-02.
    lon, lat = gcj02(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
