"""Engines that may be out, on the page: the town of ``tests/study/test_engines.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.serve.changes import Add, Close
from geo.serve.checking import Checker
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.saving import Desk
from geo.serve.session import Session
from geo.serve.telling import tell_checked
from tests.serve.conftest import Open, Serve, wait
from tests.studies import lonlat
from tests.study.test_engines import FIRE, HIGH, engines_study

pytestmark = pytest.mark.study
TWO_PUMPS = {**FIRE, "engines": {"pump": 2}}


def town_with(folder: Path, fire: dict[str, object]) -> LiveStudy:
    return open_study(engines_study(folder, pumps=(2, 0, 2), call_types=[fire, HIGH]))


@pytest.mark.parametrize(("fire", "is_too_high"), [(TWO_PUMPS, True), (FIRE, False)])
def test_shares_of_calls_for_several_engines_are_told_as_too_high(
    tmp_path: Path, fire: dict[str, object], is_too_high: bool
) -> None:
    live = town_with(tmp_path, fire)
    checker, session = Checker(live, Desk(tmp_path / "live", "x", tmp_path)), Session(live)
    today = tell_checked(checker.check(session.state))
    assert (today["resources"], today["is_share_too_high"]) == ([], False), "no share is shown"
    told = tell_checked(checker.check(session.apply(Close("P"))))
    assert "availability.share_in_time" in [row["figure"] for row in told["resources"]]
    assert told["is_share_too_high"] == is_too_high


def test_a_hydrant_in_hand_says_nothing_of_engines_after_a_station_was_closed(tmp_path: Path) -> None:
    """Without P other places are in time than today, by whose coverage what is in hand is held."""
    live = town_with(tmp_path, FIRE)
    checker, session = Checker(live, Desk(tmp_path / "live", "x", tmp_path)), Session(live)
    ((lon, lat),) = lonlat((1000, 0))
    state = session.apply(Close("P"))
    told = checker.compare(live.inputs_of(session.plan_with(Add(lon, lat, kind="hydrant"))), state, "new-1")
    assert told is not None
    assert {name.partition("_")[0].partition(".")[0] for name in told.index} == {"hydrants", "hydrant"}


def test_the_page_says_that_shares_are_too_high_and_greys_them_under_a_station_in_hand(
    tmp_path: Path, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(town_with(tmp_path, TWO_PUMPS)))
    page.evaluate("geoLive.line.ask({ do: 'close', station: 'P' })")
    wait(page, "geoLive.model.checked && geoLive.model.checked.resources.length")
    warning = page.locator(".live-warning")
    assert "geo simulate" in warning.inner_text()
    assert page.locator(".live-resources").inner_text().count("%") >= 4, "shares are told in per cent"
    is_old = "document.querySelector('.live-resources').parentElement.classList.contains('live-old')"
    assert not page.evaluate(is_old)
    x, y = page.evaluate(
        """() => {
          const one = geoLive.model.state.stations.find(row => row.id === 'A');
          const box = document.getElementById('hand').getBoundingClientRect();
          const [x, y] = geoLive.map.toScreen(one.x, one.y);
          return [box.left + x, box.top + y];
        }"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=3)
    assert page.evaluate(is_old), "they are those of where it stood"
    page.keyboard.press("Escape")
    page.mouse.up()
