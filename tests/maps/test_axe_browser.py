"""axe-core finds nothing on the map, in both languages, on desk and phone, with each of its parts open."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from geo.maps import web_map as maps
from tests.foundthings import all_findings
from tests.island import island_map, tables

pytestmark = pytest.mark.browser

PLACES = ["gaps", "union_area", None, None]
STATES = {
    "as it opens": "",
    "every fold open": "document.querySelectorAll('details').forEach(fold => { fold.open = true; })",
    "a station's pop-up": "document.querySelector('.geo-station').click()",
    "a gap's pop-up": "document.querySelector('div.geo-gap').click()",
    "a search": "look('东')",
    "a place that was searched for, its card and way open": "look('东'); firstFound().click()",
    "a search that finds nothing": "look('没有这个地方')",
    "a town": "choose('0')",
    "every layer": "document.querySelectorAll('[data-layer]:not(:checked)').forEach(box => box.click())",
    "the panel of a phone": "document.querySelector('.geo-dock > button').click()",
}
HELP = """
window.look = text => {
    const input = document.querySelector('.geo-search input');
    input.value = text;
    input.dispatchEvent(new Event('input'));
};
window.firstFound = () => document.querySelector('.geo-option');
window.choose = value => {
    const select = document.querySelector('.geo-town select');
    select.value = value;
    select.dispatchEvent(new Event('change'));
};
"""


@pytest.fixture(scope="module", params=["zh", "en"])
def island(request, tmp_path_factory) -> Path:
    given = tables()
    given["targets"] = given["targets"].assign(places=PLACES)
    drawn = island_map(**{**given, "lang": request.param}, findings=all_findings())
    return maps.write_map(drawn, tmp_path_factory.mktemp("axe") / "map.html")


def faults(page) -> list[str]:
    """Give what axe-core finds, each with the first element that it names."""
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}" for fault in found]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_axe_finds_nothing_in_any_state(island, open_page, width, height):
    page = open_page(island, width=width, height=height).page
    page.evaluate(HELP)
    for state, script in STATES.items():
        page.evaluate(script or "1")
        page.wait_for_timeout(350)  # what fades in has its own colours only then
        assert faults(page) == [], state
    if width < 860:
        page.locator(".geo-legend > summary").click()
        assert faults(page) == []


def test_axe_finds_nothing_on_the_printed_page(island, open_page):
    page = open_page(island).page
    page.emulate_media(media="print")
    page.wait_for_selector(".geo-sheet-side")
    page.wait_for_timeout(350)
    assert faults(page) == []


def test_the_page_says_its_language_and_can_be_enlarged(island, open_page):
    page = open_page(island).page
    assert page.evaluate("document.documentElement.lang") in ("zh-CN", "en")
    assert "user-scalable" not in page.locator("meta[name=viewport]").get_attribute("content")
