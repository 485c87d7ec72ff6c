"""Studies in memory and a server on this machine, each made once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from geo.serve.live_study import LiveStudy, open_study
from geo.serve.self_test import running
from geo.serve.start import Server, serving
from geo.study import read_study
from tests.studies import write_study, write_town

Serve = Callable[..., Server]
"""Serves a study as long as the test lasts."""
Open = Callable[..., Page]
"""Opens the page of a server."""


@pytest.fixture(scope="session")
def sample() -> LiveStudy:
    return open_study(read_study("sample"))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> LiveStudy:
    folder = tmp_path_factory.mktemp("town")
    return open_study(read_study(write_study(folder, write_town(folder))))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(live: LiveStudy, folder: Path | None = None, **where: str | int) -> Server:
            kept = folder or tmp_path / "out" / "live"
            server, made = stack.enter_context(serving(live, kept, **{"port": 0, **where}))
            stack.enter_context(running(made))
            return server

        yield start


@pytest.fixture
def live_page(chromium: Browser) -> Iterator[Open]:
    """Open pages of a server; at the end none may have asked for anything else or complained."""
    complaints: list[str] = []
    contexts = []

    def open_live(server: Server, *, width: int = 1366, height: int = 768) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        own = urlsplit(server.url).netloc

        def watch(request: Any) -> None:
            if urlsplit(request.url).netloc not in (own, ""):
                complaints.append(f"asked for {request.url}")

        page.on("request", watch)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server.url)
        wait(page, "globalThis.geoLive && geoLive.model.state")
        return page

    yield open_live
    for context in contexts:
        context.close()
    assert complaints == []


def wait(page: Page, condition: str, *, seconds: float = 60.0) -> None:
    """Wait for a condition; the page's policy lets no script of Playwright wait inside it."""
    until = time.monotonic() + seconds
    while not page.evaluate(f"!!({condition})"):
        assert time.monotonic() < until, condition
        page.wait_for_timeout(25)
