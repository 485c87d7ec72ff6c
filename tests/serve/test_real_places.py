"""The whole story of a planner in Chromium on real places, with no network to ask."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from bench.bench_serve import write_place
from geo.serve.live_study import LiveStudy, open_study
from geo.study import (
    answering_stations,
    change_inputs,
    cover_people,
    parse_study,
    read_clock_of,
    read_study,
)
from tests.serve.conftest import Open, Serve, wait
from tests.serve.test_page import answered, drag, of_roads, station_at
from tests.shared import real

pytestmark = [pytest.mark.study, pytest.mark.real]
LOG = """() => {
  globalThis.unlike = [];
  const { map, model } = geoLive;
  const look = () => {
    if (map.hand) {
      let covered = 0;
      map.codes.forEach((code, i) => { if (code & 128) covered += map.arrays.people[i]; });
      const shown = document.querySelector('.geo-main small').textContent.replaceAll(',', '');
      const said = String(Math.round(model.figures.covered_people));
      if (Math.abs(covered - model.figures.covered_people) > 1 || !shown.includes(said)) {
        unlike.push([covered, model.figures.covered_people, shown]);
      }
    }
    if (globalThis.unlike) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
"""Looks at each frame of a drag: colours, figures and what stands on the page are of one state."""


@pytest.fixture(scope="module", params=["liechtenstein", "shanghai"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LiveStudy:
    real(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    return open_study(read_study(write_place(request.param, folder)))


def offline(page: Page) -> None:
    """Cut the page off from everything but this machine."""
    page.context.route(
        lambda url: "//127.0.0.1:" not in url and "//localhost:" not in url, lambda route: route.abort()
    )


def test_the_story(place: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(place))
    offline(page)
    wait(page, "geoLive.model.checked", seconds=120)
    assert page.evaluate("geoLive.model.checked.n_unlike") == 0
    page.evaluate(LOG)
    number = len(place.today().stations) // 2
    _, x, y = station_at(page, number)
    station = drag(page, number, 25, 15)
    answered(page)
    assert page.evaluate("unlike") == []
    page.evaluate("() => { globalThis.unlike = null; }")
    page.keyboard.press("Escape")
    wait(page, "geoLive.map.hand === null")
    page.mouse.up()
    page.evaluate("id => geoLive.line.ask({ do: 'close', station: id })", station)
    wait(page, "geoLive.model.state.n_undo === 1")
    of_roads(page, "road")
    page.mouse.click(x, y)
    wait(page, "geoLive.model.state.closed_roads.length > 0")
    of_roads(page, "road")
    page.locator("#hand").focus()
    page.keyboard.press("Control+z")
    wait(page, "geoLive.model.state.closed_roads.length === 0")
    page.keyboard.press("Control+y")
    wait(page, "geoLive.model.checked && geoLive.model.state.n_undo === 2", seconds=120)
    assert page.evaluate("geoLive.model.checked.n_unlike") == 0
    figures = page.evaluate("geoLive.model.figures")

    page.click('[data-tool="export"]')
    page.check('input[value="block"]')
    page.click("#box .live-go")
    wait(page, "document.querySelector('#box textarea').value")
    text = page.input_value("#box textarea")
    study = place.study
    asked = parse_study(
        study.settings() | {"scenarios": tomllib.loads(text)["scenarios"]}, folder=study.folder
    )
    inputs = change_inputs(asked, place.inputs, asked.scenarios[0])
    clock = read_clock_of(asked, asked.response.standard)
    then = cover_people(asked, inputs, answering_stations(asked, inputs), standard=clock).table
    today = cover_people(study, place.inputs, answering_stations(study, place.inputs), standard=clock).table
    stations = page.evaluate("geoLive.model.state.order")
    run = numbers(today, then, stations, list(place.people.zones))
    assert figures.keys() == run.keys()
    for name, number in run.items():
        assert np.ravel(figures[name]).tolist() == pytest.approx(np.ravel(number).tolist(), rel=1e-9), name


def numbers(today: pd.DataFrame, then: pd.DataFrame, stations: list[str], zones: list[str]) -> dict[str, Any]:
    """Sum two tables of a run up, with no line of the page's: all that a frame says in figures."""
    people, first = then["people"].to_numpy(), then["first_s"].to_numpy()
    was, now = today["is_covered"].to_numpy(), then["is_covered"].to_numpy()
    is_reached = np.isfinite(first)
    by_time = np.argsort(first, kind="stable")
    at = np.searchsorted(np.cumsum(people[by_time]), 0.9 * people.sum())
    p90 = first[by_time][at]

    def by_zone(mask: NDArray[np.bool_]) -> list[float]:
        zone = then["zone"].fillna("").where(then["zone"].isin(zones), zones[-1])
        return list(then["people"].where(mask, 0.0).groupby(zone).sum().reindex(zones, fill_value=0.0))

    return {
        "covered_people": people[now].sum(),
        "share_covered": people[now].sum() / people.sum(),
        "two_people": people[then["n_in_time"].to_numpy() >= 2].sum(),
        "unreachable_people": people[~is_reached].sum(),
        "mean_s": np.average(first[is_reached], weights=people[is_reached]),
        "p90_s": p90 if np.isfinite(p90) else None,
        "worst_s": first[is_reached & (people > 0)].max(),
        "gain_people": people[now & ~was].sum(),
        "lose_people": people[was & ~now].sum(),
        "served_people": list(
            then["people"]
            .where(is_reached, 0.0)
            .groupby(then["first_id"])
            .sum()
            .reindex(stations, fill_value=0)
        ),
        "zone_people": [by_zone(mask) for mask in (was, now, now & ~was, was & ~now)],
    }
