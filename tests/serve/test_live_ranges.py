"""The range of a state on the page: of the full computation, or said to be of the last rest.

The town of ``tests/studies.py`` with its turnout drawn: 1,000 or 1,300 people in time, 300 in doubt
(``tests/study/test_ranges.py``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.serve.changes import Set
from geo.serve.checking import Checker
from geo.serve.live_ranges import MOST_DRAWS
from geo.serve.live_study import LiveStudy, open_study
from geo.serve.saving import Desk
from geo.serve.session import Session
from geo.serve.telling import tell_checked
from geo.study import read_study
from tests.serve.conftest import Open, Serve, wait
from tests.studies import changed, write_study, write_town
from tests.study.test_ranges import TURNOUT

pytestmark = pytest.mark.study


@pytest.fixture
def drawn(tmp_path: Path) -> LiveStudy:
    sections = changed(write_town(tmp_path), uncertainty=TURNOUT)
    return open_study(read_study(write_study(tmp_path, sections)))


def test_the_full_computation_gives_the_range_of_a_state(drawn: LiveStudy, tmp_path: Path) -> None:
    checker = Checker(drawn, Desk(tmp_path / "live", "x", tmp_path))
    session = Session(drawn)
    told = checker.check(session.state).ranges
    assert told is not None
    assert (told.low_people, told.high_people, told.doubt_people) == (1000.0, 1300.0, 300.0)
    assert told.n_draws == MOST_DRAWS
    session.apply(Set(limit_s=400.0))
    later = checker.check(session.state).ranges
    assert later is not None
    # 400 s: v2, 300 s away, has 100 s for the turnout and is in time too; v4, 400 s away, never: 1,800 surely
    assert (later.low_people, later.high_people, later.doubt_people) == (1800.0, 1800.0, 0.0)


def test_a_study_that_draws_nothing_has_no_range(town: LiveStudy, tmp_path: Path) -> None:
    checked = Checker(town, Desk(tmp_path / "live", "x", tmp_path)).check(Session(town).state)
    assert checked.ranges is None
    assert tell_checked(checked)["ranges"] is None


def test_the_page_shows_the_range_and_says_when_it_is_not_of_what_is_shown(
    drawn: LiveStudy, serve: Serve, live_page: Open
) -> None:
    page = live_page(serve(drawn))
    line = page.locator("#panel .live-ranges")
    wait(page, "document.querySelector('.live-ranges') && !document.querySelector('.live-ranges').hidden")
    assert "1,000 to 1,300 people" in line.inner_text()
    assert "no range yet" not in line.inner_text()
    page.evaluate(
        """() => {
          const text = document.querySelector('.live-ranges');
          window.seen = [];
          new MutationObserver(() => window.seen.push(text.textContent)).observe(text, { childList: true });
          const input = document.querySelector('#panel input[type=range]');
          input.value = '390';
          input.dispatchEvent(new Event('change'));
        }"""
    )
    wait(page, "document.querySelector('.live-ranges').textContent.includes('1,800 to 1,800')")
    assert any("no range yet" in text for text in page.evaluate("window.seen"))
