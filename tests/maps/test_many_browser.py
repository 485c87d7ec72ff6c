"""A map of very many stations, areas and hydrants: on canvases, and still pointed at, found and printed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.maps import web_map as maps
from tests.island import frame, island_map, points
from tests.maps.test_web_map_browser import drawn_pixels, switch

pytestmark = pytest.mark.browser

ROWS, COLUMNS = 10, 20
"""200 stations, more than are drawn as elements, 500 m apart: in row r and column c number 20 r + c."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory) -> Path:
    xy = [(500.0 * c + 250, 500.0 * r + 250) for r in range(ROWS) for c in range(COLUMNS)]
    ids = [f"s{i}" for i in range(len(xy))]
    index = pd.Index(ids, name="facility_id")
    stations = frame(
        points(*xy),
        kind="fire_station",
        status=["planned" if i % 2 else "existing" for i in range(len(xy))],
        name=[f"第{i}站" for i in range(len(xy))],
        station_class="first",
        people_served=100.0,
        mean_s=120.0,
        worst_s=300.0,
        share_of_limit=0.1,
    ).set_index(index)
    # each area has a hole, and reaches half way into those beside it
    shapes = [shapely.Point(at).buffer(500).difference(shapely.Point(at).buffer(100)) for at in xy]
    union = [shapely.union_all(shapes)]
    areas = frame([*shapes, *union], facility_id=[*ids, None], limit_s=300.0)
    spots = np.random.default_rng(5).uniform(0, 5000, (500, 2)) * [2, 1]
    hydrants = frame(
        points((5000, 2450), *spots[1:]),
        kind="hydrant",
        status="existing",
        name=[f"{i}号消火栓" for i in range(500)],
    )
    return maps.write_map(
        island_map(stations=stations, areas=areas, facilities=hydrants),
        tmp_path_factory.mktemp("crowd") / "map.html",
    )


def point_at(page, x: float, y: float) -> tuple[float, float]:
    """Move the pointer to where a place is shown, given in steps of a degree; give where that is."""
    at = page.evaluate(
        """([x, y]) => {
            const p = map_coverage.latLngToContainerPoint([y / 1e5, x / 1e5]);
            return [p.x, p.y];
        }""",
        [x, y],
    )
    chart = page.locator(".folium-map").bounding_box()
    spot = chart["x"] + at[0], chart["y"] + at[1]
    page.mouse.move(*spot)
    page.wait_for_timeout(60)
    page.mouse.move(spot[0] + 1, spot[1])
    page.wait_for_timeout(60)
    return spot


def click_on(page, x: float, y: float) -> None:
    page.mouse.click(*point_at(page, x, y))
    page.wait_for_timeout(150)


def place_of(number: int) -> tuple[float, float]:
    row, column = divmod(number, COLUMNS)
    spot = frame(points((500.0 * column + 250, 500.0 * row + 250))).to_crs(4326).geometry.iloc[0]
    return spot.x * 1e5, spot.y * 1e5


def test_many_stations_are_pictures_that_are_clicked_until_the_reader_comes_nearer(crowd, open_page):
    page = open_page(crowd).page
    assert page.locator(".geo-station").count() == 0
    with_signs = drawn_pixels(page, "people")
    click_on(page, *place_of(47))
    popup = page.locator(".leaflet-popup-content")
    assert "第47站" in popup.inner_text()
    assert page.locator(".leaflet-areas-pane path").count() == 2  # the union, and the station's own
    page.locator(".leaflet-popup-close-button").click()
    page.wait_for_timeout(300)
    switch(page, "stations")
    assert drawn_pixels(page, "people") < with_signs
    switch(page, "stations")
    page.evaluate("() => { map_coverage.setZoom(map_coverage.getZoom() + 2, {animate: false}); }")
    page.wait_for_timeout(150)
    shown = page.locator(".geo-station").count()
    assert 0 < shown <= 150
    page.locator(".geo-station").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(150)
    assert "站" in popup.inner_text()
    page.evaluate("() => { map_coverage.setZoom(map_coverage.getZoom() - 2, {animate: false}); }")
    page.wait_for_timeout(150)
    assert page.locator(".geo-station").count() == 1  # the one whose pop-up is open


def test_the_pointer_is_told_which_station_and_a_search_by_keys_opens_one(crowd, open_page):
    page = open_page(crowd).page
    for number in (25, 26):  # from one to the next without leaving the layer
        point_at(page, *place_of(number))
        assert f"第{number}站" in page.locator(".leaflet-tooltip").inner_text()
    page.locator(".geo-search input").fill("第103站")
    page.locator(".geo-search input").press("Enter")
    page.wait_for_timeout(200)
    assert "第103站" in page.locator(".leaflet-popup-content").inner_text()


def test_many_areas_are_drawn_when_they_are_shown_with_their_holes(crowd, open_page):
    page = open_page(crowd).page
    assert page.locator(".leaflet-areas-pane canvas").count() == 0
    switch(page, "each")
    assert page.locator(".leaflet-areas-pane path").count() == 1  # the union
    shown = drawn_pixels(page, "areas")
    assert shown > 20_000
    page.evaluate("() => { map_coverage.setZoom(map_coverage.getZoom() + 3, {animate: false}); }")
    page.wait_for_timeout(200)
    assert drawn_pixels(page, "areas") > shown  # nearer, they fill the view
    switch(page, "each")
    assert drawn_pixels(page, "areas") == 0


def test_a_dot_of_many_hydrants_opens_its_card(crowd, open_page):
    page = open_page(crowd).page
    switch(page, "kind_hydrant")
    switch(page, "stations")
    switch(page, "people")
    spot = frame(points((5000, 2450))).to_crs(4326).geometry.iloc[0]
    page.evaluate("([x, y]) => { map_coverage.setView([y, x], 16, {animate: false}); }", [spot.x, spot.y])
    page.wait_for_timeout(150)
    click_on(page, spot.x * 1e5, spot.y * 1e5)
    assert "0号消火栓" in page.locator(".leaflet-popup-content").inner_text()


def test_paper_has_the_signs_and_areas_as_shapes(crowd, open_page):
    page = open_page(crowd).page
    switch(page, "each")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".geo-vector image").count() == ROWS * COLUMNS
    assert page.locator(".leaflet-areas-pane .geo-vector path").count() == ROWS * COLUMNS
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".geo-vector").count() == 0
