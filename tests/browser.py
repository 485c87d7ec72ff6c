"""Headless Chromium for page tests, with the network off; a machine without it skips and says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright


@dataclass
class Visit:
    """A page that was opened, with what it asked the network for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None and os.environ.get("EMERGENCY_GEO_REQUIRE_BROWSER"):
        pytest.fail("Chromium is not installed, and EMERGENCY_GEO_REQUIRE_BROWSER asks for it")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Open map files; at the end none may have asked for anything or complained."""
    opened: list[Visit] = []

    def open_map(path: Path, **size: int) -> Visit:
        opened.append(visit(chromium, path, **size))
        return opened[-1]

    yield open_map
    for seen in opened:
        seen.page.context.close()
        assert seen.requests == []
        assert seen.complaints == []


def visit(browser: Browser, path: Path, *, width: int = 1280, height: int = 800) -> Visit:
    """Open a file with the network off; every request that is not for a file is recorded and refused."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_offline(True)
    page = context.new_page()
    seen = Visit(page)

    def refuse(route) -> None:
        seen.requests.append(route.request.url)
        route.abort()

    def dismiss(dialog: Dialog) -> None:
        seen.complaints.append(f"dialog {dialog.message}")
        dialog.dismiss()

    context.route(lambda url: not url.startswith(("file:", "data:")), refuse)
    page.on("console", lambda m: seen.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", dismiss)
    page.goto(path.as_uri())
    page.wait_for_selector(".geo-legend")
    return seen


_TEXTS = """() => {
    const out = new Set(), eat = text => { if (text && text.trim()) out.add(text.trim()); };
    const walk = node => {
        if (node.nodeType === 3) eat(node.data);
        if (node.nodeType !== 1 || ['SCRIPT', 'STYLE'].includes(node.tagName)) return;
        for (const name of node.getAttributeNames()) {
            if (/^(title|alt|placeholder|aria-(label|description|roledescription|valuetext))$/.test(name)) {
                eat(node.getAttribute(name));
            }
        }
        for (const child of node.childNodes) walk(child);
    };
    walk(document.body);
    eat(document.title);
    for (const more of (ALSO)()) walk(more);
    return [...out];
}"""


def texts_of(page: Page, also: str = "() => []") -> list[str]:
    """Give each text of a page once: what is written, titles and what screen readers say, folded or not.

    ``also`` is a JavaScript function that gives nodes that are not in the page.
    """
    texts: list[str] = page.evaluate(_TEXTS.replace("ALSO", also))
    return texts
