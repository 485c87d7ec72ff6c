"""The live page where something goes wrong: no server, slow answers, names that are code, a small screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from geo.serve.live_study import LiveStudy, open_study
from geo.serve.self_test import running
from geo.serve.start import serving
from geo.study import read_study
from tests.serve.conftest import Open, Serve, wait
from tests.serve.test_page import drag, figure, violations
from tests.studies import write_study, write_town

pytestmark = pytest.mark.study

_SET = "() => { const all = document.querySelectorAll('.live-slider input'); %s }"


def _put(page: Page, *values: tuple[int, int]) -> None:
    """Let sliders go at values, one at once after the other."""
    steps = "".join(f"all[{i}].value = {v}; all[{i}].dispatchEvent(new Event('change'));" for i, v in values)
    page.evaluate(_SET % steps)


def test_a_page_without_its_server_says_so_and_shows_what_was_kept(
    town: LiveStudy, live_page: Open, tmp_path: Path
) -> None:
    with serving(town, tmp_path / "live", port=0) as (server, made), running(made):
        page = live_page(server, may_be_cut_off=True)
        page.evaluate("geoLive.line.ask({ do: 'set', limit_s: 360 })")
        wait(page, "geoLive.model.checked && geoLive.model.state.limit_s === 360")
        kept, codes = figure(page, 0), page.evaluate("[...geoLive.map.codes]")
        drag(page, 0, 60, 20)
        page.evaluate("geoLive.map.codes.fill(15)")  # as a drag on its way may leave them
    wait(page, "document.body.classList.contains('live-lost')")
    page.mouse.up()
    _put(page, (0, 600))
    wait(page, "document.querySelector('.live-slider input').value === '360'")
    assert page.evaluate("[geoLive.map.hand, geoLive.model.state.n_undo]") == [None, 1]
    assert figure(page, 0) == kept
    assert page.evaluate("[...geoLive.map.codes]") == codes
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    note = page.locator("#note")
    assert "neither computed nor kept" in note.inner_text()
    assert note.is_visible()
    assert page.locator("#panel .geo-badge").first.inner_text() == "Not connected"
    assert page.locator(".live-on").count() == 0
    assert "not being checked" in page.locator(".live-checked").inner_text()
    assert violations(page) == []


def test_sliders_that_are_let_go_before_the_answer_all_count(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    _put(page, (0, 480), (1, 20), (2, 120))
    wait(page, "geoLive.model.state.n_undo === 3")
    state = page.evaluate("(s => [s.limit_s, s.speed_factor, s.turnout_s])(geoLive.model.state)")
    assert state == [480, 1.2, 120]
    page.get_by_role("button", name="雨天", exact=True).click()
    _put(page, (0, 600))
    wait(page, "geoLive.model.state.n_undo === 5")
    state = page.evaluate("(s => [s.limit_s, s.speed_factor, s.turnout_s])(geoLive.model.state)")
    assert state == [600, 0.8, None]


def test_a_study_without_towns_says_so(serve: Serve, live_page: Open, tmp_path: Path) -> None:
    sections = {name: part for name, part in write_town(tmp_path).items() if name != "zones"}
    page = live_page(serve(open_study(read_study(write_study(tmp_path, sections)))))
    assert "has no towns" in page.locator("#panel").inner_text()
    assert "every town is as today" not in page.locator("#panel").inner_text()


def test_a_flood_and_a_shelter_of_the_state_beside_are_drawn_on_its_map(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    page.evaluate(
        """async () => {
          const { line, model } = geoLive, one = model.state.stations.find(row => row.answers);
          const at = (x, y) => ({ x: one.x + x, y: one.y + y });
          const corners = [at(-4000, -4000), at(4000, -4000), at(4000, 4000), at(-4000, 4000)];
          await line.ask({ do: 'flood', corners });
          const shelter = model.state.resources.find(row => row.kind === 'shelter');
          await line.ask({ do: 'close', station: shelter.id });
          await line.ask({ do: 'save_scenario', name: 'flooded' });
          await line.ask({ do: 'undo' });
          await line.ask({ do: 'undo' });
          geoLive.beside.open('page', 'flooded');
        }"""
    )
    wait(page, "geoLive.beside.told && geoLive.beside.told.name === 'flooded'")
    pixels = """name => {
      const canvas = document.querySelector(name);
      return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce(
        (n, _, i, all) => n + Number(i % 4 === 3 && all[i] === 56 && all[i - 1] > 150 && all[i - 3] < 60), 0);
    }"""  # water of opacity .22
    assert page.evaluate(pixels, "#other .live-hand") > 200
    assert page.evaluate(pixels, "#hand") == 0
    assert page.evaluate("geoLive.beside.resources.shown().length") == 1


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (2560, 1440), (1280, 720)])
def test_map_and_figures_fit_a_phone_a_desk_and_a_wall(
    town: LiveStudy, serve: Serve, live_page: Open, width: int, height: int
) -> None:
    page = live_page(serve(town), width=width, height=height)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    box = page.locator("#view").bounding_box()
    assert box is not None
    assert box["width"] >= 0.5 * width or width < height
    assert box["height"] >= 0.45 * height
    first = page.locator("#panel .geo-figure strong").first
    assert first.is_visible()
    at = first.bounding_box()
    assert at is not None
    assert at["x"] + at["width"] <= width
    assert at["y"] + at["height"] <= height
    letters = page.evaluate("geoLive.map.grow")
    assert letters == (pytest.approx(2560 / 1700) if width == 2560 else 1)
    panel = page.locator("#panel").bounding_box()
    assert panel is not None
    assert width != 2560 or panel["width"] == pytest.approx(372 * letters, abs=1)
    page.locator('[data-tool="export"]').scroll_into_view_if_needed()
    page.click('[data-tool="export"]')
    dialog = page.locator("#box").bounding_box()
    assert dialog is not None
    assert dialog["x"] >= 0
    assert dialog["x"] + dialog["width"] <= width
    assert dialog["height"] <= height
    assert violations(page) == []


def test_the_card_of_a_place_goes_when_a_station_is_taken_into_the_hand(
    town: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(town))
    home = """() => {
      const { map } = geoLive, box = map.canvases.hand.getBoundingClientRect(), [ox, oy] = map.scene.origin;
      const xy = map.arrays.demand_xy, [x, y] = map.toScreen(ox + xy[0], oy + xy[1]);
      return [box.left + x, box.top + y];
    }"""
    page.mouse.click(*page.evaluate(home))
    wait(page, "geoLive.map.place && !document.getElementById('card').hidden")
    drag(page, 0, 30, 10)
    assert page.evaluate("[geoLive.map.place, document.getElementById('card').hidden]") == [None, True]
    page.keyboard.press("Escape")
