"""Recorded calls beside the targets of the live page: the six calls of ``tests/study/test_calls.py``.

Of them four were in time as recorded, three as modelled (c1, c2, c6); a study without records says nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.serve.changes import Set
from geo.serve.checking import Checker
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.saving import Desk
from geo.serve.session import Session
from geo.serve.telling import tell_checked
from geo.study import assess_targets, recorded_targets
from tests.serve.conftest import Open, Serve, wait
from tests.study.recorded_calls import CALLS, call, town

pytestmark = pytest.mark.study
PLAN = {"study": {"plan": "chongming"}, "response": {"standard": "dispatch-5min"}}


@pytest.fixture
def recorded(tmp_path: Path) -> LiveStudy:
    rows = [call(number, *about) for number, about in CALLS.items()]
    return open_study(town(tmp_path, rows, **PLAN))


def test_what_was_recorded_stands_beside_the_target_whatever_is_changed(
    recorded: LiveStudy, tmp_path: Path
) -> None:
    checker = Checker(recorded, Desk(tmp_path / "live", "x", tmp_path))
    session = Session(recorded)
    for _ in range(2):
        rows = {row["id"]: row for row in tell_checked(checker.check(session.state))["targets"]}
        told = rows["CM-1"]["recorded"]
        assert told == {
            "n": 6,
            "status": "missed",
            "recorded": pytest.approx(400 / 6),
            "modelled": pytest.approx(300 / 6),
        }
        # targets about anything but the share of people in time have no calls beside them
        assert any(row["recorded"] is None for row in rows.values())
        session.apply(Set(speed_factor=0.5))


def test_too_few_calls_are_not_told(tmp_path: Path) -> None:
    rows = [call(number, *CALLS[number]) for number in ("c1", "c2", "c3", "c4")]
    live = open_study(town(tmp_path, rows, **PLAN))
    told = recorded_targets(live.study, assess_targets(live.study, live.inputs))
    assert told is not None
    assert told.empty
    checked = Checker(live, Desk(tmp_path / "live", "x", tmp_path)).check(Session(live).state)
    assert all(row["recorded"] is None for row in tell_checked(checked)["targets"])


def test_the_page_says_what_was_recorded(recorded: LiveStudy, serve: Serve, live_page: Open) -> None:
    page = live_page(serve(recorded))
    wait(page, "document.querySelector('.live-recorded')")
    line = page.locator(".live-recorded").first
    assert line.text_content() == "today's 6 calls: 66.67 % as recorded (missed), 50 % as modelled"
