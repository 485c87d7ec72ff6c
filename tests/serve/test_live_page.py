"""The live page inside a notebook: shown by pages of this machine alone, and gone when it is stopped."""

from __future__ import annotations

import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from geo.serve import LivePage
from geo.study import StudyResult, read_study, run_study
from tests.serve.conftest import wait
from tests.studies import write_study, write_town

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("notebook")
    return run_study(read_study(write_study(folder, write_town(folder))))


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Serve a page that shows what a cell gave, as a notebook's server does; give its address."""
    servers = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    def show(host: str, cell: str) -> str:
        (tmp_path / "cell.html").write_text(f"<!doctype html><title>cell</title>{cell}", encoding="utf-8")
        server = ThreadingHTTPServer((host, 0), partial(Quiet, directory=str(tmp_path)))
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://{host}:{server.server_port}/cell.html"

    yield show
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_cell_shows_the_page_and_it_stops_when_it_is_told_to(
    result: StudyResult, chromium: Browser, notebook: Callable[[str, str], str], tmp_path: Path
) -> None:
    page = result.live(height=600, folder=tmp_path / "live")
    assert isinstance(page, LivePage)
    context = chromium.new_context(viewport={"width": 1200, "height": 700})
    try:
        shown = context.new_page()
        shown.goto(notebook("127.0.0.1", page._repr_html_()))
        frame = shown.frames[1]
        wait(frame, "globalThis.geoLive && geoLive.model.checked")
        assert frame.evaluate("geoLive.model.figures.covered_people") == 1300.0
        frame.evaluate("geoLive.line.ask({ do: 'set', limit_s: 360 })")
        wait(frame, "geoLive.model.state.n_undo === 1")
        other = context.new_page()
        other.goto(notebook("127.0.0.2", page._repr_html_()))
        wait(other, "document.readyState === 'complete'")
        assert other.frames[1].evaluate("typeof geoLive") == "undefined", "of no other host"
    finally:
        context.close()
        page.stop()
    page.stop()
    assert repr(page) == "<LivePage stopped>"
    assert "iframe" not in page._repr_html_()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page.url, timeout=5)
    with (
        result.live(folder=tmp_path / "live") as again,
        urllib.request.urlopen(again.url, timeout=30) as answer,
    ):
        assert "http://127.0.0.1:*" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] is None
    assert not again.is_running
    assert list((tmp_path / "live").glob("session-*.json")), "what was changed is kept"


def test_the_command_lets_no_page_show_it_inside(result: StudyResult, tmp_path: Path) -> None:
    from geo.serve import open_study, serving
    from geo.serve.self_test import running

    with (
        serving(open_study(result.study), tmp_path, port=0) as (server, made),
        running(made),
        urllib.request.urlopen(server.url, timeout=30) as answer,
    ):
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_changes_stand_in_the_folder_of_the_results(result: StudyResult) -> None:
    with result.live() as page:
        assert page.url.startswith("http://127.0.0.1:")
        assert page.is_running
    assert not (result.study.folder / "out").exists(), "nothing is written before something is changed"


def test_threads_take_turns_as_before_when_the_last_page_has_ended(
    result: StudyResult, tmp_path: Path
) -> None:
    """Two pages of one notebook, of which the first is ended first."""
    before_s = sys.getswitchinterval()
    first, second = (result.live(folder=tmp_path / name) for name in ("first", "second"))
    try:
        assert sys.getswitchinterval() < before_s
        first.stop()
        assert sys.getswitchinterval() < before_s, "the second still runs"
    finally:
        first.stop()
        second.stop()
    assert sys.getswitchinterval() == before_s
