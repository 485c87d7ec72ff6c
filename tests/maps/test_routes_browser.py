"""What a click and the search box do on the page, in headless Chromium with the network off."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.areas import gaps
from geo.coverage import cover
from geo.maps import (
    CoverageLayer,
    FacilityLayer,
    GapLayer,
    MapText,
    RoadLayer,
    RouteLayer,
    StationLayer,
    coverage_map,
    write_map,
)
from geo.outputs.route_layer import trace_first
from geo.routing import SnapRules
from geo.standards import ResponseStandard
from tests.towns import five_crossings, places

pytestmark = pytest.mark.browser

NASTY = "<img src=x onerror=document.title='hacked'>"
CLOCK = ResponseStandard("by hand", "dispatch", call_s=0, turnout_s=60, travel_s=240)


def _write(folder: Path, *, village: str = "重河村", lang: str = "zh") -> Path:
    """Draw the five-node town: a station in the west, a village 417 s off, one too far from any road."""
    roads = five_crossings()
    homes = places(
        {"farm": (1025, 2250), "corner": (1500, 0), "field": (2600, 2600)},
        people=[3000.0, 2000.0, 500.0],
        zone=["东镇", "东镇", "东镇"],
        name=[village, "长乐村", "远田村"],
    )
    stations = places({"A": (250, 50)}, name=["城桥消防站"], status=["existing"])
    coverage = cover(roads, stations, homes, standard=CLOCK, snapping=SnapRules(500.0, 10.0))
    others = places({"sh": (1900, 100)}, name=["六合小学"], kind=["shelter"], status=["existing"])

    def trace(ids: pd.Index) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        trees = trace_first(coverage, ids)
        return trees.legs, trees.ways

    found = gaps(coverage)
    layers = [
        RoadLayer(roads.edges),
        StationLayer(coverage.stations),
        FacilityLayer(others),
        CoverageLayer(coverage.table, snap_max_m=500.0),
        RouteLayer(trace, access_kph=10.0, of_gaps=found["worst_id"].tolist(), of_stations={"A": "farm"}),
        GapLayer(found),
    ]
    page = coverage_map(layers, title="五点镇", lang=lang, text=MapText())  # type: ignore[arg-type]
    return write_map(page, folder / "map.html")


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("map"))


def _rest(page) -> None:
    """Wait until the map has stood still for some frames and no pop-up fades: a click would miss its mark."""
    page.evaluate(
        """() => new Promise(done => {
            let last = "", n = 0;
            const look = () => {
                const at = map_coverage.getBounds().toBBoxString();
                const fading = [...document.querySelectorAll(".leaflet-popup")]
                    .some(popup => getComputedStyle(popup).opacity !== "1");
                n = at === last && !fading ? n + 1 : 0;
                last = at;
                if (n > 30) done(); else requestAnimationFrame(look);
            };
            look();
        })"""
    )


def _search(page, text: str) -> list[str]:
    page.locator(".geo-search input").fill(text)
    return page.locator(".geo-option span").all_inner_texts()


def _parts(page) -> list[tuple[str, float]]:
    rows = page.locator(".geo-parts tr")
    titles = rows.locator("td:last-child").evaluate_all("cells => cells.map(cell => cell.title)")
    seconds = [float(title.removesuffix("秒").removesuffix(" s")) for title in titles]
    return list(zip(rows.locator("th").all_inner_texts(), seconds, strict=True))


def test_a_found_place_shows_the_parts_of_its_time_and_its_way_on_the_roads(five, open_page):
    page = open_page(five).page
    assert _search(page, "重河") == ["重河村"]
    page.locator(".geo-search input").press("Enter")
    assert page.locator(".leaflet-popup-content h2").inner_text() == "重河村"
    # 60 s turnout, 50 m at 10 km/h 18 s, 3 km at 10 m/s 300 s, 25 m at 10 km/h 9 s
    assert _parts(page) == [
        ("出动", 60.0),
        ("消防站到道路", 18.0),
        ("村道、其他道路", 300.0),
        ("道路到地点", 9.0),
        ("合计", 387.0),
    ]
    told = page.locator(".geo-parts td").all_inner_texts()
    assert told[3:6] == ["50 米", "10 公里/小时", "18秒"]
    assert told[6:9] == ["3.00 公里", "36 公里/小时", "5分钟"]
    assert "6分27秒" in page.locator(".leaflet-popup-content dl").inner_text()
    assert page.locator("path.geo-way-line").count() == 1
    assert page.locator("path.geo-way-off").count() == 2
    page.locator(".leaflet-popup-close-button").click()
    page.locator("path.geo-way-line").wait_for(state="detached")


def test_a_click_on_people_and_on_their_station_opens_the_same_way(five, open_page):
    page = open_page(five).page
    at = page.evaluate(
        """() => {
            const box = map_coverage.getContainer().getBoundingClientRect();
            let at = null;
            map_coverage.eachLayer(layer => { if (layer._radii) at = [...layer._points.slice(0, 2)]; });
            const place = map_coverage.layerPointToContainerPoint(at);
            return [box.left + place.x, box.top + place.y];
        }"""
    )
    page.mouse.move(*at)
    assert "重河村" in page.locator(".leaflet-tooltip").inner_text()
    page.mouse.click(*at)
    assert _parts(page)[-1] == ("合计", 387.0)
    page.locator(".leaflet-popup-close-button").click()
    _rest(page)
    page.locator(".geo-station").first.click()
    _rest(page)  # the other pop-up fades
    assert "重河村" in page.locator(".geo-way h3").inner_text()
    assert _parts(page)[-1] == ("合计", 387.0)
    assert page.locator("path.geo-way-line").count() == 1


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("chonghe", "重河村"),
        ("zhonghe", "重河村"),
        ("chc", "重河村"),
        ("zhec", "重河村"),
        ("CHANGLE", "长乐村"),
        ("zlc", "长乐村"),
        ("cqxf", "城桥消防站"),
        ("luhexiao", "六合小学"),
        ("liuhe", "六合小学"),
        ("xiaoxue", "六合小学"),
        ("ytc", "远田村"),
        ("田", "远田村"),
    ],
)
def test_places_are_found_by_sound_by_first_letters_and_by_a_part(five, open_page, typed, first):
    assert _search(open_page(five).page, typed)[0] == first


def test_the_search_box_is_used_by_keys_alone(five, open_page):
    page = open_page(five).page
    box = page.locator(".geo-search input")
    box.focus()
    assert len(_search(page, "村")) == 3
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    box.press("ArrowDown")
    chosen = page.locator(".geo-option[aria-selected=true]")
    assert chosen.locator("span").inner_text() == "长乐村"
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    box.press("ArrowUp")
    box.press("ArrowUp")  # round to the last
    assert page.locator(".geo-option[aria-selected=true] span").inner_text() == "远田村"
    box.press("Enter")
    assert page.locator(".leaflet-popup-content h2").inner_text() == "远田村"
    assert not page.locator("#geo-found").is_visible()
    box.press("Escape")
    assert box.input_value() == ""
    assert _search(page, "没有") == []
    assert page.locator(".geo-search li").inner_text() == "没有找到"


def test_people_whom_nobody_reaches_say_why_how_far_and_what_to_do(five, open_page):
    page = open_page(five).page
    _search(page, "远田")
    page.locator(".geo-search input").press("Enter")
    text = page.locator(".leaflet-popup-content").inner_text()
    for part in ("离道路过远", "1,600 米（限 500 米）", "不可达", "[snap] max_m"):
        assert part in text
    assert page.locator("path.geo-way-line").count() == 0


def test_a_gap_says_of_whom_it_consists(five, open_page):
    page = open_page(five).page
    page.locator(".geo-gaps button").first.click()
    text = page.locator(".leaflet-popup-content").inner_text()
    for part in ("重河村 3,000人", "城桥消防站", "平均响应时间", "最长响应时间", "6分27秒"):
        assert part in text
    assert _parts(page)[-1] == ("合计", 387.0)


def test_hostile_names_are_found_and_run_nothing(open_page, tmp_path):
    page = open_page(_write(tmp_path, village=NASTY)).page
    assert _search(page, "onerror") == [NASTY]
    page.locator(".geo-search input").press("Enter")
    assert page.locator(".leaflet-popup-content h2").inner_text() == NASTY
    _rest(page)  # the map moves until the pop-up has room
    page.locator(".geo-station").first.click()
    _rest(page)  # the other pop-up fades
    assert NASTY in page.locator(".geo-way h3").inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == "五点镇"


def _hide_west(page) -> None:
    """Move the map until the station stands ten points from the left border."""
    page.evaluate(
        """() => {
            const box = document.querySelector(".geo-station").getBoundingClientRect();
            const left = map_coverage.getContainer().getBoundingClientRect().left;
            map_coverage.panBy([box.left - left - 10, 0], { animate: false });
        }"""
    )


def _bounds(page) -> str:
    return page.evaluate("map_coverage.getBounds().toBBoxString()")


def test_a_slow_click_on_a_station_at_the_border_opens_it_and_only_keys_move_the_map_there(five, open_page):
    page = open_page(five).page
    _hide_west(page)
    _rest(page)
    at = page.locator(".geo-station").first.bounding_box()
    before = _bounds(page)
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.down()
    _rest(page)
    assert _bounds(page) == before
    page.mouse.up()
    assert "重河村" in page.locator(".geo-way h3").inner_text()
    page.keyboard.press("Escape")
    _rest(page)
    _hide_west(page)
    _rest(page)
    before = _bounds(page)
    page.locator(".geo-search input").focus()
    while not page.evaluate("document.activeElement.matches('.geo-station, .geo-station *')"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
    _rest(page)
    assert _bounds(page) != before  # whoever comes there by keys sees it whole


def test_parts_shown_in_whole_seconds_add_up_to_the_time_that_is_shown(open_page, tmp_path):
    page = open_page(_write(tmp_path, lang="en")).page
    _search(page, "长乐")
    page.locator(".geo-search input").press("Enter")
    shown = page.locator(".geo-parts td:last-child").all_inner_texts()
    seconds = [_seconds(text) for text in shown]
    assert sum(seconds[:-1]) == seconds[-1]
    exact = [part for _, part in _parts(page)]
    assert np.isclose(sum(exact[:-1]), exact[-1], atol=1e-9)


def _seconds(text: str) -> int:
    minutes, _, rest = text.rpartition("min")
    return 60 * int(minutes or 0) + int(rest.replace("s", "").strip() or 0)
