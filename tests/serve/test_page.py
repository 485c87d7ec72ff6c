"""The live page in Chromium: the story of a planner, with nothing asked of any other machine."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from geo.maps.text import say_time
from geo.serve.live_study import LiveStudy
from geo.serve.self_test import running
from geo.serve.start import serving
from tests.serve.conftest import Open, Serve, wait

pytestmark = pytest.mark.study


def station_at(page: Page, number: int) -> tuple[str, float, float]:
    """Give the id of an answering station and its place on the screen."""
    one = page.evaluate(
        """number => {
          const { map, model } = geoLive;
          const one = model.state.stations.filter(row => row.answers)[number];
          const box = map.canvases.hand.getBoundingClientRect(), [x, y] = map.toScreen(one.x, one.y);
          return [one.id, box.left + x, box.top + y];
        }""",
        number,
    )
    return one[0], one[1], one[2]


def drag(page: Page, number: int, dx: float, dy: float) -> str:
    station, x, y = station_at(page, number)
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 11):
        page.mouse.move(x + dx * k / 10, y + dy * k / 10)
        page.wait_for_timeout(20)
    return station


def of_roads(page: Page, tool: str) -> None:
    """Choose what unfolds below the button of the roads."""
    page.click('[data-tool="roads"]')
    page.click(f'[data-tool="{tool}"]')


def answered(page: Page) -> None:
    """Wait until the last place of a drag was answered and drawn; a busy machine answers only some."""
    wait(page, "geoLive.line.waiting.size === 0 && geoLive.latencies.length > 0")
    page.evaluate("() => new Promise(requestAnimationFrame)")


def violations(page: Page) -> list[str]:
    """Give what axe-core finds; it is run beside the page's policy, not through it."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def figure(page: Page, number: int) -> str:
    return page.locator("#panel .geo-figure strong").nth(number).inner_text()


def test_a_planner_drags_a_station_and_takes_what_she_finds_home(
    sample: LiveStudy, serve: Serve, live_page: Open, tmp_path: Path
) -> None:
    page = live_page(serve(sample))
    assert page.title() == sample.study.study.name
    assert figure(page, 0) == "43.7%"
    station = drag(page, 2, 60, 30)
    answered(page)
    wait(page, "geoLive.model.figures.covered_people !== geoLive.model.hello.today.covered_people")
    while_dragging = (figure(page, 0), figure(page, 1), figure(page, 3))
    assert page.evaluate("geoLive.reach.told.whole.length + geoLive.reach.told.part.length") > 0
    assert "手中站可达的道路" in page.locator("#legend").inner_text()
    page.mouse.up()
    wait(page, "geoLive.model.state.n_undo === 1")
    assert page.locator("#legend .live-in-reach").count() == 0
    assert while_dragging == (figure(page, 0), figure(page, 1), figure(page, 3))
    wait(page, "geoLive.model.checked")
    assert page.evaluate("geoLive.model.checked.n_unlike") == 0
    assert "一致" in page.locator(".live-checked").inner_text()
    assert page.locator("#panel .geo-target").count() > 10

    page.click('[data-tool="export"]')
    page.fill("#box .live-field input", "页面试验")
    page.click("#box .live-go")
    wait(page, "document.querySelector('#box textarea').value")
    text = page.input_value("#box textarea")
    scenario = tomllib.loads(text)["scenarios"][0]
    assert scenario["name"] == "页面试验"
    assert scenario["move"][0]["facility"] == station
    assert (tmp_path / "out" / "live" / "scenario-1.toml").read_text(encoding="utf-8") == text
    page.locator("#box .live-buttons button").last.click()

    page.locator("#hand").focus()
    page.keyboard.press("Control+z")
    wait(page, "geoLive.model.state.n_undo === 0")
    assert figure(page, 0) == "43.7%"
    page.keyboard.press("Control+y")
    wait(page, "geoLive.model.state.n_undo === 1")
    assert figure(page, 0) == while_dragging[0]


def test_a_new_station_the_sliders_and_the_other_language(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    page.keyboard.press("n")
    _, x, y = station_at(page, 3)
    page.mouse.click(x + 60, y + 25)
    wait(page, "geoLive.model.state.n_undo === 1")
    assert page.locator(".live-chosen-head b").inner_text() == "新建站 1"
    of_roads(page, "road")
    page.click('[data-tool="language"]')
    hint = page.locator("#note").inner_text()
    assert hint, "a tool is in hand"
    assert hint.isascii(), "what is said of it follows"
    of_roads(page, "road")
    assert page.locator(".live-buttons button").first.inner_text() == "Remove"
    assert "People reached within 5 min" in page.locator(".geo-main").inner_text()
    page.locator(".live-slider input").first.fill("600")
    wait(page, "geoLive.model.state.limit_s === 600 && geoLive.model.state.n_undo === 2")
    assert "People reached within 10 min" in page.locator(".geo-main").inner_text()
    page.get_by_role("button", name="Rain").click()
    wait(page, "geoLive.model.state.speed_factor === 0.8 && geoLive.model.state.limit_s === 600")
    page.get_by_role("button", name="Night").click()
    wait(page, "geoLive.model.state.turnout_s === 90")
    assert "turnout 90 s + travel 510 s" in page.locator("#panel").inner_text(), "of 600 s"
    page.get_by_role("button", name="Remove").click()
    wait(page, "geoLive.model.state.stations.every(row => row.id !== 'new-1')")
    assert page.locator(".live-history li").count() == 5


def test_a_road_is_closed_by_clicking_it_and_a_place_says_its_parts(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    x, y = page.evaluate(
        """() => {
          const { map } = geoLive, [ox, oy] = map.scene.origin, xy = map.arrays.demand_xy;
          const box = map.canvases.hand.getBoundingClientRect();
          for (let i = 0; i < xy.length / 2; i++) {
            const [x, y] = map.toScreen(ox + xy[2 * i], oy + xy[2 * i + 1]);
            const isFree = !map.stationAt(x, y, 30) && x > 60 && y > 80;
            if (isFree && (map.codes[i] & 15) < 15) return [box.left + x, box.top + y];
          }
        }"""
    )
    page.mouse.click(x, y)
    wait(page, "!document.getElementById('card').hidden")
    assert page.locator("#card dt").count() >= 3
    of_roads(page, "road")
    page.mouse.click(x, y)
    wait(page, "geoLive.model.state.closed_roads.length > 0")
    assert page.locator("#card").is_hidden()
    of_roads(page, "open_roads")
    wait(page, "geoLive.model.state.closed_roads.length === 0")
    assert page.evaluate("geoLive.model.figures.gain_people + geoLive.model.figures.lose_people") == 0


def test_an_area_is_flooded_by_its_corners(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    of_roads(page, "flood")
    _, x, y = station_at(page, 2)
    corners = ((x - 90, y - 60), (x + 90, y - 60), (x + 90, y + 60), (x - 90, y + 60))
    for corner in corners[:3]:
        page.mouse.click(*corner)
    page.keyboard.press("Backspace")
    assert page.evaluate("geoLive.flood.corners.length") == 2
    page.keyboard.press("Enter")
    assert page.locator("#note").inner_text() == "淹没区至少要 3 个角点，还差 1 个"
    assert page.evaluate("[geoLive.flood.corners.length, geoLive.model.tool]") == [2, "flood"]
    page.keyboard.press("Escape")
    assert page.evaluate("[geoLive.flood.corners.length, geoLive.model.tool]") == [0, "flood"]
    page.click('[data-tool="roads"]')
    page.evaluate("geoLive.line.ask({ do: 'view', which: 'first' })")
    wait(page, "geoLive.line.waiting.size === 0")
    assert page.locator('[data-tool="open_roads"]').is_visible(), "an answer closes no menu"
    page.click('[data-tool="roads"]')
    done, back, cancel = (page.locator(".live-flood button").nth(i) for i in range(3))  # for fingers
    page.mouse.click(*corners[0])
    assert done.is_disabled()
    back.click()
    assert page.evaluate("geoLive.flood.corners.length") == 0
    cancel.click()
    assert page.evaluate("geoLive.model.tool") == "look"
    assert page.locator(".live-flood").is_hidden()
    of_roads(page, "flood")
    for corner in corners[:3]:
        page.mouse.click(*corner)
    page.mouse.dblclick(*corners[3])
    wait(page, "geoLive.model.state.closed_roads.length > 0")
    assert page.evaluate("[geoLive.model.state.floods[0].length, geoLive.model.tool]") == [4, "look"]
    assert "淹没区" in page.locator(".live-history li").inner_text()
    wait(page, "geoLive.model.checked")
    assert page.evaluate("geoLive.model.checked.n_unlike") == 0
    page.locator("#hand").focus()
    page.keyboard.press("Control+z")
    wait(page, "geoLive.model.state.floods.length === 0 && geoLive.model.state.closed_roads.length === 0")
    of_roads(page, "flood")
    page.locator("#hand").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Space", "ArrowDown", "ArrowDown", "Space", "Enter"):
        page.keyboard.press(key)
    wait(page, "geoLive.model.state.floods.length === 1")


def test_a_target_that_loses_its_number_is_not_as_today(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    page.evaluate(
        """() => {
          const all = { id: 'T', name_en: 'T', comparator: '>', target: 0.4, unit_zh: '‰', recorded: null };
          const of = (name_zh, before, after, status_before, status_after) =>
            ({ ...all, unit_en: '‰', change: 'other', name_zh, before, after, status_before, status_after });
          const targets = [
            of('配比率', 0.38, null, 'missed', 'no data'),
            of('条数', 1, 1, 'told', 'told'),
            of('无数据', null, null, 'no data', 'no data'),
          ];
          const told = { kind: 'checked', n_unlike: 0, has_plan: true, targets, resources: [], ranges: null };
          geoLive.line.onFrame(told, {});
        }"""
    )
    shown = page.locator("#panel .geo-target:visible")
    assert shown.count() == 1
    assert "缺数据" in shown.inner_text()
    assert "0.38 → – (> 0.4) ‰" in shown.inner_text()
    assert "其余 2 项指标不变" in page.locator("#panel").inner_text()


def test_a_place_without_a_road_takes_no_station(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    first, x, y = station_at(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 60, steps=5)
    wait(page, "document.getElementById('note').textContent.length > 0")
    page.mouse.up()
    wait(page, "geoLive.map.hand === null")
    wait(page, "geoLive.model.figures.lose_people === 0")
    assert page.evaluate("geoLive.model.state.n_undo") == 0
    wait(page, "geoLive.model.checked")
    page.click('[data-tool="second"]')
    assert page.evaluate("geoLive.model.second")
    station = drag(page, 2, 30, 30)  # while the answer to the switch may be on its way
    answered(page)
    assert page.evaluate("geoLive.map.hand && geoLive.map.hand.id") == station
    assert page.evaluate("geoLive.model.checked") is None, "nobody checked what is on its way"
    page.keyboard.press("Escape")
    wait(page, "geoLive.map.hand === null && geoLive.model.checked")
    assert station_at(page, 0)[0] == first


def test_two_pages_side_by_side_and_one_that_comes_back(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    server = serve(sample)
    one, two = live_page(server), live_page(server)
    drag(one, 4, 40, 20)
    one.mouse.up()
    wait(one, "geoLive.model.state.n_undo === 1")
    assert two.evaluate("geoLive.model.state.n_undo") == 0
    assert figure(two, 0) == "43.7%"
    changed = figure(one, 0)
    one.reload()
    wait(one, "globalThis.geoLive && geoLive.model.state")
    assert one.evaluate("geoLive.model.state.n_undo") == 1
    assert figure(one, 0) == changed


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 700), (2560, 1440)])
def test_nothing_is_cut_off(
    sample: LiveStudy, serve: Serve, live_page: Open, width: int, height: int
) -> None:
    page = live_page(serve(sample), width=width, height=height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar = page.locator("#bar").bounding_box()
    assert bar is not None
    assert bar["x"] + bar["width"] <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll('#panel button, #panel input, #panel strong, #bar button')]
          .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.textContent)"""
    )
    assert outside == []


def test_the_bar_keeps_to_one_row_and_its_menu_to_the_keyboard(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    page.click('[data-tool="spot"]')
    for _ in ("zh", "en"):
        bar = page.locator("#bar").bounding_box()
        assert bar is not None
        assert bar["height"] < 40, "at 1366 x 768, with all that it may show"
        page.click('[data-tool="language"]')
    page.locator('[data-tool="roads"]').focus()
    for key in ("Enter", "Tab", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.tool") == "flood"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.tool") == "roads"
    assert page.locator('[data-tool="road"]').is_hidden()
    page.keyboard.press("Enter")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("[geoLive.model.tool, document.activeElement.dataset.tool]") == ["road", "roads"]
    assert page.locator('[data-tool="road"]').is_hidden()
    page.keyboard.press("Enter")
    page.locator("#hand").focus()
    assert page.locator('[data-tool="road"]').is_hidden(), "what is left closes"


def test_figures_of_shelters_follow_one_in_hand(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    wait(page, "geoLive.model.checked")
    page.select_option('[data-tool="kind"]', "shelter")
    page.keyboard.press("Escape")
    assert page.evaluate("geoLive.model.tool") == "look"
    x, y = page.evaluate(
        """() => {
          const { map, model } = geoLive, box = map.canvases.hand.getBoundingClientRect();
          const isOne = one => one.kind === 'shelter' && one.status === 'existing';
          const free = model.state.resources.filter(isOne)
            .map(one => map.toScreen(one.x, one.y)).find(([x, y]) => !map.stations.some(
              one => Math.hypot(map.toScreen(one.x, one.y)[0] - x, map.toScreen(one.x, one.y)[1] - y) < 30));
          return [box.left + free[0], box.top + free[1]];
        }"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 8):
        page.mouse.move(x + 3 * k, y + 2 * k)
        page.wait_for_timeout(20)
    body = page.locator(".live-resources")
    wait(page, "geoLive.model.followed && document.querySelector('.live-resources')")
    wait(page, "!document.querySelector('.live-old .live-resources')")
    in_hand = body.inner_text()
    assert "→" in in_hand
    wait(page, "geoLive.model.checked")  # it rests in the hand
    assert body.inner_text() == in_hand
    page.mouse.move(x + 40, y + 20)
    assert page.locator(".live-old .live-old-note").count() >= 1, "what is of the last rest says so"
    page.mouse.move(x + 21, y + 14)
    wait(page, "!document.querySelector('.live-old .live-resources')")
    page.mouse.up()
    wait(page, "geoLive.model.state.n_undo === 1 && geoLive.model.checked")
    assert body.inner_text() == in_hand


def test_scenarios_are_kept_opened_and_held_side_by_side_by_keyboard(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    page.evaluate("geoLive.line.ask({ do: 'close', station: geoLive.model.state.order[0] })")
    wait(page, "geoLive.model.state.n_undo === 1")
    closed = page.evaluate("geoLive.model.figures.covered_people")
    page.locator('[data-tool="scenarios"]').press("Enter")
    wait(page, "document.querySelector('#box[open] .live-scenario')")
    page.locator("#box input").fill("关闭一站")
    page.locator("#box input").press("Enter")
    wait(page, "document.querySelector('.live-scenario').dataset.name === '关闭一站'")
    page.locator("#box input").press("Enter")
    wait(page, "document.querySelector('#box .live-go').textContent === '替换同名情景'")
    page.keyboard.press("Escape")
    page.locator("#hand").press("Control+z")
    wait(page, "geoLive.model.state.n_undo === 0")

    page.locator('[data-tool="scenarios"]').click()
    wait(page, "document.querySelectorAll('#box[open] .live-scenario').length === 2")
    page.get_by_role("button", name="并排比较").nth(1).click()
    wait(page, "geoLive.beside.told && !document.getElementById('box').open")
    assert page.evaluate("geoLive.beside.told.figures.covered_people") == closed
    assert page.locator('[data-tool="beside"]').get_attribute("aria-pressed") == "true"
    rows = page.locator(".live-pairs tbody tr")
    assert rows.nth(1).inner_text().split("\t") == ["达标人口", "278,920", "215,510", "+63,410"]
    page.locator("#hand").press("+")
    assert page.evaluate(
        "[geoLive.map, geoLive.beside.other].map(map => map.view.scale > map.fitScale * 1.2)"
    ) == [True, True]
    page.locator("#other .live-hand").press("ArrowLeft")
    assert page.evaluate("geoLive.map.view.x === geoLive.beside.other.view.x")
    page.locator(".live-beside-head select").select_option(label="现状")
    wait(page, "geoLive.beside.told.of === 'today'")
    assert rows.nth(1).inner_text().split("\t")[3] == "±0"
    page.click('[data-tool="second"]')
    wait(page, "geoLive.model.second && geoLive.beside.isSecond")
    page.click('[data-tool="language"]')
    wait(page, "document.querySelector('.live-pairs caption').textContent === 'Side by side'")
    page.locator(".live-beside-head button").click()
    wait(page, "document.getElementById('other').hidden && geoLive.map.linked === null")
    assert page.locator(".live-pairs").is_hidden()

    page.click('[data-tool="scenarios"]')
    wait(page, "document.querySelectorAll('#box[open] .live-scenario').length === 2")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Really delete").click()
    wait(page, "document.querySelectorAll('#box[open] .live-scenario').length === 1")
    assert page.evaluate("document.activeElement === document.body"), "the button has gone"
    page.keyboard.press("Escape")
    wait(page, "!document.getElementById('box').open")
    page.click('[data-tool="scenarios"]')
    wait(page, "document.querySelectorAll('#box[open] .live-scenario').length === 1")
    page.get_by_role("button", name="Open", exact=True).last.click()
    wait(page, "geoLive.model.state.closed_roads.length > 0")
    assert "scenario opened: 跨海大桥中断" in page.locator(".live-history").inner_text()


def test_what_is_added_is_accessible(sample: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(sample))
    page.evaluate("geoLive.line.ask({ do: 'close', station: geoLive.model.state.order[0] })")
    wait(page, "geoLive.model.state.n_undo === 1")
    page.click('[data-tool="beside"]')
    wait(page, "geoLive.beside.told")
    assert violations(page) == []
    page.click('[data-tool="scenarios"]')
    wait(page, "document.querySelector('#box[open] .live-scenario')")
    assert violations(page) == []


def test_the_files_of_a_run_are_written_while_the_page_goes_on(
    sample: LiveStudy, serve: Serve, live_page: Open, tmp_path: Path
) -> None:
    page = live_page(serve(sample))
    page.evaluate("geoLive.line.ask({ do: 'close', station: geoLive.model.state.order[0] })")
    wait(page, "geoLive.model.state.n_undo === 1")
    page.click('[data-tool="export"]')
    page.locator("#box input[value=results]").check()
    page.fill("#box .live-field input", "关闭一站")
    page.locator("#box .live-go").press("Enter")
    wait(page, "!document.querySelector('#box progress').hidden")
    page.get_by_role("button", name="取消计算").click()
    wait(page, "document.querySelector('#box .live-told').textContent.startsWith('已取消')")
    assert not list((tmp_path / "out" / "live").glob("results-*/*"))

    page.locator("#box .live-go").click()
    wait(page, "!document.querySelector('#box progress').hidden")
    page.keyboard.press("Escape")
    page.locator("#hand").press("Control+z")
    wait(page, "geoLive.model.state.n_undo === 0")
    wait(page, "document.getElementById('note').textContent.includes('results-1')", seconds=180)
    assert (tmp_path / "out" / "live" / "results-1" / "map.html").is_file()

    page.click('[data-tool="export"]')
    page.locator("#box input[value=study]").check()
    page.locator("#box .live-go").click()
    wait(page, "document.querySelector('#box textarea').value.includes('[[facilities]]')")
    assert violations(page) == []


def test_a_page_whose_line_breaks_comes_back_and_one_whose_server_is_another_says_so(
    town: LiveStudy, live_page: Open, tmp_path: Path
) -> None:
    """A laptop that slept, then a server that was ended and started again at the same port."""
    with serving(town, tmp_path / "live", port=0) as (server, made), running(made):
        page = live_page(server, may_be_cut_off=True)
        page.evaluate("geoLive.line.ask({ do: 'set', limit_s: 360 })")
        wait(page, "geoLive.model.state.limit_s === 360")
        drag(page, 0, 30, 10)
        page.evaluate("geoLive.line.socket.close()")
        wait(page, "geoLive.map.hand === null && geoLive.line.socket.readyState === 1")
        page.mouse.up()
        wait(page, "geoLive.model.state.limit_s === 360 && geoLive.model.state.n_undo === 1")
        wait(page, "!document.body.classList.contains('live-lost')")
    wait(page, "document.body.classList.contains('live-lost')")
    assert page.locator("#note").is_visible()
    with serving(town, tmp_path / "live", port=server.port) as (another, made), running(made):
        assert another.url != server.url
        wait(page, "document.getElementById('note').textContent.includes('started again')")
        page.goto(another.url)
        wait(page, "globalThis.geoLive && geoLive.model.state && geoLive.model.state.limit_s === 360")


def test_what_a_slider_tries_on_its_way_is_never_shown_as_what_holds(
    sample: LiveStudy, serve: Serve, live_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = live_page(serve(sample))
    wait(page, "geoLive.model.checked")
    slider = "document.querySelector('.live-slider input')"
    page.evaluate(f"() => {{ {slider}.value = 600; {slider}.dispatchEvent(new Event('input')); }}")
    wait(page, "geoLive.model.state.is_attempt && geoLive.model.state.limit_s === 600")
    page.evaluate("() => geoLive.line.onFrame(geoLive.model.full, {})")  # it was under way
    assert page.evaluate("geoLive.model.checked") is None, "it is of the state before"
    assert page.locator(".live-checked.live-wait").count() == 1
    monkeypatch.setattr("geo.serve.session.MOST_CHANGES", 0)
    page.evaluate(f"() => {slider}.dispatchEvent(new Event('change'))")
    wait(page, "!geoLive.model.state.is_attempt")
    assert page.evaluate("geoLive.model.state.limit_s === geoLive.model.hello.study.limit_s")
    covered = "model => model.figures.covered_people"
    assert page.evaluate(f"({covered})(geoLive.model) === ({covered})(geoLive.model.hello)")
    assert page.evaluate("geoLive.model.checked.n_unlike") == 0, "and what is known of it stands again"


def test_a_place_that_is_not_reached_says_why_and_a_mean_over_others_is_told(
    sample: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(sample))
    x, y = page.evaluate(
        """() => {
          const { map } = geoLive, xy = map.arrays.demand_xy, box = map.canvases.hand.getBoundingClientRect();
          const i = map.codes.findIndex(code => (code & 15) === 15), [ox, oy] = map.scene.origin;
          const [x, y] = map.toScreen(ox + xy[2 * i], oy + xy[2 * i + 1]);
          return [box.left + x, box.top + y];
        }"""
    )
    page.mouse.click(x, y)
    wait(page, "document.getElementById('card').innerText.includes('离道路过远')")
    page.click('[data-tool="language"]')
    assert "too far from a road" in page.locator("#card").inner_text()
    mean = page.locator("#panel .geo-figure").nth(2)
    assert mean.inner_text().split("\n")[0] == "Mean, those reached"
    assert mean.inner_text().split("\n")[-1] == "today 8 min 11 s"
    p90_s = page.evaluate("geoLive.model.figures.p90_s")  # 1116.288: up, as the map and the report tell it
    assert figure(page, 3) == say_time(p90_s, lang="en") == "18 min 37 s"
    page.evaluate(
        "geoLive.line.ask({ do: 'build', "
        "station: geoLive.model.state.stations.find(one => one.name === '临帆消防救援站').id })"
    )
    wait(page, "geoLive.model.figures.unreachable_people < geoLive.model.hello.today.unreachable_people")
    assert mean.inner_text().split("\n")[-1] == "today 8 min 11 s, other people"


def test_the_whole_map_stays_whole_in_another_window_and_a_search_keeps_its_button(
    town: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(town))
    small = page.evaluate("geoLive.map.view.scale")
    page.set_viewport_size({"width": 2560, "height": 1440})
    wait(page, "geoLive.map.width > 1700")
    assert page.evaluate("geoLive.map.view.scale === geoLive.map.fitScale")
    assert page.evaluate("geoLive.map.view.scale") > 1.5 * small
    page.locator("#hand").press("ArrowLeft")
    looked_up = page.evaluate("geoLive.map.view")
    page.set_viewport_size({"width": 1366, "height": 768})
    wait(page, "geoLive.map.width < 1200")
    assert page.evaluate("geoLive.map.view") == looked_up, "what a planner looks at stays"
    kept = page.evaluate(
        """() => {
          const { suggest } = geoLive, stop = () => document.querySelector('.live-progress button');
          suggest.take({ step: 'waiting', spent_s: 1 });
          const first = stop();
          first.focus();
          suggest.take({ step: 'times', spent_s: 2 });
          return [stop() === first && document.activeElement === first, first.parentElement.innerText];
        }"""
    )
    assert kept[0]
    assert "2 s" in kept[1]
