"""A server made ready for drags, and trying itself: nothing is left behind or said untried."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from geo.serve.live_study import Held, LiveStudy
from geo.serve.planner import Room
from geo.serve.saving import Desk
from geo.serve.self_test import try_server
from geo.serve.warming import warm_up
from tests.serve.conftest import Open, Serve, wait
from tests.serve.test_page import station_at

pytestmark = pytest.mark.study


def test_what_a_drag_needs_is_made_ready_and_nothing_is_left(town: LiveStudy, tmp_path: Path) -> None:
    room = Room(town, Desk(tmp_path / "live", "town", tmp_path))
    warm_up(room)
    assert not list(tmp_path.iterdir())
    planner = room.enter()
    assert (planner.session.done, planner.session.held, planner.resumed_at) == ((), None, "")


def test_a_drag_that_is_slow_is_spoken_of(
    town: LiveStudy, serve: Serve, live_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = live_page(serve(town))
    quick = LiveStudy.hold

    def slow(live: LiveStudy, *given: Any, **more: Any) -> Held:
        time.sleep(2.5)
        return quick(live, *given, **more)

    monkeypatch.setattr(LiveStudy, "hold", slow)
    _, x, y = station_at(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 10, steps=3)
    wait(page, "document.getElementById('note').textContent.includes('compiles the program')")
    wait(page, "!document.getElementById('note').textContent.includes('compiles')")
    page.mouse.up()


def test_a_server_without_a_road_beside_its_station_is_tried_in_full(
    town: LiveStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.serve.self_test._AWAY_M", (9e6, 40_000.0, 0.0))
    assert try_server(town) == []
    monkeypatch.setattr("geo.serve.self_test._MOST_S", 0.0)
    assert [fault.key for fault in try_server(town)] == ["serve.fault_slow"]
    monkeypatch.setattr("geo.serve.self_test._AWAY_M", (9e6,))
    assert [fault.key for fault in try_server(town)] == ["serve.fault_drag", "serve.fault_slow"]
